/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Single accesses of a processor to the domain's memory and I/O space.
 * In the rows, third says that it is a port.
 */
#include "qemu/osdep.h"
#include "hw/pci/pci_bus.h"
#include "qemu/bswap.h"
#include "command.h"
#include "pci-config.h"

#define MAX_PORT 0xffff

static uint64_t max_value(unsigned width)
{
    return UINT64_MAX >> (64 - 8 * width);
}

/* Ports that nobody decodes float high, memory reads as zero. */
static void port_rw(QtestDomain *d, uint64_t port, void *buf, unsigned width, bool is_write)
{
    if (!pci_config_port_rw(d, port, buf, width, is_write) &&
        address_space_rw(d->bus->isol_as_io, port, MEMTXATTRS_UNSPECIFIED, buf, width,
                         is_write) == MEMTX_DECODE_ERROR && !is_write) {
        memset(buf, 0xff, width);
    }
}

static void access_domain(QtestDomain *d, const QtestCommand *row, uint64_t addr, void *buf)
{
    AIO_CONTEXT_GUARD(d->ctx);

    if (row->third) {
        port_rw(d, addr, buf, row->width, row->is_write);
    } else {
        address_space_rw(d->bus->isol_as_mem, addr, MEMTXATTRS_UNSPECIFIED, buf, row->width,
                         row->is_write);
    }
}

static QtestWhen run_access(QtestCall *call)
{
    const QtestCommand *row = call->command;
    uint64_t addr, value = 0;
    uint8_t buf[8];

    if (!qtest_number(call, 0, row->third ? MAX_PORT : UINT64_MAX, &addr) ||
        (row->is_write && !qtest_number(call, 1, max_value(row->width), &value))) {
        return QTEST_NOW;
    }
    call->touched = qtest_session_domain(call->session);
    if (!call->touched) {
        return QTEST_NOW;
    }
    stn_le_p(buf, row->width, value);
    access_domain(call->touched, row, addr, buf);
    value = ldn_le_p(buf, row->width);
    if (row->is_write) {
        qtest_reply(call->session, "OK");
    } else if (row->third) {
        qtest_reply(call->session, "OK 0x%04" PRIx64, value);
    } else {
        qtest_reply(call->session, "OK 0x%016" PRIx64, value);
    }
    return QTEST_SETTLE;
}

#define READ(name, width, port) { name, 1, 1, run_access, width, false, port }
#define WRITE(name, width, port) { name, 2, 2, run_access, width, true, port }

const QtestCommand qtest_memory_commands[] = {
    READ("inb", 1, true),
    READ("inw", 2, true),
    READ("inl", 4, true),
    WRITE("outb", 1, true),
    WRITE("outw", 2, true),
    WRITE("outl", 4, true),
    READ("readb", 1, false),
    READ("readw", 2, false),
    READ("readl", 4, false),
    READ("readq", 8, false),
    WRITE("writeb", 1, false),
    WRITE("writew", 2, false),
    WRITE("writel", 4, false),
    WRITE("writeq", 8, false),
    { NULL }
};
