/*
 * test_memory.c -- sizes as text, the limit, pages given back to a file map
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "test.h"
#include "tmp.h"

#include "base/memory.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

static void sizes_have_three_digits(void **state)
{
    static const struct {
        double bytes;
        const char *text;
    } cases[] = {
        {0, "0 B"},        {999, "999 B"},      {1000, "1.00 kB"},
        {9994, "9.99 kB"}, {9996, "10.0 kB"},   {99940, "99.9 kB"},
        {231e6, "231 MB"}, {999.4e6, "999 MB"}, {999.6e6, "1.00 GB"},
        {2e9, "2.00 GB"},  {8.4e15, "8400 TB"},
    };
    char text[CXS_MEMORY_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cxs_memory_text(cases[i].bytes, text);
        CHECK(strcmp(text, cases[i].text) == 0);
    }
    CHECK_DONE();
}

static void the_limit_is_kept(void **state)
{
    cxs_ctx *ctx = tmp_ctx(), *child;

    (void)state;
    CHECK(cxs_ctx_memory(ctx) == 0 && cxs_memory_expected(ctx) == 0.0);
    CHECK(cxs_memory_expect(ctx, 1e15, "") == CXS_OK); /* no limit */
    CHECK(cxs_memory_room(ctx, 1e15, "the matrix") == CXS_OK);
    CHECK(cxs_memory_expected(ctx) == 1e15);
    CHECK(strstr(tmp_log, "note: memory: about 1000 TB expected") != NULL);
    cxs_ctx_set_memory(ctx, 231000000);
    CHECK(cxs_memory_expect(ctx, 231e6, "; slowly") == CXS_OK);
    CHECK(strstr(tmp_log, "memory: about 231 MB expected; slowly") != NULL);
    CHECK(cxs_memory_expect(ctx, 231000001.0, "") == CXS_EBUDGET);
    CHECK(cxs_memory_expected(ctx) == 231e6);
    CHECK(cxs_memory_expect(ctx, 5e9, "") == CXS_EBUDGET);
    CHECK(strcmp(cxs_ctx_message(ctx), "--memory: this run needs about 5.00 GB, 231 MB "
                                       "are allowed") == 0);
    CHECK(cxs_rc_exit_status(CXS_EBUDGET) == 75);
    CHECK(cxs_memory_room(ctx, 5e9, "the copy") == CXS_EBUDGET);
    CHECK(strstr(cxs_ctx_message(ctx), "--memory: the copy needs about 5.0") != NULL);
    child = cxs_ctx_child(ctx); /* workers know the limit */
    CHECK(cxs_ctx_memory(child) == 231000000);
    cxs_ctx_free(child);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* The system agrees on what is resident; without /proc there is nothing to test.  Mapped,
 * not allocated: an allocator may keep what is freed, that of a sanitizer does. */
static void what_is_resident(void **state)
{
    enum { BYTES = 64 << 20 };
    const double before = cxs_memory_anonymous();
    char *block;

    (void)state;
    if (!(before > 0.0))
        skip();
    block =
        mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(block != MAP_FAILED);
    memset(block, 1, BYTES);
    CHECK(cxs_memory_anonymous() - before > 0.9 * BYTES);
    CHECK(cxs_memory_peak() > BYTES);
    CHECK(munmap(block, BYTES) == 0);
    CHECK(cxs_memory_anonymous() - before < 0.5 * BYTES);
    CHECK(cxs_memory_peak() > BYTES);
    CHECK_DONE();
}

/* How many of the pages of a map are in this process, by its page table. */
static size_t pages_here(const unsigned char *map, size_t bytes)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    FILE *file = fopen("/proc/self/pagemap", "rb");
    size_t count = 0;

    if (file == NULL)
        return 0;
    fseek(file, (long)((uintptr_t)map / page * 8), SEEK_SET);
    for (size_t at = 0; at < bytes; at += page) {
        uint64_t entry = 0;
        if (fread(&entry, sizeof entry, 1, file) != 1)
            break;
        count += entry >> 63; /* present */
    }
    fclose(file);
    return count;
}

/* Dropped pages leave the process and come back with the same bytes. */
static void dropped_pages_come_back(void **state)
{
    enum { BYTES = 16 << 20, PAGE = 4096, AROUND = 2 << 20 };
    static char bytes[BYTES];
    char path[512];
    unsigned char *map;
    size_t all, sum = 0, again = 0;
    int fd;

    (void)state;
    for (size_t i = 0; i < BYTES; i++)
        bytes[i] = (char)(i * 31 / 7);
    tmp_write(path, sizeof path, "map", bytes, BYTES);
    fd = open(path, O_RDONLY);
    map = mmap(NULL, BYTES, PROT_READ, MAP_PRIVATE, fd, 0);
    assert_true(map != MAP_FAILED);
    for (size_t i = 0; i < BYTES; i++)
        sum += map[i];
    all = pages_here(map, BYTES);
    if (all > 0) {
        CHECK(all == BYTES / PAGE);
        cxs_memory_drop(map, BYTES, map + BYTES / 2, PAGE); /* and AROUND */
        CHECK(pages_here(map, BYTES) < all);
        /* huge pages at both ends go as a whole */
        CHECK(pages_here(map, BYTES) >= all - 4 * AROUND / PAGE - 2);
        cxs_memory_drop(map, BYTES, map, BYTES);
        CHECK(pages_here(map, BYTES) == 0);
    }
    cxs_memory_drop(map, BYTES, map + BYTES - 1, 1);
    cxs_memory_drop(map, BYTES, map, 1);
    cxs_memory_drop(map, BYTES, map + BYTES, 0);
    for (size_t i = 0; i < BYTES; i++)
        again += map[i];
    CHECK(sum == again);
    munmap(map, BYTES);
    close(fd);
    tmp_remove("map");
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_have_three_digits),
        cmocka_unit_test(the_limit_is_kept),
        cmocka_unit_test(what_is_resident),
        cmocka_unit_test(dropped_pages_come_back),
    };
    const int failed = cmocka_run_group_tests_name("memory", tests, NULL, NULL);

    tmp_close();
    return failed;
}
