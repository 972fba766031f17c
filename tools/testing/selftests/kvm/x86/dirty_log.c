// SPDX-License-Identifier: GPL-2.0-only
/* The dirty log of a slot: what the ioctls take, and what is in the log. */
#include <sys/mman.h>

#include "kvm_test.h"

#define TEST_SLOT 5
#define TEST_GPA 0x40000000ul
#define TEST_SIZE 0x400000ul
#define NR_PAGES (TEST_SIZE / PAGE_SIZE)
#define LONGS (NR_PAGES / 64)
#define ODD_SLOT 6
#define ODD_GPA 0x50000000ul
#define ODD_PAGES 70
#define MOVED_GPA 0x60000000ul
#define BIT(n) (1ull << (n))
#define CAPS (KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE | KVM_DIRTY_LOG_INITIALLY_SET)

GUEST_CODE(peek, 64, "mov (%rdi), %rax\n" GUEST_DONE);
GUEST_CODE(poke, 64, "mov %rax, (%rdi)\n" GUEST_DONE);
/* Emulated, as its source is MMIO. */
GUEST_CODE(copy_mmio, 64, "mov $0xa0000, %esi\n movsq\n" GUEST_DONE);
GUEST_CODE(forced_store, 64, GUEST_FEP "mov %rax, (%rdi)\n" GUEST_DONE);
GUEST_CODE(forced_lock, 64, GUEST_FEP "lock incq (%rdi)\n" GUEST_DONE);
GUEST_CODE(forced_lock16, 64,
	   "xor %eax, %eax\n xor %edx, %edx\n mov $1, %ebx\n mov $2, %ecx\n"
	   GUEST_FEP "lock cmpxchg16b (%rdi)\n" GUEST_DONE);
GUEST_CODE(forced_read, 64, GUEST_FEP "mov (%rdi), %rax\n" GUEST_DONE);

static struct vm *vm;
static struct vcpu *vcpu;
static u8 *mem;
static u64 bitmap[LONGS];

static int set_flags(u32 flags)
{
	return vm_set_region(vm, TEST_SLOT, flags, TEST_GPA, TEST_SIZE, mem);
}

/* Start with an empty log, or with what a new log has. */
static void restart_log(void)
{
	must(set_flags(0));
	must(set_flags(KVM_MEM_LOG_DIRTY_PAGES));
}

static int get_log(u32 slot, void *where)
{
	struct kvm_dirty_log log = { .slot = slot, .dirty_bitmap = where };

	return kvm_ioctl(vm->fd, KVM_GET_DIRTY_LOG, &log);
}

static int clear_log(u32 slot, u64 first, u32 pages, void *mask)
{
	struct kvm_clear_dirty_log log = {
		.slot = slot, .first_page = first, .num_pages = pages, .dirty_bitmap = mask,
	};

	return kvm_ioctl(vm->fd, KVM_CLEAR_DIRTY_LOG, &log);
}

static int set_manual(u64 flags)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, .args[0] = flags };

	return kvm_ioctl(vm->fd, KVM_ENABLE_CAP, &cap);
}

static u64 run_at(const u8 *code, const u8 *end, u64 gpa)
{
	u64 answer = 0x1234567;
	struct kvm_regs regs;

	vcpu_load(vcpu, MODE_LONG64, code, end);
	vcpu_get_regs(vcpu, &regs);
	regs.rdi = gpa;
	regs.rax = 99;
	vcpu_set_regs(vcpu, &regs);
	if (run_until_exit(vcpu) == KVM_EXIT_MMIO && !vcpu->run->mmio.is_write) {
		memcpy(vcpu->run->mmio.data, &answer, 8);
		run_until_exit(vcpu);
	}
	if (!at_done(vcpu))
		note("%s", describe_exit(vcpu, vcpu->run->exit_reason));
	vcpu_get_regs(vcpu, &regs);
	return regs.rax;
}

#define RUN(code, gpa) run_at(code, code##_end, gpa)

static void poke_page(unsigned int page)
{
	RUN(poke, TEST_GPA + page * PAGE_SIZE + 8);
}

