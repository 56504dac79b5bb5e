/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The JSON of VERSION: any bytes. What is accepted must be within its bounds
 * and survive being written and read again.
 */
#include "qemu/osdep.h"
#include "vfio-user/capabilities.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const VfuCapabilities *caps)
{
    g_assert(caps->max_msg_fds <= 1024);
    g_assert(caps->max_data_xfer_size >= VFU_DATA_XFER_MIN);
    g_assert(caps->pgsizes != 0);
    g_assert(caps->migration_pgsize && !(caps->migration_pgsize & (caps->migration_pgsize - 1)));
}

static void check_round_trip(const VfuCapabilities *caps)
{
    g_autofree char *text = vfu_capabilities_build(caps, 0);
    VfuCapabilities back;

    g_assert(vfu_capabilities_parse(text, strlen(text) + 1, &back, &error_abort));
    g_assert(back.max_msg_fds == caps->max_msg_fds && back.pgsizes == caps->pgsizes);
    g_assert(back.max_data_xfer_size == caps->max_data_xfer_size);
    g_assert(back.max_dma_maps == caps->max_dma_maps);
    g_assert(back.write_multiple == caps->write_multiple);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* As it comes, and with the NUL that a fuzzer seldom puts at the end. */
    g_autofree char *text = g_malloc(size + 1);
    VfuCapabilities caps;

    memcpy(text, data, size);
    text[size] = '\0';
    if (vfu_capabilities_parse((const char *)data, size, &caps, NULL)) {
        check(&caps);
    }
    if (vfu_capabilities_parse(text, size + 1, &caps, NULL)) {
        check(&caps);
        check_round_trip(&caps);
    }
    return 0;
}
