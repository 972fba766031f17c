/* SPDX-License-Identifier: GPL-2.0-only */
/* What the demonstration guest and its VMM agree on; also read by guest.S. */
#ifndef KVM_DEMO_GUEST_H
#define KVM_DEMO_GUEST_H

#define DEMO_BASE	0x10000		/* where the image is loaded: CODE_GPA */
#define DEMO_MMIO	0xa0000		/* the device: MMIO_GPA */
#define DEMO_RAM	0x30000		/* DATA_GPA */
#define DEMO_TABLES	0x100000	/* HIGH_GPA: page tables, by the guest */
#define DEMO_STACK	0x2fff0		/* STACK_TOP */

#define PORT_DEVICE	0x80
#define PORT_PHASE	0xe8		/* the guest writes the PHASE_* it begins */
#define PORT_END	0xe4		/* PORT_DONE */

#define PHASE_REAL		0
#define PHASE_REAL_FORCED	1
#define PHASE_PROT		2
#define PHASE_PROT_FORCED	3
#define PHASE_SWITCH		4
#define PHASE_LONG		5
#define PHASE_LONG_FORCED	6
#define NR_PHASES		7

#ifndef __ASSEMBLER__
#include "kvm_test.h"

/* The image; starts in real mode with CS base DEMO_BASE and IP 0. */
extern const u8 demo_guest[], demo_guest_end[];

/* Each forced or device instruction, without the prefix, as offsets into the image. */
struct demo_insn {
	u32 start, end;
};

extern const struct demo_insn demo_insns[], demo_insns_end[];
#endif

#endif
