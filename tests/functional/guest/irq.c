/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interrupts as the guest's user space gets them, whatever carries them. */
#include "tool.h"
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const names[] = {
    [IRQ_NONE] = "none", [IRQ_UIO] = "uio", [IRQ_INTX] = "intx", [IRQ_MSI] = "msi",
    [IRQ_MSIX] = "msix", [IRQ_MSI_RAW] = "msi-raw", [IRQ_MSIX_RAW] = "msix-raw",
};

IrqKind irq_kind(const char *name)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (!strcmp(name, names[i])) {
            return i;
        }
    }
    fail("unknown interrupt kind %s", name);
}

/* The test loaded uio_pci_generic; this binds it and finds its node. */
static void uio_open(Irq *irq)
{
    char path[256], node[64];
    DIR *dir;
    struct dirent *e;

    snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/uio", irq->dev->bdf);
    if (access(path, F_OK)) {
        write_file("uio_pci_generic", "/sys/bus/pci/devices/%s/driver_override", irq->dev->bdf);
        write_file(irq->dev->bdf, "/sys/bus/pci/drivers/uio_pci_generic/bind");
    }
    dir = opendir(path);
    while (dir && (e = readdir(dir))) {
        if (!strncmp(e->d_name, "uio", 3)) {
            snprintf(node, sizeof(node), "/dev/%.32s", e->d_name);
            irq->fd[0] = open(node, O_RDWR);
            if (irq->fd[0] < 0) {
                fail("%s: %m", node);
            }
            closedir(dir);
            /* Binding switched bus mastering off. */
            config_enable(irq->dev);
            irq_rearm(irq);
            return;
        }
    }
    fail("%s has no UIO node", irq->dev->bdf);
}

void irq_open(Irq *irq, Device *dev, IrqKind kind, unsigned count)
{
    *irq = (Irq) { .dev = dev, .kind = kind, .count = count };
    switch (kind) {
    case IRQ_NONE:
        break;
    case IRQ_UIO:
        uio_open(irq);
        break;
    case IRQ_MSI_RAW:
    case IRQ_MSIX_RAW:
        raw_open(irq);
        break;
    default:
        vfio_irqs(irq);
        break;
    }
}

bool irq_wait(Irq *irq, unsigned vector, int timeout_ms)
{
    struct pollfd p = { .events = POLLIN };
    uint64_t value;

    if (irq->kind == IRQ_MSI_RAW || irq->kind == IRQ_MSIX_RAW) {
        return raw_wait(irq, timeout_ms);
    }
    p.fd = irq->fd[vector];
    if (poll(&p, 1, timeout_ms) != 1) {
        return false;
    }
    return read(p.fd, &value, irq->kind == IRQ_UIO ? 4 : 8) > 0;
}

void irq_rearm(Irq *irq)
{
    uint32_t on = 1;

    if (irq->kind == IRQ_UIO && write(irq->fd[0], &on, 4) != 4) {
        /* uio_pci_generic leaves the switch to the config space. */
        config_write(irq->dev, 4, 2, config_read(irq->dev, 4, 2) & ~0x400u);
    } else if (irq->kind == IRQ_INTX) {
        vfio_unmask_intx(irq->dev);
    }
}
