/*
 * budget.c -- how much memory the evidence takes
 *
 * Pieces of evidence come one after the other and give back what they took, so the
 * largest of them counts, on top of the copy of the evaluable columns that they share
 * (none when every feature is evaluable).  Half-samples run CXS_PANEL_WIDTH at a time.
 */
#include "model/budget.h"

#include "base/memory.h"
#include "base/pool.h"
#include "model/panel.h"
#include "rank/bounds.h"
#include "rank/evidence.h"

#include <math.h>

/* Columns that a path holds which ends when q features have entered, or when its terms
 * are used up (measured: 1.4 to 1.6 q, 7 to 8 an event). */
static size_t held_for(size_t q, size_t events, size_t p)
{
    const double guess = fmin(1.6 * (double)q + 16.0, 8.0 * (double)events);

    return guess < (double)p ? (size_t)guess : p;
}

static void stability(cxs_ctx *ctx, const cxs_joined *joined, const cxs_design *design,
                      const cxs_rank_settings *s, size_t missing, cxs_budget *b)
{
    const double n = (double)design->n, p = (double)design->p;
    const size_t fits = 2 * s->pairs;
    const size_t together = fits < CXS_PANEL_WIDTH ? fits : CXS_PANEL_WIDTH;
    cxs_budget_problem half = {.rows = (design->n + 1) / 2,
                               .events = (cxs_surv_events(joined->surv) + 1) / 2,
                               .k = joined->problem.k,
                               .missing = missing};
    size_t q;

    if (fits == 0 || design->p == 0)
        return;
    q = cxs_pfer_choose_q(design->p, s->threshold, s->pairs, s->max_errors);
    half.held = held_for(q, half.events, design->p) + half.k;
    cxs_budget_panel(ctx, design, b);
    b->work += (double)together * cxs_budget_solver(design, &half);
    b->work +=
        p * (CXS_PANEL_WIDTH + 16.0 + sizeof(uint32_t)); /* seen, entered, hits */
    b->work += (double)fits * (8.0 * n + 4.0 * (double)q);
}

/* Permutations and the posterior draws: some arrays of p per worker. */
static double others(const cxs_ctx *ctx, const cxs_joined *joined,
                     const cxs_design *design, const cxs_rank_settings *s)
{
    const double n = (double)design->n, p = (double)design->p;
    const double threads = (double)cxs_ctx_threads(ctx), k = (double)joined->problem.k;
    const double scan = cxs_budget_scan(ctx, design, joined->problem.k);
    const double permutation =
        s->permutations > 0 ? threads * 8.0 * (p + n * (k + 6.0)) : 0.0;
    const double posterior = p * (40.0 + sizeof(cxs_posterior) + 24.0 * threads);
    const double scanned = p * sizeof(cxs_screen_row);

    return fmax(scan + fmax(permutation, scanned), posterior);
}

cxs_rc cxs_rank_budget(cxs_ctx *ctx, cxs_joined *joined,
                       const cxs_rank_settings *settings, size_t evaluable)
{
    const double all = (double)joined->design.p;
    const double row = sizeof(cxs_rank_row);
    cxs_design design = joined->design;
    cxs_budget b = {0};
    size_t missing = 0;
    cxs_rc rc;

    if ((rc = cxs_budget_missing(ctx, &design, &missing)) != CXS_OK)
        return rc;
    design.p = evaluable;
    stability(ctx, joined, &design, settings, missing < evaluable ? missing : evaluable,
              &b);
    b.work = fmax(b.work, others(ctx, joined, &design, settings));
    /* rows are put in order in a second table; candidates: index, kind */
    b.work += all * 9.0;
    if (evaluable < joined->design.p)
        b.work += (8.0 * (double)design.n + 8.0) * (double)evaluable;
    b.work = fmax(b.work, all * (row + 24.0 + 8.0));
    return cxs_budget_settle(ctx, &joined->design, &b);
}
