/*
 * study_matrix.c -- the expression matrix of a study, its columns named by sample
 *
 * Either `expression:` names one file whose columns are sample or patient ids, or the
 * assays sheet names a file and a column for each sample (study_assays.c).  Ids are matched exactly: a
 * barcode that fits after cutting is reported (CX006), never cut in silence.  Several
 * files keep the features that all of them have.
 */
#include "ingest/study_draft.h"

#include "coxswain/ingest.h"
#include "ingest/genes.h"
#include "store/study_schema.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

enum { SHORTEST_CUT = 2, NAMED = 5 };

static const char *column_word(const cxs_draft *draft)
{
    return draft->sheet[CXS_SHEET_SAMPLES] != NULL ? "sample ids" : "patient ids";
}

/* CX006: do most columns match after a cut to one length? */
cxs_rc cxs_draft_check_cut(cxs_ctx *ctx, const cxs_draft *draft, const char *path,
                           const cxs_index *known, char *const *name, size_t n,
                           size_t matched)
{
    size_t longest = 0, best = 0, best_length = 0;
    char *cut = NULL;
    cxs_rc rc = CXS_OK;

    if (n == 0 || 2 * matched >= n)
        return CXS_OK;
    for (size_t i = 0; i < n; i++)
        longest = strlen(name[i]) > longest ? strlen(name[i]) : longest;
    CXS_NEW(cut, longest + 1);
    for (size_t k = SHORTEST_CUT; k < longest; k++) {
        size_t hits = 0;
        for (size_t i = 0; i < n; i++) {
            const size_t length = strlen(name[i]) < k ? strlen(name[i]) : k;
            memcpy(cut, name[i], length);
            cut[length] = '\0';
            hits += cxs_index_find(known, cut) != SIZE_MAX;
        }
        if (hits > best) {
            best = hits;
            best_length = k;
        }
    }
    if (10 * best >= 9 * n)
        rc = cxs_fail_code(
            ctx, CXS_EMISMATCH, "CX006",
            "%s: %zu of %zu columns are %s; %zu match after cutting to "
            "%zu characters: give the columns in an assays sheet (COLUMN)",
            path, matched, n, column_word(draft), best, best_length);
done:
    cxs_free(cut);
    return rc;
}

static cxs_rc warn_strangers(cxs_ctx *ctx, const cxs_draft *draft, const char *path,
                             const cxs_index *known, const cxs_matrix *m,
                             size_t matched)
{
    cxs_buf names = {0};
    size_t named = 0;
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < m->n && named < NAMED; i++)
        if (cxs_index_find(known, m->sample[i]) == SIZE_MAX)
            CXS_TRY(cxs_buf_addf(ctx, &names, "%s%s", named++ > 0 ? ", " : "",
                                 cxs_ctx_id(ctx, m->sample[i])));
    CXS_TRY(cxs_warn(ctx, "", "%s: %zu of %zu columns are not %s and are left out (%s)",
                     path, m->n - matched, m->n, column_word(draft), names.text));
done:
    cxs_free(names.text);
    return rc;
}

/* Index of a text among choices "a|b|c", `otherwise` when it is not given. */
static int choice(const cxs_draft *draft, const char *key, const char *const *names,
                  int otherwise)
{
    const char *text = cxs_plan_text(draft->plan, "expression", key);

    for (int i = 0; text != NULL && names[i] != NULL; i++)
        if (strcmp(names[i], text) == 0)
            return i;
    return otherwise;
}

/* Names of genes are mapped in layers of expression, where there are tables to do it. */
static int gene_map(cxs_ctx *ctx, const cxs_draft *draft, cxs_kind kind,
                    const char *layer)
{
    static const char *const names[] = {"keep", "map", NULL};
    const bool genes = kind <= CXS_KIND_Z && strcmp(layer, "rna") == 0;
    int map = choice(draft, "genes", names, -1);

    if (map >= 0)
        return map;
    if (genes && !cxs_genes_exist(draft->refdata))
        cxs_note(ctx, "%s: no genes.tsv and gene_alias.tsv: gene names are kept",
                 draft->refdata);
    return genes && cxs_genes_exist(draft->refdata) ? CXS_GENES_MAP : CXS_GENES_KEEP;
}

