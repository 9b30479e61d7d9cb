/*
 * fragment_tss.c -- cover of start sites (Ulz et al. 2016, Nature Genetics 48:1273)
 *
 * An expressed gene has no nucleosomes at its start, so fewer fragments cover it.  For a
 * gene g
 *     v_g = c_g / f_g / 2^l_g
 * with c_g the mean cover of [-150, +50] (ndr) or [-1000, +1000] (2k), f_g that of
 * [-3000, -1000] and [+1000, +3000], l_g the log2 ratio of the segment at the start.
 * A group has the mean of v_g with weights f_g: at a shallow depth the flanks of a gene
 * hold a few fragments, and an unweighted mean of such quotients follows the emptiest
 * flank.  Genes without flanks or segment do not count.  Fewer than five genes are told
 * above thirty-fold depth alone, as single genes are.
 */
#include "features/fragment_private.h"

#include "features/scores.h"
#include "ingest/study_ids.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_GENES = 5, NAME_BYTES = 160, KINDS = 2 };

static const double DEEP = 30.0;

static const char *const kind_name[KINDS] = {"ndr", "2k"};
static const char *const part_name[KINDS] = {"ndr", "core"};

/* Where the study names no groups: sets of signatures.tsv that tell what sheds the DNA,
 * T cells, microglia and macrophages, states of glioblastoma cells. */
static const char *const shedding[] = {"DANAHER_TCELL", "DANAHER_CYTOTOXIC", "TAM_",
                                       "NEFTEL_", "WANG_"};

static int is_shedding(const char *set)
{
    for (size_t k = 0; k < sizeof shedding / sizeof *shedding; k++)
        if (strncmp(set, shedding[k], strlen(shedding[k])) == 0)
            return 1;
    return 0;
}

/* ---- genes ----------------------------------------------------------------------- */

/* Cover of one start site: c_g / 2^l_g of each part, and f_g; NaN: not assessed. */
typedef struct site {
    double part[KINDS], flank;
} site;

/* Sites of one file; `site` NULL without. */
typedef struct sites {
    cxs_index gene; /* rows by symbol */
    site *at;       /* [count] */
    size_t count;
} sites;

static const cxs_measure *starts_of(const cxs_patient_file *file)
{
    return file->bag != NULL ? cxs_measures_find(file->bag, "tss") : NULL;
}

/* Copy ratio 2^log2 of the segment that holds a base (from 1); NaN: in none. */
static double copies_at(const cxs_measures *bag, uint8_t chrom, int64_t pos)
{
    const cxs_measure *t = bag != NULL ? cxs_measures_find(bag, "cn.segments") : NULL;
    const int64_t *number = t != NULL ? cxs_measure_get_int(t, "chrom") : NULL,
                  *start0 = t != NULL ? cxs_measure_get_int(t, "start0") : NULL,
                  *end0 = t != NULL ? cxs_measure_get_int(t, "end0") : NULL;
    const double *level = t != NULL ? cxs_measure_get_real(t, "log2") : NULL;

    if (number == NULL || start0 == NULL || end0 == NULL || level == NULL)
        return (double)NAN;
    for (size_t k = 0; k < cxs_measure_rows(t); k++)
        if (number[k] == chrom && start0[k] < pos && pos <= end0[k])
            return exp2(level[k]);
    return (double)NAN;
}

/* Column and its bases as a mean; NaN where windows leave the contig altogether. */
static double cover_of(const cxs_measure *t, const char *name, size_t row, double *sum,
                       double *bases)
{
    char column[32];
    const int64_t *s = cxs_measure_get_int(t, name), *b;

    snprintf(column, sizeof column, "%s_bases", name);
    b = cxs_measure_get_int(t, column);
    if (s == NULL || b == NULL || s[row] == CXS_MEASURE_MISSING || b[row] <= 0)
        return (double)NAN;
    *sum += (double)s[row];
    *bases += (double)b[row];
    return (double)s[row] / (double)b[row];
}

static site read_site(const cxs_measure *t, size_t row, double copies)
{
    double sum = 0.0, bases = 0.0, unused[2];
    site s = {{(double)NAN, (double)NAN}, (double)NAN};
    const double left = cover_of(t, "left", row, &sum, &bases),
                 right = cover_of(t, "right", row, &sum, &bases);

    if (isnan(left) || isnan(right) || !(sum > 0.0))
        return s;
    s.flank = sum / bases;
    for (int kind = 0; kind < KINDS; kind++)
        s.part[kind] =
            cover_of(t, part_name[kind], row, &unused[0], &unused[1]) / copies;
    return s;
}

static void sites_free(sites *s)
{
    cxs_index_clear(&s->gene);
    cxs_free(s->at);
    *s = (sites){.at = NULL};
}

static cxs_rc read_sites(cxs_ctx *ctx, const cxs_measure *t, const cxs_measures *copies,
                         sites *out)
{
    const char *const *gene = cxs_measure_get_text(t, "gene"), *const *chrom =
                                                                   cxs_measure_get_text(
                                                                       t, "chrom");
    const int64_t *pos = cxs_measure_get_int(t, "pos");
    const size_t rows = cxs_measure_rows(t);
    const char **name = NULL;
    cxs_rc rc = CXS_OK;

    *out = (sites){.at = NULL};
    if (gene == NULL || chrom == NULL || pos == NULL)
        return CXS_OK;
    CXS_NEW(out->at, rows + 1);
    CXS_NEW(name, rows + 1);
    out->count = rows;
    for (size_t k = 0; k < rows; k++) {
        const uint8_t number = chrom[k] != NULL ? cxs_cn_chrom(chrom[k]) : 0;
        const int counted =
            number > 0 && number <= CXS_CN_AUTOSOMES; /* by the filter */
        name[k] = gene[k] != NULL ? gene[k] : "";
        out->at[k] =
            read_site(t, k, counted ? copies_at(copies, number, pos[k]) : (double)NAN);
    }
    CXS_TRY(cxs_index_make(ctx, name, rows, &out->gene));
done:
    cxs_free(name);
    if (rc != CXS_OK)
        sites_free(out);
    return rc;
}

