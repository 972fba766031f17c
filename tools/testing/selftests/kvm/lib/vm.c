// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kvm_test.h"
#include "tables.h"

int kvm_ioctl_val(int fd, unsigned long request, unsigned long value)
{
	int r = ioctl(fd, request, value);

	return r < 0 ? -errno : r;
}

int kvm_ioctl(int fd, unsigned long request, const void *arg)
{
	return kvm_ioctl_val(fd, request, (unsigned long)arg);
}

int open_kvm(void)
{
	int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		skip_all("/dev/kvm cannot be opened");
	return fd;
}

int kvm_has(int capability)
{
	int fd = open_kvm();
	int r = kvm_ioctl_val(fd, KVM_CHECK_EXTENSION, capability);

	close(fd);
	return r;
}

/* Modules built outside the kernel's tree carry the taint O. */
bool kvm_is_ours(void)
{
	static int known = -1;
	char taint[16] = "";
	int fd;

	if (known >= 0)
		return known;
	known = 0;
	fd = open("/sys/module/kvm/taint", O_RDONLY);
	if (fd < 0)
		return false;
	if (read(fd, taint, sizeof(taint) - 1) > 0)
		known = !!strchr(taint, 'O');
	close(fd);
	return known;
}

struct vm *vm_create_bare(void)
{
	struct vm *vm = calloc(1, sizeof(*vm));

	if (!vm)
		bail("out of memory");
	vm->kvm_fd = open_kvm();
	vm->fd = must(kvm_ioctl_val(vm->kvm_fd, KVM_CREATE_VM, 0));
	vm->run_size = must(kvm_ioctl_val(vm->kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0));
	return vm;
}

struct vm *vm_create(void)
{
	struct vm *vm = vm_create_bare();

	vm_add_region(vm, 0, 0, 0, RAM_END);
	vm_add_region(vm, 1, 0, HIGH_GPA, HIGH_SIZE);
	write_guest_tables(vm);
	return vm;
}

void vm_destroy(struct vm *vm)
{
	int i;

	for (i = 0; i < vm->nr_vcpus; i++) {
		munmap(vm->vcpu[i].run, vm->run_size);
		close(vm->vcpu[i].fd);
	}
	close(vm->fd);
	close(vm->kvm_fd);
	for (i = 0; i < MAX_REGIONS; i++)
		if (vm->region[i].size)
			munmap(vm->region[i].hva, vm->region[i].size);
	free(vm);
}

int vm_set_region(struct vm *vm, u32 slot, u32 flags, u64 gpa, u64 size,
		  const void *hva)
{
	struct kvm_userspace_memory_region region = {
		.slot = slot,
		.flags = flags,
		.guest_phys_addr = gpa,
		.memory_size = size,
		.userspace_addr = (unsigned long)hva,
	};

	return kvm_ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &region);
}

