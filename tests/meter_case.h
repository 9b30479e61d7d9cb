/*
 * meter_case.h -- feed a meter with alignments written as SAM text
 *
 * A run deals the records (or pairs) round robin to several states, adds these and
 * finishes; measured() runs with 1 and with 3 states and checks that both bags are the
 * same bytes.
 */
#ifndef CXS_METER_CASE_H
#define CXS_METER_CASE_H

#include "base/base.h"
#include "ingest/contigs.h"
#include "ingest/hts_meters.h"

#include "test.h"

#include <stdlib.h>
#include <string.h>

enum { CASE_TARGETS = 8, CASE_RECORDS = 256 };

typedef struct meter_case {
    sam_hdr_t *header;
    const char *target[CASE_TARGETS];
    int64_t length[CASE_TARGETS];
    cxs_reads_info info;
    bam1_t *record[CASE_RECORDS];
    size_t count;
} meter_case;

/* One alignment; name, flag, contig, position (1-based), MAPQ, CIGAR, mate, TLEN, and
 * SEQ, QUAL, tags as SAM text. */
static inline void case_add(meter_case *c, const char *line)
{
    kstring_t text = {0, 0, NULL};

    c->record[c->count] = bam_init1();
    kputs(line, &text);
    if (c->count == CASE_RECORDS ||
        sam_parse1(&text, c->header, c->record[c->count]) < 0)
        abort();
    c->count++;
    free(text.s);
}

/* The text: header lines, then alignments. */
static inline meter_case *case_new(const char *text, const char *build)
{
    meter_case *c = calloc(1, sizeof *c);
    const char *body = text;
    char *copy, *line;

    while (*body == '@')
        body = strchr(body, '\n') + 1;
    c->header = sam_hdr_parse((size_t)(body - text), text);
    for (int t = 0; t < sam_hdr_nref(c->header); t++) {
        c->target[t] = cxs_contig_plain(sam_hdr_tid2name(c->header, t));
        c->length[t] = sam_hdr_tid2len(c->header, t);
    }
    c->info = (cxs_reads_info){.path = "case.bam",
                               .header = c->header,
                               .build = build,
                               .n_targets = (size_t)sam_hdr_nref(c->header),
                               .target = c->target,
                               .length = c->length,
                               .sorted = true};
    copy = strdup(body);
    for (line = strtok(copy, "\n"); line != NULL; line = strtok(NULL, "\n"))
        case_add(c, line);
    free(copy);
    return c;
}

static inline void case_free(meter_case *c)
{
    for (size_t i = 0; i < c->count; i++)
        bam_destroy1(c->record[i]);
    sam_hdr_destroy(c->header);
    free(c);
}

/* The mate behind record i, by name and flag; SIZE_MAX: none. */
static inline size_t case_mate(const meter_case *c, size_t i)
{
    const int odd = BAM_FSECONDARY | BAM_FSUPPLEMENTARY;
    const bam1_t *a = c->record[i];

    for (size_t j = i + 1; j < c->count; j++) {
        const bam1_t *b = c->record[j];

        if (strcmp(bam_get_qname(a), bam_get_qname(b)) == 0 &&
            (a->core.flag & BAM_FPAIRED) != 0 &&
            ((a->core.flag | b->core.flag) & odd) == 0)
            return j;
    }
    return SIZE_MAX;
}

static inline cxs_rc case_feed(cxs_ctx *ctx, const meter_case *c,
                               const cxs_meter *meter, void **state, size_t states)
{
    bool met[CASE_RECORDS] = {false};
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < c->count && rc == CXS_OK; i++) {
        if (!meter->wants_pairs) {
            rc = meter->record(ctx, meter, state[i % states], c->record[i]);
        } else if (!met[i]) {
            const size_t j = case_mate(c, i);

            if (j != SIZE_MAX)
                met[j] = true;
            rc = meter->pair(ctx, meter, state[i % states], c->record[i],
                             j != SIZE_MAX ? c->record[j] : NULL);
        }
    }
    return rc;
}

