/*
 * maf.c -- variants of many samples from one MAF (GDC v2.4, cBioPortal)
 *
 * Only the columns that are used are kept, so a file with 140 columns costs no more than
 * one with 15.  Rows are sorted by sample once; within a sample they stay in file order.
 * MAF writes "-" for the missing side of an indel; the table keeps that notation, the
 * position being that of the first changed base (insertion: the base before it).
 */
#include "ingest/maf_private.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    bool needed;
} columns[MAF_COLUMNS] = {
    [MAF_SAMPLE] = {"Tumor_Sample_Barcode", true},
    [MAF_GENE] = {"Hugo_Symbol", true},
    [MAF_BUILD] = {"NCBI_Build", false},
    [MAF_CHROM] = {"Chromosome", true},
    [MAF_START] = {"Start_Position", true},
    [MAF_CLASS] = {"Variant_Classification", true},
    [MAF_REF] = {"Reference_Allele", true},
    [MAF_ALT] = {"Tumor_Seq_Allele2", true},
    [MAF_ALT1] = {"Tumor_Seq_Allele1", false},
    [MAF_T_REF] = {"t_ref_count", false},
    [MAF_T_ALT] = {"t_alt_count", false},
    [MAF_T_DEPTH] = {"t_depth", false},
    [MAF_N_DEPTH] = {"n_depth", false},
    [MAF_N_ALT] = {"n_alt_count", false},
    [MAF_N_REF] = {"n_ref_count", false},
    [MAF_FILTER] = {"FILTER", false},
    [MAF_TRANSCRIPT] = {"Transcript_ID", false},
    [MAF_HGVSP] = {"HGVSp", false},
    [MAF_HGVSP_SHORT] = {"HGVSp_Short", false},
    [MAF_POP] = {"MAX_AF", false},
};

const char *cxs_maf_column(size_t column)
{
    return columns[column].name;
}

void cxs_maf_free(cxs_maf *maf)
{
    if (maf == NULL)
        return;
    cxs_free(maf->path);
    cxs_free(maf->text);
    cxs_free(maf->row);
    cxs_free_strings(maf->sample, maf->samples);
    cxs_free(maf);
}

const char *cxs_maf_cell(const cxs_maf *maf, const cxs_maf_row *r, size_t column)
{
    const char *at = maf->text + r->at;

    for (size_t c = 0; c < column; c++)
        at += strlen(at) + 1;
    return at;
}

static cxs_rc add_text(cxs_ctx *ctx, cxs_maf *maf, const char *text, size_t length)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_grow(ctx, (void **)&maf->text, &maf->capacity, maf->length + length + 1,
                     1));
    memcpy(maf->text + maf->length, text, length);
    maf->text[maf->length + length] = '\0';
    maf->length += length + 1;
done:
    return rc;
}

/* Field of each column; SIZE_MAX for absent ones. */
static cxs_rc find_columns(cxs_ctx *ctx, const cxs_maf *maf, const cxs_text *text,
                           const cxs_fields *names, size_t *field)
{
    for (size_t c = 0; c < MAF_COLUMNS; c++) {
        field[c] = SIZE_MAX;
        for (size_t f = 0; f < names->count; f++)
            if (strcmp(names->text[f], columns[c].name) == 0)
                field[c] = f;
        if (field[c] == SIZE_MAX && columns[c].needed)
            return cxs_fail_code(ctx, CXS_EFORMAT, "CX020",
                                 "%s:%zu: column \"%s\" is missing", maf->path,
                                 cxs_text_line_number(text), columns[c].name);
    }
    return CXS_OK;
}

static cxs_rc add_row(cxs_ctx *ctx, cxs_maf *maf, const cxs_text *text,
                      const cxs_fields *f, const size_t *field)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_grow(ctx, (void **)&maf->row, &maf->row_capacity, maf->rows + 1,
                     sizeof *maf->row));
    maf->row[maf->rows++] =
        (cxs_maf_row){.line = cxs_text_line_number(text), .at = maf->length};
    for (size_t c = 0; c < MAF_COLUMNS; c++) {
        const bool has = field[c] != SIZE_MAX;
        CXS_TRY(add_text(ctx, maf, has ? f->text[field[c]] : "",
                         has ? f->length[field[c]] : 0));
    }
done:
    return rc;
}

