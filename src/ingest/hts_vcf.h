/*
 * hts_vcf.h -- the parts of the VCF reader
 *
 * hts_vcf.c         open, the loop over records, the end of the file
 * hts_vcf_header.c  build, contig names, sample columns, annotation
 * hts_vcf_record.c  one record: what HTSlib accepts in silence; its alleles
 * hts_vcf_counts.c  depth and allele counts of one sample, by caller
 * hts_vcf_structural.c  structural variants
 */
#ifndef CXS_HTS_VCF_H
#define CXS_HTS_VCF_H

#include "ingest/consequence.h"
#include "ingest/contigs.h"
#include "ingest/hts_fasta.h"
#include "ingest/variant_private.h"

#include <htslib/vcf.h>

/* Counts of one sample in one record; [alleles], REF first. */
typedef struct cxs_vcf_counts {
    int64_t *ad, *fwd, *rev; /* CXS_MEASURE_MISSING where not known */
    double *af;              /* as the file states it, else NaN */
    size_t capacity;
    bool known;      /* ad is there */
    int64_t dp;      /* sum of ad */
    int64_t dp_file; /* FORMAT/DP as written */
} cxs_vcf_counts;

/* An entry that bcftools csq left in another record. */
typedef struct cxs_vcf_pointer {
    size_t variant;
    int64_t pos;
} cxs_vcf_pointer;

typedef struct cxs_vcf_reader {
    const cxs_vcf_settings *s;
    htsFile *file;
    bcf_hdr_t *header;
    bcf1_t *record;
    kstring_t line;
    bool is_text, has_contigs;
    size_t columns;     /* tab-separated fields that a text record must have */
    int tumour, normal; /* sample index after subsetting, -1: none */
    const char *normal_name;
    cxs_effects annotation;
    const char *tag; /* "CSQ", "ANN", "BCSQ" */
    cxs_fasta *fasta;
    cxs_variant_set set;
    cxs_picks picks;
    cxs_vcf_pointer *pointer;
    size_t pointers, pointer_capacity;
    cxs_vcf_counts counts, normal_counts;
    int64_t n; /* records read */
    int32_t last_rid;
    int64_t last_pos;
    uint8_t *rid_seen; /* [rids] contigs that were left behind */
    size_t rids;
    bool style_chr, style_plain; /* primary chromosomes with and without "chr" */
    char example[2][64];         /* one name of each style: plain, chr */
    /* first REF that the FASTA contradicts */
    char bad_chrom[64], bad_ref[32], bad_base[32];
    int64_t bad_pos;
    bool bad_hotspot;
    /* buffers that HTSlib allocates */
    int32_t *ints;
    float *floats;
    char *text;
    int n_ints, n_floats, n_text;
    char *ref, *alt; /* scratch alleles */
    size_t ref_room, alt_room;
} cxs_vcf_reader;

/* hts_vcf_header.c */
cxs_rc cxs_vcf_header(cxs_ctx *ctx, cxs_vcf_reader *r) CXS_MUST_USE;
/* Note a chromosome name; CX035 when both styles occur. */
cxs_rc cxs_vcf_style(cxs_ctx *ctx, cxs_vcf_reader *r, const char *name) CXS_MUST_USE;

/* CX046 */
cxs_rc cxs_vcf_unannotated(cxs_ctx *ctx, const cxs_vcf_reader *r) CXS_MUST_USE;

/* hts_vcf_record.c: r->record is read and unpacked. */
cxs_rc cxs_vcf_record(cxs_ctx *ctx, cxs_vcf_reader *r) CXS_MUST_USE;
/* "FILE: record N (chrom:pos): sentence" */
cxs_rc cxs_vcf_fault(cxs_ctx *ctx, const cxs_vcf_reader *r,
                     const char *sentence) CXS_MUST_USE;

/* hts_vcf_structural.c */
/* <DEL>, <NON_REF>, breakends. */
bool cxs_vcf_is_symbolic(const char *alt);
/* These, and long alleles of a record with SVTYPE. */
bool cxs_vcf_is_structural(cxs_vcf_reader *r, const char *alt);
bool cxs_vcf_is_egfrviii(cxs_vcf_reader *r, const char *alt, const char *chrom);

/* hts_vcf_counts.c */
cxs_rc cxs_vcf_count(cxs_ctx *ctx, cxs_vcf_reader *r, int sample,
                     cxs_vcf_counts *out) CXS_MUST_USE;
void cxs_vcf_counts_clear(cxs_vcf_counts *counts);

#endif /* CXS_HTS_VCF_H */
