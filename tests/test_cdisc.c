/*
 * test_cdisc.c -- an ADTTE table as follow-up: the event, the endpoint, the unit
 */
#include "test.h"
#include "tmp.h"

#include "base/base.h"
#include "coxswain/ingest.h"

#include <string.h>
#include <zlib.h>

static const char head[] =
    "STUDYID\tUSUBJID\tPARAMCD\tPARAM\tAVAL\tAVALU\tCNSR\tSTARTDT\tADT\tAGE\n";
static const char rows[] =
    "X\tP2\tOS\tOverall Survival\t20\tDAYS\t2\t2020-01-01\t2020-01-20\t55\n"
    "X\tP1\tOS\tOverall Survival\t10\tDAYS\t0\t2020-01-01\t2020-01-10\t50\n"
    "X\tP1\tPFS\tProgression-free Survival (months)\t3\t\t0\t\t\t50\n"
    "X\tP3\tOS\tOverall Survival\t31\tDAYS\t0\t2020-01-01\t2020-01-31\t61\n";

static cxs_rc read_text(cxs_ctx *ctx, const char *first, const char *second, int how,
                        const cxs_clinical_settings *s, cxs_surv **out)
{
    char path[512], text[4096], crlf[8192];
    size_t n = 0;
    gzFile file;
    cxs_rc rc;

    snprintf(text, sizeof text, "%s%s", first, second);
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '\n' && how == 1)
            crlf[n++] = '\r';
        crlf[n++] = *c;
    }
    tmp_write(path, sizeof path, "adtte.tsv", crlf, n);
    if (how == 2 && ((file = gzopen(path, "wb")) == NULL ||
                     gzwrite(file, crlf, (unsigned)n) <= 0 || gzclose(file) != Z_OK))
        abort();
    rc = cxs_clinical_read(ctx, path, s, out);
    tmp_remove("adtte.tsv");
    return rc;
}

/* P1 dies at day 10, P2 is censored at 20 for reason 2, P3 dies at 31. */
static bool is_os(const cxs_surv *s)
{
    return s != NULL && cxs_surv_n(s) == 3 && cxs_surv_events(s) == 2 &&
           strcmp(cxs_surv_id(s)[0], "P1") == 0 && cxs_surv_time(s)[0] == 10.0 &&
           cxs_surv_time(s)[1] == 20.0 && cxs_surv_event(s)[1] == 0 &&
           cxs_surv_event(s)[2] == 1 && strcmp(cxs_surv_time_unit(s), "days") == 0 &&
           strcmp(cxs_surv_endpoint(s), "OS") == 0;
}

static void cnsr_zero_is_the_event(void **state)
{
    cxs_clinical_settings s = cxs_clinical_defaults();

    (void)state;
    s.paramcd = "OS";
    for (int how = 0; how < 6; how++) {
        cxs_ctx *ctx = tmp_ctx();
        cxs_surv *surv = NULL;
        s.rows_are_subjects = how / 3; /* as `cox` asks: ADTTE has subjects */
        CHECK(read_text(ctx, head, rows, how % 3, &s, &surv) == CXS_OK);
        CHECK(is_os(surv));
        CHECK(strstr(tmp_log, "adtte.tsv: ADTTE, endpoint OS in days, CNSR 0 is the "
                              "event") != NULL);
        CHECK(strstr(tmp_log, "AVAL of OS is") == NULL);
        cxs_surv_free(surv);
        cxs_ctx_free(ctx);
    }
    CHECK_DONE();
}

