/*
 * frozen_write.c -- the constants of a training set as a file
 *
 * Lines of fields between tabs, numbers in their shortest form, NA for none; the tables
 * of genes and of features carry a header.  The last line is the SHA-256 of all bytes
 * before it, so that a changed or cut file is known as such.
 */
#include "features/frozen.h"

#include "base/number.h"
#include "base/out.h"
#include "features/scores.h"
#include "store/data.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

static cxs_rc add_text(cxs_ctx *ctx, cxs_buf *b, const char *text)
{
    cxs_rc rc = CXS_OK;

    for (const char *c = text; *c != '\0'; c++)
        if (iscntrl((unsigned char)*c))
            return cxs_fail(ctx, CXS_EFORMAT,
                            "a reference cannot hold a name with a control character");
    if (b->length > 0 && b->text[b->length - 1] != '\n')
        CXS_TRY(cxs_buf_add(ctx, b, "\t", 1));
    rc = cxs_buf_add(ctx, b, text, strlen(text));

done:
    return rc;
}

static cxs_rc add_real(cxs_ctx *ctx, cxs_buf *b, double value)
{
    char text[CXS_NUMBER_BYTES];

    cxs_number_format(value, text);
    return add_text(ctx, b, text);
}

static cxs_rc add_size(cxs_ctx *ctx, cxs_buf *b, size_t value)
{
    return add_real(ctx, b, (double)value);
}

static cxs_rc end_line(cxs_ctx *ctx, cxs_buf *b)
{
    return cxs_buf_add(ctx, b, "\n", 1);
}

static cxs_rc add_pair(cxs_ctx *ctx, cxs_buf *b, const char *key, const char *value)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(add_text(ctx, b, key));
    CXS_TRY(add_text(ctx, b, value));
    rc = end_line(ctx, b);

done:
    return rc;
}

static cxs_rc add_count(cxs_ctx *ctx, cxs_buf *b, const char *key, size_t value)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(add_text(ctx, b, key));
    CXS_TRY(add_size(ctx, b, value));
    rc = end_line(ctx, b);

done:
    return rc;
}

static const char *unit_of(const cxs_frozen *z)
{
    return z->frame[0].normalise == CXS_NORMALISE_TMM   ? "log2 counts per million"
           : z->frame[0].normalise == CXS_NORMALISE_TPM ? "log2(TPM + 1)"
                                                        : "as given";
}

static cxs_rc add_head(cxs_ctx *ctx, const cxs_frozen *z, cxs_buf *b)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(add_count(ctx, b, CXS_FROZEN_MAGIC, CXS_FROZEN_VERSION));
    CXS_TRY(add_pair(ctx, b, "program", cxs_version()));
    CXS_TRY(add_pair(ctx, b, "kind", cxs_kind_name(z->kind)));
    CXS_TRY(add_pair(ctx, b, "unit", unit_of(z)));
    CXS_TRY(add_count(ctx, b, "filter", z->filter != 0));
    CXS_TRY(add_count(ctx, b, "winsorise", z->winsorise != 0));
    CXS_TRY(add_count(ctx, b, "standardise", z->standardise != 0));
    CXS_TRY(add_count(ctx, b, "signatures", z->signatures != 0));
    CXS_TRY(add_count(ctx, b, "samples", z->n));
    for (size_t k = 0; k < CXS_FROZEN_TABLES; k++)
        CXS_TRY(add_pair(ctx, b, cxs_frozen_tables[k],
                         *z->table[k] != '\0' ? z->table[k] : "NA"));

done:
    return rc;
}

/* "frame  features  tmm  ref_library  norm_log  size_log  effective_mean" */
static cxs_rc add_frame(cxs_ctx *ctx, const char *name, const cxs_frame *frame,
                        cxs_buf *b)
{
    const double numbers[] = {frame->ref_library, frame->norm_log, frame->size_log,
                              frame->effective_mean};
    cxs_rc rc = CXS_OK;

    CXS_TRY(add_text(ctx, b, "frame"));
    CXS_TRY(add_text(ctx, b, name));
    CXS_TRY(add_text(
        ctx, b, frame->role != NULL ? cxs_normalise_name(frame->normalise) : "NA"));
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
        CXS_TRY(add_real(ctx, b, numbers[k]));
    rc = end_line(ctx, b);

done:
    return rc;
}

static cxs_rc add_gene(cxs_ctx *ctx, const cxs_frozen *z, size_t j, cxs_buf *b)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(add_text(ctx, b, z->gene[j]));
    CXS_TRY(add_text(ctx, b, z->shown != NULL ? z->shown[j] : "NA"));
    CXS_TRY(add_real(ctx, b, z->length != NULL ? z->length[j] : (double)NAN));
    for (int k = 0; k < 2; k++) {
        const cxs_frame *frame = &z->frame[k];
        CXS_TRY(add_size(ctx, b, frame->role != NULL ? frame->role[j] : 0));
        CXS_TRY(add_real(ctx, b, frame->role != NULL ? frame->count[j] : 0.0));
    }
    CXS_TRY(add_real(ctx, b, z->mean != NULL ? z->mean[j] : (double)NAN));
    CXS_TRY(add_real(ctx, b, z->mean != NULL ? z->sd[j] : (double)NAN));
    CXS_TRY(add_real(ctx, b, z->mean != NULL ? z->level[j] : (double)NAN));
    rc = end_line(ctx, b);

