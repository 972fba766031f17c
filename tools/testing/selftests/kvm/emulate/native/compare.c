// SPDX-License-Identifier: GPL-2.0-only
/* One case through both, and what differs. */
#include <stdio.h>
#include <linux/string.h>
#include "native.h"

/* Where Linux hides what is mapped of its own half of the address space. */
#define TASK_TOP	0x7ffffffff000ull
#define PF_PRESENT	1u
#define FLAGS_COMPARED	0x3e7fd7u	/* all but RF */

static const char *const reg_names[] = { "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
					 "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15" };
static const char *const seg_names[] = { "es", "cs", "ss", "ds", "fs", "gs" };

static struct outcome emulated;
static struct sb_event native;

static bool wide(const struct form *f)
{
	return f->world->mode == X86EMUL_MODE_PROT64;
}

static bool events_agree(const struct form *f, char *why, size_t size)
{
	const struct sb_event *a = &emulated.event;
	u32 mask = ~0u;

	if (emulated.result != EMULATION_OK && emulated.result != EMULATION_FAULT) {
		snprintf(why, size, "emulated with result %d", emulated.result);
		return false;
	}
	if (native.vector == EXC_PF && native.address >= TASK_TOP)
		mask &= ~PF_PRESENT;
	if (a->vector != native.vector || (a->error ^ native.error) & mask) {
		if (a->vector != native.vector || a->vector >= 0) {
			snprintf(why, size, "vector %d error %x, the CPU has %d error %x cr2 %llx at %llx",
				 a->vector, a->error, native.vector, native.error, native.address,
				 native.rip);
			return false;
		}
	}
	if (a->vector == EXC_PF && a->address != native.address) {
		snprintf(why, size, "CR2 %llx, the CPU has %llx", a->address, native.address);
		return false;
	}
	if (a->rip != native.rip) {
		snprintf(why, size, "rip %llx, the CPU has %llx", a->rip, native.rip);
		return false;
	}
	return true;
}

/* Any interrupt's IRET turns NULL selectors into 0. */
static u16 without_null(u16 sel)
{
	return sel < 4 ? 0 : sel;
}

/* What of register @i has to agree. */
static u64 compared_bits(const struct form *f, unsigned int i)
{
	u16 cs = emulated.regs.seg[X86_SEG_CS];

	if (undefined_registers(f, native.vector >= 0) >> i & 1)
		return 0;
	/* RETF n drops n bytes in the width of the stack before, or of the mode after. */
	if (i == X86_REG_RSP && f->op && f->op->execute == em_ret_far &&
	    cs != f->world->seg[X86_SEG_CS])
		return 0xffff;
	/* 32-bit code, where it may end, has no upper half of rSP. */
	if (!wide(f) || (i == X86_REG_RSP && cs != SB_USER_CS))
		return 0xffffffff;
	return ~0ull;
}

static bool gprs_agree(const struct form *f, char *why, size_t size)
{
	const struct sb_regs *a = &emulated.regs, *b = &sandbox->out;
	unsigned int i;

	for (i = 0; i < (wide(f) ? 16 : 8); i++) {
		if (a->gpr[i] == b->gpr[i] || !((a->gpr[i] ^ b->gpr[i]) & compared_bits(f, i)))
			continue;
		snprintf(why, size, "%s %llx, the CPU has %llx", reg_names[i], a->gpr[i],
			 b->gpr[i]);
		return false;
	}
	return true;
}

static bool segments_agree(const struct form *f, char *why, size_t size)
{
	const struct sb_regs *a = &emulated.regs, *b = &sandbox->out;
	unsigned int i;

	for (i = 0; i < 6; i++) {
		if (without_null(a->seg[i]) == without_null(b->seg[i]))
			continue;
		snprintf(why, size, "%s %x, the CPU has %x", seg_names[i], a->seg[i], b->seg[i]);
		return false;
	}
	if (wide(f) && (a->fs_base != b->fs_base || a->gs_base != b->gs_base)) {
		snprintf(why, size, "fs base %llx gs base %llx, the CPU has %llx %llx", a->fs_base,
			 a->gs_base, b->fs_base, b->gs_base);
		return false;
	}
	return true;
}

