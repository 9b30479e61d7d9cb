/*
 * maf_measure.c -- rows of a MAF as judged variants of one sample
 *
 * Variant_Classification stands for a term of the Sequence Ontology, so that classes and
 * what counts for the burden come from one table for every kind of file.
 */
#include "ingest/maf_private.h"

#include "base/number.h"
#include "ingest/contigs.h"
#include "ingest/trinucleotides.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

/* Variant_Classification of MAF 2.4 as a term of the Sequence Ontology. */
static const struct {
    const char *maf, *so;
} classes[] = {
    {"Frame_Shift_Del", "frameshift_variant"},
    {"Frame_Shift_Ins", "frameshift_variant"},
    {"In_Frame_Del", "inframe_deletion"},
    {"In_Frame_Ins", "inframe_insertion"},
    {"Missense_Mutation", "missense_variant"},
    {"Missense", "missense_variant"},
    {"Nonsense_Mutation", "stop_gained"},
    {"Nonsense", "stop_gained"},
    {"Nonstop_Mutation", "stop_lost"},
    {"Splice_Site", "splice_acceptor_variant"},
    {"Splice_Region", "splice_region_variant"},
    {"Translation_Start_Site", "start_lost"},
    {"De_novo_Start_InFrame", "5_prime_UTR_premature_start_codon_gain_variant"},
    {"De_novo_Start_OutOfFrame", "5_prime_UTR_premature_start_codon_gain_variant"},
    {"Silent", "synonymous_variant"},
    {"3'UTR", "3_prime_UTR_variant"},
    {"5'UTR", "5_prime_UTR_variant"},
    {"3'Flank", "downstream_gene_variant"},
    {"5'Flank", "upstream_gene_variant"},
    {"Intron", "intron_variant"},
    {"IGR", "intergenic_variant"},
    {"RNA", "non_coding_transcript_exon_variant"},
    {"lincRNA", "non_coding_transcript_exon_variant"},
    {"Targeted_Region", "sequence_variant"},
};

static cxs_rc term_of(cxs_ctx *ctx, const cxs_maf *maf, const cxs_variant_refs *refs,
                      const char *class, const cxs_term **out)
{
    static const cxs_term unknown = {
        .so = "unknown", .bcsq = ".", .class = "none", .rank = INT64_MAX};
    const cxs_term *term = NULL;

    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (strcmp(classes[i].maf, class) == 0)
            term = cxs_term_find(refs, classes[i].so, strlen(classes[i].so));
    *out = term != NULL ? term : &unknown;
    if (term != NULL)
        return CXS_OK;
    return cxs_warn(ctx, "CX046", "%s: unknown consequence term \"%.80s\"", maf->path,
                    class);
}

/* Whole number or missing; a negative one is a fault. */
static cxs_rc count_of(cxs_ctx *ctx, const cxs_maf *maf, const cxs_maf_row *r,
                       size_t column, int64_t *out)
{
    const char *text = cxs_maf_cell(maf, r, column);
    double value = 0.0;

    *out = CXS_MEASURE_MISSING;
    if (cxs_is_na(text, strlen(text)))
        return CXS_OK;
    if (!cxs_number_parse(text, strlen(text), &value) || value < 0.0 ||
        value > 2147483647.0 || value != floor(value))
        return cxs_fail(ctx, CXS_EFORMAT, "%s:%zu:%s: \"%.40s\" is no number of reads",
                        maf->path, r->line, cxs_maf_column(column), text);
    *out = (int64_t)value;
    return CXS_OK;
}

/* Scientific notation too: R writes 47000000 as 4.7e+07. */
static cxs_rc position_of(cxs_ctx *ctx, const cxs_maf *maf, const cxs_maf_row *r,
                          int64_t *out)
{
    const char *text = cxs_maf_cell(maf, r, MAF_START);
    double value = 0.0;

    if (!cxs_number_parse(text, strlen(text), &value) || value < 1.0 ||
        value > 2147483647.0 || value != floor(value))
        return cxs_fail(ctx, CXS_EFORMAT,
                        "%s:%zu:Start_Position: \"%.40s\" is no position", maf->path,
                        r->line, text);
    *out = (int64_t)value;
    return CXS_OK;
}

