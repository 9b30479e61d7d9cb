/*
 * hts_meter_fragments.c -- the filter of fragments, asked once for all members
 *
 * Proper pairs, same contig, autosomes, not unmapped, secondary, supplementary, QC-fail
 * or duplicate (flags of the mate as far as the record tells), MAPQ >= 30 of both mates
 * (of this one alone where there is no MQ tag), not overlapping the blacklist.
 */
#include "ingest/hts_contigs.h"
#include "ingest/hts_fragment.h"
#include "ingest/hts_windows.h"

enum {
    NOT_PRIMARY = BAM_FUNMAP | BAM_FSECONDARY | BAM_FSUPPLEMENTARY,
    SKIP = NOT_PRIMARY | BAM_FMUNMAP | BAM_FQCFAIL | BAM_FDUP,
    PROPER = BAM_FPAIRED | BAM_FPROPER_PAIR
};

typedef struct group {
    cxs_windows *blacklist; /* NULL: none */
    cxs_fragment_meter **member;
    size_t count;
    bool both_mates;
} group;

typedef struct group_state {
    const group *g;
    unsigned char *kind; /* of contigs */
    cxs_spans *blacklist;
    int64_t reads, proper, fragments;
    void **member; /* [count] */
} group_state;

static void state_free(void *state)
{
    group_state *s = state;

    if (s == NULL)
        return;
    for (size_t i = 0; s->member != NULL && i < s->g->count; i++)
        if (s->member[i] != NULL)
            s->g->member[i]->state_free(s->member[i]);
    cxs_free(s->member);
    cxs_free(s->kind);
    cxs_spans_free(s->blacklist);
    cxs_free(s);
}

static cxs_rc state_new(cxs_ctx *ctx, const cxs_meter *meter,
                        const cxs_reads_info *info, void **state)
{
    const group *g = meter->shared;
    cxs_rc rc = CXS_OK;
    group_state *s = NULL;

    *state = NULL;
    CXS_NEW(s, 1);
    s->g = g;
    CXS_NEW(s->member, g->count);
    CXS_TRY(cxs_contig_kinds(ctx, info, &s->kind));
    if (g->blacklist != NULL)
        CXS_TRY(cxs_spans_new(ctx, info, g->blacklist, 0, true, &s->blacklist));
    for (size_t i = 0; i < g->count; i++)
        CXS_TRY(g->member[i]->state_new(ctx, g->member[i], info, &s->member[i]));
    *state = s;
    s = NULL;

done:
    state_free(s);
    return rc;
}

/* Mapping quality of the worse mate; the MQ tag is read last because it is searched. */
static bool good_quality(const bam1_t *b)
{
    const uint8_t *mq;

    if (b->core.qual < CXS_FRAGMENT_MAPQ)
        return false;
    mq = bam_aux_get(b, "MQ");
    return mq == NULL || bam_aux2i(mq) >= CXS_FRAGMENT_MAPQ;
}

static cxs_rc record(cxs_ctx *ctx, const cxs_meter *meter, void *state, const bam1_t *b)
{
    const group *g = meter->shared;
    group_state *s = state;
    const int flag = b->core.flag;
    cxs_dna_fragment f;
    int64_t length;

    s->reads += (flag & NOT_PRIMARY) == 0;
    s->proper += (flag & (NOT_PRIMARY | PROPER)) == PROPER;
    if ((flag & (SKIP | PROPER)) != PROPER || b->core.isize == 0 ||
        b->core.tid != b->core.mtid || b->core.tid < 0)
        return CXS_OK;
    f.first = (flag & BAM_FREAD1) != 0;
    if ((!f.first && !g->both_mates) || s->kind[b->core.tid] != CXS_CONTIG_AUTOSOME ||
        !good_quality(b))
        return CXS_OK;
    length = b->core.isize > 0 ? b->core.isize : -b->core.isize;
    f.b = b;
    f.tid = b->core.tid;
    f.start = b->core.isize > 0 ? b->core.pos : b->core.mpos;
    f.end = f.start + length;
    if (s->blacklist != NULL && cxs_spans_hit(s->blacklist, f.tid, f.start, f.end))
        return CXS_OK;
    s->fragments += f.first;
    for (size_t i = 0; i < g->count; i++) {
        const cxs_fragment_meter *m = g->member[i];

        if ((f.first || m->both_mates) &&
            (m->any_length ||
             (length >= CXS_FRAGMENT_SHORTEST && length <= CXS_FRAGMENT_LONGEST))) {
            const cxs_rc rc = m->fragment(ctx, m, s->member[i], &f);
            if (rc != CXS_OK)
                return rc;
        }
    }
    return CXS_OK;
}

