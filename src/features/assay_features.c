/*
 * assay_features.c -- features of the sequencing files of a study, all of them
 */
#include "features/assay_choice.h"

#include "features/variants.h"
#include "store/study_schema.h"

#include <math.h>
#include <string.h>

/* ---- variants ------------------------------------------------------------------------- */

/* Calls of tissue where there are, else of the fluid. */
static void main_sample(const cxs_chosen *c, size_t i, const cxs_measures *genes,
                        cxs_variant_sample *out)
{
    const int tissue = c->file[CXS_SLOT_TISSUE_CALLS][i].bag != NULL;
    const cxs_patient_file *calls =
        &c->file[tissue ? CXS_SLOT_TISSUE_CALLS : CXS_SLOT_FLUID_CALLS][i];

    *out = (cxs_variant_sample){
        .id = calls->sample,
        .patient = c->patient[i],
        .source = calls->source,
        .library = calls->library,
        .callable_mb = calls->callable_mb,
        .variants = calls->bag,
        .coverage =
            c->file[tissue ? CXS_SLOT_TISSUE_READS : CXS_SLOT_FLUID_READS][i].bag,
        .copy = genes};
}

static void fluid_sample(const cxs_chosen *c, size_t i, const cxs_measures *genes,
                         cxs_variant_sample *out)
{
    const cxs_patient_file *calls = &c->file[CXS_SLOT_FLUID_CALLS][i];

    *out = (cxs_variant_sample){.id = calls->sample,
                                .patient = c->patient[i],
                                .source = calls->source,
                                .library = calls->library,
                                .callable_mb = calls->callable_mb,
                                .variants = calls->bag,
                                .coverage = c->file[CXS_SLOT_FLUID_READS][i].bag,
                                .copy = genes,
                                .tissue = c->file[CXS_SLOT_TISSUE_CALLS][i].bag};
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

static cxs_rc add_variants(cxs_ctx *ctx, cxs_study *study, const cxs_chosen *c,
                           const char *refdata, const char *signatures,
                           cxs_measures *const *genes, cxs_feature_columns *columns)
{
    cxs_sbs_matrix matrix = {.n = 0};
    const cxs_variant_feature_settings settings = {.refdata = refdata,
                                                   .signatures = signatures,
                                                   .matrix = &matrix,
                                                   .all_genes = true,
                                                   .seed = 1};
    cxs_feature_columns fluid = {.n = c->n};
    cxs_variant_sample *sample = NULL;
    size_t called = 0, in_fluid = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(sample, c->n + 1);
    for (size_t i = 0; i < c->n; i++) {
        main_sample(c, i, genes[i], &sample[i]);
        CXS_TRY(cxs_study_disease(ctx, study, c->patient[i], &sample[i].disease));
        called += sample[i].variants != NULL;
        in_fluid += c->file[CXS_SLOT_FLUID_CALLS][i].bag != NULL;
    }
    if (called == 0)
        goto done;
    CXS_TRY(cxs_study_signatures(ctx, study, &matrix));
    CXS_TRY(cxs_variant_features(ctx, sample, c->n, &settings, columns));
    if (in_fluid > 0) {
        for (size_t i = 0; i < c->n; i++) {
            const char *disease = sample[i].disease;
            fluid_sample(c, i, genes[i], &sample[i]);
            sample[i].disease = disease;
        }
        CXS_TRY(cxs_variant_features(ctx, sample, c->n, &settings, &fluid));
    }
    take_fluid(&fluid, columns);
done:
    cxs_sbs_clear(&matrix);
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
static const cxs_patient_file *copies_of(const cxs_chosen *c, size_t i)
{
    static const cxs_slot order[] = {CXS_SLOT_FLUID_SEGMENTS, CXS_SLOT_FLUID_BINS,
                                     CXS_SLOT_FLUID_READS,    CXS_SLOT_TISSUE_SEGMENTS,
                                     CXS_SLOT_TISSUE_BINS,    CXS_SLOT_TISSUE_READS};
    size_t k = 0;

    while (k + 1 < sizeof order / sizeof *order && c->file[order[k]][i].bag == NULL)
        k++;
    return &c->file[order[k]][i];
}

/* States of genes: of tissue, where they are called best, else of the fluid. */
static const cxs_measures *states_of(const cxs_chosen *c, size_t i)
{
    const cxs_measures *tissue = c->file[CXS_SLOT_TISSUE_STATES][i].bag;

    return tissue != NULL ? tissue : c->file[CXS_SLOT_FLUID_STATES][i].bag;
}

static cxs_rc add_copies(cxs_ctx *ctx, const cxs_copy_frozen *frozen,
                         const cxs_chosen *c, const char *refdata, cxs_measures **genes,
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

static cxs_rc add_events(cxs_ctx *ctx, cxs_study *study, const cxs_chosen *c,
                         const char *refdata, cxs_measures *const *genes,
                         cxs_feature_columns *columns)
{
    const cxs_event_lists lists = {
        .rna = {c->file[CXS_SLOT_TISSUE_RNA], c->file[CXS_SLOT_FLUID_RNA]},
        .reads = {c->file[CXS_SLOT_TISSUE_READS], c->file[CXS_SLOT_FLUID_READS]},
        .calls = {c->file[CXS_SLOT_TISSUE_CALLS], c->file[CXS_SLOT_FLUID_CALLS]}};

    return cxs_event_features(ctx, study, &lists, genes, refdata, columns);
}

cxs_rc cxs_assay_features(cxs_ctx *ctx, cxs_study *study, const char *refdata,
                          char ***patient, cxs_quality_rows *quality,
                          cxs_feature_columns *columns)
{
    return cxs_assay_features_at(ctx, study, refdata, NULL, patient, quality, columns);
}

/* The files that were chosen, by what they serve. */
static cxs_rc add_sources(cxs_ctx *ctx, cxs_study *study, const cxs_chosen *c,
                          cxs_quality_rows *quality)
{
    static const struct {
        cxs_slot slot;
        const char *features;
    } serves[] = {{CXS_SLOT_TISSUE_CALLS, "var"},
                  {CXS_SLOT_FLUID_CALLS, "var"},
                  {CXS_SLOT_FLUID_READS, "frag"},
                  {CXS_SLOT_TISSUE_STATES, "cn"},
                  {CXS_SLOT_FLUID_STATES, "cn"}};
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < c->n; i++) {
        const cxs_patient_file *copies = copies_of(c, i);
        if (copies->bag != NULL)
            CXS_TRY(
                cxs_source_add(ctx, study, quality, c->patient[i], "cn", copies->at));
        for (size_t k = 0; k < sizeof serves / sizeof *serves; k++) {
            const cxs_patient_file *file = &c->file[serves[k].slot][i];
            if (file->bag != NULL)
                CXS_TRY(cxs_source_add(ctx, study, quality, c->patient[i],
                                       serves[k].features, file->at));
        }
    }
done:
    return rc;
}

cxs_rc cxs_assay_features_at(cxs_ctx *ctx, cxs_study *study, const char *refdata,
                             const char *signatures, char ***patient,
                             cxs_quality_rows *quality, cxs_feature_columns *columns)
{
    cxs_copy_frozen frozen = {.profile = NULL};
    cxs_chosen c = {0};
    cxs_measures **genes = NULL;
    cxs_rc rc = CXS_OK;

    *patient = NULL;
    *columns = (cxs_feature_columns){.n = 0};
    if (refdata == NULL)
        goto done;
    CXS_TRY(cxs_choose_files(ctx, study, &c));
    if (c.n == 0)
        goto done;
    columns->n = c.n;
    CXS_NEW(genes, c.n + 1);
    CXS_TRY(cxs_copy_frozen_read(ctx, study, &frozen));
    CXS_TRY(add_copies(ctx, &frozen, &c, refdata, genes, quality, columns));
    if (has_any(c.file[CXS_SLOT_FLUID_READS], c.n))
        CXS_TRY(cxs_fragment_features(ctx, c.file[CXS_SLOT_FLUID_READS], &frozen, genes,
                                      refdata, quality, columns));
    CXS_TRY(add_sources(ctx, study, &c, quality));
    CXS_TRY(add_variants(ctx, study, &c, refdata, signatures, genes, columns));
    CXS_TRY(add_events(ctx, study, &c, refdata, genes, columns));
    *patient = c.patient;
    c.patient = NULL;

done:
    for (size_t i = 0; genes != NULL && i < c.n; i++)
        cxs_measures_free(genes[i]);
    cxs_free(genes);
    cxs_copy_frozen_free(&frozen);
    cxs_chosen_free(&c);
    if (rc != CXS_OK)
        cxs_feature_columns_clear(columns);
    return rc;
}
