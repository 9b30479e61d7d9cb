/*
 * count.c -- counts of several alignment files, and their tables
 *
 * One file at a time uses all threads; with several files each thread has its own, which
 * wastes less, since a file is read in one stream.
 */
#include "ingest/count_private.h"

#include "base/pool.h"

#include <string.h>

struct cxs_counts {
    cxs_count_plan plan;
    size_t files, genes; /* rows: genes or features */
    char **name;         /* [files] column names */
    double **count;      /* [files][genes] */
    int64_t *outcome;    /* [files x CXS_OUTCOMES] */
};

typedef struct job {
    cxs_counts *counts;
    const char *const *path;
    size_t threads; /* for each file */
} job;

cxs_count_settings cxs_count_defaults(void)
{
    return (cxs_count_settings){
        .feature_type = "exon", .group_by = "gene_id", .chimeric = 1, .min_overlap = 1};
}

static const char *const outcomes[CXS_OUTCOMES] = {
    "Assigned",
    "Unassigned_Unmapped",
    "Unassigned_Read_Type",
    "Unassigned_Singleton",
    "Unassigned_MappingQuality",
    "Unassigned_Chimera",
    "Unassigned_FragmentLength",
    "Unassigned_Duplicate",
    "Unassigned_MultiMapping",
    "Unassigned_Secondary",
    "Unassigned_NonSplit",
    "Unassigned_NoFeatures",
    "Unassigned_Overlapping_Length",
    "Unassigned_Ambiguity",
};

size_t cxs_counts_outcomes(void)
{
    return CXS_OUTCOMES;
}

const char *cxs_counts_outcome(size_t outcome)
{
    return outcomes[outcome];
}

/* ---- counting ----------------------------------------------------------------------- */

static cxs_rc check_settings(cxs_ctx *ctx, const cxs_count_settings *s)
{
    if (s->annotation == NULL)
        return cxs_fail(ctx, CXS_EARG, "counting needs --annotation");
    if (s->stranded < 0 || s->stranded > 2)
        return cxs_fail(ctx, CXS_EARG, "--stranded is 0, 1 or 2");
    if (s->count_fragments && !s->paired)
        return cxs_fail(ctx, CXS_EARG, "--count-fragments needs --paired");
    if ((s->both_ends || !s->chimeric) && !s->count_fragments)
        return cxs_fail(ctx, CXS_EARG, "%s needs --count-fragments",
                        s->both_ends ? "--both-ends" : "--chimeric no");
    if (s->fraction && !s->multi && !s->overlap)
        return cxs_fail(ctx, CXS_EARG, "--fraction needs --multi or --overlap");
    if (s->min_overlap < 1)
        return cxs_fail(ctx, CXS_EARG, "--min-overlap is at least 1");
    return CXS_OK;
}

/* File name without folder and ending. */
static char *column_name(cxs_ctx *ctx, const char *path)
{
    static const char *const endings[] = {".gz", ".bam", ".cram", ".sam"};
    const char *name = strrchr(path, '/') != NULL ? strrchr(path, '/') + 1 : path;
    size_t n = strlen(name);

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        const size_t cut = strlen(endings[i]);
        if (n > cut && strncmp(name + n - cut, endings[i], cut) == 0)
            n -= cut;
    }
    return cxs_strndup(ctx, name, n);
}

static cxs_rc name_columns(cxs_ctx *ctx, cxs_counts *c, const char *const *paths)
{
    for (size_t i = 0; i < c->files; i++) {
        if ((c->name[i] = column_name(ctx, paths[i])) == NULL)
            return CXS_ENOMEM;
        for (size_t j = 0; j < i; j++)
            if (strcmp(c->name[i], c->name[j]) == 0)
                return cxs_fail(ctx, CXS_EARG,
                                "%s and %s would have the same column name, %s",
                                paths[j], paths[i], c->name[i]);
    }
    return CXS_OK;
}

