/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Eventfds that belong to a client, used without ever waiting for it.
 *
 * The counter and O_NONBLOCK are shared with the client, which can fill the one
 * and clear the other between any two system calls of ours: a plain read or
 * write could then wait for it for ever, with the domain's lock held. So the
 * kernel signals for us: the completion of an asynchronous request adds one to
 * the counter and never waits. Where there are no such requests (a sandbox that
 * forbids io_setup, fs.aio-max-nr used up) what is left is to ask before each
 * write whether it would wait.
 *
 * Locking: a ClientEventQueue is used under one lock, the domain's.
 */
#ifndef HW_REMOTE_OUTBOUND_CLIENT_EVENT_H
#define HW_REMOTE_OUTBOUND_CLIENT_EVENT_H

#include "qemu/osdep.h"
#include <linux/aio_abi.h>

typedef struct ClientEventQueue {
    aio_context_t context;      /* 0: made with the first signal, or failed */
    int ready_fd;               /* always readable: requests for it end at once */
    bool failed;
} ClientEventQueue;

/* Costs nothing before the first signal. */
void client_event_queue_init(ClientEventQueue *q);
void client_event_queue_destroy(ClientEventQueue *q);

/* 0, or -errno: not an eventfd, or one that cannot be used. */
int client_event_check(int fd);
/* Adds one; a counter that is full stays full: the client has not looked yet. */
void client_event_signal(ClientEventQueue *q, int fd);
/* Takes the counter (one, of a semaphore). False: it was zero. -errno in *err
 * when the descriptor is of no use any more. */
bool client_event_take(int fd, int *err);

#endif
