/*
 * copy_bins.c -- reference tables, and bins of a file's depth
 */
#include "features/copy_private.h"

#include "base/out.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FRAGMENT = 170, FLANK = 100000, NAME_BYTES = 64 };

static const double KNOWN_SHARE = 0.9;

const char *const cxs_copy_builds[CXS_COPY_BUILDS] = {"hg19", "hg38"};

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

    snprintf(start, sizeof start, "%s_start", cxs_copy_builds[build]);
    snprintf(end, sizeof end, "%s_end", cxs_copy_builds[build]);
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

/* ---- bins ------------------------------------------------------------------------ */

double cxs_copy_mean_depth(const cxs_measure *depth)
{
    const int64_t *fragments = cxs_measure_get_int(depth, "fragments"),
                  *start = cxs_measure_get_int(depth, "start"),
                  *end = cxs_measure_get_int(depth, "end");
    double total = 0.0, bases = 0.0;

    for (size_t i = 0; i < cxs_measure_rows(depth); i++) {
        total += (double)fragments[i];
        bases += (double)(end[i] - start[i]);
    }
    return bases > 0.0 ? total * FRAGMENT / bases : 0.0;
}

int64_t cxs_copy_given_width(const cxs_measure *depth)
{
    return cxs_measure_rows(depth) > 0 ? cxs_measure_get_int(depth, "end")[0] -
                                             cxs_measure_get_int(depth, "start")[0]
                                       : 0;
}

int64_t cxs_copy_width(const cxs_measure *depth)
{
    const double mean = cxs_copy_mean_depth(depth);
    const int64_t width = mean < 0.3    ? 1000000
                          : mean <= 3.0 ? 500000
                                        : 100000,
                  given = cxs_copy_given_width(depth);

    return given > width ? given : width; /* those of another program may be wider */
}

static cxs_rc bins_allocate(cxs_ctx *ctx, size_t n, cxs_cn_bins *bins, double **reads)
{
    cxs_rc rc = CXS_OK;

    CXS_NEW(bins->chrom, n);
    CXS_NEW(bins->start0, n);
    CXS_NEW(bins->end0, n);
    CXS_NEW(bins->gc, n);
    CXS_NEW(bins->map, n);
    CXS_NEW(bins->near_centromere, n);
    CXS_NEW(*reads, n);
done:
    return rc;
}

static void mark_centromeres(const cxs_copy_refs *refs, const char *build,
                             cxs_cn_bins *bins)
{
    for (size_t row = 0; row < refs->centromeres->rows; row++) {
        const uint8_t chrom =
            cxs_cn_chrom(cxs_copy_cell(refs->centromeres, row, "chrom"));
        const double from =
                         strtod(cxs_copy_cell(refs->centromeres, row, "start0"), NULL) -
                         FLANK,
                     to = strtod(cxs_copy_cell(refs->centromeres, row, "end0"), NULL) +
                          FLANK;
        if (strcmp(cxs_copy_cell(refs->centromeres, row, "build"), build) != 0)
            continue;
        for (size_t i = 0; i < bins->n; i++)
            bins->near_centromere[i] |= bins->chrom[i] == chrom &&
                                        (double)bins->start0[i] < to &&
                                        (double)bins->end0[i] > from;
    }
}

cxs_rc cxs_copy_bins(cxs_ctx *ctx, const cxs_measure *depth, const cxs_copy_refs *refs,
                     const char *build, int64_t width, cxs_cn_bins *bins,
                     double **reads)
{
    const char *const *chrom = cxs_measure_get_text(depth, "chrom");
    const int64_t *start = cxs_measure_get_int(depth, "start"),
                  *end = cxs_measure_get_int(depth, "end"),
                  *fragments = cxs_measure_get_int(depth, "fragments"),
                  *gc = cxs_measure_get_int(depth, "gc"),
                  *known = cxs_measure_get_int(depth, "acgt");
    double *known_bases;
    cxs_rc rc = CXS_OK;

    CXS_TRY(bins_allocate(ctx, cxs_measure_rows(depth), bins, reads));
    known_bases = bins->map; /* until the end */
    for (size_t i = 0; i < cxs_measure_rows(depth); i++) {
        const uint8_t number = cxs_cn_chrom(chrom[i]);
        size_t b = bins->n;
        if (number == 0)
            continue;
        if (b == 0 || bins->chrom[b - 1] != number ||
            start[i] / width != bins->start0[b - 1] / width) {
            bins->chrom[b] = number;
            bins->start0[b] = start[i];
            bins->n++;
        } else {
            b--;
        }
        bins->end0[b] = end[i];
        (*reads)[b] += (double)fragments[i];
        if (gc != NULL && known != NULL) {
            bins->gc[b] += (double)gc[i];
            known_bases[b] += (double)known[i];
        }
    }
    for (size_t b = 0; b < bins->n; b++) {
        const double length = (double)(bins->end0[b] - bins->start0[b]);
        bins->gc[b] = known_bases[b] >= KNOWN_SHARE * length
                          ? bins->gc[b] / known_bases[b]
                          : (double)NAN;
        bins->map[b] = (double)NAN;
    }
    mark_centromeres(refs, build, bins);
done:
    return rc;
}

/* ---- which files ----------------------------------------------------------------- */

int cxs_copy_placed(const char *build)
{
    return strcmp(build, "hg19") == 0 || strcmp(build, "hg38") == 0;
}

const cxs_measure *cxs_copy_depth(const cxs_patient_file *file)
{
    const cxs_measure *depth =
        file->bag != NULL ? cxs_measures_find(file->bag, "depth") : NULL;
    const int whole = depth != NULL && cxs_measure_get_text(depth, "chrom") != NULL &&
                      cxs_measure_get_int(depth, "start") != NULL &&
                      cxs_measure_get_int(depth, "end") != NULL &&
                      cxs_measure_get_int(depth, "fragments") != NULL;

    return whole && cxs_copy_placed(file->build) ? depth : NULL;
}
