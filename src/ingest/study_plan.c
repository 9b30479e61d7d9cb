/*
 * study_plan.c -- read study.yaml and refuse what is not understood
 *
 * One table says which keys exist and of what kind they are; a key outside it stops
 * with the nearest known one, because a misspelt `strata` that is ignored in silence
 * changes every number.  The keys are documented at the head of study.c.
 */
#include "ingest/study_plan.h"

#include "base/number.h"
#include "base/table.h"

#include <math.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

typedef enum value_kind {
    TEXT,
    FLAG,     /* yes, no, true, false */
    POSITIVE, /* number > 0 */
    LIST,     /* texts, or one text */
    ENTRIES,  /* mapping of texts with free keys */
    SHEETS,   /* ENTRIES, or mappings of a sheet's ENTRIES */
    NESTED,   /* mapping of mappings of texts */
    SECTION   /* mapping whose keys are in the table */
} value_kind;

typedef struct key_rule {
    const char *section, *key; /* section "": top level */
    value_kind kind;
    const char *choices; /* "|a|b|" or NULL */
} key_rule;

static const key_rule rules[] = {
    {"", "title", TEXT, NULL},
    {"", "time_origin", TEXT, "|enrolment|diagnosis|treatment|surgery|other|"},
    {"", "tables", SECTION, NULL},
    {"tables", "patients", TEXT, NULL},
    {"tables", "samples", TEXT, NULL},
    {"tables", "assays", TEXT, NULL},
    {"tables", "visits", TEXT, NULL},
    {"tables", "doses", TEXT, NULL},
    {"tables", "ae", TEXT, NULL},
    {"tables", "adtte", TEXT, NULL},
    {"", "columns", SHEETS, NULL},
    {"", "constants", SHEETS, NULL},
    {"", "values", NESTED, NULL},
    {"", "na", LIST, NULL},
    {"", "endpoint", SECTION, NULL},
    {"endpoint", "name", TEXT, NULL},
    {"endpoint", "definition", TEXT, "|OS|PFS|other|"},
    {"endpoint", "time", TEXT, NULL},
    {"endpoint", "event", TEXT, NULL},
    {"endpoint", "entry", TEXT, NULL},
    {"endpoint", "paramcd", TEXT, NULL},
    {"endpoint", "time_unit", TEXT, "|days|months|years|"},
    {"endpoint", "horizon_days", POSITIVE, NULL},
    {"endpoint", "landmark_days", POSITIVE, NULL},
    {"", "centre", TEXT, NULL},
    {"", "strata", LIST, NULL},
    {"", "covariates", LIST, NULL},
    {"", "factors", LIST, NULL},
    {"", "reference", ENTRIES, NULL},
    {"", "expression", SECTION, NULL},
    {"expression", "file", TEXT, NULL},
    {"expression", "kind", TEXT, "|counts|tpm|log|z|other|beta|m|"},
    {"expression", "format", TEXT, NULL},
    {"expression", "stranded", TEXT, "|0|1|2|"},
    {"expression", "tx2gene", TEXT, NULL},
    {"expression", "transcript_counts", TEXT, "|length-scaled|sum|"},
    {"expression", "scale", TEXT, "|as-is|log2p1|"},
    {"expression", "genes", TEXT, "|map|keep|"},
    {"expression", "dup_genes", TEXT, "|stop|sum|max-mean|"},
    {"expression", "rows", TEXT, "|features|samples|"},
    {"expression", "normalise", TEXT, "|tmm|mor|tpm|none|"},
    {"expression", "layer", TEXT, NULL},
    {"expression", "rank_normal", FLAG, NULL},
    {"", "sequencing", SECTION, NULL},
    {"sequencing", "reference", TEXT, NULL},
    {"sequencing", "annotation", TEXT, NULL},
    {"sequencing", "stranded", TEXT, "|0|1|2|"},
    {"sequencing", "snps", TEXT, NULL},
    {"sequencing", "blacklist", TEXT, NULL},
    {"sequencing", "classes", TEXT, NULL},
    {"sequencing", "windows", TEXT, NULL},
    {"sequencing", "panel_of_normals", TEXT, NULL},
    {"sequencing", "mappability", TEXT, NULL},
    {"sequencing", "gc", TEXT, NULL},
    {"sequencing", "gene_groups", TEXT, NULL},
    {"sequencing", "signatures", TEXT, NULL},
    {"sequencing", "depth_bin", POSITIVE, NULL},
    {"sequencing", "fragment_bin", POSITIVE, NULL},
    {"sequencing", "umi", FLAG, NULL},
    {"sequencing", "tcr_depth", POSITIVE, NULL},
    {"sequencing", "bad_files", TEXT, "|stop|drop|"},
    {"", "source", TEXT, NULL},
    {"", "normalise", TEXT, "|tmm|mor|tpm|none|"},
    {"", "accept_units", FLAG, NULL},
    {"", "status_coding_12", FLAG, NULL},
    {"", "repair_gene_dates", FLAG, NULL},
    {"", "bad_rows", TEXT, "|stop|drop|"},
};

