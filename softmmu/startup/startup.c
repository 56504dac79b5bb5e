/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The order of start-up, and of the end.
 *
 *   isolation    before anything else
 *   types        known, so that help texts can be made
 *   options      read completely before anything is done
 *   daemon       fork, while there is one thread
 *   signals      blocked, before a second thread can inherit the mask
 *   log          opened by the process that writes it
 *   pid file     first thing outside that others see: a second instance with
 *                the same file stops here, before it touches a socket
 *   character devices
 *   monitors     listen, but answer nobody yet; so does qtest
 *   machine, objects, devices, servers
 *   ready        monitors answer, the parent of a daemon goes, the service
 *                manager is told
 *
 * A failure at any point goes back through the same steps: nothing is left.
 */
#include "qemu/osdep.h"
#include "block/block.h"
#include "build.h"
#include "chardev/char.h"
#include "chardevs.h"
#include "config.h"
#include "daemon.h"
#include "io/activation.h"
#include "isolation.h"
#include "monitor/fd-param.h"
#include "monitor/monitor.h"
#include "notify.h"
#include "options.h"
#include "pidfile.h"
#include "qapi/qmp-event.h"
#include "qemu/fault-inject.h"
#include "qemu/main-loop.h"
#include "qemu/module.h"
#include "run.h"
#include "softmmu/qtest/qtest-server.h"
#include "signals.h"
#include "startup.h"
#include "status.h"
#include "sysemu/blockdev.h"
#include "sysemu/runstate.h"
#include "sysemu/sysemu.h"
#include "trace/control.h"
#include "watchdog.h"

static bool uses_stdio(const StartupConfig *config)
{
    for (guint i = 0; i < config->chardevs->len; i++) {
        const StartupItem *item = g_ptr_array_index(config->chardevs, i);

        if (!strcmp(json_object_get_string_member(item->opts, "backend"), "stdio")) {
            return true;
        }
    }
    return false;
}

static bool check_daemon(const StartupConfig *config, Error **errp)
{
    if (config->daemonize && uses_stdio(config)) {
        error_setg(errp, "-chardev stdio cannot be used with -daemonize: use a socket");
        return false;
    }
    for (guint i = 0; config->daemonize && i < config->monitors->len; i++) {
        const StartupItem *item = g_ptr_array_index(config->monitors, i);
        if (!strcmp(item->text, "stdio")) {
            const char *option = item->human ? "-monitor" : "-qmp";
            error_setg(errp, "%s stdio cannot be used with -daemonize: use %s unix:PATH,"
                       "server=on,wait=off", option, option);
            return false;
        }
    }
    if (config->daemonize && config->qtest && !strcmp(config->qtest->text, "stdio")) {
        error_setg(errp, "-qtest stdio cannot be used with -daemonize: use -qtest unix:PATH,"
                   "server=on,wait=off");
        return false;
    }
    if (config->daemonize && config->log_mask && !config->log_file) {
        warn_report("-daemonize without -D FILE: the log of -d and -trace is lost when the"
                    " start is over");
    }
    return true;
}

static bool open_log(const StartupConfig *config, Error **errp)
{
    return (!config->log_file || qemu_set_log_filename(config->log_file, errp)) &&
           trace_init_file(errp) && qemu_set_log(config->log_mask, errp);
}

static bool open_pidfile(const StartupConfig *config)
{
    Location saved;
    Error *err = NULL;

    if (!config->pidfile) {
        return true;
    }
    startup_item_begin(config->pidfile, &saved);
    if (!pidfile_create(config->pidfile->text, &err)) {
        startup_report(err);
    }
    startup_item_end(&saved);
    return !err;
}

static bool open_monitor(const StartupItem *item)
{
    Location saved;
    Error *err = NULL;

    startup_item_begin(item, &saved);
    if (!(item->human ? hmp_server_add(item->text, &err) :
                        qmp_server_add(item->text, item->pretty, &err))) {
        startup_report(err);
    }
    startup_item_end(&saved);
    return !err;
}

static bool open_monitors(const StartupConfig *config)
{
    for (guint i = 0; i < config->monitors->len; i++) {
        if (!open_monitor(g_ptr_array_index(config->monitors, i))) {
            return false;
        }
    }
    return true;
}

static bool open_qtest(const StartupConfig *config)
{
    QtestConfig qtest = { 0 };
    Error *err = NULL;

    if (!options_resolve_qtest(config, &qtest, &err) || !qtest_init(&qtest, &err)) {
        startup_report(err);
    }
    io_address_clear(&qtest.addr);
    loc_set_none();
    return !err;
}

/* In the process that stays, on one thread still. */
static bool init_process(const StartupConfig *config, Error **errp)
{
    notify_init();
    if (!check_daemon(config, errp) || (config->daemonize && !daemon_start(errp))) {
        return false;
    }
    signals_block();
    if (qemu_init_main_loop(errp) < 0) {
        return false;
    }
    run_init();
    status_init();
    return fault_inject_init_from_env(errp) && open_log(config, errp) &&
           signals_watch(aio_context_main(), config->daemonize || notify_wanted(), errp);
}

static void go_live(const StartupConfig *config)
{
    if (config->paused) {
        runstate_set(RUN_STATE_PRELAUNCH);
    } else {
        vm_start();
    }
    monitors_start();
    qtest_start();
    daemon_ready();
    status_start_telling();
    if (notify_watchdog_usec()) {
        watchdog_start(notify_watchdog_usec() * SCALE_US / 2, notify_watchdog);
    }
}

static void clean_up(void)
{
    signals_let_kill();
    teardown_all();
    drive_remove_all();
    bdrv_close_all();
    watchdog_stop();
    status_cleanup();
    qtest_cleanup();
    qemu_run_exit_notifiers();
    /* Clients of the monitors hear of what went away. */
    qmp_event_dispatch();
    monitors_cleanup();
    qemu_chr_cleanup();
    signals_unwatch(aio_context_main());
    pidfile_remove();
}

static bool make_and_live(const StartupConfig *config)
{
    if (!open_monitors(config) || !chardevs_open_monitors(config) || !open_qtest(config) ||
        !build_all(config)) {
        return false;
    }
    go_live(config);
    run_until_shutdown();
    notify_stopping();
    run_drain();
    return true;
}

static int run(const StartupConfig *config)
{
    bool ok = open_pidfile(config) && chardevs_open(config);

    /* Whoever ends a process that waits for its first client has got what they wanted. */
    if (ok && chardevs_await_peers(config)) {
        ok = make_and_live(config);
    }
    clean_up();
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

int startup_main(int argc, char **argv)
{
    g_autoptr(StartupConfig) config = startup_config_new();
    Error *err = NULL;

    isolation_before_config();
    monitor_fd_param_note_inherited();
    io_activation_note();
    error_init(argv[0] ?: "qemu-system-x86_64");
    module_call_init(MODULE_INIT_TRACE);
    module_call_init(MODULE_INIT_QOM);
    if (!command_line_parse(config, argc, argv, &err)) {
        startup_report(err);
        return EXIT_FAILURE;
    }
    if (config->done) {
        return EXIT_SUCCESS;
    }
    if (!init_process(config, &err)) {
        startup_report(err);
        return EXIT_FAILURE;
    }
    return run(config);
}
