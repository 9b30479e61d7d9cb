/*
 * study.c -- a study folder into a study file: `coxswain ingest`
 *
 * study.yaml (paths are relative to it; only `tables`, `endpoint` and the columns of
 * patient id, time and event are required):
 *
 *   title: Glioma T cells
 *   time_origin: enrolment        enrolment, diagnosis, treatment, surgery, other
 *   tables: {patients: patients.tsv, samples: samples.tsv, assays: assays.tsv,
 *            visits: visits.tsv, doses: doses.tsv, ae: ae.tsv, adtte: adtte.tsv}
 *   columns:                      schema name: column of the file, for patients ...
 *     AGE: age_years
 *     samples: {SAMPLE_ID: sample}      ... and for the other sheets
 *   constants: {CENTER_ID: PUDONG}      a column that the file lacks; nested as above
 *   values:                       cells to translate, by column
 *     WHO_GRADE: {G2: 2, G3: 3, G4: 4}
 *   na: [-, unknown]              further missing-value tokens
 *   endpoint:
 *     name: OS                    label; OS and PFS are derived from dates where given
 *     time: OS_DAYS               schema name or column of the file
 *     event: OS_STATUS            0/1, "0:..", "1:..", or COLUMN=VALUE
 *     entry: ENTRY_DAYS           delayed entry, default ENTRY_DAYS where given
 *     time_unit: days             days, months, years; needed when no name tells it
 *     paramcd: OS                 instead of time and event: this endpoint of adtte
 *     definition: PFS             OS, PFS or other, when the columns do not tell
 *     horizon_days: 730.5         later events are censored there
 *     landmark_days: 42           the clock starts there; earlier exits are left out
 *   centre: CENTER_ID             counted; default CENTER_ID where given
 *   strata: [COHORT]              default COHORT where given; [] for none
 *   covariates: [AGE, KPS]        unpenalised
 *   factors: [WHO_GRADE]          covariates that are categorical
 *   reference: {SEX: F}           reference levels
 *   expression: {file: counts.tsv.zst, kind: counts, rows: features, normalise: tmm,
 *                layer: rna, rank_normal: no, format: gct, stranded: 2,
 *                tx2gene: tx2gene.tsv, transcript_counts: length-scaled, scale: log2p1,
 *                genes: map, dup_genes: stop}
 *                                 one matrix whose columns are sample or patient ids;
 *                                 with an assays sheet without `file`
 *   source: TUMOR                 material of the baseline samples (SOURCE), default
 * any normalise: tmm                tmm, mor, tpm, none (with an assays sheet)
 *   accept_units: no              yes: the units are right although they look odd
 *   status_coding_12: no          yes: 1 = censored, 2 = event
 *   repair_gene_dates: no         yes: turn unambiguous spreadsheet dates into genes
 *   bad_rows: stop                drop: leave out patients with entry >= exit
 *
 * Sheets are read first, then ids, endpoints and order of events are checked, then the
 * matrix is read: a fault in a small file is told before hours of reading.
 */
#include "ingest/study_draft.h"

#include "coxswain/ingest.h"

#include <string.h>

cxs_rc cxs_draft_source(cxs_ctx *ctx, cxs_draft *draft, const char *path)
{
    char *copy = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_grow(ctx, (void **)&draft->source, &draft->source_capacity,
                     draft->sources + 1, sizeof *draft->source));
    if ((copy = cxs_strdup(ctx, path)) == NULL)
        CXS_TRY(CXS_ENOMEM);
    draft->source[draft->sources++] = copy;
done:
    return rc;
}

static void clear_draft(cxs_draft *draft)
{
    for (size_t o = 0; o < draft->outcomes; o++) {
        cxs_free(draft->outcome[o].time);
        cxs_free(draft->outcome[o].event);
        cxs_free(draft->outcome[o].entry);
    }
    for (size_t s = 0; s < CXS_SHEETS; s++)
        cxs_sheet_free(draft->sheet[s]);
    cxs_free_strings(draft->source, draft->sources);
    cxs_free(draft->tx2gene);
    for (size_t i = 0; i < CXS_SPARE_COLUMNS; i++)
        cxs_free(draft->adtte_name[i]);
    cxs_index_clear(&draft->patient);
    cxs_free(draft->sample);
    cxs_matrix_free(draft->matrix);
    cxs_schema_free(draft->schema);
    cxs_plan_free(draft->plan);
}

