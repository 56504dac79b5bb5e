/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Our end of fuse-files.h: starts the keeper, opens files, takes pages away.
 * Nothing of the keeper's is believed but the memory it shares with us.
 */
#include "qemu/osdep.h"
#include <fcntl.h>
#include <linux/fuse.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "qapi/error.h"
#include "fuse-keeper.h"
#include "fuse-worker.h"

struct FuseFiles {
    EventNotifier wake;
    FuseKeeper keeper;          /* as our end has it; dev -1: the keeper is dead */
    FuseWorker *worker;         /* who waits for the keeper */
    int alive;                  /* a socket whose other end the keeper has */
    pid_t pid;                  /* the keeper's, for tests and messages */
    int root;                   /* the folder; no path leads there */
    unsigned serial;            /* of the next file's name */
};

/* What the keeper says when it has mounted. */
typedef struct Report {
    int err;
    pid_t pid;
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
static void close_all_but(const int *fds, unsigned count)
{
    unsigned from = 3;

    for (;;) {
        unsigned next = ~0U;

        for (unsigned i = 0; i < count; i++) {
            next = (unsigned)fds[i] >= from ? MIN(next, (unsigned)fds[i]) : next;
        }
        if (next > from) {
            close_range(from, next - 1, 0);
        }
        if (next == ~0U) {
            return;
        }
        from = next + 1;
    }
}

static void G_GNUC_NORETURN keeper_main(FuseKeeper *k, int socket)
{
    Report report = { .pid = getpid() };
    const char *step = "";
    int root;

    setsid();
    prctl(PR_SET_NAME, "doorbell-keeper");
    root = fuse_keeper_mount(k, &step);
    report.err = root < 0 ? -root : 0;
    strncpy(report.step, step, sizeof(report.step) - 1);
    send_report(socket, &report, root, k->dev);
    if (!report.err) {
        const int needed[] = { k->dev, k->wake, socket };

        close_all_but(needed, ARRAY_SIZE(needed));
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

/*
 * A device of our own: what the keeper has not answered is then ended when it dies,
 * and what it has not even read can be answered by us.
 */
static int own_device(int keepers)
{
    uint32_t from = keepers;
    int dev = open("/dev/fuse", O_RDWR | O_CLOEXEC | O_NONBLOCK);

    if (dev >= 0 && ioctl(dev, FUSE_DEV_IOC_CLONE, &from) == 0) {
        close(keepers);
        return dev;
    }
    if (dev >= 0) {
        close(dev);
    }
    return keepers;
}

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
    f->keeper.dev = own_device(fds[1]);
    f->pid = report.pid;
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
    f->alive = pair[0];
    return ok;
}

FuseFiles *fuse_files_new(size_t size, Error **errp)
{
    g_autoptr(FuseFiles) f = g_new0(FuseFiles, 1);
    void *data = mmap(NULL, size * FUSE_FILES_MAX, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    f->root = f->keeper.dev = f->keeper.wake = f->alive = -1;
    f->keeper.size = size;
    f->keeper.data = data == MAP_FAILED ? NULL : data;
    if (!f->keeper.data || event_notifier_init(&f->wake, false) < 0) {
        error_setg(errp, "no memory for files in user space");
        return NULL;
    }
    f->keeper.wake = event_notifier_get_fd(&f->wake);
    if (!connect_keeper(f, errp)) {
        return NULL;
    }
    f->worker = fuse_worker_new(f->keeper.wake, errp);
    return f->worker ? g_steal_pointer(&f) : NULL;
}

void fuse_files_free(FuseFiles *f)
{
    if (!f) {
        return;
    }
    fuse_worker_free(f->worker);
    fuse_files_abandon(f);
    if (f->root >= 0) {
        close(f->root);
    }
    if (f->alive >= 0) {
        close(f->alive);
    }
    if (f->keeper.wake >= 0) {
        event_notifier_cleanup(&f->wake);
    }
    if (f->keeper.data) {
        munmap(f->keeper.data, f->keeper.size * FUSE_FILES_MAX);
    }
    g_free(f);
}

/* ---- what waits for the keeper: in the thread ---- */

static int duplicate(int fd)
{
    return fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

static int run_open(const FuseCall *call)
{
    char name[16];
    int fd;

    snprintf(name, sizeof(name), "%u", call->serial);
    fd = openat(call->dir, name, O_RDWR | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

static void drop_file(const FuseCall *call, int fd)
{
    if (fd >= 0) {
        close(fd);
    }
}

/* The keeper refuses it; what counts is that it says so. */
static int run_ping(const FuseCall *call)
{
    return fallocate(call->fd, 0, 0, 1) < 0 && errno != EPERM ? -errno : 0;
}

/* As a touch, but for a signal where there is nothing. */
static int run_fetch(const FuseCall *call)
{
    uint8_t byte;

    return pread(call->fd, &byte, 1, call->offset) == 1 ? 0 : -EIO;
}

static void fetch_again(const FuseCall *call, int result)
{
    run_fetch(call);
}

/* Which file it is; even that may be asked of the keeper. */
static int run_invalidate(const FuseCall *call)
{
    struct {
        struct fuse_out_header header;
        struct fuse_notify_inval_inode_out range;
    } msg = {
        .header = { .len = sizeof(msg), .error = FUSE_NOTIFY_INVAL_INODE },
        .range = { .off = call->offset, .len = call->size },
    };
    struct stat st;

    if (fstat(call->fd, &st) < 0 || st.st_ino - FUSE_FIRST_NODE >= FUSE_FILES_MAX) {
        return -EIO;
    }
    msg.range.ino = st.st_ino;
    return write(call->dir, &msg, sizeof(msg)) == sizeof(msg) ? st.st_ino - FUSE_FIRST_NODE : -EIO;
}

/* ---- and in the domain ---- */

int fuse_files_open(FuseFiles *f, Error **errp)
{
    int fd = fuse_worker_call(f->worker, (FuseCall) {
        .run = run_open, .late = drop_file, .fd = -1, .dir = duplicate(f->root),
        .serial = f->serial++,
    });

    if (fd < 0) {
        error_setg_errno(errp, -fd, "cannot make a file in user space");
    }
    return fd;
}

bool fuse_files_answer(FuseFiles *f, int fd)
{
    return fuse_worker_call(f->worker, (FuseCall) {
        .run = run_ping, .fd = duplicate(fd), .dir = -1,
    }) == 0;
}

bool fuse_files_fetch(FuseFiles *f, int fd, size_t offset)
{
    return fuse_worker_call(f->worker, (FuseCall) {
        .run = run_fetch, .fd = duplicate(fd), .dir = -1, .offset = offset,
    }) == 0;
}

bool fuse_files_are_stuck(FuseFiles *f)
{
    return fuse_worker_is_late(f->worker);
}

int fuse_files_alive_fd(FuseFiles *f)
{
    return f->alive;
}

pid_t fuse_files_keeper(FuseFiles *f)
{
    return f->pid;
}

bool fuse_files_keeper_is_dead(FuseFiles *f)
{
    char byte;

    return f->keeper.dev < 0 || recv(f->alive, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

/* Who waits for the keeper of a file that it has not read the question about. */
static void refuse_all(int dev)
{
    enum { LARGEST = 128 * 1024 };
    g_autofree struct fuse_in_header *in = g_malloc(LARGEST);

    while (fcntl(dev, F_GETFL) & O_NONBLOCK && read(dev, in, LARGEST) > 0) {
        struct fuse_out_header out = {
            .len = sizeof(out), .error = -ENOTCONN, .unique = in->unique,
        };
        ssize_t G_GNUC_UNUSED n = write(dev, &out, sizeof(out));
    }
}

void fuse_files_abandon(FuseFiles *f)
{
    if (f->keeper.dev >= 0) {
        if (fuse_files_keeper_is_dead(f)) {
            refuse_all(f->keeper.dev);
        }
        close(g_steal_fd(&f->keeper.dev));
    }
}

EventNotifier *fuse_files_notifier(FuseFiles *f)
{
    return &f->wake;
}

const void *fuse_files_invalidate(FuseFiles *f, int fd, size_t offset, size_t size)
{
    int file = fuse_worker_call(f->worker, (FuseCall) {
        .run = run_invalidate, .late = fetch_again, .fd = duplicate(fd),
        .dir = duplicate(f->keeper.dev), .offset = offset, .size = size,
    });

    return file < 0 ? NULL : f->keeper.data + file * f->keeper.size + offset;
}
