/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -help and -version: what the program says about itself, made of the tables. */
#include "qemu/osdep.h"
#include "monitor/version.h"
#include "options.h"

#define WIDTH 90

static void print_own(void)
{
    for (const OptionRow *row = option_table; row->name; row++) {
        if (row->help) {
            printf("  -%s%s%s\n        %s\n", row->name, row->arg ? " " : "",
                   row->arg ?: "", row->help);
        }
    }
}

static void print_foreign(ForeignClass class)
{
    int column = 1;

    for (const ForeignOption *row = foreign_options; row->name; row++) {
        if (row->class == class) {
            int len = strlen(row->name) + 2;
            if (column + len > WIDTH) {
                printf("\n ");
                column = 1;
            }
            printf(" -%s", row->name);
            column += len;
        }
    }
    printf("\n");
}

bool option_help(StartupConfig *config, const char *arg, Error **errp)
{
    printf("usage: qemu-system-x86_64 -machine x-remote [options]\n"
           "Hosts emulated PCI devices for other machines' hypervisors, over vfio-user.\n"
           "\n"
           "Options:\n");
    print_own();
    printf("\nOptions of QEMU that are accepted without effect, with a warning:\n ");
    print_foreign(FOREIGN_IGNORED);
    printf("\nOptions of QEMU that have no place here (each says why):\n ");
    print_foreign(FOREIGN_REFUSED);
    config->done = true;
    return true;
}

/* The first line is what tools that look for QEMU's version match. */
bool option_version(StartupConfig *config, const char *arg, Error **errp)
{
    printf("QEMU emulator version %d.%d.%d (%s)\n"
           "%s: PCI devices for other machines, served over vfio-user."
           " Not QEMU: the version is that of the interfaces it speaks.\n",
           SPOKEN_QEMU_MAJOR, SPOKEN_QEMU_MINOR, SPOKEN_QEMU_MICRO, program_package(),
           program_package());
    config->done = true;
    return true;
}
