/*
 * batch.c -- lock step over problems
 *
 * Members sit in groups of CXS_PANEL_WIDTH by their index, never moved together, so the
 * shape of a product depends on the plan alone.
 */
#include "model/batch.h"

#include "base/pool.h"

typedef struct start_job {
    const cxs_design *design;
    const cxs_model_settings *settings;
    const double *factor;
    cxs_member *member;
    size_t count;
} start_job;

/* A problem that cannot be fitted is left out, unless it is the only one. */
static cxs_rc leave_out(const start_job *job, cxs_member *m, cxs_rc rc)
{
    if (rc != CXS_EDEGENERATE || job->count == 1)
        return rc;
    cxs_solver_free(m->solver);
    m->solver = NULL;
    m->idle = 1;
    return CXS_OK;
}

static cxs_rc start_one(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    const start_job *job = arg;
    cxs_member *m = &job->member[index];

    (void)worker;
    return leave_out(job, m,
                     cxs_solver_new(ctx, job->design, m->problem, job->settings,
                                    job->factor, &m->solver));
}

static cxs_rc fit_one(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    const start_job *job = arg;
    cxs_member *m = &job->member[index];

    (void)worker;
    return m->solver == NULL ? CXS_OK
                             : leave_out(job, m, cxs_solver_fit_null(ctx, m->solver));
}

/* A pass over the design scales its columns for a whole group. */
static cxs_rc scale_group(cxs_ctx *ctx, cxs_member *member, size_t size)
{
    cxs_solver *solver[CXS_PANEL_WIDTH];

    for (size_t i = 0; i < size; i++)
        solver[i] = member[i].solver;
    return cxs_solver_scale_columns(ctx, solver, size);
}

/* Call on every member: directly for one, so that it may use the threads itself. */
static cxs_rc each(cxs_ctx *ctx, size_t count, cxs_task_fn fn, void *arg)
{
    return count == 1 ? fn(ctx, 0, 0, arg) : cxs_pool_run(ctx, NULL, count, fn, arg);
}

static size_t group_size(size_t count, size_t first)
{
    return first + CXS_PANEL_WIDTH < count ? CXS_PANEL_WIDTH : count - first;
}

cxs_rc cxs_batch_start(cxs_ctx *ctx, cxs_panel *panel, const cxs_design *design,
                       const cxs_model_settings *settings, const double *factor,
                       cxs_member *member, size_t count)
{
    start_job job = {.design = design,
                     .settings = settings,
                     .factor = factor,
                     .member = member,
                     .count = count};
    cxs_rc rc = each(ctx, count, start_one, &job);

    for (size_t first = 0; first < count && rc == CXS_OK; first += CXS_PANEL_WIDTH)
        rc = scale_group(ctx, member + first, group_size(count, first));
    if (rc == CXS_OK)
        rc = each(ctx, count, fit_one, &job);
    for (size_t first = 0; first < count && rc == CXS_OK; first += CXS_PANEL_WIDTH) {
        const size_t size = group_size(count, first);
        cxs_gate *gate[CXS_PANEL_WIDTH];
        for (size_t i = 0; i < size; i++) {
            cxs_solver *s = member[first + i].solver;
            gate[i] = s != NULL ? cxs_solver_ask_largest(s) : NULL;
        }
        rc = cxs_panel_run(ctx, panel, gate, size);
        for (size_t i = 0; i < size && rc == CXS_OK; i++)
            if (gate[i] != NULL)
                cxs_solver_take_largest(member[first + i].solver);
    }
    return rc;
}

/* One group on its way to its lambdas. */
typedef struct group {
    cxs_member *member;
    size_t size;
    uint8_t busy[CXS_PANEL_WIDTH];
} group;

static cxs_rc advance_one(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    const group *g = arg;

    (void)worker;
    return g->busy[index] ? cxs_solver_advance(ctx, g->member[index].solver) : CXS_OK;
}

/* Ask all busy members (or only those that need a list), pass, review.  A member
 * without a question (a ridge) is reviewed at once. */
static cxs_rc ask_all(cxs_ctx *ctx, cxs_panel *panel, group *g, int only_lists)
{
    cxs_gate *gate[CXS_PANEL_WIDTH] = {NULL};
    uint8_t review[CXS_PANEL_WIDTH] = {0};
    size_t asked = 0;
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < g->size; i++)
        if (g->busy[i] && (!only_lists || cxs_solver_needs_list(g->member[i].solver))) {
            review[i] = 1;
            gate[i] = cxs_solver_ask(g->member[i].solver);
            asked += gate[i] != NULL;
        }
    if (asked > 0)
        rc = cxs_panel_run(ctx, panel, gate, g->size);
    for (size_t i = 0; i < g->size && rc == CXS_OK; i++) {
        int done = 0;
        if (!review[i])
            continue;
        rc = cxs_solver_review(ctx, g->member[i].solver, &done);
        if (done) {
            g->busy[i] = 0;
            g->member[i].solved = cxs_solver_solved(g->member[i].solver);
        }
    }
    return rc;
}

static size_t busy_count(const group *g)
{
    size_t count = 0;

    for (size_t i = 0; i < g->size; i++)
        count += g->busy[i];
    return count;
}

static cxs_rc solve_group(cxs_ctx *ctx, cxs_panel *panel, cxs_member *member,
                          size_t size)
{
    group g = {.member = member, .size = size};
    cxs_rc rc;

    for (size_t i = 0; i < size; i++) {
        g.busy[i] = !member[i].idle && member[i].solver != NULL;
        if (g.busy[i])
            cxs_solver_aim(member[i].solver, member[i].lambda, member[i].next,
                           member[i].reference);
    }
    rc = ask_all(ctx, panel, &g, 1);
    while (rc == CXS_OK && busy_count(&g) > 0)
        if ((rc = each(ctx, size, advance_one, &g)) == CXS_OK)
            rc = ask_all(ctx, panel, &g, 0);
    return rc;
}

cxs_rc cxs_batch_solve(cxs_ctx *ctx, cxs_panel *panel, cxs_member *member, size_t count)
{
    cxs_rc rc = CXS_OK;

    for (size_t first = 0; first < count && rc == CXS_OK; first += CXS_PANEL_WIDTH)
        rc = solve_group(ctx, panel, member + first, group_size(count, first));
    return rc;
}

void cxs_batch_end(cxs_member *member, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        cxs_solver_free(member[i].solver);
        member[i].solver = NULL;
    }
}
