/*
 * test_gene_faults.c -- rows of the catalogue about genes and values of expression,
 * through a whole study
 */
#include "test.h"

#include "study_case.h"
#include "tmp.h"

#include "base/base.h"

#define PATIENTS "PATIENT_ID\tOS_DAYS\tOS_STATUS\nP1\t10\t1\nP2\t20\t0\nP3\t30\t1\n"
#define HEAD     "gene\tP1\tP2\tP3\n"

static void put(const char *settings, const char *rows)
{
    char yaml[512], table[4096];

    snprintf(yaml, sizeof yaml,
             "tables: {patients: patients.tsv}\nendpoint: {name: OS}\n"
             "expression: {file: x.tsv, %s}\n",
             settings);
    snprintf(table, sizeof table, "%s%s", HEAD, rows);
    case_plain("genes", yaml, PATIENTS);
    case_file("genes", "x.tsv", table);
}

typedef struct fault {
    const char *settings, *rows, *code, *message;
    int warns;
} fault;

static const fault faults[] = {
    {"kind: counts", "TP53\t90\t80\t70\n2-Mar\t50\t60\t70\n", "CX023",
     "x.tsv:3: gene \"2-Mar\" is a spreadsheet date", 0},
    {"kind: counts", "TP53\t90\t80\t70\nEGFR\t90\t80\t70\n44256\t50\t60\t70\n", "CX024",
     "x.tsv: 1 gene names are numbers such as 44256", 1},
    {"kind: counts",
     "44256\t90\t80\t70\n44257\t90\t80\t70\n44258\t50\t60\t70\n44259\t1\t2\t99\n"
     "2.31E+13\t1\t2\t99\n44261\t1\t2\t99\nTP53\t90\t80\t70\nEGFR\t90\t80\t70\n"
     "PTEN\t9\t80\t7\nMYC\t9\t8\t70\nMDM2\t9\t80\t1\nCDK4\t7\t8\t9\n",
     "CX024", "x.tsv: 6 gene names are numbers such as ", 0},
    {"kind: counts", "TP53\t90\t80\t70\nEGFR\t90\t80\t70\nTP53\t50\t60\t70\n", "CX025",
     "x.tsv:4: gene \"TP53\" repeats line 2", 0},
    {"kind: counts, genes: map", "TP53\t90\t80\t70\nH3F3A\t90\t80\t70\n", "CX026",
     "1 symbols were updated (for example H3F3A to H3-3A); 0 ambiguous aliases", 1},
    {"kind: counts", "TP53\t-3\t80\t70\nEGFR\t90\t80\t70\n", "CX029",
     "x.tsv: not raw counts", 0},
    {"kind: counts", "TP53\t3\t8\t7\nEGFR\t9\t8\t7\n", "CX029", "x.tsv: not raw counts",
     0},
    {"kind: counts", "Trp53\t90\t80\t70\nEgfr\t90\t80\t70\nGapdh\t50\t60\t70\n",
     "CX032", "x.tsv: 3 of 3 row names look like mouse symbols", 0},
    {"kind: counts", "ENSG00000141510\t90\t80\t70\nEGFR\t90\t80\t70\n", "CX032",
     "x.tsv", 0},
};

static void faults_of_the_expression_matrix(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        const fault *f = &faults[i];
        cxs_ctx *ctx = tmp_ctx();
        char want[512];
        cxs_rc rc;
        put(f->settings, f->rows);
        remove(test_path("genes.cxs"));
        rc = case_ingest(ctx, "genes");
        snprintf(want, sizeof want, "%s", f->message);
        if (f->warns) {
            CHECK(rc == CXS_OK);
            CHECK(strstr(tmp_log, f->code) != NULL && strstr(tmp_log, want) != NULL);
        } else {
            CHECK(rc == CXS_EFORMAT || rc == CXS_EMISMATCH);
            CHECK(strcmp(cxs_ctx_code(ctx), f->code) == 0);
            CHECK(strstr(cxs_ctx_message(ctx), want) != NULL);
            CHECK(access(test_path("genes.cxs"), F_OK) != 0);
        }
        if (test_failures > 0)
            printf("  case %zu: %d [%s] %s\n%s\n", i, (int)rc, cxs_ctx_code(ctx),
                   cxs_ctx_message(ctx), tmp_log);
        cxs_ctx_free(ctx);
    }
    CHECK_DONE();
}

/* CX030 of 5000 genes, a whole transcriptome: P1 sums to 5000 x. */
static void sums_of_tpm(void **state)
{
    static const struct {
        double x;
        cxs_rc rc;
        const char *message;
    } cases[] = {
        {200.0, CXS_OK, NULL},
        {190.0, CXS_OK, NULL}, /* 0.95e6 */
        {189.0, CXS_OK, "x.tsv: column sums are 945000..1e+06; are these logged?"},
        {7.0, CXS_EFORMAT, "x.tsv: column sums are 35000..35000; are these logged?"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const double rest = cases[i].x < 30.0 ? cases[i].x : 200.0;
        cxs_ctx *ctx = tmp_ctx();
        cxs_buf text = {0};
        cxs_rc rc;
        put("kind: tpm, genes: keep", "");
        CHECK(cxs_buf_addf(ctx, &text, HEAD) == CXS_OK);
        for (int g = 0; g < 5000; g++)
            CHECK(cxs_buf_addf(ctx, &text, "G%04d\t%g\t%g\t%g\n", g, cases[i].x, rest,
                               rest) == CXS_OK);
        case_file("genes", "x.tsv", text.text);
        rc = case_ingest(ctx, "genes");
        CHECK(rc == cases[i].rc);
        if (cases[i].message == NULL)
            CHECK(strstr(tmp_log, "CX030") == NULL);
        else if (rc == CXS_OK)
            CHECK(strstr(tmp_log, cases[i].message) != NULL);
        else
            CHECK(strcmp(cxs_ctx_code(ctx), "CX030") == 0 &&
                  strstr(cxs_ctx_message(ctx), cases[i].message) != NULL);
        cxs_free(text.text);
        cxs_ctx_free(ctx);
    }
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_of_the_expression_matrix),
        cmocka_unit_test(sums_of_tpm),
    };

    return cmocka_run_group_tests_name("gene_faults", tests, test_folder_make,
                                       test_folder_remove);
}
