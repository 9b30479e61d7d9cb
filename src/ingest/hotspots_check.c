/*
 * hotspots_check.c -- the table of hotspots against the reference genome
 *
 * Lists of hotspots hold rows made by mixing two ways of counting residues, or positions
 * of another assembly; such a row would name a variant wrongly and in silence.
 */
#include "ingest/trinucleotides.h"

#include <string.h>

/* Does the reference hold the bases of REF?  *base: the first that differs, 0 where the
 * FASTA does not reach or has N. */
static cxs_rc compare(cxs_ctx *ctx, cxs_fasta *fasta, const cxs_hotspot *h, int64_t pos,
                      size_t *at, char *base)
{
    const size_t length = strlen(h->ref);
    cxs_rc rc = CXS_OK;

    for (*at = 0; *at < length; ++*at) {
        CXS_TRY(cxs_fasta_base(ctx, fasta, h->chrom, pos + (int64_t)*at, base));
        if (*base == 'N')
            *base = 0;
        if (*base != h->ref[*at])
            break;
    }
done:
    return rc;
}

cxs_rc cxs_hotspots_check(cxs_ctx *ctx, const cxs_variant_refs *refs, int build,
                          cxs_fasta *fasta)
{
    const cxs_hotspot *first = NULL;
    size_t checked = 0, wrong = 0, place = 0, at = 0;
    char base = 0, found = 0;
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; build >= 0 && i < refs->hotspots; i++) {
        const cxs_hotspot *h = &refs->hotspot[i];
        if (h->pos[build] <= 0)
            continue;
        CXS_TRY(compare(ctx, fasta, h, h->pos[build], &at, &base));
        if (base == 0)
            continue;
        checked++;
        if (h->ref[at] == '\0' || wrong++ > 0)
            continue;
        first = h;
        place = at;
        found = base;
    }
    if (first != NULL)
        rc = cxs_fail_code(ctx, CXS_EMISMATCH, "CX036",
                           "%s:%s:%lld: REF %c, reference has %c (%zu of %zu checked)",
                           refs->hotspot_path, first->chrom,
                           (long long)(first->pos[build] + (int64_t)place),
                           first->ref[place], found, wrong, checked);
done:
    return rc;
}
