/*
 * test_cnhmm.c -- the hidden Markov model of tumour fraction: parts by hand, the chain
 * against all paths, what EM must do, and recovery
 */
#include "num/cnhmm.h"

#include "test.h"

#include "base/stream.h"

#include <string.h>

enum { K = CXS_CNHMM_TOP };

static const double NU = 2.1, STAY = 0.9999999;

/* n = 0.6, phi = 2.5, c = 3: (1.2 + 1.2)/(1.2 + 1.0); subclonal 1 with s = 0.25:
 * 0.4 (0.5 + 0.75) = 0.5. */
static void means_by_hand(void **state)
{
    cxs_cnhmm_fit fit = {
        .normal = 0.6, .ploidy = 2.5, .subclonal = 0.25, .states = CXS_CNHMM_STATES};
    double mu[CXS_CNHMM_STATES];

    (void)state;
    cxs_cnhmm_means(&fit, mu);
    CHECK_NEAR(mu[2], log(2.4 / 2.2), TOL_SUM);
    CHECK_NEAR(mu[1], log(2.0 / 2.2), TOL_SUM);
    CHECK_NEAR(mu[6], log(4.0 / 2.2), TOL_SUM);
    CHECK_NEAR(mu[7], log((1.2 + 0.5) / 2.2), TOL_SUM);
    CHECK_NEAR(mu[8], log((1.2 + 0.4 * (0.5 + 2.25)) / 2.2), TOL_SUM);
    for (size_t k = 0; k < CXS_CNHMM_TOP; k++)
        CHECK(cxs_cnhmm_copies(k) == (int)k + 1 && !cxs_cnhmm_is_subclonal(k));
    CHECK(cxs_cnhmm_copies(7) == 1 && cxs_cnhmm_copies(8) == 3);
    CHECK(cxs_cnhmm_is_subclonal(7) && cxs_cnhmm_is_subclonal(8));
    CHECK_DONE();
}

/* ---- the likelihood as a sum over all paths ----------------------------------------- */

static double density(const cxs_cnhmm_fit *fit, const double *mu, double x, size_t k)
{
    const double l = fit->precision[k], d = x - mu[k];

    if (isnan(x))
        return 1.0;
    return tgamma(0.5 * (NU + 1.0)) / tgamma(0.5 * NU) * sqrt(l / (acos(-1.0) * NU)) *
           pow(1.0 + l * d * d / NU, -0.5 * (NU + 1.0));
}

/* Sum over the K^n paths of x[n] of start, steps and densities; best path, and the
 * posterior of each state at each place. */
static double all_paths(const cxs_cnhmm_fit *fit, const double *pi, const double *x,
                        int n, uint8_t *best, double *posterior)
{
    const int states = (int)fit->states;
    double mu[CXS_CNHMM_STATES], sum = 0.0, top = -1.0;
    long paths = 1;

    cxs_cnhmm_means(fit, mu);
    memset(posterior, 0, (size_t)(n * states) * sizeof *posterior);
    for (int t = 0; t < n; t++)
        paths *= states;
    for (long path = 0; path < paths; path++) {
        uint8_t at[8];
        double p;
        long rest = path;
        for (int t = 0; t < n; t++, rest /= states)
            at[t] = (uint8_t)(rest % states);
        p = pi[at[0]];
        for (int t = 0; t < n; t++) {
            p *= density(fit, mu, x[t], at[t]);
            if (t > 0 && at[t] == at[t - 1])
                p *= STAY;
            else if (t > 0)
                p *= (1.0 - STAY) / (states - 1) * (at[t] >= 7 ? 0.1 : 1.0);
        }
        sum += p;
        for (int t = 0; t < n; t++)
            posterior[t * states + at[t]] += p;
        if (p > top) {
            top = p;
            memcpy(best, at, (size_t)n);
        }
    }
    return sum;
}

/* The first E step is at the start values: known precisions, start probabilities 0.8 and
 * 0.2/(K - 1).  The log-likelihood that EM reports for a start that is at once converged
 * cannot be seen, so that it is read with the posterior of the states: gamma sums to 1,
 * and the reported likelihood is that of the reported parameters up to pi, which moves by
 * at most 2 counts in 1000.  Seven states, and nine with subclonal ones. */
