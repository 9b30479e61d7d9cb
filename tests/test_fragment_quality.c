/*
 * test_fragment_quality.c -- quality of cell-free DNA: states of tables that were
 * written by hand
 */
#include "test.h"

#include "fragment_case.h"
#include "meter_case.h"
#include "tmp.h"

static const cxs_quality_row *row_of(const cxs_quality_rows *rows, const char *measure)
{
    static const cxs_quality_row none = {.measure = "none", .value = -1.0};

    for (size_t k = 0; k < rows->count; k++)
        if (strcmp(rows->at[k].measure, measure) == 0)
            return &rows->at[k];
    return &none;
}

static void check_row(const cxs_quality_rows *rows, const char *measure, double value,
                      cxs_qc_state state, const char *reason)
{
    const cxs_quality_row *row = row_of(rows, measure);

    CHECK_NEAR(row->value, value, TOL_EXACT);
    CHECK(row->state == state);
    CHECK(reason == NULL ? row->reason == NULL
                         : row->reason != NULL && strcmp(row->reason, reason) == 0);
}

/* Half of the reads is the border of duplicates and of proper pairs; a million reads that
 * of marks that must be there. */
static void states_of_reads(void **state)
{
    static const struct {
        int64_t mapped, duplicates, reads, proper;
        cxs_qc_state marked, paired;
        const char *marks, *pairs;
    } cases[] = {
        {4000000, 2000000, 10, 10, CXS_QC_OK, CXS_QC_OK, NULL, NULL},
        {4000000, 2000001, 10, 10, CXS_QC_WARN, CXS_QC_OK, "low_complexity", NULL},
        {1000000, 0, 10, 5, CXS_QC_OK, CXS_QC_OK, NULL, NULL},
        {1000001, 0, 10, 4, CXS_QC_WARN, CXS_QC_FAIL, "duplicates_not_marked",
         "few_proper_pairs"},
        {1000001, 1, 10, 10, CXS_QC_OK, CXS_QC_OK, NULL, NULL}};

    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        cxs_measures *bag[1] = {bag_of(2e6, 3e9)};
        cxs_quality_rows quality = {0};
        cxs_ctx *ctx = tmp_ctx();
        cxs_feature_columns c;
        put_reads(bag[0], cases[k].mapped, cases[k].duplicates, cases[k].reads,
                  cases[k].proper);
        c = derive(ctx, bag, NULL, 1, &quality);
        check_row(&quality, "frag_duplicates",
                  (double)cases[k].duplicates / (double)cases[k].mapped,
                  cases[k].marked, cases[k].marks);
        check_row(&quality, "frag_proper_pairs", (double)cases[k].proper / 10.0,
                  cases[k].paired, cases[k].pairs);
        CHECK((strstr(tmp_log, "1 samples have more than 50 % duplicates: low "
                               "complexity") != NULL) == (k == 1));
        cxs_quality_rows_clear(&quality);
        cxs_feature_columns_clear(&c);
        cxs_ctx_free(ctx);
    }
    CHECK_DONE();
}

/* A million mapped reads without a mark may be; one more are told. */
static void marks_are_missed(void **state)
{
    meter_case *c = case_new("@SQ\tSN:chr1\tLN:20000\n"
                             "a\t99\tchr1\t101\t60\t4M\t=\t261\t168\tACGT\tIIII\n",
                             "hg19");

    (void)state;
    for (int k = 0; k < 3; k++) {
        cxs_ctx *ctx = tmp_ctx();
        cxs_meter *meter = NULL;
        cxs_measures *bag = NULL;
        void *reads = NULL;
        CHECK(cxs_meter_qc(ctx, NULL, &meter) == CXS_OK);
        CHECK(meter->state_new(ctx, meter, &c->info, &reads) == CXS_OK);
        for (int i = 0; i < 1000000 + (k > 0); i++) {
            c->record[0]->core.flag = k == 2 && i == 77 ? 99 | BAM_FDUP : 99;
            CHECK(meter->record(ctx, meter, reads, c->record[0]) == CXS_OK);
        }
        CHECK(cxs_measures_new(ctx, &bag) == CXS_OK);
        CHECK(meter->finish(ctx, meter, &c->info, reads, bag) == CXS_OK);
        CHECK((strstr(tmp_log, "CX041: case.bam: no read is marked duplicate; depth "
                               "features may be inflated") != NULL) == (k == 1));
        meter->state_free(reads);
        meter->free(meter);
        cxs_measures_free(bag);
        cxs_ctx_free(ctx);
    }
    case_free(c);
    CHECK_DONE();
}

/* Fewer than half in proper pairs: the reader left the tables out, and every feature is
 * missing. */
static void unpaired_is_missing(void **state)
{
    cxs_measures *bag[1] = {bag_new()};
    cxs_quality_rows quality = {0};
    cxs_feature_columns c;

    (void)state;
    put_reads(bag[0], 9000000, 10, 9000000, 4000000);
    c = derive(NULL, bag, NULL, 1, &quality);
    CHECK(c.count > 20 && quality.count == 2);
    for (size_t k = 0; k < c.count; k++)
        CHECK(isnan(c.column[k].value[0]));
    check_row(&quality, "frag_proper_pairs", 4.0 / 9.0, CXS_QC_FAIL,
              "few_proper_pairs");
    cxs_quality_rows_clear(&quality);
    cxs_feature_columns_clear(&c);
    CHECK_DONE();
}

/* A fifth of 400 bases and longer is the border of lysed cells. */
static void states_of_lengths(void **state)
{
    static const int length[3] = {399, 400, 1000};
    static const double at[3] = {8e6, 1e6, 1e6}, above[3] = {8e6, 1e6, 1000001};

    (void)state;
    for (int k = 0; k < 2; k++) {
        const double *count = k == 0 ? at : above;
        cxs_measures *bag[1] = {bag_lengths(3, length, count)};
        cxs_quality_rows quality = {0};
        cxs_ctx *ctx = tmp_ctx();
        cxs_feature_columns c = derive(ctx, bag, NULL, 1, &quality);
        const double total = count[0] + count[1] + count[2];
        check_row(&quality, "frag_share_400_up", (count[1] + count[2]) / total,
                  k == 0 ? CXS_QC_OK : CXS_QC_WARN, k == 0 ? NULL : "lysed_cells");
        check_row(&quality, "frag_fragments", total, CXS_QC_OK, NULL);
        CHECK((strstr(tmp_log, "DNA of lysed cells") != NULL) == (k == 1));
        cxs_quality_rows_clear(&quality);
        cxs_feature_columns_clear(&c);
        cxs_ctx_free(ctx);
    }
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states_of_reads),
        cmocka_unit_test(marks_are_missed),
        cmocka_unit_test(unpaired_is_missing),
        cmocka_unit_test(states_of_lengths),
    };
    return cmocka_run_group_tests_name("fragment_quality", tests, NULL, NULL);
}
