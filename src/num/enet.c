/*
 * enet.c -- quadratic elastic-net problem by a parametric active set
 *
 * With g the descent of the smooth part, b is optimal when
 *     g_j - l2_j b_j = l1_j sign(b_j)  on the support,   |g_j| <= l1_j  elsewhere.   (1)
 * Any b is optimal when g is replaced by g - delta, delta its own residual in (1).
 * Follow the optimum under g - (1 - t) delta from t = 0 to 1: between changes of the
 * support S it is linear,
 *     db_S/dt = (G_SS + diag l2_S)^-1 delta_S,   dg_j/dt = delta_j - G_jS db_S/dt,   (2)
 * and changes when a coefficient reaches zero (leaves) or a |g_j| reaches l1_j (enters).
 * Osborne, Presnell, Turlach 2000 and Ferreau, Bock, Diehl 2008 (online active set) give
 * the idea.  The factor of G_SS changes by one row a time (factor.h), so a change costs
 * O(m s) where coordinate descent needs hundreds of sweeps on correlated columns.
 *
 * A matrix G + W S W' with few columns in W and signs S keeps the factor of G (Sherman,
 * Morrison, Woodbury): with L y = delta_S and L Z = W_S
 *     db_S = L'^-1 (y - Z (S + Z'Z)^-1 Z'y),   W_S'db_S = S (S + Z'Z)^-1 Z'y.        (4)
 * It is positive definite when the pivots of S + Z'Z have the signs of S.
 *
 * Coordinate descent
 *     b_j <- soft(g_j + G_jj b_j, l1_j) / (G_jj + l2_j)                              (3)
 * remains for what is degenerate: a Gram singular on the support (copies of a column).
 */
#include "num/enet.h"

#include "num/blas.h"
#include "num/factor.h"
#include "num/lanes.h"
#include "num/vector.h"

#include <math.h>
#include <string.h>

enum {
    FOLLOW_ROUNDS = 4, /* restarts from the exact gradient against rounding */
    SWEEPS_MAX = 2000  /* coordinate descent, last resort */
};

/* A coordinate outside its bound starts inside it by this share of l1. */
static const double START_INSIDE = 0.9;

double cxs_enet_violation(double b, double g, double l1, double l2)
{
    if (b > 0.0)
        return fabs(g - l2 * b - l1);
    if (b < 0.0)
        return fabs(g - l2 * b + l1);
    return fmax(fabs(g) - l1, 0.0);
}

size_t cxs_quad_work_size(size_t ld)
{
    return ld * ld + (7 + CXS_QUAD_RANK) * ld;
}

/* y -= a x. */
CXS_VECTOR static void subtract(size_t n, double a, const double *x, double *y)
{
    for (size_t i = 0; i < n; i++)
        y[i] -= a * x[i];
}

/* g at b from g_start at b_start: columns that moved only. */
static void exact_gradient(const cxs_quad *q, const double *g_start,
                           const double *b_start, const double *b, double *g)
{
    memcpy(g, g_start, q->m * sizeof *g);
    for (size_t j = 0; j < q->m; j++) {
        const double step = b[j] - b_start[j];
        if (step != 0.0)
            subtract(q->m, step, q->gram + j * q->ld, g);
    }
    for (size_t c = 0; c < q->rank; c++) {
        const double *w = q->w + c * q->ld;
        double along = 0.0;
        for (size_t j = 0; j < q->m; j++)
            along += w[j] * (b[j] - b_start[j]);
        subtract(q->m, q->sign[c] * along, w, g);
    }
}

static double worst_violation(const cxs_quad *q, const double *b, const double *g)
{
    double worst = 0.0;

    for (size_t j = 0; j < q->m; j++)
        worst = fmax(worst, cxs_enet_violation(b[j], g[j], q->l1[j], q->l2[j]));
    return worst;
}

/* ---- parametric active set ------------------------------------------------------- */

/* State of one walk from t = 0 to 1; arrays in the caller's workspace. */
typedef struct walk {
    const cxs_quad *q;
    double *b, *g;     /* [m] coefficients; smooth descent, moving with t */
    double *delta;     /* [m] residual of (1) at the start */
    double *db;        /* [m] in the order of the support */
    double *dg;        /* [m], outside the support */
    double *y;         /* [m] L y = delta_S, kept up with the factor */
    double *z;         /* [ld x rank] L z = W_S behind y, likewise */
    double *spread;    /* [m] db at the places of its coordinates */
    double *factor;    /* [ld x ld] Cholesky factor L of G_SS + diag l2_S */
    uint32_t *support; /* [m] coordinates in S, in the order of the factor */
    uint32_t *place;   /* [m] place in the support, or OUTSIDE / BLOCKED */
    size_t s, z_known; /* rows of the factor; leading columns of z that fit it */
} walk;

