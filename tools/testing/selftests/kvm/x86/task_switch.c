// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hardware task switches: by JMP, CALL, IRET, INT and an exception, to 32- and
 * 16-bit tasks, as the CPU and its exits do them and as the emulator does.
 */
#include "kvm_test.h"

/* Descriptors that the test adds to the library's GDT. */
#define SEL_TASK32	0x78
#define SEL_TASK16	0x80
#define SEL_GATE	0x88
#define SEL_ABSENT	0x90
#define GDT_LIMIT	0x97

#define TASK_TSS	DATA_GPA
#define TASK_CODE	(CODE_GPA + 0x4000)
#define TASK_STACK	(STACK_TOP - 0x800)	/* in the first task's page, see below */
#define TASK_VECTOR	0x30
#define NMI_VECTOR	2

#define FLAG_NT		(1ull << 14)
#define DR6_BT		(1ull << 15)
#define DR6_TRAPS	0xe00full

struct tss32 {
	u32 link, esp0, ss0, esp1, ss1, esp2, ss2, cr3, eip, eflags;
	u32 gpr[8];
	u32 seg[6];	/* ES CS SS DS FS GS */
	u32 ldt;
	u16 trap, io_map;
};

struct tss16 {
	u16 link, sp0, ss0, sp1, ss1, sp2, ss2, ip, flags;
	u16 gpr[8];
	u16 seg[4];
	u16 ldt;
};

enum how { NATIVE, FORCED };

/* Each switches from the first task; the second is entered or not. */
GUEST_CODE(jmp_tss, 32, "ljmp $0x78, $0\n inc %ecx\n" GUEST_DONE);
GUEST_CODE(jmp_tss_f, 32, GUEST_FEP "ljmp $0x78, $0\n inc %ecx\n" GUEST_DONE);
GUEST_CODE(jmp_gate, 32, "ljmp $0x88, $0\n inc %ecx\n" GUEST_DONE);
GUEST_CODE(jmp_gate_f, 32, GUEST_FEP "ljmp $0x88, $0\n inc %ecx\n" GUEST_DONE);
GUEST_CODE(jmp_16, 32, "ljmp $0x80, $0\n inc %ecx\n" GUEST_DONE);
GUEST_CODE(jmp_16_f, 32, GUEST_FEP "ljmp $0x80, $0\n inc %ecx\n" GUEST_DONE);
GUEST_CODE(call_tss, 32, "lcall $0x78, $0\n inc %ecx\n" GUEST_DONE);
GUEST_CODE(call_tss_f, 32, GUEST_FEP "lcall $0x78, $0\n inc %ecx\n" GUEST_DONE);
GUEST_CODE(int_gate, 32, "int $0x30\n inc %ecx\n" GUEST_DONE);
GUEST_CODE(int_gate_f, 32, GUEST_FEP "int $0x30\n inc %ecx\n" GUEST_DONE);
GUEST_CODE(jmp_self, 32, "ljmp $0x70, $0\n");
GUEST_CODE(jmp_self_f, 32, GUEST_FEP "ljmp $0x70, $0\n");
/*
 * #NP(0x90) through a task gate: FS cannot be loaded. QEMU 7.2 has no exit for
 * the switch, and a nested page fault in the middle of it would begin it anew.
 */
GUEST_CODE(fault, 32, "push $0x90\n pop %eax\n mov %eax, %fs\n");

/* Bochs enters with the NMI blocking of an earlier guest: an IRET ends it. */
GUEST_CODE(iret_count, 32, "pushf\n push %cs\n call 1f\n 1: addl $2f - 1b, (%esp)\n iret\n"
	   "2: " GUEST_DONE "inc %ecx\n" GUEST_DONE);
GUEST_CODE(read_dr6, 32, "mov %dr6, %eax\n" GUEST_DONE);

/* The second task: says that it runs, then goes back. */
GUEST_CODE(task_jmp, 32, GUEST_DONE "ljmp $0x70, $0\n");
GUEST_CODE(task_jmp_f, 32, GUEST_DONE GUEST_FEP "ljmp $0x70, $0\n");
GUEST_CODE(task_iret, 32, GUEST_DONE "iret\n inc %edx\n" GUEST_DONE);
GUEST_CODE(task_iret_f, 32, GUEST_DONE GUEST_FEP "iret\n inc %edx\n" GUEST_DONE);

