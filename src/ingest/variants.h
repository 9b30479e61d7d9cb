/*
 * variants.h -- small variants of one sample from VCF, BCF or MAF, as named tables
 *
 * The record filter, the pick of a consequence and the flags follow one rule for every
 * kind of file, so what a reader leaves in the bag is ready for features and never needs
 * the file again.  No HTSlib type occurs here.
 *
 * Tables in the bag:
 *   "variants"          one row per ALT allele of the sample, in file order
 *       chrom ref alt filter gt (text; chromosomes without "chr", M is MT)
 *       pos dp ad_ref ad_alt dp_file normal_dp normal_alt (int)
 *       ref_fwd ref_rev alt_fwd alt_rev (int, missing without strand counts)
 *       vaf pop_af (real)        dp is the sum of AD over all alleles of the record
 *       gene consequence class transcript hgvsp (text, of the worst gene; see below)
 *       hotspot (text: GENE_LABEL) status (text: "pass" or the reason of failure)
 *       protein tmb possible_germline ch_gene record (int)
 *     status: pass, filter, no_counts, not_carried, depth, alt_reads, vaf, strand,
 *     normal_depth, germline, population, symbolic
 *   "variants.genes"    every gene that an allele touches, not the worst alone
 *       variant (int, row of "variants") gene consequence class transcript hgvsp (text)
 *       protein tmb (int)
 *   "variants.covered"  which genes and hotspots the assay could have seen
 *       kind (text: gene, hotspot) name (text) covered (int: 1, 0)
 *   "variants.sbs96"    context (text) count (int): passing SNVs of 1-22 and X; only
 *                       with a FASTA
 *   "variants.trinucleotides"  target genome (int): 32 rows, middle C then T, 5' base,
 *                       3' base; only with a FASTA and a BED
 *   "variants.assay"    one row: records alleles passed skipped (int: AD sum 0)
 *       checked mismatched (int: REF against the FASTA) normal umi left_aligned (int)
 *       target_bases (int, missing without BED) structural (int: such alleles)
 *       source library build annotation (text)
 */
#ifndef CXS_VARIANTS_H
#define CXS_VARIANTS_H

#include "store/measures.h"

/* Reference tables (consequences, hotspots, regions, genes, panels, chromosome sizes):
 * read once, then read-only and shared between files and threads. */
typedef struct cxs_variant_refs cxs_variant_refs;

/* @param refdata  folder of reference tables, NULL: cxs_refdata_folder(NULL) */
cxs_rc cxs_variant_refs_read(cxs_ctx *ctx, const char *refdata,
                             cxs_variant_refs **out) CXS_MUST_USE;
void cxs_variant_refs_free(cxs_variant_refs *refs); /* NULL allowed */

/* What the sheets say of the file; texts are borrowed, NULL where not given. */
typedef struct cxs_vcf_settings {
    const char *path;             /* of the VCF, BCF or MAF */
    const char *reference;        /* local FASTA with .fai; NULL: alleles are trimmed
                                     only, with a warning, and REF is not checked */
    const char *sample;           /* SAMPLE_ID */
    const char *column;           /* COLUMN; NULL: the column is SAMPLE_ID */
    const char *normal;           /* column or NORMAL_SAMPLE_ID of the matched normal;
                                     NULL: what the header declares */
    const char *build;            /* BUILD: "hg19", "hg38", "other" */
    const char *source;           /* SOURCE of the sample: "CSF_CFDNA", "TUMOR", ... */
    const char *library;          /* LIBRARY: "WGS", "WES", "PANEL", ... */
    const char *target_bed;       /* TARGET_BED */
    bool umi;                     /* depths are of UMI consensus reads */
    bool genotypes;               /* germline genotypes: neither counts nor consequence
                                     annotation are required */
    const cxs_variant_refs *refs; /* needed */
} cxs_vcf_settings;

/*
 * Read one sample of a VCF or BCF (plain, BGZF or gzip; no index is needed).
 *
 * @param bag  (in, out) gets the tables above
 * @return CXS_OK; CXS_ENOINPUT; CXS_ETRUNCATED (CX037); CXS_EFORMAT for a malformed
 *         record, which names file and record, and for CX035, CX040, CX046, CX047;
 *         CXS_EMISMATCH for CX034, CX036, CX042, CX048; CXS_EARG; CXS_ENOMEM
 */
cxs_rc cxs_vcf_measure(cxs_ctx *ctx, const cxs_vcf_settings *settings,
                       cxs_measures *bag) CXS_MUST_USE;

/* A MAF (GDC v2.4, cBioPortal): one file for many samples, read once. */
typedef struct cxs_maf cxs_maf;

cxs_rc cxs_maf_read(cxs_ctx *ctx, const char *path, cxs_maf **out) CXS_MUST_USE;
void cxs_maf_free(cxs_maf *maf); /* NULL allowed */

/* Tumor_Sample_Barcode of the file, bytewise order, borrowed. */
size_t cxs_maf_samples(const cxs_maf *maf);
const char *cxs_maf_sample(const cxs_maf *maf, size_t at);

/* One sample of it.  A sample without a row has no variant: MAF does not list samples,
 * so an empty table is not an error.  settings->path is not opened. */
cxs_rc cxs_maf_measure(cxs_ctx *ctx, const cxs_maf *maf,
                       const cxs_vcf_settings *settings,
                       cxs_measures *bag) CXS_MUST_USE;

#endif /* CXS_VARIANTS_H */
