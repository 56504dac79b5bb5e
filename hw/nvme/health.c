/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SMART / health information: base 5.16.1.3. What is moved is counted by namespace
 * (nvme_count_io), what happens to the controller here. Time is virtual time: a
 * stopped machine has no power on hours.
 */
#include "qemu/osdep.h"
#include "qemu/timer.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "hw/nvme/health.h"

enum {
    WARN_SPARE = 1 << 0, WARN_TEMPERATURE = 1 << 1, WARN_RELIABILITY = 1 << 2,
    WARN_READ_ONLY = 1 << 3, WARN_BACKUP = 1 << 4, WARN_PMR = 1 << 5,
};

#define MS_PER_HOUR (3600 * 1000ULL)

/* ---- counting ---- */

void nvme_count_io(NvmeNamespace *ns, BlockOp op, uint64_t bytes)
{
    unsigned way = op == BLOCK_OP_WRITE;

    ns->stats->commands[way]++;
    ns->stats->bytes[way] += bytes;
}

void nvme_count_media_error(NvmeNamespace *ns)
{
    ns->stats->media_errors++;
}

static void add_stats(NvmeNsStats *sum, const NvmeNsStats *stats)
{
    for (unsigned way = 0; way < 2; way++) {
        sum->commands[way] += stats->commands[way];
        sum->bytes[way] += stats->bytes[way];
    }
    sum->media_errors += stats->media_errors;
}

void nvme_stats_new(NvmeNamespace *ns)
{
    ns->stats = g_new0(NvmeNsStats, 1);
}

void nvme_stats_free(NvmeNamespace *ns)
{
    if (ns->stats && ns->subsys && ns->subsys->retired) {
        add_stats(ns->subsys->retired, ns->stats);
    }
    g_clear_pointer(&ns->stats, g_free);
}

/* Of a namespace, or of all that the subsystem has and had. */
static NvmeNsStats sum_stats(NvmeCtrl *n, NvmeNamespace *ns)
{
    NvmeNamespace **all = n->subsys->namespaces;
    NvmeNsStats sum = { 0 };

    if (ns) {
        return *ns->stats;
    }
    add_stats(&sum, n->subsys->retired);
    for (ns = nvme_next_ns(all, 0); ns; ns = nvme_next_ns(all, ns->nsid)) {
        add_stats(&sum, ns->stats);
    }
    return sum;
}

/* ---- the page ---- */

static uint64_t powered_ms(const NvmeHealth *h)
{
    return h->powered_before + (qemu_clock_get_ms(QEMU_CLOCK_VIRTUAL) - h->powered_since);
}

/* Thousands of 512 bytes, rounded up. */
static uint64_t data_units(uint64_t bytes)
{
    return DIV_ROUND_UP(DIV_ROUND_UP(bytes, 512), 1000);
}

static bool read_only_medium(NvmeCtrl *n)
{
    NvmeNamespace *ns = nvme_next_ns(n->namespaces, 0);

    for (; ns; ns = nvme_next_ns(n->namespaces, ns->nsid)) {
        if (ns->writable) {
            return false;
        }
    }
    return nvme_next_ns(n->namespaces, 0) != NULL;
}

uint16_t nvme_log_fill_smart(NvmeRequest *req, uint8_t *page)
{
    NvmeCtrl *n = req->ctrl;
    NvmeHealth *h = n->health;
    NvmeNsStats stats = sum_stats(n, req->ns);

    nvme_put(page, 0, 1, h->critical_warning | (read_only_medium(n) ? WARN_READ_ONLY : 0));
    nvme_put(page, 1, 2, NVME_TEMPERATURE);
    nvme_put(page, 3, 1, 100);                          /* available spare, percent */
    nvme_put(page, 4, 1, 10);                           /* its threshold */
    nvme_put(page, 32, 8, data_units(stats.bytes[0]));
    nvme_put(page, 48, 8, data_units(stats.bytes[1]));
    nvme_put(page, 64, 8, stats.commands[0]);
    nvme_put(page, 80, 8, stats.commands[1]);
    nvme_put(page, 112, 8, h->power_cycles);
    nvme_put(page, 128, 8, powered_ms(h) / MS_PER_HOUR);
    nvme_put(page, 144, 8, h->unsafe_shutdowns);
    nvme_put(page, 160, 8, stats.media_errors);
    nvme_put(page, 176, 8, h->errors);
    return NVME_SUCCESS;
}

/* ---- warnings ---- */

static uint8_t event_of(uint8_t warning)
{
    return warning == WARN_SPARE ? NVME_SMART_SPARE :
           warning == WARN_TEMPERATURE ? NVME_SMART_TEMPERATURE : NVME_SMART_RELIABILITY;
}

