/*
 * join.c -- matrix and follow-up brought to the same rows
 *
 * Both sides are sorted by id, so one walk finds the common ids.  Where each id has one
 * row the matrix is narrowed in place and the design lies in it; repeated ids
 * (intervals, clusters) and memory-mapped matrices that must be narrowed need a copy.
 *
 * When little or nothing matches the reason is named: ids that differ only by case or
 * punctuation (CX005), or barcodes that carry the patient in front (CX006).  Nothing is
 * cut or repaired.
 */
#include "base/memory.h"
#include "ingest/cells.h"
#include "resample/problem.h"
#include "store/data.h"

#include <string.h>

enum { IDS_NAMED = 5 };

/* A match is poor below one half and a prefix explains it from 90 % on (CX006). */
static const double poor_share = 0.5, prefix_share = 0.9;

/* One side of the join. */
typedef struct side {
    const char *const *id; /* sorted; repeats stand together */
    size_t count, distinct, common;
    bool *matched;     /* [count] */
    const char *label; /* file or what it is, for messages */
} side;

static bool first_of_id(const side *s, size_t i)
{
    return i == 0 || strcmp(s->id[i - 1], s->id[i]) != 0;
}

/* Walk both sorted lists; row_of[i] is the matrix row of follow-up row i. */
static void match_ids(side *samples, side *rows, size_t *row_of)
{
    size_t s = 0;

    for (size_t i = 0; i < rows->count; i++) {
        while (s < samples->count && strcmp(samples->id[s], rows->id[i]) < 0)
            s++;
        rows->distinct += first_of_id(rows, i);
        if (s == samples->count || strcmp(samples->id[s], rows->id[i]) != 0)
            continue;
        rows->matched[i] = samples->matched[s] = true;
        rows->common += first_of_id(rows, i);
        row_of[i] = s;
    }
    samples->distinct = samples->count;
    samples->common = rows->common;
}

/* First ids of a side without a partner: "a, b, c". */
static cxs_rc name_leftovers(cxs_ctx *ctx, const side *s, cxs_buf *names)
{
    size_t named = 0;
    cxs_rc rc = cxs_buf_add(ctx, names, "", 0);

    for (size_t i = 0; rc == CXS_OK && i < s->count && named < IDS_NAMED; i++) {
        if (s->matched[i] || !first_of_id(s, i))
            continue;
        rc = cxs_buf_addf(ctx, names, "%s%s", named > 0 ? ", " : "",
                          cxs_ctx_id(ctx, s->id[i]));
        named++;
    }
    return rc;
}

static cxs_rc note_leftovers(cxs_ctx *ctx, const side *s, const char *missing)
{
    const size_t left = s->distinct - s->common;
    cxs_buf names = {0};
    const cxs_rc rc = name_leftovers(ctx, s, &names);

    if (rc == CXS_OK && left > 0)
        cxs_note(ctx, "%s: %zu of %zu ids have no %s: %s%s", s->label, left,
                 s->distinct, missing, names.text, left > IDS_NAMED ? ", ..." : "");
    cxs_free(names.text);
    return rc;
}

/* CX005 between the files: look only at ids that found no partner. */
static cxs_rc check_alike(cxs_ctx *ctx, const side *samples, const side *rows)
{
    const side *sides[] = {samples, rows};
    cxs_id_ref *refs = NULL;
    size_t count = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(refs, samples->count + rows->count);
    for (size_t k = 0; k < sizeof sides / sizeof *sides; k++)
        for (size_t i = 0; i < sides[k]->count; i++)
            if (!sides[k]->matched[i])
                refs[count++] = (cxs_id_ref){sides[k]->id[i], sides[k]->label, 0};
    CXS_TRY(cxs_ids_check(ctx, refs, count));

done:
    cxs_free(refs);
    return rc;
}

/* Compare the first `length` bytes of an id with a whole id. */
static int compare_prefix(const char *cut, size_t length, const char *whole)
{
    const int order = strncmp(cut, whole, length);

    return order != 0 ? order : whole[length] == '\0' ? 0 : -1;
}

