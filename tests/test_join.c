/*
 * test_join.c -- matrix and follow-up brought to the same rows
 */
#include "test.h"
#include "tmp.h"

#include "coxswain/ingest.h"
#include "resample/problem.h"
#include "store/data.h"

#include <string.h>

static cxs_matrix *read_matrix(cxs_ctx *ctx, const char *text)
{
    char path[512];
    cxs_matrix *m = NULL;

    tmp_write(path, sizeof path, "expr.tsv", text, strlen(text));
    CHECK(cxs_matrix_read(ctx, path, NULL, &m) == CXS_OK);
    tmp_remove("expr.tsv");
    return m;
}

static cxs_surv *read_surv(cxs_ctx *ctx, const char *text, const char *entry,
                           const char *strata)
{
    cxs_clinical_settings s = cxs_clinical_defaults();
    char path[512];
    cxs_surv *surv = NULL;

    s.time = "t";
    s.event = "e";
    s.entry = entry;
    s.strata = strata;
    tmp_write(path, sizeof path, "clin.tsv", text, strlen(text));
    CHECK(cxs_clinical_read(ctx, path, &s, &surv) == CXS_OK);
    tmp_remove("clin.tsv");
    return surv;
}

static cxs_rc join(cxs_ctx *ctx, const char *matrix, const char *clinical,
                   cxs_joined **out)
{
    return cxs_join(ctx, read_matrix(ctx, matrix), read_surv(ctx, clinical, NULL, NULL),
                    CXS_TIES_EFRON, out);
}

