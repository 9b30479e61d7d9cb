/*
 * file_faults.h -- what the files of a study could not be read for, each fault once
 */
#ifndef CXS_FILE_FAULTS_H
#define CXS_FILE_FAULTS_H

#include "base/base.h"

/* Faults of files; zero-initialised; ended by cxs_file_faults_end(). */
typedef struct cxs_file_faults {
    struct cxs_file_fault *at; /* [count] in the order of their first files */
    size_t count, capacity;
} cxs_file_faults;

/*
 * A sentence about the file at @p path; @p hint stands behind it.  What is wrong with a
 * file that many share (its sentence does not name @p path), a missing reference (CX039)
 * and too little memory are one fault, counted; else each file has a line of its own.
 */
cxs_rc cxs_file_faults_add(cxs_ctx *ctx, cxs_file_faults *faults, cxs_rc rc,
                           const char *code, const char *message, const char *path,
                           const char *hint) CXS_MUST_USE;

/* CXS_OK when there was none; else the first one's rc with a line for each, the code
 * before each line where they differ.  Frees. */
cxs_rc cxs_file_faults_end(cxs_ctx *ctx, cxs_file_faults *faults) CXS_MUST_USE;
void cxs_file_faults_clear(cxs_file_faults *faults);

#endif /* CXS_FILE_FAULTS_H */
