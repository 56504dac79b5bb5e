/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The made-up device and the raw client, see rig.h.
 */
#include "qemu/osdep.h"
#include <poll.h>
#include <sys/mman.h>
#include <sys/un.h>
#include <glib/gstdio.h>
#include "qemu/main-loop.h"
#include "rig.h"

#define DEADLINE_US (5 * G_USEC_PER_SEC)

/* --- the device --- */

static void rig_attached(void *opaque, VfuSession *s)
{
    Rig *rig = opaque;

    g_assert_null(rig->session);
    rig->session = s;
    rig->attached++;
}

static void rig_detached(void *opaque, VfuSession *s, VfuCloseReason reason)
{
    Rig *rig = opaque;

    g_assert_true(rig->session == s);
    rig->session = NULL;
    rig->detached++;
    rig->reason = reason;
    rig_complete(rig, -ECANCELED);
    rig_wake(rig);
}

static void rig_client_fault(void *opaque, const char *why)
{
    Rig *rig = opaque;

    rig->faults++;
    g_free(rig->last_fault);
    rig->last_fault = g_strdup(why);
}

static bool rig_can_reset(void *opaque)
{
    return true;
}

static const VfuSparseArea areas[] = { { 0, 0x1000 }, { 0x2000, 0x1000 } };

static void rig_get_region(void *opaque, unsigned index, VfuRegion *region)
{
    Rig *rig = opaque;
    uint32_t rw = VFU_REGION_F_READ | VFU_REGION_F_WRITE;
    const VfuRegion regions[VFU_NUM_REGIONS] = {
        [0] = { .size = 4096, .flags = rw, .fd = -1 },
        [1] = { .size = 64, .flags = VFU_REGION_F_READ, .fd = -1 },
        [2] = { .size = 0x4000, .flags = rw | VFU_REGION_F_MMAP, .fd = rig->bar2_fd,
                .offset = 0x1000, .areas = areas, .nr_areas = 2 },
        [VFU_REGION_CONFIG] = { .size = 256, .flags = rw, .fd = -1 },
    };

    *region = regions[index];
}

static void rig_get_irq(void *opaque, unsigned index, VfuIrq *irq)
{
    static const VfuIrq irqs[VFU_NUM_IRQS] = {
        [VFU_IRQ_INTX] = { VFU_IRQ_F_EVENTFD | VFU_IRQ_F_MASKABLE | VFU_IRQ_F_AUTOMASKED, 1 },
        [VFU_IRQ_MSIX] = { VFU_IRQ_F_EVENTFD, 8 },
        [VFU_IRQ_ERR] = { VFU_IRQ_F_EVENTFD, 1 },
    };

    *irq = irqs[index];
}

static unsigned rig_get_io_fds(void *opaque, unsigned index, VfuIoFd *fds, unsigned max)
{
    Rig *rig = opaque;

    if (index != 0) {
        return 0;
    }
    for (unsigned i = 0; i < 2 && i < max; i++) {
        fds[i] = (VfuIoFd) { .entry = { .offset = i * 4, .size = 4 }, .fd = rig->bar2_fd };
    }
    return MIN(2u, max);
}

static int rig_dma_map(void *opaque, const VfuDmaMap *map, int fd)
{
    Rig *rig = opaque;

    rig->maps++;
    rig->last_map = *map;
    if (fd >= 0) {
        rig->map_fds++;
        close(fd);
    }
    return rig->map_error;
}

static int keep(Rig *rig, VfuRequest *req)
{
    g_assert_cmpuint(rig->nr_pending, <, RIG_REQUESTS);
    rig->pending[rig->nr_pending++] = req;
    return VFU_PENDING;
}

static int rig_dma_unmap(void *opaque, VfuRequest *req, const VfuDmaUnmap *unmap,
                         uint64_t *unmapped)
{
    Rig *rig = opaque;

    rig->unmaps++;
    rig->current_ok &= vfu_request_current() == req;
    *unmapped = unmap->size;
    return rig->pend_unmap ? keep(rig, req) : 0;
}

static int rig_set_irqs(void *opaque, const VfuSetIrqs *set, const int *fds, unsigned nr_fds)
{
    Rig *rig = opaque;

    rig->set_irqs++;
    rig->last_set = *set;
    rig->set_fds += nr_fds;
    if (set->flags & VFU_SET_DATA_BOOL) {
        memcpy(rig->last_bools, set->bools, MIN(set->count, sizeof(rig->last_bools)));
    }
    for (unsigned i = 0; i < nr_fds; i++) {
        close(fds[i]);
    }
    return 0;
}

