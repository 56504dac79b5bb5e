/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nbd-server.h"
#include "qemu/bswap.h"
#include "qemu/lockable.h"
#include "qemu/thread.h"
#include <glib/gstdio.h>
#include <sys/socket.h>
#include <sys/un.h>

/* NBD protocol, "Values". */
#define MAGIC_HELLO     0x4e42444d41474943ULL
#define MAGIC_OPTION    0x49484156454f5054ULL
#define MAGIC_REPLY     0x0003e889045565a9ULL
#define MAGIC_REQUEST   0x25609513
#define MAGIC_SIMPLE    0x67446698
enum { OPT_ABORT = 2, OPT_GO = 7 };
enum { REP_ACK = 1, REP_INFO = 3 };
#define REP_UNSUPPORTED 0x80000001

enum { HELD_MAX = 2048, TYPES = 8 };

typedef struct Held {
    char handle[8];
    uint16_t type;
    uint64_t offset;
    uint32_t len;
} Held;

struct NbdServer {
    char *folder, *path, *blockdev;
    QemuThread thread;
    QemuMutex lock;
    QemuCond changed;
    /* Under the lock: */
    int listener;               /* -1: not running */
    int client;                 /* -1: none */
    bool stop, mute;
    uint16_t flags;
    uint64_t size;
    int hold;
    Held held[HELD_MAX];
    unsigned nr_held;
    unsigned count[TYPES];
    uint32_t fail[TYPES];
    uint8_t now[NBD_SERVER_SIZE], flushed[NBD_SERVER_SIZE];
};

static bool get(int fd, void *data, size_t len)
{
    return recv(fd, data, len, MSG_WAITALL) == (ssize_t)len;
}

static void put(int fd, const void *data, size_t len)
{
    /* A client that has gone is noticed by reading. */
    if (send(fd, data, len, MSG_NOSIGNAL) < 0) {
        g_assert_cmpint(errno, !=, EBADF);
    }
}

static void put_number(int fd, uint64_t value, unsigned bytes)
{
    uint64_t be = cpu_to_be64(value << (64 - 8 * bytes));

    put(fd, &be, bytes);
}

/* --- the handshake, fixed newstyle --- */

static void option_reply(int fd, uint32_t option, uint32_t type, uint32_t len)
{
    put_number(fd, MAGIC_REPLY, 8);
    put_number(fd, option, 4);
    put_number(fd, type, 4);
    put_number(fd, len, 4);
}

static bool shake_hands(NbdServer *s, int fd)
{
    struct {
        uint64_t magic;
        uint32_t option, len;
    } QEMU_PACKED header;
    uint32_t client_flags;
    uint64_t size;
    uint16_t flags;

    WITH_QEMU_LOCK_GUARD(&s->lock) {
        size = s->size;
        flags = s->flags;
    }
    put_number(fd, MAGIC_HELLO, 8);
    put_number(fd, MAGIC_OPTION, 8);
    put_number(fd, 3, 2);       /* fixed newstyle, no zeroes */
    if (!get(fd, &client_flags, 4)) {
        return false;
    }
    while (get(fd, &header, sizeof(header))) {
        uint32_t option = be32_to_cpu(header.option), len = be32_to_cpu(header.len);
        g_autofree char *data = g_malloc(len + 1);

        if (len && !get(fd, data, len)) {
            return false;
        }
        if (option != OPT_GO) {
            option_reply(fd, option, option == OPT_ABORT ? REP_ACK : REP_UNSUPPORTED, 0);
            continue;
        }
        option_reply(fd, option, REP_INFO, 12);
        put_number(fd, 0, 2);   /* NBD_INFO_EXPORT */
        put_number(fd, size, 8);
        put_number(fd, flags, 2);
        option_reply(fd, option, REP_ACK, 0);
        return true;
    }
    return false;
}

/* --- commands --- */

static void reply(NbdServer *s, int fd, const Held *h, uint32_t error)
{
    put_number(fd, MAGIC_SIMPLE, 4);
    put_number(fd, error, 4);
    put(fd, h->handle, 8);
    if (h->type == NBD_READ && !error) {
        put(fd, s->now + h->offset, h->len);
    }
}

static void carry_out(NbdServer *s, const Held *h, const void *data, bool fua)
{
    switch (h->type) {
    case NBD_WRITE:
        memcpy(s->now + h->offset, data, h->len);
        break;
    case NBD_ZEROES:
    case NBD_TRIM:
        memset(s->now + h->offset, 0, h->len);
        break;
    case NBD_FLUSH:
        memcpy(s->flushed, s->now, sizeof(s->now));
        break;
    default:
        break;
    }
    if (fua) {
        memcpy(s->flushed + h->offset, s->now + h->offset, h->len);
    }
}

static bool serve_one(NbdServer *s, int fd)
{
    struct {
        uint32_t magic;
        uint16_t flags, type;
        char handle[8];
        uint64_t offset;
        uint32_t len;
    } QEMU_PACKED r;
    g_autofree uint8_t *data = NULL;
    Held h;

    if (!get(fd, &r, sizeof(r))) {
        return false;
    }
    g_assert_cmphex(be32_to_cpu(r.magic), ==, MAGIC_REQUEST);
    h = (Held) { .type = be16_to_cpu(r.type), .offset = be64_to_cpu(r.offset),
                 .len = be32_to_cpu(r.len) };
    memcpy(h.handle, r.handle, 8);
    g_assert_cmpuint(h.type, <, TYPES);
    g_assert_cmpuint(h.offset + h.len, <=, sizeof(s->now));
    /* Not under the lock: the client may be the thread that looks at us meanwhile. */
    data = h.type == NBD_WRITE ? g_malloc(h.len) : NULL;
    if (h.type == NBD_DISC || (data && !get(fd, data, h.len))) {
        return false;
    }
    QEMU_LOCK_GUARD(&s->lock);
    carry_out(s, &h, data, be16_to_cpu(r.flags) & 1);
    if (s->hold == h.type) {
        g_assert_cmpuint(s->nr_held, <, HELD_MAX);
        s->held[s->nr_held++] = h;
    } else {
        reply(s, fd, &h, s->fail[h.type]);
        s->fail[h.type] = 0;
    }
    s->count[h.type]++;
    qemu_cond_broadcast(&s->changed);
    return true;
}

