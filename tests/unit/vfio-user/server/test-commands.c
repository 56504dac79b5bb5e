/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each command gets as its reply, to the byte: clients read fixed sizes.
 */
#include "qemu/osdep.h"
#include <sys/eventfd.h>
#include "rig.h"

typedef struct Fix {
    Rig *rig;
    int fd;
} Fix;

static void setup(Fix *f, gconstpointer unused)
{
    f->rig = rig_new(NULL);
    f->fd = client_connect_ready(f->rig);
}

static void teardown(Fix *f, gconstpointer unused)
{
    close(f->fd);
    rig_free(f->rig);
}

static void test_device_info(Fix *f, gconstpointer unused)
{
    uint8_t ask[64] = { 32 };           /* argsz with the header counted, as one client has it */
    g_auto(Reply) reply = { 0 };
    VfuDeviceInfo info;

    g_assert_cmpint(client_call(f->fd, VFU_DEVICE_GET_INFO, ask, 16, NULL, 0, &reply), ==, 0);
    g_assert_cmpuint(reply.header.size, ==, 32);
    memcpy(&info, reply.payload, 16);
    g_assert_cmpuint(info.argsz, ==, 16);
    g_assert_cmphex(info.flags, ==, VFU_DEVICE_F_RESET | VFU_DEVICE_F_PCI);
    g_assert_cmpuint(info.num_regions, ==, 9);
    g_assert_cmpuint(info.num_irqs, ==, 5);
}

static void test_region_info(Fix *f, gconstpointer unused)
{
    for (unsigned index = 0; index < 9; index++) {
        uint8_t ask[4080] = { 0 };      /* a body as long as SPDK's */
        VfuRegionInfo info = { .argsz = 32, .index = index };
        g_auto(Reply) reply = { 0 };

        memcpy(ask, &info, 32);
        g_assert_cmpint(client_call(f->fd, VFU_DEVICE_GET_REGION_INFO, ask, 4080, NULL, 0,
                                    &reply), ==, 0);
        g_assert_cmpuint(reply.header.size, ==, 48);
        g_assert_cmpuint(reply.nr_fds, ==, 0);
        memcpy(&info, reply.payload, 32);
        g_assert_cmpuint(info.index, ==, index);
        g_assert_cmpuint(info.argsz, ==, index == 2 ? 80 : 32);
    }
}

static void test_region_info_map(Fix *f, gconstpointer unused)
{
    VfuRegionInfo info = { .argsz = 80, .index = 2 };
    g_auto(Reply) reply = { 0 };

    g_assert_cmpint(client_call(f->fd, VFU_DEVICE_GET_REGION_INFO, &info, 32, NULL, 0, &reply),
                    ==, 0);
    g_assert_cmpuint(reply.header.size, ==, 16 + 80);
    g_assert_cmpuint(reply.nr_fds, ==, 1);
    memcpy(&info, reply.payload, 32);
    g_assert_cmphex(info.flags, ==, 0xf);
    g_assert_cmphex(info.offset, ==, 0x1000);
}

static void test_io_fds(Fix *f, gconstpointer unused)
{
    VfuRegionIoFds ask = { .argsz = 16 };

    for (unsigned step = 0; step < 3; step++) {
        g_auto(Reply) reply = { 0 };

        ask.count = 0;
        g_assert_cmpint(client_call(f->fd, VFU_DEVICE_GET_REGION_IO_FDS, &ask, 16, NULL, 0,
                                    &reply), ==, 0);
        memcpy(&ask, reply.payload, 16);
        g_assert_cmpuint(ask.argsz, ==, step < 2 ? 96 : 16);
        g_assert_cmpuint(ask.count, ==, step < 2 ? 2 : 0);
        g_assert_cmpuint(reply.len, ==, step == 1 ? 96 : 16);
        g_assert_cmpuint(reply.nr_fds, ==, step == 1 ? 2 : 0);
        if (step == 1) {
            VfuIoEventFd entry;

            memcpy(&entry, reply.payload + 56, 40);
            g_assert_cmpuint(entry.offset, ==, 4);
            g_assert_cmpuint(entry.fd_index, ==, 1);
            ask = (VfuRegionIoFds) { .argsz = 16, .index = 1 };
        }
    }
}

