/*
 * test_rows.c -- Newton on the rows: the model of a step, certificates of whole paths,
 * the objective of the other way, company and threads
 */
#include "cohort.h"
#include "path_case.h"

#include "model/batch.h"
#include "model/solver_private.h"
#include "num/blas.h"
#include "num/lanes.h"

/* ---- one step -------------------------------------------------------------------- */

enum { N = 25, M = 220, TERMS = 3 };

/* A working set at some point, nothing solved: the first columns are unpenalised, the
 * second a copy of the first when asked, others nearly copies of each other. */
typedef struct bed {
    double time[N], eta[N], weight[N], g[M], target[M], factor[M], r_over_w[N];
    uint8_t event[N];
    uint32_t stratum[N];
    cxs_outcome outcome;
    cxs_risk risk;
    cxs_cox_state state;
    cxs_working set;
    void *risk_memory;
    double *state_memory, *work;
    cxs_rows_place at;
} bed;

static double normal_at(uint64_t seed, uint64_t i)
{
    const cxs_stream stream = {seed, CXS_DRAW_TEST, 7};

    return cxs_draw_normal(&stream, i);
}

static void fill_columns(cxs_ctx *ctx, bed *b, uint64_t seed, size_t terms, int copy,
                         double alone)
{
    CHECK(cxs_working_init(ctx, &b->set, &b->risk, M) == CXS_OK);
    for (size_t j = 0; j < M; j++) {
        double *x = NULL, mean = 0.0, squares = 0.0;
        CHECK(cxs_working_add(ctx, &b->set, (uint32_t)j, &x) == CXS_OK);
        for (size_t i = 0; i < b->risk.n; i++)
            x[i] = normal_at(seed, 1000 + i + N * (j % 12)) +
                   alone * normal_at(seed, 9000 + i + N * j);
        if (copy && j == 1)
            memcpy(x, b->set.x, b->risk.n * sizeof *x);
        for (size_t i = 0; copy && j == 2 && b->risk.strata > 1 && i < b->risk.n; i++)
            x[i] = b->stratum[b->risk.row[i]]; /* the likelihood does not know it */
        for (size_t i = 0; i < b->risk.n; i++)
            mean += b->risk.weight_ts[i] * x[i] / b->risk.weight_sum;
        for (size_t i = 0; i < b->risk.n; i++)
            squares += b->risk.weight_ts[i] * (x[i] - mean) * (x[i] - mean);
        for (size_t i = 0; i < b->risk.n; i++)
            x[i] = (x[i] - mean) / sqrt(squares / b->risk.weight_sum);
        b->factor[j] = j < terms ? 0.0 : 0.5 + (double)(j % 3);
        b->set.b[j] = j % 5 == 0 ? 0.1 * normal_at(seed, 100 + j) : 0.0;
    }
}

static bed *bed_new(cxs_ctx *ctx, uint64_t seed, size_t terms, int copy, double alone)
{
    bed *b = calloc(1, sizeof *b);

    for (size_t i = 0; i < N; i++) {
        b->time[i] = 1.0 + (double)((i * 7 + seed) % (N - 5));
        b->event[i] = (i + seed) % 4 != 0;
        b->stratum[i] = (uint32_t)(seed % 2 == 0 && i % 3 == 0);
        b->weight[i] = seed % 3 == 0 ? 0.5 + (double)(i % 3) : 1.0;
        b->eta[i] = 0.6 * normal_at(seed, i);
    }
    b->outcome = (cxs_outcome){.n = N,
                               .time = b->time,
                               .event = b->event,
                               .stratum = b->stratum,
                               .weight = b->weight,
                               .ties = seed % 2 ? CXS_TIES_EFRON : CXS_TIES_BRESLOW};
    b->risk_memory = malloc(cxs_risk_size(N));
    CHECK(cxs_risk_build(&b->outcome, &b->risk, b->risk_memory) == CXS_OK);
    b->work = malloc(cxs_cox_work_size(&b->risk) * sizeof *b->work);
    b->state_memory = malloc(cxs_cox_state_size(&b->risk) * sizeof *b->work);
    cxs_cox_state_place(&b->risk, b->state_memory, &b->state);
    CHECK(cxs_cox_eval(&b->risk, b->eta, &b->state, b->work) == CXS_OK);
    fill_columns(ctx, b, seed, terms, copy, alone);
    CHECK(cxs_working_gradient(ctx, &b->set, 0, b->state.r, b->risk.weight_sum, b->g) ==
          CXS_OK);
    b->at = (cxs_rows_place){.set = &b->set,
                             .risk = &b->risk,
                             .state = &b->state,
                             .eta = b->eta,
                             .g = b->g,
                             .factor = b->factor,
                             .scale = 1.0,
                             .work = b->work};
    return b;
}

