/*
 * assay_choice.c -- which file of a patient makes which features
 *
 * Which sample stands is the rule of ingest/baseline.h; of its files the first by name.
 * A feature that a patient has only later samples for stops the work (CX014).
 */
#include "features/assay_choice.h"

#include "base/text.h"
#include "ingest/baseline.h"
#include "store/study_measures.h"
#include "store/study_schema.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One stored measure row that may be chosen. */
typedef struct candidate {
    int64_t at;
    char *patient, *sample, *source, *library, *build;
    double callable_mb, purity;
    cxs_dated when;
    cxs_slot slot;
} candidate;

struct cxs_candidates {
    candidate *at;
    size_t count, capacity;
};

/* ---- what there is ------------------------------------------------------------------ */

static cxs_slot slot_of(const char *assay, const char *source, const char *analyte)
{
    static const struct {
        const char *assay;
        cxs_slot tissue, fluid;
    } uses[] = {{"VCF", CXS_SLOT_TISSUE_CALLS, CXS_SLOT_FLUID_CALLS},
                {"MAF", CXS_SLOT_TISSUE_CALLS, CXS_SLOT_FLUID_CALLS},
                {"BAM", CXS_SLOT_TISSUE_READS, CXS_SLOT_FLUID_READS},
                {"CRAM", CXS_SLOT_TISSUE_READS, CXS_SLOT_FLUID_READS},
                {"SEG", CXS_SLOT_TISSUE_SEGMENTS, CXS_SLOT_FLUID_SEGMENTS},
                {"BIN_COUNTS", CXS_SLOT_TISSUE_BINS, CXS_SLOT_FLUID_BINS},
                {"CNA", CXS_SLOT_TISSUE_STATES, CXS_SLOT_FLUID_STATES}};
    const int cell_free = strstr(source, "CFDNA") != NULL,
              tumour = strcmp(source, "TUMOR") == 0;

    if (strcmp(analyte, "RNA") == 0 &&
        (strcmp(assay, "BAM") == 0 || strcmp(assay, "CRAM") == 0))
        return tumour                            ? CXS_SLOT_TISSUE_RNA
               : strncmp(source, "CSF_", 4) == 0 ? CXS_SLOT_FLUID_RNA
                                                 : CXS_SLOT_NONE;
    if (strcmp(analyte, "DNA") != 0)
        return CXS_SLOT_NONE;
    for (size_t k = 0; k < sizeof uses / sizeof *uses; k++)
        if (strcmp(assay, uses[k].assay) == 0)
            return cell_free ? uses[k].fluid : tumour ? uses[k].tissue : CXS_SLOT_NONE;
    return CXS_SLOT_NONE;
}

static void candidates_free(cxs_candidates *all)
{
    for (size_t k = 0; all != NULL && k < all->count; k++) {
        cxs_free(all->at[k].patient);
        cxs_free(all->at[k].sample);
        cxs_free(all->at[k].source);
        cxs_free(all->at[k].library);
        cxs_free(all->at[k].build);
    }
    if (all != NULL)
        cxs_free(all->at);
    cxs_free(all);
}

static cxs_rc copy_text(cxs_ctx *ctx, const char *text, char **out)
{
    *out = cxs_strdup(ctx, text);
    return *out != NULL ? CXS_OK : CXS_ENOMEM;
}

static double number_of(const char *text)
{
    return *text != '\0' ? strtod(text, NULL) : (double)NAN;
}

/* Cell of the sheet; `otherwise` for files of an older version. */
static cxs_rc sheet_text(cxs_ctx *ctx, cxs_study *study, int64_t at, const char *name,
                         const char *otherwise, char **out)
{
    const cxs_rc rc = cxs_study_measure_value(ctx, study, at, name, out);

    return rc == CXS_OK && *out == NULL ? copy_text(ctx, otherwise, out) : rc;
}

