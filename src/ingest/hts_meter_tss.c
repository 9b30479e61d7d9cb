/*
 * hts_meter_tss.c -- cover of fragments around transcription start sites (Ulz 2016)
 *
 * Table tss: gene, chrom, pos (1-based), strand and sums over bases of the number of
 * fragments that cover them, in windows relative to the start in the sense of the gene:
 *   ndr      -150 .. +50      nucleosome-depleted region
 *   core    -1000 .. +1000
 *   left    -3000 .. -1000    flanks
 *   right   +1000 .. +3000
 * Windows that leave the contig are cut; `core_bases` and the like say what was left.
 */
#include "ingest/hts_fragment.h"
#include "ingest/hts_windows.h"

#include <stdio.h>

enum { PARTS = 4, REACH = 3000 };

/* First and last base of each part relative to the start site. */
static const int64_t part_from[PARTS] = {-150, -1000, -REACH, 1000};
static const int64_t part_to[PARTS] = {50, 1000, -1000, REACH};
static const char *const part_name[PARTS] = {"ndr", "core", "left", "right"};

typedef struct tss_state {
    const cxs_windows *sites;
    cxs_spans *spans; /* reach of every site */
    int64_t (*sum)[PARTS];
} tss_state;

static void state_free(void *state)
{
    tss_state *s = state;

    if (s == NULL)
        return;
    cxs_spans_free(s->spans);
    cxs_free(s->sum);
    cxs_free(s);
}

static cxs_rc state_new(cxs_ctx *ctx, const cxs_fragment_meter *meter,
                        const cxs_reads_info *info, void **state)
{
    cxs_rc rc = CXS_OK;
    tss_state *s = NULL;

    *state = NULL;
    CXS_NEW(s, 1);
    s->sites = meter->shared;
    CXS_NEW(s->sum, s->sites->count);
    CXS_TRY(cxs_spans_new(ctx, info, s->sites, REACH, false, &s->spans));
    *state = s;
    s = NULL;

done:
    state_free(s);
    return rc;
}

/* Part of a site on the forward strand, 0-based, half-open. */
static void part_place(const cxs_window *site, int part, int64_t *start, int64_t *end)
{
    const bool reverse = site->strand == '-';

    *start = site->start + (reverse ? -part_to[part] : part_from[part]);
    *end = site->start + (reverse ? -part_from[part] : part_to[part]) + 1;
}

static int64_t overlap(int64_t start_a, int64_t end_a, int64_t start_b, int64_t end_b)
{
    const int64_t start = start_a > start_b ? start_a : start_b;
    const int64_t end = end_a < end_b ? end_a : end_b;

    return end > start ? end - start : 0;
}

static cxs_rc fragment(cxs_ctx *ctx, const cxs_fragment_meter *meter, void *state,
                       const cxs_dna_fragment *f)
{
    tss_state *s = state;
    const size_t limit = cxs_spans_limit(s->spans, f->tid);

    (void)ctx;
    (void)meter;
    for (size_t i = cxs_spans_seek(s->spans, f->tid, f->start);
         i < limit && s->spans->span[i].start < f->end; i++) {
        const size_t row = s->spans->span[i].row;

        for (int part = 0; part < PARTS; part++) {
            int64_t start, end;

            part_place(&s->sites->at[row], part, &start, &end);
            s->sum[row][part] += overlap(f->start, f->end, start, end);
        }
    }
    return CXS_OK;
}

static void add(void *into, const void *from)
{
    tss_state *a = into;
    const tss_state *b = from;

    for (size_t i = 0; i < a->sites->count; i++)
        for (int part = 0; part < PARTS; part++)
            a->sum[i][part] += b->sum[i][part];
}

