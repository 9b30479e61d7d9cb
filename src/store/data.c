/*
 * data.c -- follow-up and matrices in memory: accessors, order, subsets
 *
 * Rows and columns are brought into one order (bytewise ids) before anything is
 * computed, so that a sum never depends on the order of a file.  Permutations are
 * applied in place, one column of scratch at a time: a matrix may fill most of memory.
 * Depends on base only.
 */
#include "store/data.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Borrow an array of owned strings for reading. */
static const char *const *borrow(char *const *strings)
{
    return (const char *const *)strings;
}

/* ---- follow-up ------------------------------------------------------------------- */

void cxs_surv_free(cxs_surv *surv)
{
    if (surv == NULL)
        return;
    cxs_free_strings(surv->id, surv->n);
    cxs_free(surv->time);
    cxs_free(surv->entry);
    cxs_free(surv->event);
    cxs_free(surv->weight);
    cxs_free(surv->offset);
    cxs_free(surv->stratum);
    cxs_free_strings(surv->stratum_name, surv->n_strata);
    cxs_free(surv->centre);
    cxs_free_strings(surv->centre_name, surv->n_centres);
    cxs_free(surv->cluster);
    cxs_free(surv->fold);
    cxs_free(surv->z);
    cxs_free_strings(surv->term, surv->k);
    cxs_free(surv->time_unit);
    cxs_free(surv->endpoint);
    cxs_free(surv->title);
    for (size_t i = 0; i < surv->flow_steps; i++)
        cxs_free(surv->flow[i].what);
    cxs_free(surv->flow);
    cxs_free(surv->path);
    cxs_free(surv);
}

size_t cxs_surv_n(const cxs_surv *surv)
{
    return surv->n;
}

size_t cxs_surv_n_subjects(const cxs_surv *surv)
{
    return surv->n_subjects;
}

size_t cxs_surv_events(const cxs_surv *surv)
{
    size_t events = 0;

    for (size_t i = 0; i < surv->n; i++)
        events += surv->event[i] && (surv->weight == NULL || surv->weight[i] > 0.0);
    return events;
}

const char *const *cxs_surv_id(const cxs_surv *surv)
{
    return borrow(surv->id);
}

const double *cxs_surv_time(const cxs_surv *surv)
{
    return surv->time;
}

const double *cxs_surv_entry(const cxs_surv *surv)
{
    return surv->entry;
}

const uint8_t *cxs_surv_event(const cxs_surv *surv)
{
    return surv->event;
}

const double *cxs_surv_weight(const cxs_surv *surv)
{
    return surv->weight;
}

const double *cxs_surv_offset(const cxs_surv *surv)
{
    return surv->offset;
}

size_t cxs_surv_n_strata(const cxs_surv *surv)
{
    return surv->n_strata;
}

const uint32_t *cxs_surv_stratum(const cxs_surv *surv)
{
    return surv->stratum;
}

const char *const *cxs_surv_stratum_name(const cxs_surv *surv)
{
    return borrow(surv->stratum_name);
}

const uint32_t *cxs_surv_centre(const cxs_surv *surv)
{
    return surv->centre;
}

size_t cxs_surv_n_centres(const cxs_surv *surv)
{
    return surv->n_centres;
}

const char *const *cxs_surv_centre_name(const cxs_surv *surv)
{
    return borrow(surv->centre_name);
}

const uint32_t *cxs_surv_cluster(const cxs_surv *surv)
{
    return surv->cluster;
}

const uint32_t *cxs_surv_fold(const cxs_surv *surv)
{
    return surv->fold;
}

size_t cxs_surv_n_folds(const cxs_surv *surv)
{
    return surv->n_folds;
}

size_t cxs_surv_k(const cxs_surv *surv)
{
    return surv->k;
}

const double *cxs_surv_z(const cxs_surv *surv)
{
    return surv->k > 0 ? surv->z : NULL;
}

const char *const *cxs_surv_term(const cxs_surv *surv)
{
    return borrow(surv->term);
}

const char *cxs_surv_time_unit(const cxs_surv *surv)
{
    return surv->time_unit != NULL ? surv->time_unit : "";
}

const char *cxs_surv_endpoint(const cxs_surv *surv)
{
    return surv->endpoint != NULL ? surv->endpoint : "";
}

const char *cxs_surv_title(const cxs_surv *surv)
{
    return surv->title != NULL ? surv->title : "";
}

const cxs_flow_step *cxs_surv_flow(const cxs_surv *surv, size_t *steps)
{
    *steps = surv->flow_steps;
    return surv->flow;
}

cxs_rc cxs_surv_flow_add(cxs_ctx *ctx, cxs_surv *surv, size_t count, const char *fmt,
                         ...)
{
    char text[256];
    char *what = NULL;
    va_list args;
    cxs_rc rc;

    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if ((what = cxs_strdup(ctx, text)) == NULL)
        return CXS_ENOMEM;
    rc = cxs_grow(ctx, (void **)&surv->flow, &surv->flow_capacity, surv->flow_steps + 1,
                  sizeof *surv->flow);
    if (rc != CXS_OK) {
        cxs_free(what);
        return rc;
    }
    surv->flow[surv->flow_steps++] = (cxs_flow_step){what, count};
    return CXS_OK;
}

/* ---- order of rows --------------------------------------------------------------- */

typedef struct row_ref {
    const cxs_surv *surv;
    size_t row;
    bool by_id;
} row_ref;

static int compare_real(double a, double b)
{
    return (a > b) - (a < b);
}

static int compare_index(const uint32_t *values, size_t a, size_t b)
{
    return values == NULL ? 0 : (values[a] > values[b]) - (values[a] < values[b]);
}

