/*
 * copy_panel.c -- a panel of normals from the normal samples of a study
 *
 * Median and median absolute deviation of the corrected log2 ratio of each autosomal
 * bin over samples of SOURCE NORMAL_BLOOD or NORMAL_TISSUE, or with `yes` in the column
 * PANEL_OF_NORMALS (healthy plasma or fluid).  Sex chromosomes are left out: normals of
 * both sexes have no common level there.  Those of cell-free DNA make the reference
 * profile of fragments as well (fragment_reference.c).
 */
#include "features/copy_private.h"
#include "features/fragment_private.h"

#include "base/out.h"
#include "coxswain/features.h"
#include "coxswain/ingest.h"
#include "num/order.h"
#include "store/study_measures.h"
#include "store/study_schema.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_NORMALS = 5, PREFERRED_NORMALS = 20, BUILDS = 2 };

static const char *const builds[BUILDS] = {"hg19", "hg38"};

/* One normal sample's value of a bin. */
typedef struct value {
    cxs_interval place;
    double log2;
} value;

typedef struct panel {
    const cxs_copy_refs *refs;
    const cxs_copy_frozen *frozen; /* or NULL */
    value *at;                     /* of one build */
    size_t count, capacity;
    size_t samples, failed;
    double *one; /* values of one bin */
    size_t room;
    size_t profiles; /* normals with a profile of fragments */
} panel;

static int by_place(const void *x, const void *y)
{
    const value *a = x, *b = y;

    if (a->place.chrom != b->place.chrom)
        return a->place.chrom < b->place.chrom ? -1 : 1;
    if (a->place.start0 != b->place.start0)
        return a->place.start0 < b->place.start0 ? -1 : 1;
    return (a->log2 > b->log2) - (a->log2 < b->log2);
}

/* ---- one sample ------------------------------------------------------------------ */

static cxs_rc keep_values(cxs_ctx *ctx, const cxs_cn_bins *bins, const double *log2,
                          panel *p)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_grow(ctx, (void **)&p->at, &p->capacity, p->count + bins->n,
                     sizeof *p->at));
    for (size_t i = 0; i < bins->n; i++)
        if (bins->chrom[i] <= CXS_CN_AUTOSOMES && !isnan(log2[i]))
            p->at[p->count++] =
                (value){{bins->chrom[i], bins->start0[i], bins->end0[i]}, log2[i]};
    p->samples++;
done:
    return rc;
}

static cxs_rc add_normal(cxs_ctx *ctx, const cxs_patient_file *file, int64_t width,
                         panel *p)
{
    cxs_cn_bins bins = {0};
    double *reads = NULL, *log2 = NULL;
    cxs_cn_quality quality;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_copy_bins(ctx, cxs_copy_depth(file), p->refs, file->build, width, &bins,
                          &reads));
    if (p->frozen != NULL && p->frozen->map.count > 0)
        cxs_copy_map(&p->frozen->map, file->build, &bins);
    if (p->frozen != NULL && p->frozen->gc.count > 0)
        cxs_copy_gc(&p->frozen->gc, file->build, &bins);
    CXS_NEW(log2, bins.n + 1);
    rc = cxs_cn_correct(ctx, &bins, reads, log2, &quality);
    if (rc == CXS_EDEGENERATE || (rc == CXS_OK && quality.state == CXS_CN_FAIL)) {
        p->failed++;
        rc = CXS_OK;
    } else if (rc == CXS_OK) {
        rc = keep_values(ctx, &bins, log2, p);
    }
done:
    cxs_free(log2);
    cxs_free(reads);
    cxs_cn_bins_free(&bins);
    return rc;
}

/* The widest of the widths that the depths of a build ask for; 0 without depth. */
static int64_t width_of(const cxs_patient_file *file, size_t n, const char *build)
{
    int64_t width = 0;

    for (size_t i = 0; i < n; i++) {
        const cxs_measure *depth =
            strcmp(file[i].build, build) == 0 ? cxs_copy_depth(&file[i]) : NULL;
        const int64_t one = depth != NULL ? cxs_copy_width(depth) : 0;
        width = one > width ? one : width;
    }
    return width;
}

/* ---- rows ------------------------------------------------------------------------ */

