/*
 * clinic.c -- receptors, methylation, visits and clinical scores of the patients of a study
 */
#include "features/clinic.h"

#include "base/text.h"
#include "features/methylation.h"
#include "ingest/baseline.h"
#include "store/study_measures.h"
#include "store/study_schema.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What a file serves. */
typedef enum use { RECEPTORS, PRODUCT, EARLY, METHYLATION, USES } use;

typedef struct candidate {
    int64_t at;
    size_t patient;
    char *sample, *source;
    bool receptors, product;
    cxs_dated when;
} candidate;

typedef struct work {
    char **patient; /* [n] sorted */
    size_t n, patients;
    candidate *all;
    size_t count, capacity;
    cxs_patient_file *file[USES]; /* [n] */
    cxs_baseline_tally tally;
} work;

static void clear(work *w)
{
    for (size_t k = 0; k < w->count; k++) {
        cxs_free(w->all[k].sample);
        cxs_free(w->all[k].source);
    }
    cxs_free(w->all);
    for (size_t u = 0; u < USES; u++) {
        for (size_t i = 0; w->file[u] != NULL && i < w->n; i++)
            cxs_measures_free(w->file[u][i].bag);
        cxs_free(w->file[u]);
    }
    cxs_tally_clear(&w->tally);
    if (w->patient != NULL)
        cxs_free_strings(w->patient, w->n);
}

static cxs_rc list_patients(cxs_ctx *ctx, cxs_study *study, work *w)
{
    cxs_stmt *stmt = NULL;
    bool row = false;
    cxs_rc rc = CXS_OK;

    CXS_TRY(
        cxs_db_prepare(ctx, study->db, "SELECT id FROM patient ORDER BY id", &stmt));
    for (;;) {
        CXS_TRY(cxs_stmt_step(ctx, stmt, &row));
        if (!row)
            break;
        CXS_TRY(cxs_grow(ctx, (void **)&w->patient, &w->patients, w->n + 1,
                         sizeof *w->patient));
        w->patient[w->n] = cxs_strdup(ctx, cxs_column_text(stmt, 0));
        if (w->patient[w->n] == NULL)
            CXS_TRY(CXS_ENOMEM);
        w->n++;
    }
done:
    cxs_stmt_free(stmt);
    return rc;
}

/* ---- candidates ------------------------------------------------------------------- */

static cxs_rc add_candidate(cxs_ctx *ctx, cxs_stmt *stmt, double landmark, work *w)
{
    const char *owner = cxs_column_text(stmt, 1), *source = cxs_column_text(stmt, 4);
    char *const *hit =
        bsearch(&owner, w->patient, w->n, sizeof *w->patient, cxs_text_compare);
    candidate *one;
    cxs_rc rc = CXS_OK;

    if (hit == NULL || strncmp(source, "NORMAL_", 7) == 0)
        return CXS_OK;
    CXS_TRY(
        cxs_grow(ctx, (void **)&w->all, &w->capacity, w->count + 1, sizeof *w->all));
    one = &w->all[w->count];
    *one = (candidate){.at = cxs_column_int(stmt, 0),
                       .patient = (size_t)(hit - w->patient),
                       .receptors = strcmp(cxs_column_text(stmt, 3), "AIRR") == 0,
                       .product = strcmp(source, "TCELL_PRODUCT") == 0,
                       .when = {.day = cxs_column_real(stmt, 5),
                                .dose = cxs_column_real(stmt, 6),
                                .entry = cxs_column_real(stmt, 7),
                                .landmark = landmark}};
    w->count++;
    one->sample = cxs_strdup(ctx, cxs_column_text(stmt, 2));
    one->when.source = one->source = cxs_strdup(ctx, source);
    rc = one->sample != NULL && one->source != NULL ? CXS_OK : CXS_ENOMEM;
done:
    return rc;
}

