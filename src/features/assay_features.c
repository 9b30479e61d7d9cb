/*
 * assay_features.c -- which file of a patient makes which features, and all of them
 *
 * A sample counts as baseline when it was collected on or before the last day that may
 * be looked at: the first dose, the enrolment where no dose is given, or a declared
 * landmark (domain: using a later sample as baseline is an error).  Of several the
 * latest is taken, then the first by id.
 */
#include "features/assays.h"

#include "base/table.h"
#include "base/text.h"
#include "features/variants.h"
#include "store/study_measures.h"
#include "store/study_schema.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What a file serves. */
typedef enum slot {
    SLOT_NONE = -1,
    SLOT_TISSUE_CALLS,
    SLOT_FLUID_CALLS,
    SLOT_FLUID_READS,
    SLOT_TISSUE_READS,
    SLOT_TISSUE_SEGMENTS,
    SLOT_FLUID_SEGMENTS,
    SLOT_TISSUE_BINS,
    SLOT_FLUID_BINS,
    SLOT_TISSUE_STATES,
    SLOT_FLUID_STATES,
    SLOT_TISSUE_RNA,
    SLOT_FLUID_RNA,
    SLOTS
} slot;

/* One stored measure row that may be chosen. */
typedef struct candidate {
    int64_t at;
    char *patient, *sample, *source, *library, *build;
    double day, last, callable_mb, purity;
    slot slot;
} candidate;

typedef struct candidates {
    candidate *at;
    size_t count, capacity;
} candidates;

typedef struct chosen {
    char **patient; /* [n] sorted */
    size_t n;
    cxs_patient_file *file[SLOTS]; /* [n] */
} chosen;

/* ---- what there is ------------------------------------------------------------------ */

static slot slot_of(const char *assay, const char *source, const char *analyte)
{
    static const struct {
        const char *assay;
        slot tissue, fluid;
    } uses[] = {{"VCF", SLOT_TISSUE_CALLS, SLOT_FLUID_CALLS},
                {"MAF", SLOT_TISSUE_CALLS, SLOT_FLUID_CALLS},
                {"BAM", SLOT_TISSUE_READS, SLOT_FLUID_READS},
                {"CRAM", SLOT_TISSUE_READS, SLOT_FLUID_READS},
                {"SEG", SLOT_TISSUE_SEGMENTS, SLOT_FLUID_SEGMENTS},
                {"BIN_COUNTS", SLOT_TISSUE_BINS, SLOT_FLUID_BINS},
                {"CNA", SLOT_TISSUE_STATES, SLOT_FLUID_STATES}};
    const int cell_free = strstr(source, "CFDNA") != NULL,
              tumour = strcmp(source, "TUMOR") == 0;

    if (strcmp(analyte, "RNA") == 0 &&
        (strcmp(assay, "BAM") == 0 || strcmp(assay, "CRAM") == 0))
        return tumour                            ? SLOT_TISSUE_RNA
               : strncmp(source, "CSF_", 4) == 0 ? SLOT_FLUID_RNA
                                                 : SLOT_NONE;
    if (strcmp(analyte, "DNA") != 0)
        return SLOT_NONE;
    for (size_t k = 0; k < sizeof uses / sizeof *uses; k++)
        if (strcmp(assay, uses[k].assay) == 0)
            return cell_free ? uses[k].fluid : tumour ? uses[k].tissue : SLOT_NONE;
    return SLOT_NONE;
}

