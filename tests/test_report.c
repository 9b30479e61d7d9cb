/*
 * test_report.c -- the page: all parts, escaped, the same bytes twice, nothing left
 * behind by a damaged store
 */
#include "test.h"

#include "files.h"
#include "fixture_results.h"

#include "coxswain/report.h"
#include "report/page.h"

#include <sys/stat.h>

static cxs_ctx *new_ctx(void)
{
    cxs_ctx *ctx = cxs_ctx_new();

    if (ctx == NULL)
        abort();
    return ctx;
}

/* Whole file as text; the caller frees. */
static char *slurp(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = calloc(1, 1 << 20);
    size_t n;

    if (file == NULL || text == NULL) {
        free(text);
        return NULL;
    }
    n = fread(text, 1, (1 << 20) - 1, file);
    fclose(file);
    text[n] = '\0';
    return text;
}

static bool is_there(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0;
}

static size_t count(const char *text, const char *what)
{
    size_t n = 0;

    for (; (text = strstr(text, what)) != NULL; text += strlen(what))
        n++;
    return n;
}

/* Paths of files.h are overwritten after four more: one that must last. */
static const char *lasting_path(const char *name, char path[2 * TEST_PATH_BYTES])
{
    snprintf(path, 2 * TEST_PATH_BYTES, "%s", test_path(name));
    return path;
}

/* Make a store, report it, hand the page over. */
static char *page_of(const fixture *f, const cxs_report_settings *settings)
{
    cxs_ctx *ctx = new_ctx();
    char *page = NULL;

    CHECK(fixture_write(ctx, test_path("r.cxr"), f) == CXS_OK);
    CHECK(cxs_report_write(ctx, test_path("r.cxr"), settings, test_path("r.html"),
                           NULL) == CXS_OK);
    if (*cxs_ctx_message(ctx) != '\0')
        printf("  %s\n", cxs_ctx_message(ctx));
    page = slurp(test_path("r.html"));
    CHECK(page != NULL);
    cxs_ctx_free(ctx);
    return page != NULL ? page : calloc(1, 1);
}

/* Headings go down one level at a time: readers by ear find their way by them. */
static bool headings_in_order(const char *page)
{
    int level = 0;

    for (const char *c = strstr(page, "<h"); c != NULL; c = strstr(c + 1, "<h")) {
        if (c[2] < '1' || c[2] > '6' || c[3] != '>')
            continue;
        if (c[2] - '0' > level + 1)
            return false;
        level = c[2] - '0';
    }
    return level > 0;
}

static void all_parts_in_order(void **state)
{
    static const char *const parts[] = {
        "Content-Security-Policy\" content=\"default-src 'none'; style-src ",
        "'unsafe-inline'; img-src data:\"",
        "class=\"verdict some\"",
        "Evidence that at least one candidate",
        "<h1>",
        "<dt>Endpoint</dt><dd>OS",
        "<dt>Patients</dt><dd>120",
        "<dt>Events</dt><dd>84",
        "912 days",
        "18,542",
        "id=\"limits\"",
        "prognostic and predictive effects cannot be told apart",
        "Effects are per standard deviation",
        "not adjusted for selection",
        "Research use only",
        "id=\"patients\"",
        "Flow of patients",
        "Patients and events by centre",
        "Patients and events by stratum",
        "id=\"markers\"",
        "<th scope=\"row\">OSMR",
        "2.10 (1.65\xE2\x80\x93",
        "hazards not proportional, p = 0.0041",
        "HR 1 vs 0",
        "Hazard ratios of the top markers",
        "id=\"survival\"",
        "median split, for display",
        "Number at risk",
        "Time (months of 30.4375 days)",
        ">42</text>", /* seven half years */
        "id=\"chance\"",
        "p = 0.0050",
        "Largest |z| under permutation",
        "id=\"clinical\"",
        "<th scope=\"row\">sex=male</th>",
        "aliased",
        "id=\"model\"",
        "No penalised model was given",
        "id=\"methods\"",
        "Efron (1977)",
        "<th scope=\"row\">seed</th><td>1</td>",
        "id=\"features\"",
        "Not in the catalogue, but columns of the input itself",
        "ENSG00000001000, ENSG",
        "id=\"warnings\"",
        "CX007: clin.tsv: 2 times are zero (2 times)",
        "id=\"provenance\"",
        "0123456789abcdef",
        "</html>",
    };
    const fixture f = FIXTURE_DEFAULTS;
    char *page = page_of(&f, NULL);
    const char *at = page;

    (void)state;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const char *found = strstr(at, parts[i]);
        if (found == NULL)
            printf("  missing, or out of order: %s\n", parts[i]);
        CHECK(found != NULL);
        at = found != NULL ? found : at;
    }
    CHECK(strstr(page, "predicts benefit") == NULL);
    CHECK(strstr(page, "<script") == NULL && strstr(page, "http://") != NULL);
    CHECK(count(page, "http://") == count(page, "http://www.w3.org/2000/svg"));
    CHECK(strstr(page, "https://") == NULL && strstr(page, "data/clin") == NULL);
    CHECK(count(page, "<svg") == count(page, "<desc id=") && count(page, "<svg") == 7);
    CHECK(count(page, "<h1") == 1 && headings_in_order(page));
    CHECK(count(page, "<th") == count(page, "<th scope=") + count(page, "<thead"));
    free(page);
    CHECK_DONE();
}

