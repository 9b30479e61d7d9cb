/*
 * outliers.c -- say when single values rule the evidence
 *
 * One patient with a value 15 sd out who dies early gives a score |z| of that order in
 * any permutation, so such features set the null of the global check, and the check then
 * finds "no evidence" beside tests that are not ruled by them.  `features` clips at the
 * 1 % and 99 % quantiles or takes ranks; a matrix that comes as it is may need it.
 */
#include "rank/evidence.h"

#include <math.h>

/* In standard deviations; normal values never come near. */
static const double FAR_OUT = 10.0;

static int has_outlier(size_t n, const double *x)
{
    double sum = 0.0, squares = 0.0, far = 0.0;
    size_t known = 0;

    for (size_t i = 0; i < n; i++)
        if (!isnan(x[i])) {
            sum += x[i];
            known++;
        }
    for (size_t i = 0; i < n; i++)
        if (!isnan(x[i])) {
            const double off = x[i] - sum / (double)known;
            squares += off * off;
            far = fmax(far, fabs(off));
        }
    return far > FAR_OUT * sqrt(squares / (double)known);
}

cxs_rc cxs_outliers_warn(cxs_ctx *ctx, const cxs_joined *joined,
                         const cxs_rank_row *row)
{
    const cxs_design *d = &joined->design;
    size_t found = 0, evaluated = 0;

    for (size_t j = 0; j < d->p; j++)
        if (row[j].adjusted.status == CXS_STATUS_OK) {
            evaluated++;
            found += (size_t)has_outlier(d->n, d->x + j * d->n);
        }
    if (found == 0)
        return CXS_OK;
    return cxs_warn(
        ctx, "",
        "%zu of %zu features have a value beyond %g sd: such values rule the "
        "global check; clip or rank them first (coxswain features "
        "--winsorise yes, or --rank-normal yes)",
        found, evaluated, FAR_OUT);
}
