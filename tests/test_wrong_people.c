/*
 * test_wrong_people.c -- whose reads are these?  CX043, CX044, CX045 and CX056 through a
 * whole study, and that excluded samples make no features
 *
 * Six patients, each with counts of RNA and cell-free DNA; P2 has blood too.  The toy
 * genome is all A; a person's genotype at a SNP is 0, 1 or 2 times C.
 */
#include "coxswain/coxswain.h"

#include "store/study_schema.h"

#include "sam.h"
#include "test.h"
#include "tmp.h"

#include <math.h>
#include <stdbool.h>
#include <sys/stat.h>

enum {
    PATIENTS = 6,
    AUTOSOME = 20000,
    SEX = 4000,
    STEP = 190,
    SNPS = 100,
    LENGTH = 50,
    INSERT = 160,
    PAIRS = 5300
};

/* Genotypes as if drawn. */
static int genotype(int person, int snp)
{
    uint32_t h = (uint32_t)snp * 2654435761U + (uint32_t)(person + 1) * 2246822519U;

    h = (h ^ h >> 15) * 2246822519U;
    h = (h ^ h >> 13) * 3266489917U;
    return (int)((h ^ h >> 16) % 3);
}

typedef struct person {
    int who;
    char sex;   /* 'F', 'M', or 'L': a man's tumour without Y */
    int other;  /* whose reads are mixed in */
    int in_100; /* of them in 100 */
} person;

/* Position (0-based) of SNP k, spread over the autosome. */
static int snp_at(int k)
{
    return 500 + k * STEP;
}

/* What read number i of a person shows at a SNP. */
static char allele(const person *p, int i, int k)
{
    const int who = i % 100 < p->in_100 ? p->other : p->who;
    const int g = genotype(who, k);

    return g == 2 || (g == 1 && (i / 100 + i) % 2 == 0) ? 'C' : 'A';
}

typedef struct line {
    int at, i;
    bool second;
} line;

static int by_place(const void *a, const void *b)
{
    const line *x = a, *y = b;

    return x->at != y->at ? (x->at > y->at) - (x->at < y->at)
           : x->i != y->i ? (x->i > y->i) - (x->i < y->i)
                          : x->second - y->second;
}

/* `pairs` pairs spread evenly over a contig, in order. */
static void put_contig(FILE *out, const person *p, const char *name, int length,
                       int pairs)
{
    line *read = malloc(2 * (size_t)(pairs > 0 ? pairs : 1) * sizeof *read);

    if (read == NULL)
        abort();
    for (int i = 0; i < pairs; i++) {
        const int start =
            (int)((int64_t)i * (length - INSERT - 20) / (pairs > 1 ? pairs - 1 : 1));
        const int insert = INSERT - 20 + i % 40;
        read[2 * i] = (line){start, i, false};
        read[2 * i + 1] = (line){start + insert - LENGTH, i, true};
    }
    qsort(read, 2 * (size_t)pairs, sizeof *read, by_place);
    for (int r = 0; r < 2 * pairs; r++) {
        const int insert = INSERT - 20 + read[r].i % 40;
        const int mate = read[r].second ? read[r].at - insert + LENGTH
                                        : read[r].at + insert - LENGTH;
        char bases[LENGTH + 1], quality[LENGTH + 1];
        memset(bases, 'A', LENGTH);
        memset(quality, 'I', LENGTH);
        bases[LENGTH] = quality[LENGTH] = '\0';
        for (int k = 0; strcmp(name, "1") == 0 && k < SNPS; k++)
            if (snp_at(k) >= read[r].at && snp_at(k) < read[r].at + LENGTH)
                bases[snp_at(k) - read[r].at] = allele(p, read[r].i, k);
        fprintf(out, "%s%d\t%d\t%s\t%d\t60\t%dM\t=\t%d\t%d\t%s\t%s\tRG:Z:r\n", name,
                read[r].i, read[r].second ? 147 : 99, name, read[r].at + 1, LENGTH,
                mate + 1, read[r].second ? -insert : insert, bases, quality);
    }
    free(read);
}

