/*
 * test_clinical.c -- follow-up tables: coding, times, covariates, drops, messages
 */
#include "test.h"
#include "tmp.h"

#include "base/base.h"
#include "coxswain/ingest.h"

#include <string.h>

#define MONTH_HALF_DAY (0.5 / 30.4375)

static cxs_rc read_text(cxs_ctx *ctx, const char *text,
                        const cxs_clinical_settings *settings, cxs_surv **out)
{
    char path[512];
    cxs_rc rc;

    tmp_write(path, sizeof path, "clin.tsv", text, strlen(text));
    rc = cxs_clinical_read(ctx, path, settings, out);
    tmp_remove("clin.tsv");
    return rc;
}

static cxs_clinical_settings usual(void)
{
    cxs_clinical_settings s = cxs_clinical_defaults();

    s.time = "t";
    s.event = "e";
    return s;
}

/* Counts of one flow step, SIZE_MAX when there is none. */
static size_t flow_count(const cxs_surv *surv, const char *what)
{
    size_t steps = 0;
    const cxs_flow_step *flow = cxs_surv_flow(surv, &steps);

    for (size_t i = 0; i < steps; i++)
        if (strcmp(flow[i].what, what) == 0)
            return flow[i].count;
    return SIZE_MAX;
}

static void defaults_are_those_of_the_header(void **state)
{
    const cxs_clinical_settings s = cxs_clinical_defaults();

    (void)state;
    CHECK(s.id == NULL && s.time == NULL && s.adjust == NULL && isnan(s.horizon));
    CHECK(!s.rows_are_subjects && !s.drop_bad_rows && !s.status_coding_12);
    CHECK_DONE();
}

