// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMware's backdoor: with kvm.enable_vmware_backdoor=1, CPL 3 may use two
 * ports and three pseudo counters whatever IOPL, I/O bitmap and CR4.PCE say.
 * Every other #GP stays the guest's. The parameter is one of load time.
 */
#include <stdlib.h>

#include "kvm_test.h"

#define PORT 0x5658
#define PORT_BULK 0x5659
#define MAGIC 0x564d5868
#define PARAMETER "/sys/module/kvm/parameters/enable_vmware_backdoor"
#define BULK_BYTES 8

GUEST_CODE(version, 64,
	   "mov $0x564d5868, %eax\n mov $0x11111111, %ebx\n mov $10, %ecx\n"
	   "mov $0x5658, %edx\n in %dx, %eax\n mov %eax, %esi\n ud2\n");
GUEST_CODE(command_out, 64,
	   "mov $0x564d5868, %eax\n mov $0x5658, %edx\n out %eax, %dx\n"
	   "mov $1, %esi\n ud2\n");
GUEST_CODE(bulk_out, 64,
	   "mov $0x30000, %esi\n mov $8, %ecx\n mov $0x5659, %edx\n rep outsb\n ud2\n");
GUEST_CODE(bulk_in, 64,
	   "mov $0x30100, %edi\n mov $8, %ecx\n mov $0x5659, %edx\n rep insb\n ud2\n");
GUEST_CODE(counter, 64,
	   "rdpmc\n shl $32, %rdx\n lea (%rax,%rdx), %rsi\n mov %ebx, %ecx\n"
	   "rdpmc\n shl $32, %rdx\n lea (%rax,%rdx), %rdi\n ud2\n");

/* Instructions that are not the backdoor's, and the error code of their #GP. */
struct refused {
	const char *name;
	u8 insn[12];
	u64 rax, rcx, rdx;
	u64 error_code;
};

static const struct refused refused[] = {
	{ "in of another port", { 0xec }, .rdx = 0x1000 },
	{ "out to another port", { 0xef }, .rdx = 0x1000 },
	{ "in of the port below", { 0xec }, .rdx = PORT - 1 },
	{ "in of the port above", { 0xec }, .rdx = PORT_BULK + 1 },
	{ "outsb to another port", { 0x6e }, .rdx = 0x1000 },
	{ "insb of another port", { 0x6c }, .rdx = 0x1000 },
	{ "rep outsl to the port above", { 0xf3, 0x6f }, .rcx = 1, .rdx = PORT_BULK + 1 },
	{ "rdmsr", { 0x0f, 0x32 } },
	{ "rdpmc of counter 0", { 0x0f, 0x33 } },
	{ "rdpmc below the pseudo counters", { 0x0f, 0x33 }, .rcx = 0xffff },
	{ "rdpmc above the pseudo counters", { 0x0f, 0x33 }, .rcx = 0x10003 },
	{ "hlt", { 0xf4 } },
	{ "cli", { 0xfa } },
	{ "mov %cr0, %rax", { 0x0f, 0x20, 0xc0 } },
	{ "invd", { 0x0f, 0x08 } },
	{ "load from a non-canonical address", { 0x48, 0x8b, 0x00 }, .rax = 1ull << 63 },
	{ "mov %eax, %ds beyond the GDT", { 0x8e, 0xd8 }, .rax = 0xfff8, .error_code = 0xfff8 },
};

static char original;
static struct vcpu *vcpu;

static int reload(char value)
{
	char option[] = "enable_vmware_backdoor=?";
	int r = module_unload(modules_vendor());

	option[sizeof(option) - 2] = value;
	if (!r)
		r = module_unload("kvm");
	return r ? r : modules_load(option);
}

static void restore(void)
{
	if (read_flag(PARAMETER) != original && reload(original))
		note("the modules' old state could not be restored");
}

/* At CPL 3, with IOPL 0; the ports used here are beyond the limit of the TSS. */
static void enter_user(const u8 *code, const u8 *end)
{
	vcpu_load(vcpu, MODE_LONG64, code, end);
	vcpu_set_user(vcpu);
}

#define user(name) enter_user(name, name##_end)

static void test_command(void)
{
	struct kvm_regs r;
	u32 *p;

	user(version);
	p = expect_pio(vcpu, KVM_EXIT_IO_IN, PORT, 4, 1, "in %dx, %eax of the command port");
	vcpu_get_regs(vcpu, &r);
	ok_eq((u32)r.rax, MAGIC, "userspace sees the magic number");
	ok_eq(r.rcx, 10, "and the command");
	if (p)
		*p = 0xcafe0006;
	expect_fault(vcpu, UD_VECTOR, "the guest goes on");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rsi, 0xcafe0006, "with the answer");
	ok_eq(r.rbx, 0x11111111, "and its other registers");

	user(command_out);
	p = expect_pio(vcpu, KVM_EXIT_IO_OUT, PORT, 4, 1, "out %eax, %dx");
	ok_eq(p ? *p : 0, MAGIC, "its value");
	expect_fault(vcpu, UD_VECTOR, "the guest goes on");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rsi, 1, "behind it");
}

/* Serve the bulk port until something else; how many bytes went through @data. */
static unsigned int serve_bulk(int direction, u8 *data)
{
	struct kvm_run *run = vcpu->run;
	unsigned int i, n = 0;
	u8 *p;

	while (run_until_exit(vcpu) == KVM_EXIT_IO && run->io.port == PORT_BULK) {
		p = (u8 *)run + run->io.data_offset;
		if (run->io.direction != direction || run->io.size != 1)
			break;
		for (i = 0; i < run->io.count && n < BULK_BYTES; i++, n++) {
			if (direction == KVM_EXIT_IO_OUT)
				data[n] = p[i];
			else
				p[i] = data[n];
		}
	}
	return n;
}

