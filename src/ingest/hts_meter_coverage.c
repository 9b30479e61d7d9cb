/*
 * hts_meter_coverage.c -- depth over the targets of a panel or exome
 *
 * The rules are those of mosdepth: bases that an alignment matches (M, = and X; not
 * deletions, not skipped introns) count, unmapped, secondary, QC-fail and duplicate
 * records do not (flags 1796), and where both mates of a proper pair match a base it
 * counts once.  With a smallest base quality it is what samtools depth -q -Q counts,
 * which counts both mates.
 *
 * State is the change of depth from one base to the next, over merged targets, in pages
 * that appear when something covers them: at most 4 bytes per target base and worker.
 *
 * Tables
 *   coverage        chrom, start, end, name, bases; depth_sum, ge_1 .. ge_500 (bases of
 *                   at least that depth), seen (of at least min_depth); missing where
 *                   the contig is not in the header
 *   coverage_genes  gene, targets, targets_seen, bases, seen, assessed.  A target is
 *                   seen when 90 % of its bases are, a gene is assessed when all its
 *                   targets are; a gene that is not here has no target.
 */
#include "ingest/hts_coverage.h"

#include <stdlib.h>
#include <string.h>

enum {
    SKIP = BAM_FUNMAP | BAM_FSECONDARY | BAM_FQCFAIL | BAM_FDUP,
    PAGE_BITS = 14,
    PAGE_CELLS = 1 << PAGE_BITS
};

static void state_free(void *state)
{
    cxs_coverage_state *s = state;

    if (s == NULL)
        return;
    for (size_t i = 0; s->page != NULL && i < s->pages; i++)
        cxs_free(s->page[i]);
    cxs_free(s->page);
    cxs_spans_free(s->spans);
    cxs_free(s);
}

static cxs_rc state_new(cxs_ctx *ctx, const cxs_meter *meter,
                        const cxs_reads_info *info, void **state)
{
    cxs_rc rc = CXS_OK;
    cxs_coverage_state *s = NULL;

    *state = NULL;
    CXS_NEW(s, 1);
    s->c = meter->shared;
    CXS_TRY(cxs_spans_new(ctx, info, s->c->targets, 0, true, &s->spans));
    s->pages = (s->spans->cells >> PAGE_BITS) + 1;
    CXS_NEW(s->page, s->pages);
    *state = s;
    s = NULL;

done:
    state_free(s);
    return rc;
}

/* ---- runs of counted bases ------------------------------------------------------- */

typedef struct runs {
    const bam1_t *b;
    int64_t ref;   /* next base of the reference */
    int64_t query; /* and of the read */
    uint32_t op;   /* next operation */
    int64_t left;  /* bases left of the match before it */
    int min_baseq;
    int64_t start, end; /* the run found */
} runs;

static runs runs_of(const bam1_t *b, int min_baseq)
{
    return (runs){.b = b, .ref = b->core.pos, .min_baseq = min_baseq};
}

/* The next stretch of matched bases of enough quality into [start, end). */
static bool next_run(runs *r)
{
    const uint32_t *cigar = bam_get_cigar(r->b);
    const uint8_t *quality = bam_get_qual(r->b);

    for (;;) {
        for (; r->left == 0; r->op++) {
            if (r->op == r->b->core.n_cigar)
                return false;
            const int type = bam_cigar_type(bam_cigar_op(cigar[r->op]));
            const int64_t length = bam_cigar_oplen(cigar[r->op]);

            if (type == 3)
                r->left = length;
            else {
                r->query += type & 1 ? length : 0;
                r->ref += type & 2 ? length : 0;
            }
        }
        int64_t run = 0;

        if (r->min_baseq > 0 && r->query + r->left > r->b->core.l_qseq)
            return false; /* no bases are told: none is of that quality */
        if (r->min_baseq == 0)
            run = r->left;
        else if (quality[r->query] >= r->min_baseq)
            for (; run < r->left && quality[r->query + run] >= r->min_baseq; run++)
                ;
        r->start = r->ref;
        r->end = r->ref + run;
        run += run == 0;
        r->ref += run;
        r->query += run;
        r->left -= run;
        if (r->end > r->start)
            return true;
    }
}

static cxs_rc change(cxs_ctx *ctx, cxs_coverage_state *s, size_t cell, int32_t by)
{
    int32_t **page = &s->page[cell >> PAGE_BITS];

    if (*page == NULL) {
        *page = cxs_calloc(ctx, PAGE_CELLS, sizeof **page);
        if (*page == NULL)
            return CXS_ENOMEM;
    }
    (*page)[cell & (PAGE_CELLS - 1)] += by;
    return CXS_OK;
}

/* Add `by` to the depth of [start, end) where targets are. */
static cxs_rc cover(cxs_ctx *ctx, cxs_coverage_state *s, int32_t tid, int64_t start,
                    int64_t end, int32_t by)
{
    const size_t limit = cxs_spans_limit(s->spans, tid);
    cxs_rc rc = CXS_OK;

    for (size_t i = cxs_spans_seek(s->spans, tid, start);
         i < limit && s->spans->span[i].start < end; i++) {
        const cxs_span *span = &s->spans->span[i];
        const int64_t from = start > span->start ? start : span->start;
        const int64_t to = end < span->end ? end : span->end;

        CXS_TRY(change(ctx, s, span->cell + (size_t)(from - span->start), by));
        CXS_TRY(change(ctx, s, span->cell + (size_t)(to - span->start), -by));
    }

done:
    return rc;
}

