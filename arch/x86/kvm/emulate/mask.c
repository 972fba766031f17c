// SPDX-License-Identifier: GPL-2.0-only
/*
 * Instructions that work on some elements of their operands: what an opmask
 * register (EVEX) or the signs of a vector (VMASKMOV) leave out is neither
 * accessed nor changed.
 */
#include "emulate/insn.h"

#define PAGE_BYTES	4096u

static unsigned int count_bits(u64 val)
{
	unsigned int n = 0;

	for (; val; val &= val - 1)
		n++;
	return n;
}

static u64 low_bits(unsigned int n)
{
	return n < 64 ? (1ull << n) - 1 : ~0ull;
}

/* @elements of @size bytes to the bytes they cover. */
static u64 element_bytes(u64 elements, unsigned int size)
{
	u64 bytes = 0;
	unsigned int i;

	for (i = 0; i < 64; i += size, elements >>= 1)
		if (elements & 1)
			bytes |= low_bits(size) << i;
	return bytes;
}

/* Check the pages that @enabled bytes from @la on are in, before any is accessed. */
static int probe_masked(struct x86_emulate_ctxt *ctxt, unsigned long la, u64 enabled, bool write)
{
	unsigned int room = PAGE_BYTES - (la & (PAGE_BYTES - 1)), first, bytes;
	u64 part[2] = { enabled & low_bits(room), enabled & ~low_bits(room) };
	int i, rc = X86EMUL_CONTINUE;

	for (i = 0; i < 2 && rc == X86EMUL_CONTINUE; i++) {
		if (!part[i])
			continue;
		first = __builtin_ctzll(part[i]);
		bytes = 64 - __builtin_clzll(part[i]) - first;
		if (write)
			rc = ctxt->ops->write(ctxt, linear_add(ctxt, la, first), NULL, bytes,
					      X86EMUL_F_PROBE);
		else
			rc = ctxt->ops->read(ctxt, linear_add(ctxt, la, first), NULL, bytes,
					     X86EMUL_F_PROBE);
	}
	return rc;
}

/* The linear address of @op if its @enabled bytes may be accessed. */
static int linearize_masked(struct x86_emulate_ctxt *ctxt, struct operand *op, u64 enabled,
			    bool write)
{
	unsigned int first = __builtin_ctzll(enabled);
	unsigned int bytes = 64 - __builtin_clzll(enabled) - first;
	int rc;

	rc = linearize_unaligned(ctxt, op->seg, op->ea + first, bytes, write, &op->la);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	op->la -= first;
	if ((ctxt->op->flags & F_ALIGN) && (op->la & (op->bytes - 1)))
		return emulate_gp(ctxt, 0);
	return X86EMUL_CONTINUE;
}

/* A lone run of bytes checks both of its pages by itself. */
static bool is_one_run(u64 enabled)
{
	if (!enabled)
		return false;
	enabled >>= __builtin_ctzll(enabled);
	return !(enabled & (enabled + 1));
}

/* Check @checked bytes, access @enabled ones: those side by side at once. */
static int access_masked(struct x86_emulate_ctxt *ctxt, struct operand *op, u64 checked,
			 u64 enabled, bool write)
{
	unsigned int first, bytes;
	unsigned long la;
	int rc;

	rc = linearize_masked(ctxt, op, checked, write);
	if (rc == X86EMUL_CONTINUE && (checked != enabled || !is_one_run(enabled)))
		rc = probe_masked(ctxt, op->la, checked, write);
	while (enabled && rc == X86EMUL_CONTINUE) {
		first = __builtin_ctzll(enabled);
		bytes = ~(enabled >> first) ? __builtin_ctzll(~(enabled >> first)) : 64;
		la = linear_add(ctxt, op->la, first);
		if (write)
			rc = linear_write(ctxt, la, op->data + first, bytes, 0);
		else
			rc = linear_read(ctxt, la, op->data + first, bytes, 0);
		enabled &= ~low_bits(first + bytes);
	}
	return rc;
}

