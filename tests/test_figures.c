/*
 * test_figures.c -- numbers for readers, ticks, step curves, escapes and SVG
 */
#include "test.h"

#include "report/figures.h"
#include "report/label.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#define MINUS "\xE2\x88\x92"
#define DASH  "\xE2\x80\x93"

/* fontconfig, under cairo, keeps its caches until the process ends. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig\n";
}

static bool same(const char *got, const char *want)
{
    if (strcmp(got, want) != 0)
        printf("  got '%s', want '%s'\n", got, want);
    return strcmp(got, want) == 0;
}

static void labels_by_hand(void **state)
{
    char t[CXS_LABEL_BYTES];

    (void)state;
    CHECK(same(cxs_label_ratio(1.849, t), "1.85"));
    CHECK(same(cxs_label_ratio(0.5449, t), "0.54"));
    CHECK(same(cxs_label_ratio(0.0431, t), "0.043"));
    CHECK(same(cxs_label_ratio(0.0996, t), "0.10"));
    CHECK(same(cxs_label_ratio(9.996, t), "10.0"));
    CHECK(same(cxs_label_ratio(12.34, t), "12.3"));
    CHECK(same(cxs_label_ratio(148.2, t), "148"));
    CHECK(same(cxs_label_ratio(3.2e-5, t), "3.2e" MINUS "5"));
    CHECK(same(cxs_label_ratio(123456, t), "1.2e5"));
    CHECK(same(cxs_label_ratio((double)NAN, t), DASH));
    CHECK(same(cxs_label_p(3.21e-8, t), "3.2e" MINUS "8"));
    CHECK(same(cxs_label_p(0.0041, t), "0.0041"));
    CHECK(same(cxs_label_p(0.0996, t), "0.10"));
    CHECK(same(cxs_label_p(0.449, t), "0.45"));
    CHECK(same(cxs_label_p(1, t), ">0.99"));
    CHECK(same(cxs_label_p(0, t), "<1e" MINUS "300"));
    CHECK(same(cxs_label_log10_p(412.5, t), "3.2e" MINUS "413"));
    CHECK(same(cxs_label_log10_p(412.00000001, t), "1.0e" MINUS "412"));
    CHECK(same(cxs_label_log10_p(2, t), "0.010"));
    CHECK(same(cxs_label_fixed(-0.001, 2, t), "0.00"));
    CHECK(same(cxs_label_fixed(-1.005e1, 1, t), MINUS "10.1"));
    CHECK(same(cxs_label_short(1500, 4, t), "1500"));
    CHECK(same(cxs_label_short(0.25, 4, t), "0.25"));
    CHECK(same(cxs_label_short(2.4e-7, 3, t), "2.4e" MINUS "7"));
    CHECK(same(cxs_label_size(18542, t), "18,542"));
    CHECK(same(cxs_label_size(1234567, t), "1,234,567"));
    CHECK(same(cxs_label_size(999, t), "999"));
    CHECK_DONE();
}

/* 1..10 hidden, 0 and 11 shown; min_cell 1 hides nothing. */
static void small_counts(void **state)
{
    char t[CXS_LABEL_BYTES];

    (void)state;
    CHECK(same(cxs_label_count(0, 11, t), "0"));
    CHECK(same(cxs_label_count(1, 11, t), "<11"));
    CHECK(same(cxs_label_count(10, 11, t), "<11"));
    CHECK(same(cxs_label_count(11, 11, t), "11"));
    CHECK(same(cxs_label_count(1, 1, t), "1"));
    CHECK_DONE();
}

/* A locale with a decimal comma must not reach the page (skipped where none is built).
 */
static void locale_does_not_matter(void **state)
{
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8",
                                        "de_DE", NULL};
    char t[CXS_LABEL_BYTES];

    (void)state;
    for (size_t i = 0; names[i] != NULL; i++)
        if (setlocale(LC_NUMERIC, names[i]) != NULL)
            break;
    CHECK(same(cxs_label_fixed(1.5, 2, t), "1.50"));
    CHECK(same(cxs_label_p(1.5e-9, t), "1.5e" MINUS "9"));
    setlocale(LC_NUMERIC, "C");
    CHECK_DONE();
}

static void check_ticks(const cxs_ticks *got, size_t n, const double *want)
{
    CHECK(got->count == n);
    for (size_t i = 0; i < n && i < got->count; i++)
        CHECK_NEAR(got->at[i], want[i], 1e-14);
}

