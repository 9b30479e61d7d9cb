/*
 * frozen_read.c -- the constants of a training set from their file
 *
 * The file is read whole and its digest compared before a line is believed; every line
 * is checked all the same, since a digest can be made for any content.
 */
#include "features/frozen.h"

#include "base/number.h"
#include "base/text.h"
#include "features/scores.h"
#include "store/data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Line by line through the text in memory. */
typedef struct reader {
    cxs_ctx *ctx;
    const char *path;
    char *at, *end;
    size_t line;
    cxs_fields f;
} reader;

static cxs_rc wrong(const reader *r, const char *what)
{
    return cxs_fail(r->ctx, CXS_EFORMAT, "%s:%zu: damaged reference: %s", r->path,
                    r->line, what);
}

/* Fields of the next line, exactly `count` of them (0: any). */
static cxs_rc next(reader *r, size_t count)
{
    char *stop = r->at < r->end ? memchr(r->at, '\n', (size_t)(r->end - r->at)) : NULL;
    char *line = r->at;
    cxs_rc rc;

    r->line++;
    if (stop == NULL)
        return wrong(r, "the file ends early");
    *stop = '\0';
    r->at = stop + 1;
    rc = cxs_fields_split(r->ctx, line, (size_t)(stop - line), '\t', &r->f);
    if (rc == CXS_OK && count > 0 && r->f.count != count)
        rc = wrong(r, "a line has another number of fields");
    return rc;
}

/* NA is NaN where it may be. */
static cxs_rc real(const reader *r, size_t field, bool may_miss, double *out)
{
    const char *text = r->f.text[field];

    *out = (double)NAN;
    if (may_miss && strcmp(text, "NA") == 0)
        return CXS_OK;
    return cxs_number_parse(text, strlen(text), out) ? CXS_OK
                                                     : wrong(r, "a number is none");
}

static cxs_rc size(const reader *r, size_t field, size_t most, size_t *out)
{
    int64_t value = 0;

    if (!cxs_number_parse_int(r->f.text[field], 0, (int64_t)most, &value))
        return wrong(r, "a count is out of range");
    *out = (size_t)value;
    return CXS_OK;
}

static cxs_rc expect(reader *r, const char *key, size_t count)
{
    const cxs_rc rc = next(r, count);

    if (rc == CXS_OK && strcmp(r->f.text[0], key) != 0)
        return wrong(r, "a line is missing");
    return rc;
}

static cxs_rc read_flag(reader *r, const char *key, int *out)
{
    size_t value = 0;
    cxs_rc rc = expect(r, key, 2);

    if (rc == CXS_OK)
        rc = size(r, 1, 1, &value);
    *out = (int)value;
    return rc;
}

/* ---- head ------------------------------------------------------------------------ */

static cxs_rc read_head(reader *r, cxs_frozen *z)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(expect(r, CXS_FROZEN_MAGIC, 2));
    CXS_TRY(expect(r, "program", 2));
    CXS_TRY(expect(r, "kind", 2));
    z->kind = cxs_kind_named(r->f.text[1]);
    if (strcmp(cxs_kind_name(z->kind), r->f.text[1]) != 0)
        CXS_TRY(wrong(r, "an unknown kind of values"));
    CXS_TRY(expect(r, "unit", 2));
    CXS_TRY(read_flag(r, "filter", &z->filter));
    CXS_TRY(read_flag(r, "winsorise", &z->winsorise));
    CXS_TRY(read_flag(r, "standardise", &z->standardise));
    CXS_TRY(read_flag(r, "signatures", &z->signatures));
    CXS_TRY(expect(r, "samples", 2));
    CXS_TRY(size(r, 1, UINT32_MAX, &z->n));
    for (size_t k = 0; k < CXS_FROZEN_TABLES; k++) {
        CXS_TRY(expect(r, cxs_frozen_tables[k], 2));
        if (strcmp(r->f.text[1], "NA") == 0)
            continue;
        if (strlen(r->f.text[1]) + 1 != sizeof z->table[k])
            CXS_TRY(wrong(r, "a digest has another length"));
        memcpy(z->table[k], r->f.text[1], sizeof z->table[k]);
    }

done:
    return rc;
}

