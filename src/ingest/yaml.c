/*
 * yaml.c -- configuration files: libfyaml's document turned into our own tree
 *
 * The document is not resolved: an alias node is refused where it stands, which makes
 * the tree at most as large as the file.  Diagnostics are collected instead of printed,
 * because the library never prints.  Depends on libfyaml.
 */
#include "ingest/yaml.h"

#include <errno.h>
#include <libfyaml.h>
#include <stdio.h>
#include <string.h>

enum { FILE_BYTES_MAX = 1 << 20, DEPTH_MAX = 8 };

static cxs_rc read_all(cxs_ctx *ctx, const char *path, cxs_buf *text)
{
    char block[4096];
    cxs_rc rc = CXS_OK;
    size_t got;
    FILE *file = fopen(path, "rb");

    if (file == NULL)
        return cxs_fail(ctx, CXS_ENOINPUT, "%s: %s", path, strerror(errno));
    while ((got = fread(block, 1, sizeof block, file)) > 0) {
        CXS_TRY(cxs_buf_add(ctx, text, block, got));
        if (text->length > FILE_BYTES_MAX)
            CXS_TRY(cxs_fail(ctx, CXS_EARG, "%s: larger than %d bytes", path,
                             FILE_BYTES_MAX));
    }
    if (ferror(file))
        CXS_TRY(cxs_fail(ctx, CXS_EIO, "%s: %s", path, strerror(errno)));
    if (text->length == 0)
        CXS_TRY(cxs_fail(ctx, CXS_EARG, "%s: empty file", path));
    if (memchr(text->text, '\0', text->length) != NULL)
        CXS_TRY(cxs_fail(ctx, CXS_EARG, "%s: holds NUL bytes: not a text file", path));
done:
    fclose(file);
    return rc;
}

static size_t node_line(struct fy_node *node)
{
    struct fy_token *token = fy_node_get_scalar_token(node);
    const struct fy_mark *mark = token != NULL ? fy_token_start_mark(token) : NULL;

    return mark != NULL && mark->line >= 0 ? (size_t)mark->line + 1 : 0;
}

static void clear(cxs_yaml *node)
{
    for (size_t i = 0; i < node->children; i++)
        clear(&node->child[i]);
    cxs_free(node->child);
    cxs_free(node->key);
    cxs_free(node->text);
}

void cxs_yaml_free(cxs_yaml *root)
{
    if (root == NULL)
        return;
    clear(root);
    cxs_free(root);
}

static cxs_rc copy_scalar(cxs_ctx *ctx, struct fy_node *node, char **text)
{
    size_t length = 0;
    const char *bytes = fy_node_get_scalar(node, &length);

    *text = cxs_strndup(ctx, bytes != NULL ? bytes : "", bytes != NULL ? length : 0);
    return *text != NULL ? CXS_OK : CXS_ENOMEM;
}

static cxs_rc convert(cxs_ctx *ctx, const char *path, struct fy_node *node,
                      size_t depth, cxs_yaml *out);

static cxs_rc convert_map(cxs_ctx *ctx, const char *path, struct fy_node *node,
                          size_t depth, cxs_yaml *out)
{
    cxs_rc rc = CXS_OK;
    struct fy_node_pair *pair;
    void *at = NULL;

    CXS_NEW(out->child, (size_t)fy_node_mapping_item_count(node));
    while ((pair = fy_node_mapping_iterate(node, &at)) != NULL) {
        struct fy_node *key = fy_node_pair_key(pair);
        cxs_yaml *child = &out->child[out->children];
        if (key == NULL || fy_node_get_type(key) != FYNT_SCALAR ||
            fy_node_is_alias(key))
            return cxs_fail(ctx, CXS_EARG, "%s:%zu: a key must be plain text", path,
                            out->line);
        child->line = node_line(key);
        CXS_TRY(copy_scalar(ctx, key, &child->key));
        if (cxs_yaml_get(out, child->key) != NULL)
            rc = cxs_fail(ctx, CXS_EARG, "%s:%zu: key '%s' is given twice", path,
                          child->line, child->key);
        out->children++;
        CXS_TRY(rc);
        CXS_TRY(convert(ctx, path, fy_node_pair_value(pair), depth + 1, child));
    }
done:
    return rc;
}

