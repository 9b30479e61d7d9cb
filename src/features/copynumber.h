/*
 * copynumber.h -- read counts of bins to log2 copy ratios, segments, tumour fraction and
 * calls of one sample
 *
 * Every step is a function of the sample and of frozen references (bins, panel of
 * normals, arms, targets), never of the cohort.  NaN: not assessed.
 */
#ifndef CXS_COPYNUMBER_H
#define CXS_COPYNUMBER_H

#include "base/base.h"
#include "store/measures.h"

#include <stdint.h>

enum { CXS_CN_AUTOSOMES = 22, CXS_CN_CHROMS = 24 }; /* 23: X, 24: Y */

/* Bins of one genome build in the order of places. */
typedef struct cxs_cn_bins {
    size_t n;
    uint8_t *chrom;           /* [n] 1..24 */
    int64_t *start0, *end0;   /* [n] */
    double *gc;               /* [n] share, NaN: unknown */
    double *map;              /* [n] mappability, NaN: unknown (no map filter) */
    uint8_t *near_centromere; /* [n] within 100 kb */
    double *pon, *pon_mad;    /* [n] log2 of normals, or NULL: no panel */
} cxs_cn_bins;
void cxs_cn_bins_free(cxs_cn_bins *bins); /* what it holds, and empties it */

typedef enum cxs_cn_state { CXS_CN_OK, CXS_CN_WARN, CXS_CN_FAIL } cxs_cn_state;

typedef enum cxs_cn_measure {
    CXS_CN_FRAGMENTS, /* fails below 1 M, warns below 5 M */
    CXS_CN_NOISE,     /* of neighbours: fails above 0.30, warns above 0.20 */
    CXS_CN_GC_RANK,   /* |Spearman|: warns above 0.2 */
    CXS_CN_MEASURES
} cxs_cn_measure;
/* State of one measure; *reason is static, "" when it is well. */
cxs_cn_state cxs_cn_judge(cxs_cn_measure measure, double value, const char **reason);

/* What correction found: everything that the QC table prints. */
typedef struct cxs_cn_quality {
    double fragments; /* in all bins */
    size_t ideal;     /* bins that the GC curve was fitted on */
    size_t used;      /* bins with a log ratio */
    double sd_diff;   /* of neighbours */
    double gc_rank;   /* Spearman of log ratio and GC after correction */
    cxs_cn_state state;
    const char *reason; /* "" or the reason of the worst measure */
} cxs_cn_quality;

/*
 * GC and mappability correction (Ha et al. 2012, Genome Research 22:1995; as in
 * HMMcopy), panel of normals, centring on the autosomes' median.
 *
 *   reads [n]   fragments of each bin
 *   log2 [n]    (out) NaN where a bin is dropped: no reads, GC unknown, mappability
 *               below 0.9, near a centromere, outside the GC curve, panel MAD above 0.2
 * CXS_EDEGENERATE when fewer than 50 bins can be used.
 */
cxs_rc cxs_cn_correct(cxs_ctx *ctx, const cxs_cn_bins *bins, const double *reads,
                      double *log2, cxs_cn_quality *quality) CXS_MUST_USE;

/* A run of bins of one chromosome with one level. */
typedef struct cxs_cn_segment {
    uint8_t chrom;
    int64_t start0, end0;
    size_t bins;   /* with a log ratio */
    double log2;   /* mean */
    int direction; /* -1 loss, 0, +1 gain: by the rule of the assay */
    int copies;    /* of the HMM; -1 without */
    int subclonal;
    double corrected; /* copies corrected for purity and ploidy; NaN without */
} cxs_cn_segment;

typedef struct cxs_cn_segments {
    cxs_cn_segment *at;
    size_t count, capacity;
    double tumour_fraction; /* NaN: not estimated */
    double ploidy;          /* of the tumour, NaN */
    double loglik;
} cxs_cn_segments;
void cxs_cn_segments_free(cxs_cn_segments *segments);

/* Copies in the tumour cells of a level, at least 1/64; NaN without a fraction above 0:
 * 2^log2 = (2 (1 - p) + p C)/(2 (1 - p) + p phi). */
