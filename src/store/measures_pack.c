/*
 * measures_pack.c -- a bag of measures as bytes, and back from bytes that may lie
 *
 *   magic "CXSMEAS1"                                                       8 bytes
 *   size of the body, xxh64 of the body                                    8 + 8
 *   body as one zstd frame:
 *     number of tables                                                     4
 *     each table: length of its name (1), name, rows (8), columns (4)
 *       each column: type (1), length of its name (1), name, then
 *         whole, real: rows values of 8 bytes, two's complement, IEEE 754
 *         text: rows numbers of 4 bytes, length + 1 or 0 for a missing text; all bytes
 *
 * All numbers are little-endian and are put together byte by byte: the same on every
 * machine.  NaN is stored as the one quiet NaN, so that equal bags have equal bytes.
 * Memory that unpacking takes is bounded by a small multiple of the body, and the body
 * by CXS_MEASURES_BYTES_MAX; tables and columns are few, because names are compared
 * with each other.
 */
#include "store/measures_private.h"

#include "base/pack.h"
#include "base/text.h"

#include <math.h>
#include <string.h>

static const char magic[8] = {'C', 'X', 'S', 'M', 'E', 'A', 'S', '1'};
enum { HEAD_BYTES = 24, TABLES_MAX = 256, COLUMNS_MAX = 1024 };

static const uint64_t quiet_nan = 0x7ff8000000000000U;

/* ---- to bytes -------------------------------------------------------------------- */

/* Bytes that grow, up to the limit of a bag. */
static cxs_rc put(cxs_ctx *ctx, cxs_buf *body, const void *bytes, size_t n)
{
    if (n > CXS_MEASURES_BYTES_MAX || body->length > CXS_MEASURES_BYTES_MAX - n)
        return cxs_fail(ctx, CXS_EDEGENERATE,
                        "the measures of one file exceed %zu bytes",
                        CXS_MEASURES_BYTES_MAX);
    return cxs_buf_add(ctx, body, bytes, n);
}

static void store(unsigned char *to, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        to[i] = (unsigned char)(value >> (8 * i));
}

static cxs_rc put_number(cxs_ctx *ctx, cxs_buf *body, uint64_t value, size_t bytes)
{
    unsigned char stored[8];

    store(stored, value, bytes);
    return put(ctx, body, stored, bytes);
}

static cxs_rc put_name(cxs_ctx *ctx, cxs_buf *body, const char *name)
{
    const size_t length = strlen(name);
    const cxs_rc rc = put_number(ctx, body, length, 1);

    return rc == CXS_OK ? put(ctx, body, name, length) : rc;
}

static uint64_t bits_of(const cxs_measure_column_data *column, size_t row)
{
    uint64_t bits = quiet_nan;

    if (column->type == CXS_MEASURE_INT)
        memcpy(&bits, &column->whole[row], sizeof bits);
    else if (!isnan(column->real[row]))
        memcpy(&bits, &column->real[row], sizeof bits);
    return bits;
}

static cxs_rc put_numbers(cxs_ctx *ctx, cxs_buf *body,
                          const cxs_measure_column_data *column, size_t rows)
{
    unsigned char block[8 * 512];
    size_t held = 0;

    for (size_t r = 0; r < rows; r++, held += 8) {
        if (held == sizeof block) {
            const cxs_rc rc = put(ctx, body, block, held);
            if (rc != CXS_OK)
                return rc;
            held = 0;
        }
        store(block + held, bits_of(column, r), 8);
    }
    return held > 0 ? put(ctx, body, block, held) : CXS_OK;
}

static cxs_rc put_texts(cxs_ctx *ctx, cxs_buf *body,
                        const cxs_measure_column_data *column, size_t rows)
{
    cxs_rc rc = CXS_OK;

    for (size_t r = 0; r < rows; r++)
        CXS_TRY(put_number(
            ctx, body, column->text[r] != NULL ? strlen(column->text[r]) + 1 : 0, 4));
    for (size_t r = 0; r < rows; r++)
        if (column->text[r] != NULL && column->text[r][0] != '\0')
            CXS_TRY(put(ctx, body, column->text[r], strlen(column->text[r])));
done:
    return rc;
}

static cxs_rc put_table(cxs_ctx *ctx, cxs_buf *body, const cxs_measure *table)
{
    cxs_rc rc = CXS_OK;

    if ((table->rows > 0 && table->columns == 0) || table->columns > COLUMNS_MAX)
        CXS_TRY(cxs_fail(ctx, CXS_EBUG, "measures \"%s\" have %zu columns", table->name,
                         table->columns));
    CXS_TRY(put_name(ctx, body, table->name));
    CXS_TRY(put_number(ctx, body, table->rows, 8));
    CXS_TRY(put_number(ctx, body, table->columns, 4));
    for (size_t c = 0; c < table->columns; c++) {
        const cxs_measure_column_data *column = &table->column[c];
        CXS_TRY(put_number(ctx, body, (uint64_t)column->type, 1));
        CXS_TRY(put_name(ctx, body, column->name));
        CXS_TRY(column->type == CXS_MEASURE_TEXT
                    ? put_texts(ctx, body, column, table->rows)
                    : put_numbers(ctx, body, column, table->rows));
    }
done:
    return rc;
}

