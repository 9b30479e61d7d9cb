/*
 * exact.c -- discrete partial likelihood of tied events
 *
 * At an event time with d tied deaths D in the risk set R, given that d of R die,
 *     loglik = sum_k [ sum_{j in D_k} eta_j - log B(d_k, R_k) ],
 *     B(d, R) = sum over the subsets A of R, |A| = d, of prod_{j in A} exp(eta_j)   (1)
 * (Cox 1972).  Gail, Lubin and Rubinstein (1981) add the members of R one by one:
 *     B(d, m) = B(d, m-1) + e_m B(d-1, m-1),   e_m = exp(eta_m)                     (2)
 * B overflows with many ties, the ratio R_d = B(d, m) / B(d-1, m) stays of the size of
 * e.  Dividing (2) for d by (2) for d-1, with R of m-1 on the right,
 *     R_d <- (R_d + e) / (1 + e / R_{d-1}),   R_1 <- R_1 + e,   log B = sum log R   (3)
 * A random subset of d members, drawn with probability prod e / B, holds member m with
 *     p = e B(d-1, m-1) / B(d, m) = e / (R_d + e)                                   (4)
 * and else is a subset of the others.  So the sum of z over the subset has mean and
 * covariance of a mixture of two, with mu, C of m-1 on the right and mu_0 = C_0 = 0:
 *     mu_d <- (1-p) mu_d + p (mu_{d-1} + z_m)                                       (5)
 *     C_d  <- (1-p) C_d + p C_{d-1} + p (1-p) delta delta',
 *     delta = mu_{d-1} + z_m - mu_d                                                 (6)
 * Score and information of the event time are sum_{D} z - mu_d and C_d.  Nothing in
 * (3)-(6) is subtracted but delta, so that no digit is lost however many ties there
 * are.  As everywhere eta is shifted by its maximum over the stratum.
 */
#include "num/exact.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* The recursion for subsets of up to `most` of the `members` added so far. */
typedef struct subsets {
    size_t most, members, k;
    double *ratio; /* [most + 1] R_d at d */
    double *mean;  /* [k x (most + 1)] mu_d in column d */
    double *cov;   /* [k (k + 1) / 2 x (most + 1)] lower triangle of C_d by rows */
    double *delta; /* [k] */
} subsets;

static size_t most_deaths(const cxs_risk *risk)
{
    size_t most = 0;

    for (size_t k = 0; k < risk->times; k++)
        most = risk->deaths[k] > most ? risk->deaths[k] : most;
    return most;
}

size_t cxs_exact_work_size(const cxs_risk *risk, size_t k)
{
    return risk->n + (most_deaths(risk) + 1) * (1 + k + k * (k + 1) / 2) + k;
}

static subsets place(size_t most, size_t k, double *work)
{
    subsets s = {.most = most, .k = k};

    s.ratio = work;
    s.mean = s.ratio + most + 1;
    s.cov = s.mean + k * (most + 1);
    s.delta = s.cov + k * (k + 1) / 2 * (most + 1);
    return s;
}

static void restart(subsets *s, size_t most)
{
    s->most = most;
    s->members = 0;
    memset(s->ratio, 0, (most + 1) * sizeof *s->ratio);
    memset(s->mean, 0, s->k * (most + 1) * sizeof *s->mean);
    memset(s->cov, 0, s->k * (s->k + 1) / 2 * (most + 1) * sizeof *s->cov);
}

/* (5) and (6) for subsets of d; z of the new member has stride n.  1 - p is computed on
 * its own: beside p = 1 it would be lost. */
static void mix(subsets *s, size_t d, double e, const double *z, size_t n)
{
    const size_t k = s->k, pairs = k * (k + 1) / 2;
    const double in = e / (s->ratio[d] + e), out = s->ratio[d] / (s->ratio[d] + e);
    double *mean = s->mean + d * k, *cov = s->cov + d * pairs;
    const double *mean_before = mean - k, *cov_before = cov - pairs;

    for (size_t c = 0; c < k; c++)
        s->delta[c] = mean_before[c] + z[c * n] - mean[c];
    for (size_t c = 0, at = 0; c < k; c++) {
        const double share = in * out * s->delta[c];
        for (size_t b = 0; b <= c; b++, at++)
            cov[at] = out * cov[at] + in * cov_before[at] + share * s->delta[b];
        mean[c] += in * s->delta[c];
    }
}

