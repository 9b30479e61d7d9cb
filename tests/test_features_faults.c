/*
 * test_features_faults.c -- derived matrices: what is refused, tables joined by id,
 * every allocation failing
 */
#include "features/derive.h"

#include "cohort.h"
#include "files.h"
#include "test.h"

typedef struct fault {
    cxs_kind kind;
    cxs_normalise normalise;
    int filter;
    double value; /* of the first cell; the others are 20 and up */
    cxs_rc rc;
    const char *code, *message;
} fault;

static void faults_are_named(void **state)
{
    static const fault cases[] = {
        {CXS_KIND_COUNTS, CXS_NORMALISE_TMM, 0, -1, CXS_EFORMAT, "CX029",
         "in.tsv: feature 'G000', sample 'P000': -1 is not a count"},
        {CXS_KIND_TPM, CXS_NORMALISE_TMM, 0, 1, CXS_EMISMATCH, "CX031",
         "in.tsv: TMM needs raw counts, the matrix holds tpm values"},
        {CXS_KIND_LOG, CXS_NORMALISE_MOR, 0, 1, CXS_EMISMATCH, "CX031",
         "median of ratios needs raw counts"},
        {CXS_KIND_Z, CXS_NORMALISE_TPM, 0, 1, CXS_EARG, "", "matrix holds z values"},
        {CXS_KIND_LOG, CXS_NORMALISE_NONE, 1, 1, CXS_EARG, "", "filter of low counts"},
        {CXS_KIND_COUNTS, CXS_NORMALISE_TPM, 0, 1, CXS_EARG, "", "--lengths"},
        {CXS_KIND_TPM, CXS_NORMALISE_TPM, 0, -2, CXS_EFORMAT, "CX030",
         "-2 is not a TPM value"},
        {CXS_KIND_COUNTS, CXS_NORMALISE_TMM, 1, 1, CXS_EDEGENERATE, "",
         "none of 2 genes passes the filter"},
    };
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        cxs_features_settings s = cxs_features_auto();
        cxs_matrix *m = cohort_matrix(3, 2, 5);
        cxs_features *f = NULL;
        m->kind = cases[c].kind;
        for (size_t k = 0; k < 6; k++)
            m->x[k] = k == 0 ? cases[c].value : k % 3 == 0 ? 0.0 : (double)(k + 1);
        s.normalise = cases[c].normalise;
        s.filter = cases[c].filter;
        s.source = "in.tsv";
        CHECK(cxs_features_derive(ctx, m, NULL, &s, &f) == cases[c].rc);
        CHECK(f == NULL && strcmp(cxs_ctx_code(ctx), cases[c].code) == 0);
        CHECK(strstr(cxs_ctx_message(ctx), cases[c].message) != NULL);
        cxs_matrix_free(m);
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void empty_library_is_named(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = cohort_matrix(3, 2, 5);
    cxs_features *f = NULL;

    (void)state;
    m->kind = CXS_KIND_COUNTS;
    for (size_t k = 0; k < 6; k++)
        m->x[k] = k % 3 == 1 ? 0.0 : 50.0;
    CHECK(cxs_features_derive(ctx, m, NULL, NULL, &f) == CXS_EDEGENERATE);
    CHECK(f == NULL && strcmp(cxs_ctx_code(ctx), "CX028") == 0);
    CHECK(strcmp(cxs_ctx_message(ctx), "sample P001: 0 counts in total, minimum 1") ==
          0);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Fractions under TMM: an error where a study is judged, a warning on a plain table. */
static void fractions_are_no_counts(void **state)
{
    (void)state;
    for (int stops = 0; stops < 2; stops++) {
        cxs_ctx *ctx = cxs_ctx_new();
        cxs_features_settings s = cxs_features_auto();
        cxs_matrix *m = cohort_matrix(3, 4, 5);
        cxs_features *f = NULL;
        m->kind = CXS_KIND_COUNTS;
        for (size_t k = 0; k < 12; k++)
            m->x[k] = 20.25 + (double)(k * k);
        s.plausibility_stops = stops;
        CHECK(cxs_features_derive(ctx, m, NULL, &s, &f) ==
              (stops ? CXS_EMISMATCH : CXS_OK));
        CHECK((f == NULL) == (stops == 1));
        CHECK(strstr(stops ? cxs_ctx_message(ctx) : cxs_ctx_warning(ctx, 0, NULL),
                     "12 of 12 cells are not whole numbers") != NULL);
        cxs_features_free(f);
        cxs_matrix_free(m);
        cxs_ctx_free(ctx);
    }
    CHECK_DONE();
}

/* Cohorts and lengths come from tables; the order of their rows does not matter. */
static void tables_are_joined_by_id(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_features_settings s = cxs_features_auto();
    cxs_matrix *m = cohort_matrix(4, 2, 5);
    cxs_features *a = NULL, *b = NULL, *none = NULL;

    (void)state;
    s.rank_normal = 1;
    s.cohort_column = "group";
    s.clinical =
        test_text("one.tsv", "id\tgroup\nP000\tA\nP001\tB\nP002\tA\nP003\tB\nP9\tC\n");
    CHECK(cxs_features_derive(ctx, m, NULL, &s, &a) == CXS_OK);
    s.clinical =
        test_text("two.tsv", "group\tid\nB\tP003\nB\tP001\nA\tP002\nA\tP000\n");
    s.id = "id";
    CHECK(cxs_features_derive(ctx, m, NULL, &s, &b) == CXS_OK);
    CHECK(memcmp(a->matrix->x, b->matrix->x, 8 * sizeof(double)) == 0);
    s.clinical = test_text("short.tsv", "id\tgroup\nP000\tA\nP002\tB\n");
    CHECK(cxs_features_derive(ctx, m, NULL, &s, &none) == CXS_EMISMATCH);
    CHECK(none == NULL &&
          strstr(cxs_ctx_message(ctx), "no row for 2 of 4: P001, P003") != NULL);
    s.clinical =
        test_text("na.tsv", "id\tgroup\nP000\tA\nP001\tNA\nP002\tB\nP003\tB\n");
    CHECK(cxs_features_derive(ctx, m, NULL, &s, &none) == CXS_EMISMATCH);
    CHECK(strstr(cxs_ctx_message(ctx), "na.tsv:3:group: sample P001 has no cohort"));
    s.clinical = test_text("twice.tsv", "id\tgroup\nP000\tA\nP000\tB\n");
    CHECK(cxs_features_derive(ctx, m, NULL, &s, &none) == CXS_EFORMAT);
    CHECK(strstr(cxs_ctx_message(ctx), "twice.tsv:3:id: 'P000' was already given"));
    cxs_features_free(a);
    cxs_features_free(b);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void lengths_are_checked(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_features_settings s = cxs_features_auto();
    cxs_matrix *m = cohort_matrix(2, 2, 5);
    cxs_features *f = NULL;

    (void)state;
    m->kind = CXS_KIND_COUNTS;
    for (size_t k = 0; k < 4; k++)
        m->x[k] = 30.0 + (double)(k * k);
    s.normalise = CXS_NORMALISE_TPM;
    s.filter = 0;
    s.lengths = test_text("zero.tsv", "id\tlength\nG000\t10\nG001\t0\n");
    CHECK(cxs_features_derive(ctx, m, NULL, &s, &f) == CXS_EFORMAT);
    CHECK(strstr(cxs_ctx_message(ctx), "zero.tsv:3:length: '0' is not a length > 0"));
    s.lengths = test_text("one.tsv", "id\tlength\nG000\t10\n");
    CHECK(cxs_features_derive(ctx, m, NULL, &s, &f) == CXS_EMISMATCH);
    CHECK(strstr(cxs_ctx_message(ctx), "no length for 1 of 2: G001"));
    s.lengths = test_path("absent.tsv");
    CHECK(cxs_features_derive(ctx, m, NULL, &s, &f) == CXS_ENOINPUT && f == NULL);
    s.lengths = test_text("which.tsv", "id\tsize\tbp\nG001\t20\t1\n");
    CHECK(cxs_features_derive(ctx, m, NULL, &s, &f) == CXS_EFORMAT && f == NULL);
    s.lengths = test_text("good.tsv", "gene\tbp\nG001\t20\nG000\t10\n");
    CHECK(cxs_features_derive(ctx, m, NULL, &s, &f) == CXS_OK);
    CHECK_NEAR(cxs_features_matrix(f)->x[0], /* rates 3 and 1.7 of sample P000 */
               log2(3.0 / 4.7 * 1e6 + 1.0), TOL_SUM);
    cxs_features_free(f);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void every_allocation_may_fail(void **state)
{
    static const cxs_normalise all[] = {CXS_NORMALISE_TMM, CXS_NORMALISE_MOR,
                                        CXS_NORMALISE_TPM};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = cohort_matrix(3, 6, 5);
    cxs_features_settings s = cxs_features_auto();
    cxs_features *first = NULL;
    long live;

    (void)state;
    m->kind = CXS_KIND_COUNTS;
    for (size_t k = 0; k < 18; k++)
        m->x[k] = 30.0 + (double)(k * k % 7);
    s.rank_normal = 1;
    s.cohort_column = "group";
    s.clinical = test_text("c.tsv", "id\tgroup\nP000\tA\nP001\tB\nP002\tA\n");
    s.lengths = test_text("l.tsv", "id\tlength\nG000\t1\nG001\t2\nG002\t3\nG003\t4\n"
                                   "G004\t5\nG005\t6\n");
    CHECK(cxs_features_derive(ctx, m, NULL, &s, &first) == CXS_OK);
    cxs_features_free(
        first); /* the context now keeps the warning, whose copy may fail */
    live = cxs_alloc_live();
    for (size_t c = 0; c < 3; c++) {
        cxs_rc rc = CXS_ENOMEM;
        long k;
        s.normalise = all[c];
        for (k = 1; rc == CXS_ENOMEM && k < 500; k++) {
            cxs_features *f = NULL;
            cxs_alloc_fail_at(k);
            rc = cxs_features_derive(ctx, m, NULL, &s, &f);
            cxs_alloc_fail_at(0);
            CHECK((rc == CXS_OK) == (f != NULL));
            cxs_features_free(f);
            CHECK(cxs_alloc_live() == live);
        }
        CHECK(rc == CXS_OK && k > 20);
    }
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_are_named),
        cmocka_unit_test(empty_library_is_named),
        cmocka_unit_test(fractions_are_no_counts),
        cmocka_unit_test(tables_are_joined_by_id),
        cmocka_unit_test(lengths_are_checked),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests_name("features faults", tests, test_folder_make,
                                       test_folder_remove);
}
