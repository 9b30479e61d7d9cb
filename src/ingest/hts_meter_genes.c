/*
 * hts_meter_genes.c -- reads or fragments in genes, by the rules of featureCounts 2.0.3
 *
 * Liao, Smyth and Shi (2014).  A template goes through the filters in a fixed order and
 * the first that applies names its outcome:
 *   1. unmapped (of a pair: both ends)            Unassigned_Unmapped
 *   for each end, the one that stands later in the file first:
 *   2. an end is unmapped, with both_ends         Unassigned_Singleton
 *   3. mapping quality (of a pair: the better)    Unassigned_MappingQuality
 *   4. two contigs or one strand, no chimeric     Unassigned_Chimera
 *   5. marked as duplicate, with ignore_dup       Unassigned_Duplicate
 *   6. NH > 1, without multi                      Unassigned_MultiMapping
 *   7. not primary, with primary                  Unassigned_Secondary
 * Filter 3 waits for the second end, 4 looks at the first end alone, and 6 and 7 at ends
 * that are mapped.  Of a mate that is not in the file the flags of the read that is tell.
 *
 * A mapped end marks targets (hts_marks.h).  A target scores 1 for each end that marks
 * it; targets that share less than min_overlap bases with the union of both ends score
 * 0.  The target with the highest score gets the template; when several have it, it is
 * ambiguous.  With overlap all targets that score get it.  Shares: 1/NH of the larger NH
 * with multi (unless primary), and 1/targets with overlap.
 */
#include "ingest/hts_meter_genes.h"

#include "ingest/hts_marks.h"

#include <string.h>

typedef struct state {
    const cxs_count_plan *plan;
    const char *path;
    size_t *contig; /* [targets of the header] in the annotation; SIZE_MAX: not there */
    int64_t *count; /* [genes or exons] in 1/65536 */
    int64_t outcome[CXS_OUTCOMES];
    cxs_marks marks;
    int64_t most_hits; /* NH */
} state;

static size_t target_count(const cxs_count_plan *plan)
{
    return plan->settings.by_feature ? plan->annotation->exon_count
                                     : plan->annotation->gene_count;
}

/* ---- state -------------------------------------------------------------------------- */

static void state_free(void *at)
{
    state *s = at;

    cxs_free(s->contig);
    cxs_free(s->count);
    cxs_marks_free(&s->marks);
    cxs_free(s);
}

static cxs_rc state_new(cxs_ctx *ctx, const cxs_meter *meter,
                        const cxs_reads_info *info, void **out)
{
    const cxs_count_plan *plan = meter->shared;
    state *s = NULL;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_NEW(s, 1);
    s->plan = plan;
    s->path = info->path;
    CXS_NEW(s->contig, info->n_targets);
    CXS_NEW(s->count, target_count(plan));
    for (size_t i = 0; i < info->n_targets; i++)
        s->contig[i] = cxs_annotation_contig(plan->annotation, info->target[i]);
    *out = s;
    s = NULL;
done:
    if (s != NULL)
        state_free(s);
    return rc;
}

static void add(void *into, const void *from)
{
    state *a = into;
    const state *b = from;

    for (size_t i = 0; i < target_count(a->plan); i++)
        a->count[i] += b->count[i];
    for (size_t i = 0; i < CXS_OUTCOMES; i++)
        a->outcome[i] += b->outcome[i];
}

/* ---- which target gets it ----------------------------------------------------------- */

/* 0, 1, or 2 for a target that both ends mark. */
static unsigned score(const state *s, const cxs_hit *h)
{
    const cxs_count_settings *set = &s->plan->settings;

    if (set->min_overlap > 1 && h->shared < (int64_t)set->min_overlap)
        return 0;
    return set->overlap || h->ends != 3U ? 1 : 2;
}

static cxs_outcome assign(state *s)
{
    const cxs_count_settings *set = &s->plan->settings;
    const cxs_marks *m = &s->marks;
    int64_t share = CXS_COUNT_UNIT;
    unsigned best = 0;
    size_t winners = 0;

    if (m->hit_count == 0)
        return CXS_NO_FEATURES;
    if (set->min_overlap > 1)
        cxs_marks_measure(&s->marks);
    for (size_t i = 0; i < m->hit_count; i++) {
        const unsigned points = score(s, &m->hit[i]);
        winners = points > best ? 1 : winners + (points == best);
        best = points > best ? points : best;
    }
    if (best == 0)
        return CXS_OVERLAPPING_LENGTH;
    if (winners > 1 && !set->overlap)
        return CXS_AMBIGUITY;
    if (set->fraction && !set->primary)
        share /= s->most_hits;
    if (set->fraction && set->overlap)
        share /= (int64_t)winners;
    for (size_t i = 0; i < m->hit_count; i++)
        if (score(s, &m->hit[i]) == best)
            s->count[m->hit[i].target] += share;
    return CXS_ASSIGNED;
}