static void the_chain_sums_over_all_paths(void **state)
{
    enum { TOP = CXS_CNHMM_STATES };
    const double x[5] = {0.05, -0.3, (double)NAN, -0.35, 0.02};
    const size_t first[2] = {0, 5};
    double gamma[5 * TOP], work[(5 + 2) * TOP], pi[TOP], posterior[5 * TOP], literal;
    uint8_t best[5], found[5], back[5 * TOP];
    cxs_cnhmm_fit fit;

    (void)state;
    for (int sub = 0; sub < 2; sub++) {
        const int states = sub ? 9 : 7;
        cxs_cnhmm_em(x, first, 1, 0.6, 2.0, sub ? 0.5 : 0.0, &fit, gamma, work);
        for (int k = 0; k < states; k++)
            pi[k] = k == 1 ? 0.8 : 0.2 / (states - 1);
        literal = all_paths(&fit, pi, x, 5, best, posterior);
        CHECK(fit.converged && (int)fit.states == states);
        CHECK_NEAR(fit.loglik, log(literal), 0.2);
        for (int t = 0; t < 5; t++) {
            double sum = 0.0;
            for (int k = 0; k < states; k++)
                sum += gamma[t * states + k];
            CHECK_NEAR(sum, 1.0, TOL_SUM);
            for (int k = 0; k < states; k++) /* up to pi, which moved a little */
                CHECK(fabs(gamma[t * states + k] -
                           posterior[t * states + k] / literal) < 0.01);
        }
        cxs_cnhmm_viterbi(x, first, 1, &fit, found, back, work);
        CHECK(memcmp(best, found, sizeof best) == 0);
    }
    CHECK_DONE();
}

/* Nine states: a step into a subclonal state is ten times rarer than into the clonal one
 * of nearly the same level, so it takes ln 10 more from the densities. */
static void subclonal_steps_are_rarer(void **state)
{
    enum { TOP = CXS_CNHMM_STATES, BINS_MADE = 34 };
    double x[BINS_MADE], work[(BINS_MADE + 2) * TOP];
    const size_t first[2] = {0, BINS_MADE};
    cxs_cnhmm_fit fit = {.normal = 0.5,
                         .ploidy = 2.0,
                         .subclonal = 0.5,
                         .states = TOP,
                         .precision = {1e4, 1e4, 1e4, 1e4, 1e4, 1e4, 1e4, 1e4, 1e4}};
    uint8_t found[BINS_MADE], back[BINS_MADE * TOP];
    double mu[TOP], step;

    (void)state;
    cxs_cnhmm_means(&fit, mu);
    CHECK(mu[7] > mu[0] && mu[7] < mu[1]);
    step = mu[7] - mu[0];
    for (int side = 0; side < 2; side++) {
        /* Where 30 bins favour the subclonal loss by less, or by more, than ln 10: the
         * gain of one bin at mu0 + f step is 1.55 ln((1 + 1e4 f^2 s^2/2.1) /
         * (1 + 1e4 (1 - f)^2 s^2/2.1)). */
        const double wanted = log(10.0) * (side == 0 ? 0.9 : 1.1) / (BINS_MADE - 4);
        double low = 0.5, high = 1.0;
        for (int i = 0; i < 60; i++) {
            const double f = 0.5 * (low + high), a = 1e4 * step * step / 2.1;
            const double gain =
                1.55 * log((1.0 + a * f * f) / (1.0 + a * (1.0 - f) * (1.0 - f)));
            if (gain > wanted)
                high = f;
            else
                low = f;
        }
        for (int t = 0; t < BINS_MADE; t++)
            x[t] = t < 4 ? 0.0 : mu[0] + low * step;
        cxs_cnhmm_viterbi(x, first, 1, &fit, found, back, work);
        CHECK(found[0] == 1 && found[BINS_MADE - 1] == (side == 0 ? 0 : 7));
    }
    CHECK_DONE();
}

/* Without data the chain is its transitions: the posterior of a bin is start A^t times
 * A^(n - t) 1, by products with the matrix written out.  EM renews the start to Dirichlet
 * - 1 + posterior of the first bin, and nothing else. */
