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
 *                                 also beside an assays sheet of DNA; without `file`
 *                                 where the sheet names the matrix
 *   sequencing:                   for the files of the assays sheet that are reads or
 *                                 variants
 *     reference: genome.fa        local FASTA with .fai
 *     annotation: genes.gtf       GTF; RNA reads become counts of its genes
 *     stranded: 2                 0 no, 1 first read on the gene's strand, 2 second
 *     snps: snps.tsv              common SNPs: who is who
 *     blacklist, classes, windows: BED files
 *     panel_of_normals: pon.tsv  log2 of normal samples in bins; ingest --make-pon
 *     signatures: sbs.tsv        profiles of mutational signatures (COSMIC, PCAWG)
 *     mappability: map.wig       of bins: WIG, or a table
 *     gc: gc.wig                 the same; used where a file was read without reference
 *     gene_groups: groups.gmt    start sites of these genes; default sets of signatures
 *     depth_bin: 50000, fragment_bin: 100000
 *     umi: no                     depths are of consensus reads; a row of the assays
 *                                 sheet says it for its file (UMI)
 *     tcr_depth: 10000            counts that repertoires (AIRR) are down-sampled to;
 *                                 default by the files
 *     bad_files: stop             drop: go on without files that cannot be read
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
#include "ingest/identity.h"
#include "ingest/study_draft.h"
#include "ingest/study_measure.h"

#include "coxswain/ingest.h"

#include <stdio.h>
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

cxs_rc cxs_draft_input(cxs_ctx *ctx, cxs_draft *draft, const char *path)
{
    char *copy = NULL;
    cxs_rc rc = CXS_OK;

    if (path == NULL)
        return CXS_OK;
    CXS_TRY(cxs_grow(ctx, (void **)&draft->input, &draft->input_capacity,
                     draft->inputs + 1, sizeof *draft->input));
    if ((copy = cxs_strdup(ctx, path)) == NULL)
        CXS_TRY(CXS_ENOMEM);
    draft->input[draft->inputs++] = copy;
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
    cxs_free_strings(draft->input, draft->inputs);
    cxs_free(draft->tx2gene);
    cxs_free_strings(draft->excluded, draft->excluded_count);
    cxs_free(draft->excluded_why);
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

static cxs_rc record_counts(cxs_ctx *ctx, const cxs_draft *draft, size_t followed,
                            size_t events, size_t baseline, cxs_record *record)
{
    const struct {
        const char *key;
        size_t count;
    } result[] = {{"patients", cxs_draft_patients(draft)},
                  {"followed", followed},
                  {"events", events},
                  {"samples", draft->samples},
                  {"samples_excluded", draft->excluded_count},
                  {"baseline_samples", baseline},
                  {"features", draft->matrix != NULL ? draft->matrix->p : 0}};
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; rc == CXS_OK && i < sizeof result / sizeof *result; i++)
        rc =
            cxs_record_result_real(ctx, record, result[i].key, (double)result[i].count);
    return rc;
}

static cxs_rc tell(cxs_ctx *ctx, const cxs_draft *draft, const char *out_path,
                   cxs_record *record)
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
    return record != NULL
               ? record_counts(ctx, draft, followed, events, baseline, record)
               : CXS_OK;
}

/* ---- sequencing files ------------------------------------------------------------- */

/* Paths that stand in warnings. */
static cxs_rc remember_paths(cxs_ctx *ctx, cxs_draft *draft, const cxs_assays *assays)
{
    const cxs_sequencing *s = &assays->study;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_draft_input(ctx, draft, s->reference));
    CXS_TRY(cxs_draft_input(ctx, draft, s->annotation));
    CXS_TRY(cxs_draft_input(ctx, draft, s->snps));
    CXS_TRY(cxs_draft_input(ctx, draft, s->blacklist));
    CXS_TRY(cxs_draft_input(ctx, draft, s->classes));
    CXS_TRY(cxs_draft_input(ctx, draft, s->windows));
    for (size_t i = 0; i < assays->count; i++) {
        CXS_TRY(cxs_draft_input(ctx, draft, assays->at[i].path));
        CXS_TRY(cxs_draft_input(ctx, draft, assays->at[i].targets));
    }
done:
    return rc;
}

/* What is read of the files that are wanted; of parts, they alone. */
static cxs_rc record_files(cxs_ctx *ctx, const cxs_assays *assays, const bool *wanted,
                           const cxs_ingest_settings *settings)
{
    const cxs_sequencing *s = &assays->study;
    const char *const shared[] = {s->reference, s->annotation, s->snps,
                                  s->blacklist, s->classes,    s->windows};
    cxs_record *record = settings->record;
    cxs_rc rc = CXS_OK;

    for (size_t p = 0; p < settings->parts; p++)
        CXS_TRY(cxs_record_input(ctx, record, settings->part[p]));
    if (settings->parts > 0)
        goto done;
    for (size_t k = 0; k < sizeof shared / sizeof *shared; k++)
        if (shared[k] != NULL)
            CXS_TRY(cxs_record_input_large(ctx, record, shared[k]));
    for (size_t i = 0; i < assays->count; i++) {
        const cxs_assay *a = &assays->at[i];
        if (!wanted[i])
            continue;
        CXS_TRY(cxs_record_input_large(ctx, record, a->path));
        if (a->targets != NULL)
            CXS_TRY(cxs_record_input_large(ctx, record, a->targets));
    }
done:
    return rc;
}

