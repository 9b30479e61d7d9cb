/*
 * test_sequencing.c -- sequencing files of a simulated study into its study file: the
 * counts are those that were drawn, however the work was divided; what a file does wrong
 * costs that file
 */
#include "coxswain/coxswain.h"

#include "base/base.h"
#include "base/source.h"
#include "store/study_measures.h"
#include "store/study_schema.h"

#include "files.h"
#include "test.h"
#include "tmp.h"

#include <sys/stat.h>
#include <unistd.h>

enum { PATIENTS = 4, GENES = 40, FILES = 3 * PATIENTS };

static cxs_ctx *new_ctx(int threads)
{
    cxs_ctx *ctx = tmp_ctx();

    cxs_ctx_set_threads(ctx, threads);
    return ctx;
}

static void make_study(const char *name, size_t genes, size_t fragments)
{
    cxs_simulate_settings s = cxs_simulate_defaults();
    cxs_ctx *ctx = new_ctx(2);

    s.n = PATIENTS;
    s.p = genes;
    s.k = 2;
    s.seed = 3;
    s.sequencing = 1;
    s.rna_fragments = 3000;
    s.cfdna_fragments = fragments;
    if (cxs_simulate_study(ctx, &s, test_path(name)) != CXS_OK) {
        fprintf(stderr, "%s\n", cxs_ctx_message(ctx));
        abort();
    }
    cxs_ctx_free(ctx);
}

/* A study beside "study" that shares its large files: NAME/reads and the like are links,
 * the sheets copies. */
static void link_study(const char *name)
{
    static const char *const shared[] = {
        "reference.fa", "reference.fa.fai", "genes.gtf", "targets.bed", "snps.tsv",
        "reads",        "variants"};
    static const char *const copied[] = {"study.yaml", "patients.tsv", "samples.tsv",
                                         "assays.tsv"};
    char from[1200], to[1200], relative[300];

    mkdir(test_path(name), 0777);
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++) {
        snprintf(from, sizeof from, "%s/%s", test_path("study"), shared[i]);
        snprintf(to, sizeof to, "%s/%s", test_path(name), shared[i]);
        if (symlink(from, to) != 0)
            abort();
    }
    for (size_t i = 0; i < sizeof copied / sizeof *copied; i++) {
        char *text;
        snprintf(from, sizeof from, "%s/%s", test_path("study"), copied[i]);
        snprintf(relative, sizeof relative, "%s/%s", name, copied[i]);
        text = test_read(from, NULL);
        test_text(relative, text);
        free(text);
    }
}

/* Replace the first `old` in NAME/FILE. */
static void edit(const char *name, const char *file, const char *old, const char *new)
{
    char relative[300], *text, *found, *made;

    snprintf(relative, sizeof relative, "%s/%s", name, file);
    text = test_read(test_path(relative), NULL);
    found = strstr(text, old);
    made = malloc(strlen(text) + strlen(new) + 1);
    if (found == NULL || made == NULL) {
        fprintf(stderr, "%s: no '%s'\n", file, old);
        abort();
    }
    *found = '\0';
    sprintf(made, "%s%s%s", text, new, found + strlen(old));
    test_text(relative, made);
    free(made);
    free(text);
}

static cxs_rc ingest(cxs_ctx *ctx, const char *study, const char *out,
                     const cxs_ingest_settings *given)
{
    cxs_ingest_settings s = given != NULL ? *given : (cxs_ingest_settings){0};

    s.refdata = "refdata";
    return cxs_ingest_study(ctx, test_path(study), &s, test_path(out));
}

static bool same_files(const char *a, const char *b)
{
    size_t n = 0, m = 0;
    char *x = test_read(test_path(a), &n), *y = test_read(test_path(b), &m);
    const bool same = x != NULL && y != NULL && n == m && memcmp(x, y, n) == 0;

    free(x);
    free(y);
    return same;
}

