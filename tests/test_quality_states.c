/*
 * test_quality_states.c -- every state that the quality of depth, fragments and receptors
 * can take, each reached by a case and none beside them; those of RNA stand in
 * test_rna_qc.c, those of methylation in test_honest.c
 */
#include "test.h"

#include "bag_case.h"
#include "base/base.h"
#include "features/receptors.h"

#include <string.h>

enum { MOST = 16 };

/* A state of a measure and why; reason NULL for none. */
typedef struct known {
    const char *measure;
    cxs_qc_state state;
    const char *reason;
} known;

/* Every row is one of the list, and every one of the list is a row. */
static void check_states(const cxs_quality_rows *rows, const known *list, size_t count)
{
    size_t seen[MOST] = {0};

    for (size_t r = 0; r < rows->count; r++) {
        const cxs_quality_row *q = &rows->at[r];
        size_t fits = 0;
        for (size_t k = 0; k < count; k++) {
            const int same_reason = q->reason == NULL || list[k].reason == NULL
                                        ? q->reason == NULL && list[k].reason == NULL
                                        : strcmp(q->reason, list[k].reason) == 0;
            if (strcmp(q->measure, list[k].measure) != 0 || q->state != list[k].state ||
                !same_reason)
                continue;
            fits++;
            seen[k]++;
        }
        CHECK(fits == 1);
        if (fits != 1)
            printf("  %s of %s: %g, state %d, %s\n", q->measure, q->sample, q->value,
                   (int)q->state, q->reason != NULL ? q->reason : "no reason");
    }
    for (size_t k = 0; k < count; k++) {
        CHECK(seen[k] > 0);
        if (seen[k] == 0)
            printf("  no case: %s, state %d\n", list[k].measure, (int)list[k].state);
    }
}

/* ---- depth ---------------------------------------------------------------------------- */

static cxs_patient_file depth_of(const char *sample, double tumour, double fragments,
                                 double noise)
{
    copy_case c = copy_case_make(10000000, 1);
    cxs_patient_file file = {.sample = sample,
                             .source = "CSF_CFDNA",
                             .library = "SWGS",
                             .build = "hg19",
                             .callable_mb = (double)NAN,
                             .purity = (double)NAN};

    copy_case_glioblastoma(&c);
    copy_case_reads(&c, tumour, fragments, noise, 50);
    file.bag = bag_depth(&c);
    copy_case_free(&c);
    return file;
}

