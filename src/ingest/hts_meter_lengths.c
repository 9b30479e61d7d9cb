/*
 * hts_meter_lengths.c -- lengths of fragments: over all, and short and long ones per bin
 *
 * Tables
 *   fragment_lengths  length 0..1000 and 1001 for all longer ones; count
 *   fragment_bins     chrom, start, end; short (100-150), long (151-220), all (20-1000),
 *                     gc_ppm: sum over `gc_fragments` fragments of the share of G and C
 *                     in millionths (DELFI, Cristiano 2019), missing without a reference
 * A fragment counts in the bin of its midpoint, start + floor(length / 2).
 */
#include "ingest/hts_contigs.h"
#include "ingest/hts_fragment.h"
#include "ingest/hts_refseq.h"

enum {
    LENGTHS = CXS_FRAGMENT_LONGEST + 2,
    SHORT_FROM = 100,
    SHORT_TO = 150,
    LONG_TO = 220,
    MILLION = 1000000
};

static void free_plain(cxs_fragment_meter *meter)
{
    cxs_free(meter->shared);
    cxs_free(meter);
}

/* ---- over all -------------------------------------------------------------------- */

static cxs_rc lengths_new(cxs_ctx *ctx, const cxs_fragment_meter *meter,
                          const cxs_reads_info *info, void **state)
{
    (void)meter;
    (void)info;
    *state = cxs_calloc(ctx, LENGTHS, sizeof(int64_t));
    return *state != NULL ? CXS_OK : CXS_ENOMEM;
}

static cxs_rc lengths_count(cxs_ctx *ctx, const cxs_fragment_meter *meter, void *state,
                            const cxs_dna_fragment *f)
{
    const int64_t length = f->end - f->start;

    (void)ctx;
    (void)meter;
    ((int64_t *)state)[length < LENGTHS - 1 ? length : LENGTHS - 1]++;
    return CXS_OK;
}

static void lengths_add(void *into, const void *from)
{
    for (size_t i = 0; i < LENGTHS; i++)
        ((int64_t *)into)[i] += ((const int64_t *)from)[i];
}

static cxs_rc lengths_finish(cxs_ctx *ctx, const cxs_fragment_meter *meter,
                             const cxs_reads_info *info, const void *state,
                             cxs_measures *bag)
{
    cxs_rc rc = CXS_OK;
    cxs_measure *table;
    int64_t *length, *count;

    (void)info;
    CXS_TRY(cxs_measures_add(ctx, bag, meter->name, LENGTHS, &table));
    CXS_TRY(cxs_measure_int(ctx, table, "length", &length));
    CXS_TRY(cxs_measure_int(ctx, table, "count", &count));
    for (size_t i = 0; i < LENGTHS; i++) {
        length[i] = (int64_t)i;
        count[i] = ((const int64_t *)state)[i];
    }

done:
    return rc;
}

cxs_rc cxs_fragments_lengths(cxs_ctx *ctx, cxs_fragment_meter **out)
{
    cxs_rc rc = CXS_OK;

    CXS_NEW(*out, 1);
    **out = (cxs_fragment_meter){.name = "fragment_lengths",
                                 .any_length = true,
                                 .state_new = lengths_new,
                                 .state_free = cxs_free,
                                 .fragment = lengths_count,
                                 .add = lengths_add,
                                 .finish = lengths_finish,
                                 .free = free_plain};

done:
    return rc;
}

/* ---- per bin --------------------------------------------------------------------- */

typedef struct bins_settings {
    bool reference; /* GC is counted */
    int64_t width;
} bins_settings;

typedef struct bin_counts {
    int64_t short_ones, long_ones, all, gc_fragments, gc_ppm;
} bin_counts;

typedef struct bins_state {
    cxs_bins *bins;
    bin_counts *at; /* [bins->count] */
} bins_state;

static void bins_free_state(void *state)
{
    bins_state *s = state;

    if (s == NULL)
        return;
    cxs_bins_free(s->bins);
    cxs_free(s->at);
    cxs_free(s);
}

