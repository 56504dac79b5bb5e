/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The connection of a test; see session.h. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "hw/remote/isolated-rc.h"
#include "command.h"
#include "irq.h"
#include "log.h"
#include "session.h"
#include "settle.h"

#define OUT_HIGH (64 * 1024)    /* no next command above */
#define OUT_MAX (64 * 1024 * 1024)

struct QtestSession {
    IOChannel *ch;
    QtestSessionClosed *closed;
    void *opaque;

    GString *in;
    size_t done;                /* of in: commands that were looked at */
    size_t searched;            /* of in: no line end before here */
    GString *out;
    size_t sent;                /* of out */
    GString *reply;
    bool busy;                  /* with a command */
    bool broken;

    char *domain;               /* chosen; NULL: the first */
};

static void update_ready(QtestSession *s);

/* --- output --- */

static size_t pending(const QtestSession *s)
{
    return s->out->len - s->sent;
}

static void flush(QtestSession *s)
{
    ssize_t n = 0;

    while (n >= 0 && pending(s)) {
        n = io_channel_write(s->ch, s->out->str + s->sent, pending(s));
        s->sent += MAX(n, 0);
    }
    if (n < 0 && n != -EAGAIN) {
        s->broken = true;
    }
    if (s->sent > OUT_HIGH || !pending(s)) {
        g_string_erase(s->out, 0, s->sent);
        s->sent = 0;
    }
}

static void collect_events(QtestSession *s)
{
    if (!qtest_irq_collect(s->out) || pending(s) > OUT_MAX) {
        warn_report("qtest: the client does not read its interrupts: disconnected");
        s->broken = true;
    }
}

void qtest_reply(QtestSession *s, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    g_string_vprintf(s->reply, fmt, ap);
    va_end(ap);
}

GString *qtest_reply_text(QtestSession *s)
{
    return s->reply;
}

static void send_reply(QtestSession *s)
{
    collect_events(s);
    qtest_log_line('S', s->reply->str, s->reply->len);
    g_string_append_c(s->reply, '\n');
    g_string_append_len(s->out, s->reply->str, s->reply->len);
    if (s->reply->allocated_len > OUT_HIGH) {
        g_string_free(s->reply, TRUE);
        s->reply = g_string_new(NULL);
    }
    g_string_truncate(s->reply, 0);
    flush(s);
}

/* --- commands --- */

static void settled(void *opaque)
{
    qtest_session_finish(opaque);
}

static void begin_command(QtestSession *s, char *line, size_t len)
{
    QtestDomain *touched = NULL;

    qtest_log_line('R', line, len);
    s->busy = true;
    switch (qtest_command_run(s, line, len, &touched)) {
    case QTEST_NOW:
        s->busy = false;
        send_reply(s);
        break;
    case QTEST_SETTLE:
        qtest_settle(touched, settled, s);
        break;
    case QTEST_LATER:
        break;
    }
}

/* Ends in.str at the line end and gives its length; -1: no whole line is there. */
static ssize_t next_line(QtestSession *s, char **line)
{
    char *start = s->in->str + s->done;
    size_t from = MAX(s->searched, s->done);
    char *end = memchr(s->in->str + from, '\n', s->in->len - from);

    if (!end) {
        s->searched = s->in->len;
        return -1;
    }
    s->done = end + 1 - s->in->str;
    if (end > start && end[-1] == '\r') {
        end--;
    }
    *end = '\0';
    *line = start;
    return end - start;
}

static void forget_done(QtestSession *s)
{
    if (s->done < s->in->len && s->done < QTEST_AHEAD) {
        return;
    }
    g_string_erase(s->in, 0, s->done);
    s->searched -= MIN(s->searched, s->done);
    s->done = 0;
    if (!s->in->len && s->in->allocated_len > QTEST_AHEAD * 2) {
        g_string_free(s->in, TRUE);
        s->in = g_string_new(NULL);
    }
}

static void check_length(QtestSession *s)
{
    if (s->in->len - s->done > QTEST_LINE_MAX) {
        qtest_reply(s, "FAIL a line has at most %u bytes: disconnected", QTEST_LINE_MAX);
        send_reply(s);
        s->broken = true;
    }
}

/* Runs what can be run; frees the session when it is over. */
static void pump(QtestSession *s)
{
    ssize_t len = 0;
    char *line;

    while (!s->busy && !s->broken && pending(s) < OUT_HIGH && len >= 0) {
        len = next_line(s, &line);
        if (len >= 0) {
            begin_command(s, line, len);
        } else {
            check_length(s);
        }
    }
    forget_done(s);
    if (s->broken) {
        s->closed(s, s->opaque);
    } else {
        update_ready(s);
    }
}

void qtest_session_finish(QtestSession *s)
{
    s->busy = false;
    send_reply(s);
    pump(s);
}

void qtest_session_events(QtestSession *s)
{
    collect_events(s);
    flush(s);
    if (s->broken) {
        s->closed(s, s->opaque);
    } else {
        update_ready(s);
    }
}

/* --- the domain --- */

QtestDomain *qtest_session_domain(QtestSession *s)
{
    g_autoptr(Error) err = NULL;
    AioContext *ctx;
    PCIBus *bus = isolated_rc_find_bus(s->domain, &ctx, &err);

    if (!bus) {
        qtest_reply(s, "FAIL %s", error_get_pretty(err));
        return NULL;
    }
    return qtest_domain_find(bus);
}

void qtest_session_choose(QtestSession *s, QtestDomain *d)
{
    g_free(s->domain);
    s->domain = g_strdup(aio_context_name(d->ctx));
}

/* --- input --- */

static void readable(void *opaque)
{
    QtestSession *s = opaque;
    size_t old = s->in->len;
    ssize_t n;

    g_string_set_size(s->in, old + QTEST_AHEAD);
    n = io_channel_read(s->ch, s->in->str + old, QTEST_AHEAD);
    g_string_truncate(s->in, old + MAX(n, 0));
    s->broken |= n == 0 || (n < 0 && n != -EAGAIN);
    pump(s);
}

static void writable(void *opaque)
{
    QtestSession *s = opaque;

    flush(s);
    pump(s);
}

/* While a command runs, only so much is read that the end of the stream is seen. */
static void update_ready(QtestSession *s)
{
    bool room = s->in->len - s->done < QTEST_AHEAD;
    bool wants = !s->busy && pending(s) < OUT_HIGH;

    io_channel_set_ready(s->ch, aio_context_main(), room || wants ? readable : NULL,
                         pending(s) ? writable : NULL, s);
}

/* --- life --- */

QtestSession *qtest_session_new(IOChannel *ch, QtestSessionClosed *closed, void *opaque)
{
    QtestSession *s = g_new0(QtestSession, 1);

    s->ch = ch;
    s->closed = closed;
    s->opaque = opaque;
    s->in = g_string_new(NULL);
    s->out = g_string_new(NULL);
    s->reply = g_string_new(NULL);
    qtest_log_opened();
    update_ready(s);
    return s;
}

void qtest_session_free(QtestSession *s)
{
    if (!s) {
        return;
    }
    qtest_settle_cancel();
    qtest_command_forget_irqs();
    qtest_log_closed();
    io_channel_free(s->ch);
    g_string_free(s->in, TRUE);
    g_string_free(s->out, TRUE);
    g_string_free(s->reply, TRUE);
    g_free(s->domain);
    g_free(s);
}