/* ---- filters ------------------------------------------------------------------------ */

static int64_t alignments(const bam1_t *b)
{
    const uint8_t *tag = bam_aux_get(b, "NH");
    const int64_t n = tag != NULL ? bam_aux2i(tag) : 1;

    return n > 1 ? n : 1;
}

/* Filters 5 to 7 of a mapped or unmapped end, then its marks.  CXS_ASSIGNED: go on. */
static cxs_rc take_end(cxs_ctx *ctx, state *s, const bam1_t *b, unsigned end,
                       cxs_outcome *outcome)
{
    const cxs_count_settings *set = &s->plan->settings;
    const uint16_t flag = b->core.flag;
    int64_t n;

    *outcome = CXS_ASSIGNED;
    if (set->ignore_dup && (flag & BAM_FDUP) != 0)
        *outcome = CXS_DUPLICATE;
    if (*outcome != CXS_ASSIGNED || (flag & BAM_FUNMAP) != 0)
        return CXS_OK;
    n = alignments(b);
    if (n > 1 && !set->multi)
        *outcome = CXS_MULTI_MAPPING;
    else if (set->primary && (flag & BAM_FSECONDARY) != 0)
        *outcome = CXS_SECONDARY;
    if (*outcome != CXS_ASSIGNED)
        return CXS_OK;
    s->most_hits = n > s->most_hits ? n : s->most_hits;
    return cxs_marks_add(ctx, &s->marks, s->plan, s->contig, b, end);
}

static void begin(state *s)
{
    cxs_marks_begin(&s->marks);
    s->most_hits = 1;
}

static cxs_rc record(cxs_ctx *ctx, const cxs_meter *meter, void *at, const bam1_t *b)
{
    state *s = at;
    const cxs_count_settings *set = &s->plan->settings;
    cxs_outcome outcome = CXS_ASSIGNED;
    cxs_rc rc = CXS_OK;

    (void)meter;
    begin(s);
    if (!set->paired && (b->core.flag & BAM_FPAIRED) != 0)
        return cxs_fail(ctx, CXS_EMISMATCH, "%s: there are paired reads; give --paired",
                        s->path);
    if ((b->core.flag & BAM_FUNMAP) != 0)
        outcome = CXS_UNMAPPED;
    else if (b->core.qual < set->min_mapq)
        outcome = CXS_MAPPING_QUALITY;
    else
        CXS_TRY(take_end(ctx, s, b, 1U, &outcome));
    if (outcome == CXS_ASSIGNED)
        outcome = assign(s);
    s->outcome[outcome]++;
done:
    return rc;
}

static bool is_half_mapped(uint16_t flag)
{
    return (flag & (BAM_FUNMAP | BAM_FMUNMAP)) != 0 || (flag & BAM_FPAIRED) == 0;
}

static bool is_chimeric(const bam1_t *b)
{
    return b->core.tid != b->core.mtid || ((b->core.flag & BAM_FREVERSE) != 0) ==
                                              ((b->core.flag & BAM_FMREVERSE) != 0);
}

/* Filters 1 to 4 and the ends; b is the later end, a the earlier one or NULL. */
static cxs_rc take_pair(cxs_ctx *ctx, state *s, const bam1_t *b, const bam1_t *a,
                        cxs_outcome *outcome)
{
    const cxs_count_settings *set = &s->plan->settings;
    const uint16_t flag = b->core.flag;
    const uint8_t quality =
        a != NULL && a->core.qual > b->core.qual ? a->core.qual : b->core.qual;
    const bool alone = (flag & BAM_FPAIRED) == 0;
    cxs_rc rc = CXS_OK;

    *outcome = CXS_ASSIGNED;
    if ((flag & BAM_FUNMAP) != 0 && ((flag & BAM_FMUNMAP) != 0 || alone))
        *outcome = CXS_UNMAPPED;
    else if (set->both_ends && is_half_mapped(flag))
        *outcome = CXS_SINGLETON;
    else if (!set->chimeric && !is_half_mapped(flag) && is_chimeric(b))
        *outcome = CXS_CHIMERA;
    if (*outcome == CXS_ASSIGNED)
        CXS_TRY(take_end(ctx, s, b, 1U, outcome));
    if (*outcome != CXS_ASSIGNED)
        return CXS_OK;
    if (set->both_ends && a != NULL && is_half_mapped(a->core.flag))
        *outcome = CXS_SINGLETON;
    else if (quality < set->min_mapq)
        *outcome = CXS_MAPPING_QUALITY;
    else if (a != NULL)
        CXS_TRY(take_end(ctx, s, a, 2U, outcome));
done:
    return rc;
}

