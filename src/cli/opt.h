/*
 * opt.h -- one table per command is its parser, its help and its run record
 *
 * Defaults are not in the table: they are the values of the settings struct before
 * parsing, which come from the library's *_defaults() function.
 */
#ifndef CXS_OPT_H
#define CXS_OPT_H

#include "coxswain/record.h"

#include <stdio.h>

typedef enum cxs_opt_kind {
    CXS_OPT_END_KIND,
    CXS_OPT_GROUP,  /* heading in the help, not an option */
    CXS_OPT_FLAG,   /* int, 0 or 1; takes no value */
    CXS_OPT_NEGATE, /* int, set to 0 by the option ("no-early-stop") */
    CXS_OPT_YESNO,  /* int, "yes" or "no" */
    CXS_OPT_SIZE,   /* size_t in [lo, hi] */
    CXS_OPT_SEED,   /* uint64_t */
    CXS_OPT_BYTES,  /* size_t, a size with an optional unit: 500M, 2G, 1.5GiB */
    CXS_OPT_REAL,   /* double in [lo, hi] */
    CXS_OPT_TEXT,   /* const char *, borrowed from argv */
    CXS_OPT_TEXTS,  /* cxs_opt_texts; may be given again and again */
    CXS_OPT_CHOICE  /* int or enum, index into `choices` */
} cxs_opt_kind;

/* What an option that is repeated collects; borrowed from argv. */
enum { CXS_OPT_TEXTS_MAX = 1024 };
typedef struct cxs_opt_texts {
    const char *item[CXS_OPT_TEXTS_MAX];
    size_t count;
} cxs_opt_texts;

typedef struct cxs_opt {
    cxs_opt_kind kind;
    char letter;                /* 0 when there is no short form */
    const char *name;           /* long form without the dashes */
    const char *unit;           /* shown in the help: N, DAYS, FILE, ... */
    const char *help;           /* one sentence, no full stop */
    size_t offset;              /* offsetof(settings, field) */
    double lo, hi;              /* inclusive bounds for SIZE and REAL */
    const char *const *choices; /* NULL-terminated, for CHOICE */
    int changes_numbers;        /* goes into the settings digest */
} cxs_opt;

#define CXS_OPT_HEADING(text)                                                          \
    {                                                                                  \
        .kind = CXS_OPT_GROUP, .help = (text)                                          \
    }
#define CXS_OPT_ROW(k, l, n, u, type, field, lo_, hi_, h)                              \
    {                                                                                  \
        .kind = (k), .letter = (l), .name = (n), .unit = (u), .help = (h),             \
        .offset = offsetof(type, field), .lo = (lo_), .hi = (hi_),                     \
        .changes_numbers = 1                                                           \
    }
#define CXS_OPT_TEXT_ROW(l, n, type, field, u, h)                                      \
    CXS_OPT_ROW(CXS_OPT_TEXT, l, n, u, type, field, 0, 0, h)
#define CXS_OPT_TEXTS_ROW(l, n, type, field, u, h)                                     \
    CXS_OPT_ROW(CXS_OPT_TEXTS, l, n, u, type, field, 0, 0, h)
/* A path: where a file lies changes no number, so it stays out of the settings digest. */
#define CXS_OPT_FILE_ROW(l, n, type, field, u, h)                                      \
    {                                                                                  \
        .kind = CXS_OPT_TEXT, .letter = (l), .name = (n), .unit = (u), .help = (h),    \
        .offset = offsetof(type, field)                                                \
    }
#define CXS_OPT_REAL_ROW(l, n, type, field, u, lo_, hi_, h)                            \
    CXS_OPT_ROW(CXS_OPT_REAL, l, n, u, type, field, lo_, hi_, h)
#define CXS_OPT_SIZE_ROW(l, n, type, field, lo_, hi_, h)                               \
    CXS_OPT_ROW(CXS_OPT_SIZE, l, n, "N", type, field, lo_, hi_, h)
