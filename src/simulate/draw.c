/*
 * draw.c -- latent features, Poisson counts, survival times
 */
#include "simulate/draw.h"

#include "num/order.h"

#include <math.h>
#include <stdlib.h>

enum { PART_SHIFT = 40 }; /* features and blocks stay below 2^40 */

cxs_simulate_settings cxs_simulate_defaults(void)
{
    return (cxs_simulate_settings){.n = 240,
                                   .p = 2000,
                                   .k = 10,
                                   .centres = 3,
                                   .block = 20,
                                   .rho = 0.5,
                                   .effect = 0.5,
                                   .censoring = 0.3,
                                   .seed = 1,
                                   .rna_fragments = 30000,
                                   .cfdna_fragments = 20000};
}

cxs_simulate_settings cxs_simulate_design_defaults(void)
{
    cxs_simulate_settings s = cxs_simulate_defaults();

    s.n = 500;
    s.p = 20000;
    s.block = 50;
    return s;
}

cxs_rc cxs_simulate_check(cxs_ctx *ctx, const cxs_simulate_settings *s)
{
    const size_t most = (size_t)1 << (PART_SHIFT - 8);

    if (s->n < 2 || s->n > most || s->p < 1 || s->p > most)
        return cxs_fail(ctx, CXS_EARG, "simulate: n %zu or p %zu is out of range", s->n,
                        s->p);
    if (s->k > s->p)
        return cxs_fail(ctx, CXS_EARG, "simulate: k %zu is above p %zu", s->k, s->p);
    if (s->block < 1 || s->centres < 1 || s->centres > 99)
        return cxs_fail(ctx, CXS_EARG,
                        "simulate: blocks need a feature, centres are 1 to 99");
    if (s->sequencing && (s->p < 10 || s->p > 20000 || s->n > 10000))
        return cxs_fail(ctx, CXS_EARG,
                        "simulate: sequencing files are for 10 to 20000 genes and at "
                        "most 10000 patients");
    if (s->sequencing && (s->rna_fragments < 1 || s->cfdna_fragments < 1 ||
                          s->rna_fragments > 50000000 || s->cfdna_fragments > 50000000))
        return cxs_fail(ctx, CXS_EARG,
                        "simulate: fragments of a sample are 1 to 50000000");
    if (!(s->rho >= 0.0 && s->rho <= 1.0))
        return cxs_fail(ctx, CXS_EARG, "simulate: rho %g is outside [0, 1]", s->rho);
    if (!(s->censoring >= 0.0 && s->censoring < 1.0) || !isfinite(s->effect))
        return cxs_fail(ctx, CXS_EARG,
                        "simulate: censoring %g is outside [0, 1) or the effect is not "
                        "finite",
                        s->censoring);
    return CXS_OK;
}

cxs_stream cxs_sim_stream(uint64_t seed, cxs_purpose purpose, cxs_sim_part part,
                          uint64_t which)
{
    return (cxs_stream){seed, (uint32_t)purpose,
                        ((uint64_t)part << PART_SHIFT) + which};
}

void cxs_latent_block(const cxs_latent *l, size_t b, double *u)
{
    const cxs_stream s = cxs_sim_stream(l->seed, l->purpose, CXS_SIM_BLOCK, b);

    for (size_t i = 0; i < l->n; i++)
        u[i] = cxs_draw_normal(&s, i);
}

void cxs_latent_feature(const cxs_latent *l, size_t g, const double *u, double *z)
{
    const cxs_stream s = cxs_sim_stream(l->seed, l->purpose, CXS_SIM_FEATURE, g);
    const double shared = sqrt(l->rho), own = sqrt(1.0 - l->rho);

    for (size_t i = 0; i < l->n; i++)
        z[i] = shared * u[i] + own * cxs_draw_normal(&s, i); /* (1) */
}

size_t cxs_planted_feature(const cxs_simulate_settings *s, size_t m)
{
    /* floor((m + 1/2) p/k) in whole numbers, split so that it cannot overflow */
    const size_t whole = s->p / s->k, rest = s->p % s->k;

    return m * whole + whole / 2 +
           ((2 * m + 1) * rest + (whole % 2) * s->k) / (2 * s->k);
}

