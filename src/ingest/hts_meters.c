/*
 * hts_meters.c -- the registry of meters: what each needs, and where it is on
 *
 * Meters of fragments become members of one meter (hts_fragment.h): they are on for
 * cell-free DNA, that is for SOURCE CSF_CFDNA and PLASMA_CFDNA, or when no source is
 * given.
 */
#include "ingest/hts_meters.h"

#include "ingest/hts_fragment.h"

#include <string.h>

enum { SITE_BASEQ = 20 };

typedef struct maker {
    cxs_meter_row row;
    bool (*can)(const cxs_meter_settings *s); /* what it needs is given */
    cxs_rc (*make)(cxs_ctx *ctx, const cxs_meter_settings *s, const char *library,
                   cxs_meter **out);
    cxs_rc (*make_fragment)(cxs_ctx *ctx, const cxs_meter_settings *s,
                            cxs_fragment_meter **out);
} maker;

cxs_meter_settings cxs_meter_defaults(void)
{
    return (cxs_meter_settings){
        .depth_bin = 50000, .fragment_bin = 100000, .min_mapq = 20, .mates_once = true};
}

int64_t cxs_meter_min_depth(const char *source, const char *library)
{
    static const struct {
        const char *source, *library;
        int64_t depth;
    } rule[] = {{"CSF_CFDNA", "PANEL", 200},    {"CSF_CFDNA", "WES", 50},
                {"PLASMA_CFDNA", "PANEL", 500}, {"NORMAL_BLOOD", "", 10},
                {"NORMAL_TISSUE", "", 10},      {"", "PANEL", 100}};

    for (size_t i = 0; i < sizeof rule / sizeof *rule; i++)
        if ((*rule[i].source == '\0' ||
             (source != NULL && strcmp(source, rule[i].source) == 0)) &&
            (*rule[i].library == '\0' || strcmp(library, rule[i].library) == 0))
            return rule[i].depth;
    return 20;
}

/* ---- what is given --------------------------------------------------------------- */

static bool always(const cxs_meter_settings *s)
{
    (void)s;
    return true;
}

static bool is_cell_free(const cxs_meter_settings *s)
{
    return s->source == NULL || strcmp(s->source, "CSF_CFDNA") == 0 ||
           strcmp(s->source, "PLASMA_CFDNA") == 0;
}

static bool has_build(const cxs_meter_settings *s)
{
    return s->build != NULL && strcmp(s->build, "other") != 0;
}

static bool has_targets(const cxs_meter_settings *s)
{
    return s->targets != NULL;
}

static bool has_genes(const cxs_meter_settings *s)
{
    return is_cell_free(s) && s->genes != NULL && has_build(s);
}

static bool has_windows(const cxs_meter_settings *s)
{
    return is_cell_free(s) && s->windows != NULL;
}

static bool has_sites(const cxs_meter_settings *s)
{
    return s->sites != NULL;
}

static bool has_hotspots(const cxs_meter_settings *s)
{
    return s->hotspots != NULL;
}

static bool has_markers(const cxs_meter_settings *s)
{
    return s->markers != NULL && s->reference != NULL && has_build(s);
}

/* ---- makers ---------------------------------------------------------------------- */

static cxs_rc make_qc(cxs_ctx *ctx, const cxs_meter_settings *s, const char *library,
                      cxs_meter **out)
{
    (void)library;
    return cxs_meter_qc(ctx, s->classes, out);
}

static cxs_rc make_sex(cxs_ctx *ctx, const cxs_meter_settings *s, const char *library,
                       cxs_meter **out)
{
    (void)s;
    (void)library;
    return cxs_meter_sex(ctx, out);
}

static cxs_rc make_depth(cxs_ctx *ctx, const cxs_meter_settings *s, const char *library,
                         cxs_meter **out)
{
    (void)library;
    return cxs_meter_depth(ctx, s->reference, s->depth_bin, out);
}

static cxs_rc make_coverage(cxs_ctx *ctx, const cxs_meter_settings *s,
                            const char *library, cxs_meter **out)
{
    const cxs_coverage_settings set = {
        .targets = s->targets,
        .genes = has_build(s) ? s->genes : NULL,
        .build = s->build,
        .min_depth =
            s->min_depth > 0 ? s->min_depth : cxs_meter_min_depth(s->source, library),
        .min_mapq = s->min_mapq,
        .min_baseq = s->min_baseq,
        .mates_once = s->mates_once};

    return cxs_meter_coverage(ctx, &set, out);
}

static cxs_rc make_junctions(cxs_ctx *ctx, const cxs_meter_settings *s,
                             const char *library, cxs_meter **out)
{
    (void)library;
    return cxs_meter_junctions(ctx, s->all_junctions, out);
}

static cxs_rc make_snps(cxs_ctx *ctx, const cxs_meter_settings *s, const char *library,
                        cxs_meter **out)
{
    (void)library;
    return cxs_meter_sites(ctx, "snps", s->sites, s->build, s->min_mapq, SITE_BASEQ,
                           out);
}

static cxs_rc make_hotspots(cxs_ctx *ctx, const cxs_meter_settings *s,
                            const char *library, cxs_meter **out)
{
    (void)library;
    return cxs_meter_sites(ctx, "hotspots", s->hotspots, s->build, s->min_mapq,
                           SITE_BASEQ, out);
}

