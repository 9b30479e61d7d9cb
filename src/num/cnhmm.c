/*
 * cnhmm.c -- expectation-maximisation and Viterbi paths of the copy-number model
 */
#include "num/cnhmm.h"

#include <math.h>
#include <string.h>

enum { STEPS_TOP = 50, SEARCH_TOP = 200, K_TOP = CXS_CNHMM_STATES, PARAMETERS = 3 };

static const double NU = 2.1, STAY = 0.9999999, RISE = 1e-3, EDGE = 1e-6,
                    TO_SUBCLONAL = 0.1;
static const int COPIES[K_TOP] = {1, 2, 3, 4, 5, 6, 7, 1, 3};

typedef struct model {
    const double *x;
    const size_t *first;
    size_t parts, bins, k;
    double prior_shape, prior_rate; /* of the precisions */
    double pi[K_TOP];
    double dirichlet[K_TOP];
    double log_density_constant; /* ln Gamma((nu+1)/2)/Gamma(nu/2)/sqrt(pi nu) */
} model;

/* What the M step needs of the responsibilities: sums over bins per state. */
typedef struct moments {
    double count[K_TOP];  /* sum gamma */
    double weight[K_TOP]; /* sum gamma u */
    double linear[K_TOP]; /* sum gamma u x */
    double square[K_TOP]; /* sum gamma u x^2 */
} moments;

int cxs_cnhmm_copies(size_t state)
{
    return COPIES[state];
}

int cxs_cnhmm_is_subclonal(size_t state)
{
    return state >= CXS_CNHMM_TOP;
}

static double mean_of(size_t state, double n, double phi, double s)
{
    const double c = COPIES[state],
                 tumour = cxs_cnhmm_is_subclonal(state) ? 2.0 * s + (1.0 - s) * c : c;

    return log((2.0 * n + (1.0 - n) * tumour) / (2.0 * n + (1.0 - n) * phi));
}

void cxs_cnhmm_means(const cxs_cnhmm_fit *fit, double *mu)
{
    for (size_t k = 0; k < fit->states; k++)
        mu[k] = mean_of(k, fit->normal, fit->ploidy, fit->subclonal);
}

/* ---- E step ------------------------------------------------------------------------- */

/* Densities of bin t relative to the largest, and the log of that. */
static double densities(const model *m, const cxs_cnhmm_fit *fit, const double *mu,
                        double x, double *out)
{
    double top = -HUGE_VAL;

    if (isnan(x)) {
        for (size_t k = 0; k < m->k; k++)
            out[k] = 1.0;
        return 0.0;
    }
    for (size_t k = 0; k < m->k; k++) {
        const double d = x - mu[k];
        out[k] = 0.5 * log(fit->precision[k]) -
                 0.5 * (NU + 1.0) * log1p(fit->precision[k] * d * d / NU);
        top = out[k] > top ? out[k] : top;
    }
    for (size_t k = 0; k < m->k; k++)
        out[k] = exp(out[k] - top);
    return top + m->log_density_constant;
}

/* Probability of a step from any other state to this one. */
static double move_to(size_t k_count, size_t k)
{
    return (1.0 - STAY) / (double)(k_count - 1) *
           (cxs_cnhmm_is_subclonal(k) ? TO_SUBCLONAL : 1.0);
}

/* One step of the chain: to[k] = stay from[k] + move_k (sum - from[k]). */
static void step(size_t k_count, const double *from, double *to)
{
    double sum = 0.0;

    for (size_t k = 0; k < k_count; k++)
        sum += from[k];
    for (size_t k = 0; k < k_count; k++)
        to[k] = STAY * from[k] + move_to(k_count, k) * (sum - from[k]);
}

/* And back: to[k] = stay from[k] + sum over the others of move_j from[j]. */
static void step_back(size_t k_count, const double *from, double *to)
{
    double sum = 0.0;

    for (size_t k = 0; k < k_count; k++)
        sum += move_to(k_count, k) * from[k];
    for (size_t k = 0; k < k_count; k++)
        to[k] = STAY * from[k] + (sum - move_to(k_count, k) * from[k]);
}

