// SPDX-License-Identifier: GPL-2.0-only
/* The sandbox: its pages and segments, and what a signal tells about the instruction. */
#define _GNU_SOURCE
#include <asm/ldt.h>
#include <cpuid.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>
#include "machine_trap.h"
#include "sandbox.h"

#define CHECK_OFFSET(member, at)						\
	_Static_assert(offsetof(struct sb_state, member) == (at), #member)
CHECK_OFFSET(host_fs, SB_HOST_FS);
CHECK_OFFSET(entry_offset, SB_ENTRY);
CHECK_OFFSET(running, SB_RUNNING);
CHECK_OFFSET(signal_fs, SB_SIGNAL_FS);
CHECK_OFFSET(xmask, SB_XMASK);
CHECK_OFFSET(exit, SB_EXIT);
CHECK_OFFSET(in, SB_IN);
CHECK_OFFSET(out, SB_OUT);
CHECK_OFFSET(init, SB_INIT);
CHECK_OFFSET(fpu_in, SB_FPU_IN);
CHECK_OFFSET(fpu_out, SB_FPU_OUT);
_Static_assert(offsetof(struct sb_regs, seg) == SB_SEG, "seg");

#define EFLAGS_TF	0x100
#define EFLAGS_CLEAR	(EFLAGS_TF | 0x400 | 0x4000 | 0x10000 | 0x40000)	/* DF NT RF AC */
#define MXCSR_DEFAULT	0x1f80
#define HWCAP2_FSGSBASE	2
#define XFEATURES	0xff		/* without PKRU and what is the supervisor's */

void sandbox_enter(void);
void sandbox_exit(void);
void sandbox_signal(int sig, siginfo_t *info, void *context);
void sandbox_on_signal(int sig, siginfo_t *info, void *context);

struct sb_xcomp sb_xcomp[8];
u32 sb_xsize;
u64 sb_xmask;
bool sb_has_compat, sb_has_ldt;
u8 *sb_memory;
static u8 *alternate_stack;
static u16 code_cs;

/* Runs in the middle of anything: neither libc nor the stack protector. */
__attribute__((__optimize__("no-stack-protector")))
void sandbox_on_signal(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	greg_t *gregs = uc->uc_mcontext.gregs;
	struct sb_event *e = &sandbox->event;

	(void)info;
	if (!sandbox->running) {
		if (!machine_fixup(context))
			signal(sig, SIG_DFL);
		return;
	}
	sandbox->raised = 1;
	e->vector = gregs[REG_TRAPNO];
	e->error = gregs[REG_ERR];
	e->address = gregs[REG_CR2];
	e->rip = gregs[REG_RIP];
	e->eflags = gregs[REG_EFL];
	e->cs = gregs[REG_CSGSFS];
	e->ss = gregs[REG_CSGSFS] >> 48;
	gregs[REG_RIP] = (greg_t)sandbox_exit;
	gregs[REG_CSGSFS] &= ~0xfffful & ~(0xffffull << 48);
	gregs[REG_CSGSFS] |= SB_USER_CS | (u64)SB_USER_DS << 48;
	gregs[REG_EFL] &= ~(greg_t)EFLAGS_CLEAR;
}

static u64 exit_address(void)
{
	return (u64)sandbox_exit;
}

/* Jump to sandbox_exit from where 32-bit far jumps reach: jmp *[exit]. */
static bool map_low_exit(void)
{
	static const u8 jmp[] = { 0xff, 0x24, 0x25 };
	u32 pointer = SB_STATE + SB_EXIT;
	u8 *p = mmap((void *)SB_LOW_EXIT, SB_PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (p != (u8 *)SB_LOW_EXIT)
		return false;
	memcpy(p, jmp, sizeof(jmp));
	memcpy(p + sizeof(jmp), &pointer, 4);
	return !mprotect(p, SB_PAGE, PROT_READ | PROT_EXEC);
}

static bool map_state(void)
{
	void *p = mmap((void *)SB_STATE, sizeof(struct sb_state), PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	u32 mxcsr = MXCSR_DEFAULT;

	if (p != (void *)SB_STATE)
		return false;
	sandbox->exit = exit_address();
	memcpy(sandbox->init + 24, &mxcsr, sizeof(mxcsr));
	memcpy(sandbox->fpu_in + 24, &mxcsr, sizeof(mxcsr));
	return true;
}

static bool map_arena(int fixed)
{
	static const struct { u8 page, count; int prot; } map[] = {
		{ SB_PAGE_LOW, 1, PROT_READ | PROT_WRITE },
		{ SB_PAGE_CODE, 2, PROT_READ | PROT_EXEC },
		{ SB_PAGE_DATA, 3, PROT_READ | PROT_WRITE },
		{ SB_PAGE_RO, 1, PROT_READ },
		{ SB_PAGE_STACK, 2, PROT_READ | PROT_WRITE },
		{ SB_PAGE_TOP, 1, PROT_READ | PROT_WRITE },
	};
	int fd = memfd_create("arena", MFD_CLOEXEC);
	unsigned int i;

	/* Populated: what is there is never "not present" to an instruction. */
	if (fd < 0 || ftruncate(fd, SB_PAGES * SB_PAGE))
		return false;
	sb_memory = mmap(NULL, SB_PAGES * SB_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (sb_memory == MAP_FAILED)
		return false;
	for (i = 0; i < sizeof(map) / sizeof(map[0]); i++) {
		u32 at = map[i].page * SB_PAGE;
		void *want = (void *)(u64)(SB_ARENA + at);

		if (mmap(want, map[i].count * SB_PAGE, map[i].prot,
			 MAP_SHARED | MAP_POPULATE | fixed, fd,
			 at) != want)
			return false;
	}
	close(fd);
	/* int3 wherever a branch may lead. */
	memset(sb_memory + SB_PAGE_CODE * SB_PAGE, 0xcc, 2 * SB_PAGE);
	return true;
}

static void find_components(void)
{
	u32 eax, ebx, ecx, edx, i;

	__cpuid_count(0xd, 0, eax, ebx, ecx, edx);
	sb_xsize = ebx;
	__asm__ volatile("xgetbv" : "=a"(eax), "=d"(edx) : "c"(0));
	sb_xmask = eax & XFEATURES;
	sandbox->xmask = sb_xmask;
	for (i = 2; i < 8; i++) {
		__cpuid_count(0xd, i, eax, ebx, ecx, edx);
		if (sb_xmask & (1u << i))
			sb_xcomp[i] = (struct sb_xcomp) { ebx, eax };
	}
	sb_xcomp[0] = (struct sb_xcomp) { 0, 160 };
	sb_xcomp[1] = (struct sb_xcomp) { 160, 256 };
}

static bool load_ldt(void)
{
	static const struct user_desc ldt[] = {
		{ .entry_number = SB_SEL_CODE16 >> 3, .base_addr = SB_ARENA, .limit = 0xffff,
		  .contents = 2, .useable = 1 },
		{ .entry_number = SB_SEL_DATA16 >> 3, .base_addr = SB_ARENA, .limit = 0xffff,
		  .useable = 1 },
		{ .entry_number = SB_SEL_BASED >> 3, .base_addr = SB_ARENA, .limit = 0xffff,
		  .seg_32bit = 1, .useable = 1 },
		{ .entry_number = SB_SEL_SMALL >> 3, .base_addr = SB_ARENA,
		  .limit = SB_SMALL_LIMIT, .seg_32bit = 1, .useable = 1 },
		{ .entry_number = SB_SEL_DOWN >> 3, .base_addr = SB_ARENA,
		  .limit = SB_SMALL_LIMIT, .contents = 1, .useable = 1 },
		{ .entry_number = SB_SEL_RODATA >> 3, .base_addr = SB_ARENA, .limit = 0xffff,
		  .seg_32bit = 1, .read_exec_only = 1, .useable = 1 },
		{ .entry_number = SB_SEL_CODE32 >> 3, .limit = 0xfffff, .seg_32bit = 1,
		  .limit_in_pages = 1, .contents = 2, .read_exec_only = 1, .useable = 1 },
		{ .entry_number = SB_SEL_ABSENT >> 3, .limit = 0xfffff, .seg_32bit = 1,
		  .limit_in_pages = 1, .seg_not_present = 1, .useable = 1 },
	};
	unsigned int i;

	for (i = 0; i < sizeof(ldt) / sizeof(ldt[0]); i++)
		if ((int)syscall(SYS_modify_ldt, 0x11, &ldt[i], sizeof(ldt[i])))
			return false;
	return true;
}

u64 sandbox_segment_base(u16 selector)
{
	return selector & 4 && selector != SB_SEL_CODE32 && selector != SB_SEL_ABSENT ?
	       SB_ARENA : 0;
}

static void take_over(void)
{
	static const int signals[] = { SIGFPE, SIGILL, SIGSEGV, SIGBUS, SIGTRAP };
	struct sigaction sa = { .sa_sigaction = sandbox_signal,
				.sa_flags = SA_SIGINFO | SA_ONSTACK };
	stack_t stack = { .ss_sp = alternate_stack, .ss_size = 1 << 16 };
	unsigned int i;

	__asm__ volatile("rdfsbase %0" : "=r"(sandbox->host_fs));
	__asm__ volatile("mov %0, %%ds; mov %0, %%es" : : "r"(SB_USER_DS));
	sigaltstack(&stack, NULL);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &sa, NULL);
}

bool sandbox_enter_child(void)
{
	if (!map_arena(MAP_FIXED))
		return false;
	take_over();
	return true;
}

/* Does this host run 32-bit code? */
static bool try_compat(void)
{
	static const u8 nop[] = { 0x90 };
	u32 at = SB_PAGE_CODE * SB_PAGE;
	struct sb_event event;

	sandbox->in.eflags = 0x202;
	sandbox->in.seg[2] = SB_USER_DS;
	sandbox_code(at, nop, 1, SB_USER32_CS);
	sandbox_run(at, 1, &event);
	return event.vector < 0 && event.rip == SB_ARENA + at + 1;
}

const char *sandbox_init(void)
{
	u32 eax, ebx, ecx, edx;

	if (sb_memory)
		return NULL;
	__cpuid(1, eax, ebx, ecx, edx);
	if (!(ecx & bit_OSXSAVE))
		return "this CPU has no XSAVE";
	__cpuid_count(7, 0, eax, ebx, ecx, edx);
	if (!(ebx & bit_FSGSBASE))
		return "this CPU has no FSGSBASE";
	alternate_stack = malloc(1 << 16);
	if (!alternate_stack || !map_low_exit() || !map_state() || !map_arena(MAP_FIXED_NOREPLACE))
		return "the pages below 4 GiB are taken";
	find_components();
	if (sb_xsize > SB_FPU_BYTES)
		return "the XSAVE area is too large";
	take_over();
	sb_has_ldt = load_ldt();
	sb_has_compat = try_compat();
	return NULL;
}

/* Behind the instruction: a jump back, as its code segment can make it. */
static void put_way_back(u8 *p, u16 cs)
{
	u32 low = SB_LOW_EXIT, indirect = SB_STATE + SB_EXIT;
	u16 sel = SB_USER_CS;

	if (cs == SB_USER_CS) {
		memcpy(p, "\xff\x24\x25", 3);
		memcpy(p + 3, &indirect, 4);
		return;
	}
	if (cs == SB_SEL_CODE16)
		*p++ = 0x66;
	*p++ = 0xea;
	memcpy(p, &low, 4);
	memcpy(p + 4, &sel, 2);
}

void sandbox_code(u32 at, const u8 *code, u32 len, u16 cs)
{
	static u32 last, last_end;
	u8 *p = sb_memory + at;
	u32 end = (SB_PAGE_CODE + 2) * SB_PAGE;

	memset(sb_memory + last, 0xcc, last_end - last);
	memcpy(p, code, len);
	if (at + len + SB_BEHIND <= end)
		put_way_back(p + len, cs);
	last = at;
	last_end = at + len + SB_BEHIND <= end ? at + len + SB_BEHIND : at + len;
	sandbox->entry_offset = cs == SB_SEL_CODE16 ? at : SB_ARENA + at;
	sandbox->entry_cs = cs;
	code_cs = cs;
}

/*
 * Faults behind the instruction say that it retired: the int3 that fills the
 * code pages, and where its branch led cannot be executed.
 */
static void sort_event(u64 start, u64 next, struct sb_event *e)
{
	u64 base = sandbox_segment_base(e->cs);
	u64 code = e->rip - 1 + base - (SB_ARENA + SB_PAGE_CODE * SB_PAGE);
	bool here = e->cs == code_cs;

	if (e->vector == 3 && code < 2 * SB_PAGE && !(here && e->rip == next)) {
		e->rip--;
		e->vector = -1;
	} else if (e->vector == 14 && e->error & 0x10 && !(here && e->rip == start) &&
		   e->address == e->rip + base) {
		e->vector = -1;
	} else if (e->vector == 1 && e->eflags & EFLAGS_TF &&
		   (e->rip == exit_address() || e->rip == SB_LOW_EXIT)) {
		e->rip = next;
		e->cs = code_cs;
		e->vector = -1;
	}
}

void sandbox_run(u32 at, u32 len, struct sb_event *event)
{
	u64 start = sandbox->entry_offset;

	(void)at;
	sandbox->raised = 0;
	sandbox_enter();
	if (!sandbox->raised) {
		*event = (struct sb_event) { .vector = -1, .rip = start + len, .cs = code_cs };
		event->eflags = sandbox->out.eflags;
	} else {
		*event = sandbox->event;
		sort_event(start, start + len, event);
		sandbox->out.eflags = event->eflags;
		sandbox->out.fs_base = sandbox->signal_fs;
		sandbox->out.seg[2] = event->ss;
	}
	sandbox->out.seg[1] = event->cs;
}
