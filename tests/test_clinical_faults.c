/*
 * test_clinical_faults.c -- follow-up tables: messages in the words of the catalogue,
 * short memory
 */
#include "test.h"

#include "clinical_case.h"

#include "base/base.h"

typedef struct fault {
    const char *text;
    cxs_clinical_settings settings;
    cxs_rc rc;
    const char *code, *message;
} fault;

#define T .time = "t", .event = "e", .horizon = (double)NAN

static const fault fault_cases[] = {
    {"id\tt\te\nP1\t3\t1\nP1\t4\t0\n",
     {T},
     CXS_EFORMAT,
     "CX002",
     "clin.tsv:3:id: \"P1\" repeats line 2 with other values in t, e"},
    {"id\ts\tt\te\nP1\t0\t3\t1\nP1\t2\t4\t0\n",
     {T, .entry = "s"},
     CXS_EFORMAT,
     "CX002",
     "clin.tsv:3:id: \"P1\" repeats line 2 with an interval"},
    /* the long interval overlaps the third as well, past the short second */
    {"id\ts\tt\te\nP1\t0\t9\t1\nP1\t2\t3\t0\nP1\t5\t8\t0\n",
     {T, .entry = "s"},
     CXS_EFORMAT,
     "CX002",
     "clin.tsv:4:id: \"P1\" repeats line 2 with an interval"},
    {"id\tt\te\nP-1\t3\t1\np_1\t4\t0\n",
     {T},
     CXS_EFORMAT,
     "CX005",
     "differ only by case, blanks or punctuation"},
    {"id\tt\te\nP1\t-3\t1\n",
     {T},
     CXS_EFORMAT,
     "CX007",
     "clin.tsv:2:t: negative time -3"},
    {"id\tt\te\nP1\t3\t1\nP2\t3\t2\n",
     {T},
     CXS_EFORMAT,
     "CX008",
     "clin.tsv:e: values are 1 and 2; say --status-coding 12 if 2 means event"},
    {"id\tt\tCNSR\nP1\t3\t1\n",
     {.time = "t", .event = "CNSR", .horizon = (double)NAN},
     CXS_EFORMAT,
     "CX009",
     "clin.tsv: CNSR 0 means event; the column cannot be a status"},
    {"id\tt\tCNSR\nP1\t3\t1\n",
     {.time = "t", .event = "CNSR=1", .horizon = (double)NAN},
     CXS_EFORMAT,
     "CX009",
     "say --event CNSR=0"},
    {"id\tt\te\tCNSR\nP1\t3\t1\t1\nP2\t3\t0\t0\n",
     {T},
     CXS_EFORMAT,
     "CX009",
     "clin.tsv: CNSR 0 means event; the column cannot be a status"},
    {"id\ts\tt\te\nP1\t3\t3\t1\n",
     {T, .entry = "s"},
     CXS_EFORMAT,
     "CX013",
     "clin.tsv:2:s: entry 3 is not before exit 3"},
    {"id\tt\te\nP1\t3,5\t1\nP2\t<5\t1\n",
     {T},
     CXS_EFORMAT,
     "CX016",
     "clin.tsv:2:t: \"3,5\" is not a number"},
    {"id\tt\te\tw\nP1\t3\t1\tx\n",
     {T, .weights = "w"},
     CXS_EFORMAT,
     "CX016",
     "clin.tsv:2:w: \"x\" is not a number"},
    {"id\tt\te\ta\nP1\t3\t1\t5\nP2\t3\t1\tunk\n",
     {T, .adjust = "a"},
     CXS_EFORMAT,
     "CX017",
     "clin.tsv:a: 1 cells hold unk; is it missing? add --na unk"},
    {"id\tt\te\nP1\t3\tdead\n",
     {T},
     CXS_EFORMAT,
     "CX018",
     "clin.tsv:2:e: \"dead\" is not one of 0, 1, 0:..., 1:..."},
    {"id\tt\te\nP1\t3\t3\nP2\t3\t1\n",
     {T, .status_coding_12 = 1},
     CXS_EFORMAT,
     "CX018",
     "\"3\" is not one of 1, 2"},
    {"id\tt\te\nP1\t3\n",
     {T},
     CXS_EFORMAT,
     "CX019",
     "clin.tsv:2: 2 fields, the header has 3"},
    {"id\tT\te\nP1\t3\t1\n",
     {T},
     CXS_EFORMAT,
     "CX020",
     "clin.tsv:1: column \"t\" is missing (found \"T\")"},
    {"id\tt\te\nP\xff\t3\t1\n", {T}, CXS_EFORMAT, "CX021", "not UTF-8"},
    {"PK\003\004junk",
     {T},
     CXS_EFORMAT,
     "CX022",
     "clin.tsv: this is an Excel workbook; save it as tab-separated text"},
    {"id\tt\te\nP1\t3\t0\n",
     {T},
     CXS_EDEGENERATE,
     "CX052",
     "clin.tsv:e: none of 1 rows has an event"},
    {"id\tt\te\nP1\tNA\t1\n", {T}, CXS_EDEGENERATE, "", "none of 1 rows is complete"},
    {"id\tt\te\nP1\t0\t1\n", {T}, CXS_EDEGENERATE, "CX007", "all times are 0"},
    {"id\tt\te\tw\nP1\t3\t1\t-1\n",
     {T, .weights = "w"},
     CXS_EFORMAT,
     "",
     "clin.tsv:2:w: negative weight -1"},
};

