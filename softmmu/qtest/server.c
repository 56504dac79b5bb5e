/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one qtest server of the process: it listens, or connects to a test that
 * does. While a test is connected others wait in the kernel.
 */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "io/listener.h"
#include "qapi/error.h"
#include "qemu/timer.h"
#include "sysemu/qtest.h"
#include "domain.h"
#include "irq.h"
#include "log.h"
#include "qtest-server.h"
#include "session.h"
#include "settle.h"

static struct {
    bool active;
    IOListener *listener;
    IOChannel *waiting;         /* a connection that is not answered yet */
    QtestSession *session;
} server;

static void session_closed(QtestSession *s, void *opaque);

static void accept_client(IOListener *listener, IOChannel *ch, void *opaque)
{
    io_listener_set_accept(server.listener, NULL, NULL, NULL);
    server.session = qtest_session_new(ch, session_closed, NULL);
}

static void listen_again(void)
{
    if (server.listener) {
        io_listener_set_accept(server.listener, aio_context_main(), accept_client, NULL);
    }
}

static void session_closed(QtestSession *s, void *opaque)
{
    server.session = NULL;
    qtest_session_free(s);
    listen_again();
}

static void events_ready(void *opaque)
{
    if (server.session) {
        qtest_session_events(server.session);
    }
}

static bool open_address(const QtestConfig *config, Error **errp)
{
    if (config->addr.kind == IO_ADDRESS_STDIO) {
        server.waiting = io_channel_fd_new(STDIN_FILENO, STDOUT_FILENO);
        return true;
    }
    if (config->listen) {
        server.listener = io_listener_new(&config->addr, errp);
        return server.listener;
    }
    server.waiting = io_channel_connect(&config->addr, errp);
    return server.waiting;
}

static uint64_t ram_of(const QtestConfig *config)
{
    return !config->accel ? 0 : config->ram_size ?: QTEST_RAM_DEFAULT;
}

bool qtest_init(const QtestConfig *config, Error **errp)
{
    if (config->accel) {
        qtest_allowed = true;
        qemu_clock_set_by_hand();
    }
    if (config->addr.kind == IO_ADDRESS_NONE && !config->accel) {
        return true;
    }
    server.active = true;
    qtest_settle_init();
    qtest_irq_init(events_ready, NULL);
    return qtest_domains_init(ram_of(config), errp) &&
           (config->addr.kind == IO_ADDRESS_NONE ||
            (qtest_log_open(config->log, errp) && open_address(config, errp)));
}

void qtest_start(void)
{
    if (server.waiting) {
        server.session = qtest_session_new(g_steal_pointer(&server.waiting), session_closed,
                                           NULL);
    }
    listen_again();
}

void qtest_cleanup(void)
{
    if (!server.active) {
        return;
    }
    qtest_session_free(g_steal_pointer(&server.session));
    g_clear_pointer(&server.waiting, io_channel_free);
    g_clear_pointer(&server.listener, io_listener_free);
    qtest_domains_cleanup();
    qtest_irq_cleanup();
    qtest_settle_cleanup();
    qtest_log_close();
    server.active = false;
}
