/*
 * copy_frozen.c -- what a study brings for its bins: panel of normals, mappability, GC
 */
#include "features/copy_private.h"
#include "features/scores.h"

#include "base/number.h"
#include "store/study_schema.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS = 6, PROFILE_FIELDS = 5 + CXS_PROFILE_COMPONENTS };

static const double COVERED = 0.5, MATCHED = 0.5;

static int by_place(const void *x, const void *y)
{
    const cxs_frozen_bin *a = x, *b = y;
    const int order = strcmp(a->build, b->build);

    if (order != 0)
        return order;
    if (a->chrom != b->chrom)
        return a->chrom < b->chrom ? -1 : 1;
    return (a->start0 > b->start0) - (a->start0 < b->start0);
}

static double number_or_missing(const char *text)
{
    double value;

    return cxs_number_parse(text, strlen(text), &value) ? value : (double)NAN;
}

/* Fields with tabs between, in place; 0 when there are fewer. */
static int split(char *text, char **field, int count)
{
    field[0] = text;
    for (int k = 1; k < count; k++) {
        char *tab = strchr(field[k - 1], '\t');
        if (tab == NULL)
            return 0;
        *tab = '\0';
        field[k] = tab + 1;
    }
    return 1;
}

/* "build chrom start0 end0 value spread" with tabs between. */
static cxs_rc read_bin(cxs_ctx *ctx, char *text, cxs_frozen_bins *out)
{
    char *field[FIELDS];
    cxs_frozen_bin bin = {.value = (double)NAN};
    cxs_rc rc = CXS_OK;

    if (!split(text, field, FIELDS))
        return cxs_fail(ctx, CXS_EFORMAT, "study file: a bin has fewer than %d fields",
                        FIELDS);
    bin.chrom = cxs_cn_chrom(field[1]);
    if (bin.chrom == 0 || strlen(field[0]) >= sizeof bin.build)
        return CXS_OK; /* of another kind of sequence */
    memcpy(bin.build, field[0], strlen(field[0]));
    if (!cxs_number_parse_int(field[2], 0, INT32_MAX, &bin.start0) ||
        !cxs_number_parse_int(field[3], bin.start0 + 1, INT32_MAX, &bin.end0))
        return cxs_fail(ctx, CXS_EFORMAT, "study file: a bin has no place");
    bin.value = number_or_missing(field[4]);
    bin.spread = number_or_missing(field[5]);
    CXS_TRY(cxs_grow(ctx, (void **)&out->at, &out->capacity, out->count + 1,
                     sizeof *out->at));
    out->at[out->count++] = bin;
done:
    return rc;
}

static cxs_rc read_sheet(cxs_ctx *ctx, cxs_study *study, const char *sheet,
                         cxs_frozen_bins *out)
{
    cxs_stmt *stmt = NULL;
    char *text = NULL;
    bool row = false;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_db_prepare(ctx, study->db,
                           "SELECT value FROM record WHERE sheet = ?1 AND name = 'bin'"
                           " ORDER BY row",
                           &stmt));
    cxs_bind_text(stmt, 1, sheet);
    for (;;) {
        CXS_TRY(cxs_stmt_step(ctx, stmt, &row));
        if (!row)
            break;
        if ((text = cxs_strdup(ctx, cxs_column_text(stmt, 0))) == NULL)
            CXS_TRY(CXS_ENOMEM);
        CXS_TRY(read_bin(ctx, text, out));
        cxs_free(text);
        text = NULL;
    }
    if (out->count > 0)
        qsort(out->at, out->count, sizeof *out->at, by_place);
done:
    cxs_free(text);
    cxs_stmt_free(stmt);
    return rc;
}

/* ---- the profile of fragments ---------------------------------------------------- */

/* "build chrom start0 end0 median pc1 pc2 pc3" with tabs between. */
static cxs_rc read_profile_bin(cxs_ctx *ctx, char *text, cxs_copy_frozen *out)
{
    char *field[PROFILE_FIELDS];
    cxs_frozen_profile bin = {.chrom = 0};
    cxs_rc rc = CXS_OK;

    if (!split(text, field, PROFILE_FIELDS) || strlen(field[0]) >= sizeof bin.build ||
        (bin.chrom = cxs_cn_chrom(field[1])) == 0 ||
        !cxs_number_parse_int(field[2], 0, INT32_MAX, &bin.start0) ||
        !cxs_number_parse_int(field[3], bin.start0 + 1, INT32_MAX, &bin.end0))
        return cxs_fail(ctx, CXS_EFORMAT,
                        "study file: a bin of the profile has no place");
    memcpy(bin.build, field[0], strlen(field[0]));
    bin.middle = number_or_missing(field[4]);
    for (int c = 0; c < CXS_PROFILE_COMPONENTS; c++)
        bin.loading[c] = number_or_missing(field[5 + c]);
    CXS_TRY(cxs_grow(ctx, (void **)&out->profile, &out->profile_capacity,
                     out->profile_count + 1, sizeof *out->profile));
    out->profile[out->profile_count++] = bin;
done:
    return rc;
}

