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
 */
#include "model/solver_private.h"

#include "num/blas.h"

#include <math.h>
#include <string.h>

/*
 * Compute the Gram anew when a step leaves more than this share of the violation.  A Gram
 * costs about as much as k steps with the old one, k from the operations of both (a
 * product runs some 20 times faster per operation than the memory-bound steps); shares
 * above 10^(-3/(3 + k)) then cost more steps than the Gram would.
 */
static double contraction(const cxs_working *w)
{
    const double m = (double)w->m, n = (double)w->n, terms = (double)w->terms;
    const double k = m * (n + terms) / (120.0 * (m + n));

    return pow(10.0, -3.0 / (3.0 + k));
}

/* The inner solve aims below the certificate's bound by this factor. */
static const double INNER_SHARE = 0.25;
enum { HALVINGS = 30, KKT_ROUNDS = 40 };

/* ---- small pieces ---------------------------------------------------------------- */

static double alpha_of(const cxs_solver *s)
{
    return s->settings->alpha;
}

/* Penalty weights of every held column at lambda. */
void cxs_solver_set_penalty(cxs_solver *s, double lambda)
{
    for (size_t i = 0; i < s->set.m; i++) {
        const double factor = s->factor[s->set.id[i]];
        s->set.l1[i] = factor > 0.0 ? lambda * factor * alpha_of(s) : 0.0;
        s->set.l2[i] = factor > 0.0 ? lambda * factor * (1.0 - alpha_of(s)) : 0.0;
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
static cxs_rc fit_scratch(cxs_ctx *ctx, cxs_solver *s)
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
    s->c = s->target = s->g = NULL;
    s->quad = (cxs_quad_memory){0};
    s->keep = NULL;
    s->scratch = 0;
    CXS_NEW(s->c, m);
    CXS_NEW(s->target, m);
    CXS_NEW(s->g, m);
    CXS_NEW(s->quad.work, cxs_quad_work_size(m));
    CXS_NEW(s->quad.index, 2 * m);
    CXS_NEW(s->keep, m);
    s->scratch = m;

done:
    return rc;
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

/* ---- Newton on the working set --------------------------------------------------- */

/* g = X'r/W on the held columns; returns the largest KKT violation there. */
static cxs_rc working_violation(cxs_ctx *ctx, cxs_solver *s, double *worst)
{
    const cxs_rc rc =
        cxs_working_gradient(ctx, &s->set, s->state.r, s->risk.weight_sum, s->g);

    *worst = 0.0;
    for (size_t i = 0; i < s->set.m && rc == CXS_OK; i++)
        *worst = fmax(*worst, cxs_enet_violation(s->set.b[i], s->g[i], s->set.l1[i],
                                                 s->set.l2[i]));
    return rc;
}

/* Move from b towards target, halving until F does not rise; *moved = 0 when it always does. */
static cxs_rc line_search(cxs_ctx *ctx, cxs_solver *s, int *moved)
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
            memcpy(s->set.b, s->c, s->set.m * sizeof *s->c);
            memcpy(s->eta, s->eta_try, s->risk.n * sizeof *s->eta);
            *moved = 1;
        }
    }
    return CXS_OK;
}

/* Minimise the quadratic model (2) from b into target. */
static void quadratic_step(cxs_solver *s, double tol, cxs_quad_effort *effort)
{
    const cxs_working *w = &s->set;
    const cxs_quad quad = {
        .m = w->m, .ld = w->capacity, .gram = w->gram, .l1 = w->l1, .l2 = w->l2};

    memcpy(s->target, w->b, w->m * sizeof *s->target);
    cxs_quad_solve(&quad, s->g, tol, s->target, effort, &s->quad);
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
}

