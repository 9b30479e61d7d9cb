/*
 * copy_tables.h -- copy numbers that were computed elsewhere, one sample of a file
 *
 * Three kinds of files: segments (SEG), counts of reads in bins (a table or fixedStep
 * WIG), and states of genes (-2 .. 2, as GISTIC and cBioPortal write them).  A file may
 * hold many samples; each bag holds one.
 */
#ifndef CXS_COPY_TABLES_H
#define CXS_COPY_TABLES_H

#include "ingest/variants.h"
#include "store/measures.h"

/* Texts are borrowed for the time of the call. */
typedef struct cxs_copy_settings {
    const char *path;
    const char *sample;           /* its name in the file */
    const char *reference;        /* FASTA for the composition of bins; NULL: none */
    const cxs_variant_refs *refs; /* present names of genes; NULL: as they stand */
} cxs_copy_settings;

/*
 * Table segments: chrom (text, plain: "1" .. "22", "X", "Y", "MT"), start, end (int,
 * 0-based half-open), marks (int, missing where the file has none), log2 (real).  SEG
 * counts from 1 and includes both ends; where neighbours share a border position the
 * later one begins behind it.  CXS_EMISMATCH when the file does not hold the sample.
 */
cxs_rc cxs_seg_measure(cxs_ctx *ctx, const cxs_copy_settings *settings,
                       cxs_measures *bag) CXS_MUST_USE;

/*
 * Table depth, as hts_meter_depth.c makes it from reads: chrom, start, end, fragments;
 * gc and acgt from the FASTA, or else from a column "gc" (share of the bin).
 *
 * A table has the columns chrom, start, end and one for each sample.  It is 0-based and
 * half-open when bins touch where one ends, 1-based and inclusive when the next begins
 * one behind; bins of one chromosome stand together in the order of places.  Rows
 * without a count are left out.  A WIG holds one sample.  Counts are whole and not
 * negative (CX029); CX016 for text, CX019, CX020.
 */
cxs_rc cxs_bins_measure(cxs_ctx *ctx, const cxs_copy_settings *settings,
                        cxs_measures *bag) CXS_MUST_USE;

/*
 * Table cn.gene: gene (text), state (int -2 .. 2; missing stays missing).  Genes in the
 * column Hugo_Symbol, else in the first one.  Of rows of one gene the first counts; the
 * others are counted and warned.  CX016 for any other value, CX019, CX020.
 */
cxs_rc cxs_cna_measure(cxs_ctx *ctx, const cxs_copy_settings *settings,
                       cxs_measures *bag) CXS_MUST_USE;

#endif /* CXS_COPY_TABLES_H */
