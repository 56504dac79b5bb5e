/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Zoned namespaces: not made yet, so a namespace that asks for them is refused. */
#include "qemu/osdep.h"
#include "hw/nvme/nvme.h"
#include "qapi/error.h"

bool nvme_zones_new(NvmeNamespace *ns, Error **errp)
{
    error_setg(errp, "property 'zoned' of nvme-ns: zoned namespaces are not supported");
    return false;
}

void nvme_zones_free(NvmeNamespace *ns)
{
}

void nvme_zones_format(NvmeNamespace *ns)
{
}

void nvme_zones_identify(NvmeNamespace *ns, uint8_t page[4096])
{
}
