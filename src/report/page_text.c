/*
 * page_text.c -- verdict, limits, methods and provenance in words
 *
 * The limits are part of the result: they are written whatever the data show.
 */
#include "report/page.h"

#include "num/special.h"
#include "report/label.h"

#include <math.h>
#include <string.h>

/* verdict first: a reader who stops there has read the right thing */
static void put_verdict(cxs_page *p)
{
    static const char positive[] = "Evidence";
    const char *verdict = cxs_loaded_text(p->d, "verdict");
    const bool some = strncmp(verdict, positive, sizeof positive - 1) == 0;
    char text[CXS_LABEL_BYTES];

    cxs_putf(&p->m, "<div class=\"verdict %s\">\n<p class=\"lead\">",
             some ? "some" : "none");
    cxs_page_meta(p, "verdict", "The results store holds no verdict.");
    cxs_put(&p->m, "</p>\n");
    if (isfinite(cxs_loaded_real(p->d, "permutation_p")) &&
        strstr(verdict, "permutation") == NULL)
        cxs_put_in(&p->m, "<p>Global check by permutation: p = ",
                   cxs_label_p(cxs_loaded_real(p->d, "permutation_p"), text),
                   ".</p>\n");
    cxs_put(&p->m, "</div>\n");
}

static void put_fact(cxs_page *p, const char *name, const char *value)
{
    cxs_putf(&p->m, "<div><dt>%s</dt><dd>", name);
    cxs_put_text(&p->m, *value != '\0' ? value : "not recorded");
    cxs_put(&p->m, "</dd></div>\n");
}

static void put_count_fact(cxs_page *p, const char *name, const char *key,
                           size_t min_cell)
{
    const double value = cxs_loaded_real(p->d, key);
    char text[CXS_LABEL_BYTES] = "";

    if (value >= 0 && value < 1e15)
        cxs_label_count((size_t)value, min_cell, text);
    put_fact(p, name, text);
}

static void put_facts(cxs_page *p)
{
    const char *unit = cxs_loaded_text(p->d, "time_unit");
    const double followup = cxs_loaded_real(p->d, "median_followup");
    const double n = cxs_loaded_real(p->d, "n");
    const double subjects = cxs_loaded_real(p->d, "n_subjects");
    const size_t min_cell = p->settings->min_cell;
    char text[CXS_LABEL_BYTES];

    cxs_put(&p->m, "<dl class=\"facts\">\n");
    put_fact(p, "Endpoint", cxs_loaded_text(p->d, "endpoint"));
    put_count_fact(p, "Patients", isfinite(subjects) ? "n_subjects" : "n", min_cell);
    if (isfinite(subjects) && (n > subjects || n < subjects))
        put_count_fact(p, "Rows (intervals)", "n", min_cell);
    put_count_fact(p, "Events", "events", min_cell);
    cxs_put(&p->m, "<div><dt>Median follow-up (reverse Kaplan&#8211;Meier)</dt><dd>");
    if (isfinite(followup)) {
        cxs_put(&p->m, cxs_label_short(followup, 4, text));
        cxs_put_in(&p->m, " ", unit, "");
    } else {
        cxs_put(&p->m, "not reached or not recorded");
    }
    cxs_put(&p->m, "</dd></div>\n");
    put_count_fact(p, "Markers tested", "p_tested", 0);
    put_fact(p, "Adjusted for",
             p->d->terms == 0 ? "nothing" : cxs_loaded_text(p->d, "covariates"));
    cxs_put(&p->m, "</dl>\n");
}