/* Run the meter over the case; *bag is the caller's, NULL on failure. */
static inline cxs_rc case_run(cxs_ctx *ctx, const meter_case *c, const cxs_meter *meter,
                              size_t states, cxs_measures **bag)
{
    void *state[4] = {NULL};
    cxs_rc rc = CXS_OK;

    *bag = NULL;
    for (size_t s = 0; s < states; s++)
        CXS_TRY(meter->state_new(ctx, meter, &c->info, &state[s]));
    CXS_TRY(case_feed(ctx, c, meter, state, states));
    for (size_t s = 1; s < states; s++)
        meter->add(state[0], state[s]);
    CXS_TRY(cxs_measures_new(ctx, bag));
    CXS_TRY(meter->finish(ctx, meter, &c->info, state[0], *bag));

done:
    for (size_t s = 0; s < states; s++)
        if (state[s] != NULL)
            meter->state_free(state[s]);
    if (rc != CXS_OK) {
        cxs_measures_free(*bag);
        *bag = NULL;
    }
    return rc;
}

/* The bag of one state; checks that three states give the same bytes. */
static inline cxs_measures *measured(cxs_ctx *ctx, const meter_case *c,
                                     const cxs_meter *meter)
{
    cxs_measures *one = NULL, *three = NULL;
    unsigned char *a = NULL, *b = NULL;
    size_t size_a = 0, size_b = 1;

    CHECK(case_run(ctx, c, meter, 1, &one) == CXS_OK);
    CHECK(case_run(ctx, c, meter, 3, &three) == CXS_OK);
    if (one == NULL || three == NULL) {
        printf("  %s\n", cxs_ctx_message(ctx));
        abort();
    }
    CHECK(cxs_measures_pack(ctx, one, &a, &size_a) == CXS_OK);
    CHECK(cxs_measures_pack(ctx, three, &b, &size_b) == CXS_OK);
    CHECK(size_a == size_b && memcmp(a, b, size_a) == 0);
    cxs_free(a);
    cxs_free(b);
    cxs_measures_free(three);
    return one;
}

/* A whole number of a table; a table or column that is not there fails the test. */
static inline int64_t cell(const cxs_measures *bag, const char *table,
                           const char *column, size_t row)
{
    const cxs_measure *t = cxs_measures_find(bag, table);
    const int64_t *values = t != NULL ? cxs_measure_get_int(t, column) : NULL;

    if (values == NULL || row >= cxs_measure_rows(t)) {
        printf("  no %s.%s[%zu]\n", table, column, row);
        test_failures++;
        return -1;
    }
    return values[row];
}

static inline const char *text_cell(const cxs_measures *bag, const char *table,
                                    const char *column, size_t row)
{
    const cxs_measure *t = cxs_measures_find(bag, table);
    const char *const *values = t != NULL ? cxs_measure_get_text(t, column) : NULL;

    if (values == NULL || row >= cxs_measure_rows(t) || values[row] == NULL) {
        printf("  no %s.%s[%zu]\n", table, column, row);
        test_failures++;
        return "";
    }
    return values[row];
}

/* Value of a table of names and values. */
static inline int64_t named_cell(const cxs_measures *bag, const char *table,
                                 const char *key, const char *name, const char *column)
{
    const cxs_measure *t = cxs_measures_find(bag, table);
    const char *const *names = t != NULL ? cxs_measure_get_text(t, key) : NULL;

    for (size_t i = 0; names != NULL && i < cxs_measure_rows(t); i++)
        if (names[i] != NULL && strcmp(names[i], name) == 0)
            return cell(bag, table, column, i);
    printf("  no %s of %s\n", name, table);
    test_failures++;
    return -1;
}

/* Every allocation fails once: no state, no leak, no crash.  make() makes the meter. */
static inline void case_every_failure(const meter_case *c,
                                      cxs_rc (*make)(cxs_ctx *ctx, cxs_meter **out))
{
    cxs_rc rc = CXS_ENOMEM;

    for (long k = 1; rc != CXS_OK && k < 5000; k++) {
        const long before = cxs_alloc_live();
        cxs_ctx *ctx = cxs_ctx_new();
        cxs_meter *meter = NULL;
        cxs_measures *bag = NULL;

        cxs_alloc_fail_at(k);
        rc = make(ctx, &meter);
        CHECK((rc == CXS_OK) == (meter != NULL));
        if (rc == CXS_OK)
            rc = case_run(ctx, c, meter, 2, &bag);
        cxs_alloc_fail_at(0);
        CHECK(rc == CXS_OK || rc == CXS_ENOMEM);
        cxs_measures_free(bag);
        if (meter != NULL)
            meter->free(meter);
        cxs_ctx_free(ctx);
        CHECK(cxs_alloc_live() == before);
    }
    CHECK(rc == CXS_OK);
}

#endif /* CXS_METER_CASE_H */
