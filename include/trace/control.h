/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Trace points: which exist, which are on, where their lines go.
 *
 * Each folder lists its events in `trace-events`; scripts/tracetool.py makes
 * trace_NAME() of each (docs in that script). An event that is on writes one
 * line `pid@seconds.micros:name text` to the log (stderr, or the -D file).
 *
 * Events are switched from any thread; a trace point reads its switch without
 * a lock. Groups register from constructors, before main().
 * Lock order: the log's lock is a leaf; nothing is held here otherwise.
 */
#ifndef TRACE_CONTROL_H
#define TRACE_CONTROL_H

#include <glib.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "qemu/compiler.h"
#include "qemu/typedefs.h"

typedef struct TraceEvent {
    const char *name;
    const char *group;
    bool enabled;
} TraceEvent;

/* Stands for events marked `disable`: never on, not in the list. */
extern TraceEvent trace_event_compiled_out;

/* ev is TRACE_NAME in upper case. */
#define trace_event_get_state(ev) \
    unlikely(__atomic_load_n(&(ev)->enabled, __ATOMIC_RELAXED))
#define trace_event_get_state_backends(ev) trace_event_get_state(ev)
#define trace_event_get_state_dynamic(ev) trace_event_get_state(ev)

/* What generated code calls. events ends with NULL and lives for ever. */
void trace_event_register_group(TraceEvent *const *events);
void trace_print(const TraceEvent *ev, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

/* Walk: all zero to begin; pattern NULL = all. */
typedef struct TraceEventIter {
    size_t group;
    size_t event;
    const char *pattern;
} TraceEventIter;
void trace_event_iter_init_all(TraceEventIter *iter);
void trace_event_iter_init_pattern(TraceEventIter *iter, const char *pattern);
TraceEvent *trace_event_iter_next(TraceEventIter *iter);

TraceEvent *trace_event_name(const char *name);
static inline const char *trace_event_get_name(const TraceEvent *ev)
{
    return ev->name;
}
/* Switching one on switches the log's LOG_TRACE on, too. */
void trace_event_set_state_dynamic(TraceEvent *ev, bool state);
bool trace_any_enabled(void);

/* name or glob pattern ("vfu_*"); returns how many events it matched. */
size_t trace_event_set_state_by_pattern(const char *pattern, bool state);
/*
 * One line of an events file or of `-d trace:`: pattern, "-pattern" switches
 * off. false and errp when nothing has that name.
 */
bool trace_enable_events(const char *line, Error **errp);
/* Sorted, one name a line. */
void trace_list_events(FILE *f);

/*
 * The argument of -trace: [enable=]PATTERN, events=FILE, file=FILE, joined by
 * commas; "help" lists the events and ends the process with success.
 */
bool trace_opt_parse(const char *optarg, Error **errp);
/* Sends the log to the file that `-trace file=` named, if any. After -D was looked at. */
bool trace_init_file(Error **errp);

/* Starts nothing in threads; exists for sources that call QEMU's name. */
bool trace_init_backends(void);

#endif