static void test_irq_info(Fix *f, gconstpointer unused)
{
    static const uint32_t counts[5] = { 1, 0, 8, 1, 0 };

    for (unsigned index = 0; index < 5; index++) {
        VfuIrqInfo info = { .argsz = 16, .index = index };
        g_auto(Reply) reply = { 0 };

        g_assert_cmpint(client_call(f->fd, VFU_DEVICE_GET_IRQ_INFO, &info, 16, NULL, 0, &reply),
                        ==, 0);
        g_assert_cmpuint(reply.header.size, ==, 32);
        memcpy(&info, reply.payload, 16);
        g_assert_cmpuint(info.argsz, ==, 16);
        g_assert_cmpuint(info.count, ==, counts[index]);
        g_assert_cmphex(info.flags, ==, index == 0 ? 7 : counts[index] ? 1 : 0);
    }
}

static void test_dma(Fix *f, gconstpointer unused)
{
    VfuDmaMap map = { 32, 3, 0x2000, 0x10000, 0x1000 };
    VfuDmaUnmap unmap = { 24, 0, 0x10000, 0x1000 };
    int two[2] = { f->rig->bar2_fd, f->rig->bar2_fd };
    g_auto(Reply) mapped = { 0 }, unmapped = { 0 };

    g_assert_cmpint(client_call(f->fd, VFU_DMA_MAP, &map, 32, two, 1, &mapped), ==, 0);
    g_assert_cmpuint(mapped.header.size, ==, 16);
    g_assert_cmpuint(f->rig->map_fds, ==, 1);
    g_assert_cmpmem(&f->rig->last_map, 32, &map, 32);
    g_assert_cmpint(client_call(f->fd, VFU_DMA_MAP, &map, 32, two, 2, NULL), ==, EINVAL);
    g_assert_cmpint(client_call(f->fd, VFU_DMA_MAP, &map, 32, NULL, 0, NULL), ==, 0);
    g_assert_cmpuint(f->rig->map_fds, ==, 1);
    f->rig->map_error = -EEXIST;
    g_assert_cmpint(client_call(f->fd, VFU_DMA_MAP, &map, 32, two, 1, NULL), ==, EEXIST);
    /* SPDK attaches an fd here: it is closed, the command is done */
    g_assert_cmpint(client_call(f->fd, VFU_DMA_UNMAP, &unmap, 24, two, 1, &unmapped), ==, 0);
    g_assert_cmpuint(unmapped.header.size, ==, 40);
    g_assert_cmpmem(unmapped.payload, 24, &unmap, 24);
}

static void test_set_irqs(Fix *f, gconstpointer unused)
{
    union {
        VfuSetIrqs set;
        uint8_t bytes[32];
    } set = { { 20, VFU_SET_DATA_EVENTFD | VFU_SET_ACTION_TRIGGER, VFU_IRQ_MSIX, 2, 3 } };
    int event = eventfd(0, EFD_CLOEXEC);
    int fds[3] = { event, event, event };
    g_auto(Reply) reply = { 0 };

    g_assert_cmpint(client_call(f->fd, VFU_DEVICE_SET_IRQS, &set, 20, fds, 3, &reply), ==, 0);
    g_assert_cmpuint(reply.header.size, ==, 16);
    g_assert_cmpuint(f->rig->set_fds, ==, 3);
    g_assert_cmpint(client_call(f->fd, VFU_DEVICE_SET_IRQS, &set, 20, fds, 2, NULL), ==, EINVAL);
    set.set.flags = VFU_SET_DATA_BOOL | VFU_SET_ACTION_TRIGGER;
    set.set.argsz = 23;
    memcpy(set.bytes + 20, "\1\0\1", 3);
    g_assert_cmpint(client_call(f->fd, VFU_DEVICE_SET_IRQS, &set, 23, NULL, 0, NULL), ==, 0);
    g_assert_cmpmem(f->rig->last_bools, 3, "\1\0\1", 3);
    g_assert_cmpuint(f->rig->last_set.start, ==, 2);
    close(event);
}

