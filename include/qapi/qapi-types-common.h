/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Enums that many subsystems share.  Each value's name is in the lookup table;
 * the values are those of QEMU's schema, in its order.
 */
#ifndef QAPI_TYPES_COMMON_H
#define QAPI_TYPES_COMMON_H

#include "qapi/qapi-builtin-types.h"

typedef enum OnOffAuto {
    ON_OFF_AUTO_AUTO,
    ON_OFF_AUTO_ON,
    ON_OFF_AUTO_OFF,
    ON_OFF_AUTO__MAX,
} OnOffAuto;
#define OnOffAuto_str(val) qapi_enum_lookup(&OnOffAuto_lookup, (val))
extern const QEnumLookup OnOffAuto_lookup;

typedef enum OnOffSplit {
    ON_OFF_SPLIT_ON,
    ON_OFF_SPLIT_OFF,
    ON_OFF_SPLIT_SPLIT,
    ON_OFF_SPLIT__MAX,
} OnOffSplit;
#define OnOffSplit_str(val) qapi_enum_lookup(&OnOffSplit_lookup, (val))
extern const QEnumLookup OnOffSplit_lookup;

typedef enum OffAutoPCIBAR {
    OFF_AUTOPCIBAR_OFF,
    OFF_AUTOPCIBAR_AUTO,
    OFF_AUTOPCIBAR_BAR0,
    OFF_AUTOPCIBAR_BAR1,
    OFF_AUTOPCIBAR_BAR2,
    OFF_AUTOPCIBAR_BAR3,
    OFF_AUTOPCIBAR_BAR4,
    OFF_AUTOPCIBAR_BAR5,
    OFF_AUTOPCIBAR__MAX,
} OffAutoPCIBAR;
#define OffAutoPCIBAR_str(val) qapi_enum_lookup(&OffAutoPCIBAR_lookup, (val))
extern const QEnumLookup OffAutoPCIBAR_lookup;

typedef enum PCIELinkSpeed {
    PCIE_LINK_SPEED_2_5,
    PCIE_LINK_SPEED_5,
    PCIE_LINK_SPEED_8,
    PCIE_LINK_SPEED_16,
    PCIE_LINK_SPEED_32,
    PCIE_LINK_SPEED_64,
    PCIE_LINK_SPEED__MAX,
} PCIELinkSpeed;
#define PCIELinkSpeed_str(val) qapi_enum_lookup(&PCIELinkSpeed_lookup, (val))
extern const QEnumLookup PCIELinkSpeed_lookup;

typedef enum PCIELinkWidth {
    PCIE_LINK_WIDTH_1,
    PCIE_LINK_WIDTH_2,
    PCIE_LINK_WIDTH_4,
    PCIE_LINK_WIDTH_8,
    PCIE_LINK_WIDTH_12,
    PCIE_LINK_WIDTH_16,
    PCIE_LINK_WIDTH_32,
    PCIE_LINK_WIDTH__MAX,
} PCIELinkWidth;
#define PCIELinkWidth_str(val) qapi_enum_lookup(&PCIELinkWidth_lookup, (val))
extern const QEnumLookup PCIELinkWidth_lookup;

#endif
