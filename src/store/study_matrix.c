/*
 * study_matrix.c -- a matrix in a study file: names as rows, values as checked blocks
 *
 * A block is some columns as little-endian doubles in one zstd frame, about 4 MiB
 * before compression, so that reading needs the result and one frame.  The hash is of
 * the values, not of the frame: it also finds a decompressor that errs.
 */
#include "store/study_schema.h"

#include "base/pack.h"

#include <stdint.h>
#include <string.h>

enum { MATRIX_ID = 1 };

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "values are stored as little-endian doubles; this machine is not"
#endif

static cxs_rc write_names(cxs_ctx *ctx, const cxs_matrix *m, cxs_db *db)
{
    cxs_stmt *samples = NULL, *features = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_db_prepare(ctx, db, "INSERT INTO matrix_sample VALUES(?1, ?2, ?3)",
                           &samples));
    for (size_t i = 0; i < m->n; i++) {
        cxs_bind_int(samples, 1, MATRIX_ID);
        cxs_bind_int(samples, 2, (int64_t)i);
        cxs_bind_text(samples, 3, m->sample[i]);
        CXS_TRY(cxs_stmt_run(ctx, samples));
    }
    CXS_TRY(cxs_db_prepare(ctx, db, "INSERT INTO matrix_feature VALUES(?1, ?2, ?3, ?4)",
                           &features));
    for (size_t j = 0; j < m->p; j++) {
        cxs_bind_int(features, 1, MATRIX_ID);
        cxs_bind_int(features, 2, (int64_t)j);
        cxs_bind_text(features, 3, m->feature[j]);
        cxs_bind_text(features, 4, m->feature_name != NULL ? m->feature_name[j] : NULL);
        CXS_TRY(cxs_stmt_run(ctx, features));
    }
done:
    cxs_stmt_free(samples);
    cxs_stmt_free(features);
    return rc;
}

static cxs_rc write_blocks(cxs_ctx *ctx, const cxs_matrix *m, size_t block_columns,
                           cxs_db *db)
{
    cxs_stmt *stmt = NULL;
    void *packed = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_db_prepare(ctx, db, "INSERT INTO matrix_block VALUES(?1, ?2, ?3, ?4)",
                           &stmt));
    for (size_t j = 0, block = 0; j < m->p; j += block_columns, block++) {
        const size_t columns = m->p - j < block_columns ? m->p - j : block_columns;
        const size_t bytes = columns * m->n * sizeof *m->x;
        size_t packed_n = 0;
        CXS_TRY(cxs_pack(ctx, m->x + j * m->n, bytes, &packed, &packed_n));
        cxs_bind_int(stmt, 1, MATRIX_ID);
        cxs_bind_int(stmt, 2, (int64_t)block);
        cxs_bind_int(stmt, 3, (int64_t)cxs_hash64(m->x + j * m->n, bytes));
        cxs_bind_blob(stmt, 4, packed, packed_n);
        cxs_free(packed);
        packed = NULL;
        CXS_TRY(cxs_stmt_run(ctx, stmt));
    }
done:
    cxs_free(packed);
    cxs_stmt_free(stmt);
    return rc;
}

static cxs_rc write_lengths(cxs_ctx *ctx, const cxs_matrix *m, cxs_db *db)
{
    const size_t bytes = m->p * sizeof *m->length;
    cxs_stmt *stmt = NULL;
    void *packed = NULL;
    size_t packed_n = 0;
    cxs_rc rc = CXS_OK;

    if (m->length == NULL)
        return CXS_OK;
    CXS_TRY(
        cxs_db_prepare(ctx, db, "INSERT INTO matrix_length VALUES(?1, ?2, ?3)", &stmt));
    CXS_TRY(cxs_pack(ctx, m->length, bytes, &packed, &packed_n));
    cxs_bind_int(stmt, 1, MATRIX_ID);
    cxs_bind_int(stmt, 2, (int64_t)cxs_hash64(m->length, bytes));
    cxs_bind_blob(stmt, 3, packed, packed_n);
    CXS_TRY(cxs_stmt_run(ctx, stmt));
done:
    cxs_free(packed);
    cxs_stmt_free(stmt);
    return rc;
}

cxs_rc cxs_study_put_matrix(cxs_ctx *ctx, const cxs_matrix *m, cxs_db *db)
{
    size_t block_columns;
    cxs_stmt *stmt = NULL;
    cxs_rc rc = CXS_OK;

    if (m == NULL)
        return CXS_OK;
    block_columns = CXS_STUDY_BLOCK_BYTES / sizeof *m->x / (m->n > 0 ? m->n : 1);
    if (block_columns == 0)
        block_columns = 1;
    CXS_TRY(cxs_db_prepare(ctx, db, "INSERT INTO matrix VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
                           &stmt));
    cxs_bind_int(stmt, 1, MATRIX_ID);
    cxs_bind_text(stmt, 2, m->layer != NULL ? m->layer : "");
    cxs_bind_text(stmt, 3, cxs_kind_name(m->kind));
    cxs_bind_int(stmt, 4, (int64_t)m->n);
    cxs_bind_int(stmt, 5, (int64_t)m->p);
    cxs_bind_int(stmt, 6, (int64_t)block_columns);
    CXS_TRY(cxs_stmt_run(ctx, stmt));
    CXS_TRY(write_names(ctx, m, db));
    CXS_TRY(write_blocks(ctx, m, block_columns, db));
    CXS_TRY(write_lengths(ctx, m, db));
done:
    cxs_stmt_free(stmt);
    return rc;
}

