/*
 * study_group.c -- a table of many samples, read by one process for all of them
 *
 * The bag of the child has two tables: "member" (measures, report: bytes of each) and
 * "bytes" (word: all of them one behind the other, eight to a number, each padded).
 * Both parts of a member are packed bags, which the parent judges as it would those of
 * a process of its own.
 */
#include "ingest/study_group.h"

#include "ingest/contain_private.h"

#include <math.h>
#include <string.h>
#include <sys/stat.h>

enum { WORD = 8 };

static const double GROUP_BYTES = 64.0 * 1048576.0;

/* ---- which ------------------------------------------------------------------------- */

void cxs_groups_clear(cxs_groups *groups)
{
    for (size_t g = 0; g < groups->count; g++) {
        cxs_free(groups->at[g].assay);
        cxs_free(groups->at[g].place);
    }
    cxs_free(groups->at);
    cxs_free(groups->single);
    *groups = (cxs_groups){0};
}

/* As many samples as GROUP_BYTES of their file hold, when each has an equal share of
 * `rows`: so that no process sends more than it may. */
static size_t samples_at_once(const char *path, size_t rows)
{
    struct stat status;
    const double bytes = stat(path, &status) == 0 ? (double)status.st_size : 0.0;

    return bytes > GROUP_BYTES ? (size_t)fmax(1.0, (double)rows * GROUP_BYTES / bytes)
                               : rows;
}

static cxs_rc add_member(cxs_ctx *ctx, cxs_group *group, cxs_assay *a, size_t place)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_grow(ctx, (void **)&group->assay, &group->capacity[0], group->count + 1,
                     sizeof(cxs_assay *)));
    CXS_TRY(cxs_grow(ctx, (void **)&group->place, &group->capacity[1], group->count + 1,
                     sizeof *group->place));
    group->assay[group->count] = a;
    group->place[group->count++] = place;
done:
    return rc;
}

cxs_rc cxs_groups_make(cxs_ctx *ctx, cxs_assays *assays, const size_t *which,
                       size_t count, cxs_groups *out)
{
    cxs_rc rc = CXS_OK;

    CXS_NEW(out->single, count);
    for (size_t f = 0; f < count; f++) {
        cxs_assay *a = &assays->at[which[f]];
        size_t g = out->count;
        if (strcmp(a->assay, "MAF") != 0) {
            out->single[out->singles++] = f;
            continue;
        }
        while (g > 0 && strcmp(out->at[g - 1].assay[0]->path, a->path) != 0)
            g--;
        if (g == 0 || out->at[g - 1].count >= samples_at_once(a->path, count)) {
            CXS_TRY(cxs_grow(ctx, (void **)&out->at, &out->capacity, out->count + 1,
                             sizeof *out->at));
            g = ++out->count;
            out->at[g - 1] = (cxs_group){0};
        }
        CXS_TRY(add_member(ctx, &out->at[g - 1], a, f));
    }
done:
    return rc;
}

cxs_rc cxs_assay_check_md5(cxs_ctx *ctx, const cxs_assay *a, char md5[CXS_MD5_HEX])
{
    char given[CXS_MD5_HEX] = "";
    cxs_rc rc = CXS_OK;

    if (a->md5 == NULL)
        return CXS_OK;
    for (size_t i = 0; i + 1 < sizeof given && a->md5[i] != '\0'; i++)
        given[i] =
            (char)(a->md5[i] >= 'A' && a->md5[i] <= 'F' ? a->md5[i] + 32 : a->md5[i]);
    if (*md5 == '\0')
        CXS_TRY(cxs_md5_file(ctx, a->path, md5));
    if (strlen(a->md5) != CXS_MD5_HEX - 1 || strcmp(md5, given) != 0)
        rc = cxs_fail(ctx, CXS_EMISMATCH,
                      "%s: its MD5 is %s, line %zu of the assays sheet says %s: "
                      "copy the file again, or mend the sheet",
                      a->path, md5, a->line, a->md5);
done:
    return rc;
}

/* ---- in the child -------------------------------------------------------------------- */

static size_t words_of(size_t bytes)
{
    return (bytes + WORD - 1) / WORD;
}

typedef struct sender {
    int64_t *word;
    size_t words, capacity;
} sender;

static cxs_rc add_bytes(cxs_ctx *ctx, sender *s, const unsigned char *bytes, size_t n)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_grow(ctx, (void **)&s->word, &s->capacity, s->words + words_of(n),
                     sizeof *s->word));
    if (n > 0) {
        s->word[s->words + words_of(n) - 1] = 0;
        memcpy(s->word + s->words, bytes, n);
    }
    s->words += words_of(n);
done:
    return rc;
}

/* One sample as in a process of its own: its warnings and its failure are its own. */
static cxs_rc send_member(cxs_ctx *ctx, const cxs_assay *a, const cxs_maf *maf,
                          char md5[CXS_MD5_HEX], sender *s, int64_t size[2])
{
    unsigned char *report = NULL, *packed = NULL;
    size_t report_size = 0, packed_size = 0;
    cxs_measures *bag = NULL;
    cxs_rc rc = CXS_OK, own;

    cxs_ctx_give_warnings(NULL, cxs_ctx_take_warnings(ctx));
    (void)cxs_fail(ctx, CXS_OK, "%s", "");
    CXS_TRY(cxs_measures_new(ctx, &bag));
    own = cxs_assay_check_md5(ctx, a, md5);
    if (own == CXS_OK)
        own = cxs_assay_measure_maf(ctx, a, maf, bag);
    if (own == CXS_OK)
        own = cxs_measures_pack(ctx, bag, &packed, &packed_size);
    CXS_TRY(cxs_contain_report_make(ctx, own, &(cxs_contain_notes){.count = 0}, &report,
                                    &report_size));
    CXS_TRY(add_bytes(ctx, s, packed, packed_size));
    CXS_TRY(add_bytes(ctx, s, report, report_size));
    size[0] = (int64_t)packed_size;
    size[1] = (int64_t)report_size;
done:
    cxs_measures_free(bag);
    cxs_free(packed);
    cxs_free(report);
    return rc;
}

