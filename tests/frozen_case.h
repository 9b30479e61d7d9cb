/*
 * frozen_case.h -- training features with a reference, and new samples, for tests
 */
#ifndef CXS_TEST_FROZEN_CASE_H
#define CXS_TEST_FROZEN_CASE_H

#include "signature_case.h"

/* Samples from..from+count of a matrix. */
static inline cxs_matrix *some_samples(const cxs_matrix *m, size_t from, size_t count)
{
    cxs_matrix *c = case_matrix(count, m->p, (const char *const *)m->feature, m->kind);

    for (size_t i = 0; i < count; i++) {
        cxs_free(c->sample[i]);
        c->sample[i] = cxs_strdup(NULL, m->sample[from + i]);
        for (size_t j = 0; j < m->p; j++)
            c->x[j * count + i] = m->x[j * m->n + from + i];
    }
    if (m->length != NULL) {
        c->length = cxs_calloc(NULL, m->p, sizeof *c->length);
        memcpy(c->length, m->length, m->p * sizeof *c->length);
    }
    return c;
}

/* test_path() lends four at once: this one stays. */
static inline const char *reference_path(void)
{
    static char path[2 * TEST_PATH_BYTES];

    snprintf(path, sizeof path, "%s/ref.txt", test_folder);
    return path;
}

/* Features of the matrix, and their reference in ref.txt of the test. */
static inline cxs_features *train(cxs_ctx *ctx, const cxs_matrix *m,
                                  cxs_features_settings s,
                                  const cxs_sample_notes *notes)
{
    cxs_features *f = NULL;

    s.freeze = 1;
    if (cxs_features_derive_noted(ctx, m, NULL, &s, notes, &f) != CXS_OK ||
        cxs_features_write_reference(ctx, f, reference_path(), NULL) != CXS_OK) {
        fprintf(stderr, "%s\n", cxs_ctx_message(ctx));
        abort();
    }
    return f;
}

static inline cxs_features_settings by_reference(void)
{
    cxs_features_settings s = cxs_features_auto();

    s.reference = reference_path();
    s.refdata = "refdata";
    return s;
}

/* Do rows `at` of one and `row` of the other hold the same bytes? */
static inline size_t differing(const cxs_matrix *a, size_t at, const cxs_matrix *b,
                               size_t row)
{
    size_t differ = a->p != b->p;

    for (size_t j = 0; differ == 0 && j < a->p; j++)
        differ +=
            strcmp(a->feature[j], b->feature[j]) != 0 ||
            memcmp(&a->x[j * a->n + at], &b->x[j * b->n + row], sizeof(double)) != 0;
    return differ;
}

static inline bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* Sample i + k of the training set is sample k of the new one. */
static inline void check_sample(const cxs_features *f, size_t i, const cxs_features *g,
                                size_t k)
{
    CHECK(differing(f->matrix, i, g->matrix, k) == 0);
    CHECK(memcmp(&f->norm[i], &g->norm[k], sizeof(double)) == 0);
    CHECK(memcmp(&f->size[i], &g->size[k], sizeof(double)) == 0);
    if (f->scores == NULL)
        return;
    CHECK(differing(f->scores->matrix, i, g->scores->matrix, k) == 0);
    CHECK(same_text(f->scores->subtypes.call[i], g->scores->subtypes.call[k]));
    CHECK(same_text(f->scores->subtypes.flag[i], g->scores->subtypes.flag[k]));
    CHECK(memcmp(f->scores->subtypes.p + 3 * i, g->scores->subtypes.p + 3 * k,
                 3 * sizeof(double)) == 0);
}

#endif /* CXS_TEST_FROZEN_CASE_H */
