/*
 * test_frozen_file.c -- the file of a reference: same bytes, no ids, and nothing that
 * was altered, cut, of a newer version or of other tables is believed
 */
#include "scores_case.h"

#include "base/digest.h"

/* Path in the test's folder that stays valid: test_path() lends four at once. */
static const char *fixed(const char *name)
{
    static char path[8][2 * TEST_PATH_BYTES]; /* one for each first letter */
    char *p = path[name[0] - 'a'];

    snprintf(p, sizeof path[0], "%s/%s", test_folder, name);
    return p;
}

static const char GMT[] = "UP\tx\tG00003\tG00004\tG00009\n";

/* Six samples of forty genes with a gene set, and their reference in ref.txt. */
static cxs_features *train(cxs_ctx *ctx, cxs_matrix **matrix, const char *path)
{
    cxs_matrix *m = case_matrix(6, 40, NULL, CXS_KIND_COUNTS);
    cxs_features_settings s = cxs_features_auto();
    cxs_features *f;

    case_counts(m, 50.0);
    s.freeze = 1;
    s.refdata = case_refdata();
    s.signatures = 1;
    s.gmt = test_text("g.gmt", GMT);
    f = case_derive(ctx, m, &s);
    if (cxs_features_write_reference(ctx, f, path, NULL) != CXS_OK) {
        fprintf(stderr, "%s\n", cxs_ctx_message(ctx));
        abort();
    }
    *matrix = m;
    return f;
}

/* Score by the file; the message of a failure must hold `want`. */
static void refused(cxs_ctx *ctx, const cxs_matrix *m, const char *path, cxs_rc want_rc,
                    const char *want)
{
    cxs_features_settings s = cxs_features_auto();
    cxs_features *f = NULL;
    cxs_rc rc;

    s.reference = path;
    s.refdata = test_folder;
    rc = cxs_features_derive(ctx, m, NULL, &s, &f);
    CHECK(rc == want_rc && f == NULL);
    CHECK(strstr(cxs_ctx_message(ctx), want) != NULL);
    CHECK(strchr(cxs_ctx_message(ctx), '\n') == NULL);
    if (rc != want_rc || strstr(cxs_ctx_message(ctx), want) == NULL)
        printf("  %d %s\n", (int)rc, cxs_ctx_message(ctx));
    cxs_features_free(f);
}