static void faults_have_their_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof fault_cases / sizeof *fault_cases; i++) {
        cxs_ctx *ctx = tmp_ctx();
        cxs_surv *surv = NULL;
        const cxs_rc rc =
            read_text(ctx, fault_cases[i].text, &fault_cases[i].settings, &surv);
        const bool as_said =
            rc == fault_cases[i].rc && surv == NULL &&
            strcmp(cxs_ctx_code(ctx), fault_cases[i].code) == 0 &&
            strstr(cxs_ctx_message(ctx), fault_cases[i].message) != NULL;
        if (!as_said)
            printf("  case %zu: %d [%s] %s\n", i, (int)rc, cxs_ctx_code(ctx),
                   cxs_ctx_message(ctx));
        CHECK(as_said);
        cxs_surv_free(surv);
        cxs_ctx_free(ctx);
    }
    CHECK_DONE();
}

static void settings_are_checked(void **state)
{
    static const struct {
        cxs_clinical_settings settings;
        const char *message;
    } cases[] = {
        {{.event = "e", .horizon = (double)NAN}, "--time COL is required"},
        {{.time = "t", .horizon = (double)NAN}, "--event COL[=VALUE] is required"},
        {{T, .time_unit = "weeks"}, "'weeks' is not one of days, months, years"},
        {{T, .adjust = "a,a"}, "--adjust: column 'a' is named twice"},
        {{T, .adjust = "t"}, "column 't' is the outcome itself"},
        {{T, .entry = "t"}, "named twice among --time"},
        {{T, .adjust = "a", .factor = "b"}, "--factor b: not a covariate"},
        {{T, .adjust = "a", .reference = "b=1"}, "--ref b=1: not a covariate"},
        {{T, .adjust = "a", .reference = "a=1"}, "a is numeric; add --factor a"},
        {{T, .adjust = "a", .factor = "a", .reference = "a=9"},
         "\"9\" is not one of 1, 2"},
        {{.time = "t", .event = "e=", .horizon = (double)NAN}, "no value after '='"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cxs_ctx *ctx = tmp_ctx();
        cxs_surv *surv = NULL;
        const cxs_rc rc =
            read_text(ctx, "id\tt\te\ta\tb\nP1\t3\t1\t1\t1\nP2\t3\t1\t2\t1\n",
                      &cases[i].settings, &surv);
        CHECK(rc == CXS_EARG && surv == NULL);
        CHECK(strstr(cxs_ctx_message(ctx), cases[i].message) != NULL);
        cxs_ctx_free(ctx);
    }
    CHECK_DONE();
}

/* Ten cells and the total, not ten thousand lines. */
static void long_faults_are_cut(void **state)
{
    const cxs_clinical_settings s = usual();
    cxs_ctx *ctx = tmp_ctx();
    cxs_surv *surv = NULL;
    char text[1024] = "id\tt\te\n";
    size_t lines = 1;

    (void)state;
    for (size_t i = 0; i < 25; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "P%zu\tx\t1\n", i);
    CHECK(read_text(ctx, text, &s, &surv) == CXS_EFORMAT);
    for (const char *c = cxs_ctx_message(ctx); *c != '\0'; c++)
        lines += *c == '\n';
    CHECK(lines == 11);
    CHECK(strstr(cxs_ctx_message(ctx), "25") != NULL);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void masked_ids_stay_hidden(void **state)
{
    const cxs_clinical_settings s = usual();
    cxs_ctx *ctx = tmp_ctx();
    cxs_surv *surv = NULL;

    (void)state;
    cxs_ctx_set_mask_ids(ctx, 1);
    CHECK(read_text(ctx, "id\tt\te\nCANARY\t3\t1\nCANARY\t4\t0\n", &s, &surv) ==
          CXS_EFORMAT);
    CHECK(strstr(cxs_ctx_message(ctx), "CANARY") == NULL);
    CHECK(read_text(ctx, "id\tt\te\nCANARY\t3\t1\ncanary\t4\t0\n", &s, &surv) ==
          CXS_EFORMAT);
    CHECK(strstr(cxs_ctx_message(ctx), "CANARY") == NULL);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void absent_file_is_said(void **state)
{
    const cxs_clinical_settings s = usual();
    cxs_ctx *ctx = tmp_ctx();
    cxs_surv *surv = NULL;

    (void)state;
    CHECK(cxs_clinical_read(ctx, "/nonexistent/clin.tsv", &s, &surv) == CXS_ENOINPUT);
    CHECK(surv == NULL &&
          strstr(cxs_ctx_message(ctx), "/nonexistent/clin.tsv") != NULL);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Let the first, the second, ... allocation fail: a clean error each time, no leak. */
static void every_allocation_may_fail(void **state)
{
    const cxs_clinical_settings s = {T,
                                     .entry = "s",
                                     .adjust = "a,g",
                                     .factor = "g",
                                     .reference = "g=x",
                                     .strata = "h",
                                     .centre = "h",
                                     .weights = "w",
                                     .offset = "w",
                                     .cluster = "id",
                                     .na = "?"};
    cxs_ctx *ctx = cxs_ctx_new();
    const long live = cxs_alloc_live();
    cxs_rc rc = CXS_ENOMEM;
    long k;

    (void)state;
    for (k = 1; rc == CXS_ENOMEM && k < 2000; k++) {
        cxs_surv *surv = NULL;
        cxs_alloc_fail_at(k);
        rc = read_text(ctx,
                       "id\ts\tt\te\ta\tg\th\tw\nA\t1\t2\t1\t5\tx\tu\t2\n"
                       "B\t0\t3\t1\t6\ty\tv\t1\nC\t0\t?\t1\t6\ty\tv\t1\n",
                       &s, &surv);
        cxs_alloc_fail_at(0);
        CHECK((rc == CXS_OK) == (surv != NULL));
        if (surv != NULL)
            CHECK(cxs_surv_n(surv) == 2 && cxs_surv_k(surv) == 2);
        cxs_surv_free(surv);
        CHECK(cxs_alloc_live() == live);
    }
    CHECK(rc == CXS_OK && k > 40);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_have_their_words),
        cmocka_unit_test(settings_are_checked),
        cmocka_unit_test(long_faults_are_cut),
        cmocka_unit_test(masked_ids_stay_hidden),
        cmocka_unit_test(absent_file_is_said),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("clinical_faults", tests, NULL, remove_folder);
}
