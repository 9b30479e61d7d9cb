/*
 * sequencing_case.h -- a small simulated study with sequencing files
 */
#ifndef CXS_SEQUENCING_CASE_H
#define CXS_SEQUENCING_CASE_H

#include "test.h"

#include "files.h"
#include "tmp.h"

#include "coxswain/coxswain.h"
#include "store/study_schema.h"

#include <sys/stat.h>

enum { PATIENTS = 4, GENES = 40, FILES = 3 * PATIENTS };

static inline cxs_ctx *new_ctx(int threads)
{
    cxs_ctx *ctx = tmp_ctx();

    cxs_ctx_set_threads(ctx, threads);
    return ctx;
}

static inline void make_study(const char *name, size_t genes, size_t fragments)
{
    cxs_simulate_settings s = cxs_simulate_defaults();
    cxs_ctx *ctx = new_ctx(2);

    s.n = PATIENTS;
    s.p = genes;
    s.k = 2;
    s.seed = 3;
    s.sequencing = 1;
    s.rna_fragments = 3000;
    s.cfdna_fragments = fragments;
    if (cxs_simulate_study(ctx, &s, test_path(name)) != CXS_OK) {
        fprintf(stderr, "%s\n", cxs_ctx_message(ctx));
        abort();
    }
    cxs_ctx_free(ctx);
}

/* A study beside "study" that shares its large files: NAME/reads and the like are links,
 * the sheets copies. */
static inline void link_study(const char *name)
{
    static const char *const shared[] = {
        "reference.fa", "reference.fa.fai", "genes.gtf", "targets.bed", "snps.tsv",
        "reads",        "variants"};
    static const char *const copied[] = {"study.yaml", "patients.tsv", "samples.tsv",
                                         "assays.tsv"};
    char from[1200], to[1200], relative[300];

    mkdir(test_path(name), 0777);
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++) {
        snprintf(from, sizeof from, "%s/%s", test_path("study"), shared[i]);
        snprintf(to, sizeof to, "%s/%s", test_path(name), shared[i]);
        if (symlink(from, to) != 0)
            abort();
    }
    for (size_t i = 0; i < sizeof copied / sizeof *copied; i++) {
        char *text;
        snprintf(from, sizeof from, "%s/%s", test_path("study"), copied[i]);
        snprintf(relative, sizeof relative, "%s/%s", name, copied[i]);
        text = test_read(from, NULL);
        test_text(relative, text);
        free(text);
    }
}

/* Replace the first `old` in NAME/FILE. */
static inline void edit(const char *name, const char *file, const char *old,
                        const char *new)
{
    char relative[300], *text, *found, *made;

    snprintf(relative, sizeof relative, "%s/%s", name, file);
    text = test_read(test_path(relative), NULL);
    found = strstr(text, old);
    made = malloc(strlen(text) + strlen(new) + 1);
    if (found == NULL || made == NULL) {
        fprintf(stderr, "%s: no '%s'\n", file, old);
        abort();
    }
    *found = '\0';
    sprintf(made, "%s%s%s", text, new, found + strlen(old));
    test_text(relative, made);
    free(made);
    free(text);
}

static inline cxs_rc ingest(cxs_ctx *ctx, const char *study, const char *out,
                            const cxs_ingest_settings *given)
{
    cxs_ingest_settings s = given != NULL ? *given : (cxs_ingest_settings){0};

    s.refdata = "refdata";
    return cxs_ingest_study(ctx, test_path(study), &s, test_path(out));
}

static inline bool same_files(const char *a, const char *b)
{
    size_t n = 0, m = 0;
    char *x = test_read(test_path(a), &n), *y = test_read(test_path(b), &m);
    const bool same = x != NULL && y != NULL && n == m && memcmp(x, y, n) == 0;

    free(x);
    free(y);
    return same;
}

static inline bool is_there(const char *name)
{
    return access(test_path(name), F_OK) == 0;
}

/* Copy a shared file into the study in place of its link, cut by `cut` bytes. */
static inline void spoil(const char *study, const char *file, const char *as,
                         size_t cut)
{
    char from[300], to[300], *bytes;
    size_t n = 0;

    snprintf(from, sizeof from, "study/%s", file);
    snprintf(to, sizeof to, "%s/%s", study, as);
    bytes = test_read(test_path(from), &n);
    test_file(to, bytes, n - cut);
    free(bytes);
}

/* The study that most tests read. */
static inline int set_up(void **state)
{
    const int rc = test_folder_make(state);

    if (rc == 0)
        make_study("study", GENES, 2000);
    return rc;
}

#endif /* CXS_SEQUENCING_CASE_H */
