/*
 * variant_rules.c -- which alleles pass, and what is said of them
 *
 * One table holds the thresholds by source and library; an allele gets the first reason
 * that it fails for.  Depth is the sum of AD.  Liquid biopsies of little DNA need more
 * depth for fewer copies; a hotspot is believed at fewer reads, because the prior odds
 * of a known driver are higher.
 */
#include "ingest/variant_private.h"

#include "num/order.h"

#include <math.h>
#include <string.h>

typedef struct rule {
    const char *source, *library; /* NULL: any other */
    int64_t depth, reads;
    double vaf;
    int64_t hot_reads; /* at a hotspot; 0: no exception */
    double hot_vaf;
    bool hot_needs_umi;   /* only when depths are of consensus reads */
    int64_t normal_depth; /* of the matched normal, 0: any */
} rule;

static const rule rules[] = {
    {"TUMOR", "PANEL", 100, 8, 0.03, 5, 0.01, false, 0},
    {"TUMOR", NULL, 20, 5, 0.05, 3, 0.02, false, 10},
    {"CSF_CFDNA", "PANEL", 200, 5, 0.01, 3, 0.003, true, 0},
    {"CSF_CFDNA", NULL, 50, 5, 0.05, 0, 0.0, false, 0},
    {"PLASMA_CFDNA", "PANEL", 500, 5, 0.005, 0, 0.0, false, 0},
    {"PLASMA_CFDNA", NULL, 50, 5, 0.05, 0, 0.0, false, 0},
    {NULL, "PANEL", 100, 8, 0.03, 5, 0.01, false, 0},
    {NULL, NULL, 20, 5, 0.05, 3, 0.02, false, 10},
};

/* Germline: seen in the normal, or common in the population when there is no normal. */
static const double germline_vaf = 0.02, population_af = 0.001;
enum {
    GERMLINE_READS = 3,
    CH_NORMAL_DEPTH = 10, /* of blood in which an allele is called absent */
    SWAP_CALLS_MIN = 3,   /* one call alone may be a mistake of the caller */
    SENTINELS_MAX = 2     /* CX034: hotspots at positions of the other build */
};

static bool matches(const char *wanted, const char *given)
{
    return wanted == NULL || (given != NULL && strcmp(wanted, given) == 0);
}

static const rule *rule_of(const cxs_vcf_settings *s)
{
    const rule *r = rules;

    while (!matches(r->source, s->source) || !matches(r->library, s->library))
        r++; /* the last one matches everything */
    return r;
}

static bool missing(int64_t value)
{
    return value == CXS_MEASURE_MISSING;
}

/* Strand counts exist and one strand saw no read of the allele. */
static bool one_stranded(const cxs_variant *v)
{
    return !missing(v->alt_fwd) && !missing(v->alt_rev) &&
           (v->alt_fwd < 1 || v->alt_rev < 1);
}

static const char *judge_counts(const cxs_variant *v, const rule *r, bool umi)
{
    const bool hot = (v->hotspot != NULL || v->named != NULL) && r->hot_reads > 0 &&
                     (!r->hot_needs_umi || umi);

    if (v->dp < r->depth)
        return "depth";
    if (v->ad_alt < (hot ? r->hot_reads : r->reads))
        return "alt_reads";
    if (!(v->vaf >= (hot ? r->hot_vaf : r->vaf)))
        return "vaf";
    return one_stranded(v) ? "strand" : NULL;
}

static const char *judge_germline(const cxs_variant *v, const rule *r, bool has_normal)
{
    const bool hot = v->hotspot != NULL || v->named != NULL;

    if (!has_normal)
        return !hot && v->pop_af > population_af ? "population" : NULL;
    if (v->normal_alt >= GERMLINE_READS && v->normal_vaf > germline_vaf)
        return "germline";
    return !missing(v->normal_dp) && v->normal_dp < r->normal_depth ? "normal_depth"
                                                                    : NULL;
}

static const char *status_of(const cxs_variant_set *set, const cxs_variant *v,
                             const rule *r)
{
    /* MAF lists calls that a caller made; counts are optional there. */
    const bool optional =
        set->settings->genotypes || strcmp(set->annotation, "MAF") == 0;
    const char *reason = NULL;

    if (!v->carried)
        return "not_carried";
    if (v->filtered)
        return "filter";
    if (missing(v->dp))
        reason = optional || v->named != NULL ? NULL : "no_counts";
    else
        reason = judge_counts(v, r, set->settings->umi);
    if (reason == NULL)
        reason = judge_germline(v, r, set->has_normal);
    return reason != NULL ? reason : "pass";
}

static bool inside(const cxs_variant_set *set, const cxs_variant *v, const char *id,
                   int64_t before, int64_t after)
{
    const cxs_region *region = cxs_region_find(set->settings->refs, id);

    return region != NULL && set->build >= 0 && strcmp(region->chrom, v->chrom) == 0 &&
           region->start[set->build] > 0 &&
           v->pos + (int64_t)strlen(v->ref) - 1 >= region->start[set->build] - before &&
           v->pos <= region->end[set->build] + after;
}

/* Events of a region: exon 19 deletions and exon 20 insertions of EGFR, exon 20
 * insertions of ERBB2, skipped exon 14 of MET (25 bases of the acceptor, 3 of the
 * donor), other SNVs of the TERT promoter. */
