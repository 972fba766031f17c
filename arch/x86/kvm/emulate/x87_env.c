// SPDX-License-Identifier: GPL-2.0-only
/*
 * FLDENV, FNSTENV, FRSTOR, FNSAVE: the x87 environment in four formats, by the
 * operand size and by whether the mode has protected-mode selectors.
 */
#include "emulate/x87.h"

#define ENV_MAX		28u
#define REGS_BYTES	80u
#define UNUSED_HALF	0xffffu	/* what the CPU stores in reserved upper halves */

static bool is_linear(const struct x86_emulate_ctxt *ctxt)
{
	return !mode_is_protected(ctxt);
}

static unsigned int env_bytes(const struct x86_emulate_ctxt *ctxt)
{
	return ctxt->op_bytes == 2 ? 14 : 28;
}

/* Pointers of real and virtual-8086 mode are linear; the opcode shares a word with one. */
static void pack_linear(const struct x87_env *env, u32 field[7])
{
	u32 ip = env->fip + (env->fcs << 4), dp = env->fdp + (env->fds << 4);

	field[3] = (u16)ip;
	field[4] = (ip >> 16) << 12 | (env->fop & 0x7ff);
	field[5] = (u16)dp;
	field[6] = (dp >> 16) << 12;
}

static void unpack_linear(struct x87_env *env, const u32 field[7])
{
	env->fip = (field[3] & 0xffff) | (field[4] >> 12) << 16;
	env->fop = field[4] & 0x7ff;
	env->fdp = (field[5] & 0xffff) | (field[6] >> 12) << 16;
	env->fcs = 0;
	env->fds = 0;
}

/* The host's image to the guest's, of env_bytes(). */
static void pack_env(const struct x86_emulate_ctxt *ctxt, const struct x87_env *env, u8 *out)
{
	bool wide = ctxt->op_bytes != 2;
	u32 field[7] = {
		env->fcw, env->fsw, env->ftw, env->fip, env->fcs | (u32)env->fop << 16,
		env->fdp, env->fds,
	};
	unsigned int i;

	if (is_linear(ctxt))
		pack_linear(env, field);
	for (i = 0; i < 7; i++) {
		if (wide && (i < 3 || (is_linear(ctxt) ? i == 3 || i == 5 : i == 6)))
			field[i] |= UNUSED_HALF << 16;
		memcpy(out + i * (wide ? 4 : 2), &field[i], wide ? 4 : 2);
	}
}

static void unpack_env(const struct x86_emulate_ctxt *ctxt, const u8 *in, struct x87_env *env)
{
	bool wide = ctxt->op_bytes != 2;
	u32 field[7] = { 0 };
	unsigned int i;

	for (i = 0; i < 7; i++)
		memcpy(&field[i], in + i * (wide ? 4 : 2), wide ? 4 : 2);
	memset(env, 0, sizeof(*env));
	env->fcw = field[0];
	env->fsw = field[1];
	env->ftw = field[2];
	env->fip = field[3];
	env->fcs = field[4];
	env->fop = field[4] >> 16 & 0x7ff;
	env->fdp = field[5];
	env->fds = field[6];
	if (is_linear(ctxt))
		unpack_linear(env, field);
}

int em_fldenv(struct x86_emulate_ctxt *ctxt)
{
	struct x87_env env;

	unpack_env(ctxt, ctxt->dst.data, &env);
	ctxt->ops->get_fpu(ctxt);
	env_load(&env);
	ctxt->ops->put_fpu(ctxt);
	return X86EMUL_CONTINUE;
}

/* Exceptions become masked once the environment is in memory. */
int em_fnstenv(struct x86_emulate_ctxt *ctxt)
{
	struct x87_env env;
	int rc;

	ctxt->ops->get_fpu(ctxt);
	env_save(&env);
	env_load(&env);
	ctxt->ops->put_fpu(ctxt);
	pack_env(ctxt, &env, ctxt->dst.data);
	rc = store_operand(ctxt, &ctxt->dst);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	ctxt->dst.type = OP_NONE;
	ctxt->ops->get_fpu(ctxt);
	env_save(&env);
	ctxt->ops->put_fpu(ctxt);
	return X86EMUL_CONTINUE;
}

int em_frstor(struct x86_emulate_ctxt *ctxt)
{
	u8 image[ENV_MAX + REGS_BYTES];
	unsigned int bytes = env_bytes(ctxt);
	struct x87_save save;
	int rc;

	rc = segmented_read(ctxt, ctxt->dst.seg, ctxt->dst.ea, image, bytes + REGS_BYTES);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	unpack_env(ctxt, image, &save.env);
	memcpy(save.st, image + bytes, REGS_BYTES);
	ctxt->ops->get_fpu(ctxt);
	asm volatile("frstor %0" : : "m" (save));
	ctxt->ops->put_fpu(ctxt);
	return X86EMUL_CONTINUE;
}

/* FNINIT follows once the state is in memory. */
int em_fnsave(struct x86_emulate_ctxt *ctxt)
{
	u8 image[ENV_MAX + REGS_BYTES];
	unsigned int bytes = env_bytes(ctxt);
	struct x87_save save;
	int rc;

	ctxt->ops->get_fpu(ctxt);
	asm volatile("fnsave %0\n\tfrstor %0" : "=m" (save));
	ctxt->ops->put_fpu(ctxt);
	pack_env(ctxt, &save.env, image);
	memcpy(image + bytes, save.st, REGS_BYTES);
	rc = segmented_write(ctxt, ctxt->dst.seg, ctxt->dst.ea, image, bytes + REGS_BYTES);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	ctxt->ops->get_fpu(ctxt);
	asm volatile("fninit");
	ctxt->ops->put_fpu(ctxt);
	return X86EMUL_CONTINUE;
}
