/*
 * test_plan.c -- folds, halves, bootstraps and permutations of subjects
 */
#include "test.h"

#include "cohort.h"
#include "resample/plan.h"

#include <stdlib.h>
#include <string.h>

enum { N = 61, STRATA = 3, ROWS = 90 };

/* Rows r = 0..ROWS-1 of 60 subjects: every second subject has two intervals. */
static cxs_surv *two_intervals(void)
{
    cxs_surv *surv = cohort_surv(ROWS, STRATA, 0, NULL, 5);

    surv->entry = cxs_calloc(NULL, ROWS, sizeof *surv->entry);
    surv->n_subjects = 60;
    for (size_t r = 0; r < ROWS; r++) {
        const size_t subject = r / 3 * 2 + (r % 3 > 0);
        snprintf(surv->id[r], 5, "P%03zu", subject);
        surv->stratum[r] = (uint32_t)(subject % STRATA);
        surv->event[r] = (uint8_t)(r % 3 == 1 ? 0 : surv->event[r]);
        surv->entry[r] = r % 3 == 2 ? surv->time[r - 1] : 0.0;
        surv->time[r] = r % 3 == 2 ? surv->time[r - 1] + 50.0 : surv->time[r];
    }
    return surv;
}

/* Largest difference of the group sizes within each (stratum, event), whole included.
 */
static int balanced(const cxs_surv *surv, const uint32_t *group, size_t groups)
{
    for (uint32_t cell = 0; cell <= 2 * STRATA; cell++) {
        size_t count[32] = {0}, most = 0, least = SIZE_MAX;
        for (size_t i = 0; i < surv->n; i++)
            if (cell == 2 * STRATA || cell == 2 * surv->stratum[i] + surv->event[i])
                count[group[i]]++;
        for (size_t g = 0; g < groups; g++) {
            most = count[g] > most ? count[g] : most;
            least = count[g] < least ? count[g] : least;
        }
        if (most - least > 1)
            return 0;
    }
    return 1;
}

static void folds_are_balanced(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_surv *surv = cohort_surv(N, STRATA, 0, NULL, 3);
    uint32_t fold[N], again[N], other[N];

    (void)state;
    for (size_t folds = 2; folds <= 10; folds += 4) {
        CHECK(cxs_plan_folds(ctx, surv, folds, 1, 0, fold) == CXS_OK);
        CHECK(balanced(surv, fold, folds));
    }
    CHECK(cxs_plan_folds(ctx, surv, 10, 1, 0, again) == CXS_OK);
    CHECK(memcmp(fold, again, sizeof fold) == 0);
    CHECK(cxs_plan_folds(ctx, surv, 10, 1, 1, other) == CXS_OK);
    CHECK(memcmp(fold, other, sizeof fold) != 0);
    CHECK(cxs_plan_folds(ctx, surv, 10, 2, 0, other) == CXS_OK);
    CHECK(memcmp(fold, other, sizeof fold) != 0);
    CHECK(cxs_plan_folds(ctx, surv, N, 1, 0, fold) == CXS_OK); /* leave one out */
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < i; j++)
            CHECK(fold[i] < N && fold[i] != fold[j]);
    CHECK(cxs_plan_folds(ctx, surv, N + 1, 1, 0, fold) == CXS_EARG);
    CHECK(strstr(cxs_ctx_message(ctx),
                 "folds: 62, but there are 61 subjects; take 2 to "
                 "61, or 0 for none"));
    CHECK(cxs_plan_folds(ctx, surv, 0, 1, 0, fold) == CXS_EARG);
    cxs_surv_free(surv);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Folds among some subjects are balanced there, and know nothing of the others. */
