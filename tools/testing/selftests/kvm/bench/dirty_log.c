// SPDX-License-Identifier: GPL-2.0-only
/* The dirty log of 1 GiB: what userspace pays for a pass over it, and the guest for a page. */
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <x86intrin.h>

#include "bench.h"

#define LOG_SLOT	8
#define LOG_SIZE	(1ul << 30)
#define LOG_PAGES	(LOG_SIZE / PAGE_SIZE)

/* Of how many pages the guest writes to one; 0: to none. */
enum { DIRTY_NONE = 0, DIRTY_ALL = 1, DIRTY_FEW = 64 };

struct log {
	struct vm *vm;
	struct vcpu *vcpu;
	u64 *bitmap;
	bool manual;		/* reading does not protect: KVM_CLEAR_DIRTY_LOG does */
};

static void get_log(const struct log *log)
{
	struct kvm_dirty_log get = { .slot = LOG_SLOT, .dirty_bitmap = log->bitmap };

	if (ioctl(log->vm->fd, KVM_GET_DIRTY_LOG, &get))
		bail("KVM_GET_DIRTY_LOG: %s", strerror(errno));
}

static void clear_log(const struct log *log)
{
	struct kvm_clear_dirty_log clear = {
		.slot = LOG_SLOT, .num_pages = LOG_PAGES, .dirty_bitmap = log->bitmap,
	};

	if (ioctl(log->vm->fd, KVM_CLEAR_DIRTY_LOG, &clear))
		bail("KVM_CLEAR_DIRTY_LOG: %s", strerror(errno));
}

static void check_log(const struct log *log, u64 want)
{
	u64 i, n = 0;

	for (i = 0; i < LOG_PAGES / 64; i++)
		n += __builtin_popcountll(log->bitmap[i]);
	if (n != want)
		bail("%llu pages are dirty, not %llu", (unsigned long long)n,
		     (unsigned long long)want);
}

/* Have the guest write to one page of @stride, read the log; ticks of the latter. */
static u64 pass(void *ctx, u64 stride)
{
	struct log *log = ctx;
	u64 start;

	if (stride)
		touch_pages(log->vcpu, TOUCH_GPA, stride * PAGE_SIZE, LOG_PAGES / stride);
	start = __rdtsc();
	get_log(log);
	if (log->manual)
		clear_log(log);
	start = __rdtsc() - start;
	check_log(log, stride ? LOG_PAGES / stride : 0);
	return start;
}

/* Write to @n pages that are clean. */
static u64 write_clean(void *ctx, u64 n)
{
	struct log *log = ctx;
	u64 ticks;

	ticks = touch_pages(log->vcpu, TOUCH_GPA, PAGE_SIZE, n);
	get_log(log);
	return ticks;
}

static void enable_manual(struct log *log)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2,
		.args = { KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE },
	};

	must(kvm_ioctl(log->vm->fd, KVM_ENABLE_CAP, &cap));
	log->manual = true;
}

void bench_dirty_log(void)
{
	struct log log = { NULL };
	u8 *hva;

	if (!wanted("Dirty log"))
		return;
	hva = alloc_memory(LOG_SIZE, true);
	log.bitmap = calloc(LOG_PAGES / 64, sizeof(u64));
	if (!log.bitmap)
		bail("out of memory");
	log.vm = vm_create();
	log.vcpu = create_toucher(log.vm);
	must(vm_set_region(log.vm, LOG_SLOT, KVM_MEM_LOG_DIRTY_PAGES, TOUCH_GPA, LOG_SIZE, hva));

	/* Once only: a quarter of a million faults take their time. */
	report("Dirty log of 1 GiB, all dirty, GET", pass(&log, DIRTY_ALL), LIMIT_MEMORY);
	report("Dirty log of 1 GiB, 1 of 64 dirty, GET", least(pass, &log, DIRTY_FEW), LIMIT_MEMORY);
	report("Dirty log of 1 GiB, none dirty, GET", least(pass, &log, DIRTY_NONE), LIMIT_MEMORY);
	report("Dirty log, write to a clean page",
	       per_thing("write to a clean page", write_clean, &log, 2047), LIMIT_MEMORY);
	get_log(&log);

	enable_manual(&log);
	report("Dirty log of 1 GiB, all dirty, GET + CLEAR", pass(&log, DIRTY_ALL), LIMIT_MEMORY);
	report("Dirty log of 1 GiB, 1 of 64 dirty, GET + CLEAR", least(pass, &log, DIRTY_FEW),
	       LIMIT_MEMORY);
	report("Dirty log of 1 GiB, none dirty, GET + CLEAR", least(pass, &log, DIRTY_NONE),
	       LIMIT_MEMORY);
	vm_destroy(log.vm);
	munmap(hva, LOG_SIZE);
	free(log.bitmap);
}