static double scale(size_t k_count, double *v)
{
    double sum = 0.0;

    for (size_t k = 0; k < k_count; k++)
        sum += v[k];
    for (size_t k = 0; k < k_count; k++)
        v[k] /= sum;
    return sum;
}

/* Forward-backward over one chromosome: gamma [bins x k] in place of the forward
 * variables, densities kept in b. */
static double chain(const model *m, const cxs_cnhmm_fit *fit, const double *mu,
                    size_t from, size_t to, double *gamma, double *b)
{
    double loglik = 0.0, beta[K_TOP], next[K_TOP];
    const size_t k_count = m->k;

    for (size_t t = from; t < to; t++) {
        double *f = gamma + t * k_count, *density = b + t * k_count;
        loglik += densities(m, fit, mu, m->x[t], density);
        if (t == from)
            memcpy(f, m->pi, k_count * sizeof *f);
        else
            step(k_count, f - k_count, f);
        for (size_t k = 0; k < k_count; k++)
            f[k] *= density[k];
        loglik += log(scale(k_count, f));
    }
    for (size_t k = 0; k < k_count; k++)
        beta[k] = 1.0;
    for (size_t t = to; t-- > from;) {
        double *f = gamma + t * k_count;
        const double *density = b + t * k_count;
        for (size_t k = 0; k < k_count; k++) {
            f[k] *= beta[k];
            next[k] = density[k] * beta[k];
        }
        scale(k_count, f);
        step_back(k_count, next, beta);
        scale(k_count, beta);
    }
    return loglik;
}

static double log_prior(const model *m, const cxs_cnhmm_fit *fit)
{
    const double n = fit->normal, phi = fit->ploidy, s = fit->subclonal;
    double p = log(n * (1.0 - n)) + 3.0 * log(phi) - 1.5 * phi;

    if (m->k > CXS_CNHMM_TOP)
        p += log(s * (1.0 - s));
    for (size_t k = 0; k < m->k; k++)
        p += (m->prior_shape - 1.0) * log(fit->precision[k]) -
             m->prior_rate * fit->precision[k] +
             (m->dirichlet[k] - 1.0) * log(m->pi[k]);
    return p;
}

/* ---- M step ------------------------------------------------------------------------- */

static void collect(const model *m, const cxs_cnhmm_fit *fit, const double *mu,
                    const double *gamma, moments *sums)
{
    *sums = (moments){{0}, {0}, {0}, {0}};
    for (size_t t = 0; t < m->bins; t++) {
        const double x = m->x[t], *g = gamma + t * m->k;
        if (isnan(x))
            continue;
        for (size_t k = 0; k < m->k; k++) {
            const double d = x - mu[k];
            const double u = g[k] * (NU + 1.0) / (NU + fit->precision[k] * d * d);
            sums->count[k] += g[k];
            sums->weight[k] += u;
            sums->linear[k] += u * x;
            sums->square[k] += u * x * x;
        }
    }
}

/* What n, phi, s = q maximise at given precisions; q inside its bounds. */
static double objective(const model *m, const cxs_cnhmm_fit *fit, const moments *sums,
                        const double *q)
{
    double value = log(q[0] * (1.0 - q[0])) + 3.0 * log(q[1]) - 1.5 * q[1];

    if (m->k > CXS_CNHMM_TOP)
        value += log(q[2] * (1.0 - q[2]));
    for (size_t k = 0; k < m->k; k++) {
        const double mu = mean_of(k, q[0], q[1], q[2]);
        value -=
            0.5 * fit->precision[k] *
            (sums->square[k] + mu * (sums->weight[k] * mu - 2.0 * sums->linear[k]));
    }
    return value;
}

static void bounds_of(size_t at, double *low, double *high)
{
    *low = at == 1 ? 0.5 : EDGE;
    *high = at == 1 ? 10.0 : 1.0 - EDGE;
}

