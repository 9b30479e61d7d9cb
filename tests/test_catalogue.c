/*
 * test_catalogue.c -- the feature catalogue: complete rows, names that fit patterns, and
 * what is called available is derived
 */
#include "features/assays.h"
#include "features/catalogue.h"
#include "features/events.h"
#include "features/variants.h"

#include "refdata_case.h"
#include "scores_case.h"

static void every_row_is_complete(void **state)
{
    static const char *const types[] = {"continuous", "binary", "ordinal", "count"};
    const size_t count = cxs_catalogue_count();

    (void)state;
    CHECK(count >= 70 && cxs_catalogue_at(count) == NULL);
    for (size_t k = 0; k < count; k++) {
        const cxs_family *f = cxs_catalogue_at(k);
        const char *const text[] = {f->pattern, f->what,    f->formula,
                                    f->unit,    f->type,    f->transform,
                                    f->needs,   f->missing, f->source};
        int known = 0;
        for (size_t t = 0; t < sizeof text / sizeof *text; t++)
            CHECK(text[t] != NULL && *text[t] != '\0' && strchr(text[t], '\t') == NULL);
        for (size_t t = 0; t < 4; t++)
            known += strcmp(f->type, types[t]) == 0;
        CHECK(known == 1);
        CHECK((strcmp(f->type, "binary") == 0) ==
              (strcmp(f->transform, "none: 0 or 1") == 0));
        for (size_t j = 0; j < k; j++)
            CHECK(strcmp(cxs_catalogue_at(j)->pattern, f->pattern) != 0);
        CHECK(cxs_catalogue_find(f->pattern) == f);
    }
    CHECK_DONE();
}

static void names_fit_patterns(void **state)
{
    static const struct {
        const char *pattern, *name;
        int fits;
    } cases[] = {
        {"var.gene.*", "var.gene.TP53", 1},
        {"var.gene.*", "var.gene.", 0},
        {"var.gene.*.trunc", "var.gene.A.B.trunc", 1},
        {"var.gene.*.trunc", "var.gene.trunc", 0},
        {"*", "x", 1},
        {"*", "", 0},
        {"cn.focal.*.amp", "cn.focal.EGFR.amplified", 0},
        {"a*a", "aa", 0},
        {"a*a", "aba", 1},
        {"a*b*c", "axbxbxc", 1},
        {"a*b*c", "axbx", 0},
        {"rna.sig.CYT", "rna.sig.CYTO", 0},
    };

    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
        CHECK(cxs_pattern_fits(cases[k].pattern, cases[k].name) == cases[k].fits);
    CHECK_DONE();
}

static void the_narrowest_family_is_found(void **state)
{
    static const char *const cases[][2] = {
        {"var.gene.TP53", "var.gene.*"},
        {"var.gene.TP53.trunc", "var.gene.*.trunc"},
        {"rna.sig.WANG_MES", "rna.sig.WANG_*"},
        {"rna.sig.HYPOXIA_BUFFA", "rna.sig.HYPOXIA_BUFFA"},
        {"cn.arm.7p", "cn.arm.*"},
        {"cn.focal.EGFR.amp", "cn.focal.*.amp"},
        {"frag.mds", "frag.mds"},
        {"meth.mgmt.p", "meth.mgmt.p"},
        {"tcr.clonality", "tcr.clonality"},
        {"csf.protein", "csf.protein"},
        {"frag.short_long.mean", "frag.short_long.*"},
        {"rna.gene.EGFR", "rna.gene.*"},
    };
    const char *near[2];

    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const cxs_family *f = cxs_catalogue_find(cases[k][0]);
        CHECK(f != NULL && strcmp(f->pattern, cases[k][1]) == 0);
    }
    CHECK(cxs_catalogue_find("rna.sig.GEP81") == NULL);
    CHECK(cxs_catalogue_find("") == NULL && cxs_catalogue_find("var.gene.") == NULL);
    cxs_catalogue_nearest("rna.sig.GEP81", 2, near);
    CHECK(strcmp(near[0], "rna.sig.GEP18") == 0);
    cxs_catalogue_nearest("csf.proteine", 2, near);
    CHECK(strcmp(near[0], "csf.protein") == 0);
    CHECK_DONE();
}