static cxs_rc read_frame(reader *r, const char *name, cxs_frame *frame, bool *there)
{
    double *const numbers[] = {&frame->ref_library, &frame->norm_log, &frame->size_log,
                               &frame->effective_mean};
    int way = CXS_NORMALISE_NONE;
    cxs_rc rc = CXS_OK;

    CXS_TRY(expect(r, "frame", 7));
    if (strcmp(r->f.text[1], name) != 0)
        CXS_TRY(wrong(r, "a line is missing"));
    *there = strcmp(r->f.text[2], "NA") != 0;
    while (*there && way <= CXS_NORMALISE_TPM &&
           strcmp(cxs_normalise_name((cxs_normalise)way), r->f.text[2]) != 0)
        way++;
    if (way > CXS_NORMALISE_TPM || way == CXS_NORMALISE_MOR)
        CXS_TRY(wrong(r, "an unknown normalisation"));
    frame->normalise = (cxs_normalise)way;
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
        CXS_TRY(real(r, 3 + k, false, numbers[k]));
    if (frame->normalise == CXS_NORMALISE_TMM &&
        !(frame->ref_library > 0.0 && frame->effective_mean > 0.0))
        CXS_TRY(wrong(r, "a library size is not positive"));

done:
    return rc;
}

/* ---- scores ---------------------------------------------------------------------- */

static cxs_rc read_subtype(reader *r, size_t s, cxs_frozen *z)
{
    const bool has_null = r->f.count == 3 + CXS_SUBTYPE_PROFILES;
    cxs_ctx *ctx = r->ctx;
    cxs_rc rc = CXS_OK;

    if ((!has_null && r->f.count != 3) || (s > 0 && has_null != (z->null_es != NULL)))
        CXS_TRY(wrong(r, "a line has another number of fields"));
    CXS_TRY(real(r, 1, false, &z->es_mean[s]));
    CXS_TRY(real(r, 2, false, &z->es_sd[s]));
    if (has_null && s == 0)
        CXS_NEW(z->null_es, (size_t)CXS_SUBTYPES * CXS_SUBTYPE_PROFILES);
    for (size_t k = 0; has_null && k < CXS_SUBTYPE_PROFILES; k++)
        CXS_TRY(real(r, 3 + k, false, &z->null_es[s * CXS_SUBTYPE_PROFILES + k]));

done:
    return rc;
}

/* Lines that are there when the scores are; ends at the line of the genes, read. */
static cxs_rc read_scores(reader *r, cxs_frozen *z)
{
    size_t subtypes = 0;
    cxs_rc rc = CXS_OK;

    CXS_TRY(next(r, 0));
    if (strcmp(r->f.text[0], "line") == 0) {
        if (r->f.count != 5)
            CXS_TRY(wrong(r, "a line has another number of fields"));
        if ((z->line.id = cxs_strdup(r->ctx, r->f.text[1])) == NULL)
            CXS_TRY(CXS_ENOMEM);
        CXS_TRY(real(r, 2, false, &z->line.line.mean_t));
        CXS_TRY(real(r, 3, false, &z->line.line.mean_y));
        CXS_TRY(real(r, 4, false, &z->line.line.slope));
        CXS_TRY(next(r, 0));
    }
    for (; strcmp(r->f.text[0], "subtype") == 0 && subtypes < CXS_SUBTYPES;
         subtypes++) {
        CXS_TRY(read_subtype(r, subtypes, z));
        CXS_TRY(next(r, 0));
    }
    z->has_subtypes = subtypes == CXS_SUBTYPES;
    if ((subtypes > 0 && !z->has_subtypes) || strcmp(r->f.text[0], "genes") != 0 ||
        r->f.count != 2)
        CXS_TRY(wrong(r, "a line is missing"));

done:
    return rc;
}

/* ---- tables ---------------------------------------------------------------------- */

/* A header, and no more rows than there are bytes for. */
static cxs_rc read_count(reader *r, size_t least_bytes, size_t *out)
{
    return size(r, 1, (size_t)(r->end - r->at) / least_bytes, out);
}

static cxs_rc skip_header(reader *r, const char *header)
{
    const size_t length = strlen(header);

    if ((size_t)(r->end - r->at) <= length || strncmp(r->at, header, length) != 0 ||
        r->at[length] != '\n')
        return wrong(r, "a header is missing");
    return next(r, 0);
}