/* What is left of a row once id, times and event are equal. */
static int compare_content(const cxs_surv *s, size_t a, size_t b)
{
    int order = compare_index(s->stratum, a, b);

    if (order == 0 && s->weight != NULL)
        order = compare_real(s->weight[a], s->weight[b]);
    if (order == 0 && s->offset != NULL)
        order = compare_real(s->offset[a], s->offset[b]);
    if (order == 0)
        order = compare_index(s->cluster, a, b);
    if (order == 0)
        order = compare_index(s->centre, a, b);
    if (order == 0)
        order = compare_index(s->fold, a, b);
    for (size_t j = 0; order == 0 && j < s->k; j++)
        order = compare_real(s->z[j * s->n + a], s->z[j * s->n + b]);
    return order;
}

static int compare_rows(const void *left, const void *right)
{
    const row_ref *l = left, *r = right;
    const cxs_surv *s = l->surv;
    const size_t a = l->row, b = r->row;
    int order = l->by_id ? strcmp(s->id[a], s->id[b]) : 0;

    if (order == 0 && s->entry != NULL)
        order = compare_real(s->entry[a], s->entry[b]);
    if (order == 0)
        order = compare_real(s->time[a], s->time[b]);
    if (order == 0)
        order = (int)s->event[a] - (int)s->event[b];
    if (order == 0)
        order = compare_content(s, a, b);
    return order != 0 ? order : (a > b) - (a < b);
}

/* array[i] = array[order[i].row] for elements of `size` bytes, through `scratch`. */
static void gather(void *array, size_t size, const row_ref *order, size_t n,
                   void *scratch)
{
    char *to = scratch;

    if (array == NULL)
        return;
    for (size_t i = 0; i < n; i++)
        memcpy(to + i * size, (const char *)array + order[i].row * size, size);
    memcpy(array, scratch, n * size);
}

/* Ids are sorted or at least kept together, so a subject starts where the id changes.
 */
static void count_subjects(cxs_surv *surv)
{
    surv->n_subjects = 0;
    for (size_t i = 0; i < surv->n; i++)
        surv->n_subjects += i == 0 || strcmp(surv->id[i - 1], surv->id[i]) != 0;
}

static cxs_rc sort_rows(cxs_ctx *ctx, cxs_surv *surv, bool by_id)
{
    const size_t n = surv->n;
    row_ref *order = NULL;
    uint64_t *scratch = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(order, n);
    CXS_NEW(scratch, n);
    for (size_t i = 0; i < n; i++)
        order[i] = (row_ref){surv, i, by_id};
    qsort(order, n, sizeof *order, compare_rows);
    gather(surv->id, sizeof *surv->id, order, n, scratch);
    gather(surv->time, sizeof *surv->time, order, n, scratch);
    gather(surv->entry, sizeof *surv->entry, order, n, scratch);
    gather(surv->event, sizeof *surv->event, order, n, scratch);
    gather(surv->weight, sizeof *surv->weight, order, n, scratch);
    gather(surv->offset, sizeof *surv->offset, order, n, scratch);
    gather(surv->stratum, sizeof *surv->stratum, order, n, scratch);
    gather(surv->centre, sizeof *surv->centre, order, n, scratch);
    gather(surv->cluster, sizeof *surv->cluster, order, n, scratch);
    gather(surv->fold, sizeof *surv->fold, order, n, scratch);
    for (size_t j = 0; j < surv->k; j++)
        gather(surv->z + j * n, sizeof *surv->z, order, n, scratch);
    count_subjects(surv);

done:
    cxs_free(scratch);
    cxs_free(order);
    return rc;
}

cxs_rc cxs_surv_sort(cxs_ctx *ctx, cxs_surv *surv)
{
    return sort_rows(ctx, surv, true);
}

cxs_rc cxs_surv_sort_by_content(cxs_ctx *ctx, cxs_surv *surv)
{
    return sort_rows(ctx, surv, false);
}

/* array[i] = array[keep[i]]; ascending keep makes it safe in place. */
static void compact(void *array, size_t size, const size_t *keep, size_t count)
{
    char *bytes = array;

    if (array == NULL)
        return;
    for (size_t i = 0; i < count; i++)
        memmove(bytes + i * size, bytes + keep[i] * size, size);
}

cxs_rc cxs_surv_keep(cxs_ctx *ctx, cxs_surv *surv, const size_t *keep, size_t count)
{
    const size_t n = surv->n;

    for (size_t i = 0; i < count; i++)
        if (keep[i] >= n || (i > 0 && keep[i] <= keep[i - 1]))
            return cxs_fail(ctx, CXS_EBUG, "rows to keep must ascend below %zu", n);
    for (size_t i = 0, next = 0; i < n; i++) {
        if (next < count && keep[next] == i)
            next++;
        else
            cxs_free(surv->id[i]);
    }
    compact(surv->id, sizeof *surv->id, keep, count);
    compact(surv->time, sizeof *surv->time, keep, count);
    compact(surv->entry, sizeof *surv->entry, keep, count);
    compact(surv->event, sizeof *surv->event, keep, count);
    compact(surv->weight, sizeof *surv->weight, keep, count);
    compact(surv->offset, sizeof *surv->offset, keep, count);
    compact(surv->stratum, sizeof *surv->stratum, keep, count);
    compact(surv->centre, sizeof *surv->centre, keep, count);
    compact(surv->cluster, sizeof *surv->cluster, keep, count);
    compact(surv->fold, sizeof *surv->fold, keep, count);
    for (size_t j = 0; j < surv->k; j++)
        for (size_t i = 0; i < count; i++)
            surv->z[j * count + i] = surv->z[j * n + keep[i]];
    surv->n = count;
    count_subjects(surv);
    return CXS_OK;
}
