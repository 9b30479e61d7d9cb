/*
 * main.c -- the program: one row per command, log lines to stderr, exit status
 */
#include "cli/cli.h"

#include <malloc.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const cxs_cmd commands[] = {
#include "cli/commands.inc"
    {NULL, NULL, NULL},
};

static int quiet;
static int bar_open; /* a progress line stands on the terminal */

/* Warnings always, notes unless --quiet, progress as one line that is rewritten on a
 * terminal and as plain lines in a batch job. */
static void log_line(void *user, cxs_log_level level, const char *code,
                     const char *line)
{
    const int terminal = isatty(STDERR_FILENO);

    (void)user;
    if (level != CXS_LOG_WARNING && quiet)
        return;
    if (terminal && bar_open)
        fputs("\r\033[K", stderr);
    bar_open = 0;
    if (level == CXS_LOG_PROGRESS && terminal) {
        fprintf(stderr, "%s", line);
        bar_open = *line != '\0';
    } else if (level == CXS_LOG_WARNING) {
        fprintf(stderr, "coxswain: warning%s%s: %s\n", *code != '\0' ? " " : "", code,
                line);
    } else if (*line != '\0') {
        fprintf(stderr, "%s\n", line);
    }
}

/* Steps of one run say the same of the same study: each line once. */
static void log_new_line(void *user, cxs_log_level level, const char *code,
                         const char *line)
{
    enum { LINES_MAX = 512 };
    static uint64_t shown[LINES_MAX];
    static size_t count;
    uint64_t hash = 14695981039346656037ULL; /* FNV-1a */

    for (const char *c = line; *c != '\0'; c++)
        hash = (hash ^ (unsigned char)*c) * 1099511628211ULL;
    for (size_t i = 0; level != CXS_LOG_PROGRESS && i < count; i++)
        if (shown[i] == hash)
            return;
    if (level != CXS_LOG_PROGRESS && count < LINES_MAX)
        shown[count++] = hash;
    log_line(user, level, code, line);
}

cxs_common cxs_cli_common(void)
{
    return (cxs_common){.threads = (size_t)cxs_default_threads()};
}

void cxs_cli_apply(cxs_ctx *ctx, const cxs_common *common)
{
    quiet = common->quiet;
    cxs_ctx_set_threads(ctx, (int)common->threads);
    cxs_ctx_set_memory(ctx, common->memory);
    cxs_ctx_set_strict(ctx, common->strict);
    cxs_ctx_set_mask_ids(ctx, common->mask_ids);
}

void cxs_cli_log(cxs_ctx *ctx)
{
    cxs_ctx_set_log(ctx, log_line, NULL);
}

void cxs_cli_log_once(cxs_ctx *ctx)
{
    cxs_ctx_set_log(ctx, log_new_line, NULL);
}

static void usage(FILE *to)
{
    fputs("coxswain: ranked prognostic indicators from sequencing, expression and "
          "clinical data\n\n"
          "Usage: coxswain COMMAND [options]\n\nCommands:\n",
          to);
    for (const cxs_cmd *c = commands; c->name != NULL; c++)
        fprintf(to, "  %-10s %s\n", c->name, c->help);
    fputs("\nExample:\n"
          "  coxswain simulate --out study\n"
          "  coxswain run study -o results\n\n"
          "`coxswain COMMAND --help` shows options, defaults and an example.\n"
          "Results go to files or stdout, everything else to stderr.\n",
          to);
}

/* Does a code stand before the sentence, "CX046: "? */
static int has_code(const char *line)
{
    return strncmp(line, "CX", 2) == 0 && strspn(line + 2, "0123456789") == 3 &&
           strncmp(line + 5, ": ", 2) == 0;
}

/* One line "coxswain: error CX008: sentence"; several faults give several lines, each
 * with its own code where they have different ones. */
static void print_error(const cxs_ctx *ctx, const char *command, cxs_rc rc)
{
    const char *code = cxs_ctx_code(ctx), *line = cxs_ctx_message(ctx);

    if (bar_open)
        fputs("\r\033[K", stderr);
    if (*line == '\0')
        line = cxs_rc_text(rc);
    while (*line != '\0') {
        const size_t length = strcspn(line, "\n");
        if (*code == '\0' && has_code(line))
            fprintf(stderr, "coxswain: error %.*s", (int)length, line);
        else
            fprintf(stderr, "coxswain: error%s%s: %.*s", *code != '\0' ? " " : "", code,
                    (int)length, line);
        line += length + (line[length] == '\n');
        if (*line == '\0' && (rc == CXS_EARG || rc == CXS_ENOTBUILT))
            fprintf(stderr, "; see 'coxswain %s --help'", command);
        fputc('\n', stderr);
    }
}

