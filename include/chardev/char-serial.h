/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests of qemu_chr_fe_ioctl() that serial ports make. */
#ifndef QEMU_CHAR_SERIAL_H
#define QEMU_CHAR_SERIAL_H

#define CHR_IOCTL_SERIAL_SET_PARAMS 1   /* QEMUSerialSetParams * */
#define CHR_IOCTL_SERIAL_SET_BREAK 2    /* int *: on or off */
#define CHR_IOCTL_SERIAL_SET_TIOCM 13   /* int *: modem lines */
#define CHR_IOCTL_SERIAL_GET_TIOCM 14

typedef struct QEMUSerialSetParams {
    int speed;
    int parity;         /* 'N', 'E' or 'O' */
    int data_bits;
    int stop_bits;
} QEMUSerialSetParams;

/* Modem lines; the numbers are those of Linux' TIOCM_. */
#define CHR_TIOCM_DTR 0x002
#define CHR_TIOCM_RTS 0x004
#define CHR_TIOCM_CTS 0x020
#define CHR_TIOCM_CAR 0x040
#define CHR_TIOCM_RI 0x080
#define CHR_TIOCM_DSR 0x100

#endif
