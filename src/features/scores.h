/*
 * scores.h -- gene sets, the values they are scored on, and the rules of a score
 */
#ifndef CXS_FEATURES_SCORES_H
#define CXS_FEATURES_SCORES_H

#include "coxswain/scores.h"
#include "features/frozen.h"

typedef struct cxs_gene_set {
    char *name;
    size_t line; /* of the file, 0 without */
    size_t size, capacity, capacity_weight, capacity_former;
    char **symbol;  /* [size] */
    char **former;  /* [size] name in the publication, NULL where the same */
    double *weight; /* [size] */
} cxs_gene_set;

struct cxs_gene_sets {
    cxs_gene_set *set;
    size_t count, capacity;
    char *path;
};

/* Make room for one more set, or for one more gene of a set. */
cxs_rc cxs_gene_sets_add(cxs_ctx *ctx, cxs_gene_sets *sets, const char *name,
                         cxs_gene_set **out) CXS_MUST_USE;
cxs_rc cxs_gene_set_add(cxs_ctx *ctx, cxs_gene_set *set, const char *symbol,
                        const char *former, double weight) CXS_MUST_USE;
/* Set of that name or NULL. */
const cxs_gene_set *cxs_gene_sets_find(const cxs_gene_sets *sets, const char *name);
/* signatures.tsv of a folder of reference tables. */
cxs_rc cxs_signatures_read(cxs_ctx *ctx, const char *folder,
                           cxs_gene_sets **out) CXS_MUST_USE;

/*
 * Values that scores are made of.  linear values (per million) are only made for the
 * few genes that need them.
 */
typedef struct cxs_levels {
    const cxs_matrix *y;   /* [usable samples x genes] */
    cxs_features *own;     /* holds y, or NULL when y is borrowed */
    const cxs_matrix *raw; /* as given, borrowed */
    uint8_t *usable;       /* [n] */
    size_t usable_count;
    double *per_million; /* [n] counts times this are CPM; with lengths divided by the
                          * length first, TPM; NULL for other kinds */
    double *length;      /* [genes of raw] or NULL */
    const char *basis;   /* "log_cpm", "log_tpm", "log" */
    cxs_frame frame;     /* of own over the genes of raw, when asked to freeze */
    /* Frozen (borrowed), NULL: those of the samples at hand. */
    const double *mean, *sd; /* [genes of y] of y */
    const double *level;     /* [genes of y] linear value where raw has none */
    const cxs_line *line;    /* of the residual score */
    double *moments;         /* holds the first three */
} cxs_levels;

/* failed: [n] samples to leave out, or NULL.  `s` are resolved settings.  made: what the
 * settings `s_made` made of all samples, borrowed when it is what is needed; or NULL. */
cxs_rc cxs_levels_make(cxs_ctx *ctx, const cxs_matrix *raw, const uint8_t *failed,
                       const cxs_features_settings *s, const cxs_matrix *made,
                       const cxs_features_settings *s_made,
                       cxs_levels *out) CXS_MUST_USE;
void cxs_levels_free(cxs_levels *levels);
/* Name of what they are, static. */
const char *cxs_levels_basis(cxs_kind kind, cxs_normalise normalise);
/* Per-million values [n] of one gene (index in y), NaN in samples that are not usable.
 */
void cxs_levels_linear(const cxs_levels *levels, size_t gene, double *value);

/* What they are: "tpm", "cpm" or "log". */
const char *cxs_levels_linear_name(const cxs_levels *levels);
/* Mean and sd of one gene (index in y), frozen ones where there are. */
void cxs_levels_moments(const cxs_levels *levels, size_t gene, double *mean,
                        double *sd);

/* Finds a gene of y by symbol, former symbol, Ensembl id or unique alias. */
typedef struct cxs_gene_index cxs_gene_index;
cxs_rc cxs_gene_index_new(cxs_ctx *ctx, const cxs_matrix *y, const char *folder,
                          cxs_gene_index **out) CXS_MUST_USE;
void cxs_gene_index_free(cxs_gene_index *index);
/* Index of the gene in y, or SIZE_MAX. */
size_t cxs_gene_index_find(const cxs_gene_index *index, const char *symbol,
                           const char *former);

