/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Firmware: base 5.11 and 5.12, 3.11. The medium does nothing: of an image only
 * the revision is kept, which is its first eight bytes, printable ASCII. What an
 * updater sees is as the specification has it: pieces that must not overlap,
 * slots, and activation at once or by the next reset.
 */
#include "qemu/osdep.h"
#include "hw/nvme/admin.h"

enum {
    REVISION = 8,
    PIECES = 256,                       /* of NVME_FW_GRANULARITY: 1 MiB for an image */
    PIECE_BYTES = NVME_FW_GRANULARITY,
};

struct NvmeFirmware {
    uint8_t slots[NVME_FW_SLOTS][REVISION];     /* first byte 0: empty */
    uint8_t active, next;               /* slot numbers from 1; next 0: nothing to come */
    uint8_t running[REVISION];          /* a slot may be rewritten while its old image runs */
    uint8_t head[REVISION];             /* of what is being downloaded */
    uint8_t pieces[PIECES / 8];         /* bit map of what has come */
};

const char *nvme_firmware_revision(NvmeCtrl *n)
{
    return (const char *)n->firmware->running;
}

static void drop_download(NvmeFirmware *fw)
{
    memset(fw->pieces, 0, sizeof(fw->pieces));
    memset(fw->head, 0, sizeof(fw->head));
}

static void activate(NvmeFirmware *fw, uint8_t slot)
{
    fw->active = slot;
    fw->next = 0;
    memcpy(fw->running, fw->slots[slot - 1], REVISION);
}

/* ---- download ---- */

static bool has_piece(const NvmeFirmware *fw, unsigned piece)
{
    return fw->pieces[piece / 8] >> piece % 8 & 1;
}

static uint64_t download_offset(const NvmeRequest *req)
{
    return (uint64_t)le32_to_cpu(req->cmd.cdw11) * 4;
}

static uint16_t image_received(NvmeRequest *req, const void *buf, size_t length)
{
    NvmeFirmware *fw = req->ctrl->firmware;
    unsigned first = download_offset(req) / PIECE_BYTES;
    unsigned count = DIV_ROUND_UP(length, PIECE_BYTES);

    /* Again: another piece may have come while this one was under way. */
    for (unsigned i = first; i < first + count; i++) {
        if (has_piece(fw, i)) {
            return NVME_OVERLAPPING_RANGE | NVME_DNR;
        }
    }
    for (unsigned i = first; i < first + count; i++) {
        fw->pieces[i / 8] |= 1 << i % 8;
    }
    if (first == 0) {
        memcpy(fw->head, buf, MIN(length, REVISION));
    }
    return NVME_SUCCESS;
}

uint16_t nvme_admin_fw_download(NvmeRequest *req)
{
    uint64_t length = ((uint64_t)le32_to_cpu(req->cmd.cdw10) + 1) * 4;
    uint64_t offset = download_offset(req);
    uint64_t most = (uint64_t)PIECES * PIECE_BYTES;

    if (offset % PIECE_BYTES || length % PIECE_BYTES || offset >= most ||
        length > most - offset || length > req->ctrl->max_transfer) {
        return NVME_INVALID_FIELD | NVME_DNR;
    }
    return nvme_receive(req, length, image_received);
}

/* ---- commit ---- */

/* All pieces from the first on without a gap, and a name. */
static bool image_is_whole(const NvmeFirmware *fw)
{
    unsigned count = 0, last = 0;

    for (unsigned i = 0; i < PIECES; i++) {
        count += has_piece(fw, i);
        last = has_piece(fw, i) ? i : last;
    }
    for (unsigned i = 0; i < REVISION; i++) {
        if (!g_ascii_isprint(fw->head[i])) {
            return false;
        }
    }
    return count && count == last + 1;
}

static uint16_t store(NvmeFirmware *fw, uint8_t slot)
{
    bool whole = image_is_whole(fw);

    if (whole) {
        memcpy(fw->slots[slot - 1], fw->head, REVISION);
    }
    drop_download(fw);
    return whole ? NVME_SUCCESS : NVME_INVALID_FW_IMAGE | NVME_DNR;
}

/* The controller's choice: an empty slot, else one that is not active. */
static uint8_t choose_slot(const NvmeFirmware *fw)
{
    for (unsigned i = 1; i < NVME_FW_SLOTS; i++) {
        if (!fw->slots[i][0]) {
            return i + 1;
        }
    }
    return fw->active == 2 ? 3 : 2;
}

