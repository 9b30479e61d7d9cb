/*
 * hts_windows.c -- BED lists and the index that alignments look things up in
 *
 * Spans may overlap.  `reach` is the running maximum of their ends, which never falls
 * inside a contig, so the first span that can overlap a position is found by binary
 * search (or a few steps from the last answer) and not by a tree.
 */
#include "ingest/hts_windows.h"

#include "base/number.h"
#include "base/table.h"
#include "base/text.h"
#include "ingest/contigs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t position_limit = (int64_t)1 << 40;

/* ---- lists ----------------------------------------------------------------------- */

void cxs_windows_free(cxs_windows *windows)
{
    if (windows == NULL)
        return;
    for (size_t i = 0; i < windows->count; i++) {
        cxs_free(windows->at[i].contig);
        cxs_free(windows->at[i].name);
    }
    cxs_free(windows->at);
    cxs_free(windows->path);
    cxs_free(windows);
}

cxs_rc cxs_windows_new(cxs_ctx *ctx, const char *path, cxs_windows **out)
{
    cxs_rc rc = CXS_OK;
    cxs_windows *windows = NULL;

    *out = NULL;
    CXS_NEW(windows, 1);
    if ((windows->path = cxs_strdup(ctx, path)) == NULL)
        CXS_TRY(CXS_ENOMEM);
    *out = windows;
    windows = NULL;

done:
    cxs_windows_free(windows);
    return rc;
}

cxs_rc cxs_windows_add(cxs_ctx *ctx, cxs_windows *windows, const char *contig,
                       int64_t start, int64_t end, const char *name, char strand)
{
    cxs_rc rc = CXS_OK;
    cxs_window w = {NULL, NULL, start, end, strand};

    CXS_TRY(cxs_grow(ctx, (void **)&windows->at, &windows->capacity, windows->count + 1,
                     sizeof *windows->at));
    if ((w.contig = cxs_strdup(ctx, cxs_contig_plain(contig))) == NULL ||
        (w.name = cxs_strdup(ctx, name)) == NULL)
        CXS_TRY(CXS_ENOMEM);
    windows->at[windows->count++] = w;
    return CXS_OK;

done:
    cxs_free(w.contig);
    return rc;
}

static bool is_header(const char *line)
{
    return *line == '\0' || *line == '#' || strncmp(line, "track", 5) == 0 ||
           strncmp(line, "browser", 7) == 0;
}

static cxs_rc add_line(cxs_ctx *ctx, const cxs_fields *f, size_t line,
                       cxs_windows *windows)
{
    int64_t start, end;

    if (f->count < 3)
        return cxs_fail(ctx, CXS_EFORMAT,
                        "%s:%zu: %zu fields, BED has at least 3 with tabs between them",
                        windows->path, line, f->count);
    if (!cxs_number_parse_int(f->text[1], 0, position_limit, &start) ||
        !cxs_number_parse_int(f->text[2], 1, position_limit, &end) || end <= start)
        return cxs_fail(
            ctx, CXS_EFORMAT,
            "%s:%zu: '%s' to '%s' is not an interval: BED counts from 0 and "
            "the end is larger than the start",
            windows->path, line, f->text[1], f->text[2]);
    return cxs_windows_add(ctx, windows, f->text[0], start, end,
                           f->count > 3 ? f->text[3] : "",
                           f->count > 5 ? *f->text[5] : '.');
}

cxs_rc cxs_windows_read(cxs_ctx *ctx, const char *path, cxs_windows **out)
{
    cxs_rc rc = CXS_OK;
    cxs_windows *windows = NULL;
    cxs_text *text = NULL;
    cxs_fields fields = {0};
    char *line;
    size_t length;

    *out = NULL;
    CXS_TRY(cxs_windows_new(ctx, path, &windows));
    CXS_TRY(cxs_text_open(ctx, path, &text));
    for (;;) {
        CXS_TRY(cxs_text_line(ctx, text, &line, &length));
        if (line == NULL)
            break;
        if (is_header(line))
            continue;
        CXS_TRY(cxs_fields_split(ctx, line, length, '\t', &fields));
        CXS_TRY(add_line(ctx, &fields, cxs_text_line_number(text), windows));
    }
    if (windows->count == 0)
        CXS_TRY(cxs_fail(ctx, CXS_EFORMAT, "%s: no interval in this file", path));
    *out = windows;
    windows = NULL;

done:
    cxs_fields_free(&fields);
    cxs_text_close(text);
    cxs_windows_free(windows);
    return rc;
}

