/*
 * cxf.c -- open a matrix file (.cxf)
 *
 * The file is mapped and nothing in it is trusted: every size is checked against the
 * length of the file, without overflow, before it is used; a file that is cut is told
 * from one that is altered.  Raw float64 values stay in the map and are the matrix;
 * float32 and packed values are read into memory.
 *
 * Cut or altered?  The header says how long a raw file must be.  The length of a packed
 * file stands only in its end record: any of its marks (magic, length, own hash) proves
 * that the record is there, and then a fault in it is an alteration; none means a cut.
 */
#include "store/cxf.h"

#include "base/memory.h"
#include "base/pack.h"
#include "base/pool.h"
#include "store/data.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* One zstd block of 128 KiB takes at least four bytes: no honest file packs better. */
static const uint64_t PACKING_MAX = 32768;

/* A file under inspection. */
typedef struct cxf {
    const char *path;
    unsigned char *bytes; /* the map */
    uint64_t size;
    cxs_cxf_header h;
    cxs_cxf_end end;
    uint64_t blocks, column_bytes; /* bytes of one feature in h.value_type */
    const cxs_matrix *m;           /* receiver of unpacked values, see read_block() */
} cxf;

static cxs_rc truncated(cxs_ctx *ctx, const cxf *f)
{
    return cxs_fail(ctx, CXS_ETRUNCATED,
                    "%s: the matrix file is truncated (%llu bytes)", f->path,
                    (unsigned long long)f->size);
}

static cxs_rc altered(cxs_ctx *ctx, const cxf *f, const char *what)
{
    return cxs_fail(ctx, CXS_EFORMAT, "%s: the matrix file is altered: %s", f->path,
                    what);
}

static cxs_rc map_file(cxs_ctx *ctx, const char *path, cxf *f)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    cxs_rc rc = CXS_OK;
    void *map = MAP_FAILED;

    f->path = path;
    if (fd < 0)
        return cxs_fail(ctx, CXS_ENOINPUT, "%s: %s", path, strerror(errno));
    if (fstat(fd, &st) != 0)
        rc = cxs_fail(ctx, CXS_EIO, "%s: %s", path, strerror(errno));
    else if (!S_ISREG(st.st_mode))
        rc = cxs_fail(ctx, CXS_EFORMAT, "%s: a matrix file must be a regular file",
                      path);
    else if (st.st_size == 0)
        rc = truncated(ctx, f);
    else if ((uint64_t)st.st_size > SIZE_MAX ||
             (map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0)) ==
                 MAP_FAILED)
        rc = cxs_fail(ctx, CXS_EOS, "%s: cannot map the file: %s", path,
                      strerror(errno));
    close(fd);
    if (rc == CXS_OK) {
        f->bytes = map;
        f->size = (uint64_t)st.st_size;
    }
    return rc;
}

static cxs_rc check_header(cxs_ctx *ctx, cxf *f)
{
    cxs_cxf_header *h = &f->h;
    const size_t seen = f->size < sizeof h->magic ? (size_t)f->size : sizeof h->magic;

    if (memcmp(f->bytes, CXS_CXF_MAGIC, seen) != 0)
        return cxs_fail(ctx, CXS_EFORMAT, "%s: not a matrix file (.cxf)", f->path);
    if (f->size < sizeof *h)
        return truncated(ctx, f);
    memcpy(h, f->bytes, sizeof *h);
    if (h->endian != CXS_CXF_ENDIAN)
        return altered(ctx, f, "its byte order mark is not this machine's");
    if (h->major > CXS_CXF_MAJOR)
        return cxs_fail(ctx, CXS_EFORMAT,
                        "%s: matrix file of version %u.%u, this program reads up to %d",
                        f->path, (unsigned)h->major, (unsigned)h->minor, CXS_CXF_MAJOR);
    if (h->hash != cxs_hash64(h, offsetof(cxs_cxf_header, hash)))
        return altered(ctx, f, "the checksum of its header does not match");
    if (h->major != CXS_CXF_MAJOR ||
        (h->flags & ~(uint32_t)(CXS_CXF_ZSTD | CXS_CXF_NAMED)) != 0 ||
        (h->value_type != CXS_CXF_FLOAT64 && h->value_type != CXS_CXF_FLOAT32) ||
        h->kind > (uint32_t)CXS_KIND_M)
        return cxs_fail(ctx, CXS_EFORMAT,
                        "%s: matrix file with a version, type or flag unknown here",
                        f->path);
    return CXS_OK;
}

