/*
 * test_plausible.c -- features that look like the outcome, values missing by a pattern,
 * Fisher's exact test
 */
#include "test.h"
#include "tmp.h"

#include "cohort.h"
#include "num/fisher.h"
#include "rank/evidence.h"

enum { N = 100, P = 6 };

/* fisher.test of R 4.2.2 */
static void p_is_that_of_r(void **state)
{
    static const struct {
        size_t a, b, c, d;
        double p;
    } want[] = {
        {3, 1, 1, 3, 0.48571428571428582},
        {10, 0, 2, 9, 0.00022114108801415296},
        {0, 12, 8, 20, 0.078989205924190356},
        {40, 160, 90, 110, 1.306513810906185e-07},
        {5, 5, 5, 5, 1},
        {1, 999, 20, 3000, 0.039017277234028612},
        {100, 2, 3, 120, 1.2110305464103925e-57},
    };

    (void)state;
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        const double p = cxs_fisher_exact(want[i].a, want[i].b, want[i].c, want[i].d);
        CHECK_NEAR(p / want[i].p, 1.0, 1e-9);
    }
    CHECK(cxs_fisher_exact(0, 0, 3, 4) == 1.0 && cxs_fisher_exact(3, 0, 4, 0) == 1.0);
    CHECK_DONE();
}

/* Message of the code, or warnings, of a ranking of the cohort. */
static cxs_rc rank(cxs_ctx *ctx, cxs_matrix *m, cxs_surv *surv, int stops,
                   const char *allow)
{
    cxs_rank_settings s = cxs_rank_defaults();
    cxs_ranking *ranking = NULL;
    cxs_rc rc;

    s.pairs = 2;
    s.permutations = 0;
    s.bootstraps = 0;
    s.draws = 10;
    s.plausibility_stops = stops;
    s.allow_feature = allow;
    rc = cxs_rank_run(ctx, m, surv, &s, &ranking);
    CHECK((ranking != NULL) == (rc == CXS_OK));
    cxs_ranking_free(ranking);
    return rc;
}

static void rename_feature(cxs_matrix *m, size_t j, const char *name)
{
    cxs_free(m->feature[j]);
    m->feature[j] = cxs_strdup(NULL, name);
}

static void names_of_outcomes_stop(void **state)
{
    static const char *const names[] = {
        "GDeath2",      "Gvital_status", "Gsurvival",      "GPROGRESSION",
        "Glastcontact", "GLast_Contact", "Gx.days_to_dose"};
    char want[128];

    (void)state;
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        for (int stops = 0; stops < 2; stops++) {
            cxs_ctx *ctx = tmp_ctx();
            cxs_matrix *m = cohort_matrix(N, P, 1);
            rename_feature(m, P - 1, names[k]);
            snprintf(want, sizeof want, "CX054: feature \"%s\" looks like the outcome",
                     names[k]);
            CHECK(rank(ctx, m, cohort_surv(N, 1, 0, NULL, 1), stops, NULL) ==
                  (stops ? CXS_EMISMATCH : CXS_OK));
            if (stops) {
                CHECK(strcmp(cxs_ctx_message(ctx), want + 7) == 0);
                CHECK(strcmp(cxs_ctx_code(ctx), "CX054") == 0);
            } else {
                CHECK(strstr(tmp_log, want) != NULL);
            }
            cxs_ctx_free(ctx);
            ctx = tmp_ctx();
            m = cohort_matrix(N, P, 1);
            rename_feature(m, P - 1, names[k]);
            snprintf(want, sizeof want, "other,%s", names[k]);
            CHECK(rank(ctx, m, cohort_surv(N, 1, 0, NULL, 1), stops, want) == CXS_OK);
            CHECK(strstr(tmp_log, "CX054") == NULL);
            cxs_ctx_free(ctx);
        }
    CHECK_DONE();
}

/* Time itself, its mirror image, and time with noise: rank correlations 1, -1 and, by
 * the amount of noise, above and below 0.98. */
static void copies_of_time_stop(void **state)
{
    static const struct {
        double sign, noise;
        bool leaks;
    } cases[] = {{1, 0, true},     {-1, 0, true},    {1, 0.10, true},
                 {-1, 0.10, true}, {1, 0.35, false}, {-1, 0.35, false}};

    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        cxs_ctx *ctx = tmp_ctx();
        cxs_matrix *m = cohort_matrix(N, P, 1);
        cxs_surv *surv = cohort_surv(N, 1, 0, NULL, 1);
        double *x = m->x + 2 * N;
        for (size_t i = 0; i < N; i++)
            x[i] = cases[c].sign * (log(surv->time[i]) + cases[c].noise * x[i]);
        for (size_t i = 0; i < 5; i++)
            x[i] = (double)NAN;
        CHECK(rank(ctx, m, surv, 1, NULL) == (cases[c].leaks ? CXS_EMISMATCH : CXS_OK));
        CHECK(!cases[c].leaks ||
              strcmp(cxs_ctx_message(ctx), "feature \"G002\" looks like the outcome") ==
                  0);
        cxs_ctx_free(ctx);
    }
    CHECK_DONE();
}

