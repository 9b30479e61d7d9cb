/*
 * count_write.c -- PREFIX.counts.tsv and PREFIX.summary.tsv
 */
#include "ingest/count_private.h"

#include "base/out.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* Where a gene lies: one extent per contig, in the order of the contigs. */
typedef struct extent {
    uint32_t contig;
    int64_t start;
    int64_t covered; /* end of the exons so far */
    int64_t length;  /* bases in at least one of them */
    bool forward, reverse;
    size_t next; /* further contig, SIZE_MAX: none */
} extent;

typedef struct extents {
    extent *item;
    size_t count, capacity;
    size_t *first, *last; /* [genes] in item, SIZE_MAX: none */
} extents;

static void extents_free(extents *x)
{
    cxs_free(x->item);
    cxs_free(x->first);
    cxs_free(x->last);
}

/* A new extent of a gene, behind those it has. */
static cxs_rc begin_extent(cxs_ctx *ctx, extents *x, size_t row, const cxs_exon *e)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(
        cxs_grow(ctx, (void **)&x->item, &x->capacity, x->count + 1, sizeof *x->item));
    x->item[x->count] = (extent){
        .contig = e->contig, .start = e->start, .covered = e->start, .next = SIZE_MAX};
    if (x->last[row] == SIZE_MAX)
        x->first[row] = x->count;
    else
        x->item[x->last[row]].next = x->count;
    x->last[row] = x->count++;
done:
    return rc;
}

/* Exons come by contig and start, so that the last extent of their gene is theirs or
 * they begin a new one. */
static cxs_rc add_exon(cxs_ctx *ctx, extents *x, size_t row, const cxs_exon *e)
{
    extent *at;
    cxs_rc rc = CXS_OK;

    if (x->last[row] == SIZE_MAX || x->item[x->last[row]].contig != e->contig)
        CXS_TRY(begin_extent(ctx, x, row, e));
    at = &x->item[x->last[row]];
    if (e->start > at->covered)
        at->covered = e->start;
    if (e->end > at->covered) {
        at->length += e->end - at->covered;
        at->covered = e->end;
    }
    at->forward = at->forward || e->strand == CXS_STRAND_FORWARD;
    at->reverse = at->reverse || e->strand == CXS_STRAND_REVERSE;
done:
    return rc;
}

static cxs_rc find_extents(cxs_ctx *ctx, const cxs_annotation *a, bool by_feature,
                           size_t rows, extents *x)
{
    cxs_rc rc = CXS_OK;

    CXS_NEW(x->first, rows);
    CXS_NEW(x->last, rows);
    memset(x->first, 0xff, rows * sizeof *x->first);
    memset(x->last, 0xff, rows * sizeof *x->last);
    for (size_t i = 0; i < a->exon_count; i++)
        CXS_TRY(add_exon(ctx, x, by_feature ? i : a->exon[i].gene, &a->exon[i]));
done:
    return rc;
}

typedef enum place { CHROM, START, END, STRAND } place;

static cxs_rc write_place(cxs_ctx *ctx, cxs_out *out, const cxs_annotation *a,
                          const extents *x, size_t row, place what)
{
    cxs_buf text = {0};
    cxs_rc rc = CXS_OK;

    for (size_t i = x->first[row]; i != SIZE_MAX; i = x->item[i].next) {
        const extent *e = &x->item[i];
        const char *join = i == x->first[row] ? "" : ";";
        switch (what) {
        case CHROM:
            CXS_TRY(cxs_buf_addf(ctx, &text, "%s%s", join, a->contig[e->contig]));
            break;
        case START:
            CXS_TRY(cxs_buf_addf(ctx, &text, "%s%" PRId64, join, e->start + 1));
            break;
        case END:
            CXS_TRY(cxs_buf_addf(ctx, &text, "%s%" PRId64, join, e->covered));
            break;
        case STRAND:
            CXS_TRY(cxs_buf_addf(ctx, &text, "%s%s", join,
                                 e->forward == e->reverse ? "."
                                 : e->forward             ? "+"
                                                          : "-"));
            break;
        }
    }
    CXS_TRY(cxs_out_text(ctx, out, text.text));
done:
    cxs_free(text.text);
    return rc;
}

