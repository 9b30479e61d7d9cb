/*
 * hts_meter_depth.c -- fragments per bin, for copy number
 *
 * A fragment counts once: read 1 of a proper pair, at start + floor(|TLEN| / 2);
 * a single-end read at its 5' end.  Skipped: unmapped, secondary, supplementary,
 * QC-fail, duplicate; MAPQ < 20 (as readCounter of HMMcopy).  Bins of a multiple of the
 * width are sums of these, so the width that suits the depth is chosen afterwards.
 *
 * Table depth: chrom, start, end, fragments; with a FASTA gc and acgt, numbers of bases
 * of the bin that are G or C, and that are not N.
 */
#include "ingest/hts_contigs.h"
#include "ingest/hts_meters.h"
#include "ingest/hts_refseq.h"

enum {
    SKIP = BAM_FUNMAP | BAM_FSECONDARY | BAM_FSUPPLEMENTARY | BAM_FQCFAIL | BAM_FDUP,
    MAPQ = 20,
    PAIR = BAM_FPAIRED | BAM_FPROPER_PAIR | BAM_FREAD1
};

typedef struct settings {
    char *reference; /* NULL: none */
    int64_t width;
} settings;

typedef struct depth_state {
    cxs_bins *bins;
    int64_t *fragments; /* [bins->count] */
} depth_state;

static void state_free(void *state)
{
    depth_state *s = state;

    if (s == NULL)
        return;
    cxs_bins_free(s->bins);
    cxs_free(s->fragments);
    cxs_free(s);
}

static cxs_rc state_new(cxs_ctx *ctx, const cxs_meter *meter,
                        const cxs_reads_info *info, void **state)
{
    cxs_rc rc = CXS_OK;
    depth_state *s = NULL;

    *state = NULL;
    CXS_NEW(s, 1);
    CXS_TRY(cxs_bins_new(ctx, info, ((settings *)meter->shared)->width, &s->bins));
    CXS_NEW(s->fragments, s->bins->count);
    *state = s;
    s = NULL;

done:
    state_free(s);
    return rc;
}

/* Position that stands for the fragment, or -1 when this record does not. */
static int64_t place(const bam1_t *b)
{
    const int64_t isize = b->core.isize;

    if ((b->core.flag & BAM_FPAIRED) == 0)
        return bam_is_rev(b) ? bam_endpos(b) - 1 : b->core.pos;
    if ((b->core.flag & PAIR) != PAIR || b->core.tid != b->core.mtid || isize == 0)
        return -1;
    return isize > 0 ? b->core.pos + isize / 2 : b->core.mpos - isize / 2;
}

static cxs_rc record(cxs_ctx *ctx, const cxs_meter *meter, void *state, const bam1_t *b)
{
    depth_state *s = state;
    int64_t at;

    (void)ctx;
    (void)meter;
    if ((b->core.flag & SKIP) != 0 || b->core.qual < MAPQ || b->core.tid < 0 ||
        !s->bins->on[b->core.tid] || (at = place(b)) < 0)
        return CXS_OK;
    at = cxs_bins_find(s->bins, b->core.tid, at);
    if (at >= 0)
        s->fragments[at]++;
    return CXS_OK;
}

static void add(void *into, const void *from)
{
    depth_state *a = into;
    const depth_state *b = from;

    for (size_t i = 0; i < a->bins->count; i++)
        a->fragments[i] += b->fragments[i];
}

/* Composition of every bin from the FASTA. */
static cxs_rc add_gc(cxs_ctx *ctx, const char *reference, const cxs_bins *bins,
                     const cxs_reads_info *info, cxs_measure *table)
{
    cxs_rc rc = CXS_OK;
    cxs_refseq *ref = NULL;
    int64_t *gc, *acgt;
    size_t row = 0;

    CXS_TRY(cxs_refseq_new(ctx, reference, info, &ref));
    CXS_TRY(cxs_measure_int(ctx, table, "gc", &gc));
    CXS_TRY(cxs_measure_int(ctx, table, "acgt", &acgt));
    for (size_t t = 0; t < info->n_targets; t++)
        for (int64_t s = 0; bins->on[t] && s < info->length[t]; s += bins->width) {
            const int64_t e =
                s + bins->width < info->length[t] ? s + bins->width : info->length[t];
            const char *letters;

            CXS_TRY(cxs_refseq_get(ctx, ref, (int32_t)t, s, e, &letters));
            gc[row] = acgt[row] = CXS_MEASURE_MISSING;
            if (letters != NULL)
                cxs_base_composition(letters, e - s, &gc[row], &acgt[row]);
            row++;
        }

done:
    cxs_refseq_free(ref);
    return rc;
}

static cxs_rc finish(cxs_ctx *ctx, const cxs_meter *meter, const cxs_reads_info *info,
                     const void *state, cxs_measures *bag)
{
    const settings *set = meter->shared;
    const depth_state *s = state;
    cxs_rc rc = CXS_OK;
    cxs_measure *table;
    int64_t *fragments;

    CXS_TRY(cxs_bins_table(ctx, s->bins, info, meter->name, bag, &table));
    CXS_TRY(cxs_measure_int(ctx, table, "fragments", &fragments));
    for (size_t i = 0; i < s->bins->count; i++)
        fragments[i] = s->fragments[i];
    if (set->reference != NULL)
        CXS_TRY(add_gc(ctx, set->reference, s->bins, info, table));

done:
    return rc;
}

static void meter_free(cxs_meter *meter)
{
    settings *set = meter->shared;

    if (set != NULL)
        cxs_free(set->reference);
    cxs_free(set);
    cxs_free(meter);
}

cxs_rc cxs_meter_depth(cxs_ctx *ctx, const char *reference, int64_t width,
                       cxs_meter **out)
{
    cxs_rc rc = CXS_OK;
    cxs_meter *meter = NULL;
    settings *set = NULL;

    *out = NULL;
    CXS_NEW(meter, 1);
    *meter = (cxs_meter){.name = "depth",
                         .state_new = state_new,
                         .state_free = state_free,
                         .record = record,
                         .add = add,
                         .finish = finish,
                         .free = meter_free};
    CXS_NEW(set, 1);
    meter->shared = set;
    set->width = width;
    if (reference != NULL && (set->reference = cxs_strdup(ctx, reference)) == NULL)
        CXS_TRY(CXS_ENOMEM);
    *out = meter;
    meter = NULL;

done:
    if (meter != NULL)
        meter_free(meter);
    return rc;
}
