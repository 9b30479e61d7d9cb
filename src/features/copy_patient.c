/*
 * copy_patient.c -- segments of one patient: from depth, as given, or from states of
 * genes
 */
#include "features/copy_private.h"

#include <math.h>
#include <string.h>

/* Bins of the panel where they are as wide as the depth asks for. */
static cxs_rc make_bins(cxs_ctx *ctx, const cxs_copy_job *j,
                        const cxs_patient_file *file, const cxs_measure *depth,
                        cxs_copy_result *r, cxs_cn_bins *bins, double **reads)
{
    const cxs_frozen_bins *panel = j->frozen != NULL ? &j->frozen->panel : NULL;
    const int64_t given = panel != NULL ? cxs_copy_panel_width(panel, file->build) : 0;
    cxs_rc rc = CXS_OK;

    r->width = cxs_copy_width(depth);
    if (given > r->width)
        r->width = given;
    CXS_TRY(cxs_copy_bins(ctx, depth, j->refs, file->build, r->width, bins, reads));
    if (j->frozen != NULL && j->frozen->map.count > 0)
        cxs_copy_map(&j->frozen->map, file->build, bins);
    if (j->frozen != NULL && j->frozen->gc.count > 0)
        cxs_copy_gc(&j->frozen->gc, file->build, bins);
    if (given == r->width)
        CXS_TRY(cxs_copy_panel(ctx, panel, file->build, bins, &r->panel));
done:
    return rc;
}

static cxs_rc from_depth(cxs_ctx *ctx, const cxs_copy_job *j,
                         const cxs_patient_file *file, const cxs_measure *depth,
                         cxs_copy_result *r)
{
    cxs_cn_bins bins = {0};
    double *reads = NULL, *log2 = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(make_bins(ctx, j, file, depth, r, &bins, &reads));
    CXS_NEW(log2, bins.n + 1);
    rc = cxs_cn_correct(ctx, &bins, reads, log2, &r->quality);
    if (rc == CXS_EDEGENERATE || (rc == CXS_OK && r->quality.state == CXS_CN_FAIL)) {
        if (rc == CXS_EDEGENERATE)
            r->quality.used = 0;
        r->done = 1; /* no copy numbers: missing, not zero */
        rc = CXS_OK;
        goto done;
    }
    CXS_TRY(rc);
    if (r->tissue)
        CXS_TRY(cxs_cn_segment_tissue(ctx, &bins, log2, 1, &r->segments));
    else
        CXS_TRY(cxs_cn_segment_cfdna(ctx, &bins, log2, &r->segments));
    if (r->tissue && !isnan(file->purity))
        cxs_cn_take_purity(&r->segments, file->purity);
    r->done = 2;
    rc = cxs_copy_focal(ctx, j, file, depth, r);

done:
    cxs_free(log2);
    cxs_free(reads);
    cxs_cn_bins_free(&bins);
    return rc;
}

size_t cxs_copy_build(const char *build)
{
    return strcmp(build, cxs_copy_builds[0]) == 0 ? 0
                                                  : 1; /* states have none: the order of
                                                     genes is the same on both */
}

/* States of the genes of the references; arms from them when there is nothing else. */
static cxs_rc from_states(cxs_ctx *ctx, const cxs_copy_job *j,
                          const cxs_patient_file *file, const cxs_measure *t,
                          cxs_copy_result *r)
{
    const cxs_copy_refs *refs = j->refs;
    const char *const *gene = cxs_measure_get_text(t, "gene");
    const int64_t *state = cxs_measure_get_int(t, "state");
    const size_t build = cxs_copy_build(file->build);
    cxs_rc rc = CXS_OK;

    if (gene == NULL || state == NULL)
        return CXS_OK;
    CXS_NEW(r->state, refs->genes->rows + 1);
    for (size_t row = 0; row < refs->genes->rows; row++)
        r->state[row] = CXS_MEASURE_MISSING;
    for (size_t i = 0; i < cxs_measure_rows(t); i++) {
        const size_t row =
            gene[i] != NULL ? cxs_index_find(&refs->gene, gene[i]) : SIZE_MAX;
        if (row != SIZE_MAX)
            r->state[row] = state[i];
    }
    if (r->done == 2)
        goto done;
    CXS_TRY(cxs_cn_from_states(ctx, refs->place[build], r->state, refs->order[build],
                               refs->placed[build], &r->segments));
    r->done = 3;
done:
    return rc;
}

cxs_rc cxs_copy_patient(cxs_ctx *ctx, size_t i, size_t worker, void *arg)
{
    const cxs_copy_job *j = arg;
    const cxs_patient_file *file = &j->file[i];
    const cxs_measure *depth = NULL, *segments = NULL, *states = NULL;
    cxs_copy_result *r = &j->result[i];
    cxs_rc rc = CXS_OK;

    (void)worker;
    if (file->bag != NULL) {
        depth = cxs_copy_depth(file);
        segments = cxs_measures_find(file->bag, "segments");
    }
    if (file->states != NULL)
        states = cxs_measures_find(file->states, "cn.gene");
    r->tissue = strstr(file->source, "CFDNA") == NULL;
    if (segments != NULL && cxs_copy_placed(file->build)) {
        CXS_TRY(cxs_cn_given(ctx, segments, file->purity, &r->segments));
        r->given = 1;
        r->tissue = 1; /* the threshold of their directions */
        r->done = r->segments.count > 0 ? 2 : 0;
    } else if (depth != NULL) {
        r->read = 1;
        CXS_TRY(from_depth(ctx, j, file, depth, r));
    }
    if (states != NULL)
        rc = from_states(ctx, j, file, states, r);
done:
    return rc;
}
