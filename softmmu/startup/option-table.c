/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options that do something here, in the order in which -help shows them. */
#include "qemu/osdep.h"
#include "options.h"

const OptionRow option_table[] = {
    { "help", NULL, option_help, "this text (also -h)" },
    { "h", NULL, option_help, NULL },
    { "version", NULL, option_version, "print the version" },

    { "machine", "x-remote[,vfio-user=on][,...]", option_machine,
      "the machine (also -M; 'help' lists them)" },
    { "M", "x-remote[,...]", option_machine, NULL },
    { "device", "NAME[,id=ID][,bus=BUS][,PROPERTY=VALUE...] or JSON", option_device,
      "add a device ('help' lists them, 'NAME,help' shows one's properties)" },
    { "object", "TYPE,id=ID[,PROPERTY=VALUE...] or JSON", option_object,
      "add an object ('help' lists types, 'TYPE,help' shows one's properties)" },
    { "global", "DRIVER.PROPERTY=VALUE", option_global,
      "another default for a property of a device" },
    { "readconfig", "FILE", option_readconfig,
      "take options from a file of QEMU's format ([device \"d0\"] driver = \"edu\")" },
    { "config", "FILE.json", option_config,
      "take options from a JSON document ('help' lists its members)" },
    { "name", "NAME[,process=NAME][,debug-threads=on|off]", option_name,
      "a name for this process, for query-name, messages and ps" },
    { "uuid", "UUID", option_uuid, "a UUID for the whole machine" },
    { "S", NULL, option_paused, "start with the devices' clock stopped, until QMP 'cont'" },
    { "action", "watchdog=ACTION", option_action,
      "what a watchdog's expiry is reported as: reset, shutdown, poweroff, pause,"
      " inject-nmi, debug or none" },
    { "watchdog-action", "ACTION", option_watchdog_action, "the same" },

    { "qmp", "unix:PATH,server=on,wait=off or tcp:127.0.0.1:PORT,... or stdio", option_qmp,
      "listen for management clients (may be given several times)" },
    { "qmp-pretty", "ADDRESS", option_qmp_pretty, "the same with indented answers" },
    { "monitor", "unix:PATH,server=on,wait=off or tcp:..., telnet:..., stdio or none",
      option_monitor, "a monitor for humans: try 'help' (may be given several times)" },

    { "chardev", "BACKEND,id=ID[,OPTION=VALUE...]", option_chardev,
      "a character device ('help' lists the kinds, 'BACKEND,help' their options)" },
    { "mon", "[chardev=]ID[,mode=readline|control][,pretty=on|off]", option_mon,
      "a monitor on a character device; mode=control is QMP" },

    { "blockdev", "[driver=]DRIVER,node-name=NAME[,OPTION=VALUE...] or JSON", option_blockdev,
      "a node of the block layer ('help' lists drivers, 'DRIVER,help' their options)" },
    { "drive", "if=none,id=ID,file=PATH[,OPTION=VALUE...]", option_drive,
      "a disk for -device ...,drive=ID ('help' lists the options)" },

    { "add-fd", "fd=FD,set=SET[,opaque=TEXT]", option_add_fd,
      "an inherited descriptor: opening /dev/fdset/SET gives it" },

    { "qtest", "unix:PATH[,server=on,wait=off] or tcp:... or stdio or chardev:ID", option_qtest,
      "let a test program drive the devices (without server=on: connect to it)" },
    { "qtest-log", "FILE|none", option_qtest_log, "where what is said goes (default: stderr)" },
    { "accel", "qtest", option_accel,
      "a clock that only the test moves, and test RAM; others are ignored: there is no CPU" },
    { "m", "[size=]SIZE", option_ram, "with -accel qtest: RAM of each isolation domain" },

    { "daemonize", NULL, option_daemonize,
      "go to the background when all sockets listen" },
    { "pidfile", "FILE", option_pidfile, "write the process id, lock the file, remove it at exit" },
    { "sandbox", "on|off", option_sandbox, "system call filter (see the message of 'on')" },

    { "D", "FILE", option_log_file, "write the log to FILE instead of stderr" },
    { "d", "ITEM[,ITEM...]", option_log_items, "what to log ('help' lists the items)" },
    { "trace", "[enable=]PATTERN[,events=FILE][,file=FILE]", option_trace,
      "switch trace points on ('help' lists them)" },
    { "msg", "[timestamp=on|off][,guest-name=on|off]", option_msg,
      "what messages start with" },

    { "nodefaults", NULL, option_nothing, "accepted: there are no default devices" },
    { "no-user-config", NULL, option_nothing, "accepted: no configuration file is read" },
    { "nographic", NULL, option_nothing, "accepted: there is no display" },
    { NULL }
};

bool option_nothing(StartupConfig *config, const char *arg, Error **errp)
{
    return true;
}
