/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connecting to an NBD server. */
#include "qemu/osdep.h"
#include "nbd-dial.h"
#include "qapi/error.h"
#include "qemu/event_notifier.h"
#include "qemu/lockable.h"
#include "qemu/thread.h"
#include <poll.h>

struct NbdDial {
    gint refs;                  /* atomic: the owner's and the thread's */
    NbdTarget *target;
    NbdDialed *dialed;
    void *opaque;
    EventNotifier stop;         /* set by the owner: hurry up */
    QemuMutex lock;
    /* Under the lock: */
    QEMUBH *bh;                 /* NULL: the owner has gone */
    struct nbd_handle *nbd;
    Error *err;
};

/* Without the names of libnbd's functions, which its texts begin with. */
static const char *reason(void)
{
    const char *text = nbd_lib.get_error() ?: "unknown error";
    const char *colon = strstr(text, ": ");

    return g_str_has_prefix(text, "nbd_") && colon ? colon + 2 : text;
}

static void set_error(const NbdTarget *target, Error **errp)
{
    error_setg(errp, "nbd: cannot open '%s': %s", target->text, reason());
}

static bool begin(struct nbd_handle *nbd, const NbdTarget *target, Error **errp)
{
    if (nbd_lib.set_export_name(nbd, target->export_name) < 0 ||
        nbd_lib.set_full_info(nbd, false) < 0 ||
        nbd_lib.add_meta_context(nbd, LIBNBD_CONTEXT_BASE_ALLOCATION) < 0 ||
        /* A read that fails never reaches the submitter's memory. */
        nbd_lib.set_pread_initialize(nbd, false) < 0 ||
        (target->path ? nbd_lib.aio_connect_unix(nbd, target->path)
                      : nbd_lib.aio_connect_tcp(nbd, target->host, target->port)) < 0) {
        set_error(target, errp);
        return false;
    }
    return true;
}

/* Sleeps until the server's socket is ready. False: stopped, or too late. */
static bool wait_for_server(struct nbd_handle *nbd, int stop_fd, int64_t deadline_ms,
                            bool *readable)
{
    unsigned dir = nbd_lib.aio_get_direction(nbd);
    struct pollfd fds[2] = {
        { .fd = nbd_lib.aio_get_fd(nbd) },
        { .fd = stop_fd, .events = POLLIN },
    };
    int64_t left = deadline_ms - g_get_monotonic_time() / 1000;
    int n;

    fds[0].events = (dir & LIBNBD_AIO_DIRECTION_READ ? POLLIN : 0) |
                    (dir & LIBNBD_AIO_DIRECTION_WRITE ? POLLOUT : 0);
    do {
        n = left > 0 ? poll(fds, 2, left) : 0;
    } while (n < 0 && errno == EINTR);
    *readable = dir & LIBNBD_AIO_DIRECTION_READ && fds[0].revents & ~POLLOUT;
    return n > 0 && !fds[1].revents;
}

static bool shake_hands(struct nbd_handle *nbd, const NbdTarget *target, int stop_fd, Error **errp)
{
    int64_t deadline_ms = g_get_monotonic_time() / 1000 + NBD_DIAL_MS;
    bool readable;

    while (nbd_lib.aio_is_connecting(nbd) > 0) {
        if (!wait_for_server(nbd, stop_fd, deadline_ms, &readable)) {
            error_setg(errp, "nbd: cannot open '%s': the server does not answer", target->text);
            return false;
        }
        if ((readable ? nbd_lib.aio_notify_read(nbd) : nbd_lib.aio_notify_write(nbd)) < 0) {
            set_error(target, errp);
            return false;
        }
    }
    if (nbd_lib.aio_is_ready(nbd) <= 0) {
        error_setg(errp, "nbd: cannot open '%s': the server closed the connection", target->text);
        return false;
    }
    return true;
}

static struct nbd_handle *dial(const NbdTarget *target, int stop_fd, Error **errp)
{
    struct nbd_handle *nbd = nbd_lib.create();

    if (!nbd) {
        set_error(target, errp);
    } else if (begin(nbd, target, errp) && shake_hands(nbd, target, stop_fd, errp)) {
        return nbd;
    }
    nbd_lib.close(nbd);
    return NULL;
}

struct nbd_handle *nbd_dial_now(const NbdTarget *target, Error **errp)
{
    return dial(target, -1, errp);
}

static void unref(NbdDial *d)
{
    if (g_atomic_int_dec_and_test(&d->refs)) {
        nbd_target_unref(d->target);
        event_notifier_cleanup(&d->stop);
        qemu_mutex_destroy(&d->lock);
        nbd_lib.close(d->nbd);
        error_free(d->err);
        g_free(d);
    }
}

static void *dial_thread(void *opaque)
{
    NbdDial *d = opaque;
    Error *err = NULL;
    struct nbd_handle *nbd = dial(d->target, event_notifier_get_fd(&d->stop), &err);

    WITH_QEMU_LOCK_GUARD(&d->lock) {
        d->nbd = nbd;
        d->err = err;
        if (d->bh) {
            qemu_bh_schedule(d->bh);
        }
    }
    unref(d);
    return NULL;
}

static void dialed_bh(void *opaque)
{
    NbdDial *d = opaque;
    struct nbd_handle *nbd;
    g_autoptr(Error) err = NULL;

    WITH_QEMU_LOCK_GUARD(&d->lock) {
        nbd = g_steal_pointer(&d->nbd);
        err = g_steal_pointer(&d->err);
    }
    d->dialed(d->opaque, nbd, &err);
}

NbdDial *nbd_dial_start(NbdTarget *target, AioContext *ctx, NbdDialed *dialed, void *opaque)
{
    g_autofree NbdDial *d = g_new0(NbdDial, 1);
    QemuThread thread;

    if (event_notifier_init(&d->stop, false) < 0) {
        return NULL;
    }
    d->refs = 2;
    d->target = nbd_target_ref(target);
    d->dialed = dialed;
    d->opaque = opaque;
    qemu_mutex_init(&d->lock);
    d->bh = aio_bh_new(ctx, dialed_bh, d);
    if (qemu_thread_try_create(&thread, "nbd-connect", 0, dial_thread, d, QEMU_THREAD_DETACHED)) {
        unref(d);
        nbd_dial_end(g_steal_pointer(&d));
        return NULL;
    }
    return g_steal_pointer(&d);
}

void nbd_dial_end(NbdDial *d)
{
    if (!d) {
        return;
    }
    WITH_QEMU_LOCK_GUARD(&d->lock) {
        g_clear_pointer(&d->bh, qemu_bh_delete);
    }
    event_notifier_set(&d->stop);
    unref(d);
}
