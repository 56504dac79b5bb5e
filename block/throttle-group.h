/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Several places where requests pass (members: throttle nodes, drives with
 * limits of their own) that share one set of limits. Who has to wait is queued
 * at his member; the members have their turns one after the other.
 *
 * Members may be in different domains. What is shared is the buckets, the list
 * of members and whose turn it is, and the queues; all of it is under the
 * group's lock. A member's timer fires in the member's own context, so a request
 * goes on in the domain that it belongs to, whoever made its turn come.
 *
 * Lock order: a member's context, then a group's lock, then a context's timers.
 * Nothing is called back with a group's lock held.
 */
#ifndef BLOCK_THROTTLE_GROUP_H
#define BLOCK_THROTTLE_GROUP_H

#include "block/aio.h"
#include "block/request.h"
#include "throttle-bucket.h"

typedef struct ThrottleGroup ThrottleGroup;
typedef struct ThrottleMember ThrottleMember;

/* A request may go on. From the loop of the member's context. */
typedef void ThrottleGoOn(void *opaque, BlockRequest *req);

/* Of reads and of writes, each by itself. */
typedef struct ThrottleQueue {
    ThrottleMember *member;
    bool is_write;
    bool has_turn;              /* its timer is set */
    QTAILQ_HEAD(, BlockRequest) waiting;
    QTAILQ_HEAD(, BlockRequest) ready;  /* had their turn; the member's context's lock */
    QEMUTimer timer;
} ThrottleQueue;

struct ThrottleMember {
    ThrottleGroup *group;       /* a reference */
    ThrottleGoOn *go_on;
    void *opaque;
    QEMUBH *bh;                 /* what is ready goes on; NULL: not attached */
    bool exempt;                /* its requests go on, whatever the limits say */
    ThrottleQueue queue[2];     /* reads, writes */
    QTAILQ_ENTRY(ThrottleMember) next;
};

/*
 * One reference; of no limits. The name is copied. Groups are made, found and
 * go in the main context.
 */
ThrottleGroup *throttle_group_new(const char *name);
/* The one with that name; borrowed. NULL: none. */
ThrottleGroup *throttle_group_find(const char *name);
ThrottleGroup *throttle_group_ref(ThrottleGroup *group);
void throttle_group_unref(ThrottleGroup *group);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ThrottleGroup, throttle_group_unref)
const char *throttle_group_name(const ThrottleGroup *group);
/* It has members. */
bool throttle_group_is_used(ThrottleGroup *group);
/* From any thread. Those who wait are looked at again, by the new limits. */
void throttle_group_set_config(ThrottleGroup *group, const ThrottleConfig *config);
void throttle_group_get_config(ThrottleGroup *group, ThrottleConfig *config);

/* Takes a reference. Attached to no context yet. */
void throttle_member_init(ThrottleMember *m, ThrottleGroup *group, ThrottleGoOn *go_on,
                          void *opaque);
/* It is not attached. */
void throttle_member_destroy(ThrottleMember *m);
void throttle_member_attach(ThrottleMember *m, AioContext *ctx);
/* Nothing waits. */
void throttle_member_detach(ThrottleMember *m);

/*
 * From now on all that waits goes on, and what comes: for those who wait until
 * nothing is under way. Member's context.
 */
void throttle_member_set_exempt(ThrottleMember *m, bool exempt);

/*
 * In the member's context. true: req waits now, with its link and state[0] in
 * use, and go_on() comes or throttle_member_cancel(). false: it may go on.
 */
bool throttle_member_intercept(ThrottleMember *m, BlockRequest *req);
void throttle_member_cancel(ThrottleMember *m, BlockRequest *req);
unsigned throttle_member_waiting(ThrottleMember *m);

#endif