/* Sizes that the header claims: consistent with each other and with the file. */
static cxs_rc check_sizes(cxs_ctx *ctx, cxf *f)
{
    const cxs_cxf_header *h = &f->h;
    const uint64_t width =
        h->value_type == CXS_CXF_FLOAT64 ? sizeof(double) : sizeof(float);
    uint64_t values, whole, texts, expected;

    if (h->n == 0 || h->p == 0 || h->block_columns == 0 ||
        __builtin_mul_overflow(h->n, width, &f->column_bytes) ||
        __builtin_mul_overflow(f->column_bytes, h->p, &values) ||
        __builtin_mul_overflow(h->p, h->n, &whole) ||
        whole > SIZE_MAX / sizeof(double) ||
        __builtin_add_overflow(h->n, h->p, &texts) ||
        h->names_bytes > UINT64_MAX - sizeof *h - CXS_CXF_ALIGN)
        return altered(ctx, f, "its sizes are impossible");
    expected = sizeof *h + h->names_bytes;
    expected = (expected + CXS_CXF_ALIGN - 1) / CXS_CXF_ALIGN * CXS_CXF_ALIGN;
    if (h->data_offset != expected || texts > h->names_bytes)
        return altered(ctx, f, "its sizes contradict each other");
    f->blocks = h->p / h->block_columns + (h->p % h->block_columns != 0);
    if (f->size < h->data_offset)
        return truncated(ctx, f);
    if (h->flags & CXS_CXF_ZSTD) {
        if (values / PACKING_MAX > f->size)
            return truncated(ctx, f);
        return CXS_OK;
    }
    if (__builtin_add_overflow(expected, values, &expected) ||
        __builtin_add_overflow(expected, f->blocks * sizeof(cxs_cxf_block),
                               &expected) ||
        __builtin_add_overflow(expected, sizeof(cxs_cxf_end), &expected) ||
        f->size < expected)
        return truncated(ctx, f);
    if (f->size > expected)
        return altered(ctx, f, "something follows its end record");
    return CXS_OK;
}

static cxs_rc check_end(cxs_ctx *ctx, cxf *f)
{
    cxs_cxf_end *e = &f->end;
    bool marked, intact;

    if (f->size - f->h.data_offset < sizeof *e)
        return truncated(ctx, f);
    memcpy(e, f->bytes + (f->size - sizeof *e), sizeof *e);
    marked = memcmp(e->magic, CXS_CXF_END_MAGIC, sizeof e->magic) == 0;
    intact = e->hash == cxs_hash64(e, offsetof(cxs_cxf_end, hash));
    if (!marked && !intact && e->file_bytes != f->size && (f->h.flags & CXS_CXF_ZSTD))
        return truncated(ctx, f);
    if (!marked || !intact || e->file_bytes != f->size || e->header_hash != f->h.hash ||
        e->table_offset < f->h.data_offset || e->table_offset > f->size ||
        e->table_bytes != f->size - sizeof *e - e->table_offset ||
        e->table_bytes / sizeof(cxs_cxf_block) != f->blocks ||
        e->table_bytes % sizeof(cxs_cxf_block) != 0)
        return altered(ctx, f, "its end record does not match");
    return CXS_OK;
}

static cxs_cxf_block block_entry(const cxf *f, uint64_t b)
{
    cxs_cxf_block entry;

    memcpy(&entry, f->bytes + f->end.table_offset + b * sizeof entry, sizeof entry);
    return entry;
}

/* Bytes of block b when it is not packed. */
static uint64_t block_raw_bytes(const cxf *f, uint64_t b)
{
    const uint64_t first = b * f->h.block_columns, left = f->h.p - first;

    return (left < f->h.block_columns ? left : f->h.block_columns) * f->column_bytes;
}

/* The table is intact and its blocks fill the space before it without a gap. */
static cxs_rc check_table(cxs_ctx *ctx, const cxf *f)
{
    uint64_t at = f->h.data_offset;

    if (cxs_hash64(f->bytes + f->end.table_offset, (size_t)f->end.table_bytes) !=
        f->end.table_hash)
        return altered(ctx, f, "the checksum of its block table does not match");
    for (uint64_t b = 0; b < f->blocks; b++) {
        const cxs_cxf_block entry = block_entry(f, b);
        if (entry.offset != at || entry.bytes > f->end.table_offset - at ||
            (!(f->h.flags & CXS_CXF_ZSTD) && entry.bytes != block_raw_bytes(f, b)))
            return altered(ctx, f, "its block table contradicts itself");
        at += entry.bytes;
    }
    if (at != f->end.table_offset)
        return altered(ctx, f, "its blocks do not fill their place");
    return CXS_OK;
}

/* Copy `count` texts that start at *at; they must ascend unless they are only shown. */
static cxs_rc read_names(cxs_ctx *ctx, const cxf *f, uint64_t *at, size_t count,
                         bool ascending, char ***out)
{
    const char *texts = (const char *)f->bytes + sizeof f->h;
    cxs_rc rc = CXS_OK;
    char **names = NULL;

    CXS_NEW(names, count);
    for (size_t i = 0; i < count; i++) {
        const char *text = texts + *at;
        const char *end = memchr(text, '\0', (size_t)(f->h.names_bytes - *at));
        if (end == NULL)
            CXS_TRY(altered(ctx, f, "names are missing"));
        *at += (uint64_t)(end - text) + 1;
        if (ascending && (*text == '\0' || (i > 0 && strcmp(names[i - 1], text) >= 0)))
            CXS_TRY(altered(ctx, f, "its names are not sorted and unique"));
        if ((names[i] = cxs_strndup(ctx, text, (size_t)(end - text))) == NULL)
            CXS_TRY(CXS_ENOMEM);
    }
    *out = names;
    names = NULL;

done:
    cxs_free_strings(names, count);
    return rc;
}

