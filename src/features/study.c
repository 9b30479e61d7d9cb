/*
 * study.c -- features of a study file: its matrix, its settings, its cohorts
 */
#include "features/derive.h"

#include "store/data.h"

#include <string.h>
#include <strings.h>

static cxs_rc parse_normalise(cxs_ctx *ctx, const char *text, cxs_normalise *out)
{
    for (int k = CXS_NORMALISE_NONE; k <= CXS_NORMALISE_TPM; k++)
        if (strcmp(text, cxs_normalise_name((cxs_normalise)k)) == 0) {
            *out = (cxs_normalise)k;
            return CXS_OK;
        }
    return cxs_fail(ctx, CXS_EARG,
                    "study setting normalise: '%s' is not one of none, tmm, mor, tpm",
                    text);
}

/* The study's yes or no; CXS_FEATURES_AUTO where it says nothing. */
static cxs_rc parse_yes(cxs_ctx *ctx, const char *key, const char *text, int *out)
{
    static const char *const words[2][4] = {{"no", "false", "0", "off"},
                                            {"yes", "true", "1", "on"}};

    for (int answer = 0; answer < 2; answer++)
        for (size_t k = 0; k < 4; k++)
            if (strcasecmp(text, words[answer][k]) == 0) {
                *out = answer;
                return CXS_OK;
            }
    return cxs_fail(ctx, CXS_EARG, "study setting %s: '%s' is not yes or no", key,
                    text);
}

static cxs_rc study_settings(cxs_ctx *ctx, cxs_study *study, cxs_features_settings *s)
{
    const char *normalise = cxs_study_setting(study, "normalise");
    const char *ranks = cxs_study_setting(study, "rank_normal");
    cxs_rc rc = CXS_OK;

    if (s->normalise == CXS_NORMALISE_AUTO && *normalise != '\0')
        CXS_TRY(parse_normalise(ctx, normalise, &s->normalise));
    if (s->rank_normal == CXS_FEATURES_AUTO && *ranks != '\0')
        CXS_TRY(parse_yes(ctx, "rank_normal", ranks, &s->rank_normal));
    if (s->plausibility_stops == CXS_FEATURES_AUTO)
        s->plausibility_stops = 1;

done:
    return rc;
}

/* Stratum of each patient; patients outside the analysis set form one more cohort, so
 * that they neither borrow nor lend ranks. */
static void match_strata(const cxs_surv *surv, const cxs_matrix *m, uint32_t *cohort)
{
    size_t r = 0;

    for (size_t i = 0; i < m->n; i++) { /* both are sorted by id */
        while (r < surv->n && strcmp(surv->id[r], m->sample[i]) < 0)
            r++;
        cohort[i] = r < surv->n && strcmp(surv->id[r], m->sample[i]) == 0
                        ? surv->stratum[r]
                        : (uint32_t)surv->n_strata;
    }
}

cxs_rc cxs_features_study(cxs_ctx *ctx, cxs_study *study,
                          const cxs_features_settings *settings, cxs_features **out)
{
    cxs_features_settings s = settings != NULL ? *settings : cxs_features_auto();
    cxs_matrix *m = NULL;
    cxs_surv *surv = NULL;
    uint32_t *cohort = NULL;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_TRY(study_settings(ctx, study, &s));
    CXS_TRY(cxs_study_matrix(ctx, study, &m));
    m->estimated = strcmp(cxs_study_setting(study, "counts_estimated"), "yes") == 0;
    if (s.rank_normal == 1 && s.clinical == NULL) {
        CXS_TRY(cxs_study_surv(ctx, study, 0, &surv));
        CXS_NEW(cohort, m->n);
        match_strata(surv, m, cohort);
    }
    CXS_TRY(cxs_features_derive(ctx, m, cohort, &s, out));

done:
    cxs_free(cohort);
    cxs_surv_free(surv);
    cxs_matrix_free(m);
    return rc;
}
