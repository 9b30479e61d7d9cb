/*
 * study_sample.c -- samples of a study and the baseline sample of each patient
 *
 * The rule is that of baseline.h, over the samples that a matrix holds (without a matrix:
 * all of the sheet).  The T-cell product is no sample of the patient, unless `source`
 * asks for it.
 */
#include "ingest/assay.h"
#include "ingest/baseline.h"
#include "ingest/study_draft.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { NAMED = 5 };

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

/* A fluid changes within weeks: its day must be known. */
static cxs_rc check_days(cxs_ctx *ctx, const cxs_draft *draft)
{
    const cxs_sheet *sheet = draft->sheet[CXS_SHEET_SAMPLES];
    cxs_faults faults = {.code = ""};

    for (size_t s = 0; s < draft->samples; s++) {
        const cxs_sample *sample = &draft->sample[s];
        const char *source = sample_text(draft, sample, "SOURCE");
        if (cxs_source_is_fluid(source) && isnan(sample->day))
            cxs_fault_add(ctx, &faults,
                          "%s:%zu:COLLECT_DAY: a %s sample needs its collection day",
                          sheet->table->path, cxs_sheet_line(sheet, sample->row),
                          source);
    }
    return cxs_faults_end(ctx, &faults);
}

/* Until when the patients are waited for is in the landmark or the entry. */
static cxs_dated dated(const cxs_draft *draft, const cxs_sample *s)
{
    const cxs_outcome *o = &draft->outcome[draft->declared];
    const cxs_sheet *patients = draft->sheet[CXS_SHEET_PATIENTS];

    return (cxs_dated){
        .day = s->day,
        .dose =
            cxs_column_number(cxs_sheet_find(patients, "FIRST_DOSE_DAY"), s->patient),
        .landmark = cxs_plan_number(draft->plan, "endpoint", "landmark_days"),
        .entry = o->entry != NULL ? o->entry[s->patient] : (double)NAN,
        .source = sample_text(draft, s, "SOURCE")};
}

static bool is_of_use(const cxs_draft *draft, const cxs_sample *s)
{
    const char *source = sample_text(draft, s, "SOURCE");
    const char *wanted = cxs_plan_text(draft->plan, NULL, "source");

    if (wanted != NULL && (source == NULL || strcmp(source, wanted) != 0))
        return false;
    for (size_t e = 0; e < draft->excluded_count; e++)
        if (strcmp(draft->excluded[e], s->id) == 0)
            return false;
    if (draft->matrix != NULL && !s->assayed)
        return false;
    return wanted != NULL || source == NULL || strcmp(source, "TCELL_PRODUCT") != 0;
}

typedef struct choice {
    cxs_sample *best;  /* that stands */
    cxs_sample *first; /* earliest after the origin that nothing accounts for */
} choice;

static void consider(const cxs_draft *draft, cxs_sample *s, choice *c,
                     cxs_baseline_tally *tally)
{
    const cxs_dated now = dated(draft, s);
    cxs_dated held = {0};

    if (c->best != NULL)
        held = dated(draft, c->best);
    cxs_tally_seen(tally, &now);
    if (cxs_is_immortal(&now) && (c->first == NULL || now.day < c->first->day))
        c->first = s;
    if (cxs_is_better(c->best != NULL ? &held : NULL,
                      c->best != NULL ? c->best->id : NULL, &now, s->id))
        c->best = s;
}

/* CX014, and what the choice has to tell. */
static cxs_rc tell_choice(cxs_ctx *ctx, const cxs_draft *draft, const choice *chosen,
                          cxs_baseline_tally *tally)
{
    const cxs_sheet *samples = draft->sheet[CXS_SHEET_SAMPLES];
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < cxs_draft_patients(draft); i++) {
        const choice *c = &chosen[i];
        cxs_dated when;
        if (c->best == NULL && c->first == NULL)
            continue;
        when = dated(draft, c->best != NULL ? c->best : c->first);
        if (c->best != NULL)
            CXS_TRY(cxs_tally_chosen(ctx, tally, &when));
        else
            cxs_tally_immortal(tally, &when);
    }
    rc = cxs_tally_tell(ctx, tally,
                        samples != NULL ? samples->table->path : draft->plan->path);
done:
    return rc;
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

cxs_rc cxs_draft_samples(cxs_ctx *ctx, cxs_draft *draft)
{
    const size_t n = cxs_draft_patients(draft);
    cxs_baseline_tally tally = {0};
    choice *chosen = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(list_samples(ctx, draft));
    if (draft->samples == 0)
        return CXS_OK; /* a study of clinical columns alone */
    CXS_TRY(check_days(ctx, draft));
    CXS_TRY(cxs_draft_check_labels(ctx, draft));
    CXS_NEW(chosen, n);
    for (size_t s = 0; s < draft->samples; s++) {
        cxs_sample *sample = &draft->sample[s];
        if (is_of_use(draft, sample))
            consider(draft, sample, &chosen[sample->patient], &tally);
    }
    CXS_TRY(tell_choice(ctx, draft, chosen, &tally));
    for (size_t i = 0; i < n; i++)
        if (chosen[i].best != NULL)
            chosen[i].best->baseline = true;
    CXS_TRY(warn_without(ctx, draft, chosen));
    rc = warn_mixed(ctx, draft, chosen);
done:
    cxs_tally_clear(&tally);
    cxs_free(chosen);
    return rc;
}
