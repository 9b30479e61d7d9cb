/*
 * format_star.c -- gene counts of one sample: STAR, the GDC's STAR counts, RSEM
 *
 *   STAR   ReadsPerGene.out.tab has no header: gene, counts of an unstranded, a forward
 *          and a reverse library; four N_ rows (unmapped, multimapping, noFeature,
 *          ambiguous) come first.  Which column is right cannot be told safely by a
 *          program, so --stranded must say it; the totals of the columns are shown.
 *   GDC    "# gene-model: GENCODE v36", header gene_id gene_name gene_type unstranded
 *          stranded_first stranded_second tpm_unstranded ..., N_ rows first.
 *   RSEM   gene_id transcript_id(s) length effective_length expected_count TPM FPKM
 *
 * The file is read as a matrix of all its value columns, so that every cell is checked;
 * the column that counts is taken at the end.
 */
#include "ingest/format.h"

#include <math.h>
#include <string.h>

enum { STAR_FIELDS = 4, NAMED = 5 };

/* Only value column k of the matrix stays; x is [rows x columns] row-major here. */
static void take_column(cxs_matrix_reader *r, size_t k)
{
    double *x = r->matrix->x;

    for (size_t i = 0; i < r->rows; i++)
        x[i] = x[i * r->columns + k];
    for (size_t j = 0; j < r->columns; j++)
        if (j != k)
            cxs_free(r->header[j]);
    r->header[0] = r->header[k];
    r->columns = 1;
}

/* ---- STAR ------------------------------------------------------------------------ */

bool cxs_sniff_star(const cxs_head *head, const cxs_matrix_settings *s)
{
    (void)s;
    return head->lines > 0 && cxs_head_fields(head, 0) == STAR_FIELDS &&
           cxs_head_is(head, 0, 0, "N_unmapped");
}

cxs_rc cxs_begin_star(cxs_ctx *ctx, cxs_matrix_reader *r)
{
    static const char *const names[] = {"unstranded", "forward", "reverse"};
    const size_t columns = sizeof names / sizeof *names;
    cxs_rc rc = CXS_OK;

    r->skip_prefix = "N_";
    r->row_fields = STAR_FIELDS;
    r->first = 1;
    CXS_NEW(r->header, columns);
    for (; r->columns < columns; r->columns++)
        if ((r->header[r->columns] = cxs_strdup(ctx, names[r->columns])) == NULL)
            CXS_TRY(CXS_ENOMEM);
done:
    return rc;
}

cxs_rc cxs_end_star(cxs_ctx *ctx, cxs_matrix_reader *r)
{
    const int stranded = r->settings.stranded;
    double total[3] = {0.0, 0.0, 0.0};

    for (size_t i = 0; i < r->rows * r->columns; i++)
        total[i % r->columns] += r->matrix->x[i];
    if (stranded == CXS_STRANDED_UNKNOWN)
        return cxs_fail(ctx, CXS_EARG,
                        "%s: STAR counts need --stranded 0, 1 or 2; reads in genes: "
                        "%.0f unstranded, %.0f forward (1), %.0f reverse (2)",
                        r->path, total[0], total[1], total[2]);
    if (stranded > 0 && total[stranded] < 0.5 * total[3 - stranded])
        cxs_note(ctx,
                 "%s: --stranded %d has %.0f reads in genes, the other strand %.0f",
                 r->path, stranded, total[stranded], total[3 - stranded]);
    take_column(r, (size_t)stranded);
    return CXS_OK;
}

/* ---- GDC ------------------------------------------------------------------------- */

static const char *const gdc_names[] = {"gene_id", "gene_name", "gene_type",
                                        "unstranded", NULL};

bool cxs_sniff_gdc(const cxs_head *head, const cxs_matrix_settings *s)
{
    (void)s;
    return cxs_head_begins(head, head->header, gdc_names);
}

/* Value column `name` alone, with display names from field `name_field`. */
static cxs_rc keep_named(cxs_ctx *ctx, cxs_matrix_reader *r, const char *name,
                         size_t name_field)
{
    const size_t field = cxs_reader_find(r, name);

    if (field == SIZE_MAX)
        return cxs_fail_code(ctx, CXS_EFORMAT, "CX020",
                             "%s:%zu: column \"%s\" is missing", r->path,
                             r->header_line, name);
    cxs_reader_keep(r, field, 1, name_field);
    return CXS_OK;
}

cxs_rc cxs_layout_gdc(cxs_ctx *ctx, cxs_matrix_reader *r)
{
    static const char *const columns[] = {"unstranded", "stranded_first",
                                          "stranded_second", "unstranded"};

    r->skip_prefix = "N_";
    return keep_named(ctx, r,
                      r->settings.kind == CXS_KIND_TPM ? "tpm_unstranded"
                                                       : columns[r->settings.stranded],
                      1);
}

/* ---- RSEM ------------------------------------------------------------------------ */

bool cxs_sniff_rsem(const cxs_head *head, const cxs_matrix_settings *s)
{
    static const char *const names[] = {"gene_id", "transcript_id(s)", "length",
                                        "effective_length", NULL};
    (void)s;
    return cxs_head_begins(head, head->header, names);
}

