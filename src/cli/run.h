/*
 * run.h -- private to `coxswain run`: its steps, digests of files, what earlier runs
 * finished
 */
#ifndef CXS_CLI_RUN_H
#define CXS_CLI_RUN_H

#include "cli/cli.h"

#include <limits.h>

enum {
    RUN_STEPS_MAX = 8,
    RUN_NAME_MAX = 16,
    RUN_WORDS_MAX = 40,
    RUN_WORD_BYTES = 6 * PATH_MAX
};

/* One finished step: digest of what went in (settings and files), of what came out. */
typedef struct run_done {
    char name[RUN_NAME_MAX];
    char key[CXS_SHA256_HEX], outputs[CXS_SHA256_HEX];
} run_done;

/* What FOLDER/.state says. */
typedef struct run_state {
    char path[PATH_MAX];
    size_t n;
    run_done done[RUN_STEPS_MAX];
} run_state;

typedef struct run_settings {
    cxs_common common;
    cxs_model_settings model;
    cxs_rank_settings rank;
    cxs_report_settings report;
    const char *out, *refdata;
    uint64_t seed;
    int unadjusted, fresh, screen;
} run_settings;

typedef struct run {
    cxs_ctx *ctx;
    const run_settings *s;
    const char *study;
    char folder[PATH_MAX]; /* of the results, without a slash at its end */
    size_t folds;          /* of the model: as asked for, or as the events allow */
    run_state state;
    cxs_record *record;
} run;

/* argv of one command; the first `own` words decide the numbers. */
typedef struct run_words {
    int n, own, too_long;
    char *argv[RUN_WORDS_MAX + 1];
    size_t used;
    char bytes[RUN_WORD_BYTES];
} run_words;

/* Files are patterns relative to the output folder; no inputs: the study itself. */
typedef struct run_step {
    const char *name;
    cxs_cmd_fn command;
    void (*make_words)(const run *r, run_words *w);
    const char *inputs, *outputs;
    int predicts; /* takes --memory */
} run_step;

/* In their order, up to a NULL name. */
extern const run_step run_steps[];
void run_make_words(const run *r, const run_step *step, run_words *w);

/* folder/name into path; CXS_EARG when it is longer than the system allows. */
cxs_rc run_path(cxs_ctx *ctx, const char *folder, const char *name,
                char path[PATH_MAX]) CXS_MUST_USE;
/* Make the folder and its parents. */
cxs_rc run_make_folder(cxs_ctx *ctx, const char *folder) CXS_MUST_USE;

/* A missing or damaged state file means that nothing is finished. */
cxs_rc run_state_read(cxs_ctx *ctx, const char *folder, run_state *state) CXS_MUST_USE;
/* 1 when the step is on record with these digests. */
int run_state_holds(const run_state *state, const run_done *done);
/* Put the step on record, written under a temporary name and renamed. */
cxs_rc run_state_add(cxs_ctx *ctx, run_state *state, const run_done *done) CXS_MUST_USE;

/* Add the SHA-256 of every file of folder that fits one of the patterns (separated by
 * blanks) to `sum`, in bytewise order; their number in *files. */
cxs_rc run_add_files(cxs_ctx *ctx, cxs_record *sum, const char *folder,
                     const char *patterns, size_t *files) CXS_MUST_USE;
/* Add every file below the study folder (or beside study.yaml) except those in the
 * output folder. */
cxs_rc run_add_study(cxs_ctx *ctx, cxs_record *sum, const char *study,
                     const char *output) CXS_MUST_USE;

/* Lower the folds of the model to the events of the study, 0 when there is one or none,
 * and say so. */
cxs_rc run_choose_folds(cxs_ctx *ctx, const char *study_path, int adjusted,
                        size_t *folds) CXS_MUST_USE;

/* Print what the permutations of `rank` say, from its run record. */
cxs_rc run_print_check(cxs_ctx *ctx, const char *rank_record) CXS_MUST_USE;
/* Print the first `rows` rows of a ranking table to stdout in aligned columns. */
cxs_rc run_print_top(cxs_ctx *ctx, const char *rank_tsv, size_t rows) CXS_MUST_USE;

#endif /* CXS_CLI_RUN_H */
