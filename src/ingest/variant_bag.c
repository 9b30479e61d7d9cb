/*
 * variant_bag.c -- the tables of variants.h from a judged set of alleles
 *
 * "covered" is what makes a feature three-valued: a gene outside the targets has no
 * status at all.  Without a BED file a genome covers every gene and an exome the coding
 * parts; a panel without its BED covers nothing that is known.
 */
#include "ingest/variant_private.h"

#include "base/text.h"
#include "ingest/targets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct text_column {
    const char *name;
    size_t at;
} text_column;

static cxs_rc add_texts(cxs_ctx *ctx, cxs_measure *table, text_column *column,
                        size_t count)
{
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < count; i++)
        CXS_TRY(cxs_measure_text(ctx, table, column[i].name, &column[i].at));
done:
    return rc;
}

static cxs_rc set_texts(cxs_ctx *ctx, cxs_measure *table, const text_column *column,
                        size_t row, const char *const *text, size_t count)
{
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < count; i++)
        if (text[i] != NULL && *text[i] != '\0')
            CXS_TRY(cxs_measure_set_text(ctx, table, column[i].at, row, text[i]));
done:
    return rc;
}

static void hotspot_name(const cxs_variant *v, char *out, size_t size)
{
    if (v->hotspot != NULL)
        snprintf(out, size, "%s_%s", v->hotspot->gene, v->hotspot->label);
    else
        snprintf(out, size, "%s", v->named != NULL ? v->named : "");
}

static cxs_rc texts_of(cxs_ctx *ctx, const cxs_variant_set *set, cxs_measure *table)
{
    text_column column[] = {{"chrom", 0},       {"ref", 0},     {"alt", 0},
                            {"filter", 0},      {"gt", 0},      {"gene", 0},
                            {"consequence", 0}, {"class", 0},   {"transcript", 0},
                            {"hgvsp", 0},       {"hotspot", 0}, {"status", 0}};
    enum { COLUMNS = sizeof column / sizeof *column };
    cxs_rc rc = CXS_OK;

    CXS_TRY(add_texts(ctx, table, column, COLUMNS));
    for (size_t i = 0; i < set->count; i++) {
        const cxs_variant *v = &set->variant[i];
        const cxs_variant_hit *h = v->worst != SIZE_MAX ? &set->hit[v->worst] : NULL;
        char hotspot[128];
        hotspot_name(v, hotspot, sizeof hotspot);
        const char *const text[COLUMNS] = {v->chrom,
                                           v->ref,
                                           v->alt,
                                           v->filter,
                                           v->gt,
                                           h != NULL ? h->gene : NULL,
                                           h != NULL ? h->term->so : NULL,
                                           h != NULL ? cxs_hit_class(h) : "none",
                                           h != NULL ? h->transcript : NULL,
                                           h != NULL ? h->hgvsp : NULL,
                                           hotspot,
                                           v->status};
        CXS_TRY(set_texts(ctx, table, column, i, text, COLUMNS));
    }
done:
    return rc;
}

static cxs_rc reals_of(cxs_ctx *ctx, const cxs_variant_set *set, cxs_measure *table)
{
    double *vaf = NULL, *pop = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_measure_real(ctx, table, "vaf", &vaf));
    CXS_TRY(cxs_measure_real(ctx, table, "pop_af", &pop));
    for (size_t i = 0; i < set->count; i++) {
        vaf[i] = set->variant[i].vaf;
        pop[i] = set->variant[i].pop_af;
    }
done:
    return rc;
}