static bool download_has_begun(const NvmeFirmware *fw)
{
    for (size_t i = 0; i < sizeof(fw->pieces); i++) {
        if (fw->pieces[i]) {
            return true;
        }
    }
    return false;
}

static uint16_t choose_image(NvmeCtrl *n, uint8_t slot, bool now)
{
    NvmeFirmware *fw = n->firmware;

    if (!fw->slots[slot - 1][0]) {
        return NVME_INVALID_FW_IMAGE | NVME_DNR;
    }
    if (now) {
        nvme_event(n, NVME_EVENT_NOTICE, NVME_NOTICE_FW_ACTIVATION, NVME_LOG_FIRMWARE);
        activate(fw, slot);
    } else {
        fw->next = slot;
    }
    return NVME_SUCCESS;
}

enum { COMMIT_STORE, COMMIT_STORE_ACTIVATE, COMMIT_ACTIVATE, COMMIT_ACTIVATE_NOW };

uint16_t nvme_admin_fw_commit(NvmeRequest *req)
{
    NvmeFirmware *fw = req->ctrl->firmware;
    uint32_t cdw10 = le32_to_cpu(req->cmd.cdw10);
    uint8_t slot = cdw10 & 7, action = extract32(cdw10, 3, 3);
    bool stores = action <= COMMIT_STORE_ACTIVATE ||
                  (action == COMMIT_ACTIVATE_NOW && download_has_begun(fw));
    uint16_t status = NVME_SUCCESS;

    if (action > COMMIT_ACTIVATE_NOW) {
        return NVME_INVALID_FIELD | NVME_DNR;
    }
    if (slot == 0 && stores) {
        slot = choose_slot(fw);
    }
    if (slot == 0 || slot > NVME_FW_SLOTS || (stores && slot == 1)) {
        return NVME_INVALID_FW_SLOT | NVME_DNR;
    }
    if (stores) {
        status = store(fw, slot);
    }
    if (status == NVME_SUCCESS && action != COMMIT_STORE) {
        status = choose_image(req->ctrl, slot, action == COMMIT_ACTIVATE_NOW);
    }
    return status;
}

/* 5.16.1.4 */
uint16_t nvme_log_fill_firmware(NvmeRequest *req, uint8_t *page)
{
    const NvmeFirmware *fw = req->ctrl->firmware;

    nvme_put(page, 0, 1, fw->active | fw->next << 4);
    memcpy(page + 8, fw->slots, sizeof(fw->slots));
    return NVME_SUCCESS;
}

/* ---- life ---- */

void nvme_firmware_new(NvmeCtrl *n)
{
    NvmeFirmware *fw = n->firmware = g_new0(NvmeFirmware, 1);

    memcpy(fw->slots[0], "1.0     ", REVISION);
    activate(fw, 1);
}

void nvme_firmware_free(NvmeCtrl *n)
{
    g_clear_pointer(&n->firmware, g_free);
}

void nvme_firmware_reset(NvmeCtrl *n)
{
    NvmeFirmware *fw = n->firmware;

    drop_download(fw);
    if (fw->next) {
        activate(fw, fw->next);
    }
}

static int firmware_post_load(void *opaque, int version_id)
{
    const NvmeFirmware *fw = opaque;

    return fw->active >= 1 && fw->active <= NVME_FW_SLOTS && fw->next <= NVME_FW_SLOTS ?
           0 : -EINVAL;
}

static const VMStateDescription vmstate_slots = {
    .name = "nvme/firmware/slots",
    .version_id = 1,
    .minimum_version_id = 1,
    .post_load = firmware_post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT8_2DARRAY(slots, NvmeFirmware, NVME_FW_SLOTS, REVISION),
        VMSTATE_UINT8(active, NvmeFirmware),
        VMSTATE_UINT8(next, NvmeFirmware),
        VMSTATE_BUFFER(running, NvmeFirmware),
        VMSTATE_BUFFER(head, NvmeFirmware),
        VMSTATE_BUFFER(pieces, NvmeFirmware),
        VMSTATE_END_OF_LIST()
    }
};

const VMStateDescription nvme_vmstate_firmware = {
    .name = "nvme/firmware",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_STRUCT_POINTER(firmware, NvmeCtrl, vmstate_slots, NvmeFirmware),
        VMSTATE_END_OF_LIST()
    }
};