static const uint32_t OUTSIDE = UINT32_MAX, BLOCKED = UINT32_MAX - 1;

static int is_free(const cxs_quad *q, size_t j)
{
    return q->l1[j] == 0.0 && q->gram[j * q->ld + j] > 0.0;
}

/* Does the remembered factor belong to the nonzero coordinates of b? */
static int factor_fits(const walk *w, int valid)
{
    const cxs_quad *q = w->q;
    size_t on = 0;

    if (!valid)
        return 0;
    for (size_t i = 0; i < w->s; i++) {
        const size_t j = w->support[i];
        if ((w->b[j] == 0.0 && !is_free(q, j)) || q->l2[j] != 0.0)
            return 0;
    }
    for (size_t j = 0; j < q->m; j++)
        on += w->b[j] != 0.0 || is_free(q, j);
    return on == w->s;
}

/* Support of b in the order of its columns, and its factor. */
static int factorise(walk *w)
{
    const cxs_quad *q = w->q;

    w->s = 0;
    for (size_t j = 0; j < q->m; j++)
        if (w->b[j] != 0.0 || is_free(q, j))
            w->support[w->s++] = (uint32_t)j;
    for (size_t i = 0; i < w->s; i++) {
        const double *column = q->gram + w->support[i] * q->ld;
        for (size_t r = i; r < w->s; r++)
            w->factor[i * q->ld + r] = column[w->support[r]];
        w->factor[i * q->ld + i] += q->l2[w->support[i]];
    }
    return cxs_cholesky(w->s, w->factor, q->ld);
}

/* delta, and the support with its factor; false when G_SS is not definite. */
static int start_walk(walk *w, int valid)
{
    const cxs_quad *q = w->q;

    for (size_t j = 0; j < q->m; j++)
        w->place[j] = OUTSIDE;
    if (!factor_fits(w, valid)) {
        w->z_known = 0;
        if (!factorise(w))
            return 0;
    }
    for (size_t i = 0; i < w->s; i++)
        w->place[w->support[i]] = (uint32_t)i;
    for (size_t j = 0; j < q->m; j++) {
        const double b = w->b[j], g = w->g[j], l1 = q->l1[j];
        w->delta[j] = 0.0;
        if (w->place[j] != OUTSIDE) {
            w->delta[j] = g - q->l2[j] * b - (b != 0.0 ? copysign(l1, b) : 0.0);
        } else if (fabs(g) > l1) {
            w->delta[j] = g - copysign(START_INSIDE * l1, g);
        }
        w->g[j] = g - w->delta[j];
    }
    for (size_t i = 0; i < w->s; i++)
        w->y[i] = w->delta[w->support[i]];
    cxs_lower_solve(w->s, w->factor, q->ld, w->y);
    for (size_t c = w->z_known; c < q->rank; c++) {
        for (size_t i = 0; i < w->s; i++)
            w->z[c * q->ld + i] = q->w[c * q->ld + w->support[i]];
        cxs_lower_solve(w->s, w->factor, q->ld, w->z + c * q->ld);
    }
    w->z_known = q->rank;
    return 1;
}

/* A correction may take this share of the matrix along any direction, not more. */
static const double PIVOT_LEAST = 0.05;

/* along = (S + Z'Z)^-1 Z'y of (4); false when the corrections make the matrix
 * indefinite. */
static int correct(const walk *w, double *along)
{
    const cxs_quad *q = w->q;
    double k[CXS_QUAD_RANK][CXS_QUAD_RANK];

    for (size_t c = 0; c < q->rank; c++) {
        const double *z = w->z + c * q->ld;
        along[c] = cxs_lanes_dot(w->s, z, w->y);
        for (size_t e = 0; e <= c; e++)
            k[c][e] = k[e][c] = cxs_lanes_dot(w->s, z, w->z + e * q->ld);
        k[c][c] += q->sign[c];
    }
    for (size_t c = 0; c < q->rank; c++) { /* elimination without exchanges */
        if (!(k[c][c] * q->sign[c] > PIVOT_LEAST))
            return 0;
        for (size_t e = c + 1; e < q->rank; e++) {
            const double share = k[e][c] / k[c][c];
            for (size_t f = c; f < q->rank; f++)
                k[e][f] -= share * k[c][f];
            along[e] -= share * along[c];
        }
    }
    for (size_t c = q->rank; c-- > 0;) {
        for (size_t e = c + 1; e < q->rank; e++)
            along[c] -= k[c][e] * along[e];
        along[c] /= k[c][c];
    }
    return 1;
}