u8 *vm_add_region(struct vm *vm, u32 slot, u32 flags, u64 gpa, u64 size)
{
	void *hva = mmap(NULL, size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (hva == MAP_FAILED)
		bail("mmap of guest memory: %s", strerror(errno));
	must(vm_set_region(vm, slot, flags, gpa, size, hva));
	if (slot < MAX_REGIONS)
		vm->region[slot] = (struct region){ gpa, size, hva };
	return hva;
}

void vm_del_region(struct vm *vm, u32 slot)
{
	struct region *region = &vm->region[slot];

	must(vm_set_region(vm, slot, 0, region->gpa, 0, region->hva));
	munmap(region->hva, region->size);
	region->size = 0;
}

void *gpa_to_hva(struct vm *vm, u64 gpa)
{
	int i;

	for (i = 0; i < MAX_REGIONS; i++) {
		struct region *region = &vm->region[i];

		if (gpa >= region->gpa && gpa - region->gpa < region->size)
			return region->hva + (gpa - region->gpa);
	}
	bail("guest physical address %#llx is not RAM", (unsigned long long)gpa);
}

void vm_write(struct vm *vm, u64 gpa, const void *src, size_t size)
{
	if (size)
		gpa_to_hva(vm, gpa + size - 1);
	memcpy(gpa_to_hva(vm, gpa), src, size);
}

struct kvm_cpuid2 *get_supported_cpuid(int kvm_fd)
{
	const u32 nent = 256;
	struct kvm_cpuid2 *cpuid;

	cpuid = calloc(1, sizeof(*cpuid) + nent * sizeof(cpuid->entries[0]));
	if (!cpuid)
		bail("out of memory");
	cpuid->nent = nent;
	must(kvm_ioctl(kvm_fd, KVM_GET_SUPPORTED_CPUID, cpuid));
	return cpuid;
}

void vcpu_set_supported_cpuid(struct vcpu *vcpu)
{
	struct kvm_cpuid2 *cpuid = get_supported_cpuid(vcpu->vm->kvm_fd);

	must(kvm_ioctl(vcpu->fd, KVM_SET_CPUID2, cpuid));
	free(cpuid);
}

void guest_cpuid(u32 *eax, u32 *ebx, u32 *ecx, u32 *edx)
{
	static struct kvm_cpuid2 *cpuid;
	u32 leaf = *eax, sub = *ecx;
	unsigned int i;
	int fd;

	if (!cpuid) {
		fd = open_kvm();
		cpuid = get_supported_cpuid(fd);
		close(fd);
	}
	*eax = *ebx = *ecx = *edx = 0;
	for (i = 0; i < cpuid->nent; i++) {
		const struct kvm_cpuid_entry2 *e = &cpuid->entries[i];

		if (e->function != leaf ||
		    (e->flags & KVM_CPUID_FLAG_SIGNIFCANT_INDEX && e->index != sub))
			continue;
		*eax = e->eax;
		*ebx = e->ebx;
		*ecx = e->ecx;
		*edx = e->edx;
		return;
	}
}

struct vcpu *vcpu_create(struct vm *vm)
{
	struct vcpu *vcpu = &vm->vcpu[vm->nr_vcpus];

	if (vm->nr_vcpus == MAX_VCPUS)
		bail("too many vCPUs in one test");
	vcpu->vm = vm;
	vcpu->id = vm->nr_vcpus;
	vcpu->fd = must(kvm_ioctl_val(vm->fd, KVM_CREATE_VCPU, vcpu->id));
	vcpu->run = mmap(NULL, vm->run_size, PROT_READ | PROT_WRITE, MAP_SHARED,
			 vcpu->fd, 0);
	if (vcpu->run == MAP_FAILED)
		bail("mmap of kvm_run: %s", strerror(errno));
	vm->nr_vcpus++;
	vcpu_set_supported_cpuid(vcpu);
	return vcpu;
}

void vcpu_get_regs(struct vcpu *vcpu, struct kvm_regs *regs)
{
	must(kvm_ioctl(vcpu->fd, KVM_GET_REGS, regs));
}

void vcpu_set_regs(struct vcpu *vcpu, const struct kvm_regs *regs)
{
	must(kvm_ioctl(vcpu->fd, KVM_SET_REGS, regs));
}

void vcpu_get_sregs(struct vcpu *vcpu, struct kvm_sregs *sregs)
{
	must(kvm_ioctl(vcpu->fd, KVM_GET_SREGS, sregs));
}

void vcpu_set_sregs(struct vcpu *vcpu, const struct kvm_sregs *sregs)
{
	must(kvm_ioctl(vcpu->fd, KVM_SET_SREGS, sregs));
}

union one_msr {
	struct kvm_msrs list;
	u8 room[sizeof(struct kvm_msrs) + sizeof(struct kvm_msr_entry)];
};

int vcpu_get_msr(struct vcpu *vcpu, u32 index, u64 *value)
{
	union one_msr msr = { .list.nmsrs = 1 };
	int r;

	msr.list.entries[0].index = index;
	r = kvm_ioctl(vcpu->fd, KVM_GET_MSRS, &msr);
	*value = msr.list.entries[0].data;
	return r;
}

int vcpu_set_msr(struct vcpu *vcpu, u32 index, u64 value)
{
	union one_msr msr = { .list.nmsrs = 1 };

	msr.list.entries[0].index = index;
	msr.list.entries[0].data = value;
	return kvm_ioctl(vcpu->fd, KVM_SET_MSRS, &msr);
}
