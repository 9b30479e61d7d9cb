/*
 * annotation.h -- genes and their exons from GTF, GFF3 or SAF, and which of them lie at
 * a place
 *
 * An exon is a row of the annotation whose type was asked for; a gene is all exons with
 * one value of the group attribute.  Genes are in bytewise order of their ids; exons by
 * contig, start, end, gene and strand; so the order of the rows of the file changes
 * nothing.
 *
 * For look-ups each contig is cut at the ends of exons into segments that hold the same
 * exons from their first to their last base; the targets that lie over a segment
 * (genes, or single exons) are listed once.
 */
#ifndef CXS_ANNOTATION_H
#define CXS_ANNOTATION_H

#include "base/base.h"

typedef enum cxs_strand {
    CXS_STRAND_FORWARD = 0,
    CXS_STRAND_REVERSE = 1,
    CXS_STRAND_NONE = 2 /* "." */
} cxs_strand;

/* 0-based, half-open. */
typedef struct cxs_exon {
    uint32_t contig, gene;
    int64_t start, end;
    cxs_strand strand;
} cxs_exon;

typedef struct cxs_annotation {
    size_t gene_count, contig_count, exon_count;
    char **gene;   /* [gene_count] */
    char **contig; /* [contig_count] plain names, bytewise order */
    cxs_exon *exon;
} cxs_annotation;

/*
 * Read a plain, .gz or .zst file; GTF, GFF3 and SAF are told by their columns.
 *   feature_type  "exon" or a list "exon,UTR"; not for SAF
 *   group_by      attribute that names the gene; not for SAF
 * CXS_EFORMAT names file, line and column; CXS_EDEGENERATE when no row has the type.
 */
cxs_rc cxs_annotation_read(cxs_ctx *ctx, const char *path, const char *feature_type,
                           const char *group_by, cxs_annotation **out) CXS_MUST_USE;
void cxs_annotation_free(cxs_annotation *annotation);

/* Number of a contig by its plain name, or SIZE_MAX. */
size_t cxs_annotation_contig(const cxs_annotation *annotation, const char *plain);

/* What lies over a segment: a gene or an exon, and the strand of the exon. */
typedef struct cxs_over {
    uint32_t target;
    uint32_t strand;
} cxs_over;

typedef struct cxs_segment {
    int64_t start, end;
    size_t first, count; /* in `over`: by target, then strand */
} cxs_segment;

typedef struct cxs_segments {
    size_t contig_count;
    size_t *contig_first; /* [contig_count + 1] in segment */
    size_t *bin_first;    /* [contig_count + 1] in bin */
    size_t *bin; /* first segment of the contig that ends behind a bin's start */
    cxs_segment *segment;
    size_t segment_count;
    cxs_over *over;
    size_t over_count, over_most; /* most targets over one segment */
} cxs_segments;

/* Index for genes, or for single exons (targets are then numbers of exons). */
cxs_rc cxs_segments_new(cxs_ctx *ctx, const cxs_annotation *annotation, bool by_exon,
                        cxs_segments **out) CXS_MUST_USE;
void cxs_segments_free(cxs_segments *segments);

/* The first segment of a contig that ends behind `start`; they follow one another up to
 * cxs_segments_end().  Equal to that when there is none. */
const cxs_segment *cxs_segments_find(const cxs_segments *segments, size_t contig,
                                     int64_t start);
const cxs_segment *cxs_segments_end(const cxs_segments *segments, size_t contig);

#endif /* CXS_ANNOTATION_H */
