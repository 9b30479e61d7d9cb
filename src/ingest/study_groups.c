/*
 * study_groups.c -- groups of genes whose start sites a study looks at
 *
 *   sequencing: {gene_groups: FILE}      GMT: name, description, genes with tabs between
 *
 * A gene is one record "group": name of the group, gene, with a tab between.
 */
#include "ingest/study_draft.h"

#include "base/text.h"

#include <string.h>

enum { NAME_BYTES = 64 };

typedef struct groups {
    cxs_stmt *stmt;
    char **seen;
    size_t count, capacity;
    int64_t row;
    cxs_buf text;
} groups;

/* A name that can stand in that of a feature. */
static int is_plain(const char *name)
{
    return *name != '\0' && strlen(name) <= NAME_BYTES &&
           name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                             "0123456789_-+")] == '\0';
}

static cxs_rc put_gene(cxs_ctx *ctx, groups *g, const char *name, const char *gene)
{
    g->text.length = 0;
    if (cxs_buf_addf(ctx, &g->text, "%s\t%s", name, gene) != CXS_OK)
        return CXS_ENOMEM;
    cxs_bind_text(g->stmt, 1, "gene_groups");
    cxs_bind_int(g->stmt, 2, g->row++);
    cxs_bind_text(g->stmt, 3, "group");
    cxs_bind_text(g->stmt, 4, g->text.text);
    return cxs_stmt_run(ctx, g->stmt);
}

static cxs_rc read_line(cxs_ctx *ctx, const cxs_text *file, const cxs_fields *f,
                        groups *g)
{
    const char *name = f->text[0];
    cxs_rc rc = CXS_OK;

    if (f->count < 3)
        return cxs_fail(ctx, CXS_EFORMAT,
                        "%s:%zu: GMT has a name, a description and genes with tabs "
                        "between them",
                        cxs_text_path(file), cxs_text_line_number(file));
    if (!is_plain(name))
        return cxs_fail(ctx, CXS_EFORMAT,
                        "%s:%zu: '%s' cannot be part of a feature's name: letters, "
                        "digits, '_', '-' and '+', at most %d",
                        cxs_text_path(file), cxs_text_line_number(file), name,
                        NAME_BYTES);
    for (size_t k = 0; k < g->count; k++)
        if (strcmp(g->seen[k], name) == 0)
            return cxs_fail(ctx, CXS_EFORMAT, "%s:%zu: group '%s' stands twice",
                            cxs_text_path(file), cxs_text_line_number(file), name);
    CXS_TRY(
        cxs_grow(ctx, (void **)&g->seen, &g->capacity, g->count + 1, sizeof *g->seen));
    if ((g->seen[g->count] = cxs_strdup(ctx, name)) == NULL)
        CXS_TRY(CXS_ENOMEM);
    g->count++;
    for (size_t k = 2; k < f->count; k++)
        if (*f->text[k] != '\0')
            CXS_TRY(put_gene(ctx, g, name, f->text[k]));
done:
    return rc;
}

cxs_rc cxs_draft_groups(cxs_ctx *ctx, cxs_draft *draft, cxs_db *db)
{
    const char *name = cxs_plan_text(draft->plan, "sequencing", "gene_groups");
    cxs_text *file = NULL;
    cxs_fields fields = {0};
    groups g = {.stmt = NULL};
    char *path = NULL, *line;
    size_t length;
    cxs_rc rc = CXS_OK;

    if (name == NULL)
        return CXS_OK;
    if ((path = cxs_plan_file(ctx, draft->plan, name)) == NULL)
        return CXS_ENOMEM;
    CXS_TRY(
        cxs_db_prepare(ctx, db, "INSERT INTO record VALUES(?1, ?2, ?3, ?4)", &g.stmt));
    CXS_TRY(cxs_text_open(ctx, path, &file));
    for (;;) {
        CXS_TRY(cxs_text_line(ctx, file, &line, &length));
        if (line == NULL)
            break;
        if (length == 0 || *line == '#')
            continue;
        CXS_TRY(cxs_fields_split(ctx, line, length, '\t', &fields));
        CXS_TRY(read_line(ctx, file, &fields, &g));
    }
    rc = cxs_draft_source(ctx, draft, path);
done:
    cxs_free_strings(g.seen, g.count);
    cxs_free(g.text.text);
    cxs_stmt_free(g.stmt);
    cxs_fields_free(&fields);
    cxs_text_close(file);
    cxs_free(path);
    return rc;
}
