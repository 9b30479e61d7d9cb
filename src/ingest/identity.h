/*
 * identity.h -- who is who: genotypes, sex and contamination of the files of a study
 *
 * Sites are the common SNPs of the study, the same list for every file.  A genotype is
 * called at DEPTH reads or more: fraction of alternate reads below 0.15 is 0, from 0.25
 * to 0.75 is 1, above 0.85 is 2, anything between is not called.  Concordance of two
 * files is the share of equal genotypes among the sites that both call (unrelated
 * people: about 0.4 at common SNPs).
 */
#ifndef CXS_IDENTITY_H
#define CXS_IDENTITY_H

#include "ingest/study_draft.h"
#include "store/measures.h"

enum {
    CXS_IDENTITY_DEPTH = 8,    /* reads for a genotype */
    CXS_IDENTITY_SHARED = 50,  /* sites for a comparison */
    CXS_IDENTITY_READS = 10000 /* reads on autosomes for the sex */
};

/* One file; texts are borrowed. */
typedef struct cxs_person_file {
    const char *sample, *patient, *file;
    const char *sex; /* recorded "F", "M"; else not compared */
    bool normal;     /* of normal tissue or blood */
    bool tumour;     /* of tumour tissue */
    size_t sites;
    int64_t *ref, *alt, *other; /* [sites] reads; owned; missing: CXS_MEASURE_MISSING */
    signed char *call;          /* [sites] 0, 1, 2, -1; owned */
    double x, y; /* reads per base on chrX, chrY over that on autosomes; NaN: unknown */
    double contamination;             /* NaN: not estimated */
    bool witnessed;                   /* a normal sample told the genotypes for it */
    int dna_disagrees, rna_disagrees; /* with the recorded sex */
} cxs_person_file;

/* Fill sites, calls, x and y from the tables "snps" and "sex" of a bag; a bag without
 * them leaves the file without.  whole_genome: chrX and chrY were read like the rest. */
cxs_rc cxs_person_file_take(cxs_ctx *ctx, const cxs_measures *bag, bool whole_genome,
                            cxs_person_file *out) CXS_MUST_USE;
void cxs_person_file_clear(cxs_person_file *file);

/* Share of equal genotypes, NaN when fewer than CXS_IDENTITY_SHARED sites are called in
 * both; *shared gets their number. */
double cxs_genotype_concordance(const cxs_person_file *a, const cxs_person_file *b,
                                size_t *shared);

/*
 * Share c of reads of another person, 0 to 0.5, by maximum likelihood (Jun 2012, Am J
 * Hum Genet 91:839): n_alt of the reads is binomial with
 *     p = e + (1 - 2 e) ((1 - c) g + c h) / 2,
 * g and h being the genotypes of the person and of the other one, each with its
 * probability by alt_frequency, and e the share of reads that errors turn into one other
 * allele (from the third alleles, at least 0.001).  Where `truth` is not the file itself
 * (a normal sample of the patient) g is what it calls, and only its homozygous sites
 * count, as a tumour may have lost one allele of the others.  Sites with fewer than
 * CXS_IDENTITY_DEPTH reads do not count; NaN below CXS_IDENTITY_SHARED sites.
 */
double cxs_contamination(const cxs_person_file *file, const cxs_person_file *truth,
                         const double *alt_frequency);

/* Contaminated by so much that its features would not be the patient's.  Alleles that a
 * tumour lost look the same where no normal sample tells the genotypes: such a sample
 * stays, with its warning. */
bool cxs_is_contaminated(const cxs_person_file *file);

/* CX044 (genotypes of one patient differ) and CX056 (of two patients agree) stop, with
 * all pairs as notes; CX045 warns.  The files need not be in any order. */
cxs_rc cxs_identity_genotypes(cxs_ctx *ctx, cxs_person_file *file,
                              size_t count) CXS_MUST_USE;
/* CX043 from chrX and chrY: warns and sets dna_disagrees. */
cxs_rc cxs_identity_sex(cxs_ctx *ctx, cxs_person_file *file, size_t count) CXS_MUST_USE;

/* The whole study: measures in db, the expression matrix, the patients sheet.  Samples
 * that are contaminated by more than 10 %, or whose RNA and DNA both disagree with the
 * recorded sex, are put on draft->excluded. */
cxs_rc cxs_draft_identity(cxs_ctx *ctx, cxs_draft *draft, cxs_db *db) CXS_MUST_USE;

#endif /* CXS_IDENTITY_H */
