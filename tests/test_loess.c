/*
 * test_loess.c -- local regression beside R's loess and lowess, and its edges
 */
#include "num/loess.h"

#include "test.h"

#include "base/table.h"
#include "copy_reference.h"

/* Order of the rows of x; they are few. */
static void order_of(const double *x, size_t n, size_t *order)
{
    for (size_t i = 0; i < n; i++) {
        size_t at = i;
        for (; at > 0 && x[order[at - 1]] > x[i]; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
}

/* loess at its own x, and lowess, against a table with columns of R's answers. */
static void compare(const char *path, const char *x_name, const char *y_name,
                    const char *answer, double span, int degree, double tolerance)
{
    cxs_table *t = copy_reference(path);
    const size_t n = t->rows;
    double *x = copy_reference_column(t, x_name), *y = copy_reference_column(t, y_name),
           *want = copy_reference_column(t, answer);
    double *sx = cxs_calloc(NULL, n, sizeof *sx), *sy = cxs_calloc(NULL, n, sizeof *sy),
           *got = cxs_calloc(NULL, n, sizeof *got),
           *scratch = cxs_calloc(NULL, 2 * n, sizeof *scratch);
    size_t *order = cxs_calloc(NULL, n, sizeof *order);

    order_of(x, n, order);
    for (size_t i = 0; i < n; i++) {
        sx[i] = x[order[i]];
        sy[i] = y[order[i]];
    }
    if (degree >= 0)
        cxs_loess(sx, sy, n, span, degree, sx, n, got);
    else
        cxs_lowess(sx, sy, n, span, span > 0.5 ? 3 : 0, got, scratch);
    for (size_t i = 0; i < n; i++)
        CHECK_NEAR(got[i], want[order[i]], tolerance);
    cxs_free(order);
    cxs_free(scratch);
    cxs_free(got);
    cxs_free(sy);
    cxs_free(sx);
    cxs_free(want);
    cxs_free(y);
    cxs_free(x);
    cxs_table_free(t);
}

static void agrees_with_r(void **state)
{
    static const char path[] = "tests/data/copynumber/loess.tsv";

    (void)state;
    compare(path, "gc", "reads", "span30", 0.3, 2, 1e-9);
    compare(path, "gc", "reads", "span75", 0.75, 2, 1e-9);
    compare(path, "gc", "reads", "wide", 1.5, 2, 1e-9);
    compare(path, "gc", "reads", "line", 0.5, 1, 1e-9);
    compare(path, "gc", "reads", "lowess", 2.0 / 3.0, -1, 1e-9);
    compare(path, "gc", "reads", "lowess0", 0.2, -1, 1e-9);
    CHECK_DONE();
}

static void agrees_with_golden(void **state)
{
    static const char path[] = "tests/data/golden/loess.tsv";

    (void)state;
    compare(path, "gc", "count", "loess_span030_direct", 0.3, 2, 1e-10);
    compare(path, "gc", "count", "loess_span075_direct", 0.75, 2, 1e-10);
    compare(path, "gc", "count", "lowess_f2_3", 2.0 / 3.0, -1, 1e-8);
    CHECK_DONE();
}

/* A parabola is its own local parabola, at the data and between; a line likewise. */
static void polynomials_are_kept(void **state)
{
    double x[40], y[40], at[2] = {0.1234, 0.777}, out[2], line[40], fitted[40],
                         scratch[80];

    (void)state;
    for (int i = 0; i < 40; i++) {
        x[i] = i / 40.0;
        y[i] = 3.0 - 2.0 * x[i] + 5.0 * x[i] * x[i];
        line[i] = 1.0 + 4.0 * x[i];
    }
    cxs_loess(x, y, 40, 0.3, 2, at, 2, out);
    for (int k = 0; k < 2; k++)
        CHECK_NEAR(out[k], 3.0 - 2.0 * at[k] + 5.0 * at[k] * at[k], 1e-11);
    cxs_loess(x, line, 40, 0.3, 1, at, 2, out);
    CHECK_NEAR(out[1], 1.0 + 4.0 * at[1], 1e-11);
    for (int i = 0; i < 40; i++)
        line[i] += i % 2 == 0 ? 0.3 : -0.3;
    line[20] += 5.0;
    cxs_lowess(x, line, 40, 0.5, 0, fitted, scratch);
    CHECK(fitted[20] > 0.3 + 1.0 + 4.0 * x[20]); /* one outlier pulls the line up */
    cxs_lowess(x, line, 40, 0.5, 3, fitted, scratch);
    CHECK(fabs(fitted[20] - 1.0 - 4.0 * x[20]) < 0.05); /* bisquare takes it out */
    CHECK_DONE();
}

/* By hand: four points 0..3, all within the window at 1 with h = 2 for span 1:
 * weights (1 - (1/2)^3)^3 of 0 and 2, 1 of itself, 0 of 3. */
static void a_weighted_mean_by_hand(void **state)
{
    const double x[4] = {0.0, 1.0, 2.0, 3.0}, y[4] = {1.0, 2.0, 6.0, 100.0}, at = 1.0;
    const double w = 0.875 * 0.875 * 0.875;
    double out;

    (void)state;
    cxs_loess(x, y, 4, 1.0, 0, &at, 1, &out);
    CHECK_NEAR(out, (w * 1.0 + 2.0 + w * 6.0) / (1.0 + 2.0 * w), TOL_SUM);
    CHECK_DONE();
}

/* Equal x, one value, two values: no division by zero, and a sensible number. */
static void few_or_equal_values(void **state)
{
    const double same[4] = {0.5, 0.5, 0.5, 0.5}, y[4] = {1.0, 2.0, 3.0, 6.0};
    const double two[2] = {0.0, 1.0};
    double out[4], scratch[8], at = 0.5;

    (void)state;
    cxs_loess(same, y, 4, 0.5, 2, &at, 1, out);
    CHECK_NEAR(out[0], 3.0, TOL_SUM); /* all four, although the window holds two */
    cxs_loess(same, y, 1, 0.3, 2, &at, 1, out);
    CHECK_NEAR(out[0], 1.0, TOL_EXACT);
    cxs_lowess(same, y, 1, 0.5, 3, out, scratch);
    CHECK_NEAR(out[0], 1.0, TOL_EXACT);
    cxs_lowess(two, y, 2, 1.0, 3, out, scratch);
    CHECK(isfinite(out[0]) && isfinite(out[1]));
    cxs_lowess(same, y, 4, 1.0, 0, out, scratch);
    CHECK_NEAR(out[0], 3.0, TOL_SUM);
    CHECK_NEAR(out[3], out[0], TOL_EXACT);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_r),
        cmocka_unit_test(agrees_with_golden),
        cmocka_unit_test(polynomials_are_kept),
        cmocka_unit_test(a_weighted_mean_by_hand),
        cmocka_unit_test(few_or_equal_values),
    };
    return cmocka_run_group_tests_name("loess", tests, NULL, NULL);
}
