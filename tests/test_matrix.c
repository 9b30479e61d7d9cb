/*
 * test_matrix.c -- expression matrices from TSV and CSV: layouts, order, messages
 */
#include "test.h"
#include "tmp.h"

#include "base/base.h"
#include "coxswain/ingest.h"

#include <string.h>

static cxs_rc read_text(cxs_ctx *ctx, const char *text,
                        const cxs_matrix_settings *settings, cxs_matrix **out)
{
    char path[512];
    cxs_rc rc;

    tmp_write(path, sizeof path, "expr.tsv", text, strlen(text));
    rc = cxs_matrix_read(ctx, path, settings, out);
    tmp_remove("expr.tsv");
    return rc;
}

static bool names_are(const char *const *names, size_t count, const char *const *want)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], want[i]) != 0)
            return false;
    return true;
}

/* Every layout below says the same: S1 has a = 1, b = 2, c missing; S2 3, 4.5, -6. */
static void check_same(const cxs_matrix *m)
{
    const char *const sample[] = {"S1", "S2"}, *const feature[] = {"a", "b", "c"};
    const double want[] = {1, 3, 2, 4.5, (double)NAN, -6};

    CHECK(m != NULL);
    if (m == NULL)
        return;
    CHECK(cxs_matrix_n(m) == 2 && cxs_matrix_p(m) == 3);
    if (cxs_matrix_n(m) != 2 || cxs_matrix_p(m) != 3)
        return;
    CHECK(names_are(cxs_matrix_sample(m), 2, sample));
    CHECK(names_are(cxs_matrix_feature(m), 3, feature));
    for (size_t i = 0; i < 6; i++) {
        if (isnan(want[i]))
            CHECK(isnan(cxs_matrix_x(m)[i]));
        else
            CHECK_NEAR(cxs_matrix_x(m)[i], want[i], TOL_EXACT);
    }
}