static struct vm *vm;
static struct vcpu *vcpu;
static const char *const how_name[] = { "CPU", "emulator" };

static void set_descriptor(u16 sel, u32 base, u32 limit, u8 access)
{
	u64 *gdt = gpa_to_hva(vm, GDT_GPA);

	gdt[sel / 8] = (limit & 0xffff) | (u64)(base & 0xffffff) << 16 | (u64)access << 40 |
		       (u64)(base >> 24) << 56;
}

static u8 access_byte(u16 sel)
{
	return *(u8 *)gpa_to_hva(vm, GDT_GPA + sel + 5);
}

static void set_idt_gate(unsigned int vector, u64 gate)
{
	*(u64 *)gpa_to_hva(vm, IDT32_GPA + vector * 8) = gate;
}

static void init_tss(void)
{
	struct tss32 t = {
		.cr3 = PD32_GPA, .eip = TASK_CODE, .eflags = FLAG_FIXED | FLAG_CF,
		.gpr = { 0xa0, 0xa1, 0xa2, 0xa3, TASK_STACK, 0xa5, 0xa6, 0xa7 },
		.seg = { SEL_DATA, SEL_CODE32, SEL_DATA, SEL_DATA, 0, SEL_DATA },
		.io_map = sizeof(t),
	};
	struct tss16 t16 = {
		.ip = TASK_CODE & 0xffff, .flags = FLAG_FIXED | FLAG_CF,
		.gpr = { 0xb0, 0xb1, 0xb2, 0xb3, 0xe000, 0xb5, 0xb6, 0xb7 },
		.seg = { SEL_DATA, SEL_CODE16, SEL_STACK16, SEL_DATA16 },
	};

	vm_write(vm, TASK_TSS, &t, sizeof(t));
	t16.ip = TASK_CODE - CODE_GPA;
	vm_write(vm, TASK_TSS + 0x100, &t16, sizeof(t16));
	memset(gpa_to_hva(vm, TSS32_GPA + 0x1c), 0, 0x4c);
	((struct tss32 *)gpa_to_hva(vm, TSS32_GPA))->cr3 = PD32_GPA;
	((struct tss32 *)gpa_to_hva(vm, TSS32_GPA))->link = 0;
}

static void init_gdt(void)
{
	set_descriptor(SEL_TSS32, TSS32_GPA, 0x67, 0x8b);
	set_descriptor(SEL_TASK32, TASK_TSS, 0x67, 0x89);
	set_descriptor(SEL_TASK16, TASK_TSS + 0x100, 0x2b, 0x81);
	set_descriptor(SEL_GATE, SEL_TASK32, 0, 0x85);
	set_descriptor(SEL_ABSENT, 0, 0xffff, 0x13);
	set_idt_gate(TASK_VECTOR, (u64)SEL_TASK32 << 16 | 0x8500ull << 32);
}

#define START(code, task)	start(code, code##_end, task, task##_end)

/* The first task's code and the second's; registers that tell who runs. */
static void start(const u8 *code, const u8 *end, const u8 *task, const u8 *task_end)
{
	struct kvm_sregs s;
	struct kvm_regs r;

	vcpu_load(vcpu, MODE_PAGED32, code, end);
	vm_write(vm, TASK_CODE, task, task_end - task);
	init_tss();
	init_gdt();
	vcpu_get_sregs(vcpu, &s);
	s.gdt.limit = GDT_LIMIT;
	vcpu_set_sregs(vcpu, &s);
	vcpu_get_regs(vcpu, &r);
	r.rax = 0x11;
	r.rbx = 0x33;
	r.rcx = 0x22;
	r.rbp = 0x55;
	r.rsi = 0x66;
	r.rdi = 0x77;
	r.rflags |= FLAG_ZF;
	vcpu_set_regs(vcpu, &r);
}

static bool task_regs(const struct kvm_regs *r, u32 base)
{
	return r->rax == base && r->rcx == base + 1 && r->rdx == base + 2 && r->rbx == base + 3 &&
	       r->rbp == base + 5 && r->rsi == base + 6 && r->rdi == base + 7;
}

