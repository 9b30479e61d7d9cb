/*
 * test_measures.c -- bags of measures: making, reading, packing, and unpacking of bytes
 * that lie
 */
#include "base/pack.h"
#include "store/measures.h"

#include "test.h"

#include <stdlib.h>
#include <string.h>

/* Two tables with every type, extremes and missing values, and an empty one. */
static cxs_rc make_bag(cxs_ctx *ctx, cxs_measures **out)
{
    cxs_measures *bag = NULL;
    cxs_measure *table, *other;
    int64_t *whole;
    double *real;
    size_t text;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_TRY(cxs_measures_new(ctx, &bag));
    CXS_TRY(cxs_measures_add(ctx, bag, "gene_counts", 3, &table));
    CXS_TRY(cxs_measure_int(ctx, table, "count", &whole));
    CXS_TRY(cxs_measures_add(ctx, bag, "nothing", 0, &other));
    CXS_TRY(cxs_measure_real(ctx, table, "tpm", &real));
    CXS_TRY(cxs_measure_text(ctx, table, "gene", &text));
    whole[0] = CXS_MEASURE_MISSING;
    whole[1] = -2;
    whole[2] = INT64_MAX;
    real[0] = -0.0;
    real[1] = -nan("");
    real[2] = 4.9406564584124654e-324;
    CXS_TRY(cxs_measure_set_text(ctx, table, text, 0, "first"));
    CXS_TRY(cxs_measure_set_text(ctx, table, text, 0, "\xc3\xa4\xe2\x82\xac"));
    CXS_TRY(cxs_measure_set_text(ctx, table, text, 1, ""));
    CXS_TRY(cxs_measures_add(ctx, bag, "a.b_9", 1, &other));
    CXS_TRY(cxs_measure_text(ctx, other, "note", &text));
    *out = bag;
    bag = NULL;
done:
    cxs_measures_free(bag);
    return rc;
}

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool same_column(const cxs_measure *a, const cxs_measure *b, size_t c)
{
    const char *name = cxs_measure_column_name(a, c);
    const size_t rows = cxs_measure_rows(a);
    bool same = strcmp(name, cxs_measure_column_name(b, c)) == 0 &&
                cxs_measure_column_type(a, c) == cxs_measure_column_type(b, c);

    if (!same)
        return false;
    for (size_t r = 0; r < rows && same; r++)
        switch (cxs_measure_column_type(a, c)) {
        case CXS_MEASURE_INT:
            same = cxs_measure_get_int(a, name)[r] == cxs_measure_get_int(b, name)[r];
            break;
        case CXS_MEASURE_REAL: {
            const double x = cxs_measure_get_real(a, name)[r];
            const double y = cxs_measure_get_real(b, name)[r];
            same = isnan(x) ? isnan(y) : memcmp(&x, &y, sizeof x) == 0;
            break;
        }
        case CXS_MEASURE_TEXT:
            same = same_text(cxs_measure_get_text(a, name)[r],
                             cxs_measure_get_text(b, name)[r]);
            break;
        }
    return same;
}

static bool same_bag(const cxs_measures *a, const cxs_measures *b)
{
    bool same = cxs_measures_count(a) == cxs_measures_count(b);

    for (size_t t = 0; same && t < cxs_measures_count(a); t++) {
        const cxs_measure *x = cxs_measures_at(a, t), *y = cxs_measures_at(b, t);
        same = strcmp(cxs_measure_name(x), cxs_measure_name(y)) == 0 &&
               cxs_measure_rows(x) == cxs_measure_rows(y) &&
               cxs_measure_columns(x) == cxs_measure_columns(y);
        for (size_t c = 0; same && c < cxs_measure_columns(x); c++)
            same = same_column(x, y, c);
    }
    return same;
}