/* The status column is the registration and nothing else. */
static void the_status_is_the_registration(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_table *t = NULL;

    (void)state;
    CHECK(cxs_catalogue_write(ctx, test_path("list.tsv")) == CXS_OK);
    CHECK(cxs_table_read(ctx, test_path("list.tsv"), &t) == CXS_OK);
    CHECK(t != NULL && t->rows == cxs_catalogue_count() && t->columns == 10);
    for (size_t r = 0; t != NULL && r < t->rows; r++) {
        const cxs_family *f = cxs_catalogue_at(r);
        CHECK(refdata_is(t, r, "pattern", f->pattern));
        CHECK(refdata_is(t, r, "status", f->derive != NULL ? "available" : "not_yet"));
        CHECK(cxs_family_available(f) == (f->derive != NULL));
    }
    cxs_table_free(t);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Expression of every gene of the signatures in four samples. */
static cxs_matrix *all_signature_genes(cxs_ctx *ctx)
{
    cxs_table *t = refdata_open(ctx, "signatures.tsv");
    const char **name = calloc(t->rows, sizeof *name);
    size_t count = 0;
    cxs_matrix *m;

    for (size_t r = 0; r < t->rows; r++)
        name[r] = refdata_text(t, r, "symbol");
    qsort(name, t->rows, sizeof *name, by_text);
    for (size_t r = 0; r < t->rows; r++)
        if (count == 0 || strcmp(name[count - 1], name[r]) != 0)
            name[count++] = name[r];
    m = case_matrix(4, count, name, CXS_KIND_COUNTS);
    case_counts(m, 100.0);
    free(name);
    cxs_table_free(t);
    return m;
}

/* Every signature that is derived belongs to a family that says so, and every
 * signature family that says so is derived. */
static void available_signatures_are_derived(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = all_signature_genes(ctx);
    cxs_features_settings s = cxs_features_auto();
    const cxs_matrix *y;
    cxs_features *f;
    size_t signatures = 0;

    (void)state;
    s.signatures = 1;
    s.refdata = "refdata";
    f = case_derive(ctx, m, &s);
    y = cxs_features_matrix(f);
    for (size_t k = 0; k < cxs_catalogue_count(); k++) {
        const cxs_family *family = cxs_catalogue_at(k);
        size_t derived = 0;
        if (strncmp(family->pattern, "rna.sig.", 8) != 0)
            continue;
        for (size_t j = 0; j < y->p; j++)
            derived += strncmp(y->feature[j], "rna.sig.", 8) == 0 &&
                       cxs_catalogue_find(y->feature[j]) == family;
        CHECK((derived > 0) == cxs_family_available(family));
        signatures += derived;
    }
    for (size_t j = 0; j < y->p; j++)
        signatures -= strncmp(y->feature[j], "rna.sig.", 8) == 0;
    CHECK(signatures == 0); /* none is without a family */
    CHECK(cxs_family_available(cxs_catalogue_find("rna.gene.EGFR")));
    cxs_features_free(f);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* What the variant step makes has a family of that type, and the other way round. */
static void variant_columns_have_families(void **state)
{
    static const char *const types[] = {"continuous", "binary", "ordinal", "count"};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_table *contexts = refdata_open(ctx, "sbs96_contexts.tsv");
    const cxs_variant_sample sample = {
        .id = "S1", .source = "TUMOR", .library = "WGS", .callable_mb = (double)NAN};
    const cxs_variant_feature_settings s = {.refdata = "refdata",
                                            .signatures = test_path("sbs.tsv")};
    cxs_feature_columns columns = {.n = 1};
    cxs_event_files files = {.sample = "S1"};
    cxs_measures *reads = NULL;
    cxs_measure *markers = NULL;
    FILE *file = fopen(test_path("sbs.tsv"), "w");

    (void)state;
    fputs("context\tSBS1\tSBS5\tSBS11\n", file);
    for (size_t r = 0; r < contexts->rows; r++)
        fprintf(file, "%s\t%g\t%g\t%g\n", refdata_text(contexts, r, "context"),
                1.0 / 96, (double)r / 4560, (double)(95 - r) / 4560);
    fclose(file);
    CHECK(cxs_variant_features(ctx, &sample, 1, &s, &columns) == CXS_OK);
    if (columns.count == 0)
        printf("  %s\n", cxs_ctx_message(ctx));
    CHECK(cxs_measures_new(ctx, &reads) == CXS_OK);
    CHECK(cxs_measures_add(ctx, reads, "msi_markers", 0, &markers) == CXS_OK);
    files.reads = files.normal = reads;
    CHECK(cxs_egfrviii_features(ctx, &files, "refdata", &columns) == CXS_OK);
    CHECK(cxs_msi_features(ctx, &files, &columns) == CXS_OK);
    for (size_t c = 0; c < columns.count; c++) {
        const cxs_family *f = cxs_catalogue_find(columns.column[c].name);
        CHECK(f != NULL && strcmp(f->type, types[columns.column[c].type]) == 0);
        if (f == NULL || strcmp(f->type, types[columns.column[c].type]) != 0)
            printf("  %s\n", columns.column[c].name);
    }
    for (size_t k = 0; k < cxs_catalogue_count(); k++) {
        const cxs_family *f = cxs_catalogue_at(k);
        size_t made = 0;
        if (strncmp(f->pattern, "var.", 4) != 0)
            continue;
        for (size_t c = 0; c < columns.count; c++)
            made += cxs_catalogue_find(columns.column[c].name) == f;
        CHECK(made > 0);
        if (made == 0)
            printf("  %s\n", f->pattern);
    }
    cxs_feature_columns_clear(&columns);
    cxs_measures_free(reads);
    cxs_table_free(contexts);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* What a derivation makes of nothing has a family of that type that it is registered
 * for; every family of the prefix that is registered is made. */
static void check_families(const cxs_feature_columns *columns, const char *prefix)
{
    static const char *const types[] = {"continuous", "binary", "ordinal", "count"};

    for (size_t c = 0; c < columns->count; c++) {
        const cxs_family *f = cxs_catalogue_find(columns->column[c].name);
        const int good = f != NULL && cxs_family_available(f) &&
                         strcmp(f->type, types[columns->column[c].type]) == 0;
        CHECK(good);
        if (!good)
            printf("  %s\n", columns->column[c].name);
    }
    for (size_t k = 0; k < cxs_catalogue_count(); k++) {
        const cxs_family *f = cxs_catalogue_at(k);
        size_t made = 0;
        if (strncmp(f->pattern, prefix, strlen(prefix)) != 0)
            continue;
        for (size_t c = 0; c < columns->count; c++)
            made += cxs_catalogue_find(columns->column[c].name) == f;
        CHECK((made > 0) == (cxs_family_available(f) != 0));
        if ((made > 0) != (cxs_family_available(f) != 0))
            printf("  %s\n", f->pattern);
    }
}

static void depth_and_fragment_columns_have_families(void **state)
{
    const cxs_patient_file file = {
        .sample = "S1", .source = "CSF_CFDNA", .library = "SWGS", .build = "hg38"};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_feature_columns copies = {.n = 1}, fragments = {.n = 1};

    (void)state;
    CHECK(cxs_copy_features(ctx, &file, NULL, "refdata", NULL, NULL, &copies) ==
          CXS_OK);
    check_families(&copies, "cn.");
    CHECK(cxs_fragment_features(ctx, &file, "refdata", NULL, &fragments) == CXS_OK);
    check_families(&fragments, "frag.");
    for (size_t c = 0; c < copies.count; c++)
        CHECK(isnan(copies.column[c].value[0]));
    for (size_t c = 0; c < fragments.count; c++)
        CHECK(isnan(fragments.column[c].value[0]));
    cxs_feature_columns_clear(&copies);
    cxs_feature_columns_clear(&fragments);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_complete),
        cmocka_unit_test(names_fit_patterns),
        cmocka_unit_test(the_narrowest_family_is_found),
        cmocka_unit_test(the_status_is_the_registration),
        cmocka_unit_test(available_signatures_are_derived),
        cmocka_unit_test(variant_columns_have_families),
        cmocka_unit_test(depth_and_fragment_columns_have_families),
    };
    return cmocka_run_group_tests_name("catalogue", tests, test_folder_make,
                                       test_folder_remove);
}
