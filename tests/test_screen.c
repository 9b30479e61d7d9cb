/*
 * test_screen.c -- the adjusted scan against R survival, the classical fit, and itself
 */
#include "test.h"

#include "reference.h"

#include "base/pool.h"
#include "model/scan.h"

#include <unistd.h>

static const char *const covariates[] = {"x1", "x2"};

/* The reference matrix in the row order of the cohort, as design. */
typedef struct genes {
    cxs_table *table;
    size_t n, p;
    double *x; /* [n x p] */
    const char **feature;
} genes;

static genes read_genes(const cxs_table *cohort)
{
    genes g = {.table = ref_read("matrix.tsv"), .n = cohort->rows};

    g.p = g.table->rows;
    g.x = cxs_calloc(NULL, g.n * g.p, sizeof *g.x);
    g.feature = cxs_calloc(NULL, g.p, sizeof *g.feature);
    for (size_t j = 0; j < g.p; j++) {
        g.feature[j] = ref_text(g.table, j, "feature_id");
        for (size_t i = 0; i < g.n; i++)
            g.x[i + j * g.n] = ref_number(g.table, j, ref_text(cohort, i, "id"));
    }
    return g;
}

static void free_genes(genes *g)
{
    cxs_table_free(g->table);
    cxs_free(g->x);
    cxs_free(g->feature);
}

static cxs_design design_of(const genes *g)
{
    return (cxs_design){.n = g->n, .p = g->p, .x = g->x, .feature = g->feature};
}

static size_t feature_row(const genes *g, const char *name)
{
    for (size_t j = 0; j < g->p; j++)
        if (strcmp(g->feature[j], name) == 0)
            return j;
    printf("%s is not in the matrix\n", name);
    exit(1);
}

static cxs_screen_settings settings_with(cxs_ties ties, cxs_screen_test test)
{
    cxs_screen_settings s = cxs_screen_defaults();

    s.ties = ties;
    s.test = test;
    return s;
}

/* ---- R survival --------------------------------------------------------------- */

static void check_row(const cxs_table *want, size_t row, const cxs_screen_row *wald,
                      const cxs_screen_row *lrt, const cxs_screen_row *score,
                      double score_z)
{
    const double z = ref_number(want, row, "score_z");

    CHECK(wald->status == CXS_STATUS_OK);
    CHECK((double)wald->n == ref_number(want, row, "n"));
    CHECK((double)wald->events == ref_number(want, row, "events"));
    CHECK(wald->n + wald->missing == 72);
    CHECK_REF(wald->scale, ref_number(want, row, "scale"), 1e-9);
    CHECK_REF(wald->beta, ref_number(want, row, "beta"), TOL_ITER);
    CHECK_REF(wald->se, ref_number(want, row, "se"), TOL_ITER);
    CHECK_NEAR(wald->z, wald->beta / wald->se, TOL_SUM);
    CHECK_NEAR(wald->p, erfc(fabs(wald->z) / sqrt(2.0)), TOL_SUM);
    /* 2 (l1 - l0) keeps the absolute digits of l, some 1e-12 of 150 */
    CHECK(fabs(lrt->p - erfc(sqrt(ref_number(want, row, "lrt") / 2.0))) < 1e-8);
    CHECK(lrt->z == wald->z);
    CHECK_REF(score_z, z, TOL_ITER);
    CHECK_NEAR(score->p, erfc(fabs(z) / sqrt(2.0)), TOL_ITER);
    CHECK_NEAR(pow(10.0, -score->log10_p), score->p, TOL_SUM);
}

