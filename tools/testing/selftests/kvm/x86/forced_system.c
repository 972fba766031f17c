// SPDX-License-Identifier: GPL-2.0-only
/*
 * System instructions in every mode and at every privilege level: run natively
 * and again behind the forced-emulation prefix, from the same registers,
 * descriptor tables, task state and stacks. Registers, hidden parts of segments,
 * control registers, MSRs, memory and the exception with its frame have to agree.
 *
 * forced_system [row or family [v]]: only those; v prints every difference.
 */
#include "forced_system/trial.h"

int main(int argc, char **argv)
{
	static family *const families[] = { test_rows, test_privilege, NULL };

	return run_families(families, argc, argv);
}
