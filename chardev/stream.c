/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A front end's callback may do anything: end the connection, let go of the
 * Chardev, bring it to another context. So after each call the channel is
 * compared with the one before, and the object is held meanwhile.
 */
#include "qemu/osdep.h"
#include "stream.h"

static void readable(void *opaque);
static void writable(void *opaque);

static void stream_update(Chardev *chr)
{
    ChardevStream *s = CHARDEV_STREAM(chr);
    bool in, out;

    if (!s->ch) {
        return;
    }
    in = !s->no_input && !s->at_end && !s->broken && qemu_chr_be_can_write(chr) > 0;
    out = !s->broken && (chardev_has_held(chr) || chardev_has_watches(chr));
    if (s->ch) {
        io_channel_set_ready(s->ch, chr->ctx, in ? readable : NULL, out ? writable : NULL, s);
    }
}

static void stream_end(ChardevStream *s, int err)
{
    ChardevStreamClass *sc = CHARDEV_STREAM_GET_CLASS(s);
    Chardev *chr = CHARDEV(s);

    if (sc->end) {
        sc->end(s, err);
        return;
    }
    s->at_end = true;
    if (err) {
        chardev_stream_set_channel(s, NULL);
        chardev_hung_up(chr);
    }
    if (chr->be_open) {
        qemu_chr_be_event(chr, CHR_EVENT_CLOSED);
    }
    stream_update(chr);
}

/* A write must not close the connection below its caller's feet. */
static void end_broken(void *opaque)
{
    ChardevStream *s = opaque;

    if (s->broken && s->ch) {
        object_ref(s);
        stream_end(s, EPIPE);
        object_unref(s);
    }
}

static ssize_t read_some(ChardevStream *s, uint8_t *buf, size_t len)
{
    IOFdList fds;
    ssize_t n;

    if (!s->takes_fds) {
        return io_channel_read(s->ch, buf, len);
    }
    n = io_channel_read_fds(s->ch, buf, len, &fds);
    if (n > 0 && fds.n) {
        io_fd_list_close(&s->in_fds);
        s->in_fds = fds;
    }
    return n;
}

static void readable(void *opaque)
{
    ChardevStream *s = opaque;
    Chardev *chr = CHARDEV(s);
    uint8_t buf[CHR_READ_BUF_LEN];
    int room = MIN(qemu_chr_be_can_write(chr), (int)sizeof(buf));
    ssize_t n;

    object_ref(s);
    n = room && s->ch ? read_some(s, buf, room) : -EAGAIN;
    if (n > 0) {
        qemu_chr_be_write(chr, buf, n);
    } else if (n != -EAGAIN) {
        stream_end(s, -n);
    }
    stream_update(chr);
    object_unref(s);
}

static void writable(void *opaque)
{
    ChardevStream *s = opaque;

    object_ref(s);
    chardev_room(CHARDEV(s));
    object_unref(s);
}

static int stream_write(Chardev *chr, const uint8_t *buf, int len)
{
    ChardevStream *s = CHARDEV_STREAM(chr);
    ssize_t n;

    if (!s->ch || s->broken) {
        return len;
    }
    n = io_channel_write_fds(s->ch, buf, len, s->out_fds, s->nr_out_fds);
    if (n >= 0) {
        s->nr_out_fds = 0;
        return n;
    }
    if (n != -EAGAIN) {
        s->broken = true;
        stream_update(chr);
        qemu_bh_schedule(s->end_bh);
    }
    errno = -n;
    return -1;
}

static int stream_sync_read(Chardev *chr, uint8_t *buf, int len)
{
    ChardevStream *s = CHARDEV_STREAM(chr);
    int64_t end = g_get_monotonic_time() + CHARDEV_SYNC_MS * G_TIME_SPAN_MILLISECOND;
    ssize_t n = -EPIPE;

    while (s->ch) {
        n = read_some(s, buf, len);
        if (n != -EAGAIN || g_get_monotonic_time() > end ||
            !io_channel_wait(s->ch, CHARDEV_SYNC_MS)) {
            break;
        }
    }
    errno = n < 0 ? -n : 0;
    return n < 0 ? -1 : n;
}

static bool stream_can_wait(Chardev *chr)
{
    return CHARDEV_STREAM(chr)->ch != NULL;
}

static int stream_get_msgfds(Chardev *chr, int *fds, int num)
{
    ChardevStream *s = CHARDEV_STREAM(chr);
    int n = MIN(num, (int)s->in_fds.n);

    memcpy(fds, s->in_fds.fd, n * sizeof(int));
    /* As in QEMU: those that were not asked for are closed. */
    memmove(s->in_fds.fd, s->in_fds.fd + n, (s->in_fds.n - n) * sizeof(int));
    s->in_fds.n -= n;
    io_fd_list_close(&s->in_fds);
    return n;
}

static int stream_set_msgfds(Chardev *chr, int *fds, int num)
{
    ChardevStream *s = CHARDEV_STREAM(chr);

    if (!s->ch || !s->takes_fds || num < 0 || num > IO_CHANNEL_MAX_FDS) {
        return -1;
    }
    memcpy(s->out_fds, fds, num * sizeof(int));
    s->nr_out_fds = num;
    return 0;
}

void chardev_stream_set_channel(ChardevStream *s, IOChannel *ch)
{
    g_clear_pointer(&s->ch, io_channel_free);
    io_fd_list_close(&s->in_fds);
    s->nr_out_fds = 0;
    s->ch = ch;
    s->at_end = false;
    s->broken = false;
}

void chardev_stream_detach(Chardev *chr)
{
    ChardevStream *s = CHARDEV_STREAM(chr);

    g_clear_pointer(&s->end_bh, qemu_bh_delete);
    if (s->ch) {
        io_channel_set_ready(s->ch, chr->ctx, NULL, NULL, NULL);
    }
}

/* Nobody is asked for input yet: the front end's turn comes after the move. */
void chardev_stream_attach(Chardev *chr)
{
    ChardevStream *s = CHARDEV_STREAM(chr);

    s->end_bh = aio_bh_new(chr->ctx, end_broken, s);
    if (s->broken) {
        qemu_bh_schedule(s->end_bh);
    }
}

static void stream_init(Object *obj)
{
    chardev_stream_attach(CHARDEV(obj));
}

static void stream_finalize(Object *obj)
{
    ChardevStream *s = CHARDEV_STREAM(obj);

    chardev_stream_set_channel(s, NULL);
    qemu_bh_delete(s->end_bh);
}

static void stream_class_init(ObjectClass *oc, void *data)
{
    ChardevClass *cc = CHARDEV_CLASS(oc);

    cc->internal = true;
    cc->chr_write = stream_write;
    cc->chr_sync_read = stream_sync_read;
    cc->chr_detach = chardev_stream_detach;
    cc->chr_attach = chardev_stream_attach;
    cc->chr_update = stream_update;
    cc->can_wait = stream_can_wait;
    cc->get_msgfds = stream_get_msgfds;
    cc->set_msgfds = stream_set_msgfds;
}

static const TypeInfo stream_types[] = {
    {
        .name = TYPE_CHARDEV_STREAM,
        .parent = TYPE_CHARDEV,
        .abstract = true,
        .instance_size = sizeof(ChardevStream),
        .instance_init = stream_init,
        .instance_finalize = stream_finalize,
        .class_size = sizeof(ChardevStreamClass),
        .class_init = stream_class_init,
    },
};
DEFINE_TYPES(stream_types)
