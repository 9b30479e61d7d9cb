/*
 * cox_firth.c -- tests and intervals by the profile of Firth's penalised likelihood
 *
 * With l*(beta) = l(beta) + log|I(beta)| / 2, I always of all columns, the profile of
 * coefficient c is l*_c(x) = max of l* over beta with beta_c = x.  The root
 *     r(x) = sqrt(2 (l*_max - l*_c(x))) sign(x - beta_c)
 * is nearly linear in x; the interval's ends solve r = -+ 1.96, and z = -r(0).  Heinze
 * and Schemper (2001) recommend both, because Wald's are poor where l* is skewed, which
 * it is whenever the penalty is needed.
 */
#include "model/cox_private.h"

#include "num/special.h"

#include <math.h>
#include <string.h>

/* The profile of one column. */
typedef struct profile {
    cxs_newton *newton;
    const cxs_cox_settings *settings;
    size_t column;
    double best;   /* l* at the maximum */
    double *start; /* [k] where the search at the next point begins */
} profile;

enum { SEARCHES_MAX = 100 };
static const double ROOT_TOLERANCE = 1e-9; /* of r, which is of the size of 2 */

/* |r(x)|, x per sd; NaN where there is no maximum to be found. */
static double root_at(profile *p, double x)
{
    p->start[p->column] = x;
    if (!cxs_newton_move(p->newton, p->start))
        return (double)NAN;
    cxs_newton_resume(p->newton, p->settings);
    if (!p->newton->converged)
        return (double)NAN;
    memcpy(p->start, p->newton->b, p->newton->k * sizeof *p->start);
    return sqrt(2.0 * fmax(0.0, p->best - p->newton->loglik));
}

/* Where |r| = goal, on the side of `first`; best is at b.  Secant steps inside a
 * bracket that is halved where they fail; NaN when r never gets there. */
static double end_of(profile *p, double b, double first, double goal)
{
    double near = b, far = (double)NAN, x = first, r_near = 0.0, r_far = 0.0;

    for (int i = 0; i < SEARCHES_MAX; i++) {
        const double r = root_at(p, x);
        if (fabs(r - goal) <= ROOT_TOLERANCE)
            return x;
        if (r < goal) {
            near = x;
            r_near = r;
        } else { /* beyond, or no finite likelihood: then r_far is NaN */
            far = x;
            r_far = r;
        }
        if (isnan(far))
            x = b + (x - b) * fmin(4.0, 1.05 * goal / fmax(r, 0.25 * goal));
        else if (isnan(r_far) || i % 4 == 3)
            x = 0.5 * (near + far);
        else
            x = near + (far - near) * (goal - r_near) / (r_far - r_near);
        if (!(fabs(x - near) > 0.0))
            break;
    }
    return (double)NAN;
}

/* z, p and the interval of one row. */
static void fill_row(profile *p, const double *b, cxs_cox_row *row)
{
    const double goal = cxs_normal_quantile(0.975);
    const double at = b[p->column], scale = p->newton->scale[p->column];
    const double width = goal * row->se * scale;
    const size_t k = p->newton->k;
    double lower, upper, r;

    p->newton->hold[p->column] = 1;
    memcpy(p->start, b, k * sizeof *b);
    lower = end_of(p, at, at - width, goal);
    memcpy(p->start, b, k * sizeof *b);
    upper = end_of(p, at, at + width, goal);
    memcpy(p->start, b, k * sizeof *b);
    r = root_at(p, 0.0);
    p->newton->hold[p->column] = 0;
    row->hr_l95 = exp(lower / scale);
    row->hr_u95 = exp(upper / scale);
    row->z = copysign(r, at);
    row->p = cxs_normal_p(row->z);
    row->log10_p = cxs_normal_log10_p(row->z);
}

cxs_rc cxs_cox_fill_profile(cxs_ctx *ctx, cxs_cox_fit *fit,
                            const cxs_cox_settings *settings)
{
    cxs_newton *newton = fit->newton;
    const size_t k = fit->k, iterations = newton->iterations;
    const int converged = newton->converged;
    cxs_rc rc = CXS_OK;
    profile p = {.newton = newton, .settings = settings, .best = newton->loglik};
    double *b = NULL;

    CXS_NEW(b, k);
    CXS_NEW(p.start, k);
    memcpy(b, newton->b, k * sizeof *b);
    for (p.column = 0; p.column < k; p.column++)
        if (fit->row[p.column].status == CXS_STATUS_OK)
            fill_row(&p, b, &fit->row[p.column]);
    newton->iterations = iterations;
    newton->converged = converged;
    if (!cxs_newton_move(newton, b))
        CXS_TRY(cxs_fail(ctx, CXS_EBUG, "the penalised fit cannot be found again"));

done:
    cxs_free(b);
    cxs_free(p.start);
    return rc;
}
