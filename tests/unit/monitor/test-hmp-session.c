/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sessions of the human monitor over memory channels: who types what when, and leaves. */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "monitor/hmp-session.h"
#include "monitor/out-queue.h"
#include "monitor/version.h"
#include "qapi/qmp-registry.h"
#include "qemu/main-loop.h"
#include "qemu/module.h"

#define PROMPT "(qemu) "

typedef struct User {
    IOChannel *ch;
    HmpSession *session;
    unsigned closed;
    GString *got;
} User;

static User *leaving;
static unsigned runs;

/* One turn of the loop may work off one command, and no more. */
static void turn(int n)
{
    while (n--) {
        aio_poll(aio_context_main(), false);
    }
}

/* A name that a hostile client could have given itself. */
static JsonNode *query_name(JsonObject *args, Error **errp)
{
    JsonObject *answer = json_object_new();

    runs++;
    json_object_set_string_member(answer, "name", "a\033[2Jb\x7f\xc2\x9bgr\xc3\xb6\xc3\x9f");
    return qmp_return_object(answer);
}

static JsonNode *query_uuid(JsonObject *args, Error **errp)
{
    JsonObject *answer = json_object_new();
    g_autofree char *text = g_strnfill(1000, 'u');

    runs++;
    json_object_set_string_member(answer, "UUID", text);
    return qmp_return_object(answer);
}

/* Runs the loop while its own session has more input waiting. */
static JsonNode *stop(JsonObject *args, Error **errp)
{
    unsigned before = runs;

    turn(20);
    g_assert_cmpuint(runs, ==, before);
    return NULL;
}

/* The user leaves while the command runs. */
static JsonNode *cont(JsonObject *args, Error **errp)
{
    io_channel_free(g_steal_pointer(&leaving->ch));
    turn(20);
    g_assert_cmpuint(leaving->closed, ==, 0);
    return NULL;
}

static void closed(HmpSession *session, void *opaque)
{
    User *u = opaque;

    g_assert_true(u->session == session);
    u->session = NULL;
    u->closed++;
}

static void open_user(User *u, size_t capacity, bool distrust)
{
    IOChannel *end[2];
    HmpSessionConfig config = {
        .ctx = aio_context_main(), .distrust = distrust, .closed = closed, .opaque = u,
    };

    io_channel_memory_pair(capacity, end);
    *u = (User) { .ch = end[0], .got = g_string_new(NULL) };
    u->session = hmp_session_new(end[1], &config);
}

static void close_user(User *u)
{
    if (u->session) {
        hmp_session_free(u->session);
    }
    if (u->ch) {
        io_channel_free(u->ch);
    }
    g_string_free(u->got, TRUE);
}

static void take(User *u)
{
    char buf[512];
    ssize_t n;

    do {
        turn(20);
        n = io_channel_read(u->ch, buf, sizeof(buf));
        if (n > 0) {
            g_string_append_len(u->got, buf, n);
        }
    } while (n > 0);
}

static void say(User *u, const char *text)
{
    g_assert_cmpint(io_channel_write(u->ch, text, strlen(text)), ==, strlen(text));
}

static void test_talk(void)
{
    g_autofree char *expected = NULL;
    User u;

    open_user(&u, 1 << 20, false);
    take(&u);
    g_assert_cmpstr(u.got->str, ==,
                    "QEMU 8.2.0 monitor - type 'help' for more information\r\n" PROMPT);
    g_string_truncate(u.got, 0);
    say(&u, "info version\rnonsense\r");
    take(&u);
    expected = g_strdup_printf("info version\r\n8.2.0 (%s)\r\n" PROMPT
                               "nonsense\r\nunknown command: 'nonsense'\r\n" PROMPT,
                               program_package());
    g_assert_cmpstr(u.got->str, ==, expected);
    g_string_truncate(u.got, 0);
    say(&u, "info nam\t\r");
    take(&u);
    g_assert_cmpstr(u.got->str, ==,
                    "info name \r\na?[2Jb???gr\xc3\xb6\xc3\x9f\r\n" PROMPT);
    close_user(&u);
}

