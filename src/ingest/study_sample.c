/*
 * study_sample.c -- samples of a study and the baseline sample of each patient
 *
 * Baseline is the last sample with
 *     FIRST_DOSE_DAY - 28 <= COLLECT_DAY <= FIRST_DOSE_DAY
 * (first dose on day 0 where it is not given; the same day counts as before the dose).
 * Tumour tissue has no lower limit: it does not change between surgery and treatment as
 * fluid does.  The T-cell product is no sample of the patient, unless `source` asks for
 * it.  A sample after the origin belongs to those who lived long enough to give it
 * (immortal time), so it stops the study (CX014) unless a landmark or a delayed entry of
 * the patient accounts for the waiting; then the last such sample stands for patients
 * who have none before the dose.
 */
#include "ingest/assay.h"
#include "ingest/study_draft.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { NAMED = 5 };

static const double WINDOW_DAYS = 28.0;

static int by_id(const void *a, const void *b)
{
    return strcmp(((const cxs_sample *)a)->id, ((const cxs_sample *)b)->id);
}

static const char *sample_text(const cxs_draft *draft, const cxs_sample *s,
                               const char *column)
{
    return s->row == SIZE_MAX
               ? NULL
               : cxs_column_value(
                     cxs_sheet_find(draft->sheet[CXS_SHEET_SAMPLES], column), s->row);
}

/* Samples of the sheet, and matrix columns that are patients. */
static cxs_rc list_samples(cxs_ctx *ctx, cxs_draft *draft)
{
    const cxs_sheet *sheet = draft->sheet[CXS_SHEET_SAMPLES];
    const cxs_column *id = cxs_sheet_find(sheet, "SAMPLE_ID");
    const cxs_column *owner = cxs_sheet_find(sheet, "PATIENT_ID");
    const cxs_column *day = cxs_sheet_find(sheet, "COLLECT_DAY");
    const cxs_matrix *m = draft->matrix;
    cxs_index listed = {0}, columns = {0};
    cxs_rc rc = CXS_OK;

    CXS_NEW(draft->sample, (sheet != NULL ? sheet->rows : 0) + (m != NULL ? m->n : 0));
    if (m != NULL)
        CXS_TRY(cxs_index_make(ctx, (const char *const *)m->sample, m->n, &columns));
    for (size_t r = 0; sheet != NULL && r < sheet->rows; r++)
        draft->sample[draft->samples++] =
            (cxs_sample){.id = id->text[r],
                         .patient = cxs_index_find(&draft->patient, owner->text[r]),
                         .row = r,
                         .day = cxs_column_number(day, r),
                         .assayed = cxs_index_find(&columns, id->text[r]) != SIZE_MAX};
    if (sheet != NULL)
        CXS_TRY(cxs_index_make(ctx, id->text, sheet->rows, &listed));
    for (size_t i = 0; m != NULL && i < m->n; i++)
        if (cxs_index_find(&listed, m->sample[i]) == SIZE_MAX)
            draft->sample[draft->samples++] =
                (cxs_sample){.id = m->sample[i],
                             .patient = cxs_index_find(&draft->patient, m->sample[i]),
                             .row = SIZE_MAX,
                             .day = (double)NAN,
                             .assayed = true};
    qsort(draft->sample, draft->samples, sizeof *draft->sample, by_id);
done:
    cxs_index_clear(&listed);
    cxs_index_clear(&columns);
    return rc;
}

static bool is_fluid(const char *source)
{
    return source != NULL &&
           (strncmp(source, "CSF_", 4) == 0 || strncmp(source, "PLASMA_", 7) == 0);
}

/* Changes within weeks: blood cells do too, although their day may be unknown. */
static bool is_passing(const char *source)
{
    return is_fluid(source) || (source != NULL && strcmp(source, "PBMC") == 0);
}

static bool is_normal(const char *source)
{
    return source != NULL && strncmp(source, "NORMAL_", 7) == 0;
}

/* A fluid changes within weeks: its day must be known. */
static cxs_rc check_days(cxs_ctx *ctx, const cxs_draft *draft)
{
    const cxs_sheet *sheet = draft->sheet[CXS_SHEET_SAMPLES];
    cxs_faults faults = {.code = ""};

    for (size_t s = 0; s < draft->samples; s++) {
        const cxs_sample *sample = &draft->sample[s];
        const char *source = sample_text(draft, sample, "SOURCE");
        if (is_fluid(source) && isnan(sample->day))
            cxs_fault_add(ctx, &faults,
                          "%s:%zu:COLLECT_DAY: a %s sample needs its collection day",
                          sheet->table->path, cxs_sheet_line(sheet, sample->row),
                          source);
    }
    return cxs_faults_end(ctx, &faults);
}

