/*
 * hts_vcf_structural.c -- structural variants: which alleles they are, and EGFRvIII
 *
 * They come symbolic (<DEL>), as breakends, or with their bases written out.  Callers
 * give their evidence in fields of their own, so no counts are asked of them.
 */
#include "ingest/hts_vcf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONG = 50 }; /* bases gained or lost, from which on a variant is structural */

/* <DEL>, <NON_REF>, breakends; not small variants. */
bool cxs_vcf_is_symbolic(const char *alt)
{
    return *alt == '<' || strpbrk(alt, "[]") != NULL || *alt == '.' ||
           (*alt != '\0' && alt[strlen(alt) - 1] == '.');
}

bool cxs_vcf_is_structural(cxs_vcf_reader *r, const char *alt)
{
    const size_t ref = strlen(r->record->d.allele[0]), length = strlen(alt);

    if (cxs_vcf_is_symbolic(alt))
        return true;
    return (ref >= length + LONG || length >= ref + LONG) &&
           bcf_get_info_string(r->header, r->record, "SVTYPE", &r->text, &r->n_text) >
               0;
}

static int64_t info_int(cxs_vcf_reader *r, const char *tag)
{
    return bcf_get_info_int32(r->header, r->record, tag, &r->ints, &r->n_ints) >= 1 &&
                   r->ints[0] != bcf_int32_missing
               ? r->ints[0]
               : 0;
}

/* Symbolic alleles that may join what stands on both sides of a loss; <DUP>, <INS> and
 * <INV> lose nothing. */
static bool is_junction(const char *alt)
{
    static const char *const kinds[] = {"<DEL", "<CNV", "<BND", "<TRA"};

    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        if (strncmp(alt, kinds[k], strlen(kinds[k])) == 0)
            return true;
    return false;
}

/* The second breakpoint of a symbolic allele: POS2 (some callers, for their <BND>), END,
 * or by the length, on the same chromosome. */
static int64_t symbolic_end(cxs_vcf_reader *r, const char *chrom)
{
    const int64_t second = info_int(r, "POS2"), end = info_int(r, "END"),
                  length = info_int(r, "SVLEN");

    if (bcf_get_info_string(r->header, r->record, "CHR2", &r->text, &r->n_text) > 0 &&
        strcmp(cxs_contig_plain(r->text), chrom) != 0)
        return 0;
    if (second > 0)
        return second;
    if (end > r->record->pos + 1)
        return end;
    return length != 0 ? r->record->pos + 1 + (length < 0 ? -length : length) : 0;
}

/* The second breakpoint of a loss or a breakend on the same chromosome, 0: none. */
static int64_t other_end(cxs_vcf_reader *r, const char *alt, const char *chrom)
{
    const char *bracket = strpbrk(alt, "[]"), *colon = NULL;
    const size_t length = strlen(r->record->d.allele[0]);
    char mate[64];

    if (!cxs_vcf_is_symbolic(alt)) /* bases are written out */
        return length > strlen(alt) ? r->record->pos + (int64_t)length : 0;
    if (*alt == '<')
        return is_junction(alt) ? symbolic_end(r, chrom) : 0;
    if (bracket == NULL || (colon = strrchr(bracket, ':')) == NULL ||
        (size_t)(colon - bracket) > sizeof mate)
        return 0;
    snprintf(mate, sizeof mate, "%.*s", (int)(colon - bracket - 1), bracket + 1);
    return strcmp(cxs_contig_plain(mate), chrom) == 0 ? strtoll(colon + 1, NULL, 10)
                                                      : 0;
}

static bool between(const cxs_region *g, int build, int64_t pos)
{
    return g != NULL && pos >= g->start[build] && pos <= g->end[build];
}

/* EGFRvIII: exons 2-7 are lost, breakpoints in intron 1 and intron 7. */
bool cxs_vcf_is_egfrviii(cxs_vcf_reader *r, const char *alt, const char *chrom)
{
    const cxs_region *one = cxs_region_find(r->s->refs, "EGFR_INTRON1");
    const cxs_region *seven = cxs_region_find(r->s->refs, "EGFR_INTRON7");
    const int64_t here = r->record->pos + 1, there = other_end(r, alt, chrom);
    const int build = r->set.build;

    return build >= 0 && one != NULL && strcmp(one->chrom, chrom) == 0 &&
           ((between(one, build, here) && between(seven, build, there)) ||
            (between(one, build, there) && between(seven, build, here)));
}