static void round_trip(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_measures *bag = NULL, *back = NULL, *empty = NULL;
    unsigned char *bytes = NULL, *again = NULL;
    size_t n = 0, m = 0;

    (void)state;
    CHECK(make_bag(ctx, &bag) == CXS_OK);
    CHECK(cxs_measures_pack(ctx, bag, &bytes, &n) == CXS_OK);
    CHECK(cxs_measures_unpack(ctx, bytes, n, "x", &back) == CXS_OK);
    CHECK(back != NULL && same_bag(bag, back));
    CHECK(back != NULL && cxs_measures_pack(ctx, back, &again, &m) == CXS_OK);
    CHECK(m == n && memcmp(bytes, again, n) == 0);
    cxs_measures_free(back);
    cxs_free(bytes);
    CHECK(cxs_measures_new(ctx, &empty) == CXS_OK);
    CHECK(cxs_measures_pack(ctx, empty, &bytes, &n) == CXS_OK);
    CHECK(cxs_measures_unpack(ctx, bytes, n, "x", &back) == CXS_OK);
    CHECK(back != NULL && cxs_measures_count(back) == 0);
    cxs_measures_free(back);
    cxs_measures_free(empty);
    cxs_measures_free(bag);
    cxs_measures_free(NULL);
    cxs_free(bytes);
    cxs_free(again);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* The order of bytes is that of the description, not that of the machine. */
static void by_hand(void **state)
{
    static const unsigned char body[] = {
        1,    0,    0,   0,                /* one table */
        1,    't',                         /* its name */
        2,    0,    0,   0, 0, 0, 0, 0,    /* rows */
        2,    0,    0,   0,                /* columns */
        0,    1,    'i',                   /* whole numbers */
        0x02, 0x01, 0,   0, 0, 0, 0, 0,    /* 0x102 */
        0,    0,    0,   0, 0, 0, 0, 0x80, /* missing */
        2,    1,    'x',                   /* texts */
        0,    0,    0,   0, 3, 0, 0, 0,    /* missing, two bytes */
        'a',  'b'};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_measures *bag = NULL;
    cxs_measure *table = NULL;
    unsigned char *bytes = NULL;
    unsigned char raw[sizeof body];
    int64_t *whole = NULL;
    size_t n = 0, text = 0;

    (void)state;
    CHECK(cxs_measures_new(ctx, &bag) == CXS_OK);
    CHECK(cxs_measures_add(ctx, bag, "t", 2, &table) == CXS_OK);
    CHECK(cxs_measure_int(ctx, table, "i", &whole) == CXS_OK);
    CHECK(cxs_measure_text(ctx, table, "x", &text) == CXS_OK);
    whole[0] = 0x102;
    whole[1] = CXS_MEASURE_MISSING;
    CHECK(cxs_measure_set_text(ctx, table, text, 1, "ab") == CXS_OK);
    CHECK(cxs_measures_pack(ctx, bag, &bytes, &n) == CXS_OK);
    CHECK(n > 24 && memcmp(bytes, "CXSMEAS1", 8) == 0 && bytes[8] == sizeof body);
    CHECK(cxs_unpack(ctx, bytes + 24, n - 24, raw, sizeof raw) == CXS_OK);
    CHECK(memcmp(raw, body, sizeof body) == 0);
    cxs_free(bytes);
    cxs_measures_free(bag);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void reading(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_measures *bag = NULL;
    const cxs_measure *table;

    (void)state;
    CHECK(make_bag(ctx, &bag) == CXS_OK);
    table = cxs_measures_find(bag, "gene_counts");
    CHECK(table != NULL && table == cxs_measures_at(bag, 0));
    CHECK(cxs_measures_count(bag) == 3 && cxs_measures_at(bag, 3) == NULL);
    CHECK(cxs_measures_find(bag, "gene") == NULL);
    CHECK(cxs_measure_rows(table) == 3 && cxs_measure_columns(table) == 3);
    CHECK(cxs_measure_get_int(table, "tpm") == NULL);
    CHECK(cxs_measure_get_real(table, "gene") == NULL);
    CHECK(cxs_measure_get_text(table, "count") == NULL);
    CHECK(cxs_measure_get_int(table, "coun") == NULL);
    CHECK(strcmp(cxs_measure_column_name(table, 2), "gene") == 0);
    CHECK(cxs_measure_column_name(table, 3) == NULL);
    CHECK(cxs_measure_get_text(table, "gene")[2] == NULL);
    cxs_measures_free(bag);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void refusals(void **state)
{
    static const char *const bad[] = {
        "",
        "A",
        "a b",
        "a-b",
        "\xc3\xa4",
        "a123456789012345678901234567890123456789012345678901234567890123456"};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_measures *bag = NULL;
    cxs_measure *table = NULL, *found = NULL;
    unsigned char *bytes = NULL;
    int64_t *whole = NULL;
    size_t n = 0;

    (void)state;
    CHECK(make_bag(ctx, &bag) == CXS_OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK(cxs_measures_add(ctx, bag, bad[i], 1, &table) == CXS_EARG);
        CHECK(table == NULL);
    }
    CHECK(cxs_measures_add(ctx, bag, "nothing", 1, &table) == CXS_EARG);
    CHECK(strstr(cxs_ctx_message(ctx), "\"nothing\" of measures is there") != NULL);
    CHECK(cxs_measures_add(ctx, bag, "lone", 2, &found) == CXS_OK);
    CHECK(cxs_measures_pack(ctx, bag, &bytes, &n) == CXS_EBUG);
    CHECK(bytes == NULL);
    CHECK(cxs_measure_int(ctx, found, "x", &whole) == CXS_OK);
    CHECK(cxs_measure_int(ctx, found, "x", &whole) == CXS_EARG);
    CHECK(whole == NULL);
    CHECK(cxs_measure_set_text(ctx, found, 0, 0, "a") == CXS_EBUG);
    CHECK(cxs_measure_text(ctx, found, "y", &n) == CXS_OK && n == 1);
    CHECK(cxs_measure_set_text(ctx, found, 1, 2, "a") == CXS_EBUG);
    CHECK(cxs_measure_set_text(ctx, found, 2, 0, "a") == CXS_EBUG);
    CHECK(cxs_measure_set_text(ctx, found, 1, 0, "\xff") == CXS_EFORMAT);
    CHECK(cxs_measure_set_text(ctx, found, 1, 0, "\xc3") == CXS_EFORMAT);
    CHECK(cxs_measure_set_text(ctx, found, 1, 0, NULL) == CXS_OK);
    cxs_measures_free(bag);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* A damaged bag is refused with the place, or is the same bag (bytes that mean nothing,
 * such as reserved bits of the frame). */
static void check_damaged(cxs_ctx *ctx, const cxs_measures *bag,
                          const unsigned char *bytes, size_t n)
{
    const long live = cxs_alloc_live();
    cxs_measures *back = NULL;
    const cxs_rc rc = cxs_measures_unpack(ctx, bytes, n, "bag.x", &back);

    if (rc == CXS_OK) {
        CHECK(back != NULL && same_bag(bag, back));
    } else {
        CHECK(rc == CXS_EFORMAT && back == NULL);
        CHECK(strncmp(cxs_ctx_message(ctx), "bag.x: damaged measures: ", 25) == 0);
    }
    cxs_measures_free(back);
    CHECK(cxs_alloc_live() == live);
}

static void every_byte(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_measures *bag = NULL, *back = NULL;
    unsigned char *bytes = NULL;
    size_t n = 0;

    (void)state;
    CHECK(make_bag(ctx, &bag) == CXS_OK);
    CHECK(cxs_measures_pack(ctx, bag, &bytes, &n) == CXS_OK);
    for (size_t i = 0; i < n; i++)
        for (int bit = 0; bit < 8; bit++) {
            bytes[i] ^= (unsigned char)(1 << bit);
            check_damaged(ctx, bag, bytes, n);
            bytes[i] ^= (unsigned char)(1 << bit);
        }
    for (size_t i = 0; i < n; i++) { /* a block of its own: tools see an overrun */
        unsigned char *cut = malloc(i > 0 ? i : 1);
        if (cut == NULL)
            break;
        memcpy(cut, bytes, i);
        CHECK(cxs_measures_unpack(ctx, cut, i, "x", &back) == CXS_EFORMAT);
        free(cut);
    }
    cxs_free(bytes);
    cxs_measures_free(bag);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* A bag around any body: the checksum is right, the body is not. */
static cxs_rc unpack_body(cxs_ctx *ctx, const unsigned char *body, size_t n,
                          cxs_measures **out)
{
    const uint64_t hash = cxs_hash64(body, n);
    unsigned char *bytes = NULL;
    void *frame = NULL;
    size_t packed = 0;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_pack(ctx, body, n, &frame, &packed));
    CXS_NEW(bytes, 24 + packed);
    memcpy(bytes, "CXSMEAS1", 8);
    for (int i = 0; i < 8; i++) {
        bytes[8 + i] = (unsigned char)((uint64_t)n >> (8 * i));
        bytes[16 + i] = (unsigned char)(hash >> (8 * i));
    }
    memcpy(bytes + 24, frame, packed);
    rc = cxs_measures_unpack(ctx, bytes, 24 + packed, "x", out);
done:
    cxs_free(frame);
    cxs_free(bytes);
    return rc;
}

static void lying_bodies(void **state)
{
#define TABLE   1, 0, 0, 0, 1, 't'
#define ROWS(n) n, 0, 0, 0, 0, 0, 0, 0
    static const struct {
        const char *what;
        size_t n;
        unsigned char body[64];
    } bad[] = {
        {"end early", 0, {0}},
        {"end early", 4, {1}},
        {"bytes follow", 5, {0}},
        {"too many tables", 4, {0, 0, 0, 1}},
        {"a name of impossible length", 5, {1, 0, 0, 0, 0}},
        {"a name of impossible length", 5, {1, 0, 0, 0, 65}},
        {"a name holds NUL", 18, {1, 0, 0, 0, 1, 0}},
        {"a name is malformed", 18, {1, 0, 0, 0, 1, 'T'}},
        {"impossible size", 18, {TABLE, ROWS(1), 0, 0, 0, 0}},
        {"impossible size", 18, {TABLE, ROWS(0), 1, 4, 0, 0}},
        {"impossible size", 22, {TABLE, ROWS(2), 1, 0, 0, 0, 0, 1, 'c', 0}},
        {"impossible size",
         24,
         {TABLE, 0, 0, 0, 0, 0, 0, 0, 0x80, 1, 0, 0, 0, 0, 1, 'c', 0}},
        {"impossible size",
         24,
         {TABLE, 1, 0, 0, 0, 0, 0, 0, 0x20, 1, 0, 0, 0, 0, 1, 'c', 0}},
        {"end early", 28, {TABLE, ROWS(1), 1, 0, 0, 0, 0, 1, 'c', 1}},
        {"unknown type", 29, {TABLE, ROWS(1), 1, 0, 0, 0, 3, 1, 'c', 1}},
        {"malformed or repeated", 29, {TABLE, ROWS(1), 1, 0, 0, 0, 0, 1, 'C', 1}},
        {"malformed or repeated",
         24,
         {TABLE, ROWS(0), 2, 0, 0, 0, 0, 1, 'c', 1, 1, 'c'}},
        {"malformed or repeated",
         32,
         {2, 0, 0, 0, 1, 't', ROWS(0), 0, 0, 0, 0, 1, 't', ROWS(0)}},
        {"end early", 26, {TABLE, ROWS(1), 1, 0, 0, 0, 2, 1, 'c', 3, 0, 0, 0, 'a'}},
        {"end early",
         26,
         {TABLE, ROWS(1), 1, 0, 0, 0, 2, 1, 'c', 255, 255, 255, 255, 'a'}},
        {"not UTF-8", 26, {TABLE, ROWS(1), 1, 0, 0, 0, 2, 1, 'c', 2, 0, 0, 0, 0xff}},
        {"not UTF-8", 26, {TABLE, ROWS(1), 1, 0, 0, 0, 2, 1, 'c', 2, 0, 0, 0, 0}},
        {"bytes follow", 27, {TABLE, ROWS(1), 1, 0, 0, 0, 2, 1, 'c', 2, 0, 0, 0, 'a'}}};
    static const unsigned char good[] = {TABLE, ROWS(1), 1, 0, 0, 0, 2,
                                         1,     'c',     2, 0, 0, 0, 'a'};
#undef ROWS
#undef TABLE
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_measures *back = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK(unpack_body(ctx, bad[i].body, bad[i].n, &back) == CXS_EFORMAT);
        CHECK(back == NULL);
        if (strstr(cxs_ctx_message(ctx), bad[i].what) == NULL) {
            printf("  body %zu: %s\n", i, cxs_ctx_message(ctx));
            test_failures++;
        }
    }
    CHECK(unpack_body(ctx, good, sizeof good, &back) == CXS_OK);
    CHECK(back != NULL &&
          same_text(cxs_measure_get_text(cxs_measures_at(back, 0), "c")[0], "a"));
    cxs_measures_free(back);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* The size in the head is not trusted: neither too large nor a little off. */
static void lying_size(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_measures *bag = NULL, *back = NULL;
    unsigned char *bytes = NULL;
    size_t n = 0;

    (void)state;
    CHECK(make_bag(ctx, &bag) == CXS_OK);
    CHECK(cxs_measures_pack(ctx, bag, &bytes, &n) == CXS_OK);
    bytes[15] = 0x7f;
    CHECK(cxs_measures_unpack(ctx, bytes, n, "x", &back) == CXS_EFORMAT);
    CHECK(strstr(cxs_ctx_message(ctx), "impossible size") != NULL);
    bytes[15] = 0;
    bytes[16] ^= 1;
    CHECK(cxs_measures_unpack(ctx, bytes, n, "x", &back) == CXS_EFORMAT);
    CHECK(strstr(cxs_ctx_message(ctx), "checksum") != NULL);
    cxs_free(bytes);
    cxs_measures_free(bag);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Long texts beside short ones: cells stay where they are while more are added. */
static void many_texts(void **state)
{
    enum { ROWS = 3000 };
    static char text[100000];
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_measures *bag = NULL, *back = NULL;
    cxs_measure *table = NULL;
    unsigned char *bytes = NULL;
    size_t column = 0, n = 0;

    (void)state;
    CHECK(cxs_measures_new(ctx, &bag) == CXS_OK);
    CHECK(cxs_measures_add(ctx, bag, "t", ROWS, &table) == CXS_OK);
    CHECK(cxs_measure_text(ctx, table, "c", &column) == CXS_OK);
    for (size_t r = 0; r < ROWS; r++) {
        const size_t length = r % 500 == 7 ? sizeof text - 1 - r : r % 97;
        memset(text, (int)('a' + r % 26), length);
        text[length] = '\0';
        CHECK(cxs_measure_set_text(ctx, table, column, r, text) == CXS_OK);
    }
    for (size_t r = 0; r < ROWS; r++) {
        const char *cell = cxs_measure_get_text(table, "c")[r];
        const size_t length = r % 500 == 7 ? sizeof text - 1 - r : r % 97;
        CHECK(strlen(cell) == length);
        CHECK(length == 0 || cell[length - 1] == (char)('a' + r % 26));
    }
    CHECK(cxs_measures_pack(ctx, bag, &bytes, &n) == CXS_OK);
    CHECK(cxs_measures_unpack(ctx, bytes, n, "x", &back) == CXS_OK);
    CHECK(back != NULL && same_bag(bag, back));
    cxs_measures_free(back);
    cxs_measures_free(bag);
    cxs_free(bytes);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static cxs_rc there_and_back(cxs_ctx *ctx)
{
    cxs_measures *bag = NULL, *back = NULL;
    unsigned char *bytes = NULL;
    size_t n = 0;
    cxs_rc rc = CXS_OK;

    CXS_TRY(make_bag(ctx, &bag));
    CXS_TRY(cxs_measures_pack(ctx, bag, &bytes, &n));
    rc = cxs_measures_unpack(ctx, bytes, n, "x", &back);
done:
    CHECK((rc == CXS_OK) == (back != NULL));
    cxs_measures_free(back);
    cxs_measures_free(bag);
    cxs_free(bytes);
    return rc;
}

static void allocation_failures(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    const long live = cxs_alloc_live();
    cxs_rc rc = CXS_ENOMEM;
    long k = 1;

    (void)state;
    for (; k < 1000 && rc != CXS_OK; k++) {
        cxs_alloc_fail_at(k);
        rc = there_and_back(ctx);
        cxs_alloc_fail_at(0);
        CHECK(rc == CXS_OK || rc == CXS_ENOMEM);
        CHECK(cxs_alloc_live() == live);
    }
    CHECK(rc == CXS_OK && k > 15);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(round_trip),
                                       cmocka_unit_test(by_hand),
                                       cmocka_unit_test(reading),
                                       cmocka_unit_test(refusals),
                                       cmocka_unit_test(every_byte),
                                       cmocka_unit_test(lying_bodies),
                                       cmocka_unit_test(lying_size),
                                       cmocka_unit_test(many_texts),
                                       cmocka_unit_test(allocation_failures)};

    return cmocka_run_group_tests_name("measures", tests, NULL, NULL);
}
