/*
 * catalogue_others.c -- families of fragments, methylation, receptors, fluid and clinic
 */
#include "features/assays.h"
#include "features/catalogue.h"
#include "features/clinic.h"
#include "features/methylation.h"

#define FROM_FRAGMENTS CXS_DERIVED_BY(cxs_fragment_features)
#define FROM_VISITS    CXS_DERIVED_BY(cxs_fluid_features)

static const char SCALED[] = CXS_AS_SCALED;

static const char LOGIT[] = CXS_AS_LOGIT;

static const char AS_IS[] = CXS_AS_BINARY;

static const char FRAGMENTS[] =
    "paired alignments of cell-free DNA; 1 M fragments, 5 M for profiles";

static const char ENOUGH_FRAGMENTS[] =
    "missing with fewer fragments, or with less than half of the reads in proper pairs";

static const char REFERENCE[] =
    "missing below 5 M fragments, with less than half of the reads in proper pairs, "
    "without a panel of normals that has a profile of fragments (ingest --make-pon "
    "with "
    "five or more of cell-free DNA), or without one of its bins";

static const char PROBES[] = "beta or M values of a 450k, EPIC or EPICv2 array";

static const char RECEPTORS[] =
    "AIRR rearrangements with counts, productive TRB; mean of 20 down-samplings";

static const char ENOUGH_RECEPTORS[] = "missing below the depth of down-sampling";

static const char VISITS[] = "table visits, the last value before the first dose";

static const char LATER_RECEPTORS[] =
    "AIRR rearrangements before (or of the product) and 14 to 42 days after the first "
    "dose, and a declared landmark or delayed entry at or after the second";

static const char NO_LATER_RECEPTORS[] =
    "missing without either sample, or below the depth of down-sampling";

