/*
 * study_assays.c -- sequencing files of a study: what is to be read, and with what
 *
 * Everything that a fault can be found in without opening a large file is looked at
 * here: hours of reading come after.  Rows are taken in the order of sample, assay,
 * file and column, so that neither the order of the sheet nor that of the work shows.
 */
#include "ingest/study_assays.h"

#include "base/out.h"
#include "base/table.h"
#include "store/study_measures.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- paths of the study ----------------------------------------------------------- */

static cxs_rc plan_path(cxs_ctx *ctx, const cxs_plan *plan, const char *key, char **out)
{
    const char *name = cxs_plan_text(plan, "sequencing", key);

    if (name == NULL)
        return CXS_OK;
    if ((*out = cxs_plan_file(ctx, plan, name)) == NULL)
        return CXS_ENOMEM;
    if (access(*out, R_OK) != 0)
        return cxs_fail(ctx, CXS_ENOINPUT, "%s:%zu: %s: %s: %s", plan->path,
                        cxs_plan_line(plan, "sequencing", key), key, *out,
                        strerror(errno));
    return CXS_OK;
}

/* A reference table, NULL when this folder of tables lacks it. */
static cxs_rc table_path(cxs_ctx *ctx, const char *refdata, const char *name,
                         char **out)
{
    char *path = cxs_path_join(ctx, refdata, name);

    if (path == NULL)
        return CXS_ENOMEM;
    if (access(path, R_OK) != 0) {
        cxs_free(path);
        path = NULL;
    }
    *out = path;
    return CXS_OK;
}

static cxs_rc read_plan(cxs_ctx *ctx, const cxs_draft *draft, cxs_sequencing *s)
{
    const cxs_plan *plan = draft->plan;
    const char *stranded = cxs_plan_text(plan, "sequencing", "stranded");
    const double depth = cxs_plan_number(plan, "sequencing", "depth_bin");
    const double fragment = cxs_plan_number(plan, "sequencing", "fragment_bin");
    cxs_rc rc = CXS_OK;

    s->stranded = stranded != NULL ? stranded[0] - '0' : -1;
    s->depth_bin = isnan(depth) ? 0 : (int64_t)depth;
    s->fragment_bin = isnan(fragment) ? 0 : (int64_t)fragment;
    CXS_TRY(plan_path(ctx, plan, "reference", &s->reference));
    CXS_TRY(plan_path(ctx, plan, "annotation", &s->annotation));
    CXS_TRY(plan_path(ctx, plan, "snps", &s->snps));
    CXS_TRY(plan_path(ctx, plan, "blacklist", &s->blacklist));
    CXS_TRY(plan_path(ctx, plan, "classes", &s->classes));
    CXS_TRY(plan_path(ctx, plan, "windows", &s->windows));
    CXS_TRY(table_path(ctx, draft->refdata, "/genes.tsv", &s->genes));
    CXS_TRY(table_path(ctx, draft->refdata, "/hotspots.tsv", &s->hotspots));
    CXS_TRY(table_path(ctx, draft->refdata, "/msi_markers.tsv", &s->markers));
done:
    return rc;
}

/* ---- rows ------------------------------------------------------------------------- */

static const char *or_empty(const char *text)
{
    return text != NULL ? text : "";
}

static int in_order(const void *x, const void *y)
{
    const cxs_assay *a = x, *b = y;
    int order = strcmp(a->sample, b->sample);

    if (order == 0)
        order = strcmp(a->assay, b->assay);
    if (order == 0)
        order = strcmp(a->file, b->file);
    return order != 0 ? order : strcmp(or_empty(a->column), or_empty(b->column));
}

static const char *cell(const cxs_sheet *sheet, const char *column, size_t row)
{
    return cxs_column_value(cxs_sheet_find(sheet, column), row);
}

/* Consensus reads: the row's word, else that of the study for all of its files. */
static bool says_umi(const cxs_draft *draft, size_t r)
{
    const double own =
        cxs_column_number(cxs_sheet_find(draft->sheet[CXS_SHEET_ASSAYS], "UMI"), r);

    return isnan(own) ? cxs_plan_flag(draft->plan, "sequencing", "umi") : own != 0.0;
}

