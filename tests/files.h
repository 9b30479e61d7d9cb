/*
 * files.h -- a folder of its own for the files of one test program
 */
#ifndef CXS_TEST_FILES_H
#define CXS_TEST_FILES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEST_PATH_BYTES = 512 };

static char test_folder[TEST_PATH_BYTES];

/* Make the folder under TMPDIR or /tmp; use as group setup. */
static inline int test_folder_make(void **state)
{
    const char *base = getenv("TMPDIR");

    (void)state;
    snprintf(test_folder, sizeof test_folder, "%s/cxs_test_XXXXXX",
             base != NULL && *base != '\0' ? base : "/tmp");
    return mkdtemp(test_folder) == NULL;
}

/* Remove it with all it holds; use as group teardown. */
static inline int test_folder_remove(void **state)
{
    char command[TEST_PATH_BYTES + 32];

    (void)state;
    snprintf(command, sizeof command, "rm -rf '%s'", test_folder);
    return system(command) != 0;
}

/* Path of a file in the folder; four are valid at once. */
static inline const char *test_path(const char *name)
{
    static char path[4][2 * TEST_PATH_BYTES];
    static int next;
    char *p = path[next++ % 4];

    snprintf(p, sizeof path[0], "%s/%s", test_folder, name);
    return p;
}

/* Write bytes to a file of the folder. @return its path. */
static inline const char *test_file(const char *name, const void *bytes, size_t n)
{
    const char *path = test_path(name);
    FILE *file = fopen(path, "wb");

    if (file == NULL || fwrite(bytes, 1, n, file) != n || fclose(file) != 0) {
        fprintf(stderr, "cannot write %s\n", path);
        abort();
    }
    return path;
}

static inline const char *test_text(const char *name, const char *text)
{
    return test_file(name, text, strlen(text));
}

/* Whole file with a zero behind it; the caller frees. NULL when it cannot be read. */
static inline char *test_read(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    char *bytes = NULL;
    size_t n = 0, got;

    if (file == NULL)
        return NULL;
    do {
        char *larger = realloc(bytes, n + 65537);
        if (larger == NULL)
            abort();
        bytes = larger;
        got = fread(bytes + n, 1, 65536, file);
        n += got;
    } while (got > 0);
    bytes[n] = '\0';
    fclose(file);
    if (length != NULL)
        *length = n;
    return bytes;
}

#endif /* CXS_TEST_FILES_H */
