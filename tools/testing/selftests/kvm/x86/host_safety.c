// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a VMM's process and threads can do around KVM_RUN: fork, exec, pass file
 * descriptors on, run one vCPU from many threads, create the same vCPU twice,
 * be interrupted and preempted everywhere, be killed, be suspended.
 *
 *	host_safety leave-running	leave a guest running in the background
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kvm_test.h"

#define NR_THREADS 4
#define TURNS 300
#define KILLS 5
#define CREATED 32

/* RSI counts the port writes; XMM0, RBX and R12 count with it. */
GUEST_CODE(turns, 64,
	   "mov $1, %eax\n movd %eax, %xmm1\n pxor %xmm0, %xmm0\n"
	   "1: mov $50, %ecx\n 2: mov %ecx, 0x30000\n loop 2b\n"
	   "inc %rsi\n paddq %xmm1, %xmm0\n add $3, %rbx\n lea 5(%r12), %r12\n"
	   "out %al, $0x80\n jmp 1b\n");
/* The same number to a port, to MMIO, from both, and HLT. */
GUEST_CODE(devices, 64,
	   "1: inc %esi\n mov %esi, %eax\n out %eax, $0x80\n mov %esi, 0xa0000\n"
	   "in $0x84, %eax\n add %rax, %rbx\n mov 0xa0004, %eax\n add %rax, %r12\n"
	   "hlt\n jmp 1b\n");
GUEST_CODE(for_ever, 64, GUEST_INTERRUPTIBLE "1: jmp 1b\n");

static char self[256];

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* Wait for @child as long as a loaded machine may need; its status, or -1. */
static int status_of(pid_t child)
{
	double end = now() + 10 * test_slowness();
	int status;

	while (waitpid(child, &status, WNOHANG) != child) {
		if (now() > end)
			return -1;
		usleep(2000);
	}
	return status;
}

/* ---- fork, exec, passing on --------------------------------------------- */

/* Everything is -EIO for who has another address space; bit @n of the result: not so. */
static int try_as_stranger(int vm_fd, int vcpu_fd)
{
	struct kvm_userspace_memory_region region = { .slot = 9 };
	struct kvm_regs regs;
	int bad = 0;

	bad |= (kvm_ioctl_val(vcpu_fd, KVM_RUN, 0) != -EIO) << 0;
	bad |= (kvm_ioctl(vcpu_fd, KVM_GET_REGS, &regs) != -EIO) << 1;
	bad |= (kvm_ioctl_val(vm_fd, KVM_CREATE_VCPU, 5) != -EIO) << 2;
	bad |= (kvm_ioctl(vm_fd, KVM_SET_USER_MEMORY_REGION, &region) != -EIO) << 3;
	bad |= (kvm_ioctl_val(vm_fd, KVM_CHECK_EXTENSION, KVM_CAP_USER_MEMORY) != -EIO) << 4;
	bad |= (kvm_ioctl_val(vcpu_fd, 0xae77, 0) != -EIO) << 5;
	return bad;
}

static void test_fork(void)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_create(vm);
	pid_t child;

	load_code(vcpu, MODE_LONG64, turns);
	child = must(fork());
	if (!child)
		_exit(try_as_stranger(vm->fd, vcpu->fd));
	ok_eq(status_of(child), 0, "a child's ioctls are EIO");
	expect_pio(vcpu, KVM_EXIT_IO_OUT, 0x80, 1, 1, "the parent's VM runs on");
	vm_destroy(vm);
}

static void test_exec(void)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_create(vm);
	char fds[2][16];
	pid_t child;

	snprintf(fds[0], sizeof(fds[0]), "%d", vm->fd);
	snprintf(fds[1], sizeof(fds[1]), "%d", vcpu->fd);
	child = must(fork());
	if (!child) {
		execl(self, self, "closed", fds[0], fds[1], NULL);
		_exit(99);
	}
	ok_eq(status_of(child), 0, "exec closes the fds of the VM and the vCPU");
	vm_destroy(vm);
}

/* In the program that test_exec() starts. */
static int check_closed(char **fd)
{
	int bad = 0;

	for (; *fd; fd++)
		bad |= fcntl(atoi(*fd), F_GETFD) != -1 || errno != EBADF;
	return bad;
}

union fd_message {
	struct cmsghdr header;
	char room[CMSG_SPACE(2 * sizeof(int))];
};

