/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of QMP commands; include/monitor/qmp.h fills it. */
#ifndef MONITOR_COMMANDS_H
#define MONITOR_COMMANDS_H

#include "monitor/qmp.h"

typedef struct QmpCommand {
    const char *name;
    QmpHandler *fn;
    unsigned flags;
    const QmpArg *args;     /* NULL: the handler checks */
} QmpCommand;

/* Borrowed; NULL when there is none. */
const QmpCommand *qmp_command_find(const char *name);
/* Names of all that are not hidden, sorted; free with g_list_free(). */
GList *qmp_command_names(void);
bool qmp_command_check_args(const QmpCommand *cmd, JsonObject *args, Error **errp);

#endif
