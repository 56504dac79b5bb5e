/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clients that exist, as rows of habits. A test server that pleases every
 * row has met the wire behaviour of QEMU 10.1-11.1, Cloud Hypervisor (the
 * rust-vmm crate), SPDK's driver and libvfio-user's client.
 */
#include "qemu/osdep.h"
#include "internal.h"

/* QEMU's text as measured on the wire, key order and blanks included. */
#define QEMU_JSON \
    "{\"capabilities\": {\"pgsizes\": 4096, \"max_msg_fds\": 16, " \
    "\"max_dma_maps\": 65535, \"max_data_xfer_size\": 1048576, " \
    "\"migration\": {\"max_bitmap_size\": 268435456, \"pgsize\": 4096}, " \
    "\"write_multiple\": true}}"

const VfuPersona vfu_personas[] = {
    {
        .name = "plain", .minor = 1,
        .version_json = "{\"capabilities\":{\"max_msg_fds\":16,"
                        "\"max_data_xfer_size\":1048576,\"pgsizes\":4096,"
                        "\"write_multiple\":true}}",
        .ids = VFU_ID_PER_CLIENT, .get_info_argsz = 16, .region_info_argsz = 32,
        .posts_writes = true, .writes_multiple = true, .answers_dma = true,
    },
    {
        .name = "qemu", .minor = 0, .version_json = QEMU_JSON,
        .ids = VFU_ID_PER_PROCESS, .get_info_argsz = 16, .region_info_argsz = 32,
        .set_irqs_short_argsz = true, .posts_writes = true, .writes_multiple = true,
        .answers_dma = true,
        .reply_fits_request = true, .no_stray_fds = true, .wants_version_json = true,
    },
    {
        /* 10.1 to 11.0: the 32-bit count in DMA_READ and DMA_WRITE */
        .name = "qemu-10.1", .minor = 0, .version_json = QEMU_JSON,
        .ids = VFU_ID_PER_PROCESS, .get_info_argsz = 16, .region_info_argsz = 32,
        .set_irqs_short_argsz = true, .posts_writes = true, .writes_multiple = true,
        .answers_dma = true,
        .dma_count32 = true,
        .reply_fits_request = true, .no_stray_fds = true, .wants_version_json = true,
    },
    {
        .name = "cloud-hypervisor", .minor = 1,
        .version_json = "{\"capabilities\":{\"max_msg_fds\":1,"
                        "\"max_data_xfer_size\":1048576,\"migration\":{\"pgsize\":4096}}}",
        .ids = VFU_ID_PER_CLIENT, .retry_keeps_id = true,
        .get_info_argsz = 32, .region_info_argsz = 32, .irq_fd_chunk = 16,
        .exact_replies = true, .wants_version_json = true,
    },
    {
        .name = "spdk", .minor = 1, .version_json = NULL,
        .ids = VFU_ID_ALWAYS_0, .get_info_argsz = 16, .region_info_argsz = 4064,
        .unmap_carries_fd = true, .irq_fd_chunk = 8,
    },
    {
        .name = "libvfio-user", .minor = 2,
        .version_json = "{\"capabilities\":{\"max_msg_fds\":8,"
                        "\"max_data_xfer_size\":1048576,\"migration\":{\"pgsize\":4096}}}",
        .ids = VFU_ID_PER_CLIENT, .get_info_argsz = 16, .region_info_argsz = 32,
        .posts_writes = true, .answers_dma = true,
    },
    { .name = NULL },
};

const VfuPersona *vfu_persona_find(const char *name)
{
    for (const VfuPersona *p = vfu_personas; p->name; p++) {
        if (g_str_equal(p->name, name)) {
            return p;
        }
    }
    return NULL;
}
