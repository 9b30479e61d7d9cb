/*
 * study_confounded.c -- is the batch or the centre one with the arm or the events (CX051)
 *
 * A grouping determines the arm when each of its levels holds patients of one arm alone:
 * what differs between arms may then be what differs between batches.  A model with both
 * cannot tell them apart and is refused; so is one that adjusts for a grouping of which
 * one level holds all events.  Two groups and two arms, or two events, are the least that
 * can be confounded.
 */
#include "store/study_builder.h"

#include "base/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A grouping of the rows of the analysis set. */
typedef struct groups {
    const char *column, *word; /* "BATCH", "batch" */
    char **level;              /* [n], NULL where not known */
} groups;

/* Texts of one query (patient, value) for the rows; the first of a patient counts. */
static cxs_rc read_texts(cxs_builder *b, const char *sql, const char *name, char **text)
{
    const cxs_surv *surv = b->surv;
    cxs_ctx *ctx = b->ctx;
    cxs_stmt *stmt = NULL;
    bool row = false;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_db_prepare(ctx, b->study->db, sql, &stmt));
    cxs_bind_text(stmt, 1, name);
    for (;;) {
        const char *id;
        char *const *hit;
        CXS_TRY(cxs_stmt_step(ctx, stmt, &row));
        if (!row)
            break;
        id = cxs_column_text(stmt, 0);
        hit = bsearch(&id, surv->id, surv->n, sizeof *surv->id, cxs_text_compare);
        if (hit == NULL || text[hit - surv->id] != NULL)
            continue;
        text[hit - surv->id] = cxs_strdup(ctx, cxs_column_text(stmt, 1));
        if (text[hit - surv->id] == NULL)
            CXS_TRY(CXS_ENOMEM);
    }

done:
    cxs_stmt_free(stmt);
    return rc;
}

static cxs_rc read_both(cxs_builder *b, const char *name, char **text)
{
    static const char of_samples[] =
        "SELECT s.patient, v.value FROM sample_value v JOIN sample s ON s.id = v.sample"
        " WHERE v.name = ?1 AND s.baseline = 1 ORDER BY s.patient, s.id";
    static const char of_patients[] =
        "SELECT patient, value FROM patient_value WHERE name = ?1";
    const cxs_rc rc = read_texts(b, of_samples, name, text);

    return rc == CXS_OK ? read_texts(b, of_patients, name, text) : rc;
}

/* Is the column among the strata, or among the covariates? */
static bool is_used(const cxs_builder *b, const char *name, bool covariates)
{
    const size_t first = covariates ? b->strata : 0;
    const size_t end = covariates ? b->strata + b->covariates : b->strata;

    for (size_t c = first; c < end; c++)
        if (strcmp(b->columns[c].name, name) == 0)
            return true;
    return false;
}