static cxs_rc integers_of(cxs_ctx *ctx, const cxs_variant_set *set, cxs_measure *table)
{
    static const char *const names[] = {
        "pos",       "dp",         "ad_ref",  "ad_alt",  "dp_file",
        "normal_dp", "normal_alt", "ref_fwd", "ref_rev", "alt_fwd",
        "alt_rev",   "record",     "protein", "tmb",     "possible_germline",
        "ch_gene"};
    enum { COLUMNS = sizeof names / sizeof *names };
    int64_t *column[COLUMNS];
    cxs_rc rc = CXS_OK;

    for (size_t c = 0; c < COLUMNS; c++)
        CXS_TRY(cxs_measure_int(ctx, table, names[c], &column[c]));
    for (size_t i = 0; i < set->count; i++) {
        const cxs_variant *v = &set->variant[i];
        const cxs_variant_hit *h = v->worst != SIZE_MAX ? &set->hit[v->worst] : NULL;
        const int64_t value[COLUMNS] = {v->pos,
                                        v->dp,
                                        v->ad_ref,
                                        v->ad_alt,
                                        v->dp_file,
                                        v->normal_dp,
                                        v->normal_alt,
                                        v->ref_fwd,
                                        v->ref_rev,
                                        v->alt_fwd,
                                        v->alt_rev,
                                        v->record,
                                        h != NULL && cxs_hit_protein(h),
                                        h != NULL && cxs_hit_tmb(h),
                                        v->possible_germline,
                                        v->ch_gene};
        for (size_t c = 0; c < COLUMNS; c++)
            column[c][i] = value[c];
    }
done:
    return rc;
}

static cxs_rc genes_of(cxs_ctx *ctx, const cxs_variant_set *set, cxs_measures *bag)
{
    text_column column[] = {
        {"gene", 0}, {"consequence", 0}, {"class", 0}, {"transcript", 0}, {"hgvsp", 0}};
    enum { COLUMNS = sizeof column / sizeof *column };
    cxs_measure *table = NULL;
    int64_t *variant = NULL, *protein = NULL, *tmb = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_measures_add(ctx, bag, "variants.genes", set->hits, &table));
    CXS_TRY(cxs_measure_int(ctx, table, "variant", &variant));
    CXS_TRY(cxs_measure_int(ctx, table, "protein", &protein));
    CXS_TRY(cxs_measure_int(ctx, table, "tmb", &tmb));
    CXS_TRY(add_texts(ctx, table, column, COLUMNS));
    for (size_t i = 0; i < set->hits; i++) {
        const cxs_variant_hit *h = &set->hit[i];
        const char *const text[COLUMNS] = {h->gene, h->term->so, cxs_hit_class(h),
                                           h->transcript, h->hgvsp};
        variant[i] = (int64_t)h->variant;
        protein[i] = cxs_hit_protein(h);
        tmb[i] = cxs_hit_tmb(h);
        CXS_TRY(set_texts(ctx, table, column, i, text, COLUMNS));
    }
done:
    return rc;
}

typedef struct coverage {
    const cxs_targets *targets; /* NULL without BED */
    int build;
    bool genome, exome; /* without BED */
} coverage;

static int64_t gene_covered(const coverage *c, const cxs_gene_place *g)
{
    if (c->targets == NULL)
        return c->genome || c->exome ? 1 : CXS_MEASURE_MISSING;
    if (cxs_targets_name(c->targets, g->symbol))
        return 1;
    if (c->build < 0 || g->start[c->build] == 0)
        return CXS_MEASURE_MISSING;
    return cxs_targets_touch(c->targets, g->chrom, g->start[c->build],
                             g->end[c->build]);
}

static int64_t hotspot_covered(const coverage *c, const cxs_hotspot *h)
{
    /* Exome baits do not reach promoters. */
    const bool promoter = h->hgvs[0] == 'c';

    if (c->targets == NULL)
        return c->genome || (c->exome && !promoter) ? 1 : CXS_MEASURE_MISSING;
    if (c->build < 0 || h->pos[c->build] == 0)
        return CXS_MEASURE_MISSING;
    return cxs_targets_touch(c->targets, h->chrom, h->pos[c->build],
                             h->pos[c->build] + (int64_t)strlen(h->ref) - 1);
}

