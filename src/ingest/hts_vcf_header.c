/*
 * hts_vcf_header.c -- what the header of a VCF must agree with
 *
 * Everything here is checked before the first record is read: the build by the lengths
 * of the contigs, one style of chromosome names, the column of the sample, the column of
 * its normal, and that consequences are annotated.
 */
#include "ingest/hts_vcf.h"

#include <stdio.h>
#include <string.h>

enum { NAMES_SHOWN = 3 };

cxs_rc cxs_vcf_style(cxs_ctx *ctx, cxs_vcf_reader *r, const char *name)
{
    const bool chr = strncmp(name, "chr", 3) == 0;

    if (!cxs_contig_is_main(cxs_contig_plain(name)))
        return CXS_OK;
    if (chr ? !r->style_chr : !r->style_plain)
        snprintf(r->example[chr ? 0 : 1], sizeof r->example[0], "%s", name);
    r->style_chr |= chr;
    r->style_plain |= !chr;
    if (r->style_chr && r->style_plain)
        return cxs_fail_code(ctx, CXS_EFORMAT, "CX035",
                             "%s: both \"%s\" and \"%s\" occur", r->s->path,
                             r->example[0], r->example[1]);
    return CXS_OK;
}

static const char *contig(const cxs_vcf_reader *r, int rid, int64_t *length)
{
    const bcf_idpair_t *pair = &r->header->id[BCF_DT_CTG][rid];

    *length = pair->val != NULL ? (int64_t)pair->val->info[0] : 0;
    return pair->key;
}

/* The build by the first contig whose length tells it; hg18 and T2T are refused. */
static cxs_rc check_build(cxs_ctx *ctx, cxs_vcf_reader *r)
{
    r->set.build = cxs_build_index(r->s->build);
    if (r->s->build != NULL && r->set.build == CXS_BUILD_OTHER)
        return CXS_OK;
    for (int rid = 0; rid < r->header->n[BCF_DT_CTG]; rid++) {
        int64_t length = 0;
        const char *name = contig(r, rid, &length);
        const char *says =
            name != NULL ? cxs_contig_build(cxs_contig_plain(name), length) : NULL;
        if (says == NULL)
            continue;
        if (cxs_build_index(says) == CXS_BUILD_OTHER ||
            (r->s->build != NULL && strcmp(says, r->s->build) != 0))
            return cxs_fail_code(ctx, CXS_EMISMATCH, "CX034",
                                 "%s: header says %s (%s %lld), sheet says %s",
                                 r->s->path, cxs_build_name(says), name,
                                 (long long)length,
                                 r->s->build != NULL ? r->s->build : "nothing");
        r->set.build = cxs_build_index(says);
        return CXS_OK;
    }
    return CXS_OK;
}

static cxs_rc check_contigs(cxs_ctx *ctx, cxs_vcf_reader *r)
{
    cxs_rc rc = CXS_OK;

    for (int rid = 0; rid < r->header->n[BCF_DT_CTG]; rid++) {
        int64_t length = 0;
        const char *name = contig(r, rid, &length);
        if (name == NULL)
            continue;
        r->has_contigs = true;
        CXS_TRY(cxs_vcf_style(ctx, r, name));
    }
    CXS_TRY(check_build(ctx, r));
done:
    return rc;
}

static int sample_index(const bcf_hdr_t *h, const char *name)
{
    for (int i = 0; name != NULL && i < bcf_hdr_nsamples(h); i++)
        if (strcmp(h->samples[i], name) == 0)
            return i;
    return -1;
}

/* CX042 with the first names of the file. */
static cxs_rc unknown_sample(cxs_ctx *ctx, const cxs_vcf_reader *r, const char *want)
{
    const int n = bcf_hdr_nsamples(r->header);
    cxs_buf names = {0};
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_buf_add(ctx, &names, "", 0));
    for (int i = 0; i < n && i < NAMES_SHOWN; i++)
        CXS_TRY(cxs_buf_addf(ctx, &names, "%s%s", i > 0 ? ", " : "",
                             r->header->samples[i]));
    if (n > NAMES_SHOWN)
        CXS_TRY(cxs_buf_addf(ctx, &names, " and %d more", n - NAMES_SHOWN));
    rc = cxs_fail_code(ctx, CXS_EMISMATCH, "CX042",
                       "%s: sample is \"%s\", sheet says \"%s\"", r->s->path,
                       cxs_ctx_id(ctx, names.text != NULL ? names.text : ""),
                       cxs_ctx_id(ctx, want));
done:
    cxs_free(names.text);
    return rc;
}

static const char *value_of(const bcf_hrec_t *line, const char *key)
{
    for (int i = 0; i < line->nkeys; i++)
        if (strcmp(line->keys[i], key) == 0)
            return line->vals[i];
    return NULL;
}

/* Normal that the header declares: ##normal_sample of Mutect2, ##PEDIGREE with Derived
 * (or ID) and Original, or a column that is called NORMAL. */
