/*
 * test_scan_kernels.c -- exp() and log() of the scan against long double, its
 * likelihood against the kernels of cox.c, and the same bits for every vector width
 */
#include "test.h"

#include "made.h"

#include "model/scan_frame.h"
#include "num/scan_pass.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

enum { L = CXS_SCAN_LANES };
static const int widths[] = {2, 4, 8};

/* ---- exp and log ----------------------------------------------------------------- */

static double ulps(double got, long double want)
{
    const double near = (double)want;
    const double unit = fmax(nextafter(fabs(near), HUGE_VAL) - fabs(near), 0x1p-1074);

    return (double)(fabsl((long double)got - want) / (long double)unit);
}

static void exp_is_near(void **state)
{
    enum { COUNT = 400001 };
    double *x = cxs_calloc(NULL, COUNT, sizeof *x), *y = cxs_calloc(NULL, COUNT, 8);
    double worst = 0.0, below = 0.0;

    (void)state;
    lcg_state = 7;
    for (size_t i = 0; i < COUNT; i++)
        x[i] = i % 2 ? -708.3 + 1418.0 * uniform() : 4.0 * (uniform() - uniform());
    for (size_t w = 0; w < 3; w++) {
        const cxs_scan_kernels *kernels = cxs_scan_kernels_of(widths[w]);
        if (kernels == NULL)
            continue;
        kernels->exp(COUNT, x, y);
        for (size_t i = 0; i < COUNT; i++)
            worst = fmax(worst, ulps(y[i], expl((long double)x[i])));
    }
    for (size_t i = 0; i < COUNT; i++) /* below the normal numbers */
        x[i] = -745.5 + 37.5 * uniform();
    cxs_scan_kernels_here()->exp(COUNT, x, y);
    for (size_t i = 0; i < COUNT; i++)
        below = fmax(below, ulps(y[i], expl((long double)x[i])));
    CHECK(worst > 0.5 && worst <= 1.2);
    CHECK(below <= 2.0);
    cxs_free(x);
    cxs_free(y);
    CHECK_DONE();
}

static void exp_at_the_edges(void **state)
{
    const double inf = HUGE_VAL, nan = (double)NAN;
    const double x[] = {0.0,   -0.0,   inf,    -inf,   nan,       709.78,  709.79,
                        1e300, -745.0, -745.2, -1e300, 0x1p-1074, -1e-300, 1.0};
    enum { COUNT = sizeof x / sizeof *x };

    (void)state;
    for (size_t w = 0; w < 3; w++) {
        const cxs_scan_kernels *kernels = cxs_scan_kernels_of(widths[w]);
        double y[COUNT];
        if (kernels == NULL)
            continue;
        kernels->exp(COUNT, x, y);
        CHECK(y[0] == 1.0 && y[1] == 1.0 && y[11] == 1.0 && y[12] == 1.0);
        CHECK(y[2] == inf && y[3] == 0.0 && isnan(y[4]));
        CHECK(y[5] < DBL_MAX && y[5] > 1.79e308 && y[6] == inf && y[7] == inf);
        CHECK(y[8] == 0x1p-1074 && y[9] == 0.0 && y[10] == 0.0);
        CHECK(ulps(y[13], expl(1.0L)) <= 1.0);
    }
    CHECK_DONE();
}

static void log_is_near(void **state)
{
    enum { COUNT = 200001 };
    double *x = cxs_calloc(NULL, COUNT, sizeof *x), *y = cxs_calloc(NULL, COUNT, 8);

    (void)state;
    lcg_state = 8;
    for (size_t i = 0; i < COUNT; i++)
        x[i] = i % 2 ? exp(-708.0 + 1417.0 * uniform()) : 0.5 + uniform();
    x[0] = DBL_MIN;
    x[2] = DBL_MAX;
    x[4] = 1.0;
    for (size_t w = 0; w < 3; w++) {
        const cxs_scan_kernels *kernels = cxs_scan_kernels_of(widths[w]);
        double worst = 0.0;
        if (kernels == NULL)
            continue;
        kernels->log(COUNT, x, y);
        for (size_t i = 0; i < COUNT; i++) {
            const long double want = logl((long double)x[i]);
            worst = fmax(worst, (double)fabsl((long double)y[i] - want) /
                                    fmax(1.0, fabs((double)want)));
        }
        CHECK(worst > 0.0 && worst <= 2.0 * DBL_EPSILON);
        CHECK(y[4] == 0.0);
    }
    cxs_free(x);
    cxs_free(y);
    CHECK_DONE();
}

/* ---- the likelihood -------------------------------------------------------------- */

/* Eight features of a made cohort, the first two with missing rows, in a workspace. */
typedef struct bench {
    made *d;
    cxs_scan_frame *frame;
    double *x, *work;
    cxs_scan_pass pass;
    cxs_lane_moments moments;
} bench;

