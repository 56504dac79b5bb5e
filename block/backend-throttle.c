/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Limits that a drive has of its own, without a throttle node: block_set_io_throttle
 * and the throttling.* options of -drive. Its requests wait in front of the
 * node, in a group that others may share by its name.
 */
#include "qemu/osdep.h"
#include "backend-int.h"
#include "backend-throttle.h"
#include "throttle-group.h"

typedef struct BlkThrottle {
    ThrottleMember member;
    BlockBackend *blk;
} BlkThrottle;

static void take_back(BlockRequest *req)
{
    BlkThrottle *t = req->state[1];

    t->blk->in_flight--;
    throttle_member_cancel(&t->member, req);
}

static void go_on(void *opaque, BlockRequest *req)
{
    BlkThrottle *t = opaque;

    t->blk->in_flight--;
    blk_go_on(t->blk, req);
}

bool blk_throttle_hold(BlockBackend *blk, BlockRequest *req)
{
    BlkThrottle *t = blk->throttle;

    if (!throttle_member_intercept(&t->member, req)) {
        return false;
    }
    req->state[1] = t;
    req->take_back = take_back;
    blk->in_flight++;
    return true;
}

void blk_throttle_set_exempt(BlockBackend *blk, bool exempt)
{
    throttle_member_set_exempt(&blk->throttle->member, exempt);
}

void blk_throttle_detach(BlockBackend *blk)
{
    if (blk->throttle) {
        throttle_member_detach(&blk->throttle->member);
    }
}

void blk_throttle_attach(BlockBackend *blk)
{
    if (blk->throttle) {
        throttle_member_attach(&blk->throttle->member, blk->ctx);
    }
}

void blk_throttle_free(BlockBackend *blk)
{
    BlkThrottle *t = g_steal_pointer(&blk->throttle);

    if (t) {
        throttle_member_detach(&t->member);
        throttle_member_destroy(&t->member);
        g_free(t);
    }
}

static void join(BlockBackend *blk, const char *name)
{
    ThrottleGroup *found = throttle_group_find(name);
    g_autoptr(ThrottleGroup) group = found ? throttle_group_ref(found) : throttle_group_new(name);

    blk->throttle = g_new0(BlkThrottle, 1);
    blk->throttle->blk = blk;
    throttle_member_init(&blk->throttle->member, group, go_on, blk->throttle);
    blk_throttle_attach(blk);
}

/* What waits goes to the node: those who change or end limits do not wait for them. */
static void leave(BlockBackend *blk)
{
    blk_drain(blk);
    blk_throttle_free(blk);
}

void blk_set_throttle(BlockBackend *blk, const char *group, const ThrottleConfig *config)
{
    AIO_CONTEXT_GUARD(blk->ctx);
    const char *joined = blk->throttle ? throttle_group_name(blk->throttle->member.group) : NULL;
    const char *wanted = group ?: joined;

    if (!throttle_config_enabled(config)) {
        if (joined) {
            leave(blk);
        }
        return;
    }
    if (joined && strcmp(joined, wanted)) {
        leave(blk);
    }
    if (!blk->throttle) {
        g_autofree char *id = blk_get_attached_dev_id(blk);

        join(blk, wanted ?: (*blk_name(blk) ? blk_name(blk) : id));
    }
    throttle_group_set_config(blk->throttle->member.group, config);
}

const char *blk_get_throttle(BlockBackend *blk, ThrottleConfig *config)
{
    if (!blk->throttle) {
        return NULL;
    }
    throttle_group_get_config(blk->throttle->member.group, config);
    return throttle_group_name(blk->throttle->member.group);
}
