/*
 * copy_refs.h -- reference tables of copy numbers: arms, events, targets, genes
 */
#ifndef CXS_COPY_REFS_H
#define CXS_COPY_REFS_H

#include "base/table.h"
#include "features/copynumber.h"
#include "ingest/study_ids.h"

enum { CXS_COPY_BUILDS = 2, CXS_COPY_NAME_BYTES = 128 };

/* "hg19", "hg38". */
extern const char *const cxs_copy_build[CXS_COPY_BUILDS];

/* Reference tables of one build. */
typedef struct cxs_copy_refs {
    cxs_table *arms, *events, *targets, *genes, *centromeres;
    cxs_index gene;                       /* rows of genes by symbol */
    cxs_interval *place[CXS_COPY_BUILDS]; /* [genes->rows]; chrom 0: not known */
    size_t *order[CXS_COPY_BUILDS];       /* known ones in the order of places */
    size_t placed[CXS_COPY_BUILDS];       /* how many */
} cxs_copy_refs;

cxs_rc cxs_copy_refs_read(cxs_ctx *ctx, const char *refdata,
                          cxs_copy_refs *refs) CXS_MUST_USE;
void cxs_copy_refs_free(cxs_copy_refs *refs); /* what it holds */

/* Cell of a named column; "" without the column. */
const char *cxs_copy_cell(const cxs_table *t, size_t row, const char *name);

/* Interval of an arm in a build; 0 when the table does not have it, or does not use it. */
int cxs_copy_arm(const cxs_copy_refs *refs, const char *build, const char *name,
                 cxs_interval *out);

/* A gene and the arm that holds its middle; 0: not known. */
int cxs_copy_gene(const cxs_copy_refs *refs, const char *build, const char *symbol,
                  cxs_interval *gene, cxs_interval *arm);

/* Width by the mean depth: 1 Mb below 0.3x, 500 kb up to 3x, 100 kb above. */
int64_t cxs_copy_width(const cxs_measure *depth);

/* Narrow bins into bins of `width`: counts, GC of the known bases; a bin of which more
 * than a tenth is not known has no GC. */
cxs_rc cxs_copy_bins(cxs_ctx *ctx, const cxs_measure *depth, const cxs_copy_refs *refs,
                     const char *build, int64_t width, cxs_cn_bins *bins,
                     double **reads) CXS_MUST_USE;

#endif /* CXS_COPY_REFS_H */
