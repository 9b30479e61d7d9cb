/*
 * test_start.c -- a path that begins at the coefficients of an earlier run
 */
#include "files.h"
#include "path_case.h"

#include "num/blas.h"

typedef struct text_buffer {
    char bytes[1 << 17];
    size_t used;
} text_buffer;

static void add(text_buffer *b, const char *fmt, ...) CXS_PRINTF(2, 3);

static void add(text_buffer *b, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    b->used +=
        (size_t)vsnprintf(b->bytes + b->used, sizeof b->bytes - b->used, fmt, args);
    va_end(args);
    assert_true(b->used < sizeof b->bytes);
}

/* The file that `model` writes, of all points of a path. */
static const char *coef_file(const path_case *c, const cxs_path *path)
{
    text_buffer *b = calloc(1, sizeof *b);
    const char *file;

    add(b, "lambda_index\tlambda\tfeature_id\tbeta\n");
    for (size_t l = 0; l < path->points; l++)
        for (size_t i = 0; i < path->point[l].count; i++) {
            const size_t at = path->point[l].first + i;
            add(b, "%zu\t%.17g\t%s\t%.17g\n", l + 1, path->point[l].lambda,
                path->index[at] < path->p ? c->name[path->index[at]] : "age",
                path->beta[at]);
        }
    file = test_text("start.coef.tsv", b->bytes);
    free(b);
    return file;
}

/* One lambda, cold (file NULL) or from the file. */
static cxs_path *solve_one(const path_case *c, const cxs_problem *pr, double alpha,
                           double lambda, const char *file, size_t index)
{
    static const char *const term[] = {"age"};
    const cxs_design d = case_design(c);
    cxs_model_settings s = cxs_model_defaults();
    cxs_path_extra extra = {.start_index = index};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_start start = {0};
    cxs_path *path = NULL;

    s.alpha = alpha;
    s.tol = 1e-9;
    s.lambda = &lambda;
    s.lambda_count = 1;
    if (file != NULL) {
        CHECK(!cxs_start_read(ctx, file, &d, term, pr->k, &start));
        extra.start = &start;
    }
    CHECK(!cxs_path_solve_with(ctx, NULL, &d, pr, &s, NULL, &extra, &path));
    cxs_start_free(&start);
    cxs_ctx_free(ctx);
    assert_non_null(path);
    CHECK(path->point[0].converged);
    return path;
}

static double objective(const path_case *c, const cxs_problem *pr, double alpha,
                        double lambda, const cxs_path *path)
{
    const cxs_design d = case_design(c);
    double beta[COLUMNS_MAX], gamma[1] = {0};

    dense(path, 0, beta, gamma);
    return judge(&d, pr, NULL, alpha, lambda, beta, gamma).objective;
}

/* From the file the answer is the same, after no step at all from its own lambda and
 * after far fewer steps from its neighbour; lasso, elastic net, ridge in both forms. */
