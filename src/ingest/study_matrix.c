/*
 * study_matrix.c -- the expression matrix of a study, its columns named by sample
 *
 * Either `expression:` names one file whose columns are sample or patient ids, or the
 * assays sheet names a file and a column for each sample.  Ids are matched exactly: a
 * barcode that fits after cutting is reported (CX006), never cut in silence.  Several
 * files keep the features that all of them have.
 */
#include "ingest/assay.h"
#include "ingest/study_draft.h"

#include "coxswain/ingest.h"
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
static cxs_rc check_cut(cxs_ctx *ctx, const cxs_draft *draft, const char *path,
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

static cxs_rc read_file(cxs_ctx *ctx, cxs_draft *draft, const char *path, cxs_kind kind,
                        int samples_in_rows, cxs_matrix **out)
{
    cxs_matrix_settings settings = cxs_matrix_defaults();
    const char *layer = cxs_plan_text(draft->plan, "expression", "layer");
    cxs_rc rc;

    settings.kind = kind;
    settings.samples_in_rows = samples_in_rows;
    settings.repair_gene_dates = cxs_plan_flag(draft->plan, NULL, "repair_gene_dates");
    settings.plausibility_stops = 1;
    settings.refdata = draft->refdata;
    if (layer != NULL)
        settings.layer = layer;
    cxs_note(ctx, "reading %s", path);
    rc = cxs_matrix_read(ctx, path, &settings, out);
    return rc == CXS_OK ? cxs_draft_source(ctx, draft, path) : rc;
}

/* ---- expression: ----------------------------------------------------------------- */

/* Which ids do the columns hold?  Those of which more match. */
static size_t count_matches(const cxs_index *known, const cxs_matrix *m)
{
    size_t matched = 0;

    for (size_t i = 0; i < m->n; i++)
        matched += cxs_index_find(known, m->sample[i]) != SIZE_MAX;
    return matched;
}

static cxs_rc keep_known(cxs_ctx *ctx, const cxs_draft *draft, const char *path,
                         const cxs_index *known, cxs_matrix *m)
{
    const size_t matched = count_matches(known, m);
    size_t *keep = NULL, kept = 0;
    cxs_rc rc = CXS_OK;

    CXS_TRY(check_cut(ctx, draft, path, known, m->sample, m->n, matched));
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
    CXS_TRY(read_file(ctx, draft, path,
                      kind != NULL ? cxs_kind_named(kind) : CXS_KIND_OTHER,
                      rows != NULL && strcmp(rows, "samples") == 0, &draft->matrix));
    if (sample_id != NULL) {
        CXS_TRY(cxs_index_make(ctx, sample_id->text, samples->rows, &sample));
        if (count_matches(&sample, draft->matrix) >=
            count_matches(&draft->patient, draft->matrix))
            known = &sample;
    }
    CXS_TRY(keep_known(ctx, draft, path, known, draft->matrix));
done:
    cxs_index_clear(&sample);
    cxs_free(path);
    return rc;
}

/* ---- assays sheet ---------------------------------------------------------------- */

/* Kind of an assay that is an expression matrix; CXS_KIND_OTHER: it is not one. */
static cxs_kind kind_of_assay(const char *assay)
{
    if (assay == NULL)
        return CXS_KIND_OTHER;
    return strcmp(assay, "RNA_COUNTS") == 0 ? CXS_KIND_COUNTS
           : strcmp(assay, "RNA_TPM") == 0  ? CXS_KIND_TPM
           : strcmp(assay, "RNA_LOG") == 0  ? CXS_KIND_LOG
                                            : CXS_KIND_OTHER;
}

/* Columns of one file that the assays sheet names, renamed to their samples. */
static cxs_rc take_columns(cxs_ctx *ctx, cxs_draft *draft, const char *file,
                           const char *path, cxs_matrix *m)
{
    const cxs_sheet *assays = draft->sheet[CXS_SHEET_ASSAYS];
    const cxs_column *id = cxs_sheet_find(assays, "SAMPLE_ID");
    const cxs_column *files = cxs_sheet_find(assays, "FILE");
    const cxs_column *column = cxs_sheet_find(assays, "COLUMN");
    cxs_faults faults = {.code = "CX006"};
    cxs_index known = {0}, column_of = {0};
    const char **wanted = NULL;
    size_t *keep = NULL, kept = 0, matched = 0, n = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(wanted, assays->rows);
    CXS_NEW(keep, m->n);
    CXS_TRY(cxs_index_make(ctx, (const char *const *)m->sample, m->n, &column_of));
    for (size_t r = 0; r < assays->rows; r++) {
        if (files->text[r] == NULL || strcmp(files->text[r], file) != 0)
            continue;
        wanted[r] = cxs_column_value(column, r);
        if (wanted[r] == NULL)
            wanted[r] = id->text[r];
        n++;
        if (cxs_index_find(&column_of, wanted[r]) != SIZE_MAX)
            matched++;
        else
            cxs_fault_add(ctx, &faults, "%s:%zu: %s has no column \"%s\"",
                          assays->table->path, cxs_sheet_line(assays, r), path,
                          cxs_ctx_id(ctx, wanted[r]));
    }
    CXS_TRY(cxs_index_make(ctx, wanted, assays->rows, &known));
    for (size_t r = 0; r < assays->rows; r++)
        if (wanted[r] != NULL && cxs_index_find(&known, wanted[r]) != r)
            cxs_fault_add(ctx, &faults,
                          "%s:%zu: column \"%s\" of %s is another sample's",
                          assays->table->path, cxs_sheet_line(assays, r),
                          cxs_ctx_id(ctx, wanted[r]), path);
    if (2 * matched < n)
        CXS_TRY(check_cut(ctx, draft, path, &known, m->sample, m->n,
                          count_matches(&known, m)));
    CXS_TRY(cxs_faults_end(ctx, &faults));
    for (size_t i = 0; i < m->n; i++)
        if (cxs_index_find(&known, m->sample[i]) != SIZE_MAX)
            keep[kept++] = i;
    CXS_TRY(cxs_study_keep_samples(ctx, m, keep, kept));
    for (size_t i = 0; i < m->n; i++) {
        const size_t row = cxs_index_find(&known, m->sample[i]);
        char *name = cxs_strdup(ctx, id->text[row]);
        if (name == NULL)
            CXS_TRY(CXS_ENOMEM);
        cxs_free(m->sample[i]);
        m->sample[i] = name;
    }
    rc = cxs_matrix_sort(ctx, m);
done:
    cxs_free(faults.text.text);
    cxs_index_clear(&known);
    cxs_index_clear(&column_of);
    cxs_free(keep);
    cxs_free(wanted);
    return rc;
}

/* Move the samples of b behind those of a; features that both have stay. */
static cxs_rc join(cxs_ctx *ctx, cxs_matrix *a, cxs_matrix *b, size_t *lost)
{
    const size_t n = a->n + b->n;
    char **sample = NULL;
    double *x = NULL;
    size_t p = 0, j = 0, k = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(sample, n);
    CXS_NEW(x, n * (a->p < b->p ? a->p : b->p));
    while (j < a->p || k < b->p) {
        const int order = j == a->p   ? 1
                          : k == b->p ? -1
                                      : strcmp(a->feature[j], b->feature[k]);
        if (order == 0) {
            memcpy(x + p * n, a->x + j * a->n, a->n * sizeof *x);
            memcpy(x + p * n + a->n, b->x + k * b->n, b->n * sizeof *x);
        }
        if (order <= 0) { /* feature j moves to place p, or goes */
            char *name = a->feature[j], *shown = NULL;
            a->feature[j] = NULL;
            if (a->feature_name != NULL) {
                shown = a->feature_name[j];
                a->feature_name[j] = NULL;
            }
            if (order == 0) {
                a->feature[p] = name;
                if (a->feature_name != NULL)
                    a->feature_name[p] = shown;
                p++;
            } else {
                cxs_free(name);
                cxs_free(shown);
                ++*lost;
            }
            j++;
        } else {
            ++*lost;
        }
        k += order >= 0;
    }
    for (size_t i = 0; i < n; i++)
        sample[i] = i < a->n ? a->sample[i] : b->sample[i - a->n];
    cxs_free(a->sample);
    cxs_free(a->x);
    a->sample = sample;
    a->x = x;
    a->n = n;
    a->p = p;
    b->n = 0; /* its names moved */
    sample = NULL;
    x = NULL;
done:
    cxs_free(sample);
    cxs_free(x);
    return rc;
}

static cxs_rc add_file(cxs_ctx *ctx, cxs_draft *draft, const char *file, cxs_kind kind)
{
    cxs_matrix *m = NULL;
    char *path = NULL;
    size_t lost = 0;
    cxs_rc rc = CXS_OK;

    if ((path = cxs_plan_file(ctx, draft->plan, file)) == NULL)
        CXS_TRY(CXS_ENOMEM);
    CXS_TRY(read_file(ctx, draft, path, kind, 0, &m));
    CXS_TRY(take_columns(ctx, draft, file, path, m));
    if (draft->matrix == NULL) {
        draft->matrix = m;
        m = NULL;
    } else {
        CXS_TRY(join(ctx, draft->matrix, m, &lost));
        if (lost > 0)
            CXS_TRY(cxs_warn(ctx, "",
                             "%s: %zu features are not in every file and are "
                             "left out",
                             path, lost));
        if (draft->matrix->p == 0)
            CXS_TRY(
                cxs_fail(ctx, CXS_EMISMATCH, "%s: no feature is in every file", path));
    }
done:
    cxs_matrix_free(m);
    cxs_free(path);
    return rc;
}

/* One kind of expression in the sheet, one row for each sample and assay. */
static cxs_rc check_assays(cxs_ctx *ctx, const cxs_draft *draft, cxs_kind *kind,
                           size_t *others)
{
    const cxs_sheet *assays = draft->sheet[CXS_SHEET_ASSAYS];
    const cxs_column *assay = cxs_sheet_find(assays, "ASSAY");
    const cxs_column *id = cxs_sheet_find(assays, "SAMPLE_ID");
    cxs_faults faults = {.code = "CX001"};
    cxs_index index = {0};
    const char **rna = NULL;
    cxs_rc rc = CXS_OK;

    *kind = CXS_KIND_OTHER;
    *others = 0;
    CXS_NEW(rna, assays->rows);
    for (size_t r = 0; r < assays->rows; r++) {
        const cxs_kind k = kind_of_assay(assay->text[r]);
        *others += k == CXS_KIND_OTHER && !cxs_assay_is_read(assay->text[r]);
        if (k == CXS_KIND_OTHER)
            continue;
        rna[r] = id->text[r];
        if (*kind != CXS_KIND_OTHER && *kind != k)
            CXS_TRY(cxs_fail(ctx, CXS_EMISMATCH,
                             "%s:%zu:%s: \"%s\" beside %s: one study holds one kind of "
                             "expression values",
                             assays->table->path, cxs_sheet_line(assays, r),
                             assay->source, assay->text[r], cxs_kind_name(*kind)));
        *kind = k;
    }
    CXS_TRY(cxs_index_make(ctx, rna, assays->rows, &index));
    for (size_t r = 0; r < assays->rows; r++) {
        const size_t first = rna[r] != NULL ? cxs_index_find(&index, rna[r]) : r;
        if (first != r)
            cxs_fault_add(ctx, &faults,
                          "%s:%zu:%s: \"%s\" was already given at line %zu",
                          assays->table->path, cxs_sheet_line(assays, r), id->source,
                          cxs_ctx_id(ctx, rna[r]), cxs_sheet_line(assays, first));
    }
    rc = cxs_faults_end(ctx, &faults);
done:
    cxs_index_clear(&index);
    cxs_free(rna);
    return rc;
}

static cxs_rc read_assays(cxs_ctx *ctx, cxs_draft *draft)
{
    const cxs_sheet *assays = draft->sheet[CXS_SHEET_ASSAYS];
    const cxs_column *assay = cxs_sheet_find(assays, "ASSAY");
    const cxs_column *files = cxs_sheet_find(assays, "FILE");
    cxs_kind kind = CXS_KIND_OTHER;
    size_t others = 0;
    cxs_rc rc = CXS_OK;

    CXS_TRY(check_assays(ctx, draft, &kind, &others));
    if (others > 0)
        CXS_TRY(cxs_warn(ctx, "",
                         "%s: %zu assays are listed but not read: readers of their "
                         "kind are not built yet",
                         assays->table->path, others));
    for (size_t r = 0; r < assays->rows; r++) {
        bool seen = kind_of_assay(assay->text[r]) == CXS_KIND_OTHER;
        if (seen)
            continue;
        if (files->text[r] == NULL)
            CXS_TRY(cxs_fail(ctx, CXS_EFORMAT, "%s:%zu:%s: the file is not given",
                             assays->table->path, cxs_sheet_line(assays, r),
                             files->source));
        for (size_t s = 0; s < r && !seen; s++)
            seen =
                files->text[s] != NULL && strcmp(files->text[s], files->text[r]) == 0;
        if (!seen)
            CXS_TRY(add_file(ctx, draft, files->text[r], kind));
    }
done:
    return rc;
}

/* `expression:` beside an assays sheet must name what the sheet names. */
static cxs_rc check_both(cxs_ctx *ctx, const cxs_draft *draft)
{
    const char *file = cxs_plan_text(draft->plan, "expression", "file");
    const char *kind = cxs_plan_text(draft->plan, "expression", "kind");
    const cxs_sheet *assays = draft->sheet[CXS_SHEET_ASSAYS];
    const cxs_column *files = cxs_sheet_find(assays, "FILE");
    const cxs_column *assay = cxs_sheet_find(assays, "ASSAY");

    for (size_t r = 0; r < assays->rows; r++) {
        const cxs_kind k = kind_of_assay(assay->text[r]);
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
    const bool assays = draft->sheet[CXS_SHEET_ASSAYS] != NULL;
    cxs_rc rc = CXS_OK;

    if (expression && assays)
        CXS_TRY(check_both(ctx, draft));
    if (assays)
        CXS_TRY(read_assays(ctx, draft));
    else if (expression)
        CXS_TRY(read_expression(ctx, draft));
    if (draft->matrix != NULL)
        CXS_TRY(cxs_matrix_sort(ctx, draft->matrix));
done:
    return rc;
}
