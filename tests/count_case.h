/*
 * count_case.h -- counts of alignments and exons given as texts
 */
#ifndef CXS_COUNT_CASE_H
#define CXS_COUNT_CASE_H

#include "test.h"

#include "sam.h"

#include "coxswain/count.h"

static const char header[] = "@HD\tVN:1.6\tSO:unsorted\n@SQ\tSN:chr1\tLN:5000\n"
                             "@SQ\tSN:chr2\tLN:5000\n";

/* a: two exons; b: the second exon of a, and more; c: inside a's intron, reverse;
 * d: another contig */
static const char saf[] = "a\t1\t101\t200\t+\na\t1\t301\t400\t+\n"
                          "b\t1\t381\t500\t+\nc\t1\t221\t280\t-\nd\t2\t101\t200\t+\n";

static inline cxs_counts *count_with(const cxs_count_settings *settings,
                                     const char *sam, cxs_rc want)
{
    const char *path = test_text("x.sam", sam);
    cxs_count_settings s = *settings;
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_counts *counts = NULL;
    const char *annotation = test_text("x.saf", saf);
    cxs_rc rc;

    s.annotation = annotation;
    rc = cxs_count_files(ctx, &s, &path, 1, &counts);
    CHECK(rc == want && (rc == CXS_OK) == (counts != NULL));
    if (rc != want)
        printf("  %s\n", cxs_ctx_message(ctx));
    cxs_ctx_free(ctx);
    return counts;
}

/* Settings by letters: p paired, c fragments, B, C, M, O, f, primary, dup, sN, QN, mN. */
static inline cxs_count_settings mode(const char *words)
{
    cxs_count_settings s = cxs_count_defaults();

    for (const char *w = words; w != NULL && *w != '\0';) {
        const size_t n = strcspn(w, " ");
        if (strncmp(w, "primary", n) == 0 && n > 1)
            s.primary = 1;
        else if (strncmp(w, "dup", n) == 0 && n > 1)
            s.ignore_dup = 1;
        else if (*w == 's')
            s.stranded = atoi(w + 1);
        else if (*w == 'Q')
            s.min_mapq = (size_t)atoi(w + 1);
        else if (*w == 'm')
            s.min_overlap = (size_t)atoi(w + 1);
        s.paired = s.paired || (*w == 'p' && n == 1);
        s.count_fragments = s.count_fragments || *w == 'c';
        s.both_ends = s.both_ends || *w == 'B';
        s.chimeric = s.chimeric && *w != 'C';
        s.multi = s.multi || *w == 'M';
        s.overlap = s.overlap || *w == 'O';
        s.fraction = s.fraction || *w == 'f';
        s.by_feature = s.by_feature || *w == 'x';
        w += n + (w[n] == ' ');
    }
    return s;
}

#define ONE(flag, pos, mapq, cigar, tags)                                              \
    "r\t" flag "\tchr1\t" pos "\t" mapq "\t" cigar "\t*\t0\t0\t*\t*" tags "\n"

#define END(flag, chrom, pos, mapq, cigar, next, mpos, tags)                           \
    "r\t" flag "\t" chrom "\t" pos "\t" mapq "\t" cigar "\t" next "\t" mpos            \
    "\t0\t*\t*" tags "\n"

/* Both ends in a, one of them in b as well. */
#define PAIR(mapq1, mapq2, tags1, tags2)                                               \
    END("99", "chr1", "150", mapq1, "50M", "=", "360", tags1)                          \
    END("147", "chr1", "360", mapq2, "50M", "=", "150", tags2)

static const char odd_saf[] = "tests/data/counts/odd.saf";

#endif /* CXS_COUNT_CASE_H */
