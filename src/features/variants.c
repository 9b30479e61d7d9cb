/*
 * variants.c -- status of genes and hotspots of many samples
 *
 * For each sample one pass over its alleles fills small arrays by gene; columns are
 * written from those.  Bags may come from a file, so every index is checked.
 */
#include "features/variant_private.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- genes ----------------------------------------------------------------------- */

typedef enum gene_role {
    ROLE_NONE,
    ROLE_SUPPRESSOR,
    ROLE_ONCOGENE,
    ROLE_TRUNC_GAIN
} gene_role;

typedef struct gene {
    const char *symbol;
    gene_role role;
    bool panel; /* else only seen in a sample */
} gene;

typedef struct gene_list {
    gene *gene;
    size_t count, capacity;
} gene_list;

static int by_symbol(const void *a, const void *b)
{
    return strcmp(((const gene *)a)->symbol, ((const gene *)b)->symbol);
}

static gene *find_gene(const gene_list *list, const char *symbol)
{
    const gene key = {.symbol = symbol};

    return list->count == 0
               ? NULL
               : bsearch(&key, list->gene, list->count, sizeof key, by_symbol);
}

static cxs_rc add_gene(cxs_ctx *ctx, gene_list *list, const char *symbol,
                       gene_role role, bool panel)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_grow(ctx, (void **)&list->gene, &list->capacity, list->count + 1,
                     sizeof *list->gene));
    list->gene[list->count++] = (gene){symbol, role, panel};
done:
    return rc;
}

/* Sort and join equal symbols; a role is kept. */
static void unify(gene_list *list)
{
    size_t kept = 0;

    if (list->count > 0)
        qsort(list->gene, list->count, sizeof *list->gene, by_symbol);
    for (size_t i = 0; i < list->count; i++) {
        gene *last = kept > 0 ? &list->gene[kept - 1] : NULL;
        if (last == NULL || strcmp(last->symbol, list->gene[i].symbol) != 0) {
            list->gene[kept++] = list->gene[i];
            continue;
        }
        if (list->gene[i].role > last->role)
            last->role = list->gene[i].role;
        last->panel |= list->gene[i].panel;
    }
    list->count = kept;
}

static cxs_rc panel_cell(cxs_ctx *ctx, const cxs_table *t, size_t row,
                         const char *column, const char **out)
{
    size_t at = 0;
    const cxs_rc rc = cxs_table_need(ctx, t, column, &at);

    if (rc == CXS_OK)
        *out = cxs_table_cell(t, row, at);
    return rc;
}

static gene_role role_of(const char *text)
{
    if (strcmp(text, "tumour_suppressor") == 0)
        return ROLE_SUPPRESSOR;
    if (strcmp(text, "oncogene") == 0)
        return ROLE_ONCOGENE;
    return strcmp(text, "truncating_gain_of_function") == 0 ? ROLE_TRUNC_GAIN
                                                            : ROLE_NONE;
}

static bool has_mutations(const char *panel)
{
    return strcmp(panel, "role") == 0 || strcmp(panel, "glioma_driver") == 0 ||
           strcmp(panel, "ch_flag") == 0 || strncmp(panel, "bm_", 3) == 0 ||
           strcmp(panel, "antigen_presentation") == 0 ||
           strcmp(panel, "ifng_pathway") == 0;
}

static cxs_rc list_genes(cxs_variant_job *job, gene_list *list)
{
    cxs_ctx *ctx = job->ctx;
    cxs_rc rc = CXS_OK;

    for (size_t r = 0; r < job->panels->rows; r++) {
        const char *panel = NULL, *symbol = NULL, *role = NULL;
        CXS_TRY(panel_cell(ctx, job->panels, r, "panel_id", &panel));
        CXS_TRY(panel_cell(ctx, job->panels, r, "symbol", &symbol));
        CXS_TRY(panel_cell(ctx, job->panels, r, "role", &role));
        if (has_mutations(panel))
            CXS_TRY(add_gene(ctx, list, symbol,
                             strcmp(panel, "role") == 0 ? role_of(role) : ROLE_NONE,
                             true));
    }
    unify(list);
    for (size_t i = 0; job->settings->all_genes && i < job->count; i++) {
        const cxs_variant_view *v = &job->view[i];
        for (size_t h = 0; h < v->hits; h++)
            if (v->hit_protein[h] == 1 && cxs_view_passes(v, (size_t)v->hit_variant[h]))
                CXS_TRY(add_gene(ctx, list, v->hit_gene[h], ROLE_NONE, false));
        unify(list);
    }
done:
    return rc;
}

typedef struct gene_hits {
    int protein, truncating, hot;
} gene_hits;

