/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Opening what `filename` names: a regular file or a block device and nothing
 * else, as the driver says, without waiting for a FIFO's other end. The name may
 * be that of a set of descriptors that a monitor was given (/dev/fdset/ID).
 */
#include "qemu/osdep.h"
#include "file-int.h"
#include "qapi/error.h"
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

enum {
    CLOSE_WAIT_MS = 50,         /* far more than a medium needs that works */
};

static const char *path_of(const char *filename)
{
    return g_str_has_prefix(filename, "file:") ? filename + strlen("file:") : filename;
}

static int try_open(const char *path, bool read_only, bool direct)
{
    return qemu_open_old(path, (read_only ? O_RDONLY : O_RDWR) | (direct ? O_DIRECT : 0) |
                               O_NOCTTY | O_NONBLOCK);
}

static bool not_writable(int err)
{
    return err == EACCES || err == EPERM || err == EROFS;
}

static void cannot_open(const char *path, int err, bool read_only, bool direct, Error **errp)
{
    const char *remedy = "";

    if (err == EINVAL && direct) {
        remedy = ": its file system has no O_DIRECT, use cache.direct=off";
    } else if (not_writable(err) && !read_only && access(path, R_OK) == 0) {
        remedy = ": use read-only=on, or auto-read-only=on";
    }
    error_setg(errp, "Could not open '%s': %s%s", path, strerror(err), remedy);
}

static int open_path(BlockDriverState *bs, const char *path, Error **errp)
{
    int fd = try_open(path, bs->read_only, bs->direct);
    int err = errno;

    if (fd < 0 && not_writable(err) && !bs->read_only && bs->auto_read_only) {
        fd = try_open(path, true, bs->direct);
        bs->read_only = fd >= 0;
    }
    if (fd < 0) {
        cannot_open(path, err, bs->read_only, bs->direct, errp);
    }
    return fd;
}

/*
 * What a descriptor from a set lacks, and what only open() was for: a flag that says
 * "do not wait" makes io_uring give up instead of waiting in a thread.
 */
static bool set_flags(int fd, const char *path, bool direct, Error **errp)
{
    int flags = fcntl(fd, F_GETFL);
    int wanted = (flags & ~O_NONBLOCK) | (direct ? O_DIRECT : 0);

    if (flags < 0 || (wanted != flags && fcntl(fd, F_SETFL, wanted) < 0)) {
        error_setg_errno(errp, errno, "Could not open '%s': cannot set its flags", path);
        return false;
    }
    return true;
}

static bool check_type(const char *path, BlockdevDriver kind, mode_t mode, Error **errp)
{
    const char *remedy = S_ISBLK(mode) ? ": use driver=host_device" :
                         S_ISREG(mode) ? ": use driver=file" : "";

    if (kind == BLOCKDEV_DRIVER_FILE ? S_ISREG(mode) : S_ISBLK(mode)) {
        return true;
    }
    error_setg(errp, "Could not open '%s': it is no %s, which driver '%s' needs%s", path,
               kind == BLOCKDEV_DRIVER_FILE ? "regular file" : "block device",
               BlockdevDriver_str(kind), remedy);
    return false;
}

static bool learn_type(FileMedium *m, BlockdevDriver kind, Error **errp)
{
    struct stat st;
    int sector;

    if (fstat(m->fd, &st) < 0) {
        error_setg_errno(errp, errno, "Could not open '%s': cannot look at it", m->name);
        return false;
    }
    if (!check_type(m->name, kind, st.st_mode, errp)) {
        return false;
    }
    m->block_device = S_ISBLK(st.st_mode);
    m->sector = 1;
    if (m->block_device) {
        m->sector = ioctl(m->fd, BLKSSZGET, &sector) == 0 && sector > 0 ? sector : 512;
    }
    return true;
}

/* A directory is refused by open() when it is to be written; say the same of both. */
static bool refuse_directory(const char *path, BlockdevDriver kind, Error **errp)
{
    struct stat st;

    return stat(path, &st) < 0 || !S_ISDIR(st.st_mode) ||
           check_type(path, kind, st.st_mode, errp);
}

static FileMedium *medium_new(int fd, const char *path, bool direct)
{
    FileMedium *m = g_new0(FileMedium, 1);

    m->refs = 1;
    m->fd = fd;
    m->name = g_strdup(path);
    m->direct = direct;
    m->close_wait_ms = CLOSE_WAIT_MS;
    qemu_mutex_init(&m->lock);
    QTAILQ_INIT(&m->orphans);
    return m;
}

/* Nobody waits for a lock on what may take for ever to close. */
static void drop_locks(int fd)
{
    struct flock all = { .l_type = F_UNLCK, .l_whence = SEEK_SET };

    fcntl(fd, F_OFD_SETLK, &all);
}

void file_medium_unref(FileMedium *m)
{
    if (m && qatomic_fetch_dec(&m->refs) == 1) {
        g_assert(QTAILQ_EMPTY(&m->orphans) && !m->orphan_ended);
        drop_locks(m->fd);
        file_close_fd(m->fd, m->close_wait_ms);
        qemu_mutex_destroy(&m->lock);
        g_free(m->name);
        g_free(m);
    }
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FileMedium, file_medium_unref)

FileMedium *file_medium_open(BlockDriverState *bs, const BlockdevOptions *options, Error **errp)
{
    const BlockdevOptionsFile *file = &options->u.file;
    OnOffAuto locking = file->has_locking ? file->locking : ON_OFF_AUTO_AUTO;
    const char *path = path_of(file->filename);
    g_autoptr(FileMedium) m = NULL;
    int fd;

    if (!refuse_directory(path, options->driver, errp)) {
        return NULL;
    }
    fd = open_path(bs, path, errp);
    if (fd < 0) {
        return NULL;
    }
    m = medium_new(fd, path, bs->direct);
    if (!learn_type(m, options->driver, errp) || !set_flags(fd, path, bs->direct, errp) ||
        !file_lock(fd, path, bs->read_only, bs->force_share, locking, errp) ||
        !file_probe_alignment(m, errp)) {
        return NULL;
    }
    return g_steal_pointer(&m);
}
