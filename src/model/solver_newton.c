/*
 * solver_newton.c -- Newton on the working set
 */
#include "model/solver_private.h"

#include "num/blas.h"

#include <math.h>
#include <string.h>

/*
 * Compute the Gram anew when a step leaves more than this share of the violation.  A Gram
 * takes m^2 n multiply-adds at some 45 a nanosecond (float32; half of that in float64), a
 * step with the old one moves 16 m n + 32 m^2 bytes at some 17 a nanosecond: it costs
 * about as much as k steps, and shares above 10^(-3/(3 + k)) then cost more steps than
 * the Gram would.
 */
static double contraction(const cxs_working *w)
{
    const double m = (double)w->m, n = (double)w->n;
    const double k = (w->in_float ? 1.0 : 2.0) * m * n / (85.0 * (n + 2.0 * m));

    return pow(10.0, -3.0 / (3.0 + k));
}

enum { HALVINGS = 30 };

/* Penalty weights of every held column at lambda. */
void cxs_solver_set_penalty(cxs_solver *s, double lambda)
{
    for (size_t i = 0; i < s->set.m; i++) {
        const double factor = s->factor[s->set.id[i]];
        s->set.l1[i] = factor > 0.0 ? lambda * factor * s->settings->alpha : 0.0;
        s->set.l2[i] =
            factor > 0.0 ? lambda * factor * (1.0 - s->settings->alpha) : 0.0;
    }
}

double cxs_solver_penalty(const cxs_solver *s, const double *b)
{
    double total = 0.0;

    for (size_t i = 0; i < s->set.m; i++)
        total += s->set.l1[i] * fabs(b[i]) + 0.5 * s->set.l2[i] * b[i] * b[i];
    return total;
}

/* Scratch arrays follow the capacity of the working set. */
cxs_rc cxs_solver_fit_scratch(cxs_ctx *ctx, cxs_solver *s)
{
    const size_t m = s->set.capacity;
    cxs_rc rc = CXS_OK;

    if (s->scratch >= m)
        return CXS_OK;
    cxs_free(s->c);
    cxs_free(s->target);
    cxs_free(s->g);
    cxs_free(s->quad.work);
    cxs_free(s->quad.index);
    cxs_free(s->keep);
    cxs_free(s->secant.w);
    cxs_free(s->secant.step);
    cxs_free(s->secant.way);
    cxs_free(s->secant.way_off);
    cxs_free(s->secant.drift);
    s->secant = (cxs_secant){0};
    s->c = s->target = s->g = NULL;
    s->quad = (cxs_quad_memory){0};
    s->keep = NULL;
    s->scratch = s->g_known = 0;
    CXS_NEW(s->c, m);
    CXS_NEW(s->target, m);
    CXS_NEW(s->g, m);
    CXS_NEW(s->keep, m);
    CXS_NEW(s->secant.w, CXS_QUAD_RANK * m);
    CXS_NEW(s->secant.step, m);
    CXS_NEW(s->secant.way, m);
    CXS_NEW(s->secant.way_off, m);
    CXS_NEW(s->secant.drift, m);
    s->scratch = m;

done:
    return rc;
}

/* And the factor, which the way by the rows does not need. */
static cxs_rc fit_quad(cxs_ctx *ctx, cxs_solver *s)
{
    cxs_rc rc = CXS_OK;

    if (s->quad.work != NULL)
        return CXS_OK;
    CXS_NEW(s->quad.work, cxs_quad_work_size(s->scratch));
    CXS_NEW(s->quad.index, 2 * s->scratch);

done:
    return rc;
}

/* ---- Newton on the working set --------------------------------------------------- */

/* g = X'r/W on the held columns; returns the largest KKT violation there. */
static cxs_rc working_violation(cxs_ctx *ctx, cxs_solver *s, double *worst)
{
    const cxs_rc rc = cxs_working_gradient(ctx, &s->set, s->g_known, s->state.r,
                                           s->risk.weight_sum, s->g);

    *worst = 0.0;
    s->g_known = rc == CXS_OK ? s->set.m : 0;
    for (size_t i = 0; i < s->set.m && rc == CXS_OK; i++)
        *worst = fmax(*worst, cxs_enet_violation(s->set.b[i], s->g[i], s->set.l1[i],
                                                 s->set.l2[i]));
    return rc;
}