/* ---- columns --------------------------------------------------------------------- */

/* Mean of the genes' values with the cover of their flanks as weights. */
static double group_value(const sites *s, const cxs_gene_set *set, int kind,
                          double depth)
{
    double sum = 0.0, weight = 0.0;
    size_t genes = 0;

    for (size_t g = 0; g < set->size; g++) {
        const size_t at = cxs_index_find(&s->gene, set->symbol[g]);
        if (at == SIZE_MAX || isnan(s->at[at].part[kind]))
            continue;
        sum += s->at[at].part[kind];
        weight += s->at[at].flank;
        genes++;
    }
    return genes >= LEAST_GENES || (genes > 0 && depth > DEEP) ? sum / weight
                                                               : (double)NAN;
}

typedef struct job {
    const cxs_patient_file *file;
    const cxs_fragment_count *count;
    sites *sites; /* [n]; empty: nothing to tell */
} job;

static cxs_rc add_group(cxs_ctx *ctx, const job *j, const cxs_gene_set *set,
                        const char *prefix, cxs_feature_columns *columns)
{
    cxs_rc rc = CXS_OK;

    for (int kind = 0; kind < KINDS; kind++) {
        char name[NAME_BYTES];
        double *value;
        snprintf(name, sizeof name, "frag.tss.%s%.100s.%s", prefix, set->name,
                 kind_name[kind]);
        CXS_TRY(cxs_feature_columns_add(ctx, columns, name, "ratio",
                                        CXS_FEATURE_CONTINUOUS, &value));
        for (size_t i = 0; i < columns->n; i++)
            if (j->sites[i].count > 0)
                value[i] = group_value(&j->sites[i], set, kind, j->count[i].depth);
    }
done:
    return rc;
}

/* Every autosomal gene of the table, where one sample is deep enough for single genes.
 * The table is the same for all files of a study. */
static cxs_rc add_genes(cxs_ctx *ctx, const job *j, size_t n,
                        cxs_feature_columns *columns)
{
    size_t deep = 0;
    cxs_rc rc = CXS_OK;

    while (deep < n && !(j->sites[deep].count > 0 && j->count[deep].depth > DEEP))
        deep++;
    if (deep == n)
        return CXS_OK;
    const char *const *gene = cxs_measure_get_text(starts_of(&j->file[deep]), "gene"),
                      *const *chrom =
                          cxs_measure_get_text(starts_of(&j->file[deep]), "chrom");
    for (size_t k = 0; k < j->sites[deep].count; k++) {
        char symbol[NAME_BYTES], *one = symbol;
        const cxs_gene_set set = {.name = symbol, .size = 1, .symbol = &one};
        const uint8_t number = chrom[k] != NULL ? cxs_cn_chrom(chrom[k]) : 0;
        if (gene[k] == NULL || number == 0 || number > CXS_CN_AUTOSOMES)
            continue;
        snprintf(symbol, sizeof symbol, "%s", gene[k]);
        CXS_TRY(add_group(ctx, j, &set, "gene.", columns));
    }
done:
    return rc;
}

/* Genes of the study's groups that the table of genes does not have. */
static void tell_unknown(cxs_ctx *ctx, const job *j, size_t n, const cxs_gene_sets *own)
{
    size_t first = 0;

    while (first < n && j->sites[first].count == 0)
        first++;
    for (size_t k = 0; first < n && k < own->count; k++) {
        size_t unknown = 0;
        for (size_t g = 0; g < own->set[k].size; g++)
            unknown += cxs_index_find(&j->sites[first].gene, own->set[k].symbol[g]) ==
                       SIZE_MAX;
        if (unknown > 0)
            cxs_note(ctx, "start sites: group %s: %zu of %zu genes have no place",
                     own->set[k].name, unknown, own->set[k].size);
    }
}

cxs_rc cxs_fragment_starts(cxs_ctx *ctx, const cxs_patient_file *file,
                           const cxs_fragment_count *count, const cxs_gene_sets *own,
                           cxs_measures *const *copies, const char *refdata,
                           cxs_feature_columns *columns)
{
    const size_t n = columns->n;
    job j = {.file = file, .count = count};
    cxs_gene_sets *sets = NULL;
    int any = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(j.sites, n + 1);
    for (size_t i = 0; i < n; i++) {
        const cxs_measure *t = starts_of(&file[i]);
        any = any || t != NULL;
        if (t != NULL && count[i].fragments >= CXS_FRAGMENTS_ENOUGH)
            CXS_TRY(read_sites(ctx, t, copies != NULL ? copies[i] : NULL, &j.sites[i]));
    }
    if (!any)
        goto done;
    if (own == NULL)
        CXS_TRY(cxs_signatures_read(ctx, refdata, &sets));
    else
        tell_unknown(ctx, &j, n, own);
    for (size_t k = 0; k < (own != NULL ? own : sets)->count; k++) {
        const cxs_gene_set *set = &(own != NULL ? own : sets)->set[k];
        if (own != NULL || is_shedding(set->name))
            CXS_TRY(add_group(ctx, &j, set, "", columns));
    }
    rc = add_genes(ctx, &j, n, columns);
done:
    for (size_t i = 0; j.sites != NULL && i < n; i++)
        sites_free(&j.sites[i]);
    cxs_free(j.sites);
    cxs_gene_sets_free(sets);
    return rc;
}