static void bed_free(bed *b)
{
    cxs_working_free(&b->set);
    free(b->risk_memory);
    free(b->state_memory);
    free(b->work);
    free(b);
}

static void set_penalty(bed *b, double lambda, double alpha)
{
    for (size_t j = 0; j < M; j++) {
        b->set.l1[j] = lambda * alpha * b->factor[j];
        b->set.l2[j] = lambda * (1.0 - alpha) * b->factor[j];
    }
    b->at.ridge = lambda * (1.0 - alpha);
}

/* Largest violation of the model's own conditions at the target: rows.c (1) with its
 * gradient column by column. */
static double model_violation(const bed *b, size_t *support)
{
    double e[N], he[N], worst = 0.0;

    *support = 0;
    for (size_t i = 0; i < N; i++) {
        e[i] = -b->eta[i];
        for (size_t j = 0; j < M; j++)
            e[i] += b->set.x[j * N + i] * b->target[j];
    }
    cxs_cox_hessian_times(&b->risk, &b->state, e, he, b->work);
    for (size_t j = 0; j < M; j++) {
        double g = 0.0;
        for (size_t i = 0; i < N; i++)
            g += b->set.x[j * N + i] * (b->state.r[i] - he[i]) / b->risk.weight_sum;
        worst = fmax(worst,
                     cxs_enet_violation(b->target[j], g, b->set.l1[j], b->set.l2[j]));
        *support += b->target[j] != 0.0;
    }
    return worst;
}

/* Every step ends at the optimum of its model, from any start, in few steps of n^3;
 * supports far beyond the rows, unpenalised terms, a term twice. */
