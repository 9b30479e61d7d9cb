/*
 * fragments.c -- where the fragments of a simulated sample lie
 */
#include "simulate/fragments.h"

#include <math.h>
#include <string.h>

enum { PER_FRAGMENT = 16, TRIES = 64, RNA, CFDNA, SHORTEST = 60, LONGEST = 600 };

static const double BETWEEN = 0.03, TWICE = 0.02, LOST = 0.01, RNA_DUPLICATE = 0.04,
                    CFDNA_DUPLICATE = 0.05;

static cxs_stream draws(uint64_t seed, uint64_t kind, size_t i)
{
    return cxs_sim_stream(seed, CXS_DRAW_SIMULATE, CXS_SIM_READS,
                          (kind << 32) + (uint64_t)i);
}

static cxs_rc push(cxs_ctx *ctx, cxs_fragments *out, const cxs_fragment *fragment)
{
    const cxs_rc rc = cxs_grow(ctx, (void **)&out->at, &out->capacity, out->count + 1,
                               sizeof *out->at);

    if (rc == CXS_OK)
        out->at[out->count++] = *fragment;
    return rc;
}

/* Blocks of transcript bases [from, from + length). */
static void place(const cxs_toy_gene *gene, int64_t from, int64_t length,
                  cxs_fragment *f)
{
    int64_t passed = 0;

    f->contig = (uint8_t)gene->contig;
    f->blocks = 0;
    for (int e = 0; e < gene->exons; e++) {
        const int64_t bases = gene->end[e] - gene->start[e];
        const int64_t a = from > passed ? from - passed : 0;
        const int64_t b =
            from + length - passed < bases ? from + length - passed : bases;
        if (a < b) {
            f->start[f->blocks] = gene->start[e] + a;
            f->end[f->blocks++] = gene->start[e] + b;
        }
        passed += bases;
    }
}

static int64_t normal_length(const cxs_stream *s, uint64_t index, double mean,
                             double sd, int64_t most)
{
    const int64_t length = (int64_t)floor(mean + sd * cxs_draw_normal(s, index) + 0.5);

    return length < SHORTEST ? (SHORTEST < most ? SHORTEST : most)
           : length > most   ? most
                             : length;
}

static void in_gene(const cxs_genome *genome, const cxs_stream *s, uint64_t index,
                    size_t g, cxs_fragment *f)
{
    const cxs_toy_gene *gene = &genome->gene[g];
    const int64_t length = normal_length(s, index, 180.0, 25.0, gene->bases);

    place(gene,
          (int64_t)cxs_draw_below(s, index + 1, (size_t)(gene->bases - length + 1)),
          length, f);
    f->reverse = (uint8_t)!gene->reverse;
}

static cxs_rc counted(cxs_ctx *ctx, const cxs_genome *genome, const cxs_person *person,
                      const cxs_stream *s, const uint32_t *count, cxs_fragments *out)
{
    cxs_rc rc = CXS_OK;

    for (size_t g = 0; rc == CXS_OK && g < genome->genes; g++)
        for (uint32_t k = 0; rc == CXS_OK && k < count[g]; k++) {
            const uint64_t index = PER_FRAGMENT * (uint64_t)out->names;
            cxs_fragment f = {.mapq = 60, .hits = 1, .hit = 1, .name = out->names++};
            in_gene(genome, s, index, g, &f);
            f.duplicate = cxs_draw_uniform(s, index + 2) < RNA_DUPLICATE;
            f.tumour = cxs_draw_uniform(s, index + 3) < person->purity;
            f.haplotype = (uint8_t)cxs_draw_below(s, index + 4, 2);
            rc = push(ctx, out, &f);
        }
    return rc;
}

/* Into the gap before gene g + 1 (at least 250 bases wide). */
static void in_gap(const cxs_genome *genome, size_t g, cxs_fragment *f)
{
    const cxs_toy_gene *gene = &genome->gene[g];

    f->contig = (uint8_t)gene->contig;
    f->blocks = 1;
    f->end[0] = gene->start[0] - 5;
    f->start[0] = f->end[0] - 150;
}

static cxs_rc uncounted(cxs_ctx *ctx, const cxs_genome *genome, const cxs_stream *s,
                        cxs_fragments *out)
{
    const uint32_t base = out->names, between = (uint32_t)(BETWEEN * base),
                   twice = (uint32_t)(TWICE * base), lost = (uint32_t)(LOST * base);
    cxs_rc rc = CXS_OK;

    for (uint32_t k = 0; rc == CXS_OK && k < between + twice + lost; k++) {
        const uint64_t index = PER_FRAGMENT * (uint64_t)out->names;
        const size_t a = cxs_draw_below(s, index + 5, genome->genes),
                     b = cxs_draw_below(s, index + 6, genome->genes);
        cxs_fragment f = {.mapq = 60, .hits = 1, .hit = 1, .name = out->names++};
        if (k < between) {
            in_gap(genome, a, &f);
        } else if (k < between + twice) {
            cxs_fragment again;
            f.mapq = 1;
            f.hits = 2;
            in_gene(genome, s, index, a, &f);
            again = f;
            in_gene(genome, s, index + 7, b, &again);
            again.hit = 2;
            rc = push(ctx, out, &again);
        } else {
            f.unmapped = 1;
            f.mapq = 0;
        }
        if (rc == CXS_OK)
            rc = push(ctx, out, &f);
    }
    return rc;
}

