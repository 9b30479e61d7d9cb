/*
 * ridge_kernel.c -- K = X diag(1/pf) X' of the standardised columns
 *
 * A slab of columns is gathered, then added to K tile by tile: slabs in their order,
 * tiles of fixed size, so threads do not change a bit.
 */
#include "model/ridge.h"

#include "base/pool.h"
#include "num/blas.h"

#include <math.h>

enum {
    SLAB = 512, /* columns gathered at a time */
    TILE = 128, /* rows of the kernel per task */
    BLOCK = 64  /* columns gathered per task */
};

typedef struct kernel_job {
    cxs_ridge *ridge;
    double *slab; /* [N x SLAB] */
    size_t first, count;
} kernel_job;

/* Columns first.. of the slab: (x - mean) / (unit sqrt(pf)), rows as in the design. */
static cxs_rc gather_block(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    const kernel_job *job = arg;
    const cxs_ridge *g = job->ridge;
    const size_t end =
        (index + 1) * BLOCK < job->count ? (index + 1) * BLOCK : job->count;

    (void)ctx;
    (void)worker;
    for (size_t j = index * BLOCK; j < end; j++) {
        const size_t id = g->feature[job->first + j];
        const double *x = cxs_columns_raw(g->columns, id);
        const double mean = g->columns->mean[id];
        const double unit = g->columns->unit[id], root = sqrt(g->factor[id]);
        for (size_t i = 0; i < g->rows; i++)
            job->slab[j * g->rows + i] = (x[i] - mean) / unit / root;
    }
    cxs_design_drop(g->columns->design, g->feature[job->first + index * BLOCK],
                    g->feature[job->first + end - 1] + 1);
    return CXS_OK;
}

/* Rows from the tile on, columns of the tile: the lower triangle and a little more. */
static cxs_rc kernel_tile(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    const kernel_job *job = arg;
    const size_t n = job->ridge->rows, first = index * TILE;
    const size_t columns = first + TILE < n ? TILE : n - first;

    (void)ctx;
    (void)worker;
    cxs_blas_add_nt(n - first, columns, job->count, job->slab + first, n,
                    job->slab + first, n, job->ridge->kernel + first * n + first, n);
    return CXS_OK;
}

cxs_rc cxs_ridge_make_kernel(cxs_ctx *ctx, cxs_ridge *g)
{
    kernel_job job = {.ridge = g};
    const size_t n = g->rows, tiles = (n + TILE - 1) / TILE;
    cxs_rc rc = CXS_OK;

    CXS_NEW(job.slab, n * SLAB);
    for (; job.first < g->features; job.first += SLAB) {
        job.count = g->features - job.first < SLAB ? g->features - job.first : SLAB;
        CXS_TRY(cxs_pool_run(ctx, NULL, (job.count + BLOCK - 1) / BLOCK, gather_block,
                             &job));
        CXS_TRY(cxs_pool_run(ctx, NULL, tiles, kernel_tile, &job));
    }
    for (size_t j = 0; j < n; j++) /* one value for both triangles */
        for (size_t i = j + 1; i < n; i++)
            g->kernel[i * n + j] = g->kernel[j * n + i];

done:
    cxs_free(job.slab);
    return rc;
}
