/*
 * driver.c -- replay files through a fuzz target without libFuzzer
 *
 * fuzz_NAME FILE|FOLDER..: every file as it is, and cut at half; prints their number.
 */
#include "fuzz.h"

#include <dirent.h>
#include <sys/stat.h>

static size_t replayed;

static void replay_file(const char *path)
{
    static uint8_t bytes[FUZZ_LARGEST];
    FILE *file = fopen(path, "rb");
    size_t n;

    if (file == NULL) {
        perror(path);
        exit(66);
    }
    n = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    LLVMFuzzerTestOneInput(bytes, n);
    LLVMFuzzerTestOneInput(bytes, n / 2);
    replayed++;
}

static void replay(const char *path)
{
    struct stat status;
    struct dirent **entry = NULL;
    int n;

    if (stat(path, &status) != 0 || !S_ISDIR(status.st_mode)) {
        replay_file(path);
        return;
    }
    n = scandir(path, &entry, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        char name[1024];
        snprintf(name, sizeof name, "%s/%s", path, entry[i]->d_name);
        if (entry[i]->d_name[0] != '.')
            replay_file(name);
        free(entry[i]);
    }
    free(entry);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        replay(argv[i]);
    printf("%zu files\n", replayed);
    return replayed > 0 ? 0 : 66;
}
