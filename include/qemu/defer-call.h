/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is better done once for many: a section in which calls are put off until
 * it ends. A device that submits a queue full of requests opens one, and the file
 * driver below it makes one system call instead of hundreds.
 *
 * Of the calling thread alone, with no lock. Sections nest; the outermost one
 * counts. Nobody waits inside one without defer_call_flush().
 */
#ifndef QEMU_DEFER_CALL_H
#define QEMU_DEFER_CALL_H

void defer_call_begin(void);
void defer_call_end(void);
/* fn(opaque) when the section ends, once for all times it was asked for; outside: now. */
void defer_call(void (*fn)(void *opaque), void *opaque);
/* ours: all of it now; the section goes on. Also before what is named by opaque goes away. */
void defer_call_flush(void);

#endif
