/*
 * refdata.c -- where the reference tables lie
 *
 * A folder that the user names is taken as it is; the default places are tried in
 * order.  The last one lets a build run from its own checkout.
 */
#include "coxswain/ingest.h"

#include <stdlib.h>
#include <unistd.h>

const char *cxs_refdata_folder(const char *given)
{
    static const char *const places[] = {CXS_PREFIX "/share/coxswain/refdata",
                                         "./refdata"};
    const char *named = given != NULL ? given : getenv("COXSWAIN_REFDATA");

    if (named != NULL && *named != '\0')
        return named;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (access(places[i], R_OK | X_OK) == 0)
            return places[i];
    return NULL;
}