/* Golden-section search along one parameter; the old value is kept unless beaten. */
static void search_one(const model *m, const cxs_cnhmm_fit *fit, const moments *sums,
                       double *q, size_t at, double radius)
{
    static const double golden = 0.61803398874989485;
    const double start = q[at], before = objective(m, fit, sums, q);
    double low, high, a, b, fa, fb;

    bounds_of(at, &low, &high);
    a = fmax(low, start - radius);
    b = fmin(high, start + radius);
    low = b - golden * (b - a);
    high = a + golden * (b - a);
    q[at] = low;
    fa = objective(m, fit, sums, q);
    q[at] = high;
    fb = objective(m, fit, sums, q);
    for (int i = 0; i < SEARCH_TOP && b - a > 1e-9; i++) {
        if (fa >= fb) {
            b = high;
            high = low;
            fb = fa;
            q[at] = low = b - golden * (b - a);
            fa = objective(m, fit, sums, q);
        } else {
            a = low;
            low = high;
            fa = fb;
            q[at] = high = a + golden * (b - a);
            fb = objective(m, fit, sums, q);
        }
    }
    q[at] = 0.5 * (a + b);
    if (!(objective(m, fit, sums, q) > before))
        q[at] = start;
}

/* Raise the objective over n, phi and s, one at a time with shrinking radius: a
 * generalised EM step needs a rise, not the maximum. */
static void maximise(const model *m, cxs_cnhmm_fit *fit, const moments *sums)
{
    double q[PARAMETERS] = {fit->normal, fit->ploidy,
                            m->k > CXS_CNHMM_TOP ? fit->subclonal : 0.5};
    const size_t count = m->k > CXS_CNHMM_TOP ? 3 : 2;

    for (int round = 0; round < 4; round++)
        for (size_t at = 0; at < count; at++)
            search_one(m, fit, sums, q, at, at == 1 ? 2.0 : 0.5);
    fit->normal = q[0];
    fit->ploidy = q[1];
    if (count == 3)
        fit->subclonal = q[2];
}

static void renew_precisions(const model *m, cxs_cnhmm_fit *fit, const moments *sums)
{
    for (size_t k = 0; k < m->k; k++) {
        const double mu = mean_of(k, fit->normal, fit->ploidy, fit->subclonal);
        const double spread =
            sums->square[k] + mu * (sums->weight[k] * mu - 2.0 * sums->linear[k]);
        fit->precision[k] = (0.5 * sums->count[k] + m->prior_shape - 1.0) /
                            (0.5 * fmax(spread, 0.0) + m->prior_rate);
    }
}

static void renew_starts(model *m, const double *gamma)
{
    double sum = 0.0;

    for (size_t k = 0; k < m->k; k++) {
        m->pi[k] = m->dirichlet[k] - 1.0;
        for (size_t p = 0; p < m->parts; p++)
            if (m->first[p] < m->first[p + 1])
                m->pi[k] += gamma[m->first[p] * m->k + k];
        sum += m->pi[k];
    }
    for (size_t k = 0; k < m->k; k++)
        m->pi[k] /= sum;
}

/* ---- the whole ---------------------------------------------------------------------- */

static double sd_of(const double *x, size_t n)
{
    double mean = 0.0, square = 0.0;
    size_t count = 0;

    for (size_t t = 0; t < n; t++)
        if (!isnan(x[t])) {
            mean += x[t];
            count++;
        }
    if (count < 2)
        return 1.0;
    mean /= (double)count;
    for (size_t t = 0; t < n; t++)
        if (!isnan(x[t]))
            square += (x[t] - mean) * (x[t] - mean);
    square = sqrt(square / (double)(count - 1));
    return square > 1e-8 ? square : 1e-8;
}