static cxs_rc counts_of(cxs_ctx *ctx, const cxs_maf *maf, const cxs_maf_row *r,
                        cxs_variant *v)
{
    const int64_t missing = CXS_MEASURE_MISSING;
    int64_t normal_ref = missing;
    cxs_rc rc = CXS_OK;

    CXS_TRY(count_of(ctx, maf, r, MAF_T_REF, &v->ad_ref));
    CXS_TRY(count_of(ctx, maf, r, MAF_T_ALT, &v->ad_alt));
    CXS_TRY(count_of(ctx, maf, r, MAF_T_DEPTH, &v->dp_file));
    CXS_TRY(count_of(ctx, maf, r, MAF_N_DEPTH, &v->normal_dp));
    CXS_TRY(count_of(ctx, maf, r, MAF_N_ALT, &v->normal_alt));
    CXS_TRY(count_of(ctx, maf, r, MAF_N_REF, &normal_ref));
    if (v->ad_ref == missing && v->ad_alt != missing && v->dp_file != missing &&
        v->dp_file >= v->ad_alt)
        v->ad_ref = v->dp_file - v->ad_alt;
    if (v->ad_ref != missing && v->ad_alt != missing) {
        v->dp = v->ad_ref + v->ad_alt;
        v->vaf = v->dp > 0 ? (double)v->ad_alt / (double)v->dp : (double)NAN;
    }
    if (normal_ref != missing && v->normal_alt != missing)
        v->normal_dp = normal_ref + v->normal_alt;
    if (v->normal_dp != missing && v->normal_alt != missing && v->normal_dp > 0)
        v->normal_vaf = (double)v->normal_alt / (double)v->normal_dp;
done:
    return rc;
}

static cxs_rc check_build(cxs_ctx *ctx, const cxs_maf *maf, const cxs_maf_row *r,
                          int declared)
{
    static const char *const names[CXS_BUILDS][4] = {{"GRCh37", "hg19", "37", "b37"},
                                                     {"GRCh38", "hg38", "38", "b38"}};
    const char *text = cxs_maf_cell(maf, r, MAF_BUILD);

    if (declared < 0 || cxs_is_na(text, strlen(text)))
        return CXS_OK;
    for (size_t i = 0; i < 4; i++)
        if (strcmp(text, names[declared][i]) == 0)
            return CXS_OK;
    return cxs_fail_code(ctx, CXS_EMISMATCH, "CX034",
                         "%s:%zu: NCBI_Build says %.40s, sheet says %s", maf->path,
                         r->line, text, declared == CXS_HG19 ? "hg19" : "hg38");
}

/* Bases, or "-" for nothing. */
static bool is_allele(const char *text)
{
    return strcmp(text, "-") == 0 ||
           (*text != '\0' && text[strspn(text, "ACGTNacgtn")] == '\0');
}

/* GDC repeats the reference in allele 1 of a heterozygous call; when allele 2 is the
 * reference, allele 1 is the variant. */
static const char *alt_of(const cxs_maf *maf, const cxs_maf_row *r)
{
    const char *second = cxs_maf_cell(maf, r, MAF_ALT),
               *first = cxs_maf_cell(maf, r, MAF_ALT1);

    return strcmp(second, cxs_maf_cell(maf, r, MAF_REF)) == 0 && *first != '\0'
               ? first
               : second;
}

static cxs_rc add_variant(cxs_ctx *ctx, const cxs_maf *maf, const cxs_maf_row *r,
                          cxs_variant_set *set)
{
    const char *ref = cxs_maf_cell(maf, r, MAF_REF), *alt = alt_of(maf, r),
               *pop = cxs_maf_cell(maf, r, MAF_POP);
    const char *filter = cxs_maf_cell(maf, r, MAF_FILTER);
    cxs_variant v = cxs_variant_none();
    size_t at = 0;
    cxs_rc rc = CXS_OK;

    CXS_TRY(check_build(ctx, maf, r, set->build));
    CXS_TRY(position_of(ctx, maf, r, &v.pos));
    if (!is_allele(ref) || !is_allele(alt))
        CXS_TRY(cxs_fail(ctx, CXS_EFORMAT,
                         "%s:%zu: Reference_Allele and Tumor_Seq_Allele2 must be bases "
                         "or \"-\"",
                         maf->path, r->line));
    v.chrom = cxs_contig_plain(cxs_maf_cell(maf, r, MAF_CHROM));
    v.ref = ref;
    v.alt = alt;
    v.filter = filter;
    v.filtered = !cxs_is_na(filter, strlen(filter)) && strcmp(filter, "PASS") != 0;
    v.record = (int64_t)r->line;
    v.file_pos = v.pos;
    v.carried = true;
    CXS_TRY(counts_of(ctx, maf, r, &v));
    if (!cxs_number_parse(pop, strlen(pop), &v.pop_af))
        v.pop_af = (double)NAN;
    set->alleles++;
    if (v.dp == 0) {
        set->skipped++;
        goto done;
    }
    CXS_TRY(cxs_variant_add(ctx, set, &v, &at));
    cxs_variant_hit hit = {
        .variant = at,
        .gene = cxs_gene_current(set->settings->refs, cxs_maf_cell(maf, r, MAF_GENE)),
        .transcript = cxs_maf_cell(maf, r, MAF_TRANSCRIPT),
        .hgvsp = cxs_maf_cell(maf, r, MAF_HGVSP)};
    if (cxs_is_na(hit.hgvsp, strlen(hit.hgvsp)))
        hit.hgvsp = cxs_maf_cell(maf, r, MAF_HGVSP_SHORT);
    CXS_TRY(term_of(ctx, maf, set->settings->refs, cxs_maf_cell(maf, r, MAF_CLASS),
                    &hit.term));
    if (strcmp(hit.gene, "Unknown") != 0 && *hit.gene != '\0')
        CXS_TRY(cxs_variant_hit_add(ctx, set, &hit));
done:
    return rc;
}

