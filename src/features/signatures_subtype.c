/*
 * signatures_subtype.c -- which of the three glioblastoma subtypes a tumour resembles
 *
 * Wang 2017 (doi:10.1016/j.ccell.2017.06.003).  ES_s of a tumour for the sets proneural,
 * classical, mesenchymal is compared with those of B = 1000 synthetic profiles, in which
 * each gene takes its value from a sample drawn at random, gene by gene:
 *
 *     p_s = (1 + #{ES_s of a synthetic profile >= ES_s}) / (B + 1).               (1)
 *
 * The call is the subtype with the smallest p; "mixed" when the two smallest both lie
 * below 0.05 and differ by less than 0.02.  Two equal smallest p that are not below 0.05
 * give no call.  The draws depend on seed, profile and gene alone.
 *
 * The sets were made for IDH-wildtype glioblastoma, and the null needs a cohort.  Where
 * tumour RNA of a wildtype or a cohort of 20 samples is lacking, (1) does not decide: the
 * call is then the subtype of the largest z = (ES_s - mean)/sd, mean and sd those of the
 * training samples, and says so.
 */
#include "features/scores.h"

#include "base/pool.h"
#include "base/stream.h"
#include "num/genesets.h"
#include "num/order.h"
#include "store/data.h"

#include <math.h>
#include <string.h>
#include <stdlib.h>
#include <string.h>

enum { PROFILES = CXS_SUBTYPE_PROFILES, COHORT = 20 };

static const double SIGNIFICANT = 0.05, CLOSE = 0.02, EXPONENT = 0.25;

typedef struct synthesis {
    const cxs_matrix *y;
    const cxs_scored *const *set;
    uint64_t seed;
    const double *power;
    double *es; /* [3][PROFILES] */
    double *x;
    uint64_t *work;
    uint32_t *ranks;
} synthesis;

static cxs_rc profile_task(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    const synthesis *w = arg;
    const size_t p = w->y->p, n = w->y->n;
    const cxs_stream draws = {w->seed, CXS_DRAW_SUBTYPE, index};
    double *x = w->x + worker * p;
    uint32_t *ranks = w->ranks + worker * 3 * p;
    const cxs_ranks r = {ranks, ranks + p, ranks + 2 * p};

    (void)ctx;
    for (size_t g = 0; g < p; g++)
        x[g] = w->y->x[g * n + cxs_draw_below(&draws, g, n)];
    cxs_ranks_of(p, x, &r, w->work + worker * cxs_ranks_work(p));
    for (size_t s = 0; s < CXS_SUBTYPES; s++)
        w->es[s * PROFILES + index] =
            cxs_ssgsea(p, &r, w->power, w->set[s]->first.present,
                       w->set[s]->first.gene) /
            (double)p;
    return CXS_OK;
}

/* Scores of the synthetic profiles, sorted within each subtype. */
static cxs_rc synthesise(cxs_ctx *ctx, const cxs_matrix *y,
                         const cxs_scored *const set[CXS_SUBTYPES], uint64_t seed,
                         double *es)
{
    const size_t workers = cxs_pool_workers(ctx, PROFILES);
    synthesis w = {.y = y, .set = set, .seed = seed, .es = es};
    double *power = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(power, y->p);
    cxs_ssgsea_powers(y->p, EXPONENT, power);
    w.power = power;
    CXS_NEW(w.x, workers * y->p);
    CXS_NEW(w.work, workers * cxs_ranks_work(y->p));
    CXS_NEW(w.ranks, workers * 3 * y->p);
    CXS_TRY(cxs_pool_run(ctx, "subtypes", PROFILES, profile_task, &w));
    for (size_t s = 0; s < CXS_SUBTYPES; s++)
        qsort(es + s * PROFILES, PROFILES, sizeof *es, cxs_ascending);

done:
    cxs_free(w.ranks);
    cxs_free(w.work);
    cxs_free(w.x);
    cxs_free(power);
    return rc;
}

/* Equation (1) on sorted scores. */
static double p_value(const double *sorted, double es)
{
    size_t lo = 0, hi = PROFILES;

    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (sorted[mid] < es)
            lo = mid + 1;
        else
            hi = mid;
    }
    return (double)(1 + PROFILES - lo) / (double)(PROFILES + 1);
}

static const char *const names[CXS_SUBTYPES] = {"PN", "CL", "MES"};

/* The call from three p-values; NULL when two smallest are equal and none is small. */
static const char *call_by_p(const double *p)
{
    size_t best = 0, second;

    for (size_t s = 1; s < CXS_SUBTYPES; s++)
        best = p[s] < p[best] ? s : best;
    second = best == 0 ? 1 : 0;
    for (size_t s = 0; s < CXS_SUBTYPES; s++)
        second = s != best && p[s] < p[second] ? s : second;
    if (p[second] < SIGNIFICANT && p[second] - p[best] < CLOSE)
        return "mixed";
    return p[second] > p[best] ? names[best] : NULL;
}

