// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tracepoints as perf kvm, trace-cmd and bpftrace scripts know them: names,
 * fields with size and sign in the usual order, and the text of their events.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kvm_test.h"

#define TRACING "/sys/kernel/tracing"
#define EVENTS TRACING "/events/kvm"
#define INSTANCE TRACING "/instances/kvm_tracepoints_test"

struct field {
	const char *decl;	/* as the format file prints it */
	int size;
};

struct event {
	const char *name;
	struct field field[10];
};

/* Other fields may follow. None of these is signed. */
static const struct event events[] = {
	{ "kvm_entry", { { "unsigned int vcpu_id", 4 }, { "unsigned long rip", 8 } } },
	{ "kvm_exit", {
		{ "unsigned int exit_reason", 4 }, { "unsigned long guest_rip", 8 },
		{ "u32 isa", 4 }, { "u64 info1", 8 }, { "u64 info2", 8 },
		{ "u32 intr_info", 4 }, { "u32 error_code", 4 },
		{ "unsigned int vcpu_id", 4 } } },
	{ "kvm_emulate_insn", {
		{ "__u64 rip", 8 }, { "__u32 csbase", 4 }, { "__u8 len", 1 },
		{ "__u8 insn[15]", 15 }, { "__u8 flags", 1 }, { "__u8 failed", 1 } } },
	{ "kvm_mmio", {
		{ "u32 type", 4 }, { "u32 len", 4 }, { "u64 gpa", 8 }, { "u64 val", 8 } } },
	{ "kvm_pio", {
		{ "unsigned int rw", 4 }, { "unsigned int port", 4 },
		{ "unsigned int size", 4 }, { "unsigned int count", 4 },
		{ "unsigned int val", 4 } } },
	{ "kvm_page_fault", {
		{ "unsigned int vcpu_id", 4 }, { "unsigned long guest_rip", 8 },
		{ "u64 fault_address", 8 }, { "u64 error_code", 8 } } },
	{ "kvm_inj_exception", {
		{ "u8 exception", 1 }, { "u8 has_error", 1 }, { "u32 error_code", 4 },
		{ "bool reinjected", 1 } } },
};

/*
 * One of everything; the devices' answers are in answer_devices(). What cannot
 * be emulated comes last: FLDENV from a device for Linux, a descriptor there for
 * us.
 */
GUEST_CODE(everything, 64,
	   "mov $0x5a, %al\n out %al, $0x80\n"
	   "in $0x81, %ax\n"
	   "mov $0x12345678, %eax\n mov %eax, 0xa0010\n"
	   "movzwl 0xa0020, %ebx\n"
	   "mov $0x30000, %esi\n mov $0x82, %edx\n mov $3, %ecx\n rep outsb\n"
	   "xor %eax, %eax\n cpuid\n"
	   "mov $0xa0000, %edi\n fldenv (%rdi)\n mov $0xf, %eax\n mov %eax, %ds\n" GUEST_DONE);
GUEST_CODE(undefined, 64, GUEST_FEP "nop\n" GUEST_FEP "ud2\n");
GUEST_CODE(protection, 64,
	   "mov $0x277, %ecx\n mov $-1, %eax\n mov $-1, %edx\n wrmsr\n");

/* The vendor's names of what these exits have for a reason. */
static const struct reasons {
	const char *io, *page_fault, *cpuid, *msr, *exception;
} svm = { "io", "npf", "cpuid", "msr", "UD excp" }, vmx = {
	"IO_INSTRUCTION", "EPT_VIOLATION", "CPUID", "MSR_WRITE", "EXCEPTION_NMI",
}, *reasons;

static char *trace_text;

static bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	bool done;

	if (fd < 0)
		return false;
	done = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return done;
}

/* The whole file, to be freed; NULL when it cannot be read. */
static char *read_text(const char *path)
{
	size_t size = 1 << 20, n = 0;
	char *text = malloc(size);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t r = -1;

	while (text && fd >= 0 && n < size - 1 && (r = read(fd, text + n, size - 1 - n)) > 0)
		n += r;
	if (fd >= 0)
		close(fd);
	if (r < 0) {
		free(text);
		return NULL;
	}
	text[n] = 0;
	return text;
}

