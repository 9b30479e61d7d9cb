/*
 * signature_case.h -- expression of all genes of the reference signatures, for tests
 */
#ifndef CXS_TEST_SIGNATURE_CASE_H
#define CXS_TEST_SIGNATURE_CASE_H

#include "refdata_case.h"
#include "scores_case.h"

enum { SAMPLES = 24 };

/* All symbols of the reference signatures and `more` other genes, sorted. */
typedef struct symbols {
    char **name;
    size_t count;
} symbols;

static inline int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static inline symbols read_symbols(cxs_ctx *ctx, size_t more)
{
    cxs_table *t = refdata_open(ctx, "signatures.tsv");
    symbols s = {calloc(t->rows + more, sizeof *s.name), 0};
    size_t to = 0;

    for (size_t r = 0; r < t->rows + more; r++) {
        char name[32];
        snprintf(name, sizeof name, "ZZ%05zu", r);
        s.name[r] = strdup(r < t->rows ? refdata_text(t, r, "symbol") : name);
    }
    qsort(s.name, t->rows + more, sizeof *s.name, by_text);
    for (size_t r = 0; r < t->rows + more; r++) {
        if (to > 0 && strcmp(s.name[to - 1], s.name[r]) == 0)
            free(s.name[r]);
        else
            s.name[to++] = s.name[r];
    }
    s.count = to;
    cxs_table_free(t);
    return s;
}

static inline void free_symbols(symbols *s)
{
    for (size_t k = 0; k < s->count; k++)
        free(s->name[k]);
    free(s->name);
}

/* Counts of all signature genes and `more` others in SAMPLES samples. */
static inline cxs_matrix *expression(cxs_ctx *ctx, size_t more, double scale)
{
    symbols s = read_symbols(ctx, more);
    cxs_matrix *m =
        case_matrix(SAMPLES, s.count, (const char *const *)s.name, CXS_KIND_COUNTS);

    case_counts(m, scale);
    free_symbols(&s);
    return m;
}

static inline cxs_features_settings with_signatures(void)
{
    cxs_features_settings s = cxs_features_auto();

    s.signatures = 1;
    s.refdata = "refdata";
    return s;
}

/* y of one gene: the features before any further step, unfiltered. */
static inline cxs_features *unfiltered(cxs_ctx *ctx, const cxs_matrix *m)
{
    cxs_features_settings s = cxs_features_auto();

    s.filter = s.winsorise = 0;
    return case_derive(ctx, m, &s);
}

#endif /* CXS_TEST_SIGNATURE_CASE_H */
