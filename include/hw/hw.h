/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw_error(): a device model met something that its author says cannot happen.
 */
#ifndef QEMU_HW_H
#define QEMU_HW_H

/*
 * Prints the message and aborts, as in QEMU.  Models must not let a guest
 * reach it; ours never call it.
 */
G_NORETURN void hw_error(const char *fmt, ...) G_GNUC_PRINTF(1, 2);

#endif
