/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The keeper: answers the kernel for the files of fuse-files.h. It is the child
 * of a process that may have threads, so it makes system calls and nothing
 * else. It runs as long as the file system exists, which may be longer than
 * its parent does.
 *
 * Whoever has a file can read and write it, map it, and that is all.
 */
#include "qemu/osdep.h"
#include <fcntl.h>
#include <linux/fuse.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include "fuse-keeper.h"

enum { WRITE_MAX = 64 * 1024, FOREVER_S = 1 << 30 };

/* One of a kind in its process, and too large for a stack. */
static struct {
    union {
        struct fuse_in_header header;
        uint8_t bytes[WRITE_MAX + FUSE_MIN_READ_BUFFER];
    } in;
    bool used[FUSE_FILES_MAX];
} state;

/* ---- mounting ---- */

static bool put_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));

    if (fd >= 0) {
        close(fd);
    }
    return n >= 0;
}

static char *decimal(char *end, unsigned value)
{
    *--end = '\0';
    do {
        *--end = '0' + value % 10;
        value /= 10;
    } while (value);
    return end;
}

/* The same user and no other, who may mount there. */
static bool enter_user_namespace(uid_t uid)
{
    char number[16], map[64] = "";
    const char *id = decimal(number + sizeof(number), uid);

    strcat(map, id);
    strcat(map, " ");
    strcat(map, id);
    strcat(map, " 1");
    return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 && put_file("/proc/self/setgroups", "deny") &&
           put_file("/proc/self/uid_map", map);
}

static int configure(int fs, const FuseKeeper *k, bool for_all)
{
    char dev[16], uid[16];
    int ret = fsconfig(fs, FSCONFIG_SET_STRING, "fd", decimal(dev + sizeof(dev), k->dev), 0);

    ret |= fsconfig(fs, FSCONFIG_SET_STRING, "rootmode", "40000", 0);
    ret |= fsconfig(fs, FSCONFIG_SET_STRING, "user_id", decimal(uid + sizeof(uid), geteuid()), 0);
    ret |= fsconfig(fs, FSCONFIG_SET_STRING, "group_id", "0", 0);
    if (for_all) {
        ret |= fsconfig(fs, FSCONFIG_SET_FLAG, "allow_other", NULL, 0);
    }
    return ret ? ret : fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
}

