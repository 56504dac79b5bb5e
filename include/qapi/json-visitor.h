/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Visitors over json-glib's tree.  The strict input form takes JSON types as
 * they are; the keyval form also takes text for scalars ("on", "0x10", "4k"),
 * because key=value options and flat JSON end in the same tree.
 */
#ifndef QAPI_JSON_VISITOR_H
#define QAPI_JSON_VISITOR_H

#include <json-glib/json-glib.h>
#include "qapi/visitor.h"

/* Both copy nothing: @root must outlive the visitor. */
Visitor *json_input_visitor_new(JsonNode *root);
Visitor *json_input_visitor_new_keyval(JsonNode *root);

/* visit_complete(v, result) moves the tree to *@result. */
Visitor *json_output_visitor_new(JsonNode **result);

#endif