/* Values [from, to) of one bin; too few of them are no row. */
static cxs_rc write_bin(cxs_ctx *ctx, cxs_out *out, const char *build, panel *p,
                        size_t from, size_t to)
{
    const cxs_interval *place = &p->at[from].place;
    double middle;
    cxs_rc rc = CXS_OK;

    if (to - from < LEAST_NORMALS)
        return CXS_OK;
    CXS_TRY(cxs_grow(ctx, (void **)&p->one, &p->room, to - from, sizeof *p->one));
    for (size_t k = from; k < to; k++)
        p->one[k - from] = p->at[k].log2;
    middle = cxs_median(to - from, p->one);
    for (size_t k = from; k < to; k++)
        p->one[k - from] = fabs(p->at[k].log2 - middle);
    CXS_TRY(cxs_out_text(ctx, out, build));
    CXS_TRY(cxs_out_size(ctx, out, place->chrom));
    CXS_TRY(cxs_out_size(ctx, out, (size_t)place->start0));
    CXS_TRY(cxs_out_size(ctx, out, (size_t)place->end0));
    CXS_TRY(cxs_out_real(ctx, out, middle));
    CXS_TRY(cxs_out_real(ctx, out, cxs_median(to - from, p->one)));
    CXS_TRY(cxs_out_size(ctx, out, to - from));
    for (int k = 0; k < 1 + CXS_PROFILE_COMPONENTS; k++)
        CXS_TRY(cxs_out_real(ctx, out, (double)NAN));
    rc = cxs_out_row_end(ctx, out);
done:
    return rc;
}

/* Rows of the reference profile of a build. */
static cxs_rc write_profile(cxs_ctx *ctx, cxs_out *out, const char *build,
                            const cxs_patient_file *file, size_t n, panel *p)
{
    const cxs_frozen_bins *gc = p->frozen != NULL ? &p->frozen->gc : NULL;
    cxs_patient_file *own = NULL;
    cxs_frozen_profile *row = NULL;
    size_t count = 0, rows = 0, used = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(own, n + 1);
    for (size_t i = 0; i < n; i++)
        if (strcmp(file[i].build, build) == 0)
            own[count++] = file[i];
    CXS_TRY(cxs_profile_reference(ctx, own, count, LEAST_NORMALS, gc, p->refs->arms,
                                  build, &row, &rows, &used));
    p->profiles += used;
    for (size_t k = 0; k < rows; k++) {
        CXS_TRY(cxs_out_text(ctx, out, build));
        CXS_TRY(cxs_out_size(ctx, out, row[k].chrom));
        CXS_TRY(cxs_out_size(ctx, out, (size_t)row[k].start0));
        CXS_TRY(cxs_out_size(ctx, out, (size_t)row[k].end0));
        CXS_TRY(cxs_out_real(ctx, out, (double)NAN));
        CXS_TRY(cxs_out_real(ctx, out, (double)NAN));
        CXS_TRY(cxs_out_size(ctx, out, used));
        CXS_TRY(cxs_out_real(ctx, out, row[k].middle));
        for (int c = 0; c < CXS_PROFILE_COMPONENTS; c++)
            CXS_TRY(cxs_out_real(ctx, out, row[k].loading[c]));
        CXS_TRY(cxs_out_row_end(ctx, out));
    }
done:
    cxs_free(row);
    cxs_free(own);
    return rc;
}

static cxs_rc write_build(cxs_ctx *ctx, cxs_out *out, const char *build,
                          const cxs_patient_file *file, size_t n, panel *p)
{
    const int64_t width = width_of(file, n, build);
    cxs_rc rc = CXS_OK;

    p->count = p->samples = 0;
    for (size_t i = 0; width > 0 && i < n; i++)
        if (strcmp(file[i].build, build) == 0 && cxs_copy_depth(&file[i]) != NULL)
            CXS_TRY(add_normal(ctx, &file[i], width, p));
    if (p->samples < LEAST_NORMALS)
        return CXS_OK;
    qsort(p->at, p->count, sizeof *p->at, by_place);
    for (size_t from = 0, to; from < p->count; from = to) {
        for (to = from + 1;
             to < p->count && p->at[to].place.chrom == p->at[from].place.chrom &&
             p->at[to].place.start0 == p->at[from].place.start0;
             to++)
            ;
        CXS_TRY(write_bin(ctx, out, build, p, from, to));
    }
done:
    return rc;
}

static cxs_rc tell(cxs_ctx *ctx, const char *path, size_t used, const panel *p)
{
    cxs_rc rc = CXS_OK;

    cxs_note(ctx,
             "%s: panel of %zu normals, %zu more without enough quality; profile of "
             "fragments of %zu normals",
             path, used, p->failed, p->profiles);
    if (used < PREFERRED_NORMALS)
        CXS_TRY(cxs_warn(ctx, "",
                         "panel of normals: %zu samples, %d or more are better", used,
                         PREFERRED_NORMALS));
done:
    return rc;
}

