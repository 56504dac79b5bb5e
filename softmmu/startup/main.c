/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nothing happens here: startup.c is what to read. */
#include "qemu/osdep.h"
#include "startup.h"

int main(int argc, char **argv)
{
    return startup_main(argc, argv);
}