/* Elements that are not read are zero. */
static int load_masked(struct x86_emulate_ctxt *ctxt, struct operand *op, u64 enabled)
{
	memset(op->data, 0, sizeof(op->data));
	return enabled ? access_masked(ctxt, op, enabled, enabled, false) : X86EMUL_CONTINUE;
}

/* VEXTRACT checks all of its operand, and writes no more than the others. */
static int store_masked(struct x86_emulate_ctxt *ctxt, struct operand *op, u64 enabled)
{
	u64 checked = ctxt->op->evex & EVEX_NO_SUPPRESS ? low_bits(op->bytes) : enabled;

	return checked ? access_masked(ctxt, op, checked, enabled, true) : X86EMUL_CONTINUE;
}

/* Elements of dst that the instruction works on. */
static int read_mask(struct x86_emulate_ctxt *ctxt)
{
	unsigned int i, size = row_element(ctxt->op), n = ctxt->dst.bytes / size;
	int rc;

	if (ctxt->has_evex) {
		ctxt->mask = ctxt->evex_aaa ? opmask_read(ctxt, ctxt->evex_aaa) : ~0ull;
		ctxt->mask &= ctxt->op->evex & EVEX_SCALAR ? 1 : low_bits(n);
		return X86EMUL_CONTINUE;
	}
	rc = load_operand(ctxt, &ctxt->src, 0);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	ctxt->mask = 0;
	for (i = 0; i < n; i++)
		if (ctxt->src.data[(i + 1) * size - 1] & 0x80)
			ctxt->mask |= 1ull << i;
	return X86EMUL_CONTINUE;
}

/* Bytes of a memory operand of @bytes: a smaller one than dst is broadcast. */
static u64 memory_bytes(const struct x86_emulate_ctxt *ctxt, unsigned int bytes)
{
	unsigned int size = row_element(ctxt->op), n = bytes / size;
	u64 elements = 0, mask = ctxt->mask;

	if (ctxt->op->evex & EVEX_PACKED)
		elements = low_bits(count_bits(mask));
	else
		for (; mask; mask = n < 64 ? mask >> n : 0)
			elements |= mask & low_bits(n);
	return element_bytes(elements, size);
}

static int load(struct x86_emulate_ctxt *ctxt, struct operand *op)
{
	if (op->type == OP_MEM && !(ctxt->op->evex & EVEX_NO_SUPPRESS))
		return load_masked(ctxt, op, memory_bytes(ctxt, op->bytes));
	return op->type == OP_NONE ? X86EMUL_CONTINUE : load_operand(ctxt, op, 0);
}

/* What the mask leaves out becomes zero, or what it was. */
static void merge(struct x86_emulate_ctxt *ctxt, const u8 *old)
{
	u64 mask = ctxt->op->evex & EVEX_SCALAR ? ctxt->mask | ~1ull : ctxt->mask;
	unsigned int i, size = row_element(ctxt->op);

	for (i = 0; i < ctxt->dst.bytes; i += size, mask >>= 1) {
		if (mask & 1)
			continue;
		if (ctxt->evex_z)
			memset(ctxt->dst.data + i, 0, size);
		else
			memcpy(ctxt->dst.data + i, old + i, size);
	}
}

int execute_masked(struct x86_emulate_ctxt *ctxt)
{
	struct operand *dst = &ctxt->dst;
	bool to_memory = dst->type == OP_MEM;
	u8 old[64];
	int rc;

	rc = read_mask(ctxt);
	if (rc == X86EMUL_CONTINUE)
		rc = load(ctxt, &ctxt->src);
	if (rc == X86EMUL_CONTINUE)
		rc = load(ctxt, &ctxt->src2);
	if (rc == X86EMUL_CONTINUE)
		rc = load(ctxt, &ctxt->src3);
	if (rc == X86EMUL_CONTINUE && !to_memory)
		rc = load_operand(ctxt, dst, 0);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	memcpy(old, dst->data, sizeof(old));
	rc = ctxt->op->execute(ctxt);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	if (to_memory)
		return store_masked(ctxt, dst, memory_bytes(ctxt, dst->bytes));
	if (ctxt->has_evex)
		merge(ctxt, old);
	return store_operand(ctxt, dst);
}
