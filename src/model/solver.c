/*
 * solver.c -- proximal Newton with the exact Hessian on a working set
 *
 * Objective (include/coxswain/model.h), b = beta * unit:
 *     F(b) = -loglik/W + lambda sum_j pf_j [ alpha |b_j| + (1 - alpha)/2 b_j^2 ]     (1)
 * One step: with g = X'r/W at the present b and G the Gram under the Cox Hessian at a
 * reference point (working.h), minimise over u the quadratic model
 *     -g'(u - b) + (u - b)'G(u - b)/2 + penalty(u)                                   (2)
 * (enet.h), then halve the step until F does not rise.  G may be old: the gradient is
 * always exact, so an old G costs steps, not accuracy.  It is computed anew when one step
 * no longer shrinks the violation enough.  Lee, Sun, Saunders 2014 (proximal Newton),
 * Simon et al. 2011 (Cox path).
 *
 * Which columns: those with |g_j| >= alpha pf_j (2 lambda - lambda_before), the
 * sequential strong rule (Tibshirani et al. 2012), and after each solve all columns that
 * break the optimality conditions; the last pass over all columns is the certificate.
 * Where that finds columns which the rule had left out, later lists reach further.
 */
#include "model/solver_private.h"

#include "base/pool.h"
#include "num/blas.h"

#include <math.h>
#include <string.h>

/* The first solve of a lambda is rough, to this share of the step of lambda: then the
 * listed columns are looked at, before it is worth the while to be exact. */
static const double FIRST_SHARE = 0.2;
static const double SLOPE_MAX = 4.0;
enum { KKT_ROUNDS = 40, LISTED = 128 };

/* ---- small pieces ---------------------------------------------------------------- */

static double alpha_of(const cxs_solver *s)
{
    return s->settings->alpha;
}

cxs_rc cxs_solver_admit(cxs_ctx *ctx, cxs_solver *s, size_t id)
{
    double *x = NULL;
    const cxs_rc rc = cxs_working_add(ctx, &s->set, (uint32_t)id, &x);

    if (rc == CXS_OK)
        cxs_columns_gather(&s->columns, &s->risk, id, x);
    return rc;
}

int cxs_solver_usable(const cxs_solver *s, size_t id)
{
    return s->columns.unit[id] > 0.0 && isfinite(s->factor[id]);
}

/* ---- all columns ----------------------------------------------------------------- */

void cxs_solver_scatter(cxs_solver *s)
{
    memset(s->r_row, 0, s->columns.n * sizeof *s->r_row);
    for (size_t i = 0; i < s->risk.n; i++)
        s->r_row[s->risk.row[i]] = s->state.r[i];
}

/* Bound of a feature's gradient at lambda. */
static double l1_of(const cxs_solver *s, size_t id, double lambda)
{
    return alpha_of(s) * s->factor[id] * lambda;
}

/* Admit listed columns whose gradient in the list exceeds their bound at lambda. */
static cxs_rc admit_above(cxs_ctx *ctx, cxs_solver *s, double lambda, double slack,
                          size_t *admitted)
{
    const cxs_gate *list = &s->gate;

    *admitted = 0;
    for (size_t i = 0; i < list->count; i++) {
        const size_t id = list->id[i];
        if (s->set.slot[id] == UINT32_MAX &&
            fabs(list->g[i]) > l1_of(s, id, lambda) + slack) {
            const cxs_rc rc = cxs_solver_admit(ctx, s, id);
            if (rc != CXS_OK)
                return rc;
            ++*admitted;
        }
    }
    return CXS_OK;
}

static cxs_rc renew_some(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    cxs_solver *s = arg;
    const size_t end =
        (index + 1) * LISTED < s->gate.count ? (index + 1) * LISTED : s->gate.count;

    (void)ctx;
    (void)worker;
    for (size_t i = index * LISTED; i < end; i++)
        if (s->set.slot[s->gate.id[i]] == UINT32_MAX)
            cxs_columns_dot(&s->columns, s->gate.id[i], s->r_row, s->risk.weight_sum,
                            &s->gate.g[i]);
    return CXS_OK;
}