/* Direction (2).  dg is wanted outside the support only: by columns of the support or
 * by rows outside it, whichever are fewer. */
static int set_direction(walk *w)
{
    const cxs_quad *q = w->q;
    double along[CXS_QUAD_RANK], product[4];
    const double *column[4];
    size_t row[4], rows = 0;

    if (!correct(w, along))
        return 0;
    memcpy(w->db, w->y, w->s * sizeof *w->db);
    memcpy(w->dg, w->delta, q->m * sizeof *w->dg);
    for (size_t c = 0; c < q->rank; c++) {
        subtract(w->s, along[c], w->z + c * q->ld, w->db);
        subtract(q->m, along[c], q->w + c * q->ld, w->dg); /* S S = I */
    }
    cxs_lower_solve_t(w->s, w->factor, q->ld, w->db);
    if (2 * w->s <= q->m) {
        for (size_t i = 0; i < w->s; i++)
            subtract(q->m, w->db[i], q->gram + w->support[i] * q->ld, w->dg);
        return 1;
    }
    memset(w->spread, 0, q->m * sizeof *w->spread);
    for (size_t i = 0; i < w->s; i++)
        w->spread[w->support[i]] = w->db[i];
    for (size_t j = 0; j < q->m; j++) { /* four rows at a time */
        if (w->place[j] >= BLOCKED)
            row[rows++] = j;
        if (rows < 4 && (j + 1 < q->m || rows == 0))
            continue;
        for (size_t i = 0; i < 4; i++)
            column[i] = q->gram + row[i < rows ? i : 0] * q->ld;
        cxs_lanes_dot4(q->m, w->spread, column, product);
        for (size_t i = 0; i < rows; i++)
            w->dg[row[i]] -= product[i];
        rows = 0;
    }
    return 1;
}

/* Largest step <= left before the support changes; *who is the coordinate or m. */
static double step_to_change(const walk *w, double left, size_t *who)
{
    const cxs_quad *q = w->q;
    double step = left;

    *who = q->m;
    for (size_t i = 0; i < w->s; i++) { /* leaves at zero */
        const size_t j = w->support[i];
        const double b = w->b[j], d = w->db[i];
        if (q->l1[j] > 0.0 && b * d < 0.0 && -b / d < step) {
            step = -b / d;
            *who = j;
        }
    }
    for (size_t j = 0; j < q->m; j++) { /* enters at its bound */
        const double g = w->g[j], d = w->dg[j];
        double room;
        if (w->place[j] != OUTSIDE || d == 0.0)
            continue;
        room = d > 0.0 ? q->l1[j] - g : q->l1[j] + g;
        if (room < step * fabs(d)) {
            step = fmax(room, 0.0) / fabs(d);
            *who = j;
        }
    }
    return step;
}

static void advance(walk *w, double step)
{
    for (size_t i = 0; i < w->s; i++)
        w->b[w->support[i]] += step * w->db[i];
    subtract(w->q->m, -step, w->dg, w->g);
}

static void leave(walk *w, size_t j)
{
    const size_t at = w->place[j];

    cxs_factor_delete(w->s, w->factor, w->q->ld, at, w->y, 1 + w->q->rank);
    for (size_t i = at + 1; i < w->s; i++) {
        w->support[i - 1] = w->support[i];
        w->place[w->support[i - 1]] = (uint32_t)(i - 1);
    }
    w->s--;
    w->place[j] = OUTSIDE;
    w->g[j] = copysign(w->q->l1[j], -w->db[at]); /* (1) at b = 0; db points to zero */
    w->b[j] = 0.0;
}

/* A column that depends on the support stays out: its gradient stands still with it. */
static void enter(walk *w, size_t j)
{
    const cxs_quad *q = w->q;
    const double *column = q->gram + j * q->ld;

    for (size_t i = 0; i < w->s; i++)
        w->db[i] = column[w->support[i]];
    if (!cxs_factor_append(w->s, w->factor, q->ld, w->db, column[j] + q->l2[j])) {
        w->place[j] = BLOCKED;
        return;
    }
    w->y[w->s] = w->delta[j];
    for (size_t c = 0; c < q->rank; c++)
        w->z[c * q->ld + w->s] = q->w[c * q->ld + j];
    for (size_t c = 0; c <= q->rank; c++) { /* the columns of z lie behind y */
        double *y = w->y + c * q->ld;
        for (size_t i = 0; i < w->s; i++)
            y[w->s] -= w->factor[i * q->ld + w->s] * y[i];
        y[w->s] /= w->factor[w->s * q->ld + w->s];
    }
    w->place[j] = (uint32_t)w->s;
    w->support[w->s++] = (uint32_t)j;
}