/* The declared field @f of a format text behind @from; its place, or NULL. */
static const char *find_field(const char *from, const struct field *f)
{
	char line[80], attributes[64];
	const char *at, *offset;

	snprintf(line, sizeof(line), "field:%s;", f->decl);
	at = strstr(from, line);
	if (!at)
		return NULL;
	offset = strstr(at, "offset:");
	offset = offset ? strchr(offset, ';') : NULL;
	snprintf(attributes, sizeof(attributes), ";\tsize:%d;\tsigned:0;\n", f->size);
	if (!offset || strncmp(offset, attributes, strlen(attributes)))
		return NULL;
	return offset;
}

static void test_format(const struct event *event)
{
	const struct field *f;
	const char *at;
	char path[128];
	char *text;

	snprintf(path, sizeof(path), EVENTS "/%s/format", event->name);
	text = read_text(path);
	if (!ok(text, "event %s exists", event->name))
		return;
	at = strstr(text, "common_pid");
	for (f = event->field; at && f->decl; f++) {
		at = find_field(at, f);
		ok(at, "%s has %s next", event->name, f->decl);
	}
	free(text);
}

static bool enable_all(void)
{
	char path[128];
	unsigned int i;

	if (mkdir(INSTANCE, 0700) && errno != EEXIST)
		return false;
	for (i = 0; i < ARRAY_SIZE(events); i++) {
		snprintf(path, sizeof(path), INSTANCE "/events/kvm/%s/enable", events[i].name);
		if (!write_text(path, "1"))
			return false;
	}
	return write_text(INSTANCE "/trace", "");
}

static void remove_instance(void)
{
	write_text(INSTANCE "/events/kvm/enable", "0");
	rmdir(INSTANCE);
}

/* Run to something that is no device access. */
static void run_with_devices(struct vcpu *vcpu)
{
	static const u8 answer[8] = { 0x34, 0x12 };
	struct kvm_run *run = vcpu->run;
	struct guest_fault f;
	int i, reason;

	for (i = 0; i < 32; i++) {
		reason = run_until_exit(vcpu);
		if (reason == KVM_EXIT_IO && !at_done(vcpu) && !vcpu_fault(vcpu, &f)) {
			if (run->io.direction == KVM_EXIT_IO_IN)
				memcpy((u8 *)run + run->io.data_offset, answer, run->io.size);
		} else if (reason == KVM_EXIT_MMIO) {
			if (!run->mmio.is_write)
				memcpy(run->mmio.data, answer, run->mmio.len);
		} else {
			break;
		}
	}
}

static void set_device_ldt(struct vcpu *vcpu)
{
	struct kvm_sregs sregs;

	vcpu_get_sregs(vcpu, &sregs);
	sregs.ldt = (struct kvm_segment){
		.base = MMIO_GPA, .limit = 0xff, .selector = SEL_TSS, .type = 2, .present = 1,
	};
	vcpu_set_sregs(vcpu, &sregs);
}

static void record(void)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_create(vm);

	load_code(vcpu, MODE_LONG64, everything);
	set_device_ldt(vcpu);
	run_with_devices(vcpu);
	load_code(vcpu, MODE_LONG64, undefined);
	run_until_exit(vcpu);
	load_code(vcpu, MODE_LONG64, protection);
	run_until_exit(vcpu);
	vm_destroy(vm);
	trace_text = read_text(INSTANCE "/trace");
}

/* Is there a line "<event>: ...<text>..."? */
static bool traced(const char *event, const char *text)
{
	char start[64], line[512];
	const char *at = trace_text, *end;
	size_t len;

	snprintf(start, sizeof(start), " %s: ", event);
	while (at && (at = strstr(at, start))) {
		len = strcspn(at, "\n");
		end = at + len;
		if (len >= sizeof(line))
			len = sizeof(line) - 1;
		memcpy(line, at, len);
		line[len] = 0;
		if (strstr(line, text))
			return true;
		at = end;
	}
	return false;
}

