/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of types that device models use before, or without, their definition.
 * Only names: the one header that owns a type completes it. The exception is
 * MemReentrancyGuard, which both the event loop and qdev look into.
 */
#ifndef QEMU_TYPEDEFS_H
#define QEMU_TYPEDEFS_H

#include <stdbool.h>

/* errors, options, data */
typedef struct Error Error;
typedef struct JSONWriter JSONWriter;
typedef struct QBool QBool;
typedef struct QDict QDict;
typedef struct QList QList;
typedef struct QNull QNull;
typedef struct QNum QNum;
typedef struct QObject QObject;
typedef struct QString QString;
typedef struct QemuOpt QemuOpt;
typedef struct QemuOpts QemuOpts;
typedef struct QemuOptsList QemuOptsList;
typedef struct Visitor Visitor;
typedef struct Monitor Monitor;
typedef struct MonitorDef MonitorDef;
typedef struct MonitorHMP MonitorHMP;
typedef struct ReservedRegion ReservedRegion;
typedef struct Range Range;
typedef struct DMAMap DMAMap;

/* event loop and threads */
typedef struct AioContext AioContext;
typedef struct AioHandler AioHandler;
typedef struct AIOCBInfo AIOCBInfo;
typedef struct BlockAIOCB BlockAIOCB;
typedef struct CoMutex CoMutex;
typedef struct CoQueue CoQueue;
typedef struct Coroutine Coroutine;
typedef struct EventNotifier EventNotifier;
typedef struct IOThread IOThread;
typedef struct Notifier Notifier;
typedef struct NotifierList NotifierList;
typedef struct NotifierWithReturn NotifierWithReturn;
typedef struct NotifierWithReturnList NotifierWithReturnList;
typedef struct QEMUBH QEMUBH;
typedef struct QEMUTimer QEMUTimer;
typedef struct QEMUTimerListGroup QEMUTimerListGroup;
typedef struct QemuCond QemuCond;
typedef struct QemuEvent QemuEvent;
typedef struct QemuLockable QemuLockable;
typedef struct QemuMutex QemuMutex;
typedef struct QemuRecMutex QemuRecMutex;
typedef struct QemuSemaphore QemuSemaphore;
typedef struct QemuSpin QemuSpin;
typedef struct QemuThread QemuThread;
typedef struct ThreadContext ThreadContext;
typedef struct VMChangeStateEntry VMChangeStateEntry;

/* objects, devices, buses */
typedef struct Object Object;
typedef struct ObjectClass ObjectClass;
typedef struct ObjectProperty ObjectProperty;
typedef struct InterfaceClass InterfaceClass;
typedef struct InterfaceInfo InterfaceInfo;
typedef struct TypeInfo TypeInfo;
typedef struct TypeImpl *Type;
typedef struct BusChild BusChild;
typedef struct BusClass BusClass;
typedef struct BusState BusState;
typedef struct Clock Clock;
typedef struct DeviceClass DeviceClass;
typedef struct DeviceListener DeviceListener;
typedef struct DeviceState DeviceState;
typedef struct HotplugHandler HotplugHandler;
typedef struct HotplugHandlerClass HotplugHandlerClass;
typedef struct MachineClass MachineClass;
typedef struct MachineState MachineState;
typedef struct NamedClockList NamedClockList;
typedef struct NamedGPIOList NamedGPIOList;
typedef struct Property Property;
typedef struct PropertyInfo PropertyInfo;
typedef struct ResettableClass ResettableClass;
typedef struct ResettableState ResettableState;
typedef struct SysBusDevice SysBusDevice;
typedef struct FWCfgState FWCfgState;
typedef struct FWCfgEntry FWCfgEntry;
typedef struct FWCfgIoState FWCfgIoState;
typedef struct FWCfgMemState FWCfgMemState;
typedef struct IRQState *qemu_irq;
typedef void (*qemu_irq_handler)(void *opaque, int n, int level);

