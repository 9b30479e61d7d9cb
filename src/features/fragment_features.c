/*
 * fragment_features.c -- lengths, end motifs and the short/long profile of cell-free DNA
 *
 * Sources: Mouliere et al. (2018), Science Translational Medicine 10:eaat4921 (shares);
 * Jiang et al. (2020), Cancer Discovery 10:664 (motif diversity); Cristiano et al.
 * (2019), Nature 570:385 (profile of 5 Mb bins).
 */
#include "features/assays.h"

#include "base/table.h"
#include "base/out.h"
#include "num/loess.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SHORTEST = 20,
    LONGEST = 1000,
    ENOUGH = 1000000,        /* fragments */
    ENOUGH_BINNED = 5000000, /* for a profile */
    MOTIFS = 256,
    JOINED = 50, /* bins of 100 kb in one of 5 Mb */
    JOINED_BIN = 100000
};

static const double LOESS_SPAN = 0.75;

/* ---- lengths ------------------------------------------------------------------------ */

typedef struct lengths {
    double count[LONGEST + 1]; /* fragments of each length */
    double total;
} lengths;

static int read_lengths(const cxs_measures *bag, lengths *out)
{
    const cxs_measure *t =
        bag != NULL ? cxs_measures_find(bag, "fragment_lengths") : NULL;
    const int64_t *length = t != NULL ? cxs_measure_get_int(t, "length") : NULL,
                  *count = t != NULL ? cxs_measure_get_int(t, "count") : NULL;

    *out = (lengths){{0}, 0.0};
    if (length == NULL || count == NULL)
        return 0;
    for (size_t i = 0; i < cxs_measure_rows(t); i++)
        if (length[i] >= SHORTEST && length[i] <= LONGEST && count[i] > 0) {
            out->count[length[i]] += (double)count[i];
            out->total += (double)count[i];
        }
    return out->total >= ENOUGH;
}

/* Smallest length that holds the share p. */
static double quantile_of(const lengths *l, double p)
{
    double sum = 0.0;

    for (int k = SHORTEST; k <= LONGEST; k++) {
        sum += l->count[k];
        if (sum >= p * l->total)
            return k;
    }
    return LONGEST;
}

static double share_of(const lengths *l, int from, int to)
{
    double sum = 0.0;

    for (int k = from; k <= to && k <= LONGEST; k++)
        sum += l->count[k];
    return sum / l->total;
}

/* Mean of five lengths around k as density. */
static double smooth_at(const lengths *l, int k)
{
    double sum = 0.0;

    for (int d = -2; d <= 2; d++)
        sum += k + d >= SHORTEST && k + d <= LONGEST ? l->count[k + d] : 0.0;
    return sum / 5.0 / l->total;
}

static double mode_of(const lengths *l)
{
    int best = SHORTEST;

    for (int k = SHORTEST; k <= LONGEST; k++)
        best = smooth_at(l, k) > smooth_at(l, best) ? k : best;
    return best;
}

static double mean_of(const lengths *l)
{
    double sum = 0.0;

    for (int k = SHORTEST; k <= LONGEST; k++)
        sum += k * l->count[k];
    return sum / l->total;
}

static double sd_of(const lengths *l)
{
    const double mean = mean_of(l);
    double sum = 0.0;

    for (int k = SHORTEST; k <= LONGEST; k++)
        sum += (k - mean) * (k - mean) * l->count[k];
    return sqrt(sum / l->total);
}

static double oscillation_of(const lengths *l)
{
    static const int peak[] = {81, 92, 102, 112, 122, 134},
                     valley[] = {84, 96, 106, 116, 126, 137};
    double sum = 0.0;

    for (int k = 0; k < 6; k++)
        sum += smooth_at(l, peak[k]) - smooth_at(l, valley[k]);
    return sum;
}

enum { BY_MEAN, BY_SD, BY_MODE, BY_QUANTILE, BY_SHARE, BY_RATIO, BY_OSCILLATION };

