/*
 * test_fragment_reference.c -- the reference profile of fragments: from normals to the
 * panel file, through a study, to the features of a sample
 *
 * Certificates: loadings are orthonormal eigenvectors of the normals' covariance, the
 * first three by size; features agree with their definition written out.
 */
#include "test.h"

#include "bag_case.h"
#include "features/copy_private.h"
#include "features/fragment_private.h"
#include "num/loess.h"
#include "study_case.h"
#include "tmp.h"

#include <stdlib.h>
#include <string.h>

/* 100 kb bins of chromosomes 1 and 2 of hg19; joined: 24 + 24 and 18 + 29. */
enum { FIRST = 2493, SECOND = 2432, BINS = FIRST + SECOND, JOINED = 95, NORMALS = 7 };

/* What is left at the end of a chromosome. */
static int is_rest(size_t i)
{
    return i == FIRST - 1 || i == BINS - 1;
}

static double share_of_gc(size_t i)
{
    return floor(1e3 * (0.42 + 0.06 * sin(0.013 * (double)i) +
                        0.02 * sin(0.31 * (double)i))) /
           1e3;
}

/* Level of short fragments along the genome: three patterns, mixed by the person. */
static double level_of(size_t i, uint64_t person)
{
    const double x = (double)i / BINS;
    const cxs_stream s = {11, CXS_DRAW_TEST, person};

    return 0.3 *
           (1.0 + 0.10 * sin(20.0 * x) + 0.05 * cxs_draw_normal(&s, 0) * cos(47.0 * x) +
            0.03 * cxs_draw_normal(&s, 1) * sin(101.0 * x) +
            0.02 * cxs_draw_normal(&s, 2) * cos(163.0 * x));
}

typedef struct made {
    int with_gc;  /* the file was read with a reference */
    int bin_gc;   /* of fragments: that of their bin; else with a slope */
    size_t empty; /* this bin has no fragments; SIZE_MAX: none */
} made;

static const made plain = {1, 1, SIZE_MAX};

/* `total` fragments; short and long ones of each bin follow GC as well. */
static cxs_measures *person_bag(uint64_t person, double total, made how)
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

static cxs_patient_file file_of(cxs_measures *bag)
{
    return (cxs_patient_file){.sample = "S",
                              .source = "PLASMA_CFDNA",
                              .library = "SWGS",
                              .build = "hg19",
                              .callable_mb = (double)NAN,
                              .bag = bag};
}

/* ---- the definition written out -------------------------------------------------------- */

