// SPDX-License-Identifier: GPL-2.0-only
/*
 * System instructions, far branches and segment loads in every mode and at every
 * privilege level: run natively and again behind the forced-emulation prefix,
 * from the same registers, descriptor tables, task state and stacks. Registers,
 * hidden parts of segments, control registers, MSRs, memory and the exception
 * with its frame have to agree.
 *
 * forced_system [row or group [v]]: only those; v prints every difference.
 */
#include "forced_system/trial.h"

int main(int argc, char **argv)
{
	const char *only = argc > 1 && *argv[1] ? argv[1] : NULL;
	struct vm *vm;

	tap_start(58);
	vm = vm_create();
	if (forced_emulation_missing())
		skip_all(forced_emulation_missing());
	verbose = argc > 2;
	trials_begin(vcpu_create(vm));
	test_rows(only);
	test_segments(only);
	test_far(only);
	test_interrupts(only);
	report_known();
	note("%lu comparisons, %lu of them faults; %lu by the manual; %lu known differences; %lu not emulated yet",
	     totals.comparisons, totals.faults, totals.expected, totals.known, totals.pending);
	vm_destroy(vm);
	return tap_done();
}