static bench bench_make(uint32_t seed, size_t k, cxs_ties ties, int entry, int strata,
                        int weights)
{
    bench b = {.d = make(seed, k, entry, strata, weights)};
    const cxs_risk *risk;
    double factor[L];

    CHECK(cxs_scan_frame_new(NULL, &b.d->problem, NULL, ties, &b.frame) == CXS_OK);
    risk = b.frame->null.risk;
    b.x = cxs_calloc(NULL, risk->n * L, sizeof *b.x);
    b.work = cxs_calloc(NULL, cxs_scan_work_size(&b.frame->null), sizeof *b.work);
    for (size_t i = 0; i < risk->n; i++)
        for (size_t l = 0; l < L; l++)
            b.x[i * L + l] = l < 2 && (i + 3 * l) % 11 == 0
                                 ? (double)NAN
                                 : b.d->x[(10 + l) * N + risk->row[i]];
    cxs_scan_prepare(&b.frame->null, b.work);
    b.pass = cxs_scan_pass_place(&b.frame->null, b.work);
    cxs_scan_kernels_of(2)->centre(risk->n, risk->weight_ts, b.x, &b.moments);
    for (size_t l = 0; l < L; l++)
        factor[l] = 1.0 / sqrt(b.moments.variance[l]);
    cxs_scan_pass_rows(&b.frame->null, b.x, b.work);
    cxs_scan_kernels_of(2)->features(&b.frame->null, &b.pass, b.x, factor);
    lcg_state = seed + 1;
    for (size_t c = 0; c < b.pass.params * L; c++)
        b.pass.trial[c] = uniform() - uniform();
    return b;
}

static void bench_free(bench *b)
{
    cxs_free(b->x);
    cxs_free(b->work);
    cxs_scan_frame_free(b->frame);
    cxs_free(b->d);
}

/* Lane l by the kernels of cox.c and newton.c on its own rows. */
static void check_lane(const bench *b, cxs_ties ties, size_t l)
{
    const cxs_scan_pass *p = &b->pass;
    const cxs_risk *all = b->frame->null.risk;
    const size_t params = p->params, k = params - 1;
    cxs_outcome outcome = b->d->problem.outcome;
    double *weight = cxs_calloc(NULL, N, sizeof *weight);
    uint64_t *memory = cxs_calloc(NULL, cxs_risk_size(N) / 8 + 1, sizeof *memory);
    double *v = cxs_calloc(NULL, N * params, sizeof *v);
    double *eta = cxs_calloc(NULL, N, sizeof *eta), *m, *work, *block;
    double grad[K + 1], info[(K + 1) * (K + 1)];
    size_t where[N];
    cxs_cox_state at;
    cxs_risk risk;

    for (size_t i = 0; i < all->n; i++) {
        weight[all->row[i]] = isnan(b->x[i * L + l]) ? 0.0 : all->weight_ts[i];
        where[all->row[i]] = i;
    }
    outcome.weight = weight;
    outcome.ties = ties;
    CHECK(cxs_risk_build(&outcome, &risk, memory) == CXS_OK);
    m = cxs_calloc(NULL, risk.terms * params, sizeof *m);
    work = cxs_calloc(NULL, cxs_cox_work_size(&risk), sizeof *work);
    block = cxs_calloc(NULL, cxs_cox_state_size(&risk), sizeof *block);
    for (size_t i = 0; i < risk.n; i++) {
        const size_t from = where[risk.row[i]];
        eta[i] = b->frame->newton->eta_ts[from];
        for (size_t c = 0; c < params; c++) {
            v[c * risk.n + i] = c < k ? p->z[from * k + c] : p->x[from * L + l];
            eta[i] += p->trial[c * L + l] * v[c * risk.n + i];
        }
    }
    cxs_cox_state_place(&risk, block, &at);
    CHECK(cxs_cox_eval(&risk, eta, &at, work) == CXS_OK);
    cxs_newton_information(&risk, &at, params, v, grad, info, m, work);
    CHECK_NEAR(p->trial_loglik[l], at.loglik, TOL_SUM);
    CHECK_NEAR(p->unit[l], risk.event_weight_sum, TOL_SUM);
    for (size_t c = 0; c < params; c++) {
        CHECK_NEAR(p->trial_grad[c * L + l], grad[c], 1e-11);
        for (size_t a = 0; a <= c; a++)
            CHECK_NEAR(p->trial_info[(c * (c + 1) / 2 + a) * L + l],
                       info[a + c * params], 1e-11);
    }
    cxs_free(weight);
    cxs_free(memory);
    cxs_free(v);
    cxs_free(eta);
    cxs_free(m);
    cxs_free(work);
    cxs_free(block);
}

