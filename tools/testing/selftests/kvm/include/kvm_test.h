/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guest tests through /dev/kvm: TAP output, virtual machines, guest modes,
 * exception reports and the forced-emulation comparison.
 *
 * Everything here runs in the test's own process, in user mode. Unless noted
 * otherwise the functions are for the main thread, end the test with a "Bail
 * out!" line when the machinery itself fails (no memory, no /dev/kvm), and
 * report what is being tested through ok().
 */
#ifndef KVM_TEST_H
#define KVM_TEST_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <linux/kvm.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define __printf(f, a) __attribute__((format(printf, f, a)))
#define PAGE_SIZE 4096ul

/* ---- TAP ---------------------------------------------------------------- */

/* Exit code of a program whose every result was a skip (kselftest). */
#define KSFT_SKIP 4

/* Report one result and return @cond. The name is printf-formatted. */
bool ok(bool cond, const char *fmt, ...) __printf(2, 3);
/* Report @got == @want; a mismatch prints both in hexadecimal. */
bool ok_eq(u64 got, u64 want, const char *fmt, ...) __printf(3, 4);
/* Report one skipped result; @name was not tried because of @reason. */
void skip(const char *name, const char *reason);
/* A diagnostic line: "# ...". */
void note(const char *fmt, ...) __printf(1, 2);
/* Skip the whole program: prints the summary and exits 4. */
void skip_all(const char *reason) __attribute__((noreturn));
/* The test cannot go on: counts as a failure, prints the summary, exits 1. */
void bail(const char *fmt, ...) __printf(1, 2) __attribute__((noreturn));
/* Print plan and summary; return the exit code for main(): 0, 1 or 4. */
int tap_done(void);
/*
 * Line-buffer stdout and end the program as a failure after @seconds times
 * test_slowness(). Called
 * by every test first. May be called again to prolong the limit.
 */
void tap_start(unsigned int seconds);

/* ---- system calls ------------------------------------------------------- */

/* ioctl() that returns the negative errno instead of -1. Any thread. */
int kvm_ioctl(int fd, unsigned long request, const void *arg);
/* The same for requests whose argument is a number. Any thread. */
int kvm_ioctl_val(int fd, unsigned long request, unsigned long value);
/* Open /dev/kvm, or skip the whole program when it is absent. */
int open_kvm(void);
/* KVM_CHECK_EXTENSION on /dev/kvm (not on a VM). */
int kvm_has(int capability);
/*
 * False on the distribution's own modules. For what those are known not to do:
 * skip with a reason there, insist here.
 */
bool kvm_is_ours(void);
/* Bail out unless @value is >= 0; return it. */
int must_be(int value, const char *what);
#define must(expr) must_be((expr), #expr)
/* Read the first character of a file; 0 when it cannot be read. */
char read_flag(const char *path);

/* ---- the kernel's memory ------------------------------------------------- */

/* How many times longer than usual things may take: KVM_TEST_SLOW, 1 without. Any thread. */
unsigned int test_slowness(void);

/* -1: not known. */
struct kernel_memory {
	long slab_kb, tables_kb, available_kb;
	long module_users;	/* file descriptors of KVM, by the vendor module's references */
};

/* Fill @m after a moment's wait. */
void kernel_memory(struct kernel_memory *m);
/* True on a kernel that keeps freed memory back, to catch its late users. */
bool kernel_memory_lags(void);

/* ---- the modules --------------------------------------------------------- */

/*
 * NULL when kvm and its vendor module can be unloaded and loaded again, else
 * why not. Call before those that unload and load. KVM_TEST_MODULES names the directory
 * with the .ko files; without it modprobe is asked.
 */
const char *modules_missing(void);
/* "kvm_amd" or "kvm_intel"; "" without either. */
const char *modules_vendor(void);
/*
 * The tests run on Bochs, whose processor differs from the manuals here and there.
 * Only for what the distribution's modules show there, too.
 */
bool machine_is_bochs(void);
/* Unload one module: 0 or a negative errno. */
int module_unload(const char *name);
/*
 * Load kvm and the vendor module: 0 or a negative errno. kvm gets the
 * force_emulation_prefix it had at modules_missing(), and @kvm_options; the vendor
 * module gets what its parameters were then.
 */
