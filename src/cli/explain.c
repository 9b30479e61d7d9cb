/*
 * explain.c -- the feature catalogue on the command line
 */
#include "cli/cli.h"
#include "coxswain/catalogue.h"

#include <stdio.h>
#include <string.h>

enum { NEAREST = 3, MARGIN = 11, WIDTH = 79 };

/* A labelled paragraph, its lines broken at blanks. */
static void paragraph(const char *label, const char *text)
{
    size_t column = MARGIN;

    printf("%-*s", MARGIN, label);
    while (*text != '\0') {
        const size_t word = strcspn(text, " ");
        if (column > MARGIN && column + 1 + word > WIDTH) {
            printf("\n%*s", MARGIN, "");
            column = MARGIN;
        } else if (column > MARGIN) {
            putchar(' ');
            column++;
        }
        printf("%.*s", (int)word, text);
        column += word;
        text += word;
        text += *text == ' ';
    }
    putchar('\n');
}

cxs_rc cxs_cli_explain(cxs_ctx *ctx, const char *name)
{
    const cxs_family *f = cxs_catalogue_find(name);

    if (f == NULL) {
        const char *near[NEAREST];
        cxs_catalogue_nearest(name, NEAREST, near);
        return cxs_fail(ctx, CXS_EARG,
                        "--explain: there is no feature '%s'; the nearest are %s, %s, "
                        "%s",
                        name, near[0], near[1], near[2]);
    }
    paragraph("feature", name);
    if (strcmp(f->pattern, name) != 0)
        paragraph("family", f->pattern);
    paragraph("status",
              cxs_family_available(f) ? "available" : "not in this build yet");
    paragraph("what", f->what);
    paragraph("formula", f->formula);
    paragraph("type", f->type);
    paragraph("unit", f->unit);
    paragraph("transform", f->transform);
    paragraph("needs", f->needs);
    paragraph("missing", f->missing);
    paragraph("source", f->source);
    return CXS_OK;
}
