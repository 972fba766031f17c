/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Cases: one instruction, a state before and the differences it has to make.
 *
 * @code is hex bytes. @in and @out are blanks-separated words; numbers are hex:
 *	rax=5 .. r15=, eip=, xmm3= ymm3= zmm3=, k1=, mm1= (hex digits, most significant first)
 *	fr0= .. fr7= (80 bits: x87 registers by number, not by TOP), fcw= fsw= ftw=
 *	(abridged: a bit each that is not empty) fop= fip= fdp=, mxcsr=
 *	cf=1 pf af zf sf tf if df of nt rf ac, iopl=3, fl=246 (all of RFLAGS)
 *	cr0= cr2= cr3= cr4= cr8=, dr0= .. dr7=, xcr0=, msr174=
 *	m3000.4=12345678 memory; ds=20 selector alone; ds.base= ds.limit= ds.attr=
 *	ds@20 the segment as loading the selector leaves it; ds!20 in protected, ds~1234 in
 *	virtual-8086 mode, whatever the mode before
 *	gdt.base= gdt.size= idt.base= idt.size=
 *	pkru=, vcpu=4 arg= arg2= (the last of vcpu_op()'s calls that has no word of its own)
 * @in alone: cpl=3, races=1, guest=1, stage=2, noio=1, msrio=1, page5000=7
 *	bulk=1 (ctxt->page), amd=1, no=POPCNT (not in the guest's CPUID), smbase=10000 (in SMM), ud=1, vmcall=d9
 *	switch=G,c0,-1,15 no instruction, but a task switch that an exit tells of: C, I, J or G for
 *	CALL, IRET, JMP, gate; selector; vector (decimal) of a software interrupt; error code
 *	desc:c0b0=base,limit,c93 a segment descriptor; gate:80=8e,10,1234,0 a gate: access byte,
 *	selector, offset, parameter count or IST; wgate: one of 16 bytes
 * @out alone: fl? (arithmetic flags do not matter), rax? (nor does this register)
 *	#UD #GP(0) #PF(2)@5000 a fault; +#TS(20) one of the new task after a switch; FAIL; RESTART; ICPT
 *	r6000.4 w6000.4=val i60.1 o60.1=val: accesses that reach userspace, in order
 *	shadow=1, nmi=1 (IRET unblocks them), halts=1, invlpg=3000, wbinvds=1, hypercalls=1
 *	step=1: a single-step trap is due (else as TF was before); trap=2: X86_TRAP_*
 * What @out does not name has to stay as it was; eip has to move past the code.
 */
#ifndef EMUTEST_CASES_H
#define EMUTEST_CASES_H

#include "machine.h"

struct emu_case {
	u8 mode;
	const char *code;
	const char *in;
	const char *out;
};

#define REAL(...)	{ X86EMUL_MODE_REAL, __VA_ARGS__ },
#define VM86(...)	{ X86EMUL_MODE_VM86, __VA_ARGS__ },
#define P16(...)	{ X86EMUL_MODE_PROT16, __VA_ARGS__ },
#define P32(...)	{ X86EMUL_MODE_PROT32, __VA_ARGS__ },
#define P64(...)	{ X86EMUL_MODE_PROT64, __VA_ARGS__ },

void run_cases(const char *family, const struct emu_case *cases, unsigned int n);

/* One set per file. */
extern const struct emu_case x87_cases[], xsave_cases[];
extern const unsigned int nr_x87_cases, nr_xsave_cases;
extern const struct emu_case alu_cases[], move_cases[], stack_cases[], branch_cases[],
	string_cases[], io_cases[], segment_cases[], system_cases[], simd_cases[],
	descriptor_cases[], syscall_cases[], bmi_cases[],
	cache_cases[], bits_cases[], smm_cases[];
extern const unsigned int nr_alu_cases, nr_move_cases, nr_stack_cases, nr_branch_cases,
	nr_string_cases, nr_io_cases, nr_segment_cases, nr_system_cases, nr_simd_cases,
	nr_descriptor_cases, nr_syscall_cases, nr_bmi_cases,
	nr_cache_cases, nr_bits_cases, nr_smm_cases;

extern const struct emu_case avx_cases[], avx_int_cases[], avx_fp_cases[], avx512_cases[];
extern const unsigned int nr_avx_cases, nr_avx_int_cases, nr_avx_fp_cases, nr_avx512_cases;

extern const struct emu_case gate_cases[], task_cases[];
extern const unsigned int nr_gate_cases, nr_task_cases;

/* Where @a and @b differ first, as text; NULL when they are equal. */
const char *state_diff(const struct mstate *a, const struct mstate *b);
/* The same without memory pages. */
const char *state_diff_regs(const struct mstate *a, const struct mstate *b);

unsigned int parse_hex(const char *text, u8 *out, unsigned int max);
extern const char *const mode_names[];

#endif