static bool flags_agree(const struct form *f, char *why, size_t size)
{
	u64 a = emulated.regs.eflags, b = sandbox->out.eflags, mask = FLAGS_COMPARED;

	if (f->op)
		mask &= ~undefined_flags(f, native.vector >= 0);
	if (!((a ^ b) & mask))
		return true;
	snprintf(why, size, "flags %llx, the CPU has %llx (compared: %llx)", a & mask, b & mask,
		 mask);
	return false;
}

static bool fpu_part_agrees(const char *name, u32 from, u32 to, char *why, size_t size)
{
	const u8 *a = emu_fpu, *b = sandbox->fpu_out;
	u32 i;

	if (!memcmp(a + from, b + from, to - from))
		return true;
	for (i = from; a[i] == b[i]; i++)
		;
	i &= ~7u;
	snprintf(why, size, "%s at byte %u: %02x%02x%02x%02x%02x%02x%02x%02x, the CPU has "
		 "%02x%02x%02x%02x%02x%02x%02x%02x", name, i - from,
		 a[i + 7], a[i + 6], a[i + 5], a[i + 4], a[i + 3], a[i + 2], a[i + 1], a[i],
		 b[i + 7], b[i + 6], b[i + 5], b[i + 4], b[i + 3], b[i + 2], b[i + 1], b[i]);
	return false;
}

/* Give the emulator's x87 the TOP and tags of the CPU's; ST(0) comes first in the area. */
static void adopt_x87_top(void)
{
	u32 from = emu_fpu[3] >> 3 & 7, to = sandbox->fpu_out[3] >> 3 & 7, i;
	u8 st[128];

	memcpy(st, emu_fpu + 32, sizeof(st));
	for (i = 0; i < 8; i++)
		memcpy(emu_fpu + 32 + i * 16, st + ((i + to - from) & 7) * 16, 16);
	emu_fpu[3] = (emu_fpu[3] & ~0x38) | to << 3;
	emu_fpu[4] = sandbox->fpu_out[4];
}

/* Linux loses the last opcode and pointers at any interrupt if no exception is pending. */
static bool fpu_pending(void)
{
	return sandbox->fpu_out[2] & 0x80;
}

static bool fpu_agrees(const struct form *f, char *why, size_t size)
{
	static const char *const names[] = { "x87", "xmm", "ymm", "", "", "opmask", "zmm0-15",
					     "zmm16-31" };
	u32 c;

	if (x87_may_differ(f, native.vector >= 0))
		adopt_x87_top();
	if (!fpu_part_agrees("x87 control and status", 0, 5, why, size) ||
	    (fpu_pending() && !fpu_part_agrees("x87 opcode and pointers", 6, 24, why, size)) ||
	    !fpu_part_agrees("mxcsr", 24, 28, why, size) ||
	    !fpu_part_agrees("st0-7", 32, 160, why, size))
		return false;
	for (c = 1; c < 8; c++)
		if (sb_xcomp[c].size &&
		    !fpu_part_agrees(names[c], sb_xcomp[c].offset,
				     sb_xcomp[c].offset + sb_xcomp[c].size, why, size))
			return false;
	return true;
}

static bool memory_agrees(const struct form *f, char *why, size_t size)
{
	int at = emu_memory_differs();
	u8 mine;

	if (at < 0)
		return true;
	mine = emu_memory_byte(at);
	emu_copy_memory();
	if (undefined_memory(f, native.vector >= 0))
		return true;
	snprintf(why, size, "memory at %x is %02x, the CPU has %02x", SB_ARENA + at, mine,
		 sb_memory[at]);
	return false;
}

