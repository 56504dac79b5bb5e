/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fused operations: base 3.4.2; Compare and Write (NVM command set 2.1.5) is the one.
 *
 * The first half waits, as a task without steps, for the next entry of its queue.
 * The second half then leads: it locks the blocks, strictly, lets the first half
 * compare, and writes. One of the two is idle at any moment, waiting for the other.
 *
 * Both succeed, or one has its own error and the other "failed fused command". When
 * one of them is taken back, the other has it coming: at once when it is idle, else
 * as soon as what it has under way has ended.
 */
#include "qemu/osdep.h"
#include "hw/nvme/task.h"

/* ---- first halves that wait ---- */

static void forget(NvmeTask *t)
{
    NvmeTask **p = &t->req->ctrl->fused;

    while (*p != t) {
        p = &(*p)->next_waiting;
    }
    *p = t->next_waiting;
}

static NvmeTask *find_first(const NvmeRequest *req)
{
    NvmeTask *t = req->ctrl->fused;

    while (t && t->req->sq != req->sq) {
        t = t->next_waiting;
    }
    return t;
}

static NvmeStep *const nothing[] = { NULL };

static uint16_t wait_for_second(NvmeRequest *req)
{
    NvmeTask *t = nvme_task_new(req, nothing);

    t->cancelled = forget;
    t->next_waiting = req->ctrl->fused;
    req->ctrl->fused = t;
    return NVME_PENDING;
}

/* It is out of the list already. */
static void end_first(NvmeTask *t, uint16_t status)
{
    NvmeRequest *req = t->req;

    nvme_task_free(t);
    nvme_complete(req, status);
}

/* ---- a pair ---- */

static void part(NvmeTask *t)
{
    t->partner = NULL;
    t->ended = NULL;
    t->cancelled = NULL;
}

/* One is taken back. */
static void cancelled(NvmeTask *t)
{
    NvmeTask *other = t->partner;

    part(other);
    other->doom = NVME_ABORTED_FUSED_FAILED;
    if (other->idle) {
        nvme_task_defer(other, nvme_task_go_on);
    }
}

static void compared(NvmeTask *first, uint16_t status)
{
    NvmeTask *second = first->partner;

    nvme_task_drop_buffer(first);
    first->result = status;
    first->idle = true;
    second->idle = false;
    nvme_task_ready(second);
}

/* The second half leads, so its end is that of both. */
static void ended(NvmeTask *second, uint16_t status)
{
    NvmeTask *first = second->partner;
    NvmeRequest *req = second->req;
    uint16_t first_status = first->result;

    if (status && !first_status) {
        first_status = NVME_ABORTED_FUSED_FAILED;
    }
    nvme_task_free(second);
    end_first(first, first_status);
    nvme_complete(req, status);
}

static uint16_t step_lock(NvmeTask *second)
{
    return nvme_task_lock(second, nvme_slba(second->req), nvme_nlb(second->req), true, true);
}

static void start_compare(NvmeTask *first)
{
    nvme_task_next(first->req, NVME_SUCCESS);
}

static uint16_t step_compare(NvmeTask *second)
{
    NvmeTask *first = second->partner;

    second->idle = true;
    first->idle = false;
    nvme_task_defer(first, start_compare);
    return NVME_PENDING;
}

static uint16_t step_compared(NvmeTask *second)
{
    if (second->partner->result) {
        return NVME_ABORTED_FUSED_FAILED;
    }
    second->step = second->loop;
    return NVME_SUCCESS;
}

static NvmeStep *const compare_and_write[] = { step_lock, step_compare, step_compared, NULL };

static bool is_compare_and_write(const NvmeSqe *first, const NvmeSqe *second)
{
    return first->opcode == NVME_IO_COMPARE && second->opcode == NVME_IO_WRITE &&
           first->nsid == second->nsid && first->cdw10 == second->cdw10 &&
           first->cdw11 == second->cdw11 &&
           !((first->cdw12 ^ second->cdw12) & cpu_to_le32(0xffff));
}

static uint16_t start_pair(NvmeTask *first, NvmeTask *second)
{
    first->partner = second;
    second->partner = first;
    first->idle = true;
    first->ended = compared;
    second->ended = ended;
    first->cancelled = second->cancelled = cancelled;
    second->loop = second->step;
    second->step = compare_and_write;
    nvme_task_ready(second);
    return NVME_PENDING;
}

/* Tasks of both, or neither and what each ends with. */
static bool prepare(NvmeRequest *first, NvmeRequest *second, uint16_t status[2])
{
    NvmeTask *compare, *write;

    if (!is_compare_and_write(&first->cmd, &second->cmd)) {
        status[0] = status[1] = NVME_INVALID_FIELD | NVME_DNR;
        return false;
    }
    status[0] = nvme_io_check(first);
    compare = status[0] ? NULL : nvme_compare_task(first, &status[0]);
    status[1] = nvme_io_check(second);
    write = status[1] ? NULL : nvme_write_task(second, &status[1]);
    if (compare && write) {
        return true;
    }
    if (compare) {
        nvme_task_free(compare);
        status[0] = NVME_ABORTED_FUSED_FAILED;
    }
    if (write) {
        nvme_task_free(write);
        status[1] = NVME_ABORTED_FUSED_FAILED;
    }
    return false;
}

static uint16_t join(NvmeTask *waiting, NvmeRequest *second)
{
    NvmeRequest *first = waiting->req;
    uint16_t status[2];

    nvme_task_free(waiting);
    if (prepare(first, second, status)) {
        return start_pair(first->opaque, second->opaque);
    }
    nvme_complete(first, status[0]);
    return status[1];
}

uint16_t nvme_fused(NvmeRequest *req)
{
    NvmeTask *first = find_first(req);

    if (first) {
        forget(first);
        if (nvme_fuse(&req->cmd) == NVME_FUSE_SECOND) {
            return join(first, req);
        }
        end_first(first, NVME_ABORTED_FUSED_MISSING);
    }
    switch (nvme_fuse(&req->cmd)) {
    case NVME_FUSE_NONE:
        return nvme_io_single(req);
    case NVME_FUSE_FIRST:
        return wait_for_second(req);
    case NVME_FUSE_SECOND:
        return NVME_ABORTED_FUSED_MISSING;
    default:
        return NVME_INVALID_FIELD | NVME_DNR;
    }
}
