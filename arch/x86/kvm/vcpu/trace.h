/* SPDX-License-Identifier: GPL-2.0-only */
/* Tracepoints: names and fields that perf kvm, trace-cmd and bpftrace scripts know; ours come after them. */
#if !defined(KVM_VCPU_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define KVM_VCPU_TRACE_H

#include <linux/tracepoint.h>
#include <asm/svm.h>
#include <asm/vmx.h>

#include "vcpu/ops.h"

#undef TRACE_SYSTEM
#define TRACE_SYSTEM kvm

#ifndef KVM_VCPU_TRACE_DEFS
#define KVM_VCPU_TRACE_DEFS
#define KVM_TRACE_TEXT_LEN	80

#define KVM_TRACE_MMIO_READ_UNSATISFIED	0
#define KVM_TRACE_MMIO_READ		1
#define KVM_TRACE_MMIO_WRITE		2

#define KVM_TRACE_PIO_IN		0
#define KVM_TRACE_PIO_OUT		1

#define KVM_EMUL_INSN_F_CR0_PE		BIT(0)
#define KVM_EMUL_INSN_F_EFL_VM		BIT(1)
#define KVM_EMUL_INSN_F_CS_D		BIT(2)
#define KVM_EMUL_INSN_F_CS_L		BIT(3)
#endif

#define kvm_trace_exit_reason(isa, reason)					\
	((isa) == KVM_ISA_VMX ?							\
	 __print_symbolic((reason) & 0xffff, VMX_EXIT_REASONS) :		\
	 __print_symbolic(reason, SVM_EXIT_REASONS))

#define kvm_trace_emul_mode(flags)						\
	__print_symbolic(flags,							\
		{ 0,						"real" },	\
		{ KVM_EMUL_INSN_F_CR0_PE | KVM_EMUL_INSN_F_EFL_VM, "vm16" },	\
		{ KVM_EMUL_INSN_F_CR0_PE,			"prot16" },	\
		{ KVM_EMUL_INSN_F_CR0_PE | KVM_EMUL_INSN_F_CS_D, "prot32" },	\
		{ KVM_EMUL_INSN_F_CR0_PE | KVM_EMUL_INSN_F_CS_L, "prot64" })

#define kvm_trace_emul_result(result)						\
	__print_symbolic(result,						\
		{ EMULATION_FAILED,		"failed" },			\
		{ EMULATION_OK,			"done" },			\
		{ EMULATION_RESTART,		"restart" },			\
		{ EMULATION_INTERCEPTED,	"intercepted" },		\
		{ EMULATION_FAULT,		"fault" },			\
		{ EMULATION_IO_NEEDED,		"io" })

#define kvm_trace_emul_type(type)						\
	((type) ? __print_flags(type, "|",					\
		{ EMULTYPE_NO_DECODE,		"NO_DECODE" },			\
		{ EMULTYPE_TRAP_UD,		"TRAP_UD" },			\
		{ EMULTYPE_SKIP,		"SKIP" },			\
		{ EMULTYPE_ALLOW_RETRY_PF,	"ALLOW_RETRY_PF" },		\
		{ EMULTYPE_TRAP_UD_FORCED,	"TRAP_UD_FORCED" },		\
		{ EMULTYPE_VMWARE_GP,		"VMWARE_GP" },			\
		{ EMULTYPE_PF,			"PF" },				\
		{ EMULTYPE_COMPLETE_USER_EXIT,	"COMPLETE_USER_EXIT" },		\
		{ EMULTYPE_WRITE_PF_TO_SP,	"WRITE_PF_TO_SP" },		\
		{ EMULTYPE_SKIP_SOFT_INT,	"SKIP_SOFT_INT" }) : "-")

