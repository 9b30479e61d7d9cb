/*
 * fragment_profile.c -- short against long fragments along the genome
 *
 * Source: Cristiano et al. (2019), Nature 570:385 (profile of 5 Mb bins).
 */
#include "features/fragment_private.h"

#include "num/loess.h"
#include "num/order.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    JOINED = 50, /* bins of 100 kb in one of 5 Mb */
    JOINED_BIN = 100000
};

static const double LOESS_SPAN = 0.75;

/* ---- the profile of short against long fragments -------------------------------------- */

typedef struct profile {
    size_t n;
    const char *const *chrom; /* of the table */
    const int64_t *start, *end;
    double *value[2]; /* [n] short, long: counts, then corrected */
    double *gc;       /* [n] of the fragments, NaN without any */
} profile;

typedef struct gc_bin {
    double gc, value;
    size_t at;
} gc_bin;

static int by_gc(const void *a, const void *b)
{
    const gc_bin *x = a, *y = b;

    if (x->gc != y->gc)
        return x->gc < y->gc ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

/* value - loess(value ~ gc) + median(value) over the bins that have fragments. */
static cxs_rc correct(cxs_ctx *ctx, const profile *p, double *value)
{
    gc_bin *bin = NULL;
    double *x = NULL, *y, *fit, middle;
    size_t count = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(bin, p->n);
    CXS_NEW(x, 3 * p->n);
    for (size_t i = 0; i < p->n; i++)
        if (!isnan(p->gc[i]))
            bin[count++] = (gc_bin){p->gc[i], value[i], i};
        else
            value[i] = (double)NAN;
    if (count < 3)
        goto done;
    qsort(bin, count, sizeof *bin, by_gc);
    y = x + count;
    fit = y + count;
    for (size_t k = 0; k < count; k++) {
        x[k] = bin[k].gc;
        y[k] = bin[k].value;
    }
    cxs_loess(x, y, count, LOESS_SPAN, 2, x, count, fit);
    middle = cxs_median(count, y);
    for (size_t k = 0; k < count; k++)
        value[bin[k].at] = bin[k].value - fit[k] + middle;

done:
    cxs_free(x);
    cxs_free(bin);
    return rc;
}

static cxs_rc read_profile(cxs_ctx *ctx, const cxs_measure *t, profile *p)
{
    const int64_t *shorts = cxs_measure_get_int(t, "short"),
                  *longs = cxs_measure_get_int(t, "long"),
                  *counted = cxs_measure_get_int(t, "gc_fragments"),
                  *ppm = cxs_measure_get_int(t, "gc_ppm");
    cxs_rc rc = CXS_OK;

    *p = (profile){.n = cxs_measure_rows(t),
                   .chrom = cxs_measure_get_text(t, "chrom"),
                   .start = cxs_measure_get_int(t, "start"),
                   .end = cxs_measure_get_int(t, "end")};
    if (p->chrom == NULL || p->start == NULL || p->end == NULL || shorts == NULL ||
        longs == NULL || counted == NULL || ppm == NULL) {
        p->n = 0;
        return CXS_OK;
    }
    CXS_NEW(p->value[0], p->n + 1);
    CXS_NEW(p->value[1], p->n + 1);
    CXS_NEW(p->gc, p->n + 1);
    for (size_t i = 0; i < p->n; i++) {
        p->value[0][i] = (double)shorts[i];
        p->value[1][i] = (double)longs[i];
        p->gc[i] =
            counted[i] > 0 ? (double)ppm[i] / 1e6 / (double)counted[i] : (double)NAN;
    }
    CXS_TRY(correct(ctx, p, p->value[0]));
    rc = correct(ctx, p, p->value[1]);

done:
    return rc;
}

static void profile_free(profile *p)
{
    cxs_free(p->value[0]);
    cxs_free(p->value[1]);
    cxs_free(p->gc);
}

/* An autosomal arm of chrom_arms.tsv. */
static int is_arm(const cxs_table *arms, size_t row, const char *build)
{
    const char *chrom = cxs_table_cell(arms, row, cxs_table_find(arms, "chrom")),
               *arm = cxs_table_cell(arms, row, cxs_table_find(arms, "arm")),
               *use = cxs_table_cell(arms, row, cxs_table_find(arms, "use"));

    return strcmp(cxs_table_cell(arms, row, cxs_table_find(arms, "build")), build) ==
               0 &&
           strcmp(use, "1") == 0 && (arm[0] == 'p' || arm[0] == 'q') &&
           strtol(chrom, NULL, 10) > 0;
}

/* Corrected short over long fragments in bins of 5 Mb, counted from the telomere inside
 * each arm; incomplete ones are dropped.  Mean and sd of the ratios. */
static size_t join_bins(const profile *p, const cxs_table *arms, const char *build,
                        double *mean, double *sd)
{
    double sum = 0.0, squares = 0.0;
    size_t bins = 0;

    for (size_t row = 0; row < arms->rows; row++) {
        if (!is_arm(arms, row, build))
            continue;
        const char *chrom = cxs_table_cell(arms, row, cxs_table_find(arms, "chrom"));
        const int short_arm =
            cxs_table_cell(arms, row, cxs_table_find(arms, "arm"))[0] == 'p';
        const double from =
            strtod(cxs_table_cell(arms, row, cxs_table_find(arms, "start0")), NULL);
        const double to =
            strtod(cxs_table_cell(arms, row, cxs_table_find(arms, "end0")), NULL);
        double part[2] = {0.0, 0.0};
        size_t held = 0;
        for (size_t k = 0; k < p->n; k++) {
            const size_t i = short_arm ? k : p->n - 1 - k;
            if (p->chrom[i] == NULL || strcmp(p->chrom[i], chrom) != 0 ||
                (double)p->start[i] < from || (double)p->end[i] > to ||
                p->end[i] - p->start[i] != JOINED_BIN || isnan(p->value[0][i]))
                continue;
            part[0] += p->value[0][i];
            part[1] += p->value[1][i];
            if (++held < JOINED)
                continue;
            if (part[1] > 0.0) {
                const double ratio = part[0] / part[1];
                sum += ratio;
                squares += ratio * ratio;
                bins++;
            }
            part[0] = part[1] = 0.0;
            held = 0;
        }
    }
    if (bins > 1) {
        *mean = sum / (double)bins;
        *sd = sqrt(fmax(0.0, squares - sum * sum / (double)bins) / (double)(bins - 1));
    }
    return bins;
}

cxs_rc cxs_fragment_profile(cxs_ctx *ctx, const cxs_patient_file *file,
                            const double *fragments, const cxs_table *arms,
                            cxs_feature_columns *columns)
{
    double *mean, *sd;
    profile p = {0};
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_feature_columns_add(ctx, columns, "frag.short_long.mean", "ratio",
                                    CXS_FEATURE_CONTINUOUS, &mean));
    CXS_TRY(cxs_feature_columns_add(ctx, columns, "frag.short_long.sd", "ratio",
                                    CXS_FEATURE_CONTINUOUS, &sd));
    for (size_t i = 0; i < columns->n; i++) {
        const cxs_measure *t = file[i].bag != NULL
                                   ? cxs_measures_find(file[i].bag, "fragment_bins")
                                   : NULL;
        if (t == NULL || !(fragments[i] >= CXS_FRAGMENTS_BINNED))
            continue;
        CXS_TRY(read_profile(ctx, t, &p));
        (void)join_bins(&p, arms, file[i].build, &mean[i], &sd[i]);
        profile_free(&p);
        p = (profile){0};
    }
done:
    profile_free(&p);
    return rc;
}
