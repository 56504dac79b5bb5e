/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two versions of this program: that of QEMU whose command line, QMP and
 * device API it speaks, which tools compare, and its own.
 */
#ifndef MONITOR_VERSION_H
#define MONITOR_VERSION_H

#define SPOKEN_QEMU_MAJOR 8
#define SPOKEN_QEMU_MINOR 2
#define SPOKEN_QEMU_MICRO 0

/* "x-remote 0.1.0": the "package" of query-version and of -version. */
const char *program_package(void);

#endif
