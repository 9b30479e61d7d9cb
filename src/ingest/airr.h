/*
 * airr.h -- T-cell receptor rearrangements from AIRR Rearrangement TSV
 *
 * Needed columns: v_call, j_call, junction_aa, productive.  Counts come from umi_count,
 * else duplicate_count, else every row counts 1.  Optional: junction, locus, clone_id.
 */
#ifndef CXS_AIRR_H
#define CXS_AIRR_H

#include "base/base.h"

/* One productive rearrangement of the locus; texts are owned by the repertoire. */
typedef struct cxs_rearrangement {
    const char *v, *j;       /* first gene called, without its allele: "TRBV20-1" */
    const char *junction;    /* nucleotides; the amino acids when the file has none */
    const char *junction_aa; /* amino acids */
    const char *clone;       /* clone_id, "" without */
    double count;            /* > 0 */
    size_t line;
} cxs_rearrangement;

typedef struct cxs_repertoire {
    cxs_rearrangement *row; /* [count], in the order of the file */
    size_t count;
    double total;        /* sum of the counts */
    size_t unproductive; /* rows left out */
    size_t other_loci;   /* rows left out */
    char **text;         /* storage of the texts, one block per row */
    size_t texts;
} cxs_repertoire;

/*
 * Read one repertoire.  @p locus "TRB", or NULL for all; without a locus column it is
 * told by the first three letters of v_call.
 *
 * CX050: a needed column is missing, `productive` is no truth value (T, F, TRUE, FALSE,
 * true, false, 1, 0), a count is no number > 0; warning without any count.  CX019.
 * Rows without V, J or junction_aa are faults when they are productive.
 * *out is NULL on failure.
 */
cxs_rc cxs_repertoire_read(cxs_ctx *ctx, const char *path, const char *locus,
                           cxs_repertoire **out) CXS_MUST_USE;
void cxs_repertoire_free(cxs_repertoire *repertoire);

#endif /* CXS_AIRR_H */
