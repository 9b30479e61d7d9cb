/*
 * variant_case.h -- features of the variants of files that are written here
 */
#ifndef CXS_VARIANT_CASE_H
#define CXS_VARIANT_CASE_H

#include "test.h"

#include "vcf_case.h"

#include "base/stream.h"
#include "features/variant_private.h"

#define HEAD                                                                           \
    VCF_TOP "##contig=<ID=1,length=249250621>\n" VCF_HG19                              \
            "##contig=<ID=10,length=135534747>\n##contig=<ID=13,length=115169878>\n"   \
            "##contig=<ID=X,length=155270560>\n" VCF_CSQ VCF_FORMAT VCF_NAMES "\tT1\n"

#define TERM(alt, term, gene)                                                          \
    alt "|" term "|X|" gene "|G|Transcript|E1|protein_coding||||||||"

static vcf_case c;

static inline int make(void **state)
{
    if (test_folder_make(state) != 0)
        return 1;
    c = vcf_case_make();
    return 0;
}

static inline int unmake(void **state)
{
    vcf_case_free(&c);
    return test_folder_remove(state);
}

/* Bag of a file; the caller frees. */
static inline cxs_measures *bag_of(const char *text, const char *source,
                                   const char *library, const char *bed)
{
    cxs_measures *bag = NULL;

    c.s.source = source;
    c.s.library = library;
    c.s.target_bed = bed;
    vcf_case_ok(&c, text);
    bag = c.bag;
    c.bag = NULL;
    return bag;
}

static inline double value(const cxs_feature_columns *columns, const char *name,
                           size_t sample)
{
    const size_t at = cxs_feature_columns_find(columns, name);

    if (at == SIZE_MAX) {
        test_failures++;
        printf("  no column %s\n", name);
        return (double)NAN;
    }
    return columns->column[at].value[sample];
}

#define IS(name, sample, want)     CHECK_NEAR(value(&columns, name, sample), want, TOL_SUM)
#define NOT_ASSESSED(name, sample) CHECK(isnan(value(&columns, name, sample)))

static inline void derive(const cxs_variant_sample *sample, size_t count,
                          const cxs_variant_feature_settings *s,
                          cxs_feature_columns *columns)
{
    const cxs_rc rc = cxs_variant_features(c.ctx, sample, count, s, columns);

    CHECK(rc == CXS_OK);
    if (rc != CXS_OK)
        printf("  %s\n", cxs_ctx_message(c.ctx));
}

static const cxs_variant_feature_settings plain = {.refdata = "refdata"};

enum { SIGNATURES = 4 };

/* Four made profiles: peaks in different substitutions over a floor. */
static inline void make_profiles(double *x)
{
    const cxs_stream s = {.seed = 3, .purpose = CXS_DRAW_TEST};

    for (size_t j = 0; j < SIGNATURES; j++) {
        double total = 0.0;
        for (size_t i = 0; i < CXS_SBS; i++) {
            const double u = cxs_draw_uniform(&s, j * CXS_SBS + i);
            x[j * CXS_SBS + i] = u * u * (i / 16 == j ? 10.0 : 0.2);
            total += x[j * CXS_SBS + i];
        }
        for (size_t i = 0; i < CXS_SBS; i++)
            x[j * CXS_SBS + i] /= total;
    }
}

/* A bag with the assay tables of an empty file and made counts. */
static inline cxs_measures *sbs_bag(const double *counts)
{
    cxs_measures *bag = bag_of(HEAD, "TUMOR", "WGS", NULL);
    cxs_measure *t = NULL;
    int64_t *count = NULL;

    CHECK(cxs_measures_add(c.ctx, bag, "variants.sbs96", CXS_SBS, &t) == CXS_OK);
    CHECK(cxs_measure_int(c.ctx, t, "count", &count) == CXS_OK);
    for (size_t i = 0; i < CXS_SBS; i++)
        count[i] = (int64_t)(counts[i] + 0.5);
    return bag;
}

static inline const char *write_matrix(const double *x, bool two_columns)
{
    static const char base[] = "ACGT";
    static const char *const change[] = {"C>A", "C>G", "C>T", "T>A", "T>C", "T>G"};
    static char path[TEST_PATH_BYTES * 2];
    cxs_buf text = {0};

    CHECK(cxs_buf_addf(c.ctx, &text, "%s\tSBS11\tSBS1\tSBS5\tSBS15\tSBS4\n",
                       two_columns ? "Type\tSubType" : "Type") == CXS_OK);
    for (size_t k = CXS_SBS; k-- > 0;) { /* any order of rows */
        const char five = base[k / 4 % 4], three = base[k % 4], *c6 = change[k / 16];
        if (two_columns)
            CHECK(cxs_buf_addf(c.ctx, &text, "%s\t%c%c%c", c6, five, c6[0], three) ==
                  CXS_OK);
        else
            CHECK(cxs_buf_addf(c.ctx, &text, "%c[%s]%c", five, c6, three) == CXS_OK);
        for (size_t j = 0; j < SIGNATURES; j++)
            CHECK(cxs_buf_addf(c.ctx, &text, "\t%.17g", x[j * CXS_SBS + k]) == CXS_OK);
        CHECK(cxs_buf_addf(c.ctx, &text, "\t0.5\n") == CXS_OK);
    }
    snprintf(path, sizeof path, "%s",
             test_text(two_columns ? "two.tsv" : "one.tsv", text.text));
    cxs_free(text.text);
    return path;
}

#endif /* CXS_VARIANT_CASE_H */