/* Worst first. */
typedef enum fit { NO_USE, TOO_EARLY, TOO_LATE, COVERED, FITS } fit;

static double dose_day(const cxs_draft *draft, size_t i)
{
    const double dose = cxs_column_number(
        cxs_sheet_find(draft->sheet[CXS_SHEET_PATIENTS], "FIRST_DOSE_DAY"), i);

    return isnan(dose) ? 0.0 : dose;
}

/* Until when the analysis waits for patient i, NaN: it does not. */
static double covered_day(const cxs_draft *draft, size_t i)
{
    const cxs_outcome *o = &draft->outcome[draft->declared];
    const double landmark = cxs_plan_number(draft->plan, "endpoint", "landmark_days");

    return o->entry != NULL ? fmax(landmark, o->entry[i]) : landmark; /* skips NaN */
}

static fit judge(const cxs_draft *draft, const cxs_sample *s)
{
    const char *source = sample_text(draft, s, "SOURCE");
    const char *wanted = cxs_plan_text(draft->plan, NULL, "source");
    const double dose = dose_day(draft, s->patient);

    if (wanted != NULL && (source == NULL || strcmp(source, wanted) != 0))
        return NO_USE;
    for (size_t e = 0; e < draft->excluded_count; e++)
        if (strcmp(draft->excluded[e], s->id) == 0)
            return NO_USE;
    if (is_normal(source) || (draft->matrix != NULL && !s->assayed))
        return NO_USE;
    if (wanted == NULL && source != NULL && strcmp(source, "TCELL_PRODUCT") == 0)
        return NO_USE;
    if (s->day > dose)
        return s->day <= covered_day(draft, s->patient) ? COVERED : TOO_LATE;
    return is_passing(source) && s->day < dose - WINDOW_DAYS ? TOO_EARLY : FITS;
}

/* Is a the better baseline: later, an unknown day being the earliest; then by id. */
static bool is_later(const cxs_sample *a, const cxs_sample *b)
{
    const double x = isnan(a->day) ? (double)-INFINITY : a->day;
    const double y = isnan(b->day) ? (double)-INFINITY : b->day;

    return x > y;
}

typedef struct choice {
    cxs_sample *best;  /* baseline */
    fit how;           /* of best */
    double first_late; /* earliest day after the origin, NaN: none */
} choice;

static cxs_rc check_late(cxs_ctx *ctx, const cxs_draft *draft, const choice *chosen)
{
    size_t late = 0;
    double landmark = 0.0;

    for (size_t i = 0; i < cxs_draft_patients(draft); i++)
        if (chosen[i].best == NULL && !isnan(chosen[i].first_late)) {
            late++;
            landmark = fmax(landmark, chosen[i].first_late);
        }
    if (late == 0)
        return CXS_OK;
    return cxs_fail_code(ctx, CXS_EFORMAT, "CX014",
                         "%s: %zu samples were drawn after the time origin; a patient "
                         "must survive to be sampled: set landmark = %.15g (endpoint: "
                         "landmark_days in study.yaml) or give a delayed entry",
                         draft->sheet[CXS_SHEET_SAMPLES]->table->path, late, landmark);
}

static int by_sample_id(const void *key, const void *sample)
{
    return strcmp(key, ((const cxs_sample *)sample)->id);
}

/* Patients with a sequencing file: they have features although no matrix holds them. */
static void mark_files(const cxs_draft *draft, bool *has_file)
{
    const cxs_sheet *assays = draft->sheet[CXS_SHEET_ASSAYS];
    const cxs_column *id = assays != NULL ? cxs_sheet_find(assays, "SAMPLE_ID") : NULL;
    const cxs_column *assay = assays != NULL ? cxs_sheet_find(assays, "ASSAY") : NULL;

    for (size_t r = 0; id != NULL && assay != NULL && r < assays->rows; r++) {
        const cxs_sample *sample =
            id->text[r] != NULL && cxs_assay_is_read(assay->text[r])
                ? bsearch(id->text[r], draft->sample, draft->samples,
                          sizeof *draft->sample, by_sample_id)
                : NULL;
        if (sample != NULL && cxs_draft_excluded(draft, sample->id) == NULL)
            has_file[sample->patient] = true;
    }
}

