/*
 * test_report_features.c -- the page says what each marker is, in the catalogue's words
 */
#include "test.h"

#include "files.h"
#include "fixture_results.h"

#include "coxswain/catalogue.h"
#include "coxswain/report.h"
#include "report/markup.h"

static char *page_of(size_t markers)
{
    cxs_ctx *ctx = cxs_ctx_new();
    fixture f = FIXTURE_DEFAULTS;
    char *page;

    f.families = true;
    f.markers = markers;
    CHECK(fixture_write(ctx, test_path("r.cxr"), &f) == CXS_OK);
    CHECK(cxs_report_write(ctx, test_path("r.cxr"), NULL, test_path("r.html"), NULL) ==
          CXS_OK);
    page = test_read(test_path("r.html"), NULL);
    cxs_ctx_free(ctx);
    if (page == NULL)
        abort();
    return page;
}

/* The text of a cell stands in the page, escaped as the page does it. */
static int says(const char *page, const char *open, const char *text, const char *close)
{
    cxs_markup m = {0};
    int found;

    cxs_put_in(&m, open, text, close);
    found = m.rc == CXS_OK && strstr(page, m.buf.text) != NULL;
    if (!found)
        printf("  not there: %s\n", m.buf.text);
    cxs_free(m.buf.text);
    return found;
}

static void words_of_the_catalogue(void **state)
{
    static const char *const shown[] = {"rna.sig.GEP18", "cn.arm.7p", "var.gene.EGFR",
                                        "frag.mds"};
    char *page = page_of(30);
    char *appendix = strstr(page, "<section id=\"features\">");

    (void)state;
    CHECK(appendix != NULL);
    if (appendix == NULL)
        fail();
    for (size_t k = 0; k < sizeof shown / sizeof *shown; k++) {
        const cxs_family *f = cxs_catalogue_find(shown[k]);
        const char *unit = strcmp(f->unit, "none") != 0 ? f->unit : f->type;
        CHECK(says(page, "<span class=\"soft\">", f->what, "</span>"));
        CHECK(says(appendix, "</th><td>", f->what, "<span"));
        CHECK(says(appendix, "<span class=\"soft\">", f->formula, "</span>"));
        CHECK(says(appendix, "<td>", unit, "<span class=\"soft\">HR "));
        CHECK(says(appendix, "Transform: ", f->transform, "</span></td>"));
        CHECK(says(appendix, "</span></td><td>", f->source, "</td></tr>"));
        if (strcmp(f->pattern, shown[k]) != 0)
            CHECK(
                says(appendix, "<span class=\"soft\">family ", f->pattern, "</span>"));
    }
    /* a family is one row, its members by rank; one of them is 0/1 */
    CHECK(strstr(appendix, "<th scope=\"row\">var.gene.EGFR, var.gene.TP53<span") !=
          NULL);
    CHECK(strstr(appendix, "HR 1 vs 0 where 0/1, else per SD</span>") != NULL);
    CHECK(strstr(appendix, "HR per SD</span>") != NULL);
    /* what no family names is the input's own */
    CHECK(strstr(appendix, "that they have there: cn.nosuch, ENSG") != NULL);
    CHECK(strstr(appendix, "and 13 more.</p>") != NULL); /* 25 columns, 12 are named */
    free(page);
    CHECK_DONE();
}

static void a_page_without_markers(void **state)
{
    char *page = page_of(0);

    (void)state;
    CHECK(strstr(page, "<h2>What the features are</h2>\n<p>No marker is shown.</p>"));
    CHECK(strstr(page, "<a href=\"#features\">Features</a>") != NULL);
    free(page);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_of_the_catalogue),
        cmocka_unit_test(a_page_without_markers),
    };

    return cmocka_run_group_tests_name("report_features", tests, test_folder_make,
                                       test_folder_remove);
}
