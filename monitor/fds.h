/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * File descriptors that clients of monitors pass: those that came with the
 * bytes of a session and wait for the command that takes them, those that
 * getfd gave a name, and the sets of add-fd.
 *
 * A descriptor that came with some bytes is for a command of which a part was
 * in the same read, or for the next one after it (clients send it with a blank
 * in front). Then it is closed. All numbers are bounded.
 *
 * Threads: the main thread.
 */
#ifndef MONITOR_FDS_H
#define MONITOR_FDS_H

#include <glib.h>

#include "io/channel.h"

/* Most that wait in a session; the oldest make room. */
#define MONITOR_FDS_WAITING IO_CHANNEL_MAX_FDS
/* Most names of a session, and descriptors in all sets together. */
#define MONITOR_FDS_NAMED 64
#define MONITOR_FDS_IN_SETS 256

/* What a session has; zeroed is not initialised. */
typedef struct MonitorFds {
    struct {
        int fd;
        unsigned arrival;
    } waiting[MONITOR_FDS_WAITING];
    unsigned n;
    unsigned arrivals;          /* reads so far */
    GHashTable *names;          /* to descriptors, owned */
} MonitorFds;

void monitor_fds_init(MonitorFds *fds);
/* Closes all. With the last session the sets that nobody has used go, too. */
void monitor_fds_clear(MonitorFds *fds);

/* A read brought bytes, and @list, perhaps empty; taken over. */
void monitor_fds_arrive(MonitorFds *fds, IOFdList *list);
/* A command was answered: what has waited for long enough is closed. */
void monitor_fds_answered(MonitorFds *fds);

/* Commands that run now are of this session; returns the one before. NULL: of none. */
MonitorFds *monitor_fds_enter(MonitorFds *fds);

/* The oldest that waits, the caller's; -1 with errp set. */
int monitor_fds_take(Error **errp);

#endif
