/*
 * cxf.h -- the matrix file (.cxf): layout, private to its reader and writer
 *
 *   header        128 bytes, cxs_cxf_header; its hash covers the bytes before it
 *   names         zero-terminated texts: layer, n samples, p features and, with
 *                 CXS_CXF_NAMED, p display names; zeros up to a multiple of 64 bytes;
 *                 one hash covers texts and zeros
 *   blocks        block_columns features each (the last one the rest), column-major;
 *                 raw, or one zstd frame per block with CXS_CXF_ZSTD
 *   block table   one cxs_cxf_block per block, covered by table_hash
 *   end record    64 bytes, cxs_cxf_end
 *
 * All hashes are xxh64.  Raw values start at a multiple of 64 bytes and blocks follow
 * each other without gaps, so a mapped file is the matrix.  Each block has its own
 * hash, so a reader may check blocks when it first touches them; today's reader checks
 * all at opening.  What is known only at the end (places, hashes) stands at the end:
 * the file is written in one pass.  A newer minor version may only add what an older
 * reader can ignore; unknown flags are refused.
 */
#ifndef CXS_CXF_H
#define CXS_CXF_H

#include <stdint.h>

#define CXS_CXF_MAGIC     "CXF1\r\n\x1a\n" /* line ends show damage by text transfer */
#define CXS_CXF_END_MAGIC "CXFEND\r\n"

enum {
    CXS_CXF_MAJOR = 1,
    CXS_CXF_MINOR = 0,
    CXS_CXF_ENDIAN = 0x01020304,
    CXS_CXF_COLUMNS = 64, /* features per block */
    CXS_CXF_ALIGN = 64,
    CXS_CXF_FLOAT64 = 1,
    CXS_CXF_FLOAT32 = 2,
    CXS_CXF_ZSTD = 1, /* flag bits */
    CXS_CXF_NAMED = 2
};

typedef struct cxs_cxf_header {
    char magic[8];
    uint32_t endian;
    uint16_t major, minor;
    uint64_t n, p;
    uint32_t value_type, kind, flags, block_columns;
    uint64_t names_bytes; /* texts without the zeros after them */
    uint64_t names_hash;  /* texts and zeros */
    uint64_t data_offset;
    uint64_t reserved[6]; /* zero */
    uint64_t hash;
} cxs_cxf_header;

typedef struct cxs_cxf_block {
    uint64_t offset, bytes; /* as stored */
    uint64_t hash;          /* of the stored bytes */
} cxs_cxf_block;

typedef struct cxs_cxf_end {
    char magic[8];
    uint64_t table_offset, table_bytes, table_hash;
    uint64_t file_bytes, header_hash;
    uint64_t reserved; /* zero */
    uint64_t hash;     /* of the bytes before it */
} cxs_cxf_end;

_Static_assert(sizeof(cxs_cxf_header) == 128, "header has no padding");
_Static_assert(sizeof(cxs_cxf_block) == 24, "block entry has no padding");
_Static_assert(sizeof(cxs_cxf_end) == 64, "end record has no padding");

#endif /* CXS_CXF_H */
