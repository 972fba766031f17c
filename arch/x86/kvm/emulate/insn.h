/* SPDX-License-Identifier: GPL-2.0-only */
/* The emulator's insides: rows, operand codes, selectors, and what handlers call. */
#ifndef KVM_X86_EMULATE_INSN_H
#define KVM_X86_EMULATE_INSN_H

#include <linux/types.h>
#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/string.h>
#include <linux/stddef.h>

#include "emulate/emulate.h"
#include "emulate/operands.h"
#include "emulate/features.h"

/* RFLAGS, CR0 and CR4 bits under names that userspace has, too. */
#define EFLG_CF		BIT(0)
#define EFLG_FIXED	BIT(1)
#define EFLG_PF		BIT(2)
#define EFLG_AF		BIT(4)
#define EFLG_ZF		BIT(6)
#define EFLG_SF		BIT(7)
#define EFLG_TF		BIT(8)
#define EFLG_IF		BIT(9)
#define EFLG_DF		BIT(10)
#define EFLG_OF		BIT(11)
#define EFLG_IOPL	(BIT(12) | BIT(13))
#define EFLG_IOPL_SHIFT	12
#define EFLG_NT		BIT(14)
#define EFLG_RF		BIT(16)
#define EFLG_VM		BIT(17)
#define EFLG_AC		BIT(18)
#define EFLG_VIF	BIT(19)
#define EFLG_VIP	BIT(20)
#define EFLG_ID		BIT(21)
#define EFLG_ARITH	(EFLG_CF | EFLG_PF | EFLG_AF | EFLG_ZF | EFLG_SF | EFLG_OF)

#define CR0_PE		BIT(0)
#define CR0_MP		BIT(1)
#define CR0_EM		BIT(2)
#define CR0_TS		BIT(3)
#define CR0_NE		BIT(5)
#define CR0_AM		BIT(18)
#define CR0_PG		BIT(31)
#define CR4_VME		BIT(0)
#define CR4_PVI		BIT(1)
#define CR4_TSD		BIT(2)
#define CR4_DE		BIT(3)
#define CR4_PCE		BIT(8)
#define CR4_OSFXSR	BIT(9)
#define CR4_OSXMMEXCPT	BIT(10)
#define CR4_UMIP	BIT(11)
#define CR4_LA57	BIT(12)
#define CR4_FSGSBASE	BIT(16)
#define CR4_PCIDE	BIT(17)
#define CR4_OSXSAVE	BIT(18)
#define CR4_SMAP	BIT(21)
#define CR4_PKE		BIT(22)

/* State components that an instruction needs enabled in XCR0. */
#define XCR0_AVX	0x06ull
#define XCR0_AVX512	0xe6ull

/* Exception vectors. */
enum exception_vector {
	EXC_DE = 0, EXC_DB = 1, EXC_BP = 3, EXC_OF = 4, EXC_BR = 5, EXC_UD = 6, EXC_NM = 7,
	EXC_TS = 10, EXC_NP = 11, EXC_SS = 12, EXC_GP = 13, EXC_PF = 14, EXC_MF = 16, EXC_AC = 17,
	EXC_XM = 19,
};

/* How the next row is chosen; all selection ends before any operand is decoded. */
enum opcode_select {
	SEL_NONE,
	SEL_REG,	/* ModRM.reg: 8 members */
	SEL_MOD,	/* 2 members: memory, register */
	SEL_RM,		/* ModRM.rm: 8 members */
	SEL_PREFIX,	/* 4 members: none, 66, F3, F2 (F3 and F2 win over 66) */
	SEL_MODE,	/* 2 members: not 64-bit, 64-bit */
	SEL_W,		/* 2 members: REX.W or VEX.W 0, 1 */
	SEL_W64,	/* the same, but 0 outside 64-bit mode (VMOVD, VMOVQ) */
	SEL_L,		/* 2 members: VEX.L 0, 1 */
	SEL_LL,		/* 3 members: EVEX.L'L 0, 1, 2 */
	SEL_OPSIZE,	/* 3 members: operand size 2, 4, 8; F_STACK of the group counts */
	SEL_ADSIZE,	/* 3 members: address size 2, 4, 8 (JCXZ JECXZ JRCXZ) */
	SEL_REXB,	/* 2 members: REX.B 0, 1 (NOP and XCHG R8) */
};

