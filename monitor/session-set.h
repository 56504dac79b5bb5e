/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sessions of one monitor: all speak QMP, or all are for people. Everything
 * belongs to the main thread.
 */
#ifndef MONITOR_SESSION_SET_H
#define MONITOR_SESSION_SET_H

#include <json-glib/json-glib.h>

#include "io/channel.h"

typedef struct SessionSet SessionSet;

/* What a session is told; see qmp-session.h and hmp-session.h. */
typedef struct SessionKind {
    bool control;           /* QMP; else for people */
    bool pretty;            /* QMP only */
    bool telnet;            /* for people only */
    bool distrust;
} SessionKind;

/* @left (or NULL) hears of each client that goes by itself. */
SessionSet *session_set_new(const SessionKind *kind, void (*left)(void *opaque), void *opaque);
/* Ends all sessions. */
void session_set_free(SessionSet *set);

/* A client has come; @ch is taken over. */
void session_set_add(SessionSet *set, IOChannel *ch);
unsigned session_set_size(const SessionSet *set);
/* Does nothing in front of people. */
void session_set_event(SessionSet *set, JsonObject *event);

#endif
