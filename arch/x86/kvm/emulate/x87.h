/* SPDX-License-Identifier: GPL-2.0-only */
/* Images of the x87 state, as this CPU stores them in 64-bit mode. */
#ifndef KVM_X86_EMULATE_X87_H
#define KVM_X86_EMULATE_X87_H

#include "emulate/insn.h"

/* FXSAVE64 */
struct fxsave_area {
	u16 fcw, fsw;
	u8 ftw, pad0;
	u16 fop;
	u64 fip, fdp;
	u32 mxcsr, mxcsr_mask;
	u8 st[8][16];		/* ST(0) first */
	u8 xmm[16][16];
	u8 rest[512 - 416];
} __aligned(16);

/* FNSTENV: the protected-mode format of 32 bits. */
struct x87_env {
	u16 fcw, pad0;
	u16 fsw, pad1;
	u16 ftw, pad2;
	u32 fip;
	u16 fcs, fop;
	u32 fdp;
	u16 fds, pad3;
};

/* FNSAVE */
struct x87_save {
	struct x87_env env;
	u8 st[8][10];
};

/*
 * Old CPUs of AMD store the pointers only while an exception is pending. The
 * compiler must not make one memset() of the stores: the guest's registers are live.
 */
static inline void fx_clear_pointers(struct fxsave_area *fx)
{
	fx->fop = 0;
	asm volatile("" : "+m" (fx->fop));
	fx->fip = 0;
	asm volatile("" : "+m" (fx->fip));
	fx->fdp = 0;
}

/* All between get_fpu() and put_fpu(). */
static inline void fx_save(struct fxsave_area *fx)
{
	fx_clear_pointers(fx);
	asm volatile("fxsave64 %0" : "+m" (*fx));
}

static inline void fx_load(const struct fxsave_area *fx)
{
	asm volatile("fxrstor64 %0" : : "m" (*fx));
}

/* Masks all exceptions; env_load() of the same image undoes that. */
static inline void env_save(struct x87_env *env)
{
	asm volatile("fnstenv %0" : "=m" (*env));
}

/* Waits: only while no exception is pending, as after env_save(). */
static inline void env_load(const struct x87_env *env)
{
	asm volatile("fldenv %0" : : "m" (*env));
}

#endif
