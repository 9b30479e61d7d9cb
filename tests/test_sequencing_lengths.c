/*
 * test_sequencing_lengths.c -- the annotation that reads are counted with gives the
 * lengths of the genes
 */
#include "store/data.h"
#include "study_case.h"
#include "test.h"

/* Exons 1-100, 51-150 and 60-90 make 150 bases, 301-400 with them 250; those of the
 * second contig begin anew. */
static void an_annotation_gives_lengths(void **state)
{
    static const char gtf[] =
        "1\tx\texon\t1\t100\t.\t+\t.\tgene_id \"A\"; transcript_id \"T1\";\n"
        "1\tx\texon\t51\t150\t.\t+\t.\tgene_id \"A\"; transcript_id \"T2\";\n"
        "1\tx\texon\t60\t90\t.\t+\t.\tgene_id \"A\"; transcript_id \"T3\";\n"
        "1\tx\texon\t301\t400\t.\t+\t.\tgene_id \"A\"; transcript_id \"T2\";\n"
        "1\tx\texon\t500\t509\t.\t+\t.\tgene_id \"B\"; transcript_id \"T4\";\n"
        "2\tx\texon\t101\t120\t.\t+\t.\tgene_id \"B\"; transcript_id \"T5\";\n";
    static const char sam[] =
        "@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:1\tLN:1000\n@SQ\tSN:2\tLN:1000\n"
        "@RG\tID:r\tSM:S1\nq1\t0\t1\t11\t60\t20M\t*\t0\t0\tACGTACGTACGTACGTACGT\t"
        "IIIIIIIIIIIIIIIIIIII\tRG:Z:r\n";
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_study *study = NULL;
    cxs_matrix *m = NULL;
    char path[1200];

    (void)state;
    case_plain("seq",
               "tables: {patients: patients.tsv, samples: samples.tsv, "
               "assays: assays.tsv}\nendpoint: {name: OS}\n"
               "sequencing: {annotation: g.gtf, stranded: 0}\n",
               "PATIENT_ID\tOS_DAYS\tOS_STATUS\nP1\t100\t1:DECEASED\n"
               "P2\t200\t0:LIVING\n");
    case_file("seq", "samples.tsv",
              "SAMPLE_ID\tPATIENT_ID\tSOURCE\tCOLLECT_DAY\nS1\tP1\tTUMOR\t-1\n");
    case_file("seq", "assays.tsv",
              "SAMPLE_ID\tASSAY\tFILE\tBUILD\tLIBRARY\n"
              "S1\tBAM\ts.sam\tother\tRNASEQ\n");
    case_file("seq", "g.gtf", gtf);
    case_file("seq", "s.sam", sam);
    CHECK(case_ingest(ctx, "seq") == CXS_OK);
    snprintf(path, sizeof path, "%s.cxs", test_path("seq"));
    CHECK(cxs_study_open(ctx, path, &study) == CXS_OK);
    if (study == NULL || cxs_study_matrix(ctx, study, &m) != CXS_OK) {
        printf("  %s\n", cxs_ctx_message(ctx));
        abort();
    }
    CHECK(m->p == 2 && m->length != NULL);
    CHECK_NEAR(m->x[0], 1.0, TOL_EXACT);
    CHECK_NEAR(m->length[0], 250.0, TOL_EXACT);
    CHECK_NEAR(m->length[1], 30.0, TOL_EXACT);
    cxs_matrix_free(m);
    cxs_study_close(study);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_annotation_gives_lengths),
    };
    return cmocka_run_group_tests_name("sequencing_lengths", tests, test_folder_make,
                                       test_folder_remove);
}
