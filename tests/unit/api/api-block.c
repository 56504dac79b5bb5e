/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A model in the manner of QEMU's disk controllers: a drive by property, block
 * sizes and geometry, requests by DMA and from a buffer of its own, errors by the
 * drive's policy, a medium that can be locked and thrown out, resizing.
 *
 *     0x00 w   command: see commands[]
 *     0x04     sector
 *     0x08     sectors
 *     0x0c     address of the data
 *     0x10 r   requests that ended
 *     0x14 r   errno of the last one, 0: none; 0x10000: cancelled while it ran
 *     0x18 r   sectors of the medium
 *     0x1c r   bit 0: write cache, 1: writable, 2: a medium is there, 3: locked,
 *              4: thrown out, 7-4 of byte 1: log2 of physical in logical blocks
 *     0x20 r   how often the medium was resized
 *     0x24 r   cylinders
 *     0x28 r   what lies at the sector: 1 data, 2 zeroes
 *     0x2c r   first word of the buffer                 w   fills it
 */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "qemu/iov.h"
#include "qemu/main-loop.h"
#include "qemu/memalign.h"
#include "qemu/module.h"
#include "block/accounting.h"
#include "block/aio.h"
#include "block/block.h"
#include "hw/block/block.h"
#include "hw/pci/pci_device.h"
#include "hw/qdev-properties.h"
#include "hw/qdev-properties-system.h"
#include "qapi/error.h"
#include "sysemu/block-backend.h"
#include "sysemu/blockdev.h"
#include "sysemu/dma.h"
#include "sysemu/replay.h"

#define TYPE_API_BLOCK "api-block"
OBJECT_DECLARE_SIMPLE_TYPE(ApiBlockState, API_BLOCK)

enum { BUFFER = 4096 };

struct ApiBlockState {
    PCIDevice parent_obj;
    MemoryRegion regs;
    BlockConf conf;
    int bios_trans;
    BlockBackend *empty;        /* as a floppy drive without a floppy */
    BlockAIOCB *acb;
    BlockAcctCookie acct;
    QEMUSGList sgl;
    QEMUIOVector qiov;
    QEMUBH *bh;
    EventNotifier notifier;
    void *buf;
    uint32_t sector, count, addr, ended, error, resizes;
    bool is_read, locked, out, notified;
};

/* ---- the drive tells ---- */

static void block_resized(void *opaque)
{
    ((ApiBlockState *)opaque)->resizes++;
}

static void block_medium(void *opaque, bool load, Error **errp)
{
    ((ApiBlockState *)opaque)->out = !load;
}

static void block_eject_wanted(void *opaque, bool force)
{
    ApiBlockState *s = opaque;

    if (force || !s->locked) {
        s->out = true;
    }
}

static bool block_is_locked(void *opaque)
{
    return ((ApiBlockState *)opaque)->locked;
}

static bool block_is_out(void *opaque)
{
    return ((ApiBlockState *)opaque)->out;
}

static const BlockDevOps block_ops = {
    .resize_cb = block_resized,
    .change_media_cb = block_medium,
    .eject_request_cb = block_eject_wanted,
    .is_medium_locked = block_is_locked,
    .is_tray_open = block_is_out,
};

/* ---- requests ---- */

static void block_end(ApiBlockState *s, int ret)
{
    s->acb = NULL;
    s->error = -ret;
    s->ended++;
}

static void block_done(void *opaque, int ret)
{
    ApiBlockState *s = opaque;
    BlockAcctStats *stats = blk_get_stats(s->conf.blk);

    if (ret < 0) {
        BlockErrorAction action = blk_get_error_action(s->conf.blk, s->is_read, -ret);

        blk_error_action(s->conf.blk, action, s->is_read, -ret);
        block_acct_failed(stats, &s->acct);
        ret = action == BLOCK_ERROR_ACTION_IGNORE ? 0 : ret;
    } else {
        block_acct_done(stats, &s->acct);
    }
    if (s->sgl.sg) {
        qemu_sglist_destroy(&s->sgl);
    }
    block_end(s, ret);
}

static void block_begin(ApiBlockState *s, bool is_read, enum BlockAcctType type)
{
    s->is_read = is_read;
    block_acct_start(blk_get_stats(s->conf.blk), &s->acct,
                     (int64_t)s->count << BDRV_SECTOR_BITS, type);
}

static uint64_t block_offset(ApiBlockState *s)
{
    return s->sector * (uint64_t)BDRV_SECTOR_SIZE;
}