static cxs_rc add_gene(cxs_ctx *ctx, const cxs_table *t, size_t row,
                       const size_t column[5], cxs_windows *genes)
{
    const char *strand = cxs_table_cell(t, row, column[2]);
    const char *first = cxs_table_cell(t, row, column[3]);
    const char *last = cxs_table_cell(t, row, column[4]);
    int64_t start, end;

    if (cxs_is_na(first, strlen(first)) && cxs_is_na(last, strlen(last)))
        return CXS_OK;
    if ((strcmp(strand, "-") != 0 && strcmp(strand, "+") != 0) ||
        !cxs_number_parse_int(first, 1, position_limit, &start) ||
        !cxs_number_parse_int(last, start, position_limit, &end))
        return cxs_fail(
            ctx, CXS_EFORMAT,
            "%s:%zu: '%s' to '%s' on strand '%s' is not the place of a gene", t->path,
            t->line[row], first, last, strand);
    return cxs_windows_add(ctx, genes, cxs_table_cell(t, row, column[1]), start - 1,
                           end, cxs_table_cell(t, row, column[0]), *strand);
}

cxs_rc cxs_windows_read_genes(cxs_ctx *ctx, const char *path, const char *build,
                              cxs_windows **out)
{
    cxs_rc rc = CXS_OK;
    cxs_table *table = NULL;
    cxs_windows *genes = NULL;
    char start[32], end[32];
    const char *const name[5] = {"symbol", "chrom", "strand", start, end};
    size_t column[5];

    *out = NULL;
    snprintf(start, sizeof start, "%.20s_start", build);
    snprintf(end, sizeof end, "%.20s_end", build);
    CXS_TRY(cxs_table_read(ctx, path, &table));
    CXS_TRY(cxs_windows_new(ctx, path, &genes));
    for (size_t i = 0; i < 5; i++)
        CXS_TRY(cxs_table_need(ctx, table, name[i], &column[i]));
    for (size_t row = 0; row < table->rows; row++)
        CXS_TRY(add_gene(ctx, table, row, column, genes));
    *out = genes;
    genes = NULL;

done:
    cxs_table_free(table);
    cxs_windows_free(genes);
    return rc;
}

/* ---- index ----------------------------------------------------------------------- */

void cxs_spans_free(cxs_spans *spans)
{
    if (spans == NULL)
        return;
    cxs_free(spans->first);
    cxs_free(spans->span);
    cxs_free(spans->reach);
    cxs_free(spans);
}

typedef struct placed { /* a window with the number of its contig */
    size_t tid;
    cxs_span span;
} placed;

static int by_place(const void *a, const void *b)
{
    const placed *x = a, *y = b;

    if (x->tid != y->tid)
        return x->tid < y->tid ? -1 : 1;
    if (x->span.start != y->span.start)
        return x->span.start < y->span.start ? -1 : 1;
    if (x->span.end != y->span.end)
        return x->span.end < y->span.end ? -1 : 1;
    return x->span.row < y->span.row ? -1 : x->span.row > y->span.row;
}

typedef struct named { /* a contig of the header, for the search by name */
    const char *name;
    size_t tid;
} named;

static int by_name(const void *a, const void *b)
{
    const named *x = a, *y = b;
    const int order = strcmp(x->name, y->name);

    return order != 0 ? order : (x->tid < y->tid ? -1 : x->tid > y->tid);
}

static int same_name(const void *name, const void *b)
{
    return strcmp(name, ((const named *)b)->name);
}

