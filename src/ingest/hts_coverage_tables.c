/*
 * hts_coverage_tables.c -- tables of the depth over targets and of the genes they are of
 *
 * With a table of genes a target belongs to every gene that it overlaps.  Without one
 * its name in the BED tells the gene: the part before the first '|', ',', ';', ':', '_'
 * or blank ("EGFR_exon2" is of EGFR).
 */
#include "ingest/hts_coverage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THRESHOLDS = 7, SEEN_PERCENT = 90 };
static const int64_t threshold[THRESHOLDS] = {1, 10, 20, 50, 100, 200, 500};

typedef struct columns {
    int64_t *sum, *at_least[THRESHOLDS], *seen, *bases;
} columns;

static void measure(const int64_t *depth, size_t n, int64_t min_depth,
                    const columns *to, size_t row)
{
    int64_t sum = 0, seen = 0, at_least[THRESHOLDS] = {0};

    for (size_t i = 0; i < n; i++) {
        sum += depth[i];
        seen += depth[i] >= min_depth;
        for (size_t t = 0; t < THRESHOLDS && depth[i] >= threshold[t]; t++)
            at_least[t]++;
    }
    to->sum[row] = sum;
    to->seen[row] = seen;
    for (size_t t = 0; t < THRESHOLDS; t++)
        to->at_least[t][row] = at_least[t];
}

/* Depth of one merged span, then the targets inside it. */
static cxs_rc measure_span(cxs_ctx *ctx, const cxs_coverage_state *s,
                           const cxs_span *span, const cxs_spans *own, size_t *next,
                           size_t limit, const columns *to)
{
    cxs_rc rc = CXS_OK;
    int64_t *depth = NULL;

    CXS_NEW(depth, (size_t)(span->end - span->start));
    cxs_coverage_depths(s, span, depth);
    for (; *next < limit && own->span[*next].start < span->end; (*next)++) {
        const cxs_span *target = &own->span[*next];

        measure(depth + (target->start - span->start),
                (size_t)(target->end - target->start), s->c->min_depth, to,
                target->row);
    }

done:
    cxs_free(depth);
    return rc;
}

static cxs_rc add_targets(cxs_ctx *ctx, const cxs_windows *targets, const char *name,
                          cxs_measures *bag, columns *to)
{
    cxs_rc rc = CXS_OK;
    cxs_measure *table;
    size_t chrom, label;
    int64_t *start, *end;
    char at_least[32];

    CXS_TRY(cxs_measures_add(ctx, bag, name, targets->count, &table));
    CXS_TRY(cxs_measure_text(ctx, table, "chrom", &chrom));
    CXS_TRY(cxs_measure_int(ctx, table, "start", &start));
    CXS_TRY(cxs_measure_int(ctx, table, "end", &end));
    CXS_TRY(cxs_measure_text(ctx, table, "name", &label));
    CXS_TRY(cxs_measure_int(ctx, table, "bases", &to->bases));
    CXS_TRY(cxs_measure_int(ctx, table, "depth_sum", &to->sum));
    for (size_t t = 0; t < THRESHOLDS; t++) {
        snprintf(at_least, sizeof at_least, "ge_%d", (int)threshold[t]);
        CXS_TRY(cxs_measure_int(ctx, table, at_least, &to->at_least[t]));
    }
    CXS_TRY(cxs_measure_int(ctx, table, "seen", &to->seen));
    for (size_t i = 0; i < targets->count; i++) {
        const cxs_window *w = &targets->at[i];

        CXS_TRY(cxs_measure_set_text(ctx, table, chrom, i, w->contig));
        CXS_TRY(cxs_measure_set_text(ctx, table, label, i, w->name));
        start[i] = w->start;
        end[i] = w->end;
        to->bases[i] = w->end - w->start;
        to->sum[i] = to->seen[i] = CXS_MEASURE_MISSING;
        for (size_t t = 0; t < THRESHOLDS; t++)
            to->at_least[t][i] = CXS_MEASURE_MISSING;
    }

done:
    return rc;
}

/* ---- genes ----------------------------------------------------------------------- */

typedef struct membership {
    char *gene;
    size_t row; /* of the target */
} membership;

typedef struct memberships {
    membership *at;
    size_t count, capacity;
} memberships;

static int by_gene(const void *a, const void *b)
{
    const membership *x = a, *y = b;
    const int order = strcmp(x->gene, y->gene);

    return order != 0 ? order : (x->row > y->row) - (x->row < y->row);
}

static cxs_rc add_member(cxs_ctx *ctx, memberships *m, const char *gene, size_t length,
                         size_t row)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_grow(ctx, (void **)&m->at, &m->capacity, m->count + 1, sizeof *m->at));
    if ((m->at[m->count].gene = cxs_strndup(ctx, gene, length)) == NULL)
        return CXS_ENOMEM;
    m->at[m->count++].row = row;