/* As featureCounts: a whole number, or two decimals, ties to even. */
static cxs_rc write_count(cxs_ctx *ctx, cxs_out *out, double count)
{
    const int64_t units = (int64_t)(count * CXS_COUNT_UNIT), hundred = 100;
    const int64_t half = CXS_COUNT_UNIT / 2, rest = units * hundred % CXS_COUNT_UNIT;
    int64_t cents = units * hundred / CXS_COUNT_UNIT;
    char text[48];

    cents += rest > half || (rest == half && cents % 2 == 1);
    if (units % CXS_COUNT_UNIT == 0)
        snprintf(text, sizeof text, "%" PRId64, units / CXS_COUNT_UNIT);
    else
        snprintf(text, sizeof text, "%" PRId64 ".%02d", cents / hundred,
                 (int)(cents % hundred));
    return cxs_out_text(ctx, out, text);
}

static cxs_rc write_row(cxs_ctx *ctx, cxs_out *out, const cxs_counts *c,
                        const cxs_annotation *a, const extents *x, size_t row)
{
    int64_t length = 0;
    cxs_rc rc = CXS_OK;

    for (size_t i = x->first[row]; i != SIZE_MAX; i = x->item[i].next)
        length += x->item[i].length;
    CXS_TRY(cxs_out_text(ctx, out, cxs_counts_gene(c, row)));
    for (place what = CHROM; what <= STRAND; what++)
        CXS_TRY(write_place(ctx, out, a, x, row, what));
    CXS_TRY(cxs_out_size(ctx, out, (size_t)length));
    for (size_t i = 0; i < cxs_counts_files(c); i++)
        CXS_TRY(write_count(ctx, out, cxs_counts_of(c, i)[row]));
    CXS_TRY(cxs_out_row_end(ctx, out));
done:
    return rc;
}

/* A header line: the words, then the files. */
static cxs_rc write_header(cxs_ctx *ctx, cxs_out *out, const cxs_counts *c,
                           const char *const *words)
{
    cxs_rc rc = CXS_OK;

    for (; *words != NULL; words++)
        CXS_TRY(cxs_out_text(ctx, out, *words));
    for (size_t i = 0; i < cxs_counts_files(c); i++)
        CXS_TRY(cxs_out_text(ctx, out, cxs_counts_name(c, i)));
    CXS_TRY(cxs_out_row_end(ctx, out));
done:
    return rc;
}

static cxs_rc write_counts(cxs_ctx *ctx, cxs_out *out, const void *of)
{
    const cxs_counts *c = of;
    static const char *const words[] = {"gene_id", "chrom",  "start", "end",
                                        "strand",  "length", NULL};
    const cxs_count_plan *plan = cxs_counts_plan(c);
    extents x = {0};
    cxs_rc rc = CXS_OK;

    CXS_TRY(find_extents(ctx, plan->annotation, plan->settings.by_feature != 0,
                         cxs_counts_genes(c), &x));
    CXS_TRY(write_header(ctx, out, c, words));
    for (size_t g = 0; g < cxs_counts_genes(c); g++)
        CXS_TRY(write_row(ctx, out, c, plan->annotation, &x, g));
done:
    extents_free(&x);
    return rc;
}

static cxs_rc write_summary(cxs_ctx *ctx, cxs_out *out, const void *of)
{
    const cxs_counts *c = of;
    static const char *const words[] = {"status", NULL};
    cxs_rc rc = CXS_OK;

    CXS_TRY(write_header(ctx, out, c, words));
    for (size_t s = 0; s < cxs_counts_outcomes(); s++) {
        CXS_TRY(cxs_out_text(ctx, out, cxs_counts_outcome(s)));
        for (size_t i = 0; i < cxs_counts_files(c); i++)
            CXS_TRY(cxs_out_size(ctx, out, (size_t)cxs_counts_outcome_of(c, i, s)));
        CXS_TRY(cxs_out_row_end(ctx, out));
    }
done:
    return rc;
}

cxs_rc cxs_counts_write(cxs_ctx *ctx, const cxs_counts *counts, const char *prefix,
                        cxs_record *record)
{
    const cxs_rc rc =
        cxs_out_file(ctx, prefix, ".counts.tsv", write_counts, counts, record);

    return rc == CXS_OK ? cxs_out_file(ctx, prefix, ".summary.tsv", write_summary,
                                       counts, record)
                        : rc;
}
