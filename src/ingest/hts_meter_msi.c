/*
 * hts_meter_msi.c -- lengths of mononucleotide repeats in the reads that span them
 *
 * A read spans a repeat when it matches five bases or more to either side.  The length
 * it shows is the number of its bases between the last one before and the first one
 * behind the repeat, wherever the aligner put the gap.  Primary alignments with MAPQ >=
 * 20 that are neither QC-fail nor duplicate.
 *
 * The list of markers has the first base of each repeat; its length is that of the run
 * in the reference.  A marker whose place holds no run (a position of another genome) is
 * not measured, and that is said.
 *
 * Tables
 *   msi_markers  marker, chrom, start (1-based), repeat; these two are missing where
 *                the marker is not measured
 *   msi          marker, length, reads: lengths that were seen
 */
#include "ingest/hts_fasta.h"
#include "ingest/hts_meters.h"

#include "base/number.h"
#include "base/table.h"

#include <stdio.h>
#include <string.h>

enum {
    SKIP = BAM_FUNMAP | BAM_FSECONDARY | BAM_FSUPPLEMENTARY | BAM_FQCFAIL | BAM_FDUP,
    MAPQ = 20,
    FLANK = 5,
    RUN_MIN = 8, /* a shorter run is no marker */
    LENGTHS = 64,
    MARKERS = 16
};

typedef struct marker {
    const char *name, *chrom; /* of the table */
    int64_t start0, repeat;   /* repeat 0: not measured */
} marker;

typedef struct markers {
    cxs_table *table; /* holds the texts */
    marker at[MARKERS];
    size_t count;
} markers;

typedef struct msi_state {
    const markers *m;
    int32_t tid[MARKERS]; /* -1: not in the header, or not measured */
    int64_t reads[MARKERS][LENGTHS];
} msi_state;

static void state_free(void *state)
{
    cxs_free(state);
}

static cxs_rc state_new(cxs_ctx *ctx, const cxs_meter *meter,
                        const cxs_reads_info *info, void **state)
{
    cxs_rc rc = CXS_OK;
    msi_state *s = NULL;

    CXS_NEW(s, 1);
    s->m = meter->shared;
    for (size_t k = 0; k < s->m->count; k++) {
        s->tid[k] = -1;
        for (size_t t = 0; t < info->n_targets && s->m->at[k].repeat > 0; t++)
            if (strcmp(info->target[t], s->m->at[k].chrom) == 0)
                s->tid[k] = (int32_t)t;
    }
    *state = s;

done:
    return rc;
}

/* Place in the read of the base that matches a position, -1 when none does. */
static int64_t base_at(const bam1_t *b, int64_t position)
{
    const uint32_t *cigar = bam_get_cigar(b);
    int64_t ref = b->core.pos, read = 0;

    for (uint32_t i = 0; i < b->core.n_cigar && ref <= position; i++) {
        const int64_t length = bam_cigar_oplen(cigar[i]);
        const int type = bam_cigar_type(bam_cigar_op(cigar[i]));

        if (type == 3 && position < ref + length)
            return read + position - ref;
        read += type & 1 ? length : 0;
        ref += type & 2 ? length : 0;
    }
    return -1;
}

static void count_repeat(msi_state *s, size_t k, const bam1_t *b)
{
    const marker *m = &s->m->at[k];
    const int64_t end = m->start0 + m->repeat;
    int64_t before, behind, length;

    if (b->core.pos > m->start0 - FLANK || bam_endpos(b) < end + FLANK)
        return;
    before = base_at(b, m->start0 - 1);
    behind = base_at(b, end);
    length = behind - before - 1;
    if (before >= 0 && behind > before && length < LENGTHS)
        s->reads[k][length]++;
}

static cxs_rc record(cxs_ctx *ctx, const cxs_meter *meter, void *state, const bam1_t *b)
{
    msi_state *s = state;

    (void)ctx;
    (void)meter;
    if ((b->core.flag & SKIP) != 0 || b->core.qual < MAPQ || b->core.tid < 0)
        return CXS_OK;
    for (size_t k = 0; k < s->m->count; k++)
        if (s->tid[k] == b->core.tid)
            count_repeat(s, k, b);
    return CXS_OK;
}

static void add(void *into, const void *from)
{
    msi_state *a = into;
    const msi_state *b = from;

    for (size_t k = 0; k < a->m->count; k++)
        for (size_t l = 0; l < LENGTHS; l++)
            a->reads[k][l] += b->reads[k][l];
}

/* ---- tables ---------------------------------------------------------------------- */

static cxs_rc marker_table(cxs_ctx *ctx, const msi_state *s, cxs_measures *bag)
{
    cxs_rc rc = CXS_OK;
    cxs_measure *table;
    size_t name, chrom;
    int64_t *start, *repeat;

    CXS_TRY(cxs_measures_add(ctx, bag, "msi_markers", s->m->count, &table));
    CXS_TRY(cxs_measure_text(ctx, table, "marker", &name));
    CXS_TRY(cxs_measure_text(ctx, table, "chrom", &chrom));
    CXS_TRY(cxs_measure_int(ctx, table, "start", &start));
    CXS_TRY(cxs_measure_int(ctx, table, "repeat", &repeat));
    for (size_t k = 0; k < s->m->count; k++) {
        const marker *m = &s->m->at[k];

        CXS_TRY(cxs_measure_set_text(ctx, table, name, k, m->name));
        CXS_TRY(cxs_measure_set_text(ctx, table, chrom, k, m->chrom));
        start[k] = s->tid[k] >= 0 ? m->start0 + 1 : CXS_MEASURE_MISSING;
        repeat[k] = s->tid[k] >= 0 ? m->repeat : CXS_MEASURE_MISSING;
    }

done:
    return rc;
}

