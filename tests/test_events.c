/*
 * test_events.c -- EGFRvIII by RNA, structural variants and depth of exons: by hand, and
 * through studies
 */
#include "event_case.h"

#include "store/study_schema.h"

#include <sqlite3.h>

static cxs_measures *junctions(int64_t skipped, int64_t kept)
{
    static const char *const columns[] = {"reads"};
    const row rows[] = {{"egfr_e1_e8", {skipped}}, {"egfr_e1_e2", {kept}}};

    return table(NULL, "junctions", "name", columns, 1, rows, 2);
}

static cxs_measures *copies(int64_t state)
{
    static const char *const columns[] = {"state"};
    const row rows[] = {{"TP53", {-2}}, {"EGFR", {state}}};

    return table(NULL, "cn.gene", "gene", columns, 1, rows, 2);
}

/* Targets of 100 bases on hg38: exons 2 and 7, 8 and one behind; one over exons 7 and 8,
 * one of chromosome 2 at the same place: these two do not count. */
static cxs_measures *coverage(int64_t two, int64_t seven, int64_t eight, int64_t last)
{
    static const char *const columns[] = {"start", "end", "depth_sum"};
    const row rows[] = {{"7", {55142286, 55142386, 100 * two}},
                        {"7", {55154011, 55154111, 100 * seven}},
                        {"7", {55155829, 55155929, 100 * eight}},
                        {"7", {55191700, 55191800, 100 * last}},
                        {"7", {55154100, 55155900, 99999999}},
                        {"2", {55142286, 55142386, 99999999}}};

    return table(NULL, "coverage", "chrom", columns, 3, rows, 6);
}

/* ---- EGFRvIII by RNA -------------------------------------------------------------- */

/* Ten reads and one in a hundred: both borders from either side. */
static void transcripts_by_hand(void **state)
{
    static const struct {
        int64_t skipped, kept;
        double share, call;
    } cases[] = {{10, 990, 0.01, 1.0}, {10, 991, 10.0 / 1001.0, 0.0},
                 {9, 1, 0.9, 0.0},     {10, 0, 1.0, 1.0},
                 {0, 10, 0.0, 0.0},    {9, 0, U, U},
                 {4, 5, U, U},         {0, 0, U, U}};
    enum { N = sizeof cases / sizeof *cases };
    cxs_event_files files[N + 2] = {{.rna = NULL}};
    cxs_feature_columns columns = {.n = N + 2};
    cxs_measures *bag[N];

    (void)state;
    for (size_t i = 0; i < N; i++)
        files[i].rna = bag[i] = junctions(cases[i].skipped, cases[i].kept);
    files[N + 1].lost = files[N + 1].called = true; /* no RNA, but a variant */
    CHECK(cxs_egfrviii_features(ctx, files, "refdata", &columns) == CXS_OK);
    for (size_t i = 0; i < N; i++) {
        CHECK(same(value(&columns, "rna.egfrviii", i), cases[i].share));
        CHECK(same(value(&columns, "var.egfrviii", i), cases[i].call));
        cxs_measures_free(bag[i]);
    }
    CHECK(isnan(value(&columns, "var.egfrviii", N)));
    CHECK(isnan(value(&columns, "rna.egfrviii", N + 1)));
    CHECK(value(&columns, "var.egfrviii", N + 1) == 1.0);
    cxs_feature_columns_clear(&columns);
    CHECK_DONE();
}

/* ---- EGFRvIII by depth ------------------------------------------------------------ */