static int rig_region_read(void *opaque, VfuRequest *req, unsigned index, uint64_t offset,
                           void *data, uint32_t count)
{
    Rig *rig = opaque;

    rig->reads++;
    rig->current_ok &= vfu_request_current() == req && vfu_request_is_read(req);
    if (index == 0) {
        memcpy(data, rig->bar0 + offset, count);
        return offset == RIG_PEND ? keep(rig, req) : 0;
    }
    memset(data, 0x5a, count);
    return 0;
}

static int sleep_here(Rig *rig)
{
    AioWaiter waiter;

    aio_waiter_init(&waiter, rig->ctx);
    g_assert_cmpuint(rig->nr_sleepers, <, RIG_REQUESTS);
    rig->sleepers[rig->nr_sleepers++] = &waiter;
    aio_waiter_wait(&waiter, -1);
    aio_waiter_destroy(&waiter);
    return 0;
}

typedef struct DmaWait {
    Rig *rig;
    AioWaiter waiter;
} DmaWait;

static void dma_wait_done(void *opaque, int err, const void *data, size_t count)
{
    DmaWait *wait = opaque;

    wait->rig->dma_err = err;
    wait->rig->dma_done++;
    if (!err) {
        memcpy(&wait->rig->dma_value, data, 8);
    }
    aio_waiter_wake(&wait->waiter);
}

static int wait_dma(Rig *rig)
{
    DmaWait wait = { .rig = rig };

    aio_waiter_init(&wait.waiter, rig->ctx);
    if (vfu_session_dma_read(rig->session, 0x1000, 8, dma_wait_done, &wait, NULL)) {
        aio_waiter_wait(&wait.waiter, -1);
    }
    aio_waiter_destroy(&wait.waiter);
    return 0;
}

static int special_write(Rig *rig, VfuRequest *req, uint64_t offset, uint32_t value)
{
    switch (offset) {
    case RIG_PEND:
        return keep(rig, req);
    case RIG_EARLY:
        vfu_request_answer_early(req);
        return sleep_here(rig);
    case RIG_SLEEP:
        return sleep_here(rig);
    case RIG_FAIL:
        return -(int)value;
    case RIG_CLOSE:
        vfu_session_close(rig->session, VFU_CLOSE_LOCAL);
        return 0;
    case RIG_WAIT_DMA:
        vfu_request_answer_early(req);
        return wait_dma(rig);
    default:
        return 0;
    }
}

static int rig_region_write(void *opaque, VfuRequest *req, unsigned index, uint64_t offset,
                            const void *data, uint32_t count)
{
    Rig *rig = opaque;
    uint32_t value = 0;
    int ret;

    rig->writes++;
    rig->current_ok &= vfu_request_current() == req && !vfu_request_is_read(req);
    if (index != 0) {
        return 0;
    }
    memcpy(&value, data, MIN(count, 4));
    if (offset == 0 && rig->nr_order < ARRAY_SIZE(rig->order)) {
        rig->order[rig->nr_order++] = value;
    }
    ret = count == 4 ? special_write(rig, req, offset, value) : 0;
    rig->current_ok &= ret == VFU_PENDING || vfu_request_current() == req;
    /* after a wait the data must still be what it was */
    if (ret == 0 && (offset < RIG_PEND || offset == RIG_SLEEP || offset == RIG_EARLY)) {
        memcpy(rig->bar0 + offset, data, count);
    }
    return ret;
}

static int rig_reset(void *opaque, VfuRequest *req)
{
    Rig *rig = opaque;

    rig->resets++;
    return rig->pend_reset ? keep(rig, req) : 0;
}

static int rig_feature(void *opaque, uint32_t flags, void *data, size_t len, size_t room,
                       size_t *reply_len)
{
    Rig *rig = opaque;

    if ((flags & VFU_FEATURE_PROBE) || rig->feature_error) {
        *reply_len = len;
        return rig->feature_error;
    }
    if (room < 8) {
        return -EINVAL;
    }
    memset(data, 7, 8);
    *reply_len = 8;
    return 0;
}

