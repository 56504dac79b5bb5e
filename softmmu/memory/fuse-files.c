/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Our end of fuse-files.h: starts the keeper, opens files, takes pages away.
 * Nothing of the keeper's is believed but the memory it shares with us.
 */
#include "qemu/osdep.h"
#include <fcntl.h>
#include <linux/fuse.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "qapi/error.h"
#include "fuse-keeper.h"

struct FuseFiles {
    EventNotifier wake;
    FuseKeeper keeper;          /* as our end has it */
    int root;                   /* the folder; no path leads there */
    unsigned serial;            /* of the next file's name */
};

/* What the keeper says when it has mounted. */
typedef struct Report {
    int err;
    char step[48];
} Report;

/* ---- the keeper's first steps, after fork(): system calls only ---- */

static void send_report(int socket, const Report *report, int root, int dev)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(2 * sizeof(int))];
    } control = { 0 };
    struct iovec iov = { (void *)report, sizeof(*report) };
    struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
    int fds[2] = { root, dev };

    if (!report->err) {
        msg.msg_control = &control;
        msg.msg_controllen = sizeof(control);
        control.header = (struct cmsghdr) {
            .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(fds)),
        };
        memcpy(CMSG_DATA(&control.header), fds, sizeof(fds));
    }
    sendmsg(socket, &msg, MSG_NOSIGNAL);
}

/* What our process has open is not to stay open for as long as a client likes. */
static void close_all_but(int a, int b)
{
    int low = MIN(a, b), high = MAX(a, b);

    close_range(3, low - 1, 0);
    close_range(low + 1, high - 1, 0);
    close_range(high + 1, ~0U, 0);
}

static void G_GNUC_NORETURN keeper_main(FuseKeeper *k, int socket)
{
    Report report = { 0 };
    const char *step = "";
    int root;

    setsid();
    prctl(PR_SET_NAME, "doorbell-keeper");
    root = fuse_keeper_mount(k, &step);
    report.err = root < 0 ? -root : 0;
    strncpy(report.step, step, sizeof(report.step) - 1);
    send_report(socket, &report, root, k->dev);
    if (!report.err) {
        close_all_but(k->dev, k->wake);
        fuse_keeper_run(k);
    }
    _exit(0);
}

/* Twice, so that nobody of ours has to wait for it to end. */
static bool start_keeper(FuseKeeper *k, int socket)
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        sigset_t none;

        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        pid = fork();
        if (pid == 0) {
            keeper_main(k, socket);
        }
        _exit(pid < 0);
    }
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

/* ---- our side ---- */

static bool take_report(FuseFiles *f, int socket, Error **errp)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(2 * sizeof(int))];
    } control;
    Report report = { .err = EIO, .step = "start a process for a file system" };
    struct iovec iov = { &report, sizeof(report) };
    struct msghdr msg = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
        .msg_controllen = sizeof(control),
    };
    int fds[2];

    if (recvmsg(socket, &msg, MSG_CMSG_CLOEXEC) != sizeof(report) || report.err ||
        !CMSG_FIRSTHDR(&msg) || control.header.cmsg_len != CMSG_LEN(sizeof(fds))) {
        error_setg_errno(errp, report.err ? report.err : EIO, "cannot %s", report.step);
        error_append_hint(errp, "Waking up by doorbells takes /dev/fuse and root, or user "
                          "namespaces.\n");
        return false;
    }
    memcpy(fds, CMSG_DATA(&control.header), sizeof(fds));
    f->root = fds[0];
    f->keeper.dev = fds[1];
    return true;
}

static bool connect_keeper(FuseFiles *f, Error **errp)
{
    int pair[2];
    bool ok;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
        error_setg_errno(errp, errno, "cannot make a socket pair");
        return false;
    }
    ok = start_keeper(&f->keeper, pair[1]);
    close(pair[1]);             /* a keeper that dies early is then noticed */
    if (!ok) {
        error_setg(errp, "cannot start a process for a file system in user space");
    } else {
        ok = take_report(f, pair[0], errp);
    }
    close(pair[0]);
    return ok;
}

FuseFiles *fuse_files_new(size_t size, Error **errp)
{
    g_autoptr(FuseFiles) f = g_new0(FuseFiles, 1);
    void *data = mmap(NULL, size * FUSE_FILES_MAX, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    f->root = f->keeper.dev = f->keeper.wake = -1;
    f->keeper.size = size;
    f->keeper.data = data == MAP_FAILED ? NULL : data;
    if (!f->keeper.data || event_notifier_init(&f->wake, false) < 0) {
        error_setg(errp, "no memory for files in user space");
        return NULL;
    }
    f->keeper.wake = event_notifier_get_fd(&f->wake);
    return connect_keeper(f, errp) ? g_steal_pointer(&f) : NULL;
}

void fuse_files_free(FuseFiles *f)
{
    if (!f) {
        return;
    }
    if (f->root >= 0) {
        close(f->root);
        close(f->keeper.dev);
    }
    if (f->keeper.wake >= 0) {
        event_notifier_cleanup(&f->wake);
    }
    if (f->keeper.data) {
        munmap(f->keeper.data, f->keeper.size * FUSE_FILES_MAX);
    }
    g_free(f);
}

int fuse_files_open(FuseFiles *f, Error **errp)
{
    g_autofree char *name = g_strdup_printf("%u", f->serial++);
    int fd = openat(f->root, name, O_RDWR | O_CLOEXEC);

    if (fd < 0) {
        error_setg_errno(errp, errno, "cannot make a file in user space");
    }
    return fd;
}

EventNotifier *fuse_files_notifier(FuseFiles *f)
{
    return &f->wake;
}

const void *fuse_files_invalidate(FuseFiles *f, int fd, size_t offset, size_t size)
{
    struct {
        struct fuse_out_header header;
        struct fuse_notify_inval_inode_out range;
    } msg = { .header = { .len = sizeof(msg), .error = FUSE_NOTIFY_INVAL_INODE } };
    struct stat st;

    if (fstat(fd, &st) < 0 || st.st_ino - FUSE_FIRST_NODE >= FUSE_FILES_MAX) {
        return NULL;
    }
    msg.range = (struct fuse_notify_inval_inode_out) {
        .ino = st.st_ino, .off = offset, .len = size,
    };
    if (write(f->keeper.dev, &msg, sizeof(msg)) != sizeof(msg)) {
        return NULL;
    }
    return f->keeper.data + (st.st_ino - FUSE_FIRST_NODE) * f->keeper.size + offset;
}
