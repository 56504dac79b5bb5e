/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Admin commands by their numbers, for tests of the admin side. Opcodes, offsets
 * and codes are written here and in the tests as the specification has them, not
 * taken from the controller's headers.
 */
#ifndef TESTS_UNIT_HW_NVME_ADMIN_RIG_H
#define TESTS_UNIT_HW_NVME_ADMIN_RIG_H

#include "nvme-rig.h"

enum {
    OK = 0, INVALID_OPCODE = 0x01, INVALID_FIELD = 0x02, INVALID_NSID = 0x0b,
    SEQUENCE_ERROR = 0x0c, WRITE_PROTECTED = 0x20, FORMATTING = 0x84, AER_LIMIT = 0x105,
    INVALID_SLOT = 0x106, INVALID_IMAGE = 0x107, INVALID_LOG = 0x109, INVALID_FORMAT = 0x10a,
    NOT_SAVEABLE = 0x10d, NOT_CHANGEABLE = 0x10e, NOT_OF_NS = 0x10f, OVERLAP = 0x114,
    NO_CAPACITY = 0x115, ALREADY_ATTACHED = 0x118, NS_PRIVATE = 0x119, NOT_ATTACHED = 0x11a,
    NO_THIN = 0x11b, BAD_LIST = 0x11c, IOCS_UNSUPPORTED = 0x129, IOCS_REJECTED = 0x12b,
    INVALID_IOCS = 0x12c,
};

#define ALL_NS 0xffffffffu

/* A page of the client's memory for one command at a time. */
static inline uint64_t rig_page(NvmeRig *rig)
{
    return RIG_RAM_BASE + RIG_RAM_SIZE - 4 * NVME_RIG_PAGE;
}

static inline uint8_t *rig_page_at(NvmeRig *rig)
{
    return nvme_rig_at(rig, rig_page(rig));
}

static inline NvmeSqe admin_cmd(NvmeRig *rig, uint8_t opcode, uint32_t nsid, uint32_t cdw10,
                                uint32_t cdw11)
{
    NvmeSqe cmd = nvme_cmd(opcode, nsid);

    cmd.cdw10 = cpu_to_le32(cdw10);
    cmd.cdw11 = cpu_to_le32(cdw11);
    cmd.dptr[0] = cpu_to_le64(rig_page(rig));
    return cmd;
}

static inline uint16_t admin(NvmeRig *rig, uint8_t opcode, uint32_t nsid, uint32_t cdw10,
                             uint32_t cdw11)
{
    return nvme_rig_status(rig, &rig->admin, admin_cmd(rig, opcode, nsid, cdw10, cdw11));
}

/* ---- identify ---- */

static inline uint16_t identify_status(NvmeRig *rig, uint32_t cns, uint32_t nsid, uint32_t cdw11)
{
    memset(rig_page_at(rig), 0xaa, NVME_RIG_PAGE);
    return admin(rig, 0x06, nsid, cns, cdw11);
}

static inline const uint8_t *identify(NvmeRig *rig, uint32_t cns, uint32_t nsid, uint8_t csi)
{
    g_assert_cmphex(identify_status(rig, cns, nsid, (uint32_t)csi << 24), ==, OK);
    return rig_page_at(rig);
}

static inline uint64_t field(const uint8_t *page, unsigned offset, unsigned bytes)
{
    uint64_t value = 0;

    for (unsigned i = bytes; i-- > 0;) {
        value = value << 8 | page[offset + i];
    }
    return value;
}

#define assert_field(page, offset, bytes, value) \
    g_assert_cmphex(field(page, offset, bytes), ==, (uint64_t)(value))

static inline bool all_zero(const uint8_t *from, size_t bytes)
{
    return bytes == 0 || (from[0] == 0 && memcmp(from, from + 1, bytes - 1) == 0);
}

/* ---- log pages ---- */

static inline NvmeSqe log_cmd(NvmeRig *rig, uint8_t lid, uint32_t bytes, uint64_t offset)
{
    uint32_t dwords = bytes / 4 - 1;
    NvmeSqe cmd = admin_cmd(rig, 0x02, ALL_NS, lid | dwords << 16, dwords >> 16);

    cmd.cdw12 = cpu_to_le32(offset);
    cmd.cdw13 = cpu_to_le32(offset >> 32);
    return cmd;
}

static inline const uint8_t *get_log(NvmeRig *rig, uint8_t lid, uint32_t bytes)
{
    memset(rig_page_at(rig), 0xaa, NVME_RIG_PAGE);
    g_assert_cmphex(nvme_rig_status(rig, &rig->admin, log_cmd(rig, lid, bytes, 0)), ==, OK);
    return rig_page_at(rig);
}

