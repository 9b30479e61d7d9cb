/*
 * sbs.c -- read profiles of mutational signatures
 */
#include "ingest/sbs.h"

#include "base/number.h"
#include "base/table.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

void cxs_sbs_clear(cxs_sbs_matrix *m)
{
    cxs_free_strings(m->name, m->n);
    cxs_free(m->x);
    *m = (cxs_sbs_matrix){.n = 0};
}

/* Room for one more profile; its values are 0. */
static cxs_rc add_profile(cxs_ctx *ctx, const char *name, cxs_sbs_matrix *m)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_grow(ctx, (void **)&m->x, &m->values, (m->n + 1) * CXS_SBS_CONTEXTS,
                     sizeof *m->x));
    CXS_TRY(cxs_grow(ctx, (void **)&m->name, &m->names, m->n + 1, sizeof *m->name));
    if ((m->name[m->n] = cxs_strdup(ctx, name)) == NULL)
        return CXS_ENOMEM;
    memset(m->x + m->n * CXS_SBS_CONTEXTS, 0, CXS_SBS_CONTEXTS * sizeof *m->x);
    m->n++;
done:
    return rc;
}

/* ---- the user's table ------------------------------------------------------------ */

/* Index of a context by its substitution "C>A" and trinucleotide "ACA". */
static size_t context_index(const char *change, const char *three)
{
    static const char base[] = "ACGT";
    static const char *const changes[] = {"C>A", "C>G", "C>T", "T>A", "T>C", "T>G"};
    const char *five = *three != '\0' ? strchr(base, three[0]) : NULL;
    const char *last =
        five != NULL && strlen(three) == 3 ? strchr(base, three[2]) : NULL;

    for (size_t c = 0; last != NULL && c < 6; c++)
        if (strcmp(changes[c], change) == 0 && changes[c][0] == three[1])
            return 16 * c + 4 * (size_t)(five - base) + (size_t)(last - base);
    return SIZE_MAX;
}

/* A[C>A]A of one column, or C>A and ACA of two. */
static size_t row_context(const cxs_table *t, size_t row, bool two)
{
    const char *first = cxs_table_cell(t, row, 0);
    char change[4] = "", three[4] = "";

    if (two)
        return context_index(first, cxs_table_cell(t, row, 1));
    if (strlen(first) != 7 || first[1] != '[' || first[5] != ']')
        return SIZE_MAX;
    snprintf(change, sizeof change, "%.3s", first + 2);
    snprintf(three, sizeof three, "%c%c%c", first[0], first[2], first[6]);
    return context_index(change, three);
}

static cxs_rc take_column(cxs_ctx *ctx, const cxs_table *t, size_t column, bool two,
                          double *x)
{
    bool seen[CXS_SBS_CONTEXTS] = {false};
    size_t count = 0;

    for (size_t r = 0; r < t->rows; r++) {
        const size_t at = row_context(t, r, two);
        const char *text = cxs_table_cell(t, r, column);
        if (at == SIZE_MAX || seen[at])
            return cxs_fail(ctx, CXS_EFORMAT, "%s:%zu: not a context of 96, or again",
                            t->path, t->line[r]);
        if (!cxs_number_parse(text, strlen(text), &x[at]) || x[at] < 0.0)
            return cxs_fail(ctx, CXS_EFORMAT, "%s:%zu:%s: \"%.40s\" is no share",
                            t->path, t->line[r], t->name[column], text);
        seen[at] = true;
        count++;
    }
    if (count != CXS_SBS_CONTEXTS)
        return cxs_fail(ctx, CXS_EFORMAT, "%s: %zu contexts, there are 96", t->path,
                        count);
    return CXS_OK;
}

cxs_rc cxs_sbs_read(cxs_ctx *ctx, const char *path, cxs_sbs_matrix *out)
{
    cxs_table *t = NULL;
    bool two = false;
    cxs_rc rc = CXS_OK;

    *out = (cxs_sbs_matrix){.n = 0};
    CXS_TRY(cxs_table_read(ctx, path, &t));
    two = t->rows > 0 && t->columns > 2 && strlen(cxs_table_cell(t, 0, 0)) == 3;
    for (size_t c = two ? 2 : 1; c < t->columns; c++) {
        CXS_TRY(add_profile(ctx, t->name[c], out));
        CXS_TRY(take_column(ctx, t, c, two, out->x + (out->n - 1) * CXS_SBS_CONTEXTS));
    }
    if (out->n == 0)
        rc = cxs_fail(ctx, CXS_EFORMAT, "%s:%zu: no column of a signature", t->path,
                      t->header_line);
done:
    cxs_table_free(t);
    if (rc != CXS_OK)
        cxs_sbs_clear(out);
    return rc;
}

/* ---- texts ----------------------------------------------------------------------- */

cxs_rc cxs_sbs_text(cxs_ctx *ctx, const cxs_sbs_matrix *m, size_t at, cxs_buf *text)
{
    char number[CXS_NUMBER_BYTES];
    cxs_rc rc = CXS_OK;

    text->length = 0;
    CXS_TRY(cxs_buf_addf(ctx, text, "%s", m->name[at]));
    for (size_t i = 0; i < CXS_SBS_CONTEXTS; i++) {
        cxs_number_format(m->x[at * CXS_SBS_CONTEXTS + i], number);
        CXS_TRY(cxs_buf_addf(ctx, text, "\t%s", number));
    }
done:
    return rc;
}

cxs_rc cxs_sbs_add(cxs_ctx *ctx, const char *text, cxs_sbs_matrix *m)
{
    const size_t length = strcspn(text, "\t");
    const char *at = text + length;
    char *name = cxs_strndup(ctx, text, length);
    cxs_rc rc = name != NULL ? add_profile(ctx, name, m) : CXS_ENOMEM;

    for (size_t i = 0; rc == CXS_OK && i < CXS_SBS_CONTEXTS; i++) {
        const size_t n = *at == '\t' ? strcspn(at + 1, "\t") : 0;
        double *x = &m->x[(m->n - 1) * CXS_SBS_CONTEXTS + i];
        if (n == 0 || !cxs_number_parse(at + 1, n, x) || *x < 0.0)
            rc = cxs_fail(ctx, CXS_EFORMAT, "study file: a signature is damaged");
        at += n + 1;
    }
    cxs_free(name);
    return rc;
}
