/*
 * fluid_features.c -- routine values of the cerebrospinal fluid before treatment
 *
 * For each value the last visit that has it within 28 days before the first dose; where
 * there is none, the last until a landmark or the patient's entry (ingest/baseline.h).
 * Visits go on after treatment by their nature, so that a patient who has only later ones
 * is counted and has no value: nothing was measured to stand for a baseline.  Of two
 * values of one day the greater is taken.  Cytology: one tap
 * finds about half of the leptomeningeal disease, so that 0 is "not seen".
 */
#include "features/assays.h"

#include "ingest/baseline.h"
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

/* What stands for a patient, and how: value v is of a visit held[v] of day day[v]. */
typedef struct found {
    double value[VALUES], day[VALUES];
    cxs_when held[VALUES];
    cxs_dated when; /* of the patient: dose, landmark, entry */
    bool old, after;
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

static void offer(found *f, int v, double day, double value)
{
    cxs_dated at = f->when;
    cxs_when when;

    at.day = day;
    when = cxs_when_of(&at);
    f->old = f->old || when == CXS_WHEN_OLD;
    f->after = f->after || when == CXS_WHEN_AFTER;
    if (when < CXS_WHEN_LATE || when < f->held[v] ||
        (when == f->held[v] &&
         (day < f->day[v] || (day == f->day[v] && value <= f->value[v]))))
        return;
    f->held[v] = when;
    f->day[v] = day;
    f->value[v] = value;
}

/* One cell of a visit: patient, day, column, value. */
static void take(cxs_stmt *stmt, const char *const *patient, size_t n, found *all)
{
    const size_t i = index_of(patient, n, cxs_column_text(stmt, 0));
    const double day = strtod(cxs_column_text(stmt, 1), NULL);
    const char *name = cxs_column_text(stmt, 2), *text = cxs_column_text(stmt, 3);

    for (int v = 0; i != SIZE_MAX && v < VALUES; v++) {
        const double value = v == CYTOLOGY ? cytology(text) : strtod(text, NULL);
        if (strcmp(name, columns_of[v]) == 0 && !isnan(value))
            offer(&all[i], v, day, value);
    }
}

/* First dose, landmark and entry of each patient. */
static cxs_rc read_times(cxs_ctx *ctx, cxs_study *study, const char *const *patient,
                         size_t n, found *all)
{
    const char *landmark = cxs_study_setting(study, "landmark_days");
    cxs_stmt *stmt = NULL;
    bool row = false;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_db_prepare(
        ctx, study->db,
        "SELECT p.id, d.value, e.entry_days FROM patient p"
        " LEFT JOIN patient_value d ON d.patient = p.id AND d.name = 'FIRST_DOSE_DAY'"
        " LEFT JOIN endpoint e ON e.patient = p.id AND e.name ="
        " (SELECT value FROM setting WHERE key = 'endpoint')",
        &stmt));
    for (;;) {
        size_t i;
        CXS_TRY(cxs_stmt_step(ctx, stmt, &row));
        if (!row)
            break;
        i = index_of(patient, n, cxs_column_text(stmt, 0));
        if (i == SIZE_MAX)
            continue;
        all[i].when = (cxs_dated){.dose = cxs_column_real(stmt, 1),
                                  .entry = cxs_column_real(stmt, 2),
                                  .landmark = *landmark != '\0' ? strtod(landmark, NULL)
                                                                : (double)NAN,
                                  .source = "CSF_CELLS"};
    }
done:
    cxs_stmt_free(stmt);
    return rc;
}

static cxs_rc read_visits(cxs_ctx *ctx, cxs_study *study, const char *const *patient,
                          size_t n, found *all)
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
        take(stmt, patient, n, all);
    }
done:
    cxs_stmt_free(stmt);
    return rc;
}

static cxs_rc warn_unused(cxs_ctx *ctx, const cxs_study *study, const found *all,
                          size_t n)
{
    size_t old = 0, after = 0;
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < n; i++) {
        bool any = false;
        for (int v = 0; v < VALUES; v++)
            any = any || all[i].held[v] >= CXS_WHEN_LATE;
        old += !any && all[i].old;
        after += !any && !all[i].old && all[i].after;
    }
    if (old > 0)
        CXS_TRY(cxs_warn(ctx, "",
                         "%s: visits: %zu patients have values of the fluid from more "
                         "than 28 days before the first dose alone: not used",
                         study->path, old));
    if (after > 0)
        rc =
            cxs_warn(ctx, "",
                     "%s: visits: %zu patients have values of the fluid from after the "
                     "first dose alone: not used as baseline",
                     study->path, after);
done:
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
                          cxs_feature_columns *columns)
{
    const size_t n = columns->n;
    found *all = NULL;
    double *value;
    cxs_rc rc = CXS_OK;

    CXS_NEW(all, n + 1);
    for (size_t i = 0; i < n; i++)
        for (int v = 0; v < VALUES; v++) {
            all[i].value[v] = (double)NAN;
            all[i].held[v] = CXS_WHEN_NEVER;
        }
    CXS_TRY(read_times(ctx, study, patient, n, all));
    CXS_TRY(read_visits(ctx, study, patient, n, all));
    CXS_TRY(warn_unused(ctx, study, all, n));
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
