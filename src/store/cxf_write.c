/*
 * cxf_write.c -- write a matrix as .cxf
 *
 * One pass, block after block; zstd blocks are packed on the pool in rounds of a fixed
 * number, so that memory does not grow with the file.  The same matrix gives the same
 * bytes: no time, no path, no dependence on threads.
 */
#include "store/cxf.h"

#include "base/out.h"
#include "base/pack.h"
#include "base/pool.h"
#include "store/data.h"

#include <string.h>

enum { ROUND = 16 }; /* blocks packed at a time */

static cxs_rc add_names(cxs_ctx *ctx, cxs_buf *b, char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const cxs_rc rc = cxs_buf_add(ctx, b, names[i], strlen(names[i]) + 1);
        if (rc != CXS_OK)
            return rc;
    }
    return CXS_OK;
}

/* Texts and the zeros up to the values; header gets what it says about them. */
static cxs_rc make_names(cxs_ctx *ctx, const cxs_matrix *m, cxs_cxf_header *h,
                         cxs_buf *names)
{
    static const char zeros[CXS_CXF_ALIGN];
    const char *layer = m->layer != NULL ? m->layer : "";
    cxs_rc rc = CXS_OK;
    size_t gap;

    CXS_TRY(cxs_buf_add(ctx, names, layer, strlen(layer) + 1));
    CXS_TRY(add_names(ctx, names, m->sample, m->n));
    CXS_TRY(add_names(ctx, names, m->feature, m->p));
    if (m->feature_name != NULL)
        CXS_TRY(add_names(ctx, names, m->feature_name, m->p));
    h->names_bytes = names->length;
    gap = (CXS_CXF_ALIGN - (sizeof *h + names->length) % CXS_CXF_ALIGN) % CXS_CXF_ALIGN;
    CXS_TRY(cxs_buf_add(ctx, names, zeros, gap));
    h->names_hash = cxs_hash64(names->text, names->length);
    h->data_offset = sizeof *h + names->length;

done:
    return rc;
}

static void make_header(const cxs_matrix *m, int compress, cxs_cxf_header *h)
{
    memcpy(h->magic, CXS_CXF_MAGIC, sizeof h->magic);
    h->endian = CXS_CXF_ENDIAN;
    h->major = CXS_CXF_MAJOR;
    h->minor = CXS_CXF_MINOR;
    h->n = m->n;
    h->p = m->p;
    h->value_type = CXS_CXF_FLOAT64;
    h->kind = (uint32_t)m->kind;
    h->flags =
        (compress ? CXS_CXF_ZSTD : 0U) | (m->feature_name != NULL ? CXS_CXF_NAMED : 0U);
    h->block_columns = CXS_CXF_COLUMNS;
}

/* Names ascend strictly: what every reader relies on, checked before a byte is out. */
static cxs_rc check_sorted(cxs_ctx *ctx, const char *what, char *const *names, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (strcmp(names[i - 1], names[i]) >= 0)
            return cxs_fail(ctx, CXS_EBUG, "matrix file: %s are not sorted and unique",
                            what);
    return CXS_OK;
}

/* One round of blocks: raw blocks point into the matrix, packed ones are owned. */
typedef struct packing {
    const cxs_matrix *m;
    int compress;
    size_t first; /* block of slot 0 */
    void *packed[ROUND];
    size_t bytes[ROUND];
} packing;

static const double *block_values(const cxs_matrix *m, size_t block, size_t *bytes)
{
    const size_t first = block * CXS_CXF_COLUMNS;
    const size_t columns =
        m->p - first < CXS_CXF_COLUMNS ? m->p - first : CXS_CXF_COLUMNS;

    *bytes = columns * m->n * sizeof *m->x;
    return m->x + first * m->n;
}

static cxs_rc pack_block(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    packing *w = arg;
    size_t bytes;
    const double *values = block_values(w->m, w->first + index, &bytes);

    (void)worker;
    return cxs_pack(ctx, values, bytes, &w->packed[index], &w->bytes[index]);
}

