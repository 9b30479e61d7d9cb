/*
 * clinical.c -- the clinical base model: covariates alone
 *
 * A covariate scanned as if it were a feature, with the other covariates as its
 * adjustment, has in that fit the coefficient and the standard error of the joint
 * model: both maximise the same likelihood over the same terms.  So the base model
 * needs no second kind of fit, and a term gets its status by the same rules as a
 * feature.
 */
#include "rank/evidence.h"

#include "model/scan.h"

#include <string.h>

/* Covariates of the problem without term t. */
static void drop_term(const cxs_problem *problem, size_t t, double *z)
{
    const size_t n = problem->outcome.n;

    for (size_t c = 0, to = 0; c < problem->k; c++)
        if (c != t)
            memcpy(z + to++ * n, problem->z + c * n, n * sizeof *z);
}

cxs_rc cxs_clinical_model(cxs_ctx *ctx, const cxs_joined *joined, cxs_ties ties,
                          cxs_clinical_row *rows)
{
    const cxs_problem *problem = &joined->problem;
    const size_t n = problem->outcome.n;
    cxs_screen_settings screen = cxs_screen_defaults();
    cxs_problem others = *problem;
    cxs_screen_row row;
    double *z = NULL;
    cxs_rc rc = CXS_OK;

    if (problem->k == 0)
        return CXS_OK;
    CXS_NEW(z, n * problem->k);
    screen.ties = ties;
    screen.test = CXS_SCREEN_WALD;
    others.k = problem->k - 1;
    others.z = others.k > 0 ? z : NULL;
    for (size_t t = 0; t < problem->k; t++) {
        const char *term = cxs_surv_term(joined->surv)[t];
        const cxs_design alone = {n, 1, problem->z + t * n, &term};
        drop_term(problem, t, z);
        CXS_TRY(cxs_scan(ctx, &alone, &others, &screen, &row));
        rows[t] =
            (cxs_clinical_row){term,      row.beta / row.scale, row.se / row.scale,
                               row.z,     row.log10_p,          row.p,
                               row.status};
    }

done:
    cxs_free(z);
    return rc;
}
