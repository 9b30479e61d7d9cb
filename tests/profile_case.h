/*
 * profile_case.h -- persons with known profiles of fragments, and the profile's
 * definition written out
 */
#ifndef CXS_PROFILE_CASE_H
#define CXS_PROFILE_CASE_H

#include "test.h"

#include "bag_case.h"

#include "features/fragment_private.h"
#include "num/loess.h"

/* 100 kb bins of chromosomes 1 and 2 of hg19; joined: 24 + 24 and 18 + 29. */
enum { FIRST = 2493, SECOND = 2432, BINS = FIRST + SECOND, JOINED = 95, NORMALS = 7 };

/* What is left at the end of a chromosome. */
static inline int is_rest(size_t i)
{
    return i == FIRST - 1 || i == BINS - 1;
}

static inline double share_of_gc(size_t i)
{
    return floor(1e3 * (0.42 + 0.06 * sin(0.013 * (double)i) +
                        0.02 * sin(0.31 * (double)i))) /
           1e3;
}

/* Level of short fragments along the genome: three patterns, mixed by the person. */
static inline double level_of(size_t i, uint64_t person)
{
    const double x = (double)i / BINS;
    const cxs_stream s = {11, CXS_DRAW_TEST, person};

    return 0.3 *
           (1.0 + 0.10 * sin(20.0 * x) + 0.05 * cxs_draw_normal(&s, 0) * cos(47.0 * x) +
            0.03 * cxs_draw_normal(&s, 1) * sin(101.0 * x) +
            0.02 * cxs_draw_normal(&s, 2) * cos(163.0 * x));
}

typedef struct made_as {
    int with_gc;  /* the file was read with a reference */
    int bin_gc;   /* of fragments: that of their bin; else with a slope */
    size_t empty; /* this bin has no fragments; SIZE_MAX: none */
} made_as;

static const made_as plain = {1, 1, SIZE_MAX};

/* `total` fragments; short and long ones of each bin follow GC as well. */
static inline cxs_measures *person_bag(uint64_t person, double total, made_as how)
{
    static const int length[1] = {160};
    const cxs_stream s = {12, CXS_DRAW_TEST, person};
    cxs_measures *bag = bag_lengths(1, length, &total);
    cxs_measure *t = bag_table(bag, "fragment_bins", BINS);
    const size_t chrom = bag_text(t, "chrom");
    int64_t *start = bag_int(t, "start"), *end = bag_int(t, "end"),
            *shorts = bag_int(t, "short"), *longs = bag_int(t, "long"),
            *all = bag_int(t, "all"), *counted = bag_int(t, "gc_fragments"),
            *ppm = bag_int(t, "gc_ppm");

    for (size_t i = 0; i < BINS; i++) {
        const double gc = share_of_gc(i), follow = 1.0 + 2.0 * (gc - 0.42);
        bag_set(t, chrom, i, i < FIRST ? "1" : "2");
        start[i] = (int64_t)(i < FIRST ? i : i - FIRST) * 100000;
        end[i] = start[i] + 100000;
        if (is_rest(i))
            end[i] = i < FIRST ? 249250621 : 243199373;
        longs[i] =
            (int64_t)(1000.0 * follow * follow + 10.0 * cxs_draw_normal(&s, 2 * i));
        shorts[i] = (int64_t)(1000.0 * follow * level_of(i, person) +
                              5.0 * cxs_draw_normal(&s, 2 * i + 1));
        all[i] = longs[i] + shorts[i] + 100;
        counted[i] = all[i];
        ppm[i] = (int64_t)(1e6 * gc) * counted[i];
        if (i == how.empty)
            shorts[i] = longs[i] = all[i] = counted[i] = ppm[i] = 0;
        if (!how.with_gc)
            counted[i] = ppm[i] = CXS_MEASURE_MISSING;
    }
    return bag;
}

static inline cxs_patient_file file_of(cxs_measures *bag)
{
    return (cxs_patient_file){.sample = "S",
                              .source = "PLASMA_CFDNA",
                              .library = "SWGS",
                              .build = "hg19",
                              .callable_mb = (double)NAN,
                              .bag = bag};
}