static cxs_rc finish(cxs_ctx *ctx, const cxs_meter *meter, const cxs_reads_info *info,
                     const void *state, cxs_measures *bag)
{
    const msi_state *s = state;
    cxs_rc rc = CXS_OK;
    cxs_measure *table;
    size_t name, rows = 0, row = 0;
    int64_t *length, *reads;

    (void)info;
    for (size_t k = 0; k < s->m->count; k++)
        for (size_t l = 0; l < LENGTHS; l++)
            rows += s->reads[k][l] > 0;
    CXS_TRY(marker_table(ctx, s, bag));
    CXS_TRY(cxs_measures_add(ctx, bag, meter->name, rows, &table));
    CXS_TRY(cxs_measure_text(ctx, table, "marker", &name));
    CXS_TRY(cxs_measure_int(ctx, table, "length", &length));
    CXS_TRY(cxs_measure_int(ctx, table, "reads", &reads));
    for (size_t k = 0; k < s->m->count; k++)
        for (size_t l = 0; l < LENGTHS; l++) {
            if (s->reads[k][l] == 0)
                continue;
            CXS_TRY(cxs_measure_set_text(ctx, table, name, row, s->m->at[k].name));
            length[row] = (int64_t)l;
            reads[row++] = s->reads[k][l];
        }

done:
    return rc;
}

static void meter_free(cxs_meter *meter)
{
    markers *m = meter->shared;

    if (m != NULL)
        cxs_table_free(m->table);
    cxs_free(m);
    cxs_free(meter);
}

/* ---- markers --------------------------------------------------------------------- */

/* Length of the run of `unit` that begins at start0; 0 when none begins there. */
static cxs_rc find_run(cxs_ctx *ctx, cxs_fasta *fasta, const char *unit, marker *m)
{
    char base = 0;
    int64_t length = 0;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_fasta_base(ctx, fasta, m->chrom, m->start0, &base));
    if (base == 0 || base == *unit)
        return CXS_OK; /* the run begins before */
    for (; length < LENGTHS; length++) {
        CXS_TRY(cxs_fasta_base(ctx, fasta, m->chrom, m->start0 + 1 + length, &base));
        if (base != *unit)
            break;
    }
    m->repeat = length >= RUN_MIN && length < LENGTHS ? length : 0;

done:
    return rc;
}

static cxs_rc read_marker(cxs_ctx *ctx, markers *m, cxs_fasta *fasta, size_t row,
                          const size_t column[4])
{
    const char *start = cxs_table_cell(m->table, row, column[2]),
               *unit = cxs_table_cell(m->table, row, column[3]);
    marker *one = &m->at[m->count];
    int64_t position = 0;
    cxs_rc rc = CXS_OK;

    *one = (marker){.name = cxs_table_cell(m->table, row, column[0]),
                    .chrom = cxs_table_cell(m->table, row, column[1])};
    if (m->count == MARKERS || strlen(unit) != 1 ||
        !cxs_number_parse_int(start, 2, INT32_MAX, &position))
        return cxs_fail(ctx, CXS_EFORMAT, "%s:%zu: no marker of one base",
                        m->table->path, m->table->line[row]);
    m->count++;
    one->start0 = position - 1;
    CXS_TRY(find_run(ctx, fasta, unit, one));
    if (one->repeat == 0)
        rc = cxs_warn(ctx, "",
                      "marker %s: the reference has no run of %s from %s:%s on: it is "
                      "not measured",
                      one->name, unit, one->chrom, start);
done:
    return rc;
}

cxs_rc cxs_meter_msi(cxs_ctx *ctx, const char *path, const char *reference,
                     const char *build, cxs_meter **out)
{
    char start[32];
    const char *const names[4] = {"marker", "chrom", start, "unit"};
    size_t column[4];
    cxs_meter *meter = NULL;
    cxs_fasta *fasta = NULL;
    markers *m = NULL;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    snprintf(start, sizeof start, "%s_start", build);
    CXS_NEW(meter, 1);
    *meter = (cxs_meter){.name = "msi",
                         .state_new = state_new,
                         .state_free = state_free,
                         .record = record,
                         .add = add,
                         .finish = finish,
                         .free = meter_free};
    CXS_NEW(m, 1);
    meter->shared = m;
    CXS_TRY(cxs_table_read(ctx, path, &m->table));
    for (size_t c = 0; c < 4; c++)
        CXS_TRY(cxs_table_need(ctx, m->table, names[c], &column[c]));
    CXS_TRY(cxs_fasta_open(ctx, reference, &fasta));
    for (size_t r = 0; r < m->table->rows; r++)
        CXS_TRY(read_marker(ctx, m, fasta, r, column));
    *out = meter;
    meter = NULL;

done:
    cxs_fasta_close(fasta);
    if (meter != NULL)
        meter_free(meter);
    return rc;
}