static void candidates_free(candidates *all)
{
    for (size_t k = 0; k < all->count; k++) {
        cxs_free(all->at[k].patient);
        cxs_free(all->at[k].sample);
        cxs_free(all->at[k].source);
        cxs_free(all->at[k].library);
        cxs_free(all->at[k].build);
    }
    cxs_free(all->at);
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

static cxs_rc add_candidate(cxs_ctx *ctx, cxs_stmt *stmt, double landmark,
                            candidates *all)
{
    const char *source = cxs_column_text(stmt, 4);
    const double dose = cxs_column_real(stmt, 8);
    const slot s = slot_of(cxs_column_text(stmt, 3), source, cxs_column_text(stmt, 5));
    candidate *one;
    cxs_rc rc = CXS_OK;

    if (s == SLOT_NONE)
        return CXS_OK;
    CXS_TRY(cxs_grow(ctx, (void **)&all->at, &all->capacity, all->count + 1,
                     sizeof *all->at));
    one = &all->at[all->count++];
    *one = (candidate){.at = cxs_column_int(stmt, 0), .slot = s};
    CXS_TRY(copy_text(ctx, cxs_column_text(stmt, 1), &one->patient));
    CXS_TRY(copy_text(ctx, cxs_column_text(stmt, 2), &one->sample));
    CXS_TRY(copy_text(ctx, source, &one->source));
    CXS_TRY(copy_text(ctx, cxs_column_text(stmt, 6), &one->library));
    CXS_TRY(copy_text(ctx, cxs_column_text(stmt, 7), &one->build));
    one->day = cxs_column_real(stmt, 9);
    one->last = fmax(isnan(dose) ? 0.0 : dose, landmark); /* fmax skips NaN */
    one->callable_mb = number_of(cxs_column_text(stmt, 11));
    one->purity = number_of(cxs_column_text(stmt, 10));
done:
    return rc;
}

static cxs_rc list_candidates(cxs_ctx *ctx, cxs_study *study, candidates *all)
{
    const double landmark = number_of(cxs_study_setting(study, "landmark_days"));
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
        " a.library, a.build, dose.value, s.collect_day, purity.value, callable.value"
        " FROM measure m"
        " JOIN sample s ON s.id = m.sample"
        " LEFT JOIN sample_value source ON source.sample = s.id AND source.name ="
        " 'SOURCE'"
        " LEFT JOIN sample_value analyte ON analyte.sample = s.id AND analyte.name ="
        " 'ANALYTE'"
        " LEFT JOIN sample_value purity ON purity.sample = s.id AND purity.name ="
        " 'TUMOR_PURITY'"
        " LEFT JOIN patient_value dose ON dose.patient = s.patient AND dose.name ="
        " 'FIRST_DOSE_DAY'"
        " LEFT JOIN assay a ON a.at = (SELECT min(at) FROM assay WHERE sample ="
        " m.sample AND assay = m.assay)"
        " LEFT JOIN record callable ON callable.sheet = 'assays' AND callable.row ="
        " a.at AND callable.name = 'CALLABLE_MB'"
        " WHERE " CXS_NOT_EXCLUDED("m.sample") " ORDER BY m.at",
        &stmt));
    for (;;) {
        CXS_TRY(cxs_stmt_step(ctx, stmt, &row));
        if (!row)
            break;
        CXS_TRY(add_candidate(ctx, stmt, landmark, all));
    }
done:
    cxs_stmt_free(stmt);
    cxs_measure_rows_free(rows, count);
    return rc;
}

/* ---- one file for each patient and use ------------------------------------------------ */

static cxs_rc list_patients(cxs_ctx *ctx, const candidates *all, chosen *c)
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

static double day_of(const candidate *one)
{
    return isnan(one->day) ? -HUGE_VAL : one->day;
}

/* Is b the better baseline? */
static int is_better(const candidate *a, const candidate *b)
{
    if (a == NULL)
        return 1;
    if (day_of(a) != day_of(b))
        return day_of(b) > day_of(a);
    return strcmp(b->sample, a->sample) < 0;
}

static void chosen_free(chosen *c)
{
    for (int s = 0; s < SLOTS; s++) {
        for (size_t i = 0; c->file[s] != NULL && i < c->n; i++)
            cxs_measures_free(c->file[s][i].bag);
        cxs_free(c->file[s]);
    }
    cxs_free_strings(c->patient, c->n);
}

static cxs_rc load(cxs_ctx *ctx, cxs_study *study, const candidate *one,
                   cxs_patient_file *file)
{
    *file =
        (cxs_patient_file){.sample = one != NULL ? one->sample : "",
                           .source = one != NULL ? one->source : "",
                           .library = one != NULL ? one->library : "",
                           .build = one != NULL ? one->build : "",
                           .callable_mb = one != NULL ? one->callable_mb : (double)NAN,
                           .purity = one != NULL ? one->purity : (double)NAN};
    if (one == NULL)
        return CXS_OK;
    return one->slot == SLOT_TISSUE_CALLS || one->slot == SLOT_FLUID_CALLS
               ? cxs_calls_load(ctx, study, one->sample, file)
               : cxs_study_measures_at(ctx, study, one->at, &file->bag);
}

