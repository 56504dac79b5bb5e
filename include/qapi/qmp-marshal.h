/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between JSON and C values: what generated marshallers and events call. */
#ifndef QAPI_QMP_MARSHAL_H
#define QAPI_QMP_MARSHAL_H

#include <json-glib/json-glib.h>

#include "qapi/type-table.h"

/*
 * Fills the struct @obj, which is zero, from @args. On failure all is freed.
 * @type NULL: the command takes no arguments.
 */
bool qmp_args_read(JsonObject *args, const QapiType *type, void *obj, Error **errp);
void qmp_args_free(const QapiType *type, void *obj);

/*
 * Whether arguments may be text where numbers or booleans are wanted; the value
 * before. Main thread. For qmp_call_text() only.
 */
bool qmp_args_set_text(bool text);

/* The JSON of the value in @slot, which is freed. */
JsonNode *qmp_result_take(const QapiType *type, void *slot);
/* The JSON of the struct @obj, which stays the caller's. */
JsonObject *qmp_event_data(const QapiType *type, void *obj);

#endif
