// SPDX-License-Identifier: GPL-2.0-only
/*
 * What flushes translations does so when it is emulated, too: a page is read, its
 * entry changed, and read again behind the flush. The processor may keep the guest's
 * translations over exits (VPIDs, ASIDs); who flushes each time cannot fail here.
 */
#include "kvm_test.h"

#define GVA	0x40000		/* its entry is at 0xb200 */
#define OLD_GPA	0x40000ul
#define NEW_GPA	0x41000ul
#define CR4_PGE	(1ull << 7)
#define PTE_G	(1ull << 8)

/* RSI is the new entry. */
#define FLUSH(name, before, flush)						\
	GUEST_CODE(name, 64, "mov 0x40000, %eax\n mov %rsi, 0xb200\n" before	\
		   flush "\n mov 0x40000, %ebx\n" GUEST_DONE)

FLUSH(native_invlpg, "", "invlpg 0x40000");
FLUSH(native_cr3, "mov %cr3, %rdx\n", "mov %rdx, %cr3");
FLUSH(native_pge, "mov %cr4, %rdx\n btc $7, %rdx\n", "mov %rdx, %cr4");
FLUSH(forced_invlpg, "", GUEST_FEP "invlpg 0x40000");
FLUSH(forced_cr3, "mov %cr3, %rdx\n", GUEST_FEP "mov %rdx, %cr3");
FLUSH(forced_pge, "mov %cr4, %rdx\n btc $7, %rdx\n", GUEST_FEP "mov %rdx, %cr4");
FLUSH(forced_twice, "", GUEST_FEP "invlpg 0x40000\n" GUEST_FEP "invlpg 0x50000");

static const struct flush {
	const char *name;
	const u8 *code, *end;
	bool global, forced;
} flushes[] = {
	{ "INVLPG", native_invlpg, native_invlpg_end, false, false },
	{ "INVLPG of a global page", native_invlpg, native_invlpg_end, true, false },
	{ "MOV to CR3", native_cr3, native_cr3_end, false, false },
	{ "a change of CR4.PGE", native_pge, native_pge_end, true, false },
	{ "INVLPG, emulated", forced_invlpg, forced_invlpg_end, false, true },
	{ "INVLPG of a global page, emulated", forced_invlpg, forced_invlpg_end, true, true },
	{ "INVLPG twice, emulated", forced_twice, forced_twice_end, false, true },
	{ "MOV to CR3, emulated", forced_cr3, forced_cr3_end, false, true },
	{ "a change of CR4.PGE, emulated", forced_pge, forced_pge_end, true, true },
};

static bool forced_works(void)
{
	char value = read_flag("/sys/module/kvm/parameters/force_emulation_prefix");

	return value == 'Y' || (value >= '1' && value <= '9');
}

static void test_flush(struct vcpu *vcpu, const struct flush *f)
{
	u64 global = f->global ? PTE_G : 0;
	struct kvm_sregs s;
	struct kvm_regs r;

	vm_map(vcpu->vm, GVA, OLD_GPA, PTE_P | PTE_W | global);
	vcpu_load(vcpu, MODE_LONG64, f->code, f->end);
	vcpu_get_sregs(vcpu, &s);
	s.cr4 = f->global ? s.cr4 | CR4_PGE : s.cr4 & ~CR4_PGE;
	vcpu_set_sregs(vcpu, &s);
	vcpu_get_regs(vcpu, &r);
	r.rsi = NEW_GPA | PTE_P | PTE_W | global;
	vcpu_set_regs(vcpu, &r);
	expect_done(vcpu, f->name);
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rax, 0x1111, "%s: before", f->name);
	ok_eq(r.rbx, 0x2222, "%s: the new page is found", f->name);
}

int main(void)
{
	struct vm *vm;
	struct vcpu *vcpu;
	size_t i;

	tap_start(30);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	*(u32 *)gpa_to_hva(vm, OLD_GPA) = 0x1111;
	*(u32 *)gpa_to_hva(vm, NEW_GPA) = 0x2222;
	for (i = 0; i < ARRAY_SIZE(flushes); i++) {
		if (flushes[i].forced && !forced_works()) {
			skip(flushes[i].name, "force_emulation_prefix is 0");
			continue;
		}
		test_flush(vcpu, &flushes[i]);
	}
	vm_destroy(vm);
	return tap_done();
}
