/*
 * reads_case.h -- the pass over an alignment file, under a meter that tells what it was
 * given
 */
#ifndef CXS_READS_CASE_H
#define CXS_READS_CASE_H

#include "test.h"

#include "sam.h"

#include "ingest/hts_open.h"

#define HD  "@HD\tVN:1.6\tSO:coordinate\n"
#define SQ  "@SQ\tSN:chr1\tLN:1000\n@SQ\tSN:chr2\tLN:500\n"
#define SEQ "\t10M\t*\t0\t0\tACGTACGTAC\t*\n"

/* ---- a meter that tells what it was given ------------------------------------------- */

typedef struct seen {
    int64_t records, pairs, alone;
    int64_t sum; /* of first position * 1000003 + second position, in any order */
    int64_t fails_at;
} seen;

static inline cxs_rc seen_new(cxs_ctx *ctx, const cxs_meter *meter,
                              const cxs_reads_info *info, void **state)
{
    cxs_rc rc = CXS_OK;
    seen *s = NULL;

    (void)info;
    *state = NULL;
    CXS_NEW(s, 1);
    s->fails_at = meter->shared != NULL ? *(const int64_t *)meter->shared : INT64_MIN;
    *state = s;
done:
    return rc;
}

static inline cxs_rc seen_record(cxs_ctx *ctx, const cxs_meter *meter, void *state,
                                 const bam1_t *b)
{
    seen *s = state;

    (void)meter;
    s->records++;
    s->sum += b->core.pos;
    if (b->core.pos == s->fails_at)
        return cxs_fail(ctx, CXS_EFORMAT, "the meter does not like %lld",
                        (long long)b->core.pos);
    return b->core.pos == 77 ? cxs_warn(ctx, "", "seventy-seven") : CXS_OK;
}

static inline cxs_rc seen_pair(cxs_ctx *ctx, const cxs_meter *meter, void *state,
                               const bam1_t *first, const bam1_t *second)
{
    seen *s = state;

    (void)ctx;
    (void)meter;
    s->pairs += second != NULL;
    s->alone += second == NULL;
    s->sum += first->core.pos * 1000003 + (second != NULL ? second->core.pos : -7);
    return CXS_OK;
}

static inline void seen_add(void *into, const void *from)
{
    seen *a = into;
    const seen *b = from;

    a->records += b->records;
    a->pairs += b->pairs;
    a->alone += b->alone;
    a->sum += b->sum;
}

static inline cxs_rc seen_finish(cxs_ctx *ctx, const cxs_meter *meter,
                                 const cxs_reads_info *info, const void *state,
                                 cxs_measures *bag)
{
    const seen *s = state;
    const int64_t value[] = {s->records, s->pairs, s->alone, s->sum,
                             (int64_t)info->n_targets};
    static const char *const name[] = {"records", "pairs", "alone", "sum", "contigs"};
    cxs_measure *table = NULL;
    int64_t *cell = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_measures_add(ctx, bag, meter->name, 1, &table));
    for (size_t i = 0; i < 5; i++) {
        CXS_TRY(cxs_measure_int(ctx, table, name[i], &cell));
        *cell = value[i];
    }
done:
    return rc;
}

static inline cxs_meter seen_meter(const char *name, bool wants_pairs)
{
    return (cxs_meter){.name = name,
                       .wants_pairs = wants_pairs,
                       .state_new = seen_new,
                       .state_free = cxs_free,
                       .record = seen_record,
                       .pair = seen_pair,
                       .add = seen_add,
                       .finish = seen_finish};
}

static inline int64_t cell(const cxs_measures *bag, const char *table,
                           const char *column)
{
    const cxs_measure *t = cxs_measures_find(bag, table);
    const int64_t *value = t != NULL ? cxs_measure_get_int(t, column) : NULL;

    return value != NULL ? *value : -1;
}

static inline cxs_rc pass_with(cxs_ctx *ctx, const cxs_reads_settings *settings,
                               cxs_measures **bag)
{
    cxs_meter one = seen_meter("one", false), two = seen_meter("two", true);
    cxs_meter *const meters[] = {&one, &two};
    cxs_rc rc = cxs_measures_new(ctx, bag);

    return rc != CXS_OK ? rc : cxs_reads_pass(ctx, settings, meters, 2, *bag);
}

static inline cxs_measures *pass(const char *path, size_t threads)
{
    const cxs_reads_settings s = {.path = path, .threads = threads};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_measures *bag = NULL;

    if (pass_with(ctx, &s, &bag) != CXS_OK)
        printf("  %s\n", cxs_ctx_message(ctx));
    cxs_ctx_free(ctx);
    return bag;
}

/* ---- refused ------------------------------------------------------------------------ */

/* %s in the sentence stands for the path. */
static inline void check_refused(const cxs_reads_settings *s, cxs_rc want,
                                 const char *code, const char *sentence)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_measures *bag = NULL;
    char message[2048] = "";
    const cxs_rc rc = pass_with(ctx, s, &bag);

    for (const char *at; (at = strstr(sentence, "%s")) != NULL; sentence = at + 2) {
        strncat(message, sentence, (size_t)(at - sentence));
        strncat(message, s->path, sizeof message / 4);
    }
    strncat(message, sentence, sizeof message / 4);
    CHECK(rc == want);
    CHECK(strcmp(cxs_ctx_code(ctx), code) == 0);
    CHECK(strcmp(cxs_ctx_message(ctx), message) == 0);
    if (strcmp(cxs_ctx_message(ctx), message) != 0)
        printf("  got  %s\n  want %s\n", cxs_ctx_message(ctx), message);
    cxs_measures_free(bag);
    cxs_ctx_free(ctx);
}

/* Pairs of which the ends are `apart` pairs of records from each other, over several
 * blocks; every 50th mate is missing; sorted by coordinate or not. */
static inline cxs_buf far_text(size_t pairs, size_t apart, bool sorted)
{
    cxs_buf text = {0};
    cxs_rc rc = cxs_buf_addf(NULL, &text, "@HD\tVN:1.6\tSO:%s\n@SQ\tSN:c\tLN:1000000\n",
                             sorted ? "coordinate" : "unsorted");

    for (size_t i = 0; i < pairs + apart && rc == CXS_OK; i++) {
        if (i < pairs)
            rc =
                cxs_buf_addf(NULL, &text, "r%zu\t99\tc\t%zu\t60\t1M\t=\t%zu\t0\tA\t*\n",
                             i, 2 * i + 1, 2 * (i + apart) + 2);
        if (i >= apart && (i - apart) % 50 != 49 && rc == CXS_OK)
            rc = cxs_buf_addf(NULL, &text,
                              "r%zu\t147\tc\t%zu\t60\t1M\t=\t%zu\t0\tA\t*\n", i - apart,
                              2 * i + 2, 2 * (i - apart) + 1);
    }
    if (rc != CXS_OK)
        abort();
    return text;
}

static inline const char *far_mates(size_t pairs, size_t apart, bool sorted)
{
    cxs_buf text = far_text(pairs, apart, sorted);
    const char *path = test_text("far.sam", text.text);

    cxs_free(text.text);
    return path;
}

#define R(name, flag, chrom, pos, next, mpos, tags)                                    \
    name "\t" flag "\t" chrom "\t" pos "\t60\t10M\t" next "\t" mpos                    \
         "\t0\tACGTACGTAC\t*" tags "\n"

#endif /* CXS_READS_CASE_H */