int modules_load(const char *kvm_options);
/* Load the vendor module only, with what its parameters were but for @options. */
int vendor_load(const char *options);

/* ---- guest physical layout ---------------------------------------------- */

/*
 * vm_create() gives a guest RAM at [0, RAM_END) and [HIGH_GPA, HIGH_GPA +
 * HIGH_SIZE); everything else is MMIO. All paging modes map the low 4 GiB to
 * itself, user-accessible and writable, the first 2 MiB (4 MiB without PAE)
 * with 4 KiB pages.
 */
#define GDT_GPA		0x1000ul
#define TSS64_GPA	0x1400ul
#define TSS32_GPA	0x1480ul
#define IDT64_GPA	0x1800ul
#define IDT32_GPA	0x1c00ul
#define IDT16_GPA	0x1e00ul
#define STUB_GPA	0x3000ul	/* exception stubs, four sets of 64 */
#define PML4_GPA	0x4000ul
#define PDPT_GPA	0x5000ul	/* of long mode */
#define PDPT_PAE_GPA	0x6000ul
#define PD_GPA		0x7000ul	/* four pages, 8-byte entries */
#define PT_GPA		0xb000ul	/* first 2 MiB, 8-byte entries */
#define PD32_GPA	0xc000ul
#define PT32_GPA	0xd000ul	/* first 4 MiB, 4-byte entries */
#define CODE_GPA	0x10000ul	/* where load_code() puts code, 64 KiB */
#define STACK_GPA	0x20000ul	/* 64 KiB of stacks, one page per vCPU */
#define STACK_TOP	0x2fff0ul	/* of vCPU 0 */
#define DATA_GPA	0x30000ul	/* free for the test up to RAM_END */
#define RAM_END		0xa0000ul
#define MMIO_GPA	0xa0000ul	/* MMIO up to HIGH_GPA, real mode reaches it */
#define HIGH_GPA	0x100000ul
#define HIGH_SIZE	0x300000ul

#define NR_VECTORS 64			/* vectors with a reporting handler */

/* Ports the library and its tests end an excursion of the guest with. */
#define PORT_FAULT 0xe0			/* written by the exception stubs */
#define PORT_DONE 0xe4			/* written by GUEST_DONE */

/* Page table bits. */
#define PTE_P		(1ull << 0)
#define PTE_W		(1ull << 1)
#define PTE_U		(1ull << 2)
#define PTE_A		(1ull << 5)
#define PTE_D		(1ull << 6)
#define PTE_PS		(1ull << 7)
#define PTE_NX		(1ull << 63)

/* Control register and EFER bits. */
#define CR0_PE		(1ull << 0)
#define CR0_MP		(1ull << 1)
#define CR0_EM		(1ull << 2)
#define CR0_TS		(1ull << 3)
#define CR0_ET		(1ull << 4)
#define CR0_NE		(1ull << 5)
#define CR0_WP		(1ull << 16)
#define CR0_AM		(1ull << 18)
#define CR0_PG		(1ull << 31)
#define CR4_PSE		(1ull << 4)
#define CR4_PAE		(1ull << 5)
#define CR4_OSFXSR	(1ull << 9)
#define CR4_OSXMMEXCPT	(1ull << 10)
#define CR4_OSXSAVE	(1ull << 18)
#define EFER_SCE	(1ull << 0)
#define EFER_LME	(1ull << 8)
#define EFER_LMA	(1ull << 10)
#define EFER_NXE	(1ull << 11)

#define FLAG_CF		(1ull << 0)
#define FLAG_FIXED	(1ull << 1)
#define FLAG_ZF		(1ull << 6)
#define FLAG_TF		(1ull << 8)
#define FLAG_IF		(1ull << 9)
#define FLAG_DF		(1ull << 10)
#define FLAG_RF		(1ull << 16)

/* Exception vectors (UD_VECTOR, ...) come from asm/kvm.h. */

