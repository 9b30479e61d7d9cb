/*
 * design.c -- a regression design with known coefficients
 *
 * The matrix is drawn straight into the bytewise order of its names, as the matrix file
 * wants it; X.f64 is written from it through the two permutations, so that memory holds
 * the design once.
 */
#include "simulate/draw.h"

#include "base/out.h"
#include "base/pool.h"
#include "base/text.h"
#include "store/data.h"

#include <stdlib.h>
#include <string.h>

enum { CLINICAL = 3 }; /* z1 z2 z3 */

static const double CLINICAL_EFFECT[CLINICAL] = {0.4, -0.3, 0.0};

typedef struct design {
    cxs_simulate_settings s;
    cxs_latent latent;
    cxs_matrix *m;
    size_t *row, *column; /* place of patient i and feature j in the matrix */
    double *z;            /* [n x 3] */
    double *eta, *scale, *time;
    uint8_t *event;
    double *scratch; /* [2n] per worker */
} design;

/* Names LETTER1 .. LETTERcount sorted bytewise, and where each number went. */
static cxs_rc make_names(cxs_ctx *ctx, char letter, size_t count, char **names,
                         size_t *place)
{
    for (size_t k = 0; k < count; k++) {
        char text[32];
        const int length = snprintf(text, sizeof text, "%c%zu", letter, k + 1);
        if ((names[k] = cxs_strndup(ctx, text, (size_t)length)) == NULL)
            return CXS_ENOMEM;
    }
    qsort(names, count, sizeof *names, cxs_text_compare);
    for (size_t k = 0; k < count; k++)
        place[strtoull(names[k] + 1, NULL, 10) - 1] = k;
    return CXS_OK;
}

static void design_free(design *d)
{
    cxs_matrix_free(d->m);
    cxs_free(d->row);
    cxs_free(d->column);
    cxs_free(d->z);
    cxs_free(d->eta);
    cxs_free(d->scale);
    cxs_free(d->time);
    cxs_free(d->event);
    cxs_free(d->scratch);
}

static cxs_rc allocate(cxs_ctx *ctx, design *d)
{
    const size_t n = d->s.n, p = d->s.p;
    cxs_rc rc = CXS_OK;

    CXS_NEW(d->m, 1);
    d->m->n = n;
    d->m->p = p;
    d->m->kind = CXS_KIND_Z;
    CXS_NEW(d->m->sample, n);
    CXS_NEW(d->m->feature, p);
    if ((d->m->layer = cxs_strdup(ctx, "simulated")) == NULL)
        CXS_TRY(CXS_ENOMEM);
    if (n > SIZE_MAX / p)
        CXS_TRY(
            cxs_fail(ctx, CXS_ENOMEM, "simulate: %zu x %zu values are too many", n, p));
    CXS_NEW(d->m->x, n * p);
    CXS_NEW(d->row, n);
    CXS_NEW(d->column, p);
    CXS_NEW(d->z, CLINICAL * n);
    CXS_NEW(d->eta, n);
    CXS_NEW(d->scale, n);
    CXS_NEW(d->time, n);
    CXS_NEW(d->event, n);

done:
    return rc;
}

/* One correlation block of features. */
static cxs_rc block_task(cxs_ctx *ctx, size_t b, size_t worker, void *arg)
{
    const design *d = arg;
    const size_t n = d->s.n, first = b * d->s.block;
    double *u = d->scratch + worker * 2 * n, *x = u + n;

    (void)ctx;
    cxs_latent_block(&d->latent, b, u);
    for (size_t j = first; j < d->s.p && j < first + d->s.block; j++) {
        cxs_latent_feature(&d->latent, j, u, x);
        for (size_t i = 0; i < n; i++)
            d->m->x[d->column[j] * n + d->row[i]] = x[i];
    }
    return CXS_OK;
}

static cxs_rc draw_matrix(cxs_ctx *ctx, design *d)
{
    const size_t blocks = (d->s.p - 1) / d->s.block + 1;
    cxs_rc rc = CXS_OK;

    CXS_NEW(d->scratch, cxs_pool_workers(ctx, blocks) * 2 * d->s.n);
    CXS_TRY(cxs_pool_run(ctx, "design", blocks, block_task, d));

done:
    return rc;
}

