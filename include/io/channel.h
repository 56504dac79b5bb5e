/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A byte channel: a stream that can be read and written without waiting, and
 * that tells when it is worth trying again.
 *
 * Kinds: a connected socket (UNIX sockets carry file descriptors too), a pair
 * of files such as stdin and stdout, and a pair of ends in memory for tests.
 *
 * Ownership: whoever made a channel frees it, also from inside one of its own
 * callbacks. Freeing closes it.
 * Threads: a channel belongs to one AioContext; all calls are made by code
 * that has entered it (or before a context is set). There is no lock.
 */
#ifndef IO_CHANNEL_H
#define IO_CHANNEL_H

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

#include "qapi/error.h"

struct AioContext;

/* Most descriptors that one read can bring; more is an error (-EMSGSIZE). */
#define IO_CHANNEL_MAX_FDS 16

typedef struct IOChannel IOChannel;
typedef void IOChannelReady(void *opaque);

/* Received descriptors, close-on-exec. Whoever takes one puts -1 there. */
typedef struct IOFdList {
    unsigned n;
    int fd[IO_CHANNEL_MAX_FDS];
} IOFdList;

void io_fd_list_close(IOFdList *list);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(IOFdList, io_fd_list_close)

/*
 * Reads at most @len bytes. Returns their number, 0 at the end of the stream,
 * -EAGAIN when there is nothing yet, another -errno when the channel is
 * broken. Descriptors that come along are closed unseen.
 */
ssize_t io_channel_read(IOChannel *ch, void *buf, size_t len);

/*
 * The same, and hands over the descriptors that came with these bytes.
 * @fds is overwritten. When there were too many all are closed and the result
 * is -EMSGSIZE: the sender breaks the rules, the stream is not to be trusted.
 */
ssize_t io_channel_read_fds(IOChannel *ch, void *buf, size_t len, IOFdList *fds);

/* Writes what fits: bytes taken (maybe fewer than @len), -EAGAIN or -errno. */
ssize_t io_channel_write(IOChannel *ch, const void *buf, size_t len);

/*
 * The same with descriptors attached to the first byte; the caller keeps and
 * closes its own. -ENOTSUP on a channel that cannot carry them.
 */
ssize_t io_channel_write_fds(IOChannel *ch, const void *buf, size_t len,
                             const int *fds, unsigned nfds);

/*
 * @readable runs in @ctx while there is something to read (the end of the
 * stream counts), @writable while there is room. Level triggered: a callback
 * that does not do its part is called again. NULL switches one off.
 */
void io_channel_set_ready(IOChannel *ch, struct AioContext *ctx,
                          IOChannelReady *readable, IOChannelReady *writable,
                          void *opaque);

/*
 * The descriptor that input comes from, -1 when there is none: to look at, not
 * to read. It stays the channel's.
 */
int io_channel_input_fd(IOChannel *ch);
/* Sleeps until there is something to read, or the time is over: false. */
bool io_channel_wait(IOChannel *ch, int timeout_ms);

void io_channel_free(IOChannel *ch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IOChannel, io_channel_free)

/*
 * A connected stream socket. @fd is taken over, made non-blocking and
 * close-on-exec.
 */
IOChannel *io_channel_socket_new(int fd);

/*
 * A pair of files, used as they are (stdin and stdout, the ends of a pipe);
 * @in and @out may be one. Taken over unless they are 0, 1 or 2: those stay
 * open, and get back the flags they had.
 */
IOChannel *io_channel_fd_new(int in, int out);

/* Two ends that reach each other; each direction holds @capacity bytes. */
void io_channel_memory_pair(size_t capacity, IOChannel *end[2]);

#endif
