/*
 * test_catalogue.c -- the feature catalogue: complete rows, names that fit patterns, and
 * what is called available is derived
 */
#include "features/assays.h"
#include "features/catalogue.h"
#include "features/events.h"
#include "features/variants.h"

#include "bag_case.h"
#include "refdata_case.h"
#include "scores_case.h"

static void every_row_is_complete(void **state)
{
    static const char *const types[] = {"continuous", "binary", "ordinal", "count"};
    static const char *const transforms[] = {
        CXS_AS_SCALED, CXS_AS_LOGIT, CXS_AS_LOG2_PLUS_1, CXS_AS_BINARY, CXS_AS_ORDINAL};
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
              (strcmp(f->transform, CXS_AS_BINARY) == 0));
        CHECK((strcmp(f->type, "ordinal") == 0) ==
              (strcmp(f->transform, CXS_AS_ORDINAL) == 0));
        known = 0; /* the words are those by which values are changed */
        for (size_t t = 0; t < sizeof transforms / sizeof *transforms; t++)
            known += strcmp(f->transform, transforms[t]) == 0;
        CHECK(known == 1);
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

/* A column has an available family of its type and unit. */
static int is_as_told(const cxs_feature_column *c)
{
    static const char *const types[] = {"continuous", "binary", "ordinal", "count"};
    const cxs_family *f = cxs_catalogue_find(c->name);

    return f != NULL && cxs_family_available(f) &&
           strcmp(f->type, types[c->type]) == 0 &&
           strcmp(f->unit, *c->unit != '\0' ? c->unit : "none") == 0;
}

/* What the variant step makes has a family of that type, and the other way round. */
static void variant_columns_have_families(void **state)
{
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
        const int good = is_as_told(&columns.column[c]);
        CHECK(good);
        if (!good)
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
    for (size_t c = 0; c < columns->count; c++) {
        const int good = is_as_told(&columns->column[c]);
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
    cxs_patient_file file = {
        .sample = "S1", .source = "CSF_CFDNA", .library = "SWGS", .build = "hg38"};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_feature_columns copies = {.n = 1}, fragments = {.n = 1};

    (void)state;
    CHECK(cxs_copy_features(ctx, &file, NULL, "refdata", NULL, NULL, &copies) ==
          CXS_OK);
    check_families(&copies, "cn.");
    file.bag = bag_new(); /* start sites and windows were followed: too few fragments */
    bag_table(file.bag, "tss", 1);
    bag_table(file.bag, "wps_windows", 1);
    CHECK(cxs_fragment_features(ctx, &file, NULL, NULL, "refdata", NULL, &fragments) ==
          CXS_OK);
    cxs_measures_free(file.bag);
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

/* ---- values are changed as the words say ------------------------------------------- */

/* n = 4 with a value: 0 -> (0.5)/4 = 1/8 -> log(1/7); 1 -> 7/8 -> log 7; a half stays in
 * the middle.  log2(3 + 1) = 2. */
static void changes_by_hand(void **state)
{
    static const double fraction[] = {0.0, 0.5, 1.0, (double)NAN, 0.5},
                        number[] = {3.0, 0.0, 1.0, (double)NAN, 7.0},
                        state_of[] = {-1.0, 0.0, 1.0, (double)NAN, 0.0},
                        call[] = {0.0, 1.0, 1.0, (double)NAN, 0.0},
                        gene[] = {0.0, 3.0, 1.0, 2.0, 5.0};
    static const char *const names[] = {"cn.fga", "cn.segments", "cn.arm.7p",
                                        "cn.event.GAIN7_LOSS10"};
    static const double *const values[] = {fraction, number, state_of, call};
    char patients[5][5] = {"S000", "S001", "S002", "S003", "S004"},
         *patient[5] = {patients[0], patients[1], patients[2], patients[3],
                        patients[4]};
    cxs_ctx *ctx = cxs_ctx_new();
    const char *const genes[] = {"cn.wgii"}; /* of the input: nobody's family */
    cxs_matrix *m = case_matrix(5, 1, genes, CXS_KIND_LOG);
    cxs_features_settings s = cxs_features_defaults(CXS_KIND_LOG);
    cxs_feature_columns columns = {.n = 5};
    cxs_features *f;
    double *value;

    (void)state;
    memcpy(m->x, gene, sizeof gene);
    f = case_derive(ctx, m, &s);
    for (size_t k = 0; k < 4; k++) {
        CHECK(cxs_feature_columns_add(ctx, &columns, names[k], "", CXS_FEATURE_COUNT,
                                      &value) == CXS_OK);
        memcpy(value, values[k], sizeof fraction);
    }
    f->used.standardise = 1;
    CHECK(cxs_features_join(ctx, f, patient, &columns) == CXS_OK);
    CHECK(f->matrix->p == 5);
    for (size_t j = 0; j < f->matrix->p; j++) {
        const double *x = f->matrix->x + 5 * j;
        const cxs_transform *t = &f->transform[j];
        const char *name = f->matrix->feature[j];
        if (strcmp(name, "cn.fga") == 0) { /* mean 0, sd log(7)/sqrt 2 */
            CHECK(t->change == CXS_CHANGE_LOGIT && t->change_by == 4.0);
            CHECK_NEAR(t->sd, log(7.0) / sqrt(2.0), TOL_SUM);
            CHECK_NEAR(x[0], -sqrt(2.0), TOL_SUM);
            CHECK_NEAR(cxs_change_value(t, 0.0), -log(7.0), TOL_SUM);
        } else if (strcmp(name, "cn.segments") == 0) { /* 2 0 1 3: mean 1.5 */
            CHECK(t->change == CXS_CHANGE_LOG2 && t->change_by == 1.0);
            CHECK_NEAR(t->mean, 1.5, TOL_SUM);
            CHECK_NEAR(x[4], 1.5 / sqrt(1.25), TOL_SUM);
        } else if (strcmp(name, "cn.wgii") == 0) {
            CHECK(t->change == CXS_CHANGE_NONE && x[1] == gene[1]);
        } else { /* ordinal and binary: as they are */
            const double *want = strcmp(name, "cn.arm.7p") == 0 ? state_of : call;
            CHECK(t->change == CXS_CHANGE_NONE && t->mean == 0.0 && t->sd == 1.0);
            for (size_t i = 0; i < 5; i++)
                CHECK(i == 3 ? isnan(x[i]) : x[i] == want[i]);
        }
        CHECK(strcmp(name, "cn.wgii") == 0 || isnan(x[3]));
    }
    cxs_feature_columns_clear(&columns);
    cxs_features_free(f);
    cxs_matrix_free(m);
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
        cmocka_unit_test(changes_by_hand),
    };
    return cmocka_run_group_tests_name("catalogue", tests, test_folder_make,
                                       test_folder_remove);
}