/* log2(70/100) = -0.515, log2(71/100) = -0.494. */
static void depth_by_hand(void **state)
{
    static const struct {
        int64_t tumour[4], normal[4]; /* normal[0] < 0: none */
        int64_t copies;               /* -9: not known */
        const char *library;
        double want;
    } cases[] = {
        {{70, 70, 100, 100}, {-1}, 2, "WGS", 1.0},
        {{71, 71, 100, 100}, {-1}, 2, "WGS", 0.0},
        {{70, 70, 100, 100}, {-1}, 1, "WGS", 0.0}, /* not amplified */
        {{70, 70, 100, 100}, {-1}, -9, "WGS", U},
        {{90, 90, 100, 100}, {-1}, -9, "WGS", 0.0}, /* no loss, amplified or not */
        {{70, 70, 100, 100}, {-1}, 2, "PANEL", U},  /* capture is not known */
        {{70, 70, 100, 100}, {30, 30, 30, 30}, 2, "PANEL", 1.0},
        {{70, 70, 100, 100}, {21, 21, 30, 30}, 2, "PANEL", 0.0}, /* so has the normal */
        {{140, 140, 100, 100}, {60, 60, 30, 30}, 2, "PANEL", 1.0},
        {{70, 70, 100, 100}, {9, 9, 30, 30}, 2, "PANEL", U}, /* normal too shallow */
        {{0, 0, 19, 19}, {-1}, 2, "WGS", U},
        {{0, 0, 20, 20}, {-1}, 2, "WGS", 1.0},
        {{40, 100, 100, 100}, {-1}, 2, "WGS", 1.0}, /* the mean of both exons */
    };
    enum { N = sizeof cases / sizeof *cases };
    cxs_event_files files[N] = {{.rna = NULL}};
    cxs_feature_columns columns = {.n = N};
    cxs_measures *bag[3][N] = {{NULL}};

    (void)state;
    for (size_t i = 0; i < N; i++) {
        const int64_t *t = cases[i].tumour, *n = cases[i].normal;
        files[i] = (cxs_event_files){.library = cases[i].library, .build = "hg38"};
        files[i].reads = bag[0][i] = coverage(t[0], t[1], t[2], t[3]);
        if (n[0] >= 0)
            files[i].normal = bag[1][i] = coverage(n[0], n[1], n[2], n[3]);
        if (cases[i].copies > -9)
            files[i].copy = bag[2][i] = copies(cases[i].copies);
    }
    CHECK(cxs_egfrviii_features(ctx, files, "refdata", &columns) == CXS_OK);
    for (size_t i = 0; i < N; i++) {
        const double got = value(&columns, "var.egfrviii", i);
        CHECK(same(got, cases[i].want));
        if (!same(got, cases[i].want))
            printf("  case %zu: %g\n", i, got);
    }
    cxs_feature_columns_clear(&columns);
    columns = (cxs_feature_columns){.n = 1};
    files[0].build = "hg19"; /* the targets are of the other genome */
    CHECK(cxs_egfrviii_features(ctx, files, "refdata", &columns) == CXS_OK);
    CHECK(isnan(value(&columns, "var.egfrviii", 0)));
    cxs_feature_columns_clear(&columns);
    for (size_t i = 0; i < 3 * N; i++)
        cxs_measures_free(bag[i / N][i % N]);
    CHECK_DONE();
}

/* ---- EGFRvIII by structural variants ---------------------------------------------- */

#define SV_HEAD SV_HEAD_OF("T1")
#define SV_HEAD_OF(sample)                                                             \
    VCF_TOP VCF_FILTERS                                                                \
        "##contig=<ID=chr7,length=159345973>\n"                                        \
        "##INFO=<ID=SVTYPE,Number=1,Type=String,Description=\"t\">\n"                  \
        "##INFO=<ID=SVLEN,Number=.,Type=Integer,Description=\"l\">\n"                  \
        "##INFO=<ID=END,Number=1,Type=Integer,Description=\"e\">\n"                    \
        "##INFO=<ID=POS2,Number=1,Type=Integer,Description=\"e\">\n"                   \
        "##INFO=<ID=CHR2,Number=1,Type=String,Description=\"c\">\n"                    \
        "##INFO=<ID=IMPRECISE,Number=0,Type=Flag,Description=\"i\">\n"                 \
        "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"g\">\n"                    \
        "##FORMAT=<ID=PR,Number=.,Type=Integer,Description=\"p\">\n" VCF_NAMES         \
        "\t" sample "\n"