static void add(void *into, const void *from)
{
    group_state *a = into;
    const group_state *b = from;

    a->reads += b->reads;
    a->proper += b->proper;
    a->fragments += b->fragments;
    for (size_t i = 0; i < a->g->count; i++)
        a->g->member[i]->add(a->member[i], b->member[i]);
}

static cxs_rc own_table(cxs_ctx *ctx, const group_state *s, cxs_measures *bag)
{
    cxs_rc rc = CXS_OK;
    cxs_measure *table;
    int64_t *value;

    CXS_TRY(cxs_measures_add(ctx, bag, "fragments", 1, &table));
    CXS_TRY(cxs_measure_int(ctx, table, "reads", &value));
    value[0] = s->reads;
    CXS_TRY(cxs_measure_int(ctx, table, "proper_pair_reads", &value));
    value[0] = s->proper;
    CXS_TRY(cxs_measure_int(ctx, table, "fragments", &value));
    value[0] = s->fragments;

done:
    return rc;
}

static cxs_rc finish(cxs_ctx *ctx, const cxs_meter *meter, const cxs_reads_info *info,
                     const void *state, cxs_measures *bag)
{
    const group *g = meter->shared;
    const group_state *s = state;
    cxs_rc rc = CXS_OK;

    CXS_TRY(own_table(ctx, s, bag));
    if (s->proper * 2 < s->reads)
        return cxs_warn(
            ctx, "CX041",
            "%s: %lld of %lld mapped reads are in proper pairs; no fragment "
            "features",
            info->path, (long long)s->proper, (long long)s->reads);
    for (size_t i = 0; i < g->count; i++)
        CXS_TRY(g->member[i]->finish(ctx, g->member[i], info, s->member[i], bag));

done:
    return rc;
}

static void group_free(cxs_meter *meter)
{
    group *g = meter->shared;

    if (g != NULL) {
        for (size_t i = 0; i < g->count; i++)
            g->member[i]->free(g->member[i]);
        cxs_free(g->member);
        cxs_windows_free(g->blacklist);
        cxs_free(g);
    }
    cxs_free(meter);
}

cxs_rc cxs_meter_fragment_group(cxs_ctx *ctx, const char *blacklist,
                                cxs_fragment_meter *const *members, size_t count,
                                cxs_meter **out)
{
    cxs_rc rc = CXS_OK;
    cxs_meter *meter = NULL;
    group *g = NULL;
    size_t taken = 0;

    *out = NULL;
    CXS_NEW(meter, 1);
    CXS_NEW(g, 1);
    *meter = (cxs_meter){.name = "fragments",
                         .shared = g,
                         .state_new = state_new,
                         .state_free = state_free,
                         .record = record,
                         .add = add,
                         .finish = finish,
                         .free = group_free};
    CXS_NEW(g->member, count);
    for (; taken < count; taken++) {
        g->member[g->count++] = members[taken];
        g->both_mates = g->both_mates || members[taken]->both_mates;
    }
    if (blacklist != NULL)
        CXS_TRY(cxs_windows_read(ctx, blacklist, &g->blacklist));
    *out = meter;
    meter = NULL;
    g = NULL;

done:
    for (; rc != CXS_OK && taken < count; taken++)
        members[taken]->free(members[taken]);
    if (meter != NULL && meter->shared != NULL)
        group_free(meter);
    else {
        cxs_free(g);
        cxs_free(meter);
    }
    return rc;
}
