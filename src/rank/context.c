/*
 * context.c -- what stands around the ranking in the results store
 *
 * Aggregates only.  Warnings come from all stages and were written for the person at
 * the terminal, so what might name a patient or a folder is cut out of them here.
 */
#include "rank/results.h"

#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void cxs_round_text(double value, int digits, char out[CXS_NUMBER_BYTES])
{
    const double lead = value != 0.0 && isfinite(value) ? floor(log10(fabs(value))) : 0;
    const int decimals = digits - 1 - (int)lead;
    const double unit = pow(10.0, abs(decimals));

    /* multiply or divide by a whole power: 0.1 + 0.2 style tails do not come back */
    value = decimals >= 0 ? round(value * unit) / unit : round(value / unit) * unit;
    cxs_number_format(value, out);
}

/* ---- key and value --------------------------------------------------------------- */

static cxs_rc put_text(cxs_ctx *ctx, cxs_stmt *stmt, const char *key, const char *value)
{
    cxs_bind_text(stmt, 1, key);
    cxs_bind_text(stmt, 2, value);
    return cxs_stmt_run(ctx, stmt);
}

static cxs_rc put_real(cxs_ctx *ctx, cxs_stmt *stmt, const char *key, double value)
{
    char text[CXS_NUMBER_BYTES];

    cxs_number_format(value, text);
    return put_text(ctx, stmt, key, text);
}

static cxs_rc put_size(cxs_ctx *ctx, cxs_stmt *stmt, const char *key, size_t value)
{
    char text[CXS_NUMBER_BYTES];

    snprintf(text, sizeof text, "%zu", value);
    return put_text(ctx, stmt, key, text);
}

/* Names joined by ", ". */
static cxs_rc put_names(cxs_ctx *ctx, cxs_stmt *stmt, const char *key, size_t count,
                        const char *const *name)
{
    cxs_buf text = {0};
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_buf_addf(ctx, &text, "%s", ""));
    for (size_t i = 0; i < count; i++)
        CXS_TRY(cxs_buf_addf(ctx, &text, "%s%s", i > 0 ? ", " : "", name[i]));
    CXS_TRY(put_text(ctx, stmt, key, text.text));

done:
    cxs_free(text.text);
    return rc;
}

static const char *ties_name(cxs_ties ties)
{
    return ties == CXS_TIES_EFRON ? "efron" : "breslow";
}

static const char *test_name(cxs_screen_test test)
{
    static const char *const names[] = {"wald", "lrt", "score"};

    return names[test];
}

static cxs_rc meta_of_cohort(cxs_ctx *ctx, const cxs_ranking *ranking, cxs_stmt *stmt)
{
    const cxs_surv *surv = ranking->joined->surv;
    double followup = (double)NAN;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_median_followup(ctx, surv, &followup));
    CXS_TRY(put_text(ctx, stmt, "title", cxs_surv_title(surv)));
    CXS_TRY(put_text(ctx, stmt, "endpoint", cxs_surv_endpoint(surv)));
    CXS_TRY(put_text(ctx, stmt, "time_unit", cxs_surv_time_unit(surv)));
    CXS_TRY(put_size(ctx, stmt, "n", cxs_surv_n(surv)));
    CXS_TRY(put_size(ctx, stmt, "n_subjects", cxs_surv_n_subjects(surv)));
    CXS_TRY(put_size(ctx, stmt, "events", cxs_surv_events(surv)));
    CXS_TRY(put_size(ctx, stmt, "p", ranking->p));
    CXS_TRY(put_size(ctx, stmt, "p_tested", ranking->evaluated));
    CXS_TRY(put_names(ctx, stmt, "strata", cxs_surv_n_strata(surv),
                      cxs_surv_stratum_name(surv)));
    CXS_TRY(put_names(ctx, stmt, "covariates", cxs_surv_k(surv), cxs_surv_term(surv)));
    CXS_TRY(put_real(ctx, stmt, "median_followup", followup));

