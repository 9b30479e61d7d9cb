/*
 * test_fragment_panel.c -- the reference profile of fragments: from normals to the
 * panel file, through a study, to the features of a sample
 */
#include "test.h"

#include "profile_case.h"
#include "features/scores.h"
#include "study_case.h"
#include "tmp.h"

#include "features/copy_private.h"

/* ---- the definition written out -------------------------------------------------------- */

static double pearson(const double *x, const double *y, size_t n)
{
    double sx = 0, sy = 0, sxx = 0, syy = 0, sxy = 0;

    for (size_t k = 0; k < n; k++) {
        sx += x[k];
        sy += y[k];
    }
    for (size_t k = 0; k < n; k++) {
        const double a = x[k] - sx / (double)n, b = y[k] - sy / (double)n;
        sxx += a * a;
        syy += b * b;
        sxy += a * b;
    }
    return sxy / sqrt(sxx * syy);
}

/* ---- there and back ------------------------------------------------------------------------ */

static cxs_copy_frozen frozen_of(cxs_ctx *ctx, const char *sequencing)
{
    cxs_copy_frozen frozen = {.profile = NULL};
    cxs_study *study = NULL;
    char yaml[512];

    snprintf(yaml, sizeof yaml,
             "tables: {patients: patients.tsv}\n"
             "endpoint: {name: OS, time: OS_DAYS, event: OS_STATUS}\n"
             "sequencing: {%s}\n",
             sequencing);
    case_plain("ref", yaml, "PATIENT_ID\tOS_DAYS\tOS_STATUS\nA\t400\t1\nB\t500\t0\n");
    CHECK(case_ingest(ctx, "ref") == CXS_OK);
    CHECK(cxs_study_open(ctx, test_path("ref.cxs"), &study) == CXS_OK);
    if (study == NULL)
        printf("  %s\n", cxs_ctx_message(ctx));
    CHECK(cxs_copy_frozen_read(ctx, study, &frozen) == CXS_OK);
    cxs_study_close(study);
    return frozen;
}

/* Depth for the copy numbers of a normal beside its fragments. */
static void put_depth(cxs_measures *bag, uint64_t seed)
{
    copy_case c = copy_case_make(1000000, 5);
    cxs_measure *t;
    size_t chrom;
    int64_t *column[5];
    static const char *const names[5] = {"start", "end", "fragments", "gc", "acgt"};

    copy_case_reads(&c, 0.0, 9e6, 0.02, seed);
    t = bag_table(bag, "depth", c.bins.n);
    chrom = bag_text(t, "chrom");
    for (int k = 0; k < 5; k++)
        column[k] = bag_int(t, names[k]);
    for (size_t i = 0; i < c.bins.n; i++) {
        char name[8];
        snprintf(name, sizeof name, "%d", c.bins.chrom[i]);
        bag_set(t, chrom, i, name);
        column[0][i] = c.bins.start0[i];
        column[1][i] = c.bins.end0[i];
        column[2][i] = (int64_t)c.reads[i];
        column[3][i] = (int64_t)(c.bins.gc[i] * 1e6);
        column[4][i] = 1000000;
    }
    copy_case_free(&c);
}

static void check_sample(const cxs_feature_columns *c, size_t i,
                         const cxs_measures *bag, const cxs_copy_frozen *f)
{
    double ratio[JOINED + 5], middle[JOINED], score[3] = {0.0};
    char name[32];

    CHECK(join_literally(bag, SIZE_MAX, ratio) == JOINED);
    for (size_t k = 0; k < JOINED; k++)
        middle[k] = f->profile[k].middle;
    CHECK_NEAR(bag_value(c, "frag.profile.correlation", i),
               pearson(ratio, middle, JOINED), 1e-6);
    scale_literally(ratio, JOINED);
    for (int p = 0; p < 3; p++) {
        for (size_t k = 0; k < JOINED; k++)
            score[p] += f->profile[k].loading[p] * (ratio[k] - middle[k]);
        snprintf(name, sizeof name, "frag.profile.pc%d", p + 1);
        CHECK_NEAR(bag_value(c, name, i), score[p], 1e-4);
    }
}

/* Normals to a panel file, the file to a study, the study to the features: like the
 * definition; missing with 4,999,999 fragments, without a bin of the reference, and for
 * another build. */
