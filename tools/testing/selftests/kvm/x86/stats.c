// SPDX-License-Identifier: GPL-2.0-only
/* Statistics: the binary file of KVM_GET_STATS_FD, and debugfs. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "kvm_test.h"

#define DEBUGFS "/sys/kernel/debug/kvm"
#define MAX_STATS 128

typedef int64_t s64;

static struct vm *vm;
static struct vcpu *vcpu;

GUEST_CODE(work, 64,
	   "cpuid\n in $0x80, %al\n mov (%rdi), %eax\n mov %eax, (%rsi)\n hlt\n vmmcall\n" GUEST_DONE);

/* All of one stats file. */
struct stats {
	int fd;
	struct kvm_stats_header head;
	char id[64];
	struct kvm_stats_desc *desc[MAX_STATS];
	size_t size;		/* of the file */
};

static bool read_at(int fd, void *buf, size_t len, off_t pos)
{
	return pread(fd, buf, len, pos) == (ssize_t)len;
}

static bool desc_is_sane(const struct stats *s, const struct kvm_stats_desc *d)
{
	size_t data = s->size - s->head.data_offset;

	return memchr(d->name, 0, s->head.name_size) && d->name[0] &&
	       (d->flags & KVM_STATS_TYPE_MASK) <= KVM_STATS_TYPE_MAX &&
	       (d->flags & KVM_STATS_UNIT_MASK) <= KVM_STATS_UNIT_MAX &&
	       (d->flags & KVM_STATS_BASE_MASK) <= KVM_STATS_BASE_MAX &&
	       d->size && d->offset % 8 == 0 && d->offset + 8ul * d->size <= data;
}

static void check_descs(struct stats *s, const char *what)
{
	size_t each = sizeof(struct kvm_stats_desc) + s->head.name_size;
	unsigned int i, j, bad = 0, twice = 0;

	for (i = 0; i < s->head.num_desc; i++) {
		s->desc[i] = calloc(1, each);
		if (!read_at(s->fd, s->desc[i], each, s->head.desc_offset + i * each))
			bail("a descriptor cannot be read");
		bad += !desc_is_sane(s, s->desc[i]);
		for (j = 0; j < i; j++)
			twice += !strcmp(s->desc[i]->name, s->desc[j]->name);
	}
	ok_eq(bad, 0, "%s: every descriptor is sane", what);
	ok_eq(twice, 0, "%s: names differ", what);
}

static void open_stats(struct stats *s, int from, const char *what)
{
	char buf[65536];
	ssize_t n;

	s->fd = kvm_ioctl_val(from, KVM_GET_STATS_FD, 0);
	if (!ok(s->fd >= 0, "%s: KVM_GET_STATS_FD", what))
		bail("no statistics");
	n = read(s->fd, buf, sizeof(buf));
	s->size = n;
	ok(n > (ssize_t)sizeof(s->head) && n < (ssize_t)sizeof(buf), "%s: %zd bytes", what, n);
	memcpy(&s->head, buf, sizeof(s->head));
	ok_eq(s->head.flags, 0, "%s: no flags", what);
	ok(s->head.num_desc > 0 && s->head.num_desc <= MAX_STATS, "%s: %u descriptors", what,
	   s->head.num_desc);
	ok(s->head.name_size > 0 && s->head.name_size <= sizeof(s->id),
	   "%s: names of %u bytes", what, s->head.name_size);
	ok(s->head.id_offset >= sizeof(s->head) &&
	   s->head.desc_offset >= s->head.id_offset + s->head.name_size &&
	   s->head.data_offset >= s->head.desc_offset + s->head.num_desc *
	   (sizeof(struct kvm_stats_desc) + s->head.name_size) && s->head.data_offset < s->size,
	   "%s: the blocks follow each other", what);
	memcpy(s->id, buf + s->head.id_offset, s->head.name_size);
	check_descs(s, what);
}

static void close_stats(struct stats *s)
{
	unsigned int i;

	for (i = 0; i < s->head.num_desc; i++)
		free(s->desc[i]);
	close(s->fd);
}

/* The counter, or -1 when there is none of that name. */
static s64 stat_of(const struct stats *s, const char *name)
{
	unsigned int i;
	u64 value;

	for (i = 0; i < s->head.num_desc; i++) {
		if (strcmp(s->desc[i]->name, name))
			continue;
		if (!read_at(s->fd, &value, 8, s->head.data_offset + s->desc[i]->offset))
			return -1;
		return value;
	}
	return -1;
}

static void run_work(void)
{
	struct kvm_regs r;

	load_code(vcpu, MODE_LONG64, work);
	vcpu_get_regs(vcpu, &r);
	r.rdi = MMIO_GPA;
	r.rsi = HIGH_GPA;
	vcpu_set_regs(vcpu, &r);
	expect_pio(vcpu, KVM_EXIT_IO_IN, 0x80, 1, 1, "the guest reads a port");
	expect_mmio_read(vcpu, MMIO_GPA, 4, "\1\2\3\4", "and MMIO");
	expect_exit(vcpu, KVM_EXIT_HLT, "and halts");
	expect_done(vcpu, "and is done");
}

