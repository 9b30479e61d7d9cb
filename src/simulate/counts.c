/*
 * counts.c -- Poisson-lognormal counts of a simulated study as compressed text
 *
 * A chunk of genes is one zstd frame; frames one after the other are one stream. Chunks
 * have a fixed size, so that the bytes do not depend on the threads.
 */
#include "simulate/study.h"

#include "base/pack.h"
#include "base/pool.h"

#include <math.h>
#include <string.h>

enum { GENES_PER_CHUNK = 128, ROUND = 16, COUNT_BYTES = 24 };

typedef struct chunks {
    const cohort *c;
    const double *library; /* [n] */
    const double *mu, *sd; /* [p] log mean and log sd between patients */
    double total;          /* sum over genes of E(a_g) */
    size_t first;          /* chunk of slot 0 */
    void *packed[ROUND];
    size_t bytes[ROUND];
    double *scratch; /* [2n] per worker */
} chunks;

/* Whole number as text; returns the end. */
static char *put_count(char *to, double count)
{
    char reversed[COUNT_BYTES];
    uint64_t rest = (uint64_t)count;
    size_t length = 0;

    do {
        reversed[length++] = (char)('0' + (int)(rest % 10));
        rest /= 10;
    } while (rest > 0);
    while (length > 0)
        *to++ = reversed[--length];
    return to;
}

/* Count of gene g in patient i with latent value z. */
static double draw_count(const chunks *w, size_t g, size_t i, double z)
{
    const cxs_stream s =
        cxs_sim_stream(w->c->s.seed, CXS_DRAW_SIMULATE, CXS_SIM_COUNT, g);
    const double a = exp(w->mu[g] + w->sd[g] * z);

    return cxs_draw_poisson(&s, i, w->library[i] * a / w->total);
}

/* One line of the table: name and counts of gene g, given its latent values. */
static cxs_rc add_gene(cxs_ctx *ctx, const chunks *w, size_t g, const double *z,
                       cxs_buf *text)
{
    char cell[COUNT_BYTES];
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_buf_addf(ctx, text, "G%0*zu", w->c->gene_digits, g + 1));
    for (size_t i = 0; i < w->c->s.n; i++) {
        const double count = draw_count(w, g, i, z[i]);
        cell[0] = '\t';
        CXS_TRY(
            cxs_buf_add(ctx, text, cell, (size_t)(put_count(cell + 1, count) - cell)));
    }
    CXS_TRY(cxs_buf_add(ctx, text, "\n", 1));

done:
    return rc;
}

static cxs_rc chunk_task(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    chunks *w = arg;
    const cohort *c = w->c;
    const size_t first = (w->first + index) * GENES_PER_CHUNK;
    double *u = w->scratch + worker * 2 * c->s.n, *z = u + c->s.n;
    cxs_buf text = {0};
    cxs_rc rc = CXS_OK;

    for (size_t g = first; g < c->s.p && g < first + GENES_PER_CHUNK; g++) {
        if (g == first || g % c->s.block == 0)
            cxs_latent_block(&c->latent, g / c->s.block, u);
        cxs_latent_feature(&c->latent, g, u, z);
        CXS_TRY(add_gene(ctx, w, g, z, &text));
    }
    CXS_TRY(cxs_pack(ctx, text.text, text.length, &w->packed[index], &w->bytes[index]));

done:
    cxs_free(text.text);
    return rc;
}

static cxs_rc write_header(cxs_ctx *ctx, cxs_out *out, const cohort *c)
{
    cxs_buf text = {0};
    void *packed = NULL;
    size_t bytes;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_buf_addf(ctx, &text, "gene_id"));
    for (size_t i = 0; i < c->s.n; i++)
        CXS_TRY(cxs_buf_addf(ctx, &text, "\tS%0*zu", c->patient_digits, i + 1));
    CXS_TRY(cxs_buf_add(ctx, &text, "\n", 1));
    CXS_TRY(cxs_pack(ctx, text.text, text.length, &packed, &bytes));
    CXS_TRY(cxs_out_write(ctx, out, packed, bytes));

done:
    cxs_free(packed);
    cxs_free(text.text);
    return rc;
}

