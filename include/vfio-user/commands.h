/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of a command by its number alone: the rows of commands.tbl.h
 * as data. Pure, thread-safe, no allocation.
 */
#ifndef VFIO_USER_COMMANDS_H
#define VFIO_USER_COMMANDS_H

#include "qemu/osdep.h"
#include "vfio-user/protocol.h"

typedef enum VfuSender {
    VFU_BY_CLIENT,
    VFU_BY_SERVER,
} VfuSender;

/* States of a session in which a command is accepted; a bit mask. */
enum {
    VFU_IN_NEW = 1,             /* connected, VERSION not seen yet */
    VFU_IN_READY = 2,           /* VERSION agreed */
};

enum {
    VFU_CMD_DATA = 1,           /* carries bulk data, up to max_data_xfer_size */
    VFU_CMD_SERIAL = 2,         /* waits behind an unfinished DMA_UNMAP or DEVICE_RESET */
    VFU_CMD_ABSENT = 4,         /* has a number, is not offered: EINVAL */
    VFU_CMD_QUESTION = 8,       /* changes nothing, and has one answer at any time */
};

typedef struct VfuCommandInfo {
    const char *name;           /* as in the specification, "DMA_MAP" */
    uint32_t least, most;       /* payload bytes of the command */
    uint8_t sender;             /* VfuSender */
    uint8_t fds, reply_fds;
    uint8_t states;
    uint8_t flags;
} VfuCommandInfo;

/* NULL for a number that no command has. */
const VfuCommandInfo *vfu_command_info(unsigned number);
/* Never NULL; "unknown" for a number that no command has. */
const char *vfu_command_name(unsigned number);
/* Whether file descriptors mean something on this message, command or reply. */
bool vfu_command_takes_fds(const VfuHeader *header);

#endif
