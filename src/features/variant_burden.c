/*
 * variant_burden.c -- mutational burden, allele fractions, pathways, tumour-informed
 * detection
 *
 * Burden needs a denominator that was declared or measured; without one it is missing
 * with its reason, never a guess of exome size.
 */
#include "features/variant_private.h"

#include "num/order.h"
#include "num/special.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double tissue_vaf = 0.05;   /* counted in the burden of tissue */
static const double panel_min_mb = 1.0;  /* smaller panels tell no burden */
static const double hypermutated = 10.0; /* mutations per Mb */
static const double detected_p = 0.001;  /* tumour-informed */
static const double background_umi = 1e-4, background = 1e-3;
enum {
    TOP = 5,          /* alleles of var.vaf.top5 */
    FRACTION_MIN = 3, /* alleles for a tumour fraction */
    INFORMED_SITES = 2,
    BACKGROUND_PEOPLE = 3 /* others at the same sites, else the default rate */
};

static bool is(const char *text, const char *word)
{
    return text != NULL && strcmp(text, word) == 0;
}

/* ---- burden ---------------------------------------------------------------------- */

/* Megabases, or NaN with the reason. */
static double denominator(const cxs_variant_view *v, const char **reason)
{
    double mb = v->sample->callable_mb;

    if (!(mb > 0.0))
        mb = v->target_bases > 0 ? (double)v->target_bases / 1e6 : (double)NAN;
    if (!(mb > 0.0))
        *reason = "no CALLABLE_MB and no TARGET_BED";
    else if (is(v->sample->library, "PANEL") && mb < panel_min_mb) {
        *reason = "the panel is smaller than 1.0 Mb";
        mb = (double)NAN;
    }
    return mb;
}

static double burden(const cxs_variant_view *v, const char **reason)
{
    const bool panel = is(v->sample->library, "PANEL");
    const double mb = denominator(v, reason);
    size_t count = 0;

    for (size_t i = 0; i < v->n; i++) {
        const bool driver = v->hotspot[i] != NULL && *v->hotspot[i] != '\0';
        const bool low =
            !cxs_view_liquid(v) && isfinite(v->vaf[i]) && v->vaf[i] < tissue_vaf;
        count += cxs_view_passes(v, i) && v->tmb[i] == 1 && !(panel && driver) && !low;
    }
    return (double)count / mb;
}

static cxs_rc add_burden(cxs_variant_job *job)
{
    static const char *const name[] = {"var.tmb"};
    const char *reason = NULL;
    double *value = NULL;
    bool any = false;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_variant_columns(job, "", name, 1, "log2(1 + 1/Mb)",
                                CXS_FEATURE_CONTINUOUS, &value));
    for (size_t i = 0; i < job->count; i++) {
        cxs_variant_view *v = &job->view[i];
        if (!v->known)
            continue;
        v->tmb_per_mb = burden(v, &reason);
        value[i] = log2(v->tmb_per_mb + 1.0);
        any |= isfinite(value[i]);
    }
    if (!any && reason != NULL)
        CXS_TRY(cxs_feature_columns_note(job->ctx, job->columns, reason));
done:
    return rc;
}

static const char *const repair[] = {"MLH1", "MSH2", "MSH6", "PMS2"};
enum { REPAIR = sizeof repair / sizeof *repair };

static bool repair_covered(const cxs_variant_view *v)
{
    bool all = true;

    for (size_t g = 0; g < REPAIR; g++)
        all &= cxs_view_covered(v, "gene", repair[g]) == 1;
    return all;
}

static bool hits_mismatch_repair(const cxs_variant_view *v)
{
    for (size_t h = 0; h < v->hits; h++)
        for (size_t g = 0; g < REPAIR; g++)
            if (v->hit_protein[h] == 1 && strcmp(v->hit_gene[h], repair[g]) == 0 &&
                cxs_view_passes(v, (size_t)v->hit_variant[h]))
                return true;
    return false;
}

/* Temozolomide hypermutation (Touat 2020): high burden with SBS11 or a hit of mismatch
 * repair; missing where neither could have been seen. */
