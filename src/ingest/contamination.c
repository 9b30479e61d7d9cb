/*
 * contamination.c -- reads of another person in a file, by maximum likelihood
 *
 * Counting low fractions at sites that look homozygous sees little contamination well
 * and much of it not at all: from 30 % on the sites look heterozygous.  The likelihood
 * weighs both readings of a site.
 */
#include "ingest/identity.h"

#include <math.h>
#include <stdint.h>

static const double MOST = 0.5, LEAST_ERROR = 0.001;
enum { GRID = 50, GENOTYPES = 3 };

typedef struct mixture {
    const cxs_person_file *file, *truth;
    const double *alt_frequency;
    double error;
} mixture;

/* Does the site count? */
static bool is_used(const cxs_person_file *file, const cxs_person_file *truth, size_t s)
{
    const bool known = truth != file;

    return file->ref[s] >= 0 && file->alt[s] >= 0 && file->other[s] >= 0 &&
           file->ref[s] <= INT32_MAX && file->alt[s] <= INT32_MAX &&
           file->ref[s] + file->alt[s] >= CXS_IDENTITY_DEPTH &&
           (!known || truth->call[s] == 0 || truth->call[s] == 2);
}

/* Hardy-Weinberg. */
static void genotype_shares(double f, double share[GENOTYPES])
{
    share[0] = (1.0 - f) * (1.0 - f);
    share[1] = 2.0 * f * (1.0 - f);
    share[2] = f * f;
}

/* log sum over g and h; the largest term is taken out, so that deep sites do not
 * underflow. */
static double site_loglik(const mixture *m, size_t s,
                          double log_p[GENOTYPES][GENOTYPES][2])
{
    const double ref = (double)m->file->ref[s], alt = (double)m->file->alt[s];
    double share[GENOTYPES], term[GENOTYPES * GENOTYPES], most = -(double)INFINITY;
    double sum = 0.0;
    size_t n = 0;

    genotype_shares(m->alt_frequency[s], share);
    for (int g = 0; g < GENOTYPES; g++) {
        if (m->truth != m->file && m->truth->call[s] != g)
            continue;
        for (int h = 0; h < GENOTYPES; h++) {
            const double own = m->truth != m->file ? 1.0 : share[g];
            term[n] = log(own * share[h]) + alt * log_p[g][h][1] + ref * log_p[g][h][0];
            most = fmax(most, term[n++]);
        }
    }
    for (size_t i = 0; i < n; i++)
        sum += exp(term[i] - most);
    return most + log(sum);
}

static double loglik(const mixture *m, double c)
{
    double log_p[GENOTYPES][GENOTYPES][2], sum = 0.0;

    for (int g = 0; g < GENOTYPES; g++)
        for (int h = 0; h < GENOTYPES; h++) {
            const double p = m->error + (1.0 - 2.0 * m->error) *
                                            ((1.0 - c) * (double)g + c * (double)h) /
                                            2.0;
            log_p[g][h][0] = log1p(-p);
            log_p[g][h][1] = log(p);
        }
    for (size_t s = 0; s < m->file->sites; s++)
        if (is_used(m->file, m->truth, s))
            sum += site_loglik(m, s, log_p);
    return sum;
}

/* Between the neighbours of the best point of the grid. */
static double golden_section(const mixture *m, double lo, double hi)
{
    const double ratio = 0.6180339887498949;
    double a = hi - ratio * (hi - lo), b = lo + ratio * (hi - lo);
    double at_a = loglik(m, a), at_b = loglik(m, b);

    while (hi - lo > 1e-5) {
        if (at_a >= at_b) {
            hi = b;
            b = a;
            at_b = at_a;
            a = hi - ratio * (hi - lo);
            at_a = loglik(m, a);
        } else {
            lo = a;
            a = b;
            at_a = at_b;
            b = lo + ratio * (hi - lo);
            at_b = loglik(m, b);
        }
    }
    return 0.5 * (lo + hi);
}

static double maximum(const mixture *m)
{
    const double step = MOST / GRID, none = loglik(m, 0.0);
    double best = none, c;
    int at = 0;

    for (int i = 1; i <= GRID; i++) {
        const double here = loglik(m, step * i);
        if (here > best) {
            best = here;
            at = i;
        }
    }
    c = golden_section(m, step * fmax(at - 1, 0), fmin(step * (at + 1), MOST));
    return loglik(m, c) > none ? c : 0.0;
}

double cxs_contamination(const cxs_person_file *file, const cxs_person_file *truth,
                         const double *alt_frequency)
{
    mixture m = {file, truth, alt_frequency, LEAST_ERROR};
    double other = 0.0, all = 0.0;
    size_t used = 0;

    if (file->sites != truth->sites)
        return (double)NAN;
    for (size_t s = 0; s < file->sites; s++) {
        if (!is_used(file, truth, s))
            continue;
        used++;
        other += (double)file->other[s];
        all += (double)(file->ref[s] + file->alt[s] + file->other[s]);
    }
    if (used < CXS_IDENTITY_SHARED)
        return (double)NAN;
    m.error = fmin(fmax(m.error, 0.5 * other / all), 0.1);
    return maximum(&m);
}