static void the_bytes_are_the_same(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m, *again;
    cxs_features *f, *g;
    char *a, *b;
    cxs_frozen *z = NULL;

    (void)state;
    f = train(ctx, &m, fixed("a.txt"));
    cxs_ctx_set_threads(ctx, 3);
    g = train(ctx, &again, fixed("b.txt"));
    a = test_read(fixed("a.txt"), NULL);
    b = test_read(fixed("b.txt"), NULL);
    CHECK(a != NULL && b != NULL && strcmp(a, b) == 0);
    CHECK(strstr(a, "S00") == NULL && strstr(a, test_folder) == NULL);
    CHECK(strstr(a, "\nunit\tlog2 counts per million\n") != NULL);
    CHECK(cxs_frozen_read(ctx, fixed("a.txt"), &z) == CXS_OK);
    CHECK(cxs_frozen_write(ctx, z, fixed("c.txt")) == CXS_OK);
    free(b);
    b = test_read(fixed("c.txt"), NULL); /* read and written again */
    CHECK(b != NULL && strcmp(a, b) == 0);
    free(a);
    free(b);
    cxs_frozen_free(z);
    cxs_features_free(f);
    cxs_features_free(g);
    cxs_matrix_free(m);
    cxs_matrix_free(again);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Any byte changed, any length cut. */
static void altered_files_are_refused(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m;
    cxs_features *f = train(ctx, &m, fixed("a.txt"));
    size_t n = 0, believed = 0;
    char *text = test_read(fixed("a.txt"), &n);
    cxs_frozen *z = NULL;

    (void)state;
    for (size_t k = 0; k < n; k += k < 200 ? 1 : 13) {
        const char was = text[k];
        text[k] = was == '7' ? '8' : '7';
        believed += cxs_frozen_read(ctx, test_file("x.txt", text, n), &z) == CXS_OK;
        CHECK(z == NULL);
        text[k] = was;
    }
    for (size_t k = 0; k < n; k += 17)
        believed += cxs_frozen_read(ctx, test_file("x.txt", text, k), &z) == CXS_OK;
    CHECK(believed == 0);
    text[n - 10] ^= 1;
    refused(ctx, m, test_file("x.txt", text, n), CXS_EFORMAT,
            "x.txt: the file was changed or cut: its SHA-256 does not match");
    free(text);
    cxs_features_free(f);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Text with one passage replaced and a digest that fits. */
static const char *forged(cxs_ctx *ctx, const char *text, const char *from,
                          const char *to)
{
    const char *found = strstr(text, from);
    char *made = calloc(strlen(text) + strlen(to) + 100, 1), hex[CXS_SHA256_HEX];
    const char *path;

    if (found == NULL || made == NULL) {
        fprintf(stderr, "no '%s'\n", from);
        abort();
    }
    sprintf(made, "%.*s%s%s", (int)(found - text), text, to, found + strlen(from));
    *strstr(made, "sha256\t") = '\0';
    if (cxs_sha256_bytes(ctx, made, strlen(made), hex) != CXS_OK)
        abort();
    sprintf(made + strlen(made), "sha256\t%s\n", hex);
    path = test_text("x.txt", made);
    free(made);
    return path;
}

/* A digest can be made for any content: each line is checked all the same. */
static void lines_are_checked(void **state)
{
    static const struct {
        const char *from, *to, *want;
    } cases[] = {
        {"kind\tcounts", "kind\tbeans", "x.txt:3: damaged reference: an unknown kind"},
        {"filter\t1", "filter\t2", "x.txt:5: damaged reference: a count is out of"},
        {"winsorise\t", "winsorize\t", ":6: damaged reference: a line is missing"},
        {"samples\t6", "samples\t-6", "a count is out of range"},
        {"genes.tsv\t", "genes.tsv\tab", "a digest has another length"},
        {"features\ttmm", "features\tmor", "an unknown normalisation"},
        {"features\ttmm", "features\tNA", "a line is missing"},
        {"frame\tscores\ttmm\t", "frame\tscores\ttmm\t-", "is not positive"},
        {"genes\t40\n", "genes\t39\n", "damaged reference"},
        {"genes\t40\n", "genes\t41\n", "damaged reference"},
        {"genes\t40\n", "genes\t9999999\n", "a count is out of range"},
        {"gene\tname", "gene\tnome", "a header is missing"},
        {"\nG00002\t", "\nG00000\t", "names are out of order"},
        {"\nG00002\tNA\tNA\t3", "\nG00002\tNA\tNA\t4", "a count is out of range"},
        {"\nG00002\tNA\tNA\t3\t", "\nG00002\tNA\tNA\t3\tx", "a number is none"},
        {"\nG00002\tNA\t", "\nG00002\t", "another number of fields"},
        {"feature\tmean", "features\tmean", "a header is missing"},
        {"sha256\t", "more\t1\nsha256\t", "lines follow the last one"},
    };
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m;
    cxs_features *f = train(ctx, &m, fixed("a.txt"));
    char *text = test_read(fixed("a.txt"), NULL);

    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
        refused(ctx, m, forged(ctx, text, cases[k].from, cases[k].to), CXS_EFORMAT,
                cases[k].want);
    refused(ctx, m, forged(ctx, text, "reference\t1\n", "reference\t2\n"), CXS_EFORMAT,
            "x.txt: version 2 of the format, this program reads up to 1");
    refused(ctx, m, test_text("x.txt", ""), CXS_EFORMAT, "the file is empty");
    refused(ctx, m, test_text("x.txt", "gene\tS1\nA\t3\n"), CXS_EFORMAT,
            "x.txt: not a reference of features");
    refused(ctx, m, test_path("absent.txt"), CXS_ENOINPUT, "absent.txt");
    free(text);
    cxs_features_free(f);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Another kind of values, other steps, other tables: refused with the reason. */
static void what_does_not_belong_is_refused(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m;
    cxs_features *f = train(ctx, &m, fixed("a.txt")), *g = NULL;
    cxs_features_settings s = cxs_features_auto();
    const cxs_features_settings same = {.reference = fixed("a.txt")};

    (void)state;
    m->kind = CXS_KIND_TPM;
    refused(ctx, m, fixed("a.txt"), CXS_EMISMATCH,
            "the matrix holds tpm values, the reference");
    m->kind = CXS_KIND_COUNTS;
    s.refdata = test_folder;
    s.reference = same.reference;
    s.normalise = CXS_NORMALISE_TPM;
    CHECK(cxs_features_derive(ctx, m, NULL, &s, &g) == CXS_EARG && g == NULL);
    CHECK(strstr(cxs_ctx_message(ctx), "the steps are those of the reference") != NULL);
    s.normalise = CXS_NORMALISE_TMM; /* what it is may be said */
    CHECK(cxs_features_derive(ctx, m, NULL, &s, &g) == CXS_OK);
    cxs_features_free(g);
    m->x[3] = -1.0;
    CHECK(cxs_features_derive(ctx, m, NULL, &s, &g) == CXS_EFORMAT);
    CHECK(strcmp(cxs_ctx_code(ctx), "CX029") == 0);
    m->x[3] = 1.0;
    test_text("genes.tsv", "symbol\tensembl_gene_id\nR\tENSG00000000002\n");
    refused(ctx, m, fixed("a.txt"), CXS_EMISMATCH,
            "made with another genes.tsv (SHA-256 ");
    cxs_features_free(f);

    s = cxs_features_auto();
    s.freeze = 1;
    s.normalise = CXS_NORMALISE_MOR;
    CHECK(cxs_features_derive(ctx, m, NULL, &s, &f) == CXS_EARG && f == NULL);
    CHECK(strstr(cxs_ctx_message(ctx), "median of ratios") != NULL);
    s.normalise = CXS_NORMALISE_TMM;
    s.rank_normal = 1;
    CHECK(cxs_features_derive(ctx, m, NULL, &s, &f) == CXS_EARG);
    CHECK(strstr(cxs_ctx_message(ctx), "rank-normal scores") != NULL);
    s.rank_normal = s.freeze = 0;
    f = case_derive(ctx, m, &s);
    CHECK(cxs_features_write_reference(ctx, f, test_path("y.txt"), NULL) == CXS_EARG);
    CHECK(access(test_path("y.txt"), F_OK) != 0);
    s.freeze = 1; /* without gene sets none can be scored later */
    cxs_features_free(f);
    f = case_derive(ctx, m, &s);
    CHECK(cxs_features_write_reference(ctx, f, test_path("y.txt"), NULL) == CXS_OK);
    s = (cxs_features_settings){.reference = test_path("y.txt"),
                                .gmt = test_text("g.gmt", GMT)};
    s.normalise = CXS_NORMALISE_AUTO;
    s.filter = s.winsorise = s.standardise = s.signatures = CXS_FEATURES_AUTO;
    CHECK(cxs_features_derive(ctx, m, NULL, &s, &g) == CXS_EARG && g == NULL);
    CHECK(strstr(cxs_ctx_message(ctx), "made without signatures or gene sets") != NULL);
    cxs_features_free(f);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Training with a reference, writing, reading and scoring, failing at each allocation. */
static void every_allocation_may_fail(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m;
    cxs_features *kept = train(ctx, &m, fixed("a.txt"));
    cxs_features_settings s = cxs_features_auto();
    const long live = cxs_alloc_live();

    (void)state;
    s.refdata = test_folder;
    s.gmt = fixed("g.gmt");
    for (int way = 0; way < 2; way++) {
        cxs_rc rc = CXS_ENOMEM;
        long k;
        s.signatures = way == 0 ? 1 : CXS_FEATURES_AUTO;
        s.freeze = way == 0;
        s.reference = way == 1 ? fixed("a.txt") : NULL;
        for (k = 1; rc == CXS_ENOMEM && k < 5000; k++) {
            cxs_features *f = NULL;
            cxs_alloc_fail_at(k);
            rc = cxs_features_derive(ctx, m, NULL, &s, &f);
            if (rc == CXS_OK && way == 0)
                rc = cxs_features_write_reference(ctx, f, fixed("d.txt"), NULL);
            cxs_alloc_fail_at(0);
            CHECK(f != NULL || rc != CXS_OK);
            cxs_features_free(f);
            CHECK(cxs_alloc_live() == live);
        }
        CHECK(rc == CXS_OK && k > 150);
    }
    cxs_features_free(kept);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bytes_are_the_same),
        cmocka_unit_test(altered_files_are_refused),
        cmocka_unit_test(lines_are_checked),
        cmocka_unit_test(what_does_not_belong_is_refused),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("frozen_file", tests, test_folder_make,
                                       test_folder_remove);
}
