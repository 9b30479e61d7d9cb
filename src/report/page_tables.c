/*
 * page_tables.c -- patients, markers and the clinical model as tables
 */
#include "report/page.h"

#include "report/label.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define DASH "\xE2\x80\x93"

void cxs_mask_cells(const size_t *count, size_t n, size_t min_cell, bool *hidden)
{
    size_t masked = 0, next = n;

    for (size_t i = 0; i < n; i++) {
        hidden[i] = count[i] > 0 && count[i] < min_cell;
        masked += hidden[i];
        if (!hidden[i] && count[i] > 0 && (next == n || count[i] < count[next]))
            next = i;
    }
    if (masked == 1 && next < n)
        hidden[next] = true;
}

void cxs_page_open_table_of(cxs_page *p, const char *class, const char *caption)
{
    p->table++;
    cxs_putf(&p->m,
             "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table "
             "%zu\">\n<table%s%s%s>\n<caption><b>Table %zu.</b> %s</caption>\n"
             "<thead><tr>",
             p->table, *class != '\0' ? " class=\"" : "", class,
             *class != '\0' ? "\"" : "", p->table, caption);
}

void cxs_page_open_table(cxs_page *p, const char *caption, bool wide)
{
    cxs_page_open_table_of(p, wide ? "wide" : "", caption);
}

void cxs_page_heads(cxs_page *p, const char *const *heads)
{
    for (; *heads != NULL; heads++)
        cxs_putf(&p->m, "<th scope=\"col\"%s>%s</th>",
                 **heads == '*' ? " class=\"num\"" : "", *heads + (**heads == '*'));
    cxs_put(&p->m, "</tr></thead>\n<tbody>\n");
}

void cxs_page_close_table(cxs_page *p)
{
    cxs_put(&p->m, "</tbody>\n</table>\n</div>\n");
}

static void put_number(cxs_page *p, const char *text)
{
    cxs_put_in(&p->m, "<td class=\"num\">", text, "</td>");
}

static void put_masked(cxs_page *p, size_t count, bool hidden)
{
    const size_t min_cell = p->settings->min_cell;
    char text[CXS_LABEL_BYTES];

    if (hidden && count >= min_cell)
        snprintf(text, sizeof text, "\xE2\x89\xA5%zu", min_cell);
    else
        cxs_label_count(count, min_cell, text);
    put_number(p, text);
}

/* Patients and events of each centre or stratum. */
static void put_groups(cxs_page *p, const char *what, const char *caption,
                       const cxs_tally *group, size_t n)
{
    cxs_ctx *ctx = p->m.ctx;
    const size_t min_cell = p->settings->min_cell;
    size_t *count = cxs_calloc(ctx, 2 * n, sizeof *count);
    bool *hidden = cxs_calloc(ctx, 2 * n, sizeof *hidden);
    const char *const heads[] = {what, "*Patients", "*Events", "*Events, %", NULL};
    char text[CXS_LABEL_BYTES];

    if (count == NULL || hidden == NULL) {
        p->m.rc = CXS_ENOMEM;
        goto done;
    }
    for (size_t i = 0; i < n; i++) {
        count[i] = group[i].n;
        count[n + i] = group[i].events;
    }
    cxs_mask_cells(count, n, min_cell, hidden);
    cxs_mask_cells(count + n, n, min_cell, hidden + n);
    cxs_page_open_table(p, caption, false);
    cxs_page_heads(p, heads);
    for (size_t i = 0; i < n; i++) {
        const double share = 100.0 * (double)group[i].events / (double)group[i].n;
        cxs_put_in(&p->m, "<tr><th scope=\"row\">", group[i].what, "</th>");
        put_masked(p, group[i].n, hidden[i]);
        put_masked(p, group[i].events, hidden[n + i]);
        put_number(p, cxs_label_fixed(hidden[i] || hidden[n + i] ? (double)NAN : share,
                                      0, text));
        cxs_put(&p->m, "</tr>\n");
    }
    cxs_page_close_table(p);

done:
    cxs_free(count);
    cxs_free(hidden);
}

