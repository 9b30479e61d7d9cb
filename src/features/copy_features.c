/*
 * copy_features.c -- copy-number features of the patients of a study
 *
 * Depth in narrow bins is joined to bins of a width that fits the depth (domain: 1 Mb
 * below 0.3x, 500 kb up to 3x, 100 kb above), corrected and segmented: the Markov model
 * for cell-free DNA, circular binary segmentation for tissue.
 */
#include "features/assays.h"
#include "features/copy_refs.h"
#include "features/copynumber.h"

#include "base/pool.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES = CXS_COPY_NAME_BYTES };

static const double CFDNA_CHANGE = 0.1, TISSUE_CHANGE = 0.2;

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
    const cxs_copy_refs *refs;
    result *result; /* [n] */
} job;

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
    r->width = cxs_copy_width(depth);
    if (given > r->width) /* bins of another program may be wider */
        r->width = given;
    CXS_TRY(cxs_copy_bins(ctx, depth, j->refs, file->build, r->width, &bins, &reads));
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
    return strcmp(build, cxs_copy_build[0]) == 0 ? 0
                                                 : 1; /* states have none: the order of
                                                     genes is the same on both */
}

/* States of the genes of the references; arms from them when there is nothing else. */
static cxs_rc from_states(cxs_ctx *ctx, const job *j, const cxs_patient_file *file,
                          const cxs_measure *t, result *r)
{
    const cxs_copy_refs *refs = j->refs;
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

static double arm_call(const cxs_copy_refs *refs, const char *build, const result *r,
                       const char *name)
{
    cxs_interval arm;

    return cxs_copy_arm(refs, cxs_copy_build[build_index(build)], name, &arm)
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
        snprintf(arm, sizeof arm, "%s%s", cxs_copy_cell(j->refs->arms, row, "chrom"),
                 cxs_copy_cell(j->refs->arms, row, "arm"));
        if (strcmp(cxs_copy_cell(j->refs->arms, row, "build"), "hg38") != 0 ||
            !cxs_copy_arm(j->refs, "hg38", arm, &place) ||
            place.chrom > CXS_CN_AUTOSOMES)
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
static double event_call(const cxs_copy_refs *refs, const char *build, const result *r,
                         size_t row)
{
    const char *rule = cxs_copy_cell(refs->events, row, "rule");
    const char *at = cxs_copy_cell(refs->events, row, "arms");
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
        snprintf(name, sizeof name, "cn.event.%s",
                 cxs_copy_cell(j->refs->events, row, "event"));
        CXS_TRY(cxs_feature_columns_add(ctx, columns, name, "", CXS_FEATURE_BINARY,
                                        &value));
        for (size_t i = 0; i < columns->n; i++)
            if (j->result[i].done >= 2)
                value[i] = event_call(j->refs, j->file[i].build, &j->result[i], row);
    }
done:
    return rc;
}

static double focal_call(const cxs_copy_refs *refs, const char *build, const result *r,
                         size_t row, int deletion)
{
    const char *symbol = cxs_copy_cell(refs->targets, row, "gene");
    const size_t known = cxs_index_find(&refs->gene, symbol);
    cxs_interval gene, arm;
    double call = (double)NAN;

    if (r->done == 2 && cxs_copy_gene(refs, build, symbol, &gene, &arm))
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
        const int deletion =
            strcmp(cxs_copy_cell(j->refs->targets, row, "event"), "amp") != 0;
        char name[NAME_BYTES];
        snprintf(name, sizeof name, "cn.focal.%s.%s",
                 cxs_copy_cell(j->refs->targets, row, "gene"),
                 deletion ? "homdel" : "amp");
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
static int64_t gene_state(const cxs_copy_refs *refs, const char *build, const result *r,
                          const char *symbol)
{
    cxs_interval gene, arm, whole;
    double call;

    if (!cxs_copy_gene(refs, build, symbol, &gene, &arm))
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
        const char *symbol = cxs_copy_cell(genes, row, "symbol");
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
    cxs_copy_refs refs = {0};
    job j = {.file = file, .refs = &refs};
    const size_t n = columns->n;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_copy_refs_read(ctx, refdata, &refs));
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
    cxs_copy_refs_free(&refs);
    return rc;
}
