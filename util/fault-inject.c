/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counting of fault-injection questions; the idea is in qemu/fault-inject.h. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/atomic.h"
#include "qemu/cutils.h"
#include "qemu/fault-inject.h"

bool fault_inject_armed;

static FaultPoint armed_point;
static unsigned fail_at;
static bool fail_sticky;
static unsigned asked;

static const char *const point_names[] = {
#define FAULT_NAME_(id, name) [id] = name,
    FAULT_POINTS(FAULT_NAME_)
#undef FAULT_NAME_
    [FAULT_ANY] = "any",
};

const char *fault_point_name(FaultPoint point)
{
    return point_names[point];
}

bool fault_inject_slow(FaultPoint point)
{
    unsigned nth;

    if (qatomic_read(&armed_point) != FAULT_ANY && qatomic_read(&armed_point) != point) {
        return false;
    }
    nth = qatomic_inc_fetch(&asked);
    return nth == qatomic_read(&fail_at) ||
           (nth > qatomic_read(&fail_at) && qatomic_read(&fail_sticky));
}

void fault_inject_arm(FaultPoint point, unsigned nth, bool sticky)
{
    qatomic_set(&armed_point, point);
    qatomic_set(&fail_at, nth);
    qatomic_set(&fail_sticky, sticky);
    qatomic_set(&asked, 0);
    qatomic_store_release(&fault_inject_armed, true);
}

unsigned fault_inject_disarm(void)
{
    qatomic_set(&fault_inject_armed, false);
    return qatomic_read(&asked);
}

static int point_by_name(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(point_names); i++) {
        if (g_str_equal(point_names[i], name)) {
            return i;
        }
    }
    return -1;
}

bool fault_inject_parse(const char *spec, Error **errp)
{
    g_auto(GStrv) parts = g_strsplit(spec, ":", 2);
    const char *end = NULL;
    unsigned nth = 0;
    int point = parts[0] ? point_by_name(parts[0]) : -1;

    if (point < 0 || !parts[1] || qemu_strtoui(parts[1], &end, 10, &nth) || !nth ||
        (*end && !g_str_equal(end, "+"))) {
        error_setg(errp, "X_REMOTE_FAULT='%s' is not POINT:N or POINT:N+ (points: any, alloc, "
                   "mmap, eventfd, epoll, thread, socket, recvmsg, sendmsg, open, file-io)", spec);
        return false;
    }
    fault_inject_arm(point, nth, *end == '+');
    return true;
}

bool fault_inject_init_from_env(Error **errp)
{
    const char *spec = getenv("X_REMOTE_FAULT");

    return !spec || fault_inject_parse(spec, errp);
}
