/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * KVM belongs to the client: every question about it is answered "no" here,
 * at compile time, so that a model takes its portable path.
 */
#ifndef SYSEMU_KVM_H
#define SYSEMU_KVM_H

#define kvm_enabled() (false)
#define kvm_irqchip_in_kernel() (false)
#define kvm_irqfds_enabled() (false)
#define kvm_msi_via_irqfd_enabled() (false)
#define kvm_eventfds_enabled() (false)
#define kvm_ioeventfd_any_length_enabled() (false)
#define kvm_has_many_ioeventfds() (0)
#define kvm_gsi_direct_mapping() (false)
#define kvm_gsi_routing_enabled() (false)

#endif
