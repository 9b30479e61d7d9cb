/*
 * fragment_reference.c -- the frozen profile of fragments of healthy fluid or plasma
 *
 * The joined bins are those of the 100 kb bins in which every file has fragments, so
 * that they hang on no file alone.  Components are eigenvectors of the normals' scalar
 * products (there are fewer normals than bins), by Jacobi's rotations: Golub and Van
 * Loan (2013), Matrix Computations, section 8.5.
 */
#include "features/fragment_private.h"

#include "num/order.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SWEEPS = 60, PARTS = CXS_PROFILE_COMPONENTS };

/* A component below this share of the first is rounding. */
static const double SMALLEST = 1e-10;

static int by_interval(const void *a, const void *b)
{
    const cxs_interval *x = a, *y = b;

    if (x->chrom != y->chrom)
        return x->chrom < y->chrom ? -1 : 1;
    return (x->start0 > y->start0) - (x->start0 < y->start0);
}

/* ---- eigenvectors ---------------------------------------------------------------- */

/* One rotation that takes a[p][q] to 0; v collects them. */
static void rotate(double *a, double *v, size_t n, size_t p, size_t q)
{
    const double theta = (a[q * n + q] - a[p * n + p]) / (2.0 * a[p * n + q]);
    const double t = (theta >= 0.0 ? 1.0 : -1.0) / (fabs(theta) + hypot(theta, 1.0));
    const double c = 1.0 / sqrt(t * t + 1.0), s = t * c;

    for (size_t k = 0; k < n; k++) {
        const double x = a[k * n + p], y = a[k * n + q];
        a[k * n + p] = c * x - s * y;
        a[k * n + q] = s * x + c * y;
    }
    for (size_t k = 0; k < n; k++) {
        const double x = a[p * n + k], y = a[q * n + k];
        a[p * n + k] = c * x - s * y;
        a[q * n + k] = s * x + c * y;
    }
    for (size_t k = 0; k < n; k++) {
        const double x = v[k * n + p], y = v[k * n + q];
        v[k * n + p] = c * x - s * y;
        v[k * n + q] = s * x + c * y;
    }
}

/* Symmetric a [n x n] to eigenvalues on its diagonal; columns of v are the vectors. */
static void jacobi(double *a, double *v, size_t n)
{
    double size = 0.0;

    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            v[i * n + j] = i == j;
            size = fmax(size, fabs(a[i * n + j]));
        }
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
        double off = 0.0;
        for (size_t p = 0; p + 1 < n; p++)
            for (size_t q = p + 1; q < n; q++) {
                off = fmax(off, fabs(a[p * n + q]));
                if (fabs(a[p * n + q]) > 1e-16 * size)
                    rotate(a, v, n, p, q);
            }
        if (!(off > 1e-15 * size))
            break;
    }
}

/* ---- profiles of the normals ----------------------------------------------------- */

typedef struct normals {
    cxs_profile *profile; /* [n] */
    size_t n;
    cxs_interval *frame; /* [bins] */
    size_t bins;
    double *z; /* [n x bins] centred and scaled */
} normals;

static void normals_free(normals *all)
{
    for (size_t i = 0; all->profile != NULL && i < all->n; i++)
        cxs_profile_free(&all->profile[i]);
    cxs_free(all->profile);
    cxs_free(all->frame);
    cxs_free(all->z);
}

static double fragments_of(const cxs_patient_file *file)
{
    const cxs_measure *t =
        file->bag != NULL ? cxs_measures_find(file->bag, "fragment_lengths") : NULL;
    const int64_t *length = t != NULL ? cxs_measure_get_int(t, "length") : NULL,
                  *count = t != NULL ? cxs_measure_get_int(t, "count") : NULL;
    double sum = 0.0;

    for (size_t k = 0; length != NULL && count != NULL && k < cxs_measure_rows(t); k++)
        sum += length[k] >= 20 && length[k] <= 1000 ? (double)count[k] : 0.0;
    return sum;
}

static cxs_rc read_normals(cxs_ctx *ctx, const cxs_patient_file *file, size_t n,
                           const cxs_frozen_bins *gc, normals *all)
{
    cxs_rc rc = CXS_OK;

    CXS_NEW(all->profile, n + 1);
    for (size_t i = 0; i < n; i++) {
        if (fragments_of(&file[i]) < CXS_FRAGMENTS_BINNED)
            continue;
        CXS_TRY(cxs_profile_read(ctx, &file[i], gc, &all->profile[all->n]));
        if (all->profile[all->n].n > 0)
            all->n++;
    }
done:
    return rc;
}

/* Bins that every normal has, and what they are joined to. */
static cxs_rc make_frame(cxs_ctx *ctx, const cxs_table *arms, const char *build,
                         normals *all)
{
    cxs_interval *place = NULL;
    size_t count = 0, kept = 0;
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < all->n; i++)
        count += all->profile[i].n;
    CXS_NEW(place, count + 1);
    count = 0;
    for (size_t i = 0; i < all->n; i++)
        for (size_t k = 0; k < all->profile[i].n; k++) {
            const cxs_profile_bin *at = &all->profile[i].at[k];
            place[count++] = (cxs_interval){at->chrom, at->start0, at->end0};
        }
    qsort(place, count, sizeof *place, by_interval);
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from + 1; to < count && by_interval(&place[from], &place[to]) == 0;
             to++)
            ;
        if (to - from == all->n)
            place[kept++] = place[from];
    }
    CXS_NEW(all->frame, kept + 1);
    all->bins = cxs_profile_join(place, kept, arms, build, all->frame);
