/*
 * assay_events.c -- what the files of one patient tell together: all lists of variants
 * of a sample, reads of RNA, reads of the tumour beside those of the normal
 */
#include "features/assays.h"

#include "features/events.h"
#include "store/study_measures.h"
#include "store/study_schema.h"

#include <string.h>

/* ---- lists of variants ------------------------------------------------------------ */

/* Small alleles of a list; -1 for a list of structural variants alone, which says nothing
 * of genes. */
static int64_t alleles_of(const cxs_measures *bag)
{
    const cxs_measure *t = cxs_measures_find(bag, "variants.assay");
    const int64_t *n = NULL, *structural = NULL;
    const char *const *annotation = NULL;

    if (t == NULL || cxs_measure_rows(t) != 1 ||
        (n = cxs_measure_get_int(t, "alleles")) == NULL ||
        (structural = cxs_measure_get_int(t, "structural")) == NULL ||
        (annotation = cxs_measure_get_text(t, "annotation")) == NULL)
        return 0;
    if (*n == 0 &&
        (*structural > 0 || *annotation == NULL || strcmp(*annotation, "none") == 0))
        return -1;
    return *n;
}

/* Rows of measures of lists of variants of a sample, in order; the caller's. */
static cxs_rc list_calls(cxs_ctx *ctx, cxs_study *study, const char *sample,
                         int64_t **at, size_t *count)
{
    cxs_stmt *stmt = NULL;
    size_t capacity = 0;
    bool row = false;
    cxs_rc rc = CXS_OK;

    *at = NULL;
    *count = 0;
    CXS_TRY(cxs_db_prepare(ctx, study->db,
                           "SELECT at FROM measure WHERE sample = ?1 AND assay IN "
                           "('VCF', 'MAF') ORDER BY at",
                           &stmt));
    cxs_bind_text(stmt, 1, sample);
    for (;;) {
        CXS_TRY(cxs_stmt_step(ctx, stmt, &row));
        if (!row)
            break;
        CXS_TRY(cxs_grow(ctx, (void **)at, &capacity, *count + 1, sizeof **at));
        (*at)[(*count)++] = cxs_column_int(stmt, 0);
    }
done:
    cxs_stmt_free(stmt);
    if (rc != CXS_OK) {
        cxs_free(*at);
        *at = NULL;
    }
    return rc;
}

cxs_rc cxs_calls_load(cxs_ctx *ctx, cxs_study *study, const char *sample,
                      cxs_patient_file *file)
{
    cxs_measures *bag = NULL;
    int64_t *at = NULL, most = -1;
    size_t count = 0, small = 0;
    cxs_rc rc = CXS_OK;

    CXS_TRY(list_calls(ctx, study, sample, &at, &count));
    for (size_t k = 0; k < count; k++) {
        int64_t alleles;
        CXS_TRY(cxs_study_measures_at(ctx, study, at[k], &bag));
        alleles = alleles_of(bag);
        file->egfrviii |= cxs_has_egfrviii(bag);
        small += alleles > 0;
        if (alleles > most) {
            cxs_measures_free(file->bag);
            file->bag = bag;
            file->at = at[k];
            most = alleles;
        } else {
            cxs_measures_free(bag);
        }
        bag = NULL;
    }
    if (small > 1)
        rc = cxs_warn(ctx, "",
                      "sample %s has %zu lists of small variants: the longest is used",
                      cxs_ctx_id(ctx, sample), small);
done:
    cxs_measures_free(bag);
    cxs_free(at);
    return rc;
}

/* ---- the normal ------------------------------------------------------------------- */

/* Is the cell of a row of measures `want`?  `otherwise` for files of an older version. */
static cxs_rc is_cell(cxs_ctx *ctx, cxs_study *study, int64_t at, const char *name,
                      const char *otherwise, const char *want, bool *is)
{
    char *text = NULL;
    const cxs_rc rc = cxs_study_measure_value(ctx, study, at, name, &text);

    *is = strcmp(text != NULL ? text : otherwise, want) == 0;
    cxs_free(text);
    return rc;
}

/* Reads of the matched normal of a sample, on the same genome and by the same kind of
 * library; *out NULL without any.  A sample may have been read in several libraries: the
 * cells of each file tell them apart. */
static cxs_rc load_normal(cxs_ctx *ctx, cxs_study *study, const cxs_patient_file *of,
                          cxs_measures **out)
{
    cxs_stmt *stmt = NULL;
    bool row = false, build = false, library = false;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_db_prepare(
        ctx, study->db,
        "SELECT m.at, a.build, a.library FROM sample_value v"
        " JOIN measure m ON m.sample = v.value"
        " JOIN assay a ON a.at = (SELECT min(at) FROM assay WHERE sample = m.sample"
        " AND assay = m.assay)"
        " WHERE v.sample = ?1 AND v.name = 'NORMAL_SAMPLE_ID'"
        " AND m.assay IN ('BAM', 'CRAM') AND " CXS_NOT_EXCLUDED(
            "m.sample") " ORDER BY m.at",
        &stmt));
    cxs_bind_text(stmt, 1, of->sample);
    while (!build || !library) {
        CXS_TRY(cxs_stmt_step(ctx, stmt, &row));
        if (!row)
            break;
        CXS_TRY(is_cell(ctx, study, cxs_column_int(stmt, 0), "BUILD",
                        cxs_column_text(stmt, 1), of->build, &build));
        CXS_TRY(is_cell(ctx, study, cxs_column_int(stmt, 0), "LIBRARY",
                        cxs_column_text(stmt, 2), of->library, &library));
    }
    if (row)
        rc = cxs_study_measures_at(ctx, study, cxs_column_int(stmt, 0), out);
done:
    cxs_stmt_free(stmt);
    return rc;
}

/* ---- both ------------------------------------------------------------------------- */

static const cxs_patient_file *tissue_first(const cxs_patient_file *const file[2],
                                            size_t i)
{
    return file[0][i].bag != NULL ? &file[0][i] : &file[1][i];
}

cxs_rc cxs_event_features(cxs_ctx *ctx, cxs_study *study, const cxs_event_lists *lists,
                          cxs_measures *const *genes, const char *refdata,
                          cxs_feature_columns *columns)
{
    cxs_event_files *files = NULL;
    cxs_measures **normal = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(files, columns->n + 1);
    CXS_NEW(normal, columns->n + 1);
    for (size_t i = 0; i < columns->n; i++) {
        const cxs_patient_file *reads = tissue_first(lists->reads, i);
        if (reads->bag != NULL)
            CXS_TRY(load_normal(ctx, study, reads, &normal[i]));
        files[i] = (cxs_event_files){
            .sample = reads->sample,
            .library = reads->library,
            .build = reads->build,
            .rna = tissue_first(lists->rna, i)->bag,
            .reads = reads->bag,
            .normal = normal[i],
            .copy = genes[i],
            .lost = lists->calls[0][i].egfrviii || lists->calls[1][i].egfrviii,
            .called = lists->calls[0][i].bag != NULL || lists->calls[1][i].bag != NULL};
    }
    CXS_TRY(cxs_egfrviii_features(ctx, files, refdata, columns));
    rc = cxs_msi_features(ctx, files, columns);
done:
    for (size_t i = 0; normal != NULL && i < columns->n; i++)
        cxs_measures_free(normal[i]);
    cxs_free(normal);
    cxs_free(files);
    return rc;
}