static bool has_prefix_match(const side *s, const char *cut, size_t length)
{
    size_t low = 0, high = s->count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = compare_prefix(cut, length, s->id[middle]);
        if (order == 0)
            return true;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}

/* How many ids of `longer` are ids of `other` after a cut to `length` characters. */
static size_t matches_after_cut(const side *longer, const side *other, size_t length)
{
    size_t matches = 0;

    for (size_t i = 0; i < longer->count; i++)
        matches += first_of_id(longer, i) && strlen(longer->id[i]) >= length &&
                   has_prefix_match(other, longer->id[i], length);
    return matches;
}

/* The cut that explains most; only lengths that ids of the other side have come into
 * question, and barcodes are short. */
static size_t best_cut(const side *longer, const side *other, size_t *matches)
{
    enum { LENGTH_MAX = 64 };
    bool seen[LENGTH_MAX + 1] = {false};
    size_t best = 0;

    for (size_t i = 0; i < other->count; i++)
        if (strlen(other->id[i]) <= LENGTH_MAX)
            seen[strlen(other->id[i])] = true;
    *matches = 0;
    for (size_t length = 1; length <= LENGTH_MAX; length++) {
        const size_t m = seen[length] ? matches_after_cut(longer, other, length) : 0;
        if (m > *matches) {
            *matches = m;
            best = length;
        }
    }
    return best;
}

/* CX006 when a cut of the ids of one side would make most of them match. */
static cxs_rc check_prefix(cxs_ctx *ctx, const side *longer, const side *other,
                           const char *what, const char *are)
{
    size_t matches = 0, length;

    if ((double)longer->common >= poor_share * (double)longer->distinct)
        return CXS_OK;
    length = best_cut(longer, other, &matches);
    if ((double)matches < prefix_share * (double)longer->distinct)
        return CXS_OK;
    return cxs_fail_code(ctx, CXS_EMISMATCH, "CX006",
                         "%s: %zu of %zu %s are %s; %zu match after cutting to %zu "
                         "characters",
                         longer->label, longer->common, longer->distinct, what, are,
                         matches, length);
}

/* CX033: most ids of the follow-up are names of features. */
static cxs_rc check_side(cxs_ctx *ctx, const cxs_matrix *m, const side *rows)
{
    size_t found = 0, j = 0;

    for (size_t i = 0; i < rows->count; i++) { /* both are sorted */
        while (j < m->p && strcmp(m->feature[j], rows->id[i]) < 0)
            j++;
        found +=
            first_of_id(rows, i) && j < m->p && strcmp(m->feature[j], rows->id[i]) == 0;
    }
    if (2 * found < rows->distinct)
        return CXS_OK;
    return cxs_fail_code(ctx, CXS_EFORMAT, "CX033",
                         "%s: samples are in rows; transpose the file",
                         m->path != NULL ? m->path : "matrix");
}

static cxs_rc check_match(cxs_ctx *ctx, const cxs_matrix *m, const side *samples,
                          const side *rows)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(check_alike(ctx, samples, rows));
    CXS_TRY(check_prefix(ctx, samples, rows, "columns", "sample ids"));
    if (rows->common == 0) {
        CXS_TRY(check_prefix(ctx, rows, samples, "ids", "columns of the matrix"));
        CXS_TRY(check_side(ctx, m, rows));
        CXS_TRY(
            cxs_fail(ctx, CXS_EMISMATCH,
                     "%s and %s have no id in common, for example \"%s\" and \"%s\"",
                     samples->label, rows->label,
                     samples->count > 0 ? cxs_ctx_id(ctx, samples->id[0]) : "",
                     rows->count > 0 ? cxs_ctx_id(ctx, rows->id[0]) : ""));
    }
    CXS_TRY(note_leftovers(ctx, samples, "usable follow-up"));
    CXS_TRY(note_leftovers(ctx, rows, "column in the matrix"));

done:
    return rc;
}

/* ---- rows ------------------------------------------------------------------------ */