void cxs_page_summary(cxs_page *p)
{
    put_verdict(p);
    cxs_put_in(&p->m, "<h1>", cxs_page_title(p), "</h1>\n");
    cxs_put(&p->m,
            "<p class=\"soft\">Ranked prognostic indicators. Research use only.</p>\n");
    put_facts(p);
    cxs_put(&p->m, "<nav aria-label=\"Contents\"><ul>"
                   "<li><a href=\"#limits\">Limits</a></li>"
                   "<li><a href=\"#patients\">Patients</a></li>"
                   "<li><a href=\"#markers\">Top markers</a></li>"
                   "<li><a href=\"#survival\">Survival curves</a></li>"
                   "<li><a href=\"#chance\">More than chance?</a></li>"
                   "<li><a href=\"#clinical\">Clinical model</a></li>"
                   "<li><a href=\"#model\">Penalised model</a></li>"
                   "<li><a href=\"#methods\">Methods</a></li>"
                   "<li><a href=\"#features\">Features</a></li>"
                   "<li><a href=\"#warnings\">Warnings</a></li>"
                   "<li><a href=\"#provenance\">Provenance</a></li></ul></nav>\n");
}

/* Smallest hazard ratio per SD that D events detect with power 80 % at two-sided level
 * a: exp((z_{1-a/2} + z_{0.8}) / sqrt(D)) (Schoenfeld 1983). */
static double detectable_ratio(double events, double level)
{
    return exp((cxs_normal_quantile(1 - level / 2) + cxs_normal_quantile(0.8)) /
               sqrt(events));
}

static void put_power(cxs_page *p)
{
    const double events = cxs_loaded_real(p->d, "events");
    const double tested = cxs_loaded_real(p->d, "p_tested");
    const double level = 0.05;
    char text[CXS_LABEL_BYTES];

    if (!(events >= 1) || !(tested >= 1) || events < (double)p->settings->min_cell)
        return;
    cxs_put(&p->m, "<li><strong>What this study could have seen.</strong> With ");
    cxs_put(&p->m, cxs_label_size((size_t)events, text));
    cxs_put(&p->m,
            " events, the smallest hazard ratio per SD that is detected with 80% "
            "power is ");
    cxs_put(&p->m, cxs_label_ratio(detectable_ratio(events, level), text));
    cxs_put(&p->m, " for one marker named in advance");
    if (tested > 1) {
        cxs_put(&p->m, " and ");
        cxs_put(&p->m, cxs_label_ratio(detectable_ratio(events, level / tested), text));
        cxs_put(&p->m, " when ");
        cxs_put(&p->m, cxs_label_size((size_t)tested, text));
        cxs_put(&p->m, " are tested. A short list declared in advance says more than a "
                       "search through the genome");
    }
    cxs_put(&p->m, ". Absence from the list is not evidence of no effect.</li>\n");
}

void cxs_page_limits(cxs_page *p)
{
    cxs_put(
        &p->m,
        "<section id=\"limits\">\n<h2>What this report can and cannot say</h2>\n<ul>\n"
        "<li><strong>Prognostic, not predictive.</strong> Within a disease group all "
        "patients are analysed as one arm, without a randomised comparison: "
        "prognostic and predictive effects cannot be told apart. Nothing here says "
        "who gains from a treatment.</li>\n"
        "<li><strong>Effects are per standard deviation</strong> of a marker in these "
        "patients (1 against 0 for markers that are 0 or 1); they depend on the spread "
        "in this cohort.</li>\n"
        "<li><strong>Intervals and p-values are not adjusted for selection.</strong> "
        "Markers stand at the top because their estimates are large, so those "
        "estimates are too large on average; the shrunken hazard ratio is the better "
        "guess.</li>\n"
        "<li><strong>The error bound</strong> of stability selection counts markers "
        "whose chance of selection is below average, not markers without a causal "
        "effect; correlated markers share their votes.</li>\n");
    put_power(p);
    cxs_put(&p->m,
            "<li><strong>Research use only.</strong> Not for decisions on "
            "individual patients; findings need confirmation in patients who were "
            "not part of this study.</li>\n</ul>\n</section>\n");
}

static const char *ties_author(const char *ties)
{
    return strcmp(ties, "efron") == 0     ? "Efron (1977)"
           : strcmp(ties, "breslow") == 0 ? "Breslow (1974)"
           : *ties != '\0'                ? ties
                                          : "the settings below";
}

