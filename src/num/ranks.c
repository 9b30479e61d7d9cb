/*
 * ranks.c -- ranks of one sample by a radix sort
 *
 * A double's bits, with the sign turned over (all bits for negative numbers), are whole
 * numbers in the order of the values.  They are sorted by six digits of 11 bits from
 * the lowest up, each pass stable, so equal values stay in the order of their index.
 * One pass over the values counts all digits; a digit that is the same everywhere is
 * left out (the low digits of whole numbers are).
 */
#include "num/ranks.h"

#include <math.h>
#include <string.h>

enum { DIGIT_BITS = 11, DIGITS = 6, BUCKETS = 1 << DIGIT_BITS };

size_t cxs_ranks_work(size_t n)
{
    return 3 * n + 2; /* two arrays of keys, two of half their width */
}

/* -0 and 0 are equal values, so they get one key. */
static uint64_t key_of(double value)
{
    const double plain = value + 0.0;
    const uint64_t top = UINT64_C(1) << 63;
    uint64_t bits;

    memcpy(&bits, &plain, sizeof bits);
    return (bits & top) != 0 ? ~bits : bits | top;
}

static size_t digit_of(uint64_t key, int digit)
{
    return (size_t)(key >> (digit * DIGIT_BITS)) & (BUCKETS - 1);
}

/* Counts become first places; false when one bucket holds everything. */
static int first_places(size_t n, uint32_t *count)
{
    uint32_t next = 0;

    for (size_t b = 0; b < BUCKETS; b++) {
        const uint32_t here = count[b];
        if (here == n)
            return 0;
        count[b] = next;
        next += here;
    }
    return 1;
}

/* Keys in ascending order with the index of each; both results lie in work. */
static void sort_keys(size_t n, const double *x, uint64_t *work,
                      const uint64_t **sorted, const uint32_t **order)
{
    uint32_t count[DIGITS][BUCKETS];
    uint64_t *key = work, *other = key + n;
    uint32_t *index = (uint32_t *)(void *)(work + 2 * n), *other_index = index + n;

    memset(count, 0, sizeof count);
    for (size_t i = 0; i < n; i++) {
        key[i] = key_of(x[i]);
        index[i] = (uint32_t)i;
        for (int d = 0; d < DIGITS; d++)
            count[d][digit_of(key[i], d)]++;
    }
    for (int d = 0; d < DIGITS; d++) {
        uint64_t *const k = other;
        uint32_t *const o = other_index;
        if (!first_places(n, count[d]))
            continue;
        for (size_t i = 0; i < n; i++) {
            const uint32_t at = count[d][digit_of(key[i], d)]++;
            other[at] = key[i];
            other_index[at] = index[i];
        }
        other = key;
        key = k;
        other_index = index;
        index = o;
    }
    *sorted = key;
    *order = index;
}

/* End of the run of equal keys that begins at `begin`. */
static size_t run_end(size_t n, const uint64_t *key, size_t begin)
{
    size_t end = begin + 1;

    while (end < n && key[end] == key[begin])
        end++;
    return end;
}

void cxs_ranks_of(size_t n, const double *x, const cxs_ranks *ranks, uint64_t *work)
{
    const uint64_t *key;
    const uint32_t *order;

    sort_keys(n, x, work, &key, &order);
    for (size_t begin = 0, end; begin < n; begin = end) {
        end = run_end(n, key, begin);
        for (size_t i = begin; i < end; i++) {
            const uint32_t g = order[i];
            ranks->low[g] = (uint32_t)(begin + 1);
            ranks->middle[g] = (uint32_t)((begin + 1 + end) / 2);
            /* the run is preceded by the n - end larger values */
            ranks->place[g] = (uint32_t)(n - end + (i - begin) + 1);
        }
    }
}

void cxs_spearman_scores(size_t n, const double *x, double *score, uint64_t *work)
{
    const double centre = ((double)n + 1.0) / 2.0;
    const uint64_t *key;
    const uint32_t *order;
    double square = 0.0;

    sort_keys(n, x, work, &key, &order);
    for (size_t begin = 0, end; begin < n; begin = end) {
        end = run_end(n, key, begin);
        const double rank = (double)(begin + 1 + end) / 2.0 - centre;
        square += rank * rank * (double)(end - begin);
        for (size_t i = begin; i < end; i++)
            score[order[i]] = rank;
    }
    for (size_t i = 0; i < n && square > 0.0; i++)
        score[i] /= sqrt(square);
}