/* The harness has pages there that no machine has. */
static bool meets_harness(const struct form *f, const struct sb_event *e)
{
	u64 behind = e->rip - sandbox->entry_offset;

	/* A branch into itself would not end, one to what is behind it not be seen. */
	if (e->vector < 0 && behind < f->len + SB_BEHIND && behind != f->len)
		return true;
	return e->vector == EXC_PF && e->address >= SB_STATE - SB_PAGE &&
	       e->address < SB_LOW_EXIT + SB_PAGE;
}

bool case_agrees(const struct form *f, bool *retired, char *why, size_t size)
{
	bool same;

	emu_run(f, &emulated);
	if (emulated.result == EMULATION_FAILED) {
		/* The row runs, but not with these operands: nothing may have changed. */
		snprintf(why, size, "not emulated");
		return false;
	}
	if (meets_harness(f, &emulated.event)) {
		emu_copy_memory();
		return true;
	}
#ifdef __SANITIZE_ADDRESS__
	/* Its shadow is where wild addresses lead: here the emulator runs alone. */
	*retired = emulated.event.vector < 0;
	memcpy(sandbox->fpu_out, emu_fpu, sb_xsize);
	emu_take_memory();
	return true;
#endif
	sandbox_run(f->at, f->len, &native);
	*retired = native.vector < 0;
	if ((emulated.event.vector >= 0 || native.vector >= 0) &&
	    fault_may_differ(f, &emulated, &native)) {
		emu_copy_memory();
		return true;
	}
	same = events_agree(f, why, size) && gprs_agree(f, why, size) &&
	       flags_agree(f, why, size) && segments_agree(f, why, size) &&
	       fpu_agrees(f, why, size);
	return memory_agrees(f, why, same ? size : 0) && same;
}

void case_describe(const struct form *f, char *text, size_t size)
{
	const struct sb_regs *in = &sandbox->in;
	char insn[128];
	size_t n;
	u32 i, fcw_fsw, mxcsr;

	emu_disasm(f, insn, sizeof(insn));
	n = snprintf(text, size, "%s: %s:", f->world->name, insn);
	for (i = 0; i < f->len && n < size; i++)
		n += snprintf(text + n, size - n, " %02x", f->bytes[i]);
	if (n < size)
		n += snprintf(text + n, size - n, " at %llx\n#     in: ", (u64)sandbox->entry_offset);
	for (i = 0; i < (wide(f) ? 16 : 8) && n < size; i++)
		n += snprintf(text + n, size - n, "%s %llx ", reg_names[i], in->gpr[i]);
	memcpy(&fcw_fsw, sandbox->fpu_in, 4);
	memcpy(&mxcsr, sandbox->fpu_in + 24, 4);
	if (n < size)
		n += snprintf(text + n, size - n, "flags %llx fs %llx gs %llx fcw %04x fsw %04x ftw %02x mxcsr %04x",
			      in->eflags, in->fs_base, in->gs_base, fcw_fsw & 0xffff, fcw_fsw >> 16,
			      sandbox->fpu_in[4], mxcsr);
	if (n >= size)
		return;
	n += snprintf(text + n, size - n, "\n#     emulated:");
	for (i = 0; i < (wide(f) ? 16 : 8) && n < size; i++)
		if (emulated.regs.gpr[i] != in->gpr[i])
			n += snprintf(text + n, size - n, " %s %llx", reg_names[i],
				      emulated.regs.gpr[i]);
	if (n < size)
		n += snprintf(text + n, size - n, " flags %llx rip %llx\n#     CPU:     ",
			      emulated.regs.eflags, emulated.event.rip);
	for (i = 0; i < (wide(f) ? 16 : 8) && n < size; i++)
		if (sandbox->out.gpr[i] != in->gpr[i])
			n += snprintf(text + n, size - n, " %s %llx", reg_names[i],
				      sandbox->out.gpr[i]);
	if (n < size)
		snprintf(text + n, size - n, " flags %llx rip %llx", sandbox->out.eflags,
			 native.rip);
}