/* What a row must say before anything is opened. */
static void check_row(cxs_ctx *ctx, const cxs_sheet *sheet, const cxs_assay *a,
                      cxs_faults *faults)
{
    const char *path = sheet->table->path;
    const struct {
        const char *name, *value;
        bool needed;
    } cells[] = {{"FILE", a->file, true},
                 {"BUILD", a->build, cxs_assay_has_places(a->assay)},
                 {"LIBRARY", a->library, cxs_assay_has_library(a->assay)}};
    const bool targeted = a->library != NULL && (strcmp(a->library, "WES") == 0 ||
                                                 strcmp(a->library, "PANEL") == 0);

    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        if (cells[i].needed && cells[i].value == NULL)
            cxs_fault_add(ctx, faults, "%s:%zu:%s: needed for %s", path, a->line,
                          cells[i].name, a->assay);
    if (a->file != NULL && cxs_hts_is_url(a->file))
        cxs_fault_add(ctx, faults, "%s:%zu:FILE: %s: only local files are read", path,
                      a->line, a->file);
    if (targeted && a->targets == NULL && cxs_assay_has_library(a->assay))
        cxs_fault_add(ctx, faults, "%s:%zu:TARGET_BED: needed for %s", path, a->line,
                      a->library);
    if (a->targets != NULL && access(a->targets, R_OK) != 0)
        cxs_fault_add(ctx, faults, "%s:%zu:TARGET_BED: %s: %s", path, a->line,
                      a->targets, strerror(errno));
}

static cxs_rc fill_row(cxs_ctx *ctx, const cxs_draft *draft, const cxs_index *samples,
                       size_t r, cxs_assay *a)
{
    const cxs_sheet *sheet = draft->sheet[CXS_SHEET_ASSAYS];
    const cxs_sheet *owners = draft->sheet[CXS_SHEET_SAMPLES];
    const char *targets = cell(sheet, "TARGET_BED", r);
    size_t owner;

    a->sample = cell(sheet, "SAMPLE_ID", r);
    a->assay = cell(sheet, "ASSAY", r);
    a->file = cell(sheet, "FILE", r);
    a->column = cell(sheet, "COLUMN", r);
    a->build = cell(sheet, "BUILD", r);
    a->library = cell(sheet, "LIBRARY", r);
    a->md5 = cell(sheet, "MD5", r);
    a->callable_mb = cell(sheet, "CALLABLE_MB", r);
    a->umi = says_umi(draft, r);
    a->line = cxs_sheet_line(sheet, r);
    owner = cxs_index_find(samples, a->sample);
    if (owner != SIZE_MAX) {
        a->source = cell(owners, "SOURCE", owner);
        a->normal = cell(owners, "NORMAL_SAMPLE_ID", owner);
    }
    if (a->file != NULL && (a->path = cxs_plan_file(ctx, draft->plan, a->file)) == NULL)
        return CXS_ENOMEM;
    if (targets != NULL &&
        (a->targets = cxs_plan_file(ctx, draft->plan, targets)) == NULL)
        return CXS_ENOMEM;
    return CXS_OK;
}

/* Sorted rows: the same row twice, and files of one sample on two genomes. */
static cxs_rc check_pairs(cxs_ctx *ctx, const cxs_sheet *sheet, const cxs_assays *all)
{
    cxs_faults repeats = {.code = "CX001"}, builds = {.code = "CX034"};
    const cxs_assay *placed = NULL; /* the last row on a genome */
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < all->count; i++) {
        const cxs_assay *a = i > 0 ? &all->at[i - 1] : NULL, *b = &all->at[i];
        if (a != NULL && in_order(a, b) == 0)
            cxs_fault_add(ctx, &repeats,
                          "%s:%zu: this file was already given at line %zu",
                          sheet->table->path, b->line, a->line);
        if (b->build == NULL || !cxs_assay_has_places(b->assay))
            continue;
        if (placed != NULL && strcmp(placed->sample, b->sample) == 0 &&
            strcmp(placed->build, b->build) != 0)
            cxs_fault_add(ctx, &builds,
                          "%s: sheet says %s, but %s of the same sample is on %s",
                          b->path, b->build, placed->file, placed->build);
        placed = b;
    }
    CXS_TRY(cxs_faults_end(ctx, &repeats));
    CXS_TRY(cxs_faults_end(ctx, &builds));
done:
    cxs_free(repeats.text.text);
    cxs_free(builds.text.text);
    return rc;
}

/* A panel is of the study, not of a row: a column of that name would do nothing. */
static cxs_rc warn_panel(cxs_ctx *ctx, const cxs_sheet *sheet)
{
    return cxs_table_find(sheet->table, "PANEL_OF_NORMALS") == SIZE_MAX
               ? CXS_OK
               : cxs_warn(ctx, "",
                          "%s: the column PANEL_OF_NORMALS is not read; give the panel "
                          "in study.yaml (sequencing: panel_of_normals)",
                          sheet->table->path);
}

