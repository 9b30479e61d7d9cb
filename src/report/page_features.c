/*
 * page_features.c -- what the markers are, from the catalogue of features
 *
 * One row for each family among the markers shown.  A column that no family names is the
 * input's own, a gene or a column of the user, and is said to be so.
 */
#include "report/page.h"

#include "coxswain/catalogue.h"

#include <string.h>

enum { NAMED = 12 }; /* markers named in a row */

/* The family of a marker that this program makes; its value need not come from here, so
 * the words are those of the name. */
static const cxs_family *family_of(const cxs_indicator *i)
{
    return strchr(i->id, '.') != NULL ? cxs_catalogue_find(i->id) : NULL;
}

bool cxs_page_meaning(cxs_page *p, const cxs_indicator *i)
{
    const cxs_family *f = family_of(i);

    if (f != NULL)
        cxs_put_in(&p->m, "<span class=\"soft\">", f->what, "</span>");
    return f != NULL;
}

static bool is_first(const cxs_loaded *d, size_t r)
{
    for (size_t k = 0; k < r; k++)
        if (family_of(&d->indicator[k]) == family_of(&d->indicator[r]))
            return false;
    return true;
}

/* Names of the markers of a family, by rank. */
static size_t put_members(cxs_page *p, const cxs_family *f)
{
    const cxs_loaded *d = p->d;
    size_t count = 0;

    for (size_t r = 0; r < d->indicators; r++) {
        if (family_of(&d->indicator[r]) != f)
            continue;
        if (count++ < NAMED)
            cxs_put_in(&p->m, count > 1 ? ", " : "", d->indicator[r].id, "");
    }
    if (count > NAMED)
        cxs_putf(&p->m, " and %zu more", count - NAMED);
    return count;
}

/* By what the hazard ratio of the family's markers is told. */
static void put_scale(cxs_page *p, const cxs_family *f)
{
    const cxs_loaded *d = p->d;
    size_t units = 0, sds = 0;

    for (size_t r = 0; r < d->indicators; r++)
        if (family_of(&d->indicator[r]) == f) {
            units += d->indicator[r].scale == 1;
            sds += d->indicator[r].scale != 1;
        }
    cxs_put(&p->m, units > 0 && sds > 0 ? "1 vs 0 where 0/1, else per SD"
                   : units > 0          ? "1 vs 0"
                                        : "per SD");
}

static void put_family(cxs_page *p, const cxs_family *f)
{
    cxs_put(&p->m, "<tr><th scope=\"row\">");
    put_members(p, f);
    if (strchr(f->pattern, '*') != NULL)
        cxs_put_in(&p->m, "<span class=\"soft\">family ", f->pattern, "</span>");
    cxs_put_in(&p->m, "</th><td>", f->what, "");
    cxs_put_in(&p->m, "<span class=\"soft\">", f->formula, "</span>");
    cxs_put_in(&p->m, "<span class=\"soft\">Transform: ", f->transform, "</span></td>");
    cxs_put_in(&p->m, "<td>", strcmp(f->unit, "none") != 0 ? f->unit : f->type, "");
    cxs_put(&p->m, "<span class=\"soft\">HR ");
    put_scale(p, f);
    cxs_put_in(&p->m, "</span></td><td>", f->source, "</td></tr>\n");
}

static void put_own(cxs_page *p)
{
    cxs_put(&p->m,
            "<p>Not in the catalogue, but columns of the input itself (genes of "
            "an expression matrix, or columns of a table of the user), under the "
            "names that they have there: ");
    put_members(p, NULL);
    cxs_put(&p->m, ".</p>\n");
}

void cxs_page_features(cxs_page *p)
{
    static const char *const heads[] = {"Marker", "What it is", "Unit", "Source", NULL};
    const cxs_loaded *d = p->d;
    size_t families = 0, own = 0;

    cxs_put(&p->m, "<section id=\"features\">\n<h2>What the features are</h2>\n");
    for (size_t r = 0; r < d->indicators; r++) {
        families += family_of(&d->indicator[r]) != NULL && is_first(d, r);
        own += family_of(&d->indicator[r]) == NULL;
    }
    if (families > 0) {
        cxs_page_open_table_of(
            p, "prose",
            "The markers shown above, from the catalogue of features. "
            "The unit is that of the value before the transform.");
        cxs_page_heads(p, heads);
        for (size_t r = 0; r < d->indicators; r++)
            if (family_of(&d->indicator[r]) != NULL && is_first(d, r))
                put_family(p, family_of(&d->indicator[r]));
        cxs_page_close_table(p);
    }
    if (own > 0)
        put_own(p);
    if (families + own == 0)
        cxs_put(&p->m, "<p>No marker is shown.</p>\n");
    cxs_put(&p->m, "</section>\n");
}
