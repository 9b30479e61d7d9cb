/*
 * study_draft.h -- a study between its sheets and its file
 */
#ifndef CXS_STUDY_DRAFT_H
#define CXS_STUDY_DRAFT_H

#include "coxswain/ingest.h"
#include "ingest/study_ids.h"
#include "ingest/study_sheet.h"
#include "store/data.h"
#include "store/study_schema.h"

#define CXS_DAYS_PER_MONTH 30.4375
#define CXS_DAYS_PER_YEAR  365.25

/* One endpoint of every patient, in the order of the patients sheet. */
typedef struct cxs_outcome {
    const char *name;       /* label, "OS"; borrowed */
    const char *definition; /* what it counts: "OS", "PFS" or "other"; borrowed */
    double *time;           /* [patients] days > 0, NaN = missing */
    int *event;             /* [patients] 1, 0, -1 = missing */
    double *entry; /* [patients] days >= 0, NaN = missing; NULL: nobody enters late */
} cxs_outcome;

enum { CXS_OUTCOMES_MAX = 3 }; /* OS, PFS, the declared one */

/* One sample; the texts are borrowed from sheets or the matrix. */
typedef struct cxs_sample {
    const char *id;
    size_t patient; /* row of the patients sheet */
    size_t row;     /* row of the samples sheet, SIZE_MAX without one */
    double day;     /* since enrolment, NaN = not given */
    bool assayed;   /* a matrix holds it */
    bool baseline;  /* the patient's sample before the treatment */
} cxs_sample;

typedef struct cxs_draft {
    cxs_plan *plan;
    cxs_schema *schema;
    const char *refdata;
    cxs_sheet *sheet[CXS_SHEETS]; /* NULL: not given */
    const cxs_column *patient_id;
    cxs_index patient; /* PATIENT_ID -> row of the sheet */
    cxs_outcome outcome[CXS_OUTCOMES_MAX];
    size_t outcomes, declared; /* declared: index of the study's endpoint */
    cxs_sample *sample;        /* sorted by id */
    size_t samples;
    cxs_matrix *matrix;   /* NULL: none; columns are sample ids, sorted */
    size_t first_warning; /* warnings of the context before this study */
    char *adtte_name[CXS_SPARE_COLUMNS]; /* of the columns made from adtte */
    char *tx2gene;                       /* path of that table, NULL: none */
    char **source;                       /* [sources] files read, for provenance */
    size_t sources, source_capacity;
    char **input; /* [inputs] sequencing files and what they are read with */
    size_t inputs, input_capacity;
    char **excluded;           /* [excluded_count] samples that make no features */
    const char **excluded_why; /* [excluded_count] static texts */
    size_t excluded_count, excluded_capacity, why_capacity;
} cxs_draft;

size_t cxs_draft_patients(const cxs_draft *draft);
/* Remember a file that was read; one whose folder must not be kept. */
cxs_rc cxs_draft_source(cxs_ctx *ctx, cxs_draft *draft, const char *path) CXS_MUST_USE;
cxs_rc cxs_draft_input(cxs_ctx *ctx, cxs_draft *draft, const char *path) CXS_MUST_USE;

/* Why a sample makes no features, NULL: it does. */
const char *cxs_draft_excluded(const cxs_draft *draft, const char *sample);

/* study_check.c: CX003, CX005 over all sheets; CX015, which the endpoints need. */
cxs_rc cxs_draft_check_ids(cxs_ctx *ctx, cxs_draft *draft) CXS_MUST_USE;
cxs_rc cxs_draft_check_columns(cxs_ctx *ctx, cxs_draft *draft) CXS_MUST_USE;
/* study_outcome.c: OS and PFS where they can be made, and the declared endpoint.
 * CX007, CX008, CX009, CX013, CX016, CX018; CXS_EDEGENERATE without an event. */
cxs_rc cxs_draft_outcomes(cxs_ctx *ctx, cxs_draft *draft) CXS_MUST_USE;
/* study_adtte.c: the endpoint of `paramcd:` as two columns of the patients sheet, time
 * in days and CNSR; nothing without it. */
