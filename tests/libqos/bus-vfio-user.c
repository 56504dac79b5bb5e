/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bus over vfio-user: a server of our own for each device, one client.
 */
#include "qemu/osdep.h"
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include "qos.h"

#define MAX_LENT 8

struct QosBus {
    char *dir, *socket;
    pid_t server;
    VfuClient *c;
    VfuMemory *lent[MAX_LENT];
    unsigned nr_lent;
    int eventfd;
};

static uint32_t irq_index(QosIrq irq)
{
    static const uint32_t index[] = { VFU_IRQ_INTX, VFU_IRQ_MSI, VFU_IRQ_MSIX };

    return index[irq];
}

/* --- life --- */

static void start_server(QosBus *bus, const QosDriver *driver)
{
    const char *program = g_getenv("VFU_SERVER");
    g_autofree char *device = g_strdup_printf("%s,id=d0%s", driver->name, driver->options);
    g_autofree char *object = NULL;

    if (!program) {
        g_error("VFU_SERVER is not set: it names the server program");
    }
    bus->dir = g_dir_make_tmp("libqos-XXXXXX", NULL);
    bus->socket = g_build_filename(bus->dir, "d0.sock", NULL);
    object = g_strdup_printf("vfio-user-server,id=s0,type=unix,device=d0,path=%s",
                             bus->socket);
    bus->server = fork();
    if (bus->server == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        /* The TAP stream is the test's own. */
        dup2(STDERR_FILENO, STDOUT_FILENO);
        execl(program, program, "-machine", "x-remote", "-nodefaults", "-display", "none",
              "-device", device, "-object", object, NULL);
        _exit(127);
    }
}

static void connect_to_server(QosBus *bus)
{
    for (int tries = 0; !bus->c; tries++) {
        Error *err = NULL;

        bus->c = vfu_client_open(bus->socket, NULL, &err);
        if (err && (tries == 1000 || waitpid(bus->server, NULL, WNOHANG) == bus->server)) {
            g_error("no server: %s", error_get_pretty(err));
        }
        error_free(err);
        if (!bus->c) {
            g_usleep(10 * 1000);
        }
    }
}

QosDevice *qos_device_new(const QosDriver *driver)
{
    QosDevice *d = g_new0(QosDevice, 1);

    d->driver = driver;
    d->bus = g_new0(QosBus, 1);
    d->bus->eventfd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    start_server(d->bus, driver);
    connect_to_server(d->bus);
    return d;
}

void qos_device_free(QosDevice *d)
{
    QosBus *bus = d->bus;
    int status;

    if (d->driver->remove) {
        d->driver->remove(d);
    }
    vfu_client_free(bus->c);
    kill(bus->server, SIGTERM);
    waitpid(bus->server, &status, 0);
    /* A sanitizer's finding or a crash in the server is a failure of the test. */
    g_assert_true(WIFEXITED(status));
    g_assert_cmpint(WEXITSTATUS(status), ==, 0);
    for (unsigned i = 0; i < bus->nr_lent; i++) {
        vfu_memory_free(bus->lent[i]);
    }
    close(bus->eventfd);
    unlink(bus->socket);
    rmdir(bus->dir);
    g_free(bus->socket);
    g_free(bus->dir);
    g_free(bus);
    g_free(d);
}

/* --- accesses --- */

uint64_t qos_read(QosDevice *d, unsigned bar, uint64_t offset, unsigned width)
{
    uint64_t value = 0;

    g_assert_cmpint(vfu_client_read(d->bus->c, bar, offset, &value, width), ==, 0);
    return GUINT64_FROM_LE(value);
}

void qos_write(QosDevice *d, unsigned bar, uint64_t offset, unsigned width, uint64_t value)
{
    g_assert_cmpint(vfu_client_writen(d->bus->c, bar, offset, width, value), ==, 0);
}

uint32_t qos_config_read(QosDevice *d, unsigned offset, unsigned width)
{
    return qos_read(d, VFU_REGION_CONFIG, offset, width);
}

void qos_config_write(QosDevice *d, unsigned offset, unsigned width, uint32_t value)
{
    qos_write(d, VFU_REGION_CONFIG, offset, width, value);
}

unsigned qos_find_capability(QosDevice *d, uint8_t id)
{
    unsigned at = qos_config_read(d, 0x34, 1);

    if (!(qos_config_read(d, 0x06, 2) & 0x10)) {
        return 0;
    }
    for (unsigned n = 0; at && n < 48; n++) {
        if (qos_config_read(d, at, 1) == id) {
            return at;
        }
        at = qos_config_read(d, at + 1, 1);
    }
    return 0;
}

