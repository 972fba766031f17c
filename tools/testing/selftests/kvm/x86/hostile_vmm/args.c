// SPDX-License-Identifier: GPL-2.0-only
/* The arguments of the hostile VMM's ioctls: sometimes valid, mostly nearly so. */
#include <sys/ioctl.h>

#include "hostile.h"

u64 rnd(struct attacker *a)
{
	a->random ^= a->random << 13;
	a->random ^= a->random >> 7;
	a->random ^= a->random << 17;
	return a->random * 0x2545f4914f6cdd1dull;
}

u32 below(struct attacker *a, u32 n)
{
	return (rnd(a) >> 32) % n;
}

u64 boundary(struct attacker *a)
{
	static const u64 values[] = {
		0, 1, 2, 3, 7, 8, 0xff, 0x100, 0xfff, 0x1000, 0xffff, 0x10000, 0x7fffffff,
		0x80000000, 0xffffffff, 0x100000000, 0x7fffffffffff, 0x800000000000,
		0x7fffffffffffffff, 0x8000000000000000, 0xfffffffffffff000, 0xffffffffffffffff,
		0x80050033, 0xd01, 0x400, 0x620, 0xc0000080, 0x174, 0x10, 0x3b, 0x30000, 0xa0000,
	};
	u64 v = values[below(a, ARRAY_SIZE(values))];

	switch (below(a, 6)) {
	case 0: return v + 1;
	case 1: return v - 1;
	case 2: return 1ull << below(a, 64);
	case 3: return rnd(a) >> below(a, 64);
	}
	return v;
}

/* Some fields of @size bytes become something else. */
static void mutate(struct attacker *a, u8 *p, size_t size)
{
	unsigned int n = below(a, 5);

	while (n-- && size) {
		static const u8 widths[] = { 1, 2, 4, 8 };
		size_t width = widths[below(a, 4)];
		u64 v = boundary(a);
		size_t at;

		if (width > size)
			width = 1;
		at = below(a, size / width) * width;
		memcpy(p + at, &v, width);
	}
}

/* ---- arguments ---------------------------------------------------------- */

/* Where @size bytes may lie; mostly where they can be read and written. */
u8 *place(struct attacker *a, size_t size)
{
	size_t room = ARENA_PAGES * PAGE_SIZE;

	if (size > room)
		size = room;
	/* Often up to the end of what is mapped: a byte too many is a fault. */
	return a->arena + (below(a, 2) ? room - size : below(a, room - size + 1));
}

/* @p, or something worse. */
static unsigned long worsen(struct attacker *a, u8 *p, size_t size)
{
	u8 *end = a->arena + ARENA_PAGES * PAGE_SIZE;

	switch (below(a, 24)) {
	case 0: return 0;
	case 1: return boundary(a);
	case 2: return 0xffff888000000000ul;
	case 3: return 0x0000800000000000ul - 8;
	case 4: /* Its end is not there. */
		return size ? (unsigned long)(end - below(a, size)) : (unsigned long)end;
	case 5:	/* The guest, or KVM itself, writes there. */
		return (unsigned long)(size <= PAGE_SIZE ? (u8 *)vm->vcpu[0].run : p);
	case 6:
		return (unsigned long)(size <= PAGE_SIZE ? vm->region[0].hva + DATA_GPA : p);
	}
	return (unsigned long)p;
}

static unsigned long fill_number(struct attacker *a, int fd, const struct row *row)
{
	(void)fd;
	(void)row;
	return below(a, 2) ? 0 : boundary(a);
}

static unsigned long fill_vm_type(struct attacker *a, int fd, const struct row *row)
{
	(void)fd;
	(void)row;
	return below(a, 4) ? 0 : boundary(a);
}

static unsigned long fill_new_fd(struct attacker *a, int fd, const struct row *row)
{
	return fill_number(a, fd, row);
}

static unsigned long fill_vcpu_id(struct attacker *a, int fd, const struct row *row)
{
	(void)fd;
	(void)row;
	return below(a, 8) ? below(a, 16) : boundary(a);
}

static unsigned long fill_address(struct attacker *a, int fd, const struct row *row)
{
	(void)fd;
	(void)row;
	return boundary(a) & ~(below(a, 4) ? 0xffful : 0);
}

static unsigned long fill_bytes(struct attacker *a, int fd, const struct row *row)
{
	size_t i, size = _IOC_SIZE(row->cmd);
	u8 *p = place(a, size);

	(void)fd;
	memset(p, 0, size);
	if (!below(a, 3))
		for (i = 0; i < size; i++)
			p[i] = rnd(a);
	mutate(a, p, size);
	return worsen(a, p, size);
}

/* What KVM itself says, and a few fields else. */
static unsigned long fill_got(struct attacker *a, int fd, const struct row *row)
{
	size_t size = _IOC_SIZE(row->cmd);
	u8 *p = place(a, size);

	memset(p, 0, size);
	ioctl(fd, row->get, p);
	if (below(a, 4))
		mutate(a, p, size);
	return worsen(a, p, size);
}

