/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * key=value option text to a JSON object, by QEMU's rules.
 *
 * Values are text; the setter of a property makes a number, a size or on/off
 * of it. A doubled comma stands for one comma in a value. The first part may
 * be a bare value of an implied key ("edu,id=d0": driver=edu).
 *
 * Two dialects exist:
 *  - nested (-object): "socket.path=x" is a member of an object, and members
 *    named 0, 1, 2... make an array. A part without "=" is an error.
 *  - flat (-device, -machine, -name): a key is taken as it is, and a part
 *    without "=" means "=on" ("no" in front: "=off", with a warning: QEMU
 *    deprecated both).
 */
#ifndef QAPI_KEYVAL_H
#define QAPI_KEYVAL_H

#include <json-glib/json-glib.h>

#include "qapi/error.h"

typedef enum KeyvalDialect {
    KEYVAL_NESTED,
    KEYVAL_FLAT,
} KeyvalDialect;

/* Levels of nesting; deeper is refused. */
#define KEYVAL_MAX_DEPTH 16

/*
 * @implied: key of a bare first part, or NULL.
 * @help: set when a part is "help" or "?"; it is left out of the result.
 * The caller owns the object; NULL with @errp set.
 */
JsonObject *keyval_parse(const char *text, const char *implied, KeyvalDialect dialect,
                         bool *help, Error **errp);

/* The same, or a JSON object where @text starts with "{". */
JsonObject *keyval_or_json_parse(const char *text, const char *implied,
                                 KeyvalDialect dialect, bool *help, Error **errp);

/* Options that come later add to and override earlier ones. */
void keyval_merge(JsonObject *into, JsonObject *later);

#endif
