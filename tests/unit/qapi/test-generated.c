/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the generator makes of sample/: commands that give back what they were
 * given, with values of every kind, good and bad; events; what is conditional.
 */
#include "qemu/osdep.h"
#include <json-glib/json-glib.h>
#include "block/aio.h"
#include "qapi/json.h"
#include "qapi/qmp-event.h"
#include "qapi/qmp-registry.h"
#include "qemu/main-loop.h"
#include "qemu/module.h"
#include "qapi/qapi-events-sample-shapes.h"
#include "qapi/qapi-introspect.h"
#include "qapi/qapi-types-sample-shapes.h"
#include "sample/handlers.h"

/* --- commands --------------------------------------------------------- */

typedef struct Case {
    const char *command;
    const char *args;           /* with ' for " */
    const char *answer;         /* NULL: as the arguments */
    const char *error;          /* NULL: none */
} Case;

static const Case cases[] = {
    { "echo-colour", "{'colour':'dark-green'}", "'dark-green'" },
    { "echo-colour", "{'colour':'3d'}", "'3d'" },
    { "echo-colour", "{'colour':'never'}", .error = "Parameter 'colour' does not accept value "
      "'never'; choose one of: red, dark-green, 3d, old" },
    { "echo-colour", "{'colour':1}",
      .error = "Invalid parameter type for 'colour', expected: string" },
    { "echo-colour", "{}", .error = "Parameter 'colour' is missing" },

    { "echo-everything", "{'x':1}" },
    { "echo-everything", "{'x':-9223372036854775808,'y':-32768,'s':'','i8':127,"
      "'u64':18446744073709551615,'size':0,'n':1.5,'b':true,'colour':'red','any':{'a':[null]},"
      "'nothing':null,'class':'q','point':{'x':2},'points':[],'colours':['red','old'],"
      "'numbers':[1.5,-2.0],'children':[{'x':1,'children':[{'x':2}]},{'x':3}],'shown':7}" },
    { "echo-everything", "{'x':13,'s':'not leaked'}", .error = "13 is not echoed" },
    { "echo-everything", "{'x':1,'hidden':1}", .error = "Parameter 'hidden' is unexpected" },
    { "echo-everything", "{'x':1,'y':32768}", .error = "Parameter 'y' expects a value from "
      "-32768 to 32767, not 32768" },
    { "echo-everything", "{'x':1,'i8':-129}", .error = "Parameter 'i8' expects a value from "
      "-128 to 127, not -129" },
    { "echo-everything", "{'x':1,'u64':-1}",
      .error = "Parameter 'u64' expects a non-negative integer, not -1" },
    { "echo-everything", "{'x':9223372036854775808}",
      .error = "Parameter 'x' expects an integer that fits into 63 bits and a sign" },
    { "echo-everything", "{'x':1.0}",
      .error = "Invalid parameter type for 'x', expected: integer" },
    { "echo-everything", "{'x':1,'nothing':0}",
      .error = "Invalid parameter type for 'nothing', expected: null" },
    { "echo-everything", "{'x':1,'point':{'x':1,'z':1}}",
      .error = "Parameter 'point.z' is unexpected" },
    { "echo-everything", "{'x':1,'s':'a','points':[{'x':1},{'y':1}]}",
      .error = "Parameter 'points[1].x' is missing" },
    { "echo-everything", "{'x':1,'points':{}}",
      .error = "Invalid parameter type for 'points', expected: array" },
    { "echo-everything", "{'x':1,'point':[]}",
      .error = "Invalid parameter type for 'point', expected: object" },
    { "echo-everything", "{'x':1,'children':[{'x':1,'s':'a','children':[{'x':1,'s':2}]}]}",
      .error = "Invalid parameter type for 'children[0].children[0].s', expected: string" },

    { "echo-shapes", "{}" },
    { "echo-shapes", "{'shapes':[{'name':'a','colour':'red','radius':4294967295,'label':'l'},"
      "{'name':'b','colour':'dark-green'},{'name':'c','colour':'3d'}]}" },
    { "echo-shapes", "{'based':{'kind':'UPPER','radius':1,'label':'x'}}" },
    { "echo-shapes", "{'based':{'kind':'under_score'}}" },
    { "echo-shapes", "{'either':['text',-5,true,{'radius':1,'label':'x'},['a','b'],[],null]}" },
    { "echo-shapes", "{'fewer':'3d'}" },
    { "echo-shapes", "{'fewer':{'radius':1,'label':'x'}}" },
    { "echo-shapes", "{'shapes':[{'name':'a','colour':'red','radius':1}]}",
      .error = "Parameter 'shapes[0].label' is missing" },
    { "echo-shapes", "{'shapes':[{'name':'a','colour':'dark-green','radius':1}]}",
      .error = "Parameter 'shapes[0].radius' is unexpected" },
    { "echo-shapes", "{'shapes':[{'name':'a'}]}",
      .error = "Parameter 'shapes[0].colour' is missing" },
    { "echo-shapes", "{'shapes':[{'name':'a','colour':'red','label':'x','radius':'y'}]}",
      .error = "Invalid parameter type for 'shapes[0].radius', expected: integer" },
    { "echo-shapes", "{'either':['text',1.5]}",
      .error = "Invalid parameter type for 'either[1]', expected: integer" },
    { "echo-shapes", "{'either':[{'radius':1,'label':'x','odd':1}]}",
      .error = "Parameter 'either[0].odd' is unexpected" },
    { "echo-shapes", "{'either':[['a',1]]}",
      .error = "Invalid parameter type for 'either[0][1]', expected: string" },
    { "echo-shapes", "{'fewer':true}",
      .error = "Invalid parameter type for 'fewer', expected: Fewer" },
    { "echo-shapes", "{'fewer':'odd'}", .error = "Parameter 'fewer' does not accept value 'odd'; "
      "choose one of: red, dark-green, 3d, old" },

    { "echo-any", "{'value':[1,{'a':null}]}", "[1,{'a':null}]" },
    { "echo-any", "{'value':null}", "null" },
    { "count", "{}", "0" },
    { "count", "{'a':0}", "1" },
    { "count", "{'a':0,'b':'','c':[],'d':{'x':1}}", "4" },
    { "labels", "{}", "['one','two']" },
    { "labels", "{'x':1}", .error = "Parameter 'x' is unexpected" },
    { "plain_name", "{}", "{}" },
    { "raw", "{'x':'not checked'}" },
    { "mute", "{}", "{}" },
    { "gone", "{}", .error = "The command gone has not been found" },
};