static cxs_rc add_part(cxs_ctx *ctx, const tss_state *s, const int64_t *length,
                       int part, cxs_measure *table)
{
    cxs_rc rc = CXS_OK;
    int64_t *sum, *bases;
    char name[32];

    CXS_TRY(cxs_measure_int(ctx, table, part_name[part], &sum));
    snprintf(name, sizeof name, "%s_bases", part_name[part]);
    CXS_TRY(cxs_measure_int(ctx, table, name, &bases));
    for (size_t i = 0; i < s->sites->count; i++) {
        int64_t start, end;

        part_place(&s->sites->at[i], part, &start, &end);
        sum[i] = length[i] > 0 ? s->sum[i][part] : CXS_MEASURE_MISSING;
        bases[i] = overlap(start, end, 0, length[i]);
    }

done:
    return rc;
}

static cxs_rc add_sites(cxs_ctx *ctx, const tss_state *s, cxs_measure *table)
{
    cxs_rc rc = CXS_OK;
    size_t gene, chrom, strand;
    int64_t *pos;

    CXS_TRY(cxs_measure_text(ctx, table, "gene", &gene));
    CXS_TRY(cxs_measure_text(ctx, table, "chrom", &chrom));
    CXS_TRY(cxs_measure_text(ctx, table, "strand", &strand));
    CXS_TRY(cxs_measure_int(ctx, table, "pos", &pos));
    for (size_t i = 0; i < s->sites->count; i++) {
        const cxs_window *site = &s->sites->at[i];

        CXS_TRY(cxs_measure_set_text(ctx, table, gene, i, site->name));
        CXS_TRY(cxs_measure_set_text(ctx, table, chrom, i, site->contig));
        CXS_TRY(cxs_measure_set_text(ctx, table, strand, i,
                                     site->strand == '-' ? "-" : "+"));
        pos[i] = site->start + 1;
    }

done:
    return rc;
}

static cxs_rc finish(cxs_ctx *ctx, const cxs_fragment_meter *meter,
                     const cxs_reads_info *info, const void *state, cxs_measures *bag)
{
    const tss_state *s = state;
    cxs_rc rc = CXS_OK;
    cxs_measure *table;
    int64_t *length = NULL; /* of the site's contig, 0: not in the header */

    CXS_NEW(length, s->sites->count);
    for (size_t t = 0; t < info->n_targets; t++)
        for (size_t i = s->spans->first[t]; i < s->spans->first[t + 1]; i++)
            length[s->spans->span[i].row] = info->length[t];
    CXS_TRY(cxs_measures_add(ctx, bag, meter->name, s->sites->count, &table));
    CXS_TRY(add_sites(ctx, s, table));
    for (int part = 0; part < PARTS; part++)
        CXS_TRY(add_part(ctx, s, length, part, table));

done:
    cxs_free(length);
    return rc;
}

static void meter_free(cxs_fragment_meter *meter)
{
    cxs_windows_free(meter->shared);
    cxs_free(meter);
}

/* The 5' end of a gene: its first base on '+', its last on '-'. */
static void to_start_sites(cxs_windows *genes)
{
    for (size_t i = 0; i < genes->count; i++) {
        cxs_window *w = &genes->at[i];

        if (w->strand == '-')
            w->start = w->end - 1;
        else
            w->end = w->start + 1;
    }
}

cxs_rc cxs_fragments_tss(cxs_ctx *ctx, const char *genes, const char *build,
                         cxs_fragment_meter **out)
{
    cxs_rc rc = CXS_OK;
    cxs_fragment_meter *meter = NULL;
    cxs_windows *sites = NULL;

    *out = NULL;
    CXS_NEW(meter, 1);
    *meter = (cxs_fragment_meter){.name = "tss",
                                  .state_new = state_new,
                                  .state_free = state_free,
                                  .fragment = fragment,
                                  .add = add,
                                  .finish = finish,
                                  .free = meter_free};
    CXS_TRY(cxs_windows_read_genes(ctx, genes, build, &sites));
    to_start_sites(sites);
    meter->shared = sites;
    *out = meter;
    meter = NULL;

done:
    if (meter != NULL)
        meter_free(meter);
    return rc;
}
