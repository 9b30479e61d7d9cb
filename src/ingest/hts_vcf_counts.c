/*
 * hts_vcf_counts.c -- reads of each allele of one sample, as callers write them
 *
 * In this order, the first that the record has:
 *   AD [R]                   GATK, bcftools, DeepVariant, most others
 *   RD [1] + AD [1]          VarScan
 *   AO [A] + RO [1]          freebayes
 *   AU CU GU TU, TAR TIR     Strelka 2, tier 1
 *   INFO/DP4                 samtools; files of one sample with one ALT
 *   AF FA VAF FREQ + DP      rounded to the nearest read
 * Strands: ADF ADR, RDF RDR of VarScan, SB [4] of GATK (one ALT), SAF SAR SRF SRR of
 * freebayes and DP4 where they belong to one sample.
 */
#include "ingest/hts_vcf.h"

#include "base/number.h"

#include <math.h>
#include <string.h>

void cxs_vcf_counts_clear(cxs_vcf_counts *c)
{
    cxs_free(c->ad);
    cxs_free(c->fwd);
    cxs_free(c->rev);
    cxs_free(c->af);
    *c = (cxs_vcf_counts){0};
}

static cxs_rc make_room(cxs_ctx *ctx, cxs_vcf_counts *c, size_t alleles)
{
    cxs_rc rc = CXS_OK;

    if (alleles > c->capacity) {
        cxs_vcf_counts_clear(c);
        CXS_NEW(c->ad, alleles);
        CXS_NEW(c->fwd, alleles);
        CXS_NEW(c->rev, alleles);
        CXS_NEW(c->af, alleles);
        c->capacity = alleles;
    }
    for (size_t i = 0; i < alleles; i++) {
        c->ad[i] = c->fwd[i] = c->rev[i] = CXS_MEASURE_MISSING;
        c->af[i] = (double)NAN;
    }
    c->known = false;
    c->dp = c->dp_file = CXS_MEASURE_MISSING;
done:
    return rc;
}

static int64_t widen(int32_t v)
{
    return v == bcf_int32_missing || v == bcf_int32_vector_end ? CXS_MEASURE_MISSING
                                                               : v;
}

/* Whole numbers of one sample; 0 when the record has none. */
static int format_ints(cxs_vcf_reader *r, int sample, const char *tag,
                       const int32_t **out)
{
    const int total =
        bcf_get_format_int32(r->header, r->record, tag, &r->ints, &r->n_ints);
    const int n = bcf_hdr_nsamples(r->header);
    int each = total > 0 && n > 0 ? total / n : 0, given = 0;

    *out = each > 0 ? r->ints + (ptrdiff_t)each * sample : NULL;
    while (given < each && (*out)[given] != bcf_int32_vector_end)
        given++;
    if (given == 1 && (*out)[0] == bcf_int32_missing)
        return 0; /* "." */
    return given;
}

static int64_t format_int(cxs_vcf_reader *r, int sample, const char *tag)
{
    const int32_t *v = NULL;

    return format_ints(r, sample, tag, &v) >= 1 ? widen(v[0]) : CXS_MEASURE_MISSING;
}

/* One number per allele into out; false when there are not as many. */
static bool per_allele(cxs_vcf_reader *r, int sample, const char *tag, int64_t *out)
{
    const int32_t *v = NULL;
    const int n = format_ints(r, sample, tag, &v);

    if (n != r->record->n_allele)
        return false;
    for (int i = 0; i < n; i++)
        out[i] = widen(v[i]);
    return true;
}

