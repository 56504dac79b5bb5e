/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw_error(): the end that a device model asks for (hw/hw.h). */
#include "qemu/osdep.h"
#include "hw/hw.h"

void hw_error(const char *fmt, ...)
{
    va_list ap;

    fflush(stdout);
    fputs("qemu: hardware error: ", stderr);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    abort();
}
