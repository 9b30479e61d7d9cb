/*
 * libraries.h -- what the library is linked with
 */
#ifndef COXSWAIN_LIBRARIES_H
#define COXSWAIN_LIBRARIES_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A library that is linked, in the version that runs. */
typedef struct cxs_library {
    const char *name, *version; /**< static texts */
} cxs_library;

enum { CXS_LIBRARIES = 10 };

/** Fill @p out in the order of the names.  The version of OpenBLAS is the name of its
 *  kernels in use ("Haswell"): on them the last digits depend. */
void cxs_libraries(cxs_library out[CXS_LIBRARIES]);

#ifdef __cplusplus
}
#endif
#endif /* COXSWAIN_LIBRARIES_H */
