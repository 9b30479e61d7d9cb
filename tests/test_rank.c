/*
 * test_rank.c -- tiers, order and contents of the ranking on simulated cohorts
 */
#include "test.h"

#include "cohort.h"
#include "rank/bounds.h"
#include "rank/evidence.h"

#include <stdlib.h>
#include <string.h>

enum { N = PLANTED_N, P = PLANTED_P };

static cxs_rank_settings quick(void)
{
    cxs_rank_settings s = cxs_rank_defaults();

    s.pairs = 10;
    s.permutations = 39;
    s.bootstraps = 60;
    s.draws = 200;
    return s;
}

static cxs_ranking *rank_planted(cxs_ctx *ctx, const cxs_rank_settings *settings)
{
    cxs_matrix *matrix = NULL;
    cxs_surv *surv = NULL;
    cxs_ranking *ranking = NULL;

    planted_cohort(&matrix, &surv);
    CHECK(cxs_rank_run(ctx, matrix, surv, settings, &ranking) == CXS_OK);
    return ranking;
}

static const cxs_rank_row *find(const cxs_ranking *ranking, const char *feature)
{
    size_t count = 0;
    const cxs_rank_row *row = cxs_ranking_rows(ranking, &count);

    for (size_t i = 0; i < count; i++)
        if (strcmp(row[i].feature_id, feature) == 0)
            return &row[i];
    return NULL;
}