static void likelihood_of_each_lane(void **state)
{
    static const size_t ks[] = {0, 1, 2, 3, 4, 5, 7, K};

    (void)state;
    for (uint32_t t = 0; t < 32; t++) {
        const cxs_ties ties = t & 1 ? CXS_TIES_EFRON : CXS_TIES_BRESLOW;
        bench b = bench_make(300 + t, ks[t % 8], ties, t & 2, t & 4, (t / 8) & 1);
        cxs_scan_kernels_here()->eval(&b.frame->null, &b.pass);
        for (size_t l = 0; l < L; l++)
            check_lane(&b, ties, l);
        bench_free(&b);
    }
    CHECK_DONE();
}

/* A linear predictor out of range gives no likelihood, in its lane alone; far below the
 * others a row adds nothing. */
static void out_of_range(void **state)
{
    bench b = bench_make(12, 2, CXS_TIES_EFRON, 0, 0, 0);
    const cxs_scan_kernels *kernels = cxs_scan_kernels_here();
    double before[L];

    (void)state;
    kernels->eval(&b.frame->null, &b.pass);
    memcpy(before, b.pass.trial_loglik, sizeof before);
    b.pass.trial[2 * L + 3] = 1e4;
    b.pass.trial[2 * L + 4] = (double)NAN;
    kernels->eval(&b.frame->null, &b.pass);
    for (size_t l = 0; l < L; l++)
        CHECK(l == 3 || l == 4 ? isnan(b.pass.trial_loglik[l])
                               : b.pass.trial_loglik[l] == before[l]);
    b.pass.trial[2 * L + 3] = 200.0; /* a spread of some 700 */
    b.pass.trial[2 * L + 4] = 0.0;
    kernels->eval(&b.frame->null, &b.pass);
    CHECK(isfinite(b.pass.trial_loglik[3]) && b.pass.trial_loglik[3] < -1000.0);
    bench_free(&b);
    CHECK_DONE();
}

/* ---- vector widths --------------------------------------------------------------- */

/* All that the kernels write, one after the other. */
static double *everything(const cxs_scan_kernels *kernels, uint32_t t, size_t *size)
{
    bench b = bench_make(t, t % (K + 1), CXS_TIES_EFRON, t & 2, t & 4, t & 8);
    const cxs_scan_null *null = &b.frame->null;
    const cxs_scan_pass *p = &b.pass;
    const size_t n = null->risk->n, params = p->params;
    double *all = cxs_calloc(NULL, 2 * n * L + (4 * params + 3 * p->pairs + 9) * L, 8);
    double *at = all;
    cxs_lane_score score;
    cxs_lane_moments moments;

    kernels->eval(null, p);
    memcpy(p->grad, p->trial_grad, params * L * sizeof *at);
    memcpy(p->info, p->trial_info, p->pairs * L * sizeof *at);
    kernels->solve(p, 0);
    memcpy(at, p->trial_loglik, L * sizeof *at);
    memcpy(at += L, p->trial_grad, params * L * sizeof *at);
    memcpy(at += params * L, p->trial_info, p->pairs * L * sizeof *at);
    memcpy(at += p->pairs * L, p->factor, p->pairs * L * sizeof *at);
    memcpy(at += p->pairs * L, p->step, params * L * sizeof *at);
    memcpy(at += params * L, p->gain, L * sizeof *at);
    kernels->dfbeta(null, p);
    memcpy(at += L, p->y, n * L * sizeof *at);
    kernels->score(null, p, &score, p->trial);
    memcpy(at += n * L, score.u, sizeof score.u);
    memcpy(at += L, score.info, sizeof score.info);
    memcpy(at += L, p->trial, (params - 1) * L * sizeof *at);
    at += (params - 1) * L;
    kernels->centre(n, null->risk->weight_ts, b.x, &moments);
    memcpy(at, &moments, sizeof moments);
    at += sizeof moments / sizeof *at;
    *size = (size_t)(at - all);
    bench_free(&b);
    return all;
}

static void same_bits_for_every_width(void **state)
{
    (void)state;
    for (uint32_t t = 0; t < 16; t++) {
        size_t size = 0, other;
        double *want = everything(cxs_scan_kernels_of(2), t, &size);
        CHECK(size > N * L);
        for (size_t w = 1; w < 3; w++) {
            const cxs_scan_kernels *kernels = cxs_scan_kernels_of(widths[w]);
            double *got;
            if (kernels == NULL)
                continue;
            got = everything(kernels, t, &other);
            CHECK(other == size && memcmp(got, want, size * sizeof *got) == 0);
            cxs_free(got);
        }
        cxs_free(want);
    }
    CHECK(cxs_scan_kernels_of(3) == NULL);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exp_is_near),  cmocka_unit_test(exp_at_the_edges),
        cmocka_unit_test(log_is_near),  cmocka_unit_test(likelihood_of_each_lane),
        cmocka_unit_test(out_of_range), cmocka_unit_test(same_bits_for_every_width),
    };
    return cmocka_run_group_tests_name("scan_kernels", tests, NULL, NULL);
}
