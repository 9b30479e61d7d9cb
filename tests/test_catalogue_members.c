/*
 * test_catalogue_members.c -- members of feature families: what the reference tables say
 * of them, those that do not exist, and the table for readers
 */
#include "features/catalogue.h"

#include "files.h"
#include "test.h"
#include "tmp.h"

#include "base/base.h"

static void facts_of_the_tables(void **state)
{
    static const char *const cases[][2] = {
        {"rna.sig.CYT", "2 genes: GZMA PRF1"},
        {"rna.sig.DANAHER_TREG", "1 genes: FOXP3"},
        {"cn.arm.7p", "hg19 0-58000000; hg38 0-58100000"},
        {"cn.event.GAIN7_LOSS10", "7p+7q"},
        {"cn.focal.EGFR.amp", "EGFR (ENSG00000146648): chromosome 7, hg38 55019017-"},
        {"var.gene.TP53.hot", "TP53 (ENSG00000141510): chromosome 17"},
        {"var.hot.IDH1_R132", "R132H 2:208248388 C>T (hg19 209113112)"},
        {"var.hot.TERT_C228T", "5:1295113"},
        {"var.pathway.idh", "2 genes: IDH1 IDH2"},
        {"var.gene.NOSUCH", "NOSUCH is in no reference table"},
        {"var.tmb", ""},
        {"cn.arm.*", ""},
        {"tcr.shannon.change", ""},
        {"frag.tss.mine.ndr", ""},
        {"var.sbs.SBS11.share", ""},
    };
    cxs_ctx *ctx = tmp_ctx();
    char fact[CXS_FACT_BYTES];

    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const cxs_rc rc = cxs_catalogue_fact(ctx, cases[k][0], "refdata", fact);
        const int good =
            rc == CXS_OK &&
            (*cases[k][1] == '\0' ? *fact == '\0' : strstr(fact, cases[k][1]) != NULL);
        CHECK(good);
        if (!good)
            printf("  %s: %s\n", cases[k][0],
                   rc == CXS_OK ? fact : cxs_ctx_message(ctx));
    }
    /* R13 of another gene is no R132, and the R132 of IDH1 is none of IDH2 */
    CHECK(cxs_catalogue_fact(ctx, "var.hot.IDH1_R132", "refdata", fact) == CXS_OK);
    CHECK(strstr(fact, "R172") == NULL);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void what_does_not_exist_is_refused(void **state)
{
    static const char *const cases[][2] = {
        {"rna.sig.NOSUCH", "nearest are rna.sig."},
        {"rna.sig.GEP81", "nearest are rna.sig.GEP18,"},
        {"rna.sig.NEFTEL_XX", "rna.sig.NEFTEL_AC"},
        {"cn.arm.99q", "nearest are cn.arm.9q,"},
        {"cn.arm.13p", "cn.arm.1p"}, /* not in use: it has no unique sequence */
        {"cn.event.CODEL_1P19P", "nearest are cn.event.CODEL_1P19Q,"},
        {"cn.focal.EGFR.homdel", "cn.focal."},
        {"var.hot.IDH1_R133", "nearest are var.hot.IDH1_R132,"},
        {"var.alt.NOSUCH", "var.alt."},
        {"var.pathway.rtx", "nearest are var.pathway.rtk,"},
        {"var.vaf.mode", "var.vaf."},
        {"var.sbs.SBS12.share", "nearest are var.sbs.SBS11.share,"},
        {"frag.share.20_151", "nearest are frag.share.20_150,"},
        {"tcr.nosuch.change", "tcr.*.change"},
    };
    cxs_ctx *ctx = tmp_ctx();
    char fact[CXS_FACT_BYTES];

    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const cxs_rc rc = cxs_catalogue_fact(ctx, cases[k][0], "refdata", fact);
        const int good =
            rc == CXS_EARG && strstr(cxs_ctx_message(ctx), cases[k][1]) != NULL;
        CHECK(good && *fact == '\0');
        if (!good)
            printf("  %s: %s\n", cases[k][0],
                   rc == CXS_OK ? fact : cxs_ctx_message(ctx));
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void every_allocation_may_fail(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    const long live = cxs_alloc_live();
    char fact[CXS_FACT_BYTES];
    cxs_rc rc = CXS_ENOMEM;
    long k = 1;

    (void)state;
    for (; rc == CXS_ENOMEM && k < 100000; k += 1 + k / 16) {
        cxs_alloc_fail_at(k);
        rc = cxs_catalogue_fact(ctx, "cn.arm.7p", "refdata", fact);
        cxs_alloc_fail_at(0);
        CHECK((rc == CXS_OK) == (*fact != '\0'));
    }
    CHECK(rc == CXS_OK && k > 100);
    CHECK(cxs_alloc_live() <= live + 8); /* the message and its like stay */
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* The committed text is what the table gives. */
static void the_text_for_readers_is_the_table(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    char *made, *kept;

    (void)state;
    CHECK(cxs_catalogue_write_markdown(ctx, test_path("made.md")) == CXS_OK);
    made = test_read(test_path("made.md"), NULL);
    kept = test_read("src/features/CATALOGUE.md", NULL);
    CHECK(made != NULL && kept != NULL && strcmp(made, kept) == 0);
    if (kept == NULL || made == NULL || strcmp(made, kept) != 0)
        printf("  src/features/CATALOGUE.md is not the table: make catalogue\n");
    for (size_t k = 0; made != NULL && k < cxs_catalogue_count(); k++) {
        char cell[128];
        snprintf(cell, sizeof cell, "\n| `%s`", cxs_catalogue_at(k)->pattern);
        CHECK(strstr(made, cell) != NULL);
    }
    CHECK(made != NULL && strstr(made, "| sum \\|log2\\| length / total length |"));
    free(kept);
    free(made);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(facts_of_the_tables),
        cmocka_unit_test(what_does_not_exist_is_refused),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(the_text_for_readers_is_the_table),
    };

    return cmocka_run_group_tests_name("catalogue_members", tests, test_folder_make,
                                       test_folder_remove);
}