static cxs_rc pair(cxs_ctx *ctx, const cxs_meter *meter, void *at, const bam1_t *first,
                   const bam1_t *second)
{
    state *s = at;
    cxs_outcome outcome = CXS_ASSIGNED;
    cxs_rc rc = CXS_OK;

    (void)meter;
    begin(s);
    CXS_TRY(take_pair(ctx, s, second != NULL ? second : first,
                      second != NULL ? first : NULL, &outcome));
    if (outcome == CXS_ASSIGNED)
        outcome = assign(s);
    s->outcome[outcome]++;
done:
    return rc;
}

/* ---- tables ------------------------------------------------------------------------- */

static cxs_rc add_outcomes(cxs_ctx *ctx, const state *s, cxs_measures *bag)
{
    cxs_measure *table = NULL;
    size_t column = 0;
    int64_t *count = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_measures_add(ctx, bag, "gene_outcomes", CXS_OUTCOMES, &table));
    CXS_TRY(cxs_measure_text(ctx, table, "status", &column));
    CXS_TRY(cxs_measure_int(ctx, table, "count", &count));
    for (size_t i = 0; i < CXS_OUTCOMES; i++) {
        CXS_TRY(cxs_measure_set_text(ctx, table, column, i, cxs_counts_outcome(i)));
        count[i] = s->outcome[i];
    }
done:
    return rc;
}

/* Bases in at least one exon of each target; exons come by contig and start. */
static cxs_rc add_lengths(cxs_ctx *ctx, const cxs_count_plan *plan, cxs_measure *table)
{
    const cxs_annotation *a = plan->annotation;
    const bool by_exon = plan->settings.by_feature != 0;
    int64_t *covered = NULL;
    uint32_t *contig = NULL;
    double *length = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(covered, target_count(plan) + 1);
    CXS_NEW(contig, target_count(plan) + 1);
    CXS_TRY(cxs_measure_real(ctx, table, "length", &length));
    for (size_t i = 0; i < a->exon_count; i++) {
        const cxs_exon *e = &a->exon[i];
        const size_t at = by_exon ? i : e->gene;
        int64_t start = e->start;
        if (length[at] > 0.0 && contig[at] == e->contig && covered[at] > start)
            start = covered[at];
        if (e->end <= start)
            continue;
        length[at] += (double)(e->end - start);
        covered[at] = e->end;
        contig[at] = e->contig;
    }
done:
    cxs_free(contig);
    cxs_free(covered);
    return rc;
}

static cxs_rc finish(cxs_ctx *ctx, const cxs_meter *meter, const cxs_reads_info *info,
                     const void *at, cxs_measures *bag)
{
    const state *s = at;
    const cxs_annotation *a = s->plan->annotation;
    const size_t n = target_count(s->plan);
    cxs_measure *table = NULL;
    size_t column = 0, known = 0;
    double *count = NULL;
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < info->n_targets; i++)
        known += s->contig[i] != SIZE_MAX;
    if (known == 0)
        return cxs_fail(ctx, CXS_EMISMATCH,
                        "%s: no contig occurs in the annotation (%s here, %s there)",
                        s->path, info->n_targets > 0 ? info->target[0] : "none",
                        a->contig[0]);
    CXS_TRY(cxs_measures_add(ctx, bag, meter->name, n, &table));
    CXS_TRY(cxs_measure_text(ctx, table, "gene", &column));
    CXS_TRY(cxs_measure_real(ctx, table, "count", &count));
    for (size_t i = 0; i < n; i++) {
        const size_t gene = s->plan->settings.by_feature ? a->exon[i].gene : i;
        CXS_TRY(cxs_measure_set_text(ctx, table, column, i, a->gene[gene]));
        count[i] = (double)s->count[i] / CXS_COUNT_UNIT;
    }
    CXS_TRY(add_lengths(ctx, s->plan, table));
    CXS_TRY(add_outcomes(ctx, s, bag));
done:
    return rc;
}

static void meter_free(cxs_meter *meter)
{
    cxs_free(meter);
}

cxs_rc cxs_meter_genes_new(cxs_ctx *ctx, const cxs_count_plan *plan, cxs_meter **out)
{
    cxs_rc rc = CXS_OK;

    CXS_NEW(*out, 1);
    **out = (cxs_meter){.name = "gene_counts",
                        .wants_pairs = plan->settings.count_fragments != 0,
                        .state_new = state_new,
                        .state_free = state_free,
                        .record = record,
                        .pair = pair,
                        .add = add,
                        .finish = finish,
                        .free = meter_free};
    /* only read through a const pointer */
    memcpy(&(*out)->shared, &plan, sizeof plan);
done:
    return rc;
}
