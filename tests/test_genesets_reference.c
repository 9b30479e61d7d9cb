/*
 * test_genesets_reference.c -- ranks and gene-set scores against R
 *
 * tests/data/genesets is made by make_reference_features.R, tests/data/golden likewise
 * with GSVA and edgeR (12 digits).
 */
#include "test.h"

#include "genesets_case.h"

static const double TOL_R = 1e-10;

typedef struct reference {
    cxs_table *t;
    double *x; /* [columns - 1][rows], sample by sample */
} reference;

static reference read_reference(const char *folder, const char *name)
{
    reference r = {0};
    char path[256];
    cxs_ctx *ctx = cxs_ctx_new();

    snprintf(path, sizeof path, "tests/data/%s/%s", folder, name);
    if (cxs_table_read(ctx, path, &r.t) != CXS_OK) {
        fprintf(stderr, "%s\n", cxs_ctx_message(ctx));
        abort();
    }
    r.x = calloc(r.t->rows * r.t->columns, sizeof *r.x);
    for (size_t c = 1; c < r.t->columns; c++)
        for (size_t i = 0; i < r.t->rows; i++)
            r.x[(c - 1) * r.t->rows + i] = refdata_real(r.t, i, r.t->name[c]);
    cxs_ctx_free(ctx);
    return r;
}

static void forget_reference(reference *r)
{
    cxs_table_free(r->t);
    free(r->x);
}

/* Members of one set of a GMT line (third field on) or of a table set/gene. */
static size_t gmt_set(const cxs_table *genes, const char *name, uint32_t *set)
{
    static char line[1 << 16];
    FILE *file = fopen("tests/data/genesets/sets.gmt", "r");
    size_t k = 0;

    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        char *at = line, *word = strtok_r(at, "\t\n", &at);
        if (word == NULL || strcmp(word, name) != 0)
            continue;
        word = strtok_r(at, "\t\n", &at); /* description */
        while ((word = strtok_r(at, "\t\n", &at)) != NULL)
            set[k++] = (uint32_t)refdata_row(genes, "id", word);
    }
    if (file != NULL)
        fclose(file);
    CHECK(k > 0);
    return k;
}

static void check_sample(const reference *y, size_t sample, const reference *up,
                         const reference *down, const reference *es)
{
    const size_t n = y->t->rows;
    double *power = calloc(n, sizeof *power);
    uint32_t *set = calloc(n, sizeof *set);
    ranked a = rank_values(n, y->x + sample * n);

    cxs_ssgsea_powers(n, 0.25, power);
    for (size_t s = 0; s < up->t->rows; s++) {
        const size_t k = gmt_set(y->t, cxs_table_cell(up->t, s, 0), set);
        const size_t at = sample * up->t->rows + s;
        CHECK_NEAR(cxs_singscore(n, a.r.low, k, set, 0), up->x[at], TOL_R);
        CHECK_NEAR(cxs_singscore(n, a.r.low, k, set, 1), down->x[at], TOL_R);
        CHECK_NEAR(cxs_ssgsea(n, &a.r, power, k, set), es->x[at], TOL_R);
    }
    forget(&a);
    free(set);
    free(power);
}

static void scores_agree_with_r(void **state)
{
    reference y = read_reference("genesets", "log_cpm.tsv");
    reference up = read_reference("genesets", "singscore_up.tsv");
    reference down = read_reference("genesets", "singscore_down.tsv");
    reference es = read_reference("genesets", "ssgsea.tsv");

    (void)state;
    CHECK(up.t->rows == 5 && y.t->rows == 300);
    for (size_t i = 0; i + 1 < y.t->columns; i++)
        check_sample(&y, i, &up, &down, &es);
    forget_reference(&y);
    forget_reference(&up);
    forget_reference(&down);
    forget_reference(&es);
    CHECK_DONE();
}

