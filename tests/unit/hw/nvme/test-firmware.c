/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Firmware download, commit, slots and activation: base 5.11, 5.12 and log 03h. */
#include "qemu/osdep.h"
#include "admin-rig.h"

enum { STORE, STORE_ACTIVATE, ACTIVATE, ACTIVATE_NOW };

static NvmeRig *start(void)
{
    NvmeRig *rig = nvme_rig_new(NULL);

    nvme_rig_enable(rig);
    return rig;
}

static uint16_t download(NvmeRig *rig, const char *revision, uint32_t offset, uint32_t bytes)
{
    memset(rig_page_at(rig), 0, 4096);
    memcpy(rig_page_at(rig), revision, strlen(revision));
    return admin(rig, 0x11, 0, bytes / 4 - 1, offset / 4);
}

static uint16_t commit(NvmeRig *rig, unsigned slot, unsigned action)
{
    return admin(rig, 0x10, 0, slot | action << 3, 0);
}

static void assert_slots(NvmeRig *rig, uint8_t afi, const char *two, const char *three)
{
    const uint8_t *page = get_log(rig, 3, 512);

    assert_field(page, 0, 1, afi);
    assert_field(page, 1, 7, 0);
    g_assert_cmpmem(page + 8, 8, "1.0     ", 8);
    g_assert_cmpmem(page + 16, 8, two, 8);
    g_assert_cmpmem(page + 24, 8, three, 8);
    g_assert_true(all_zero(page + 32, 480));
}

#define EMPTY "\0\0\0\0\0\0\0"

static void assert_runs(NvmeRig *rig, const char *revision)
{
    g_assert_cmpmem(identify(rig, 1, 0, 0) + 64, 8, revision, 8);
}

static void test_next_reset(void)
{
    g_autoptr(NvmeRig) rig = start();

    assert_slots(rig, 0x01, EMPTY, EMPTY);
    g_assert_cmphex(download(rig, "2.0     ", 0, 4096), ==, OK);
    g_assert_cmphex(commit(rig, 2, STORE), ==, OK);
    assert_slots(rig, 0x01, "2.0     ", EMPTY);
    g_assert_cmphex(commit(rig, 2, ACTIVATE), ==, OK);
    assert_slots(rig, 0x21, "2.0     ", EMPTY);
    assert_runs(rig, "1.0     ");
    nvme_rig_disable(rig);
    nvme_rig_enable(rig);
    assert_slots(rig, 0x02, "2.0     ", EMPTY);
    assert_runs(rig, "2.0     ");
    g_assert_cmphex(commit(rig, 1, ACTIVATE), ==, OK);
    nvme_rig_disable(rig);
    nvme_rig_enable(rig);
    assert_slots(rig, 0x01, "2.0     ", EMPTY);
}

static void test_store_activate(void)
{
    g_autoptr(NvmeRig) rig = start();

    g_assert_cmphex(download(rig, "3.0     ", 0, 4096), ==, OK);
    g_assert_cmphex(download(rig, "", 4096, 4096), ==, OK);
    g_assert_cmphex(commit(rig, 3, STORE_ACTIVATE), ==, OK);
    assert_slots(rig, 0x31, EMPTY, "3.0     ");
    nvme_rig_disable(rig);
    nvme_rig_enable(rig);
    assert_runs(rig, "3.0     ");
}

/* At once, with a notice that the host asked for. */
static void test_now(void)
{
    g_autoptr(NvmeRig) rig = start();
    uint32_t dw0;

    g_assert_cmphex(set_feature(rig, 0x0b, 0, 1 << 9), ==, OK);
    g_assert_cmphex(download(rig, "4.0     ", 0, 4096), ==, OK);
    g_assert_cmphex(commit(rig, 2, STORE), ==, OK);
    g_assert_cmphex(commit(rig, 2, ACTIVATE_NOW), ==, OK);
    assert_runs(rig, "4.0     ");
    g_assert_true(request_event(rig, &dw0));
    g_assert_cmphex(dw0, ==, 2 | 1 << 8 | 3 << 16);
    assert_slots(rig, 0x02, "4.0     ", EMPTY);

    /* what was downloaded replaces the slot first */
    g_assert_cmphex(download(rig, "5.0     ", 0, 4096), ==, OK);
    g_assert_cmphex(commit(rig, 3, ACTIVATE_NOW), ==, OK);
    assert_runs(rig, "5.0     ");
}

/* Slot 0: the controller chooses. */
static void test_choice(void)
{
    g_autoptr(NvmeRig) rig = start();

    g_assert_cmphex(download(rig, "a       ", 0, 4096), ==, OK);
    g_assert_cmphex(commit(rig, 0, STORE), ==, OK);
    assert_slots(rig, 0x01, "a       ", EMPTY);
    g_assert_cmphex(download(rig, "b       ", 0, 4096), ==, OK);
    g_assert_cmphex(commit(rig, 0, STORE), ==, OK);
    assert_slots(rig, 0x01, "a       ", "b       ");
    g_assert_cmphex(commit(rig, 2, ACTIVATE_NOW), ==, OK);
    g_assert_cmphex(download(rig, "c       ", 0, 4096), ==, OK);
    g_assert_cmphex(commit(rig, 0, STORE), ==, OK);
    assert_slots(rig, 0x02, "a       ", "c       ");
    g_assert_cmphex(commit(rig, 0, ACTIVATE), ==, INVALID_SLOT);
}

