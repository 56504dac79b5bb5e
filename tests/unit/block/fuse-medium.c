/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuse-medium.h"
#include "qemu/atomic.h"

#include <glib/gstdio.h>
#include <linux/falloc.h>
#include <linux/fuse.h>
#include <poll.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum {
    MAX_WRITE = 128 * 1024,
    FILE_NODE = 2,
    BUFFER = MAX_WRITE + 4096,
};

typedef struct Request {
    struct fuse_in_header *in;
    void *arg;                  /* behind the header */
    uint8_t bytes[BUFFER];
} Request;

typedef struct Server {
    FuseMedium *m;
    int fd;
    GQueue parked;              /* Request, owned */
} Server;

/* ---- answers ---- */

static void reply(Server *s, const Request *r, int error, const void *data, size_t len)
{
    struct fuse_out_header out = {
        .len = sizeof(out) + len, .error = -error, .unique = r->in->unique,
    };
    struct iovec iov[2] = { { &out, sizeof(out) }, { (void *)data, len } };

    /* ENOENT: the caller was killed meanwhile. */
    if (writev(s->fd, iov, 2) < 0) {
        g_assert_true(errno == ENOENT || errno == ENODEV);
    }
}

static void fill_attr(const FuseMedium *m, uint64_t node, struct fuse_attr *attr)
{
    *attr = (struct fuse_attr) {
        .ino = node,
        .mode = node == FUSE_ROOT_ID ? S_IFDIR | 0755 : S_IFREG | 0600,
        .nlink = 1,
        .size = node == FUSE_ROOT_ID ? 0 : m->length,
        .blksize = 4096,
        .uid = getuid(),
        .gid = getgid(),
    };
}

/* ---- operations: 0 or an errno; they reply on success ---- */

static int op_init(Server *s, Request *r)
{
    const struct fuse_init_in *in = r->arg;
    struct fuse_init_out out = {
        .major = FUSE_KERNEL_VERSION,
        .minor = FUSE_KERNEL_MINOR_VERSION,
        .max_readahead = in->max_readahead,
        .flags = in->flags & (FUSE_ASYNC_READ | FUSE_BIG_WRITES | FUSE_WRITEBACK_CACHE |
                              FUSE_ASYNC_DIO),
        .max_background = 256,
        .congestion_threshold = 256,
        .max_write = MAX_WRITE,
        .time_gran = 1,
    };

    reply(s, r, 0, &out, sizeof(out));
    return 0;
}

static int op_getattr(Server *s, Request *r)
{
    struct fuse_attr_out out = { .attr_valid = 3600 };

    fill_attr(s->m, r->in->nodeid, &out.attr);
    reply(s, r, 0, &out, sizeof(out));
    return 0;
}

static int op_setattr(Server *s, Request *r)
{
    const struct fuse_setattr_in *in = r->arg;

    if (in->valid & FATTR_SIZE) {
        if (in->size > s->m->size) {
            return EFBIG;
        }
        s->m->length = in->size;
    }
    return op_getattr(s, r);
}

static int op_lookup(Server *s, Request *r)
{
    struct fuse_entry_out out = { .nodeid = FILE_NODE, .entry_valid = 3600, .attr_valid = 3600 };

    if (strcmp(r->arg, "disk")) {
        return ENOENT;
    }
    fill_attr(s->m, FILE_NODE, &out.attr);
    reply(s, r, 0, &out, sizeof(out));
    return 0;
}

static int op_open(Server *s, Request *r)
{
    /* Else opening it again waits for what stalls. */
    struct fuse_open_out out = { .fh = 1, .open_flags = FOPEN_KEEP_CACHE };

    reply(s, r, 0, &out, sizeof(out));
    return 0;
}

static int op_read(Server *s, Request *r)
{
    const struct fuse_read_in *in = r->arg;
    FuseMedium *m = s->m;
    size_t at = MIN(in->offset, m->length);

    m->reads++;
    reply(s, r, 0, m->now + at, MIN(in->size, m->length - at));
    return 0;
}

static int op_write(Server *s, Request *r)
{
    const struct fuse_write_in *in = r->arg;
    struct fuse_write_out out = { .size = in->size };
    FuseMedium *m = s->m;

    if (m->fail_writes) {
        return m->fail_writes;
    }
    if (in->offset > m->size || in->size > m->size - in->offset) {
        return EFBIG;
    }
    m->writes++;
    if (!m->dead) {
        memcpy(m->now + in->offset, in + 1, in->size);
        m->length = MAX(m->length, in->offset + in->size);
    }
    reply(s, r, 0, &out, sizeof(out));
    return 0;
}

