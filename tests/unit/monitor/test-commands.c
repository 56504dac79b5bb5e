/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests against a table of test commands: shape, mode, arguments, errors. */
#include "qemu/osdep.h"
#include "monitor/dispatch.h"
#include "qapi/json.h"
#include "qapi/qmp-marshal.h"
#include "qapi/qmp-registry.h"
#include "qemu/module.h"

static JsonNode *echo(JsonObject *args, Error **errp)
{
    return qmp_return_object(json_object_ref(args));
}

static JsonNode *fail(JsonObject *args, Error **errp)
{
    error_set(errp, ERROR_CLASS_DEVICE_NOT_FOUND, "Device 'none' not found");
    return NULL;
}

/* A result next to an error must not leak, nor reach the client. */
static JsonNode *both(JsonObject *args, Error **errp)
{
    error_setg(errp, "failed after all");
    return qmp_return_array(json_array_new());
}

static JsonNode *nothing(JsonObject *args, Error **errp)
{
    return NULL;
}

/* What a generated marshaller does, for a struct with one member of each kind. */
typedef struct Strict {
    char *s;
    bool has_i, has_n, has_b, has_a;
    int64_t i;
    double n;
    bool b;
    strList *a;
    JsonNode *any;
} Strict;

static const QapiMember strict_rows[] = {
    { "s", &qapi_type_str, offsetof(Strict, s), -1, false },
    { "i", &qapi_type_int, offsetof(Strict, i), offsetof(Strict, has_i), true },
    { "n", &qapi_type_number, offsetof(Strict, n), offsetof(Strict, has_n), true },
    { "b", &qapi_type_bool, offsetof(Strict, b), offsetof(Strict, has_b), true },
    { "a", &qapi_type_strList, offsetof(Strict, a), offsetof(Strict, has_a), true },
    { "any", &qapi_type_any, offsetof(Strict, any), -1, true },
};
static const QapiType strict_type = {
    .name = "Strict", .kind = QAPI_KIND_STRUCT, .size = sizeof(Strict),
    .members = strict_rows, .n_members = G_N_ELEMENTS(strict_rows),
};

static JsonNode *strict(JsonObject *args, Error **errp)
{
    Strict arg = { 0 };
    JsonNode *ret;

    if (!qmp_args_read(args, &strict_type, &arg, errp)) {
        g_assert_null(arg.s);
        g_assert_null(arg.a);
        return NULL;
    }
    ret = qmp_return_object(qmp_event_data(&strict_type, &arg));
    qmp_args_free(&strict_type, &arg);
    return ret;
}

typedef struct Case {
    const char *request;
    const char *reply;
} Case;

#define ERR(class, desc) "{\"error\":{\"class\":\"" class "\",\"desc\":\"" desc "\"}}"
#define GENERIC(desc) ERR("GenericError", desc)