/* hg38: intron 1 is 55019366-55142285, intron 7 is 55154153-55155829. */
static void structural_variants(void **state)
{
    static const struct {
        const char *line; /* from POS on */
        bool is;
    } cases[] = {
        {"55100000\t.\tG\t<DEL>\t.\tPASS\tSVTYPE=DEL;END=55155000", true},
        {"55100000\t.\tG\t<DEL>\t.\tPASS\tIMPRECISE;SVTYPE=DEL;END=55155000", true},
        {"55100000\t.\tG\t<DEL>\t.\tPASS\tSVTYPE=DEL;SVLEN=-55000", true},
        {"55019366\t.\tG\t<DEL>\t.\tPASS\tSVTYPE=DEL;END=55154153", true},
        {"55142285\t.\tG\t<DEL>\t.\tPASS\tSVTYPE=DEL;END=55155829", true},
        {"55019365\t.\tG\t<DEL>\t.\tPASS\tSVTYPE=DEL;END=55155000", false},
        {"55142286\t.\tG\t<DEL>\t.\tPASS\tSVTYPE=DEL;END=55155000", false},
        {"55100000\t.\tG\t<DEL>\t.\tPASS\tSVTYPE=DEL;END=55154152", false},
        {"55100000\t.\tG\t<DEL>\t.\tPASS\tSVTYPE=DEL;END=55155830", false},
        {"55100000\t.\tG\t<DEL>\t.\tweak\tSVTYPE=DEL;END=55155000", false},
        {"55100000\t.\tG\t<DUP:TANDEM>\t.\tPASS\tSVTYPE=DUP;END=55155000", false},
        {"55100000\t.\tG\t<INV>\t.\tPASS\tSVTYPE=INV;END=55155000", false},
        {"55100000\t.\tG\t<DEL>\t.\tPASS\tSVTYPE=DEL", false},
        {"55100000\t.\tG\tG[chr7:55155000[\t.\tPASS\tSVTYPE=BND", true},
        {"55155000\t.\tG\t]chr7:55100000]G\t.\tPASS\tSVTYPE=BND", true},
        {"55100000\t.\tG\tG[chr8:55155000[\t.\tPASS\tSVTYPE=BND", false},
        {"55100000\t.\tG\t<BND>\t.\tPASS\tSVTYPE=BND;CHR2=chr7;POS2=55155000", true},
        {"55100000\t.\tG\t<BND>\t.\tPASS\tSVTYPE=BND;CHR2=chr8;POS2=55155000", false},
        {"55100000\t.\tG\t<BND>\t.\tPASS\tSVTYPE=BND;CHR2=chr7;POS2=55155000;END="
         "55100001",
         true},
        {"55100000\t.\tG\t<TRA>\t.\tPASS\tSVTYPE=TRA;CHR2=chr7;END=55155000", true},
    };
    vcf_case c = vcf_case_make();
    char text[4096];

    (void)state;
    c.s.build = "hg38";
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(text, sizeof text, SV_HEAD "chr7\t%s\tGT:PR\t0/1:9,9\n",
                 cases[i].line);
        vcf_case_ok(&c, text);
        CHECK(cxs_has_egfrviii(c.bag) == cases[i].is);
        if (cxs_has_egfrviii(c.bag) != cases[i].is)
            printf("  case %zu: %s\n", i, cases[i].line);
        CHECK(vcf_int(&c, "variants.assay", "alleles", 0) == 0);
        CHECK(vcf_int(&c, "variants.assay", "structural", 0) == 1);
    }
    CHECK(!cxs_has_egfrviii(NULL));
    vcf_case_free(&c);
    CHECK_DONE();
}

/* A loss with its bases written out, and what a file of structural variants may not
 * hold: small variants without consequences (CX046) or counts (CX047). */