/* Opcode maps, for disassembly and reports. */
enum opcode_map {
	MAP_ONE_BYTE, MAP_0F, MAP_0F38, MAP_0F3A, MAP_VEX_0F, MAP_VEX_0F38, MAP_VEX_0F3A,
	MAP_EVEX_0F, MAP_EVEX_0F38, MAP_EVEX_0F3A, MAP_EVEX_5, MAP_EVEX_6,
	NR_OPCODE_MAPS,
};

/* Row flags. */
#define F_LOCK		BIT(0)	/* LOCK allowed with a memory destination */
#define F_WO		BIT(1)	/* destination is written without being read */
#define F_RO		BIT(2)	/* destination operand is only read */
#define F_PRIV		BIT(3)	/* CPL 0, else #GP(0) */
#define F_NO64		BIT(4)	/* #UD in 64-bit mode */
#define F_ONLY64	BIT(5)	/* #UD outside 64-bit mode */
#define F_PROT		BIT(6)	/* #UD in real and virtual-8086 mode */
#define F_STACK		BIT(7)	/* operand size defaults to 64 in 64-bit mode */
#define F_NEAR		BIT(8)	/* near branch: as F_STACK, but Intel ignores 66 in 64-bit mode */
#define F_STRING	BIT(9)	/* F3/F2 repeat it; RCX counts */
#define F_SSE		BIT(10)	/* #UD by CR0.EM, CR4.OSFXSR; #NM by CR0.TS */
#define F_MMX		BIT(11)	/* #UD by CR0.EM; #NM by CR0.TS */
#define F_AVX		BIT(12)	/* as F_SSE with CR4.OSXSAVE */
#define F_ALIGN		BIT(13)	/* memory operand aligned to its size, else #GP(0) */
#define F_UD_OK		BIT(14)	/* EmulateOnUD: also emulated for a plain intercepted #UD */
#define F_UD		BIT(15)	/* architecturally undefined: #UD */
#define F_NOSIZE	BIT(16)	/* 66 is a mandatory prefix here, not a size */
#define F_IMPL		BIT(17)	/* touches memory besides its operands (stack, tables) */
#define F_CPL_IOPL	BIT(18)	/* #GP(0) unless CPL <= IOPL */
#define F_FORCE64	BIT(19)	/* operand size is 8 in 64-bit mode, 4 elsewhere (CR, DR moves) */
#define F_LOCKED	BIT(20)	/* atomic even without LOCK (XCHG) */
#define F_PREFIX	BIT(21)	/* a prefix or escape byte: the decoder never ends at this row */
#define F_OPAQUE	BIT(22)	/* length alone is known: X86EMUL_UNHANDLEABLE at decode */
#define F_KNOWN		BIT(23)	/* described, not emulated */
#define F_EXEC		BIT(24)	/* has a handler */
#define F_CPUID_BIT	BIT(25)	/* only with the feature in opcode.cpuid, else #UD */
#define F_FPU		BIT(26)	/* x87: #NM by CR0.EM and CR0.TS */
#define F_FWAIT		BIT(27)	/* waits: #MF while an x87 exception is pending */
#define F_OPMASK	BIT(28)	/* as F_AVX, with the opmask state in XCR0 */
#define F_MISALIGN	BIT(29)	/* F_ALIGN, but not with AMD's MXCSR.MM */
#define F_MASKED	BIT(30)	/* not all elements are accessed: execute_masked() */
#define F_XSAVE		BIT(31)	/* #UD by CR4.OSXSAVE; #NM by CR0.TS */
/* For the flags of a row: gate it by the guest's CPUID. */
#define F_CPUID(f)	((u64)FEAT_##f << 32 | F_CPUID_BIT)
/* What EVEX may ask of the row; opcode.evex. */
#define F_EVEX(bit)	((u64)(bit) << 40)
#define EVEX_MASK	BIT(0)
#define EVEX_BCST4	BIT(1)
#define EVEX_BCST8	BIT(2)
#define EVEX_ROUND	BIT(3)
#define EVEX_DISP_ELEM	BIT(4)
#define EVEX_ELEMENT	BIT(5)	/* log2 of the size of elements, two bits */
#define EVEX_SCALAR	BIT(7)
#define EVEX_PACKED	BIT(8)
#define EVEX_NO_SUPPRESS	BIT(9)
#define F_MASK		F_EVEX(EVEX_MASK)	/* an opmask other than k0 */
/* For what can be emulated the size of elements is needed: 1, 2, 4, 8 bytes. */
#define F_ELEM_B	0
#define F_ELEM_W	F_EVEX(EVEX_ELEMENT)
#define F_ELEM_D	F_EVEX(2 * EVEX_ELEMENT)
#define F_ELEM_Q	F_EVEX(3 * EVEX_ELEMENT)
#define F_MASK_B	(F_MASK | F_MASKED)
#define F_MASK_W	(F_MASK | F_MASKED | F_ELEM_W)
#define F_MASK_D	(F_MASK | F_MASKED | F_ELEM_D)
#define F_MASK_Q	(F_MASK | F_MASKED | F_ELEM_Q)
/* The same of VEX, by the signs of the second operand. */
#define F_SIGNS_D	(F_MASKED | F_ELEM_D)
#define F_SIGNS_Q	(F_MASKED | F_ELEM_Q)
#define F_SCALAR	F_EVEX(EVEX_SCALAR)	/* bit 0 of the opmask alone counts */
#define F_PACKED	F_EVEX(EVEX_PACKED)	/* memory has the enabled elements alone */
#define F_NO_SUPPRESS	F_EVEX(EVEX_NO_SUPPRESS)	/* memory is checked as without a mask */
#define F_BCST4		F_EVEX(EVEX_BCST4)	/* b with memory: broadcast of 4 bytes, */
#define F_BCST8		F_EVEX(EVEX_BCST8)	/* of 8 bytes */
#define F_ROUND		F_EVEX(EVEX_ROUND)	/* b with registers: rounding control or SAE */
#define F_DISP_ELEM	F_EVEX(EVEX_DISP_ELEM)	/* disp8 counts elements */
#define ROW_FLAGS(fl)								\
	.flags = (fl) & 0xffffffff, .cpuid = (u64)(fl) >> 32 & 0xff,		\
	.evex = (u64)(fl) >> 40 & 0xffff