typedef struct measure_row {
    const char *name, *unit;
    int how;
    double p;     /* quantile */
    int range[4]; /* share [0, 1], over share [2, 3] */
} measure_row;

static const measure_row length_rows[] = {
    {"frag.length.mean", "bases", BY_MEAN, 0, {0}},
    {"frag.length.sd", "bases", BY_SD, 0, {0}},
    {"frag.length.mode", "bases", BY_MODE, 0, {0}},
    {"frag.length.q05", "bases", BY_QUANTILE, 0.05, {0}},
    {"frag.length.q25", "bases", BY_QUANTILE, 0.25, {0}},
    {"frag.length.median", "bases", BY_QUANTILE, 0.5, {0}},
    {"frag.length.q75", "bases", BY_QUANTILE, 0.75, {0}},
    {"frag.length.q95", "bases", BY_QUANTILE, 0.95, {0}},
    {"frag.share.20_150", "fraction", BY_SHARE, 0, {20, 150}},
    {"frag.share.100_150", "fraction", BY_SHARE, 0, {100, 150}},
    {"frag.share.151_220", "fraction", BY_SHARE, 0, {151, 220}},
    {"frag.share.160_180", "fraction", BY_SHARE, 0, {160, 180}},
    {"frag.share.180_220", "fraction", BY_SHARE, 0, {180, 220}},
    {"frag.share.250_320", "fraction", BY_SHARE, 0, {250, 320}},
    {"frag.share.400_up", "fraction", BY_SHARE, 0, {400, LONGEST}},
    {"frag.ratio.20_150_to_160_180", "ratio", BY_RATIO, 0, {20, 150, 160, 180}},
    {"frag.ratio.100_150_to_163_169", "ratio", BY_RATIO, 0, {100, 150, 163, 169}},
    {"frag.oscillation", "fraction", BY_OSCILLATION, 0, {0}},
};
enum { LENGTH_ROWS = sizeof length_rows / sizeof *length_rows };

static double length_value(const lengths *l, const measure_row *row)
{
    switch (row->how) {
    case BY_MEAN:
        return mean_of(l);
    case BY_SD:
        return sd_of(l);
    case BY_MODE:
        return mode_of(l);
    case BY_QUANTILE:
        return quantile_of(l, row->p);
    case BY_SHARE:
        return share_of(l, row->range[0], row->range[1]);
    case BY_RATIO: {
        const double under = share_of(l, row->range[2], row->range[3]);
        return under > 0.0 ? share_of(l, row->range[0], row->range[1]) / under
                           : (double)NAN;
    }
    default:
        return oscillation_of(l);
    }
}

static cxs_rc add_lengths(cxs_ctx *ctx, const cxs_patient_file *file,
                          cxs_feature_columns *columns)
{
    double *value[LENGTH_ROWS];
    lengths *l = NULL;
    size_t genomic = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(l, 1);
    for (size_t k = 0; k < LENGTH_ROWS; k++)
        CXS_TRY(cxs_feature_columns_add(ctx, columns, length_rows[k].name,
                                        length_rows[k].unit, CXS_FEATURE_CONTINUOUS,
                                        &value[k]));
    for (size_t i = 0; i < columns->n; i++) {
        if (!read_lengths(file[i].bag, l))
            continue;
        for (size_t k = 0; k < LENGTH_ROWS; k++)
            value[k][i] = length_value(l, &length_rows[k]);
        genomic += share_of(l, 400, LONGEST) > 0.2;
    }
    if (genomic > 0)
        CXS_TRY(cxs_warn(ctx, "",
                         "cell-free DNA: %zu samples have more than 20 %% fragments of "
                         "400 bases and longer: DNA of lysed cells",
                         genomic));
done:
    cxs_free(l);
    return rc;
}

/* ---- end motifs --------------------------------------------------------------------- */

static const char *const shown_motifs[] = {"CCCA", "CCAG", "CCTG", "TAAA", "AAAA"};
enum { SHOWN = sizeof shown_motifs / sizeof *shown_motifs };