/* The log of the test slot: pages @a, @b and @c, ~0 for none, and no other. */
static void expect_pages(u64 a, u64 b, u64 c, const char *name)
{
	u64 want[LONGS] = { 0 };
	unsigned int i, wrong = 0;

	if (a < NR_PAGES)
		want[a / 64] |= BIT(a % 64);
	if (b < NR_PAGES)
		want[b / 64] |= BIT(b % 64);
	if (c < NR_PAGES)
		want[c / 64] |= BIT(c % 64);
	memset(bitmap, 0xff, sizeof(bitmap));
	must(get_log(TEST_SLOT, bitmap));
	for (i = 0; i < LONGS; i++) {
		if (bitmap[i] != want[i] && !wrong++)
			note("pages from %u on: %#llx, want %#llx", i * 64,
			     (unsigned long long)bitmap[i], (unsigned long long)want[i]);
	}
	ok(!wrong, "%s", name);
}

#define NONE (~0ull)

static void test_get_errors(void)
{
	ok_eq(get_log(TEST_SLOT, bitmap), -ENOENT, "GET of a slot that is not logged");
	ok_eq(get_log(TEST_SLOT + 2, bitmap), -ENOENT, "GET of no slot");
	ok_eq(get_log(kvm_has(KVM_CAP_NR_MEMSLOTS), bitmap), -EINVAL,
	      "GET of a slot id one too high");
	ok_eq(get_log(0x7f0000 | TEST_SLOT, bitmap), -EINVAL,
	      "GET of an address space that does not exist");
	ok_eq(kvm_ioctl(vm->fd, KVM_GET_DIRTY_LOG, (void *)8), -EFAULT, "GET with a bad pointer");
	ok_eq(set_flags(KVM_MEM_LOG_DIRTY_PAGES), 0, "logging starts");
	ok_eq(get_log(TEST_SLOT, (void *)8), -EFAULT, "GET to a bad bitmap");
	expect_pages(NONE, NONE, NONE, "GET of an empty log");
	ok_eq(set_flags(0), 0, "logging stops");
	ok_eq(get_log(TEST_SLOT, bitmap), -ENOENT, "and there is no log any more");
}

static void test_clear_errors(void)
{
	ok_eq(clear_log(TEST_SLOT, 0, 64, bitmap), -ENOENT, "CLEAR of a slot that is not logged");
	ok_eq(clear_log(TEST_SLOT + 2, 0, 64, bitmap), -ENOENT, "CLEAR of no slot");
	must(set_flags(KVM_MEM_LOG_DIRTY_PAGES));
	ok_eq(clear_log(kvm_has(KVM_CAP_NR_MEMSLOTS), 0, 64, bitmap), -EINVAL,
	      "CLEAR of a slot id one too high");
	ok_eq(clear_log(0x7f0000 | TEST_SLOT, 0, 64, bitmap), -EINVAL,
	      "CLEAR of an address space that does not exist");
	ok_eq(clear_log(TEST_SLOT, 1, 64, bitmap), -EINVAL, "first page 1");
	ok_eq(clear_log(TEST_SLOT, 63, 1, bitmap), -EINVAL, "first page 63");
	ok_eq(clear_log(TEST_SLOT, 0, 63, bitmap), -EINVAL, "63 pages");
	ok_eq(clear_log(TEST_SLOT, 0, NR_PAGES + 64, bitmap), -EINVAL, "more pages than there are");
	ok_eq(clear_log(TEST_SLOT, 64, NR_PAGES, bitmap), -EINVAL, "beyond the end");
	ok_eq(clear_log(TEST_SLOT, NR_PAGES + 64, 0, bitmap), -EINVAL, "from beyond the end");
	ok_eq(clear_log(TEST_SLOT, ~63ull, 64, bitmap), -EINVAL, "from close to 2^64");
	ok_eq(clear_log(TEST_SLOT, NR_PAGES, 0, bitmap), 0, "nothing, at the end");
	ok_eq(kvm_ioctl(vm->fd, KVM_CLEAR_DIRTY_LOG, (void *)8), -EFAULT,
	      "CLEAR with a bad pointer");
	poke_page(3);
	ok_eq(clear_log(TEST_SLOT, 0, 64, (void *)8), -EFAULT, "CLEAR by a bad bitmap");
	expect_pages(3, NONE, NONE, "after all refusals the log is as it was");
	must(set_flags(0));
}

