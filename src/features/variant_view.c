/*
 * variant_view.c -- the tables of one sample, checked and ready to be looked up
 *
 * A bag may come from a file, so columns may be absent and indices may lie: both are
 * refused here, once, and not looked at again.
 */
#include "features/variant_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

double cxs_three(bool yes, bool assessed)
{
    return yes ? 1.0 : assessed ? 0.0 : (double)NAN;
}

static int by_cover(const void *a, const void *b)
{
    const cxs_cover *x = a, *y = b;
    const int kind = strcmp(x->kind, y->kind);

    return kind != 0 ? kind : strcmp(x->name, y->name);
}

bool cxs_view_passes(const cxs_variant_view *v, size_t allele)
{
    return v->status[allele] != NULL && strcmp(v->status[allele], "pass") == 0;
}

int64_t cxs_view_covered(const cxs_variant_view *v, const char *kind, const char *name)
{
    const cxs_cover key = {.kind = kind, .name = name};
    const cxs_cover *found =
        v->covers == 0 ? NULL
                       : bsearch(&key, v->cover, v->covers, sizeof key, by_cover);

    if (found != NULL)
        return found->covered;
    return v->assume && strcmp(kind, "gene") == 0 ? 1 : CXS_MEASURE_MISSING;
}

bool cxs_view_liquid(const cxs_variant_view *v)
{
    const char *s = v->sample->source;

    return s != NULL && (strncmp(s, "CSF_", 4) == 0 || strcmp(s, "PLASMA_CFDNA") == 0);
}

/* Depth that was measured goes before what the targets promise: a gene that is not deep
 * enough is not assessed. */
static void apply_coverage(cxs_variant_view *v)
{
    const cxs_measure *t =
        v->sample->coverage != NULL
            ? cxs_measures_find(v->sample->coverage, "coverage_genes")
            : NULL;
    const char *const *gene = t != NULL ? cxs_measure_get_text(t, "gene") : NULL;
    const int64_t *assessed = t != NULL ? cxs_measure_get_int(t, "assessed") : NULL;

    for (size_t i = 0; gene && assessed && i < cxs_measure_rows(t); i++) {
        const cxs_cover key = {.kind = "gene", .name = gene[i] != NULL ? gene[i] : ""};
        cxs_cover *found =
            v->covers == 0 ? NULL
                           : bsearch(&key, v->cover, v->covers, sizeof key, by_cover);
        if (found != NULL)
            found->covered = assessed[i] == 1 ? 1 : 0;
    }
}

static cxs_rc read_cover(cxs_ctx *ctx, cxs_variant_view *v)
{
    const cxs_measure *t = cxs_measures_find(v->sample->variants, "variants.covered");
    const char *const *kind = t != NULL ? cxs_measure_get_text(t, "kind") : NULL;
    const char *const *name = t != NULL ? cxs_measure_get_text(t, "name") : NULL;
    const int64_t *covered = t != NULL ? cxs_measure_get_int(t, "covered") : NULL;
    cxs_rc rc = CXS_OK;

    if (kind == NULL || name == NULL || covered == NULL)
        return CXS_OK;
    CXS_NEW(v->cover, cxs_measure_rows(t));
    for (size_t i = 0; i < cxs_measure_rows(t); i++)
        if (kind[i] != NULL && name[i] != NULL)
            v->cover[v->covers++] = (cxs_cover){kind[i], name[i], covered[i]};
    if (v->covers > 0)
        qsort(v->cover, v->covers, sizeof *v->cover, by_cover);
    apply_coverage(v);
done:
    return rc;
}

static cxs_rc broken(cxs_ctx *ctx, const cxs_variant_sample *sample)
{
    return cxs_fail(ctx, CXS_EFORMAT, "the variant tables of sample %s are incomplete",
                    cxs_ctx_id(ctx, sample->id));
}