/* people/SAMPLE.bam */
static void put_reads(const char *sample, person p)
{
    char name[64], *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    const int whole = PAIRS * SEX / AUTOSOME;

    if (out == NULL)
        abort();
    fprintf(out,
            "@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:1\tLN:%d\n@SQ\tSN:X\tLN:%d\n"
            "@SQ\tSN:Y\tLN:%d\n@RG\tID:r\tSM:%s\n",
            AUTOSOME, SEX, SEX, sample);
    put_contig(out, &p, "1", AUTOSOME, PAIRS);
    put_contig(out, &p, "X", SEX, p.sex == 'F' ? whole : whole / 2);
    put_contig(out, &p, "Y", SEX, p.sex == 'M' ? whole / 2 : 0);
    fclose(out);
    snprintf(name, sizeof name, "people/%s.bam", sample);
    sam_convert(name, text, "wb", NULL);
    free(text);
}

static void put_matrix(void)
{
    char text[4096];
    int n = snprintf(text, sizeof text, "gene");

    for (int i = 1; i <= PATIENTS; i++)
        n += snprintf(text + n, sizeof text - (size_t)n, "\tR%d", i);
    /* odd patients are women, even ones men */
    for (int g = 0; g < 8; g++) {
        static const char *const name[] = {"RPS4Y1", "DDX3Y", "KDM5D", "XIST",
                                           "TP53",   "EGFR",  "PTEN",  "MYC"};
        n += snprintf(text + n, sizeof text - (size_t)n, "\n%s", name[g]);
        for (int i = 1; i <= PATIENTS; i++) {
            const int is_woman = i % 2;
            n += snprintf(text + n, sizeof text - (size_t)n, "\t%d",
                          g < 3    ? (is_woman ? 0 : 400 + i)
                          : g == 3 ? (is_woman ? 900 + i : 0)
                                   : 200000 + 7919 * i % 997 + 300 * g * i % 701);
        }
    }
    snprintf(text + n, sizeof text - (size_t)n, "\n");
    test_text("people/counts.tsv", text);
}

/* The sheets; sex[i] is what is recorded of patient i + 1, blood the file of N2, last
 * that of C6. */
static void put_sheets(const char *sex, const char *blood, const char *last)
{
    char patients[1024], samples[2048], assays[2048];
    int p =
        snprintf(patients, sizeof patients, "PATIENT_ID\tSEX\tOS_DAYS\tOS_STATUS\n");
    int s = snprintf(samples, sizeof samples,
                     "SAMPLE_ID\tPATIENT_ID\tSOURCE\tANALYTE\tCOLLECT_DAY\n"
                     "N2\tP2\tNORMAL_BLOOD\tDNA\t-5\n");
    int a = snprintf(assays, sizeof assays,
                     "SAMPLE_ID\tASSAY\tFILE\tCOLUMN\tBUILD\tLIBRARY\n"
                     "N2\tBAM\t%s.bam\t%s\tother\tSWGS\n",
                     blood, blood);

    for (int i = 1; i <= PATIENTS; i++) {
        char file[16];
        snprintf(file, sizeof file, "C%d", i);
        p += snprintf(patients + p, sizeof patients - (size_t)p, "P%d\t%c\t%d\t%d\n", i,
                      sex[i - 1], 100 * i, i % 3 != 0);
        s += snprintf(samples + s, sizeof samples - (size_t)s,
                      "R%d\tP%d\tTUMOR\tRNA\t-8\nC%d\tP%d\tCSF_CFDNA\tDNA\t-3\n", i, i,
                      i, i);
        a += snprintf(assays + a, sizeof assays - (size_t)a,
                      "R%d\tRNA_COUNTS\tcounts.tsv\tNA\tNA\tRNASEQ\n"
                      "C%d\tVCF\tC%d.vcf\tC%d\tother\tWGS\n"
                      "C%d\tBAM\t%s.bam\t%s\tother\tSWGS\n",
                      i, i, i, i, i, i < PATIENTS ? file : last,
                      i < PATIENTS ? file : last);
    }
    test_text("people/patients.tsv", patients);
    test_text("people/samples.tsv", samples);
    test_text("people/assays.tsv", assays);
}

