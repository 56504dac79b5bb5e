/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sets of descriptors that stand for a file: one for each kind of access. Who
 * opens /dev/fdset/ID gets a duplicate. Main thread, except opening.
 *
 * Locking: one mutex guards the sets, for a file may be opened in a domain.
 * Lock order: a leaf.
 */
#ifndef MONITOR_FDSETS_H
#define MONITOR_FDSETS_H

/* Those that nobody ever opened: nobody is left who could. */
void fdsets_drop_unused(void);

#endif