/* Motif diversity and the shares of the shown motifs; 0 when there are too few ends. */
static int read_motifs(const cxs_measures *bag, double *diversity, double *share)
{
    const cxs_measure *t = bag != NULL ? cxs_measures_find(bag, "end_motifs") : NULL;
    const char *const *motif = t != NULL ? cxs_measure_get_text(t, "motif") : NULL;
    const int64_t *count = t != NULL ? cxs_measure_get_int(t, "count") : NULL;
    double total = 0.0;

    if (motif == NULL || count == NULL || cxs_measure_rows(t) != MOTIFS)
        return 0;
    for (size_t m = 0; m < MOTIFS; m++)
        total += (double)count[m];
    if (total < 2.0 * ENOUGH)
        return 0;
    *diversity = 0.0;
    for (size_t m = 0; m < MOTIFS; m++) {
        const double f = (double)count[m] / total;
        *diversity -= f > 0.0 ? f * log(f) / log(MOTIFS) : 0.0;
        for (size_t k = 0; k < SHOWN; k++)
            if (motif[m] != NULL && strcmp(motif[m], shown_motifs[k]) == 0)
                share[k] = f;
    }
    return 1;
}

static cxs_rc add_motifs(cxs_ctx *ctx, const cxs_patient_file *file,
                         cxs_feature_columns *columns)
{
    double *diversity, *share[SHOWN], found[SHOWN] = {0};
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_feature_columns_add(ctx, columns, "frag.mds", "fraction",
                                    CXS_FEATURE_CONTINUOUS, &diversity));
    for (size_t k = 0; k < SHOWN; k++) {
        char name[32];
        snprintf(name, sizeof name, "frag.motif.%s", shown_motifs[k]);
        CXS_TRY(cxs_feature_columns_add(ctx, columns, name, "fraction",
                                        CXS_FEATURE_CONTINUOUS, &share[k]));
    }
    for (size_t i = 0; i < columns->n; i++)
        if (read_motifs(file[i].bag, &diversity[i], found))
            for (size_t k = 0; k < SHOWN; k++)
                share[k][i] = found[k];
done:
    return rc;
}

/* ---- the profile of short against long fragments -------------------------------------- */

typedef struct profile {
    size_t n;
    const char *const *chrom; /* of the table */
    const int64_t *start, *end;
    double *value[2]; /* [n] short, long: counts, then corrected */
    double *gc;       /* [n] of the fragments, NaN without any */
} profile;

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median_of(double *values, size_t n)
{
    qsort(values, n, sizeof *values, by_value);
    return n % 2 == 1 ? values[n / 2] : 0.5 * (values[n / 2 - 1] + values[n / 2]);
}

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
    middle = median_of(y, count);
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

static int enough_for_profile(const cxs_measures *bag)
{
    lengths l;

    return bag != NULL && read_lengths(bag, &l) && l.total >= ENOUGH_BINNED;
}

static cxs_rc add_profile(cxs_ctx *ctx, const cxs_patient_file *file,
                          const cxs_table *arms, cxs_feature_columns *columns)
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
        if (t == NULL || !enough_for_profile(file[i].bag))
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

cxs_rc cxs_fragment_features(cxs_ctx *ctx, const cxs_patient_file *file,
                             const char *refdata, cxs_feature_columns *columns)
{
    char *path = cxs_path_join(ctx, refdata, "/chrom_arms.tsv");
    cxs_table *arms = NULL;
    cxs_rc rc = path != NULL ? CXS_OK : CXS_ENOMEM;

    if (rc != CXS_OK)
        return rc;
    CXS_TRY(add_lengths(ctx, file, columns));
    CXS_TRY(add_motifs(ctx, file, columns));
    CXS_TRY(cxs_table_read(ctx, path, &arms));
    rc = add_profile(ctx, file, arms, columns);

done:
    cxs_table_free(arms);
    cxs_free(path);
    return rc;
}
