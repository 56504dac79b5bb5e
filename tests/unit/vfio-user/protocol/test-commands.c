/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command table against the numbers of the specification.
 */
#include "qemu/osdep.h"
#include "vfio-user/commands.h"

static void test_numbers(void)
{
    static const struct {
        unsigned number;
        const char *name;
        uint32_t least;
    } spec[] = {
        { 1, "VERSION", 4 }, { 2, "DMA_MAP", 32 }, { 3, "DMA_UNMAP", 24 },
        { 4, "DEVICE_GET_INFO", 16 }, { 5, "DEVICE_GET_REGION_INFO", 32 },
        { 6, "DEVICE_GET_REGION_IO_FDS", 16 }, { 7, "DEVICE_GET_IRQ_INFO", 16 },
        { 8, "DEVICE_SET_IRQS", 20 }, { 9, "REGION_READ", 16 }, { 10, "REGION_WRITE", 16 },
        { 11, "DMA_READ", 16 }, { 12, "DMA_WRITE", 16 }, { 13, "DEVICE_RESET", 0 },
        { 14, "DIRTY_PAGES", 8 }, { 15, "REGION_WRITE_MULTI", 8 }, { 16, "DEVICE_FEATURE", 8 },
        { 17, "MIG_DATA_READ", 8 }, { 18, "MIG_DATA_WRITE", 8 }, { 19, "GET_PRECOPY_INFO", 8 },
    };

    for (size_t i = 0; i < ARRAY_SIZE(spec); i++) {
        const VfuCommandInfo *info = vfu_command_info(spec[i].number);

        g_assert_nonnull(info);
        g_assert_cmpstr(info->name, ==, spec[i].name);
        g_assert_cmpuint(info->least, ==, spec[i].least);
        g_assert_cmpuint(info->most, >=, info->least);
        g_assert_cmpuint(info->fds, <=, VFU_MSG_FDS_MAX);
        g_assert_cmpuint(info->reply_fds, <=, VFU_MSG_FDS_MAX);
    }
    g_assert_cmpuint(VFU_COMMAND_COUNT, ==, 20);
}

static void test_unknown(void)
{
    g_assert_null(vfu_command_info(0));
    g_assert_null(vfu_command_info(20));
    g_assert_null(vfu_command_info(UINT_MAX));
    g_assert_cmpstr(vfu_command_name(0), ==, "unknown");
    g_assert_cmpstr(vfu_command_name(99), ==, "unknown");
}

static void test_fds(void)
{
    VfuHeader header = { .command = VFU_DMA_MAP };

    g_assert_true(vfu_command_takes_fds(&header));
    header.flags = VFU_TYPE_REPLY;
    g_assert_false(vfu_command_takes_fds(&header));
    header.command = VFU_DEVICE_GET_REGION_INFO;
    g_assert_true(vfu_command_takes_fds(&header));
    header.flags = VFU_TYPE_COMMAND;
    g_assert_false(vfu_command_takes_fds(&header));
    header.command = 1000;
    g_assert_false(vfu_command_takes_fds(&header));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/commands/numbers", test_numbers);
    g_test_add_func("/commands/unknown", test_unknown);
    g_test_add_func("/commands/fds", test_fds);
    return g_test_run();
}