/* Gradients of the listed columns that are not held, at the present point. */
static cxs_rc renew_list(cxs_ctx *ctx, cxs_solver *s)
{
    return cxs_pool_run(ctx, NULL, (s->gate.count + LISTED - 1) / LISTED, renew_some,
                        s);
}

/* Largest violation over the held columns, from the values as read.  The answer of the
 * pass has the gradients of all that reach their bound; what is zero and not in it
 * stays below. */
static double held_violation(cxs_solver *s)
{
    double worst = 0.0;

    if (s->set.m > 0)
        memset(s->keep, 0, s->set.m * sizeof *s->keep);
    for (size_t i = 0; i < s->gate.count; i++) {
        const uint32_t at = s->set.slot[s->gate.id[i]];
        if (at == UINT32_MAX)
            continue;
        s->keep[at] = 1;
        worst = fmax(worst, cxs_enet_violation(s->set.b[at], s->gate.g[i],
                                               s->set.l1[at], s->set.l2[at]));
    }
    for (size_t i = 0; i < s->set.m; i++) {
        double g;
        if (s->keep[i] || (s->set.b[i] == 0.0 && s->set.l1[i] > 0.0))
            continue;
        cxs_columns_dot(&s->columns, s->set.id[i], s->r_row, s->risk.weight_sum, &g);
        worst =
            fmax(worst, cxs_enet_violation(s->set.b[i], g, s->set.l1[i], s->set.l2[i]));
    }
    return worst;
}

/* What may enter at the next lambda has |g| / (alpha factor) above this now. */
static double reach_of(const cxs_solver *s, double lambda, double next)
{
    return fmax(next - s->slope * (lambda - next), 0.0);
}

void cxs_solver_aim(cxs_solver *s, double lambda, double next, double reference)
{
    s->lambda = lambda;
    s->next = next;
    s->reference = reference > 0.0 ? reference : 1.0; /* no feature can enter */
    s->inner = CXS_INNER_SHARE * s->settings->tol * s->reference;
    if (alpha_of(s) == 0.0) /* lambda_max is the largest gradient over the floor */
        s->inner *= CXS_ALPHA_FLOOR;
    s->solved = (cxs_solved){.lambda = lambda};
    s->rounds = 0;
    cxs_solver_turn_way(s);
    /* the list was made for another lambda: ask again before the first solve */
    s->list_is_short = s->ridge == NULL &&
                       alpha_of(s) * reach_of(s, s->last_lambda, lambda) < s->known;
}

int cxs_solver_needs_list(const cxs_solver *s)
{
    return s->list_is_short;
}

cxs_ridge_place cxs_solver_place(cxs_solver *s)
{
    return (cxs_ridge_place){&s->set, &s->state, s->eta, s->eta_try, s->work};
}

/* The whole lambda: the ridge has its own certificate. */
static cxs_rc advance_ridge(cxs_ctx *ctx, cxs_solver *s)
{
    const cxs_ridge_place at = cxs_solver_place(s);
    cxs_rc rc = cxs_ridge_solve(ctx, s->ridge, &at, s->lambda, s->inner,
                                (size_t)s->settings->max_iterations,
                                &s->solved.iterations, &s->solved.converged);

    if (rc != CXS_OK)
        return rc;
    cxs_solver_scatter(s);
    return cxs_ridge_certify(ctx, s->ridge, &s->state, s->lambda, &s->ridge_violation);
}

