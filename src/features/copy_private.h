/*
 * copy_private.h -- from the depth table of a file to bins with their references
 */
#ifndef CXS_COPY_PRIVATE_H
#define CXS_COPY_PRIVATE_H

#include "base/table.h"
#include "features/assays.h"
#include "features/copynumber.h"
#include "ingest/study_ids.h"

enum { CXS_COPY_BUILDS = 2 };
extern const char *const cxs_copy_builds[CXS_COPY_BUILDS]; /* hg19, hg38 */

/* Reference tables of all builds. */
typedef struct cxs_copy_refs {
    cxs_table *arms, *events, *targets, *genes, *centromeres;
    cxs_index gene;                       /* rows of genes by symbol */
    cxs_interval *place[CXS_COPY_BUILDS]; /* [genes->rows]; chrom 0: not known */
    size_t *order[CXS_COPY_BUILDS];       /* known ones in the order of places */
    size_t placed[CXS_COPY_BUILDS];       /* how many */
} cxs_copy_refs;

cxs_rc cxs_copy_refs_read(cxs_ctx *ctx, const char *refdata,
                          cxs_copy_refs *refs) CXS_MUST_USE;
void cxs_copy_refs_free(cxs_copy_refs *refs);
/* Cell of a named column; "" without it. */
const char *cxs_copy_cell(const cxs_table *t, size_t row, const char *name);
/* hg19 or hg38? */
int cxs_copy_placed(const char *build);

/* Does the bag hold depth that can be joined to bins of a known build? */
const cxs_measure *cxs_copy_depth(const cxs_patient_file *file);
/* Width that fits the depth (domain: 1 Mb below 0.3x, 500 kb up to 3x, 100 kb above),
 * not below that of the table. */
int64_t cxs_copy_width(const cxs_measure *depth);
int64_t cxs_copy_given_width(const cxs_measure *depth); /* that of the table */
/* Fragments of 170 bases over the bases of all bins. */
double cxs_copy_mean_depth(const cxs_measure *depth);

/* Narrow bins into bins of `width`: counts, GC of the known bases; a bin of which more
 * than a tenth is not known has no GC.  Mappability NaN, no panel. */
cxs_rc cxs_copy_bins(cxs_ctx *ctx, const cxs_measure *depth, const cxs_copy_refs *refs,
                     const char *build, int64_t width, cxs_cn_bins *bins,
                     double **reads) CXS_MUST_USE;

/* Mean mappability of each bin over the frozen bins that overlap it; NaN where they
 * cover less than half of it. */
void cxs_copy_map(const cxs_frozen_bins *map, const char *build, cxs_cn_bins *bins);
/* Shares of GC the same way, where at most half of the bins have one of their own. */
void cxs_copy_gc(const cxs_frozen_bins *gc, const char *build, cxs_cn_bins *bins);
/* Width of the bins of the panel for a build, 0 without any. */
int64_t cxs_copy_panel_width(const cxs_frozen_bins *panel, const char *build);
/* The panel's median and MAD by chromosome and start; *fits 0, and no panel set, when
 * fewer than half of the autosomal bins have a row. */
cxs_rc cxs_copy_panel(cxs_ctx *ctx, const cxs_frozen_bins *panel, const char *build,
                      cxs_cn_bins *bins, int *fits) CXS_MUST_USE;

/* ---- one patient ----------------------------------------------------------------- */

/* What was found for one patient. */
typedef struct cxs_copy_result {
    /* 0: no file; 1: quality failed; 2: there are segments; 3: runs of genes alone */
    int done;
    int given;      /* the segments are of another program */
    int read;       /* they are of depth, which has a quality */
    int64_t *state; /* [genes of the references] of a table cn.gene; NULL: none */
    cxs_cn_quality quality;
    cxs_cn_segments segments;
    int64_t width;
    cxs_cn_segment *focal; /* [genes of the references] level of narrow windows at the
                              targets among them, bins 0: none; NULL: none at all */
    double focal_error;    /* of the mean of three windows */
    int tissue, panel;     /* panel: it was used */
} cxs_copy_result;

typedef struct cxs_copy_job {
    const cxs_patient_file *file;
    const cxs_copy_refs *refs;
    const cxs_copy_frozen *frozen; /* or NULL */
    cxs_copy_result *result;       /* [n] */
} cxs_copy_job;

/* A task of the pool: segments of patient i into its result. */
cxs_rc cxs_copy_patient(cxs_ctx *ctx, size_t i, size_t worker, void *job) CXS_MUST_USE;
/* Narrow windows around the focal targets, where depth and bins allow: r->focal. */
cxs_rc cxs_copy_focal(cxs_ctx *ctx, const cxs_copy_job *j, const cxs_patient_file *file,
                      const cxs_measure *depth, cxs_copy_result *r) CXS_MUST_USE;
enum { CXS_COPY_WINDOW = 50000 }; /* their width */
/* The calls of copynumber.h: by narrow windows where they can tell, else by segments. */
double cxs_copy_amplified(const cxs_copy_refs *refs, const cxs_copy_result *r,
                          const char *symbol, const cxs_interval *gene,
                          const cxs_interval *arm);
double cxs_copy_deleted(const cxs_copy_refs *refs, const cxs_copy_result *r,
                        const char *symbol, const cxs_interval *gene);
/* Tumour fraction that may be told; NaN for what is not told from noise. */
double cxs_copy_told_fraction(const cxs_copy_result *result);
/* Rows of the table of quality, and one sentence for each thing to know. */
cxs_rc cxs_copy_tell_quality(cxs_ctx *ctx, const cxs_copy_job *job, size_t n,
                             cxs_quality_rows *quality) CXS_MUST_USE;
/* Index among the builds; states of genes have none, and the order of genes is the same
 * on both. */
size_t cxs_copy_build(const char *build);

#endif /* CXS_COPY_PRIVATE_H */