static const char *test_words(const char *test)
{
    return strcmp(test, "lrt") == 0
               ? "p-values are those of the likelihood ratio test. "
           : strcmp(test, "wald") == 0  ? "p-values are those of the Wald test. "
           : strcmp(test, "score") == 0 ? "p-values are those of the score test. "
                                        : "";
}

static void put_scan_method(cxs_page *p)
{
    const bool adjusted = p->d->terms > 0;

    cxs_put(&p->m,
            "<p>Each marker was tested in its own Cox proportional hazards model "
            "of ");
    cxs_page_meta(p, "endpoint", "the endpoint");
    cxs_put(&p->m, adjusted ? ", adjusted for " : ", without covariates");
    if (adjusted)
        cxs_page_meta(p, "covariates", "the clinical terms below");
    if (p->d->strata > 1) {
        cxs_put(&p->m, ", with one baseline hazard per stratum (");
        cxs_page_meta(p, "strata", "as listed above");
        cxs_put(&p->m, ")");
    }
    cxs_put(&p->m, "; tied times by the method of ");
    cxs_put_text(&p->m, ties_author(cxs_loaded_text(p->d, "ties")));
    cxs_put(&p->m, ". ");
    cxs_put(&p->m, test_words(cxs_loaded_text(p->d, "test")));
    cxs_put(&p->m,
            "q is the false discovery rate of Benjamini and Hochberg (1995) over "
            "all markers tested.</p>\n");
}

static void put_stability_method(cxs_page *p)
{
    if (!(cxs_loaded_real(p->d, "stability_pairs") > 0)) {
        cxs_put(&p->m, "<p>Stability selection was not run.</p>\n");
        return;
    }
    cxs_put(&p->m,
            "<p>Stability selection (Meinshausen and B&#252;hlmann 2010; Shah and "
            "Samworth 2013): in both halves of ");
    cxs_page_meta_real(p, "stability_pairs", 6);
    cxs_put(&p->m, " random splits of the patients, the first ");
    cxs_page_meta_real(p, "stability_q", 6);
    cxs_put(&p->m, " markers that enter a penalised Cox path were noted; a marker is "
                   "called stable at a frequency of ");
    cxs_page_meta_real(p, "stability_threshold", 4);
    cxs_put(&p->m, " or more. Expected number of falsely selected markers at that "
                   "threshold: at most ");
    cxs_page_meta_real(p, "pfer_bound", 3);
    cxs_put(&p->m, " (r-concave bound), ");
    cxs_page_meta_real(p, "pfer_bound_mb", 3);
    cxs_put(&p->m, " (without that assumption).</p>\n");
}

static void put_rank_method(cxs_page *p)
{
    cxs_put(&p->m,
            "<p>Adjusted coefficients were shrunken under a prior that is zero "
            "with probability &#960;<sub>0</sub> and normal otherwise, fitted to "
            "all markers (&#960;<sub>0</sub> = ");
    cxs_page_meta_real(p, "pi0", 3);
    cxs_put(&p->m, ", &#964;<sup>2</sup> = ");
    cxs_page_meta_real(p, "tau2", 3);
    cxs_put(
        &p->m,
        "). Markers are ordered by tier, then by posterior expected rank (Laird "
        "and Louis 1989; Henderson and Newton 2016). Tiers: B, a "
        "candidate by false discovery rate or selection frequency whose sign is "
        "stable over bootstrap samples; C, a nominal p-value of 0.05 or less; D, "
        "evaluated, none of these; X, not evaluable. A asks in addition for gain in "
        "patients left out and agreement between centres.</p>\n");
    if (p->d->null_scores > 0)
        cxs_put(&p->m,
                "<p>Global check: outcome and covariates of patients were permuted "
                "together within strata against the markers, and the largest |z| "
                "of the whole scan was kept; p = (1 + number as large) / (1 + "
                "permutations).</p>\n");
}

