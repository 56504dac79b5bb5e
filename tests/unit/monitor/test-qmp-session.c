/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sessions over memory channels: pipelining, clients that do not read, ends. */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "qapi/qmp-registry.h"
#include "monitor/out-queue.h"
#include "monitor/qmp-session.h"
#include "monitor/qmp-spec.h"
#include "qemu/main-loop.h"
#include "qemu/module.h"

#define CAPS "{\"execute\":\"qmp_capabilities\"}"

typedef struct Client {
    IOChannel *ch;
    QmpSession *session;
    unsigned closed;
    GString *got;
} Client;

static Client *nested_client;
static unsigned bumps;

static void turn(void)
{
    for (int i = 0; i < 20; i++) {
        aio_poll(aio_context_main(), false);
    }
}

static JsonNode *big(JsonObject *args, Error **errp)
{
    g_autofree char *text = g_strnfill(1000, 'b');
    JsonNode *node = json_node_new(JSON_NODE_VALUE);

    json_node_set_string(node, text);
    bumps++;
    return node;
}

/* Runs the loop while its own session has more input waiting. */
static JsonNode *nest(JsonObject *args, Error **errp)
{
    unsigned before = bumps;

    turn();
    g_assert_cmpuint(bumps, ==, before);
    return NULL;
}

/* The client leaves while its command runs. */
static JsonNode *leave(JsonObject *args, Error **errp)
{
    io_channel_free(g_steal_pointer(&nested_client->ch));
    turn();
    return NULL;
}

static void closed(QmpSession *session, void *opaque)
{
    Client *c = opaque;

    g_assert_true(c->session == session);
    c->session = NULL;
    c->closed++;
}

static void open_client(Client *c, size_t capacity, bool distrust, bool pretty)
{
    IOChannel *end[2];
    QmpSessionConfig config = {
        .ctx = aio_context_main(), .pretty = pretty, .distrust = distrust,
        .closed = closed, .opaque = c,
    };

    io_channel_memory_pair(capacity, end);
    *c = (Client) { .ch = end[0], .got = g_string_new(NULL) };
    c->session = qmp_session_new(end[1], &config);
}

static void close_client(Client *c)
{
    if (c->session) {
        qmp_session_free(c->session);
    }
    io_channel_free(c->ch);
    g_string_free(c->got, TRUE);
}

static void take(Client *c)
{
    char buf[512];
    ssize_t n;

    do {
        turn();
        n = io_channel_read(c->ch, buf, sizeof(buf));
        if (n > 0) {
            g_string_append_len(c->got, buf, n);
        }
    } while (n > 0);
}

static unsigned count(const char *text, const char *what)
{
    unsigned n = 0;

    for (const char *p = text; (p = strstr(p, what)); p += strlen(what)) {
        n++;
    }
    return n;
}

static void say(Client *c, const char *text)
{
    g_assert_cmpint(io_channel_write(c->ch, text, strlen(text)), ==, strlen(text));
}

static void test_talk(void)
{
    Client c;

    open_client(&c, 1 << 20, false, false);
    take(&c);
    g_assert_true(g_str_has_prefix(c.got->str, "{\"QMP\":"));
    g_assert_true(g_str_has_suffix(c.got->str, "\r\n"));
    g_string_truncate(c.got, 0);
    say(&c, CAPS "{\"execute\":\"query-version\",\"id\":1}\n\n[]\n");
    take(&c);
    g_assert_cmpuint(count(c.got->str, "\r\n"), ==, 3);
    g_assert_nonnull(strstr(c.got->str, "\"id\":1"));
    g_assert_nonnull(strstr(c.got->str, "must be a JSON object"));
    close_client(&c);
}

static void test_pretty(void)
{
    Client c;

    open_client(&c, 1 << 20, false, true);
    take(&c);
    g_assert_true(g_str_has_prefix(c.got->str, "{\n    \"QMP\": {\n"));
    close_client(&c);
}

/*
 * Ten thousand commands and not one answer read: the session stops looking,
 * and when the client reads, every command is answered.
 */
static void test_no_reading(void)
{
    const unsigned total = 10000;
    unsigned sent = 0;
    bool stuck = false;
    Client c;

    open_client(&c, 32 * 1024, false, false);
    say(&c, CAPS);
    bumps = 0;
    while (sent < total) {
        static const char command[] = "{\"execute\":\"big\"}";
        size_t done = 0;

        while (done < sizeof(command) - 1) {
            ssize_t n = io_channel_write(c.ch, command + done, sizeof(command) - 1 - done);
            if (n == -EAGAIN) {
                turn();
                n = io_channel_write(c.ch, command + done, sizeof(command) - 1 - done);
            }
            if (n == -EAGAIN) {
                /* Full in both directions: only now read. */
                g_assert_cmpuint(bumps, <, 500);
                stuck = true;
                take(&c);
                bumps = 0;
                continue;
            }
            done += n;
        }
        sent++;
    }
    take(&c);
    g_assert_true(stuck);
    g_assert_cmpuint(count(c.got->str, "{\"return\":\"bbb"), ==, total);
    close_client(&c);
}

static JsonObject *event(void)
{
    JsonObject *e = json_object_new();

    json_object_set_string_member(e, "event", "SOMETHING");
    return e;
}

static void test_events(void)
{
    g_autoptr(JsonObject) e = event();
    Client c;

    open_client(&c, 1 << 20, false, false);
    qmp_session_event(c.session, e);
    take(&c);
    g_assert_null(strstr(c.got->str, "SOMETHING"));
    say(&c, CAPS);
    turn();
    qmp_session_event(c.session, e);
    take(&c);
    g_assert_cmpuint(count(c.got->str, "SOMETHING"), ==, 1);
    close_client(&c);
}

