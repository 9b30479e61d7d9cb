/*
 * study_sample.c -- samples of a study and the baseline sample of each patient
 *
 * Baseline is the last sample with
 *     FIRST_DOSE_DAY - 28 <= COLLECT_DAY <= FIRST_DOSE_DAY
 * (first dose on day 0 where it is not given; the same day counts as before the dose).
 * Tumour tissue has no lower limit: it does not change between surgery and treatment as
 * fluid does.  A sample after the origin belongs to those who lived long enough to give
 * it (immortal time), so it stops the study (CX014) unless a landmark or a delayed
 * entry of the patient accounts for the waiting.
 */
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

typedef enum fit { FITS, TOO_EARLY, TOO_LATE, NO_USE } fit;

/* Last day on which patient i may give a baseline sample. */
static double last_day(const cxs_draft *draft, size_t i)
{
    const cxs_sheet *patients = draft->sheet[CXS_SHEET_PATIENTS];
    const cxs_outcome *o = &draft->outcome[draft->declared];
    const double dose =
        cxs_column_number(cxs_sheet_find(patients, "FIRST_DOSE_DAY"), i);
    const double landmark = cxs_plan_number(draft->plan, "endpoint", "landmark_days");
    double last = isnan(dose) ? 0.0 : dose;

    last = fmax(last, landmark); /* fmax skips NaN */
    return o->entry != NULL ? fmax(last, o->entry[i]) : last;
}

static fit judge(const cxs_draft *draft, const cxs_sample *s)
{
    const cxs_sheet *patients = draft->sheet[CXS_SHEET_PATIENTS];
    const char *source = sample_text(draft, s, "SOURCE");
    const char *wanted = cxs_plan_text(draft->plan, NULL, "source");
    const double dose =
        cxs_column_number(cxs_sheet_find(patients, "FIRST_DOSE_DAY"), s->patient);

    if (wanted != NULL && (source == NULL || strcmp(source, wanted) != 0))
        return NO_USE;
    for (size_t e = 0; e < draft->excluded_count; e++)
        if (strcmp(draft->excluded[e], s->id) == 0)
            return NO_USE;
    if (is_normal(source) || (draft->matrix != NULL && !s->assayed))
        return NO_USE;
    if (s->day > last_day(draft, s->patient))
        return TOO_LATE;
    if (is_fluid(source) && s->day < (isnan(dose) ? 0.0 : dose) - WINDOW_DAYS)
        return TOO_EARLY;
    return FITS;
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

/* CX004: who has no sample? */
static cxs_rc warn_without(cxs_ctx *ctx, const cxs_draft *draft, const choice *chosen)
{
    const cxs_index *patients = &draft->patient; /* in the order of ids */
    cxs_buf names = {0};
    size_t without = 0;
    cxs_rc rc = CXS_OK;

    for (size_t e = 0; e < patients->n; e++) {
        if (chosen[patients->entry[e].row].best != NULL)
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
        choice *c = &chosen[sample->patient];
        const fit how = judge(draft, sample);
        if (how == TOO_LATE)
            c->first_late = fmin(c->first_late, sample->day);
        else if (how == FITS && (c->best == NULL || is_later(sample, c->best)))
            c->best = sample;
    }
    CXS_TRY(check_late(ctx, draft, chosen));
    for (size_t i = 0; i < n; i++)
        if (chosen[i].best != NULL)
            chosen[i].best->baseline = true;
    CXS_TRY(warn_without(ctx, draft, chosen));
    CXS_TRY(warn_mixed(ctx, draft, chosen));
done:
    cxs_free(chosen);
    return rc;
}