static int op_fsync(Server *s, Request *r)
{
    FuseMedium *m = s->m;
    int error = m->fail_syncs;

    m->fail_syncs = 0;
    if (error) {
        return error;
    }
    m->syncs++;
    if (!m->dead) {
        memcpy(m->stable, m->now, m->size);
    }
    reply(s, r, 0, NULL, 0);
    return 0;
}

static int op_fallocate(Server *s, Request *r)
{
    const struct fuse_fallocate_in *in = r->arg;

    if (!(in->mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE))) {
        return EOPNOTSUPP;
    }
    memset(s->m->now + MIN(in->offset, s->m->size), 0,
           MIN(in->length, s->m->size - MIN(in->offset, s->m->size)));
    reply(s, r, 0, NULL, 0);
    return 0;
}

static int op_nothing(Server *s, Request *r)
{
    reply(s, r, 0, NULL, 0);
    return 0;
}

static int op_silent(Server *s, Request *r)
{
    return 0;
}

typedef struct Operation {
    uint32_t code;
    int (*fn)(Server *s, Request *r);
    bool stalls;
} Operation;

static const Operation operations[] = {
    { FUSE_READ, op_read, true },
    { FUSE_WRITE, op_write, true },
    { FUSE_FSYNC, op_fsync, true },
    { FUSE_FALLOCATE, op_fallocate, true },
    { FUSE_SETATTR, op_setattr, true },
    { FUSE_INIT, op_init },
    { FUSE_GETATTR, op_getattr },
    { FUSE_LOOKUP, op_lookup },
    { FUSE_OPEN, op_open },
    { FUSE_FLUSH, op_nothing },
    { FUSE_RELEASE, op_nothing },
    { FUSE_DESTROY, op_nothing },
    { FUSE_FORGET, op_silent },
    { FUSE_BATCH_FORGET, op_silent },
    { FUSE_INTERRUPT, op_silent },
};

static const Operation *operation_of(uint32_t code)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(operations); i++) {
        if (operations[i].code == code) {
            return &operations[i];
        }
    }
    return NULL;
}

/* ---- the server's process ---- */

static void serve(Server *s, Request *r)
{
    const Operation *op = operation_of(r->in->opcode);
    int error;

    pthread_mutex_lock(&s->m->lock);
    error = op ? op->fn(s, r) : ENOSYS;
    if (s->m->check) {
        s->m->check(s->m);
    }
    pthread_mutex_unlock(&s->m->lock);
    if (error) {
        reply(s, r, error, NULL, 0);
    }
}

static bool parks(Server *s, Request *r)
{
    const Operation *op = operation_of(r->in->opcode);
    bool park;

    pthread_mutex_lock(&s->m->lock);
    park = s->m->stalled && op && op->stalls;
    s->m->parked += park;
    pthread_mutex_unlock(&s->m->lock);
    if (park) {
        g_queue_push_tail(&s->parked, r);
    }
    return park;
}

/* false: the mount is gone. */
static bool take_request(Server *s)
{
    Request *r = g_new(Request, 1);
    ssize_t len = read(s->fd, r->bytes, sizeof(r->bytes));

    if (len < 0) {
        bool goes_on = errno == EINTR || errno == EAGAIN || errno == ENOENT;

        g_free(r);
        return goes_on;
    }
    r->in = (struct fuse_in_header *)r->bytes;
    r->arg = r->in + 1;
    if (!parks(s, r)) {
        serve(s, r);
        g_free(r);
    }
    return true;
}

static void serve_parked(Server *s)
{
    Request *r;
    uint64_t count;

    if (read(s->m->wake, &count, sizeof(count)) < 0 || qatomic_read(&s->m->stalled)) {
        return;
    }
    while ((r = g_queue_pop_head(&s->parked))) {
        serve(s, r);
        g_free(r);
        pthread_mutex_lock(&s->m->lock);
        s->m->parked--;
        pthread_mutex_unlock(&s->m->lock);
    }
}

static void G_GNUC_NORETURN server_main(FuseMedium *m, int fd)
{
    Server s = { .m = m, .fd = fd, .parked = G_QUEUE_INIT };
    struct pollfd fds[2] = { { fd, POLLIN, 0 }, { m->wake, POLLIN, 0 } };

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) {
        poll(fds, 2, -1);
        if (fds[1].revents & POLLIN) {
            serve_parked(&s);
        }
        if ((fds[0].revents & ~POLLIN) || ((fds[0].revents & POLLIN) && !take_request(&s))) {
            _exit(0);
        }
    }
}

/* ---- the test's side ---- */