#define kvm_trace_sym_exc							\
	{ 0, "#DE" }, { 1, "#DB" }, { 3, "#BP" }, { 4, "#OF" }, { 5, "#BR" },	\
	{ 6, "#UD" }, { 7, "#NM" }, { 8, "#DF" }, { 10, "#TS" }, { 11, "#NP" },	\
	{ 12, "#SS" }, { 13, "#GP" }, { 14, "#PF" }, { 16, "#MF" },		\
	{ 17, "#AC" }, { 18, "#MC" }, { 19, "#XM" }

TRACE_EVENT(kvm_entry,
	TP_PROTO(struct x86_vcpu *vcpu, bool force_immediate_exit),
	TP_ARGS(vcpu, force_immediate_exit),
	TP_STRUCT__entry(
		__field(unsigned int,	vcpu_id)
		__field(unsigned long,	rip)
		__field(bool,		immediate_exit)
	),
	TP_fast_assign(
		__entry->vcpu_id	= vcpu->base.vcpu_id;
		__entry->rip		= vcpu->rip;
		__entry->immediate_exit	= force_immediate_exit;
	),
	TP_printk("vcpu %u, rip 0x%lx%s", __entry->vcpu_id, __entry->rip,
		  __entry->immediate_exit ? "[immediate exit]" : "")
);

TRACE_EVENT(kvm_exit,
	TP_PROTO(struct x86_vcpu *vcpu, u32 isa),
	TP_ARGS(vcpu, isa),
	TP_STRUCT__entry(
		__field(unsigned int,	exit_reason)
		__field(unsigned long,	guest_rip)
		__field(u32,		isa)
		__field(u64,		info1)
		__field(u64,		info2)
		__field(u32,		intr_info)
		__field(u32,		error_code)
		__field(unsigned int,	vcpu_id)
	),
	TP_fast_assign(
		__entry->guest_rip	= vcpu->rip;
		__entry->isa		= isa;
		__entry->vcpu_id	= vcpu->base.vcpu_id;
		static_call(kvm_x86_get_exit_info)(vcpu, &__entry->exit_reason,
						   &__entry->info1, &__entry->info2,
						   &__entry->intr_info, &__entry->error_code);
	),
	TP_printk("vcpu %u reason %s%s%s rip 0x%lx info1 0x%016llx info2 0x%016llx intr_info 0x%08x error_code 0x%08x",
		  __entry->vcpu_id,
		  kvm_trace_exit_reason(__entry->isa, __entry->exit_reason),
		  __entry->isa == KVM_ISA_VMX && __entry->exit_reason & ~0xffff ? " " : "",
		  __entry->isa == KVM_ISA_VMX && __entry->exit_reason & ~0xffff ?
			__print_flags(__entry->exit_reason & ~0xffff, " ", VMX_EXIT_REASON_FLAGS) : "",
		  __entry->guest_rip, __entry->info1, __entry->info2,
		  __entry->intr_info, __entry->error_code)
);

TRACE_EVENT(kvm_page_fault,
	TP_PROTO(struct x86_vcpu *vcpu, u64 fault_address, u64 error_code),
	TP_ARGS(vcpu, fault_address, error_code),
	TP_STRUCT__entry(
		__field(unsigned int,	vcpu_id)
		__field(unsigned long,	guest_rip)
		__field(u64,		fault_address)
		__field(u64,		error_code)
	),
	TP_fast_assign(
		__entry->vcpu_id	= vcpu->base.vcpu_id;
		__entry->guest_rip	= vcpu->rip;
		__entry->fault_address	= fault_address;
		__entry->error_code	= error_code;
	),
	TP_printk("vcpu %u rip 0x%lx address 0x%016llx error_code 0x%llx",
		  __entry->vcpu_id, __entry->guest_rip,
		  __entry->fault_address, __entry->error_code)
);

