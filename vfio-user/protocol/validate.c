/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The checks that hold for any command: framing, length, state, sender. What
 * one command alone demands is a rule in rules.c, found by its number.
 */
#include "qemu/osdep.h"
#include "vfio-user/validate.h"
#include "rules.h"

/* Room for the structs around the data, and for VERSION and argsz-sized requests. */
#define MESSAGE_SLACK (sizeof(VfuHeader) + 4 + VFU_VERSION_TEXT_MAX)

uint32_t vfu_message_max(uint32_t data_xfer_max)
{
    return MIN(data_xfer_max, VFU_DATA_XFER_MAX) + MESSAGE_SLACK;
}

bool vfu_header_can_follow(const VfuHeader *header, uint32_t message_max)
{
    return header->size >= sizeof(VfuHeader) && header->size <= message_max;
}

static bool length_ok(const VfuCommandInfo *info, size_t len, const VfuLimits *limits)
{
    uint64_t most = info->most;

    if (info->flags & VFU_CMD_DATA) {
        most += limits->receive_max;
    }
    return len >= info->least && len <= most;
}

int vfu_validate(const VfuCommandView *cmd, unsigned state, const VfuLimits *limits,
                 const VfuShape *shape)
{
    const VfuCommandInfo *info = vfu_command_info(cmd->header->command);

    if ((cmd->header->flags & VFU_TYPE_MASK) != VFU_TYPE_COMMAND) {
        return -EINVAL;
    }
    if (!info || info->sender != VFU_BY_CLIENT || !(info->states & state) ||
        (info->flags & VFU_CMD_ABSENT)) {
        return -EINVAL;
    }
    if (!length_ok(info, cmd->len, limits)) {
        return -EINVAL;
    }
    return vfu_check_rule(cmd, limits, shape);
}