done:
    return rc;
}

static cxs_rc meta_of_evidence(cxs_ctx *ctx, const cxs_ranking *ranking, cxs_stmt *stmt)
{
    const cxs_stability *stability = &ranking->stability;
    const cxs_permutation *check = &ranking->permutation;
    cxs_rc rc = CXS_OK;

    CXS_TRY(put_text(ctx, stmt, "ties", ties_name(ranking->settings.ties)));
    CXS_TRY(put_size(ctx, stmt, "stability_q", stability->q));
    CXS_TRY(put_size(ctx, stmt, "stability_pairs", stability->pairs));
    CXS_TRY(put_real(ctx, stmt, "stability_threshold", ranking->settings.threshold));
    CXS_TRY(put_real(ctx, stmt, "pfer_bound", stability->bound));
    CXS_TRY(put_real(ctx, stmt, "pfer_bound_mb", stability->bound_mb));
    CXS_TRY(put_size(ctx, stmt, "permutations", check->replicates));
    CXS_TRY(put_real(ctx, stmt, "permutation_p", check->p));
    CXS_TRY(put_real(ctx, stmt, "max_abs_z", check->observed));
    CXS_TRY(put_text(ctx, stmt, "verdict", ranking->verdict));
    CXS_TRY(put_real(ctx, stmt, "pi0", ranking->prior.pi0));
    CXS_TRY(put_real(ctx, stmt, "tau2", ranking->prior.tau2));

done:
    return rc;
}

static cxs_rc write_meta(cxs_ctx *ctx, const cxs_ranking *ranking,
                         const cxs_record *record, cxs_db *db)
{
    char digest[CXS_SHA256_HEX] = "";
    cxs_stmt *stmt = NULL;
    cxs_rc rc = CXS_OK;

    if (record != NULL)
        CXS_TRY(cxs_record_settings_digest(ctx, record, digest));
    CXS_TRY(cxs_db_prepare(ctx, db, "INSERT INTO meta VALUES(?1,?2)", &stmt));
    CXS_TRY(put_text(ctx, stmt, "version", cxs_version()));
    CXS_TRY(put_text(ctx, stmt, "settings_digest", digest));
    CXS_TRY(meta_of_cohort(ctx, ranking, stmt));
    CXS_TRY(meta_of_evidence(ctx, ranking, stmt));

done:
    cxs_stmt_free(stmt);
    return rc;
}

static cxs_rc write_settings(cxs_ctx *ctx, const cxs_rank_settings *s, cxs_db *db)
{
    cxs_stmt *stmt = NULL;
    char seed[CXS_NUMBER_BYTES];
    cxs_rc rc = CXS_OK;

    snprintf(seed, sizeof seed, "%llu", (unsigned long long)s->seed);
    CXS_TRY(cxs_db_prepare(ctx, db, "INSERT INTO setting VALUES(?1,?2)", &stmt));
    CXS_TRY(put_text(ctx, stmt, "ties", ties_name(s->ties)));
    CXS_TRY(put_text(ctx, stmt, "test", test_name(s->test)));
    CXS_TRY(put_size(ctx, stmt, "pairs", s->pairs));
    CXS_TRY(put_real(ctx, stmt, "threshold", s->threshold));
    CXS_TRY(put_real(ctx, stmt, "max_errors", s->max_errors));
    CXS_TRY(put_real(ctx, stmt, "alpha", s->alpha));
    CXS_TRY(put_size(ctx, stmt, "permutations", s->permutations));
    CXS_TRY(put_size(ctx, stmt, "bootstraps", s->bootstraps));
    CXS_TRY(put_size(ctx, stmt, "draws", s->draws));
    CXS_TRY(put_size(ctx, stmt, "top", s->top));
    CXS_TRY(put_real(ctx, stmt, "horizon_days", s->horizon_days));
    CXS_TRY(put_text(ctx, stmt, "seed", seed));
    CXS_TRY(put_text(ctx, stmt, "curve_groups",
                     "split at the median of the analysis set, for display"));

done:
    cxs_stmt_free(stmt);
    return rc;
}