static const VfuDeviceOps rig_ops = {
    .attached = rig_attached, .detached = rig_detached, .client_fault = rig_client_fault,
    .can_reset = rig_can_reset,
    .get_region = rig_get_region, .get_irq = rig_get_irq, .get_io_fds = rig_get_io_fds,
    .dma_map = rig_dma_map, .dma_unmap = rig_dma_unmap, .set_irqs = rig_set_irqs,
    .region_read = rig_region_read, .region_write = rig_region_write, .reset = rig_reset,
    .feature = rig_feature,
};

/* --- the stand-in: an allocated Rig pointer --- */

static bool rig_ready(void *opaque)
{
    return !((Rig *)opaque)->not_ready;
}

static void *rig_begin(void *opaque, VfuSession *s)
{
    Rig *rig = opaque;

    rig->begun++;
    return g_memdup2(&rig, sizeof(rig));
}

static void rig_end(void *opaque, VfuSession *s, void *stand_in)
{
    ((Rig *)opaque)->ended++;
    g_free(stand_in);
}

static void rig_turn(void *opaque, VfuSession *s, void *stand_in)
{
    Rig *rig = opaque;

    g_assert_true(*(Rig **)stand_in == rig);
    g_free(stand_in);
    rig->turned++;
    rig_attached(rig, s);
}

static void aside_get_region(void *opaque, unsigned index, VfuRegion *region)
{
    rig_get_region(*(Rig **)opaque, index, region);
    region->flags &= ~VFU_REGION_F_MMAP;
    region->fd = -1;
}

static int aside_dma_map(void *opaque, const VfuDmaMap *map, int fd)
{
    if (fd >= 0) {
        close(fd);
    }
    return 0;
}

static int aside_dma_unmap(void *opaque, VfuRequest *req, const VfuDmaUnmap *unmap,
                           uint64_t *unmapped)
{
    *unmapped = unmap->size;
    return 0;
}

static int aside_set_irqs(void *opaque, const VfuSetIrqs *set, const int *fds, unsigned nr_fds)
{
    for (unsigned i = 0; i < nr_fds; i++) {
        close(fds[i]);
    }
    return 0;
}

static int aside_read(void *opaque, VfuRequest *req, unsigned index, uint64_t offset, void *data,
                      uint32_t count)
{
    memset(data, 0x77, count);
    return index == VFU_REGION_CONFIG ? 0 : VFU_NOT_NOW;
}

static int aside_write(void *opaque, VfuRequest *req, unsigned index, uint64_t offset,
                       const void *data, uint32_t count)
{
    return index == VFU_REGION_CONFIG ? 0 : VFU_NOT_NOW;
}

static int aside_reset(void *opaque, VfuRequest *req)
{
    return 0;
}

static const VfuDeviceOps aside_ops = {
    .can_reset = rig_can_reset, .get_region = aside_get_region, .get_irq = rig_get_irq,
    .dma_map = aside_dma_map, .dma_unmap = aside_dma_unmap, .set_irqs = aside_set_irqs,
    .region_read = aside_read, .region_write = aside_write, .reset = aside_reset,
};

static const VfuWaitOps rig_wait_ops = {
    .ready = rig_ready, .begin = rig_begin, .end = rig_end, .turn = rig_turn, .ops = &aside_ops,
};

void rig_wake(Rig *rig)
{
    AIO_CONTEXT_GUARD(rig->ctx);
    while (rig->nr_sleepers) {
        aio_waiter_wake(rig->sleepers[--rig->nr_sleepers]);
    }
}

void rig_complete(Rig *rig, int err)
{
    AIO_CONTEXT_GUARD(rig->ctx);
    while (rig->nr_pending) {
        vfu_request_complete(rig->pending[--rig->nr_pending], err);
    }
}

void rig_await(Rig *rig, const unsigned *counter, unsigned value)
{
    int64_t deadline = g_get_monotonic_time() + DEADLINE_US;

    for (;;) {
        WITH_AIO_CONTEXT_GUARD(rig->ctx) {
            if (*counter >= value) {
                return;
            }
        }
        g_assert_cmpint(g_get_monotonic_time(), <, deadline);
        g_usleep(200);
    }
}