static bool segment_is(const struct kvm_segment *s, u16 selector, u32 base)
{
	return s->selector == selector && s->base == base && !s->unusable;
}

/* In the second task, which has just said so. */
static void check_task32(const char *name, bool nested)
{
	struct kvm_sregs s;
	struct kvm_regs r;

	vcpu_get_regs(vcpu, &r);
	vcpu_get_sregs(vcpu, &s);
	ok(task_regs(&r, 0xa0) && r.rsp == TASK_STACK, "%s: registers of the new task", name);
	ok_eq(r.rflags, FLAG_FIXED | FLAG_CF | (nested ? FLAG_NT : 0), "%s: its flags", name);
	ok(segment_is(&s.cs, SEL_CODE32, 0) && segment_is(&s.ss, SEL_DATA, 0) &&
	   segment_is(&s.gs, SEL_DATA, 0) && !s.fs.selector && s.fs.unusable,
	   "%s: its segments", name);
	ok(segment_is(&s.tr, SEL_TASK32, TASK_TSS) && s.tr.type == 0xb, "%s: its TR", name);
	ok(s.cr0 & CR0_TS, "%s: CR0.TS is set", name);
	ok_eq(access_byte(SEL_TASK32), 0x8b, "%s: it is busy", name);
	ok_eq(access_byte(SEL_TSS32), nested ? 0x8b : 0x89, "%s: the old one is %sbusy", name,
	      nested ? "" : "not ");
	if (nested)
		ok_eq(((struct tss32 *)gpa_to_hva(vm, TASK_TSS))->link & 0xffff, SEL_TSS32,
		      "%s: the back link", name);
}

/* What the first task left in its TSS; it goes on at @eip. */
static void check_saved(const char *name, u32 eip)
{
	const struct tss32 *t = gpa_to_hva(vm, TSS32_GPA);

	ok_eq(t->eip, eip, "%s: EIP of the old task", name);
	ok((t->eflags & ~FLAG_RF) == (FLAG_FIXED | FLAG_ZF), "%s: flags of the old task", name);
	ok(t->gpr[0] == 0x11 && t->gpr[1] == 0x22 && t->gpr[3] == 0x33 &&
	   t->gpr[4] == STACK_TOP && t->gpr[5] == 0x55 && t->gpr[6] == 0x66 &&
	   t->gpr[7] == 0x77, "%s: registers of the old task", name);
	ok((t->seg[0] & 0xffff) == SEL_DATA && (t->seg[1] & 0xffff) == SEL_CODE32 &&
	   (t->seg[2] & 0xffff) == SEL_DATA && (t->seg[5] & 0xffff) == SEL_DATA,
	   "%s: selectors of the old task", name);
}

/* Back in the first task, past the instruction that left it. */
static void check_back(const char *name)
{
	struct kvm_sregs s;
	struct kvm_regs r;

	if (!expect_done(vcpu, name))
		return;
	vcpu_get_regs(vcpu, &r);
	vcpu_get_sregs(vcpu, &s);
	ok(r.rax == 0x11 && r.rbx == 0x33 && r.rcx == 0x23 && r.rsp == STACK_TOP,
	   "%s: the old task goes on", name);
	ok_eq(r.rflags & FLAG_NT, 0, "%s: and is not nested", name);
	ok(segment_is(&s.tr, SEL_TSS32, TSS32_GPA), "%s: with its TR", name);
	ok_eq(access_byte(SEL_TSS32), 0x8b, "%s: busy again", name);
	ok_eq(access_byte(SEL_TASK32), 0x89, "%s: the other one is not", name);
}

static void there_and_back(const char *what, enum how how, bool nested, u32 len)
{
	char name[64];

	strcpy(name, what);
	strcat(name, how ? ", emulator" : ", CPU");
	if (!expect_done(vcpu, name))
		return;
	check_task32(name, nested);
	check_saved(name, CODE_GPA + len + (how ? 5 : 0));
	check_back(name);
	if (nested)
		ok_eq(((struct tss32 *)gpa_to_hva(vm, TASK_TSS))->eflags & FLAG_NT, 0,
		      "%s: NT is not saved by IRET", name);
}