static void make_model(model *m, const double *x, const size_t *first, size_t parts,
                       cxs_cnhmm_fit *fit)
{
    const double sd = sd_of(x, first[parts]);
    const double start = (double)fit->states / (sd * sd);

    *m = (model){.x = x,
                 .first = first,
                 .parts = parts,
                 .bins = first[parts],
                 .k = fit->states,
                 .prior_shape = 3.0,
                 .prior_rate = sd * sd / (double)fit->states,
                 .log_density_constant = lgamma(0.5 * (NU + 1.0)) - lgamma(0.5 * NU) -
                                         0.5 * log(acos(-1.0) * NU)};
    for (size_t k = 0; k < m->k; k++) {
        const int c = COPIES[k];
        m->dirichlet[k] =
            !cxs_cnhmm_is_subclonal(k) && c == 2 ? 800.0 : 200.0 / (double)(m->k - 1);
        m->pi[k] = m->dirichlet[k] / 1000.0;
        fit->precision[k] = cxs_cnhmm_is_subclonal(k) ? start / 10.0
                            : c <= 3                  ? start
                            : c < CXS_CNHMM_TOP       ? start / 5.0
                                                      : start / 15.0;
    }
}

void cxs_cnhmm_em(const double *x, const size_t *first, size_t parts, double normal,
                  double ploidy, double subclonal, cxs_cnhmm_fit *fit, double *gamma,
                  double *work)
{
    double mu[K_TOP], before = -HUGE_VAL;
    moments sums;
    model m;

    *fit = (cxs_cnhmm_fit){.normal = normal, .ploidy = ploidy, .subclonal = subclonal};
    fit->states = subclonal > 0.0 ? K_TOP : CXS_CNHMM_TOP;
    make_model(&m, x, first, parts, fit);
    for (fit->iterations = 0; fit->iterations < STEPS_TOP; fit->iterations++) {
        cxs_cnhmm_means(fit, mu);
        fit->loglik = 0.0;
        for (size_t p = 0; p < parts; p++)
            fit->loglik += chain(&m, fit, mu, first[p], first[p + 1], gamma, work);
        fit->posterior = fit->loglik + log_prior(&m, fit);
        if (fabs(fit->posterior - before) < RISE * fabs(before)) {
            fit->converged = 1;
            break;
        }
        before = fit->posterior;
        collect(&m, fit, mu, gamma, &sums);
        maximise(&m, fit, &sums);
        renew_precisions(&m, fit, &sums);
        renew_starts(&m, gamma);
    }
}

void cxs_cnhmm_viterbi(const double *x, const size_t *first, size_t parts,
                       const cxs_cnhmm_fit *fit, uint8_t *state, uint8_t *back,
                       double *work)
{
    cxs_cnhmm_fit copy = *fit;
    double mu[K_TOP], score[K_TOP], next[K_TOP];
    const double stay = log(STAY);
    model m;

    make_model(&m, x, first, parts, &copy);
    cxs_cnhmm_means(fit, mu);
    for (size_t p = 0; p < parts; p++) {
        const size_t from = first[p], to = first[p + 1];
        for (size_t t = from; t < to; t++) {
            size_t top = 0;
            (void)densities(&m, fit, mu, x[t], work);
            for (size_t k = 1; t > from && k < m.k; k++)
                top = score[k] > score[top] ? k : top;
            for (size_t k = 0; k < m.k; k++) {
                const double move = log(move_to(m.k, k));
                const int moves = t > from && score[top] + move > score[k] + stay;
                back[t * m.k + k] = (uint8_t)(moves ? top : k);
                next[k] = log(work[k]) + (t == from ? log(m.pi[k])
                                          : moves   ? score[top] + move
                                                    : score[k] + stay);
            }
            memcpy(score, next, sizeof score);
        }
        if (from < to) {
            size_t at = 0;
            for (size_t k = 1; k < m.k; k++)
                at = score[k] > score[at] ? k : at;
            for (size_t t = to; t-- > from;) {
                state[t] = (uint8_t)at;
                at = back[t * m.k + at];
            }
        }
    }
}
