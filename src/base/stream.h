/*
 * stream.h -- counter-based random numbers
 *
 * A draw is a function of (seed, purpose, replicate, index) alone (Philox 4x32-10,
 * Salmon et al. 2011), so any order, sharding or thread count gives the same numbers.
 * Each purpose has one number (below 256) here, so that two stages never share draws.
 * An index lies below 2^56.
 */
#ifndef CXS_STREAM_H
#define CXS_STREAM_H

#include "base/base.h"

typedef enum cxs_purpose {
    CXS_DRAW_FOLDS = 1,
    CXS_DRAW_HALVES = 2,
    CXS_DRAW_BOOTSTRAP = 3,
    CXS_DRAW_PERMUTATION = 4,
    CXS_DRAW_POSTERIOR = 5,
    CXS_DRAW_SIMULATE = 6,
    CXS_DRAW_DESIGN = 7,
    CXS_DRAW_OUTER_FOLDS = 11, /* nested cross-validation */
    CXS_DRAW_INNER_FOLDS = 12,
    CXS_DRAW_SEGMENTS = 15,   /* permutations of circular binary segmentation */
    CXS_DRAW_SUBTYPE = 21,    /* synthetic profiles of the subtype calls */
    CXS_DRAW_SIGNATURES = 22, /* bootstraps of mutational signatures */
    CXS_DRAW_RECEPTORS = 23,  /* down-sampling of repertoires */
    CXS_DRAW_FOCAL = 31,      /* permutations of the windows around focal targets */
    CXS_DRAW_TEST = 99
} cxs_purpose;

typedef struct cxs_stream {
    uint64_t seed;
    uint32_t purpose;
    uint64_t replicate;
} cxs_stream;

/* Uniform on (0, 1): 53 bits, never 0 or 1. */
double cxs_draw_uniform(const cxs_stream *s, uint64_t index);
/* Standard normal by Box-Muller from the two halves of one counter. */
double cxs_draw_normal(const cxs_stream *s, uint64_t index);
/* The 128 bits behind every draw: Philox 4x32-10 with the key `seed` and the counter
 * (purpose + 256 * high word of index, replicate low, replicate high, low word of
 * index). */
void cxs_draw_words(const cxs_stream *s, uint64_t index, uint32_t word[4]);
/* Whole number in [0, below), unbiased enough: floor(u * below) with 64-bit u. */
size_t cxs_draw_below(const cxs_stream *s, uint64_t index, size_t below);
/* Fisher-Yates: permutes what order[0..n) holds, with draws index0 .. index0 + n - 1.
 */
void cxs_draw_shuffle(const cxs_stream *s, uint64_t index0, size_t n, size_t *order);

#endif /* CXS_STREAM_H */
