// SPDX-License-Identifier: GPL-2.0-only
/*
 * One instruction between two pieces of generated machine code: the first loads
 * every register from struct native_state, the second stores them back.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include "native.h"

#define PAGE		4096
#define RDI		7
#define RSP		4
/* Linux's user segments. */
#define SEL_USER32	0x23
#define SEL_USER_DATA	0x2b
#define SEL_USER64	0x33

static u8 *code_page;
static u8 *data_page;
static u8 *at;			/* where code is put next */
static u8 *epilogue;		/* after the instruction, for the signal handler */
static u8 *stub_end;
static u8 *jumps;		/* far pointers, and where rsp is kept */
static volatile sig_atomic_t fault_signal;

static void emit(const void *bytes, unsigned int len)
{
	memcpy(at, bytes, len);
	at += len;
}

#define EMIT(...)	do {						\
	static const u8 b_[] = { __VA_ARGS__ };				\
	emit(b_, sizeof(b_));						\
} while (0)

/* op [rdi + disp32] with ModRM.reg = @reg. */
static void emit_mem(const u8 *op, unsigned int len, unsigned int reg, u32 disp)
{
	u8 modrm = 0x80 | (reg & 7) << 3 | RDI;

	emit(op, len);
	emit(&modrm, 1);
	emit(&disp, 4);
}

static void move_gpr(unsigned int reg, bool load)
{
	u8 op[2] = { 0x48 | (reg & 8 ? 4 : 0), load ? 0x8b : 0x89 };

	emit_mem(op, 2, reg, offsetof(struct native_state, gpr) + reg * 8);
}

static void move_vectors(bool load)
{
	unsigned int i;

	for (i = 0; i < 16; i++) {
		u8 rex = i & 8 ? 0x44 : 0x40;
		u8 op[3] = { rex, 0x0f, load ? 0x10 : 0x11 };

		emit_mem(op, 3, i, offsetof(struct native_state, xmm) + i * 16);
	}
	for (i = 0; i < 8; i++) {
		u8 op[2] = { 0x0f, load ? 0x6f : 0x7f };

		emit_mem(op, 2, i, offsetof(struct native_state, mmx) + i * 8);
	}
	if (!load)
		EMIT(0x0f, 0x77);	/* emms */
}

static void emit_prologue(void)
{
	static const u8 push = 0xff;
	unsigned int i;

	at = code_page;
	/* push rbx, rbp, r12-r15; keep a copy of rdi on the stack */
	EMIT(0x53, 0x55, 0x41, 0x54, 0x41, 0x55, 0x41, 0x56, 0x41, 0x57, 0x57);
	move_vectors(true);
	emit_mem(&push, 1, 6, offsetof(struct native_state, eflags));
	EMIT(0x9d);			/* popfq */
	for (i = 0; i < 16; i++)
		if (i != RDI && i != RSP)
			move_gpr(i, true);
	move_gpr(RDI, true);
}

static void emit_epilogue(void)
{
	static const u8 pop = 0x8f;
	unsigned int i;

	EMIT(0x48, 0x87, 0x3c, 0x24);	/* xchg [rsp], rdi: no flag changes */
	for (i = 0; i < 16; i++)
		if (i != RDI && i != RSP)
			move_gpr(i, false);
	EMIT(0x9c);			/* pushfq */
	emit_mem(&pop, 1, 0, offsetof(struct native_state, eflags));
	EMIT(0xfc, 0x58);		/* cld; pop rax: what rdi was */
	{
		static const u8 store[2] = { 0x48, 0x89 };

		emit_mem(store, 2, 0, offsetof(struct native_state, gpr) + RDI * 8);
	}
	move_vectors(false);
	EMIT(0x41, 0x5f, 0x41, 0x5e, 0x41, 0x5d, 0x41, 0x5c, 0x5d, 0x5b, 0xc3);
	stub_end = at;
}

static void on_signal(int sig, siginfo_t *info, void *arg)
{
	ucontext_t *uc = arg;
	u64 rip = uc->uc_mcontext.gregs[REG_RIP];

	(void)info;
	if (rip < (u64)code_page || rip >= (u64)stub_end) {
		signal(sig, SIG_DFL);
		return;
	}
	fault_signal = sig;
	uc->uc_mcontext.gregs[REG_RIP] = (greg_t)epilogue;
	uc->uc_mcontext.gregs[REG_CSGSFS] &= ~0xfffful;
	uc->uc_mcontext.gregs[REG_CSGSFS] |= SEL_USER64;
}

bool native_init(void)
{
	static const int signals[] = { SIGFPE, SIGILL, SIGSEGV, SIGBUS, SIGTRAP };
	struct sigaction sa = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	static u8 alternate[65536];
	stack_t stack = { .ss_sp = alternate, .ss_size = sizeof(alternate) };
	unsigned int i;

	if (code_page)
		return true;
	code_page = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	if (code_page == MAP_FAILED) {
		code_page = NULL;
		return false;
	}
	data_page = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	if (data_page == MAP_FAILED)
		return false;
	jumps = data_page + 2 * PAGE;
	/* 64-bit mode does not care, compatibility mode does. */
	__asm__ volatile("mov %0, %%ds; mov %0, %%es" : : "r"(SEL_USER_DATA));
	/* rSP has no upper half in compatibility mode: signals need a stack of their own. */
	sigaltstack(&stack, NULL);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &sa, NULL);
	return true;
}

void *native_page(void)
{
	return data_page;
}

/* op with an absolute 32-bit address. */
static void emit_absolute(const u8 *op, unsigned int len, const void *address)
{
	u32 a = (u64)address;

	emit(op, len);
	emit(&a, 4);
}

static void put_far(u8 *to, const void *target, u16 selector)
{
	u32 a = (u64)target;

	memcpy(to, &a, 4);
	memcpy(to + 4, &selector, 2);
}

void native_prepare(const u8 *code, unsigned int len, bool compat)
{
	static const u8 save_rsp[] = { 0x48, 0x89, 0x24, 0x25 };
	static const u8 load_rsp[] = { 0x48, 0x8b, 0x24, 0x25 };
	static const u8 jmp_far[] = { 0xff, 0x2c, 0x25 };
	static const u8 jmp_far32[] = { 0xff, 0x2d };

	emit_prologue();
	emit_absolute(save_rsp, 4, jumps);
	if (compat) {
		emit_absolute(jmp_far, 3, jumps + 16);
		put_far(jumps + 16, at, SEL_USER32);
	}
	emit(code, len);
	if (compat) {
		emit_absolute(jmp_far32, 2, jumps + 32);
		put_far(jumps + 32, at, SEL_USER64);
	}
	epilogue = at;
	emit_absolute(load_rsp, 4, jumps);
	emit_epilogue();
}

void native_run(struct native_state *state)
{
	void (*stub)(struct native_state *) = (void (*)(struct native_state *))code_page;

	fault_signal = 0;
	stub(state);
	state->signal = fault_signal;
}

bool native_has_compat(void)
{
	static const u8 nop[] = { 0x90 };
	struct native_state state;

	memset(&state, 0, sizeof(state));
	state.eflags = 0x202;
	native_prepare(nop, sizeof(nop), true);
	native_run(&state);
	return !state.signal;
}
