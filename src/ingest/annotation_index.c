/*
 * annotation_index.c -- contigs cut into segments with the same exons all along
 *
 * A sweep over the ends of exons keeps how often each target is open; between two ends
 * lies one segment.  Neighbours with the same targets are joined.  Bins of 4096 bases
 * know their first segment, so that a look-up costs a few steps.
 */
#include "ingest/annotation.h"

#include <stdlib.h>
#include <string.h>

enum { BIN_BITS = 12 };

typedef struct event {
    int64_t at;
    bool opens;
    cxs_over over;
} event;

typedef struct open_over {
    cxs_over over;
    size_t times;
} open_over;

typedef struct sweep {
    cxs_segments *s;
    event *event;
    size_t event_count;
    open_over *open; /* by target, then strand */
    size_t open_count, open_capacity, segment_capacity, over_capacity;
} sweep;

void cxs_segments_free(cxs_segments *segments)
{
    if (segments == NULL)
        return;
    cxs_free(segments->contig_first);
    cxs_free(segments->bin_first);
    cxs_free(segments->bin);
    cxs_free(segments->segment);
    cxs_free(segments->over);
    cxs_free(segments);
}

static int by_position(const void *a, const void *b)
{
    const event *x = a, *y = b;

    return (x->at > y->at) - (x->at < y->at);
}

static bool is_before(cxs_over a, cxs_over b)
{
    return a.target < b.target || (a.target == b.target && a.strand < b.strand);
}

static bool is_same(cxs_over a, cxs_over b)
{
    return a.target == b.target && a.strand == b.strand;
}

static cxs_rc apply(cxs_ctx *ctx, sweep *w, const event *e)
{
    size_t at = 0;
    cxs_rc rc = CXS_OK;

    while (at < w->open_count && is_before(w->open[at].over, e->over))
        at++;
    if (at < w->open_count && is_same(w->open[at].over, e->over)) {
        w->open[at].times += e->opens ? 1U : SIZE_MAX; /* or less one */
        if (w->open[at].times == 0) {
            w->open_count--;
            memmove(&w->open[at], &w->open[at + 1],
                    (w->open_count - at) * sizeof *w->open);
        }
        return CXS_OK;
    }
    CXS_TRY(cxs_grow(ctx, (void **)&w->open, &w->open_capacity, w->open_count + 1,
                     sizeof *w->open));
    memmove(&w->open[at + 1], &w->open[at], (w->open_count - at) * sizeof *w->open);
    w->open[at] = (open_over){e->over, 1};
    w->open_count++;
done:
    return rc;
}

/* Does the last segment end here with the same targets? */
static bool continues(const sweep *w, size_t contig_first, int64_t start)
{
    const cxs_segments *s = w->s;
    const cxs_segment *last;

    if (s->segment_count == contig_first)
        return false;
    last = &s->segment[s->segment_count - 1];
    if (last->end != start || last->count != w->open_count)
        return false;
    for (size_t i = 0; i < last->count; i++)
        if (!is_same(s->over[last->first + i], w->open[i].over))
            return false;
    return true;
}

static cxs_rc add_segment(cxs_ctx *ctx, sweep *w, size_t contig_first, int64_t start,
                          int64_t end)
{
    cxs_segments *s = w->s;
    cxs_rc rc = CXS_OK;

    if (w->open_count == 0 || start == end)
        return CXS_OK;
    if (continues(w, contig_first, start)) {
        s->segment[s->segment_count - 1].end = end;
        return CXS_OK;
    }
    CXS_TRY(cxs_grow(ctx, (void **)&s->segment, &w->segment_capacity,
                     s->segment_count + 1, sizeof *s->segment));
    CXS_TRY(cxs_grow(ctx, (void **)&s->over, &w->over_capacity,
                     s->over_count + w->open_count, sizeof *s->over));
    s->segment[s->segment_count++] =
        (cxs_segment){start, end, s->over_count, w->open_count};
    for (size_t i = 0; i < w->open_count; i++)
        s->over[s->over_count++] = w->open[i].over;
    if (w->open_count > s->over_most)
        s->over_most = w->open_count;
done:
    return rc;
}

