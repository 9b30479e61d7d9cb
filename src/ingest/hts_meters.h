/*
 * hts_meters.h -- the meters of an alignment file, and which of them a file gets
 *
 * One row per meter says what it needs and for which assays and libraries it is on;
 * `cxs_meters_for` makes those whose needs are met.  Tables of the bag are described in
 * the file of each meter.
 */
#ifndef CXS_HTS_METERS_H
#define CXS_HTS_METERS_H

#include "base/base.h"
#include "ingest/hts_reads.h"

/* What the meters are told; texts are borrowed during the call, NULL where not given.
 * Start from cxs_meter_defaults(). */
typedef struct cxs_meter_settings {
    const char *build;     /* "hg19", "hg38", "other" */
    const char *source;    /* SOURCE of the sample: sets the depth that is enough */
    const char *reference; /* FASTA with .fai */
    const char *targets;   /* BED of the panel or exome */
    const char *genes;     /* symbol, chrom, strand, BUILD_start, BUILD_end */
    const char *blacklist; /* BED: fragments there do not count */
    const char *sites;     /* SNPs: chrom, pos or BUILD_pos, ref, alt */
    const char *hotspots;  /* the same form, with gene and label */
    const char *classes;   /* BED whose names are classes of reads: rrna, hb, ... */
    const char *windows;   /* BED for protection scores; off without */
    const char *markers;   /* repeats: marker, chrom, BUILD_start, unit */
    int64_t depth_bin;     /*                                        [50000] */
    int64_t fragment_bin;  /*                                       [100000] */
    int64_t min_depth;     /* of a base that counts as seen; 0: by domain [0] */
    int min_mapq;          /* of reads that cover targets and sites     [20] */
    int min_baseq;         /* of their bases; 0: not asked               [0] */
    bool mates_once;       /* bases that both mates cover count once  [true] */
    bool all_junctions;    /* every splice junction, not EGFR's alone [false] */
} cxs_meter_settings;

cxs_meter_settings cxs_meter_defaults(void);

/* Constructors; each fails with its own sentence and *out is NULL then. */
cxs_rc cxs_meter_qc(cxs_ctx *ctx, const char *classes, cxs_meter **out) CXS_MUST_USE;
cxs_rc cxs_meter_sex(cxs_ctx *ctx, cxs_meter **out) CXS_MUST_USE;
cxs_rc cxs_meter_depth(cxs_ctx *ctx, const char *reference, int64_t width,
                       cxs_meter **out) CXS_MUST_USE;
cxs_rc cxs_meter_junctions(cxs_ctx *ctx, bool all, cxs_meter **out) CXS_MUST_USE;

typedef struct cxs_coverage_settings {
    const char *targets, *genes,
        *build; /* genes: NULL, names of the targets are used */
    int64_t min_depth;
    int min_mapq, min_baseq;
    bool mates_once;
} cxs_coverage_settings;
cxs_rc cxs_meter_coverage(cxs_ctx *ctx, const cxs_coverage_settings *settings,
                          cxs_meter **out) CXS_MUST_USE;

/* name: of the table, "snps" or "hotspots". */
cxs_rc cxs_meter_sites(cxs_ctx *ctx, const char *name, const char *sites,
                       const char *build, int min_mapq, int min_baseq,
                       cxs_meter **out) CXS_MUST_USE;

/* markers: the table of repeats; reference: FASTA with .fai, which has their lengths. */
cxs_rc cxs_meter_msi(cxs_ctx *ctx, const char *markers, const char *reference,
                     const char *build, cxs_meter **out) CXS_MUST_USE;

/* Smallest depth at which a position of this source and library counts as assessed
 * (domain 2b). */
int64_t cxs_meter_min_depth(const char *source, const char *library);

/* The meters of a file of this assay (BAM, CRAM) and library, in the order of the
 * registry; the caller frees each by its free() and the array by cxs_free().  A meter
 * whose files were not given is left out. */
cxs_rc cxs_meters_for(cxs_ctx *ctx, const char *assay, const char *library,
                      const cxs_meter_settings *settings, cxs_meter ***meters,
                      size_t *count) CXS_MUST_USE;
void cxs_meters_free(cxs_meter **meters, size_t count);

/* One row of the registry, for documents and tests; NULL behind the last. */
typedef struct cxs_meter_row {
    const char *name;
    const char *needs;     /* "", or "pairs fasta bed genes sites" of them */
    const char *libraries; /* "WGS SWGS .." or "*" */
} cxs_meter_row;
const cxs_meter_row *cxs_meter_row_at(size_t at);

#endif /* CXS_HTS_METERS_H */