done:
    return rc;
}

static cxs_rc add_subtypes(cxs_ctx *ctx, const cxs_frozen *z, cxs_buf *b)
{
    cxs_rc rc = CXS_OK;

    for (size_t s = 0; z->has_subtypes && s < CXS_SUBTYPES; s++) {
        const double *null_es =
            z->null_es != NULL ? z->null_es + s * CXS_SUBTYPE_PROFILES : NULL;
        CXS_TRY(add_text(ctx, b, "subtype"));
        CXS_TRY(add_real(ctx, b, z->es_mean[s]));
        CXS_TRY(add_real(ctx, b, z->es_sd[s]));
        for (size_t k = 0; null_es != NULL && k < CXS_SUBTYPE_PROFILES; k++)
            CXS_TRY(add_real(ctx, b, null_es[k]));
        CXS_TRY(end_line(ctx, b));
    }

done:
    return rc;
}

static cxs_rc add_scores(cxs_ctx *ctx, const cxs_frozen *z, cxs_buf *b)
{
    cxs_rc rc = CXS_OK;

    if (z->line.id != NULL) {
        CXS_TRY(add_text(ctx, b, "line"));
        CXS_TRY(add_text(ctx, b, z->line.id));
        CXS_TRY(add_real(ctx, b, z->line.line.mean_t));
        CXS_TRY(add_real(ctx, b, z->line.line.mean_y));
        CXS_TRY(add_real(ctx, b, z->line.line.slope));
        CXS_TRY(end_line(ctx, b));
    }
    rc = add_subtypes(ctx, z, b);

done:
    return rc;
}

static cxs_rc add_tables(cxs_ctx *ctx, const cxs_frozen *z, cxs_buf *b)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(add_count(ctx, b, "genes", z->p));
    CXS_TRY(cxs_buf_addf(ctx, b, "%s\n", CXS_FROZEN_GENE_HEADER));
    for (size_t j = 0; j < z->p; j++)
        CXS_TRY(add_gene(ctx, z, j, b));
    CXS_TRY(add_count(ctx, b, "features", z->features));
    CXS_TRY(cxs_buf_addf(ctx, b, "%s\n", CXS_FROZEN_FEATURE_HEADER));
    for (size_t j = 0; j < z->features; j++) {
        const cxs_transform *t = &z->transform[j];
        CXS_TRY(add_text(ctx, b, z->feature[j]));
        CXS_TRY(add_real(ctx, b, t->mean));
        CXS_TRY(add_real(ctx, b, t->sd));
        CXS_TRY(add_real(ctx, b, t->winsor_low));
        CXS_TRY(add_real(ctx, b, t->winsor_high));
        CXS_TRY(add_text(ctx, b, cxs_change_names[t->change]));
        CXS_TRY(add_real(ctx, b, t->change_by));
        CXS_TRY(end_line(ctx, b));
    }

done:
    return rc;
}

cxs_rc cxs_frozen_write(cxs_ctx *ctx, const cxs_frozen *z, const char *path)
{
    char hex[CXS_SHA256_HEX];
    cxs_buf b = {0};
    cxs_out *out = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(add_head(ctx, z, &b));
    CXS_TRY(add_frame(ctx, "features", &z->frame[0], &b));
    CXS_TRY(add_frame(ctx, "scores", &z->frame[1], &b));
    CXS_TRY(add_scores(ctx, z, &b));
    CXS_TRY(add_tables(ctx, z, &b));
    CXS_TRY(cxs_sha256_bytes(ctx, b.text, b.length, hex));
    CXS_TRY(add_pair(ctx, &b, "sha256", hex));
    CXS_TRY(cxs_out_open_private(ctx, path, &out));
    CXS_TRY(cxs_out_write(ctx, out, b.text, b.length));
    rc = cxs_out_commit(ctx, out);
    out = NULL;

done:
    cxs_out_abort(out);
    cxs_free(b.text);
    return rc;
}

/* The features as they stand when the file is written: assays may have joined them. */
static cxs_rc with_features(cxs_ctx *ctx, const cxs_features *f, const char *path)
{
    cxs_frozen z = *f->frozen;

    z.features = f->matrix->p;
    z.feature = f->matrix->feature;
    z.transform = f->transform;
    return cxs_frozen_write(ctx, &z, path);
}

cxs_rc cxs_features_write_reference(cxs_ctx *ctx, const cxs_features *f,
                                    const char *path, cxs_record *record)
{
    cxs_rc rc = CXS_OK;

    if (f->frozen == NULL || !f->used.freeze)
        return cxs_fail(
            ctx, CXS_EARG,
            "a reference for new samples needs an expression matrix and the "
            "setting to keep its constants");
    CXS_TRY(with_features(ctx, f, path));
    if (record != NULL)
        CXS_TRY(cxs_record_output(ctx, record, path));

done:
    return rc;
}