static cxs_rc warn_strands(cxs_ctx *ctx, const cxs_count_plan *p)
{
    const cxs_annotation *a = p->annotation;
    size_t without = 0;

    for (size_t i = 0; i < a->exon_count; i++)
        without += a->exon[i].strand == CXS_STRAND_NONE;
    if (without == 0 || p->settings.stranded == 0)
        return CXS_OK;
    return cxs_warn(ctx, "", "%s: %zu features have no strand: with --stranded %d %s",
                    p->settings.annotation, without, p->settings.stranded,
                    p->settings.stranded == 1 ? "no read counts for them"
                                              : "reads of both strands count for them");
}

static cxs_rc count_one(cxs_ctx *ctx, size_t i, size_t worker, void *arg)
{
    job *j = arg;
    cxs_counts *c = j->counts;

    (void)worker;
    return cxs_count_file(ctx, &c->plan, j->path[i], j->threads, c->count[i],
                          c->outcome + i * CXS_OUTCOMES);
}

static cxs_rc count_all(cxs_ctx *ctx, cxs_counts *c, const char *const *paths)
{
    const size_t threads = (size_t)cxs_ctx_threads(ctx);
    job j = {c, paths, threads};

    if (c->files == 1)
        return count_one(ctx, 0, 0, &j); /* with its own progress */
    j.threads = c->files < threads ? threads / c->files : 1;
    return cxs_pool_run(ctx, "files", c->files, count_one, &j);
}

cxs_rc cxs_count_files(cxs_ctx *ctx, const cxs_count_settings *settings,
                       const char *const *paths, size_t n, cxs_counts **out)
{
    cxs_counts *c = NULL;
    cxs_count_plan *p;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_TRY(check_settings(ctx, settings));
    CXS_NEW(c, 1);
    p = &c->plan;
    p->settings = *settings;
    CXS_NEW(c->name, n);
    CXS_NEW(c->count, n);
    CXS_NEW(c->outcome, n * CXS_OUTCOMES);
    c->files = n;
    CXS_TRY(name_columns(ctx, c, paths));
    CXS_TRY(cxs_annotation_read(ctx, settings->annotation, settings->feature_type,
                                settings->group_by, &p->annotation));
    CXS_TRY(warn_strands(ctx, p));
    CXS_TRY(cxs_segments_new(ctx, p->annotation, settings->by_feature, &p->segments));
    c->genes =
        settings->by_feature ? p->annotation->exon_count : p->annotation->gene_count;
    for (size_t i = 0; i < n; i++)
        CXS_NEW(c->count[i], c->genes);
    CXS_TRY(count_all(ctx, c, paths));
    p->settings = (cxs_count_settings){.by_feature = settings->by_feature,
                                       .fraction = settings->fraction};
    *out = c;
    c = NULL;
done:
    cxs_counts_free(c);
    return rc;
}

void cxs_counts_free(cxs_counts *counts)
{
    if (counts == NULL)
        return;
    cxs_annotation_free(counts->plan.annotation);
    cxs_segments_free(counts->plan.segments);
    for (size_t i = 0; i < counts->files; i++)
        cxs_free(counts->count[i]);
    cxs_free(counts->count);
    cxs_free(counts->outcome);
    cxs_free_strings(counts->name, counts->files);
    cxs_free(counts);
}

size_t cxs_counts_genes(const cxs_counts *counts)
{
    return counts->genes;
}

const char *cxs_counts_gene(const cxs_counts *counts, size_t g)
{
    const cxs_annotation *a = counts->plan.annotation;

    return a->gene[counts->plan.settings.by_feature ? a->exon[g].gene : g];
}

const double *cxs_counts_of(const cxs_counts *counts, size_t i)
{
    return counts->count[i];
}

int64_t cxs_counts_outcome_of(const cxs_counts *counts, size_t i, size_t outcome)
{
    return counts->outcome[i * CXS_OUTCOMES + outcome];
}

size_t cxs_counts_files(const cxs_counts *counts)
{
    return counts->files;
}

const char *cxs_counts_name(const cxs_counts *counts, size_t i)
{
    return counts->name[i];
}

const cxs_count_plan *cxs_counts_plan(const cxs_counts *counts)
{
    return &counts->plan;
}