static void unit_comes_from_param(void **state)
{
    cxs_clinical_settings s = cxs_clinical_defaults();
    cxs_ctx *ctx = tmp_ctx();
    cxs_surv *surv = NULL;

    (void)state;
    s.paramcd = "PFS";
    CHECK(read_text(ctx, head, rows, 0, &s, &surv) == CXS_OK);
    CHECK(surv != NULL && strcmp(cxs_surv_time_unit(surv), "months") == 0);
    cxs_surv_free(surv);
    /* one endpoint needs no choice; the unit stays undeclared where nothing tells it */
    s.paramcd = NULL;
    CHECK(read_text(ctx, "USUBJID\tPARAMCD\tAVAL\tCNSR\n",
                    "A\tTTP\t4\t0\nB\tTTP\t5\t1\n", 0, &s, &surv) == CXS_OK);
    CHECK(surv != NULL && strcmp(cxs_surv_time_unit(surv), "") == 0 &&
          strcmp(cxs_surv_endpoint(surv), "TTP") == 0);
    cxs_surv_free(surv);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* AVAL against its dates, counted with the first row that differs. */
static void dates_are_compared(void **state)
{
    static const char short_by_one[] =
        "X\tP1\tOS\tOS\t9\tDAYS\t0\t2020-01-01\t2020-01-10\t1\n";
    static const char other[] =
        "X\tP1\tOS\tOS\t10\tDAYS\t0\t2020-01-01\t2020-01-10\t1\n"
        "X\tP2\tOS\tOS\t90\tDAYS\t0\t2020-01-01\t2020-01-10\t1\n";
    cxs_clinical_settings s = cxs_clinical_defaults();
    cxs_ctx *ctx = tmp_ctx();
    cxs_surv *surv = NULL;

    (void)state;
    CHECK(read_text(ctx, head, short_by_one, 0, &s, &surv) == CXS_OK);
    CHECK(strstr(tmp_log, "adtte.tsv:2: AVAL of OS is ADT - STARTDT, without the first "
                          "day in 1 of 1 rows with dates") != NULL);
    cxs_surv_free(surv);
    CHECK(read_text(ctx, head, other, 0, &s, &surv) == CXS_OK);
    CHECK(strstr(tmp_log, "adtte.tsv:3: AVAL of OS is not ADT - STARTDT + 1 in 1 of 2 "
                          "rows with dates") != NULL);
    cxs_surv_free(surv);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void faults_are_named(void **state)
{
    static const struct {
        const char *paramcd, *unit, *time, *event, *more;
        cxs_rc rc;
        const char *code, *message;
    } cases[] = {
        {NULL, NULL, NULL, NULL, "", CXS_EARG, "",
         "adtte.tsv: an ADTTE table with the endpoints OS, PFS: choose one by "
         "--paramcd"},
        {"XX", NULL, NULL, NULL, "", CXS_EFORMAT, "",
         "adtte.tsv: no PARAMCD \"XX\", there are OS, PFS"},
        {"OS", "months", NULL, NULL, "", CXS_EARG, "",
         "adtte.tsv: AVAL of OS is in days by AVALU or PARAM, not in months"},
        {"OS", NULL, NULL, NULL, "X\tP4\tOS\tOS\t1\tMONTHS\t0\t\t\t5\n", CXS_EFORMAT,
         "", "adtte.tsv:6: AVAL of OS is in months here and in days above"},
        {"OS", NULL, NULL, NULL, "X\tP4\tOS\tOS\t1\tDAYS\t0.5\t\t\t5\n", CXS_EFORMAT,
         "CX018",
         "adtte.tsv:6:CNSR: \"0.5\" is not one of 0 (event), 1, 2, ... (censored)"},
        {"OS", NULL, NULL, NULL, "X\tP1\tOS\tOS\t1\tDAYS\t0\t\t\t5\n", CXS_EFORMAT,
         "CX002", "P1"},
        {"OS", NULL, NULL, NULL, "X\tP4\tOS\tOS\tten\tDAYS\t0\t\t\t5\n", CXS_EFORMAT,
         "CX016", "adtte.tsv:6:AVAL: \"ten\" is not a number"},
        {"OS", NULL, NULL, NULL, "X\tP4\tOS\n", CXS_EFORMAT, "CX019",
         "adtte.tsv:6: 3 fields, the header has 10"},
        {NULL, NULL, "AVAL", "CNSR", "", CXS_EFORMAT, "CX009",
         "CNSR 0 means event; the column cannot be a status"},
        {"OS", NULL, "AGE", NULL, "", CXS_EARG, "",
         "--paramcd belongs to an ADTTE table"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cxs_clinical_settings s = cxs_clinical_defaults();
        cxs_ctx *ctx = tmp_ctx();
        cxs_surv *surv = NULL;
        char text[4096];
        cxs_rc rc;
        s.paramcd = cases[i].paramcd;
        s.time_unit = cases[i].unit;
        s.time = cases[i].time;
        s.event = cases[i].event;
        s.id = cases[i].event != NULL ? "USUBJID" : NULL;
        s.rows_are_subjects = 0;
        snprintf(text, sizeof text, "%s%s", cases[i].event != NULL ? "" : rows,
                 cases[i].event != NULL
                     ? "X\tP1\tOS\tOS\t9\tDAYS\t0\t2020-01-01\t2020-01-10\t1\n"
                     : cases[i].more);
        rc = read_text(ctx, head, text, 0, &s, &surv);
        if (rc != cases[i].rc || strstr(cxs_ctx_message(ctx), cases[i].message) == NULL)
            printf("  case %zu: %d [%s] %s\n", i, (int)rc, cxs_ctx_code(ctx),
                   cxs_ctx_message(ctx));
        CHECK(rc == cases[i].rc && surv == NULL);
        CHECK(strcmp(cxs_ctx_code(ctx), cases[i].code) == 0);
        CHECK(strstr(cxs_ctx_message(ctx), cases[i].message) != NULL);
        cxs_surv_free(surv);
        cxs_ctx_free(ctx);
    }
    CHECK_DONE();
}

static void every_allocation_may_fail(void **state)
{
    cxs_clinical_settings s = cxs_clinical_defaults();
    cxs_ctx *ctx = cxs_ctx_new();
    const long live = cxs_alloc_live();
    cxs_rc rc = CXS_ENOMEM;
    long k;

    (void)state;
    s.paramcd = "OS";
    for (k = 1; rc == CXS_ENOMEM && k < 400; k++) {
        cxs_surv *surv = NULL;
        cxs_alloc_fail_at(k);
        rc = read_text(ctx, head, rows, 0, &s, &surv);
        cxs_alloc_fail_at(0);
        CHECK((rc == CXS_OK) == is_os(surv));
        cxs_surv_free(surv);
        CHECK(cxs_alloc_live() == live);
    }
    CHECK(rc == CXS_OK && k > 20);
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
        cmocka_unit_test(cnsr_zero_is_the_event),
        cmocka_unit_test(unit_comes_from_param),
        cmocka_unit_test(dates_are_compared),
        cmocka_unit_test(faults_are_named),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests_name("cdisc", tests, NULL, remove_folder);
}
