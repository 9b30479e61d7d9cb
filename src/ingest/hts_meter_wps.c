/*
 * hts_meter_wps.c -- windowed protection score (Snyder 2016) around given sites
 *
 * With h = k/2 a fragment [s, l] (first and last base) that overlaps [c - h, c + h]
 * either spans it (s <= c - h, l >= c + h: +1) or has an end inside (-1).  Per fragment
 * that is -1 on [s - h, l + h] and +2 on [s + h, l - h]: four differences, whatever its
 * length.  L: fragments of 120-180, k = 120; S: 35-80, k = 16.
 *
 * The running median over 1001 bases is taken away (the score drifts with depth and
 * copy number), so windows are followed 500 bases beyond both ends.
 *
 * Tables
 *   wps          offset (from the first base of the windows, in the sense of the
 *                strand), sites, long, long_adjusted, short, short_adjusted: sums over
 *                sites; windows of one length only
 *   wps_windows  chrom, start, end, name, and the same sums over the bases of a window;
 *                missing for a window that is not on the contigs or leaves its contig
 */
#include "ingest/hts_fragment.h"
#include "ingest/hts_windows.h"

#include <stdlib.h>
#include <string.h>

enum {
    KINDS = 2,
    MEDIAN_SIDE = 500,
    MARGIN = MEDIAN_SIDE + 60 + 1, /* and the reach of the wider score */
    MOST_CELLS = 1 << 26
};
static const int64_t shortest[KINDS] = {120, 35}, longest[KINDS] = {180, 80};
static const int64_t half[KINDS] = {60, 8};
static const char *const raw_name[KINDS] = {"long", "short"};
static const char *const adjusted_name[KINDS] = {"long_adjusted", "short_adjusted"};

typedef struct wps_state {
    const cxs_windows *windows;
    cxs_spans *spans;       /* merged, with margins */
    int32_t *change[KINDS]; /* [spans->cells] */
} wps_state;

static void state_free(void *state)
{
    wps_state *s = state;

    if (s == NULL)
        return;
    cxs_spans_free(s->spans);
    for (int k = 0; k < KINDS; k++)
        cxs_free(s->change[k]);
    cxs_free(s);
}

static cxs_rc state_new(cxs_ctx *ctx, const cxs_fragment_meter *meter,
                        const cxs_reads_info *info, void **state)
{
    cxs_rc rc = CXS_OK;
    wps_state *s = NULL;

    *state = NULL;
    CXS_NEW(s, 1);
    s->windows = meter->shared;
    CXS_TRY(cxs_spans_new(ctx, info, s->windows, MARGIN, true, &s->spans));
    if (s->spans->cells > MOST_CELLS)
        CXS_TRY(cxs_fail(ctx, CXS_EARG,
                         "%s: windows of %zu bases in all; protection scores are kept "
                         "for at most %d",
                         s->windows->path, s->spans->cells, MOST_CELLS));
    for (int k = 0; k < KINDS; k++)
        CXS_NEW(s->change[k], s->spans->cells);
    *state = s;
    s = NULL;

done:
    state_free(s);
    return rc;
}

/* Add v to the bases [start, end) as far as spans hold them. */
static void add_range(wps_state *s, int kind, int32_t tid, int64_t start, int64_t end,
                      int32_t v)
{
    const size_t limit = cxs_spans_limit(s->spans, tid);

    for (size_t i = cxs_spans_seek(s->spans, tid, start);
         i < limit && s->spans->span[i].start < end; i++) {
        const cxs_span *span = &s->spans->span[i];
        const int64_t from = start > span->start ? start : span->start;
        const int64_t to = end < span->end ? end : span->end;

        s->change[kind][span->cell + (size_t)(from - span->start)] += v;
        s->change[kind][span->cell + (size_t)(to - span->start)] -= v;
    }
}

static cxs_rc fragment(cxs_ctx *ctx, const cxs_fragment_meter *meter, void *state,
                       const cxs_dna_fragment *f)
{
    const int64_t length = f->end - f->start;

    (void)ctx;
    (void)meter;
    for (int k = 0; k < KINDS; k++)
        if (length >= shortest[k] && length <= longest[k]) {
            add_range(state, k, f->tid, f->start - half[k], f->end + half[k], -1);
            if (f->start + half[k] < f->end - half[k])
                add_range(state, k, f->tid, f->start + half[k], f->end - half[k], 2);
        }
    return CXS_OK;
}