static cxs_rc read_profile(cxs_ctx *ctx, cxs_study *study, cxs_copy_frozen *out)
{
    cxs_stmt *stmt = NULL;
    char *text = NULL;
    bool row = false;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_db_prepare(ctx, study->db,
                           "SELECT value FROM record WHERE sheet = 'panel_of_normals'"
                           " AND name = 'profile' ORDER BY row",
                           &stmt));
    for (;;) {
        CXS_TRY(cxs_stmt_step(ctx, stmt, &row));
        if (!row)
            break;
        if ((text = cxs_strdup(ctx, cxs_column_text(stmt, 0))) == NULL)
            CXS_TRY(CXS_ENOMEM);
        CXS_TRY(read_profile_bin(ctx, text, out));
        cxs_free(text);
        text = NULL;
    }
done:
    cxs_free(text);
    cxs_stmt_free(stmt);
    return rc;
}

/* ---- groups of genes ------------------------------------------------------------- */

/* "group gene" with a tab between; genes of a group stand together. */
static cxs_rc read_gene(cxs_ctx *ctx, char *text, cxs_gene_sets *sets)
{
    char *field[2];
    cxs_gene_set *set = sets->count > 0 ? &sets->set[sets->count - 1] : NULL;
    cxs_rc rc = CXS_OK;

    if (!split(text, field, 2))
        return cxs_fail(ctx, CXS_EFORMAT, "study file: a group has no gene");
    if (set == NULL || strcmp(set->name, field[0]) != 0)
        CXS_TRY(cxs_gene_sets_add(ctx, sets, field[0], &set));
    rc = cxs_gene_set_add(ctx, set, field[1], NULL, 1.0);
done:
    return rc;
}

static cxs_rc read_groups(cxs_ctx *ctx, cxs_study *study, cxs_copy_frozen *out)
{
    cxs_stmt *stmt = NULL;
    char *text = NULL;
    bool row = false;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_db_prepare(ctx, study->db,
                           "SELECT value FROM record WHERE sheet = 'gene_groups' AND"
                           " name = 'group' ORDER BY row",
                           &stmt));
    for (;;) {
        CXS_TRY(cxs_stmt_step(ctx, stmt, &row));
        if (!row)
            break;
        if (out->groups == NULL)
            CXS_NEW(out->groups, 1);
        if ((text = cxs_strdup(ctx, cxs_column_text(stmt, 0))) == NULL)
            CXS_TRY(CXS_ENOMEM);
        CXS_TRY(read_gene(ctx, text, out->groups));
        cxs_free(text);
        text = NULL;
    }
done:
    cxs_free(text);
    cxs_stmt_free(stmt);
    return rc;
}

void cxs_copy_frozen_free(cxs_copy_frozen *frozen)
{
    cxs_gene_sets_free(frozen->groups);
    cxs_free(frozen->panel.at);
    cxs_free(frozen->map.at);
    cxs_free(frozen->gc.at);
    cxs_free(frozen->profile);
    *frozen = (cxs_copy_frozen){.profile = NULL};
}

cxs_rc cxs_copy_frozen_read(cxs_ctx *ctx, cxs_study *study, cxs_copy_frozen *out)
{
    cxs_rc rc = CXS_OK;

    *out = (cxs_copy_frozen){.profile = NULL};
    CXS_TRY(read_sheet(ctx, study, "panel_of_normals", &out->panel));
    CXS_TRY(read_sheet(ctx, study, "mappability", &out->map));
    CXS_TRY(read_sheet(ctx, study, "gc", &out->gc));
    CXS_TRY(read_profile(ctx, study, out));
    CXS_TRY(read_groups(ctx, study, out));
done:
    if (rc != CXS_OK)
        cxs_copy_frozen_free(out);
    return rc;
}

/* ---- joined to bins -------------------------------------------------------------- */

/* The name that the rows of a build go by: their own, or "" where that fits any. */
static const char *build_in(const cxs_frozen_bins *all, const char *build)
{
    for (size_t k = 0; k < all->count; k++)
        if (strcmp(all->at[k].build, build) == 0)
            return build;
    return "";
}