static void bases_written_out(void **state)
{
    static const char head[] =
        SV_HEAD "chr7\t55142200\t.\t%s\tA\t.\tPASS\tSVTYPE=DEL\tGT:PR\t0/1:9,9\n";
    vcf_case c = vcf_case_make();
    char *bases = malloc(12001), *text = malloc(20000);

    (void)state;
    if (bases == NULL || text == NULL)
        abort();
    c.s.build = "hg38";
    memset(bases, 'C', 12000);
    bases[0] = 'A';
    bases[12000] = '\0'; /* the last base lost is 55154199, in intron 7 */
    snprintf(text, 20000, head, bases);
    vcf_case_ok(&c, text);
    CHECK(cxs_has_egfrviii(c.bag));
    bases[11953] = '\0'; /* 55154152, the last of exon 7 */
    snprintf(text, 20000, head, bases);
    vcf_case_ok(&c, text);
    CHECK(!cxs_has_egfrviii(c.bag));
    vcf_case_read(&c, SV_HEAD "chr7\t55142200\t.\tC\tA\t.\tPASS\t.\tGT:PR\t0/1:9,9\n");
    CHECK(c.rc == CXS_EFORMAT && strcmp(cxs_ctx_code(c.ctx), "CX046") == 0);
    vcf_case_read(&c, VCF_TOP "##contig=<ID=chr7,length=159345973>\n" VCF_CSQ
                              "##INFO=<ID=SVTYPE,Number=1,Type=String,Description="
                              "\"t\">\n##FORMAT=<ID=GT,Number=1,Type=String,"
                              "Description=\"g\">\n" VCF_NAMES
                              "\tT1\nchr7\t55142200\t.\tC\tA\t.\tPASS\t.\tGT\t0/1\n");
    CHECK(c.rc == CXS_EFORMAT && strcmp(cxs_ctx_code(c.ctx), "CX047") == 0);
    vcf_case_free(&c);
    free(bases);
    free(text);
    CHECK_DONE();
}

/* ---- EGFRvIII of a study ---------------------------------------------------------- */

#define RNA_READ(name, cigar)                                                          \
    name "\t0\tchr7\t55019361\t60\t" cigar "\t*\t0\t0\tACGTACGTAC\tIIIIIIIIII\n"

/* Reads of RNA: n of exons 1 and 8, m of 1 and 2. */
static void write_rna(const char *study, const char *file, int n, int m)
{
    static char text[16384];
    char one[128];

    snprintf(text, sizeof text,
             "@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:chr7\tLN:159345973\n");
    for (int i = 0; i < n + m; i++) {
        snprintf(one, sizeof one, RNA_READ("r%d", "5M%dN5M"), i,
                 i < n ? 136464 : 122920);
        strcat(text, one);
    }
    case_file(study, file, text);
}

#define CALLS                                                                          \
    VCF_TOP VCF_FILTERS                                                                \
        "##contig=<ID=chr7,length=159345973>\n" VCF_CSQ VCF_FORMAT VCF_NAMES
#define LOSS "chr7\t55100000\t.\tG\t<DEL>\t.\tPASS\tSVTYPE=DEL;END=55155000\tGT:PR\t"

/*
 * P1: RNA positive (12 of 100).  P2: RNA negative.  P3: RNA of 9 reads, and two lists of
 * variants: structural ones, whose name is first, and small ones.  P4: structural ones
 * alone.  P5: RNA without a read of either junction; small variants.
 */
