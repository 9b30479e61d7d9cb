/*
 * test_format_samples.c -- files of one sample each (STAR, GDC, RSEM) from a folder or
 * a sheet into one matrix
 */
#include "test.h"

#include "format_case.h"

/* ---- STAR ------------------------------------------------------------------------ */

static const char star1[] = "N_unmapped\t10\t10\t10\nN_multimapping\t4\t4\t4\n"
                            "N_noFeature\t7\t90\t8\nN_ambiguous\t1\t0\t1\n"
                            "ENSG2\t20\t1\t19\nENSG1\t30\t2\t28\n";

static const char star2[] = "N_unmapped\t0\t0\t0\r\nN_multimapping\t4\t4\t4\r\n"
                            "N_noFeature\t7\t90\t8\r\nN_ambiguous\t1\t0\t1\r\n"
                            "ENSG2\t5\t0\t5\r\nENSG1\t6\t1\t5\r\n";

static void star_folder_by_strand(void **state)
{
    static const double want[3][4] = {{30, 6, 20, 5}, {2, 1, 1, 0}, {28, 5, 19, 5}};
    cxs_matrix_settings s = cxs_matrix_defaults();

    (void)state;
    make_folder("star");
    put("star/P1_ReadsPerGene.out.tab", star1);
    put_gzip("star/P2.ReadsPerGene.out.tab.gz", star2);
    put("star/P1_Log.final.out", "Number of input reads |\t1000\n");
    s.kind = CXS_KIND_COUNTS;
    refuse("star", &s, CXS_EARG,
           "STAR counts need --stranded 0, 1 or 2; reads in genes: 50 unstranded, 3 "
           "forward (1), 47 reverse (2)");
    for (s.stranded = 0; s.stranded < 3; s.stranded++) {
        cxs_ctx *ctx = make_ctx();
        cxs_matrix *m = NULL;
        CHECK(cxs_matrix_read(ctx, test_path("star"), &s, &m) == CXS_OK);
        CHECK(holds(m, 2, p12, 2, genes12, want[s.stranded]));
        CHECK(m != NULL && m->sources == 2 && m->kind == CXS_KIND_COUNTS);
        CHECK(strstr(logged, "2 of 3 entries are files of one sample") != NULL);
        CHECK((strstr(logged, "--stranded 1 has 3 reads in genes, the other strand "
                              "47") != NULL) == (s.stranded == 1));
        cxs_matrix_free(m);
        cxs_ctx_free(ctx);
    }
    s.stranded = CXS_STRANDED_NO;
    put("star/P3ReadsPerGene.out.tab", "N_unmapped\t0\t0\t0\nENSG1\t1\t1\n");
    refuse("star", &s, CXS_EFORMAT,
           "P3ReadsPerGene.out.tab:2: 3 fields, the first row has 4");
    put("star/P3ReadsPerGene.out.tab", "N_unmapped\t0\t0\t0\nENSG1\t1\tmany\t1\n");
    refuse("star", &s, CXS_EFORMAT,
           "P3ReadsPerGene.out.tab:2:forward: \"many\" is not a number");
    put("star/P3ReadsPerGene.out.tab", "N_unmapped\t0\t0\t0\nENSG1\t1\t1\t1\n");
    refuse("star", &s, CXS_EMISMATCH, "P3ReadsPerGene.out.tab: 1 genes of ");
    refuse("star", &s, CXS_EMISMATCH,
           "P1_ReadsPerGene.out.tab are missing (ENSG2) and 0 are not in it: the files "
           "must come from one annotation");
    put("star/P3ReadsPerGene.out.tab", "");
    refuse("star", &s, CXS_EFORMAT,
           "P3ReadsPerGene.out.tab: this is not what its name says");
    put("star/P3ReadsPerGene.out.tab", star1);
    put("star/P3.ReadsPerGene.out.tab", star1);
    refuse("star", &s, CXS_EFORMAT, "are both sample \"P3\"; give a sheet");
    CHECK_DONE();
}

