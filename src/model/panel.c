/*
 * panel.c -- float32 screening with a derived margin
 *
 * Let x~ = (x - m)/s be a column centred and scaled over all rows, |x~|_2 <= sqrt(n),
 * and rho = r/|r|_2.  The residual sums to zero, so
 *     g_j = |r| (s_j / (unit_j W)) x~'rho.
 * In float32 (unit roundoff u = 2^-24) each x~ and rho is rounded once, an inner product
 * of length n in any order of summation n times, and a product that is remembered once
 * more; so with k = n + 3 it is off by at most
 *     k u / (1 - k u) sum |x~_i rho_i|  <=  MARGIN = 1.01 sqrt(n) k u / (1 - k u)    (1)
 * (Higham 2002, section 3.1, Cauchy-Schwarz).  A feature is ruled out when
 *     |fl(x~'rho)| + MARGIN < threshold factor_j unit_j W / (|r| s_j).               (2)
 * The residual's own sum is not exactly zero: n eps64 |m| / s is far below the 1 % in
 * MARGIN up to |m| / s = 1e6, beyond that the raw x'r is as uncertain itself.
 *
 * A column with missing values has no copy that all problems could share, since each
 * fills it by its own rows: its gradient is always computed in float64.
 *
 * When memory is short (design->stream) there is no copy at all: a block is converted
 * anew in each pass, by the same operations, so that the products have the same bits.
 *
 * A lone problem (a path) also remembers a whole pass: t_j = x~'r then, r now has moved
 * by d = |r - r_then|, and by Cauchy-Schwarz |x~'r - t_j| <= sqrt(n) d.  A feature with
 *     |t_j| + sqrt(n) d + MARGIN |r_then| < threshold factor_j unit_j W / s_j         (3)
 * is ruled out without being looked at.  When more than RENEW of the columns had to be
 * looked at, the next pass is a whole one again.
 *
 * Columns go in blocks of fixed size, one task each; a block's finds are kept apart and
 * joined in block order.
 */
#include "model/panel.h"

#include "base/pool.h"
#include "num/blas.h"
#include "num/lanes.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* Columns per block: 128 columns of 500 rows in float32 are 256 KB, inside the L2
 * cache, so that the product of a panel reads memory once. */
enum { BLOCK = 128 };
/* A column alone costs about twice its share of a whole pass. */
static const double RENEW = 0.35;

typedef struct found {
    uint32_t id, slot;
    double g;
} found;

typedef struct block_finds {
    found *list;
    size_t count, capacity, looked_at;
    double largest[CXS_PANEL_WIDTH]; /* float32 pass, in units of |g| / factor */
} block_finds;

/* How a column is centred and scaled. */
typedef struct location {
    double mean, sd; /* of x / largest; sd 0: constant over all rows; NaN: x has missing
                        values */
    double largest;  /* 1 but for columns of extreme scale */
} location;

struct cxs_panel {
    const cxs_design *design;
    float *x;           /* [n x p] centred and scaled; NULL: converted in each pass */
    location *location; /* [p] */
    block_finds *block;
    size_t blocks;
};

typedef struct pass {
    cxs_panel *panel;
    cxs_gate *const *gate;
    size_t count;       /* gates */
    const float *rho;   /* [n x count] */
    const double *norm; /* [count] |r| */
    double margin;
    float
        *bench; /* [workers x n x BLOCK] converted columns; NULL when there is a copy */
    double moved; /* right part of (3) less |t_j|, in units of x~'r; < 0: whole pass */
    int collect;  /* second phase: report; first phase: only the largest */
} pass;

/* ---- making the copy ------------------------------------------------------------- */

typedef struct copy_job {
    cxs_panel *panel;
    double *ones; /* [n] */
} copy_job;

/* Mean and sd of one column over all rows.  Columns of extreme scale are divided by
 * their largest value first. */
