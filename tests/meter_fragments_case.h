/*
 * meter_fragments_case.h -- contigs, pairs and the context of the meters of fragments
 */
#ifndef CXS_METER_FRAGMENTS_CASE_H
#define CXS_METER_FRAGMENTS_CASE_H

#include "test.h"

#include "files.h"
#include "meter_case.h"
#include "tmp.h"

#include "ingest/hts_fragment.h"

#include <htslib/faidx.h>

#define SQ                                                                             \
    "@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:chr1\tLN:20000\n@SQ\tSN:chr2\tLN:5000\n"      \
    "@SQ\tSN:chrX\tLN:20000\n@SQ\tSN:chrM\tLN:16569\n@SQ\tSN:alt_1\tLN:5000\n"

#define T8 "ACGTACGT"
#define Q8 "IIIIIIII"

static cxs_ctx *ctx;

static const char *fasta; /* chr1 of 20000 bases, 2 (plain) of 5000 */

enum { SAM_BYTES = 1 << 17 };

/* A pair of reads of 8 bases at [start, end), 0-based; the first read stands left. */
static inline char *put_pair(char *to, const char *name, const char *chrom, int start,
                             int end, int flag, int mapq)
{
    to += sprintf(to, "%s\t%d\t%s\t%d\t%d\t8M\t=\t%d\t%d\t" T8 "\t" Q8 "\n", name,
                  flag | 99, chrom, start + 1, mapq, end - 8 + 1, end - start);
    return to + sprintf(to, "%s\t%d\t%s\t%d\t%d\t8M\t=\t%d\t%d\t" T8 "\t" Q8 "\n", name,
                        flag | 147, chrom, end - 8 + 1, mapq, start + 1, start - end);
}

typedef cxs_rc (*member_maker)(cxs_ctx *c, cxs_fragment_meter **out);

static inline cxs_rc group_of(cxs_ctx *c, const member_maker *makers, size_t count,
                              const char *blacklist, cxs_meter **out)
{
    cxs_fragment_meter *member[8];
    cxs_rc rc = CXS_OK;
    size_t n = 0;

    *out = NULL;
    for (; n < count; n++)
        if ((rc = makers[n](c, &member[n])) != CXS_OK)
            break;
    if (rc == CXS_OK)
        return cxs_meter_fragment_group(c, blacklist, fasta, member, count, out);
    while (n > 0) {
        n--;
        member[n]->free(member[n]);
    }
    return rc;
}

static inline cxs_measures *fragments(const char *sam, const char *build,
                                      const member_maker *makers, size_t count,
                                      const char *blacklist)
{
    meter_case *c = case_new(sam, build);
    cxs_meter *meter = NULL;
    cxs_measures *bag;

    CHECK(group_of(ctx, makers, count, blacklist, &meter) == CXS_OK);
    if (meter == NULL) {
        printf("  %s\n", cxs_ctx_message(ctx));
        abort();
    }
    bag = measured(ctx, c, meter);
    meter->free(meter);
    case_free(c);
    return bag;
}

static inline int64_t column_sum(const cxs_measures *bag, const char *table,
                                 const char *column)
{
    const cxs_measure *t = cxs_measures_find(bag, table);
    int64_t sum = 0;

    for (size_t i = 0; t != NULL && i < cxs_measure_rows(t); i++)
        sum += cell(bag, table, column, i);
    return sum;
}

static inline char base_at(int chrom, int64_t at)
{
    if (chrom == 0 && at >= 400 && at < 410)
        return 'N';
    return "ACGTTGCAAC"[(at * at / 7 + at / 3 + chrom) % 10];
}

static inline void write_fasta(void)
{
    static char text[32768];
    char *to = text;

    to += sprintf(to, ">chr1\n");
    for (int i = 0; i < 20000; i++) {
        *to++ = base_at(0, i);
        if (i % 61 == 60)
            *to++ = '\n';
    }
    to += sprintf(to, "\n>2\n");
    for (int i = 0; i < 5000; i++)
        *to++ = (char)(base_at(1, i) | 32); /* small letters */
    *to++ = '\n';
    *to = '\0';
    fasta = strdup(test_text("ref.fa", text));
    if (fai_build(fasta) != 0)
        abort();
}

static inline cxs_rc lengths(cxs_ctx *c, cxs_fragment_meter **out)
{
    return cxs_fragments_lengths(c, out);
}

static inline cxs_rc motifs_ref(cxs_ctx *c, cxs_fragment_meter **out)
{
    return cxs_fragments_motifs(c, true, out);
}

static const char *genes_path, *windows_path;

static inline cxs_rc tss(cxs_ctx *c, cxs_fragment_meter **out)
{
    return cxs_fragments_tss(c, genes_path, "hg38", out);
}

static inline cxs_rc wps(cxs_ctx *c, cxs_fragment_meter **out)
{
    return cxs_fragments_wps(c, windows_path, out);
}

static inline int make(void **state)
{
    const int failed = test_folder_make(state);

    ctx = cxs_ctx_new();
    write_fasta();
    return failed;
}

static inline int end(void **state)
{
    free((void *)(uintptr_t)fasta);
    cxs_ctx_free(ctx);
    return test_folder_remove(state);
}

#endif /* CXS_METER_FRAGMENTS_CASE_H */
