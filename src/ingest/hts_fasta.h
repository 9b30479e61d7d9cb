/*
 * hts_fasta.h -- bases of a local, indexed FASTA
 *
 * Chromosome names are plain (no "chr", MT); the file may use either style.  A window of
 * the last chromosome is kept, so neighbouring positions cost no reading.
 */
#ifndef CXS_HTS_FASTA_H
#define CXS_HTS_FASTA_H

#include "base/base.h"

#include <stdint.h>

typedef struct cxs_fasta cxs_fasta;

/* CXS_ENOINPUT when the file or its .fai is absent (CX038 names the command). */
cxs_rc cxs_fasta_open(cxs_ctx *ctx, const char *path, cxs_fasta **out) CXS_MUST_USE;
void cxs_fasta_close(cxs_fasta *fasta); /* NULL allowed */

/* Base at a 1-based position in capitals; *base is 0 outside of what the file holds. */
cxs_rc cxs_fasta_base(cxs_ctx *ctx, cxs_fasta *fasta, const char *chrom, int64_t pos,
                      char *base) CXS_MUST_USE;

/* Length of a chromosome, 0 when the file does not have it. */
int64_t cxs_fasta_length(const cxs_fasta *fasta, const char *chrom);

#endif /* CXS_HTS_FASTA_H */