static void a_study_tells(void **state)
{
    static const char *const names[] = {"rna.egfrviii", "var.egfrviii",
                                        "var.gene.EGFR"};
    static const double want[5][3] = {
        {0.12, 1.0, U}, {0.0, 0.0, U}, {U, 1.0, 1.0}, {U, 1.0, U}, {U, U, 0.0}};
    cxs_study *study = NULL;
    cxs_feature_columns columns = {.n = 0};
    cxs_quality_rows quality = {0};
    char **patient = NULL;

    (void)state;
    case_plain("s",
               "tables: {patients: patients.tsv, samples: samples.tsv, assays: "
               "assays.tsv}\nendpoint: {name: OS, time: OS_DAYS, event: OS_STATUS, "
               "landmark_days: 20}\n",
               "PATIENT_ID\tCOHORT\tOS_DAYS\tOS_STATUS\tFIRST_DOSE_DAY\n"
               "P1\tGLIOMA\t100\t1\t3\nP2\tGLIOMA\t200\t0\t3\nP3\tGLIOMA\t300\t1\t3\n"
               "P4\tGLIOMA\t400\t1\t3\nP5\tGLIOMA\t500\t1\t3\n");
    case_file("s", "samples.tsv",
              "SAMPLE_ID\tPATIENT_ID\tSOURCE\tANALYTE\tCOLLECT_DAY\n"
              "R1\tP1\tTUMOR\tRNA\t-9\nR2\tP2\tTUMOR\tRNA\t-9\n"
              "R3\tP3\tCSF_CELLS\tRNA\t0\nR5\tP5\tTUMOR\tRNA\t-9\n"
              "D3\tP3\tTUMOR\tDNA\t-9\nD4\tP4\tTUMOR\tDNA\t-9\n"
              "D5\tP5\tTUMOR\tDNA\t-9\n");
    case_file("s", "assays.tsv",
              "SAMPLE_ID\tASSAY\tFILE\tBUILD\tLIBRARY\n"
              "R1\tBAM\tr1.sam\thg38\tRNASEQ\nR2\tBAM\tr2.sam\thg38\tRNASEQ\n"
              "R3\tBAM\tr3.sam\thg38\tRNA_LOWINPUT\nR5\tBAM\tr5.sam\thg38\tRNASEQ\n"
              "D3\tVCF\ta.vcf\thg38\tWGS\nD3\tVCF\tb.vcf\thg38\tWGS\n"
              "D4\tVCF\tc.vcf\thg38\tWGS\nD5\tVCF\td.vcf\thg38\tWGS\n");
    write_rna("s", "r1.sam", 12, 88);
    write_rna("s", "r2.sam", 0, 50);
    write_rna("s", "r3.sam", 8, 1);
    write_rna("s", "r5.sam", 0, 0);
    case_file("s", "a.vcf", SV_HEAD_OF("D3") LOSS "0/1:9,9\n");
    case_file("s", "b.vcf",
              CALLS "\tD3\nchr7\t55154129\t.\tC\tT\t.\tPASS\tCSQ=T|missense_variant|X|"
                    "EGFR|G|Transcript|E|protein_coding||||||||\tAD\t50,50\n");
    case_file("s", "c.vcf", SV_HEAD_OF("D4") LOSS "0/1:9,9\n");
    case_file("s", "d.vcf", CALLS "\tD5\n");
    CHECK(case_ingest(ctx, "s") == CXS_OK);
    CHECK(cxs_study_open(ctx, test_path("s.cxs"), &study) == CXS_OK);
    if (study == NULL) {
        printf("  %s\n", cxs_ctx_message(ctx));
        CHECK_DONE();
    }
    CHECK(cxs_assay_features(ctx, study, "refdata", &patient, &quality, &columns) ==
          CXS_OK);
    CHECK(columns.n == 5);
    for (size_t i = 0; i < columns.n; i++)
        for (size_t k = 0; k < 3; k++) {
            const double got = value(&columns, names[k], i);
            CHECK(same(got, want[i][k]));
            if (!same(got, want[i][k]))
                printf("  %s %s: %g\n", patient[i], names[k], got);
        }
    cxs_free_strings(patient, columns.n);
    cxs_feature_columns_clear(&columns);
    cxs_quality_rows_clear(&quality);
    cxs_study_close(study);
    CHECK_DONE();
}