/* The first base of each REF; CX036 as for VCF. */
static cxs_rc check_reference(cxs_ctx *ctx, cxs_variant_set *set, cxs_fasta *fasta)
{
    static const double mismatch_share = 0.001;
    const cxs_variant *first = NULL;
    char base = 0, wrong = 0;
    bool hotspot = false;
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < set->count; i++) {
        const cxs_variant *v = &set->variant[i];
        const char ref = (char)toupper((unsigned char)v->ref[0]);
        CXS_TRY(cxs_fasta_base(ctx, fasta, v->chrom, v->pos, &base));
        if (ref == '-' || ref == 'N' || base == 0 || base == 'N')
            continue;
        set->checked++;
        if (ref == base)
            continue;
        set->mismatched++;
        hotspot |= cxs_hotspot_place(set->settings->refs, set->build, v->chrom, v->pos);
        if (first == NULL) {
            first = v;
            wrong = base;
        }
    }
    if (first != NULL &&
        (hotspot || (double)set->mismatched > mismatch_share * (double)set->checked))
        rc = cxs_fail_code(
            ctx, CXS_EMISMATCH, "CX036",
            "%s:%s:%lld: REF %c, reference has %c (%lld of %lld checked)",
            set->settings->path, first->chrom, (long long)first->pos, first->ref[0],
            wrong, (long long)set->mismatched, (long long)set->checked);
done:
    return rc;
}

static cxs_rc use_reference(cxs_ctx *ctx, cxs_variant_set *set, const char *path)
{
    cxs_fasta *fasta = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_fasta_open(ctx, path, &fasta));
    CXS_TRY(cxs_hotspots_check(ctx, set->settings->refs, set->build, fasta));
    CXS_TRY(check_reference(ctx, set, fasta));
    CXS_TRY(cxs_variants_contexts(ctx, set, fasta));
done:
    cxs_fasta_close(fasta);
    return rc;
}

cxs_rc cxs_maf_measure(cxs_ctx *ctx, const cxs_maf *maf,
                       const cxs_vcf_settings *settings, cxs_measures *bag)
{
    const char *sample = settings->column != NULL ? settings->column : settings->sample;
    cxs_variant_set set = {.annotation = "MAF",
                           .build = cxs_build_index(settings->build)};
    cxs_vcf_settings own = *settings;
    cxs_rc rc = CXS_OK;

    if (settings->refs == NULL || sample == NULL)
        return cxs_fail(ctx, CXS_EARG, "a MAF needs a sample and reference tables");
    own.path = maf->path;
    set.settings = &own;
    for (size_t i = cxs_maf_first(maf, sample);
         i < maf->rows && strcmp(maf->text + maf->row[i].at, sample) == 0; i++) {
        CXS_TRY(add_variant(ctx, maf, &maf->row[i], &set));
        set.records++;
    }
    set.has_normal = maf->has[MAF_N_ALT];
    CXS_TRY(cxs_variants_judge(ctx, &set));
    if (settings->reference != NULL)
        CXS_TRY(use_reference(ctx, &set, settings->reference));
    if (set.skipped > 0)
        CXS_TRY(cxs_warn(ctx, "CX047", "%s: %lld alleles without reads were skipped",
                         maf->path, (long long)set.skipped));
    CXS_TRY(cxs_variants_into(ctx, &set, bag));
done:
    cxs_variant_set_clear(&set);
    return rc;
}
