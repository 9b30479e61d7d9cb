/*
 * test_formats.c -- matrices as other programs write them: GCT, featureCounts, nf-core,
 * GISTIC, Xena; told by content, checked against what they say of themselves
 */
#include "test.h"
#include "tmp.h"

#include "base/base.h"
#include "coxswain/features.h"
#include "coxswain/ingest.h"
#include "store/data.h"

#include <string.h>
#include <zlib.h>
#include <zstd.h>

enum { PLAIN, GZIP, ZSTD, CONTAINERS };

/* The text in a container, under a name that says nothing about it. */
static void write_as(char *path, size_t size, const char *text, int container)
{
    static unsigned char packed[65536];
    const size_t n = strlen(text);
    size_t length;
    gzFile file;

    tmp_write(path, size, "in.dat", text, n);
    if (container == GZIP) {
        if ((file = gzopen(path, "wb")) == NULL ||
            gzwrite(file, text, (unsigned)n) != (int)n || gzclose(file) != Z_OK)
            abort();
    } else if (container == ZSTD) {
        length = ZSTD_compress(packed, sizeof packed, text, n, 3);
        if (ZSTD_isError(length))
            abort();
        tmp_write(path, size, "in.dat", (const char *)packed, length);
    }
}

static cxs_rc read_text(cxs_ctx *ctx, const char *text, const cxs_matrix_settings *s,
                        int container, cxs_matrix **out)
{
    char path[512];
    cxs_rc rc;

    write_as(path, sizeof path, text, container);
    rc = cxs_matrix_read(ctx, path, s, out);
    tmp_remove("in.dat");
    return rc;
}

static const char gct2[] = "#1.2\n"
                           "3\t2\n"
                           "Name\tDescription\tS2\tS1\n"
                           "c\tz\t-6\tNA\n"
                           "a\tx\t3\t1\n"
                           "b\ty\t4.5\t2\n";
static const char gct3[] = "#1.3\n"
                           "3\t2\t2\t1\n"
                           "id\tpr_gene_symbol\tpr_type\tS1\tS2\n"
                           "tissue\tna\tna\tcsf\ttumour\n"
                           "a\tx\tp\t1\t3\n"
                           "b\ty\tp\t2\t4.5\n"
                           "c\tz\tp\tNA\t-6\n";
static const char counts[] =
    "# Program:featureCounts v2.0.3; Command:\"featureCounts\" \"-a\" \"x.gtf\"\n"
    "Geneid\tChr\tStart\tEnd\tStrand\tLength\t/out/S1.sorted.bam\tout/S2.bam\n"
    "a\t1;1\t1;9\t5;12\t+;+\t9\t1\t3\n"
    "b\t2\t1\t100\t-\t100\t2\t4.5\n"
    "c\tX\t1\t20\t-\t20\tNA\t-6\n";
static const char own_counts[] = "gene_id\tchrom\tstart\tend\tstrand\tlength\tS1\tS2\n"
                                 "a\t1\t1\t12\t+\t9\t1\t3\n"
                                 "b\t2\t1\t100\t-\t100\t2\t4.5\n"
                                 "c\tX\t1\t20\t.\t20\tNA\t-6\n";
static const char merged[] = "gene_id\tgene_name\tS1\tS2\n"
                             "a\tx\t1\t3\n"
                             "b\ty\t2\t4.5\n"
                             "c\tz\tNA\t-6\n";
static const char gistic[] = "Gene Symbol\tLocus ID\tCytoband\tS1\tS2\n"
                             "a\t1\t1p36.33\t1\t3\n"
                             "b\t-2\t1p36.33\t2\t4.5\n"
                             "c\t3\tXq28\tNA\t-6\n";
static const char xena[] = "xena_sample\tS1\tS2\n"
                           "a\t1\t3\n"
                           "b\t2\t4.5\n"
                           "c\tNA\t-6\n";

