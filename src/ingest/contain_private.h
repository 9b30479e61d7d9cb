/*
 * contain_private.h -- what contain.c (the parent) and contain_child.c agree on
 *
 * Through the pipe: magic, length of the report (8 bytes, little-endian), length of the
 * measures (8 bytes, 0 on failure), report, measures; both are packed bags.  The report
 * has the tables
 *   result   rc, code, message                        one row
 *   warning  code, line, masked, times
 *   note     line
 */
#ifndef CXS_CONTAIN_PRIVATE_H
#define CXS_CONTAIN_PRIVATE_H

#include "ingest/contain.h"

#include <sys/types.h>

enum {
    CXS_CONTAIN_HEAD = 24,
    CXS_CONTAIN_NOTES = 64,      /* more notes of one child are dropped */
    CXS_CONTAIN_MUTE = 3,        /* exit status of a child that could not report */
    CXS_CONTAIN_REPORT = 1 << 20 /* bytes of a packed report */
};
#define CXS_CONTAIN_MAGIC "CXSCHLD1"

/* Address space cannot be limited under a tool that maps terabytes of it. */
bool cxs_contain_under_tool(void);

/* The child: never returns.  data and errors are the pipes to the parent. */
typedef struct cxs_contain_link {
    int data, errors;
    pid_t parent;
} cxs_contain_link;
_Noreturn void cxs_contain_child(cxs_ctx *ctx, const cxs_contained *file,
                                 const cxs_contain_limits *limits,
                                 const cxs_contain_link *link);

/* contain_report.c: make the report of the child; take one in the parent, which hands
 * notes and warnings to ctx and the failure to file. */
typedef struct cxs_contain_notes {
    char *line[CXS_CONTAIN_NOTES];
    size_t count;
} cxs_contain_notes;
cxs_rc cxs_contain_report_make(cxs_ctx *ctx, cxs_rc rc, const cxs_contain_notes *notes,
                               unsigned char **bytes, size_t *size) CXS_MUST_USE;
/* CXS_EFORMAT when the report is not one. */
cxs_rc cxs_contain_report_take(cxs_ctx *ctx, const unsigned char *bytes, size_t size,
                               cxs_contained *file) CXS_MUST_USE;

/* How a child ended. */
typedef enum cxs_contain_end {
    CXS_END_RUNNING,
    CXS_END_EXITED,   /* its status tells how */
    CXS_END_TOO_MUCH, /* killed by us: more bytes than allowed */
    CXS_END_TOO_LONG, /* killed by us: wall time */
    CXS_END_LINGERED, /* killed by us: closed its pipe and stayed */
    CXS_END_NO_MEMORY /* killed by us: what it sent cannot be held */
} cxs_contain_end;

/* What a file left behind until its turn comes. */
typedef struct cxs_contain_outcome {
    bool over;
    cxs_contain_end end;
    int status;
    cxs_buf sent;
    char *words; /* what it printed, NULL for nothing */
} cxs_contain_outcome;

/* contain_judge.c: fill rc, message and bag of the file from a packet in order; any
 * other end is the failure that is returned. */
cxs_rc cxs_contain_judge(cxs_ctx *ctx, const cxs_contain_outcome *o,
                         const cxs_contain_limits *limits,
                         cxs_contained *file) CXS_MUST_USE;

/* contain_guard.c: system calls that a reader never needs are refused from now on. */
void cxs_contain_guard(void);

#endif /* CXS_CONTAIN_PRIVATE_H */
