/*
 * seg.h -- copy-number segments from SEG files
 *
 * ID chrom loc.start loc.end num.mark seg.mean, as DNAcopy, GISTIC, cBioPortal and IGV
 * write them; the names of the GDC (GDC_Aliquot Chromosome Start End Num_Probes
 * Segment_Mean) and of CNVkit's export are known too.
 */
#ifndef CXS_SEG_H
#define CXS_SEG_H

#include "base/base.h"

#include <stdint.h>

enum { CXS_CHROMOSOME_X = 23, CXS_CHROMOSOME_Y = 24, CXS_CHROMOSOME_M = 25 };

typedef struct cxs_seg_row {
    size_t sample;      /* index of the sample */
    int chromosome;     /* 1..22, X, Y, M */
    int64_t start, end; /* 1-based, inclusive; 0 <= start <= end */
    double markers;     /* NaN when the file has no such column */
    double mean;        /* log2 ratio; NaN = missing */
    size_t line;        /* where it stands */
} cxs_seg_row;

typedef struct cxs_seg_file {
    char **sample; /* [samples] sorted bytewise */
    size_t samples;
    cxs_seg_row *segment; /* [count] by sample, chromosome, start */
    size_t count;
    size_t *first;   /* [samples + 1] segments of sample i are [first[i], first[i+1]) */
    size_t left_out; /* rows on other contigs, counted and warned */
} cxs_seg_file;

/*
 * Read a SEG file (plain, .gz, .zst).  CX016 for text in a number, CX019, CX020 for a
 * missing column, CX035 when "chr1" and "1" both occur; CXS_EFORMAT without a code for
 * a segment that ends before it starts or overlaps another of its sample (sharing one
 * border position is allowed: half-open files do).  *out is NULL on failure.
 */
cxs_rc cxs_seg_file_read(cxs_ctx *ctx, const char *path,
                         cxs_seg_file **out) CXS_MUST_USE;
void cxs_seg_file_free(cxs_seg_file *segments);

/* Number of a chromosome name, with or without "chr"; 0 for other contigs. */
int cxs_chromosome_number(const char *name);

#endif /* CXS_SEG_H */