static int declared_normal(const cxs_vcf_reader *r, const char *tumour)
{
    const bcf_hdr_t *h = r->header;

    for (int i = 0; i < h->nhrec; i++) {
        const bcf_hrec_t *line = h->hrec[i];
        if (line->key == NULL)
            continue;
        if (strcmp(line->key, "normal_sample") == 0 && line->value != NULL)
            return sample_index(h, line->value);
        if (strcmp(line->key, "PEDIGREE") == 0) {
            const char *derived = value_of(line, "Derived");
            if (derived == NULL)
                derived = value_of(line, "ID");
            if (derived != NULL && strcmp(derived, tumour) == 0)
                return sample_index(h, value_of(line, "Original"));
        }
    }
    return sample_index(h, "NORMAL");
}

static cxs_rc check_normal(cxs_ctx *ctx, cxs_vcf_reader *r, const char *tumour)
{
    r->normal = sample_index(r->header, r->s->normal);
    if (r->s->normal != NULL && r->normal < 0)
        cxs_note(ctx, "%s: the matched normal %s is not in this file", r->s->path,
                 cxs_ctx_id(ctx, r->s->normal));
    if (r->normal < 0)
        r->normal = declared_normal(r, tumour);
    if (r->normal >= 0 && r->normal == r->tumour) {
        r->normal = -1;
        if (!r->s->genotypes)
            return cxs_fail_code(ctx, CXS_EMISMATCH, "CX048",
                                 "%s: calls are supported by %s, declared normal",
                                 r->s->path, cxs_ctx_id(ctx, tumour));
    }
    r->set.has_normal = r->normal >= 0;
    return CXS_OK;
}

/* Keep the two columns that are needed: a cohort file may have thousands. */
static cxs_rc keep_columns(cxs_ctx *ctx, cxs_vcf_reader *r)
{
    const char *tumour = r->header->samples[r->tumour];
    const char *normal = r->normal >= 0 ? r->header->samples[r->normal] : NULL;
    cxs_buf names = {0}, keep = {0};
    cxs_rc rc = CXS_OK;

    if (bcf_hdr_nsamples(r->header) <= 2 || strchr(tumour, ',') != NULL ||
        *tumour == '^' || *tumour == '-' || (normal && strchr(normal, ',')))
        return CXS_OK;
    CXS_TRY(cxs_buf_addf(ctx, &names, "%s", tumour));
    CXS_TRY(cxs_buf_addf(ctx, &keep, "%s", tumour));
    if (normal != NULL) {
        CXS_TRY(cxs_buf_addf(ctx, &names, ",%s", normal));
        CXS_TRY(cxs_variant_text(ctx, &r->set, normal, &normal));
    }
    if (bcf_hdr_set_samples(r->header, names.text, 0) != 0)
        CXS_TRY(cxs_fail(ctx, CXS_EFORMAT, "%s: sample columns cannot be selected",
                         r->s->path));
    r->tumour = sample_index(r->header, keep.text);
    r->normal = sample_index(r->header, normal);
done:
    cxs_free(names.text);
    cxs_free(keep.text);
    return rc;
}

static cxs_rc check_samples(cxs_ctx *ctx, cxs_vcf_reader *r)
{
    const char *want = r->s->column != NULL ? r->s->column : r->s->sample;
    const int n = bcf_hdr_nsamples(r->header);
    cxs_rc rc = CXS_OK;

    r->columns = n > 0 ? 9 + (size_t)n : 8;
    if ((r->tumour = sample_index(r->header, want)) < 0)
        CXS_TRY(unknown_sample(ctx, r, want != NULL ? want : ""));
    CXS_TRY(check_normal(ctx, r, want));
    CXS_TRY(keep_columns(ctx, r));
    if (r->normal >= 0)
        CXS_TRY(cxs_variant_text(ctx, &r->set, r->header->samples[r->normal],
                                 &r->normal_name));
done:
    return rc;
}

cxs_rc cxs_vcf_unannotated(cxs_ctx *ctx, const cxs_vcf_reader *r)
{
    return cxs_fail_code(ctx, CXS_EFORMAT, "CX046",
                         "%s: no consequence annotation (CSQ, ANN or BCSQ)",
                         r->s->path);
}

static cxs_rc check_annotation(cxs_ctx *ctx, cxs_vcf_reader *r)
{
    static const struct {
        const char *tag;
        cxs_effects_kind kind;
    } kinds[] = {
        {"CSQ", CXS_EFFECTS_CSQ}, {"ANN", CXS_EFFECTS_ANN}, {"BCSQ", CXS_EFFECTS_BCSQ}};

    r->set.annotation = "none";
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const bcf_hrec_t *line =
            bcf_hdr_get_hrec(r->header, BCF_HL_INFO, "ID", kinds[i].tag, NULL);
        if (line == NULL)
            continue;
        r->tag = r->set.annotation = kinds[i].tag;
        return cxs_effects_read(ctx, r->s->path, kinds[i].kind,
                                value_of(line, "Description"), &r->annotation);
    }
    if (r->s->genotypes ||
        bcf_hdr_get_hrec(r->header, BCF_HL_INFO, "ID", "SVTYPE", NULL) != NULL)
        return CXS_OK; /* the first small variant asks for it */
    return cxs_vcf_unannotated(ctx, r);
}

cxs_rc cxs_vcf_header(cxs_ctx *ctx, cxs_vcf_reader *r)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(check_contigs(ctx, r));
    CXS_TRY(check_samples(ctx, r));
    CXS_TRY(check_annotation(ctx, r));
done:
    return rc;
}
