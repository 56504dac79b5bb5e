/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A model in the manner of QEMU's serial ports: a character device by
 * property, a FIFO of received bytes, output that waits for room, line
 * parameters and modem lines, a break.
 *
 *     0x00 r   next received byte, all ones: none     w   send a byte
 *     0x04 r   bytes in the FIFO                      w   print so many times "api"
 *     0x08 r   events: opened, closed, breaks, one byte each
 *     0x0c r   bit 0: a character device was given, bit 1: its other side is there,
 *              bit 2: output waits for room
 *     0x10 r   modem lines, -errno when the back end has none
 *                                                     w   line speed
 *     0x14 w   0: hang up, 1: stop waiting, 2: echo off, 3: not open, 4: pass a descriptor
 *     0x18 r   descriptors received so far, by value of the last
 */
#include "qemu/osdep.h"
#include "qemu/fifo8.h"
#include "qemu/module.h"
#include "chardev/char-fe.h"
#include "chardev/char-serial.h"
#include "hw/pci/pci_device.h"
#include "hw/qdev-properties.h"
#include "hw/qdev-properties-system.h"
#include "qapi/error.h"
#include "qom/object.h"

#define TYPE_API_CHAR "api-char"
OBJECT_DECLARE_SIMPLE_TYPE(ApiCharState, API_CHAR)

struct ApiCharState {
    PCIDevice parent_obj;
    MemoryRegion regs;
    CharBackend chr;
    Fifo8 rx;
    uint32_t events;
    uint8_t waiting;        /* the byte that has no room yet */
    guint watch_tag;
    int last_fd;
};

static int char_can_receive(void *opaque)
{
    ApiCharState *s = opaque;

    return fifo8_num_free(&s->rx);
}

static void char_receive(void *opaque, const uint8_t *buf, int size)
{
    ApiCharState *s = opaque;
    int fd = qemu_chr_fe_get_msgfd(&s->chr);

    fifo8_push_all(&s->rx, buf, size);
    if (fd >= 0) {
        s->last_fd = fd;
        close(fd);
    }
}

static void char_event(void *opaque, QEMUChrEvent event)
{
    ApiCharState *s = opaque;

    switch (event) {
    case CHR_EVENT_OPENED:
        s->events += 0x1;
        break;
    case CHR_EVENT_CLOSED:
        s->events += 0x100;
        break;
    case CHR_EVENT_BREAK:
        s->events += 0x10000;
        break;
    case CHR_EVENT_MUX_IN:
    case CHR_EVENT_MUX_OUT:
        break;
    }
}

static int char_be_change(void *opaque)
{
    ApiCharState *s = opaque;

    qemu_chr_fe_set_handlers(&s->chr, char_can_receive, char_receive, char_event,
                             char_be_change, s, NULL, true);
    return 0;
}

static gboolean char_room(void *do_not_use, GIOCondition cond, void *opaque)
{
    ApiCharState *s = opaque;

    s->watch_tag = 0;
    if (cond & G_IO_OUT) {
        qemu_chr_fe_write(&s->chr, &s->waiting, 1);
    }
    return G_SOURCE_REMOVE;
}

static void char_send(ApiCharState *s, uint8_t byte)
{
    if (qemu_chr_fe_write(&s->chr, &byte, 1) != 1 && !s->watch_tag) {
        s->waiting = byte;
        s->watch_tag = qemu_chr_fe_add_watch(&s->chr, G_IO_OUT | G_IO_HUP, char_room, s);
    }
}

static void char_stop_waiting(ApiCharState *s)
{
    if (s->watch_tag) {
        g_source_remove(s->watch_tag);
        s->watch_tag = 0;
    }
}

static void char_command(ApiCharState *s, uint32_t command)
{
    int fd = STDERR_FILENO;

    switch (command) {
    case 0:
        qemu_chr_fe_disconnect(&s->chr);
        break;
    case 1:
        char_stop_waiting(s);
        break;
    case 2:
        qemu_chr_fe_set_echo(&s->chr, false);
        break;
    case 3:
        qemu_chr_fe_set_open(&s->chr, false);
        break;
    default:
        if (qemu_chr_fe_set_msgfds(&s->chr, &fd, 1) == 0) {
            qemu_chr_fe_write_all(&s->chr, (const uint8_t *)"fd", 2);
        }
    }
}

