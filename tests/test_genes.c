/*
 * test_genes.c -- gene names: the tables, and what a matrix with odd names is told;
 * plausibility of TPM and methylation values
 */
#include "test.h"
#include "tmp.h"

#include "base/base.h"
#include "coxswain/ingest.h"
#include "ingest/genes.h"

#include <string.h>

static const char genes_table[] =
    "# symbols\nsymbol\tensembl_gene_id\tbiotype\n"
    "TP53\tENSG00000141510\tprotein_coding\nEGFR\tENSG00000146648\tprotein_coding\n"
    "H3-3A\tENSG00000163041\tprotein_coding\nNOID\t.\tother\n";
static const char alias_table[] = "# old names\nalias\tsymbol\tstatus\tall_targets\n"
                                  "ERBB1\tEGFR\tunique\tEGFR\n"
                                  "H3F3A\tH3-3A\tunique\tH3-3A\n"
                                  "P53\tTP53\tunique\tTP53\n"
                                  "MRP\tABCC1\tambiguous\tABCC1|MARCKSL1\n";

static void write_tables(void)
{
    char path[512];

    tmp_write(path, sizeof path, "genes.tsv", genes_table, strlen(genes_table));
    tmp_write(path, sizeof path, "gene_alias.tsv", alias_table, strlen(alias_table));
}

static void remove_tables(void)
{
    tmp_remove("genes.tsv");
    tmp_remove("gene_alias.tsv");
}

static cxs_rc read_text(cxs_ctx *ctx, const char *text, const cxs_matrix_settings *s,
                        cxs_matrix **out)
{
    char path[512];
    cxs_rc rc;

    tmp_write(path, sizeof path, "expr.tsv", text, strlen(text));
    rc = cxs_matrix_read(ctx, path, s, out);
    tmp_remove("expr.tsv");
    return rc;
}

static cxs_matrix_settings mapping(void)
{
    cxs_matrix_settings s = cxs_matrix_defaults();

    s.genes = CXS_GENES_MAP;
    s.refdata = tmp_make();
    return s;
}

/* The message of a failure is "FOLDER/" and this. */
static bool says_exactly(const char *said, const char *message)
{
    const char *at = strstr(said, "expr.tsv");

    return at != NULL && strcmp(at, message) == 0;
}

