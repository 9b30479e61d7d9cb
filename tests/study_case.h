/*
 * study_case.h -- studies for tests: the committed one, and a minimal one to spoil
 */
#ifndef CXS_TEST_STUDY_CASE_H
#define CXS_TEST_STUDY_CASE_H

#include "files.h"

#include "coxswain/ingest.h"

#include <sys/stat.h>

#define STUDY_SMALL "tests/data/study-small"

/* Write STUDY/FILE below the test folder, making the folder. */
static inline void case_file(const char *study, const char *file, const char *text)
{
    char name[256];

    mkdir(test_path(study), 0777);
    snprintf(name, sizeof name, "%s/%s", study, file);
    test_text(name, text);
}

/* Copy one file of the committed study into STUDY, the first `from` replaced by `to`
 * (from NULL: unchanged). */
static inline void case_copy(const char *study, const char *file, const char *from,
                             const char *to)
{
    char path[256];
    char *text, *found, *made;

    snprintf(path, sizeof path, "%s/%s", STUDY_SMALL, file);
    text = test_read(path, NULL);
    if (text == NULL)
        abort();
    if (from == NULL) {
        case_file(study, file, text);
        free(text);
        return;
    }
    found = strstr(text, from);
    made = malloc(strlen(text) + strlen(to) + 1);
    if (found == NULL || made == NULL) {
        fprintf(stderr, "%s: no '%s'\n", file, from);
        abort();
    }
    *found = '\0';
    sprintf(made, "%s%s%s", text, to, found + strlen(from));
    case_file(study, file, made);
    free(made);
    free(text);
}

/* The committed study in a folder of the test, one file changed. */
static inline void case_study(const char *study, const char *file, const char *from,
                              const char *to)
{
    static const char *const files[] = {"study.yaml", "patients.tsv", "samples.tsv",
                                        "assays.tsv", "visits.tsv",   "doses.tsv",
                                        "tumour.tsv", "fluid.tsv"};

    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (file != NULL && strcmp(files[i], file) == 0)
            case_copy(study, files[i], from, to);
        else
            case_copy(study, files[i], NULL, NULL);
}

/* A study of one sheet. */
static inline void case_plain(const char *study, const char *yaml, const char *patients)
{
    case_file(study, "study.yaml", yaml);
    case_file(study, "patients.tsv", patients);
}

/* Ingest STUDY of the test folder into STUDY.cxs. */
static inline cxs_rc case_ingest(cxs_ctx *ctx, const char *study)
{
    char out[1200], in[1100];

    snprintf(in, sizeof in, "%s", test_path(study));
    snprintf(out, sizeof out, "%s.cxs", in);
    return cxs_ingest(ctx, in, "refdata", out);
}

#endif /* CXS_TEST_STUDY_CASE_H */
