/*
 * derive_scores.c -- quality, signatures and gene sets as steps of the derivation
 */
#include "features/rna_qc.h"
#include "base/text.h"
#include "features/scores.h"

#include "coxswain/ingest.h"
#include "store/data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NAMED = 5 }; /* samples named one by one; the table has them all */

static bool has_libraries(cxs_kind kind)
{
    return kind == CXS_KIND_COUNTS || kind == CXS_KIND_TPM;
}

/* Samples with failed clear, in their order. */
static cxs_rc select_samples(cxs_ctx *ctx, const cxs_matrix *m, const uint8_t *failed,
                             size_t passed, cxs_matrix **out)
{
    uint8_t *all = NULL;
    cxs_matrix *c = NULL;
    size_t at = 0, to = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(all, m->p);
    memset(all, 1, m->p);
    CXS_TRY(cxs_matrix_select(ctx, m, all, &c));
    for (size_t k = 0; k < m->n * m->p; k++)
        if (!failed[k % m->n])
            c->x[to++] = c->x[k];
    for (size_t i = 0; i < m->n; i++) {
        if (failed[i])
            cxs_free(c->sample[i]);
        else
            c->sample[at++] = c->sample[i];
    }
    c->n = passed;
    *out = c;
    c = NULL;

done:
    cxs_matrix_free(c);
    cxs_free(all);
    return rc;
}

/* Empty libraries stop; shallow ones are named with their minimum (CX028). */
static cxs_rc name_shallow(cxs_ctx *ctx, const cxs_matrix *m,
                           const cxs_features_settings *s, const cxs_rna_kind *kind,
                           const cxs_rna_qc *qc)
{
    static const char text[] = CXS_AT "sample %s: %.0f counts in total, minimum %.0f";
    size_t named = 0;
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < m->n && m->kind == CXS_KIND_COUNTS; i++) {
        const cxs_rna_result *r = &qc->result[i * CXS_RNA_MEASURES + CXS_RNA_FRAGMENTS];
        const double least = cxs_rna_least_fragments(
            kind != NULL ? kind[i] : (cxs_rna_kind)s->rna_quality);
        if (r->state != CXS_QC_FAIL)
            continue;
        if (!(r->value > 0.0))
            return cxs_fail_code(ctx, CXS_EDEGENERATE, "CX028", text, CXS_AT_ARGS(s),
                                 cxs_ctx_id(ctx, m->sample[i]), r->value, least);
        if (named++ < NAMED)
            CXS_TRY(cxs_warn(ctx, "CX028", text, CXS_AT_ARGS(s),
                             cxs_ctx_id(ctx, m->sample[i]), r->value, least));
    }

done:
    return rc;
}

cxs_rc cxs_derive_quality(cxs_ctx *ctx, const cxs_matrix *m,
                          const cxs_features_settings *s, const cxs_sample_notes *notes,
                          cxs_features *f, cxs_matrix **passed)
{
    const cxs_rna_kind *kind = notes != NULL ? notes->kind : NULL;
    const cxs_rna_qc *qc;
    cxs_rc rc = CXS_OK;

    *passed = NULL;
    if (!has_libraries(m->kind) || (kind == NULL && s->rna_quality != CXS_RNA_TUMOUR &&
                                    s->rna_quality != CXS_RNA_LOWINPUT))
        return CXS_OK;
    CXS_TRY(cxs_rna_qc_make(ctx, m, kind, (cxs_rna_kind)s->rna_quality,
                            s->reference != NULL, cxs_refdata_folder(s->refdata),
                            &f->quality));
    qc = f->quality;
    CXS_TRY(name_shallow(ctx, m, s, kind, qc));
    if (qc->warnings > 0)
        cxs_note(ctx, "RNA quality: %zu of %zu samples pass with a warning",
                 qc->warnings, m->n);
    if (qc->failures == 0)
        return CXS_OK;
    CXS_TRY(cxs_warn(ctx, "",
                     CXS_AT "%zu of %zu RNA samples failed their quality checks and "
                            "are missing in every expression feature",
                     CXS_AT_ARGS(s), qc->failures, m->n));
    if (s->reference != NULL)
        return CXS_OK; /* one that fails says nothing of the others */
    if (qc->failures == m->n)
        return cxs_fail(ctx, CXS_EDEGENERATE,
                        CXS_AT "all of %zu RNA samples failed their quality checks",
                        CXS_AT_ARGS(s), m->n);
    CXS_TRY(select_samples(ctx, m, qc->failed, m->n - qc->failures, passed));

done:
    return rc;
}

/* ---- scores ---------------------------------------------------------------------- */

