/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands of the human monitor, in the order in which help shows them. */
#include "qemu/osdep.h"
#include "hmp.h"
#include "hmp-sources.h"

#define ARGS(...) .args = (const HmpArg[]) { __VA_ARGS__, { NULL } }

/* Words that stand where their place says, and words behind an option. */
#define WORD(name_, source_) { .name = name_, .type = HMP_WORD, .source = source_ }
#define OPTIONAL_WORD(name_, source_) \
    { .name = name_, .type = HMP_WORD, .optional = true, .source = source_ }
#define SWITCH(name_, option_) { .name = name_, .type = HMP_SWITCH, .option = option_ }
#define OPTION(name_, option_, source_) \
    { .name = name_, .type = HMP_WORD, .option = option_, .source = source_ }

static const HmpCommand info_commands[] = {
    { "version", .qmp = "query-version", .render = hmp_show_version,
      .help = "the versions of the interfaces spoken and of the program" },
    { "status", .qmp = "query-status", .render = hmp_show_status,
      .help = "whether the devices' clock runs" },
    { "name", .qmp = "query-name", .render = hmp_show_name, .help = "the name given with -name" },
    { "uuid", .qmp = "query-uuid", .render = hmp_show_uuid, .help = "the UUID given with -uuid" },
    { "qtree", .qmp = "x-query-qtree", .render = hmp_show_text,
      .help = "all devices and buses, with the devices' properties" },
    { "qom-tree", .params = "[PATH]", .qmp = "x-query-qom-tree", .render = hmp_show_text,
      ARGS(OPTIONAL_WORD("path", hmp_source_path)), .help = "the tree of objects" },
    { "mtree", .params = "[-f] [-d DOMAIN] [--dot]", .qmp = "x-query-mtree",
      .render = hmp_show_text,
      ARGS(SWITCH("flat", "-f"), OPTION("domain", "-d", hmp_source_domain),
           SWITCH("dot", "--dot")),
      .help = "the memory regions (-f: as flat views; -d: of one domain; --dot: for Graphviz)" },
    { "pci", .qmp = "query-pci", .render = hmp_show_pci,
      .help = "the PCI functions of each domain" },
    { "isolation", .params = "[--dot]", .run = hmp_info_isolation, ARGS(SWITCH("dot", "--dot")),
      .help = "the domains, their functions and clients (--dot: for Graphviz)" },
    { "address-spaces", .qmp = "x-query-address-spaces", .render = hmp_show_address_spaces,
      .help = "the address spaces that x can read" },
    { "vfio-user", .params = "[SERVER]", .run = hmp_info_vfio_user,
      ARGS(OPTIONAL_WORD("server", hmp_source_server)),
      .help = "the servers and their clients; all that is known of one" },
    { "dma", .params = "[SERVER]", .run = hmp_info_dma,
      ARGS(OPTIONAL_WORD("server", hmp_source_server)),
      .help = "the use of the clients' memory; the mappings of one server's client" },
    { "chardev", .qmp = "query-chardev", .render = hmp_show_chardevs,
      .help = "the character devices" },
    { "block", .qmp = "query-block", .render = hmp_show_block,
      .help = "the drives, and the disks of devices" },
    { "blockstats", .qmp = "query-blockstats", .render = hmp_show_blockstats,
      .help = "what their requests came to" },
    { "trace-events", .params = "[PATTERN]", .run = hmp_info_trace_events,
      ARGS(OPTIONAL_WORD("name", hmp_source_trace_event)),
      .help = "the trace events, and which are on" },
    { NULL }
};