static void no_evidence_is_the_headline(void **state)
{
    static const char verdict[] =
        "No evidence that any candidate is better than chance (permutation p = 0.42)";
    fixture f = FIXTURE_DEFAULTS;
    char *page;

    (void)state;
    f.verdict = verdict;
    page = page_of(&f, NULL);
    CHECK(strstr(page, "class=\"verdict none\"") != NULL);
    CHECK(strstr(page, verdict) != NULL &&
          strstr(page, verdict) < strstr(page, "<h1>"));
    free(page);
    CHECK_DONE();
}

/* Each name stands as title, marker, centre and warning; none may open an element,
 * leave an attribute or reach the page as a control character. */
static void hostile_names_are_escaped(void **state)
{
    static const char *const names[] = {"<script>alert(1)</script>",
                                        "\"><img src=x onerror=alert(1)>",
                                        "' onload='x",
                                        "&amp;<b>",
                                        "a\x1B[2J\x01\nb",
                                        "--><style>*{}</style>",
                                        "]]><![CDATA[",
                                        "\xFF\xFE",
                                        "%s%n%1000d"};
    const fixture plain = FIXTURE_DEFAULTS;
    char *base = page_of(&plain, NULL);

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        fixture f = FIXTURE_DEFAULTS;
        cxs_markup escaped = {0};
        char *page;
        f.name = names[i];
        page = page_of(&f, NULL);
        cxs_put_text(&escaped, names[i]);
        CHECK(escaped.rc == CXS_OK && count(page, escaped.buf.text) >= 5);
        CHECK(count(page, "<") == count(base, "<")); /* not one element more */
        CHECK(strstr(page, "<script") == NULL && strstr(page, "<img") == NULL);
        for (const char *c = page; *c != '\0'; c++)
            if ((unsigned char)*c < 0x20 && *c != '\n')
                CHECK(false);
        cxs_free(escaped.buf.text);
        free(page);
    }
    free(base);
    CHECK_DONE();
}

static void same_store_same_bytes(void **state)
{
    const fixture f = FIXTURE_DEFAULTS;
    cxs_report_settings settings = cxs_report_defaults();
    char *page[2], *figure[2], prefix[2 * TEST_PATH_BYTES];

    (void)state;
    fixture_model(test_path("m"));
    for (int i = 0; i < 2; i++) {
        char folder[2 * TEST_PATH_BYTES], name[32];
        snprintf(name, sizeof name, "figures%d", i);
        settings.figures = lasting_path(name, folder);
        settings.model_prefix = lasting_path("m", prefix);
        page[i] = page_of(&f, &settings);
        snprintf(name, sizeof name, "figures%d/cv.svg", i);
        figure[i] = slurp(test_path(name));
    }
    CHECK(strcmp(page[0], page[1]) == 0);
    CHECK(figure[0] != NULL && figure[1] != NULL && strcmp(figure[0], figure[1]) == 0);
    for (int i = 0; i < 2; i++) {
        free(page[i]);
        free(figure[i]);
    }
    CHECK_DONE();
}