/* The subtype of the largest z; NULL where the training scores have no spread. */
static const char *call_by_z(const cxs_subtypes *t, const double *es)
{
    const char *call = NULL;
    double largest = -HUGE_VAL;

    for (size_t s = 0; s < CXS_SUBTYPES; s++) {
        const double z = (es[s] - t->mean[s]) / t->sd[s];
        if (!(t->sd[s] > 0.0))
            return NULL;
        call = z > largest ? names[s] : call;
        largest = fmax(largest, z);
    }
    return call;
}

void cxs_subtypes_free(cxs_subtypes *s)
{
    cxs_free(s->es);
    cxs_free(s->p);
    cxs_free(s->null_es);
    cxs_free(s->call);
    cxs_free(s->flag);
    *s = (cxs_subtypes){0};
}

static cxs_rc new_subtypes(cxs_ctx *ctx, size_t n, cxs_subtypes *s)
{
    cxs_rc rc = CXS_OK;

    CXS_NEW(s->es, n * CXS_SUBTYPES);
    CXS_NEW(s->p, n * CXS_SUBTYPES);
    CXS_NEW(s->call, n);
    CXS_NEW(s->flag, n);
    for (size_t i = 0; i < n * CXS_SUBTYPES; i++)
        s->es[i] = s->p[i] = (double)NAN;

done:
    return rc;
}

/* Mean and sd of each score over the usable samples. */
static cxs_rc find_moments(cxs_ctx *ctx, const cxs_levels *v, size_t n, cxs_subtypes *t)
{
    double *es = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(es, v->usable_count);
    for (size_t s = 0; s < CXS_SUBTYPES; s++) {
        size_t used = 0;
        for (size_t i = 0; i < n; i++)
            if (v->usable[i])
                es[used++] = t->es[i * CXS_SUBTYPES + s];
        cxs_moments(used, es, &t->mean[s], &t->sd[s]);
    }

done:
    cxs_free(es);
    return rc;
}

/* Null and moments: frozen ones, or of the samples at hand. */
static cxs_rc find_scale(cxs_ctx *ctx, const cxs_levels *v,
                         const cxs_scored *const set[CXS_SUBTYPES], uint64_t seed,
                         const cxs_frozen *frozen, size_t n, cxs_subtypes *t)
{
    const size_t size = (size_t)CXS_SUBTYPES * PROFILES;
    cxs_rc rc = CXS_OK;

    if (frozen == NULL) {
        CXS_TRY(find_moments(ctx, v, n, t));
        if (v->usable_count >= COHORT) {
            CXS_NEW(t->null_es, size);
            CXS_TRY(synthesise(ctx, v->y, set, seed, t->null_es));
        }
        goto done;
    }
    memcpy(t->mean, frozen->es_mean, sizeof t->mean);
    memcpy(t->sd, frozen->es_sd, sizeof t->sd);
    if (frozen->null_es != NULL) {
        CXS_NEW(t->null_es, size);
        memcpy(t->null_es, frozen->null_es, size * sizeof *t->null_es);
    }

done:
    return rc;
}

/* What (1) lacks to decide; "ok" for nothing. */
static const char *lack_of(const cxs_subtypes *t, const cxs_sample_notes *notes,
                           size_t i)
{
    const int idh = notes != NULL && notes->idh != NULL ? notes->idh[i] : -1;

    if (notes != NULL && notes->kind != NULL && notes->kind[i] == CXS_RNA_LOWINPUT)
        return "not_tumour_rna";
    if (idh != 0)
        return idh == 1 ? "idh_mutant" : "idh_status_not_known";
    return t->null_es == NULL ? "fewer_than_20_samples" : "ok";
}

static void call_sample(const cxs_sample_notes *notes, size_t i, cxs_subtypes *t)
{
    const double *es = t->es + i * CXS_SUBTYPES;
    double *p = t->p + i * CXS_SUBTYPES;

    for (size_t s = 0; t->null_es != NULL && s < CXS_SUBTYPES; s++)
        p[s] = p_value(t->null_es + s * PROFILES, es[s]);
    t->flag[i] = lack_of(t, notes, i);
    if (strcmp(t->flag[i], "ok") != 0) {
        t->call[i] = call_by_z(t, es);
        return;
    }
    t->call[i] = call_by_p(p);
    if (t->call[i] == NULL)
        t->flag[i] = "undecided";
}

cxs_rc cxs_subtypes_call(cxs_ctx *ctx, const cxs_levels *v,
                         const cxs_scored *const set[CXS_SUBTYPES],
                         const cxs_sample_notes *notes, uint64_t seed,
                         const cxs_frozen *frozen, cxs_scores *scores)
{
    const cxs_matrix *m = scores->matrix;
    cxs_subtypes *t = &scores->subtypes;
    cxs_rc rc = CXS_OK;

    CXS_TRY(new_subtypes(ctx, m->n, t));
    for (size_t s = 0; s < CXS_SUBTYPES; s++) {
        const double *x = m->x + (size_t)(set[s] - scores->scored) * m->n;
        for (size_t i = 0; i < m->n; i++)
            t->es[i * CXS_SUBTYPES + s] = x[i];
    }
    CXS_TRY(find_scale(ctx, v, set, seed, frozen, m->n, t));
    for (size_t i = 0; i < m->n; i++) {
        if (v->usable[i])
            call_sample(notes, i, t);
        else
            t->flag[i] = "not_usable";
    }

done:
    return rc;
}