static void expect_line(const char *event, const char *text)
{
	ok(traced(event, text), "%s: %s", event, text);
}

/* The same with the vendor's name of the exit between the two halves. */
static void expect_reason(const char *event, const char *before, const char *reason,
			  const char *after)
{
	char text[128];

	snprintf(text, sizeof(text), "%s%s%s", before, reason, after);
	expect_line(event, text);
}

static void test_lines(void)
{
	expect_line("kvm_entry", "vcpu 0, rip 0x10000");
	expect_reason("kvm_exit", "vcpu 0 reason ", reasons->io, " rip 0x10002 info1 0x");
	expect_reason("kvm_exit", "vcpu 0 reason ", reasons->page_fault, " rip 0x");
	expect_reason("kvm_exit", "vcpu 0 reason ", reasons->cpuid, " rip 0x");
	expect_reason("kvm_exit", "vcpu 0 reason ", reasons->msr, " rip 0x");
	expect_reason("kvm_exit", "reason ", reasons->exception, " rip 0x");
	expect_line("kvm_exit", " intr_info 0x00000000 error_code 0x00000000");
	expect_line("kvm_pio", "pio_write at 0x80 size 1 count 1 val 0x5a ");
	expect_line("kvm_pio", "pio_read at 0x81 size 2 count 1 val 0x1234 ");
	expect_line("kvm_mmio", "mmio write len 4 gpa 0xa0010 val 0x12345678");
	expect_line("kvm_mmio", "mmio unsatisfied-read len 2 gpa 0xa0020 val 0x0");
	expect_line("kvm_mmio", "mmio read len 2 gpa 0xa0020 val 0x1234");
	expect_line("kvm_page_fault", "vcpu 0 rip 0x10000 address 0x00000000000");
	expect_line("kvm_inj_exception", "#UD");
	expect_line("kvm_inj_exception", "#GP (0x0)");
	expect_line("kvm_emulate_insn", "0:1000c:89 04 25 10 00 0a 00 (prot64)");
}

/* What ours print beyond the well-known part. */
static void test_own_lines(void)
{
	expect_line("kvm_pio", "pio_write at 0x82 size 1 count 3 val 0x0 (...)");
	expect_line("kvm_emulate_insn", "insn='mov");
	expect_reason("kvm_emulate_insn", "reason=", reasons->page_fault,
		      " type=ALLOW_RETRY_PF|PF result=");
	expect_line("kvm_emulate_insn", "insn='rep outsb");
	expect_reason("kvm_emulate_insn", "reason=", reasons->io, " type=- result=");
	expect_line("kvm_emulate_insn", "insn='fldenv");
	expect_line("kvm_emulate_insn", "insn='mov ds, ax'");
	expect_line("kvm_emulate_insn", "(prot64) failed");
	if (forced_emulation_missing())
		skip("forced nop", forced_emulation_missing());
	else
		expect_reason("kvm_emulate_insn", "90 (prot64) insn='nop' reason=",
			      reasons->exception, " type=TRAP_UD_FORCED result=done");
}

int main(void)
{
	unsigned int i;

	tap_start(30);
	if (access(EVENTS, F_OK))
		skip_all("no tracefs with the events of kvm");
	reasons = strcmp(modules_vendor(), "kvm_amd") ? &vmx : &svm;
	forced_emulation_missing();
	for (i = 0; i < ARRAY_SIZE(events); i++)
		test_format(&events[i]);
	atexit(remove_instance);
	if (!enable_all())
		bail("cannot trace into " INSTANCE);
	record();
	if (!trace_text)
		bail("cannot read the trace");
	test_lines();
	if (kvm_is_ours())
		test_own_lines();
	else
		skip("mnemonic, reason and result in kvm_emulate_insn", "ours only");
	if (getenv("KVM_TEST_VERBOSE"))
		fputs(trace_text, stderr);
	free(trace_text);
	return tap_done();
}
