/*
 * hts_reads.h -- what a meter of alignment records looks like (see reads.h)
 *
 * A meter lives in its own file hts_meter_NAME.c and exports one constructor that
 * returns a filled cxs_meter.  `shared` is read-only during the pass (annotation index,
 * windows, site lists); `state` is the counters of one worker.
 *
 * What a meter may rely on: contig numbers lie in the header, a placed record begins
 * inside its contig.  Its end may pass the contig's end: clip.  Records are read-only
 * and borrowed for the call.
 *
 * Pairs.  Every record of the file reaches pair() exactly once, as `first` or as
 * `second`: secondary, supplementary and unmapped ones too, so look at the flags.  Two
 * records are mates when they have the same name, the same two places (of read 1 and of
 * read 2, each record telling its own and its mate's, unmapped ones none) and the same
 * HI tag: the rule of featureCounts, by which multi-mapping alignments find the mate of
 * the same hit.  Of two mates the one that stands first in the file is `first`.
 * `second` is NULL for single-end reads and for reads whose mate is not in the file.
 */
#ifndef CXS_HTS_READS_H
#define CXS_HTS_READS_H

#include "ingest/reads.h"

#include <htslib/sam.h>

/* What the header told, ready for meters. */
typedef struct cxs_reads_info {
    const char *path; /* for messages */
    const sam_hdr_t *header;
    const char *build;         /* "hg19", "hg38" or "other" */
    size_t n_targets;          /* contigs of the header */
    const char *const *target; /* [n_targets] plain names: no "chr", "M" is "MT" */
    const int64_t *length;     /* [n_targets] */
    bool sorted;               /* by coordinate, as the header says */
} cxs_reads_info;

typedef struct cxs_meter cxs_meter;
struct cxs_meter {
    const char *name; /* of its table(s) in the bag: "gene_counts", "depth" */
    void *shared;     /* owned by the meter */
    bool wants_pairs; /* pair() is called, else record() */
    /* A zeroed state of one worker. */
    cxs_rc (*state_new)(cxs_ctx *ctx, const cxs_meter *meter,
                        const cxs_reads_info *info, void **state);
    void (*state_free)(void *state);
    /* Called for every record of the file, unmapped ones too, in any order of blocks;
     * within a block in file order.  Not when wants_pairs. */
    cxs_rc (*record)(cxs_ctx *ctx, const cxs_meter *meter, void *state,
                     const bam1_t *b);
    /* Called for every pair and every read without a mate, see above. */
    cxs_rc (*pair)(cxs_ctx *ctx, const cxs_meter *meter, void *state,
                   const bam1_t *first, const bam1_t *second);
    /* Add the counters of `from` to `into`: sums of integers only. */
    void (*add)(void *into, const void *from);
    /* Tables into the bag. */
    cxs_rc (*finish)(cxs_ctx *ctx, const cxs_meter *meter, const cxs_reads_info *info,
                     const void *state, cxs_measures *bag);
    void (*free)(cxs_meter *meter); /* shared */
};

/* One pass; the meters' tables are added to `bag`, in the order of the meters, after a
 * table "reads" of one row with what the header and the pass told: build and samples
 * (texts), sorted, records, pairs (mates that met) and lone (reads of pairs whose mate
 * is not in the file; both 0 when no meter wants pairs).  Meters stay the caller's. */
cxs_rc cxs_reads_pass(cxs_ctx *ctx, const cxs_reads_settings *settings,
                      cxs_meter *const *meters, size_t count,
                      cxs_measures *bag) CXS_MUST_USE;

#endif /* CXS_HTS_READS_H */
