// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest that crosses all modes: real, unreal, 16- and 32-bit protected mode
 * without paging, 2-level and PAE paging, compatibility and 64-bit mode, and back. In
 * each it does what depends on the mode, and userspace looks at its registers.
 */
#include "kvm_test.h"

#define ROUNDS		3
#define PORT_STEP	0xe8	/* AL: mode that is entered */
#define PORT_FLAGS	0xe9	/* DX: flags as pushed */
#define PORT_IF		0xea	/* the same after STI */
#define PORT_IN		0xeb
#define PORT_READ	0xec	/* BL: what IN has read, CL: what the device said */
#define PORT_IOPL	0xed	/* DX: flags with IOPL 3 popped and pushed */
#define IRQ		0x31
#define TSS_ADDR	0xfffbd000	/* with nothing else there */
#define FLAG_IOPL	0x3000
#define FLAG_VM		(1ull << 17)

/* What runs in each mode; @dx takes what PUSHF has pushed. */
#define PROBE(n, dx, or, mmio)							\
	"mov $" #n ", %al\n out %al, $0xe8\n"					\
	"pushf\n pop %" dx "\n out %al, $0xe9\n"				\
	"sti\n nop\n pushf\n pop %" dx "\n cli\n out %al, $0xea\n"		\
	"int $0x30\n int3\n ud2\n"						\
	"in $0xeb, %al\n mov %al, %bl\n"					\
	"movb $0x77, " mmio "\n movb " mmio ", %cl\n out %al, $0xec\n"		\
	"pushf\n pop %" dx "\n " or " $0x3000, %" dx "\n push %" dx "\n popf\n"	\
	"xor %" dx ", %" dx "\n pushf\n pop %" dx "\n out %al, $0xed\n"		\
	"push $2\n popf\n"							\
	"sti\n hlt\n cli\n"
#define PROBE16(n) PROBE(n, "dx", "or", "%es:0x10")
#define PROBE32(n) PROBE(n, "edx", "or", "0xa0010")
#define PROBE64(n) PROBE(n, "rdx", "or", "0xa0010")

#define AT(label) label " - modes"
#define FLAT(label) label " - modes + 0x10000"
#define SET_CR0(or, and) "mov %cr0, %eax\n and $" and ", %eax\n or $" or ", %eax\n mov %eax, %cr0\n"
#define LOAD_SEGS(sel) "mov $" sel ", %ax\n mov %ax, %ds\n mov %ax, %es\n mov %ax, %ss\n"
#define PAGING_OFF SET_CR0("0", "0x7fffffff")
#define PAGING_ON SET_CR0("0x80010000", "0xffffffff")
#define WRMSR_EFER(val) "mov $0xc0000080, %ecx\n xor %edx, %edx\n mov $" val ", %eax\n wrmsr\n"