void *fuse_medium_shared(size_t size)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    g_assert_true(p != MAP_FAILED);
    return p;
}

static int do_mount(FuseMedium *m)
{
    int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC | O_NONBLOCK);
    g_autofree char *data = g_strdup_printf("fd=%d,rootmode=40000,user_id=%d,group_id=%d", fd,
                                            getuid(), getgid());

    if (fd >= 0 && mount("test-medium", m->mount, "fuse", MS_NOSUID | MS_NODEV, data) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static bool write_text(const char *path, const char *text)
{
    g_auto(OwnedFd) fd = open(path, O_WRONLY | O_CLOEXEC);

    return fd >= 0 && write(fd, text, strlen(text)) == strlen(text);
}

/*
 * Mounts of our own, gone with the process however it ends. Who is not root may
 * have them in a user namespace.
 */
static bool private_mounts(void)
{
    g_autofree char *map = g_strdup_printf("0 %d 1", getuid());

    if (unshare(CLONE_NEWNS) < 0 &&
        !(unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 &&
          write_text("/proc/self/setgroups", "deny") && write_text("/proc/self/uid_map", map))) {
        return false;
    }
    return mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

static bool can_mount(FuseMedium *m, const char **reason)
{
    int fd = private_mounts() ? do_mount(m) : -1;

    if (fd < 0) {
        *reason = "no FUSE mount is possible here (/dev/fuse, root or user namespaces)";
        return false;
    }
    umount2(m->mount, MNT_DETACH);
    close(fd);
    return true;
}

FuseMedium *fuse_medium_new(const char *folder, size_t size, const char **reason)
{
    FuseMedium *m = fuse_medium_shared(sizeof(*m));
    pthread_mutexattr_t attr;

    m->size = m->length = size;
    g_snprintf(m->mount, sizeof(m->mount), "%s/mnt", folder);
    g_snprintf(m->path, sizeof(m->path), "%s/disk", m->mount);
    g_assert_cmpint(g_mkdir_with_parents(m->mount, 0700), ==, 0);
    if (!can_mount(m, reason)) {
        g_rmdir(m->mount);
        munmap(m, sizeof(*m));
        return NULL;
    }
    pthread_mutexattr_init(&attr);
    pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(&m->lock, &attr);
    pthread_mutexattr_destroy(&attr);
    m->now = fuse_medium_shared(size);
    m->stable = fuse_medium_shared(size);
    m->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return m;
}

void fuse_medium_start(FuseMedium *m)
{
    int fd = do_mount(m);
    pid_t pid;

    g_assert_cmpint(fd, >=, 0);
    m->dead = false;
    m->parked = 0;
    pid = fork();
    if (pid == 0) {
        server_main(m, fd);
    }
    g_assert_cmpint(pid, >, 0);
    m->server = pid;
    close(fd);
}

void fuse_medium_stop(FuseMedium *m)
{
    int status;

    umount2(m->mount, MNT_DETACH);
    /* It must not die with the lock. */
    pthread_mutex_lock(&m->lock);
    kill(m->server, SIGKILL);
    g_assert_cmpint(waitpid(m->server, &status, 0), ==, m->server);
    pthread_mutex_unlock(&m->lock);
}

void fuse_medium_free(FuseMedium *m)
{
    close(m->wake);
    munmap(m->now, m->size);
    munmap(m->stable, m->size);
    g_rmdir(m->mount);
    munmap(m, sizeof(*m));
}

void fuse_medium_stall(FuseMedium *m, bool on)
{
    uint64_t one = 1;

    pthread_mutex_lock(&m->lock);
    m->stalled = on;
    pthread_mutex_unlock(&m->lock);
    g_assert_cmpint(write(m->wake, &one, sizeof(one)), ==, sizeof(one));
}

unsigned fuse_medium_parked(FuseMedium *m)
{
    unsigned parked;

    pthread_mutex_lock(&m->lock);
    parked = m->parked;
    pthread_mutex_unlock(&m->lock);
    return parked;
}

void fuse_medium_lose_power(FuseMedium *m, GRand *rand)
{
    pthread_mutex_lock(&m->lock);
    m->dead = true;
    for (size_t at = 0; at < m->size; at += FUSE_SECTOR) {
        bool kept = memcmp(m->now + at, m->stable + at, FUSE_SECTOR) && g_rand_boolean(rand);

        if (kept) {
            memcpy(m->stable + at, m->now + at, FUSE_SECTOR);
        } else {
            memcpy(m->now + at, m->stable + at, FUSE_SECTOR);
        }
    }
    pthread_mutex_unlock(&m->lock);
}
