/*
 * out.c -- output files that appear whole or not at all
 *
 * Everything goes to a temporary file beside the final name; commit syncs it, renames
 * it and syncs the folder, so that after a crash the final name holds the old file or
 * the new one.  O_EXCL and O_NOFOLLOW keep a planted link from being written through.
 * Devices and pipes cannot be replaced by a rename and are written directly.  A full
 * disk may show at write, fsync or close (NFS), all three are looked at.
 * Depends on number.h.
 */
#include "base/out.h"

#include "base/number.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUFFER_BYTES = 1 << 18, NAME_BYTES_KEPT = 100, NAME_TRIES = 1000 };

struct cxs_out {
    char *path, *temp; /* temp is NULL when written in place */
    int fd;
    char *buffer;
    size_t used;
    bool row_open; /* the row has a cell: the next one needs a separator */
};

/* ---- temporary files by name ------------------------------------------------------- */

enum { TEMPS = 64, TEMP_BYTES = 1024 };
enum { TEMP_FREE, TEMP_BUSY, TEMP_KEPT };

/* Files to take away when a signal ends the process.  Fixed places, because a handler
 * may not follow memory that another thread frees; a name that does not fit is left to
 * its owner alone. */
static struct {
    atomic_int state;
    pid_t owner; /* a forked child must not remove what its parent writes */
    char name[TEMP_BYTES];
} temps[TEMPS];

static void keep_temp(const char *name)
{
    const size_t n = strlen(name) + 1;

    for (size_t i = 0; n <= TEMP_BYTES && i < TEMPS; i++) {
        int expected = TEMP_FREE;
        if (!atomic_compare_exchange_strong(&temps[i].state, &expected, TEMP_BUSY))
            continue;
        memcpy(temps[i].name, name, n);
        temps[i].owner = getpid();
        atomic_store(&temps[i].state, TEMP_KEPT);
        return;
    }
}

static void forget_temp(const char *name)
{
    for (size_t i = 0; i < TEMPS; i++)
        if (atomic_load(&temps[i].state) == TEMP_KEPT &&
            strcmp(temps[i].name, name) == 0) {
            atomic_store(&temps[i].state, TEMP_FREE);
            return;
        }
}

void cxs_remove_temporary_files(void)
{
    const int saved = errno;

    for (size_t i = 0; i < TEMPS; i++)
        if (atomic_load(&temps[i].state) == TEMP_KEPT && temps[i].owner == getpid())
            unlink(temps[i].name);
    errno = saved;
}

void cxs_out_discard(const char *temp)
{
    unlink(temp);
    forget_temp(temp);
}

/* ---- names ----------------------------------------------------------------------- */

char *cxs_path_join(cxs_ctx *ctx, const char *prefix, const char *suffix)
{
    const size_t n = strlen(prefix), m = strlen(suffix);
    char *path = cxs_calloc(ctx, n + m + 1, 1);

    if (path != NULL) {
        memcpy(path, prefix, n);
        memcpy(path + n, suffix, m);
    }
    return path;
}

/* Bytes of path that name its folder, with the last slash; 0 for the present one. */
static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? 0 : (size_t)(slash - path) + 1;
}

/* "out/.os.coef.tsv.4711-3.tmp": unique per process by the counter, between processes
 * by the id, and O_EXCL decides in the end (names of another host on a shared disk). */
static cxs_rc make_temp_name(cxs_ctx *ctx, const char *path, char **temp)
{
    static atomic_uint counter;
    const size_t folder = folder_length(path);
    cxs_buf name = {0};
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_buf_addf(ctx, &name, "%.*s.%.*s.%ld-%u.tmp", (int)folder, path,
                         NAME_BYTES_KEPT, path + folder, (long)getpid(),
                         atomic_fetch_add(&counter, 1U)));
    *temp = name.text;
    name.text = NULL;
done:
    cxs_free(name.text);
    return rc;
}

static cxs_rc cannot_create(cxs_ctx *ctx, const char *path)
{
    return cxs_fail(ctx, CXS_ECREATE, "%s: cannot be created: %s", path,
                    strerror(errno));
}

static cxs_rc cannot_write(cxs_ctx *ctx, const char *path)
{
    return cxs_fail(ctx, CXS_EIO, "%s: write failed: %s", path, strerror(errno));
}