/* True when row_of[0..n) ascends: every id has one row. */
static bool one_row_each(const size_t *row_of, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (row_of[i] <= row_of[i - 1])
            return false;
    return true;
}

/* Keep the samples row_of[0..n), ascending, in place. */
static void narrow_matrix(cxs_matrix *m, const size_t *row_of, size_t n)
{
    const size_t old = m->n;

    for (size_t i = 0, next = 0; i < old; i++) {
        if (next < n && row_of[next] == i)
            m->sample[next++] = m->sample[i];
        else
            cxs_free(m->sample[i]);
    }
    for (size_t j = 0; j < m->p; j++)
        for (size_t i = 0; i < n; i++)
            m->x[j * n + i] = m->x[j * old + row_of[i]];
    m->n = n;
}

void cxs_design_drop(const cxs_design *design, size_t first, size_t end)
{
    if (design->stream && design->map != NULL)
        cxs_memory_drop(design->map, design->map_bytes, design->x + first * design->n,
                        (end - first) * design->n * sizeof *design->x);
}

/* x[n x p] = the rows row_of[0..n) of the matrix; what was read of a file map is given
 * back on the way, since nobody reads it again. */
static void copy_rows(const cxs_matrix *m, const size_t *row_of, size_t n, double *x)
{
    enum { COLUMNS = 64 };

    for (size_t j = 0; j < m->p; j++) {
        for (size_t i = 0; i < n; i++)
            x[j * n + i] = m->x[j * m->n + row_of[i]];
        if (m->map != NULL && (j % COLUMNS == COLUMNS - 1 || j + 1 == m->p))
            cxs_memory_drop(m->map, m->map_bytes, m->x + j / COLUMNS * COLUMNS * m->n,
                            COLUMNS * m->n * sizeof *m->x);
    }
}

/* design.x: the matrix itself, narrowed in place where it can be, or a copy. */
static cxs_rc gather_design(cxs_ctx *ctx, cxs_joined *joined, const size_t *row_of,
                            size_t n)
{
    cxs_matrix *m = joined->matrix;
    const bool distinct = one_row_each(row_of, n);
    cxs_rc rc;

    joined->design.n = n;
    joined->design.p = m->p;
    joined->design.feature = cxs_matrix_feature(m);
    joined->design.stream = cxs_ctx_memory(ctx) > 0; /* until a budget says more */
    if (distinct && n < m->n && m->map == NULL)
        narrow_matrix(m, row_of, n);
    if (distinct && n == m->n) {
        joined->design.x = m->x;
        joined->design.map = m->map;
        joined->design.map_bytes = m->map_bytes;
        return CXS_OK;
    }
    if (n > 0 && m->p > SIZE_MAX / n)
        return cxs_fail(ctx, CXS_ENOMEM, "the design has too many cells");
    rc = cxs_memory_room(ctx, (double)n * (double)m->p * sizeof *joined->x,
                         "the matrix, copied to the rows with follow-up,");
    if (rc != CXS_OK)
        return rc;
    if ((joined->x = cxs_calloc(ctx, n * m->p, sizeof *joined->x)) == NULL)
        return CXS_ENOMEM;
    copy_rows(m, row_of, n, joined->x);
    joined->design.x = joined->x;
    return CXS_OK;
}

/* Strata that had an event and a row before the join and have rows but no event now. */
static cxs_rc check_strata(cxs_ctx *ctx, const cxs_surv *surv, const size_t *before)
{
    size_t *events = NULL, *rows = NULL, lost = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(events, surv->n_strata);
    CXS_NEW(rows, surv->n_strata);
    for (size_t i = 0; i < surv->n; i++) {
        rows[surv->stratum[i]]++;
        events[surv->stratum[i]] += surv->event[i];
    }
    for (size_t s = 0; s < surv->n_strata; s++)
        lost += before[s] > 0 && rows[s] > 0 && events[s] == 0;
    if (lost > 0)
        CXS_TRY(cxs_warn(ctx, "CX052",
                         "%zu strata have no event among the patients of the matrix",
                         lost));

done:
    cxs_free(rows);
    cxs_free(events);
    return rc;
}