static char *quoted(const char *text)
{
    return g_strdelimit(g_strdup(text), "'", '"');
}

static void run_case(const Case *c)
{
    g_autofree char *args_text = quoted(c->args);
    g_autofree char *want = quoted(c->answer ?: c->args);
    g_autofree char *got = NULL;
    g_autoptr(JsonObject) args = qapi_json_parse_object(args_text, strlen(args_text),
                                                        &error_abort);
    g_autoptr(Error) err = NULL;
    g_autoptr(JsonNode) ret = qmp_call(c->command, args, &err);

    g_test_message("%s %s", c->command, c->args);
    if (c->error) {
        g_assert_null(ret);
        g_assert_cmpstr(error_get_pretty(err), ==, c->error);
        return;
    }
    g_assert_null(err);
    got = qapi_json_print(ret);
    g_assert_cmpstr(got, ==, want);
}

static void test_commands(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        run_case(&cases[i]);
    }
    g_assert_cmpuint(sample_plain_calls, ==, 1);
}

static void test_flags(void)
{
    g_assert_cmpuint(qmp_command_find("plain_name")->flags, ==, QMP_COMMAND_ALLOW_OOB);
    g_assert_cmpuint(qmp_command_find("mute")->flags, ==, QMP_COMMAND_NO_REPLY);
    g_assert_cmpuint(qmp_command_find("count")->flags, ==, 0);
}

/* --- types ------------------------------------------------------------ */

static void test_names(void)
{
    g_assert_cmpint(COLOUR_3D, ==, 2);
    g_assert_cmpint(COLOUR__MAX, ==, 4);        /* one is not compiled */
    g_assert_cmpint(LOOSE_ONES_UNDER_SCORE, ==, 1);
    g_assert_cmpstr(Colour_str(COLOUR_DARK_GREEN), ==, "dark-green");
    g_assert_cmpint(Colour_lookup.special_features[COLOUR_OLD], ==,
                    1 << QAPI_FEATURE_DEPRECATED);
    g_assert_null(Loose_lookup.special_features);
}

/* Values that code makes by hand: lists by the macros, all freed with the whole. */
static void test_by_hand(void)
{
    g_autoptr(Everything) e = g_new0(Everything, 1);
    PointList **tail = &e->points;

    e->q_class = g_strdup("x");
    e->point = g_new0(Point, 1);
    e->nothing = json_node_new(JSON_NODE_NULL);
    QAPI_LIST_APPEND(tail, g_new0(Point, 1));
    QAPI_LIST_APPEND(tail, NULL);       /* half made */
    QAPI_LIST_PREPEND(e->colours, COLOUR_OLD);
    g_assert_true(qapi_Everything_base(e) == (Point *)e);
    qapi_free_Everything(NULL);
    qapi_free_ShapeList(NULL);
}

