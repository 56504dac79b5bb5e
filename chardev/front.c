/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The calls of front ends. */
#include "qemu/osdep.h"
#include "internal.h"

static ChardevVisit visit_of(CharBackend *be)
{
    return chardev_visit_begin(be->chr);
}

/* ---- connecting ---- */

/* Left by a front end of a domain a moment ago, perhaps: fetch it home. */
static bool fetch_home(Chardev *chr)
{
    AioContext *hub = aio_context_main();

    if (chr->ctx != hub && qemu_get_current_aio_context() == hub) {
        chardev_move(chr, hub);
    }
    return chr->ctx == hub;
}

bool qemu_chr_fe_init(CharBackend *b, Chardev *s, Error **errp)
{
    if (s && (qatomic_read(&s->be) || !fetch_home(s))) {
        error_setg(errp, "chardev '%s' is already in use", s->label);
        return false;
    }
    *b = (CharBackend) { .chr = s };
    if (s) {
        qatomic_set(&s->be, b);
    }
    return true;
}

void qemu_chr_fe_deinit(CharBackend *b, bool del)
{
    Chardev *chr = b->chr;
    g_auto(ChardevVisit) visit = visit_of(b);

    if (!chr) {
        return;
    }
    if (visit.chr) {
        qemu_chr_fe_set_handlers(b, NULL, NULL, NULL, NULL, NULL, NULL, true);
        chardev_drop_watches(chr);
    }
    qatomic_set(&chr->listen_ctx, NULL);
    qatomic_set(&chr->be, NULL);
    b->chr = NULL;
    chardev_move(chr, aio_context_main());
    if (del && object_get_parent(OBJECT(chr))) {
        object_unparent(OBJECT(chr));
    } else if (del) {
        object_unref(chr);
    }
}

Chardev *qemu_chr_fe_get_driver(CharBackend *be)
{
    return be->chr;
}

bool qemu_chr_fe_backend_connected(CharBackend *be)
{
    return be->chr != NULL;
}

bool qemu_chr_fe_backend_open(CharBackend *be)
{
    g_auto(ChardevVisit) visit = visit_of(be);

    return visit.chr && visit.chr->be_open;
}

/* ---- listening ---- */

CharBackend *chardev_listener(Chardev *chr)
{
    return qatomic_read(&chr->listen_ctx) == chr->ctx ? chr->be : NULL;
}

void chardev_update(Chardev *chr)
{
    ChardevClass *cc = CHARDEV_GET_CLASS(chr);

    if (cc->chr_update) {
        cc->chr_update(chr);
    }
}

void chardev_sync_state(Chardev *chr)
{
    CharBackend *be = chardev_listener(chr);

    chardev_update(chr);
    if (be && be->chr_event && chr->be_open) {
        be->chr_event(be->opaque, CHR_EVENT_OPENED);
    }
}

static void set_fe_open(Chardev *chr, CharBackend *be, bool is_open)
{
    ChardevClass *cc = CHARDEV_GET_CLASS(chr);

    if (be->fe_is_open != is_open) {
        be->fe_is_open = is_open;
        if (cc->chr_set_fe_open) {
            cc->chr_set_fe_open(chr, is_open);
        }
    }
}

/*
 * Where the front end of another context listens, nothing is touched before
 * listen_ctx says that callbacks are no longer for the old place.
 */
static void claim(Chardev *chr, AioContext *ctx)
{
    qatomic_set(&chr->listen_ctx, ctx);
    chardev_move(chr, ctx);
}

void qemu_chr_fe_set_handlers_full(CharBackend *b, IOCanReadHandler *fd_can_read,
                                   IOReadHandler *fd_read, IOEventHandler *fd_event,
                                   BackendChangeHandler *be_change, void *opaque,
                                   GMainContext *context, bool set_open, bool sync_state)
{
    AioContext *ctx = qemu_get_current_aio_context();
    bool listens = opaque || fd_can_read || fd_read || fd_event;
    g_auto(ChardevVisit) visit = { NULL };

    if (!b->chr) {
        return;
    }
    g_assert(!context);
    claim(b->chr, ctx);
    b->chr_can_read = fd_can_read;
    b->chr_read = fd_read;
    b->chr_event = fd_event;
    b->chr_be_change = be_change;
    b->opaque = opaque;
    visit = visit_of(b);
    if (!visit.chr || visit.ctx != ctx) {
        /* The move is under way; it tells the state when it is done. */
        b->fe_is_open = set_open ? listens : b->fe_is_open;
        return;
    }
    if (set_open) {
        set_fe_open(visit.chr, b, listens);
    }
    if (listens && sync_state) {
        chardev_sync_state(visit.chr);
    } else {
        chardev_update(visit.chr);
    }
}

void qemu_chr_fe_set_handlers(CharBackend *b, IOCanReadHandler *fd_can_read,
                              IOReadHandler *fd_read, IOEventHandler *fd_event,
                              BackendChangeHandler *be_change, void *opaque,
                              GMainContext *context, bool set_open)
{
    qemu_chr_fe_set_handlers_full(b, fd_can_read, fd_read, fd_event, be_change, opaque,
                                  context, set_open, true);
}