static location locate(size_t n, const double *ones, const double *x)
{
    location at = {.mean = cxs_lanes_dot(n, ones, x) / (double)n, .largest = 1.0};
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

/* Columns first .. end - 1 into out[n x (end - first)]; zeros where there is nothing to
 * compare. */
static void convert(const cxs_panel *p, size_t first, size_t end, float *out)
{
    const size_t n = p->design->n;

    for (size_t j = first; j < end; j++, out += n) {
        const double *x = p->design->x + j * n;
        const location at = p->location[j];
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

static size_t block_end(const cxs_panel *p, size_t index)
{
    return (index + 1) * BLOCK < p->design->p ? (index + 1) * BLOCK : p->design->p;
}

static cxs_rc copy_block(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    const copy_job *job = arg;
    cxs_panel *p = job->panel;
    const size_t n = p->design->n, first = index * BLOCK, end = block_end(p, index);

    (void)ctx;
    (void)worker;
    for (size_t j = first; j < end; j++)
        p->location[j] = locate(n, job->ones, p->design->x + j * n);
    if (p->x != NULL)
        convert(p, first, end, p->x + first * n);
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
    panel->blocks = (design->p + BLOCK - 1) / BLOCK;
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
    cxs_free(gate->seen);
    cxs_free(gate->seen_r);
    gate->seen = NULL;
    gate->seen_r = NULL;
    gate->id = NULL;
    gate->g = NULL;
    gate->count = gate->capacity = gate->capacity_g = 0;
}

/* ---- one pass -------------------------------------------------------------------- */

static cxs_rc keep(cxs_ctx *ctx, block_finds *b, uint32_t id, uint32_t slot, double g)
{
    cxs_rc rc;

    if (b->count == b->capacity) {
        rc = cxs_grow(ctx, (void **)&b->list, &b->capacity, b->count + 1,
                      sizeof *b->list);
        if (rc != CXS_OK)
            return rc;
    }
    b->list[b->count++] = (found){id, slot, g};
    return CXS_OK;
}

static int can_enter(const cxs_gate *gate, size_t id)
{
    const double factor = gate->factor[id];

    return gate->columns->unit[id] > 0.0 && factor > 0.0 && isfinite(factor);
}

/* Size of one unit of x~_j'r / W in units of g. */
static double per_unit(const pass *p, size_t slot, size_t id)
{
    const location *at = &p->panel->location[id];

    return at->sd * at->largest / p->gate[slot]->columns->unit[id];
}

/* Upper bound of |g| of one column, from its product c = fl(x~'rho), (2). */
static double reach(const pass *p, size_t slot, size_t id, float c)
{
    const cxs_gate *gate = p->gate[slot];
    double g;

    if (isnan(p->panel->location[id].sd)) { /* values are missing */
        cxs_columns_dot(gate->columns, id, gate->r, gate->weight_sum, &g);
        return fabs(g);
    }
    return (fabs((double)c) + p->margin) * (p->norm[slot] / gate->weight_sum) *
           per_unit(p, slot, id);
}

/* Judge feature id whose float32 product with rho is c. */
static cxs_rc sift(cxs_ctx *ctx, const pass *p, block_finds *b, size_t slot, size_t id,
                   float c)
{
    const cxs_gate *gate = p->gate[slot];
    const double bound = reach(p, slot, id, c);
    double g = 0.0;

    if (!p->collect)
        b->largest[slot] = fmax(b->largest[slot], bound / gate->factor[id]);
    if (!p->collect || !(bound >= gate->threshold * gate->factor[id]))
        return CXS_OK;
    cxs_columns_dot(gate->columns, id, gate->r, gate->weight_sum, &g);
    return fabs(g) >= gate->threshold * gate->factor[id]
               ? keep(ctx, b, (uint32_t)id, (uint32_t)slot, g)
               : CXS_OK;
}

/* One block of a lone gate: columns that (3) rules out are not touched.  own: [n]. */
static cxs_rc look_again(cxs_ctx *ctx, const pass *p, block_finds *b, size_t first,
                         size_t columns, float *own)
{
    const cxs_gate *gate = p->gate[0];
    const size_t n = p->panel->design->n;
    cxs_rc rc = CXS_OK;

    for (size_t id = first; id < first + columns && rc == CXS_OK; id++) {
        const float *x = p->panel->x != NULL ? p->panel->x + id * n : own;
        double bound;
        if (!can_enter(gate, id))
            continue;
        bound = (fabs((double)gate->seen[id]) + p->moved) / gate->weight_sum *
                per_unit(p, 0, id); /* NaN where values are missing */
        if (bound < gate->threshold * gate->factor[id])
            continue;
        b->looked_at++;
        if (p->panel->x == NULL)
            convert(p->panel, id, id + 1, own);
        rc = sift(ctx, p, b, 0, id, cxs_blas_sdot(n, x, p->rho));
    }
    return rc;
}

static cxs_rc pass_block(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    const pass *p = arg;
    const size_t n = p->panel->design->n, first = index * BLOCK;
    const size_t end = block_end(p->panel, index), columns = end - first;
    const float *x = p->panel->x;
    block_finds *b = &p->panel->block[index];
    float c[BLOCK * CXS_PANEL_WIDTH];
    cxs_rc rc = CXS_OK;
    float *own = p->bench != NULL ? p->bench + worker * BLOCK * n : NULL;

    b->count = b->looked_at = 0;
    memset(b->largest, 0, sizeof b->largest);
    if (p->moved >= 0.0) {
        rc = look_again(ctx, p, b, first, columns, own);
        cxs_design_drop(p->panel->design, first, end);
        return rc;
    }
    if (x != NULL) {
        x += first * n;
    } else {
        convert(p->panel, first, end, own);
        x = own;
    }
    cxs_blas_sgemm_tn(columns, p->count, n, x, p->rho, c);
    for (size_t slot = 0; slot < p->count; slot++)
        for (size_t j = 0; j < columns && p->gate[slot] != NULL && rc == CXS_OK; j++)
            if (can_enter(p->gate[slot], first + j))
                rc = sift(ctx, p, b, slot, first + j, c[slot * columns + j]);
    if (p->count == 1 && p->gate[0] != NULL && p->gate[0]->seen != NULL)
        for (size_t j = 0; j < columns; j++)
            p->gate[0]->seen[first + j] = (float)((double)c[j] * p->norm[0]);
    cxs_design_drop(p->panel->design, first, end);
    return rc;
}

/* rho and |r| of every gate; a skipped gate is a zero column. */
static cxs_rc normalise(cxs_ctx *ctx, const cxs_panel *panel, cxs_gate *const *gate,
                        size_t count, float **rho, double *norm)
{
    const size_t n = panel->design->n;
    cxs_rc rc = CXS_OK;

    CXS_NEW(*rho, n * count);
    for (size_t s = 0; s < count; s++) {
        double squares = 0.0;
        norm[s] = 0.0;
        if (gate[s] == NULL)
            continue;
        for (size_t i = 0; i < n; i++)
            squares += gate[s]->r[i] * gate[s]->r[i];
        norm[s] = sqrt(squares);
        for (size_t i = 0; i < n && norm[s] > 0.0; i++)
            (*rho)[s * n + i] = (float)(gate[s]->r[i] / norm[s]);
    }

done:
    return rc;
}

/* Prepare (3) for a lone gate: how far r has moved since the last whole pass. */
static cxs_rc set_moved(cxs_ctx *ctx, pass *p)
{
    cxs_gate *gate = p->gate[0];
    const size_t n = p->panel->design->n;
    double moved = 0.0, norm = 0.0;
    cxs_rc rc = CXS_OK;

    p->moved = -1.0;
    if (p->count != 1 || gate == NULL)
        return CXS_OK;
    if (gate->seen == NULL) {
        CXS_NEW(gate->seen, p->panel->design->p);
        CXS_NEW(gate->seen_r, n);
    } else if (!gate->renew && !gate->want_largest) {
        for (size_t i = 0; i < n; i++) {
            moved += (gate->r[i] - gate->seen_r[i]) * (gate->r[i] - gate->seen_r[i]);
            norm += gate->seen_r[i] * gate->seen_r[i];
        }
        p->moved = 1.0001 * sqrt((double)n * moved) + p->margin * sqrt(norm);
    }
    if (p->moved < 0.0)
        memcpy(gate->seen_r, gate->r, n * sizeof *gate->r);

done:
    return rc;
}

/* After a pass by (3): was it worth it? */
static void judge_moved(const pass *p)
{
    size_t looked_at = 0;

    if (p->count != 1 || p->gate[0] == NULL)
        return;
    for (size_t i = 0; i < p->panel->blocks; i++)
        looked_at += p->panel->block[i].looked_at;
    p->gate[0]->renew = (double)looked_at > RENEW * (double)p->panel->design->p;
}

static cxs_rc answer(cxs_ctx *ctx, cxs_gate *gate, uint32_t id, double g)
{
    cxs_rc rc;

    rc = cxs_grow(ctx, (void **)&gate->id, &gate->capacity, gate->count + 1,
                  sizeof *gate->id);
    if (rc != CXS_OK)
        return rc;
    rc = cxs_grow(ctx, (void **)&gate->g, &gate->capacity_g, gate->count + 1,
                  sizeof *gate->g);
    if (rc != CXS_OK)
        return rc;
    gate->id[gate->count] = id;
    gate->g[gate->count++] = g;
    return CXS_OK;
}

static cxs_rc join_finds(cxs_ctx *ctx, const cxs_panel *panel, cxs_gate *const *gate)
{
    for (size_t i = 0; i < panel->blocks; i++)
        for (size_t f = 0; f < panel->block[i].count; f++) {
            const found *at = &panel->block[i].list[f];
            const cxs_rc rc = answer(ctx, gate[at->slot], at->id, at->g);
            if (rc != CXS_OK)
                return rc;
        }
    return CXS_OK;
}

/* First phase of want_largest: a threshold that surely holds the largest |g| / factor.
 */
static cxs_rc find_largest(cxs_ctx *ctx, pass *p)
{
    cxs_rc rc;

    p->collect = 0;
    rc = cxs_pool_run(ctx, NULL, p->panel->blocks, pass_block, p);
    for (size_t s = 0; s < p->count && rc == CXS_OK; s++) {
        double top = 0.0;
        if (p->gate[s] == NULL || !p->gate[s]->want_largest)
            continue;
        for (size_t i = 0; i < p->panel->blocks; i++)
            top = fmax(top, p->panel->block[i].largest[s]);
        /* any start below the top does; features near it are few */
        p->gate[s]->threshold = 0.9 * top;
    }
    return rc;
}

/* Float64 pass of one gate when there is no shared copy. */
static cxs_rc dense_gate(cxs_ctx *ctx, cxs_gate *gate)
{
    const cxs_columns *c = gate->columns;
    cxs_rc rc = CXS_OK;
    double *g = NULL;

    CXS_NEW(g, c->p + c->k);
    CXS_TRY(cxs_columns_gradient(ctx, c, gate->r, gate->weight_sum, g));
    for (size_t j = 0; j < c->p; j++)
        if (c->unit[j] > 0.0 && gate->factor[j] > 0.0 && isfinite(gate->factor[j])) {
            gate->largest = fmax(gate->largest, fabs(g[j]) / gate->factor[j]);
            if (!gate->want_largest && fabs(g[j]) >= gate->threshold * gate->factor[j])
                CXS_TRY(answer(ctx, gate, (uint32_t)j, g[j]));
        }

done:
    cxs_free(g);
    return rc;
}

static void take_largest(cxs_gate *gate)
{
    for (size_t i = 0; i < gate->count; i++)
        gate->largest =
            fmax(gate->largest, fabs(gate->g[i]) / gate->factor[gate->id[i]]);
}

/* want_largest met nothing at its threshold (float32 was off by more than a tenth: all
 * gradients are rounding): lower it until something is found or nothing is there. */
static cxs_rc run_until_found(cxs_ctx *ctx, pass *p)
{
    for (int round = 0; round < 8; round++) {
        int again = 0;
        cxs_rc rc;
        p->collect = 1;
        for (size_t s = 0; s < p->count; s++)
            if (p->gate[s] != NULL)
                p->gate[s]->count = 0;
        if ((rc = cxs_pool_run(ctx, NULL, p->panel->blocks, pass_block, p)) != CXS_OK ||
            (rc = join_finds(ctx, p->panel, p->gate)) != CXS_OK)
            return rc;
        for (size_t s = 0; s < p->count; s++) {
            cxs_gate *g = p->gate[s];
            if (g != NULL && g->want_largest && g->count == 0 && g->threshold > 0.0) {
                g->threshold = round < 6 ? 0.1 * g->threshold : 0.0;
                again = 1;
            }
        }
        if (!again)
            break;
    }
    return CXS_OK;
}

/* (1); no bound at all for n >= 2^24: then nothing is ruled out. */
static double margin(size_t n)
{
    const double ku = ldexp((double)n + 3.0, -24);

    return ku < 1.0 ? 1.01 * sqrt((double)n) * ku / (1.0 - ku) : HUGE_VAL;
}

cxs_rc cxs_panel_run(cxs_ctx *ctx, cxs_panel *panel, cxs_gate *const *gate,
                     size_t count)
{
    double norm[CXS_PANEL_WIDTH];
    float *rho = NULL;
    cxs_rc rc = CXS_OK;
    int largest = 0;
    pass p = {.panel = panel, .gate = gate, .count = count, .norm = norm};

    for (size_t s = 0; s < count; s++)
        if (gate[s] != NULL) {
            gate[s]->count = 0;
            gate[s]->largest = 0.0;
            largest |= gate[s]->want_largest;
        }
    if (panel == NULL) {
        for (size_t s = 0; s < count && rc == CXS_OK; s++)
            if (gate[s] != NULL)
                rc = dense_gate(ctx, gate[s]);
        return rc;
    }
    CXS_TRY(normalise(ctx, panel, gate, count, &rho, norm));
    p.rho = rho;
    p.margin = margin(panel->design->n);
    if (panel->x == NULL)
        CXS_NEW(p.bench,
                cxs_pool_workers(ctx, panel->blocks) * BLOCK * panel->design->n);
    CXS_TRY(set_moved(ctx, &p));
    if (largest)
        CXS_TRY(find_largest(ctx, &p));
    CXS_TRY(run_until_found(ctx, &p));
    judge_moved(&p);
    cxs_design_drop(panel->design, 0, panel->design->p);
    for (size_t s = 0; s < count; s++)
        if (gate[s] != NULL)
            take_largest(gate[s]);

done:
    cxs_free(rho);
    cxs_free(p.bench);
    return rc;
}