static cxs_rc add_candidate(cxs_ctx *ctx, cxs_study *study, cxs_stmt *stmt,
                            cxs_candidates *all)
{
    const char *source = cxs_column_text(stmt, 4);
    const cxs_slot s =
        slot_of(cxs_column_text(stmt, 3), source, cxs_column_text(stmt, 5));
    char *mb = NULL;
    candidate *one;
    cxs_rc rc = CXS_OK;

    if (s == CXS_SLOT_NONE)
        return CXS_OK;
    CXS_TRY(cxs_grow(ctx, (void **)&all->at, &all->capacity, all->count + 1,
                     sizeof *all->at));
    one = &all->at[all->count++];
    *one = (candidate){.at = cxs_column_int(stmt, 0), .slot = s};
    CXS_TRY(copy_text(ctx, cxs_column_text(stmt, 1), &one->patient));
    CXS_TRY(copy_text(ctx, cxs_column_text(stmt, 2), &one->sample));
    CXS_TRY(copy_text(ctx, source, &one->source));
    CXS_TRY(sheet_text(ctx, study, one->at, "LIBRARY", cxs_column_text(stmt, 6),
                       &one->library));
    CXS_TRY(sheet_text(ctx, study, one->at, "BUILD", cxs_column_text(stmt, 7),
                       &one->build));
    CXS_TRY(sheet_text(ctx, study, one->at, "CALLABLE_MB", "", &mb));
    one->callable_mb = number_of(mb);
    one->purity = number_of(cxs_column_text(stmt, 10));
    one->when =
        (cxs_dated){.day = cxs_column_real(stmt, 9),
                    .dose = cxs_column_real(stmt, 8),
                    .landmark = number_of(cxs_study_setting(study, "landmark_days")),
                    .entry = cxs_column_real(stmt, 11),
                    .source = one->source};
done:
    cxs_free(mb);
    return rc;
}

static cxs_rc list_candidates(cxs_ctx *ctx, cxs_study *study, cxs_candidates *all)
{
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
        "SELECT m.at, s.patient, m.sample, m.assay, source.value, analyte.value,"
        " a.library, a.build, dose.value, s.collect_day, purity.value,"
        " e.entry_days FROM measure m"
        " JOIN sample s ON s.id = m.sample"
        " LEFT JOIN sample_value source ON source.sample = s.id AND source.name ="
        " 'SOURCE'"
        " LEFT JOIN sample_value analyte ON analyte.sample = s.id AND analyte.name ="
        " 'ANALYTE'"
        " LEFT JOIN sample_value purity ON purity.sample = s.id AND purity.name ="
        " 'TUMOR_PURITY'"
        " LEFT JOIN patient_value dose ON dose.patient = s.patient AND dose.name ="
        " 'FIRST_DOSE_DAY'"
        " LEFT JOIN endpoint e ON e.patient = s.patient AND e.name ="
        " (SELECT value FROM setting WHERE key = 'endpoint')"
        " LEFT JOIN assay a ON a.at = (SELECT min(at) FROM assay WHERE sample ="
        " m.sample AND assay = m.assay)"
        " WHERE " CXS_NOT_EXCLUDED("m.sample") " ORDER BY m.at",
        &stmt));
    for (;;) {
        CXS_TRY(cxs_stmt_step(ctx, stmt, &row));
        if (!row)
            break;
        CXS_TRY(add_candidate(ctx, study, stmt, all));
    }
done:
    cxs_stmt_free(stmt);
    cxs_measure_rows_free(rows, count);
    return rc;
}

/* ---- one file for each patient and use ------------------------------------------------ */

static cxs_rc list_patients(cxs_ctx *ctx, const cxs_candidates *all, cxs_chosen *c)
{
    char **names = NULL;
    size_t kept = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(names, all->count + 1);
    for (size_t k = 0; k < all->count; k++)
        names[k] = all->at[k].patient;
    qsort(names, all->count, sizeof *names, cxs_text_compare);
    CXS_NEW(c->patient, all->count + 1);
    for (size_t k = 0; k < all->count; k++) {
        if (k > 0 && strcmp(names[k], names[k - 1]) == 0)
            continue;
        CXS_TRY(copy_text(ctx, names[k], &c->patient[kept]));
        c->n = ++kept;
    }
done:
    cxs_free(names);
    return rc;
}

