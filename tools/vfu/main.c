/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program vfu: everything is in the library, so that tests can call it.
 */
#include "qemu/osdep.h"
#include "vfu.h"

int main(int argc, char **argv)
{
    return vfu_run(argc, argv);
}