/* "0.1.0", or with --json the linked libraries as well; versions hold no quotes. */
static void print_version(int json)
{
    cxs_library library[CXS_LIBRARIES];

    if (!json) {
        puts(cxs_version());
        return;
    }
    cxs_libraries(library);
    printf("{\"version\": \"%s\", \"libraries\": {", cxs_version());
    for (size_t i = 0; i < CXS_LIBRARIES; i++)
        printf("%s\"%s\": \"%s\"", i > 0 ? ", " : "", library[i].name,
               library[i].version);
    puts("}}");
}

static const cxs_cmd *find_command(const char *name)
{
    for (const cxs_cmd *c = commands; c->name != NULL; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

/* Reference tables beside the program (PREFIX/bin/../share, or build/../refdata), so
 * that an installed tree can be moved and a build runs from any folder.  A choice of
 * the user wins. */
static void point_at_refdata(void)
{
    static const char *const places[] = {"/../share/coxswain/refdata", "/../refdata"};
    char program[4096], path[sizeof program + 64];
    const ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    char *folder_end;

    if (length <= 0 || getenv("COXSWAIN_REFDATA") != NULL)
        return;
    program[length] = '\0';
    if ((folder_end = strrchr(program, '/')) == NULL)
        return;
    *folder_end = '\0';
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        snprintf(path, sizeof path, "%s%s", program, places[i]);
        if (access(path, R_OK | X_OK) == 0) {
            setenv("COXSWAIN_REFDATA", path, 0);
            return;
        }
    }
}

/* Large blocks go back to the system when they are freed.  The default of glibc grows
 * to 32 MB with use, and how much then stays behind depends on the order in which
 * threads free: the same job took between 229 and 306 MB. */
static void steady_memory(void)
{
#ifdef M_MMAP_THRESHOLD
    enum { LARGE = 256 * 1024 };

    mallopt(M_MMAP_THRESHOLD, LARGE);
#endif
}

/* A full disk shows when the last bytes go out. */
static int end_of_stdout(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return 0;
    fputs("coxswain: error: stdout: write failed\n", stderr);
    return cxs_rc_exit_status(CXS_EIO);
}

/* Nothing half-written stays, and whoever waits sees the signal (SA_RESETHAND has put
 * its default action back). */
static void end_by_signal(int number)
{
    cxs_remove_temporary_files();
    raise(number);
}

/* A signal that the caller ignores (nohup) stays ignored. */
static void catch_ends(void)
{
    static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGXCPU};
    struct sigaction action = {.sa_handler = end_by_signal}, old;

    sigemptyset(&action.sa_mask);
    action.sa_flags = (int)SA_RESETHAND;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (sigaction(ends[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(ends[i], &action, NULL);
}

int main(int argc, char **argv)
{
    const cxs_cmd *command;
    cxs_ctx *ctx;
    cxs_rc rc;

    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        usage(argc < 2 ? stderr : stdout);
        return argc < 2 ? cxs_rc_exit_status(CXS_EARG) : end_of_stdout();
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "version") == 0) {
        print_version(argc > 2 && strcmp(argv[2], "--json") == 0);
        return end_of_stdout();
    }
    if ((command = find_command(argv[1])) == NULL) {
        fprintf(stderr, "coxswain: error: no command '%s'; see 'coxswain --help'\n",
                argv[1]);
        return cxs_rc_exit_status(CXS_EARG);
    }
    steady_memory();
    point_at_refdata();
    if ((ctx = cxs_ctx_new()) == NULL)
        return cxs_rc_exit_status(CXS_ENOMEM);
    catch_ends();
    signal(SIGXFSZ, SIG_IGN); /* a file-size limit is a failed write, not a death */
    cxs_cli_log(ctx);
    cxs_ctx_set_threads(ctx, cxs_default_threads());
    rc = command->run(ctx, argc - 1, argv + 1);
    if (rc == CXS_OK && (fflush(stdout) != 0 || ferror(stdout)))
        rc = cxs_fail(ctx, CXS_EIO, "stdout: write failed");
    if (rc != CXS_OK)
        print_error(ctx, command->name, rc);
    cxs_ctx_free(ctx);
    return cxs_rc_exit_status(rc);
}