/* ---- features ---- */

static inline uint16_t set_feature(NvmeRig *rig, uint8_t fid, uint32_t nsid, uint32_t value)
{
    return admin(rig, 0x09, nsid, fid, value);
}

/* select: 0 current, 1 default, 2 saved, 3 capabilities */
static inline NvmeCqe get_feature_cqe(NvmeRig *rig, uint8_t fid, uint32_t nsid, unsigned select,
                                      uint32_t cdw11)
{
    return nvme_rig_do(rig, &rig->admin,
                       admin_cmd(rig, 0x0a, nsid, fid | select << 8, cdw11));
}

static inline uint32_t get_feature(NvmeRig *rig, uint8_t fid, uint32_t nsid, unsigned select,
                                   uint32_t cdw11)
{
    NvmeCqe cqe = get_feature_cqe(rig, fid, nsid, select, cdw11);

    g_assert_cmphex(nvme_cqe_status(cqe), ==, OK);
    return le32_to_cpu(cqe.dw0);
}

static inline uint16_t get_feature_status(NvmeRig *rig, uint8_t fid, uint32_t nsid,
                                          unsigned select, uint32_t cdw11)
{
    return nvme_cqe_status(get_feature_cqe(rig, fid, nsid, select, cdw11));
}

/* ---- events ---- */

/* One more event request; true: it was answered at once, into *dw0. */
static inline bool request_event(NvmeRig *rig, uint32_t *dw0)
{
    NvmeCqe cqe;

    *dw0 = UINT32_MAX;
    nvme_rig_submit(rig, &rig->admin, nvme_cmd(0x0c, 0));
    rig_run();
    if (!nvme_rig_reap(rig, &rig->admin, &cqe)) {
        return false;
    }
    g_assert_cmphex(nvme_cqe_status(cqe), ==, OK);
    *dw0 = le32_to_cpu(cqe.dw0);
    return true;
}

/* The event that has come; 0xffffffff: none has. */
static inline uint32_t next_event(NvmeRig *rig)
{
    NvmeCqe cqe;

    rig_run();
    if (!nvme_rig_reap(rig, &rig->admin, &cqe)) {
        return UINT32_MAX;
    }
    g_assert_cmphex(nvme_cqe_status(cqe), ==, OK);
    return le32_to_cpu(cqe.dw0);
}

/* ---- devices ---- */

static inline void add_null_node(const char *name, uint64_t bytes)
{
    g_autofree char *json = g_strdup_printf("{'driver': 'null-co', 'node-name': '%s', 'size': %"
                                            PRIu64 ", 'read-zeroes': true}", name, bytes);

    nvme_rig_add_node(json);
}

/* A device with "name=value,..." on a bus, or without one; NULL with *err set. */
static inline DeviceState *try_device(const char *type, const char *id, BusState *bus,
                                      const char *props, Error **errp)
{
    g_auto(GStrv) list = g_strsplit(props ?: "", ",", -1);
    DeviceState *dev = qdev_new(type);

    qdev_set_id(dev, g_strdup(id), &error_abort);
    for (char **p = list; *p && **p; p++) {
        g_auto(GStrv) pair = g_strsplit(*p, "=", 2);

        object_property_parse(OBJECT(dev), pair[0], pair[1], &error_abort);
    }
    if (qdev_realize(dev, bus, errp)) {
        return dev;
    }
    object_unparent(OBJECT(dev));
    object_unref(OBJECT(dev));
    return NULL;
}

static inline DeviceState *add_device(const char *type, const char *id, BusState *bus,
                                      const char *props)
{
    return try_device(type, id, bus, props, &error_abort);
}

static inline void remove_device(DeviceState *dev)
{
    object_unparent(OBJECT(dev));
    object_unref(OBJECT(dev));
}

static inline DeviceState *add_ns(NvmeRig *rig, const char *id, const char *props)
{
    return add_device("nvme-ns", id, nvme_rig_ctrl(rig)->bus, props);
}

/* The message with which a namespace is refused; the caller frees it. */
static inline char *ns_error(NvmeRig *rig, const char *props)
{
    Error *err = NULL;
    g_autofree char *text = NULL;

    g_assert_null(try_device("nvme-ns", "bad", nvme_rig_ctrl(rig)->bus, props, &err));
    text = g_strdup(error_get_pretty(err));
    error_free(err);
    return g_steal_pointer(&text);
}

#endif
