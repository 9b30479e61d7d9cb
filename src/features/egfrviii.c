/*
 * egfrviii.c -- loss of exons 2 to 7 of EGFR, by RNA and by DNA
 *
 * RNA is asked first: the junction of exon 1 to exon 8 is the event itself.  Depth tells
 * it only beside amplification, because one extra copy of the whole gene hides the loss;
 * depths of exons are compared with those of the matched normal, as each exon is caught
 * with its own efficiency.  Only a genome needs no normal.
 */
#include "features/events.h"

#include "ingest/variant_private.h"

#include <math.h>
#include <string.h>

static const double share_min = 0.01; /* of the transcripts */
static const double log2_drop = 0.5;  /* of exons 2-7 below 8-28 */
enum {
    READS = 10,       /* junction reads e1-e8, and the fewest that tell a share */
    DEPTH = 20,       /* mean of exons 8-28 in the tumour */
    NORMAL_DEPTH = 10 /* of both groups in the normal */
};

/* ---- RNA -------------------------------------------------------------------------- */

/* Reads of both junctions; false when they were not counted. */
static bool junction_reads(const cxs_measures *bag, double *skipped, double *kept)
{
    const cxs_measure *t = bag != NULL ? cxs_measures_find(bag, "junctions") : NULL;
    const char *const *name = t != NULL ? cxs_measure_get_text(t, "name") : NULL;
    const int64_t *reads = t != NULL ? cxs_measure_get_int(t, "reads") : NULL;
    int found = 0;

    for (size_t i = 0; name && reads && i < cxs_measure_rows(t); i++) {
        if (name[i] == NULL || reads[i] < 0)
            continue;
        if (strcmp(name[i], "egfr_e1_e8") == 0) {
            *skipped = (double)reads[i];
            found |= 1;
        } else if (strcmp(name[i], "egfr_e1_e2") == 0) {
            *kept = (double)reads[i];
            found |= 2;
        }
    }
    return found == 3;
}

/* Share of the transcripts, NaN when too few reads cross either junction; *call 1, 0 or
 * NaN. */
static double by_rna(const cxs_measures *bag, double *call)
{
    double skipped = 0.0, kept = 0.0;

    *call = (double)NAN;
    if (!junction_reads(bag, &skipped, &kept) || skipped + kept < READS)
        return (double)NAN;
    *call = skipped >= READS && skipped >= share_min * (skipped + kept);
    return skipped / (skipped + kept);
}

/* ---- depth of exons --------------------------------------------------------------- */

typedef struct place {
    int64_t start, end; /* from 1, both ends inclusive */
} place;

enum { LOST = 6 }; /* exons 2 to 7 */
typedef struct exons {
    const char *chrom;
    place lost[LOST], rest; /* rest: from exon 8 to the end of the gene */
} exons;

static bool find_exons(const cxs_variant_refs *refs, int build, exons *e)
{
    static const char *const ids[LOST] = {"EGFR_EX2", "EGFR_EX3", "EGFR_EX4",
                                          "EGFR_EX5", "EGFR_EX6", "EGFR_EX7"};
    const cxs_gene_place *gene = cxs_gene_find(refs, "EGFR");
    const cxs_region *eight = cxs_region_find(refs, "EGFR_EX8_START");
    bool all = build >= 0 && gene != NULL && eight != NULL;

    for (size_t k = 0; all && k < LOST; k++) {
        const cxs_region *r = cxs_region_find(refs, ids[k]);
        all = r != NULL;
        if (all)
            e->lost[k] = (place){r->start[build], r->end[build]};
    }
    if (all) {
        e->chrom = gene->chrom;
        e->rest = (place){eight->start[build], gene->end[build]};
    }
    return all;
}

static bool overlaps(const place *p, int64_t start0, int64_t end)
{
    return start0 < p->end && end >= p->start;
}

/* Mean depth of the targets over both groups; a target of both (one piece for the whole
 * gene) tells nothing apart.  NaN where a group has no target. */
static void group_depths(const cxs_measures *bag, const exons *e, double depth[2])
{
    const cxs_measure *t = bag != NULL ? cxs_measures_find(bag, "coverage") : NULL;
    const char *const *chrom = t != NULL ? cxs_measure_get_text(t, "chrom") : NULL;
    const int64_t *start = t != NULL ? cxs_measure_get_int(t, "start") : NULL,
                  *end = t != NULL ? cxs_measure_get_int(t, "end") : NULL,
                  *sum = t != NULL ? cxs_measure_get_int(t, "depth_sum") : NULL;
    double bases[2] = {0.0, 0.0}, total[2] = {0.0, 0.0};

    for (size_t i = 0; chrom && start && end && sum && i < cxs_measure_rows(t); i++) {
        bool in[2] = {false, overlaps(&e->rest, start[i], end[i])};
        if (chrom[i] == NULL || strcmp(chrom[i], e->chrom) != 0 || sum[i] < 0)
            continue;
        for (size_t k = 0; k < LOST; k++)
            in[0] = in[0] || overlaps(&e->lost[k], start[i], end[i]);
        for (size_t g = 0; g < 2; g++)
            if (in[g] && !in[1 - g]) {
                bases[g] += (double)(end[i] - start[i]);
                total[g] += (double)sum[i];
            }
    }
    for (size_t g = 0; g < 2; g++)
        depth[g] = bases[g] > 0.0 ? total[g] / bases[g] : (double)NAN;
}

