/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that was lent by its file moves to another one, unseen by its users. */
#include "common.h"
#include <sys/mman.h>
#include "qapi/error.h"
#include "qemu/fault-inject.h"

#define SIZE (64 * 1024)

static uint8_t *lend(int fd)
{
    uint8_t *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    g_assert_true(p != MAP_FAILED);
    return p;
}

static void test_old_user(void)
{
    Object *owner = test_owner_new();
    MemoryRegion mr;
    uint8_t *host, *old;
    int before;

    memory_region_init_ram(&mr, owner, "ram", SIZE, &error_abort);
    host = memory_region_get_ram_ptr(&mr);
    before = memory_region_get_fd(&mr);
    old = lend(before);
    old[0] = 1;
    old[SIZE - 1] = 2;
    g_assert_true(memory_region_renew(&mr));
    g_assert_true(memory_region_get_ram_ptr(&mr) == host);
    g_assert_cmpuint(host[0], ==, 1);
    g_assert_cmpuint(host[SIZE - 1], ==, 2);
    host[0] = 3;
    old[SIZE - 1] = 4;
    g_assert_cmpuint(old[0], ==, 1);
    g_assert_cmpuint(host[SIZE - 1], ==, 2);
    munmap(old, SIZE);
    object_unref(owner);
}

static void test_next_user(void)
{
    Object *owner = test_owner_new();
    MemoryRegion mr;
    uint8_t *host, *old, *next;
    int fd;

    memory_region_init_ram(&mr, owner, "ram", SIZE, &error_abort);
    host = memory_region_get_ram_ptr(&mr);
    old = lend(memory_region_get_fd(&mr));
    fd = memory_region_next_fd(&mr, &error_abort);
    g_assert_cmpint(memory_region_next_fd(&mr, &error_abort), ==, fd);
    next = lend(fd);
    next[5] = 9;
    old[5] = 7;
    g_assert_cmpuint(host[5], ==, 7);
    g_assert_true(memory_region_renew(&mr));
    g_assert_cmpint(memory_region_get_fd(&mr), ==, fd);
    g_assert_cmpuint(next[5], ==, 7);
    next[6] = 8;
    g_assert_cmpuint(host[6], ==, 8);
    g_assert_cmpuint(old[6], ==, 0);
    munmap(old, SIZE);
    munmap(next, SIZE);
    object_unref(owner);
}

static void test_next_user_does_not_come(void)
{
    Object *owner = test_owner_new();
    MemoryRegion mr;
    uint8_t *host, *next;

    memory_region_init_ram(&mr, owner, "ram", SIZE, &error_abort);
    host = memory_region_get_ram_ptr(&mr);
    memory_region_drop_next_fd(&mr);
    next = lend(memory_region_next_fd(&mr, &error_abort));
    memory_region_drop_next_fd(&mr);
    g_assert_true(memory_region_renew(&mr));
    next[0] = 1;
    host[1] = 2;
    g_assert_cmpuint(host[0], ==, 0);
    g_assert_cmpuint(next[1], ==, 0);
    munmap(next, SIZE);
    object_unref(owner);
}

static void test_holes_stay(void)
{
    Object *owner = test_owner_new();
    MemoryRegion mr;
    struct stat st;
    uint8_t *host;

    memory_region_init_ram(&mr, owner, "ram", 1024 * SIZE, &error_abort);
    host = memory_region_get_ram_ptr(&mr);
    host[1000 * SIZE] = 1;
    g_assert_true(memory_region_renew(&mr));
    g_assert_cmpuint(host[1000 * SIZE], ==, 1);
    g_assert_cmpint(fstat(memory_region_get_fd(&mr), &st), ==, 0);
    g_assert_cmpint(st.st_blocks * 512, <, 8 * SIZE);
    object_unref(owner);
}

static void test_no_file_to_be_had(void)
{
    Object *owner = test_owner_new();
    MemoryRegion mr;
    uint8_t *host, *old;

    memory_region_init_ram(&mr, owner, "ram", SIZE, &error_abort);
    host = memory_region_get_ram_ptr(&mr);
    old = lend(memory_region_get_fd(&mr));
    old[0] = 1;
    fault_inject_arm(FAULT_OPEN, 1, false);
    g_assert_true(memory_region_renew(&mr));
    fault_inject_disarm();
    g_assert_cmpint(memory_region_get_fd(&mr), ==, -1);
    g_assert_cmpuint(host[0], ==, 1);
    old[0] = 2;
    g_assert_cmpuint(host[0], ==, 1);
    g_assert_true(memory_region_renew(&mr));
    munmap(old, SIZE);
    object_unref(owner);
}

static void test_memory_of_others(void)
{
    static uint8_t lent[SIZE];
    Object *owner = test_owner_new();
    g_autoptr(Error) err = NULL;
    MemoryRegion mr;

    memory_region_init_ram_ptr(&mr, owner, "ram", SIZE, lent);
    g_assert_cmpint(memory_region_next_fd(&mr, &err), ==, -1);
    g_assert_nonnull(err);
    g_assert_true(memory_region_renew(&mr));
    g_assert_true(memory_region_get_ram_ptr(&mr) == lent);
    object_unref(owner);
}

int main(int argc, char **argv)
{
    test_init(&argc, &argv);
    g_test_add_func("/ram-renew/old-user", test_old_user);
    g_test_add_func("/ram-renew/next-user", test_next_user);
    g_test_add_func("/ram-renew/next-user-does-not-come", test_next_user_does_not_come);
    g_test_add_func("/ram-renew/holes-stay", test_holes_stay);
    g_test_add_func("/ram-renew/no-file", test_no_file_to_be_had);
    g_test_add_func("/ram-renew/memory-of-others", test_memory_of_others);
    return g_test_run();
}
