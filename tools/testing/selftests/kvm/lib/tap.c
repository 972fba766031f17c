// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "kvm_test.h"

static int passed, failed, skipped;

static int next_number(void)
{
	return passed + failed + skipped + 1;
}

static void report(bool cond, const char *name)
{
	printf("%sok %d - %s\n", cond ? "" : "not ", next_number(), name);
	if (cond)
		passed++;
	else
		failed++;
}

bool ok(bool cond, const char *fmt, ...)
{
	char name[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(name, sizeof(name), fmt, args);
	va_end(args);
	report(cond, name);
	return cond;
}

bool ok_eq(u64 got, u64 want, const char *fmt, ...)
{
	char name[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(name, sizeof(name), fmt, args);
	va_end(args);
	report(got == want, name);
	if (got != want)
		note("got %#llx, want %#llx", (unsigned long long)got,
		     (unsigned long long)want);
	return got == want;
}

void skip(const char *name, const char *reason)
{
	printf("ok %d - %s # SKIP %s\n", next_number(), name, reason);
	skipped++;
}

void note(const char *fmt, ...)
{
	va_list args;

	fputs("# ", stdout);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
}

int tap_done(void)
{
	printf("1..%d\n", next_number() - 1);
	printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped);
	fflush(stdout);
	if (failed)
		return 1;
	return passed || !skipped ? 0 : KSFT_SKIP;
}

void skip_all(const char *reason)
{
	skip("all", reason);
	exit(tap_done());
}

void bail(const char *fmt, ...)
{
	char why[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(why, sizeof(why), fmt, args);
	va_end(args);
	report(false, why);
	printf("Bail out! %s\n", why);
	tap_done();
	/* Threads may be inside KVM_RUN: do not run exit handlers under them. */
	_exit(1);
}

/* Only write() is safe here: the signal may have interrupted printf(). */
static void out_of_time(int sig)
{
	char line[128];
	int n;

	(void)sig;
	n = snprintf(line, sizeof(line),
		     "\nnot ok %d - test program ran out of time\n%d passed, %d failed, %d skipped\n",
		     next_number(), passed, failed + 1, skipped);
	if (write(STDOUT_FILENO, line, n) < 0)
		_exit(1);
	_exit(1);
}

void tap_start(unsigned int seconds)
{
	static timer_t timer;
	static bool started;
	struct itimerspec when = { .it_value.tv_sec = (time_t)seconds * test_slowness() };
	struct sigevent event = {
		.sigev_notify = SIGEV_SIGNAL,
		.sigev_signo = SIGRTMIN,
	};

	if (!started) {
		setvbuf(stdout, NULL, _IOLBF, 0);
		signal(SIGRTMIN, out_of_time);
		if (timer_create(CLOCK_MONOTONIC, &event, &timer))
			bail("timer_create: %s", strerror(errno));
		started = true;
	}
	timer_settime(timer, 0, &when, NULL);
}

int must_be(int value, const char *what)
{
	if (value < 0)
		bail("%s: %s", what, strerror(-value));
	return value;
}

char read_flag(const char *path)
{
	int fd = open(path, O_RDONLY);
	char c = 0;

	if (fd < 0)
		return 0;
	if (read(fd, &c, 1) != 1)
		c = 0;
	close(fd);
	return c;
}