static cxs_rc draw_follow_up(cxs_ctx *ctx, design *d)
{
    const size_t n = d->s.n;

    for (size_t c = 0; c < CLINICAL; c++) {
        const cxs_stream s =
            cxs_sim_stream(d->s.seed, CXS_DRAW_DESIGN, CXS_SIM_CLINICAL, c);
        for (size_t i = 0; i < n; i++) {
            d->z[c * n + i] = cxs_draw_normal(&s, i);
            d->eta[i] += CLINICAL_EFFECT[c] * d->z[c * n + i];
        }
    }
    for (size_t m = 0; m < d->s.k; m++) {
        const double *x = d->m->x + d->column[cxs_planted_feature(&d->s, m)] * n;
        for (size_t i = 0; i < n; i++)
            d->eta[i] += cxs_planted_effect(&d->s, m) * x[d->row[i]];
    }
    for (size_t i = 0; i < n; i++)
        d->scale[i] = 1.0;
    return cxs_draw_outcome(ctx, &d->s, CXS_DRAW_DESIGN, d->eta, d->scale, 1.0, d->time,
                            d->event);
}

static cxs_rc write_x(cxs_ctx *ctx, cxs_out *out, const void *of)
{
    const design *d = of;
    const size_t n = d->s.n;
    double *x = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(x, n);
    for (size_t j = 0; j < d->s.p; j++) {
        for (size_t i = 0; i < n; i++)
            x[i] = d->m->x[d->column[j] * n + d->row[i]];
        CXS_TRY(cxs_out_write(ctx, out, x, n * sizeof *x));
    }

done:
    cxs_free(x);
    return rc;
}

static cxs_rc write_clinical(cxs_ctx *ctx, cxs_out *out, const void *of)
{
    const design *d = of;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_out_printf(ctx, out, "id\ttime\tevent\tz1\tz2\tz3\n"));
    for (size_t i = 0; i < d->s.n; i++) {
        CXS_TRY(cxs_out_text(ctx, out, d->m->sample[d->row[i]]));
        CXS_TRY(cxs_out_real(ctx, out, d->time[i]));
        CXS_TRY(cxs_out_size(ctx, out, d->event[i]));
        for (size_t c = 0; c < CLINICAL; c++)
            CXS_TRY(cxs_out_real(ctx, out, d->z[c * d->s.n + i]));
        CXS_TRY(cxs_out_row_end(ctx, out));
    }

done:
    return rc;
}

static cxs_rc write_meta(cxs_ctx *ctx, cxs_out *out, const void *of)
{
    const design *d = of;

    return cxs_out_printf(ctx, out, "n\t%zu\np\t%zu\n", d->s.n, d->s.p);
}

static cxs_rc write_truth(cxs_ctx *ctx, cxs_out *out, const void *of)
{
    const design *d = of;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_out_printf(ctx, out, "feature_id\tlog_hr_per_sd\n"));
    for (size_t m = 0; m < d->s.k; m++) {
        CXS_TRY(cxs_out_text(ctx, out,
                             d->m->feature[d->column[cxs_planted_feature(&d->s, m)]]));
        CXS_TRY(cxs_out_real(ctx, out, cxs_planted_effect(&d->s, m)));
        CXS_TRY(cxs_out_row_end(ctx, out));
    }
    for (size_t c = 0; c < CLINICAL; c++)
        CXS_TRY(cxs_out_printf(ctx, out, "z%zu\t%g\n", c + 1, CLINICAL_EFFECT[c]));

done:
    return rc;
}

static cxs_rc write_all(cxs_ctx *ctx, const char *folder, const design *d)
{
    char *matrix = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_make_folder(ctx, folder));
    CXS_TRY(cxs_out_file(ctx, folder, "/X.f64", write_x, d, NULL));
    CXS_TRY(cxs_out_file(ctx, folder, "/clinical.tsv", write_clinical, d, NULL));
    CXS_TRY(cxs_out_file(ctx, folder, "/meta.tsv", write_meta, d, NULL));
    CXS_TRY(cxs_out_file(ctx, folder, "/truth.tsv", write_truth, d, NULL));
    if ((matrix = cxs_path_join(ctx, folder, "/design.cxf")) == NULL)
        CXS_TRY(CXS_ENOMEM);
    CXS_TRY(cxs_matrix_write(ctx, d->m, matrix, 0));

done:
    cxs_free(matrix);
    return rc;
}

cxs_rc cxs_simulate_design(cxs_ctx *ctx, const cxs_simulate_settings *settings,
                           const char *folder)
{
    design d = {.s = settings != NULL ? *settings : cxs_simulate_design_defaults()};
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_simulate_check(ctx, &d.s));
    d.latent = (cxs_latent){d.s.seed, CXS_DRAW_DESIGN, d.s.n, d.s.block, d.s.rho};
    CXS_TRY(allocate(ctx, &d));
    CXS_TRY(make_names(ctx, 'P', d.s.n, d.m->sample, d.row));
    CXS_TRY(make_names(ctx, 'f', d.s.p, d.m->feature, d.column));
    CXS_TRY(draw_matrix(ctx, &d));
    CXS_TRY(draw_follow_up(ctx, &d));
    CXS_TRY(write_all(ctx, folder, &d));

done:
    design_free(&d);
    return rc;
}
