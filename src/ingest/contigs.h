/*
 * contigs.h -- plain names of contigs and the genome build that their lengths tell
 */
#ifndef CXS_CONTIGS_H
#define CXS_CONTIGS_H

#include "base/base.h"

#include <stdint.h>

/* "chr1" and "1" are "1", "chrM", "M" and "MT" are "MT".  Borrowed from `name`, or
 * static. */
const char *cxs_contig_plain(const char *name);

/* Is a plain name one of 1 .. 22, X, Y, MT? */
bool cxs_contig_is_main(const char *plain);

/* "hg19", "hg38", "hg18", "t2t" when the length is that of the contig in one build;
 * NULL when it tells nothing. */
const char *cxs_contig_build(const char *plain, int64_t length);

/* Name of a build for people: "GRCh38" for "hg38". */
const char *cxs_build_name(const char *build);

#endif /* CXS_CONTIGS_H */