static void panel_there_and_back(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    cxs_measures *bag[NORMALS];
    cxs_patient_file normal[NORMALS], sample[5];
    cxs_copy_frozen none = {.profile = NULL}, frozen, old;
    cxs_feature_columns c = {.n = 5};
    reference r;

    (void)state;
    for (size_t i = 0; i < NORMALS; i++) {
        bag[i] = person_bag(20 + i, 6e6, plain);
        put_depth(bag[i], 70 + i);
        normal[i] = file_of(bag[i]);
    }
    mkdir(test_path("ref"), 0777);
    CHECK(cxs_copy_panel_write(ctx, normal, NORMALS, &none, "refdata",
                               test_path("ref/pon.tsv")) == CXS_OK);
    CHECK(strstr(tmp_log,
                 "panel of 7 normals, 0 more without enough quality; profile of "
                 "fragments of 7 normals") != NULL);
    frozen = frozen_of(ctx, "panel_of_normals: pon.tsv");
    CHECK(reference_of(bag, NORMALS, 5, NULL, &r) == CXS_OK);
    CHECK(frozen.profile_count == JOINED && r.count == JOINED);
    CHECK(frozen.panel.count > 2000);
    for (size_t k = 0; k < frozen.panel.count; k++)
        CHECK(frozen.panel.at[k].end0 - frozen.panel.at[k].start0 == 1000000);
    for (size_t k = 0; k < frozen.profile_count; k++) /* to the last bit */
        CHECK(memcmp(&frozen.profile[k].middle, &r.row[k].middle, 4 * sizeof(double)) ==
                  0 &&
              frozen.profile[k].chrom == r.row[k].chrom &&
              frozen.profile[k].start0 == r.row[k].start0 &&
              frozen.profile[k].end0 == r.row[k].end0);
    for (uint64_t i = 0; i < 5; i++)
        sample[i] = file_of(person_bag(90 + i, i == 2 ? 4999999 : 5e6, plain));
    sample[3].build = "hg38";
    {
        int64_t *all = (int64_t *)(uintptr_t)cxs_measure_get_int(
            cxs_measures_find(sample[4].bag, "fragment_bins"), "gc_fragments");
        for (size_t k = 0; k < 50; k++)
            all[k] = 0;
    }
    CHECK(cxs_fragment_features(ctx, sample, &frozen, NULL, "refdata", NULL, &c) ==
          CXS_OK);
    check_sample(&c, 0, sample[0].bag, &frozen);
    check_sample(&c, 1, sample[1].bag, &frozen);
    for (size_t i = 2; i < 5; i++) {
        CHECK(isnan(bag_value(&c, "frag.profile.correlation", i)));
        CHECK(isnan(bag_value(&c, "frag.profile.pc1", i)));
        CHECK(isnan(bag_value(&c, "frag.profile.pc3", i)));
    }
    CHECK(!isnan(bag_value(&c, "frag.short_long.sd", 4)));
    case_file("ref", "old.tsv",
              "build\tchrom\tstart0\tend0\tlog2\tmad\tsamples\n"
              "hg19\t1\t0\t1000000\t0.1\t0.01\t7\n");
    old = frozen_of(ctx, "panel_of_normals: old.tsv");
    CHECK(old.panel.count == 1 && old.profile_count == 0);
    for (size_t i = 0; i < 5; i++)
        cxs_measures_free(sample[i].bag);
    for (size_t i = 0; i < NORMALS; i++)
        cxs_measures_free(bag[i]);
    cxs_free(r.row);
    cxs_copy_frozen_free(&frozen);
    cxs_copy_frozen_free(&old);
    cxs_feature_columns_clear(&c);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- without a reference genome --------------------------------------------------------- */

/* GC of the bins stands in, and is flagged; without it nothing is told. */
static void gc_of_bins(void **state)
{
    static cxs_frozen_bin at[BINS];
    cxs_copy_frozen frozen = {.gc = {at, BINS, BINS}};
    cxs_measures *bag[2] = {person_bag(3, 6e6, plain),
                            person_bag(3, 6e6, (made_as){0, 1, SIZE_MAX})};
    cxs_patient_file file[2] = {file_of(bag[0]), file_of(bag[1])};
    cxs_quality_rows quality = {0}, bare = {0};
    cxs_feature_columns c = {.n = 2}, d = {.n = 2};

    (void)state;
    for (size_t i = 0; i < BINS; i++)
        at[i] = (cxs_frozen_bin){"",
                                 i < FIRST ? 1 : 2,
                                 (int64_t)(i < FIRST ? i : i - FIRST) * 100000,
                                 (int64_t)(i < FIRST ? i + 1 : i - FIRST + 1) * 100000,
                                 floor(1e6 * share_of_gc(i)) / 1e6,
                                 (double)NAN};
    CHECK(cxs_fragment_features(NULL, file, &frozen, NULL, "refdata", &quality, &c) ==
          CXS_OK);
    CHECK_NEAR(bag_value(&c, "frag.short_long.mean", 1),
               bag_value(&c, "frag.short_long.mean", 0), TOL_SUM);
    CHECK_NEAR(bag_value(&c, "frag.short_long.sd", 1),
               bag_value(&c, "frag.short_long.sd", 0), TOL_SUM);
    CHECK(quality.count == 5 && strcmp(quality.at[4].measure, "frag_gc") == 0);
    CHECK(quality.at[4].state == CXS_QC_WARN &&
          strcmp(quality.at[4].reason, "gc_of_bins") == 0);
    CHECK(cxs_fragment_features(NULL, file, NULL, NULL, "refdata", &bare, &d) ==
          CXS_OK);
    CHECK(isnan(bag_value(&d, "frag.short_long.mean", 1)));
    CHECK(bag_value(&d, "frag.share.160_180", 1) == 1.0);
    CHECK(bare.count == 5 && bare.at[4].state == CXS_QC_FAIL &&
          strcmp(bare.at[4].reason, "no_gc") == 0);
    cxs_quality_rows_clear(&quality);
    cxs_quality_rows_clear(&bare);
    cxs_feature_columns_clear(&c);
    cxs_feature_columns_clear(&d);
    cxs_measures_free(bag[0]);
    cxs_measures_free(bag[1]);
    CHECK_DONE();
}

/* GC tables mark unknown bins by -1; they serve copy numbers as well. */
static void gc_of_a_study(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_copy_frozen frozen;
    uint8_t chrom[3] = {1, 1, 2};
    int64_t start[3] = {0, 100, 0}, end[3] = {100, 200, 100};
    double gc[3] = {(double)NAN, (double)NAN, (double)NAN};
    cxs_cn_bins bins = {.n = 3, .chrom = chrom, .start0 = start, .end0 = end, .gc = gc};

    (void)state;
    mkdir(test_path("ref"), 0777);
    case_file("ref", "gc.wig",
              "fixedStep chrom=1 start=1 step=100 span=100\n0.41\n-1\n");
    frozen = frozen_of(ctx, "gc: gc.wig");
    CHECK(frozen.gc.count == 2 && frozen.panel.count == 0 && frozen.map.count == 0);
    cxs_copy_gc(&frozen.gc, "hg19", &bins);
    CHECK_NEAR(gc[0], 0.41, TOL_EXACT);
    CHECK(isnan(gc[1]) && isnan(gc[2]));
    gc[0] = gc[1] = 0.5; /* most is known by the reference: it stands */
    cxs_copy_gc(&frozen.gc, "hg19", &bins);
    CHECK_NEAR(gc[0], 0.5, TOL_EXACT);
    CHECK(gc[1] == 0.5 && isnan(gc[2]));
    cxs_copy_frozen_free(&frozen);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Groups of genes: from GMT to the study; what a file must be. */
static void groups_of_a_study(void **state)
{
    static const char *const bad[][2] = {
        {"T\tonly a description\n", "g.gmt:1: GMT has a name"},
        {"A\t-\tCD6\nA\t-\tCD3D\n", "g.gmt:2: group 'A' stands twice"},
        {"# words\nA group\t-\tCD6\n", "g.gmt:2: 'A group' cannot be part"}};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_copy_frozen frozen;

    (void)state;
    mkdir(test_path("ref"), 0777);
    case_file("ref", "g.gmt", "# words\nT_cells\tx\tCD6\tCD3D\t\nNK\ty\tNKG7\n");
    frozen = frozen_of(ctx, "gene_groups: g.gmt");
    CHECK(frozen.groups != NULL && frozen.groups->count == 2);
    if (frozen.groups != NULL && frozen.groups->count == 2) {
        const cxs_gene_set *set = frozen.groups->set;
        CHECK(strcmp(set[0].name, "T_cells") == 0 && set[0].size == 2);
        CHECK(strcmp(set[0].symbol[1], "CD3D") == 0);
        CHECK(strcmp(set[1].name, "NK") == 0 && set[1].size == 1);
    }
    cxs_copy_frozen_free(&frozen);
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        case_plain("ref",
                   "tables: {patients: patients.tsv}\n"
                   "endpoint: {name: OS, time: OS_DAYS, event: OS_STATUS}\n"
                   "sequencing: {gene_groups: g.gmt}\n",
                   "PATIENT_ID\tOS_DAYS\tOS_STATUS\nA\t400\t1\nB\t500\t0\n");
        case_file("ref", "g.gmt", bad[k][0]);
        CHECK(case_ingest(ctx, "ref") == CXS_EFORMAT);
        CHECK(strstr(cxs_ctx_message(ctx), bad[k][1]) != NULL);
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(panel_there_and_back),
        cmocka_unit_test(gc_of_bins),
        cmocka_unit_test(gc_of_a_study),
        cmocka_unit_test(groups_of_a_study),
    };
    return cmocka_run_group_tests_name("fragment_panel", tests, test_folder_make,
                                       test_folder_remove);
}
