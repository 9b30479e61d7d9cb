/*
 * test_stress.c -- screen, model and rank on data that break solvers: a right answer or
 * a clear status, no number that is none, no hang
 *
 * Each case is one cohort of at most 60 subjects with what is wrong put into it; every
 * fit is judged by the literal likelihood of path_case.h.
 */
#include "cohort.h"
#include "path_case.h"

#include "coxswain/screen.h"
#include "model/model_private.h"
#include "rank/evidence.h"

#include <unistd.h>

enum { FIT_SECONDS = 120 }; /* some milliseconds each; under valgrind some seconds */

typedef struct stress_case {
    const char *name;
    size_t n, p, k;
    void (*spoil)(cxs_matrix *matrix, cxs_surv *surv);
    int no_event;   /* no fit at all */
    int one_event;  /* a fold has none: no cross-validation */
    int beyond_sum; /* squares overflow in the literal judge */
} stress_case;

static void nothing(cxs_matrix *m, cxs_surv *surv)
{
    (void)m;
    (void)surv;
}

static void copies(cxs_matrix *m, cxs_surv *surv)
{
    (void)surv;
    for (size_t i = 0; i < m->n; i++) {
        m->x[1 * m->n + i] = m->x[i];
        m->x[2 * m->n + i] = -2.0 * m->x[i];
        m->x[3 * m->n + i] = surv->z[i]; /* a covariate */
    }
}

static void constants(cxs_matrix *m, cxs_surv *surv)
{
    (void)surv;
    for (size_t i = 0; i < m->n; i++) {
        m->x[1 * m->n + i] = 7.0;
        m->x[2 * m->n + i] = 0.0;
        m->x[3 * m->n + i] = 1e300;
        m->x[4 * m->n + i] = 0.1 + (i % 2 ? 1e-17 : 0.0); /* the last digit */
    }
}

static void all_constant(cxs_matrix *m, cxs_surv *surv)
{
    (void)surv;
    for (size_t i = 0; i < m->n * m->p; i++)
        m->x[i] = (double)(i / m->n);
}

/* Two columns order the outcome, one perfectly in either direction. */
static void outcome_order(cxs_matrix *m, cxs_surv *surv)
{
    for (size_t i = 0; i < m->n; i++) {
        m->x[1 * m->n + i] = -surv->time[i];
        m->x[2 * m->n + i] = log1p(surv->time[i]);
        m->x[3 * m->n + i] = surv->event[i];
    }
}

static void all_censored(cxs_matrix *m, cxs_surv *surv)
{
    (void)m;
    memset(surv->event, 0, surv->n);
}

static void one_event(cxs_matrix *m, cxs_surv *surv)
{
    size_t early = 0;

    (void)m;
    for (size_t i = 0; i < surv->n; i++)
        if (surv->time[i] < surv->time[early])
            early = i;
    memset(surv->event, 0, surv->n);
    surv->event[early] = 1;
}

static void one_time(cxs_matrix *m, cxs_surv *surv)
{
    (void)m;
    for (size_t i = 0; i < surv->n; i++)
        surv->time[i] = 30.0;
}

static void one_time_all_dead(cxs_matrix *m, cxs_surv *surv)
{
    one_time(m, surv);
    memset(surv->event, 1, surv->n);
}

static void extreme_scales(cxs_matrix *m, cxs_surv *surv)
{
    (void)surv;
    for (size_t i = 0; i < m->n; i++) {
        m->x[1 * m->n + i] *= 1e300;
        m->x[2 * m->n + i] *= 1e-300;
    }
}

/* Not all digits are left, and a coefficient per unit is beyond all numbers. */
static void subnormal(cxs_matrix *m, cxs_surv *surv)
{
    (void)surv;
    for (size_t i = 0; i < m->n; i++)
        m->x[1 * m->n + i] *= 1e-310;
}

static void far_value(cxs_matrix *m, cxs_surv *surv)
{
    (void)surv;
    m->x[1 * m->n + 5] = 1e6;
    m->x[2 * m->n + 6] = -1e6;
}