static bool is_there(const char *name)
{
    return access(test_path(name), F_OK) == 0;
}

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

/* Copy a shared file into the study in place of its link, cut by `cut` bytes. */
static void spoil(const char *study, const char *file, const char *as, size_t cut)
{
    char from[300], to[300], *bytes;
    size_t n = 0;

    snprintf(from, sizeof from, "study/%s", file);
    snprintf(to, sizeof to, "%s/%s", study, as);
    bytes = test_read(test_path(from), &n);
    test_file(to, bytes, n - cut);
    free(bytes);
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

static void shards_and_merge(void **state)
{
    cxs_ctx *ctx = new_ctx(2);
    const char *part[4];
    char path[4][1200];
    cxs_ingest_settings s = {.shards = 3};

    (void)state;
    for (size_t k = 0; k < 3; k++) {
        char name[16];
        snprintf(name, sizeof name, "%zu.cxp", k + 1);
        snprintf(path[k], sizeof path[k], "%s", test_path(name));
        part[k] = path[k];
        s.shard = k + 1;
        CHECK(ingest(ctx, "study", name, &s) == CXS_OK);
    }
    s = (cxs_ingest_settings){.part = part, .parts = 3};
    CHECK(ingest(ctx, "study", "m.cxs", &s) == CXS_OK);
    CHECK(same_files("a.cxs", "m.cxs"));
    part[1] = path[2];
    s.parts = 2;
    CHECK(ingest(ctx, "study", "n.cxs", &s) == CXS_EMISMATCH);
    CHECK(strstr(cxs_ctx_message(ctx), "4 of 12 files are in no part (first: sample "
                                       "\"C0002\", reads/C0002.cram); missing shards: "
                                       "2/3") != NULL);
    CHECK(!is_there("n.cxs"));
    s = (cxs_ingest_settings){.shard = 4, .shards = 3};
    CHECK(ingest(ctx, "study", "n.cxp", &s) == CXS_EARG);
    s = (cxs_ingest_settings){.part = part, .parts = 1, .shard = 1, .shards = 3};
    CHECK(ingest(ctx, "study", "n.cxp", &s) == CXS_EARG);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Memory runs out at every 61st allocation of a merge: no leak, no file. */
static void allocation_failures(void **state)
{
    const cxs_ingest_settings shard = {.shard = 1, .shards = 1};
    char path[1200];
    const char *part[1] = {path};
    const cxs_ingest_settings whole = {.part = part, .parts = 1};
    cxs_rc rc = CXS_ENOMEM;
    cxs_ctx *ctx = new_ctx(1);

    (void)state;
    CHECK(ingest(ctx, "study", "all.cxp", &shard) == CXS_OK);
    cxs_ctx_free(ctx);
    snprintf(path, sizeof path, "%s", test_path("all.cxp"));
    for (long k = 1; rc != CXS_OK && k < 200000; k += 61) {
        const long live = cxs_alloc_live();
        ctx = new_ctx(1);
        cxs_alloc_fail_at(k);
        rc = ingest(ctx, "study", "fail.cxs", &whole);
        cxs_alloc_fail_at(0);
        CHECK(rc == CXS_OK || rc == CXS_ENOMEM);
        CHECK((rc == CXS_OK) == is_there("fail.cxs"));
        cxs_ctx_free(ctx);
        CHECK(cxs_alloc_live() == live);
    }
    CHECK(rc == CXS_OK && same_files("fail.cxs", "a.cxs"));
    CHECK_DONE();
}

static void parts_by_sample(void **state)
{
    static const char *const one[] = {"S0001", "C0003"}, *const bad[] = {"S0009"};
    static const char *const rest[] = {"C0001", "C0002", "C0004", "S0002", "S0003",
                                       "S0004", "T0001", "T0002", "T0003", "T0004"};
    cxs_ctx *ctx = new_ctx(2);
    char path[2][1200];
    const char *part[2] = {path[0], path[1]};
    cxs_ingest_settings s = {.sample = one, .samples = 2};

    (void)state;
    snprintf(path[0], sizeof path[0], "%s", test_path("one.cxp"));
    snprintf(path[1], sizeof path[1], "%s", test_path("rest.cxp"));
    CHECK(ingest(ctx, "study", "one.cxp", &s) == CXS_OK);
    CHECK(strstr(tmp_log, "measures of 2 of 12 files") != NULL);
    s = (cxs_ingest_settings){.part = part, .parts = 1};
    CHECK(ingest(ctx, "study", "m2.cxs", &s) == CXS_EMISMATCH);
    CHECK(strstr(cxs_ctx_message(ctx), "10 of 12 files are in no part") != NULL);
    CHECK(strstr(cxs_ctx_message(ctx), "missing shards") == NULL);
    s = (cxs_ingest_settings){.sample = rest, .samples = 10};
    CHECK(ingest(ctx, "study", "rest.cxp", &s) == CXS_OK);
    s = (cxs_ingest_settings){.part = part, .parts = 2};
    CHECK(ingest(ctx, "study", "m2.cxs", &s) == CXS_OK);
    CHECK(same_files("a.cxs", "m2.cxs"));
    s = (cxs_ingest_settings){.sample = bad, .samples = 1};
    CHECK(ingest(ctx, "study", "bad.cxp", &s) == CXS_EARG);
    CHECK(strstr(cxs_ctx_message(ctx), "\"S0009\" has no sequencing file") != NULL);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void parts_that_do_not_fit(void **state)
{
    cxs_ctx *ctx = new_ctx(1);
    char path[1200];
    const char *part[1] = {path};
    const cxs_ingest_settings s = {.part = part, .parts = 1};
    cxs_db *db = NULL;

    (void)state;
    link_study("other");
    edit("other", "study.yaml", "stranded: 2", "stranded: 0");
    snprintf(path, sizeof path, "%s", test_path("1.cxp"));
    CHECK(ingest(ctx, "other", "o.cxs", &s) == CXS_EMISMATCH);
    CHECK(strstr(cxs_ctx_message(ctx), "1.cxp: a part of another plan") != NULL);
    CHECK(cxs_db_create(ctx, test_path("short.cxp"), CXS_DB_PART, CXS_PART_VERSION,
                        CXS_PART_SCHEMA, &db) == CXS_OK);
    CHECK(cxs_db_commit(ctx, db) == CXS_OK);
    snprintf(path, sizeof path, "%s", test_path("short.cxp"));
    CHECK(ingest(ctx, "study", "o.cxs", &s) == CXS_ETRUNCATED);
    CHECK(strstr(cxs_ctx_message(ctx), "the part is incomplete") != NULL);
    snprintf(path, sizeof path, "%s", test_path("a.cxs"));
    CHECK(ingest(ctx, "study", "o.cxs", &s) == CXS_EFORMAT);
    CHECK(strstr(cxs_ctx_message(ctx), "not a coxswain part of a study") != NULL);
    CHECK(!is_there("o.cxs"));
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- faults ------------------------------------------------------------------------- */

static void bad_files(void **state)
{
    cxs_ctx *ctx = new_ctx(2);
    cxs_study *study = NULL;
    cxs_measure_row *row = NULL;
    size_t rows = 0;
    const char *message;

    (void)state;
    link_study("bad");
    spoil("bad", "reads/S0001.bam", "S0001.bam", 28);
    spoil("bad", "variants/T0002.vcf.gz", "T0002.vcf.gz", 300);
    edit("bad", "assays.tsv", "reads/S0001.bam", "S0001.bam");
    edit("bad", "assays.tsv", "variants/T0002.vcf.gz", "T0002.vcf.gz");
    CHECK(ingest(ctx, "bad", "bad.cxs", NULL) == CXS_ETRUNCATED);
    message = cxs_ctx_message(ctx);
    CHECK(strcmp(cxs_ctx_code(ctx), "CX037") == 0);
    CHECK(strstr(message, "bad/S0001.bam: no end-of-file marker: the file is "
                          "truncated\n") != NULL);
    CHECK(strstr(message, "bad/T0002.vcf.gz") != NULL);
    CHECK(!is_there("bad.cxs"));
    edit("bad", "study.yaml", "  stranded: 2", "  bad_files: drop\n  stranded: 2");
    CHECK(ingest(ctx, "bad", "bad.cxs", NULL) == CXS_OK);
    CHECK(strstr(tmp_log, "the file is truncated; the file is left out") != NULL);
    CHECK(cxs_study_open(ctx, test_path("bad.cxs"), &study) == CXS_OK);
    CHECK(cxs_study_measure_rows(ctx, study, &row, &rows) == CXS_OK);
    CHECK(rows == FILES - 2);
    cxs_measure_rows_free(row, rows);
    cxs_study_close(study);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

typedef struct fault {
    const char *study, *file, *old, *new, *sentence;
    cxs_rc rc;
} fault;

/* Faults of the sheet that are told before or while files are read. */
static void sheet_faults(void **state)
{
    static const fault faults[] = {
        {"f1", "assays.tsv", "S0001.bam\tNA\tother", "S0001.bam\tNA\tNA",
         "BUILD: needed for BAM", CXS_EFORMAT},
        {"f2", "assays.tsv", "reads/S0001.bam", "reads/S0007.bam",
         "reads/S0007.bam: No such file or directory", CXS_ENOINPUT},
        {"f3", "assays.tsv", "WES\ttargets.bed", "WES\tNA",
         "TARGET_BED: needed for WES", CXS_EFORMAT},
        {"f4", "assays.tsv", "reads/S0001.bam", "reads/S0002.bam",
         "assays.tsv:5:FILE: the same file as in line 2, of another sample",
         CXS_EFORMAT},
        {"f9", "assays.tsv", "reads/S0001.bam", "https://x.org/S0001.bam",
         "assays.tsv:2:FILE: https://x.org/S0001.bam: only local files are read",
         CXS_EFORMAT},
        {"f6", "assays.tsv", "reads/S0001.bam\tNA", "reads/S0001.bam\tS0009",
         "sample is \"S0001\", sheet says \"S0009\"", CXS_EMISMATCH},
        {"f5", "assays.tsv", "C0001\tCRAM\treads/C0001.cram\tNA\tother",
         "S0001\tCRAM\treads/C0001.cram\tC0001\thg38", "CX034", CXS_EFORMAT},
        {"f7", "study.yaml", "reference: reference.fa", "reference: no.fa",
         "reference: ", CXS_ENOINPUT},
        {"f8", "study.yaml", "stranded: 2", "stranded: 3", "is not one of", CXS_EARG},
    };

    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        const fault *f = &faults[i];
        cxs_ctx *ctx = new_ctx(2);
        cxs_rc rc;
        link_study(f->study);
        edit(f->study, f->file, f->old, f->new);
        rc = ingest(ctx, f->study, "f.cxs", NULL);
        if (rc != f->rc || (strstr(cxs_ctx_message(ctx), f->sentence) == NULL &&
                            strcmp(cxs_ctx_code(ctx), f->sentence) != 0)) {
            printf("  %s: %d %s: %s\n", f->study, (int)rc, cxs_ctx_code(ctx),
                   cxs_ctx_message(ctx));
            test_failures++;
        }
        CHECK(!is_there("f.cxs"));
        cxs_ctx_free(ctx);
    }
    CHECK_DONE();
}

static void checksums(void **state)
{
    cxs_ctx *ctx = new_ctx(1);
    char *text, line[400], md5[33] = "00000000000000000000000000000000";
    const char *found;

    (void)state;
    link_study("md5");
    edit("md5", "assays.tsv", "TARGET_BED\n", "TARGET_BED\tMD5\n");
    text = test_read(test_path("md5/assays.tsv"), NULL);
    for (int pass = 0; pass < 2; pass++) {
        snprintf(line, sizeof line,
                 "SAMPLE_ID\tASSAY\tFILE\tCOLUMN\tBUILD\tLIBRARY\tTARGET_BED\tMD5\n"
                 "S0001\tBAM\treads/S0001.bam\tNA\tother\tRNASEQ\tNA\t%s\n",
                 md5);
        test_text("md5/assays.tsv", line);
        if (pass == 0) {
            CHECK(ingest(ctx, "md5", "md5.cxs", NULL) == CXS_EMISMATCH);
            found = strstr(cxs_ctx_message(ctx), "its MD5 is ");
            CHECK(found != NULL);
            if (found != NULL)
                snprintf(md5, sizeof md5, "%.32s", found + 11);
            CHECK(strstr(cxs_ctx_message(ctx), "the sheet says 0000") != NULL);
        } else {
            CHECK(ingest(ctx, "md5", "md5.cxs", NULL) == CXS_OK);
        }
    }
    free(text);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

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

/* Two people's cell-free DNA under one patient, and one person's under two. */
static void wrong_people(void **state)
{
    cxs_ctx *ctx = new_ctx(2);
    const char *message;

    (void)state;
    make_study("swap", 100, 20000);
    edit("swap", "samples.tsv", "C0002\tP0002", "C0002\tP0001");
    CHECK(ingest(ctx, "swap", "swap.cxs", NULL) == CXS_EFORMAT);
    message = cxs_ctx_message(ctx);
    CHECK(strcmp(cxs_ctx_code(ctx), "CX044") == 0);
    CHECK(strstr(message,
                 "samples C0001 and C0002 of patient P0001 are different people "
                 "(concordance 0.") == message);
    CHECK(strstr(tmp_log, "sample  sample  patient  patient  concordance  SNPs") !=
          NULL);
    CHECK(strstr(tmp_log, "C0001  C0002  P0001  P0001  0.") != NULL);
    CHECK(!is_there("swap.cxs"));
    edit("swap", "samples.tsv", "C0002\tP0001", "C0002\tP0002");
    edit("swap", "assays.tsv", "reads/C0002.cram\tNA", "reads/C0001.cram\tC0001");
    CHECK(ingest(ctx, "swap", "swap.cxs", NULL) == CXS_EFORMAT);
    CHECK(strcmp(cxs_ctx_code(ctx), "CX056") == 0);
    CHECK(strcmp(cxs_ctx_message(ctx),
                 "patients P0001 and P0002 look like one person") == 0);
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

static int set_up(void **state)
{
    const int rc = test_folder_make(state);

    if (rc == 0)
        make_study("study", GENES, 2000);
    return rc;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(counts_are_the_truth),
                                       cmocka_unit_test(measures_of_a_study),
                                       cmocka_unit_test(threads_and_reuse),
                                       cmocka_unit_test(changed_files_are_read),
                                       cmocka_unit_test(warnings_are_reused),
                                       cmocka_unit_test(shards_and_merge),
                                       cmocka_unit_test(allocation_failures),
                                       cmocka_unit_test(parts_by_sample),
                                       cmocka_unit_test(parts_that_do_not_fit),
                                       cmocka_unit_test(bad_files),
                                       cmocka_unit_test(sheet_faults),
                                       cmocka_unit_test(checksums),
                                       cmocka_unit_test(variants_of_a_maf),
                                       cmocka_unit_test(wrong_people),
                                       cmocka_unit_test(versions),
                                       cmocka_unit_test(rubbish_under_the_name)};

    return cmocka_run_group_tests_name("sequencing", tests, set_up, test_folder_remove);
}