cxs_rc cxs_group_measure(cxs_ctx *ctx, void *arg, cxs_measures *bag)
{
    const cxs_group *group = arg;
    char md5[CXS_MD5_HEX] = "";
    cxs_measure *table;
    int64_t *column[2], *word, size[2];
    sender s = {NULL, 0, 0};
    cxs_maf *maf = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_maf_read(ctx, group->assay[0]->path, &maf));
    CXS_TRY(cxs_measures_add(ctx, bag, "member", group->count, &table));
    CXS_TRY(cxs_measure_int(ctx, table, "measures", &column[0]));
    CXS_TRY(cxs_measure_int(ctx, table, "report", &column[1]));
    for (size_t i = 0; i < group->count; i++) {
        CXS_TRY(send_member(ctx, group->assay[i], maf, md5, &s, size));
        column[0][i] = size[0];
        column[1][i] = size[1];
    }
    CXS_TRY(cxs_measures_add(ctx, bag, "bytes", s.words, &table));
    CXS_TRY(cxs_measure_int(ctx, table, "word", &word));
    if (s.words > 0)
        memcpy(word, s.word, s.words * sizeof *word);
    cxs_ctx_give_warnings(NULL,
                          cxs_ctx_take_warnings(ctx)); /* sent with their samples */
done:
    cxs_free(s.word);
    cxs_maf_free(maf);
    return rc;
}

/* ---- in the parent ------------------------------------------------------------------- */

void cxs_yield_clear(cxs_yield *yield)
{
    cxs_contained_clear(&yield->file);
    cxs_free(yield->report);
    *yield = (cxs_yield){0};
}

/* The child failed as a whole, and so did its samples. */
static cxs_rc share_failure(cxs_ctx *ctx, const cxs_group *group,
                            const cxs_contained *file, cxs_yield *yield)
{
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < group->count; i++) {
        cxs_yield *y = &yield[group->place[i]];
        *y = (cxs_yield){.waits = true,
                         .file = {.what = group->assay[i]->path, .rc = file->rc}};
        memcpy(y->file.code, file->code, sizeof y->file.code);
        y->file.message = cxs_strdup(ctx, file->message != NULL ? file->message : "");
        if (y->file.message == NULL)
            CXS_TRY(CXS_ENOMEM);
    }
done:
    return rc;
}

/* Bytes of the next part, NULL for none. */
static cxs_rc take_part(cxs_ctx *ctx, const char *what, const int64_t *word,
                        size_t words, size_t *at, int64_t size, unsigned char **out)
{
    cxs_rc rc = CXS_OK;

    *out = NULL;
    if (size < 0 || (uint64_t)size > (uint64_t)(words - *at) * WORD)
        CXS_TRY(cxs_fail(ctx, CXS_EFORMAT, "%s: its reader sent rubbish", what));
    if (size > 0) {
        CXS_NEW(*out, (size_t)size);
        memcpy(*out, word + *at, (size_t)size);
        *at += words_of((size_t)size);
    }
done:
    return rc;
}

cxs_rc cxs_group_split(cxs_ctx *ctx, const cxs_group *group, const cxs_contained *file,
                       cxs_yield *yield)
{
    const cxs_measure *member, *bytes;
    const int64_t *size[2], *word;
    size_t at = 0;
    cxs_rc rc = CXS_OK;

    if (file->rc != CXS_OK)
        return share_failure(ctx, group, file, yield);
    member = cxs_measures_find(file->bag, "member");
    bytes = cxs_measures_find(file->bag, "bytes");
    size[0] = member != NULL ? cxs_measure_get_int(member, "measures") : NULL;
    size[1] = member != NULL ? cxs_measure_get_int(member, "report") : NULL;
    word = bytes != NULL ? cxs_measure_get_int(bytes, "word") : NULL;
    if (size[0] == NULL || size[1] == NULL || word == NULL ||
        cxs_measure_rows(member) != group->count)
        CXS_TRY(cxs_fail(ctx, CXS_EFORMAT, "%s: its reader sent rubbish", file->what));
    for (size_t i = 0; i < group->count; i++) {
        const size_t words = cxs_measure_rows(bytes);
        cxs_yield *y = &yield[group->place[i]];
        *y = (cxs_yield){.waits = true, .file = {.what = group->assay[i]->path}};
        CXS_TRY(
            take_part(ctx, file->what, word, words, &at, size[0][i], &y->file.packed));
        CXS_TRY(take_part(ctx, file->what, word, words, &at, size[1][i], &y->report));
        y->file.packed_size = (size_t)size[0][i];
        y->report_size = (size_t)size[1][i];
    }
done:
    return rc;
}

cxs_rc cxs_yield_take(cxs_ctx *ctx, cxs_yield *yield)
{
    cxs_contained *file = &yield->file;
    cxs_rc rc = CXS_OK;

    yield->waits = false;
    if (file->rc != CXS_OK)
        return CXS_OK;
    CXS_TRY(cxs_contain_report_take(ctx, yield->report, yield->report_size, file));
    if (file->rc == CXS_OK)
        CXS_TRY(cxs_measures_unpack(ctx, file->packed, file->packed_size, file->what,
                                    &file->bag));
done:
    return rc;
}
