/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DEVICE_FEATURE: operations and data lengths of each feature.
 */
#include "qemu/osdep.h"
#include "vfio-user/validate.h"
#include "good.h"

#define GET VFU_FEATURE_GET
#define SET VFU_FEATURE_SET
#define PROBE VFU_FEATURE_PROBE

static int judge(uint32_t flags, const void *data, size_t len, bool offered)
{
    g_autofree uint8_t *payload = g_malloc0(8 + len);
    VfuDeviceFeature feature = { .argsz = 8 + len, .flags = flags };
    VfuHeader header = { .command = VFU_DEVICE_FEATURE };
    VfuCommandView view = { &header, payload, 8 + len, 0 };
    VfuLimits limits = good_limits();
    VfuShape shape = good_shape();

    limits.features = offered;
    memcpy(payload, &feature, 8);
    if (len) {
        memcpy(payload + 8, data, len);
    }
    return vfu_validate(&view, VFU_IN_READY, &limits, &shape);
}

static void test_operations(void)
{
    uint8_t data[24] = { 0 };

    g_assert_cmpint(judge(VFU_FEATURE_MIGRATION | GET, NULL, 0, true), ==, 0);
    g_assert_cmpint(judge(VFU_FEATURE_MIGRATION | GET, NULL, 0, false), ==, -EINVAL);
    g_assert_cmpint(judge(VFU_FEATURE_MIGRATION | GET | PROBE, NULL, 0, true), ==, 0);
    g_assert_cmpint(judge(VFU_FEATURE_MIGRATION | PROBE, NULL, 0, true), ==, 0);
    g_assert_cmpint(judge(VFU_FEATURE_MIGRATION | SET, NULL, 0, true), ==, -EINVAL);
    g_assert_cmpint(judge(VFU_FEATURE_MIGRATION | SET | PROBE, NULL, 0, true), ==, -EINVAL);
    g_assert_cmpint(judge(VFU_FEATURE_MIGRATION, NULL, 0, true), ==, -EINVAL);
    g_assert_cmpint(judge(VFU_FEATURE_MIG_DEVICE_STATE | GET | SET, data, 8, true), ==, -EINVAL);
    g_assert_cmpint(judge(VFU_FEATURE_MIGRATION | GET | 0x80000, NULL, 0, true), ==, -EINVAL);
    for (uint32_t unknown = 3; unknown < 6; unknown++) {
        g_assert_cmpint(judge(unknown | SET, data, 8, true), ==, -EINVAL);
    }
    g_assert_cmpint(judge(0 | GET, NULL, 0, true), ==, -EINVAL);
    g_assert_cmpint(judge(9 | GET, NULL, 0, true), ==, -EINVAL);
    g_assert_cmpint(judge(0xffff | GET, NULL, 0, true), ==, -EINVAL);
}

static void test_lengths(void)
{
    uint8_t data[24] = { 0 };

    g_assert_cmpint(judge(VFU_FEATURE_MIG_DEVICE_STATE | SET, data, 8, true), ==, 0);
    g_assert_cmpint(judge(VFU_FEATURE_MIG_DEVICE_STATE | SET, data, 7, true), ==, -EINVAL);
    g_assert_cmpint(judge(VFU_FEATURE_MIG_DEVICE_STATE | SET, data, 9, true), ==, -EINVAL);
    g_assert_cmpint(judge(VFU_FEATURE_DMA_LOGGING_STOP | SET, NULL, 0, true), ==, 0);
    g_assert_cmpint(judge(VFU_FEATURE_DMA_LOGGING_STOP | SET, data, 1, true), ==, -EINVAL);
}

static int start(uint64_t page_size, uint32_t claimed, uint64_t iova, uint64_t length)
{
    VfuLoggingStart head = { page_size, claimed, 0 };
    VfuLoggingRange range = { iova, length };
    uint8_t data[sizeof(head) + sizeof(range)];

    memcpy(data, &head, sizeof(head));
    memcpy(data + sizeof(head), &range, sizeof(range));
    return judge(VFU_FEATURE_DMA_LOGGING_START | SET, data, sizeof(data), true);
}

static void test_logging_start(void)
{
    VfuLoggingStart all = { 4096, 0, 0 };

    g_assert_cmpint(start(4096, 1, 0, 0x1000), ==, 0);
    g_assert_cmpint(judge(VFU_FEATURE_DMA_LOGGING_START | SET, &all, sizeof(all), true), ==, 0);
    g_assert_cmpint(start(4096, 2, 0, 0x1000), ==, -EINVAL);
    g_assert_cmpint(start(4096, 0, 0, 0x1000), ==, -EINVAL);
    g_assert_cmpint(start(4096, 0x10000001, 0, 0x1000), ==, -EINVAL);
    g_assert_cmpint(start(2048, 1, 0, 0x1000), ==, -EINVAL);
    g_assert_cmpint(start(4097, 1, 0, 0x1000), ==, -EINVAL);
    g_assert_cmpint(start(0, 1, 0, 0x1000), ==, -EINVAL);
    g_assert_cmpint(start(4096, 1, 0x1000, 0), ==, -EINVAL);
    g_assert_cmpint(start(4096, 1, -0x1000ull, 0x1000), ==, 0);
    g_assert_cmpint(start(4096, 1, -0x1000ull, 0x1001), ==, -EINVAL);
}

static int report(uint64_t iova, uint64_t length, uint64_t page_size)
{
    VfuLoggingReport data = { iova, length, page_size };

    return judge(VFU_FEATURE_DMA_LOGGING_REPORT | GET, &data, sizeof(data), true);
}

static void test_logging_report(void)
{
    uint64_t most = 2048ull * 8 * 4096;         /* send_max bytes of bits */

    g_assert_cmpint(report(0, 0x1000, 4096), ==, 0);
    g_assert_cmpint(report(0, most, 4096), ==, 0);
    g_assert_cmpint(report(0, most + 64 * 4096, 4096), ==, -EINVAL);
    g_assert_cmpint(report(0, 0, 4096), ==, -EINVAL);
    g_assert_cmpint(report(0x800, 0x1000, 4096), ==, -EINVAL);
    g_assert_cmpint(report(0, -0x1000ull, 4096), ==, -EINVAL);
    g_assert_cmpint(report(-0x1000ull, 0x2000, 4096), ==, -EINVAL);
    g_assert_cmpint(report(0, 0x1000, 0), ==, -EINVAL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/feature/operations", test_operations);
    g_test_add_func("/feature/lengths", test_lengths);
    g_test_add_func("/feature/logging-start", test_logging_start);
    g_test_add_func("/feature/logging-report", test_logging_report);
    return g_test_run();
}