/* Many commands at once: other users get turns between them. */
static void test_turns(void)
{
    User many, other;

    open_user(&many, 1 << 20, false);
    open_user(&other, 1 << 20, false);
    take(&many);
    take(&other);
    runs = 0;
    for (int i = 0; i < 200; i++) {
        say(&many, "info name\n");
    }
    turn(3);
    say(&other, "help quit\n");
    turn(10);
    g_assert_cmpuint(runs, <, 100);
    g_string_truncate(other.got, 0);
    take(&other);
    g_assert_nonnull(strstr(other.got->str, "quit|q -- "));
    take(&many);
    g_assert_cmpuint(runs, ==, 200);
    close_user(&many);
    close_user(&other);
}

/* Who does not read gets what fits into the queue, and the rest when he does. */
static void test_no_reading(void)
{
    unsigned before;
    User u;

    open_user(&u, 4096, false);
    runs = 0;
    for (int i = 0; i < 300; i++) {
        while (io_channel_write(u.ch, "info uuid\n", 10) != 10) {
            turn(10);
            if (runs > 50) {
                break;
            }
        }
        turn(2);
    }
    turn(500);
    before = runs;
    g_assert_cmpuint(before, >, 50);
    g_assert_cmpuint(before, <, 10 + (OUT_QUEUE_HIGH + 4096) / 1000);
    turn(100);
    g_assert_cmpuint(runs, ==, before);
    take(&u);
    g_assert_cmpuint(runs, >, before);
    close_user(&u);
}

static void test_hang_up(void)
{
    User u;

    open_user(&u, 1 << 20, false);
    say(&u, "info na");
    turn(10);
    io_channel_free(g_steal_pointer(&u.ch));
    turn(20);
    g_assert_cmpuint(u.closed, ==, 1);
    g_assert_null(u.session);
    close_user(&u);
}

static void test_hang_up_in_command(void)
{
    User u;

    open_user(&u, 1 << 20, false);
    leaving = &u;
    say(&u, "cont\ninfo name\n");
    turn(20);
    g_assert_cmpuint(u.closed, ==, 1);
    close_user(&u);
}

static void test_nested_loop(void)
{
    User u;

    open_user(&u, 1 << 20, false);
    runs = 0;
    say(&u, "stop\ninfo name\n");
    take(&u);
    g_assert_cmpuint(runs, ==, 1);
    close_user(&u);
}

static void test_free_with_input_left(void)
{
    User u;

    open_user(&u, 1 << 20, false);
    for (int i = 0; i < 50; i++) {
        say(&u, "info name\n");
    }
    turn(3);
    hmp_session_free(g_steal_pointer(&u.session));
    turn(20);
    g_assert_cmpuint(u.closed, ==, 0);
    close_user(&u);
}

static void test_distrust(void)
{
    User u;

    open_user(&u, 1 << 20, true);
    runs = 0;
    say(&u, "POST / HTTP/1.1\r\nHost: x\r\n\r\ninfo name\r\n");
    turn(50);
    g_assert_cmpuint(u.closed, ==, 1);
    g_assert_cmpuint(runs, ==, 0);
    close_user(&u);

    open_user(&u, 1 << 20, true);
    say(&u, "info name\nqom-get HTTP/1.1 HTTP/1.1\ninfo name\n");
    take(&u);
    g_assert_cmpuint(u.closed, ==, 0);
    g_assert_cmpuint(runs, ==, 2);
    close_user(&u);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    qemu_init_main_loop(&error_abort);
    qmp_register_command("query-name", query_name, 0);
    qmp_register_command("query-uuid", query_uuid, 0);
    qmp_register_command("stop", stop, 0);
    qmp_register_command("cont", cont, 0);
    g_test_add_func("/monitor/hmp-session/talk", test_talk);
    g_test_add_func("/monitor/hmp-session/turns", test_turns);
    g_test_add_func("/monitor/hmp-session/no-reading", test_no_reading);
    g_test_add_func("/monitor/hmp-session/hang-up", test_hang_up);
    g_test_add_func("/monitor/hmp-session/hang-up-in-command", test_hang_up_in_command);
    g_test_add_func("/monitor/hmp-session/nested-loop", test_nested_loop);
    g_test_add_func("/monitor/hmp-session/free-with-input-left", test_free_with_input_left);
    g_test_add_func("/monitor/hmp-session/distrust", test_distrust);
    return g_test_run();
}
