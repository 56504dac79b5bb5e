/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A BAR of trapped registers, a page that the client may map, and the MSI-X
 * table: what is offered, who sees whose stores, and whose page it is when
 * clients come and go.
 *
 * The server runs in its domain's thread, the client in this one.
 */
#include "qemu/osdep.h"
#include <fcntl.h>
#include <json-glib/json-glib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include "exec/shared-io.h"
#include "hw/boards.h"
#include "hw/pci/msi.h"
#include "hw/pci/msix.h"
#include "hw/pci/pci_device.h"
#include "hw/qdev-properties.h"
#include "monitor/qdev.h"
#include "qapi/error.h"
#include "qemu/main-loop.h"
#include "qemu/module.h"
#include "qom/object_interfaces.h"
#include "vfio-user/client.h"
#include "tests/unit/json.h"

#define TYPE_BELL "test-bell"
OBJECT_DECLARE_SIMPLE_TYPE(Bell, BELL)

enum { BAR_SIZE = 16384, PAGE_AT = 4096, PAGE = 4096, TABLE_AT = 8192, PBA_AT = 12288 };

struct Bell {
    PCIDevice parent_obj;

    MemoryRegion bar, regs, page;
    uint32_t *words;
    uint32_t rung;              /* writes by message */
};

/* Register i reads as word i of the page: what the device sees in it. */
static uint64_t regs_read(void *opaque, hwaddr addr, unsigned size)
{
    Bell *s = opaque;

    return qatomic_read(&s->words[addr / 4]);
}

static void regs_write(void *opaque, hwaddr addr, uint64_t val, unsigned size)
{
    Bell *s = opaque;

    qatomic_set(&s->words[addr / 4], val);
}

static uint64_t page_read(void *opaque, hwaddr addr, unsigned size)
{
    return 0xbe110000 + ((Bell *)opaque)->rung;
}

static void page_write(void *opaque, hwaddr addr, uint64_t val, unsigned size)
{
    ((Bell *)opaque)->rung++;
}

static const MemoryRegionOps regs_ops = {
    .read = regs_read, .write = regs_write, .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 4, .max_access_size = 4 },
};

static const MemoryRegionOps page_ops = {
    .read = page_read, .write = page_write, .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 4, .max_access_size = 4 },
};

static void bell_realize(PCIDevice *pci, Error **errp)
{
    Bell *s = BELL(pci);

    memory_region_init(&s->bar, OBJECT(s), "bell", BAR_SIZE);
    memory_region_init_io(&s->regs, OBJECT(s), &regs_ops, s, "bell-regs", PAGE_AT);
    memory_region_add_subregion(&s->bar, 0, &s->regs);
    if (!memory_region_init_shared_io(&s->page, OBJECT(s), &page_ops, s, "bell-page", PAGE, PAGE_AT,
                                      errp)) {
        return;
    }
    s->words = memory_region_shared_io_ptr(&s->page);
    memory_region_add_subregion(&s->bar, PAGE_AT, &s->page);
    if (msix_init(pci, 4, &s->bar, 0, TABLE_AT, &s->bar, 0, PBA_AT, 0, errp) == 0) {
        pci_register_bar(pci, 0, PCI_BASE_ADDRESS_SPACE_MEMORY, &s->bar);
    }
}

static void bell_exit(PCIDevice *pci)
{
    msix_uninit(pci, &BELL(pci)->bar, &BELL(pci)->bar);
}

static void bell_reset(DeviceState *dev)
{
    Bell *s = BELL(dev);

    s->rung = 0;
    memset(s->words, 0, PAGE);
}

static void bell_class_init(ObjectClass *klass, void *data)
{
    PCIDeviceClass *k = PCI_DEVICE_CLASS(klass);

    k->realize = bell_realize;
    k->exit = bell_exit;
    k->vendor_id = 0x1234;
    k->device_id = 0x4322;
    DEVICE_CLASS(klass)->reset = bell_reset;
}

