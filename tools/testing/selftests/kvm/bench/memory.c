// SPDX-License-Identifier: GPL-2.0-only
/* Second-level faults on memory that the host has, and memory slots that come and go. */
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <x86intrin.h>

#include "bench.h"

#define TOUCH_SLOT 8

/* RBX: address, RDX: stride, R15: count. */
GUEST_CODE(touch, 64, "9: mov %al, (%rbx)\n add %rdx, %rbx\n dec %r15\n jnz 9b\n" GUEST_DONE);

struct vcpu *create_toucher(struct vm *vm)
{
	struct vcpu *vcpu = vcpu_create(vm);

	load_code(vcpu, MODE_LONG64, touch);
	return vcpu;
}

u64 touch_pages(struct vcpu *vcpu, u64 gpa, u64 stride, u64 count)
{
	struct kvm_regs regs = {
		.rip = CODE_GPA, .rsp = STACK_TOP, .rflags = FLAG_FIXED,
		.rbx = gpa, .rdx = stride, .r15 = count,
	};
	u64 start;

	complete_exit(vcpu);
	vcpu_set_regs(vcpu, &regs);
	start = __rdtsc();
	if (ioctl(vcpu->fd, KVM_RUN, 0))
		bail("KVM_RUN: %s", strerror(errno));
	start = __rdtsc() - start;
	if (!at_done(vcpu))
		bail("touching pages: %s", describe_exit(vcpu, vcpu->run->exit_reason));
	return start;
}

/* Does the process have @size bytes in huge pages? */
static bool has_huge(u64 size)
{
	FILE *file = fopen("/proc/self/smaps_rollup", "r");
	unsigned long kib = 0;
	char line[128];

	if (!file)
		return false;
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "AnonHugePages: %lu kB", &kib) == 1)
			break;
	fclose(file);
	return kib >= size >> 10;
}

u8 *alloc_memory(u64 size, bool huge)
{
	u8 *hva = mmap(NULL, size + HUGE_SIZE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	u64 i;

	if (hva == MAP_FAILED)
		bail("mmap of guest memory: %s", strerror(errno));
	hva += -(unsigned long)hva & (HUGE_SIZE - 1);
	if (madvise(hva, size, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE))
		bail("madvise: %s", strerror(errno));
	for (i = 0; i < size; i += PAGE_SIZE)
		hva[i] = 1;
	if (huge && !has_huge(size))
		bail("the host has no %llu MiB in huge pages", (unsigned long long)size >> 20);
	return hva;
}

struct faults {
	struct vcpu *vcpu;
	u8 *hva;
	u64 page, size;
};

/* A new slot has nothing mapped. */
static u64 fault_in(void *ctx, u64 n)
{
	struct faults *f = ctx;
	struct vm *vm = f->vcpu->vm;
	u64 ticks;

	must(vm_set_region(vm, TOUCH_SLOT, 0, TOUCH_GPA, f->size, f->hva));
	/* What a deletion may have taken with it: tables above, the guest's own pages. */
	touch_pages(f->vcpu, TOUCH_GPA + f->size - f->page, f->page, 1);
	ticks = touch_pages(f->vcpu, TOUCH_GPA, f->page, n);
	must(vm_set_region(vm, TOUCH_SLOT, 0, TOUCH_GPA, 0, f->hva));
	return ticks;
}

static void measure_faults(const char *name, u64 page, u64 n)
{
	struct faults f = { .page = page, .size = (n + 2) * page };
	struct vm *vm;

	if (!wanted(name))
		return;
	vm = vm_create();
	f.vcpu = create_toucher(vm);
	f.hva = alloc_memory(f.size, page == HUGE_SIZE);
	report(name, per_thing(name, fault_in, &f, n), LIMIT_MEMORY);
	vm_destroy(vm);
	munmap(f.hva, f.size);
}

void bench_faults(void)
{
	measure_faults("Page fault, 4 KiB page", PAGE_SIZE, 2046);
	measure_faults("Page fault, 2 MiB page", HUGE_SIZE, 62);
}

/* Slots of a page each, with gaps that the new one fits into. */
#define SLOT_STRIDE	0x400000ul
#define SLOT_SIZE	HUGE_SIZE
#define NEW_SLOT	20000

GUEST_CODE(nothing, 16, GUEST_DONE);

struct slots {
	struct vm *vm;
	u8 *hva;
	unsigned int others;
};

static u64 create_and_delete(void *ctx, u64 n)
{
	struct slots *s = ctx;
	u64 gpa = TOUCH_GPA + s->others / 2 * SLOT_STRIDE + HUGE_SIZE;
	u64 start = __rdtsc();

	while (n--) {
		must(vm_set_region(s->vm, NEW_SLOT, 0, gpa, SLOT_SIZE, s->hva));
		must(vm_set_region(s->vm, NEW_SLOT, 0, gpa, 0, s->hva));
	}
	return __rdtsc() - start;
}

/* One of the others is that of the guest, which has run. */
static void measure_slots(const char *name, unsigned int others)
{
	struct slots s = { .others = others };
	struct vcpu *vcpu;
	unsigned int i;

	if (!wanted(name))
		return;
	s.vm = vm_create_bare();
	s.hva = alloc_memory(SLOT_SIZE, false);
	vm_add_region(s.vm, 0, 0, 0, RAM_END);
	vcpu = vcpu_create(s.vm);
	load_code(vcpu, MODE_REAL16, nothing);
	if (run_until_exit(vcpu) != KVM_EXIT_IO)
		bail("%s: %s", name, describe_exit(vcpu, vcpu->run->exit_reason));
	for (i = 1; i < others; i++)
		must(vm_set_region(s.vm, i, 0, TOUCH_GPA + i * SLOT_STRIDE, PAGE_SIZE, s.hva));
	report(name, per_thing(name, create_and_delete, &s, 32), LIMIT_MEMORY);
	vm_destroy(s.vm);
	munmap(s.hva, SLOT_SIZE);
}

void bench_slots(void)
{
	measure_slots("Memory slot, create + delete, beside 1", 1);
	measure_slots("Memory slot, create + delete, beside 1,000", 1000);
}
