/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QMP commands: where those who answer them meet those who ask.
 *
 * A command is a row: name, handler, flags. Generated code registers the rows
 * of a schema module from the cell that implements it (type_init), so the
 * monitors know no subsystem, and a subsystem knows no monitor.
 *
 * Threads: registration before the main loop runs; handlers run in the main
 * thread, in the main AioContext, with no isolation domain entered. A handler
 * that needs a domain enters it (AIO_CONTEXT_GUARD) and leaves it before it
 * returns. A handler never waits without bound: while it runs no monitor is
 * served.
 */
#ifndef QAPI_QMP_REGISTRY_H
#define QAPI_QMP_REGISTRY_H

#include <json-glib/json-glib.h>

#include "qapi/error.h"

/*
 * Answers one command.
 *
 * @args: the "arguments" member, never NULL, owned by the caller
 * Returns the value of "return" (the caller takes it over); NULL without an
 * error stands for the empty object. With @errp set the return value is
 * dropped. The error's class becomes "class", its message "desc".
 */
typedef JsonNode *QmpHandler(JsonObject *args, Error **errp);

enum {
    /* May run before the machine is there; here it always is. */
    QMP_COMMAND_ALLOW_PRECONFIG = 1 << 0,
    /* May run out of band; no monitor offers that. */
    QMP_COMMAND_ALLOW_OOB = 1 << 1,
    /* Success is not answered. */
    QMP_COMMAND_NO_REPLY = 1 << 2,
    /* Not listed by query-commands. */
    QMP_COMMAND_HIDDEN = 1 << 3,
};

typedef struct QmpCommand {
    const char *name;
    QmpHandler *fn;
    unsigned flags;
} QmpCommand;

/*
 * @rows and their names must live for ever; a name that is registered twice
 * is a programming error.
 */
void qmp_register_commands(const QmpCommand *rows, size_t n);
void qmp_register_command(const char *name, QmpHandler *fn, unsigned flags);

/* Borrowed; NULL when there is none. */
const QmpCommand *qmp_command_find(const char *name);
/* Names of all that are not hidden, sorted; free with g_list_free(). */
GList *qmp_command_names(void);

/*
 * Runs a command on behalf of this program itself: arguments are checked like
 * a client's. @args may be NULL. Returns the answer, the empty object for
 * commands that have none; NULL with errp set.
 */
JsonNode *qmp_call(const char *name, JsonObject *args, Error **errp);

/*
 * The same for arguments that people wrote: where a number or a boolean is
 * wanted, text will do ("4k", "on"), as in key=value options.
 */
JsonNode *qmp_call_text(const char *name, JsonObject *args, Error **errp);

/* Wraps an object or array, taking it over, into the node a handler returns. */
JsonNode *qmp_return_object(JsonObject *obj);
JsonNode *qmp_return_array(JsonArray *array);

#endif
