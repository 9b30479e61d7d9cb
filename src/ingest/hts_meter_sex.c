/*
 * hts_meter_sex.c -- reads on autosomes, X, Y and MT
 *
 * Primary reads with MAPQ >= 20, not QC-fail or duplicate.  Table sex: kind, reads,
 * length (of the contigs of that kind in the header, with their N).
 */
#include "ingest/hts_contigs.h"
#include "ingest/hts_meters.h"

enum {
    SKIP = BAM_FUNMAP | BAM_FSECONDARY | BAM_FSUPPLEMENTARY | BAM_FQCFAIL | BAM_FDUP,
    MAPQ = 20
};

typedef struct sex_state {
    unsigned char *kind;
    int64_t reads[CXS_CONTIG_KINDS];
} sex_state;

static void state_free(void *state)
{
    if (state != NULL)
        cxs_free(((sex_state *)state)->kind);
    cxs_free(state);
}

static cxs_rc state_new(cxs_ctx *ctx, const cxs_meter *meter,
                        const cxs_reads_info *info, void **state)
{
    cxs_rc rc = CXS_OK;
    sex_state *s = NULL;

    (void)meter;
    *state = NULL;
    CXS_NEW(s, 1);
    CXS_TRY(cxs_contig_kinds(ctx, info, &s->kind));
    *state = s;
    s = NULL;

done:
    state_free(s);
    return rc;
}

static cxs_rc record(cxs_ctx *ctx, const cxs_meter *meter, void *state, const bam1_t *b)
{
    sex_state *s = state;

    (void)ctx;
    (void)meter;
    if ((b->core.flag & SKIP) == 0 && b->core.qual >= MAPQ && b->core.tid >= 0)
        s->reads[s->kind[b->core.tid]]++;
    return CXS_OK;
}

static void add(void *into, const void *from)
{
    for (int k = 0; k < CXS_CONTIG_KINDS; k++)
        ((sex_state *)into)->reads[k] += ((const sex_state *)from)->reads[k];
}

static cxs_rc finish(cxs_ctx *ctx, const cxs_meter *meter, const cxs_reads_info *info,
                     const void *state, cxs_measures *bag)
{
    static const char *const name[CXS_CONTIG_KINDS] = {"other", "autosomes", "X", "Y",
                                                       "MT"};
    const sex_state *s = state;
    cxs_rc rc = CXS_OK;
    cxs_measure *table;
    size_t kind;
    int64_t *reads, *length;

    CXS_TRY(cxs_measures_add(ctx, bag, meter->name, CXS_CONTIG_KINDS, &table));
    CXS_TRY(cxs_measure_text(ctx, table, "kind", &kind));
    CXS_TRY(cxs_measure_int(ctx, table, "reads", &reads));
    CXS_TRY(cxs_measure_int(ctx, table, "length", &length));
    for (size_t k = 0; k < CXS_CONTIG_KINDS; k++) {
        CXS_TRY(cxs_measure_set_text(ctx, table, kind, k, name[k]));
        reads[k] = s->reads[k];
    }
    for (size_t t = 0; t < info->n_targets; t++)
        length[s->kind[t]] += info->length[t];

done:
    return rc;
}

static void meter_free(cxs_meter *meter)
{
    cxs_free(meter);
}

cxs_rc cxs_meter_sex(cxs_ctx *ctx, cxs_meter **out)
{
    cxs_rc rc = CXS_OK;

    CXS_NEW(*out, 1);
    **out = (cxs_meter){.name = "sex",
                        .state_new = state_new,
                        .state_free = state_free,
                        .record = record,
                        .add = add,
                        .finish = finish,
                        .free = meter_free};

done:
    return rc;
}
