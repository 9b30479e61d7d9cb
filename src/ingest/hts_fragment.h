/*
 * hts_fragment.h -- fragments of cell-free DNA, and meters that count them
 *
 * A fragment is told by read 1 of a proper pair: TLEN and the mate's position give both
 * ends, so no mate has to be waited for.  The filter (duplicates, mapping quality of
 * both mates, contig, blacklist) is the same for lengths, bins, end motifs, start sites
 * and protection scores: it is asked once per record, by one cxs_meter that holds the
 * members which are switched on.
 */
#ifndef CXS_HTS_FRAGMENT_H
#define CXS_HTS_FRAGMENT_H

#include "base/base.h"
#include "ingest/hts_reads.h"

enum {
    CXS_FRAGMENT_MAPQ = 30,
    CXS_FRAGMENT_SHORTEST = 20, /* shorter and longer ones count in lengths only */
    CXS_FRAGMENT_LONGEST = 1000
};

typedef struct cxs_dna_fragment {
    const bam1_t *b;
    int32_t tid;
    int64_t start, end; /* 0-based, half-open */
    bool first;         /* b is read 1; read 2 is shown only to members that ask */
} cxs_dna_fragment;

typedef struct cxs_fragment_meter cxs_fragment_meter;
struct cxs_fragment_meter {
    const char *name;
    void *shared;
    bool any_length; /* else only SHORTEST..LONGEST */
    bool both_mates; /* read 2 is shown too */
    cxs_rc (*state_new)(cxs_ctx *ctx, const cxs_fragment_meter *meter,
                        const cxs_reads_info *info, void **state);
    void (*state_free)(void *state);
    cxs_rc (*fragment)(cxs_ctx *ctx, const cxs_fragment_meter *meter, void *state,
                       const cxs_dna_fragment *f);
    void (*add)(void *into, const void *from);
    cxs_rc (*finish)(cxs_ctx *ctx, const cxs_fragment_meter *meter,
                     const cxs_reads_info *info, const void *state, cxs_measures *bag);
    void (*free)(cxs_fragment_meter *meter);
};

/* One meter over `count` members, which it owns from then on, also on failure.
 * blacklist: BED or NULL.  Its own table "fragments" has one row:
 * reads, proper_pairs, fragments (that passed the filter, of any length).  When fewer
 * than half of the primary reads are in proper pairs the members' tables are left out
 * and CX041 says so. */
cxs_rc cxs_meter_fragment_group(cxs_ctx *ctx, const char *blacklist,
                                cxs_fragment_meter *const *members, size_t count,
                                cxs_meter **out) CXS_MUST_USE;

/* Members.  reference: FASTA or NULL. */
cxs_rc cxs_fragments_lengths(cxs_ctx *ctx, cxs_fragment_meter **out) CXS_MUST_USE;
cxs_rc cxs_fragments_bins(cxs_ctx *ctx, const char *reference, int64_t width,
                          cxs_fragment_meter **out) CXS_MUST_USE;
cxs_rc cxs_fragments_motifs(cxs_ctx *ctx, const char *reference,
                            cxs_fragment_meter **out) CXS_MUST_USE;
/* genes: table with symbol, chrom, strand, BUILD_start, BUILD_end (1-based). */
cxs_rc cxs_fragments_tss(cxs_ctx *ctx, const char *genes, const char *build,
                         cxs_fragment_meter **out) CXS_MUST_USE;
cxs_rc cxs_fragments_wps(cxs_ctx *ctx, const char *windows,
                         cxs_fragment_meter **out) CXS_MUST_USE;

#endif /* CXS_HTS_FRAGMENT_H */
