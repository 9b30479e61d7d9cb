/*
 * count.h -- how many reads or fragments of alignment files lie in each gene
 *
 * Part of coxswain.  The rules are those of featureCounts 2.0.3 (Liao, Smyth and Shi
 * 2014), to the last count; they carry the number CXS_COUNT_RULES in the run record,
 * which changes when a rule does.
 */
#ifndef COXSWAIN_COUNT_H
#define COXSWAIN_COUNT_H

#include "coxswain/record.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CXS_COUNT_RULES 1

/** What is counted, and how.  Start from cxs_count_defaults(), then change.  Texts are
 *  borrowed for the time of the call. */
typedef struct cxs_count_settings {
    const char
        *annotation; /**< GTF, GFF3 or SAF, plain, .gz or .zst           [NULL] */
    const char
        *feature_type;     /**< rows of the annotation that count, "a,b"   ["exon"] */
    const char *group_by;  /**< attribute that makes a gene of them     ["gene_id"] */
    const char *reference; /**< FASTA with .fai, for CRAM                     [NULL] */
    int by_feature; /**< one count for each row, not for each gene             [0] */
    int stranded;   /**< 0 no, 1 as the first read, 2 reversed                 [0] */
    int paired;     /**< the data hold paired reads                            [0] */
    int count_fragments; /**< pairs are counted, not reads                          [0] */
    int both_ends;  /**< only pairs of which both ends are mapped              [0] */
    int chimeric;   /**< pairs on two contigs, or on one strand, count too     [1] */
    int multi;      /**< reads with several alignments (NH > 1) count          [0] */
    int overlap;    /**< what lies in several genes counts for each of them    [0] */
    int fraction;   /**< such alignments share one count                       [0] */
    int primary;    /**< only primary alignments                               [0] */
    int ignore_dup; /**< reads that are marked as duplicates do not count      [0] */
    size_t
        min_overlap; /**< bases that a gene must share with a fragment          [1] */
    size_t min_mapq; /**< mapping quality, of the better end of a pair          [0] */
} cxs_count_settings;

/** @return settings with the defaults shown in brackets. */
cxs_count_settings cxs_count_defaults(void);

/** Counts of some files.  Opaque. */
typedef struct cxs_counts cxs_counts;

/**
 * Count the reads of alignment files (BAM, CRAM or SAM, in any order of records).
 *
 * @param settings  what is counted; annotation must be given
 * @param paths     [n] files, at least one
 * @param out       (out) owned by the caller, NULL on failure
 * @return CXS_OK; CXS_EARG for settings that exclude each other or a path that is a URL;
 *         CXS_ENOINPUT; CXS_EFORMAT for damaged or mixed-up files (CX022, CX035, CX037,
 *         CX040); CXS_ETRUNCATED (CX037); CXS_EMISMATCH when no contig is shared, when
 *         paired reads come unasked or a reference is missing (CX039);
 *         CXS_EDEGENERATE when the annotation has no row of the type; CXS_ENOMEM.
 */
cxs_rc cxs_count_files(cxs_ctx *ctx, const cxs_count_settings *settings,
                       const char *const *paths, size_t n,
                       cxs_counts **out) CXS_MUST_USE;
void cxs_counts_free(cxs_counts *counts); /**< NULL allowed */

/** @return number of genes (or features), in bytewise order of their ids. */
size_t cxs_counts_genes(const cxs_counts *counts);
/** @return id of gene @p g, borrowed. */
const char *cxs_counts_gene(const cxs_counts *counts, size_t g);
/** @return counts of file @p i, [genes]; whole numbers unless fraction is set, then
 *          multiples of 1/65536.  Borrowed. */
const double *cxs_counts_of(const cxs_counts *counts, size_t i);

/** Number of outcomes of a read; their names are those of featureCounts' summary. */
size_t cxs_counts_outcomes(void);
const char *cxs_counts_outcome(size_t outcome);
/** @return reads (or fragments) of file @p i with that outcome. */
int64_t cxs_counts_outcome_of(const cxs_counts *counts, size_t i, size_t outcome);

/**
 * Write PREFIX.counts.tsv (gene_id chrom start end strand length, then one column per
 * file, named by its file name) and PREFIX.summary.tsv (status, then the same columns).
 * start and end are the extent of the gene, 1-based; a gene on several contigs has them
 * joined by ';'; length is the number of bases in at least one of its exons.
 *
 * @param record  outputs are added to it; NULL: none
 * @return CXS_OK; CXS_ECREATE; CXS_EIO; CXS_ENOMEM.
 */
cxs_rc cxs_counts_write(cxs_ctx *ctx, const cxs_counts *counts, const char *prefix,
                        cxs_record *record) CXS_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif /* COXSWAIN_COUNT_H */