/* Does the alignment count, and reach a target? */
static bool counts(cxs_coverage_state *s, const bam1_t *b)
{
    return b != NULL && (b->core.flag & SKIP) == 0 && b->core.qual >= s->c->min_mapq &&
           b->core.tid >= 0 &&
           cxs_spans_hit(s->spans, b->core.tid, b->core.pos, cxs_read_end(b));
}

static cxs_rc cover_record(cxs_ctx *ctx, cxs_coverage_state *s, const bam1_t *b)
{
    runs r = runs_of(b, s->c->min_baseq);
    cxs_rc rc = CXS_OK;

    while (next_run(&r))
        CXS_TRY(cover(ctx, s, b->core.tid, r.start, r.end, 1));

done:
    return rc;
}

/* Take away once what both match. */
static cxs_rc uncover_overlap(cxs_ctx *ctx, cxs_coverage_state *s, const bam1_t *x,
                              const bam1_t *y)
{
    runs a = runs_of(x, s->c->min_baseq), b = runs_of(y, s->c->min_baseq);
    bool more = next_run(&a) && next_run(&b);
    cxs_rc rc = CXS_OK;

    while (more) {
        const int64_t start = a.start > b.start ? a.start : b.start;
        const int64_t end = a.end < b.end ? a.end : b.end;

        if (start < end)
            CXS_TRY(cover(ctx, s, x->core.tid, start, end, -1));
        more = a.end < b.end ? next_run(&a) : next_run(&b);
    }

done:
    return rc;
}

static bool may_overlap(const bam1_t *x, const bam1_t *y)
{
    const int both = x->core.flag & y->core.flag, any = x->core.flag | y->core.flag;

    return (both & BAM_FPROPER_PAIR) != 0 && (any & BAM_FSUPPLEMENTARY) == 0 &&
           x->core.tid == y->core.tid && bam_endpos(x) > y->core.pos &&
           bam_endpos(y) > x->core.pos;
}

static cxs_rc pair(cxs_ctx *ctx, const cxs_meter *meter, void *state,
                   const bam1_t *first, const bam1_t *second)
{
    cxs_coverage_state *s = state;
    const bool one = counts(s, first), two = counts(s, second);
    cxs_rc rc = CXS_OK;

    (void)meter;
    if (one)
        CXS_TRY(cover_record(ctx, s, first));
    if (two)
        CXS_TRY(cover_record(ctx, s, second));
    if (one && two && s->c->mates_once && may_overlap(first, second))
        CXS_TRY(uncover_overlap(ctx, s, first, second));

done:
    return rc;
}

/* Pages of `from` that `into` lacks are taken over: add cannot fail, and `from` is not
 * used but freed afterwards, so it gives its page away. */
static void add(void *into, const void *from)
{
    cxs_coverage_state *a = into;
    const cxs_coverage_state *b = from;

    for (size_t i = 0; i < a->pages; i++) {
        if (b->page[i] == NULL)
            continue;
        if (a->page[i] == NULL) {
            a->page[i] = b->page[i];
            b->page[i] = NULL;
            continue;
        }
        for (size_t k = 0; k < PAGE_CELLS; k++)
            a->page[i][k] += b->page[i][k];
    }
}

void cxs_coverage_depths(const cxs_coverage_state *s, const cxs_span *span,
                         int64_t *depth)
{
    const size_t n = (size_t)(span->end - span->start);
    int64_t sum = 0;

    for (size_t i = 0; i < n; i++) {
        const size_t cell = span->cell + i;
        const int32_t *page = s->page[cell >> PAGE_BITS];

        sum += page != NULL ? page[cell & (PAGE_CELLS - 1)] : 0;
        depth[i] = sum;
    }
}

/* ---- making ---------------------------------------------------------------------- */

static void meter_free(cxs_meter *meter)
{
    cxs_coverage *c = meter->shared;

    if (c != NULL) {
        cxs_windows_free(c->targets);
        cxs_windows_free(c->genes);
        cxs_free(c);
    }
    cxs_free(meter);
}

cxs_rc cxs_meter_coverage(cxs_ctx *ctx, const cxs_coverage_settings *settings,
                          cxs_meter **out)
{
    cxs_rc rc = CXS_OK;
    cxs_meter *meter = NULL;
    cxs_coverage *c = NULL;

    *out = NULL;
    CXS_NEW(meter, 1);
    *meter = (cxs_meter){.name = "coverage",
                         .wants_pairs = true,
                         .state_new = state_new,
                         .state_free = state_free,
                         .pair = pair,
                         .add = add,
                         .finish = cxs_coverage_finish,
                         .free = meter_free};
    CXS_NEW(c, 1);
    meter->shared = c;
    c->min_depth = settings->min_depth;
    c->min_mapq = settings->min_mapq;
    c->min_baseq = settings->min_baseq;
    c->mates_once = settings->mates_once;
    CXS_TRY(cxs_windows_read(ctx, settings->targets, &c->targets));
    if (settings->genes != NULL)
        CXS_TRY(
            cxs_windows_read_genes(ctx, settings->genes, settings->build, &c->genes));
    *out = meter;
    meter = NULL;

done:
    if (meter != NULL)
        meter_free(meter);
    return rc;
}
