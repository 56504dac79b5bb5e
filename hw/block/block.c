/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration of a disk device: filled in, checked, given to its back end. */
#include "qemu/osdep.h"
#include "block/block.h"
#include "hw/block/block.h"
#include "qapi/error.h"

static void set_default(uint32_t *value, uint32_t otherwise)
{
    if (!*value) {
        *value = otherwise;
    }
}

/* What the node says of its medium; physical blocks are never smaller than logical ones. */
static void fill_in(BlockConf *conf)
{
    bool ask = conf->backend_defaults != ON_OFF_AUTO_OFF && conf->blk;

    set_default(&conf->logical_block_size, BDRV_SECTOR_SIZE);
    if (ask) {
        set_default(&conf->physical_block_size,
                    MAX(blk_get_request_alignment(conf->blk), conf->logical_block_size));
    }
    set_default(&conf->physical_block_size, conf->logical_block_size);
    if (conf->backend_defaults == ON_OFF_AUTO_ON && conf->blk) {
        blk_get_io_sizes(conf->blk, &conf->min_io_size, &conf->opt_io_size);
    }
}

static bool check_multiple(const char *name, uint32_t value, uint32_t block, Error **errp)
{
    if (value % block) {
        error_setg(errp, "%s must be a multiple of logical_block_size (%u)", name, block);
        return false;
    }
    return true;
}

bool blkconf_blocksizes(BlockConf *conf, Error **errp)
{
    uint32_t block;

    fill_in(conf);
    block = conf->logical_block_size;
    if (block > conf->physical_block_size) {
        error_setg(errp, "logical_block_size > physical_block_size not supported");
        return false;
    }
    if (!check_multiple("min_io_size", conf->min_io_size, block, errp) ||
        !check_multiple("opt_io_size", conf->opt_io_size, block, errp)) {
        return false;
    }
    if (conf->min_io_size > UINT16_MAX * (uint64_t)block) {
        error_setg(errp, "min_io_size must not exceed %" PRIu64, UINT16_MAX * (uint64_t)block);
        return false;
    }
    return conf->discard_granularity == UINT32_MAX ||
           check_multiple("discard_granularity", conf->discard_granularity, block, errp);
}

/* What others may do: read, and write where the user allows it. */
static uint64_t shared_perm(const BlockConf *conf, bool resizable)
{
    return BLK_PERM_CONSISTENT_READ | BLK_PERM_WRITE_UNCHANGED |
           (resizable ? BLK_PERM_RESIZE : 0) | (conf->share_rw ? BLK_PERM_WRITE : 0);
}

static bool write_cache_of(const BlockConf *conf)
{
    return conf->wce == ON_OFF_AUTO_AUTO ? blk_enable_write_cache(conf->blk) :
                                           conf->wce == ON_OFF_AUTO_ON;
}

static BlockdevOnError policy_of(const BlockConf *conf, bool is_read)
{
    BlockdevOnError own = is_read ? conf->rerror : conf->werror;

    return own != BLOCKDEV_ON_ERROR_AUTO ? own : blk_get_on_error(conf->blk, is_read);
}

bool blkconf_apply_backend_options(BlockConf *conf, bool readonly, bool resizable, Error **errp)
{
    BlockBackend *blk = conf->blk;
    uint64_t perm = BLK_PERM_CONSISTENT_READ | (readonly ? 0 : BLK_PERM_WRITE);

    if (blk_set_perm(blk, perm, shared_perm(conf, resizable), errp) < 0) {
        return false;
    }
    blk_set_enable_write_cache(blk, write_cache_of(conf));
    blk_set_on_error(blk, policy_of(conf, true), policy_of(conf, false));
    block_acct_setup(blk_get_stats(blk), conf->account_invalid, conf->account_failed);
    return true;
}

bool blkconf_geometry(BlockConf *conf, int *ptrans, unsigned cyls_max, unsigned heads_max,
                      unsigned secs_max, Error **errp)
{
    if (!conf->cyls && !conf->heads && !conf->secs) {
        hd_geometry_guess(conf->blk, &conf->cyls, &conf->heads, &conf->secs, ptrans);
    } else if (ptrans && *ptrans == BIOS_ATA_TRANSLATION_AUTO) {
        *ptrans = hd_bios_chs_auto_trans(conf->cyls, conf->heads, conf->secs);
    }
    if (!conf->cyls || conf->cyls > cyls_max) {
        error_setg(errp, "cyls must be between 1 and %u", cyls_max);
        return false;
    }
    if (!conf->heads || conf->heads > heads_max) {
        error_setg(errp, "heads must be between 1 and %u", heads_max);
        return false;
    }
    if (!conf->secs || conf->secs > secs_max) {
        error_setg(errp, "secs must be between 1 and %u", secs_max);
        return false;
    }
    return true;
}

bool blk_check_size_and_read_all(BlockBackend *blk, void *buf, hwaddr size, Error **errp)
{
    int64_t length = blk_getlength(blk);
    int ret;

    if (length < 0) {
        error_setg_errno(errp, -length, "can't get size of %s block backend", blk_name(blk));
        return false;
    }
    if (length != size) {
        error_setg(errp, "device requires %" PRIu64 " bytes, block backend provides %" PRIu64
                   " bytes", size, length);
        return false;
    }
    ret = blk_pread(blk, 0, size, buf, 0);
    if (ret < 0) {
        error_setg_errno(errp, -ret, "can't read block backend");
    }
    return ret == 0;
}