static void add(void *into, const void *from)
{
    wps_state *a = into;
    const wps_state *b = from;

    for (int k = 0; k < KINDS; k++)
        for (size_t i = 0; i < a->spans->cells; i++)
            a->change[k][i] += b->change[k][i];
}

/* ---- tables ---------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
    const int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

    return (x > y) - (x < y);
}

/* Replace `old` by `new` in the sorted list [n]. */
static void slide(int32_t *sorted, size_t n, int32_t old, int32_t new)
{
    const int32_t *hit = bsearch(&old, sorted, n, sizeof *sorted, by_value);
    size_t at = (size_t)(hit - sorted);

    for (; at + 1 < n && sorted[at + 1] < new; at++)
        sorted[at] = sorted[at + 1];
    for (; at > 0 && sorted[at - 1] > new; at--)
        sorted[at] = sorted[at - 1];
    sorted[at] = new;
}

/* out[i] = score[i] minus the median of the 1001 scores around it; at the ends of a
 * span that begins or ends with the contig the window stays inside. */
static void take_median(const int32_t *score, size_t n, int32_t *sorted, int32_t *out)
{
    const size_t width = 2 * MEDIAN_SIDE + 1 < n ? 2 * MEDIAN_SIDE + 1 : n;
    size_t from = 0;

    memcpy(sorted, score, width * sizeof *score);
    qsort(sorted, width, sizeof *sorted, by_value);
    for (size_t i = 0; i < n; i++) {
        if (i > width / 2 && from + width < n) {
            slide(sorted, width, score[from], score[from + width]);
            from++;
        }
        out[i] = score[i] - sorted[width / 2];
    }
}

/* Where the sums of all sites and of each window go. */
typedef struct sums {
    int64_t *site[KINDS][2];   /* [length]; NULL: windows differ in length */
    int64_t *window[KINDS][2]; /* [windows] */
    int64_t *sites;            /* [length] */
} sums;

static void add_window(const wps_state *s, int kind, size_t row, const int32_t *score,
                       const int32_t *adjusted, sums *to)
{
    const cxs_window *w = &s->windows->at[row];
    const int64_t length = w->end - w->start;

    for (int64_t i = 0; i < length; i++) {
        const int64_t offset = w->strand == '-' ? length - 1 - i : i;

        to->window[kind][0][row] += score[i];
        to->window[kind][1][row] += adjusted[i];
        if (to->sites == NULL)
            continue;
        to->site[kind][0][offset] += score[i];
        to->site[kind][1][offset] += adjusted[i];
        to->sites[offset] += kind == 0;
    }
}

/* Scores of one merged span, then the windows inside it.  own: windows by place. */
static cxs_rc add_span(cxs_ctx *ctx, const wps_state *s, const cxs_span *span,
                       const cxs_spans *own, size_t *next, size_t limit, sums *to)
{
    const size_t n = (size_t)(span->end - span->start);
    cxs_rc rc = CXS_OK;
    int32_t *score = NULL, *adjusted = NULL, *sorted = NULL;
    size_t at = *next;

    CXS_NEW(score, n);
    CXS_NEW(adjusted, n);
    CXS_NEW(sorted, n);
    for (int k = 0; k < KINDS; k++) {
        int32_t sum = 0;

        for (size_t i = 0; i < n; i++)
            score[i] = sum += s->change[k][span->cell + i];
        take_median(score, n, sorted, adjusted);
        for (at = *next; at < limit && own->span[at].start < span->end; at++) {
            const cxs_window *w = &s->windows->at[own->span[at].row];
            const size_t from = (size_t)(w->start - span->start);

            if (w->end <= span->end) /* else it leaves the contig */
                add_window(s, k, own->span[at].row, score + from, adjusted + from, to);
        }
    }
    *next = at;

done:
    cxs_free(score);
    cxs_free(adjusted);
    cxs_free(sorted);
    return rc;
}

static cxs_rc add_columns(cxs_ctx *ctx, cxs_measure *table, int64_t *column[KINDS][2])
{
    cxs_rc rc = CXS_OK;

    for (int k = 0; k < KINDS; k++) {
        CXS_TRY(cxs_measure_int(ctx, table, raw_name[k], &column[k][0]));
        CXS_TRY(cxs_measure_int(ctx, table, adjusted_name[k], &column[k][1]));
    }

done:
    return rc;
}