static cxs_rc list_candidates(cxs_ctx *ctx, cxs_study *study, work *w)
{
    const char *text = cxs_study_setting(study, "landmark_days");
    const double landmark = *text != '\0' ? strtod(text, NULL) : (double)NAN;
    cxs_measure_row *rows = NULL;
    cxs_stmt *stmt = NULL;
    size_t count = 0;
    bool row = false;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_study_measure_rows(ctx, study, &rows, &count));
    if (count == 0)
        goto done; /* also a study of an older version, which has no such table */
    CXS_TRY(cxs_db_prepare(
        ctx, study->db,
        "SELECT m.at, s.patient, m.sample, m.assay, source.value, s.collect_day,"
        " dose.value, e.entry_days FROM measure m JOIN sample s ON s.id = m.sample"
        " LEFT JOIN sample_value source ON source.sample = s.id AND source.name ="
        " 'SOURCE'"
        " LEFT JOIN patient_value dose ON dose.patient = s.patient AND dose.name ="
        " 'FIRST_DOSE_DAY'"
        " LEFT JOIN endpoint e ON e.patient = s.patient AND e.name ="
        " (SELECT value FROM setting WHERE key = 'endpoint')"
        " WHERE m.assay IN ('AIRR', 'METH_BETA', 'METH_M') AND " CXS_NOT_EXCLUDED(
            "m.sample") " ORDER BY m.at",
        &stmt));
    for (;;) {
        CXS_TRY(cxs_stmt_step(ctx, stmt, &row));
        if (!row)
            break;
        CXS_TRY(add_candidate(ctx, stmt, landmark, w));
    }
done:
    cxs_stmt_free(stmt);
    cxs_measure_rows_free(rows, count);
    return rc;
}

/* ---- choice ----------------------------------------------------------------------- */

static bool is_csf(const candidate *one)
{
    return strncmp(one->source, "CSF_", 4) == 0;
}

/* Is b better than a (NULL: nothing yet)?  A sample before the dose goes before one
 * after it, then fluid of the brain before other material, then the rule of all files. */
static bool is_better(const candidate *a, const candidate *b)
{
    if (a != NULL && cxs_when_of(&a->when) == cxs_when_of(&b->when) &&
        is_csf(a) != is_csf(b))
        return is_csf(b);
    return cxs_is_better(a != NULL ? &a->when : NULL, a != NULL ? a->sample : NULL,
                         &b->when, b->sample);
}

/* The methylation model was made for tumour tissue, the product is of T cells. */
static bool is_of_use(const candidate *one)
{
    return one->receptors || (!one->product && (*one->source == '\0' ||
                                                strcmp(one->source, "TUMOR") == 0));
}

/* Best of each use, and the first that came too late for it. */
typedef struct offers {
    const candidate **best, **first; /* [USES * n] */
} offers;

static void offer(const candidate *one, const offers *o, work *w)
{
    const use u = one->product ? PRODUCT : one->receptors ? RECEPTORS : METHYLATION;
    const candidate **held = &o->best[u * w->n + one->patient];
    const candidate **first = &o->first[u * w->n + one->patient];
    const candidate **early = &o->best[EARLY * w->n + one->patient];

    if (!is_of_use(one))
        return;
    cxs_tally_seen(&w->tally, &one->when);
    if (is_better(*held, one))
        *held = one;
    if (cxs_is_immortal(&one->when) &&
        (*first == NULL || one->when.day < (*first)->when.day))
        *first = one;
    if (u == RECEPTORS && cxs_is_early(&one->when) &&
        (*early == NULL || (is_csf(one) && !is_csf(*early)) ||
         (is_csf(one) == is_csf(*early) && one->when.day < (*early)->when.day)))
        *early = one;
}

/* CX014 where a use of a patient has later samples alone. */
static cxs_rc tell_choice(cxs_ctx *ctx, cxs_study *study, const offers *o, work *w)
{
    cxs_buf where = {0};
    cxs_rc rc = CXS_OK;

    for (size_t k = 0; k < USES * w->n; k++)
        if (o->best[k] != NULL && k / w->n != EARLY)
            CXS_TRY(cxs_tally_chosen(ctx, &w->tally, &o->best[k]->when));
        else if (o->best[k] == NULL && o->first[k] != NULL)
            cxs_tally_immortal(&w->tally, &o->first[k]->when);
    CXS_TRY(cxs_buf_addf(ctx, &where, "%s: receptors and methylation", study->path));
    rc = cxs_tally_tell(ctx, &w->tally, where.text);
done:
    cxs_free(where.text);
    return rc;
}

static cxs_rc load(cxs_ctx *ctx, cxs_study *study, const candidate *one,
                   cxs_patient_file *file)
{
    *file = (cxs_patient_file){.at = one != NULL ? one->at : 0,
                               .sample = one != NULL ? one->sample : "",
                               .source = one != NULL ? one->source : "",
                               .library = "",
                               .build = "",
                               .callable_mb = (double)NAN};
    return one != NULL ? cxs_study_measures_at(ctx, study, one->at, &file->bag)
                       : CXS_OK;
}