/* Reads of 100 bases: n of exon 2, m of exon 8 (hg38). */
static void write_dna(const char *file, int n, int m)
{
    static char text[65536];
    char one[400], bases[101];

    memset(bases, 'C', 100);
    bases[100] = '\0';
    snprintf(text, sizeof text,
             "@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:chr7\tLN:159345973\n");
    for (int i = 0; i < n + m; i++) {
        snprintf(one, sizeof one, "r%d\t0\tchr7\t%d\t60\t100M\t*\t0\t0\t%s\t*\n", i,
                 i < n ? 55142291 : 55155831, bases);
        strcat(text, one);
    }
    case_file("x", file, text);
}

/* As ingest writes it for a sample that is contaminated. */
static void exclude(const char *file, const char *sample)
{
    sqlite3 *db = NULL;
    char sql[200];

    snprintf(sql, sizeof sql,
             "INSERT INTO sample_value VALUES('%s', '" CXS_SAMPLE_EXCLUDED "', 'x')",
             sample);
    CHECK(sqlite3_open(test_path(file), &db) == SQLITE_OK);
    CHECK(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK);
    sqlite3_close(db);
}

/* Panels of six patients with EGFR amplified and log2(70/100) at exon 2: the normal of
 * P1 has both exons alike; P2 has none; that of P3 has log2(21/30) as well; that of P4
 * is of another library; that of P5 has one of another library before its own; that of
 * P6 was excluded. */