cxs_rc cxs_study_keep_samples(cxs_ctx *ctx, cxs_matrix *m, const size_t *keep,
                              size_t count)
{
    const size_t n = m->n;
    size_t kept = 0;

    if (m->map != NULL) /* a mapped file cannot be packed in place */
        return cxs_fail(ctx, CXS_ENOTBUILT,
                        "a .cxf file in a study is not built yet: give a table");
    for (size_t j = 0; j < m->p; j++)
        for (size_t i = 0; i < count; i++)
            m->x[j * count + i] = m->x[j * n + keep[i]];
    for (size_t i = 0; i < n; i++) {
        if (kept < count && keep[kept] == i)
            m->sample[kept++] = m->sample[i];
        else
            cxs_free(m->sample[i]);
    }
    m->n = count;
    return CXS_OK;
}

/* ---- reading --------------------------------------------------------------------- */

static cxs_rc damaged(cxs_ctx *ctx, const char *path, const char *what)
{
    return cxs_fail(ctx, CXS_EFORMAT, "%s: damaged study file: %s", path, what);
}

/* Names of one kind in their order; exactly `count` of them. */
static cxs_rc read_names(cxs_ctx *ctx, cxs_db *db, const char *path, const char *sql,
                         size_t count, char **name, char **shown)
{
    cxs_stmt *stmt = NULL;
    bool row = false;
    size_t n = 0;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_db_prepare(ctx, db, sql, &stmt));
    cxs_bind_int(stmt, 1, MATRIX_ID);
    for (;; n++) {
        CXS_TRY(cxs_stmt_step(ctx, stmt, &row));
        if (!row || n == count)
            break;
        if ((name[n] = cxs_strdup(ctx, cxs_column_text(stmt, 0))) == NULL)
            CXS_TRY(CXS_ENOMEM);
        if (shown != NULL &&
            (shown[n] = cxs_strdup(ctx, cxs_column_text(stmt, 1))) == NULL)
            CXS_TRY(CXS_ENOMEM);
    }
    if (row || n != count)
        CXS_TRY(damaged(ctx, path, "matrix names and sizes disagree"));
done:
    cxs_stmt_free(stmt);
    return rc;
}

static cxs_rc read_blocks(cxs_ctx *ctx, cxs_db *db, const char *path,
                          size_t block_columns, cxs_matrix *m)
{
    cxs_stmt *stmt = NULL;
    bool row = false;
    size_t j = 0;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_db_prepare(ctx, db,
                           "SELECT block, xxh64, bytes FROM matrix_block "
                           "WHERE matrix = ?1 ORDER BY block",
                           &stmt));
    cxs_bind_int(stmt, 1, MATRIX_ID);
    for (size_t block = 0; j < m->p; block++) {
        const size_t columns = m->p - j < block_columns ? m->p - j : block_columns;
        const size_t bytes = columns * m->n * sizeof *m->x;
        const void *packed;
        size_t packed_n = 0;
        CXS_TRY(cxs_stmt_step(ctx, stmt, &row));
        if (!row || cxs_column_int(stmt, 0) != (int64_t)block)
            CXS_TRY(damaged(ctx, path, "a block of the matrix is missing"));
        packed = cxs_column_blob(stmt, 2, &packed_n);
        if (cxs_unpack(ctx, packed, packed_n, m->x + j * m->n, bytes) != CXS_OK ||
            (int64_t)cxs_hash64(m->x + j * m->n, bytes) != cxs_column_int(stmt, 1))
            CXS_TRY(damaged(ctx, path, "a block of the matrix fails its checksum"));
        j += columns;
    }
done:
    cxs_stmt_free(stmt);
    return rc;
}

/* Is there a table for lengths?  Files of before have none. */
static cxs_rc has_lengths(cxs_ctx *ctx, cxs_db *db, bool *found)
{
    cxs_stmt *stmt = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_db_prepare(ctx, db,
                           "SELECT 1 FROM sqlite_master WHERE type = 'table'"
                           " AND name = 'matrix_length'",
                           &stmt));
    rc = cxs_stmt_step(ctx, stmt, found);
done:
    cxs_stmt_free(stmt);
    return rc;
}

