/*
 * test_sequencing.c -- sequencing files of a simulated study into its study file: the
 * counts are those that were drawn, however the work was divided; older and newer files
 */
#include "test.h"

#include "sequencing_case.h"

#include "base/source.h"
#include "store/study_measures.h"

/* ---- what comes out ----------------------------------------------------------------- */

/* Counts of the reads are those that the simulation drew. */
static void counts_are_the_truth(void **state)
{
    cxs_ctx *ctx = new_ctx(2);
    cxs_matrix_settings settings = cxs_matrix_defaults();
    cxs_matrix *truth = NULL, *got = NULL;
    cxs_study *study = NULL;

    (void)state;
    CHECK(ingest(ctx, "study", "a.cxs", NULL) == CXS_OK);
    CHECK(strstr(tmp_log, "sequencing files: 12 read, 0 taken") != NULL);
    settings.kind = CXS_KIND_COUNTS;
    CHECK(cxs_matrix_read(ctx, test_path("study/truth.counts.tsv.zst"), &settings,
                          &truth) == CXS_OK);
    CHECK(cxs_study_open(ctx, test_path("a.cxs"), &study) == CXS_OK);
    CHECK(cxs_study_matrix(ctx, study, &got) == CXS_OK);
    CHECK(truth != NULL && got != NULL && got->n == PATIENTS && got->p == GENES);
    CHECK(got->kind == CXS_KIND_COUNTS && strcmp(got->layer, "rna") == 0);
    for (size_t j = 0; j < GENES; j++) {
        CHECK(strcmp(got->feature[j], truth->feature[j]) == 0);
        for (size_t i = 0; i < PATIENTS; i++)
            CHECK(got->x[j * PATIENTS + i] == truth->x[j * PATIENTS + i]);
    }
    cxs_matrix_free(truth);
    cxs_matrix_free(got);
    cxs_study_close(study);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Every reader left its tables; samples come in order. */
static void measures_of_a_study(void **state)
{
    static const char *const tables[][2] = {{"BAM", "gene_counts"},
                                            {"BAM", "snps"},
                                            {"CRAM", "sex"},
                                            {"CRAM", "fragment_lengths"},
                                            {"VCF", "variants"}};
    cxs_ctx *ctx = new_ctx(1);
    cxs_study *study = NULL;
    cxs_measure_row *row = NULL;
    cxs_measures *bag = NULL;
    size_t rows = 0;

    (void)state;
    CHECK(cxs_study_open(ctx, test_path("a.cxs"), &study) == CXS_OK);
    CHECK(cxs_study_measure_rows(ctx, study, &row, &rows) == CXS_OK);
    CHECK(rows == FILES);
    for (size_t r = 0; r < rows; r++) {
        size_t found = 0;
        CHECK(row[r].at == (int64_t)r);
        CHECK(r == 0 || strcmp(row[r - 1].key.sample, row[r].key.sample) < 0);
        CHECK(strchr(row[r].key.file, '/') != NULL && row[r].key.file[0] != '/');
        CHECK(strlen(row[r].key.input) == 64 && strlen(row[r].key.settings) == 64);
        CHECK(cxs_study_measures_at(ctx, study, row[r].at, &bag) == CXS_OK);
        for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
            if (strcmp(tables[t][0], row[r].key.assay) == 0) {
                CHECK(cxs_measures_find(bag, tables[t][1]) != NULL);
                found++;
            }
        CHECK(found > 0);
        cxs_measures_free(bag);
    }
    CHECK(cxs_study_measures(ctx, study, "C0002", "CRAM", &bag) == CXS_OK);
    CHECK(bag != NULL && cxs_measures_find(bag, "depth") != NULL);
    cxs_measures_free(bag);
    CHECK(cxs_study_measures(ctx, study, "C0002", "BAM", &bag) == CXS_OK);
    CHECK(bag == NULL);
    CHECK(cxs_study_measures_at(ctx, study, 99, &bag) == CXS_EFORMAT && bag == NULL);
    cxs_measure_rows_free(row, rows);
    cxs_study_close(study);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- the same bytes, however the work is divided -------------------------------------- */

static void threads_and_reuse(void **state)
{
    const cxs_ingest_settings anew = {.anew = 1};
    cxs_ctx *ctx = new_ctx(1);

    (void)state;
    CHECK(ingest(ctx, "study", "b.cxs", NULL) == CXS_OK);
    CHECK(same_files("a.cxs", "b.cxs"));
    tmp_log[0] = '\0';
    CHECK(ingest(ctx, "study", "b.cxs", NULL) == CXS_OK);
    CHECK(strstr(tmp_log, "sequencing files: 0 read, 12 taken from the older") != NULL);
    CHECK(same_files("a.cxs", "b.cxs"));
    CHECK(ingest(ctx, "study", "b.cxs", &anew) == CXS_OK);
    CHECK(strstr(tmp_log, "sequencing files: 12 read, 0 taken") != NULL);
    CHECK(same_files("a.cxs", "b.cxs"));
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Decompress a file of "study" into the test folder. */
static void unpack_to(cxs_ctx *ctx, const char *from, const char *to)
{
    static char bytes[1 << 20];
    cxs_source *source = NULL;
    size_t n = 0, got = 1;

    if (cxs_source_open(ctx, test_path(from), &source) != CXS_OK)
        abort();
    while (got > 0 && n < sizeof bytes) {
        if (cxs_source_read(ctx, source, bytes + n, sizeof bytes - n, &got) != CXS_OK)
            abort();
        n += got;
    }
    cxs_source_close(source);
    test_file(to, bytes, n);
}

static void changed_files_are_read(void **state)
{
    cxs_ctx *ctx = new_ctx(2);

    (void)state;
    link_study("changed");
    spoil("changed", "variants/T0001.vcf.gz", "calls.vcf", 0);
    edit("changed", "assays.tsv", "variants/T0001.vcf.gz", "calls.vcf");
    CHECK(ingest(ctx, "changed", "c.cxs", NULL) == CXS_OK);
    /* the content of a file */
    unpack_to(ctx, "study/variants/T0001.vcf.gz", "changed/calls.vcf");
    tmp_log[0] = '\0';
    CHECK(ingest(ctx, "changed", "c.cxs", NULL) == CXS_OK);
    CHECK(strstr(tmp_log, "sequencing files: 1 read, 11 taken") != NULL);
    /* settings of two rows */
    edit("changed", "assays.tsv", "reads/S0001.bam\tNA", "reads/S0001.bam\tS0001");
    edit("changed", "assays.tsv", "reads/S0002.bam\tNA", "reads/S0002.bam\tS0002");
    CHECK(ingest(ctx, "changed", "c.cxs", NULL) == CXS_OK);
    CHECK(strstr(tmp_log, "sequencing files: 2 read, 10 taken") != NULL);
    CHECK(ingest(ctx, "changed", "d.cxs", NULL) == CXS_OK);
    CHECK(same_files("c.cxs", "d.cxs"));
    /* settings of all */
    edit("changed", "study.yaml", "stranded: 2", "stranded: 1");
    tmp_log[0] = '\0';
    CHECK(ingest(ctx, "changed", "c.cxs", NULL) == CXS_OK);
    CHECK(strstr(tmp_log, "sequencing files: 12 read, 0 taken") != NULL);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* What reading warned of is told and stored again when nothing is read. */
static void warnings_are_reused(void **state)
{
    static const char sentence[] = "stranded is not given";
    const cxs_ingest_settings half[2] = {{.shard = 1, .shards = 2},
                                         {.shard = 2, .shards = 2}};
    char path[2][1200];
    const char *part[2] = {path[0], path[1]};
    const cxs_ingest_settings both = {.part = part, .parts = 2};

    (void)state;
    link_study("warned");
    edit("warned", "study.yaml", "  stranded: 2\n", "");
    for (int pass = 0; pass < 6; pass++) {
        cxs_ctx *ctx = new_ctx(1 + pass % 2);
        size_t told = 0;
        if (pass < 2) {
            CHECK(ingest(ctx, "warned", pass == 0 ? "w.cxs" : "w1.cxs", NULL) ==
                  CXS_OK);
        } else if (pass < 4) {
            char name[16];
            snprintf(name, sizeof name, "w%d.cxp", pass);
            snprintf(path[pass - 2], sizeof path[0], "%s", test_path(name));
            CHECK(ingest(ctx, "warned", name, &half[pass - 2]) == CXS_OK);
        } else if (pass == 4) {
            CHECK(ingest(ctx, "warned", "w4.cxs", &both) == CXS_OK);
            CHECK(same_files("w.cxs", "w4.cxs"));
        } else {
            CHECK(ingest(ctx, "warned", "w1.cxs", NULL) == CXS_OK);
            CHECK(strstr(tmp_log, "0 read, 12 taken") != NULL);
        }
        for (size_t w = 0; w < cxs_ctx_warning_count(ctx); w++)
            told += strstr(cxs_ctx_warning(ctx, w, NULL), sentence) != NULL;
        CHECK(told == 1);
        CHECK(pass == 0 || same_files("w.cxs", "w1.cxs"));
        cxs_ctx_free(ctx);
    }
    CHECK_DONE();
}

/* ---- faults ------------------------------------------------------------------------- */

/* One sample of a MAF, by its column. */
static void variants_of_a_maf(void **state)
{
    cxs_ctx *ctx = new_ctx(1);
    cxs_study *study = NULL;
    cxs_measures *bag = NULL;
    const cxs_measure *table;
    char *maf = test_read("tests/fuzz/corpus/maf/two.maf", NULL);

    (void)state;
    link_study("maf");
    test_text("maf/two.maf", maf);
    edit("maf", "assays.tsv", "T0001\tVCF\tvariants/T0001.vcf.gz\tT0001\tother",
         "T0001\tMAF\ttwo.maf\tS1\thg38");
    edit("maf", "study.yaml", "  reference: reference.fa\n", "");
    edit("maf", "assays.tsv", "C0001\tCRAM\treads/C0001.cram\tNA\tother\tSWGS\tNA\n",
         "");
    edit("maf", "assays.tsv", "C0002\tCRAM\treads/C0002.cram\tNA\tother\tSWGS\tNA\n",
         "");
    edit("maf", "assays.tsv", "C0003\tCRAM\treads/C0003.cram\tNA\tother\tSWGS\tNA\n",
         "");
    edit("maf", "assays.tsv", "C0004\tCRAM\treads/C0004.cram\tNA\tother\tSWGS\tNA\n",
         "");
    CHECK(ingest(ctx, "maf", "maf.cxs", NULL) == CXS_OK);
    CHECK(cxs_study_open(ctx, test_path("maf.cxs"), &study) == CXS_OK);
    CHECK(cxs_study_measures(ctx, study, "T0001", "MAF", &bag) == CXS_OK);
    table = bag != NULL ? cxs_measures_find(bag, "variants") : NULL;
    CHECK(table != NULL && cxs_measure_rows(table) == 1);
    CHECK(table != NULL && strcmp(cxs_measure_get_text(table, "gene")[0], "TP53") == 0);
    cxs_measures_free(bag);
    cxs_study_close(study);
    free(maf);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- older and newer files ------------------------------------------------------------ */

static void versions(void **state)
{
    static const char schema[] =
        "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;"
        "CREATE TABLE setting(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;";
    cxs_ctx *ctx = new_ctx(1);
    cxs_study *study = NULL;
    cxs_measures *bag = NULL;
    cxs_measure_row *row = NULL;
    size_t rows = 7;
    cxs_db *db = NULL;

    (void)state;
    CHECK(cxs_db_create(ctx, test_path("v1.cxs"), CXS_DB_STUDY, 1, schema, &db) ==
          CXS_OK);
    CHECK(cxs_db_commit(ctx, db) == CXS_OK);
    CHECK(cxs_study_open(ctx, test_path("v1.cxs"), &study) == CXS_OK);
    CHECK(cxs_study_measure_rows(ctx, study, &row, &rows) == CXS_OK);
    CHECK(rows == 0 && row == NULL);
    CHECK(cxs_study_measures(ctx, study, "S", "BAM", &bag) == CXS_OK && bag == NULL);
    cxs_study_close(study);
    CHECK(cxs_db_create(ctx, test_path("v4.cxs"), CXS_DB_STUDY, CXS_STUDY_VERSION + 1,
                        schema, &db) == CXS_OK);
    CHECK(cxs_db_commit(ctx, db) == CXS_OK);
    CHECK(cxs_study_open(ctx, test_path("v4.cxs"), &study) == CXS_EFORMAT);
    CHECK(strstr(cxs_ctx_message(ctx), "study file of version 4; this program reads up "
                                       "to version 3") != NULL);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* An old study file under the name of the new one is reused or replaced, however
 * damaged; another kind of file stays. */
static void rubbish_under_the_name(void **state)
{
    cxs_ctx *ctx = new_ctx(2);
    char *bytes;
    size_t length = 0;

    (void)state;
    test_text("r.cxs", "rubbish");
    CHECK(ingest(ctx, "study", "r.cxs", NULL) == CXS_ECREATE);
    bytes = test_read(test_path("r.cxs"), &length);
    CHECK(length == 7 && strcmp(bytes, "rubbish") == 0);
    free(bytes);
    bytes = test_read(test_path("a.cxs"), &length);
    test_file("r.cxs", bytes, length / 2);
    free(bytes);
    CHECK(ingest(ctx, "study", "r.cxs", NULL) == CXS_OK);
    CHECK(same_files("a.cxs", "r.cxs"));
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_the_truth),
        cmocka_unit_test(measures_of_a_study),
        cmocka_unit_test(threads_and_reuse),
        cmocka_unit_test(changed_files_are_read),
        cmocka_unit_test(warnings_are_reused),
        cmocka_unit_test(variants_of_a_maf),
        cmocka_unit_test(versions),
        cmocka_unit_test(rubbish_under_the_name),
    };

    return cmocka_run_group_tests_name("sequencing", tests, set_up, test_folder_remove);
}