static const TypeInfo bell_info = {
    .name = TYPE_BELL,
    .parent = TYPE_PCI_DEVICE,
    .instance_size = sizeof(Bell),
    .class_init = bell_class_init,
    .interfaces = (InterfaceInfo[]) { { INTERFACE_CONVENTIONAL_PCI_DEVICE }, { } },
};

static void bell_register(void)
{
    type_register_static(&bell_info);
}
type_init(bell_register)

/* --- clients --- */

static char *socket_path;
static DeviceState *device;

typedef struct Guest {
    VfuClient *c;
    VfuClientRegion region;
    void *base;
    size_t length;
    volatile uint32_t *words;   /* its page */
} Guest;

static void map_page(Guest *g)
{
    g_assert_cmpint(vfu_client_get_region(g->c, 0, &g->region), ==, 0);
    g->words = vfu_client_region_map(&g->region, PAGE_AT, PAGE, &g->base, &g->length);
    g_assert_nonnull(g->words);
}

static Guest *guest_new(void)
{
    Guest *g = g_new0(Guest, 1);

    g->c = vfu_client_open(socket_path, NULL, &error_abort);
    map_page(g);
    return g;
}

/* The client goes, its mapping stays: nobody can take that away. */
static void guest_leave(Guest *g)
{
    g_clear_pointer(&g->c, vfu_client_free);
}

static void guest_free(Guest *g)
{
    guest_leave(g);
    munmap(g->base, g->length);
    vfu_client_region_clear(&g->region);
    g_free(g);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Guest, guest_free)

static uint32_t seen(Guest *g, unsigned word)
{
    return vfu_client_readn(g->c, 0, word * 4, 4);
}

/* --- tests --- */

static void test_offer(void)
{
    g_autoptr(Guest) g = guest_new();
    struct stat st;

    g_assert_cmphex(g->region.flags, ==, VFU_REGION_F_READ | VFU_REGION_F_WRITE |
                    VFU_REGION_F_MMAP | VFU_REGION_F_CAPS);
    g_assert_cmpuint(g->region.size, ==, BAR_SIZE);
    g_assert_cmpuint(g->region.offset, ==, 0);
    g_assert_cmpuint(g->region.nr_areas, ==, 1);
    g_assert_cmpuint(g->region.areas[0].offset, ==, PAGE_AT);
    g_assert_cmpuint(g->region.areas[0].size, ==, PAGE);
    g_assert_cmpint(fstat(g->region.fd, &st), ==, 0);
    g_assert_cmpint(st.st_size, ==, PAGE_AT + PAGE);
    /* Our page cannot be pulled from under us. */
    g_assert_cmpint(ftruncate(g->region.fd, 0), <, 0);
    g_assert_cmpint(ftruncate(g->region.fd, 1 << 20), <, 0);
    g_assert_cmpint(fcntl(g->region.fd, F_ADD_SEALS, F_SEAL_WRITE), <, 0);
}

static void test_two_ways(void)
{
    g_autoptr(Guest) g = guest_new();

    g->words[5] = 0x1234;
    g_assert_cmphex(seen(g, 5), ==, 0x1234);
    g_assert_cmpint(vfu_client_writen(g->c, 0, 7 * 4, 4, 99), ==, 0);
    g_assert_cmpuint(g->words[7], ==, 99);
    /* Messages go to the callbacks, not to the page. */
    g_assert_cmphex(vfu_client_readn(g->c, 0, PAGE_AT + 20, 4), ==, 0xbe110000);
    g_assert_cmpint(vfu_client_writen(g->c, 0, PAGE_AT + 20, 4, 7), ==, 0);
    g_assert_cmphex(vfu_client_readn(g->c, 0, PAGE_AT + 20, 4), ==, 0xbe110001);
    g_assert_cmphex(g->words[5], ==, 0x1234);
}

