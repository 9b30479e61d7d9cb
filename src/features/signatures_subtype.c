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
 * The sets were made for IDH-wildtype glioblastoma, and the null needs a cohort: calls
 * are only given from 20 samples on, and flagged while the IDH status is not known.
 */
#include "features/scores.h"

#include "base/pool.h"
#include "base/stream.h"
#include "num/genesets.h"
#include "num/order.h"
#include "store/data.h"

#include <math.h>
#include <stdlib.h>

enum { PROFILES = 1000, COHORT = 20 };

static const double SIGNIFICANT = 0.05, CLOSE = 0.02, EXPONENT = 0.25;
static const uint64_t SEED = 1;

typedef struct synthesis {
    const cxs_matrix *y;
    const cxs_scored *const *set;
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
    const cxs_stream draws = {SEED, CXS_DRAW_SUBTYPE, index};
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
                         const cxs_scored *const set[CXS_SUBTYPES], double *es)
{
    const size_t workers = cxs_pool_workers(ctx, PROFILES);
    synthesis w = {.y = y, .set = set, .es = es};
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

/* The call from three p-values; NULL when two smallest are equal and none is small. */
static const char *call_of(const double *p)
{
    static const char *const names[] = {"PN", "CL", "MES"};
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

void cxs_subtypes_free(cxs_subtypes *s)
{
    cxs_free(s->es);
    cxs_free(s->p);
    cxs_free(s->call);
    cxs_free(s->flag);
    *s = (cxs_subtypes){0};
}

/* Why there is no call, or what to mind about it. */
static const char *flag_of(int usable, bool enough, int idh, const char *call)
{
    return !usable        ? "not_usable"
           : !enough      ? "fewer_than_20_samples"
           : idh == 1     ? "idh_mutant"
           : call == NULL ? "undecided"
           : idh == 0     ? "ok"
                          : "idh_status_not_known";
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

cxs_rc cxs_subtypes_call(cxs_ctx *ctx, const cxs_levels *v,
                         const cxs_scored *const set[CXS_SUBTYPES], cxs_scores *scores,
                         const int8_t *idh)
{
    const cxs_matrix *m = scores->matrix;
    cxs_subtypes *t = &scores->subtypes;
    double *null_es = NULL;
    const bool enough = v->usable_count >= COHORT;
    cxs_rc rc = CXS_OK;

    CXS_TRY(new_subtypes(ctx, m->n, t));
    if (enough) {
        CXS_NEW(null_es, (size_t)CXS_SUBTYPES * PROFILES);
        CXS_TRY(synthesise(ctx, v->y, set, null_es));
    }
    for (size_t i = 0; i < m->n; i++) {
        double *p = t->p + i * CXS_SUBTYPES;
        for (size_t s = 0; s < CXS_SUBTYPES; s++) {
            const size_t k = (size_t)(set[s] - scores->scored);
            t->es[i * CXS_SUBTYPES + s] = m->x[k * m->n + i];
            if (enough && v->usable[i])
                p[s] = p_value(null_es + s * PROFILES, t->es[i * CXS_SUBTYPES + s]);
        }
        if (enough && v->usable[i] && !(idh != NULL && idh[i] == 1))
            t->call[i] = call_of(p);
        t->flag[i] =
            flag_of(v->usable[i], enough, idh != NULL ? idh[i] : -1, t->call[i]);
    }

done:
    cxs_free(null_es);
    return rc;
}