static void block_sg(ApiBlockState *s)
{
    pci_dma_sglist_init(&s->sgl, PCI_DEVICE(s), 2);
    qemu_sglist_add(&s->sgl, s->addr, BDRV_SECTOR_SIZE);
    if (s->count > 1) {
        qemu_sglist_add(&s->sgl, s->addr + BDRV_SECTOR_SIZE,
                        ((uint64_t)s->count - 1) * BDRV_SECTOR_SIZE);
    }
}

static void block_dma_read(ApiBlockState *s)
{
    block_sg(s);
    s->is_read = true;
    dma_acct_start(s->conf.blk, &s->acct, &s->sgl, BLOCK_ACCT_READ);
    s->acb = dma_blk_read(s->conf.blk, &s->sgl, block_offset(s), BDRV_SECTOR_SIZE, block_done, s);
}

static void block_dma_write(ApiBlockState *s)
{
    block_sg(s);
    s->is_read = false;
    dma_acct_start(s->conf.blk, &s->acct, &s->sgl, BLOCK_ACCT_WRITE);
    s->acb = dma_blk_write(s->conf.blk, &s->sgl, block_offset(s), BDRV_SECTOR_SIZE, block_done, s);
}

static BlockAIOCB *block_trim(int64_t offset, QEMUIOVector *iov, BlockCompletionFunc *cb,
                              void *cb_opaque, void *opaque)
{
    ApiBlockState *s = opaque;
    BdrvRequestFlags flags = BDRV_REQ_MAY_UNMAP;

    return blk_aio_pwrite_zeroes(s->conf.blk, block_offset(s), iov->size, flags, cb, cb_opaque);
}

/* The list is read, and says how much is to be zeroed. */
static void block_dma_trim(ApiBlockState *s)
{
    block_sg(s);
    block_begin(s, false, BLOCK_ACCT_UNMAP);
    s->acb = dma_blk_io(blk_get_aio_context(s->conf.blk), &s->sgl, 0, BDRV_SECTOR_SIZE,
                        block_trim, s, block_done, s, DMA_DIRECTION_TO_DEVICE);
}

static void block_buffer_read(ApiBlockState *s)
{
    block_begin(s, true, BLOCK_ACCT_READ);
    qemu_iovec_init_buf(&s->qiov, s->buf, BDRV_SECTOR_SIZE);
    s->acb = blk_aio_preadv(s->conf.blk, block_offset(s), &s->qiov, 0, block_done, s);
}

static void block_buffer_write(ApiBlockState *s)
{
    block_begin(s, false, BLOCK_ACCT_WRITE);
    qemu_iovec_init_buf(&s->qiov, s->buf, BDRV_SECTOR_SIZE);
    s->acb = blk_aio_pwritev(s->conf.blk, block_offset(s), &s->qiov, 0, block_done, s);
}

static void block_flush(ApiBlockState *s)
{
    block_begin(s, false, BLOCK_ACCT_FLUSH);
    s->acb = blk_aio_flush(s->conf.blk, block_done, s);
}

static void block_discard(ApiBlockState *s)
{
    block_begin(s, false, BLOCK_ACCT_UNMAP);
    s->acb = blk_aio_pdiscard(s->conf.blk, block_offset(s),
                              (int64_t)s->count << BDRV_SECTOR_BITS, block_done, s);
}

static void block_abort(ApiBlockState *s)
{
    block_begin(s, false, BLOCK_ACCT_WRITE);
    s->acb = blk_abort_aio_request(s->conf.blk, block_done, s, -ENOSPC);
}

static void block_cancel(ApiBlockState *s)
{
    if (s->acb) {
        blk_aio_cancel(s->acb);
        s->error |= 0x10000;
    }
}

static void block_cancel_async(ApiBlockState *s)
{
    if (s->acb) {
        blk_aio_cancel_async(s->acb);
    }
}

static void block_refuse(ApiBlockState *s)
{
    block_acct_invalid(blk_get_stats(s->conf.blk), BLOCK_ACCT_WRITE);
    block_end(s, -EINVAL);
}

/* ---- a handle of the model's own ---- */

typedef struct ApiBlockTask {
    BlockAIOCB common;
    ApiBlockState *s;
    QEMUBH *bh;
    int ret;
} ApiBlockTask;

static void block_task_end(void *opaque)
{
    ApiBlockTask *task = opaque;

    task->common.cb(task->common.opaque, task->ret);
    qemu_bh_delete(task->bh);
    blk_dec_in_flight(task->s->conf.blk);
    qemu_aio_unref(task);
}

static void block_task_cancel(BlockAIOCB *acb)
{
    ApiBlockTask *task = container_of(acb, ApiBlockTask, common);

    task->ret = -ECANCELED;
    qemu_bh_schedule(task->bh);
}

