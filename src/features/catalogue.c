/*
 * catalogue.c -- look up and print the table of feature families
 */
#include "features/catalogue.h"

#include "base/out.h"
#include "base/table.h"

#include <string.h>

enum { DOMAINS = 4, FAR = 64 };

/* Rows of one domain. */
typedef struct rows {
    const cxs_family *row;
    size_t count;
} rows;

static rows domain(size_t d)
{
    switch (d) {
    case 0:
        return (rows){cxs_catalogue_rna, cxs_catalogue_rna_count};
    case 1:
        return (rows){cxs_catalogue_variants, cxs_catalogue_variants_count};
    case 2:
        return (rows){cxs_catalogue_copies, cxs_catalogue_copies_count};
    default:
        return (rows){cxs_catalogue_others, cxs_catalogue_others_count};
    }
}

size_t cxs_catalogue_count(void)
{
    size_t count = 0;

    for (size_t d = 0; d < DOMAINS; d++)
        count += domain(d).count;
    return count;
}

const cxs_family *cxs_catalogue_at(size_t at)
{
    for (size_t d = 0; d < DOMAINS; d++) {
        const rows r = domain(d);
        if (at < r.count)
            return r.row + at;
        at -= r.count;
    }
    return NULL;
}

int cxs_family_available(const cxs_family *family)
{
    return family->derive != NULL;
}

const char *cxs_catalogue_domain(const cxs_family *family)
{
    static const char *const names[][2] = {
        {"rna.", "Expression"},   {"var.", "Variants"},
        {"cn.", "Copy numbers"},  {"frag.", "Fragments of cell-free DNA"},
        {"meth.", "Methylation"}, {"tcr.", "T-cell receptors"},
        {"csf.", "Fluid"},        {"clin.", "Clinic"}};

    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        if (strncmp(family->pattern, names[k][0], strlen(names[k][0])) == 0)
            return names[k][1];
    return "Others";
}

int cxs_pattern_fits(const char *pattern, const char *name)
{
    const char *star = NULL, *taken = NULL;

    while (*name != '\0') {
        if (*pattern == '*') {
            star = pattern++;
            taken = ++name; /* the first character of the star */
        } else if (*pattern == *name) {
            pattern++;
            name++;
        } else if (star != NULL) {
            pattern = star + 1;
            name = ++taken; /* one more for the star */
        } else {
            return 0;
        }
    }
    return *pattern == '\0';
}

static size_t letters(const char *pattern)
{
    size_t count = 0;

    for (; *pattern != '\0'; pattern++)
        count += *pattern != '*';
    return count;
}

const cxs_family *cxs_catalogue_find(const char *name)
{
    const size_t count = cxs_catalogue_count();
    const cxs_family *best = NULL;

    for (size_t k = 0; k < count; k++) {
        const cxs_family *f = cxs_catalogue_at(k);
        if (strcmp(f->pattern, name) == 0)
            return f;
        if (cxs_pattern_fits(f->pattern, name) &&
            (best == NULL || letters(f->pattern) > letters(best->pattern)))
            best = f;
    }
    return best;
}

void cxs_catalogue_nearest(const char *name, size_t count, const char **nearest)
{
    const size_t families = cxs_catalogue_count();
    size_t before = 0; /* families at a smaller distance come first */

    for (size_t distance = 0; distance <= FAR && before < count; distance++)
        for (size_t k = 0; k < families && before < count; k++)
            if (cxs_edit_distance(name, cxs_catalogue_at(k)->pattern, FAR) == distance)
                nearest[before++] = cxs_catalogue_at(k)->pattern;
    while (before < count)
        nearest[before++] = "";
}

static cxs_rc write_row(cxs_ctx *ctx, cxs_out *out, const cxs_family *f)
{
    const char *const text[] = {
        f->pattern,   cxs_family_available(f) ? "available" : "not_yet",
        f->type,      f->unit,
        f->what,      f->formula,
        f->transform, f->needs,
        f->missing,   f->source};
    cxs_rc rc = CXS_OK;

    for (size_t k = 0; k < sizeof text / sizeof *text; k++)
        CXS_TRY(cxs_out_text(ctx, out, text[k]));
    CXS_TRY(cxs_out_row_end(ctx, out));

done:
    return rc;
}

cxs_rc cxs_catalogue_write(cxs_ctx *ctx, const char *path)
{
    static const char *const names[] = {"pattern", "status",  "type",      "unit",
                                        "what",    "formula", "transform", "needs",
                                        "missing", "source"};
    cxs_out *out = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_out_open(ctx, path, &out));
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        CXS_TRY(cxs_out_text(ctx, out, names[k]));
    CXS_TRY(cxs_out_row_end(ctx, out));
    for (size_t k = 0; k < cxs_catalogue_count(); k++)
        CXS_TRY(write_row(ctx, out, cxs_catalogue_at(k)));
    rc = cxs_out_commit(ctx, out);
    out = NULL;

done:
    cxs_out_abort(out);
    return rc;
}
