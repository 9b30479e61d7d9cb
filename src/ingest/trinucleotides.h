/*
 * trinucleotides.h -- contexts of substitutions, and how often they occur
 *
 * A context is read on the strand on which its middle base is C or T.
 */
#ifndef CXS_TRINUCLEOTIDES_H
#define CXS_TRINUCLEOTIDES_H

#include "ingest/hts_fasta.h"
#include "ingest/targets.h"
#include "ingest/variant_private.h"

enum { CXS_TRINUCLEOTIDES = 32 }; /* middle C, then T; 5' base; 3' base: A C G T */

/* Add the substitution of the base at `pos` by `alt` to sbs [96] (order of
 * sbs96_contexts.tsv); chromosomes 1-22 and X only, nothing beside N. */
cxs_rc cxs_sbs_count(cxs_ctx *ctx, cxs_fasta *fasta, const char *chrom, int64_t pos,
                     char alt, int64_t *sbs) CXS_MUST_USE;

/* Trinucleotides whose middle base lies in a target: count [32]. */
cxs_rc cxs_trinucleotides_target(cxs_ctx *ctx, cxs_fasta *fasta,
                                 const cxs_targets *targets,
                                 int64_t *count) CXS_MUST_USE;

/* The same of the genome, from every 100th stretch of 65536 bases: 31 million bases
 * tell 32 shares to better than 1 %, in a hundredth of the time. */
cxs_rc cxs_trinucleotides_genome(cxs_ctx *ctx, cxs_fasta *fasta,
                                 int64_t *count) CXS_MUST_USE;

/* Contexts of the passing SNVs into set->sbs, and with a BED the trinucleotides of both
 * into set->trinucleotides. */
cxs_rc cxs_variants_contexts(cxs_ctx *ctx, cxs_variant_set *set,
                             cxs_fasta *fasta) CXS_MUST_USE;

/* hotspots_check.c: REF of every hotspot that the FASTA reaches; CX036 names the first
 * that differs.  build: CXS_HG19, CXS_HG38, else nothing is checked. */
cxs_rc cxs_hotspots_check(cxs_ctx *ctx, const cxs_variant_refs *refs, int build,
                          cxs_fasta *fasta) CXS_MUST_USE;

#endif /* CXS_TRINUCLEOTIDES_H */
