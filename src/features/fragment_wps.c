/*
 * fragment_wps.c -- protection of windows (Snyder et al. 2016, Cell 164:57)
 *
 * Scores of single windows are told from ten-fold depth on; below it only the mean over
 * a thousand windows or more, because a score of a handful of fragments is their number.
 * Windows of one name are a group.
 */
#include "features/fragment_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ENOUGH_SITES = 1000, MOST_GROUPS = 64, NAME_BYTES = 128, KINDS = 2 };

static const double DEEP = 10.0;

static const char *const kind_name[KINDS] = {"long", "short"};
static const char *const sum_name[KINDS] = {"long_adjusted", "short_adjusted"};

typedef struct groups {
    char *name[MOST_GROUPS + 1]; /* sorted */
    size_t count; /* above MOST_GROUPS: the names are of single windows */
} groups;

static void groups_free(groups *g)
{
    for (size_t k = 0; k < g->count && k <= MOST_GROUPS; k++)
        cxs_free(g->name[k]);
}

/* A name that can stand in that of a feature. */
static int is_plain(const char *name)
{
    return *name != '\0' && strlen(name) < NAME_BYTES / 2 &&
           name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                             "0123456789_-+")] == '\0';
}

static cxs_rc add_name(cxs_ctx *ctx, const char *name, groups *g)
{
    size_t at = 0;

    while (at < g->count && strcmp(g->name[at], name) < 0)
        at++;
    if (at < g->count && strcmp(g->name[at], name) == 0)
        return CXS_OK;
    for (size_t k = g->count; k > at; k--)
        g->name[k] = g->name[k - 1];
    g->name[at] = cxs_strdup(ctx, name);
    if (g->name[at] == NULL) {
        for (size_t k = at; k < g->count; k++)
            g->name[k] = g->name[k + 1];
        return CXS_ENOMEM;
    }
    g->count++;
    return CXS_OK;
}

static const cxs_measure *windows_of(const cxs_patient_file *file)
{
    return file->bag != NULL ? cxs_measures_find(file->bag, "wps_windows") : NULL;
}

static cxs_rc list_groups(cxs_ctx *ctx, const cxs_patient_file *file, size_t n,
                          groups *g, int *any)
{
    cxs_rc rc = CXS_OK;

    *any = 0;
    for (size_t i = 0; i < n; i++) {
        const cxs_measure *t = windows_of(&file[i]);
        const char *const *name = t != NULL ? cxs_measure_get_text(t, "name") : NULL;
        *any = *any || t != NULL;
        for (size_t k = 0; name != NULL && k < cxs_measure_rows(t); k++)
            if (g->count <= MOST_GROUPS && name[k] != NULL && is_plain(name[k]))
                CXS_TRY(add_name(ctx, name[k], g));
    }
done:
    return rc;
}

/* Mean of the adjusted score over the bases of the windows of a name (NULL: all). */
static double mean_score(const cxs_measure *t, int kind, const char *group,
                         double depth)
{
    const char *const *name = cxs_measure_get_text(t, "name");
    const int64_t *start = cxs_measure_get_int(t, "start"),
                  *end = cxs_measure_get_int(t, "end"),
                  *score = cxs_measure_get_int(t, sum_name[kind]);
    double sum = 0.0, bases = 0.0;
    size_t sites = 0;

    if (name == NULL || start == NULL || end == NULL || score == NULL)
        return (double)NAN;
    for (size_t k = 0; k < cxs_measure_rows(t); k++) {
        if (score[k] == CXS_MEASURE_MISSING ||
            (group != NULL && (name[k] == NULL || strcmp(name[k], group) != 0)))
            continue;
        sum += (double)score[k];
        bases += (double)(end[k] - start[k]);
        sites++;
    }
    return sites >= ENOUGH_SITES || (sites > 0 && depth >= DEEP) ? sum / bases
                                                                 : (double)NAN;
}

static cxs_rc add_group(cxs_ctx *ctx, const cxs_patient_file *file,
                        const cxs_fragment_count *count, const char *group,
                        cxs_feature_columns *columns)
{
    cxs_rc rc = CXS_OK;

    for (int kind = 0; kind < KINDS; kind++) {
        char name[NAME_BYTES];
        double *value;
        if (group != NULL)
            snprintf(name, sizeof name, "frag.wps.%s.%.64s.mean", kind_name[kind],
                     group);
        else
            snprintf(name, sizeof name, "frag.wps.%s.mean", kind_name[kind]);
        CXS_TRY(cxs_feature_columns_add(ctx, columns, name, "fragments",
                                        CXS_FEATURE_CONTINUOUS, &value));
        for (size_t i = 0; i < columns->n; i++) {
            const cxs_measure *t = windows_of(&file[i]);
            if (t != NULL && count[i].fragments >= CXS_FRAGMENTS_ENOUGH)
                value[i] = mean_score(t, kind, group, count[i].depth);
        }
    }
done:
    return rc;
}

cxs_rc cxs_fragment_protection(cxs_ctx *ctx, const cxs_patient_file *file,
                               const cxs_fragment_count *count,
                               cxs_feature_columns *columns)
{
    groups g = {.count = 0};
    int any;
    cxs_rc rc = CXS_OK;

    CXS_TRY(list_groups(ctx, file, columns->n, &g, &any));
    if (any)
        CXS_TRY(add_group(ctx, file, count, NULL, columns));
    for (size_t k = 0; k < g.count && g.count <= MOST_GROUPS; k++)
        CXS_TRY(add_group(ctx, file, count, g.name[k], columns));
done:
    groups_free(&g);
    return rc;
}