/* people/SAMPLE.vcf: TP53 is hit in odd persons, EGFR in even ones, PTEN in all. */
static void put_calls(int i)
{
    char name[64], text[2048];

    snprintf(name, sizeof name, "people/C%d.vcf", i);
    snprintf(text, sizeof text,
             "##fileformat=VCFv4.2\n##FILTER=<ID=PASS,Description=\"passed\">\n"
             "##contig=<ID=1,length=%d>\n"
             "##INFO=<ID=BCSQ,Number=.,Type=String,Description=\"Consequence. Format: "
             "Consequence|gene|transcript|biotype|strand|amino_acid_change|"
             "dna_change\">\n"
             "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">\n"
             "##FORMAT=<ID=AD,Number=R,Type=Integer,Description=\"Reads\">\n"
             "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tC%d\n"
             "1\t101\t.\tA\tG\t.\tPASS\t"
             "BCSQ=missense|%s|T1|protein_coding|+|12R>12H|101A>G\tGT:AD\t0/1:80,40\n"
             "1\t301\t.\tA\tG\t.\tPASS\t"
             "BCSQ=missense|PTEN|T2|protein_coding|+|12R>12H|301A>G\tGT:AD\t"
             "0/1:80,40\n",
             AUTOSOME, i, i % 2 ? "TP53" : "EGFR");
    test_text(name, text);
}

static int make_people(void **state)
{
    char snps[4096], sample[16];
    int n = snprintf(snps, sizeof snps, "chrom\tpos\tref\talt\n");

    if (test_folder_make(state) != 0)
        return -1;
    mkdir(test_path("people"), 0777);
    for (int k = 0; k < SNPS; k++)
        n +=
            snprintf(snps + n, sizeof snps - (size_t)n, "1\t%d\tA\tC\n", snp_at(k) + 1);
    test_text("people/snps.tsv", snps);
    test_text("people/study.yaml",
              "tables: {patients: patients.tsv, samples: samples.tsv, "
              "assays: assays.tsv}\nendpoint: {name: OS}\nnormalise: none\n"
              "sequencing: {snps: snps.tsv, fragment_bin: 4000, depth_bin: 1000}\n");
    put_matrix();
    for (int i = 1; i <= PATIENTS; i++) {
        snprintf(sample, sizeof sample, "C%d", i);
        put_reads(sample, (person){.who = i, .sex = i % 2 ? 'F' : 'M'});
        put_calls(i);
    }
    put_reads("N2", (person){.who = 2, .sex = 'M'});
    put_reads("B2", (person){.who = 5, .sex = 'F'});
    put_reads("T6", (person){.who = 4, .sex = 'M'});
    put_reads("L6", (person){.who = 6, .sex = 'L'});
    put_reads("M6", (person){.who = 6, .sex = 'M', .other = 3, .in_100 = 6});
    put_reads("X6", (person){.who = 6, .sex = 'M', .other = 3, .in_100 = 20});
    return 0;
}

static cxs_rc ingest(cxs_ctx *ctx, const char *sex, const char *blood, const char *last)
{
    char in[1100], out[1100];

    put_sheets(sex, blood, last);
    snprintf(in, sizeof in, "%s", test_path("people"));
    snprintf(out, sizeof out, "%s", test_path("people.cxs"));
    return cxs_ingest(ctx, in, "refdata", out);
}

static size_t warned_of(const cxs_ctx *ctx, const char *code)
{
    size_t found = 0;

    for (size_t w = 0; w < cxs_ctx_warning_count(ctx); w++)
        found += strncmp(cxs_ctx_warning(ctx, w, NULL), code, strlen(code)) == 0;
    return found;
}

/* ---- features ----------------------------------------------------------------------- */

typedef struct values {
    cxs_ctx *ctx;
    cxs_features *features;
    const cxs_matrix *matrix;
} values;

static values open_features(void)
{
    values v = {.ctx = cxs_ctx_new()};
    cxs_features_settings s = cxs_features_auto();
    cxs_study *study = NULL;

    s.filter = 0;
    s.refdata = "refdata";
    s.plausibility_stops = 0;
    if (cxs_study_open(v.ctx, test_path("people.cxs"), &study) != CXS_OK ||
        cxs_features_study(v.ctx, study, &s, &v.features) != CXS_OK) {
        printf("  %s\n", cxs_ctx_message(v.ctx));
        abort();
    }
    v.matrix = cxs_features_matrix(v.features);
    cxs_study_close(study);
    return v;
}

static void close_features(values *v)
{
    cxs_features_free(v->features);
    cxs_ctx_free(v->ctx);
}