bool qos_wait_register(QosDevice *d, unsigned bar, uint64_t offset, unsigned width,
                       uint64_t mask, uint64_t expect, double seconds)
{
    int64_t end = g_get_monotonic_time() + seconds * 1e6;

    while ((qos_read(d, bar, offset, width) & mask) != expect) {
        if (g_get_monotonic_time() > end) {
            return false;
        }
        qos_serve(d, 0.001);
    }
    return true;
}

uint64_t qos_region_size(QosDevice *d, unsigned bar)
{
    VfuClientRegion r;
    uint64_t size;

    g_assert_cmpint(vfu_client_get_region(d->bus->c, bar, &r), ==, 0);
    size = r.size;
    vfu_client_region_clear(&r);
    return size;
}

void qos_enable(QosDevice *d, bool on)
{
    uint32_t command = qos_config_read(d, 0x04, 2) & ~7u;

    qos_config_write(d, 0x04, 2, command | (on ? 7 : 0));
}

void qos_reset(QosDevice *d)
{
    g_assert_cmpint(vfu_client_reset(d->bus->c), ==, 0);
}

bool qos_alive(QosDevice *d)
{
    VfuDeviceInfo info;

    return vfu_client_get_info(d->bus->c, &info) == 0 && vfu_client_alive(d->bus->c);
}

/* --- memory --- */

uint8_t *qos_lend(QosDevice *d, uint64_t iova, size_t size, QosLend how)
{
    VfuMemory *m = vfu_memory_new(size, &error_abort);

    g_assert_cmpuint(d->bus->nr_lent, <, MAX_LENT);
    d->bus->lent[d->bus->nr_lent++] = m;
    g_assert_cmpint(vfu_client_dma_map(d->bus->c, m, 0, iova, size, 3, how == QOS_SHARED), ==,
                    0);
    return vfu_memory_data(m);
}

void qos_take_back(QosDevice *d, uint64_t iova, size_t size)
{
    g_assert_cmpint(vfu_client_dma_unmap(d->bus->c, iova, size, NULL), ==, 0);
}

void qos_serve(QosDevice *d, double seconds)
{
    g_assert_cmpint(vfu_client_serve(d->bus->c, seconds * 1e9), ==, 0);
}

/* --- interrupts --- */

static void set_bit16(QosDevice *d, unsigned at, uint16_t mask, bool on)
{
    uint32_t value = qos_config_read(d, at, 2) & ~mask;

    qos_config_write(d, at, 2, value | (on ? mask : 0));
}

void qos_irq_bind(QosDevice *d, QosIrq irq)
{
    g_assert_cmpint(vfu_client_irq_bind(d->bus->c, irq_index(irq), 0, 1, &d->bus->eventfd), ==,
                    0);
}

void qos_irq_unbind(QosDevice *d, QosIrq irq)
{
    int none = -1;

    g_assert_cmpint(vfu_client_irq_bind(d->bus->c, irq_index(irq), 0, 1, &none), ==, 0);
}

void qos_irq_enable(QosDevice *d, QosIrq irq)
{
    unsigned msi = qos_find_capability(d, 0x05), msix = qos_find_capability(d, 0x11);

    qos_irq_bind(d, irq);
    set_bit16(d, 0x04, 1 << 10, irq != QOS_INTX);
    if (msi) {
        set_bit16(d, msi + 2, 1, irq == QOS_MSI);
    }
    if (msix) {
        set_bit16(d, msix + 2, 1 << 15, irq == QOS_MSIX);
    }
}

void qos_irq_unmask(QosDevice *d)
{
    g_assert_cmpint(vfu_client_irq_unmask(d->bus->c, VFU_IRQ_INTX, 0, 1), ==, 0);
}

unsigned qos_irq_wait(QosDevice *d, double seconds)
{
    struct pollfd p = { .fd = d->bus->eventfd, .events = POLLIN };
    int64_t end = g_get_monotonic_time() + seconds * 1e6;
    uint64_t count;

    /* The server may need answers to its messages before it can interrupt. */
    while (poll(&p, 1, 0) == 0 && g_get_monotonic_time() < end) {
        qos_serve(d, 0.001);
    }
    return read(d->bus->eventfd, &count, sizeof(count)) == sizeof(count) ? count : 0;
}