static const char *region_event(const cxs_variant_set *set, const cxs_variant *v,
                                const char *class)
{
    const size_t ref = strlen(v->ref), alt = strlen(v->alt);
    const bool inframe = strcmp(class, "inframe") == 0;

    if (inframe && alt < ref && inside(set, v, "EGFR_EX19", 0, 0))
        return "EGFR_EX19DEL";
    if (inframe && alt > ref && inside(set, v, "EGFR_EX20", 0, 0))
        return "EGFR_EX20INS";
    if (inframe && alt > ref && inside(set, v, "ERBB2_EX20", 0, 0))
        return "ERBB2_EX20INS";
    if (strcmp(class, "truncating") == 0 && inside(set, v, "MET_EX14", 25, 3) &&
        !inside(set, v, "MET_EX14", -3, -3))
        return "MET_EX14";
    if (ref == 1 && alt == 1 && inside(set, v, "TERT_PROMOTER", 0, 0))
        return "TERT_PROMOTER";
    return NULL;
}

/* The worst gene of each allele, and hotspots known by their protein change. */
static void join_hits(cxs_variant_set *set)
{
    for (size_t h = 0; h < set->hits; h++) {
        const cxs_variant_hit *hit = &set->hit[h];
        cxs_variant *v = &set->variant[hit->variant];
        const cxs_variant_hit *worst =
            v->worst == SIZE_MAX ? NULL : &set->hit[v->worst];
        if (worst == NULL || (worst->after_stop && !hit->after_stop) ||
            (worst->after_stop == hit->after_stop &&
             hit->term->rank < worst->term->rank))
            v->worst = h;
        if (v->hotspot == NULL && *hit->hgvsp != '\0' && cxs_hit_protein(hit))
            v->hotspot = cxs_hotspot_named(set->settings->refs, hit->gene, hit->hgvsp);
    }
}

static bool liquid(const char *source)
{
    return source != NULL &&
           (strncmp(source, "CSF_", 4) == 0 || strcmp(source, "PLASMA_CFDNA") == 0);
}

static void flag(const cxs_variant_set *set, cxs_variant *v, const rule *r)
{
    const cxs_vcf_settings *s = set->settings;
    const cxs_variant_hit *hit = v->worst != SIZE_MAX ? &set->hit[v->worst] : NULL;
    const bool absent_in_blood =
        !missing(v->normal_dp) && v->normal_dp >= CH_NORMAL_DEPTH && v->normal_alt == 0;

    if (v->hotspot == NULL && v->named == NULL)
        v->named = region_event(set, v, hit != NULL ? cxs_hit_class(hit) : "none");
    v->ch_gene = hit != NULL && liquid(s->source) && !absent_in_blood &&
                 cxs_gene_is_ch(s->refs, hit->gene);
    v->possible_germline = !set->has_normal && s->source != NULL &&
                           strncmp(s->source, "CSF_", 4) == 0 &&
                           ((v->vaf >= 0.4 && v->vaf <= 0.6) || v->vaf > 0.9);
    v->status = status_of(set, v, r);
}

cxs_rc cxs_variants_judge(cxs_ctx *ctx, cxs_variant_set *set)
{
    const cxs_variant_refs *refs = set->settings->refs;
    const rule *r = rule_of(set->settings);
    size_t here = 0, other = 0;

    for (size_t i = 0; i < set->count; i++) {
        cxs_variant *v = &set->variant[i];
        v->hotspot = cxs_hotspot_at(refs, set->build, v->chrom, v->pos, v->ref, v->alt);
        here += v->hotspot != NULL;
        other += set->build >= 0 && cxs_hotspot_at(refs, 1 - set->build, v->chrom,
                                                   v->pos, v->ref, v->alt) != NULL;
    }
    if (other > SENTINELS_MAX && here == 0)
        return cxs_fail_code(ctx, CXS_EMISMATCH, "CX034",
                             "%s: %zu hotspots stand at positions of %s, sheet says %s",
                             set->settings->path, other,
                             set->build == CXS_HG19 ? "GRCh38" : "GRCh37",
                             set->settings->build);
    join_hits(set);
    for (size_t i = 0; i < set->count; i++)
        flag(set, &set->variant[i], r);
    return CXS_OK;
}

/*
 * The medians are over calls that pass the file's own filter.  Calls that are common in
 * both columns (>= 0.2) are germline variants of a caller that reports them too; they
 * say nothing about which column is the tumour.
 */
cxs_rc cxs_variants_swapped(cxs_ctx *ctx, const cxs_variant_set *set,
                            const char *normal)
{
    double *tumour = NULL, *other = NULL;
    size_t n = 0;
    cxs_rc rc = CXS_OK;

    if (!set->has_normal)
        return CXS_OK;
    CXS_NEW(tumour, set->count);
    CXS_NEW(other, set->count);
    for (size_t i = 0; i < set->count; i++) {
        const cxs_variant *v = &set->variant[i];
        if (v->filtered || !isfinite(v->vaf) || !isfinite(v->normal_vaf) ||
            (v->vaf >= 0.2 && v->normal_vaf >= 0.2) || v->ad_alt + v->normal_alt == 0)
            continue;
        tumour[n] = v->vaf;
        other[n++] = v->normal_vaf;
    }
    if (n >= SWAP_CALLS_MIN && cxs_median(n, other) > cxs_median(n, tumour))
        rc = cxs_fail_code(ctx, CXS_EMISMATCH, "CX048",
                           "%s: calls are supported by %s, declared normal",
                           set->settings->path, cxs_ctx_id(ctx, normal));
done:
    cxs_free(tumour);
    cxs_free(other);
    return rc;
}

void cxs_allele_trim(char *ref, char *alt, int64_t *pos)
{
    size_t r = strlen(ref), a = strlen(alt), left = 0;

    while (r > 1 && a > 1 && ref[r - 1] == alt[a - 1]) {
        ref[--r] = '\0';
        alt[--a] = '\0';
    }
    while (left + 1 < r && left + 1 < a && ref[left] == alt[left])
        left++;
    memmove(ref, ref + left, r - left + 1);
    memmove(alt, alt + left, a - left + 1);
    *pos += (int64_t)left;
}
