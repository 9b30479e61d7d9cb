/*
 * test_evaluable.c -- which features are evaluated, and what the others cannot do
 */
#include "test.h"

#include "cohort.h"
#include "model/scan.h"
#include "rank/evidence.h"

#include <string.h>

enum { N = 120, P = 14, STRATA = 2 };

/* Features by number, see make_matrix(). */
enum {
    CONTINUOUS,
    FLOOR_5,        /* 5 of 120 patients leave the floor: 5 % of 120 is 6 */
    FLOOR_6,        /* 6 leave it */
    FLOORS_5,       /* a floor of its own in each stratum, 5 leave theirs */
    FLOORS_6,       /* 6 leave theirs */
    STRATUM_ITSELF, /* 0 in one stratum, 1 in the other */
    MISSING_24,     /* 20 % missing */
    MISSING_25,     /* more */
    MISSING_ALL,
    CONSTANT,
    RARE_6,        /* 0/1, 6 carriers, all with an event */
    RARE_NO_EVENT, /* 0/1, 10 carriers, 2 with an event */
    RARE_RECODED,  /* the same as 3/7 */
    FREQUENT,      /* 0/1, half */
};

static void make_cohort(cxs_matrix **matrix, cxs_surv **surv)
{
    cxs_matrix *m = cohort_matrix(N, P, 11);
    cxs_surv *s = cohort_surv(N, STRATA, 0, NULL, 11);
    size_t deaths = 0, censored = 0, with_event = 0;

    for (size_t i = 0; i < N; i++) {
        const double z = m->x[i], floor_of = i % 2 == 0 ? -1.0 : -0.5;
        double *x = m->x + i;
        x[FLOOR_5 * N] = i < 5 ? z : -1.0;
        x[FLOOR_6 * N] = i < 6 ? z : -1.0;
        x[FLOORS_5 * N] = i < 5 ? z : floor_of;
        x[FLOORS_6 * N] = i < 6 ? z : floor_of;
        x[STRATUM_ITSELF * N] = (double)(i % 2);
        x[MISSING_24 * N] = i < 24 ? (double)NAN : z;
        x[MISSING_25 * N] = i < 25 ? (double)NAN : z;
        x[MISSING_ALL * N] = (double)NAN;
        x[CONSTANT * N] = 4.0;
        x[RARE_6 * N] = s->event[i] && deaths++ < 6;
        x[RARE_NO_EVENT * N] = s->event[i] ? with_event++ < 2 : censored++ < 8;
        x[RARE_RECODED * N] = 3.0 + 4.0 * x[RARE_NO_EVENT * N];
        x[FREQUENT * N] = z > 0.0;
    }
    *matrix = m;
    *surv = s;
}

static const cxs_status want[P] = {
    [FLOOR_5] = CXS_STATUS_NOT_ASSESSED,
    [FLOORS_5] = CXS_STATUS_NOT_ASSESSED,
    [STRATUM_ITSELF] = CXS_STATUS_NOT_ASSESSED,
    [MISSING_25] = CXS_STATUS_MISSING,
    [MISSING_ALL] = CXS_STATUS_MISSING,
    [CONSTANT] = CXS_STATUS_CONSTANT,
    [RARE_NO_EVENT] = CXS_STATUS_TOO_FEW_EVENTS,
    [RARE_RECODED] = CXS_STATUS_TOO_FEW_EVENTS,
};

static cxs_rank_settings quick(void)
{
    cxs_rank_settings s = cxs_rank_defaults();

    s.pairs = 5;
    s.permutations = 19;
    s.bootstraps = 10;
    s.draws = 20;
    return s;
}

static void take_warning(void *user, cxs_log_level level, const char *code,
                         const char *line)
{
    char *text = user;

    (void)code;
    if (level == CXS_LOG_WARNING && strstr(line, "not evaluable") != NULL)
        snprintf(text, 512, "%s", line);
}