cxs_rc cxs_draft_adtte(cxs_ctx *ctx, cxs_draft *draft) CXS_MUST_USE;
/* By what it counts, NULL when there is none. */
const cxs_outcome *cxs_draft_outcome(const cxs_draft *draft, const char *definition);
/* study_check.c: plausibility of the cohort: CX010-CX012. */
cxs_rc cxs_draft_check(cxs_ctx *ctx, cxs_draft *draft) CXS_MUST_USE;
/* study_adverse.c: adverse events beside the follow-up: CX058. */
cxs_rc cxs_draft_check_adverse(cxs_ctx *ctx, const cxs_draft *draft) CXS_MUST_USE;
/* study_scores.c: GPA beside its parts: CX060. */
cxs_rc cxs_draft_check_gpa(cxs_ctx *ctx, const cxs_draft *draft) CXS_MUST_USE;
/* study_sample.c: samples, matrix and baseline: CX004, CX006, CX014. */
cxs_rc cxs_draft_samples(cxs_ctx *ctx, cxs_draft *draft) CXS_MUST_USE;
/* study_labels.c: SITE and TIMEPOINT against the days; warnings. */
cxs_rc cxs_draft_check_labels(cxs_ctx *ctx, const cxs_draft *draft) CXS_MUST_USE;
/* study_matrix.c: read what the assays sheet or `expression:` names; CX006. */
cxs_rc cxs_draft_matrix(cxs_ctx *ctx, cxs_draft *draft) CXS_MUST_USE;
/* Settings of the reader as `expression:` says. */
cxs_rc cxs_draft_matrix_settings(cxs_ctx *ctx, cxs_draft *draft, cxs_kind kind,
                                 int samples_in_rows,
                                 cxs_matrix_settings *settings) CXS_MUST_USE;
/* One file of values; what was read goes to the sources. */
cxs_rc cxs_draft_read_file(cxs_ctx *ctx, cxs_draft *draft, const char *path,
                           cxs_kind kind, int samples_in_rows,
                           cxs_matrix **out) CXS_MUST_USE;
/* CX006: do most columns match after a cut to one length? */
cxs_rc cxs_draft_check_cut(cxs_ctx *ctx, const cxs_draft *draft, const char *path,
                           const cxs_index *known, char *const *name, size_t n,
                           size_t matched) CXS_MUST_USE;
/* Columns of a matrix that are known ids. */
size_t cxs_draft_matches(const cxs_index *known, const cxs_matrix *m);

/* study_values.c: the files that the assays sheet names. */
cxs_rc cxs_draft_assays(cxs_ctx *ctx, cxs_draft *draft) CXS_MUST_USE;
/* Kind of an assay that is a matrix of values; CXS_KIND_OTHER: it is not one. */
cxs_kind cxs_draft_assay_kind(const char *assay);
/* study_settings.c: keys and lists of study.yaml into the tables of settings. */
cxs_rc cxs_draft_settings(cxs_ctx *ctx, const cxs_draft *draft,
                          cxs_db *db) CXS_MUST_USE;
cxs_rc cxs_draft_lists(cxs_ctx *ctx, const cxs_draft *draft, cxs_db *db) CXS_MUST_USE;
/* Key and value of a prepared insertion; nothing when the value is NULL. */
cxs_rc cxs_draft_put_pair(cxs_ctx *ctx, cxs_stmt *stmt, const char *key,
                          const char *value) CXS_MUST_USE;
/* study_bins.c: panel of normals and mappability as records "panel_of_normals" and
 * "mappability" of an open study file. */
cxs_rc cxs_draft_bins(cxs_ctx *ctx, cxs_draft *draft, cxs_db *db) CXS_MUST_USE;
/* study_groups.c: groups of genes of sequencing: gene_groups. */
cxs_rc cxs_draft_groups(cxs_ctx *ctx, cxs_draft *draft, cxs_db *db) CXS_MUST_USE;
/* study_signatures.c: profiles of mutational signatures as records "signatures". */
cxs_rc cxs_draft_signatures(cxs_ctx *ctx, cxs_draft *draft, cxs_db *db) CXS_MUST_USE;
/* study_write.c: into an open study file. */
cxs_rc cxs_draft_write(cxs_ctx *ctx, const cxs_draft *draft, cxs_db *db) CXS_MUST_USE;
/* text with the file names of this study in place of their paths. */
cxs_rc cxs_draft_without_folders(cxs_ctx *ctx, const cxs_draft *draft, const char *text,
                                 cxs_buf *out) CXS_MUST_USE;

#endif /* CXS_STUDY_DRAFT_H */