cxs_rc cxs_copy_panel_write(cxs_ctx *ctx, const cxs_patient_file *file, size_t n,
                            const cxs_copy_frozen *frozen, const char *refdata,
                            const char *path)
{
    static const char *const names[] = {"build", "chrom", "start0",  "end0",
                                        "log2",  "mad",   "samples", "short_long",
                                        "pc1",   "pc2",   "pc3"};
    cxs_copy_refs refs = {0};
    panel p = {.refs = &refs, .frozen = frozen};
    size_t used = 0;
    cxs_out *out = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_copy_refs_read(ctx, refdata, &refs));
    CXS_TRY(cxs_out_open(ctx, path, &out));
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        CXS_TRY(cxs_out_text(ctx, out, names[k]));
    CXS_TRY(cxs_out_row_end(ctx, out));
    for (size_t b = 0; b < BUILDS; b++) {
        CXS_TRY(write_build(ctx, out, builds[b], file, n, &p));
        used += p.samples >= LEAST_NORMALS ? p.samples : 0;
    }
    for (size_t b = 0; b < BUILDS; b++)
        CXS_TRY(write_profile(ctx, out, builds[b], file, n, &p));
    if (used == 0)
        CXS_TRY(cxs_fail(ctx, CXS_EDEGENERATE,
                         "panel of normals: %d normal samples of one build with enough "
                         "reads are needed, the study has %zu samples, %zu of them "
                         "without enough quality",
                         LEAST_NORMALS, n, p.failed));
    rc = cxs_out_commit(ctx, out);
    out = NULL;
    if (rc == CXS_OK)
        rc = tell(ctx, path, used, &p);
done:
    cxs_out_abort(out);
    cxs_free(p.one);
    cxs_free(p.at);
    cxs_copy_refs_free(&refs);
    return rc;
}

/* ---- of a study ------------------------------------------------------------------ */

typedef struct normals {
    cxs_patient_file *at;
    size_t count, capacity;
} normals;

static cxs_rc add_file(cxs_ctx *ctx, cxs_study *study, cxs_stmt *stmt, normals *all)
{
    cxs_patient_file *one;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_grow(ctx, (void **)&all->at, &all->capacity, all->count + 1,
                     sizeof *all->at));
    one = &all->at[all->count];
    *one = (cxs_patient_file){.sample = "", .source = "", .library = ""};
    for (int b = 0; b < BUILDS; b++)
        if (strcmp(cxs_column_text(stmt, 1), builds[b]) == 0)
            one->build = builds[b];
    if (one->build == NULL)
        return CXS_OK;
    CXS_TRY(cxs_study_measures_at(ctx, study, cxs_column_int(stmt, 0), &one->bag));
    all->count++;
done:
    return rc;
}

static cxs_rc list_normals(cxs_ctx *ctx, cxs_study *study, normals *all)
{
    cxs_stmt *stmt = NULL;
    bool row = false;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_db_prepare(
        ctx, study->db,
        "SELECT min(m.at), a.build FROM measure m"
        " JOIN assay a ON a.at = (SELECT min(at) FROM assay WHERE sample = m.sample"
        " AND assay = m.assay)"
        " WHERE m.assay IN ('BAM', 'CRAM', 'BIN_COUNTS')"
        " AND EXISTS (SELECT 1 FROM sample_value v WHERE v.sample = m.sample AND"
        " v.name = 'ANALYTE' AND v.value = 'DNA')"
        " AND EXISTS (SELECT 1 FROM sample_value v WHERE v.sample = m.sample AND"
        " ((v.name = 'SOURCE' AND v.value IN ('NORMAL_BLOOD', 'NORMAL_TISSUE')) OR"
        " (v.name = 'PANEL_OF_NORMALS' AND lower(v.value) IN ('yes', '1', 'true'))))"
        " AND " CXS_NOT_EXCLUDED("m.sample") " GROUP BY m.sample ORDER BY m.sample",
        &stmt));
    for (;;) {
        CXS_TRY(cxs_stmt_step(ctx, stmt, &row));
        if (!row)
            break;
        CXS_TRY(add_file(ctx, study, stmt, all));
    }
done:
    cxs_stmt_free(stmt);
    return rc;
}

cxs_rc cxs_study_panel_of_normals(cxs_ctx *ctx, cxs_study *study, const char *refdata,
                                  const char *path)
{
    cxs_copy_frozen frozen = {.profile = NULL};
    normals all = {0};
    cxs_rc rc = CXS_OK;

    if ((refdata = cxs_refdata_folder(refdata)) == NULL)
        return cxs_fail(ctx, CXS_ENOINPUT,
                        "no folder of reference tables: give --refdata or "
                        "COXSWAIN_REFDATA");
    CXS_TRY(list_normals(ctx, study, &all));
    CXS_TRY(cxs_copy_frozen_read(ctx, study, &frozen));
    rc = cxs_copy_panel_write(ctx, all.at, all.count, &frozen, refdata, path);
done:
    for (size_t k = 0; k < all.count; k++)
        cxs_measures_free(all.at[k].bag);
    cxs_free(all.at);
    cxs_copy_frozen_free(&frozen);
    return rc;
}
