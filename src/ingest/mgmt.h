/*
 * mgmt.h -- the two probes of MGMT-STP27 of one sample from a matrix of a methylation
 * array
 *
 * Probes are rows; their names may carry the suffix of EPIC version 2
 * (cg12434587_BC11, cg12981137_TC11).
 */
#ifndef CXS_MGMT_H
#define CXS_MGMT_H

#include "store/measures.h"

/* Names of the probes, in the order of the model. */
extern const char *const cxs_mgmt_probe[2];

/*
 * Into the bag: table "mgmt", two rows: probe (text, without suffix), m (real, NaN where
 * the probe or its value is missing).
 *
 * @param column  name of the sample's column
 * @param beta    values are shares of 0..1 (METH_BETA), else M-values
 *
 * CX049: a value is no beta; warning when a probe is not in the file.  CX006: no such
 * column.  CX016, CX019, CX020.
 */
cxs_rc cxs_mgmt_measure(cxs_ctx *ctx, const char *path, const char *column, bool beta,
                        cxs_measures *bag) CXS_MUST_USE;

/* The lines of the probes and the header, for many samples of one file. */
typedef struct cxs_mgmt_lines cxs_mgmt_lines;
cxs_rc cxs_mgmt_lines_read(cxs_ctx *ctx, const char *path,
                           cxs_mgmt_lines **out) CXS_MUST_USE;
void cxs_mgmt_lines_free(cxs_mgmt_lines *lines); /* NULL allowed */
cxs_rc cxs_mgmt_measure_lines(cxs_ctx *ctx, const cxs_mgmt_lines *lines,
                              const char *column, bool beta,
                              cxs_measures *bag) CXS_MUST_USE;

#endif /* CXS_MGMT_H */