static void test_enable_errors(void)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, .flags = 1, .args[0] = 1,
	};

	ok_eq(kvm_has(KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2), CAPS,
	      "KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2 says which flags");
	ok_eq(kvm_ioctl(vm->fd, KVM_ENABLE_CAP, &cap), -EINVAL, "enabled with cap.flags");
	ok_eq(set_manual(4), -EINVAL, "an unknown flag");
	ok_eq(set_manual(BIT(63) | 1), -EINVAL, "the last unknown flag");
	ok_eq(set_manual(KVM_DIRTY_LOG_INITIALLY_SET), -EINVAL, "INITIALLY_SET alone");
	ok_eq(set_manual(CAPS), 0, "both flags");
	ok_eq(set_manual(0), 0, "and back to none");
}

static void test_get(const char *name)
{
	u64 i;

	note("%s", name);
	for (i = 0; i < NR_PAGES; i += 7)
		RUN(poke, TEST_GPA + i * PAGE_SIZE);
	must(set_flags(KVM_MEM_LOG_DIRTY_PAGES));
	expect_pages(NONE, NONE, NONE, "what was written before is not in the log");
	poke_page(3);
	poke_page(70);
	poke_page(NR_PAGES - 1);
	/* The distribution's modules log a read that maps a writable page. */
	if (kvm_is_ours())
		RUN(peek, TEST_GPA + 9 * PAGE_SIZE);
	mem[10 * PAGE_SIZE] = 1;
	expect_pages(3, 70, NR_PAGES - 1, "what the guest wrote, not what it read, is in the log");
	ok_eq(*(u64 *)(mem + 70 * PAGE_SIZE + 8), 99, "and in memory");
	expect_pages(NONE, NONE, NONE, "once");
	RUN(peek, TEST_GPA + 3 * PAGE_SIZE);
	poke_page(70);
	poke_page(70);
	expect_pages(70, NONE, NONE, "and again when it is written again");
	poke_page(5);
	ok_eq(get_log(TEST_SLOT, (void *)8), -EFAULT, "GET to a bad bitmap");
	if (kvm_is_ours())
		expect_pages(5, NONE, NONE, "what could not be given is not lost");
	else
		skip("what could not be given is not lost", "the distribution's modules lose it");
	poke_page(6);
	must(get_log(TEST_SLOT, bitmap));
	poke_page(6);
	restart_log();
	expect_pages(NONE, NONE, NONE, "a new log is empty");
	poke_page(6);
	expect_pages(6, NONE, NONE, "and fills");
	must(set_flags(0));
	poke_page(6);
	ok_eq(RUN(peek, TEST_GPA + 6 * PAGE_SIZE + 8), 99, "without a log the guest goes on");
}

static void test_move(void)
{
	must(set_flags(KVM_MEM_LOG_DIRTY_PAGES));
	poke_page(3);
	must(vm_set_region(vm, TEST_SLOT, KVM_MEM_LOG_DIRTY_PAGES, MOVED_GPA, TEST_SIZE, mem));
	RUN(poke, MOVED_GPA + 4 * PAGE_SIZE);
	expect_pages(3, 4, NONE, "a slot that moves keeps its log");
	RUN(poke, MOVED_GPA + 4 * PAGE_SIZE);
	expect_pages(4, NONE, NONE, "and fills it");
	must(set_flags(0));
	ok_eq(get_log(TEST_SLOT, bitmap), -ENOENT, "it can lose it on the way back");
}

