/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QMP commands: how a subsystem offers one.
 *
 * A command is a row: name, handler, flags and, if it says so, the arguments
 * it takes. The monitor knows no subsystem; whoever has something to answer
 * registers rows before the first client connects (a type_init function or
 * the machine's realize are good places).
 *
 * Threads: registration and handlers run in the main thread, in the main
 * AioContext, with no isolation domain entered. A handler that needs a domain
 * enters it (AIO_CONTEXT_GUARD) and leaves it before it returns. A handler
 * never waits without bound: while it runs no other monitor is served.
 */
#ifndef MONITOR_QMP_H
#define MONITOR_QMP_H

#include <json-glib/json-glib.h>

#include "qapi/error.h"

/*
 * Answers one command.
 *
 * @args: the "arguments" member, never NULL, owned by the caller
 * Returns the value of "return" (the monitor takes it over); NULL without an
 * error stands for the empty object. With @errp set the return value is
 * dropped. The error's class becomes "class", its message "desc".
 */
typedef JsonNode *QmpHandler(JsonObject *args, Error **errp);

enum {
    /* Answered before the client has sent qmp_capabilities, and only then. */
    QMP_COMMAND_NEGOTIATION = 1 << 0,
    /* Takes members it does not list (device_add, object-add). */
    QMP_COMMAND_OPEN_ARGS = 1 << 1,
    /* Not listed by query-commands. */
    QMP_COMMAND_HIDDEN = 1 << 2,
};

typedef enum QmpArgType {
    QMP_ARG_STRING,
    QMP_ARG_INT,        /* fits int64_t */
    QMP_ARG_NUMBER,     /* integer or fraction */
    QMP_ARG_BOOL,
    QMP_ARG_OBJECT,
    QMP_ARG_ARRAY,
    QMP_ARG_ANY,        /* anything, null too */
} QmpArgType;

typedef struct QmpArg {
    const char *name;   /* NULL ends the list */
    QmpArgType type;
    bool optional;
} QmpArg;

/*
 * Adds a command whose handler looks at its arguments itself: any member is
 * let through. @name must live for ever and be new; a second registration of
 * a name is a programming error.
 */
void qmp_register_command(const char *name, QmpHandler *fn, unsigned flags);

/*
 * The same with arguments checked before the handler runs: what is not
 * optional is there, each has its type, and nothing else is there (except
 * with QMP_COMMAND_OPEN_ARGS). @args must live for ever; an array that has
 * only the ending row means "takes no arguments".
 */
void qmp_register_command_args(const char *name, QmpHandler *fn, unsigned flags,
                               const QmpArg *args);

/* Arguments already checked: @fallback when the optional member is absent. */
const char *qmp_arg_string(JsonObject *args, const char *name, const char *fallback);
int64_t qmp_arg_int(JsonObject *args, const char *name, int64_t fallback);
bool qmp_arg_bool(JsonObject *args, const char *name, bool fallback);

/* Wraps an object or array, taking it over, into the node a handler returns. */
JsonNode *qmp_return_object(JsonObject *obj);
JsonNode *qmp_return_array(JsonArray *array);

#endif
