/*
 * variant_sbs.c -- exposures of mutational signatures
 *
 * The signature matrix is the user's file (ingest/sbs.h).  Only the signatures of the disease are
 * fitted, because a fit on all of them invents some (sbs_signature_sets.tsv).  Below 50
 * substitutions nothing is said, below 200 only of SBS1, 4, 5, 7 and 11.
 *
 * Exomes and panels have other trinucleotides than a genome; without their frequencies
 * no exposure is given for them.
 */
#include "features/variant_private.h"

#include "base/stream.h"
#include "ingest/sbs.h"
#include "num/nnls.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double cosine_loss = 0.01, present_share = 0.05;
enum { BOOTSTRAPS = 100, PRESENT_IN = 90, SNV_MIN = 50, SNV_MIN_ANY = 200 };

static double cosine_of(const double *a, const double *b)
{
    double ab = 0.0, aa = 0.0, bb = 0.0;

    for (size_t i = 0; i < CXS_SBS; i++) {
        ab += a[i] * b[i];
        aa += a[i] * a[i];
        bb += b[i] * b[i];
    }
    return aa > 0.0 && bb > 0.0 ? ab / sqrt(aa * bb) : 0.0;
}

/* Fit on the kept signatures; exposures of the others are 0. */
static cxs_rc fit_kept(cxs_ctx *ctx, size_t n, const double *signature,
                       const double *counts, const bool *kept, double *exposure,
                       double *cosine)
{
    double *a = NULL, *x = NULL, *work = NULL, fit[CXS_SBS] = {0};
    size_t k = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(a, n * CXS_SBS);
    CXS_NEW(x, n);
    CXS_NEW(work, cxs_nnls_work(CXS_SBS, n));
    for (size_t j = 0; j < n; j++) {
        exposure[j] = 0.0;
        if (kept[j])
            memcpy(a + CXS_SBS * k++, signature + CXS_SBS * j, CXS_SBS * sizeof *a);
    }
    if (k > 0 && cxs_nnls(CXS_SBS, k, a, counts, x, work) != CXS_OK)
        CXS_TRY(cxs_fail(ctx, CXS_ENOCONV, "exposures of signatures do not converge"));
    for (size_t j = 0, at = 0; j < n; j++) {
        if (!kept[j])
            continue;
        exposure[j] = x[at++];
        for (size_t i = 0; i < CXS_SBS; i++)
            fit[i] += exposure[j] * signature[CXS_SBS * j + i];
    }
    *cosine = cosine_of(counts, fit);
done:
    cxs_free(a);
    cxs_free(x);
    cxs_free(work);
    return rc;
}

cxs_rc cxs_sbs_refit(cxs_ctx *ctx, size_t n, const double *signature,
                     const double *counts, double *exposure, bool *kept, double *cosine)
{
    double *trial = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(trial, n);
    for (size_t j = 0; j < n; j++)
        kept[j] = true;
    CXS_TRY(fit_kept(ctx, n, signature, counts, kept, exposure, cosine));
    for (size_t left = n; left > 1; left--) {
        size_t worst = n;
        double best = -1.0;
        for (size_t j = 0; j < n; j++) { /* the one that is missed least */
            double without = 0.0;
            if (!kept[j])
                continue;
            kept[j] = false;
            CXS_TRY(fit_kept(ctx, n, signature, counts, kept, trial, &without));
            kept[j] = true;
            if (without > best) {
                best = without;
                worst = j;
            }
        }
        if (*cosine - best >= cosine_loss)
            break;
        kept[worst] = false;
        CXS_TRY(fit_kept(ctx, n, signature, counts, kept, exposure, cosine));
    }
done:
    cxs_free(trial);
    return rc;
}