cxs_rc cxs_draft_matrix_settings(cxs_ctx *ctx, cxs_draft *draft, cxs_kind kind,
                                 int samples_in_rows, cxs_matrix_settings *s)
{
    static const char *const stranded[] = {"0", "1", "2", NULL};
    static const char *const transcripts[] = {"length-scaled", "sum", NULL};
    static const char *const scales[] = {"as-is", "log2p1", NULL};
    static const char *const repeats[] = {"stop", "sum", "max-mean", NULL};
    const cxs_plan *plan = draft->plan;
    const char *layer = cxs_plan_text(plan, "expression", "layer");
    const char *tx2gene = cxs_plan_text(plan, "expression", "tx2gene");

    *s = cxs_matrix_defaults();
    s->kind = kind;
    s->samples_in_rows = samples_in_rows;
    s->repair_gene_dates = cxs_plan_flag(plan, NULL, "repair_gene_dates");
    s->plausibility_stops = 1;
    s->refdata = draft->refdata;
    if (kind == CXS_KIND_BETA || kind == CXS_KIND_M)
        s->layer = "meth";
    if (layer != NULL)
        s->layer = layer;
    s->format = cxs_plan_text(plan, "expression", "format");
    s->stranded = choice(draft, "stranded", stranded, CXS_STRANDED_UNKNOWN);
    s->transcript_counts =
        choice(draft, "transcript_counts", transcripts, CXS_LENGTH_SCALED_TPM);
    s->scale = choice(draft, "scale", scales, CXS_SCALE_AS_IS);
    s->dup_genes = choice(draft, "dup_genes", repeats, CXS_DUP_STOP);
    s->genes = gene_map(ctx, draft, kind, s->layer);
    if (tx2gene != NULL && draft->tx2gene == NULL &&
        (draft->tx2gene = cxs_plan_file(ctx, plan, tx2gene)) == NULL)
        return CXS_ENOMEM;
    s->tx2gene = draft->tx2gene;
    return CXS_OK;
}

cxs_rc cxs_draft_read_file(cxs_ctx *ctx, cxs_draft *draft, const char *path,
                           cxs_kind kind, int samples_in_rows, cxs_matrix **out)
{
    cxs_matrix_settings settings;
    const char *const *source;
    size_t sources = 0;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_TRY(cxs_draft_matrix_settings(ctx, draft, kind, samples_in_rows, &settings));
    cxs_note(ctx, "reading %s", path);
    CXS_TRY(cxs_matrix_read(ctx, path, &settings, out));
    source = cxs_matrix_source(*out, &sources);
    for (size_t i = 0; i < sources; i++)
        CXS_TRY(cxs_draft_source(ctx, draft, source[i]));
    if (sources == 0)
        CXS_TRY(cxs_draft_source(ctx, draft, path));
done:
    if (rc != CXS_OK) {
        cxs_matrix_free(*out);
        *out = NULL;
    }
    return rc;
}

/* ---- expression: ----------------------------------------------------------------- */

/* Which ids do the columns hold?  Those of which more match. */
size_t cxs_draft_matches(const cxs_index *known, const cxs_matrix *m)
{
    size_t matched = 0;

    for (size_t i = 0; i < m->n; i++)
        matched += cxs_index_find(known, m->sample[i]) != SIZE_MAX;
    return matched;
}

/* Features whose names are ids: then the file lies on its side (CX033). */
static size_t matching_rows(const cxs_index *known, const cxs_matrix *m)
{
    size_t matched = 0;

    for (size_t j = 0; j < m->p; j++)
        matched += cxs_index_find(known, m->feature[j]) != SIZE_MAX;
    return matched;
}

static cxs_rc keep_known(cxs_ctx *ctx, const cxs_draft *draft, const char *path,
                         const cxs_index *known, cxs_matrix *m)
{
    const size_t matched = cxs_draft_matches(known, m);
    size_t *keep = NULL, kept = 0;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_draft_check_cut(ctx, draft, path, known, m->sample, m->n, matched));
    if (matched == 0 && 2 * matching_rows(known, m) >= m->p)
        CXS_TRY(cxs_fail_code(ctx, CXS_EFORMAT, "CX033",
                              "%s: samples are in rows; transpose the file", path));
    if (matched == 0)
        CXS_TRY(cxs_fail(ctx, CXS_EMISMATCH, "%s: none of the %zu columns are %s", path,
                         m->n, column_word(draft)));
    if (matched < m->n) {
        CXS_TRY(warn_strangers(ctx, draft, path, known, m, matched));
        CXS_NEW(keep, matched);
        for (size_t i = 0; i < m->n; i++)
            if (cxs_index_find(known, m->sample[i]) != SIZE_MAX)
                keep[kept++] = i;
        CXS_TRY(cxs_study_keep_samples(ctx, m, keep, kept));
    }
