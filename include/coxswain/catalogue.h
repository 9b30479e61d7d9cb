/*
 * catalogue.h -- every family of features: what it is, how it is made, what it needs
 *
 * One table in the library serves the command line (features --list, --explain) and the
 * report.  A family is available when the function that derives it stands in its row;
 * nothing else decides that.
 */
#ifndef COXSWAIN_CATALOGUE_H
#define COXSWAIN_CATALOGUE_H

#include "coxswain/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Any function; only whether there is one is asked for. */
typedef void (*cxs_deriving_fn)(void);

/** One family.  Texts are static, never NULL; "none" where there is nothing to say. */
typedef struct cxs_family {
    const char *pattern;   /**< name of the features; a star stands for one part or more
                                of a name, such as a gene */
    const char *what;      /**< one line */
    const char *formula;   /**< plain text */
    const char *unit;      /**< of the value before the transform */
    const char *type;      /**< continuous, binary, ordinal or count */
    const char *transform; /**< before a Cox model, frozen with it */
    const char *needs;     /**< assay, library, depth */
    const char *missing;   /**< quality states and when the value is missing */
    const char *source;    /**< publication, or "this project" */
    cxs_deriving_fn derive; /**< NULL: not in this build */
} cxs_family;

/** @return number of families. */
size_t cxs_catalogue_count(void);

/** @return family @p at, in the order of the table. */
const cxs_family *cxs_catalogue_at(size_t at);

/** @return the family of a feature, or of a pattern given literally: the one with the
 *          most letters that are no star; NULL when no pattern fits. */
const cxs_family *cxs_catalogue_find(const char *name);

/** @return 1 when this build derives the family. */
int cxs_family_available(const cxs_family *family);

/** @return name of the domain of a family, such as "Copy numbers"; static. */
const char *cxs_catalogue_domain(const cxs_family *family);

/**
 * Patterns nearest to a name that no family has, by edit distance.
 *
 * @param nearest  (out) [count] static texts, nearest first
 */
void cxs_catalogue_nearest(const char *name, size_t count, const char **nearest);

enum { CXS_FACT_BYTES = 2048 };

/**
 * What the reference tables say of one member of a family: genes of a set, coordinates of
 * an arm or gene, alleles of a hotspot.
 *
 * @param name     a feature, such as "rna.sig.GEP18", or a pattern
 * @param refdata  folder of the reference tables; NULL: the default one
 * @param fact     (out) one sentence, cut where it is too long; "" where they say nothing
 * @return CXS_OK; CXS_EARG, with the nearest names, when there is no such feature;
 *         CXS_ENOINPUT; CXS_EFORMAT; CXS_ENOMEM.
 */
cxs_rc cxs_catalogue_fact(cxs_ctx *ctx, const char *name, const char *refdata,
                          char fact[CXS_FACT_BYTES]) CXS_MUST_USE;

/** Write the table as Markdown, a section for each domain, to @p path ("-" is stdout). */
cxs_rc cxs_catalogue_write_markdown(cxs_ctx *ctx, const char *path) CXS_MUST_USE;

/** Write the table as TSV to @p path ("-" is stdout): pattern, status (available or
 *  not_yet), type, unit, what, formula, transform, needs, missing, source. */
cxs_rc cxs_catalogue_write(cxs_ctx *ctx, const char *path) CXS_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif /* COXSWAIN_CATALOGUE_H */