/* Gene of a hotspot name: IDH1_R132H is of IDH1; events that are no hotspot of protein
 * or promoter are of none. */
static gene *gene_of_hotspot(const gene_list *list, const char *name)
{
    char symbol[64];
    const char *bar = strchr(name, '_');

    if (strcmp(name, "EGFRvIII") == 0)
        return find_gene(list, "EGFR");
    if (bar == NULL || (size_t)(bar - name) >= sizeof symbol ||
        strcmp(name, "TERT_PROMOTER") == 0)
        return NULL;
    snprintf(symbol, sizeof symbol, "%.*s", (int)(bar - name), name);
    return find_gene(list, symbol);
}

static void count_hits(const cxs_variant_view *v, const gene_list *list,
                       gene_hits *hits)
{
    memset(hits, 0, list->count * sizeof *hits);
    for (size_t h = 0; h < v->hits; h++) {
        const gene *g = find_gene(list, v->hit_gene[h]);
        if (g == NULL || v->hit_protein[h] != 1 ||
            !cxs_view_passes(v, (size_t)v->hit_variant[h]))
            continue;
        hits[g - list->gene].protein++;
        hits[g - list->gene].truncating += strcmp(v->hit_class[h], "truncating") == 0;
    }
    for (size_t i = 0; i < v->n; i++) {
        const gene *g = v->hotspot[i] != NULL && cxs_view_passes(v, i)
                            ? gene_of_hotspot(list, v->hotspot[i])
                            : NULL;
        if (g != NULL)
            hits[g - list->gene].hot++;
    }
}

/* Copy state of a gene, -2..2, or CXS_MEASURE_MISSING. */
static int64_t copies_of(const cxs_variant_view *v, const char *symbol)
{
    const cxs_measure *t =
        v->sample->copy != NULL ? cxs_measures_find(v->sample->copy, "cn.gene") : NULL;
    const char *const *name = t != NULL ? cxs_measure_get_text(t, "gene") : NULL;
    const int64_t *state = t != NULL ? cxs_measure_get_int(t, "state") : NULL;

    for (size_t i = 0; name && state && i < cxs_measure_rows(t); i++)
        if (name[i] != NULL && strcmp(name[i], symbol) == 0)
            return state[i];
    return CXS_MEASURE_MISSING;
}

/* Two hits, or one with a loss; one hit without copy numbers is not known. */
static double biallelic(const gene_hits *h, bool covered, int64_t copies)
{
    const bool known = copies != CXS_MEASURE_MISSING;

    if (h->protein == 1 && !known)
        return (double)NAN;
    return cxs_three(h->protein >= 2 || (h->protein == 1 && copies < 0), covered);
}

/*
 * "No alteration" needs every part that the role asks for: with copy numbers of some
 * patients, those without them have 1 or nothing.  In a study without any that would
 * leave columns of ones and gaps, a gap being most often a 0; there the part of copies
 * is left out for all alike (`alone`).
 */
static double altered(gene_role role, const gene_hits *h, bool covered, int64_t copies,
                      bool alone)
{
    const bool known = copies != CXS_MEASURE_MISSING,
               whole = covered && (known || alone);

    switch (role) {
    case ROLE_SUPPRESSOR:
        return cxs_three(h->truncating > 0 || h->hot > 0 || (known && copies <= -2),
                         whole);
    case ROLE_ONCOGENE:
        return cxs_three(h->hot > 0 || (known && copies >= 2), whole);
    case ROLE_TRUNC_GAIN:
        return cxs_three(h->truncating > 0 || h->hot > 0, covered);
    case ROLE_NONE:
        break;
    }
    return (double)NAN;
}

cxs_rc cxs_variant_columns(cxs_variant_job *job, const char *stem,
                           const char *const *names, size_t count, const char *unit,
                           cxs_feature_type type, double **value)
{
    cxs_buf name = {0};
    cxs_ctx *ctx = job->ctx;
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < count; i++) {
        name.length = 0;
        CXS_TRY(cxs_buf_addf(ctx, &name, "%s%s", stem, names[i]));
        CXS_TRY(cxs_feature_columns_add(ctx, job->columns, name.text, unit, type,
                                        &value[i]));
    }
done:
    cxs_free(name.text);
    return rc;
}

/* Does no sample know the copies of a gene? */
static bool no_copies(const cxs_variant_job *job, const char *symbol)
{
    for (size_t i = 0; i < job->count; i++)
        if (copies_of(&job->view[i], symbol) != CXS_MEASURE_MISSING)
            return false;
    return true;
}

