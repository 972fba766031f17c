// SPDX-License-Identifier: GPL-2.0-only
/*
 * Port and device-memory accesses: in-kernel buses first, else userspace by
 * KVM_EXIT_IO and KVM_EXIT_MMIO, and what follows when userspace comes back.
 */
#include <linux/kvm.h>

#include "vm/arch.h"
#include "vcpu/ops.h"
#include "vcpu/trace.h"

bool kvm_io_pending(const struct x86_vcpu *vcpu)
{
	return vcpu->io.mmio_nr || vcpu->io.pio_count;
}

bool kvm_arch_vcpu_io_queued(struct kvm_vcpu *base)
{
	return kvm_io_pending(to_x86_vcpu(base));
}

void kvm_io_cancel(struct x86_vcpu *vcpu)
{
	vcpu->io.mmio_nr = 0;
	vcpu->io.pio_count = 0;
	vcpu->io.mmio_read_completed = false;
	vcpu->io.pio_read_completed = false;
	/* Or the next instruction that retires would trap for it. */
	vcpu->bp_hits = 0;
}

/* Append an access to the fragments, 8 bytes at most each. False: no room. */
static bool queue_fragments(struct kvm_pending_io *io, gpa_t gpa, const u8 *data,
			    unsigned int bytes)
{
	while (bytes) {
		unsigned int n = min(bytes, 8u);
		struct kvm_mmio_fragment *frag;

		if (io->mmio_nr == KVM_MAX_MMIO_FRAGMENTS)
			return false;
		frag = &io->mmio[io->mmio_nr++];
		frag->gpa = gpa;
		frag->len = n;
		memset(frag->data, 0, sizeof(frag->data));
		if (data) {
			memcpy(frag->data, data, n);
			data += n;
		}
		gpa += n;
		bytes -= n;
	}
	return true;
}

/* The data userspace delivered for the read that is replayed now. */
static bool replay_mmio_read(struct x86_vcpu *vcpu, gpa_t gpa, u8 *data, unsigned int bytes)
{
	struct kvm_pending_io *io = &vcpu->io;
	unsigned int i, pos = 0;

	if (!io->mmio_read_completed || io->mmio[0].gpa != gpa)
		return false;
	for (i = 0; i < io->mmio_done; i++) {
		if (pos + io->mmio[i].len > bytes)
			return false;
		memcpy(data + pos, io->mmio[i].data, io->mmio[i].len);
		pos += io->mmio[i].len;
	}
	io->mmio_read_completed = false;
	return pos == bytes;
}

int kvm_mmio_read(struct x86_vcpu *vcpu, gpa_t gpa, void *data, unsigned int bytes)
{
	struct kvm_pending_io *io = &vcpu->io;

	if (replay_mmio_read(vcpu, gpa, data, bytes)) {
		trace_kvm_mmio(KVM_TRACE_MMIO_READ, bytes, gpa, data);
		return X86EMUL_CONTINUE;
	}
	if (!kvm_io_bus_read(&vcpu->base, KVM_MMIO_BUS, gpa, bytes, data)) {
		trace_kvm_mmio(KVM_TRACE_MMIO_READ, bytes, gpa, data);
		return X86EMUL_CONTINUE;
	}
	/* A read behind a queued write would see the device before the write. */
	if (kvm_io_pending(vcpu) || !queue_fragments(io, gpa, NULL, bytes)) {
		io->mmio_nr = 0;
		return X86EMUL_UNHANDLEABLE;
	}
	trace_kvm_mmio(KVM_TRACE_MMIO_READ_UNSATISFIED, bytes, gpa, NULL);
	io->mmio_is_write = false;
	io->mmio_cur = 0;
	return X86EMUL_IO_NEEDED;
}

int kvm_mmio_write(struct x86_vcpu *vcpu, gpa_t gpa, const void *data, unsigned int bytes)
{
	struct kvm_pending_io *io = &vcpu->io;

	trace_kvm_mmio(KVM_TRACE_MMIO_WRITE, bytes, gpa, data);
	if (!kvm_io_bus_write(&vcpu->base, KVM_MMIO_BUS, gpa, bytes, data))
		return X86EMUL_CONTINUE;
	if (io->pio_count)
		return X86EMUL_UNHANDLEABLE;
	if (!io->mmio_nr) {
		io->mmio_is_write = true;
		io->mmio_cur = 0;
	}
	return queue_fragments(io, gpa, data, bytes) ? X86EMUL_CONTINUE : X86EMUL_UNHANDLEABLE;
}