/* ---- counts ---------------------------------------------------------------------- */

static cxs_rc write_flow(cxs_ctx *ctx, const cxs_surv *surv, cxs_db *db)
{
    cxs_stmt *stmt = NULL;
    cxs_rc rc = CXS_OK;
    size_t steps = 0;
    const cxs_flow_step *flow = cxs_surv_flow(surv, &steps);

    CXS_TRY(cxs_db_prepare(ctx, db, "INSERT INTO flow VALUES(?1,?2,?3)", &stmt));
    for (size_t i = 0; i < steps; i++) {
        cxs_bind_int(stmt, 1, (int64_t)i + 1);
        cxs_bind_text(stmt, 2, flow[i].what);
        cxs_bind_int(stmt, 3, (int64_t)flow[i].count);
        CXS_TRY(cxs_stmt_run(ctx, stmt));
    }

done:
    cxs_stmt_free(stmt);
    return rc;
}

/* Subjects (by their last row) and events of each group, groups without rows left out.
 */
static cxs_rc write_groups(cxs_ctx *ctx, const cxs_surv *surv, const uint32_t *group,
                           size_t count, const char *const *name, const char *sql,
                           cxs_db *db)
{
    const size_t n = cxs_surv_n(surv);
    const char *const *id = cxs_surv_id(surv);
    size_t *subjects = NULL, *events = NULL;
    cxs_stmt *stmt = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(subjects, count);
    CXS_NEW(events, count);
    for (size_t i = 0; i < n; i++) {
        subjects[group[i]] += i + 1 == n || strcmp(id[i], id[i + 1]) != 0;
        events[group[i]] += cxs_surv_event(surv)[i];
    }
    CXS_TRY(cxs_db_prepare(ctx, db, sql, &stmt));
    for (size_t g = 0; g < count; g++) {
        if (subjects[g] == 0 && events[g] == 0)
            continue;
        cxs_bind_text(stmt, 1, name[g]);
        cxs_bind_int(stmt, 2, (int64_t)subjects[g]);
        cxs_bind_int(stmt, 3, (int64_t)events[g]);
        CXS_TRY(cxs_stmt_run(ctx, stmt));
    }

done:
    cxs_stmt_free(stmt);
    cxs_free(subjects);
    cxs_free(events);
    return rc;
}

/* ---- clinical model -------------------------------------------------------------- */

static cxs_rc write_clinical(cxs_ctx *ctx, const cxs_cox_fit *fit, cxs_db *db)
{
    cxs_stmt *stmt = NULL;
    size_t k = 0;
    const cxs_cox_row *row = cxs_cox_rows(fit, &k);
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_db_prepare(
        ctx, db, "INSERT INTO clinical VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)", &stmt));
    for (size_t t = 0; t < k; t++) {
        cxs_bind_text(stmt, 1, row[t].term);
        cxs_bind_real(stmt, 2, row[t].beta);
        cxs_bind_real(stmt, 3, row[t].se);
        cxs_bind_real(stmt, 4, row[t].z);
        cxs_bind_real(stmt, 5, row[t].log10_p);
        cxs_bind_real(stmt, 6, row[t].p);
        cxs_bind_real(stmt, 7, row[t].hr);
        cxs_bind_real(stmt, 8, row[t].hr_l95);
        cxs_bind_real(stmt, 9, row[t].hr_u95);
        cxs_bind_text(stmt, 10, cxs_status_name(row[t].status));
        CXS_TRY(cxs_stmt_run(ctx, stmt));
    }

done:
    cxs_stmt_free(stmt);
    return rc;
}

/* ---- warnings -------------------------------------------------------------------- */

