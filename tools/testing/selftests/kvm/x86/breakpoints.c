// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's own breakpoints: data in RAM and in devices, ports, code, each
 * where the CPU executes and where the emulator does, and general detect.
 */
#include "kvm_test.h"

#define DR6_FIXED 0xffff0ff0ull
#define DR6_BD (1ull << 13)
#define DR7_GD (1ull << 13)
#define CR4_DE (1ull << 3)
#define WORD 0x30010			/* what most of them access */

/* Enable breakpoint 0 or 1 with R/W and LEN as DR7 has them. */
#define BP(n, rw, len) ((2u << ((n) * 2)) | ((rw) | (len) << 2) << (16 + (n) * 4))
enum { X, W, IO, RW };
enum { LEN1, LEN2, LEN8, LEN4 };

GUEST_CODE(store, 64, "mov %ebx, 0x30010\n");
GUEST_CODE(load, 64, "mov 0x30010, %ebx\n");
GUEST_CODE(load_q, 64, "mov 0x30010, %rbx\n");
GUEST_CODE(add, 64, "addl $1, 0x30010\n");
GUEST_CODE(locked, 64, "lock addl $1, 0x30010\n");
GUEST_CODE(split, 64, "mov %rbx, 0x30ffc\n");
GUEST_CODE(pushed, 64, "push %rbx\n");
GUEST_CODE(nothing, 64, "nop\n");
GUEST_CODE(mmio_store, 64, "mov %ebx, 0xa0010\n");
GUEST_CODE(mmio_load, 64, "mov 0xa0010, %ebx\n");
GUEST_CODE(copy, 64, "rep movsb\n");
GUEST_CODE(outb, 64, "out %al, $0x80\n");
GUEST_CODE(inb, 64, "in $0x80, %al\n");
GUEST_CODE(inl, 64, "in $0x80, %eax\n");
GUEST_CODE(outs, 64, "rep outsb\n");
GUEST_CODE(disable, 64, "mov %rax, %dr7\n" GUEST_DONE);
GUEST_CODE(read_dr, 64, "mov %dr0, %rbx\n" GUEST_DONE);
GUEST_CODE(forced_read_dr, 64, GUEST_FEP "mov %dr0, %rbx\n" GUEST_DONE);

struct row {
	const char *name;
	const u8 *insn, *end;
	u64 db0, db1;
	u32 dr7;
	u64 hits;			/* in DR6; 0: the guest goes on */
	const char *not_native;		/* why this CPU's own answer does not count */
};

#define INSN_OF(code) code, code##_end

static const struct row ram_rows[] = {
	{ "store, 4 bytes", INSN_OF(store), WORD, 0, BP(0, W, LEN4), 1 },
	{ "store, its last byte", INSN_OF(store), WORD + 3, 0, BP(0, W, LEN1), 1 },
	{ "store, the byte behind", INSN_OF(store), WORD + 4, 0, BP(0, W, LEN1), 0 },
	{ "store, the byte before", INSN_OF(store), WORD - 1, 0, BP(0, W, LEN1), 0 },
	{ "store, two bytes before", INSN_OF(store), WORD - 2, 0, BP(0, W, LEN2), 0 },
	{ "store, read or write", INSN_OF(store), WORD, 0, BP(0, RW, LEN2), 1 },
	{ "store, both registers", INSN_OF(store), WORD, WORD + 2, BP(0, W, LEN1) | BP(1, RW, LEN2), 3,
	  "QEMU 7.2 tells one of them" },
	{ "store, the second one", INSN_OF(store), 0x30800, WORD, BP(0, W, LEN4) | BP(1, W, LEN4), 2 },
	{ "store, 8 bytes around", INSN_OF(store), WORD, 0, BP(0, W, LEN8), 1 },
	{ "store, 8 bytes before", INSN_OF(store), WORD - 8, 0, BP(0, W, LEN8), 0 },
	{ "store, misaligned register", INSN_OF(store), WORD + 2, 0, BP(0, W, LEN4), 1,
	  "undefined, and QEMU 7.2 does not align" },
	{ "load, write only", INSN_OF(load), WORD, 0, BP(0, W, LEN4), 0 },
	{ "load, read or write", INSN_OF(load), WORD, 0, BP(0, RW, LEN4), 1 },
	{ "load of 8, its upper half", INSN_OF(load_q), WORD + 4, 0, BP(0, RW, LEN4), 1 },
	{ "read and write", INSN_OF(add), WORD, 0, BP(0, W, LEN4), 1 },
	{ "locked", INSN_OF(locked), WORD, 0, BP(0, W, LEN4), 1 },
	{ "across pages, the second", INSN_OF(split), 0x31000, 0, BP(0, W, LEN1), 1 },
	{ "across pages, the first", INSN_OF(split), 0x30fff, 0, BP(0, W, LEN1), 1 },
	{ "across pages, behind", INSN_OF(split), 0x31004, 0, BP(0, W, LEN1), 0 },
	{ "stack", INSN_OF(pushed), STACK_TOP - 8, 0, BP(0, W, LEN8), 1 },
	{ "no access", INSN_OF(nothing), WORD, 0, BP(0, RW, LEN4), 0 },
};

