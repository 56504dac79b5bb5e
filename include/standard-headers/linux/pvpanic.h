/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Event bits of the pvpanic device (docs/specs/pvpanic in its specification):
 * the guest writes one of them; reading returns those the device supports.
 */
#ifndef LINUX_PVPANIC_H
#define LINUX_PVPANIC_H

#define PVPANIC_PANICKED 0x01     /* the guest's kernel panicked */
#define PVPANIC_CRASH_LOADED 0x02 /* it panicked and runs its own crash kernel */
#define PVPANIC_SHUTDOWN 0x04     /* orderly power-off, newer guests only */

#endif
