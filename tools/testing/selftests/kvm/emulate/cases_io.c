// SPDX-License-Identifier: GPL-2.0-only
/* Ports. See cases.h for the language. */
#include "cases.h"
#include "tap.h"

const struct emu_case io_cases[] = {
	P64("e4 60", "", "i60.1=10 rax=110")
	P64("e5 60", "rax=ffffffffffffffff", "i60.4=13121110 rax=13121110")
	P64("66 e5 60", "rax=ffffffff", "i60.2=1110 rax=ffff1110")
	/* REX.W does not make a port wider. */
	P64("48 e5 60", "", "i60.4=13121110 rax=13121110")
	P64("ec", "rdx=3f8", "i3f8.1=10 rax=110")
	P64("ed", "rdx=cf8", "icf8.4=13121110 rax=13121110")
	REAL("ed", "rdx=cf8", "icf8.2=1110 rax=1110")
	P64("e6 80", "rax=15a", "o80.1=5a")
	P64("e7 80", "rax=12345678", "o80.4=12345678")
	P64("66 e7 80", "rax=12345678", "o80.2=5678")
	P64("ee", "rdx=13f8 rax=15a", "o13f8.1=5a")
	P64("ef", "rdx=10cf8 rax=12345678", "ocf8.4=12345678")
	REAL("ef", "rdx=cf8 rax=1234", "ocf8.2=1234")
	/* The I/O permission bitmap of the TSS. */
	P64("ec", "rdx=60 cpl=3 md066.2=68", "i60.1=10 rax=110")
	P64("ec", "rdx=60 cpl=3 md066.2=68 md074.1=1", "#GP(0)")
	P64("ed", "rdx=60 cpl=3 md066.2=68 md074.1=8", "#GP(0)")
	P64("ec", "rdx=60 cpl=3 tr.base=6000 m6066.2=68", "r6066.2 r6074.2 i60.1=10 rax=110")
	P64("ed", "rdx=67 cpl=3 md066.2=68 md074.2=100", "#GP(0)")
	P64("ed", "rdx=60 cpl=3 md066.2=68 md074.1=f0", "i60.4=13121110 rax=13121110")
	P64("ec", "rdx=60 cpl=3 tr.limit=67 md066.2=68", "#GP(0)")
	P64("ec", "rdx=60 cpl=3 tr.limit=74 md066.2=68", "#GP(0)")
	P64("ec", "rdx=60 cpl=3 iopl=3 tr.limit=67", "i60.1=10 rax=110")
	P64("ee", "rdx=60 cpl=3 md066.2=68 md074.1=1", "#GP(0)")
	VM86("ec", "rdx=60 md066.2=68 md074.1=1", "#GP(0)")
	VM86("ec", "rdx=60 md066.2=68", "i60.1=10 rax=110")
};

const unsigned int nr_io_cases = ARRAY_LEN(io_cases);
