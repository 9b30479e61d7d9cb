/*
 * panel.c -- the float32 copy of a design that all problems share
 */
#include "model/panel_private.h"

#include "base/pool.h"
#include "num/lanes.h"

#include <math.h>
#include <string.h>

/* ---- making the copy ------------------------------------------------------------- */

typedef struct copy_job {
    cxs_panel *panel;
    double *ones; /* [n] */
} copy_job;

/* Mean and sd of one column over all rows.  Columns of extreme scale are divided by
 * their largest value first. */
static cxs_location locate(size_t n, const double *ones, const double *x)
{
    cxs_location at = {.mean = cxs_lanes_dot(n, ones, x) / (double)n, .largest = 1.0};
    double squares = 0.0, sum = 0.0;

    at.sd = sqrt(cxs_lanes_squares(n, ones, x, at.mean) / (double)n);
    if (isnan(at.mean)) { /* x holds no infinities: a value is missing */
        at.sd = at.mean;
        return at;
    }
    if (at.sd > 1e-100 && at.sd < 1e100)
        return at;
    at.largest = at.sd = 0.0;
    for (size_t i = 0; i < n; i++)
        at.largest = fmax(at.largest, fabs(x[i]));
    if (!(at.largest > 0.0))
        return at;
    for (size_t i = 0; i < n; i++)
        sum += x[i] / at.largest;
    at.mean = sum / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += (x[i] / at.largest - at.mean) * (x[i] / at.largest - at.mean);
    at.sd = sqrt(squares / (double)n);
    return at;
}

void cxs_panel_convert(const cxs_panel *p, size_t first, size_t end, float *out)
{
    const size_t n = p->design->n;

    for (size_t j = first; j < end; j++, out += n) {
        const double *x = p->design->x + j * n;
        const cxs_location at = p->location[j];
        if (!(at.sd > 0.0))
            memset(out, 0, n * sizeof *out);
        else if (at.largest == 1.0)
            for (size_t i = 0; i < n; i++)
                out[i] = (float)((x[i] - at.mean) / at.sd);
        else
            for (size_t i = 0; i < n; i++)
                out[i] = (float)((x[i] / at.largest - at.mean) / at.sd);
    }
}

size_t cxs_panel_block_end(const cxs_panel *p, size_t index)
{
    return (index + 1) * CXS_PANEL_BLOCK < p->design->p ? (index + 1) * CXS_PANEL_BLOCK
                                                        : p->design->p;
}

static cxs_rc copy_block(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    const copy_job *job = arg;
    cxs_panel *p = job->panel;
    const size_t n = p->design->n, first = index * CXS_PANEL_BLOCK,
                 end = cxs_panel_block_end(p, index);

    (void)ctx;
    (void)worker;
    for (size_t j = first; j < end; j++)
        p->location[j] = locate(n, job->ones, p->design->x + j * n);
    if (p->x != NULL)
        cxs_panel_convert(p, first, end, p->x + first * n);
    cxs_design_drop(p->design, first, end);
    return CXS_OK;
}

cxs_rc cxs_panel_new(cxs_ctx *ctx, const cxs_design *design, cxs_panel **out)
{
    copy_job job = {0};
    cxs_rc rc = CXS_OK;
    cxs_panel *panel = NULL;

    *out = NULL;
    CXS_NEW(panel, 1);
    panel->design = design;
    panel->blocks = (design->p + CXS_PANEL_BLOCK - 1) / CXS_PANEL_BLOCK;
    if (!design->stream)
        CXS_NEW(panel->x, design->n * design->p);
    CXS_NEW(panel->location, design->p);
    CXS_NEW(panel->block, panel->blocks);
    job.panel = panel;
    CXS_NEW(job.ones, design->n);
    for (size_t i = 0; i < design->n; i++)
        job.ones[i] = 1.0;
    CXS_TRY(cxs_pool_run(ctx, NULL, panel->blocks, copy_block, &job));
    *out = panel;
    panel = NULL;

done:
    cxs_free(job.ones);
    cxs_panel_free(panel);
    return rc;
}

void cxs_panel_free(cxs_panel *panel)
{
    if (panel == NULL)
        return;
    for (size_t i = 0; panel->block != NULL && i < panel->blocks; i++)
        cxs_free(panel->block[i].list);
    cxs_free(panel->block);
    cxs_free(panel->location);
    cxs_free(panel->x);
    cxs_free(panel);
}

void cxs_gate_free(cxs_gate *gate)
{
    cxs_free(gate->id);
    cxs_free(gate->g);
    cxs_free(gate->ratio);
    cxs_free(gate->seen);
    cxs_free(gate->seen_r);
    gate->ratio = gate->seen = NULL;
    gate->seen_r = NULL;
    gate->id = NULL;
    gate->g = NULL;
    gate->count = gate->capacity = gate->capacity_g = 0;
}
