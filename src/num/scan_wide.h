/*
 * scan_wide.h -- vectors of WIDTH doubles, exp() and log() of them
 *
 * Included by the files that compile the scan for one vector width each.  Only
 * operations of IEEE 754 on each lane and no fused multiply-add: the same bits for
 * every width.
 *
 * exp: x = n ln 2 + r, |r| <= ln 2 / 2, ln 2 in two parts of which n times the first is
 * exact (Cody and Waite 1980); exp r = 1 + r + r^2 q(r), q of degree 9 by interpolation
 * at the Chebyshev nodes of |r| <= 0.3466, off by 0.08 ulp.
 * log: x = 2^n m, m in [sqrt 1/2, sqrt 2); s = (m - 1) / (m + 1),
 * log m = 2 atanh s = 2 s + s^3 q(s^2), q of degree 6 found in the same way, off by
 * 0.02 ulp.
 */
#ifndef CXS_NUM_SCAN_WIDE_H
#define CXS_NUM_SCAN_WIDE_H

#include <stdint.h>

#if defined(__x86_64__) && WIDTH == 8
#define TARGET __attribute__((target("avx512f")))
#elif defined(__x86_64__) && WIDTH == 4
#define TARGET __attribute__((target("avx2")))
#else
#define TARGET
#endif
#define INLINE TARGET __attribute__((always_inline)) static inline

#define VECTOR __attribute__((vector_size(8 * WIDTH), aligned(8), may_alias))
typedef double lanes VECTOR;
typedef uint64_t bits VECTOR;
typedef int64_t mask VECTOR; /* of each lane all bits or none */

/* Adding it rounds to whole numbers, which then stand in the last bits. */
#define ROUND  0x1.8p52
#define LN2_HI 0x1.62e42feep-1
#define LN2_LO 0x1.a39ef35793c76p-33

INLINE lanes choose(mask where, lanes yes, lanes no)
{
    return (lanes)(((bits)yes & (bits)where) | ((bits)no & ~(bits)where));
}

INLINE int any(mask where)
{
    int64_t found = 0;

    for (int l = 0; l < WIDTH; l++)
        found |= where[l];
    return found != 0;
}

/* exp(r); *n whole and *last its last bits. */
INLINE lanes exp_reduced(lanes x, lanes *n, bits *last)
{
    const lanes t = x * 0x1.71547652b82fep+0 + ROUND; /* x / ln 2 */
    lanes r, w, even, odd;

    *last = (bits)t;
    *n = t - ROUND;
    r = (x - *n * LN2_HI) - *n * LN2_LO;
    w = r * r;
    even = 2.7620090769698559762e-7 * w + 2.4801521291067809662e-5;
    odd = 2.5100387282913547862e-8 * w + 2.7557268456239231283e-6;
    even = even * w + 1.3888888917216861818e-3;
    odd = odd * w + 1.9841269863055935370e-4;
    even = even * w + 4.1666666666624121576e-2;
    odd = odd * w + 8.3333333333300613483e-3;
    even = even * w + 0.50000000000000010223;
    odd = odd * w + 0.16666666666666667453;
    return (r + w * (even + r * odd)) + 1.0;
}

/* For -1000 < n < 1000; *whole is n, and no such number when x is out of range or NaN.
 */
INLINE lanes exp_plain(lanes x, bits *whole)
{
    const lanes zero = {0.0};
    bits last;
    lanes n;
    const lanes value = exp_reduced(x, &n, &last);

    *whole = last - (bits)(zero + ROUND);
    return (lanes)((bits)value + (last << 52));
}

/* 2^n, |n| <= 1022 and whole */
INLINE lanes power_of_two(lanes n)
{
    return (lanes)((bits)(n + (0x1p52 + 1023.0)) << 52);
}

/* Any x.  Where exp_plain() may be used the bits are the same: n is applied in two
 * exact steps, of which the second one rounds only below the normal numbers. */
INLINE lanes exp_any(lanes x)
{
    const lanes zero = {0.0};
    bits last;
    lanes n, half, value;

    x = choose((mask)(x > 710.0), zero + 710.0, x);
    x = choose((mask)(x < -746.0), zero - 746.0, x);
    value = exp_reduced(x, &n, &last);
    half = (0.5 * n + ROUND) - ROUND;
    return value * power_of_two(half) * power_of_two(n - half);
}

/* log(2^n x), x > 0 and normal */
INLINE lanes log_scaled(lanes x, lanes n)
{
    const lanes zero = {0.0};
    const bits exponent = ((bits)x >> 52) | (bits)(zero + 0x1p52);
    lanes m = (lanes)(((bits)x & 0xfffffffffffffu) | (bits)(zero + 1.0)), s, w, q;
    mask upper = (mask)(m > 0x1.6a09e667f3bcdp+0);

    m = choose(upper, 0.5 * m, m);
    n += ((lanes)exponent - (0x1p52 + 1023.0)) + choose(upper, zero + 1.0, zero);
    s = (m - 1.0) / (m + 1.0);
    w = s * s;
    q = 0.14616721166287598155 * w + 0.15331699634642276737;
    q = q * w + 0.18182889786157990687;
    q = q * w + 0.22222211125723262670;
    q = q * w + 0.28571428626031063985;
    q = q * w + 0.39999999999899381945;
    q = q * w + 0.66666666666666696905;
    return n * LN2_HI + (n * LN2_LO + (2.0 * s + s * w * q));
}

#endif /* CXS_NUM_SCAN_WIDE_H */
