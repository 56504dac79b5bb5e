/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one qtest server of the process: it listens, connects to a test that
 * does, or sits on a character device. While a test is connected others wait,
 * in the kernel, or the one that a character device has brought.
 */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "chardev/char-channel.h"
#include "io/listener.h"
#include "io/stdio.h"
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
    bool started;
    IOListener *listener;
    ChardevPort *port;
    IOChannel *waiting;         /* a connection that is not answered yet */
    QtestSession *session;
} server;

static void session_closed(QtestSession *s, void *opaque);

/* Answers who waits. */
static void next_client(void)
{
    if (server.waiting) {
        server.session = qtest_session_new(g_steal_pointer(&server.waiting), session_closed,
                                           NULL);
    }
}

static void accept_client(IOListener *listener, IOChannel *ch, void *opaque)
{
    io_listener_set_accept(server.listener, NULL, NULL, NULL);
    server.waiting = ch;
    next_client();
}

/* The one before may not have been seen to end yet; one that waits still has been replaced. */
static void chardev_opened(IOChannel *ch, void *opaque)
{
    g_clear_pointer(&server.waiting, io_channel_free);
    server.waiting = ch;
    if (server.started && !server.session) {
        next_client();
    }
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
    next_client();
    listen_again();
}

static void events_ready(void *opaque)
{
    if (server.session) {
        qtest_session_events(server.session);
    }
}

static bool open_chardev(const char *id, Error **errp)
{
    Chardev *chr = qemu_chr_find(id);
    const IOAddress *addr = chr ? chardev_socket_address(chr) : NULL;

    if (!chr) {
        error_setg(errp, "chardev \"%s\" not found: add -chardev socket,id=%s,...", id, id);
        return false;
    }
    if (addr && !io_address_is_local(addr)) {
        error_setg(errp, "chardev '%s' can be reached from other machines, and whoever connects"
                   " to qtest has full control: use host=localhost or a UNIX socket", id);
        return false;
    }
    server.port = chardev_port_new(chr, chardev_opened, NULL, errp);
    return server.port;
}

static bool open_stdio(Error **errp)
{
    if (!io_stdio_claim(errp)) {
        return false;
    }
    server.waiting = io_channel_fd_new(STDIN_FILENO, STDOUT_FILENO);
    return true;
}

static bool open_address(const QtestConfig *config, Error **errp)
{
    if (config->chardev) {
        return open_chardev(config->chardev, errp);
    }
    if (config->addr.kind == IO_ADDRESS_STDIO) {
        return open_stdio(errp);
    }
    if (config->listen) {
        server.listener = io_listener_new(&config->addr, errp);
        return server.listener;
    }
    server.waiting = io_channel_connect(&config->addr, errp);
    return server.waiting;
}

static bool has_server(const QtestConfig *config)
{
    return config->chardev || config->addr.kind != IO_ADDRESS_NONE;
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
    if (!has_server(config) && !config->accel) {
        return true;
    }
    server.active = true;
    qtest_settle_init();
    qtest_irq_init(events_ready, NULL);
    return qtest_domains_init(ram_of(config), errp) &&
           (!has_server(config) ||
            (qtest_log_open(config->log, errp) && open_address(config, errp)));
}

void qtest_start(void)
{
    server.started = true;
    next_client();
    listen_again();
    if (server.port) {
        chardev_port_listen(server.port);
    }
}

void qtest_cleanup(void)
{
    if (!server.active) {
        return;
    }
    qtest_session_free(g_steal_pointer(&server.session));
    g_clear_pointer(&server.waiting, io_channel_free);
    g_clear_pointer(&server.port, chardev_port_free);
    g_clear_pointer(&server.listener, io_listener_free);
    qtest_domains_cleanup();
    qtest_irq_cleanup();
    qtest_settle_cleanup();
    qtest_log_close();
    server.active = server.started = false;
}