/* Features that a patient has, of the 7 of variants or of the 8 genes of the matrix; -1
 * when the patient is not there at all. */
static int present(const values *v, bool of_variants, const char *patient)
{
    const size_t n = cxs_matrix_n(v->matrix);
    size_t i = 0;
    int found = 0;

    while (i < n && strcmp(cxs_matrix_sample(v->matrix)[i], patient) != 0)
        i++;
    if (i == n)
        return -1;
    for (size_t j = 0; j < cxs_matrix_p(v->matrix); j++)
        found += (strncmp(cxs_matrix_feature(v->matrix)[j], "var.", 4) == 0) ==
                     of_variants &&
                 !isnan(cxs_matrix_x(v->matrix)[j * n + i]);
    return found;
}

static int variants(const values *v, const char *patient)
{
    return present(v, true, patient);
}

static int genes(const values *v, const char *patient)
{
    return present(v, false, patient);
}

static double ask(const char *sql)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_study *study = NULL;
    cxs_stmt *stmt = NULL;
    double answer = (double)NAN;
    bool row = false;

    if (cxs_study_open(ctx, test_path("people.cxs"), &study) == CXS_OK &&
        cxs_db_prepare(ctx, study->db, sql, &stmt) == CXS_OK &&
        cxs_stmt_step(ctx, stmt, &row) == CXS_OK && row)
        answer = cxs_column_real(stmt, 0);
    cxs_stmt_free(stmt);
    cxs_study_close(study);
    cxs_ctx_free(ctx);
    return answer;
}

static const char excluded_samples[] =
    "SELECT count FROM flow WHERE what LIKE 'excluded: samples%'";

/* ---- studies ------------------------------------------------------------------------ */