static cxs_rc read_lengths(cxs_ctx *ctx, cxs_db *db, const char *path, cxs_matrix *m)
{
    const size_t bytes = m->p * sizeof *m->length;
    cxs_stmt *stmt = NULL;
    const void *packed;
    size_t packed_n = 0;
    bool found = false;
    cxs_rc rc = CXS_OK;

    CXS_TRY(has_lengths(ctx, db, &found));
    if (!found)
        goto done;
    CXS_TRY(cxs_db_prepare(
        ctx, db, "SELECT xxh64, bytes FROM matrix_length WHERE matrix = ?1", &stmt));
    cxs_bind_int(stmt, 1, MATRIX_ID);
    CXS_TRY(cxs_stmt_step(ctx, stmt, &found));
    if (!found)
        goto done;
    CXS_NEW(m->length, m->p + 1);
    packed = cxs_column_blob(stmt, 1, &packed_n);
    if (cxs_unpack(ctx, packed, packed_n, m->length, bytes) != CXS_OK ||
        (int64_t)cxs_hash64(m->length, bytes) != cxs_column_int(stmt, 0))
        CXS_TRY(damaged(ctx, path, "the lengths of the features fail their checksum"));
    for (size_t j = 0; j < m->p; j++)
        if (!(m->length[j] > 0.0))
            CXS_TRY(damaged(ctx, path, "a feature has no length"));
done:
    cxs_stmt_free(stmt);
    return rc;
}

/* Sizes of the matrix; *found false when the study has none.  A claim of more names
 * than the file has rows is refused before memory is asked for. */
static cxs_rc read_sizes(cxs_ctx *ctx, cxs_db *db, const char *path, cxs_matrix *m,
                         size_t *block_columns, bool *found)
{
    cxs_stmt *stmt = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_db_prepare(ctx, db,
                           "SELECT layer, kind, n, p, block_columns,"
                           " (SELECT count(*) FROM matrix_sample WHERE matrix = ?1),"
                           " (SELECT count(*) FROM matrix_feature WHERE matrix = ?1)"
                           " FROM matrix WHERE id = ?1",
                           &stmt));
    cxs_bind_int(stmt, 1, MATRIX_ID);
    CXS_TRY(cxs_stmt_step(ctx, stmt, found));
    if (!*found)
        goto done;
    if (cxs_column_int(stmt, 2) < 0 || cxs_column_int(stmt, 3) < 0 ||
        cxs_column_int(stmt, 4) < 1 ||
        cxs_column_int(stmt, 2) != cxs_column_int(stmt, 5) ||
        cxs_column_int(stmt, 3) != cxs_column_int(stmt, 6))
        CXS_TRY(damaged(ctx, path, "matrix names and sizes disagree"));
    if ((m->layer = cxs_strdup(ctx, cxs_column_text(stmt, 0))) == NULL)
        CXS_TRY(CXS_ENOMEM);
    m->kind = cxs_kind_named(cxs_column_text(stmt, 1));
    m->n = (size_t)cxs_column_int(stmt, 2);
    m->p = (size_t)cxs_column_int(stmt, 3);
    *block_columns = (size_t)cxs_column_int(stmt, 4);
done:
    cxs_stmt_free(stmt);
    return rc;
}

cxs_rc cxs_study_get_matrix(cxs_ctx *ctx, cxs_db *db, const char *path,
                            cxs_matrix **out)
{
    cxs_matrix *m = NULL;
    size_t block_columns = 1, n = 0, p = 0, cells = 0;
    bool found = false;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_NEW(m, 1);
    CXS_TRY(read_sizes(ctx, db, path, m, &block_columns, &found));
    if (!found)
        goto done;
    n = m->n;
    p = m->p;
    m->n = m->p = 0; /* until the arrays are there */
    if (__builtin_mul_overflow(n, p, &cells))
        CXS_TRY(damaged(ctx, path, "impossible matrix size"));
    CXS_NEW(m->x, cells);
    CXS_NEW(m->sample, n);
    m->n = n;
    CXS_NEW(m->feature, p);
    CXS_NEW(m->feature_name, p);
    m->p = p;
    if ((m->path = cxs_strdup(ctx, path)) == NULL)
        CXS_TRY(CXS_ENOMEM);
    CXS_TRY(read_names(ctx, db, path,
                       "SELECT sample FROM matrix_sample WHERE matrix = ?1 ORDER BY at",
                       n, m->sample, NULL));
    CXS_TRY(read_names(ctx, db, path,
                       "SELECT feature, coalesce(shown, feature) FROM matrix_feature "
                       "WHERE matrix = ?1 ORDER BY at",
                       p, m->feature, m->feature_name));
    CXS_TRY(read_blocks(ctx, db, path, block_columns, m));
    CXS_TRY(read_lengths(ctx, db, path, m));
    *out = m;
    m = NULL;
done:
    cxs_matrix_free(m);
    return rc;
}
