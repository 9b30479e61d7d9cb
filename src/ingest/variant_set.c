/*
 * variant_set.c -- alleles of one sample in memory, and into the bag
 *
 * Texts are copied into chunks that never move, so alleles point to them.
 */
#include "ingest/variant_private.h"

#include <math.h>
#include <string.h>

enum { CHUNK_BYTES = 65536 };

typedef struct cxs_text_chunk {
    struct cxs_text_chunk *next;
    size_t used, room;
    char bytes[];
} cxs_text_chunk;

cxs_rc cxs_variant_text(cxs_ctx *ctx, cxs_variant_set *set, const char *text,
                        const char **out)
{
    const size_t need = strlen(text) + 1;
    cxs_text_chunk *c = set->chunk;

    if (c == NULL || c->room - c->used < need) {
        const size_t room = need > CHUNK_BYTES ? need : CHUNK_BYTES;
        if ((c = cxs_calloc(ctx, 1, sizeof *c + room)) == NULL)
            return CXS_ENOMEM;
        c->room = room;
        c->next = set->chunk;
        set->chunk = c;
    }
    *out = memcpy(c->bytes + c->used, text, need);
    c->used += need;
    return CXS_OK;
}

cxs_variant cxs_variant_none(void)
{
    const int64_t missing = CXS_MEASURE_MISSING;

    return (cxs_variant){.chrom = "",
                         .ref = "",
                         .alt = "",
                         .filter = "",
                         .gt = "",
                         .dp = missing,
                         .ad_ref = missing,
                         .ad_alt = missing,
                         .dp_file = missing,
                         .normal_dp = missing,
                         .normal_alt = missing,
                         .ref_fwd = missing,
                         .ref_rev = missing,
                         .alt_fwd = missing,
                         .alt_rev = missing,
                         .vaf = NAN,
                         .normal_vaf = NAN,
                         .pop_af = NAN,
                         .status = "pass",
                         .worst = SIZE_MAX};
}

/* Chromosome, filter and genotype mostly repeat those of the allele before. */
static cxs_rc text_again(cxs_ctx *ctx, cxs_variant_set *set, const char *text,
                         const char *before, const char **out)
{
    if (before != NULL && strcmp(before, text) == 0) {
        *out = before;
        return CXS_OK;
    }
    return cxs_variant_text(ctx, set, text, out);
}

cxs_rc cxs_variant_add(cxs_ctx *ctx, cxs_variant_set *set, const cxs_variant *variant,
                       size_t *at)
{
    const cxs_variant *last = set->count > 0 ? &set->variant[set->count - 1] : NULL;
    cxs_variant new = *variant;
    cxs_rc rc = CXS_OK;

    CXS_TRY(
        text_again(ctx, set, variant->chrom, last ? last->chrom : NULL, &new.chrom));
    CXS_TRY(
        text_again(ctx, set, variant->filter, last ? last->filter : NULL, &new.filter));
    CXS_TRY(text_again(ctx, set, variant->gt, last ? last->gt : NULL, &new.gt));
    CXS_TRY(cxs_variant_text(ctx, set, variant->ref, &new.ref));
    CXS_TRY(cxs_variant_text(ctx, set, variant->alt, &new.alt));
    CXS_TRY(cxs_grow(ctx, (void **)&set->variant, &set->capacity, set->count + 1,
                     sizeof *set->variant));
    *at = set->count;
    set->variant[set->count++] = new;
done:
    return rc;
}

cxs_rc cxs_variant_hit_add(cxs_ctx *ctx, cxs_variant_set *set,
                           const cxs_variant_hit *hit)
{
    cxs_variant_hit new = *hit;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_variant_text(ctx, set, hit->gene, &new.gene));
    CXS_TRY(cxs_variant_text(ctx, set, hit->transcript, &new.transcript));
    CXS_TRY(cxs_variant_text(ctx, set, hit->hgvsp, &new.hgvsp));
    CXS_TRY(cxs_grow(ctx, (void **)&set->hit, &set->hit_capacity, set->hits + 1,
                     sizeof *set->hit));
    set->hit[set->hits++] = new;
done:
    return rc;
}

void cxs_variant_set_clear(cxs_variant_set *set)
{
    while (set->chunk != NULL) {
        cxs_text_chunk *next = set->chunk->next;
        cxs_free(set->chunk);
        set->chunk = next;
    }
    cxs_free(set->variant);
    cxs_free(set->hit);
    cxs_free(set->sbs);
    cxs_free(set->trinucleotides);
    *set = (cxs_variant_set){0};
}

const char *cxs_hit_class(const cxs_variant_hit *hit)
{
    return hit->after_stop ? "none" : hit->term->class;
}

bool cxs_hit_protein(const cxs_variant_hit *hit)
{
    return !hit->after_stop && hit->term->protein;
}

bool cxs_hit_tmb(const cxs_variant_hit *hit)
{
    return !hit->after_stop && hit->term->tmb;
}