static cxs_rc read_all_names(cxs_ctx *ctx, const cxf *f, cxs_matrix *m)
{
    cxs_rc rc = CXS_OK;
    char **layer = NULL;
    uint64_t at = 0;

    if (cxs_hash64(f->bytes + sizeof f->h, (size_t)(f->h.data_offset - sizeof f->h)) !=
        f->h.names_hash)
        return altered(ctx, f, "the checksum of its names does not match");
    CXS_TRY(read_names(ctx, f, &at, 1, false, &layer));
    m->layer = layer[0];
    cxs_free(layer);
    CXS_TRY(read_names(ctx, f, &at, m->n, true, &m->sample));
    CXS_TRY(read_names(ctx, f, &at, m->p, true, &m->feature));
    if (f->h.flags & CXS_CXF_NAMED)
        CXS_TRY(read_names(ctx, f, &at, m->p, false, &m->feature_name));
    if (at != f->h.names_bytes)
        rc = altered(ctx, f, "it holds more names than columns");

done:
    return rc;
}

static void widen(size_t count, const unsigned char *from, double *to)
{
    for (size_t i = 0; i < count; i++) {
        float value;
        memcpy(&value, from + i * sizeof value, sizeof value);
        to[i] = (double)value;
    }
}

/* Unpack a block whose checksum is right into its columns. */
static cxs_rc unpack_block(cxs_ctx *ctx, const cxf *f, size_t b,
                           const unsigned char *stored, size_t bytes)
{
    const size_t first = b * f->h.block_columns, raw = (size_t)block_raw_bytes(f, b);
    const bool wide = f->h.value_type == CXS_CXF_FLOAT64;
    double *to = f->m->x + first * f->m->n;
    cxs_rc rc = CXS_OK;
    unsigned char *narrow = NULL;

    if (!(f->h.flags & CXS_CXF_ZSTD)) {
        widen(raw / sizeof(float), stored, to);
    } else if (wide) {
        rc = cxs_unpack(ctx, stored, bytes, to, raw);
    } else {
        CXS_NEW(narrow, raw);
        CXS_TRY(cxs_unpack(ctx, stored, bytes, narrow, raw));
        widen(raw / sizeof(float), narrow, to);
    }

done:
    cxs_free(narrow);
    return rc;
}

/* Verify one block; put its values into the matrix unless the map serves as it is. */
static cxs_rc read_block(cxs_ctx *ctx, size_t b, size_t worker, void *arg)
{
    const cxf *f = arg;
    const cxs_cxf_block entry = block_entry(f, b);
    const unsigned char *stored = f->bytes + entry.offset;

    (void)worker;
    if (cxs_hash64(stored, (size_t)entry.bytes) != entry.hash)
        return cxs_fail(ctx, CXS_EFORMAT,
                        "%s: the matrix file is altered: the checksum of block %zu of "
                        "%llu does not match",
                        f->path, b + 1, (unsigned long long)f->blocks);
    if (f->m->x == NULL) {
        if (cxs_ctx_memory(ctx) > 0)
            cxs_memory_drop(f->bytes, (size_t)f->size, stored, (size_t)entry.bytes);
        return CXS_OK;
    }
    return unpack_block(ctx, f, b, stored, (size_t)entry.bytes);
}

cxs_rc cxs_matrix_open(cxs_ctx *ctx, const char *path, cxs_matrix **out)
{
    cxf f = {.path = path};
    cxs_matrix *m = NULL;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_TRY(map_file(ctx, path, &f));
    CXS_TRY(check_header(ctx, &f));
    CXS_TRY(check_sizes(ctx, &f));
    CXS_TRY(check_end(ctx, &f));
    CXS_TRY(check_table(ctx, &f));
    CXS_NEW(m, 1);
    m->n = (size_t)f.h.n;
    m->p = (size_t)f.h.p;
    m->kind = (cxs_kind)f.h.kind;
    f.m = m;
    CXS_TRY(read_all_names(ctx, &f, m));
    if (f.h.value_type != CXS_CXF_FLOAT64 || (f.h.flags & CXS_CXF_ZSTD)) {
        CXS_TRY(cxs_memory_room(ctx, (double)m->n * (double)m->p * sizeof *m->x,
                                "the unpacked matrix"));
        CXS_NEW(m->x, m->n * m->p);
    }
    CXS_TRY(cxs_pool_run(ctx, NULL, (size_t)f.blocks, read_block, &f));
    if (m->x == NULL) {
        m->x = (void *)(f.bytes + f.h.data_offset);
        m->map = f.bytes;
        m->map_bytes = (size_t)f.size;
        if (cxs_ctx_memory(ctx) > 0) /* the names too: they were copied */
            cxs_memory_drop(m->map, m->map_bytes, m->map, m->map_bytes);
        f.bytes = NULL; /* now the matrix's */
    }
    *out = m;
    m = NULL;

done:
    if (f.bytes != NULL)
        munmap(f.bytes, (size_t)f.size);
    cxs_matrix_free(m);
    return rc;
}