done:
    cxs_free(place);
    return rc;
}

/* Rows of all->z; normals with a bin that cannot be had leave. */
static cxs_rc scale_profiles(cxs_ctx *ctx, normals *all)
{
    size_t kept = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(all->z, all->n * all->bins + 1);
    for (size_t i = 0; i < all->n; i++) {
        double *z = all->z + kept * all->bins, mean, sd;
        int whole = 1;
        cxs_profile_ratios(&all->profile[i], all->frame, all->bins, z);
        cxs_profile_moments(z, all->bins, &mean, &sd);
        for (size_t k = 0; k < all->bins; k++) {
            z[k] = (z[k] - mean) / sd;
            whole = whole && isfinite(z[k]);
        }
        kept += (size_t)whole;
    }
    for (size_t i = kept; i < all->n; i++)
        cxs_profile_free(&all->profile[i]);
    all->n = kept;
done:
    return rc;
}

/* ---- median and loadings --------------------------------------------------------- */

static cxs_rc take_medians(cxs_ctx *ctx, const normals *all, cxs_frozen_profile *out)
{
    const size_t n = all->n;
    double *one = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(one, n + 1);
    for (size_t k = 0; k < all->bins; k++) {
        for (size_t i = 0; i < n; i++)
            one[i] = all->z[i * all->bins + k];
        out[k].middle = cxs_median(n, one);
    }
done:
    cxs_free(one);
    return rc;
}

/* The component of the largest eigenvalue that is left; its eigenvalue becomes -1. */
static double next_component(const normals *all, const double *z, double *a,
                             const double *v, size_t c, cxs_frozen_profile *out)
{
    const size_t n = all->n;
    size_t best = 0, top = 0;
    double value;

    for (size_t i = 1; i < n; i++)
        best = a[i * n + i] > a[best * n + best] ? i : best;
    value = a[best * n + best];
    a[best * n + best] = -1.0;
    for (size_t k = 0; k < all->bins; k++) {
        double sum = 0.0;
        for (size_t i = 0; i < n; i++)
            sum += z[i * all->bins + k] * v[i * n + best];
        out[k].loading[c] = value > 0.0 ? sum / sqrt(value) : 0.0;
        if (fabs(out[k].loading[c]) > fabs(out[top].loading[c]))
            top = k;
    }
    for (size_t k = 0; k < all->bins && out[top].loading[c] < 0.0; k++)
        if (k != top)
            out[k].loading[c] = -out[k].loading[c];
    out[top].loading[c] = fabs(out[top].loading[c]);
    return value;
}

/* *found 0: the normals differ in fewer directions. */
static cxs_rc take_loadings(cxs_ctx *ctx, const normals *all, cxs_frozen_profile *out,
                            int *found)
{
    const size_t n = all->n, p = all->bins;
    double *z = NULL, *a = NULL, *v = NULL, first = 0.0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(z, n * p + 1);
    CXS_NEW(a, n * n + 1);
    CXS_NEW(v, n * n + 1);
    for (size_t k = 0; k < p; k++) {
        double mean = 0.0;
        for (size_t i = 0; i < n; i++)
            mean += all->z[i * p + k] / (double)n;
        for (size_t i = 0; i < n; i++)
            z[i * p + k] = all->z[i * p + k] - mean;
    }
    for (size_t i = 0; i < n; i++)
        for (size_t j = i; j < n; j++) {
            double sum = 0.0;
            for (size_t k = 0; k < p; k++)
                sum += z[i * p + k] * z[j * p + k];
            a[i * n + j] = a[j * n + i] = sum;
        }
    jacobi(a, v, n);
    *found = 1;
    for (size_t c = 0; c < PARTS; c++) {
        const double value = next_component(all, z, a, v, c, out);
        first = c == 0 ? value : first;
        *found = *found && value > SMALLEST * first && value > 0.0;
    }
done:
    cxs_free(z);
    cxs_free(a);
    cxs_free(v);
    return rc;
}

cxs_rc cxs_profile_reference(cxs_ctx *ctx, const cxs_patient_file *file, size_t n,
                             size_t least, const cxs_frozen_bins *gc,
                             const cxs_table *arms, const char *build,
                             cxs_frozen_profile **out, size_t *count, size_t *used)
{
    normals all = {0};
    cxs_frozen_profile *rows = NULL;
    int found = 0;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    *count = *used = 0;
    CXS_TRY(read_normals(ctx, file, n, gc, &all));
    if (all.n < least)
        goto done;
    CXS_TRY(make_frame(ctx, arms, build, &all));
    CXS_TRY(scale_profiles(ctx, &all));
    if (all.n < least || all.bins < 3)
        goto done;
    CXS_NEW(rows, all.bins);
    for (size_t k = 0; k < all.bins; k++) {
        rows[k] = (cxs_frozen_profile){.chrom = all.frame[k].chrom,
                                       .start0 = all.frame[k].start0,
                                       .end0 = all.frame[k].end0};
        strncpy(rows[k].build, build, sizeof rows[k].build - 1);
    }
    CXS_TRY(take_medians(ctx, &all, rows));
    CXS_TRY(take_loadings(ctx, &all, rows, &found));
    if (found) {
        *out = rows;
        *count = all.bins;
        *used = all.n;
        rows = NULL;
    }
done:
    cxs_free(rows);
    normals_free(&all);
    return rc;
}
