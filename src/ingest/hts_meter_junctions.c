/*
 * hts_meter_junctions.c -- splice junctions: those that tell EGFRvIII, and all on request
 *
 * A junction is a skipped stretch (N) of a primary alignment with MAPQ >= 20 that is not
 * QC-fail.  A fragment counts once where both mates cross the same junction.  Duplicates
 * count: in RNA most are not copies of one molecule.
 *
 * Tables
 *   junctions        name (egfr_e1_e8: exons 2-7 are skipped; egfr_e1_e2), chrom, start,
 *                    end (0-based, half-open, of the intron), reads; only for hg19, hg38.
 *                    Both ends may differ by 5 bases: where the bases at both ends are
 *                    alike, aligners shift.
 *   junctions_all    chrom, start, end, reads by place (on request).  Left out, with a
 *                    warning, when there are more than 500,000.
 */
#include "ingest/hts_meters.h"

#include <stdlib.h>
#include <string.h>

enum {
    SKIP = BAM_FUNMAP | BAM_FSECONDARY | BAM_FSUPPLEMENTARY | BAM_FQCFAIL,
    MAPQ = 20,
    TOLERANCE = 5,
    NAMED = 2,
    SLOTS = 1 << 20,
    MOST = 500000
};

/* Introns of EGFR (ENST00000275493): from behind exon 1 to exon 8, and to exon 2. */
static const struct named_junction {
    const char *name;
    int64_t start[2], end[2]; /* hg19, hg38 */
} named[NAMED] = {{"egfr_e1_e8", {55087058, 55019365}, {55223522, 55155829}},
                  {"egfr_e1_e2", {55087058, 55019365}, {55209978, 55142285}}};

typedef struct junction {
    int64_t start, end, reads; /* reads 0: empty slot */
    int32_t tid;
} junction;

typedef struct junction_state {
    int build;    /* 0 hg19, 1 hg38, -1 neither */
    int32_t chr7; /* -1: not in the header */
    int64_t named[NAMED];
    junction *slot; /* [SLOTS] by hash; NULL: not asked for */
    size_t count;
    bool too_many;
} junction_state;

static void state_free(void *state)
{
    if (state != NULL)
        cxs_free(((junction_state *)state)->slot);
    cxs_free(state);
}

static cxs_rc state_new(cxs_ctx *ctx, const cxs_meter *meter,
                        const cxs_reads_info *info, void **state)
{
    cxs_rc rc = CXS_OK;
    junction_state *s = NULL;

    *state = NULL;
    CXS_NEW(s, 1);
    s->build = strcmp(info->build, "hg19") == 0   ? 0
               : strcmp(info->build, "hg38") == 0 ? 1
                                                  : -1;
    s->chr7 = -1;
    for (size_t t = 0; t < info->n_targets; t++)
        if (strcmp(info->target[t], "7") == 0)
            s->chr7 = (int32_t)t;
    if (*(const bool *)meter->shared)
        CXS_NEW(s->slot, SLOTS);
    *state = s;
    s = NULL;

done:
    state_free(s);
    return rc;
}

/* Count into the slot of a junction; more than MOST different ones end the list. */
static void count_junction(junction_state *s, const junction *j)
{
    uint64_t hash = (uint64_t)j->start * 0x9E3779B97F4A7C15U;
    size_t at;

    if (s->too_many)
        return;
    hash = (hash ^ (uint64_t)j->end ^ (uint64_t)j->tid << 40) * 0x9E3779B97F4A7C15U;
    at = (size_t)(hash >> 44);
    for (; s->slot[at].reads > 0; at = (at + 1) & (SLOTS - 1))
        if (s->slot[at].start == j->start && s->slot[at].end == j->end &&
            s->slot[at].tid == j->tid) {
            s->slot[at].reads += j->reads;
            return;
        }
    if (s->count == MOST) {
        s->too_many = true;
        return;
    }
    s->slot[at] = *j;
    s->count++;
}

static bool near(int64_t a, int64_t b)
{
    return a - b <= TOLERANCE && b - a <= TOLERANCE;
}

/* Does the alignment skip exactly [start, end)? */
static bool has_junction(const bam1_t *b, int64_t start, int64_t end)
{
    const uint32_t *cigar = bam_get_cigar(b);
    int64_t ref = b->core.pos;

    for (uint32_t i = 0; i < b->core.n_cigar; i++) {
        const int op = bam_cigar_op(cigar[i]);
        const int64_t length = bam_cigar_oplen(cigar[i]);

        if (op == BAM_CREF_SKIP && ref == start && ref + length == end)
            return true;
        ref += bam_cigar_type(op) & 2 ? length : 0;
    }
    return false;
}

/* Junctions of one alignment that its mate (NULL: none) does not have. */
static void count_read(junction_state *s, const bam1_t *b, const bam1_t *mate)
{
    const uint32_t *cigar = bam_get_cigar(b);
    junction j = {b->core.pos, b->core.pos, 1, b->core.tid};

    for (uint32_t i = 0; i < b->core.n_cigar; i++) {
        const int op = bam_cigar_op(cigar[i]);

        j.end = j.start;
        if ((bam_cigar_type(op) & 2) != 0)
            j.end += bam_cigar_oplen(cigar[i]);
        if (op == BAM_CREF_SKIP &&
            (mate == NULL || !has_junction(mate, j.start, j.end))) {
            for (int k = 0; k < NAMED && s->build >= 0 && j.tid == s->chr7; k++)
                s->named[k] += near(j.start, named[k].start[s->build]) &&
                               near(j.end, named[k].end[s->build]);
            if (s->slot != NULL)
                count_junction(s, &j);
        }
        j.start = j.end;
    }
}

