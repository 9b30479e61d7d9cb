/*
 * contain_guard.c -- system calls that a reader of files never needs
 *
 * A filter of the kernel (seccomp, Linux 3.5) refuses them with EACCES from now on, for
 * this process and all its threads: opening for writing, changing names, modes and
 * sizes of files, sockets, other processes, other programs.  It comes on top of the
 * limits: a file-size limit of zero still lets an open with O_TRUNC empty a file.
 * Calls whose arguments lie in memory cannot be judged and are answered ENOSYS, upon
 * which the C library takes the older call.  Machines whose call numbers are not known
 * here have the limits alone.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* CLONE_THREAD */
#endif
#include "ingest/contain_private.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#ifdef ARCHITECTURE

/* Refused whatever their arguments are. */
static const int refused[] = {
#ifdef SYS_creat
    SYS_creat,
    SYS_unlink,
    SYS_rename,
    SYS_mkdir,
    SYS_rmdir,
    SYS_link,
    SYS_symlink,
    SYS_chmod,
    SYS_chown,
    SYS_mknod,
    SYS_fork,
    SYS_vfork,
#endif
    SYS_unlinkat,
    SYS_renameat2,
    SYS_mkdirat,
    SYS_linkat,
    SYS_symlinkat,
    SYS_fchmodat,
    SYS_fchmod,
    SYS_fchownat,
    SYS_fchown,
    SYS_mknodat,
    SYS_truncate,
    SYS_ftruncate,
    SYS_socket,
    SYS_socketpair,
    SYS_connect,
    SYS_bind,
    SYS_execve,
    SYS_execveat,
    SYS_ptrace,
    SYS_kill,
    SYS_mount,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_unshare,
    SYS_setns,
    SYS_keyctl,
    SYS_bpf,
    SYS_perf_event_open,
    SYS_fallocate,
    SYS_setxattr,
    SYS_fsetxattr,
    SYS_utimensat,
#ifdef SYS_renameat
    SYS_renameat,
#endif
};

/* Answered as if the kernel did not have them. */
static const int unknown[] = {
#ifdef SYS_clone3
    SYS_clone3,
#endif
#ifdef SYS_openat2
    SYS_openat2,
#endif
#ifdef SYS_io_uring_setup
    SYS_io_uring_setup,
#endif
#ifdef SYS_memfd_create
    SYS_memfd_create,
#endif
};

enum { PROGRAM_MAX = 192 };

typedef struct program {
    struct sock_filter step[PROGRAM_MAX];
    unsigned short length;
} program;

static void add(program *p, unsigned code, unsigned char yes, unsigned char no,
                unsigned value)
{
    p->step[p->length++] = (struct sock_filter){(unsigned short)code, yes, no, value};
}

static void load(program *p, size_t offset)
{
    add(p, BPF_LD | BPF_W | BPF_ABS, 0, 0, (unsigned)offset);
}

/* A call of this number ends with this answer. */
static void answer(program *p, int number, unsigned what)
{
    add(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, (unsigned)number);
    add(p, BPF_RET | BPF_K, 0, 0, what);
}

/* A call of this number is refused when its argument has, or lacks, one of these bits;
 * only the low half of the argument holds flags (the machines are little-endian). */
static void judge(program *p, int number, unsigned argument, unsigned bits, bool refuse)
{
    const unsigned no = SECCOMP_RET_ERRNO | EACCES, yes = SECCOMP_RET_ALLOW;

    add(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 4, (unsigned)number);
    load(p, offsetof(struct seccomp_data, args) + 8 * argument);
    add(p, BPF_JMP | BPF_JSET | BPF_K, 0, 1, bits);
    add(p, BPF_RET | BPF_K, 0, 0, refuse ? no : yes);
    add(p, BPF_RET | BPF_K, 0, 0, refuse ? yes : no);
}

static void make(program *p)
{
    const unsigned writing = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND;

    load(p, offsetof(struct seccomp_data, arch));
    add(p, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, ARCHITECTURE);
    add(p, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL);
    load(p, offsetof(struct seccomp_data, nr));
#if defined(__x86_64__)
    /* Numbers of the x32 interface would pass beside the list. */
    add(p, BPF_JMP | BPF_JGE | BPF_K, 0, 1, 0x40000000U);
    add(p, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL);
#endif
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        answer(p, refused[i], SECCOMP_RET_ERRNO | EACCES);
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        answer(p, unknown[i], SECCOMP_RET_ERRNO | ENOSYS);
    judge(p, SYS_openat, 2, writing, true);
#ifdef SYS_open
    judge(p, SYS_open, 1, writing, true);
#endif
    judge(p, SYS_clone, 0, CLONE_THREAD, false);
    add(p, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW);
}

void cxs_contain_guard(void)
{
    program p = {.length = 0};
    struct sock_fprog filter;

    make(&p);
    filter = (struct sock_fprog){p.length, p.step};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
        (void)prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0);
}

#else

void cxs_contain_guard(void)
{
    (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

#endif
