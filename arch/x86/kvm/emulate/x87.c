// SPDX-License-Identifier: GPL-2.0-only
/* x87 instructions: the host's own, on the guest's registers where get_fpu() puts them. */
#include "emulate/x87.h"
#include "emulate/fastop.h"

/* Of the status word; the masks are the same bits of the control word. */
#define FSW_IE		BIT(0)
#define FSW_OE		BIT(3)
#define FSW_UE		BIT(4)

#define X87_CASE(esc, n)							\
	case n:									\
		asm volatile(".byte " #esc ", 0xc0 + " #n);			\
		break;
/* The same for an instruction that reads or writes RFLAGS. */
#define X87_CASE_FL(esc, n)							\
	case n:									\
		asm volatile(FASTOP_LOAD ".byte " #esc ", 0xc0 + " #n FASTOP_SAVE	\
			     : "+&a" (*flags) : : "cc");			\
		break;
#define X87_EIGHT(X, esc, n)							\
	X(esc, n) X(esc, n + 1) X(esc, n + 2) X(esc, n + 3)			\
	X(esc, n + 4) X(esc, n + 5) X(esc, n + 6) X(esc, n + 7)
#define X87_ALL(X, esc)								\
	X87_EIGHT(X, esc, 0x00) X87_EIGHT(X, esc, 0x08) X87_EIGHT(X, esc, 0x10)	\
	X87_EIGHT(X, esc, 0x18) X87_EIGHT(X, esc, 0x20) X87_EIGHT(X, esc, 0x28)	\
	X87_EIGHT(X, esc, 0x30) X87_EIGHT(X, esc, 0x38)
/* The register forms of an escape by ModRM.reg and rm; rows leave out those that are #UD. */
#define X87_ESCAPE(name, X, esc)						\
static void name(unsigned int n, unsigned long *flags)				\
{										\
	switch (n) {								\
	X87_ALL(X, esc)								\
	}									\
}

X87_ESCAPE(x87_d8, X87_CASE, 0xd8)
X87_ESCAPE(x87_d9, X87_CASE, 0xd9)
X87_ESCAPE(x87_da, X87_CASE_FL, 0xda)
X87_ESCAPE(x87_db, X87_CASE_FL, 0xdb)
X87_ESCAPE(x87_dc, X87_CASE, 0xdc)
X87_ESCAPE(x87_dd, X87_CASE, 0xdd)
X87_ESCAPE(x87_de, X87_CASE, 0xde)
X87_ESCAPE(x87_df, X87_CASE_FL, 0xdf)

static void (*const x87_escape[8])(unsigned int n, unsigned long *flags) = {
	x87_d8, x87_d9, x87_da, x87_db, x87_dc, x87_dd, x87_de, x87_df,
};

/* The memory forms with [rdi]. */
#define X87_MEM_RM	7
#define FOP_MOD_RM	0xc7u
#define X87_MEM(esc, reg)							\
	case ((esc) & 7) << 3 | (reg):						\
		asm volatile(".byte " #esc ", " #reg " * 8 + 7" : : "D" (buf) : "memory");	\
		break;
#define X87_MEM_8(esc)								\
	X87_MEM(esc, 0) X87_MEM(esc, 1) X87_MEM(esc, 2) X87_MEM(esc, 3)		\
	X87_MEM(esc, 4) X87_MEM(esc, 5) X87_MEM(esc, 6) X87_MEM(esc, 7)

static noinline void x87_memory(unsigned int n, void *buf)
{
	switch (n) {
	X87_MEM_8(0xd8)
	X87_MEM(0xd9, 0) X87_MEM(0xd9, 2) X87_MEM(0xd9, 3)
	X87_MEM_8(0xda)
	X87_MEM(0xdb, 0) X87_MEM(0xdb, 1) X87_MEM(0xdb, 2) X87_MEM(0xdb, 3)
	X87_MEM(0xdb, 5) X87_MEM(0xdb, 7)
	X87_MEM_8(0xdc)
	X87_MEM(0xdd, 0) X87_MEM(0xdd, 1) X87_MEM(0xdd, 2) X87_MEM(0xdd, 3)
	X87_MEM_8(0xde)
	X87_MEM_8(0xdf)
	}
}

/* Where the guest's instruction and its operand are. */
struct x87_pointers {
	u64 fip, fdp;
	u16 fcs, fds;
	u16 fop;
};

static u16 selector(struct x86_emulate_ctxt *ctxt, int seg)
{
	struct x86_segment s;

	ctxt->ops->get_segment(ctxt, seg, &s);
	return s.selector;
}

static void guest_pointers(struct x86_emulate_ctxt *ctxt, struct x87_pointers *p)
{
	p->fip = ctxt->eip;
	p->fcs = selector(ctxt, X86_SEG_CS);
	p->fop = (ctxt->b & 7) << 8 | ctxt->modrm;
	p->fdp = 0;
	p->fds = 0;
	if (ctxt->dst.type != OP_MEM)
		return;
	p->fdp = ctxt->dst.ea;
	p->fds = selector(ctxt, ctxt->dst.seg);
}

/*
 * The CPU recorded this file's code and buffer as the last instruction and
 * operand: name the guest's instead. Code, opcode and data are replaced where
 * the CPU keeps them at all. FLDENV has selectors and 32 bits of each pointer;
 * the upper halves are in the image of FXSAVE64, unless the CPU saves pointers
 * only while an exception is pending.
 */
static void replace_pointers(const struct x87_pointers *p, const void *buf, bool is64)
{
	struct fxsave_area fx;
	struct x87_env env;
	bool data;

	fx_save(&fx);
	env_save(&env);
	data = buf && env.fdp == (u32)(unsigned long)buf;
	env.fip = p->fip;
	env.fcs = p->fcs;
	if (data) {
		if (env.fop == ((p->fop & ~FOP_MOD_RM) | X87_MEM_RM))
			env.fop = p->fop;
		env.fdp = p->fdp;
		env.fds = p->fds;
	}
	env_load(&env);
	if (!is64 || !fx.fip)
		return;
	fx.fip = p->fip;
	fx.fdp = data ? p->fdp : fx.fdp;
	fx.fop = env.fop;
	if ((fx.fip | fx.fdp) >> 32)
		fx_load(&fx);
}

int em_x87(struct x86_emulate_ctxt *ctxt)
{
	unsigned long flags = fastop_pack(ctxt->eflags);
	struct x87_pointers p;

	guest_pointers(ctxt, &p);
	ctxt->ops->get_fpu(ctxt);
	x87_escape[ctxt->b & 7](ctxt->modrm & 0x3f, &flags);
	replace_pointers(&p, NULL, mode_is_64(ctxt));
	ctxt->ops->put_fpu(ctxt);
	ctxt->eflags = fastop_unpack(ctxt->eflags, flags);
	return X86EMUL_CONTINUE;
}

/* FNCLEX and FNINIT leave the pointers to the CPU. */
int em_x87_control(struct x86_emulate_ctxt *ctxt)
{
	unsigned long flags = 0;

	ctxt->ops->get_fpu(ctxt);
	x87_escape[ctxt->b & 7](ctxt->modrm & 0x3f, &flags);
	ctxt->ops->put_fpu(ctxt);
	return X86EMUL_CONTINUE;
}

static unsigned int memory_form(const struct x86_emulate_ctxt *ctxt)
{
	return (ctxt->b & 7) << 3 | (ctxt->modrm_reg & 7);
}

/* A memory operand that is read. */
int em_x87_load(struct x86_emulate_ctxt *ctxt)
{
	struct x87_pointers p;

	guest_pointers(ctxt, &p);
	ctxt->ops->get_fpu(ctxt);
	x87_memory(memory_form(ctxt), ctxt->dst.data);
	replace_pointers(&p, ctxt->dst.data, mode_is_64(ctxt));
	ctxt->ops->put_fpu(ctxt);
	return X86EMUL_CONTINUE;
}

/*
 * A memory operand that is written. An unmasked #I, #O or #U stores nothing, but
 * the address has to be good. If it is not, the registers become what they were.
 */
int em_x87_store(struct x86_emulate_ctxt *ctxt)
{
	struct fxsave_area before;
	struct x87_env old, env;
	struct x87_pointers p;
	int rc;

	guest_pointers(ctxt, &p);
	ctxt->ops->get_fpu(ctxt);
	fx_save(&before);
	env_save(&old);
	env_load(&old);
	x87_memory(memory_form(ctxt), ctxt->dst.data);
	env_save(&env);
	env_load(&env);
	replace_pointers(&p, ctxt->dst.data, mode_is_64(ctxt));
	ctxt->ops->put_fpu(ctxt);
	if (env.fsw & ~env.fcw & (FSW_IE | FSW_OE | FSW_UE))
		rc = segmented_probe_write(ctxt, ctxt->dst.seg, ctxt->dst.ea, ctxt->dst.bytes);
	else
		rc = store_operand(ctxt, &ctxt->dst);
	if (rc == X86EMUL_CONTINUE) {
		ctxt->dst.type = OP_NONE;
		return rc;
	}
	ctxt->ops->get_fpu(ctxt);
	fx_load(&before);
	if (!before.fip)
		env_load(&old);
	ctxt->ops->put_fpu(ctxt);
	return rc;
}

int em_fldcw(struct x86_emulate_ctxt *ctxt)
{
	ctxt->ops->get_fpu(ctxt);
	asm volatile("fldcw (%0)" : : "r" (ctxt->dst.data) : "memory");
	ctxt->ops->put_fpu(ctxt);
	return X86EMUL_CONTINUE;
}

int em_fnstcw(struct x86_emulate_ctxt *ctxt)
{
	ctxt->dst.val = 0;
	ctxt->ops->get_fpu(ctxt);
	asm volatile("fnstcw (%0)" : : "r" (ctxt->dst.data) : "memory");
	ctxt->ops->put_fpu(ctxt);
	return X86EMUL_CONTINUE;
}

int em_fnstsw(struct x86_emulate_ctxt *ctxt)
{
	ctxt->dst.val = 0;
	ctxt->ops->get_fpu(ctxt);
	asm volatile("fnstsw (%0)" : : "r" (ctxt->dst.data) : "memory");
	ctxt->ops->put_fpu(ctxt);
	return X86EMUL_CONTINUE;
}
