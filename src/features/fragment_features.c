/*
 * fragment_features.c -- lengths, end motifs and the short/long profile of cell-free DNA
 *
 * Sources: Mouliere et al. (2018), Science Translational Medicine 10:eaat4921 (shares);
 * Jiang et al. (2020), Cancer Discovery 10:664 (motif diversity); Cristiano et al.
 * (2019), Nature 570:385 (profile of 5 Mb bins).
 */
#include "features/fragment_private.h"

#include "base/table.h"
#include "base/out.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SHORTEST = 20, LONGEST = 1000, MOTIFS = 256 };

/* ---- lengths --------------------------------------------------------------------- */

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
    return out->total >= CXS_FRAGMENTS_ENOUGH;
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

/* Bases of the autosomes of the file's header. */
static double autosomal_bases(const cxs_measures *bag)
{
    const cxs_measure *t = bag != NULL ? cxs_measures_find(bag, "fragment_bins") : NULL;
    const char *const *chrom = t != NULL ? cxs_measure_get_text(t, "chrom") : NULL;
    const int64_t *start = t != NULL ? cxs_measure_get_int(t, "start") : NULL,
                  *end = t != NULL ? cxs_measure_get_int(t, "end") : NULL;
    double sum = 0.0;

    if (chrom == NULL || start == NULL || end == NULL)
        return 0.0;
    for (size_t i = 0; i < cxs_measure_rows(t); i++) {
        const uint8_t number = chrom[i] != NULL ? cxs_cn_chrom(chrom[i]) : 0;
        if (number > 0 && number <= CXS_CN_AUTOSOMES)
            sum += (double)(end[i] - start[i]);
    }
    return sum;
}

static cxs_rc add_lengths(cxs_ctx *ctx, const cxs_patient_file *file,
                          cxs_fragment_count *count, cxs_feature_columns *columns)
{
    double *value[LENGTH_ROWS];
    lengths *l = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(l, 1);
    for (size_t k = 0; k < LENGTH_ROWS; k++)
        CXS_TRY(cxs_feature_columns_add(ctx, columns, length_rows[k].name,
                                        length_rows[k].unit, CXS_FEATURE_CONTINUOUS,
                                        &value[k]));
    for (size_t i = 0; i < columns->n; i++) {
        const double bases = autosomal_bases(file[i].bag);
        const int enough = read_lengths(file[i].bag, l);
        count[i] = (cxs_fragment_count){l->total, (double)NAN, (double)NAN};
        if (l->total > 0.0)
            count[i].long_share = share_of(l, 400, LONGEST);
        if (l->total > 0.0 && bases > 0.0)
            count[i].depth = l->total * mean_of(l) / bases;
        for (size_t k = 0; enough && k < LENGTH_ROWS; k++)
            value[k][i] = length_value(l, &length_rows[k]);
    }
done:
    cxs_free(l);
    return rc;
}

/* ---- end motifs ------------------------------------------------------------------ */

static const char *const shown_motifs[] = {"CCCA", "CCAG", "CCTG", "TAAA", "AAAA"};
enum { SHOWN = sizeof shown_motifs / sizeof *shown_motifs };

/* Motif diversity and the shares of the shown motifs; 0 when no end was read. */
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
    if (!(total > 0.0))
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
                         const cxs_fragment_count *count, cxs_feature_columns *columns)
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
        if (count[i].fragments >= CXS_FRAGMENTS_ENOUGH &&
            read_motifs(file[i].bag, &diversity[i], found))
            for (size_t k = 0; k < SHOWN; k++)
                share[k][i] = found[k];
done:
    return rc;
}

/* ---- all ------------------------------------------------------------------------- */

cxs_rc cxs_fragment_features(cxs_ctx *ctx, const cxs_patient_file *file,
                             const cxs_copy_frozen *frozen, cxs_measures *const *copies,
                             const char *refdata, cxs_quality_rows *quality,
                             cxs_feature_columns *columns)
{
    char *path = cxs_path_join(ctx, refdata, "/chrom_arms.tsv");
    cxs_table *arms = NULL;
    cxs_fragment_count *count = NULL;
    cxs_rc rc = path != NULL ? CXS_OK : CXS_ENOMEM;

    if (rc != CXS_OK)
        return rc;
    CXS_NEW(count, columns->n + 1);
    CXS_TRY(add_lengths(ctx, file, count, columns));
    CXS_TRY(cxs_fragment_quality(ctx, file, count, columns->n, quality));
    CXS_TRY(add_motifs(ctx, file, count, columns));
    CXS_TRY(cxs_table_read(ctx, path, &arms));
    CXS_TRY(cxs_fragment_profile(ctx, file, count, frozen, arms, quality, columns));
    CXS_TRY(cxs_fragment_protection(ctx, file, count, columns));
    rc = cxs_fragment_starts(ctx, file, count, frozen != NULL ? frozen->groups : NULL,
                             copies, refdata, columns);

done:
    cxs_free(count);
    cxs_table_free(arms);
    cxs_free(path);
    return rc;
}