/* CX004: who has no sample? */
static cxs_rc warn_without(cxs_ctx *ctx, const cxs_draft *draft, const choice *chosen)
{
    const cxs_index *patients = &draft->patient; /* in the order of ids */
    bool *has_file = NULL;
    cxs_buf names = {0};
    size_t without = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(has_file, cxs_draft_patients(draft) + 1);
    mark_files(draft, has_file);
    for (size_t e = 0; e < patients->n; e++) {
        const size_t row = patients->entry[e].row;
        if (chosen[row].best != NULL || has_file[row])
            continue;
        if (without++ < NAMED)
            CXS_TRY(cxs_buf_addf(ctx, &names, "%s%s", without > 1 ? ", " : "",
                                 cxs_ctx_id(ctx, patients->entry[e].name)));
    }
    if (without == patients->n)
        CXS_TRY(cxs_fail(ctx, CXS_EMISMATCH, "%s: no patient has a baseline sample",
                         draft->plan->path));
    if (without > 0)
        CXS_TRY(cxs_warn(ctx, "CX004", "patients without any sample: %zu (%s)", without,
                         names.text));
done:
    cxs_free(has_file);
    cxs_free(names.text);
    return rc;
}

/* Tumour and fluid differ in every gene: one feature must not mix them unseen. */
static cxs_rc warn_mixed(cxs_ctx *ctx, const cxs_draft *draft, const choice *chosen)
{
    const char *first = NULL, *other = NULL;

    for (size_t i = 0; i < cxs_draft_patients(draft); i++) {
        const char *source = chosen[i].best != NULL
                                 ? sample_text(draft, chosen[i].best, "SOURCE")
                                 : NULL;
        if (source != NULL && (first == NULL || strcmp(source, first) < 0))
            first = source;
        if (source != NULL && (other == NULL || strcmp(source, other) > 0))
            other = source;
    }
    if (first == NULL || strcmp(first, other) == 0)
        return CXS_OK;
    return cxs_warn(ctx, "",
                    "%s: baseline samples are of several materials (%s, %s): "
                    "choose one by source: %s",
                    draft->sheet[CXS_SHEET_SAMPLES]->table->path, first, other, other);
}

/* How old is the tissue that stands for the patients, and who has only a later sample?
 */
static void tell_times(cxs_ctx *ctx, const cxs_draft *draft, const choice *chosen)
{
    double least = (double)INFINITY, most = -(double)INFINITY;
    size_t tissue = 0, covered = 0;

    for (size_t i = 0; i < cxs_draft_patients(draft); i++) {
        const cxs_sample *s = chosen[i].best;
        const char *source = s != NULL ? sample_text(draft, s, "SOURCE") : NULL;
        covered += s != NULL && chosen[i].how == COVERED;
        if (source == NULL || strcmp(source, "TUMOR") != 0 || isnan(s->day))
            continue;
        tissue++;
        least = fmin(least, dose_day(draft, i) - s->day);
        most = fmax(most, dose_day(draft, i) - s->day);
    }
    if (tissue > 0)
        cxs_note(
            ctx,
            "%s: tumour tissue of %zu patients was taken %.15g to %.15g days before "
            "the first dose",
            draft->sheet[CXS_SHEET_SAMPLES]->table->path, tissue, least, most);
    if (covered > 0)
        cxs_note(ctx,
                 "%s: for %zu patients without a sample before the first dose a later "
                 "one stands, until the landmark or their entry",
                 draft->sheet[CXS_SHEET_SAMPLES]->table->path, covered);
}

static void consider(cxs_sample *sample, fit how, choice *c)
{
    if (how == TOO_LATE)
        c->first_late = fmin(c->first_late, sample->day);
    if (how < COVERED || (c->best != NULL && how < c->how))
        return;
    if (c->best == NULL || how > c->how || is_later(sample, c->best)) {
        c->best = sample;
        c->how = how;
    }
}

cxs_rc cxs_draft_samples(cxs_ctx *ctx, cxs_draft *draft)
{
    const size_t n = cxs_draft_patients(draft);
    choice *chosen = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(list_samples(ctx, draft));
    if (draft->samples == 0)
        return CXS_OK; /* a study of clinical columns alone */
    CXS_TRY(check_days(ctx, draft));
    CXS_NEW(chosen, n);
    for (size_t i = 0; i < n; i++)
        chosen[i].first_late = (double)NAN;
    for (size_t s = 0; s < draft->samples; s++) {
        cxs_sample *sample = &draft->sample[s];
        consider(sample, judge(draft, sample), &chosen[sample->patient]);
    }
    CXS_TRY(check_late(ctx, draft, chosen));
    for (size_t i = 0; i < n; i++)
        if (chosen[i].best != NULL)
            chosen[i].best->baseline = true;
    CXS_TRY(warn_without(ctx, draft, chosen));
    CXS_TRY(warn_mixed(ctx, draft, chosen));
    tell_times(ctx, draft, chosen);
done:
    cxs_free(chosen);
    return rc;
}