GUEST_CODE(modes, 16,
	   "real:\n"
	   "mov $0x3000, %ax\n mov %ax, %ds\n mov %ax, %fs\n mov %ax, %gs\n"
	   "mov $0xa000, %ax\n mov %ax, %es\n"
	   "mov $0x2000, %ax\n mov %ax, %ss\n mov $0xfff0, %esp\n"
	   "lidtl %cs:" AT("idt_real") "\n"
	   PROBE16(0)
	   /* CS keeps what it has over the excursion: DS and FS get 4 GiB. */
	   "lgdtl %cs:" AT("gdt") "\n"
	   SET_CR0("1", "-1")
	   "jmp 1f\n 1: mov $0x10, %bx\n mov %bx, %ds\n mov %bx, %fs\n"
	   SET_CR0("0", "-2")
	   "jmp 1f\n 1: mov $0x100200, %esi\n"
	   "movl $0xfeedbeef, (%esi)\n mov (%esi), %edi\n incl %fs:4(%esi)\n"
	   PROBE16(1)
	   "mov $0x3000, %ax\n mov %ax, %ds\n mov $0x3010, %ax\n mov %ax, %fs\n"
	   "movl $0xcafef00d, 0x10000(%esi)\n"
	   SET_CR0("1", "-1")
	   "ljmp $0x28, $" AT("prot16") "\n"
	   "prot16: mov $0x30, %ax\n mov %ax, %ds\n mov $0x40, %ax\n mov %ax, %es\n"
	   "mov $0x38, %ax\n mov %ax, %ss\n mov $0xfff0, %esp\n"
	   "lidtl %cs:" AT("idt16") "\n"
	   PROBE16(2)
	   "ljmpl $0x18, $" FLAT("prot32") "\n"
	   ".code32\n prot32:\n" LOAD_SEGS("0x10")
	   "mov $0x2fff0, %esp\n lidt " FLAT("idt32") "\n"
	   PROBE32(3)
	   "mov $0xc000, %eax\n mov %eax, %cr3\n"
	   "mov %cr4, %eax\n or $0x10, %eax\n mov %eax, %cr4\n"
	   PAGING_ON PROBE32(4) PAGING_OFF
	   "mov %cr4, %eax\n or $0x20, %eax\n mov %eax, %cr4\n"
	   "mov $0x6000, %eax\n mov %eax, %cr3\n"
	   PAGING_ON PROBE32(5) PAGING_OFF
	   WRMSR_EFER("0x100")
	   "mov $0x4000, %eax\n mov %eax, %cr3\n mov %cr3, %edi\n"
	   PAGING_ON
	   "ljmp $8, $" FLAT("long64") "\n"
	   ".code64\n long64: lidt " FLAT("idt64") "\n"
	   PROBE64(7)
	   "push $0x18\n push $" FLAT("compat") "\n lretq\n"
	   ".code32\n compat:\n"
	   PROBE32(6)
	   PAGING_OFF
	   WRMSR_EFER("0")
	   "mov %cr4, %eax\n and $0xffffffcf, %eax\n mov %eax, %cr4\n"
	   "mov %cr3, %edi\n lidt " FLAT("idt32") "\n"
	   PROBE32(3)
	   "ljmp $0x28, $" AT("back16") "\n"
	   ".code16\n back16: mov $0x30, %ax\n mov %ax, %ds\n mov %ax, %fs\n mov %ax, %gs\n"
	   "mov $0x40, %ax\n mov %ax, %es\n mov $0x38, %ax\n mov %ax, %ss\n"
	   "mov $0xfff0, %esp\n"
	   SET_CR0("0", "-65538")
	   "ljmp $0x1000, $" AT("real") "\n"
	   ".balign 8\n"
	   "gdt: .word 0x77\n .long 0x1000\n"
	   "idt_real: .word 0x3ff\n .long 0\n"
	   "idt16: .word 0x1ff\n .long 0x1e00\n"
	   "idt32: .word 0x1ff\n .long 0x1c00\n"
	   "idt64: .word 0x3ff\n .quad 0x1800\n");

/* What KVM_GET_SREGS is to say in each mode. */
struct mode {
	const char *name;
	bool virtual_8086;		/* without unrestricted guest mode */
	u64 cr0, cr3, cr4, efer;	/* bits that change; CR3 where the guest has set it */
	u16 cs, ds;
	u64 cs_base, ds_base;
	u32 ds_limit;
};

#define CR0_BITS	(CR0_PE | CR0_PG)
#define CR4_BITS	(CR4_PSE | CR4_PAE)

static const struct mode modes_table[] = {
	[0] = { "real", true, 0, 0, 0, 0, 0x1000, 0x3000, 0x10000, 0x30000, 0xffff },
	[1] = { "unreal", true, 0, 0, 0, 0, 0x1000, 0x10, 0x10000, 0, ~0u },
	[2] = { "16-bit", false, CR0_PE, 0, 0, 0, 0x28, 0x30, 0x10000, 0x30000, 0xffff },
	[3] = { "32-bit", false, CR0_PE, 0, 0, 0, 0x18, 0x10, 0, 0, ~0u },
	[4] = { "2-level paging", false, CR0_PE | CR0_PG, PD32_GPA, CR4_PSE, 0,
		0x18, 0x10, 0, 0, ~0u },
	[5] = { "PAE", false, CR0_PE | CR0_PG, PDPT_PAE_GPA, CR4_PSE | CR4_PAE, 0,
		0x18, 0x10, 0, 0, ~0u },
	[6] = { "compatibility", false, CR0_PE | CR0_PG, PML4_GPA, CR4_PSE | CR4_PAE,
		EFER_LME | EFER_LMA, 0x18, 0x10, 0, 0, ~0u },
	[7] = { "64-bit", false, CR0_PE | CR0_PG, PML4_GPA, CR4_PSE | CR4_PAE,
		EFER_LME | EFER_LMA, 0x8, 0x10, 0, 0, ~0u },
};

/* In the order of the guest. */
static const u8 crossing[] = { 0, 1, 2, 3, 4, 5, 7, 6, 3 };

static struct vm *vm;
static struct vcpu *vcpu;
static bool vm86;	/* virtual-8086 mode stands in for real mode, and may show */
static unsigned int failures;

