/*
 * test_duplicates.c -- CX041 through a whole study: a file of a million reads in which
 * none is marked duplicate, and one in which reads have no mates
 */
#include "coxswain/coxswain.h"

#include "files.h"
#include "test.h"
#include "tmp.h"

#include "store/study_schema.h"

#include <htslib/sam.h>
#include <stdbool.h>
#include <sys/stat.h>

enum { CONTIG = 1100000, LENGTH = 20, MANY = 1000001 };

/* marks/SAMPLE.bam: `reads` reads one base apart, the last one a duplicate or not. */
static void put_reads(const char *sample, int reads, bool duplicate)
{
    char name[64], header_text[256], bases[LENGTH], quality[LENGTH];
    const uint32_t cigar = (uint32_t)LENGTH << BAM_CIGAR_SHIFT | BAM_CMATCH;
    bam1_t *b = bam_init1();
    sam_hdr_t *header;
    samFile *out;

    snprintf(name, sizeof name, "marks/%s.bam", sample);
    snprintf(header_text, sizeof header_text,
             "@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:1\tLN:%d\n@RG\tID:r\tSM:%s\n", CONTIG,
             sample);
    memset(bases, 'A', sizeof bases);
    memset(quality, 30, sizeof quality);
    header = sam_hdr_parse(strlen(header_text), header_text);
    out = sam_open(test_path(name), "wb1");
    if (b == NULL || header == NULL || out == NULL || sam_hdr_write(out, header) != 0)
        abort();
    for (int i = 0; i < reads; i++)
        if (bam_set1(b, 1, "r", duplicate && i == reads - 1 ? BAM_FDUP : 0, 0, i, 60, 1,
                     &cigar, -1, -1, 0, LENGTH, bases, quality, 0) < 0 ||
            sam_write1(out, header, b) < 0)
            abort();
    bam_destroy1(b);
    sam_hdr_destroy(header);
    if (sam_close(out) != 0)
        abort();
}

static cxs_rc ingest(cxs_ctx *ctx, const char *source)
{
    char text[512], in[1100], out[1100];

    mkdir(test_path("marks"), 0777);
    test_text("marks/study.yaml",
              "tables: {patients: patients.tsv, samples: samples.tsv, "
              "assays: assays.tsv}\nendpoint: {name: OS}\n");
    test_text("marks/patients.tsv",
              "PATIENT_ID\tOS_DAYS\tOS_STATUS\nP1\t100\t1\nP2\t200\t0\n");
    snprintf(text, sizeof text,
             "SAMPLE_ID\tPATIENT_ID\tSOURCE\tANALYTE\tCOLLECT_DAY\n"
             "D1\tP1\t%s\tDNA\t-3\nD2\tP2\t%s\tDNA\t-3\n",
             source, source);
    test_text("marks/samples.tsv", text);
    test_text("marks/assays.tsv", "SAMPLE_ID\tASSAY\tFILE\tBUILD\tLIBRARY\n"
                                  "D1\tBAM\tD1.bam\tother\tSWGS\n"
                                  "D2\tBAM\tD2.bam\tother\tSWGS\n");
    snprintf(in, sizeof in, "%s", test_path("marks"));
    snprintf(out, sizeof out, "%s", test_path("marks.cxs"));
    return cxs_ingest(ctx, in, "refdata", out);
}

/* What the study file keeps of a warning, without folders. */
static bool is_kept(const char *text)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_study *study = NULL;
    cxs_stmt *stmt = NULL;
    bool row = false;

    if (cxs_study_open(ctx, test_path("marks.cxs"), &study) != CXS_OK ||
        cxs_db_prepare(ctx, study->db, "SELECT 1 FROM warning WHERE text = ?1",
                       &stmt) != CXS_OK)
        abort();
    cxs_bind_text(stmt, 1, text);
    if (cxs_stmt_step(ctx, stmt, &row) != CXS_OK)
        abort();
    cxs_stmt_free(stmt);
    cxs_study_close(study);
    cxs_ctx_free(ctx);
    return row;
}

/* D2 has one duplicate; both files have more than a million reads. */
static void duplicates_that_are_not_marked(void **state)
{
    cxs_ctx *ctx = tmp_ctx();

    (void)state;
    mkdir(test_path("marks"), 0777);
    put_reads("D1", MANY, false);
    put_reads("D2", MANY, true);
    CHECK(ingest(ctx, "TUMOR") == CXS_OK);
    CHECK(strstr(tmp_log, "marks/D1.bam: no read is marked duplicate; depth features "
                          "may be inflated") != NULL);
    CHECK(strstr(tmp_log, "D2.bam: no read is marked") == NULL);
    CHECK(is_kept("CX041: D1.bam: no read is marked duplicate; depth features may be "
                  "inflated"));
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* A million are enough for that warning, fewer are not; reads of cell-free DNA without
 * mates give no fragments. */
static void reads_without_mates(void **state)
{
    cxs_ctx *ctx = tmp_ctx();

    (void)state;
    put_reads("D1", 30000, false);
    put_reads("D2", 30000, false);
    CHECK(ingest(ctx, "CSF_CFDNA") == CXS_OK);
    CHECK(strstr(tmp_log, "no read is marked") == NULL);
    CHECK(strstr(tmp_log, "D1.bam: 0 of 30000 mapped reads are in proper pairs; no "
                          "fragment features") != NULL);
    CHECK(is_kept("CX041: D2.bam: 0 of 30000 mapped reads are in proper pairs; no "
                  "fragment features"));
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(duplicates_that_are_not_marked),
        cmocka_unit_test(reads_without_mates),
    };

    return cmocka_run_group_tests_name("duplicates", tests, test_folder_make,
                                       test_folder_remove);
}