done:
    return rc;
}

static cxs_rc genes_by_name(cxs_ctx *ctx, const cxs_windows *targets, memberships *m)
{
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < targets->count; i++) {
        const char *name = targets->at[i].name;
        const size_t length = strcspn(name, "|,;:_ ");

        if (length > 0 && strcmp(name, ".") != 0)
            CXS_TRY(add_member(ctx, m, name, length, i));
    }

done:
    return rc;
}

/* own: the targets by place. */
static cxs_rc genes_by_place(cxs_ctx *ctx, const cxs_reads_info *info,
                             const cxs_windows *genes, const cxs_spans *own,
                             memberships *m)
{
    cxs_rc rc = CXS_OK;
    cxs_spans *spans = NULL;

    CXS_TRY(cxs_spans_new(ctx, info, genes, 0, false, &spans));
    for (size_t t = 0; t < info->n_targets; t++)
        for (size_t i = own->first[t]; i < own->first[t + 1]; i++) {
            const cxs_span *target = &own->span[i];
            const size_t limit = cxs_spans_limit(spans, (int32_t)t);

            for (size_t g = cxs_spans_seek(spans, (int32_t)t, target->start);
                 g < limit && spans->span[g].start < target->end; g++) {
                const char *gene = genes->at[spans->span[g].row].name;

                if (spans->span[g].end > target->start)
                    CXS_TRY(add_member(ctx, m, gene, strlen(gene), target->row));
            }
        }

done:
    cxs_spans_free(spans);
    return rc;
}

static cxs_rc add_genes(cxs_ctx *ctx, const memberships *m, const columns *of,
                        cxs_measures *bag)
{
    static const char *const name[] = {"targets", "targets_seen", "bases", "seen",
                                       "assessed"};
    cxs_rc rc = CXS_OK;
    cxs_measure *table;
    size_t gene, genes = 0, row = 0;
    int64_t *column[5];

    for (size_t i = 0; i < m->count; i++)
        genes += i == 0 || strcmp(m->at[i - 1].gene, m->at[i].gene) != 0;
    CXS_TRY(cxs_measures_add(ctx, bag, "coverage_genes", genes, &table));
    CXS_TRY(cxs_measure_text(ctx, table, "gene", &gene));
    for (size_t c = 0; c < 5; c++)
        CXS_TRY(cxs_measure_int(ctx, table, name[c], &column[c]));
    for (size_t i = 0; i < m->count; i++) {
        const size_t target = m->at[i].row;
        const bool known = of->seen[target] != CXS_MEASURE_MISSING;
        const int64_t seen = known ? of->seen[target] : 0;

        if (i > 0 && strcmp(m->at[i - 1].gene, m->at[i].gene) != 0)
            row++;
        CXS_TRY(cxs_measure_set_text(ctx, table, gene, row, m->at[i].gene));
        column[0][row]++;
        column[1][row] += known && seen * 100 >= SEEN_PERCENT * of->bases[target];
        column[2][row] += of->bases[target];
        column[3][row] += seen;
        column[4][row] = column[1][row] == column[0][row];
    }

done:
    return rc;
}

cxs_rc cxs_coverage_finish(cxs_ctx *ctx, const cxs_meter *meter,
                           const cxs_reads_info *info, const void *state,
                           cxs_measures *bag)
{
    const cxs_coverage_state *s = state;
    cxs_rc rc = CXS_OK;
    cxs_spans *own = NULL;
    memberships m = {0};
    columns of = {0};

    CXS_TRY(cxs_spans_new(ctx, info, s->c->targets, 0, false, &own));
    CXS_TRY(add_targets(ctx, s->c->targets, meter->name, bag, &of));
    for (size_t t = 0; t < info->n_targets; t++) {
        size_t next = own->first[t];

        for (size_t i = s->spans->first[t]; i < s->spans->first[t + 1]; i++)
            CXS_TRY(measure_span(ctx, s, &s->spans->span[i], own, &next,
                                 own->first[t + 1], &of));
    }
    CXS_TRY(s->c->genes != NULL ? genes_by_place(ctx, info, s->c->genes, own, &m)
                                : genes_by_name(ctx, s->c->targets, &m));
    if (m.count > 0)
        qsort(m.at, m.count, sizeof *m.at, by_gene);
    CXS_TRY(add_genes(ctx, &m, &of, bag));

done:
    for (size_t i = 0; i < m.count; i++)
        cxs_free(m.at[i].gene);
    cxs_free(m.at);
    cxs_spans_free(own);
    return rc;
}
