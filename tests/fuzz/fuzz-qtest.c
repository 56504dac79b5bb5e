/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What comes in on a qtest socket, in pieces that the first byte chooses, with
 * devices behind it. Promises: one answer for each whole line, in lines that
 * start as they should, and a session that is still there afterwards.
 */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "hw/boards.h"
#include "monitor/qdev.h"
#include "qapi/error.h"
#include "qapi/json.h"
#include "qemu/main-loop.h"
#include "qemu/module.h"
#include "qemu/timer.h"
#include "softmmu/qtest/domain.h"
#include "softmmu/qtest/irq.h"
#include "softmmu/qtest/session.h"
#include "softmmu/qtest/settle.h"
#include "sysemu/qtest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A few lines can ask for much work: 16 MiB each. */
#define INPUT_BYTES 400

typedef struct Run {
    IOChannel *ch;
    QtestSession *session;
    GString *out;
} Run;

static Run *running;

static void closed(QtestSession *s, void *opaque)
{
    abort();
}

static void events_ready(void *opaque)
{
    if (running) {
        qtest_session_events(running->session);
    }
}

static void add(const char *text)
{
    g_autoptr(JsonObject) opts = qapi_json_parse_object(text, strlen(text), &error_abort);

    object_unref(OBJECT(qdev_device_add_from_json(opts, &error_abort)));
}

static void set_up(void)
{
    static bool done;

    if (done) {
        return;
    }
    done = true;
    module_call_init(MODULE_INIT_QOM);
    qemu_init_main_loop(&error_fatal);
    current_machine = MACHINE(object_new("x-remote-machine"));
    machine_run_board_init(current_machine);
    qtest_allowed = true;
    qemu_clock_set_by_hand();
    qtest_settle_init();
    qtest_irq_init(events_ready, NULL);
    qtest_domains_init(1024 * 1024, &error_fatal);
    add("{\"driver\": \"edu\", \"id\": \"a\"}");
    add("{\"driver\": \"isolated-rc\", \"id\": \"b\"}");
    add("{\"driver\": \"dma-engine\", \"id\": \"e\", \"bus\": \"b.0\"}");
    add("{\"driver\": \"pcie-root-port\", \"id\": \"p\", \"bus\": \"b.0\"}");
}

static void take(Run *run)
{
    char buf[65536];
    ssize_t n;

    while ((n = io_channel_read(run->ch, buf, sizeof(buf))) > 0) {
        g_string_append_len(run->out, buf, n);
    }
}

static unsigned answers(const GString *out)
{
    g_auto(GStrv) lines = g_strsplit(out->str, "\n", -1);
    unsigned n = 0;

    g_assert(strlen(out->str) == out->len);
    for (char **l = lines; *l && l[1]; l++) {
        bool irq = g_str_has_prefix(*l, "IRQ raise ") || g_str_has_prefix(*l, "IRQ lower ");

        g_assert(irq || !strcmp(*l, "OK") || g_str_has_prefix(*l, "OK ") ||
                 g_str_has_prefix(*l, "FAIL ") || g_str_has_prefix(*l, "ERR "));
        n += !irq;
    }
    return n;
}

static void feed(Run *run, const char *data, size_t size, size_t piece)
{
    while (size) {
        ssize_t n = io_channel_write(run->ch, data, MIN(piece, size));

        g_assert(n > 0);
        data += n;
        size -= n;
        aio_poll(aio_context_main(), false);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Run run = { .out = g_string_new(NULL) };
    unsigned lines = 0;
    IOChannel *end[2];

    set_up();
    size = MIN(size, INPUT_BYTES);
    for (size_t i = 1; i < size; i++) {
        lines += data[i] == '\n';
    }
    io_channel_memory_pair(1 << 20, end);
    run.ch = end[0];
    run.session = qtest_session_new(end[1], closed, NULL);
    running = &run;
    if (size) {
        feed(&run, (const char *)data + 1, size - 1, 1 + data[0] % 64);
    }
    while (take(&run), answers(run.out) < lines) {
        aio_poll(aio_context_main(), true);
    }
    g_assert(answers(run.out) == lines);
    running = NULL;
    qtest_session_free(run.session);
    io_channel_free(run.ch);
    g_string_free(run.out, TRUE);
    return 0;
}