static struct vm *vm;
static struct vcpu *vcpu;

static u64 get_dr6(void)
{
	struct kvm_debugregs regs;

	must(kvm_ioctl(vcpu->fd, KVM_GET_DEBUGREGS, &regs));
	return regs.dr6;
}

/*
 * The guest has to turn its breakpoints off as it has turned them on: QEMU 7.2
 * forgets to when it leaves a guest, and may crash much later.
 */
static void clean(void)
{
	struct kvm_regs r;

	load_code(vcpu, MODE_LONG64, disable);
	vcpu_get_regs(vcpu, &r);
	r.rflags |= FLAG_RF;
	vcpu_set_regs(vcpu, &r);
	if (run_until_exit(vcpu) != KVM_EXIT_IO || !at_done(vcpu))
		bail("the guest cannot turn its breakpoints off");
}

static u8 *put_mov_dr(u8 *p, u32 value, int dr)
{
	*p++ = 0xb8;
	memcpy(p, &value, 4);
	p += 4;
	memcpy(p, (u8[]){ 0x0f, 0x23, 0xc0 | dr << 3 }, 3);
	return p + 3;
}

/*
 * The guest sets its registers itself: QEMU's CPU looks for nothing that it has
 * from the VMCB. Returns where the instruction ends.
 */
static u64 build(const struct row *row, bool is_forced)
{
	static const u8 fep[] = { 0x0f, 0x0b, 'k', 'v', 'm' };
	u8 code[128], *p = code;
	size_t len = row->end - row->insn;

	clean();
	p = put_mov_dr(p, row->db0, 0);
	p = put_mov_dr(p, row->db1, 1);
	p = put_mov_dr(p, 0, 6);
	p = put_mov_dr(p, row->dr7, 7);
	if (is_forced) {
		memcpy(p, fep, sizeof(fep));
		p += sizeof(fep);
	}
	memcpy(p, row->insn, len);
	p += len;
	memcpy(p, (u8[]){ 0xe6, PORT_DONE }, 2);
	vcpu_load(vcpu, MODE_LONG64, code, p + 2);
	return CODE_GPA + (p - code);
}

static void set_cr4_de(void)
{
	struct kvm_sregs s;

	vcpu_get_sregs(vcpu, &s);
	s.cr4 |= CR4_DE;
	vcpu_set_sregs(vcpu, &s);
}

/* The last exit was #DB behind the instruction with DR6 as @row has it, or the end. */
static void judge(const struct row *row, u64 end, int reason, const char *how)
{
	struct guest_fault f = { .vector = -1 };

	if (!row->hits) {
		ok(reason == KVM_EXIT_IO && at_done(vcpu), "%s, %s: no #DB", row->name, how);
		return;
	}
	ok(reason == KVM_EXIT_IO && vcpu_fault(vcpu, &f) && f.vector == DB_VECTOR,
	   "%s, %s: #DB", row->name, how);
	if (f.vector != DB_VECTOR) {
		note("left for %s", describe_exit(vcpu, reason));
		return;
	}
	ok_eq(f.rip, end, "%s, %s: behind the instruction", row->name, how);
	ok_eq(f.rflags & FLAG_RF, 0, "%s, %s: RF is clear", row->name, how);
	ok_eq(get_dr6(), DR6_FIXED | row->hits, "%s, %s: DR6", row->name, how);
	expect_done(vcpu, "the guest goes on");
}