static void test_switches(enum how how)
{
	if (how)
		START(jmp_tss_f, task_jmp_f);
	else
		START(jmp_tss, task_jmp);
	there_and_back("JMP to a TSS", how, false, 7);
	if (how)
		START(jmp_gate_f, task_jmp_f);
	else
		START(jmp_gate, task_jmp);
	there_and_back("JMP to a task gate", how, false, 7);
	if (how)
		START(call_tss_f, task_iret_f);
	else
		START(call_tss, task_iret);
	there_and_back("CALL and IRET", how, true, 7);
	if (how)
		START(int_gate_f, task_iret_f);
	else
		START(int_gate, task_iret);
	there_and_back("INT and IRET", how, true, 2);
}

static void test_16bit(enum how how)
{
	struct kvm_sregs s;
	struct kvm_regs r;

	if (how)
		START(jmp_16_f, task_jmp);
	else
		START(jmp_16, task_jmp);
	if (!expect_done(vcpu, "JMP to a 16-bit task"))
		return;
	vcpu_get_regs(vcpu, &r);
	vcpu_get_sregs(vcpu, &s);
	ok((r.rax & 0xffff) == 0xb0 && (r.rdi & 0xffff) == 0xb7 && (r.rsp & 0xffff) == 0xe000 &&
	   r.rflags == (FLAG_FIXED | FLAG_CF), "%s: registers of a 16-bit task", how_name[how]);
	ok(segment_is(&s.cs, SEL_CODE16, CODE_GPA) && segment_is(&s.ss, SEL_STACK16, STACK_GPA) &&
	   !s.fs.selector && !s.gs.selector, "%s: its segments", how_name[how]);
	ok(segment_is(&s.tr, SEL_TASK16, TASK_TSS + 0x100) && s.tr.type == 3 &&
	   s.cr3 == PD32_GPA, "%s: its TR, the old CR3", how_name[how]);
	ok_eq(access_byte(SEL_TASK16), 0x83, "%s: it is busy", how_name[how]);
}

/* An exception through a task gate: the error code is on the new task's stack. */
static void test_exception(void)
{
	const struct tss32 *t = gpa_to_hva(vm, TSS32_GPA);
	struct kvm_regs r;
	u64 gate = *(u64 *)gpa_to_hva(vm, IDT32_GPA + NP_VECTOR * 8);

	START(fault, task_iret);
	set_idt_gate(NP_VECTOR, (u64)SEL_TASK32 << 16 | 0x8500ull << 32);
	if (expect_done(vcpu, "#NP through a task gate")) {
		vcpu_get_regs(vcpu, &r);
		ok_eq(r.rsp, TASK_STACK - 4, "an error code is pushed");
		ok_eq(*(u32 *)gpa_to_hva(vm, TASK_STACK - 4), SEL_ABSENT, "it is the selector");
		ok_eq(t->eip, CODE_GPA + 6, "EIP is that of the instruction that faults");
		ok_eq(access_byte(SEL_TSS32), 0x8b, "its task stays busy");
		ok_eq(r.rflags & FLAG_NT, FLAG_NT, "the new one is nested");
	}
	set_idt_gate(NP_VECTOR, gate);
}

static bool nmis_blocked(void)
{
	struct kvm_vcpu_events e = { };

	must(kvm_ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, &e));
	return e.nmi.masked;
}

/* An NMI through a task gate blocks others until the new task's IRET. */
static void test_nmi(void)
{
	u64 gate = *(u64 *)gpa_to_hva(vm, IDT32_GPA + NMI_VECTOR * 8);

	START(iret_count, task_iret);
	expect_done(vcpu, "guest that will get an NMI");
	set_idt_gate(NMI_VECTOR, (u64)SEL_TASK32 << 16 | 0x8500ull << 32);
	must(kvm_ioctl(vcpu->fd, KVM_NMI, NULL));
	if (expect_done(vcpu, "NMI through a task gate")) {
		ok(nmis_blocked(), "NMIs are blocked in it");
		expect_done(vcpu, "IRET to the first task");
		ok(!nmis_blocked(), "and no more after its IRET");
	}
	set_idt_gate(NMI_VECTOR, gate);
}