static void test_vcpu(void)
{
	static const char *const known[] = {
		"pf_taken", "pf_fixed", "pf_emulate", "pf_mmio_spte_created", "tlb_flush", "exits",
		"io_exits", "mmio_exits", "signal_exits", "halt_exits", "request_irq_exits",
		"irq_exits", "insn_emulation", "insn_emulation_fail", "hypercalls",
		"irq_injections", "nmi_injections", "l1d_flush",
	};
	s64 before[ARRAY_SIZE(known)];
	struct stats s;
	char want[64];
	size_t i;

	open_stats(&s, vcpu->fd, "vCPU");
	snprintf(want, sizeof(want), "kvm-%d/vcpu-%d", getpid(), vcpu->id);
	ok(!strcmp(s.id, want), "vCPU: id %s", s.id);
	for (i = 0; i < ARRAY_SIZE(known); i++) {
		before[i] = stat_of(&s, known[i]);
		ok(before[i] >= 0, "vCPU: %s", known[i]);
	}
	run_work();
	for (i = 0; i < ARRAY_SIZE(known); i++)
		before[i] = stat_of(&s, known[i]) - before[i];
	ok(before[5] >= 5, "exits: %lld", (long long)before[5]);
	ok_eq(before[6], 2, "io_exits");
	ok_eq(before[7], 1, "mmio_exits");
	ok_eq(before[9], 1, "halt_exits");
	ok(before[12] >= 1, "insn_emulation: %lld", (long long)before[12]);
	ok_eq(before[13], 0, "insn_emulation_fail");
	ok_eq(before[14], 1, "hypercalls");
	ok(before[0] >= 1, "pf_taken: %lld", (long long)before[0]);
	ok(before[1] >= 1, "pf_fixed: %lld", (long long)before[1]);
	ok(before[3] >= 1, "pf_mmio_spte_created: %lld", (long long)before[3]);
	close_stats(&s);
}

static void test_vm(void)
{
	struct stats s;
	char want[64];
	s64 small, large;

	open_stats(&s, vm->fd, "VM");
	snprintf(want, sizeof(want), "kvm-%d", getpid());
	ok(!strcmp(s.id, want), "VM: id %s", s.id);
	ok(stat_of(&s, "remote_tlb_flush") >= 0, "VM: remote_tlb_flush");
	small = stat_of(&s, "pages_4k");
	large = stat_of(&s, "pages_2m");
	ok(small >= 0 && large >= 0 && small + large > 0, "VM: %lld small, %lld large pages",
	   (long long)small, (long long)large);
	ok_eq(stat_of(&s, "pages_1g"), 0, "VM: pages_1g");
	vm_del_region(vm, 1);
	vm_del_region(vm, 0);
	ok_eq(stat_of(&s, "pages_4k"), 0, "VM: none is left when the slots are gone");
	ok_eq(stat_of(&s, "pages_2m"), 0, "VM: nor a large one");
	close_stats(&s);
}

/* In pieces, at any place, to the end and behind it. */
static void test_reads(void)
{
	char whole[65536], piece[65536];
	int fd = must(kvm_ioctl_val(vm->fd, KVM_GET_STATS_FD, 0));
	ssize_t size = read(fd, whole, sizeof(whole)), pos, n;

	ok_eq(read(fd, piece, sizeof(piece)), 0, "read at the end");
	ok_eq(pread(fd, piece, 8, size), 0, "pread at the end");
	ok_eq(pread(fd, piece, 8, size + 1000), 0, "pread behind it");
	ok_eq(pread(fd, piece, 8, 1ll << 62), 0, "pread far behind it");
	ok_eq(pread(fd, piece, 100, size - 8), 8, "pread over the end");
	ok(pread(fd, piece, 8, -1) == -1 && errno == EINVAL, "pread before the start");
	ok_eq(read(fd, piece, 0), 0, "read of nothing");
	for (pos = 0; pos < size; pos += n) {
		n = pread(fd, piece + pos, 7, pos);
		if (n <= 0)
			break;
	}
	ok(pos == size && !memcmp(whole, piece, size), "7 bytes at a time");
	close(fd);
	fd = must(kvm_ioctl_val(vm->fd, KVM_GET_STATS_FD, 0));
	memset(piece, 0, sizeof(piece));
	for (pos = 0; pos < size; pos += n) {
		n = read(fd, piece + pos, 101);
		if (n <= 0)
			break;
	}
	ok(pos == size && !memcmp(whole, piece, size), "read goes on where it was");
	if (!kvm_is_ours()) {
		skip("lseek", "the distribution's modules ignore it");
	} else {
		ok_eq(lseek(fd, 0, SEEK_END), size, "lseek to the end");
		ok_eq(lseek(fd, 24, SEEK_SET), 24, "lseek to the id");
		ok(read(fd, piece, 8) == 8 && !memcmp(whole + 24, piece, 8), "read there");
		ok_eq(lseek(fd, 0, SEEK_CUR), 32, "and the offset is behind it");
		ok(lseek(fd, -1, SEEK_SET) == -1 && errno == EINVAL, "lseek before the start");
		ok(lseek(fd, size + 1, SEEK_SET) == -1 && errno == EINVAL, "lseek behind the end");
	}
	close(fd);
}