static void spearman_agrees_with_r(void **state)
{
    reference y = read_reference("genesets", "log_cpm.tsv");
    reference rho = read_reference("genesets", "spearman.tsv");
    const size_t n = y.t->columns - 1, p = y.t->rows;
    double *score = calloc(n * p, sizeof *score);
    uint64_t *work = calloc(cxs_ranks_work(p), sizeof *work);

    (void)state;
    for (size_t i = 0; i < n; i++)
        cxs_spearman_scores(p, y.x + i * p, score + i * p, work);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            double sum = 0.0;
            for (size_t g = 0; g < p; g++)
                sum += score[i * p + g] * score[j * p + g];
            CHECK_NEAR(sum, rho.x[i * n + j], TOL_R);
        }
    memset(score, 1, p * sizeof *score);
    cxs_spearman_scores(p, (const double[300]){0}, score, work);
    for (size_t g = 0; g < p; g++)
        CHECK_NEAR(score[g], 0.0, TOL_EXACT); /* a constant correlates with nothing */
    free(work);
    free(score);
    forget_reference(&y);
    forget_reference(&rho);
    CHECK_DONE();
}

/* GSVA's z-score: sum of the gene's z over the square root of their number, genes that
 * are constant left out. */
static void check_zscores(const reference *y, size_t k, const uint32_t *set,
                          const reference *want, size_t s)
{
    const size_t n = y->t->columns - 1, p = y->t->rows;
    double *gene = calloc(n, sizeof *gene), *sum = calloc(n, sizeof *sum);
    size_t used = 0;

    for (size_t i = 0; i < k; i++) {
        double mean, sd;
        for (size_t j = 0; j < n; j++)
            gene[j] = y->x[j * p + set[i]];
        cxs_moments(n, gene, &mean, &sd);
        if (!(sd > 0.0))
            continue;
        used++;
        for (size_t j = 0; j < n; j++)
            sum[j] += (gene[j] - mean) / sd;
    }
    for (size_t j = 0; j < n; j++)
        CHECK_NEAR(sum[j] / sqrt((double)used), want->x[j * want->t->rows + s], TOL_R);
    free(sum);
    free(gene);
}

static void zscores_agree_with_r(void **state)
{
    reference y = read_reference("genesets", "log_cpm.tsv");
    reference want = read_reference("genesets", "zscore.tsv");
    uint32_t *set = calloc(y.t->rows, sizeof *set);

    (void)state;
    for (size_t s = 0; s < want.t->rows; s++) {
        const size_t k = gmt_set(y.t, cxs_table_cell(want.t, s, 0), set);
        check_zscores(&y, k, set, &want, s);
    }
    free(set);
    forget_reference(&y);
    forget_reference(&want);
    CHECK_DONE();
}

/* The second set of reference answers, on other data and of 12 digits. */
static void scores_agree_with_the_golden_tables(void **state)
{
    reference y = read_reference("golden", "logcpm_tmm.tsv");
    reference es = read_reference("golden", "ssgsea_raw.tsv");
    reference up = read_reference("golden", "singscore_up_centred.tsv");
    reference z = read_reference("golden", "zscore_sets.tsv");
    const size_t n = y.t->rows;
    double *power = calloc(n, sizeof *power);
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_table *sets = NULL;

    (void)state;
    CHECK(cxs_table_read(ctx, "tests/data/golden/gene_sets.tsv", &sets) == CXS_OK);
    cxs_ssgsea_powers(n, 0.25, power);
    for (size_t s = 0; s < es.t->rows; s++) {
        uint32_t set[200];
        size_t k = 0;
        for (size_t r = 0; r < sets->rows; r++)
            if (refdata_is(sets, r, "set", cxs_table_cell(es.t, s, 0)))
                set[k++] =
                    (uint32_t)refdata_row(y.t, "id", refdata_text(sets, r, "gene"));
        CHECK(k >= 3);
        for (size_t i = 0; i + 1 < y.t->columns; i++) {
            ranked a = rank_values(n, y.x + i * n);
            const size_t at = i * es.t->rows + s;
            CHECK_NEAR(cxs_ssgsea(n, &a.r, power, k, set), es.x[at], TOL_R);
            CHECK_NEAR(cxs_singscore(n, a.r.low, k, set, 0), up.x[at], TOL_R);
            forget(&a);
        }
        check_zscores(&y, k, set, &z, s);
    }
    cxs_table_free(sets);
    cxs_ctx_free(ctx);
    free(power);
    forget_reference(&y);
    forget_reference(&es);
    forget_reference(&up);
    forget_reference(&z);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_agree_with_r),
        cmocka_unit_test(spearman_agrees_with_r),
        cmocka_unit_test(zscores_agree_with_r),
        cmocka_unit_test(scores_agree_with_the_golden_tables),
    };
    return cmocka_run_group_tests_name("genesets_reference", tests, NULL, NULL);
}