static void the_chain_without_data(void **state)
{
    enum { TOP = CXS_CNHMM_STATES, MANY = 20000 };
    static double x[MANY], gamma[MANY * TOP], work[(MANY + 2) * TOP], back[MANY][TOP];
    const size_t first[2] = {0, MANY};
    double pi[TOP], forward[TOP];
    cxs_cnhmm_fit fit;

    (void)state;
    for (int t = 0; t < MANY; t++)
        x[t] = (double)NAN;
    cxs_cnhmm_em(x, first, 1, 0.6, 2.0, 0.5, &fit, gamma, work);
    for (int t = MANY; t-- > 0;)
        for (int i = 0; i < TOP; i++) {
            back[t][i] = t == MANY - 1 ? 1.0 : STAY * back[t + 1][i];
            for (int j = 0; j < TOP && t < MANY - 1; j++)
                if (j != i)
                    back[t][i] += (1.0 - STAY) / (TOP - 1) * (j >= 7 ? 0.1 : 1.0) *
                                  back[t + 1][j];
        }
    for (int round = 0; round <= fit.iterations; round++) {
        double sum = 0.0;
        for (int i = 0; i < TOP; i++) {
            pi[i] = i == 1 ? 800.0 : 200.0 / (TOP - 1);
            pi[i] = round == 0 ? pi[i] / 1000.0 : pi[i] - 1.0 + forward[i];
            sum += pi[i];
        }
        for (int i = 0; i < TOP; i++)
            pi[i] /= sum;
        sum = 0.0;
        for (int i = 0; i < TOP; i++)
            sum += forward[i] = pi[i] * back[0][i];
        for (int i = 0; i < TOP; i++)
            forward[i] /= sum;
    }
    for (int i = 0; i < TOP; i++) {
        CHECK_NEAR(gamma[i], forward[i], 1e-11);
        CHECK(fabs(gamma[i] / forward[i] - 1.0) < 1e-9);
    }
    CHECK(fit.converged && fit.iterations < 10);
    CHECK_DONE();
}

/* A first bin that is missing is what the bins after it are: the chain looks back. */
static void what_follows_tells_of_the_first(void **state)
{
    double x[40], gamma[40 * K], work[42 * K];
    const size_t first[3] = {0, 20, 40};
    cxs_cnhmm_fit fit;

    (void)state;
    for (int t = 0; t < 40; t++)
        x[t] = (t < 20 ? -0.35 : 0.0) + 0.02 * sin(7.0 * t);
    x[0] = (double)NAN;
    cxs_cnhmm_em(x, first, 2, 0.5, 2.0, 0.0, &fit, gamma, work);
    CHECK(gamma[0] > 0.9); /* one copy, against a prior of 0.03 */
    for (int k = 0; k < K; k++)
        CHECK(fabs(gamma[k] - gamma[19 * K + k]) < 1e-3);
    CHECK_DONE();
}

/* ---- profiles ----------------------------------------------------------------------- */

enum { CHROMS = 10, LENGTH = 120, BINS = CHROMS * LENGTH };

/* Chromosome 3 lost, 5 gained, 7 lost by half; t-like outliers, some missing. */
static void profile(double fraction, double sd, uint64_t seed, double *x,
                    size_t first[CHROMS + 1])
{
    const cxs_stream s = {seed, CXS_DRAW_TEST, 3};
    double copies[BINS], phi = 0.0;

    for (int t = 0; t < BINS; t++) {
        const int chrom = t / LENGTH;
        copies[t] = chrom == 3 || (chrom == 7 && t % LENGTH < 60) ? 1.0
                    : chrom == 5                                  ? 3.0
                                                                  : 2.0;
        phi += copies[t] / BINS;
    }
    for (int t = 0; t < BINS; t++) {
        const size_t at = (size_t)t;
        x[t] = log((2.0 * (1.0 - fraction) + fraction * copies[t]) /
                   (2.0 * (1.0 - fraction) + fraction * phi)) +
               sd * cxs_draw_normal(&s, 2 * at) *
                   (cxs_draw_uniform(&s, 2 * at + 1) < 0.02 ? 5.0 : 1.0);
        if (t % 97 == 0)
            x[t] = (double)NAN;
    }
    for (int p = 0; p <= CHROMS; p++)
        first[p] = (size_t)p * LENGTH;
}

static void fractions_are_recovered(void **state)
{
    static double x[BINS], gamma[BINS * CXS_CNHMM_STATES],
        work[(BINS + 2) * CXS_CNHMM_STATES];
    static uint8_t path[BINS], back[BINS * CXS_CNHMM_STATES];
    static const double fractions[] = {0.05, 0.1, 0.3, 0.5, 0.8};
    size_t first[CHROMS + 1];

    (void)state;
    for (size_t k = 0; k < sizeof fractions / sizeof *fractions; k++) {
        cxs_cnhmm_fit fit, other;
        int wrong = 0;
        profile(fractions[k], 0.01, k + 1, x, first);
        cxs_cnhmm_em(x, first, CHROMS, 0.9, 2.0, 0.0, &other, gamma, work);
        cxs_cnhmm_em(x, first, CHROMS, 0.5, 2.0, 0.0, &fit, gamma, work);
        fit = other.loglik > fit.loglik ? other : fit;
        CHECK(fit.converged);
        CHECK(fabs(1.0 - fit.normal - fractions[k]) < 0.01);
        cxs_cnhmm_viterbi(x, first, CHROMS, &fit, path, back, work);
        for (int t = 0; t < BINS; t++) {
            const int chrom = t / LENGTH;
            const int want = chrom == 3 || (chrom == 7 && t % LENGTH < 60) ? 1
                             : chrom == 5                                  ? 3
                                                                           : 2;
            wrong += cxs_cnhmm_copies(path[t]) != want;
        }
        CHECK(wrong <= 6); /* bins beside the break of chromosome 7 */
    }
    CHECK_DONE();
}

