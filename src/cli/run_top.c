/*
 * run_top.c -- the verdict and the head of a ranking table, for a person to read
 */
#include "cli/run.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

static const double NO_EVIDENCE_P = 0.10; /* above it, noise is said first */

/* What is shown: column of P.rank.tsv, width, significant digits (0: text). */
static const struct shown {
    const char *column;
    int width, digits;
} shown[] = {
    {"rank", 4, 0},   {"feature_name", 16, 0}, {"hr", 7, 3},
    {"hr_l95", 7, 3}, {"hr_u95", 7, 3},        {"q", 9, 2},
    {"tier", 4, 0},   {"direction", 10, 0},
};
enum { SHOWN = sizeof shown / sizeof *shown, CELLS_MAX = 64 };

/* Cut a line at its tabs; returns the number of cells. */
static size_t cut(char *line, char *cell[CELLS_MAX])
{
    size_t n = 0;

    line[strcspn(line, "\r\n")] = '\0';
    while (n < CELLS_MAX && line != NULL) {
        cell[n++] = line;
        if ((line = strchr(line, '\t')) != NULL)
            *line++ = '\0';
    }
    return n;
}

static void print_cell(const struct shown *s, const char *text)
{
    char number[32], *end = NULL;
    const double value = strtod(text, &end);

    if (s->digits > 0 && end != text && *end == '\0') {
        snprintf(number, sizeof number, "%.*g", s->digits, value);
        text = number;
    }
    if (s->digits > 0)
        printf(" %*s", s->width, text);
    else if (s == &shown[SHOWN - 1]) /* no blanks at the end of a line */
        printf(" %.*s", s->width, text);
    else
        printf(" %-*.*s", s->width, s->width, text);
}

static cxs_rc print_rows(cxs_ctx *ctx, const char *path, FILE *file, size_t rows)
{
    char *line = NULL, *cell[CELLS_MAX];
    size_t capacity = 0, at[SHOWN], n;
    cxs_rc rc = CXS_OK;

    n = getline(&line, &capacity, file) > 0 ? cut(line, cell) : 0;
    for (size_t s = 0; rc == CXS_OK && s < SHOWN; s++) {
        for (at[s] = 0; at[s] < n && strcmp(cell[at[s]], shown[s].column) != 0; at[s]++)
            ;
        if (at[s] == n)
            rc = cxs_fail(ctx, CXS_EFORMAT, "%s:1: no column '%s'", path,
                          shown[s].column);
    }
    for (size_t s = 0; rc == CXS_OK && s < SHOWN; s++)
        print_cell(&shown[s], shown[s].column);
    for (size_t i = 0; rc == CXS_OK && i < rows; i++) {
        if (getline(&line, &capacity, file) <= 0)
            break;
        putchar('\n');
        n = cut(line, cell);
        for (size_t s = 0; s < SHOWN; s++)
            print_cell(&shown[s], at[s] < n ? cell[at[s]] : "");
    }
    if (rc == CXS_OK)
        putchar('\n');
    free(line);
    return rc;
}

/* The global check stands before the markers: it says how to read them. */
cxs_rc run_print_check(cxs_ctx *ctx, const char *rank_record)
{
    double p = (double)NAN;
    const cxs_rc rc = cxs_record_read_result(ctx, rank_record, "permutation_p", &p);

    if (rc == CXS_OK && isfinite(p))
        printf("%s\nglobal check: permutation p = %.2g for the strongest marker\n",
               p > NO_EVIDENCE_P
                   ? "No evidence that any candidate is better than chance"
                   : "First markers",
               p);
    return rc;
}

cxs_rc run_print_top(cxs_ctx *ctx, const char *rank_tsv, size_t rows)
{
    FILE *file = fopen(rank_tsv, "r");
    cxs_rc rc;

    if (file == NULL)
        return cxs_fail(ctx, CXS_EIO, "%s: %s", rank_tsv, strerror(errno));
    rc = print_rows(ctx, rank_tsv, file, rows);
    fclose(file);
    return rc;
}
