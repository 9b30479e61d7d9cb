/*
 * vcf_table.c -- print the allele table that one sample of a VCF or MAF gives, for
 * comparison with other programs (tests/compare_bcftools.sh builds it)
 *
 *   vcf_table FILE SAMPLE [key=value ...] COLUMN ...
 *   keys: reference normal build source library bed genotypes umi maf table
 */
#include "ingest/variants.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_cell(const cxs_measure *t, const char *column, size_t row)
{
    const int64_t *whole = cxs_measure_get_int(t, column);
    const double *real = cxs_measure_get_real(t, column);
    const char *const *text = cxs_measure_get_text(t, column);

    if (whole != NULL && whole[row] != CXS_MEASURE_MISSING)
        printf("%" PRId64, whole[row]);
    else if (real != NULL && isfinite(real[row]))
        printf("%.6g", real[row]);
    else
        printf("%s", text != NULL && text[row] != NULL ? text[row] : ".");
}

static void print_table(const cxs_measures *bag, const char *name, char **column,
                        int columns)
{
    const cxs_measure *t = cxs_measures_find(bag, name);

    for (size_t row = 0; t != NULL && row < cxs_measure_rows(t); row++)
        for (int c = 0; c < columns; c++) {
            print_cell(t, column[c], row);
            putchar(c + 1 < columns ? '\t' : '\n');
        }
}

static void say(void *user, cxs_log_level level, const char *code, const char *line)
{
    (void)user;
    (void)level;
    fprintf(stderr, "%s %s\n", code, line);
}

/* "key=value" into the settings; false for a column name. */
static int take(cxs_vcf_settings *s, char *word, const char **table, int *maf)
{
    char *value = strchr(word, '=');
    const struct {
        const char *key;
        const char **to;
    } texts[] = {{"reference", &s->reference},
                 {"normal", &s->normal},
                 {"build", &s->build},
                 {"source", &s->source},
                 {"library", &s->library},
                 {"bed", &s->target_bed},
                 {"table", table}};

    if (value == NULL)
        return 0;
    *value++ = '\0';
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (strcmp(texts[i].key, word) == 0)
            *texts[i].to = value;
    s->genotypes |= strcmp(word, "genotypes") == 0;
    s->umi |= strcmp(word, "umi") == 0;
    *maf |= strcmp(word, "maf") == 0;
    return 1;
}

static cxs_rc measure(cxs_ctx *ctx, const cxs_vcf_settings *s, int maf,
                      cxs_measures *bag)
{
    cxs_maf *file = NULL;
    cxs_rc rc = CXS_OK;

    if (!maf)
        return cxs_vcf_measure(ctx, s, bag);
    if ((rc = cxs_maf_read(ctx, s->path, &file)) == CXS_OK)
        rc = cxs_maf_measure(ctx, file, s, bag);
    cxs_maf_free(file);
    return rc;
}

int main(int argc, char **argv)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_vcf_settings s = {.path = argc > 2 ? argv[1] : "",
                          .sample = argc > 2 ? argv[2] : ""};
    cxs_variant_refs *refs = NULL;
    cxs_measures *bag = NULL;
    const char *table = "variants";
    int first = 3, maf = 0;
    cxs_rc rc = CXS_OK;

    cxs_ctx_set_log(ctx, say, NULL);
    while (first < argc && take(&s, argv[first], &table, &maf))
        first++;
    if ((rc = cxs_variant_refs_read(ctx, NULL, &refs)) == CXS_OK &&
        (rc = cxs_measures_new(ctx, &bag)) == CXS_OK) {
        s.refs = refs;
        rc = measure(ctx, &s, maf, bag);
    }
    if (rc == CXS_OK)
        print_table(bag, table, argv + first, argc - first);
    else
        fprintf(stderr, "%s %s\n", cxs_ctx_code(ctx), cxs_ctx_message(ctx));
    cxs_measures_free(bag);
    cxs_variant_refs_free(refs);
    cxs_ctx_free(ctx);
    return cxs_rc_exit_status(rc);
}