cxs_rc cxs_variant_hypermut(cxs_variant_job *job)
{
    static const char *const names[] = {"", ".tmz"};
    double *value[2];
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_variant_columns(job, "var.hypermut", names, 2, "", CXS_FEATURE_BINARY,
                                value));
    for (size_t i = 0; i < job->count; i++) {
        cxs_variant_view *v = &job->view[i];
        const bool high = v->tmb_per_mb > hypermutated;
        if (!isfinite(v->tmb_per_mb))
            continue;
        v->mmr_hit = hits_mismatch_repair(v);
        value[0][i] = high;
        value[1][i] = cxs_three(high && (v->sbs11 || v->mmr_hit),
                                !high || v->sbs11_assessed || repair_covered(v));
    }
done:
    return rc;
}

/* ---- allele fractions ------------------------------------------------------------ */

static double mean_of(const double *x, size_t n)
{
    double sum = 0.0;

    for (size_t i = 0; i < n; i++)
        sum += x[i];
    return n > 0 ? sum / (double)n : 0.0;
}

/* Passing alleles that are neither germline nor of clonal haematopoiesis. */
static size_t tumour_fractions(const cxs_variant_view *v, double *vaf)
{
    size_t n = 0;

    for (size_t i = 0; i < v->n; i++)
        if (cxs_view_passes(v, i) && v->possible_germline[i] != 1 &&
            v->ch_gene[i] != 1 && isfinite(v->vaf[i]))
            vaf[n++] = v->vaf[i];
    if (n > 0)
        qsort(vaf, n, sizeof *vaf, cxs_descending);
    return n;
}

enum { VAF_N, VAF_MAX, VAF_MEAN, VAF_MEDIAN, VAF_TOP, VAF_N05, VAF_COLUMNS };

/*
 * A liquid sample in which nothing passes has fractions of 0: it was assessed, and its
 * tumour share lies below what can be seen.  Tumour fraction of heterozygous clonal
 * variants in a diploid region: p = min(1, 2 V), V the median of the upper half.
 */
static void fractions_of(const cxs_variant_view *v, double *vaf, double **value,
                         double *fraction, size_t i)
{
    const size_t n = tumour_fractions(v, vaf);
    size_t high = 0;

    while (high < n && vaf[high] >= tissue_vaf)
        high++;
    value[VAF_N][i] = (double)n;
    value[VAF_N05][i] = (double)high;
    value[VAF_MAX][i] = n > 0 ? vaf[0] : 0.0;
    value[VAF_MEAN][i] = mean_of(vaf, n);
    value[VAF_MEDIAN][i] = n > 0 ? cxs_median_sorted(n, vaf) : 0.0;
    value[VAF_TOP][i] = mean_of(vaf, n < TOP ? n : TOP);
    if (n >= FRACTION_MIN)
        fraction[i] = fmin(1.0, 2.0 * cxs_median_sorted((n + 1) / 2, vaf));
}

static cxs_rc add_fractions(cxs_variant_job *job)
{
    static const char *const names[VAF_COLUMNS] = {"n",      "max",  "mean",
                                                   "median", "top5", "n05"};
    static const char *const fraction_name[] = {"var.tf"};
    cxs_ctx *ctx = job->ctx;
    double *value[VAF_COLUMNS], *fraction = NULL, *vaf = NULL;
    cxs_rc rc = CXS_OK;

    for (int k = 0; k < VAF_COLUMNS; k++) {
        const int number = k == VAF_N || k == VAF_N05;
        CXS_TRY(cxs_variant_columns(
            job, "var.vaf.", &names[k], 1, number ? "variants" : "fraction",
            number ? CXS_FEATURE_COUNT : CXS_FEATURE_CONTINUOUS, &value[k]));
    }
    CXS_TRY(cxs_variant_columns(job, "", fraction_name, 1, "fraction",
                                CXS_FEATURE_CONTINUOUS, &fraction));
    for (size_t i = 0; i < job->count; i++) {
        const cxs_variant_view *v = &job->view[i];
        if (!v->known || !cxs_view_liquid(v))
            continue;
        cxs_free(vaf);
        CXS_NEW(vaf, v->n);
        fractions_of(v, vaf, value, fraction, i);
    }
done:
    cxs_free(vaf);
    return rc;
}

