/*
 * hts_meter_qc.c -- what a file holds: flags, qualities, lengths, insert sizes, clips
 *
 * Tables
 *   qc                 name, value: numbers of records, as samtools flagstat counts them,
 *                      of bases and clipped bases of primary mapped reads, and of primary
 *                      mapped reads that overlap a class of intervals (class.NAME) or lie
 *                      on MT (class.mt)
 *   qc_mapq            mapq 0..255; primary mapped reads
 *   qc_read_length     length 0..1000, 1001 for longer; primary reads
 *   qc_insert_size     size 0..8000 (8000 and more), inward, outward, other: reads of
 *                      pairs with both mates mapped, counted at both mates, as samtools
 *                      stats does before it halves them
 *
 * CX041: no duplicate among more than a million mapped reads.
 */
#include "ingest/hts_contigs.h"
#include "ingest/hts_meters.h"
#include "ingest/hts_windows.h"

#include <stdio.h>
#include <string.h>

enum {
    MAPQS = 256,
    LENGTHS = 1002,
    SIZES = 8001,
    MARK_EXPECTED = 1000000,
    NAME_BYTES = 64
};
enum { INWARD, OUTWARD, OTHER, ORIENTATIONS };

#define QC_LIST(X)                                                                     \
    X(records)                                                                         \
    X(primary)                                                                         \
    X(secondary)                                                                       \
    X(supplementary)                                                                   \
    X(duplicates)                                                                      \
    X(qc_fail)                                                                         \
    X(mapped)                                                                          \
    X(primary_mapped)                                                                  \
    X(paired)                                                                          \
    X(proper_pair)                                                                     \
    X(both_mapped)                                                                     \
    X(singletons)                                                                      \
    X(mate_elsewhere)                                                                  \
    X(bases)                                                                           \
    X(soft_clipped)                                                                    \
    X(mt)

enum {
#define QC_ENUM(name) QC_##name,
    QC_LIST(QC_ENUM)
#undef QC_ENUM
        QC_COUNT
};
static const char *const qc_name[QC_COUNT] = {
#define QC_NAME(name) #name,
    QC_LIST(QC_NAME)
#undef QC_NAME
};

typedef struct classes {  /* intervals grouped by name */
    cxs_windows *windows; /* NULL: none */
    char **name;          /* [count] in the order of their first interval */
    size_t *of;           /* [windows->count] */
    size_t count, capacity;
} classes;

typedef struct qc_state {
    const classes *c;
    unsigned char *kind;
    cxs_spans *spans;
    int64_t *in_class; /* [classes->count] */
    int64_t value[QC_COUNT], mapq[MAPQS], length[LENGTHS], size[ORIENTATIONS][SIZES];
} qc_state;

static void state_free(void *state)
{
    qc_state *s = state;

    if (s == NULL)
        return;
    cxs_free(s->kind);
    cxs_spans_free(s->spans);
    cxs_free(s->in_class);
    cxs_free(s);
}

static cxs_rc state_new(cxs_ctx *ctx, const cxs_meter *meter,
                        const cxs_reads_info *info, void **state)
{
    cxs_rc rc = CXS_OK;
    qc_state *s = NULL;

    *state = NULL;
    CXS_NEW(s, 1);
    s->c = meter->shared;
    CXS_TRY(cxs_contig_kinds(ctx, info, &s->kind));
    CXS_NEW(s->in_class, s->c->count);
    if (s->c->windows != NULL)
        CXS_TRY(cxs_spans_new(ctx, info, s->c->windows, 0, false, &s->spans));
    *state = s;
    s = NULL;

done:
    state_free(s);
    return rc;
}

/* Orientation by the strands and by which mate stands further left, as samtools stats
 * tells it: at equal positions read 1 is the left one. */
static void count_size(qc_state *s, const bam1_t *b)
{
    const int64_t isize = b->core.isize < 0 ? -b->core.isize : b->core.isize;
    const int64_t size = isize < SIZES - 1 ? isize : SIZES - 1;
    const int64_t ahead = b->core.mpos - b->core.pos;
    const bool forward = !bam_is_rev(b);
    int way;

    if (isize == 0 && b->core.tid != b->core.mtid)
        return;
    if (forward != bam_is_mrev(b))
        way = OTHER;
    else if (ahead == 0)
        way = ((b->core.flag & BAM_FREAD1) != 0) == forward ? INWARD : OUTWARD;
    else
        way = (ahead > 0) == forward ? INWARD : OUTWARD;
    s->size[way][size]++;
}

