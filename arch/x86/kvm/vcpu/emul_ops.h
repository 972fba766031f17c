/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by emulate.c (the entry) and emul_ops.c (the callbacks). */
#ifndef KVM_VCPU_EMUL_OPS_H
#define KVM_VCPU_EMUL_OPS_H

#include "vcpu/vcpu.h"

extern const struct x86_emulate_ops kvm_emulate_ops;

int kvm_fetch_guest_virt(struct x86_vcpu *vcpu, unsigned long la, void *data, unsigned int bytes,
			 struct x86_exception *ex);

/* Bytes at @la up to the end of its page, at most @max; a second page only for @min. Their number. */
int kvm_peek_insn(struct x86_vcpu *vcpu, unsigned long la, u8 *buf, unsigned int min,
		  unsigned int max);

/* The next access is translated by a walk: the tables, or what the walk depends on, changed. */
void kvm_forget_walks(struct x86_vcpu *vcpu);

/* HLT that is already skipped or retired. */
int kvm_emulate_halt_noskip(struct x86_vcpu *vcpu);

#endif
