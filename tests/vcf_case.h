/*
 * vcf_case.h -- small VCF files made by a test, and the tables that come of them
 */
#ifndef CXS_TEST_VCF_CASE_H
#define CXS_TEST_VCF_CASE_H

#include "files.h"
#include "test.h"
#include "tmp.h"

#include "base/base.h"
#include "ingest/variants.h"

#define M CXS_MEASURE_MISSING

#define VCF_CSQ                                                                        \
    "##INFO=<ID=CSQ,Number=.,Type=String,Description=\"Consequence annotations from "  \
    "Ensembl VEP. Format: Allele|Consequence|IMPACT|SYMBOL|Gene|Feature_type|Feature|" \
    "BIOTYPE|HGVSc|HGVSp|ALLELE_NUM|MANE_SELECT|CANONICAL|MAX_AF|gnomADe_AF\">\n"
#define VCF_FORMAT                                                                     \
    "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"G\">\n"                        \
    "##FORMAT=<ID=AD,Number=R,Type=Integer,Description=\"A\">\n"                       \
    "##FORMAT=<ID=DP,Number=1,Type=Integer,Description=\"D\">\n"                       \
    "##FORMAT=<ID=AF,Number=A,Type=Float,Description=\"F\">\n"                         \
    "##FORMAT=<ID=SB,Number=4,Type=Integer,Description=\"S\">\n"
#define VCF_FILTERS                                                                    \
    "##FILTER=<ID=PASS,Description=\"p\">\n##FILTER=<ID=weak,Description=\"w\">\n"
#define VCF_HG19                                                                       \
    "##contig=<ID=2,length=243199373>\n##contig=<ID=5,length=180915260>\n"             \
    "##contig=<ID=7,length=159138663>\n##contig=<ID=17,length=81195210>\n"
#define VCF_TOP   "##fileformat=VCFv4.2\n"
#define VCF_NAMES "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT"
#define VCF_HEAD  VCF_TOP VCF_FILTERS VCF_HG19 VCF_CSQ VCF_FORMAT VCF_NAMES "\tT1\n"

typedef struct vcf_case {
    cxs_ctx *ctx;
    cxs_variant_refs *refs;
    cxs_vcf_settings s;
    cxs_measures *bag;
    cxs_rc rc;
} vcf_case;

/* Settings of a tumour exome, refs of the checkout. */
static inline vcf_case vcf_case_make(void)
{
    vcf_case c = {.ctx = tmp_ctx()};

    CHECK(cxs_variant_refs_read(c.ctx, "refdata", &c.refs) == CXS_OK);
    c.s = (cxs_vcf_settings){.sample = "T1",
                             .build = "hg19",
                             .source = "TUMOR",
                             .library = "WES",
                             .refs = c.refs};
    return c;
}

static inline void vcf_case_read(vcf_case *c, const char *text)
{
    if (text != NULL)
        c->s.path = test_text("a.vcf", text);
    cxs_measures_free(c->bag);
    c->bag = NULL;
    CHECK(cxs_measures_new(c->ctx, &c->bag) == CXS_OK);
    c->rc = cxs_vcf_measure(c->ctx, &c->s, c->bag);
}

/* The same, and it must succeed. */
static inline void vcf_case_ok(vcf_case *c, const char *text)
{
    vcf_case_read(c, text);
    CHECK(c->rc == CXS_OK);
    if (c->rc != CXS_OK)
        printf("  %s\n", cxs_ctx_message(c->ctx));
}

static inline void vcf_case_free(vcf_case *c)
{
    cxs_measures_free(c->bag);
    cxs_variant_refs_free(c->refs);
    cxs_ctx_free(c->ctx);
}

static inline size_t vcf_rows(const vcf_case *c, const char *table)
{
    const cxs_measure *t = cxs_measures_find(c->bag, table);

    return t != NULL ? cxs_measure_rows(t) : 0;
}

/* One cell; "" and M for what is missing or not there. */
static inline const char *vcf_text(const vcf_case *c, const char *table,
                                   const char *column, size_t row)
{
    const cxs_measure *t = cxs_measures_find(c->bag, table);
    const char *const *v = t != NULL ? cxs_measure_get_text(t, column) : NULL;

    return v != NULL && row < cxs_measure_rows(t) && v[row] != NULL ? v[row] : "";
}

static inline int64_t vcf_int(const vcf_case *c, const char *table, const char *column,
                              size_t row)
{
    const cxs_measure *t = cxs_measures_find(c->bag, table);
    const int64_t *v = t != NULL ? cxs_measure_get_int(t, column) : NULL;

    return v != NULL && row < cxs_measure_rows(t) ? v[row] : M;
}

static inline double vcf_real(const vcf_case *c, const char *column, size_t row)
{
    const cxs_measure *t = cxs_measures_find(c->bag, "variants");
    const double *v = t != NULL ? cxs_measure_get_real(t, column) : NULL;

    return v != NULL && row < cxs_measure_rows(t) ? v[row] : (double)NAN;
}

static inline int vcf_is(const vcf_case *c, const char *column, size_t row,
                         const char *want)
{
    const char *got = vcf_text(c, "variants", column, row);

    if (strcmp(got, want) == 0)
        return 1;
    printf("  row %zu: %s is \"%s\", want \"%s\"\n", row, column, got, want);
    return 0;
}

static inline int vcf_has(const vcf_case *c, const char *column, size_t row,
                          int64_t want)
{
    const int64_t got = vcf_int(c, "variants", column, row);

    if (got == want)
        return 1;
    printf("  row %zu: %s is %lld, want %lld\n", row, column, (long long)got,
           (long long)want);
    return 0;
}

#endif /* CXS_TEST_VCF_CASE_H */
