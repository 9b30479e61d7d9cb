/*
 * reference.h -- read the simulated cohort and the answers of R (make_reference.R)
 */
#ifndef CXS_TEST_REFERENCE_H
#define CXS_TEST_REFERENCE_H

#include "base/table.h"
#include "store/data.h"

#include <stdlib.h>
#include <string.h>

/* One of the 32 settings that every answer is given for. */
typedef struct ref_setting {
    cxs_ties ties;
    int strata, entry, weights, offset;
} ref_setting;

static inline cxs_table *ref_read(const char *name)
{
    char path[256];
    cxs_table *table = NULL;

    snprintf(path, sizeof path, "tests/data/reference/%s", name);
    CHECK(cxs_table_read(NULL, path, &table) == CXS_OK);
    if (table == NULL) {
        printf("%s is missing: run from the top of the checkout\n", path);
        exit(1);
    }
    return table;
}

static inline const char *ref_text(const cxs_table *table, size_t row,
                                   const char *column)
{
    const size_t at = cxs_table_find(table, column);

    if (at == SIZE_MAX) {
        printf("%s has no column %s\n", table->path, column);
        exit(1);
    }
    return cxs_table_cell(table, row, at);
}

/* The number in a cell; NaN for NA. */
static inline double ref_number(const cxs_table *table, size_t row, const char *column)
{
    const char *text = ref_text(table, row, column);
    char *end;
    const double value = strtod(text, &end);

    return end == text || strcmp(text, "NA") == 0 ? (double)NAN : value;
}

static inline ref_setting ref_setting_of(const cxs_table *answers, size_t row)
{
    return (ref_setting){
        .ties = strcmp(ref_text(answers, row, "ties"), "efron") == 0 ? CXS_TIES_EFRON
                                                                     : CXS_TIES_BRESLOW,
        .strata = ref_number(answers, row, "strata") > 0.0,
        .entry = ref_number(answers, row, "entry") > 0.0,
        .weights = ref_number(answers, row, "weights") > 0.0,
        .offset = ref_number(answers, row, "offset") > 0.0,
    };
}

static inline double *ref_column(const cxs_table *table, const char *name)
{
    double *value = cxs_calloc(NULL, table->rows, sizeof *value);

    for (size_t i = 0; i < table->rows; i++)
        value[i] = ref_number(table, i, name);
    return value;
}

/* Follow-up of the table's rows, in the table's order, with the named covariates. */
static inline cxs_surv *ref_surv(const cxs_table *t, ref_setting s, size_t k,
                                 const char *const *covariate)
{
    const size_t n = t->rows;
    cxs_surv *surv = cxs_calloc(NULL, 1, sizeof *surv);

    surv->n = surv->n_subjects = n;
    surv->k = k;
    surv->n_strata = s.strata ? 3 : 1;
    surv->id = cxs_calloc(NULL, n, sizeof *surv->id);
    surv->event = cxs_calloc(NULL, n, sizeof *surv->event);
    surv->stratum = cxs_calloc(NULL, n, sizeof *surv->stratum);
    surv->stratum_name = cxs_calloc(NULL, surv->n_strata, sizeof *surv->stratum_name);
    surv->term = cxs_calloc(NULL, k, sizeof *surv->term);
    surv->z = cxs_calloc(NULL, n * k, sizeof *surv->z);
    surv->time_unit = cxs_strdup(NULL, "");
    surv->endpoint = cxs_strdup(NULL, "");
    surv->time = ref_column(t, "time");
    surv->entry = s.entry ? ref_column(t, "entry") : NULL;
    surv->weight = s.weights ? ref_column(t, "weight") : NULL;
    surv->offset = s.offset ? ref_column(t, "offset") : NULL;
    for (size_t i = 0; i < n; i++) {
        surv->id[i] = cxs_strdup(NULL, ref_text(t, i, "id"));
        surv->event[i] = ref_number(t, i, "event") > 0.0;
        surv->stratum[i] = s.strata ? (uint32_t)(*ref_text(t, i, "stratum") - 'a') : 0;
    }
    for (size_t c = 0; c < surv->n_strata; c++) {
        char name[] = "stratum=a";
        name[8] = (char)('a' + (int)c);
        surv->stratum_name[c] = cxs_strdup(NULL, s.strata ? name : "all");
    }
    for (size_t c = 0; c < k; c++) {
        double *z = ref_column(t, covariate[c]);
        memcpy(surv->z + c * n, z, n * sizeof *z);
        cxs_free(z);
        surv->term[c] = cxs_strdup(NULL, covariate[c]);
    }
    return surv;
}

/* |got / want - 1| <= tolerance; two missing values agree. */
static inline int ref_close(double got, double want, double tolerance)
{
    if (isnan(want))
        return isnan(got);
    return fabs(got - want) <= tolerance * fabs(want);
}

#define CHECK_REF(got, want, tol)                                                      \
    do {                                                                               \
        const double got_ = (got), want_ = (want);                                     \
        if (!ref_close(got_, want_, (tol))) {                                          \
            test_failures++;                                                           \
            printf("  %s:%d: %s = %.17g, R has %.17g\n", __FILE__, __LINE__, #got,     \
                   got_, want_);                                                       \
        }                                                                              \
    } while (0)

#endif /* CXS_TEST_REFERENCE_H */
