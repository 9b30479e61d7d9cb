/*
 * genesets.c -- gene sets from counts: TMM, log-CPM and ssGSEA of many samples
 *
 *   bench_genesets DIR N P SETS THREADS
 *
 * Simulates N samples of P genes and SETS sets of 50 genes, derives the scores as
 * `coxswain features --filter no --gmt ... --score ssgsea` does, without reading or
 * writing tables, and prints its time.  For R: DIR/counts.f64 (N x P doubles, gene by
 * gene), DIR/sets.gmt, and DIR/es.f64, the scores (N x SETS).
 */
#include "base/base.h"
#include "base/progress.h"
#include "base/stream.h"
#include "coxswain/features.h"
#include "store/data.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { SET_GENES = 50 };

/* Overdispersed counts about a mean of the gene and a depth of the sample. */
static void fill(cxs_matrix *m)
{
    for (size_t j = 0; j < m->p; j++) {
        const cxs_stream s = {1, CXS_DRAW_TEST, j};
        const double mean = exp(3.0 + 2.0 * cxs_draw_normal(&s, UINT32_MAX));
        for (size_t i = 0; i < m->n; i++)
            m->x[j * m->n + i] = floor(mean * (1.0 + (double)(i % 7) / 10.0) *
                                       exp(0.7 * cxs_draw_normal(&s, i)));
    }
}

static cxs_rc new_matrix(cxs_ctx *ctx, size_t n, size_t p, cxs_matrix **out)
{
    cxs_matrix *m = NULL;
    char name[32];
    cxs_rc rc = CXS_OK;

    CXS_NEW(m, 1);
    m->kind = CXS_KIND_COUNTS;
    CXS_NEW(m->sample, n);
    m->n = n;
    CXS_NEW(m->feature, p);
    m->p = p;
    CXS_NEW(m->x, n * p);
    for (size_t k = 0; k < n + p; k++) {
        char **to = k < n ? &m->sample[k] : &m->feature[k - n];
        snprintf(name, sizeof name, "%c%08zu", k < n ? 'S' : 'G', k < n ? k : k - n);
        if ((*to = cxs_strdup(ctx, name)) == NULL)
            CXS_TRY(CXS_ENOMEM);
    }
    fill(m);
    *out = m;
    m = NULL;

done:
    cxs_matrix_free(m);
    return rc;
}

static FILE *create(const char *folder, const char *name, char path[4096])
{
    FILE *file;

    snprintf(path, 4096, "%s/%s", folder, name);
    if ((file = fopen(path, "wb")) == NULL) {
        perror(path);
        exit(73);
    }
    return file;
}

static void write_sets(FILE *file, size_t p, size_t sets)
{
    for (size_t s = 0; s < sets; s++) {
        const cxs_stream draws = {2, CXS_DRAW_TEST, s};
        fprintf(file, "SET%03zu\tsimulated", s);
        for (size_t g = 0; g < SET_GENES; g++)
            fprintf(file, "\tG%08zu", cxs_draw_below(&draws, g, p));
        fputc('\n', file);
    }
}

static void write_reals(const char *folder, const char *name, const double *x, size_t n)
{
    char path[4096];
    FILE *file = create(folder, name, path);

    if (fwrite(x, sizeof *x, n, file) != n || fclose(file) != 0) {
        perror(path);
        exit(74);
    }
}

static cxs_rc measure(cxs_ctx *ctx, const char *folder, size_t n, size_t p, size_t sets)
{
    cxs_features_settings s = cxs_features_auto();
    const cxs_matrix *scores;
    cxs_matrix *m = NULL;
    cxs_features *f = NULL;
    char path[4096];
    FILE *file;
    double started_s;
    cxs_rc rc = CXS_OK;

    CXS_TRY(new_matrix(ctx, n, p, &m));
    write_reals(folder, "counts.f64", m->x, n * p);
    file = create(folder, "sets.gmt", path);
    write_sets(file, p, sets);
    fclose(file);
    s.filter = s.winsorise = 0;
    s.gmt = path;
    s.score = CXS_SCORE_SSGSEA;
    started_s = cxs_now_s();
    CXS_TRY(cxs_features_derive(ctx, m, NULL, &s, &f));
    printf("seconds\t%.6f\n", cxs_now_s() - started_s);
    scores = cxs_scores_matrix(cxs_features_scores(f));
    write_reals(folder, "es.f64", cxs_matrix_x(scores), n * sets);

done:
    cxs_features_free(f);
    cxs_matrix_free(m);
    return rc;
}

int main(int argc, char **argv)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_rc rc;

    if (argc != 6) {
        fputs("usage: bench_genesets DIR N P SETS THREADS\n", stderr);
        return 64;
    }
    cxs_ctx_set_threads(ctx, atoi(argv[5]));
    rc = measure(ctx, argv[1], strtoul(argv[2], NULL, 10), strtoul(argv[3], NULL, 10),
                 strtoul(argv[4], NULL, 10));
    if (rc != CXS_OK)
        fprintf(stderr, "bench_genesets: %s\n", cxs_ctx_message(ctx));
    cxs_ctx_free(ctx);
    return cxs_rc_exit_status(rc);
}