double cxs_planted_effect(const cxs_simulate_settings *s, size_t m)
{
    return m % 2 == 0 ? s->effect : -s->effect;
}

/* ln k! by Stirling's series; exact products below ten. */
static double log_factorial(double k)
{
    static const double half_log_2pi = 0.91893853320467274178;
    double product = 1.0;

    if (k >= 10.0)
        return (k + 0.5) * log(k) - k + half_log_2pi + 1.0 / (12.0 * k) -
               1.0 / (360.0 * k * k * k) + 1.0 / (1260.0 * k * k * k * k * k);
    for (double i = 2.0; i <= k; i += 1.0)
        product *= i;
    return log(product);
}

static double poisson_inversion(double u, double mean)
{
    double p = exp(-mean), cdf = p, k = 0.0;

    while (u > cdf &&
           k < 200.0) { /* mean < 10: beyond 200 nothing is left in a double */
        k += 1.0;
        p *= mean / k;
        cdf += p;
    }
    return k;
}

double cxs_draw_poisson(const cxs_stream *s, uint64_t index, double mean)
{
    enum { TRIES = 16 };                        /* pairs of uniforms */
    const double b = 0.931 + 2.53 * sqrt(mean); /* constants of PTRS */
    const double a = -0.059 + 0.02483 * b, vr = 0.9277 - 3.6224 / (b - 2.0);
    const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);

    if (!(mean > 0.0))
        return 0.0;
    if (mean < 10.0)
        return poisson_inversion(cxs_draw_uniform(s, 2 * TRIES * index), mean);
    for (uint64_t t = 0; t < TRIES; t++) {
        const double u = cxs_draw_uniform(s, 2 * TRIES * index + 2 * t) - 0.5;
        const double v = cxs_draw_uniform(s, 2 * TRIES * index + 2 * t + 1);
        const double us = 0.5 - fabs(u);
        const double k = floor((2.0 * a / us + b) * u + mean + 0.43);
        if (us >= 0.07 && v <= vr)
            return k;
        if (k < 0.0 || (us < 0.013 && v > us))
            continue;
        if (log(v * inverse_alpha / (a / (us * us) + b)) <=
            k * log(mean) - mean - log_factorial(k))
            return k;
    }
    return floor(mean); /* all rejected: less than once in 10^11 draws */
}

/* c such that exactly `censored` of the ratios T/V exceed it. */
static double censoring_limit(size_t n, size_t censored, double *ratio)
{
    qsort(ratio, n, sizeof *ratio, cxs_descending);
    return censored == 0 ? HUGE_VAL : sqrt(ratio[censored - 1] * ratio[censored]);
}

cxs_rc cxs_draw_outcome(cxs_ctx *ctx, const cxs_simulate_settings *s,
                        cxs_purpose purpose, const double *eta, const double *scale,
                        double shape, double *time, uint8_t *event)
{
    const cxs_stream when = cxs_sim_stream(s->seed, purpose, CXS_SIM_TIME, 0);
    const cxs_stream stop = cxs_sim_stream(s->seed, purpose, CXS_SIM_CENSOR, 0);
    size_t censored = (size_t)floor(s->censoring * (double)s->n + 0.5);
    double *ratio = NULL, limit;
    cxs_rc rc = CXS_OK;

    if (censored >= s->n)
        censored = s->n - 1; /* a study has an event */
    CXS_NEW(ratio, s->n);
    for (size_t i = 0; i < s->n; i++) {
        const double u = cxs_draw_uniform(&when, i);
        time[i] = scale[i] * pow(-log(u) * exp(-eta[i]), 1.0 / shape); /* (2) */
        ratio[i] = time[i] / (0.25 + 0.75 * cxs_draw_uniform(&stop, i));
    }
    limit = censoring_limit(s->n, censored, ratio);
    for (size_t i = 0; i < s->n; i++) {
        const double c = limit * (0.25 + 0.75 * cxs_draw_uniform(&stop, i));
        event[i] = time[i] <= c;
        time[i] = fmin(time[i], c);
    }

done:
    cxs_free(ratio);
    return rc;
}