static cxs_rc open_sources(cxs_ctx *ctx, const cxs_ingest_settings *settings,
                           const char *out_path, const cxs_assays *assays,
                           cxs_measure_source *source)
{
    cxs_rc rc = CXS_OK;

    for (size_t p = 0; p < settings->parts; p++)
        CXS_TRY(
            cxs_measure_source_part(ctx, settings->part[p], assays->plan, &source[p]));
    if (settings->parts == 0 && !settings->anew)
        rc = cxs_measure_source_old(ctx, out_path, &source[0]);
done:
    return rc;
}

static cxs_rc measure(cxs_ctx *ctx, cxs_draft *draft, cxs_assays *assays,
                      const cxs_ingest_settings *settings, const char *out_path,
                      cxs_db *db)
{
    const cxs_assay_choice choice = {.sample = settings->sample,
                                     .samples = settings->samples,
                                     .shard = settings->shard,
                                     .shards = settings->shards};
    const size_t sources = settings->parts > 0 ? settings->parts : 1;
    cxs_measure_source *source = NULL;
    bool *wanted = NULL;
    cxs_measure_work work = {.draft = draft, .assays = assays, .db = db};
    cxs_rc rc = CXS_OK;

    if (assays->count == 0)
        return CXS_OK;
    CXS_NEW(source, sources);
    CXS_NEW(wanted, assays->count);
    CXS_TRY(remember_paths(ctx, draft, assays));
    CXS_TRY(cxs_assays_choose(ctx, assays, &choice, wanted));
    CXS_TRY(open_sources(ctx, settings, out_path, assays, source));
    work.wanted = wanted;
    work.source = source;
    work.sources = sources;
    work.parts = settings->parts > 0;
    CXS_TRY(cxs_measure_all(ctx, &work));
    if (settings->record != NULL)
        rc = record_files(ctx, assays, wanted, settings);
done:
    for (size_t s = 0; source != NULL && s < sources; s++)
        cxs_measure_source_close(&source[s]);
    cxs_free(source);
    cxs_free(wanted);
    return rc;
}

/* ---- the whole -------------------------------------------------------------------- */

/* Everything that small files can tell. */
static cxs_rc read_draft(cxs_ctx *ctx, const char *study_path, cxs_draft *draft)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_plan_read(ctx, study_path, &draft->plan));
    CXS_TRY(cxs_schema_read(ctx, draft->refdata, &draft->schema));
    CXS_TRY(read_sheets(ctx, draft));
    CXS_TRY(check_names(ctx, draft));
    CXS_TRY(cxs_draft_check_ids(ctx, draft));
    CXS_TRY(cxs_draft_adtte(ctx, draft));
    CXS_TRY(cxs_draft_check_columns(ctx, draft));
    CXS_TRY(cxs_draft_outcomes(ctx, draft));
    CXS_TRY(cxs_draft_check(ctx, draft));
done:
    return rc;
}

/* A study without a matrix whose RNA files gave none: said, because nothing fails. */
static cxs_rc warn_uncounted(cxs_ctx *ctx, const cxs_draft *draft,
                             const cxs_assays *assays)
{
    size_t uncounted = 0;

    for (size_t i = 0; i < assays->count; i++)
        uncounted +=
            cxs_assay_is_rna(&assays->at[i]) && !cxs_assay_counts_genes(&assays->at[i]);
    if (uncounted == 0 || draft->matrix != NULL)
        return CXS_OK;
    return cxs_warn(ctx, "",
                    "%zu RNA files are not counted: sequencing: annotation is not "
                    "given in study.yaml",
                    uncounted);
}

static cxs_rc write_study(cxs_ctx *ctx, cxs_draft *draft, cxs_assays *assays,
                          const cxs_ingest_settings *settings, const char *out_path)
{
    cxs_db *db = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_draft_matrix(ctx, draft));
    CXS_TRY(cxs_db_create(ctx, out_path, CXS_DB_STUDY, CXS_STUDY_VERSION,
                          CXS_STUDY_SCHEMA, &db));
    CXS_TRY(cxs_draft_signatures(ctx, draft, db)); /* before hours of reading */
    CXS_TRY(measure(ctx, draft, assays, settings, out_path, db));
    CXS_TRY(cxs_assays_keep_values(ctx, assays, db));
    CXS_TRY(cxs_draft_counts(ctx, draft, db));
    CXS_TRY(warn_uncounted(ctx, draft, assays));
    CXS_TRY(cxs_draft_identity(ctx, draft, db));
    CXS_TRY(cxs_draft_samples(ctx, draft));
    CXS_TRY(cxs_draft_bins(ctx, draft, db));
    CXS_TRY(cxs_draft_groups(ctx, draft, db));
    CXS_TRY(cxs_draft_write(ctx, draft, db));
    rc = cxs_db_commit(ctx, db);
    db = NULL;
    if (rc == CXS_OK)
        rc = tell(ctx, draft, out_path, settings->record);
