/*
 * simulate.h -- studies and designs with known truth
 */
#ifndef COXSWAIN_SIMULATE_H
#define COXSWAIN_SIMULATE_H

#include "coxswain/record.h"
#include "coxswain/study.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cxs_simulate_settings {
    size_t n;         /**< patients                                        [240] */
    size_t p;         /**< genes                                          [2000] */
    size_t k;         /**< genes with a planted effect                      [10] */
    size_t centres;   /**< recruiting centres                                [3] */
    size_t block;     /**< genes per correlation block                      [20] */
    double rho;       /**< correlation inside a block                      [0.5] */
    double effect;    /**< |log hazard ratio| per sd of a planted gene     [0.5] */
    double censoring; /**< share of patients censored, about               [0.3] */
    uint64_t seed;    /**<                                                   [1] */
} cxs_simulate_settings;
cxs_simulate_settings cxs_simulate_defaults(void);

/** Write a study folder: study.yaml, patients.tsv, samples.tsv, assays.tsv,
 *  counts.tsv.zst, truth.tsv. */
cxs_rc cxs_simulate_study(cxs_ctx *ctx, const cxs_simulate_settings *settings,
                          const char *folder) CXS_MUST_USE;

/** Write a regression design (CONTRACT: `simulate --design n,p,k,rho`): X.f64,
 *  clinical.tsv, meta.tsv, truth.tsv, design.cxf. */
cxs_rc cxs_simulate_design(cxs_ctx *ctx, const cxs_simulate_settings *settings,
                           const char *folder) CXS_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif /* COXSWAIN_SIMULATE_H */
