/*
 * meters.c -- one pass over an alignment file with the meters of a library
 *
 *   bench_meters FILE KEY=VALUE ..
 *
 * count=FILE counts the fragments of the genes of that annotation in the same pass; with
 * alone=1 nothing else.
 *
 * KEY is a setting of the meters (library build source reference targets genes
 * blacklist sites hotspots classes windows depth_bin fragment_bin min_depth min_mapq
 * min_baseq mates_once all_junctions), or threads, table (print this one as TSV), only
 * (names of meters, joined by commas).  Without table: time of the pass and of the
 * processor, in seconds.
 */
#include "ingest/hts_meter_genes.h"
#include "ingest/hts_meters.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

typedef struct wanted {
    const char *library, *table, *only, *count;
    size_t threads;
    int64_t alone;
    cxs_meter_settings meters;
} wanted;

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double processor(void)
{
    struct rusage u;

    getrusage(RUSAGE_SELF, &u);
    return (double)u.ru_utime.tv_sec + 1e-6 * (double)u.ru_utime.tv_usec +
           (double)u.ru_stime.tv_sec + 1e-6 * (double)u.ru_stime.tv_usec;
}

static int set(wanted *w, const char *word)
{
    cxs_meter_settings *s = &w->meters;
    const char *value = strchr(word, '=');
    const size_t length = value != NULL ? (size_t)(value - word) : 0;
    const struct {
        const char *key;
        const char **text;
    } texts[] = {{"library", &w->library},     {"table", &w->table},
                 {"count", &w->count},         {"only", &w->only},
                 {"build", &s->build},         {"source", &s->source},
                 {"reference", &s->reference}, {"targets", &s->targets},
                 {"genes", &s->genes},         {"blacklist", &s->blacklist},
                 {"sites", &s->sites},         {"hotspots", &s->hotspots},
                 {"classes", &s->classes},     {"windows", &s->windows}};
    int64_t threads = 2, mapq = s->min_mapq, baseq = s->min_baseq;
    int64_t once = s->mates_once, all = s->all_junctions;
    const struct {
        const char *key;
        int64_t *number;
    } numbers[] = {{"threads", &threads},        {"alone", &w->alone},
                   {"depth_bin", &s->depth_bin}, {"fragment_bin", &s->fragment_bin},
                   {"min_depth", &s->min_depth}, {"min_mapq", &mapq},
                   {"min_baseq", &baseq},        {"mates_once", &once},
                   {"all_junctions", &all}};
    int found = 0;

    threads = (int64_t)w->threads;
    for (size_t i = 0; length > 0 && i < sizeof texts / sizeof *texts; i++)
        if (strlen(texts[i].key) == length &&
            strncmp(word, texts[i].key, length) == 0) {
            *texts[i].text = value + 1;
            found = 1;
        }
    for (size_t i = 0; length > 0 && i < sizeof numbers / sizeof *numbers; i++)
        if (strlen(numbers[i].key) == length &&
            strncmp(word, numbers[i].key, length) == 0) {
            *numbers[i].number = strtoll(value + 1, NULL, 10);
            found = 1;
        }
    w->threads = (size_t)threads;
    s->min_mapq = (int)mapq;
    s->min_baseq = (int)baseq;
    s->mates_once = once != 0;
    s->all_junctions = all != 0;
    return found;
}

static void print_table(const cxs_measure *t)
{
    const size_t columns = cxs_measure_columns(t);

    for (size_t c = 0; c < columns; c++)
        printf("%s%c", cxs_measure_column_name(t, c), c + 1 < columns ? '\t' : '\n');
    for (size_t row = 0; row < cxs_measure_rows(t); row++)
        for (size_t c = 0; c < columns; c++) {
            const char *name = cxs_measure_column_name(t, c);
            const int64_t *whole = cxs_measure_get_int(t, name);
            const char *const *text = cxs_measure_get_text(t, name);

            if (whole != NULL && whole[row] != CXS_MEASURE_MISSING)
                printf("%lld", (long long)whole[row]);
            else
                printf("%s", text != NULL && text[row] != NULL ? text[row] : "NA");
            putchar(c + 1 < columns ? '\t' : '\n');
        }
}

