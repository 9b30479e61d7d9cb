/*
 * test_honest.c -- a study with many kinds of files: every column is what the catalogue
 * says, and what one assay of one patient does not give is missing, never 0, and changes
 * nothing elsewhere
 */
#include "rich_study.h"
#include "test.h"
#include "tmp.h"

#include "base/text.h"
#include "features/catalogue.h"
#include "features/derive.h"
#include "store/data.h"

static cxs_features *whole; /* of the whole study */

static int set_up(void **state)
{
    cxs_ctx *ctx;

    if (test_folder_make(state) != 0)
        return -1;
    ctx = tmp_ctx();
    rich_study(ctx, "whole", RICH_WHOLE);
    whole = rich_features(ctx, "whole");
    cxs_ctx_free(ctx);
    return whole != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
    cxs_features_free(whole);
    return test_folder_remove(state);
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* ---- the columns are the catalogue's ------------------------------------------------- */

static size_t letters(const char *pattern)
{
    size_t count = 0;

    for (; *pattern != '\0'; pattern++)
        count += *pattern != '*';
    return count;
}

/* How many families fit a name as literally as the one that is found. */
static size_t best_fits(const char *name)
{
    const cxs_family *f = cxs_catalogue_find(name);
    size_t fits = 0;

    for (size_t k = 0; f != NULL && k < cxs_catalogue_count(); k++) {
        const char *pattern = cxs_catalogue_at(k)->pattern;
        if (!cxs_pattern_fits(pattern, name))
            continue;
        fits += letters(pattern) >= letters(f->pattern);
    }
    return fits;
}

static void every_column_has_one_family(void **state)
{
    const cxs_matrix *m = whole->matrix;
    size_t own = 0, made = 0;

    (void)state;
    for (size_t j = 0; j < m->p; j++) {
        const cxs_family *f = cxs_catalogue_find(m->feature[j]);
        const int gene = strchr(m->feature[j], '.') == NULL;
        const int good = gene ? f == NULL : f != NULL && best_fits(m->feature[j]) == 1;
        CHECK(good && (gene || cxs_family_available(f)));
        if (!good)
            printf("  %s\n", m->feature[j]);
        own += gene != 0;
        made += gene == 0;
    }
    CHECK(own > 550 && made > 150);
    CHECK_DONE();
}

/* Families that tables cannot feed, or that do not differ between these patients; every
 * other that is available stands in the matrix. */
static void every_family_that_can_be_is_made(void **state)
{
    static const char *const others[][2] = {
        {"frag.", "a million fragments of alignments"},
        {"var.sbs.", "a table of signatures"},
        {"var.hot.EGFR", "structural variants"},
        {"var.hypermut", "nobody has more than 10 per Mb"},
        {"var.ch.n", "plasma alone is flagged"},
        {"var.germline.n", "each has a normal"},
        {"cn.focal.", "bins of 10 Mb say nothing of a gene"},
        {"rna.gene.", "the columns have the names of the genes"},
        {"tcr.product.expansion.", "no clone grows beyond chance in any"},
        {"tcr.expanded", "every clone of so few is expanded"},
        {"rna.egfrviii", "alignments of RNA"},
        {"var.egfrviii", "alignments of RNA, or structural variants"},
        {"var.msi", "alignments of tumour and normal"},
    };
    const cxs_matrix *m = whole->matrix;
    size_t families = 0;

    (void)state;
    for (size_t k = 0; k < cxs_catalogue_count(); k++) {
        const cxs_family *f = cxs_catalogue_at(k);
        size_t made = 0, other = 0;
        for (size_t j = 0; j < m->p; j++)
            made += cxs_catalogue_find(m->feature[j]) == f;
        for (size_t o = 0; o < sizeof others / sizeof *others; o++)
            other += begins(f->pattern, others[o][0]);
        CHECK((made > 0) == (cxs_family_available(f) && other == 0));
        if ((made > 0) != (cxs_family_available(f) && other == 0))
            printf("  %s: %zu columns\n", f->pattern, made);
        families += made > 0;
    }
    CHECK(families > 60);
    CHECK_DONE();
}

/* Values and constants keep to the type and the transform of the family. */
static void values_keep_to_the_type(void **state)
{
    const cxs_matrix *m = whole->matrix;
    size_t seen[5] = {0};

    (void)state;
    for (size_t j = 0; j < m->p; j++) {
        const cxs_family *f = cxs_catalogue_find(m->feature[j]);
        const cxs_transform *t = &whole->transform[j];
        double c;
        if (f == NULL) {
            CHECK(t->change == CXS_CHANGE_NONE);
            continue;
        }
        CHECK(t->change == cxs_family_change(f, &c));
        CHECK(t->change != CXS_CHANGE_LOG2 || t->change_by == c);
        seen[t->change]++;
        for (size_t i = 0; i < RICH_N; i++) {
            const double x = m->x[j * RICH_N + i];
            CHECK(!isinf(x));
            if (strcmp(f->type, "binary") == 0)
                CHECK(isnan(x) || x == 0.0 || x == 1.0);
            if (strcmp(f->type, "ordinal") == 0)
                CHECK(isnan(x) || x == floor(x));
        }
        if (strcmp(f->type, "binary") == 0 || strcmp(f->type, "ordinal") == 0) {
            CHECK(t->mean == 0.0 && t->sd == 1.0 && isnan(t->winsor_low));
            seen[3 + (*f->type == 'o')]++;
        }
    }
    for (size_t k = 0; k < 5; k++)
        CHECK(seen[k] >= 3);
    CHECK_DONE();
}

/* The written table says family, type, unit and change of each column. */
static void the_table_carries_the_catalogue(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    cxs_table *t = NULL;

    (void)state;
    CHECK(cxs_features_write_tables(ctx, whole, test_path("w"), 0, NULL) == CXS_OK);
    CHECK(cxs_table_read(ctx, test_path("w.transform.tsv"), &t) == CXS_OK);
    CHECK(t != NULL && t->rows == whole->matrix->p);
    for (size_t r = 0; t != NULL && r < t->rows; r++) {
        const char *name = refdata_text(t, r, "feature_id");
        const cxs_family *f = cxs_catalogue_find(name);
        CHECK(strcmp(name, whole->matrix->feature[r]) == 0);
        CHECK(refdata_is(t, r, "family", f != NULL ? f->pattern : "none"));
        CHECK(refdata_is(t, r, "type", f != NULL ? f->type : "NA"));
        CHECK(refdata_is(t, r, "unit", f != NULL ? f->unit : "NA"));
        CHECK(refdata_is(t, r, "change", cxs_change_names[whole->transform[r].change]));
    }
    cxs_table_free(t);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- not assessed is not 0 ----------------------------------------------------------- */

/* What a case takes away. */
typedef struct knock {
    rich_without without;
    const char *study;
    const char *gone; /* prefixes whose values of P3 must be missing, by blanks */
    const char *kept; /* exceptions to it */
    const char
        *touched;       /* further ones that may change in P3: they use the same file */
    const char *cohort; /* prefixes whose values hang on the other patients too */
    const char *features, *state; /* of the file in the table of sources; "" no file */
} knock;

static int has_prefix(const char *list, const char *name)
{
    while (*list != '\0') {
        const size_t length = strcspn(list, " ");
        if (strncmp(list, name, length) == 0)
            return 1;
        list += length;
        list += *list == ' ';
    }
    return 0;
}

/* The value before the logit, whose n is the number of patients with a value. */
static double before_change(const cxs_features *f, size_t j, size_t i)
{
    const cxs_transform *t = &f->transform[j];
    const double x = f->matrix->x[j * RICH_N + i], q = 1.0 / (1.0 + exp(-x)),
                 n = t->change_by;

    return t->change == CXS_CHANGE_LOGIT ? (q * n - 0.5) / (n - 1.0) : x;
}

static size_t column_of(const cxs_matrix *m, const char *name)
{
    char *const *hit =
        bsearch(&name, m->feature, m->p, sizeof *m->feature, cxs_text_compare);

    return hit != NULL ? (size_t)(hit - m->feature) : SIZE_MAX;
}

static int same(double a, double b, int only_missing)
{
    return isnan(a) || isnan(b)
               ? isnan(a) && isnan(b)
               : only_missing || fabs(a - b) <= 1e-9 * fmax(1.0, fabs(b));
}

/* Cells of one case: missing as they must be, zero where they must not, changed
 * elsewhere. */
typedef struct counts {
    size_t missing, zero, other, changed, compared;
} counts;

static counts compare(const cxs_features *f, const knock *k)
{
    counts c = {0};

    for (size_t j = 0; j < f->matrix->p; j++) {
        const char *name = f->matrix->feature[j];
        const size_t was = column_of(whole->matrix, name);
        const int is_gene = strchr(name, '.') == NULL;
        const char *by = is_gene ? "rna.gene" : name;
        const int gone = has_prefix(k->gone, by) && !has_prefix(k->kept, by);
        if (was == SIZE_MAX)
            continue; /* constant before: others differ now */
        for (size_t i = 0; i < RICH_N; i++) {
            const double x = f->matrix->x[j * RICH_N + i];
            if (i == RICH_KNOCKED && gone) {
                c.missing += isnan(x) != 0;
                c.zero += x == 0.0;
                c.other += !isnan(x) && x != 0.0;
            } else if (i != RICH_KNOCKED || !has_prefix(k->touched, by)) {
                const int same_value =
                    same(before_change(f, j, i), before_change(whole, was, i),
                         has_prefix(k->cohort, by));
                c.compared++;
                c.changed += !same_value;
                if (!same_value)
                    printf("  %s: %s of P%zu: %g was %g\n", k->study, name, i + 1, x,
                           whole->matrix->x[was * RICH_N + i]);
            }
        }
    }
    return c;
}

/* Cells of P3 that had a value and should have lost it, in columns that are still
 * there; what became constant without P3 is gone as a whole. */
static size_t expected(const cxs_features *f, const knock *k)
{
    size_t count = 0;

    for (size_t j = 0; j < whole->matrix->p; j++) {
        const char *name = whole->matrix->feature[j];
        const char *by = strchr(name, '.') == NULL ? "rna.gene" : name;
        count += has_prefix(k->gone, by) && !has_prefix(k->kept, by) &&
                 column_of(f->matrix, name) != SIZE_MAX;
    }
    return count;
}

/* The table of sources has a row of this state for P3, or none of the features. */
static int has_source(cxs_ctx *ctx, const cxs_features *f, const knock *k)
{
    cxs_table *t = NULL;
    size_t rows = 0, fit = 0;
    char path[256];

    snprintf(path, sizeof path, "%s.sources.tsv", test_path(k->study));
    if (cxs_features_write_tables(ctx, f, test_path(k->study), 0, NULL) != CXS_OK ||
        cxs_table_read(ctx, path, &t) != CXS_OK)
        return 0;
    for (size_t r = 0; r < t->rows; r++) {
        const int of = refdata_is(t, r, "patient_id", "P3") &&
                       refdata_is(t, r, "features", k->features);
        rows += of != 0;
        fit += of && refdata_is(t, r, "state", k->state);
        CHECK(strchr(refdata_text(t, r, "file"), '/') == NULL);
    }
    CHECK(t->rows >= 30);
    cxs_table_free(t);
    return *k->state == '\0' ? rows == 0 : fit > 0;
}

static void what_is_not_assessed_is_missing(void **state)
{
    /* TMM, z-scores and subtypes take the cohort in, and the error rate of informed
     * detection is that of the others; copies of a gene count for the
     * second hit and for what its role asks */
    static const knock cases[] = {
        {RICH_NO_RNA, "no-rna", "rna.", "", "", "rna.", "rna", ""},
        {RICH_RNA_FAILS, "rna-fails", "rna.", "", "", "rna.", "rna", "fail"},
        {RICH_NO_VARIANTS, "no-variants", "var.", "", "", "var.informed.detected",
         "var", ""},
        {RICH_NO_FLUID_CALLS, "no-fluid", "var.vaf. var.tf var.informed.", "", "",
         "var.informed.detected", "var", "not_judged"},
        {RICH_FEW_TARGETS, "few-targets", "var.gene. var.alt.",
         "var.gene.TP53 var.alt.TP53", "var.", "", "var", "not_judged"},
        {RICH_NO_BINS, "no-bins", "cn.", "", "var.alt. var.gene.", "", "cn", ""},
        {RICH_BINS_FAIL, "bins-fail", "cn.", "", "var.alt. var.gene.", "", "cn",
         "fail"},
        {RICH_BINS_NOISY, "bins-noisy", "cn.", "", "var.alt. var.gene.", "", "cn",
         "fail"},
        /* the values of the fluid do not hang on its sequencing */
        {RICH_NO_DNA, "no-dna", "var. cn.", "", "", "var.informed.detected", "cn", ""},
        {RICH_NO_METHYLATION, "no-meth", "meth.", "", "", "", "meth", ""},
        {RICH_PROBE_MISSING, "no-probe", "meth.", "", "", "", "meth", "fail"},
        {RICH_NO_RECEPTORS, "no-tcr", "tcr.", "", "", "", "tcr", ""},
        {RICH_EMPTY_RECEPTORS, "empty-tcr", "tcr.", "", "", "", "tcr", "fail"},
        {RICH_NO_VISIT, "no-visit", "csf.", "", "", "", "cn", "ok"},
        {RICH_VISIT_EMPTY, "empty-visit", "csf.", "", "", "", "meth", "ok"},
        {RICH_NO_FACTORS, "no-factors", "clin.gpa", "", "", "", "tcr", "warn"},
    };
    counts all = {0};

    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        cxs_ctx *ctx = tmp_ctx();
        cxs_features *f;
        counts c = {0};
        rich_study(ctx, cases[k].study, cases[k].without);
        f = rich_features(ctx, cases[k].study);
        CHECK(f != NULL && f->matrix->n == RICH_N);
        if (f != NULL && f->matrix->n == RICH_N) {
            c = compare(f, &cases[k]);
            CHECK(c.missing > 0 && c.missing == expected(f, &cases[k]));
            CHECK(has_source(ctx, f, &cases[k]));
        }
        CHECK(c.zero == 0 && c.other == 0 && c.changed == 0);
        printf("  %-12s %4zu missing, %zu zero, %zu of another value; %zu of %zu cells "
               "elsewhere changed\n",
               cases[k].study, c.missing, c.zero, c.other, c.changed, c.compared);
        all.missing += c.missing;
        all.compared += c.compared;
        cxs_features_free(f);
        cxs_ctx_free(ctx);
    }
    CHECK(sizeof cases / sizeof *cases == RICH_CASES - 1);
    CHECK(all.missing > 1400 && all.compared > 50000);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_column_has_one_family),
        cmocka_unit_test(every_family_that_can_be_is_made),
        cmocka_unit_test(values_keep_to_the_type),
        cmocka_unit_test(the_table_carries_the_catalogue),
        cmocka_unit_test(what_is_not_assessed_is_missing),
    };

    return cmocka_run_group_tests_name("honest", tests, set_up, tear_down);
}