static void layouts_of_well_known_files(void **state)
{
    static const struct {
        const char *text;
        int samples_in_rows;
    } cases[] = {
        {"feature\tS1\tS2\na\t1\t3\nb\t2\t4.5\nc\tNA\t-6\n", 0},
        {"feature\tS1\tS2\r\na\t1\t3\r\nb\t2\t4.5\r\nc\tNA\t-6\r\n", 0},
        /* any order of rows and columns */
        {"feature\tS2\tS1\nc\t-6\t\na\t3\t1\nb\t4.5\t2\n", 0},
        /* R: write.table() leaves the corner out and quotes names */
        {"\"S1\"\t\"S2\"\n\"a\"\t1\t3\n\"b\"\t2\t4.5\n\"c\"\tNA\t-6\n", 0},
        {"feature,S1,S2\na,1,3\nb,2,4.5\n\"c\",,-6\n", 0},
        {"# a comment\nfeature\tS1\tS2\na\t1\t3\nb\t2\t4.5\nc\t.\t-6\n\n", 0},
        /* cBioPortal */
        {"Hugo_Symbol\tEntrez_Gene_Id\tS1\tS2\na\t7\t1\t3\nb\t8\t2\t4.5\nc\t\tNA\t-6\n",
         0},
        /* GCT */
        {"#1.2\n3\t2\nName\tDescription\tS1\tS2\na\tx\t1\t3\nb\ty\t2\t4.5\nc\tz\tNA\t-6"
         "\n",
         0},
        {"sample\ta\tb\tc\nS1\t1\t2\tNA\nS2\t3\t4.5\t-6\n", 1},
        {"sample\tc\ta\tb\nS2\t-6\t3\t4.5\nS1\tNA\t1\t2", 1},
        {"a\tb\tc\nS1\t1\t2\tNA\nS2\t3\t4.5\t-6\n", 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cxs_matrix_settings s = cxs_matrix_defaults();
        cxs_ctx *ctx = tmp_ctx();
        cxs_matrix *m = NULL;
        s.samples_in_rows = cases[i].samples_in_rows;
        CHECK(read_text(ctx, cases[i].text, &s, &m) == CXS_OK);
        if (m == NULL)
            printf("  case %zu: %s\n", i, cxs_ctx_message(ctx));
        check_same(m);
        cxs_matrix_free(m);
        cxs_ctx_free(ctx);
    }
    CHECK_DONE();
}

static void display_names_and_labels(void **state)
{
    const char *const want[] = {"TP53", "ENSG2", "EGFR"};
    cxs_matrix_settings s = cxs_matrix_defaults();
    cxs_ctx *ctx = tmp_ctx();
    cxs_matrix *m = NULL;

    (void)state;
    CHECK(s.kind == CXS_KIND_OTHER && strcmp(s.layer, "rna") == 0);
    s.kind = CXS_KIND_COUNTS;
    s.layer = "mirna";
    CHECK(read_text(ctx,
                    "gene_id\tgene_name\tS1\nENSG3\tEGFR\t3\nENSG1\tTP53\t1\n"
                    "ENSG2\tNA\t2\n",
                    &s, &m) == CXS_OK);
    if (m != NULL) {
        CHECK(names_are(cxs_matrix_feature_name(m), 3, want));
        CHECK(strcmp(cxs_matrix_feature(m)[0], "ENSG1") == 0);
        CHECK_NEAR(cxs_matrix_x(m)[0], 1.0, TOL_EXACT);
        CHECK(cxs_matrix_kind(m) == CXS_KIND_COUNTS);
        CHECK(strcmp(cxs_matrix_layer(m), "mirna") == 0);
    }
    CHECK(m != NULL && cxs_ctx_warning_count(ctx) == 0);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void user_tokens_are_missing(void **state)
{
    cxs_matrix_settings s = cxs_matrix_defaults();
    cxs_ctx *ctx = tmp_ctx();
    cxs_matrix *m = NULL;

    (void)state;
    s.na = "-999,?";
    CHECK(read_text(ctx, "f\tS1\tS2\na\t-999\t?\n", &s, &m) == CXS_OK);
    CHECK(m != NULL && isnan(cxs_matrix_x(m)[0]) && isnan(cxs_matrix_x(m)[1]));
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* More rows than the room at first, in both directions: value = 1000 i + j. */
static void many_rows_grow_in_place(void **state)
{
    enum { ROWS = 300, COLUMNS = 7 };
    static char text[ROWS * COLUMNS * 16];

    (void)state;
    for (int across = 0; across < 2; across++) {
        cxs_matrix_settings s = cxs_matrix_defaults();
        cxs_ctx *ctx = tmp_ctx();
        cxs_matrix *m = NULL;
        size_t used = 0;
        s.samples_in_rows = across;
        for (int j = -1; j < COLUMNS; j++)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%d",
                                     j < 0 ? "n" : "\tC", j);
        for (int i = 0; i < ROWS; i++) {
            used += (size_t)snprintf(text + used, sizeof text - used, "\nR%03d", i);
            for (int j = 0; j < COLUMNS; j++)
                used += (size_t)snprintf(text + used, sizeof text - used, "\t%d",
                                         1000 * i + j);
        }
        CHECK(read_text(ctx, text, &s, &m) == CXS_OK);
        CHECK(m != NULL && cxs_matrix_n(m) == (across ? ROWS : COLUMNS));
        for (size_t i = 0; m != NULL && i < ROWS; i++)
            for (size_t j = 0; j < COLUMNS; j++)
                CHECK_NEAR(cxs_matrix_x(m)[across ? j * ROWS + i : i * COLUMNS + j],
                           1000.0 * (double)i + (double)j, TOL_EXACT);
        cxs_matrix_free(m);
        cxs_ctx_free(ctx);
    }
    CHECK_DONE();
}

/* ---- messages: the wording of the catalogue -------------------------------------- */

static void faults_have_their_words(void **state)
{
    static const struct {
        const char *text;
        int samples_in_rows;
        const char *code, *message;
    } cases[] = {
        {"f\tS1\tS2\tS1\na\t1\t2\t3\n", 0, "CX001",
         "expr.tsv:1:column 4: \"S1\" was already given at column 2"},
        {"s\ta\nS1\t1\nS2\t1\nS1\t2\n", 1, "CX001",
         "expr.tsv:4: \"S1\" was already given at line 2"},
        {"f\tS-1\ts_1\na\t1\t2\n", 0, "CX005",
         "differ only by case, blanks or punctuation"},
        {"f\tS1\na\t1,5\n", 0, "CX016", "expr.tsv:2:S1: \"1,5\" is not a number"},
        {"f\tS1\na\tinf\n", 0, "CX016", "expr.tsv:2:S1: \"inf\" is not a number"},
        {"s\tTP53\nS1\t0x1\n", 1, "CX016", "expr.tsv:2:TP53: \"0x1\" is not a number"},
        {"f\tS1\tS2\na\t1\t2\nb\t1\n", 0, "CX019",
         "expr.tsv:3: 2 fields, the header has 3"},
        {"f\tS1\tS2\na\t1\n", 0, "CX019", "expr.tsv:2: 2 fields, the header has 3"},
        {"f\tS1\na\t1\n\nb\t1\n", 0, "CX019", "expr.tsv:3: 0 fields, the header has 2"},
        {"f\tS1\n", 0, "CX019", "expr.tsv: no row below the header"},
        {"", 0, "CX020", "expr.tsv:1: no header line"},
        {"f\nTP53\n", 0, "CX020", "expr.tsv:1: no column beside the ids"},
        {"f\tS1\t\na\t1\t2\n", 0, "CX020", "expr.tsv:1: column 3 has no name"},
        {"f\tS1\n\t1\n", 0, "CX020", "expr.tsv:2: the row has no id"},
        {"f\tS1\n\xff\t1\n", 0, "CX021", "not UTF-8"},
        {"PK\003\004junk", 0, "CX022",
         "expr.tsv: this is an Excel workbook; save it as tab-separated text"},
        {"f\tS1\na\t1\nb\t2\na\t3\n", 0, "CX025",
         "expr.tsv:4: gene \"a\" repeats line 2"},
        {"s\ta\tb\ta\nS1\t1\t2\t3\n", 1, "CX025",
         "expr.tsv:1: gene \"a\" repeats column 2"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cxs_matrix_settings s = cxs_matrix_defaults();
        cxs_ctx *ctx = tmp_ctx();
        cxs_matrix *m = NULL;
        cxs_rc rc;
        bool as_said;
        s.samples_in_rows = cases[i].samples_in_rows;
        rc = read_text(ctx, cases[i].text, &s, &m);
        as_said = rc == CXS_EFORMAT && m == NULL &&
                  strcmp(cxs_ctx_code(ctx), cases[i].code) == 0 &&
                  strstr(cxs_ctx_message(ctx), cases[i].message) != NULL;
        if (!as_said)
            printf("  case %zu: %d [%s] %s\n", i, (int)rc, cxs_ctx_code(ctx),
                   cxs_ctx_message(ctx));
        CHECK(as_said);
        cxs_matrix_free(m);
        cxs_ctx_free(ctx);
    }
    CHECK_DONE();
}

/* Ten cells and the total. */
static void many_bad_cells_are_counted(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    cxs_matrix *m = NULL;
    char text[1024] = "f\tS1\tS2\n";
    size_t lines = 1;

    (void)state;
    for (size_t i = 0; i < 20; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "g%zu\tx\ty\n", i);
    CHECK(read_text(ctx, text, NULL, &m) == CXS_EFORMAT && m == NULL);
    for (const char *c = cxs_ctx_message(ctx); *c != '\0'; c++)
        lines += *c == '\n';
    CHECK(lines == 11);
    CHECK(strstr(cxs_ctx_message(ctx), "40 such faults in total") != NULL);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* CX029: told on a plain table, refused in a study. */
static void counts_are_whole(void **state)
{
    const char *text = "f\tS1\tS2\na\t1.5\t-200\nb\t0\t100\n";
    cxs_matrix_settings s = cxs_matrix_defaults();
    cxs_ctx *ctx = tmp_ctx();
    cxs_matrix *m = NULL;

    (void)state;
    s.kind = CXS_KIND_COUNTS;
    CHECK(read_text(ctx, text, &s, &m) == CXS_OK && m != NULL);
    CHECK(strstr(tmp_log, "CX029: ") != NULL);
    CHECK(strstr(tmp_log, "expr.tsv: not raw counts: 1 non-integer cells") != NULL);
    cxs_matrix_free(m);
    s.plausibility_stops = 1;
    CHECK(read_text(ctx, text, &s, &m) == CXS_EFORMAT && m == NULL);
    CHECK(strcmp(cxs_ctx_code(ctx), "CX029") == 0);
    CHECK(strstr(cxs_ctx_message(ctx),
                 "expr.tsv: not raw counts: 1 non-integer cells, maximum 100") != NULL);
    /* whole numbers of a log scale */
    CHECK(read_text(ctx, "f\tS1\na\t7\n", &s, &m) == CXS_EFORMAT && m == NULL);
    CHECK(read_text(ctx, "f\tS1\na\t70\n", &s, &m) == CXS_OK && m != NULL);
    cxs_matrix_free(m);
    s.kind = CXS_KIND_LOG;
    CHECK(read_text(ctx, text, &s, &m) == CXS_OK && m != NULL);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static const char dates_table[] = "# spreadsheet dates\n"
                                  "mangled\told_symbol\tcurrent_symbol\tstatus\n"
                                  "2-Sep\tSEPT2\tSEPTIN2\tunique\n"
                                  "1-Mar\tMARC1|MARCH1\tMTARC1|MARCHF1\tambiguous\n";

/* CX023: unique dates can be repaired when asked, ambiguous ones never. */
static void gene_dates(void **state)
{
    cxs_matrix_settings s = cxs_matrix_defaults();
    cxs_ctx *ctx = tmp_ctx();
    cxs_matrix *m = NULL;
    char path[512];

    (void)state;
    tmp_write(path, sizeof path, "excel_gene_dates.tsv", dates_table,
              strlen(dates_table));
    s.refdata = tmp_make();
    CHECK(read_text(ctx, "f\tS1\nTP53\t1\n2-sep\t1\nmiR-21\t2\n", &s, &m) ==
          CXS_EFORMAT);
    CHECK(strcmp(cxs_ctx_code(ctx), "CX023") == 0);
    CHECK(strstr(cxs_ctx_message(ctx),
                 "expr.tsv:3: gene \"2-sep\" is a spreadsheet date (SEPTIN2)") != NULL);
    s.repair_gene_dates = 1;
    CHECK(read_text(ctx, "f\tS1\nTP53\t1\n2-Sep\t4\n", &s, &m) == CXS_OK);
    CHECK(m != NULL && strcmp(cxs_matrix_feature(m)[0], "SEPTIN2") == 0);
    CHECK(m != NULL && cxs_matrix_x(m)[0] == 4.0);
    CHECK(strstr(tmp_log, "1 gene names were spreadsheet dates") != NULL);
    cxs_matrix_free(m);
    CHECK(read_text(ctx, "f\tS1\n1-Mar\t1\n2-Sep\t4\n", &s, &m) == CXS_EFORMAT);
    CHECK(strstr(cxs_ctx_message(ctx), "(MTARC1 or MARCHF1)") != NULL);
    /* the repaired name is already there */
    CHECK(read_text(ctx, "f\tS1\nSEPTIN2\t1\n2-Sep\t4\n", &s, &m) == CXS_EFORMAT);
    CHECK(strcmp(cxs_ctx_code(ctx), "CX025") == 0);
    tmp_remove("excel_gene_dates.tsv");
    CHECK(read_text(ctx, "f\tS1\n2-Sep\t4\n", &s, &m) == CXS_OK && m != NULL);
    CHECK(strstr(tmp_log, "were not checked; say --refdata FOLDER") != NULL);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void masked_samples_stay_hidden(void **state)
{
    static const char *const text[] = {"f\tCANARY\tCANARY\na\t1\t2\n",
                                       "f\tCANARY\na\tx\n",
                                       "f\tCANARY\tcanary\na\t1\t2\n"};
    cxs_ctx *ctx = tmp_ctx();

    (void)state;
    cxs_ctx_set_mask_ids(ctx, 1);
    for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
        cxs_matrix *m = NULL;
        CHECK(read_text(ctx, text[i], NULL, &m) == CXS_EFORMAT && m == NULL);
        CHECK(strstr(cxs_ctx_message(ctx), "CANARY") == NULL);
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void other_inputs(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    cxs_matrix *m = NULL;
    char path[512];

    (void)state;
    CHECK(cxs_matrix_read(ctx, "/nonexistent/x.tsv", NULL, &m) == CXS_ENOINPUT);
    CHECK(m == NULL);
    /* the magic bytes of a .cxf file alone are a damaged .cxf file, not a table */
    tmp_write(path, sizeof path, "x.cxf", "CXF1", 4);
    CHECK(cxs_matrix_read(ctx, path, NULL, &m) != CXS_OK && m == NULL);
    CHECK(strcmp(cxs_ctx_code(ctx), "CX020") != 0);
    tmp_remove("x.cxf");
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void refdata_folder_is_found(void **state)
{
    (void)state;
    CHECK(strcmp(cxs_refdata_folder("given"), "given") == 0);
    setenv("COXSWAIN_REFDATA", "from/environment", 1);
    CHECK(strcmp(cxs_refdata_folder(NULL), "from/environment") == 0);
    CHECK(strcmp(cxs_refdata_folder("given"), "given") == 0);
    unsetenv("COXSWAIN_REFDATA");
    CHECK_DONE();
}

static void every_allocation_may_fail(void **state)
{
    cxs_matrix_settings s = cxs_matrix_defaults();
    cxs_ctx *ctx = cxs_ctx_new();
    const long live = cxs_alloc_live();
    char path[512];

    (void)state;
    tmp_write(path, sizeof path, "excel_gene_dates.tsv", dates_table,
              strlen(dates_table));
    s.refdata = tmp_make();
    s.repair_gene_dates = 1;
    s.na = "?";
    for (int across = 0; across < 2; across++) {
        const char *text = across
                               ? "s\tb\t2-Sep\nS2\t1\t2\nS1\t3\t?\n"
                               : "f\tgene_name\tS2\tS1\nb\tB\t1\t3\n2-Sep\tNA\t2\t?\n";
        cxs_rc rc = CXS_ENOMEM;
        long k;
        s.samples_in_rows = across;
        for (k = 1; rc == CXS_ENOMEM && k < 1000; k++) {
            cxs_matrix *m = NULL;
            cxs_alloc_fail_at(k);
            rc = read_text(ctx, text, &s, &m);
            cxs_alloc_fail_at(0);
            CHECK((rc == CXS_OK) == (m != NULL));
            if (m != NULL)
                CHECK(cxs_matrix_x(m)[3] == 1.0 &&
                      strcmp(cxs_matrix_feature(m)[0], "SEPTIN2") == 0);
            cxs_matrix_free(m);
            if (rc != CXS_OK)
                CHECK(cxs_alloc_live() == live);
        }
        CHECK(rc == CXS_OK && k > 20);
    }
    tmp_remove("excel_gene_dates.tsv");
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static int remove_folder(void **state)
{
    (void)state;
    tmp_close();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layouts_of_well_known_files),
        cmocka_unit_test(display_names_and_labels),
        cmocka_unit_test(user_tokens_are_missing),
        cmocka_unit_test(many_rows_grow_in_place),
        cmocka_unit_test(faults_have_their_words),
        cmocka_unit_test(many_bad_cells_are_counted),
        cmocka_unit_test(counts_are_whole),
        cmocka_unit_test(gene_dates),
        cmocka_unit_test(masked_samples_stay_hidden),
        cmocka_unit_test(other_inputs),
        cmocka_unit_test(refdata_folder_is_found),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("matrix", tests, NULL, remove_folder);
}
