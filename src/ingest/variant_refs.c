/*
 * variant_refs.c -- the reference tables that variants are read against
 *
 * Rows point into the tables; what is looked up by name is sorted once.  A hotspot is
 * known by coordinate and by protein change, because histone residues are numbered with
 * the initiator methionine by annotation programs and without it by clinicians
 * (p.Lys28Met is K27M).
 */
#include "ingest/variant_private.h"

#include "base/number.h"
#include "coxswain/ingest.h"

#include <stdlib.h>
#include <string.h>

enum { CONSEQUENCES, HOTSPOTS, GENES, ALIASES, PANELS, REGIONS };

int cxs_build_index(const char *build)
{
    if (build != NULL && strcmp(build, "hg19") == 0)
        return CXS_HG19;
    return build != NULL && strcmp(build, "hg38") == 0 ? CXS_HG38 : CXS_BUILD_OTHER;
}

/* Cell of a named column; NULL when the table has none. */
static cxs_rc cell(cxs_ctx *ctx, const cxs_table *t, size_t row, const char *column,
                   const char **out)
{
    size_t at = 0;
    const cxs_rc rc = cxs_table_need(ctx, t, column, &at);

    if (rc == CXS_OK)
        *out = cxs_table_cell(t, row, at);
    return rc;
}

/* Position, 0 where the table says that there is none. */
static cxs_rc position(cxs_ctx *ctx, const cxs_table *t, size_t row, const char *column,
                       int64_t *out)
{
    const char *text = NULL;
    cxs_rc rc = cell(ctx, t, row, column, &text);

    *out = 0;
    if (rc == CXS_OK && !cxs_is_na(text, strlen(text)) &&
        !cxs_number_parse_int(text, 0, INT64_MAX, out))
        rc = cxs_fail(ctx, CXS_EFORMAT, "%s:%zu:%s: \"%s\" is not a position", t->path,
                      t->line[row], column, text);
    return rc;
}

static cxs_rc take_terms(cxs_ctx *ctx, cxs_variant_refs *refs, const cxs_table *t)
{
    const char *text = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(refs->term, t->rows);
    for (size_t r = 0; r < t->rows; r++) {
        cxs_term *term = &refs->term[r];
        CXS_TRY(position(ctx, t, r, "rank", &term->rank));
        CXS_TRY(cell(ctx, t, r, "so_term", &term->so));
        CXS_TRY(cell(ctx, t, r, "bcsq_term", &term->bcsq));
        CXS_TRY(cell(ctx, t, r, "class", &term->class));
        CXS_TRY(cell(ctx, t, r, "counts_as_protein_altering", &text));
        term->protein = strcmp(text, "1") == 0;
        CXS_TRY(cell(ctx, t, r, "counts_for_tmb", &text));
        term->tmb = strcmp(text, "1") == 0;
        refs->terms++;
    }
done:
    return rc;
}

static cxs_rc take_hotspots(cxs_ctx *ctx, cxs_variant_refs *refs, const cxs_table *t)
{
    cxs_rc rc = CXS_OK;

    refs->hotspot_path = t->path;
    CXS_NEW(refs->hotspot, t->rows);
    for (size_t r = 0; r < t->rows; r++) {
        cxs_hotspot *h = &refs->hotspot[r];
        CXS_TRY(cell(ctx, t, r, "gene", &h->gene));
        CXS_TRY(cell(ctx, t, r, "label", &h->label));
        CXS_TRY(cell(ctx, t, r, "hgvs", &h->hgvs));
        CXS_TRY(cell(ctx, t, r, "chrom", &h->chrom));
        CXS_TRY(cell(ctx, t, r, "ref", &h->ref));
        CXS_TRY(cell(ctx, t, r, "alt", &h->alt));
        CXS_TRY(position(ctx, t, r, "hg19_pos", &h->pos[CXS_HG19]));
        CXS_TRY(position(ctx, t, r, "hg38_pos", &h->pos[CXS_HG38]));
        refs->hotspots++;
    }
done:
    return rc;
}

static int by_symbol(const void *a, const void *b)
{
    return strcmp(((const cxs_gene_place *)a)->symbol,
                  ((const cxs_gene_place *)b)->symbol);
}