/* Names of the targets that are no gene of the reference tables: they are covered as
 * the targets say.  other [labels] borrowed. */
static cxs_rc other_labels(cxs_ctx *ctx, const cxs_variant_refs *refs,
                           const cxs_targets *targets, const char **other,
                           size_t *count)
{
    const char **symbol = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(symbol, refs->genes + 1);
    for (size_t i = 0; i < refs->genes; i++)
        symbol[i] = refs->gene[i].symbol;
    qsort(symbol, refs->genes, sizeof *symbol, cxs_text_compare);
    for (size_t k = 0; k < targets->labels; k++)
        if (bsearch(&targets->label[k], symbol, refs->genes, sizeof *symbol,
                    cxs_text_compare) == NULL)
            other[(*count)++] = targets->label[k];
done:
    cxs_free(symbol);
    return rc;
}

static cxs_rc covered_of(cxs_ctx *ctx, const cxs_variant_set *set, const coverage *c,
                         cxs_measures *bag)
{
    const cxs_variant_refs *refs = set->settings->refs;
    text_column column[] = {{"kind", 0}, {"name", 0}};
    cxs_measure *table = NULL;
    const char **other = NULL;
    size_t others = 0;
    int64_t *covered = NULL;
    char name[128];
    cxs_rc rc = CXS_OK;

    CXS_NEW(other, c->targets != NULL ? c->targets->labels + 1 : 1);
    if (c->targets != NULL)
        CXS_TRY(other_labels(ctx, refs, c->targets, other, &others));
    CXS_TRY(cxs_measures_add(ctx, bag, "variants.covered",
                             refs->genes + refs->hotspots + others, &table));
    CXS_TRY(add_texts(ctx, table, column, 2));
    CXS_TRY(cxs_measure_int(ctx, table, "covered", &covered));
    for (size_t i = 0; i < refs->genes; i++) {
        const char *const text[] = {"gene", refs->gene[i].symbol};
        covered[i] = gene_covered(c, &refs->gene[i]);
        CXS_TRY(set_texts(ctx, table, column, i, text, 2));
    }
    for (size_t i = 0; i < refs->hotspots; i++) {
        const cxs_hotspot *h = &refs->hotspot[i];
        const char *const text[] = {"hotspot", name};
        snprintf(name, sizeof name, "%s_%s", h->gene, h->label);
        covered[refs->genes + i] = hotspot_covered(c, h);
        CXS_TRY(set_texts(ctx, table, column, refs->genes + i, text, 2));
    }
    for (size_t i = 0; i < others; i++) {
        const char *const text[] = {"gene", other[i]};
        covered[refs->genes + refs->hotspots + i] = 1;
        CXS_TRY(
            set_texts(ctx, table, column, refs->genes + refs->hotspots + i, text, 2));
    }
done:
    cxs_free(other);
    return rc;
}

static cxs_rc assay_of(cxs_ctx *ctx, const cxs_variant_set *set, const coverage *c,
                       cxs_measures *bag)
{
    const cxs_vcf_settings *s = set->settings;
    static const char *const names[] = {
        "records", "alleles", "passed",       "skipped",      "checked",   "mismatched",
        "normal",  "umi",     "left_aligned", "target_bases", "structural"};
    enum { COLUMNS = sizeof names / sizeof *names };
    text_column column[] = {
        {"source", 0}, {"library", 0}, {"build", 0}, {"annotation", 0}};
    const char *const text[] = {s->source, s->library, s->build, set->annotation};
    cxs_measure *table = NULL;
    int64_t passed = 0, *cell = NULL;
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < set->count; i++)
        passed += strcmp(set->variant[i].status, "pass") == 0;
    const int64_t value[COLUMNS] = {set->records,
                                    set->alleles,
                                    passed,
                                    set->skipped,
                                    set->checked,
                                    set->mismatched,
                                    set->has_normal,
                                    s->umi,
                                    set->left_aligned,
                                    c->targets != NULL ? c->targets->bases
                                                       : CXS_MEASURE_MISSING,
                                    set->structural};
    CXS_TRY(cxs_measures_add(ctx, bag, "variants.assay", 1, &table));
    for (size_t i = 0; i < COLUMNS; i++) {
        CXS_TRY(cxs_measure_int(ctx, table, names[i], &cell));
        *cell = value[i];
    }
    CXS_TRY(add_texts(ctx, table, column, 4));
    CXS_TRY(set_texts(ctx, table, column, 0, text, 4));