/* 30 of 100 missing in two features, 25 in one: two patterns, no association. */
static void missing_values_are_told_by_pattern(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    cxs_matrix *m = cohort_matrix(N, P, 1);
    cxs_surv *surv = cohort_surv(N, 1, 0, NULL, 1);

    (void)state;
    for (size_t i = 0; i < N; i++) {
        surv->event[i] = i % 2 == 0;
        for (size_t j = 1; j < 3; j++)
            if (i % 10 < 3)
                m->x[j * N + i] = (double)NAN;
        if (i % 8 == 0 || i % 8 == 5) /* both outcomes alike */
            m->x[3 * N + i] = (double)NAN;
        if (i % 5 == 0) /* 20 %, which is not above */
            m->x[4 * N + i] = (double)NAN;
    }
    CHECK(rank(ctx, m, surv, 1, NULL) == CXS_OK);
    CHECK(strstr(tmp_log, "CX055: feature G001: 30 % missing, and 1 more of the same "
                          "patients\n") != NULL);
    CHECK(strstr(tmp_log, "CX055: feature G003: 25 % missing\n") != NULL);
    CHECK(strstr(tmp_log, "feature G004") == NULL);
    CHECK(strstr(tmp_log, "feature G002") == NULL);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* 10 % missing, all of one centre, or all of patients who died. */
static void missing_by_centre_or_outcome(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    cxs_matrix *m = cohort_matrix(N, P, 1);
    cxs_surv *surv = cohort_surv(N, 1, 0, NULL, 1);

    (void)state;
    surv->centre = cxs_calloc(ctx, N, sizeof *surv->centre);
    surv->n_centres = 3;
    surv->centre_name = cohort_names("C", 3);
    for (size_t i = 0; i < N; i++) {
        surv->event[i] = i % 2 == 0;
        surv->centre[i] = i < 30 ? 0 : i < 60 ? 1 : 2;
        if (i < 10)
            m->x[1 * N + i] = (double)NAN;
        if (i % 10 == 0)
            m->x[2 * N + i] = (double)NAN;
    }
    CHECK(rank(ctx, m, surv, 1, NULL) == CXS_OK);
    /* 10 of 30 against 0 of 70, three centres: 5.207e-06; 10 of 50 against 0 of 50:
     * 0.001187 (fisher.test of R 4.2.2) */
    CHECK(strstr(tmp_log, "CX055: feature G001: 10 % missing; missing by centre "
                          "(Fisher p = 5.2e-06)\n") != NULL);
    CHECK(strstr(tmp_log, "CX055: feature G002: 10 % missing; missing by outcome "
                          "(Fisher p = 0.0012)\n") != NULL);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Every allocation that fails gives CXS_ENOMEM and leaves nothing behind. */
static void memory_may_be_short(void **state)
{
    bool done = false;

    (void)state;
    for (size_t at = 1; !done && at < 200; at++) {
        cxs_ctx *ctx = tmp_ctx();
        cxs_matrix *m = cohort_matrix(N, P, 1);
        cxs_surv *surv = cohort_surv(N, 1, 0, NULL, 1);
        cxs_rank_settings s = cxs_rank_defaults();
        cxs_joined *joined = NULL;
        cxs_rc rc;
        m->x[0] = (double)NAN;
        CHECK(cxs_join(ctx, m, surv, CXS_TIES_EFRON, &joined) == CXS_OK);
        cxs_alloc_fail_at((long)at);
        rc = cxs_plausible(ctx, joined, &s);
        cxs_alloc_fail_at(0);
        done = rc == CXS_OK;
        CHECK(done || rc == CXS_ENOMEM);
        cxs_joined_free(joined);
        cxs_ctx_free(ctx);
    }
    CHECK(done);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(p_is_that_of_r),
        cmocka_unit_test(names_of_outcomes_stop),
        cmocka_unit_test(copies_of_time_stop),
        cmocka_unit_test(missing_values_are_told_by_pattern),
        cmocka_unit_test(missing_by_centre_or_outcome),
        cmocka_unit_test(memory_may_be_short),
    };

    return cmocka_run_group_tests_name("plausible", tests, NULL, NULL);
}
