/*
 * hts_marks.c -- the genes or exons that the ends of one template lie over
 */
#include "ingest/hts_marks.h"

#include <stdlib.h>

enum { SECTIONS_MOST = 10 };

/* One end, on its way through the segments. */
typedef struct walk {
    cxs_marks *marks;
    const cxs_segments *all;
    size_t contig;
    int stranded;
    bool measures, reverse;
    unsigned end;
} walk;

void cxs_marks_free(cxs_marks *marks)
{
    cxs_free(marks->hit);
    cxs_free(marks->piece);
    *marks = (cxs_marks){0};
}

void cxs_marks_begin(cxs_marks *marks)
{
    marks->hit_count = marks->piece_count = 0;
}

static cxs_rc mark(cxs_ctx *ctx, const walk *w, uint32_t target, int64_t from,
                   int64_t to)
{
    cxs_marks *m = w->marks;
    size_t i = 0;
    cxs_rc rc = CXS_OK;

    while (i < m->hit_count && m->hit[i].target != target)
        i++;
    if (i == m->hit_count) {
        CXS_TRY(
            cxs_grow(ctx, (void **)&m->hit, &m->hit_capacity, i + 1, sizeof *m->hit));
        m->hit[m->hit_count++] = (cxs_hit){target, 0, 0};
    }
    m->hit[i].ends |= w->end;
    if (!w->measures)
        return CXS_OK;
    CXS_TRY(cxs_grow(ctx, (void **)&m->piece, &m->piece_capacity, m->piece_count + 1,
                     sizeof *m->piece));
    m->piece[m->piece_count++] = (cxs_piece){target, w->contig, from, to};
done:
    return rc;
}

/* A feature without strand fits no read when stranded is 1 and each when it is 2. */
static bool strand_fits(const walk *w, uint32_t strand)
{
    return w->stranded == 0 || (w->stranded == 1) == (strand == (uint32_t)w->reverse);
}

static bool lies_over(const cxs_segments *all, const cxs_segment *s, cxs_over o)
{
    for (size_t i = 0; i < s->count; i++)
        if (all->over[s->first + i].target == o.target &&
            all->over[s->first + i].strand == o.strand)
            return true;
    return false;
}

/* Between D or N and I lies a section without bases: it marks what spans its place. */
static cxs_rc mark_place(cxs_ctx *ctx, const walk *w, int64_t at)
{
    const cxs_segments *all = w->all;
    const cxs_segment *last = cxs_segments_end(all, w->contig);
    const cxs_segment *before = cxs_segments_find(all, w->contig, at - 1);
    const cxs_segment *behind = cxs_segments_find(all, w->contig, at);
    cxs_rc rc = CXS_OK;

    if (before == last || behind == last || before->start > at - 1 ||
        behind->start > at)
        return CXS_OK;
    for (size_t i = 0; i < before->count; i++) {
        const cxs_over o = all->over[before->first + i];
        if (strand_fits(w, o.strand) && lies_over(all, behind, o))
            CXS_TRY(mark(ctx, w, o.target, at, at));
    }
done:
    return rc;
}

static cxs_rc mark_section(cxs_ctx *ctx, const walk *w, int64_t from, int64_t to)
{
    const cxs_segment *last = cxs_segments_end(w->all, w->contig);
    cxs_rc rc = CXS_OK;

    if (from == to)
        return mark_place(ctx, w, from);
    for (const cxs_segment *g = cxs_segments_find(w->all, w->contig, from);
         g < last && g->start < to; g++) {
        const int64_t low = from > g->start ? from : g->start;
        const int64_t high = to < g->end ? to : g->end;
        for (size_t i = 0; i < g->count; i++) {
            const cxs_over o = w->all->over[g->first + i];
            if (strand_fits(w, o.strand))
                CXS_TRY(mark(ctx, w, o.target, low, high));
        }
    }
done:
    return rc;
}

cxs_rc cxs_marks_add(cxs_ctx *ctx, cxs_marks *marks, const cxs_count_plan *plan,
                     const size_t *contig, const bam1_t *b, unsigned end)
{
    const uint32_t *cigar = bam_get_cigar(b);
    const uint16_t flag = b->core.flag;
    const walk w = {.marks = marks,
                    .all = plan->segments,
                    .contig = b->core.tid >= 0 ? contig[b->core.tid] : SIZE_MAX,
                    .stranded = plan->settings.stranded,
                    .measures = plan->settings.min_overlap > 1,
                    /* of the fragment: read 2 points against it */
                    .reverse =
                        ((flag & BAM_FREVERSE) != 0) != ((flag & BAM_FREAD2) != 0),
                    .end = end};
    int64_t from = b->core.pos, to = from;
    size_t sections = 0;
    cxs_rc rc = CXS_OK;

    for (uint32_t i = 0;
         w.contig != SIZE_MAX && i < b->core.n_cigar && sections < SECTIONS_MOST; i++) {
        const int op = bam_cigar_op(cigar[i]);
        const int64_t length = bam_cigar_oplen(cigar[i]);
        if (op == BAM_CMATCH || op == BAM_CEQUAL || op == BAM_CDIFF) {
            to += length;
        } else if (op == BAM_CINS || op == BAM_CDEL || op == BAM_CREF_SKIP) {
            CXS_TRY(mark_section(ctx, &w, from, to));
            sections++;
            from = to = to + (op == BAM_CINS ? 0 : length);
        }
    }
    if (to > from && sections < SECTIONS_MOST)
        CXS_TRY(mark_section(ctx, &w, from, to));
done:
    return rc;
}

static int by_target(const void *a, const void *b)
{
    const cxs_piece *x = a, *y = b;

    if (x->target != y->target)
        return x->target < y->target ? -1 : 1;
    if (x->contig != y->contig)
        return x->contig < y->contig ? -1 : 1;
    return (x->start > y->start) - (x->start < y->start);
}

void cxs_marks_measure(cxs_marks *marks)
{
    const cxs_piece *piece = marks->piece;

    qsort(marks->piece, marks->piece_count, sizeof *piece, by_target);
    for (size_t i = 0, h; i < marks->piece_count;) {
        const cxs_piece *p = &piece[i];
        int64_t covered = p->start, shared = 0;
        for (; i < marks->piece_count && piece[i].target == p->target &&
               piece[i].contig == p->contig;
             i++) {
            const cxs_piece *q = &piece[i];
            covered = q->start > covered ? q->start : covered;
            shared += q->end > covered ? q->end - covered : 0;
            covered = q->end > covered ? q->end : covered;
        }
        for (h = 0; marks->hit[h].target != p->target; h++)
            continue;
        marks->hit[h].shared += shared;
    }
}
