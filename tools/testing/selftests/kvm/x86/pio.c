// SPDX-License-Identifier: GPL-2.0-only
/* Port accesses that userspace completes. */
#include "kvm_test.h"

#define PORT 0x510
#define MAX_ITEMS 4096
#define STRING_GPA (DATA_GPA + 0xffc)	/* the first dword ends a page */
#define STRING_OFFSET 0xffc

/* Every plain form; the same text assembles in every mode. */
#define PLAIN_FORMS							\
	"mov $0x510, %dx\n"						\
	"mov $0x11223344, %eax\n"					\
	"out %al, $0x81\n out %ax, $0x82\n out %eax, $0x83\n"		\
	"out %al, (%dx)\n out %ax, (%dx)\n out %eax, (%dx)\n"		\
	"mov $0xffffffff, %eax\n in $0x81, %al\n mov %eax, %ebx\n"	\
	"mov $0xffffffff, %eax\n in $0x82, %ax\n mov %eax, %ecx\n"	\
	"in $0x83, %eax\n mov %eax, %esi\n"				\
	"mov $0xffffffff, %eax\n in (%dx), %al\n mov %eax, %edi\n"	\
	"mov $0xffffffff, %eax\n in (%dx), %ax\n mov %eax, %ebp\n"	\
	"in (%dx), %eax\n" GUEST_DONE

GUEST_CODE(plain16, 16, PLAIN_FORMS);
GUEST_CODE(plain32, 32, PLAIN_FORMS);
GUEST_CODE(plain64, 64, PLAIN_FORMS);

/* CX items at DI and SI; ES is DS also where it is MMIO at first. */
#define INS(suffix) "push %ds\n pop %es\n rep ins" suffix "\n" GUEST_DONE
#define OUTS(suffix) "rep outs" suffix "\n" GUEST_DONE

GUEST_CODE(insb16, 16, INS("b"));
GUEST_CODE(insw16, 16, INS("w"));
GUEST_CODE(insl16, 16, INS("l"));
GUEST_CODE(outsb16, 16, OUTS("b"));
GUEST_CODE(outsw16, 16, OUTS("w"));
GUEST_CODE(outsl16, 16, OUTS("l"));
GUEST_CODE(insb32, 32, INS("b"));
GUEST_CODE(insw32, 32, INS("w"));
GUEST_CODE(insl32, 32, INS("l"));
GUEST_CODE(outsb32, 32, OUTS("b"));
GUEST_CODE(outsw32, 32, OUTS("w"));
GUEST_CODE(outsl32, 32, OUTS("l"));
GUEST_CODE(insb64, 64, "rep insb\n" GUEST_DONE);
GUEST_CODE(insw64, 64, "rep insw\n" GUEST_DONE);
GUEST_CODE(insl64, 64, "rep insl\n" GUEST_DONE);
GUEST_CODE(outsb64, 64, OUTS("b"));
GUEST_CODE(outsw64, 64, OUTS("w"));
GUEST_CODE(outsl64, 64, OUTS("l"));
GUEST_CODE(ins_down, 64, "std\n rep insw\n cld\n" GUEST_DONE);
GUEST_CODE(outs_down, 64, "std\n rep outsw\n cld\n" GUEST_DONE);
GUEST_CODE(single, 64, "outsb\n insb\n" GUEST_DONE);

static struct vm *vm;
static struct vcpu *vcpu;

static void out_form(u16 port, u8 size)
{
	u32 value = 0, want = 0x11223344;
	u8 *p = expect_pio(vcpu, KVM_EXIT_IO_OUT, port, size, 1, "out");

	if (p)
		memcpy(&value, p, size);
	ok_eq(value, size == 4 ? want : want & ((1u << 8 * size) - 1),
	      "%u bytes to port %#x", size, port);
}

static void in_form(u16 port, u32 value, u8 size)
{
	u8 *p = expect_pio(vcpu, KVM_EXIT_IO_IN, port, size, 1, "in");

	if (p)
		memcpy(p, &value, size);
}

