// SPDX-License-Identifier: GPL-2.0-only
/* What the kernel below says about itself. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "kvm_test.h"

unsigned int test_slowness(void)
{
	const char *value = getenv("KVM_TEST_SLOW");
	int n = value ? atoi(value) : 1;

	return n > 0 ? n : 1;
}

/* The number behind @label in a file of lines, or -1. */
static long read_number(const char *path, const char *label)
{
	FILE *f = fopen(path, "r");
	size_t length = strlen(label);
	char line[256];
	long n = -1;

	while (f && n < 0 && fgets(line, sizeof(line), f))
		if (!strncmp(line, label, length))
			sscanf(line + length, "%ld", &n);
	if (f)
		fclose(f);
	return n;
}

void kernel_memory(struct kernel_memory *m)
{
	/* What RCU frees needs a moment. */
	usleep(200000);
	m->slab_kb = read_number("/proc/meminfo", "Slab:");
	m->tables_kb = read_number("/proc/meminfo", "PageTables:");
	m->available_kb = read_number("/proc/meminfo", "MemAvailable:");
	m->module_users = read_number("/sys/module/kvm_amd/refcnt", "");
	if (m->module_users < 0)
		m->module_users = read_number("/sys/module/kvm_intel/refcnt", "");
}

bool kernel_memory_lags(void)
{
	return !access("/sys/kernel/debug/kmemleak", F_OK);
}