static bool at_ud(void)
{
	struct guest_fault f;

	return vcpu_fault(vcpu, &f) && f.vector == UD_VECTOR;
}

static void test_strings(void)
{
	u8 *ram = gpa_to_hva(vcpu->vm, DATA_GPA);
	u8 data[BULK_BYTES] = { };
	struct kvm_regs r;

	memcpy(ram, "backdoor", BULK_BYTES);
	user(bulk_out);
	ok_eq(serve_bulk(KVM_EXIT_IO_OUT, data), BULK_BYTES, "rep outsb to the bulk port");
	ok(!memcmp(data, "backdoor", BULK_BYTES), "its bytes");
	ok(at_ud(), "the guest goes on");
	vcpu_get_regs(vcpu, &r);
	ok(!r.rcx && r.rsi == DATA_GPA + BULK_BYTES, "RCX and RSI are at the end");

	memcpy(data, "revolver", BULK_BYTES);
	user(bulk_in);
	ok_eq(serve_bulk(KVM_EXIT_IO_IN, data), BULK_BYTES, "rep insb from the bulk port");
	ok(!memcmp(ram + 0x100, "revolver", BULK_BYTES), "its bytes");
	ok(at_ud(), "the guest goes on");
}

/* A fault of the memory is found before the port is asked. */
static void test_no_memory(void)
{
	struct guest_fault f = { .vector = -1 };
	struct kvm_regs r;

	if (!kvm_is_ours()) {
		skip("insb into no memory", "Linux 6.1 reads the port first");
		return;
	}
	user(bulk_in);
	vcpu_get_regs(vcpu, &r);
	r.rip += 5;		/* behind the first MOV */
	r.rdi = 0x200000000;
	vcpu_set_regs(vcpu, &r);
	expect_fault(vcpu, PF_VECTOR, "insb into no memory");
	vcpu_fault(vcpu, &f);
	ok_eq(f.cr2, 0x200000000, "insb into no memory: CR2");
}

static void read_counter(u32 number, bool is_user, struct kvm_regs *r)
{
	vcpu_load(vcpu, MODE_LONG64, counter, counter_end);
	if (is_user)
		vcpu_set_user(vcpu);
	vcpu_get_regs(vcpu, r);
	r->rcx = r->rbx = number;
	vcpu_set_regs(vcpu, r);
}

static void test_counters(void)
{
	static const char *const name[] = { "host TSC", "real time", "apparent time" };
	struct kvm_regs r;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(name); i++) {
		read_counter(0x10000 + i, true, &r);
		expect_fault(vcpu, UD_VECTOR, name[i]);
		vcpu_get_regs(vcpu, &r);
		ok(r.rsi && r.rdi >= r.rsi, "%s goes on", name[i]);
	}
	if (!kvm_is_ours()) {
		skip("RDPMC at CPL 0", "as the distribution's PMU has it");
		return;
	}
	read_counter(0x10001, false, &r);
	expect_fault(vcpu, UD_VECTOR, "real time at CPL 0");
}

static void test_refused(const char *state)
{
	const struct refused *c;
	struct guest_fault f;
	struct kvm_regs r;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(refused); i++) {
		c = &refused[i];
		enter_user(c->insn, c->insn + sizeof(c->insn));
		vcpu_get_regs(vcpu, &r);
		r.rax = c->rax;
		r.rcx = c->rcx;
		r.rdx = c->rdx;
		r.rsi = DATA_GPA;
		vcpu_set_regs(vcpu, &r);
		memset(&f, 0, sizeof(f));
		expect_fault(vcpu, GP_VECTOR, c->name);
		vcpu_fault(vcpu, &f);
		ok(f.rip == CODE_GPA && f.error_code == c->error_code,
		   "%s: #GP(0x%llx) at it, %s", c->name, (long long)c->error_code, state);
	}
}

static void test_off(void)
{
	struct kvm_regs r;

	user(version);
	expect_fault(vcpu, GP_VECTOR, "off: in %dx, %eax is #GP");
	user(command_out);
	expect_fault(vcpu, GP_VECTOR, "off: out %eax, %dx is #GP");
	user(bulk_out);
	expect_fault(vcpu, GP_VECTOR, "off: rep outsb is #GP");
	read_counter(0x10000, true, &r);
	expect_fault(vcpu, GP_VECTOR, "off: rdpmc is #GP");
	test_refused("off");
}

static void with_vm(void (*test)(void))
{
	struct vm *vm = vm_create();

	vcpu = vcpu_create(vm);
	test();
	vm_destroy(vm);
}

static void test_on(void)
{
	test_command();
	test_strings();
	test_no_memory();
	test_counters();
	test_refused("on");
}

int main(void)
{
	tap_start(50);
	if (modules_missing())
		skip_all(modules_missing());
	original = read_flag(PARAMETER);
	if (!original)
		skip_all("kvm has no parameter enable_vmware_backdoor");
	atexit(restore);
	if (reload('Y'))
		skip_all("modules cannot be reloaded (in use?)");
	ok_eq(read_flag(PARAMETER), 'Y', "backdoor on");
	with_vm(test_on);
	ok_eq(reload('N'), 0, "reload");
	ok_eq(read_flag(PARAMETER), 'N', "backdoor off");
	with_vm(test_off);
	return tap_done();
}