int kvm_pio_read(struct x86_vcpu *vcpu, u16 port, unsigned int size, void *data,
		 unsigned int count)
{
	struct kvm_pending_io *io = &vcpu->io;
	unsigned int i;

	if (io->pio_read_completed) {
		io->pio_read_completed = false;
		if (io->pio_port == port && io->pio_size == size && io->pio_done == count) {
			memcpy(data, vcpu->pio_data, size * count);
			trace_kvm_pio(KVM_TRACE_PIO_IN, port, size, count, data);
			return X86EMUL_CONTINUE;
		}
	}
	for (i = 0; i < count; i++)
		if (kvm_io_bus_read(&vcpu->base, KVM_PIO_BUS, port, size, data + i * size))
			break;
	if (i == count) {
		trace_kvm_pio(KVM_TRACE_PIO_IN, port, size, count, data);
		return X86EMUL_CONTINUE;
	}
	/* A device that answered some items only cannot be asked again for them. */
	if (i || kvm_io_pending(vcpu) || size * count > KVM_PIO_PAGE_SIZE)
		return X86EMUL_UNHANDLEABLE;
	memset(vcpu->pio_data, 0, size * count);
	io->pio_in = true;
	io->pio_port = port;
	io->pio_size = size;
	io->pio_count = count;
	return X86EMUL_IO_NEEDED;
}

int kvm_pio_write(struct x86_vcpu *vcpu, u16 port, unsigned int size, const void *data,
		  unsigned int count)
{
	struct kvm_pending_io *io = &vcpu->io;
	unsigned int i;

	trace_kvm_pio(KVM_TRACE_PIO_OUT, port, size, count, data);
	for (i = 0; i < count; i++)
		if (kvm_io_bus_write(&vcpu->base, KVM_PIO_BUS, port, size, data + i * size))
			break;
	if (i == count)
		return X86EMUL_CONTINUE;
	count -= i;
	if (kvm_io_pending(vcpu) || size * count > KVM_PIO_PAGE_SIZE)
		return X86EMUL_UNHANDLEABLE;
	memcpy(vcpu->pio_data, data + i * size, size * count);
	io->pio_in = false;
	io->pio_port = port;
	io->pio_size = size;
	io->pio_count = count;
	return X86EMUL_CONTINUE;
}

static void fill_pio_exit(struct x86_vcpu *vcpu)
{
	struct kvm_run *run = vcpu->base.run;

	run->exit_reason = KVM_EXIT_IO;
	run->io.direction = vcpu->io.pio_in ? KVM_EXIT_IO_IN : KVM_EXIT_IO_OUT;
	run->io.size = vcpu->io.pio_size;
	run->io.data_offset = KVM_PIO_PAGE_OFFSET * PAGE_SIZE;
	run->io.count = vcpu->io.pio_count;
	run->io.port = vcpu->io.pio_port;
}

/* Userspace that moved RIP meanwhile has given the instruction up. */
static int resume_emulation(struct x86_vcpu *vcpu)
{
	if (vcpu->rip != vcpu->emul->eip) {
		kvm_io_cancel(vcpu);
		return 1;
	}
	return x86_emulate_instruction(vcpu, 0, EMULTYPE_NO_DECODE | EMULTYPE_COMPLETE_USER_EXIT,
				       NULL, 0);
}

int kvm_resume_with_answer(struct x86_vcpu *vcpu, u64 data, bool error)
{
	int r;

	vcpu->user_answer.data = data;
	vcpu->user_answer.error = error;
	vcpu->user_answer.valid = true;
	r = resume_emulation(vcpu);
	vcpu->user_answer.valid = false;
	return r;
}