static void test_plain(enum guest_mode mode, const u8 *code, const u8 *end)
{
	struct kvm_regs r;

	note("plain forms in %s", mode_name(mode));
	vcpu_load(vcpu, mode, code, end);
	out_form(0x81, 1);
	out_form(0x82, 2);
	out_form(0x83, 4);
	out_form(PORT, 1);
	out_form(PORT, 2);
	out_form(PORT, 4);
	in_form(0x81, 0x12, 1);
	in_form(0x82, 0x3456, 2);
	in_form(0x83, 0x789abcde, 4);
	in_form(PORT, 0x80, 1);
	in_form(PORT, 0x8765, 2);
	in_form(PORT, 0xfedcba98, 4);
	expect_done(vcpu, "all forms done");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rbx, 0xffffff12, "in imm8, AL leaves the rest of EAX");
	ok_eq(r.rcx, 0xffff3456, "in imm8, AX leaves the rest of EAX");
	ok_eq(r.rsi, 0x789abcde, "in imm8, EAX");
	ok_eq(r.rdi, 0xffffff80, "in DX, AL");
	ok_eq(r.rbp, 0xffff8765, "in DX, AX");
	ok_eq(r.rax, 0xfedcba98, "in DX, EAX clears the upper half of RAX");
}

struct transfer {
	u8 data[MAX_ITEMS * 4];
	u32 items;		/* transferred */
	u32 most;		/* in one exit */
	bool good;		/* every exit was as expected */
};

/* Run until done; collect what goes out, or supply data for what comes in. */
static void transfer(struct transfer *t, int direction, u8 size)
{
	struct kvm_run *run = vcpu->run;

	t->good = true;
	while (run_until_exit(vcpu) == KVM_EXIT_IO && !at_done(vcpu)) {
		u8 *p = (u8 *)run + run->io.data_offset;
		u32 n = run->io.count;

		if (run->io.direction != direction || run->io.port != PORT ||
		    run->io.size != size || !n || t->items + n > MAX_ITEMS ||
		    run->io.data_offset + n * size > (u32)vm->run_size) {
			t->good = false;
			break;
		}
		if (direction == KVM_EXIT_IO_IN)
			memcpy(p, t->data + t->items * size, n * size);
		else
			memcpy(t->data + t->items * size, p, n * size);
		t->items += n;
		if (n > t->most)
			t->most = n;
	}
	t->good &= at_done(vcpu);
	if (!t->good)
		note("%s", describe_exit(vcpu, run->exit_reason));
}

static void start_string(enum guest_mode mode, const u8 *code, const u8 *end,
			 u32 count)
{
	u64 base = mode_bits(mode) == 16 ? 0 : DATA_GPA;
	struct kvm_regs r;

	vcpu_load(vcpu, mode, code, end);
	vcpu_get_regs(vcpu, &r);
	r.rdx = PORT;
	r.rcx = count;
	r.rsi = r.rdi = base + STRING_OFFSET;
	vcpu_set_regs(vcpu, &r);
}

static void check_string(enum guest_mode mode, bool in, int bytes, u32 left)
{
	u64 base = mode_bits(mode) == 16 ? 0 : DATA_GPA;
	struct kvm_regs r;

	vcpu_get_regs(vcpu, &r);
	ok(r.rcx == left && (in ? r.rdi : r.rsi) == base + STRING_OFFSET + bytes &&
	   (in ? r.rsi : r.rdi) == base + STRING_OFFSET,
	   "count and index are advanced");
}

static u32 test_string(enum guest_mode mode, const u8 *code, const u8 *end,
		       bool in, u8 size, u32 count)
{
	static struct transfer t;
	u8 *mem = gpa_to_hva(vm, STRING_GPA);
	const char *name = in ? "ins" : "outs";
	u32 i, bytes = count * size;

	memset(&t, 0, sizeof(t));
	memset(mem, 0xcc, bytes + 8);
	for (i = 0; i < bytes; i++)
		(in ? t.data : mem)[i] = 0x31 * i + 7;
	start_string(mode, code, end, count);
	transfer(&t, in ? KVM_EXIT_IO_IN : KVM_EXIT_IO_OUT, size);
	ok(t.good && t.items == count, "%s rep %s of %u items of %u bytes",
	   mode_name(mode), name, count, size);
	ok(!memcmp(t.data, mem, bytes), "the data is right");
	if (in)
		ok_eq(mem[bytes], 0xcc, "nothing is written after it");
	check_string(mode, in, bytes, 0);
	return t.most;
}