static const Case cases[] = {
    { "{\"execute\":\"nothing\"}", "{\"return\":{}}" },
    { "{\"execute\":\"nothing\",\"arguments\":{}}", "{\"return\":{}}" },
    { "{\"execute\":\"nothing\",\"id\":{\"x\":[1,null]}}",
      "{\"return\":{},\"id\":{\"x\":[1,null]}}" },
    { "{\"id\":7,\"execute\":\"fail\"}",
      "{\"error\":{\"class\":\"DeviceNotFound\",\"desc\":\"Device 'none' not found\"},"
      "\"id\":7}" },
    { "{\"execute\":\"both\"}", GENERIC("failed after all") },
    { "{\"execute\":\"strict\",\"arguments\":{\"s\":\"x\",\"i\":1,\"n\":1.5,\"b\":false,"
      "\"a\":[],\"any\":null}}",
      "{\"return\":{\"s\":\"x\",\"i\":1,\"n\":1.5,\"b\":false,\"a\":[],"
      "\"any\":null}}" },
    { "{\"execute\":\"strict\"}", GENERIC("Parameter 's' is missing") },
    { "{\"execute\":\"strict\",\"arguments\":{\"s\":1}}",
      GENERIC("Invalid parameter type for 's', expected: string") },
    { "{\"execute\":\"strict\",\"arguments\":{\"s\":\"\",\"i\":1.5}}",
      GENERIC("Invalid parameter type for 'i', expected: integer") },
    { "{\"execute\":\"strict\",\"arguments\":{\"s\":\"\",\"n\":true}}",
      GENERIC("Invalid parameter type for 'n', expected: number") },
    { "{\"execute\":\"strict\",\"arguments\":{\"s\":\"\",\"b\":0}}",
      GENERIC("Invalid parameter type for 'b', expected: boolean") },
    { "{\"execute\":\"strict\",\"arguments\":{\"s\":\"\",\"a\":null}}",
      GENERIC("Invalid parameter type for 'a', expected: array") },
    { "{\"execute\":\"strict\",\"arguments\":{\"s\":\"\",\"zz\":1}}",
      GENERIC("Parameter 'zz' is unexpected") },
    { "{\"execute\":\"loose\",\"arguments\":{\"zz\":1}}", "{\"return\":{\"zz\":1}}" },
    { "{\"execute\":\"missing\"}",
      ERR("CommandNotFound", "The command missing has not been found") },
    { "{\"execute\":\"qmp_capabilities\"}",
      ERR("CommandNotFound",
          "Capabilities negotiation is already complete, command ignored") },
    { "[]", GENERIC("QMP input must be a JSON object") },
    { "12", GENERIC("QMP input must be a JSON object") },
    { "{}", GENERIC("QMP input lacks member 'execute'") },
    { "{\"execute\":1}", GENERIC("QMP input member 'execute' must be a string") },
    { "{\"execute\":null}", GENERIC("QMP input member 'execute' must be a string") },
    { "{\"execute\":\"nothing\",\"arguments\":[]}",
      GENERIC("QMP input member 'arguments' must be an object") },
    { "{\"execute\":\"nothing\",\"extra\":1}",
      GENERIC("QMP input member 'extra' is unexpected") },
    { "{\"exec-oob\":\"nothing\"}", GENERIC("QMP input member 'exec-oob' is unexpected") },
};

static char *ask(const char *request, bool *negotiated)
{
    bool malformed;
    g_autoptr(JsonObject) reply = qmp_dispatch(request, strlen(request), negotiated,
                                               &malformed);
    return qapi_json_print_object(reply);
}

static void test_dispatch(void)
{
    bool negotiated = true;

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        g_autofree char *reply = ask(cases[i].request, &negotiated);
        g_assert_cmpstr(reply, ==, cases[i].reply);
    }
}

static const char *const malformed_texts[] = {
    "", "{", "{]", "{\"execute\":\"nothing\",}", "{'execute':'nothing'}", "nothing",
    "{\"execute\":\"nothing\"} {}", "{\"execute\":\"noth\xffing\"}",
    "{\"execute\":\"a\",\"execute\":\"b\"}", "{\"execute\":\"\\ud800\"}",
    "{\"execute\":\"a\\u0000b\"}", "{\"id\":01}", "{\"id\":1e999}", "{\"id\":NaN}",
    "/* */ {\"execute\":\"nothing\"}",
};

static void test_malformed(void)
{
    bool negotiated = true;

    for (size_t i = 0; i < ARRAY_SIZE(malformed_texts); i++) {
        bool malformed;
        g_autoptr(JsonObject) reply = qmp_dispatch(malformed_texts[i],
                                                   strlen(malformed_texts[i]),
                                                   &negotiated, &malformed);
        if (!malformed || !json_object_has_member(reply, "error")) {
            g_error("accepted: %s", malformed_texts[i]);
        }
    }
}

static void test_negotiation(void)
{
    bool negotiated = false;
    g_autofree char *early = ask("{\"execute\":\"nothing\"}", &negotiated);
    g_autofree char *unknown = ask("{\"execute\":\"missing\"}", &negotiated);
    g_autofree char *oob = ask("{\"execute\":\"qmp_capabilities\",\"arguments\":"
                               "{\"enable\":[\"oob\"]}}", &negotiated);
    g_autofree char *odd = ask("{\"execute\":\"qmp_capabilities\",\"arguments\":"
                               "{\"enable\":[{}]}}", &negotiated);

    g_assert_cmpstr(early, ==, ERR("CommandNotFound",
                    "Expecting capabilities negotiation with 'qmp_capabilities'"));
    g_assert_cmpstr(unknown, ==, early);
    g_assert_nonnull(strstr(oob, "'oob' is not offered"));
    g_assert_nonnull(strstr(odd, "error"));
    g_assert_false(negotiated);
    g_free(ask("{\"execute\":\"qmp_capabilities\",\"arguments\":{\"enable\":[]}}",
               &negotiated));
    g_assert_true(negotiated);
}