static cxs_rc choose(cxs_ctx *ctx, cxs_study *study, const candidates *all, chosen *c,
                     size_t *late)
{
    const candidate **best = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(best, SLOTS * (c->n + 1));
    for (size_t k = 0; k < all->count; k++) {
        const candidate *one = &all->at[k];
        char *const *hit = bsearch(&one->patient, c->patient, c->n, sizeof *c->patient,
                                   cxs_text_compare);
        const candidate **held =
            &best[(size_t)one->slot * c->n + (size_t)(hit - c->patient)];
        if (!isnan(one->day) && one->day > one->last)
            ++*late;
        else if (is_better(*held, one))
            *held = one;
    }
    for (size_t s = 0; s < SLOTS; s++) {
        CXS_NEW(c->file[s], c->n + 1);
        for (size_t i = 0; i < c->n; i++)
            CXS_TRY(load(ctx, study, best[s * c->n + i], &c->file[s][i]));
    }
done:
    cxs_free(best);
    return rc;
}

/* ---- variants ------------------------------------------------------------------------- */

/* Calls of tissue where there are, else of the fluid. */
static void main_sample(const chosen *c, size_t i, const cxs_measures *genes,
                        cxs_variant_sample *out)
{
    const int tissue = c->file[SLOT_TISSUE_CALLS][i].bag != NULL;
    const cxs_patient_file *calls =
        &c->file[tissue ? SLOT_TISSUE_CALLS : SLOT_FLUID_CALLS][i];

    *out = (cxs_variant_sample){
        .id = calls->sample,
        .patient = c->patient[i],
        .source = calls->source,
        .library = calls->library,
        .callable_mb = calls->callable_mb,
        .variants = calls->bag,
        .coverage = c->file[tissue ? SLOT_TISSUE_READS : SLOT_FLUID_READS][i].bag,
        .copy = genes};
}

static void fluid_sample(const chosen *c, size_t i, const cxs_measures *genes,
                         cxs_variant_sample *out)
{
    const cxs_patient_file *calls = &c->file[SLOT_FLUID_CALLS][i];

    *out = (cxs_variant_sample){.id = calls->sample,
                                .patient = c->patient[i],
                                .source = calls->source,
                                .library = calls->library,
                                .callable_mb = calls->callable_mb,
                                .variants = calls->bag,
                                .coverage = c->file[SLOT_FLUID_READS][i].bag,
                                .copy = genes,
                                .tissue = c->file[SLOT_TISSUE_CALLS][i].bag};
}

static int is_of_fluid(const char *name)
{
    return strncmp(name, "var.vaf.", 8) == 0 ||
           strncmp(name, "var.informed.", 13) == 0 || strcmp(name, "var.tf") == 0 ||
           strcmp(name, "var.ch.n") == 0 || strcmp(name, "var.germline.n") == 0;
}

/* Values of shared columns that only the fluid can give take the place of the others. */
static void take_fluid(const cxs_feature_columns *from, cxs_feature_columns *to)
{
    for (size_t k = 0; k < to->count; k++) {
        const size_t at = cxs_feature_columns_find(from, to->column[k].name);
        if (!is_of_fluid(to->column[k].name))
            continue;
        for (size_t i = 0; i < to->n; i++)
            to->column[k].value[i] =
                at != SIZE_MAX ? from->column[at].value[i] : (double)NAN;
    }
}

static cxs_rc add_variants(cxs_ctx *ctx, const chosen *c, const char *refdata,
                           cxs_measures *const *genes, cxs_feature_columns *columns)
{
    const cxs_variant_feature_settings settings = {
        .refdata = refdata, .all_genes = true, .seed = 1};
    cxs_feature_columns fluid = {.n = c->n};
    cxs_variant_sample *sample = NULL;
    size_t called = 0, in_fluid = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(sample, c->n + 1);
    for (size_t i = 0; i < c->n; i++) {
        main_sample(c, i, genes[i], &sample[i]);
        called += sample[i].variants != NULL;
        in_fluid += c->file[SLOT_FLUID_CALLS][i].bag != NULL;
    }
    if (called == 0)
        goto done;
    CXS_TRY(cxs_variant_features(ctx, sample, c->n, &settings, columns));
    if (in_fluid > 0) {
        for (size_t i = 0; i < c->n; i++)
            fluid_sample(c, i, genes[i], &sample[i]);
        CXS_TRY(cxs_variant_features(ctx, sample, c->n, &settings, &fluid));
    }
    take_fluid(&fluid, columns);
done:
    cxs_feature_columns_clear(&fluid);
    cxs_free(sample);
    return rc;
}

/* ---- all ------------------------------------------------------------------------------ */

static int has_any(const cxs_patient_file *file, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (file[i].bag != NULL)
            return 1;
    return 0;
}

/* Copy numbers of a patient: from the fluid where there are any, else from tissue; of
 * either, segments as they were given before counts of bins, these before reads. */