static void test_slots(void)
{
    g_autoptr(NvmeRig) rig = start();

    g_assert_cmphex(download(rig, "6.0     ", 0, 4096), ==, OK);
    g_assert_cmphex(commit(rig, 1, STORE), ==, INVALID_SLOT);
    g_assert_cmphex(commit(rig, 1, STORE_ACTIVATE), ==, INVALID_SLOT);
    for (unsigned slot = 4; slot < 8; slot++) {
        g_assert_cmphex(commit(rig, slot, STORE), ==, INVALID_SLOT);
        g_assert_cmphex(commit(rig, slot, ACTIVATE), ==, INVALID_SLOT);
    }
    for (unsigned action = 4; action < 8; action++) {
        g_assert_cmphex(commit(rig, 2, action), ==, INVALID_FIELD);
    }
    g_assert_cmphex(commit(rig, 2, STORE), ==, OK);     /* it was not dropped by any of that */
}

static void test_images(void)
{
    g_autoptr(NvmeRig) rig = start();

    g_assert_cmphex(commit(rig, 2, STORE), ==, INVALID_IMAGE);
    g_assert_cmphex(commit(rig, 2, ACTIVATE), ==, INVALID_IMAGE);
    g_assert_cmphex(commit(rig, 2, ACTIVATE_NOW), ==, INVALID_IMAGE);
    g_assert_cmphex(download(rig, "\1\2\3", 0, 4096), ==, OK);
    g_assert_cmphex(commit(rig, 2, STORE), ==, INVALID_IMAGE);          /* no revision */
    g_assert_cmphex(download(rig, "7.0     ", 4096, 4096), ==, OK);
    g_assert_cmphex(commit(rig, 2, STORE), ==, INVALID_IMAGE);          /* no beginning */
    g_assert_cmphex(download(rig, "7.0     ", 0, 4096), ==, OK);
    g_assert_cmphex(download(rig, "", 8192, 4096), ==, OK);
    g_assert_cmphex(commit(rig, 2, STORE), ==, INVALID_IMAGE);          /* a gap */
    g_assert_cmphex(commit(rig, 2, STORE), ==, INVALID_IMAGE);          /* and all is gone */
}

static void test_overlap(void)
{
    g_autoptr(NvmeRig) rig = start();

    g_assert_cmphex(download(rig, "8.0     ", 4096, 4096), ==, OK);
    g_assert_cmphex(download(rig, "8.0     ", 4096, 4096), ==, OVERLAP);
    g_assert_cmphex(download(rig, "8.0     ", 0, 4096), ==, OK);
    g_assert_cmphex(download(rig, "8.0     ", 0, 4096), ==, OVERLAP);
    nvme_rig_disable(rig);
    nvme_rig_enable(rig);
    g_assert_cmphex(download(rig, "8.0     ", 0, 4096), ==, OK);
}

static void test_granularity(void)
{
    g_autoptr(NvmeRig) rig = start();

    g_assert_cmphex(download(rig, "", 0, 4), ==, INVALID_FIELD);
    g_assert_cmphex(download(rig, "", 0, 4092), ==, INVALID_FIELD);
    g_assert_cmphex(download(rig, "", 2048, 4096), ==, INVALID_FIELD);
    g_assert_cmphex(download(rig, "", (1 << 20) - 4096, 4096), ==, OK);
    g_assert_cmphex(download(rig, "", 1 << 20, 4096), ==, INVALID_FIELD);
    g_assert_cmphex(admin(rig, 0x11, 0, 0xffffffff, 0), ==, INVALID_FIELD);
    g_assert_cmphex(admin(rig, 0x11, 0, 0xffffffff, 0xffffffff), ==, INVALID_FIELD);
    g_assert_cmphex(admin(rig, 0x11, 0, 1023, 0xfffffc00), ==, INVALID_FIELD);
}

int main(int argc, char **argv)
{
    nvme_rig_setup(&argc, &argv);
    g_test_add_func("/nvme/firmware/next-reset", test_next_reset);
    g_test_add_func("/nvme/firmware/store-activate", test_store_activate);
    g_test_add_func("/nvme/firmware/now", test_now);
    g_test_add_func("/nvme/firmware/choice", test_choice);
    g_test_add_func("/nvme/firmware/slots", test_slots);
    g_test_add_func("/nvme/firmware/images", test_images);
    g_test_add_func("/nvme/firmware/overlap", test_overlap);
    g_test_add_func("/nvme/firmware/granularity", test_granularity);
    return g_test_run();
}