static inline int up(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Corrected values of all whole bins: loess at every single GC. */
static inline void correct_literally(const int64_t *value, size_t empty, double *out)
{
    static double pair[BINS][2], x[BINS], y[BINS], fit[BINS];
    size_t n = 0;

    for (size_t i = 0; i < BINS; i++)
        if (!is_rest(i) && i != empty) {
            pair[n][0] = floor(1e6 * share_of_gc(i)) / 1e6;
            pair[n++][1] = (double)value[i];
        }
    qsort(pair, n, sizeof *pair, up);
    for (size_t k = 0; k < n; k++) {
        x[k] = pair[k][0];
        y[k] = pair[k][1];
    }
    for (size_t k = 0; k < n; k++)
        if (k > 0 && x[k] == x[k - 1])
            fit[k] = fit[k - 1];
        else
            cxs_loess(x, y, n, 0.75, 2, &x[k], 1, &fit[k]);
    for (size_t i = 0; i < BINS; i++) {
        const double gc = floor(1e6 * share_of_gc(i)) / 1e6;
        size_t k = 0;
        while (k + 1 < n && x[k] < gc)
            k++;
        out[i] = (double)value[i] - fit[k];
    }
    qsort(y, n, sizeof *y, up);
    for (size_t i = 0; i < BINS; i++)
        out[i] += n % 2 == 1 ? y[n / 2] : 0.5 * (y[n / 2 - 1] + y[n / 2]);
}

/* Ratios of the joined bins: places by hand from chrom_arms.tsv. */
static inline size_t join_literally(const cxs_measures *bag, size_t empty,
                                    double *ratio)
{
    static const struct {
        size_t first, last;               /* bins from the telomere on; may run down */
    } arm[4] = {{0, 1214},                /* 1p: to 121.5 Mb */
                {FIRST - 2, 1289},        /* 1q: from 128.9 Mb */
                {FIRST, FIRST + 904},     /* 2p: to 90.5 Mb */
                {BINS - 2, FIRST + 968}}; /* 2q: from 96.8 Mb */
    static double value[2][BINS];
    const cxs_measure *t = cxs_measures_find(bag, "fragment_bins");
    size_t count = 0;

    correct_literally(cxs_measure_get_int(t, "short"), empty, value[0]);
    correct_literally(cxs_measure_get_int(t, "long"), empty, value[1]);
    for (int a = 0; a < 4; a++) {
        const int down = arm[a].last < arm[a].first;
        double sum[2] = {0.0, 0.0};
        int held = 0;
        for (size_t i = arm[a].first;; i = down ? i - 1 : i + 1) {
            if (i != empty) {
                sum[0] += value[0][i];
                sum[1] += value[1][i];
                held++;
            }
            if (held == 50) {
                ratio[count++] = sum[0] / sum[1];
                sum[0] = sum[1] = 0.0;
                held = 0;
            }
            if (i == arm[a].last)
                break;
        }
    }
    return count;
}

static inline void scale_literally(double *z, size_t n)
{
    double mean = 0.0, squares = 0.0;

    for (size_t k = 0; k < n; k++)
        mean += z[k] / (double)n;
    for (size_t k = 0; k < n; k++)
        squares += (z[k] - mean) * (z[k] - mean);
    for (size_t k = 0; k < n; k++)
        z[k] = (z[k] - mean) / sqrt(squares / (double)(n - 1));
}

typedef struct reference {
    cxs_frozen_profile *row;
    size_t count, used;
} reference;

static inline cxs_rc reference_of(cxs_measures *const *bag, size_t n, size_t least,
                                  const cxs_frozen_bins *gc, reference *out)
{
    cxs_patient_file file[NORMALS + 1];
    cxs_table *arms = NULL;
    cxs_rc rc;

    for (size_t i = 0; i < n; i++)
        file[i] = file_of(bag[i]);
    CHECK(cxs_table_read(NULL, "refdata/chrom_arms.tsv", &arms) == CXS_OK);
    rc = cxs_profile_reference(NULL, file, n, least, gc, arms, "hg19", &out->row,
                               &out->count, &out->used);
    cxs_table_free(arms);
    return rc;
}

#endif /* CXS_PROFILE_CASE_H */
