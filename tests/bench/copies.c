/*
 * copies.c -- copy numbers of shallow cell-free genomes, from bins to calls
 *
 *   bench_copies N THREADS
 *
 * Simulates N genomes of 9 M fragments in bins of 500 kb with tumour fractions of 0 to
 * 0.5, and prints the time of correction, Markov model, calls and scores as
 * `coxswain features` does them, without reading files; and the largest error of the
 * fractions from 0.05 on.
 */
#include "../bag_case.h"

#include "base/progress.h"

#include <time.h>

enum { WIDTH = 500000, MOST = 10000 };

static double fraction_of(size_t i)
{
    return (double)(i % 6) / 10.0;
}

static cxs_measures *genome(size_t i)
{
    copy_case c = copy_case_make(WIDTH, i + 1);
    cxs_measures *bag;

    if (i % 2 == 0)
        copy_case_glioblastoma(&c);
    else
        copy_case_metastasis(&c);
    copy_case_reads(&c, fraction_of(i), 9e6, 0.02, i + 1);
    bag = bag_depth(&c);
    copy_case_free(&c);
    return bag;
}

static double largest_error(const cxs_feature_columns *columns)
{
    double worst = 0.0;

    for (size_t i = 0; i < columns->n; i++)
        if (fraction_of(i) > 0.0)
            worst = fmax(worst, fabs(exp2(bag_value(columns, "cn.tf", i)) - 0.01 -
                                     fraction_of(i)));
    return worst;
}

int main(int argc, char **argv)
{
    const size_t n = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 100;
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_feature_columns columns = {.n = n};
    cxs_patient_file *file;
    double wall;
    clock_t cpu;
    cxs_rc rc;

    if (n < 1 || n > MOST)
        return 64;
    cxs_ctx_set_threads(ctx, argc > 2 ? atoi(argv[2]) : 1);
    file = copy_case_room(n, sizeof *file);
    for (size_t i = 0; i < n; i++)
        file[i] = (cxs_patient_file){.sample = "S",
                                     .source = "CSF_CFDNA",
                                     .library = "SWGS",
                                     .build = "hg19",
                                     .bag = genome(i)};
    wall = cxs_now_s();
    cpu = clock();
    rc = cxs_copy_features(ctx, file, NULL, "refdata", NULL, NULL, &columns);
    printf("seconds\t%.3f\ncpu\t%.3f\n", cxs_now_s() - wall,
           (double)(clock() - cpu) / CLOCKS_PER_SEC);
    if (rc == CXS_OK)
        printf("largest_error\t%.4f\n", largest_error(&columns));
    for (size_t i = 0; i < n; i++)
        cxs_measures_free(file[i].bag);
    cxs_free(file);
    cxs_feature_columns_clear(&columns);
    cxs_ctx_free(ctx);
    return rc != CXS_OK;
}
