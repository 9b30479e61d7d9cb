/*
 * yaml.h -- a YAML file as a tree of texts with line numbers (libfyaml's home is
 * yaml.c)
 *
 * Only what a configuration needs: mappings with plain keys, lists, scalars.  Anchors,
 * aliases and tags are refused, so that a small file cannot grow in memory.
 */
#ifndef CXS_YAML_H
#define CXS_YAML_H

#include "base/base.h"

typedef enum cxs_yaml_kind { CXS_YAML_TEXT, CXS_YAML_LIST, CXS_YAML_MAP } cxs_yaml_kind;

typedef struct cxs_yaml {
    cxs_yaml_kind kind;
    size_t line; /* of the key, or of the item of a list; from 1 */
    char *key;   /* NULL at the root and in lists */
    char *text;  /* of a scalar, never NULL for one; "" for an empty value */
    struct cxs_yaml *child;
    size_t children;
} cxs_yaml;

/* Read @p path (at most 1 MiB, depth 8).  CXS_ENOINPUT; CXS_EARG with FILE:LINE and the
 * parser's words, for a repeated key, an alias or a tag.  The root is a mapping. */
cxs_rc cxs_yaml_read(cxs_ctx *ctx, const char *path, cxs_yaml **out) CXS_MUST_USE;
void cxs_yaml_free(cxs_yaml *root);

/* Child of a mapping, or NULL. */
const cxs_yaml *cxs_yaml_get(const cxs_yaml *map, const char *key);

/* Version of the library behind it. */
const char *cxs_fyaml_version(void);

#endif /* CXS_YAML_H */