static const AIOCBInfo block_task_info = {
    .aiocb_size = sizeof(ApiBlockTask),
    .cancel_async = block_task_cancel,
};

static void block_own_task(ApiBlockState *s)
{
    ApiBlockTask *task = s->count & 1 ?
        qemu_aio_get(&block_task_info, blk_bs(s->conf.blk), block_done, s) :
        blk_aio_get(&block_task_info, s->conf.blk, block_done, s);

    block_begin(s, false, BLOCK_ACCT_UNMAP);
    blk_inc_in_flight(s->conf.blk);
    task->s = s;
    task->bh = qemu_bh_new_guarded(block_task_end, task, &DEVICE(s)->mem_reentrancy_guard);
    s->acb = &task->common;
    replay_bh_schedule_event(task->bh);
}

/* ---- the medium ---- */

static void block_lock(ApiBlockState *s)
{
    s->locked = !s->locked;
    blk_lock_medium(s->conf.blk, s->locked);
}

static void block_throw_out(ApiBlockState *s)
{
    s->out = !s->out;
    blk_eject(s->conf.blk, s->out);
}

static void block_toggle_cache(ApiBlockState *s)
{
    blk_set_enable_write_cache(s->conf.blk, !blk_enable_write_cache(s->conf.blk));
}

static void block_drain_own(ApiBlockState *s)
{
    blk_drain(s->conf.blk);
}

static void block_later(void *opaque)
{
    ((ApiBlockState *)opaque)->ended++;
}

static void block_oneshot(ApiBlockState *s)
{
    replay_bh_schedule_oneshot_event(blk_get_aio_context(s->conf.blk), block_later, s);
}

static void (*const commands[])(ApiBlockState *s) = {
    block_dma_read, block_dma_write, block_dma_trim, block_buffer_read,         /* 0 to 3 */
    block_buffer_write, block_flush, block_discard, block_abort,                /* 4 to 7 */
    block_cancel, block_cancel_async, block_refuse, block_own_task,             /* 8 to 11 */
    block_lock, block_throw_out, block_toggle_cache, block_drain_own,           /* 12 to 15 */
    block_oneshot,                                                              /* 16 */
};

/* ---- registers ---- */

static uint32_t block_flags(ApiBlockState *s)
{
    return blk_enable_write_cache(s->conf.blk) | blk_is_writable(s->conf.blk) << 1 |
           blk_is_inserted(s->conf.blk) << 2 | s->locked << 3 | s->out << 4 |
           get_physical_block_exp(&s->conf) << 12;
}

static uint32_t block_what(ApiBlockState *s)
{
    int64_t bytes;
    int ret = bdrv_block_status(blk_bs(s->conf.blk), block_offset(s), BDRV_SECTOR_SIZE, &bytes,
                                NULL, NULL);

    return ret < 0 ? 0 : ret & (BDRV_BLOCK_DATA | BDRV_BLOCK_ZERO);
}

static uint64_t block_read(void *opaque, hwaddr addr, unsigned size)
{
    ApiBlockState *s = opaque;
    uint64_t sectors;

    blk_get_geometry(s->conf.blk, &sectors);
    switch (addr) {
    case 0x04: return s->sector;
    case 0x08: return s->count;
    case 0x0c: return s->addr;
    case 0x10: return s->ended;
    case 0x14: return s->error;
    case 0x18: return sectors;
    case 0x1c: return block_flags(s);
    case 0x20: return s->resizes;
    case 0x24: return s->conf.cyls;
    case 0x28: return block_what(s);
    case 0x2c: return *(uint32_t *)s->buf;
    case 0x30: return s->notified;
    default: return ~0u;
    }
}

static void block_write(void *opaque, hwaddr addr, uint64_t val, unsigned size)
{
    ApiBlockState *s = opaque;

    switch (addr) {
    case 0x00:
        if (val < ARRAY_SIZE(commands)) {
            commands[val](s);
        }
        break;
    case 0x04: s->sector = val; break;
    case 0x08: s->count = val; break;
    case 0x0c: s->addr = val; break;
    case 0x2c: memset(s->buf, val, BUFFER); break;
    case 0x30: event_notifier_set(&s->notifier); break;
    }
}

static const MemoryRegionOps block_regs = {
    .read = block_read,
    .write = block_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 4, .max_access_size = 4 },
};

static void block_notified(EventNotifier *notifier)
{
    ApiBlockState *s = container_of(notifier, ApiBlockState, notifier);

    s->notified = event_notifier_test_and_clear(notifier);
}