/* A patient's id; a plain number is not taken for one, since counts look the same. */
static bool is_id(const cxs_surv *surv, const char *word)
{
    return word[strspn(word, "0123456789")] != '\0' &&
           bsearch(&word, cxs_surv_id(surv), cxs_surv_n(surv), sizeof(char *),
                   cxs_text_compare) != NULL;
}

/* Copy `text` word by word: quoted words and ids become ***, folders of paths are cut.
 */
static cxs_rc mask_warning(cxs_ctx *ctx, const cxs_surv *surv, const char *text,
                           cxs_buf *out)
{
    static const char gaps[] = " ,:;()";
    char *word = NULL;
    cxs_rc rc = CXS_OK;

    while (*text != '\0') {
        size_t length = strcspn(text, gaps);
        const char *shown, *slash;
        if (*text == '\'' && strchr(text + 1, '\'') != NULL)
            length = (size_t)(strchr(text + 1, '\'') - text) + 1;
        if ((word = cxs_strndup(ctx, text, length)) == NULL)
            CXS_TRY(CXS_ENOMEM);
        slash = strrchr(word, '/');
        shown = slash != NULL ? slash + 1 : word;
        if (*word == '\'' || is_id(surv, word))
            shown = "***";
        CXS_TRY(cxs_buf_addf(ctx, out, "%s", shown));
        text += length;
        length = strspn(text, gaps);
        CXS_TRY(cxs_buf_add(ctx, out, text, length));
        text += length;
        cxs_free(word);
        word = NULL;
    }

done:
    cxs_free(word);
    return rc;
}

static cxs_rc write_warnings(cxs_ctx *ctx, const cxs_surv *surv, cxs_db *db)
{
    cxs_stmt *stmt = NULL;
    cxs_buf text = {0};
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_db_prepare(ctx, db,
                           "INSERT INTO warning VALUES(?1,?2) ON CONFLICT(text) DO "
                           "UPDATE SET times = times + excluded.times",
                           &stmt));
    for (size_t i = 0; i < cxs_ctx_warning_count(ctx); i++) {
        size_t times = 0;
        const char *warning = cxs_ctx_warning(ctx, i, &times);
        text.length = 0;
        CXS_TRY(cxs_buf_addf(ctx, &text, "%s", ""));
        CXS_TRY(mask_warning(ctx, surv, warning, &text));
        cxs_bind_text(stmt, 1, text.text);
        cxs_bind_int(stmt, 2, (int64_t)times);
        CXS_TRY(cxs_stmt_run(ctx, stmt));
    }

done:
    cxs_free(text.text);
    cxs_stmt_free(stmt);
    return rc;
}

cxs_rc cxs_write_context(cxs_ctx *ctx, const cxs_ranking *ranking,
                         const cxs_record *record, cxs_db *db)
{
    const cxs_surv *surv = ranking->joined->surv;
    cxs_rc rc = CXS_OK;

    CXS_TRY(write_meta(ctx, ranking, record, db));
    CXS_TRY(write_settings(ctx, &ranking->settings, db));
    CXS_TRY(write_flow(ctx, surv, db));
    if (cxs_surv_centre(surv) != NULL)
        CXS_TRY(write_groups(ctx, surv, cxs_surv_centre(surv), cxs_surv_n_centres(surv),
                             cxs_surv_centre_name(surv),
                             "INSERT INTO centre VALUES(?1,?2,?3)", db));
    CXS_TRY(write_groups(ctx, surv, cxs_surv_stratum(surv), cxs_surv_n_strata(surv),
                         cxs_surv_stratum_name(surv),
                         "INSERT INTO stratum VALUES(?1,?2,?3)", db));
    if (ranking->clinical != NULL)
        CXS_TRY(write_clinical(ctx, ranking->clinical, db));
    CXS_TRY(write_warnings(ctx, surv, db));

done:
    return rc;
}
