/*
 * scores_values.c -- scores that are made of values gene by gene
 *
 * z-scores and lines are those of the samples at hand, or frozen ones (frozen.h): a
 * sample then gets the same score alone as among others.
 */
#include "features/scores.h"

#include "num/genesets.h"
#include "store/data.h"

#include <math.h>
#include <string.h>

static const double GEOMETRIC_OFFSET = 0.01;

void cxs_levels_moments(const cxs_levels *v, size_t gene, double *mean, double *sd)
{
    if (v->mean == NULL) {
        cxs_moments(v->y->n, v->y->x + gene * v->y->n, mean, sd);
        return;
    }
    *mean = v->mean[gene];
    *sd = v->sd[gene];
}

/* Adds sign * sum w z / sum |w| (or / sqrt of their number) to out [y->n]. */
static void add_z(const cxs_levels *v, const cxs_members *m, bool root, double sign,
                  double *out)
{
    const cxs_matrix *y = v->y;
    double weight = 0.0;

    for (size_t i = 0; i < m->present; i++)
        weight += root ? 1.0 : fabs(m->weight[i]);
    weight = sign / (root ? sqrt(weight) : weight);
    for (size_t i = 0; i < m->present; i++) {
        const double *x = y->x + m->gene[i] * y->n;
        const double w = root ? weight : weight * m->weight[i];
        double mean, sd;
        cxs_levels_moments(v, m->gene[i], &mean, &sd);
        for (size_t s = 0; s < y->n; s++)
            out[s] += w * ((x[s] - mean) / sd);
    }
}

static void add_mean(const cxs_matrix *y, const cxs_members *m, double *out)
{
    for (size_t i = 0; i < m->present; i++)
        for (size_t s = 0; s < y->n; s++)
            out[s] += y->x[m->gene[i] * y->n + s];
    for (size_t s = 0; s < y->n; s++)
        out[s] /= (double)m->present;
}

/* log2(value + 1) of one gene, [n of raw]; a log matrix is taken as it is. */
static void plus_one(const cxs_levels *v, size_t gene, double *value)
{
    cxs_levels_linear(v, gene, value);
    for (size_t i = 0; i < v->raw->n; i++)
        value[i] = v->raw->kind == CXS_KIND_LOG ? log2(value[i]) : log2(value[i] + 1.0);
}

/* sum_g w_g (log2(x_g + 1) - h), h the mean of log2(x + 1) over the second set. */
static void weighted_sum(const cxs_levels *v, const cxs_scored *s, double *value,
                         double *out)
{
    const size_t n = v->raw->n;
    double total = 0.0;

    for (size_t g = 0; g < s->first.present; g++)
        total += s->first.weight[g];
    for (size_t g = 0; g < s->first.present; g++) {
        plus_one(v, s->first.gene[g], value);
        for (size_t i = 0; i < n; i++)
            out[i] += s->first.weight[g] * value[i];
    }
    for (size_t g = 0; g < s->second.present; g++) {
        plus_one(v, s->second.gene[g], value);
        for (size_t i = 0; i < n; i++)
            out[i] -= total * value[i] / (double)s->second.present;
    }
}

static void geometric_mean(const cxs_levels *v, const cxs_members *m, double *value,
                           double *out)
{
    const double offset = v->raw->kind == CXS_KIND_LOG ? 0.0 : GEOMETRIC_OFFSET;
    const size_t n = v->raw->n;

    for (size_t g = 0; g < m->present; g++) {
        cxs_levels_linear(v, m->gene[g], value);
        for (size_t i = 0; i < n; i++)
            out[i] += log(value[i] + offset) / (double)m->present;
    }
    for (size_t i = 0; i < n; i++)
        out[i] = exp(out[i]);
}

/* Residuals of out [y->n] after the line in the mean of the second set; the line is
 * kept with the score. */
static void leave_line(const cxs_levels *v, cxs_scored *s, double *t, double *out)
{
    const size_t n = v->y->n;

    memset(t, 0, n * sizeof *t);
    add_mean(v->y, &s->second, t);
    if (v->line != NULL)
        s->line = *v->line;
    else
        s->line = cxs_line_fit(n, t, out);
    cxs_line_residuals(n, t, &s->line, out);
}

/* Row of the result from values of the usable samples. */
static void spread(size_t usable, const size_t *column, const double *from, double *to)
{
    for (size_t i = 0; i < usable; i++)
        to[column[i]] = from[i];
}

static void score_one(const cxs_levels *v, cxs_scored *c, double *value, double *sum)
{
    switch (c->method) {
    case CXS_METHOD_MEAN:
        add_mean(v->y, &c->first, sum);
        break;
    case CXS_METHOD_Z_MEAN:
    case CXS_METHOD_Z_SUM:
        add_z(v, &c->first, c->method == CXS_METHOD_Z_SUM, 1.0, sum);
        break;
    case CXS_METHOD_DIFFERENCE:
        add_z(v, &c->first, false, 1.0, sum);
        add_z(v, &c->second, false, -1.0, sum);
        break;
    case CXS_METHOD_RESIDUAL:
        add_z(v, &c->first, false, 1.0, sum);
        leave_line(v, c, value, sum);
        break;
    case CXS_METHOD_WEIGHTED:
        weighted_sum(v, c, value, sum);
        break;
    case CXS_METHOD_GEOMETRIC:
        geometric_mean(v, &c->first, value, sum);
        break;
    default: /* made of ranks */
        break;
    }
}

cxs_rc cxs_scores_values(cxs_ctx *ctx, const cxs_levels *v, const size_t *column,
                         cxs_scores *s)
{
    const size_t n = v->raw->n;
    double *value = NULL, *sum = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(value, n);
    CXS_NEW(sum, n);
    for (size_t k = 0; k < s->matrix->p; k++) {
        cxs_scored *c = &s->scored[k];
        double *out = s->matrix->x + k * n;
        if (c->method <= CXS_METHOD_SSGSEA || strcmp(c->status, "ok") != 0)
            continue;
        memset(sum, 0, n * sizeof *sum);
        score_one(v, c, value, sum);
        if (c->method == CXS_METHOD_WEIGHTED || c->method == CXS_METHOD_GEOMETRIC)
            memcpy(out, sum, n * sizeof *out); /* already by sample of the matrix */
        else
            spread(v->y->n, column, sum, out);
    }

done:
    cxs_free(sum);
    cxs_free(value);
    return rc;
}