static void status_of_each_feature(void **state)
{
    const cxs_rank_settings settings = quick();
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *matrix = NULL;
    cxs_surv *surv = NULL;
    cxs_ranking *ranking = NULL;
    const cxs_rank_row *row;
    char warning[512] = "";
    size_t count = 0;

    (void)state;
    make_cohort(&matrix, &surv);
    cxs_ctx_set_log(ctx, take_warning, warning);
    CHECK(cxs_rank_run(ctx, matrix, surv, &settings, &ranking) == CXS_OK);
    row = cxs_ranking_rows(ranking, &count);
    CHECK(count == P);
    for (size_t i = 0; i < count; i++) {
        const size_t j = ranking->feature[i];
        CHECK(row[i].adjusted.status == want[j]);
        CHECK((row[i].tier == CXS_TIER_X) == (want[j] != CXS_STATUS_OK));
        CHECK(isnan(row[i].adjusted.p) == (want[j] != CXS_STATUS_OK));
        CHECK(isnan(row[i].unadjusted.p) == (want[j] != CXS_STATUS_OK));
        CHECK(isnan(row[i].sel_freq) == (want[j] != CXS_STATUS_OK));
        CHECK(row[i].adjusted.n + row[i].adjusted.missing == N);
        CHECK(strcmp(row[i].feature_id, ranking->joined->design.feature[j]) == 0);
    }
    CHECK(ranking->evaluated == 6);
    CHECK(strcmp(warning,
                 "8 of 14 features are not evaluable: 3 with fewer than max(5, 5 %) "
                 "patients apart from the most frequent value, 2 missing in more than "
                 "20 % of the patients, 2 with fewer than 3 events in one of two "
                 "groups, 1 constant") == 0);
    cxs_ranking_free(ranking);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Numbers of the others are those of a matrix that never had the features left out. */
static void features_left_out_leave_no_trace(void **state)
{
    const cxs_rank_settings settings = quick();
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_ranking *with = NULL, *without = NULL;
    cxs_matrix *matrix = NULL;
    cxs_surv *surv = NULL;
    size_t kept = 0;

    (void)state;
    make_cohort(&matrix, &surv);
    CHECK(cxs_rank_run(ctx, matrix, surv, &settings, &with) == CXS_OK);
    make_cohort(&matrix, &surv);
    for (size_t j = 0; j < P; j++) {
        if (want[j] != CXS_STATUS_OK) {
            cxs_free(matrix->feature[j]);
            continue;
        }
        matrix->feature[kept] = matrix->feature[j];
        memmove(matrix->x + kept++ * N, matrix->x + j * N, N * sizeof *matrix->x);
    }
    matrix->p = kept;
    CHECK(cxs_rank_run(ctx, matrix, surv, &settings, &without) == CXS_OK);
    for (size_t i = 0; i < kept; i++) {
        const cxs_rank_row *a = &with->row[i], *b = &without->row[i];
        CHECK(a->adjusted.p == b->adjusted.p && a->adjusted.q == b->adjusted.q);
        CHECK(a->sel_freq == b->sel_freq && a->tier == b->tier);
    }
    CHECK(with->permutation.observed == without->permutation.observed);
    CHECK(with->stability.q == without->stability.q);
    cxs_ranking_free(with);
    cxs_ranking_free(without);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* One early death among few carriers: |z| of such a feature is the largest of all, and
 * the permutation check does not see it. */
static void one_early_death_does_not_rule(void **state)
{
    cxs_rank_settings settings = quick();
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *matrix = NULL;
    cxs_surv *surv = NULL;
    cxs_ranking *ranking = NULL;
    double z[P];

    (void)state;
    make_cohort(&matrix, &surv);
    surv->time[0] = 0.5; /* patient 0 is one of the five above the floor */
    surv->event[0] = 1;
    for (size_t i = 0; i < N; i++)
        matrix->x[i + FLOOR_5 * N] = i == 0 ? 9.0 : i < 5 ? -0.9 : -1.0;
    settings.permutations = 199;
    CHECK(cxs_rank_run(ctx, matrix, surv, &settings, &ranking) == CXS_OK);
    CHECK(cxs_scan_score(ctx, &ranking->joined->design, &ranking->joined->problem, z) ==
          CXS_OK);
    CHECK(fabs(z[FLOOR_5]) > 5.0);
    CHECK(ranking->permutation.observed < 4.0);
    for (size_t b = 0; b < settings.permutations; b++)
        CHECK(ranking->permutation.max_abs_z[b] < 4.5);
    cxs_ranking_free(ranking);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Intervals of one patient are one patient. */
static void patients_are_counted_not_rows(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_surv *surv = cohort_surv(N, 1, 0, NULL, 3);
    cxs_matrix *matrix = cohort_matrix(N / 2, 2, 3);
    cxs_joined *joined = NULL;
    cxs_rank_row row[2] = {{.feature_id = NULL}};
    uint8_t binary[2];

    (void)state;
    surv->entry = cxs_calloc(NULL, N, sizeof(double));
    surv->n_subjects = N / 2;
    for (size_t i = 0; i < N; i++) {
        snprintf(surv->id[i], 5, "P%03zu", i / 2);
        surv->entry[i] = i % 2 == 0 ? 0.0 : 5.0;
        surv->time[i] = i % 2 == 0 ? 5.0 : 6.0 + (double)i;
    }
    for (size_t i = 0; i < N / 2; i++) { /* 4 and 5 of 60 patients, 8 and 10 rows */
        matrix->x[i] = i < 4;
        matrix->x[i + N / 2] = i < 5;
    }
    CHECK(cxs_join(ctx, matrix, surv, CXS_TIES_EFRON, &joined) == CXS_OK);
    CHECK(cxs_evaluable(ctx, joined, row, binary) == CXS_OK);
    CHECK(row[0].adjusted.status == CXS_STATUS_NOT_ASSESSED);
    CHECK(row[1].adjusted.status == CXS_STATUS_OK);
    CHECK(row[0].adjusted.n == N && binary[0] == 1 && binary[1] == 1);
    cxs_joined_free(joined);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(status_of_each_feature),
        cmocka_unit_test(features_left_out_leave_no_trace),
        cmocka_unit_test(one_early_death_does_not_rule),
        cmocka_unit_test(patients_are_counted_not_rows),
    };

    return cmocka_run_group_tests_name("evaluable", tests, NULL, NULL);
}
