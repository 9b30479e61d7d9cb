/*
 * solver_rows.c -- Newton on the rows, where columns are many and a ridge part is there
 */
#include "model/solver_private.h"

#include <math.h>
#include <string.h>

int cxs_solver_by_rows(const cxs_solver *s)
{
    if (!(s->settings->alpha < 1.0) || !(s->lambda > 0.0))
        return 0;
    return s->rows != NULL || (double)s->set.m > CXS_ROWS_HELD * (double)s->risk.n;
}

/* From the Gram to the rows, once. */
static cxs_rc turn_to_rows(cxs_ctx *ctx, cxs_solver *s)
{
    size_t terms = 0;
    cxs_rc rc;

    if (s->rows != NULL)
        return CXS_OK;
    for (size_t i = 0; i < s->set.m; i++)
        terms += s->factor[s->set.id[i]] == 0.0;
    if ((rc = cxs_rows_new(ctx, s->risk.n, terms, &s->rows)) != CXS_OK)
        return rc;
    cxs_working_drop_gram(&s->set);
    cxs_free(s->quad.work);
    cxs_free(s->quad.index);
    s->quad = (cxs_quad_memory){0};
    s->secant.rank = s->secant.m = 0;
    s->secant.pending = 0;
    return CXS_OK;
}

/* A column with less than this share of its bound is far from entering. */
static const double NEAR = 0.9;

/* Drop columns that are zero and far from entering once they are a quarter. */
static void prune(cxs_solver *s)
{
    size_t dropped = 0;

    for (size_t i = 0; i < s->set.m; i++) {
        s->keep[i] = s->set.b[i] != 0.0 || s->set.l1[i] == 0.0 ||
                     fabs(s->g[i]) >= NEAR * s->set.l1[i];
        dropped += !s->keep[i];
    }
    if (4 * dropped < s->set.m)
        return;
    for (size_t i = 0, kept = 0; i < s->set.m; i++)
        if (s->keep[i])
            s->g[kept++] = s->g[i];
    cxs_working_prune(&s->set, s->keep);
    s->g_known = s->set.m;
    cxs_rows_forget(s->rows);
}

cxs_rc cxs_solver_newton_rows(cxs_ctx *ctx, cxs_solver *s, double tol,
                              cxs_solved *solved)
{
    cxs_rc rc = turn_to_rows(ctx, s);

    if (rc != CXS_OK || (rc = cxs_solver_fit_scratch(ctx, s)) != CXS_OK)
        return rc;
    solved->converged = 0;
    while (solved->iterations < (size_t)s->settings->max_iterations) {
        cxs_rows_place at = {.set = &s->set,
                             .risk = &s->risk,
                             .state = &s->state,
                             .eta = s->eta,
                             .g = s->g,
                             .factor = s->factor,
                             .scale = 1.0,
                             .ridge = s->lambda * (1.0 - s->settings->alpha),
                             .work = s->work};
        double violation;
        int known, moved = 0, exact = 0;
        if ((rc = cxs_solver_evaluate(ctx, s, &violation, &known)) != CXS_OK || !known)
            return rc;
        if (violation <= tol) {
            solved->converged = 1;
            return CXS_OK;
        }
        prune(s);
        if (solved->iterations == 0 && s->last_lambda > 0.0)
            at.scale = s->lambda / s->last_lambda;
        rc = cxs_rows_step(ctx, s->rows, &at, fmax(0.01 * violation, 0.1 * tol),
                           s->target, &exact);
        if (rc != CXS_OK)
            return rc;
        solved->iterations++;
        solved->refreshes++;
        solved->effort.solves++;
        if ((rc = cxs_solver_line_search(ctx, s, &moved)) != CXS_OK)
            return rc;
        if (!moved) { /* rounding decides: the certificate has the word */
            solved->converged = violation <= tol / CXS_INNER_SHARE;
            return CXS_OK;
        }
    }
    return CXS_OK;
}