static cxs_rc list_rows(cxs_ctx *ctx, const cxs_draft *draft, cxs_assays *all)
{
    const cxs_sheet *sheet = draft->sheet[CXS_SHEET_ASSAYS];
    const cxs_sheet *owners = draft->sheet[CXS_SHEET_SAMPLES];
    const cxs_column *assay = cxs_sheet_find(sheet, "ASSAY");
    cxs_faults faults = {.code = ""};
    cxs_index samples = {0};
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_index_make(ctx, cxs_sheet_find(owners, "SAMPLE_ID")->text, owners->rows,
                           &samples));
    CXS_TRY(warn_panel(ctx, sheet));
    CXS_NEW(all->at, sheet->rows);
    for (size_t r = 0; r < sheet->rows; r++) {
        cxs_assay *a;
        if (!cxs_assay_is_read(cxs_column_value(assay, r)))
            continue;
        a = &all->at[all->count++];
        a->study = &all->study;
        CXS_TRY(fill_row(ctx, draft, &samples, r, a));
        check_row(ctx, sheet, a, &faults);
    }
    CXS_TRY(cxs_faults_end(ctx, &faults));
    qsort(all->at, all->count, sizeof *all->at, in_order);
    rc = check_pairs(ctx, sheet, all);
done:
    cxs_free(faults.text.text);
    cxs_index_clear(&samples);
    return rc;
}

/* ---- digests ---------------------------------------------------------------------- */

/* "key hex-or-nothing": the content of a file that the measures depend on. */
static cxs_rc add_file(cxs_ctx *ctx, cxs_buf *text, const char *key, const char *path)
{
    char hex[CXS_SHA256_HEX] = "";
    const cxs_rc rc = path != NULL ? cxs_file_mark(ctx, path, hex) : CXS_OK;

    return rc == CXS_OK ? cxs_buf_addf(ctx, text, "%s %s\n", key, hex) : rc;
}

/* What all files of the study share. */
static cxs_rc shared_text(cxs_ctx *ctx, const cxs_draft *draft, const cxs_sequencing *s,
                          cxs_buf *text)
{
    char *manifest = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_buf_addf(ctx, text, "coxswain %s\n", cxs_version()));
    CXS_TRY(table_path(ctx, draft->refdata, "/MANIFEST", &manifest));
    CXS_TRY(add_file(ctx, text, "tables", manifest));
    CXS_TRY(add_file(ctx, text, "reference", s->reference));
    CXS_TRY(add_file(ctx, text, "annotation", s->annotation));
    CXS_TRY(add_file(ctx, text, "snps", s->snps));
    CXS_TRY(add_file(ctx, text, "blacklist", s->blacklist));
    CXS_TRY(add_file(ctx, text, "classes", s->classes));
    CXS_TRY(add_file(ctx, text, "windows", s->windows));
    CXS_TRY(cxs_buf_addf(ctx, text, "stranded %d\ndepth_bin %lld\n", s->stranded,
                         (long long)s->depth_bin));
    CXS_TRY(cxs_buf_addf(ctx, text, "fragment_bin %lld\n", (long long)s->fragment_bin));
done:
    cxs_free(manifest);
    return rc;
}

static cxs_rc settings_digest(cxs_ctx *ctx, const cxs_buf *shared, cxs_assay *a)
{
    cxs_buf text = {0};
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_buf_add(ctx, &text, shared->text, shared->length));
    CXS_TRY(cxs_buf_addf(ctx, &text, "assay %s\nsample %s\ncolumn %s\nbuild %s\n",
                         a->assay, a->sample, or_empty(a->column), or_empty(a->build)));
    CXS_TRY(cxs_buf_addf(ctx, &text, "library %s\nsource %s\nnormal %s\numi %d\n",
                         or_empty(a->library), or_empty(a->source), or_empty(a->normal),
                         a->umi));
    CXS_TRY(add_file(ctx, &text, "targets", a->targets));
    rc = cxs_sha256_bytes(ctx, text.text, text.length, a->settings);
done:
    cxs_free(text.text);
    return rc;
}

static cxs_rc make_digests(cxs_ctx *ctx, const cxs_draft *draft, cxs_assays *all)
{
    cxs_buf shared = {0}, plan = {0};
    cxs_rc rc = CXS_OK;

    CXS_TRY(shared_text(ctx, draft, &all->study, &shared));
    CXS_TRY(cxs_buf_addf(ctx, &plan, "%zu\n", all->count));
    for (size_t i = 0; i < all->count; i++) {
        cxs_assay *a = &all->at[i];
        CXS_TRY(settings_digest(ctx, &shared, a));
        CXS_TRY(cxs_buf_addf(ctx, &plan, "%s\t%s\t%s\t%s\t%s\n", a->sample, a->assay,
                             a->file, or_empty(a->column), a->settings));
    }
    rc = cxs_sha256_bytes(ctx, plan.text, plan.length, all->plan);
done:
    cxs_free(shared.text);
    cxs_free(plan.text);
    return rc;
}

