/*
 * study_group.h -- a table of many samples, read by one process for all of them
 *
 * A MAF holds the variants of a whole cohort.  One contained process reads it once and
 * measures its samples one by one; what comes back for each is what a process of its own
 * would have sent: packed measures, failure, warnings and notes.
 */
#ifndef CXS_STUDY_GROUP_H
#define CXS_STUDY_GROUP_H

#include "ingest/contain.h"
#include "ingest/study_assays.h"

/* Assays of one file, and what they yielded. */
typedef struct cxs_group {
    cxs_assay **assay; /* [count], borrowed */
    size_t *place;     /* [count] where the caller keeps each */
    size_t count, capacity[2];
} cxs_group;

/* Files to read: those of many samples, and in their order those of one. */
typedef struct cxs_groups {
    cxs_group *at; /* [count] */
    size_t count, capacity;
    size_t *single; /* [singles] places */
    size_t singles;
} cxs_groups;

/* Part which[count], indices of assays; places are those in `which`. */
cxs_rc cxs_groups_make(cxs_ctx *ctx, cxs_assays *assays, const size_t *which,
                       size_t count, cxs_groups *out) CXS_MUST_USE;
void cxs_groups_clear(cxs_groups *groups);

/* Measure all of a group; runs in the child, arg is the cxs_group (cxs_contain_fn). */
cxs_rc cxs_group_measure(cxs_ctx *ctx, void *arg, cxs_measures *bag) CXS_MUST_USE;

/* What one assay yielded, until its turn comes. */
typedef struct cxs_yield {
    bool waits; /* here: true until it is handed on */
    cxs_contained file;
    unsigned char *report;
    size_t report_size;
} cxs_yield;

/* Share out what a child sent; yield[place] of each member is filled. */
cxs_rc cxs_group_split(cxs_ctx *ctx, const cxs_group *group, const cxs_contained *file,
                       cxs_yield *yield) CXS_MUST_USE;
/* Notes and warnings to ctx, measures and failure into yield->file. */
cxs_rc cxs_yield_take(cxs_ctx *ctx, cxs_yield *yield) CXS_MUST_USE;
void cxs_yield_clear(cxs_yield *yield);

/* The MD5 that the sheet says (NULL: nothing to check); *md5 is that of the file once it
 * was made, "" before. */
cxs_rc cxs_assay_check_md5(cxs_ctx *ctx, const cxs_assay *assay,
                           char md5[CXS_MD5_HEX]) CXS_MUST_USE;

#endif /* CXS_STUDY_GROUP_H */