const char *cxs_sheet_name(cxs_sheet_id sheet)
{
    static const char *const names[CXS_SHEETS] = {
        "patients", "samples", "assays", "visits", "doses", "ae", "adtte"};
    return names[sheet];
}

static cxs_sheet_id sheet_by_name(const char *name)
{
    cxs_sheet_id sheet = CXS_SHEET_PATIENTS;

    while (sheet < CXS_SHEETS && strcmp(cxs_sheet_name(sheet), name) != 0)
        sheet++;
    return sheet;
}

static const key_rule *find_rule(const char *section, const char *key)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (strcmp(rules[i].section, section) == 0 && strcmp(rules[i].key, key) == 0)
            return &rules[i];
    return NULL;
}

static cxs_rc unknown_key(cxs_ctx *ctx, const cxs_plan *plan, const char *section,
                          const cxs_yaml *node)
{
    const char *nearest = "";
    size_t best = SIZE_MAX;

    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        const size_t d = cxs_edit_distance(node->key, rules[i].key, 8);
        if (strcmp(rules[i].section, section) == 0 && d < best) {
            best = d;
            nearest = rules[i].key;
        }
    }
    return cxs_fail(ctx, CXS_EARG, "%s:%zu: unknown key '%s'%s%s; did you mean '%s'?",
                    plan->path, node->line, node->key, *section != '\0' ? " in " : "",
                    section, nearest);
}

static cxs_rc wrong_kind(cxs_ctx *ctx, const cxs_plan *plan, const cxs_yaml *node,
                         const char *expected)
{
    return cxs_fail(ctx, CXS_EARG, "%s:%zu: '%s' must be %s", plan->path, node->line,
                    node->key != NULL ? node->key : "-", expected);
}

static bool says(const char *text, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcmp(text, *words) == 0)
            return true;
    return false;
}

static const char *const yes_words[] = {"yes", "true", "True", "TRUE", "1", NULL};
static const char *const no_words[] = {"no", "false", "False", "FALSE", "0", NULL};

/* Is text one of "|a|b|"? */
static bool is_choice(const char *choices, const char *text)
{
    const size_t length = strlen(text);

    for (const char *at = choices; (at = strstr(at, text)) != NULL; at++)
        if (length > 0 && at[-1] == '|' && at[length] == '|')
            return true;
    return false;
}

static cxs_rc check_scalar(cxs_ctx *ctx, const cxs_plan *plan, const key_rule *rule,
                           const cxs_yaml *node)
{
    double value = 0.0;

    if (node->kind != CXS_YAML_TEXT)
        return wrong_kind(ctx, plan, node, "one value");
    if (rule->kind == FLAG && !says(node->text, yes_words) &&
        !says(node->text, no_words))
        return wrong_kind(ctx, plan, node, "yes or no");
    if (rule->kind == POSITIVE &&
        (!cxs_number_parse(node->text, strlen(node->text), &value) || !(value > 0.0)))
        return wrong_kind(ctx, plan, node, "a number > 0");
    if (rule->choices != NULL && *node->text != '\0' &&
        !is_choice(rule->choices, node->text))
        return cxs_fail(ctx, CXS_EARG, "%s:%zu: '%s' is not one of %.*s, got '%s'",
                        plan->path, node->line, node->key,
                        (int)strlen(rule->choices) - 2, rule->choices + 1, node->text);
    return CXS_OK;
}

/* Texts only, or for SHEETS and NESTED one level more. */
static cxs_rc check_entries(cxs_ctx *ctx, const cxs_plan *plan, value_kind kind,
                            const cxs_yaml *node)
{
    if (node->kind != CXS_YAML_MAP)
        return wrong_kind(ctx, plan, node, "`name: value` lines");
    for (size_t i = 0; i < node->children; i++) {
        const cxs_yaml *child = &node->child[i];
        cxs_rc rc = CXS_OK;
        const cxs_sheet_id sheet = sheet_by_name(child->key);
        if (kind == NESTED ||
            (kind == SHEETS && sheet > CXS_SHEET_PATIENTS && sheet < CXS_SHEETS))
            rc = check_entries(ctx, plan, ENTRIES, child);
        else if (child->kind != CXS_YAML_TEXT || *child->text == '\0')
            rc = wrong_kind(ctx, plan, child, "one value");
        if (rc != CXS_OK)
            return rc;
    }
    return CXS_OK;
}