static bool same(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* A patient of whom both are known. */
typedef struct pair {
    const char *level, *arm;
} pair;

static int by_level(const void *left, const void *right)
{
    const pair *l = left, *r = right;
    const int order = strcmp(l->level, r->level);

    return order != 0 ? order : strcmp(l->arm, r->arm);
}

static int by_arm(const void *left, const void *right)
{
    const pair *l = left, *r = right;
    const int order = strcmp(l->arm, r->arm);

    return order != 0 ? order : strcmp(l->level, r->level);
}

/* Each level holds one arm, and there are two of both.  Pairs by level. */
static bool determines(const pair *p, size_t n)
{
    bool two_levels = false, two_arms = false;

    for (size_t i = 1; i < n; i++) {
        const bool level = same(p[i].level, p[i - 1].level);
        const bool arm = same(p[i].arm, p[i - 1].arm);
        if (level && !arm)
            return false;
        two_levels = two_levels || !level;
        two_arms = two_arms || !arm;
    }
    return two_levels && two_arms;
}

/* Patients of one arm in pairs by arm: [first, end) and their levels. */
typedef struct arm_range {
    size_t first, end, levels;
} arm_range;

/* The arm with the fewest levels, the first of them. */
static arm_range fewest_levels(const pair *p, size_t n)
{
    arm_range best = {0, 0, SIZE_MAX}, at = {0, 0, 0};

    for (; at.first < n; at.first = at.end) {
        at.levels = 0;
        for (at.end = at.first; at.end < n && same(p[at.end].arm, p[at.first].arm);
             at.end++)
            at.levels +=
                at.end == at.first || !same(p[at.end].level, p[at.end - 1].level);
        if (at.levels < best.levels)
            best = at;
    }
    return best;
}

static cxs_rc tell_arm(cxs_builder *b, const groups *g, const pair *p, size_t n)
{
    const bool refused = is_used(b, "ARM", true) &&
                         (is_used(b, g->column, true) || is_used(b, g->column, false));
    const arm_range of = fewest_levels(p, n);
    const size_t patients = of.end - of.first;
    const char *s = of.levels > 1 ? (same(g->word, "batch") ? "es" : "s") : "";
    const char *hold = of.levels > 1 ? "hold" : "holds";
    cxs_ctx *ctx = b->ctx;
    cxs_buf names = {0};
    cxs_rc rc = CXS_OK;

    for (size_t i = of.first; i < of.end; i++)
        if (i == of.first || !same(p[i].level, p[i - 1].level))
            CXS_TRY(cxs_buf_addf(ctx, &names, "%s%s", i > of.first ? ", " : "",
                                 p[i].level));
    if (refused)
        rc = cxs_fail_code(ctx, CXS_EDEGENERATE, "CX051",
                           "%s%s %s %s all %zu patients of arm %s: a model with both "
                           "%s and ARM cannot be fitted",
                           g->word, s, names.text, hold, patients, p[of.first].arm,
                           g->column);
    else
        rc = cxs_warn(ctx, "CX051", "%s%s %s %s all %zu patients of arm %s", g->word, s,
                      names.text, hold, patients, p[of.first].arm);

done:
    cxs_free(names.text);
    return rc;
}

static cxs_rc check_arms(cxs_builder *b, const groups *g, char *const *arm)
{
    const size_t n = b->surv->n;
    cxs_ctx *ctx = b->ctx;
    pair *p = NULL;
    size_t known = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(p, n);
    for (size_t i = 0; i < n; i++)
        if (g->level[i] != NULL && arm[i] != NULL)
            p[known++] = (pair){g->level[i], arm[i]};
    qsort(p, known, sizeof *p, by_level);
    if (!determines(p, known))
        goto done;
    qsort(p, known, sizeof *p, by_arm);
    rc = tell_arm(b, g, p, known);

done:
    cxs_free(p);
    return rc;
}

/* All events, two at least, in one of two levels or more. */
static cxs_rc check_events(cxs_builder *b, const groups *g)
{
    const cxs_surv *surv = b->surv;
    const char *with = NULL;
    size_t events = 0;
    bool others = false;

    for (size_t i = 0; i < surv->n; i++) {
        if (surv->event[i] == 0)
            continue;
        if (g->level[i] == NULL || (with != NULL && !same(g->level[i], with)))
            return CXS_OK;
        with = g->level[i];
        events++;
    }
    for (size_t i = 0; with != NULL && i < surv->n; i++)
        others = others || (g->level[i] != NULL && !same(g->level[i], with));
    if (events < 2 || !others)
        return CXS_OK;
    if (is_used(b, g->column, true))
        return cxs_fail_code(b->ctx, CXS_EDEGENERATE, "CX051",
                             "%s %s holds all %zu events: a model cannot be adjusted "
                             "for %s",
                             g->word, with, events, g->column);
    return cxs_warn(b->ctx, "CX051", "%s %s holds all %zu events", g->word, with,
                    events);
}

cxs_rc cxs_builder_confounded(cxs_builder *b)
{
    const size_t n = b->surv->n;
    const char *centre = cxs_study_setting(b->study, "centre");
    groups all[] = {{"BATCH", "batch", NULL},
                    {*centre != '\0' ? centre : "CENTER_ID", "centre", NULL}};
    cxs_ctx *ctx = b->ctx;
    char **arm = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(arm, n + 1);
    CXS_TRY(read_both(b, "ARM", arm));
    for (size_t g = 0; g < sizeof all / sizeof *all && rc == CXS_OK; g++) {
        CXS_NEW(all[g].level, n + 1);
        rc = read_both(b, all[g].column, all[g].level);
        if (rc == CXS_OK)
            rc = check_arms(b, &all[g], arm);
        if (rc == CXS_OK)
            rc = check_events(b, &all[g]);
    }

done:
    for (size_t g = 0; g < sizeof all / sizeof *all; g++)
        cxs_free_strings(all[g].level, n);
    cxs_free_strings(arm, n);
    return rc;
}
