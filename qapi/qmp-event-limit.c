/* SPDX-License-Identifier: GPL-2.0-or-later */
/* At most one event a second for each cause; see qapi/qmp-event-limit.h. */
#include "qemu/osdep.h"
#include "qapi/qmp-event-limit.h"

bool qmp_event_limit_pass_at(QmpEventLimit *limit, int64_t now_us, uint64_t *lost)
{
    if (limit->used && now_us - limit->last_us < QMP_EVENT_LIMIT_US) {
        limit->lost++;
        return false;
    }
    *lost = limit->lost;
    *limit = (QmpEventLimit) { .used = true, .last_us = now_us };
    return true;
}

bool qmp_event_limit_pass(QmpEventLimit *limit, uint64_t *lost)
{
    return qmp_event_limit_pass_at(limit, g_get_monotonic_time(), lost);
}