static cxs_rc add_flags(cxs_variant_job *job)
{
    static const char *const names[] = {"ch.n", "germline.n"};
    double *value[2];
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_variant_columns(job, "var.", names, 2, "alleles", CXS_FEATURE_COUNT,
                                value));
    for (size_t i = 0; i < job->count; i++) {
        const cxs_variant_view *v = &job->view[i];
        if (!v->known || !cxs_view_liquid(v))
            continue;
        value[0][i] = value[1][i] = 0.0;
        for (size_t a = 0; a < v->n; a++) {
            value[0][i] += cxs_view_passes(v, a) && v->ch_gene[a] == 1;
            value[1][i] += cxs_view_passes(v, a) && v->possible_germline[a] == 1;
        }
    }
done:
    return rc;
}

/* ---- pathways -------------------------------------------------------------------- */

typedef struct members {
    const char *pathway, *gene;
} members;

static int by_pathway(const void *a, const void *b)
{
    const members *x = a, *y = b;
    const int pathway = strcmp(x->pathway, y->pathway);

    return pathway != 0 ? pathway : strcmp(x->gene, y->gene);
}

static bool has_hit(const cxs_variant_view *v, const char *gene)
{
    for (size_t h = 0; h < v->hits; h++)
        if (v->hit_protein[h] == 1 && strcmp(v->hit_gene[h], gene) == 0 &&
            cxs_view_passes(v, (size_t)v->hit_variant[h]))
            return true;
    return false;
}

/* Altered genes; 0 only when every gene of the pathway was covered. */
static double pathway_of(const cxs_variant_view *v, const members *m, size_t count)
{
    bool complete = v->known;
    size_t hit = 0;

    for (size_t g = 0; v->known && g < count; g++) {
        hit += has_hit(v, m[g].gene);
        complete &= cxs_view_covered(v, "gene", m[g].gene) == 1;
    }
    return hit > 0 || complete ? (double)hit : (double)NAN;
}

static cxs_rc add_pathways(cxs_variant_job *job)
{
    const cxs_table *t = job->panels;
    const size_t panel = cxs_table_find(t, "panel_id"),
                 role = cxs_table_find(t, "role"), symbol = cxs_table_find(t, "symbol");
    cxs_ctx *ctx = job->ctx;
    members *m = NULL;
    size_t count = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(m, t->rows);
    for (size_t r = 0; r < t->rows; r++)
        if (strcmp(cxs_table_cell(t, r, panel), "glioma_driver") == 0)
            m[count++] =
                (members){cxs_table_cell(t, r, role), cxs_table_cell(t, r, symbol)};
    if (count > 0)
        qsort(m, count, sizeof *m, by_pathway);
    for (size_t i = 0, end = 0; i < count; i = end) {
        double *value = NULL;
        for (end = i + 1; end < count && strcmp(m[end].pathway, m[i].pathway) == 0;)
            end++;
        CXS_TRY(cxs_variant_columns(job, "var.pathway.", &m[i].pathway, 1, "genes",
                                    CXS_FEATURE_COUNT, &value));
        for (size_t s = 0; s < job->count; s++)
            value[s] = pathway_of(&job->view[s], m + i, end - i);
    }
done:
    cxs_free(m);
    return rc;
}

/* ---- tumour-informed detection --------------------------------------------------- */

/* Reads of the tissue's variants in one liquid sample. */
typedef struct pooled {
    size_t sites;
    int64_t alt, depth;
} pooled;

static int by_site(const cxs_variant_view *x, size_t i, const cxs_variant_view *y,
                   size_t j)
{
    const int chrom =
        strcmp(x->chrom[i] ? x->chrom[i] : "", y->chrom[j] ? y->chrom[j] : "");
    int allele = 0;

    if (chrom != 0 || x->pos[i] != y->pos[j])
        return chrom != 0 ? chrom : x->pos[i] < y->pos[j] ? -1 : 1;
    allele = strcmp(x->ref[i] ? x->ref[i] : "", y->ref[j] ? y->ref[j] : "");
    return allele != 0 ? allele
                       : strcmp(x->alt[i] ? x->alt[i] : "", y->alt[j] ? y->alt[j] : "");
}

