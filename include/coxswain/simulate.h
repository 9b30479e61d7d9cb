/*
 * simulate.h -- studies and designs with known truth
 *
 * Every draw is a function of (seed, what, index), so the same settings give the same
 * bytes for any number of threads, and a study with more patients or genes begins with
 * the same ones.
 *
 * Latent features: feature g of block b = floor(g / block) has, for patient i,
 *     z_ig = sqrt(rho) u_ib + sqrt(1 - rho) e_ig,   u, e standard normal,          (1)
 * so that features of one block correlate by rho and every z has mean 0 and sd 1.
 *
 * Outcome: Weibull proportional hazards with scale s_i and shape a,
 *     h_i(t) = a/s_i (t/s_i)^(a-1) exp(eta_i),
 *     T_i = s_i (-ln U_i / exp(eta_i))^(1/a),                                      (2)
 * censored at C_i = c V_i with V uniform on (0.25, 1); c is chosen such that
 * round(censoring n) patients are censored.
 *
 * Study: eta_i = sum_m beta_m z_im + 0.35 (AGE_i - 57)/12 - 0.3 (KPS_i - 80)/10 over
 * the k planted genes, |beta_m| = effect with alternating signs, at g_m = floor((m +
 * 1/2) p/k), m = 0 .. k-1.  AGE is N(57, 12) in whole years within 20..88, KPS N(80,
 * 10) in tens within 40..100.  s_i is 600 days for gliomas and 360 for metastases,
 * times exp(0.25 N_c) for centre c; a = 1.3; times are rounded up to whole days. Counts
 * are Poisson-lognormal: mean L_i a_ig / sum_g E(a_g), a_ig = exp(mu_g + s_g z_ig),
 * mu_g ~ N(0, 2) (planted genes: its absolute value, so that counting noise does not
 * hide them), s_g uniform on (0.4, 0.9), library L_i = 1000 p exp(0.3 N_i).
 *
 * Sequencing: the same counts as read pairs on a toy genome of five contigs (build
 * `other`), cell-free DNA of CSF with copy numbers and tumour fraction f_i (its logit is
 * N(-1.6, 1)), and tumour-normal calls with three driver genes.  eta_i gains 0.8 for a
 * mutated first driver and 0.4 (logit f_i + 1.6).
 *
 * Design: X = z itself (1); eta_i = sum_m beta_m x_im + 0.4 z1 - 0.3 z2 + 0 z3 with
 * standard normal z1, z2, z3; s = 1, a = 1.
 */
#ifndef COXSWAIN_SIMULATE_H
#define COXSWAIN_SIMULATE_H

#include "coxswain/record.h"
#include "coxswain/study.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The first number in brackets is the default of a study, the second of a design. */
typedef struct cxs_simulate_settings {
    size_t n;             /**< patients, >= 2                             [240; 500] */
    size_t p;             /**< features, >= 1                          [2000; 20000] */
    size_t k;             /**< features with a planted effect, <= p        [10; 10] */
    size_t centres;       /**< recruiting centres, 1..99                          [3] */
    size_t block;         /**< features per correlation block, >= 1         [20; 50] */
    double rho;           /**< correlation inside a block, 0..1                 [0.5] */
    double effect;        /**< |log hazard ratio| per sd of a planted feature   [0.5] */
    double censoring;     /**< share of patients censored, >= 0, < 1            [0.3] */
    uint64_t seed;        /**<                                                    [1] */
    int sequencing;       /**< 1: write BAM, CRAM and VCF instead of counts       [0] */
    size_t rna_fragments; /**< of a typical RNA sample                  [30000] */
    size_t cfdna_fragments; /**< of a cell-free DNA sample                [20000] */
} cxs_simulate_settings;

/** @return the defaults of a study. */
cxs_simulate_settings cxs_simulate_defaults(void);

/** @return the defaults of a design. */
cxs_simulate_settings cxs_simulate_design_defaults(void);

/**
 * Write a study folder: study.yaml, patients.tsv, samples.tsv, assays.tsv,
 * counts.tsv.zst, truth.tsv (feature_id log_hr_per_sd: the planted genes, then AGE and
 * KPS per 12 years and 10 points).  Genes are named G00001 and so on.  With sequencing
 * files instead of counts.tsv.zst: reference.fa with index, genes.gtf, targets.bed,
 * snps.tsv, reads/ (RNA as BAM, cell-free DNA as CRAM), variants/ (tumour-normal VCF),
 * and as truth truth.counts.tsv.zst, truth.patients.tsv, truth.copies.tsv,
 * truth.variants.tsv, truth.molecular.tsv.
 *
 * @param settings  NULL means cxs_simulate_defaults()
 * @return CXS_OK; CXS_EARG for a setting out of its range; CXS_ECREATE; CXS_EIO;
 *         CXS_ENOMEM.
 */
cxs_rc cxs_simulate_study(cxs_ctx *ctx, const cxs_simulate_settings *settings,
                          const char *folder) CXS_MUST_USE;

/**
 * Write a regression design:
 *   X.f64         n x p doubles of this machine's byte order, column-major: patients
 *                 P1..Pn in rows, features f1..fp in columns
 *   clinical.tsv  id time event z1 z2 z3, rows P1..Pn
 *   meta.tsv      n and p: key, value, no header
 *   truth.tsv     feature_id log_hr_per_sd: planted features, then z1 z2 z3
 *   design.cxf    the same matrix as matrix file: ids sorted bytewise
 *
 * @param settings  NULL means cxs_simulate_design_defaults(); centres is not used
 * @return as cxs_simulate_study().
 */
cxs_rc cxs_simulate_design(cxs_ctx *ctx, const cxs_simulate_settings *settings,
                           const char *folder) CXS_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif /* COXSWAIN_SIMULATE_H */
