/*
 * test_confounded.c -- batch or centre one with arm or events (CX051): told where it is,
 * refused where the model takes both, silent where the two can be told apart
 */
#include "base/base.h"
#include "study_case.h"
#include "test.h"

enum { PATIENTS = 8 };

typedef struct layout {
    const char *batch[PATIENTS], *arm[PATIENTS], *centre[PATIENTS];
    const char *event; /* PATIENTS digits */
} layout;

static void put_study(const char *name, const char *plan, const layout *l)
{
    char text[2048], *at;

    at = text + sprintf(text,
                        "tables: {patients: patients.tsv, samples: samples.tsv}\n"
                        "endpoint: {name: OS}\n%s",
                        plan);
    case_file(name, "study.yaml", text);
    at = text + sprintf(text, "PATIENT_ID\tCENTER_ID\tARM\tAGE\tOS_DAYS\tOS_STATUS\n");
    for (int i = 0; i < PATIENTS; i++)
        at += sprintf(at, "P%d\t%s\t%s\t%d\t%d\t%s\n", i, l->centre[i], l->arm[i],
                      50 + 3 * (i % 5), 100 + 7 * i,
                      l->event[i] == '1' ? "1:DECEASED" : "0:LIVING");
    case_file(name, "patients.tsv", text);
    at = text + sprintf(text, "SAMPLE_ID\tPATIENT_ID\tSOURCE\tCOLLECT_DAY\tBATCH\n");
    for (int i = 0; i < PATIENTS; i++)
        at += sprintf(at, "S%d\tP%d\tTUMOR\t-1\t%s\n", i, i, l->batch[i]);
    case_file(name, "samples.tsv", text);
}

/* Analysis set of the layout; warnings of CX051 into text, its number returned. */
static size_t analyse(const char *plan, const layout *l, cxs_rc want, char text[512])
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_study *study = NULL;
    cxs_surv *surv = NULL;
    char path[1200];
    size_t told = 0;
    cxs_rc rc;

    put_study("s", plan, l);
    if (case_ingest(ctx, "s") != CXS_OK) {
        fprintf(stderr, "%s\n", cxs_ctx_message(ctx));
        abort();
    }
    snprintf(path, sizeof path, "%s.cxs", test_path("s"));
    CHECK(cxs_study_open(ctx, path, &study) == CXS_OK);
    rc = study != NULL ? cxs_study_surv(ctx, study, 1, &surv) : CXS_EBUG;
    CHECK(rc == want && (surv != NULL) == (rc == CXS_OK));
    text[0] = '\0';
    for (size_t i = 0; i < cxs_ctx_warning_count(ctx); i++)
        if (strncmp(cxs_ctx_warning(ctx, i, NULL), "CX051: ", 7) == 0) {
            told++;
            snprintf(text + strlen(text), 512 - strlen(text), "%s%s",
                     *text != '\0' ? "; " : "", cxs_ctx_warning(ctx, i, NULL) + 7);
        }
    if (rc != CXS_OK) {
        snprintf(text, 512, "%s", cxs_ctx_message(ctx));
        CHECK(strcmp(cxs_ctx_code(ctx), "CX051") == 0);
    }
    cxs_surv_free(surv);
    cxs_study_close(study);
    cxs_ctx_free(ctx);
    return told;
}

#define ONE                                                                            \
    {                                                                                  \
        "OTHER", "OTHER", "OTHER", "OTHER", "OTHER", "OTHER", "OTHER", "OTHER"         \
    }
#define HALVES(a, b)                                                                   \
    {                                                                                  \
        a, a, a, a, b, b, b, b                                                         \
    }
#define MIXED(a, b)                                                                    \
    {                                                                                  \
        a, b, a, b, a, b, a, b                                                         \
    }