static bool pass_fds(int socket, bool send, int fds[2])
{
	union fd_message control = { 0 };
	char byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control.room),
	};

	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(2 * sizeof(int));
	if (send) {
		memcpy(CMSG_DATA(&control.header), fds, 2 * sizeof(int));
		return sendmsg(socket, &msg, 0) == 1;
	}
	if (recvmsg(socket, &msg, 0) != 1)
		return false;
	memcpy(fds, CMSG_DATA(&control.header), 2 * sizeof(int));
	return true;
}

/* A process that gets the fds through a socket, and keeps them longest. */
static void test_pass_to_process(void)
{
	struct vcpu *vcpu;
	struct vm *vm;
	int pair[2], fds[2];
	char byte = 0;
	pid_t child;

	must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	child = must(fork());
	if (!child) {
		close(pair[0]);
		if (!pass_fds(pair[1], false, fds))
			_exit(64);
		byte = try_as_stranger(fds[0], fds[1]);
		if (write(pair[1], &byte, 1) != 1 || read(pair[1], &byte, 1) != 0)
			_exit(65);
		/* The last reference to a VM of a process that has let go of it. */
		close(fds[0]);
		close(fds[1]);
		_exit(0);
	}
	close(pair[1]);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	load_code(vcpu, MODE_LONG64, turns);
	fds[0] = vm->fd;
	fds[1] = vcpu->fd;
	ok(pass_fds(pair[0], true, fds), "send the fds of a VM and a vCPU");
	ok(read(pair[0], &byte, 1) == 1 && !byte, "their receiver gets EIO");
	expect_pio(vcpu, KVM_EXIT_IO_OUT, 0x80, 1, 1, "the sender's VM runs on");
	vm_destroy(vm);
	close(pair[0]);
	ok_eq(status_of(child), 0, "the receiver closes them last");
}

/* ---- threads ------------------------------------------------------------ */

struct shared_run {
	struct vcpu *vcpu;
	atomic_int exits, bad;
};

static void *run_shared(void *arg)
{
	struct shared_run *s = arg;

	while (atomic_fetch_add(&s->exits, 1) < TURNS)
		if (vcpu_run(s->vcpu))
			atomic_fetch_add(&s->bad, 1);
	atomic_fetch_sub(&s->exits, 1);
	return NULL;
}

/* XMM0, RBX and R12 of GUEST_CODE(turns) after @n turns. */
static void check_turns(struct vcpu *vcpu, u64 n, const char *name)
{
	struct kvm_regs regs;
	struct kvm_fpu fpu;
	u64 xmm0;

	vcpu_get_regs(vcpu, &regs);
	must(kvm_ioctl(vcpu->fd, KVM_GET_FPU, &fpu));
	memcpy(&xmm0, fpu.xmm[0], sizeof(xmm0));
	if (!ok(regs.rsi == n && xmm0 == n && regs.rbx == 3 * n && regs.r12 == 5 * n, "%s", name))
		note("want %llu turns: rsi %llu, xmm0 %llu, rbx %llu, r12 %llu",
		     (unsigned long long)n, regs.rsi, (unsigned long long)xmm0, regs.rbx,
		     regs.r12);
}

static void test_shared_vcpu(void)
{
	struct vm *vm = vm_create();
	struct shared_run s = { .vcpu = vcpu_create(vm) };
	pthread_t threads[NR_THREADS];
	int i;

	load_code(s.vcpu, MODE_LONG64, turns);
	for (i = 0; i < NR_THREADS; i++)
		must(-pthread_create(&threads[i], NULL, run_shared, &s));
	for (i = 0; i < NR_THREADS; i++)
		pthread_join(threads[i], NULL);
	ok_eq(atomic_load(&s.bad), 0, "%d threads run one vCPU", NR_THREADS);
	check_turns(s.vcpu, TURNS, "one at a time, and the registers are the vCPU's");
	vm_destroy(vm);
}

struct creation {
	struct vm *vm;
	pthread_barrier_t barrier;
	bool same;
	atomic_int next, created, exists, other;
};

static void *create_vcpus(void *arg)
{
	struct creation *c = arg;
	int i, fd;

	pthread_barrier_wait(&c->barrier);
	for (i = 0; i < CREATED; i++) {
		fd = kvm_ioctl_val(c->vm->fd, KVM_CREATE_VCPU,
				   c->same ? i : atomic_fetch_add(&c->next, 1));
		if (fd >= 0) {
			atomic_fetch_add(&c->created, 1);
			close(fd);
		} else {
			atomic_fetch_add(fd == -EEXIST ? &c->exists : &c->other, 1);
		}
	}
	return NULL;
}

