/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rows of commands.tbl.h as a table indexed by command number.
 */
#include "qemu/osdep.h"
#include "vfio-user/commands.h"

static const VfuCommandInfo commands[VFU_COMMAND_COUNT] = {
#define VFU_ROW(name_, number, sender_, least_, most_, fds_, reply_fds_, states_, flags_) \
    [number] = { .name = #name_, .least = least_, .most = most_, .sender = sender_, \
                 .fds = fds_, .reply_fds = reply_fds_, .states = states_, .flags = flags_ },
#include "vfio-user/commands.tbl.h"
};

const VfuCommandInfo *vfu_command_info(unsigned number)
{
    return number < ARRAY_SIZE(commands) && commands[number].name ? &commands[number] : NULL;
}

const char *vfu_command_name(unsigned number)
{
    const VfuCommandInfo *info = vfu_command_info(number);

    return info ? info->name : "unknown";
}

bool vfu_command_takes_fds(const VfuHeader *header)
{
    const VfuCommandInfo *info = vfu_command_info(header->command);

    if (!info) {
        return false;
    }
    return (header->flags & VFU_TYPE_MASK) == VFU_TYPE_REPLY ? info->reply_fds > 0 : info->fds > 0;
}