const HmpCommand hmp_commands[] = {
    { "help|?", .params = "[COMMAND [SUBCOMMAND]]", .run = hmp_help,
      ARGS(OPTIONAL_WORD("name", hmp_source_command),
           OPTIONAL_WORD("sub", hmp_source_subcommand)),
      .help = "the commands, or one of them" },
    { "info", .params = "[SUBCOMMAND]", .sub = info_commands,
      .help = "what there is and how it goes; without a word: the list" },

    { "device_add", .params = "DRIVER[,PROPERTY=VALUE...]", .run = hmp_device_add,
      ARGS({ "driver", HMP_OPTIONS, .implied = "driver", .source = hmp_source_device_options }),
      .help = "add a device ('device_add help' lists them)" },
    { "device_del", .params = "ID", .qmp = "device_del",
      ARGS(WORD("id", hmp_source_device_id)), .help = "remove a device" },
    { "object_add", .params = "TYPE,id=ID[,PROPERTY=VALUE...]", .run = hmp_object_add,
      ARGS({ "qom-type", HMP_NESTED, .implied = "qom-type",
             .source = hmp_source_object_options }),
      .help = "add an object ('object_add help' lists them)" },
    { "object_del", .params = "ID", .qmp = "object-del",
      ARGS(WORD("id", hmp_source_object_id)), .help = "remove an object" },

    { "chardev-add", .params = "BACKEND,id=ID[,OPTION=VALUE...]", .run = hmp_chardev_add,
      ARGS({ "backend", HMP_OPTIONS, .implied = "backend",
             .source = hmp_source_chardev_options }),
      .help = "add a character device ('help' lists the kinds)" },
    { "chardev-remove", .params = "ID", .qmp = "chardev-remove",
      ARGS(WORD("id", hmp_source_chardev)), .help = "remove a character device" },
    { "chardev-send-break", .params = "ID", .qmp = "chardev-send-break",
      ARGS(WORD("id", hmp_source_chardev)), .help = "send a break to who uses one" },
    { "ringbuf_write", .params = "ID DATA", .qmp = "ringbuf-write",
      ARGS(WORD("device", hmp_source_chardev), WORD("data", NULL)),
      .help = "put text into a ring buffer" },
    { "ringbuf_read", .params = "ID SIZE", .qmp = "ringbuf-read", .render = hmp_show_ringbuf,
      ARGS(WORD("device", hmp_source_chardev), { "size", HMP_INT }),
      .help = "take text out of one" },

    { "qom-list", .params = "PATH", .qmp = "qom-list", .render = hmp_show_properties,
      ARGS(WORD("path", hmp_source_path)), .help = "the properties of an object" },
    { "qom-get", .params = "PATH PROPERTY", .qmp = "qom-get", .render = hmp_show_json,
      ARGS(WORD("path", hmp_source_path), WORD("property", hmp_source_property)),
      .help = "the value of a property" },
    { "qom-set", .params = "[-j] PATH PROPERTY VALUE", .run = hmp_qom_set,
      ARGS(SWITCH("json", "-j"), WORD("path", hmp_source_path),
           WORD("property", hmp_source_property), { "value", HMP_LINE }),
      .help = "set a property (-j: VALUE is JSON)" },

    { "stop|s", .qmp = "stop", .help = "stop the devices' clock" },
    { "cont|c", .qmp = "cont", .help = "let the devices' clock go on" },
    { "system_reset", .qmp = "system_reset", .help = "reset all devices" },
    { "watchdog_action", .params = "ACTION", .qmp = "watchdog-set-action",
      ARGS(WORD("action", hmp_source_watchdog_action)),
      .help = "what a watchdog's expiry is reported as" },
    { "quit|q", .qmp = "quit", .help = "end the program" },

    { "log", .params = "ITEM[,ITEM...]|none", .run = hmp_log,
      ARGS(WORD("items", hmp_source_log_item)), .help = "what is logged ('help log' lists it)" },
    { "logfile", .params = "FILE", .run = hmp_logfile, ARGS(WORD("file", NULL)),
      .help = "write the log to FILE" },
    { "trace-event", .params = "PATTERN on|off", .run = hmp_trace_event,
      ARGS(WORD("name", hmp_source_trace_event), WORD("option", hmp_source_switch)),
      .help = "switch trace events on or off" },

    { "x|xp", .params = "/fmt SPACE ADDR", .run = hmp_examine,
      ARGS({ "fmt", HMP_FORMAT }, WORD("space", hmp_source_space), { "addr", HMP_INT }),
      .help = "memory of an address space; fmt: count, one of x d u o c, one of b h w g" },
    { NULL }
};