static void a_step_solves_its_model(void **unused)
{
    cxs_ctx *ctx = cxs_ctx_new();
    size_t widest = 0, steps = 0, solves = 0, most = 0;

    (void)unused;
    for (uint64_t seed = 0; seed < 24; seed++) {
        const size_t terms = seed / 2 % 4;
        bed *b = bed_new(ctx, seed, terms, terms >= 2 && seed % 4 >= 2,
                         seed % 5 == 0 ? 0.02 : 0.5);
        cxs_rows *q = NULL;
        CHECK(cxs_rows_new(ctx, N, terms, &q) == CXS_OK);
        for (size_t l = 0; l < 12; l++) {
            const double alpha = l % 3 == 0 ? 0.98 : l % 3 == 1 ? 0.1 : 0.01;
            const double lambda = 0.4 * pow(0.5, (double)l);
            size_t support;
            const size_t before = q->inner;
            int solved = 0;
            set_penalty(b, lambda, alpha);
            b->at.scale = l % 2 == 0 ? 1.0 : 0.8;
            CHECK(cxs_rows_step(ctx, q, &b->at, 1e-11, b->target, &solved) == CXS_OK);
            CHECK(solved);
            CHECK(model_violation(b, &support) <= 1e-10);
            widest = support > widest ? support : widest;
            solves++;
            most = q->inner - before > most ? q->inner - before : most;
        }
        steps += q->inner;
        cxs_rows_free(q);
        bed_free(b);
    }
    CHECK(widest > 6 * N);
    CHECK(steps <= 8 * solves && most <= 45); /* of problems that share nothing */
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- paths ----------------------------------------------------------------------- */

enum { ROWS = 28, COLUMNS = 300, LAMBDAS = 24 };

/* A small cohort with many features in correlated blocks. */
typedef struct cohort {
    double x[ROWS * COLUMNS], z[2 * ROWS], factor[COLUMNS];
    double time[2 * ROWS], entry[ROWS], weight[ROWS], offset[ROWS];
    uint8_t event[2 * ROWS];
    uint32_t stratum[ROWS];
    char names[COLUMNS][8];
    const char *name[COLUMNS];
} cohort;

static cohort *cohort_new(uint64_t seed)
{
    cohort *c = calloc(1, sizeof *c);

    for (size_t j = 0; j < COLUMNS; j++) {
        snprintf(c->names[j], sizeof c->names[j], "x%03zu", j);
        c->name[j] = c->names[j];
        c->factor[j] = j == 7 || j == 90 ? 0.0 : 0.4 + 0.3 * (double)(j % 5);
        for (size_t i = 0; i < ROWS; i++)
            c->x[j * ROWS + i] = normal_at(seed, i + ROWS * (j % 40)) +
                                 0.7 * normal_at(seed, 50000 + i + ROWS * j);
    }
    c->factor[11] = HUGE_VAL;
    for (size_t i = 0; i < ROWS; i++) {
        c->time[i] = floor(
            1.0 + 20.0 * exp(normal_at(seed, 40000 + i) - 0.7 * c->x[3 * ROWS + i]));
        c->entry[i] = 0.3 * c->time[i] * (double)(i % 3 == 0);
        c->event[i] = i % 4 != 0;
        c->weight[i] = 0.5 + (double)(i % 3);
        c->offset[i] = 0.2 * (double)(i % 4);
        c->stratum[i] = (uint32_t)(i % 2);
        c->z[i] = 50.0 + 10.0 * normal_at(seed, 41000 + i);
        c->z[ROWS + i] = i % 3 == 0;
    }
    return c;
}

static cxs_problem cohort_problem(const cohort *c, unsigned form)
{
    return (cxs_problem){
        .outcome = {.n = ROWS,
                    .time = c->time,
                    .event = c->event,
                    .stratum = form & 1 ? c->stratum : NULL,
                    .entry = form & 2 ? c->entry : NULL,
                    .weight = form & 4 ? c->weight : NULL,
                    .offset = form & 8 ? c->offset : NULL,
                    .ties = form & 16 ? CXS_TIES_EFRON : CXS_TIES_BRESLOW},
        .z = c->z,
        .k = form & 32 ? 2 : 0};
}

static cxs_path *solve(int threads, const cxs_design *d, const cxs_problem *p,
                       const cxs_model_settings *s, const double *factor)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_path *path = NULL;
    cxs_panel *panel = NULL;

    cxs_ctx_set_threads(ctx, threads);
    CHECK(cxs_panel_new(ctx, d, &panel) == CXS_OK);
    CHECK(cxs_path_solve(ctx, panel, d, p, s, factor, &path) == CXS_OK);
    cxs_panel_free(panel);
    cxs_ctx_free(ctx);
    assert_non_null(path);
    return path;
}

static cxs_design cohort_design(const cohort *c)
{
    return (cxs_design){.n = ROWS, .p = COLUMNS, .x = c->x, .feature = c->name};
}

/* The literal program finds the certificate and a support that only the rows' way is
 * asked for: 64 forms of the outcome, with and without factors (two of them 0, one
 * infinite), four mixtures, two tolerances. */
static void certificate_holds(void **unused)
{
    static const double alphas[] = {0.001, 0.01, 0.1, 0.5};
    size_t iterations = 0, points = 0;

    (void)unused;
    for (unsigned form = 0; form < 64; form++) {
        cohort *c = cohort_new(form);
        const cxs_design d = cohort_design(c);
        const cxs_problem pr = cohort_problem(c, form);
        const double *factor = form % 5 < 2 ? c->factor : NULL;
        cxs_model_settings s = cxs_model_defaults();
        cxs_path *path;
        s.alpha = alphas[(form + form / 4) % 4];
        s.nlambda = LAMBDAS;
        s.lambda_ratio = 0.02;
        s.tol = form % 3 == 0 ? 1e-10 : 1e-6;
        path = solve(1, &d, &pr, &s, factor);
        CHECK(path->points == LAMBDAS);
        for (size_t l = 0; l < path->points; l++) {
            double beta[COLUMNS], gamma[2] = {0, 0};
            judged at;
            dense(path, l, beta, gamma);
            at = judge(&d, &pr, factor, s.alpha, path->point[l].lambda, beta, gamma);
            CHECK(path->point[l].converged && path->point[l].kkt_max <= s.tol);
            CHECK(at.violation <= s.tol * path->lambda_max + 1e-13);
            iterations += path->point[l].iterations;
            points++;
        }
        CHECK(path->point[LAMBDAS - 1].df > (s.alpha < 0.3 ? 3 * ROWS : ROWS));
        cxs_path_free(path);
        free(c);
    }
    CHECK(iterations <= 3 * points);
    CHECK_DONE();
}