static void ticks_by_hand(void **state)
{
    static const double tenths[] = {0, 0.2, 0.4, 0.6, 0.8, 1};
    static const double hundreds[] = {0, 500, 1000, 1500};
    static const double around[] = {-0.5, 0, 0.5, 1};
    static const double ratios[] = {0.5, 0.7, 1, 1.5, 2};
    static const double wide[] = {0.1, 0.2, 0.5, 1, 2, 5, 10};
    static const double decades[] = {0.001, 0.01, 0.1, 1, 10, 100};
    static const double narrow[] = {1.02, 1.04, 1.06};
    cxs_ticks t;

    (void)state;
    cxs_ticks_linear(0, 1, 5, &t);
    check_ticks(&t, 6, tenths);
    CHECK(t.places == 1 && t.at[3] == 0.6); /* the double next to 0.6, not 3 * 0.2 */
    cxs_ticks_linear(0, 1830, 4, &t);
    check_ticks(&t, 4, hundreds);
    CHECK(t.places == 0);
    cxs_ticks_linear(-0.77, 1.15, 4, &t);
    check_ticks(&t, 4, around);
    cxs_ticks_linear(3, 3, 4, &t);
    CHECK(t.count == 0);
    cxs_ticks_log(0.45, 2.7, 7, &t);
    check_ticks(&t, 5, ratios);
    cxs_ticks_log(0.1, 10, 7, &t);
    check_ticks(&t, 7, wide);
    cxs_ticks_log(0.001, 100, 7, &t);
    check_ticks(&t, 6, decades);
    cxs_ticks_log(1.01, 1.07, 7, &t);
    check_ticks(&t, 3, narrow);
    CHECK_DONE();
}

static void axis_by_hand(void **state)
{
    const cxs_axis linear = {0, 10, 100, 200, false}, falling = {100, 1, 0, 60, true};
    cxs_axis empty = {3, 3, 0, 1, false};

    (void)state;
    CHECK_NEAR(cxs_axis_at(&linear, 2.5), 125, TOL_SUM);
    CHECK_NEAR(cxs_axis_at(&falling, 10), 30, TOL_SUM);
    cxs_axis_make_valid(&empty);
    CHECK(empty.lo < 3 && empty.hi > 3);
    CHECK_DONE();
}

/*
 * Survival 1 until day 2, 0.5 until day 6, then 0, where the interval is not defined.
 * One day is 10 px, survival 1 is y = 0 and 0 is y = 100.
 */
static void steps_by_hand(void **state)
{
    static const cxs_point p[] = {{0, 1, 1, 1},
                                  {2, 0.5, 0.1, 0.8},
                                  {6, 0, (double)NAN, (double)NAN},
                                  {7, 0, (double)NAN, (double)NAN}};
    static const double surv[] = {0,  0,  0,  0,  0,   0,  20,  0,  20,
                                  50, 60, 50, 60, 100, 70, 100, 70, 100};
    static const double lower[] = {0, 0, 0, 0, 0, 0, 20, 0, 20, 90, 60, 90};
    const cxs_axis x = {0, 10, 0, 100, false}, y = {0, 1, 100, 0, false};
    cxs_point copy[4];
    const cxs_group group = {.points = 4, .point = copy};
    double xy[2 * 9];

    (void)state;
    memcpy(copy, p, sizeof p);
    CHECK(cxs_curve_outline(p, 4, 0, &x, &y, xy) == 9);
    for (size_t i = 0; i < 18; i++)
        CHECK_NEAR(xy[i], surv[i], TOL_SUM);
    CHECK(cxs_curve_outline(p, 4, 1, &x, &y, xy) == 6);
    for (size_t i = 0; i < 12; i++)
        CHECK_NEAR(xy[i], lower[i], TOL_SUM);
    CHECK(cxs_curve_at(&group, 1.9) == 1 && cxs_curve_at(&group, 2) == 0.5);
    CHECK(cxs_curve_median(&group) == 2);
    CHECK_DONE();
}

static void hostile_text_is_shown_not_run(void **state)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"},
        {"\"><img src=x onerror=alert(1)>",
         "&quot;&gt;&lt;img src=x onerror=alert(1)&gt;"},
        {"it's & more", "it&#39;s &amp; more"},
        {"a\tb\n\x1B[31m\x7F", "a\\x09b\\x0A\\x1B[31m\\x7F"},
        {"bad \xFF\xC0\xAF end", "bad \\xFF\\xC0\\xAF end"},
        {"\xE2\x80\xA8\xE2\x80\xAE"
         "gpj.exe",
         "\\u2028\\u202Egpj.exe"},
        {"\xED\xA0\x80", "\\xED\\xA0\\x80"}, /* a lone surrogate is not UTF-8 */
        {"\xCE\xB2-catenin \xE8\x84\x91", "\xCE\xB2-catenin \xE8\x84\x91"},
        {"cut \xE2\x80", "cut \\xE2\\x80"},
    };
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cxs_markup m = {.ctx = ctx};
        cxs_put_text(&m, cases[i].text);
        CHECK(m.rc == CXS_OK && same(m.buf.text, cases[i].want));
        cxs_free(m.buf.text);
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void text_is_cut_to_its_room(void **state)
{
    char out[16];

    (void)state;
    CHECK_NEAR(cxs_text_width("AB1", 10), 6.67 + 6.67 + 5.56, TOL_SUM);
    cxs_text_fit("short", 10, 100, out, sizeof out);
    CHECK(same(out, "short"));
    cxs_text_fit("WWWWWWWW", 10, 40, out, sizeof out); /* W is 9.44 wide, room is 34 */
    CHECK(same(out, "WWW\xE2\x80\xA6"));
    cxs_text_fit("iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiii", 10, 1000, out, sizeof out);
    CHECK(strlen(out) == 15); /* the buffer is the limit */
    CHECK_DONE();
}

