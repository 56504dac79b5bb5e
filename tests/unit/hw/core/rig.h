/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bus and devices for the tests of hw/core.  A device writes what happens to
 * it into one log, and can be told to fail.
 */
#ifndef HW_CORE_RIG_H
#define HW_CORE_RIG_H

#include "hw/qdev-properties-system.h"
#include "qemu/uuid.h"

#define TYPE_RIG_BUS "rig-bus"
OBJECT_DECLARE_SIMPLE_TYPE(RigBus, RIG_BUS)

/* A hot-plug handler for itself. */
struct RigBus {
    BusState parent_obj;
    bool refuse_plug;
    bool ask_guest;         /* unplug_request instead of unplug */
};

#define TYPE_RIG_DEV "rig-dev"
OBJECT_DECLARE_SIMPLE_TYPE(RigDev, RIG_DEV)

struct RigDev {
    DeviceState parent_obj;

    bool fail_realize;
    bool with_bus;
    RigBus inner;

    bool boolean;
    uint32_t bits;
    uint64_t bits64;
    uint8_t u8;
    uint16_t u16;
    uint32_t u32;
    uint64_t u64;
    int32_t i32;
    int64_t i64;
    uint64_t size;
    uint32_t size32;
    char *text;
    OnOffAuto ooa;
    MACAddr mac;
    QemuUUID uuid;
    int32_t addr;
    uint32_t num_ports;
    char **ports;
    uint32_t num_bytes;
    uint8_t *bytes;
    Object *peer;
    uint64_t masked;
    void *netdev;
};

/* A parent bus (no device above) and what happened, "event:id " each. */
extern BusState *rig_root;
extern GString *rig_log;
extern int rig_alive;

void rig_init(void);
void rig_fini(void);
/* A new, unrealized device with that id. */
RigDev *rig_new(const char *id);
/* The log is as expected; and is emptied. */
void rig_expect(const char *log);
/* @err says @why; it is freed. */
void rig_expect_error(Error **err, const char *why);

#endif
