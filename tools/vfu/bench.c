/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "vfu.h"
static int run_bench(VfuTool *tool, int argc, char **argv)
{
    return 1;
}
const VfuSubcommand vfu_cmd_bench = { "bench", "SOCK", "x", "x", run_bench };
