/*
 * signatures.c -- how each signature of the reference tables becomes a score
 *
 * GEP18 (Ayers 2017): sum_g w_g (log2(TPM_g + 1) - h), h the mean of log2(TPM + 1) over
 * the housekeeping genes that are present.  The weights were fitted on another platform,
 * so the score orders patients and has no cut-off.  Without gene lengths counts per
 * million stand for TPM: each gene is then off by a constant factor, which moves all
 * samples nearly alike.
 *
 * CYT (Rooney 2015): sqrt((GZMA + 0.01)(PRF1 + 0.01)), TPM.
 *
 * Sets that the literature scores by a mean of log2 expression keep it; the sets that
 * this project defines are weighted means of z-scores; all other sets get a singscore,
 * which depends on the sample alone.  The subtype sets get the ssGSEA of their source.
 */
#include "features/scores.h"

#include <string.h>

typedef struct recipe {
    const char *set; /* name, or beginning of names with a star behind */
    cxs_method method;
    const char *second; /* set of the method, or NULL */
    const char *remark;
} recipe;

static const recipe recipes[] = {
    {"GEP18", CXS_METHOD_WEIGHTED, "GEP18_HK",
     "relative score: no published cut-off applies"},
    {"CYT", CXS_METHOD_GEOMETRIC, NULL, NULL},
    {"IFNG6", CXS_METHOD_MEAN, NULL, NULL},
    {"EXPANDED_IMMUNE18", CXS_METHOD_MEAN, NULL, NULL},
    {"DANAHER_*", CXS_METHOD_MEAN, NULL, NULL},
    {"TEX_CORE", CXS_METHOD_Z_MEAN, NULL,
     "collinear with TEFF_CORE and total T cells; z-scores of the training samples"},
    {"TEFF_CORE", CXS_METHOD_Z_MEAN, NULL, "z-scores of the training samples"},
    {"TSTEM_CORE", CXS_METHOD_Z_MEAN, NULL, "z-scores of the training samples"},
    {"APM_MHC1", CXS_METHOD_Z_MEAN, NULL, "z-scores of the training samples"},
    {"PEMETREXED_AXIS", CXS_METHOD_Z_MEAN, NULL,
     "from mechanism, not validated; z-scores of the training samples"},
    {"PROLIFERATION11", CXS_METHOD_SINGSCORE, NULL,
     "holds TYMS, a target of pemetrexed: no independent axis beside it"},
    {"HYPOXIA_BUFFA", CXS_METHOD_SINGSCORE, NULL,
     "holds SEC61G, beside EGFR: follows its amplification in glioma"},
    {"WANG_*", CXS_METHOD_SSGSEA, NULL, NULL},
    {"*", CXS_METHOD_SINGSCORE, NULL, NULL},
};

static bool matches(const char *pattern, const char *name)
{
    const size_t length = strlen(pattern);

    if (length > 0 && pattern[length - 1] == '*')
        return strncmp(pattern, name, length - 1) == 0;
    return strcmp(pattern, name) == 0;
}

static cxs_rc add_rule(cxs_ctx *ctx, cxs_score_rules *rules, const char *name,
                       const cxs_score_rule *rule)
{
    char id[128];

    if (strlen(name) > sizeof id - sizeof "rna.sig.")
        return cxs_fail(ctx, CXS_EFORMAT, "signature '%s': the name is too long", name);
    strcpy(id, "rna.sig.");
    strcat(id, name);
    return cxs_score_rules_add(ctx, rules, id, rule);
}

