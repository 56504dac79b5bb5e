/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The path of newer releases for "sysemu/kvm.h". */
#include "sysemu/kvm.h"