cxs_rc cxs_measures_pack(cxs_ctx *ctx, const cxs_measures *bag, unsigned char **bytes,
                         size_t *size)
{
    cxs_buf body = {0};
    void *frame = NULL;
    unsigned char *made = NULL;
    size_t n = 0;
    cxs_rc rc = CXS_OK;

    *bytes = NULL;
    *size = 0;
    if (bag->count > TABLES_MAX)
        CXS_TRY(cxs_fail(ctx, CXS_EBUG, "%zu tables in one bag", bag->count));
    CXS_TRY(put_number(ctx, &body, bag->count, 4));
    for (size_t t = 0; t < bag->count; t++)
        CXS_TRY(put_table(ctx, &body, bag->table[t]));
    CXS_TRY(cxs_pack(ctx, body.text, body.length, &frame, &n));
    CXS_NEW(made, HEAD_BYTES + n);
    memcpy(made, magic, sizeof magic);
    store(made + 8, body.length, 8);
    store(made + 16, cxs_hash64(body.text, body.length), 8);
    memcpy(made + HEAD_BYTES, frame, n);
    *bytes = made;
    *size = HEAD_BYTES + n;
done:
    cxs_free(frame);
    cxs_free(body.text);
    return rc;
}

/* ---- from bytes ------------------------------------------------------------------ */

/* What is left of the body. */
typedef struct reader {
    const unsigned char *at;
    size_t left;
    const char *where;
} reader;

static cxs_rc damaged(cxs_ctx *ctx, const reader *from, const char *what)
{
    return cxs_fail(ctx, CXS_EFORMAT, "%s: damaged measures: %s", from->where, what);
}

static uint64_t load(const unsigned char *from, size_t bytes)
{
    uint64_t value = 0;

    for (size_t i = 0; i < bytes; i++)
        value |= (uint64_t)from[i] << (8 * i);
    return value;
}

/* The next n bytes, NULL with a message when there are fewer. */
static const unsigned char *take(cxs_ctx *ctx, reader *from, size_t n)
{
    const unsigned char *at = from->at;

    if (n > from->left) {
        damaged(ctx, from, "they end early");
        return NULL;
    }
    from->at += n;
    from->left -= n;
    return at;
}

static cxs_rc take_number(cxs_ctx *ctx, reader *from, size_t bytes, uint64_t *value)
{
    const unsigned char *at = take(ctx, from, bytes);

    *value = at != NULL ? load(at, bytes) : 0;
    return at != NULL ? CXS_OK : CXS_EFORMAT;
}

/* A name; whether it is a proper one is for cxs_measures_add() and its kin to say. */
static cxs_rc take_name(cxs_ctx *ctx, reader *from, char name[CXS_MEASURE_NAME + 1])
{
    const unsigned char *at;
    uint64_t length = 0;
    const cxs_rc rc = take_number(ctx, from, 1, &length);

    if (rc != CXS_OK)
        return rc;
    if (length < 1 || length > CXS_MEASURE_NAME)
        return damaged(ctx, from, "a name of impossible length");
    if ((at = take(ctx, from, (size_t)length)) == NULL)
        return CXS_EFORMAT;
    memcpy(name, at, (size_t)length);
    name[length] = '\0';
    return strlen(name) == length ? CXS_OK : damaged(ctx, from, "a name holds NUL");
}

/* Names that a maker refuses are damage here. */
static cxs_rc as_damage(cxs_ctx *ctx, const reader *from, cxs_rc rc)
{
    return rc == CXS_EARG ? damaged(ctx, from, "a name is malformed or repeated") : rc;
}

static cxs_rc take_whole(cxs_ctx *ctx, reader *from, cxs_measure *table,
                         const char *name)
{
    const unsigned char *at = take(ctx, from, 8 * table->rows);
    int64_t *column;
    cxs_rc rc;

    if (at == NULL)
        return CXS_EFORMAT;
    rc = cxs_measure_int(ctx, table, name, &column);
    for (size_t r = 0; rc == CXS_OK && r < table->rows; r++) {
        const uint64_t bits = load(at + 8 * r, 8);
        memcpy(&column[r], &bits, sizeof bits);
    }
    return as_damage(ctx, from, rc);
}

static cxs_rc take_real(cxs_ctx *ctx, reader *from, cxs_measure *table,
                        const char *name)
{
    const unsigned char *at = take(ctx, from, 8 * table->rows);
    double *column;
    cxs_rc rc;

    if (at == NULL)
        return CXS_EFORMAT;
    rc = cxs_measure_real(ctx, table, name, &column);
    for (size_t r = 0; rc == CXS_OK && r < table->rows; r++) {
        const uint64_t bits = load(at + 8 * r, 8);
        memcpy(&column[r], &bits, sizeof bits);
    }
    return as_damage(ctx, from, rc);
}

