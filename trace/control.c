/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The register of trace events: groups are added by constructors of generated
 * code and only read afterwards; the switches are single bytes that trace
 * points look at without a lock.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/log.h"
#include "trace/control.h"

TraceEvent trace_event_compiled_out = { .name = "", .group = "" };

static TraceEvent *const **groups;
static size_t nr_groups;

void trace_event_register_group(TraceEvent *const *events)
{
    groups = g_renew(TraceEvent *const *, groups, nr_groups + 1);
    groups[nr_groups++] = events;
}

void trace_event_iter_init_pattern(TraceEventIter *iter, const char *pattern)
{
    *iter = (TraceEventIter) { .pattern = pattern };
}

void trace_event_iter_init_all(TraceEventIter *iter)
{
    trace_event_iter_init_pattern(iter, NULL);
}

TraceEvent *trace_event_iter_next(TraceEventIter *iter)
{
    while (iter->group < nr_groups) {
        TraceEvent *ev = groups[iter->group][iter->event];

        if (!ev) {
            iter->group++;
            iter->event = 0;
            continue;
        }
        iter->event++;
        if (!iter->pattern || g_pattern_match_simple(iter->pattern, ev->name)) {
            return ev;
        }
    }
    return NULL;
}

TraceEvent *trace_event_name(const char *name)
{
    TraceEventIter iter;
    TraceEvent *ev;

    trace_event_iter_init_all(&iter);
    while ((ev = trace_event_iter_next(&iter))) {
        if (g_str_equal(ev->name, name)) {
            break;
        }
    }
    return ev;
}

void trace_event_set_state_dynamic(TraceEvent *ev, bool state)
{
    __atomic_store_n(&ev->enabled, state, __ATOMIC_RELAXED);
    if (state) {
        /* Lines go to the log, which says nothing while all its bits are off. */
        __atomic_fetch_or(&qemu_loglevel, LOG_TRACE, __ATOMIC_RELAXED);
    }
}

size_t trace_event_set_state_by_pattern(const char *pattern, bool state)
{
    TraceEventIter iter;
    TraceEvent *ev;
    size_t hits = 0;

    trace_event_iter_init_pattern(&iter, pattern);
    while ((ev = trace_event_iter_next(&iter))) {
        trace_event_set_state_dynamic(ev, state);
        hits++;
    }
    return hits;
}

bool trace_enable_events(const char *line, Error **errp)
{
    bool state = line[0] != '-';
    const char *pattern = state ? line : line + 1;

    if (trace_event_set_state_by_pattern(pattern, state) == 0) {
        error_setg(errp, "trace event '%s' does not exist (-trace help lists them)", pattern);
        return false;
    }
    return true;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void trace_list_events(FILE *f)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    TraceEventIter iter;
    TraceEvent *ev;

    trace_event_iter_init_all(&iter);
    while ((ev = trace_event_iter_next(&iter))) {
        g_ptr_array_add(names, (void *)ev->name);
    }
    g_ptr_array_sort(names, compare_names);
    for (guint i = 0; i < names->len; i++) {
        fprintf(f, "%s\n", (const char *)names->pdata[i]);
    }
}

void trace_print(const TraceEvent *ev, const char *fmt, ...)
{
    g_autofree char *text = NULL;
    gint64 now = g_get_real_time();
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    qemu_log("%d@%" G_GINT64_FORMAT ".%06d:%s %s\n", (int)getpid(), now / G_USEC_PER_SEC,
             (int)(now % G_USEC_PER_SEC), ev->name, text);
}

bool trace_any_enabled(void)
{
    TraceEventIter iter;
    TraceEvent *ev;

    trace_event_iter_init_all(&iter);
    while ((ev = trace_event_iter_next(&iter))) {
        if (trace_event_get_state(ev)) {
            return true;
        }
    }
    return false;
}

bool trace_init_backends(void)
{
    return true;
}
