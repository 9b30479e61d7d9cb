/*
 * hts_meter_genes.h -- the meter that counts reads or fragments in genes
 */
#ifndef CXS_HTS_METER_GENES_H
#define CXS_HTS_METER_GENES_H

#include "ingest/count_private.h"
#include "ingest/hts_reads.h"

/*
 * Its tables: "gene_counts" (gene, count: a real, a multiple of 1/65536), one row per
 * gene or exon in the order of the annotation, and "gene_outcomes" (status, count).
 * The plan is borrowed and must outlive the meter; free by (*out)->free(*out).
 */
cxs_rc cxs_meter_genes_new(cxs_ctx *ctx, const cxs_count_plan *plan,
                           cxs_meter **out) CXS_MUST_USE;

#endif /* CXS_HTS_METER_GENES_H */
