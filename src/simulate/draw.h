/*
 * draw.h -- random parts that studies and designs share, private to this stage
 *
 * Equations (1) and (2) are those of simulate.h.
 */
#ifndef CXS_SIMULATE_DRAW_H
#define CXS_SIMULATE_DRAW_H

#include "base/stream.h"
#include "coxswain/simulate.h"

/* What a draw is for: the high part of the replicate, so that no two uses share draws.
 */
typedef enum cxs_sim_part {
    CXS_SIM_BLOCK = 1, /* replicate: block, index: patient */
    CXS_SIM_FEATURE,   /* feature, patient */
    CXS_SIM_COUNT,     /* feature, patient */
    CXS_SIM_GENE,      /* constants of genes */
    CXS_SIM_TIME,
    CXS_SIM_CENSOR,
    CXS_SIM_CENTRE,
    CXS_SIM_LIBRARY,
    CXS_SIM_CLINICAL, /* which column, patient */
    CXS_SIM_GENOME,   /* the toy genome */
    CXS_SIM_PERSON,   /* which part, patient: genotypes, copy numbers, mutations */
    CXS_SIM_READS     /* which sample: fragments of reads */
} cxs_sim_part;

cxs_stream cxs_sim_stream(uint64_t seed, cxs_purpose purpose, cxs_sim_part part,
                          uint64_t which);

/* Latent features (1) of one design or study. */
typedef struct cxs_latent {
    uint64_t seed;
    cxs_purpose purpose;
    size_t n, block;
    double rho;
} cxs_latent;
/* u [n]: shared part of block b. */
void cxs_latent_block(const cxs_latent *l, size_t b, double *u);
/* z [n]: feature g, given the shared part of its block. */
void cxs_latent_feature(const cxs_latent *l, size_t g, const double *u, double *z);

/* Feature that carries planted effect m of k, and its log hazard ratio. */
size_t cxs_planted_feature(const cxs_simulate_settings *s, size_t m);
double cxs_planted_effect(const cxs_simulate_settings *s, size_t m);

/* Poisson draw: inversion below a mean of ten, else transformed rejection (PTRS,
 * Hoermann 1993).  Uses counters 32 index .. 32 index + 31. */
double cxs_draw_poisson(const cxs_stream *s, uint64_t index, double mean);

/* Times (2) with censoring; eta [n], scale [n], time and event (out) [n]. */
cxs_rc cxs_draw_outcome(cxs_ctx *ctx, const cxs_simulate_settings *s,
                        cxs_purpose purpose, const double *eta, const double *scale,
                        double shape, double *time, uint8_t *event) CXS_MUST_USE;

/* CXS_EARG for settings outside the ranges of simulate.h. */
cxs_rc cxs_simulate_check(cxs_ctx *ctx, const cxs_simulate_settings *s) CXS_MUST_USE;

#endif /* CXS_SIMULATE_DRAW_H */