static cxs_rc read_sheets(cxs_ctx *ctx, cxs_draft *draft)
{
    const cxs_sheet *patients;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_draft_source(ctx, draft, draft->plan->path));
    for (size_t s = 0; s < CXS_SHEETS; s++) {
        const cxs_sheet_id id = (cxs_sheet_id)s;
        if (cxs_plan_text(draft->plan, "tables", cxs_sheet_name(id)) == NULL)
            continue;
        CXS_TRY(cxs_sheet_read(ctx, draft->plan, draft->schema, id, &draft->sheet[s]));
        CXS_TRY(cxs_draft_source(ctx, draft, draft->sheet[s]->table->path));
    }
    patients = draft->sheet[CXS_SHEET_PATIENTS];
    draft->patient_id = cxs_sheet_find(patients, "PATIENT_ID");
    if (patients->rows == 0)
        CXS_TRY(cxs_fail(ctx, CXS_EFORMAT, "%s: no patients", patients->table->path));
    CXS_TRY(
        cxs_index_make(ctx, draft->patient_id->text, patients->rows, &draft->patient));
done:
    return rc;
}

/* Strata, covariates, factors and centre must be columns of the patients sheet; factors
 * and references must be covariates: a name that does nothing is a misspelling. */
static cxs_rc check_name(cxs_ctx *ctx, const cxs_draft *draft, const char *key,
                         const char *name, bool covariate)
{
    const cxs_sheet *patients = draft->sheet[CXS_SHEET_PATIENTS];
    const cxs_column *column = cxs_sheet_find(patients, name);
    const char *item;

    if (column == NULL)
        return cxs_fail_code(ctx, CXS_EFORMAT, "CX020",
                             "%s:1: column \"%s\" is missing (%s:%zu: %s)",
                             patients->table->path, name, draft->plan->path,
                             cxs_plan_line(draft->plan, NULL, key), key);
    for (size_t i = 0;
         covariate && (item = cxs_plan_item(draft->plan, "covariates", i)) != NULL; i++)
        covariate = cxs_sheet_find(patients, item) != column;
    return covariate ? cxs_fail(ctx, CXS_EARG, "%s:%zu: %s: '%s' is not a covariate",
                                draft->plan->path,
                                cxs_plan_line(draft->plan, NULL, key), key, name)
                     : CXS_OK;
}

static cxs_rc check_names(cxs_ctx *ctx, const cxs_draft *draft)
{
    static const struct {
        const char *key;
        bool covariate;
    } keys[] = {
        {"centre", false}, {"strata", false}, {"covariates", false}, {"factors", true}};
    const char *name, *level;
    size_t line;
    cxs_rc rc = CXS_OK;

    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
        for (size_t i = 0; (name = cxs_plan_item(draft->plan, keys[k].key, i)) != NULL;
             i++)
            CXS_TRY(check_name(ctx, draft, keys[k].key, name, keys[k].covariate));
    for (size_t at = 0; cxs_plan_entry_at(draft->plan, "reference", CXS_SHEET_PATIENTS,
                                          &at, &name, &level, &line);)
        CXS_TRY(check_name(ctx, draft, "reference", name, true));
done:
    return rc;
}

static void tell(cxs_ctx *ctx, const cxs_draft *draft, const char *out_path)
{
    const cxs_outcome *o = &draft->outcome[draft->declared];
    size_t followed = 0, events = 0, baseline = 0;

    for (size_t i = 0; i < cxs_draft_patients(draft); i++) {
        followed += o->event[i] >= 0;
        events += o->event[i] == 1;
    }
    for (size_t s = 0; s < draft->samples; s++)
        baseline += draft->sample[s].baseline;
    cxs_note(ctx,
             "%s: %zu patients, %zu with %s (%zu events), %zu with a baseline "
             "sample, %zu features",
             out_path, cxs_draft_patients(draft), followed, o->name, events, baseline,
             draft->matrix != NULL ? draft->matrix->p : 0);
}

cxs_rc cxs_ingest(cxs_ctx *ctx, const char *study_path, const char *refdata,
                  const char *out_path)
{
    cxs_draft draft = {.refdata = cxs_refdata_folder(refdata),
                       .first_warning = cxs_ctx_warning_count(ctx)};
    cxs_rc rc = CXS_OK;

    if (draft.refdata == NULL)
        return cxs_fail(ctx, CXS_ENOINPUT,
                        "no folder of reference tables: give --refdata or "
                        "COXSWAIN_REFDATA");
    CXS_TRY(cxs_plan_read(ctx, study_path, &draft.plan));
    CXS_TRY(cxs_schema_read(ctx, draft.refdata, &draft.schema));
    CXS_TRY(read_sheets(ctx, &draft));
    CXS_TRY(check_names(ctx, &draft));
    CXS_TRY(cxs_draft_check_ids(ctx, &draft));
    CXS_TRY(cxs_draft_adtte(ctx, &draft));
    CXS_TRY(cxs_draft_check_columns(ctx, &draft));
    CXS_TRY(cxs_draft_outcomes(ctx, &draft));
    CXS_TRY(cxs_draft_check(ctx, &draft));
    CXS_TRY(cxs_draft_matrix(ctx, &draft));
    CXS_TRY(cxs_draft_samples(ctx, &draft));
    CXS_TRY(cxs_draft_write(ctx, &draft, out_path));
    tell(ctx, &draft, out_path);
done:
    clear_draft(&draft);
    return rc;
}
