/*
 * fluid_features.c -- routine values of the cerebrospinal fluid before treatment
 *
 * For each value the last visit on or before the day that has it.  Cytology: one tap
 * finds about half of the leptomeningeal disease, so that 0 is "not seen".
 */
#include "features/assays.h"

#include "store/study_schema.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double TRAUMATIC = 1000.0, WBC_PER_RBC = 700.0;

enum {
    CYTOLOGY,
    PROTEIN,
    WBC,
    RBC,
    GLUCOSE,
    SERUM_GLUCOSE,
    PRESSURE,
    LDH,
    LACTATE,
    TCELL,
    IL6,
    IFNG,
    VALUES
};

static const char *const columns_of[VALUES] = {"CSF_CYTOLOGY",
                                               "CSF_PROTEIN_G_L",
                                               "CSF_WBC",
                                               "CSF_RBC",
                                               "CSF_GLUCOSE_MMOL_L",
                                               "SERUM_GLUCOSE_MMOL_L",
                                               "CSF_PRESSURE_CMH2O",
                                               "CSF_LDH_U_L",
                                               "CSF_LACTATE_MMOL_L",
                                               "CSF_TCELL_PER_UL",
                                               "CSF_IL6_PG_ML",
                                               "CSF_IFNG_PG_ML"};

/* One visit, and for each value of a patient the day it is from. */
typedef struct found {
    double value[VALUES], day[VALUES];
} found;

static double cytology(const char *text)
{
    return strcmp(text, "POS") == 0         ? 2.0
           : strcmp(text, "EQUIVOCAL") == 0 ? 1.0
           : strcmp(text, "NEG") == 0       ? 0.0
                                            : (double)NAN;
}

static size_t index_of(const char *const *patient, size_t n, const char *id)
{
    size_t low = 0, high = n;

    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        const int order = strcmp(patient[mid], id);
        if (order == 0)
            return mid;
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return SIZE_MAX;
}

/* One cell of a visit: patient, day, column, value. */
static void take(cxs_stmt *stmt, const char *const *patient, size_t n, double until,
                 found *all)
{
    const size_t i = index_of(patient, n, cxs_column_text(stmt, 0));
    const double day = strtod(cxs_column_text(stmt, 1), NULL);
    const char *name = cxs_column_text(stmt, 2), *text = cxs_column_text(stmt, 3);

    if (i == SIZE_MAX || !(day <= until))
        return;
    for (int v = 0; v < VALUES; v++) {
        const double value = v == CYTOLOGY ? cytology(text) : strtod(text, NULL);
        if (strcmp(name, columns_of[v]) == 0 && !isnan(value) &&
            !(day < all[i].day[v])) {
            all[i].value[v] = value;
            all[i].day[v] = day;
        }
    }
}

static cxs_rc read_visits(cxs_ctx *ctx, cxs_study *study, const char *const *patient,
                          size_t n, double until, found *all)
{
    cxs_stmt *stmt = NULL;
    bool row = false;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_db_prepare(
        ctx, study->db,
        "SELECT p.value, d.value, v.name, v.value FROM record v"
        " JOIN record p ON p.sheet = v.sheet AND p.row = v.row AND p.name = "
        "'PATIENT_ID'"
        " JOIN record d ON d.sheet = v.sheet AND d.row = v.row AND d.name = 'DAY'"
        " WHERE v.sheet = 'visits' AND (v.name LIKE 'CSF%' OR v.name LIKE 'SERUM%')"
        " ORDER BY v.row, v.name",
        &stmt));
    for (;;) {
        CXS_TRY(cxs_stmt_step(ctx, stmt, &row));
        if (!row)
            break;
        take(stmt, patient, n, until, all);
    }
done:
    cxs_stmt_free(stmt);
    return rc;
}

/* White cells without those that blood of a traumatic tap brought. */
static double white_cells(const found *f)
{
    const double blood = f->value[RBC] > TRAUMATIC ? f->value[RBC] / WBC_PER_RBC : 0.0;

    return isnan(f->value[WBC]) ? (double)NAN : fmax(0.0, f->value[WBC] - blood);
}

static double ratio(double over, double under)
{
    return under > 0.0 ? over / under : (double)NAN;
}

static double feature_of(const found *f, int which)
{
    switch (which) {
    case PROTEIN:
        return f->value[PROTEIN] > 0.0 ? log2(f->value[PROTEIN]) : (double)NAN;
    case WBC:
        return log2(white_cells(f) + 1.0);
    case GLUCOSE:
        return ratio(f->value[GLUCOSE], f->value[SERUM_GLUCOSE]);
    case RBC:
    case LDH:
    case TCELL:
    case IL6:
    case IFNG:
        return log2(f->value[which] + 1.0);
    default:
        return f->value[which];
    }
}

static const struct {
    const char *name, *unit;
    int from;
    cxs_feature_type type;
} features_of[] = {{"csf.cytology", "", CYTOLOGY, CXS_FEATURE_ORDINAL},
                   {"csf.protein", "log2 g/l", PROTEIN, CXS_FEATURE_CONTINUOUS},
                   {"csf.wbc", "log2(cells/ul + 1)", WBC, CXS_FEATURE_CONTINUOUS},
                   {"csf.rbc", "log2(cells/ul + 1)", RBC, CXS_FEATURE_CONTINUOUS},
                   {"csf.glucose_ratio", "ratio", GLUCOSE, CXS_FEATURE_CONTINUOUS},
                   {"csf.pressure", "cmH2O", PRESSURE, CXS_FEATURE_CONTINUOUS},
                   {"csf.ldh", "log2(U/l + 1)", LDH, CXS_FEATURE_CONTINUOUS},
                   {"csf.lactate", "mmol/l", LACTATE, CXS_FEATURE_CONTINUOUS},
                   {"csf.il6", "log2(pg/ml + 1)", IL6, CXS_FEATURE_CONTINUOUS},
                   {"csf.ifng", "log2(pg/ml + 1)", IFNG, CXS_FEATURE_CONTINUOUS}};

cxs_rc cxs_fluid_features(cxs_ctx *ctx, cxs_study *study, const char *const *patient,
                          double day, cxs_feature_columns *columns)
{
    const size_t n = columns->n;
    found *all = NULL;
    double *value;
    cxs_rc rc = CXS_OK;

    CXS_NEW(all, n + 1);
    for (size_t i = 0; i < n; i++)
        for (int v = 0; v < VALUES; v++) {
            all[i].value[v] = (double)NAN;
            all[i].day[v] = -HUGE_VAL;
        }
    CXS_TRY(read_visits(ctx, study, patient, n, day, all));
    for (size_t k = 0; k < sizeof features_of / sizeof *features_of; k++) {
        CXS_TRY(cxs_feature_columns_add(ctx, columns, features_of[k].name,
                                        features_of[k].unit, features_of[k].type,
                                        &value));
        for (size_t i = 0; i < n; i++)
            value[i] = feature_of(&all[i], features_of[k].from);
    }
done:
    cxs_free(all);
    return rc;
}
