/*
 * hts_assay.c -- the reader of each kind of sequencing file, with its settings
 *
 * The only place that knows which reader serves which assay; it runs in the child.
 */
#include "ingest/airr.h"
#include "ingest/assay.h"
#include "ingest/copy_tables.h"
#include "ingest/hts_meter_genes.h"
#include "ingest/hts_meters.h"
#include "ingest/hts_open.h"
#include "ingest/mgmt.h"

#include <string.h>

#include <htslib/hts.h>

bool cxs_assay_is_reads(const char *assay)
{
    return assay != NULL && (strcmp(assay, "BAM") == 0 || strcmp(assay, "CRAM") == 0);
}

bool cxs_assay_is_variants(const char *assay)
{
    return assay != NULL && (strcmp(assay, "VCF") == 0 || strcmp(assay, "MAF") == 0);
}

/* Tables of copy numbers that were made elsewhere. */
static const struct {
    const char *assay;
    cxs_rc (*measure)(cxs_ctx *, const cxs_copy_settings *, cxs_measures *);
} copy_tables[] = {{"SEG", cxs_seg_measure},
                   {"BIN_COUNTS", cxs_bins_measure},
                   {"CNA", cxs_cna_measure}};
enum { COPY_TABLES = sizeof copy_tables / sizeof *copy_tables };

static size_t copy_table(const char *assay)
{
    size_t k = 0;

    while (assay != NULL && k < COPY_TABLES && strcmp(copy_tables[k].assay, assay) != 0)
        k++;
    return assay != NULL ? k : COPY_TABLES;
}

bool cxs_assay_is_copy_table(const char *assay)
{
    return copy_table(assay) < COPY_TABLES;
}

static bool is_methylation(const char *assay)
{
    return assay != NULL &&
           (strcmp(assay, "METH_BETA") == 0 || strcmp(assay, "METH_M") == 0);
}

static bool is_receptors(const char *assay)
{
    return assay != NULL && strcmp(assay, "AIRR") == 0;
}

bool cxs_assay_has_library(const char *assay)
{
    return cxs_assay_is_reads(assay) || cxs_assay_is_variants(assay);
}

bool cxs_assay_has_places(const char *assay)
{
    return cxs_assay_has_library(assay) ||
           (cxs_assay_is_copy_table(assay) && strcmp(assay, "CNA") != 0);
}

bool cxs_assay_is_read(const char *assay)
{
    return cxs_assay_has_library(assay) || cxs_assay_is_copy_table(assay) ||
           is_receptors(assay) || is_methylation(assay);
}

bool cxs_assay_is_rna(const cxs_assay *a)
{
    return cxs_assay_is_reads(a->assay) && (strcmp(a->library, "RNASEQ") == 0 ||
                                            strcmp(a->library, "RNA_LOWINPUT") == 0);
}

bool cxs_assay_counts_genes(const cxs_assay *a)
{
    return cxs_assay_is_rna(a) && a->study->annotation != NULL;
}

/* ---- alignments ------------------------------------------------------------------ */

static cxs_reads_settings reads_settings(const cxs_ctx *ctx, const cxs_assay *a)
{
    return (cxs_reads_settings){.path = a->path,
                                .reference = a->study->reference,
                                .sample = a->column != NULL ? a->column : a->sample,
                                .build = a->build,
                                .threads = (size_t)cxs_ctx_threads(ctx)};
}

/* Counting fragments or reads is for the file to say: by its first record. */
static cxs_rc is_paired(cxs_ctx *ctx, const cxs_assay *a, int *paired)
{
    cxs_reads_settings settings = reads_settings(ctx, a);
    bam1_t *record = bam_init1();
    cxs_hts *hts = NULL;
    bool more = false;
    cxs_rc rc = CXS_OK;

    *paired = 0;
    settings.threads = 1;
    if (record == NULL)
        CXS_TRY(cxs_fail(ctx, CXS_ENOMEM, "no memory for a record"));
    CXS_TRY(cxs_hts_open(ctx, &settings, &hts));
    CXS_TRY(cxs_hts_next(ctx, hts, record, &more));
    *paired = more && (record->core.flag & BAM_FPAIRED) != 0;
done:
    cxs_hts_close(hts);
    if (record != NULL)
        bam_destroy1(record);
    return rc;
}

/* Fragments of genes, as featureCounts counts them by default (-p --countReadPairs for
 * paired reads). */
static cxs_rc add_genes(cxs_ctx *ctx, const cxs_assay *a, cxs_count_plan *plan,
                        cxs_meter **out)
{
    int paired = 0;
    cxs_rc rc = CXS_OK;

    CXS_TRY(is_paired(ctx, a, &paired));
    plan->settings = cxs_count_defaults();
    plan->settings.annotation = a->study->annotation;
    plan->settings.stranded = a->study->stranded > 0 ? a->study->stranded : 0;
    plan->settings.paired = paired;
    plan->settings.count_fragments = paired;
    plan->annotation = a->study->gtf;
    plan->segments = a->study->segments;
    if (a->study->stranded < 0)
        CXS_TRY(
            cxs_warn(ctx, "",
                     "sequencing: stranded is not given: reads of both strands count "
                     "for a gene"));
    rc = cxs_meter_genes_new(ctx, plan, out);
done:
    return rc;
}