static cxs_rc convert_list(cxs_ctx *ctx, const char *path, struct fy_node *node,
                           size_t depth, cxs_yaml *out)
{
    cxs_rc rc = CXS_OK;
    struct fy_node *item;
    void *at = NULL;

    CXS_NEW(out->child, (size_t)fy_node_sequence_item_count(node));
    while ((item = fy_node_sequence_iterate(node, &at)) != NULL) {
        cxs_yaml *child = &out->child[out->children++];
        child->line = node_line(item);
        if (child->line == 0)
            child->line = out->line;
        CXS_TRY(convert(ctx, path, item, depth + 1, child));
    }
done:
    return rc;
}

static cxs_rc convert(cxs_ctx *ctx, const char *path, struct fy_node *node,
                      size_t depth, cxs_yaml *out)
{
    if (depth > DEPTH_MAX)
        return cxs_fail(ctx, CXS_EARG, "%s:%zu: nested more than %d levels deep", path,
                        out->line, DEPTH_MAX);
    if (node == NULL || fy_node_is_null(node)) {
        out->text = cxs_strdup(ctx, "");
        return out->text != NULL ? CXS_OK : CXS_ENOMEM;
    }
    if (fy_node_is_alias(node) || fy_node_get_tag(node, NULL) != NULL)
        return cxs_fail(ctx, CXS_EARG, "%s:%zu: aliases and tags are not read", path,
                        out->line);
    switch (fy_node_get_type(node)) {
    case FYNT_MAPPING:
        out->kind = CXS_YAML_MAP;
        return convert_map(ctx, path, node, depth, out);
    case FYNT_SEQUENCE:
        out->kind = CXS_YAML_LIST;
        return convert_list(ctx, path, node, depth, out);
    case FYNT_SCALAR:
        break;
    }
    out->kind = CXS_YAML_TEXT;
    return copy_scalar(ctx, node, &out->text);
}

/* Swallow what the parser would print on stderr. */
static void drop_output(struct fy_diag *diag, void *user, const char *text, size_t n)
{
    (void)diag;
    (void)user;
    (void)text;
    (void)n;
}

/* The first collected diagnostic becomes the message. */
static cxs_rc parse_failure(cxs_ctx *ctx, const char *path, struct fy_diag *diag)
{
    void *at = NULL;
    const struct fy_diag_error *error = fy_diag_errors_iterate(diag, &at);

    if (error == NULL || error->msg == NULL)
        return cxs_fail(ctx, CXS_EARG, "%s: not YAML", path);
    return cxs_fail(ctx, CXS_EARG, "%s:%d: not YAML: %s", path,
                    error->line > 0 ? error->line : 1, error->msg);
}

cxs_rc cxs_yaml_read(cxs_ctx *ctx, const char *path, cxs_yaml **out)
{
    struct fy_parse_cfg config = {.flags = FYPCF_QUIET};
    struct fy_diag_cfg silent;
    cxs_rc rc = CXS_OK;
    cxs_buf text = {0};
    cxs_yaml *root = NULL;
    struct fy_document *document = NULL;

    *out = NULL;
    CXS_TRY(read_all(ctx, path, &text));
    fy_diag_cfg_default(&silent);
    silent.fp = NULL;
    silent.output_fn = drop_output;
    if ((config.diag = fy_diag_create(&silent)) == NULL)
        CXS_TRY(cxs_fail(ctx, CXS_ENOMEM, "%s: out of memory", path));
    fy_diag_set_collect_errors(config.diag, true);
    document = fy_document_build_from_string(&config, text.text, text.length);
    if (document == NULL)
        CXS_TRY(parse_failure(ctx, path, config.diag));
    CXS_NEW(root, 1);
    root->line = 1;
    CXS_TRY(convert(ctx, path, fy_document_root(document), 0, root));
    if (root->kind != CXS_YAML_MAP)
        CXS_TRY(cxs_fail(ctx, CXS_EARG, "%s:1: expected `key: value` lines", path));
    *out = root;
    root = NULL;
done:
    cxs_yaml_free(root);
    fy_document_destroy(document);
    fy_diag_destroy(config.diag);
    cxs_free(text.text);
    return rc;
}

const cxs_yaml *cxs_yaml_get(const cxs_yaml *map, const char *key)
{
    if (map == NULL || map->kind != CXS_YAML_MAP)
        return NULL;
    for (size_t i = 0; i < map->children; i++)
        if (strcmp(map->child[i].key, key) == 0)
            return &map->child[i];
    return NULL;
}

const char *cxs_fyaml_version(void)
{
    return fy_library_version();
}
