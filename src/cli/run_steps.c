/*
 * run_steps.c -- the steps of `coxswain run` and the words each command gets
 */
#include "cli/run.h"

#include <stdarg.h>
#include <stdio.h>

static void add(run_words *w, const char *fmt, ...) CXS_PRINTF(2, 3);
static void add(run_words *w, const char *fmt, ...)
{
    const size_t left = sizeof w->bytes - w->used;
    va_list va;
    int n;

    va_start(va, fmt);
    n = vsnprintf(w->bytes + w->used, left, fmt, va);
    va_end(va);
    if (n < 0 || (size_t)n >= left || w->n == RUN_WORDS_MAX) {
        w->too_long = 1;
        return;
    }
    w->argv[w->n++] = w->bytes + w->used;
    w->argv[w->n] = NULL;
    w->used += (size_t)n + 1;
}

static void add_out(run_words *w, const run *r, const char *option, const char *name)
{
    add(w, "%s", option);
    add(w, "%s/%s", r->folder, name);
}

static void add_study(run_words *w, const run *r)
{
    add_out(w, r, "--study", "study.cxs");
    if (r->s->unadjusted)
        add(w, "--unadjusted");
}

static void ingest_words(const run *r, run_words *w)
{
    add(w, "%s", r->study);
    add_out(w, r, "-o", "study.cxs");
    if (r->s->refdata != NULL)
        add(w, "--refdata=%s", r->s->refdata);
}

static void features_words(const run *r, run_words *w)
{
    add(w, "%s/study.cxs", r->folder);
    add_out(w, r, "-o", "features.cxf");
    add(w, "--seed=%llu", (unsigned long long)r->s->seed);
    if (r->s->refdata != NULL)
        add(w, "--refdata=%s", r->s->refdata);
}

static void cox_words(const run *r, run_words *w)
{
    add_study(w, r);
    add_out(w, r, "--out", "cox");
}

static void screen_words(const run *r, run_words *w)
{
    add(w, "%s/features.cxf", r->folder);
    add_study(w, r);
    add_out(w, r, "--out", "screen");
}

static void model_words(const run *r, run_words *w)
{
    add(w, "%s/features.cxf", r->folder);
    add_study(w, r);
    add(w, "--alpha=%.17g", r->s->model.alpha);
    add(w, "--folds=%zu", r->folds);
    add(w, "--seed=%llu", (unsigned long long)r->s->seed);
    add_out(w, r, "--out", "model");
}

static void rank_words(const run *r, run_words *w)
{
    add(w, "%s/features.cxf", r->folder);
    add_study(w, r);
    add(w, "--pairs=%zu", r->s->rank.pairs);
    add(w, "--permutations=%zu", r->s->rank.permutations);
    add(w, "--bootstraps=%zu", r->s->rank.bootstraps);
    if (r->s->rank.allow_feature != NULL)
        add(w, "--allow-feature=%s", r->s->rank.allow_feature);
    add(w, "--seed=%llu", (unsigned long long)r->s->seed);
    add_out(w, r, "--out", "rank");
}

static void report_words(const run *r, run_words *w)
{
    add(w, "%s/rank.cxr", r->folder);
    add_out(w, r, "--model", "model");
    add_out(w, r, "--figures", "figures");
    add(w, "--top=%zu", r->s->report.top);
    add_out(w, r, "-o", "report.html");
}

const run_step run_steps[] = {
    {"ingest", cmd_ingest, ingest_words, "", "study.cxs study.cxs.run.json", 0},
    {"features", cmd_features, features_words, "study.cxs",
     "features.cxf features.*.tsv", 0},
    {"cox", cmd_cox, cox_words, "study.cxs", "cox.*.tsv", 0},
    {"screen", cmd_screen, screen_words, "study.cxs features.cxf", "screen.*.tsv", 1},
    {"model", cmd_model, model_words, "study.cxs features.cxf", "model.*.tsv", 1},
    {"rank", cmd_rank, rank_words, "study.cxs features.cxf", "rank.*.tsv rank.cxr", 1},
    {"report", cmd_report, report_words, "rank.cxr model.*.tsv",
     "report.html figures/*.svg", 0},
    {NULL, NULL, NULL, NULL, NULL, 0},
};

void run_make_words(const run *r, const run_step *step, run_words *w)
{
    const cxs_common *c = &r->s->common;
    /* `rank` shows the first markers; here they stand at the end. */
    const int quiet = c->quiet || step->command == cmd_rank;

    w->n = w->too_long = 0;
    w->used = 0;
    add(w, "%s", step->name);
    step->make_words(r, w);
    w->own = w->n;
    add(w, "--threads=%zu", c->threads);
    if (step->predicts && c->memory > 0)
        add(w, "--memory=%zu", c->memory);
    if (quiet)
        add(w, "--quiet");
    if (c->strict)
        add(w, "--strict");
    if (c->mask_ids)
        add(w, "--mask-ids");
}
