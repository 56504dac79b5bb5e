/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QMP commands about trace points. */
#include "qemu/osdep.h"
#include "qapi/qapi-commands-trace.h"
#include "trace/control.h"

static bool is_pattern(const char *name)
{
    return strpbrk(name, "*?") != NULL;
}

static bool check_exists(const char *name, bool ignore, Error **errp)
{
    if (is_pattern(name) || ignore || trace_event_name(name)) {
        return true;
    }
    error_setg(errp, "unknown event \"%s\"", name);
    return false;
}

static int by_name(gconstpointer a, gconstpointer b)
{
    return strcmp((*(TraceEvent *const *)a)->name, (*(TraceEvent *const *)b)->name);
}

TraceEventInfoList *qmp_trace_event_get_state(const char *name, Error **errp)
{
    g_autoptr(GPtrArray) events = g_ptr_array_new();
    TraceEventInfoList *list = NULL, **tail = &list;
    TraceEventIter iter;
    TraceEvent *ev;

    if (!check_exists(name, false, errp)) {
        return NULL;
    }
    trace_event_iter_init_pattern(&iter, name);
    while ((ev = trace_event_iter_next(&iter))) {
        g_ptr_array_add(events, ev);
    }
    g_ptr_array_sort(events, by_name);
    for (guint i = 0; i < events->len; i++) {
        TraceEventInfo *info = g_new0(TraceEventInfo, 1);

        ev = g_ptr_array_index(events, i);
        info->name = g_strdup(ev->name);
        info->state = trace_event_get_state(ev) ? TRACE_EVENT_STATE_ENABLED :
                                                  TRACE_EVENT_STATE_DISABLED;
        QAPI_LIST_APPEND(tail, info);
    }
    return list;
}

void qmp_trace_event_set_state(const char *name, bool enable, bool has_ignore_unavailable,
                               bool ignore_unavailable, Error **errp)
{
    if (check_exists(name, has_ignore_unavailable && ignore_unavailable, errp)) {
        trace_event_set_state_by_pattern(name, enable);
    }
}