/* Flags that call for a check or another way to run the row. */
#define F_FPU_STATE	(F_SSE | F_MMX | F_AVX | F_FPU | F_FWAIT | F_OPMASK | F_XSAVE)
#define F_CHECKED	(F_PRIV | F_NO64 | F_ONLY64 | F_PROT | F_CPL_IOPL | F_KNOWN |	\
			 F_CPUID_BIT | F_FPU_STATE)
#define F_NOT_PLAIN	(F_CHECKED | F_STRING | F_ALIGN | F_LOCKED | F_MASKED)

#define MAX_OPERANDS	4

/* One encoding, or a fan-out to @count members chosen by @select. */
struct opcode {
	const char *name;	/* mnemonic; NULL: no such encoding, #UD */
	u8 operand[MAX_OPERANDS];	/* enum operand_code; the first is the destination */
	u8 select;		/* enum opcode_select */
	u8 intercept;		/* enum x86_intercept */
	u8 cpuid;		/* enum x86_feature, with F_CPUID_BIT */
	u8 opf;			/* OPF_* of all operands */
	u32 flags;		/* F_* */
	u16 evex;		/* EVEX_* */
	bool plain;		/* see ROW_PLAIN() */
	bool simple;		/* see ROW_SIMPLE() */
	/* Of a simple row: where in the context its operands are, in 8 bytes; 0: it has none. */
	u8 rm_at, reg_at, imm_at;
	u8 rm_size, reg_size;
	u8 rm_bytes, reg_bytes;	/* the same with the operand size that has no prefix */
	u32 desc[MAX_OPERANDS];	/* enum operand_desc of the operands */
	union {
		int (*execute)(struct x86_emulate_ctxt *ctxt);
		const struct opcode *member;
	};
	/* Extra permission check, before operands load. */
	int (*check)(struct x86_emulate_ctxt *ctxt);
} __aligned(64);

