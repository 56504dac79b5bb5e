/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the thread files: stop on what can only be a mistake of ours. */
#ifndef UTIL_THREAD_INTERNAL_H
#define UTIL_THREAD_INTERNAL_H

void thread_check(int err, const char *what);

#endif
