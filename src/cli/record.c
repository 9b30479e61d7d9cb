/*
 * record.c -- run records of the commands: all libraries, one file or a prefix
 */
#include "cli/cli.h"
#include "coxswain/libraries.h"

#include <string.h>

cxs_rc cxs_cli_record(cxs_ctx *ctx, const char *command, int argc, char **argv,
                      cxs_record **out)
{
    cxs_library library[CXS_LIBRARIES];
    cxs_rc rc = cxs_record_new(ctx, command, argc, argv, out);

    cxs_libraries(library);
    for (size_t i = 0; rc == CXS_OK && i < CXS_LIBRARIES; i++)
        rc = cxs_record_library(ctx, *out, library[i].name, library[i].version);
    if (rc != CXS_OK) {
        cxs_record_free(*out);
        *out = NULL;
    }
    return rc;
}

cxs_rc cxs_cli_record_file(cxs_ctx *ctx, cxs_record *record, const char *path)
{
    cxs_rc rc;

    if (strcmp(path, "-") == 0)
        return CXS_OK;
    rc = cxs_record_output(ctx, record, path);
    return rc == CXS_OK ? cxs_record_write(ctx, record, path) : rc;
}