static int up(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Corrected values of all whole bins: loess at every single GC. */
static void correct_literally(const int64_t *value, size_t empty, double *out)
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
static size_t join_literally(const cxs_measures *bag, size_t empty, double *ratio)
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

static void scale_literally(double *z, size_t n)
{
    double mean = 0.0, squares = 0.0;

    for (size_t k = 0; k < n; k++)
        mean += z[k] / (double)n;
    for (size_t k = 0; k < n; k++)
        squares += (z[k] - mean) * (z[k] - mean);
    for (size_t k = 0; k < n; k++)
        z[k] = (z[k] - mean) / sqrt(squares / (double)(n - 1));
}

static double pearson(const double *x, const double *y, size_t n)
{
    double sx = 0, sy = 0, sxx = 0, syy = 0, sxy = 0;

    for (size_t k = 0; k < n; k++) {
        sx += x[k];
        sy += y[k];
    }
    for (size_t k = 0; k < n; k++) {
        const double a = x[k] - sx / (double)n, b = y[k] - sy / (double)n;
        sxx += a * a;
        syy += b * b;
        sxy += a * b;
    }
    return sxy / sqrt(sxx * syy);
}

/* ---- the sample's own profile ----------------------------------------------------------- */

/* The curve between 257 places is that at every GC to 1e-5; a bin without fragments is
 * passed over, so the joined bins behind it stand one bin further. */
static void own_profile_as_defined(void **state)
{
    (void)state;
    for (int k = 0; k < 2; k++) {
        const size_t empty = k == 0 ? SIZE_MAX : 700;
        cxs_measures *bag = person_bag(3, 6e6, (made){1, 1, empty});
        const cxs_patient_file file = file_of(bag);
        cxs_feature_columns c = {.n = 1};
        double ratio[JOINED + 5], mean = 0.0, squares = 0.0;
        size_t n = join_literally(bag, empty, ratio);
        CHECK(n == JOINED);
        for (size_t j = 0; j < n; j++)
            mean += ratio[j] / (double)n;
        for (size_t j = 0; j < n; j++)
            squares += (ratio[j] - mean) * (ratio[j] - mean);
        CHECK(cxs_fragment_features(NULL, &file, NULL, NULL, "refdata", NULL, &c) ==
              CXS_OK);
        CHECK_NEAR(bag_value(&c, "frag.short_long.mean", 0), mean, 1e-5);
        CHECK_NEAR(bag_value(&c, "frag.short_long.sd", 0),
                   sqrt(squares / (double)(n - 1)), 1e-5);
        CHECK(isnan(bag_value(&c, "frag.profile.correlation", 0)));
        CHECK(isnan(bag_value(&c, "frag.profile.pc1", 0)));
        CHECK(strcmp(c.column[cxs_feature_columns_find(&c, "frag.profile.pc3")].note,
                     "the panel of normals has no profile of fragments") == 0);
        cxs_feature_columns_clear(&c);
        cxs_measures_free(bag);
    }
    CHECK_DONE();
}

/* ---- the reference ------------------------------------------------------------------------ */

typedef struct reference {
    cxs_frozen_profile *row;
    size_t count, used;
} reference;

static cxs_rc reference_of(cxs_measures *const *bag, size_t n, size_t least,
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

static void check_loadings(const reference *r, double z[NORMALS][JOINED])
{
    double variance[CXS_PROFILE_COMPONENTS], all = 0.0;

    for (size_t k = 0; k < JOINED; k++) {
        double mean = 0.0;
        for (size_t i = 0; i < NORMALS; i++)
            mean += z[i][k] / NORMALS;
        for (size_t i = 0; i < NORMALS; i++)
            z[i][k] -= mean;
        for (size_t i = 0; i < NORMALS; i++)
            all += z[i][k] * z[i][k];
    }
    for (int c = 0; c < CXS_PROFILE_COMPONENTS; c++) {
        double score[NORMALS] = {0.0}, top = 0.0, low = 0.0;
        variance[c] = 0.0;
        for (int d = 0; d <= c; d++) {
            double dot = 0.0;
            for (size_t k = 0; k < JOINED; k++)
                dot += r->row[k].loading[c] * r->row[k].loading[d];
            CHECK_NEAR(dot, c == d ? 1.0 : 0.0, 1e-10);
        }
        for (size_t i = 0; i < NORMALS; i++) {
            for (size_t k = 0; k < JOINED; k++)
                score[i] += z[i][k] * r->row[k].loading[c];
            variance[c] += score[i] * score[i];
        }
        for (size_t k = 0; k < JOINED; k++) { /* Z'Z v = lambda v */
            double image = 0.0;
            for (size_t i = 0; i < NORMALS; i++)
                image += z[i][k] * score[i];
            CHECK(fabs(image - variance[c] * r->row[k].loading[c]) <
                  2e-4 * variance[0]);
            top = fmax(top, r->row[k].loading[c]);
            low = fmin(low, r->row[k].loading[c]);
        }
        CHECK(top > -low); /* the largest in size is positive */
        CHECK(c == 0 || variance[c] < variance[c - 1]);
    }
    /* What is left is less than the last component. */
    CHECK(all - variance[0] - variance[1] - variance[2] <
          (NORMALS - 1 - 3) * variance[2]);
}

static void reference_as_defined(void **state)
{
    static double z[NORMALS][JOINED];
    cxs_measures *bag[NORMALS + 1];
    reference r;

    (void)state;
    for (size_t i = 0; i < NORMALS; i++) {
        bag[i] = person_bag(20 + i, 6e6, plain);
        CHECK(join_literally(bag[i], SIZE_MAX, z[i]) == JOINED);
        scale_literally(z[i], JOINED);
    }
    bag[NORMALS] = person_bag(50, 4999999, plain); /* too few fragments */
    CHECK(reference_of(bag, NORMALS + 1, 5, NULL, &r) == CXS_OK);
    CHECK(r.count == JOINED && r.used == NORMALS);
    for (size_t k = 0; k < JOINED && r.count == JOINED; k++) {
        double one[NORMALS];
        for (size_t i = 0; i < NORMALS; i++)
            one[i] = z[i][k];
        qsort(one, NORMALS, sizeof *one, up);
        CHECK_NEAR(r.row[k].middle, one[NORMALS / 2], 1e-4);
    }
    CHECK(r.row[0].chrom == 1 && r.row[0].start0 == 0 && r.row[0].end0 == 5000000);
    CHECK(r.row[24].end0 == 249200000 && r.row[24].start0 == 244200000);
    CHECK(r.row[48].chrom == 2 && strcmp(r.row[48].build, "hg19") == 0);
    check_loadings(&r, z);
    cxs_free(r.row);
    CHECK(reference_of(bag, 5, 6, NULL, &r) == CXS_OK && r.count == 0 && r.row == NULL);
    for (size_t i = 0; i <= NORMALS; i++)
        cxs_measures_free(bag[i]);
    CHECK_DONE();
}

/* The order of the normals does not matter beyond rounding; twins differ in too few
 * directions. */
static void order_and_twins(void **state)
{
    cxs_measures *bag[NORMALS], *back[NORMALS], *twin[NORMALS];
    reference r, s, none;

    (void)state;
    for (size_t i = 0; i < NORMALS; i++) {
        bag[i] = person_bag(20 + i, 6e6, plain);
        back[NORMALS - 1 - i] = bag[i];
        twin[i] = bag[i % 3]; /* two directions */
    }
    CHECK(reference_of(bag, NORMALS, 5, NULL, &r) == CXS_OK);
    CHECK(reference_of(back, NORMALS, 5, NULL, &s) == CXS_OK);
    CHECK(r.count == s.count);
    for (size_t k = 0; k < r.count; k++) {
        CHECK(r.row[k].middle == s.row[k].middle);
        for (int c = 0; c < CXS_PROFILE_COMPONENTS; c++)
            CHECK_NEAR(s.row[k].loading[c], r.row[k].loading[c], 1e-9);
    }
    CHECK(reference_of(twin, NORMALS, 5, NULL, &none) == CXS_OK && none.count == 0);
    cxs_free(r.row);
    cxs_free(s.row);
    for (size_t i = 0; i < NORMALS; i++)
        cxs_measures_free(bag[i]);
    CHECK_DONE();
}

/* A bin that one normal lacks is in no joined bin: that of its place is one longer, and
 * those behind it on the arm stand one further. */
static void bins_that_all_have(void **state)
{
    cxs_measures *bag[NORMALS];
    reference r;

    (void)state;
    for (size_t i = 0; i < NORMALS; i++)
        bag[i] = person_bag(20 + i, 6e6, (made){1, 1, i == 3 ? 720 : SIZE_MAX});
    CHECK(reference_of(bag, NORMALS, 5, NULL, &r) == CXS_OK && r.count == JOINED);
    for (size_t k = 0; k < 24 && k < r.count; k++) {
        CHECK(r.row[k].start0 == (int64_t)k * 5000000 + (k > 14 ? 100000 : 0));
        CHECK(r.row[k].end0 - r.row[k].start0 == (k == 14 ? 5100000 : 5000000));
    }
    cxs_free(r.row);
    for (size_t i = 0; i < NORMALS; i++)
        cxs_measures_free(bag[i]);
    CHECK_DONE();
}

/* ---- there and back ------------------------------------------------------------------------ */

static cxs_copy_frozen frozen_of(cxs_ctx *ctx, const char *sequencing)
{
    cxs_copy_frozen frozen = {.profile = NULL};
    cxs_study *study = NULL;
    char yaml[512];

    snprintf(yaml, sizeof yaml,
             "tables: {patients: patients.tsv}\n"
             "endpoint: {name: OS, time: OS_DAYS, event: OS_STATUS}\n"
             "sequencing: {%s}\n",
             sequencing);
    case_plain("ref", yaml, "PATIENT_ID\tOS_DAYS\tOS_STATUS\nA\t400\t1\nB\t500\t0\n");
    CHECK(case_ingest(ctx, "ref") == CXS_OK);
    CHECK(cxs_study_open(ctx, test_path("ref.cxs"), &study) == CXS_OK);
    if (study == NULL)
        printf("  %s\n", cxs_ctx_message(ctx));
    CHECK(cxs_copy_frozen_read(ctx, study, &frozen) == CXS_OK);
    cxs_study_close(study);
    return frozen;
}

/* Depth for the copy numbers of a normal beside its fragments. */
static void put_depth(cxs_measures *bag, uint64_t seed)
{
    copy_case c = copy_case_make(1000000, 5);
    cxs_measure *t;
    size_t chrom;
    int64_t *column[5];
    static const char *const names[5] = {"start", "end", "fragments", "gc", "acgt"};

    copy_case_reads(&c, 0.0, 9e6, 0.02, seed);
    t = bag_table(bag, "depth", c.bins.n);
    chrom = bag_text(t, "chrom");
    for (int k = 0; k < 5; k++)
        column[k] = bag_int(t, names[k]);
    for (size_t i = 0; i < c.bins.n; i++) {
        char name[8];
        snprintf(name, sizeof name, "%d", c.bins.chrom[i]);
        bag_set(t, chrom, i, name);
        column[0][i] = c.bins.start0[i];
        column[1][i] = c.bins.end0[i];
        column[2][i] = (int64_t)c.reads[i];
        column[3][i] = (int64_t)(c.bins.gc[i] * 1e6);
        column[4][i] = 1000000;
    }
    copy_case_free(&c);
}

static void check_sample(const cxs_feature_columns *c, size_t i,
                         const cxs_measures *bag, const cxs_copy_frozen *f)
{
    double ratio[JOINED + 5], middle[JOINED], score[3] = {0.0};
    char name[32];

    CHECK(join_literally(bag, SIZE_MAX, ratio) == JOINED);
    for (size_t k = 0; k < JOINED; k++)
        middle[k] = f->profile[k].middle;
    CHECK_NEAR(bag_value(c, "frag.profile.correlation", i),
               pearson(ratio, middle, JOINED), 1e-6);
    scale_literally(ratio, JOINED);
    for (int p = 0; p < 3; p++) {
        for (size_t k = 0; k < JOINED; k++)
            score[p] += f->profile[k].loading[p] * (ratio[k] - middle[k]);
        snprintf(name, sizeof name, "frag.profile.pc%d", p + 1);
        CHECK_NEAR(bag_value(c, name, i), score[p], 1e-4);
    }
}

/* Normals to a panel file, the file to a study, the study to the features: like the
 * definition; missing with 4,999,999 fragments, without a bin of the reference, and for
 * another build. */
static void panel_there_and_back(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    cxs_measures *bag[NORMALS];
    cxs_patient_file normal[NORMALS], sample[5];
    cxs_copy_frozen none = {.profile = NULL}, frozen, old;
    cxs_feature_columns c = {.n = 5};
    reference r;

    (void)state;
    for (size_t i = 0; i < NORMALS; i++) {
        bag[i] = person_bag(20 + i, 6e6, plain);
        put_depth(bag[i], 70 + i);
        normal[i] = file_of(bag[i]);
    }
    mkdir(test_path("ref"), 0777);
    CHECK(cxs_copy_panel_write(ctx, normal, NORMALS, &none, "refdata",
                               test_path("ref/pon.tsv")) == CXS_OK);
    CHECK(strstr(tmp_log,
                 "panel of 7 normals, 0 more without enough quality; profile of "
                 "fragments of 7 normals") != NULL);
    frozen = frozen_of(ctx, "panel_of_normals: pon.tsv");
    CHECK(reference_of(bag, NORMALS, 5, NULL, &r) == CXS_OK);
    CHECK(frozen.profile_count == JOINED && r.count == JOINED);
    CHECK(frozen.panel.count > 2000);
    for (size_t k = 0; k < frozen.panel.count; k++)
        CHECK(frozen.panel.at[k].end0 - frozen.panel.at[k].start0 == 1000000);
    for (size_t k = 0; k < frozen.profile_count; k++) /* to the last bit */
        CHECK(memcmp(&frozen.profile[k].middle, &r.row[k].middle, 4 * sizeof(double)) ==
                  0 &&
              frozen.profile[k].chrom == r.row[k].chrom &&
              frozen.profile[k].start0 == r.row[k].start0 &&
              frozen.profile[k].end0 == r.row[k].end0);
    for (uint64_t i = 0; i < 5; i++)
        sample[i] = file_of(person_bag(90 + i, i == 2 ? 4999999 : 5e6, plain));
    sample[3].build = "hg38";
    {
        int64_t *all = (int64_t *)(uintptr_t)cxs_measure_get_int(
            cxs_measures_find(sample[4].bag, "fragment_bins"), "gc_fragments");
        for (size_t k = 0; k < 50; k++)
            all[k] = 0;
    }
    CHECK(cxs_fragment_features(ctx, sample, &frozen, NULL, "refdata", NULL, &c) ==
          CXS_OK);
    check_sample(&c, 0, sample[0].bag, &frozen);
    check_sample(&c, 1, sample[1].bag, &frozen);
    for (size_t i = 2; i < 5; i++) {
        CHECK(isnan(bag_value(&c, "frag.profile.correlation", i)));
        CHECK(isnan(bag_value(&c, "frag.profile.pc1", i)));
        CHECK(isnan(bag_value(&c, "frag.profile.pc3", i)));
    }
    CHECK(!isnan(bag_value(&c, "frag.short_long.sd", 4)));
    case_file("ref", "old.tsv",
              "build\tchrom\tstart0\tend0\tlog2\tmad\tsamples\n"
              "hg19\t1\t0\t1000000\t0.1\t0.01\t7\n");
    old = frozen_of(ctx, "panel_of_normals: old.tsv");
    CHECK(old.panel.count == 1 && old.profile_count == 0);
    for (size_t i = 0; i < 5; i++)
        cxs_measures_free(sample[i].bag);
    for (size_t i = 0; i < NORMALS; i++)
        cxs_measures_free(bag[i]);
    cxs_free(r.row);
    cxs_copy_frozen_free(&frozen);
    cxs_copy_frozen_free(&old);
    cxs_feature_columns_clear(&c);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- without a reference genome --------------------------------------------------------- */

/* GC of the bins stands in, and is flagged; without it nothing is told. */
static void gc_of_bins(void **state)
{
    static cxs_frozen_bin at[BINS];
    cxs_copy_frozen frozen = {.gc = {at, BINS, BINS}};
    cxs_measures *bag[2] = {person_bag(3, 6e6, plain),
                            person_bag(3, 6e6, (made){0, 1, SIZE_MAX})};
    cxs_patient_file file[2] = {file_of(bag[0]), file_of(bag[1])};
    cxs_quality_rows quality = {0}, bare = {0};
    cxs_feature_columns c = {.n = 2}, d = {.n = 2};

    (void)state;
    for (size_t i = 0; i < BINS; i++)
        at[i] = (cxs_frozen_bin){"",
                                 i < FIRST ? 1 : 2,
                                 (int64_t)(i < FIRST ? i : i - FIRST) * 100000,
                                 (int64_t)(i < FIRST ? i + 1 : i - FIRST + 1) * 100000,
                                 floor(1e6 * share_of_gc(i)) / 1e6,
                                 (double)NAN};
    CHECK(cxs_fragment_features(NULL, file, &frozen, NULL, "refdata", &quality, &c) ==
          CXS_OK);
    CHECK_NEAR(bag_value(&c, "frag.short_long.mean", 1),
               bag_value(&c, "frag.short_long.mean", 0), TOL_SUM);
    CHECK_NEAR(bag_value(&c, "frag.short_long.sd", 1),
               bag_value(&c, "frag.short_long.sd", 0), TOL_SUM);
    CHECK(quality.count == 5 && strcmp(quality.at[4].measure, "frag_gc") == 0);
    CHECK(quality.at[4].state == CXS_QC_WARN &&
          strcmp(quality.at[4].reason, "gc_of_bins") == 0);
    CHECK(cxs_fragment_features(NULL, file, NULL, NULL, "refdata", &bare, &d) ==
          CXS_OK);
    CHECK(isnan(bag_value(&d, "frag.short_long.mean", 1)));
    CHECK(bag_value(&d, "frag.share.160_180", 1) == 1.0);
    CHECK(bare.count == 5 && bare.at[4].state == CXS_QC_FAIL &&
          strcmp(bare.at[4].reason, "no_gc") == 0);
    cxs_quality_rows_clear(&quality);
    cxs_quality_rows_clear(&bare);
    cxs_feature_columns_clear(&c);
    cxs_feature_columns_clear(&d);
    cxs_measures_free(bag[0]);
    cxs_measures_free(bag[1]);
    CHECK_DONE();
}

/* GC tables mark unknown bins by -1; they serve copy numbers as well. */
static void gc_of_a_study(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_copy_frozen frozen;
    uint8_t chrom[3] = {1, 1, 2};
    int64_t start[3] = {0, 100, 0}, end[3] = {100, 200, 100};
    double gc[3] = {(double)NAN, (double)NAN, (double)NAN};
    cxs_cn_bins bins = {.n = 3, .chrom = chrom, .start0 = start, .end0 = end, .gc = gc};

    (void)state;
    mkdir(test_path("ref"), 0777);
    case_file("ref", "gc.wig",
              "fixedStep chrom=1 start=1 step=100 span=100\n0.41\n-1\n");
    frozen = frozen_of(ctx, "gc: gc.wig");
    CHECK(frozen.gc.count == 2 && frozen.panel.count == 0 && frozen.map.count == 0);
    cxs_copy_gc(&frozen.gc, "hg19", &bins);
    CHECK_NEAR(gc[0], 0.41, TOL_EXACT);
    CHECK(isnan(gc[1]) && isnan(gc[2]));
    gc[0] = 0.5; /* most bins have GC of the reference: it stands */
    gc[2] = 0.4;
    cxs_copy_gc(&frozen.gc, "hg19", &bins);
    CHECK_NEAR(gc[0], 0.5, TOL_EXACT);
    CHECK(isnan(gc[1]));
    cxs_copy_frozen_free(&frozen);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void no_memory(void **state)
{
    cxs_measures *bag[5];
    cxs_rc rc = CXS_ENOMEM;
    reference r;
    long before;

    (void)state;
    for (size_t i = 0; i < 5; i++)
        bag[i] = person_bag(20 + i, 6e6, plain);
    before = cxs_alloc_live();
    for (long at = 1; rc == CXS_ENOMEM && at < 200; at += at < 12 ? 1 : 3) {
        cxs_patient_file file[5];
        cxs_table *arms = NULL;
        for (size_t i = 0; i < 5; i++)
            file[i] = file_of(bag[i]);
        CHECK(cxs_table_read(NULL, "refdata/chrom_arms.tsv", &arms) == CXS_OK);
        cxs_alloc_fail_at(at);
        rc = cxs_profile_reference(NULL, file, 5, 5, NULL, arms, "hg19", &r.row,
                                   &r.count, &r.used);
        cxs_alloc_fail_at(0);
        CHECK(rc == CXS_OK ? r.row != NULL : rc == CXS_ENOMEM && r.row == NULL);
        cxs_free(r.row);
        cxs_table_free(arms);
        CHECK(cxs_alloc_live() == before);
    }
    CHECK(rc == CXS_OK);
    for (size_t i = 0; i < 5; i++)
        cxs_measures_free(bag[i]);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_profile_as_defined),
        cmocka_unit_test(reference_as_defined),
        cmocka_unit_test(order_and_twins),
        cmocka_unit_test(bins_that_all_have),
        cmocka_unit_test(panel_there_and_back),
        cmocka_unit_test(gc_of_bins),
        cmocka_unit_test(gc_of_a_study),
        cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests_name("fragment reference", tests, test_folder_make,
                                       test_folder_remove);
}