cxs_rc cxs_layout_rsem(cxs_ctx *ctx, cxs_matrix_reader *r)
{
    const size_t length = cxs_reader_find(r, "length");

    r->estimated = true;
    if (r->settings.kind != CXS_KIND_TPM && length != SIZE_MAX)
        r->length_field = length; /* mean over the transcripts of the sample */
    return keep_named(ctx, r,
                      r->settings.kind == CXS_KIND_TPM ? "TPM" : "expected_count", 0);
}

/* ---- parts into one matrix ------------------------------------------------------- */

/* Names that a has and b has not; both are sorted.  Up to NAMED of them into text. */
static cxs_rc missing_names(cxs_ctx *ctx, const cxs_matrix *a, const cxs_matrix *b,
                            cxs_buf *text, size_t *missing)
{
    size_t k = 0;
    cxs_rc rc = CXS_OK;

    *missing = 0;
    for (size_t j = 0; j < a->p; j++) {
        while (k < b->p && strcmp(b->feature[k], a->feature[j]) < 0)
            k++;
        if (k < b->p && strcmp(b->feature[k], a->feature[j]) == 0)
            continue;
        if (++*missing <= NAMED)
            CXS_TRY(cxs_buf_addf(ctx, text, "%s%s", *missing > 1 ? ", " : "",
                                 a->feature[j]));
    }
    if (*missing > NAMED)
        CXS_TRY(cxs_buf_addf(ctx, text, ", ..."));
done:
    return rc;
}

cxs_rc cxs_parts_same(cxs_ctx *ctx, const cxs_part *part, size_t i, const char *what)
{
    const cxs_matrix *a = part[0].values, *b = part[i].values;
    cxs_buf lost = {0}, extra = {0};
    size_t n_lost = 0, n_extra = 0, j = 0;
    cxs_rc rc = CXS_OK;

    while (a->p == b->p && j < a->p && strcmp(a->feature[j], b->feature[j]) == 0)
        j++;
    if (a->p == b->p && j == a->p)
        return CXS_OK;
    CXS_TRY(missing_names(ctx, a, b, &lost, &n_lost));
    CXS_TRY(missing_names(ctx, b, a, &extra, &n_extra));
    rc = cxs_fail(ctx, CXS_EMISMATCH,
                  "%s: %zu %s of %s are missing%s%s%s and %zu are not in it%s%s%s: the "
                  "files must come from one annotation",
                  part[i].path, n_lost, what, part[0].path, n_lost > 0 ? " (" : "",
                  n_lost > 0 ? lost.text : "", n_lost > 0 ? ")" : "", n_extra,
                  n_extra > 0 ? " (" : "", n_extra > 0 ? extra.text : "",
                  n_extra > 0 ? ")" : "");
done:
    cxs_free(lost.text);
    cxs_free(extra.text);
    return rc;
}

static cxs_rc copy_features(cxs_ctx *ctx, const cxs_matrix *from, cxs_matrix *to)
{
    cxs_rc rc = CXS_OK;

    CXS_NEW(to->feature, from->p);
    if (from->feature_name != NULL)
        CXS_NEW(to->feature_name, from->p);
    for (to->p = 0; to->p < from->p; to->p++) {
        const size_t j = to->p;
        if ((to->feature[j] = cxs_strdup(ctx, from->feature[j])) == NULL)
            CXS_TRY(CXS_ENOMEM);
        if (from->feature_name != NULL &&
            (to->feature_name[j] = cxs_strdup(ctx, from->feature_name[j])) == NULL) {
            cxs_free(to->feature[j]);
            CXS_TRY(CXS_ENOMEM);
        }
    }
done:
    return rc;
}

/* Lengths of the features: the mean over the parts, when all give them. */
static cxs_rc bind_lengths(cxs_ctx *ctx, const cxs_part *part, size_t parts,
                           cxs_matrix *m)
{
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < parts; i++)
        if (part[i].values->length == NULL)
            return CXS_OK;
    CXS_NEW(m->length, m->p + 1);
    for (size_t i = 0; i < parts; i++)
        for (size_t j = 0; j < m->p; j++)
            m->length[j] += part[i].values->length[j] / (double)parts;
done:
    return rc;
}

cxs_rc cxs_parts_bind(cxs_ctx *ctx, const cxs_matrix_settings *settings,
                      const cxs_part *part, size_t parts, cxs_matrix **out)
{
    const size_t p = part[0].values->p;
    cxs_matrix *m = NULL;
    size_t cells;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    if (__builtin_mul_overflow(parts, p, &cells))
        CXS_TRY(cxs_fail(ctx, CXS_ENOMEM, "%s: too many cells", part[0].path));
    CXS_NEW(m, 1);
    m->kind = settings->kind;
    m->estimated = part[0].values->estimated;
    CXS_NEW(m->x, cells);
    CXS_NEW(m->sample, parts);
    for (; m->n < parts; m->n++)
        if ((m->sample[m->n] = cxs_strdup(ctx, part[m->n].sample)) == NULL)
            CXS_TRY(CXS_ENOMEM);
    CXS_TRY(copy_features(ctx, part[0].values, m));
    CXS_TRY(bind_lengths(ctx, part, parts, m));
    for (size_t j = 0; j < p; j++)
        for (size_t i = 0; i < parts; i++)
            m->x[j * parts + i] = part[i].values->x[j];
    *out = m;
    m = NULL;
done:
    cxs_matrix_free(m);
    return rc;
}