/* One result a mode and round: remember what was wrong, and say it. */
static void check(bool good, const struct mode *m, const char *what, u64 got)
{
	if (good)
		return;
	note("%s: %s: %#llx, %s", m->name, what, (unsigned long long)got,
	     describe_exit(vcpu, vcpu->run->exit_reason));
	failures++;
}

static bool run_to_port(const struct mode *m, u16 port, int direction)
{
	struct kvm_run *run = vcpu->run;
	int r = run_until_exit(vcpu);
	bool good = r == KVM_EXIT_IO && run->io.port == port && run->io.direction == direction;

	check(good, m, "no access of the port", port);
	return good;
}

static void check_sregs(const struct mode *m)
{
	struct kvm_sregs s;

	vcpu_get_sregs(vcpu, &s);
	check((s.cr0 & CR0_BITS) == m->cr0, m, "CR0", s.cr0);
	check((s.cr4 & CR4_BITS) == m->cr4 || !(m->cr0 & CR0_PG), m, "CR4", s.cr4);
	check(s.cr3 == m->cr3 || !m->cr3, m, "CR3", s.cr3);
	check((s.efer & (EFER_LME | EFER_LMA)) == m->efer, m, "EFER", s.efer);
	check(s.cs.selector == m->cs && s.cs.base == m->cs_base, m, "CS", s.cs.selector);
	check(s.cs.l == (m->cs == SEL_CODE64), m, "CS.L", s.cs.l);
	check(s.ds.selector == m->ds && s.ds.base == m->ds_base, m, "DS", s.ds.selector);
	check(s.ds.limit == m->ds_limit, m, "DS' limit", s.ds.limit);
	check(s.tr.selector == SEL_TSS32 && s.tr.base == TSS32_GPA, m, "TR", s.tr.selector);
	check(s.tr.limit == 0x67, m, "TR's limit", s.tr.limit);
}

static u64 flags_at(const struct mode *m, u16 port)
{
	struct kvm_regs r;

	if (!run_to_port(m, port, KVM_EXIT_IO_OUT))
		return 0;
	vcpu_get_regs(vcpu, &r);
	check(!(r.rflags & FLAG_VM), m, "RFLAGS.VM", r.rflags);
	check((r.rflags & FLAG_IOPL) == (port == PORT_IOPL ? FLAG_IOPL : 0) ||
	      (vm86 && m->virtual_8086), m, "RFLAGS.IOPL", r.rflags);
	return r.rdx;
}

static void check_flags(const struct mode *m)
{
	u64 flags = flags_at(m, PORT_FLAGS), set = flags_at(m, PORT_IF);

	check(!(flags & (FLAG_VM | FLAG_IF)), m, "PUSHF", flags);
	check(!(flags & FLAG_IOPL) || (vm86 && m->virtual_8086), m, "PUSHF's IOPL", flags);
	check(!(set & FLAG_VM) && (set & FLAG_IF), m, "PUSHF after STI", set);
}

static bool run_to_fault(const struct mode *m, int vector, u64 *flags)
{
	struct guest_fault f = { .vector = -1 };
	int r = run_until_exit(vcpu);
	bool good = r == KVM_EXIT_IO && vcpu_fault(vcpu, &f) && f.vector == vector;

	check(good, m, "no event", vector);
	check(!(f.rflags & FLAG_VM), m, "flags of the event", f.rflags);
	*flags = f.rflags;
	return good;
}

/* UD2 does not come back behind itself: make it. */
static void check_undefined(const struct mode *m)
{
	struct guest_fault f;
	u64 flags;
	u8 *frame;
	struct kvm_sregs s;
	struct kvm_regs r;
	u16 ip;

	/* Linux's modules emulate it there, and cannot. */
	if (vm86 && m->virtual_8086 && m->ds_limit > 0xffff) {
		check(run_until_exit(vcpu) == KVM_EXIT_INTERNAL_ERROR, m, "UD2", 0);
		vcpu_get_regs(vcpu, &r);
		r.rip += 2;
		vcpu_set_regs(vcpu, &r);
		return;
	}
	if (!run_to_fault(m, UD_VECTOR, &flags) || !vcpu_fault(vcpu, &f))
		return;
	vcpu_get_sregs(vcpu, &s);
	vcpu_get_regs(vcpu, &r);
	frame = (u8 *)gpa_to_hva(vm, s.ss.base + r.rsp) +
		2 * (s.efer & EFER_LMA ? 8 : s.cs.db ? 4 : 2);
	ip = f.rip + 2;
	memcpy(frame, &ip, sizeof(ip));
}