/* First row that ends after a place; all->count without one. */
static size_t find_from(const cxs_frozen_bins *all, const char *build, uint8_t chrom,
                        int64_t start0)
{
    size_t low = 0, high = all->count;

    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        const cxs_frozen_bin *at = &all->at[mid];
        const int order = strcmp(at->build, build);
        const int before = order != 0           ? order < 0
                           : at->chrom != chrom ? at->chrom < chrom
                                                : at->end0 <= start0;
        if (before)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* Mean over the frozen bins that overlap a bin, by overlap; NaN where they cover less
 * than half of it. */
static void average(const cxs_frozen_bins *frozen, const char *build,
                    const cxs_cn_bins *bins, double *out)
{
    const char *name = build_in(frozen, build);

    for (size_t i = 0; i < bins->n; i++) {
        double sum = 0.0, covered = 0.0;
        for (size_t k = find_from(frozen, name, bins->chrom[i], bins->start0[i]);
             k < frozen->count && strcmp(frozen->at[k].build, name) == 0 &&
             frozen->at[k].chrom == bins->chrom[i] &&
             frozen->at[k].start0 < bins->end0[i];
             k++) {
            const cxs_frozen_bin *at = &frozen->at[k];
            const int64_t from = at->start0 > bins->start0[i] ? at->start0
                                                              : bins->start0[i],
                          to = at->end0 < bins->end0[i] ? at->end0 : bins->end0[i];
            if (isnan(at->value))
                continue;
            sum += at->value * (double)(to - from);
            covered += (double)(to - from);
        }
        out[i] = covered >= COVERED * (double)(bins->end0[i] - bins->start0[i]) &&
                         covered > 0
                     ? sum / covered
                     : (double)NAN;
    }
}

void cxs_copy_map(const cxs_frozen_bins *map, const char *build, cxs_cn_bins *bins)
{
    average(map, build, bins, bins->map);
}

void cxs_copy_gc(const cxs_frozen_bins *gc, const char *build, cxs_cn_bins *bins)
{
    size_t known = 0;

    for (size_t i = 0; i < bins->n; i++)
        known += isnan(bins->gc[i]) ? 0 : 1;
    if (2 * known > bins->n)
        return;
    average(gc, build, bins, bins->gc);
    for (size_t i = 0; i < bins->n; i++)
        if (!(bins->gc[i] > 0.0))
            bins->gc[i] = (double)NAN; /* tables mark what is not known by 0 or -1 */
}

int64_t cxs_copy_panel_width(const cxs_frozen_bins *panel, const char *build)
{
    const char *name = build_in(panel, build);
    int64_t width = 0;

    for (size_t k = 0; k < panel->count;
         k++) /* the last bin of a chromosome is short */
        if (strcmp(panel->at[k].build, name) == 0 &&
            panel->at[k].end0 - panel->at[k].start0 > width)
            width = panel->at[k].end0 - panel->at[k].start0;
    return width;
}

cxs_rc cxs_copy_panel(cxs_ctx *ctx, const cxs_frozen_bins *panel, const char *build,
                      cxs_cn_bins *bins, int *fits)
{
    const char *name = build_in(panel, build);
    size_t autosomal = 0, matched = 0;
    cxs_rc rc = CXS_OK;

    *fits = 0;
    CXS_NEW(bins->pon, bins->n + 1);
    CXS_NEW(bins->pon_mad, bins->n + 1);
    for (size_t i = 0; i < bins->n; i++) {
        const size_t k = find_from(panel, name, bins->chrom[i], bins->start0[i]);
        const cxs_frozen_bin *at = k < panel->count ? &panel->at[k] : NULL;
        const int found = at != NULL && strcmp(at->build, name) == 0 &&
                          at->chrom == bins->chrom[i] && at->start0 == bins->start0[i];
        bins->pon[i] = found ? at->value : (double)NAN;
        bins->pon_mad[i] = found ? at->spread : (double)NAN;
        autosomal += bins->chrom[i] <= CXS_CN_AUTOSOMES;
        matched += bins->chrom[i] <= CXS_CN_AUTOSOMES && found;
    }
    *fits = autosomal > 0 && (double)matched >= MATCHED * (double)autosomal;
done:
    if (rc != CXS_OK || !*fits) {
        cxs_free(bins->pon);
        cxs_free(bins->pon_mad);
        bins->pon = bins->pon_mad = NULL;
    }
    return rc;
}