/* What the sheet says of the row that was loaded. */
static void describe(const candidate *one, cxs_patient_file *file)
{
    file->library = one->library;
    file->build = one->build;
    file->callable_mb = one->callable_mb;
}

static cxs_rc load(cxs_ctx *ctx, cxs_study *study, const cxs_candidates *all,
                   const candidate *one, cxs_patient_file *file)
{
    cxs_rc rc = CXS_OK;

    *file = (cxs_patient_file){.sample = "",
                               .source = "",
                               .library = "",
                               .build = "",
                               .callable_mb = (double)NAN,
                               .purity = (double)NAN};
    if (one == NULL)
        return CXS_OK;
    file->sample = one->sample;
    file->source = one->source;
    file->purity = one->purity;
    file->at = one->at;
    describe(one, file);
    if (one->slot != CXS_SLOT_TISSUE_CALLS && one->slot != CXS_SLOT_FLUID_CALLS)
        return cxs_study_measures_at(ctx, study, one->at, &file->bag);
    rc = cxs_calls_load(ctx, study, one->sample, file);
    for (size_t k = 0; k < all->count; k++)
        if (all->at[k].at == file->at)
            describe(&all->at[k], file);
    return rc;
}

/* Best file of each use and patient, and the first that came too late for it. */
typedef struct offers {
    const candidate **best, **first; /* [CXS_SLOTS * n] */
} offers;

static void offer(const candidate *one, const cxs_chosen *c, const offers *o)
{
    char *const *hit =
        bsearch(&one->patient, c->patient, c->n, sizeof *c->patient, cxs_text_compare);
    const size_t k = (size_t)one->slot * c->n + (size_t)(hit - c->patient);
    const candidate **held = &o->best[k], **first = &o->first[k];

    if (cxs_is_better(*held != NULL ? &(*held)->when : NULL,
                      *held != NULL ? (*held)->sample : NULL, &one->when, one->sample))
        *held = one;
    if (cxs_is_immortal(&one->when) &&
        (*first == NULL || one->when.day < (*first)->when.day))
        *first = one;
}

/* Is there a file of this sample in an earlier use of patient i? */
static int is_told(const candidate *const *of, const cxs_chosen *c, size_t s, size_t i)
{
    for (size_t k = 0; k < s; k++)
        if (of[k * c->n + i] != NULL &&
            strcmp(of[k * c->n + i]->sample, of[s * c->n + i]->sample) == 0)
            return 1;
    return 0;
}

/* Features, each of which one of these files serves as well as another. */
#define BIT(slot) (1u << (slot))
static const unsigned served[] = {
    BIT(CXS_SLOT_TISSUE_CALLS) | BIT(CXS_SLOT_FLUID_CALLS), /* var.* */
    BIT(CXS_SLOT_FLUID_CALLS),                              /* var.vaf.*, var.tf */
    BIT(CXS_SLOT_FLUID_READS),                              /* frag.* */
    BIT(CXS_SLOT_TISSUE_READS) | BIT(CXS_SLOT_FLUID_READS) |
        BIT(CXS_SLOT_TISSUE_SEGMENTS) | BIT(CXS_SLOT_FLUID_SEGMENTS) |
        BIT(CXS_SLOT_TISSUE_BINS) | BIT(CXS_SLOT_FLUID_BINS) |
        BIT(CXS_SLOT_TISSUE_STATES) | BIT(CXS_SLOT_FLUID_STATES), /* cn.* */
    BIT(CXS_SLOT_TISSUE_RNA) | BIT(CXS_SLOT_FLUID_RNA)};          /* events of RNA */