/* A chromosome of which half of the tumour cells lost a copy is subclonal. */
static void subclones_are_told_apart(void **state)
{
    static double x[BINS], gamma[BINS * CXS_CNHMM_STATES],
        work[(BINS + 2) * CXS_CNHMM_STATES];
    static uint8_t path[BINS], back[BINS * CXS_CNHMM_STATES];
    size_t first[CHROMS + 1], subclonal = 0;
    cxs_cnhmm_fit fit;

    (void)state;
    profile(0.6, 0.01, 9, x, first);
    for (size_t t = first[8]; t < first[9]; t++)
        x[t] =
            log((0.8 + 0.6 * 1.5) / (0.8 + 0.6 * 1.95)) + 0.01 * sin(9.0 * (double)t);
    cxs_cnhmm_em(x, first, CHROMS, 0.5, 2.0, 0.5, &fit, gamma, work);
    CHECK(fit.states == CXS_CNHMM_STATES);
    CHECK(fabs(1.0 - fit.normal - 0.6) < 0.02);
    CHECK(fabs(fit.subclonal - 0.5) < 0.1);
    cxs_cnhmm_viterbi(x, first, CHROMS, &fit, path, back, work);
    for (size_t t = 0; t < BINS; t++)
        subclonal += cxs_cnhmm_is_subclonal(path[t]) && t / LENGTH == 8;
    CHECK(subclonal >= 115);
    CHECK_DONE();
}

/* Another order of the chromosomes is the same likelihood; a shift of all x is another
 * ploidy at most. */
static void order_does_not_matter(void **state)
{
    static double x[BINS], y[BINS], gamma[BINS * CXS_CNHMM_STATES],
        work[(BINS + 2) * CXS_CNHMM_STATES];
    size_t first[CHROMS + 1];
    cxs_cnhmm_fit one, two;

    (void)state;
    profile(0.3, 0.02, 4, x, first);
    for (int p = 0; p < CHROMS; p++)
        memcpy(y + (CHROMS - 1 - p) * LENGTH, x + p * LENGTH, LENGTH * sizeof *x);
    cxs_cnhmm_em(x, first, CHROMS, 0.6, 2.0, 0.0, &one, gamma, work);
    cxs_cnhmm_em(y, first, CHROMS, 0.6, 2.0, 0.0, &two, gamma, work);
    CHECK_NEAR(two.loglik, one.loglik, 1e-9);
    CHECK_NEAR(two.normal, one.normal, 1e-6);
    CHECK_DONE();
}

/* Constant and all-missing profiles end with numbers. */
static void nothing_to_see(void **state)
{
    double x[30], gamma[30 * K], work[32 * K];
    const size_t first[3] = {0, 15, 30};
    cxs_cnhmm_fit fit;

    (void)state;
    for (int t = 0; t < 30; t++)
        x[t] = 0.0;
    cxs_cnhmm_em(x, first, 2, 0.5, 2.0, 0.0, &fit, gamma, work);
    CHECK(isfinite(fit.loglik) && isfinite(fit.normal) && isfinite(fit.ploidy));
    for (int t = 0; t < 30; t++)
        x[t] = (double)NAN;
    cxs_cnhmm_em(x, first, 2, 0.5, 2.0, 0.0, &fit, gamma, work);
    CHECK_NEAR(fit.loglik, 0.0, TOL_SUM);
    CHECK(isfinite(fit.normal));
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(means_by_hand),
        cmocka_unit_test(the_chain_sums_over_all_paths),
        cmocka_unit_test(subclonal_steps_are_rarer),
        cmocka_unit_test(the_chain_without_data),
        cmocka_unit_test(what_follows_tells_of_the_first),
        cmocka_unit_test(fractions_are_recovered),
        cmocka_unit_test(subclones_are_told_apart),
        cmocka_unit_test(order_does_not_matter),
        cmocka_unit_test(nothing_to_see),
    };
    return cmocka_run_group_tests_name("cnhmm", tests, NULL, NULL);
}
