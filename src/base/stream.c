/*
 * stream.c -- counter-based random numbers; home of Random123
 *
 * Salmon, Moraes, Dror, Shaw (2011), "Parallel random numbers: as easy as 1, 2, 3":
 * Philox 4x32-10 maps a counter of 128 bits and a key of 64 bits to 128 random bits.
 * The purpose sits in the low byte of the first counter word, so that purposes never
 * meet however large the index grows.
 */
#include "base/stream.h"

#include <math.h>

#include <Random123/philox.h>

void cxs_draw_words(const cxs_stream *s, uint64_t index, uint32_t word[4])
{
    const philox4x32_key_t key = {{(uint32_t)s->seed, (uint32_t)(s->seed >> 32)}};
    const philox4x32_ctr_t counter = {
        {s->purpose + ((uint32_t)(index >> 32) << 8), (uint32_t)s->replicate,
         (uint32_t)(s->replicate >> 32), (uint32_t)index}};
    const philox4x32_ctr_t random = philox4x32(counter, key);

    for (int i = 0; i < 4; i++)
        word[i] = random.v[i];
}

static uint64_t join(uint32_t low, uint32_t high)
{
    return ((uint64_t)high << 32) | low;
}

/* The middle of one of 2^52 equal cells: an odd multiple of 2^-53, never 0 or 1. */
static double to_uniform(uint64_t bits)
{
    return ((double)(bits >> 12) + 0.5) * 0x1p-52;
}

double cxs_draw_uniform(const cxs_stream *s, uint64_t index)
{
    uint32_t w[4];

    cxs_draw_words(s, index, w);
    return to_uniform(join(w[0], w[1]));
}

/* Box and Muller (1958): z = sqrt(-2 log u) cos(2 pi v). */
double cxs_draw_normal(const cxs_stream *s, uint64_t index)
{
    const double two_pi = 6.283185307179586476925286766559;
    uint32_t w[4];

    cxs_draw_words(s, index, w);
    return sqrt(-2.0 * log(to_uniform(join(w[0], w[1])))) *
           cos(two_pi * to_uniform(join(w[2], w[3])));
}

/* floor(bits * below / 2^64): the bias is below `below` / 2^64. */
size_t cxs_draw_below(const cxs_stream *s, uint64_t index, size_t below)
{
    __extension__ typedef unsigned __int128 wide;
    uint32_t w[4];

    cxs_draw_words(s, index, w);
    return (size_t)(((wide)join(w[0], w[1]) * below) >> 64);
}

void cxs_draw_shuffle(const cxs_stream *s, uint64_t index0, size_t n, size_t *order)
{
    for (size_t i = n; i > 1; i--) {
        const size_t j = cxs_draw_below(s, index0 + (n - i), i);
        const size_t last = order[i - 1];
        order[i - 1] = order[j];
        order[j] = last;
    }
}
