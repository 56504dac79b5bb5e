/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which function does which command. A new command adds a row here and in
 * commands.tbl.h, and a file.
 */
#include "qemu/osdep.h"
#include "internal.h"

static VfuHandler *const handlers[VFU_COMMAND_COUNT] = {
    [VFU_VERSION] = vfu_cmd_version,
    [VFU_DMA_MAP] = vfu_cmd_dma_map,
    [VFU_DMA_UNMAP] = vfu_cmd_dma_unmap,
    [VFU_DEVICE_GET_INFO] = vfu_cmd_device_get_info,
    [VFU_DEVICE_GET_REGION_INFO] = vfu_cmd_get_region_info,
    [VFU_DEVICE_GET_REGION_IO_FDS] = vfu_cmd_get_region_io_fds,
    [VFU_DEVICE_GET_IRQ_INFO] = vfu_cmd_get_irq_info,
    [VFU_DEVICE_SET_IRQS] = vfu_cmd_set_irqs,
    [VFU_REGION_READ] = vfu_cmd_region_read,
    [VFU_REGION_WRITE] = vfu_cmd_region_write,
    [VFU_DEVICE_RESET] = vfu_cmd_device_reset,
    [VFU_REGION_WRITE_MULTI] = vfu_cmd_write_multi,
    [VFU_DEVICE_FEATURE] = vfu_cmd_feature,
};

VfuHandler *vfu_command_handler(unsigned number)
{
    return handlers[number];
}
