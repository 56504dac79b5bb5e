/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One user of the human monitor on a byte channel: an editor, a prompt,
 * commands one after the other.
 *
 * All of it runs in the context given. A session may close in the middle of a
 * command of its own; it then lives until the command has returned.
 */
#ifndef MONITOR_HMP_SESSION_H
#define MONITOR_HMP_SESSION_H

#include "io/channel.h"

typedef struct HmpSession HmpSession;

typedef struct HmpSessionConfig {
    struct AioContext *ctx;
    /* Ask for telnet's character mode at the start. */
    bool telnet;
    /*
     * Hang up when the first line is that of an HTTP request: a web browser can
     * be made to connect to a loopback port and to send commands in its body.
     */
    bool distrust;
    /* The user is gone; @session is freed right after. */
    void (*closed)(HmpSession *session, void *opaque);
    void *opaque;
} HmpSessionConfig;

/* Takes @ch over and greets. */
HmpSession *hmp_session_new(IOChannel *ch, const HmpSessionConfig *config);
/* Sends what goes without waiting; closed() is not called. */
void hmp_session_free(HmpSession *session);

#endif