static cxs_rc take_genes(cxs_ctx *ctx, cxs_variant_refs *refs, const cxs_table *t)
{
    cxs_rc rc = CXS_OK;

    CXS_NEW(refs->gene, t->rows);
    for (size_t r = 0; r < t->rows; r++) {
        cxs_gene_place *g = &refs->gene[r];
        CXS_TRY(cell(ctx, t, r, "symbol", &g->symbol));
        CXS_TRY(cell(ctx, t, r, "chrom", &g->chrom));
        CXS_TRY(position(ctx, t, r, "hg19_start", &g->start[CXS_HG19]));
        CXS_TRY(position(ctx, t, r, "hg19_end", &g->end[CXS_HG19]));
        CXS_TRY(position(ctx, t, r, "hg38_start", &g->start[CXS_HG38]));
        CXS_TRY(position(ctx, t, r, "hg38_end", &g->end[CXS_HG38]));
        refs->genes++;
    }
    qsort(refs->gene, refs->genes, sizeof *refs->gene, by_symbol);
done:
    return rc;
}

static int by_alias(const void *a, const void *b)
{
    return strcmp(((const cxs_alias *)a)->alias, ((const cxs_alias *)b)->alias);
}

static cxs_rc take_aliases(cxs_ctx *ctx, cxs_variant_refs *refs, const cxs_table *t)
{
    const char *status = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(refs->alias, t->rows);
    for (size_t r = 0; r < t->rows; r++) {
        cxs_alias *a = &refs->alias[refs->aliases];
        CXS_TRY(cell(ctx, t, r, "alias", &a->alias));
        CXS_TRY(cell(ctx, t, r, "symbol", &a->symbol));
        CXS_TRY(cell(ctx, t, r, "status", &status));
        refs->aliases += strcmp(status, "unique") == 0;
    }
    qsort(refs->alias, refs->aliases, sizeof *refs->alias, by_alias);
done:
    return rc;
}

/* Panel ch_flag names the genes of clonal haematopoiesis. */
static cxs_rc take_panels(cxs_ctx *ctx, cxs_variant_refs *refs, const cxs_table *t)
{
    const char *panel = NULL;
    cxs_rc rc = CXS_OK;

    refs->panels = t;
    CXS_NEW(refs->ch_gene, t->rows);
    for (size_t r = 0; r < t->rows; r++) {
        CXS_TRY(cell(ctx, t, r, "panel_id", &panel));
        CXS_TRY(cell(ctx, t, r, "symbol", &refs->ch_gene[refs->ch_genes]));
        refs->ch_genes += strcmp(panel, "ch_flag") == 0;
    }
done:
    return rc;
}

static cxs_rc take_regions(cxs_ctx *ctx, cxs_variant_refs *refs, const cxs_table *t)
{
    cxs_rc rc = CXS_OK;

    CXS_NEW(refs->region, t->rows);
    for (size_t r = 0; r < t->rows; r++) {
        cxs_region *g = &refs->region[r];
        CXS_TRY(cell(ctx, t, r, "region_id", &g->id));
        CXS_TRY(cell(ctx, t, r, "chrom", &g->chrom));
        CXS_TRY(position(ctx, t, r, "hg19_start", &g->start[CXS_HG19]));
        CXS_TRY(position(ctx, t, r, "hg19_end", &g->end[CXS_HG19]));
        CXS_TRY(position(ctx, t, r, "hg38_start", &g->start[CXS_HG38]));
        CXS_TRY(position(ctx, t, r, "hg38_end", &g->end[CXS_HG38]));
        refs->regions++;
    }
done:
    return rc;
}

typedef cxs_rc (*take_fn)(cxs_ctx *, cxs_variant_refs *, const cxs_table *);

static const struct {
    const char *file;
    take_fn take;
} tables[] = {
    [CONSEQUENCES] = {"consequences.tsv", take_terms},
    [HOTSPOTS] = {"hotspots.tsv", take_hotspots},
    [GENES] = {"genes.tsv", take_genes},
    [ALIASES] = {"gene_alias.tsv", take_aliases},
    [PANELS] = {"gene_panels.tsv", take_panels},
    [REGIONS] = {"hotspot_regions.tsv", take_regions},
};

