/*
 * catalogue_others.c -- families of fragments, methylation, receptors, fluid and clinic
 */
#include "features/catalogue.h"

static const char SCALED[] =
    "winsorise at 1 and 99 % from 100 samples on, then (x - mean)/sd of the "
    "training samples";

static const char LOGIT[] =
    "logit((x (n - 1) + 0.5)/n), then (x - mean)/sd of the training samples";

static const char LOG2_PLUS_1[] =
    "log2(x + 1), then (x - mean)/sd of the training samples";

static const char FRAGMENTS[] =
    "paired alignments of cell-free DNA; 1 M fragments, 5 M for profiles";

static const char ENOUGH_FRAGMENTS[] =
    "missing with fewer fragments, or without duplicate flags";

static const char RECEPTORS[] = "AIRR rearrangements with counts, productive TRB";

static const char ENOUGH_RECEPTORS[] = "missing below the depth of down-sampling";

static const char VISITS[] = "table visits, the last value before the first dose";

const cxs_family cxs_catalogue_others[] = {
    {"frag.length.*", "fragment lengths: mean, median, mode, sd, quantiles",
     "the statistic named over fragments of 20 to 1000 bases", "bases", "continuous",
     SCALED, FRAGMENTS, ENOUGH_FRAGMENTS, "Mouliere 2018 Sci Transl Med 10:eaat4921",
     CXS_NOT_YET},
    {"frag.share.*", "share of fragments of a range of lengths",
     "fragments of the range / all fragments", "fraction", "continuous", LOGIT,
     FRAGMENTS, ENOUGH_FRAGMENTS, "Mouliere 2018 Sci Transl Med 10:eaat4921",
     CXS_NOT_YET},
    {"frag.oscillation", "ten-base oscillation",
     "smoothed density at the peaks minus that at the valleys below 150 bases",
     "fraction", "continuous", SCALED, FRAGMENTS, ENOUGH_FRAGMENTS,
     "Mouliere 2018 EMBO Mol Med 10:e9323 doi:10.15252/emmm.201809323", CXS_NOT_YET},
    {"frag.short_long.*",
     "short against long fragments along the genome: mean, sd, profile",
     "100 to 150 over 151 to 220 bases in bins of 5 Mb, corrected for GC", "ratio",
     "continuous", SCALED, FRAGMENTS, ENOUGH_FRAGMENTS,
     "Cristiano 2019 Nature 570:385 doi:10.1038/s41586-019-1272-6", CXS_NOT_YET},
    {"frag.mds", "diversity of end motifs",
     "- sum f ln f / ln 256 over 4-mers at the ends", "fraction", "continuous", LOGIT,
     FRAGMENTS, ENOUGH_FRAGMENTS,
     "Jiang 2020 Cancer Discov 10:664 doi:10.1158/2159-8290.CD-19-0622", CXS_NOT_YET},
    {"frag.motif.*", "share of one end motif", "ends with the 4-mer / all ends",
     "fraction", "continuous", LOGIT, FRAGMENTS, ENOUGH_FRAGMENTS,
     "Jiang 2020 Cancer Discov 10:664 doi:10.1158/2159-8290.CD-19-0622", CXS_NOT_YET},
    {"frag.wps.*", "protection of windows",
     "fragments that span a window minus those that end in it", "fragments",
     "continuous", SCALED, "cell-free DNA at 10x", ENOUGH_FRAGMENTS,
     "Snyder 2016 Cell 164:57 doi:10.1016/j.cell.2015.11.050", CXS_NOT_YET},
    {"frag.tss.*", "coverage at transcription starts of a group of genes",
     "coverage of [-150, 50] over that of the flanks, corrected for copies", "ratio",
     "continuous", SCALED, FRAGMENTS, ENOUGH_FRAGMENTS,
     "Ulz 2016 Nat Genet 48:1273 doi:10.1038/ng.3648", CXS_NOT_YET},
    {"meth.mgmt.p", "methylation of the MGMT promoter",
     "logistic(4.3215 + 0.5271 M(cg12434587) + 0.9265 M(cg12981137)); enters a "
     "model as its logit",
     "probability", "continuous", "logit, then (x - mean)/sd of the training samples",
     "beta or M values of a 450k, EPIC or EPICv2 array", "missing without either probe",
     "Bady 2012 Acta Neuropathol 124:547 doi:10.1007/s00401-012-1016-2", CXS_NOT_YET},
    {"meth.mgmt.call", "MGMT promoter methylated",
     "1 when the probability is at least 0.358", "none", "binary", "none: 0 or 1",
     "as meth.mgmt.p", "missing without either probe",
     "Bady 2012 Acta Neuropathol 124:547 doi:10.1007/s00401-012-1016-2", CXS_NOT_YET},
    {"tcr.richness", "clones", "number of clones, mean of 20 down-samplings", "clones",
     "count", LOG2_PLUS_1, RECEPTORS, ENOUGH_RECEPTORS, "this project", CXS_NOT_YET},
    {"tcr.shannon", "diversity", "- sum p ln p", "nats", "continuous", SCALED,
     RECEPTORS, ENOUGH_RECEPTORS, "this project", CXS_NOT_YET},
    {"tcr.clonality", "clonality", "1 - H/ln N", "fraction", "continuous", LOGIT,
     RECEPTORS, ENOUGH_RECEPTORS, "this project", CXS_NOT_YET},
    {"tcr.simpson", "concentration", "sum p^2", "fraction", "continuous", LOGIT,
     RECEPTORS, ENOUGH_RECEPTORS, "this project", CXS_NOT_YET},
    {"tcr.gini", "inequality", "Gini index of the counts", "fraction", "continuous",
     LOGIT, RECEPTORS, ENOUGH_RECEPTORS, "this project", CXS_NOT_YET},
    {"tcr.chao1", "clones in all", "N + f1 (f1 - 1)/(2 (f2 + 1))", "clones", "count",
     LOG2_PLUS_1, RECEPTORS, ENOUGH_RECEPTORS, "Chao 1984 Scand J Stat 11:265",
     CXS_NOT_YET},
    {"tcr.d50", "clones that hold half of the counts",
     "smallest number of largest clones with half of the counts", "clones", "count",
     LOG2_PLUS_1, RECEPTORS, ENOUGH_RECEPTORS, "this project", CXS_NOT_YET},
    {"tcr.top10", "share of the ten largest clones", "sum of their p", "fraction",
     "continuous", LOGIT, RECEPTORS, ENOUGH_RECEPTORS, "this project", CXS_NOT_YET},
    {"tcr.expanded", "share of expanded clones", "sum of p over clones with p >= 0.001",
     "fraction", "continuous", LOGIT, RECEPTORS, ENOUGH_RECEPTORS, "this project",
     CXS_NOT_YET},
    {"tcr.product.share", "share of counts in clones of the T-cell product",
     "counts of CSF in clones of the product / all", "fraction", "continuous", LOGIT,
     "AIRR rearrangements with counts, productive TRB of CSF and product",
     "missing without the product", "this project", CXS_NOT_YET},
    {"tcr.product.morisita", "overlap with the T-cell product", "Morisita-Horn index",
     "fraction", "continuous", LOGIT,
     "AIRR rearrangements with counts, productive TRB of CSF and product",
     "missing without the product", "Horn 1966 Am Nat 100:419", CXS_NOT_YET},
    {"csf.cytology", "tumour cells in the fluid", "2 positive, 1 equivocal, 0 negative",
     "none", "ordinal", "none", VISITS, "missing without a visit in time",
     "this project", CXS_NOT_YET},
    {"csf.protein", "protein", "as measured", "g/l", "continuous",
     "log2, then (x - mean)/sd of the training samples", VISITS,
     "missing without a visit in time", "this project", CXS_NOT_YET},
    {"csf.wbc", "leukocytes", "WBC - RBC/700 where RBC > 1000/ul", "cells/ul",
     "continuous", LOG2_PLUS_1, VISITS, "missing without a visit in time",
     "this project", CXS_NOT_YET},
    {"csf.rbc", "erythrocytes", "as measured", "cells/ul", "continuous", LOG2_PLUS_1,
     VISITS, "missing without a visit in time", "this project", CXS_NOT_YET},
    {"csf.glucose_ratio", "glucose of fluid over serum", "CSF_GLUCOSE / SERUM_GLUCOSE",
     "ratio", "continuous", SCALED, VISITS, "missing without a visit in time",
     "this project", CXS_NOT_YET},
    {"csf.pressure", "opening pressure", "as measured, lumbar", "cmH2O", "continuous",
     SCALED, VISITS, "missing without a visit in time", "this project", CXS_NOT_YET},
    {"csf.ldh", "lactate dehydrogenase", "as measured", "U/l", "continuous",
     LOG2_PLUS_1, VISITS, "missing without a visit in time", "this project",
     CXS_NOT_YET},
    {"csf.lactate", "lactate", "as measured", "mmol/l", "continuous", SCALED, VISITS,
     "missing without a visit in time", "this project", CXS_NOT_YET},
    {"csf.il6", "interleukin 6", "as measured", "pg/ml", "continuous", LOG2_PLUS_1,
     VISITS, "missing without a visit in time", "this project", CXS_NOT_YET},
    {"csf.ifng", "interferon gamma", "as measured", "pg/ml", "continuous", LOG2_PLUS_1,
     VISITS, "missing without a visit in time", "this project", CXS_NOT_YET},
    {"clin.gpa", "graded prognostic assessment of brain metastases",
     "sum of the points of gpa_tables.tsv for the primary tumour", "points",
     "continuous", SCALED, "table patients",
     "missing when a factor other than a molecular one is",
     "literature as in gpa_tables.tsv", CXS_NOT_YET},
};

const size_t cxs_catalogue_others_count =
    sizeof cxs_catalogue_others / sizeof *cxs_catalogue_others;
