/*
 * panel_pass.c -- float32 screening with a derived margin
 *
 * Let x~ = (x - m)/s be a column centred and scaled over all rows, |x~|_2 <= sqrt(n),
 * and rho = r/|r|_2.  The residual sums to zero, so
 *     g_j = |r| (s_j / (unit_j W)) x~'rho.
 * In float32 (unit roundoff u = 2^-24) each x~ and rho is rounded once, an inner product
 * of length n in any order of summation n times, and a product that is remembered once
 * more; so with k = n + 3 it is off by at most
 *     k u / (1 - k u) sum |x~_i rho_i|  <=  MARGIN = 1.01 sqrt(n) k u / (1 - k u)    (1)
 * (Higham 2002, section 3.1, Cauchy-Schwarz).  With ratio_j = s_j / (unit_j factor_j), a
 * feature is ruled out when
 *     (|fl(x~'rho)| + MARGIN) |r|/W ratio_j < threshold.                              (2)
 * The residual's own sum is not exactly zero: n eps64 |m| / s is far below the 1 % in
 * MARGIN up to |m| / s = 1e6, beyond that the raw x'r is as uncertain itself.
 *
 * A column with missing values has no copy that all problems could share, since each
 * fills it by its own rows: its gradient is always computed in float64.
 *
 * When memory is short (design->stream) there is no copy at all: a block is converted
 * anew in each pass, by the same operations, so that the products have the same bits.
 *
 * Each problem remembers the left side of (2) at its last whole pass, seen_j.  Its r has
 * moved by d since, |d|_2 = |r - r_then|; d is zero outside the problem's rows and sums to
 * zero in them, so by Cauchy-Schwarz about the problem's own mean |x~'d| <= spread |d|,
 *     spread^2 = min(n, max_j W sd_j^2 / (w_min s_j^2)),
 * sd_j over the problem's rows with weights of at least w_min.  A feature with
 *     seen_j + spread |d|/W ratio_j < threshold                                       (3)
 * is ruled out without being looked at.  When too many had to be looked at, the next pass
 * is a whole one again.
 *
 * The bounds are computed in float32 too, and rounded up by UP each time; what is far
 * below the range of float32 is not ruled out at all.
 *
 * Columns go in blocks of fixed size, one task each; a block's finds are kept apart and
 * joined in block order.
 */
#include "model/panel_private.h"

#include "base/pool.h"
#include "num/blas.h"
#include "num/vector.h"

#include <math.h>
#include <string.h>

enum { BLOCK = CXS_PANEL_BLOCK };
/* A column alone costs some times its share of a whole pass: of one residual, of many. */
static const double RENEW_ONE = 0.35, RENEW_MANY = 0.12;
static const double UP = 1.00001, TINY = 1e-30;

typedef struct pass {
    cxs_panel *panel;
    cxs_gate *const *gate;
    size_t count;                                         /* gates */
    const float *rho;                                     /* [n x count] */
    double norm[CXS_PANEL_WIDTH], moved[CXS_PANEL_WIDTH]; /* |r|; spread |d| */
    double margin;
    float
        *bench; /* [workers x n x BLOCK] converted columns; NULL when there is a copy */
    int again;  /* by (3), all gates; else a whole pass */
    int collect; /* second phase: report; first phase: only the largest */
} pass;

/* ---- one pass -------------------------------------------------------------------- */

static cxs_rc keep(cxs_ctx *ctx, cxs_block_finds *b, uint32_t id, uint32_t slot,
                   double g)
{
    cxs_rc rc;

    if (b->count == b->capacity) {
        rc = cxs_grow(ctx, (void **)&b->list, &b->capacity, b->count + 1,
                      sizeof *b->list);
        if (rc != CXS_OK)
            return rc;
    }
    b->list[b->count++] = (cxs_found){id, slot, g};
    return CXS_OK;
}

static int can_enter(const cxs_gate *gate, size_t id)
{
    const double factor = gate->factor[id];

    return gate->columns->unit[id] > 0.0 && factor > 0.0 && isfinite(factor);
}

/* ---- bounds ---------------------------------------------------------------------- */