/* memory */
typedef struct AddressSpace AddressSpace;
typedef struct DirtyBitmapSnapshot DirtyBitmapSnapshot;
typedef struct FlatView FlatView;
typedef struct HostMemoryBackend HostMemoryBackend;
typedef struct IOMMUMemoryRegion IOMMUMemoryRegion;
typedef struct MemoryListener MemoryListener;
typedef struct MemoryMappingList MemoryMappingList;
typedef struct MemoryRegion MemoryRegion;
typedef struct MemoryRegionCache MemoryRegionCache;
typedef struct MemoryRegionSection MemoryRegionSection;
typedef struct PostcopyDiscardState PostcopyDiscardState;
typedef struct QEMUIOVector QEMUIOVector;
typedef struct QEMUSGList QEMUSGList;
typedef struct RAMBlock RAMBlock;
typedef struct RamDiscardManager RamDiscardManager;

/* PCI and other buses */
typedef struct AllwinnerAhciState AllwinnerAhciState;
typedef struct I2CBus I2CBus;
typedef struct I2SCodec I2SCodec;
typedef struct ISABus ISABus;
typedef struct ISADevice ISADevice;
typedef struct IsaDma IsaDma;
typedef struct MSIMessage MSIMessage;
typedef struct PCIBridge PCIBridge;
typedef struct PCIBus PCIBus;
typedef struct PCIDevice PCIDevice;
typedef struct PCIEAERErr PCIEAERErr;
typedef struct PCIEAERLog PCIEAERLog;
typedef struct PCIEAERMsg PCIEAERMsg;
typedef struct PCIEPort PCIEPort;
typedef struct PCIESlot PCIESlot;
typedef struct PCIESriovPF PCIESriovPF;
typedef struct PCIESriovVF PCIESriovVF;
typedef struct PCIExpressDevice PCIExpressDevice;
typedef struct PCIExpressHost PCIExpressHost;
typedef struct PCIHostDeviceAddress PCIHostDeviceAddress;
typedef struct PCIHostState PCIHostState;
typedef struct PCMCIACardState PCMCIACardState;
typedef struct SHPCDevice SHPCDevice;
typedef struct SSIBus SSIBus;
typedef struct VirtIODevice VirtIODevice;
typedef struct CPUArchState CPUArchState;
typedef struct CPUState CPUState;
typedef struct CPUAddressSpace CPUAddressSpace;

/* back ends */
typedef struct BdrvDirtyBitmap BdrvDirtyBitmap;
typedef struct BdrvDirtyBitmapIter BdrvDirtyBitmapIter;
typedef struct BlockBackend BlockBackend;
typedef struct BlockBackendRootState BlockBackendRootState;
typedef struct BlockDriverState BlockDriverState;
typedef struct BlockConf BlockConf;
typedef struct DriveInfo DriveInfo;
typedef struct Chardev Chardev;
typedef struct ConsoleState ConsoleState;
typedef struct DisplayChangeListener DisplayChangeListener;
typedef struct DisplayState DisplayState;
typedef struct DisplaySurface DisplaySurface;
typedef struct QemuConsole QemuConsole;
typedef struct MACAddr MACAddr;
typedef struct MouseTransformInfo MouseTransformInfo;
typedef struct NICInfo NICInfo;
typedef struct NICState NICState;
typedef struct NetClientState NetClientState;
typedef struct NetFilterState NetFilterState;
typedef struct NodeInfo NodeInfo;
typedef struct NumaNodeMem NumaNodeMem;
typedef struct SavedIOTLB SavedIOTLB;
typedef struct QEMUCursor QEMUCursor;
typedef struct QEMUSerialSetParams QEMUSerialSetParams;
typedef struct Aml Aml;
typedef struct SMBusDevice SMBusDevice;

/* migration */
typedef struct MigrationIncomingState MigrationIncomingState;
typedef struct MigrationState MigrationState;
typedef struct QEMUFile QEMUFile;
typedef struct VMStateDescription VMStateDescription;
typedef struct VMStateField VMStateField;
typedef struct VMStateInfo VMStateInfo;
typedef struct VMStateIf VMStateIf;

/*
 * Set while a device's register callback or guarded bottom half runs, tested
 * before another one of the same device would start: that is how MMIO that a
 * device aims at itself by DMA is stopped. Protected by the domain's lock.
 */
typedef struct MemReentrancyGuard {
    bool engaged_in_io;
} MemReentrancyGuard;

#endif
