// SPDX-License-Identifier: GPL-2.0-only
/*
 * VEX instructions, natively and forced through the emulator: vector registers
 * up to bit 255, general registers, flags, MXCSR and memory must match. And
 * VMASKMOVPS on a device, where it accesses what its mask says.
 */
#include "kvm_test.h"

#define CPUID_1_ECX_AVX		(1u << 28)
#define CPUID_7_EBX_AVX2	(1u << 5)
#define CPUID_7_EBX_BMI2	(1u << 8)

/* RDI points to the values of YMM0 to YMM7; what is left behind goes behind them. */
#define MEMORY		0x100	/* RSI; of each list's own use */
#define RESULTS		0x200

/* TCG does not intercept XSETBV: only an emulated one tells KVM of the new XCR0. */
GUEST_CODE(before, 64,
	   "xor %ecx, %ecx\n xor %edx, %edx\n mov $7, %eax\n" GUEST_FEP "xsetbv\n"
	   "vmovups (%rdi), %ymm0\n vmovups 0x20(%rdi), %ymm1\n vmovups 0x40(%rdi), %ymm2\n"
	   "vmovups 0x60(%rdi), %ymm3\n vmovups 0x80(%rdi), %ymm4\n vmovups 0xa0(%rdi), %ymm5\n"
	   "vmovups 0xc0(%rdi), %ymm6\n vmovups 0xe0(%rdi), %ymm7\n"
	   "mov $0x12345678, %eax\n mov $0xfedcba98, %ecx\n mov $0x0f0f0f0f, %edx\n"
	   "cmp %eax, %eax\n");
GUEST_CODE(after, 64,
	   "mov %rax, 0x300(%rdi)\n mov %rbx, 0x308(%rdi)\n mov %rcx, 0x310(%rdi)\n"
	   "mov %rdx, 0x318(%rdi)\n pushf\n pop 0x320(%rdi)\n vstmxcsr 0x328(%rdi)\n"
	   "vmovups %ymm0, 0x200(%rdi)\n vmovups %ymm1, 0x220(%rdi)\n vmovups %ymm2, 0x240(%rdi)\n"
	   "vmovups %ymm3, 0x260(%rdi)\n vmovups %ymm4, 0x280(%rdi)\n vmovups %ymm5, 0x2a0(%rdi)\n"
	   "vmovups %ymm6, 0x2c0(%rdi)\n vmovups %ymm7, 0x2e0(%rdi)\n" GUEST_DONE);
GUEST_CODE(prefix, 64, GUEST_FEP);

GUEST_CODE(bmi, 64,
	   INSN("andn %rcx, %rax, %rbx") INSN("andn (%rsi), %eax, %ebx") INSN("bextr %eax, %ecx, %ebx")
	   INSN("blsr %eax, %ebx") INSN("blsi (%rsi), %rbx") INSN("blsmsk %rcx, %rbx"));
GUEST_CODE(bmi2, 64,
	   INSN("bzhi %edx, (%rsi), %ebx") INSN("pdep %rdx, %rax, %rbx") INSN("pext (%rsi), %rcx, %rbx")
	   INSN("mulx %rcx, %rbx, %rax") INSN("mulx (%rsi), %eax, %ebx") INSN("rorx $13, (%rsi), %rbx")
	   INSN("sarx %edx, (%rsi), %ebx") INSN("shlx %rcx, %rax, %rbx") INSN("shrx %rcx, %rax, %rbx"));
