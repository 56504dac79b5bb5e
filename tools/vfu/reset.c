/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vfu reset: DEVICE_RESET. */
#include "qemu/osdep.h"
#include "vfu.h"

static int run_reset(VfuTool *tool, int argc, char **argv)
{
    g_autoptr(VfuClient) c = NULL;
    VfuDeviceInfo info;
    int status, ret;

    if (!vfu_options(tool, &argc, &argv, NULL, 1, 1, &status)) {
        return status;
    }
    c = vfu_connect(tool, argv[1]);
    if (!c) {
        return 1;
    }
    ret = vfu_client_get_info(c, &info);
    if (ret) {
        return vfu_failed(tool, c, ret, "DEVICE_GET_INFO");
    }
    if (!(info.flags & VFU_DEVICE_F_RESET)) {
        return vfu_error(tool, "the server says that this device cannot be reset");
    }
    ret = vfu_client_reset(c);
    if (ret) {
        return vfu_failed(tool, c, ret, "DEVICE_RESET");
    }
    out_begin(tool->out);
    out_bool(tool->out, "reset", true);
    out_text(tool->out, "device reset\n");
    out_end(tool->out, true);
    return 0;
}

const VfuSubcommand vfu_cmd_reset = {
    "reset", "SOCK", "resets the device",
    "Sends DEVICE_RESET. Note that a server may also reset its device when a\n"
    "client leaves (on-disconnect=reset).\n",
    run_reset,
};