/*
 * After a change the coordinate moves away from where it came: one that entered at +l1
 * gets b > 0.  b = 0 exactly has no sign yet, so step_to_change() must not see it
 * leave: b * d < 0 is false there, and the theory of (2) gives d the sign of g.
 */
static int follow(walk *w, int valid, size_t max_changes, size_t *changes)
{
    double left = 1.0;

    if (!start_walk(w, valid))
        return 0;
    for (size_t i = 0; i <= max_changes; i++) {
        size_t who;
        double step;
        if (!set_direction(w))
            return 0;
        step = step_to_change(w, left, &who);
        advance(w, step);
        left -= step;
        if (who == w->q->m)
            return 1;
        if (w->place[who] == OUTSIDE)
            enter(w, who);
        else
            leave(w, who);
        ++*changes;
    }
    return 0;
}

/* ---- coordinate descent ---------------------------------------------------------- */

static double soft(double value, double threshold)
{
    if (value > threshold)
        return value - threshold;
    return value < -threshold ? value + threshold : 0.0;
}

/* One cyclic sweep by (3); keeps g exact for all coordinates. */
CXS_VECTOR static void sweep(const cxs_quad *q, double *b, double *g)
{
    for (size_t j = 0; j < q->m; j++) {
        const double *column = q->gram + j * q->ld;
        const double curvature = column[j] + q->l2[j];
        double value, step;
        if (!(curvature > 0.0))
            continue;
        value = soft(g[j] + column[j] * b[j], q->l1[j]) / curvature;
        step = value - b[j];
        if (step == 0.0)
            continue;
        b[j] = value;
        for (size_t i = 0; i < q->m; i++)
            g[i] -= column[i] * step;
    }
}

/* Coordinate descent until the violation is <= tol; left: violation now. */
static double descend(const cxs_quad *q, const double *g_start, const double *b_start,
                      double tol, double left, double *b, double *g, size_t *sweeps)
{
    for (size_t i = 0; i < SWEEPS_MAX && left > tol; i++) {
        sweep(q, b, g);
        ++*sweeps;
        if (i % 8 == 7) {
            exact_gradient(q, g_start, b_start, b, g);
            left = worst_violation(q, b, g);
        }
    }
    return left;
}

double cxs_quad_solve(const cxs_quad *q, const double *g, double tol, double *b,
                      cxs_quad_effort *effort, cxs_quad_memory *memory)
{
    const size_t m = q->m, ld = q->ld;
    double *arrays = memory->work, *start = arrays + ld;
    cxs_quad plain = *q;
    walk w = {.q = q,
              .b = b,
              .g = arrays,
              .delta = arrays + 2 * ld,
              .db = arrays + 3 * ld,
              .dg = arrays + 4 * ld,
              .spread = arrays + 5 * ld,
              .y = arrays + 6 * ld,
              .z = arrays + 7 * ld,
              .factor = arrays + (7 + CXS_QUAD_RANK) * ld,
              .support = memory->index,
              .place = memory->index + ld,
              .s = memory->s,
              .z_known = memory->solved};
    double left;

    plain.rank = 0;
    effort->solves++;
    memcpy(start, b, m * sizeof *b);
    memcpy(w.g, g, m * sizeof *g);
    left = worst_violation(q, b, w.g);
    for (int round = 0; round < FOLLOW_ROUNDS && left > tol; round++) {
        const double before = left;
        memory->valid = follow(&w, memory->valid, 4 * m + 64, &effort->changes);
        memory->s = w.s;
        memory->solved = w.z_known;
        if (!memory->valid && w.q->rank > 0) { /* once more without corrections */
            w.q = &plain;
            memcpy(b, start, m * sizeof *b);
            memcpy(w.g, g, m * sizeof *g);
            continue;
        }
        exact_gradient(w.q, g, start, b, w.g);
        left = worst_violation(w.q, b, w.g);
        if (!memory->valid || !(left < 0.5 * before))
            break; /* rounding, or a degenerate face: descent has the rest */
    }
    memory->corrected = w.q->rank > 0 && left <= tol;
    if (w.q->rank > 0 && left > tol) {
        exact_gradient(&plain, g, start, b, w.g);
        left = worst_violation(&plain, b, w.g);
    }
    return descend(&plain, g, start, tol, left, b, w.g, &effort->sweeps);
}
