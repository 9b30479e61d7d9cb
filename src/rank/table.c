/*
 * table.c -- P.rank.tsv
 */
#include "rank/evidence.h"

#include "base/out.h"
#include "num/special.h"

#include <math.h>

static const char *const columns[] = {
    "rank", "feature_id",  "feature_name", "layer",    "tier",
    "n",    "events",      "missing_n",    "scale",    "beta",
    "se",   "z",           "log10_p",      "p",        "q",
    "hr",   "hr_l95",      "hr_u95",       "sel_freq", "pfer_bound",
    "lfsr", "beta_shrunk", "rank_l95",     "rank_u95", "delta_c",
    "ph_p", "i2",          "direction",    "status",   NULL};

double cxs_z95(void)
{
    return cxs_normal_quantile(0.975);
}

const char *cxs_rank_layer(const cxs_ranking *ranking, size_t i)
{
    const char *domain = cxs_feature_domain(ranking->row[i].feature_id);

    return domain != NULL ? domain : cxs_matrix_layer(ranking->joined->matrix);
}

/* Columns scale .. hr_u95. */
static cxs_rc write_effect(cxs_ctx *ctx, cxs_out *out, const cxs_screen_row *row)
{
    const double half = cxs_z95() * row->se;
    const double cells[] = {row->scale,
                            row->beta,
                            row->se,
                            row->z,
                            row->log10_p,
                            row->p,
                            row->q,
                            exp(row->beta),
                            exp(row->beta - half),
                            exp(row->beta + half)};
    cxs_rc rc = CXS_OK;

    for (size_t c = 0; c < sizeof cells / sizeof *cells; c++)
        CXS_TRY(cxs_out_real(ctx, out, cells[c]));

done:
    return rc;
}

static cxs_rc write_row(cxs_ctx *ctx, cxs_out *out, size_t rank, const char *layer,
                        const cxs_rank_row *row)
{
    const cxs_screen_row *e2 = &row->adjusted;
    const double evidence[] = {row->sel_freq, row->pfer_bound, row->lfsr,
                               row->beta_shrunk};
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_out_size(ctx, out, rank));
    CXS_TRY(cxs_out_text(ctx, out, row->feature_id));
    CXS_TRY(cxs_out_text(ctx, out, row->feature_name));
    CXS_TRY(cxs_out_text(ctx, out, *layer != '\0' ? layer : "NA"));
    CXS_TRY(cxs_out_text(ctx, out, cxs_tier_name(row->tier)));
    CXS_TRY(cxs_out_size(ctx, out, e2->n));
    CXS_TRY(cxs_out_size(ctx, out, e2->events));
    CXS_TRY(cxs_out_size(ctx, out, e2->missing));
    CXS_TRY(write_effect(ctx, out, e2));
    for (size_t c = 0; c < sizeof evidence / sizeof *evidence; c++)
        CXS_TRY(cxs_out_real(ctx, out, evidence[c]));
    for (int c = 0; c < 5; c++) /* rank_l95 .. i2: evidence that was not gathered */
        CXS_TRY(cxs_out_real(ctx, out, (double)NAN));
    CXS_TRY(cxs_out_text(ctx, out, cxs_rank_direction(row)));
    CXS_TRY(cxs_out_text(ctx, out, cxs_status_name(e2->status)));
    CXS_TRY(cxs_out_row_end(ctx, out));

done:
    return rc;
}

static cxs_rc write_table(cxs_ctx *ctx, cxs_out *out, const void *of)
{
    const cxs_ranking *ranking = of;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_out_header(ctx, out, columns));
    for (size_t i = 0; i < ranking->p; i++)
        CXS_TRY(
            write_row(ctx, out, i + 1, cxs_rank_layer(ranking, i), &ranking->row[i]));

done:
    return rc;
}

cxs_rc cxs_rank_write(cxs_ctx *ctx, const cxs_ranking *ranking, const char *prefix,
                      cxs_record *record)
{
    char *store = cxs_path_join(ctx, prefix, ".cxr");
    cxs_rc rc = CXS_OK;

    if (store == NULL)
        return CXS_ENOMEM;
    CXS_TRY(cxs_out_file(ctx, prefix, ".rank.tsv", write_table, ranking, record));
    CXS_TRY(cxs_rank_write_store(ctx, ranking, store, record));
    if (record == NULL)
        goto done;
    CXS_TRY(cxs_record_output(ctx, record, store));
    CXS_TRY(cxs_record_result_text(ctx, record, "verdict", ranking->verdict));
    CXS_TRY(
        cxs_record_result_real(ctx, record, "permutation_p", ranking->permutation.p));
    CXS_TRY(cxs_record_result_real(ctx, record, "stability_q",
                                   (double)ranking->stability.q));
    CXS_TRY(
        cxs_record_result_real(ctx, record, "pfer_bound", ranking->stability.bound));
    CXS_TRY(
        cxs_record_result_real(ctx, record, "evaluated", (double)ranking->evaluated));

done:
    cxs_free(store);
    return rc;
}
