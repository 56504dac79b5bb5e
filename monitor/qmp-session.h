/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One connected QMP client: bytes in, commands one after the other, bytes out.
 *
 * All of it runs in the context given. A session may close in the middle of a
 * command of its own; it then lives until the handler has returned.
 */
#ifndef MONITOR_QMP_SESSION_H
#define MONITOR_QMP_SESSION_H

#include <json-glib/json-glib.h>

#include "io/channel.h"

typedef struct QmpSession QmpSession;

typedef struct QmpSessionConfig {
    struct AioContext *ctx;
    bool pretty;
    /*
     * Hang up on text that is no JSON before negotiation. A web browser can
     * be made to connect to a loopback port and to send a request whose body
     * is commands; its first line gives it away.
     */
    bool distrust;
    /* The client is gone; @session is freed right after. */
    void (*closed)(QmpSession *session, void *opaque);
    void *opaque;
} QmpSessionConfig;

/* Takes @ch over and greets. */
QmpSession *qmp_session_new(IOChannel *ch, const QmpSessionConfig *config);
/* Sends what goes without waiting; closed() is not called. */
void qmp_session_free(QmpSession *session);
/* Before negotiation events are none of the client's business. */
void qmp_session_event(QmpSession *session, JsonObject *event);

#endif