static unsigned long fill_address_struct(struct attacker *a, int fd, const struct row *row)
{
	u8 *p = place(a, 64);
	u64 v = boundary(a);

	(void)fd;
	memcpy(p, &v, sizeof(v));
	return worsen(a, p, _IOC_SIZE(row->cmd));
}

static u32 some_count(struct attacker *a)
{
	return below(a, 3) ? below(a, 300) : boundary(a);
}

/* A number of elements, then the elements. */
static unsigned long fill_counted(struct attacker *a, int fd, const struct row *row)
{
	u32 n = some_count(a);
	size_t size = 8 + 40ul * (n < 256 ? n : 256);
	u8 *p = place(a, size);

	(void)fd;
	(void)row;
	memset(p, 0, size);
	mutate(a, p, size);
	memcpy(p, &n, 4);
	return worsen(a, p, size);
}

static unsigned long fill_got_cpuid(struct attacker *a, int fd, const struct row *row)
{
	size_t size = 8 + 40 * 128;
	u8 *p = place(a, size);
	u32 n = 128;

	memset(p, 0, size);
	memcpy(p, &n, 4);
	if (ioctl(fd, row->get, p) < 0 || !below(a, 8)) {
		n = some_count(a);
		memcpy(p, &n, 4);
	}
	if (below(a, 2))
		mutate(a, p + 8, size - 8);
	return worsen(a, p, size);
}

static unsigned long fill_msrs(struct attacker *a, int fd, const struct row *row)
{
	static const u32 known[] = {
		0x10, 0x1b, 0x3a, 0x3b, 0x48, 0x49, 0x8b, 0xfe, 0x174, 0x175, 0x176, 0x179, 0x17a,
		0x17b, 0x186, 0x1a0, 0x1d9, 0x200, 0x250, 0x277, 0x2ff, 0x345, 0x400, 0x6e0, 0x802,
		0xda0, 0xc0000080, 0xc0000081, 0xc0000082, 0xc0000083, 0xc0000084, 0xc0000100,
		0xc0000101, 0xc0000102, 0xc0000103, 0xc0010000, 0xc0010015, 0xc001001f, 0xc0010112,
		0xc0010114, 0xc0010117, 0xc0010140, 0xc0011029, 0x11, 0x12, 0x4b564d00, 0x4b564d01,
		0x4b564d02, 0x4b564d03, 0x4b564d04, 0x4b564d05, 0x4b564d06, 0x40000000, 0x40000073,
	};
	u32 i, n = below(a, 8) ? below(a, 12) : some_count(a);
	u32 filled = n < 256 ? n : 256;
	size_t size = sizeof(struct kvm_msrs) + filled * sizeof(struct kvm_msr_entry);
	struct kvm_msrs *msrs = (void *)place(a, size);

	(void)fd;
	(void)row;
	memset(msrs, 0, size);
	msrs->nmsrs = n;
	for (i = 0; i < filled; i++) {
		msrs->entries[i].index = below(a, 4) ? known[below(a, ARRAY_SIZE(known))] : boundary(a);
		msrs->entries[i].data = boundary(a);
	}
	return worsen(a, (u8 *)msrs, size);
}

/* The bitmap of a dirty log of terabytes is not for this machine's memory. */
static unsigned long fill_region(struct attacker *a, int fd, const struct row *row)
{
	struct kvm_userspace_memory_region *r = (void *)place(a, sizeof(*r));
	const struct region *base = &vm->region[below(a, 2)];

	(void)fd;
	(void)row;
	/* Half of the time the slot that is there, with other flags. */
	*r = (struct kvm_userspace_memory_region){
		.slot = base - vm->region,
		.flags = below(a, 4) ? below(a, 2) : below(a, 4),
		.guest_phys_addr = base->gpa,
		.memory_size = base->size,
		.userspace_addr = (unsigned long)base->hva,
	};
	if (below(a, 2))
		return worsen(a, (u8 *)r, sizeof(*r));
	*r = (struct kvm_userspace_memory_region){
		.slot = below(a, 8) ? below(a, 6) : boundary(a),
		.flags = below(a, 8) ? below(a, 4) : boundary(a),
		.guest_phys_addr = base->gpa + below(a, 64) * PAGE_SIZE,
		.memory_size = below(a, 3) ? below(a, 600) * PAGE_SIZE : base->size,
		.userspace_addr = (unsigned long)base->hva + below(a, 32) * PAGE_SIZE,
	};
	if (!below(a, 6))
		mutate(a, (u8 *)r, sizeof(*r));
	if (r->memory_size > 64ul << 20)
		r->flags &= ~KVM_MEM_LOG_DIRTY_PAGES;
	return (unsigned long)r;
}

