/*
 * genes.h -- gene names: current symbols, Ensembl ids, aliases; what spreadsheets did
 *
 * genes.tsv and gene_alias.tsv of the reference tables.  An alias is replaced only when
 * one gene is meant (`unique`); an ambiguous one is left alone.
 */
#ifndef CXS_GENES_H
#define CXS_GENES_H

#include "coxswain/ingest.h"
#include "store/data.h"

typedef struct cxs_genes cxs_genes;

typedef enum cxs_gene_fate {
    CXS_GENE_CURRENT,   /* a symbol or Ensembl id of genes.tsv */
    CXS_GENE_ALIAS,     /* an old name of one gene */
    CXS_GENE_AMBIGUOUS, /* a name of several genes */
    CXS_GENE_UNKNOWN    /* not in the tables */
} cxs_gene_fate;

/* Read the tables from a folder (NULL: the default place).  CXS_ENOINPUT, CX020. */
cxs_rc cxs_genes_read(cxs_ctx *ctx, const char *refdata, cxs_genes **out) CXS_MUST_USE;
void cxs_genes_free(cxs_genes *genes);
/* True when the folder holds both tables. */
bool cxs_genes_exist(const char *refdata);

/* What a name is; *symbol is the current symbol (borrowed from the tables), the name
 * itself when it is ambiguous or unknown.  Ensembl versions do not matter. */
cxs_gene_fate cxs_genes_find(const cxs_genes *genes, const char *name,
                             const char **symbol);

/* Length of an Ensembl gene id without its version; 0 when the name is none.  *rest
 * points behind the version ("_PAR_Y" stays part of the id). */
size_t cxs_ensembl_length(const char *name, const char **rest);

/*
 * Names of the features of a matrix that has been read: numbers (CX024), species and
 * mixed systems (CX032), current symbols (CX026, settings->genes), repeats that are to
 * be merged (settings->dup_genes).  line[p] is where they stand and moves with them;
 * NULL when they have no line.  Does nothing for layers other than "rna".
 */
cxs_rc cxs_matrix_gene_names(cxs_ctx *ctx, cxs_matrix *m,
                             const cxs_matrix_settings *settings, const char *path,
                             size_t *line) CXS_MUST_USE;

/* Columns of m with drop[j] set go, with their names and lines. */
void cxs_matrix_drop_features(cxs_matrix *m, const bool *drop, size_t *line);

#endif /* CXS_GENES_H */