void cxs_page_methods(cxs_page *p)
{
    static const char *const heads[] = {"Setting", "Value", NULL};

    cxs_put(&p->m, "<section id=\"methods\">\n<h2>Methods</h2>\n");
    put_scan_method(p);
    put_stability_method(p);
    put_rank_method(p);
    cxs_put(&p->m, "<h3>Settings</h3>\n");
    if (p->d->settings == 0) {
        cxs_put(&p->m, "<p>The results store holds no settings.</p>\n</section>\n");
        return;
    }
    cxs_page_open_table(p, "Settings that change numbers.", false);
    cxs_page_heads(p, heads);
    for (size_t i = 0; i < p->d->settings; i++) {
        cxs_put_in(&p->m, "<tr><th scope=\"row\">", p->d->setting[i].key, "</th>");
        cxs_put_in(&p->m, "<td>", p->d->setting[i].value, "</td></tr>\n");
    }
    cxs_page_close_table(p);
    cxs_put(&p->m, "</section>\n");
}

/* "CX007: dir/file.tsv: ..." without the folder: where a file lay is nobody's business.
 */
static void put_without_folder(cxs_page *p, const char *text)
{
    enum { CODE_LENGTH = 7 }; /* "CX007: " */
    const bool coded = strncmp(text, "CX", 2) == 0 && strcspn(text, ":") == 5 &&
                       text[CODE_LENGTH - 1] == ' ';
    const char *const start = coded ? text + CODE_LENGTH : text, *end, *name;
    end = start + strcspn(start, " ");
    for (name = end; name > start && name[-1] != '/';)
        name--;
    if (coded) {
        char code[CODE_LENGTH + 1] = "";
        memcpy(code, text, CODE_LENGTH);
        cxs_put_text(&p->m, code);
    }
    cxs_put_text(&p->m, name);
}

void cxs_page_warnings(cxs_page *p)
{
    cxs_put(&p->m, "<section id=\"warnings\">\n<h2>Warnings</h2>\n");
    if (p->d->warnings == 0)
        cxs_put(&p->m, "<p>The analysis gave no warning.</p>\n");
    else
        cxs_put(&p->m, "<ul>\n");
    for (size_t i = 0; i < p->d->warnings; i++) {
        cxs_put(&p->m, "<li>");
        put_without_folder(p, p->d->warning[i].what);
        if (p->d->warning[i].n > 1)
            cxs_putf(&p->m, " (%zu times)", p->d->warning[i].n);
        cxs_put(&p->m, "</li>\n");
    }
    cxs_put(&p->m, p->d->warnings == 0 ? "</section>\n" : "</ul>\n</section>\n");
}

void cxs_page_provenance(cxs_page *p)
{
    cxs_put(&p->m, "<section id=\"provenance\">\n<h2>Provenance</h2>\n"
                   "<dl class=\"facts\">\n");
    put_fact(p, "Analysis made by coxswain", cxs_loaded_text(p->d, "version"));
    put_fact(p, "Report made by coxswain", cxs_version());
    cxs_put(&p->m, "</dl>\n<p>Settings digest (SHA-256): <code>");
    cxs_page_meta(p, "settings_digest", "not recorded");
    cxs_put_in(&p->m, "</code><br>\nResults store (SHA-256): <code>", p->store_digest,
               "</code></p>\n");
    for (size_t i = 0; i < p->d->metas; i++) {
        const cxs_pair *pair = &p->d->meta[i];
        if (strncmp(pair->key, "input", 5) != 0)
            continue;
        cxs_put_in(&p->m, "<p>", pair->key, ": <code>");
        cxs_put_in(&p->m, "", pair->value, "</code></p>\n");
    }
    cxs_put(&p->m,
            "<p class=\"note\">The same results store gives the same page, byte for "
            "byte; it names no person, machine, folder or time.</p>\n</section>\n");
}
