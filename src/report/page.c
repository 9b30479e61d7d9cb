/*
 * page.c -- the page as a whole: frame, order of the parts, figures
 */
#include "report/page.h"

#include "report/label.h"

const char *cxs_page_title(const cxs_page *p)
{
    const char *title = p->settings->title;

    if (title == NULL || *title == '\0')
        title = cxs_loaded_text(p->d, "title");
    return *title != '\0' ? title : "Prognostic indicators";
}

void cxs_page_meta(cxs_page *p, const char *key, const char *otherwise)
{
    const char *text = cxs_loaded_text(p->d, key);

    if (*text == '\0')
        cxs_put(&p->m, otherwise);
    else
        cxs_put_text(&p->m, text);
}

void cxs_page_meta_real(cxs_page *p, const char *key, int significant)
{
    char text[CXS_LABEL_BYTES];

    cxs_put(&p->m, cxs_label_short(cxs_loaded_real(p->d, key), significant, text));
}

void cxs_page_figure(cxs_page *p, cxs_canvas *canvas, const char *caption)
{
    if (canvas == NULL)
        return;
    cxs_putf(&p->m,
             "<figure id=\"figure-%zu\">\n<div class=\"frame\" tabindex=\"0\""
             " role=\"region\" aria-label=\"Figure %zu\">\n",
             p->figure + 1, p->figure + 1);
    cxs_canvas_svg(canvas, false, &p->m);
    cxs_putf(&p->m, "</div>\n<figcaption><b>Figure %zu. ", ++p->figure);
    cxs_put_in(&p->m, "", canvas->title, ".</b> ");
    cxs_put(&p->m, caption);
    cxs_put(&p->m, "</figcaption>\n<details><summary>In words</summary><p>");
    cxs_put_text(&p->m, canvas->description);
    cxs_put(&p->m, "</p></details>\n</figure>\n");
    if (p->m.rc == CXS_OK && p->settings->figures != NULL)
        p->m.rc = cxs_canvas_save(p->m.ctx, canvas, p->settings->figures,
                                  p->settings->figure_format, p->record);
    cxs_canvas_free(canvas);
}

static void put_head(cxs_page *p)
{
    cxs_put(&p->m,
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';"
            " style-src 'unsafe-inline'; img-src data:\">\n"
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
            "<meta name=\"referrer\" content=\"no-referrer\">\n");
    cxs_put_in(&p->m, "<title>", cxs_page_title(p), "</title>\n");
    cxs_put_in(&p->m, "<meta name=\"generator\" content=\"coxswain ", cxs_version(),
               "\">\n<style>\n");
    cxs_put(&p->m, cxs_page_style);
    cxs_put(&p->m, "</style>\n</head>\n<body>\n<main>\n");
}

static void put_km(cxs_page *p)
{
    const cxs_loaded *d = p->d;

    cxs_put(&p->m, "<section id=\"survival\">\n<h2>Survival by marker level</h2>\n");
    if (d->kms == 0)
        cxs_put(&p->m, "<p>The results store holds no survival curves.</p>\n");
    else
        cxs_put(&p->m,
                "<p>Kaplan&#8211;Meier curves with pointwise 95% confidence bands. "
                "Patients are split at the median of the marker (0/1 markers: by their "
                "value) <em>for display only</em>: the tests above use the marker as "
                "measured, and no cut-point "
                "was searched for.</p>\n<div class=\"grid\">\n");
    for (size_t k = 0; k < d->kms && p->m.rc == CXS_OK; k++) {
        cxs_canvas *canvas = NULL;
        p->m.rc = cxs_figure_km(p->m.ctx, d, k, p->settings->min_cell, &canvas);
        cxs_page_figure(
            p, canvas,
            "Kaplan&#8211;Meier curves with 95% confidence bands; numbers at risk "
            "below the axis. The groups are for display.");
    }
    cxs_put(&p->m, d->kms > 0 ? "</div>\n</section>\n" : "</section>\n");
}

static void put_chance(cxs_page *p)
{
    cxs_canvas *canvas = NULL;
    char text[CXS_LABEL_BYTES];

    cxs_put(&p->m, "<section id=\"chance\">\n<h2>More than chance?</h2>\n");
    if (p->d->null_scores == 0) {
        cxs_put(&p->m, "<p>No permutation check was run, so nothing here says whether "
                       "the best marker is better than the best of as many useless "
                       "ones.</p>\n</section>\n");
        return;
    }
    cxs_put(&p->m,
            "<p>Outcomes were permuted within strata and every marker was tested "
            "again. The largest |z| of the real data was ");
    cxs_put(&p->m, cxs_label_fixed(cxs_loaded_real(p->d, "max_abs_z"), 2, text));
    cxs_putf(&p->m, "; over %zu permutations this gives p = ", p->d->null_scores);
    cxs_put(&p->m, cxs_label_p(cxs_loaded_real(p->d, "permutation_p"), text));
    cxs_put(&p->m, ".</p>\n");
    if (p->m.rc == CXS_OK)
        p->m.rc = cxs_figure_null(p->m.ctx, p->d, &canvas);
    cxs_page_figure(
        p, canvas,
        "Bars: over all markers, in each permutation. Dashed line: the data.");
    cxs_put(&p->m, "</section>\n");
}

static void put_model(cxs_page *p)
{
    cxs_canvas *canvas = NULL;

    cxs_put(&p->m, "<section id=\"model\">\n<h2>Penalised model</h2>\n");
    if (p->path == NULL) {
        cxs_put(&p->m, "<p>No penalised model was given to this report.</p>\n"
                       "</section>\n");
        return;
    }
    if (p->path->traces == 0)
        cxs_put(&p->m,
                "<p>No marker entered the penalised model at any penalty.</p>\n");
    if (p->m.rc == CXS_OK)
        p->m.rc = cxs_figure_path(p->m.ctx, p->path, &canvas);
    cxs_page_figure(p, canvas,
                    "Drawn as far as cross-validation went. The ten largest are named; "
                    "the others are grey; unpenalised clinical terms are not drawn. "
                    "Penalised coefficients are shrunken and carry no interval.");
    canvas = NULL;
    if (p->path->cvs == 0)
        cxs_put(&p->m, "<p>The model was fitted without cross-validation.</p>\n");
    if (p->m.rc == CXS_OK)
        p->m.rc = cxs_figure_cv(p->m.ctx, p->path, &canvas);
    cxs_page_figure(p, canvas,
                    "Mean over folds with one standard error. The "
                    "curve was used to choose the penalty, so its best value is "
                    "optimistic as a measure of performance.");
    cxs_put(&p->m, "</section>\n");
}

void cxs_page_build(cxs_page *p)
{
    put_head(p);
    cxs_page_summary(p);
    cxs_page_limits(p);
    cxs_page_patients(p);
    cxs_page_markers(p);
    put_km(p);
    put_chance(p);
    cxs_page_clinical(p);
    put_model(p);
    cxs_page_methods(p);
    cxs_page_features(p);
    cxs_page_warnings(p);
    cxs_page_provenance(p);
    cxs_put(&p->m, "</main>\n</body>\n</html>\n");
}
