/*
 * copy_quality.c -- can copy numbers of a sample be believed, and its tumour fraction?
 */
#include "features/copy_private.h"

#include <math.h>
#include <string.h>

/* Without a panel of normals a smaller tumour fraction is not told from noise. */
static const double LEAST_WITHOUT_PANEL = 0.05;

static const double PLASMA_LIMIT = 0.03, SPINAL_LIMIT = 0.10;

/* Tumour fraction that may be told; NaN for what is not told from noise.  0 is told
 * without a panel as well: it says that nothing altered was seen, and the differences
 * between bins that a panel takes away add altered segments.  Were it missing, patients
 * would be missing by what is measured: those whose tumour cannot be seen. */
double cxs_copy_told_fraction(const cxs_copy_result *r)
{
    const double fraction = r->segments.tumour_fraction;

    return r->panel || fraction >= LEAST_WITHOUT_PANEL || fraction == 0.0 ? fraction
                                                                          : (double)NAN;
}

static cxs_rc add_quality(cxs_ctx *ctx, const char *sample, const cxs_copy_result *r,
                          cxs_quality_rows *quality)
{
    static const char *const names[CXS_CN_MEASURES] = {"cn_fragments", "cn_sd_diff",
                                                       "cn_gc_rank"},
                             *const units[CXS_CN_MEASURES] = {"fragments", "log2",
                                                              "correlation"};
    const cxs_cn_quality *q = &r->quality;
    const double value[CXS_CN_MEASURES] = {q->fragments,
                                           q->used > 0 ? q->sd_diff : (double)NAN,
                                           q->used > 0 ? q->gc_rank : (double)NAN};
    cxs_quality_row row = {.measure = "cn_bins",
                           .unit = "bins",
                           .value = (double)q->used,
                           .state = q->used > 0 ? CXS_QC_OK : CXS_QC_FAIL,
                           .reason = q->used > 0 ? NULL : "few_bins"};
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_quality_add(ctx, quality, sample, &row));
    for (int m = 0; m < CXS_CN_MEASURES; m++) {
        const char *reason;
        const cxs_cn_state state = cxs_cn_judge((cxs_cn_measure)m, value[m], &reason);
        row = (cxs_quality_row){.measure = names[m],
                                .unit = units[m],
                                .value = value[m],
                                .state = (cxs_qc_state)state,
                                .reason = *reason != '\0' ? reason : NULL};
        CXS_TRY(cxs_quality_add(ctx, quality, sample, &row));
    }
done:
    return rc;
}

/* What the tumour fraction says: in plasma the limit of detection is 0.03 (Adalsteinsson
 * 2017), in cerebrospinal fluid samples without tumour reach that, with tumour 0.10
 * (Fitzpatrick 2022, Clinical Cancer Research 28:1180). */
static cxs_rc add_fraction(cxs_ctx *ctx, const cxs_patient_file *file,
                           const cxs_copy_result *r, cxs_quality_rows *quality)
{
    const double fraction = cxs_copy_told_fraction(r);
    const int spinal = strcmp(file->source, "CSF_CFDNA") == 0;
    cxs_quality_row row = {
        .measure = "cn_tumour_fraction", .unit = "fraction", .value = fraction};

    if (isnan(fraction)) {
        row.state = CXS_QC_WARN;
        row.reason = "no_panel_of_normals";
    } else if (fraction == 0.0) {
        row.reason = "no_cna_evidence";
    } else if (fraction < PLASMA_LIMIT) {
        row.reason = "not_detected";
    } else if (spinal && fraction < SPINAL_LIMIT) {
        row.reason = "indeterminate";
    }
    return cxs_quality_add(ctx, quality, file->sample, &row);
}

cxs_rc cxs_copy_tell_quality(cxs_ctx *ctx, const cxs_copy_job *j, size_t n,
                             cxs_quality_rows *quality)
{
    size_t failed = 0, called = 0, alone = 0, spinal = 0, quiet = 0;
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < n; i++) {
        const cxs_copy_result *r = &j->result[i];
        if (r->read)
            CXS_TRY(add_quality(ctx, j->file[i].sample, r, quality));
        if (r->read && r->done == 2 && !r->tissue)
            CXS_TRY(add_fraction(ctx, &j->file[i], r, quality));
        failed += r->done == 1;
        called += r->done >= 2;
        alone += r->read && r->done == 2 && !r->tissue && !r->panel;
        quiet += r->read && r->done == 2 && r->segments.tumour_fraction == 0.0;
        spinal += r->panel && strcmp(j->file[i].source, "CSF_CFDNA") == 0;
    }
    if (failed + called > 0)
        cxs_note(ctx, "copy number: %zu samples called, %zu without enough quality",
                 called, failed);
    if (alone > 0)
        CXS_TRY(cxs_warn(ctx, "",
                         "copy number: %zu cell-free samples have no panel of normals "
                         "of their bins: their tumour fraction above 0 and below %.2f "
                         "is not told",
                         alone, LEAST_WITHOUT_PANEL));
    if (quiet > 0)
        cxs_note(ctx,
                 "copy number: %zu cell-free samples show no CNA evidence: a tumour "
                 "fraction of 0 does not mean that there is no tumour",
                 quiet);
    if (spinal > 0)
        cxs_note(
            ctx,
            "copy number: for %zu samples of cerebrospinal fluid a panel of normal "
            "fluid fits better than one of plasma or blood; read a tumour fraction "
            "below 0.03 as not detected, to 0.10 as indeterminate",
            spinal);
done:
    return rc;
}
