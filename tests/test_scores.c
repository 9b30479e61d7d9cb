/*
 * test_scores.c -- gene sets of GMT files as scores: reference answers, rules of
 * missingness, threads, faults
 */
#include "scores_case.h"

#include "coxswain/ingest.h"
#include "refdata_case.h"

static const double TOL_R = 1e-10;

/* ---- GMT files -------------------------------------------------------------------- */

static void gmt_files_are_read(void **state)
{
    const char *path = test_text("a.gmt", "B\tnote\tZ\tA\tA\t\n\nONE\thttp://x\tQ\r\n");
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_gene_sets *sets = NULL;

    (void)state;
    CHECK(cxs_gene_sets_read(ctx, path, &sets) == CXS_OK);
    CHECK(cxs_gene_sets_count(sets) == 2);
    CHECK(sets->set[0].size == 2 && strcmp(sets->set[0].symbol[0], "A") == 0 &&
          strcmp(sets->set[0].symbol[1], "Z") == 0);
    CHECK(sets->set[1].size == 1 && strcmp(sets->set[1].symbol[0], "Q") == 0);
    cxs_gene_sets_free(sets);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void damaged_gmt_files_name_the_line(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"A\tx\tG\nB\tx\n", "bad.gmt:2: a gene set needs a name, a description"},
        {"A\tx\tG\n\nA\tx\tH\n", "bad.gmt:3: gene set 'A' was already given at line 1"},
        {"\tx\tG\n", "bad.gmt:1: a gene set needs a name"},
        {"A\tx\t\t\n", "bad.gmt:1: gene set 'A' has no gene"},
        {"\n\n", "bad.gmt: no gene set"},
    };
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        cxs_gene_sets *sets = NULL;
        const char *path = test_text("bad.gmt", cases[k].text);
        CHECK(cxs_gene_sets_read(ctx, path, &sets) == CXS_EFORMAT && sets == NULL);
        CHECK(strstr(cxs_ctx_message(ctx), cases[k].message) != NULL);
    }
    CHECK(cxs_gene_sets_read(ctx, test_path("none.gmt"), &(cxs_gene_sets *){NULL}) ==
          CXS_ENOINPUT);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- reference answers, from counts on --------------------------------------------- */

static cxs_matrix *read_counts(const char *path)
{
    cxs_matrix_settings s = cxs_matrix_defaults();
    cxs_matrix *m = NULL;
    cxs_ctx *ctx = cxs_ctx_new();

    s.kind = CXS_KIND_COUNTS;
    if (cxs_matrix_read(ctx, path, &s, &m) != CXS_OK) {
        fprintf(stderr, "%s\n", cxs_ctx_message(ctx));
        abort();
    }
    cxs_ctx_free(ctx);
    return m;
}

/* Every score of a table of R against ours; `divisor` of theirs. */
static void check_table(const cxs_features *f, const char *folder, const char *name,
                        double divisor)
{
    char path[256];
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_table *t = NULL;

    snprintf(path, sizeof path, "tests/data/%s/%s", folder, name);
    CHECK(cxs_table_read(ctx, path, &t) == CXS_OK);
    for (size_t r = 0; t != NULL && r < t->rows; r++)
        for (size_t c = 1; c < t->columns; c++)
            CHECK_NEAR(case_score(f, cxs_table_cell(t, r, 0), c - 1),
                       refdata_real(t, r, t->name[c]) / divisor, TOL_R);
    CHECK(t != NULL && t->rows >= 3);
    cxs_table_free(t);
    cxs_ctx_free(ctx);
}

