// SPDX-License-Identifier: GPL-2.0-only
/* String instructions, once. REP is in rep_test.c. See cases.h for the language. */
#include "cases.h"
#include "tap.h"

const struct emu_case string_cases[] = {
	P64("a4", "rsi=3000 rdi=3100 m3000.1=5a", "m3100.1=5a rsi=3001 rdi=3101")
	P64("a4", "rsi=3000 rdi=3100 df=1 m3000.1=5a", "m3100.1=5a rsi=2fff rdi=30ff")
	P64("a5", "rsi=3000 rdi=3100 m3000.4=12345678", "m3100.4=12345678 rsi=3004 rdi=3104")
	P64("66 a5", "rsi=3000 rdi=3100 m3000.2=1234", "m3100.2=1234 rsi=3002 rdi=3102")
	P64("48 a5", "rsi=3000 rdi=3100 m3000.8=1122334455667788",
	    "m3100.8=1122334455667788 rsi=3008 rdi=3108")
	P64("64 a5", "rsi=0 rdi=3100 fs.base=3000 m3000.4=77", "m3100.4=77 rsi=4 rdi=3104")
	P64("67 a4", "rsi=ffffffff rdi=100003100 page0=7", "#PF(0)@ffffffff")
	REAL("a5", "rsi=3000 rdi=3100 m3000.2=1234", "m3100.2=1234 rsi=3002 rdi=3102")
	REAL("a4", "rsi=1ffff rdi=13100 mffff.1=5", "m3100.1=5 rsi=10000 rdi=13101")
	REAL("26 a4", "rsi=3000 rdi=3100 ds@100 m3000.1=5", "m3100.1=5 rsi=3001 rdi=3101")
	P64("a4", "rsi=6000 rdi=3100 m6000.1=5a", "r6000.1=5a m3100.1=5a rsi=6001 rdi=3101")
	P64("a5", "rsi=3000 rdi=6000 m3000.4=77", "w6000.4=77 rsi=3004 rdi=6004")
	P64("a5", "rsi=6000 rdi=7000 m6000.4=77", "r6000.4=77 w7000.4=77 rsi=6004 rdi=7004")
	P64("a5", "rsi=3000 rdi=5000", "#PF(2)@5000")
	P64("a5", "rsi=5000 rdi=3000", "#PF(0)@5000")
	P64("a6", "rsi=3000 rdi=3100 m3000.1=5 m3100.1=5", "rsi=3001 rdi=3101 fl=46")
	P64("a6", "rsi=3000 rdi=3100 m3000.1=4 m3100.1=5", "rsi=3001 rdi=3101 fl=97")
	P64("a7", "rsi=3000 rdi=3100 m3000.4=5 m3100.4=4", "rsi=3004 rdi=3104 fl=2")
	P64("a7", "rsi=6000 rdi=7000 m6000.4=5 m7000.4=4", "r6000.4 r7000.4 rsi=6004 rdi=7004 fl=2")
	P64("aa", "rdi=3100 rax=5a", "m3100.1=5a rdi=3101")
	P64("48 ab", "rdi=3100 rax=1122334455667788", "m3100.8=1122334455667788 rdi=3108")
	P64("ab", "rdi=6000 rax=77", "w6000.4=77 rdi=6004")
	P64("ac", "rsi=3000 m3000.1=5a", "rax=15a rsi=3001")
	P64("ad", "rsi=3000 m3000.4=12345678 rax=ffffffffffffffff", "rax=12345678 rsi=3004")
	P64("ad", "rsi=6000 m6000.4=77", "r6000.4=77 rax=77 rsi=6004")
	P64("ae", "rdi=3100 rax=5 m3100.1=5", "rdi=3101 fl=46")
	P64("af", "rdi=3100 rax=4 m3100.4=5", "rdi=3104 fl=97")
	P64("ae", "rdi=6000 rax=5 m6000.1=5", "r6000.1 rdi=6001 fl=46")
	P64("6c", "rdi=3100 rdx=60", "i60.1=10 m3100.1=10 rdi=3101")
	P64("6d", "rdi=3100 rdx=60", "i60.4=13121110 m3100.4=13121110 rdi=3104")
	REAL("6d", "rdi=3100 rdx=60", "i60.2=1110 m3100.2=1110 rdi=3102")
	P64("6e", "rsi=3000 rdx=60 m3000.1=5a", "o60.1=5a rsi=3001")
	P64("6f", "rsi=3000 rdx=60 m3000.4=12345678", "o60.4=12345678 rsi=3004")
	P64("66 6f", "rsi=3000 rdx=60 m3000.2=1234", "o60.2=1234 rsi=3002")
	P64("6c", "rdi=5000 rdx=60", "#PF(2)@5000")
	P64("6c", "rdi=3100 rdx=60 cpl=3 md066.2=68 md074.1=1", "#GP(0)")
};

const unsigned int nr_string_cases = ARRAY_LEN(string_cases);