/* Selectors of the GDT that vm_create() writes. */
enum {
	SEL_CODE64 = 0x08, SEL_DATA = 0x10, SEL_CODE32 = 0x18,
	SEL_CODE16_FLAT = 0x20,		/* base 0, limit 64 KiB */
	SEL_CODE16 = 0x28,		/* base CODE_GPA */
	SEL_DATA16 = 0x30,		/* base DATA_GPA */
	SEL_STACK16 = 0x38,		/* base STACK_GPA */
	SEL_MMIO16 = 0x40,		/* base MMIO_GPA */
	SEL_USER_CODE64 = 0x4b, SEL_USER_DATA = 0x53, SEL_USER_CODE32 = 0x5b,
	SEL_TSS = 0x60,			/* 64-bit, two entries */
	SEL_TSS32 = 0x70,
};

/* ---- guest code --------------------------------------------------------- */

/*
 * Guest code lives in the test's C file:
 *
 *	GUEST_CODE(hello, 64, "mov $1, %eax\n" GUEST_DONE);
 *
 * defines hello[] and hello_end[]. It must be position independent: local
 * labels and absolute numbers only.
 */
#define GUEST_CODE(name, bits, body)					\
	asm(".pushsection .rodata.guest, \"a\"\n"			\
	    ".code" #bits "\n"						\
	    #name ":\n" body "\n" #name "_end:\n"			\
	    ".code64\n.popsection\n");					\
	extern const u8 name[], name##_end[]

#define GUEST_STR1(x) #x
#define GUEST_STR(x) GUEST_STR1(x)
/* Leave to the test with KVM_EXIT_IO on PORT_DONE; valid in every mode. */
#define GUEST_DONE "out %al, $" GUEST_STR(PORT_DONE) "\n"
/*
 * First in code that runs until an interrupt of the host's comes: Bochs 2.7 lets none through
 * while the guest's IF is clear, whatever the pin-based controls say.
 */
#define GUEST_INTERRUPTIBLE "sti\n"
/* The forced-emulation prefix, to be followed by the instruction. */
#define GUEST_FEP "ud2\n.ascii \"kvm\"\n"

/* ---- virtual machines --------------------------------------------------- */

enum guest_mode {
	MODE_REAL16,	/* CS DS ES SS at CODE_GPA, DATA_GPA, MMIO_GPA, STACK_GPA */
	MODE_PROT16,	/* the same bases through the GDT, no paging */
	MODE_PROT32,	/* flat, no paging */
	MODE_PAGED32,	/* flat, 2-level paging */
	MODE_PAE32,	/* flat, PAE paging */
	MODE_COMPAT32,	/* flat 32-bit code in long mode */
	MODE_LONG64,	/* 64-bit code, 4-level paging */
	NR_MODES,
};

/* "real16", "prot16", ... */
const char *mode_name(enum guest_mode mode);
/* Width of the mode's default operands: 16, 32 or 64. */
int mode_bits(enum guest_mode mode);

struct vm;

struct vcpu {
	struct vm *vm;
	int fd;
	unsigned int id;
	enum guest_mode mode;
	struct kvm_run *run;
	bool fpu_primed;
};

#define MAX_REGIONS 16
#define MAX_VCPUS 8

struct region {
	u64 gpa, size;	/* bytes; size 0: unused */
	u8 *hva;
};

struct vm {
	int kvm_fd, fd;
	int run_size;
	struct region region[MAX_REGIONS];	/* index is the slot id */
	struct vcpu vcpu[MAX_VCPUS];
	int nr_vcpus;
};

/* A VM with the memory and tables described above and no vCPU. */
struct vm *vm_create(void);
/* A VM without memory and without vCPU. */
struct vm *vm_create_bare(void);
/* Close and unmap everything; ends all vCPUs. */
void vm_destroy(struct vm *vm);

/*
 * Set slot @slot of address space 0 to fresh zeroed anonymous memory. Bails
 * out on failure. Returns the host address.
 */
u8 *vm_add_region(struct vm *vm, u32 slot, u32 flags, u64 gpa, u64 size);
/* The bare ioctl: 0 or a negative errno. Changes no record in @vm. */
int vm_set_region(struct vm *vm, u32 slot, u32 flags, u64 gpa, u64 size,
		  const void *hva);