static cxs_rc check_list(cxs_ctx *ctx, const cxs_plan *plan, const cxs_yaml *node)
{
    if (node->kind == CXS_YAML_MAP)
        return wrong_kind(ctx, plan, node, "a list such as [A, B]");
    for (size_t i = 0; i < node->children; i++)
        if (node->child[i].kind != CXS_YAML_TEXT || *node->child[i].text == '\0')
            return wrong_kind(ctx, plan, node, "a list of names");
    return CXS_OK;
}

static cxs_rc check_section(cxs_ctx *ctx, const cxs_plan *plan, const char *section,
                            const cxs_yaml *map)
{
    if (map->kind != CXS_YAML_MAP)
        return wrong_kind(ctx, plan, map, "`name: value` lines");
    for (size_t i = 0; i < map->children; i++) {
        const cxs_yaml *node = &map->child[i];
        const key_rule *rule = find_rule(section, node->key);
        cxs_rc rc = CXS_OK;
        if (rule == NULL)
            return unknown_key(ctx, plan, section, node);
        switch (rule->kind) {
        case TEXT:
        case FLAG:
        case POSITIVE:
            rc = check_scalar(ctx, plan, rule, node);
            break;
        case LIST:
            rc = check_list(ctx, plan, node);
            break;
        case ENTRIES:
        case SHEETS:
        case NESTED:
            rc = check_entries(ctx, plan, rule->kind, node);
            break;
        case SECTION:
            rc = check_section(ctx, plan, rule->key, node);
            break;
        }
        if (rc != CXS_OK)
            return rc;
    }
    return CXS_OK;
}

/* What every study needs. */
static cxs_rc check_required(cxs_ctx *ctx, const cxs_plan *plan)
{
    static const char *const needed[][2] = {{"tables", "patients"},
                                            {"endpoint", "name"}};

    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (cxs_plan_text(plan, needed[i][0], needed[i][1]) == NULL)
            return cxs_fail(ctx, CXS_EARG, "%s: '%s: {%s: ...}' is needed", plan->path,
                            needed[i][0], needed[i][1]);
    if (cxs_yaml_get(plan->root, "expression") != NULL &&
        cxs_plan_text(plan, "expression", "file") == NULL &&
        cxs_plan_text(plan, "tables", "assays") == NULL)
        return cxs_fail(ctx, CXS_EARG, "%s:%zu: expression needs 'file'", plan->path,
                        cxs_plan_line(plan, NULL, "expression"));
    if (cxs_plan_text(plan, "endpoint", "paramcd") != NULL &&
        cxs_plan_text(plan, "tables", "adtte") == NULL)
        return cxs_fail(ctx, CXS_EARG, "%s:%zu: paramcd needs an adtte table",
                        plan->path, cxs_plan_line(plan, "endpoint", "paramcd"));
    if (cxs_plan_text(plan, "tables", "assays") != NULL &&
        cxs_plan_text(plan, "tables", "samples") == NULL)
        return cxs_fail(ctx, CXS_EARG, "%s:%zu: an assays sheet needs a samples sheet",
                        plan->path, cxs_plan_line(plan, "tables", "assays"));
    return CXS_OK;
}

static cxs_rc set_paths(cxs_ctx *ctx, const char *study_path, cxs_plan *plan)
{
    struct stat status;
    cxs_buf text = {0};
    const char *slash;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_buf_addf(ctx, &text, "%s", study_path));
    if (stat(study_path, &status) == 0 && S_ISDIR(status.st_mode)) {
        if (text.length > 0 && text.text[text.length - 1] != '/')
            CXS_TRY(cxs_buf_addf(ctx, &text, "/"));
        CXS_TRY(cxs_buf_addf(ctx, &text, "study.yaml"));
    }
    slash = strrchr(text.text, '/');
    plan->folder = cxs_strndup(ctx, text.text,
                               slash != NULL ? (size_t)(slash - text.text) + 1 : 0);
    if (plan->folder == NULL)
        CXS_TRY(CXS_ENOMEM);
    plan->path = text.text;
    text.text = NULL;
done:
    cxs_free(text.text);
    return rc;
}

cxs_rc cxs_plan_read(cxs_ctx *ctx, const char *study_path, cxs_plan **out)
{
    cxs_rc rc = CXS_OK;
    cxs_plan *plan = NULL;

    *out = NULL;
    CXS_NEW(plan, 1);
    CXS_TRY(set_paths(ctx, study_path, plan));
    CXS_TRY(cxs_yaml_read(ctx, plan->path, &plan->root));
    CXS_TRY(check_section(ctx, plan, "", plan->root));
    CXS_TRY(check_required(ctx, plan));
    *out = plan;
    plan = NULL;
done:
    cxs_plan_free(plan);
    return rc;
}