static void states_of_depth(void **state)
{
    static const known list[] = {
        {"cn_bins", CXS_QC_OK, NULL},
        {"cn_bins", CXS_QC_FAIL, "few_bins"},
        {"cn_fragments", CXS_QC_OK, NULL},
        {"cn_fragments", CXS_QC_WARN, "few_fragments"},
        {"cn_fragments", CXS_QC_FAIL, "few_fragments"},
        {"cn_sd_diff", CXS_QC_OK, NULL},
        {"cn_sd_diff", CXS_QC_WARN, "noisy_bins"},
        {"cn_sd_diff", CXS_QC_FAIL, "noisy_bins"},
        {"cn_gc_rank", CXS_QC_OK, NULL},
        {"cn_tumour_fraction", CXS_QC_OK, NULL},
        {"cn_tumour_fraction", CXS_QC_OK, "no_cna_evidence"},
    };
    cxs_patient_file file[] = {
        depth_of("good", 0.6, 9e6, 0.02),  depth_of("quiet", 0.0, 9e6, 0.02),
        depth_of("few", 0.6, 3e6, 0.02),   depth_of("fewer", 0.6, 5e5, 0.02),
        depth_of("noise", 0.6, 9e6, 0.17), depth_of("noisier", 0.6, 9e6, 0.6),
        depth_of("empty", 0.6, 0.0, 0.02)};
    enum { N = sizeof file / sizeof *file };
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_quality_rows rows = {.count = 0};
    cxs_feature_columns columns = {.n = N};
    const char *reason;

    (void)state;
    CHECK(cxs_copy_features(ctx, file, NULL, "refdata", NULL, &rows, &columns) ==
          CXS_OK);
    check_states(&rows, list, sizeof list / sizeof *list);
    /* a failed one has no value, a warned one has */
    CHECK(!isnan(bag_value(&columns, "cn.fga", 2)));
    CHECK(isnan(bag_value(&columns, "cn.fga", 3)));
    CHECK(!isnan(bag_value(&columns, "cn.fga", 4)));
    CHECK(isnan(bag_value(&columns, "cn.fga", 5)));
    CHECK(isnan(bag_value(&columns, "cn.fga", 6)));
    /* the correction leaves no trend in these; the state is that of the value */
    CHECK(cxs_cn_judge(CXS_CN_GC_RANK, -0.21, &reason) == CXS_CN_WARN);
    CHECK(strcmp(reason, "follows_gc") == 0);
    CHECK(cxs_cn_judge(CXS_CN_GC_RANK, 0.99, &reason) == CXS_CN_WARN);
    for (size_t i = 0; i < N; i++)
        cxs_measures_free(file[i].bag);
    cxs_quality_rows_clear(&rows);
    cxs_feature_columns_clear(&columns);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- fragments -------------------------------------------------------------------------- */

/* Of so many fragments a share of 450 bases, the others of 167; reads, of them marked as
 * duplicates and in proper pairs. */
static cxs_patient_file fragments_of(const char *sample, double fragments, double lysed,
                                     int64_t reads, int64_t marked, int64_t proper)
{
    static const int length[] = {167, 450};
    const double count[] = {fragments * (1.0 - lysed), fragments * lysed};
    /* the reader of files leaves the lengths out where few pairs are proper */
    cxs_measures *bag = 2 * proper < reads ? bag_new() : bag_lengths(2, length, count);
    cxs_measure *qc = bag_table(bag, "qc", 2), *pairs = bag_table(bag, "fragments", 1);
    const size_t name = bag_text(qc, "name");
    int64_t *value = bag_int(qc, "value");

    bag_set(qc, name, 0, "mapped");
    bag_set(qc, name, 1, "duplicates");
    value[0] = reads;
    value[1] = marked;
    bag_int(pairs, "reads")[0] = reads;
    bag_int(pairs, "proper_pair_reads")[0] = proper;
    return (cxs_patient_file){.sample = sample,
                              .source = "CSF_CFDNA",
                              .library = "SWGS",
                              .build = "hg38",
                              .bag = bag};
}

static void states_of_fragments(void **state)
{
    static const known list[] = {
        {"frag_fragments", CXS_QC_OK, NULL},
        {"frag_fragments", CXS_QC_WARN, "few_fragments"},
        {"frag_fragments", CXS_QC_FAIL, "few_fragments"},
        {"frag_share_400_up", CXS_QC_OK, NULL},
        {"frag_share_400_up", CXS_QC_WARN, "lysed_cells"},
        {"frag_duplicates", CXS_QC_OK, NULL},
        {"frag_duplicates", CXS_QC_WARN, "low_complexity"},
        {"frag_duplicates", CXS_QC_WARN, "duplicates_not_marked"},
        {"frag_proper_pairs", CXS_QC_OK, NULL},
        {"frag_proper_pairs", CXS_QC_FAIL, "few_proper_pairs"},
    };
    cxs_patient_file file[] = {
        fragments_of("good", 6e6, 0.1, 12000000, 1000, 11000000),
        fragments_of("few", 2e6, 0.1, 4000000, 1000, 4000000),
        fragments_of("fewer", 999999, 0.1, 2000000, 1000, 2000000),
        fragments_of("lysed", 6e6, 0.21, 12000000, 1000, 11000000),
        fragments_of("copied", 6e6, 0.1, 24000001, 12000001, 23000000),
        fragments_of("unmarked", 6e6, 0.1, 12000000, 0, 11000000),
        fragments_of("unpaired", 6e6, 0.1, 12000000, 1000, 5999999)};
    enum { N = sizeof file / sizeof *file };
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_quality_rows rows = {.count = 0};
    cxs_feature_columns columns = {.n = N};

    (void)state;
    CHECK(cxs_fragment_features(ctx, file, NULL, NULL, "refdata", &rows, &columns) ==
          CXS_OK);
    check_states(&rows, list, sizeof list / sizeof *list);
    for (size_t i = 0; i < N; i++)
        CHECK((i == 2 || i == 6) ==
              (isnan(bag_value(&columns, "frag.length.mean", i)) != 0));
    for (size_t i = 0; i < N; i++)
        cxs_measures_free(file[i].bag);
    cxs_quality_rows_clear(&rows);
    cxs_feature_columns_clear(&columns);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- receptors --------------------------------------------------------------------------- */

static cxs_patient_file clones_of(const char *sample, int64_t first, int64_t second)
{
    cxs_measures *bag = bag_new();
    cxs_measure *t = bag_table(bag, "clones", 2);
    const size_t v = bag_text(t, "v"), j = bag_text(t, "j"),
                 junction = bag_text(t, "junction");
    int64_t *count = bag_int(t, "count");

    for (size_t k = 0; k < 2; k++) {
        bag_set(t, v, k, "TRBV1");
        bag_set(t, j, k, "TRBJ1");
        bag_set(t, junction, k, k == 0 ? "A" : "C");
    }
    count[0] = first;
    count[1] = second;
    return (cxs_patient_file){.sample = sample, .source = "CSF_CELLS", .bag = bag};
}

static void states_of_receptors(void **state)
{
    static const known list[] = {
        {"tcr_counts", CXS_QC_OK, NULL},
        {"tcr_counts", CXS_QC_WARN, "few_counts"},
        {"tcr_counts", CXS_QC_FAIL, "below_the_depth"},
    };
    cxs_patient_file file[] = {clones_of("good", 900, 100), clones_of("few", 900, 99),
                               clones_of("below", 99, 400)};
    enum { N = sizeof file / sizeof *file };
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_quality_rows rows = {.count = 0};
    const cxs_receptor_settings s = {.depth = 500, .quality = &rows};
    cxs_feature_columns columns = {.n = N};

    (void)state;
    CHECK(cxs_receptor_features_at(ctx, file, NULL, &s, &columns) == CXS_OK);
    check_states(&rows, list, sizeof list / sizeof *list);
    CHECK(!isnan(bag_value(&columns, "tcr.shannon", 0)));
    CHECK(!isnan(bag_value(&columns, "tcr.shannon", 1)));
    CHECK(isnan(bag_value(&columns, "tcr.shannon", 2)));
    for (size_t i = 0; i < N; i++)
        cxs_measures_free(file[i].bag);
    cxs_quality_rows_clear(&rows);
    cxs_feature_columns_clear(&columns);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states_of_depth),
        cmocka_unit_test(states_of_fragments),
        cmocka_unit_test(states_of_receptors),
    };

    return cmocka_run_group_tests_name("quality_states", tests, NULL, NULL);
}
