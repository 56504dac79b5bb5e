/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words to arguments, lines to commands, answers to text, completion: over QMP
 * commands that answer what the test wants.
 */
#include "qemu/osdep.h"
#include "monitor/hmp.h"
#include "qapi/qmp-registry.h"
#include "qapi/json.h"
#include "qemu/error-report.h"
#include "qemu/main-loop.h"
#include "qemu/module.h"
#include "paper.h"

/* ---- arguments ---- */

static const HmpArg words[] = {
    { "a", HMP_WORD }, { "b", HMP_WORD, .optional = true },
    { "flag", HMP_SWITCH, .option = "-f" }, { "value", HMP_WORD, .option = "--value" }, { NULL }
};
static const HmpArg line[] = { { "a", HMP_WORD }, { "rest", HMP_LINE }, { NULL } };
static const HmpArg number[] = { { "n", HMP_INT }, { NULL } };
static const HmpArg format[] = { { "fmt", HMP_FORMAT }, { "n", HMP_INT }, { NULL } };
static const HmpArg flat[] = { { "o", HMP_OPTIONS, .implied = "driver" }, { NULL } };
static const HmpArg nested[] = { { "o", HMP_NESTED, .implied = "qom-type" }, { NULL } };

static const struct {
    const HmpArg *rows;
    const char *text;
    const char *json;       /* NULL: refused */
    const char *why;
} lines[] = {
    { NULL, "", "{}" },
    { NULL, " \t ", "{}" },
    { NULL, "x", NULL, "extraneous characters" },
    { words, "x", "{\"a\":\"x\"}" },
    { words, "  x   y  ", "{\"a\":\"x\",\"b\":\"y\"}" },
    { words, "x y z", NULL, "extraneous characters" },
    { words, "", NULL, "string expected" },
    { words, "-f x", "{\"flag\":true,\"a\":\"x\"}" },
    { words, "x -f", "{\"a\":\"x\",\"flag\":true}" },
    { words, "x --value y z", "{\"a\":\"x\",\"value\":\"y\",\"b\":\"z\"}" },
    { words, "x --value", NULL, "string expected" },
    { words, "-g x", NULL, "unsupported option -g" },
    { words, "\"a b\" \"\\\"\\\\\\n\"", "{\"a\":\"a b\",\"b\":\"\\\"\\\\\\n\"}" },
    { words, "\"\" y", "{\"a\":\"\",\"b\":\"y\"}" },
    { words, "\"a", NULL, "unterminated string" },
    { words, "\"a\\", NULL, "unsupported escape" },
    { words, "\"\\q\"", NULL, "unsupported escape code: '\\q'" },
    { line, "x  y  z ", "{\"a\":\"x\",\"rest\":\"y  z\"}" },
    { line, "x", NULL, "string expected" },
    { number, "10", "{\"n\":10}" },
    { number, "0x10", "{\"n\":16}" },
    { number, "4K", "{\"n\":4096}" },
    { number, "1G", "{\"n\":1073741824}" },
    { number, "x", NULL, "'x' is not a number" },
    { number, "10x", NULL, "'10x' is not a number" },
    { number, "0x10000000000000000", NULL, "is not a number" },
    { number, "", NULL, "number expected" },
    { format, "1", "{\"n\":1}" },
    { format, "/4xw 1", "{\"fmt\":{\"count\":4,\"format\":\"x\",\"size\":4},\"n\":1}" },
    { format, "/c 1", "{\"fmt\":{\"format\":\"c\"},\"n\":1}" },
    { format, "/ 1", "{\"fmt\":{},\"n\":1}" },
    { format, "/4q 1", NULL, "invalid char in format: 'q'" },
    { format, "/4x", NULL, "number expected" },
    { flat, "edu,id=d0,a.b=c", "{\"driver\":\"edu\",\"id\":\"d0\",\"a.b\":\"c\"}" },
    { flat, "edu,x=1,,2", "{\"driver\":\"edu\",\"x\":\"1,2\"}" },
    { flat, "{\"driver\": \"edu\", \"x\": 1}", "{\"driver\":\"edu\",\"x\":1}" },
    { flat, "{\"driver\"", NULL, "JSON" },
    { flat, "help", "{\"help\":true}" },
    { flat, "edu,help", "{\"driver\":\"edu\",\"help\":true}" },
    { flat, "edu x", NULL, "extraneous" },
    { nested, "t,socket.path=/x", "{\"qom-type\":\"t\",\"socket\":{\"path\":\"/x\"}}" },
    { nested, "t,x", NULL, "Expected '='" },
};

