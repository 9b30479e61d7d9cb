/*
 * screen.c -- the adjusted scan as a result: q-values and P.screen.tsv
 *
 * q of Benjamini and Hochberg (1995): with the m p-values in ascending order
 *     q_(i) = min over j >= i of c m p_(j) / j, at most 1;   c = 1                  (1)
 * and c = 1 + 1/2 + .. + 1/m for Benjamini and Yekutieli (2001), any dependence.
 * Features whose status is not ok were not tested: they have no p and do not count.
 */
#include "model/scan.h"

#include "base/out.h"
#include "base/progress.h"
#include "model/budget.h"
#include "model/few_events.h"
#include "num/special.h"

#include <math.h>
#include <stdlib.h>

struct cxs_screen {
    cxs_joined *joined;
    cxs_screen_row *row; /* [p] */
    size_t p;
    double scan_s; /* wall time, for the run record alone */
};

void cxs_screen_free(cxs_screen *screen)
{
    if (screen == NULL)
        return;
    cxs_joined_free(screen->joined);
    cxs_free(screen->row);
    cxs_free(screen);
}

const cxs_screen_row *cxs_screen_rows(const cxs_screen *screen)
{
    return screen->row;
}

typedef struct ranked {
    double log10_p;
    size_t row;
} ranked;

static int by_p(const void *left, const void *right)
{
    const ranked *a = left, *b = right;

    if (a->log10_p < b->log10_p || a->log10_p > b->log10_p)
        return a->log10_p > b->log10_p ? -1 : 1; /* smallest p first */
    return a->row < b->row ? -1 : 1;
}

/* Equation (1).  Ranked by log10 p, so that p-values below the smallest double keep
 * their order. */
static cxs_rc fill_q(cxs_ctx *ctx, cxs_screen_row *row, size_t p, int by)
{
    cxs_rc rc = CXS_OK;
    ranked *order = NULL;
    double least = 1.0, harmonic = 0.0;
    size_t m = 0;

    CXS_NEW(order, p);
    for (size_t j = 0; j < p; j++)
        if (row[j].status == CXS_STATUS_OK)
            order[m++] = (ranked){row[j].log10_p, j};
    qsort(order, m, sizeof *order, by_p);
    for (size_t i = 1; i <= m; i++)
        harmonic += 1.0 / (double)i;
    for (size_t i = m; i-- > 0;) {
        const double share = (double)m / (double)(i + 1) * (by ? harmonic : 1.0);
        least = fmin(least, row[order[i].row].p * share);
        row[order[i].row].q = least;
    }

done:
    cxs_free(order);
    return rc;
}

/* A sandwich variance belongs to the Wald test alone. */
static cxs_rc check_test(cxs_ctx *ctx, const cxs_screen_settings *s,
                         const cxs_problem *problem)
{
    if (s->test == CXS_SCREEN_WALD || (!s->robust && problem->cluster == NULL))
        return CXS_OK;
    return cxs_fail(ctx, CXS_EARG,
                    "the likelihood ratio and score tests take rows as independent: "
                    "with clusters or a robust variance only the Wald test");
}

cxs_rc cxs_screen_run(cxs_ctx *ctx, cxs_matrix *matrix, cxs_surv *surv,
                      const cxs_screen_settings *settings, cxs_screen **out)
{
    const cxs_screen_settings s = settings != NULL ? *settings : cxs_screen_defaults();
    cxs_rc rc = CXS_OK;
    cxs_screen *screen = NULL;
    cxs_joined *joined = NULL;
    double started_s;

    *out = NULL;
    CXS_TRY(cxs_join(ctx, matrix, surv, s.ties, &joined));
    CXS_TRY(check_test(ctx, &s, &joined->problem));
    CXS_TRY(cxs_warn_few_events(ctx, joined->surv, cxs_surv_k(joined->surv) + 1, 1));
    CXS_NEW(screen, 1);
    screen->joined = joined;
    joined = NULL;
    screen->p = screen->joined->design.p;
    CXS_TRY(cxs_budget_screen(ctx, screen->joined));
    CXS_NEW(screen->row, screen->p);
    started_s = cxs_now_s();
    CXS_TRY(cxs_scan(ctx, &screen->joined->design, &screen->joined->problem, &s,
                     screen->row));
    CXS_TRY(fill_q(ctx, screen->row, screen->p, s.by));
    screen->scan_s = cxs_now_s() - started_s;
    *out = screen;
    screen = NULL;

done:
    cxs_joined_free(joined);
    cxs_screen_free(screen);
    return rc;
}

static cxs_rc write_row(cxs_ctx *ctx, cxs_out *out, const char *feature,
                        const cxs_screen_row *r)
{
    const double half = cxs_normal_quantile(0.975) * r->se;
    const double value[] = {r->scale,
                            r->beta,
                            r->se,
                            r->z,
                            r->log10_p,
                            r->p,
                            r->q,
                            exp(r->beta),
                            exp(r->beta - half),
                            exp(r->beta + half)};
    const char *direction = r->beta > 0.0   ? "harmful"
                            : r->beta < 0.0 ? "protective"
                                            : "NA";
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_out_text(ctx, out, feature));
    CXS_TRY(cxs_out_size(ctx, out, r->n));
    CXS_TRY(cxs_out_size(ctx, out, r->events));
    CXS_TRY(cxs_out_size(ctx, out, r->missing));
    for (size_t i = 0; i < sizeof value / sizeof *value; i++)
        CXS_TRY(cxs_out_real(ctx, out, value[i]));
    CXS_TRY(cxs_out_text(ctx, out, direction));
    CXS_TRY(cxs_out_text(ctx, out, cxs_status_name(r->status)));
    CXS_TRY(cxs_out_row_end(ctx, out));
done:
    return rc;
}

static cxs_rc write_table(cxs_ctx *ctx, cxs_out *out, const void *of)
{
    const cxs_screen *screen = of;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_out_printf(ctx, out, "%s",
                           "feature_id\tn\tevents\tmissing_n\tscale\tbeta\tse\tz\t"
                           "log10_p\tp\tq\thr\thr_l95\thr_u95\tdirection\tstatus\n"));
    for (size_t j = 0; j < screen->p; j++)
        CXS_TRY(
            write_row(ctx, out, screen->joined->design.feature[j], &screen->row[j]));

done:
    return rc;
}

cxs_rc cxs_screen_write(cxs_ctx *ctx, const cxs_screen *screen, const char *prefix,
                        cxs_record *record)
{
    cxs_rc rc = cxs_out_file(ctx, prefix, ".screen.tsv", write_table, screen, record);

    if (rc == CXS_OK && record != NULL)
        rc = cxs_record_result_real(ctx, record, "scan_s", screen->scan_s);
    return rc;
}
