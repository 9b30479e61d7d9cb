/*
 * tumour.c -- is the tumour fraction of simulated cell-free DNA found again?
 *
 *   bench_tumour [SEEDS]     default 10 of each fraction
 *
 * 9 M fragments (about 0.5x) in bins of 500 kb with GC bias, mappability and excess
 * noise of 2 %.  One line per fraction: mean, least and largest estimate.  Exit status 1
 * when one is farther than 0.03 from the truth, or a normal genome is not at 0.
 */
#include "../copy_case.h"

#include <stdio.h>

enum { FRAGMENTS = 9000000, WIDTH = 500000 };

static const double NOISE = 0.02, NEAR = 0.03;

/* Estimate for one genome; NaN when it could not be made. */
static double estimate(cxs_ctx *ctx, int profile, double fraction, uint64_t seed)
{
    copy_case c = copy_case_make(WIDTH, seed);
    cxs_cn_segments segments = {0};
    cxs_cn_quality quality;
    double found = (double)NAN;

    if (profile == 0)
        copy_case_glioblastoma(&c);
    else
        copy_case_metastasis(&c);
    copy_case_reads(&c, fraction, FRAGMENTS, NOISE, seed);
    if (cxs_cn_correct(ctx, &c.bins, c.reads, c.log2, &quality) == CXS_OK &&
        cxs_cn_segment_cfdna(ctx, &c.bins, c.log2, &segments) == CXS_OK)
        found = segments.tumour_fraction;
    cxs_cn_segments_free(&segments);
    copy_case_free(&c);
    return found;
}

int main(int argc, char **argv)
{
    static const double fractions[] = {0.0, 0.03, 0.05, 0.1, 0.2, 0.3,
                                       0.4, 0.5,  0.6,  0.7, 0.8, 0.9};
    const long seeds = argc > 1 ? strtol(argv[1], NULL, 10) : 10;
    cxs_ctx *ctx = cxs_ctx_new();
    int bad = 0;

    printf("profile\tfraction\tgenomes\tmean\tleast\tlargest\n");
    for (int profile = 0; profile < 2; profile++)
        for (size_t k = 0; k < sizeof fractions / sizeof *fractions; k++) {
            const double allowed = fractions[k] > 0.0 ? NEAR : 0.0;
            double low = HUGE_VAL, high = -HUGE_VAL, sum = 0.0;
            for (long seed = 1; seed <= seeds; seed++) {
                const double found =
                    estimate(ctx, profile, fractions[k], (uint64_t)seed);
                low = fmin(low, found);
                high = fmax(high, found);
                sum += found / (double)seeds;
                bad += !(fabs(found - fractions[k]) <= allowed);
            }
            printf("%s\t%g\t%ld\t%.4f\t%.4f\t%.4f\n",
                   profile == 0 ? "glioblastoma" : "metastasis", fractions[k], seeds,
                   sum, low, high);
        }
    cxs_ctx_free(ctx);
    return bad > 0;
}