static cxs_rc read_rows(cxs_ctx *ctx, cxs_maf *maf, cxs_text *text)
{
    cxs_fields fields = {0};
    size_t field[MAF_COLUMNS], length = 0, width = 0;
    char *line = NULL;
    cxs_rc rc = CXS_OK;

    for (;;) {
        CXS_TRY(cxs_text_line(ctx, text, &line, &length));
        if (line == NULL)
            break;
        if (length == 0 || (width == 0 && *line == '#'))
            continue;
        CXS_TRY(cxs_fields_split(ctx, line, length, '\t', &fields));
        if (width == 0) {
            width = fields.count;
            CXS_TRY(find_columns(ctx, maf, text, &fields, field));
            for (size_t c = 0; c < MAF_COLUMNS; c++)
                maf->has[c] = field[c] != SIZE_MAX;
            continue;
        }
        if (fields.count != width)
            CXS_TRY(cxs_fail_code(ctx, CXS_EFORMAT, "CX019",
                                  "%s:%zu: %zu fields, the header has %zu", maf->path,
                                  cxs_text_line_number(text), fields.count, width));
        CXS_TRY(add_row(ctx, maf, text, &fields, field));
    }
    if (width == 0)
        CXS_TRY(
            cxs_fail_code(ctx, CXS_EFORMAT, "CX020", "%s: no header line", maf->path));
done:
    cxs_fields_free(&fields);
    return rc;
}

static int by_sample(const void *a, const void *b)
{
    const cxs_maf_row *x = a, *y = b;

    if (x->sample != y->sample)
        return x->sample < y->sample ? -1 : 1;
    return x->line < y->line ? -1 : x->line > y->line;
}

/* Distinct names, then each row's sample, then the rows by sample. */
static cxs_rc sort_samples(cxs_ctx *ctx, cxs_maf *maf)
{
    char **all = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(all, maf->rows);
    for (size_t i = 0; i < maf->rows; i++)
        all[i] = maf->text + maf->row[i].at;
    if (maf->rows > 0)
        qsort(all, maf->rows, sizeof *all, cxs_text_compare);
    for (size_t i = 0; i < maf->rows; i++) {
        if (i > 0 && strcmp(all[i], all[i - 1]) == 0)
            continue;
        CXS_TRY(cxs_grow(ctx, (void **)&maf->sample, &maf->sample_capacity,
                         maf->samples + 1, sizeof *maf->sample));
        if ((maf->sample[maf->samples] = cxs_strdup(ctx, all[i])) == NULL)
            CXS_TRY(CXS_ENOMEM);
        maf->samples++;
    }
    for (size_t i = 0; i < maf->rows; i++) {
        const char *name = maf->text + maf->row[i].at;
        char *const *found = bsearch(&name, maf->sample, maf->samples,
                                     sizeof *maf->sample, cxs_text_compare);
        maf->row[i].sample = (size_t)(found - maf->sample);
    }
    if (maf->rows > 0)
        qsort(maf->row, maf->rows, sizeof *maf->row, by_sample);
done:
    cxs_free(all);
    return rc;
}

cxs_rc cxs_maf_read(cxs_ctx *ctx, const char *path, cxs_maf **out)
{
    cxs_maf *maf = NULL;
    cxs_text *text = NULL;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_NEW(maf, 1);
    if ((maf->path = cxs_strdup(ctx, path)) == NULL)
        CXS_TRY(CXS_ENOMEM);
    CXS_TRY(cxs_text_open(ctx, path, &text));
    CXS_TRY(read_rows(ctx, maf, text));
    CXS_TRY(sort_samples(ctx, maf));
    *out = maf;
    maf = NULL;
done:
    cxs_text_close(text);
    cxs_maf_free(maf);
    return rc;
}

size_t cxs_maf_samples(const cxs_maf *maf)
{
    return maf->samples;
}

const char *cxs_maf_sample(const cxs_maf *maf, size_t at)
{
    return maf->sample[at];
}

/* First row of a sample, maf->rows when it has none. */
size_t cxs_maf_first(const cxs_maf *maf, const char *sample)
{
    char *const *found = maf->samples == 0
                             ? NULL
                             : bsearch(&sample, maf->sample, maf->samples,
                                       sizeof *maf->sample, cxs_text_compare);
    const size_t index = found != NULL ? (size_t)(found - maf->sample) : SIZE_MAX;
    size_t low = 0, high = maf->rows;

    if (found == NULL)
        return maf->rows;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (maf->row[middle].sample < index)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
