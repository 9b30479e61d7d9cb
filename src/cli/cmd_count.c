/*
 * cmd_count.c -- `coxswain count`: reads of alignment files in genes
 */
#include "cli/cli.h"

#include <stdio.h>

typedef struct settings {
    cxs_common common;
    cxs_count_settings count;
    const char *out;
} settings;

static const char *const level_choices[] = {"gene", "feature", NULL};
static const char *const strand_choices[] = {"0", "1", "2", NULL};

static const cxs_opt options[] = {
    CXS_OPT_HEADING("Annotation"),
    CXS_OPT_FILE_ROW('a', "annotation", settings, count.annotation, "FILE",
                     "GTF, GFF3 or SAF, plain, .gz or .zst"),
    CXS_OPT_TEXT_ROW(0, "feature-type", settings, count.feature_type, "TYPE,..",
                     "rows of a GTF or GFF3 that count"),
    CXS_OPT_TEXT_ROW(0, "group-by", settings, count.group_by, "NAME",
                     "attribute that makes a gene of them"),
    CXS_OPT_CHOICE_ROW(0, "level", settings, count.by_feature, level_choices,
                       "count for each gene, or for each row"),
    CXS_OPT_HEADING("Reads"),
    CXS_OPT_CHOICE_ROW('s', "stranded", settings, count.stranded, strand_choices,
                       "0 no, 1 as the first read of a pair, 2 reversed"),
    CXS_OPT_FLAG_ROW('p', "paired", settings, count.paired, "the reads are paired"),
    CXS_OPT_FLAG_ROW(0, "count-fragments", settings, count.count_fragments,
                     "count pairs, not reads"),
    CXS_OPT_FLAG_ROW('B', "both-ends", settings, count.both_ends,
                     "only pairs of which both ends are mapped"),
    CXS_OPT_YESNO_ROW("chimeric", settings, count.chimeric,
                      "count pairs on two contigs or on one strand"),
    CXS_OPT_FLAG_ROW('M', "multi", settings, count.multi,
                     "count every alignment of reads with several (NH tag)"),
    CXS_OPT_FLAG_ROW('O', "overlap", settings, count.overlap,
                     "count what lies in several genes for each of them"),
    CXS_OPT_FLAG_ROW(0, "fraction", settings, count.fraction,
                     "with --multi and --overlap: in equal shares"),
    CXS_OPT_SIZE_ROW(0, "min-overlap", settings, count.min_overlap, 1, 1e9,
                     "bases that a gene and a fragment share at least"),
    CXS_OPT_SIZE_ROW('Q', "min-mapq", settings, count.min_mapq, 0, 255,
                     "mapping quality, of a pair that of the better end"),
    CXS_OPT_FLAG_ROW(0, "ignore-dup", settings, count.ignore_dup,
                     "leave reads out that are marked as duplicates"),
    CXS_OPT_FLAG_ROW(0, "primary", settings, count.primary, "primary alignments only"),
    CXS_OPT_FILE_ROW(0, "reference", settings, count.reference, "FASTA",
                     "for CRAM; with its .fai"),
    CXS_OPT_HEADING("Output"),
    CXS_OPT_FILE_ROW('o', "out", settings, out, "PREFIX",
                     "PREFIX.counts.tsv, PREFIX.summary.tsv, PREFIX.run.json"),
    CXS_OPT_HEADING("Common"),
    CXS_OPT_COMMON(settings),
    CXS_OPT_END,
};

static void usage(const void *defaults)
{
    fputs("Usage: coxswain count [options] --annotation FILE --out PREFIX FILE..\n"
          "Count the reads or fragments of BAM, CRAM or SAM files in genes.\n",
          stdout);
    cxs_opt_help(stdout, options, defaults);
    fputs(
        "\nThe rules are those of featureCounts 2.0.3.  Files may be in any order of\n"
        "records; contig names match with and without chr, and chrM is MT.\n"
        "\nExample:\n"
        "  coxswain count -a genes.gtf.gz --paired --count-fragments --stranded 2 \\\n"
        "      --out rna P1.bam P2.bam\n"
        "  coxswain features --matrix rna.counts.tsv --kind counts --out "
        "rna-features\n",
        stdout);
}

static cxs_rc record_inputs(cxs_ctx *ctx, const settings *s, char **files, size_t n,
                            cxs_record *record)
{
    cxs_rc rc = cxs_opt_record(ctx, options, s, record);

    if (rc == CXS_OK)
        rc = cxs_record_setting_real(ctx, record, "rules", CXS_COUNT_RULES);
    if (rc == CXS_OK)
        rc = cxs_record_input(ctx, record, s->count.annotation);
    if (rc == CXS_OK && s->count.reference != NULL)
        rc = cxs_record_input(ctx, record, s->count.reference);
    for (size_t i = 0; i < n && rc == CXS_OK; i++)
        rc = cxs_record_input(ctx, record, files[i]);
    return rc;
}

/* How much was assigned, for the person who waits. */
static void note_outcomes(cxs_ctx *ctx, const cxs_counts *counts, char **files,
                          size_t n)
{
    char percent[CXS_SHOWN_BYTES];

    for (size_t i = 0; i < n; i++) {
        double total = 0.0;
        for (size_t o = 0; o < cxs_counts_outcomes(); o++)
            total += (double)cxs_counts_outcome_of(counts, i, o);
        cxs_note(ctx, "%s: %lld of %.0f assigned (%s %%)", files[i],
                 (long long)cxs_counts_outcome_of(counts, i, 0), total,
                 cxs_cli_fixed(100.0 * (double)cxs_counts_outcome_of(counts, i, 0) /
                                   (total > 0.0 ? total : 1.0),
                               1, percent));
    }
}

static cxs_rc run(cxs_ctx *ctx, void *of, int arguments, char **files,
                  cxs_record *record)
{
    const settings *s = of;
    const size_t n = (size_t)arguments;
    cxs_counts *counts = NULL;
    cxs_rc rc;

    if (n < 1)
        return cxs_fail(ctx, CXS_EARG, "count needs an alignment file");
    if (s->out == NULL)
        return cxs_fail(ctx, CXS_EARG, "count needs --out PREFIX");
    rc = cxs_count_files(ctx, &s->count, (const char *const *)files, n, &counts);
    if (rc == CXS_OK)
        note_outcomes(ctx, counts, files, n);
    if (rc == CXS_OK)
        rc = record_inputs(ctx, s, files, n, record);
    if (rc == CXS_OK)
        rc = cxs_counts_write(ctx, counts, s->out, record);
    if (rc == CXS_OK)
        rc = cxs_record_result_real(ctx, record, "genes",
                                    (double)cxs_counts_genes(counts));
    if (rc == CXS_OK)
        rc = cxs_record_write(ctx, record, s->out);
    cxs_counts_free(counts);
    return rc;
}

cxs_rc cmd_count(cxs_ctx *ctx, int argc, char **argv)
{
    const settings defaults = {.common = cxs_cli_common(),
                               .count = cxs_count_defaults()};
    settings s = defaults;
    const cxs_cli_job job = {options, usage, run, &defaults, &s, &s.common, NULL};

    return cxs_cli_run(ctx, &job, argc, argv);
}
