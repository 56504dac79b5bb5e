/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trace/trace-vfio_user_server.h"