cxs_rc cxs_solver_evaluate(cxs_ctx *ctx, cxs_solver *s, double *violation, int *known)
{
    *known = 1;
    if (!s->at_point) {
        *known = cxs_cox_eval(&s->risk, s->eta, &s->state, s->work) == CXS_OK;
        if (!*known)
            return CXS_OK;
        s->at_point = 1;
        s->g_known = 0;
    }
    return working_violation(ctx, s, violation);
}

/* Move from b towards target, halving until F does not rise; *moved = 0 when it always does. */
cxs_rc cxs_solver_line_search(cxs_ctx *ctx, cxs_solver *s, int *moved)
{
    const double before =
        -s->state.loglik / s->risk.weight_sum + cxs_solver_penalty(s, s->set.b);
    double t = 1.0, largest = 0.0, slack;

    for (size_t i = 0; i < s->risk.n; i++)
        largest = fmax(largest, fabs(s->eta[i]));
    slack = 1e-15 * (1.0 + fabs(before) + largest); /* rounding of the sums in F */
    *moved = 0;
    for (int halving = 0; halving < HALVINGS && !*moved; halving++, t *= 0.5) {
        cxs_rc rc;
        double after;
        for (size_t i = 0; i < s->set.m; i++)
            s->c[i] = t == 1.0 ? s->target[i]
                               : s->set.b[i] + t * (s->target[i] - s->set.b[i]);
        if ((rc = cxs_working_predict(ctx, &s->set, s->c, s->eta_try)) != CXS_OK)
            return rc;
        after = -cxs_cox_loglik(&s->risk, s->eta_try, s->work) / s->risk.weight_sum +
                cxs_solver_penalty(s, s->c);
        if (after <= before + slack) { /* false for NaN too */
            for (size_t i = 0; i < s->set.m; i++)
                s->secant.step[i] = s->c[i] - s->set.b[i];
            s->secant.pending = halving == 0;
            memcpy(s->set.b, s->c, s->set.m * sizeof *s->c);
            memcpy(s->eta, s->eta_try, s->risk.n * sizeof *s->eta);
            s->at_point = 0;
            *moved = 1;
        }
    }
    return CXS_OK;
}

/* Minimise the quadratic model (2) from b into target. */
static void quadratic_step(cxs_solver *s, double tol, cxs_quad_effort *effort)
{
    const cxs_working *w = &s->set;
    const cxs_quad quad = {.m = w->m,
                           .ld = w->capacity,
                           .gram = w->gram,
                           .rank = s->secant.rank,
                           .w = s->secant.w,
                           .sign = s->secant.sign,
                           .l1 = w->l1,
                           .l2 = w->l2};

    memcpy(s->target, w->b, w->m * sizeof *s->target);
    cxs_quad_solve(&quad, s->g, tol, s->target, effort, &s->quad);
}

/* ---- what steps tell about the Hessian --------------------------------------------- */

static void forget(cxs_secant *t)
{
    t->rank = t->m = 0;
    t->pending = 0;
}

/* Columns that came since took no part in any step. */
static void make_room(cxs_secant *t, size_t m, size_t ld)
{
    for (size_t i = t->m; i < m; i++) {
        for (size_t c = 0; c < CXS_QUAD_RANK; c++)
            t->w[c * ld + i] = 0.0;
        t->step[i] = t->way[i] = t->way_off[i] = t->drift[i] = 0.0;
    }
    t->m = m;
}

static double inner(size_t m, const double *a, const double *b)
{
    double sum = 0.0;

    for (size_t i = 0; i < m; i++)
        sum += a[i] * b[i];
    return sum;
}

/* Take e = (H - B) v as a correction, w = e / sqrt|e'v|; the last one makes room. */
static void correct_along(cxs_secant *t, size_t ld, const double *e, const double *v)
{
    const double along = inner(t->m, e, v);
    double *w;

    if (!(fabs(along) > 1e-8 * sqrt(inner(t->m, e, e) * inner(t->m, v, v))))
        return;
    if (t->rank == CXS_QUAD_RANK)
        return;
    w = t->w + t->rank * ld;
    for (size_t i = 0; i < t->m; i++)
        w[i] = e[i] / sqrt(fabs(along));
    t->sign[t->rank++] = along > 0.0 ? 1.0 : -1.0;
}