/* The subtypes, when all three sets could be scored. */
static cxs_rc call_subtypes(cxs_ctx *ctx, const cxs_levels *v,
                            const cxs_sample_notes *notes, uint64_t seed,
                            const cxs_frozen *frozen, cxs_scores *scores)
{
    static const char *const ids[CXS_SUBTYPES] = {"rna.sig.WANG_PN", "rna.sig.WANG_CL",
                                                  "rna.sig.WANG_MES"};
    const cxs_scored *set[CXS_SUBTYPES] = {NULL};

    for (size_t k = 0; k < scores->matrix->p; k++)
        for (size_t s = 0; s < CXS_SUBTYPES; s++)
            if (strcmp(scores->scored[k].id, ids[s]) == 0 &&
                strcmp(scores->scored[k].status, "ok") == 0)
                set[s] = &scores->scored[k];
    if (set[0] == NULL || set[1] == NULL || set[2] == NULL ||
        (frozen != NULL && !frozen->has_subtypes))
        return CXS_OK;
    return cxs_subtypes_call(ctx, v, set, notes, seed, frozen, scores);
}

/* Rules of what was asked for; the sets must outlive the scoring. */
static cxs_rc read_rules(cxs_ctx *ctx, const cxs_features_settings *s,
                         const char *folder, bool signatures, cxs_gene_sets *sets[2],
                         cxs_score_rules *rules)
{
    cxs_rc rc = CXS_OK;

    if (signatures) {
        CXS_TRY(cxs_signatures_read(ctx, folder, &sets[0]));
        CXS_TRY(cxs_signature_rules(ctx, sets[0], rules));
    }
    if (s->gmt != NULL) {
        CXS_TRY(cxs_gene_sets_read(ctx, s->gmt, &sets[1]));
        CXS_TRY(cxs_gmt_rules(ctx, sets[1], s->score, rules));
    }

done:
    return rc;
}

static void count_scores(cxs_ctx *ctx, const cxs_scores *scores)
{
    size_t missing = 0;

    for (size_t k = 0; k < scores->matrix->p; k++)
        missing += strcmp(scores->scored[k].status, "ok") != 0;
    cxs_note(ctx, "gene sets: %zu of %zu are scored%s", scores->matrix->p - missing,
             scores->matrix->p,
             missing > 0 ? ", the others have too few of their genes" : "");
}

/* Which values stand behind the scores that are defined for TPM. */
static void note_lengths(cxs_ctx *ctx, const cxs_matrix *m,
                         const cxs_features_settings *s, const cxs_levels *v)
{
    if (m->kind != CXS_KIND_COUNTS)
        return;
    if (v->length == NULL)
        cxs_note(ctx,
                 "GEP18 and CYT: counts per million stand for TPM, as gene lengths "
                 "are not known (--lengths)");
    else
        cxs_note(ctx, "GEP18 and CYT: TPM with the gene lengths of %s",
                 s->reference != NULL ? s->reference
                 : s->lengths != NULL ? s->lengths
                                      : "the matrix");
}

/* What new samples need to get these scores. */
static cxs_rc freeze_scores(cxs_ctx *ctx, cxs_levels *v, cxs_features *f)
{
    cxs_frozen *z = f->frozen;
    cxs_rc rc = CXS_OK;

    if (v->own != NULL) {
        z->frame[1] = v->frame;
        v->frame = (cxs_frame){.role = NULL};
    } else { /* scored on the features themselves */
        CXS_TRY(cxs_frame_spread(ctx, &z->frame[0], z->gene, z->p, z->gene, z->p,
                                 &z->frame[1]));
    }
    rc = cxs_frozen_scores(ctx, v, f->scores, z);

done:
    return rc;
}

cxs_rc cxs_derive_scores(cxs_ctx *ctx, const cxs_matrix *m,
                         const cxs_features_settings *given, bool filter,
                         const cxs_sample_notes *notes, cxs_features *f)
{
    const char *folder = cxs_refdata_folder(given->refdata);
    const bool signatures = given->signatures == 1 && folder != NULL &&
                            m->kind != CXS_KIND_Z && m->kind != CXS_KIND_OTHER;
    const cxs_frozen *frozen = given->reference != NULL ? f->frozen : NULL;
    const uint8_t *failed = f->quality != NULL ? f->quality->failed : NULL;
    cxs_features_settings s = *given;
    cxs_gene_sets *sets[2] = {NULL, NULL};
    cxs_score_rules rules = {0};
    cxs_levels v = {0};
    cxs_gene_index *index = NULL;
    cxs_rc rc = CXS_OK;

    if (given->signatures == 1 && folder == NULL)
        cxs_note(ctx, "no reference tables: signatures are not scored");
    if (!signatures && s.gmt == NULL)
        return CXS_OK;
    s.filter = filter;
    CXS_TRY(read_rules(ctx, &s, folder, signatures, sets, &rules));
    if (frozen != NULL)
        CXS_TRY(cxs_frozen_make_levels(ctx, frozen, m, failed, &v));
    else
        CXS_TRY(cxs_levels_make(ctx, m, failed, &s, f->matrix, given, &v));
    CXS_TRY(cxs_gene_index_new(ctx, v.y, folder, &index));
    CXS_TRY(cxs_scores_make(ctx, &v, index, &rules, &f->scores));
    if (signatures)
        CXS_TRY(call_subtypes(ctx, &v, notes, given->seed, frozen, f->scores));
    count_scores(ctx, f->scores);
    if (signatures)
        note_lengths(ctx, m, given, &v);
    if (given->freeze)
        CXS_TRY(freeze_scores(ctx, &v, f));

done:
    cxs_gene_index_free(index);
    cxs_levels_free(&v);
    cxs_score_rules_free(&rules);
    cxs_gene_sets_free(sets[0]);
    cxs_gene_sets_free(sets[1]);
    return rc;
}