static void test_greeting(void)
{
    g_autoptr(JsonObject) greeting = qmp_greeting();
    g_autofree char *text = qapi_json_print_object(greeting);

    g_assert_true(g_str_has_prefix(text, "{\"QMP\":{\"version\":{\"qemu\":{\"major\":8,"
                                         "\"minor\":2,\"micro\":0},\"package\":\"x-remote "));
    g_assert_true(g_str_has_suffix(text, "\"capabilities\":[]}}"));
}

static void test_list(void)
{
    bool negotiated = true;
    g_autofree char *list = ask("{\"execute\":\"query-commands\"}", &negotiated);
    g_autofree char *version = ask("{\"execute\":\"query-version\"}", &negotiated);

    g_assert_nonnull(strstr(list, "{\"name\":\"echo\"},{\"name\":\"fail\"}"));
    g_assert_nonnull(strstr(list, "{\"name\":\"qmp_capabilities\"}"));
    g_assert_null(strstr(list, "hidden"));
    g_assert_nonnull(strstr(version, "\"major\":8"));
}

static void test_silent(void)
{
    bool negotiated = true, malformed;
    const char *text = "{\"execute\":\"silent\"}";

    g_assert_null(qmp_dispatch(text, strlen(text), &negotiated, &malformed));
    g_assert_false(malformed);
}

/* On behalf of the program itself: checked like a client's. */
static void test_call(void)
{
    g_autoptr(JsonObject) args = qapi_json_parse_object("{\"s\":1}", 7, &error_abort);
    g_autoptr(JsonNode) ret = qmp_call("nothing", NULL, &error_abort);
    Error *err = NULL;

    g_assert_cmpint(json_object_get_size(json_node_get_object(ret)), ==, 0);
    g_assert_null(qmp_call("both", NULL, &err));
    error_free_or_abort(&err);
    g_assert_null(qmp_call("strict", args, &err));
    g_assert_cmpstr(error_get_pretty(err), ==,
                    "Invalid parameter type for 's', expected: string");
    error_free_or_abort(&err);
    g_assert_null(qmp_call("missing", NULL, &err));
    g_assert_cmpint(error_get_class(err), ==, ERROR_CLASS_COMMAND_NOT_FOUND);
    error_free_or_abort(&err);
}

/* Arguments that people wrote; the next call is a program's again. */
static void test_call_text(void)
{
    static const char text[] = "{\"s\":\"x\",\"i\":\"0x20\",\"b\":\"on\"}";
    g_autoptr(JsonObject) args = qapi_json_parse_object(text, strlen(text), &error_abort);
    g_autoptr(JsonNode) ret = qmp_call_text("strict", args, &error_abort);
    JsonObject *got = json_node_get_object(ret);
    Error *err = NULL;

    g_assert_cmpint(json_object_get_int_member(got, "i"), ==, 32);
    g_assert_true(json_object_get_boolean_member(got, "b"));
    g_assert_null(qmp_call("strict", args, &err));
    g_assert_cmpstr(error_get_pretty(err), ==,
                    "Invalid parameter type for 'i', expected: integer");
    error_free_or_abort(&err);
}

static void test_twice(void)
{
    if (g_test_subprocess()) {
        qmp_register_command("echo", echo, 0);
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    qmp_register_command("echo", echo, 0);
    qmp_register_command("fail", fail, 0);
    qmp_register_command("both", both, 0);
    qmp_register_command("nothing", nothing, 0);
    qmp_register_command("loose", echo, 0);
    qmp_register_command("hidden", nothing, QMP_COMMAND_HIDDEN);
    qmp_register_command("strict", strict, 0);
    qmp_register_command("silent", nothing, QMP_COMMAND_NO_REPLY);
    g_test_add_func("/monitor/commands/dispatch", test_dispatch);
    g_test_add_func("/monitor/commands/malformed", test_malformed);
    g_test_add_func("/monitor/commands/negotiation", test_negotiation);
    g_test_add_func("/monitor/commands/greeting", test_greeting);
    g_test_add_func("/monitor/commands/list", test_list);
    g_test_add_func("/monitor/commands/silent", test_silent);
    g_test_add_func("/monitor/commands/call", test_call);
    g_test_add_func("/monitor/commands/call-text", test_call_text);
    g_test_add_func("/monitor/commands/twice", test_twice);
    return g_test_run();
}