/* A whole step was taken: what is the gradient off the model's? */
static void judge_step(cxs_solver *s)
{
    cxs_secant *t = &s->secant;
    const size_t ld = s->set.capacity;
    double *e = s->c;

    if (!t->pending)
        return;
    t->pending = 0;
    if (!s->quad.corrected)
        t->rank = s->quad.solved = 0;
    for (size_t i = 0; i < t->m; i++) {
        e[i] = s->quad.work[i] - s->g[i];
        t->way[i] += t->step[i];
        if (t->rank == 1)
            t->drift[i] = e[i];
        t->way_off[i] += e[i];
    }
    for (size_t c = 0; c < t->rank; c++) { /* (H - G) v = (H - B) v + W S W'v */
        const double *w = t->w + c * ld;
        const double along = t->sign[c] * inner(t->m, w, t->step);
        for (size_t i = 0; i < t->m; i++)
            t->way_off[i] += along * w[i];
    }
    correct_along(t, ld, e, t->step);
}

void cxs_solver_turn_way(cxs_solver *s)
{
    cxs_secant *t = &s->secant;

    t->pending = 0;
    t->rank = s->quad.solved = 0;
    for (size_t i = 0; i < t->m; i++)
        t->way_off[i] += t->drift[i];
    correct_along(t, s->set.capacity, t->way_off, t->way);
    for (size_t i = 0; i < t->m; i++)
        t->way[i] = t->way_off[i] = t->drift[i] = 0.0;
}

/* Drop columns that are zero and far from entering before the Gram is computed anew. */
static void prune(cxs_solver *s)
{
    size_t dropped = 0;

    for (size_t i = 0; i < s->set.m; i++) {
        s->keep[i] = s->set.b[i] != 0.0 || s->set.l1[i] == 0.0 ||
                     fabs(s->g[i]) >= 0.99 * s->set.l1[i];
        dropped += !s->keep[i];
    }
    if (12 * dropped < s->set.m)
        return;
    for (size_t i = 0, kept = 0; i < s->set.m; i++)
        if (s->keep[i])
            s->g[kept++] = s->g[i];
    cxs_working_prune(&s->set, s->keep);
    s->g_known = s->set.m;
}

/* A Gram that is singular to rounding, or no progress: the next one is exact. */
static void distrust_float(cxs_solver *s)
{
    s->set.double_only |= s->set.in_float;
    s->set.has_reference = 0;
}

/* Newton until the violation on the held columns is <= tol (absolute). */
cxs_rc cxs_solver_newton(cxs_ctx *ctx, cxs_solver *s, double tol, cxs_solved *solved)
{
    double before = HUGE_VAL;
    int fresh = 0; /* the Gram belongs to the present point */
    cxs_rc rc;

    if (cxs_solver_by_rows(s))
        return cxs_solver_newton_rows(ctx, s, tol, solved);
    if ((rc = cxs_solver_fit_scratch(ctx, s)) != CXS_OK ||
        (rc = fit_quad(ctx, s)) != CXS_OK)
        return rc;
    solved->converged = 0;
    while (solved->iterations < (size_t)s->settings->max_iterations) {
        double violation;
        int moved = 0, known;
        if ((rc = cxs_solver_evaluate(ctx, s, &violation, &known)) != CXS_OK || !known)
            return rc; /* not converged; the caller reports it */
        judge_step(s);
        if (violation <= tol) {
            solved->converged = 1;
            return CXS_OK;
        }
        if (!s->set.has_reference ||
            (!fresh && violation > contraction(&s->set) * before &&
             violation * violation > tol * before)) {
            prune(s);
            forget(&s->secant);
            if ((rc = cxs_working_refresh(ctx, &s->set, &s->risk, &s->state)) != CXS_OK)
                return rc;
            s->quad.valid = 0;
            s->quad.solved = 0;
            solved->refreshes++;
            fresh = 1;
        } else {
            if ((rc = cxs_working_extend(ctx, &s->set, &s->risk)) != CXS_OK)
                return rc;
            fresh = 0;
        }
        make_room(&s->secant, s->set.m, s->set.capacity);
        quadratic_step(s, fmax(0.01 * violation, 0.1 * tol), &solved->effort);
        solved->iterations++;
        if (solved->effort.sweeps > 0 && s->set.in_float)
            distrust_float(s);
        if ((rc = cxs_solver_line_search(ctx, s, &moved)) != CXS_OK)
            return rc;
        if (!moved) {
            if (fresh && !s->set.in_float) { /* rounding decides: the certificate has
                                                the word */
                solved->converged = violation <= tol / CXS_INNER_SHARE;
                return CXS_OK;
            }
            distrust_float(s);
        }
        before = violation;
    }
    return CXS_OK;
}
