/*
 * study_plan.h -- study.yaml, checked: every key known, every value of its kind
 *
 * The plan keeps the file's tree; accessors answer NULL or 0 for what is not given.
 * Columns and constants are asked per sheet: a flat entry belongs to `patients`, an
 * entry whose value is a mapping belongs to the sheet of that name.
 */
#ifndef CXS_STUDY_PLAN_H
#define CXS_STUDY_PLAN_H

#include "ingest/yaml.h"

/* Sheets of a study, in the order in which they are read. */
typedef enum cxs_sheet_id {
    CXS_SHEET_PATIENTS,
    CXS_SHEET_SAMPLES,
    CXS_SHEET_ASSAYS,
    CXS_SHEET_VISITS,
    CXS_SHEET_DOSES,
    CXS_SHEET_AE,
    CXS_SHEET_ADTTE,
    CXS_SHEETS
} cxs_sheet_id;
const char *cxs_sheet_name(cxs_sheet_id sheet); /* "patients", .. */

typedef struct cxs_plan {
    cxs_yaml *root;
    char *path;   /* of the YAML file */
    char *folder; /* with its last slash; "" for the current folder */
} cxs_plan;

/* Read STUDY/study.yaml or the file itself.  CXS_EARG: unknown key (with the nearest
 * one), value of the wrong kind, file and line; CXS_ENOINPUT. */
cxs_rc cxs_plan_read(cxs_ctx *ctx, const char *study_path, cxs_plan **out) CXS_MUST_USE;
void cxs_plan_free(cxs_plan *plan);

/* Text of a key (section NULL: top level); NULL when absent or empty. */
const char *cxs_plan_text(const cxs_plan *plan, const char *section, const char *key);
/* True when a yes/no key says yes. */
bool cxs_plan_flag(const cxs_plan *plan, const char *section, const char *key);
/* Number of a key, NaN when absent. */
double cxs_plan_number(const cxs_plan *plan, const char *section, const char *key);
/* Item i of a list (a single text is a list of one), NULL after the last. */
const char *cxs_plan_item(const cxs_plan *plan, const char *key, size_t i);
/* Is the top-level key there, even when empty? */
bool cxs_plan_has(const cxs_plan *plan, const char *key);
/* Line of a key, for messages. */
size_t cxs_plan_line(const cxs_plan *plan, const char *section, const char *key);

/* Entry of columns: or constants: for one sheet; NULL when absent. */
const char *cxs_plan_entry(const cxs_plan *plan, const char *section,
                           cxs_sheet_id sheet, const char *column);
/* The whole mapping of a sheet: entry i of columns: or constants:, false after the
 * last; entries of other sheets are skipped. */
bool cxs_plan_entry_at(const cxs_plan *plan, const char *section, cxs_sheet_id sheet,
                       size_t *at, const char **column, const char **value,
                       size_t *line);
/* What values: makes of a cell of a column; the text itself without a rule. */
const char *cxs_plan_value(const cxs_plan *plan, const char *column, const char *text);
/* True when strata, covariates, factors, centre or endpoint name the column. */
bool cxs_plan_uses(const cxs_plan *plan, const char *column);

/* Path of a file named in the plan: relative to the plan's folder; NULL: no memory. */
char *cxs_plan_file(cxs_ctx *ctx, const cxs_plan *plan, const char *name);

#endif /* CXS_STUDY_PLAN_H */