/* Multinomial sample of the same size as the counts. */
static void resample(const double *counts, uint64_t seed, uint64_t replicate,
                     double *out)
{
    const cxs_stream s = {
        .seed = seed, .purpose = CXS_DRAW_SIGNATURES, .replicate = replicate};
    double upto[CXS_SBS], total = 0.0;

    for (size_t i = 0; i < CXS_SBS; i++) {
        total += counts[i];
        upto[i] = total;
        out[i] = 0.0;
    }
    for (uint64_t draw = 0; draw < (uint64_t)total; draw++) {
        const double u = cxs_draw_uniform(&s, draw) * total;
        size_t low = 0, high = CXS_SBS - 1;
        while (low < high) {
            const size_t middle = (low + high) / 2;
            if (upto[middle] > u)
                high = middle;
            else
                low = middle + 1;
        }
        out[low] += 1.0;
    }
}

cxs_rc cxs_sbs_bootstrap(cxs_ctx *ctx, size_t n, const double *signature,
                         const double *counts, const bool *kept, uint64_t seed,
                         uint64_t rank, double *share)
{
    double *exposure = NULL, drawn[CXS_SBS], cosine = 0.0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(exposure, n);
    for (size_t j = 0; j < n; j++)
        share[j] = 0.0;
    for (uint64_t b = 0; b < BOOTSTRAPS; b++) {
        double total = 0.0;
        resample(counts, seed, rank * BOOTSTRAPS + b, drawn);
        CXS_TRY(fit_kept(ctx, n, signature, drawn, kept, exposure, &cosine));
        for (size_t j = 0; j < n; j++)
            total += exposure[j];
        for (size_t j = 0; j < n; j++)
            share[j] += total > 0.0 && exposure[j] > present_share * total;
    }
    for (size_t j = 0; j < n; j++)
        share[j] /= BOOTSTRAPS;
done:
    cxs_free(exposure);
    return rc;
}

/* ---- the signatures of a disease ------------------------------------------------- */

typedef struct signatures {
    size_t n;
    const char **name;
    double *x; /* [96 x n] */
} signatures;

/* Is the signature in the refit set of the disease? */
static bool in_set(const cxs_table *sets, const char *name, const char *disease)
{
    const size_t column = cxs_table_find(sets, "refit_sets"), length = strlen(disease);

    for (size_t r = 0; column != SIZE_MAX && r < sets->rows; r++) {
        if (strcmp(cxs_table_cell(sets, r, 0), name) != 0)
            continue;
        for (const char *at = cxs_table_cell(sets, r, column); *at != '\0';) {
            const size_t n = strcspn(at, ";");
            if (n == length && strncmp(at, disease, n) == 0)
                return true;
            at += n + (at[n] == ';');
        }
    }
    return false;
}

static void signatures_clear(signatures *s)
{
    cxs_free(s->name);
    cxs_free(s->x);
    *s = (signatures){.n = 0};
}

static cxs_rc choose(cxs_variant_job *job, const cxs_sbs_matrix *all,
                     const cxs_table *sets, const char *disease, signatures *s)
{
    const char *path = job->settings->signatures;
    cxs_ctx *ctx = job->ctx;
    cxs_rc rc = CXS_OK;

    CXS_NEW(s->name, all->n + 1);
    CXS_NEW(s->x, all->n * CXS_SBS + 1);
    for (size_t k = 0; k < all->n; k++) {
        if (!in_set(sets, all->name[k], disease))
            continue;
        memcpy(s->x + CXS_SBS * s->n, all->x + CXS_SBS * k, CXS_SBS * sizeof *s->x);
        s->name[s->n++] = all->name[k];
    }
    if (s->n == 0)
        CXS_TRY(cxs_fail(ctx, CXS_EMISMATCH, "%s: no signature of the set \"%s\"",
                         path != NULL ? path : "signatures of the study", disease));
done:
    return rc;
}

static cxs_rc read_sets(cxs_variant_job *job, cxs_table **sets)
{
    cxs_ctx *ctx = job->ctx;
    cxs_buf path = {0};
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_buf_addf(ctx, &path, "%s", job->panels->path));
    *strrchr(path.text, '/') = '\0';
    path.length = strlen(path.text);
    CXS_TRY(cxs_buf_addf(ctx, &path, "/sbs_signature_sets.tsv"));
    rc = cxs_table_read(ctx, path.text, sets);
done:
    cxs_free(path.text);
    return rc;
}