static Rig *make(const VfuWaitOps *waiting, void (*tune)(VfuServerConfig *config))
{
    Rig *rig = g_new0(Rig, 1);

    rig->dir = g_dir_make_tmp("vfu-XXXXXX", NULL);
    g_assert_nonnull(rig->dir);
    rig->path = g_build_filename(rig->dir, "sock", NULL);
    rig->current_ok = true;
    rig->ops = rig_ops;
    rig->ops.waiting = waiting;
    rig->fds_before = count_fds();
    rig->bar2_fd = memfd_create("bar2", MFD_CLOEXEC);
    vfu_server_config_init(&rig->config);
    rig->config.name = "rig";
    rig->config.path = rig->path;
    rig->config.write_multiple = true;
    if (tune) {
        tune(&rig->config);
    }
    rig->ctx = aio_context_new_named("rig", &error_abort);
    WITH_AIO_CONTEXT_GUARD(rig->ctx) {
        rig->server = vfu_server_new(rig->ctx, &rig->config, &rig->ops, rig, &error_abort);
    }
    aio_context_start(rig->ctx);
    return rig;
}

Rig *rig_new(void (*tune)(VfuServerConfig *config))
{
    return make(NULL, tune);
}

Rig *rig_new_waiting(void (*tune)(VfuServerConfig *config))
{
    return make(&rig_wait_ops, tune);
}

void rig_free(Rig *rig)
{
    WITH_AIO_CONTEXT_GUARD(rig->ctx) {
        vfu_server_free(rig->server);
        g_assert_cmpuint(rig->attached, ==, rig->detached);
        g_assert_cmpuint(rig->begun, ==, rig->ended + rig->turned);
        g_assert_true(rig->current_ok);
    }
    aio_context_stop(rig->ctx);
    aio_context_unref(rig->ctx);
    close(rig->bar2_fd);
    /* The loop's thread gives its reference on the context back a moment after the stop. */
    for (unsigned i = 0; i < 1000 && count_fds() != rig->fds_before; i++) {
        g_usleep(1000);
    }
    g_assert_cmpuint(count_fds(), ==, rig->fds_before);
    g_assert_cmpint(g_access(rig->path, F_OK), !=, 0);
    g_rmdir(rig->dir);
    g_free(rig->dir);
    g_free(rig->path);
    g_free(rig->last_fault);
    g_free(rig);
}

/* --- the client --- */

int client_connect(Rig *rig)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    struct timeval patience = { .tv_sec = 5 };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_strlcpy(address.sun_path, rig->path, sizeof(address.sun_path));
    g_assert_cmpint(connect(fd, (struct sockaddr *)&address, sizeof(address)), ==, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    return fd;
}

void client_send_raw(int fd, const void *bytes, size_t len, const int *fds, unsigned nr_fds)
{
    const char *rest = bytes;

    while (len) {
        ssize_t n = send_with_fds(fd, rest, len, fds, nr_fds);

        if (n < 0) {
            g_assert_true(errno == EPIPE || errno == ECONNRESET);
            return;             /* the test looks at what it can still read */
        }
        nr_fds = 0;
        rest += n;
        len -= n;
    }
}

void client_send(int fd, uint16_t id, uint16_t command, uint32_t flags, const void *payload,
                 size_t len, const int *fds, unsigned nr_fds)
{
    g_autofree uint8_t *bytes = g_malloc(16 + len);
    VfuHeader header = { id, command, 16 + len, flags, 0 };

    memcpy(bytes, &header, 16);
    if (len) {
        memcpy(bytes + 16, payload, len);
    }
    client_send_raw(fd, bytes, 16 + len, fds, nr_fds);
}

static bool read_all(int fd, void *buf, size_t len)
{
    size_t done = 0;

    while (done < len) {
        ssize_t n = recv(fd, (char *)buf + done, len - done, 0);

        if (n < 0) {
            g_assert_cmpint(errno, ==, ECONNRESET);     /* EAGAIN would be: no reply in 5 s */
        }
        if (n <= 0) {
            g_assert_cmpuint(done, ==, 0);              /* never half a message */
            return false;
        }
        done += n;
    }
    return true;
}

static void take_fds(struct msghdr *msg, Reply *reply)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
        if (c->cmsg_type == SCM_RIGHTS) {
            reply->nr_fds = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
            memcpy(reply->fds, CMSG_DATA(c), reply->nr_fds * sizeof(int));
        }
    }
}