static void names_in_the_tables(void **state)
{
    static const struct {
        const char *name;
        cxs_gene_fate fate;
        const char *symbol;
    } cases[] = {
        {"TP53", CXS_GENE_CURRENT, "TP53"},
        {"ENSG00000141510", CXS_GENE_CURRENT, "TP53"},
        {"ENSG00000141510.18", CXS_GENE_CURRENT, "TP53"},
        {"ENSG00000141510.18_PAR_Y", CXS_GENE_CURRENT, "TP53"},
        {"ENSG0000014151", CXS_GENE_UNKNOWN, "ENSG0000014151"},
        {"ENSG00000141510x", CXS_GENE_UNKNOWN, "ENSG00000141510x"},
        {"ENSG00000000001", CXS_GENE_UNKNOWN, "ENSG00000000001"},
        {"P53", CXS_GENE_ALIAS, "TP53"},
        {"MRP", CXS_GENE_AMBIGUOUS, "MRP"},
        {"tp53", CXS_GENE_UNKNOWN, "tp53"},
        {".", CXS_GENE_UNKNOWN, "."},
    };
    cxs_ctx *ctx = tmp_ctx();
    cxs_genes *genes = NULL;

    (void)state;
    CHECK(!cxs_genes_exist(tmp_make()));
    CHECK(cxs_genes_read(ctx, tmp_make(), &genes) == CXS_ENOINPUT && genes == NULL);
    write_tables();
    CHECK(cxs_genes_exist(tmp_make()));
    CHECK(cxs_genes_read(ctx, tmp_make(), &genes) == CXS_OK && genes != NULL);
    for (size_t i = 0; genes != NULL && i < sizeof cases / sizeof *cases; i++) {
        const char *symbol = NULL;
        CHECK(cxs_genes_find(genes, cases[i].name, &symbol) == cases[i].fate);
        CHECK(strcmp(symbol, cases[i].symbol) == 0);
    }
    cxs_genes_free(genes);
    remove_tables();
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* The tables that are installed: an Ensembl id and an alias. */
static void the_tables_of_the_project(void **state)
{
    const char *symbol = NULL;
    cxs_ctx *ctx = tmp_ctx();
    cxs_genes *genes = NULL;

    (void)state;
    CHECK(cxs_genes_read(ctx, "refdata", &genes) == CXS_OK);
    if (genes != NULL) {
        CHECK(cxs_genes_find(genes, "ENSG00000146648.19", &symbol) ==
                  CXS_GENE_CURRENT &&
              strcmp(symbol, "EGFR") == 0);
        CHECK(cxs_genes_find(genes, "H3F3A", &symbol) == CXS_GENE_ALIAS &&
              strcmp(symbol, "H3-3A") == 0);
    }
    cxs_genes_free(genes);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* CX026, and the counts that the run record gets. */
static void old_symbols_are_updated(void **state)
{
    static const char *const want[] = {"EGFR", "H3-3A", "MRP", "TP53", "WHAT1"};
    cxs_matrix_settings s = mapping();
    cxs_ctx *ctx = tmp_ctx();
    cxs_matrix *m = NULL;
    const cxs_gene_counts *counts;

    (void)state;
    write_tables();
    CHECK(read_text(ctx, "f\tS1\nTP53\t1\nERBB1\t2\nMRP\t3\nH3F3A\t4\nWHAT1\t5\n", &s,
                    &m) == CXS_OK);
    for (size_t j = 0; m != NULL && j < 5; j++)
        CHECK(strcmp(cxs_matrix_feature(m)[j], want[j]) == 0);
    counts = m != NULL ? cxs_matrix_gene_counts(m) : NULL;
    CHECK(counts != NULL && counts->matched == 1 && counts->alias == 2 &&
          counts->ambiguous == 1 && counts->unknown == 1 && counts->versions == 0);
    CHECK(strstr(tmp_log,
                 "CX026: 2 symbols were updated (for example ERBB1 to EGFR); 1 "
                 "ambiguous aliases were left alone\n") != NULL);
    CHECK(strstr(tmp_log, "gene names: 1 known, 2 updated, 1 ambiguous, 1 not in the "
                          "tables; 0 Ensembl versions cut") != NULL);
    cxs_matrix_free(m);
    /* kept unless asked */
    s.genes = CXS_GENES_KEEP;
    CHECK(read_text(ctx, "f\tS1\nERBB1\t2\n", &s, &m) == CXS_OK && m != NULL);
    CHECK(m != NULL && strcmp(cxs_matrix_feature(m)[0], "ERBB1") == 0 &&
          cxs_matrix_gene_counts(m) == NULL);
    cxs_matrix_free(m);
    remove_tables();
    s.genes = CXS_GENES_MAP;
    CHECK(read_text(ctx, "f\tS1\nERBB1\t2\n", &s, &m) == CXS_ENOINPUT && m == NULL);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Versions go, the pseudoautosomal copy on Y stays a row of its own. */
static void ensembl_versions_are_cut(void **state)
{
    cxs_matrix_settings s = mapping();
    cxs_ctx *ctx = tmp_ctx();
    cxs_matrix *m = NULL;

    (void)state;
    write_tables();
    CHECK(read_text(ctx,
                    "g\tS1\nENSG00000141510.18\t1\nENSG00000182378.15\t2\n"
                    "ENSG00000182378.15_PAR_Y\t3\n",
                    &s, &m) == CXS_OK);
    if (m != NULL) {
        CHECK(strcmp(cxs_matrix_feature(m)[0], "ENSG00000141510") == 0);
        CHECK(strcmp(cxs_matrix_feature_name(m)[0], "TP53") == 0);
        CHECK(strcmp(cxs_matrix_feature_name(m)[1], "ENSG00000182378") == 0);
        CHECK(strcmp(cxs_matrix_feature(m)[2], "ENSG00000182378_PAR_Y") == 0);
        CHECK(cxs_matrix_gene_counts(m)->versions == 3);
    }
    cxs_matrix_free(m);
    remove_tables();
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* CX025 after the names were mapped, and its two ways out. */
static void repeated_genes(void **state)
{
    static const char text[] =
        "f\tS1\tS2\nEGFR\t1\t10\nTP53\t5\t5\nERBB1\t20\tNA\nEGFR.x\t0\t0\n";
    cxs_matrix_settings s = mapping();
    cxs_ctx *ctx = tmp_ctx();
    cxs_matrix *m = NULL;

    (void)state;
    write_tables();
    CHECK(read_text(ctx, text, &s, &m) == CXS_EFORMAT && m == NULL);
    CHECK(strcmp(cxs_ctx_code(ctx), "CX025") == 0);
    CHECK(
        says_exactly(cxs_ctx_message(ctx), "expr.tsv:4: gene \"EGFR\" repeats line 2"));
    s.dup_genes = CXS_DUP_SUM;
    CHECK(read_text(ctx, text, &s, &m) == CXS_OK && m != NULL);
    CHECK(m != NULL && cxs_matrix_p(m) == 3 && cxs_matrix_x(m)[0] == 21.0 &&
          cxs_matrix_x(m)[1] == 10.0);
    CHECK(strstr(tmp_log, "1 rows repeat a gene and were added to its first") != NULL);
    cxs_matrix_free(m);
    s.dup_genes = CXS_DUP_MAX_MEAN; /* 5.5 against 20 */
    CHECK(read_text(ctx, text, &s, &m) == CXS_OK && m != NULL);
    CHECK(m != NULL && cxs_matrix_p(m) == 3 && cxs_matrix_x(m)[0] == 20.0 &&
          isnan(cxs_matrix_x(m)[1]));
    cxs_matrix_free(m);
    remove_tables();
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* CX024: a few are dropped and counted, more stop; Entrez ids are no such numbers. */
static void numbers_for_names(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    cxs_matrix *m = NULL;

    (void)state;
    CHECK(read_text(ctx,
                    "f\tS1\nTP53\t1\n43891\t2\nEGFR\t3\n2.31E+19\t4\n1E5\t1\n"
                    "36525\t1\n50001\t1\nA\t1\nB\t1\nC\t7\n",
                    NULL, &m) == CXS_OK);
    CHECK(m != NULL && cxs_matrix_p(m) == 7);
    CHECK(m != NULL && strcmp(cxs_matrix_feature(m)[6], "TP53") == 0 &&
          strcmp(cxs_matrix_feature(m)[4], "C") == 0 && cxs_matrix_x(m)[4] == 7.0);
    CHECK(strstr(tmp_log, "CX024: ") != NULL);
    CHECK(strstr(tmp_log, "expr.tsv: 3 gene names are numbers such as 43891\n") !=
          NULL);
    cxs_matrix_free(m);
    CHECK(read_text(ctx,
                    "f\tS1\n40001\t1\n40002\t2\nEGFR\t3\n1E+05\t4\nTP53\t1\n"
                    "1E+06\t4\n1E+07\t4\n1E+08\t4\nA\t1\n",
                    NULL, &m) == CXS_EFORMAT);
    CHECK(m == NULL && strcmp(cxs_ctx_code(ctx), "CX024") == 0);
    CHECK(says_exactly(cxs_ctx_message(ctx),
                       "expr.tsv: 6 gene names are numbers such as 40001"));
    CHECK(cxs_rc_exit_status(CXS_EFORMAT) == 65);
    CHECK(read_text(ctx, "f\tS1\n40001\t1\n7157\t2\n1956\t3\nTP53\t1\n", NULL, &m) ==
          CXS_OK);
    CHECK(m != NULL && cxs_matrix_p(m) == 4);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* CX032: refused where names are mapped, told where they are kept. */
static void mouse_and_mixed_names(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"f\tS1\nGapdh\t1\nTrp53\t1\nCd8a\t2\nEGFR\t1\n",
         "expr.tsv: 3 of 4 row names look like mouse symbols"},
        {"f\tS1\nENSMUSG00000064341\t1\nENSMUSG00000064342\t1\n",
         "expr.tsv: 2 of 2 row names look like mouse symbols"},
        {"f\tS1\nENSG00000141510\t1\nEGFR\t1\n",
         "expr.tsv: 1 of 2 row names are Ensembl ids, the others are not: one matrix "
         "holds one system of names"},
    };
    cxs_matrix_settings s = mapping();
    cxs_ctx *ctx = tmp_ctx();
    cxs_matrix *m = NULL;

    (void)state;
    write_tables();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        s.genes = CXS_GENES_MAP;
        CHECK(read_text(ctx, cases[i].text, &s, &m) == CXS_EFORMAT && m == NULL);
        CHECK(strcmp(cxs_ctx_code(ctx), "CX032") == 0);
        CHECK(says_exactly(cxs_ctx_message(ctx), cases[i].message));
        tmp_log[0] = '\0';
        s.genes = CXS_GENES_KEEP;
        CHECK(read_text(ctx, cases[i].text, &s, &m) == CXS_OK && m != NULL);
        CHECK(strstr(tmp_log, "CX032: ") != NULL);
        cxs_matrix_free(m);
        m = NULL;
    }
    tmp_log[0] = '\0';
    s.genes = CXS_GENES_MAP; /* one word with numbers */
    CHECK(read_text(ctx, "f\tS1\nGene1\t1\nGene2\t2\nGene10\t3\n", &s, &m) == CXS_OK);
    CHECK(strstr(tmp_log, "CX032") == NULL);
    cxs_matrix_free(m);
    remove_tables();
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* CX030: a whole transcriptome adds up to a million. */
static void tpm_add_up(void **state)
{
    enum { GENES = 5000 };
    static char text[GENES * 32];
    static const struct {
        double value; /* of every gene */
        cxs_rc rc;
        const char *message;
    } cases[] = {
        {200, CXS_OK, NULL}, /* 1e6 */
        {180, CXS_OK, "expr.tsv: column sums are 900000..1e+06; are these logged?\n"},
        {7.5, CXS_EFORMAT,
         "expr.tsv: column sums are 37500..100000; are these logged?"},
    };
    cxs_matrix_settings s = cxs_matrix_defaults();

    (void)state;
    s.kind = CXS_KIND_TPM;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cxs_ctx *ctx = tmp_ctx();
        cxs_matrix *m = NULL;
        size_t used = (size_t)snprintf(text, sizeof text, "f\tS1\tS2\n");
        for (size_t j = 0; j < GENES; j++)
            used +=
                (size_t)snprintf(text + used, sizeof text - used, "g%zu\t%g\t%d\n", j,
                                 cases[i].value, cases[i].rc == CXS_OK ? 200 : 20);
        CHECK(read_text(ctx, text, &s, &m) == cases[i].rc);
        CHECK((m != NULL) == (cases[i].rc == CXS_OK));
        if (cases[i].rc != CXS_OK)
            CHECK(strcmp(cxs_ctx_code(ctx), "CX030") == 0 &&
                  says_exactly(cxs_ctx_message(ctx), cases[i].message));
        else if (cases[i].message != NULL)
            CHECK(strstr(tmp_log, cases[i].message) != NULL);
        else
            CHECK(strstr(tmp_log, "CX030") == NULL);
        cxs_matrix_free(m);
        cxs_ctx_free(ctx);
    }
    CHECK_DONE();
}

/* CX049 */
static void methylation_scales(void **state)
{
    static const char beta[] = "ID_REF\tS1\tS2\ncg12434587_BC11\t0\t1\n"
                               "cg12981137_TC11\t0.5\tNA\n";
    static const char wrong[] = "ID_REF\tS1\tS2\ncg12434587\t0.1\t0.3\n"
                                "cg12981137\t0.5\t-1.25\n";
    cxs_matrix_settings s = cxs_matrix_defaults();
    cxs_ctx *ctx = tmp_ctx();
    cxs_matrix *m = NULL;

    (void)state;
    s.kind = CXS_KIND_BETA;
    s.layer = "meth";
    CHECK(read_text(ctx, beta, &s, &m) == CXS_OK && m != NULL);
    CHECK(m != NULL && strcmp(cxs_matrix_feature(m)[0], "cg12434587_BC11") == 0 &&
          strcmp(cxs_kind_name(cxs_matrix_kind(m)), "beta") == 0);
    CHECK(strstr(tmp_log, "2 of 2 probes carry the suffix of EPICv2, kept") != NULL);
    cxs_matrix_free(m);
    CHECK(read_text(ctx, wrong, &s, &m) == CXS_EFORMAT && m == NULL);
    CHECK(strcmp(cxs_ctx_code(ctx), "CX049") == 0);
    CHECK(says_exactly(cxs_ctx_message(ctx),
                       "expr.tsv: cg12981137: -1.25 is not a beta value; METH_M?"));
    s.kind = CXS_KIND_M;
    CHECK(read_text(ctx, wrong, &s, &m) == CXS_OK && m != NULL);
    CHECK(strstr(tmp_log, "CX049") == NULL);
    cxs_matrix_free(m);
    CHECK(read_text(ctx, beta, &s, &m) == CXS_OK && m != NULL);
    CHECK(strstr(tmp_log, "CX049: ") != NULL);
    CHECK(strstr(tmp_log, "all values lie in 0..1; METH_BETA?") != NULL);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void every_allocation_may_fail(void **state)
{
    static const char *const texts[] = {
        "f\tS1\nEGFR\t1\nP53\t5\nERBB1\t20\nA\t1\n43891\t3\n",
        "f\tS1\nENSG00000141510.2\t1\nENSG00000146648.3\t5\n"};
    cxs_matrix_settings s = mapping();
    cxs_ctx *ctx = cxs_ctx_new();
    long live;

    (void)state;
    write_tables();
    s.dup_genes = CXS_DUP_SUM;
    live = cxs_alloc_live();
    for (size_t t = 0; t < 2; t++) {
        cxs_rc rc = CXS_ENOMEM;
        size_t failed = 0;
        long k;
        /* a warning that cannot be kept is lost without harm: go on behind it */
        for (k = 1; k < 150; k++) {
            cxs_ctx *fresh = cxs_ctx_new(); /* warnings would count as alive */
            cxs_matrix *m = NULL;
            cxs_alloc_fail_at(k);
            rc = read_text(fresh, texts[t], &s, &m);
            cxs_alloc_fail_at(0);
            CHECK((rc == CXS_OK) == (m != NULL));
            CHECK(rc == CXS_OK || rc == CXS_ENOMEM);
            failed += rc != CXS_OK;
            if (m != NULL)
                CHECK(cxs_matrix_p(m) == (t == 0 ? 3 : 2));
            cxs_matrix_free(m);
            cxs_ctx_free(fresh);
            CHECK(cxs_alloc_live() == live);
        }
        CHECK(rc == CXS_OK && failed > 60);
    }
    remove_tables();
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static int remove_folder(void **state)
{
    (void)state;
    tmp_close();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_in_the_tables),
        cmocka_unit_test(the_tables_of_the_project),
        cmocka_unit_test(old_symbols_are_updated),
        cmocka_unit_test(ensembl_versions_are_cut),
        cmocka_unit_test(repeated_genes),
        cmocka_unit_test(numbers_for_names),
        cmocka_unit_test(mouse_and_mixed_names),
        cmocka_unit_test(tpm_add_up),
        cmocka_unit_test(methylation_scales),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests_name("genes", tests, NULL, remove_folder);
}
