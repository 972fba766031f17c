// SPDX-License-Identifier: GPL-2.0-only
/* Write a seed corpus made from the tables: each row, in each mode and form. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "fuzz.h"
#include "walk.h"

static unsigned int nr_seeds;

static bool write_seed(const char *dir, const struct fuzz_input *in)
{
	char path[4096];
	bool ok;
	FILE *f;

	snprintf(path, sizeof(path), "%s/row-%05u", dir, nr_seeds++);
	f = fopen(path, "w");
	if (!f)
		return false;
	ok = fwrite(in, sizeof(*in), 1, f) == 1;
	return !fclose(f) && ok;
}

/* Registers that point to data; a count in rCX for repeated strings. */
static void seed_registers(struct fuzz_input *in, unsigned int variant)
{
	unsigned int data = variant & 1 ? 4 : 1;	/* a device, or memory */

	in->gpr[X86_REG_RBX] = data | 0x10 << 5;
	in->gpr[X86_REG_RSI] = data | 8 << 5;
	in->gpr[X86_REG_RDI] = 2 | 8 << 5;
	in->gpr[X86_REG_RCX] = 18 | 3 << 5;
}

static bool seed_row(const char *dir, const struct row *row)
{
	unsigned int mode, memory, variant;

	for (mode = X86EMUL_MODE_REAL; mode <= X86EMUL_MODE_PROT64; mode++) {
		for (memory = 0; memory < 2; memory++) {
			for (variant = 0; variant < 2; variant++) {
				struct encoding e = { .mode = mode, .memory = memory, .reg = 1, .rm = 2,
						      .imm = 0x11, .rep = variant &&
						      row->op->flags & F_STRING ? 0xf3 : 0 };
				struct fuzz_input in = { .mode = mode, .memory = variant, .text = 100 };

				if (!encode_row(row, &e))
					continue;
				memcpy(in.code, e.bytes, e.len);
				seed_registers(&in, variant);
				if (!write_seed(dir, &in))
					return false;
			}
		}
	}
	return true;
}

int main(int argc, char **argv)
{
	unsigned int i;

	if (argc != 2) {
		fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
		return 2;
	}
	walk_tables();
	for (i = 0; i < nr_rows; i++)
		if (rows[i].op->name && !(rows[i].op->flags & F_UD) && !seed_row(argv[1], &rows[i]))
			return 1;
	printf("%u seeds in %s\n", nr_seeds, argv[1]);
	return 0;
}