static void numbers_of_r(void **state)
{
    cxs_table *cohort = ref_read("cohort.tsv"), *want = ref_read("matrix_screen.tsv");
    genes g = read_genes(cohort);
    const cxs_design design = design_of(&g);
    size_t settings = 0;

    (void)state;
    for (size_t row = 0; row < want->rows; settings++) {
        const ref_setting s = ref_setting_of(want, row);
        cxs_surv *surv = ref_surv(cohort, s, 2, covariates);
        const cxs_problem problem = cxs_problem_of(surv, s.ties);
        cxs_screen_row *result[3];
        double *z = cxs_calloc(NULL, g.p, sizeof *z);
        for (int test = 0; test < 3; test++) {
            const cxs_screen_settings o = settings_with(s.ties, (cxs_screen_test)test);
            result[test] = cxs_calloc(NULL, g.p, sizeof *result[test]);
            CHECK(cxs_scan(NULL, &design, &problem, &o, result[test]) == CXS_OK);
        }
        CHECK(cxs_scan_score(NULL, &design, &problem, z) == CXS_OK);
        for (size_t i = 0; i < 9; i++, row++) {
            const size_t j = feature_row(&g, ref_text(want, row, "feature_id"));
            check_row(want, row, &result[0][j], &result[1][j], &result[2][j], z[j]);
        }
        CHECK(result[0][feature_row(&g, "g08")].status == CXS_STATUS_CONSTANT);
        CHECK(result[0][feature_row(&g, "g09")].status == CXS_STATUS_ALIASED);
        CHECK(isnan(z[feature_row(&g, "g08")]) && isnan(z[feature_row(&g, "g09")]));
        for (int test = 0; test < 3; test++)
            cxs_free(result[test]);
        cxs_free(z);
        cxs_surv_free(surv);
    }
    CHECK(settings == 32);
    free_genes(&g);
    cxs_table_free(cohort);
    cxs_table_free(want);
    CHECK_DONE();
}

/* ---- made-up data ------------------------------------------------------------- */

enum { N = 130, P = 150, K = 5 };

typedef struct made {
    double time[N], entry[N], weight[N], offset[N], z[N * K], x[N * P];
    uint8_t event[N];
    uint32_t stratum[N];
    cxs_design design;
    cxs_problem problem;
    char name[P][8];
    const char *feature[P];
} made;

static uint32_t lcg_state;
static double uniform(void)
{
    lcg_state = lcg_state * 1664525u + 1013904223u;
    return ((double)lcg_state + 0.5) / 4294967296.0;
}

/* Features of every kind: several values, 0/1, missing, constant, copies of covariates.
 * More covariates than lanes of the narrow kernel when k > 3. */
static made *make(uint32_t seed, size_t k, int entry, int strata, int weights)
{
    made *d = cxs_calloc(NULL, 1, sizeof *d);

    lcg_state = seed;
    for (size_t c = 0; c < N * K; c++)
        d->z[c] = c < N ? (uniform() < 0.4) : uniform() - uniform();
    for (size_t i = 0; i < N; i++) {
        const double hazard = exp(0.7 * d->z[i] - d->z[N + i]);
        const double died = -log(uniform()) / hazard * 8.0,
                     left = 1.0 + 12.0 * uniform();
        d->time[i] = ceil(fmin(died, left));
        d->event[i] = died <= left;
        d->entry[i] = uniform() < 0.4 ? floor(uniform() * d->time[i]) : 0.0;
        d->weight[i] = 0.5 + uniform();
        d->offset[i] = 0.3 * uniform();
        d->stratum[i] = (uint32_t)(3.0 * uniform());
    }
    for (size_t j = 0; j < P; j++) {
        snprintf(d->name[j], sizeof d->name[j], "f%03zu", j);
        d->feature[j] = d->name[j];
        for (size_t i = 0; i < N; i++) {
            double *x = &d->x[j * N + i];
            *x = j % 7 == 2 ? (double)(uniform() < 0.3)
                            : 4.0 * uniform() + d->time[i] / 9.0;
            if (j % 11 == 3 && uniform() < 0.2)
                *x = (double)NAN;
            if (j % 31 == 4)
                *x = 2.0;
            if (j % 31 == 5)
                *x = 3.0 - d->z[i];
        }
    }
    d->design = (cxs_design){.n = N, .p = P, .x = d->x, .feature = d->feature};
    d->problem.outcome = (cxs_outcome){.n = N,
                                       .time = d->time,
                                       .entry = entry ? d->entry : NULL,
                                       .event = d->event,
                                       .stratum = strata ? d->stratum : NULL,
                                       .weight = weights ? d->weight : NULL,
                                       .offset = d->offset,
                                       .ties = CXS_TIES_EFRON};
    d->problem.k = k;
    d->problem.z = k > 0 ? d->z : NULL;
    return d;
}

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
    static const size_t ks[] = {0, 1, 3, 5};

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

