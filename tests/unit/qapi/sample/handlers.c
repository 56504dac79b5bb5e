/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands of the sample schema: most give back what they were given. */
#include "qemu/osdep.h"
#include <json-glib/json-glib.h>
#include "qapi/json-visitor.h"
#include "qapi/qmp-registry.h"
#include "qapi/qapi-commands-sample-colours.h"
#include "qapi/qapi-commands-sample-shapes.h"
#include "qapi/qapi-visit-sample-shapes.h"
#include "handlers.h"

Colour qmp_echo_colour(Colour colour, Error **errp)
{
    return colour;
}

/* What a handler gives back is its own: a copy, by the visitors. */
Everything *qmp_echo_everything(Everything *arg, Error **errp)
{
    g_autoptr(JsonNode) node = NULL;
    g_autoptr(Visitor) out = json_output_visitor_new(&node);
    g_autoptr(Visitor) in = NULL;
    Everything *copy = NULL;

    if (arg->x == 13) {
        error_setg(errp, "13 is not echoed");
        return NULL;
    }
    visit_type_Everything(out, NULL, &arg, &error_abort);
    visit_complete(out, &node);
    in = json_input_visitor_new(node);
    visit_type_Everything(in, NULL, &copy, &error_abort);
    return copy;
}

ShapesAnswer *qmp_echo_shapes(bool has_shapes, ShapeList *shapes, BasedShape *based,
                              bool has_either, EitherList *either, Fewer *fewer, Error **errp)
{
    ShapesAnswer given = {
        .has_shapes = has_shapes, .shapes = shapes, .based = based,
        .has_either = has_either, .either = either, .fewer = fewer,
    };
    ShapesAnswer *from = &given, *copy = NULL;
    g_autoptr(JsonNode) node = NULL;
    g_autoptr(Visitor) out = json_output_visitor_new(&node);
    g_autoptr(Visitor) in = NULL;

    visit_type_ShapesAnswer(out, NULL, &from, &error_abort);
    visit_complete(out, &node);
    in = json_input_visitor_new(node);
    visit_type_ShapesAnswer(in, NULL, &copy, &error_abort);
    return copy;
}

JsonNode *qmp_echo_any(JsonNode *value, Error **errp)
{
    return json_node_copy(value);
}

int64_t qmp_count(bool has_a, int64_t a, const char *b, bool has_c, intList *c, Point *d,
                  Error **errp)
{
    return has_a + !!b + has_c + !!d;
}

strList *qmp_labels(Error **errp)
{
    strList *list = NULL;

    QAPI_LIST_PREPEND(list, g_strdup("two"));
    QAPI_LIST_PREPEND(list, g_strdup("one"));
    return list;
}

unsigned sample_plain_calls;

void qmp_plain_name(Error **errp)
{
    sample_plain_calls++;
}

JsonNode *qmp_raw(JsonObject *args, Error **errp)
{
    return qmp_return_object(json_object_ref(args));
}

void qmp_mute(Error **errp)
{
}