static cxs_rc add_tables(cxs_ctx *ctx, const cxs_windows *windows, cxs_measures *bag,
                         sums *to)
{
    const int64_t length = windows->at[0].end - windows->at[0].start;
    cxs_rc rc = CXS_OK;
    cxs_measure *table;
    int64_t *start, *end, *offset;
    size_t chrom, name;
    bool same = true;

    CXS_TRY(cxs_measures_add(ctx, bag, "wps_windows", windows->count, &table));
    CXS_TRY(cxs_measure_text(ctx, table, "chrom", &chrom));
    CXS_TRY(cxs_measure_int(ctx, table, "start", &start));
    CXS_TRY(cxs_measure_int(ctx, table, "end", &end));
    CXS_TRY(cxs_measure_text(ctx, table, "name", &name));
    CXS_TRY(add_columns(ctx, table, to->window));
    for (size_t i = 0; i < windows->count; i++) {
        const cxs_window *w = &windows->at[i];

        CXS_TRY(cxs_measure_set_text(ctx, table, chrom, i, w->contig));
        CXS_TRY(cxs_measure_set_text(ctx, table, name, i, w->name));
        start[i] = w->start;
        end[i] = w->end;
        same = same && w->end - w->start == length;
    }
    if (!same)
        return CXS_OK;
    CXS_TRY(cxs_measures_add(ctx, bag, "wps", (size_t)length, &table));
    CXS_TRY(cxs_measure_int(ctx, table, "offset", &offset));
    CXS_TRY(cxs_measure_int(ctx, table, "sites", &to->sites));
    CXS_TRY(add_columns(ctx, table, to->site));
    for (int64_t i = 0; i < length; i++)
        offset[i] = i;

done:
    return rc;
}

/* Windows without scores: their sums are missing, not 0. */
static void mark_missing(const cxs_windows *windows, const cxs_reads_info *info,
                         const cxs_spans *own, sums *to)
{
    for (size_t row = 0; row < windows->count; row++)
        for (int k = 0; k < KINDS; k++)
            to->window[k][0][row] = to->window[k][1][row] = CXS_MEASURE_MISSING;
    for (size_t t = 0; t < info->n_targets; t++)
        for (size_t i = own->first[t]; i < own->first[t + 1]; i++)
            for (int k = 0;
                 k < KINDS && windows->at[own->span[i].row].end <= info->length[t]; k++)
                to->window[k][0][own->span[i].row] =
                    to->window[k][1][own->span[i].row] = 0;
}

static cxs_rc finish(cxs_ctx *ctx, const cxs_fragment_meter *meter,
                     const cxs_reads_info *info, const void *state, cxs_measures *bag)
{
    const wps_state *s = state;
    cxs_rc rc = CXS_OK;
    cxs_spans *own = NULL;
    sums to = {0};

    (void)meter;
    CXS_TRY(cxs_spans_new(ctx, info, s->windows, 0, false, &own));
    CXS_TRY(add_tables(ctx, s->windows, bag, &to));
    mark_missing(s->windows, info, own, &to);
    for (size_t t = 0; t < info->n_targets; t++) {
        size_t next = own->first[t];

        for (size_t i = s->spans->first[t]; i < s->spans->first[t + 1]; i++)
            CXS_TRY(add_span(ctx, s, &s->spans->span[i], own, &next, own->first[t + 1],
                             &to));
    }

done:
    cxs_spans_free(own);
    return rc;
}

static void meter_free(cxs_fragment_meter *meter)
{
    cxs_windows_free(meter->shared);
    cxs_free(meter);
}

cxs_rc cxs_fragments_wps(cxs_ctx *ctx, const char *windows, cxs_fragment_meter **out)
{
    cxs_rc rc = CXS_OK;
    cxs_fragment_meter *meter = NULL;
    cxs_windows *list = NULL;

    *out = NULL;
    CXS_NEW(meter, 1);
    *meter = (cxs_fragment_meter){.name = "wps",
                                  .state_new = state_new,
                                  .state_free = state_free,
                                  .fragment = fragment,
                                  .add = add,
                                  .finish = finish,
                                  .free = meter_free};
    CXS_TRY(cxs_windows_read(ctx, windows, &list));
    meter->shared = list;
    *out = meter;
    meter = NULL;

done:
    if (meter != NULL)
        meter_free(meter);
    return rc;
}
