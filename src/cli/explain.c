/*
 * explain.c -- the feature catalogue on the command line
 */
#include "cli/cli.h"
#include "coxswain/catalogue.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MARGIN = 11, INDENT = 28, WIDTH = 79 };

/* A labelled paragraph, its lines broken at blanks and continued at `margin`. */
static void paragraph(const char *label, int margin, const char *text)
{
    const size_t start = (size_t)margin;
    size_t column = start;

    printf("%-*s", margin, label);
    if (strlen(label) >= start)
        printf("\n%*s", margin, "");
    while (*text != '\0') {
        const size_t word = strcspn(text, " ");
        if (column > start && column + 1 + word > WIDTH) {
            printf("\n%*s", margin, "");
            column = start;
        } else if (column > start) {
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

/* For people: name, what, unit, by domain. */
static void list_families(void)
{
    const char *domain = "";
    char name[128], line[512];

    for (size_t k = 0; k < cxs_catalogue_count(); k++) {
        const cxs_family *f = cxs_catalogue_at(k);
        const char *group = cxs_catalogue_domain(f);
        if (strcmp(group, domain) != 0)
            printf("%s%s\n", *domain != '\0' ? "\n" : "", group);
        domain = group;
        snprintf(name, sizeof name, "  %s", f->pattern);
        snprintf(line, sizeof line, "%s [%s]%s", f->what,
                 strcmp(f->unit, "none") != 0 ? f->unit : f->type,
                 cxs_family_available(f) ? "" : " - not in this build yet");
        paragraph(name, INDENT, line);
    }
    printf("\nIn brackets the unit, or the type without one.  More of each: coxswain "
           "features\n--explain NAME; all columns as TSV: coxswain features --list | "
           "cat\n");
}

cxs_rc cxs_cli_list(cxs_ctx *ctx, int markdown)
{
    if (markdown)
        return cxs_catalogue_write_markdown(ctx, "-");
    if (!isatty(STDOUT_FILENO))
        return cxs_catalogue_write(ctx, "-");
    list_families();
    return CXS_OK;
}

cxs_rc cxs_cli_explain(cxs_ctx *ctx, const char *name)
{
    const cxs_family *f = cxs_catalogue_find(name);
    char fact[CXS_FACT_BYTES];
    cxs_rc rc;

    if (f == NULL && strchr(name, '.') == NULL) /* a gene, most likely */
        return cxs_fail(ctx, CXS_EARG,
                        "--explain: there is no feature '%s'; of a gene there are "
                        "rna.gene.%s and var.gene.%s",
                        name, name, name);
    rc = cxs_catalogue_fact(ctx, name, NULL, fact);
    if (rc != CXS_OK)
        return rc;
    paragraph("feature", MARGIN, name);
    if (strcmp(f->pattern, name) != 0)
        paragraph("family", MARGIN, f->pattern);
    paragraph("status", MARGIN,
              cxs_family_available(f) ? "available" : "not in this build yet");
    paragraph("what", MARGIN, f->what);
    if (*fact != '\0')
        paragraph("member", MARGIN, fact);
    paragraph("formula", MARGIN, f->formula);
    paragraph("type", MARGIN, f->type);
    paragraph("unit", MARGIN, f->unit);
    paragraph("transform", MARGIN, f->transform);
    paragraph("needs", MARGIN, f->needs);
    paragraph("missing", MARGIN, f->missing);
    paragraph("source", MARGIN, f->source);
    return CXS_OK;
}