static cxs_rc from_ad(cxs_ctx *ctx, cxs_vcf_reader *r, int sample, cxs_vcf_counts *c)
{
    const int32_t *v = NULL;
    const int n = format_ints(r, sample, "AD", &v), alleles = r->record->n_allele;
    char sentence[96];

    if (n == 0)
        return CXS_OK;
    if (n == alleles) {
        c->known = true;
        for (int i = 0; i < n; i++) {
            c->ad[i] = widen(v[i]);
            if (c->ad[i] != CXS_MEASURE_MISSING && c->ad[i] < 0)
                return cxs_vcf_fault(ctx, r, "AD is negative");
        }
        return CXS_OK;
    }
    if (n == 1 && alleles == 2) {
        const int64_t alt = widen(v[0]), ref = format_int(r, sample, "RD");
        if (ref != CXS_MEASURE_MISSING) {
            c->ad[0] = ref;
            c->ad[1] = alt;
            c->known = true;
            return CXS_OK;
        }
    }
    snprintf(sentence, sizeof sentence, "AD has %d values for %d alleles", n, alleles);
    return cxs_vcf_fault(ctx, r, sentence);
}

static void from_freebayes(cxs_vcf_reader *r, int sample, cxs_vcf_counts *c)
{
    const int64_t ref = format_int(r, sample, "RO");
    const int32_t *v = NULL;
    const int n = format_ints(r, sample, "AO", &v);

    if (ref == CXS_MEASURE_MISSING || n != r->record->n_allele - 1)
        return;
    c->ad[0] = ref;
    for (int i = 0; i < n; i++)
        c->ad[i + 1] = widen(v[i]);
    c->known = true;
}

static void from_strelka(cxs_vcf_reader *r, int sample, cxs_vcf_counts *c)
{
    const int alleles = r->record->n_allele;

    for (int i = 0; i < alleles; i++) {
        const char *allele = r->record->d.allele[i];
        const char tag[3] = {allele[0], 'U', '\0'};
        if (allele[1] != '\0' ||
            (c->ad[i] = format_int(r, sample, tag)) == CXS_MEASURE_MISSING)
            break;
        c->known = i == alleles - 1;
    }
    if (!c->known && alleles == 2) {
        c->ad[0] = format_int(r, sample, "TAR");
        c->ad[1] = format_int(r, sample, "TIR");
        c->known = c->ad[0] != CXS_MEASURE_MISSING && c->ad[1] != CXS_MEASURE_MISSING;
    }
}

static int info_ints(cxs_vcf_reader *r, const char *tag)
{
    return bcf_get_info_int32(r->header, r->record, tag, &r->ints, &r->n_ints);
}

/* Numbers of INFO belong to the sample only when it is the only one. */
static void from_dp4(cxs_vcf_reader *r, cxs_vcf_counts *c)
{
    if (bcf_hdr_nsamples(r->header) != 1 || r->columns != 10 ||
        r->record->n_allele != 2 || info_ints(r, "DP4") != 4)
        return;
    for (int i = 0; i < 2; i++) {
        c->fwd[i] = widen(r->ints[2 * i]);
        c->rev[i] = widen(r->ints[2 * i + 1]);
        if (!c->known)
            c->ad[i] = c->fwd[i] + c->rev[i];
    }
    c->known = true;
}

static cxs_rc above_one(cxs_ctx *ctx, const cxs_vcf_reader *r, double af)
{
    char value[CXS_NUMBER_BYTES];

    cxs_number_format(af, value);
    return cxs_fail_code(
        ctx, CXS_EFORMAT, "CX047", "%s:%s:%lld: AF %s is above 1; percent?", r->s->path,
        bcf_seqname_safe(r->header, r->record), (long long)r->record->pos + 1, value);
}

/* "12.5%" of VarScan. */
static bool percent(cxs_vcf_reader *r, int sample, double *af)
{
    const int total =
        bcf_get_format_char(r->header, r->record, "FREQ", &r->text, &r->n_text);
    const int each = total > 0 ? total / bcf_hdr_nsamples(r->header) : 0;
    const char *text = each > 0 ? r->text + (ptrdiff_t)each * sample : "";
    const size_t length = each > 0 ? strnlen(text, (size_t)each) : 0;

    if (length < 2 || text[length - 1] != '%' ||
        !cxs_number_parse(text, length - 1, af))
        return false;
    *af /= 100.0;
    return true;
}

