/*
 * cox_newton.c -- Newton-Raphson with step halving
 *
 * Step s = I^-1 U; decrement U's is twice the gain that a quadratic likelihood would
 * still give.  The fit has converged when decrement <= tol (1 + |loglik|); one more
 * step is then taken, so that coefficients, information and likelihood belong to a
 * point whose error is the square of the tolerance.
 *
 * A likelihood can grow for ever in some direction (all events on one side of a
 * covariate: Albert and Anderson 1984; Heinze and Schemper 2001 for Cox).  Newton then
 * moves by a constant step while the decrement fades.  Such a stop is told from a
 * maximum by a look far ahead along the step: if the likelihood is no lower where some
 * |b| > 10, that coefficient is `separated`.
 */
#include "model/cox_newton.h"

#include <float.h>
#include <math.h>
#include <string.h>

static const double SEPARATED_B = 10.0; /* per sd: a hazard ratio above 20,000 */
/* A step per sd that Newton cannot take beside a maximum once the decrement is small.
 */
static const double MOVING = 1e-4;
/* Two likelihoods that differ by less than this, relative, are equal. */
static const double LOGLIK_NOISE = 1e-12;
enum { HALVINGS_MAX = 60 };

void cxs_newton_free(cxs_newton *fit)
{
    if (fit == NULL)
        return;
    cxs_free(fit->risk_memory);
    cxs_free(fit->state_memory);
    cxs_free(fit->spare_memory);
    cxs_free(fit->work);
    cxs_free(fit->m);
    cxs_free(fit->step);
    cxs_free(fit->trial_b);
    cxs_free(fit->trial_eta);
    cxs_free(fit->objective_work);
    cxs_free(fit->step_factor);
    cxs_free(fit->curvature);
    cxs_free(fit->near_grad);
    cxs_free(fit->near_info);
    cxs_free(fit->skip);
    cxs_free(fit->hold);
    cxs_free(fit->z_ts);
    cxs_free(fit->mean);
    cxs_free(fit->scale);
    cxs_free(fit->status);
    cxs_free(fit->b);
    cxs_free(fit->eta_ts);
    cxs_free(fit->grad);
    cxs_free(fit->info);
    cxs_free(fit->factor);
    cxs_free(fit);
}

static cxs_rc allocate(cxs_ctx *ctx, cxs_newton *fit)
{
    const size_t n = fit->risk.n, k = fit->k;
    cxs_rc rc = CXS_OK;

    CXS_NEW(fit->state_memory, cxs_cox_state_size(&fit->risk));
    CXS_NEW(fit->spare_memory, cxs_cox_state_size(&fit->risk));
    cxs_cox_state_place(&fit->risk, fit->state_memory, &fit->state);
    cxs_cox_state_place(&fit->risk, fit->spare_memory, &fit->spare);
    CXS_NEW(fit->work, cxs_cox_work_size(&fit->risk));
    CXS_NEW(fit->m, (k > 0 ? k : 1) * fit->risk.terms);
    CXS_NEW(fit->step, k);
    CXS_NEW(fit->trial_b, k);
    CXS_NEW(fit->trial_eta, n);
    CXS_NEW(fit->skip, k);
    CXS_NEW(fit->hold, k);
    CXS_NEW(fit->z_ts, n * k);
    CXS_NEW(fit->mean, k);
    CXS_NEW(fit->scale, k);
    CXS_NEW(fit->status, k);
    CXS_NEW(fit->b, k);
    CXS_NEW(fit->eta_ts, n);
    CXS_NEW(fit->grad, k);
    CXS_NEW(fit->info, k * k);
    CXS_NEW(fit->factor, k * k);
    CXS_TRY(cxs_objective_allocate(ctx, fit));
done:
    return rc;
}

/* Column c, sorted, centred and scaled; a constant one becomes zero. */
static void standardise(cxs_newton *fit, size_t c, const double *z)
{
    const cxs_risk *risk = &fit->risk;
    double *z_ts = fit->z_ts + c * risk->n;
    double mean = 0.0, squares = 0.0, lowest = HUGE_VAL, highest = -HUGE_VAL;

    for (size_t i = 0; i < risk->n; i++) {
        z_ts[i] = z[risk->row[i]];
        mean += risk->weight_ts[i] * z_ts[i];
        lowest = fmin(lowest, z_ts[i]);
        highest = fmax(highest, z_ts[i]);
    }
    mean /= risk->weight_sum;
    for (size_t i = 0; i < risk->n; i++) {
        z_ts[i] -= mean;
        squares += risk->weight_ts[i] * z_ts[i] * z_ts[i];
    }
    fit->mean[c] = mean;
    fit->scale[c] = sqrt(squares / risk->weight_sum);
    fit->status[c] = highest > lowest ? CXS_STATUS_OK : CXS_STATUS_CONSTANT;
    fit->skip[c] = !(highest > lowest);
    for (size_t i = 0; i < risk->n; i++)
        z_ts[i] = fit->skip[c] ? 0.0 : z_ts[i] / fit->scale[c];
}