/* var.alt.G; *value is the column. */
static cxs_rc add_altered(cxs_variant_job *job, const gene *g, bool alone,
                          double **value)
{
    cxs_ctx *ctx = job->ctx;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_variant_columns(job, "var.alt.", &g->symbol, 1, "", CXS_FEATURE_BINARY,
                                value));
    if (alone && g->role != ROLE_TRUNC_GAIN)
        rc = cxs_feature_columns_note(ctx, job->columns,
                                      "no copy numbers in this study: var.alt counts "
                                      "variants alone");
done:
    return rc;
}

static cxs_rc gene_columns(cxs_variant_job *job, const gene *g, const gene_hits *hits,
                           size_t stride)
{
    static const char *const parts[] = {"", ".trunc", ".hot", ".biallelic"};
    cxs_ctx *ctx = job->ctx;
    cxs_buf stem = {0};
    double *value[4] = {NULL}, *alt = NULL;
    const bool alone = g->role != ROLE_NONE && no_copies(job, g->symbol);
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_buf_addf(ctx, &stem, "var.gene.%s", g->symbol));
    CXS_TRY(cxs_variant_columns(job, stem.text, parts, g->panel ? 4 : 2, "",
                                CXS_FEATURE_BINARY, value));
    if (g->role != ROLE_NONE)
        CXS_TRY(add_altered(job, g, alone, &alt));
    for (size_t i = 0; i < job->count; i++) {
        const cxs_variant_view *v = &job->view[i];
        const gene_hits *h = &hits[i * stride];
        const bool covered = v->known && cxs_view_covered(v, "gene", g->symbol) == 1;
        /* of genes outside the panels nothing asks for it */
        const int64_t copies = g->panel || g->role != ROLE_NONE
                                   ? copies_of(v, g->symbol)
                                   : CXS_MEASURE_MISSING;
        value[0][i] = cxs_three(h->protein > 0, covered);
        value[1][i] = cxs_three(h->truncating > 0, covered);
        if (g->panel) {
            value[2][i] = cxs_three(h->hot > 0, covered);
            value[3][i] = biallelic(h, covered, copies);
        }
        if (alt != NULL)
            alt[i] = altered(g->role, h, covered, copies, alone);
    }
done:
    cxs_free(stem.text);
    return rc;
}

static cxs_rc all_genes(cxs_variant_job *job)
{
    cxs_ctx *ctx = job->ctx;
    gene_list list = {0};
    gene_hits *hits = NULL;
    size_t alone = 0;
    bool called = false;
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < job->count; i++)
        called = called || job->view[i].known;
    CXS_TRY(list_genes(job, &list));
    CXS_NEW(hits, list.count * job->count);
    for (size_t i = 0; i < job->count; i++)
        count_hits(&job->view[i], &list, hits + i * list.count);
    for (size_t g = 0; g < list.count; g++) {
        const gene *one = &list.gene[g];
        CXS_TRY(gene_columns(job, one, hits + g, list.count));
        alone += (one->role == ROLE_SUPPRESSOR || one->role == ROLE_ONCOGENE) &&
                 no_copies(job, one->symbol);
    }
    if (alone > 0 && called) /* the catalogue asks for the names of no sample */
        cxs_note(ctx,
                 "no copy numbers of %zu genes in this study: var.alt counts variants "
                 "alone for them",
                 alone);
done:
    cxs_free(list.gene);
    cxs_free(hits);
    return rc;
}

/* ---- hotspots -------------------------------------------------------------------- */

/* R132H is of R132; a label of another shape, or of a promoter, stands for itself. */
static void group_name(const cxs_hotspot *h, char *out, size_t size)
{
    size_t digits = 0, rest = 0;
    const char *label = h->label;

    if (h->hgvs[0] == 'p' && isupper((unsigned char)label[0])) {
        digits = strspn(label + 1, "0123456789");
        rest = strspn(label + 1 + digits, "ABCDEFGHIJKLMNOPQRSTUVWXYZ*");
    }
    if (digits > 0 && rest > 0 && label[1 + digits + rest] == '\0')
        snprintf(out, size, "%s_%.*s", h->gene, (int)(1 + digits), label);
    else
        snprintf(out, size, "%s_%s", h->gene, label);
}

typedef struct hot_member {
    char group[64], name[64]; /* IDH1_R132, IDH1_R132H */
} hot_member;

static int by_group(const void *a, const void *b)
{
    const int group =
        strcmp(((const hot_member *)a)->group, ((const hot_member *)b)->group);

    return group != 0
               ? group
               : strcmp(((const hot_member *)a)->name, ((const hot_member *)b)->name);
}