/* Refused in the old task. */
static void test_refused(enum how how)
{
	struct guest_fault f;
	struct kvm_regs r;

#define REFUSED(code, vector, error, change, what) do {				\
		if (how)							\
			START(code##_f, task_jmp);				\
		else								\
			START(code, task_jmp);					\
		change;								\
		if (expect_fault(vcpu, vector, what) && vcpu_fault(vcpu, &f)) {	\
			ok_eq(f.error_code, error, what ": error code");	\
			ok_eq(f.rip, CODE_GPA + (how ? 5 : 0), what ": RIP");	\
			vcpu_get_regs(vcpu, &r);				\
			ok(r.rax == 0x11 && r.rcx == 0x22, what ": registers");	\
		}								\
	} while (0)

	REFUSED(jmp_self, GP_VECTOR, SEL_TSS32, (void)0, "JMP to the busy task");
	REFUSED(jmp_tss, NP_VECTOR, SEL_TASK32,
		set_descriptor(SEL_TASK32, TASK_TSS, 0x67, 0x09), "a TSS that is not present");
	REFUSED(jmp_tss, TS_VECTOR, SEL_TASK32,
		set_descriptor(SEL_TASK32, TASK_TSS, 0x66, 0x89), "a TSS that is too short");
	REFUSED(jmp_gate, NP_VECTOR, SEL_GATE,
		set_descriptor(SEL_GATE, SEL_TASK32, 0, 0x05), "a gate that is not present");
	REFUSED(jmp_gate, GP_VECTOR, SEL_CODE32,
		set_descriptor(SEL_GATE, SEL_CODE32, 0, 0x85), "a gate to code");
	REFUSED(int_gate, GP_VECTOR, TASK_VECTOR * 8 + 2,
		set_idt_gate(TASK_VECTOR, 0x8000ull << 32), "an empty gate");
#undef REFUSED
}

/* Refused in the new task: it has been switched to. */
static void test_late_fault(enum how how)
{
	struct tss32 *t = gpa_to_hva(vm, TASK_TSS);
	struct guest_fault f;
	struct kvm_sregs s;

	if (how)
		START(jmp_tss_f, task_jmp);
	else
		START(jmp_tss, task_jmp);
	t->seg[3] = SEL_ABSENT;
	if (!expect_fault(vcpu, NP_VECTOR, "DS of the new task is not present") ||
	    !vcpu_fault(vcpu, &f))
		return;
	vcpu_get_sregs(vcpu, &s);
	ok_eq(f.error_code, SEL_ABSENT, "%s: error code", how_name[how]);
	ok_eq(f.rip, TASK_CODE, "%s: RIP is the new task's", how_name[how]);
	ok_eq(s.tr.selector, SEL_TASK32, "%s: so is TR", how_name[how]);
	ok_eq(f.rsp, TASK_STACK, "%s: and the stack", how_name[how]);
}

static void test_trap(enum how how)
{
	struct tss32 *t = gpa_to_hva(vm, TASK_TSS);
	struct guest_fault f;
	struct kvm_regs r;

	if (how)
		START(jmp_tss_f, task_jmp);
	else
		START(jmp_tss, task_jmp);
	t->trap = 1;
	run_until_exit(vcpu);
	if (how == NATIVE && at_done(vcpu)) {
		skip("T bit, CPU", "it switches by itself, and without the trap");
		return;
	}
	if (!ok(vcpu_fault(vcpu, &f) && f.vector == DB_VECTOR, "T bit, %s", how_name[how]))
		return;
	ok_eq(f.rip, TASK_CODE, "%s: before the first instruction", how_name[how]);
	load_code(vcpu, MODE_PAGED32, read_dr6);
	expect_done(vcpu, "the guest reads DR6");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rax & DR6_TRAPS, DR6_BT, "%s: DR6.BT", how_name[how]);
}

int main(void)
{
	const char *missing;
	enum how how;

	tap_start(50);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	missing = forced_emulation_missing();
	test_exception();
	test_nmi();
	for (how = NATIVE; how <= FORCED; how++) {
		if (how == FORCED && missing) {
			skip("task switches by the emulator", missing);
			break;
		}
		if (how == FORCED && !kvm_is_ours()) {
			skip("task switches by the emulator", "not emulated as instructions");
			break;
		}
		test_switches(how);
		test_16bit(how);
		test_refused(how);
		test_late_fault(how);
		test_trap(how);
	}
	vm_destroy(vm);
	return tap_done();
}
