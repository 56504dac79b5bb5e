/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the text of one QMP request to the tree of its reply. */
#ifndef MONITOR_DISPATCH_H
#define MONITOR_DISPATCH_H

#include <json-glib/json-glib.h>

#include "qapi/error.h"

/*
 * Runs the request in @text. @negotiated is the mode of the session, and
 * becomes true when qmp_capabilities succeeds. The caller owns the reply; NULL:
 * success of a command that has none.
 * @malformed tells that @text was no JSON at all.
 */
JsonObject *qmp_dispatch(const char *text, size_t len, bool *negotiated, bool *malformed);

/* {"error": ...}; takes @err over. */
JsonObject *qmp_error_reply(Error *err);

/* What a client sees first. */
JsonObject *qmp_greeting(void);

#endif
