/*
 * test_count_same.c -- reads in genes: featureCounts' answers on alignments with every
 * oddity, and that threads and orders change nothing
 */
#include "test.h"

#include "count_case.h"

#include "base/text.h"

/* ---- featureCounts' answers --------------------------------------------------------- */

static const char odd_sam[] = "tests/data/counts/odd.sam.gz";

typedef struct answer {
    char mode[64], row[64];
    double count;
} answer;

static size_t read_answers(answer **out)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_text *text = NULL;
    cxs_fields f = {0};
    char *line = NULL;
    size_t length = 0, n = 0, room = 0;

    assert_int_equal(cxs_text_open(ctx, "tests/data/counts/expected.tsv", &text), 0);
    while (cxs_text_line(ctx, text, &line, &length) == CXS_OK && line != NULL) {
        assert_int_equal(cxs_fields_split(ctx, line, length, '\t', &f), 0);
        assert_int_equal(cxs_grow(ctx, (void **)out, &room, n + 1, sizeof **out), 0);
        snprintf((*out)[n].mode, sizeof(*out)[n].mode, "%s", f.text[0]);
        snprintf((*out)[n].row, sizeof(*out)[n].row, "%s", f.text[1]);
        (*out)[n++].count = strtod(f.text[2], NULL);
    }
    cxs_fields_free(&f);
    cxs_text_close(text);
    cxs_ctx_free(ctx);
    return n;
}

static double found(const cxs_counts *counts, const char *row)
{
    for (size_t g = 0; g < cxs_counts_genes(counts); g++)
        if (strcmp(cxs_counts_gene(counts, g), row) == 0)
            return cxs_counts_of(counts, 0)[g];
    for (size_t o = 0; o < cxs_counts_outcomes(); o++)
        if (strcmp(cxs_counts_outcome(o), row) == 0)
            return (double)cxs_counts_outcome_of(counts, 0, o);
    return -1.0;
}

static void as_featurecounts(void **state)
{
    const char *path = odd_sam;
    answer *want = NULL;
    const size_t n = read_answers(&want);
    size_t modes = 0;

    (void)state;
    for (size_t i = 1, end; i < n; i = end) { /* 0 is the header */
        cxs_count_settings s = mode(want[i].mode);
        cxs_ctx *ctx = cxs_ctx_new();
        cxs_counts *counts = NULL;
        double most = 0.0;
        s.annotation = odd_saf;
        cxs_ctx_set_threads(ctx, 1 + (int)(modes++ % 3));
        CHECK(cxs_count_files(ctx, &s, &path, 1, &counts) == CXS_OK);
        assert_non_null(counts);
        for (end = i; end < n && strcmp(want[end].mode, want[i].mode) == 0; end++) {
            const double got = found(counts, want[end].row);
            most = fmax(most, got);
            if (fabs(got - want[end].count) > 0.005 + 1e-9) { /* two decimals */
                test_failures++;
                printf("  [%s] %s: %.17g, featureCounts %g\n", want[end].mode,
                       want[end].row, got, want[end].count);
            }
        }
        CHECK(end - i == 80 + cxs_counts_outcomes() && most > 20.0);
        cxs_counts_free(counts);
        cxs_ctx_free(ctx);
    }
    CHECK(modes == 26);
    cxs_free(want);
    CHECK_DONE();
}

/* ---- the same bytes ----------------------------------------------------------------- */

static void write_all(const char *annotation, const char *const *paths, size_t n,
                      int threads, const char *prefix)
{
    cxs_count_settings s = mode("p c M O f");
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_counts *counts = NULL;

    s.annotation = annotation;
    cxs_ctx_set_threads(ctx, threads);
    CHECK(cxs_count_files(ctx, &s, paths, n, &counts) == CXS_OK);
    CHECK(counts != NULL && cxs_counts_write(ctx, counts, prefix, NULL) == CXS_OK);
    cxs_counts_free(counts);
    cxs_ctx_free(ctx);
}