static void test_msix_beside_it(void)
{
    g_autoptr(Guest) g = guest_new();

    g_assert_cmpint(vfu_client_writen(g->c, 0, TABLE_AT, 4, 0xfee00000), ==, 0);
    g_assert_cmphex(vfu_client_readn(g->c, 0, TABLE_AT, 4), ==, 0xfee00000);
    g_assert_null(vfu_client_region_map(&g->region, TABLE_AT, PAGE, &(void *){ NULL },
                                        &(size_t){ 0 }));
    g_assert_cmphex(g->words[0], ==, 0);
}

static void test_taken_back(void)
{
    g_autoptr(Guest) old = guest_new();
    g_autoptr(Guest) fresh = NULL;

    old->words[1] = 1;
    guest_leave(old);
    fresh = guest_new();
    g_assert_cmpuint(seen(fresh, 1), ==, 0);            /* reset */
    old->words[1] = 2;
    g_assert_cmpuint(seen(fresh, 1), ==, 0);
    g_assert_cmpuint(fresh->words[1], ==, 0);
    fresh->words[1] = 3;
    g_assert_cmpuint(seen(fresh, 1), ==, 3);
    g_assert_cmpuint(old->words[1], ==, 2);
}

/* The next client has the page that will be there when it is its turn, and no other. */
static void test_hand_over(void)
{
    g_autoptr(Guest) first = guest_new();
    g_autoptr(Guest) next = guest_new();

    next->words[1] = 7;
    g_assert_cmpuint(seen(first, 1), ==, 0);
    first->words[2] = 8;
    g_assert_cmpuint(seen(first, 2), ==, 8);
    g_assert_cmpuint(next->words[2], ==, 0);
    guest_leave(first);
    seen(next, 0);                                      /* answered when it is its turn */
    next->words[3] = 9;
    g_assert_cmpuint(seen(next, 3), ==, 9);
    first->words[3] = 10;
    g_assert_cmpuint(seen(next, 3), ==, 9);
}

/* One that leaves before its turn shares nothing with the one that comes then. */
static void test_hand_over_given_up(void)
{
    g_autoptr(Guest) first = guest_new();
    g_autoptr(Guest) gone = guest_new();
    g_autoptr(Guest) next = NULL;

    guest_leave(gone);
    next = guest_new();
    guest_leave(first);
    seen(next, 0);
    gone->words[3] = 10;
    g_assert_cmpuint(seen(next, 3), ==, 0);
    next->words[3] = 11;
    g_assert_cmpuint(seen(next, 3), ==, 11);
}

int main(int argc, char **argv)
{
    g_autofree char *dir = g_dir_make_tmp("shared-io-XXXXXX", NULL);
    g_autoptr(JsonObject) dev = NULL;
    g_autoptr(JsonObject) server = NULL;
    int status;

    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    qemu_init_main_loop(&error_fatal);
    msi_nonbroken = true;
    current_machine = MACHINE(object_new("x-remote-machine"));
    machine_run_board_init(current_machine);
    socket_path = g_build_filename(dir, "s", NULL);
    dev = json_of("{\"driver\": \"%s\", \"id\": \"d0\"}", TYPE_BELL);
    device = qdev_device_add_from_json(dev, &error_fatal);
    object_unref(OBJECT(device));
    server = json_of("{\"qom-type\": \"vfio-user-server\", \"id\": \"s0\", \"device\": \"d0\", "
                     "\"path\": \"%s\"}", socket_path);
    user_creatable_add_from_json(server, &error_fatal);

    g_test_add_func("/shared-io/offer", test_offer);
    g_test_add_func("/shared-io/two-ways", test_two_ways);
    g_test_add_func("/shared-io/msix-beside-it", test_msix_beside_it);
    g_test_add_func("/shared-io/taken-back", test_taken_back);
    g_test_add_func("/shared-io/hand-over", test_hand_over);
    g_test_add_func("/shared-io/hand-over-given-up", test_hand_over_given_up);
    status = g_test_run();
    user_creatable_del("s0", &error_abort);
    object_unparent(OBJECT(device));
    rmdir(dir);
    return status;
}
