/*
 * matrix_check.c -- is this matrix what it says: names, duplicates, dates, kind
 *
 * Everything here needs all rows, so it runs once at the end, on names and tallies; the
 * values are not read again.
 */
#include "base/number.h"
#include "ingest/cells.h"
#include "ingest/format.h"
#include "ingest/genedates.h"
#include "ingest/genes.h"
#include "ingest/matrix.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct named_place {
    const char *name;
    size_t place; /* line of a row, or field of a header name */
} named_place;

static int compare_places(const void *left, const void *right)
{
    const named_place *l = left, *r = right;
    const int order = strcmp(l->name, r->name);

    return order != 0 ? order : (l->place > r->place) - (l->place < r->place);
}

static cxs_rc check_empty(cxs_ctx *ctx, const cxs_matrix_reader *r, char *const *names,
                          const size_t *line, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (*names[i] != '\0')
            continue;
        if (line != NULL)
            return cxs_fail_code(ctx, CXS_EFORMAT, "CX020", "%s:%zu: the row has no id",
                                 r->path, line[i]);
        return cxs_fail_code(ctx, CXS_EFORMAT, "CX020",
                             "%s:%zu: column %zu has no name", r->path, r->header_line,
                             r->first + i + 1);
    }
    return CXS_OK;
}

/* One sentence per repeated name.  line NULL: names of the header, which have no line
 * of their own but a column. */
static void report_repeat(cxs_ctx *ctx, const cxs_matrix_reader *r, bool samples,
                          bool in_header, const named_place *first,
                          const named_place *again, cxs_faults *faults)
{
    const char *what = in_header ? "column" : "line";

    if (samples && in_header)
        cxs_fault_add(ctx, faults,
                      "%s:%zu:column %zu: \"%s\" was already given at column %zu",
                      r->path, r->header_line, again->place,
                      cxs_ctx_id(ctx, again->name), first->place);
    else if (samples)
        cxs_fault_add(ctx, faults, "%s:%zu: \"%s\" was already given at line %zu",
                      r->path, again->place, cxs_ctx_id(ctx, again->name),
                      first->place);
    else
        cxs_fault_add(ctx, faults, "%s:%zu: gene \"%s\" repeats %s %zu", r->path,
                      in_header ? r->header_line : again->place, again->name, what,
                      first->place);
}

/* CX001 for samples, CX025 for features. */
static cxs_rc check_repeats(cxs_ctx *ctx, const cxs_matrix_reader *r, bool samples,
                            char *const *names, const size_t *line, size_t count)
{
    cxs_faults faults = {.code = samples ? "CX001" : "CX025"};
    named_place *places = cxs_calloc(ctx, count, sizeof *places);
    const named_place *first = places;

    if (places == NULL)
        return CXS_ENOMEM;
    for (size_t i = 0; i < count; i++)
        places[i] = (named_place){names[i], line != NULL ? line[i] : r->first + i + 1};
    qsort(places, count, sizeof *places, compare_places);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(first->name, places[i].name) != 0)
            first = &places[i];
        else
            report_repeat(ctx, r, samples, line == NULL, first, &places[i], &faults);
    }
    cxs_free(places);
    if (!samples && faults.total > 0)
        cxs_note(ctx,
                 "%s: --dup-genes sum or max-mean (dup_genes: in study.yaml) joins "
                 "the rows of a gene; --genes keep (genes: keep) leaves old symbols "
                 "as they are",
                 r->path);
    return cxs_faults_end(ctx, &faults);
}

static cxs_rc check_alike(cxs_ctx *ctx, const cxs_matrix_reader *r)
{
    const cxs_matrix *m = r->matrix;
    const bool across = r->settings.samples_in_rows != 0;
    cxs_id_ref *refs = cxs_calloc(ctx, m->n, sizeof *refs);
    cxs_rc rc;

    if (refs == NULL)
        return CXS_ENOMEM;
    for (size_t i = 0; i < m->n; i++)
        refs[i] = (cxs_id_ref){m->sample[i], r->path,
                               across ? r->row_line[i] : r->header_line};
    rc = cxs_ids_check(ctx, refs, m->n);
    cxs_free(refs);
    return rc;
}

/*
 * CX029.  A plain table that is called counts may hold anything, but the person is
 * told; a study file stops when a value is negative, when more than 1 % of the cells
 * are not whole (unless the format holds estimated counts) or when the largest is that
 * of a log scale.
 */
static cxs_rc check_counts(cxs_ctx *ctx, const cxs_matrix_reader *r)
{
    const double log_scale_max = 50.0, fractional_max = 0.01;
    const bool implausible =
        r->negative > 0 ||
        (!r->estimated && (double)r->fractional > fractional_max * (double)r->cells) ||
        (r->cells > 0 && r->largest < log_scale_max);

    if (r->settings.kind != CXS_KIND_COUNTS)
        return CXS_OK;
    if (r->settings.plausibility_stops && implausible)
        return cxs_fail_code(ctx, CXS_EFORMAT, "CX029",
                             "%s: not raw counts: %zu non-integer cells, maximum %.15g",
                             r->path, r->fractional, r->largest);
    if (r->negative > 0 || (r->fractional > 0 && !r->estimated))
        return cxs_warn(ctx, "CX029",
                        "%s: not raw counts: %zu non-integer cells, %zu negative "
                        "cells, maximum %.15g",
                        r->path, r->fractional, r->negative, r->largest);
    return CXS_OK;
}