/* 16 markers and the unpenalised age; the choice is read from the run record. */
static void model_files_are_shown(void **state)
{
    static const char *const files[] = {"flow",        "forest", "km-1", "km-4",
                                        "permutation", "path",   "cv"};
    const fixture f = FIXTURE_DEFAULTS;
    cxs_report_settings settings = cxs_report_defaults();
    char folder[2 * TEST_PATH_BYTES], prefix[2 * TEST_PATH_BYTES], *page;

    (void)state;
    fixture_model(test_path("m"));
    settings.figures = lasting_path("figures", folder);
    settings.model_prefix = lasting_path("m", prefix);
    page = page_of(&f, &settings);
    CHECK(strstr(page, "Coefficients of 16 markers along 40 values of the penalty, log "
                       "hazard ratio per standard deviation") != NULL);
    CHECK(strstr(page, "Cross-validated deviance at 40 values") != NULL);
    CHECK(strstr(page, "Best at penalty 0.03556; within one standard error up to "
                       "0.08913.") != NULL);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char name[64], *svg;
        snprintf(name, sizeof name, "figures/%s.svg", files[i]);
        svg = slurp(test_path(name));
        CHECK(svg != NULL && strncmp(svg, "<?xml", 5) == 0 &&
              strstr(svg, "</svg>") != NULL);
        free(svg);
    }
    free(page);
    CHECK_DONE();
}

/* A model file that disagrees with itself, or is absent, is named. */
static void model_faults(void **state)
{
    static const char *const bad[] = {
        "lambda_index\tlambda\tfeature_id\tbeta\n41\t0.1\tf\t1\n",
        "lambda_index\tlambda\tfeature_id\tbeta\n1\t0.1\tf\tNA\n",
        "lambda_index\tlambda\tid\tbeta\n1\t0.1\tf\t1\n",
    };
    const fixture f = FIXTURE_DEFAULTS;
    cxs_report_settings settings = cxs_report_defaults();
    char prefix[2 * TEST_PATH_BYTES];
    cxs_ctx *ctx = new_ctx();

    (void)state;
    CHECK(fixture_write(ctx, test_path("r.cxr"), &f) == CXS_OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        fixture_model(test_path("bad"));
        test_file("bad.coef.tsv", bad[i], strlen(bad[i]));
        settings.model_prefix = lasting_path("bad", prefix);
        CHECK(cxs_report_write(ctx, test_path("r.cxr"), &settings,
                               test_path("bad.html"), NULL) == CXS_EFORMAT);
        CHECK(strstr(cxs_ctx_message(ctx), "bad.coef.tsv") != NULL);
        CHECK(!is_there(test_path("bad.html")));
    }
    settings.model_prefix = lasting_path("nowhere", prefix);
    CHECK(cxs_report_write(ctx, test_path("r.cxr"), &settings, test_path("bad.html"),
                           NULL) == CXS_ENOINPUT);
    CHECK(!is_there(test_path("bad.html")));
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Renji has 7 patients: hidden, and Huashan, the next smallest, with it. */
static void small_cells_are_masked(void **state)
{
    const fixture f = FIXTURE_DEFAULTS;
    cxs_report_settings settings = cxs_report_defaults();
    static const size_t cells[] = {78, 35, 7, 0};
    bool hidden[4];
    char *page;

    (void)state;
    cxs_mask_cells(cells, 4, 11, hidden);
    CHECK(!hidden[0] && hidden[1] && hidden[2] && !hidden[3]);
    cxs_mask_cells(cells, 2, 11, hidden);
    CHECK(!hidden[0] && !hidden[1]);
    page = page_of(&f, &settings);
    CHECK(strstr(page, "Renji</th><td class=\"num\">&lt;11</td><td class=\"num\">&lt;11"
                       "</td>") != NULL);
    CHECK(strstr(page, "Huashan</th><td class=\"num\">\xE2\x89\xA5"
                       "11</td>") != NULL);
    CHECK(strstr(page, ">&lt;11</text>") != NULL); /* numbers at risk and flow */
    CHECK(strstr(page, ">0</text>") != NULL);
    free(page);
    settings.min_cell = 1;
    page = page_of(&f, &settings);
    CHECK(strstr(page, "Renji</th><td class=\"num\">7</td><td class=\"num\">3</td>") !=
          NULL);
    CHECK(strstr(page, "&lt;11") == NULL);
    free(page);
    CHECK_DONE();
}

static void empty_states_are_said(void **state)
{
    static const char *const sentences[] = {"The results store holds no verdict",
                                            "holds no patient flow",
                                            "No centre column was named",
                                            "not stratified",
                                            "No marker was ranked",
                                            "holds no survival curves",
                                            "No permutation check was run",
                                            "No clinical covariate was declared",
                                            "No penalised model was given",
                                            "holds no settings",
                                            "gave no warning"};
    const fixture f = {.markers = 0, .verdict = "", .bare = true};
    char *page = page_of(&f, NULL);

    (void)state;
    for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++)
        CHECK(strstr(page, sentences[i]) != NULL);
    CHECK(strstr(page, "<svg") == NULL);
    free(page);
    CHECK_DONE();
}

