/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Client memory that is truncated while it is used. */
#include "qemu/osdep.h"
#include <sys/mman.h>
#include "outbound/sigbus.h"

#define PAGES 4

static size_t page;

static uint8_t *map_memfd(int *fd)
{
    uint8_t *p;

    *fd = memfd_create("client", MFD_CLOEXEC);
    g_assert_cmpint(ftruncate(*fd, PAGES * page), ==, 0);
    p = mmap(NULL, PAGES * page, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
    g_assert_true(p != MAP_FAILED);
    return p;
}

static void test_copy_fails_behind_the_end(void)
{
    int fd;
    uint8_t *p = map_memfd(&fd);
    uint8_t buf[64] = { 0 };

    for (size_t len = 1; len <= sizeof(buf); len *= 2) {
        g_assert_true(client_memory_copy(p + page, buf, len));
    }
    g_assert_cmpint(ftruncate(fd, page), ==, 0);
    for (size_t len = 1; len <= sizeof(buf); len *= 2) {
        g_assert_false(client_memory_copy(p + page, buf, len));
        g_assert_false(client_memory_copy(buf, p + page, len));
        g_assert_true(client_memory_copy(p, buf, len));
    }
    munmap(p, PAGES * page);
    close(fd);
}

static void test_pointer_reads_zero_behind_the_end(void)
{
    int fd;
    uint8_t *p = map_memfd(&fd);
    SigbusWindow *w = sigbus_window_add(p, PAGES * page, page);
    volatile uint8_t *device = p;

    device[2 * page] = 0x5a;
    g_assert_false(sigbus_window_torn(w));
    g_assert_cmpint(ftruncate(fd, page), ==, 0);
    g_assert_cmpuint(device[2 * page], ==, 0);
    g_assert_true(sigbus_window_torn(w));
    device[3 * page] = 1;               /* goes nowhere, kills nobody */
    g_assert_cmpuint(device[0], ==, 0);
    sigbus_window_remove(w);
    munmap(p, PAGES * page);
    close(fd);
}

static void test_elsewhere_still_kills(void)
{
    if (g_test_subprocess()) {
        int fd;
        volatile uint8_t *p = map_memfd(&fd);

        g_assert_cmpint(ftruncate(fd, 0), ==, 0);
        p[0] = 1;
        exit(0);
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
}

static gpointer copy_many(gpointer opaque)
{
    uint8_t *p = opaque;
    uint8_t buf[8] = { 0 };
    unsigned failed = 0;

    for (int i = 0; i < 2000; i++) {
        failed += !client_memory_copy(buf, p + (i % 2) * 2 * page, sizeof(buf));
    }
    return GUINT_TO_POINTER(failed);
}

static void test_threads_fail_alone(void)
{
    int fd;
    uint8_t *p = map_memfd(&fd);
    GThread *threads[4];

    g_assert_cmpint(ftruncate(fd, page), ==, 0);
    for (int i = 0; i < 4; i++) {
        threads[i] = g_thread_new("copy", copy_many, p);
    }
    for (int i = 0; i < 4; i++) {
        g_assert_cmpuint(GPOINTER_TO_UINT(g_thread_join(threads[i])), ==, 1000);
    }
    munmap(p, PAGES * page);
    close(fd);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    page = sysconf(_SC_PAGESIZE);
    sigbus_init();
    g_test_add_func("/sigbus/copy", test_copy_fails_behind_the_end);
    g_test_add_func("/sigbus/pointer", test_pointer_reads_zero_behind_the_end);
    g_test_add_func("/sigbus/elsewhere", test_elsewhere_still_kills);
    g_test_add_func("/sigbus/threads", test_threads_fail_alone);
    return g_test_run();
}