static void test_ram(void)
{
	const char *missing = forced_emulation_missing();
	unsigned int i;
	u64 end;

	for (i = 0; i < ARRAY_SIZE(ram_rows); i++) {
		if (ram_rows[i].not_native) {
			skip(ram_rows[i].name, ram_rows[i].not_native);
		} else {
			end = build(&ram_rows[i], false);
			judge(&ram_rows[i], end, run_until_exit(vcpu), "native");
		}
		if (!kvm_is_ours())
			missing = "Linux 6.1's emulator looks for no data breakpoints";
		if (missing) {
			skip(ram_rows[i].name, missing);
			continue;
		}
		end = build(&ram_rows[i], true);
		judge(&ram_rows[i], end, run_until_exit(vcpu), "forced");
	}
}

static void test_mmio(void)
{
	static const struct row write = { "MMIO write", INSN_OF(mmio_store), 0xa0010, 0,
					  BP(0, W, LEN4), 1 };
	static const struct row read = { "MMIO read", INSN_OF(mmio_load), 0xa0010, 0,
					 BP(0, RW, LEN1), 1 };
	u32 zero = 0, answer = 0x55;
	u64 end;

	end = build(&write, false);
	expect_mmio_write(vcpu, 0xa0010, 4, &zero, "MMIO write");
	judge(&write, end, run_until_exit(vcpu), "emulated");
	end = build(&read, false);
	expect_mmio_read(vcpu, 0xa0010, 4, &answer, "MMIO read");
	judge(&read, end, run_until_exit(vcpu), "emulated");
}

/* REP stops behind the iteration that hits, and comes back for the rest. */
static void test_rep(bool is_forced)
{
	static const struct row row = { "REP MOVSB", INSN_OF(copy), 0x30101, 0, BP(0, W, LEN1), 1 };
	struct guest_fault f = { .vector = -1 };
	struct kvm_regs r;
	u64 end = build(&row, is_forced);

	vcpu_get_regs(vcpu, &r);
	r.rsi = 0x30000;
	r.rdi = 0x30100;
	r.rcx = 4;
	vcpu_set_regs(vcpu, &r);
	expect_fault(vcpu, DB_VECTOR, "REP MOVSB");
	vcpu_fault(vcpu, &f);
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rcx, 2, "after two iterations");
	ok_eq(f.rip, end - (copy_end - copy), "RIP is still its own");
	ok_eq(get_dr6(), DR6_FIXED | 1, "DR6");
	expect_done(vcpu, "the guest goes on");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rdi, 0x30104, "to the end of the string");
}

static const struct row port_rows[] = {
	{ "OUT", INSN_OF(outb), 0x80, 0, BP(0, IO, LEN1), 1 },
	{ "IN", INSN_OF(inb), 0x80, 0, BP(0, IO, LEN1), 1 },
	{ "IN of 4, its last port", INSN_OF(inl), 0x83, 0, BP(0, IO, LEN1), 1 },
	{ "IN of 4, the port behind", INSN_OF(inl), 0x84, 0, BP(0, IO, LEN1), 0 },
	{ "OUT, another port", INSN_OF(outb), 0x81, 0, BP(0, IO, LEN1), 0 },
	{ "OUT, a data breakpoint", INSN_OF(outb), 0x80, 0, BP(0, RW, LEN1), 0 },
};

static int past_port(void)
{
	int reason = run_until_exit(vcpu);

	if (reason == KVM_EXIT_IO && vcpu->run->io.port == 0x80)
		reason = run_until_exit(vcpu);
	return reason;
}