static void test_region_access(Fix *f, gconstpointer unused)
{
    static const uint32_t counts[] = { 0, 1, 2, 3, 8, 111, 112, 113, 255, 4096 };

    for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
        VfuRegionAccess access = { 0, 0, counts[i] };
        g_autofree uint8_t *bytes = g_malloc0(16 + counts[i]);
        g_auto(Reply) written = { 0 }, read = { 0 };

        memcpy(bytes, &access, 16);
        for (unsigned j = 0; j < counts[i]; j++) {
            bytes[16 + j] = i + j * 3;
        }
        g_assert_cmpint(client_call(f->fd, VFU_REGION_WRITE, bytes, 16 + counts[i], NULL, 0,
                                    &written), ==, 0);
        g_assert_cmpuint(written.header.size, ==, 32);
        g_assert_cmpmem(written.payload, 16, &access, 16);
        g_assert_cmpint(client_call(f->fd, VFU_REGION_READ, &access, 16, NULL, 0, &read), ==, 0);
        g_assert_cmpmem(read.payload, read.len, bytes, 16 + counts[i]);
    }
    g_assert_cmpuint(f->rig->reads, ==, ARRAY_SIZE(counts) - 1);    /* none for no bytes */
}

static void test_reset(Fix *f, gconstpointer unused)
{
    g_auto(Reply) reply = { 0 };

    g_assert_cmpint(client_call(f->fd, VFU_DEVICE_RESET, NULL, 0, NULL, 0, &reply), ==, 0);
    g_assert_cmpuint(reply.header.size, ==, 16);
    g_assert_cmpuint(f->rig->resets, ==, 1);
}

static void test_feature(Fix *f, gconstpointer unused)
{
    VfuDeviceFeature get = { 16, VFU_FEATURE_MIGRATION | VFU_FEATURE_GET };
    VfuDeviceFeature probe = { 8, VFU_FEATURE_MIGRATION | VFU_FEATURE_GET | VFU_FEATURE_PROBE };
    g_auto(Reply) got = { 0 }, probed = { 0 };

    g_assert_cmpint(client_call(f->fd, VFU_DEVICE_FEATURE, &get, 8, NULL, 0, &got), ==, 0);
    g_assert_cmpuint(got.len, ==, 16);
    g_assert_cmpmem(got.payload + 8, 8, "\7\7\7\7\7\7\7\7", 8);
    g_assert_cmpint(client_call(f->fd, VFU_DEVICE_FEATURE, &probe, 8, NULL, 0, &probed), ==, 0);
    g_assert_cmpmem(probed.payload, probed.len, &probe, 8);
    get.argsz = 8;
    g_assert_cmpint(client_call(f->fd, VFU_DEVICE_FEATURE, &get, 8, NULL, 0, NULL), ==, EINVAL);
    f->rig->feature_error = -ENOTTY;
    g_assert_cmpint(client_call(f->fd, VFU_DEVICE_FEATURE, &probe, 8, NULL, 0, NULL), ==, ENOTTY);
}

static void test_absent(Fix *f, gconstpointer unused)
{
    static const uint16_t numbers[] = { 0, 11, 12, 14, 17, 18, 19, 20, 4711, 65535 };
    uint8_t zeros[64] = { 0 };

    for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
        for (size_t len = 0; len <= 64; len += 16) {
            g_auto(Reply) reply = { 0 };

            g_assert_cmpint(client_call(f->fd, numbers[i], zeros, len, NULL, 0, &reply), ==,
                            EINVAL);
            g_assert_cmpuint(reply.header.size, ==, 16);
        }
    }
    g_assert_cmphex(client_read(f->fd, 0), ==, 0);
}

/* fds that nobody asked for, as many as the kernel lets through, go nowhere. */
static void test_unwanted_fds(Fix *f, gconstpointer unused)
{
    VfuDeviceInfo info = { .argsz = 16 };
    VfuRegionAccess access = { 0, 0, 4 };
    unsigned before;
    int fds[253];

    for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
        fds[i] = f->rig->bar2_fd;
    }
    client_read(f->fd, 0);
    before = count_fds();
    g_assert_cmpint(client_call(f->fd, VFU_DEVICE_GET_INFO, &info, 16, fds, 253, NULL), ==, 0);
    g_assert_cmpint(client_call(f->fd, VFU_REGION_READ, &access, 16, fds, 16, NULL), ==, 0);
    g_assert_cmpint(client_call(f->fd, VFU_DEVICE_RESET, NULL, 0, fds, 1, NULL), ==, 0);
    g_assert_cmpint(client_call(f->fd, 99, NULL, 0, fds, 253, NULL), ==, EINVAL);
    g_assert_cmpuint(count_fds(), ==, before);
}