/* Set of a sample; "" for a disease without one. */
static const char *disease_of(const cxs_variant_job *job, size_t sample)
{
    const char *of_sample = job->view[sample].sample->disease,
               *of_all = job->settings->disease;

    return of_sample != NULL ? of_sample : of_all != NULL ? of_all : "glioma";
}

/* ---- columns --------------------------------------------------------------------- */

typedef struct group {
    const char *name;
    const char *const *member;
    size_t count;
    bool few; /* may be said from 50 substitutions on */
} group;

static const char *const sbs11[] = {"SBS11"}, *const sbs4[] = {"SBS4"},
                         *const sbs7[] = {"SBS7a", "SBS7b", "SBS7c", "SBS7d"},
                         *const apobec[] = {"SBS2", "SBS13"}, *const mmr[] = {"SBS6",
                                                                              "SBS14",
                                                                              "SBS15",
                                                                              "SBS20",
                                                                              "SBS21",
                                                                              "SBS26",
                                                                              "SBS44"},
                         *const clock_like[] = {"SBS1", "SBS5"};

static const group groups[] = {
    {"SBS11", sbs11, 1, true}, {"SBS4", sbs4, 1, true},
    {"SBS7", sbs7, 4, true},   {"APOBEC", apobec, 2, false},
    {"MMR", mmr, 7, false},    {"CLOCK", clock_like, 2, true}};
enum { GROUPS = sizeof groups / sizeof *groups, PARTS = 3 };

const char *cxs_variant_signature_group(size_t at)
{
    return at < GROUPS ? groups[at].name : NULL;
}

static bool is_member(const group *g, const char *name)
{
    for (size_t i = 0; i < g->count; i++)
        if (strcmp(g->member[i], name) == 0)
            return true;
    return false;
}

/* Rank of the sample's id: draws do not depend on the order of samples. */
static uint64_t rank_of(const cxs_variant_job *job, size_t sample)
{
    uint64_t rank = 0;

    for (size_t i = 0; i < job->count; i++)
        rank += strcmp(job->view[i].sample->id, job->view[sample].sample->id) < 0;
    return rank;
}

static bool is_genome(const cxs_variant_view *v)
{
    return v->sample->library != NULL && strcmp(v->sample->library, "WGS") == 0;
}

/* Signatures on the scale of the targets: each row times the share of its trinucleotide
 * in the targets over that in the genome, then sums of 1 again.  False when the shares
 * are not known. */
static bool to_targets(const cxs_variant_view *v, size_t n, double *x)
{
    enum { TRIPLES = 32 };
    double ratio[TRIPLES], target = 0.0, genome = 0.0;

    if (v->target_triples == NULL || v->genome_triples == NULL)
        return false;
    for (size_t t = 0; t < TRIPLES; t++) {
        if (v->target_triples[t] < 0 || v->genome_triples[t] < 0)
            return false;
        target += (double)v->target_triples[t];
        genome += (double)v->genome_triples[t];
    }
    for (size_t t = 0; t < TRIPLES; t++)
        ratio[t] = v->genome_triples[t] > 0
                       ? ((double)v->target_triples[t] / target) /
                             ((double)v->genome_triples[t] / genome)
                       : 0.0;
    for (size_t j = 0; target > 0.0 && j < n; j++) {
        double total = 0.0;
        for (size_t i = 0; i < CXS_SBS; i++)
            total += x[CXS_SBS * j + i] *= ratio[(i < 48 ? 0 : 16) + i % 16];
        for (size_t i = 0; i < CXS_SBS && total > 0.0; i++)
            x[CXS_SBS * j + i] /= total;
    }
    return target > 0.0;
}