/* Every text says: S1 has a = 1, b = 2, c missing; S2 has 3, 4.5, -6. */
static bool is_same(const cxs_matrix *m)
{
    static const double want[] = {1, 3, 2, 4.5, (double)NAN, -6};
    static const char *const feature[] = {"a", "b", "c"};
    bool same = m != NULL && cxs_matrix_n(m) == 2 && cxs_matrix_p(m) == 3;

    for (size_t j = 0; same && j < 3; j++)
        same = strcmp(cxs_matrix_feature(m)[j], feature[j]) == 0;
    for (size_t i = 0; same && i < 6; i++)
        same = isnan(want[i]) ? isnan(cxs_matrix_x(m)[i]) != 0
                              : cxs_matrix_x(m)[i] == want[i];
    return same && strcmp(cxs_matrix_sample(m)[0], "S1") == 0 &&
           strcmp(cxs_matrix_sample(m)[1], "S2") == 0;
}

static const struct {
    const char *format, *text, *name_of_b;
    double length_of_b;
} texts[] = {
    {"gct", gct2, "y", 0},
    {"gct", gct3, "y", 0},
    {"featurecounts", counts, "b", 100},
    {"featurecounts", own_counts, "b", 100},
    {"nf-core", merged, "y", 0},
    {"gistic", gistic, "b", 0},
    {"xena", xena, "b", 0},
};

enum { TEXTS = sizeof texts / sizeof *texts };

/* LF to CRLF. */
static void with_crlf(const char *text, char *out)
{
    for (; *text != '\0'; text++) {
        if (*text == '\n')
            *out++ = '\r';
        *out++ = *text;
    }
    *out = '\0';
}

static void formats_are_told_by_content(void **state)
{
    char crlf[2048];

    (void)state;
    for (size_t t = 0; t < TEXTS; t++)
        for (int way = 0; way < 2 * CONTAINERS; way++) {
            cxs_ctx *ctx = tmp_ctx();
            cxs_matrix *m = NULL;
            with_crlf(texts[t].text, crlf);
            CHECK(read_text(ctx, way % 2 != 0 ? crlf : texts[t].text, NULL, way / 2,
                            &m) == CXS_OK);
            if (m == NULL)
                printf("  %s: %s\n", texts[t].format, cxs_ctx_message(ctx));
            CHECK(is_same(m));
            if (m != NULL) {
                CHECK(strcmp(cxs_matrix_feature_name(m)[1], texts[t].name_of_b) == 0);
                CHECK((m->length != NULL) == (texts[t].length_of_b > 0.0));
                if (m->length != NULL)
                    CHECK(m->length[1] == texts[t].length_of_b);
            }
            cxs_matrix_free(m);
            cxs_ctx_free(ctx);
        }
    CHECK_DONE();
}

