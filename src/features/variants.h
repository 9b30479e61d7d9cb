/*
 * variants.h -- features from the variant tables of samples (ingest/variants.h)
 *
 * Three-valued: 1, 0, NaN = not assessed.  A gene outside the targets, or not deep
 * enough where the alignments were measured, has no status: never 0.
 *
 *   var.gene.G            protein-altering variant
 *   var.gene.G.trunc      truncating
 *   var.gene.G.hot        at a hotspot
 *   var.gene.G.biallelic  two hits, or one and a loss of copies
 *   var.alt.G             suppressor: truncating, hotspot or homozygous deletion;
 *                         oncogene: hotspot or amplification; where no sample has
 *                         copies of the gene, by variants alone
 *   var.hot.NAME          IDH1_R132: any exchange of the residue; promoters by base
 *   var.pathway.P         altered genes of a glioma pathway
 *   var.tmb               log2(1 + mutations per Mb); var.hypermut, var.hypermut.tmz
 *   var.vaf.n .max .mean .median .top5 .n05, var.tf   liquid samples
 *   var.ch.n, var.germline.n     passing alleles with these flags
 *   var.informed.sites .rate .detected   variants of the tissue, seen in the liquid
 *   var.sbs.SET.share .log2, .present    signature exposures
 */
#ifndef CXS_FEATURES_VARIANTS_H
#define CXS_FEATURES_VARIANTS_H

#include "features/columns.h"
#include "ingest/sbs.h"
#include "store/measures.h"

/* One sample; bags are borrowed, NULL where the sample has no such file. */
typedef struct cxs_variant_sample {
    const char *id;               /* SAMPLE_ID */
    const char *patient;          /* PATIENT_ID; NULL: the sample is its own patient */
    const char *source;           /* SOURCE */
    const char *library;          /* LIBRARY of the variant file */
    double callable_mb;           /* CALLABLE_MB, NaN when not given */
    const cxs_measures *variants; /* cxs_vcf_measure(), cxs_maf_measure() */
    const cxs_measures *coverage; /* of an alignment file: table "coverage_genes" with
                                     gene (text) and assessed (int) */
    const cxs_measures *copy;     /* table "cn.gene": gene (text), state (int, -2..2) */
    const char *disease;          /* refit set of signatures, "" for a disease without
                                     one; NULL: as the settings say */
    const cxs_measures *tissue;   /* variants of the same patient's tumour tissue, for
                                      tumour-informed detection in CSF */
} cxs_variant_sample;

typedef struct cxs_variant_feature_settings {
    const char *refdata;    /* folder of reference tables, NULL: default places */
    const char *signatures; /* signature matrix of the user: first column context (or
                               Type), one column per signature; NULL: no exposures */
    const cxs_sbs_matrix *matrix; /* the same, read before; used without a file */
    const char *disease;          /* refit set: "glioma", "lung", ...; NULL: "glioma" */
    bool all_genes;               /* also genes outside the panels that are hit in >= 1
                               sample */
    uint64_t seed;                /* of the bootstrap of exposures */
} cxs_variant_feature_settings;

/* Names SET of the exposures; NULL after the last. */
const char *cxs_variant_signature_group(size_t at);

/* Append the variant features of the samples to columns (columns->n == count). */
cxs_rc cxs_variant_features(cxs_ctx *ctx, const cxs_variant_sample *sample,
                            size_t count, const cxs_variant_feature_settings *settings,
                            cxs_feature_columns *columns) CXS_MUST_USE;

#endif /* CXS_FEATURES_VARIANTS_H */
