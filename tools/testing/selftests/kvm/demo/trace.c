// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trace.h"

#define TRACEFS "/sys/kernel/tracing"
#define INSTANCE TRACEFS "/instances/kvm_demo"
#define EVENTS "/events/kvm"
#define LINE_SIZE 512

static int pipe_fd = -1;
static bool has_mnemonics;
static unsigned long lost;

/* What was read and not yet ended by a newline. */
static char pending[LINE_SIZE];
static size_t pending_len;

/* Of the last kvm_exit, where kvm_emulate_insn does not tell it. */
static char last_reason[24] = "-";

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	bool good;

	if (fd < 0)
		return false;
	good = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return good;
}

static bool format_has(const char *field)
{
	FILE *f = fopen(TRACEFS EVENTS "/kvm_emulate_insn/format", "r");
	char line[LINE_SIZE];
	bool found = false;

	if (!f)
		return false;
	while (!found && fgets(line, sizeof(line), f))
		found = strstr(line, field);
	fclose(f);
	return found;
}

static bool refuse(const char *what)
{
	fprintf(stderr, "kvm_demo: %s: %s\n", what, strerror(errno));
	trace_stop();
	return false;
}

bool trace_start(void)
{
	if (access(TRACEFS "/instances", W_OK))
		return refuse("no tracefs at " TRACEFS " (mount -t tracefs tracefs " TRACEFS ")");
	if (access(TRACEFS EVENTS "/kvm_emulate_insn", F_OK))
		return refuse("no tracepoint kvm:kvm_emulate_insn (is kvm.ko loaded?)");
	has_mnemonics = format_has("insn='%s'");
	if (mkdir(INSTANCE, 0700) && errno != EEXIST)
		return refuse("cannot make the trace instance " INSTANCE);
	if (!write_file(INSTANCE EVENTS "/kvm_emulate_insn/enable", "1"))
		return refuse("cannot enable kvm:kvm_emulate_insn");
	if (!has_mnemonics && !write_file(INSTANCE EVENTS "/kvm_exit/enable", "1"))
		return refuse("cannot enable kvm:kvm_exit");
	pipe_fd = open(INSTANCE "/trace_pipe", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (pipe_fd < 0)
		return refuse("cannot read the trace");
	return true;
}

bool trace_has_mnemonics(void)
{
	return has_mnemonics;
}

unsigned long trace_lost(void)
{
	return lost;
}

void trace_stop(void)
{
	write_file(INSTANCE EVENTS "/kvm_emulate_insn/enable", "0");
	write_file(INSTANCE EVENTS "/kvm_exit/enable", "0");
	if (pipe_fd >= 0)
		close(pipe_fd);
	pipe_fd = -1;
	rmdir(INSTANCE);
}

/*
 * Copy the text of @line between @before and @after (or the end) to @to.
 * False, and @to is "-", when it is not there.
 */
static bool between(const char *line, const char *before, const char *after,
		    char *to, size_t size)
{
	const char *start = strstr(line, before);
	const char *end;

	snprintf(to, size, "-");
	if (!start)
		return false;
	start += strlen(before);
	end = after ? strstr(start, after) : NULL;
	if (!end)
		end = start + strlen(start);
	snprintf(to, size, "%.*s", (int)(end - start), start);
	return true;
}

static void drop_blanks(char *s)
{
	char *to = s;

	for (; *s; s++)
		if (*s != ' ')
			*to++ = *s;
	*to = 0;
}

/* CSBASE:RIP:BYTES (MODE)[ failed][ insn='TEXT' reason=... type=... result=...] */
static bool parse_insn(const char *event, struct emulated *e)
{
	unsigned long long rip;
	char hex[64];
	unsigned int base;

	if (sscanf(event, "%x:%llx:%63[^(]", &base, &rip, hex) != 3)
		return false;
	drop_blanks(hex);
	snprintf(e->bytes, sizeof(e->bytes), "%.30s", hex);
	snprintf(e->address, sizeof(e->address), "%x:%llx", base, rip);
	between(event, "(", ")", e->mode, sizeof(e->mode));
	if (!between(event, " insn='", "' reason=", e->insn, sizeof(e->insn))) {
		snprintf(e->reason, sizeof(e->reason), "%s", last_reason);
		snprintf(e->type, sizeof(e->type), "-");
		snprintf(e->result, sizeof(e->result), "%s",
			 strstr(event, ") failed") ? "failed" : "-");
		return true;
	}
	between(event, "' reason=", " type=", e->reason, sizeof(e->reason));
	between(event, " type=", " result=", e->type, sizeof(e->type));
	between(event, " result=", NULL, e->result, sizeof(e->result));
	return true;
}

static void parse_line(const char *line, void (*show)(const struct emulated *e))
{
	const char *event = strstr(line, ": kvm_emulate_insn: ");
	struct emulated e;

	if (event) {
		event += strlen(": kvm_emulate_insn: ");
		if (parse_insn(event, &e))
			show(&e);
	} else if (strstr(line, ": kvm_exit: ")) {
		between(line, " reason ", " rip ", last_reason, sizeof(last_reason));
	} else {
		event = strstr(line, "[LOST ");
		if (event)
			lost += strtoul(event + strlen("[LOST "), NULL, 10);
	}
}

void trace_drain(void (*show)(const struct emulated *e))
{
	ssize_t n;
	char *end;

	for (;;) {
		n = read(pipe_fd, pending + pending_len, sizeof(pending) - 1 - pending_len);
		if (n <= 0)
			return;
		pending_len += n;
		pending[pending_len] = 0;
		while ((end = strchr(pending, '\n'))) {
			*end++ = 0;
			parse_line(pending, show);
			pending_len -= end - pending;
			memmove(pending, end, pending_len + 1);
		}
		if (pending_len == sizeof(pending) - 1)
			pending_len = 0;
	}
}