/* Leave the rows without a sample out of the follow-up, and say so in its flow. */
static cxs_rc narrow_surv(cxs_ctx *ctx, cxs_surv *surv, const bool *matched,
                          size_t *row_of)
{
    const size_t old = surv->n;
    size_t *keep = NULL, *before = NULL, count = 0;
    cxs_flow_step *last =
        surv->flow_steps > 0 ? &surv->flow[surv->flow_steps - 1] : NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(keep, old);
    CXS_NEW(before, surv->n_strata);
    for (size_t i = 0; i < old; i++) {
        before[surv->stratum[i]] += surv->event[i];
        if (!matched[i])
            continue;
        row_of[count] = row_of[i];
        keep[count++] = i;
    }
    if (count == old)
        goto done;
    CXS_TRY(cxs_surv_keep(ctx, surv, keep, count));
    if (last != NULL && strcmp(last->what, "analysed") == 0) {
        cxs_free(last->what); /* said again below, with what is left */
        surv->flow_steps--;
    }
    CXS_TRY(cxs_surv_flow_add(ctx, surv, old - count, "dropped: not in the matrix"));
    CXS_TRY(cxs_surv_flow_add(ctx, surv, count, "analysed"));
    if (cxs_surv_events(surv) == 0)
        CXS_TRY(cxs_fail_code(
            ctx, CXS_EDEGENERATE, "CX052",
            "none of the %zu rows that are in the matrix has an event", count));
    CXS_TRY(check_strata(ctx, surv, before));

done:
    cxs_free(before);
    cxs_free(keep);
    return rc;
}

cxs_problem cxs_problem_of(const cxs_surv *surv, cxs_ties ties)
{
    return (cxs_problem){.outcome = {.n = surv->n,
                                     .time = surv->time,
                                     .entry = surv->entry,
                                     .event = surv->event,
                                     .stratum = surv->stratum,
                                     .weight = surv->weight,
                                     .offset = surv->offset,
                                     .ties = ties},
                         .cluster = surv->cluster,
                         .k = surv->k,
                         .z = cxs_surv_z(surv)};
}

cxs_rc cxs_join(cxs_ctx *ctx, cxs_matrix *matrix, cxs_surv *surv, cxs_ties ties,
                cxs_joined **out)
{
    side samples = {cxs_matrix_sample(matrix),
                    matrix->n,
                    0,
                    0,
                    NULL,
                    matrix->path != NULL ? matrix->path : "matrix"};
    side rows = {cxs_surv_id(surv),
                 surv->n,
                 0,
                 0,
                 NULL,
                 surv->path != NULL ? surv->path : "follow-up"};
    size_t *row_of = NULL;
    cxs_joined *joined = NULL;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_NEW(joined, 1);
    joined->matrix = matrix;
    joined->surv = surv;
    matrix = NULL;
    surv = NULL;
    CXS_NEW(samples.matched, samples.count);
    CXS_NEW(rows.matched, rows.count);
    CXS_NEW(row_of, rows.count);
    match_ids(&samples, &rows, row_of);
    CXS_TRY(check_match(ctx, joined->matrix, &samples, &rows));
    CXS_TRY(narrow_surv(ctx, joined->surv, rows.matched, row_of));
    CXS_TRY(gather_design(ctx, joined, row_of, joined->surv->n));
    joined->problem = cxs_problem_of(joined->surv, ties);
    *out = joined;
    joined = NULL;

done:
    cxs_free(row_of);
    cxs_free(samples.matched);
    cxs_free(rows.matched);
    cxs_joined_free(joined);
    cxs_matrix_free(matrix);
    cxs_surv_free(surv);
    return rc;
}

void cxs_joined_free(cxs_joined *joined)
{
    if (joined == NULL)
        return;
    cxs_free(joined->x);
    cxs_matrix_free(joined->matrix);
    cxs_surv_free(joined->surv);
    cxs_free(joined);
}
