/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The front end of a character device: what a device model or a monitor holds.
 *
 * A CharBackend is embedded by value. It is connected to a Chardev once
 * (DEFINE_PROP_CHR or qemu_chr_fe_init()) and from then on the only one that
 * the Chardev speaks to, until qemu_chr_fe_deinit().
 *
 * Threads: qemu_chr_fe_set_handlers() binds the front end, and its Chardev
 * with all file descriptors, to the AioContext that is current at the call:
 * a device model's isolation domain, or the main context. Every callback runs
 * there, with that context entered. The other functions are called with it
 * entered, too; a thread that has entered the main context may call them for
 * any front end and then waits for its domain's lock. A domain's thread that
 * calls them for a Chardev which still is in another context is answered as
 * if there was no room (EAGAIN): call qemu_chr_fe_set_handlers() in realize.
 *
 * Nothing here waits, with two exceptions that have a limit of a few seconds:
 * qemu_chr_fe_read_all() and qemu_chr_fe_wait_connected().
 */
#ifndef QEMU_CHAR_FE_H
#define QEMU_CHAR_FE_H

#include "chardev/char.h"
#include "qemu/main-loop.h"

/* The condition is one of G_IO_OUT, G_IO_HUP; false removes the watch. */
typedef gboolean (*FEWatchFunc)(void *do_not_use, GIOCondition condition, void *data);
typedef void IOEventHandler(void *opaque, QEMUChrEvent event);
typedef int BackendChangeHandler(void *opaque);

struct CharBackend {
    Chardev *chr;               /* NULL: none was given */
    IOEventHandler *chr_event;
    IOCanReadHandler *chr_can_read;
    IOReadHandler *chr_read;
    BackendChangeHandler *chr_be_change;
    void *opaque;
    bool fe_is_open;
};

/* Newer QEMU calls it so. */
#define CharFrontend CharBackend

/*
 * Connects @b to @s (NULL: to nothing; every call then does nothing). Fails
 * when @s has a front end already. Main context.
 */
bool qemu_chr_fe_init(CharBackend *b, Chardev *s, Error **errp);

/* Lets go, without a callback. @del: the Chardev goes away as well. */
void qemu_chr_fe_deinit(CharBackend *b, bool del);

/* Borrowed, and valid only until the next chardev-change. */
Chardev *qemu_chr_fe_get_driver(CharBackend *be);
/* A Chardev was given. */
bool qemu_chr_fe_backend_connected(CharBackend *be);
/* Its other side is there: a client, a terminal. */
bool qemu_chr_fe_backend_open(CharBackend *be);

/*
 * @fd_can_read says how many bytes it takes now; fd_read never gets more. A
 * front end that said 0 calls qemu_chr_fe_accept_input() when that changes.
 * @be_change is called when chardev-change gave @b another Chardev; without
 * it, or when it returns non-zero, the change is refused.
 * @context: there is no GLib main loop in this program: NULL.
 * @set_open: tell the back end that there is a front end, or none any more.
 * With all callbacks and @opaque NULL, the front end does not listen.
 * If the back end is open already, CHR_EVENT_OPENED comes before the return.
 */
void qemu_chr_fe_set_handlers_full(CharBackend *b, IOCanReadHandler *fd_can_read,
                                   IOReadHandler *fd_read, IOEventHandler *fd_event,
                                   BackendChangeHandler *be_change, void *opaque,
                                   GMainContext *context, bool set_open, bool sync_state);
void qemu_chr_fe_set_handlers(CharBackend *b, IOCanReadHandler *fd_can_read,
                              IOReadHandler *fd_read, IOEventHandler *fd_event,
                              BackendChangeHandler *be_change, void *opaque,
                              GMainContext *context, bool set_open);

/* There is no multiplexer: these have nothing to do. */
static inline void qemu_chr_fe_take_focus(CharBackend *b) { }

/* There is room for input again. */
void qemu_chr_fe_accept_input(CharBackend *be);

/* Ends the connection; the Chardev lives on and takes or makes the next one. */
void qemu_chr_fe_disconnect(CharBackend *be);
/* Until a peer is there, for a few seconds at most: 0, or -1 with errp set. */
int qemu_chr_fe_wait_connected(CharBackend *be, Error **errp);

void qemu_chr_fe_set_echo(CharBackend *be, bool echo);
void qemu_chr_fe_set_open(CharBackend *be, bool is_open);

void qemu_chr_fe_printf(CharBackend *be, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

/*
 * Calls @func once there is room to write (G_IO_OUT in @cond) or the peer has
 * gone (G_IO_HUP), until it returns false. The result is for
 * g_source_remove(); 0: this back end never has to wait.
 */
guint qemu_chr_fe_add_watch(CharBackend *be, GIOCondition cond, FEWatchFunc func,
                            void *user_data);

/*
 * Bytes taken, or -1 with errno EAGAIN when there is no room; without a
 * Chardev 0. Bytes for a peer that is not there are taken and dropped.
 */
int qemu_chr_fe_write(CharBackend *be, const uint8_t *buf, int len);
/*
 * The same, and what has no room is kept and sent later, up to
 * CHARDEV_HELD_MAX bytes in all; what is beyond that is not taken.
 */
int qemu_chr_fe_write_all(CharBackend *be, const uint8_t *buf, int len);
/* Waits for @len bytes, see above; fewer at the end of the stream, or -1 and errno. */
int qemu_chr_fe_read_all(CharBackend *be, uint8_t *buf, int len);

/* -ENOTSUP when the back end does not know @cmd (see chardev/char-serial.h). */
int qemu_chr_fe_ioctl(CharBackend *be, int cmd, void *arg);

/* File descriptors that came with the bytes just read: the caller owns and closes. */
int qemu_chr_fe_get_msgfd(CharBackend *be);
int qemu_chr_fe_get_msgfds(CharBackend *be, int *fds, int num);
/* To go with the next write; they stay the caller's. -1: cannot carry any. */
int qemu_chr_fe_set_msgfds(CharBackend *be, int *fds, int num);

#endif