static void plain_table_is_read_and_sorted(void **state)
{
    const cxs_clinical_settings s = usual();
    cxs_ctx *ctx = tmp_ctx();
    cxs_surv *surv = NULL;

    (void)state;
    CHECK(read_text(ctx, "id\tt\te\nP2\t5\t0\nP10\t+3.5\t1\r\nP1\t1e1\t1\n", &s,
                    &surv) == CXS_OK);
    CHECK(surv != NULL && cxs_surv_n(surv) == 3 && cxs_surv_n_subjects(surv) == 3);
    if (surv != NULL) {
        CHECK(strcmp(cxs_surv_id(surv)[0], "P1") == 0);
        CHECK(strcmp(cxs_surv_id(surv)[1], "P10") == 0);
        CHECK_NEAR(cxs_surv_time(surv)[0], 10.0, TOL_EXACT);
        CHECK_NEAR(cxs_surv_time(surv)[1], 3.5, TOL_EXACT);
        CHECK(cxs_surv_event(surv)[2] == 0 && cxs_surv_events(surv) == 2);
        CHECK(cxs_surv_entry(surv) == NULL && cxs_surv_weight(surv) == NULL);
        CHECK(cxs_surv_z(surv) == NULL && cxs_surv_k(surv) == 0);
        CHECK(cxs_surv_n_strata(surv) == 1);
        CHECK(strcmp(cxs_surv_stratum_name(surv)[0], "all") == 0);
        CHECK(flow_count(surv, "rows in table") == 3 &&
              flow_count(surv, "analysed") == 3);
    }
    cxs_surv_free(surv);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void cbioportal_file_works_as_it_is(void **state)
{
    cxs_clinical_settings s = cxs_clinical_defaults();
    cxs_ctx *ctx = tmp_ctx();
    cxs_surv *surv = NULL;

    (void)state;
    s.time = "OS_MONTHS";
    s.event = "OS_STATUS";
    s.time_unit = "months";
    CHECK(read_text(ctx,
                    "#Patient\tOverall\tStatus\n#STRING\tNUMBER\tSTRING\n"
                    "#1\t1\t1\n#PATIENT_ID\tOS_MONTHS\tOS_STATUS\n"
                    "PATIENT_ID\tOS_MONTHS\tOS_STATUS\nA\t12\t1:DECEASED\n"
                    "B\t0\t0:LIVING\nC\t[Not Available]\t1:DECEASED\n",
                    &s, &surv) == CXS_OK);
    CHECK(surv != NULL && cxs_surv_n(surv) == 2);
    if (surv != NULL) {
        CHECK(cxs_surv_event(surv)[0] == 1 && cxs_surv_event(surv)[1] == 0);
        CHECK_NEAR(cxs_surv_time(surv)[1], MONTH_HALF_DAY, TOL_SUM);
        CHECK(flow_count(surv, "dropped: time missing") == 1);
        CHECK(strcmp(cxs_surv_time_unit(surv), "months") == 0);
    }
    cxs_surv_free(surv);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void named_value_is_the_event_and_values_are_counted(void **state)
{
    cxs_clinical_settings s = usual();
    cxs_ctx *ctx = tmp_ctx();
    cxs_surv *surv = NULL;
    const char *text = "id\tt\te\nA\t1\tdead\nB\t2\tlost\nC\t3\talive\nD\t4\tdead\n";

    (void)state;
    s.event = "e=dead";
    CHECK(read_text(ctx, text, &s, &surv) == CXS_OK);
    CHECK(surv != NULL && cxs_surv_events(surv) == 2 && cxs_surv_n(surv) == 4);
    CHECK(strstr(tmp_log, "clin.tsv:e: censored \"alive\" (1), event \"dead\" (2), "
                          "censored \"lost\" (1)") != NULL);
    cxs_surv_free(surv);
    s.event = "e=2"; /* numerically equal is equal */
    CHECK(read_text(ctx, "id\tt\te\nA\t1\t2.0\nB\t2\t1\n", &s, &surv) == CXS_OK);
    CHECK(surv != NULL && cxs_surv_events(surv) == 1 && cxs_surv_event(surv)[0] == 1);
    cxs_surv_free(surv);
    s.event = "CNSR=0";
    CHECK(read_text(ctx, "id\tt\tCNSR\nA\t1\t0\nB\t2\t1\nC\t3\t2\n", &s, &surv) ==
          CXS_OK);
    CHECK(surv != NULL && cxs_surv_events(surv) == 1 && cxs_surv_event(surv)[0] == 1);
    cxs_surv_free(surv);
    s = usual();
    s.status_coding_12 = 1;
    CHECK(read_text(ctx, "id\tt\te\nA\t1\t2\nB\t2\t1\n", &s, &surv) == CXS_OK);
    CHECK(surv != NULL && cxs_surv_events(surv) == 1 && cxs_surv_event(surv)[0] == 1);
    cxs_surv_free(surv);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Zero becomes half a day where the unit is known, else half of the smallest time. */
static void zero_times_move(void **state)
{
    static const struct {
        const char *unit;
        double want;
        const char *warning;
    } cases[] = {
        {NULL, 2.0, ":t: 1 times of 0 were set to half of the smallest positive time"},
        {"days", 0.5, ":t: 1 times of 0 were set to 0.5 day"},
        {"years", 0.5 / 365.25, "set to 0.5 day"},
    };
    cxs_ctx *ctx = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cxs_clinical_settings s = usual();
        cxs_surv *surv = NULL;
        ctx = tmp_ctx();
        s.time_unit = cases[i].unit;
        CHECK(read_text(ctx, "id\tt\te\nA\t0\t1\nB\t4\t1\nC\t9\t0\n", &s, &surv) ==
              CXS_OK);
        if (surv != NULL)
            CHECK_NEAR(cxs_surv_time(surv)[0], cases[i].want, TOL_SUM);
        CHECK(strstr(tmp_log, cases[i].warning) != NULL);
        CHECK(cxs_ctx_warning_count(ctx) == 1);
        cxs_surv_free(surv);
        cxs_ctx_free(ctx);
    }
    CHECK_DONE();
}

/* Horizon 5: the event at 5 stays, the one at 7 is censored at 5, entry 5 drops. */
static void horizon_censors_and_drops(void **state)
{
    cxs_clinical_settings s = usual();
    cxs_ctx *ctx = tmp_ctx();
    cxs_surv *surv = NULL;

    (void)state;
    s.entry = "s";
    s.horizon = 5.0;
    CHECK(read_text(ctx,
                    "id\ts\tt\te\nA\t0\t5\t1\nB\t1\t7\t1\nC\t5\t8\t1\nD\t0\t2\t0\n", &s,
                    &surv) == CXS_OK);
    CHECK(surv != NULL && cxs_surv_n(surv) == 3 && cxs_surv_events(surv) == 1);
    if (surv != NULL) {
        CHECK(cxs_surv_event(surv)[0] == 1 && cxs_surv_event(surv)[1] == 0);
        CHECK_NEAR(cxs_surv_time(surv)[1], 5.0, TOL_EXACT);
        CHECK(flow_count(surv, "dropped: entry beyond the horizon") == 1);
    }
    CHECK(strstr(tmp_log, "horizon 5: 1 events after it are censored") != NULL);
    cxs_surv_free(surv);
    s.horizon = 0.0;
    CHECK(read_text(ctx, "id\ts\tt\te\nA\t0\t5\t1\n", &s, &surv) == CXS_EARG);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void bad_rows_can_be_dropped(void **state)
{
    cxs_clinical_settings s = usual();
    cxs_ctx *ctx = tmp_ctx();
    cxs_surv *surv = NULL;

    (void)state;
    s.entry = "s";
    s.drop_bad_rows = 1;
    CHECK(read_text(ctx, "id\ts\tt\te\nA\t0\t5\t1\nB\t7\t7\t1\nC\t9\t8\t1\n", &s,
                    &surv) == CXS_OK);
    CHECK(surv != NULL && cxs_surv_n(surv) == 1);
    if (surv != NULL)
        CHECK(flow_count(surv, "dropped: entry not before exit") == 2);
    CHECK(strstr(tmp_log, "CX013: ") != NULL);
    CHECK(strstr(tmp_log, ":s: 2 rows with entry not before exit were dropped") !=
          NULL);
    cxs_surv_free(surv);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Levels in bytewise order: F < M < m; the first is the reference unless told. */
static void covariates_become_terms(void **state)
{
    const char *text = "id\tt\te\tage\tsex\tgrade\nA\t1\t1\t50\tM\t2\nB\t2\t1\t60\tF\t3"
                       "\nC\t3\t0\t70.5\tm\t2\nD\t4\t1\tNA\tF\t4\n";
    cxs_clinical_settings s = usual();
    cxs_ctx *ctx = tmp_ctx();
    cxs_surv *surv = NULL;

    (void)state;
    s.adjust = "age, sex,grade";
    CHECK(read_text(ctx, text, &s, &surv) == CXS_OK);
    CHECK(surv != NULL && cxs_surv_k(surv) == 4 && cxs_surv_n(surv) == 3);
    if (surv != NULL) {
        const double want[] = {50, 60, 70.5, 1, 0, 0, 0, 0, 1, 2, 3, 2};
        const char *const term[] = {"age", "sex=M", "sex=m", "grade"};
        for (size_t i = 0; i < 12; i++)
            CHECK_NEAR(cxs_surv_z(surv)[i], want[i], TOL_EXACT);
        for (size_t j = 0; j < 4; j++)
            CHECK(strcmp(cxs_surv_term(surv)[j], term[j]) == 0);
        CHECK(flow_count(surv, "dropped: age missing") == 1);
    }
    cxs_surv_free(surv);
    s.adjust = "sex,grade";
    s.factor = "grade";
    s.reference = "sex=M,grade=3";
    CHECK(read_text(ctx, text, &s, &surv) == CXS_OK);
    CHECK(surv != NULL && cxs_surv_k(surv) == 4);
    if (surv != NULL) {
        const char *const term[] = {"sex=F", "sex=m", "grade=2", "grade=4"};
        for (size_t j = 0; j < 4; j++)
            CHECK(strcmp(cxs_surv_term(surv)[j], term[j]) == 0);
        CHECK_NEAR(cxs_surv_z(surv)[1], 1.0, TOL_EXACT); /* B is F */
    }
    cxs_surv_free(surv);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Numbers with one text among them: categorical, but not in silence, and the text is
 * not in the warning, which goes into the run record. */
static void mixed_covariate_is_categorical(void **state)
{
    cxs_clinical_settings s = usual();
    cxs_ctx *ctx = tmp_ctx();
    cxs_surv *surv = NULL;

    (void)state;
    s.adjust = "a";
    CHECK(read_text(ctx, "id\tt\te\ta\nA\t1\t1\t4\nB\t2\t1\t6\nC\t3\t0\t<5\n", &s,
                    &surv) == CXS_OK);
    CHECK(surv != NULL && cxs_surv_k(surv) == 2);
    CHECK(cxs_ctx_warning_count(ctx) == 1);
    CHECK(
        strstr(cxs_ctx_warning(ctx, 0, NULL),
               ":a: 2 of 3 cells are numbers and the others are not: the covariate is "
               "categorical") != NULL);
    CHECK(strstr(cxs_ctx_warning(ctx, 0, NULL), "<5") == NULL);
    cxs_surv_free(surv);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* One level left: a constant column that the fit can name. */
static void category_with_one_level_stays(void **state)
{
    cxs_clinical_settings s = usual();
    cxs_ctx *ctx = tmp_ctx();
    cxs_surv *surv = NULL;

    (void)state;
    s.adjust = "sex";
    CHECK(read_text(ctx, "id\tt\te\tsex\nA\t1\t1\tF\nB\t2\t1\tF\nC\tNA\t1\tM\n", &s,
                    &surv) == CXS_OK);
    CHECK(surv != NULL && cxs_surv_k(surv) == 1);
    if (surv != NULL) {
        CHECK(strcmp(cxs_surv_term(surv)[0], "sex=F") == 0);
        CHECK_NEAR(cxs_surv_z(surv)[0], 1.0, TOL_EXACT);
        CHECK_NEAR(cxs_surv_z(surv)[1], 1.0, TOL_EXACT);
    }
    cxs_surv_free(surv);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void strata_combine(void **state)
{
    cxs_clinical_settings s = usual();
    cxs_ctx *ctx = tmp_ctx();
    cxs_surv *surv = NULL;

    (void)state;
    s.strata = "a,b";
    s.centre = "c";
    CHECK(read_text(ctx,
                    "id\tt\te\ta\tb\tc\nP1\t1\t1\ty\t2\tK\nP2\t2\t1\tx\t2\tNA\n"
                    "P3\t3\t0\tx\t1\tK\nP4\t4\t1\ty\t2\tL\nP5\t4\t1\tNA\t2\tL\n",
                    &s, &surv) == CXS_OK);
    CHECK(surv != NULL && cxs_surv_n(surv) == 4 && cxs_surv_n_strata(surv) == 3);
    if (surv != NULL) {
        const char *const name[] = {"a=x,b=1", "a=x,b=2", "a=y,b=2"};
        const uint32_t want[] = {2, 1, 0, 2};
        for (size_t i = 0; i < 3; i++)
            CHECK(strcmp(cxs_surv_stratum_name(surv)[i], name[i]) == 0);
        for (size_t i = 0; i < 4; i++)
            CHECK(cxs_surv_stratum(surv)[i] == want[i]);
        CHECK(cxs_surv_n_centres(surv) == 3);
        CHECK(strcmp(cxs_surv_centre_name(surv)[cxs_surv_centre(surv)[1]], "NA") == 0);
        CHECK(flow_count(surv, "dropped: a missing") == 1);
    }
    CHECK(strstr(tmp_log, "CX052: ") != NULL);
    CHECK(strstr(tmp_log, "1 of 3 strata have no event") != NULL);
    cxs_surv_free(surv);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Weight zero is as if deleted: neither its bad time nor its level is seen. */
static void weights_offset_cluster(void **state)
{
    cxs_clinical_settings s = usual();
    cxs_ctx *ctx = tmp_ctx();
    cxs_surv *surv = NULL;

    (void)state;
    s.weights = "w";
    s.offset = "o";
    s.cluster = "k";
    s.adjust = "g";
    CHECK(read_text(ctx,
                    "id\tt\te\tw\to\tk\tg\nA\t1\t1\t2\t0.5\tu\tx\nA\t2\t0\t1\t0\tu\ty\n"
                    "B\t-3\t1\t0\t0\tv\tz\nC\t3\t1\tNA\t0\tv\tx\nD\t4\t1\t1\tNA\tv\tx\n"
                    "E\t5\t1\t1\t0\tNA\tx\nF\t6\t1\t1\t0\tt\tx\n",
                    &s, &surv) == CXS_OK);
    CHECK(surv != NULL && cxs_surv_n(surv) == 3 && cxs_surv_n_subjects(surv) == 2);
    if (surv != NULL) {
        CHECK_NEAR(cxs_surv_weight(surv)[0], 2.0, TOL_EXACT);
        CHECK_NEAR(cxs_surv_offset(surv)[0], 0.5, TOL_EXACT);
        CHECK(cxs_surv_cluster(surv)[0] == 1 && cxs_surv_cluster(surv)[2] == 0);
        CHECK(cxs_surv_k(surv) == 1 && strcmp(cxs_surv_term(surv)[0], "g=y") == 0);
        CHECK(flow_count(surv, "dropped: weight zero") == 1);
        CHECK(flow_count(surv, "dropped: weight missing") == 1);
        CHECK(flow_count(surv, "dropped: offset missing") == 1);
        CHECK(flow_count(surv, "dropped: cluster missing") == 1);
    }
    cxs_surv_free(surv);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void intervals_of_one_subject(void **state)
{
    cxs_clinical_settings s = usual();
    cxs_ctx *ctx = tmp_ctx();
    cxs_surv *surv = NULL;

    (void)state;
    s.entry = "s";
    CHECK(read_text(ctx, "id\ts\tt\te\nA\t3\t9\t1\nB\t0\t4\t0\nA\t0\t3\t0\n", &s,
                    &surv) == CXS_OK);
    CHECK(surv != NULL && cxs_surv_n(surv) == 3 && cxs_surv_n_subjects(surv) == 2);
    if (surv != NULL) {
        CHECK_NEAR(cxs_surv_entry(surv)[0], 0.0, TOL_EXACT);
        CHECK_NEAR(cxs_surv_entry(surv)[1], 3.0, TOL_EXACT);
    }
    cxs_surv_free(surv);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void rows_without_id_are_subjects(void **state)
{
    cxs_clinical_settings s = usual();
    cxs_ctx *ctx = tmp_ctx();
    cxs_surv *surv = NULL;

    (void)state;
    s.rows_are_subjects = 1;
    CHECK(read_text(ctx, "inst\tt\te\n3\t7\t1\n3\t5\t0\n", &s, &surv) == CXS_OK);
    CHECK(surv != NULL && cxs_surv_n_subjects(surv) == 2);
    if (surv != NULL)
        CHECK(strcmp(cxs_surv_id(surv)[0], "2") == 0); /* row 2 has the smaller time */
    cxs_surv_free(surv);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void identical_rows_are_merged(void **state)
{
    const cxs_clinical_settings s = usual();
    cxs_ctx *ctx = tmp_ctx();
    cxs_surv *surv = NULL;

    (void)state;
    CHECK(read_text(ctx, "id\tt\te\nA\t1\t1\nB\t2\t0\nA\t1\t1\n", &s, &surv) == CXS_OK);
    CHECK(surv != NULL && cxs_surv_n(surv) == 2);
    if (surv != NULL)
        CHECK(flow_count(surv, "merged: identical rows") == 1);
    CHECK(strstr(tmp_log, "CX002: ") != NULL);
    CHECK(strstr(tmp_log, "1 rows repeat another row") != NULL);
    cxs_surv_free(surv);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void user_tokens_are_missing(void **state)
{
    cxs_clinical_settings s = usual();
    cxs_ctx *ctx = tmp_ctx();
    cxs_surv *surv = NULL;

    (void)state;
    s.na = "-9, ?";
    CHECK(read_text(ctx, "id\tt\te\nA\t-9\t1\nB\t2\t?\nC\t3\t1\n", &s, &surv) ==
          CXS_OK);
    CHECK(surv != NULL && cxs_surv_n(surv) == 1);
    cxs_surv_free(surv);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* The same rows in any order give the same object. */
static void row_order_does_not_matter(void **state)
{
    static const char *const text[] = {
        "id\ts\tt\te\tg\nA\t0\t3\t0\tx\nA\t3\t9\t1\ty\nB\t0\t4\t1\tz\n",
        "id\ts\tt\te\tg\nB\t0\t4\t1\tz\nA\t3\t9\t1\ty\nA\t0\t3\t0\tx\n"};
    cxs_clinical_settings s = usual();
    cxs_ctx *ctx = tmp_ctx();
    cxs_surv *surv[2] = {NULL, NULL};

    (void)state;
    s.entry = "s";
    s.adjust = "g";
    for (size_t v = 0; v < 2; v++)
        CHECK(read_text(ctx, text[v], &s, &surv[v]) == CXS_OK);
    for (size_t i = 0; surv[0] != NULL && surv[1] != NULL && i < 3; i++) {
        CHECK(strcmp(cxs_surv_id(surv[0])[i], cxs_surv_id(surv[1])[i]) == 0);
        CHECK_NEAR(cxs_surv_time(surv[0])[i], cxs_surv_time(surv[1])[i], TOL_EXACT);
        CHECK_NEAR(cxs_surv_z(surv[0])[i], cxs_surv_z(surv[1])[i], TOL_EXACT);
        CHECK_NEAR(cxs_surv_z(surv[0])[3 + i], cxs_surv_z(surv[1])[3 + i], TOL_EXACT);
    }
    cxs_surv_free(surv[0]);
    cxs_surv_free(surv[1]);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- messages: the wording of the catalogue -------------------------------------- */

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

static int remove_folder(void **state)
{
    (void)state;
    tmp_close();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_those_of_the_header),
        cmocka_unit_test(plain_table_is_read_and_sorted),
        cmocka_unit_test(cbioportal_file_works_as_it_is),
        cmocka_unit_test(named_value_is_the_event_and_values_are_counted),
        cmocka_unit_test(zero_times_move),
        cmocka_unit_test(horizon_censors_and_drops),
        cmocka_unit_test(bad_rows_can_be_dropped),
        cmocka_unit_test(covariates_become_terms),
        cmocka_unit_test(mixed_covariate_is_categorical),
        cmocka_unit_test(category_with_one_level_stays),
        cmocka_unit_test(strata_combine),
        cmocka_unit_test(weights_offset_cluster),
        cmocka_unit_test(intervals_of_one_subject),
        cmocka_unit_test(rows_without_id_are_subjects),
        cmocka_unit_test(identical_rows_are_merged),
        cmocka_unit_test(user_tokens_are_missing),
        cmocka_unit_test(row_order_does_not_matter),
        cmocka_unit_test(faults_have_their_words),
        cmocka_unit_test(settings_are_checked),
        cmocka_unit_test(long_faults_are_cut),
        cmocka_unit_test(masked_ids_stay_hidden),
        cmocka_unit_test(absent_file_is_said),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("clinical", tests, NULL, remove_folder);
}
