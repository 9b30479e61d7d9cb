/*
 * trinucleotides.c -- contexts of substitutions, and how often they occur
 *
 * Signatures are defined on the genome (Alexandrov 2020).  An exome or a panel offers
 * other trinucleotides, so a signature is put on its scale by the ratio of both shares.
 */
#include "ingest/trinucleotides.h"

#include <stdlib.h>
#include <string.h>

enum { STRETCH = 1 << 16, EVERY = 100 };

static const char bases[] = "ACGT";

/* 0..3 of a base, 4 of anything else. */
static size_t code_of(char base)
{
    const char *at = base != '\0' ? strchr(bases, base) : NULL;

    return at != NULL ? (size_t)(at - bases) : 4;
}

/* Chromosomes 1-22 and X. */
static bool is_counted(const char *chrom)
{
    char *end = NULL;
    const long number = strtol(chrom, &end, 10);

    return strcmp(chrom, "X") == 0 || (*end == '\0' && number >= 1 && number <= 22);
}

/* The three codes around a place, on the strand of the pyrimidine; false beside N.
 * *turned: it is the other strand. */
static bool context_of(size_t five, size_t middle, size_t three, size_t out[3],
                       bool *turned)
{
    if (five > 3 || middle > 3 || three > 3)
        return false;
    *turned = middle == 0 || middle == 2; /* A or G */
    out[0] = *turned ? 3 - three : five;
    out[1] = *turned ? 3 - middle : middle;
    out[2] = *turned ? 3 - five : three;
    return true;
}

cxs_rc cxs_sbs_count(cxs_ctx *ctx, cxs_fasta *fasta, const char *chrom, int64_t pos,
                     char alt, int64_t *sbs)
{
    static const char change[] = "CACGCTTATCTG"; /* C>A C>G C>T T>A T>C T>G */
    char base[3] = {0};
    size_t context[3], to = code_of(alt);
    bool turned = false;
    cxs_rc rc = CXS_OK;

    if (!is_counted(chrom) || to > 3)
        return CXS_OK;
    for (int i = 0; i < 3; i++)
        CXS_TRY(cxs_fasta_base(ctx, fasta, chrom, pos - 1 + i, &base[i]));
    if (!context_of(code_of(base[0]), code_of(base[1]), code_of(base[2]), context,
                    &turned))
        return CXS_OK;
    to = turned ? 3 - to : to;
    for (size_t c = 0; c < 6; c++)
        if (change[2 * c] == bases[context[1]] && change[2 * c + 1] == bases[to])
            sbs[16 * c + 4 * context[0] + context[2]]++;
done:
    return rc;
}

/* Middle bases in [start, end], 1-based. */
static cxs_rc count_stretch(cxs_ctx *ctx, cxs_fasta *fasta, const char *chrom,
                            int64_t start, int64_t end, int64_t *count)
{
    size_t code[3] = {4, 4, 4}, context[3];
    bool turned = false;
    char base = 0;
    cxs_rc rc = CXS_OK;

    for (int64_t pos = start - 1; pos <= end + 1; pos++) {
        CXS_TRY(cxs_fasta_base(ctx, fasta, chrom, pos, &base));
        code[0] = code[1];
        code[1] = code[2];
        code[2] = code_of(base);
        if (pos > start && context_of(code[0], code[1], code[2], context, &turned))
            count[(context[1] == 3 ? 16 : 0) + 4 * context[0] + context[2]]++;
    }
done:
    return rc;
}

cxs_rc cxs_trinucleotides_target(cxs_ctx *ctx, cxs_fasta *fasta,
                                 const cxs_targets *targets, int64_t *count)
{
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < targets->count; i++) {
        const cxs_target *t = &targets->interval[i];
        const int64_t length = cxs_fasta_length(fasta, t->chrom);
        if (is_counted(t->chrom) && t->start0 < length)
            CXS_TRY(count_stretch(ctx, fasta, t->chrom, t->start0 + 1,
                                  t->end0 < length ? t->end0 : length, count));
    }
done:
    return rc;
}

cxs_rc cxs_trinucleotides_genome(cxs_ctx *ctx, cxs_fasta *fasta, int64_t *count)
{
    static const char *const chroms[] = {"1",  "2",  "3",  "4",  "5",  "6",  "7",  "8",
                                         "9",  "10", "11", "12", "13", "14", "15", "16",
                                         "17", "18", "19", "20", "21", "22", "X"};
    cxs_rc rc = CXS_OK;

    for (size_t c = 0; c < sizeof chroms / sizeof *chroms; c++) {
        const int64_t length = cxs_fasta_length(fasta, chroms[c]);
        for (int64_t start = 1; start <= length; start += (int64_t)STRETCH * EVERY)
            CXS_TRY(count_stretch(
                ctx, fasta, chroms[c], start,
                start + STRETCH - 1 < length ? start + STRETCH - 1 : length, count));
    }
done:
    return rc;
}