static void test_bad(void)
{
	struct rlimit limit, none;
	int fd = must(kvm_ioctl_val(vcpu->fd, KVM_GET_STATS_FD, 0));
	void *volatile nowhere = (void *)8;
	char byte = 0;

	ok_eq(kvm_has(KVM_CAP_BINARY_STATS_FD), 1, "KVM_CAP_BINARY_STATS_FD");
	ok(write(fd, &byte, 1) == -1 && errno == EBADF, "write: EBADF");
	ok(read(fd, nowhere, 64) == -1 && errno == EFAULT, "read to a bad pointer: EFAULT");
	ok(kvm_ioctl_val(fd, KVM_GET_STATS_FD, 0) < 0, "it has no statistics of its own");
	ok(kvm_ioctl_val(vm->kvm_fd, KVM_GET_STATS_FD, 0) < 0, "nor has /dev/kvm");
	close(fd);
	getrlimit(RLIMIT_NOFILE, &limit);
	none = limit;
	none.rlim_cur = 3;
	setrlimit(RLIMIT_NOFILE, &none);
	ok_eq(kvm_ioctl_val(vm->fd, KVM_GET_STATS_FD, 0), -EMFILE, "VM: no descriptor free");
	ok_eq(kvm_ioctl_val(vcpu->fd, KVM_GET_STATS_FD, 0), -EMFILE, "vCPU: no descriptor free");
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* A number from a file in @dir, or -1. */
static s64 file_value(const char *dir, const char *name)
{
	char path[512], buf[64] = "";
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return -1;
	if (read(fd, buf, sizeof(buf) - 1) <= 0)
		buf[0] = '-';
	close(fd);
	return strtoll(buf, NULL, 10);
}

static int file_write(const char *dir, const char *name, const char *text)
{
	char path[512];
	int fd, r;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return -errno;
	r = write(fd, text, strlen(text)) < 0 ? -errno : 0;
	close(fd);
	return r;
}

static void test_debugfs(void)
{
	char dir[256], sub[300];
	s64 all;

	if (access(DEBUGFS, F_OK)) {
		skip("debugfs", "no " DEBUGFS);
		return;
	}
	snprintf(dir, sizeof(dir), DEBUGFS "/%d-%d", getpid(), vm->fd);
	all = file_value(DEBUGFS, "exits");
	ok(all > 0, "the sum over all VMs: %lld exits", (long long)all);
	ok(file_value(dir, "exits") > 0 && file_value(dir, "exits") <= all, "the VM's exits");
	ok_eq(file_value(dir, "halt_exits"), 1, "its halts");
	ok(file_value(dir, "pages_4k") > 0, "its pages");
	ok(file_value(dir, "remote_tlb_flush") >= 0, "its TLB flushes");
	snprintf(sub, sizeof(sub), "%s/vcpu%d", dir, vcpu->id);
	ok(!access(sub, F_OK), "the vCPU has a directory");
	ok_eq(file_write(dir, "halt_exits", "1"), -EINVAL, "a counter cannot be set");
	ok_eq(file_write(dir, "halt_exits", "0"), 0, "but cleared");
	ok_eq(file_value(dir, "halt_exits"), 0, "then it is 0");
}

/* The VM goes while its files are open; the statistics descriptor keeps it. */
static void test_end(void)
{
	char dir[256], path[300], buf[32];
	int file, fd = must(kvm_ioctl_val(vcpu->fd, KVM_GET_STATS_FD, 0));
	bool have = !access(DEBUGFS, F_OK);
	int tries;

	snprintf(dir, sizeof(dir), DEBUGFS "/%d-%d", getpid(), vm->fd);
	snprintf(path, sizeof(path), "%s/exits", dir);
	file = open(path, O_RDONLY);
	vm_destroy(vm);
	ok(read(fd, buf, 24) == 24, "the statistics outlive the other descriptors");
	if (have)
		ok(!access(dir, F_OK), "they keep the VM, and debugfs its directory");
	close(fd);
	if (!have)
		return;
	if (kvm_is_ours()) {
		ok(access(dir, F_OK) == -1, "without them it is gone");
		ok(read(file, buf, sizeof(buf)) == -1 && errno == EIO, "an open file has nothing to say");
	}
	close(file);
	for (tries = 0; tries < 1000 && !access(dir, F_OK); tries++)
		usleep(1000);
	ok(access(dir, F_OK) == -1, "the directory is gone");
}

int main(void)
{
	tap_start(50);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	test_vcpu();
	test_reads();
	test_bad();
	test_debugfs();
	test_vm();
	test_end();
	return tap_done();
}