done:
    cxs_free(keep);
    return rc;
}

static cxs_rc read_expression(cxs_ctx *ctx, cxs_draft *draft)
{
    const cxs_plan *plan = draft->plan;
    const cxs_sheet *samples = draft->sheet[CXS_SHEET_SAMPLES];
    const cxs_column *sample_id = cxs_sheet_find(samples, "SAMPLE_ID");
    const char *kind = cxs_plan_text(plan, "expression", "kind");
    const char *rows = cxs_plan_text(plan, "expression", "rows");
    const cxs_index *known = &draft->patient;
    cxs_index sample = {0};
    char *path = NULL;
    cxs_rc rc = CXS_OK;

    path = cxs_plan_file(ctx, plan, cxs_plan_text(plan, "expression", "file"));
    if (path == NULL)
        CXS_TRY(CXS_ENOMEM);
    CXS_TRY(cxs_draft_read_file(
        ctx, draft, path, kind != NULL ? cxs_kind_named(kind) : CXS_KIND_OTHER,
        rows != NULL && strcmp(rows, "samples") == 0, &draft->matrix));
    if (sample_id != NULL) {
        CXS_TRY(cxs_index_make(ctx, sample_id->text, samples->rows, &sample));
        if (cxs_draft_matches(&sample, draft->matrix) >=
            cxs_draft_matches(&draft->patient, draft->matrix))
            known = &sample;
    }
    CXS_TRY(keep_known(ctx, draft, path, known, draft->matrix));
done:
    cxs_index_clear(&sample);
    cxs_free(path);
    return rc;
}

/* ---- both ---------------------------------------------------------------------- */

/* Does the sheet name a matrix of what `expression:` holds?  Files of DNA, and
 * methylation beside expression, have no part in it. */
static bool sheet_has_matrix(const cxs_draft *draft)
{
    const char *text = cxs_plan_text(draft->plan, "expression", "kind");
    const cxs_kind wanted = text != NULL ? cxs_kind_named(text) : CXS_KIND_OTHER;
    const bool methylation = wanted == CXS_KIND_BETA || wanted == CXS_KIND_M;
    const cxs_sheet *assays = draft->sheet[CXS_SHEET_ASSAYS];
    const cxs_column *assay = cxs_sheet_find(assays, "ASSAY");

    for (size_t r = 0; r < assays->rows; r++) {
        const cxs_kind k = cxs_draft_assay_kind(assay->text[r]);
        if (k <= CXS_KIND_LOG || (methylation && k != CXS_KIND_OTHER))
            return true;
    }
    return false;
}

/* `expression:` beside a sheet with a matrix must name what the sheet names. */
static cxs_rc check_both(cxs_ctx *ctx, const cxs_draft *draft)
{
    const char *file = cxs_plan_text(draft->plan, "expression", "file");
    const char *kind = cxs_plan_text(draft->plan, "expression", "kind");
    const cxs_sheet *assays = draft->sheet[CXS_SHEET_ASSAYS];
    const cxs_column *files = cxs_sheet_find(assays, "FILE");
    const cxs_column *assay = cxs_sheet_find(assays, "ASSAY");

    for (size_t r = 0; r < assays->rows; r++) {
        const cxs_kind k = cxs_draft_assay_kind(assay->text[r]);
        if (k != CXS_KIND_OTHER && files->text[r] != NULL &&
            strcmp(files->text[r], file) == 0 &&
            (kind == NULL || cxs_kind_named(kind) == k))
            return CXS_OK;
    }
    return cxs_fail(ctx, CXS_EARG,
                    "%s:%zu: expression: %s of this kind is not in the assays sheet; "
                    "leave one of the two out",
                    draft->plan->path, cxs_plan_line(draft->plan, "expression", "file"),
                    file);
}

cxs_rc cxs_draft_matrix(cxs_ctx *ctx, cxs_draft *draft)
{
    const bool expression = cxs_plan_text(draft->plan, "expression", "file") != NULL;
    const bool assays = draft->sheet[CXS_SHEET_ASSAYS] != NULL &&
                        (!expression || sheet_has_matrix(draft));
    cxs_rc rc = CXS_OK;

    if (expression && assays)
        CXS_TRY(check_both(ctx, draft));
    if (assays)
        CXS_TRY(cxs_draft_assays(ctx, draft));
    else if (expression)
        CXS_TRY(read_expression(ctx, draft));
    if (draft->matrix != NULL)
        CXS_TRY(cxs_matrix_sort(ctx, draft->matrix));
done:
    return rc;
}