/* 1: the sample has it; 0: it has not, and it was covered. */
static double hot_status(const cxs_variant_view *v, const hot_member *member,
                         size_t count)
{
    bool covered = false;

    for (size_t m = 0; v->known && m < count; m++) {
        for (size_t i = 0; i < v->n; i++)
            if (v->hotspot[i] != NULL && strcmp(v->hotspot[i], member[m].name) == 0 &&
                cxs_view_passes(v, i))
                return 1.0;
        covered |= cxs_view_covered(v, "hotspot", member[m].name) == 1;
    }
    return cxs_three(false, covered);
}

static cxs_rc hot_group(cxs_variant_job *job, const hot_member *member, size_t count)
{
    const char *name = member->group;
    double *value = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(
        cxs_variant_columns(job, "var.hot.", &name, 1, "", CXS_FEATURE_BINARY, &value));
    for (size_t i = 0; i < job->count; i++)
        value[i] = hot_status(&job->view[i], member, count);
done:
    return rc;
}

/* Events of a region; `proxy` is what must be covered for a 0, NULL: small variants
 * never exclude the event. */
static cxs_rc region_event(cxs_variant_job *job, const char *name, const char *kind,
                           const char *proxy)
{
    double *value = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(
        cxs_variant_columns(job, "var.hot.", &name, 1, "", CXS_FEATURE_BINARY, &value));
    for (size_t i = 0; i < job->count; i++) {
        const cxs_variant_view *v = &job->view[i];
        bool seen = false;
        for (size_t a = 0; a < v->n; a++)
            seen |= v->hotspot[a] != NULL && strcmp(v->hotspot[a], name) == 0 &&
                    cxs_view_passes(v, a);
        value[i] = cxs_three(seen, v->known && proxy != NULL &&
                                       cxs_view_covered(v, kind, proxy) == 1);
    }
done:
    return rc;
}

static cxs_rc all_hotspots(cxs_variant_job *job)
{
    static const struct {
        const char *name, *kind, *proxy;
    } events[] = {
        {"EGFR_EX19DEL", "gene", "EGFR"},           {"EGFR_EX20INS", "gene", "EGFR"},
        {"ERBB2_EX20INS", "gene", "ERBB2"},         {"MET_EX14", "gene", "MET"},
        {"TERT_PROMOTER", "hotspot", "TERT_C228T"}, {"EGFRvIII", "", NULL}};
    cxs_ctx *ctx = job->ctx;
    hot_member *member = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(member, job->refs->hotspots);
    for (size_t i = 0; i < job->refs->hotspots; i++) {
        const cxs_hotspot *h = &job->refs->hotspot[i];
        group_name(h, member[i].group, sizeof member[i].group);
        snprintf(member[i].name, sizeof member[i].name, "%s_%s", h->gene, h->label);
    }
    qsort(member, job->refs->hotspots, sizeof *member, by_group);
    for (size_t i = 0, end = 0; i < job->refs->hotspots; i = end) {
        for (end = i + 1; end < job->refs->hotspots &&
                          strcmp(member[end].group, member[i].group) == 0;)
            end++;
        CXS_TRY(hot_group(job, member + i, end - i));
    }
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        CXS_TRY(region_event(job, events[i].name, events[i].kind, events[i].proxy));
done:
    cxs_free(member);
    return rc;
}

/* ---- all of it ------------------------------------------------------------------- */

cxs_rc cxs_variant_features(cxs_ctx *ctx, const cxs_variant_sample *sample,
                            size_t count, const cxs_variant_feature_settings *settings,
                            cxs_feature_columns *columns)
{
    cxs_variant_refs *refs = NULL;
    cxs_variant_job job = {
        .ctx = ctx, .settings = settings, .count = count, .columns = columns};
    cxs_rc rc = CXS_OK;

    if (columns->n != count)
        return cxs_fail(ctx, CXS_EARG, "columns are of %zu samples, there are %zu",
                        columns->n, count);
    CXS_TRY(cxs_variant_refs_read(ctx, settings->refdata, &refs));
    job.refs = refs;
    job.panels = refs->panels;
    CXS_NEW(job.view, count);
    for (size_t i = 0; i < count; i++)
        CXS_TRY(cxs_view_read(ctx, &sample[i], &job.view[i]));
    CXS_TRY(all_genes(&job));
    CXS_TRY(all_hotspots(&job));
    CXS_TRY(cxs_variant_burden(&job));
    CXS_TRY(cxs_variant_signatures(&job));
    CXS_TRY(cxs_variant_hypermut(&job));
done:
    for (size_t i = 0; job.view != NULL && i < count; i++)
        cxs_free(job.view[i].cover);
    cxs_free(job.view);
    cxs_variant_refs_free(refs);
    return rc;
}
