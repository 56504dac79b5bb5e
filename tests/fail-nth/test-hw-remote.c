/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of a served device, with the n-th thing that can fail failing, for
 * all n: it is plugged, served, mapped, bound to an interrupt, used, left by its
 * client, and unplugged. Whatever failed, the error is told, nothing is left
 * (file descriptors, mappings, a device of that name), and the same works again.
 */
#include "qemu/osdep.h"
#include <dirent.h>
#include <json-glib/json-glib.h>
#include <sys/eventfd.h>
#include "hw/boards.h"
#include "hw/pci/pci_device.h"
#include "monitor/qdev.h"
#include "qapi/error.h"
#include "qapi/json.h"
#include "qemu/fault-inject.h"
#include "qemu/main-loop.h"
#include "qemu/module.h"
#include "qom/object_interfaces.h"
#include "vfio-user/client.h"
#include "tests/unit/json.h"

#define MEMORY_SIZE (64 * 1024)
#define LONGEST 400             /* questions in one life */

static char *socket_path;
static VfuMemory *memory;

/* Each step says false when it met a failure, after which nothing of it is left. */
static bool plug(const char *driver)
{
    g_autoptr(JsonObject) opts = json_of("{\"driver\": \"%s\", \"id\": \"d0\"}", driver);
    g_autoptr(Error) err = NULL;
    DeviceState *dev = qdev_device_add_from_json(opts, &err);

    g_assert_true((dev == NULL) == (err != NULL));
    if (!dev) {
        return false;
    }
    object_unref(OBJECT(dev));
    return true;
}

static bool serve(void)
{
    g_autoptr(JsonObject) opts = json_of("{\"qom-type\": \"vfio-user-server\", \"id\": \"s0\", "
                                      "\"device\": \"d0\", \"path\": \"%s\"}", socket_path);
    g_autoptr(Error) err = NULL;

    user_creatable_add_from_json(opts, &err);
    return !err;
}

static bool use(VfuClient *c, int event)
{
    VfuIrqInfo msi = { 0 };
    uint64_t unmapped, address = 0x1000;
    VfuClientRegion region = { .fd = -1 };
    uint32_t one = 1, irq;
    bool ok = !vfu_client_get_irq(c, VFU_IRQ_MSI, &msi);

    irq = msi.count ? VFU_IRQ_MSI : VFU_IRQ_MSIX;
    ok = ok && !vfu_client_writen(c, VFU_REGION_CONFIG, PCI_COMMAND, 2, PCI_COMMAND_MASTER) &&
         !vfu_client_dma_map(c, memory, 0, 0, MEMORY_SIZE,
                             VFU_DMA_F_READ | VFU_DMA_F_WRITE, true) &&
         !vfu_client_irq_bind(c, irq, 0, 1, &event) &&
         !vfu_client_irq_trigger(c, irq, 0, 1) &&
         !vfu_client_get_region(c, 2, &region) &&
         !vfu_client_write(c, 0, 0x80, &address, sizeof(address)) &&
         !vfu_client_write(c, 0, 0x98, &one, sizeof(one)) &&
         !vfu_client_dma_unmap(c, 0, MEMORY_SIZE, &unmapped) && !vfu_client_reset(c);
    vfu_client_region_clear(&region);
    return ok;
}

static VfuClient *come(void)
{
    g_autoptr(Error) err = NULL;
    VfuClient *c = vfu_client_open(socket_path, NULL, &err);

    g_assert_true((c == NULL) == (err != NULL));
    if (c) {
        vfu_client_set_timeout(c, 2 * NANOSECONDS_PER_SECOND);
    }
    return c;
}

/* What the next client does while the one before it is there. */
static bool prepare(VfuClient *c, int event)
{
    return !vfu_client_dma_map(c, memory, 0, MEMORY_SIZE, MEMORY_SIZE,
                               VFU_DMA_F_READ | VFU_DMA_F_WRITE, true) &&
           !vfu_client_irq_bind(c, VFU_IRQ_INTX, 0, 1, &event) &&
           !vfu_client_writen(c, VFU_REGION_CONFIG, PCI_COMMAND, 2, PCI_COMMAND_MASTER);
}

static bool visit(void)
{
    g_autoptr(VfuClient) c = come();
    g_autoptr(VfuClient) next = NULL;
    int event = eventfd(0, EFD_CLOEXEC);
    uint64_t unmapped;
    bool ok;

    ok = c && use(c, event) && (next = come()) && prepare(next, event);
    vfu_client_free(g_steal_pointer(&c));
    ok = ok && vfu_client_readn(next, 0, 0, 4) != UINT32_MAX &&
         !vfu_client_dma_unmap(next, MEMORY_SIZE, MEMORY_SIZE, &unmapped) && use(next, event);
    close(event);
    return ok;
}

static bool live(const char *driver)
{
    bool ok;

    if (!plug(driver)) {
        return false;
    }
    ok = serve();
    if (ok) {
        ok = visit();
        user_creatable_del("s0", &error_abort);
    }
    g_assert_true(qdev_device_del("d0", &error_abort));
    while (aio_poll(qemu_get_aio_context(), false)) {
    }
    return ok;
}

static unsigned count_entries(const char *path)
{
    DIR *dir = opendir(path);
    unsigned n = 0;

    while (readdir(dir)) {
        n++;
    }
    closedir(dir);
    return n;
}

/* Root complexes of their own go when the main loop comes to it. */
static void assert_no_more_than(const char *path, unsigned most)
{
    for (unsigned tries = 0; count_entries(path) > most; tries++) {
        g_assert_cmpuint(tries, <, 500);
        while (aio_poll(qemu_get_aio_context(), false)) {
        }
        g_usleep(1000);
    }
}

static void run(gconstpointer data)
{
    const char *driver = data;
    unsigned asked, n = 0, fds;

    for (int i = 0; i < 3; i++) {
        g_assert_true(live(driver));
    }
    fds = count_entries("/proc/self/fd");
    do {
        bool ok;

        fault_inject_arm(FAULT_ANY, ++n, false);
        ok = live(driver);
        asked = fault_inject_disarm();
        g_assert_true(ok || asked >= n);        /* nothing fails by itself */
        g_assert_cmpuint(n, <, LONGEST);
        assert_no_more_than("/proc/self/fd", fds);
        g_assert_false(g_file_test(socket_path, G_FILE_TEST_EXISTS));
        g_assert_true(live(driver));
    } while (asked >= n);
    g_test_message("%s: %u faults", driver, n - 1);
    g_assert_cmpuint(n, >, 20);
}

int main(int argc, char **argv)
{
    g_autofree char *dir = g_dir_make_tmp("fail-nth-XXXXXX", NULL);
    int status;

    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    qemu_init_main_loop(&error_fatal);
    current_machine = MACHINE(object_new("x-remote-machine"));
    machine_run_board_init(current_machine);
    socket_path = g_build_filename(dir, "s", NULL);
    memory = vfu_memory_new(MEMORY_SIZE, &error_fatal);
    g_test_add_data_func("/fail-nth/hw-remote/edu", "edu", run);
    g_test_add_data_func("/fail-nth/hw-remote/dma-engine", "dma-engine", run);
    status = g_test_run();
    vfu_memory_free(memory);
    rmdir(dir);
    g_free(socket_path);
    return status;
}
