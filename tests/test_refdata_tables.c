/*
 * test_refdata_tables.c -- panels, signatures, terms and scores of the reference tables
 */
#include "refdata_case.h"

/* Symbols of a column that genes.tsv does not hold; an alias that means one of its
 * genes counts as held. */
static size_t unknown_symbols(cxs_ctx *ctx, const char *name, const char *column)
{
    cxs_table *t = refdata_open(ctx, name);
    cxs_table *genes = refdata_open(ctx, "genes.tsv");
    cxs_table *alias = refdata_open(ctx, "gene_alias.tsv");
    size_t unknown = 0;

    CHECK(t->rows > 0);
    for (size_t r = 0; r < t->rows; r++) {
        const char *symbol = refdata_text(t, r, column);
        const size_t a = refdata_row(genes, "symbol", symbol) == SIZE_MAX
                             ? refdata_row(alias, "alias", symbol)
                             : SIZE_MAX;
        if (refdata_row(genes, "symbol", symbol) != SIZE_MAX ||
            (a != SIZE_MAX && refdata_is(alias, a, "status", "unique")))
            continue;
        printf("  %s:%zu: %s is not in genes.tsv\n", name, t->line[r], symbol);
        unknown++;
    }
    cxs_table_free(alias);
    cxs_table_free(genes);
    cxs_table_free(t);
    return unknown;
}

