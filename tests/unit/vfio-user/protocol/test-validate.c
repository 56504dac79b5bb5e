/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sweep: every command number x {short, exact, long, foreign state, reply
 * type, extra fds}, taken from the command table, so a new row is swept too.
 */
#include "qemu/osdep.h"
#include "vfio-user/validate.h"
#include "good.h"

/* Room for the longest command, and one more byte. */
static uint8_t big[2 << 20];

static int judge(unsigned command, const void *payload, size_t len, unsigned nr_fds,
                 unsigned state)
{
    VfuHeader header = { .command = command, .size = sizeof(header) + len };
    VfuCommandView view = { &header, payload, len, nr_fds };
    VfuLimits limits = good_limits();
    VfuShape shape = good_shape();

    return vfu_validate(&view, state, &limits, &shape);
}

static unsigned home_state(unsigned command)
{
    return vfu_command_info(command)->states;
}

static void test_good_is_good(void)
{
    unsigned served = 0;

    for (unsigned c = 0; c < VFU_COMMAND_COUNT; c++) {
        Good good;

        if (good_payload(c, &good)) {
            g_assert_cmpint(judge(c, good.bytes, good.len, 0, home_state(c)), ==, 0);
            served++;
        }
    }
    g_assert_cmpuint(served, ==, 13);
}

static void test_absent(void)
{
    static const unsigned numbers[] = { 0, VFU_DMA_READ, VFU_DMA_WRITE, VFU_DIRTY_PAGES,
                                        VFU_MIG_DATA_READ, VFU_MIG_DATA_WRITE,
                                        VFU_GET_PRECOPY_INFO, 20, 255, 65535 };

    for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
        for (size_t len = 0; len <= 64; len += 8) {
            g_assert_cmpint(judge(numbers[i], big, len, 0, VFU_IN_READY), ==, -EINVAL);
            g_assert_cmpint(judge(numbers[i], big, len, 0, VFU_IN_NEW), ==, -EINVAL);
        }
    }
}

static void test_short(void)
{
    for (unsigned c = 0; c < VFU_COMMAND_COUNT; c++) {
        Good good;

        if (!good_payload(c, &good)) {
            continue;
        }
        for (size_t len = 0; len < vfu_command_info(c)->least; len++) {
            /* Exactly as much memory as claimed, so that a sanitizer sees a read behind it. */
            g_autofree uint8_t *exact = g_memdup2(good.bytes, MAX(len, 1));

            g_assert_cmpint(judge(c, exact, len, 0, home_state(c)), ==, -EINVAL);
        }
    }
}

static void test_long(void)
{
    for (unsigned c = 0; c < VFU_COMMAND_COUNT; c++) {
        const VfuCommandInfo *info = vfu_command_info(c);
        size_t most;
        Good good;

        if (!good_payload(c, &good)) {
            continue;
        }
        most = info->most + (info->flags & VFU_CMD_DATA ? good_limits().receive_max : 0);
        g_assert_cmpuint(most, <, sizeof(big));
        memcpy(big, good.bytes, sizeof(good.bytes));
        g_assert_cmpint(judge(c, big, most + 1, 0, home_state(c)), ==, -EINVAL);
        memset(big, 0, sizeof(good.bytes));
    }
}

/* Requests that come with room for the reply are as good as short ones. */
static void test_tolerated_length(void)
{
    static const unsigned numbers[] = { VFU_DEVICE_GET_INFO, VFU_DEVICE_GET_REGION_INFO,
                                        VFU_DEVICE_GET_IRQ_INFO, VFU_DEVICE_GET_REGION_IO_FDS };

    for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
        Good good;

        g_assert_true(good_payload(numbers[i], &good));
        memcpy(big, good.bytes, sizeof(good.bytes));
        g_assert_cmpint(judge(numbers[i], big, 4064, 0, VFU_IN_READY), ==, 0);
        memset(big, 0, sizeof(good.bytes));
    }
}