static void all_is_well(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    char patient[16];
    values v;

    (void)state;
    CHECK(ingest(ctx, "FMFMFM", "N2", "C6") == CXS_OK);
    CHECK(strstr(tmp_log, "identity: 21 of 21 pairs compared") != NULL);
    CHECK(warned_of(ctx, "CX04") == 0);
    CHECK(ask(excluded_samples) == 0.0);
    v = open_features();
    for (int i = 1; i <= PATIENTS; i++) {
        snprintf(patient, sizeof patient, "P%d", i);
        CHECK(genes(&v, patient) == 8);
        CHECK(variants(&v, patient) == 7);
    }
    close_features(&v);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* P6 is recorded as a woman: Y genes in RNA, half of X and a Y in DNA. */
static void sex_of_rna_and_dna(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    values v;

    (void)state;
    CHECK(ingest(ctx, "FMFMFF", "N2", "C6") == CXS_OK);
    CHECK(strstr(tmp_log, "CX043: sample C6: recorded F, chrY has 0.50 of the depth of "
                          "the autosomes") != NULL);
    CHECK(strstr(tmp_log, "CX043: sample R6: recorded F, Y genes expressed (log2 CPM "
                          "10.") != NULL);
    CHECK(strstr(tmp_log, "CX043: sample C6 is excluded (sex of RNA and DNA): its "
                          "features are missing") != NULL);
    CHECK(strstr(tmp_log, "CX043: sample R6 is excluded (sex of RNA and DNA)") != NULL);
    CHECK(warned_of(ctx, "CX043") == 4);
    CHECK(strstr(tmp_log, "CX004: patients without any sample: 1 (P6)") != NULL);
    CHECK(ask(excluded_samples) == 2.0);
    CHECK(
        ask("SELECT count FROM flow WHERE what = 'patients with a baseline sample'") ==
        5.0);
    v = open_features();
    CHECK(genes(&v, "P6") <= 0 && variants(&v, "P6") <= 0);
    CHECK(genes(&v, "P5") == 8 && variants(&v, "P5") == 7);
    close_features(&v);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* One witness is not enough: its warning stands alone.  A man's tumour may lack Y. */
static void sex_of_dna_alone(void **state)
{
    static const char *const last[] = {"C6", "L6"};
    cxs_ctx *ctx;
    values v;

    (void)state;
    for (int pass = 0; pass < 2; pass++) {
        ctx = tmp_ctx();
        CHECK(ingest(ctx, "FMFMFM", "N2", last[pass]) == CXS_OK);
        CHECK(warned_of(ctx, "CX043") == 0);
        cxs_ctx_free(ctx);
    }
    /* without Y nothing in the DNA contradicts a woman but the RNA does */
    ctx = tmp_ctx();
    CHECK(ingest(ctx, "FMFMFF", "N2", "L6") == CXS_OK);
    CHECK(warned_of(ctx, "CX043") == 1);
    CHECK(strstr(tmp_log, "CX043: sample R6: recorded F, Y genes expressed") != NULL);
    CHECK(ask(excluded_samples) == 0.0);
    cxs_ctx_free(ctx);
    v = open_features();
    CHECK(genes(&v, "P6") == 8 && variants(&v, "P6") == 7);
    close_features(&v);
    /* P1's RNA is a woman's, and so is her DNA */
    ctx = tmp_ctx();
    CHECK(ingest(ctx, "MMFMFM", "N2", "C6") == CXS_OK);
    CHECK(strstr(tmp_log, "CX043: sample C1: recorded M, chrX has 1.00 of the depth of "
                          "the autosomes, chrY 0.00") != NULL);
    CHECK(strstr(tmp_log, "CX043: sample R1: recorded M, XIST expressed") != NULL);
    CHECK(ask(excluded_samples) == 2.0);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* C6 holds reads of person 3: 6 % is told, 20 % costs the sample and nothing else. */
static void contamination(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    values v;

    (void)state;
    CHECK(ingest(ctx, "FMFMFM", "N2", "M6") == CXS_OK);
    CHECK(warned_of(ctx, "CX045") == 1);
    CHECK(strstr(tmp_log, "CX045: sample C6: estimated contamination ") != NULL);
    CHECK(ask(excluded_samples) == 0.0);
    cxs_ctx_free(ctx);
    v = open_features();
    CHECK(variants(&v, "P6") == 7);
    close_features(&v);
    ctx = tmp_ctx();
    CHECK(ingest(ctx, "FMFMFM", "N2", "X6") == CXS_OK);
    CHECK(warned_of(ctx, "CX045") == 2);
    CHECK(strstr(tmp_log, "CX045: sample C6 is excluded (contaminated): its features "
                          "are missing") != NULL);
    CHECK(ask(excluded_samples) == 1.0);
    v = open_features();
    CHECK(variants(&v, "P6") == 0);
    CHECK(genes(&v, "P6") == 8);
    CHECK(variants(&v, "P5") == 7);
    close_features(&v);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* N2 is given the reads of P5: blood and fluid of P2 are of two people, and P2 and P5
 * share one. */
static void swapped_and_twice(void **state)
{
    cxs_ctx *ctx = tmp_ctx();

    (void)state;
    remove(test_path("people.cxs"));
    CHECK(ingest(ctx, "FMFMFM", "B2", "C6") == CXS_EFORMAT);
    CHECK(strcmp(cxs_ctx_code(ctx), "CX044") == 0);
    CHECK(
        strncmp(cxs_ctx_message(ctx),
                "samples C2 and N2 of patient P2 are different people (concordance 0.",
                67) == 0);
    CHECK(strstr(tmp_log, "sample  sample  patient  patient  concordance  SNPs") !=
          NULL);
    CHECK(strstr(tmp_log, "C2  N2  P2  P2  0.") != NULL);
    CHECK(strstr(tmp_log, "C5  N2  P5  P2  1.000  ") != NULL);
    CHECK(access(test_path("people.cxs"), F_OK) != 0);
    cxs_ctx_free(ctx);
    ctx = tmp_ctx();
    CHECK(ingest(ctx, "FMFMFM", "N2", "T6") == CXS_EFORMAT);
    CHECK(strcmp(cxs_ctx_code(ctx), "CX056") == 0);
    CHECK(strcmp(cxs_ctx_message(ctx), "patients P4 and P6 look like one person") == 0);
    CHECK(strstr(tmp_log, "C4  C6  P4  P6  1.000  ") != NULL);
    CHECK(access(test_path("people.cxs"), F_OK) != 0);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_is_well),       cmocka_unit_test(sex_of_rna_and_dna),
        cmocka_unit_test(sex_of_dna_alone),  cmocka_unit_test(contamination),
        cmocka_unit_test(swapped_and_twice),
    };

    return cmocka_run_group_tests_name("wrong_people", tests, make_people,
                                       test_folder_remove);
}
