// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kvm_test.h"

static const char *vendor, *vendor_file, *directory;
static char prefix_option[64], vendor_options[1024];

static bool choose_vendor(void)
{
	if (!access("/sys/module/kvm_amd", F_OK)) {
		vendor = "kvm_amd";
		vendor_file = "kvm-amd.ko";
	} else if (!access("/sys/module/kvm_intel", F_OK)) {
		vendor = "kvm_intel";
		vendor_file = "kvm-intel.ko";
	}
	return vendor;
}

/* What is Y or N: "make check-vmx" runs everything with unrestricted_guest=0, too. */
static void keep_vendor_options(void)
{
	char path[512];
	struct dirent *e;
	size_t n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/module/%s/parameters", vendor);
	dir = opendir(path);
	while (dir && (e = readdir(dir))) {
		char value;

		snprintf(path, sizeof(path), "/sys/module/%s/parameters/%s", vendor, e->d_name);
		value = read_flag(path);
		if (value != 'Y' && value != 'N')
			continue;
		n += snprintf(vendor_options + n, sizeof(vendor_options) - n, " %s=%c", e->d_name,
			      value);
		if (n >= sizeof(vendor_options))
			bail("%s has too many parameters", vendor);
	}
	if (dir)
		closedir(dir);
}

const char *modules_missing(void)
{
	char path[256], forced;

	if (!vendor && !choose_vendor())
		return "neither kvm_amd nor kvm_intel is a loaded module";
	if (geteuid())
		return "not root";
	directory = getenv("KVM_TEST_MODULES");
	if (directory) {
		snprintf(path, sizeof(path), "%s/%s", directory, vendor_file);
		if (access(path, R_OK))
			return "no module files in KVM_TEST_MODULES";
	} else if (system("command -v modprobe >/dev/null 2>&1") ||
		   system("modprobe -n kvm >/dev/null 2>&1")) {
		return "no modprobe, and KVM_TEST_MODULES is not set";
	}
	forced = read_flag("/sys/module/kvm/parameters/force_emulation_prefix");
	if (forced >= '0' && forced <= '3')
		snprintf(prefix_option, sizeof(prefix_option), "force_emulation_prefix=%c",
			 forced);
	vendor_options[0] = 0;
	keep_vendor_options();
	return NULL;
}

const char *modules_vendor(void)
{
	return vendor || choose_vendor() ? vendor : "";
}

/* Its firmware's tables are those of QEMU, which however says that it is a hypervisor. */
static bool look_for_bochs(void)
{
	u32 eax = 1, ebx, ecx = 0, edx;
	char table[16] = "";
	int fd;

	asm volatile("cpuid" : "+a" (eax), "=b" (ebx), "+c" (ecx), "=d" (edx));
	if (ecx >> 31)
		return false;
	fd = open("/sys/firmware/acpi/tables/FACP", O_RDONLY);
	if (fd >= 0) {
		if (read(fd, table, sizeof(table)) != sizeof(table))
			table[0] = 0;
		close(fd);
	}
	return !memcmp(table + 10, "BOCHS", 5);
}

bool machine_is_bochs(void)
{
	static int known = -1;

	if (known < 0)
		known = look_for_bochs();
	return known;
}

int module_unload(const char *name)
{
	int r = syscall(SYS_delete_module, name, O_NONBLOCK);

	return r < 0 ? -errno : 0;
}

static int load_file(const char *file, const char *options)
{
	char path[256];
	int fd, r;

	snprintf(path, sizeof(path), "%s/%s", directory, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = syscall(SYS_finit_module, fd, options, 0);
	if (r < 0)
		r = -errno;
	close(fd);
	return r;
}

int vendor_load(const char *options)
{
	char all[sizeof(vendor_options) + 192], line[sizeof(all) + 64];

	snprintf(all, sizeof(all), "%s %s", vendor_options, options);
	if (directory)
		return load_file(vendor_file, all);
	snprintf(line, sizeof(line), "modprobe %s %s", vendor, all);
	return system(line) ? -EIO : 0;
}

int modules_load(const char *kvm_options)
{
	char options[192], line[256];
	int r;

	snprintf(options, sizeof(options), "%s %s", prefix_option, kvm_options);
	snprintf(line, sizeof(line), "modprobe kvm %s", options);
	if (directory)
		r = load_file("kvm.ko", options);
	else
		r = system(line) ? -EIO : 0;
	return r ? r : vendor_load("");
}
