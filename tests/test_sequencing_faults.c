/*
 * test_sequencing_faults.c -- what a sequencing file or its sheet does wrong costs that
 * file, or is said
 */
#include "test.h"

#include "sequencing_case.h"

#include "store/study_measures.h"

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
            CHECK(strstr(cxs_ctx_message(ctx),
                         "line 2 of the assays sheet says 0000") != NULL);
        } else {
            CHECK(ingest(ctx, "md5", "md5.cxs", NULL) == CXS_OK);
        }
    }
    free(text);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_files),
        cmocka_unit_test(sheet_faults),
        cmocka_unit_test(checksums),
        cmocka_unit_test(wrong_people),
    };

    return cmocka_run_group_tests_name("sequencing_faults", tests, set_up,
                                       test_folder_remove);
}
