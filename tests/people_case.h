/*
 * people_case.h -- studies whose reads may be of other people
 *
 * Six patients, each with counts of RNA and cell-free DNA; P2 has blood too.  The toy
 * genome is all A; a person's genotype at a SNP is 0, 1 or 2 times C.
 */
#ifndef CXS_PEOPLE_CASE_H
#define CXS_PEOPLE_CASE_H

#include "test.h"

#include "sam.h"
#include "tmp.h"

#include "coxswain/coxswain.h"

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
static inline int genotype(int person, int snp)
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
static inline int snp_at(int k)
{
    return 500 + k * STEP;
}

/* What read number i of a person shows at a SNP. */
static inline char allele(const person *p, int i, int k)
{
    const int who = i % 100 < p->in_100 ? p->other : p->who;
    const int g = genotype(who, k);

    return g == 2 || (g == 1 && (i / 100 + i) % 2 == 0) ? 'C' : 'A';
}

typedef struct line {
    int at, i;
    bool second;
} line;

static inline int by_place(const void *a, const void *b)
{
    const line *x = a, *y = b;

    return x->at != y->at ? (x->at > y->at) - (x->at < y->at)
           : x->i != y->i ? (x->i > y->i) - (x->i < y->i)
                          : x->second - y->second;
}

/* `pairs` pairs spread evenly over a contig, in order. */
static inline void put_contig(FILE *out, const person *p, const char *name, int length,
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
static inline void put_reads(const char *sample, person p)
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

static inline void put_matrix(void)
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
static inline void put_sheets(const char *sex, const char *blood, const char *last)
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
static inline void put_calls(int i)
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

static inline int make_people(void **state)
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

static inline cxs_rc ingest_people(cxs_ctx *ctx)
{
    char in[1100], out[1100];

    snprintf(in, sizeof in, "%s", test_path("people"));
    snprintf(out, sizeof out, "%s", test_path("people.cxs"));
    return cxs_ingest(ctx, in, "refdata", out);
}

static inline cxs_rc ingest(cxs_ctx *ctx, const char *sex, const char *blood,
                            const char *last)
{
    put_sheets(sex, blood, last);
    return ingest_people(ctx);
}

static inline size_t warned_of(const cxs_ctx *ctx, const char *code)
{
    size_t found = 0;

    for (size_t w = 0; w < cxs_ctx_warning_count(ctx); w++)
        found += strncmp(cxs_ctx_warning(ctx, w, NULL), code, strlen(code)) == 0;
    return found;
}

#endif /* CXS_PEOPLE_CASE_H */
