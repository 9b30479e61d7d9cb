/*
 * test_format_transcripts.c -- estimates of transcripts (Salmon, kallisto), one file
 * for each sample, into one matrix of genes
 */
#include "test.h"

#include "format_case.h"

#define KALLISTO "target_id\tlength\teff_length\test_counts\ttpm\n"

/* Three samples of genes A (a1, a2), B (b1) and C (c1, never seen). */
static void put_salmon(void)
{
    make_folder("salmon");
    make_folder("salmon/P1");
    make_folder("salmon/P2");
    make_folder("salmon/P3");
    make_folder("salmon/P1/logs");
    put("salmon/P1/cmd_info.json", "{}\n");
    put("salmon/P1/quant.genes.sf", SALMON "A\t1\t1\t1\t1\n");
    put("salmon/P1/quant.sf",
        SALMON "a1.5\t150\t100\t300000\t30\na2\t250\t200\t200000\t40\n"
               "b1|ENSG|x\t1050\t1000\t500000\t500\nc1\t100\t50\t0\t0\n");
    put_gzip("salmon/P2/quant.sf.gz",
             SALMON "a1.5\t150\t100\t0\t0\na2\t250\t200\t0\t0\n"
                    "b1|ENSG|x\t1050\t900\t1000000\t900\nc1\t100\t70\t0\t0\n");
    put("salmon/P3/quant.sf",
        SALMON "c1\t100\t60\t0\t0\na1.5\t150\t110\t1000000\t7\na2\t250\t200\t0\t0\n"
               "b1|ENSG|x\t1050\t1000\t0\t0\n");
    put("tx2gene.tsv", tx2gene);
}

static const char *const p123[] = {"P1", "P2", "P3"}, *const abc[] = {"A", "B", "C"};

/*
 * Lengths of A: (300000 * 100 + 200000 * 200) / 500000 = 140 in P1, 110 in P3, in P2
 * the geometric mean of the two; of B: 1000, 900 and their geometric mean.  P1 has 570
 * reads, and A's share of them is that of TPM times mean length.
 */
