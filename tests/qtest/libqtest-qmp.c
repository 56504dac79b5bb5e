/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QMP of the program under test. */
#include "qemu/osdep.h"
#include <sys/socket.h>
#include <sys/un.h>
#include "libqtest-int.h"

/* Anything but an object is the server's fault. */
static JsonObject *receive(QTestState *s)
{
    g_autofree char *line = qtest_lines_get(&s->qmp);
    g_autoptr(JsonNode) node = line ? json_from_string(line, NULL) : NULL;

    if (!node || !JSON_NODE_HOLDS_OBJECT(node)) {
        qtest_fail(s, "QMP: no JSON object: %s", line ?: "the end");
    }
    return json_object_ref(json_node_get_object(node));
}

static JsonObject *receive_reply(QTestState *s)
{
    while (true) {
        JsonObject *message = receive(s);

        if (!json_object_has_member(message, "event")) {
            return message;
        }
        g_queue_push_tail(&s->events, message);
    }
}

JsonObject *qtest_vqmp(QTestState *s, const char *fmt, va_list ap)
{
    g_autofree char *text = g_strdup_vprintf(fmt, ap);
    g_autofree char *line = g_strdup_printf("%s\n", text);

    if (!qtest_lines_put(&s->qmp, line, strlen(line))) {
        qtest_fail(s, "QMP: %s could not be sent", text);
    }
    return receive_reply(s);
}

JsonObject *qtest_qmp(QTestState *s, const char *fmt, ...)
{
    JsonObject *reply;
    va_list ap;

    va_start(ap, fmt);
    reply = qtest_vqmp(s, fmt, ap);
    va_end(ap);
    return reply;
}

static void assert_success(QTestState *s, JsonObject *reply, const char *what)
{
    g_autoptr(JsonObject) G_GNUC_UNUSED owned = reply;
    JsonObject *error;

    if (!json_object_has_member(reply, "return")) {
        error = json_object_get_object_member(reply, "error");
        qtest_fail(s, "QMP %s: %s", what, json_object_get_string_member(error, "desc"));
    }
}

void qtest_qmp_assert_success(QTestState *s, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    assert_success(s, qtest_vqmp(s, fmt, ap), fmt);
    va_end(ap);
}

/* --- events --- */

static bool is_event(JsonObject *message, const char *event)
{
    return !g_strcmp0(json_object_get_string_member_with_default(message, "event", NULL), event);
}

/* What was kept, then what comes; NULL: none is there, and nobody wants to wait. */
static JsonObject *next_event(QTestState *s, bool wait)
{
    JsonObject *message = g_queue_pop_head(&s->events);

    return message || (!wait && !qtest_lines_ready(&s->qmp)) ? message : receive(s);
}

static JsonObject *take_event(QTestState *s, const char *event, bool wait)
{
    JsonObject *message;

    while ((message = next_event(s, wait)) && !is_event(message, event)) {
        json_object_unref(message);
    }
    return message;
}

JsonObject *qtest_qmp_eventwait_ref(QTestState *s, const char *event)
{
    return take_event(s, event, true);
}

void qtest_qmp_eventwait(QTestState *s, const char *event)
{
    json_object_unref(take_event(s, event, true));
}

/* The answer to a command comes after what happened before it. */
JsonObject *qtest_qmp_event_pending(QTestState *s, const char *event)
{
    qtest_qmp_assert_success(s, "{\"execute\": \"query-status\"}");
    return take_event(s, event, false);
}

/* --- devices --- */

void qtest_qmp_device_add(QTestState *s, const char *driver, const char *id, const char *fmt,
                          ...)
{
    g_autofree char *more = NULL;
    va_list ap;

    va_start(ap, fmt);
    more = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    qtest_qmp_assert_success(s, "{\"execute\": \"device_add\", \"arguments\": {\"driver\": "
                             "\"%s\", \"id\": \"%s\"%s%s}}", driver, id, *more ? ", " : "", more);
}

void qtest_qmp_device_del(QTestState *s, const char *id)
{
    qtest_qmp_assert_success(s, "{\"execute\": \"device_del\", \"arguments\": {\"id\": \"%s\"}}",
                             id);
    qtest_qmp_eventwait(s, "DEVICE_DELETED");
}

/* --- life --- */

void qtest_qmp_connect(QTestState *s, const char *path)
{
    struct sockaddr_un addr = { .sun_family = AF_UNIX };

    s->qmp = (QTestLines) { socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), g_string_new(NULL) };
    g_strlcpy(addr.sun_path, path, sizeof(addr.sun_path));
    if (connect(s->qmp.fd, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
        qtest_fail(s, "QMP: %s: %s", path, g_strerror(errno));
    }
}

void qtest_qmp_greet(QTestState *s)
{
    json_object_unref(receive(s));      /* the greeting */
    qtest_qmp_assert_success(s, "{\"execute\": \"qmp_capabilities\"}");
}
