/*
 * test_cxf.c -- the matrix file: round trips, every byte flipped, cut at every length
 */
#include "base/pack.h"
#include "store/cxf.h"

#include "cohort.h"
#include "files.h"
#include "test.h"

#include <fcntl.h>

enum { N = 2, P = 130 }; /* three blocks, the last one of two features */

/* Small matrix with a missing value, an infinity and every sign. */
static cxs_matrix *small_matrix(int named)
{
    cxs_matrix *m = cohort_matrix(N, P, 3);

    m->kind = CXS_KIND_LOG;
    m->x[7] = (double)NAN;
    m->x[8] = -HUGE_VAL;
    m->x[9] = -0.0;
    if (named)
        m->feature_name = cohort_names("name ", P);
    return m;
}

static void check_same(const cxs_matrix *a, const cxs_matrix *b)
{
    CHECK(a->n == b->n && a->p == b->p && a->kind == b->kind);
    CHECK(strcmp(a->layer, b->layer) == 0);
    CHECK(memcmp(a->x, b->x, a->n * a->p * sizeof *a->x) == 0);
    for (size_t i = 0; i < a->n; i++)
        CHECK(strcmp(a->sample[i], b->sample[i]) == 0);
    for (size_t j = 0; j < a->p; j++) {
        CHECK(strcmp(a->feature[j], b->feature[j]) == 0);
        CHECK(strcmp(cxs_matrix_feature_name(a)[j], cxs_matrix_feature_name(b)[j]) ==
              0);
    }
}