static void linear_predictor(const cxs_newton *fit, const double *b, double *eta_ts)
{
    const size_t n = fit->risk.n;

    memset(eta_ts, 0, n * sizeof *eta_ts);
    for (size_t c = 0; c < fit->k; c++)
        for (size_t i = 0; i < n; i++)
            eta_ts[i] += b[c] * fit->z_ts[c * n + i];
}

/* Fill step; returns the decrement. */
static double newton_step(cxs_newton *fit, const double *factor)
{
    double decrement = 0.0;

    memcpy(fit->step, fit->grad, fit->k * sizeof *fit->step);
    cxs_newton_solve(fit->k, factor, fit->step);
    for (size_t c = 0; c < fit->k; c++)
        decrement += fit->step[c] * fit->grad[c];
    return decrement;
}

/* The trial point becomes the present one. */
static void accept(cxs_newton *fit, double loglik)
{
    const cxs_cox_state state = fit->state;
    double *const eta_ts = fit->eta_ts;

    fit->state = fit->spare;
    fit->spare = state;
    fit->eta_ts = fit->trial_eta;
    fit->trial_eta = eta_ts;
    fit->loglik = loglik;
    memcpy(fit->b, fit->trial_b, fit->k * sizeof *fit->b);
}

/* Move to b + fraction * step when the objective there is no lower; the state follows.
 */
static int try_step(cxs_newton *fit, double fraction)
{
    const double noise = LOGLIK_NOISE * (1.0 + fabs(fit->loglik));
    double value;

    for (size_t c = 0; c < fit->k; c++)
        fit->trial_b[c] = fit->b[c] + fraction * fit->step[c];
    linear_predictor(fit, fit->trial_b, fit->trial_eta);
    value = cxs_objective_value(fit);
    if (!(value >= fit->loglik - noise))
        return 0;
    accept(fit, value);
    return 1;
}

static int halving_step(cxs_newton *fit)
{
    double fraction = 1.0;

    for (int h = 0; h < HALVINGS_MAX; h++, fraction *= 0.5)
        if (try_step(fit, fraction))
            return 1;
    return 0;
}

static double largest_step(const cxs_newton *fit)
{
    double largest = 0.0;

    for (size_t c = 0; c < fit->k; c++)
        largest = fmax(largest, fabs(fit->step[c]));
    return largest;
}

/* Column c moves with the fastest ones: part of the direction that runs away. */
static int moves(const cxs_newton *fit, size_t c)
{
    return fabs(fit->step[c]) > 0.1 * largest_step(fit);
}

/* The multiple of the step that carries a first moving |b| past SEPARATED_B; 0 when the
 * step is no more than the last digits of a maximum. */
static double far_ahead(const cxs_newton *fit)
{
    double least = HUGE_VAL;

    if (!(largest_step(fit) > MOVING))
        return 0.0;
    for (size_t c = 0; c < fit->k; c++) {
        const double s = fit->step[c], goal = copysign(1.05 * SEPARATED_B, s);
        if (moves(fit, c))
            least = fmin(least, fmax(1.0, (goal - fit->b[c]) / s));
    }
    return least;
}

/* At a flat place: mark what runs away. */
static int mark_separated(cxs_newton *fit)
{
    const double multiple = far_ahead(fit);
    const double noise = LOGLIK_NOISE * (1.0 + fabs(fit->loglik));
    double far;
    int found = 0;

    if (!(multiple > 0.0))
        return 0;
    for (size_t c = 0; c < fit->k; c++)
        fit->trial_b[c] = fit->b[c] + multiple * fit->step[c];
    linear_predictor(fit, fit->trial_b, fit->trial_eta);
    far = cxs_objective_value(fit);
    if (!(far >= fit->loglik - noise))
        return 0;
    for (size_t c = 0; c < fit->k; c++)
        found |= fabs(fit->trial_b[c]) > SEPARATED_B && moves(fit, c);
    for (size_t c = 0; found && c < fit->k; c++)
        if (moves(fit, c))
            fit->status[c] = CXS_STATUS_SEPARATED;
    return found;
}

/* The value of a runaway coefficient says only the direction: put it past the bound. */
static void move_separated(cxs_newton *fit)
{
    const double multiple = far_ahead(fit);

    for (size_t c = 0; c < fit->k; c++)
        if (fit->status[c] == CXS_STATUS_SEPARATED)
            fit->b[c] += multiple * fit->step[c];
}