static void draw_something(cxs_canvas *c)
{
    const cxs_type type = {12, CXS_BLACK, CXS_MIDDLE, true, false, true};

    cxs_canvas_describe(c, "A <title>", "B & \"C\"");
    cxs_draw_line(c, 0.125, -0.004, 10, 20.5, cxs_line_ink(CXS_BLUE, 1, CXS_DASHED));
    cxs_draw_disc(c, 1.0 / 3, 2, 3, cxs_fill_ink(CXS_ORANGE, 0.5));
    cxs_draw_text(c, 5, 6, type, "<b>");
}

static void svg_by_hand(void **state)
{
    static const char want[] =
        "<title id=\"fig-title\">A &lt;title&gt;</title>\n"
        "<desc id=\"fig-desc\">B &amp; &quot;C&quot;</desc>\n"
        "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
        "<path d=\"M0.13 0L10 20.5\" fill=\"none\" stroke=\"#0072b2\" "
        "stroke-width=\"1\""
        " stroke-dasharray=\"6 3\"/>\n"
        "<circle cx=\"0.33\" cy=\"2\" r=\"3\" fill=\"#e69f00\" opacity=\"0.5\"/>\n"
        "<text x=\"5\" y=\"6\" font-size=\"12\" fill=\"#1a1a1a\" text-anchor=\"middle\""
        " font-weight=\"600\" transform=\"rotate(-90 5 6)\">&lt;b&gt;</text>\n</svg>\n";
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_canvas *c = NULL;
    cxs_markup m = {.ctx = ctx};

    (void)state;
    CHECK(cxs_canvas_new(ctx, "fig", 100, 50, &c) == CXS_OK);
    draw_something(c);
    cxs_canvas_svg(c, false, &m);
    CHECK(m.rc == CXS_OK && strstr(m.buf.text, "<title") != NULL &&
          same(strstr(m.buf.text, "<title"), want));
    cxs_canvas_free(c);
    cxs_free(m.buf.text);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Paint twice with the same painter: a file of its kind, the same bytes. */
static void painted(cxs_rc (*paint)(const cxs_canvas *, cxs_buf *), const char *magic,
                    size_t n)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_canvas *c = NULL;
    cxs_buf twice[2] = {{0}, {0}};

    CHECK(cxs_canvas_new(ctx, "fig", 100, 50, &c) == CXS_OK);
    draw_something(c);
    for (int i = 0; i < 2; i++)
        CHECK(paint(c, &twice[i]) == CXS_OK && twice[i].length > n &&
              memcmp(twice[i].text, magic, n) == 0);
    CHECK(twice[0].length == twice[1].length &&
          memcmp(twice[0].text, twice[1].text, twice[0].length) == 0);
    cxs_canvas_free(c);
    cxs_free(twice[0].text);
    cxs_free(twice[1].text);
    cxs_ctx_free(ctx);
}

/* A PNG begins with its signature and, at byte 16, its size: 200 x 100 dots. */
static void pdf_and_png(void **state)
{
    static const char png[] = "\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\0\xC8\0\0\0d";

    (void)state;
    painted(cxs_canvas_pdf, "%PDF-1.", 7);
    painted(cxs_canvas_png, png, sizeof png - 1);
    CHECK_DONE();
}

/* Every allocation fails once: the sticky error comes out, nothing leaks. */
static void every_allocation_may_fail(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    const long live = cxs_alloc_live();
    cxs_rc rc = CXS_ENOMEM;
    long k;

    (void)state;
    for (k = 1; rc == CXS_ENOMEM && k < 100; k++) {
        cxs_canvas *c = NULL;
        cxs_markup m = {.ctx = ctx};
        cxs_alloc_fail_at(k);
        rc = cxs_canvas_new(ctx, "fig", 100, 50, &c);
        CHECK((rc == CXS_OK) == (c != NULL));
        if (rc == CXS_OK) {
            draw_something(c);
            cxs_canvas_svg(c, true, &m);
            rc = m.rc;
        }
        cxs_alloc_fail_at(0);
        cxs_canvas_free(c);
        cxs_free(m.buf.text);
        CHECK(cxs_alloc_live() == live);
    }
    CHECK(rc == CXS_OK && k > 5);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_by_hand),
        cmocka_unit_test(small_counts),
        cmocka_unit_test(locale_does_not_matter),
        cmocka_unit_test(ticks_by_hand),
        cmocka_unit_test(axis_by_hand),
        cmocka_unit_test(steps_by_hand),
        cmocka_unit_test(hostile_text_is_shown_not_run),
        cmocka_unit_test(text_is_cut_to_its_room),
        cmocka_unit_test(svg_by_hand),
        cmocka_unit_test(pdf_and_png),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests_name("figures", tests, NULL, NULL);
}
