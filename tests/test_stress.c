/*
 * test_stress.c -- screen and rank on data that break solvers: a right answer or a
 * clear status, no number that is none, no hang
 */
#include "test.h"

#include "stress_case.h"

#include "rank/evidence.h"

/* ---- screen ---------------------------------------------------------------------- */

static int p_value(double p)
{
    return p >= 0.0 && p <= 1.0;
}

/* A row that is ok has all numbers; another has no p. */
static void check_row(const cxs_screen_row *row)
{
    if (row->status == CXS_STATUS_OK) {
        HOLDS(isfinite(row->beta) && row->se > 0.0 && isfinite(row->se));
        HOLDS(isfinite(row->z) && row->scale > 0.0 && isfinite(row->scale));
        HOLDS(p_value(row->p) && isfinite(row->log10_p));
        HOLDS(p_value(row->q));
    } else {
        HOLDS(isnan(row->p) && isnan(row->q) && isnan(row->log10_p));
        HOLDS(!isinf(row->beta) && !isinf(row->se) && !isinf(row->z));
    }
}

static cxs_screen *screen(cxs_ctx *ctx, const stress_case *c, int test, int ties)
{
    cxs_screen_settings s = cxs_screen_defaults();
    cxs_screen *out = NULL;
    cxs_matrix *matrix;
    cxs_surv *surv;
    cxs_rc rc;

    s.test = (cxs_screen_test)test;
    s.ties = (cxs_ties)ties;
    make(c, &matrix, &surv);
    rc = cxs_screen_run(ctx, matrix, surv, &s, &out);
    alarm(0);
    HOLDS(rc == (c->no_event ? CXS_EDEGENERATE : CXS_OK));
    HOLDS((rc == CXS_OK) == (out != NULL));
    return out;
}

static void screen_survives(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    for (size_t i = 0; i < CASES; i++)
        for (int form = 0; form < 6; form++) {
            cxs_screen *s = screen(ctx, &cases[i], form % 3, form / 3);
            for (size_t j = 0; s != NULL && j < cases[i].p; j++)
                check_row(&cxs_screen_rows(s)[j]);
            cxs_screen_free(s);
        }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Copies have one row's numbers, constants and covariates their status. */
static void screen_of_copies_and_constants(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    for (int test = 0; test < 3; test++) {
        cxs_screen *s = screen(ctx, &cases[COPIES], test, 1), *flat, *none;
        const cxs_screen_row *row = cxs_screen_rows(s);
        HOLDS(row[0].status == CXS_STATUS_OK);
        HOLDS(memcmp(&row[0], &row[1], sizeof *row) == 0);
        CHECK_NEAR(row[2].z, -row[0].z, 1e-11);
        CHECK_NEAR(row[2].p, row[0].p, 1e-11);
        HOLDS(row[3].status == CXS_STATUS_ALIASED);
        flat = screen(ctx, &cases[CONSTANTS], test, 1);
        row = cxs_screen_rows(flat);
        for (size_t j = 0; j < 40; j++)
            HOLDS((row[j].status == CXS_STATUS_CONSTANT) == (j >= 1 && j <= 4));
        none = screen(ctx, &cases[ALL_CONSTANT], test, 1);
        for (size_t j = 0; j < 10; j++)
            HOLDS(cxs_screen_rows(none)[j].status == CXS_STATUS_CONSTANT);
        cxs_screen_free(s);
        cxs_screen_free(flat);
        cxs_screen_free(none);
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* A column times 1e300 or 1e-300 keeps its z, p and, per sd, its beta. */
static void screen_knows_no_scale(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    for (int test = 0; test < 3; test++) {
        cxs_screen *plain = screen(ctx, &cases[PLAIN], test, 1);
        cxs_screen *scaled = screen(ctx, &cases[SCALES], test, 1);
        const cxs_screen_row *a = cxs_screen_rows(plain), *b = cxs_screen_rows(scaled);
        for (size_t j = 0; j < 3; j++) {
            HOLDS(b[j].status == CXS_STATUS_OK);
            CHECK_NEAR(b[j].z, a[j].z, 1e-9);
            CHECK_NEAR(b[j].p, a[j].p, 1e-9);
            CHECK_NEAR(b[j].beta, a[j].beta, 1e-9);
        }
        CHECK_NEAR(b[1].scale / 1e300, a[1].scale, 1e-12);
        CHECK_NEAR(b[2].scale / 1e-300, a[2].scale, 1e-12);
        cxs_screen_free(plain);
        cxs_screen_free(scaled);
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- rank ------------------------------------------------------------------------ */

static cxs_ranking *ranked(cxs_ctx *ctx, const stress_case *c, int ties)
{
    cxs_rank_settings s = cxs_rank_defaults();
    cxs_ranking *out = NULL;
    cxs_matrix *matrix;
    cxs_surv *surv;
    cxs_rc rc;

    s.ties = (cxs_ties)ties;
    s.pairs = 4;
    s.permutations = 9;
    s.bootstraps = 6;
    s.draws = 50;
    make(c, &matrix, &surv);
    rc = cxs_rank_run(ctx, matrix, surv, &s, &out);
    alarm(0);
    HOLDS(rc == (c->no_event ? CXS_EDEGENERATE : CXS_OK));
    HOLDS((rc == CXS_OK) == (out != NULL));
    return out;
}

static int share(double value)
{
    return value >= 0.0 && value <= 1.0;
}

/* A candidate has all its evidence, the others none. */
static void check_ranked(const cxs_rank_row *row)
{
    check_row(&row->adjusted);
    if (row->tier == CXS_TIER_X) {
        HOLDS(isnan(row->lfsr) && isnan(row->beta_shrunk) && isnan(row->expected_rank));
        HOLDS(isnan(row->adjusted.p));
        return;
    }
    HOLDS(row->adjusted.status == CXS_STATUS_OK);
    HOLDS(share(row->lfsr) && isfinite(row->beta_shrunk));
    HOLDS(row->expected_rank >= 1.0 && isfinite(row->expected_rank));
    HOLDS(isnan(row->sel_freq) || share(row->sel_freq));
    HOLDS(isnan(row->sign_stability) || share(row->sign_stability));
    HOLDS(isnan(row->pfer_bound) || isfinite(row->pfer_bound));
}

static void rank_survives(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    for (size_t i = 0; i < CASES; i++)
        for (int ties = 0; ties < 2; ties++) {
            cxs_ranking *r = ranked(ctx, &cases[i], ties);
            size_t count = 0;
            const cxs_rank_row *row = r != NULL ? cxs_ranking_rows(r, &count) : NULL;
            HOLDS(r == NULL || count == cases[i].p);
            for (size_t j = 0; j < count; j++)
                check_ranked(&row[j]);
            HOLDS(r == NULL || *cxs_ranking_verdict(r) != '\0');
            cxs_ranking_free(r);
        }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(screen_survives),
        cmocka_unit_test(screen_of_copies_and_constants),
        cmocka_unit_test(screen_knows_no_scale),
        cmocka_unit_test(rank_survives),
    };
    return cmocka_run_group_tests_name("stress", tests, NULL, NULL);
}
