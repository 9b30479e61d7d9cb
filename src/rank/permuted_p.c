/*
 * permuted_p.c -- E1 in very small cohorts: the score test by permutation within strata
 *
 * With fewer than 30 events the chi-squared limit of the unadjusted tests is doubtful,
 * so p comes from the permutation distribution of the score U = x'r at beta = 0, r the
 * martingale residuals of the null model.  Without covariates a patient's residual
 * moves with the outcome that moves, so one product X'[r_1 .. r_B] holds all
 * permutations of all features; r sums to zero in each stratum, so U needs no centring.
 *     p = (1 + #{ |U_b| >= |U| }) / (B + 1)                (Phipson and Smyth 2010)
 * A missing value is taken as the mean of its stratum: it neither adds to U nor moves.
 */
#include "rank/evidence.h"

#include "base/pool.h"
#include "num/blas.h"
#include "resample/plan.h"

#include <math.h>
#include <string.h>

/* Features per task, and permutations per product. */
enum { FEATURES = 128, WIDTH = 256 };

/* Permutations that only relabel ties differ by rounding; they count as equal. */
static const double SAME_SCORE = 1e-9;

/* The plan's draws for this purpose begin here, apart from those of the global check.
 */
static const size_t FIRST_REPLICATE = (size_t)1 << 32;

typedef struct permuted_job {
    const cxs_design *design;
    const uint32_t *stratum;
    size_t strata, replicates;
    const double *r;        /* [n] residuals */
    const double *permuted; /* [n x replicates] */
    double *p;              /* [p] */
} permuted_job;

/* Column with missing values at the mean of their stratum. */
static void fill_column(const permuted_job *job, const double *x, double *sum,
                        double *count, double *out)
{
    const size_t n = job->design->n;

    memset(sum, 0, job->strata * sizeof *sum);
    memset(count, 0, job->strata * sizeof *count);
    for (size_t i = 0; i < n; i++)
        if (!isnan(x[i])) {
            sum[job->stratum[i]] += x[i];
            count[job->stratum[i]] += 1.0;
        }
    for (size_t i = 0; i < n; i++) {
        const uint32_t s = job->stratum[i];
        out[i] = !isnan(x[i]) ? x[i] : count[s] > 0.0 ? sum[s] / count[s] : 0.0;
    }
}

static cxs_rc permute_block(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    const permuted_job *job = arg;
    const size_t n = job->design->n, first = index * FEATURES;
    const size_t columns =
        first + FEATURES < job->design->p ? FEATURES : job->design->p - first;
    cxs_rc rc = CXS_OK;
    double *x = NULL, *u = NULL, *sums = NULL;
    double observed[FEATURES];
    size_t larger[FEATURES] = {0};

    (void)worker;
    CXS_NEW(x, n * columns);
    CXS_NEW(u, columns * WIDTH);
    CXS_NEW(sums, 2 * job->strata);
    for (size_t j = 0; j < columns; j++)
        fill_column(job, job->design->x + (first + j) * n, sums, sums + job->strata,
                    x + j * n);
    cxs_design_drop(job->design, first, first + columns);
    cxs_blas_gemv_t(n, columns, x, job->r, observed);
    for (size_t b = 0; b < job->replicates; b += WIDTH) {
        const size_t width = b + WIDTH < job->replicates ? WIDTH : job->replicates - b;
        cxs_blas_gemm_tn(columns, width, n, 1.0, x, job->permuted + b * n, 0.0, u,
                         columns);
        for (size_t i = 0; i < width; i++)
            for (size_t j = 0; j < columns; j++)
                larger[j] +=
                    fabs(u[i * columns + j]) >= fabs(observed[j]) * (1.0 - SAME_SCORE);
    }
    for (size_t j = 0; j < columns; j++)
        job->p[first + j] = (1.0 + (double)larger[j]) / (1.0 + (double)job->replicates);

done:
    cxs_free(x);
    cxs_free(u);
    cxs_free(sums);
    return rc;
}

/* Martingale residuals of the null model, in row order. */
static cxs_rc null_residuals(cxs_ctx *ctx, const cxs_outcome *outcome, double *r)
{
    cxs_rc rc = CXS_OK;
    char *memory = NULL;
    double *block = NULL, *work = NULL, *eta = NULL;
    cxs_risk risk;
    cxs_cox_state state;

    CXS_NEW(memory, cxs_risk_size(outcome->n));
    if (cxs_risk_build(outcome, &risk, memory) != CXS_OK)
        CXS_TRY(cxs_fail(ctx, CXS_EDEGENERATE, "no event among %zu rows", risk.n));
    CXS_NEW(block, cxs_cox_state_size(&risk));
    CXS_NEW(work, cxs_cox_work_size(&risk));
    CXS_NEW(eta, risk.n);
    cxs_cox_state_place(&risk, block, &state);
    if (cxs_cox_eval(&risk, eta, &state, work) != CXS_OK)
        CXS_TRY(cxs_fail(ctx, CXS_EDEGENERATE, "the offset is too widely spread"));
    memset(r, 0, outcome->n * sizeof *r);
    for (size_t i = 0; i < risk.n; i++)
        r[risk.row[i]] = state.r[i];

done:
    cxs_free(memory);
    cxs_free(block);
    cxs_free(work);
    cxs_free(eta);
    return rc;
}

cxs_rc cxs_permuted_p(cxs_ctx *ctx, const cxs_joined *joined, uint64_t seed,
                      size_t replicates, double *p)
{
    const size_t n = joined->design.n;
    permuted_job job = {.design = &joined->design,
                        .stratum = cxs_surv_stratum(joined->surv),
                        .strata = cxs_surv_n_strata(joined->surv),
                        .replicates = replicates,
                        .p = p};
    cxs_rc rc = CXS_OK;
    double *r = NULL, *permuted = NULL;
    size_t *from = NULL;

    CXS_NEW(r, n);
    CXS_NEW(permuted, n * replicates);
    CXS_NEW(from, n);
    CXS_TRY(null_residuals(ctx, &joined->problem.outcome, r));
    for (size_t b = 0; b < replicates; b++) {
        CXS_TRY(
            cxs_plan_permutation(ctx, joined->surv, seed, FIRST_REPLICATE + b, from));
        for (size_t i = 0; i < n; i++)
            permuted[b * n + i] = r[from[i]];
    }
    job.r = r;
    job.permuted = permuted;
    CXS_TRY(cxs_pool_run(ctx, "permuted scores",
                         (joined->design.p + FEATURES - 1) / FEATURES, permute_block,
                         &job));

done:
    cxs_free(r);
    cxs_free(permuted);
    cxs_free(from);
    return rc;
}