static void check_events(const struct mode *m)
{
	u64 flags;

	if (run_to_fault(m, 0x30, &flags) && run_to_fault(m, BP_VECTOR, &flags))
		check_undefined(m);
}

static void check_devices(const struct mode *m)
{
	struct kvm_run *run = vcpu->run;
	struct kvm_regs r;

	if (!run_to_port(m, PORT_IN, KVM_EXIT_IO_IN))
		return;
	*((u8 *)run + run->io.data_offset) = 0x5a;
	check(run_until_exit(vcpu) == KVM_EXIT_MMIO && run->mmio.is_write &&
	      run->mmio.phys_addr == MMIO_GPA + 0x10 && run->mmio.data[0] == 0x77, m,
	      "MMIO write", run->exit_reason);
	check(run_until_exit(vcpu) == KVM_EXIT_MMIO && !run->mmio.is_write &&
	      run->mmio.phys_addr == MMIO_GPA + 0x10, m, "MMIO read", run->exit_reason);
	run->mmio.data[0] = 0xa5;
	if (!run_to_port(m, PORT_READ, KVM_EXIT_IO_OUT))
		return;
	vcpu_get_regs(vcpu, &r);
	check((r.rbx & 0xff) == 0x5a, m, "IN", r.rbx);
	check((r.rcx & 0xff) == 0xa5, m, "load from a device", r.rcx);
}

/* POPF at CPL 0 sets IOPL, also in real mode. */
static void check_iopl(const struct mode *m)
{
	u64 flags = flags_at(m, PORT_IOPL);

	check((flags & FLAG_IOPL) == FLAG_IOPL && !(flags & FLAG_VM), m, "POPF of IOPL", flags);
}

static void check_halt(const struct mode *m)
{
	struct kvm_interrupt irq = { .irq = IRQ };
	u64 flags;

	check(run_until_exit(vcpu) == KVM_EXIT_HLT, m, "HLT", 0);
	check(vcpu->run->if_flag, m, "IF at HLT", 0);
	check(!kvm_ioctl(vcpu->fd, KVM_INTERRUPT, &irq), m, "KVM_INTERRUPT", 0);
	if (run_to_fault(m, IRQ, &flags))
		check(flags & FLAG_IF, m, "IF under the interrupt", flags);
}

static bool probe(unsigned int nr, int round)
{
	const struct mode *m = &modes_table[nr];
	struct kvm_regs r;

	failures = 0;
	if (run_to_port(m, PORT_STEP, KVM_EXIT_IO_OUT)) {
		vcpu_get_regs(vcpu, &r);
		check((r.rax & 0xff) == nr, m, "step", r.rax);
		check_sregs(m);
	}
	if (!failures)
		check_flags(m);
	if (!failures)
		check_events(m);
	if (!failures)
		check_devices(m);
	if (!failures)
		check_iopl(m);
	if (!failures)
		check_halt(m);
	return ok(!failures, "round %d: %s", round, m->name);
}

static void check_memory(int round)
{
	u32 *high = gpa_to_hva(vm, HIGH_GPA + 0x200);
	u32 *big = gpa_to_hva(vm, DATA_GPA + 0x100200 + 0x10000);

	ok_eq(high[0], 0xfeedbeef, "round %d: written above 1 MiB", round);
	ok_eq(high[1], round + 1, "and through FS");
	ok_eq(*big, 0xcafef00d, "a limit of 4 GiB outlasts a load in real mode");
	high[0] = *big = 0;
}

/*
 * TCG's SVM marks the entries of PAE accessed, which as registers have no such bit: Linux's
 * modules refuse the next load.
 */
static void clear_accessed(void)
{
	u64 *pdpt = gpa_to_hva(vm, PDPT_PAE_GPA);
	int i;

	for (i = 0; i < 4; i++)
		pdpt[i] &= ~PTE_A;
}

int main(void)
{
	unsigned int i;
	int round;

	tap_start(60);
	vm = vm_create();
	must(kvm_ioctl_val(vm->fd, KVM_SET_TSS_ADDR, TSS_ADDR));
	vcpu = vcpu_create(vm);
	load_code(vcpu, MODE_REAL16, modes);
	vm86 = !kvm_is_ours() &&
	       read_flag("/sys/module/kvm_intel/parameters/unrestricted_guest") == 'N';
	for (round = 0; round < ROUNDS; round++) {
		clear_accessed();
		for (i = 0; i < ARRAY_SIZE(crossing); i++) {
			if (!probe(crossing[i], round))
				goto out;
			if (crossing[i] == 2)
				check_memory(round);
		}
	}
out:
	vm_destroy(vm);
	return tap_done();
}
