/*
 * format_case.h -- files of one sample each and what is read of them
 */
#ifndef CXS_FORMAT_CASE_H
#define CXS_FORMAT_CASE_H

#include "test.h"

#include "files.h"

#include "coxswain/ingest.h"
#include "store/data.h"

#include <sys/stat.h>
#include <zlib.h>

static char logged[8192];

static inline void keep_log(void *user, cxs_log_level level, const char *code,
                            const char *line)
{
    const size_t used = strlen(logged);

    (void)user;
    (void)level;
    snprintf(logged + used, sizeof logged - used, "%s: %s\n", code, line);
}

static inline cxs_ctx *make_ctx(void)
{
    cxs_ctx *ctx = cxs_ctx_new();

    if (ctx == NULL)
        abort();
    logged[0] = '\0';
    cxs_ctx_set_log(ctx, keep_log, NULL);
    return ctx;
}

static inline void make_folder(const char *name)
{
    if (mkdir(test_path(name), 0700) != 0)
        abort();
}

static inline void put(const char *name, const char *text)
{
    test_file(name, text, strlen(text));
}

static inline void put_gzip(const char *name, const char *text)
{
    gzFile file = gzopen(test_path(name), "wb");

    if (file == NULL || gzwrite(file, text, (unsigned)strlen(text)) <= 0 ||
        gzclose(file) != Z_OK)
        abort();
}

/* Does m hold these samples, features and values (features x samples, by rows)? */
static inline bool holds(const cxs_matrix *m, size_t n, const char *const *sample,
                         size_t p, const char *const *feature, const double *x)
{
    if (m == NULL || cxs_matrix_n(m) != n || cxs_matrix_p(m) != p)
        return false;
    for (size_t i = 0; i < n; i++)
        if (strcmp(cxs_matrix_sample(m)[i], sample[i]) != 0)
            return false;
    for (size_t j = 0; j < p; j++)
        if (strcmp(cxs_matrix_feature(m)[j], feature[j]) != 0)
            return false;
    for (size_t k = 0; k < n * p; k++)
        if (!(fabs(cxs_matrix_x(m)[k] - x[k]) <= 1e-12 * fmax(1.0, fabs(x[k]))))
            return false;
    return true;
}

static inline void refuse(const char *name, const cxs_matrix_settings *s, cxs_rc want,
                          const char *message)
{
    cxs_ctx *ctx = make_ctx();
    cxs_matrix *m = NULL;
    const cxs_rc rc = cxs_matrix_read(ctx, test_path(name), s, &m);

    if (rc != want || strstr(cxs_ctx_message(ctx), message) == NULL)
        printf("  %s: %d [%s] %s\n", name, (int)rc, cxs_ctx_code(ctx),
               cxs_ctx_message(ctx));
    CHECK(rc == want && m == NULL);
    CHECK(strstr(cxs_ctx_message(ctx), message) != NULL);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
}

static const char *const p12[] = {"P1", "P2"}, *const genes12[] = {"ENSG1", "ENSG2"};

#define SALMON "Name\tLength\tEffectiveLength\tTPM\tNumReads\n"

static const char tx2gene[] = "transcript_id\tgene_id\tgene_name\n"
                              "a2\tA\tALPHA\nb1\tB\tBETA\na1.4\tA\tALPHA\n"
                              "c1\tC\tGAMMA\nz1\tZ\tOMEGA\n";

#endif /* CXS_FORMAT_CASE_H */
