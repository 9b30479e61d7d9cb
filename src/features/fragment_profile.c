/*
 * fragment_profile.c -- short against long fragments along the genome
 *
 * Source: Cristiano et al. (2019), Nature 570:385 (profile of 5 Mb bins).  Counts of
 * 100 kb bins are corrected by their GC, x - loess(x ~ GC) + median(x), then joined.
 */
#include "features/fragment_private.h"

#include "features/copy_private.h"
#include "num/loess.h"
#include "num/order.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    JOINED = 50, /* bins of 100 kb in one of 5 Mb */
    JOINED_BIN = 100000,
    CURVE = 256 /* steps of the GC curve */
};

static const double LOESS_SPAN = 0.75;

/* ---- bins of 100 kb -------------------------------------------------------------- */

static int by_place(const void *a, const void *b)
{
    const cxs_profile_bin *x = a, *y = b;

    if (x->chrom != y->chrom)
        return x->chrom < y->chrom ? -1 : 1;
    return (x->start0 > y->start0) - (x->start0 < y->start0);
}

typedef struct gc_bin {
    double gc;
    size_t at;
} gc_bin;

static int by_gc(const void *a, const void *b)
{
    const gc_bin *x = a, *y = b;

    if (x->gc != y->gc)
        return x->gc < y->gc ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

/* The curve at x [n], ascending: by a line between CURVE + 1 places, because fitting at
 * each of tens of thousands of bins takes a minute and tells the same. */
static void curve_at(const double *x, const double *y, size_t n, double *out)
{
    double place[CURVE + 1], level[CURVE + 1];
    const double step = (x[n - 1] - x[0]) / CURVE;

    if (n <= CURVE || !(step > 0.0)) {
        cxs_loess(x, y, n, LOESS_SPAN, 2, x, step > 0.0 ? n : 1, out);
        for (size_t k = 1; !(step > 0.0) && k < n; k++)
            out[k] = out[0];
        return;
    }
    for (int k = 0; k <= CURVE; k++)
        place[k] = x[0] + step * k;
    cxs_loess(x, y, n, LOESS_SPAN, 2, place, CURVE + 1, level);
    for (size_t i = 0; i < n; i++) {
        const double at = (x[i] - x[0]) / step, low = fmin(floor(at), CURVE - 1);
        const size_t k = (size_t)low;

        out[i] = level[k] + (at - low) * (level[k + 1] - level[k]);
    }
}

/* value - loess(value ~ gc) + median(value). */
static cxs_rc correct(cxs_ctx *ctx, cxs_profile *p, int kind)
{
    gc_bin *bin = NULL;
    double *x = NULL, *y, *fit, middle;
    cxs_rc rc = CXS_OK;

    CXS_NEW(bin, p->n);
    CXS_NEW(x, 3 * p->n);
    y = x + p->n;
    fit = y + p->n;
    for (size_t i = 0; i < p->n; i++)
        bin[i] = (gc_bin){p->at[i].gc, i};
    qsort(bin, p->n, sizeof *bin, by_gc);
    for (size_t k = 0; k < p->n; k++) {
        x[k] = bin[k].gc;
        y[k] = p->at[bin[k].at].value[kind];
    }
    curve_at(x, y, p->n, fit);
    middle = cxs_median(p->n, y);
    for (size_t k = 0; k < p->n; k++)
        p->at[bin[k].at].value[kind] += middle - fit[k];

done:
    cxs_free(x);
    cxs_free(bin);
    return rc;
}

/* Shares of GC of the bins from what the study brings. */
static cxs_rc take_bin_gc(cxs_ctx *ctx, const cxs_frozen_bins *gc, const char *build,
                          cxs_profile *p)
{
    cxs_cn_bins bins = {.n = p->n};
    size_t kept = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(bins.chrom, p->n + 1);
    CXS_NEW(bins.start0, p->n + 1);
    CXS_NEW(bins.end0, p->n + 1);
    CXS_NEW(bins.gc, p->n + 1);
    for (size_t i = 0; i < p->n; i++) {
        bins.chrom[i] = p->at[i].chrom;
        bins.start0[i] = p->at[i].start0;
        bins.end0[i] = p->at[i].end0;
        bins.gc[i] = (double)NAN;
    }
    cxs_copy_gc(gc, build, &bins);
    for (size_t i = 0; i < p->n; i++) {
        p->at[i].gc = bins.gc[i];
        if (!isnan(bins.gc[i]))
            p->at[kept++] = p->at[i];
    }
    p->n = kept;
    p->of_bins = 1;
done:
    cxs_cn_bins_free(&bins);
    return rc;
}

/* Whole autosomal bins of 100 kb that have fragments. */
static cxs_rc list_bins(cxs_ctx *ctx, const cxs_measure *t, cxs_profile *p,
                        int *with_gc)
{
    const char *const *chrom = cxs_measure_get_text(t, "chrom");
    const int64_t *start = cxs_measure_get_int(t, "start"),
                  *end = cxs_measure_get_int(t, "end"),
                  *shorts = cxs_measure_get_int(t, "short"),
                  *longs = cxs_measure_get_int(t, "long"),
                  *all = cxs_measure_get_int(t, "all"),
                  *counted = cxs_measure_get_int(t, "gc_fragments"),
                  *ppm = cxs_measure_get_int(t, "gc_ppm");
    cxs_rc rc = CXS_OK;

    *with_gc = 0;
    if (chrom == NULL || start == NULL || end == NULL || shorts == NULL ||
        longs == NULL || all == NULL || counted == NULL || ppm == NULL)
        return CXS_OK;
    CXS_NEW(p->at, cxs_measure_rows(t) + 1);
    for (size_t i = 0; i < cxs_measure_rows(t); i++)
        *with_gc = *with_gc || counted[i] != CXS_MEASURE_MISSING;
    for (size_t i = 0; i < cxs_measure_rows(t); i++) {
        const uint8_t number = chrom[i] != NULL ? cxs_cn_chrom(chrom[i]) : 0;
        if (number == 0 || number > CXS_CN_AUTOSOMES ||
            end[i] - start[i] != JOINED_BIN || !((*with_gc ? counted[i] : all[i]) > 0))
            continue;
        p->at[p->n++] = (cxs_profile_bin){
            number,
            start[i],
            end[i],
            {(double)shorts[i], (double)longs[i]},
            *with_gc ? (double)ppm[i] / 1e6 / (double)counted[i] : (double)NAN};
    }
    qsort(p->at, p->n, sizeof *p->at, by_place);
done:
    return rc;
}

void cxs_profile_free(cxs_profile *profile)
{
    cxs_free(profile->at);
    *profile = (cxs_profile){0};
}

cxs_rc cxs_profile_read(cxs_ctx *ctx, const cxs_patient_file *file,
                        const cxs_frozen_bins *gc, cxs_profile *out)
{
    const cxs_measure *t =
        file->bag != NULL ? cxs_measures_find(file->bag, "fragment_bins") : NULL;
    int with_gc;
    cxs_rc rc = CXS_OK;

    *out = (cxs_profile){0};
    if (t == NULL)
        return CXS_OK;
    CXS_TRY(list_bins(ctx, t, out, &with_gc));
    if (!with_gc && gc != NULL && gc->count > 0)
        CXS_TRY(take_bin_gc(ctx, gc, file->build, out));
    else if (!with_gc)
        out->n = 0;
    if (out->n < 3)
        out->n = 0;
    for (int kind = 0; out->n > 0 && kind < 2; kind++)
        CXS_TRY(correct(ctx, out, kind));
done:
    if (rc != CXS_OK)
        cxs_profile_free(out);
    return rc;
}

/* ---- bins of 5 Mb ---------------------------------------------------------------- */

/* An autosomal arm of chrom_arms.tsv: its place, and whether the telomere is its end. */
static int is_arm(const cxs_table *arms, size_t row, const char *build,
                  cxs_interval *place, int *from_end)
{
    const char *chrom = cxs_copy_cell(arms, row, "chrom"),
               *arm = cxs_copy_cell(arms, row, "arm");

    *place = (cxs_interval){cxs_cn_chrom(chrom),
                            (int64_t)strtod(cxs_copy_cell(arms, row, "start0"), NULL),
                            (int64_t)strtod(cxs_copy_cell(arms, row, "end0"), NULL)};
    *from_end = arm[0] == 'q';
    return strcmp(cxs_copy_cell(arms, row, "build"), build) == 0 &&
           strcmp(cxs_copy_cell(arms, row, "use"), "1") == 0 &&
           (arm[0] == 'p' || arm[0] == 'q') && place->chrom > 0 &&
           place->chrom <= CXS_CN_AUTOSOMES;
}

size_t cxs_profile_join(const cxs_interval *grid, size_t n, const cxs_table *arms,
                        const char *build, cxs_interval *frame)
{
    size_t count = 0;

    for (size_t row = 0; row < arms->rows; row++) {
        cxs_interval arm;
        int from_end;
        size_t held = 0;
        if (!is_arm(arms, row, build, &arm, &from_end))
            continue;
        for (size_t k = 0; k < n; k++) {
            const cxs_interval *bin = &grid[from_end ? n - 1 - k : k];
            if (bin->chrom != arm.chrom || bin->start0 < arm.start0 ||
                bin->end0 > arm.end0)
                continue;
            if (held == 0)
                frame[count] = *bin;
            else if (from_end)
                frame[count].start0 = bin->start0;
            else
                frame[count].end0 = bin->end0;
            if (++held < JOINED)
                continue;
            count++;
            held = 0;
        }
    }
    return count;
}

void cxs_profile_ratios(const cxs_profile *profile, const cxs_interval *frame,
                        size_t count, double *ratio)
{
    for (size_t f = 0; f < count; f++) {
        double part[2] = {0.0, 0.0};
        size_t low = 0, high = profile->n;

        while (low < high) { /* the first bin inside */
            const size_t mid = low + (high - low) / 2;
            const cxs_profile_bin *at = &profile->at[mid];
            if (at->chrom < frame[f].chrom ||
                (at->chrom == frame[f].chrom && at->start0 < frame[f].start0))
                low = mid + 1;
            else
                high = mid;
        }
        for (; low < profile->n && profile->at[low].chrom == frame[f].chrom &&
               profile->at[low].end0 <= frame[f].end0;
             low++)
            for (int kind = 0; kind < 2; kind++)
                part[kind] += profile->at[low].value[kind];
        ratio[f] = part[1] > 0.0 ? part[0] / part[1] : (double)NAN;
    }
}

void cxs_profile_moments(const double *value, size_t n, double *mean, double *sd)
{
    double sum = 0.0, squares = 0.0, count = 0.0;

    *mean = *sd = (double)NAN;
    for (size_t i = 0; i < n; i++)
        if (!isnan(value[i])) {
            sum += value[i];
            count++;
        }
    if (count < 2.0)
        return;
    *mean = sum / count;
    for (size_t i = 0; i < n; i++)
        if (!isnan(value[i]))
            squares += (value[i] - *mean) * (value[i] - *mean);
    *sd = sqrt(squares / (count - 1.0));
}

/* ---- features -------------------------------------------------------------------- */

enum { MEAN, SD, CORRELATION, FIRST_COMPONENT, COLUMNS = FIRST_COMPONENT + 3 };
static const char *const column_name[COLUMNS] = {
    "frag.short_long.mean", "frag.short_long.sd", "frag.profile.correlation",
    "frag.profile.pc1",     "frag.profile.pc2",   "frag.profile.pc3"};
static const char *const column_unit[COLUMNS] = {"ratio", "ratio", "correlation",
                                                 "score", "score", "score"};

typedef struct bench {
    const cxs_copy_frozen *frozen; /* or NULL */
    const cxs_table *arms;
    cxs_interval *frame;
    double *ratio;
    size_t room;
    double *value[COLUMNS];
} bench;

static cxs_rc make_room(cxs_ctx *ctx, bench *b, size_t n)
{
    cxs_rc rc = CXS_OK;

    if (n <= b->room)
        return CXS_OK;
    cxs_free(b->frame);
    cxs_free(b->ratio);
    b->frame = NULL;
    b->ratio = NULL;
    b->room = 0;
    CXS_NEW(b->frame, n);
    CXS_NEW(b->ratio, n);
    b->room = n;
done:
    return rc;
}

/* Mean and sd over the joined bins of the sample itself. */
static cxs_rc add_own(cxs_ctx *ctx, bench *b, const cxs_profile *p, const char *build,
                      size_t i)
{
    cxs_interval *grid = NULL;
    size_t count;
    cxs_rc rc = CXS_OK;

    CXS_NEW(grid, p->n + 1);
    CXS_TRY(make_room(ctx, b, p->n));
    for (size_t k = 0; k < p->n; k++)
        grid[k] = (cxs_interval){p->at[k].chrom, p->at[k].start0, p->at[k].end0};
    count = cxs_profile_join(grid, p->n, b->arms, build, b->frame);
    cxs_profile_ratios(p, b->frame, count, b->ratio);
    cxs_profile_moments(b->ratio, count, &b->value[MEAN][i], &b->value[SD][i]);
done:
    cxs_free(grid);
    return rc;
}

/* Against the frozen reference: in its joined bins, all of which must be there. */
static cxs_rc add_against(cxs_ctx *ctx, bench *b, const cxs_profile *p,
                          const char *build, size_t i)
{
    const cxs_copy_frozen *f = b->frozen;
    double mean, sd, middle = 0.0, cross = 0.0, own = 0.0, other = 0.0;
    double score[CXS_PROFILE_COMPONENTS] = {0.0};
    size_t first = 0, n = 0;
    cxs_rc rc = CXS_OK;

    while (first < f->profile_count && *f->profile[first].build != '\0' &&
           strcmp(f->profile[first].build, build) != 0)
        first++;
    CXS_TRY(make_room(ctx, b, f->profile_count + 1));
    for (size_t k = first; k < f->profile_count &&
                           strcmp(f->profile[k].build, f->profile[first].build) == 0;
         k++)
        b->frame[n++] = (cxs_interval){f->profile[k].chrom, f->profile[k].start0,
                                       f->profile[k].end0};
    cxs_profile_ratios(p, b->frame, n, b->ratio);
    cxs_profile_moments(b->ratio, n, &mean, &sd);
    for (size_t k = 0; k < n; k++)
        middle += f->profile[first + k].middle / (double)n;
    for (size_t k = 0; k < n; k++) {
        const cxs_frozen_profile *at = &f->profile[first + k];
        const double z = (b->ratio[k] - mean) / sd, m = at->middle - middle;
        cross += z * m; /* NaN where a bin of the reference is missing */
        own += z * z;
        other += m * m;
        for (int c = 0; c < CXS_PROFILE_COMPONENTS; c++)
            score[c] += at->loading[c] * (z - at->middle);
    }
    if (n < 3 || isnan(cross))
        goto done;
    b->value[CORRELATION][i] = cross / sqrt(own * other);
    for (int c = 0; c < CXS_PROFILE_COMPONENTS; c++)
        b->value[FIRST_COMPONENT + c][i] = score[c];
done:
    return rc;
}

static cxs_rc add_patient(cxs_ctx *ctx, bench *b, const cxs_patient_file *file,
                          cxs_quality_rows *quality, size_t i)
{
    static const cxs_quality_row flagged = {.measure = "frag_gc",
                                            .unit = "fraction",
                                            .value = (double)NAN,
                                            .state = CXS_QC_WARN,
                                            .reason = "gc_of_bins"},
                                 none = {.measure = "frag_gc",
                                         .unit = "fraction",
                                         .value = (double)NAN,
                                         .state = CXS_QC_FAIL,
                                         .reason = "no_gc"};
    cxs_profile p = {0};
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_profile_read(ctx, file, b->frozen != NULL ? &b->frozen->gc : NULL, &p));
    if (p.n == 0 || p.of_bins)
        CXS_TRY(
            cxs_quality_add(ctx, quality, file->sample, p.of_bins ? &flagged : &none));
    if (p.n == 0)
        goto done;
    CXS_TRY(add_own(ctx, b, &p, file->build, i));
    if (b->frozen != NULL && b->frozen->profile_count > 0)
        CXS_TRY(add_against(ctx, b, &p, file->build, i));
done:
    cxs_profile_free(&p);
    return rc;
}

cxs_rc cxs_fragment_profile(cxs_ctx *ctx, const cxs_patient_file *file,
                            const cxs_fragment_count *count,
                            const cxs_copy_frozen *frozen, const cxs_table *arms,
                            cxs_quality_rows *quality, cxs_feature_columns *columns)
{
    bench b = {.frozen = frozen, .arms = arms};
    cxs_rc rc = CXS_OK;

    for (int c = 0; c < COLUMNS; c++) {
        CXS_TRY(cxs_feature_columns_add(ctx, columns, column_name[c], column_unit[c],
                                        CXS_FEATURE_CONTINUOUS, &b.value[c]));
        if (c >= CORRELATION && (frozen == NULL || frozen->profile_count == 0))
            CXS_TRY(cxs_feature_columns_note(
                ctx, columns, "the panel of normals has no profile of fragments"));
    }
    for (size_t i = 0; i < columns->n; i++)
        if (count[i].fragments >= CXS_FRAGMENTS_BINNED && file[i].bag != NULL &&
            cxs_measures_find(file[i].bag, "fragment_bins") != NULL)
            CXS_TRY(add_patient(ctx, &b, &file[i], quality, i));
done:
    cxs_free(b.frame);
    cxs_free(b.ratio);
    return rc;
}
