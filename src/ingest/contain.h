/*
 * contain.h -- decode a file of a stranger in a process of its own
 *
 * Decoders of sequencing formats have had faults that a crafted file can use.  So each
 * file is decoded in a child process that holds no open file but what it opens for
 * reading, cannot write, connect or start programs, and has limits of memory, processor
 * and wall time.  What comes back through a pipe is a packed bag of measures with the
 * child's failure, warnings and notes; it is checked as if it came from the file itself.
 * Whatever the child does, the caller gets one bag or one failure for that file.
 *
 * Children are forked while the caller has no thread of its own alive; they may start
 * threads themselves.
 */
#ifndef CXS_CONTAIN_H
#define CXS_CONTAIN_H

#include "store/measures.h"

/* Limits of one child; 0: the default in brackets. */
typedef struct cxs_contain_limits {
    size_t memory;    /* bytes of address space beyond the caller's own [that of
                         cxs_ctx_memory() over the files read at once, else 8 GiB] */
    unsigned cpu_s;   /* seconds of processor time, over all its threads [a day] */
    unsigned wall_s;  /* seconds in all                                  [4 days] */
    size_t bag_bytes; /* packed measures                                  [256 MiB] */
} cxs_contain_limits;

/* Runs in the child; fills the bag.  ctx has `threads` threads. */
typedef cxs_rc (*cxs_contain_fn)(cxs_ctx *ctx, void *arg, cxs_measures *bag);

/* One file.  `what` names it in messages; `bag`, `rc` and the failure are filled. */
typedef struct cxs_contained {
    const char *what;
    cxs_contain_limits limits;
    cxs_contain_fn fn;
    void *arg;
    cxs_measures *bag;     /* NULL unless rc is CXS_OK; the caller's */
    unsigned char *packed; /* the same as bytes */
    size_t packed_size;
    cxs_measures *report; /* table "warning": code, line, masked, times; NULL when the
                             child left none */
    cxs_rc rc;
    char *message; /* of the failure, NULL without one; freed by cxs_contained_clear */
    char code[8];  /* catalogue code of the failure, or "" */
} cxs_contained;

/* Called in the order of the files, each as soon as those before it have ended; a
 * failure of this function ends everything. */
typedef cxs_rc (*cxs_contained_fn)(cxs_ctx *ctx, cxs_contained *file, size_t index,
                                   void *user);

/*
 * Contain `count` files, as many at once as ctx has threads.  Failures of files are
 * left in them; warnings and notes reach ctx in the order of the files.  `ended` may be
 * NULL.
 *
 * Returns CXS_OK when every file has ended, however it ended; CXS_EOS when no child can
 * be started; CXS_EBUG when threads of the pool are alive; CXS_ENOMEM.
 */
cxs_rc cxs_contain_many(cxs_ctx *ctx, cxs_contained *file, size_t count,
                        cxs_contained_fn ended, void *user) CXS_MUST_USE;

/* One file: the failure of the child is the failure of the call. */
cxs_rc cxs_contain(cxs_ctx *ctx, const char *what, const cxs_contain_limits *limits,
                   cxs_contain_fn fn, void *arg, cxs_measures **out) CXS_MUST_USE;

/* Free what is filled; the failure stays out of ctx. */
void cxs_contained_clear(cxs_contained *file);
/* Put the failure of a file onto ctx and hand its code back. */
cxs_rc cxs_contained_fail(cxs_ctx *ctx, const cxs_contained *file);

#endif /* CXS_CONTAIN_H */