static void test_arguments(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
        Error *err = NULL;
        g_autoptr(JsonObject) args = hmp_parse_args(lines[i].rows, lines[i].text, &err);
        g_autofree char *json = args ? qapi_json_print_object(args) : NULL;

        g_test_message("'%s'", lines[i].text);
        g_assert_cmpstr(json, ==, lines[i].json);
        g_assert_true(!args == !!err);
        if (err) {
            g_test_message("%s", error_get_pretty(err));
            g_assert_nonnull(strstr(error_get_pretty(err), lines[i].why));
            error_free(err);
        }
    }
}

static void test_values(void)
{
    static const struct {
        const char *type;
        const char *text;
        const char *json;
    } rows[] = {
        { "bool", "on", "true" }, { "bool", "false", "false" }, { "bool", "2", NULL },
        { "uint8", "0x10", "16" }, { "size", "1M", "1048576" }, { "int", "-3", "-3" },
        { "int", "three", NULL }, { "number", "0.5", "0.5" }, { "number", "inf", NULL },
        { "string", "12", "\"12\"" }, { "str", "a b", "\"a b\"" },
        { "link<edu>", "/machine", "\"/machine\"" },
        { "SocketAddress", "{\"a\":1}", "{\"a\":1}" }, { "SocketAddress", "{", NULL },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        g_autoptr(JsonNode) node = hmp_value(rows[i].type, rows[i].text, NULL);
        g_autofree char *json = node ? qapi_json_print(node) : NULL;

        g_test_message("%s '%s'", rows[i].type, rows[i].text);
        g_assert_cmpstr(json, ==, rows[i].json);
    }
}

/* ---- lines ---- */

typedef struct Answer {
    const char *command;
    const char *json;       /* NULL: an error */
} Answer;

static char *last_args;

static const Answer answers[] = {
    { "query-status", "{\"running\":false,\"status\":\"prelaunch\"}" },
    { "query-name", "{}" },
    { "query-uuid", "{\"UUID\":\"123\"}" },
    { "qom-list", "[{\"name\":\"d0\",\"type\":\"child<edu>\"},"
                  "{\"name\":\"d1\",\"type\":\"child<edu>\"},"
                  "{\"name\":\"bad \\u0007\",\"type\":\"child<edu>\"},"
                  "{\"name\":\"count\",\"type\":\"uint32\"},"
                  "{\"name\":\"on\",\"type\":\"bool\"}]" },
    { "qom-get", "{\"a\":[1,2]}" },
    { "qom-set", "{}" },
    { "qom-list-types", "[{\"name\":\"edu\"},{\"name\":\"edit\"}]" },
    { "device-list-properties", "[{\"name\":\"addr\",\"type\":\"int32\",\"description\":\"where\"},"
                                "{\"name\":\"msi\",\"type\":\"bool\"}]" },
    { "device_add", "{}" },
    { "device_del", NULL },
    { "trace-event-get-state", "[{\"name\":\"qmp_send\"},{\"name\":\"qmp_receive\"}]" },
    { "trace-event-set-state", "{}" },
    { "x-query-address-spaces", "[{\"name\":\"d0\"},{\"name\":\"vmA-mem\"}]" },
    { "x-read-memory", "{\"data\":\"AQID/0EKJwAAAAAAAAAAgA==\"}" },
};

/* One handler stands for all of them: the last call's name is in a member. */
static JsonNode *reply(const Answer *answer, JsonObject *args, Error **errp)
{
    g_free(last_args);
    last_args = qapi_json_print_object(args);
    if (!answer->json) {
        error_setg(errp, "no such thing");
        return NULL;
    }
    return qapi_json_parse(answer->json, strlen(answer->json), &error_abort);
}

#define HANDLER(n) \
    static JsonNode *handler##n(JsonObject *args, Error **errp) \
    { \
        return reply(&answers[n], args, errp); \
    }
HANDLER(0) HANDLER(1) HANDLER(2) HANDLER(3) HANDLER(4) HANDLER(5) HANDLER(6)
HANDLER(7) HANDLER(8) HANDLER(9) HANDLER(10) HANDLER(11) HANDLER(12) HANDLER(13)

static void register_answers(void)
{
    static QmpHandler *const handlers[] = {
        handler0, handler1, handler2, handler3, handler4, handler5, handler6,
        handler7, handler8, handler9, handler10, handler11, handler12, handler13,
    };

    QEMU_BUILD_BUG_ON(ARRAY_SIZE(handlers) != ARRAY_SIZE(answers));
    for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
        qmp_register_command(answers[i].command, handlers[i], 0);
    }
}

static char *run(const char *text)
{
    Paper p = PAPER_INIT;

    hmp_run_line(&p.mon, text);
    g_assert_null(monitor_cur());
    return g_string_free(p.text, FALSE);
}

