/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * EventNotifier: an eventfd, seen as a flag that one side sets and the other
 * side tests and clears. Never blocks: a saturated counter still reads as set.
 */
#ifndef QEMU_EVENT_NOTIFIER_H
#define QEMU_EVENT_NOTIFIER_H

#include "qemu/typedefs.h"

struct EventNotifier {
    int rfd;
    int wfd;
    bool initialized;
};

typedef void EventNotifierHandler(EventNotifier *);

/* active: starts as set. 0 or -errno. */
int event_notifier_init(EventNotifier *e, int active);
/* Wraps a foreign fd, which event_notifier_cleanup() closes. */
void event_notifier_init_fd(EventNotifier *e, int fd);
void event_notifier_cleanup(EventNotifier *e);
int event_notifier_set(EventNotifier *e);       /* 0 or -errno */
int event_notifier_test_and_clear(EventNotifier *e);    /* 1 = was set */
int event_notifier_get_fd(const EventNotifier *e);
int event_notifier_get_wfd(const EventNotifier *e);

#endif