static cxs_rc write_chunks(cxs_ctx *ctx, cxs_out *out, chunks *w)
{
    const size_t count = (w->c->s.p + GENES_PER_CHUNK - 1) / GENES_PER_CHUNK;
    cxs_rc rc = CXS_OK;

    for (w->first = 0; rc == CXS_OK && w->first < count; w->first += ROUND) {
        const size_t left = count - w->first, tasks = left < ROUND ? left : ROUND;
        rc = cxs_pool_run(ctx, "counts", tasks, chunk_task, w);
        for (size_t k = 0; k < tasks; k++) {
            if (rc == CXS_OK)
                rc = cxs_out_write(ctx, out, w->packed[k], w->bytes[k]);
            cxs_free(w->packed[k]);
            w->packed[k] = NULL;
        }
    }
    return rc;
}

/* Constants of genes and libraries; one block of memory behind the three arrays. */
static cxs_rc draw_constants(cxs_ctx *ctx, const cohort *c, chunks *w, double **memory)
{
    const cxs_stream gene =
        cxs_sim_stream(c->s.seed, CXS_DRAW_SIMULATE, CXS_SIM_GENE, 0);
    const cxs_stream spread =
        cxs_sim_stream(c->s.seed, CXS_DRAW_SIMULATE, CXS_SIM_GENE, 1);
    const cxs_stream depth =
        cxs_sim_stream(c->s.seed, CXS_DRAW_SIMULATE, CXS_SIM_LIBRARY, 0);
    double *library, *mu, *sd;
    cxs_rc rc = CXS_OK;

    CXS_NEW(*memory, c->s.n + 2 * c->s.p);
    library = *memory;
    mu = library + c->s.n;
    sd = mu + c->s.p;
    for (size_t g = 0; g < c->s.p; g++) {
        mu[g] = 2.0 * cxs_draw_normal(&gene, g);
        if (c->planted[g])
            mu[g] = fabs(mu[g]);
        sd[g] = 0.4 + 0.5 * cxs_draw_uniform(&spread, g);
        w->total += exp(mu[g] + 0.5 * sd[g] * sd[g]); /* E(a_g) of a lognormal */
    }
    for (size_t i = 0; i < c->s.n; i++)
        library[i] =
            c->mean_count * (double)c->s.p * exp(0.3 * cxs_draw_normal(&depth, i));
    w->library = library;
    w->mu = mu;
    w->sd = sd;

done:
    return rc;
}

cxs_rc cxs_sim_draw_counts(cxs_ctx *ctx, const cohort *c, uint32_t *counts)
{
    chunks w = {.c = c};
    double *memory = NULL, *u = NULL, *z;
    cxs_rc rc = CXS_OK;

    CXS_TRY(draw_constants(ctx, c, &w, &memory));
    CXS_NEW(u, 2 * c->s.n);
    z = u + c->s.n;
    for (size_t g = 0; g < c->s.p; g++) {
        if (g % c->s.block == 0)
            cxs_latent_block(&c->latent, g / c->s.block, u);
        cxs_latent_feature(&c->latent, g, u, z);
        for (size_t i = 0; i < c->s.n; i++)
            counts[i * c->s.p + g] = (uint32_t)draw_count(&w, g, i, z[i]);
    }

done:
    cxs_free(u);
    cxs_free(memory);
    return rc;
}

cxs_rc cxs_sim_write_counts(cxs_ctx *ctx, const char *folder, const cohort *c)
{
    chunks w = {.c = c};
    char *path = cxs_path_join(
        ctx, folder, c->s.sequencing ? "/truth.counts.tsv.zst" : "/counts.tsv.zst");
    double *memory = NULL;
    cxs_out *out = NULL;
    cxs_rc rc = CXS_OK;

    if (path == NULL)
        return CXS_ENOMEM;
    CXS_TRY(draw_constants(ctx, c, &w, &memory));
    CXS_NEW(w.scratch, cxs_pool_workers(ctx, ROUND) * 2 * c->s.n);
    CXS_TRY(cxs_out_open(ctx, path, &out));
    CXS_TRY(write_header(ctx, out, c));
    CXS_TRY(write_chunks(ctx, out, &w));
    rc = cxs_out_commit(ctx, out);
    out = NULL;

done:
    cxs_out_abort(out);
    cxs_free(w.scratch);
    cxs_free(memory);
    cxs_free(path);
    return rc;
}