done:
    return rc;
}

/* Context `at` of sbs96_contexts.tsv: substitution, then 5' base, then 3' base. */
static void sbs_context(size_t at, char out[8])
{
    static const char base[] = "ACGT";
    static const char *const change[] = {"C>A", "C>G", "C>T", "T>A", "T>C", "T>G"};

    snprintf(out, 8, "%c[%s]%c", base[at / 4 % 4], change[at / 16], base[at % 4]);
}

static cxs_rc sbs_of(cxs_ctx *ctx, const cxs_variant_set *set, cxs_measures *bag)
{
    text_column column[] = {{"context", 0}};
    cxs_measure *table = NULL;
    int64_t *count = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_measures_add(ctx, bag, "variants.sbs96", CXS_SBS, &table));
    CXS_TRY(add_texts(ctx, table, column, 1));
    CXS_TRY(cxs_measure_int(ctx, table, "count", &count));
    for (size_t i = 0; i < CXS_SBS; i++) {
        char context[8];
        const char *const text[] = {context};
        sbs_context(i, context);
        count[i] = set->sbs[i];
        CXS_TRY(set_texts(ctx, table, column, i, text, 1));
    }
done:
    return rc;
}

static cxs_rc trinucleotides_of(cxs_ctx *ctx, const cxs_variant_set *set,
                                cxs_measures *bag)
{
    enum { COUNT = 32 };
    cxs_measure *table = NULL;
    int64_t *target = NULL, *genome = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_measures_add(ctx, bag, "variants.trinucleotides", COUNT, &table));
    CXS_TRY(cxs_measure_int(ctx, table, "target", &target));
    CXS_TRY(cxs_measure_int(ctx, table, "genome", &genome));
    for (size_t i = 0; i < COUNT; i++) {
        target[i] = set->trinucleotides[i];
        genome[i] = set->trinucleotides[COUNT + i];
    }
done:
    return rc;
}

static bool is(const char *text, const char *word)
{
    return text != NULL && strcmp(text, word) == 0;
}

cxs_rc cxs_variants_into(cxs_ctx *ctx, const cxs_variant_set *set, cxs_measures *bag)
{
    const cxs_vcf_settings *s = set->settings;
    cxs_targets targets = {0};
    coverage c = {.build = set->build,
                  .genome = is(s->library, "WGS"),
                  .exome = is(s->library, "WES")};
    cxs_measure *table = NULL;
    cxs_rc rc = CXS_OK;

    if (s->target_bed != NULL) {
        CXS_TRY(cxs_targets_read(ctx, s->target_bed, &targets));
        c.targets = &targets;
    }
    CXS_TRY(cxs_measures_add(ctx, bag, "variants", set->count, &table));
    CXS_TRY(texts_of(ctx, set, table));
    CXS_TRY(integers_of(ctx, set, table));
    CXS_TRY(reals_of(ctx, set, table));
    CXS_TRY(genes_of(ctx, set, bag));
    CXS_TRY(covered_of(ctx, set, &c, bag));
    if (set->sbs != NULL)
        CXS_TRY(sbs_of(ctx, set, bag));
    if (set->trinucleotides != NULL)
        CXS_TRY(trinucleotides_of(ctx, set, bag));
    CXS_TRY(assay_of(ctx, set, &c, bag));
done:
    cxs_targets_clear(&targets);
    return rc;
}
