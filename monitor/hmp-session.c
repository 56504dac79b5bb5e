/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Life of a session of the human monitor.
 *
 * Input is taken in chunks. One command or completion is worked off in each
 * turn of the loop, so that a user who sends thousands at once leaves the
 * others their turns; while output waits for the user to read, nothing is
 * taken. The rest of the input waits in the kernel. Nothing here waits.
 *
 * `busy` is set while a command runs. It may run the event loop nested; input
 * that turns up then is left where it is.
 */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "hmp.h"
#include "hmp-session.h"
#include "monitor-int.h"
#include "monitor/version.h"
#include "out-queue.h"
#include "readline.h"
#include "trace.h"

struct HmpSession {
    Monitor mon;
    HmpSessionConfig config;
    IOChannel *ch;
    Readline *rl;
    OutQueue out;
    QEMUBH *again;              /* there is more in chunk */
    bool first_line;
    bool busy;
    bool broken;                /* to be freed when not busy */
    size_t chunk_pos, chunk_len;
    char chunk[1024];
};

static void update_ready(HmpSession *s);

/* ---- output ---- */

/* A control character in what a client or guest named itself must not reach a terminal. */
static char *harmless(const char *text, size_t len)
{
    char *valid = g_utf8_make_valid(text, len);

    for (char *p = valid; *p; p++) {
        bool c1 = p[0] == '\xc2' && (unsigned char)p[1] < 0xa0;

        if (((unsigned char)*p < 0x20 && *p != '\n' && *p != '\t') || *p == 0x7f) {
            *p = '?';
        } else if (c1) {
            p[0] = p[1] = '?';
        }
    }
    return valid;
}

static void write_text(Monitor *mon, const char *text, size_t len)
{
    HmpSession *s = container_of(mon, HmpSession, mon);
    g_autofree char *clean = harmless(text, len);
    const char *line = clean;
    const char *end;

    while ((end = strchr(line, '\n'))) {
        out_queue_put(&s->out, line, end - line);
        out_queue_put(&s->out, "\r\n", 2);
        line = end + 1;
    }
    out_queue_put(&s->out, line, strlen(line));
}

static void put_editor_output(HmpSession *s)
{
    GString *out = readline_output(s->rl);

    out_queue_put(&s->out, out->str, out->len);
    g_string_truncate(out, 0);
}

static void flush(HmpSession *s)
{
    int ret = out_queue_flush(&s->out, s->ch);

    if (ret < 0 && ret != -EAGAIN) {
        s->broken = true;
    }
}

/* ---- input ---- */

static bool is_http(const char *line)
{
    return strstr(line, " HTTP/") != NULL;
}

static void run_line(HmpSession *s, bool whole)
{
    const char *line = readline_line(s->rl);

    trace_hmp_line(s, line);
    if (s->first_line && s->config.distrust && is_http(line)) {
        s->broken = true;
    } else if (whole) {
        hmp_run_line(&s->mon, line);
    } else {
        monitor_printf(&s->mon, "the line is too long: at most %d bytes\n", READLINE_MAX_LINE);
    }
    s->first_line = false;
    readline_prompt(s->rl);
}

static void complete(HmpSession *s)
{
    g_autofree char *before = readline_before_cursor(s->rl);
    size_t typed;
    g_autoptr(GPtrArray) words = hmp_complete(before, &typed);

    readline_complete(s->rl, typed, (const char *const *)words->pdata, words->len);
}

static void work_off(HmpSession *s)
{
    size_t used;
    ReadlineResult r = readline_feed(s->rl, s->chunk + s->chunk_pos,
                                     s->chunk_len - s->chunk_pos, &used);

    s->chunk_pos += used;
    put_editor_output(s);
    if (r == READLINE_LINE || r == READLINE_TOO_LONG) {
        run_line(s, r == READLINE_LINE);
    } else if (r == READLINE_COMPLETE) {
        complete(s);
    }
    put_editor_output(s);
}

static void refill(HmpSession *s)
{
    ssize_t n;

    if (s->chunk_pos < s->chunk_len) {
        return;
    }
    n = io_channel_read(s->ch, s->chunk, sizeof(s->chunk));
    s->chunk_pos = 0;
    s->chunk_len = MAX(n, 0);
    if (n == 0 || (n < 0 && n != -EAGAIN)) {
        s->broken = true;
    }
}

static bool may_work(const HmpSession *s)
{
    return !s->broken && out_queue_pending(&s->out) < OUT_QUEUE_HIGH;
}

static void session_ready(void *opaque)
{
    HmpSession *s = opaque;

    if (s->busy) {
        update_ready(s);
        return;
    }
    s->busy = true;
    flush(s);
    if (may_work(s)) {
        refill(s);
    }
    if (may_work(s)) {
        work_off(s);
        flush(s);
    }
    s->busy = false;
    if (s->broken) {
        s->config.closed(s, s->config.opaque);
        hmp_session_free(s);
    } else {
        update_ready(s);
    }
}

/* With input left over the kernel's readiness does not matter: the bottom half comes back. */
static void update_ready(HmpSession *s)
{
    bool room = !s->busy && out_queue_pending(&s->out) < OUT_QUEUE_HIGH;
    bool rest = s->chunk_pos < s->chunk_len;
    bool write = !s->busy && out_queue_pending(&s->out);

    io_channel_set_ready(s->ch, s->config.ctx, room && !rest ? session_ready : NULL,
                         write ? session_ready : NULL, s);
    if (room && rest) {
        qemu_bh_schedule(s->again);
    }
}

/* ---- life ---- */

static void greet(HmpSession *s)
{
    /* WILL ECHO, WILL SUPPRESS-GO-AHEAD: the client sends each key and echoes none. */
    static const char character_mode[] = { '\xff', '\xfb', 1, '\xff', '\xfb', 3 };

    if (s->config.telnet) {
        out_queue_put(&s->out, character_mode, sizeof(character_mode));
    }
    monitor_printf(&s->mon, "QEMU %d.%d.%d monitor - type 'help' for more information\n",
                   SPOKEN_QEMU_MAJOR, SPOKEN_QEMU_MINOR, SPOKEN_QEMU_MICRO);
    readline_prompt(s->rl);
    put_editor_output(s);
}

HmpSession *hmp_session_new(IOChannel *ch, const HmpSessionConfig *config)
{
    HmpSession *s = g_new0(HmpSession, 1);

    s->mon.write = write_text;
    s->config = *config;
    s->ch = ch;
    s->rl = readline_new("(qemu) ");
    s->again = aio_bh_new(config->ctx, session_ready, s);
    s->first_line = true;
    out_queue_init(&s->out);
    greet(s);
    /* A failure shows when the loop finds the channel readable. */
    out_queue_flush(&s->out, s->ch);
    update_ready(s);
    return s;
}

void hmp_session_free(HmpSession *s)
{
    /* Behind the prompt that is there: what comes next on the terminal is not ours. */
    out_queue_put(&s->out, "\r\n", 2);
    out_queue_flush(&s->out, s->ch);
    io_channel_free(s->ch);
    qemu_bh_delete(s->again);
    readline_free(s->rl);
    out_queue_clear(&s->out);
    g_free(s);
}