static void count_classes(qc_state *s, const bam1_t *b, int64_t end)
{
    const size_t limit = cxs_spans_limit(s->spans, b->core.tid);
    uint64_t seen = 0; /* a read counts once per class */

    for (size_t i = cxs_spans_seek(s->spans, b->core.tid, b->core.pos);
         i < limit && s->spans->span[i].start < end; i++) {
        const size_t class = s->c->of[s->spans->span[i].row];

        if (s->spans->span[i].end > b->core.pos && (seen >> class & 1) == 0) {
            s->in_class[class]++;
            seen |= (uint64_t)1 << class;
        }
    }
}

/* Bases and clips; the end of the alignment on the way. */
static void count_mapped(qc_state *s, const bam1_t *b)
{
    const uint32_t *cigar = bam_get_cigar(b);
    const int flag = b->core.flag;
    const uint32_t n = b->core.n_cigar;
    int64_t clipped = 0;

    s->value[QC_primary_mapped]++;
    s->mapq[b->core.qual]++;
    s->value[QC_bases] += b->core.l_qseq;
    if (n > 1) { /* clips stand at the ends, behind hard clips */
        for (uint32_t i = 0; i < n; i++)
            clipped += bam_cigar_op(cigar[i]) == BAM_CSOFT_CLIP
                           ? (int64_t)bam_cigar_oplen(cigar[i])
                           : 0;
        s->value[QC_soft_clipped] += clipped;
    }
    s->value[QC_mt] += s->kind[b->core.tid] == CXS_CONTIG_MT;
    if (s->spans != NULL)
        count_classes(s, b, bam_endpos(b));
    if ((flag & BAM_FPAIRED) != 0) {
        const bool mate_mapped = (flag & BAM_FMUNMAP) == 0;

        s->value[QC_proper_pair] += (flag & BAM_FPROPER_PAIR) != 0;
        s->value[QC_both_mapped] += mate_mapped;
        s->value[QC_singletons] += !mate_mapped;
        s->value[QC_mate_elsewhere] += mate_mapped && b->core.tid != b->core.mtid;
        if (mate_mapped)
            count_size(s, b);
    }
}

static cxs_rc record(cxs_ctx *ctx, const cxs_meter *meter, void *state, const bam1_t *b)
{
    qc_state *s = state;
    const int flag = b->core.flag;

    (void)ctx;
    (void)meter;
    s->value[QC_records]++;
    s->value[QC_duplicates] += (flag & BAM_FDUP) != 0;
    s->value[QC_qc_fail] += (flag & BAM_FQCFAIL) != 0;
    s->value[QC_mapped] += (flag & BAM_FUNMAP) == 0;
    if ((flag & BAM_FSECONDARY) != 0)
        s->value[QC_secondary]++;
    else if ((flag & BAM_FSUPPLEMENTARY) != 0)
        s->value[QC_supplementary]++;
    else {
        s->value[QC_primary]++;
        s->value[QC_paired] += (flag & BAM_FPAIRED) != 0;
        s->length[b->core.l_qseq < LENGTHS - 1 ? b->core.l_qseq : LENGTHS - 1]++;
        if ((flag & BAM_FUNMAP) == 0 && b->core.tid >= 0)
            count_mapped(s, b);
    }
    return CXS_OK;
}

static void sum(int64_t *into, const int64_t *from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        into[i] += from[i];
}

static void add(void *into, const void *from)
{
    qc_state *a = into;
    const qc_state *b = from;

    sum(a->value, b->value, QC_COUNT);
    sum(a->mapq, b->mapq, MAPQS);
    sum(a->length, b->length, LENGTHS);
    for (int w = 0; w < ORIENTATIONS; w++)
        sum(a->size[w], b->size[w], SIZES);
    sum(a->in_class, b->in_class, a->c->count);
}

/* ---- tables ---------------------------------------------------------------------- */

static cxs_rc own_table(cxs_ctx *ctx, const cxs_meter *meter, const qc_state *s,
                        cxs_measures *bag)
{
    const classes *c = s->c;
    cxs_rc rc = CXS_OK;
    cxs_measure *table;
    size_t name;
    int64_t *value;
    char text[NAME_BYTES + 8];

    CXS_TRY(cxs_measures_add(ctx, bag, meter->name, QC_COUNT + c->count, &table));
    CXS_TRY(cxs_measure_text(ctx, table, "name", &name));
    CXS_TRY(cxs_measure_int(ctx, table, "value", &value));
    for (size_t i = 0; i < QC_COUNT; i++) {
        snprintf(text, sizeof text, "%s%s", i == QC_mt ? "class." : "", qc_name[i]);
        CXS_TRY(cxs_measure_set_text(ctx, table, name, i, text));
        value[i] = s->value[i];
    }
    for (size_t i = 0; i < c->count; i++) {
        snprintf(text, sizeof text, "class.%s", c->name[i]);
        CXS_TRY(cxs_measure_set_text(ctx, table, name, QC_COUNT + i, text));
        value[QC_COUNT + i] = s->in_class[i];
    }

done:
    return rc;
}

