/*
 * stability.c -- times stability selection alone, on a design written by `simulate`
 *
 *   bench_stability DIR PAIRS Q THREADS
 *
 * `rank` scans, permutes and ranks besides, so its clock says little about this part.
 * Here the same function is called on the design: Breslow lasso paths on 2 PAIRS
 * half-samples, each until Q features have entered.  Prints name and value per line.
 * Reading the design is not timed.
 */
#include "base/base.h"
#include "base/out.h"
#include "base/progress.h"
#include "coxswain/ingest.h"
#include "num/blas.h"
#include "rank/bounds.h"
#include "rank/evidence.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static cxs_rc read_design(cxs_ctx *ctx, const char *folder, cxs_joined **out)
{
    cxs_clinical_settings clinical = cxs_clinical_defaults();
    char *table = cxs_path_join(ctx, folder, "/clinical.tsv");
    char *file = cxs_path_join(ctx, folder, "/design.cxf");
    cxs_surv *surv = NULL;
    cxs_matrix *matrix = NULL;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    if (table == NULL || file == NULL)
        CXS_TRY(CXS_ENOMEM);
    clinical.time = "time";
    clinical.event = "event";
    CXS_TRY(cxs_clinical_read(ctx, table, &clinical, &surv));
    if ((rc = cxs_matrix_open(ctx, file, &matrix)) != CXS_OK) {
        cxs_surv_free(surv);
        goto done;
    }
    CXS_TRY(cxs_join(ctx, matrix, surv, CXS_TIES_BRESLOW, out));

done:
    cxs_free(table);
    cxs_free(file);
    return rc;
}

/* The library derives q from the errors that are allowed; here q is given.  More errors
 * allow a larger q, so bisection finds them. */
static double errors_for(size_t p, size_t q, const cxs_rank_settings *s)
{
    double low = log(1e-3), high = log(1e6);

    for (int i = 0; i < 60; i++) {
        const double middle = 0.5 * (low + high);
        if (cxs_pfer_choose_q(p, s->threshold, s->pairs, exp(middle)) < q)
            low = middle;
        else
            high = middle;
    }
    return exp(high);
}

static cxs_rc measure(cxs_ctx *ctx, const char *folder, size_t pairs, size_t q)
{
    cxs_rank_settings s = cxs_rank_defaults();
    cxs_joined *joined = NULL;
    cxs_stability result = {0};
    size_t selected = 0, mark = 0; /* mark: tells one selection from another */
    double started_s, seconds;
    cxs_rc rc = CXS_OK;

    CXS_TRY(read_design(ctx, folder, &joined));
    CXS_TRY(cxs_blas_init(ctx));
    s.pairs = pairs;
    s.alpha = 1.0;
    s.ties = CXS_TIES_BRESLOW;
    s.max_errors = errors_for(joined->design.p, q, &s);
    started_s = cxs_now_s();
    CXS_TRY(cxs_stability_select(ctx, joined, &s, joined->design.p, &result));
    seconds = cxs_now_s() - started_s;
    for (size_t j = 0; j < joined->design.p; j++)
        selected += result.hits[j], mark = (mark * 31 + result.hits[j]) % 1000000007;
    printf("seconds\t%.6f\nq\t%zu\nhalves\t%zu\nselected\t%zu\nmark\t%zu\n", seconds,
           result.q, 2 * result.pairs, selected, mark);

done:
    cxs_free(result.hits);
    cxs_joined_free(joined);
    return rc;
}

int main(int argc, char **argv)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_rc rc = CXS_ENOMEM;

    if (argc != 5) {
        fputs("usage: bench_stability DIR PAIRS Q THREADS\n", stderr);
        cxs_ctx_free(ctx);
        return 64;
    }
    if (ctx != NULL) {
        cxs_ctx_set_threads(ctx, (int)strtol(argv[4], NULL, 10));
        rc = measure(ctx, argv[1], strtoul(argv[2], NULL, 10),
                     strtoul(argv[3], NULL, 10));
        if (rc != CXS_OK)
            fprintf(stderr, "bench_stability: %s\n", cxs_ctx_message(ctx));
    }
    cxs_ctx_free(ctx);
    return cxs_rc_exit_status(rc);
}