/* Windows of known contigs, in order of place; count of them. */
static cxs_rc place_windows(cxs_ctx *ctx, const cxs_reads_info *info,
                            const cxs_windows *windows, int64_t margin, placed **out,
                            size_t *count)
{
    cxs_rc rc = CXS_OK;
    named *contig = NULL;
    placed *at = NULL;
    size_t n = 0;

    *out = NULL;
    CXS_NEW(contig, info->n_targets);
    CXS_NEW(at, windows->count);
    for (size_t t = 0; t < info->n_targets; t++)
        contig[t] = (named){info->target[t], t};
    qsort(contig, info->n_targets, sizeof *contig, by_name);
    for (size_t i = 0; i < windows->count; i++) {
        const cxs_window *w = &windows->at[i];
        const named *hit =
            bsearch(w->contig, contig, info->n_targets, sizeof *contig, same_name);
        const int64_t length = hit != NULL ? info->length[hit->tid] : 0;

        if (hit == NULL || w->start >= length)
            continue;
        at[n].tid = hit->tid;
        at[n].span.start = w->start > margin ? w->start - margin : 0;
        at[n].span.end = w->end + margin < length ? w->end + margin : length;
        at[n++].span.row = i;
    }
    qsort(at, n, sizeof *at, by_place);
    *count = n;
    *out = at;
    at = NULL;

done:
    cxs_free(contig);
    cxs_free(at);
    return rc;
}

/* Lay the placed windows out by contig; merged ones grow the span before. */
static void lay_out(const placed *at, size_t count, bool merged, cxs_spans *spans)
{
    size_t n = 0, tid = 0;

    for (size_t i = 0; i < count; i++) {
        const cxs_span *s = &at[i].span;
        const bool same = n > 0 && i > 0 && at[i - 1].tid == at[i].tid;

        for (; tid <= at[i].tid; tid++)
            spans->first[tid] = n;
        if (merged && same && s->start <= spans->span[n - 1].end) {
            if (s->end > spans->span[n - 1].end)
                spans->span[n - 1].end = s->end;
        } else {
            spans->span[n++] = *s;
        }
        spans->reach[n - 1] = spans->span[n - 1].end;
        if (n > 1 && n - 1 > spans->first[at[i].tid] &&
            spans->reach[n - 2] > spans->reach[n - 1])
            spans->reach[n - 1] = spans->reach[n - 2];
    }
    for (; tid <= spans->n_targets; tid++)
        spans->first[tid] = n;
    spans->count = n;
    for (size_t i = 0; i < n; i++) {
        spans->span[i].cell = spans->cells;
        spans->cells += (size_t)(spans->span[i].end - spans->span[i].start) + 1;
    }
}

cxs_rc cxs_spans_new(cxs_ctx *ctx, const cxs_reads_info *info,
                     const cxs_windows *windows, int64_t margin, bool merged,
                     cxs_spans **out)
{
    cxs_rc rc = CXS_OK;
    cxs_spans *spans = NULL;
    placed *at = NULL;
    size_t count;

    *out = NULL;
    CXS_TRY(place_windows(ctx, info, windows, margin, &at, &count));
    if (count == 0)
        CXS_TRY(cxs_fail(ctx, CXS_EMISMATCH,
                         "%s: none of its intervals lies on a contig of the alignments",
                         windows->path));
    CXS_NEW(spans, 1);
    spans->n_targets = info->n_targets;
    CXS_NEW(spans->first, info->n_targets + 1);
    CXS_NEW(spans->span, count);
    CXS_NEW(spans->reach, count);
    spans->tid = -1;
    lay_out(at, count, merged, spans);
    *out = spans;
    spans = NULL;

done:
    cxs_free(at);
    cxs_spans_free(spans);
    return rc;
}

size_t cxs_spans_seek(cxs_spans *spans, int32_t tid, int64_t start)
{
    size_t low = spans->first[tid], high = spans->first[tid + 1];

    if (tid == spans->tid && start >= spans->from) {
        low = spans->cursor;
        for (int step = 0; step < 4 && low < high && spans->reach[low] <= start; step++)
            low++;
        if (low == high || spans->reach[low] > start)
            high = low;
    }
    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (spans->reach[middle] <= start)
            low = middle + 1;
        else
            high = middle;
    }
    spans->tid = tid;
    spans->from = start;
    spans->cursor = low;
    return low;
}