void cxs_page_patients(cxs_page *p)
{
    const cxs_loaded *d = p->d;
    cxs_canvas *canvas = NULL;

    cxs_put(&p->m, "<section id=\"patients\">\n<h2>Patients</h2>\n<h3>Flow into the "
                   "analysis</h3>\n");
    if (p->m.rc == CXS_OK)
        p->m.rc = cxs_figure_flow(p->m.ctx, d, p->settings->min_cell, &canvas);
    if (canvas == NULL)
        cxs_put(&p->m, "<p>The results store holds no patient flow.</p>\n");
    cxs_page_figure(p, canvas, "Exclusions, if any, stand at the right.");
    cxs_put(&p->m, "<h3>Centres</h3>\n");
    if (d->centres == 0)
        cxs_put(&p->m,
                "<p>No centre column was named: differences between centres were "
                "not looked at.</p>\n");
    else
        put_groups(p, "Centre", "Patients and events by centre.", d->centre,
                   d->centres);
    cxs_put(&p->m, "<h3>Strata</h3>\n");
    if (d->strata <= 1)
        cxs_put(&p->m, "<p>The analysis was not stratified.</p>\n");
    else
        put_groups(p, "Stratum", "Patients and events by stratum.", d->stratum,
                   d->strata);
    if (p->settings->min_cell > 1)
        cxs_putf(
            &p->m,
            "<p class=\"note\">Counts from 1 to %zu are shown as &lt;%zu to protect "
            "persons; where one hidden count alone could be found from a total, the "
            "next smallest is shown as &#8805;%zu.</p>\n",
            p->settings->min_cell - 1, p->settings->min_cell, p->settings->min_cell);
    cxs_put(&p->m, "</section>\n");
}

static void put_interval(cxs_page *p, double hr, double lo, double hi)
{
    char text[CXS_LABEL_BYTES];

    cxs_put(&p->m, "<td class=\"num\">");
    cxs_put(&p->m, cxs_label_ratio(hr, text));
    if (isfinite(hr) && !isnan(lo) && !isnan(hi)) {
        cxs_put(&p->m, " (");
        cxs_put(&p->m, cxs_label_ratio(lo, text));
        cxs_put(&p->m, DASH);
        cxs_put(&p->m, cxs_label_ratio(hi, text));
        cxs_put(&p->m, ")");
    }
    cxs_put(&p->m, "</td>");
}

/* Things a reader of the row must know, under the marker's name. */
static void put_notes(cxs_page *p, const cxs_indicator *i)
{
    static const double non_proportional = 0.01; /* where the measure changes */
    char text[CXS_LABEL_BYTES];

    if (*i->status != '\0' && strcmp(i->status, "ok") != 0)
        cxs_put_in(&p->m, "<span class=\"remark\">", i->status, "</span>");
    if (i->scale == 1)
        cxs_put(&p->m, "<span class=\"remark\">HR 1 vs 0</span>");
    if (i->ph_p < non_proportional)
        cxs_put_in(&p->m, "<span class=\"remark\">hazards not proportional, p = ",
                   cxs_label_p(i->ph_p, text), "</span>");
}

static bool has_rank_interval(const cxs_loaded *d)
{
    for (size_t r = 0; r < d->indicators; r++)
        if (isfinite(d->indicator[r].rank_l95))
            return true;
    return false;
}

static void put_rank_interval(cxs_page *p, const cxs_indicator *i)
{
    char text[CXS_LABEL_BYTES];

    cxs_put(&p->m, "<td class=\"num\">");
    cxs_put(&p->m, cxs_label_short(i->rank_l95, 6, text));
    if (isfinite(i->rank_l95)) {
        cxs_put(&p->m, DASH);
        cxs_put(&p->m, cxs_label_short(i->rank_u95, 6, text));
    }
    cxs_put(&p->m, "</td>");
}

/* The layer is said once when all rows share it. */
static bool has_layers(const cxs_loaded *d)
{
    for (size_t r = 1; r < d->indicators; r++)
        if (strcmp(d->indicator[r].layer, d->indicator[0].layer) != 0)
            return true;
    return false;
}

static void put_marker(cxs_page *p, const cxs_indicator *i, bool ranks, bool layers)
{
    const bool named = *i->name != '\0' && strcmp(i->name, i->id) != 0;
    char text[CXS_LABEL_BYTES];

    cxs_putf(&p->m, "<tr><td class=\"num\">%zu</td><th scope=\"row\">", i->rank);
    cxs_put_text(&p->m, named ? i->name : i->id);
    if (named)
        cxs_put_in(&p->m, "<span class=\"soft\">", i->id, "</span>");
    if (!cxs_page_meaning(p, i) && layers)
        cxs_put_in(&p->m, "<span class=\"soft\">", i->layer, "</span>");
    put_notes(p, i);
    cxs_put_in(&p->m, "</th><td class=\"nowrap\">", i->tier, "</td>");
    put_interval(p, i->hr, i->hr_l95, i->hr_u95);
    put_number(p, cxs_label_p(i->q, text));
    put_number(p, cxs_label_fixed(i->sel_freq, 2, text));
    put_number(p, cxs_label_ratio(i->pfer_bound, text));
    put_number(p, cxs_label_p(i->lfsr, text));
    put_number(p, cxs_label_ratio(exp(i->beta_shrunk), text));
    if (ranks)
        put_rank_interval(p, i);
    cxs_put_in(&p->m, "<td>", i->direction, "</td>");
    put_number(p, cxs_label_count(i->n, p->settings->min_cell, text));
    put_number(p, cxs_label_count(i->events, p->settings->min_cell, text));
    cxs_put(&p->m, "</tr>\n");
}