/* Newton until the violation on the held columns is <= tol (absolute). */
cxs_rc cxs_solver_newton(cxs_ctx *ctx, cxs_solver *s, double tol, cxs_solved *solved)
{
    double before = HUGE_VAL;
    int fresh = 0; /* the Gram belongs to the present point */
    cxs_rc rc = fit_scratch(ctx, s);

    if (rc != CXS_OK)
        return rc;
    solved->converged = 0;
    if ((rc = cxs_working_predict(ctx, &s->set, s->set.b, s->eta)) != CXS_OK)
        return rc;
    while (solved->iterations < (size_t)s->settings->max_iterations) {
        double violation;
        int moved = 0;
        if (cxs_cox_eval(&s->risk, s->eta, &s->state, s->work) != CXS_OK)
            return CXS_OK; /* not converged; the caller reports it */
        if ((rc = working_violation(ctx, s, &violation)) != CXS_OK)
            return rc;
        if (violation <= tol) {
            solved->converged = 1;
            return CXS_OK;
        }
        if (!s->set.has_reference ||
            (!fresh && violation > contraction(&s->set) * before)) {
            prune(s);
            if ((rc = cxs_working_refresh(ctx, &s->set, &s->risk, &s->state)) != CXS_OK)
                return rc;
            s->quad.valid = 0;
            solved->refreshes++;
            fresh = 1;
        } else {
            cxs_working_extend(&s->set, &s->risk, s->work);
            fresh = 0;
        }
        quadratic_step(s, fmax(0.01 * violation, 0.1 * tol), &solved->effort);
        solved->iterations++;
        if ((rc = line_search(ctx, s, &moved)) != CXS_OK)
            return rc;
        if (!moved) {
            if (fresh) { /* rounding decides now: the certificate has the word */
                solved->converged = violation <= tol / INNER_SHARE;
                return CXS_OK;
            }
            s->set.has_reference = 0;
        }
        before = violation;
    }
    return CXS_OK;
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

/* Admit listed columns that break their bound at the gradients of the list. */
static cxs_rc admit_violators(cxs_ctx *ctx, cxs_solver *s, double slack,
                              size_t *admitted)
{
    const cxs_gate *list = &s->gate;

    *admitted = 0;
    for (size_t i = 0; i < list->count; i++) {
        const size_t id = list->id[i];
        if (s->set.slot[id] == UINT32_MAX &&
            fabs(list->g[i]) > l1_of(s, id, s->lambda) + slack) {
            const cxs_rc rc = cxs_solver_admit(ctx, s, id);
            if (rc != CXS_OK)
                return rc;
            ++*admitted;
        }
    }
    return CXS_OK;
}

/* Gradients of the listed columns at the present point. */
static void renew_list(cxs_solver *s)
{
    for (size_t i = 0; i < s->gate.count; i++)
        cxs_columns_dot(&s->columns, s->gate.id[i], s->r_row, s->risk.weight_sum,
                        &s->gate.g[i]);
}

/* Largest violation over the held columns, from the values as read. */
static double held_violation(const cxs_solver *s)
{
    double worst = 0.0;

    for (size_t i = 0; i < s->set.m; i++) {
        double g;
        cxs_columns_dot(&s->columns, s->set.id[i], s->r_row, s->risk.weight_sum, &g);
        worst =
            fmax(worst, cxs_enet_violation(s->set.b[i], g, s->set.l1[i], s->set.l2[i]));
    }
    return worst;
}

void cxs_solver_aim(cxs_solver *s, double lambda, double next, double reference)
{
    s->lambda = lambda;
    s->next = next;
    s->reference = reference > 0.0 ? reference : 1.0; /* no feature can enter */
    s->inner = INNER_SHARE * s->settings->tol * s->reference;
    if (alpha_of(s) == 0.0) /* lambda_max is the largest gradient over the floor */
        s->inner *= CXS_ALPHA_FLOOR;
    s->solved = (cxs_solved){.lambda = lambda};
    s->rounds = 0;
    /* the list was made for another lambda: ask again before the first solve */
    s->list_is_short =
        s->ridge == NULL &&
        alpha_of(s) * fmax(2.0 * lambda - s->last_lambda, 0.0) < s->known;
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
    size_t admitted = 0;
    cxs_rc rc;

    if (s->ridge != NULL)
        return advance_ridge(ctx, s);
    rc = s->rounds == 0 ? admit_violators(ctx, s, 0.0, &admitted) : CXS_OK;

    for (int round = 0; round < KKT_ROUNDS && rc == CXS_OK; round++) {
        cxs_solver_set_penalty(s, s->lambda);
        if ((rc = cxs_solver_newton(ctx, s, s->inner, &s->solved)) != CXS_OK)
            return rc;
        cxs_solver_scatter(s);
        if (!s->solved.converged)
            break;
        renew_list(s);
        rc = admit_violators(ctx, s, bound, &admitted);
        if (admitted == 0)
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
    const double reach = isfinite(next) ? fmax(2.0 * next - at, 0.0) : at;

    s->gate.columns = &s->columns;
    s->gate.factor = s->factor;
    s->gate.r = s->r_row;
    s->gate.weight_sum = s->risk.weight_sum;
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
        if ((rc = admit_violators(ctx, s, bound, &admitted)) != CXS_OK)
            return rc;
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
