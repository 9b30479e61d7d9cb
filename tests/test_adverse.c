/*
 * test_adverse.c -- adverse events through a whole study: CX058, CX012, study days
 */
#include "test.h"

#include "study_case.h"

#include "base/base.h"

#define YAML                                                                           \
    "tables: {patients: patients.tsv, ae: ae.tsv}\ntime_origin: enrolment\n"           \
    "endpoint: {name: OS}\n"
#define HEAD "PATIENT_ID\tTERM\tGRADE\tSYSTEM\tAESI\tSTART_DAY\tEND_DAY\n"

/* A dies on day 30, B is alive on day 90, nobody knows of C. */
static const char followed[] =
    "PATIENT_ID\tOS_DAYS\tOS_STATUS\nA\t30\t1\nB\t90\t0\nC\tNA\tNA\n";
/* The same by dates; C was last seen alive. */
static const char dated[] =
    "PATIENT_ID\tENROLL_DATE\tDEATH_DATE\tLAST_CONTACT_DATE\n"
    "A\t2023-01-01\t2023-01-31\tNA\nB\t2023-01-01\tNA\t2023-04-01\n"
    "C\t2023-01-01\tNA\tNA\n";

static void put(const char *patients, const char *head, const char *rows)
{
    char text[2048];

    snprintf(text, sizeof text, "%s%s", head, rows);
    case_plain("ae", YAML, patients);
    case_file("ae", "ae.tsv", text);
}

