/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See session-set.h. */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "hmp-session.h"
#include "qmp-session.h"
#include "session-set.h"

struct SessionSet {
    SessionKind kind;
    void (*left)(void *opaque);
    void *opaque;
    GPtrArray *sessions;        /* QmpSession or HmpSession, owned */
};

static void remove_session(SessionSet *set, void *session)
{
    g_ptr_array_remove_fast(set->sessions, session);
    if (set->left) {
        set->left(set->opaque);
    }
}

static void qmp_closed(QmpSession *session, void *opaque)
{
    remove_session(opaque, session);
}

static void hmp_closed(HmpSession *session, void *opaque)
{
    remove_session(opaque, session);
}

static QmpSession *new_qmp(SessionSet *set, IOChannel *ch)
{
    QmpSessionConfig config = {
        .ctx = aio_context_main(),
        .pretty = set->kind.pretty,
        .distrust = set->kind.distrust,
        .closed = qmp_closed,
        .opaque = set,
    };

    return qmp_session_new(ch, &config);
}

static HmpSession *new_hmp(SessionSet *set, IOChannel *ch)
{
    HmpSessionConfig config = {
        .ctx = aio_context_main(),
        .telnet = set->kind.telnet,
        .distrust = set->kind.distrust,
        .closed = hmp_closed,
        .opaque = set,
    };

    return hmp_session_new(ch, &config);
}

SessionSet *session_set_new(const SessionKind *kind, void (*left)(void *opaque), void *opaque)
{
    SessionSet *set = g_new0(SessionSet, 1);

    set->kind = *kind;
    set->left = left;
    set->opaque = opaque;
    set->sessions = g_ptr_array_new();
    return set;
}

void session_set_free(SessionSet *set)
{
    for (guint i = 0; i < set->sessions->len; i++) {
        void *session = g_ptr_array_index(set->sessions, i);

        if (set->kind.control) {
            qmp_session_free(session);
        } else {
            hmp_session_free(session);
        }
    }
    g_ptr_array_unref(set->sessions);
    g_free(set);
}

void session_set_add(SessionSet *set, IOChannel *ch)
{
    g_ptr_array_add(set->sessions,
                    set->kind.control ? (void *)new_qmp(set, ch) : (void *)new_hmp(set, ch));
}

unsigned session_set_size(const SessionSet *set)
{
    return set->sessions->len;
}

void session_set_event(SessionSet *set, JsonObject *event)
{
    for (guint i = 0; set->kind.control && i < set->sessions->len; i++) {
        qmp_session_event(g_ptr_array_index(set->sessions, i), event);
    }
}