static bool counts(const bam1_t *b)
{
    return b != NULL && (b->core.flag & SKIP) == 0 && b->core.qual >= MAPQ &&
           b->core.tid >= 0 && b->core.n_cigar > 2;
}

static cxs_rc pair(cxs_ctx *ctx, const cxs_meter *meter, void *state,
                   const bam1_t *first, const bam1_t *second)
{
    const bool one = counts(first), two = counts(second);

    (void)ctx;
    (void)meter;
    if (one)
        count_read(state, first, NULL);
    if (two)
        count_read(state, second,
                   one && first->core.tid == second->core.tid ? first : NULL);
    return CXS_OK;
}

static void add(void *into, const void *from)
{
    junction_state *a = into;
    const junction_state *b = from;

    for (int k = 0; k < NAMED; k++)
        a->named[k] += b->named[k];
    a->too_many = a->too_many || b->too_many;
    for (size_t i = 0; b->slot != NULL && i < SLOTS; i++)
        if (b->slot[i].reads > 0)
            count_junction(a, &b->slot[i]);
}

/* ---- tables ---------------------------------------------------------------------- */

static int by_place(const void *x, const void *y)
{
    const junction *a = x, *b = y;

    if (a->tid != b->tid)
        return a->tid < b->tid ? -1 : 1;
    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    return (a->end > b->end) - (a->end < b->end);
}

typedef struct columns {
    cxs_measure *table;
    size_t chrom;
    int64_t *start, *end, *reads;
} columns;

static cxs_rc add_columns(cxs_ctx *ctx, columns *c)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_measure_text(ctx, c->table, "chrom", &c->chrom));
    CXS_TRY(cxs_measure_int(ctx, c->table, "start", &c->start));
    CXS_TRY(cxs_measure_int(ctx, c->table, "end", &c->end));
    CXS_TRY(cxs_measure_int(ctx, c->table, "reads", &c->reads));

done:
    return rc;
}

static cxs_rc named_table(cxs_ctx *ctx, const cxs_meter *meter, const junction_state *s,
                          cxs_measures *bag)
{
    const size_t rows = s->build >= 0 && s->chr7 >= 0 ? NAMED : 0;
    cxs_rc rc = CXS_OK;
    size_t name;
    columns c;

    CXS_TRY(cxs_measures_add(ctx, bag, meter->name, rows, &c.table));
    CXS_TRY(cxs_measure_text(ctx, c.table, "name", &name));
    CXS_TRY(add_columns(ctx, &c));
    for (size_t k = 0; k < rows; k++) {
        CXS_TRY(cxs_measure_set_text(ctx, c.table, name, k, named[k].name));
        CXS_TRY(cxs_measure_set_text(ctx, c.table, c.chrom, k, "7"));
        c.start[k] = named[k].start[s->build];
        c.end[k] = named[k].end[s->build];
        c.reads[k] = s->named[k];
    }

done:
    return rc;
}

static cxs_rc all_table(cxs_ctx *ctx, const cxs_reads_info *info,
                        const junction_state *s, cxs_measures *bag)
{
    cxs_rc rc = CXS_OK;
    junction *sorted = NULL;
    size_t n = 0;
    columns c;

    if (s->too_many)
        return cxs_warn(ctx, "",
                        "more than %d different splice junctions: the list of "
                        "all is left out",
                        MOST);
    CXS_NEW(sorted, s->count);
    for (size_t i = 0; i < SLOTS; i++)
        if (s->slot[i].reads > 0)
            sorted[n++] = s->slot[i];
    qsort(sorted, n, sizeof *sorted, by_place);
    CXS_TRY(cxs_measures_add(ctx, bag, "junctions_all", n, &c.table));
    CXS_TRY(add_columns(ctx, &c));
    for (size_t i = 0; i < n; i++) {
        CXS_TRY(cxs_measure_set_text(ctx, c.table, c.chrom, i,
                                     info->target[sorted[i].tid]));
        c.start[i] = sorted[i].start;
        c.end[i] = sorted[i].end;
        c.reads[i] = sorted[i].reads;
    }

done:
    cxs_free(sorted);
    return rc;
}

static cxs_rc finish(cxs_ctx *ctx, const cxs_meter *meter, const cxs_reads_info *info,
                     const void *state, cxs_measures *bag)
{
    const junction_state *s = state;
    const cxs_rc rc = named_table(ctx, meter, s, bag);

    return rc == CXS_OK && s->slot != NULL ? all_table(ctx, info, s, bag) : rc;
}

static void meter_free(cxs_meter *meter)
{
    cxs_free(meter->shared);
    cxs_free(meter);
}

cxs_rc cxs_meter_junctions(cxs_ctx *ctx, bool all, cxs_meter **out)
{
    cxs_rc rc = CXS_OK;
    cxs_meter *meter = NULL;
    bool *wanted;

    *out = NULL;
    CXS_NEW(meter, 1);
    *meter = (cxs_meter){.name = "junctions",
                         .wants_pairs = true,
                         .state_new = state_new,
                         .state_free = state_free,
                         .pair = pair,
                         .add = add,
                         .finish = finish,
                         .free = meter_free};
    CXS_NEW(wanted, 1);
    *wanted = all;
    meter->shared = wanted;
    *out = meter;
    meter = NULL;

done:
    if (meter != NULL)
        meter_free(meter);
    return rc;
}