TRACE_EVENT(kvm_mmio,
	TP_PROTO(int type, int len, u64 gpa, const void *val),
	TP_ARGS(type, len, gpa, val),
	TP_STRUCT__entry(
		__field(u32,	type)
		__field(u32,	len)
		__field(u64,	gpa)
		__field(u64,	val)
	),
	TP_fast_assign(
		__entry->type	= type;
		__entry->len	= len;
		__entry->gpa	= gpa;
		__entry->val	= 0;
		if (val)
			memcpy(&__entry->val, val, min_t(u32, sizeof(__entry->val), len));
	),
	TP_printk("mmio %s len %u gpa 0x%llx val 0x%llx",
		  __print_symbolic(__entry->type,
				   { KVM_TRACE_MMIO_READ_UNSATISFIED, "unsatisfied-read" },
				   { KVM_TRACE_MMIO_READ, "read" },
				   { KVM_TRACE_MMIO_WRITE, "write" }),
		  __entry->len, __entry->gpa, __entry->val)
);

TRACE_EVENT(kvm_pio,
	TP_PROTO(unsigned int rw, unsigned int port, unsigned int size,
		 unsigned int count, const void *data),
	TP_ARGS(rw, port, size, count, data),
	TP_STRUCT__entry(
		__field(unsigned int,	rw)
		__field(unsigned int,	port)
		__field(unsigned int,	size)
		__field(unsigned int,	count)
		__field(unsigned int,	val)
	),
	TP_fast_assign(
		__entry->rw	= rw;
		__entry->port	= port;
		__entry->size	= size;
		__entry->count	= count;
		__entry->val	= 0;
		memcpy(&__entry->val, data, min_t(u32, sizeof(__entry->val), size));
	),
	TP_printk("pio_%s at 0x%x size %d count %d val 0x%x %s",
		  __entry->rw ? "write" : "read",
		  __entry->port, __entry->size, __entry->count, __entry->val,
		  __entry->count > 1 ? "(...)" : "")
);

TRACE_EVENT(kvm_hypercall,
	TP_PROTO(unsigned long nr, unsigned long a0, unsigned long a1, unsigned long a2,
		 unsigned long a3),
	TP_ARGS(nr, a0, a1, a2, a3),
	TP_STRUCT__entry(
		__field(unsigned long,	nr)
		__field(unsigned long,	a0)
		__field(unsigned long,	a1)
		__field(unsigned long,	a2)
		__field(unsigned long,	a3)
	),
	TP_fast_assign(
		__entry->nr	= nr;
		__entry->a0	= a0;
		__entry->a1	= a1;
		__entry->a2	= a2;
		__entry->a3	= a3;
	),
	TP_printk("nr 0x%lx a0 0x%lx a1 0x%lx a2 0x%lx a3 0x%lx", __entry->nr, __entry->a0,
		  __entry->a1, __entry->a2, __entry->a3)
);

TRACE_EVENT(kvm_cpuid,
	TP_PROTO(unsigned int function, unsigned int index, unsigned long rax, unsigned long rbx,
		 unsigned long rcx, unsigned long rdx, bool found, bool used_max_basic),
	TP_ARGS(function, index, rax, rbx, rcx, rdx, found, used_max_basic),
	TP_STRUCT__entry(
		__field(unsigned int,	function)
		__field(unsigned int,	index)
		__field(unsigned long,	rax)
		__field(unsigned long,	rbx)
		__field(unsigned long,	rcx)
		__field(unsigned long,	rdx)
		__field(bool,		found)
		__field(bool,		used_max_basic)
	),
	TP_fast_assign(
		__entry->function	= function;
		__entry->index		= index;
		__entry->rax		= rax;
		__entry->rbx		= rbx;
		__entry->rcx		= rcx;
		__entry->rdx		= rdx;
		__entry->found		= found;
		__entry->used_max_basic	= used_max_basic;
	),
	TP_printk("func %x idx %x rax %lx rbx %lx rcx %lx rdx %lx, cpuid entry %s%s",
		  __entry->function, __entry->index, __entry->rax, __entry->rbx,
		  __entry->rcx, __entry->rdx, __entry->found ? "found" : "not found",
		  __entry->used_max_basic ? ", used max basic" : "")
);