/* Samples A, B, D and patients B, C, D: B and D stay; features all stay. */
static void common_ids_stay(void **state)
{
    const double want[] = {2, 4, 20, 20, 5, 5};
    cxs_ctx *ctx = tmp_ctx();
    cxs_joined *j = NULL;

    (void)state;
    CHECK(join(ctx, "f\tD\tB\tA\ng1\t4\t2\t1\ng2\t20\t20\t10\ng3\t5\t5\t5\n",
               "id\tt\te\nC\t3\t1\nD\t2\t0\nB\t1\t1\n", &j) == CXS_OK);
    CHECK(j != NULL && j->design.n == 2 && j->design.p == 3);
    if (j != NULL) {
        size_t steps = 0;
        const cxs_flow_step *flow = cxs_surv_flow(j->surv, &steps);
        CHECK(strcmp(cxs_surv_id(j->surv)[0], "B") == 0);
        CHECK(strcmp(cxs_surv_id(j->surv)[1], "D") == 0);
        for (size_t i = 0; i < 6; i++)
            CHECK_NEAR(j->design.x[i], want[i], TOL_EXACT);
        CHECK(strcmp(j->design.feature[2], "g3") == 0);
        CHECK(j->problem.outcome.n == 2 && j->problem.outcome.time[1] == 2.0 &&
              j->problem.outcome.event[1] == 0 &&
              j->problem.outcome.ties == CXS_TIES_EFRON);
        CHECK(j->problem.k == 0 && j->problem.z == NULL && j->problem.cluster == NULL);
        CHECK(steps == 3 && strcmp(flow[1].what, "dropped: not in the matrix") == 0 &&
              flow[1].count == 1 && strcmp(flow[2].what, "analysed") == 0 &&
              flow[2].count == 2);
        CHECK(cxs_matrix_n(j->matrix) == 2);
        CHECK(strcmp(cxs_matrix_sample(j->matrix)[1], "D") == 0);
    }
    CHECK(strstr(tmp_log, "expr.tsv: 1 of 3 ids have no usable follow-up: A\n") !=
          NULL);
    CHECK(strstr(tmp_log, "clin.tsv: 1 of 3 ids have no column in the matrix: C\n") !=
          NULL);
    cxs_joined_free(j);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* The first five leftovers are named, the others counted. */
static void leftovers_are_named_up_to_five(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    cxs_joined *j = NULL;

    (void)state;
    CHECK(join(ctx, "f\tA\tB\ng1\t4\t2\n",
               "id\tt\te\nA\t3\t1\nB\t2\t0\nu\t1\t1\nv\t1\t1\nw\t1\t1\nx\t1\t1\ny\t1\t1"
               "\nz\t1\t1\n",
               &j) == CXS_OK);
    CHECK(strstr(tmp_log, "6 of 8 ids have no column in the matrix: u, v, w, x, y, "
                          "...\n") != NULL);
    cxs_joined_free(j);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Two intervals of A map to the same matrix row. */
static void intervals_share_a_sample(void **state)
{
    const double want[] = {1, 1, 2, 10, 10, 20};
    cxs_ctx *ctx = tmp_ctx();
    cxs_joined *j = NULL;

    (void)state;
    CHECK(cxs_join(ctx, read_matrix(ctx, "f\tA\tB\ng1\t1\t2\ng2\t10\t20\n"),
                   read_surv(ctx, "id\ts\tt\te\nA\t0\t3\t0\nA\t3\t5\t1\nB\t0\t4\t0\n",
                             "s", NULL),
                   CXS_TIES_BRESLOW, &j) == CXS_OK);
    CHECK(j != NULL && j->design.n == 3 && j->design.p == 2);
    for (size_t i = 0; j != NULL && i < 6; i++)
        CHECK_NEAR(j->design.x[i], want[i], TOL_EXACT);
    CHECK(j != NULL && j->problem.outcome.entry[1] == 3.0);
    cxs_joined_free(j);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void mismatches_have_their_words(void **state)
{
    static const struct {
        const char *matrix, *clinical;
        cxs_rc rc;
        const char *code, *message;
    } cases[] = {
        /* barcodes carry the patient in front */
        {"f\tTCGA-02-0001-01A\tTCGA-02-0003-01A\ng\t1\t2\n",
         "id\tt\te\nTCGA-02-0001\t1\t1\nTCGA-02-0003\t2\t1\n", CXS_EMISMATCH, "CX006",
         "expr.tsv: 0 of 2 columns are sample ids; 2 match after cutting to 12 "
         "characters"},
        /* one of three matches as it is */
        {"f\tP1\tP2-01\tP3-01\ng\t1\t2\t3\n",
         "id\tt\te\nP1\t1\t1\nP2\t2\t1\nP3\t2\t1\n", CXS_EMISMATCH, "CX006",
         "expr.tsv: 1 of 3 columns are sample ids; 3 match after cutting to 2 "
         "characters"},
        /* the other way round */
        {"f\tP1\tP2\ng\t1\t2\n", "id\tt\te\nP1-01\t1\t1\nP2-01\t2\t1\n", CXS_EMISMATCH,
         "CX006",
         "clin.tsv: 0 of 2 ids are columns of the matrix; 2 match after cutting to 2 "
         "characters"},
        /* R turned dashes into dots */
        {"f\tTCGA.02.0001\tX\ng\t1\t2\n", "id\tt\te\nTCGA-02-0001\t1\t1\n", CXS_EFORMAT,
         "CX005", "differ only by case, blanks or punctuation"},
        {"f\tA\tB\ng\t1\t2\n", "id\tt\te\nC\t1\t1\nD\t2\t1\n", CXS_EMISMATCH, "",
         "have no id in common, for example \"A\" and \"C\""},
        {"f\tA\tB\ng\t1\t2\n", "id\tt\te\nA\t1\t0\nB\t1\t0\nD\t2\t1\n", CXS_EDEGENERATE,
         "CX052", "none of the 2 rows that are in the matrix has an event"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cxs_ctx *ctx = tmp_ctx();
        cxs_joined *j = NULL;
        const cxs_rc rc = join(ctx, cases[i].matrix, cases[i].clinical, &j);
        const bool as_said = rc == cases[i].rc && j == NULL &&
                             strcmp(cxs_ctx_code(ctx), cases[i].code) == 0 &&
                             strstr(cxs_ctx_message(ctx), cases[i].message) != NULL;
        if (!as_said)
            printf("  case %zu: %d [%s] %s\n", i, (int)rc, cxs_ctx_code(ctx),
                   cxs_ctx_message(ctx));
        CHECK(as_said);
        cxs_joined_free(j);
        cxs_ctx_free(ctx);
    }
    CHECK_DONE();
}

static void masked_ids_stay_hidden(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    cxs_joined *j = NULL;

    (void)state;
    cxs_ctx_set_mask_ids(ctx, 1);
    CHECK(join(ctx, "f\tA\tCANARY1\ng\t1\t2\n", "id\tt\te\nA\t1\t1\nCANARY2\t2\t1\n",
               &j) == CXS_OK);
    CHECK(strstr(tmp_log, "***") != NULL && strstr(tmp_log, "CANARY") == NULL);
    cxs_joined_free(j);
    CHECK(join(ctx, "f\tCANARY1\ng\t1\n", "id\tt\te\nCANARY2\t2\t1\n", &j) ==
          CXS_EMISMATCH);
    CHECK(strstr(cxs_ctx_message(ctx), "CANARY") == NULL);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* A stratum that loses its only event to the join is told, others are not repeated. */
static void strata_that_lose_their_events(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    cxs_joined *j = NULL;

    (void)state;
    CHECK(cxs_join(ctx, read_matrix(ctx, "f\tA\tB\tC\ng\t1\t2\t3\n"),
                   read_surv(ctx,
                             "id\tt\te\tc\nA\t1\t1\tx\nB\t2\t0\ty\nC\t2\t0\tz\n"
                             "D\t2\t1\ty\n",
                             NULL, "c"),
                   CXS_TIES_EFRON, &j) == CXS_OK);
    CHECK(strstr(tmp_log, "1 of 3 strata have no event") != NULL);
    CHECK(strstr(tmp_log, "1 strata have no event among the patients of the matrix") !=
          NULL);
    CHECK(j != NULL && cxs_surv_n_strata(j->surv) == 3);
    cxs_joined_free(j);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void every_allocation_may_fail(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    const long live = cxs_alloc_live();
    cxs_rc rc = CXS_ENOMEM;
    long k;

    (void)state;
    for (k = 1; rc == CXS_ENOMEM && k < 1000; k++) {
        cxs_matrix *m = read_matrix(ctx, "f\tA\tB\tX\ng1\t1\t2\t3\n");
        cxs_surv *surv = read_surv(
            ctx, "id\ts\tt\te\nA\t0\t3\t0\nA\t3\t5\t1\nB\t0\t4\t0\nY\t0\t4\t0\n", "s",
            NULL);
        cxs_joined *j = NULL;
        cxs_alloc_fail_at(k);
        rc = cxs_join(ctx, m, surv, CXS_TIES_EFRON, &j);
        cxs_alloc_fail_at(0);
        CHECK((rc == CXS_OK) == (j != NULL));
        cxs_joined_free(j);
        CHECK(cxs_alloc_live() == live);
    }
    CHECK(rc == CXS_OK && k > 8);
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
        cmocka_unit_test(common_ids_stay),
        cmocka_unit_test(leftovers_are_named_up_to_five),
        cmocka_unit_test(intervals_share_a_sample),
        cmocka_unit_test(mismatches_have_their_words),
        cmocka_unit_test(masked_ids_stay_hidden),
        cmocka_unit_test(strata_that_lose_their_events),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("join", tests, NULL, remove_folder);
}