static void the_user_overrules(void **state)
{
    cxs_matrix_settings s = cxs_matrix_defaults();
    cxs_ctx *ctx = tmp_ctx();
    cxs_matrix *m = NULL;

    (void)state;
    s.format = "gct";
    CHECK(read_text(ctx, xena, &s, PLAIN, &m) == CXS_EFORMAT && m == NULL);
    CHECK(strstr(cxs_ctx_message(ctx), ":1: a GCT file begins with #1.2 or #1.3") !=
          NULL);
    s.format = "plain"; /* gene_name is a known second column there, too */
    CHECK(read_text(ctx, merged, &s, PLAIN, &m) == CXS_OK && is_same(m));
    cxs_matrix_free(m);
    s.format = "excel";
    CHECK(read_text(ctx, xena, &s, PLAIN, &m) == CXS_EARG && m == NULL);
    CHECK(strstr(cxs_ctx_message(ctx), "'excel' is no format of a matrix: gct, ") !=
          NULL);
    CHECK(strstr(cxs_ctx_message(ctx), ", plain") != NULL);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void every_format_has_a_line_of_help(void **state)
{
    const char *help = NULL, *name;
    size_t i = 0;

    (void)state;
    for (; (name = cxs_matrix_format(i, &help)) != NULL; i++)
        CHECK(*name != '\0' && *help != '\0');
    CHECK(i >= 13);
    CHECK_DONE();
}

/* ---- faults ---------------------------------------------------------------------- */

static void faults_name_the_place(void **state)
{
    static const struct {
        const char *text;
        cxs_rc rc;
        const char *code, *message;
    } cases[] = {
        /* GCT: sizes, header, content */
        {"#1.2\n", CXS_ETRUNCATED, "CX037", "in.dat:2: the line of sizes is missing"},
        {"#1.2\n3\nName\tDescription\tS1\na\tx\t1\n", CXS_EFORMAT, "CX020",
         "in.dat:2: expected 2 sizes (rows, columns)"},
        {"#1.3\n1\t1\nid\tS1\na\t1\n", CXS_EFORMAT, "CX020",
         "in.dat:2: expected 4 sizes (rows, columns, row and column annotations)"},
        {"#1.2\n1\tx\nName\tDescription\tS1\na\tx\t1\n", CXS_EFORMAT, "CX020",
         "in.dat:2: expected 2 sizes"},
        {"#1.2\n1\t2\nName\tDescription\tS1\na\tx\t1\n", CXS_EFORMAT, "CX020",
         "in.dat:3: 3 names for 2 columns of values and 2 before them"},
        {"#1.2\n2\t1\nName\tDescription\tS1\na\tx\t1\n", CXS_ETRUNCATED, "CX037",
         "in.dat: 1 rows, line 2 says 2: the file is truncated"},
        {"#1.2\n1\t1\nName\tDescription\tS1\na\tx\t1\nb\tx\t1\n", CXS_EFORMAT, "CX019",
         "in.dat: 2 rows, line 2 says 1"},
        {"#1.2\n2\t1\nName\tDescription\tS1\na\tx\t1\nb\tx\n", CXS_EFORMAT, "CX019",
         "in.dat:5: 2 fields, the header has 3"},
        {"#1.2\n2\t1\nName\tDescription\tS1\na\tx\t1\na\tx\t1\n", CXS_EFORMAT, "CX025",
         "in.dat:5: gene \"a\" repeats line 4"},
        {"#1.2\n1\t1\nName\tDescription\tS1\na\tx\tlow\n", CXS_EFORMAT, "CX016",
         "in.dat:4:S1: \"low\" is not a number"},
        /* featureCounts */
        {"Geneid\tChr\tStart\tEnd\tStrand\tLength\na\t1\t1\t5\t+\t5\n", CXS_EFORMAT,
         "CX020", "in.dat:1: no column beside the ids"},
        {"Geneid\tChr\tStart\tEnd\tStrand\tLength\tS1.bam\na\t1\t1\t5\t+\t0\t7\n",
         CXS_EFORMAT, "CX016", "in.dat:2:Length: \"0\" is not a length > 0"},
        {"Geneid\tChr\tStart\tEnd\tStrand\tLength\tS1.bam\na\t1\t1\t5\t+\t5\n",
         CXS_EFORMAT, "CX019", "in.dat:2: 6 fields, the header has 7"},
        {"Geneid\tChr\tStart\tEnd\tStrand\tLength\ta/S1.bam\tb/S1.bam\n"
         "a\t1\t1\t5\t+\t5\t1\t2\n",
         CXS_EFORMAT, "CX001",
         "in.dat:1:column 8: \"S1\" was already given at column 7"},
        {"Geneid\tChr\tStart\tEnd\tStrand\tLength\tS1.bam\na\t1\t1\t5\t+\t5\t1e\n",
         CXS_EFORMAT, "CX016", "in.dat:2:S1: \"1e\" is not a number"},
        /* nf-core, GISTIC */
        {"gene_id\tgene_name\na\tx\n", CXS_EFORMAT, "CX020",
         "in.dat:1: no column beside the ids"},
        {"Gene Symbol\tLocus ID\tCytoband\tS1\na\t1\t1p\t0\na\t1\t1p\t0\n", CXS_EFORMAT,
         "CX025", "in.dat:3: gene \"a\" repeats line 2"},
        /* tables that are no matrix */
        {"ID\tchrom\tloc.start\tloc.end\tnum.mark\tseg.mean\nS1\t1\t1\t9\t3\t0.1\n",
         CXS_EFORMAT, "CX022", "in.dat: this is a SEG file of copy-number segments"},
        {"Hugo_Symbol\tEntrez_Gene_Id\tChromosome\tTumor_Sample_Barcode\nA\t1\t1\tS1\n",
         CXS_EFORMAT, "CX022", "in.dat: this is a MAF file of variants"},
        {"v_call\tj_call\tjunction_aa\tproductive\nV\tJ\tC\tT\n", CXS_EFORMAT, "CX022",
         "in.dat: this is an AIRR file of rearrangements"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cxs_ctx *ctx = tmp_ctx();
        cxs_matrix *m = NULL;
        const cxs_rc rc = read_text(ctx, cases[i].text, NULL, PLAIN, &m);
        const bool as_said = rc == cases[i].rc && m == NULL &&
                             strcmp(cxs_ctx_code(ctx), cases[i].code) == 0 &&
                             strstr(cxs_ctx_message(ctx), cases[i].message) != NULL;
        if (!as_said)
            printf("  case %zu: %d [%s] %s\n", i, (int)rc, cxs_ctx_code(ctx),
                   cxs_ctx_message(ctx));
        CHECK(as_said);
        cxs_matrix_free(m);
        cxs_ctx_free(ctx);
    }
    CHECK_DONE();
}

static void every_allocation_may_fail(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    const long live = cxs_alloc_live();

    (void)state;
    for (size_t t = 0; t < TEXTS; t++) {
        cxs_rc rc = CXS_ENOMEM;
        long k;
        for (k = 1; rc == CXS_ENOMEM && k < 1000; k++) {
            cxs_matrix *m = NULL;
            cxs_alloc_fail_at(k);
            rc = read_text(ctx, texts[t].text, NULL, PLAIN, &m);
            cxs_alloc_fail_at(0);
            CHECK((rc == CXS_OK) == is_same(m));
            cxs_matrix_free(m);
            CHECK(rc == CXS_OK || cxs_alloc_live() == live);
        }
        CHECK(rc == CXS_OK && k > 20);
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- what the formats carry ------------------------------------------------------ */

/* Columns named by alignment files; attributes between Length and the files. */
static void files_name_samples(void **state)
{
    static const char text[] =
        "Geneid\tChr\tStart\tEnd\tStrand\tLength\tgene_name\tgene_biotype\t"
        "/x/P1/Aligned.sortedByCoord.out.bam\tP2_Aligned.sortedByCoord.out.bam\t"
        "P3.markdup.sorted.cram\tP4\n"
        "g\t1\t1\t5\t+\t5\tTP53\tprotein_coding\t1\t2\t3\t4\n";
    static const char *const want[] = {"P1", "P2", "P3", "P4"};
    cxs_ctx *ctx = tmp_ctx();
    cxs_matrix *m = NULL;

    (void)state;
    CHECK(read_text(ctx, text, NULL, PLAIN, &m) == CXS_OK && m != NULL);
    for (size_t i = 0; m != NULL && i < 4; i++) {
        CHECK(strcmp(cxs_matrix_sample(m)[i], want[i]) == 0);
        CHECK(cxs_matrix_x(m)[i] == 1.0 + (double)i);
    }
    CHECK(m != NULL && strcmp(cxs_matrix_feature_name(m)[0], "TP53") == 0);
    CHECK(strstr(tmp_log, "3 columns are named by files; "
                          "/x/P1/Aligned.sortedByCoord.out.bam is sample P1") != NULL);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/*
 * Lengths of featureCounts make TPM: counts 10 and 30, lengths 100 and 200 bases give
 * rates 0.1 and 0.15, so 400000 and 600000 per million; log2(x + 1) of them.
 */
static void lengths_make_tpm(void **state)
{
    static const char text[] =
        "Geneid\tChr\tStart\tEnd\tStrand\tLength\tS1.bam\tS2.bam\n"
        "b\t1\t1\t200\t+\t200\t30\t0\n"
        "a\t1\t1\t100\t+\t100\t10\t7\n";
    cxs_matrix_settings s = cxs_matrix_defaults();
    cxs_features_settings how = cxs_features_defaults(CXS_KIND_COUNTS);
    cxs_ctx *ctx = tmp_ctx();
    cxs_matrix *m = NULL;
    cxs_features *f = NULL;
    const double *x;

    (void)state;
    s.kind = CXS_KIND_COUNTS;
    how.normalise = CXS_NORMALISE_TPM;
    how.filter = 0;
    CHECK(read_text(ctx, text, &s, PLAIN, &m) == CXS_OK && m != NULL);
    CHECK(m != NULL && cxs_features_derive(ctx, m, NULL, &how, &f) == CXS_OK);
    if (f != NULL) {
        x = cxs_matrix_x(cxs_features_matrix(f));
        CHECK_NEAR(x[0], log2(400000.0 + 1.0), TOL_SUM);
        CHECK_NEAR(x[2], log2(600000.0 + 1.0), TOL_SUM);
        CHECK_NEAR(x[1], log2(1e6 + 1.0), TOL_SUM);
    }
    cxs_features_free(f);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Xena's log2(count + 1), rounded to four digits as there: whole counts come back. */
static void xena_counts_come_back(void **state)
{
    static const char text[] = "sample\tS1\tS2\n"
                               "a\t0\t3.3219\n"
                               "b\t6.6582\t13.2877\n";
    static const double want[] = {0, 9, 100, 9999};
    cxs_matrix_settings s = cxs_matrix_defaults();
    cxs_ctx *ctx = tmp_ctx();
    cxs_matrix *m = NULL;

    (void)state;
    s.kind = CXS_KIND_COUNTS;
    s.plausibility_stops = 1;
    CHECK(read_text(ctx, text, &s, PLAIN, &m) == CXS_EFORMAT && m == NULL);
    CHECK(strcmp(cxs_ctx_code(ctx), "CX029") == 0);
    s.scale = CXS_SCALE_LOG2P1;
    CHECK(read_text(ctx, text, &s, PLAIN, &m) == CXS_OK && m != NULL);
    for (size_t i = 0; m != NULL && i < 4; i++)
        CHECK_NEAR(cxs_matrix_x(m)[i], want[i], TOL_EXACT);
    cxs_matrix_free(m);
    s.kind = CXS_KIND_TPM; /* nothing is rounded */
    CHECK(read_text(ctx, "sample\tS1\na\t1.5\n", &s, PLAIN, &m) == CXS_OK && m != NULL);
    CHECK_NEAR(m != NULL ? cxs_matrix_x(m)[0] : 0.0, exp2(1.5) - 1.0, TOL_SUM);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* CX028 and CX031 name the file that the counts came from. */
static void faults_of_counts_name_the_file(void **state)
{
    static const struct {
        const char *text;
        cxs_rc rc;
        const char *code, *message;
    } cases[] = {
        {"#1.2\n2\t2\nName\tDescription\tS1\tS2\na\tx\t9\t0\nb\ty\t50\t0\n",
         CXS_EDEGENERATE, "CX028", "in.dat: sample S2: 0 counts in total, minimum 1"},
        {"#1.2\n2\t2\nName\tDescription\tS1\tS2\na\tx\t9.5\t1\nb\ty\t50\t0.5\n",
         CXS_EMISMATCH, "CX031", "in.dat: TMM needs raw counts: 2 of 4 cells"},
    };
    cxs_features_settings how = cxs_features_defaults(CXS_KIND_COUNTS);
    cxs_matrix_settings s = cxs_matrix_defaults();

    (void)state;
    s.kind = CXS_KIND_COUNTS;
    how.filter = 0;
    how.plausibility_stops = 1;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cxs_ctx *ctx = tmp_ctx();
        cxs_matrix *m = NULL;
        cxs_features *f = NULL;
        CHECK(read_text(ctx, cases[i].text, &s, PLAIN, &m) == CXS_OK && m != NULL);
        how.source = "in.dat";
        CHECK(m != NULL && cxs_features_derive(ctx, m, NULL, &how, &f) == cases[i].rc &&
              f == NULL);
        CHECK(strcmp(cxs_ctx_code(ctx), cases[i].code) == 0);
        CHECK(strncmp(cxs_ctx_message(ctx), cases[i].message,
                      strlen(cases[i].message)) == 0);
        cxs_features_free(f);
        cxs_matrix_free(m);
        cxs_ctx_free(ctx);
    }
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
        cmocka_unit_test(formats_are_told_by_content),
        cmocka_unit_test(the_user_overrules),
        cmocka_unit_test(every_format_has_a_line_of_help),
        cmocka_unit_test(faults_name_the_place),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(files_name_samples),
        cmocka_unit_test(lengths_make_tpm),
        cmocka_unit_test(xena_counts_come_back),
        cmocka_unit_test(faults_of_counts_name_the_file),
    };

    return cmocka_run_group_tests_name("formats", tests, NULL, remove_folder);
}