static cxs_rc choose(cxs_ctx *ctx, cxs_study *study, work *w)
{
    const candidate **best = NULL;
    offers o = {0};
    cxs_rc rc = CXS_OK;

    CXS_NEW(o.best, USES * w->n);
    CXS_NEW(o.first, USES * w->n);
    best = o.best;
    for (size_t k = 0; k < w->count; k++)
        offer(&w->all[k], &o, w);
    CXS_TRY(tell_choice(ctx, study, &o, w));
    /* a change is from before the dose, of one kind */
    for (size_t i = 0; i < w->n; i++) {
        const candidate *base = best[RECEPTORS * w->n + i];
        const candidate **early = &best[EARLY * w->n + i];
        if (base == NULL || cxs_when_of(&base->when) != CXS_WHEN_BASELINE ||
            (*early != NULL && strcmp((*early)->source, base->source) != 0))
            *early = NULL;
    }
    for (size_t u = 0; u < USES; u++) {
        CXS_NEW(w->file[u], w->n);
        for (size_t i = 0; i < w->n; i++)
            CXS_TRY(load(ctx, study, best[u * w->n + i], &w->file[u][i]));
    }
done:
    cxs_free(o.best);
    cxs_free(o.first);
    return rc;
}

/* ---- features --------------------------------------------------------------------- */

static bool has_any(const cxs_patient_file *file, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (file[i].bag != NULL)
            return true;
    return false;
}

/* The columns of one list behind those of another. */
static cxs_rc move_columns(cxs_ctx *ctx, cxs_feature_columns *from,
                           cxs_feature_columns *to)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_grow(ctx, (void **)&to->column, &to->capacity, to->count + from->count,
                     sizeof *to->column));
    for (size_t c = 0; c < from->count; c++)
        to->column[to->count++] = from->column[c];
    from->count = 0;
done:
    return rc;
}

/* Blood, tissue and fluid hold different repertoires. */
static cxs_rc warn_mixed(cxs_ctx *ctx, const work *w)
{
    const char *first = NULL, *other = NULL;

    for (size_t i = 0; i < w->n; i++) {
        const char *source = w->file[RECEPTORS][i].source;
        if (w->file[RECEPTORS][i].bag == NULL)
            continue;
        if (first == NULL || strcmp(source, first) < 0)
            first = source;
        if (other == NULL || strcmp(source, other) > 0)
            other = source;
    }
    if (first == NULL || strcmp(first, other) == 0)
        return CXS_OK;
    return cxs_warn(ctx, "", "receptors: repertoires are of several materials (%s, %s)",
                    first, other);
}

/* depth 0: chosen from the files. */
static cxs_rc add_receptors(cxs_ctx *ctx, const work *w, size_t depth,
                            cxs_quality_rows *quality, cxs_feature_columns *columns)
{
    cxs_feature_columns before = {.n = w->n}, after = {.n = w->n};
    cxs_receptor_settings settings = {
        .depth = depth, .used = &depth, .quality = quality};
    cxs_rc rc = CXS_OK;

    CXS_TRY(warn_mixed(ctx, w));
    CXS_TRY(cxs_receptor_features_at(ctx, w->file[RECEPTORS], w->file[PRODUCT],
                                     &settings, &before));
    if (has_any(w->file[EARLY], w->n) && depth > 0) {
        settings = (cxs_receptor_settings){.depth = depth, .quality = quality};
        CXS_TRY(cxs_receptor_features_at(ctx, w->file[EARLY], w->file[PRODUCT],
                                         &settings, &after));
        CXS_TRY(cxs_early_change(ctx, &before, &after, 1.0 / (double)depth, columns));
        CXS_TRY(cxs_receptor_expansion(ctx, w->file[RECEPTORS], w->file[EARLY],
                                       w->file[PRODUCT], depth, columns));
    }
    rc = move_columns(ctx, &before, columns);
done:
    cxs_feature_columns_clear(&before);
    cxs_feature_columns_clear(&after);
    return rc;
}