static void faults_stop(void **state)
{
    static const struct {
        const char *patients, *rows, *code, *message;
    } cases[] = {
        {followed, "A\tFatigue\t0\tCTCAE5\tNA\t1\t2\n", "CX058",
         "ae.tsv:2:GRADE: \"0\" is not a grade of 1 to 5"},
        {followed,
         "A\tFatigue\t2\tCTCAE5\tNA\t1\t2\nA\tSeizure\t6\tCTCAE5\tNA\t1\tNA\n", "CX058",
         "ae.tsv:3:GRADE: \"6\" is not a grade of 1 to 5"},
        {followed, "A\tFatigue\t2.5\tCTCAE5\tNA\t1\t2\n", "CX016",
         "ae.tsv:2:GRADE: \"2.5\" is not a whole number"},
        {followed, "B\tSepsis\t5\tCTCAE5\tNA\t60\tNA\n", "CX058",
         "ae.tsv:2:GRADE: 5 but patient B is alive"},
        {dated, "A\tSepsis\t5\tCTCAE5\tNA\t29\tNA\nB\tSepsis\t5\tCTCAE5\tNA\t60\tNA\n",
         "CX058", "ae.tsv:3:GRADE: 5 but patient B is alive"},
        {dated, "C\tSepsis\t5\tCTCAE5\tNA\t60\tNA\n", "CX058",
         "ae.tsv:2:GRADE: 5 but patient C is alive"},
        {followed, "B\tFatigue\t1\tCTCAE5\tNA\t7\t4\n", "CX058",
         "ae.tsv:2:END_DAY: day 4 is before the start (day 7)"},
        {followed, "A\tFatigue\t1\tCTCAE5\tNA\t32\t40\n", "CX012",
         "ae.tsv:2:START_DAY: day 32 is after death (day 30)"},
        {followed, "D\tFatigue\t1\tCTCAE5\tNA\t2\t4\n", "CX003",
         "ae.tsv:2:PATIENT_ID: no patient \"D\""},
        {followed, "A\tFatigue\t1\tCTCAE4\tNA\t2\t4\n", "CX018",
         "ae.tsv:2:SYSTEM: \"CTCAE4\" is not one of CTCAE5|ASTCT; did you mean "
         "\"CTCAE5\"?"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cxs_ctx *ctx = cxs_ctx_new();
        put(cases[i].patients, HEAD, cases[i].rows);
        CHECK(case_ingest(ctx, "ae") == CXS_EFORMAT);
        CHECK(strcmp(cxs_ctx_code(ctx), cases[i].code) == 0);
        CHECK(strstr(cxs_ctx_message(ctx), cases[i].message) != NULL);
        if (strstr(cxs_ctx_message(ctx), cases[i].message) == NULL)
            printf("  case %zu: %s\n", i, cxs_ctx_message(ctx));
        CHECK(access(test_path("ae.cxs"), F_OK) != 0);
        cxs_ctx_free(ctx);
    }
    CHECK_DONE();
}

/* The day after death is still its day; a death of unknown follow-up is not denied; an
 * event may last on. */
static void what_is_right_passes(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    put(followed, HEAD,
        "A\tSepsis\t5\tCTCAE5\tNA\t31\t31\nC\tSepsis\t5\tCTCAE5\tNA\t60\tNA\n"
        "B\tCytokine release syndrome\t2\tASTCT\tCRS\t8\tNA\n");
    CHECK(case_ingest(ctx, "ae") == CXS_OK);
    CHECK(cxs_ctx_warning_count(ctx) == 0);
    remove(test_path("ae.cxs"));
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void ctcae_grades_of_crs_are_counted(void **state)
{
    static const char rows[] = "A\tFever\t2\tCTCAE5\tNA\t7\t9\n"
                               "A\tConfusion\t2\tCTCAE5\tICANS\t8\t9\n"
                               "B\tcytokine release syndrome\t1\tCTCAE5\tNA\t8\t9\n"
                               "B\tFever\t3\tASTCT\tCRS\t8\t9\n";
    static const char want[] =
        "CX058: ae.tsv:3:SYSTEM: 2 of 4 adverse events are CRS or ICANS graded by "
        "CTCAE5; their grades are those of ASTCT";
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    put(followed, HEAD, rows);
    CHECK(case_ingest(ctx, "ae") == CXS_OK);
    CHECK(cxs_ctx_warning_count(ctx) == 1);
    CHECK(strstr(cxs_ctx_warning(ctx, 0, NULL), want + strlen("CX058: ")) != NULL);
    CHECK(strncmp(cxs_ctx_warning(ctx, 0, NULL), want, strlen("CX058: ")) == 0);
    remove(test_path("ae.cxs"));
    cxs_ctx_set_strict(ctx, 1);
    CHECK(case_ingest(ctx, "ae") == CXS_EFORMAT);
    CHECK(strcmp(cxs_ctx_code(ctx), "CX058") == 0);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ADAE: day 1 is the day of enrolment, day -1 the one before; A's death on day 30 is
 * study day 31, the day after it 32. */
static void days_of_adae_lack_the_zero(void **state)
{
    static const char head[] = "USUBJID\tAEDECOD\tAETOXGR\tASTDY\tAENDY\n";
    static const char yaml[] = YAML "constants: {ae: {SYSTEM: CTCAE5}}\n";
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    put(followed, head, "A\tSepsis\tGrade 5\t32\t\nB\tNausea\t1\t-1\t1\n");
    case_file("ae", "study.yaml", yaml);
    CHECK(case_ingest(ctx, "ae") == CXS_OK);
    remove(test_path("ae.cxs"));
    put(followed, head, "A\tSepsis\tGrade 5\t33\t\n");
    case_file("ae", "study.yaml", yaml);
    CHECK(case_ingest(ctx, "ae") == CXS_EFORMAT);
    CHECK(strcmp(cxs_ctx_code(ctx), "CX012") == 0);
    CHECK(strstr(cxs_ctx_message(ctx),
                 "ae.tsv:2:ASTDY: day 32 is after death (day 30)") != NULL);
    put(followed, head, "B\tNausea\t1\t1\t-1\n");
    case_file("ae", "study.yaml", yaml);
    CHECK(case_ingest(ctx, "ae") == CXS_EFORMAT);
    CHECK(strcmp(cxs_ctx_code(ctx), "CX058") == 0);
    CHECK(strstr(cxs_ctx_message(ctx),
                 "ae.tsv:2:AENDY: day -1 is before the start (day 0)") != NULL);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* CX012 of samples: after death only those of an autopsy, which are counted. */
static void autopsies_are_counted(void **state)
{
    static const char yaml[] =
        "tables: {patients: patients.tsv, samples: samples.tsv}\n"
        "time_origin: enrolment\nendpoint: {name: OS}\n";
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    case_plain("late", yaml, followed);
    case_file("late", "samples.tsv",
              "SAMPLE_ID\tPATIENT_ID\tSOURCE\tANALYTE\tCOLLECT_DAY\tNOTE\n"
              "A0\tA\tTUMOR\tRNA\t-3\tsurgery\nA9\tA\tTUMOR\tRNA\t33\tAutopsy\n");
    CHECK(case_ingest(ctx, "late") == CXS_OK);
    CHECK(cxs_ctx_warning_count(ctx) > 0);
    CHECK(strstr(cxs_ctx_warning(ctx, 0, NULL),
                 "samples.tsv: 1 samples of an autopsy were drawn after death") !=
          NULL);
    remove(test_path("late.cxs"));
    case_file("late", "samples.tsv",
              "SAMPLE_ID\tPATIENT_ID\tSOURCE\tANALYTE\tCOLLECT_DAY\tNOTE\n"
              "A0\tA\tTUMOR\tRNA\t-3\tsurgery\nA9\tA\tTUMOR\tRNA\t33\tbiopsy\n");
    CHECK(case_ingest(ctx, "late") == CXS_EFORMAT);
    CHECK(strcmp(cxs_ctx_code(ctx), "CX012") == 0);
    CHECK(strstr(cxs_ctx_message(ctx),
                 "samples.tsv:3:COLLECT_DAY: day 33 is after death (day 30)") != NULL);
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
    put(followed, HEAD,
        "B\tCRS\t5\tCTCAE5\tCRS\t9\t8\nB\tFever\t3\tCTCAE5\tCRS\t8\t9\n");
    for (k = 1; rc == CXS_ENOMEM && k < 2000; k++) {
        cxs_alloc_fail_at(k);
        rc = case_ingest(ctx, "ae");
        cxs_alloc_fail_at(0);
        CHECK(rc == CXS_ENOMEM || strcmp(cxs_ctx_code(ctx), "CX058") == 0);
    }
    CHECK(rc == CXS_EFORMAT && k > 100);
    cxs_ctx_free(ctx);
    CHECK(cxs_alloc_live() == live - 1); /* the context was counted */
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_stop),
        cmocka_unit_test(what_is_right_passes),
        cmocka_unit_test(ctcae_grades_of_crs_are_counted),
        cmocka_unit_test(days_of_adae_lack_the_zero),
        cmocka_unit_test(autopsies_are_counted),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests_name("adverse", tests, test_folder_make,
                                       test_folder_remove);
}