/* 1 where EGFR is amplified, 0 where it is not, NaN where that is not known. */
static double amplified(const cxs_measures *copy)
{
    const cxs_measure *t = copy != NULL ? cxs_measures_find(copy, "cn.gene") : NULL;
    const char *const *gene = t != NULL ? cxs_measure_get_text(t, "gene") : NULL;
    const int64_t *state = t != NULL ? cxs_measure_get_int(t, "state") : NULL;

    for (size_t i = 0; gene && state && i < cxs_measure_rows(t); i++)
        if (gene[i] != NULL && strcmp(gene[i], "EGFR") == 0 &&
            state[i] != CXS_MEASURE_MISSING)
            return state[i] >= 2;
    return (double)NAN;
}

/* Exons 2-7 over 8-28 in log2, relative to the normal; NaN where either is too shallow. */
static double exon_log2(const cxs_event_files *f, const exons *e)
{
    const bool genome = f->library != NULL && strcmp(f->library, "WGS") == 0;
    double tumour[2], normal[2], expected = 0.0;

    group_depths(f->reads, e, tumour);
    group_depths(f->normal, e, normal);
    if (normal[0] >= NORMAL_DEPTH && normal[1] >= NORMAL_DEPTH)
        expected = log2(normal[0] / normal[1]);
    else if (!genome)
        return (double)NAN;
    if (!(tumour[1] >= DEPTH) || isnan(tumour[0]))
        return (double)NAN;
    return log2(tumour[0] / tumour[1]) - expected; /* -infinity without any read */
}

static double by_depth(const cxs_event_files *f, const cxs_variant_refs *refs)
{
    const double many = amplified(f->copy);
    exons e;
    double drop;

    if (f->reads == NULL || f->build == NULL ||
        !find_exons(refs, cxs_build_index(f->build), &e))
        return (double)NAN;
    drop = exon_log2(f, &e);
    if (isnan(drop) || (drop <= -log2_drop && isnan(many)))
        return (double)NAN;
    return drop <= -log2_drop && many > 0.0;
}

/* ---- both ------------------------------------------------------------------------- */

bool cxs_has_egfrviii(const cxs_measures *variants)
{
    const cxs_measure *t =
        variants != NULL ? cxs_measures_find(variants, "variants") : NULL;
    const char *const *name = t != NULL ? cxs_measure_get_text(t, "hotspot") : NULL;
    const char *const *status = t != NULL ? cxs_measure_get_text(t, "status") : NULL;

    for (size_t i = 0; name && status && i < cxs_measure_rows(t); i++)
        if (name[i] != NULL && status[i] != NULL && strcmp(name[i], "EGFRvIII") == 0 &&
            strcmp(status[i], "pass") == 0)
            return true;
    return false;
}

static bool asks(const cxs_event_files *files, size_t n)
{
    bool any = false;

    for (size_t i = 0; i < n && !any; i++)
        any = files[i].rna != NULL || files[i].reads != NULL || files[i].called;
    return any;
}

cxs_rc cxs_egfrviii_features(cxs_ctx *ctx, const cxs_event_files *files,
                             const char *refdata, cxs_feature_columns *columns)
{
    cxs_variant_refs *refs = NULL;
    double *share, *any;
    size_t positive = 0, negative = 0;
    cxs_rc rc = CXS_OK;

    if (!asks(files, columns->n))
        return CXS_OK;
    CXS_TRY(cxs_variant_refs_read(ctx, refdata, &refs));
    CXS_TRY(cxs_feature_columns_add(ctx, columns, "rna.egfrviii", "fraction",
                                    CXS_FEATURE_CONTINUOUS, &share));
    CXS_TRY(cxs_feature_columns_add(ctx, columns, "var.egfrviii", "",
                                    CXS_FEATURE_BINARY, &any));
    for (size_t i = 0; i < columns->n; i++) {
        double rna, dna = by_depth(&files[i], refs);
        share[i] = by_rna(files[i].rna, &rna);
        if (files[i].lost || rna > 0.0 || dna > 0.0)
            any[i] = 1.0;
        else if (rna <= 0.0 || dna <= 0.0)
            any[i] = 0.0;
        positive += any[i] > 0.0;
        negative += any[i] <= 0.0;
    }
    if (positive + negative > 0)
        cxs_note(ctx, "EGFRvIII: in %zu of %zu patients in whom RNA or DNA tells",
                 positive, positive + negative);
done:
    cxs_variant_refs_free(refs);
    return rc;
}