/* A column without any value goes, unless its note says why. */
static void drop_columns(cxs_feature_columns *columns)
{
    size_t kept = 0;

    for (size_t c = 0; c < columns->count; c++) {
        cxs_feature_column *column = &columns->column[c];
        bool any = *column->note != '\0';
        for (size_t i = 0; i < columns->n; i++)
            any = any || !isnan(column->value[i]);
        if (any) {
            columns->column[kept++] = *column;
            continue;
        }
        cxs_free(column->name);
        cxs_free(column->unit);
        cxs_free(column->note);
        cxs_free(column->value);
    }
    columns->count = kept;
}

/* Patients without any value go. */
static void drop_patients(char **patient, cxs_feature_columns *columns)
{
    size_t kept = 0;

    for (size_t i = 0; i < columns->n; i++) {
        bool any = false;
        for (size_t c = 0; c < columns->count; c++) {
            any = any || !isnan(columns->column[c].value[i]);
            columns->column[c].value[kept] = columns->column[c].value[i];
        }
        if (any)
            patient[kept++] = patient[i];
        else
            cxs_free(patient[i]);
    }
    columns->n = kept;
}

/* The patients that are left become the caller's. */
static void hand_out(work *w, char ***patient, cxs_feature_columns *columns)
{
    drop_columns(columns);
    drop_patients(w->patient, columns);
    if (columns->n > 0)
        *patient = w->patient;
    else
        cxs_free(w->patient);
    w->patient = NULL;
}

/* The files that were chosen; whether MGMT could be called of them. */
static cxs_rc judge_files(cxs_ctx *ctx, cxs_study *study, const work *w,
                          const cxs_feature_columns *columns, cxs_quality_rows *quality)
{
    static const char *const serves[] = {[METHYLATION] = "meth",
                                         [RECEPTORS] = "tcr",
                                         [PRODUCT] = "tcr",
                                         [EARLY] = "tcr"};
    const size_t at = cxs_feature_columns_find(columns, "meth.mgmt.p");
    cxs_rc rc = CXS_OK;

    for (size_t u = 0; u < USES; u++)
        for (size_t i = 0; i < w->n; i++) {
            const cxs_patient_file *file = &w->file[u][i];
            const bool called = at != SIZE_MAX && !isnan(columns->column[at].value[i]);
            if (file->bag == NULL)
                continue;
            CXS_TRY(cxs_source_add(ctx, study, quality, w->patient[i], serves[u],
                                   file->at));
            if (u == METHYLATION)
                CXS_TRY(cxs_quality_add(
                    ctx, quality, file->sample,
                    &(cxs_quality_row){.measure = "meth_mgmt_called",
                                       .unit = "samples",
                                       .value = called ? 1.0 : 0.0,
                                       .state = called ? CXS_QC_OK : CXS_QC_FAIL,
                                       .reason = called ? NULL : "probe_missing"}));
        }
done:
    return rc;
}

cxs_rc cxs_clinic_features(cxs_ctx *ctx, cxs_study *study, const char *refdata,
                           char ***patient, cxs_feature_columns *columns)
{
    return cxs_clinic_features_at(ctx, study, refdata, patient, NULL, columns);
}

cxs_rc cxs_clinic_features_at(cxs_ctx *ctx, cxs_study *study, const char *refdata,
                              char ***patient, cxs_quality_rows *quality,
                              cxs_feature_columns *columns)
{
    const char *depth = cxs_study_setting(study, "tcr_depth");
    work w = {.n = 0};
    cxs_rc rc = CXS_OK;

    *patient = NULL;
    *columns = (cxs_feature_columns){.n = 0};
    if (refdata == NULL)
        return CXS_OK;
    CXS_TRY(list_patients(ctx, study, &w));
    CXS_TRY(list_candidates(ctx, study, &w));
    CXS_TRY(choose(ctx, study, &w));
    columns->n = w.n;
    CXS_TRY(cxs_gpa_features(ctx, study, refdata, w.patient, columns));
    CXS_TRY(cxs_fluid_features(ctx, study, (const char *const *)w.patient, columns));
    if (has_any(w.file[METHYLATION], w.n))
        CXS_TRY(cxs_methylation_features(ctx, w.file[METHYLATION], refdata, columns));
    if (has_any(w.file[RECEPTORS], w.n))
        CXS_TRY(add_receptors(ctx, &w, (size_t)strtoull(depth, NULL, 10), quality,
                              columns));
    CXS_TRY(judge_files(ctx, study, &w, columns, quality));
    hand_out(&w, patient, columns);
done:
    if (rc != CXS_OK) {
        cxs_feature_columns_clear(columns);
        columns->n = 0;
    }
    clear(&w);
    return rc;
}
