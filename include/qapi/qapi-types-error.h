/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The error classes that QMP knows; everything new is a GenericError. */
#ifndef QAPI_TYPES_ERROR_H
#define QAPI_TYPES_ERROR_H

typedef enum QapiErrorClass {
    QAPI_ERROR_CLASS_GENERICERROR,
    QAPI_ERROR_CLASS_COMMANDNOTFOUND,
    QAPI_ERROR_CLASS_DEVICENOTACTIVE,
    QAPI_ERROR_CLASS_DEVICENOTFOUND,
    QAPI_ERROR_CLASS_KVMMISSINGCAP,
    QAPI_ERROR_CLASS__MAX
} QapiErrorClass;

#endif