/* One more member; d falls, so that d - 1 is still that of the others. */
static void add_member(subsets *s, double e, const double *z, size_t n)
{
    size_t d;

    if (!(e > 0.0)) /* too small for exp(): in no subset */
        return;
    s->members++;
    d = s->members < s->most ? s->members : s->most;
    for (; d > 0; d--) {
        if (s->k > 0)
            mix(s, d, e, z, n);
        s->ratio[d] += e;
        if (d > 1)
            s->ratio[d] /= 1.0 + e / s->ratio[d - 1]; /* (3) */
    }
}

/* Hand the risk set of each event time, complete, to `take`. */
typedef void (*take_fn)(const subsets *s, size_t time, void *user);

static void each_time(const cxs_risk *risk, const double *e, size_t k,
                      const double *z_ts, double *work, take_fn take, void *user)
{
    const size_t most = most_deaths(risk), n = risk->n;
    subsets s = place(most, k, work);

    for (size_t stratum = 0; stratum < risk->strata; stratum++) {
        const size_t end = risk->stratum_first[stratum + 1];
        size_t from = end;
        restart(&s, most);
        for (size_t t = risk->time_first[stratum + 1];
             t-- > risk->time_first[stratum];) {
            if (risk->has_entry) { /* no risk set lies in the next one: begin anew */
                restart(&s, risk->deaths[t]);
                from = end;
            }
            while (from > risk->time_position[t])
                if (risk->first_ts[--from] <= t)
                    add_member(&s, e[from], k > 0 ? z_ts + from : NULL, n);
            take(&s, t, user);
        }
    }
}

typedef struct loglik_sum {
    const cxs_risk *risk;
    double total;
} loglik_sum;

static void take_loglik(const subsets *s, size_t time, void *user)
{
    loglik_sum *sum = user;

    for (size_t d = 1; d <= sum->risk->deaths[time]; d++)
        sum->total -= s->ratio[d] >= DBL_MIN ? log(s->ratio[d]) : (double)NAN;
}

double cxs_exact_loglik(const cxs_risk *risk, const double *eta_ts, double *work)
{
    double *e = work;
    loglik_sum sum = {.risk = risk};

    if (cxs_cox_relative_risks(risk, eta_ts, e, &sum.total) != CXS_OK)
        return (double)NAN;
    each_time(risk, e, 0, NULL, work + risk->n, take_loglik, &sum);
    return sum.total;
}

typedef struct derivative_sum {
    const cxs_risk *risk;
    const double *g;
    double *grad, *info;
} derivative_sum;

static void take_derivatives(const subsets *s, size_t time, void *user)
{
    const derivative_sum *sum = user;
    const size_t k = s->k, d = sum->risk->deaths[time];
    const double g = sum->g != NULL ? sum->g[time] : 1.0;
    const double *cov = s->cov + d * (k * (k + 1) / 2);

    for (size_t c = 0; c < k; c++) {
        sum->grad[c] -= g * s->mean[d * k + c];
        for (size_t b = 0; b <= c; b++)
            sum->info[c + b * k] += g * *cov++;
    }
}

void cxs_exact_information(const cxs_risk *risk, const double *eta_ts, const double *g,
                           size_t k, const double *z_ts, double *grad, double *info,
                           double *work)
{
    derivative_sum sum = {.risk = risk, .g = g, .grad = grad, .info = info};
    double *e = work, unused = 0.0;

    memset(grad, 0, k * sizeof *grad);
    memset(info, 0, k * k * sizeof *info);
    if (cxs_cox_relative_risks(risk, eta_ts, e, &unused) != CXS_OK)
        return;
    for (size_t c = 0; c < k; c++)
        for (size_t i = 0; i < risk->n; i++)
            if (risk->event_ts[i])
                grad[c] +=
                    (g != NULL ? g[risk->death_ts[i]] : 1.0) * z_ts[c * risk->n + i];
    each_time(risk, e, k, z_ts, work + risk->n, take_derivatives, &sum);
    for (size_t c = 0; c < k; c++)
        for (size_t b = 0; b < c; b++)
            info[b + c * k] = info[c + b * k];
}