/* Delete the slot and unmap its memory. */
void vm_del_region(struct vm *vm, u32 slot);
/* Host address of guest physical @gpa; bails out when it is not RAM. */
void *gpa_to_hva(struct vm *vm, u64 gpa);
/* Copy guest code or data to @gpa. */
void vm_write(struct vm *vm, u64 gpa, const void *src, size_t size);
/*
 * Map the 4 KiB page at @gva (below 2 MiB; 4 MiB in MODE_PAGED32) to @gpa with
 * PTE_* @bits in the tables of every mode. Take effect on the guest's next
 * TLB flush: call before the guest touches it, or reload CR3 by vcpu_setup().
 */
void vm_map(struct vm *vm, u64 gva, u64 gpa, u64 bits);

/* ---- vCPUs -------------------------------------------------------------- */

/* A vCPU with the supported CPUID set and reset state otherwise. */
struct vcpu *vcpu_create(struct vm *vm);
/* KVM_SET_CPUID2 with everything KVM_GET_SUPPORTED_CPUID offers. */
void vcpu_set_supported_cpuid(struct vcpu *vcpu);
/* What CPUID says there: leaf and subleaf in EAX and ECX. */
void guest_cpuid(u32 *eax, u32 *ebx, u32 *ecx, u32 *edx);
/* Free the result with free(). */
struct kvm_cpuid2 *get_supported_cpuid(int kvm_fd);

/*
 * Bring the vCPU into @mode: segments, tables, control registers; RIP at
 * CODE_GPA, stack pointer at its own stack, other registers zero. Callable at
 * any time outside KVM_RUN.
 */
void vcpu_setup(struct vcpu *vcpu, enum guest_mode mode);
/*
 * After vcpu_setup() of a 32-bit protected or a 64-bit mode: go to CPL 3. In
 * the 32-bit ones the guest must not take an exception there: QEMU 7.2 aborts
 * when a guest of its SVM leaves CPL 3 by a 32-bit TSS.
 */
void vcpu_set_user(struct vcpu *vcpu);
/* vcpu_setup() and copy code to CODE_GPA. See load_code(). */
void vcpu_load(struct vcpu *vcpu, enum guest_mode mode, const u8 *code,
	       const u8 *end);
/* load_code(vcpu, MODE_LONG64, hello): enter @mode at GUEST_CODE @name. */
#define load_code(vcpu, mode, name) vcpu_load(vcpu, mode, name, name##_end)

/*
 * Let the guest use its x87 and SSE registers once. On Linux 6.1 KVM_SET_FPU
 * is lost as long as they are in the initial state of XSAVE.
 */
void vcpu_prime_fpu(struct vcpu *vcpu);

void vcpu_get_regs(struct vcpu *vcpu, struct kvm_regs *regs);
void vcpu_set_regs(struct vcpu *vcpu, const struct kvm_regs *regs);
void vcpu_get_sregs(struct vcpu *vcpu, struct kvm_sregs *sregs);
void vcpu_set_sregs(struct vcpu *vcpu, const struct kvm_sregs *sregs);
/* One MSR: 1 when read or written, 0 when refused, negative errno. */
int vcpu_get_msr(struct vcpu *vcpu, u32 index, u64 *value);
int vcpu_set_msr(struct vcpu *vcpu, u32 index, u64 value);

/* ---- running ------------------------------------------------------------ */

/* Returned by run_until_exit() when nothing happened within RUN_SECONDS * test_slowness(). */
#define RUN_HUNG (-ETIME)
#define RUN_SECONDS 8

/*
 * KVM_RUN until it leaves. Returns the exit reason, a negative errno, or
 * RUN_HUNG after RUN_SECONDS. Main thread only: it owns SIGALRM.
 */
int run_until_exit(struct vcpu *vcpu);
/* One bare KVM_RUN: 0 or a negative errno. Any thread. */
int vcpu_run(struct vcpu *vcpu);
/* "KVM_EXIT_IO", ...; also for RUN_HUNG and errnos. */
const char *exit_name(int reason);

/* run_until_exit() and report whether the reason is @reason. */
bool expect_exit(struct vcpu *vcpu, int reason, const char *name);
/* Run; report whether the guest reaches GUEST_DONE. */
bool expect_done(struct vcpu *vcpu, const char *name);
/*
 * Run; report whether it is this port access. Returns where the data is (to
 * be read for OUT, to be filled for IN), or NULL. @count counts items.
 */
void *expect_pio(struct vcpu *vcpu, int direction, u16 port, u8 size,
		 u32 count, const char *name);