static cxs_rc read_name(reader *r, char **names, size_t at)
{
    if (at > 0 && strcmp(names[at - 1], r->f.text[0]) >= 0)
        return wrong(r, "names are out of order");
    names[at] = cxs_strdup(r->ctx, r->f.text[0]);
    return names[at] != NULL ? CXS_OK : CXS_ENOMEM;
}

static cxs_rc read_gene(reader *r, size_t j, const bool there[2], cxs_frozen *z)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(next(r, 10));
    CXS_TRY(read_name(r, z->gene, j));
    if (z->shown != NULL && (z->shown[j] = cxs_strdup(r->ctx, r->f.text[1])) == NULL)
        CXS_TRY(CXS_ENOMEM);
    if (z->length != NULL) {
        CXS_TRY(real(r, 2, false, &z->length[j]));
        if (!(z->length[j] > 0.0))
            CXS_TRY(wrong(r, "a gene has no length"));
    }
    for (size_t k = 0; k < 2; k++) {
        size_t role = 0;
        if (!there[k])
            continue;
        CXS_TRY(size(r, 3 + 2 * k, CXS_ROLE_TOTAL | CXS_ROLE_KEPT, &role));
        z->frame[k].role[j] = (uint8_t)role;
        CXS_TRY(real(r, 4 + 2 * k, false, &z->frame[k].count[j]));
    }
    if (there[1]) {
        const bool kept = (z->frame[1].role[j] & CXS_ROLE_KEPT) != 0;
        CXS_TRY(real(r, 7, !kept, &z->mean[j]));
        CXS_TRY(real(r, 8, !kept, &z->sd[j]));
        CXS_TRY(real(r, 9, !kept, &z->level[j]));
    }

done:
    return rc;
}

/* The first gene tells whether names and lengths are there. */
static cxs_rc make_genes(reader *r, const bool there[2], size_t p, cxs_frozen *z)
{
    cxs_ctx *ctx = r->ctx;
    const char *name = p > 0 ? memchr(r->at, '\t', (size_t)(r->end - r->at)) : NULL;
    const char *length =
        name != NULL ? memchr(name + 1, '\t', (size_t)(r->end - name - 1)) : NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(z->gene, p + 1);
    if (name != NULL && strncmp(name, "\tNA\t", 4) != 0)
        CXS_NEW(z->shown, p + 1);
    if (length != NULL && strncmp(length, "\tNA\t", 4) != 0)
        CXS_NEW(z->length, p + 1);
    for (size_t k = 0; k < 2; k++)
        if (there[k])
            CXS_TRY(cxs_frame_make(ctx, p, &z->frame[k]));
    if (there[1]) {
        CXS_NEW(z->mean, p + 1);
        CXS_NEW(z->sd, p + 1);
        CXS_NEW(z->level, p + 1);
    }
    z->p = p;

done:
    return rc;
}

static cxs_rc read_genes(reader *r, const bool there[2], cxs_frozen *z)
{
    size_t p = 0;
    cxs_rc rc = CXS_OK;

    CXS_TRY(read_count(r, 20, &p));
    CXS_TRY(skip_header(r, CXS_FROZEN_GENE_HEADER));
    CXS_TRY(make_genes(r, there, p, z));
    for (size_t j = 0; j < p; j++)
        CXS_TRY(read_gene(r, j, there, z));
    for (size_t k = 0; k < 2; k++)
        if (z->kind == CXS_KIND_COUNTS && z->length == NULL &&
            z->frame[k].normalise == CXS_NORMALISE_TPM)
            CXS_TRY(wrong(r, "TPM without gene lengths"));

done:
    return rc;
}

static cxs_rc read_change(const reader *r, size_t field, cxs_change *out)
{
    for (int k = CXS_CHANGE_NONE; k <= CXS_CHANGE_LOGIT; k++)
        if (strcmp(r->f.text[field], cxs_change_names[k]) == 0) {
            *out = (cxs_change)k;
            return CXS_OK;
        }
    return wrong(r, "a change is not none, log2 or logit");
}