/* ---- signatures among the features ----------------------------------------------- */

/* A signature with values that the matrix does not hold already: features may be
 * derived from a matrix of features.  p: columns that are sorted. */
static bool is_feature(const cxs_scores *s, size_t k, const cxs_matrix *m, size_t p)
{
    const char *id = s->scored[k].id;

    return strncmp(id, "rna.sig.", 8) == 0 && strcmp(s->scored[k].status, "ok") == 0 &&
           bsearch(&id, m->feature, p, sizeof *m->feature, cxs_text_compare) == NULL;
}

/* Column of the matrix from a score: the samples of the matrix are those of the scores,
 * without the failed ones. */
static void copy_score(const cxs_features *f, size_t k, double *to)
{
    const cxs_matrix *scores = f->scores->matrix;

    for (size_t i = 0; i < scores->n; i++)
        if (f->quality == NULL || !f->quality->failed[i])
            *to++ = scores->x[k * scores->n + i];
}

cxs_rc cxs_derive_append(cxs_ctx *ctx, cxs_features *f)
{
    cxs_matrix *m = f->matrix;
    const size_t p = m->p;
    size_t more = 0, at = p;
    char **names;
    double *x;
    cxs_rc rc = CXS_OK;

    for (size_t k = 0; f->scores != NULL && k < f->scores->matrix->p; k++)
        more += is_feature(f->scores, k, m, p);
    if (more == 0)
        return CXS_OK;
    cxs_free(m->length); /* scores have none, and the genes had theirs used */
    m->length = NULL;
    if ((x = cxs_realloc(ctx, m->x, m->n * (m->p + more), sizeof *x)) == NULL)
        return CXS_ENOMEM;
    m->x = x;
    if ((names = cxs_realloc(ctx, m->feature, m->p + more, sizeof *names)) == NULL)
        return CXS_ENOMEM;
    m->feature = names;
    if (m->feature_name != NULL) {
        names = cxs_realloc(ctx, m->feature_name, m->p + more, sizeof *names);
        if (names == NULL)
            return CXS_ENOMEM;
        m->feature_name = names;
    }
    for (size_t k = 0; k < f->scores->matrix->p; k++) {
        if (!is_feature(f->scores, k, m, p))
            continue;
        copy_score(f, k, m->x + at * m->n);
        m->feature[at] = cxs_strdup(ctx, f->scores->scored[k].id);
        if (m->feature_name != NULL)
            m->feature_name[at] = cxs_strdup(ctx, f->scores->scored[k].id);
        m->p = ++at;
        if (m->feature[at - 1] == NULL ||
            (m->feature_name != NULL && m->feature_name[at - 1] == NULL))
            CXS_TRY(CXS_ENOMEM);
    }
    CXS_TRY(cxs_matrix_sort(ctx, m));

done:
    return rc;
}

/* ---- rows for the samples that failed -------------------------------------------- */

/* [passed] numbers become [n], NaN where a sample failed. */
static cxs_rc expand_column(cxs_ctx *ctx, const uint8_t *failed, size_t n,
                            double **column)
{
    double *wide = cxs_calloc(ctx, n, sizeof *wide);
    size_t at = 0;

    if (wide == NULL)
        return CXS_ENOMEM;
    for (size_t i = 0; i < n; i++)
        wide[i] = failed[i] ? (double)NAN : (*column)[at++];
    cxs_free(*column);
    *column = wide;
    return CXS_OK;
}

cxs_rc cxs_derive_expand(cxs_ctx *ctx, const cxs_matrix *m, cxs_features *f)
{
    const uint8_t *failed = f->quality->failed;
    cxs_matrix *c = f->matrix;
    const size_t passed = c->n, n = m->n;
    double *x = NULL;
    char **sample = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(x, n * c->p);
    for (size_t j = 0; j < c->p; j++)
        for (size_t i = 0, at = 0; i < n; i++)
            x[j * n + i] = failed[i] ? (double)NAN : c->x[j * passed + at++];
    CXS_NEW(sample, n);
    for (size_t i = 0; i < n; i++)
        if ((sample[i] = cxs_strdup(ctx, m->sample[i])) == NULL)
            CXS_TRY(CXS_ENOMEM);
    CXS_TRY(expand_column(ctx, failed, n, &f->library));
    CXS_TRY(expand_column(ctx, failed, n, &f->norm));
    CXS_TRY(expand_column(ctx, failed, n, &f->size));
    cxs_free(c->x);
    c->x = x;
    cxs_free_strings(c->sample, passed);
    c->sample = sample;
    c->n = n;
    x = NULL;
    sample = NULL;

done:
    cxs_free_strings(sample, n);
    cxs_free(x);
    return rc;
}
