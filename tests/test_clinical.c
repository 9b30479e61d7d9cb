/*
 * test_clinical.c -- follow-up tables: coding of events, times, horizons, rows and
 * subjects
 */
#include "test.h"

#include "clinical_case.h"

#define MONTH_HALF_DAY (0.5 / 30.4375)

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
        cmocka_unit_test(intervals_of_one_subject),
        cmocka_unit_test(rows_without_id_are_subjects),
        cmocka_unit_test(identical_rows_are_merged),
        cmocka_unit_test(user_tokens_are_missing),
        cmocka_unit_test(row_order_does_not_matter),
    };
    return cmocka_run_group_tests_name("clinical", tests, NULL, remove_folder);
}