static cxs_rc read_alleles(cxs_ctx *ctx, cxs_variant_view *v)
{
    const cxs_measure *t = cxs_measures_find(v->sample->variants, "variants");

    if (t == NULL || (v->chrom = cxs_measure_get_text(t, "chrom")) == NULL ||
        (v->ref = cxs_measure_get_text(t, "ref")) == NULL ||
        (v->alt = cxs_measure_get_text(t, "alt")) == NULL ||
        (v->hotspot = cxs_measure_get_text(t, "hotspot")) == NULL ||
        (v->status = cxs_measure_get_text(t, "status")) == NULL ||
        (v->pos = cxs_measure_get_int(t, "pos")) == NULL ||
        (v->dp = cxs_measure_get_int(t, "dp")) == NULL ||
        (v->ad_alt = cxs_measure_get_int(t, "ad_alt")) == NULL ||
        (v->tmb = cxs_measure_get_int(t, "tmb")) == NULL ||
        (v->ch_gene = cxs_measure_get_int(t, "ch_gene")) == NULL ||
        (v->possible_germline = cxs_measure_get_int(t, "possible_germline")) == NULL ||
        (v->vaf = cxs_measure_get_real(t, "vaf")) == NULL)
        return broken(ctx, v->sample);
    v->n = cxs_measure_rows(t);
    return CXS_OK;
}

static cxs_rc read_hits(cxs_ctx *ctx, cxs_variant_view *v)
{
    const cxs_measure *t = cxs_measures_find(v->sample->variants, "variants.genes");

    if (t == NULL || (v->hit_variant = cxs_measure_get_int(t, "variant")) == NULL ||
        (v->hit_protein = cxs_measure_get_int(t, "protein")) == NULL ||
        (v->hit_gene = cxs_measure_get_text(t, "gene")) == NULL ||
        (v->hit_class = cxs_measure_get_text(t, "class")) == NULL)
        return broken(ctx, v->sample);
    v->hits = cxs_measure_rows(t);
    for (size_t h = 0; h < v->hits; h++)
        if (v->hit_variant[h] < 0 || (uint64_t)v->hit_variant[h] >= v->n ||
            v->hit_gene[h] == NULL || v->hit_class[h] == NULL)
            return broken(ctx, v->sample);
    return CXS_OK;
}

static int64_t assay_int(const cxs_measures *bag, const char *name)
{
    const cxs_measure *t = cxs_measures_find(bag, "variants.assay");
    const int64_t *v =
        t != NULL && cxs_measure_rows(t) == 1 ? cxs_measure_get_int(t, name) : NULL;

    return v != NULL ? *v : CXS_MEASURE_MISSING;
}

cxs_rc cxs_view_read(cxs_ctx *ctx, const cxs_variant_sample *sample,
                     cxs_variant_view *v)
{
    const cxs_measure *sbs = NULL, *triples = NULL;
    const char *library = sample->library != NULL ? sample->library : "";
    cxs_rc rc = CXS_OK;

    *v = (cxs_variant_view){
        .sample = sample, .tmb_per_mb = NAN, .target_bases = CXS_MEASURE_MISSING};
    if (sample->variants == NULL)
        return CXS_OK;
    v->known = true;
    CXS_TRY(read_alleles(ctx, v));
    CXS_TRY(read_hits(ctx, v));
    CXS_TRY(read_cover(ctx, v));
    v->umi = assay_int(sample->variants, "umi") == 1;
    v->target_bases = assay_int(sample->variants, "target_bases");
    v->assume = v->target_bases == CXS_MEASURE_MISSING &&
                (strcmp(library, "WGS") == 0 || strcmp(library, "WES") == 0);
    triples = cxs_measures_find(sample->variants, "variants.trinucleotides");
    if (triples != NULL && cxs_measure_rows(triples) == 32) {
        v->target_triples = cxs_measure_get_int(triples, "target");
        v->genome_triples = cxs_measure_get_int(triples, "genome");
    }
    sbs = cxs_measures_find(sample->variants, "variants.sbs96");
    if (sbs != NULL && cxs_measure_rows(sbs) == CXS_SBS)
        v->sbs = cxs_measure_get_int(sbs, "count");
done:
    return rc;
}
