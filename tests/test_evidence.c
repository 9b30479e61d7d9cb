/*
 * test_evidence.c -- resampled evidence against its definition: stability selection,
 * sign stability, permutation check
 */
#include "test.h"

#include "cohort.h"
#include "model/path.h"
#include "model/scan.h"
#include "rank/evidence.h"
#include "resample/plan.h"

#include <string.h>

enum { N = PLANTED_N, P = PLANTED_P };

static cxs_joined *join_cohort(cxs_ctx *ctx, cxs_matrix *matrix, cxs_surv *surv)
{
    cxs_joined *joined = NULL;

    CHECK(cxs_join(ctx, matrix, surv, CXS_TIES_EFRON, &joined) == CXS_OK);
    return joined;
}

/*
 * Sign stability by its definition: the sign of the fitted coefficient in each
 * bootstrap.  The code under test never fits it.
 */
static void signs_of_fitted_coefficients(void **state)
{
    enum { B = 25, M = 6 };
    const size_t feature[M] = {0, 3, 5, 20, 21, 22};
    cxs_rank_settings settings = cxs_rank_defaults();
    cxs_screen_settings screen = cxs_screen_defaults();
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *matrix = NULL;
    cxs_surv *surv = NULL;
    cxs_joined *joined;
    cxs_screen_row row[P];
    double share[M], weight[N];
    int up[M] = {0}, down[M] = {0};

    (void)state;
    planted_cohort(&matrix, &surv);
    joined = join_cohort(ctx, matrix, surv);
    settings.bootstraps = B;
    CHECK(cxs_sign_stability(ctx, joined, &settings, M, feature, share) == CXS_OK);
    for (size_t b = 0; b < B; b++) {
        cxs_problem problem = joined->problem;
        CHECK(cxs_plan_bootstrap(ctx, joined->surv, settings.seed, b, weight) ==
              CXS_OK);
        problem.outcome.weight = weight;
        CHECK(cxs_scan(ctx, &joined->design, &problem, &screen, row) == CXS_OK);
        for (size_t j = 0; j < M; j++) {
            up[j] += row[feature[j]].beta > 0.0;
            down[j] += row[feature[j]].beta < 0.0;
        }
    }
    for (size_t j = 0; j < M; j++)
        CHECK_NEAR(share[j], (up[j] > down[j] ? up[j] : down[j]) / (double)B, TOL_SUM);
    CHECK(share[4] == 0.0); /* constant: no sign at all */
    CHECK(share[2] == 1.0 && share[0] < 1.0);
    cxs_joined_free(joined);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Hits counted from the plan and the path themselves. */
static void hits_of_both_halves(void **state)
{
    enum { PAIRS = 3 }; /* the rows' own weights stay inside the half */
    cxs_rank_settings settings = cxs_rank_defaults();
    cxs_model_settings model = cxs_model_defaults();
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *matrix = NULL;
    cxs_surv *surv = NULL;
    cxs_joined *joined;
    cxs_stability found;
    uint32_t hits[P] = {0}, selected[P];
    size_t count = 0;
    uint8_t half[N];
    double weight[N];

    (void)state;
    planted_cohort(&matrix, &surv);
    surv->weight = cxs_calloc(NULL, N, sizeof *surv->weight);
    for (size_t i = 0; i < N; i++)
        surv->weight[i] = i % 4 == 0 ? 6.0 : 0.5;
    joined = join_cohort(ctx, matrix, surv);
    settings.pairs = PAIRS;
    model.alpha = settings.alpha;
    CHECK(cxs_stability_select(ctx, joined, &settings, P - 1, &found) == CXS_OK);
    for (size_t fit = 0; fit < 2 * PAIRS; fit++) {
        cxs_problem problem = joined->problem;
        CHECK(cxs_plan_halves(ctx, joined->surv, settings.seed, fit / 2, half) ==
              CXS_OK);
        for (size_t i = 0; i < N; i++)
            weight[i] = half[i] == fit % 2 ? surv->weight[i] : 0.0;
        problem.outcome.weight = weight;
        CHECK(cxs_path_first(ctx, NULL, &joined->design, &problem, 1, &model, found.q,
                             selected, &count) == CXS_OK);
        for (size_t i = 0; i < count; i++)
            hits[selected[i]]++;
    }
    CHECK(memcmp(hits, found.hits, sizeof hits) == 0);
    CHECK(found.pairs == PAIRS && found.empty == 0);
    cxs_free(found.hits);
    cxs_joined_free(joined);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Every part of the outcome tuple changes places: the score scan of a tuple that was
 * permuted by hand. */
static void whole_tuples_change_places(void **state)
{
    enum { B = 4, ROWS = 50, FEATURES = 5 };
    cxs_rank_settings settings = cxs_rank_defaults();
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_surv *surv = cohort_surv(ROWS, 2, 1, NULL, 8);
    cxs_joined *joined;
    cxs_permutation check;
    size_t from[ROWS];
    double time[ROWS], entry[ROWS], weight[ROWS], offset[ROWS], z[ROWS],
        score[FEATURES];
    uint8_t event[ROWS];
    const uint8_t binary[FEATURES] = {0};

    (void)state;
    surv->entry = cxs_calloc(ctx, ROWS, sizeof(double));
    surv->weight = cxs_calloc(ctx, ROWS, sizeof(double));
    surv->offset = cxs_calloc(ctx, ROWS, sizeof(double));
    for (size_t i = 0; i < ROWS; i++) {
        surv->entry[i] = i % 3 == 0 ? surv->time[i] / 2.0 : 0.0;
        surv->weight[i] = 1.0 + (double)(i % 4);
        surv->offset[i] = 0.1 * (double)(i % 7);
    }
    joined = join_cohort(ctx, cohort_matrix(ROWS, FEATURES, 8), surv);
    settings.permutations = B;
    CHECK(cxs_permutation_check(ctx, joined, binary, &settings, &check) == CXS_OK);
    for (size_t b = 0; b < B; b++) {
        cxs_problem problem = joined->problem;
        const cxs_outcome was = problem.outcome;
        double largest = 0.0;
        CHECK(cxs_plan_permutation(ctx, joined->surv, settings.seed, b, from) ==
              CXS_OK);
        for (size_t i = 0; i < ROWS; i++) {
            time[i] = was.time[from[i]];
            entry[i] = was.entry[from[i]];
            event[i] = was.event[from[i]];
            weight[i] = was.weight[from[i]];
            offset[i] = was.offset[from[i]];
            z[i] = problem.z[from[i]];
        }
        problem.outcome.time = time;
        problem.outcome.entry = entry;
        problem.outcome.event = event;
        problem.outcome.weight = weight;
        problem.outcome.offset = offset;
        problem.z = z;
        CHECK(cxs_scan_score(ctx, &joined->design, &problem, score) == CXS_OK);
        for (size_t j = 0; j < FEATURES; j++)
            largest = fmax(largest, fabs(score[j]));
        CHECK(check.max_abs_z[b] == largest);
    }
    cxs_free(check.max_abs_z);
    cxs_joined_free(joined);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/*
 * Under the null hypothesis the permutation p-value is uniform on {1/20, .., 1}.  240
 * cohorts, counts in five equal bins: chi-squared with 4 degrees of freedom, 1 - 1e-4
 * quantile 23.5.  Half of the features are 0/1 and so rare that the events rule lets
 * them in for some outcomes and not for others.
 */
static void permutation_p_is_uniform_under_the_null(void **state)
{
    enum { COHORTS = 240, SMALL_N = 24, SMALL_P = 6, BINS = 5 };
    const uint8_t binary[SMALL_P] = {1, 1, 1, 0, 0, 0};
    cxs_rank_settings settings = cxs_rank_defaults();
    cxs_ctx *ctx = cxs_ctx_new();
    size_t bin[BINS] = {0}, small = 0;
    double chi2 = 0.0;

    (void)state;
    settings.permutations = 19;
    for (uint64_t c = 0; c < COHORTS; c++) {
        double eta[SMALL_N];
        cxs_permutation check;
        cxs_surv *surv = cohort_surv(SMALL_N, 2, 1, NULL, 100 + c);
        cxs_matrix *matrix;
        cxs_joined *joined;
        /* the covariate matters; the features do not */
        for (size_t i = 0; i < SMALL_N; i++)
            eta[i] = surv->z[i];
        cxs_surv_free(surv);
        surv = cohort_surv(SMALL_N, 2, 1, eta, 100 + c);
        matrix = cohort_matrix(SMALL_N, SMALL_P, 100 + c);
        for (size_t i = 0; i < 3 * SMALL_N; i++)
            matrix->x[i] = matrix->x[i] > 0.7;
        joined = join_cohort(ctx, matrix, surv);
        settings.seed = c;
        CHECK(cxs_permutation_check(ctx, joined, binary, &settings, &check) == CXS_OK);
        CHECK(check.p >= 0.05 && check.p <= 1.0);
        bin[(size_t)ceil(check.p * BINS - 1e-9) - 1]++;
        small += check.p <= 0.1;
        cxs_free(check.max_abs_z);
        cxs_joined_free(joined);
    }
    for (size_t b = 0; b < BINS; b++)
        chi2 += pow((double)bin[b] - COHORTS / (double)BINS, 2) / (COHORTS / 5.0);
    CHECK(chi2 < 23.5);
    CHECK(fabs((double)small - 0.1 * COHORTS) < 4.0 * sqrt(0.09 * COHORTS));
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_of_fitted_coefficients),
        cmocka_unit_test(hits_of_both_halves),
        cmocka_unit_test(whole_tuples_change_places),
        cmocka_unit_test(permutation_p_is_uniform_under_the_null),
    };

    return cmocka_run_group_tests_name("evidence", tests, NULL, NULL);
}
