/*
 * test_copy_focal.c -- windows of 50 kb around focal targets: what they see that wide
 * bins do not, and when they are not used; what is told without a panel of normals
 */
#include "test.h"

#include "bag_case.h"
#include "features/copy_private.h"
#include "tmp.h"

#include <string.h>

enum { WIDTH = 50000, CASES = 15 };

/* hg19: CDKN2A 9:21,967,751-21,995,300 and EGFR 7:55,086,714-55,324,313 */
static const double CDKN2A_AT = 22e6, EGFR_AT = 55.2e6;

static void set_range(copy_case *c, int chrom, double from, double to, double copies)
{
    for (size_t i = 0; i < c->bins.n; i++)
        if (c->bins.chrom[i] == chrom && (double)c->bins.end0[i] > from &&
            (double)c->bins.start0[i] < to)
            c->copies[i] = copies;
}

typedef struct plan {
    const char *source;
    double fraction, depth, purity;
    double egfr_span, egfr_copies; /* around EGFR_AT; 0: none */
    double deleted;                /* span at CDKN2A without a copy; 0: none */
    double amp, homdel;            /* wanted; NaN: missing */
} plan;

static cxs_patient_file file_of(const plan *p, uint64_t seed)
{
    copy_case c = copy_case_make(WIDTH, seed);
    cxs_patient_file file = {.sample = "S",
                             .source = p->source,
                             .library = "WGS",
                             .build = "hg19",
                             .callable_mb = (double)NAN,
                             .purity = p->purity};

    for (size_t i = 0; i < c.bins.n; i++)
        c.bins.map[i] = 1.0; /* a table of depth does not tell it */
    copy_case_glioblastoma(&c);
    if (p->egfr_span > 0.0)
        set_range(&c, 7, EGFR_AT - p->egfr_span / 2, EGFR_AT + p->egfr_span / 2,
                  p->egfr_copies);
    if (p->deleted > 0.0)
        set_range(&c, 9, CDKN2A_AT - p->deleted / 2, CDKN2A_AT + p->deleted / 2, 0.0);
    copy_case_reads(&c, p->fraction, p->depth * (double)c.bins.n * WIDTH / 170.0, 0.02,
                    seed);
    file.bag = bag_depth(&c);
    copy_case_free(&c);
    return file;
}

static void check_value(size_t i, const char *what, double got, double want)
{
    const int same = isnan(want) ? isnan(got) : got == want;

    CHECK(same);
    if (!same)
        printf("  case %zu: %s is %g, not %g\n", i, what, got, want);
}

