/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A function's part of the migration stream. Config space is loaded into a
 * copy and checked before it replaces what is there: a bit that cmask marks
 * and a client cannot change must be the same on both sides.
 */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "migration/qemu-file-types.h"
#include "migration/vmstate.h"
#include "hw/pci/msi.h"
#include "internal.h"

static int put_config(QEMUFile *f, void *pv, size_t size, const VMStateField *field,
                      JSONWriter *vmdesc)
{
    PCIDevice *dev = pv;

    qemu_put_be32(f, pci_config_size(dev));
    qemu_put_buffer(f, dev->config, pci_config_size(dev));
    return 0;
}

static int check_config(const PCIDevice *dev, const uint8_t *fresh, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++) {
        uint8_t fixed = dev->cmask[i] & ~dev->wmask[i] & ~dev->w1cmask[i];

        if ((fresh[i] ^ dev->config[i]) & fixed) {
            error_report("%s: config byte 0x%x is 0x%02x in the stream and 0x%02x here: the "
                         "devices are not the same", dev->name, i, fresh[i], dev->config[i]);
            return -EINVAL;
        }
    }
    return 0;
}

static int get_config(QEMUFile *f, void *pv, size_t size, const VMStateField *field)
{
    PCIDevice *dev = pv;
    uint32_t want = pci_config_size(dev);
    g_autofree uint8_t *fresh = g_malloc0(want);
    int ret;

    if (qemu_get_be32(f) != want) {
        error_report("%s: the stream has a config space of another size", dev->name);
        return -EINVAL;
    }
    qemu_get_buffer(f, fresh, want);
    ret = qemu_file_get_error(f);
    if (!ret) {
        ret = check_config(dev, fresh, want);
    }
    if (!ret) {
        memcpy(dev->config, fresh, want);
    }
    return ret;
}

static const VMStateInfo config_info = {
    .name = "pci config",
    .get = get_config,
    .put = put_config,
};

/* The level is offered to the sink again by the intx update. */
static int pci_post_load(void *opaque, int version_id)
{
    PCIDevice *dev = opaque;

    dev->irq_state = dev->irq_state ? 1 << MAX(pci_intx(dev), 0) : 0;
    msi_post_load(dev);
    pci_config_apply_command(dev);
    return 0;
}

const VMStateDescription vmstate_pci_device = {
    .name = "PCIDevice",
    .version_id = 1,
    .minimum_version_id = 1,
    .post_load = pci_post_load,
    .fields = (const VMStateField[]) {
        {
            .name = "config",
            .info = &config_info,
            .flags = VMS_SINGLE,
            .size = sizeof(PCIDevice),
        },
        VMSTATE_UINT8(irq_state, PCIDevice),
        VMSTATE_UINT32(msi_pending, PCIDevice),
        VMSTATE_END_OF_LIST()
    },
};

void pci_device_save(PCIDevice *s, QEMUFile *f)
{
    vmstate_save_state_logged(f, &vmstate_pci_device, s, NULL);
}

int pci_device_load(PCIDevice *s, QEMUFile *f)
{
    return vmstate_load_state_logged(f, &vmstate_pci_device, s,
                                     vmstate_pci_device.version_id);
}
