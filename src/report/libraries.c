/*
 * libraries.c -- the last stage sees the homes of all outside libraries
 */
#include "coxswain/libraries.h"

#include "base/digest.h"
#include "base/pack.h"
#include "base/source.h"
#include "ingest/assay.h"
#include "ingest/yaml.h"
#include "num/blas.h"
#include "num/special.h"
#include "report/canvas.h"
#include "store/db.h"

void cxs_libraries(cxs_library out[CXS_LIBRARIES])
{
    out[0] = (cxs_library){"cairo", cxs_cairo_version()};
    out[1] = (cxs_library){"gsl", cxs_gsl_version()};
    out[2] = (cxs_library){"htslib", cxs_htslib_version()};
    out[3] = (cxs_library){"jansson", cxs_jansson_version()};
    out[4] = (cxs_library){"libfyaml", cxs_fyaml_version()};
    out[5] = (cxs_library){"openblas_core", cxs_blas_core()};
    out[6] = (cxs_library){"openssl", cxs_openssl_version()};
    out[7] = (cxs_library){"sqlite", cxs_sqlite_version()};
    out[8] = (cxs_library){"zlib", cxs_zlib_version()};
    out[9] = (cxs_library){"zstd", cxs_zstd_version()};
}