static void char_set_speed(ApiCharState *s, int speed)
{
    QEMUSerialSetParams params = { .speed = speed, .parity = 'N', .data_bits = 8, .stop_bits = 1 };
    int on = 0, lines = CHR_TIOCM_DTR | CHR_TIOCM_RTS;

    qemu_chr_fe_ioctl(&s->chr, CHR_IOCTL_SERIAL_SET_PARAMS, &params);
    qemu_chr_fe_ioctl(&s->chr, CHR_IOCTL_SERIAL_SET_BREAK, &on);
    qemu_chr_fe_ioctl(&s->chr, CHR_IOCTL_SERIAL_SET_TIOCM, &lines);
}

static uint32_t char_lines(ApiCharState *s)
{
    int lines = 0;
    int ret = qemu_chr_fe_ioctl(&s->chr, CHR_IOCTL_SERIAL_GET_TIOCM, &lines);

    return ret < 0 ? ret : lines & (CHR_TIOCM_CTS | CHR_TIOCM_DSR | CHR_TIOCM_RI | CHR_TIOCM_CAR);
}

static uint64_t char_read(void *opaque, hwaddr addr, unsigned size)
{
    ApiCharState *s = opaque;
    uint32_t val = ~0u;

    switch (addr) {
    case 0x00:
        if (!fifo8_is_empty(&s->rx)) {
            val = fifo8_pop(&s->rx);
            qemu_chr_fe_accept_input(&s->chr);
        }
        break;
    case 0x04:
        val = fifo8_num_used(&s->rx);
        break;
    case 0x08:
        val = s->events;
        break;
    case 0x0c:
        val = qemu_chr_fe_backend_connected(&s->chr) |
              qemu_chr_fe_backend_open(&s->chr) << 1 | (s->watch_tag != 0) << 2;
        break;
    case 0x10:
        val = char_lines(s);
        break;
    case 0x18:
        val = s->last_fd;
        break;
    }
    return val;
}

static void char_write(void *opaque, hwaddr addr, uint64_t val, unsigned size)
{
    ApiCharState *s = opaque;

    switch (addr) {
    case 0x00:
        char_send(s, val);
        break;
    case 0x04:
        while (val--) {
            qemu_chr_fe_printf(&s->chr, "%s", "api");
        }
        break;
    case 0x10:
        char_set_speed(s, val);
        break;
    case 0x14:
        char_command(s, val);
        break;
    }
}

static const MemoryRegionOps char_ops = {
    .read = char_read,
    .write = char_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .impl = { .min_access_size = 4, .max_access_size = 4 },
};

static void char_realize(PCIDevice *dev, Error **errp)
{
    ApiCharState *s = API_CHAR(dev);
    Chardev *chr = qemu_chr_fe_get_driver(&s->chr);

    if (chr && !CHARDEV(chr)->label) {
        error_setg(errp, "a character device without a name");
        return;
    }
    s->last_fd = -1;
    fifo8_create(&s->rx, 16);
    memory_region_init_io(&s->regs, OBJECT(s), &char_ops, s, "api-char", 0x1000);
    pci_register_bar(dev, 0, PCI_BASE_ADDRESS_SPACE_MEMORY, &s->regs);
    qemu_chr_fe_set_handlers(&s->chr, char_can_receive, char_receive, char_event,
                             char_be_change, s, NULL, true);
}

static void char_exit(PCIDevice *dev)
{
    ApiCharState *s = API_CHAR(dev);

    char_stop_waiting(s);
    qemu_chr_fe_deinit(&s->chr, false);
    fifo8_destroy(&s->rx);
}

static Property char_properties[] = {
    DEFINE_PROP_CHR("chardev", ApiCharState, chr),
    DEFINE_PROP_END_OF_LIST(),
};

static void char_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    PCIDeviceClass *pc = PCI_DEVICE_CLASS(klass);

    pc->realize = char_realize;
    pc->exit = char_exit;
    pc->vendor_id = 0x1234;
    pc->device_id = 0x0a54;
    pc->class_id = PCI_CLASS_COMMUNICATION_SERIAL;
    set_bit(DEVICE_CATEGORY_INPUT, dc->categories);
    device_class_set_props(dc, char_properties);
}

static const TypeInfo char_info = {
    .name = TYPE_API_CHAR,
    .parent = TYPE_PCI_DEVICE,
    .instance_size = sizeof(ApiCharState),
    .class_init = char_class_init,
    .interfaces = (InterfaceInfo[]) { { INTERFACE_CONVENTIONAL_PCI_DEVICE }, { } },
};

static void char_register_types(void)
{
    type_register_static(&char_info);
}

type_init(char_register_types)
