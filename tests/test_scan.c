/*
 * test_scan.c -- the adjusted scan against the classical fit of each feature, its
 * statuses and invariances
 */
#include "test.h"

#include "made.h"
#include "reference.h"

#include "base/pool.h"

/* Feature j beside the covariates as one classical fit on its available cases. */
static cxs_cox_row classical(const made *d, size_t j, double *loglik)
{
    const cxs_outcome *o = &d->problem.outcome;
    const size_t k = d->problem.k;
    cxs_surv *surv = cxs_calloc(NULL, 1, sizeof *surv);
    cxs_cox_fit *fit = NULL;
    cxs_cox_row row = {.beta = (double)NAN};
    double scale = 0.0, mean = 0.0, weights = 0.0;
    int binary = 1;

    surv->k = k + 1;
    surv->n_strata = 3;
    surv->id = cxs_calloc(NULL, N, sizeof *surv->id);
    surv->time = cxs_calloc(NULL, N, sizeof *surv->time);
    surv->entry = o->entry != NULL ? cxs_calloc(NULL, N, sizeof *surv->entry) : NULL;
    surv->event = cxs_calloc(NULL, N, sizeof *surv->event);
    surv->weight = cxs_calloc(NULL, N, sizeof *surv->weight);
    surv->offset = cxs_calloc(NULL, N, sizeof *surv->offset);
    surv->stratum = cxs_calloc(NULL, N, sizeof *surv->stratum);
    surv->stratum_name = cxs_calloc(NULL, 3, sizeof *surv->stratum_name);
    surv->term = cxs_calloc(NULL, k + 1, sizeof *surv->term);
    for (size_t c = 0; c < 3; c++)
        surv->stratum_name[c] = cxs_strdup(NULL, "s");
    for (size_t c = 0; c <= k; c++)
        surv->term[c] = cxs_strdup(NULL, "t");
    for (size_t i = 0; i < N; i++)
        surv->n += isnan(d->x[j * N + i]) ? 0 : 1;
    surv->z = cxs_calloc(NULL, surv->n * (k + 1), sizeof *surv->z);
    for (size_t i = 0, m = 0; i < N; i++) {
        if (isnan(d->x[j * N + i]))
            continue;
        surv->id[m] = cxs_strdup(NULL, "P");
        surv->time[m] = o->time[i];
        if (o->entry != NULL)
            surv->entry[m] = o->entry[i];
        surv->event[m] = o->event[i];
        surv->weight[m] = o->weight != NULL ? o->weight[i] : 1.0;
        surv->offset[m] = o->offset[i];
        surv->stratum[m] = o->stratum != NULL ? o->stratum[i] : 0;
        for (size_t c = 0; c < k; c++)
            surv->z[c * surv->n + m] = d->z[c * N + i];
        surv->z[k * surv->n + m] = d->x[j * N + i];
        binary &= d->x[j * N + i] == 0.0 || d->x[j * N + i] == 1.0;
        weights += surv->weight[m];
        mean += surv->weight[m++] * d->x[j * N + i];
    }
    mean /= weights;
    for (size_t m = 0; m < surv->n; m++)
        scale += surv->weight[m] * pow(surv->z[k * surv->n + m] - mean, 2.0);
    scale = binary ? 1.0 : sqrt(scale / weights);
    CHECK(cxs_cox_fit_new(NULL, surv, NULL, &fit) == CXS_OK);
    if (fit != NULL) {
        size_t terms;
        row = cxs_cox_rows(fit, &terms)[k];
        row.beta *= scale;
        row.se *= scale;
        *loglik = cxs_cox_total(fit)->loglik;
    }
    cxs_cox_fit_free(fit);
    cxs_surv_free(surv);
    return row;
}

/* The scan is the classical fit of (covariates, feature): entry, strata, weights, few
 * and many covariates, missing values. */