static cxs_rc make_msi(cxs_ctx *ctx, const cxs_meter_settings *s, const char *library,
                       cxs_meter **out)
{
    (void)library;
    return cxs_meter_msi(ctx, s->markers, s->reference, s->build, out);
}

static cxs_rc make_lengths(cxs_ctx *ctx, const cxs_meter_settings *s,
                           cxs_fragment_meter **out)
{
    (void)s;
    return cxs_fragments_lengths(ctx, out);
}

static cxs_rc make_bins(cxs_ctx *ctx, const cxs_meter_settings *s,
                        cxs_fragment_meter **out)
{
    return cxs_fragments_bins(ctx, s->reference != NULL, s->fragment_bin, out);
}

static cxs_rc make_motifs(cxs_ctx *ctx, const cxs_meter_settings *s,
                          cxs_fragment_meter **out)
{
    return cxs_fragments_motifs(ctx, s->reference != NULL, out);
}

static cxs_rc make_tss(cxs_ctx *ctx, const cxs_meter_settings *s,
                       cxs_fragment_meter **out)
{
    return cxs_fragments_tss(ctx, s->genes, s->build, out);
}

static cxs_rc make_wps(cxs_ctx *ctx, const cxs_meter_settings *s,
                       cxs_fragment_meter **out)
{
    return cxs_fragments_wps(ctx, s->windows, out);
}

/* ---- the registry ---------------------------------------------------------------- */

static const maker makers[] = {
    {{"qc", "", "*"}, always, make_qc, NULL},
    {{"sex", "", "WGS SWGS WES PANEL"}, always, make_sex, NULL},
    {{"depth", "", "WGS SWGS"}, always, make_depth, NULL},
    {{"coverage", "pairs bed", "WGS WES PANEL"}, has_targets, make_coverage, NULL},
    {{"junctions", "pairs", "RNASEQ RNA_LOWINPUT"}, always, make_junctions, NULL},
    {{"snps", "pairs sites", "WGS SWGS WES PANEL RNASEQ RNA_LOWINPUT"},
     has_sites,
     make_snps,
     NULL},
    {{"hotspots", "pairs sites", "WGS WES PANEL"}, has_hotspots, make_hotspots, NULL},
    {{"msi", "fasta sites", "WGS WES PANEL"}, has_markers, make_msi, NULL},
    {{"fragment_lengths", "", "WGS SWGS WES PANEL"}, is_cell_free, NULL, make_lengths},
    {{"fragment_bins", "", "WGS SWGS"}, is_cell_free, NULL, make_bins},
    {{"end_motifs", "", "WGS SWGS WES PANEL"}, is_cell_free, NULL, make_motifs},
    {{"tss", "genes", "WGS SWGS"}, has_genes, NULL, make_tss},
    {{"wps", "bed", "WGS SWGS"}, has_windows, NULL, make_wps},
};
enum { MAKERS = sizeof makers / sizeof *makers };

const cxs_meter_row *cxs_meter_row_at(size_t at)
{
    return at < MAKERS ? &makers[at].row : NULL;
}

/* Is the word in the list of words? */
static bool has_word(const char *list, const char *word)
{
    const size_t length = strlen(word);

    if (strcmp(list, "*") == 0)
        return true;
    for (const char *at = list; length > 0 && (at = strstr(at, word)) != NULL; at++)
        if ((at == list || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
            return true;
    return false;
}

void cxs_meters_free(cxs_meter **meters, size_t count)
{
    for (size_t i = 0; meters != NULL && i < count; i++)
        if (meters[i] != NULL)
            meters[i]->free(meters[i]);
    cxs_free(meters);
}

cxs_rc cxs_meters_for(cxs_ctx *ctx, const char *assay, const char *library,
                      const cxs_meter_settings *settings, cxs_meter ***meters,
                      size_t *count)
{
    cxs_rc rc = CXS_OK;
    cxs_meter **made = NULL;
    cxs_fragment_meter *member[MAKERS] = {NULL};
    size_t n = 0, members = 0;

    *meters = NULL;
    *count = 0;
    CXS_NEW(made, MAKERS + 1);
    if (strcmp(assay, "BAM") != 0 && strcmp(assay, "CRAM") != 0)
        CXS_TRY(cxs_fail(ctx, CXS_EARG, "assay %s has no alignments", assay));
    for (size_t i = 0; i < MAKERS; i++) {
        const maker *m = &makers[i];

        if (!has_word(m->row.libraries, library) || !m->can(settings))
            continue;
        if (m->make != NULL) {
            CXS_TRY(m->make(ctx, settings, library, &made[n]));
            n++;
        } else {
            CXS_TRY(m->make_fragment(ctx, settings, &member[members]));
            members++;
        }
    }
    if (members > 0) {
        const size_t given = members;

        members = 0; /* the group owns them, also when it fails */
        CXS_TRY(cxs_meter_fragment_group(ctx, settings->blacklist, settings->reference,
                                         member, given, &made[n]));
        n++;
    }
    *meters = made;
    *count = n;
    made = NULL;

done:
    for (size_t i = 0; i < members; i++) /* not yet the group's */
        member[i]->free(member[i]);
    cxs_meters_free(made, n);
    return rc;
}
