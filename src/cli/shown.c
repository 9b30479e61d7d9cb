/*
 * shown.c -- numbers in lines for a person at the terminal
 */
#include "cli/cli.h"

#include <math.h>
#include <stdio.h>

const char *cxs_cli_fixed(double value, int decimals, char out[CXS_SHOWN_BYTES])
{
    if (isnan(value))
        snprintf(out, CXS_SHOWN_BYTES, "NA");
    else
        snprintf(out, CXS_SHOWN_BYTES, "%.*f", decimals, value);
    return out;
}

const char *cxs_cli_short(double value, int digits, char out[CXS_SHOWN_BYTES])
{
    if (isnan(value))
        snprintf(out, CXS_SHOWN_BYTES, "NA");
    else
        snprintf(out, CXS_SHOWN_BYTES, "%.*g", digits, value);
    return out;
}