static void folds_among_some(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_surv *surv = cohort_surv(N, STRATA, 0, NULL, 3);
    uint32_t fold[N], again[N], kept[N];
    uint8_t use[N];

    (void)state;
    CHECK(!cxs_plan_folds(ctx, surv, 5, 1, 2, fold));
    CHECK(!cxs_plan_folds_among(ctx, surv, NULL, 5, 1, CXS_DRAW_FOLDS, 2, again));
    CHECK(memcmp(fold, again, sizeof fold) == 0);
    for (size_t i = 0; i < N; i++)
        use[i] = i % 4 != 1;
    CHECK(!cxs_plan_folds_among(ctx, surv, use, 5, 1, CXS_DRAW_INNER_FOLDS, 2, fold));
    for (size_t i = 0; i < N; i++) {
        kept[i] = use[i] ? fold[i] : 5; /* the others as one more fold */
        CHECK(use[i] || fold[i] == 0);
    }
    for (uint32_t cell = 0; cell < 2 * STRATA; cell++) {
        size_t count[6] = {0}, most = 0, least = SIZE_MAX;
        for (size_t i = 0; i < N; i++)
            if (cell == 2 * surv->stratum[i] + surv->event[i])
                count[kept[i]]++;
        for (size_t g = 0; g < 5; g++) {
            most = count[g] > most ? count[g] : most;
            least = count[g] < least ? count[g] : least;
        }
        CHECK(most - least <= 1);
    }
    for (size_t i = 0; i < N; i++)
        if (!use[i]) {
            surv->event[i] = !surv->event[i];
            surv->stratum[i] = (surv->stratum[i] + 1) % STRATA;
        }
    CHECK(!cxs_plan_folds_among(ctx, surv, use, 5, 1, CXS_DRAW_INNER_FOLDS, 2, again));
    CHECK(memcmp(fold, again, sizeof fold) == 0);
    CHECK(!cxs_plan_folds_among(ctx, surv, use, 5, 1, CXS_DRAW_OUTER_FOLDS, 2, again));
    CHECK(memcmp(fold, again, sizeof fold) != 0);
    CHECK(cxs_plan_folds_among(ctx, surv, use, N - 1, 1, CXS_DRAW_INNER_FOLDS, 2,
                               again) == CXS_EARG);
    cxs_surv_free(surv);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void halves_are_complementary_and_fair(void **state)
{
    enum { PAIRS = 400 };
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_surv *surv = cohort_surv(N, STRATA, 0, NULL, 3);
    uint32_t group[N], ones[N] = {0};
    uint8_t half[N];

    (void)state;
    for (size_t pair = 0; pair < PAIRS; pair++) {
        CHECK(cxs_plan_halves(ctx, surv, 1, pair, half) == CXS_OK);
        for (size_t i = 0; i < N; i++) {
            group[i] = half[i];
            ones[i] += half[i];
            CHECK(half[i] <= 1);
        }
        CHECK(balanced(surv, group, 2));
    }
    /* each subject falls on both sides about equally often: 6 standard errors */
    for (size_t i = 0; i < N; i++)
        CHECK(fabs(ones[i] - PAIRS / 2.0) < 6.0 * sqrt(PAIRS) / 2.0 + PAIRS * 0.05);
    cxs_surv_free(surv);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Cells keep their size, and every member is drawn once on average. */
static void bootstraps_stay_in_their_cell(void **state)
{
    enum { REPLICATES = 2000 };
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_surv *surv = cohort_surv(N, STRATA, 0, NULL, 3);
    double weight[N], total[N] = {0}, absent = 0.0;

    (void)state;
    for (size_t b = 0; b < REPLICATES; b++) {
        double cell[2 * STRATA] = {0}, size[2 * STRATA] = {0};
        CHECK(cxs_plan_bootstrap(ctx, surv, 1, b, weight) == CXS_OK);
        for (size_t i = 0; i < N; i++) {
            const size_t c = 2 * surv->stratum[i] + surv->event[i];
            cell[c] += weight[i];
            size[c] += 1.0;
            total[i] += weight[i];
            absent += weight[i] == 0.0;
        }
        CHECK(memcmp(cell, size, sizeof cell) == 0);
    }
    /* multiplicity of a member of a cell of m: mean 1, variance 1 - 1/m */
    for (size_t i = 0; i < N; i++)
        CHECK(fabs(total[i] / REPLICATES - 1.0) < 5.0 / sqrt((double)REPLICATES));
    absent /= (double)REPLICATES * N; /* (1 - 1/m)^m: between 0.25 and e^-1 */
    CHECK(absent > 0.25 && absent < 0.37);
    cxs_surv_free(surv);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void permutations_stay_in_their_stratum(void **state)
{
    enum { REPLICATES = 600 };
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_surv *surv = cohort_surv(N, STRATA, 0, NULL, 3);
    size_t from[N], last[N] = {0}, to_second = 0, fixed = 0;

    (void)state;
    for (size_t b = 0; b < REPLICATES; b++) {
        size_t seen[N] = {0};
        CHECK(cxs_plan_permutation(ctx, surv, 1, b, from) == CXS_OK);
        for (size_t i = 0; i < N; i++) {
            CHECK(surv->stratum[from[i]] == surv->stratum[i]);
            seen[from[i]]++;
            fixed += from[i] == i;
        }
        for (size_t i = 0; i < N; i++)
            CHECK(seen[i] == 1);
        to_second += from[0] == STRATA; /* the second member of stratum 0 */
        CHECK(b == 0 || memcmp(from, last, sizeof from) != 0);
        memcpy(last, from, sizeof from);
    }
    /* one of 21 places each; one fixed point per stratum on average */
    CHECK(fabs((double)to_second - REPLICATES / 21.0) < 5.0 * sqrt(REPLICATES / 21.0));
    CHECK(fabs((double)fixed / REPLICATES - STRATA) < 5.0 * sqrt(3.0 / REPLICATES));
    cxs_surv_free(surv);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Rows of one subject share their fate, and whole outcomes change places. */
static void rows_of_a_subject_move_together(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_surv *surv = two_intervals();
    uint32_t fold[ROWS];
    uint8_t half[ROWS];
    double weight[ROWS];
    size_t from[ROWS], moved = 0;

    (void)state;
    CHECK(cxs_plan_folds(ctx, surv, 5, 1, 0, fold) == CXS_OK);
    CHECK(cxs_plan_halves(ctx, surv, 1, 0, half) == CXS_OK);
    CHECK(cxs_plan_bootstrap(ctx, surv, 1, 0, weight) == CXS_OK);
    CHECK(cxs_plan_permutation(ctx, surv, 1, 0, from) == CXS_OK);
    CHECK(cxs_plan_folds(ctx, surv, 61, 1, 0, fold) == CXS_EARG); /* 60 subjects */
    CHECK(cxs_plan_folds(ctx, surv, 60, 1, 0, fold) == CXS_OK);
    for (size_t r = 2; r < ROWS; r += 3) { /* the second interval of a subject */
        CHECK(strcmp(surv->id[r - 1], surv->id[r]) == 0);
        CHECK(fold[r] == fold[r - 1] && half[r] == half[r - 1]);
        CHECK(weight[r] == weight[r - 1]);
        CHECK(from[r] == from[r - 1] + 1 && from[r - 1] % 3 == 1);
        CHECK(surv->stratum[from[r]] == surv->stratum[r]);
        moved += from[r] != r;
    }
    CHECK(moved > 10);
    for (uint32_t cell = 0; cell < 2 * STRATA; cell++) { /* event of the last row */
        int excess = 0;
        for (size_t r = 0; r < ROWS; r++)
            if (r % 3 != 1 && 2 * surv->stratum[r] + surv->event[r] == cell)
                excess += half[r] ? 1 : -1;
        CHECK(abs(excess) <= 1);
    }
    cxs_surv_free(surv);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void every_allocation_may_fail(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_surv *surv = cohort_surv(N, STRATA, 0, NULL, 3);
    const long live = cxs_alloc_live();
    size_t from[N];
    cxs_rc rc = CXS_ENOMEM;
    long k;

    (void)state;
    for (k = 1; rc == CXS_ENOMEM && k < 10; k++) {
        cxs_alloc_fail_at(k);
        rc = cxs_plan_permutation(ctx, surv, 1, 0, from);
        cxs_alloc_fail_at(0);
        CHECK(cxs_alloc_live() == live);
    }
    CHECK(rc == CXS_OK && k > 2);
    cxs_surv_free(surv);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folds_are_balanced),
        cmocka_unit_test(folds_among_some),
        cmocka_unit_test(halves_are_complementary_and_fair),
        cmocka_unit_test(bootstraps_stay_in_their_cell),
        cmocka_unit_test(permutations_stay_in_their_stratum),
        cmocka_unit_test(rows_of_a_subject_move_together),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