/* The context's operand that is the first of @o1, @o2, @o3 to satisfy @is. */
#define OPERAND_AT(is, o1, o2, o3)						\
	(is(OD_##o1) ? offsetof(struct x86_emulate_ctxt, dst) / 8 :		\
	 is(OD_##o2) ? offsetof(struct x86_emulate_ctxt, src) / 8 :		\
	 is(OD_##o3) ? offsetof(struct x86_emulate_ctxt, src2) / 8 : 0)
#define OPERAND_SIZE(is, o1, o2)						\
	(is(OD_##o1) ? OD_SIZE(OD_##o1) : is(OD_##o2) ? OD_SIZE(OD_##o2) : 0)
#define PLAIN_BYTES(size)	((size) == OPSZ_V ? 4 : (size))
/*
 * Rows of Ex, Gx and an immediate: ModRM and what follows is all there is to
 * decode, and in 64-bit mode no flag changes the size of anything.
 */
#define ROW_SIMPLE(o1, o2, o3, o4, fl)						\
	(OPERAND_AT(OD_IS_E, o1, o2, o3) && OD_IS_SIMPLE(OD_##o1) &&		\
	 OD_IS_SIMPLE(OD_##o2) && OD_IS_SIMPLE(OD_##o3) && !OD_##o4 &&		\
	 !((fl) & (F_NOSIZE | F_FORCE64 | F_NEAR | F_STACK)))
/*
 * Rows with nothing to check but addresses, and general registers, memory and
 * immediates for operands.
 */
#define ROW_PLAIN(o1, o2, o3, o4, fl)						\
	(OD_IS_PLAIN(OD_##o1) && OD_IS_PLAIN(OD_##o2) && !OD_##o4 &&		\
	 (!OD_##o3 || OD_IS_IMM(OD_##o3)) && !((fl) & F_NOT_PLAIN))

/* Size of the elements of a row that says F_ELEM_* or F_MASK_*. */
static inline unsigned int row_element(const struct opcode *row)
{
	return 1u << (row->evex / EVEX_ELEMENT & 3);
}

#define OPERANDS4(o1, o2, o3, o4)						\
	.operand = { OC_##o1, OC_##o2, OC_##o3, OC_##o4 },			\
	.desc = { OD_##o1, OD_##o2, OD_##o3, OD_##o4 },				\
	.opf = OD_FLAGS(OD_##o1 | OD_##o2 | OD_##o3 | OD_##o4)
#define OPERANDS(o1, o2, o3)	OPERANDS4(o1, o2, o3, __)
#define EXEC_ROW(text, fn, o1, o2, o3, o4, fl)					\
	.name = (text), OPERANDS4(o1, o2, o3, o4), ROW_FLAGS((fl) | F_EXEC),	\
	.execute = em_##fn, .simple = ROW_SIMPLE(o1, o2, o3, o4, fl),		\
	.rm_at = OPERAND_AT(OD_IS_E, o1, o2, o3),				\
	.rm_size = OPERAND_SIZE(OD_IS_E, o1, o2),				\
	.rm_bytes = PLAIN_BYTES(OPERAND_SIZE(OD_IS_E, o1, o2)),			\
	.reg_at = OPERAND_AT(OD_IS_G, o1, o2, o3),				\
	.reg_size = OPERAND_SIZE(OD_IS_G, o1, o2),				\
	.reg_bytes = PLAIN_BYTES(OPERAND_SIZE(OD_IS_G, o1, o2)),		\
	.imm_at = OPERAND_AT(OD_IS_IMM, o1, o2, o3)
/* A row: mnemonic, operands, flags joined by |; em_<mnemonic> executes it. */
#define INSN(mnem, o1, o2, o3, fl)						\
	{ EXEC_ROW(#mnem, mnem, o1, o2, o3, __, fl), .plain = ROW_PLAIN(o1, o2, o3, __, fl) }
/* A row with a handler of another name, an intercept and a check. */
#define INSN_H(mnem, fn, o1, o2, o3, fl)					\
	{ EXEC_ROW(#mnem, fn, o1, o2, o3, __, fl), .plain = ROW_PLAIN(o1, o2, o3, __, fl) }
#define INSN_I(mnem, fn, o1, o2, o3, fl, icpt, chk)				\
	{ EXEC_ROW(#mnem, fn, o1, o2, o3, __, fl),				\
	  .intercept = x86_intercept_##icpt, .check = (chk) }
/* Four operands. */
#define INSN4(mnem, o1, o2, o3, o4, fl)						\
	{ EXEC_ROW(#mnem, mnem, o1, o2, o3, o4, fl) }
#define INSN4_H(mnem, fn, o1, o2, o3, o4, fl)					\
	{ EXEC_ROW(#mnem, fn, o1, o2, o3, o4, fl) }
#define GROUP(table, sel)							\
	{ .name = #table, .select = SEL_##sel, .member = (table) }
/* The same with the members in place. */
#define MEMBERS(text, sel, count, ...)						\
	{ .name = (text), .select = SEL_##sel,					\
	  .member = (const struct opcode[count]) { __VA_ARGS__ } }
#define BY_REG(text, ...)	MEMBERS(text, REG, 8, __VA_ARGS__)
#define BY_RM(text, ...)	MEMBERS(text, RM, 8, __VA_ARGS__)
#define BY_PREFIX(text, ...)	MEMBERS(text, PREFIX, 4, __VA_ARGS__)
/* A row whose encoding has no mandatory prefix: with 66, F3, F2 it is another, or #UD. */
#define NO_PREFIX(text, ...)	BY_PREFIX(text, __VA_ARGS__, UNDEF, UNDEF, UNDEF)
#define BY_MOD(text, ...)	MEMBERS(text, MOD, 2, __VA_ARGS__)
#define BY_MODE(text, ...)	MEMBERS(text, MODE, 2, __VA_ARGS__)
#define BY_W(text, ...)		MEMBERS(text, W, 2, __VA_ARGS__)
#define BY_W64(text, ...)	MEMBERS(text, W64, 2, __VA_ARGS__)
#define BY_L(text, ...)		MEMBERS(text, L, 2, __VA_ARGS__)
#define BY_LL(text, ...)	MEMBERS(text, LL, 3, __VA_ARGS__)
#define BY_OPSIZE(text, ...)	MEMBERS(text, OPSIZE, 3, __VA_ARGS__)
/* The same where 64 is the default of 64-bit mode (PUSHF PUSHFD PUSHFQ). */
#define BY_STACKSIZE(text, ...)							\
	{ .name = (text), .select = SEL_OPSIZE, .flags = F_STACK,		\
	  .member = (const struct opcode[3]) { __VA_ARGS__ } }
#define BY_ADSIZE(text, ...)	MEMBERS(text, ADSIZE, 3, __VA_ARGS__)
#define BY_REXB(text, ...)	MEMBERS(text, REXB, 2, __VA_ARGS__)
/* Known to the manual, but not emulated: X86EMUL_UNHANDLEABLE with its mnemonic. */
#define KNOWN(mnem, o1, o2, o3, fl)						\
	{ .name = #mnem,							\
	  OPERANDS(o1, o2, o3), ROW_FLAGS((fl) | F_KNOWN) }
#define KNOWN4(mnem, o1, o2, o3, o4, fl)					\
	{ .name = #mnem,							\
	  OPERANDS4(o1, o2, o3, o4), ROW_FLAGS((fl) | F_KNOWN) }
/* Not described, but for its length: that of ModRM, that and an immediate byte. */
#define OPAQUE(text)		{ .name = (text), OPERANDS(En, __, __), .flags = F_OPAQUE }
#define OPAQUE_IB(text)		{ .name = (text), OPERANDS(En, Ib, __), .flags = F_OPAQUE }
#define PREFIX_BYTE(text)	{ .name = (text), .flags = F_PREFIX }
/* Defined as #UD by the manual. */
#define UNDEF	{ .name = "(bad)", .flags = F_UD }

extern const struct opcode opcode_table[256];
extern const struct opcode twobyte_table[256];
extern const struct opcode opcode_map_0f38[256];
extern const struct opcode opcode_map_0f3a[256];
extern const struct opcode fpu_table[8][2];	/* D8 to DF: memory, register */
/* The 256 rows of VEX map @mmmmm or EVEX map @mmm, and its enum opcode_map; NULL: no such map. */
const struct opcode *vex_table(unsigned int mmmmm, u8 *map);
const struct opcode *evex_table(unsigned int mmm, u8 *map);

/* decode.c, operand.c: rows to operands. */
/* One row per operand code. */
struct operand_info {
	const char *name;	/* "Eb" */
	u8 size;		/* bytes, or one of OPSZ_* */
	u8 flags;		/* OPF_* */
	u8 kind;		/* enum operand_kind */
	u8 arg;
};

extern const struct operand_info operand_info[NR_OPERAND_CODES];

/* Decode the same bytes again, keeping what was read: the instruction starts anew. */
void decode_again(struct x86_emulate_ctxt *ctxt);
int load_operand(struct x86_emulate_ctxt *ctxt, struct operand *op, u32 flags);
int store_operand(struct x86_emulate_ctxt *ctxt, struct operand *op);
/* The same when the operand is known to be OP_MEM. */
int load_mem(struct x86_emulate_ctxt *ctxt, struct operand *op, u32 flags);
int store_mem(struct x86_emulate_ctxt *ctxt, struct operand *op);
/* Load, execute and store a row with F_MASKED. (mask.c) */
int execute_masked(struct x86_emulate_ctxt *ctxt);

/* What an instruction leaves besides registers: nothing yet. */
static __always_inline void begin_insn(struct x86_emulate_ctxt *ctxt)
{
	ctxt->have_exception = false;
	ctxt->interruptibility = 0;
	ctxt->iterated = false;
	ctxt->nmi_unblocked = false;
	ctxt->trap = 0;
	ctxt->io_pending = false;
	ctxt->regs_dirty = 0;
}

/* Registers: reads see this instruction's own writes; writes reach gpr[] at retirement. */
static inline unsigned long reg_read(const struct x86_emulate_ctxt *ctxt, unsigned int nr)
{
	return x86_emulate_reg(ctxt, nr);
}

static inline void reg_write(struct x86_emulate_ctxt *ctxt, unsigned int nr, unsigned long val)
{
	ctxt->_regs[nr] = val;
	ctxt->regs_dirty |= BIT(nr);
}

/* Write the low @bytes of a register: 1 and 2 keep the rest, 4 zero-extends. */
static inline void reg_write_bytes(struct x86_emulate_ctxt *ctxt, unsigned int nr,
				   unsigned long val, unsigned int bytes)
{
	if (bytes == 1)
		val = (reg_read(ctxt, nr) & ~0xfful) | (u8)val;
	else if (bytes == 2)
		val = (reg_read(ctxt, nr) & ~0xfffful) | (u16)val;
	else if (bytes == 4)
		val = (u32)val;
	reg_write(ctxt, nr, val);
}

/* Copy 0 to 64 bytes; the usual sizes without a call. */
static __always_inline void copy_bytes(void *to, const void *from, unsigned int bytes)
{
	if (bytes == 4)
		memcpy(to, from, 4);
	else if (bytes == 8)
		memcpy(to, from, 8);
	else if (bytes == 1)
		memcpy(to, from, 1);
	else if (bytes == 2)
		memcpy(to, from, 2);
	else if (bytes == 16)
		memcpy(to, from, 16);
	else if (bytes == 15)
		memcpy(to, from, 15);
	else
		memcpy(to, from, bytes);
}

/* Low @bytes (1, 2, 4, 8) of @val, zero-extended. */
static __always_inline unsigned long truncate_to(unsigned long val, unsigned int bytes)
{
	if (bytes == 4)
		return (u32)val;
	if (bytes == 8)
		return val;
	return bytes == 1 ? (u8)val : (u16)val;
}

/* Mask of the address size: what rSI, rDI, rCX and effective addresses wrap at. */
static inline unsigned long ad_mask(const struct x86_emulate_ctxt *ctxt)
{
	return ctxt->ad_bytes == 8 ? ~0ul : (1ul << (ctxt->ad_bytes * 8)) - 1;
}

static inline bool mode_is_64(const struct x86_emulate_ctxt *ctxt)
{
	return ctxt->mode == X86EMUL_MODE_PROT64;
}

static inline bool mode_is_protected(const struct x86_emulate_ctxt *ctxt)
{
	return ctxt->mode >= X86EMUL_MODE_PROT16;
}

/* Is the memory destination to be stored only if nobody changed it meanwhile? */
static inline bool is_locked(const struct x86_emulate_ctxt *ctxt)
{
	return ctxt->lock_prefix || (ctxt->op->flags & F_LOCKED);
}

static inline bool crosses_page(unsigned long la, unsigned int bytes)
{
	return (la & 4095) + bytes > 4096;
}

/* Linear addresses wrap at 4 GiB outside 64-bit mode; long mode's tables can be above it. */
static inline unsigned long linear_add(const struct x86_emulate_ctxt *ctxt, unsigned long la,
				       unsigned int bytes)
{
	return mode_is_64(ctxt) || la >> 32 ? la + bytes : (u32)(la + bytes);
}

/* The trap that RFLAGS.TF asks for. */
static inline u8 single_step_trap(unsigned long eflags)
{
	return eflags & EFLG_TF ? X86_TRAP_STEP : 0;
}

/* Exceptions: record and return X86EMUL_PROPAGATE_FAULT. (emulate.c) */
int emulate_exception(struct x86_emulate_ctxt *ctxt, int vec, u32 error, bool valid);

static inline int emulate_ud(struct x86_emulate_ctxt *ctxt)
{
	return emulate_exception(ctxt, EXC_UD, 0, false);
}

static inline int emulate_de(struct x86_emulate_ctxt *ctxt)
{
	return emulate_exception(ctxt, EXC_DE, 0, false);
}

static inline int emulate_gp(struct x86_emulate_ctxt *ctxt, u32 error)
{
	return emulate_exception(ctxt, EXC_GP, error, true);
}

static inline int emulate_ss(struct x86_emulate_ctxt *ctxt, u32 error)
{
	return emulate_exception(ctxt, EXC_SS, error, true);
}

static inline int emulate_nm(struct x86_emulate_ctxt *ctxt)
{
	return emulate_exception(ctxt, EXC_NM, 0, false);
}

static inline int emulate_mf(struct x86_emulate_ctxt *ctxt)
{
	return emulate_exception(ctxt, EXC_MF, 0, false);
}

/* Does the guest's CPUID have @f? */
static inline bool has_feature(const struct x86_emulate_ctxt *ctxt, enum x86_feature f)
{
	return ctxt->features->bits[f / 64] >> (f % 64) & 1;
}

static inline bool is_amd(const struct x86_emulate_ctxt *ctxt)
{
	return ctxt->features->vendor == X86EMUL_AMD;
}

/*
 * fpu.c: vector registers, whole or their low @bytes (1 to 64). MMX registers
 * are #MF while an x87 exception is pending. What lies above @bytes stays, or
 * is cleared with @zero_above (VEX and EVEX; @bytes is then 16, 32 or 64).
 */
int vec_read(struct x86_emulate_ctxt *ctxt, unsigned int nr, void *data, unsigned int bytes);
int vec_write(struct x86_emulate_ctxt *ctxt, unsigned int nr, const void *data,
	      unsigned int bytes, bool zero_above);
int mmx_read(struct x86_emulate_ctxt *ctxt, unsigned int nr, u64 *val);
int mmx_write(struct x86_emulate_ctxt *ctxt, unsigned int nr, u64 val);
/* Opmask registers: 16 bits without AVX512BW. */
u64 opmask_read(struct x86_emulate_ctxt *ctxt, unsigned int nr);
void opmask_write(struct x86_emulate_ctxt *ctxt, unsigned int nr, u64 val);
u32 mxcsr_read(struct x86_emulate_ctxt *ctxt);
/* At retirement of a row with F_MMX: TOP is zero and all tags are valid, or empty after EMMS. */
void mmx_retire(struct x86_emulate_ctxt *ctxt);
/* May the row use the x87, MMX or vector registers? #UD, #NM, #MF by CR0, CR4, XCR0, FSW. */
int check_fpu_state(struct x86_emulate_ctxt *ctxt);

/*
 * memory.c: logical addresses. linearize() checks the segment (limits,
 * expand-down, NULL, type, canonical) and gives the linear address; the
 * segmented accessors use it, split at pages (probing the second page before
 * touching the first) and go through the read cache where said.
 */
int linearize_slow(struct x86_emulate_ctxt *ctxt, int seg, unsigned long ea, unsigned int bytes,
		   bool write, unsigned long *la);
/* The same, whatever alignment the row demands. */
int linearize_unaligned(struct x86_emulate_ctxt *ctxt, int seg, unsigned long ea,
			unsigned int bytes, bool write, unsigned long *la);

static __always_inline int linearize(struct x86_emulate_ctxt *ctxt, int seg, unsigned long ea,
				     unsigned int bytes, bool write, unsigned long *la)
{
	/* First and last byte canonical with 48 bits: then half a space higher has no high bits. */
	unsigned long first = ea + (1ul << 47), last = first + bytes - 1;

	if (unlikely(!mode_is_64(ctxt) || seg >= X86_SEG_FS || (first | last) >> 48 ||
		     (ctxt->op->flags & F_ALIGN)))
		return linearize_slow(ctxt, seg, ea, bytes, write, la);
	*la = ea;
	return X86EMUL_CONTINUE;
}

bool is_canonical(struct x86_emulate_ctxt *ctxt, unsigned long la);
/* Does the descriptor allow reading or @write, and its limit all of @bytes at @ea? */
bool segment_allows(const struct x86_segment *s, bool write);
bool segment_covers(const struct x86_segment *s, u32 ea, unsigned int bytes);
int segmented_read(struct x86_emulate_ctxt *ctxt, int seg, unsigned long ea, void *data,
		   unsigned int bytes);			/* cached */
int segmented_write(struct x86_emulate_ctxt *ctxt, int seg, unsigned long ea, const void *data,
		    unsigned int bytes);
int segmented_probe_write(struct x86_emulate_ctxt *ctxt, int seg, unsigned long ea,
			  unsigned int bytes);		/* check only */
int linear_read(struct x86_emulate_ctxt *ctxt, unsigned long la, void *data, unsigned int bytes,
		u32 flags);				/* split at pages, cached */
int linear_write(struct x86_emulate_ctxt *ctxt, unsigned long la, const void *data,
		 unsigned int bytes, u32 flags);
/* An MSR that is the instruction's by nature: through the read cache, too. (system.c) */
int read_implicit_msr(struct x86_emulate_ctxt *ctxt, u32 index, u64 *val);
/* Bytes of @data whose bit in @mask is set; nothing is written unless all can be. */
int segmented_write_masked(struct x86_emulate_ctxt *ctxt, int seg, unsigned long ea,
			   const u8 *data, u64 mask);
int linear_cmpxchg(struct x86_emulate_ctxt *ctxt, unsigned long la, const void *old,
		   const void *new, unsigned int bytes, u32 flags);
/* Stack in the size of @bytes (2, 4, 8), SS.B or 64-bit mode giving rSP's width. (stack.c) */
int emulate_push(struct x86_emulate_ctxt *ctxt, unsigned long val, unsigned int bytes);
int emulate_push_frame(struct x86_emulate_ctxt *ctxt, const unsigned long *vals, unsigned int n,
		       unsigned int bytes);		/* in that order, one write */
int emulate_pop(struct x86_emulate_ctxt *ctxt, unsigned long *val, unsigned int bytes);
/* Width of rSP: 2, 4 or 8. */
unsigned int stack_bytes(struct x86_emulate_ctxt *ctxt);
/* Drop @bytes off the stack, in the width of its pointer. (stack.c) */
void move_stack(struct x86_emulate_ctxt *ctxt, unsigned int bytes);
/* Near branch to @target: truncate by operand size, check limit or canonical form. (branch.c) */
int assign_eip(struct x86_emulate_ctxt *ctxt, unsigned long target);
/* May CPL and IOPL, or the TSS bitmap, use @bytes ports at @port? #GP(0) else. (io.c) */
int check_io_permission(struct x86_emulate_ctxt *ctxt, u16 port, unsigned int bytes);
/* Load @seg by @selector as MOV Sreg, POP, LDS, far JMP do. (segment.c) */
int load_segment(struct x86_emulate_ctxt *ctxt, u16 selector, int seg);
/* A task switch, but for what the pipeline does around an instruction. (task.c) */
int emulate_task_switch(struct x86_emulate_ctxt *ctxt, u16 selector, int idt_index,
			enum x86emul_task_switch reason, const u32 *error_code);
/* Real-mode INT @vector: push FLAGS, CS, IP, jump through the IVT. (interrupt.c) */
int emulate_int_real(struct x86_emulate_ctxt *ctxt, int vector);
/* An exception or interrupt that no instruction asks for; @error_code or NULL. (interrupt.c) */
int emulate_event(struct x86_emulate_ctxt *ctxt, u8 vector, const u32 *error_code);

#include "emulate/handlers.h"

#endif