/* Each case differs from the first, which has both events, in one thing. */
static void what_windows_see(void **state)
{
    const double none = (double)NAN;
    const plan plans[CASES] = {
        {"CSF_CFDNA", 0.5, 1.5, none, 4e5, 20, 2e5, 1, 1},
        {"CSF_CFDNA", 0.5, 1.5, none, 0, 0, 0, 0, 0},
        /* wider than the windows: the wide segments tell how far */
        {"CSF_CFDNA", 0.5, 1.5, none, 4e6, 12, 2e5, 1, 1},
        {"CSF_CFDNA", 0.5, 1.5, none, 60e6, 12, 2e5, 0, 1},
        /* below 1x: bins of 500 kb alone */
        {"CSF_CFDNA", 0.5, 0.9, none, 4e6, 12, 2e5, 1, none},
        /* below a fraction of 0.2 a homozygous deletion is not told */
        {"CSF_CFDNA", 0.15, 1.5, none, 4e5, 60, 2e5, 1, none},
        /* above 3x: windows beside bins of 100 kb */
        {"CSF_CFDNA", 0.5, 4.0, none, 4e5, 20, 2e5, 1, 1},
        /* tissue: purity of the sheet, or the log ratio alone */
        {"TUMOR", 0.7, 1.5, 0.7, 4e5, 20, 2e5, 1, 1},
        {"TUMOR", 0.7, 1.5, 0.7, 0, 0, 0, 0, 0},
        {"TUMOR", 0.7, 1.5, none, 4e5, 20, 2e5, 1, none},
        /* four copies are a gain, five less than six */
        {"TUMOR", 0.7, 1.5, 0.7, 4e5, 5, 0, 0, 0},
        {"TUMOR", 0.7, 1.5, 0.7, 4e5, 8, 0, 1, 0},
        /* beyond the windows inside an arm with one copy: as long as it is, and a
           deletion of more than 10 Mb is none of a gene */
        {"TUMOR", 0.7, 1.5, 0.7, 0, 0, 4e6, 0, 1},
        {"CSF_CFDNA", 0.5, 1.5, none, 0, 0, 4e6, 0, 1},
        {"TUMOR", 0.7, 1.5, 0.7, 0, 0, 14e6, 0, 0}};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_patient_file file[CASES];
    cxs_feature_columns columns = {.n = CASES};

    (void)state;
    for (size_t i = 0; i < CASES; i++)
        file[i] = file_of(&plans[i], 70 + i);
    CHECK(cxs_copy_features(ctx, file, NULL, "refdata", NULL, NULL, &columns) ==
          CXS_OK);
    for (size_t i = 0; i < CASES; i++) {
        check_value(i, "EGFR", bag_value(&columns, "cn.focal.EGFR.amp", i),
                    plans[i].amp);
        check_value(i, "CDKN2A", bag_value(&columns, "cn.focal.CDKN2A.homdel", i),
                    plans[i].homdel);
        cxs_measures_free(file[i].bag);
    }
    /* purity is no estimate of tissue */
    CHECK(isnan(bag_value(&columns, "cn.tf", 7)));
    cxs_feature_columns_clear(&columns);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* p 0.5, phi 2: C = (2 2^x - 1)/0.5; six copies at log2 2, none at log2 0.5; at p 0.3 no
 * copies are log2 0.7. */
static void copies_and_levels(void **state)
{
    (void)state;
    CHECK_NEAR(cxs_cn_corrected(1.0, 0.5, 2.0), 6.0, TOL_SUM);
    CHECK_NEAR(cxs_cn_corrected(-1.0, 0.5, 2.0), 1.0 / 64.0, TOL_EXACT); /* 0 */
    CHECK_NEAR(cxs_cn_corrected(0.0, 0.5, 3.0), 3.0, TOL_SUM);
    CHECK(isnan(cxs_cn_corrected(1.0, 0.0, 2.0)));
    CHECK(isnan(cxs_cn_corrected(1.0, (double)NAN, 2.0)));
    CHECK_NEAR(cxs_cn_level(6.0, 0.5, 2.0), 1.0, TOL_SUM);
    CHECK_NEAR(cxs_cn_level(0.0, 0.3, 2.0), log2(0.7), TOL_SUM);
    CHECK_DONE();
}

/* A deletion of a gene at a fraction of 0.25 (level -0.42): told where three windows err
 * by less than a quarter of it (noise 0.10), missing where they do not (noise 0.25). */
static void noise_hides(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_patient_file file[2];
    cxs_feature_columns columns = {.n = 2};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        copy_case c = copy_case_make(WIDTH, 90);
        for (size_t k = 0; k < c.bins.n; k++)
            c.bins.map[k] = 1.0;
        copy_case_glioblastoma(&c);
        copy_case_reads(&c, 0.25, 26e6, i == 0 ? 0.02 : 0.15, 90);
        file[i] = (cxs_patient_file){.sample = "S",
                                     .source = "CSF_CFDNA",
                                     .library = "WGS",
                                     .build = "hg19",
                                     .purity = (double)NAN,
                                     .bag = bag_depth(&c)};
        copy_case_free(&c);
    }
    CHECK(cxs_copy_features(ctx, file, NULL, "refdata", NULL, NULL, &columns) ==
          CXS_OK);
    check_value(0, "CDKN2A", bag_value(&columns, "cn.focal.CDKN2A.homdel", 0), 0.0);
    check_value(1, "CDKN2A", bag_value(&columns, "cn.focal.CDKN2A.homdel", 1),
                (double)NAN);
    check_value(1, "EGFR", bag_value(&columns, "cn.focal.EGFR.amp", 1), 0.0);
    cxs_measures_free(file[0].bag);
    cxs_measures_free(file[1].bag);
    cxs_feature_columns_clear(&columns);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* The job of one file, its segments at the targets. */
static cxs_copy_result result_of(cxs_ctx *ctx, const cxs_copy_refs *refs,
                                 const cxs_patient_file *file)
{
    cxs_copy_result r = {0};
    cxs_copy_job job = {.file = file, .refs = refs, .result = &r};

    CHECK(cxs_copy_patient(ctx, 0, 0, &job) == CXS_OK);
    return r;
}

static void result_free(cxs_copy_result *r)
{
    cxs_cn_segments_free(&r->segments);
    cxs_free(r->focal);
    cxs_free(r->state);
}

/* The window runs from the first to the last bin that holds a part of the deletion, and
 * its level is that of no copy: log2(2 (1 - p)/(2 (1 - p) + p phi)). */
static void extent_and_level(void **state)
{
    const plan one = {"TUMOR", 0.7, 1.5, 0.7, 4e5, 20, 2e5, 1, 1};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_copy_refs refs = {0};
    cxs_patient_file file = file_of(&one, 70);
    cxs_copy_result r;
    size_t gene;

    (void)state;
    CHECK(cxs_copy_refs_read(ctx, "refdata", &refs) == CXS_OK);
    r = result_of(ctx, &refs, &file);
    gene = cxs_index_find(&refs.gene, "CDKN2A");
    CHECK(gene != SIZE_MAX && r.focal != NULL && r.width == 500000);
    CHECK(r.focal[gene].start0 == 21900000 && r.focal[gene].end0 == 22100000);
    CHECK(r.focal[gene].bins <= 4 && r.focal[gene].direction == -1);
    CHECK(fabs(r.focal[gene].log2 - log2(0.6 / (0.6 + 0.7 * 1.98))) < 0.15);
    CHECK(r.focal[gene].corrected < 0.3);
    gene = cxs_index_find(&refs.gene, "EGFR");
    CHECK(r.focal[gene].start0 == 55000000 && r.focal[gene].end0 == 55400000);
    CHECK(fabs(r.focal[gene].corrected - 20.0) < 2.0);
    /* a gene that is no target has none */
    CHECK(r.focal[cxs_index_find(&refs.gene, "GAPDH")].bins == 0);
    result_free(&r);
    cxs_measures_free(file.bag);
    cxs_copy_refs_free(&refs);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Chromosomes in another order of the table give the same levels, bit for bit. */
static void order_of_contigs(void **state)
{
    const plan one = {"TUMOR", 0.7, 1.5, 0.7, 4e5, 20, 2e5, 1, 1};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_copy_refs refs = {0};
    cxs_patient_file file = file_of(&one, 71), turned = file;
    const cxs_measure *t = cxs_measures_find(file.bag, "depth");
    const size_t n = cxs_measure_rows(t);
    static const char *const names[] = {"start", "end", "fragments", "gc", "acgt"};
    cxs_copy_result a, b;
    cxs_measure *u;
    size_t chrom, at = 0;

    (void)state;
    CHECK(cxs_copy_refs_read(ctx, "refdata", &refs) == CXS_OK);
    turned.bag = bag_new();
    u = bag_table(turned.bag, "depth", n);
    chrom = bag_text(u, "chrom");
    for (size_t k = 0; k < 5; k++)
        bag_int(u, names[k]);
    for (int c = 22; c >= 1; c--)
        for (size_t i = 0; i < n; i++)
            if (atoi(cxs_measure_get_text(t, "chrom")[i]) == c) {
                bag_set(u, chrom, at, cxs_measure_get_text(t, "chrom")[i]);
                for (size_t k = 0; k < 5; k++)
                    ((int64_t *)(uintptr_t)cxs_measure_get_int(u, names[k]))[at] =
                        cxs_measure_get_int(t, names[k])[i];
                at++;
            }
    a = result_of(ctx, &refs, &file);
    b = result_of(ctx, &refs, &turned);
    for (size_t row = 0; row < refs.genes->rows; row++) {
        CHECK(a.focal[row].bins == b.focal[row].bins);
        CHECK(a.focal[row].start0 == b.focal[row].start0);
        CHECK(a.focal[row].end0 == b.focal[row].end0);
        CHECK(a.focal[row].bins == 0 || a.focal[row].log2 == b.focal[row].log2);
    }
    result_free(&a);
    result_free(&b);
    cxs_measures_free(file.bag);
    cxs_measures_free(turned.bag);
    cxs_copy_refs_free(&refs);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Windows with a tenth of their reads around a deletion of three windows: drawn in, they
 * do not hide it. */
static void single_outliers(void **state)
{
    static const int64_t poor[] = {21200000, 21450000, 22300000, 22550000, 22800000};
    const plan one = {"TUMOR", 0.5, 1.5, 0.5, 0, 0, 0, 0, 0};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_copy_refs refs = {0};
    cxs_patient_file file = file_of(&one, 73);
    const cxs_measure *t = cxs_measures_find(file.bag, "depth");
    int64_t *reads = (int64_t *)(uintptr_t)cxs_measure_get_int(t, "fragments");
    const int64_t *start = cxs_measure_get_int(t, "start");
    const cxs_cn_segment *level;
    cxs_copy_result r;

    (void)state;
    for (size_t i = 0; i < cxs_measure_rows(t); i++) {
        if (strcmp(cxs_measure_get_text(t, "chrom")[i], "9") != 0)
            continue;
        if (start[i] >= 21900000 && start[i] < 22050000)
            reads[i] = reads[i] * 2 / 3; /* one copy of 9p to none */
        for (size_t k = 0; k < sizeof poor / sizeof *poor; k++)
            if (start[i] == poor[k])
                reads[i] /= 10;
    }
    CHECK(cxs_copy_refs_read(ctx, "refdata", &refs) == CXS_OK);
    r = result_of(ctx, &refs, &file);
    level = &r.focal[cxs_index_find(&refs.gene, "CDKN2A")];
    CHECK(level->bins == 3 && level->start0 == 21900000 && level->end0 == 22050000);
    CHECK(level->corrected < 0.5);
    result_free(&r);
    cxs_measures_free(file.bag);
    cxs_copy_refs_free(&refs);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Bins of another program that are wider than a window: none are looked at. */
static void wider_bins(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_copy_refs refs = {0};
    copy_case c = copy_case_make(100000, 72);
    cxs_patient_file file = {.sample = "S",
                             .source = "TUMOR",
                             .library = "WGS",
                             .build = "hg19",
                             .purity = 0.7};
    cxs_copy_result r;

    (void)state;
    copy_case_reads(&c, 0.7, 26e6, 0.02, 72);
    file.bag = bag_depth(&c);
    CHECK(cxs_copy_refs_read(ctx, "refdata", &refs) == CXS_OK);
    r = result_of(ctx, &refs, &file);
    CHECK(r.done == 2 && r.focal == NULL);
    result_free(&r);
    copy_case_free(&c);
    cxs_measures_free(file.bag);
    cxs_copy_refs_free(&refs);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Every allocation of one sample fails once. */
static void no_memory(void **state)
{
    const plan one = {"TUMOR", 0.7, 1.5, 0.7, 4e5, 20, 2e5, 1, 1};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_copy_refs refs = {0};
    cxs_patient_file file = file_of(&one, 70);
    cxs_rc rc = CXS_ENOMEM;

    (void)state;
    CHECK(cxs_copy_refs_read(ctx, "refdata", &refs) == CXS_OK);
    for (long k = 1; rc != CXS_OK && k < 200; k += k < 8 ? 1 : 5) {
        cxs_copy_result r = {0};
        cxs_copy_job job = {.file = &file, .refs = &refs, .result = &r};
        cxs_alloc_fail_at(k);
        rc = cxs_copy_patient(ctx, 0, 0, &job);
        cxs_alloc_fail_at(0);
        CHECK(rc == CXS_OK || rc == CXS_ENOMEM);
        result_free(&r);
    }
    CHECK(rc == CXS_OK);
    cxs_measures_free(file.bag);
    cxs_copy_refs_free(&refs);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Without a panel: 0 by the rule of the longest altered segment is told and said, what
 * lies between it and 0.05 is missing, 0.2 is told.  The warning names what is missing. */
static void nothing_altered_is_an_answer(void **state)
{
    static const double fraction[3] = {0.0, 0.03, 0.2};
    cxs_ctx *ctx = tmp_ctx();
    cxs_patient_file file[3];
    cxs_feature_columns c = {.n = 3};
    cxs_quality_rows quality = {0};

    (void)state;
    for (size_t k = 0; k < 3; k++) {
        copy_case one = copy_case_make(10 * WIDTH, 1);
        copy_case_glioblastoma(&one);
        copy_case_reads(&one, fraction[k], 9e6, 0.01, 300 + k);
        file[k] = (cxs_patient_file){.sample = "S",
                                     .source = "CSF_CFDNA",
                                     .library = "SWGS",
                                     .build = "hg19",
                                     .callable_mb = (double)NAN,
                                     .purity = (double)NAN,
                                     .bag = bag_depth(&one)};
        copy_case_free(&one);
    }
    CHECK(cxs_copy_features(ctx, file, NULL, "refdata", NULL, &quality, &c) == CXS_OK);
    CHECK_NEAR(bag_value(&c, "cn.tf", 0), log2(0.01), TOL_SUM);
    CHECK(isnan(bag_value(&c, "cn.tf", 1)));
    CHECK(fabs(exp2(bag_value(&c, "cn.tf", 2)) - 0.01 - 0.2) < 0.03);
    CHECK(strstr(tmp_log, "1 cell-free samples show no CNA evidence") != NULL);
    CHECK(strstr(tmp_log,
                 "3 cell-free samples have no panel of normals of their bins: "
                 "their tumour fraction above 0 and below 0.05 is not told") != NULL);
    CHECK(quality.count == 15 && quality.at[9].state == CXS_QC_WARN);
    CHECK(isnan(quality.at[9].value) &&
          strcmp(quality.at[9].reason, "no_panel_of_normals") == 0);
    CHECK(strcmp(quality.at[4].reason, "no_cna_evidence") == 0);
    CHECK(quality.at[14].state == CXS_QC_OK && quality.at[14].reason == NULL);
    cxs_quality_rows_clear(&quality);
    for (size_t k = 0; k < 3; k++)
        cxs_measures_free(file[k].bag);
    cxs_feature_columns_clear(&c);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_altered_is_an_answer),
                                       cmocka_unit_test(what_windows_see),
                                       cmocka_unit_test(copies_and_levels),
                                       cmocka_unit_test(noise_hides),
                                       cmocka_unit_test(extent_and_level),
                                       cmocka_unit_test(order_of_contigs),
                                       cmocka_unit_test(wider_bins),
                                       cmocka_unit_test(single_outliers),
                                       cmocka_unit_test(no_memory)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