static void test_state(void)
{
    for (unsigned c = 0; c < VFU_COMMAND_COUNT; c++) {
        Good good;

        if (good_payload(c, &good)) {
            unsigned other = home_state(c) ^ (VFU_IN_NEW | VFU_IN_READY);

            g_assert_cmpint(judge(c, good.bytes, good.len, 0, other), ==, -EINVAL);
        }
    }
}

static void test_type(void)
{
    for (unsigned c = 0; c < VFU_COMMAND_COUNT; c++) {
        for (unsigned type = 1; type < 16; type++) {
            VfuHeader header = { .command = c, .size = 16, .flags = type };
            VfuCommandView view = { &header, big, 0, 0 };
            VfuLimits limits = good_limits();
            VfuShape shape = good_shape();

            g_assert_cmpint(vfu_validate(&view, VFU_IN_READY, &limits, &shape), ==, -EINVAL);
        }
    }
}

/* Flags that are not the type are none of our business: No_reply, unknown ones. */
static void test_header_flags(void)
{
    for (unsigned c = 0; c < VFU_COMMAND_COUNT; c++) {
        VfuHeader header = { .command = c, .flags = 0xfffffff0 };
        VfuLimits limits = good_limits();
        VfuShape shape = good_shape();
        Good good;

        if (good_payload(c, &good)) {
            VfuCommandView view = { &header, good.bytes, good.len, 0 };

            g_assert_cmpint(vfu_validate(&view, home_state(c), &limits, &shape), ==, 0);
        }
    }
}

/* Only where fds mean something can there be too many of them. */
static void test_extra_fds(void)
{
    for (unsigned c = 0; c < VFU_COMMAND_COUNT; c++) {
        bool means = c == VFU_DMA_MAP || c == VFU_DEVICE_SET_IRQS;
        Good good;

        if (good_payload(c, &good)) {
            g_assert_cmpint(judge(c, good.bytes, good.len, 17, home_state(c)), ==,
                            means ? -EINVAL : 0);
            g_assert_cmpint(judge(c, good.bytes, good.len, 253, home_state(c)), ==,
                            means ? -EINVAL : 0);
        }
    }
}

/* A message may begin anywhere in the receive buffer. */
static void test_unaligned(void)
{
    for (unsigned c = 0; c < VFU_COMMAND_COUNT; c++) {
        Good good;

        if (!good_payload(c, &good)) {
            continue;
        }
        for (size_t shift = 1; shift < 8; shift++) {
            memcpy(big + shift, good.bytes, good.len);
            g_assert_cmpint(judge(c, big + shift, good.len, 0, home_state(c)), ==, 0);
        }
    }
    memset(big, 0, 128);
}

static void test_framing(void)
{
    uint32_t max = vfu_message_max(1 << 20);
    VfuHeader header = { 0 };

    g_assert_cmpuint(max, >=, (1 << 20) + 32);
    g_assert_cmpuint(vfu_message_max(UINT32_MAX), <, 65 << 20);
    for (uint32_t size = 0; size < 16; size++) {
        header.size = size;
        g_assert_false(vfu_header_can_follow(&header, max));
    }
    header.size = 16;
    g_assert_true(vfu_header_can_follow(&header, max));
    header.size = max;
    g_assert_true(vfu_header_can_follow(&header, max));
    header.size = max + 1;
    g_assert_false(vfu_header_can_follow(&header, max));
    header.size = UINT32_MAX;
    g_assert_false(vfu_header_can_follow(&header, max));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/validate/good", test_good_is_good);
    g_test_add_func("/validate/absent", test_absent);
    g_test_add_func("/validate/short", test_short);
    g_test_add_func("/validate/long", test_long);
    g_test_add_func("/validate/tolerated-length", test_tolerated_length);
    g_test_add_func("/validate/state", test_state);
    g_test_add_func("/validate/type", test_type);
    g_test_add_func("/validate/header-flags", test_header_flags);
    g_test_add_func("/validate/extra-fds", test_extra_fds);
    g_test_add_func("/validate/unaligned", test_unaligned);
    g_test_add_func("/validate/framing", test_framing);
    return g_test_run();
}
