/*
 * hts_assay.c -- the reader of each kind of sequencing file, with its settings
 *
 * The only place that knows which reader serves which assay; it runs in the child.
 */
#include "ingest/assay.h"
#include "ingest/hts_reads.h"

#include <string.h>

#include <htslib/hts.h>

bool cxs_assay_is_reads(const char *assay)
{
    return assay != NULL && (strcmp(assay, "BAM") == 0 || strcmp(assay, "CRAM") == 0);
}

bool cxs_assay_is_read(const char *assay)
{
    return cxs_assay_is_reads(assay);
}

/* ---- alignments ------------------------------------------------------------------ */

static cxs_rc measure_reads(cxs_ctx *ctx, const cxs_assay *a, cxs_measures *bag)
{
    const cxs_reads_settings settings = {.path = a->path,
                                         .reference = a->study->reference,
                                         .sample =
                                             a->column != NULL ? a->column : a->sample,
                                         .build = a->build,
                                         .threads = (size_t)cxs_ctx_threads(ctx)};

    return cxs_reads_pass(ctx, &settings, NULL, 0, bag);
}

cxs_rc cxs_assay_measure(cxs_ctx *ctx, void *arg, cxs_measures *bag)
{
    const cxs_assay *a = arg;

    return measure_reads(ctx, a, bag);
}

/* ---- the library ------------------------------------------------------------------ */

const char *cxs_htslib_version(void)
{
    return hts_version();
}

/* "1.16+ds" as 1016000, 0 when it is not of that form. */
static int version_number(const char *text)
{
    int64_t part[3] = {0, 0, 0};

    for (int i = 0; i < 3; i++) {
        const size_t digits = strspn(text, "0123456789");
        if (digits == 0 || digits > 3)
            return i > 0 ? (int)(part[0] * 1000000 + part[1] * 1000 + part[2]) : 0;
        for (size_t d = 0; d < digits; d++)
            part[i] = 10 * part[i] + (text[d] - '0');
        text += digits;
        if (*text != '.')
            break;
        text++;
    }
    return (int)(part[0] * 1000000 + part[1] * 1000 + part[2]);
}

void cxs_htslib_note(cxs_ctx *ctx)
{
    const int number = version_number(hts_version());

    if (number > 0 && number < 1021001)
        cxs_note(ctx,
                 "HTSlib %s: faults of its decoders were published and are mended in "
                 "1.21.1; files are read in processes that can do no harm",
                 hts_version());
}
