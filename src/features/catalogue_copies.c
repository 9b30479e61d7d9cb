/*
 * catalogue_copies.c -- families of copy-number features
 */
#include "features/assays.h"
#include "features/catalogue.h"

#define FROM_DEPTH CXS_DERIVED_BY(cxs_copy_features)

static const char LOGIT[] = CXS_AS_LOGIT;

static const char LOG2_PLUS_1[] = CXS_AS_LOG2_PLUS_1;

static const char AS_IS[] = CXS_AS_BINARY;

static const char GENOME[] =
    "alignments or bin counts of a genome; 1 M mapped fragments";

static const char QUIET_BINS[] =
    "missing below 1 M fragments or with a noise (MAD of neighbouring bins) above "
    "0.30";

const cxs_family cxs_catalogue_copies[] = {
    {"cn.tf", "tumour fraction from copy numbers",
     "log2(TF + 0.01), TF = 1 - n of a hidden Markov model with Student-t emissions",
     "log2(fraction + 0.01)", "continuous", CXS_AS_SCALED, GENOME,
     "missing below 1 M fragments or with a noise (MAD of neighbouring bins) above "
     "0.30, and for fractions above 0 and below 0.05 without a panel of normals; a "
     "fraction of 0, "
     "told with and without a panel, means no CNA evidence (longest altered segment of "
     "at most 50 bins and at most 5 % of bins altered), not that there is no tumour",
     "Adalsteinsson 2017 Nat Commun 8:1324 doi:10.1038/s41467-017-00965-y", FROM_DEPTH},
    {"cn.arm.*", "gain or loss of a chromosome arm",
     "1 or -1 when 80 % of its callable length is gained or lost, 0 below 20 %", "none",
     "ordinal", CXS_AS_ORDINAL, GENOME,
     "missing below 1 M fragments or with a noise (MAD of neighbouring bins) above "
     "0.30; missing between 20 % and 80 %",
     "Taylor 2018 Cancer Cell 33:676 doi:10.1016/j.ccell.2018.03.007", FROM_DEPTH},
    {"cn.event.*", "named event of whole arms, as 1p/19q codeletion",
     "all arms of the row of cn_arm_events.tsv altered as it says", "none", "binary",
     AS_IS, GENOME,
     "missing below 1 M fragments or with a noise (MAD of neighbouring bins) above "
     "0.30; missing when an arm is",
     "WHO CNS5: Louis 2021 Neuro-Oncol 23:1231 doi:10.1093/neuonc/noab106", FROM_DEPTH},
    {"cn.focal.*.amp", "focal amplification of a gene",
     "six copies or more in a segment of at most half an arm; without purity log2 "
     ">= 1; from 1x on the segment is of windows of 50 kb around the gene",
     "none", "binary", AS_IS, GENOME, QUIET_BINS, "this project", FROM_DEPTH},
    {"cn.focal.*.homdel", "homozygous deletion of a gene",
     "less than half a copy in a segment of at most 10 Mb; from 1x on the segment is "
     "of "
     "windows of 50 kb around the gene, 150 kb or more",
     "none", "binary", AS_IS, GENOME,
     "missing below 1 M fragments or with a noise (MAD of neighbouring bins) above "
     "0.30; missing at a tumour fraction below 0.2, and below 1x, or where the loss is "
     "within four standard errors of three windows, with bins above 100 kb",
     "this project", FROM_DEPTH},
    {"cn.aneuploidy", "arms altered", "number of called arms of 39", "arms", "count",
     LOG2_PLUS_1, GENOME, QUIET_BINS,
     "Taylor 2018 Cancer Cell 33:676 doi:10.1016/j.ccell.2018.03.007", FROM_DEPTH},
    {"cn.fga", "share of the genome altered",
     "length with |log2| >= 0.2 (0.1 in cell-free DNA) / callable length", "fraction",
     "continuous", LOGIT, GENOME, QUIET_BINS, "cBioPortal", FROM_DEPTH},
    {"cn.wgii", "instability weighted by chromosome",
     "mean over 22 autosomes of the altered share, relative to ploidy", "fraction",
     "continuous", LOGIT, GENOME, QUIET_BINS, "Burrell 2013 Nature 494:492",
     FROM_DEPTH},
    {"cn.segments", "segments", "number of segments", "segments", "count", LOG2_PLUS_1,
     GENOME, QUIET_BINS, "this project", FROM_DEPTH},
    {"cn.lst", "large-scale transitions",
     "breaks between segments of 10 Mb after taking out those below 3 Mb", "breaks",
     "count", LOG2_PLUS_1, GENOME, QUIET_BINS, "Popova 2012 Cancer Res 72:5454",
     FROM_DEPTH},
    {"cn.burden", "burden of altered copies", "sum |log2| length / total length",
     "log2", "continuous", CXS_AS_SCALED, GENOME, QUIET_BINS, "this project",
     FROM_DEPTH},
};

const size_t cxs_catalogue_copies_count =
    sizeof cxs_catalogue_copies / sizeof *cxs_catalogue_copies;