static void fewer_steps_to_the_same_answer(void **unused)
{
    static const struct {
        const char *design;
        double alpha, high, ratio;
    } cases[] = {{"wide", 1.0, 0.4, 0.8},
                 {"tied", 0.5, 0.6, 0.8},
                 {"wide", 0.0, 20.0, 0.7},
                 {"tied", 0.0, 20.0, 0.7}};
    path_case *c = calloc(1, sizeof *c);
    size_t cold_steps = 0, warm_steps = 0;

    (void)unused;
    for (size_t i = 0; i < 4; i++)
        for (int form = 0; form < 2; form++) {
            const double alpha = cases[i].alpha;
            double lambda[12], z[ROWS_MAX];
            cxs_model_settings s = cxs_model_defaults();
            cxs_ctx *ctx = cxs_ctx_new();
            cxs_path *path = NULL, *cold, *same, *near, *wrong;
            cxs_design d;
            cxs_problem pr;
            const char *file;
            load_case(cases[i].design, c);
            d = case_design(c);
            pr = case_problem(c, form, form, form, form, CXS_TIES_EFRON);
            for (size_t r = 0; r < c->n; r++)
                z[r] = r % 3 == 0;
            pr.z = z;
            pr.k = form ? 1 : 0;
            for (size_t l = 0; l < 12; l++)
                lambda[l] = cases[i].high * pow(cases[i].ratio, (double)l);
            s.alpha = alpha;
            s.tol = 1e-9;
            s.lambda = lambda;
            s.lambda_count = 12;
            CHECK(!cxs_path_solve(ctx, NULL, &d, &pr, &s, NULL, &path));
            file = coef_file(c, path);
            cold = solve_one(c, &pr, alpha, lambda[10], NULL, 0);
            same = solve_one(c, &pr, alpha, lambda[10], file, 0);
            near = solve_one(c, &pr, alpha, 0.98 * lambda[10], file, 0);
            wrong = solve_one(c, &pr, alpha, lambda[10], file, 2);
            CHECK(same->point[0].iterations == 0);
            CHECK(near->point[0].iterations < cold->point[0].iterations);
            cold_steps += cold->point[0].iterations;
            warm_steps += near->point[0].iterations;
            CHECK_NEAR(objective(c, &pr, alpha, lambda[10], same),
                       objective(c, &pr, alpha, lambda[10], cold), 1e-10);
            CHECK_NEAR(objective(c, &pr, alpha, lambda[10], wrong),
                       objective(c, &pr, alpha, lambda[10], cold), 1e-10);
            CHECK(same->point[0].df == cold->point[0].df);
            cxs_path_free(path);
            cxs_path_free(cold);
            cxs_path_free(same);
            cxs_path_free(near);
            cxs_path_free(wrong);
            cxs_ctx_free(ctx);
        }
    CHECK(3 * warm_steps <= cold_steps);
    free(c);
    CHECK_DONE();
}

/* Coefficients so far off that exp() would overflow: the start is let be. */
static void a_useless_start_does_no_harm(void **unused)
{
    path_case *c = calloc(1, sizeof *c);
    const char *file;

    (void)unused;
    load_case("wide", c);
    file = test_text("far.tsv", "feature_id\tbeta\nx00\t1e5\nx07\t-3e5\nx09\t1e300\n");
    for (int ridge = 0; ridge < 2; ridge++) {
        const cxs_problem pr = case_problem(c, 0, 0, 0, 0, CXS_TIES_EFRON);
        const double alpha = ridge ? 0.0 : 1.0, lambda = ridge ? 2.0 : 0.1;
        cxs_path *cold = solve_one(c, &pr, alpha, lambda, NULL, 0);
        cxs_path *far = solve_one(c, &pr, alpha, lambda, file, 0);
        CHECK_NEAR(objective(c, &pr, alpha, lambda, far),
                   objective(c, &pr, alpha, lambda, cold), 1e-12);
        cxs_path_free(cold);
        cxs_path_free(far);
    }
    free(c);
    CHECK_DONE();
}