static void test_creation(bool same)
{
	struct creation c = { .vm = vm_create(), .same = same };
	pthread_t threads[NR_THREADS];
	int i;

	pthread_barrier_init(&c.barrier, NULL, NR_THREADS);
	for (i = 0; i < NR_THREADS; i++)
		must(-pthread_create(&threads[i], NULL, create_vcpus, &c));
	for (i = 0; i < NR_THREADS; i++)
		pthread_join(threads[i], NULL);
	ok_eq(c.created, same ? CREATED : NR_THREADS * CREATED,
	      "%d threads create vCPUs of %s ids", NR_THREADS, same ? "the same" : "different");
	ok_eq(c.exists, same ? (NR_THREADS - 1) * CREATED : 0, "EEXIST for each other one");
	ok_eq(c.other, 0, "and no other error");
	vm_destroy(c.vm);
}

/* ---- signals and preemption --------------------------------------------- */

static atomic_uint alarms;

static void count_alarm(int sig)
{
	(void)sig;
	atomic_fetch_add(&alarms, 1);
}

/* Answer one exit of GUEST_CODE(devices); @step says what must come. Negative: something else came. */
static int device_step(struct vcpu *vcpu, int step)
{
	struct kvm_run *run = vcpu->run;
	u32 n = step / 5 + 1, *data = (u32 *)((u8 *)run + run->io.data_offset);
	bool io = run->exit_reason == KVM_EXIT_IO, mmio = run->exit_reason == KVM_EXIT_MMIO;

	switch (step % 5) {
	case 0:
		return io && run->io.port == 0x80 && *data == n ? 0 : -1;
	case 1:
		return mmio && run->mmio.is_write && *(u32 *)run->mmio.data == n ? 0 : -1;
	case 2:
		if (!io || run->io.port != 0x84 || run->io.direction != KVM_EXIT_IO_IN)
			return -1;
		*data = n;
		return 0;
	case 3:
		if (!mmio || run->mmio.is_write || run->mmio.phys_addr != 0xa0004)
			return -1;
		memcpy(run->mmio.data, &n, sizeof(n));
		return 0;
	}
	return run->exit_reason == KVM_EXIT_HLT ? 0 : -1;
}

/* No access is lost or repeated, whatever a signal interrupts. */
static void test_signals(void)
{
	struct itimerval every = { { 0, 700 }, { 0, 700 } }, off = { 0 };
	struct sigaction action = { .sa_handler = count_alarm };
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_create(vm);
	int r, step = 0, interrupted = 0;
	struct kvm_regs regs;
	u64 n = TURNS;

	load_code(vcpu, MODE_LONG64, devices);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
	while (step < 5 * TURNS) {
		r = vcpu_run(vcpu);
		if (r == -EINTR) {
			interrupted++;
			continue;
		}
		if (r || device_step(vcpu, step))
			break;
		step++;
	}
	setitimer(ITIMER_REAL, &off, NULL);
	note("%u signals, %d times EINTR", atomic_load(&alarms), interrupted);
	if (!ok_eq(step, 5 * TURNS, "each access of %d comes once, in order", 5 * TURNS))
		note("left for %s", describe_exit(vcpu, vcpu->run->exit_reason));
	vcpu_get_regs(vcpu, &regs);
	ok_eq(regs.rbx, n * (n + 1) / 2, "the guest read what ports gave");
	ok_eq(regs.r12, n * (n + 1) / 2, "and what MMIO gave");
	vm_destroy(vm);
}

static atomic_bool stop;

/* Takes the CPU away all the time, and uses its FPU. */
static void *yield_storm(void *arg)
{
	struct sched_param param = { .sched_priority = 1 };
	volatile double x = 1;

	if (arg)
		pthread_setschedparam(pthread_self(), (long)arg, &param);
	while (!atomic_load(&stop)) {
		x = x * 1.000001 + 1;
		if (arg)
			usleep(300);
		else
			sched_yield();
	}
	return NULL;
}

static void test_preemption(int policy, const char *name)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_create(vm);
	pthread_t threads[2];
	cpu_set_t one, all;
	int i, r = 0;

	sched_getaffinity(0, sizeof(all), &all);
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	sched_setaffinity(0, sizeof(one), &one);
	atomic_store(&stop, false);
	for (i = 0; i < 2; i++)
		must(-pthread_create(&threads[i], NULL, yield_storm, (void *)(long)policy));
	load_code(vcpu, MODE_LONG64, turns);
	for (i = 0; i < TURNS && !r; i++)
		r = vcpu_run(vcpu);
	atomic_store(&stop, true);
	for (i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	sched_setaffinity(0, sizeof(all), &all);
	ok_eq(r, 0, "%d turns beside threads of %s on the same CPU", TURNS, name);
	check_turns(vcpu, TURNS, "every register survives");
	vm_destroy(vm);
}