static void round_trips(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    for (int variant = 0; variant < 4; variant++) {
        cxs_matrix *m = small_matrix(variant & 1), *back = NULL;
        size_t n1 = 0, n2 = 0;
        char *first, *second;
        const char *path = test_path("a.cxf"), *again = test_path("b.cxf");
        CHECK(cxs_matrix_write(ctx, m, path, variant & 2) == CXS_OK);
        CHECK(cxs_matrix_open(ctx, path, &back) == CXS_OK);
        if (back != NULL) {
            check_same(m, back);
            CHECK((back->map != NULL) == !(variant & 2));
            CHECK((uintptr_t)back->x % ((variant & 2) ? 8 : CXS_CXF_ALIGN) == 0);
            cxs_ctx_set_threads(ctx, 3); /* the same bytes again, from the file read */
            CHECK(cxs_matrix_write(ctx, back, again, variant & 2) == CXS_OK);
        }
        first = test_read(path, &n1);
        second = test_read(again, &n2);
        CHECK(first != NULL && second != NULL && n1 == n2 &&
              memcmp(first, second, n1) == 0);
        free(first);
        free(second);
        cxs_matrix_free(m);
        cxs_matrix_free(back);
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Bytes of a written file; the caller frees. */
static char *written(int compress, size_t *n)
{
    cxs_matrix *m = small_matrix(1);
    const char *path = test_path("whole.cxf");

    CHECK(cxs_matrix_write(NULL, m, path, compress) == CXS_OK);
    cxs_matrix_free(m);
    return test_read(path, n);
}

static cxs_rc open_bytes(cxs_ctx *ctx, const char *bytes, size_t n)
{
    cxs_matrix *m = NULL;
    const cxs_rc rc = cxs_matrix_open(ctx, test_file("damaged.cxf", bytes, n), &m);

    CHECK((rc == CXS_OK) == (m != NULL));
    cxs_matrix_free(m);
    return rc;
}

static cxs_rc open_path(cxs_ctx *ctx, const char *path)
{
    cxs_matrix *m = NULL;
    const cxs_rc rc = cxs_matrix_open(ctx, path, &m);

    CHECK((rc == CXS_OK) == (m != NULL));
    cxs_matrix_free(m);
    return rc;
}

/* Every byte, one bit after the other in turn: always found, always an alteration. */
static void every_flip_is_found(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    for (int compress = 0; compress < 2; compress++) {
        size_t n = 0, missed = 0;
        char *bytes = written(compress, &n);
        const char *path = test_file("flip.cxf", bytes, n);
        const int fd = open(path, O_RDWR);
        CHECK(open_path(ctx, path) == CXS_OK);
        for (size_t at = 0; at < n; at++) {
            const char flipped = (char)(bytes[at] ^ (1 << (at % 8)));
            missed += pwrite(fd, &flipped, 1, (off_t)at) != 1;
            missed += open_path(ctx, path) != CXS_EFORMAT;
            missed += pwrite(fd, &bytes[at], 1, (off_t)at) != 1;
        }
        CHECK(missed == 0);
        CHECK(open_path(ctx, path) == CXS_OK);
        close(fd);
        free(bytes);
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void every_cut_is_found(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    for (int compress = 0; compress < 2; compress++) {
        size_t n = 0, missed = 0;
        char *bytes = written(compress, &n);
        const char *path = test_file("cut.cxf", bytes, n);
        CHECK(truncate(path, (off_t)n + 1) == 0);
        CHECK(open_path(ctx, path) != CXS_OK);
        CHECK(compress || strstr(cxs_ctx_message(ctx), "follows its end record"));
        CHECK(truncate(path, (off_t)n) == 0 && open_path(ctx, path) == CXS_OK);
        for (size_t length = n; length-- > 0;) {
            missed += truncate(path, (off_t)length) != 0;
            missed += open_path(ctx, path) != CXS_ETRUNCATED;
        }
        CHECK(missed == 0);
        CHECK(strstr(cxs_ctx_message(ctx), "truncated") != NULL);
        free(bytes);
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void put_header(char *bytes, cxs_cxf_header h)
{
    h.hash = cxs_hash64(&h, offsetof(cxs_cxf_header, hash));
    memcpy(bytes, &h, sizeof h);
}

/* Headers with a right checksum and wrong contents. */
static void forged_headers_are_refused(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    size_t n = 0;
    char *bytes = written(0, &n);
    cxs_cxf_header h, good;

    (void)state;
    memcpy(&good, bytes, sizeof good);
    h = good, h.major = 2, put_header(bytes, h);
    CHECK(open_bytes(ctx, bytes, n) == CXS_EFORMAT);
    CHECK(strstr(cxs_ctx_message(ctx), "version 2.0, this program reads up to 1"));
    h = good, h.endian = 0x04030201, put_header(bytes, h);
    CHECK(open_bytes(ctx, bytes, n) == CXS_EFORMAT);
    CHECK(strstr(cxs_ctx_message(ctx), "byte order"));
    h = good, h.flags |= 64, put_header(bytes, h);
    CHECK(open_bytes(ctx, bytes, n) == CXS_EFORMAT);
    CHECK(strstr(cxs_ctx_message(ctx), "unknown here"));
    h = good, h.value_type = 9, put_header(bytes, h);
    CHECK(open_bytes(ctx, bytes, n) == CXS_EFORMAT);
    h = good, h.block_columns = 0, put_header(bytes, h);
    CHECK(open_bytes(ctx, bytes, n) == CXS_EFORMAT);
    for (int field = 0; field < 3; field++) { /* sizes near the end of 64 bits */
        h = good;
        *(field == 0 ? &h.n : field == 1 ? &h.p : &h.names_bytes) = UINT64_MAX - 3;
        put_header(bytes, h);
        CHECK(open_bytes(ctx, bytes, n) == CXS_EFORMAT);
    }
    h = good, h.n = 1000, put_header(bytes, h);
    CHECK(open_bytes(ctx, bytes, n) != CXS_OK);
    h = good, h.block_columns = 65, put_header(bytes, h);
    CHECK(open_bytes(ctx, bytes, n) == CXS_EFORMAT);
    free(bytes);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void messages_name_the_fault(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    size_t n = 0;
    char *bytes = written(0, &n);
    cxs_cxf_header h;
    cxs_matrix *m = NULL;

    (void)state;
    memcpy(&h, bytes, sizeof h);
    bytes[h.data_offset + N * 64 * sizeof(double) + 5] ^= 1; /* in the second block */
    CHECK(open_bytes(ctx, bytes, n) == CXS_EFORMAT);
    CHECK(strstr(cxs_ctx_message(ctx), "damaged.cxf: ") != NULL);
    CHECK(strstr(cxs_ctx_message(ctx), "checksum of block 2 of 3") != NULL);
    CHECK(open_bytes(ctx, "feature_id\tS1\n", 14) == CXS_EFORMAT);
    CHECK(strstr(cxs_ctx_message(ctx), "not a matrix file") != NULL);
    CHECK(cxs_matrix_open(ctx, test_path("absent.cxf"), &m) == CXS_ENOINPUT);
    CHECK(m == NULL && cxs_matrix_open(ctx, test_folder, &m) == CXS_EFORMAT);
    free(bytes);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Float32 values as another writer may store them: raw, one block of all features. */
static void float32_is_read(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    size_t n = 0, at;
    char *bytes = written(0, &n), *narrow = calloc(n, 1);
    cxs_cxf_header h;
    cxs_cxf_block block = {.bytes = N * P * sizeof(float)};
    cxs_cxf_end end = {.table_bytes = sizeof block};
    cxs_matrix *m = NULL, *want = small_matrix(1);

    (void)state;
    memcpy(&h, bytes, sizeof h);
    memcpy(narrow, bytes, h.data_offset);
    h.value_type = CXS_CXF_FLOAT32;
    h.block_columns = P;
    put_header(narrow, h);
    memcpy(&h, narrow, sizeof h);
    for (size_t k = 0; k < N * P; k++) {
        const float value = (float)want->x[k];
        memcpy(narrow + h.data_offset + k * sizeof value, &value, sizeof value);
    }
    block.offset = h.data_offset;
    block.hash = cxs_hash64(narrow + block.offset, block.bytes);
    at = block.offset + block.bytes;
    memcpy(narrow + at, &block, sizeof block);
    end.table_offset = at;
    end.table_hash = cxs_hash64(&block, sizeof block);
    end.header_hash = h.hash;
    end.file_bytes = at + sizeof block + sizeof end;
    memcpy(end.magic, CXS_CXF_END_MAGIC, sizeof end.magic);
    end.hash = cxs_hash64(&end, offsetof(cxs_cxf_end, hash));
    memcpy(narrow + at + sizeof block, &end, sizeof end);
    CHECK(cxs_matrix_open(ctx, test_file("f32.cxf", narrow, end.file_bytes), &m) ==
          CXS_OK);
    for (size_t k = 0; m != NULL && k < N * P; k++)
        CHECK(isnan(want->x[k]) ? isnan(m->x[k])
                                : m->x[k] == (double)(float)want->x[k]);
    cxs_matrix_free(m);
    cxs_matrix_free(want);
    free(narrow);
    free(bytes);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void writer_refuses_what_no_reader_takes(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = small_matrix(0);
    const char *path = test_path("never.cxf");
    char *kept = m->feature[4];

    (void)state;
    m->feature[4] = m->feature[5];
    CHECK(cxs_matrix_write(ctx, m, path, 0) == CXS_EBUG);
    m->feature[4] = kept;
    m->p = 0;
    CHECK(cxs_matrix_write(ctx, m, path, 0) == CXS_EDEGENERATE);
    m->p = P;
    CHECK(access(path, F_OK) != 0);
    CHECK(cxs_matrix_write(ctx, m, test_path("no/folder.cxf"), 0) == CXS_ECREATE);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void table_of_a_matrix(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = cohort_matrix(2, 2, 1);
    const char *path = test_path("m.tsv");
    char *text;

    (void)state;
    m->x[0] = 1.5;
    m->x[1] = (double)NAN;
    m->x[2] = -3;
    m->x[3] = 0.1;
    CHECK(cxs_matrix_write_tsv(ctx, m, path) == CXS_OK);
    text = test_read(path, NULL);
    CHECK(text != NULL &&
          strcmp(text, "feature_id\tP000\tP001\nG000\t1.5\tNA\nG001\t-3\t0.1\n") == 0);
    free(text);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Few features: every allocation that follows the creation of the file costs a file. */
static void every_allocation_may_fail(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = cohort_matrix(2, 4, 3);
    const char *path = test_path("k.cxf");
    const long live = cxs_alloc_live();

    (void)state;
    for (int compress = 0; compress < 2; compress++) {
        cxs_rc rc = CXS_ENOMEM;
        long k;
        for (k = 1; rc == CXS_ENOMEM && k < 200; k++) {
            cxs_alloc_fail_at(k);
            rc = cxs_matrix_write(ctx, m, path, compress);
            cxs_alloc_fail_at(0);
            CHECK(cxs_alloc_live() == live);
        }
        CHECK(rc == CXS_OK && k > 4);
        rc = CXS_ENOMEM;
        for (k = 1; rc == CXS_ENOMEM && k < 200; k++) {
            cxs_alloc_fail_at(k);
            rc = open_path(ctx, path);
            cxs_alloc_fail_at(0);
            CHECK(cxs_alloc_live() == live);
        }
        CHECK(rc == CXS_OK && k > 10);
    }
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trips),
        cmocka_unit_test(every_flip_is_found),
        cmocka_unit_test(every_cut_is_found),
        cmocka_unit_test(forged_headers_are_refused),
        cmocka_unit_test(messages_name_the_fault),
        cmocka_unit_test(float32_is_read),
        cmocka_unit_test(writer_refuses_what_no_reader_takes),
        cmocka_unit_test(table_of_a_matrix),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests_name("cxf", tests, test_folder_make,
                                       test_folder_remove);
}