static bool same_file(const char *a, const char *b)
{
    size_t n = 0, m = 0;
    char *x = test_read(a, &n), *y = test_read(b, &m);
    const bool same =
        x != NULL && y != NULL && n == m && n > 100 && memcmp(x, y, n) == 0;

    free(x);
    free(y);
    return same;
}

/* Lines of a text from the last to the first, the first `keep` ones in their place. */
static cxs_buf reversed(const char *text, size_t keep)
{
    const char *line[4096];
    size_t n = 0;
    cxs_buf b = {0};

    for (const char *at = text; *at != '\0'; at = strchr(at, '\n') + 1)
        line[n++] = at;
    for (size_t i = 0; i < n; i++) {
        const char *from = line[i < keep ? i : n - 1 - (i - keep)];
        if (cxs_buf_add(NULL, &b, from, (size_t)(strchr(from, '\n') - from) + 1) !=
            CXS_OK)
            abort();
    }
    return b;
}

static void same_bytes(void **state)
{
    const char *first[] = {odd_sam, NULL, NULL};
    char prefix[2][TEST_PATH_BYTES * 2], path[2][TEST_PATH_BYTES * 2 + 16];
    char *rows = test_read(odd_saf, NULL);
    cxs_buf back = reversed(rows, 1);
    char annotation[TEST_PATH_BYTES * 2];

    (void)state;
    snprintf(annotation, sizeof annotation, "%s", test_text("back.saf", back.text));
    snprintf(prefix[0], sizeof prefix[0], "%s", test_path("p0"));
    snprintf(prefix[1], sizeof prefix[1], "%s", test_path("p1"));
    write_all(odd_saf, first, 1, 1, prefix[0]);
    for (int turn = 0; turn < 4; turn++) {
        static const char *const endings[] = {".counts.tsv", ".summary.tsv"};
        write_all(turn == 3 ? annotation : odd_saf, first, 1, turn + 1, prefix[1]);
        for (size_t e = 0; e < 2; e++) {
            snprintf(path[0], sizeof path[0], "%s%s", prefix[0], endings[e]);
            snprintf(path[1], sizeof path[1], "%s%s", prefix[1], endings[e]);
            CHECK(same_file(path[0], path[1]));
        }
    }
    cxs_free(back.text);
    free(rows);
    CHECK_DONE();
}

/* Several files at once, each the same as alone. */
static void several_files(void **state)
{
    char other[TEST_PATH_BYTES * 2];
    const char *paths[3] = {odd_sam, other, NULL};
    cxs_count_settings s = mode("p c");
    cxs_counts *counts = NULL;
    cxs_ctx *ctx = cxs_ctx_new();
    char sam[2048];

    (void)state;
    snprintf(sam, sizeof sam,
             "@SQ\tSN:1\tLN:60000\n@SQ\tSN:2\tLN:60000\n@SQ\tSN:3\tLN:60000\n");
    snprintf(other, sizeof other, "%s", test_text("other.sam", sam));
    s.annotation = odd_saf;
    for (int threads = 1; threads <= 5; threads += 2) {
        cxs_ctx_set_threads(ctx, threads);
        CHECK(cxs_count_files(ctx, &s, paths, 2, &counts) == CXS_OK);
        assert_non_null(counts);
        double sum = 0.0;
        for (size_t g = 0; g < cxs_counts_genes(counts); g++) {
            sum += cxs_counts_of(counts, 0)[g];
            CHECK_NEAR(cxs_counts_of(counts, 1)[g], 0.0, TOL_EXACT);
        }
        CHECK_NEAR(sum, (double)cxs_counts_outcome_of(counts, 0, 0), TOL_EXACT);
        CHECK(sum > 100.0);
        cxs_counts_free(counts);
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_featurecounts),
        cmocka_unit_test(same_bytes),
        cmocka_unit_test(several_files),
    };

    return cmocka_run_group_tests_name("count_same", tests, test_folder_make,
                                       test_folder_remove);
}