TRACE_EVENT(kvm_msr,
	TP_PROTO(unsigned int write, u32 ecx, u64 data, bool exception),
	TP_ARGS(write, ecx, data, exception),
	TP_STRUCT__entry(
		__field(unsigned int,	write)
		__field(u32,		ecx)
		__field(u64,		data)
		__field(u8,		exception)
	),
	TP_fast_assign(
		__entry->write		= write;
		__entry->ecx		= ecx;
		__entry->data		= data;
		__entry->exception	= exception;
	),
	TP_printk("msr_%s %x = 0x%llx%s", __entry->write ? "write" : "read",
		  __entry->ecx, __entry->data, __entry->exception ? " (#GP)" : "")
);

TRACE_EVENT(kvm_inj_exception,
	TP_PROTO(u8 exception, bool has_error, u32 error_code, bool reinjected),
	TP_ARGS(exception, has_error, error_code, reinjected),
	TP_STRUCT__entry(
		__field(u8,	exception)
		__field(u8,	has_error)
		__field(u32,	error_code)
		__field(bool,	reinjected)
	),
	TP_fast_assign(
		__entry->exception	= exception;
		__entry->has_error	= has_error;
		__entry->error_code	= error_code;
		__entry->reinjected	= reinjected;
	),
	TP_printk("%s%s%s%s%s",
		  __print_symbolic(__entry->exception, kvm_trace_sym_exc),
		  !__entry->has_error ? "" : " (",
		  !__entry->has_error ? "" : __print_symbolic(__entry->error_code, { }),
		  !__entry->has_error ? "" : ")",
		  __entry->reinjected ? " [reinjected]" : "")
);

/*
 * One event per emulated instruction, when its outcome is known. The fields up
 * to failed are the field's; the others say which instruction it was and why.
 */
TRACE_EVENT(kvm_emulate_insn,
	TP_PROTO(struct x86_vcpu *vcpu, unsigned long rip, const char *text, int emul_type,
		 int result),
	TP_ARGS(vcpu, rip, text, emul_type, result),
	TP_STRUCT__entry(
		__field(__u64,	rip)
		__field(__u32,	csbase)
		__field(__u8,	len)
		__array(__u8,	insn, 15)
		__field(__u8,	flags)
		__field(__u8,	failed)
		__field(__u8,	isa)
		__field(__s8,	result)
		__field(__u32,	exit_reason)
		__field(__u32,	emul_type)
		__array(char,	text, KVM_TRACE_TEXT_LEN)
	),
	TP_fast_assign(
		__entry->csbase = static_call(kvm_x86_get_segment_base)(vcpu, X86_SEG_CS);
		__entry->len = vcpu->emul->fetch.pos;
		memcpy(__entry->insn, vcpu->emul->fetch.data, 15);
		__entry->rip = rip;
		__entry->flags = vcpu->emul_trace_flags;
		__entry->failed = result == EMULATION_FAILED;
		__entry->isa = kvm_x86_ops.isa;
		__entry->result = result;
		__entry->exit_reason = vcpu->last_exit_reason;
		__entry->emul_type = emul_type;
		strscpy(__entry->text, text, KVM_TRACE_TEXT_LEN);
	),
	TP_printk("%x:%llx:%s (%s)%s insn='%s' reason=%s type=%s result=%s",
		  __entry->csbase, __entry->rip,
		  __print_hex(__entry->insn, __entry->len),
		  kvm_trace_emul_mode(__entry->flags),
		  __entry->failed ? " failed" : "",
		  __entry->text,
		  kvm_trace_exit_reason(__entry->isa, __entry->exit_reason),
		  kvm_trace_emul_type(__entry->emul_type),
		  kvm_trace_emul_result(__entry->result))
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH vcpu
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace

/* This part must be outside protection. */
#include <trace/define_trace.h>
