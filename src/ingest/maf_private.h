/*
 * maf_private.h -- the rows of a MAF (maf.c) and what becomes of them (maf_measure.c)
 */
#ifndef CXS_MAF_PRIVATE_H
#define CXS_MAF_PRIVATE_H

#include "ingest/variant_private.h"

enum {
    MAF_SAMPLE,
    MAF_GENE,
    MAF_BUILD,
    MAF_CHROM,
    MAF_START,
    MAF_CLASS,
    MAF_REF,
    MAF_ALT,
    MAF_ALT1,
    MAF_T_REF,
    MAF_T_ALT,
    MAF_T_DEPTH,
    MAF_N_DEPTH,
    MAF_N_ALT,
    MAF_N_REF,
    MAF_FILTER,
    MAF_TRANSCRIPT,
    MAF_HGVSP,
    MAF_HGVSP_SHORT,
    MAF_POP,
    MAF_COLUMNS
};

typedef struct cxs_maf_row {
    size_t line, at; /* at: offset of its MAF_COLUMNS zero-terminated texts */
    size_t sample;
} cxs_maf_row;

struct cxs_maf {
    char *path;
    char *text; /* texts of the rows, one behind the other */
    size_t length, capacity;
    cxs_maf_row *row;
    size_t rows, row_capacity;
    char **sample; /* distinct, bytewise order */
    size_t samples, sample_capacity;
    bool has[MAF_COLUMNS];
};

/* Name of a column in the file. */
const char *cxs_maf_column(size_t column);
/* Cell of a row, "" where the file has no such column. */
const char *cxs_maf_cell(const cxs_maf *maf, const cxs_maf_row *r, size_t column);
/* First row of a sample, maf->rows when it has none. */
size_t cxs_maf_first(const cxs_maf *maf, const char *sample);

#endif /* CXS_MAF_PRIVATE_H */