cxs_rc cxs_rna_fragments(cxs_ctx *ctx, const cxs_genome *genome,
                         const cxs_person *person, uint64_t seed, size_t i,
                         const uint32_t *count, cxs_fragments *out)
{
    const cxs_stream s = draws(seed, RNA, i);
    const cxs_rc rc = counted(ctx, genome, person, &s, count, out);

    return rc == CXS_OK ? uncounted(ctx, genome, &s, out) : rc;
}

static int64_t cfdna_length(const cxs_stream *s, uint64_t index, int tumour)
{
    const double u = cxs_draw_uniform(s, index);
    const double mean = tumour ? (u < 0.75   ? 145.0
                                  : u < 0.90 ? 167.0
                                             : 310.0)
                               : (u < 0.85 ? 167.0 : 330.0);
    const double sd = mean > 300.0 ? 25.0 : mean > 150.0 ? 12.0 : 15.0;

    return normal_length(s, index + 1, mean, sd, LONGEST);
}

/* Chance that a fragment survives the library: GC, then first base. */
static double survival(const cxs_genome *genome, const cxs_fragment *f)
{
    const char *bases = genome->bases[f->contig] + f->start[0];
    const int64_t length = f->end[0] - f->start[0];
    int64_t gc = 0;
    double z;

    for (int64_t k = 0; k < length; k++)
        gc += bases[k] == 'G' || bases[k] == 'C';
    z = ((double)gc / (double)length - 0.42) / 0.2;
    return exp(-0.5 * z * z) * (bases[0] == 'C' ? 1.0 : 0.6);
}

/* One candidate: place by copy number, origin given the place, length given the origin.
 * Arms are chosen by `weight` [arms + 1], cumulative. */
static void candidate(const cxs_genome *genome, const cxs_person *person,
                      const cxs_stream *s, uint64_t index, const double *weight,
                      cxs_fragment *f)
{
    const double u = cxs_draw_uniform(s, index) * weight[CXS_TOY_ARMS];
    const double tf = person->tumour_fraction;
    size_t arm = 0;
    int64_t length, half, first;

    while (arm + 1 < CXS_TOY_ARMS && u >= weight[arm + 1])
        arm++;
    f->contig = (uint8_t)(arm / 2);
    half = genome->length[f->contig] / 2;
    first = arm % 2 == 0 ? 0 : half;
    f->tumour =
        cxs_draw_uniform(s, index + 1) <
        tf * person->copies[arm] / (2.0 * (1.0 - tf) + tf * person->copies[arm]);
    length = cfdna_length(s, index + 2, f->tumour);
    f->blocks = 1;
    f->start[0] = first + (int64_t)cxs_draw_below(s, index + 4, (size_t)half);
    if (f->start[0] + length > genome->length[f->contig])
        f->start[0] = genome->length[f->contig] - length;
    f->end[0] = f->start[0] + length;
}

cxs_rc cxs_cfdna_fragments(cxs_ctx *ctx, const cxs_genome *genome,
                           const cxs_person *person, uint64_t seed, size_t i, size_t n,
                           cxs_fragments *out)
{
    const cxs_stream s = draws(seed, CFDNA, i);
    const double tf = person->tumour_fraction;
    double weight[CXS_TOY_ARMS + 1] = {0.0};
    cxs_rc rc = CXS_OK;

    for (size_t arm = 0; arm < CXS_TOY_ARMS; arm++)
        weight[arm + 1] =
            weight[arm] + (double)(genome->length[arm / 2] / 2) *
                              (2.0 * (1.0 - tf) + tf * person->copies[arm]);
    for (size_t k = 0; rc == CXS_OK && k < n; k++) {
        const uint64_t first = PER_FRAGMENT * TRIES * (uint64_t)k;
        cxs_fragment f = {.mapq = 60, .hits = 1, .hit = 1, .name = out->names++};
        for (uint64_t t = 0; t < TRIES; t++) {
            const uint64_t index = first + PER_FRAGMENT * t;
            candidate(genome, person, &s, index, weight, &f);
            f.reverse = (uint8_t)cxs_draw_below(&s, index + 6, 2);
            f.haplotype = (uint8_t)cxs_draw_below(&s, index + 7, 2);
            if (cxs_draw_uniform(&s, index + 8) < survival(genome, &f))
                break;
        }
        if (cxs_draw_uniform(&s, first + 9) < 0.03)
            f.mapq = 5;
        rc = push(ctx, out, &f);
        if (rc == CXS_OK && cxs_draw_uniform(&s, first + 10) < CFDNA_DUPLICATE) {
            f.name = out->names++;
            f.duplicate = 1;
            rc = push(ctx, out, &f);
        }
    }
    return rc;
}
