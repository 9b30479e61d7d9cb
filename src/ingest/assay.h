/*
 * assay.h -- one sequencing file of the assays sheet, with all that reading it needs
 *
 * Files are read in processes of their own (contain.h); what they yield depends on the
 * bytes of the file and on the settings digest, and on nothing else.
 */
#ifndef CXS_ASSAY_H
#define CXS_ASSAY_H

#include "base/digest.h"
#include "ingest/annotation.h"
#include "ingest/variants.h"

/* Of the study: paths are owned, NULL where not given; all is read-only for children. */
typedef struct cxs_sequencing {
    char *reference, *annotation, *snps, *blacklist, *classes, *windows;
    char *genes, *hotspots, *markers; /* reference tables */
    int stranded;                     /* 0 no, 1 forward, 2 reverse; -1: not said */
    int64_t depth_bin, fragment_bin;  /* 0: the meter's own default */
    /* loaded before children start, which then share it */
    cxs_annotation *gtf;    /* NULL without annotation */
    cxs_segments *segments; /* of gtf */
    cxs_variant_refs *refs; /* NULL unless a variant file is read */
} cxs_sequencing;

/* One row; texts are borrowed from the sheets unless said otherwise. */
typedef struct cxs_assay {
    const char *sample, *assay, *file;
    const char *column;          /* NULL: not given */
    const char *build, *library; /* NULL: not given, where it is not needed */
    const char *source, *normal, *md5;
    const char *callable_mb; /* checked number as text; NULL: not given */
    bool umi;    /* depths are of consensus reads: by the row, else the study */
    size_t line; /* of the sheet */
    char *path, *targets; /* owned; targets NULL: not given */
    const cxs_sequencing *study;
    char input[CXS_SHA256_HEX], settings[CXS_SHA256_HEX];
} cxs_assay;

/* Is there a reader for files of this assay? */
bool cxs_assay_is_read(const char *assay);
/* Are they alignments? */
bool cxs_assay_is_reads(const char *assay);

/* Are they alignments of RNA? */
bool cxs_assay_is_rna(const cxs_assay *assay);
/* Does reading this assay count the genes of the annotation? */
bool cxs_assay_counts_genes(const cxs_assay *assay);
bool cxs_assay_is_variants(const char *assay);
/* Are they copy numbers made elsewhere (SEG, BIN_COUNTS, CNA)?  They need no LIBRARY;
 * states of genes have no places and need no BUILD either. */
bool cxs_assay_is_copy_table(const char *assay);
bool cxs_assay_has_places(const char *assay);
/* Reads and variants: how the library was made decides what they can tell. */
bool cxs_assay_has_library(const char *assay);

/* Read the file; runs in the child, arg is the cxs_assay (cxs_contain_fn). */
cxs_rc cxs_assay_measure(cxs_ctx *ctx, void *arg, cxs_measures *bag);

/* One sample of a MAF that is read already. */
cxs_rc cxs_assay_measure_maf(cxs_ctx *ctx, const cxs_assay *assay, const cxs_maf *maf,
                             cxs_measures *bag) CXS_MUST_USE;

/* Would HTSlib look for this name elsewhere than on this machine? */
bool cxs_hts_is_url(const char *path);

/* Version of HTSlib, and a note when its decoders have faults that were published. */
const char *cxs_htslib_version(void);
void cxs_htslib_note(cxs_ctx *ctx);

#endif /* CXS_ASSAY_H */
