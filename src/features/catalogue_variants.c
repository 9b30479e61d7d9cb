/*
 * catalogue_variants.c -- families of variant features
 */
#include "features/catalogue.h"
#include "features/events.h"
#include "features/variants.h"

#define FROM_VARIANTS CXS_DERIVED_BY(cxs_variant_features)

static const char LOGIT[] = CXS_AS_LOGIT;

static const char SCALED[] = CXS_AS_SCALED;

static const char LOG2_PLUS_1[] = CXS_AS_LOG2_PLUS_1;

static const char AS_IS[] = CXS_AS_BINARY;

static const char VARIANTS[] = "variants of a sample: VCF or MAF with consequences";

static const char COVERED[] =
    "missing where the gene or position is not covered: not assessed is not "
    "wildtype";

const cxs_family cxs_catalogue_variants[] = {
    {"var.gene.*", "gene altered in its protein",
     "1 when a passing variant is truncating, missense, in frame or otherwise "
     "changes the protein",
     "none", "binary", AS_IS, VARIANTS, COVERED, "this project", FROM_VARIANTS},
    {"var.gene.*.trunc", "gene truncated", "1 when a passing variant is truncating",
     "none", "binary", AS_IS, VARIANTS, COVERED, "this project", FROM_VARIANTS},
    {"var.gene.*.hot", "gene with a hotspot",
     "1 when a passing variant is a row of hotspots.tsv", "none", "binary", AS_IS,
     VARIANTS, COVERED, "DoCM: Ainscough 2016 Nat Methods 13:806", FROM_VARIANTS},
    {"var.gene.*.biallelic", "both copies of a gene hit",
     "1 with two passing variants, or one and a loss of the copy", "none", "binary",
     AS_IS,
     "variants of a sample: VCF or MAF with consequences; copy numbers where there "
     "is one variant",
     COVERED, "this project", FROM_VARIANTS},
    {"var.alt.*", "gene altered as its role asks",
     "tumour suppressor: truncating, hotspot or homozygous deletion; oncogene: "
     "hotspot or amplification; by variants alone where no patient of the study has "
     "copy numbers of the gene",
     "none", "binary", AS_IS,
     "variants of a sample: VCF or MAF with consequences; copy numbers", COVERED,
     "Vogelstein 2013 Science 339:1546", FROM_VARIANTS},
    {"var.hot.*", "one named hotspot", "1 when its allele passes", "none", "binary",
     AS_IS, VARIANTS, COVERED, "DoCM: Ainscough 2016 Nat Methods 13:806",
     FROM_VARIANTS},
    {"var.pathway.*", "genes of a pathway altered",
     "number of genes of the pathway with an altering variant", "genes", "count",
     LOG2_PLUS_1, VARIANTS, COVERED,
     "Brennan 2013 Cell 155:462 doi:10.1016/j.cell.2013.09.034", FROM_VARIANTS},
    {"var.tmb", "mutation burden", "log2(1 + protein-altering variants / callable Mb)",
     "log2(1 + 1/Mb)", "continuous", SCALED,
     "variants of a sample: VCF or MAF with consequences; CALLABLE_MB or TARGET_BED "
     "of at least 1 Mb",
     "missing without a denominator", "this project", FROM_VARIANTS},
    {"var.hypermut", "hypermutation", "1 above 10 variants per Mb", "none", "binary",
     AS_IS,
     "variants of a sample: VCF or MAF with consequences; CALLABLE_MB or TARGET_BED",
     "missing without a denominator",
     "Touat 2020 Nature 580:517 doi:10.1038/s41586-020-2209-9", FROM_VARIANTS},
    {"var.hypermut.tmz", "hypermutation after temozolomide",
     "hypermutation with SBS11 or a hit in a mismatch-repair gene", "none", "binary",
     AS_IS,
     "variants of a sample: VCF or MAF with consequences; exposures or repair genes",
     "missing where neither is assessed",
     "Touat 2020 Nature 580:517 doi:10.1038/s41586-020-2209-9", FROM_VARIANTS},
    {"var.vaf.*",
     "allele fractions of passing somatic variants: max, mean, median, top5",
     "the statistic named, over SNV and indels without germline and clonal "
     "haematopoiesis",
     "fraction", "continuous", LOGIT, VARIANTS, "missing without a variant file",
     "this project", FROM_VARIANTS},
    {"var.vaf.n", "passing somatic variants",
     "number of SNV and indels without germline and clonal haematopoiesis", "variants",
     "count", LOG2_PLUS_1, VARIANTS, "missing without a variant file", "this project",
     FROM_VARIANTS},
    {"var.vaf.n05", "passing somatic variants of a fraction of 0.05 or more",
     "number of SNV and indels without germline and clonal haematopoiesis", "variants",
     "count", LOG2_PLUS_1, VARIANTS, "missing without a variant file", "this project",
     FROM_VARIANTS},
    {"var.tf", "tumour fraction from allele fractions",
     "min(1, 2 V), V the median of the upper half of the fractions: two copies, one of "
     "them mutated",
     "fraction", "continuous", LOGIT,
     "variants of a sample: VCF or MAF with consequences; at least 3 variants",
     "missing with fewer", "this project", FROM_VARIANTS},
    {"var.ch.n", "variants in genes of clonal haematopoiesis",
     "number of passing variants in genes of panel ch_flag", "alleles", "count",
     LOG2_PLUS_1, "variants of plasma or CSF", "missing without a variant file",
     "Jaiswal 2014 NEJM 371:2488", FROM_VARIANTS},
    {"var.germline.n", "variants that look like germline",
     "number of passing variants with a fraction of 0.4 to 0.6 or above 0.9 without a "
     "normal",
     "alleles", "count", LOG2_PLUS_1, VARIANTS, "missing without a variant file",
     "this project", FROM_VARIANTS},
    {"var.informed.rate", "tumour-informed reads in CSF",
     "sum of variant reads over depth at the sites of the tissue", "fraction",
     "continuous", LOGIT, "variants of tissue and CSF",
     "missing without tissue variants", "this project", FROM_VARIANTS},
    {"var.informed.sites", "sites of the tissue that CSF covers",
     "number of sites with reads", "sites", "count", LOG2_PLUS_1,
     "variants of tissue and CSF", "missing without tissue variants", "this project",
     FROM_VARIANTS},
    {"var.informed.detected", "tumour detected in CSF by the sites of the tissue",
     "1 when the Poisson p of the variant reads is below 0.001 with two sites", "none",
     "binary", AS_IS, "variants of tissue and CSF", "missing without tissue variants",
     "this project", FROM_VARIANTS},
    {"var.sbs.*.share", "share of a mutational signature",
     "non-negative least squares of the 96 counts on the signatures of the disease",
     "fraction", "continuous", LOGIT,
     "SNV of a genome or exome, a FASTA and a signature table of the user; 50 SNV, "
     "200 for rarer signatures",
     "missing with fewer SNV",
     "Alexandrov 2020 Nature 578:94 doi:10.1038/s41586-020-1943-3", FROM_VARIANTS},
    {"var.sbs.*.log2", "mutations of a signature",
     "log2(x + 1) of the exposure of the same fit", "log2(mutations + 1)", "continuous",
     SCALED, "as var.sbs.*.share", "missing with fewer SNV",
     "Alexandrov 2020 Nature 578:94 doi:10.1038/s41586-020-1943-3", FROM_VARIANTS},
    {"var.sbs.*.present", "mutational signature present",
     "1 when its share is above 5 % in 90 of 100 bootstraps", "none", "binary", AS_IS,
     "as var.sbs.*.share", "missing with fewer SNV",
     "Alexandrov 2020 Nature 578:94 doi:10.1038/s41586-020-1943-3", FROM_VARIANTS},
    {"var.msi", "microsatellite instability",
     "unstable of five mononucleotide markers; high from two on", "markers", "ordinal",
     CXS_AS_ORDINAL,
     "alignments of tumour and normal with 20 spanning reads; not for shallow "
     "genomes",
     "missing with fewer reads", "Murphy 2006 J Mol Diagn 8:305",
     CXS_DERIVED_BY(cxs_msi_features)},
    {"var.msi.high", "microsatellite instability, high",
     "1 when two of five markers or more are unstable: a Kolmogorov-Smirnov distance "
     "above 0.3 to the normal, or a mode that moves by two",
     "none", "binary", AS_IS,
     "alignments of tumour and normal with 20 spanning reads; a FASTA; not for shallow "
     "genomes",
     "missing where markers with fewer reads could turn it",
     "Murphy 2006 J Mol Diagn 8:305", CXS_DERIVED_BY(cxs_msi_features)},
    {"var.egfrviii", "EGFR without exons 2 to 7",
     "1 by RNA (10 junction reads e1-e8 and 1 %), by a structural variant between "
     "introns 1 and 7, or in an amplified EGFR with exons 2-7 at least 0.5 (log2) "
     "below "
     "exons 8-28",
     "none", "binary", AS_IS,
     "spliced RNA alignments, structural variants, or depth of exons with a normal (a "
     "genome: without) and copy numbers",
     "missing where neither RNA nor depth tells: a list of variants never excludes it",
     "this project", CXS_DERIVED_BY(cxs_egfrviii_features)},
};

const size_t cxs_catalogue_variants_count =
    sizeof cxs_catalogue_variants / sizeof *cxs_catalogue_variants;
