/*
 * cns5.c -- integrated diagnosis of diffuse glioma
 */
#include "features/cns5.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

static const double ADULT = 18.0;

static bool yes(double x)
{
    return x > 0.5;
}

static bool no(double x)
{
    return x < 0.5; /* NaN is neither */
}

/* 1 when any is, 0 when all are not, else NaN. */
static double any_of(const double *x, size_t n)
{
    bool unknown = false;

    for (size_t i = 0; i < n; i++) {
        if (yes(x[i]))
            return 1.0;
        unknown = unknown || isnan(x[i]);
    }
    return unknown ? (double)NAN : 0.0;
}

static cxs_cns5_label of_mutant(const cxs_cns5_markers *m, double *grade)
{
    if (isnan(m->codel))
        return CXS_CNS5_UNKNOWN;
    if (yes(m->cdkn2a_homdel))
        *grade = yes(m->codel) ? 3.0 : 4.0;
    return yes(m->codel) ? CXS_CNS5_OLIGODENDROGLIOMA : CXS_CNS5_ASTROCYTOMA;
}

cxs_cns5_label cxs_cns5(const cxs_cns5_markers *m, double *grade)
{
    const double any[] = {m->tert, m->egfr_amp, m->gain7_loss10};
    const double molecular = any_of(any, 3);

    *grade = (double)NAN;
    if (yes(m->idh))
        return of_mutant(m, grade);
    if (yes(m->h3_k27) || yes(m->h3_g34)) {
        *grade = 4.0;
        return yes(m->h3_k27) ? CXS_CNS5_MIDLINE : CXS_CNS5_HEMISPHERIC;
    }
    if (isnan(m->idh) || isnan(m->h3_k27) || isnan(m->h3_g34) || isnan(m->age))
        return CXS_CNS5_UNKNOWN;
    if (m->age < ADULT || no(molecular))
        return CXS_CNS5_NOT_CLASSIFIED;
    if (isnan(molecular))
        return CXS_CNS5_UNKNOWN;
    *grade = 4.0;
    return CXS_CNS5_GLIOBLASTOMA;
}

const char *cxs_cns5_name(cxs_cns5_label label)
{
    static const char *const names[] = {
        [CXS_CNS5_UNKNOWN] = "",
        [CXS_CNS5_NOT_CLASSIFIED] = "not classified",
        [CXS_CNS5_OLIGODENDROGLIOMA] = "oligodendroglioma",
        [CXS_CNS5_ASTROCYTOMA] = "astrocytoma",
        [CXS_CNS5_MIDLINE] = "diffuse midline glioma",
        [CXS_CNS5_HEMISPHERIC] = "diffuse hemispheric glioma",
        [CXS_CNS5_GLIOBLASTOMA] = "glioblastoma"};

    return names[label];
}

static double value_of(const cxs_feature_columns *columns, const char *name, size_t i)
{
    const size_t at = cxs_feature_columns_find(columns, name);

    return at != SIZE_MAX ? columns->column[at].value[i] : (double)NAN;
}

/* Any column whose name begins so. */
static double any_named(const cxs_feature_columns *columns, const char *const *prefix,
                        size_t prefixes, size_t i)
{
    bool unknown = false, found = false;

    for (size_t c = 0; c < columns->count; c++)
        for (size_t p = 0; p < prefixes; p++) {
            const double x = columns->column[c].value[i];
            if (strncmp(columns->column[c].name, prefix[p], strlen(prefix[p])) != 0)
                continue;
            if (yes(x))
                return 1.0;
            found = true;
            unknown = unknown || isnan(x);
        }
    return found && !unknown ? 0.0 : (double)NAN;
}

cxs_cns5_markers cxs_cns5_take(const cxs_feature_columns *columns, size_t i)
{
    static const char *const idh[] = {"var.hot.IDH1_R132", "var.hot.IDH2_R172"};
    static const char *const tert[] = {"var.hot.TERT_"};
    static const char *const k27[] = {"var.hot.H3-3A_K27", "var.hot.H3C2_K27"};
    static const char *const g34[] = {"var.hot.H3-3A_G34"};

    return (cxs_cns5_markers){
        .idh = any_named(columns, idh, 2, i),
        .codel = value_of(columns, "cn.event.CODEL_1P19Q", i),
        .gain7_loss10 = value_of(columns, "cn.event.GAIN7_LOSS10", i),
        .egfr_amp = value_of(columns, "cn.focal.EGFR.amp", i),
        .tert = any_named(columns, tert, 1, i),
        .cdkn2a_homdel = value_of(columns, "cn.focal.CDKN2A.homdel", i),
        .h3_k27 = any_named(columns, k27, 2, i),
        .h3_g34 = any_named(columns, g34, 1, i),
        .age = (double)NAN};
}

static double first_known(double a, double b)
{
    return isnan(a) ? b : a;
}

cxs_rc cxs_cns5_compare(cxs_ctx *ctx, const cxs_cns5_markers *measured,
                        const double *mgmt, const cxs_cns5_given *given, size_t n)
{
    static const char *const what[] = {"IDH", "1p/19q", "MGMT", "WHO grade"};
    size_t differ[4] = {0, 0, 0, 0};
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < n; i++) {
        const cxs_cns5_given *g = &given[i];
        cxs_cns5_markers m = measured[i];
        double grade, gap[4];
        m.idh = first_known(g->idh, m.idh);
        m.codel = first_known(g->codel, m.codel);
        (void)cxs_cns5(&m, &grade);
        gap[0] = g->idh - measured[i].idh;
        gap[1] = g->codel - measured[i].codel;
        gap[2] = mgmt != NULL ? g->mgmt - mgmt[i] : (double)NAN;
        gap[3] = g->grade - grade;
        for (size_t k = 0; k < 4; k++)
            differ[k] += fabs(gap[k]) > 0.0; /* false for NaN */
    }
    for (size_t k = 0; k < 4; k++)
        if (differ[k] > 0)
            CXS_TRY(cxs_warn(ctx, "CX060", "%zu patients: %s given and computed differ",
                             differ[k], what[k]));
done:
    return rc;
}