/* Which coefficients are taken, and what is wrong with a file. */
static void files(void **unused)
{
    static const char *const feature[] = {"a", "b", "c"}, *const term[] = {"age"};
    const cxs_design d = {.n = 1, .p = 3, .feature = feature};
    const char *text = "lambda_index\tlambda\tfeature_id\tbeta\n2\t0.5\tage\t0.25\n"
                       "2\t0.5\tc\t-1\n3\t0.1\tb\t2\n3\t0.1\tunknown\t7\n";
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_start start;

    (void)unused;
    CHECK(!cxs_start_read(ctx, test_text("s.tsv", text), &d, term, 1, &start));
    CHECK(start.count == 3 && cxs_ctx_warning_count(ctx) == 1);
    cxs_start_pick(&start, 0.3); /* log 0.3 is nearer to log 0.5 than to log 0.1 */
    CHECK(start.count == 2 && start.index[0] == 3 && start.beta[0] == 0.25);
    CHECK(start.index[1] == 2 && start.beta[1] == -1.0);
    cxs_start_free(&start);
    CHECK(!cxs_start_read(ctx, test_text("s.tsv", text), &d, term, 1, &start));
    cxs_start_pick_index(&start, 3);
    CHECK(start.count == 1 && start.index[0] == 1 && start.beta[0] == 2.0);
    cxs_start_pick_index(&start, 9);
    CHECK(start.count == 0);
    cxs_start_free(&start);
    CHECK(!cxs_start_read(ctx, test_text("s.tsv", "feature_id\tbeta\na\t1\nb\t2\n"), &d,
                          term, 1, &start));
    cxs_start_pick(&start, 0.3);
    CHECK(start.count == 2);
    cxs_start_free(&start);
    CHECK(cxs_start_read(ctx, test_text("s.tsv", "feature_id\tbeta\na\t1\na\t2\n"), &d,
                         term, 1, &start) == CXS_EFORMAT);
    CHECK(strstr(cxs_ctx_message(ctx), "s.tsv:3:feature_id: \"a\" comes twice") !=
          NULL);
    CHECK(cxs_start_read(ctx, test_text("s.tsv", "feature_id\tbeta\na\tlow\n"), &d,
                         term, 1, &start) == CXS_EFORMAT);
    CHECK(strstr(cxs_ctx_message(ctx), "s.tsv:2:beta: \"low\" is not a number") !=
          NULL);
    CHECK(start.count == 0 && start.index == NULL);
    CHECK(cxs_start_read(ctx, test_text("s.tsv", "feature\tbeta\na\t1\n"), &d, term, 1,
                         &start) == CXS_EFORMAT);
    CHECK(cxs_start_read(ctx, test_path("absent"), &d, term, 1, &start) ==
          CXS_ENOINPUT);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* The k-th allocation fails: a clean error each time, nothing leaks. */
static void every_allocation_may_fail(void **unused)
{
    path_case *c = calloc(1, sizeof *c);
    cxs_ctx *ctx = cxs_ctx_new();

    (void)unused;
    load_case("wide", c);
    for (int ridge = 0; ridge < 2; ridge++) {
        const cxs_design d = case_design(c);
        const cxs_problem pr = case_problem(c, 0, 0, 0, 0, CXS_TIES_EFRON);
        const double lambda = 0.2;
        const char *file =
            test_text("few.tsv", "feature_id\tbeta\nx00\t0.1\nx05\t-0.1\n");
        cxs_model_settings s = cxs_model_defaults();
        cxs_rc rc = CXS_ENOMEM;
        long k;
        s.alpha = ridge ? 0.0 : 1.0;
        s.lambda = &lambda;
        s.lambda_count = 1;
        for (k = 1; rc == CXS_ENOMEM && k < 800; k++) {
            const long live = cxs_alloc_live();
            cxs_start start = {0};
            cxs_path_extra extra = {.start = &start};
            cxs_path *path = NULL;
            cxs_alloc_fail_at(k);
            rc = cxs_start_read(ctx, file, &d, NULL, 0, &start);
            if (rc == CXS_OK)
                rc = cxs_path_solve_with(ctx, NULL, &d, &pr, &s, NULL, &extra, &path);
            cxs_alloc_fail_at(0);
            CHECK((rc == CXS_OK) == (path != NULL));
            cxs_path_free(path);
            cxs_start_free(&start);
            CHECK(cxs_alloc_live() == live);
        }
        CHECK(rc == CXS_OK && k > 40);
    }
    cxs_ctx_free(ctx);
    free(c);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fewer_steps_to_the_same_answer),
        cmocka_unit_test(a_useless_start_does_no_harm),
        cmocka_unit_test(files),
        cmocka_unit_test(every_allocation_may_fail),
    };
    cxs_ctx *ctx = cxs_ctx_new();
    const cxs_rc rc = cxs_blas_init(ctx);

    cxs_ctx_free(ctx);
    return rc != CXS_OK ? 1
                        : cmocka_run_group_tests_name("start", tests, test_folder_make,
                                                      test_folder_remove);
}