static void scores_from_counts_agree_with_r(void **state)
{
    static const char *const tables[] = {"singscore_up.tsv", "ssgsea.tsv",
                                         "zscore.tsv"};
    const double divisors[] = {1.0, 300.0, 1.0}; /* ES over the number of genes */
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = read_counts("tests/data/genesets/counts.tsv");
    cxs_features_settings s = cxs_features_auto();

    (void)state;
    s.gmt = "tests/data/genesets/sets.gmt";
    for (int k = 0; k < 3; k++) {
        cxs_features *f;
        s.score = (cxs_score)k;
        /* the matrix is filtered, the scores are not */
        f = case_derive(ctx, m, &s);
        CHECK(cxs_features_matrix(f)->p < 300);
        check_table(f, "genesets", tables[k], divisors[k]);
        cxs_features_free(f);
    }
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Up and down sets of one name: the sum of R's two scores, beside the two alone. */
static void pairs_are_summed(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = read_counts("tests/data/genesets/counts.tsv");
    cxs_features_settings s = cxs_features_auto();
    cxs_features *f;

    (void)state;
    s.gmt = "tests/data/genesets/pair.gmt";
    f = case_derive(ctx, m, &s);
    check_table(f, "genesets", "singscore_pair.tsv", 1.0);
    CHECK(cxs_scores_matrix(cxs_features_scores(f))->p == 3);
    cxs_features_free(f);
    s.score = CXS_SCORE_Z; /* no such sum */
    f = case_derive(ctx, m, &s);
    CHECK(cxs_scores_matrix(cxs_features_scores(f))->p == 2);
    cxs_features_free(f);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- which genes are there --------------------------------------------------------- */

/* 30 genes G00000.. on the log scale, 6 samples, values by a formula. */
static cxs_matrix *log_values(size_t n, size_t p)
{
    cxs_matrix *m = case_matrix(n, p, NULL, CXS_KIND_LOG);

    for (size_t j = 0; j < p; j++)
        for (size_t i = 0; i < n; i++)
            m->x[j * n + i] =
                (double)((j * 7 + i * 11 + j * i) % 23) + 0.01 * (double)j;
    return m;
}

static void sets_need_three_fifths_of_their_genes(void **state)
{
    static const struct {
        const char *name;
        size_t present, genes;
        int scored;
    } want[] = {{"ALL3", 3, 3, 1},       {"TWO_OF_3", 2, 3, 0}, {"THREE_OF_5", 3, 5, 1},
                {"SIX_OF_11", 6, 11, 0}, {"PAIR", 2, 2, 1},     {"HALF_PAIR", 1, 2, 0},
                {"ONE", 1, 1, 1},        {"NONE", 0, 1, 0},     {"EVERY", 30, 30, 0}};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = log_values(6, 30);
    cxs_features_settings s = cxs_features_auto();
    char every[1024] = "EVERY\tx";
    char text[2048];
    cxs_features *f;

    (void)state;
    for (size_t j = 0; j < 30; j++)
        sprintf(every + strlen(every), "\tG%05zu", j);
    snprintf(text, sizeof text,
             "ALL3\tx\tG00001\tG00002\tG00003\n"
             "TWO_OF_3\tx\tG00001\tG00002\tA\n"
             "THREE_OF_5\tx\tG00001\tG00002\tG00003\tA\tB\n"
             "SIX_OF_11\tx\tG00001\tG00002\tG00003\tG00004\tG00005\tG00006\tA\tB\tC"
             "\tD\tE\n"
             "PAIR\tx\tG00001\tG00002\nHALF_PAIR\tx\tG00001\tA\n"
             "ONE\tx\tG00001\nNONE\tx\tA\n%s\n",
             every);
    s.gmt = test_text("present.gmt", text);
    f = case_derive(ctx, m, &s);
    for (size_t k = 0; k < sizeof want / sizeof *want; k++) {
        const cxs_scores *scores = cxs_features_scores(f);
        size_t genes = 0;
        CHECK(strcmp(cxs_scores_matrix(scores)->feature[k], want[k].name) == 0);
        CHECK(cxs_scores_present(scores, k, &genes) == want[k].present);
        CHECK(genes == want[k].genes);
        CHECK((strcmp(cxs_scores_status(scores, k), "ok") == 0) == want[k].scored);
        for (size_t i = 0; i < m->n; i++)
            CHECK(isnan(case_score(f, want[k].name, i)) == !want[k].scored);
    }
    cxs_features_free(f);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* A gene that one sample misses leaves the universe of all; a sample that misses most
 * genes is left out instead. */
static void missing_values_leave_the_universe(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = log_values(6, 30), *less = log_values(6, 30);
    cxs_features_settings s = cxs_features_auto();
    cxs_features *f, *want;

    (void)state;
    s.gmt = test_text("m.gmt", "A\tx\tG00003\tG00009\tG00020\nB\tx\tG00029\tG00001\n");
    m->x[29 * 6 + 2] = (double)NAN;
    for (size_t j = 0; j < 25; j++)
        m->x[j * 6 + 5] = (double)NAN;
    cxs_free(less->feature[29]);
    less->p = 29; /* the same without that gene */
    f = case_derive(ctx, m, &s);
    want = case_derive(ctx, less, &s);
    for (size_t i = 0; i < 5; i++) {
        CHECK_NEAR(case_score(f, "A", i), case_score(want, "A", i), TOL_EXACT);
        CHECK(isnan(case_score(f, "B", i)));
    }
    CHECK(isnan(case_score(f, "A", 5)));
    CHECK(!isnan(case_score(want, "A", 5)));
    cxs_features_free(want);
    cxs_features_free(f);
    cxs_matrix_free(less);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- invariances ------------------------------------------------------------------- */

/* Samples do not depend on each other, nor on the number of threads. */
static void ranks_need_the_sample_alone(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = log_values(40, 200), *one = case_matrix(1, 200, NULL, CXS_KIND_LOG);
    cxs_features_settings s = cxs_features_auto();
    cxs_features *all, *threads;

    (void)state;
    for (size_t j = 0; j < 200; j++)
        one->x[j] = m->x[j * 40 + 17];
    s.gmt = test_text("s.gmt", "A\tx\tG00003\tG00050\tG00120\tG00007\n");
    for (int score = CXS_SCORE_SINGSCORE; score <= CXS_SCORE_SSGSEA; score++) {
        cxs_gene_sets *sets = NULL;
        cxs_score_rules rules = {0};
        cxs_gene_index *index = NULL;
        cxs_scores *scores = NULL;
        cxs_levels v = {0};
        const cxs_features_settings r = cxs_features_resolved(NULL, CXS_KIND_LOG);
        s.score = (cxs_score)score;
        cxs_ctx_set_threads(ctx, 1);
        all = case_derive(ctx, m, &s);
        cxs_ctx_set_threads(ctx, 8);
        threads = case_derive(ctx, m, &s);
        for (size_t i = 0; i < 40; i++)
            CHECK_NEAR(case_score(threads, "A", i), case_score(all, "A", i), TOL_EXACT);
        /* one sample has no features left, but its scores can be had */
        CHECK(cxs_gene_sets_read(ctx, s.gmt, &sets) == CXS_OK);
        CHECK(cxs_gmt_rules(ctx, sets, s.score, &rules) == CXS_OK);
        CHECK(cxs_levels_make(ctx, one, NULL, &r, NULL, NULL, &v) == CXS_OK);
        CHECK(cxs_gene_index_new(ctx, v.y, NULL, &index) == CXS_OK);
        CHECK(cxs_scores_make(ctx, &v, index, &rules, &scores) == CXS_OK);
        CHECK_NEAR(cxs_scores_matrix(scores)->x[0], case_score(all, "A", 17),
                   TOL_EXACT);
        cxs_scores_free(scores);
        cxs_gene_index_free(index);
        cxs_levels_free(&v);
        cxs_score_rules_free(&rules);
        cxs_gene_sets_free(sets);
        cxs_features_free(threads);
        cxs_features_free(all);
    }
    cxs_matrix_free(one);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- files and faults -------------------------------------------------------------- */

static void tables_are_written(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = log_values(2, 30);
    cxs_features_settings s = cxs_features_auto();
    cxs_features *f;
    char *text;

    (void)state;
    s.gmt = test_text("w.gmt", "A\tx\tG00003\tG00009\tG00020\nB\tx\tG00001\tQ\n");
    f = case_derive(ctx, m, &s);
    CHECK(cxs_features_write(ctx, f, test_path("out"), NULL) == CXS_OK);
    text = test_read(test_path("out.sets.tsv"), NULL);
    CHECK(strcmp(text, "feature_id\tmethod\tbasis\tgenes\tpresent\tstatus\tremark\t"
                       "missing\nA\tsingscore\tlog\t3\t3\tok\tNA\tNA\n"
                       "B\tsingscore\tlog\t2\t1\ttoo_few_genes\tNA\tQ\n") == 0);
    free(text);
    text = test_read(test_path("out.scores.tsv"), NULL);
    CHECK(strncmp(text, "feature_id\tS000\tS001\nA\t", 23) == 0);
    CHECK(strstr(text, "\nB\tNA\tNA\n") != NULL);
    free(text);
    cxs_features_free(f);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void every_allocation_may_fail(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = log_values(3, 12);
    cxs_features_settings s = cxs_features_auto();
    const long live = cxs_alloc_live();
    cxs_rc rc = CXS_ENOMEM;
    long k;

    (void)state;
    s.gmt = test_text("f.gmt", "A_UP\tx\tG00003\tG00009\nA_DN\tx\tG00001\tQ\tG00002"
                               "\tG00004\n");
    s.refdata = case_refdata();
    s.signatures = 1;
    for (k = 1; rc == CXS_ENOMEM && k < 2000; k++) {
        cxs_features *f = NULL;
        cxs_alloc_fail_at(k);
        rc = cxs_features_derive(ctx, m, NULL, &s, &f);
        cxs_alloc_fail_at(0);
        CHECK((rc == CXS_OK) == (f != NULL));
        if (rc == CXS_OK)
            CHECK(!isnan(case_score(f, "A", 0)));
        cxs_features_free(f);
        CHECK(cxs_alloc_live() == live);
    }
    CHECK(rc == CXS_OK && k > 60);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gmt_files_are_read),
        cmocka_unit_test(damaged_gmt_files_name_the_line),
        cmocka_unit_test(scores_from_counts_agree_with_r),
        cmocka_unit_test(pairs_are_summed),
        cmocka_unit_test(sets_need_three_fifths_of_their_genes),
        cmocka_unit_test(missing_values_leave_the_universe),
        cmocka_unit_test(ranks_need_the_sample_alone),
        cmocka_unit_test(tables_are_written),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("scores", tests, test_folder_make,
                                       test_folder_remove);
}
