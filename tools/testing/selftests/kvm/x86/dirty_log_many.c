// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest writes more pages at once than a processor that logs by itself has room
 * for: none is lost, in any round, nor is one logged that was not written.
 */
#include "kvm_test.h"

#define SLOT	5
#define GPA	0x10000000ul
#define NR	1600u		/* a buffer has 512 entries */

/* From RDI on, ECX pages, RSI bytes apart. */
GUEST_CODE(fill, 64, "1: incl (%rdi)\n add %rsi, %rdi\n dec %ecx\n jnz 1b\n" GUEST_DONE);

static struct vm *vm;
static struct vcpu *vcpu;
static u8 bitmap[(NR + 63) / 64 * 8];

static void write_pages(unsigned int first, unsigned int step, const char *name)
{
	struct kvm_regs r;

	load_code(vcpu, MODE_LONG64, fill);
	vcpu_get_regs(vcpu, &r);
	r.rdi = GPA + first * PAGE_SIZE;
	r.rsi = step * PAGE_SIZE;
	r.rcx = (NR - first + step - 1) / step;
	vcpu_set_regs(vcpu, &r);
	expect_done(vcpu, name);
}

/* The log has pages @first, @first + @step, ... and no other; no page with a @step of 0. */
static void expect_log(unsigned int first, unsigned int step, const char *name)
{
	struct kvm_dirty_log log = { .slot = SLOT, .dirty_bitmap = bitmap };
	unsigned int i, lost = 0, more = 0;

	memset(bitmap, 0, sizeof(bitmap));
	must(kvm_ioctl(vm->fd, KVM_GET_DIRTY_LOG, &log));
	for (i = 0; i < NR; i++) {
		bool want = step && i >= first && !((i - first) % step);
		bool got = bitmap[i / 8] & (1 << i % 8);

		lost += want && !got;
		more += got && !want;
	}
	ok_eq(lost, 0, "%s: no page is lost", name);
	ok_eq(more, 0, "%s: and none is there that was not written", name);
}

static void test_log(void)
{
	vm_add_region(vm, SLOT, KVM_MEM_LOG_DIRTY_PAGES, GPA, NR * PAGE_SIZE);
	expect_log(0, 0, "at first");
	write_pages(0, 1, "the guest writes all pages");
	expect_log(0, 1, "for the first time");
	expect_log(0, 0, "read again");
	write_pages(0, 1, "the guest writes all pages again");
	expect_log(0, 1, "for the second time");
	write_pages(1, 2, "every other page");
	expect_log(1, 2, "every other one");
	write_pages(0, 1, "all pages, twice");
	write_pages(0, 1, "before the log is read");
	expect_log(0, 1, "all");
	expect_log(0, 0, "at last");
	vm_del_region(vm, SLOT);
}

/* Memory that was not logged when it was mapped; then logged, not, and again. */
static void test_flag(void)
{
	u8 *mem = vm_add_region(vm, SLOT, 0, GPA, NR * PAGE_SIZE);
	int round;

	write_pages(0, 1, "without a log");
	for (round = 0; round < 2; round++) {
		must(vm_set_region(vm, SLOT, KVM_MEM_LOG_DIRTY_PAGES, GPA, NR * PAGE_SIZE, mem));
		expect_log(0, 0, "a log that begins");
		write_pages(0, 1, "with a log");
		expect_log(0, 1, "all");
		write_pages(0, 3, "every third page");
		expect_log(0, 3, "every third");
		must(vm_set_region(vm, SLOT, 0, GPA, NR * PAGE_SIZE, mem));
		write_pages(0, 1, "without a log again");
	}
	ok_eq(*(u32 *)mem, 7, "what was written is there");
	vm_del_region(vm, SLOT);
}

int main(void)
{
	tap_start(30);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	test_log();
	test_flag();
	vm_destroy(vm);
	return tap_done();
}