static int hello(int fd, const char *text, uint16_t minor)
{
    uint8_t payload[256] = { 0 };
    size_t len = strlen(text) + 1;

    memcpy(payload + 2, &minor, 2);
    memcpy(payload + 4, text, len);
    return client_call(fd, VFU_VERSION, payload, 4 + len, NULL, 0, NULL);
}

/* A client that takes no fds gets none, and no region that needs one. */
static void test_no_fds(void)
{
    Rig *rig = rig_new(NULL);
    int fd = client_connect(rig);
    VfuRegionInfo info = { .argsz = 80, .index = 2 };
    VfuRegionIoFds io = { .argsz = 96 };
    g_auto(Reply) region = { 0 }, fds = { 0 };

    g_assert_cmpint(hello(fd, "{\"capabilities\":{\"max_msg_fds\":0}}", 0), ==, 0);
    g_assert_cmpint(client_call(fd, VFU_DEVICE_GET_REGION_INFO, &info, 32, NULL, 0, &region), ==,
                    0);
    memcpy(&info, region.payload, 32);
    g_assert_cmphex(info.flags, ==, 3);
    g_assert_cmpuint(region.nr_fds, ==, 0);
    g_assert_cmpint(client_call(fd, VFU_DEVICE_GET_REGION_IO_FDS, &io, 16, NULL, 0, &fds), ==, 0);
    g_assert_cmpuint(fds.len, ==, 16);
    close(fd);
    rig_free(rig);
}

/* A client that takes little gets no more than that. */
static void test_small_transfers(void)
{
    Rig *rig = rig_new(NULL);
    int fd = client_connect(rig);
    VfuRegionAccess access = { 0, 0, 1024 };

    g_assert_cmpint(hello(fd, "{\"capabilities\":{\"max_data_xfer_size\":1024}}", 0), ==, 0);
    g_assert_cmpint(client_call(fd, VFU_REGION_READ, &access, 16, NULL, 0, NULL), ==, 0);
    access.count = 1025;
    g_assert_cmpint(client_call(fd, VFU_REGION_READ, &access, 16, NULL, 0, NULL), ==, EINVAL);
    close(fd);
    rig_free(rig);
}

/*
 * The rust-vmm crate reads the size of a success whatever the header says:
 * its error replies have that size, for everybody else they are bare.
 */
static void test_full_size_errors(void)
{
    Rig *rig = rig_new(NULL);
    int fd = client_connect(rig);
    VfuRegionAccess access = { 0x10000, 0, 4 };
    VfuDmaUnmap unmap = { 24, 0x80, 0x10000, 0x1000 };
    g_auto(Reply) read = { 0 }, unmapped = { 0 };

    g_assert_cmpint(hello(fd, "{\"capabilities\":{\"max_msg_fds\":1,\"max_data_xfer_size\":1048576,"
                          "\"migration\":{\"pgsize\":4096}}}", 1), ==, 0);
    g_assert_cmpint(client_call(fd, VFU_REGION_READ, &access, 16, NULL, 0, &read), ==, EINVAL);
    g_assert_cmpuint(read.header.size, ==, 36);
    g_assert_cmpmem(read.payload, 16, &access, 16);
    g_assert_cmpmem(read.payload + 16, 4, "\xff\xff\xff\xff", 4);
    g_assert_cmpint(client_call(fd, VFU_DMA_UNMAP, &unmap, 24, NULL, 0, &unmapped), ==, EINVAL);
    g_assert_cmpuint(unmapped.header.size, ==, 40);
    close(fd);
    rig_free(rig);
}

#define TEST(name, fn) g_test_add("/commands/" name, Fix, NULL, setup, fn, teardown)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST("device-info", test_device_info);
    TEST("region-info", test_region_info);
    TEST("region-info-map", test_region_info_map);
    TEST("io-fds", test_io_fds);
    TEST("irq-info", test_irq_info);
    TEST("dma", test_dma);
    TEST("set-irqs", test_set_irqs);
    TEST("region-access", test_region_access);
    TEST("reset", test_reset);
    TEST("feature", test_feature);
    TEST("absent", test_absent);
    TEST("unwanted-fds", test_unwanted_fds);
    g_test_add_func("/commands/no-fds", test_no_fds);
    g_test_add_func("/commands/small-transfers", test_small_transfers);
    g_test_add_func("/commands/full-size-errors", test_full_size_errors);
    return g_test_run();
}