static void assert_prints(const char *text, const char *expected)
{
    g_autofree char *got = run(text);

    g_assert_cmpstr(got, ==, expected);
}

static void assert_has(const char *text, const char *part)
{
    g_autofree char *got = run(text);

    g_test_message("%s", got);
    g_assert_nonnull(strstr(got, part));
}

static void test_lines(void)
{
    assert_prints("", "");
    assert_prints("   ", "");
    assert_prints("nonsense", "unknown command: 'nonsense'\n");
    assert_prints("info nonsense", "unknown command: 'info nonsense'\n");
    assert_prints("info  status", "VM status: paused (prelaunch)\n");
    assert_prints("info name", "");
    assert_prints("  info\tuuid ", "123\n");
    assert_prints("info uuid x", "info uuid: extraneous characters at the end of line\n"
                  "Try \"help info uuid\" for more information\n");
    assert_prints("device_del", "device_del: string expected\n"
                  "Try \"help device_del\" for more information\n");
    assert_prints("device_del d0", "Error: no such thing\n");
    assert_prints("stop", "Error: The command stop has not been found\n");
    assert_has("help", "\nquit|q -- ");
    assert_has("?", "\ninfo [SUBCOMMAND] -- ");
    assert_has("help cont", "cont|c -- ");
    assert_has("help c", "cont|c -- ");
    assert_has("help info", "\ninfo status -- ");
    assert_has("help info status", "info status -- ");
    assert_has("info", "\ninfo status -- ");
    assert_prints("help x y z", "help: extraneous characters at the end of line\n"
                  "Try \"help help\" for more information\n");
    assert_prints("help nope", "Error: unknown command: 'nope'\n");
    assert_prints("help info nope", "Error: unknown command: 'info nope'\n");
}

static void test_commands(void)
{
    assert_prints("device_add edu,id=d0,addr=5.0", "");
    g_assert_cmpstr(last_args, ==, "{\"driver\":\"edu\",\"id\":\"d0\",\"addr\":\"5.0\"}");
    assert_prints("device_add help", "edu\nedit\n");
    assert_prints("device_add edu,help", "edu options:\n  addr=<int32> - where\n  msi=<bool>\n");
    assert_prints("qom-list /", "d0 (child<edu>)\nd1 (child<edu>)\nbad \a (child<edu>)\n"
                  "count (uint32)\non (bool)\n");
    assert_has("qom-get / x", "\"a\": [\n");
    assert_prints("qom-set / count 0x10", "");
    g_assert_nonnull(strstr(last_args, "\"value\":16"));
    assert_prints("qom-set / on off", "");
    g_assert_nonnull(strstr(last_args, "\"value\":false"));
    assert_prints("qom-set -j / x {\"a\": 1}", "");
    g_assert_nonnull(strstr(last_args, "\"value\":{\"a\":1}"));
    g_assert_null(strstr(last_args, "json"));
    assert_prints("qom-set / nope 1", "Error: Property '/.nope' not found\n");
    assert_prints("qom-set / count many", "Error: 'many' is not a number: write 4096, 0x1000"
                  " or 4K\n");
    assert_prints("trace-event qmp_* on", "");
    g_assert_cmpstr(last_args, ==, "{\"name\":\"qmp_*\",\"enable\":true}");
    assert_prints("trace-event qmp_* maybe", "Error: 'maybe' is neither on nor off\n");
    assert_has("log nonsense", "guest_errors");
    assert_has("help log", "guest_errors");
}

static void test_examine(void)
{
    assert_prints("x/4xb d0 0x1000", "0000000000001000: 0x01 0x02 0x03 0xff\n");
    g_assert_cmpstr(last_args, ==, "{\"space\":\"d0\",\"address\":4096,\"size\":4}");
    assert_prints("xp /4xw d0 0",
                  "0000000000000000: 0xff030201 0x00270a41 0x00000000 0x80000000\n");
    assert_prints("x d0 0", "0000000000000000: 0xff030201\n");
    assert_prints("x/2xg d0 0", "0000000000000000: 0x00270a41ff030201 0x8000000000000000\n");
    assert_prints("x/10ub d0 8K", "0000000000002000:   1   2   3 255  65  10  39   0\n"
                  "0000000000002008:   0   0\n");
    assert_prints("x/4db d0 0", "0000000000000000:    1    2    3   -1\n");
    assert_prints("x/2oh d0 0", "0000000000000000: 0001001 0177403\n");
    assert_prints("x/8c d0 0",
                  "0000000000000000: '\\x01' '\\x02' '\\x03' '\\xff' 'A' '\\n' '\\'' '\\x00'\n");
    assert_has("x/0x d0 0", "Error: count 0 is out of range");
    assert_has("x/99999999999999999999x d0 0", "is out of range");
    assert_has("x/4z d0 0", "x: invalid char in format: 'z'\nTry \"help x\"");
    assert_has("x/4x d0", "x: number expected");
}