done:
    cxs_db_close(db);
    return rc;
}

static cxs_rc put_meta(cxs_ctx *ctx, cxs_db *db, const char *key, const char *value)
{
    cxs_stmt *stmt = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_db_prepare(ctx, db, "INSERT INTO meta VALUES(?1, ?2)", &stmt));
    cxs_bind_text(stmt, 1, key);
    cxs_bind_text(stmt, 2, value);
    rc = cxs_stmt_run(ctx, stmt);
done:
    cxs_stmt_free(stmt);
    return rc;
}

static cxs_rc write_part(cxs_ctx *ctx, cxs_draft *draft, cxs_assays *assays,
                         const cxs_ingest_settings *settings, const char *out_path)
{
    char part[64] = "", count[32];
    cxs_measure_row *rows = NULL;
    size_t n = 0;
    cxs_db *db = NULL;
    cxs_rc rc = CXS_OK;

    if (settings->shards > 0)
        snprintf(part, sizeof part, "%zu/%zu", settings->shard, settings->shards);
    CXS_TRY(cxs_db_create(ctx, out_path, CXS_DB_PART, CXS_PART_VERSION, CXS_PART_SCHEMA,
                          &db));
    CXS_TRY(put_meta(ctx, db, "program", cxs_version()));
    CXS_TRY(put_meta(ctx, db, "plan", assays->plan));
    CXS_TRY(put_meta(ctx, db, "part", part));
    CXS_TRY(measure(ctx, draft, assays, settings, out_path, db));
    CXS_TRY(cxs_measure_rows_read(ctx, db, &rows, &n));
    snprintf(count, sizeof count, "%zu", n);
    CXS_TRY(put_meta(ctx, db, "rows", count));
    rc = cxs_db_commit(ctx, db);
    db = NULL;
    if (rc == CXS_OK)
        cxs_note(ctx, "%s: measures of %zu of %zu files", out_path, n, assays->count);
done:
    cxs_measure_rows_free(rows, n);
    cxs_db_close(db);
    return rc;
}

static cxs_rc check_settings(cxs_ctx *ctx, const cxs_ingest_settings *s)
{
    if (s->shards > 0 && (s->shard < 1 || s->shard > s->shards))
        return cxs_fail(ctx, CXS_EARG, "shard %zu of %zu does not exist", s->shard,
                        s->shards);
    if (s->shards > 0 && s->samples > 0)
        return cxs_fail(ctx, CXS_EARG, "choose samples or a shard, not both");
    if (s->parts > 0 && (s->shards > 0 || s->samples > 0))
        return cxs_fail(ctx, CXS_EARG, "parts are joined into the whole study");
    return CXS_OK;
}

cxs_rc cxs_ingest_study(cxs_ctx *ctx, const char *study_path,
                        const cxs_ingest_settings *settings, const char *out_path)
{
    cxs_draft draft = {.refdata = cxs_refdata_folder(settings->refdata),
                       .first_warning = cxs_ctx_warning_count(ctx)};
    const bool whole = settings->samples == 0 && settings->shards == 0;
    cxs_assays *assays = NULL;
    cxs_rc rc = CXS_OK;

    if (draft.refdata == NULL)
        return cxs_fail(ctx, CXS_ENOINPUT,
                        "no folder of reference tables: give --refdata or "
                        "COXSWAIN_REFDATA");
    CXS_TRY(check_settings(ctx, settings));
    CXS_TRY(read_draft(ctx, study_path, &draft));
    CXS_TRY(cxs_assays_make(ctx, &draft, &assays));
    if (!whole && assays->count == 0)
        CXS_TRY(cxs_fail(ctx, CXS_EARG, "%s: the study has no sequencing files",
                         draft.plan->path));
    CXS_TRY(whole ? write_study(ctx, &draft, assays, settings, out_path)
                  : write_part(ctx, &draft, assays, settings, out_path));
    for (size_t i = 0; settings->record != NULL && i < draft.sources; i++)
        CXS_TRY(cxs_record_input(ctx, settings->record, draft.source[i]));
done:
    cxs_assays_free(assays);
    clear_draft(&draft);
    return rc;
}

cxs_rc cxs_ingest(cxs_ctx *ctx, const char *study_path, const char *refdata,
                  const char *out_path)
{
    const cxs_ingest_settings settings = {.refdata = refdata};

    return cxs_ingest_study(ctx, study_path, &settings, out_path);
}
