/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Test-side drivers: one small driver for each device model behind one
 * interface, so that a check is written once and runs on all of them.
 *
 * A QosBus is how a driver reaches its device: over the vfio-user client library
 * (bus-vfio-user.c) or over qtest (bus-qtest.c). Drivers and checks use nothing
 * but the calls below, so that they run on both. Errors of the bus end the
 * test: a driver's functions return only what a check is about.
 *
 * Time is the bus's: real over vfio-user; over qtest it passes in qos_serve()
 * and in the calls that wait, and nowhere else.
 */
#ifndef TESTS_LIBQOS_QOS_H
#define TESTS_LIBQOS_QOS_H

#include "qemu/osdep.h"
#include "../qtest/libqtest.h"

typedef struct QosBus QosBus;
typedef struct QosBusOps QosBusOps;
typedef struct QosDevice QosDevice;
typedef struct QosDriver QosDriver;

/* How memory is lent to the device. */
typedef enum QosLend {
    QOS_SHARED,                 /* with its file; over qtest: RAM */
    QOS_MESSAGES,               /* the device's server has to ask */
} QosLend;

/* A device that is being driven. */
struct QosDevice {
    const QosBusOps *ops;
    QosBus *bus;                /* the implementation's */
    const QosDriver *driver;
    void *state;                /* the driver's; NULL at first, gone after remove() */
};

typedef enum QosIrq {
    QOS_INTX, QOS_MSI, QOS_MSIX,
} QosIrq;

/* The region of configuration space; 0 to 5 are BARs. */
#define QOS_CONFIG 7

/* What a bus can do besides; a check says what it needs. */
enum {
    QOS_CAN_TAKE_BACK = 1,      /* lent memory */
    QOS_CAN_MESSAGES = 2,       /* QOS_MESSAGES */
    QOS_CAN_RESET = 4,
    QOS_CAN_MAP = 8,            /* what a BAR offers for mapping */
};

/* Message interrupts that a test can tell apart. */
#define QOS_VECTORS 64

/* An implementation; see the calls below for what each does. */
struct QosBusOps {
    const char *name;
    unsigned can;
    /* Starts a program with the device; sets d->bus. */
    void (*start)(QosDevice *d);
    void (*end)(QosDevice *d);
    uint64_t (*read)(QosDevice *d, unsigned region, uint64_t offset, unsigned width);
    void (*write)(QosDevice *d, unsigned region, uint64_t offset, unsigned width,
                  uint64_t value);
    uint64_t (*region_size)(QosDevice *d, unsigned bar);
    void (*reset)(QosDevice *d);
    bool (*alive)(QosDevice *d);
    void (*lend)(QosDevice *d, uint64_t iova, size_t size, QosLend how);
    void (*take_back)(QosDevice *d, uint64_t iova, size_t size);
    void (*mem_read)(QosDevice *d, uint64_t iova, void *data, size_t size);
    void (*mem_write)(QosDevice *d, uint64_t iova, const void *data, size_t size);
    void (*irq_bind)(QosDevice *d, QosIrq irq, bool on);
    void (*irq_unmask)(QosDevice *d);
    /* Interrupts since the last call, without waiting. */
    unsigned (*irq_count)(QosDevice *d);
    void (*vector_bind)(QosDevice *d, unsigned vector, bool on);
    unsigned (*vector_count)(QosDevice *d, unsigned vector);
    void *(*map)(QosDevice *d, unsigned bar, uint64_t offset, uint64_t size);
    QTestState *(*qmp)(QosDevice *d);
    pid_t (*pid)(QosDevice *d);
    void (*serve)(QosDevice *d, double seconds);
    double (*now)(QosDevice *d);
};

extern const QosBusOps qos_bus_vfio_user, qos_bus_qtest;

/* NULL where a device has nothing of the kind; checks that need it do not run. */
struct QosDriver {
    const char *name;           /* of the device model */
    const char *options;        /* for -device, "" or ",x=y" */
    const char *server;         /* the same for vfio-user-server; NULL: none */
    uint16_t vendor, device;
    bool irqs[3];               /* by QosIrq */
    uint32_t max_copy;          /* bytes of one dma_copy() */
    uint32_t copy_align, copy_unit;     /* its addresses and lengths; 0: any */
    const void *rig;            /* what arguments() makes of it is the driver's */

    /*
     * All that the command line says of the device, which has to get the id d0; the
     * caller frees. NULL: "-device" with name and options.
     */
    char *(*arguments)(QosDevice *d);