/* Is the meter among those asked for? */
static int is_asked(const wanted *w, const char *name)
{
    const char *at = w->only;
    const size_t length = strlen(name);

    if (at == NULL)
        return 1;
    for (; (at = strstr(at, name)) != NULL; at++)
        if ((at == w->only || at[-1] == ',') && (at[length] == ',' || at[length] == 0))
            return 1;
    return 0;
}

/* Fragments of genes by the defaults, pairs counted once. */
static cxs_rc plan_count(cxs_ctx *ctx, const wanted *w, cxs_count_plan *plan,
                         cxs_meter **out)
{
    cxs_rc rc = CXS_OK;

    *out = NULL;
    if (w->count == NULL)
        return CXS_OK;
    plan->settings = cxs_count_defaults();
    plan->settings.annotation = w->count;
    plan->settings.paired = plan->settings.count_fragments = 1;
    CXS_TRY(cxs_annotation_read(ctx, w->count, "exon", "gene_id", &plan->annotation));
    CXS_TRY(cxs_segments_new(ctx, plan->annotation, false, &plan->segments));
    CXS_TRY(cxs_meter_genes_new(ctx, plan, out));

done:
    return rc;
}

static cxs_rc run(cxs_ctx *ctx, const char *file, const wanted *w)
{
    const cxs_reads_settings reads = {
        .path = file, .reference = w->meters.reference, .threads = w->threads};
    cxs_rc rc = CXS_OK;
    cxs_count_plan plan = {.annotation = NULL};
    cxs_meter **meters = NULL, *asked[32], *genes = NULL;
    double wall, cpu;
    cxs_measures *bag = NULL;
    size_t count = 0, n = 0;

    CXS_TRY(cxs_meters_for(ctx, "BAM", w->library, &w->meters, &meters, &count));
    for (size_t i = 0; i < count; i++)
        if (w->alone == 0 && is_asked(w, meters[i]->name))
            asked[n++] = meters[i];
    CXS_TRY(plan_count(ctx, w, &plan, &genes));
    if (genes != NULL)
        asked[n++] = genes;
    wall = now();
    cpu = processor();
    CXS_TRY(cxs_measures_new(ctx, &bag));
    CXS_TRY(cxs_reads_pass(ctx, &reads, asked, n, bag));
    if (w->table == NULL)
        printf("seconds\t%.3f\nprocessor\t%.3f\nmeters\t%zu\n", now() - wall,
               processor() - cpu, n);
    else if (cxs_measures_find(bag, w->table) == NULL)
        rc = cxs_fail(ctx, CXS_EARG, "%s: no table %s", file, w->table);
    else
        print_table(cxs_measures_find(bag, w->table));

done:
    cxs_measures_free(bag);
    cxs_meters_free(meters, count);
    if (genes != NULL)
        genes->free(genes);
    cxs_segments_free(plan.segments);
    cxs_annotation_free(plan.annotation);
    return rc;
}

int main(int argc, char **argv)
{
    wanted w = {.library = "SWGS", .threads = 2, .meters = cxs_meter_defaults()};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_rc rc = CXS_EARG;
    int i = 2;

    while (i < argc && set(&w, argv[i]))
        i++;
    if (ctx != NULL && argc >= 2 && i == argc) {
        rc = run(ctx, argv[1], &w);
        if (rc != CXS_OK)
            fprintf(stderr, "bench_meters: %s\n", cxs_ctx_message(ctx));
    } else {
        fprintf(stderr, "usage: bench_meters FILE KEY=VALUE ..\n");
    }
    cxs_ctx_free(ctx);
    return cxs_rc_exit_status(rc);
}