/* One row, no curve, no permutation: the page still stands. */
static void one_marker_alone(void **state)
{
    const fixture f = {.markers = 1, .verdict = "Evidence", .bare = true};
    cxs_report_settings settings = cxs_report_defaults();
    char *page;

    (void)state;
    settings.top = 1;
    settings.title = "Cohort <1>";
    page = page_of(&f, &settings);
    CHECK(strstr(page, "<h1>Cohort &lt;1&gt;</h1>") != NULL);
    CHECK(strstr(page, "1 marker was ranked") != NULL);
    CHECK(count(page, "<svg") == 1); /* the forest */
    free(page);
    CHECK_DONE();
}

static cxs_rc report_bytes(const void *bytes, size_t n)
{
    cxs_ctx *ctx = new_ctx();
    cxs_rc rc;

    rc = cxs_report_write(ctx, test_file("d.cxr", bytes, n), NULL, test_path("d.html"),
                          NULL);
    CHECK(!is_there(test_path("d.html")));
    CHECK(strstr(cxs_ctx_message(ctx), "d.cxr") != NULL);
    cxs_ctx_free(ctx);
    return rc;
}

static void damaged_stores_leave_nothing(void **state)
{
    const fixture f = FIXTURE_DEFAULTS;
    cxs_ctx *ctx = new_ctx();
    char *page = page_of(&f, NULL), bytes[400000];
    FILE *file = fopen(test_path("r.cxr"), "rb");
    size_t n;

    (void)state;
    free(page);
    n = file != NULL ? fread(bytes, 1, sizeof bytes, file) : 0;
    CHECK(n > 4096 && n < sizeof bytes);
    if (file != NULL)
        fclose(file);
    CHECK(report_bytes("", 0) != CXS_OK);
    CHECK(report_bytes("rank\tfeature\n", 13) == CXS_EFORMAT);
    CHECK(report_bytes(bytes, n / 2) != CXS_OK);
    bytes[68] ^= 1; /* application id */
    CHECK(report_bytes(bytes, n) == CXS_EFORMAT);
    bytes[68] ^= 1;
    bytes[63] = 2; /* a newer version */
    CHECK(report_bytes(bytes, n) == CXS_EFORMAT);
    bytes[63] = 1;
    memset(bytes + 4096, 0xA5, 4096); /* a page of the tree */
    CHECK(report_bytes(bytes, n) == CXS_EFORMAT);
    CHECK(cxs_report_write(ctx, test_path("absent.cxr"), NULL, test_path("d.html"),
                           NULL) == CXS_ENOINPUT);
    CHECK(cxs_report_write(ctx, test_path("r.cxr"), NULL, test_path("no/such/d.html"),
                           NULL) == CXS_ECREATE);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Let allocation 1, 1 + stride, ... fail: a clean error each time, no file, no leak. */
static void every_allocation_may_fail(void **state)
{
    enum { STRIDE = 7, MOST = 20000 };
    const fixture f = FIXTURE_DEFAULTS;
    cxs_report_settings settings = cxs_report_defaults();
    cxs_ctx *ctx = new_ctx();
    char prefix[2 * TEST_PATH_BYTES];
    cxs_rc rc = CXS_ENOMEM;
    long k, live;

    (void)state;
    fixture_model(test_path("m"));
    CHECK(fixture_write(ctx, test_path("r.cxr"), &f) == CXS_OK);
    settings.model_prefix = lasting_path("m", prefix);
    live = cxs_alloc_live();
    for (k = 1; rc == CXS_ENOMEM && k < MOST; k += STRIDE) {
        cxs_alloc_fail_at(k);
        rc = cxs_report_write(ctx, test_path("r.cxr"), &settings, test_path("o.html"),
                              NULL);
        cxs_alloc_fail_at(0);
        CHECK((rc == CXS_OK) == is_there(test_path("o.html")));
        CHECK(cxs_alloc_live() == live);
    }
    CHECK(rc == CXS_OK && k > 100);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_parts_in_order),
        cmocka_unit_test(no_evidence_is_the_headline),
        cmocka_unit_test(hostile_names_are_escaped),
        cmocka_unit_test(same_store_same_bytes),
        cmocka_unit_test(model_files_are_shown),
        cmocka_unit_test(model_faults),
        cmocka_unit_test(small_cells_are_masked),
        cmocka_unit_test(empty_states_are_said),
        cmocka_unit_test(one_marker_alone),
        cmocka_unit_test(damaged_stores_leave_nothing),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests_name("report", tests, test_folder_make,
                                       test_folder_remove);
}