static void put_marker_table(cxs_page *p)
{
    static const char *const before[] = {"*Rank",        "Marker",
                                         "Tier",         "*HR per SD (95%&nbsp;CI)",
                                         "*q",           "*Selection frequency",
                                         "*Error bound", "*lfsr",
                                         "*Shrunken HR", NULL};
    const cxs_loaded *d = p->d;
    const bool ranks = has_rank_interval(d), layers = has_layers(d);
    const char *heads[16];
    size_t n = 0;

    for (; before[n] != NULL; n++)
        heads[n] = before[n];
    if (ranks)
        heads[n++] = "*Rank interval";
    heads[n++] = "Direction";
    heads[n++] = "*n";
    heads[n++] = "*Events";
    heads[n] = NULL;
    cxs_put(&p->m,
            "<p class=\"note\">HR: adjusted hazard ratio per standard deviation of the "
            "marker, or of 1 against 0 where noted. q: false discovery rate over all "
            "markers "
            "tested. Selection frequency: share of half-samples that chose the marker; "
            "error bound: expected number of falsely chosen markers at that frequency. "
            "lfsr: local false sign rate. An en dash stands for what was not "
            "assessed.</p>\n");
    cxs_page_open_table(p, "Top markers.", true);
    cxs_page_heads(p, heads);
    for (size_t r = 0; r < d->indicators; r++)
        put_marker(p, &d->indicator[r], ranks, layers);
    cxs_page_close_table(p);
}

void cxs_page_markers(cxs_page *p)
{
    enum { FOREST_ROWS = 20 };
    const cxs_loaded *d = p->d;
    cxs_canvas *canvas = NULL;
    char text[CXS_LABEL_BYTES];

    cxs_put(&p->m, "<section id=\"markers\">\n<h2>Top markers</h2>\n");
    if (d->indicators_total == 0) {
        cxs_put(&p->m, "<p>No marker was ranked.</p>\n</section>\n");
        return;
    }
    cxs_put_in(&p->m, "<p>", cxs_label_size(d->indicators_total, text),
               d->indicators_total == 1 ? " marker was ranked"
                                        : " markers were ranked");
    for (size_t t = 0; t < d->tiers; t++) {
        cxs_put(&p->m, t == 0 ? ": " : ", ");
        cxs_put(&p->m, cxs_label_size(d->tier[t].n, text));
        cxs_put_in(&p->m, " in tier ",
                   *d->tier[t].what != '\0' ? d->tier[t].what : "none", "");
    }
    cxs_put(&p->m, ". ");
    if (d->indicators < d->indicators_total)
        cxs_putf(&p->m, "The first %zu are shown. ", d->indicators);
    if (d->indicators > 0 && !has_layers(d) && *d->indicator[0].layer != '\0')
        cxs_put_in(&p->m, "All are of the layer ", d->indicator[0].layer, ".");
    cxs_put(&p->m, "</p>\n");
    put_marker_table(p);
    if (p->m.rc == CXS_OK)
        p->m.rc = cxs_figure_forest(p->m.ctx, d, FOREST_ROWS, &canvas);
    cxs_page_figure(
        p, canvas,
        "The 95% confidence intervals are not adjusted for selection; an arrow "
        "says that the interval goes on. Open diamonds: estimates shrunken towards 1.");
    cxs_put(&p->m, "</section>\n");
}

void cxs_page_clinical(cxs_page *p)
{
    static const char *const heads[] = {"Term", "*HR (95% CI)", "*z",
                                        "*p",   "Status",       NULL};
    const cxs_loaded *d = p->d;
    char text[CXS_LABEL_BYTES];

    cxs_put(&p->m, "<section id=\"clinical\">\n<h2>Clinical base model</h2>\n");
    if (d->terms == 0) {
        cxs_put(&p->m, "<p>No clinical covariate was declared: the effects of the "
                       "markers are unadjusted.</p>\n</section>\n");
        return;
    }
    cxs_page_open_table(
        p,
        "Cox model of the clinical covariates alone; hazard ratios per unit, or "
        "against the reference level.",
        false);
    cxs_page_heads(p, heads);
    for (size_t i = 0; i < d->terms; i++) {
        const cxs_term *term = &d->term[i];
        cxs_put_in(&p->m, "<tr><th scope=\"row\">", term->name, "</th>");
        put_interval(p, term->hr, term->hr_l95, term->hr_u95);
        put_number(p, cxs_label_fixed(term->z, 2, text));
        put_number(p, cxs_label_log10_p(term->log10_p, text));
        cxs_put_in(&p->m, "<td>", term->status, "</td></tr>\n");
    }
    cxs_page_close_table(p);
    cxs_put(&p->m, "</section>\n");
}
