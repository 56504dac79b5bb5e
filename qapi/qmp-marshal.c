/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arguments, results and event data: one walk with the right visitor each. */
#include "qemu/osdep.h"
#include "qapi/dealloc-visitor.h"
#include "qapi/error.h"
#include "qapi/json-visitor.h"
#include "qapi/qmp-marshal.h"

static const QapiType no_members = { .name = "no arguments", .kind = QAPI_KIND_STRUCT };

static bool args_are_text;      /* main thread; only while a handler's arguments are read */

bool qmp_args_set_text(bool text)
{
    bool before = args_are_text;

    args_are_text = text;
    return before;
}

bool qmp_args_read(JsonObject *args, const QapiType *type, void *obj, Error **errp)
{
    g_autoptr(JsonNode) root = json_node_new(JSON_NODE_OBJECT);
    g_autoptr(Visitor) v = NULL;
    bool ok;

    json_node_set_object(root, args);
    /* What the handler itself calls is not of people. */
    v = qmp_args_set_text(false) ? json_input_visitor_new_keyval(root) :
                                   json_input_visitor_new(root);
    if (!visit_start_struct(v, NULL, NULL, 0, errp)) {
        return false;
    }
    ok = qapi_type_visit_members(v, obj, type ?: &no_members, errp) &&
         visit_check_struct(v, errp);
    visit_end_struct(v, NULL);
    if (!ok && type) {
        qmp_args_free(type, obj);
    }
    return ok;
}

void qmp_args_free(const QapiType *type, void *obj)
{
    g_autoptr(Visitor) v = qapi_dealloc_visitor_new();

    qapi_type_visit_members(v, obj, type, &error_abort);
}

JsonNode *qmp_result_take(const QapiType *type, void *slot)
{
    JsonNode *node = NULL;
    g_autoptr(Visitor) v = json_output_visitor_new(&node);
    g_autoptr(Visitor) d = qapi_dealloc_visitor_new();

    qapi_type_visit(v, NULL, slot, type, &error_abort);
    visit_complete(v, &node);
    qapi_type_visit(d, NULL, slot, type, &error_abort);
    return node;
}

JsonObject *qmp_event_data(const QapiType *type, void *obj)
{
    g_autoptr(JsonNode) node = NULL;
    g_autoptr(Visitor) v = json_output_visitor_new(&node);

    visit_start_struct(v, NULL, NULL, 0, &error_abort);
    qapi_type_visit_members(v, obj, type, &error_abort);
    visit_end_struct(v, NULL);
    visit_complete(v, &node);
    return json_node_dup_object(node);
}