static void serve(NbdServer *s, int fd, bool mute)
{
    if (mute) {
        char c;

        g_assert_cmpint(recv(fd, &c, 1, 0), <=, 0);
    } else if (shake_hands(s, fd)) {
        while (serve_one(s, fd)) {
        }
    }
}

static void *server_thread(void *opaque)
{
    NbdServer *s = opaque;

    for (;;) {
        int listener, fd;
        bool mute;

        WITH_QEMU_LOCK_GUARD(&s->lock) {
            while (s->listener < 0 && !s->stop) {
                qemu_cond_wait(&s->changed, &s->lock);
            }
            listener = s->listener;
            if (s->stop) {
                return NULL;
            }
        }
        fd = accept(listener, NULL, NULL);
        WITH_QEMU_LOCK_GUARD(&s->lock) {
            s->client = fd;
            mute = s->mute;
            if (s->listener != listener && fd >= 0) {
                shutdown(fd, SHUT_RDWR);
            }
        }
        if (fd >= 0) {
            serve(s, fd, mute);
        }
        WITH_QEMU_LOCK_GUARD(&s->lock) {
            s->client = -1;
            s->nr_held = 0;
            if (s->listener != listener) {
                close(listener);
            }
            qemu_cond_broadcast(&s->changed);
        }
        if (fd >= 0) {
            close(fd);
        }
    }
}

void nbd_server_restart(NbdServer *s)
{
    struct sockaddr_un addr = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_strlcpy(addr.sun_path, s->path, sizeof(addr.sun_path));
    g_assert_cmpint(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), ==, 0);
    g_assert_cmpint(listen(fd, 4), ==, 0);
    QEMU_LOCK_GUARD(&s->lock);
    s->listener = fd;
    qemu_cond_broadcast(&s->changed);
}

/* The thread closes the listener when it has seen that it is not wanted any more. */
static void stop_listening(NbdServer *s)
{
    g_unlink(s->path);
    shutdown(s->listener, SHUT_RDWR);
    s->listener = -1;
    if (s->client >= 0) {
        shutdown(s->client, SHUT_RDWR);
    }
}

void nbd_server_kill(NbdServer *s)
{
    QEMU_LOCK_GUARD(&s->lock);

    stop_listening(s);
    while (s->client >= 0) {
        qemu_cond_wait(&s->changed, &s->lock);
    }
    memcpy(s->now, s->flushed, sizeof(s->now));
}

NbdServer *nbd_server_new(void)
{
    NbdServer *s = g_new0(NbdServer, 1);

    s->folder = g_dir_make_tmp("test-nbd-XXXXXX", NULL);
    s->path = g_build_filename(s->folder, "s", NULL);
    s->blockdev = g_strdup_printf("driver=nbd,server.type=unix,server.path=%s", s->path);
    s->flags = NBD_EVERYTHING;
    s->size = NBD_SERVER_SIZE;
    s->listener = s->client = s->hold = -1;
    qemu_mutex_init(&s->lock);
    qemu_cond_init(&s->changed);
    nbd_server_restart(s);
    qemu_thread_create(&s->thread, "nbd-server", server_thread, s, QEMU_THREAD_JOINABLE);
    return s;
}

void nbd_server_free(NbdServer *s)
{
    WITH_QEMU_LOCK_GUARD(&s->lock) {
        s->stop = true;
        stop_listening(s);
        qemu_cond_broadcast(&s->changed);
    }
    qemu_thread_join(&s->thread);
    g_rmdir(s->folder);
    qemu_cond_destroy(&s->changed);
    qemu_mutex_destroy(&s->lock);
    g_free(s->folder);
    g_free(s->path);
    g_free(s->blockdev);
    g_free(s);
}

const char *nbd_server_blockdev(NbdServer *s)
{
    return s->blockdev;
}

const char *nbd_server_path(NbdServer *s)
{
    return s->path;
}

void nbd_server_set_flags(NbdServer *s, uint16_t flags)
{
    QEMU_LOCK_GUARD(&s->lock);
    s->flags = flags;
}

void nbd_server_set_size(NbdServer *s, uint64_t size)
{
    QEMU_LOCK_GUARD(&s->lock);
    s->size = size;
}

void nbd_server_set_mute(NbdServer *s, bool mute)
{
    QEMU_LOCK_GUARD(&s->lock);
    s->mute = mute;
}

void nbd_server_hold(NbdServer *s, int type)
{
    QEMU_LOCK_GUARD(&s->lock);
    s->hold = type;
}

void nbd_server_release(NbdServer *s)
{
    QEMU_LOCK_GUARD(&s->lock);

    s->hold = -1;
    while (s->nr_held) {
        reply(s, s->client, &s->held[--s->nr_held], 0);
    }
}

void nbd_server_fail(NbdServer *s, int type, uint32_t error)
{
    QEMU_LOCK_GUARD(&s->lock);
    s->fail[type] = error;
}

unsigned nbd_server_count(NbdServer *s, int type)
{
    QEMU_LOCK_GUARD(&s->lock);
    return s->count[type];
}

uint8_t nbd_server_byte(NbdServer *s, uint64_t offset)
{
    QEMU_LOCK_GUARD(&s->lock);
    return s->now[offset];
}