/* ---- the end ------------------------------------------------------------ */

/* Run a guest that never leaves; tell through @fd when it is about to. */
static void run_for_ever(int fd)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_create(vm);

	load_code(vcpu, MODE_LONG64, for_ever);
	if (fd >= 0 && write(fd, "", 1) != 1)
		_exit(1);
	for (;;)
		vcpu_run(vcpu);
}

static void test_kill(void)
{
	struct kernel_memory before, after;
	int i, killed = 0, ready[2];
	char byte;
	pid_t child;

	kernel_memory(&before);
	for (i = 0; i < KILLS; i++) {
		must(pipe(ready));
		child = must(fork());
		if (!child)
			run_for_ever(ready[1]);
		close(ready[1]);
		if (read(ready[0], &byte, 1) == 1) {
			usleep(1000 * i);
			kill(child, SIGKILL);
			killed += status_of(child) == SIGKILL;
		}
		close(ready[0]);
	}
	ok_eq(killed, KILLS, "kill -9 ends a VMM whose guest never leaves");
	kernel_memory(&after);
	ok_eq(after.module_users, before.module_users, "and its VM");
}

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return good;
}

/* NULL, or why the system cannot be suspended, all but in earnest. */
static const char *suspend_missing(void)
{
	if (sysconf(_SC_NPROCESSORS_ONLN) > 1 && !getenv("KVM_TEST_CPU_HOTPLUG"))
		return "CPUs go offline: KVM_TEST_CPU_HOTPLUG is not set";
	if (access("/sys/power/pm_test", W_OK) || access("/sys/power/state", W_OK))
		return "no /sys/power/pm_test";
	if (!write_file("/sys/module/suspend/parameters/pm_test_delay", "1"))
		return "it would take five seconds";
	if (!write_file("/sys/power/pm_test", "core"))
		return "no such test";
	return NULL;
}

static void *turn_until_stop(void *arg)
{
	struct shared_run *s = arg;
	int r;

	while (!atomic_load(&stop)) {
		r = vcpu_run(s->vcpu);
		if (!r)
			atomic_fetch_add(&s->exits, 1);
		else if (r != -EINTR)
			atomic_fetch_add(&s->bad, 1);
	}
	return NULL;
}

/* Virtualization goes off and on again under a guest that runs and one that waits. */
static void test_suspend(void)
{
	const char *missing = suspend_missing();
	struct shared_run s = { 0 };
	struct vcpu *waiting;
	pthread_t thread;
	struct vm *vm;

	if (missing) {
		skip("suspend", missing);
		return;
	}
	vm = vm_create();
	s.vcpu = vcpu_create(vm);
	waiting = vcpu_create(vm);
	load_code(waiting, MODE_LONG64, turns);
	expect_pio(waiting, KVM_EXIT_IO_OUT, 0x80, 1, 1, "a guest that waits");
	load_code(s.vcpu, MODE_LONG64, turns);
	atomic_store(&stop, false);
	must(-pthread_create(&thread, NULL, turn_until_stop, &s));
	ok(write_file("/sys/power/state", "mem"), "suspend and resume with guests");
	write_file("/sys/power/pm_test", "none");
	atomic_store(&stop, true);
	pthread_join(thread, NULL);
	ok_eq(atomic_load(&s.bad), 0, "the running one ran on");
	check_turns(s.vcpu, atomic_load(&s.exits), "with its registers");
	expect_pio(waiting, KVM_EXIT_IO_OUT, 0x80, 1, 1, "the waiting one, too");
	check_turns(waiting, 2, "with its registers");
	vm_destroy(vm);
}

/* For the end of the machine: the reboot hook finds a guest running. */
static int leave_running(void)
{
	char byte;
	int ready[2];

	must(pipe(ready));
	if (!must(fork())) {
		setsid();
		run_for_ever(ready[1]);
	}
	close(ready[1]);
	return read(ready[0], &byte, 1) != 1;
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "closed"))
		return check_closed(argv + 2);
	if (argc > 1 && !strcmp(argv[1], "leave-running"))
		return leave_running();
	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		bail("no /proc/self/exe");
	tap_start(50);
	close(open_kvm());
	test_fork();
	test_exec();
	test_pass_to_process();
	test_shared_vcpu();
	test_creation(true);
	test_creation(false);
	test_signals();
	test_preemption(SCHED_OTHER, "SCHED_OTHER");
	test_preemption(SCHED_FIFO, "SCHED_FIFO");
	test_preemption(SCHED_RR, "SCHED_RR");
	test_kill();
	test_suspend();
	return tap_done();
}