/* ratio and spread of one gate, made once. */
static cxs_rc measure(cxs_ctx *ctx, const cxs_panel *panel, cxs_gate *gate)
{
    const size_t p = panel->design->p;
    double widest = 0.0;
    cxs_rc rc = CXS_OK;

    if (gate->ratio != NULL)
        return CXS_OK;
    CXS_NEW(gate->seen, p);
    CXS_NEW(gate->seen_r, panel->design->n);
    CXS_NEW(gate->ratio, p);
    for (size_t j = 0; j < p; j++) {
        const cxs_location *at = &panel->location[j];
        const double sd = at->sd * at->largest;
        if (!can_enter(gate, j))
            continue;
        gate->ratio[j] =
            isnan(sd)
                ? NAN
                : (float)(UP *
                          fmax(sd / (gate->columns->unit[j] * gate->factor[j]), TINY));
        if (sd > 0.0)
            widest = fmax(widest, gate->columns->sd[j] / sd);
    }
    gate->spread = UP * fmin(sqrt((double)panel->design->n),
                             widest * sqrt(gate->weight_sum / gate->weight_least));

done:
    return rc;
}

CXS_VECTOR static void bound_products(size_t n, const float *c, float margin,
                                      float scale, const float *ratio, float *bound)
{
    for (size_t j = 0; j < n; j++)
        bound[j] = (__builtin_fabsf(c[j]) + margin) * scale * ratio[j];
}

CXS_VECTOR static void bound_moved(size_t n, const float *seen, float moved,
                                   const float *ratio, float *bound)
{
    for (size_t j = 0; j < n; j++)
        bound[j] = seen[j] + moved * ratio[j];
}

/* |r|/W of (2), and the threshold, in float32 to the safe side. */
static float scale_of(const pass *p, size_t slot)
{
    return (float)(UP * p->norm[slot] / p->gate[slot]->weight_sum);
}

static float limit_of(const cxs_gate *gate)
{
    return gate->threshold > TINY ? (float)(gate->threshold / UP) : 0.0f;
}

/* The gradient itself, and what it is compared with. */
static cxs_rc judge(cxs_ctx *ctx, const pass *p, cxs_block_finds *b, size_t slot,
                    size_t id)
{
    const cxs_gate *gate = p->gate[slot];
    double g = 0.0;

    if (!can_enter(gate, id))
        return CXS_OK;
    cxs_columns_dot(gate->columns, id, gate->r, gate->weight_sum, &g);
    if (!p->collect)
        b->largest[slot] = fmax(b->largest[slot], fabs(g) / gate->factor[id]);
    else if (fabs(g) >= gate->threshold * gate->factor[id])
        return keep(ctx, b, (uint32_t)id, (uint32_t)slot, g);
    return CXS_OK;
}

/* One block of one gate by (3): columns that are ruled out are not touched. */
static cxs_rc look_again(cxs_ctx *ctx, const pass *p, cxs_block_finds *b, size_t slot,
                         size_t first, size_t columns)
{
    const cxs_gate *gate = p->gate[slot];
    const size_t n = p->panel->design->n;
    const float limit = limit_of(gate), scale = scale_of(p, slot);
    float bound[BLOCK];
    cxs_rc rc = CXS_OK;

    bound_moved(columns, gate->seen + first,
                (float)(UP * p->moved[slot] / gate->weight_sum), gate->ratio + first,
                bound);
    for (size_t j = 0; j < columns && rc == CXS_OK; j++) {
        const size_t id = first + j;
        if (bound[j] < limit)
            continue;
        if (gate->seen[id] < limit) { /* in doubt */
            b->looked_at++;
            if (p->panel->x != NULL) {
                float c = cxs_blas_sdot(n, p->panel->x + id * n, p->rho + slot * n);
                bound_products(1, &c, (float)p->margin, scale, gate->ratio + id, &c);
                if (c < limit)
                    continue;
            }
        }
        rc = judge(ctx, p, b, slot, id);
    }
    return rc;
}

/* One block of one gate whose products are c. */
static cxs_rc look_whole(cxs_ctx *ctx, const pass *p, cxs_block_finds *b, size_t slot,
                         size_t first, size_t columns, const float *c)
{
    const cxs_gate *gate = p->gate[slot];
    const float limit = limit_of(gate);
    float *bound = gate->seen + first;
    cxs_rc rc = CXS_OK;

    bound_products(columns, c, (float)p->margin, scale_of(p, slot), gate->ratio + first,
                   bound);
    for (size_t j = 0; j < columns && rc == CXS_OK; j++) {
        if (!p->collect && !isnan(bound[j]))
            b->largest[slot] = fmax(b->largest[slot], (double)bound[j]);
        else if (!(bound[j] < limit))
            rc = judge(ctx, p, b, slot, first + j);
    }
    return rc;
}