static void scan_is_the_classical_fit(void **state)
{
    static const size_t ks[] = {0, 1, 3, K};

    (void)state;
    for (uint32_t t = 0; t < 16; t++) {
        made *d = make(77 + t, ks[t % 4], t & 4, t & 8, t & 1);
        cxs_screen_row *row = cxs_calloc(NULL, P, sizeof *row);
        size_t ok = 0;
        CHECK(cxs_scan(NULL, &d->design, &d->problem, NULL, row) == CXS_OK);
        for (size_t j = 0; j < 45; j++) {
            double loglik;
            const cxs_cox_row want = classical(d, j, &loglik);
            CHECK(row[j].status == want.status);
            ok += row[j].status == CXS_STATUS_OK;
            if (row[j].status != CXS_STATUS_OK)
                continue;
            CHECK_REF(row[j].beta, want.beta, fabs(want.beta) > 1e-3 ? 1e-7 : 1e-4);
            CHECK_REF(row[j].se, want.se, 1e-7);
        }
        CHECK(ok >= 40);
        cxs_free(row);
        cxs_free(d);
    }
    CHECK_DONE();
}

/* The score pass alone and the score test of the scan are one number, with the sign of
 * the effect and near the Wald z. */
static void score_alone_and_in_the_scan(void **state)
{
    (void)state;
    for (uint32_t t = 0; t < 4; t++) {
        made *d = make(5 + t, 3, t & 1, t & 2, 1);
        cxs_screen_settings s = cxs_screen_defaults();
        cxs_screen_row *row = cxs_calloc(NULL, P, sizeof *row);
        double *z = cxs_calloc(NULL, P, sizeof *z);
        s.test = CXS_SCREEN_SCORE;
        CHECK(cxs_scan(NULL, &d->design, &d->problem, &s, row) == CXS_OK);
        CHECK(cxs_scan_score(NULL, &d->design, &d->problem, z) == CXS_OK);
        for (size_t j = 0; j < P; j++) {
            if (row[j].status != CXS_STATUS_OK)
                continue;
            CHECK_NEAR(row[j].p, erfc(fabs(z[j]) / sqrt(2.0)), TOL_SUM);
            CHECK((z[j] > 0.0) == (row[j].beta > 0.0) || fabs(z[j]) < 1e-3);
            CHECK(fabs(z[j] - row[j].z) <
                  0.1 + 0.25 * fabs(z[j])); /* same hypothesis */
        }
        cxs_free(z);
        cxs_free(row);
        cxs_free(d);
    }
    CHECK_DONE();
}

/* ---- statuses -------------------------------------------------------------------- */

static void statuses_and_counts(void **state)
{
    made *d = make(8, 2, 0, 0, 0);
    cxs_screen_row *row = cxs_calloc(NULL, P, sizeof *row);
    double *z = cxs_calloc(NULL, P, sizeof *z);
    size_t known = 0, events = 0;

    (void)state;
    for (size_t i = 0; i < N; i++) {
        d->x[i] = (double)NAN;                         /* never known */
        d->x[N + i] = i < 4 ? (double)i : (double)NAN; /* four rows */
        d->x[2 * N + i] = !d->event[i] && i % 2 == 0;  /* carriers have no event */
        d->x[3 * N + i] = d->event[i] ? (double)NAN : 1.5 * (double)i; /* no event */
        known += isnan(d->x[3 * N + i]) ? 0 : 1;
        events += i < 4 && d->event[i];
    }
    CHECK(cxs_scan(NULL, &d->design, &d->problem, NULL, row) == CXS_OK);
    CHECK(cxs_scan_score(NULL, &d->design, &d->problem, z) == CXS_OK);
    CHECK(row[0].status == CXS_STATUS_MISSING && row[0].n == 0 && row[0].missing == N);
    CHECK(row[1].n == 4 && row[1].events == events && row[1].missing == N - 4);
    CHECK(row[1].status != CXS_STATUS_OK);
    CHECK(row[2].status == CXS_STATUS_SEPARATED && row[2].beta < -10.0);
    CHECK(isnan(row[2].p) && isnan(row[2].se) && row[2].scale == 1.0);
    CHECK(row[3].status == CXS_STATUS_TOO_FEW_EVENTS && row[3].n == known);
    CHECK(isnan(z[0]) && isnan(z[3]) && z[2] < -2.0);
    CHECK(row[4].status == CXS_STATUS_CONSTANT && row[4].beta == 0.0);
    CHECK(isnan(row[4].p) && isnan(row[4].scale));
    CHECK(row[5].status == CXS_STATUS_ALIASED && isnan(row[5].beta));
    cxs_free(z);
    cxs_free(row);
    cxs_free(d);
    CHECK_DONE();
}

