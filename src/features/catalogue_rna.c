/*
 * catalogue_rna.c -- families of expression features
 */
#include "features/catalogue.h"
#include "features/derive.h"
#include "features/events.h"

static const char SCALED[] = CXS_AS_SCALED;

static const char EXPRESSION[] = "expression matrix: counts, TPM or log values";

static const char COHORT[] =
    "expression matrix: counts, TPM or log values; at least two samples, or a "
    "reference (--reference)";

static const char ENOUGH_GENES[] =
    "missing in a sample that fails its quality checks (P.qc.tsv) or lacks values "
    "for a fifth of the genes; missing everywhere when fewer than 60 % of the "
    "genes, or fewer than three, are present";

static const char SINGSCORE[] =
    "singscore (mean rank of the genes within the sample, between its bounds, minus "
    "0.5)";

const cxs_family cxs_catalogue_rna[] = {
    {"rna.gene.*",
     "expression of one gene; its column has the name of the gene in the matrix",
     "counts: log2((c + p)/(N f + 2p) 1e6), f the TMM factor, p = 2 N f/mean(N f); "
     "TPM: log2(TPM + 1); else as given",
     "log2 per million", "continuous", SCALED,
     "expression matrix: counts, TPM or log values; counts: the filter of low "
     "counts passes the gene",
     "missing in a sample that fails its quality checks (P.qc.tsv) or lacks values "
     "for a fifth of the genes; constant genes are dropped",
     "Robinson and Oshlack 2010 doi:10.1186/gb-2010-11-3-r25",
     CXS_DERIVED_BY(cxs_features_derive)},
    {"rna.sig.GEP18", "T-cell-inflamed expression profile",
     "sum over 18 genes of w (log2(TPM + 1) - h), h the mean of log2(TPM + 1) over "
     "11 housekeeping genes; TPM by the gene lengths of the matrix or --lengths, else "
     "per million",
     "relative score", "continuous", SCALED, EXPRESSION,
     "missing in a sample that fails its quality checks (P.qc.tsv) or lacks values "
     "for a fifth of the genes; missing everywhere when fewer than 60 % of the "
     "genes, or fewer than three, are present; housekeeping genes likewise",
     "Ayers 2017 J Clin Invest 127:2930 doi:10.1172/JCI91190",
     CXS_DERIVED_BY(cxs_derive_scores)},
    {"rna.sig.CYT", "cytolytic activity",
     "sqrt((GZMA + 0.01)(PRF1 + 0.01)), TPM; counts per million stand for it "
     "without gene lengths",
     "TPM", "continuous", CXS_AS_LOG2_PLUS_1, EXPRESSION,
     "missing in a sample that fails its quality checks (P.qc.tsv) or lacks values "
     "for a fifth of the genes; missing without either gene",
     "Rooney 2015 Cell 160:48 doi:10.1016/j.cell.2014.12.033",
     CXS_DERIVED_BY(cxs_derive_scores)},
    {"rna.sig.IFNG6", "interferon gamma, six genes", "mean of log2 expression",
     "log2 per million", "continuous", SCALED, EXPRESSION, ENOUGH_GENES,
     "Ayers 2017 J Clin Invest 127:2930 doi:10.1172/JCI91190",
     CXS_DERIVED_BY(cxs_derive_scores)},
    {"rna.sig.EXPANDED_IMMUNE18", "expanded immune signature",
     "mean of log2 expression", "log2 per million", "continuous", SCALED, EXPRESSION,
     ENOUGH_GENES, "Ayers 2017 J Clin Invest 127:2930 doi:10.1172/JCI91190",
     CXS_DERIVED_BY(cxs_derive_scores)},
    {"rna.sig.DANAHER_*", "abundance of one kind of immune cell",
     "mean of log2 expression of its markers", "log2 per million", "continuous", SCALED,
     EXPRESSION, ENOUGH_GENES,
     "Danaher 2017 J Immunother Cancer 5:18 doi:10.1186/s40425-017-0215-8",
     CXS_DERIVED_BY(cxs_derive_scores)},
    {"rna.sig.TEX_CORE", "exhaustion of T cells",
     "mean of z-scores of the training samples", "sd", "continuous", SCALED, COHORT,
     ENOUGH_GENES, "this project", CXS_DERIVED_BY(cxs_derive_scores)},
    {"rna.sig.TEFF_CORE", "effector T cells",
     "mean of z-scores of the training samples", "sd", "continuous", SCALED, COHORT,
     ENOUGH_GENES, "this project", CXS_DERIVED_BY(cxs_derive_scores)},
    {"rna.sig.TEX_MINUS_TEFF", "exhaustion beyond what effector T cells explain",
     "TEX_CORE - TEFF_CORE", "sd", "continuous", SCALED, COHORT,
     "missing in a sample that fails its quality checks (P.qc.tsv) or lacks values "
     "for a fifth of the genes; missing everywhere when fewer than 60 % of the "
     "genes, or fewer than three, are present, in either set",
     "this project", CXS_DERIVED_BY(cxs_derive_scores)},
    {"rna.sig.TSTEM_CORE", "stem-like T cells",
     "mean of z-scores of the training samples", "sd", "continuous", SCALED, COHORT,
     ENOUGH_GENES, "this project", CXS_DERIVED_BY(cxs_derive_scores)},
    {"rna.sig.TSTEM_BEYOND_TCELL", "stem-like T cells beyond the number of T cells",
     "residual of TSTEM_CORE after the least-squares line in DANAHER_TCELL, of "
     "the training samples",
     "sd", "continuous", SCALED,
     "expression matrix: counts, TPM or log values; at least three samples, or a "
     "reference (--reference)",
     ENOUGH_GENES, "this project", CXS_DERIVED_BY(cxs_derive_scores)},
    {"rna.sig.APM_MHC1", "antigen presentation by class I",
     "mean of z-scores of the training samples", "sd", "continuous", SCALED, COHORT,
     ENOUGH_GENES, "this project", CXS_DERIVED_BY(cxs_derive_scores)},
    {"rna.sig.PEMETREXED_AXIS",
     "uptake, trapping and targets of pemetrexed; from mechanism, not validated",
     "weighted mean of z-scores of the training samples, sum w z / sum |w|", "sd",
     "continuous", SCALED, COHORT, ENOUGH_GENES,
     "this project, after Zhao and Goldman 2003 Oncogene 22:7431",
     CXS_DERIVED_BY(cxs_derive_scores)},
    {"rna.sig.PROLIFERATION11", "proliferation; holds TYMS, a target of pemetrexed",
     SINGSCORE, "rank score", "continuous", SCALED, EXPRESSION, ENOUGH_GENES,
     "Nielsen 2010 Clin Cancer Res 16:5222", CXS_DERIVED_BY(cxs_derive_scores)},
    {"rna.sig.HYPOXIA_BUFFA",
     "hypoxia; holds SEC61G beside EGFR, which follows its amplification in glioma",
     SINGSCORE, "rank score", "continuous", SCALED, EXPRESSION, ENOUGH_GENES,
     "Buffa 2010 Br J Cancer 102:428 doi:10.1038/sj.bjc.6605450",
     CXS_DERIVED_BY(cxs_derive_scores)},
    {"rna.sig.HYPOXIA_BUFFA_NO_EGFR", "hypoxia without the neighbour of EGFR",
     SINGSCORE, "rank score", "continuous", SCALED, EXPRESSION, ENOUGH_GENES,
     "Buffa 2010 Br J Cancer 102:428 doi:10.1038/sj.bjc.6605450",
     CXS_DERIVED_BY(cxs_derive_scores)},
    {"rna.sig.F_TBRS", "response of fibroblasts to TGF-beta", SINGSCORE, "rank score",
     "continuous", SCALED, EXPRESSION, ENOUGH_GENES,
     "Mariathasan 2018 Nature 554:544 doi:10.1038/nature25501",
     CXS_DERIVED_BY(cxs_derive_scores)},
    {"rna.sig.CHEMOKINE12_TLS", "chemokines of tertiary lymphoid structures", SINGSCORE,
     "rank score", "continuous", SCALED, EXPRESSION, ENOUGH_GENES,
     "Coppola 2011 Am J Pathol 179:37", CXS_DERIVED_BY(cxs_derive_scores)},
    {"rna.sig.TAM_*", "macrophages: microglia, or of the bone marrow", SINGSCORE,
     "rank score", "continuous", SCALED, EXPRESSION, ENOUGH_GENES,
     "Muller 2017 Genome Biol 18:234 doi:10.1186/s13059-017-1362-4",
     CXS_DERIVED_BY(cxs_derive_scores)},
    {"rna.sig.NEFTEL_*", "cell state of glioblastoma: AC, OPC, NPC1, NPC2, MES1, MES2",
     SINGSCORE, "rank score", "continuous", SCALED, EXPRESSION, ENOUGH_GENES,
     "Neftel 2019 Cell 178:835 doi:10.1016/j.cell.2019.06.024",
     CXS_DERIVED_BY(cxs_derive_scores)},
    {"rna.sig.WANG_*",
     "resemblance to a subtype of glioblastoma: PN, CL, MES; calls in P.subtype.tsv",
     "ssGSEA ES/N with exponent 0.25; p against 1000 profiles of values drawn gene "
     "by gene",
     "rank score", "continuous", SCALED,
     "expression matrix: counts, TPM or log values; p decides for tumour RNA of an "
     "IDH wildtype in a cohort of 20, else the largest z, flagged",
     ENOUGH_GENES,
     "Wang 2017 Cancer Cell 32:42 doi:10.1016/j.ccell.2017.06.003; Barbie 2009 "
     "doi:10.1038/nature08460",
     CXS_DERIVED_BY(cxs_derive_scores)},
    {"rna.egfrviii", "share of EGFR transcripts without exons 2 to 7",
     "junction reads e1-e8 / (e1-e8 + e1-e2); positive from 10 reads and 1 % on",
     "fraction", "continuous", CXS_AS_LOGIT, "spliced RNA alignments",
     "missing below 10 junction reads", "this project",
     CXS_DERIVED_BY(cxs_egfrviii_features)},
};

const size_t cxs_catalogue_rna_count =
    sizeof cxs_catalogue_rna / sizeof *cxs_catalogue_rna;