static cxs_rc expose(cxs_variant_job *job, const signatures *s, size_t sample,
                     double *value[GROUPS][PARTS])
{
    cxs_variant_view *v = &job->view[sample];
    cxs_ctx *ctx = job->ctx;
    double counts[CXS_SBS], snvs = 0.0, total = 0.0, cosine = 0.0;
    double *exposure = NULL, *share = NULL, *x = NULL;
    bool *kept = NULL;
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < CXS_SBS; i++)
        snvs += counts[i] = v->sbs[i] > 0 ? (double)v->sbs[i] : 0.0;
    if (snvs < SNV_MIN)
        return CXS_OK;
    CXS_NEW(x, s->n * CXS_SBS);
    memcpy(x, s->x, s->n * CXS_SBS * sizeof *x);
    if (!is_genome(v) && !to_targets(v, s->n, x))
        goto done;
    CXS_NEW(exposure, s->n);
    CXS_NEW(share, s->n);
    CXS_NEW(kept, s->n);
    CXS_TRY(cxs_sbs_refit(ctx, s->n, x, counts, exposure, kept, &cosine));
    CXS_TRY(cxs_sbs_bootstrap(ctx, s->n, x, counts, kept, job->settings->seed,
                              rank_of(job, sample), share));
    for (size_t j = 0; j < s->n; j++)
        total += exposure[j];
    for (size_t g = 0; g < GROUPS && total > 0.0; g++) {
        double sum = 0.0;
        bool present = false, any = false;
        for (size_t j = 0; j < s->n; j++) {
            if (!is_member(&groups[g], s->name[j]))
                continue;
            any = true;
            sum += exposure[j];
            present |= share[j] * BOOTSTRAPS >= PRESENT_IN - 0.5;
        }
        if (!any || (snvs < SNV_MIN_ANY && !groups[g].few))
            continue;
        value[g][0][sample] = sum / total;
        value[g][1][sample] = log2(sum + 1.0);
        value[g][2][sample] = present;
        v->sbs11 |= g == 0 && present;
        v->sbs11_assessed |= g == 0;
    }
    cxs_note(ctx, "sample %s: signatures fit %.0f substitutions with cosine %.3f",
             cxs_ctx_id(ctx, v->sample->id), snvs, cosine);
done:
    cxs_free(x);
    cxs_free(exposure);
    cxs_free(share);
    cxs_free(kept);
    return rc;
}

static cxs_rc add_columns(cxs_variant_job *job, double *value[GROUPS][PARTS])
{
    static const char *const parts[PARTS] = {".share", ".log2", ".present"};
    static const char *const units[PARTS] = {"fraction", "log2(mutations + 1)", ""};
    static const cxs_feature_type types[PARTS] = {
        CXS_FEATURE_CONTINUOUS, CXS_FEATURE_CONTINUOUS, CXS_FEATURE_BINARY};
    char stem[64];
    cxs_rc rc = CXS_OK;

    for (size_t g = 0; g < GROUPS; g++)
        for (size_t p = 0; p < PARTS; p++) {
            snprintf(stem, sizeof stem, "var.sbs.%s", groups[g].name);
            CXS_TRY(cxs_variant_columns(job, stem, &parts[p], 1, units[p], types[p],
                                        &value[g][p]));
        }
done:
    return rc;
}

cxs_rc cxs_variant_signatures(cxs_variant_job *job)
{
    const cxs_sbs_matrix *all = job->settings->matrix;
    cxs_sbs_matrix own = {.n = 0};
    cxs_table *sets = NULL;
    signatures s = {0};
    const char *last = "";
    double *value[GROUPS][PARTS];
    cxs_ctx *ctx = job->ctx;
    cxs_rc rc = CXS_OK;

    if (job->settings->signatures != NULL) {
        CXS_TRY(cxs_sbs_read(ctx, job->settings->signatures, &own));
        all = &own;
    }
    if (all == NULL || all->n == 0)
        return CXS_OK;
    CXS_TRY(read_sets(job, &sets));
    CXS_TRY(add_columns(job, value));
    for (size_t i = 0; i < job->count; i++) {
        const char *disease = disease_of(job, i);
        if (*disease == '\0')
            continue;
        if (strcmp(disease, last) != 0) {
            signatures_clear(&s);
            CXS_TRY(choose(job, all, sets, disease, &s));
            last = disease;
        }
        if (job->view[i].sbs != NULL)
            CXS_TRY(expose(job, &s, i, value));
    }
done:
    signatures_clear(&s);
    cxs_sbs_clear(&own);
    cxs_table_free(sets);
    return rc;
}