#define CXS_OPT_SEED_ROW(type, field)                                                  \
    CXS_OPT_ROW(CXS_OPT_SEED, 0, "seed", "N", type, field, 0, 0,                       \
                "seed of every random draw")
#define CXS_OPT_FLAG_ROW(l, n, type, field, h)                                         \
    CXS_OPT_ROW(CXS_OPT_FLAG, l, n, NULL, type, field, 0, 1, h)
#define CXS_OPT_NEGATE_ROW(n, type, field, h)                                          \
    CXS_OPT_ROW(CXS_OPT_NEGATE, 0, n, NULL, type, field, 0, 1, h)
#define CXS_OPT_YESNO_ROW(n, type, field, h)                                           \
    CXS_OPT_ROW(CXS_OPT_YESNO, 0, n, "yes|no", type, field, 0, 1, h)
#define CXS_OPT_CHOICE_ROW(l, n, type, field, list, h)                                 \
    {                                                                                  \
        .kind = CXS_OPT_CHOICE, .letter = (l), .name = (n), .unit = "NAME",            \
        .help = (h), .offset = offsetof(type, field), .choices = (list),               \
        .changes_numbers = 1                                                           \
    }
/* The same options for every command: --threads, --quiet, --strict, --mask-ids, --help.
 * Put `cxs_common common;` into the settings struct. */
typedef struct cxs_common {
    size_t threads, memory;
    int quiet, strict, mask_ids, help;
} cxs_common;
#define CXS_OPT_COMMON(type)                                                           \
    {.kind = CXS_OPT_SIZE,                                                             \
     .name = "threads",                                                                \
     .unit = "N",                                                                      \
     .lo = 1,                                                                          \
     .hi = 4096,                                                                       \
     .offset = offsetof(type, common.threads),                                         \
     .help = "worker threads"},                                                        \
        {.kind = CXS_OPT_FLAG,                                                         \
         .letter = 'q',                                                                \
         .name = "quiet",                                                              \
         .offset = offsetof(type, common.quiet),                                       \
         .help = "no notes and no progress, warnings only"},                           \
        {.kind = CXS_OPT_FLAG,                                                         \
         .name = "strict",                                                             \
         .offset = offsetof(type, common.strict),                                      \
         .help = "warnings are errors"},                                               \
        {.kind = CXS_OPT_FLAG,                                                         \
         .name = "mask-ids",                                                           \
         .offset = offsetof(type, common.mask_ids),                                    \
         .help = "hide patient and sample ids in messages"},                           \
    {                                                                                  \
        .kind = CXS_OPT_FLAG, .letter = 'h', .name = "help",                           \
        .offset = offsetof(type, common.help), .help = "show this text"                \
    }
/* --memory, for the commands that predict what they need. */
#define CXS_OPT_MEMORY(type)                                                           \
    {                                                                                  \
        .kind = CXS_OPT_BYTES, .name = "memory", .unit = "SIZE", .lo = 1,              \
        .offset = offsetof(type, common.memory),                                       \
        .help = "memory to stay below, such as 500M or 2G; default no limit"           \
    }
#define CXS_OPT_END                                                                    \
    {                                                                                  \
        .kind = CXS_OPT_END_KIND                                                       \
    }

/* Parse argv[1..); positional arguments are moved to argv[1..*positional].
 * CXS_EARG with one line that names the option and the legal range. */
cxs_rc cxs_opt_parse(cxs_ctx *ctx, const cxs_opt *options, int argc, char **argv,
                     void *settings, int *positional) CXS_MUST_USE;

/* Option list with live defaults taken from `defaults`. */
void cxs_opt_help(FILE *to, const cxs_opt *options, const void *defaults);

/* Every option that changes numbers into the record's settings. */
cxs_rc cxs_opt_record(cxs_ctx *ctx, const cxs_opt *options, const void *settings,
                      cxs_record *record) CXS_MUST_USE;

#endif /* CXS_OPT_H */