const cxs_family cxs_catalogue_others[] = {
    {"frag.length.*", "fragment lengths: mean, median, mode, sd, quantiles",
     "the statistic named over fragments of 20 to 1000 bases", "bases", "continuous",
     SCALED, FRAGMENTS, ENOUGH_FRAGMENTS, "Mouliere 2018 Sci Transl Med 10:eaat4921",
     FROM_FRAGMENTS},
    {"frag.share.*", "share of fragments of a range of lengths",
     "fragments of the range / all fragments", "fraction", "continuous", LOGIT,
     FRAGMENTS, ENOUGH_FRAGMENTS, "Mouliere 2018 Sci Transl Med 10:eaat4921",
     FROM_FRAGMENTS},
    {"frag.ratio.*", "ratio of the fragments of two ranges of lengths",
     "20 to 150 over 160 to 180 bases; 100 to 150 over 163 to 169", "ratio",
     "continuous", SCALED, FRAGMENTS,
     "missing with fewer fragments, with less than half of the reads in proper pairs, "
     "or "
     "with none to divide by",
     "Mouliere 2018 Sci Transl Med 10:eaat4921", FROM_FRAGMENTS},
    {"frag.oscillation", "ten-base oscillation",
     "smoothed density at the peaks minus that at the valleys below 150 bases",
     "fraction", "continuous", SCALED, FRAGMENTS, ENOUGH_FRAGMENTS,
     "Mouliere 2018 EMBO Mol Med 10:e9323 doi:10.15252/emmm.201809323", FROM_FRAGMENTS},
    {"frag.short_long.*", "short against long fragments along the genome: mean and sd",
     "100 to 150 over 151 to 220 bases in bins of 5 Mb, counts of 100 kb corrected by "
     "loess on the GC of the fragments (on that of the bins, flagged, without a "
     "reference)",
     "ratio", "continuous", SCALED, FRAGMENTS,
     "missing below 5 M fragments, with less than half of the reads in proper pairs, "
     "or "
     "without any GC",
     "Cristiano 2019 Nature 570:385 doi:10.1038/s41586-019-1272-6", FROM_FRAGMENTS},
    {"frag.profile.correlation", "likeness of the profile to that of healthy persons",
     "Pearson correlation of the short to long ratio in bins of 5 Mb with the median "
     "profile of the panel of normals",
     "correlation", "continuous", SCALED, FRAGMENTS, REFERENCE,
     "Cristiano 2019 Nature 570:385 doi:10.1038/s41586-019-1272-6", FROM_FRAGMENTS},
    {"frag.profile.pc*", "components of the profile of fragments",
     "sum of loading times (z - median profile), z the ratio in bins of 5 Mb centred "
     "and "
     "scaled in the sample; loadings of the first three components of the panel of "
     "normals, the largest in size positive",
     "score", "continuous", SCALED, FRAGMENTS, REFERENCE,
     "Cristiano 2019 Nature 570:385 doi:10.1038/s41586-019-1272-6", FROM_FRAGMENTS},
    {"frag.mds", "diversity of end motifs",
     "- sum f ln f / ln 256 over 4-mers at the ends", "fraction", "continuous", LOGIT,
     FRAGMENTS, ENOUGH_FRAGMENTS,
     "Jiang 2020 Cancer Discov 10:664 doi:10.1158/2159-8290.CD-19-0622",
     FROM_FRAGMENTS},
    {"frag.motif.*", "share of one end motif", "ends with the 4-mer / all ends",
     "fraction", "continuous", LOGIT, FRAGMENTS, ENOUGH_FRAGMENTS,
     "Jiang 2020 Cancer Discov 10:664 doi:10.1158/2159-8290.CD-19-0622",
     FROM_FRAGMENTS},
    {"frag.wps.*", "protection of windows",
     "mean over the bases of the windows of: fragments that span [c - k/2, c + k/2] "
     "minus "
     "those with an end inside, minus the running median over 1001 bases; long: 120 to "
     "180 bases, k 120; short: 35 to 80, k 16",
     "fragments", "continuous", SCALED,
     "paired alignments of cell-free DNA, 1 M fragments, and a file of windows "
     "(sequencing: windows); windows of one name are a group",
     "not made without windows; missing below 10x with fewer than 1000 windows, with "
     "fewer fragments, or with less than half of the reads in proper pairs",
     "Snyder 2016 Cell 164:57 doi:10.1016/j.cell.2015.11.050", FROM_FRAGMENTS},
    {"frag.tss.*", "cover of the transcription starts of a group of genes",
     "mean over genes, weighted by the cover of their flanks, of: cover of [-150, 50] "
     "(ndr) or [-1000, 1000] (2k) over that of [-3000, -1000] and [1000, 3000], over "
     "2^log2 of the segment; groups of sequencing: gene_groups, else sets of "
     "signatures.tsv; single genes above 30x",
     "ratio", "continuous", SCALED, FRAGMENTS,
     "missing with fewer fragments, with less than half of the reads in proper pairs, "
     "without copy numbers, or with fewer than five genes at or below 30x",
     "Ulz 2016 Nat Genet 48:1273 doi:10.1038/ng.3648", FROM_FRAGMENTS},
    {"meth.mgmt.p", "methylation of the MGMT promoter",
     "logit p = 4.3215 + 0.5271 M(cg12434587) + 0.9265 M(cg12981137), M = "
     "log2(beta/(1 - beta)), beta within 0.001..0.999",
     "logit", "continuous", SCALED, PROBES, "missing without either probe",
     "Bady 2012 Acta Neuropathol 124:547 doi:10.1007/s00401-012-1016-2",
     CXS_DERIVED_BY(cxs_methylation_features)},
    {"meth.mgmt.call", "MGMT promoter methylated",
     "1 when the probability is at least 0.358", "none", "binary", AS_IS, PROBES,
     "missing without either probe",
     "Bady 2012 Acta Neuropathol 124:547 doi:10.1007/s00401-012-1016-2",
     CXS_DERIVED_BY(cxs_methylation_features)},
    {"meth.mgmt.uncertain", "MGMT call uncertain",
     "1 when the 95 % interval of the probability holds 0.358", "none", "binary", AS_IS,
     PROBES, "missing without either probe",
     "Bady 2012 Acta Neuropathol 124:547 doi:10.1007/s00401-012-1016-2",
     CXS_DERIVED_BY(cxs_methylation_features)},
    {"tcr.richness", "clones", "log2(N + 1), N the mean number of clones",
     "log2(clones + 1)", "count", SCALED, RECEPTORS, ENOUGH_RECEPTORS, "this project",
     CXS_DERIVED_BY(cxs_receptor_features)},
    {"tcr.shannon", "diversity", "- sum p ln p", "nats", "continuous", SCALED,
     RECEPTORS, ENOUGH_RECEPTORS, "this project",
     CXS_DERIVED_BY(cxs_receptor_features)},
    {"tcr.clonality", "clonality", "1 - H/ln N", "fraction", "continuous", SCALED,
     RECEPTORS, "missing below the depth of down-sampling, or with one clone",
     "this project", CXS_DERIVED_BY(cxs_receptor_features)},
    {"tcr.simpson", "concentration", "sum p^2", "fraction", "continuous", SCALED,
     RECEPTORS, ENOUGH_RECEPTORS, "this project",
     CXS_DERIVED_BY(cxs_receptor_features)},
    {"tcr.gini", "inequality", "Gini index of the counts", "fraction", "continuous",
     SCALED, RECEPTORS, ENOUGH_RECEPTORS, "this project",
     CXS_DERIVED_BY(cxs_receptor_features)},
    {"tcr.chao1", "clones in all",
     "log2(C + 1), C the mean of N + f1 (f1 - 1)/(2 (f2 + 1))", "log2(clones + 1)",
     "count", SCALED, RECEPTORS, ENOUGH_RECEPTORS, "Chao 1984 Scand J Stat 11:265",
     CXS_DERIVED_BY(cxs_receptor_features)},
    {"tcr.d50", "clones that hold half of the counts",
     "log2(D + 1), D the mean smallest number of largest clones with half of the "
     "counts",
     "log2(clones + 1)", "count", SCALED, RECEPTORS, ENOUGH_RECEPTORS, "this project",
     CXS_DERIVED_BY(cxs_receptor_features)},
    {"tcr.top10", "share of the ten largest clones", "sum of their p", "fraction",
     "continuous", SCALED, RECEPTORS, ENOUGH_RECEPTORS, "this project",
     CXS_DERIVED_BY(cxs_receptor_features)},
    {"tcr.expanded", "share of expanded clones", "sum of p over clones with p >= 0.001",
     "fraction", "continuous", SCALED, RECEPTORS, ENOUGH_RECEPTORS, "this project",
     CXS_DERIVED_BY(cxs_receptor_features)},
    {"tcr.*.change", "early change of a receptor feature",
     "log2((x_t + c)/(x_0 + c)), x_t the first sample 14 to 42 days after the first "
     "dose, x_0 the one before it; c = 1/depth, 1 for numbers of clones",
     "log2 ratio", "continuous", SCALED,
     "AIRR rearrangements before and after the first dose, and a declared landmark or "
     "delayed entry at or after the second",
     "missing without either sample, or below the depth of down-sampling",
     "Anderson 1983 J Clin Oncol 1:710", CXS_DERIVED_BY(cxs_early_change)},
    {"tcr.expansion.n", "clones that grew after the first dose",
     "log2(N + 1), N clones of five counts or more in both samples together whose "
     "share "
     "is larger in the later one: Fisher's exact test, Benjamini-Hochberg q below 0.01",
     "log2(clones + 1)", "count", SCALED, LATER_RECEPTORS, NO_LATER_RECEPTORS,
     "Fisher 1935; Benjamini and Hochberg 1995 J R Stat Soc B 57:289",
     CXS_DERIVED_BY(cxs_receptor_expansion)},
    {"tcr.expansion.share", "share of the counts in clones that grew",
     "counts of the later sample in the clones of tcr.expansion.n / all", "fraction",
     "continuous", SCALED, LATER_RECEPTORS, NO_LATER_RECEPTORS, "this project",
     CXS_DERIVED_BY(cxs_receptor_expansion)},
    {"tcr.product.expansion.n", "clones of the product that grew after its dose",
     "as tcr.expansion.n, from the T-cell product to the later sample",
     "log2(clones + 1)", "count", SCALED, LATER_RECEPTORS, NO_LATER_RECEPTORS,
     "this project", CXS_DERIVED_BY(cxs_receptor_expansion)},
    {"tcr.product.expansion.share", "share of the counts in clones that grew",
     "as tcr.expansion.share, from the T-cell product to the later sample", "fraction",
     "continuous", SCALED, LATER_RECEPTORS, NO_LATER_RECEPTORS, "this project",
     CXS_DERIVED_BY(cxs_receptor_expansion)},
    {"tcr.product.share", "share of counts in clones of the T-cell product",
     "counts of the sample in clones of the product / all", "fraction", "continuous",
     SCALED, "AIRR rearrangements with counts, productive TRB of sample and product",
     "missing without the product, or below the depth of down-sampling", "this project",
     CXS_DERIVED_BY(cxs_receptor_features)},
    {"tcr.product.morisita", "overlap with the T-cell product", "Morisita-Horn index",
     "fraction", "continuous", SCALED,
     "AIRR rearrangements with counts, productive TRB of sample and product",
     "missing without the product, or below the depth of down-sampling",
     "Horn 1966 Am Nat 100:419", CXS_DERIVED_BY(cxs_receptor_features)},
    {"csf.cytology", "tumour cells in the fluid", "2 positive, 1 equivocal, 0 negative",
     "none", "ordinal", CXS_AS_ORDINAL, VISITS, "missing without a visit in time",
     "this project", FROM_VISITS},
    {"csf.protein", "protein", "log2 of the value", "log2 g/l", "continuous", SCALED,
     VISITS, "missing without a visit in time", "this project", FROM_VISITS},
    {"csf.wbc", "leukocytes",
     "log2(x + 1), x = WBC - RBC/700 where RBC > 1000/ul, at least 0",
     "log2(cells/ul + 1)", "continuous", SCALED, VISITS,
     "missing without a visit in time", "this project", FROM_VISITS},
    {"csf.rbc", "erythrocytes", "log2(x + 1)", "log2(cells/ul + 1)", "continuous",
     SCALED, VISITS, "missing without a visit in time", "this project", FROM_VISITS},
    {"csf.glucose_ratio", "glucose of fluid over serum", "CSF_GLUCOSE / SERUM_GLUCOSE",
     "ratio", "continuous", SCALED, VISITS, "missing without a visit in time",
     "this project", FROM_VISITS},
    {"csf.pressure", "opening pressure", "as measured, lumbar", "cmH2O", "continuous",
     SCALED, VISITS, "missing without a visit in time", "this project", FROM_VISITS},
    {"csf.ldh", "lactate dehydrogenase", "log2(x + 1)", "log2(U/l + 1)", "continuous",
     SCALED, VISITS, "missing without a visit in time", "this project", FROM_VISITS},
    {"csf.lactate", "lactate", "as measured", "mmol/l", "continuous", SCALED, VISITS,
     "missing without a visit in time", "this project", FROM_VISITS},
    {"csf.il6", "interleukin 6", "log2(x + 1)", "log2(pg/ml + 1)", "continuous", SCALED,
     VISITS, "missing without a visit in time", "this project", FROM_VISITS},
    {"csf.ifng", "interferon gamma", "log2(x + 1)", "log2(pg/ml + 1)", "continuous",
     SCALED, VISITS, "missing without a visit in time", "this project", FROM_VISITS},
    {"clin.gpa", "graded prognostic assessment of brain metastases",
     "GPA as given, else the sum of the points of gpa_tables.tsv for the primary "
     "tumour",
     "points", "continuous", SCALED, "table patients",
     "missing when a factor other than a molecular one is",
     "literature as in gpa_tables.tsv", CXS_DERIVED_BY(cxs_gpa_features)},
};

const size_t cxs_catalogue_others_count =
    sizeof cxs_catalogue_others / sizeof *cxs_catalogue_others;
