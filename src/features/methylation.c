/*
 * methylation.c -- MGMT promoter methylation of patients
 */
#include "features/methylation.h"

#include "base/number.h"
#include "base/table.h"
#include "coxswain/ingest.h"
#include "ingest/mgmt.h"

#include <math.h>
#include <string.h>

/* Value of a parameter; one that is not there stops. */
static cxs_rc parameter(cxs_ctx *ctx, const cxs_table *t, const char *name, double *out)
{
    const size_t key = cxs_table_find(t, "parameter"), at = cxs_table_find(t, "value");

    for (size_t r = 0; key != SIZE_MAX && at != SIZE_MAX && r < t->rows; r++) {
        const char *text = cxs_table_cell(t, r, at);
        if (strcmp(cxs_table_cell(t, r, key), name) == 0 &&
            cxs_number_parse(text, strlen(text), out))
            return CXS_OK;
    }
    return cxs_fail(ctx, CXS_EFORMAT, "%s: no value of %s", t->path, name);
}

cxs_rc cxs_stp27_read(cxs_ctx *ctx, const char *refdata, cxs_stp27_model *out)
{
    static const char *const coefficient[] = {"intercept", "cg12434587", "cg12981137"};
    static const struct {
        const char *name;
        int i, k;
    } cells[] = {{"vcov_ii", 0, 0},
                 {"vcov_i_cg12434587", 0, 1},
                 {"vcov_i_cg12981137", 0, 2},
                 {"vcov_cg12434587_cg12434587", 1, 1},
                 {"vcov_cg12434587_cg12981137", 1, 2},
                 {"vcov_cg12981137_cg12981137", 2, 2}};
    const char *folder = cxs_refdata_folder(refdata);
    cxs_table *t = NULL;
    cxs_buf path = {0};
    cxs_rc rc = CXS_OK;

    if (folder == NULL)
        CXS_TRY(cxs_fail(ctx, CXS_ENOINPUT, "no folder of reference tables"));
    CXS_TRY(cxs_buf_addf(ctx, &path, "%s/stp27.tsv", folder));
    CXS_TRY(cxs_table_read(ctx, path.text, &t));
    for (int i = 0; i < 3; i++)
        CXS_TRY(parameter(ctx, t, coefficient[i], &out->coefficient[i]));
    for (size_t c = 0; c < sizeof cells / sizeof *cells; c++) {
        CXS_TRY(
            parameter(ctx, t, cells[c].name, &out->covariance[cells[c].i][cells[c].k]));
        out->covariance[cells[c].k][cells[c].i] =
            out->covariance[cells[c].i][cells[c].k];
    }
    rc = parameter(ctx, t, "cutoff_default", &out->cutoff);
done:
    cxs_table_free(t);
    cxs_free(path.text);
    return rc;
}

/* M-values of the probes, NaN where there are none. */
static void read_probes(const cxs_measures *bag, double m[2])
{
    const cxs_measure *t = bag != NULL ? cxs_measures_find(bag, "mgmt") : NULL;
    const char *const *probe = t != NULL ? cxs_measure_get_text(t, "probe") : NULL;
    const double *value = t != NULL ? cxs_measure_get_real(t, "m") : NULL;

    m[0] = m[1] = (double)NAN;
    for (size_t r = 0; probe != NULL && value != NULL && r < cxs_measure_rows(t); r++)
        for (size_t p = 0; p < 2; p++)
            if (probe[r] != NULL && strcmp(probe[r], cxs_mgmt_probe[p]) == 0)
                m[p] = value[r];
}

cxs_rc cxs_methylation_features(cxs_ctx *ctx, const cxs_patient_file *file,
                                const char *refdata, cxs_feature_columns *columns)
{
    cxs_stp27_model model;
    double *logit, *call, *uncertain, m[2];
    size_t called = 0, unsure = 0;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_stp27_read(ctx, refdata, &model));
    CXS_TRY(cxs_feature_columns_add(ctx, columns, "meth.mgmt.p", "logit",
                                    CXS_FEATURE_CONTINUOUS, &logit));
    CXS_TRY(cxs_feature_columns_add(ctx, columns, "meth.mgmt.call", "",
                                    CXS_FEATURE_BINARY, &call));
    CXS_TRY(cxs_feature_columns_add(ctx, columns, "meth.mgmt.uncertain", "",
                                    CXS_FEATURE_BINARY, &uncertain));
    for (size_t i = 0; i < columns->n; i++) {
        cxs_stp27_call one;
        read_probes(file[i].bag, m);
        one = cxs_stp27(&model, m[0], m[1]);
        if (one.methylated < 0)
            continue;
        logit[i] = one.logit;
        call[i] = one.methylated;
        uncertain[i] = one.uncertain;
        called++;
        unsure += one.uncertain == 1;
    }
    if (called > 0)
        cxs_note(ctx,
                 "MGMT promoter: called in %zu patients, in %zu of them the 95 %% "
                 "interval holds the cut-off",
                 called, unsure);
done:
    return rc;
}

static const double *column_of(const cxs_matrix *m, const char *name)
{
    const char *const *feature = cxs_matrix_feature(m);

    for (size_t j = 0; j < cxs_matrix_p(m); j++)
        if (strcmp(feature[j], name) == 0)
            return cxs_matrix_x(m) + j * cxs_matrix_n(m);
    return NULL;
}

void cxs_mgmt_beside_copies(cxs_ctx *ctx, const cxs_matrix *m)
{
    const double *call = column_of(m, "meth.mgmt.call"),
                 *arm = column_of(m, "cn.event.CHR10Q_LOSS"),
                 *both = column_of(m, "cn.event.CHR10_LOSS");
    size_t with = 0, lost = 0, methylated = 0;

    for (size_t i = 0;
         call != NULL && (arm != NULL || both != NULL) && i < cxs_matrix_n(m); i++) {
        const double q = arm != NULL ? arm[i] : (double)NAN,
                     pq = both != NULL ? both[i] : (double)NAN;
        const bool gone = q > 0.0 || pq > 0.0;
        if (isnan(call[i]) || (isnan(q) && isnan(pq)))
            continue;
        with++;
        lost += gone;
        methylated += gone && call[i] > 0.0;
    }
    if (with > 0)
        cxs_note(
            ctx,
            "MGMT beside its copies: %zu patients with both, %zu lost 10q and with "
            "it a copy of the gene, %zu of them methylated",
            with, lost, methylated);
}