static int complete_emulated_pio(struct x86_vcpu *vcpu)
{
	struct kvm_pending_io *io = &vcpu->io;

	io->pio_done = io->pio_count;
	io->pio_count = 0;
	if (!io->pio_in)
		return 1;
	io->pio_read_completed = true;
	return resume_emulation(vcpu);
}

static void fill_mmio_exit(struct x86_vcpu *vcpu)
{
	struct kvm_mmio_fragment *frag = &vcpu->io.mmio[vcpu->io.mmio_cur];
	struct kvm_run *run = vcpu->base.run;

	vcpu->base.stat.mmio_exits++;
	run->exit_reason = KVM_EXIT_MMIO;
	run->mmio.phys_addr = frag->gpa;
	run->mmio.len = frag->len;
	run->mmio.is_write = vcpu->io.mmio_is_write;
	memcpy(run->mmio.data, frag->data, sizeof(frag->data));
}

static int complete_emulated_mmio(struct x86_vcpu *vcpu)
{
	struct kvm_pending_io *io = &vcpu->io;

	if (!io->mmio_is_write)
		memcpy(io->mmio[io->mmio_cur].data, vcpu->base.run->mmio.data,
		       io->mmio[io->mmio_cur].len);
	if (++io->mmio_cur < io->mmio_nr)
		return kvm_io_exit_to_user(vcpu);
	io->mmio_done = io->mmio_nr;
	io->mmio_nr = 0;
	if (io->mmio_is_write)
		return 1;
	io->mmio_read_completed = true;
	return resume_emulation(vcpu);
}

int kvm_io_exit_to_user(struct x86_vcpu *vcpu)
{
	if (vcpu->io.mmio_nr) {
		fill_mmio_exit(vcpu);
		vcpu->complete_userspace_io = complete_emulated_mmio;
	} else {
		fill_pio_exit(vcpu);
		vcpu->complete_userspace_io = complete_emulated_pio;
	}
	return 0;
}

/* Userspace may have moved RIP while the access was pending: then the instruction is not there to skip. */
static int complete_fast_pio_out(struct x86_vcpu *vcpu)
{
	vcpu->io.pio_count = 0;
	if (vcpu->rip != vcpu->io.pio_rip) {
		kvm_io_cancel(vcpu);
		return 1;
	}
	return kvm_skip_emulated_instruction(vcpu);
}

/* Data of a plain IN goes to AL, AX or EAX; EAX clears the upper half. */
static int finish_fast_pio_in(struct x86_vcpu *vcpu, const void *data, int size)
{
	unsigned long val = size < 4 ? vcpu->regs[X86_REG_RAX] : 0;

	memcpy(&val, data, size);
	vcpu->regs[X86_REG_RAX] = val;
	return kvm_skip_emulated_instruction(vcpu);
}

static int complete_fast_pio_in(struct x86_vcpu *vcpu)
{
	struct kvm_pending_io *io = &vcpu->io;

	io->pio_count = 0;
	if (vcpu->rip != io->pio_rip) {
		kvm_io_cancel(vcpu);
		return 1;
	}
	trace_kvm_pio(KVM_TRACE_PIO_IN, io->pio_port, io->pio_size, 1, vcpu->pio_data);
	return finish_fast_pio_in(vcpu, vcpu->pio_data, io->pio_size);
}

int kvm_fast_pio(struct x86_vcpu *vcpu, int size, u16 port, bool in)
{
	u32 val;
	int r;

	vcpu->bp_hits = 0;
	if (unlikely(vcpu->switch_db_regs))
		kvm_io_breakpoint(vcpu, port, size);
	if (in)
		r = kvm_pio_read(vcpu, port, size, &val, 1);
	else
		r = kvm_pio_write(vcpu, port, size, &vcpu->regs[X86_REG_RAX], 1);
	if (!vcpu->io.pio_count && r == X86EMUL_CONTINUE)
		return in ? finish_fast_pio_in(vcpu, &val, size) :
			    kvm_skip_emulated_instruction(vcpu);
	vcpu->io.pio_rip = vcpu->rip;
	vcpu->complete_userspace_io = in ? complete_fast_pio_in : complete_fast_pio_out;
	fill_pio_exit(vcpu);
	return 0;
}
EXPORT_SYMBOL_GPL(kvm_fast_pio);
