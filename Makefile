# SPDX-License-Identifier: GPL-2.0-only
# "make help" says what there is.

# The headers of the distribution's kernel. "make deps" may be about to install
# them: nothing found is nothing exported, and whoever needs them looks again.
ifeq ($(strip $(KDIR)),)
KDIR = $(shell ls -d /usr/src/linux-headers-6.1.*-amd64 2>/dev/null | sort -V | tail -n 1)
endif
ifeq ($(strip $(KDIR_COMPAT)),)
KDIR_COMPAT = $(shell ls -d /usr/src/linux-headers-6.12.*-amd64 2>/dev/null | sort -V | tail -n 1)
endif
JOBS ?= $(shell nproc)
MODULES ?= ours

KVM := $(CURDIR)/arch/x86/kvm
LAB := tools/testing/lab
KBUILD = $(MAKE) --no-print-directory -j$(JOBS) -C $(KDIR) M=$(KVM) W=1 KCFLAGS=-Werror

# As typed: a "$" in it is the lab's shell's, not make's.
LAB_CMD := $(value CMD)

export KDIR KDIR_COMPAT JOBS LAB_CMD ROW VENDOR TESTS ZYDIS_RANDOM FUZZ_SECONDS SEED DEBUG_CACHE

modules:
	@$(KBUILD) modules

compat:
	@$(LAB)/compat.sh

lint:
	@tools/testing/lint/lint

deps:
	@$(LAB)/deps.sh

run:
	@$(LAB)/deps.sh
	@$(LAB)/demo.sh

check:
	@$(LAB)/deps.sh
	@$(LAB)/check.sh

check-host:
	@$(LAB)/host.sh

decode-check:
	@$(LAB)/decode.sh

native:
	@$(LAB)/native.sh

fuzz:
	@$(LAB)/deps.sh fuzz
	@$(LAB)/fuzz.sh

fuzz-ioctl: modules
	@$(LAB)/fuzz-ioctl.sh

docs-table:
	@$(LAB)/docs-table.sh

check-guest: modules
	@$(LAB)/guest.sh --modules ours

check-vmx: modules
	@VENDOR=vmx $(LAB)/guest.sh --modules ours

check-reference:
	@VENDOR=$${VENDOR:-both} $(LAB)/guest.sh --modules distribution

check-debug:
	@$(LAB)/deps.sh
	@$(LAB)/debug.sh

bench: modules
	@$(LAB)/bench.sh

lab: $(if $(filter ours,$(MODULES)),modules)
	@$(LAB)/lab $(if $(value CMD),run,shell) --modules $(MODULES) $(LABFLAGS) -- "$$LAB_CMD"

# Only what is named: a table is aligned by hand.
fmt:
	clang-format -i --style=file $(FILES)

clean:
	@$(KBUILD) clean
	rm -rf build

help:
	@cat tools/testing/lab/help.txt

.DEFAULT_GOAL := modules
.PHONY: modules compat lint deps run check check-host native decode-check docs-table fuzz fuzz-ioctl check-guest check-vmx check-reference check-debug bench lab fmt clean help