#define STRING(mode, name, in, size, count) \
	test_string(mode, name, name##_end, in, size, count)

static void test_strings(void)
{
	static const enum guest_mode wide[] = { MODE_PROT32, MODE_PAE32, MODE_COMPAT32 };
	u32 most;
	int i;

	STRING(MODE_REAL16, insb16, true, 1, 9);
	STRING(MODE_REAL16, outsb16, false, 1, 9);
	STRING(MODE_PROT16, insw16, true, 2, 9);
	STRING(MODE_PROT16, outsw16, false, 2, 9);
	STRING(MODE_REAL16, insl16, true, 4, 9);
	STRING(MODE_REAL16, outsl16, false, 4, 9);
	for (i = 0; i < (int)ARRAY_SIZE(wide); i++) {
		STRING(wide[i], insb32, true, 1, 9);
		STRING(wide[i], outsb32, false, 1, 9);
		STRING(wide[i], insw32, true, 2, 9);
		STRING(wide[i], outsw32, false, 2, 9);
		STRING(wide[i], insl32, true, 4, 9);
		STRING(wide[i], outsl32, false, 4, 9);
	}
	STRING(MODE_LONG64, insb64, true, 1, 1);
	STRING(MODE_LONG64, insw64, true, 2, 33);
	STRING(MODE_LONG64, outsb64, false, 1, 33);
	STRING(MODE_LONG64, outsw64, false, 2, 33);
	STRING(MODE_LONG64, outsl64, false, 4, 33);
	STRING(MODE_LONG64, insl64, true, 4, 0);
	STRING(MODE_LONG64, outsl64, false, 4, 0);
	most = STRING(MODE_LONG64, insl64, true, 4, 2000);
	ok(most > 1, "rep ins brings several items per exit (%u)", most);
	most = STRING(MODE_LONG64, outsb64, false, 1, 100);
	if (most > 1)
		ok(true, "rep outs takes several items per exit (%u)", most);
	else
		skip("rep outs takes several items per exit", "this KVM takes one");
}

static void test_down(void)
{
	static struct transfer t;
	u8 *mem = gpa_to_hva(vm, STRING_GPA);
	u16 *item = (u16 *)mem;
	struct kvm_regs r;
	int i;

	memset(&t, 0, sizeof(t));
	for (i = 0; i < 8; i++)
		((u16 *)t.data)[i] = 0x100 + i;
	start_string(MODE_LONG64, ins_down, ins_down_end, 4);
	transfer(&t, KVM_EXIT_IO_IN, 2);
	ok(t.good && t.items == 4, "rep ins downwards");
	ok(item[0] == 0x100 && item[-1] == 0x101 && item[-2] == 0x102 &&
	   item[-3] == 0x103, "the data goes down");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rdi, STRING_GPA - 8, "RDI goes down");

	memset(&t, 0, sizeof(t));
	start_string(MODE_LONG64, outs_down, outs_down_end, 4);
	transfer(&t, KVM_EXIT_IO_OUT, 2);
	ok(t.good && t.items == 4, "rep outs downwards");
	ok(((u16 *)t.data)[0] == 0x100 && ((u16 *)t.data)[3] == 0x103,
	   "the data comes in that order");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rsi, STRING_GPA - 8, "RSI goes down");
}

static void test_single(void)
{
	u8 *mem = gpa_to_hva(vm, STRING_GPA), *p;

	start_string(MODE_LONG64, single, single_end, 5);
	mem[0] = 0x42;
	p = expect_pio(vcpu, KVM_EXIT_IO_OUT, PORT, 1, 1, "outsb without rep");
	ok_eq(p ? *p : 0, 0x42, "its byte");
	p = expect_pio(vcpu, KVM_EXIT_IO_IN, PORT, 1, 1, "insb without rep");
	if (p)
		*p = 0x43;
	expect_done(vcpu, "both are done");
	ok_eq(mem[0], 0x43, "insb stored its byte");
}

int main(void)
{
	tap_start(50);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	test_plain(MODE_REAL16, plain16, plain16_end);
	test_plain(MODE_PROT16, plain16, plain16_end);
	test_plain(MODE_PROT32, plain32, plain32_end);
	test_plain(MODE_PAGED32, plain32, plain32_end);
	test_plain(MODE_LONG64, plain64, plain64_end);
	test_strings();
	test_down();
	test_single();
	vm_destroy(vm);
	return tap_done();
}