/* A feature that nearly orders the events ends far out, and is not called separated. */
static void strong_feature_converges(void **state)
{
    made *d = make(8, 2, 0, 0, 0);
    cxs_screen_row *row = cxs_calloc(NULL, P, sizeof *row);
    double loglik;
    cxs_cox_row want;

    (void)state;
    for (size_t i = 0; i < N; i++)
        d->x[i] = -d->time[i] - (i % 9 == 0 ? 2.5 : 0.0);
    want = classical(d, 0, &loglik);
    CHECK(cxs_scan(NULL, &d->design, &d->problem, NULL, row) == CXS_OK);
    CHECK(row[0].status == CXS_STATUS_OK && row[0].beta > 4.0);
    CHECK_REF(row[0].beta, want.beta, 1e-7);
    CHECK_REF(row[0].se, want.se, 1e-7);
    cxs_free(row);
    cxs_free(d);
    CHECK_DONE();
}

/* The data of test_cox_fit.c for which whole Newton steps never settle. */
static void steps_are_halved(void **state)
{
    const double time[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    const double x[] = {5, 10, 1, 1, 1, 0, 0, 0, 0};
    const uint8_t event[] = {1, 1, 1, 1, 0, 1, 0, 1, 1};
    const cxs_design design = {.n = 9, .p = 1, .x = x};
    const cxs_problem problem = {.outcome = {.n = 9, .time = time, .event = event}};
    cxs_screen_row row;

    (void)state;
    CHECK(cxs_scan(NULL, &design, &problem, NULL, &row) == CXS_OK);
    CHECK(row.status == CXS_STATUS_OK);
    CHECK_NEAR(row.beta, 0.3583775052959709 * row.scale, 1e-10);
    CHECK_DONE();
}

/* A coarse tolerance stops where the step is still long: that is not separation. */
static void a_long_step_is_not_separation(void **state)
{
    made *d = make(4, 2, 0, 0, 0);
    cxs_screen_settings s = cxs_screen_defaults();
    cxs_screen_row *row = cxs_calloc(NULL, P, sizeof *row);

    (void)state;
    s.tol = 1e-1;
    CHECK(cxs_scan(NULL, &d->design, &d->problem, &s, row) == CXS_OK);
    for (size_t j = 0; j < P; j++)
        CHECK(row[j].status != CXS_STATUS_SEPARATED);
    s.tol = 1e-10;
    s.max_iterations = 1;
    CHECK(cxs_scan(NULL, &d->design, &d->problem, &s, row) == CXS_OK);
    CHECK(row[0].status == CXS_STATUS_NOT_CONVERGED && isnan(row[0].p));
    cxs_free(row);
    cxs_free(d);
    CHECK_DONE();
}

/* Carriers of the first covariate have no event: the features' numbers are those of the
 * rows without them. */
static void separated_covariate(void **state)
{
    made *d = make(71, 2, 0, 0, 1), *e = make(71, 2, 0, 0, 1);
    cxs_screen_row *a = cxs_calloc(NULL, P, sizeof *a);
    cxs_screen_row *b = cxs_calloc(NULL, P, sizeof *b);

    (void)state;
    for (size_t i = 0; i < N; i++) {
        d->z[i] = e->z[i] = i % 6 == 0;
        if (i % 6 == 0) {
            d->event[i] = e->event[i] = 0;
            e->weight[i] = 0.0;
        }
    }
    CHECK(cxs_scan(NULL, &d->design, &d->problem, NULL, a) == CXS_OK);
    CHECK(cxs_scan(NULL, &e->design, &e->problem, NULL, b) == CXS_OK);
    for (size_t j = 0; j < 30; j++) {
        if (a[j].status != CXS_STATUS_OK || b[j].status != CXS_STATUS_OK)
            continue;
        CHECK_NEAR(a[j].z, b[j].z, 1e-6); /* per sd differs: the rows do */
    }
    CHECK(a[0].status == CXS_STATUS_OK && b[0].status == CXS_STATUS_OK);
    cxs_free(a);
    cxs_free(b);
    cxs_free(d);
    cxs_free(e);
    CHECK_DONE();
}

/* Rows of weight zero are as if deleted: in the counts, the scale and the fit. */
static void zero_weight_is_deletion(void **state)
{
    made *d = make(61, 3, 1, 1, 1), *e = make(61, 3, 1, 1, 1);
    cxs_screen_row *a = cxs_calloc(NULL, P, sizeof *a);
    cxs_screen_row *b = cxs_calloc(NULL, P, sizeof *b);
    size_t n = 0;

    (void)state;
    for (size_t i = 0; i < N; i++) {
        if (i % 4 == 1) {
            d->weight[i] = 0.0;
            continue;
        }
        e->time[n] = d->time[i];
        e->entry[n] = d->entry[i];
        e->event[n] = d->event[i];
        e->weight[n] = d->weight[i];
        e->offset[n] = d->offset[i];
        e->stratum[n++] = d->stratum[i];
    }
    for (size_t j = 0; j < P; j++)
        for (size_t i = 0, m = 0; i < N; i++)
            if (i % 4 != 1) {
                if (j < 3)
                    e->z[j * n + m] = d->z[j * N + i];
                e->x[j * n + m++] = d->x[j * N + i];
            }
    e->design.n = e->problem.outcome.n = n;
    CHECK(cxs_scan(NULL, &d->design, &d->problem, NULL, a) == CXS_OK);
    CHECK(cxs_scan(NULL, &e->design, &e->problem, NULL, b) == CXS_OK);
    for (size_t j = 0; j < P; j++) {
        CHECK(a[j].status == b[j].status && a[j].n == b[j].n);
        CHECK(a[j].events == b[j].events && a[j].missing == b[j].missing);
        CHECK_REF(a[j].beta, b[j].beta, TOL_SUM);
        CHECK_REF(a[j].se, b[j].se, TOL_SUM);
        CHECK_REF(a[j].scale, b[j].scale, TOL_SUM);
    }
    cxs_free(a);
    cxs_free(b);
    cxs_free(d);
    cxs_free(e);
    CHECK_DONE();
}

/* ---- invariances ----------------------------------------------------------------- */

/* a x + b changes neither beta per sd nor z; reversed rows change no more than sums. */
static void unit_and_order(void **state)
{
    made *d = make(55, 3, 1, 1, 1), *e = make(55, 3, 1, 1, 1);
    cxs_screen_row *a = cxs_calloc(NULL, P, sizeof *a);
    cxs_screen_row *b = cxs_calloc(NULL, P, sizeof *b);

    (void)state;
    for (size_t i = 0; i < N; i++) {
        const size_t from = N - 1 - i;
        e->time[i] = d->time[from] * 12.0;
        e->entry[i] = d->entry[from] * 12.0;
        e->event[i] = d->event[from];
        e->weight[i] = d->weight[from];
        e->offset[i] = d->offset[from];
        e->stratum[i] = d->stratum[from];
        for (size_t c = 0; c < K; c++)
            e->z[c * N + i] = d->z[c * N + from];
        for (size_t j = 0; j < P; j++)
            e->x[j * N + i] = 7.0 - 100.0 * d->x[j * N + from];
    }
    CHECK(cxs_scan(NULL, &d->design, &d->problem, NULL, a) == CXS_OK);
    CHECK(cxs_scan(NULL, &e->design, &e->problem, NULL, b) == CXS_OK);
    for (size_t j = 0; j < P; j++) {
        CHECK(a[j].status == b[j].status && a[j].n == b[j].n);
        if (a[j].status != CXS_STATUS_OK)
            continue;
        CHECK_NEAR(a[j].z, -b[j].z, 1e-8);
        if (a[j].scale != 1.0) /* 0/1 is per unit, and 7 or -93 is not 0/1 */
            CHECK_REF(b[j].se, a[j].se, 1e-8);
        else
            CHECK_REF(b[j].se, a[j].se * b[j].scale / 100.0, 1e-8);
    }
    cxs_free(a);
    cxs_free(b);
    cxs_free(d);
    cxs_free(e);
    CHECK_DONE();
}

/* A feature alone gives the numbers it has among others. */
static void neighbours_do_not_matter(void **state)
{
    made *d = make(91, 3, 0, 1, 1);
    cxs_screen_row *all = cxs_calloc(NULL, P, sizeof *all), one;

    (void)state;
    CHECK(cxs_scan(NULL, &d->design, &d->problem, NULL, all) == CXS_OK);
    for (size_t j = 0; j < 30; j++) {
        cxs_design alone = d->design;
        alone.p = 1;
        alone.x = d->x + j * N;
        CHECK(cxs_scan(NULL, &alone, &d->problem, NULL, &one) == CXS_OK);
        CHECK(one.status == all[j].status && one.n == all[j].n);
        CHECK(one.status != CXS_STATUS_OK ||
              (one.beta == all[j].beta && one.se == all[j].se && one.p == all[j].p));
    }
    cxs_free(all);
    cxs_free(d);
    CHECK_DONE();
}

/* Features known where the covariates have no plain fit: one is constant there, or runs
 * away.  Neighbours with other patterns of missing rows change nothing. */
static void covariates_on_the_rows_left(void **state)
{
    (void)state;
    for (uint32_t t = 0; t < 4; t++) {
        made *d = make(40 + t, 3, t & 1, 0, t & 2);
        cxs_screen_row *row = cxs_calloc(NULL, P, sizeof *row);
        for (size_t i = 0; i < N; i++)
            for (size_t j = 0; j < 12; j++)
                if (j % 3 == 0 && d->z[i] > 0.0)
                    d->x[j * N + i] = (double)NAN; /* z1 is constant */
                else if (j % 3 == 1 && d->z[i] > 0.0 && d->event[i])
                    d->x[j * N + i] = (double)NAN; /* its carriers have no event */
                else if (j % 3 == 2 && (i + j) % 9 == 0)
                    d->x[j * N + i] = (double)NAN;
        CHECK(cxs_scan(NULL, &d->design, &d->problem, NULL, row) == CXS_OK);
        for (size_t j = 0; j < 12; j++) {
            double loglik;
            const cxs_cox_row want = classical(d, j, &loglik);
            if (want.status != CXS_STATUS_OK)
                continue;
            CHECK(row[j].status == CXS_STATUS_OK && row[j].missing > 0);
            /* the likelihood is flat only to its last digits in the runaway direction
             */
            CHECK_REF(row[j].beta, want.beta, j % 3 == 1 ? 1e-4 : 1e-7);
            CHECK_REF(row[j].se, want.se, j % 3 == 1 ? 1e-4 : 1e-7);
        }
        CHECK(row[0].status == CXS_STATUS_OK && row[2].status == CXS_STATUS_OK);
        cxs_free(row);
        cxs_free(d);
    }
    CHECK_DONE();
}

static void every_allocation_may_fail(void **state)
{
    made *d = make(13, 2, 1, 1, 1);
    cxs_screen_row *row = cxs_calloc(NULL, P, sizeof *row);
    const long live = cxs_alloc_live();
    cxs_rc rc = CXS_ENOMEM;
    long k;

    (void)state;
    d->design.p = 8;
    for (size_t i = 0; i < N; i++) /* a null model of its own: z1 is constant */
        if (d->z[i] > 0.0)
            d->x[i] = (double)NAN;
    for (k = 1; rc == CXS_ENOMEM && k < 400; k++) {
        cxs_alloc_fail_at(k);
        rc = cxs_scan(NULL, &d->design, &d->problem, NULL, row);
        cxs_alloc_fail_at(0);
        CHECK(cxs_alloc_live() == live);
    }
    CHECK(rc == CXS_OK && k > 40);
    cxs_free(row);
    cxs_free(d);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scan_is_the_classical_fit),
        cmocka_unit_test(score_alone_and_in_the_scan),
        cmocka_unit_test(statuses_and_counts),
        cmocka_unit_test(strong_feature_converges),
        cmocka_unit_test(steps_are_halved),
        cmocka_unit_test(a_long_step_is_not_separation),
        cmocka_unit_test(separated_covariate),
        cmocka_unit_test(zero_weight_is_deletion),
        cmocka_unit_test(unit_and_order),
        cmocka_unit_test(neighbours_do_not_matter),
        cmocka_unit_test(covariates_on_the_rows_left),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("scan", tests, NULL, NULL);
}