/* ---- statuses ----------------------------------------------------------------- */

static void statuses_and_counts(void **state)
{
    made *d = make(3, 2, 0, 0, 0);
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

/* ---- files -------------------------------------------------------------------- */

static cxs_matrix *matrix_of(const made *d, size_t p)
{
    cxs_matrix *m = cxs_calloc(NULL, 1, sizeof *m);

    m->n = N;
    m->p = p;
    m->sample = cxs_calloc(NULL, N, sizeof *m->sample);
    m->feature = cxs_calloc(NULL, p, sizeof *m->feature);
    m->layer = cxs_strdup(NULL, "rna");
    m->kind = CXS_KIND_OTHER;
    m->x = cxs_calloc(NULL, N * p, sizeof *m->x);
    memcpy(m->x, d->x, N * p * sizeof *m->x);
    for (size_t i = 0; i < N; i++) {
        char id[32];
        snprintf(id, sizeof id, "P%03zu", i);
        m->sample[i] = cxs_strdup(NULL, id);
    }
    for (size_t j = 0; j < p; j++)
        m->feature[j] = cxs_strdup(NULL, d->feature[j]);
    return m;
}

static cxs_surv *surv_of(const made *d)
{
    const size_t k = d->problem.k;
    cxs_surv *s = cxs_calloc(NULL, 1, sizeof *s);

    s->n = s->n_subjects = N;
    s->n_strata = 3;
    s->k = k;
    s->id = cxs_calloc(NULL, N, sizeof *s->id);
    s->time = cxs_calloc(NULL, N, sizeof *s->time);
    s->event = cxs_calloc(NULL, N, sizeof *s->event);
    s->stratum = cxs_calloc(NULL, N, sizeof *s->stratum);
    s->stratum_name = cxs_calloc(NULL, 3, sizeof *s->stratum_name);
    s->term = cxs_calloc(NULL, k, sizeof *s->term);
    s->z = cxs_calloc(NULL, N * k, sizeof *s->z);
    s->time_unit = cxs_strdup(NULL, "");
    s->endpoint = cxs_strdup(NULL, "");
    memcpy(s->z, d->z, N * k * sizeof *s->z);
    memcpy(s->time, d->time, sizeof d->time);
    memcpy(s->event, d->event, sizeof d->event);
    memcpy(s->stratum, d->stratum, sizeof d->stratum);
    for (size_t c = 0; c < 3; c++)
        s->stratum_name[c] = cxs_strdup(NULL, "s");
    for (size_t c = 0; c < k; c++)
        s->term[c] = cxs_strdup(NULL, "t");
    for (size_t i = 0; i < N; i++) {
        char id[32];
        snprintf(id, sizeof id, "P%03zu", i);
        s->id[i] = cxs_strdup(NULL, id);
    }
    return s;
}

/* P.screen.tsv of a run with so many threads, as text; the caller frees. */
static char *screen_file(const made *d, int threads,
                         const cxs_screen_settings *settings, size_t *size)
{
    const char *base = getenv("TMPDIR");
    char folder[512], prefix[600], path[700], *text = NULL;
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_screen *screen = NULL;
    FILE *file;

    snprintf(folder, sizeof folder, "%s/screen_XXXXXX", base != NULL ? base : "/tmp");
    if (mkdtemp(folder) == NULL)
        exit(1);
    snprintf(prefix, sizeof prefix, "%s/os", folder);
    snprintf(path, sizeof path, "%s.screen.tsv", prefix);
    cxs_ctx_set_threads(ctx, threads);
    CHECK(cxs_screen_run(ctx, matrix_of(d, P), surv_of(d), settings, &screen) ==
          CXS_OK);
    CHECK(cxs_screen_write(ctx, screen, prefix, NULL) == CXS_OK);
    *size = 0;
    if ((file = fopen(path, "rb")) != NULL) {
        text = malloc(1 << 20);
        *size = fread(text, 1, 1 << 20, file);
        fclose(file);
    }
    CHECK(remove(path) == 0 && rmdir(folder) == 0);
    cxs_screen_free(screen);
    cxs_ctx_free(ctx);
    return text;
}

static void same_bytes_for_any_threads(void **state)
{
    made *d = make(21, 3, 0, 1, 0);
    size_t one_size, two_size;
    char *one = screen_file(d, 1, NULL, &one_size);
    char *two = screen_file(d, 2, NULL, &two_size);

    (void)state;
    CHECK(one_size > 10000 && one_size == two_size);
    CHECK(memcmp(one, two, one_size) == 0);
    CHECK(
        strncmp(one,
                "feature_id\tn\tevents\tmissing_n\tscale\tbeta\tse\tz\tlog10_p\tp\tq\t"
                "hr\thr_l95\thr_u95\tdirection\tstatus\n",
                80) == 0);
    free(one);
    free(two);
    cxs_free(d);
    CHECK_DONE();
}

/* q read literally: min over p_j >= p_i of c m p_j / #{p <= p_j}, at most 1. */
static void q_read_literally(void **state)
{
    made *d = make(33, 1, 0, 0, 0);

    (void)state;
    for (int by = 0; by < 2; by++) {
        cxs_screen_settings s = cxs_screen_defaults();
        cxs_ctx *ctx = cxs_ctx_new();
        cxs_screen *screen = NULL;
        const cxs_screen_row *row;
        double c = 0.0;
        size_t m = 0;
        s.by = by;
        CHECK(cxs_screen_run(ctx, matrix_of(d, P), surv_of(d), &s, &screen) == CXS_OK);
        row = cxs_screen_rows(screen);
        for (size_t j = 0; j < P; j++)
            m += row[j].status == CXS_STATUS_OK;
        CHECK(m > 100 && m < P);
        for (size_t i = 1; i <= m; i++)
            c += by || i == 1 ? 1.0 / (double)i : 0.0;
        for (size_t i = 0; i < P; i++) {
            double q = 1.0;
            CHECK((row[i].status == CXS_STATUS_OK) == !isnan(row[i].q));
            if (row[i].status != CXS_STATUS_OK)
                continue;
            for (size_t j = 0; j < P; j++) {
                size_t below = 0;
                if (!(row[j].p >= row[i].p))
                    continue;
                for (size_t l = 0; l < P; l++)
                    below += row[l].p <= row[j].p;
                q = fmin(q, c * (double)m * row[j].p / (double)below);
            }
            CHECK_NEAR(row[i].q, q, TOL_SUM);
        }
        cxs_screen_free(screen);
        cxs_ctx_free(ctx);
    }
    cxs_free(d);
    CHECK_DONE();
}

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

static void every_allocation_may_fail(void **state)
{
    made *d = make(13, 2, 1, 1, 1);
    cxs_screen_row *row = cxs_calloc(NULL, P, sizeof *row);
    const long live = cxs_alloc_live();
    cxs_rc rc = CXS_ENOMEM;
    long k;

    (void)state;
    d->design.p = 8;
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
        cmocka_unit_test(numbers_of_r),
        cmocka_unit_test(scan_is_the_classical_fit),
        cmocka_unit_test(score_alone_and_in_the_scan),
        cmocka_unit_test(statuses_and_counts),
        cmocka_unit_test(strong_feature_converges),
        cmocka_unit_test(steps_are_halved),
        cmocka_unit_test(a_long_step_is_not_separation),
        cmocka_unit_test(separated_covariate),
        cmocka_unit_test(zero_weight_is_deletion),
        cmocka_unit_test(same_bytes_for_any_threads),
        cmocka_unit_test(q_read_literally),
        cmocka_unit_test(unit_and_order),
        cmocka_unit_test(neighbours_do_not_matter),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("screen", tests, NULL, NULL);
}