static unsigned long fill_dirty_log(struct attacker *a, int fd, const struct row *row)
{
	struct kvm_clear_dirty_log *log = (void *)place(a, sizeof(*log));
	struct kvm_userspace_memory_region r = {
		.slot = below(a, 2),
		.flags = KVM_MEM_LOG_DIRTY_PAGES,
	};

	/* Only a slot with a log has one to give. */
	r.guest_phys_addr = vm->region[r.slot].gpa;
	r.memory_size = vm->region[r.slot].size;
	r.userspace_addr = (unsigned long)vm->region[r.slot].hva;
	if (below(a, 2))
		ioctl(fd, KVM_SET_USER_MEMORY_REGION, &r);
	*log = (struct kvm_clear_dirty_log){
		.slot = below(a, 8) ? below(a, 3) : boundary(a),
		.num_pages = below(a, 3) ? below(a, 20) * 64 : boundary(a),
		.first_page = below(a, 3) ? below(a, 4) * 64 : boundary(a),
	};
	log->dirty_bitmap = below(a, 8) ? a->arena + below(a, PAGE_SIZE) : (void *)8ul;
	if (row->cmd == KVM_GET_DIRTY_LOG)
		((struct kvm_dirty_log *)log)->dirty_bitmap = log->dirty_bitmap;
	return worsen(a, (u8 *)log, sizeof(*log));
}

static unsigned long fill_zone(struct attacker *a, int fd, const struct row *row)
{
	struct kvm_coalesced_mmio_zone *z = (void *)place(a, sizeof(*z));

	(void)fd;
	(void)row;
	*z = (struct kvm_coalesced_mmio_zone){
		.addr = below(a, 2) ? MMIO_GPA + below(a, 64) : below(a, 256),
		.size = below(a, 64),
		.pio = below(a, 2),
	};
	if (!below(a, 4))
		mutate(a, (u8 *)z, sizeof(*z));
	return worsen(a, (u8 *)z, sizeof(*z));
}

static unsigned long fill_ioeventfd(struct attacker *a, int fd, const struct row *row)
{
	static const u8 lengths[] = { 0, 1, 2, 4, 8, 3 };
	struct kvm_ioeventfd *e = (void *)place(a, sizeof(*e));

	(void)fd;
	(void)row;
	*e = (struct kvm_ioeventfd){
		.addr = below(a, 2) ? MMIO_GPA + below(a, 8) * 8 : 0x80 + below(a, 4),
		.len = lengths[below(a, ARRAY_SIZE(lengths))],
		.fd = atomic_load(&fds[ON_STATS][0]),
		.flags = below(a, 8),
		.datamatch = below(a, 4),
	};
	if (!below(a, 4))
		mutate(a, (u8 *)e, sizeof(*e));
	return worsen(a, (u8 *)e, sizeof(*e));
}

static unsigned long fill_cap(struct attacker *a, int fd, const struct row *row)
{
	struct kvm_enable_cap *cap = (void *)place(a, sizeof(*cap));

	static const u32 known[] = {
		KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, KVM_CAP_X86_USER_SPACE_MSR,
		KVM_CAP_EXCEPTION_PAYLOAD, KVM_CAP_EXIT_ON_EMULATION_FAILURE, KVM_CAP_MAX_VCPU_ID,
		KVM_CAP_DISABLE_QUIRKS2, KVM_CAP_X86_DISABLE_EXITS, KVM_CAP_HALT_POLL,
		KVM_CAP_MSR_PLATFORM_INFO, KVM_CAP_X86_TRIPLE_FAULT_EVENT, KVM_CAP_DISABLE_QUIRKS,
		KVM_CAP_X86_BUS_LOCK_EXIT, KVM_CAP_ENFORCE_PV_FEATURE_CPUID,
	};

	(void)fd;
	(void)row;
	*cap = (struct kvm_enable_cap){
		.cap = below(a, 4) ? known[below(a, ARRAY_SIZE(known))] : below(a, 240),
	};
	cap->args[0] = below(a, 2) ? below(a, 8) : boundary(a);
	if (!below(a, 4))
		mutate(a, (u8 *)cap, sizeof(*cap));
	return worsen(a, (u8 *)cap, sizeof(*cap));
}

static unsigned long fill_signal_mask(struct attacker *a, int fd, const struct row *row)
{
	struct {
		u32 len;
		u64 set;
	} __attribute__((packed)) *mask = (void *)place(a, 12);

	(void)fd;
	(void)row;
	mask->len = below(a, 4) ? 8 : boundary(a);
	mask->set = below(a, 2) ? 0 : boundary(a);
	return worsen(a, (u8 *)mask, 12);
}

#define DEV(cmd, how, get) { #cmd, cmd, fill_##how, get, ON_DEV },
#define VM(cmd, how, get) { #cmd, cmd, fill_##how, get, ON_VM },
#define VCPU(cmd, how, get) { #cmd, cmd, fill_##how, get, ON_VCPU },
const struct row rows[] = {
#include "ioctls.h"
};

const unsigned int nr_rows = ARRAY_SIZE(rows);