static cxs_rc take_text(cxs_ctx *ctx, reader *from, cxs_measure *table,
                        const char *name)
{
    const unsigned char *length = take(ctx, from, 4 * table->rows), *at;
    const char **text;
    size_t column;
    cxs_rc rc = CXS_OK;

    if (length == NULL)
        return CXS_EFORMAT;
    CXS_TRY(as_damage(ctx, from, cxs_measure_text(ctx, table, name, &column)));
    text = table->column[column].text;
    for (size_t r = 0; r < table->rows; r++) {
        const size_t n = (size_t)load(length + 4 * r, 4);
        char *copy;
        if (n == 0)
            continue;
        if ((at = take(ctx, from, n - 1)) == NULL)
            return CXS_EFORMAT;
        if (!cxs_text_is_utf8((const char *)at, n - 1))
            return damaged(ctx, from, "a text is not UTF-8");
        if ((copy = cxs_measure_text_room(ctx, table, n - 1)) == NULL)
            return CXS_ENOMEM;
        memcpy(copy, at, n - 1);
        text[r] = copy;
    }
done:
    return rc;
}

static cxs_rc take_column(cxs_ctx *ctx, reader *from, cxs_measure *table)
{
    char name[CXS_MEASURE_NAME + 1];
    uint64_t type = 0;
    cxs_rc rc = CXS_OK;

    CXS_TRY(take_number(ctx, from, 1, &type));
    CXS_TRY(take_name(ctx, from, name));
    switch (type) {
    case CXS_MEASURE_INT:
        return take_whole(ctx, from, table, name);
    case CXS_MEASURE_REAL:
        return take_real(ctx, from, table, name);
    case CXS_MEASURE_TEXT:
        return take_text(ctx, from, table, name);
    default:
        return damaged(ctx, from, "a column of unknown type");
    }
done:
    return rc;
}

static cxs_rc take_table(cxs_ctx *ctx, reader *from, cxs_measures *bag)
{
    char name[CXS_MEASURE_NAME + 1];
    uint64_t rows = 0, columns = 0;
    cxs_measure *table;
    cxs_rc rc = CXS_OK;

    CXS_TRY(take_name(ctx, from, name));
    CXS_TRY(take_number(ctx, from, 8, &rows));
    CXS_TRY(take_number(ctx, from, 4, &columns));
    /* A row takes four bytes of the body in each column, or more. */
    if (columns > COLUMNS_MAX || (rows > 0 && columns == 0) || rows > from->left / 4)
        return damaged(ctx, from, "a table of impossible size");
    CXS_TRY(
        as_damage(ctx, from, cxs_measures_add(ctx, bag, name, (size_t)rows, &table)));
    for (uint64_t c = 0; c < columns; c++)
        CXS_TRY(take_column(ctx, from, table));
done:
    return rc;
}

static cxs_rc take_body(cxs_ctx *ctx, reader *from, cxs_measures *bag)
{
    uint64_t count = 0;
    cxs_rc rc = CXS_OK;

    CXS_TRY(take_number(ctx, from, 4, &count));
    if (count > TABLES_MAX)
        return damaged(ctx, from, "too many tables");
    for (uint64_t t = 0; t < count; t++)
        CXS_TRY(take_table(ctx, from, bag));
    if (from->left > 0)
        return damaged(ctx, from, "bytes follow the last table");
done:
    return rc;
}

static cxs_rc open_frame(cxs_ctx *ctx, const reader *packed, unsigned char **body,
                         size_t *n)
{
    const uint64_t size = packed->left < HEAD_BYTES ? 0 : load(packed->at + 8, 8);
    unsigned char *made = NULL;
    cxs_rc rc = CXS_OK;

    if (packed->left < HEAD_BYTES || memcmp(packed->at, magic, sizeof magic) != 0)
        return damaged(ctx, packed, "the first bytes are not those of measures");
    if (size > CXS_MEASURES_BYTES_MAX)
        return damaged(ctx, packed, "an impossible size");
    CXS_NEW(made, (size_t)size);
    rc = cxs_unpack(ctx, packed->at + HEAD_BYTES, packed->left - HEAD_BYTES, made,
                    (size_t)size);
    if (rc == CXS_EFORMAT ||
        (rc == CXS_OK && cxs_hash64(made, (size_t)size) != load(packed->at + 16, 8)))
        CXS_TRY(damaged(ctx, packed, "the checksum differs"));
    CXS_TRY(rc);
    *body = made;
    *n = (size_t)size;
    made = NULL;
done:
    cxs_free(made);
    return rc;
}

cxs_rc cxs_measures_unpack(cxs_ctx *ctx, const unsigned char *bytes, size_t size,
                           const char *where, cxs_measures **out)
{
    const reader packed = {bytes, size, where};
    reader from = {NULL, 0, where};
    unsigned char *body = NULL;
    cxs_measures *bag = NULL;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_TRY(open_frame(ctx, &packed, &body, &from.left));
    from.at = body;
    CXS_TRY(cxs_measures_new(ctx, &bag));
    CXS_TRY(take_body(ctx, &from, bag));
    *out = bag;
    bag = NULL;
done:
    cxs_measures_free(bag);
    cxs_free(body);
    return rc;
}