/* ---- life ---- */

/* What boards do with a drive that is theirs by its place: here there is none. */
static void block_look_for_old_drives(void)
{
    DriveInfo *dinfo = drive_get_by_index(IF_IDE, 0);

    if (dinfo) {
        warn_report("drive '%s' is not used", blk_name(blk_by_legacy_dinfo(dinfo)));
    }
}

static bool block_take_drive(ApiBlockState *s, Error **errp)
{
    BlockBackend *blk = s->conf.blk;
    bool readonly = !blk_supports_write_perm(blk);
    BlockDriverInfo info;

    if (!blkconf_blocksizes(&s->conf, errp) ||
        !blkconf_geometry(&s->conf, &s->bios_trans, 65535, 16, 255, errp) ||
        !blkconf_apply_backend_options(&s->conf, readonly, true, errp)) {
        return false;
    }
    if (blk_getlength(blk) > BDRV_REQUEST_MAX_BYTES) {
        error_setg(errp, "a medium of more than %" PRId64 " bytes is too much",
                   (int64_t)BDRV_REQUEST_MAX_BYTES);
        return false;
    }
    if (bdrv_get_info(blk_bs(blk), &info) < 0 || info.is_dirty) {
        error_setg_errno(errp, EIO, "the medium is not clean");
        return false;
    }
    blk_set_dev_ops(blk, &block_ops, s);
    blk_iostatus_enable(blk);
    return blk_pread(blk, 0, BDRV_SECTOR_SIZE, s->buf, 0) == 0;
}

static void block_realize(PCIDevice *dev, Error **errp)
{
    ApiBlockState *s = API_BLOCK(dev);

    if (!s->conf.blk) {
        error_setg(errp, "drive property not set");
        return;
    }
    s->buf = blk_blockalign(s->conf.blk, BUFFER);
    if (!block_take_drive(s, errp)) {
        qemu_vfree(s->buf);
        return;
    }
    block_look_for_old_drives();
    s->empty = blk_new(qemu_get_aio_context(), 0, BLK_PERM_ALL);
    blk_ref(s->empty);
    blk_attach_dev(s->empty, DEVICE(dev));
    event_notifier_init(&s->notifier, 0);
    event_notifier_set_handler(&s->notifier, block_notified);
    memory_region_init_io(&s->regs, OBJECT(s), &block_regs, s, "api-block", 4096);
    pci_register_bar(dev, 0, PCI_BASE_ADDRESS_SPACE_MEMORY, &s->regs);
}

static void block_exit(PCIDevice *dev)
{
    ApiBlockState *s = API_BLOCK(dev);

    if (s->acb) {
        blk_aio_cancel(s->acb);
    }
    blk_drain_all();
    blk_flush(s->conf.blk);
    blk_set_dev_ops(s->conf.blk, NULL, NULL);
    blk_detach_dev(s->empty, DEVICE(dev));
    blk_unref(s->empty);
    blk_unref(s->empty);
    event_notifier_set_handler(&s->notifier, NULL);
    event_notifier_cleanup(&s->notifier);
    qemu_vfree(s->buf);
}

static Property block_properties[] = {
    DEFINE_BLOCK_PROPERTIES(ApiBlockState, conf),
    DEFINE_BLOCK_CHS_PROPERTIES(ApiBlockState, conf),
    DEFINE_BLOCK_ERROR_PROPERTIES(ApiBlockState, conf),
    DEFINE_PROP_BIOS_CHS_TRANS("bios-chs-trans", ApiBlockState, bios_trans,
                               BIOS_ATA_TRANSLATION_AUTO),
    DEFINE_PROP_END_OF_LIST(),
};

static void block_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    PCIDeviceClass *pc = PCI_DEVICE_CLASS(klass);

    pc->realize = block_realize;
    pc->exit = block_exit;
    pc->vendor_id = 0x1234;
    pc->device_id = 0x0a53;
    pc->class_id = PCI_CLASS_STORAGE_OTHER;
    set_bit(DEVICE_CATEGORY_STORAGE, dc->categories);
    device_class_set_props(dc, block_properties);
}

static const TypeInfo block_type = {
    .name = TYPE_API_BLOCK,
    .parent = TYPE_PCI_DEVICE,
    .instance_size = sizeof(ApiBlockState),
    .class_init = block_class_init,
    .interfaces = (InterfaceInfo[]) {
        { INTERFACE_CONVENTIONAL_PCI_DEVICE },
        { },
    },
};

static void block_register_types(void)
{
    type_register_static(&block_type);
}

type_init(block_register_types)
