/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Back ends whose bytes go through an IOChannel: socket, pipe, terminal, file.
 * Reading follows what the front end takes; the channel may come and go.
 */
#ifndef CHARDEV_STREAM_H
#define CHARDEV_STREAM_H

#include "internal.h"
#include "io/channel.h"

#define TYPE_CHARDEV_STREAM "chardev-stream"
OBJECT_DECLARE_TYPE(ChardevStream, ChardevStreamClass, CHARDEV_STREAM)

struct ChardevStream {
    Chardev parent_obj;

    IOChannel *ch;          /* NULL: no connection */
    bool no_input;          /* there is nothing to read, ever */
    bool at_end;            /* input has ended, output goes on */
    bool takes_fds;
    bool broken;            /* a write failed; the bottom half ends it */
    QEMUBH *end_bh;
    IOFdList in_fds;        /* came with what was read last */
    int out_fds[IO_CHANNEL_MAX_FDS];
    unsigned nr_out_fds;    /* to go with the next write */
};

/*
 * @end: the channel is at its end or broken (@err: errno, 0 for the end).
 * NULL: input is over and CHR_EVENT_CLOSED is sent.
 */
struct ChardevStreamClass {
    ChardevClass parent_class;

    void (*end)(ChardevStream *s, int err);
};

/* Takes @ch over; frees the one before. NULL: none. No event is sent. */
void chardev_stream_set_channel(ChardevStream *s, IOChannel *ch);
/* For back ends that have more to bring along: the parent's part of it. */
void chardev_stream_detach(Chardev *chr);
void chardev_stream_attach(Chardev *chr);

#endif