static void counts_scaled_by_length(void **state)
{
    const double la = (140.0 + sqrt(140.0 * 110.0) + 110.0) / 3.0;
    const double lb = (1000.0 + 900.0 + sqrt(1000.0 * 900.0)) / 3.0;
    const double want[] = {
        570.0 * la / (la + lb), 0, 7, 570.0 * lb / (la + lb), 900, 0, 0, 0, 0};
    static const double sums[] = {70, 0, 7, 500, 900, 0, 0, 0, 0},
                        tpm[] = {5e5, 0, 1e6, 5e5, 1e6, 0, 0, 0, 0};
    cxs_matrix_settings s = cxs_matrix_defaults();
    cxs_ctx *ctx = make_ctx();
    cxs_matrix *m = NULL;
    char path[TEST_PATH_BYTES];

    (void)state;
    put_salmon();
    s.kind = CXS_KIND_COUNTS;
    refuse("salmon", &s, CXS_EARG, "transcripts need --tx2gene FILE");
    snprintf(path, sizeof path, "%s", test_path("tx2gene.tsv"));
    s.tx2gene = path;
    CHECK(cxs_matrix_read(ctx, test_path("salmon"), &s, &m) == CXS_OK);
    if (m == NULL)
        printf("  %s\n", cxs_ctx_message(ctx));
    CHECK(holds(m, 3, p123, 3, abc, want));
    CHECK(m != NULL && strcmp(cxs_matrix_feature_name(m)[2], "GAMMA") == 0);
    CHECK(m != NULL && m->estimated && m->sources == 4);
    CHECK(m != NULL && m->length != NULL && fabs(m->length[0] - la) < 1e-9 &&
          fabs(m->length[1] - lb) < 1e-9 && fabs(m->length[2] - 60.0) < 1e-9);
    cxs_matrix_free(m);
    s.transcript_counts = CXS_SUMMED_COUNTS;
    CHECK(cxs_matrix_read(ctx, test_path("salmon"), &s, &m) == CXS_OK);
    CHECK(holds(m, 3, p123, 3, abc, sums));
    cxs_matrix_free(m);
    s.kind = CXS_KIND_TPM;
    CHECK(cxs_matrix_read(ctx, test_path("salmon"), &s, &m) == CXS_OK);
    CHECK(holds(m, 3, p123, 3, abc, tpm));
    CHECK(m != NULL && m->length == NULL); /* they are in the values already */
    CHECK(m != NULL && m->length == NULL); /* they are in the values already */
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void refuse_tx2gene(const char *text, cxs_rc rc, const char *message)
{
    cxs_matrix_settings s = cxs_matrix_defaults();
    char path[TEST_PATH_BYTES];

    put("other.tsv", text);
    snprintf(path, sizeof path, "%s", test_path("other.tsv"));
    s.tx2gene = path;
    refuse("salmon", &s, rc, message);
}

/* After counts_scaled_by_length(), whose files these are. */
static void transcripts_must_fit(void **state)
{
    cxs_matrix_settings s = cxs_matrix_defaults();
    cxs_ctx *ctx = make_ctx();
    cxs_matrix *m = NULL;
    char path[TEST_PATH_BYTES];

    (void)state;
    refuse_tx2gene("transcript_id\tgene_id\na1\tA\n", CXS_EMISMATCH,
                   "3 of 4 transcripts are not in ");
    refuse_tx2gene("transcript_id\tgene_id\na1\tA\na1\tB\n", CXS_EFORMAT,
                   "other.tsv:3: transcript \"a1\" has another gene than in line 2");
    refuse_tx2gene("ENST1\tENSG1\nENST2\tENSG2\n", CXS_EFORMAT,
                   "other.tsv:1: no header, the first line names transcript \"ENST1\"");
    refuse_tx2gene("transcript_id\na1\n", CXS_EFORMAT, "has two columns");
    put("other.tsv", "t\tg\na1\tA\na2\tA\nb1\tB\n");
    snprintf(path, sizeof path, "%s", test_path("other.tsv"));
    s.tx2gene = path;
    CHECK(cxs_matrix_read(ctx, test_path("salmon"), &s, &m) == CXS_OK && m != NULL);
    CHECK(strstr(logged, "1 of 4 transcripts (0.0 % of the reads of sample P1) are not "
                         "in it and are left out (c1)") != NULL);
    CHECK(m != NULL && cxs_matrix_p(m) == 2);
    cxs_matrix_free(m);
    put("salmon/P3/quant.sf", SALMON "a1.5\t150\t110\t1000000\t7\n");
    refuse("salmon", &s, CXS_EMISMATCH, "quant.sf: 3 transcripts of ");
    put("salmon/P3/quant.sf", SALMON "a1.5\t150\t110\t1000000\n");
    refuse("salmon", &s, CXS_EFORMAT, "P3/quant.sf:2: 4 fields, the header has 5");
    put("salmon/P3/quant.sf", SALMON "a1.5\t150\t-\t1000000\t7\n");
    refuse("salmon", &s, CXS_EFORMAT,
           "P3/quant.sf:2:EffectiveLength: \"-\" is not a number");
    put("salmon/P3/quant.sf",
        SALMON "a1.5\t150\t110\t-1\t7\na2\t250\t200\t0\t0\n"
               "b1|ENSG|x\t1050\t1000\t0\t0\nc1\t100\t60\t0\t0\n");
    refuse("salmon", &s, CXS_EFORMAT, "TPM and reads must be >= 0");
    put("salmon/P3/quant.sf", SALMON "a1.5\t150\t110\t1\t7\na1.5\t250\t200\t0\t0\n");
    refuse("salmon", &s, CXS_EFORMAT, "P3/quant.sf:3: gene \"a1.5\" repeats line 2");
    put("salmon/P3/quant.sf.gz", "Name\tLength\tEffectiveLength\tTPM\tNumReads\n");
    refuse("salmon", &s, CXS_EFORMAT, "could both be the sample of this folder");
    remove(test_path("salmon/P3/quant.sf.gz"));
    put("salmon/P3/quant.sf", "Name\tLength\n");
    refuse("salmon", &s, CXS_EFORMAT,
           "P3/quant.sf: this is not what its name says (quant.sf)");
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* A sheet may name the folders; both programs give the same from the same numbers. */
static void kallisto_by_folders(void **state)
{
    static const double want[] = {70, 500};
    static const char *const ab[] = {"A", "B"};
    cxs_matrix_settings s = cxs_matrix_defaults();
    cxs_ctx *ctx = make_ctx();
    cxs_matrix *m = NULL;
    char path[TEST_PATH_BYTES];

    (void)state;
    make_folder("kallisto");
    put("kallisto/abundance.tsv",
        KALLISTO "a1\t150\t100\t30\t300000\na2\t250\t200\t40\t200000\n"
                 "b1\t1050\t1000\t500\t500000\n");
    put("kallisto/run_info.json", "{}\n");
    put("files.tsv", "SAMPLE_ID\tASSAY\tFILE\nP1\tRNA_COUNTS\tkallisto\n");
    put("tx2gene.tsv", tx2gene);
    snprintf(path, sizeof path, "%s", test_path("tx2gene.tsv"));
    s.tx2gene = path;
    s.transcript_counts = CXS_SUMMED_COUNTS;
    CHECK(cxs_matrix_read(ctx, test_path("files.tsv"), &s, &m) == CXS_OK);
    CHECK(holds(m, 1, p12, 2, ab, want));
    cxs_matrix_free(m);
    /* the folder of one sample names it */
    CHECK(cxs_matrix_read(ctx, test_path("kallisto"), &s, &m) == CXS_OK);
    CHECK(holds(m, 1, (const char *const[]){"kallisto"}, 2, ab, want));
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_scaled_by_length),
        cmocka_unit_test(transcripts_must_fit),
        cmocka_unit_test(kallisto_by_folders),
    };

    return cmocka_run_group_tests_name("format_transcripts", tests, test_folder_make,
                                       test_folder_remove);
}