static cxs_rc bins_new(cxs_ctx *ctx, const cxs_fragment_meter *meter,
                       const cxs_reads_info *info, void **state)
{
    const bins_settings *set = meter->shared;
    cxs_rc rc = CXS_OK;
    bins_state *s = NULL;

    *state = NULL;
    CXS_NEW(s, 1);
    CXS_TRY(cxs_bins_new(ctx, info, set->width, &s->bins));
    CXS_NEW(s->at, s->bins->count);
    *state = s;
    s = NULL;

done:
    bins_free_state(s);
    return rc;
}

static void add_gc(const cxs_dna_fragment *f, bin_counts *bin)
{
    int64_t gc, acgt;

    cxs_base_composition(f->base, f->end - f->start, &gc, &acgt);
    if (acgt == 0)
        return;
    bin->gc_fragments++;
    bin->gc_ppm += (2 * gc * MILLION + acgt) / (2 * acgt);
}

static cxs_rc bins_count(cxs_ctx *ctx, const cxs_fragment_meter *meter, void *state,
                         const cxs_dna_fragment *f)
{
    bins_state *s = state;
    const int64_t length = f->end - f->start;
    const int64_t at = cxs_bins_find(s->bins, f->tid, f->start + length / 2);
    bin_counts *bin;

    (void)ctx;
    (void)meter;
    if (at < 0) /* a fragment that hangs over the end of its contig */
        return CXS_OK;
    bin = &s->at[at];
    bin->all++;
    bin->short_ones += length >= SHORT_FROM && length <= SHORT_TO;
    bin->long_ones += length > SHORT_TO && length <= LONG_TO;
    if (f->base != NULL)
        add_gc(f, bin);
    return CXS_OK;
}

static void bins_add(void *into, const void *from)
{
    bins_state *a = into;
    const bins_state *b = from;

    for (size_t i = 0; i < a->bins->count; i++) {
        a->at[i].short_ones += b->at[i].short_ones;
        a->at[i].long_ones += b->at[i].long_ones;
        a->at[i].all += b->at[i].all;
        a->at[i].gc_fragments += b->at[i].gc_fragments;
        a->at[i].gc_ppm += b->at[i].gc_ppm;
    }
}

static cxs_rc bins_finish(cxs_ctx *ctx, const cxs_fragment_meter *meter,
                          const cxs_reads_info *info, const void *state,
                          cxs_measures *bag)
{
    const bins_settings *set = meter->shared;
    const bins_state *s = state;
    cxs_rc rc = CXS_OK;
    cxs_measure *table;
    int64_t *short_ones, *long_ones, *all, *gc_fragments, *gc_ppm;

    CXS_TRY(cxs_bins_table(ctx, s->bins, info, meter->name, bag, &table));
    CXS_TRY(cxs_measure_int(ctx, table, "short", &short_ones));
    CXS_TRY(cxs_measure_int(ctx, table, "long", &long_ones));
    CXS_TRY(cxs_measure_int(ctx, table, "all", &all));
    CXS_TRY(cxs_measure_int(ctx, table, "gc_fragments", &gc_fragments));
    CXS_TRY(cxs_measure_int(ctx, table, "gc_ppm", &gc_ppm));
    for (size_t i = 0; i < s->bins->count; i++) {
        short_ones[i] = s->at[i].short_ones;
        long_ones[i] = s->at[i].long_ones;
        all[i] = s->at[i].all;
        gc_fragments[i] = set->reference ? s->at[i].gc_fragments : CXS_MEASURE_MISSING;
        gc_ppm[i] = set->reference ? s->at[i].gc_ppm : CXS_MEASURE_MISSING;
    }

done:
    return rc;
}

cxs_rc cxs_fragments_bins(cxs_ctx *ctx, bool reference, int64_t width,
                          cxs_fragment_meter **out)
{
    cxs_rc rc = CXS_OK;
    cxs_fragment_meter *meter = NULL;
    bins_settings *set = NULL;

    *out = NULL;
    CXS_NEW(meter, 1);
    *meter = (cxs_fragment_meter){.name = "fragment_bins",
                                  .wants_base = true,
                                  .state_new = bins_new,
                                  .state_free = bins_free_state,
                                  .fragment = bins_count,
                                  .add = bins_add,
                                  .finish = bins_finish,
                                  .free = free_plain};
    CXS_NEW(set, 1);
    meter->shared = set;
    set->width = width;
    set->reference = reference;
    *out = meter;
    meter = NULL;

done:
    if (meter != NULL)
        free_plain(meter);
    return rc;
}