static const cxs_patient_file *copies_of(const chosen *c, size_t i)
{
    static const slot order[] = {SLOT_FLUID_SEGMENTS, SLOT_FLUID_BINS,
                                 SLOT_FLUID_READS,    SLOT_TISSUE_SEGMENTS,
                                 SLOT_TISSUE_BINS,    SLOT_TISSUE_READS};
    size_t k = 0;

    while (k + 1 < sizeof order / sizeof *order && c->file[order[k]][i].bag == NULL)
        k++;
    return &c->file[order[k]][i];
}

/* States of genes: of tissue, where they are called best, else of the fluid. */
static const cxs_measures *states_of(const chosen *c, size_t i)
{
    const cxs_measures *tissue = c->file[SLOT_TISSUE_STATES][i].bag;

    return tissue != NULL ? tissue : c->file[SLOT_FLUID_STATES][i].bag;
}

static cxs_rc add_copies(cxs_ctx *ctx, const cxs_copy_frozen *frozen, const chosen *c,
                         const char *refdata, cxs_measures **genes,
                         cxs_quality_rows *quality, cxs_feature_columns *columns)
{
    cxs_patient_file *file = NULL;
    int any = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(file, c->n + 1);
    for (size_t i = 0; i < c->n; i++) {
        file[i] = *copies_of(c, i);
        file[i].states = states_of(c, i);
        any = any || file[i].bag != NULL || file[i].states != NULL;
    }
    if (!any)
        goto done;
    rc = cxs_copy_features(ctx, file, frozen, refdata, genes, quality, columns);
done:
    cxs_free(file);
    return rc;
}

static cxs_rc add_events(cxs_ctx *ctx, cxs_study *study, const chosen *c,
                         const char *refdata, cxs_measures *const *genes,
                         cxs_feature_columns *columns)
{
    const cxs_event_lists lists = {
        .rna = {c->file[SLOT_TISSUE_RNA], c->file[SLOT_FLUID_RNA]},
        .reads = {c->file[SLOT_TISSUE_READS], c->file[SLOT_FLUID_READS]},
        .calls = {c->file[SLOT_TISSUE_CALLS], c->file[SLOT_FLUID_CALLS]}};

    return cxs_event_features(ctx, study, &lists, genes, refdata, columns);
}

cxs_rc cxs_assay_features(cxs_ctx *ctx, cxs_study *study, const char *refdata,
                          char ***patient, cxs_quality_rows *quality,
                          cxs_feature_columns *columns)
{
    const double landmark = number_of(cxs_study_setting(study, "landmark_days"));
    cxs_copy_frozen frozen = {.profile = NULL};
    candidates all = {0};
    chosen c = {0};
    cxs_measures **genes = NULL;
    size_t late = 0;
    cxs_rc rc = CXS_OK;

    *patient = NULL;
    *columns = (cxs_feature_columns){.n = 0};
    CXS_TRY(list_candidates(ctx, study, &all));
    if (all.count == 0 || refdata == NULL)
        goto done;
    CXS_TRY(list_patients(ctx, &all, &c));
    CXS_TRY(choose(ctx, study, &all, &c, &late));
    if (late > 0)
        CXS_TRY(
            cxs_warn(ctx, "",
                     "%zu sequencing files are of samples after the first dose: not "
                     "used as baseline",
                     late));
    columns->n = c.n;
    CXS_NEW(genes, c.n + 1);
    CXS_TRY(cxs_copy_frozen_read(ctx, study, &frozen));
    CXS_TRY(add_copies(ctx, &frozen, &c, refdata, genes, quality, columns));
    if (has_any(c.file[SLOT_FLUID_READS], c.n))
        CXS_TRY(cxs_fragment_features(ctx, c.file[SLOT_FLUID_READS], &frozen, genes,
                                      refdata, quality, columns));
    CXS_TRY(add_variants(ctx, &c, refdata, genes, columns));
    CXS_TRY(add_events(ctx, study, &c, refdata, genes, columns));
    CXS_TRY(cxs_fluid_features(ctx, study, (const char *const *)c.patient,
                               isnan(landmark) ? 0.0 : landmark, columns));
    *patient = c.patient;
    c.patient = NULL;

done:
    for (size_t i = 0; genes != NULL && i < c.n; i++)
        cxs_measures_free(genes[i]);
    cxs_free(genes);
    cxs_copy_frozen_free(&frozen);
    chosen_free(&c);
    candidates_free(&all);
    if (rc != CXS_OK)
        cxs_feature_columns_clear(columns);
    return rc;
}
