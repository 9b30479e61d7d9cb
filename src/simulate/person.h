/*
 * person.h -- what a simulated patient carries besides expression: private to this
 * stage
 *
 * Copy numbers are those of the tumour in the two halves ("arms") of each toy contig.
 * Mutations are heterozygous in every tumour cell.
 */
#ifndef CXS_SIMULATE_PERSON_H
#define CXS_SIMULATE_PERSON_H

#include "simulate/genome.h"

enum { CXS_TOY_ARMS = 2 * CXS_TOY_CONTIGS, CXS_TOY_DRIVERS = 3, CXS_TOY_MUTATIONS = 8 };

#define CXS_SIM_DRIVER_EFFECT   0.8 /* log hazard ratio of a mutated driver 1 */
#define CXS_SIM_FRACTION_EFFECT 0.4 /* per sd of the logit of the tumour fraction */

typedef enum cxs_toy_class {
    CXS_TOY_MISSENSE,
    CXS_TOY_STOP,
    CXS_TOY_SILENT
} cxs_toy_class;

typedef struct cxs_toy_mutation {
    cxs_toy_site site;
    size_t gene;
    cxs_toy_class class;
} cxs_toy_mutation;

typedef struct cxs_person {
    uint8_t genotype[CXS_TOY_SNPS]; /* 0, 1, 2 copies of alt */
    uint8_t copies[CXS_TOY_ARMS];
    double tumour_fraction;                       /* of cell-free DNA */
    double purity;                                /* of the tumour sample */
    cxs_toy_mutation mutation[CXS_TOY_MUTATIONS]; /* sorted by place */
    size_t mutations;
    int driver[CXS_TOY_DRIVERS]; /* 1: mutated */
} cxs_person;

/* Gene index of driver d. */
size_t cxs_toy_driver(const cxs_genome *genome, size_t d);
size_t cxs_toy_arm(const cxs_genome *genome, size_t contig, int64_t at);
void cxs_person_draw(const cxs_genome *genome, uint64_t seed, size_t i,
                     cxs_person *person);
/* Share of eta that comes from mutations and tumour fraction. */
double cxs_person_eta(const cxs_person *person);

#endif /* CXS_SIMULATE_PERSON_H */
