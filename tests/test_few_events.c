/*
 * test_few_events.c -- sample sizes by Riley's criterion, and CX053
 */
#include "test.h"
#include "tmp.h"

#include "base/base.h"
#include "coxswain/ingest.h"
#include "coxswain/model.h"
#include "coxswain/rank.h"
#include "coxswain/screen.h"
#include "num/samplesize.h"

#include <math.h>
#include <string.h>

/* A trial of 24 months with a median of 6: 1 - 2^-4 of the patients have an event.  The
 * numbers are those of the published criterion for 15 % and 30 % of the largest R2. */
static void published_sizes(void **state)
{
    static const struct {
        double parameters, usual, usual_events, strong, strong_events, s15, s30;
    } rows[] = {{1, 65, 61, 30, 28, 0.81, 0.90},
                {2, 129, 121, 59, 55, 0.68, 0.82},
                {5, 322, 302, 148, 139, 0.48, 0.66},
                {10, 644, 604, 295, 277, 0.33, 0.52}};
    const double share = 0.9375, max = cxs_riley_max_r2(share);

    (void)state;
    /* 2 * 0.9375 * (ln 0.9375 - 1) = -1.99601 */
    CHECK_NEAR(max, 1.0 - exp(-1.996009724), 1e-8);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const double p = rows[i].parameters;
        CHECK(ceil(cxs_riley_patients(p, 0.15 * max)) == rows[i].usual);
        CHECK(ceil(cxs_riley_patients(p, 0.30 * max)) == rows[i].strong);
        CHECK(round(share * rows[i].usual) == rows[i].usual_events);
        CHECK(round(share * rows[i].strong) == rows[i].strong_events);
        CHECK(round(100.0 * cxs_riley_shrinkage(p, 0.15 * max, 30.0)) ==
              100.0 * rows[i].s15);
        CHECK(round(100.0 * cxs_riley_shrinkage(p, 0.30 * max, 30.0)) ==
              100.0 * rows[i].s30);
    }
    CHECK_DONE();
}

static void shrinkage_inverts_the_size(void **state)
{
    (void)state;
    for (double p = 1.0; p <= 100.0; p *= 1.7)
        for (double r2 = 0.01; r2 < 0.85; r2 += 0.07) {
            const double n = cxs_riley_patients(p, r2);
            CHECK(n > 0.0);
            CHECK_NEAR(cxs_riley_shrinkage(p, r2, n), 0.9, 1e-12);
            CHECK(cxs_riley_shrinkage(p, r2, 2.0 * n) > 0.9);
        }
    CHECK_NEAR(cxs_riley_max_r2(1.0), 1.0 - exp(-2.0), 1e-15);
    CHECK(cxs_riley_max_r2(3.0) == cxs_riley_max_r2(1.0));
    CHECK_DONE();
}

/* n patients, the first `events` of them with an event; covariates a, b, c. */
static cxs_surv *follow_up(cxs_ctx *ctx, int n, int events, const char *adjust)
{
    cxs_clinical_settings s = cxs_clinical_defaults();
    cxs_buf text = {0};
    cxs_surv *surv = NULL;
    char path[512];

    s.id = "id";
    s.time = "time";
    s.event = "event";
    s.adjust = adjust;
    if (cxs_buf_addf(ctx, &text, "id\ttime\tevent\ta\tb\tc\n") != CXS_OK)
        abort();
    for (int i = 0; i < n; i++)
        if (cxs_buf_addf(ctx, &text, "P%03d\t%d\t%d\t%d\t%d\t%d\n", i, 10 + i,
                         i < events, i * 7 % 11, i * 5 % 13, i * 3 % 17) != CXS_OK)
            abort();
    tmp_write(path, sizeof path, "few.tsv", text.text, strlen(text.text));
    if (cxs_clinical_read(ctx, path, &s, &surv) != CXS_OK)
        abort();
    tmp_remove("few.tsv");
    cxs_free(text.text);
    return surv;
}

static cxs_matrix *features(cxs_ctx *ctx, int n)
{
    cxs_matrix_settings s = cxs_matrix_defaults();
    cxs_buf text = {0};
    cxs_matrix *matrix = NULL;
    char path[512];

    if (cxs_buf_addf(ctx, &text, "feature") != CXS_OK)
        abort();
    for (int i = 0; i < n; i++)
        if (cxs_buf_addf(ctx, &text, "\tP%03d", i) != CXS_OK)
            abort();
    for (int j = 0; j < 4; j++)
        for (int i = -1; i < n; i++)
            if ((i < 0 ? cxs_buf_addf(ctx, &text, "\ng%d", j)
                       : cxs_buf_addf(ctx, &text, "\t%d", (i * i + 3 * j * i) % 19)) !=
                CXS_OK)
                abort();
    if (cxs_buf_addf(ctx, &text, "\n") != CXS_OK)
        abort();
    tmp_write(path, sizeof path, "x.tsv", text.text, strlen(text.text));
    s.kind = CXS_KIND_LOG;
    if (cxs_matrix_read(ctx, path, &s, &matrix) != CXS_OK)
        abort();
    tmp_remove("x.tsv");
    cxs_free(text.text);
    return matrix;
}

