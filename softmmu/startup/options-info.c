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

/* Words of a list, in lines of WIDTH; *column is where the last one ended. */
static void print_word(const char *word, int *column)
{
    int len = strlen(word) + 1;

    if (*column + len > WIDTH) {
        printf("\n ");
        *column = 1;
    }
    printf(" %s", word);
    *column += len;
}

static void print_foreign(const char *title, ForeignClass class)
{
    int column = 1;

    printf("\n%s:\n ", title);
    for (const ForeignOption *row = foreign_options; row->name; row++) {
        if (row->class == class) {
            g_autofree char *word = g_strdup_printf("-%s%s%s%s", row->name,
                                                    row->harmless ? " (except " : "",
                                                    row->harmless ?: "",
                                                    row->harmless ? ")" : "");
            print_word(word, &column);
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
    print_foreign("Options of QEMU that are accepted without effect, with a warning",
                  FOREIGN_IGNORED);
    print_foreign("Options of QEMU that have no place here (each says why)", FOREIGN_REFUSED);
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