static void test_ports(void)
{
	static const struct row strings = { "REP OUTSB", INSN_OF(outs), 0x80, 0,
					    BP(0, IO, LEN1), 1 };
	struct row off = port_rows[0];
	struct guest_fault f;
	struct kvm_regs r;
	unsigned int i;
	u64 end;

	for (i = 0; i < ARRAY_SIZE(port_rows); i++) {
		end = build(&port_rows[i], false);
		set_cr4_de();
		judge(&port_rows[i], end, past_port(), "plain");
		if (forced_emulation_missing())
			continue;
		end = build(&port_rows[i], true);
		set_cr4_de();
		judge(&port_rows[i], end, past_port(), "forced");
	}
	off.name = "OUT without CR4.DE";
	off.hits = 0;
	end = build(&off, false);
	judge(&off, end, past_port(), "plain");

	build(&strings, false);
	set_cr4_de();
	vcpu_get_regs(vcpu, &r);
	r.rdx = 0x80;
	r.rsi = DATA_GPA;
	r.rcx = 2;
	vcpu_set_regs(vcpu, &r);
	expect_pio(vcpu, KVM_EXIT_IO_OUT, 0x80, 1, 1, "REP OUTSB");
	expect_fault(vcpu, DB_VECTOR, "REP OUTSB, its first iteration");
	vcpu_fault(vcpu, &f);
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rcx, 1, "one is left");
}

/* A breakpoint on code that is emulated; RF lets the instruction pass. */
static void test_code(void)
{
	struct row row = { "code", INSN_OF(store), 0, 0, BP(0, X, LEN1), 1 };
	struct guest_fault f = { .vector = -1 };
	struct kvm_regs r;
	u64 end;

	if (forced_emulation_missing()) {
		skip("code", forced_emulation_missing());
		return;
	}
	end = build(&row, true);
	row.db0 = end - (store_end - store);
	build(&row, true);
	expect_fault(vcpu, DB_VECTOR, "breakpoint at an instruction that is emulated");
	vcpu_fault(vcpu, &f);
	ok_eq(f.rip, row.db0, "before it");
	ok_eq(f.rflags & FLAG_RF, 0, "RF is clear");
	ok_eq(get_dr6(), DR6_FIXED | 1, "DR6");
	build(&row, true);
	vcpu_get_regs(vcpu, &r);
	r.rip = row.db0 - 5;
	r.rflags |= FLAG_RF;
	vcpu_set_regs(vcpu, &r);
	expect_done(vcpu, "RF passes it");
}

/* Of the debug faults the one that pushes RF: a handler that returns goes on. */
static void test_general_detect(void)
{
	struct guest_fault f = { .vector = -1 };
	struct kvm_debugregs d;
	int is_forced;

	if (!kvm_is_ours()) {
		skip("general detect",
		     "Linux 6.1 leaves it to the CPU, QEMU 7.2 does nothing, and what is emulated has no RF");
		return;
	}
	for (is_forced = 0; is_forced < 2; is_forced++) {
		if (is_forced && forced_emulation_missing())
			return;
		if (is_forced)
			load_code(vcpu, MODE_LONG64, forced_read_dr);
		else
			load_code(vcpu, MODE_LONG64, read_dr);
		must(kvm_ioctl(vcpu->fd, KVM_GET_DEBUGREGS, &d));
		d.dr6 = DR6_FIXED;
		d.dr7 = DR7_GD;
		must(kvm_ioctl(vcpu->fd, KVM_SET_DEBUGREGS, &d));
		expect_fault(vcpu, DB_VECTOR, "general detect");
		vcpu_fault(vcpu, &f);
		ok_eq(f.rip, CODE_GPA + (is_forced ? 5 : 0), "at MOV DR");
		must(kvm_ioctl(vcpu->fd, KVM_GET_DEBUGREGS, &d));
		ok_eq(d.dr6, DR6_FIXED | DR6_BD, "DR6");
		ok_eq(d.dr7 & DR7_GD, 0, "DR7.GD is clear in the handler");
		ok(f.rflags & FLAG_RF, "RF is set");
		expect_done(vcpu, "the guest goes on");
	}
}

int main(void)
{
	tap_start(50);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	test_ram();
	test_rep(false);
	if (kvm_is_ours()) {
		if (!forced_emulation_missing())
			test_rep(true);
		test_mmio();
		test_ports();
	} else {
		skip("what the emulator accesses", "Linux 6.1 looks for no breakpoints there");
	}
	test_code();
	clean();
	test_general_detect();
	vm_destroy(vm);
	return tap_done();
}
