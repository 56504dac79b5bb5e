/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QEMU 8.2's other options. Rows are grouped by what they are about, for each
 * group has one reason. An option belongs to the ignored ones only when a user
 * who gives it gets what they want all the same.
 */
#include "qemu/osdep.h"
#include "options.h"

#define NO_CPU "this process has no CPU; the client's -cpu, -smp and -accel count"
#define NO_RAM "this process has no guest memory: clients bring theirs, see their" \
               " memory-backend-memfd,share=on"
#define NO_BOOT "nothing boots in this process: give the option to the client"
#define NO_DISK "no board with connectors for disks is here: use -blockdev and -device" \
                " nvme,drive=NODE"
#define NO_NET "no network can be attached here yet: give the option to the client"
#define NO_DISPLAY "this process has no display: give the option to the client"
#define NO_CHAR "no device here has a character device: give the option to the client"
#define NO_AUDIO "no sound can be played here: give the option to the client"
#define NO_USB "no USB bus exists here: give the option to the client"
#define NO_FIRMWARE "this process has no firmware: give the option to the client"
#define NO_MIGRATION "migration is driven by the client: give the option to it"
#define NO_TCG "this process translates no code"
#define NO_PRIVILEGE "start the process as the right user in the right place instead," \
                     " for example with systemd's User= and RootDirectory="

#define IGNORED(name, arg, reason) { name, arg, FOREIGN_IGNORED, NULL, reason }
#define REFUSED(name, arg, reason) { name, arg, FOREIGN_REFUSED, NULL, reason }
#define REFUSED_BUT(name, harmless, reason) \
    { name, true, FOREIGN_REFUSED, harmless, reason }

const ForeignOption foreign_options[] = {
    /* processors and memory */
    IGNORED("cpu", true, NO_CPU),
    IGNORED("enable-kvm", false, NO_CPU),
    IGNORED("smp", true, NO_CPU),
    IGNORED("icount", true, NO_CPU),
    IGNORED("mem-prealloc", false, NO_RAM),
    REFUSED("mem-path", true, NO_RAM),
    REFUSED("numa", true, NO_RAM),
    IGNORED("overcommit", true, NO_RAM),
    IGNORED("singlestep", false, NO_TCG),
    IGNORED("perfmap", false, NO_TCG),
    IGNORED("jitdump", false, NO_TCG),
    REFUSED("plugin", true, NO_TCG),
    REFUSED("dfilter", true, "log lines are not filtered by address: every function has"
            " an address space of its own"),
    REFUSED("gdb", true, "there is no guest CPU to debug: give the option to the client"),
    REFUSED("s", false, "there is no guest CPU to debug: give the option to the client"),
    REFUSED("semihosting", false, NO_CPU),
    REFUSED("semihosting-config", true, NO_CPU),
    REFUSED("old-param", false, NO_BOOT),

    /* booting and firmware */
    REFUSED("kernel", true, NO_BOOT),
    REFUSED("initrd", true, NO_BOOT),
    REFUSED("append", true, NO_BOOT),
    REFUSED("dtb", true, NO_BOOT),
    REFUSED("boot", true, NO_BOOT),
    REFUSED("bios", true, NO_FIRMWARE),
    REFUSED("pflash", true, NO_FIRMWARE),
    REFUSED("option-rom", true, NO_FIRMWARE),
    REFUSED("fw_cfg", true, NO_FIRMWARE),
    REFUSED("smbios", true, NO_FIRMWARE),
    REFUSED("acpitable", true, NO_FIRMWARE),
    REFUSED("prom-env", true, NO_FIRMWARE),
    REFUSED("tpmdev", true, NO_FIRMWARE),
    IGNORED("no-acpi", false, NO_FIRMWARE),
    IGNORED("no-hpet", false, NO_FIRMWARE),
    IGNORED("no-fd-bootchk", false, NO_FIRMWARE),
    IGNORED("win2k-hack", false, NO_DISK),
    IGNORED("L", true, NO_FIRMWARE),
    IGNORED("rtc", true, "clients have the guest's clock"),

    /* disks and file systems */
    REFUSED("hda", true, NO_DISK),
    REFUSED("hdb", true, NO_DISK),
    REFUSED("hdc", true, NO_DISK),
    REFUSED("hdd", true, NO_DISK),
    REFUSED("fda", true, NO_DISK),
    REFUSED("fdb", true, NO_DISK),
    REFUSED("cdrom", true, NO_DISK),
    REFUSED("mtdblock", true, NO_DISK),
    REFUSED("sd", true, NO_DISK),
    REFUSED("snapshot", false, "what is written cannot be thrown away here: use a copy of the"
            " file"),
    REFUSED("fsdev", true, NO_DISK),
    REFUSED("virtfs", true, NO_DISK),
    REFUSED("iscsi", true, NO_DISK),

    /* network */
    REFUSED_BUT("net", "none", NO_NET),
    REFUSED_BUT("nic", "none", NO_NET),
    REFUSED("netdev", true, NO_NET),

    /* display, keyboard, sound, USB */
    REFUSED_BUT("display", "none", NO_DISPLAY),
    REFUSED_BUT("vga", "none", NO_DISPLAY),
    REFUSED("vnc", true, NO_DISPLAY),
    REFUSED("spice", true, NO_DISPLAY),
    REFUSED("sdl", false, NO_DISPLAY),
    REFUSED("curses", false, NO_DISPLAY),
    IGNORED("full-screen", false, NO_DISPLAY),
    IGNORED("g", true, NO_DISPLAY),
    IGNORED("k", true, NO_DISPLAY),
    REFUSED("audio", true, NO_AUDIO),
    REFUSED("audiodev", true, NO_AUDIO),
    REFUSED("usb", false, NO_USB),
    REFUSED("usbdevice", true, NO_USB),

    /* character devices and monitors */
    REFUSED_BUT("serial", "none", NO_CHAR),
    REFUSED_BUT("parallel", "none", NO_CHAR),
    REFUSED("debugcon", true, NO_CHAR),
    IGNORED("echr", true, "there is no console to leave"),

    /* migration and state */
    REFUSED("incoming", true, NO_MIGRATION),
    REFUSED("loadvm", true, NO_MIGRATION),
    IGNORED("only-migratable", false, NO_MIGRATION),
    REFUSED("dump-vmstate", true, "the state layouts of the devices cannot be listed here"),

    /* the process itself */
    REFUSED("preconfig", false, "devices come from the command line or from QMP"
            " device_add, at any time: leave the option out"),
    REFUSED("set", true, "give the property with the -device or -object itself"),
    REFUSED("runas", true, NO_PRIVILEGE),
    REFUSED("chroot", true, NO_PRIVILEGE),
    REFUSED("run-with", true, NO_PRIVILEGE),
    IGNORED("async-teardown", false, "there is no guest memory to give back"),
    IGNORED("no-reboot", false, "a guest that resets never ends this process"),
    IGNORED("no-shutdown", false, "a guest that shuts down never ends this process"),
    IGNORED("compat", true, "no deprecated interface is left out or refused"),
    IGNORED("seed", true, "no part of this process uses a predictable random source"),
    IGNORED("enable-sync-profile", false, "locks are not profiled"),

    /* Xen */
    REFUSED("xen-domid", true, "Xen is not supported"),
    REFUSED("xen-attach", false, "Xen is not supported"),
    REFUSED("xen-domid-restrict", false, "Xen is not supported"),
    { NULL }
};