static void iterate(cxs_newton *fit, const cxs_cox_settings *settings)
{
    const size_t most = (size_t)settings->max_iterations;
    const size_t before = fit->iterations;
    int small_before = 0;

    while (fit->iterations - before < most) {
        const double decrement = newton_step(fit, cxs_objective_step_factor(fit));
        const int small = decrement <= settings->tol * (1.0 + fabs(fit->loglik));
        if (small && !fit->firth && mark_separated(fit)) {
            fit->converged = 1;
            move_separated(fit);
            return;
        }
        if (!halving_step(fit)) {
            fit->converged = small; /* no better point can be told from this one */
            return;
        }
        fit->iterations++;
        cxs_objective_derivatives(fit);
        if (small && small_before) {
            fit->converged = 1;
            return;
        }
        small_before = small;
    }
    fit->converged = 0;
}

int cxs_newton_move(cxs_newton *fit, const double *b)
{
    double value;

    memcpy(fit->trial_b, b, fit->k * sizeof *b);
    linear_predictor(fit, fit->trial_b, fit->trial_eta);
    value = cxs_objective_value(fit);
    if (!isfinite(value))
        return 0;
    accept(fit, value);
    cxs_objective_derivatives(fit);
    return 1;
}

void cxs_newton_resume(cxs_newton *fit, const cxs_cox_settings *settings)
{
    iterate(fit, settings);
}

/* The objective at b = 0; columns without information get their status. */
static cxs_rc start(cxs_ctx *ctx, cxs_newton *fit)
{
    const int is_finite =
        cxs_cox_eval(&fit->risk, fit->eta_ts, &fit->state, fit->work) == CXS_OK;

    if (is_finite) {
        const size_t used = cxs_objective_derivatives(fit);
        for (size_t c = 0; c < fit->k; c++)
            if (!(fit->factor[c + c * fit->k] > 0.0)) {
                if (!fit->skip[c])
                    fit->status[c] = CXS_STATUS_ALIASED;
                fit->skip[c] = 1;
            }
        memcpy(fit->hold, fit->skip, fit->k * sizeof *fit->hold);
        fit->used = used;
        memset(fit->trial_eta, 0, fit->risk.n * sizeof *fit->trial_eta);
        fit->loglik = cxs_objective_value(fit);
    }
    if (!is_finite || !isfinite(fit->loglik))
        return cxs_fail(ctx, CXS_EDEGENERATE,
                        "the offset is not finite or its range is too wide for exp()");
    fit->loglik_null = fit->loglik;
    fit->score_test = newton_step(fit, fit->factor);
    return CXS_OK;
}

/* A direction without information, uphill as far as b went, into step: column c, whose
 * pivot vanished, and what it takes along of the columns before it. */
static void flat_direction(cxs_newton *fit, size_t c)
{
    const size_t k = fit->k;
    const double sign = fit->b[c] < 0.0 ? -1.0 : 1.0;

    for (size_t a = 0; a < k; a++)
        fit->step[a] = -sign * fit->info[a + c * k];
    cxs_newton_solve(k, fit->factor, fit->step); /* zero where the pivot is */
    fit->step[c] = sign;
}

/* Statuses of the columns that were estimated.  Where the information of a direction
 * vanished before the decrement became small, the rest converged beside it. */
static void judge(cxs_newton *fit)
{
    for (size_t c = 0; c < fit->k; c++) {
        if (fit->status[c] != CXS_STATUS_OK)
            continue;
        if (!fit->converged) {
            fit->status[c] = CXS_STATUS_NOT_CONVERGED;
        } else if (!(fit->factor[c + c * fit->k] > 0.0)) {
            flat_direction(fit, c);
            if (mark_separated(fit))
                move_separated(fit);
            fit->status[c] = CXS_STATUS_SEPARATED;
        }
    }
}

cxs_rc cxs_newton_fit(cxs_ctx *ctx, const cxs_outcome *outcome, size_t k,
                      const double *z, const cxs_cox_settings *settings,
                      cxs_newton **out)
{
    cxs_newton *fit = NULL;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_NEW(fit, 1);
    fit->k = k;
    fit->exact = settings->exact;
    fit->firth = settings->firth;
    CXS_NEW(fit->risk_memory, cxs_risk_size(outcome->n) / sizeof(uint64_t) + 1);
    if (cxs_risk_build(outcome, &fit->risk, fit->risk_memory) != CXS_OK)
        CXS_TRY(cxs_fail(ctx, CXS_EDEGENERATE, "none of %zu rows has an event",
                         fit->risk.n));
    CXS_TRY(allocate(ctx, fit));
    for (size_t c = 0; c < k; c++)
        standardise(fit, c, z + c * outcome->n);
    CXS_TRY(start(ctx, fit));
    fit->converged = 1;
    if (fit->used > 0)
        iterate(fit, settings);
    judge(fit);
    if (fit->exact && /* residuals and hazard are Breslow's */
        cxs_cox_eval(&fit->risk, fit->eta_ts, &fit->state, fit->work) != CXS_OK)
        CXS_TRY(cxs_fail(ctx, CXS_EBUG, "no finite hazard at the maximum"));
    *out = fit;
    fit = NULL;

done:
    cxs_newton_free(fit);
    return rc;
}
