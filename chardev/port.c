/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A channel takes from the Chardev what its small inbox holds, so a user that
 * does not read stops the other side. Readiness is a bottom half that looks
 * again after each callback: one callback for each turn, for it may free the
 * channel.
 */
#include "qemu/osdep.h"
#include "chardev/char-channel.h"
#include "internal.h"
#include "io/channel-impl.h"

#define INBOX_MAX 4096

typedef struct PortChannel {
    IOChannel parent;
    ChardevPort *port;      /* NULL: there is another channel now, or none ever */
    bool at_end;            /* no more input; a file's output goes on all the same */
    GByteArray *inbox;
    IOFdList fds;           /* came with what is in the inbox */
    bool full;              /* a write found no room */
    guint tag;              /* watch for room; 0: none */
    QEMUBH *bh;             /* while watched */
    bool write_next;        /* whose turn it is */
} PortChannel;

struct ChardevPort {
    CharBackend be;
    PortChannel *current;   /* NULL: none, or its user has freed it */
    ChardevPortOpened *opened;
    void *opaque;
};

static PortChannel *port_channel(IOChannel *ch)
{
    return (PortChannel *)ch;
}

static void kick(PortChannel *c)
{
    if (c->bh) {
        qemu_bh_schedule(c->bh);
    }
}

/* ---- room ---- */

static gboolean room_again(void *do_not_use, GIOCondition cond, void *opaque)
{
    PortChannel *c = opaque;

    c->tag = 0;
    c->full = false;
    kick(c);
    return FALSE;
}

static void wait_for_room(PortChannel *c)
{
    if (c->full && !c->tag && c->port) {
        c->tag = qemu_chr_fe_add_watch(&c->port->be, G_IO_OUT | G_IO_HUP, room_again, c);
        c->full = c->tag != 0;
    }
}

static void stop_waiting(PortChannel *c)
{
    if (c->tag) {
        g_source_remove(c->tag);
        c->tag = 0;
    }
}

/* ---- the channel ---- */

static bool can_read(const PortChannel *c)
{
    return c->parent.readable && (c->inbox->len || c->at_end);
}

static bool can_write(const PortChannel *c)
{
    return c->parent.writable && !c->full;
}

static void turn(void *opaque)
{
    PortChannel *c = opaque;
    bool write = can_write(c) && (c->write_next || !can_read(c));

    if (!can_write(c) && !can_read(c)) {
        return;
    }
    c->write_next = !write;
    qemu_bh_schedule(c->bh);
    if (write) {
        c->parent.writable(c->parent.opaque);
    } else {
        c->parent.readable(c->parent.opaque);
    }
}

static void port_watch(IOChannel *ch)
{
    PortChannel *c = port_channel(ch);

    if (!c->bh) {
        c->bh = aio_bh_new(ch->ctx, turn, c);
    }
    if (ch->writable) {
        wait_for_room(c);
    } else {
        stop_waiting(c);
    }
    kick(c);
}

static void port_unwatch(IOChannel *ch)
{
    PortChannel *c = port_channel(ch);

    stop_waiting(c);
    g_clear_pointer(&c->bh, qemu_bh_delete);
}

static ssize_t port_read(IOChannel *ch, void *buf, size_t len, IOFdList *fds)
{
    PortChannel *c = port_channel(ch);
    size_t n = MIN(len, c->inbox->len);

    if (!n) {
        return c->at_end ? 0 : -EAGAIN;
    }
    memcpy(buf, c->inbox->data, n);
    g_byte_array_remove_range(c->inbox, 0, n);
    if (fds) {
        *fds = c->fds;
        c->fds.n = 0;
    } else {
        io_fd_list_close(&c->fds);
    }
    if (c->port) {
        qemu_chr_fe_accept_input(&c->port->be);
    }
    return n;
}

static ssize_t port_write(IOChannel *ch, const void *buf, size_t len,
                          const int *fds, unsigned nfds)
{
    PortChannel *c = port_channel(ch);
    int n;

    if (!c->port) {
        return -EPIPE;
    }
    if (nfds && qemu_chr_fe_set_msgfds(&c->port->be, (int *)fds, nfds) < 0) {
        return -ENOTSUP;
    }
    n = qemu_chr_fe_write(&c->port->be, buf, MIN(len, INT_MAX));
    if (n >= 0) {
        return n;
    }
    c->full = errno == EAGAIN;
    return -errno;
}

static void port_destroy(IOChannel *ch)
{
    PortChannel *c = port_channel(ch);
    ChardevPort *port = c->port;

    if (port && port->current == c) {
        port->current = NULL;
        qemu_chr_fe_disconnect(&port->be);
    }
    io_fd_list_close(&c->fds);
    g_byte_array_unref(c->inbox);
    g_free(c);
}

static const IOChannelOps port_ops = {
    .read = port_read,
    .write = port_write,
    .watch = port_watch,
    .unwatch = port_unwatch,
    .destroy = port_destroy,
};

/* ---- the front end ---- */

static void end_current(ChardevPort *port)
{
    PortChannel *c = g_steal_pointer(&port->current);

    if (c) {
        stop_waiting(c);
        c->port = NULL;
        c->at_end = true;
        c->full = false;
        kick(c);
    }
}

static int front_can_read(void *opaque)
{
    ChardevPort *port = opaque;

    return port->current ? INBOX_MAX - (int)port->current->inbox->len : 0;
}

/* At most as many as one read hands over; the oldest stay. */
static void take_fds(PortChannel *c)
{
    int n = qemu_chr_fe_get_msgfds(&c->port->be, c->fds.fd + c->fds.n,
                                   IO_CHANNEL_MAX_FDS - (int)c->fds.n);

    c->fds.n += MAX(n, 0);
}

static void front_read(void *opaque, const uint8_t *buf, int size)
{
    PortChannel *c = ((ChardevPort *)opaque)->current;

    g_byte_array_append(c->inbox, buf, size);
    take_fds(c);
    kick(c);
    /* Now rather than later: what is to be answered is answered before the end is read. */
    if (c->parent.readable) {
        c->parent.readable(c->parent.opaque);
    }
}

static void front_event(void *opaque, QEMUChrEvent event)
{
    ChardevPort *port = opaque;

    if (event == CHR_EVENT_CLOSED && port->current) {
        port->current->at_end = true;
        kick(port->current);
    } else if (event == CHR_EVENT_OPENED) {
        PortChannel *c = g_new0(PortChannel, 1);

        end_current(port);
        c->parent.ops = &port_ops;
        c->port = port;
        c->inbox = g_byte_array_new();
        port->current = c;
        port->opened(&c->parent, port->opaque);
        qemu_chr_fe_accept_input(&port->be);
    }
}

static int front_change(void *opaque)
{
    end_current(opaque);
    chardev_port_listen(opaque);
    return 0;
}

ChardevPort *chardev_port_new(Chardev *chr, ChardevPortOpened *opened, void *opaque,
                              Error **errp)
{
    ChardevPort *port = g_new0(ChardevPort, 1);

    port->opened = opened;
    port->opaque = opaque;
    if (!qemu_chr_fe_init(&port->be, chr, errp)) {
        g_free(port);
        return NULL;
    }
    return port;
}

void chardev_port_listen(ChardevPort *port)
{
    qemu_chr_fe_set_handlers(&port->be, front_can_read, front_read, front_event, front_change,
                             port, NULL, true);
}

void chardev_port_free(ChardevPort *port)
{
    if (port) {
        end_current(port);
        qemu_chr_fe_deinit(&port->be, false);
        g_free(port);
    }
}