static cxs_rc from_fraction(cxs_ctx *ctx, cxs_vcf_reader *r, int sample,
                            cxs_vcf_counts *c)
{
    static const char *const tags[] = {"AF", "FA", "VAF"};
    const int n = bcf_hdr_nsamples(r->header), alts = r->record->n_allele - 1;
    bool found = false;

    for (size_t t = 0; t < sizeof tags / sizeof *tags && !found; t++) {
        const int total = bcf_get_format_float(r->header, r->record, tags[t],
                                               &r->floats, &r->n_floats);
        const float *v = total > 0 ? r->floats + total / n * sample : NULL;
        found = total > 0 && total / n == alts && !bcf_float_is_missing(v[0]);
        for (int i = 0; found && i < alts; i++)
            if (!bcf_float_is_missing(v[i]) && !bcf_float_is_vector_end(v[i]))
                c->af[i + 1] = (double)v[i];
    }
    if (!found && !(alts == 1 && percent(r, sample, &c->af[1])))
        return CXS_OK;
    for (int i = 1; i <= alts; i++)
        if (c->af[i] > 1.0)
            return above_one(ctx, r, c->af[i]);
    if (c->dp_file == CXS_MEASURE_MISSING || c->dp_file < 0)
        return CXS_OK;
    c->ad[0] = c->dp_file;
    for (int i = 1; i <= alts; i++) {
        c->ad[i] = c->af[i] >= 0.0 ? llround(c->af[i] * (double)c->dp_file) : 0;
        c->ad[0] -= c->ad[i];
    }
    c->ad[0] = c->ad[0] > 0 ? c->ad[0] : 0;
    c->known = true;
    return CXS_OK;
}

static void strands(cxs_vcf_reader *r, int sample, cxs_vcf_counts *c)
{
    const bool two = r->record->n_allele == 2;
    const int32_t *v = NULL;

    if (per_allele(r, sample, "ADF", c->fwd) && per_allele(r, sample, "ADR", c->rev))
        return;
    if (two && format_ints(r, sample, "SB", &v) == 4) {
        for (int i = 0; i < 2; i++) {
            c->fwd[i] = widen(v[2 * i]);
            c->rev[i] = widen(v[2 * i + 1]);
        }
        return;
    }
    if (two && format_int(r, sample, "RDF") != CXS_MEASURE_MISSING) {
        c->fwd[0] = format_int(r, sample, "RDF");
        c->rev[0] = format_int(r, sample, "RDR");
        c->fwd[1] = format_int(r, sample, "ADF");
        c->rev[1] = format_int(r, sample, "ADR");
        return;
    }
    if (two && bcf_hdr_nsamples(r->header) == 1 && r->columns == 10) {
        int64_t *const to[] = {&c->fwd[0], &c->rev[0], &c->fwd[1], &c->rev[1]};
        static const char *const tags[] = {"SRF", "SRR", "SAF", "SAR"};
        for (int i = 0; i < 4; i++)
            if (info_ints(r, tags[i]) == 1)
                *to[i] = widen(r->ints[0]);
        if (c->fwd[1] == CXS_MEASURE_MISSING)
            from_dp4(r, c);
    }
}

cxs_rc cxs_vcf_count(cxs_ctx *ctx, cxs_vcf_reader *r, int sample, cxs_vcf_counts *c)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(make_room(ctx, c, r->record->n_allele));
    c->dp_file = format_int(r, sample, "DP");
    CXS_TRY(from_ad(ctx, r, sample, c));
    if (!c->known)
        from_freebayes(r, sample, c);
    if (!c->known)
        from_strelka(r, sample, c);
    if (!c->known)
        from_dp4(r, c);
    if (!c->known)
        CXS_TRY(from_fraction(ctx, r, sample, c));
    if (!c->known)
        goto done;
    c->dp = 0;
    for (uint32_t i = 0; i < r->record->n_allele; i++)
        c->dp += c->ad[i] != CXS_MEASURE_MISSING ? c->ad[i] : 0;
    strands(r, sample, c);
done:
    return rc;
}