GUEST_CODE(avx, 64,
	   INSN("vmovups (%rsi), %ymm4") INSN("vmovups %ymm1, 1(%rsi)") INSN("vmovaps %ymm1, (%rsi)")
	   INSN("vmovaps %xmm1, %xmm4") INSN("vmovdqa (%rsi), %ymm4") INSN("vmovntps %ymm1, (%rsi)")
	   INSN("vlddqu 3(%rsi), %ymm4") INSN("vmovss (%rsi), %xmm4") INSN("vmovsd %xmm1, %xmm2, %xmm4")
	   INSN("vmovlps (%rsi), %xmm1, %xmm4") INSN("vmovhlps %xmm1, %xmm2, %xmm4")
	   INSN("vmovhpd %xmm1, (%rsi)") INSN("vmovd %ecx, %xmm4") INSN("vmovq %xmm1, %rbx")
	   INSN("vmovddup (%rsi), %ymm4") INSN("vmovshdup %ymm1, %ymm4") INSN("vmovmskps %ymm1, %ebx")
	   INSN("vbroadcastss (%rsi), %ymm4") INSN("vbroadcastf128 (%rsi), %ymm4")
	   INSN("vinsertf128 $1, (%rsi), %ymm1, %ymm4") INSN("vextractf128 $1, %ymm1, (%rsi)")
	   INSN("vpinsrw $5, (%rsi), %xmm1, %xmm4") INSN("vpextrq $1, %xmm1, (%rsi)")
	   INSN("vmaskmovps (%rsi), %ymm1, %ymm4") INSN("vmaskmovpd %ymm2, %ymm1, (%rsi)")
	   INSN("vzeroupper") INSN("vzeroall") INSN("vldmxcsr 0x40(%rsi)") INSN("vstmxcsr (%rsi)")
	   INSN("vaddps (%rsi), %ymm1, %ymm4") INSN("vdivpd %ymm2, %ymm1, %ymm4")
	   INSN("vsqrtss (%rsi), %xmm1, %xmm4") INSN("vcmpps $0x1d, %ymm1, %ymm2, %ymm4")
	   INSN("vroundps $3, (%rsi), %ymm4") INSN("vcvtps2pd (%rsi), %ymm4")
	   INSN("vcvttsd2si (%rsi), %rbx") INSN("vcvtsi2sd %rcx, %xmm1, %xmm4")
	   INSN("vucomiss %xmm1, %xmm2") INSN("vdpps $0xf1, %ymm1, %ymm2, %ymm4")
	   INSN("vshufps $0x1b, (%rsi), %ymm1, %ymm4") INSN("vperm2f128 $0x31, %ymm1, %ymm2, %ymm4")
	   INSN("vblendvps %ymm3, (%rsi), %ymm1, %ymm4") INSN("vpermilps %ymm3, %ymm1, %ymm4")
	   INSN("vtestps %ymm1, %ymm2") INSN("vptest (%rsi), %ymm1") INSN("vpaddb (%rsi), %xmm1, %xmm4")
	   INSN("vpshufb %xmm3, %xmm1, %xmm4") INSN("vpsllw $3, %xmm1, %xmm4")
	   INSN("vaesenc %xmm1, %xmm2, %xmm4") INSN("vpclmulqdq $0x10, (%rsi), %xmm1, %xmm4")
	   INSN("vpcmpistri $8, (%rsi), %xmm1"));
GUEST_CODE(avx2, 64,
	   INSN("vpaddd (%rsi), %ymm1, %ymm4") INSN("vpmullw %ymm2, %ymm1, %ymm4")
	   INSN("vpackuswb %ymm2, %ymm1, %ymm4") INSN("vpalignr $5, (%rsi), %ymm1, %ymm4")
	   INSN("vpmovsxbd (%rsi), %ymm4") INSN("vpermd (%rsi), %ymm3, %ymm4")
	   INSN("vpermq $0x1b, (%rsi), %ymm4") INSN("vpsllvd %ymm3, %ymm1, %ymm4")
	   INSN("vpsrad %xmm3, %ymm1, %ymm4") INSN("vpsrldq $3, %ymm1, %ymm4")
	   INSN("vpblendd $0x55, %ymm2, %ymm1, %ymm4") INSN("vpblendvb %ymm3, %ymm2, %ymm1, %ymm4")
	   INSN("vpbroadcastw (%rsi), %ymm4") INSN("vpmovmskb %ymm1, %ebx")
	   INSN("vpmaskmovq (%rsi), %ymm1, %ymm4") INSN("vpmaskmovd %ymm2, %ymm1, 0x10(%rsi)")
	   INSN("vmpsadbw $0x2b, %ymm2, %ymm1, %ymm4") INSN("vmovntdqa (%rsi), %ymm4")
	   INSN("vfmadd231ps (%rsi), %ymm1, %ymm4") INSN("vfnmsub132sd (%rsi), %xmm1, %xmm4")
	   INSN("vfmaddsub213pd %ymm2, %ymm1, %ymm4") INSN("vcvtph2ps (%rsi), %ymm4")
	   INSN("vcvtps2ph $2, %ymm1, (%rsi)"));
/* What faults: the same exception, and nothing changed. */
GUEST_CODE(faults, 64,
	   INSN("vmovaps 8(%rsi), %ymm4") INSN("vmovntdq %ymm1, 0x10(%rsi)")
	   INSN(".byte 0xc5, 0xf0, 0x10, 0x0e") INSN(".byte 0xc4, 0xe2, 0x74, 0xf2, 0xc1"));

static struct vm *vm;
static struct vcpu *vcpu;

static void fill_data(void)
{
	static const u32 values[] = {
		0x3f800000, 0xc0490fdb, 0x00000001, 0x80000000, 0x7f800000, 0x42c80000, 0xffffffff,
		0x40a00000, 0x01020384, 0x7fc00001, 0xbf000000, 0x12345678,
	};
	static const u32 mxcsr = 0x1fbf;
	u32 *data = gpa_to_hva(vm, DATA_GPA);
	unsigned int i;

	memset(data, 0, PAGE_SIZE);
	for (i = 0; i < RESULTS / 4; i++)
		data[i] = values[(i * 5 + i / 12) % ARRAY_SIZE(values)];
	memcpy((u8 *)data + MEMORY + 0x40, &mxcsr, sizeof(mxcsr));
}

static void setup_avx(u64 rsi)
{
	struct kvm_sregs sregs;
	struct kvm_regs regs;

	vcpu_setup(vcpu, MODE_LONG64);
	vcpu_get_sregs(vcpu, &sregs);
	sregs.cr4 |= CR4_OSXSAVE;
	vcpu_set_sregs(vcpu, &sregs);
	vcpu_get_regs(vcpu, &regs);
	regs.rdi = DATA_GPA;
	regs.rsi = rsi;
	regs.rbx = 0x5555555555555555;
	vcpu_set_regs(vcpu, &regs);
}