/*
 * CX030.  TPM of a whole transcriptome add up to a million in every sample; logged ones
 * do not, and their largest value is small.  Fewer genes may add up to anything.
 */
static cxs_rc check_tpm(cxs_ctx *ctx, const cxs_matrix_reader *r)
{
    const double lowest = 0.95e6, highest = 1.05e6, log_scale_max = 30.0;
    const size_t whole_transcriptome = 5000;
    const cxs_matrix *m = r->matrix;
    double *sum = NULL, least = (double)INFINITY, most = -(double)INFINITY,
           largest = 0.0;
    cxs_rc rc = CXS_OK;

    if (r->settings.kind != CXS_KIND_TPM || m->p < whole_transcriptome)
        return CXS_OK;
    CXS_NEW(sum, m->n);
    for (size_t j = 0; j < m->p; j++)
        for (size_t i = 0; i < m->n; i++)
            if (!isnan(m->x[j * m->n + i])) {
                sum[i] += m->x[j * m->n + i];
                largest = fmax(largest, m->x[j * m->n + i]);
            }
    for (size_t i = 0; i < m->n; i++) {
        least = fmin(least, sum[i]);
        most = fmax(most, sum[i]);
    }
    if (largest < log_scale_max)
        rc = cxs_fail_code(ctx, CXS_EFORMAT, "CX030",
                           "%s: column sums are %.6g..%.6g; are these logged?", r->path,
                           least, most);
    else if (least < lowest || most > highest)
        rc = cxs_warn(ctx, "CX030", "%s: column sums are %.6g..%.6g; are these logged?",
                      r->path, least, most);
done:
    cxs_free(sum);
    return rc;
}

/* cg12434587_BC11: probe, strand and design of EPIC version 2. */
static bool has_epic2_suffix(const char *name)
{
    const char *at = strrchr(name, '_');

    return at != NULL && strlen(at) == 5 && strchr("TB", at[1]) != NULL &&
           strchr("CO", at[2]) != NULL && strspn(at + 3, "0123456789") == 2;
}

/* CX049.  Shares lie in 0..1; M-values would be taken for them in silence. */
static cxs_rc check_methylation(cxs_ctx *ctx, const cxs_matrix_reader *r)
{
    const cxs_matrix *m = r->matrix;
    const cxs_kind kind = r->settings.kind;
    char text[CXS_NUMBER_BYTES];
    size_t outside = 0, epic2 = 0;

    if (kind != CXS_KIND_BETA && kind != CXS_KIND_M)
        return CXS_OK;
    for (size_t j = 0; j < m->p; j++) {
        epic2 += has_epic2_suffix(m->feature[j]);
        for (size_t i = 0; i < m->n; i++) {
            const double x = m->x[j * m->n + i];
            if (isnan(x) || (x >= 0.0 && x <= 1.0))
                continue;
            outside++;
            if (kind == CXS_KIND_M)
                continue;
            cxs_number_format(x, text);
            return cxs_fail_code(ctx, CXS_EFORMAT, "CX049",
                                 "%s: %s: %s is not a beta value; METH_M?", r->path,
                                 m->feature[j], text);
        }
    }
    if (epic2 > 0)
        cxs_note(ctx, "%s: %zu of %zu probes carry the suffix of EPICv2, kept", r->path,
                 epic2, m->p);
    if (kind == CXS_KIND_M && outside == 0)
        return cxs_warn(ctx, "CX049", "%s: all values lie in 0..1; METH_BETA?",
                        r->path);
    return CXS_OK;
}

cxs_rc cxs_matrix_check(cxs_ctx *ctx, cxs_matrix_reader *r)
{
    cxs_matrix *m = r->matrix;
    const bool across = r->settings.samples_in_rows != 0;
    const size_t *sample_line = across ? r->row_line : NULL;
    const cxs_gene_dates_source source = {r->path, r->settings.refdata,
                                          r->settings.repair_gene_dates};
    size_t *header_line = NULL, *feature_line = r->row_line;
    cxs_rc rc = CXS_OK;

    if (across) {
        CXS_NEW(header_line, m->p);
        for (size_t j = 0; j < m->p; j++)
            header_line[j] = r->header_line;
        feature_line = header_line;
    }
    CXS_TRY(check_empty(ctx, r, m->sample, sample_line, m->n));
    CXS_TRY(check_empty(ctx, r, m->feature, across ? NULL : feature_line, m->p));
    CXS_TRY(check_repeats(ctx, r, true, m->sample, sample_line, m->n));
    CXS_TRY(check_alike(ctx, r));
    CXS_TRY(cxs_gene_dates_check(ctx, &source, m->feature, feature_line, m->p));
    if (r->format->join == NULL) /* parts are looked at when they are joined */
        CXS_TRY(cxs_matrix_gene_names(ctx, m, &r->settings, r->path, feature_line));
    CXS_TRY(
        check_repeats(ctx, r, false, m->feature, across ? NULL : feature_line, m->p));
    CXS_TRY(check_counts(ctx, r));
    CXS_TRY(check_tpm(ctx, r));
    CXS_TRY(check_methylation(ctx, r));

done:
    cxs_free(header_line);
    return rc;
}
