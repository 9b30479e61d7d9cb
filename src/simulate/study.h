/*
 * study.h -- a simulated cohort between its drawing and its files, private to this
 * stage
 */
#ifndef CXS_SIMULATE_STUDY_H
#define CXS_SIMULATE_STUDY_H

#include "base/out.h"
#include "simulate/person.h"

#define CXS_SIM_AGE_EFFECT 0.35   /* log hazard ratio per 12 years */
#define CXS_SIM_KPS_EFFECT (-0.3) /* per 10 points */

typedef struct patient {
    double age, kps;
    int female, metastasis, grade, collect_day;
    size_t centre;
} patient;

typedef struct cohort {
    cxs_simulate_settings s;
    cxs_latent latent;
    int patient_digits, gene_digits; /* of the names: zero-padded, so that the bytewise
                                      * order is that of the numbers */
    patient *patients;               /* [n] */
    double *eta, *scale, *time;      /* [n] */
    uint8_t *event;                  /* [n] */
    uint8_t *planted;                /* [p] */
    double mean_count;               /* counts per gene of a typical library */
    /* with sequencing files: */
    cxs_genome genome;
    cxs_person *persons; /* [n] */
} cohort;

/* study.yaml, patients.tsv, samples.tsv, assays.tsv, truth.tsv */
cxs_rc cxs_sim_write_sheets(cxs_ctx *ctx, const char *folder,
                            const cohort *c) CXS_MUST_USE;
/* counts.tsv.zst, with sequencing files truth.counts.tsv.zst */
cxs_rc cxs_sim_write_counts(cxs_ctx *ctx, const char *folder,
                            const cohort *c) CXS_MUST_USE;
/* The same counts, patient by patient: [n x p], gene fastest. */
cxs_rc cxs_sim_draw_counts(cxs_ctx *ctx, const cohort *c,
                           uint32_t *counts) CXS_MUST_USE;
/* Genome, reads/, variants/ and truth.*.tsv. */
cxs_rc cxs_sim_write_sequencing(cxs_ctx *ctx, const char *folder,
                                const cohort *c) CXS_MUST_USE;
/* hts_variants.c: calls of patient i in the tumour beside the normal sample, as bgzip
 * VCF.  `truth` gets one line per record. */
cxs_rc cxs_variants_write(cxs_ctx *ctx, const cohort *c, size_t i, const char *path,
                          cxs_buf *truth) CXS_MUST_USE;

#endif /* CXS_SIMULATE_STUDY_H */