void qemu_chr_fe_accept_input(CharBackend *be)
{
    g_auto(ChardevVisit) visit = visit_of(be);

    if (visit.chr) {
        chardev_update(visit.chr);
    }
}

/* ---- the connection ---- */

void qemu_chr_fe_disconnect(CharBackend *be)
{
    g_auto(ChardevVisit) visit = visit_of(be);

    if (visit.chr && CHARDEV_GET_CLASS(visit.chr)->chr_disconnect) {
        CHARDEV_GET_CLASS(visit.chr)->chr_disconnect(visit.chr);
    }
}

int qemu_chr_fe_wait_connected(CharBackend *be, Error **errp)
{
    if (!be->chr) {
        error_setg(errp, "missing associated backend");
        return -1;
    }
    return qemu_chr_wait_connected(be->chr, errp);
}

void qemu_chr_fe_set_echo(CharBackend *be, bool echo)
{
    g_auto(ChardevVisit) visit = visit_of(be);

    if (visit.chr && CHARDEV_GET_CLASS(visit.chr)->chr_set_echo) {
        CHARDEV_GET_CLASS(visit.chr)->chr_set_echo(visit.chr, echo);
    }
}

void qemu_chr_fe_set_open(CharBackend *be, bool is_open)
{
    g_auto(ChardevVisit) visit = visit_of(be);

    if (visit.chr) {
        set_fe_open(visit.chr, be, is_open);
    }
}

/* ---- bytes ---- */

static int fe_write(CharBackend *be, const uint8_t *buf, int len, bool all)
{
    g_auto(ChardevVisit) visit = visit_of(be);

    if (!be->chr || len <= 0) {
        return 0;
    }
    if (!visit.chr) {
        errno = EAGAIN;
        return -1;
    }
    return chardev_write(visit.chr, buf, len, all);
}

int qemu_chr_fe_write(CharBackend *be, const uint8_t *buf, int len)
{
    return fe_write(be, buf, len, false);
}

int qemu_chr_fe_write_all(CharBackend *be, const uint8_t *buf, int len)
{
    return fe_write(be, buf, len, true);
}

void qemu_chr_fe_printf(CharBackend *be, const char *fmt, ...)
{
    g_autofree char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    qemu_chr_fe_write_all(be, (uint8_t *)text, strlen(text));
}

int qemu_chr_fe_read_all(CharBackend *be, uint8_t *buf, int len)
{
    g_auto(ChardevVisit) visit = visit_of(be);
    ChardevClass *cc = visit.chr ? CHARDEV_GET_CLASS(visit.chr) : NULL;
    int64_t end = g_get_monotonic_time() + CHARDEV_SYNC_MS * G_TIME_SPAN_MILLISECOND;
    int got = 0;

    while (cc && cc->chr_sync_read && got < len) {
        int n = cc->chr_sync_read(visit.chr, buf + got, len - got);

        if (n < 0) {
            return got ?: -1;
        }
        got += n;
        if (!n || g_get_monotonic_time() > end) {
            break;
        }
    }
    return got;
}

guint qemu_chr_fe_add_watch(CharBackend *be, GIOCondition cond, FEWatchFunc func,
                            void *user_data)
{
    g_auto(ChardevVisit) visit = visit_of(be);

    return visit.chr ? chardev_add_watch(visit.chr, cond, func, user_data) : 0;
}

int qemu_chr_fe_ioctl(CharBackend *be, int cmd, void *arg)
{
    g_auto(ChardevVisit) visit = visit_of(be);

    if (!visit.chr || !CHARDEV_GET_CLASS(visit.chr)->chr_ioctl) {
        return -ENOTSUP;
    }
    return CHARDEV_GET_CLASS(visit.chr)->chr_ioctl(visit.chr, cmd, arg);
}

/* ---- descriptors ---- */

int qemu_chr_fe_get_msgfds(CharBackend *be, int *fds, int num)
{
    g_auto(ChardevVisit) visit = visit_of(be);

    if (!visit.chr || !CHARDEV_GET_CLASS(visit.chr)->get_msgfds) {
        return -1;
    }
    return CHARDEV_GET_CLASS(visit.chr)->get_msgfds(visit.chr, fds, num);
}

int qemu_chr_fe_get_msgfd(CharBackend *be)
{
    int fd;

    return qemu_chr_fe_get_msgfds(be, &fd, 1) == 1 ? fd : -1;
}

int qemu_chr_fe_set_msgfds(CharBackend *be, int *fds, int num)
{
    g_auto(ChardevVisit) visit = visit_of(be);

    if (!visit.chr || !CHARDEV_GET_CLASS(visit.chr)->set_msgfds) {
        return -1;
    }
    return CHARDEV_GET_CLASS(visit.chr)->set_msgfds(visit.chr, fds, num);
}