static cxs_rc measure_reads(cxs_ctx *ctx, const cxs_assay *a, cxs_measures *bag)
{
    const cxs_sequencing *s = a->study;
    const cxs_reads_settings settings = reads_settings(ctx, a);
    const bool placed = strcmp(a->build, "other") != 0;
    cxs_meter_settings set = cxs_meter_defaults();
    cxs_meter **meters = NULL, **all = NULL;
    cxs_count_plan plan = {.annotation = NULL};
    size_t made = 0, count = 0;
    cxs_rc rc = CXS_OK;

    set.build = a->build;
    set.source = a->source;
    set.reference = s->reference;
    set.targets = a->targets;
    set.genes = placed ? s->genes : NULL;
    set.hotspots = placed ? s->hotspots : NULL;
    set.markers = placed ? s->markers : NULL;
    set.sites = s->snps;
    set.blacklist = s->blacklist;
    set.classes = s->classes;
    set.windows = s->windows;
    if (s->depth_bin > 0)
        set.depth_bin = s->depth_bin;
    if (s->fragment_bin > 0)
        set.fragment_bin = s->fragment_bin;
    CXS_TRY(cxs_meters_for(ctx, a->assay, a->library, &set, &meters, &made));
    CXS_NEW(all, made + 1);
    for (; count < made; count++)
        all[count] = meters[count];
    if (cxs_assay_counts_genes(a))
        CXS_TRY(add_genes(ctx, a, &plan, &all[count++]));
    rc = cxs_reads_pass(ctx, &settings, all, count, bag);
done:
    if (count > made && all[made] != NULL)
        all[made]->free(all[made]);
    cxs_free(all);
    cxs_meters_free(meters, made);
    return rc;
}

/* ---- variants -------------------------------------------------------------------- */

static cxs_vcf_settings variant_settings(const cxs_assay *a)
{
    return (cxs_vcf_settings){.path = a->path,
                              .reference = a->study->reference,
                              .sample = a->sample,
                              .column = a->column,
                              .normal = a->normal,
                              .build = a->build,
                              .source = a->source,
                              .library = a->library,
                              .target_bed = a->targets,
                              .umi = a->umi,
                              .refs = a->study->refs};
}

cxs_rc cxs_assay_measure_maf(cxs_ctx *ctx, const cxs_assay *a, const cxs_maf *maf,
                             cxs_measures *bag)
{
    const cxs_vcf_settings settings = variant_settings(a);

    return cxs_maf_measure(ctx, maf, &settings, bag);
}

static cxs_rc measure_variants(cxs_ctx *ctx, const cxs_assay *a, cxs_measures *bag)
{
    const cxs_vcf_settings settings = variant_settings(a);
    cxs_maf *maf = NULL;
    cxs_rc rc = CXS_OK;

    if (strcmp(a->assay, "VCF") == 0)
        return cxs_vcf_measure(ctx, &settings, bag);
    CXS_TRY(cxs_maf_read(ctx, a->path, &maf));
    rc = cxs_maf_measure(ctx, maf, &settings, bag);
done:
    cxs_maf_free(maf);
    return rc;
}

static cxs_rc measure_copies(cxs_ctx *ctx, const cxs_assay *a, cxs_measures *bag)
{
    const cxs_copy_settings settings = {.path = a->path,
                                        .sample =
                                            a->column != NULL ? a->column : a->sample,
                                        .reference = a->study->reference,
                                        .refs = a->study->refs};

    return copy_tables[copy_table(a->assay)].measure(ctx, &settings, bag);
}

cxs_rc cxs_assay_measure(cxs_ctx *ctx, void *arg, cxs_measures *bag)
{
    const cxs_assay *a = arg;

    if (is_receptors(a->assay))
        return cxs_airr_measure(ctx, a->path, bag);
    if (is_methylation(a->assay))
        return cxs_mgmt_measure(ctx, a->path, a->column != NULL ? a->column : a->sample,
                                strcmp(a->assay, "METH_BETA") == 0, bag);
    if (cxs_assay_is_copy_table(a->assay))
        return measure_copies(ctx, a, bag);
    return cxs_assay_is_reads(a->assay) ? measure_reads(ctx, a, bag)
                                        : measure_variants(ctx, a, bag);
}

/* ---- the library ----------------------------------------------------------------- */

const char *cxs_htslib_version(void)
{
    return hts_version();
}

/* "1.16+ds" as 1016000, 0 when it is not of that form. */
static int version_number(const char *text)
{
    int part[3] = {0, 0, 0};

    for (int i = 0; i < 3; i++) {
        const size_t digits = strspn(text, "0123456789");
        if (digits == 0 || digits > 3)
            break;
        for (size_t d = 0; d < digits; d++)
            part[i] = 10 * part[i] + (text[d] - '0');
        text += digits;
        if (*text != '.')
            break;
        text++;
    }
    return part[0] * 1000000 + part[1] * 1000 + part[2];
}

void cxs_htslib_note(cxs_ctx *ctx)
{
    const int number = version_number(hts_version());

    if (number > 0 && number < 1021001)
        cxs_note(ctx,
                 "HTSlib %s: faults of its decoders were published and are mended in "
                 "1.21.1; files are read in processes that can do no harm",
                 hts_version());
}