static void test_lost_events(void)
{
    g_autoptr(JsonObject) e = event();
    const unsigned total = 50000;
    g_autofree char *notice = NULL;
    unsigned came;
    Client c;

    open_client(&c, 4096, false, false);
    say(&c, CAPS);
    take(&c);
    for (unsigned i = 0; i < total; i++) {
        qmp_session_event(c.session, e);
    }
    g_string_truncate(c.got, 0);
    take(&c);
    came = count(c.got->str, "SOMETHING");
    g_assert_cmpuint(came, >, 1000);
    g_assert_cmpuint(c.got->len, <, OUT_QUEUE_EVENTS + 64 * 1024);
    notice = g_strdup_printf("{\"event\":\"X_EVENTS_LOST\",\"data\":{\"count\":%u}",
                             total - came);
    g_assert_nonnull(strstr(c.got->str, notice));
    /* And life goes on. */
    g_string_truncate(c.got, 0);
    qmp_session_event(c.session, e);
    take(&c);
    g_assert_cmpuint(count(c.got->str, "SOMETHING"), ==, 1);
    g_assert_null(strstr(c.got->str, "X_EVENTS_LOST"));
    close_client(&c);
}

static void test_hang_up(void)
{
    Client c;

    open_client(&c, 4096, false, false);
    take(&c);
    say(&c, "{\"execute\":\"query-");
    io_channel_free(g_steal_pointer(&c.ch));
    turn();
    g_assert_cmpuint(c.closed, ==, 1);
    g_assert_null(c.session);
    close_client(&c);
}

static void test_hang_up_in_command(void)
{
    Client c;

    open_client(&c, 4096, false, false);
    nested_client = &c;
    say(&c, CAPS "{\"execute\":\"leave\"}{\"execute\":\"leave\"}");
    turn();
    g_assert_cmpuint(c.closed, ==, 1);
    close_client(&c);
}

static void test_nested_loop(void)
{
    Client c;

    open_client(&c, 4096, false, false);
    bumps = 0;
    say(&c, CAPS "{\"execute\":\"nest\"}{\"execute\":\"big\"}");
    take(&c);
    g_assert_cmpuint(bumps, ==, 1);
    g_assert_cmpuint(count(c.got->str, "\"return\""), ==, 3);
    close_client(&c);
}

/* A browser's request is cut off before its body is looked at. */
static void test_distrust(void)
{
    Client c;

    open_client(&c, 1 << 20, true, false);
    say(&c, "POST / HTTP/1.1\r\nHost: x\r\n\r\n" CAPS "{\"execute\":\"big\"}");
    bumps = 0;
    turn();
    g_assert_cmpuint(c.closed, ==, 1);
    g_assert_cmpuint(bumps, ==, 0);
    close_client(&c);

    open_client(&c, 1 << 20, true, false);
    say(&c, CAPS "rubbish\n");
    take(&c);
    g_assert_cmpuint(c.closed, ==, 0);
    close_client(&c);
}

static void assert_spec(const char *spec, const char *address)
{
    g_auto(IOAddress) addr = { 0 };
    g_autofree char *text = NULL;

    g_assert_true(qmp_spec_parse(spec, &addr, &error_abort));
    text = io_address_format(&addr);
    g_assert_cmpstr(text, ==, address);
}

static void assert_no_spec(const char *spec, const char *why)
{
    IOAddress addr;
    Error *err = NULL;

    g_assert_false(qmp_spec_parse(spec, &addr, &err));
    if (!strstr(error_get_pretty(err), why)) {
        g_error("%s: %s", spec, error_get_pretty(err));
    }
    error_free(err);
}

static void test_spec(void)
{
    assert_spec("unix:/a,server=on,wait=off", "unix:/a");
    assert_spec("unix:/a,server,nowait", "unix:/a");
    assert_spec("unix:/a,,b,wait=off,server=on", "unix:/a,b");
    assert_spec("tcp:localhost:1,server=on,wait=off", "tcp:127.0.0.1:1");
    assert_spec("stdio", "stdio");
    assert_no_spec("unix:/a", "add ,server=on,wait=off");
    assert_no_spec("unix:/a,server=off,wait=off", "add ,server=on,wait=off");
    assert_no_spec("unix:/a,server=on", "add ,wait=off");
    assert_no_spec("unix:/a,server=on,wait=on", "add ,wait=off");
    assert_no_spec("unix:/a,server=maybe", "'server=maybe' is not an option");
    assert_no_spec("unix:/a,server=on,,wait=off", "'server=on,wait=off' is not an option");
    assert_no_spec("unix:/a,serverless", "'serverless' is not an option");
    assert_no_spec("pipe:/a", "is not an address");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    qemu_init_main_loop(&error_abort);
    qmp_register_command("big", big, 0);
    qmp_register_command("nest", nest, 0);
    qmp_register_command("leave", leave, 0);
    g_test_add_func("/monitor/qmp-session/talk", test_talk);
    g_test_add_func("/monitor/qmp-session/pretty", test_pretty);
    g_test_add_func("/monitor/qmp-session/no-reading", test_no_reading);
    g_test_add_func("/monitor/qmp-session/events", test_events);
    g_test_add_func("/monitor/qmp-session/lost-events", test_lost_events);
    g_test_add_func("/monitor/qmp-session/hang-up", test_hang_up);
    g_test_add_func("/monitor/qmp-session/hang-up-in-command", test_hang_up_in_command);
    g_test_add_func("/monitor/qmp-session/nested-loop", test_nested_loop);
    g_test_add_func("/monitor/qmp-session/distrust", test_distrust);
    g_test_add_func("/monitor/qmp-spec", test_spec);
    return g_test_run();
}
