/*
 * copy_refs.c -- reference tables of copy numbers, and places in them
 */
#include "features/copy_refs.h"

#include "base/out.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES = CXS_COPY_NAME_BYTES };

const char *const cxs_copy_build[CXS_COPY_BUILDS] = {"hg19", "hg38"};

const char *cxs_copy_cell(const cxs_table *t, size_t row, const char *name)
{
    const size_t column = cxs_table_find(t, name);

    return column != SIZE_MAX ? cxs_table_cell(t, row, column) : "";
}

static cxs_rc read_table(cxs_ctx *ctx, const char *refdata, const char *name,
                         cxs_table **out)
{
    char *path = cxs_path_join(ctx, refdata, name);
    const cxs_rc rc = path != NULL ? cxs_table_read(ctx, path, out) : CXS_ENOMEM;

    cxs_free(path);
    return rc;
}

void cxs_copy_refs_free(cxs_copy_refs *refs)
{
    cxs_table_free(refs->arms);
    cxs_table_free(refs->events);
    cxs_table_free(refs->targets);
    cxs_table_free(refs->genes);
    cxs_table_free(refs->centromeres);
    cxs_index_clear(&refs->gene);
    for (size_t b = 0; b < CXS_COPY_BUILDS; b++) {
        cxs_free(refs->place[b]);
        cxs_free(refs->order[b]);
    }
}

typedef struct placed {
    cxs_interval at;
    size_t row;
} placed;

static int by_place(const void *left, const void *right)
{
    const placed *l = left, *r = right;

    if (l->at.chrom != r->at.chrom)
        return l->at.chrom < r->at.chrom ? -1 : 1;
    if (l->at.start0 != r->at.start0)
        return l->at.start0 < r->at.start0 ? -1 : 1;
    return (l->row > r->row) - (l->row < r->row);
}

/* Places of the genes of the table on one build, and their order. */
static cxs_rc place_genes(cxs_ctx *ctx, cxs_copy_refs *refs, size_t build)
{
    const cxs_table *t = refs->genes;
    char start[NAME_BYTES], end[NAME_BYTES];
    placed *known = NULL;
    size_t count = 0;
    cxs_rc rc = CXS_OK;

    snprintf(start, sizeof start, "%s_start", cxs_copy_build[build]);
    snprintf(end, sizeof end, "%s_end", cxs_copy_build[build]);
    CXS_NEW(known, t->rows + 1);
    CXS_NEW(refs->place[build], t->rows + 1);
    CXS_NEW(refs->order[build], t->rows + 1);
    for (size_t row = 0; row < t->rows; row++) {
        const double first = strtod(cxs_copy_cell(t, row, start), NULL),
                     last = strtod(cxs_copy_cell(t, row, end), NULL);
        const cxs_interval at = {cxs_cn_chrom(cxs_copy_cell(t, row, "chrom")),
                                 (int64_t)first - 1, (int64_t)last};
        if (at.chrom == 0 || first < 1.0 || last < first)
            continue;
        refs->place[build][row] = at;
        known[count++] = (placed){at, row};
    }
    qsort(known, count, sizeof *known, by_place);
    for (size_t k = 0; k < count; k++)
        refs->order[build][k] = known[k].row;
    refs->placed[build] = count;
done:
    cxs_free(known);
    return rc;
}

static cxs_rc index_genes(cxs_ctx *ctx, cxs_copy_refs *refs)
{
    const char **name = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(name, refs->genes->rows + 1);
    for (size_t row = 0; row < refs->genes->rows; row++)
        name[row] = cxs_copy_cell(refs->genes, row, "symbol");
    CXS_TRY(cxs_index_make(ctx, name, refs->genes->rows, &refs->gene));
    for (size_t b = 0; b < CXS_COPY_BUILDS; b++)
        CXS_TRY(place_genes(ctx, refs, b));
done:
    cxs_free(name);
    return rc;
}

cxs_rc cxs_copy_refs_read(cxs_ctx *ctx, const char *refdata, cxs_copy_refs *refs)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(read_table(ctx, refdata, "/chrom_arms.tsv", &refs->arms));
    CXS_TRY(read_table(ctx, refdata, "/cn_arm_events.tsv", &refs->events));
    CXS_TRY(read_table(ctx, refdata, "/cn_focal_targets.tsv", &refs->targets));
    CXS_TRY(read_table(ctx, refdata, "/genes.tsv", &refs->genes));
    CXS_TRY(read_table(ctx, refdata, "/centromeres.tsv", &refs->centromeres));
    rc = index_genes(ctx, refs);
done:
    return rc;
}

int cxs_copy_arm(const cxs_copy_refs *refs, const char *build, const char *name,
                 cxs_interval *out)
{
    for (size_t row = 0; row < refs->arms->rows; row++) {
        char arm[NAME_BYTES];
        snprintf(arm, sizeof arm, "%s%s", cxs_copy_cell(refs->arms, row, "chrom"),
                 cxs_copy_cell(refs->arms, row, "arm"));
        if (strcmp(cxs_copy_cell(refs->arms, row, "build"), build) != 0 ||
            strcmp(arm, name) != 0)
            continue;
        *out = (cxs_interval){
            cxs_cn_chrom(cxs_copy_cell(refs->arms, row, "chrom")),
            (int64_t)strtod(cxs_copy_cell(refs->arms, row, "start0"), NULL),
            (int64_t)strtod(cxs_copy_cell(refs->arms, row, "end0"), NULL)};
        return strcmp(cxs_copy_cell(refs->arms, row, "use"), "1") == 0;
    }
    return 0;
}

int cxs_copy_gene(const cxs_copy_refs *refs, const char *build, const char *symbol,
                  cxs_interval *gene, cxs_interval *arm)
{
    char start[NAME_BYTES], end[NAME_BYTES];

    snprintf(start, sizeof start, "%s_start", build);
    snprintf(end, sizeof end, "%s_end", build);
    for (size_t row = 0; row < refs->genes->rows; row++) {
        if (strcmp(cxs_copy_cell(refs->genes, row, "symbol"), symbol) != 0)
            continue;
        const char *name = cxs_copy_cell(refs->genes, row, "chrom");
        *gene = (cxs_interval){
            cxs_cn_chrom(name),
            (int64_t)strtod(cxs_copy_cell(refs->genes, row, start), NULL) - 1,
            (int64_t)strtod(cxs_copy_cell(refs->genes, row, end), NULL)};
        for (const char *side = "pq"; *side != '\0'; side++) {
            char full[NAME_BYTES];
            snprintf(full, sizeof full, "%s%c", name, *side);
            if (cxs_copy_arm(refs, build, full, arm) && gene->start0 < arm->end0 &&
                gene->end0 > arm->start0)
                return gene->chrom > 0 && gene->end0 > gene->start0;
        }
    }
    return 0;
}