/* Run @insn between the two pieces; @state receives the data page, @fault its exception. */
static int run_one(const u8 *insn, size_t len, bool forced, u8 *state, struct guest_fault *fault)
{
	u64 gpa = CODE_GPA;
	int reason;

	setup_avx(DATA_GPA + MEMORY);
	vm_write(vm, gpa, before, before_end - before);
	gpa += before_end - before;
	if (forced)
		vm_write(vm, gpa, prefix, prefix_end - prefix);
	gpa += forced ? prefix_end - prefix : 0;
	vm_write(vm, gpa, insn, len);
	vm_write(vm, gpa + len, after, after_end - after);
	fill_data();
	reason = run_until_exit(vcpu);
	fault->vector = -1;
	if (reason == KVM_EXIT_IO)
		vcpu_fault(vcpu, fault);
	memcpy(state, gpa_to_hva(vm, DATA_GPA), PAGE_SIZE);
	return reason;
}

static void compare_one(const u8 *insn, size_t len, const char *text)
{
	static u8 native[PAGE_SIZE], forced[PAGE_SIZE];
	struct guest_fault nf, ff;
	unsigned int i;
	int nr, fr;

	nr = run_one(insn, len, false, native, &nf);
	fr = run_one(insn, len, true, forced, &ff);
	if (!kvm_is_ours() && (fr == KVM_EXIT_INTERNAL_ERROR || ff.vector == UD_VECTOR)) {
		skip(text, NOT_EMULATED);
		return;
	}
	for (i = 0; i < PAGE_SIZE && native[i] == forced[i]; i++)
		;
	if (!ok(nr == fr && nr == KVM_EXIT_IO && nf.vector == ff.vector &&
		(nf.vector < 0 || nf.error_code == ff.error_code) && i == PAGE_SIZE, "%s", text))
		note("exit %s and %s, exception %d and %d at %#llx, byte %#x: %02x and %02x",
		     exit_name(nr), exit_name(fr), nf.vector, ff.vector,
		     (unsigned long long)ff.rip, i,
		     i < PAGE_SIZE ? native[i] : 0, i < PAGE_SIZE ? forced[i] : 0);
}

static void walk(const u8 *p, const u8 *end)
{
	while (p < end) {
		size_t len = *p++;
		const char *text = (const char *)p + len;

		compare_one(p, len, text);
		p = (const u8 *)text + strlen(text) + 1;
	}
}

GUEST_CODE(mask_load, 64, "vmaskmovps (%rsi), %ymm1, %ymm4\n");

/* No prefix is needed: the access itself leaves to userspace. */
static void masked_mmio(void)
{
	static const u32 answer[4] = { 0x11111111, 0x22222222, 0x33333333, 0x44444444 };
	static const u32 mask[8] = { 0x80000000, 0, 0x80000000, 0x80000000 };
	static const u32 want[8] = { 0x11111111, 0, 0x22222222, 0x33333333 };
	u8 *data;

	setup_avx(MMIO_GPA);
	vm_write(vm, CODE_GPA, before, before_end - before);
	vm_write(vm, CODE_GPA + (before_end - before), mask_load, mask_load_end - mask_load);
	vm_write(vm, CODE_GPA + (before_end - before) + (mask_load_end - mask_load), after,
		 after_end - after);
	fill_data();
	data = gpa_to_hva(vm, DATA_GPA);
	memcpy(data + 0x20, mask, sizeof(mask));
	expect_mmio_read(vcpu, MMIO_GPA, 4, answer, "vmaskmovps reads its first element");
	expect_mmio_read(vcpu, MMIO_GPA + 8, 8, answer + 1, "and two that are side by side");
	expect_done(vcpu, "then it is done");
	ok(!memcmp(data + RESULTS + 0x80, want, sizeof(want)), "other elements are zero");
}

int main(void)
{
	u32 eax = 1, ebx, ecx = 0, edx, features;

	tap_start(60);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	if (forced_emulation_missing())
		skip_all(forced_emulation_missing());
	guest_cpuid(&eax, &ebx, &ecx, &edx);
	if (!(ecx & CPUID_1_ECX_AVX))
		skip_all("no AVX in the guest's CPUID");
	eax = 7;
	ecx = 0;
	guest_cpuid(&eax, &features, &ecx, &edx);
	vcpu_prime_fpu(vcpu);
	walk(avx, avx_end);
	walk(faults, faults_end);
	if (features & CPUID_7_EBX_BMI2) {
		walk(bmi, bmi_end);
		walk(bmi2, bmi2_end);
	}
	if (features & CPUID_7_EBX_AVX2)
		walk(avx2, avx2_end);
	if (kvm_is_ours())
		masked_mmio();
	else
		skip("vmaskmovps on a device", NOT_EMULATED);
	vm_destroy(vm);
	return tap_done();
}
