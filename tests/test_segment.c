/*
 * test_segment.c -- circular binary segmentation beside DNAcopy, and by hand
 */
#include "num/segment.h"

#include "test.h"

#include "base/stream.h"
#include "copy_reference.h"

static size_t draw(const void *stream, uint64_t test, uint64_t index, size_t below)
{
    const cxs_stream s = {*(const uint64_t *)stream, CXS_DRAW_TEST, test};

    return cxs_draw_below(&s, index, below);
}

static size_t segments_of(const double *x, size_t n, double undo, uint64_t seed,
                          size_t *end)
{
    cxs_cbs_settings s = cxs_cbs_defaults();
    double *work = cxs_calloc(NULL, 4 * n + 4, sizeof *work);
    size_t count;

    s.undo_sd = undo;
    count = cxs_cbs(x, n, &s, (double)NAN, draw, &seed, end, work);
    cxs_free(work);
    return count;
}

static double mean_of(const double *x, size_t from, size_t to)
{
    double sum = 0.0;

    for (size_t i = from; i < to; i++)
        sum += x[i];
    return sum / (double)(to - from);
}

/* Ends exact, means to the digits given, chromosome by chromosome. */
static void compare(const char *input, const char *answer, const char *end_name,
                    const char *mean_name, double tolerance)
{
    cxs_table *in = copy_reference(input), *want = copy_reference(answer);
    double *chrom = copy_reference_column(in, "chrom"),
           *x = copy_reference_column(in, "log2"),
           *want_chrom = copy_reference_column(want, "chrom"),
           *want_end = copy_reference_column(want, end_name),
           *want_mean = copy_reference_column(want, mean_name);
    size_t *end = cxs_calloc(NULL, in->rows + 1, sizeof *end), row = 0;

    for (size_t first = 0, last; first < in->rows; first = last) {
        size_t count;
        for (last = first; last < in->rows && !(chrom[last] > chrom[first]); last++)
            ;
        count = segments_of(x + first, last - first, 1.0, 1, end);
        for (size_t s = 0; s < count; s++, row++) {
            CHECK(row < want->rows);
            if (row >= want->rows)
                break;
            CHECK_NEAR(chrom[first], want_chrom[row], TOL_EXACT);
            CHECK_NEAR((double)end[s], want_end[row], TOL_EXACT);
            CHECK_NEAR(mean_of(x + first, s > 0 ? end[s - 1] : 0, end[s]),
                       want_mean[row], tolerance);
        }
    }
    CHECK(row == want->rows);
    cxs_free(end);
    cxs_free(want_mean);
    cxs_free(want_end);
    cxs_free(want_chrom);
    cxs_free(x);
    cxs_free(chrom);
    cxs_table_free(want);
    cxs_table_free(in);
}

static void agrees_with_dnacopy(void **state)
{
    (void)state;
    compare("tests/data/copynumber/cbs_input.tsv",
            "tests/data/copynumber/cbs_segments.tsv", "end", "mean", 1e-12);
    compare("tests/data/golden/cbs_input.tsv", "tests/data/golden/cbs_segments.tsv",
            "loc.end", "seg.mean", 1e-4);
    CHECK_DONE();
}

/* |x_i - x_(i+1)| = 1, 1, 4, 2: median 1.5. */
static void noise_by_hand(void **state)
{
    const double x[5] = {0.0, 1.0, 2.0, 6.0, 4.0};
    double work[5];

    (void)state;
    CHECK_NEAR(cxs_sd_diff(x, 5, work), 1.5 / 0.6745 / sqrt(2.0), TOL_SUM);
    CHECK_NEAR(cxs_sd_diff(x, 4, work), 1.0 / 0.6745 / sqrt(2.0), TOL_SUM);
    CHECK(isnan(cxs_sd_diff(x, 1, work)) && isnan(cxs_sd_diff(x, 0, work)));
    CHECK_DONE();
}

static void noise(double *x, size_t n, uint64_t seed)
{
    const cxs_stream s = {seed, CXS_DRAW_TEST, 0};

    for (size_t i = 0; i < n; i++)
        x[i] = cxs_draw_normal(&s, i);
}

/* Of 200 series of pure noise about alpha (1 %) are split: at most 8 (P < 0.1 %). */
static void the_level_is_kept(void **state)
{
    double x[60];
    size_t end[60], split = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        noise(x, 60, seed);
        split += segments_of(x, 60, 0.0, seed, end) > 1;
    }
    CHECK(split <= 8);
    CHECK_DONE();
}

/* A short arc inside, a step at the end, and both: the ends are found. */
static void steps_are_found(void **state)
{
    double x[120];
    size_t end[120], count;

    (void)state;
    noise(x, 120, 3);
    for (int i = 0; i < 120; i++)
        x[i] = 0.1 * x[i] + (i >= 50 && i < 54 ? 2.0 : 0.0) + (i >= 100 ? -1.0 : 0.0);
    count = segments_of(x, 120, 1.0, 1, end);
    CHECK(count == 4);
    CHECK(end[0] == 50 && end[1] == 54 && end[2] == 100 && end[3] == 120);
    /* the same data, other draws: clear steps do not hang on them */
    CHECK(segments_of(x, 120, 1.0, 99, end) == 4);
    CHECK_DONE();
}

/* Splits of half a standard deviation are found in long series and undone again. */
static void small_steps_are_undone(void **state)
{
    double x[400];
    size_t end[400];

    (void)state;
    noise(x, 400, 5);
    for (int i = 200; i < 400; i++)
        x[i] += 0.6;
    CHECK(segments_of(x, 400, 0.0, 1, end) == 2);
    CHECK(segments_of(x, 400, 1.0, 1, end) == 1 && end[0] == 400);
    for (int i = 200; i < 400; i++)
        x[i] += 0.8; /* 1.4 standard deviations stay */
    CHECK(segments_of(x, 400, 1.0, 1, end) == 2);
    CHECK_DONE();
}

static void few_values(void **state)
{
    const double x[4] = {0.0, 0.0, 5.0, 5.0}, same[6] = {1.0, 1.0, 1.0, 1.0, 1.0, 1.0};
    size_t end[6];

    (void)state;
    CHECK(segments_of(x, 0, 1.0, 1, end) == 0);
    CHECK(segments_of(x, 1, 1.0, 1, end) == 1 && end[0] == 1);
    CHECK(segments_of(x, 3, 1.0, 1, end) == 1 && end[0] == 3);
    CHECK(segments_of(x, 4, 1.0, 1, end) == 1 && end[0] == 4); /* p >= 1/3 */
    CHECK(segments_of(same, 6, 1.0, 1, end) == 1 && end[0] == 6);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_dnacopy),    cmocka_unit_test(noise_by_hand),
        cmocka_unit_test(the_level_is_kept),      cmocka_unit_test(steps_are_found),
        cmocka_unit_test(small_steps_are_undone), cmocka_unit_test(few_values),
    };
    return cmocka_run_group_tests_name("segment", tests, NULL, NULL);
}
