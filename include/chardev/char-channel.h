/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A Chardev as a source of byte channels, as a listener is one: each time its
 * other side opens (a client connects, a terminal is opened) there is a new
 * IOChannel. Monitors use this.
 *
 * The end of the other side is the end of that channel's stream; the next one
 * may open before the user has seen that and freed the channel. Freeing a
 * channel ends its connection where there is one to end; the Chardev lives on.
 *
 * Threads: one AioContext, that in which chardev_port_listen() is called; the
 * channels are for the same one. No lock.
 */
#ifndef QEMU_CHAR_CHANNEL_H
#define QEMU_CHAR_CHANNEL_H

#include "chardev/char.h"
#include "io/channel.h"

typedef struct ChardevPort ChardevPort;

/* The other side is there; the callee owns @ch, which must go before the port. */
typedef void ChardevPortOpened(IOChannel *ch, void *opaque);

/* Becomes the front end of @chr; fails when it has one. Main context. */
ChardevPort *chardev_port_new(Chardev *chr, ChardevPortOpened *opened, void *opaque,
                              Error **errp);
/* Starts; @opened may be called before the return. */
void chardev_port_listen(ChardevPort *port);
void chardev_port_free(ChardevPort *port);

#endif