/* Under Breslow a row is two rows of half its weight: of those there are too many for
 * the rows' way, which has to come to the same objective. */
static void agrees_with_the_gram(void **unused)
{
    enum { P = 130 };
    static const double alphas[] = {0.01, 0.1, 0.5};
    cxs_ctx *ctx = cxs_ctx_new();

    (void)unused;
    for (size_t a = 0; a < 3; a++) {
        cohort *c = cohort_new(a);
        double twice[2 * ROWS * P], half[2 * ROWS];
        cxs_model_settings s = cxs_model_defaults();
        cxs_member m[2] = {{0}};
        cxs_problem pr[2];
        cxs_design d[2];
        double lambda = 0.0;
        for (size_t i = 0; i < 2 * ROWS; i++) {
            half[i] = 0.5;
            c->time[i] = c->time[i % ROWS];
            c->event[i] = c->event[i % ROWS];
            for (size_t j = 0; j < P; j++)
                twice[j * 2 * ROWS + i] = c->x[j * ROWS + i % ROWS];
        }
        pr[0] = pr[1] = cohort_problem(c, 0);
        pr[1].outcome.n = 2 * ROWS;
        pr[1].outcome.weight = half;
        d[0] = cohort_design(c);
        d[0].p = P;
        d[1] = (cxs_design){.n = 2 * ROWS, .p = P, .x = twice, .feature = c->name};
        s.alpha = alphas[a];
        s.tol = 1e-12;
        for (size_t w = 0; w < 2; w++) {
            m[w].problem = &pr[w];
            CHECK(!cxs_batch_start(ctx, NULL, &d[w], &s, NULL, &m[w], 1));
        }
        for (size_t l = 0; l < LAMBDAS; l++) {
            double objective[2];
            for (size_t w = 0; w < 2; w++) {
                m[w].reference = cxs_solver_lambda_max(m[0].solver);
                m[w].lambda = lambda = m[w].reference * pow(0.85, (double)l);
                m[w].next = 0.85 * m[w].lambda;
                CHECK(!cxs_batch_solve(ctx, NULL, &m[w], 1));
                CHECK(m[w].solved.converged);
                objective[w] = cxs_solver_penalty(m[w].solver, m[w].solver->set.b) -
                               m[w].solved.loglik / cxs_solver_weight_sum(m[w].solver);
            }
            CHECK_NEAR(objective[0], objective[1], 1e-12);
            CHECK(m[0].solved.df == m[1].solved.df);
        }
        CHECK(a == 2 || (m[0].solver->rows != NULL && m[0].solver->set.gram == NULL &&
                         m[0].solver->quad.work == NULL));
        CHECK(m[1].solver->rows == NULL && m[1].solver->set.gram != NULL);
        CHECK(lambda > 0.0);
        cxs_batch_end(m, 2);
        free(c);
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Alone, among 19 others, on 1, 2, 3 and 5 threads: the same bits; more rows than the
 * tasks of a matrix, enough columns for threads. */
static void company_and_threads_do_not_matter(void **unused)
{
    enum { MANY = 20, SOME = 90, P = 6400, POINTS = 8 };
    static const int threads[] = {1, 2, 3, 5};
    cxs_matrix *matrix = cohort_matrix(SOME, P, 3);
    cxs_surv *surv = cohort_surv(SOME, 2, 1, matrix->x, 3);
    const cxs_design d = {.n = SOME,
                          .p = P,
                          .x = matrix->x,
                          .feature = (const char *const *)matrix->feature};
    cxs_model_settings s = cxs_model_defaults();
    double *weight = calloc(MANY * SOME, sizeof *weight);
    cxs_problem problem[MANY];
    cxs_path *alone[4];

    (void)unused;
    s.alpha = 0.02;
    s.nlambda = POINTS;
    s.lambda_ratio = 0.1;
    for (size_t b = 0; b < MANY; b++) {
        for (size_t i = 0; i < SOME; i++)
            weight[b * SOME + i] =
                b == 9 ? 1.0 + (double)(i % 2) : (double)((i + b) % 4 > 1);
        problem[b] = cxs_problem_of(surv, CXS_TIES_EFRON);
        problem[b].outcome.weight = weight + b * SOME;
    }
    for (size_t t = 0; t < 4; t++) {
        alone[t] = solve(threads[t], &d, &problem[9], &s, NULL);
        CHECK(alone[t]->coefs == alone[0]->coefs);
        CHECK(alone[t]->point[POINTS - 1].df > 5 * SOME);
        CHECK(memcmp(alone[t]->beta, alone[0]->beta,
                     alone[0]->coefs * sizeof *alone[0]->beta) == 0);
    }
    {
        cxs_ctx *ctx = cxs_ctx_new();
        cxs_panel *panel = NULL;
        cxs_member m[MANY] = {{0}};
        uint32_t *id = calloc(P + 1, sizeof *id);
        double *beta = calloc(P + 1, sizeof *beta);
        cxs_ctx_set_threads(ctx, 2);
        for (size_t b = 0; b < MANY; b++)
            m[b].problem = &problem[b];
        CHECK(!cxs_panel_new(ctx, &d, &panel));
        CHECK(!cxs_batch_start(ctx, panel, &d, &s, NULL, m, MANY));
        for (size_t l = 0; l < POINTS; l++) {
            const cxs_path_point *at = &alone[0]->point[l];
            for (size_t b = 0; b < MANY; b++) {
                m[b].reference = alone[0]->lambda_max;
                m[b].lambda = at->lambda;
                m[b].next = l + 1 < POINTS ? at[1].lambda : (double)NAN;
            }
            CHECK(!cxs_batch_solve(ctx, panel, m, MANY));
            CHECK(cxs_solver_coefs(m[9].solver, id, beta, P + 1) == at->count);
            CHECK(memcmp(beta, alone[0]->beta + at->first, at->count * sizeof *beta) ==
                  0);
        }
        cxs_batch_end(m, MANY);
        cxs_panel_free(panel);
        cxs_ctx_free(ctx);
        free(id);
        free(beta);
    }
    for (size_t t = 0; t < 4; t++)
        cxs_path_free(alone[t]);
    free(weight);
    cxs_surv_free(surv);
    cxs_matrix_free(matrix);
    CHECK_DONE();
}

/* The k-th allocation fails: a clean error each time, nothing leaks. */
static void every_allocation_may_fail(void **unused)
{
    cohort *c = cohort_new(1);
    const cxs_design d = cohort_design(c);
    const cxs_problem pr = cohort_problem(c, 32);
    cxs_model_settings s = cxs_model_defaults();
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_rc rc = CXS_ENOMEM;
    long k;

    (void)unused;
    s.alpha = 0.05;
    s.nlambda = 4;
    s.lambda_ratio = 0.03;
    for (k = 1; rc == CXS_ENOMEM && k < 900; k++) {
        const long live = cxs_alloc_live();
        cxs_path *path = NULL;
        cxs_alloc_fail_at(k);
        rc = cxs_path_solve(ctx, NULL, &d, &pr, &s, NULL, &path);
        cxs_alloc_fail_at(0);
        CHECK((rc == CXS_OK) == (path != NULL));
        CHECK(path == NULL || path->point[3].df > 3 * ROWS);
        cxs_path_free(path);
        CHECK(cxs_alloc_live() == live);
    }
    CHECK(rc == CXS_OK && k > 60);
    cxs_ctx_free(ctx);
    free(c);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_solves_its_model),
        cmocka_unit_test(certificate_holds),
        cmocka_unit_test(agrees_with_the_gram),
        cmocka_unit_test(company_and_threads_do_not_matter),
        cmocka_unit_test(every_allocation_may_fail),
    };
    cxs_ctx *ctx = cxs_ctx_new();
    const cxs_rc rc = cxs_blas_init(ctx);

    cxs_ctx_free(ctx);
    return rc != CXS_OK ? 1 : cmocka_run_group_tests_name("rows", tests, NULL, NULL);
}