/* Messages that a command causes go to its monitor, plain. */
static void test_reports(void)
{
    Paper p = PAPER_INIT;
    Monitor qmp = { NULL };

    error_init("prog");
    g_assert_null(monitor_set_cur(&p.mon));
    error_report("bad");
    warn_report("odd");
    error_printf_unless_qmp("hint\n");
    g_assert_false(monitor_cur_is_qmp());
    g_assert_cmpint(monitor_printf(monitor_cur(), "%d\n", 12), ==, 3);
    g_assert_cmpstr(p.text->str, ==, "bad\nwarning: odd\nhint\n12\n");
    g_assert_true(monitor_set_cur(&qmp) == &p.mon);
    g_assert_true(monitor_cur_is_qmp());
    error_printf_unless_qmp("this must not be seen\n");
    g_assert_cmpint(monitor_printf(monitor_cur(), "nor this\n"), ==, -1);
    monitor_set_cur(NULL);
    g_assert_cmpint(monitor_printf(monitor_cur(), "nor that\n"), ==, -1);
    g_assert_cmpuint(p.text->len, ==, strlen("bad\nwarning: odd\nhint\n12\n"));
    g_string_free(p.text, TRUE);
}

/* ---- completion ---- */

static void assert_completes(const char *before, const char *expected, size_t typed)
{
    size_t got_typed;
    g_autoptr(GPtrArray) got = hmp_complete(before, &got_typed);
    g_autofree char *joined = NULL;

    g_ptr_array_add(got, NULL);
    joined = g_strjoinv("|", (char **)got->pdata);
    g_assert_cmpstr(joined, ==, expected);
    g_assert_cmpuint(got_typed, ==, typed);
}

static void test_completion(void)
{
    assert_completes("dev", "device_add |device_del ", 3);
    assert_completes("q", "q |qom-get |qom-list |qom-set |quit ", 1);
    assert_completes("nothing", "", 7);
    assert_completes("nothing ", "", 0);
    assert_completes("info stat", "status ", 4);
    assert_completes("info status x", "", 1);
    assert_completes("help devi", "device_add |device_del ", 4);
    assert_completes("help info sta", "status ", 3);
    assert_completes("device_del ", "d0 |d1 ", 0);
    assert_completes("device_del d1", "d1 ", 2);
    assert_completes("device_del d1 ", "", 0);
    assert_completes("device_add ed", "edit,|edu,", 2);
    assert_completes("device_add edu,", "edu,addr=|edu,bus=|edu,id=|edu,msi=", 4);
    assert_completes("device_add edu,id=x,a", "edu,id=x,addr=", 10);
    assert_completes("device_add edu,msi=o", "edu,msi=off|edu,msi=on", 9);
    assert_completes("device_add edu,bus=d", "edu,bus=d0|edu,bus=d1", 9);
    assert_completes("object_add ed", "edit,|edu,", 2);
    assert_completes("object_add t,device=d1", "t,device=d1 ", 11);
    assert_completes("qom-get /machine/d", "/machine/d0|/machine/d1", 10);
    assert_completes("qom-get /machine c", "count ", 1);
    assert_completes("qom-set -", "-j ", 1);
    assert_completes("qom-set -j /machine c", "count ", 1);
    assert_completes("log guest_errors,un", "guest_errors,unimp", 15);
    assert_completes("log no", "none", 2);
    assert_completes("trace-event qmp_s", "qmp_send ", 5);
    assert_completes("trace-event qmp_send o", "off |on ", 1);
    assert_completes("x v", "vmA-mem ", 1);
    assert_completes("x/4xw v", "vmA-mem ", 1);
    assert_completes("x /4xw v", "vmA-mem ", 1);
    assert_completes("x /4xw vmA-mem ", "", 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    qemu_init_main_loop(&error_abort);
    register_answers();
    g_test_add_func("/monitor/hmp/arguments", test_arguments);
    g_test_add_func("/monitor/hmp/values", test_values);
    g_test_add_func("/monitor/hmp/lines", test_lines);
    g_test_add_func("/monitor/hmp/commands", test_commands);
    g_test_add_func("/monitor/hmp/examine", test_examine);
    g_test_add_func("/monitor/hmp/reports", test_reports);
    g_test_add_func("/monitor/hmp/completion", test_completion);
    return g_test_run();
}