/* ---- life ------------------------------------------------------------------------- */

void cxs_assays_free(cxs_assays *all)
{
    cxs_sequencing *s;

    if (all == NULL)
        return;
    s = &all->study;
    for (size_t i = 0; i < all->count; i++) {
        cxs_free(all->at[i].path);
        cxs_free(all->at[i].targets);
    }
    cxs_free(all->at);
    cxs_free(s->reference);
    cxs_free(s->annotation);
    cxs_free(s->snps);
    cxs_free(s->blacklist);
    cxs_free(s->classes);
    cxs_free(s->windows);
    cxs_free(s->genes);
    cxs_free(s->hotspots);
    cxs_free(s->markers);
    cxs_annotation_free(s->gtf);
    cxs_segments_free(s->segments);
    cxs_variant_refs_free(s->refs);
    cxs_free(all);
}

cxs_rc cxs_assays_make(cxs_ctx *ctx, const cxs_draft *draft, cxs_assays **out)
{
    cxs_assays *all = NULL;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_NEW(all, 1);
    if (draft->sheet[CXS_SHEET_ASSAYS] != NULL) {
        CXS_TRY(list_rows(ctx, draft, all));
        if (all->count > 0) {
            CXS_TRY(read_plan(ctx, draft, &all->study));
            CXS_TRY(make_digests(ctx, draft, all));
        }
    }
    *out = all;
    all = NULL;
done:
    cxs_assays_free(all);
    return rc;
}

/* What the children share: read once, by the process that forks them. */
cxs_rc cxs_assays_load(cxs_ctx *ctx, const cxs_draft *draft, cxs_assays *all)
{
    cxs_sequencing *s = &all->study;
    bool genes = false, variants = false;
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < all->count; i++) {
        genes = genes || cxs_assay_counts_genes(&all->at[i]);
        variants = variants || cxs_assay_is_variants(all->at[i].assay) ||
                   strcmp(all->at[i].assay, "CNA") == 0;
    }
    if (genes && s->gtf == NULL) {
        CXS_TRY(cxs_annotation_read(ctx, s->annotation, "exon", "gene_id", &s->gtf));
        CXS_TRY(cxs_segments_new(ctx, s->gtf, false, &s->segments));
    }
    if (variants && s->refs == NULL)
        CXS_TRY(cxs_variant_refs_read(ctx, draft->refdata, &s->refs));
done:
    return rc;
}

/* ---- cells that features need ------------------------------------------------------- */

cxs_rc cxs_assays_keep_values(cxs_ctx *ctx, const cxs_assays *all, cxs_db *db)
{
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < all->count; i++) {
        const cxs_assay *a = &all->at[i];
        const int64_t at = (int64_t)i;
        CXS_TRY(cxs_measure_value_store(ctx, db, at, "BUILD", a->build));
        CXS_TRY(cxs_measure_value_store(ctx, db, at, "CALLABLE_MB", a->callable_mb));
        CXS_TRY(cxs_measure_value_store(ctx, db, at, "LIBRARY", a->library));
    }
done:
    return rc;
}

/* ---- parts ------------------------------------------------------------------------ */

cxs_rc cxs_assays_choose(cxs_ctx *ctx, const cxs_assays *all,
                         const cxs_assay_choice *choice, bool *wanted)
{
    size_t number = 0; /* of the sample */

    for (size_t i = 0; i < all->count; i++) {
        if (i > 0 && strcmp(all->at[i].sample, all->at[i - 1].sample) != 0)
            number++;
        wanted[i] =
            choice->samples == 0 &&
            (choice->shards == 0 || number % choice->shards + 1 == choice->shard);
    }
    for (size_t s = 0; s < choice->samples; s++) {
        bool found = false;
        for (size_t i = 0; i < all->count; i++)
            if (strcmp(all->at[i].sample, choice->sample[s]) == 0)
                found = wanted[i] = true;
        if (!found)
            return cxs_fail(ctx, CXS_EARG, "sample \"%s\" has no sequencing file",
                            cxs_ctx_id(ctx, choice->sample[s]));
    }
    return CXS_OK;
}
