/*
 * test_rank.c -- evidence, tiers, permutation check and ranking on simulated cohorts
 */
#include "test.h"

#include "cohort.h"
#include "model/path.h"
#include "model/scan.h"
#include "rank/bounds.h"
#include "rank/evidence.h"
#include "resample/plan.h"

#include <stdlib.h>
#include <string.h>

enum { N = 140, P = 40, PLANTED = 3 };
static const size_t planted[PLANTED] = {5, 17, 31};
static const double effect[PLANTED] = {1.0, -0.9, 0.8};

/* P features, three of them with an effect; G020 is 0/1, G021 constant, G022 has gaps.
 */
static void planted_cohort(cxs_matrix **matrix, cxs_surv **surv)
{
    double eta[N];
    cxs_matrix *m = cohort_matrix(N, P, 2);

    for (size_t i = 0; i < N; i++) {
        eta[i] = 0.0;
        for (size_t e = 0; e < PLANTED; e++)
            eta[i] += effect[e] * m->x[i + planted[e] * N];
        m->x[i + 20 * N] = m->x[i + 20 * N] > 0.3;
        m->x[i + 21 * N] = 4.0;
        m->x[i + 22 * N] = i % 10 == 0 ? (double)NAN : m->x[i + 22 * N];
    }
    *matrix = m;
    *surv = cohort_surv(N, 2, 1, eta, 2);
}

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
        const size_t h = (size_t)(row[i].sel_freq * 20.0 + 0.5);
        hits += row[i].sel_freq * 20.0;
        CHECK(h > 10 ? row[i].pfer_bound == cxs_pfer_concave(P - 1, q, h, 10)
                     : isnan(row[i].pfer_bound));
        CHECK(i == 0 || row[i - 1].tier <= row[i].tier);
        CHECK(i == 0 || row[i - 1].tier < row[i].tier ||
              row[i - 1].expected_rank <= row[i].expected_rank);
        CHECK(isnan(row[i].sign_stability) != cxs_tier_candidate(&row[i]));
        if (row[i].tier == CXS_TIER_X)
            continue;
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
    enum { PAIRS = 3 };
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
    joined = join_cohort(ctx, matrix, surv);
    settings.pairs = PAIRS;
    model.alpha = settings.alpha;
    CHECK(cxs_stability_select(ctx, joined, &settings, P - 1, &found) == CXS_OK);
    for (size_t fit = 0; fit < 2 * PAIRS; fit++) {
        cxs_problem problem = joined->problem;
        CHECK(cxs_plan_halves(ctx, joined->surv, settings.seed, fit / 2, half) ==
              CXS_OK);
        for (size_t i = 0; i < N; i++)
            weight[i] = half[i] == fit % 2;
        problem.outcome.weight = weight;
        CHECK(cxs_path_first(ctx, &joined->design, &problem, &model, found.q, selected,
                             &count) == CXS_OK);
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
    CHECK(cxs_permutation_check(ctx, joined, &settings, &check) == CXS_OK);
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
 * quantile 23.5.
 */
static void permutation_p_is_uniform_under_the_null(void **state)
{
    enum { COHORTS = 240, SMALL_N = 24, SMALL_P = 6, BINS = 5 };
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
        cxs_joined *joined;
        /* the covariate matters; the features do not */
        for (size_t i = 0; i < SMALL_N; i++)
            eta[i] = surv->z[i];
        cxs_surv_free(surv);
        surv = cohort_surv(SMALL_N, 2, 1, eta, 100 + c);
        joined = join_cohort(ctx, cohort_matrix(SMALL_N, SMALL_P, 100 + c), surv);
        settings.seed = c;
        CHECK(cxs_permutation_check(ctx, joined, &settings, &check) == CXS_OK);
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
        {0.7, 1.1, 0.5, 1, 10, "alpha: 1.1 is outside [0, 1]"},
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
        cxs_matrix *matrix = cohort_matrix(30, 4, 1);
        cxs_surv *surv = cohort_surv(30, 1, 1, NULL, 1);
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
        cmocka_unit_test(scale_of_a_feature_does_not_matter),
        cmocka_unit_test(tiers_by_their_rules),
        cmocka_unit_test(signs_of_fitted_coefficients),
        cmocka_unit_test(hits_of_both_halves),
        cmocka_unit_test(whole_tuples_change_places),
        cmocka_unit_test(permutation_p_is_uniform_under_the_null),
        cmocka_unit_test(threads_and_seeds),
        cmocka_unit_test(settings_out_of_range),
        cmocka_unit_test(allocations_may_fail),
    };

    return cmocka_run_group_tests_name("rank", tests, NULL, NULL);
}