/* As QEMU does it: the header with the fds in one call, then the rest. */
bool client_receive(int fd, Reply *reply)
{
    char control[CMSG_SPACE(16 * sizeof(int))] __attribute__((aligned(8)));
    struct iovec iov = { &reply->header, sizeof(reply->header) };
    struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
                          .msg_controllen = sizeof(control) };
    ssize_t n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);

    reply->payload = NULL;
    reply->nr_fds = 0;
    if (n == 0 || (n < 0 && errno == ECONNRESET)) {
        return false;
    }
    g_assert_cmpint(n, ==, 16);
    g_assert_cmphex(msg.msg_flags & MSG_CTRUNC, ==, 0);
    take_fds(&msg, reply);
    g_assert_cmpuint(reply->header.size, >=, 16);
    reply->len = reply->header.size - 16;
    reply->payload = g_malloc(reply->len + 1);
    g_assert_true(read_all(fd, reply->payload, reply->len));
    return true;
}

void reply_clear(Reply *reply)
{
    for (unsigned i = 0; i < reply->nr_fds; i++) {
        close(reply->fds[i]);
    }
    reply->nr_fds = 0;
    g_clear_pointer(&reply->payload, g_free);
}

int client_call(int fd, uint16_t command, const void *payload, size_t len, const int *fds,
                unsigned nr_fds, Reply *reply)
{
    static uint16_t id = 100;
    g_auto(Reply) mine = { 0 };
    Reply *r = reply ? reply : &mine;

    client_send(fd, ++id, command, 0, payload, len, fds, nr_fds);
    g_assert_true(client_receive(fd, r));
    g_assert_cmpuint(r->header.id, ==, id);
    g_assert_cmpuint(r->header.command, ==, command);
    if (r->header.flags == (VFU_TYPE_REPLY | VFU_ERROR)) {
        g_assert_cmpuint(r->header.error, !=, 0);
        return r->header.error;
    }
    g_assert_cmphex(r->header.flags, ==, VFU_TYPE_REPLY);
    g_assert_cmpuint(r->header.error, ==, 0);
    return 0;
}

void client_hello(int fd)
{
    static const char hello[] = "\0\0\0\0"
        "{\"capabilities\": {\"pgsizes\": 4096, \"max_msg_fds\": 16, "
        "\"max_dma_maps\": 65535, \"max_data_xfer_size\": 1048576, \"migration\": "
        "{\"max_bitmap_size\": 268435456, \"pgsize\": 4096}, \"write_multiple\": true}}";

    g_assert_cmpint(client_call(fd, VFU_VERSION, hello, sizeof(hello), NULL, 0, NULL), ==, 0);
}

int client_connect_ready(Rig *rig)
{
    int fd = client_connect(rig);

    client_hello(fd);
    return fd;
}

typedef struct Write4 {
    uint64_t offset;
    uint32_t region, count, value;
} QEMU_PACKED Write4;

int client_write(int fd, uint64_t offset, uint32_t value)
{
    Write4 w = { offset, 0, 4, value };
    g_auto(Reply) reply = { 0 };
    int err = client_call(fd, VFU_REGION_WRITE, &w, sizeof(w), NULL, 0, &reply);

    g_assert_cmpuint(reply.header.size, ==, err ? 16 : 32);
    return err;
}

void client_send_write(int fd, uint16_t id, uint64_t offset)
{
    Write4 w = { offset, 0, 4, 0 };

    client_send(fd, id, VFU_REGION_WRITE, 0, &w, sizeof(w), NULL, 0);
}

void client_post(int fd, uint64_t offset, uint32_t value)
{
    Write4 w = { offset, 0, 4, value };

    client_send(fd, 9, VFU_REGION_WRITE, VFU_NO_REPLY, &w, sizeof(w), NULL, 0);
}

uint32_t client_read(int fd, uint64_t offset)
{
    VfuRegionAccess access = { offset, 0, 4 };
    g_auto(Reply) reply = { 0 };
    uint32_t value;

    g_assert_cmpint(client_call(fd, VFU_REGION_READ, &access, 16, NULL, 0, &reply), ==, 0);
    g_assert_cmpuint(reply.header.size, ==, 36);
    g_assert_cmpmem(reply.payload, 16, &access, 16);
    memcpy(&value, reply.payload + 16, 4);
    return value;
}

void client_expect_eof(int fd)
{
    g_auto(Reply) reply = { 0 };

    g_assert_false(client_receive(fd, &reply));
}

void client_expect_silence(int fd, int ms)
{
    struct pollfd pfd = { .fd = fd, .events = POLLIN };

    g_assert_cmpint(poll(&pfd, 1, ms), ==, 0);
}
