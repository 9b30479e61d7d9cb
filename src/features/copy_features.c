/*
 * copy_features.c -- copy-number features of the patients of a study
 *
 * Depth in narrow bins is joined to bins of a width that fits the depth (domain: 1 Mb
 * below 0.3x, 500 kb up to 3x, 100 kb above), corrected and segmented: the Markov model
 * for cell-free DNA, circular binary segmentation for tissue.  From 1x on narrow windows
 * stand for the wide segments at the focal targets.
 */
#include "features/copy_private.h"

#include "base/pool.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES = 128 };

static const double CFDNA_CHANGE = 0.1, TISSUE_CHANGE = 0.2;

/* ---- columns --------------------------------------------------------------------- */

/* Interval of an arm in a build; 0 when the table does not have it, or does not use it. */
static int find_arm(const cxs_copy_refs *refs, const char *build, const char *name,
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

static double arm_call(const cxs_copy_refs *refs, const char *build,
                       const cxs_copy_result *r, const char *name)
{
    cxs_interval arm;

    return find_arm(refs, cxs_copy_builds[cxs_copy_build(build)], name, &arm)
               ? cxs_cn_arm_call(&r->segments, &arm)
               : (double)NAN;
}

/* Arms that are called in hg38 stand for the list; the called ones are counted. */
static cxs_rc add_arms(cxs_ctx *ctx, const cxs_copy_job *j,
                       cxs_feature_columns *columns)
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
static double event_call(const cxs_copy_refs *refs, const char *build,
                         const cxs_copy_result *r, size_t row)
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

static cxs_rc add_events(cxs_ctx *ctx, const cxs_copy_job *j,
                         cxs_feature_columns *columns)
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

/* A gene and the arm that holds its middle; 0: not known. */
static int find_gene(const cxs_copy_refs *refs, const char *build, const char *symbol,
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
            if (find_arm(refs, build, full, arm) && gene->start0 < arm->end0 &&
                gene->end0 > arm->start0)
                return gene->chrom > 0 && gene->end0 > gene->start0;
        }
    }
    return 0;
}

static double focal_call(const cxs_copy_refs *refs, const char *build,
                         const cxs_copy_result *r, size_t row, int deletion)
{
    const char *symbol = cxs_copy_cell(refs->targets, row, "gene");
    const size_t known = cxs_index_find(&refs->gene, symbol);
    cxs_interval gene, arm;
    double call = (double)NAN;

    if (r->done == 2 && find_gene(refs, build, symbol, &gene, &arm))
        call = deletion ? cxs_copy_deleted(refs, r, symbol, &gene)
                        : cxs_copy_amplified(refs, r, symbol, &gene, &arm);
    if (isnan(call) && r->state != NULL && known != SIZE_MAX &&
        r->state[known] != CXS_MEASURE_MISSING)
        call = r->state[known] == (deletion ? -2 : 2);
    return call;
}

static cxs_rc add_focal(cxs_ctx *ctx, const cxs_copy_job *j,
                        cxs_feature_columns *columns)
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

static cxs_rc add_scores(cxs_ctx *ctx, const cxs_copy_job *j,
                         cxs_feature_columns *columns)
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
        const cxs_copy_result *r = &j->result[i];
        cxs_cn_scores s;
        if (r->done != 2)
            continue;
        CXS_TRY(cxs_cn_score(ctx, &r->segments,
                             r->tissue ? TISSUE_CHANGE : CFDNA_CHANGE, &s));
        /* Purity by pathology is no estimate from copy numbers. */
        value[0][i] = r->given || r->tissue ? (double)NAN
                                            : log2(cxs_copy_told_fraction(r) + 0.01);
        value[1][i] = s.fga;
        value[2][i] = s.wgii;
        value[3][i] = s.segments;
        value[4][i] = s.lst;
        value[5][i] = s.burden;
    }
done:
    return rc;
}

/* ---- states of genes, for the variant features ----------------------------------- */

/* State of a table cn.gene where segments say nothing. */
static int64_t known_state(const cxs_copy_result *r, size_t row, int64_t called)
{
    return called == CXS_MEASURE_MISSING && r->state != NULL ? r->state[row] : called;
}

/* -2 homozygous loss, -1 loss, 0, 1 gain, 2 amplification; missing: not assessed. */
static int64_t gene_state(const cxs_copy_refs *refs, const char *build,
                          const cxs_copy_result *r, const char *symbol)
{
    cxs_interval gene, arm, whole;
    double call;

    if (!find_gene(refs, build, symbol, &gene, &arm))
        return CXS_MEASURE_MISSING;
    if (cxs_copy_amplified(refs, r, symbol, &gene, &arm) == 1.0)
        return 2;
    if (cxs_copy_deleted(refs, r, symbol, &gene) == 1.0)
        return -2;
    whole = gene;
    call = cxs_cn_arm_call(&r->segments, &whole);
    return isnan(call) ? CXS_MEASURE_MISSING : (int64_t)call;
}

/* Levels of the segments, for features that are corrected by local copies. */
static cxs_rc add_segments(cxs_ctx *ctx, const cxs_cn_segments *segments,
                           cxs_measures *bag)
{
    cxs_measure *t;
    int64_t *chrom, *start0, *end0;
    double *log2;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_measures_add(ctx, bag, "cn.segments", segments->count, &t));
    CXS_TRY(cxs_measure_int(ctx, t, "chrom", &chrom));
    CXS_TRY(cxs_measure_int(ctx, t, "start0", &start0));
    CXS_TRY(cxs_measure_int(ctx, t, "end0", &end0));
    CXS_TRY(cxs_measure_real(ctx, t, "log2", &log2));
    for (size_t k = 0; k < segments->count; k++) {
        chrom[k] = segments->at[k].chrom;
        start0[k] = segments->at[k].start0;
        end0[k] = segments->at[k].end0;
        log2[k] = segments->at[k].log2;
    }
done:
    return rc;
}

static cxs_rc add_gene_states(cxs_ctx *ctx, const cxs_copy_job *j, size_t i,
                              cxs_measures **bag)
{
    const cxs_table *genes = j->refs->genes;
    const cxs_copy_result *r = &j->result[i];
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
    if (r->done == 2)
        rc = add_segments(ctx, &r->segments, *bag);
done:
    if (rc != CXS_OK) {
        cxs_measures_free(*bag);
        *bag = NULL;
    }
    return rc;
}

/* ---- all ------------------------------------------------------------------------- */

cxs_rc cxs_copy_features(cxs_ctx *ctx, const cxs_patient_file *file,
                         const cxs_copy_frozen *frozen, const char *refdata,
                         cxs_measures **genes, cxs_quality_rows *quality,
                         cxs_feature_columns *columns)
{
    cxs_copy_refs refs = {0};
    cxs_copy_job j = {.file = file, .refs = &refs, .frozen = frozen};
    const size_t n = columns->n;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_copy_refs_read(ctx, refdata, &refs));
    CXS_NEW(j.result, n + 1);
    CXS_TRY(cxs_pool_run(ctx, "copy numbers", n, cxs_copy_patient, &j));
    CXS_TRY(cxs_copy_tell_quality(ctx, &j, n, quality));
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
        cxs_free(j.result[i].focal);
    }
    cxs_free(j.result);
    cxs_copy_refs_free(&refs);
    return rc;
}