/* One file alone is a matrix of one sample. */
static void one_file_is_one_sample(void **state)
{
    static const double want[] = {28, 19};
    cxs_matrix_settings s = cxs_matrix_defaults();
    cxs_ctx *ctx = make_ctx();
    cxs_matrix *m = NULL;

    (void)state;
    put("X.tab", star1);
    s.stranded = CXS_STRANDED_REVERSE;
    CHECK(cxs_matrix_read(ctx, test_path("X.tab"), &s, &m) == CXS_OK);
    CHECK(holds(m, 1, (const char *const[]){"X"}, 2, genes12, want));
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- GDC, RSEM, by a sheet ------------------------------------------------------- */

#define GDC_HEAD                                                                       \
    "# gene-model: GENCODE v36\n"                                                      \
    "gene_id\tgene_name\tgene_type\tunstranded\tstranded_first\tstranded_second\t"     \
    "tpm_unstranded\tfpkm_unstranded\tfpkm_uq_unstranded\n"                            \
    "N_unmapped\t\t\t100\t100\t100\t\t\t\nN_ambiguous\t\t\t5\t1\t2\t\t\t\n"

#define GDC_GENE(id, name, a, b, c, tpm)                                               \
    id "\t" name "\tprotein_coding\t" a "\t" b "\t" c "\t" tpm "\t1.5\t2.5\n"

static const char gdc1[] =
    GDC_HEAD GDC_GENE("ENSG00000141510.18", "TP53", "50", "20", "30", "7.5")
        GDC_GENE("ENSG00000146648.18", "EGFR", "60", "25", "35", "992492.5");

static const char gdc2[] =
    GDC_HEAD GDC_GENE("ENSG00000141510.18", "TP53", "5", "2", "3", "1000000")
        GDC_GENE("ENSG00000146648.18", "EGFR", "0", "0", "0", "0");

static void gdc_by_a_sheet(void **state)
{
    static const char *const id[] = {"ENSG00000141510.18", "ENSG00000146648.18"};
    static const char *const cut[] = {"ENSG00000141510", "ENSG00000146648"};
    static const double counts[] = {50, 5, 60, 0}, second[] = {30, 3, 35, 0},
                        tpm[] = {7.5, 1e6, 992492.5, 0};
    cxs_matrix_settings s = cxs_matrix_defaults();
    cxs_ctx *ctx = make_ctx();
    cxs_matrix *m = NULL;

    (void)state;
    make_folder("gdc");
    put("gdc/a1.rna_seq.augmented_star_gene_counts.tsv", gdc1);
    put("gdc/b2.rna_seq.augmented_star_gene_counts.tsv", gdc2);
    put("gdc/sheet.tsv",
        "sample_id\tfile\tnote\nP2\tb2.rna_seq.augmented_star_gene_counts.tsv\tx\n"
        "P1\ta1.rna_seq.augmented_star_gene_counts.tsv\ty\n");
    s.kind = CXS_KIND_COUNTS;
    CHECK(cxs_matrix_read(ctx, test_path("gdc/sheet.tsv"), &s, &m) == CXS_OK);
    CHECK(holds(m, 2, p12, 2, id, counts));
    CHECK(m != NULL && strcmp(cxs_matrix_feature_name(m)[1], "EGFR") == 0);
    CHECK(m != NULL && m->sources == 3);
    cxs_matrix_free(m);
    s.stranded = CXS_STRANDED_REVERSE;
    CHECK(cxs_matrix_read(ctx, test_path("gdc/sheet.tsv"), &s, &m) == CXS_OK);
    CHECK(holds(m, 2, p12, 2, id, second));
    cxs_matrix_free(m);
    s.kind = CXS_KIND_TPM;
    s.genes = CXS_GENES_MAP;
    s.refdata = "refdata";
    CHECK(cxs_matrix_read(ctx, test_path("gdc/sheet.tsv"), &s, &m) == CXS_OK);
    CHECK(holds(m, 2, p12, 2, cut, tpm));
    CHECK(m != NULL && m->gene_counts != NULL && m->gene_counts->versions == 2);
    cxs_matrix_free(m);
    s.genes = CXS_GENES_KEEP;
    put("gdc/sheet.tsv", "sample_id\tfile\nP1\tnone.tsv\n");
    refuse("gdc/sheet.tsv", &s, CXS_ENOINPUT, "gdc/none.tsv");
    put("gdc/sheet.tsv", "sample_id\tfile\nP1\t\n");
    refuse("gdc/sheet.tsv", &s, CXS_EFORMAT, "sheet.tsv:2:file: empty");
    put("gdc/sheet.tsv", "sample_id\tfile\nP1\tsheet.tsv\n");
    refuse("gdc/sheet.tsv", &s, CXS_EFORMAT, "not a file of one sample");
    put("gdc/sheet.tsv",
        "sample_id\tfile\nP1\ta1.rna_seq.augmented_star_gene_counts.tsv\n"
        "P1\tb2.rna_seq.augmented_star_gene_counts.tsv\n");
    refuse("gdc/sheet.tsv", &s, CXS_EFORMAT, "are both sample \"P1\"");
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* The sheet of the portal and the folders of its client. */
static void gdc_sample_sheet(void **state)
{
    static const char *const id[] = {"ENSG00000141510.18", "ENSG00000146648.18"};
    static const char *const sample[] = {"TCGA-02-0001-01A", "TCGA-02-0002-01A"};
    static const double counts[] = {50, 5, 60, 0};
    cxs_matrix_settings s = cxs_matrix_defaults();
    cxs_ctx *ctx = make_ctx();
    cxs_matrix *m = NULL;

    (void)state;
    make_folder("portal");
    make_folder("portal/f1");
    put("portal/f1/u1.rna_seq.augmented_star_gene_counts.tsv", gdc1);
    put("portal/u2.rna_seq.augmented_star_gene_counts.tsv", gdc2);
    put("portal/gdc_sample_sheet.tsv",
        "File ID\tFile Name\tCase ID\tSample ID\n"
        "f2\tu2.rna_seq.augmented_star_gene_counts.tsv\tTCGA-02-0002\t"
        "TCGA-02-0002-01A\n"
        "f1\tu1.rna_seq.augmented_star_gene_counts.tsv\tTCGA-02-0001\t"
        "TCGA-02-0001-01A\n");
    CHECK(cxs_matrix_read(ctx, test_path("portal/gdc_sample_sheet.tsv"), &s, &m) ==
          CXS_OK);
    CHECK(holds(m, 2, sample, 2, id, counts));
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void rsem_and_mixed_formats(void **state)
{
    static const double want[] = {3.5, 7};
    cxs_matrix_settings s = cxs_matrix_defaults();
    cxs_ctx *ctx = make_ctx();
    cxs_matrix *m = NULL;

    (void)state;
    make_folder("rsem");
    put("rsem/P1.genes.results",
        "gene_id\ttranscript_id(s)\tlength\teffective_length\texpected_count\tTPM\t"
        "FPKM\nENSG2\tt2,t3\t200\t150\t7\t600000\t5\nENSG1\tt1\t100\t50\t3.5\t400000\t"
        "4\n");
    s.kind = CXS_KIND_COUNTS;
    s.plausibility_stops = 1;
    s.stranded = CXS_STRANDED_NO;
    CHECK(cxs_matrix_read(ctx, test_path("rsem"), &s, &m) == CXS_EFORMAT);
    CHECK(strcmp(cxs_ctx_code(ctx), "CX029") == 0); /* largest 7: a log scale */
    s.plausibility_stops = 0;
    CHECK(cxs_matrix_read(ctx, test_path("rsem"), &s, &m) == CXS_OK);
    CHECK(holds(m, 1, p12, 2, genes12, want));
    CHECK(m != NULL && m->estimated);
    CHECK(m != NULL && m->length != NULL && m->length[0] == 100.0 &&
          m->length[1] == 200.0);
    CHECK(strstr(logged, "CX029") == NULL);
    cxs_matrix_free(m);
    put("rsem/P2.genes.results",
        "gene_id\ttranscript_id(s)\tlength\teffective_length\texpected_count\tTPM\t"
        "FPKM\nENSG2\tt2,t3\t260\t0\t7\t600000\t5\nENSG1\tt1\t100\t50\t3\t400000\t"
        "4\n");
    CHECK(cxs_matrix_read(ctx, test_path("rsem"), &s, &m) == CXS_OK);
    CHECK(m != NULL && m->n == 2 && m->length != NULL && m->length[0] == 100.0 &&
          m->length[1] == 230.0); /* the mean over the samples */
    cxs_matrix_free(m);
    s.kind = CXS_KIND_TPM;
    CHECK(cxs_matrix_read(ctx, test_path("rsem"), &s, &m) == CXS_OK);
    CHECK(m != NULL && m->length == NULL && m->x[0] == 400000.0);
    s.kind = CXS_KIND_COUNTS;
    put("rsem/P2ReadsPerGene.out.tab", star1);
    refuse("rsem", &s, CXS_EMISMATCH, "format 'star', but ");
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    make_folder("nothing");
    put("nothing/readme.txt", "no data\n");
    refuse("nothing", &s, CXS_EFORMAT,
           "none of the 1 entries of this folder is a file of one sample");
    CHECK_DONE();
}

/* ---- memory ---------------------------------------------------------------------- */

static void every_allocation_may_fail(void **state)
{
    static const char *const inputs[] = {"star2", "gdc2/sheet.tsv", "salmon2"};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix_settings s = cxs_matrix_defaults();
    const long live = cxs_alloc_live();
    char path[TEST_PATH_BYTES], tx[TEST_PATH_BYTES];

    (void)state;
    make_folder("star2");
    put("star2/P1ReadsPerGene.out.tab", star1);
    put("star2/P2ReadsPerGene.out.tab", star2);
    make_folder("gdc2");
    put("gdc2/sheet.tsv", "sample_id\tfile\nP1\ta\nP2\tb\n");
    put("gdc2/a", gdc1);
    put("gdc2/b", gdc2);
    make_folder("salmon2");
    make_folder("salmon2/P1");
    put("salmon2/P1/quant.sf", SALMON "a1\t150\t100\t300000\t30\nb1\t9\t9\t7\t5\n");
    put("tx2gene.tsv", tx2gene);
    snprintf(tx, sizeof tx, "%s", test_path("tx2gene.tsv"));
    s.stranded = CXS_STRANDED_NO;
    s.tx2gene = tx;
    for (size_t f = 0; f < sizeof inputs / sizeof *inputs; f++) {
        cxs_rc rc = CXS_ENOMEM;
        long k;
        snprintf(path, sizeof path, "%s", test_path(inputs[f]));
        for (k = 1; rc == CXS_ENOMEM && k < 2000; k++) {
            cxs_matrix *m = NULL;
            cxs_alloc_fail_at(k);
            rc = cxs_matrix_read(ctx, path, &s, &m);
            cxs_alloc_fail_at(0);
            CHECK((rc == CXS_OK) == (m != NULL));
            if (m != NULL)
                CHECK(cxs_matrix_n(m) == (f < 2 ? 2 : 1) && cxs_matrix_p(m) == 2);
            cxs_matrix_free(m);
            CHECK(rc == CXS_OK || cxs_alloc_live() == live);
        }
        CHECK(rc == CXS_OK && k > 40);
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(star_folder_by_strand),
        cmocka_unit_test(one_file_is_one_sample),
        cmocka_unit_test(gdc_by_a_sheet),
        cmocka_unit_test(gdc_sample_sheet),
        cmocka_unit_test(rsem_and_mixed_formats),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests_name("format_samples", tests, test_folder_make,
                                       test_folder_remove);
}