static void planted_markers_come_first(void **state)
{
    const cxs_rank_settings settings = quick();
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_ranking *ranking = rank_planted(ctx, &settings);
    size_t count = 0;
    const cxs_rank_row *row = cxs_ranking_rows(ranking, &count);

    (void)state;
    CHECK(count == P);
    for (size_t e = 0; e < PLANTED; e++) {
        const cxs_rank_row *at =
            find(ranking, ranking->joined->design.feature[planted[e]]);
        CHECK(at != NULL && at - row < PLANTED);
        CHECK(at->tier == CXS_TIER_B);
        CHECK(at->adjusted.q < 0.01 && at->sel_freq > 0.9 && at->lfsr < 0.05);
        CHECK(at->sign_stability > 0.95);
        CHECK((at->adjusted.beta > 0) == (effect[e] > 0));
        CHECK(strcmp(cxs_rank_direction(at),
                     effect[e] > 0 ? "harmful" : "protective") == 0);
        CHECK(fabs(at->beta_shrunk) < fabs(at->adjusted.beta));
        CHECK(at->beta_shrunk * at->adjusted.beta > 0.0);
    }
    CHECK(ranking->permutation.p == 1.0 / 40.0);
    CHECK(strcmp(cxs_ranking_verdict(ranking),
                 "Evidence that at least one candidate is better than chance "
                 "(permutation p = 0.025, B = 39)") == 0);
    cxs_ranking_free(ranking);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Order, completeness, and each column against its definition. */
static void rows_hold_their_definitions(void **state)
{
    const cxs_rank_settings settings = quick();
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_ranking *ranking = rank_planted(ctx, &settings);
    size_t count = 0;
    const cxs_rank_row *row = cxs_ranking_rows(ranking, &count);
    const size_t q = ranking->stability.q;
    double sum = 0.0, hits = 0.0;

    (void)state;
    CHECK(ranking->evaluated == P - 1);
    CHECK(q == cxs_pfer_choose_q(P - 1, 0.75, 10, 0.5));
    for (size_t i = 0; i < count; i++) {
        size_t h = 0;
        if (row[i].tier == CXS_TIER_X) { /* no candidate: no evidence at all */
            CHECK(isnan(row[i].sel_freq) && isnan(row[i].adjusted.q));
            continue;
        }
        h = (size_t)(row[i].sel_freq * 20.0 + 0.5);
        hits += row[i].sel_freq * 20.0;
        CHECK(h > 10 ? row[i].pfer_bound == cxs_pfer_concave(P - 1, q, h, 10)
                     : isnan(row[i].pfer_bound));
        CHECK(i == 0 || row[i - 1].tier <= row[i].tier);
        CHECK(i == 0 || row[i - 1].tier < row[i].tier ||
              row[i - 1].expected_rank <= row[i].expected_rank);
        CHECK(isnan(row[i].sign_stability) != cxs_tier_candidate(&row[i]));
        sum += row[i].expected_rank;
        CHECK_NEAR(row[i].score, 100.0 * (1.0 - (row[i].expected_rank - 1.0) / (P - 2)),
                   TOL_SUM);
        CHECK(row[i].adjusted.beta != row[i].unadjusted.beta);
    }
    CHECK_NEAR(sum, (P - 1) * P / 2.0, TOL_SUM); /* ranks of P - 1 features */
    CHECK(hits <= 20.0 * (double)q + 1e-9);
    CHECK(strcmp(row[P - 1].feature_id, "G021") == 0); /* the constant one */
    CHECK(row[P - 1].tier == CXS_TIER_X && isnan(row[P - 1].expected_rank));
    CHECK(row[P - 1].adjusted.status == CXS_STATUS_CONSTANT);
    CHECK(find(ranking, "G022")->adjusted.missing == N / 10);
    CHECK(find(ranking, "G020")->adjusted.scale == 1.0);
    cxs_ranking_free(ranking);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* With clusters p is Wald's, robust, whatever was asked for; without, it is not. */
static void clusters_need_walds_test(void **state)
{
    cxs_rank_settings settings = quick();
    cxs_ctx *ctx = cxs_ctx_new();
    size_t differs = 0;

    (void)state;
    settings.permutations = settings.bootstraps = settings.pairs = 0;
    for (int clustered = 0; clustered < 2; clustered++) {
        cxs_matrix *matrix = NULL;
        cxs_surv *surv = NULL;
        cxs_ranking *ranking = NULL;
        planted_cohort(&matrix, &surv);
        if (clustered) {
            surv->cluster = cxs_calloc(NULL, N, sizeof *surv->cluster);
            for (size_t i = 0; i < N; i++)
                surv->cluster[i] = (uint32_t)(i / 2);
        }
        CHECK(cxs_rank_run(ctx, matrix, surv, &settings, &ranking) == CXS_OK);
        CHECK(ranking->settings.test == (clustered ? CXS_SCREEN_WALD : CXS_SCREEN_LRT));
        for (size_t i = 0; i < P - 1; i++) {
            const cxs_screen_row *row = &ranking->row[i].adjusted;
            const double wald = erfc(fabs(row->z) / sqrt(2.0));
            if (clustered)
                CHECK_NEAR(row->p, wald, TOL_SUM);
            else
                differs += fabs(row->p - wald) > 1e-6 * wald;
        }
        cxs_ranking_free(ranking);
    }
    CHECK(differs > P - 5);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Shrinkage compares per standard deviation: recoding 0/1 as 0/5 changes nothing. */
static void scale_of_a_feature_does_not_matter(void **state)
{
    cxs_rank_settings settings = quick();
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_ranking *a, *b = NULL;
    cxs_matrix *matrix = NULL;
    cxs_surv *surv = NULL;

    (void)state;
    settings.permutations = settings.bootstraps = settings.pairs = 0;
    a = rank_planted(ctx, &settings);
    planted_cohort(&matrix, &surv);
    for (size_t i = 0; i < N; i++) {
        matrix->x[i + 20 * N] *= 5.0;
        matrix->x[i + 7 * N] = 3.0 + 100.0 * matrix->x[i + 7 * N];
    }
    CHECK(cxs_rank_run(ctx, matrix, surv, &settings, &b) == CXS_OK);
    for (size_t i = 0; i < P - 1; i++) {
        CHECK(strcmp(a->row[i].feature_id, b->row[i].feature_id) == 0);
        CHECK(fabs(a->row[i].expected_rank - b->row[i].expected_rank) < 0.05);
        CHECK_NEAR(a->row[i].lfsr, b->row[i].lfsr, TOL_ITER);
        CHECK_NEAR(a->row[i].beta_shrunk / a->row[i].adjusted.beta,
                   b->row[i].beta_shrunk / b->row[i].adjusted.beta, TOL_ITER);
        CHECK(isnan(a->row[i].sel_freq) && isnan(a->row[i].pfer_bound));
        CHECK(isnan(a->row[i].sign_stability) && a->row[i].tier > CXS_TIER_B);
    }
    CHECK(strcmp(cxs_ranking_verdict(a),
                 "Not compared with chance: no permutations were run") == 0);
    cxs_ranking_free(a);
    cxs_ranking_free(b);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void tiers_by_their_rules(void **state)
{
    static const struct {
        double q, p, p_bare, frequency, sign;
        cxs_status status;
        cxs_tier want;
    } cases[] = {
        {0.20, 0.01, 0.01, 0.1, 0.90, CXS_STATUS_OK, CXS_TIER_B},
        {0.21, 0.01, 0.01, 0.1, 0.95, CXS_STATUS_OK, CXS_TIER_C},
        {0.90, 0.60, 0.60, 0.5, 0.90, CXS_STATUS_OK, CXS_TIER_B},
        {0.01, 0.01, 0.01, 0.9, 0.89, CXS_STATUS_OK, CXS_TIER_C},
        {0.90, 0.06, 0.05, 0.4, (double)NAN, CXS_STATUS_OK, CXS_TIER_C},
        {0.90, 0.05, 0.06, 0.4, (double)NAN, CXS_STATUS_OK, CXS_TIER_C},
        {0.90, 0.06, 0.06, 0.4, (double)NAN, CXS_STATUS_OK, CXS_TIER_D},
        {0.90, 0.06, (double)NAN, (double)NAN, (double)NAN, CXS_STATUS_OK, CXS_TIER_D},
        {0.01, 0.01, 0.01, 0.9, 0.99, CXS_STATUS_SEPARATED, CXS_TIER_X},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cxs_rank_row row = {.sel_freq = cases[i].frequency,
                            .sign_stability = cases[i].sign};
        row.adjusted.q = cases[i].q;
        row.adjusted.p = cases[i].p;
        row.adjusted.status = cases[i].status;
        row.unadjusted.p = cases[i].p_bare;
        CHECK(cxs_tier_of(&row) == cases[i].want);
    }
    CHECK(strcmp(cxs_tier_name(CXS_TIER_X), "X") == 0);
    CHECK_DONE();
}

/* The same ranking for any number of threads; another seed moves draws, not fits. */
static void threads_and_seeds(void **state)
{
    cxs_rank_settings settings = quick();
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_ranking *one, *four, *other;
    int moved = 0;

    (void)state;
    one = rank_planted(ctx, &settings);
    cxs_ctx_set_threads(ctx, 4);
    four = rank_planted(ctx, &settings);
    settings.seed = 99;
    other = rank_planted(ctx, &settings);
    for (size_t i = 0; i < P; i++) {
        const cxs_rank_row *a = &one->row[i], *b = &four->row[i];
        const cxs_rank_row *c = find(other, a->feature_id);
        CHECK(strcmp(a->feature_id, b->feature_id) == 0);
        CHECK(memcmp(&a->tier, &b->tier, sizeof *a - offsetof(cxs_rank_row, tier)) ==
              0);
        CHECK(memcmp(&a->adjusted, &c->adjusted, sizeof a->adjusted) == 0);
        moved += a->sel_freq != c->sel_freq;
    }
    CHECK(moved > 3);
    CHECK(memcmp(one->permutation.max_abs_z, four->permutation.max_abs_z,
                 39 * sizeof(double)) == 0);
    CHECK(memcmp(one->permutation.max_abs_z, other->permutation.max_abs_z,
                 39 * sizeof(double)) != 0);
    cxs_ranking_free(one);
    cxs_ranking_free(four);
    cxs_ranking_free(other);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void settings_out_of_range(void **state)
{
    static const struct {
        double threshold, alpha, errors, horizon;
        size_t draws;
        const char *message;
    } cases[] = {
        {0.5, 0.9, 0.5, 1, 10, "threshold: 0.5 is outside (0.5, 1]"},
        {0.7, 1.1, 0.5, 1, 10, "alpha: 1.1 is outside [0.001, 1]"},
        {0.7, 0.0, 0.5, 1, 10, "alpha: 0 is outside [0.001, 1]"},
        {0.7, 0.0009, 0.5, 1, 10, "alpha: 0.0009 is outside [0.001, 1]"},
        {0.7, 0.9, 0.0, 1, 10, "max_errors: 0 is not positive"},
        {0.7, 0.9, 0.5, 0, 10, "horizon_days: 0 is not positive"},
        {0.7, 0.9, 0.5, 1, 0, "draws: 0 is below 1"},
    };
    cxs_ctx *ctx = cxs_ctx_new();
    const long live = cxs_alloc_live();

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cxs_rank_settings s = quick();
        cxs_ranking *ranking = NULL;
        s.threshold = cases[i].threshold;
        s.alpha = cases[i].alpha;
        s.max_errors = cases[i].errors;
        s.horizon_days = cases[i].horizon;
        s.draws = cases[i].draws;
        CHECK(cxs_rank_run(ctx, cohort_matrix(9, 3, 1), cohort_surv(9, 1, 0, NULL, 1),
                           &s, &ranking) == CXS_EARG);
        CHECK(ranking == NULL);
        CHECK(strcmp(cxs_ctx_message(ctx), cases[i].message) == 0);
        CHECK(cxs_alloc_live() == live);
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Let allocations fail one after the other, with growing strides: no leak, no result.
 */
static void allocations_may_fail(void **state)
{
    cxs_rank_settings s = quick();
    cxs_ctx *ctx = cxs_ctx_new();
    const long live = cxs_alloc_live();
    cxs_rc rc = CXS_ENOMEM;
    long k;

    (void)state;
    s.pairs = s.permutations = s.bootstraps = 1;
    s.draws = 4;
    for (k = 1; rc == CXS_ENOMEM && k < 100000; k += 1 + k / 16) {
        cxs_matrix *matrix = cohort_matrix(60, 4, 1);
        cxs_surv *surv = cohort_surv(60, 1, 1, NULL, 1);
        cxs_ranking *ranking = NULL;
        cxs_alloc_fail_at(k);
        rc = cxs_rank_run(ctx, matrix, surv, &s, &ranking);
        cxs_alloc_fail_at(0);
        CHECK((rc == CXS_OK) == (ranking != NULL));
        cxs_ranking_free(ranking);
        CHECK(cxs_alloc_live() == live);
    }
    CHECK(rc == CXS_OK && k > 20);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planted_markers_come_first),
        cmocka_unit_test(rows_hold_their_definitions),
        cmocka_unit_test(clusters_need_walds_test),
        cmocka_unit_test(scale_of_a_feature_does_not_matter),
        cmocka_unit_test(tiers_by_their_rules),
        cmocka_unit_test(threads_and_seeds),
        cmocka_unit_test(settings_out_of_range),
        cmocka_unit_test(allocations_may_fail),
    };

    return cmocka_run_group_tests_name("rank", tests, NULL, NULL);
}