void cxs_plan_free(cxs_plan *plan)
{
    if (plan == NULL)
        return;
    cxs_yaml_free(plan->root);
    cxs_free(plan->path);
    cxs_free(plan->folder);
    cxs_free(plan);
}

static const cxs_yaml *find(const cxs_plan *plan, const char *section, const char *key)
{
    const cxs_yaml *map =
        section != NULL ? cxs_yaml_get(plan->root, section) : plan->root;

    return cxs_yaml_get(map, key);
}

const char *cxs_plan_text(const cxs_plan *plan, const char *section, const char *key)
{
    const cxs_yaml *node = find(plan, section, key);

    return node != NULL && node->kind == CXS_YAML_TEXT && *node->text != '\0'
               ? node->text
               : NULL;
}

bool cxs_plan_flag(const cxs_plan *plan, const char *section, const char *key)
{
    const char *text = cxs_plan_text(plan, section, key);

    return text != NULL && says(text, yes_words);
}

double cxs_plan_number(const cxs_plan *plan, const char *section, const char *key)
{
    const char *text = cxs_plan_text(plan, section, key);
    double value = 0.0;

    return text != NULL && cxs_number_parse(text, strlen(text), &value) ? value
                                                                        : (double)NAN;
}

const char *cxs_plan_item(const cxs_plan *plan, const char *key, size_t i)
{
    const cxs_yaml *node = find(plan, NULL, key);

    if (node == NULL)
        return NULL;
    if (node->kind == CXS_YAML_TEXT)
        return i == 0 && *node->text != '\0' ? node->text : NULL;
    return i < node->children ? node->child[i].text : NULL;
}

bool cxs_plan_has(const cxs_plan *plan, const char *key)
{
    return cxs_yaml_get(plan->root, key) != NULL;
}

size_t cxs_plan_line(const cxs_plan *plan, const char *section, const char *key)
{
    const cxs_yaml *node = find(plan, section, key);

    return node != NULL ? node->line : 1;
}

bool cxs_plan_entry_at(const cxs_plan *plan, const char *section, cxs_sheet_id sheet,
                       size_t *at, const char **column, const char **value,
                       size_t *line)
{
    const cxs_yaml *map = cxs_yaml_get(plan->root, section);

    if (sheet != CXS_SHEET_PATIENTS)
        map = cxs_yaml_get(map, cxs_sheet_name(sheet));
    for (; map != NULL && *at < map->children; ++*at) {
        const cxs_yaml *node = &map->child[*at];
        if (node->kind == CXS_YAML_TEXT) {
            *column = node->key;
            *value = node->text;
            *line = node->line;
            ++*at;
            return true;
        }
    }
    return false;
}

const char *cxs_plan_entry(const cxs_plan *plan, const char *section,
                           cxs_sheet_id sheet, const char *column)
{
    const char *name, *value;
    size_t line;

    for (size_t at = 0;
         cxs_plan_entry_at(plan, section, sheet, &at, &name, &value, &line);)
        if (strcmp(name, column) == 0)
            return value;
    return NULL;
}

const char *cxs_plan_value(const cxs_plan *plan, const char *column, const char *text)
{
    const cxs_yaml *rule = cxs_yaml_get(cxs_yaml_get(plan->root, "values"), column);
    const cxs_yaml *made = cxs_yaml_get(rule, text);

    return made != NULL ? made->text : text;
}

bool cxs_plan_uses(const cxs_plan *plan, const char *column)
{
    static const char *const lists[] = {"strata", "covariates", "factors", "centre"};
    static const char *const keys[] = {"time", "event", "entry"};
    const size_t length = strlen(column);

    for (size_t l = 0; l < sizeof lists / sizeof *lists; l++) {
        const char *item;
        for (size_t i = 0; (item = cxs_plan_item(plan, lists[l], i)) != NULL; i++)
            if (strcmp(item, column) == 0)
                return true;
    }
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
        const char *text = cxs_plan_text(plan, "endpoint", keys[k]);
        if (text != NULL && strncmp(text, column, length) == 0 &&
            (text[length] == '\0' || text[length] == '='))
            return true;
    }
    return false;
}

char *cxs_plan_file(cxs_ctx *ctx, const cxs_plan *plan, const char *name)
{
    cxs_buf text = {0};

    if (cxs_buf_addf(ctx, &text, "%s%s", name[0] == '/' ? "" : plan->folder, name) !=
        CXS_OK) {
        cxs_free(text.text);
        return NULL;
    }
    return text.text;
}
