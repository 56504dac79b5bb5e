/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Identify Controller and what belongs to it: base 5.17.2.1, 5.17.2.6 and
 * NVM command set 4.1.5.4. What is optional is said from the tables of commands,
 * features and parameters, so that nothing is claimed that is not there.
 */
#include "qemu/osdep.h"
#include "qemu/cutils.h"
#include "hw/nvme/admin.h"
#include "hw/nvme/zns.h"

enum {
    CTRL_VID = 0, CTRL_SSVID = 2, CTRL_SN = 4, CTRL_MN = 24, CTRL_FR = 64, CTRL_IEEE = 73,
    CTRL_CMIC = 76, CTRL_MDTS = 77, CTRL_CNTLID = 78, CTRL_CTRATT = 96, CTRL_OACS = 256,
    CTRL_AERL = 259, CTRL_TNVMCAP = 280, CTRL_UNVMCAP = 296, CTRL_ONCS = 520, CTRL_FUSES = 522,
    CTRL_SUBNQN = 768,
};

static const NvmeConstant ctrl_constants[] = {
    { 72, 1, 6 },                       /* RAB: 64 commands */
    { 80, 4, NVME_VERSION },            /* VER */
    { 92, 4, NVME_OAES_NS_ATTRIBUTES | NVME_OAES_FW_ACTIVATION },   /* OAES */
    { CTRL_CTRATT, 4, 1 << 15 },        /* ELBAS: formats with a 64 bit guard */
    { 111, 1, 1 },                      /* CNTRLTYPE: I/O controller */
    { 258, 1, NVME_ACL },
    /* FRMW: slots, the first read only, activation without reset */
    { 260, 1, 1 | NVME_FW_SLOTS << 1 | 1 << 4 },
    /* LPA: SMART for a namespace, effects, extended data, and logs 00h, 12h and 13h */
    { 261, 1, 1 << 0 | 1 << 1 | 1 << 2 | 1 << 5 },
    { 262, 1, NVME_ELPE },
    { 266, 2, NVME_TEMPERATURE_WARNING },       /* WCTEMP */
    { 268, 2, NVME_TEMPERATURE_CRITICAL },      /* CCTEMP */
    { 319, 1, NVME_FW_GRANULARITY / 4096 },     /* FWUG */
    { 320, 2, NVME_KAS_MS / 100 },      /* KAS */
    { 512, 1, 0x66 },                   /* SQES: 64 bytes */
    { 513, 1, 0x44 },                   /* CQES: 16 bytes */
    { 516, 4, NVME_MAX_NAMESPACES },    /* NN */
    { 524, 1, 0 },                      /* FNA: format and erase are of one namespace */
    { 525, 1, 1 | 3 << 1 },             /* VWC: there is one; flush takes NSID FFFFFFFFh */
    { 530, 1, 0 },                      /* ICSVSCC */
    { 531, 1, 1 },                      /* NWPC: no protection, and protection */
    { 532, 2, 0xffff },                 /* ACWU: Compare and Write of any length is atomic */
    { 534, 2, 1 | 1 << 1 },             /* OCFS: Copy takes source ranges of formats 0h and 1h */
    /* SGLS: no alignment; bit buckets; metadata by SGL */
    { 536, 4, 1 | 1 << 16 | 1 << 19 },
    { 540, 4, NVME_MAX_NAMESPACES },    /* MNAN */
    /* Power state 0, the only one: 25.00 W; latencies of entry and exit */
    { 2048, 2, 2500 },
    { 2052, 4, 16 },
    { 2056, 4, 4 },
    { }
};

/* Text fields are padded with blanks. */
static void put_text(uint8_t *page, size_t offset, size_t bytes, const char *text)
{
    strpadcpy((char *)page + offset, bytes, text, ' ');
}

static bool io_command(uint8_t opcode)
{
    const NvmeCommand *rows = nvme_io_commands(NVME_CSI_NVM);

    return rows && rows[opcode].handler;
}