/* A log that does not end with a long, of a slot that is logged from the start. */
static void test_odd(void)
{
	u8 *odd = mmap(NULL, ODD_PAGES * PAGE_SIZE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	u64 log[3] = { ~0ull, ~0ull, ~0ull }, mask[2] = { 0, ~0ull };

	must(vm_set_region(vm, ODD_SLOT, KVM_MEM_LOG_DIRTY_PAGES, ODD_GPA, ODD_PAGES * PAGE_SIZE,
			   odd));
	must(get_log(ODD_SLOT, log));
	ok(!log[0] && !log[1] && log[2] == ~0ull, "the log of 70 pages is of two longs");
	RUN(poke, ODD_GPA + 69 * PAGE_SIZE);
	RUN(poke, ODD_GPA + 64 * PAGE_SIZE);
	must(get_log(ODD_SLOT, log));
	ok(!log[0] && log[1] == (BIT(0) | BIT(5)), "and has its last page");
	must(set_manual(CAPS));
	RUN(poke, ODD_GPA + 2 * PAGE_SIZE);
	RUN(poke, ODD_GPA + 65 * PAGE_SIZE);
	ok_eq(clear_log(ODD_SLOT, 64, 64, mask + 1), -EINVAL, "CLEAR of 64 where 6 are left");
	ok_eq(clear_log(ODD_SLOT, 64, 5, mask + 1), -EINVAL, "CLEAR of 5 where 6 are left");
	ok_eq(clear_log(ODD_SLOT, 64, 6, mask + 1), 0, "CLEAR to the end, and bits beyond it");
	must(get_log(ODD_SLOT, log));
	ok(log[0] == BIT(2) && !log[1], "clears to the end");
	must(vm_set_region(vm, ODD_SLOT, 0, ODD_GPA, ODD_PAGES * PAGE_SIZE, odd));
	must(vm_set_region(vm, ODD_SLOT, KVM_MEM_LOG_DIRTY_PAGES, ODD_GPA, ODD_PAGES * PAGE_SIZE,
			   odd));
	must(get_log(ODD_SLOT, log));
	ok(log[0] == ~0ull && log[1] == 0x3f, "a full log has no bits beyond the end");
	must(set_manual(0));
	must(vm_set_region(vm, ODD_SLOT, 0, 0, 0, NULL));
	munmap(odd, ODD_PAGES * PAGE_SIZE);
}

static void test_clear(const char *name)
{
	u64 mask[2] = { BIT(1) | BIT(2), BIT(1) };

	note("%s", name);
	restart_log();
	poke_page(1);
	poke_page(3);
	poke_page(70);
	ok_eq(clear_log(TEST_SLOT, 0, 128, mask), 0, "CLEAR of a dirty page and clean ones");
	expect_pages(3, 70, NONE, "leaves the others");
	expect_pages(3, 70, NONE, "GET leaves all of them");
	poke_page(1);
	expect_pages(1, 3, 70, "a page that was cleared is logged again");
	mask[0] = ~0ull;
	mask[1] = 0;
	ok_eq(clear_log(TEST_SLOT, 64, 64, mask), 0, "CLEAR of the second long");
	expect_pages(1, 3, NONE, "does not touch the first");
	ok_eq(clear_log(TEST_SLOT, 0, 64, mask), 0, "CLEAR of the first");
	expect_pages(NONE, NONE, NONE, "empties the log");
	poke_page(70);
	poke_page(3);
	expect_pages(3, 70, NONE, "which fills again");
}

static void test_manual(void)
{
	u64 mask[LONGS];
	u64 full = 0;
	int i;

	must(set_manual(KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE));
	test_clear("manual protection");
	must(set_manual(CAPS));
	restart_log();
	must(get_log(TEST_SLOT, bitmap));
	for (i = 0; i < (int)LONGS; i++)
		full += bitmap[i] == ~0ull;
	ok_eq(full, LONGS, "initially set: everything is dirty");
	memset(mask, 0xff, sizeof(mask));
	ok_eq(clear_log(TEST_SLOT, 0, NR_PAGES, mask), 0, "CLEAR of all pages");
	expect_pages(NONE, NONE, NONE, "leaves none");
	poke_page(1);
	poke_page(600);
	expect_pages(1, 600, NONE, "pages written are logged");
	must(set_manual(0));
	must(set_flags(0));
}

/* Without the capability both ioctls clear. */
static void test_clear_alone(void)
{
	u64 mask = BIT(1);

	must(set_flags(KVM_MEM_LOG_DIRTY_PAGES));
	poke_page(1);
	poke_page(2);
	ok_eq(clear_log(TEST_SLOT, 0, 64, &mask), 0, "CLEAR without manual protection");
	expect_pages(2, NONE, NONE, "clears what it is told to");
	expect_pages(NONE, NONE, NONE, "and GET the rest");
	must(set_flags(0));
}

static void test_emulated(void)
{
	const char *why = forced_emulation_missing();

	must(set_flags(KVM_MEM_LOG_DIRTY_PAGES));
	RUN(copy_mmio, TEST_GPA + 11 * PAGE_SIZE);
	ok_eq(*(u64 *)(mem + 11 * PAGE_SIZE), 0x1234567, "MOVS from MMIO writes memory");
	expect_pages(11, NONE, NONE, "and that is logged");
	if (why) {
		must(set_flags(0));
		skip("forced writes", why);
		return;
	}
	RUN(forced_store, TEST_GPA + 12 * PAGE_SIZE);
	RUN(forced_read, TEST_GPA + 13 * PAGE_SIZE);
	expect_pages(12, NONE, NONE, "an emulated store is logged, a load is not");
	RUN(forced_store, TEST_GPA + 15 * PAGE_SIZE - 4);
	expect_pages(14, 15, NONE, "one over two pages in both");
	RUN(forced_lock, TEST_GPA + 16 * PAGE_SIZE);
	expect_pages(16, NONE, NONE, "an emulated locked operation is logged");
	RUN(forced_lock, TEST_GPA + 18 * PAGE_SIZE - 4);
	expect_pages(17, 18, NONE, "one over two pages in both");
	if (kvm_is_ours()) {
		RUN(forced_lock16, TEST_GPA + 19 * PAGE_SIZE);
		ok_eq(*(u64 *)(mem + 19 * PAGE_SIZE + 8), 2, "CMPXCHG16B writes");
		expect_pages(19, NONE, NONE, "and is logged");
	} else {
		skip("CMPXCHG16B writes", "the distribution's modules do not emulate it");
	}
	must(set_flags(0));
}

/*
 * A page table of its own in the logged slot: setting accessed and dirty bits is
 * writing to it. The processor's walk may count as a write even without.
 */
static void table_bits(const u8 *code, const u8 *end, u64 bits, bool logged, const char *name)
{
	u64 *pd = gpa_to_hva(vm, PD_GPA), *table = (u64 *)(mem + 20 * PAGE_SIZE);
	u64 gva = 256ul << 21, old = pd[256];
	bool store = code != forced_read;

	pd[256] = (TEST_GPA + 20 * PAGE_SIZE) | PTE_P | PTE_W | PTE_U | PTE_A;
	table[0] = (TEST_GPA + 21 * PAGE_SIZE) | PTE_P | PTE_W | PTE_U | bits;
	must(set_flags(KVM_MEM_LOG_DIRTY_PAGES));
	run_at(code, end, gva);
	ok_eq(table[0] & (PTE_A | PTE_D), PTE_A | (store ? PTE_D : 0), "%s: bits in the entry",
	      name);
	expect_pages(logged ? 20 : NONE, store ? 21 : NONE, NONE, name);
	must(set_flags(0));
	pd[256] = old;
}

#define TABLE_BITS(code, ...) table_bits(code, code##_end, __VA_ARGS__)

static void test_table_bits(void)
{
	const char *why = forced_emulation_missing();

	TABLE_BITS(poke, 0, true, "the processor's walk");
	TABLE_BITS(poke, PTE_A, true, "the processor's walk, accessed before");
	TABLE_BITS(copy_mmio, 0, true, "the emulator's walk");
	TABLE_BITS(copy_mmio, PTE_A, true, "the emulator's walk, accessed before");
	TABLE_BITS(copy_mmio, PTE_A | PTE_D, false, "the emulator's walk, dirty before");
	if (why)
		skip("a forced read", why);
	else
		TABLE_BITS(forced_read, 0, true, "the emulator's walk for a read");
}

int main(void)
{
	tap_start(55);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	mem = mmap(NULL, TEST_SIZE + 0x200000, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	mem += -(unsigned long)mem & 0x1fffff;
	madvise(mem, TEST_SIZE, MADV_NOHUGEPAGE);
	must(set_flags(0));
	test_get_errors();
	test_clear_errors();
	test_enable_errors();
	test_get("4 KiB pages");
	test_move();
	madvise(mem, TEST_SIZE, MADV_DONTNEED);
	madvise(mem, TEST_SIZE, MADV_HUGEPAGE);
	memset(mem, 0, TEST_SIZE);
	test_get("2 MiB pages");
	test_manual();
	test_clear_alone();
	test_odd();
	test_emulated();
	test_table_bits();
	vm_destroy(vm);
	return tap_done();
}