/* Create a file under a temporary name beside path. */
static cxs_rc create_temp(cxs_ctx *ctx, const char *path, mode_t mode, char **temp,
                          int *fd)
{
    cxs_rc rc = CXS_OK;

    *fd = -1;
    *temp = NULL;
    for (int i = 0; i < NAME_TRIES && *fd < 0; i++) {
        cxs_free(*temp);
        *temp = NULL;
        CXS_TRY(make_temp_name(ctx, path, temp));
        *fd = open(*temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
        if (*fd < 0 && errno != EEXIST)
            break;
    }
    if (*fd < 0) {
        rc = cannot_create(ctx, path);
        cxs_free(*temp);
        *temp = NULL;
    } else {
        keep_temp(*temp);
    }
done:
    return rc;
}

/* ---- opening --------------------------------------------------------------------- */

static cxs_rc open_target(cxs_ctx *ctx, cxs_out *o, mode_t mode)
{
    struct stat info;

    if (strcmp(o->path, "-") == 0 || strcmp(o->path, "/dev/stdout") == 0) {
        o->fd = STDOUT_FILENO;
        return CXS_OK;
    }
    if (lstat(o->path, &info) == 0) {
        if (S_ISDIR(info.st_mode)) {
            errno = EISDIR;
            return cannot_create(ctx, o->path);
        }
        if (!S_ISREG(info.st_mode) && !S_ISLNK(info.st_mode)) {
            o->fd = open(o->path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
            return o->fd < 0 ? cannot_create(ctx, o->path) : CXS_OK;
        }
    }
    return create_temp(ctx, o->path, mode, &o->temp, &o->fd);
}

static cxs_rc open_mode(cxs_ctx *ctx, const char *path, mode_t mode, cxs_out **out)
{
    cxs_out *o = NULL;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_NEW(o, 1);
    o->fd = -1;
    CXS_NEW(o->buffer, BUFFER_BYTES);
    if ((o->path = cxs_strdup(ctx, path)) == NULL)
        CXS_TRY(CXS_ENOMEM);
    CXS_TRY(open_target(ctx, o, mode));
    *out = o;
    o = NULL;
done:
    cxs_out_abort(o);
    return rc;
}

cxs_rc cxs_out_open(cxs_ctx *ctx, const char *path, cxs_out **out)
{
    return open_mode(ctx, path, 0666, out);
}

cxs_rc cxs_out_open_private(cxs_ctx *ctx, const char *path, cxs_out **out)
{
    return open_mode(ctx, path, 0600, out);
}

/* ---- writing --------------------------------------------------------------------- */

static cxs_rc write_all(cxs_ctx *ctx, cxs_out *o, const char *bytes, size_t n)
{
    while (n > 0) {
        const ssize_t written = write(o->fd, bytes, n);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return cannot_write(ctx, o->path);
        bytes += written;
        n -= (size_t)written;
    }
    return CXS_OK;
}

static cxs_rc flush(cxs_ctx *ctx, cxs_out *o)
{
    const size_t n = o->used;

    o->used = 0;
    return write_all(ctx, o, o->buffer, n);
}

cxs_rc cxs_out_write(cxs_ctx *ctx, cxs_out *out, const void *bytes, size_t n)
{
    cxs_rc rc = CXS_OK;

    if (n > BUFFER_BYTES - out->used)
        CXS_TRY(flush(ctx, out));
    if (n > BUFFER_BYTES)
        return write_all(ctx, out, bytes, n);
    if (n > 0)
        memcpy(out->buffer + out->used, bytes, n);
    out->used += n;
done:
    return rc;
}

cxs_rc cxs_out_printf(cxs_ctx *ctx, cxs_out *out, const char *fmt, ...)
{
    va_list args;
    char *text = NULL;
    int n;
    cxs_rc rc = CXS_OK;

    va_start(args, fmt);
    n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (n < 0)
        return cxs_fail(ctx, CXS_EBUG, "%s: cannot format text", out->path);
    CXS_NEW(text, (size_t)n + 1);
    va_start(args, fmt);
    vsnprintf(text, (size_t)n + 1, fmt, args);
    va_end(args);
    CXS_TRY(cxs_out_write(ctx, out, text, (size_t)n));
done:
    cxs_free(text);
    return rc;
}

static cxs_rc put_separator(cxs_ctx *ctx, cxs_out *out)
{
    if (out->row_open)
        return cxs_out_write(ctx, out, "\t", 1);
    out->row_open = true;
    return CXS_OK;
}

static bool is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f;
}

cxs_rc cxs_out_text(cxs_ctx *ctx, cxs_out *out, const char *cell)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(put_separator(ctx, out));
    while (*cell != '\0') {
        size_t n = 0;
        while (cell[n] != '\0' && !is_control(cell[n]))
            n++;
        CXS_TRY(cxs_out_write(ctx, out, cell, n));
        cell += n;
        if (*cell != '\0')
            CXS_TRY(cxs_out_printf(ctx, out, "\\x%02X", (unsigned char)*cell++));
    }
done:
    return rc;
}

cxs_rc cxs_out_real(cxs_ctx *ctx, cxs_out *out, double value)
{
    char text[CXS_NUMBER_BYTES];
    cxs_rc rc = CXS_OK;

    CXS_TRY(put_separator(ctx, out));
    CXS_TRY(cxs_out_write(ctx, out, text, cxs_number_format(value, text)));
done:
    return rc;
}