int fuse_keeper_mount(FuseKeeper *k, const char **step)
{
    uid_t uid = geteuid();
    bool for_all = true;
    int fs = fsopen("fuse", FSOPEN_CLOEXEC);

    *step = "open a file system in user space";
    if (fs < 0 && errno == EPERM) {
        for_all = false;
        fs = enter_user_namespace(uid) ? fsopen("fuse", FSOPEN_CLOEXEC) : -1;
    }
    if (fs < 0) {
        return -errno;
    }
    *step = "open /dev/fuse";
    k->dev = open("/dev/fuse", O_RDWR | O_CLOEXEC);
    if (k->dev < 0) {
        return -errno;
    }
    *step = "mount a file system in user space";
    if (configure(fs, k, for_all) < 0) {
        return -errno;
    }
    fs = fsmount(fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
    return fs < 0 ? -errno : fs;
}

/* ---- answers ---- */

/* An asker that is gone is no concern of ours. */
static void answer(const FuseKeeper *k, int err, const void *data, size_t len)
{
    struct fuse_out_header out = {
        .len = sizeof(out) + len, .error = -err, .unique = state.in.header.unique,
    };
    struct iovec iov[2] = { { &out, sizeof(out) }, { (void *)data, len } };
    ssize_t G_GNUC_UNUSED n = writev(k->dev, iov, len ? 2 : 1);
}

static const void *argument(void)
{
    return state.in.bytes + sizeof(struct fuse_in_header);
}

/* NULL: no file of ours. */
static uint8_t *file_of(const FuseKeeper *k, uint64_t node)
{
    return node - FUSE_FIRST_NODE < FUSE_FILES_MAX ? k->data + (node - FUSE_FIRST_NODE) * k->size
                                                   : NULL;
}

static struct fuse_attr attributes(const FuseKeeper *k, uint64_t node)
{
    bool root = node == FUSE_ROOT_ID;

    return (struct fuse_attr) {
        .ino = node, .size = root ? 0 : k->size, .nlink = 1, .blksize = 4096,
        .mode = root ? S_IFDIR | 0700 : S_IFREG | 0666, .uid = geteuid(),
    };
}

static void on_init(const FuseKeeper *k)
{
    const struct fuse_init_in *in = argument();
    struct fuse_init_out out = {
        .major = FUSE_KERNEL_VERSION, .minor = MIN(in->minor, FUSE_KERNEL_MINOR_VERSION),
        .max_write = WRITE_MAX, .max_background = 16, .congestion_threshold = 12, .time_gran = 1,
    };

    answer(k, 0, &out, sizeof(out));
}

/* Every name that is asked for is a new file. */
static void on_lookup(const FuseKeeper *k)
{
    struct fuse_entry_out out = { .attr_valid = FOREVER_S };

    for (unsigned i = 0; i < FUSE_FILES_MAX; i++) {
        if (!state.used[i]) {
            state.used[i] = true;
            memset(k->data + i * k->size, 0, k->size);
            out.nodeid = FUSE_FIRST_NODE + i;
            out.attr = attributes(k, out.nodeid);
            answer(k, 0, &out, sizeof(out));
            return;
        }
    }
    answer(k, ENOSPC, NULL, 0);
}

static void forget(uint64_t node)
{
    if (node - FUSE_FIRST_NODE < FUSE_FILES_MAX) {
        state.used[node - FUSE_FIRST_NODE] = false;
    }
}

static void on_forget(const FuseKeeper *k)
{
    forget(state.in.header.nodeid);
}

static void on_batch_forget(const FuseKeeper *k)
{
    const struct fuse_batch_forget_in *in = argument();
    const struct fuse_forget_one *one = (const void *)(in + 1);

    for (uint32_t i = 0; i < in->count; i++) {
        forget(one[i].nodeid);
    }
}

static void on_getattr(const FuseKeeper *k)
{
    struct fuse_attr_out out = {
        .attr_valid = FOREVER_S, .attr = attributes(k, state.in.header.nodeid),
    };

    answer(k, 0, &out, sizeof(out));
}

static void on_open(const FuseKeeper *k)
{
    struct fuse_open_out out = { .open_flags = FOPEN_KEEP_CACHE | FOPEN_NOFLUSH };

    answer(k, file_of(k, state.in.header.nodeid) ? 0 : EACCES, &out,
           file_of(k, state.in.header.nodeid) ? sizeof(out) : 0);
}

static void tell(const FuseKeeper *k)
{
    static const uint64_t one = 1;
    ssize_t G_GNUC_UNUSED n = write(k->wake, &one, sizeof(one));
}

static void on_read(const FuseKeeper *k)
{
    const struct fuse_read_in *in = argument();
    const uint8_t *file = file_of(k, state.in.header.nodeid);

    if (!file) {
        answer(k, EISDIR, NULL, 0);
        return;
    }
    answer(k, 0, file + MIN(in->offset, k->size),
           in->offset < k->size ? MIN(in->size, k->size - in->offset) : 0);
    tell(k);
}

static void on_write(const FuseKeeper *k)
{
    const struct fuse_write_in *in = argument();
    uint8_t *file = file_of(k, state.in.header.nodeid);
    struct fuse_write_out out = { .size = in->size };

    if (!file || in->size > k->size || in->offset > k->size - in->size) {
        answer(k, EFBIG, NULL, 0);
        return;
    }
    memcpy(file + in->offset, in + 1, in->size);
    answer(k, 0, &out, sizeof(out));
    if (!(in->write_flags & FUSE_WRITE_CACHE)) {
        tell(k);                /* pwrite(): no page was missed for it */
    }
}

static void on_nothing_to_do(const FuseKeeper *k)
{
    answer(k, 0, NULL, 0);
}

static void on_change(const FuseKeeper *k)
{
    answer(k, EPERM, NULL, 0);
}

static void on_no_answer(const FuseKeeper *k)
{
}

static void (*const operations[])(const FuseKeeper *k) = {
    [FUSE_INIT] = on_init, [FUSE_LOOKUP] = on_lookup, [FUSE_FORGET] = on_forget,
    [FUSE_BATCH_FORGET] = on_batch_forget, [FUSE_GETATTR] = on_getattr, [FUSE_OPEN] = on_open,
    [FUSE_READ] = on_read, [FUSE_WRITE] = on_write, [FUSE_RELEASE] = on_nothing_to_do,
    [FUSE_FSYNC] = on_nothing_to_do, [FUSE_INTERRUPT] = on_no_answer, [FUSE_SETATTR] = on_change,
    [FUSE_FALLOCATE] = on_change,
};

void fuse_keeper_run(const FuseKeeper *k)
{
    for (;;) {
        ssize_t n = read(k->dev, state.in.bytes, sizeof(state.in.bytes));
        uint32_t op = state.in.header.opcode;

        if (n < 0 && (errno == EINTR || errno == EAGAIN || errno == ENOENT)) {
            continue;
        }
        if (n < (ssize_t)sizeof(state.in.header)) {
            return;             /* unmounted */
        }
        if (op < ARRAY_SIZE(operations) && operations[op]) {
            operations[op](k);
        } else {
            answer(k, ENOSYS, NULL, 0);
        }
    }
}
