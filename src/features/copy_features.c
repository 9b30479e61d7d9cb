/*
 * copy_features.c -- copy-number features of the patients of a study
 *
 * Depth in narrow bins is joined to bins of a width that fits the depth (domain: 1 Mb
 * below 0.3x, 500 kb up to 3x, 100 kb above), corrected and segmented: the Markov model
 * for cell-free DNA, circular binary segmentation for tissue.
 */
#include "features/assays.h"
#include "features/copynumber.h"

#include "base/out.h"
#include "base/pool.h"
#include "base/table.h"
#include "ingest/study_ids.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUILDS = 2, FRAGMENT = 170, FLANK = 100000, NAME_BYTES = 128 };

static const double KNOWN_SHARE = 0.9, CFDNA_CHANGE = 0.1, TISSUE_CHANGE = 0.2;

/* Reference tables of one build. */
typedef struct references {
    cxs_table *arms, *events, *targets, *genes, *centromeres;
    cxs_index gene;              /* rows of genes by symbol */
    cxs_interval *place[BUILDS]; /* [genes->rows]; chrom 0: not known */
    size_t *order[BUILDS];       /* known ones in the order of places */
    size_t placed[BUILDS];       /* how many */
} references;

static const char *const builds[BUILDS] = {"hg19", "hg38"};

/* What was found for one patient. */
typedef struct result {
    /* 0: no file; 1: quality failed; 2: there are segments; 3: runs of genes alone */
    int done;
    int given;      /* the segments are of another program */
    int64_t *state; /* [genes of the references] of a table cn.gene; NULL: none */
    cxs_cn_quality quality;
    cxs_cn_segments segments;
    int64_t width;
    int tissue;
} result;

typedef struct job {
    const cxs_patient_file *file;
    const references *refs;
    result *result; /* [n] */
} job;

static const char *cell(const cxs_table *t, size_t row, const char *name)
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

