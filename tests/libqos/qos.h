/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Test-side drivers: one small driver for each device model behind one
 * interface, so that a check is written once and runs on all of them.
 *
 * A QosBus is how a driver reaches its device. There is one over the vfio-user
 * client library (bus-vfio-user.c); drivers use nothing else, so that another
 * one (qtest) can take its place. Errors of the bus end the test: a driver's
 * functions return only what a check is about.
 */
#ifndef TESTS_LIBQOS_QOS_H
#define TESTS_LIBQOS_QOS_H

#include "qemu/osdep.h"
#include "vfio-user/client.h"

typedef struct QosBus QosBus;
typedef struct QosDriver QosDriver;

/* How memory is lent to the device. */
typedef enum QosLend {
    QOS_SHARED,                 /* with its file */
    QOS_MESSAGES,               /* the device's server has to ask */
} QosLend;

/* A device that is being driven. */
typedef struct QosDevice {
    QosBus *bus;
    const QosDriver *driver;
} QosDevice;

typedef enum QosIrq {
    QOS_INTX, QOS_MSI, QOS_MSIX,
} QosIrq;

/* NULL where a device has nothing of the kind; checks that need it do not run. */
struct QosDriver {
    const char *name;           /* of the device model */
    const char *options;        /* for -device, "" or ",x=y" */
    uint16_t vendor, device;
    bool irqs[3];               /* by QosIrq */
    uint32_t max_copy;          /* bytes of one dma_copy() */

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

extern const QosDriver qos_edu, qos_dma_engine, qos_pci_testdev, qos_i6300esb;
extern const QosDriver *const qos_drivers[];            /* ends with NULL */

/* --- life --- */

/* Starts a server (the program in VFU_SERVER) with the device and attaches. */
QosDevice *qos_device_new(const QosDriver *driver);
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
void qos_reset(QosDevice *d);
bool qos_alive(QosDevice *d);
uint8_t *qos_lend(QosDevice *d, uint64_t iova, size_t size, QosLend how);
/* Takes it back; the memory stays readable until the device is freed. */
void qos_take_back(QosDevice *d, uint64_t iova, size_t size);
/* Binds vector 0 and enables the type; -1 fds are not possible here. */
void qos_irq_enable(QosDevice *d, QosIrq irq);
/* Vector 0 loses its eventfd, the type stays enabled; then gets it again. */
void qos_irq_unbind(QosDevice *d, QosIrq irq);
void qos_irq_bind(QosDevice *d, QosIrq irq);
void qos_irq_unmask(QosDevice *d);                      /* INTx */
/* Interrupts since the last call, waiting at most so long for the first. */
unsigned qos_irq_wait(QosDevice *d, double seconds);
/* Answers the server's DMA messages so long. */
void qos_serve(QosDevice *d, double seconds);

#endif
