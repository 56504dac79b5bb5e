/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Monitors as the rest of the program sees them: device models print to one,
 * start-up makes them and takes them down.
 *
 * Threads: everything here belongs to the main thread and the main AioContext,
 * except that any thread may ask for monitor_cur(): only in the thread that
 * runs a monitor's command, and only while it runs, is it not NULL.
 */
#ifndef MONITOR_H
#define MONITOR_H

#include <stdarg.h>
#include <stdbool.h>

#include "qapi/error.h"
#include "qemu/typedefs.h"

/*
 * The monitor whose command runs in this thread: NULL when there is none. Good
 * until the command returns.
 */
Monitor *monitor_cur(void);
bool monitor_cur_is_qmp(void);

/*
 * Text for the user of a human monitor: @mon is monitor_cur(). Returns the number
 * of bytes taken, or -1 when it is NULL or speaks QMP: the text is then dropped.
 * What no terminal should get (control characters of a guest or client) is
 * replaced on the way.
 */
int monitor_vprintf(Monitor *mon, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));
int monitor_printf(Monitor *mon, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Opens a QMP server.
 *
 * @spec: unix:PATH[,server=on][,wait=off], tcp:HOST:PORT[,...] or stdio.
 * @pretty: answers are indented.
 * Fails when the address cannot be had; nothing is left behind then.
 */
bool qmp_server_add(const char *spec, bool pretty, Error **errp);

/*
 * The same for a human monitor; also telnet:HOST:PORT[,...], pty and the like, and
 * the id of a character device.
 */
bool hmp_server_add(const char *spec, Error **errp);

/* -add-fd: an inherited descriptor, by its number, into a set; see QMP's add-fd. */
bool monitor_add_fd_option(int64_t set, const char *fd, const char *opaque, Error **errp);

/*
 * Makes a character device a monitor: of QMP with @control, else of people.
 * Fails when there is no such device or something else uses it.
 */
bool monitor_add_chardev(const char *id, bool control, bool pretty, Error **errp);

/*
 * Starts to answer: commands that arrived before wait until now, so that no
 * client sees a machine that is half made.
 */
void monitors_start(void);

/* Sends what can be sent without waiting, closes all, removes the sockets. */
void monitors_cleanup(void);

#endif
