/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A whole session against any bytes. The input is what a client does:
 *
 *   byte 0     bit 0: a good VERSION comes first; bits 1-2: DMA layout;
 *              bit 3: short reads and writes; bit 4: it waits for its turn;
 *              bit 5: not for long
 *   then       records { u8 fds, u16 length, bytes }: one send each, with that
 *              many file descriptors (mod 20); fds 255: end one pending request;
 *              fds 254: its turn has come
 *
 * After each send the loop runs until it has nothing to do. Broken promises
 * show as assertions (device.c), sanitizer reports, or fds that are left.
 */
#include "qemu/osdep.h"
#include <dirent.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include "block/aio.h"
#include "qemu/main-loop.h"
#include "device.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static AioContext *ctx;
static FuzzDevice device;
static int event_fd;

static unsigned count_fds(void)
{
    DIR *dir = opendir("/proc/self/fd");
    unsigned n = 0;

    while (readdir(dir)) {
        n++;
    }
    closedir(dir);
    return n;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    ctx = aio_context_new_named("fuzz", &error_abort);
    device.fd = memfd_create("bar", MFD_CLOEXEC);
    event_fd = eventfd(0, EFD_CLOEXEC);
    return 0;
}

static void send_bytes(int fd, const uint8_t *bytes, size_t len, unsigned nr_fds)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(20 * sizeof(int))];
    } control;
    struct iovec iov = { (void *)bytes, len };
    struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

    if (nr_fds) {
        memset(&control, 0, sizeof(control));
        msg.msg_control = &control;
        msg.msg_controllen = CMSG_SPACE(nr_fds * sizeof(int));
        control.align.cmsg_level = SOL_SOCKET;
        control.align.cmsg_type = SCM_RIGHTS;
        control.align.cmsg_len = CMSG_LEN(nr_fds * sizeof(int));
        for (unsigned i = 0; i < nr_fds; i++) {
            memcpy(CMSG_DATA(&control.align) + i * sizeof(int), &event_fd, sizeof(int));
        }
    }
    if (sendmsg(fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
        return;                 /* dropped already, or it is full: both are fine */
    }
}

/* The client reads everything, and looks at the framing of what it gets. */
static void drain(int fd, GByteArray *got)
{
    uint8_t buf[4096];
    ssize_t n;

    while ((n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0) {
        g_byte_array_append(got, buf, n);
    }
    while (got->len >= sizeof(VfuHeader)) {
        VfuHeader header;

        memcpy(&header, got->data, sizeof(header));
        g_assert(header.size >= sizeof(header) && header.size <= (1 << 20) + 64);
        g_assert((header.flags & VFU_TYPE_MASK) <= VFU_TYPE_REPLY);
        if (header.size > got->len) {
            break;
        }
        g_byte_array_remove_range(got, 0, header.size);
    }
}

static void settle(int fd, GByteArray *got)
{
    for (unsigned i = 0; i < 64 && aio_poll(ctx, false); i++) {
        drain(fd, got);
    }
    drain(fd, got);
}

static void say_hello(int fd)
{
    static const uint8_t hello[] = { 0, 0, 1, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0 };

    send_bytes(fd, hello, sizeof(hello), 0);
}

static void play(VfuServer *server, int fd, GByteArray *got, const uint8_t *data, size_t size)
{
    while (size >= 3) {
        unsigned nr_fds = data[0];
        size_t len = data[1] | data[2] << 8;

        data += 3;
        size -= 3;
        len = MIN(len, size);
        if (nr_fds == 255) {
            fuzz_device_complete(&device, 0);
        } else if (nr_fds == 254) {
            device.busy = false;
            vfu_server_turn(server);
        } else if (len) {
            send_bytes(fd, data, len, nr_fds % 20);
        }
        data += len;
        size -= len;
        settle(fd, got);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GByteArray) got = g_byte_array_new();
    VfuFaulty faulty = { .seed = 1, .max_read = 11, .max_write = 7 };
    unsigned fds_before = count_fds();
    VfuServerConfig config;
    VfuServer *server;
    int sv[2];
    AIO_CONTEXT_GUARD(ctx);

    if (size < 1 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) < 0) {
        return 0;
    }
    vfu_server_config_init(&config);
    config.fd = sv[0];
    config.write_multiple = true;
    config.dma_layout = ((data[0] >> 1) & 3) % 3;
    if (data[0] & 8) {
        config.socket_ops = &vfu_faulty_ops;
        config.socket_opaque = &faulty;
    }
    if (data[0] & 32) {
        config.turn_timeout_ns = 1;
    }
    device.busy = data[0] & 16;
    server = vfu_server_new(ctx, &config, &fuzz_device_ops, &device, &error_abort);
    if (data[0] & 1) {
        say_hello(sv[1]);
        settle(sv[1], got);
    }
    play(server, sv[1], got, data + 1, size - 1);
    if (size & 1) {
        close(sv[1]);           /* the client leaves first, or the server is removed first */
        settle(-1, got);
        vfu_server_free(server);
    } else {
        vfu_server_free(server);
        close(sv[1]);
    }
    g_assert(!device.session && !device.nr_pending && !device.stand_ins);
    g_assert(count_fds() == fds_before);
    return 0;
}
