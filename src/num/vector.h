/*
 * vector.h -- compile an elementwise loop for several vector widths
 *
 * Only for loops whose elements do not depend on each other: no sum is reordered and no
 * multiply-add is fused (-ffp-contract=off), so the bits are those of the plain loop.
 */
#ifndef CXS_NUM_VECTOR_H
#define CXS_NUM_VECTOR_H

/* Indirect functions and sanitizers do not go together (resolved before the runtime).
 */
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) &&                 \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define CXS_VECTOR                                                                     \
    __attribute__((optimize("O3"), target_clones("default", "avx2", "avx512f")))
#else
#define CXS_VECTOR
#endif

#endif /* CXS_NUM_VECTOR_H */