static void exons_need_their_normal(void **state)
{
    static const double want[6] = {1.0, U, 0.0, U, 0.0, U};
    cxs_study *study = NULL;
    cxs_feature_columns columns = {.n = 0};
    cxs_quality_rows quality = {0};
    char **patient = NULL;

    (void)state;
    case_plain("x",
               "tables: {patients: patients.tsv, samples: samples.tsv, assays: "
               "assays.tsv}\nendpoint: {name: OS, time: OS_DAYS, event: OS_STATUS}\n",
               "PATIENT_ID\tCOHORT\tOS_DAYS\tOS_STATUS\nP1\tGLIOMA\t100\t1\n"
               "P2\tGLIOMA\t200\t0\nP3\tGLIOMA\t300\t1\nP4\tGLIOMA\t400\t1\n"
               "P5\tGLIOMA\t500\t1\nP6\tGLIOMA\t600\t1\n");
    case_file("x", "samples.tsv",
              "SAMPLE_ID\tPATIENT_ID\tSOURCE\tANALYTE\tCOLLECT_DAY\tNORMAL_SAMPLE_ID\n"
              "T1\tP1\tTUMOR\tDNA\t-9\tN1\nT2\tP2\tTUMOR\tDNA\t-9\tNA\n"
              "T3\tP3\tTUMOR\tDNA\t-9\tN3\nT4\tP4\tTUMOR\tDNA\t-9\tN4\n"
              "N1\tP1\tNORMAL_BLOOD\tDNA\t-9\tNA\nN3\tP3\tNORMAL_BLOOD\tDNA\t-9\tNA\n"
              "N4\tP4\tNORMAL_BLOOD\tDNA\t-9\tNA\nT5\tP5\tTUMOR\tDNA\t-9\tN5\n"
              "N5\tP5\tNORMAL_BLOOD\tDNA\t-9\tNA\nT6\tP6\tTUMOR\tDNA\t-9\tN6\n"
              "N6\tP6\tNORMAL_BLOOD\tDNA\t-9\tNA\n");
    case_file(
        "x", "assays.tsv",
        "SAMPLE_ID\tASSAY\tFILE\tCOLUMN\tBUILD\tLIBRARY\tTARGET_BED\n"
        "T1\tBAM\tt1.sam\t\thg38\tPANEL\tp.bed\nT2\tBAM\tt2.sam\t\thg38\tPANEL\tp.bed\n"
        "T3\tBAM\tt3.sam\t\thg38\tPANEL\tp.bed\nT4\tBAM\tt4.sam\t\thg38\tPANEL\tp.bed\n"
        "N1\tBAM\tn1.sam\t\thg38\tPANEL\tp.bed\nN3\tBAM\tn3.sam\t\thg38\tPANEL\tp.bed\n"
        "N4\tBAM\tn4.sam\t\thg38\tWES\tp.bed\n"
        "T5\tBAM\tt5.sam\t\thg38\tPANEL\tp.bed\nN5\tBAM\tn5.sam\t\thg38\tWES\tp.bed\n"
        "N5\tBAM\tn5p.sam\t\thg38\tPANEL\tp.bed\n"
        "T6\tBAM\tt6.sam\t\thg38\tPANEL\tp.bed\n"
        "N6\tBAM\tn6.sam\t\thg38\tPANEL\tp.bed\n"
        "T5\tCNA\tcna.txt\tT5\t\t\t\nT6\tCNA\tcna.txt\tT6\t\t\t\n"
        "T1\tCNA\tcna.txt\tT1\t\t\t\nT2\tCNA\tcna.txt\tT2\t\t\t\n"
        "T3\tCNA\tcna.txt\tT3\t\t\t\nT4\tCNA\tcna.txt\tT4\t\t\t\n");
    case_file("x", "cna.txt",
              "Hugo_Symbol\tT1\tT2\tT3\tT4\tT5\tT6\nEGFR\t2\t2\t2\t2\t2\t2\n");
    case_file("x", "p.bed",
              "chr7\t55142290\t55142390\tEGFR_2\nchr7\t55155830\t55155930\tEGFR_8\n");
    write_dna("t1.sam", 70, 100);
    write_dna("t2.sam", 63, 90);
    write_dna("t3.sam", 56, 80);
    write_dna("t4.sam", 49, 70);
    write_dna("n1.sam", 30, 30);
    write_dna("n3.sam", 21, 30);
    write_dna("n4.sam", 31, 31);
    write_dna("t5.sam", 77, 110);
    write_dna("n5.sam", 32, 32);
    write_dna("n5p.sam", 28, 40);
    write_dna("t6.sam", 84, 120);
    write_dna("n6.sam", 33, 33);
    CHECK(case_ingest(ctx, "x") == CXS_OK);
    exclude("x.cxs", "N6");
    CHECK(cxs_study_open(ctx, test_path("x.cxs"), &study) == CXS_OK);
    if (study == NULL) {
        printf("  %s\n", cxs_ctx_message(ctx));
        CHECK_DONE();
    }
    CHECK(cxs_assay_features(ctx, study, "refdata", &patient, &quality, &columns) ==
          CXS_OK);
    CHECK(columns.n == 6);
    for (size_t i = 0; i < columns.n; i++)
        CHECK(same(value(&columns, "var.egfrviii", i), want[i]));
    cxs_free_strings(patient, columns.n);
    cxs_feature_columns_clear(&columns);
    cxs_quality_rows_clear(&quality);
    cxs_study_close(study);
    CHECK_DONE();
}

static void memory_may_run_out(void **state)
{
    cxs_measures *rna = junctions(10, 10);
    const cxs_event_files files[1] = {{.rna = rna}};
    cxs_rc rc = CXS_ENOMEM;
    long k;

    (void)state;
    for (k = 1; rc == CXS_ENOMEM && k < 20000; k += k < 40 ? 1 : 97) {
        const long live = cxs_alloc_live();
        cxs_feature_columns columns = {.n = 1};
        cxs_alloc_fail_at(k);
        rc = cxs_egfrviii_features(ctx, files, "refdata", &columns);
        cxs_alloc_fail_at(0);
        cxs_feature_columns_clear(&columns);
        CHECK(cxs_alloc_live() == live);
    }
    CHECK(rc == CXS_OK && k > 10);
    cxs_measures_free(rna);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transcripts_by_hand),
        cmocka_unit_test(depth_by_hand),
        cmocka_unit_test(structural_variants),
        cmocka_unit_test(bases_written_out),
        cmocka_unit_test(a_study_tells),
        cmocka_unit_test(exons_need_their_normal),
        cmocka_unit_test(memory_may_run_out),
    };

    return cmocka_run_group_tests_name("events", tests, make, unmake);
}