/* Has patient i later samples alone for this use and all others of one feature? */
static int is_late(const offers *o, const cxs_chosen *c, size_t s, size_t i)
{
    for (size_t f = 0; f < sizeof served / sizeof *served; f++) {
        int stands = 0;
        for (size_t k = 0; k < CXS_SLOTS; k++)
            stands =
                stands || ((served[f] & BIT(k)) != 0 && o->best[k * c->n + i] != NULL);
        if (!stands && (served[f] & BIT(s)) != 0)
            return 1;
    }
    return 0;
}

static cxs_rc tell_choice(cxs_ctx *ctx, cxs_study *study, const cxs_candidates *all,
                          const cxs_chosen *c, const offers *o)
{
    cxs_baseline_tally tally = {0};
    cxs_buf where = {0};
    cxs_rc rc = CXS_OK;

    for (size_t k = 0; k < all->count; k++) /* in the order of samples */
        if (k == 0 || strcmp(all->at[k].sample, all->at[k - 1].sample) != 0)
            cxs_tally_seen(&tally, &all->at[k].when);
    for (size_t i = 0; i < c->n; i++)
        for (size_t s = 0; s < CXS_SLOTS; s++) {
            const size_t k = s * c->n + i;
            if (o->best[k] != NULL && !is_told(o->best, c, s, i))
                CXS_TRY(cxs_tally_chosen(ctx, &tally, &o->best[k]->when));
            if (o->first[k] != NULL && is_late(o, c, s, i) &&
                !is_told(o->first, c, s, i))
                cxs_tally_immortal(&tally, &o->first[k]->when);
        }
    CXS_TRY(cxs_buf_addf(ctx, &where, "%s: sequencing files", study->path));
    rc = cxs_tally_tell(ctx, &tally, where.text);
done:
    cxs_free(where.text);
    cxs_tally_clear(&tally);
    return rc;
}

static cxs_rc choose(cxs_ctx *ctx, cxs_study *study, const cxs_candidates *all,
                     cxs_chosen *c)
{
    offers o = {0};
    cxs_rc rc = CXS_OK;

    CXS_NEW(o.best, CXS_SLOTS * (c->n + 1));
    CXS_NEW(o.first, CXS_SLOTS * (c->n + 1));
    for (size_t k = 0; k < all->count; k++)
        offer(&all->at[k], c, &o);
    CXS_TRY(tell_choice(ctx, study, all, c, &o));
    for (size_t s = 0; s < CXS_SLOTS; s++) {
        CXS_NEW(c->file[s], c->n + 1);
        for (size_t i = 0; i < c->n; i++)
            CXS_TRY(load(ctx, study, all, o.best[s * c->n + i], &c->file[s][i]));
    }
done:
    cxs_free(o.best);
    cxs_free(o.first);
    return rc;
}

void cxs_chosen_free(cxs_chosen *c)
{
    for (int s = 0; s < CXS_SLOTS; s++) {
        for (size_t i = 0; c->file[s] != NULL && i < c->n; i++)
            cxs_measures_free(c->file[s][i].bag);
        cxs_free(c->file[s]);
    }
    cxs_free_strings(c->patient, c->n);
    candidates_free(c->all);
    *c = (cxs_chosen){0};
}

cxs_rc cxs_choose_files(cxs_ctx *ctx, cxs_study *study, cxs_chosen *out)
{
    cxs_chosen c = {0};
    cxs_rc rc = CXS_OK;

    *out = c;
    CXS_NEW(c.all, 1);
    CXS_TRY(list_candidates(ctx, study, c.all));
    if (c.all->count > 0) {
        CXS_TRY(list_patients(ctx, c.all, &c));
        CXS_TRY(choose(ctx, study, c.all, &c));
    }
    *out = c;
    c = (cxs_chosen){0};
done:
    cxs_chosen_free(&c);
    return rc;
}