/* A histogram: numbers from 0 in the first column, counts in the others. */
static cxs_rc histogram(cxs_ctx *ctx, cxs_measures *bag, const char *name,
                        const char *const *column, const int64_t *const *count,
                        size_t columns, size_t rows)
{
    cxs_rc rc = CXS_OK;
    cxs_measure *table;
    int64_t *cell;

    CXS_TRY(cxs_measures_add(ctx, bag, name, rows, &table));
    CXS_TRY(cxs_measure_int(ctx, table, column[0], &cell));
    for (size_t i = 0; i < rows; i++)
        cell[i] = (int64_t)i;
    for (size_t c = 0; c < columns; c++) {
        CXS_TRY(cxs_measure_int(ctx, table, column[c + 1], &cell));
        memcpy(cell, count[c], rows * sizeof *cell);
    }

done:
    return rc;
}

static cxs_rc finish(cxs_ctx *ctx, const cxs_meter *meter, const cxs_reads_info *info,
                     const void *state, cxs_measures *bag)
{
    static const char *const mapq[] = {"mapq", "reads"}, *const length[] = {"length",
                                                                            "reads"};
    static const char *const size[] = {"size", "inward", "outward", "other"};
    const qc_state *s = state;
    const int64_t *const counts[] = {s->mapq, s->length, s->size[INWARD],
                                     s->size[OUTWARD], s->size[OTHER]};
    cxs_rc rc = CXS_OK;

    CXS_TRY(own_table(ctx, meter, s, bag));
    CXS_TRY(histogram(ctx, bag, "qc_mapq", mapq, &counts[0], 1, MAPQS));
    CXS_TRY(histogram(ctx, bag, "qc_read_length", length, &counts[1], 1, LENGTHS));
    CXS_TRY(histogram(ctx, bag, "qc_insert_size", size, &counts[2], 3, SIZES));
    if (s->value[QC_duplicates] == 0 && s->value[QC_mapped] > MARK_EXPECTED)
        CXS_TRY(cxs_warn(ctx, "CX041",
                         "%s: no read is marked duplicate; depth features may be "
                         "inflated",
                         info->path));

done:
    return rc;
}

/* ---- making ---------------------------------------------------------------------- */

static void meter_free(cxs_meter *meter)
{
    classes *c = meter->shared;

    if (c != NULL) {
        cxs_windows_free(c->windows);
        cxs_free_strings(c->name, c->count);
        cxs_free(c->of);
        cxs_free(c);
    }
    cxs_free(meter);
}

/* Give every interval the number of its class. */
static cxs_rc group_classes(cxs_ctx *ctx, classes *c)
{
    cxs_rc rc = CXS_OK;

    CXS_NEW(c->of, c->windows->count);
    for (size_t i = 0; i < c->windows->count; i++) {
        const char *name = c->windows->at[i].name;
        size_t at = 0;

        if (*name == '\0' || strlen(name) >= NAME_BYTES)
            CXS_TRY(
                cxs_fail(ctx, CXS_EFORMAT,
                         "%s: interval %zu has no class of less than %d bytes in its "
                         "fourth column",
                         c->windows->path, i + 1, NAME_BYTES));
        while (at < c->count && strcmp(c->name[at], name) != 0)
            at++;
        if (at == 64)
            CXS_TRY(cxs_fail(ctx, CXS_EFORMAT, "%s: more than 64 classes",
                             c->windows->path));
        if (at == c->count) {
            CXS_TRY(cxs_grow(ctx, (void **)&c->name, &c->capacity, at + 1,
                             sizeof *c->name));
            if ((c->name[at] = cxs_strdup(ctx, name)) == NULL)
                CXS_TRY(CXS_ENOMEM);
            c->count++;
        }
        c->of[i] = at;
    }

done:
    return rc;
}

cxs_rc cxs_meter_qc(cxs_ctx *ctx, const char *intervals, cxs_meter **out)
{
    cxs_rc rc = CXS_OK;
    cxs_meter *meter = NULL;
    classes *c = NULL;

    *out = NULL;
    CXS_NEW(meter, 1);
    *meter = (cxs_meter){.name = "qc",
                         .state_new = state_new,
                         .state_free = state_free,
                         .record = record,
                         .add = add,
                         .finish = finish,
                         .free = meter_free};
    CXS_NEW(c, 1);
    meter->shared = c;
    if (intervals != NULL) {
        CXS_TRY(cxs_windows_read(ctx, intervals, &c->windows));
        CXS_TRY(group_classes(ctx, c));
    }
    *out = meter;
    meter = NULL;

done:
    if (meter != NULL)
        meter_free(meter);
    return rc;
}