static pooled pool_sites(const cxs_variant_view *tissue, const cxs_variant_view *liquid)
{
    pooled p = {0};

    for (size_t i = 0; i < tissue->n; i++) {
        if (!cxs_view_passes(tissue, i))
            continue;
        for (size_t j = 0; j < liquid->n; j++)
            if (liquid->dp[j] > 0 && liquid->ad_alt[j] >= 0 &&
                by_site(tissue, i, liquid, j) == 0) {
                p.sites++;
                p.alt += liquid->ad_alt[j];
                p.depth += liquid->dp[j];
                break;
            }
    }
    return p;
}

static const char *patient_of(const cxs_variant_view *v)
{
    return v->sample->patient != NULL ? v->sample->patient : v->sample->id;
}

/* Error rate at the same sites in the liquid of at least three other people; one read
 * more is assumed, so that a rate is never 0. */
static double background_of(const cxs_variant_job *job, const cxs_variant_view *tissue,
                            const cxs_variant_view *own)
{
    size_t people = 0;
    pooled sum = {0};

    for (size_t i = 0; i < job->count; i++) {
        const cxs_variant_view *v = &job->view[i];
        bool again = strcmp(patient_of(v), patient_of(own)) == 0;
        if (again || !v->known || !is(v->sample->source, own->sample->source))
            continue;
        for (size_t k = 0; k < i && !again; k++)
            again = job->view[k].known &&
                    is(job->view[k].sample->source, own->sample->source) &&
                    strcmp(patient_of(v), patient_of(&job->view[k])) == 0;
        const pooled p = pool_sites(tissue, v);
        sum.alt += p.alt;
        sum.depth += p.depth;
        people += p.sites > 0 && !again;
    }
    if (people < BACKGROUND_PEOPLE || sum.depth == 0)
        return own->umi ? background_umi : background;
    return (double)(sum.alt + 1) / (double)(sum.depth + 1);
}

/*
 * Pooled detection: X, the variant reads over all sites, is Poisson(e D) without
 * tumour; P(X >= x) = P(chi-squared with 2x degrees of freedom <= 2 e D).
 */
static bool is_detected(const pooled *p, double error)
{
    const double mean = error * (double)p->depth;

    return p->sites >= INFORMED_SITES && p->alt > 0 &&
           1.0 - cxs_chisq_p(2.0 * mean, 2.0 * (double)p->alt) < detected_p;
}

static cxs_rc add_informed(cxs_variant_job *job)
{
    static const char *const names[] = {"sites", "rate", "detected"};
    cxs_ctx *ctx = job->ctx;
    double *value[3];
    cxs_variant_view tissue = {0};
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_variant_columns(job, "var.informed.", names, 1, "sites",
                                CXS_FEATURE_COUNT, value));
    CXS_TRY(cxs_variant_columns(job, "var.informed.", names + 1, 1, "fraction",
                                CXS_FEATURE_CONTINUOUS, value + 1));
    CXS_TRY(cxs_variant_columns(job, "var.informed.", names + 2, 1, "",
                                CXS_FEATURE_BINARY, value + 2));
    for (size_t i = 0; i < job->count; i++) {
        const cxs_variant_view *v = &job->view[i];
        cxs_variant_sample other = *v->sample;
        if (!v->known || !cxs_view_liquid(v) || v->sample->tissue == NULL)
            continue;
        other.variants = v->sample->tissue;
        other.coverage = NULL;
        cxs_free(tissue.cover);
        CXS_TRY(cxs_view_read(ctx, &other, &tissue));
        const pooled p = pool_sites(&tissue, v);
        value[0][i] = (double)p.sites;
        if (p.depth == 0)
            continue;
        value[1][i] = (double)p.alt / (double)p.depth;
        value[2][i] = is_detected(&p, background_of(job, &tissue, v));
    }
done:
    cxs_free(tissue.cover);
    return rc;
}

cxs_rc cxs_variant_burden(cxs_variant_job *job)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(add_burden(job));
    CXS_TRY(add_fractions(job));
    CXS_TRY(add_flags(job));
    CXS_TRY(add_pathways(job));
    CXS_TRY(add_informed(job));
done:
    return rc;
}