cxs_rc cxs_solver_advance(cxs_ctx *ctx, cxs_solver *s)
{
    const double bound = s->settings->tol * s->reference;
    double rough = 0.0;
    size_t admitted = 0;
    cxs_rc rc = CXS_OK;

    if (s->ridge != NULL)
        return advance_ridge(ctx, s);
    if (s->rounds == 0) {
        const double step = fmax(s->last_lambda - s->lambda, 0.0);
        rc = admit_above(ctx, s, s->lambda - step, 0.0, &admitted);
        rough = FIRST_SHARE * alpha_of(s) * step;
    }
    for (int round = 0; round < KKT_ROUNDS && rc == CXS_OK; round++) {
        const double tol = fmax(s->inner, round == 0 ? rough : 0.0);
        cxs_solver_set_penalty(s, s->lambda);
        if ((rc = cxs_solver_newton(ctx, s, tol, &s->solved)) != CXS_OK)
            return rc;
        cxs_solver_scatter(s);
        if (!s->solved.converged)
            break;
        if ((rc = renew_list(ctx, s)) != CXS_OK)
            return rc;
        rc = admit_above(ctx, s, s->lambda, bound, &admitted);
        if (admitted == 0 && !(tol > s->inner))
            break;
    }
    return rc;
}

cxs_gate *cxs_solver_ask(cxs_solver *s)
{
    return s->ridge != NULL ? NULL : cxs_solver_question(s);
}

cxs_gate *cxs_solver_question(cxs_solver *s)
{
    const double at = s->list_is_short ? s->last_lambda : s->lambda;
    const double next = s->list_is_short ? s->lambda : s->next;
    const double reach = isfinite(next) ? reach_of(s, at, next) : at;

    s->gate.columns = &s->columns;
    s->gate.factor = s->factor;
    s->gate.r = s->r_row;
    s->gate.weight_sum = s->risk.weight_sum;
    s->gate.weight_least = s->weight_least;
    s->gate.want_largest = 0;
    s->gate.threshold = alpha_of(s) * fmin(reach, at);
    s->known = s->gate.threshold;
    return &s->gate;
}

/* Nonzero penalised coefficients. */
static size_t count_nonzero(const cxs_solver *s)
{
    size_t count = 0;

    for (size_t i = 0; i < s->set.m; i++)
        count += s->set.b[i] != 0.0 && s->factor[s->set.id[i]] > 0.0;
    for (size_t j = 0; s->ridge != NULL && j < s->p; j++)
        count += s->ridge->b[j] != 0.0;
    return count;
}

/* The lambda is certified or given up. */
static void finish(cxs_solver *s, double worst)
{
    s->last_lambda = s->lambda;
    s->solved.kkt_max = s->reference > 0.0 ? worst / s->reference : worst;
    s->solved.converged = worst <= s->settings->tol * s->reference;
    s->solved.loglik = s->state.loglik;
    s->solved.df = count_nonzero(s);
}

cxs_rc cxs_solver_review(cxs_ctx *ctx, cxs_solver *s, int *done)
{
    const double bound = s->settings->tol * s->reference;
    double worst;
    size_t admitted;
    cxs_rc rc;

    *done = s->ridge != NULL;
    if (*done) {
        s->solved.passes = 1;
        finish(s, fmax(s->ridge_violation, held_violation(s)));
        return CXS_OK;
    }
    if (s->list_is_short) { /* the answer was only the list */
        s->list_is_short = 0;
        return CXS_OK;
    }
    s->solved.passes++;
    worst = held_violation(s);
    for (size_t i = 0; i < s->gate.count; i++)
        if (s->set.slot[s->gate.id[i]] == UINT32_MAX)
            worst =
                fmax(worst, fabs(s->gate.g[i]) - l1_of(s, s->gate.id[i], s->lambda));
    if (worst > bound && s->solved.converged && ++s->rounds < KKT_ROUNDS) {
        if ((rc = admit_above(ctx, s, s->lambda, bound, &admitted)) != CXS_OK)
            return rc;
        s->slope = fmin(s->slope + 1.0, SLOPE_MAX);
        if (admitted == 0)
            s->inner *=
                0.25; /* held columns pass, their raw certificate does not yet */
        return CXS_OK;
    }
    finish(s, worst);
    *done = 1;
    return CXS_OK;
}

cxs_solved cxs_solver_solved(const cxs_solver *s)
{
    return s->solved;
}