    /* The ids are right already: is this really the device? */
    bool (*probe)(QosDevice *d);
    /* Ready for use; also after a reset. */
    void (*init)(QosDevice *d);
    /* What the device is for, beyond DMA and interrupts. */
    void (*self_test)(QosDevice *d);
    /* Copies between IOVAs; false: the device reports or shows a failure. */
    bool (*dma_copy)(QosDevice *d, uint64_t src, uint64_t dst, uint32_t len);
    /* Starts writing len bytes to dst and returns while it is under way. */
    void (*dma_start)(QosDevice *d, uint64_t dst, uint32_t len);
    /* Interrupt on vector 0 by a register write; lower takes a level away. */
    void (*raise_irq)(QosDevice *d);
    void (*lower_irq)(QosDevice *d);
    /* Leaves nothing under way. */
    void (*remove)(QosDevice *d);
};

extern const QosDriver qos_edu, qos_dma_engine, qos_pci_testdev, qos_i6300esb, qos_pvpanic_pci;
extern const QosDriver *const qos_drivers[];            /* ends with NULL */

/* --- life --- */

/* Of the command line; the caller frees. */
char *qos_arguments(QosDevice *d);
/* Starts the program (VFU_SERVER or QTEST_QEMU_BINARY names it) with the device. */
QosDevice *qos_device_new(const QosBusOps *ops, const QosDriver *driver);
/* remove(), then everything ends. */
void qos_device_free(QosDevice *d);

/* --- the bus, for drivers --- */

uint64_t qos_read(QosDevice *d, unsigned bar, uint64_t offset, unsigned width);
void qos_write(QosDevice *d, unsigned bar, uint64_t offset, unsigned width, uint64_t value);
uint32_t qos_config_read(QosDevice *d, unsigned offset, unsigned width);
void qos_config_write(QosDevice *d, unsigned offset, unsigned width, uint32_t value);
/* Offset of a capability, 0: none. */
unsigned qos_find_capability(QosDevice *d, uint8_t id);
/* Reads until (value & mask) == expect; false after seconds. */
bool qos_wait_register(QosDevice *d, unsigned bar, uint64_t offset, unsigned width,
                       uint64_t mask, uint64_t expect, double seconds);

/* --- the bus, for checks --- */

uint64_t qos_region_size(QosDevice *d, unsigned bar);   /* 0: absent */
/* Memory, dword and bus master; off: none of them. */
void qos_enable(QosDevice *d, bool on);
void qos_bus_master(QosDevice *d, bool on);
void qos_reset(QosDevice *d);
bool qos_alive(QosDevice *d);
void qos_lend(QosDevice *d, uint64_t iova, size_t size, QosLend how);
/* Takes it back; the memory stays readable until the device is freed. */
void qos_take_back(QosDevice *d, uint64_t iova, size_t size);
/* Lent memory, from the side of its owner. */
void qos_mem_read(QosDevice *d, uint64_t iova, void *data, size_t size);
void qos_mem_write(QosDevice *d, uint64_t iova, const void *data, size_t size);
void qos_mem_set(QosDevice *d, uint64_t iova, uint8_t value, size_t size);
/* Binds vector 0 and enables the type. */
void qos_irq_enable(QosDevice *d, QosIrq irq);
/* Nobody takes vector 0, the type stays enabled; then somebody does again. */
void qos_irq_unbind(QosDevice *d, QosIrq irq);
void qos_irq_bind(QosDevice *d, QosIrq irq);
void qos_irq_unmask(QosDevice *d);                      /* INTx */
/* Interrupts since the last call, waiting at most so long for the first. */
unsigned qos_irq_wait(QosDevice *d, double seconds);
/* More vectors of MSI-X than the first, which qos_irq_enable() has bound. */
void qos_vector_bind(QosDevice *d, unsigned vector, bool on);
unsigned qos_vector_wait(QosDevice *d, unsigned vector, double seconds);
/* Part of a BAR, until the device is freed; NULL: it is not offered. */
void *qos_map(QosDevice *d, unsigned bar, uint64_t offset, uint64_t size);
/* For the QMP calls of libqtest, and only those. */
QTestState *qos_qmp(QosDevice *d);
pid_t qos_pid(QosDevice *d);
/* Lets time pass; answers the server's DMA messages meanwhile. */
void qos_serve(QosDevice *d, double seconds);

#endif