cxs_rc cxs_variant_refs_read(cxs_ctx *ctx, const char *refdata, cxs_variant_refs **out)
{
    const char *folder = cxs_refdata_folder(refdata);
    cxs_variant_refs *refs = NULL;
    cxs_buf path = {0};
    cxs_rc rc = CXS_OK;

    *out = NULL;
    if (folder == NULL)
        return cxs_fail(ctx, CXS_ENOINPUT,
                        "no reference tables found; say --refdata FOLDER");
    CXS_NEW(refs, 1);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        path.length = 0;
        CXS_TRY(cxs_buf_addf(ctx, &path, "%s/%s", folder, tables[i].file));
        CXS_TRY(cxs_table_read(ctx, path.text, &refs->table[i]));
        CXS_TRY(tables[i].take(ctx, refs, refs->table[i]));
    }
    *out = refs;
    refs = NULL;
done:
    cxs_free(path.text);
    cxs_variant_refs_free(refs);
    return rc;
}

void cxs_variant_refs_free(cxs_variant_refs *refs)
{
    if (refs == NULL)
        return;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        cxs_table_free(refs->table[i]);
    cxs_free(refs->term);
    cxs_free(refs->hotspot);
    cxs_free(refs->gene);
    cxs_free(refs->alias);
    cxs_free(refs->ch_gene);
    cxs_free(refs->region);
    cxs_free(refs);
}

static bool same(const char *a, const char *b, size_t length)
{
    return strncmp(a, b, length) == 0 && a[length] == '\0';
}

const cxs_term *cxs_term_find(const cxs_variant_refs *refs, const char *name,
                              size_t length)
{
    for (size_t i = 0; i < refs->terms; i++)
        if (same(refs->term[i].so, name, length) ||
            same(refs->term[i].bcsq, name, length))
            return &refs->term[i];
    return NULL;
}

const cxs_gene_place *cxs_gene_find(const cxs_variant_refs *refs, const char *gene)
{
    const cxs_gene_place key = {.symbol = gene};

    return bsearch(&key, refs->gene, refs->genes, sizeof key, by_symbol);
}

const char *cxs_gene_current(const cxs_variant_refs *refs, const char *name)
{
    const cxs_alias key = {.alias = name}, *found = NULL;

    if (cxs_gene_find(refs, name) == NULL)
        found = bsearch(&key, refs->alias, refs->aliases, sizeof key, by_alias);
    return found != NULL ? found->symbol : name;
}

bool cxs_gene_is_ch(const cxs_variant_refs *refs, const char *gene)
{
    for (size_t i = 0; i < refs->ch_genes; i++)
        if (strcmp(refs->ch_gene[i], gene) == 0)
            return true;
    return false;
}

const cxs_region *cxs_region_find(const cxs_variant_refs *refs, const char *id)
{
    for (size_t i = 0; i < refs->regions; i++)
        if (strcmp(refs->region[i].id, id) == 0)
            return &refs->region[i];
    return NULL;
}

const cxs_hotspot *cxs_hotspot_at(const cxs_variant_refs *refs, int build,
                                  const char *chrom, int64_t pos, const char *ref,
                                  const char *alt)
{
    for (size_t i = 0; build >= 0 && i < refs->hotspots; i++) {
        const cxs_hotspot *h = &refs->hotspot[i];
        if (h->pos[build] == pos && strcmp(h->chrom, chrom) == 0 &&
            strcmp(h->ref, ref) == 0 && strcmp(h->alt, alt) == 0)
            return h;
    }
    return NULL;
}

bool cxs_hotspot_place(const cxs_variant_refs *refs, int build, const char *chrom,
                       int64_t pos)
{
    for (size_t i = 0; build >= 0 && i < refs->hotspots; i++)
        if (refs->hotspot[i].pos[build] == pos &&
            strcmp(refs->hotspot[i].chrom, chrom) == 0)
            return true;
    return false;
}

const cxs_hotspot *cxs_hotspot_named(const cxs_variant_refs *refs, const char *gene,
                                     const char *hgvsp)
{
    const char *change = strrchr(hgvsp, ':'); /* ENSP00000260985.2:p.Arg132His */

    change = change != NULL ? change + 1 : hgvsp;
    for (size_t i = 0; i < refs->hotspots; i++)
        if (strcmp(refs->hotspot[i].gene, gene) == 0 &&
            strcmp(refs->hotspot[i].hgvs, change) == 0)
            return &refs->hotspot[i];
    return NULL;
}
