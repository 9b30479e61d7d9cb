/*
 * cells.c -- lists of tokens, missing values, ids that look alike (CX005)
 *
 * Ids that differ only by case, blanks or punctuation are nearly always one person
 * written twice, and merging them is nearly always right; "nearly" is why the program
 * stops instead.
 */
#include "ingest/cells.h"

#include "base/number.h"
#include "base/table.h"

#include <stdlib.h>
#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static cxs_rc add_part(cxs_ctx *ctx, const char *from, const char *to, char **slot)
{
    while (from < to && is_blank(*from))
        from++;
    while (to > from && is_blank(to[-1]))
        to--;
    if (from == to)
        return CXS_OK;
    *slot = cxs_strndup(ctx, from, (size_t)(to - from));
    return *slot != NULL ? CXS_OK : CXS_ENOMEM;
}

cxs_rc cxs_list_split(cxs_ctx *ctx, const char *text, char ***out)
{
    size_t parts = 1, count = 0;
    char **list = NULL;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    for (const char *c = text; c != NULL && *c != '\0'; c++)
        parts += *c == ',';
    CXS_NEW(list, parts + 1);
    while (text != NULL) {
        const char *end = text + strcspn(text, ",");
        CXS_TRY(add_part(ctx, text, end, &list[count]));
        count += list[count] != NULL;
        text = *end == ',' ? end + 1 : NULL;
    }
    *out = list;
    list = NULL;

done:
    cxs_list_free(list);
    return rc;
}

size_t cxs_list_length(char *const *list)
{
    size_t length = 0;

    while (list[length] != NULL)
        length++;
    return length;
}

void cxs_list_free(char **list)
{
    if (list != NULL)
        cxs_free_strings(list, cxs_list_length(list));
}

bool cxs_cell_missing(const char *cell, size_t length, char *const *extra_na)
{
    if (cxs_is_na(cell, length))
        return true;
    for (; extra_na != NULL && *extra_na != NULL; extra_na++)
        if (strlen(*extra_na) == length && memcmp(*extra_na, cell, length) == 0)
            return true;
    return false;
}

/* Next symbol of an id's key; ASCII only, other bytes stand for themselves. */
static int key_symbol(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A' + 'a';
    if (c == ' ' || c == '-' || c == '_' || c == '.')
        return '-';
    return (unsigned char)c;
}

int cxs_id_key_compare(const char *a, const char *b)
{
    size_t length_a, length_b;

    while (is_blank(*a))
        a++;
    while (is_blank(*b))
        b++;
    length_a = strlen(a);
    length_b = strlen(b);
    while (length_a > 0 && is_blank(a[length_a - 1]))
        length_a--;
    while (length_b > 0 && is_blank(b[length_b - 1]))
        length_b--;
    for (size_t i = 0; i < length_a && i < length_b; i++)
        if (key_symbol(a[i]) != key_symbol(b[i]))
            return key_symbol(a[i]) - key_symbol(b[i]);
    return (length_a > length_b) - (length_a < length_b);
}

static int compare_refs(const void *left, const void *right)
{
    const cxs_id_ref *l = left, *r = right;
    int order = cxs_id_key_compare(l->id, r->id);

    if (order == 0)
        order = strcmp(l->id, r->id);
    return order != 0 ? order : (l->line > r->line) - (l->line < r->line);
}

static void add_alike(cxs_ctx *ctx, cxs_faults *faults, const cxs_id_ref *a,
                      const cxs_id_ref *b)
{
    if (a->line > 0 && b->line > 0)
        cxs_fault_add(ctx, faults,
                      "ids \"%s\" (%s:%zu) and \"%s\" (%s:%zu) differ only by case, "
                      "blanks or punctuation",
                      cxs_ctx_id(ctx, a->id), a->file, a->line, cxs_ctx_id(ctx, b->id),
                      b->file, b->line);
    else
        cxs_fault_add(ctx, faults,
                      "ids \"%s\" (%s) and \"%s\" (%s) differ only by case, blanks or "
                      "punctuation",
                      cxs_ctx_id(ctx, a->id), a->file, cxs_ctx_id(ctx, b->id), b->file);
}

cxs_rc cxs_ids_check(cxs_ctx *ctx, cxs_id_ref *refs, size_t count)
{
    cxs_faults faults = {.code = "CX005"};

    qsort(refs, count, sizeof *refs, compare_refs);
    for (size_t i = 1; i < count; i++)
        if (cxs_id_key_compare(refs[i - 1].id, refs[i].id) == 0 &&
            strcmp(refs[i - 1].id, refs[i].id) != 0)
            add_alike(ctx, &faults, &refs[i - 1], &refs[i]);
    return cxs_faults_end(ctx, &faults);
}
