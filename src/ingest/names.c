/*
 * names.c -- texts as numbers
 *
 * Open addressing over xxHash; half of the slots at most are taken.
 */
#include "ingest/names.h"

#include "base/pack.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 256 };

void cxs_names_free(cxs_names *names)
{
    cxs_free_strings(names->name, names->count);
    cxs_free(names->slot);
    *names = (cxs_names){0};
}

static void enter(cxs_names *names, uint64_t hash, uint32_t number)
{
    size_t at = hash & (names->slots - 1);

    while (names->slot[at] != 0)
        at = (at + 1) & (names->slots - 1);
    names->slot[at] = number + 1;
}

static cxs_rc more_slots(cxs_ctx *ctx, cxs_names *names)
{
    uint32_t *old = names->slot;
    cxs_rc rc = CXS_OK;

    names->slot = NULL;
    CXS_NEW(names->slot, names->slots > 0 ? 2 * names->slots : FIRST_SLOTS);
    names->slots = names->slots > 0 ? 2 * names->slots : FIRST_SLOTS;
    for (size_t i = 0; i < names->count; i++)
        enter(names, cxs_hash64(names->name[i], strlen(names->name[i])), (uint32_t)i);
    cxs_free(old);
    old = NULL;
done:
    if (old != NULL)
        names->slot = old;
    return rc;
}

cxs_rc cxs_names_number(cxs_ctx *ctx, cxs_names *names, const char *text, size_t length,
                        uint32_t *number)
{
    const uint64_t hash = cxs_hash64(text, length);
    char *copy;
    cxs_rc rc = CXS_OK;

    if (2 * names->count >= names->slots)
        CXS_TRY(more_slots(ctx, names));
    for (size_t at = hash & (names->slots - 1); names->slot[at] != 0;
         at = (at + 1) & (names->slots - 1)) {
        const char *name = names->name[names->slot[at] - 1];
        if (strncmp(name, text, length) == 0 && name[length] == '\0') {
            *number = names->slot[at] - 1;
            return CXS_OK;
        }
    }
    if (names->count >= UINT32_MAX - 1)
        return cxs_fail(ctx, CXS_EFORMAT, "more than 4 billion names");
    CXS_TRY(cxs_grow(ctx, (void **)&names->name, &names->capacity, names->count + 1,
                     sizeof *names->name));
    if ((copy = cxs_strndup(ctx, text, length)) == NULL)
        CXS_TRY(CXS_ENOMEM);
    *number = (uint32_t)names->count;
    names->name[names->count++] = copy;
    enter(names, hash, *number);
done:
    return rc;
}

typedef struct ranked {
    char *name;
    uint32_t number;
} ranked;

static int by_name(const void *a, const void *b)
{
    return strcmp(((const ranked *)a)->name, ((const ranked *)b)->name);
}

cxs_rc cxs_names_sort(cxs_ctx *ctx, cxs_names *names, uint32_t **rank)
{
    ranked *sorted = NULL;
    cxs_rc rc = CXS_OK;

    *rank = NULL;
    CXS_NEW(sorted, names->count);
    CXS_NEW(*rank, names->count);
    for (size_t i = 0; i < names->count; i++)
        sorted[i] = (ranked){names->name[i], (uint32_t)i};
    qsort(sorted, names->count, sizeof *sorted, by_name);
    for (size_t i = 0; i < names->count; i++) {
        names->name[i] = sorted[i].name;
        (*rank)[sorted[i].number] = (uint32_t)i;
    }
    if (names->slots > 0)
        memset(names->slot, 0, names->slots * sizeof *names->slot);
    for (size_t i = 0; i < names->count; i++)
        enter(names, cxs_hash64(names->name[i], strlen(names->name[i])), (uint32_t)i);
done:
    cxs_free(sorted);
    return rc;
}