static void free_packed(packing *w)
{
    for (size_t i = 0; i < ROUND; i++) {
        cxs_free(w->packed[i]);
        w->packed[i] = NULL;
    }
}

static cxs_rc write_round(cxs_ctx *ctx, cxs_out *out, packing *w, size_t count,
                          cxs_cxf_block *table, uint64_t *offset)
{
    cxs_rc rc = CXS_OK;

    if (w->compress)
        CXS_TRY(cxs_pool_run(ctx, NULL, count, pack_block, w));
    for (size_t i = 0; i < count; i++) {
        size_t bytes = w->bytes[i];
        const void *stored = w->packed[i];
        if (!w->compress)
            stored = block_values(w->m, w->first + i, &bytes);
        table[w->first + i] =
            (cxs_cxf_block){*offset, bytes, cxs_hash64(stored, bytes)};
        *offset += bytes;
        CXS_TRY(cxs_out_write(ctx, out, stored, bytes));
    }

done:
    free_packed(w);
    return rc;
}

static cxs_rc write_end(cxs_ctx *ctx, cxs_out *out, const cxs_cxf_header *h,
                        const cxs_cxf_block *table, size_t blocks, uint64_t offset)
{
    const size_t bytes = blocks * sizeof *table;
    cxs_cxf_end end = {.table_offset = offset, .table_bytes = bytes};
    cxs_rc rc = CXS_OK;

    memcpy(end.magic, CXS_CXF_END_MAGIC, sizeof end.magic);
    end.table_hash = cxs_hash64(table, bytes);
    end.file_bytes = offset + bytes + sizeof end;
    end.header_hash = h->hash;
    end.hash = cxs_hash64(&end, offsetof(cxs_cxf_end, hash));
    CXS_TRY(cxs_out_write(ctx, out, table, bytes));
    CXS_TRY(cxs_out_write(ctx, out, &end, sizeof end));

done:
    return rc;
}

cxs_rc cxs_matrix_write(cxs_ctx *ctx, const cxs_matrix *m, const char *path,
                        int compress)
{
    const size_t blocks = (m->p + CXS_CXF_COLUMNS - 1) / CXS_CXF_COLUMNS;
    packing w = {.m = m, .compress = compress};
    cxs_cxf_header h = {.n = 0};
    cxs_cxf_block *table = NULL;
    cxs_buf names = {0};
    cxs_out *out = NULL;
    cxs_rc rc = CXS_OK;
    uint64_t offset;

    if (m->n == 0 || m->p == 0)
        return cxs_fail(ctx, CXS_EDEGENERATE, "%s: the matrix is empty (%zu x %zu)",
                        path, m->n, m->p);
    CXS_TRY(check_sorted(ctx, "samples", m->sample, m->n));
    CXS_TRY(check_sorted(ctx, "features", m->feature, m->p));
    CXS_NEW(table, blocks);
    make_header(m, compress, &h);
    CXS_TRY(make_names(ctx, m, &h, &names));
    h.hash = cxs_hash64(&h, offsetof(cxs_cxf_header, hash));
    CXS_TRY(cxs_out_open(ctx, path, &out));
    CXS_TRY(cxs_out_write(ctx, out, &h, sizeof h));
    CXS_TRY(cxs_out_write(ctx, out, names.text, names.length));
    offset = h.data_offset;
    for (w.first = 0; w.first < blocks; w.first += ROUND) {
        const size_t left = blocks - w.first;
        CXS_TRY(write_round(ctx, out, &w, left < ROUND ? left : ROUND, table, &offset));
    }
    CXS_TRY(write_end(ctx, out, &h, table, blocks, offset));
    rc = cxs_out_commit(ctx, out);
    out = NULL;

done:
    cxs_out_abort(out);
    cxs_free(names.text);
    cxs_free(table);
    return rc;
}