static void every_symbol_is_known(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    CHECK(unknown_symbols(ctx, "gene_panels.tsv", "symbol") == 0);
    CHECK(unknown_symbols(ctx, "signatures.tsv", "symbol") == 0);
    CHECK(unknown_symbols(ctx, "hotspots.tsv", "gene") == 0);
    CHECK(unknown_symbols(ctx, "hotspot_regions.tsv", "gene") == 0);
    CHECK(unknown_symbols(ctx, "cn_focal_targets.tsv", "gene") == 0);
    CHECK(unknown_symbols(ctx, "msi_markers.tsv", "gene") == 0);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* No two rows agree in all the named columns. */
static void check_unique(cxs_ctx *ctx, const char *name, size_t count,
                         const char *const *columns)
{
    cxs_table *t = refdata_open(ctx, name);

    for (size_t r = 0; r < t->rows; r++)
        for (size_t q = 0; q < r; q++) {
            size_t same = 0;
            while (same < count &&
                   refdata_is(t, q, columns[same], refdata_text(t, r, columns[same])))
                same++;
            refdata_check(same < count, t, r, "row given twice");
        }
    cxs_table_free(t);
}

static void no_row_comes_twice(void **state)
{
    static const char *const panel[] = {"panel_id", "symbol", "role", "disease"};
    static const char *const signature[] = {"signature_id", "symbol"};
    static const char *const target[] = {"gene", "event"};
    static const char *const gpa[] = {"index", "factor", "category"};
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    check_unique(ctx, "gene_panels.tsv", 4, panel);
    check_unique(ctx, "signatures.tsv", 2, signature);
    check_unique(ctx, "cn_focal_targets.tsv", 2, target);
    check_unique(ctx, "cn_arm_events.tsv", 1, (const char *[]){"event"});
    check_unique(ctx, "consequences.tsv", 1, (const char *[]){"so_term"});
    check_unique(ctx, "gpa_tables.tsv", 3, gpa);
    check_unique(ctx, "sbs_signature_sets.tsv", 1, (const char *[]){"signature"});
    check_unique(ctx, "stp27.tsv", 1, (const char *[]){"parameter"});
    check_unique(ctx, "hotspot_regions.tsv", 1, (const char *[]){"region_id"});
    check_unique(ctx, "msi_markers.tsv", 1, (const char *[]){"marker"});
    check_unique(ctx, "genes.tsv", 1, (const char *[]){"ensembl_gene_id"});
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* An alias is no symbol of its own; unique ones mean one gene. */
static void aliases_are_told_apart(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_table *t = refdata_open(ctx, "gene_alias.tsv");
    cxs_table *genes = refdata_open(ctx, "genes.tsv");
    size_t unique = 0, own_symbol = 0;

    (void)state;
    for (size_t r = 0; r < t->rows; r++) {
        const char *alias = refdata_text(t, r, "alias");
        const int is_unique = refdata_is(t, r, "status", "unique");
        const int bars = strchr(refdata_text(t, r, "all_targets"), '|') != NULL;
        unique += (size_t)is_unique;
        refdata_check(is_unique || refdata_is(t, r, "status", "ambiguous"), t, r,
                      "status");
        refdata_check(!(is_unique && bars), t, r, "a unique alias has several targets");
        refdata_check(refdata_row(genes, "symbol", refdata_text(t, r, "symbol")) !=
                          SIZE_MAX,
                      t, r, "target is not in genes.tsv");
        if (refdata_row(genes, "symbol", alias) == SIZE_MAX)
            continue;
        own_symbol++; /* must never be replaced */
        refdata_check(!is_unique, t, r, "a symbol of genes.tsv is a unique alias");
    }
    CHECK(t->rows == 4052 && unique == 3412);
    printf("  %zu aliases are symbols themselves, all ambiguous\n", own_symbol);
    cxs_table_free(genes);
    cxs_table_free(t);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void signatures_have_weights(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_table *t = refdata_open(ctx, "signatures.tsv");
    double gep = 0.0;
    size_t wang = 0, sets = 0;

    (void)state;
    for (size_t r = 0; r < t->rows; r++) {
        const double weight = refdata_real(t, r, "weight");
        refdata_check(isfinite(weight) && weight != 0.0, t, r, "weight");
        gep += refdata_is(t, r, "signature_id", "GEP18") ? weight : 0.0;
        wang += (size_t)(strncmp(refdata_text(t, r, "signature_id"), "WANG_", 5) == 0);
        if (r == 0 ||
            !refdata_is(t, r - 1, "signature_id", refdata_text(t, r, "signature_id"))) {
            sets++; /* rows of one set lie together */
            for (size_t q = 0; q < r; q++)
                refdata_check(!refdata_is(t, q, "signature_id",
                                          refdata_text(t, r, "signature_id")),
                              t, r, "a set lies in two places");
        }
    }
    CHECK_NEAR(gep, 1.142788, 1e-9); /* sum of the 18 published weights */
    CHECK(wang == 150 && sets == 39 && t->rows == 702);
    cxs_table_free(t);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static int is_one_of(const char *text, const char *const *list)
{
    for (; *list != NULL; list++)
        if (strcmp(text, *list) == 0)
            return 1;
    return 0;
}

static void consequences_run_from_worst_to_mildest(void **state)
{
    static const char *const impacts[] = {"HIGH", "MODERATE", "LOW", "MODIFIER", NULL};
    static const char *const altering[] = {"truncating", "missense", "inframe",
                                           "other_protein", NULL};
    static const char *const harmless[] = {"splice_region", "synonymous", "none", NULL};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_table *t = refdata_open(ctx, "consequences.tsv");
    int before = 0;

    (void)state;
    for (size_t r = 0; r < t->rows; r++) {
        const char *class = refdata_text(t, r, "class");
        const int64_t alters = refdata_int(t, r, "counts_as_protein_altering");
        int impact = 0;
        CHECK(refdata_int(t, r, "rank") == (int64_t)r + 1);
        while (impacts[impact] != NULL && !refdata_is(t, r, "impact", impacts[impact]))
            impact++;
        refdata_check(impacts[impact] != NULL && impact >= before, t, r,
                      "impact rises with the rank");
        before = impact;
        refdata_check(is_one_of(class, alters == 1 ? altering : harmless), t, r,
                      "class");
        refdata_check(refdata_int(t, r, "counts_for_tmb") <= alters, t, r,
                      "counted for the burden but harmless");
    }
    CHECK(refdata_row(t, "bcsq_term", "frameshift") == 4);
    cxs_table_free(t);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Best points of each factor of an index, summed. */
static double best_gpa(const cxs_table *t, const char *index)
{
    double sum = 0.0;

    for (size_t r = 0; r < t->rows; r++) {
        double best = refdata_real(t, r, "points");
        int first = refdata_is(t, r, "index", index);
        for (size_t q = 0; first && q < t->rows; q++) {
            if (!refdata_is(t, q, "index", index) ||
                !refdata_is(t, q, "factor", refdata_text(t, r, "factor")))
                continue;
            first = first && q >= r;
            best = fmax(best, refdata_real(t, q, "points"));
        }
        sum += first ? best : 0.0;
    }
    return sum;
}

/* Categories of a numeric factor neither overlap nor leave a gap between them. */
static void check_intervals(const cxs_table *t, size_t r)
{
    if (refdata_is(t, r, "min_inclusive", "."))
        return;
    for (size_t q = 0; q < t->rows; q++)
        if (refdata_is(t, q, "index", refdata_text(t, r, "index")) &&
            refdata_is(t, q, "factor", refdata_text(t, r, "factor")) &&
            refdata_is(t, q, "max_exclusive", refdata_text(t, r, "min_inclusive")))
            return;
    /* the lowest category of a count begins at 1 */
    refdata_check(refdata_is(t, r, "factor", "n_bm") &&
                      refdata_is(t, r, "min_inclusive", "1"),
                  t, r, "no category ends where this one begins");
}

static void every_gpa_sums_to_four(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_table *t = refdata_open(ctx, "gpa_tables.tsv");
    size_t indices = 0;

    (void)state;
    for (size_t r = 0; r < t->rows; r++) {
        const char *index = refdata_text(t, r, "index");
        const int values = !refdata_is(t, r, "values", ".");
        const int bounds = !refdata_is(t, r, "min_inclusive", ".") ||
                           !refdata_is(t, r, "max_exclusive", ".");
        refdata_check(values != bounds, t, r, "either values or an interval");
        check_intervals(t, r);
        if (refdata_row(t, "index", index) != r)
            continue;
        indices++;
        CHECK_NEAR(best_gpa(t, index), 4.0, TOL_EXACT);
    }
    CHECK(indices == 8 && t->rows == 90);
    cxs_table_free(t);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Index = 16 x substitution + 4 x 5-prime base + 3-prime base. */
static void contexts_are_in_order(void **state)
{
    static const char bases[] = "ACGT";
    static const char *const substitutions[] = {"C>A", "C>G", "C>T",
                                                "T>A", "T>C", "T>G"};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_table *t = refdata_open(ctx, "sbs96_contexts.tsv");

    (void)state;
    CHECK(t->rows == 96);
    for (size_t r = 0; r < t->rows; r++) {
        const char *s = substitutions[r / 16 % 6];
        const char five = bases[r / 4 % 4], three = bases[r % 4];
        const char ref[] = {s[0], '\0'}, alt[] = {s[2], '\0'};
        const char triple[] = {five, s[0], three, '\0'};
        char context[16];
        snprintf(context, sizeof context, "%c[%s]%c", five, s, three);
        CHECK(refdata_int(t, r, "index") == (int64_t)r);
        refdata_check(refdata_is(t, r, "context", context) &&
                          refdata_is(t, r, "substitution", s) &&
                          refdata_is(t, r, "trinucleotide", triple) &&
                          refdata_is(t, r, "pyrimidine_ref", ref) &&
                          refdata_is(t, r, "alt", alt),
                      t, r, "not the class of its index");
    }
    cxs_table_free(t);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void signature_sets_are_named(void **state)
{
    static const char *const sets[] = {"glioma", "lung", "breast", "melanoma",
                                       "renal",  "gi",   NULL};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_table *t = refdata_open(ctx, "sbs_signature_sets.tsv");

    (void)state;
    for (size_t r = 0; r < t->rows; r++) {
        char text[256], *at = text, *word;
        snprintf(text, sizeof text, "%s", refdata_text(t, r, "refit_sets"));
        refdata_check(strncmp(refdata_text(t, r, "signature"), "SBS", 3) == 0, t, r,
                      "name");
        while (strcmp(text, ".") != 0 && (word = strtok_r(at, ";", &at)) != NULL)
            refdata_check(is_one_of(word, sets), t, r, "unknown disease set");
    }
    cxs_table_free(t);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Every arm that an event names is one that is used. */
static void events_name_used_arms(void **state)
{
    static const char *const rules[] = {
        "gain", "loss", "gain_both", "loss_both", "gain_all", "gain7_loss10", NULL};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_table *t = refdata_open(ctx, "cn_arm_events.tsv");
    cxs_table *arms = refdata_open(ctx, "chrom_arms.tsv");

    (void)state;
    for (size_t r = 0; r < t->rows; r++) {
        char text[64], *at = text, *word;
        snprintf(text, sizeof text, "%s", refdata_text(t, r, "arms"));
        refdata_check(is_one_of(refdata_text(t, r, "rule"), rules), t, r, "rule");
        while ((word = strtok_r(at, "+", &at)) != NULL) {
            const size_t last = strlen(word) - 1;
            const char arm[] = {word[last], '\0'};
            int used = 0;
            word[last] = '\0';
            for (size_t a = 0; a < arms->rows; a++)
                used += refdata_is(arms, a, "chrom", word) &&
                        refdata_is(arms, a, "arm", arm) &&
                        refdata_is(arms, a, "use", "1");
            refdata_check(used == 2, t, r, "arm is not used on both assemblies");
        }
    }
    cxs_table_free(arms);
    cxs_table_free(t);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* The covariance of three coefficients is positive definite; the default cut-off is a
 * probability. */
static void mgmt_model_is_usable(void **state)
{
    static const char *const name[] = {"vcov_ii",
                                       "vcov_i_cg12434587",
                                       "vcov_i_cg12981137",
                                       "vcov_cg12434587_cg12434587",
                                       "vcov_cg12434587_cg12981137",
                                       "vcov_cg12981137_cg12981137",
                                       "cutoff_default"};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_table *t = refdata_open(ctx, "stp27.tsv");
    double v[7], det;

    (void)state;
    for (size_t k = 0; k < 7; k++)
        v[k] = refdata_real(t, refdata_row(t, "parameter", name[k]), "value");
    det = v[0] * (v[3] * v[5] - v[4] * v[4]) - v[1] * (v[1] * v[5] - v[4] * v[2]) +
          v[2] * (v[1] * v[4] - v[3] * v[2]);
    CHECK(v[0] > 0.0 && v[0] * v[3] > v[1] * v[1] && det > 0.0);
    CHECK(v[6] > 0.0 && v[6] < 1.0);
    cxs_table_free(t);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Words of the certainty columns; "." only where a table says so is never allowed. */
static void certainty_is_said(void **state)
{
    static const char *const words[] = {"verified", "certain", "probable",
                                        "unsure",   "engine",  NULL};
    static const char *const tables[] = {
        "genes.tsv",      "gene_panels.tsv",        "signatures.tsv",
        "hotspots.tsv",   "hotspot_regions.tsv",    "cn_focal_targets.tsv",
        "gpa_tables.tsv", "sbs_signature_sets.tsv", "msi_markers.tsv"};
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    for (size_t k = 0; k < sizeof tables / sizeof *tables; k++) {
        cxs_table *t = refdata_open(ctx, tables[k]);
        for (size_t r = 0; r < t->rows; r++)
            refdata_check(is_one_of(refdata_text(t, r, "certainty"), words), t, r,
                          "certainty");
        cxs_table_free(t);
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_symbol_is_known),
        cmocka_unit_test(no_row_comes_twice),
        cmocka_unit_test(aliases_are_told_apart),
        cmocka_unit_test(signatures_have_weights),
        cmocka_unit_test(consequences_run_from_worst_to_mildest),
        cmocka_unit_test(every_gpa_sums_to_four),
        cmocka_unit_test(contexts_are_in_order),
        cmocka_unit_test(signature_sets_are_named),
        cmocka_unit_test(events_name_used_arms),
        cmocka_unit_test(mgmt_model_is_usable),
        cmocka_unit_test(certainty_is_said),
    };
    return cmocka_run_group_tests_name("refdata_tables", tests, NULL, NULL);
}