/* Run; report whether it is a read of @len bytes at @gpa, and answer it. */
bool expect_mmio_read(struct vcpu *vcpu, u64 gpa, u32 len, const void *answer,
		      const char *name);
/* Run; report whether it is a write of these @len bytes at @gpa. */
bool expect_mmio_write(struct vcpu *vcpu, u64 gpa, u32 len, const void *data,
		       const char *name);
/* Run; report whether the guest takes exception @vector. */
bool expect_fault(struct vcpu *vcpu, int vector, const char *name);
/* Does the last exit say GUEST_DONE? */
bool at_done(struct vcpu *vcpu);
/* The last exit in one line, for diagnostics; static buffer. */
const char *describe_exit(struct vcpu *vcpu, int reason);

/*
 * An exception (or interrupt) the guest's handler reported. The handler
 * changes no register before it leaves; when the guest is run again it
 * returns from the exception.
 */
struct guest_fault {
	int vector;
	u64 error_code;		/* 0 when the vector has none */
	u64 rip, cs, rflags;	/* as pushed */
	u64 rsp;		/* before the exception */
	u64 cr2;
};

/* True, and filled in, when the last exit is an exception report. */
bool vcpu_fault(struct vcpu *vcpu, struct guest_fault *fault);

/* ---- native against forced ---------------------------------------------- */

/* What one instruction left behind. */
struct guest_state {
	int reason;			/* exit reason of the run */
	bool done;			/* it retired and the guest went on */
	struct guest_fault fault;	/* vector -1: none */
	struct kvm_regs regs;		/* at the instruction after it, or before the fault */
	struct kvm_sregs sregs;
	struct kvm_fpu fpu;
	u8 data[PAGE_SIZE];		/* at DATA_GPA */
	u8 stack[256];			/* just below and above the stack pointer */
};

struct forced_case {
	enum guest_mode mode;
	bool user;			/* at CPL 3 */
	const u8 *insn;
	size_t len;
	/* General registers; rip and a zero rsp or rflags are supplied. */
	struct kvm_regs regs;
	const struct kvm_fpu *fpu;	/* NULL: reset state */
	const void *data;		/* NULL: a fixed pattern */
	size_t data_size;		/* at most PAGE_SIZE */
	const void *stack;		/* what the stack pointer points to, or NULL */
	size_t stack_size;		/* at most 128 */
};

/* NULL when the prefix can be used (and is now on), else why not. */
const char *forced_emulation_missing(void);
/* Run the instruction once; @forced puts the prefix before it. */
void run_insn(struct vcpu *vcpu, const struct forced_case *c, bool forced,
	      struct guest_state *state);
/*
 * Run natively and forced, and compare. Bits of @flags_mask are the flags that
 * count. Returns NULL when equal, else what differs (static buffer). On other
 * modules than ours an instruction that they do not emulate is NOT_EMULATED.
 */
const char *compare_forced(struct vcpu *vcpu, const struct forced_case *c,
			   u64 flags_mask);
extern const char NOT_EMULATED[];

/*
 * A list of instructions, for walk_forced():
 *
 *	GUEST_CODE(moves, 64, INSN("mov %eax, %ebx") INSN("lea 4(%rdi), %rax"));
 */
#define INSN(text) \
	"2: .byte 4f - 3f\n 3: " text "\n 4: .asciz \"" text "\"\n"

struct forced_list {
	const u8 *insns, *end;
	u64 flags_mask;
	bool user;
	/* 0, or the general register values for all of them instead of the usual. */
	const struct kvm_regs *regs;
	const void *data, *stack;	/* see struct forced_case */
	size_t data_size, stack_size;
};

#define FORCED_LIST(name) .insns = name, .end = name##_end

/*
 * Compare each instruction of the list in @mode and report each. Usual
 * register values: RDI, RSI, RBP point into the data page, the others hold
 * several patterns in turn.
 */
void walk_forced(struct vcpu *vcpu, enum guest_mode mode, const struct forced_list *list);
/* All lists of an array. */
#define WALK_FORCED(vcpu, mode, lists) do {					\
	for (size_t n_ = 0; n_ < ARRAY_SIZE(lists); n_++)			\
		walk_forced(vcpu, mode, &(lists)[n_]);				\
} while (0)

#endif
