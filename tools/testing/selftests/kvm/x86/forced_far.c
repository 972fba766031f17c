// SPDX-License-Identifier: GPL-2.0-only
/*
 * What depends on descriptors, as forced_system does it: segment loads, far
 * branches, gates, interrupts, returns to other levels and tasks.
 *
 * forced_far [family [v]]: only that; v prints every difference.
 */
#include "forced_system/trial.h"

int main(int argc, char **argv)
{
	static family *const families[] = {
		test_segments, test_queries, test_far, test_interrupts, test_tasks, NULL
	};

	return run_families(families, argc, argv);
}