/* Exons [from, to) lie on one contig. */
static cxs_rc sweep_contig(cxs_ctx *ctx, sweep *w, const cxs_annotation *a, size_t from,
                           size_t to, bool by_exon)
{
    const size_t first = w->s->segment_count;
    cxs_rc rc = CXS_OK;

    w->event_count = 0;
    for (size_t i = from; i < to; i++) {
        const cxs_exon *e = &a->exon[i];
        const cxs_over over = {by_exon ? (uint32_t)i : e->gene, e->strand};
        w->event[w->event_count++] = (event){e->start, true, over};
        w->event[w->event_count++] = (event){e->end, false, over};
    }
    qsort(w->event, w->event_count, sizeof *w->event, by_position);
    for (size_t i = 0; i < w->event_count; i++) {
        if (i > 0)
            CXS_TRY(add_segment(ctx, w, first, w->event[i - 1].at, w->event[i].at));
        CXS_TRY(apply(ctx, w, &w->event[i]));
    }
done:
    return rc;
}

static cxs_rc add_bins(cxs_ctx *ctx, cxs_segments *s)
{
    size_t count = 0, at = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(s->bin_first, s->contig_count + 1);
    for (size_t c = 0; c < s->contig_count; c++) {
        const int64_t end = s->segment[s->contig_first[c + 1] - 1].end;
        s->bin_first[c] = count;
        count += (size_t)(end >> BIN_BITS) + 1;
    }
    s->bin_first[s->contig_count] = count;
    CXS_NEW(s->bin, count);
    for (size_t c = 0; c < s->contig_count; c++) {
        at = s->contig_first[c];
        for (size_t b = s->bin_first[c]; b < s->bin_first[c + 1]; b++) {
            const int64_t start = (int64_t)(b - s->bin_first[c]) << BIN_BITS;
            while (at < s->contig_first[c + 1] && s->segment[at].end <= start)
                at++;
            s->bin[b] = at;
        }
    }
done:
    return rc;
}

cxs_rc cxs_segments_new(cxs_ctx *ctx, const cxs_annotation *annotation, bool by_exon,
                        cxs_segments **out)
{
    sweep w = {0};
    cxs_segments *s = NULL;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_NEW(s, 1);
    w.s = s;
    s->contig_count = annotation->contig_count;
    CXS_NEW(s->contig_first, s->contig_count + 1);
    CXS_NEW(w.event, 2 * annotation->exon_count);
    for (size_t c = 0, from = 0; c < s->contig_count; c++) {
        size_t to = from;
        while (to < annotation->exon_count && annotation->exon[to].contig == c)
            to++;
        CXS_TRY(sweep_contig(ctx, &w, annotation, from, to, by_exon));
        s->contig_first[c + 1] = s->segment_count;
        from = to;
    }
    CXS_TRY(add_bins(ctx, s));
    *out = s;
    s = NULL;
done:
    cxs_free(w.event);
    cxs_free(w.open);
    cxs_segments_free(s);
    return rc;
}

const cxs_segment *cxs_segments_end(const cxs_segments *segments, size_t contig)
{
    return segments->segment + segments->contig_first[contig + 1];
}

const cxs_segment *cxs_segments_find(const cxs_segments *segments, size_t contig,
                                     int64_t start)
{
    const size_t bin =
        segments->bin_first[contig] + (size_t)((start < 0 ? 0 : start) >> BIN_BITS);
    const cxs_segment *end = cxs_segments_end(segments, contig), *s = end;

    if (bin < segments->bin_first[contig + 1])
        s = segments->segment + segments->bin[bin];
    while (s < end && s->end <= start)
        s++;
    return s;
}