static void two_dead(cxs_matrix *m, cxs_surv *surv)
{
    (void)m;
    for (size_t i = 0; i < surv->n; i++) {
        surv->time[i] = 1.0 + (double)i;
        surv->event[i] = 1;
    }
}

static const stress_case cases[] = {
    {"plain", 60, 40, 1, nothing, 0, 0, 0},
    {"copies", 60, 40, 1, copies, 0, 0, 0},
    {"constants", 60, 40, 1, constants, 0, 0, 0},
    {"all constant", 60, 10, 1, all_constant, 0, 0, 0},
    {"outcome order", 60, 40, 1, outcome_order, 0, 0, 0},
    {"all censored", 60, 40, 1, all_censored, 1, 0, 0},
    {"one event", 60, 40, 0, one_event, 0, 1, 0},
    {"one time", 60, 40, 1, one_time, 0, 0, 0},
    {"one time, all dead", 60, 40, 1, one_time_all_dead, 0, 0, 0},
    {"p = 1", 60, 1, 1, nothing, 0, 0, 0},
    {"p = 1, order", 60, 1, 0, nothing, 0, 0, 0},
    {"n = 2", 2, 5, 0, two_dead, 0, 1, 0},
    {"n = 2, p = 1", 2, 1, 0, two_dead, 0, 1, 0},
    {"n = 2, one event", 2, 5, 0, one_event, 0, 1, 0},
    {"scales", 60, 40, 1, extreme_scales, 0, 0, 1},
    {"subnormal", 60, 40, 1, subnormal, 0, 0, 1},
    {"far values", 60, 40, 1, far_value, 0, 0, 0},
};
enum { CASES = sizeof cases / sizeof *cases };
enum { PLAIN, COPIES, CONSTANTS, ALL_CONSTANT, OUTCOME_ORDER, SCALES = 14 };

static const stress_case *current;

static void make(const stress_case *c, cxs_matrix **matrix, cxs_surv **surv)
{
    current = c;
    *matrix = cohort_matrix(c->n, c->p, 11);
    *surv = cohort_surv(c->n, 1, c->k, NULL, 11);
    c->spoil(*matrix, *surv);
    alarm(FIT_SECONDS);
}