/* ---- one pass -------------------------------------------------------------------- */

static cxs_rc pass_block(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    const pass *p = arg;
    const size_t n = p->panel->design->n, first = index * BLOCK;
    const size_t end = cxs_panel_block_end(p->panel, index), columns = end - first;
    const float *x = p->panel->x != NULL ? p->panel->x + first * n : NULL;
    cxs_block_finds *b = &p->panel->block[index];
    float c[BLOCK * CXS_PANEL_WIDTH];
    cxs_rc rc = CXS_OK;

    b->count = b->looked_at = 0;
    memset(b->largest, 0, sizeof b->largest);
    if (!p->again && x == NULL) {
        float *own = p->bench + worker * BLOCK * n;
        cxs_panel_convert(p->panel, first, end, own);
        x = own;
    }
    if (!p->again)
        cxs_blas_sgemm_tn(columns, p->count, n, x, p->rho, c);
    for (size_t slot = 0; slot < p->count && rc == CXS_OK; slot++)
        if (p->gate[slot] != NULL)
            rc = p->again
                     ? look_again(ctx, p, b, slot, first, columns)
                     : look_whole(ctx, p, b, slot, first, columns, c + slot * columns);
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

/* Can all gates go by (3)?  Else r is remembered for the next time. */
static cxs_rc prepare(cxs_ctx *ctx, pass *p)
{
    const size_t n = p->panel->design->n;
    cxs_rc rc = CXS_OK;

    p->again = 1;
    for (size_t s = 0; s < p->count; s++) {
        cxs_gate *gate = p->gate[s];
        double moved = 0.0;
        if (gate == NULL)
            continue;
        CXS_TRY(measure(ctx, p->panel, gate));
        p->again &= gate->has_seen && !gate->renew && !gate->want_largest;
        for (size_t i = 0; i < n && gate->has_seen; i++)
            moved += (gate->r[i] - gate->seen_r[i]) * (gate->r[i] - gate->seen_r[i]);
        p->moved[s] = gate->spread * sqrt(moved);
    }
    for (size_t s = 0; s < p->count && !p->again; s++)
        if (p->gate[s] != NULL) {
            memcpy(p->gate[s]->seen_r, p->gate[s]->r, n * sizeof(double));
            p->gate[s]->has_seen = 1;
            p->gate[s]->renew = 0;
        }

done:
    return rc;
}

/* After a pass by (3): was it worth it? */
static void judge_again(const pass *p)
{
    size_t looked_at = 0, gates = 0;
    int renew;

    for (size_t i = 0; i < p->panel->blocks; i++)
        looked_at += p->panel->block[i].looked_at;
    for (size_t s = 0; s < p->count; s++)
        gates += p->gate[s] != NULL;
    renew = (double)looked_at > (p->count == 1 ? RENEW_ONE : RENEW_MANY) *
                                    (double)(gates * p->panel->design->p);
    for (size_t s = 0; s < p->count; s++)
        if (p->gate[s] != NULL)
            p->gate[s]->renew = renew;
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
            const cxs_found *at = &panel->block[i].list[f];
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
    p->again = 1; /* what was seen is of this very r */
    memset(p->moved, 0, sizeof p->moved);
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
    float *rho = NULL;
    cxs_rc rc = CXS_OK;
    int largest = 0;
    pass p = {.panel = panel, .gate = gate, .count = count};

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
    CXS_TRY(normalise(ctx, panel, gate, count, &rho, p.norm));
    p.rho = rho;
    p.margin = margin(panel->design->n);
    if (panel->x == NULL)
        CXS_NEW(p.bench,
                cxs_pool_workers(ctx, panel->blocks) * BLOCK * panel->design->n);
    CXS_TRY(prepare(ctx, &p));
    if (largest)
        CXS_TRY(find_largest(ctx, &p));
    CXS_TRY(run_until_found(ctx, &p));
    if (p.again && !largest)
        judge_again(&p);
    cxs_design_drop(panel->design, 0, panel->design->p);
    for (size_t s = 0; s < count; s++)
        if (gate[s] != NULL)
            take_largest(gate[s]);

done:
    cxs_free(rho);
    cxs_free(p.bench);
    return rc;
}