static void what_is_confounded_is_told(void **state)
{
    static const struct {
        layout l;
        const char *want;
    } cases[] = {
        {{HALVES("b1", "b2"), HALVES("CONTROL", "TCELL"), ONE, "11111111"},
         "batch b1 holds all 4 patients of arm CONTROL"},
        {{ONE, HALVES("TCELL", "CONTROL"), HALVES("X", "Y"), "10101010"},
         "centre Y holds all 4 patients of arm CONTROL"},
        {{{"b1", "b2", "b2", "b1", "b3", "b3", "b3", "b3"},
          HALVES("CONTROL", "TCELL"),
          ONE,
          "11111111"},
         "batch b3 holds all 4 patients of arm TCELL"}, /* that of the fewest batches */
        {{{"b1", "b2", "b2", "b1", "b3", "b4", "b3", "b4"},
          HALVES("CONTROL", "TCELL"),
          ONE,
          "11111111"},
         "batches b1, b2 hold all 4 patients of arm CONTROL"},
        {{ONE,
          HALVES("CONTROL", "TCELL"),
          {"W", "Z", "W", "Z", "X", "Y", "X", "Y"},
          "11111111"},
         "centres W, Z hold all 4 patients of arm CONTROL"},
        {{HALVES("b1", "b2"), MIXED("CONTROL", "TCELL"), ONE, "01110000"},
         "batch b1 holds all 3 events"},
        {{ONE, MIXED("CONTROL", "TCELL"), HALVES("X", "Y"), "00000011"},
         "centre Y holds all 2 events"},
        {{HALVES("b1", "b2"), HALVES("CONTROL", "TCELL"), HALVES("X", "Y"), "11000000"},
         "batch b1 holds all 4 patients of arm CONTROL; batch b1 holds all 2 events; "
         "centre X holds all 4 patients of arm CONTROL; centre X holds all 2 events"},
        /* one batch, one arm, one event, patients without batch: nothing to tell */
        {{ONE, HALVES("CONTROL", "TCELL"), ONE, "11111111"}, ""},
        {{HALVES("b1", "b2"), ONE, ONE, "11111111"}, ""},
        {{HALVES("b1", "b2"), MIXED("CONTROL", "TCELL"), ONE, "10000000"}, ""},
        {{HALVES("b1", "b2"), MIXED("CONTROL", "TCELL"), HALVES("X", "Y"), "11001100"},
         ""},
        {{{"b1", "b1", "b1", "b1", "b1", "b2", "b2", "b2"},
          HALVES("CONTROL", "TCELL"),
          ONE,
          "11111111"},
         ""},
        {{HALVES("b1", "NA"), HALVES("CONTROL", "TCELL"), ONE, "11111111"}, ""},
        {{{"b1", "b1", "NA", "b1", "b2", "b2", "b2", "b2"},
          MIXED("CONTROL", "TCELL"),
          ONE,
          "11100000"},
         ""}, /* an event of no known batch */
        {{{"b1", "b1", "b1", "b1", "b2", "b2", "NA", "b2"},
          HALVES("CONTROL", "TCELL"),
          ONE,
          "11111111"},
         "batch b1 holds all 4 patients of arm CONTROL"},
    };
    char text[512];

    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        analyse("", &cases[k].l, CXS_OK, text);
        CHECK(strcmp(text, cases[k].want) == 0);
        if (strcmp(text, cases[k].want) != 0)
            printf("  case %zu: '%s'\n", k, text);
    }
    CHECK_DONE();
}

/* ARM as covariate beside what determines it, or a covariate that holds all events. */
static void impossible_models_are_refused(void **state)
{
    static const layout arms = {ONE, HALVES("CONTROL", "TCELL"), HALVES("X", "Y"),
                                "11011011"};
    static const layout events = {ONE, MIXED("CONTROL", "TCELL"), HALVES("X", "Y"),
                                  "11010000"};
    static const struct {
        const char *plan;
        const layout *l;
        const char *want; /* "": a warning is all */
    } cases[] = {
        {"covariates: [ARM, CENTER_ID]\n", &arms,
         "centre X holds all 4 patients of arm CONTROL: a model with both CENTER_ID "
         "and ARM "
         "cannot be fitted"},
        {"covariates: [ARM]\nstrata: [CENTER_ID]\n", &arms,
         "centre X holds all 4 patients of arm CONTROL: a model with both CENTER_ID "
         "and ARM "
         "cannot be fitted"},
        {"covariates: [ARM]\n", &arms, ""},
        {"strata: [CENTER_ID]\n", &arms, ""},
        {"covariates: [CENTER_ID, AGE]\n", &events,
         "centre X holds all 3 events: a model cannot be adjusted for CENTER_ID"},
        {"covariates: [AGE]\nstrata: [CENTER_ID]\n", &events, ""},
    };
    char text[512];

    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const bool refused = *cases[k].want != '\0';
        const size_t told = analyse(cases[k].plan, cases[k].l,
                                    refused ? CXS_EDEGENERATE : CXS_OK, text);
        CHECK(refused ? strcmp(text, cases[k].want) == 0 : told == 1);
        if (refused && strcmp(text, cases[k].want) != 0)
            printf("  case %zu: '%s'\n", k, text);
    }
    CHECK_DONE();
}

static void every_allocation_may_fail(void **state)
{
    static const layout l = {HALVES("b1", "b2"), HALVES("CONTROL", "TCELL"),
                             HALVES("X", "Y"), "11011011"};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_study *study = NULL;
    cxs_rc rc = CXS_ENOMEM;
    char path[1200];
    long live, k;

    (void)state;
    put_study("a", "covariates: [AGE]\n", &l);
    CHECK(case_ingest(ctx, "a") == CXS_OK);
    snprintf(path, sizeof path, "%s.cxs", test_path("a"));
    CHECK(cxs_study_open(ctx, path, &study) == CXS_OK);
    live = cxs_alloc_live();
    for (k = 1; rc == CXS_ENOMEM && k < 2000; k++) {
        cxs_surv *surv = NULL;
        cxs_alloc_fail_at(k);
        rc = cxs_study_surv(ctx, study, 1, &surv);
        cxs_alloc_fail_at(0);
        CHECK((surv != NULL) == (rc == CXS_OK));
        cxs_surv_free(surv);
        CHECK(rc == CXS_OK || cxs_alloc_live() == live); /* warnings stay */
    }
    CHECK(rc == CXS_OK && k > 100);
    cxs_study_close(study);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_confounded_is_told),
        cmocka_unit_test(impossible_models_are_refused),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("confounded", tests, test_folder_make,
                                       test_folder_remove);
}