double cxs_cn_corrected(double log2_ratio, double fraction, double ploidy);
/* The level of so many copies: log2((2 (1 - p) + p C)/(2 (1 - p) + p phi)). */
double cxs_cn_level(double copies, double fraction, double ploidy);
/* Purity (0..1) that is known from elsewhere, of a genome that is diploid on the whole:
 * corrected copies of all segments; becomes tumour_fraction. */
void cxs_cn_take_purity(cxs_cn_segments *segments, double purity);

/* Tissue: circular binary segmentation; direction by |log2| >= 0.2. */
cxs_rc cxs_cn_segment_tissue(cxs_ctx *ctx, const cxs_cn_bins *bins, const double *log2,
                             uint64_t seed, cxs_cn_segments *out) CXS_MUST_USE;

/* Cell-free DNA: the Markov model over the autosomes from 12 starts; tumour fraction 0
 * when the longest altered segment has <= 50 bins and the altered share is <= 0.05. */
cxs_rc cxs_cn_segment_cfdna(cxs_ctx *ctx, const cxs_cn_bins *bins, const double *log2,
                            cxs_cn_segments *out) CXS_MUST_USE;

/*
 * A table "segments" (chrom, start, end, marks, log2) of some other program: direction
 * by |log2| >= 0.2; purity (0..1; NaN: not known) gives corrected copies for a genome
 * that is diploid on the whole, and becomes tumour_fraction.  Segments without a level
 * are left out.
 */
cxs_rc cxs_cn_given(cxs_ctx *ctx, const cxs_measure *segments, double purity,
                    cxs_cn_segments *out) CXS_MUST_USE;

/* "1".."22" "X" "Y" to 1..24, 0 for anything else. */
uint8_t cxs_cn_chrom(const char *name);

typedef struct cxs_interval {
    uint8_t chrom;
    int64_t start0, end0;
} cxs_interval;

/*
 * Runs of genes whose states (-2..2, CXS_MEASURE_MISSING) have one sign, as segments that
 * meet halfway between the genes; for calls of arms, without levels.
 *
 *   order [count]  genes in the order of places
 */
cxs_rc cxs_cn_from_states(cxs_ctx *ctx, const cxs_interval *gene, const int64_t *state,
                          const size_t *order, size_t count,
                          cxs_cn_segments *out) CXS_MUST_USE;

/* ---- calls -------------------------------------------------------------------------- */

/* -1, 0, +1 when one direction covers >= 0.8 of what segments cover of the arm, or every
 * change < 0.2; NaN between, and when segments cover less than half of the arm. */
double cxs_cn_arm_call(const cxs_cn_segments *segments, const cxs_interval *arm);

/* The segment that holds most of a gene; NULL: none. */
const cxs_cn_segment *cxs_cn_covering(const cxs_cn_segments *segments,
                                      const cxs_interval *gene);

/* Amplification (1/0): C >= 6, or log2 >= 1 without C, in a segment of at most half an
 * arm; homozygous deletion: C < 0.5 in a segment of at most 10 Mb, NaN when the tumour
 * fraction is below 0.2 or bins are wider than 100 kb; NaN where no segment covers the gene. */
double cxs_cn_amplified(const cxs_cn_segments *segments, const cxs_interval *gene,
                        const cxs_interval *arm);
double cxs_cn_deleted(const cxs_cn_segments *segments, const cxs_interval *gene,
                      int64_t bin_width);

/* Scores of the whole profile (autosomes). */
typedef struct cxs_cn_scores {
    double fga;      /* share of the covered length with |log2| >= threshold */
    double wgii;     /* mean over autosomes of the altered share against the ploidy */
    double segments; /* number */
    double lst;      /* large-scale transitions */
    double burden;   /* sum |log2| length / length */
} cxs_cn_scores;
cxs_rc cxs_cn_score(cxs_ctx *ctx, const cxs_cn_segments *segments, double threshold,
                    cxs_cn_scores *out) CXS_MUST_USE;

#endif /* CXS_COPYNUMBER_H */