/* CHECK that names the case. */
#define HOLDS(cond)                                                                    \
    do {                                                                               \
        const int holds_ = (cond);                                                     \
        if (!holds_)                                                                   \
            printf("  case '%s': %s\n", current->name, #cond);                         \
        CHECK(holds_);                                                                 \
    } while (0)

/* ---- screen ---------------------------------------------------------------------- */

static int p_value(double p)
{
    return p >= 0.0 && p <= 1.0;
}

/* A row that is ok has all numbers; another has no p. */
static void check_row(const cxs_screen_row *row)
{
    if (row->status == CXS_STATUS_OK) {
        HOLDS(isfinite(row->beta) && row->se > 0.0 && isfinite(row->se));
        HOLDS(isfinite(row->z) && row->scale > 0.0 && isfinite(row->scale));
        HOLDS(p_value(row->p) && isfinite(row->log10_p));
        HOLDS(p_value(row->q));
    } else {
        HOLDS(isnan(row->p) && isnan(row->q) && isnan(row->log10_p));
        HOLDS(!isinf(row->beta) && !isinf(row->se) && !isinf(row->z));
    }
}

static cxs_screen *screen(cxs_ctx *ctx, const stress_case *c, int test, int ties)
{
    cxs_screen_settings s = cxs_screen_defaults();
    cxs_screen *out = NULL;
    cxs_matrix *matrix;
    cxs_surv *surv;
    cxs_rc rc;

    s.test = (cxs_screen_test)test;
    s.ties = (cxs_ties)ties;
    make(c, &matrix, &surv);
    rc = cxs_screen_run(ctx, matrix, surv, &s, &out);
    alarm(0);
    HOLDS(rc == (c->no_event ? CXS_EDEGENERATE : CXS_OK));
    HOLDS((rc == CXS_OK) == (out != NULL));
    return out;
}

static void screen_survives(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    for (size_t i = 0; i < CASES; i++)
        for (int form = 0; form < 6; form++) {
            cxs_screen *s = screen(ctx, &cases[i], form % 3, form / 3);
            for (size_t j = 0; s != NULL && j < cases[i].p; j++)
                check_row(&cxs_screen_rows(s)[j]);
            cxs_screen_free(s);
        }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Copies have one row's numbers, constants and covariates their status. */
static void screen_of_copies_and_constants(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    for (int test = 0; test < 3; test++) {
        cxs_screen *s = screen(ctx, &cases[COPIES], test, 1), *flat, *none;
        const cxs_screen_row *row = cxs_screen_rows(s);
        HOLDS(row[0].status == CXS_STATUS_OK);
        HOLDS(memcmp(&row[0], &row[1], sizeof *row) == 0);
        CHECK_NEAR(row[2].z, -row[0].z, 1e-11);
        CHECK_NEAR(row[2].p, row[0].p, 1e-11);
        HOLDS(row[3].status == CXS_STATUS_ALIASED);
        flat = screen(ctx, &cases[CONSTANTS], test, 1);
        row = cxs_screen_rows(flat);
        for (size_t j = 0; j < 40; j++)
            HOLDS((row[j].status == CXS_STATUS_CONSTANT) == (j >= 1 && j <= 4));
        none = screen(ctx, &cases[ALL_CONSTANT], test, 1);
        for (size_t j = 0; j < 10; j++)
            HOLDS(cxs_screen_rows(none)[j].status == CXS_STATUS_CONSTANT);
        cxs_screen_free(s);
        cxs_screen_free(flat);
        cxs_screen_free(none);
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* A column times 1e300 or 1e-300 keeps its z, p and, per sd, its beta. */
static void screen_knows_no_scale(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    for (int test = 0; test < 3; test++) {
        cxs_screen *plain = screen(ctx, &cases[PLAIN], test, 1);
        cxs_screen *scaled = screen(ctx, &cases[SCALES], test, 1);
        const cxs_screen_row *a = cxs_screen_rows(plain), *b = cxs_screen_rows(scaled);
        for (size_t j = 0; j < 3; j++) {
            HOLDS(b[j].status == CXS_STATUS_OK);
            CHECK_NEAR(b[j].z, a[j].z, 1e-9);
            CHECK_NEAR(b[j].p, a[j].p, 1e-9);
            CHECK_NEAR(b[j].beta, a[j].beta, 1e-9);
        }
        CHECK_NEAR(b[1].scale / 1e300, a[1].scale, 1e-12);
        CHECK_NEAR(b[2].scale / 1e-300, a[2].scale, 1e-12);
        cxs_screen_free(plain);
        cxs_screen_free(scaled);
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- model ----------------------------------------------------------------------- */

static cxs_model *model(cxs_ctx *ctx, const stress_case *c, double alpha, int ties,
                        size_t folds)
{
    cxs_model_settings s = cxs_model_defaults();
    cxs_model *out = NULL;
    cxs_matrix *matrix;
    cxs_surv *surv;
    cxs_rc rc;

    s.alpha = alpha;
    s.ties = (cxs_ties)ties;
    s.nlambda = 25;
    s.tol = 1e-8;
    s.folds = folds;
    s.relax = alpha > 0.0;
    make(c, &matrix, &surv);
    rc = cxs_model_fit(ctx, matrix, surv, &s, &out);
    alarm(0);
    if (folds > c->n)
        HOLDS(rc == CXS_EARG);
    else if (c->no_event || (c->one_event && folds > 0))
        HOLDS(rc == CXS_EDEGENERATE);
    else
        HOLDS(rc == CXS_OK);
    HOLDS((rc == CXS_OK) == (out != NULL));
    HOLDS(rc == CXS_OK || *cxs_ctx_message(ctx) != '\0');
    return out;
}

/* Every lambda is converged, by the solver's certificate and by that of path_case.h. */
static void check_path(const cxs_model *m)
{
    const cxs_design *d = &m->joined->design;
    const cxs_path *path = m->path;
    double beta[COLUMNS_MAX], gamma[4] = {0}, factor[COLUMNS_MAX];

    for (size_t j = 0; j < d->p; j++) /* constant to the last digits but one */
        factor[j] = path->scale[j] > 0.0 ? 1.0 : HUGE_VAL;
    HOLDS(path->points == 25 || path->lambda_max == 0.0);
    for (size_t l = 0; l < path->points; l++) {
        const cxs_path_point *at = &path->point[l];
        HOLDS(isfinite(at->lambda) && isfinite(at->loglik) && isfinite(at->dev_ratio));
        HOLDS(at->converged && at->kkt_max <= m->settings.tol);
        dense(path, l, beta, gamma);
        for (size_t j = 0; j < d->p; j++)
            HOLDS(isfinite(beta[j]));
        if (!current->beyond_sum) {
            const judged by = judge(d, &m->joined->problem, factor, m->settings.alpha,
                                    at->lambda, beta, gamma);
            HOLDS(by.violation <= m->settings.tol * path->lambda_max + 1e-11);
        }
    }
}

/* A value 1e6 sd off, left out, makes a deviance of 1e6 and more: NaN where the sums
 * over its risk sets vanish, and never the best. */
static void check_curve(const cxs_model *m)
{
    const cxs_cv *cv = &m->cv;

    HOLDS(cv->points > 0 && cv->best < cv->points && isfinite(cv->cvm[cv->best]));
    for (size_t l = 0; l < cv->points; l++) {
        HOLDS(cv->used[l] == 3);
        HOLDS(isfinite(cv->cvm[l]) ||
              (current->spoil == far_value && isnan(cv->cvm[l])));
        HOLDS(isfinite(cv->cvse[l]) == isfinite(cv->cvm[l]));
    }
}

static void model_survives(void **state)
{
    static const double alphas[] = {1.0, 0.5, 0.0};
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    for (size_t i = 0; i < CASES; i++)
        for (int form = 0; form < 12; form++) {
            cxs_model *m =
                model(ctx, &cases[i], alphas[form % 3], form / 3 % 2, form < 6 ? 0 : 3);
            if (m == NULL)
                continue;
            check_path(m);
            if (form >= 6)
                check_curve(m);
            cxs_model_free(m);
        }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Copies share one coefficient's fit; what has no spread has no coefficient. */
static void model_of_copies_and_constants(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_model *flat = model(ctx, &cases[CONSTANTS], 1.0, 1, 0);
    cxs_model *none = model(ctx, &cases[ALL_CONSTANT], 1.0, 1, 0);
    cxs_model *ordered = model(ctx, &cases[OUTCOME_ORDER], 1.0, 1, 0);
    double beta[COLUMNS_MAX], gamma[1];

    (void)state;
    for (size_t l = 0; l < flat->path->points; l++) {
        dense(flat->path, l, beta, gamma);
        for (size_t j = 1; j <= 4; j++)
            HOLDS(beta[j] == 0.0);
    }
    HOLDS(none->path->lambda_max == 0.0 && none->path->point[0].df == 0);
    dense(ordered->path, 24, beta, gamma);
    HOLDS(beta[1] >= 0.0 && beta[2] <= 0.0 && beta[1] - beta[2] > 0.0);
    HOLDS(ordered->path->point[24].dev_ratio > 0.8);
    for (int ridge = 0; ridge < 2; ridge++) {
        cxs_model *copied = model(ctx, &cases[COPIES], ridge ? 0.0 : 0.5, 1, 0);
        dense(copied->path, 24, beta, gamma);
        CHECK_NEAR(beta[0], beta[1], 1e-6); /* strictly convex: shared evenly */
        CHECK_NEAR(beta[0], -2.0 * beta[2], 1e-6);
        cxs_model_free(copied);
    }
    cxs_model_free(flat);
    cxs_model_free(none);
    cxs_model_free(ordered);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void model_knows_no_scale(void **state)
{
    static const double alphas[] = {1.0, 0.5, 0.0};
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    for (size_t a = 0; a < 3; a++) {
        cxs_model *plain = model(ctx, &cases[PLAIN], alphas[a], 1, 0);
        cxs_model *scaled = model(ctx, &cases[SCALES], alphas[a], 1, 0);
        CHECK_NEAR(scaled->path->lambda_max / plain->path->lambda_max, 1.0, 1e-9);
        for (size_t l = 0; l < 25; l++) {
            double left[COLUMNS_MAX], right[COLUMNS_MAX], gamma[1];
            dense(plain->path, l, left, gamma);
            dense(scaled->path, l, right, gamma);
            CHECK_NEAR(left[1], right[1] * 1e300, 1e-5);
            CHECK_NEAR(left[2], right[2] * 1e-300, 1e-5);
            CHECK_NEAR(plain->path->point[l].loglik, scaled->path->point[l].loglik,
                       1e-6);
        }
        cxs_model_free(plain);
        cxs_model_free(scaled);
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- rank ------------------------------------------------------------------------ */

static cxs_ranking *ranked(cxs_ctx *ctx, const stress_case *c, int ties)
{
    cxs_rank_settings s = cxs_rank_defaults();
    cxs_ranking *out = NULL;
    cxs_matrix *matrix;
    cxs_surv *surv;
    cxs_rc rc;

    s.ties = (cxs_ties)ties;
    s.pairs = 4;
    s.permutations = 9;
    s.bootstraps = 6;
    s.draws = 50;
    make(c, &matrix, &surv);
    rc = cxs_rank_run(ctx, matrix, surv, &s, &out);
    alarm(0);
    HOLDS(rc == (c->no_event ? CXS_EDEGENERATE : CXS_OK));
    HOLDS((rc == CXS_OK) == (out != NULL));
    return out;
}

static int share(double value)
{
    return value >= 0.0 && value <= 1.0;
}

/* A candidate has all its evidence, the others none. */
static void check_ranked(const cxs_rank_row *row)
{
    check_row(&row->adjusted);
    if (row->tier == CXS_TIER_X) {
        HOLDS(isnan(row->lfsr) && isnan(row->beta_shrunk) && isnan(row->expected_rank));
        HOLDS(isnan(row->adjusted.p));
        return;
    }
    HOLDS(row->adjusted.status == CXS_STATUS_OK);
    HOLDS(share(row->lfsr) && isfinite(row->beta_shrunk));
    HOLDS(row->expected_rank >= 1.0 && isfinite(row->expected_rank));
    HOLDS(isnan(row->sel_freq) || share(row->sel_freq));
    HOLDS(isnan(row->sign_stability) || share(row->sign_stability));
    HOLDS(isnan(row->pfer_bound) || isfinite(row->pfer_bound));
}

static void rank_survives(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    for (size_t i = 0; i < CASES; i++)
        for (int ties = 0; ties < 2; ties++) {
            cxs_ranking *r = ranked(ctx, &cases[i], ties);
            size_t count = 0;
            const cxs_rank_row *row = r != NULL ? cxs_ranking_rows(r, &count) : NULL;
            HOLDS(r == NULL || count == cases[i].p);
            for (size_t j = 0; j < count; j++)
                check_ranked(&row[j]);
            HOLDS(r == NULL || *cxs_ranking_verdict(r) != '\0');
            cxs_ranking_free(r);
        }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(screen_survives),
        cmocka_unit_test(screen_of_copies_and_constants),
        cmocka_unit_test(screen_knows_no_scale),
        cmocka_unit_test(model_survives),
        cmocka_unit_test(model_of_copies_and_constants),
        cmocka_unit_test(model_knows_no_scale),
        cmocka_unit_test(rank_survives),
    };
    return cmocka_run_group_tests_name("stress", tests, NULL, NULL);
}