typedef enum cxs_method {
    CXS_METHOD_SINGSCORE,
    CXS_METHOD_SINGSCORE_PAIR, /* up set and down set */
    CXS_METHOD_SSGSEA,
    CXS_METHOD_MEAN,       /* mean of y */
    CXS_METHOD_Z_MEAN,     /* weighted mean of z */
    CXS_METHOD_Z_SUM,      /* sum of z over the root of their number */
    CXS_METHOD_WEIGHTED,   /* sum of w (log2(x + 1) - mean over the second set) */
    CXS_METHOD_GEOMETRIC,  /* geometric mean of x + 0.01 */
    CXS_METHOD_DIFFERENCE, /* score of the first set minus that of the second, Z_MEAN */
    CXS_METHOD_RESIDUAL,   /* Z_MEAN of the first after a line in MEAN of the second */
    CXS_METHODS
} cxs_method;
const char *cxs_method_name(cxs_method method);

/* One score: what it is called, of which sets it is made and how. */
typedef struct cxs_score_rule {
    char *id; /* feature, owned by the rule */
    cxs_method method;
    const cxs_gene_set *first, *second; /* second NULL where the method has one set */
    const char *without;                /* symbol left out of the first set, or NULL */
    const char *remark; /* static, for the table of sets; NULL for none */
} cxs_score_rule;

/* Genes of one set in y. */
typedef struct cxs_members {
    uint32_t *gene; /* [present] */
    double *weight; /* [present] */
    size_t present, genes;
} cxs_members;

/* One score as it was made. */
typedef struct cxs_scored {
    char *id;
    cxs_method method;
    const char *remark; /* static */
    cxs_members first, second;
    char *missing; /* "A,B", "" for none */
    const char *status;
    cxs_line line; /* of a residual score */
} cxs_scored;

/* Call of the glioblastoma subtype of each sample. */
enum { CXS_SUBTYPES = 3 };
typedef struct cxs_subtypes {
    double *es, *p;        /* [n x 3] PN, CL, MES; p of the synthetic profiles */
    double mean[3], sd[3]; /* of es over the usable samples, or frozen */
    double *null_es;   /* [3 x CXS_SUBTYPE_PROFILES] sorted; NULL: too few samples */
    const char **call; /* [n] "PN", "CL", "MES", "mixed" or NULL */
    const char **flag; /* [n] why there is none, or what to mind */
} cxs_subtypes;

struct cxs_scores {
    cxs_matrix *matrix; /* [n x scores] */
    cxs_scored *scored; /* [scores] */
    const char *basis;
    const char *linear;    /* values of weighted scores: "tpm", "cpm" or "log" */
    cxs_subtypes subtypes; /* es NULL: not called */
};

/* A growing list of rules; the sets they point to are borrowed. */
typedef struct cxs_score_rules {
    cxs_score_rule *rule;
    size_t count, capacity;
} cxs_score_rules;
cxs_rc cxs_score_rules_add(cxs_ctx *ctx, cxs_score_rules *rules, const char *id,
                           const cxs_score_rule *rule) CXS_MUST_USE;
void cxs_score_rules_free(cxs_score_rules *rules);
/* Rules of a GMT file, and those of the reference signatures. */
cxs_rc cxs_gmt_rules(cxs_ctx *ctx, const cxs_gene_sets *sets, cxs_score score,
                     cxs_score_rules *rules) CXS_MUST_USE;
cxs_rc cxs_signature_rules(cxs_ctx *ctx, const cxs_gene_sets *sets,
                           cxs_score_rules *rules) CXS_MUST_USE;

/* Score every rule. */
cxs_rc cxs_scores_make(cxs_ctx *ctx, const cxs_levels *levels,
                       const cxs_gene_index *index, const cxs_score_rules *rules,
                       cxs_scores **out) CXS_MUST_USE;

/* scores_values.c: the scores that are not made of ranks.  column: [usable] row of the
 * result of each sample of y. */
cxs_rc cxs_scores_values(cxs_ctx *ctx, const cxs_levels *levels, const size_t *column,
                         cxs_scores *scores) CXS_MUST_USE;

/* Subtype calls from the three scores of scored sets.  notes NULL: nothing known of the
 * samples.  frozen NULL: null and moments of the samples at hand. */
cxs_rc cxs_subtypes_call(cxs_ctx *ctx, const cxs_levels *levels,
                         const cxs_scored *const set[CXS_SUBTYPES],
                         const cxs_sample_notes *notes, uint64_t seed,
                         const cxs_frozen *frozen, cxs_scores *scores) CXS_MUST_USE;
void cxs_subtypes_free(cxs_subtypes *subtypes);

#endif /* CXS_FEATURES_SCORES_H */