static cxs_rc read_features(reader *r, cxs_frozen *z)
{
    cxs_ctx *ctx = r->ctx;
    size_t p = 0;
    cxs_rc rc = CXS_OK;

    CXS_TRY(expect(r, "features", 2));
    CXS_TRY(read_count(r, 10, &p));
    CXS_TRY(skip_header(r, CXS_FROZEN_FEATURE_HEADER));
    CXS_NEW(z->feature, p + 1);
    CXS_NEW(z->transform, p + 1);
    z->features = p;
    for (size_t j = 0; j < p; j++) {
        cxs_transform *t = &z->transform[j];
        CXS_TRY(next(r, 7));
        CXS_TRY(read_name(r, z->feature, j));
        CXS_TRY(real(r, 1, true, &t->mean));
        CXS_TRY(real(r, 2, true, &t->sd));
        CXS_TRY(real(r, 3, true, &t->winsor_low));
        CXS_TRY(real(r, 4, true, &t->winsor_high));
        CXS_TRY(read_change(r, 5, &t->change));
        CXS_TRY(real(r, 6, false, &t->change_by));
    }
    if (r->at != r->end)
        rc = wrong(r, "lines follow the last one");

done:
    return rc;
}

/* ---- file ------------------------------------------------------------------------ */

/* The lines of the file, joined again; *first is the first one. */
static cxs_rc read_text(cxs_ctx *ctx, const char *path, cxs_buf *b)
{
    cxs_text *text = NULL;
    char *line = NULL;
    size_t length = 0;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_text_open(ctx, path, &text));
    for (;;) {
        CXS_TRY(cxs_text_line(ctx, text, &line, &length));
        if (line == NULL)
            break;
        if (b->length == 0 &&
            strncmp(line, CXS_FROZEN_MAGIC "\t", sizeof CXS_FROZEN_MAGIC) != 0)
            CXS_TRY(cxs_fail(ctx, CXS_EFORMAT,
                             "%s: not a reference of features (coxswain features "
                             "--write-reference)",
                             path));
        CXS_TRY(cxs_buf_add(ctx, b, line, length));
        CXS_TRY(cxs_buf_add(ctx, b, "\n", 1));
    }
    if (b->length == 0)
        rc = cxs_fail(ctx, CXS_EFORMAT, "%s: the file is empty", path);

done:
    cxs_text_close(text);
    return rc;
}

/* Version before digest: a newer version may have another digest.  *end is set to the
 * last line, which the digest does not cover. */
static cxs_rc check_digest(cxs_ctx *ctx, const char *path, const cxs_buf *b, char **end)
{
    const long version = strtol(b->text + sizeof CXS_FROZEN_MAGIC, NULL, 10);
    char hex[CXS_SHA256_HEX], *last = b->text + b->length - 1;
    const size_t key = strlen("sha256\t");
    cxs_rc rc = CXS_OK;

    if (version > CXS_FROZEN_VERSION)
        return cxs_fail(ctx, CXS_EFORMAT,
                        "%s: version %ld of the format, this program reads up to %d",
                        path, version, CXS_FROZEN_VERSION);
    while (last > b->text && last[-1] != '\n')
        last--;
    CXS_TRY(cxs_sha256_bytes(ctx, b->text, (size_t)(last - b->text), hex));
    if (strncmp(last, "sha256\t", key) != 0 ||
        strncmp(last + key, hex, CXS_SHA256_HEX - 1) != 0 ||
        last[key + CXS_SHA256_HEX - 1] != '\n')
        rc = cxs_fail(ctx, CXS_EFORMAT,
                      "%s: the file was changed or cut: its SHA-256 does not match",
                      path);
    *end = last;

done:
    return rc;
}

cxs_rc cxs_frozen_read(cxs_ctx *ctx, const char *path, cxs_frozen **out)
{
    reader r = {.ctx = ctx, .path = path};
    cxs_frozen *z = NULL;
    cxs_buf text = {0};
    bool there[2] = {false, false};
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_TRY(read_text(ctx, path, &text));
    CXS_TRY(check_digest(ctx, path, &text, &r.end));
    r.at = text.text;
    CXS_NEW(z, 1);
    CXS_TRY(read_head(&r, z));
    CXS_TRY(read_frame(&r, "features", &z->frame[0], &there[0]));
    CXS_TRY(read_frame(&r, "scores", &z->frame[1], &there[1]));
    if (!there[0])
        CXS_TRY(wrong(&r, "a line is missing"));
    CXS_TRY(read_scores(&r, z));
    CXS_TRY(read_genes(&r, there, z));
    CXS_TRY(read_features(&r, z));
    *out = z;
    z = NULL;

done:
    cxs_fields_free(&r.f);
    cxs_frozen_free(z);
    cxs_free(text.text);
    return rc;
}