/* --- events ----------------------------------------------------------- */

static void collect(JsonObject *event, void *opaque)
{
    g_autofree char *data = NULL;

    if (json_object_has_member(event, "data")) {
        data = qapi_json_print(json_object_get_member(event, "data"));
    }
    g_string_append_printf(opaque, "%s%s;", json_object_get_string_member(event, "event"),
                           data ?: "");
}

static void test_events(void)
{
    g_autoptr(GString) seen = g_string_new(NULL);
    g_autofree char *want = quoted("HAPPENED{'what':'x'};"
                                   "HAPPENED{'what':'y','maybe':0,'arg':{'x':5}};"
                                   "SHAPED{'name':'n','colour':'red','radius':3,'label':'l'};"
                                   "BARE;");
    Point point = { .x = 5 };
    Shape shape = {
        .name = (char *)"n", .colour = COLOUR_RED,
        .u.red = { .radius = 3, .label = (char *)"l" },
    };

    qmp_event_set_sink(collect, seen);
    qapi_event_send_happened("x", false, 0, NULL);
    qapi_event_send_happened("y", true, 0, &point);
    qapi_event_send_shaped(&shape);
    qapi_event_send_bare();
    qmp_event_dispatch();
    qmp_event_set_sink(NULL, NULL);
    g_assert_cmpstr(seen->str, ==, want);
}

/* --- introspection ---------------------------------------------------- */

static JsonObject *find_row(JsonArray *rows, const char *name)
{
    for (guint i = 0; i < json_array_get_length(rows); i++) {
        JsonObject *row = json_array_get_object_element(rows, i);

        if (g_str_equal(json_object_get_string_member(row, "name"), name)) {
            return row;
        }
    }
    return NULL;
}

static void check_row(JsonArray *rows, const char *name, const char *want)
{
    g_autofree char *text = quoted(want);
    JsonObject *row = find_row(rows, name);
    g_autofree char *got = row ? qapi_json_print_object(row) : g_strdup("none");

    g_assert_cmpstr(got, ==, text);
}

static void test_introspection(void)
{
    g_autoptr(JsonNode) root = qapi_json_parse(qapi_introspection, strlen(qapi_introspection),
                                               &error_abort);
    JsonArray *rows = json_node_get_array(root);
    const char *colour = json_object_get_string_member(find_row(rows, "echo-colour"), "ret-type");

    check_row(rows, "plain_name", "{'name':'plain_name','meta-type':'command','arg-type':'11',"
              "'ret-type':'11','allow-oob':true,'features':['deprecated']}");
    check_row(rows, "11", "{'name':'11','meta-type':'object','members':[]}");
    check_row(rows, "gone", "none");
    check_row(rows, "BARE", "{'name':'BARE','meta-type':'event','arg-type':'11'}");
    check_row(rows, colour, "{'name':'1','meta-type':'enum','members':[{'name':'red'},"
              "{'name':'dark-green'},{'name':'3d'},{'name':'old','features':['deprecated']}],"
              "'values':['red','dark-green','3d','old']}");
    check_row(rows, "6", "{'name':'6','meta-type':'object','members':[{'name':'name',"
              "'type':'str'},{'name':'colour','type':'1'}],'tag':'colour','variants':["
              "{'case':'red','type':'10'},{'case':'dark-green','type':'11'},"
              "{'case':'3d','type':'12'},{'case':'old','type':'11'}]}");
    check_row(rows, "9", "{'name':'9','meta-type':'alternate','members':[{'type':'1'},"
              "{'type':'10'}]}");
    check_row(rows, "[6]", "{'name':'[6]','meta-type':'array','element-type':'6'}");
    check_row(rows, "int", "{'name':'int','meta-type':'builtin','json-type':'int'}");
    check_row(rows, "uint64", "none");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qemu_init_main_loop(&error_abort);
    module_call_init(MODULE_INIT_QOM);
    g_test_add_func("/generated/commands", test_commands);
    g_test_add_func("/generated/flags", test_flags);
    g_test_add_func("/generated/names", test_names);
    g_test_add_func("/generated/by-hand", test_by_hand);
    g_test_add_func("/generated/events", test_events);
    g_test_add_func("/generated/introspection", test_introspection);
    return g_test_run();
}