static size_t few_events(const cxs_ctx *ctx)
{
    size_t found = 0;

    for (size_t w = 0; w < cxs_ctx_warning_count(ctx); w++)
        found += strncmp(cxs_ctx_warning(ctx, w, NULL), "CX053: ", 7) == 0;
    return found;
}

/* Three terms want 30 events.  29 of 32: max R2 = 1 - exp(-1.99092), 15 % of it 0.1295,
 * 3 / (0.1 * 0.15538) = 193.1. */
static void cox_wants_ten_events_for_each_term(void **state)
{
    static const struct {
        int events, firth;
        const char *adjust, *warning;
    } cases[] = {
        {29, 0, "a,b,c",
         "29 events: a model with 3 parameters needs about 194 patients"},
        {30, 0, "a,b,c", NULL},
        {29, 1, "a,b,c", NULL},
        {9, 0, "a", "9 events: a model with 1 parameter needs about "},
        {10, 0, "a", NULL},
        {3, 0, NULL, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cxs_ctx *ctx = tmp_ctx();
        cxs_surv *surv = follow_up(ctx, 32, cases[i].events, cases[i].adjust);
        cxs_cox_settings s = cxs_cox_defaults();
        cxs_cox_fit *fit = NULL;
        s.firth = cases[i].firth;
        CHECK(cxs_cox_fit_new(ctx, surv, &s, &fit) == CXS_OK);
        CHECK(few_events(ctx) == (cases[i].warning != NULL));
        if (cases[i].warning != NULL) {
            CHECK(strstr(tmp_log, cases[i].warning) != NULL);
            CHECK(strstr(tmp_log, "parameters  R2 15 % of its maximum") != NULL);
        }
        cxs_cox_fit_free(fit);
        cxs_surv_free(surv);
        cxs_ctx_free(ctx);
    }
    CHECK_DONE();
}

/* The published table again, beside the shrinkage at 16 patients by R's uniroot(). */
static void table_is_shown(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    cxs_surv *surv = follow_up(ctx, 16, 15, "a,b");
    cxs_cox_fit *fit = NULL;

    (void)state;
    CHECK(cxs_cox_fit_new(ctx, surv, NULL, &fit) == CXS_OK);
    CHECK(strstr(tmp_log, "15 events: a model with 2 parameters needs about 129 "
                          "patients") != NULL);
    CHECK(strstr(tmp_log, "         1       65 (61), 0.70           30 (28), 0.83") !=
          NULL);
    CHECK(strstr(tmp_log, "        10      644 (604), 0.23          295 (277), 0.40") !=
          NULL);
    cxs_cox_fit_free(fit);
    cxs_surv_free(surv);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static size_t warnings_of(int command, int events, const char *adjust)
{
    cxs_ctx *ctx = tmp_ctx();
    cxs_surv *surv = follow_up(ctx, 40, events, adjust);
    cxs_matrix *matrix = features(ctx, 40);
    cxs_rank_settings rank = cxs_rank_defaults();
    cxs_model_settings model = cxs_model_defaults();
    cxs_screen *screen = NULL;
    cxs_model *path = NULL;
    cxs_ranking *ranking = NULL;
    size_t found;
    cxs_rc rc;

    rank.pairs = rank.permutations = rank.bootstraps = 4;
    model.folds = 3;
    rc = command == 0   ? cxs_screen_run(ctx, matrix, surv, NULL, &screen)
         : command == 1 ? cxs_model_fit(ctx, matrix, surv, &model, &path)
                        : cxs_rank_run(ctx, matrix, surv, &rank, &ranking);
    if (rc != CXS_OK)
        printf("  command %d: %s\n", command, cxs_ctx_message(ctx));
    CHECK(rc == CXS_OK);
    found = few_events(ctx);
    cxs_screen_free(screen);
    cxs_model_free(path);
    cxs_ranking_free(ranking);
    cxs_ctx_free(ctx);
    return found;
}

static void selections_want_twenty_events(void **state)
{
    (void)state;
    for (int command = 0; command < 3; command++) {
        CHECK(warnings_of(command, 19, NULL) == 1);
        CHECK(warnings_of(command, 20, NULL) == 0);
        CHECK(warnings_of(command, 29, "a,b") == 1); /* two terms and a feature */
        CHECK(warnings_of(command, 30, "a,b") == 0);
    }
    CHECK_DONE();
}

/* A warning like any other: --strict stops, and nothing is left. */
static void strict_stops(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    cxs_surv *surv = follow_up(ctx, 32, 5, "a");
    cxs_cox_fit *fit = NULL;
    const long live = cxs_alloc_live();

    (void)state;
    cxs_ctx_set_strict(ctx, 1);
    CHECK(cxs_cox_fit_new(ctx, surv, NULL, &fit) == CXS_EFORMAT);
    CHECK(fit == NULL && cxs_alloc_live() == live);
    CHECK(strcmp(cxs_ctx_code(ctx), "CX053") == 0);
    cxs_surv_free(surv);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static int remove_folder(void **state)
{
    (void)state;
    tmp_close();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_sizes),
        cmocka_unit_test(shrinkage_inverts_the_size),
        cmocka_unit_test(cox_wants_ten_events_for_each_term),
        cmocka_unit_test(table_is_shown),
        cmocka_unit_test(selections_want_twenty_events),
        cmocka_unit_test(strict_stops),
    };

    return cmocka_run_group_tests_name("few_events", tests, NULL, remove_folder);
}