/* Those that are new, as far as feature 0Bh lets them through. */
static void set_warning(NvmeCtrl *n, uint8_t warning)
{
    NvmeHealth *h = n->health;
    uint8_t news = warning & ~h->critical_warning & n->features->value[NVME_FEATURE_EVENTS];

    h->critical_warning = warning;
    for (; news; news &= news - 1) {
        nvme_event(n, NVME_EVENT_SMART, event_of(news & -news), NVME_LOG_SMART);
    }
}

void nvme_health_check_temperature(NvmeCtrl *n)
{
    const NvmeFeatures *f = n->features;
    bool out = NVME_TEMPERATURE >= f->over || NVME_TEMPERATURE <= f->under;
    uint8_t others = n->health->critical_warning & ~WARN_TEMPERATURE;

    set_warning(n, others | (out ? WARN_TEMPERATURE : 0));
}

static void get_warning(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
    NvmeCtrl *n = NVME(obj);
    uint8_t value = n->health ? n->health->critical_warning : 0;

    visit_type_uint8(v, name, &value, errp);
}

static void set_warning_property(Object *obj, Visitor *v, const char *name, void *opaque,
                                 Error **errp)
{
    NvmeCtrl *n = NVME(obj);
    uint8_t value, known = WARN_SPARE | WARN_TEMPERATURE | WARN_RELIABILITY | WARN_READ_ONLY |
                           WARN_BACKUP | WARN_PMR;

    if (!visit_type_uint8(v, name, &value, errp)) {
        return;
    }
    if (!n->health) {
        error_setg(errp, "%s can be set once the device is realized: use qom-set", name);
    } else if (value & ~known) {
        error_setg(errp, "%s=%u is out of range: bits 0 to 5 have a meaning", name, value);
    } else {
        set_warning(n, value);
    }
}

void nvme_health_add_properties(Object *obj)
{
    object_property_add(obj, "smart_critical_warning", "uint8", get_warning,
                        set_warning_property, NULL, NULL);
}

/* ---- life ---- */

void nvme_health_new(NvmeCtrl *n)
{
    n->health = g_new0(NvmeHealth, 1);
    n->health->powered_since = qemu_clock_get_ms(QEMU_CLOCK_VIRTUAL);
}

void nvme_health_free(NvmeCtrl *n)
{
    g_clear_pointer(&n->health, g_free);
}

void nvme_health_reset(NvmeCtrl *n)
{
    nvme_health_check_temperature(n);
}

/* The reset at the end of realize is the first one. */
void nvme_health_power_cycle(NvmeCtrl *n, bool clean)
{
    NvmeHealth *h = n->health;

    h->power_cycles++;
    h->unsafe_shutdowns += !clean;
}

static int health_pre_save(void *opaque)
{
    NvmeHealth *h = opaque;

    h->powered_before = powered_ms(h);
    h->powered_since = qemu_clock_get_ms(QEMU_CLOCK_VIRTUAL);
    return 0;
}

static int health_post_load(void *opaque, int version_id)
{
    NvmeHealth *h = opaque;

    h->powered_since = qemu_clock_get_ms(QEMU_CLOCK_VIRTUAL);
    h->next %= ARRAY_SIZE(h->log);
    return 0;
}

static const VMStateDescription vmstate_error = {
    .name = "nvme/health/error",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT64(count, NvmeErrorEntry),
        VMSTATE_UINT64(lba, NvmeErrorEntry),
        VMSTATE_UINT32(nsid, NvmeErrorEntry),
        VMSTATE_UINT16(sqid, NvmeErrorEntry),
        VMSTATE_UINT16(cid, NvmeErrorEntry),
        VMSTATE_UINT16(status, NvmeErrorEntry),
        VMSTATE_END_OF_LIST()
    }
};

static const VMStateDescription vmstate_counters = {
    .name = "nvme/health/counters",
    .version_id = 1,
    .minimum_version_id = 1,
    .pre_save = health_pre_save,
    .post_load = health_post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT8(critical_warning, NvmeHealth),
        VMSTATE_UINT64(power_cycles, NvmeHealth),
        VMSTATE_UINT64(unsafe_shutdowns, NvmeHealth),
        VMSTATE_UINT64(powered_before, NvmeHealth),
        VMSTATE_UINT64(errors, NvmeHealth),
        VMSTATE_UINT32(next, NvmeHealth),
        VMSTATE_STRUCT_ARRAY(log, NvmeHealth, NVME_ELPE + 1, 1, vmstate_error, NvmeErrorEntry),
        VMSTATE_END_OF_LIST()
    }
};

const VMStateDescription nvme_vmstate_health = {
    .name = "nvme/health",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_STRUCT_POINTER(health, NvmeCtrl, vmstate_counters, NvmeHealth),
        VMSTATE_END_OF_LIST()
    }
};