cxs_rc cxs_out_size(cxs_ctx *ctx, cxs_out *out, size_t value)
{
    char text[CXS_NUMBER_BYTES];
    cxs_rc rc = CXS_OK;

    CXS_TRY(put_separator(ctx, out));
    CXS_TRY(cxs_out_write(ctx, out, text,
                          (size_t)snprintf(text, sizeof text, "%zu", value)));
done:
    return rc;
}

cxs_rc cxs_out_row_end(cxs_ctx *ctx, cxs_out *out)
{
    out->row_open = false;
    return cxs_out_write(ctx, out, "\n", 1);
}

/* ---- ending ---------------------------------------------------------------------- */

/* Rename and sync the folder, which is opened first so that nothing but a real I/O
 * error can fail once the file is in place.  A folder that cannot be opened or synced
 * (no read permission, some network disks) is passed over: the file itself is safe. */
static cxs_rc rename_synced(cxs_ctx *ctx, const char *temp, const char *path)
{
    const size_t n = folder_length(path);
    char *folder = n > 0 ? cxs_strndup(ctx, path, n) : cxs_strdup(ctx, ".");
    cxs_rc rc = CXS_OK;
    int fd;

    if (folder == NULL)
        return CXS_ENOMEM;
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (rename(temp, path) != 0)
        rc = cannot_write(ctx, path);
    else if (fd >= 0 && fsync(fd) != 0 && errno == EIO)
        rc = cannot_write(ctx, path);
    if (fd >= 0)
        close(fd);
    cxs_free(folder);
    return rc;
}

cxs_rc cxs_out_commit(cxs_ctx *ctx, cxs_out *out)
{
    cxs_rc rc = CXS_OK;
    int fd;

    CXS_TRY(flush(ctx, out));
    if (out->temp != NULL && fsync(out->fd) != 0)
        CXS_TRY(cannot_write(ctx, out->path));
    fd = out->fd;
    out->fd = -1;
    if (fd != STDOUT_FILENO && close(fd) != 0)
        CXS_TRY(cannot_write(ctx, out->path));
    if (out->temp == NULL)
        goto done;
    CXS_TRY(rename_synced(ctx, out->temp, out->path));
    forget_temp(out->temp);
    cxs_free(out->temp);
    out->temp = NULL;
done:
    cxs_out_abort(out);
    return rc;
}

void cxs_out_abort(cxs_out *out)
{
    if (out == NULL)
        return;
    if (out->fd > STDERR_FILENO)
        close(out->fd);
    if (out->temp != NULL)
        cxs_out_discard(out->temp);
    cxs_free(out->temp);
    cxs_free(out->path);
    cxs_free(out->buffer);
    cxs_free(out);
}

cxs_rc cxs_out_temp_name(cxs_ctx *ctx, const char *path, char **temp)
{
    int fd = -1;
    cxs_rc rc = CXS_OK;

    *temp = NULL;
    CXS_TRY(create_temp(ctx, path, 0666, temp, &fd));
    close(fd);
done:
    return rc;
}

cxs_rc cxs_out_rename(cxs_ctx *ctx, const char *temp, const char *path)
{
    const int fd = open(temp, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    cxs_rc rc = CXS_OK;

    if (fd < 0)
        CXS_TRY(cannot_write(ctx, path));
    if (fsync(fd) != 0)
        CXS_TRY(cannot_write(ctx, path));
    CXS_TRY(rename_synced(ctx, temp, path));
    forget_temp(temp);
done:
    if (fd >= 0)
        close(fd);
    if (rc != CXS_OK)
        cxs_out_discard(temp);
    return rc;
}

/* ---- folders --------------------------------------------------------------------- */

static cxs_rc make_one_folder(cxs_ctx *ctx, const char *path)
{
    struct stat info;

    if (mkdir(path, 0777) == 0)
        return CXS_OK;
    if (errno == EEXIST && stat(path, &info) == 0 && !S_ISDIR(info.st_mode))
        errno = ENOTDIR;
    else if (errno == EEXIST)
        return CXS_OK;
    return cannot_create(ctx, path);
}

cxs_rc cxs_make_folder(cxs_ctx *ctx, const char *path)
{
    char *part = cxs_strdup(ctx, path);
    cxs_rc rc = CXS_OK;

    if (part == NULL)
        return CXS_ENOMEM;
    for (char *p = part; *p != '\0'; p++) {
        if (*p != '/' || p == part)
            continue;
        *p = '\0';
        CXS_TRY(make_one_folder(ctx, part));
        *p = '/';
    }
    if (*part != '\0')
        CXS_TRY(make_one_folder(ctx, part));
done:
    cxs_free(part);
    return rc;
}