static void references_free(references *refs)
{
    cxs_table_free(refs->arms);
    cxs_table_free(refs->events);
    cxs_table_free(refs->targets);
    cxs_table_free(refs->genes);
    cxs_table_free(refs->centromeres);
    cxs_index_clear(&refs->gene);
    for (size_t b = 0; b < BUILDS; b++) {
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
static cxs_rc place_genes(cxs_ctx *ctx, references *refs, size_t build)
{
    const cxs_table *t = refs->genes;
    char start[NAME_BYTES], end[NAME_BYTES];
    placed *known = NULL;
    size_t count = 0;
    cxs_rc rc = CXS_OK;

    snprintf(start, sizeof start, "%s_start", builds[build]);
    snprintf(end, sizeof end, "%s_end", builds[build]);
    CXS_NEW(known, t->rows + 1);
    CXS_NEW(refs->place[build], t->rows + 1);
    CXS_NEW(refs->order[build], t->rows + 1);
    for (size_t row = 0; row < t->rows; row++) {
        const double first = strtod(cell(t, row, start), NULL),
                     last = strtod(cell(t, row, end), NULL);
        const cxs_interval at = {cxs_cn_chrom(cell(t, row, "chrom")),
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

static cxs_rc index_genes(cxs_ctx *ctx, references *refs)
{
    const char **name = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(name, refs->genes->rows + 1);
    for (size_t row = 0; row < refs->genes->rows; row++)
        name[row] = cell(refs->genes, row, "symbol");
    CXS_TRY(cxs_index_make(ctx, name, refs->genes->rows, &refs->gene));
    for (size_t b = 0; b < BUILDS; b++)
        CXS_TRY(place_genes(ctx, refs, b));
done:
    cxs_free(name);
    return rc;
}

static cxs_rc references_read(cxs_ctx *ctx, const char *refdata, references *refs)
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

/* ---- bins --------------------------------------------------------------------------- */

static int64_t width_for(const cxs_measure *depth)
{
    const int64_t *fragments = cxs_measure_get_int(depth, "fragments"),
                  *start = cxs_measure_get_int(depth, "start"),
                  *end = cxs_measure_get_int(depth, "end");
    double total = 0.0, bases = 0.0, mean;

    for (size_t i = 0; i < cxs_measure_rows(depth); i++) {
        total += (double)fragments[i];
        bases += (double)(end[i] - start[i]);
    }
    mean = bases > 0.0 ? total * FRAGMENT / bases : 0.0;
    return mean < 0.3 ? 1000000 : mean <= 3.0 ? 500000 : 100000;
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

static void mark_centromeres(const references *refs, const char *build,
                             cxs_cn_bins *bins)
{
    for (size_t row = 0; row < refs->centromeres->rows; row++) {
        const uint8_t chrom = cxs_cn_chrom(cell(refs->centromeres, row, "chrom"));
        const double from =
                         strtod(cell(refs->centromeres, row, "start0"), NULL) - FLANK,
                     to = strtod(cell(refs->centromeres, row, "end0"), NULL) + FLANK;
        if (strcmp(cell(refs->centromeres, row, "build"), build) != 0)
            continue;
        for (size_t i = 0; i < bins->n; i++)
            bins->near_centromere[i] |= bins->chrom[i] == chrom &&
                                        (double)bins->start0[i] < to &&
                                        (double)bins->end0[i] > from;
    }
}

/* Narrow bins into bins of `width`: counts, GC of the known bases; a bin of which more
 * than a tenth is not known has no GC. */
static cxs_rc join_bins(cxs_ctx *ctx, const cxs_measure *depth, const references *refs,
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

/* ---- one patient -------------------------------------------------------------------- */

static int is_placed(const char *build)
{
    return strcmp(build, "hg19") == 0 || strcmp(build, "hg38") == 0;
}

static int has_columns(const cxs_measure *depth)
{
    return depth != NULL && cxs_measure_get_text(depth, "chrom") != NULL &&
           cxs_measure_get_int(depth, "start") != NULL &&
           cxs_measure_get_int(depth, "end") != NULL &&
           cxs_measure_get_int(depth, "fragments") != NULL;
}

static cxs_rc from_depth(cxs_ctx *ctx, const job *j, const cxs_patient_file *file,
                         const cxs_measure *depth, result *r)
{
    cxs_cn_bins bins = {0};
    double *reads = NULL, *log2 = NULL;
    int64_t given;
    cxs_rc rc = CXS_OK;

    given = cxs_measure_rows(depth) > 0 ? cxs_measure_get_int(depth, "end")[0] -
                                              cxs_measure_get_int(depth, "start")[0]
                                        : 0;
    r->width = width_for(depth);
    if (given > r->width) /* bins of another program may be wider */
        r->width = given;
    CXS_TRY(join_bins(ctx, depth, j->refs, file->build, r->width, &bins, &reads));
    CXS_NEW(log2, bins.n + 1);
    rc = cxs_cn_correct(ctx, &bins, reads, log2, &r->quality);
    if (rc == CXS_EDEGENERATE || (rc == CXS_OK && r->quality.state == CXS_CN_FAIL)) {
        r->done = 1; /* no copy numbers: missing, not zero */
        rc = CXS_OK;
        goto done;
    }
    CXS_TRY(rc);
    if (r->tissue)
        CXS_TRY(cxs_cn_segment_tissue(ctx, &bins, log2, 1, &r->segments));
    else
        CXS_TRY(cxs_cn_segment_cfdna(ctx, &bins, log2, &r->segments));
    r->done = 2;

done:
    cxs_free(log2);
    cxs_free(reads);
    cxs_cn_bins_free(&bins);
    return rc;
}

static size_t build_index(const char *build)
{
    return strcmp(build, builds[0]) == 0 ? 0 : 1; /* states have none: the order of
                                                     genes is the same on both */
}

/* States of the genes of the references; arms from them when there is nothing else. */
static cxs_rc from_states(cxs_ctx *ctx, const job *j, const cxs_patient_file *file,
                          const cxs_measure *t, result *r)
{
    const references *refs = j->refs;
    const char *const *gene = cxs_measure_get_text(t, "gene");
    const int64_t *state = cxs_measure_get_int(t, "state");
    const size_t build = build_index(file->build);
    cxs_rc rc = CXS_OK;

    if (gene == NULL || state == NULL)
        return CXS_OK;
    CXS_NEW(r->state, refs->genes->rows + 1);
    for (size_t row = 0; row < refs->genes->rows; row++)
        r->state[row] = CXS_MEASURE_MISSING;
    for (size_t i = 0; i < cxs_measure_rows(t); i++) {
        const size_t row =
            gene[i] != NULL ? cxs_index_find(&refs->gene, gene[i]) : SIZE_MAX;
        if (row != SIZE_MAX)
            r->state[row] = state[i];
    }
    if (r->done == 2)
        goto done;
    CXS_TRY(cxs_cn_from_states(ctx, refs->place[build], r->state, refs->order[build],
                               refs->placed[build], &r->segments));
    r->done = 3;
done:
    return rc;
}

static cxs_rc one_patient(cxs_ctx *ctx, size_t i, size_t worker, void *arg)
{
    const job *j = arg;
    const cxs_patient_file *file = &j->file[i];
    const cxs_measure *depth = NULL, *segments = NULL, *states = NULL;
    result *r = &j->result[i];
    cxs_rc rc = CXS_OK;

    (void)worker;
    if (file->bag != NULL) {
        depth = cxs_measures_find(file->bag, "depth");
        segments = cxs_measures_find(file->bag, "segments");
    }
    if (file->states != NULL)
        states = cxs_measures_find(file->states, "cn.gene");
    r->tissue = strstr(file->source, "CFDNA") == NULL;
    if (segments != NULL && is_placed(file->build)) {
        CXS_TRY(cxs_cn_given(ctx, segments, file->purity, &r->segments));
        r->given = 1;
        r->tissue = 1; /* the threshold of their directions */
        r->done = r->segments.count > 0 ? 2 : 0;
    } else if (has_columns(depth) && is_placed(file->build)) {
        CXS_TRY(from_depth(ctx, j, file, depth, r));
    }
    if (states != NULL)
        rc = from_states(ctx, j, file, states, r);
done:
    return rc;
}

/* ---- columns ------------------------------------------------------------------------ */

/* Interval of an arm in a build; 0 when the table does not have it, or does not use it. */
static int find_arm(const references *refs, const char *build, const char *name,
                    cxs_interval *out)
{
    for (size_t row = 0; row < refs->arms->rows; row++) {
        char arm[NAME_BYTES];
        snprintf(arm, sizeof arm, "%s%s", cell(refs->arms, row, "chrom"),
                 cell(refs->arms, row, "arm"));
        if (strcmp(cell(refs->arms, row, "build"), build) != 0 ||
            strcmp(arm, name) != 0)
            continue;
        *out = (cxs_interval){cxs_cn_chrom(cell(refs->arms, row, "chrom")),
                              (int64_t)strtod(cell(refs->arms, row, "start0"), NULL),
                              (int64_t)strtod(cell(refs->arms, row, "end0"), NULL)};
        return strcmp(cell(refs->arms, row, "use"), "1") == 0;
    }
    return 0;
}

static double arm_call(const references *refs, const char *build, const result *r,
                       const char *name)
{
    cxs_interval arm;

    return find_arm(refs, builds[build_index(build)], name, &arm)
               ? cxs_cn_arm_call(&r->segments, &arm)
               : (double)NAN;
}

/* Arms that are called in hg38 stand for the list; the called ones are counted. */
static cxs_rc add_arms(cxs_ctx *ctx, const job *j, cxs_feature_columns *columns)
{
    double *value, *count;
    const size_t first = columns->count;
    cxs_rc rc = CXS_OK;

    for (size_t row = 0; row < j->refs->arms->rows; row++) {
        char arm[NAME_BYTES / 2], name[NAME_BYTES];
        cxs_interval place;
        snprintf(arm, sizeof arm, "%s%s", cell(j->refs->arms, row, "chrom"),
                 cell(j->refs->arms, row, "arm"));
        if (strcmp(cell(j->refs->arms, row, "build"), "hg38") != 0 ||
            !find_arm(j->refs, "hg38", arm, &place) || place.chrom > CXS_CN_AUTOSOMES)
            continue;
        snprintf(name, sizeof name, "cn.arm.%s", arm);
        CXS_TRY(cxs_feature_columns_add(ctx, columns, name, "", CXS_FEATURE_ORDINAL,
                                        &value));
        for (size_t i = 0; i < columns->n; i++)
            if (j->result[i].done >= 2)
                value[i] = arm_call(j->refs, j->file[i].build, &j->result[i], arm);
    }
    const size_t last = columns->count;
    CXS_TRY(cxs_feature_columns_add(ctx, columns, "cn.aneuploidy", "arms",
                                    CXS_FEATURE_COUNT, &count));
    for (size_t i = 0; i < columns->n; i++) {
        if (j->result[i].done < 2)
            continue;
        count[i] = 0.0;
        for (size_t k = first; k < last; k++) {
            const double call = columns->column[k].value[i];
            count[i] += !isnan(call) && call != 0.0 ? 1.0 : 0.0;
        }
    }
done:
    return rc;
}

/* All arms of an event as its rule says: 1; one of them surely not: 0; else missing. */
static double event_call(const references *refs, const char *build, const result *r,
                         size_t row)
{
    const char *rule = cell(refs->events, row, "rule");
    const char *at = cell(refs->events, row, "arms");
    double all = 1.0;

    while (*at != '\0') {
        char arm[NAME_BYTES];
        const size_t length = strcspn(at, "+");
        double wanted, call;
        snprintf(arm, sizeof arm, "%.*s", (int)length, at);
        wanted = strncmp(rule, "gain7", 5) == 0  ? (arm[0] == '7' ? 1.0 : -1.0)
                 : strncmp(rule, "gain", 4) == 0 ? 1.0
                                                 : -1.0;
        call = arm_call(refs, build, r, arm);
        if (!isnan(call) && call != wanted)
            return 0.0;
        if (isnan(call))
            all = (double)NAN;
        at += length + (at[length] == '+');
    }
    return all;
}

static cxs_rc add_events(cxs_ctx *ctx, const job *j, cxs_feature_columns *columns)
{
    double *value;
    cxs_rc rc = CXS_OK;

    for (size_t row = 0; row < j->refs->events->rows; row++) {
        char name[NAME_BYTES];
        snprintf(name, sizeof name, "cn.event.%s", cell(j->refs->events, row, "event"));
        CXS_TRY(cxs_feature_columns_add(ctx, columns, name, "", CXS_FEATURE_BINARY,
                                        &value));
        for (size_t i = 0; i < columns->n; i++)
            if (j->result[i].done >= 2)
                value[i] = event_call(j->refs, j->file[i].build, &j->result[i], row);
    }
done:
    return rc;
}

/* A gene and the arm that holds its middle; 0: not known. */
static int find_gene(const references *refs, const char *build, const char *symbol,
                     cxs_interval *gene, cxs_interval *arm)
{
    char start[NAME_BYTES], end[NAME_BYTES];

    snprintf(start, sizeof start, "%s_start", build);
    snprintf(end, sizeof end, "%s_end", build);
    for (size_t row = 0; row < refs->genes->rows; row++) {
        if (strcmp(cell(refs->genes, row, "symbol"), symbol) != 0)
            continue;
        const char *name = cell(refs->genes, row, "chrom");
        *gene = (cxs_interval){cxs_cn_chrom(name),
                               (int64_t)strtod(cell(refs->genes, row, start), NULL) - 1,
                               (int64_t)strtod(cell(refs->genes, row, end), NULL)};
        for (const char *side = "pq"; *side != '\0'; side++) {
            char full[NAME_BYTES];
            snprintf(full, sizeof full, "%s%c", name, *side);
            if (find_arm(refs, build, full, arm) && gene->start0 < arm->end0 &&
                gene->end0 > arm->start0)
                return gene->chrom > 0 && gene->end0 > gene->start0;
        }
    }
    return 0;
}

static double focal_call(const references *refs, const char *build, const result *r,
                         size_t row, int deletion)
{
    const char *symbol = cell(refs->targets, row, "gene");
    const size_t known = cxs_index_find(&refs->gene, symbol);
    cxs_interval gene, arm;
    double call = (double)NAN;

    if (r->done == 2 && find_gene(refs, build, symbol, &gene, &arm))
        call = deletion ? cxs_cn_deleted(&r->segments, &gene, r->width)
                        : cxs_cn_amplified(&r->segments, &gene, &arm);
    if (isnan(call) && r->state != NULL && known != SIZE_MAX &&
        r->state[known] != CXS_MEASURE_MISSING)
        call = r->state[known] == (deletion ? -2 : 2);
    return call;
}

static cxs_rc add_focal(cxs_ctx *ctx, const job *j, cxs_feature_columns *columns)
{
    double *value;
    cxs_rc rc = CXS_OK;

    for (size_t row = 0; row < j->refs->targets->rows; row++) {
        const int deletion = strcmp(cell(j->refs->targets, row, "event"), "amp") != 0;
        char name[NAME_BYTES];
        snprintf(name, sizeof name, "cn.focal.%s.%s",
                 cell(j->refs->targets, row, "gene"), deletion ? "homdel" : "amp");
        if (cxs_feature_columns_find(columns, name) != SIZE_MAX)
            continue;
        CXS_TRY(cxs_feature_columns_add(ctx, columns, name, "", CXS_FEATURE_BINARY,
                                        &value));
        for (size_t i = 0; i < columns->n; i++)
            if (j->result[i].done >= 2)
                value[i] =
                    focal_call(j->refs, j->file[i].build, &j->result[i], row, deletion);
    }
done:
    return rc;
}

static cxs_rc add_scores(cxs_ctx *ctx, const job *j, cxs_feature_columns *columns)
{
    static const struct {
        const char *name, *unit;
        cxs_feature_type type;
    } rows[] = {{"cn.tf", "log2(fraction + 0.01)", CXS_FEATURE_CONTINUOUS},
                {"cn.fga", "fraction", CXS_FEATURE_CONTINUOUS},
                {"cn.wgii", "fraction", CXS_FEATURE_CONTINUOUS},
                {"cn.segments", "segments", CXS_FEATURE_COUNT},
                {"cn.lst", "breaks", CXS_FEATURE_COUNT},
                {"cn.burden", "log2", CXS_FEATURE_CONTINUOUS}};
    enum { ROWS = sizeof rows / sizeof *rows };
    double *value[ROWS];
    cxs_rc rc = CXS_OK;

    for (size_t k = 0; k < ROWS; k++)
        CXS_TRY(cxs_feature_columns_add(ctx, columns, rows[k].name, rows[k].unit,
                                        rows[k].type, &value[k]));
    for (size_t i = 0; i < columns->n; i++) {
        const result *r = &j->result[i];
        cxs_cn_scores s;
        if (r->done != 2)
            continue;
        CXS_TRY(cxs_cn_score(ctx, &r->segments,
                             r->tissue ? TISSUE_CHANGE : CFDNA_CHANGE, &s));
        /* Purity by pathology is no estimate from copy numbers. */
        value[0][i] = r->given || isnan(r->segments.tumour_fraction)
                          ? (double)NAN
                          : log2(r->segments.tumour_fraction + 0.01);
        value[1][i] = s.fga;
        value[2][i] = s.wgii;
        value[3][i] = s.segments;
        value[4][i] = s.lst;
        value[5][i] = s.burden;
    }
done:
    return rc;
}

/* ---- states of genes, for the variant features ----------------------------------------- */

/* State of a table cn.gene where segments say nothing. */
static int64_t known_state(const result *r, size_t row, int64_t called)
{
    return called == CXS_MEASURE_MISSING && r->state != NULL ? r->state[row] : called;
}

/* -2 homozygous loss, -1 loss, 0, 1 gain, 2 amplification; missing: not assessed. */
static int64_t gene_state(const references *refs, const char *build, const result *r,
                          const char *symbol)
{
    cxs_interval gene, arm, whole;
    double call;

    if (!find_gene(refs, build, symbol, &gene, &arm))
        return CXS_MEASURE_MISSING;
    if (cxs_cn_amplified(&r->segments, &gene, &arm) == 1.0)
        return 2;
    if (cxs_cn_deleted(&r->segments, &gene, r->width) == 1.0)
        return -2;
    whole = gene;
    call = cxs_cn_arm_call(&r->segments, &whole);
    return isnan(call) ? CXS_MEASURE_MISSING : (int64_t)call;
}

static cxs_rc add_gene_states(cxs_ctx *ctx, const job *j, size_t i, cxs_measures **bag)
{
    const cxs_table *genes = j->refs->genes;
    const result *r = &j->result[i];
    cxs_measure *t;
    size_t name;
    int64_t *state;
    cxs_rc rc = CXS_OK;

    *bag = NULL;
    if (j->result[i].done < 2)
        return CXS_OK;
    CXS_TRY(cxs_measures_new(ctx, bag));
    CXS_TRY(cxs_measures_add(ctx, *bag, "cn.gene", genes->rows, &t));
    CXS_TRY(cxs_measure_text(ctx, t, "gene", &name));
    CXS_TRY(cxs_measure_int(ctx, t, "state", &state));
    for (size_t row = 0; row < genes->rows; row++) {
        const char *symbol = cell(genes, row, "symbol");
        CXS_TRY(cxs_measure_set_text(ctx, t, name, row, symbol));
        state[row] =
            known_state(r, row,
                        r->done == 2 ? gene_state(j->refs, j->file[i].build, r, symbol)
                                     : CXS_MEASURE_MISSING);
    }
done:
    if (rc != CXS_OK) {
        cxs_measures_free(*bag);
        *bag = NULL;
    }
    return rc;
}

static cxs_rc tell_quality(cxs_ctx *ctx, const job *j, size_t n)
{
    size_t failed = 0, called = 0;

    for (size_t i = 0; i < n; i++) {
        failed += j->result[i].done == 1;
        called += j->result[i].done >= 2;
    }
    if (failed + called > 0)
        cxs_note(ctx, "copy number: %zu samples called, %zu without enough quality",
                 called, failed);
    return CXS_OK;
}

cxs_rc cxs_copy_features(cxs_ctx *ctx, const cxs_patient_file *file,
                         const char *refdata, cxs_measures **genes,
                         cxs_feature_columns *columns)
{
    references refs = {0};
    job j = {.file = file, .refs = &refs};
    const size_t n = columns->n;
    cxs_rc rc = CXS_OK;

    CXS_TRY(references_read(ctx, refdata, &refs));
    CXS_NEW(j.result, n + 1);
    CXS_TRY(cxs_pool_run(ctx, "copy numbers", n, one_patient, &j));
    CXS_TRY(tell_quality(ctx, &j, n));
    CXS_TRY(add_arms(ctx, &j, columns));
    CXS_TRY(add_events(ctx, &j, columns));
    CXS_TRY(add_focal(ctx, &j, columns));
    CXS_TRY(add_scores(ctx, &j, columns));
    for (size_t i = 0; genes != NULL && i < n; i++)
        CXS_TRY(add_gene_states(ctx, &j, i, &genes[i]));

done:
    for (size_t i = 0; j.result != NULL && i < n; i++) {
        cxs_cn_segments_free(&j.result[i].segments);
        cxs_free(j.result[i].state);
    }
    cxs_free(j.result);
    references_free(&refs);
    return rc;
}