/* Scores that are made of other sets. */
static cxs_rc add_derived(cxs_ctx *ctx, const cxs_gene_sets *sets,
                          cxs_score_rules *rules)
{
    const cxs_gene_set *tex = cxs_gene_sets_find(sets, "TEX_CORE");
    const cxs_gene_set *teff = cxs_gene_sets_find(sets, "TEFF_CORE");
    const cxs_gene_set *stem = cxs_gene_sets_find(sets, "TSTEM_CORE");
    const cxs_gene_set *tcell = cxs_gene_sets_find(sets, "DANAHER_TCELL");
    const cxs_gene_set *hypoxia = cxs_gene_sets_find(sets, "HYPOXIA_BUFFA");
    cxs_rc rc = CXS_OK;

    if (tex != NULL && teff != NULL)
        CXS_TRY(
            add_rule(ctx, rules, "TEX_MINUS_TEFF",
                     &(cxs_score_rule){.method = CXS_METHOD_DIFFERENCE,
                                       .first = tex,
                                       .second = teff,
                                       .remark = "z-scores of the training samples"}));
    if (stem != NULL && tcell != NULL)
        CXS_TRY(
            add_rule(ctx, rules, "TSTEM_BEYOND_TCELL",
                     &(cxs_score_rule){.method = CXS_METHOD_RESIDUAL,
                                       .first = stem,
                                       .second = tcell,
                                       .remark = "residual of the training samples"}));
    if (hypoxia != NULL)
        CXS_TRY(add_rule(ctx, rules, "HYPOXIA_BUFFA_NO_EGFR",
                         &(cxs_score_rule){.method = CXS_METHOD_SINGSCORE,
                                           .first = hypoxia,
                                           .without = "SEC61G"}));

done:
    return rc;
}

cxs_rc cxs_signature_rules(cxs_ctx *ctx, const cxs_gene_sets *sets,
                           cxs_score_rules *rules)
{
    cxs_rc rc = CXS_OK;

    for (size_t s = 0; s < sets->count; s++) {
        const cxs_gene_set *set = &sets->set[s];
        const recipe *r = recipes;
        if (strcmp(set->name, "GEP18_HK") == 0)
            continue; /* serves GEP18 */
        while (!matches(r->set, set->name))
            r++;
        CXS_TRY(add_rule(
            ctx, rules, set->name,
            &(cxs_score_rule){.method = r->method,
                              .first = set,
                              .second = r->second != NULL
                                            ? cxs_gene_sets_find(sets, r->second)
                                            : NULL,
                              .remark = r->remark}));
    }
    CXS_TRY(add_derived(ctx, sets, rules));

done:
    return rc;
}

/* The down set that belongs to an up set, and the name of both together. */
static const cxs_gene_set *partner(const cxs_gene_sets *sets, const char *name,
                                   char *joint, size_t room)
{
    static const char *const endings[] = {"_DN", "_DOWN"};
    const size_t length = strlen(name);
    const cxs_gene_set *down = NULL;

    if (length <= 3 || length + 3 > room || strcmp(name + length - 3, "_UP") != 0)
        return NULL;
    for (size_t e = 0; down == NULL && e < 2; e++) {
        memcpy(joint, name, length - 3);
        strcpy(joint + length - 3, endings[e]);
        down = cxs_gene_sets_find(sets, joint);
    }
    joint[length - 3] = '\0';
    return down;
}

cxs_rc cxs_gmt_rules(cxs_ctx *ctx, const cxs_gene_sets *sets, cxs_score score,
                     cxs_score_rules *rules)
{
    static const cxs_method methods[] = {CXS_METHOD_SINGSCORE, CXS_METHOD_SSGSEA,
                                         CXS_METHOD_Z_SUM};
    char joint[512];
    cxs_rc rc = CXS_OK;

    for (size_t s = 0; s < sets->count; s++) {
        const cxs_gene_set *set = &sets->set[s];
        const cxs_gene_set *down = partner(sets, set->name, joint, sizeof joint);
        CXS_TRY(cxs_score_rules_add(
            ctx, rules, set->name,
            &(cxs_score_rule){.method = methods[score], .first = set}));
        if (score == CXS_SCORE_SINGSCORE && down != NULL &&
            cxs_gene_sets_find(sets, joint) == NULL)
            CXS_TRY(cxs_score_rules_add(
                ctx, rules, joint,
                &(cxs_score_rule){.method = CXS_METHOD_SINGSCORE_PAIR,
                                  .first = set,
                                  .second = down,
                                  .remark = "up set and down set"}));
    }

done:
    return rc;
}
