/*
 * test_call_faults.c -- rows of the catalogue about calls of variants, through a whole
 * study
 */
#include "test.h"

#include "study_case.h"
#include "tmp.h"

#define HEAD   "##fileformat=VCFv4.2\n##FILTER=<ID=PASS,Description=\"passed\">\n"
#define CONTIG "##contig=<ID=1,length=200>\n"
#define BCSQ                                                                           \
    "##INFO=<ID=BCSQ,Number=.,Type=String,Description=\"Consequence. Format: "         \
    "Consequence|gene|transcript|biotype|strand|amino_acid_change|dna_change\">\n"
#define FORMAT                                                                         \
    "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">\n"                 \
    "##FORMAT=<ID=AD,Number=R,Type=Integer,Description=\"Reads\">\n"                   \
    "##FORMAT=<ID=AF,Number=A,Type=Float,Description=\"Fraction\">\n"
#define COLUMNS(names)                                                                 \
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t" names "\n"
#define CALL(chrom, pos, ref, format, values)                                          \
    chrom "\t" pos "\t.\t" ref                                                         \
          "\tG\t.\tPASS\tBCSQ=missense|TP53|T1|protein_coding|+|1R>1H|1A>G\t" format   \
          "\t" values "\n"

typedef struct fault {
    const char *build, *text, *code, *message;
} fault;

static const fault faults[] = {
    {"other", HEAD CONTIG FORMAT COLUMNS("T1") CALL("1", "10", "A", "AD", "9,9"),
     "CX046", "calls.vcf: no consequence annotation (CSQ, ANN or BCSQ)"},
    {"other", HEAD CONTIG BCSQ FORMAT COLUMNS("T1") CALL("1", "10", "A", "AF", "45"),
     "CX047", "calls.vcf:1:10: AF 45 is above 1; percent?"},
    {"other", HEAD CONTIG BCSQ FORMAT COLUMNS("X9") CALL("1", "10", "A", "AD", "9,9"),
     "CX042", "calls.vcf"},
    {"hg19",
     HEAD "##contig=<ID=chr1,length=248956422>\n" BCSQ FORMAT COLUMNS("T1")
         CALL("chr1", "10", "A", "AD", "9,9"),
     "CX034", "calls.vcf: header says GRCh38 (chr1 248956422), sheet says hg19"},
    {"other",
     HEAD CONTIG "##contig=<ID=chr1,length=200>\n" BCSQ FORMAT COLUMNS("T1")
         CALL("1", "10", "A", "AD", "9,9"),
     "CX035", "calls.vcf: both \""},
    {"other",
     HEAD CONTIG BCSQ FORMAT COLUMNS("T1") CALL("1", "20", "A", "AD", "9,9")
         CALL("1", "10", "A", "AD", "9,9"),
     "CX040", "calls.vcf: record 2 (1:10) is before the one above"},
    {"other", HEAD CONTIG BCSQ FORMAT COLUMNS("T1") CALL("1", "20", "C", "AD", "9,9"),
     "CX036", "calls.vcf:1:20: REF C, reference has A (1 of 1 checked)"},
    {"other",
     HEAD CONTIG "##tumor_sample=T1\n##normal_sample=N1\n" BCSQ FORMAT COLUMNS("T1\tN1")
         CALL("1", "20", "A", "AD", "90,1\t50,40")
             CALL("1", "30", "A", "AD", "90,1\t50,40")
                 CALL("1", "40", "A", "AD", "90,1\t50,40")
                     CALL("1", "50", "A", "AD", "90,1\t50,40")
                         CALL("1", "60", "A", "AD", "90,1\t50,40"),
     "CX048", "calls.vcf: calls are supported by N1, declared normal"},
    {"other",
     HEAD CONTIG BCSQ FORMAT COLUMNS("T1") CALL("1", "20", "A", "GT:AD", "0/1:50,40"),
     "", ""},
};

static void put(const fault *f)
{
    char text[1024], genome[256];
    int n = snprintf(genome, sizeof genome, ">1\n");

    memset(genome + n, 'A', 200);
    snprintf(genome + n + 200, sizeof genome - (size_t)n - 200, "\n");
    case_plain("calls",
               "tables: {patients: patients.tsv, samples: samples.tsv, "
               "assays: assays.tsv}\nendpoint: {name: OS}\n"
               "sequencing: {reference: genome.fa}\n",
               "PATIENT_ID\tOS_DAYS\tOS_STATUS\nP1\t10\t1\nP2\t20\t0\n");
    case_file("calls", "genome.fa", genome);
    case_file("calls", "genome.fa.fai", "1\t200\t3\t200\t201\n");
    case_file("calls", "samples.tsv",
              "SAMPLE_ID\tPATIENT_ID\tSOURCE\tANALYTE\tNORMAL_SAMPLE_ID\n"
              "T1\tP1\tTUMOR\tDNA\tN1\nN1\tP1\tNORMAL_BLOOD\tDNA\tNA\n");
    snprintf(text, sizeof text,
             "SAMPLE_ID\tASSAY\tFILE\tBUILD\tLIBRARY\nT1\tVCF\tcalls.vcf\t%s\tWGS\n",
             f->build);
    case_file("calls", "assays.tsv", text);
    case_file("calls", "calls.vcf", f->text);
}

static void faults_of_calls(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        const fault *f = &faults[i];
        cxs_ctx *ctx = tmp_ctx();
        cxs_rc rc;
        put(f);
        remove(test_path("calls.cxs"));
        rc = case_ingest(ctx, "calls");
        CHECK((rc == CXS_OK) == (*f->code == '\0'));
        CHECK((access(test_path("calls.cxs"), F_OK) == 0) == (rc == CXS_OK));
        CHECK(strcmp(cxs_ctx_code(ctx), f->code) == 0 || rc == CXS_OK);
        CHECK(strstr(cxs_ctx_message(ctx), f->message) != NULL);
        if (test_failures > 0)
            printf("  case %zu: %d [%s] %s\n", i, (int)rc, cxs_ctx_code(ctx),
                   cxs_ctx_message(ctx));
        cxs_ctx_free(ctx);
    }
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_of_calls),
    };

    return cmocka_run_group_tests_name("call_faults", tests, test_folder_make,
                                       test_folder_remove);
}