/* Optional NVM commands, and bits that say features: all of them are in features.c. */
static uint16_t optional_io(void)
{
    static const struct {
        uint8_t bit, opcode;
    } commands[] = {
        { 0, NVME_IO_COMPARE }, { 1, NVME_IO_WRITE_UNCORRECTABLE }, { 2, NVME_IO_DSM },
        { 3, NVME_IO_WRITE_ZEROES }, { 7, NVME_IO_VERIFY }, { 8, NVME_IO_COPY },
    };
    uint16_t oncs = 1 << 4;             /* save and select */

    for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
        oncs |= io_command(commands[i].opcode) << commands[i].bit;
    }
    return oncs | (nvme_feature(NVME_FEATURE_TIMESTAMP) ? 1 << 6 : 0);
}

static uint16_t optional_admin(NvmeCtrl *n)
{
    static const struct {
        uint8_t bit, opcode;
    } commands[] = {
        { 0, NVME_ADMIN_SECURITY_SEND }, { 1, NVME_ADMIN_FORMAT_NVM },
        { 2, NVME_ADMIN_FW_COMMIT }, { 3, NVME_ADMIN_NS_MANAGEMENT },
        { 4, NVME_ADMIN_SELF_TEST }, { 5, NVME_ADMIN_DIRECTIVE_SEND },
        { 8, NVME_ADMIN_DBBUF_CONFIG },
    };
    uint16_t oacs = 0;

    for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
        oacs |= (nvme_admin_effects(n, commands[i].opcode) != 0) << commands[i].bit;
    }
    return oacs;
}

static void put_capacity(NvmeCtrl *n, uint8_t *page)
{
    uint64_t total, free;

    nvme_subsys_capacity(n->subsys, &total, &free);
    nvme_put(page, CTRL_TNVMCAP, 8, total);
    nvme_put(page, CTRL_UNVMCAP, 8, free);
}

void nvme_fill_ctrl(NvmeCtrl *n, uint8_t *page)
{
    const uint8_t *config = n->parent_obj.config;
    char revision[9] = { 0 };

    nvme_put_constants(page, ctrl_constants);
    nvme_put(page, CTRL_VID, 2, pci_get_word(config + PCI_VENDOR_ID));
    nvme_put(page, CTRL_SSVID, 2, pci_get_word(config + PCI_SUBSYSTEM_VENDOR_ID));
    put_text(page, CTRL_SN, 20, n->params.serial);
    put_text(page, CTRL_MN, 40, "QEMU NVMe Ctrl");
    memcpy(revision, nvme_firmware_revision(n), 8);
    put_text(page, CTRL_FR, 8, revision);
    nvme_put(page, CTRL_IEEE, 3, n->params.use_intel_id ? 0x0002b3 : 0x525400);
    nvme_put(page, CTRL_CMIC, 1, n->subsys->private ? 0 : 1 << 1);
    nvme_put(page, CTRL_MDTS, 1, n->params.mdts);
    nvme_put(page, CTRL_CNTLID, 2, n->cntlid);
    nvme_put(page, CTRL_OACS, 2, optional_admin(n));
    nvme_put(page, CTRL_AERL, 1, n->params.aerl);
    put_capacity(n, page);
    nvme_put(page, CTRL_ONCS, 2, optional_io());
    nvme_put(page, CTRL_FUSES, 2, io_command(NVME_IO_COMPARE));
    strpadcpy((char *)page + CTRL_SUBNQN, 256, n->subsys->nqn, '\0');
}

uint16_t nvme_identify_ctrl(NvmeRequest *req)
{
    g_autofree uint8_t *page = g_malloc0(NVME_IDENTIFY_SIZE);

    nvme_fill_ctrl(req->ctrl, page);
    return nvme_send(req, page, NVME_IDENTIFY_SIZE);
}

/* NVM: VSL and the limits of DSM and write zeroes, 0: none but those of the fields. */
static void fill_ctrl_nvm(NvmeCtrl *n, uint8_t *page)
{
    nvme_put(page, 0, 1, n->params.vsl);
}

uint16_t nvme_identify_ctrl_csi(NvmeRequest *req)
{
    g_autofree uint8_t *page = g_malloc0(NVME_IDENTIFY_SIZE);
    uint8_t csi = le32_to_cpu(req->cmd.cdw11) >> 24;

    if (!nvme_io_commands(csi)) {
        return NVME_INVALID_FIELD | NVME_DNR;
    }
    if (csi == NVME_CSI_ZONED) {
        nvme_zns_fill_ctrl(req->ctrl, page);
    } else {
        fill_ctrl_nvm(req->ctrl, page);
    }
    return nvme_send(req, page, NVME_IDENTIFY_SIZE);
}
