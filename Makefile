# SPDX-License-Identifier: MIT
#
# One Makefile; each folder lists its sources and programs in build.mk.
# Everything is built under O= (default: build/); nothing is generated in the
# source tree. Sources are compiled in flavours, the same files each time:
#   free   the stub: freestanding, position independent, no SSE of
#          its own (libfdt and libcrypto are Debian's)
#   xen    what is linked into a Xen, as Xen compiles its own boot code
#   tool   the baton command: optimised, hardened
#   host   tests: ASan + UBSan
#   fuzz   clang libFuzzer + ASan + UBSan
#   afl    AFL++, ASan
#   bench  optimised, nothing else
#   cov    clang's coverage counters
#
# `make demo` and `make check` are the two commands a newcomer needs.

O ?= build
V ?= 0
CLANG ?= clang-14
Q := $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),:,echo "  $(1)")

.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

all:

VERSION := 0.21.0

CPPFLAGS := -Ihandover-abi/include -I/usr/include/libxml2 \
	-DBATON_VERSION='"$(VERSION)"'
include rooms.mk
WARN := -Wall -Wextra -Wshadow -Wmissing-prototypes -Wvla -Werror
COMMON := -std=gnu11 $(WARN) -g -ffile-prefix-map=$(CURDIR)=. -MMD -MP

CC_free := gcc
CFLAGS_free := -O2 -ffreestanding -fbuiltin -fpie -mno-red-zone \
	-mgeneral-regs-only \
	-fcf-protection=none -fno-asynchronous-unwind-tables \
	-fstack-protector-strong -fno-tree-loop-distribute-patterns \
	-fvisibility=hidden -ffunction-sections -fdata-sections
# Xen has no MMX or SSE; retpolines are for guests, and this is over before there
# is one; it wants no two symbols of a name, as merged strings would have
CC_xen := gcc
CFLAGS_xen := -O2 -ffreestanding -fbuiltin -fpic -mno-red-zone \
	-mgeneral-regs-only -fcf-protection=branch -fno-jump-tables \
	-fno-asynchronous-unwind-tables -fno-stack-protector \
	-fno-merge-constants -fvisibility=hidden -ffunction-sections \
	-fdata-sections
CC_tool := gcc
CFLAGS_tool := -O2 -fPIE -fstack-protector-strong -D_GNU_SOURCE \
	-D_FORTIFY_SOURCE=2
CC_host := gcc
CFLAGS_host := -O1 -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer -D_GNU_SOURCE
CC_fuzz := $(CLANG)
CFLAGS_fuzz := -O1 -fsanitize=fuzzer,address,undefined \
	-fno-sanitize-recover=all -D_GNU_SOURCE
CC_afl := AFL_USE_ASAN=1 afl-clang-fast
CFLAGS_afl := -O1 -D_GNU_SOURCE
CC_bench := gcc
CFLAGS_bench := -O2 -D_GNU_SOURCE
CC_cov := $(CLANG)
CFLAGS_cov := -O1 -fprofile-instr-generate -fcoverage-mapping -D_GNU_SOURCE
FLAVOURS := free xen tool host fuzz afl bench cov

LDFLAGS_tool := -pie -Wl,-z,relro,-z,now
LDFLAGS_host := -fsanitize=address,undefined
LDFLAGS_cov := -fprofile-instr-generate
LDFLAGS_fuzz := -fsanitize=fuzzer,address,undefined

# $(call objs,FLAVOUR,sources): the object files of sources in a flavour
objs = $(patsubst %,$(O)/$(1)/%.o,$(basename $(2)))

define flavour_rules
$(O)/$(1)/%.o: %.c rooms.mk
	@mkdir -p $$(@D)
	@$$(call say,CC($(1)) $$<)
	$$(Q)$$(CC_$(1)) $$(COMMON) $$(CFLAGS_$(1)) $$(call cpp,$$(<D)) -c $$< -o $$@
$(O)/$(1)/%.o: %.S rooms.mk
	@mkdir -p $$(@D)
	@$$(call say,AS($(1)) $$<)
	$$(Q)$$(CC_$(1)) $$(COMMON) $$(CFLAGS_$(1)) $$(call cpp,$$(<D)) -c $$< -o $$@
endef
$(foreach f,$(FLAVOURS),$(eval $(call flavour_rules,$(f))))

FOLDERS := handover-abi core stub loader module xen test-images tests proofs bench
include $(wildcard $(addsuffix /build.mk,$(FOLDERS)))

# Conventional places; DESTDIR is for packages. The module is built by DKMS:
# dkms install baton-mem/$(VERSION)
DESTDIR ?=
PREFIX ?= /usr/local
UNITDIR ?= $(PREFIX)/lib/systemd/system
INSTALL ?= install
install-to = $(INSTALL) -D -m $(1) $(2) $(DESTDIR)$(3)
initramfs-script := /usr/share/initramfs-tools/scripts/init-bottom/baton

.PHONY: all clean install install-dev install-hook install-xen install-livepatch deb check-deb check-autopkgtest
.PHONY: check-ansible
install: all
	$(call install-to,755,$(O)/loader/baton,$(PREFIX)/sbin/baton)
	$(call install-to,755,$(O)/xen/xen-save.so,$(PREFIX)/lib/baton/xen-save.so)
	$(call install-to,755,$(O)/loader/baton-qemu,$(PREFIX)/lib/baton/baton-qemu)
	$(INSTALL) -d $(DESTDIR)/etc/libvirt/hooks/qemu.d
	for file in hook apparmor apparmor-daemon; do \
		sed 's,/usr/sbin/baton,$(PREFIX)/sbin/baton,; s,/usr/lib/baton,$(PREFIX)/lib/baton,' \
		libvirt/$$file >$(DESTDIR)$(PREFIX)/lib/baton/libvirt-$$file; done
	chmod 755 $(DESTDIR)$(PREFIX)/lib/baton/libvirt-hook
	$(INSTALL) -m 755 $(DESTDIR)$(PREFIX)/lib/baton/libvirt-hook \
		$(DESTDIR)/etc/libvirt/hooks/qemu.d/baton
	$(call install-to,755,loader/initramfs/init-bottom,$(initramfs-script))
	sed -i 's,/usr/sbin/baton,$(PREFIX)/sbin/baton,' $(DESTDIR)$(initramfs-script)
	for file in stub.bin baton.bzImage baton.elf baton.kexec; do \
		$(call install-to,644,$(O)/stub/$$file,$(PREFIX)/lib/baton/$$file); done
	for page in docs/*.[1578]; do \
		$(call install-to,644,$$page,$(PREFIX)/share/man/man$${page##*.}/$${page#docs/}); done
	$(call install-to,644,$(O)/loader/baton.bash,$(PREFIX)/share/bash-completion/completions/baton)
	$(call install-to,644,$(O)/loader/_baton,$(PREFIX)/share/zsh/site-functions/_baton)
	$(INSTALL) -d $(DESTDIR)$(UNITDIR) \
		$(DESTDIR)/usr/src/baton-mem-$(VERSION)
	for unit in systemd/*.service systemd/*.timer; do \
		sed 's,/usr/sbin/baton,$(PREFIX)/sbin/baton,' $$unit \
		>$(DESTDIR)$(UNITDIR)/$${unit#*/}; done
	$(INSTALL) -m 644 $(module-src) $(DESTDIR)/usr/src/baton-mem-$(VERSION)

# The contract, for programs that read or write a blob
install-dev:
	for file in $(wildcard handover-abi/include/handover/*.h); do \
		$(call install-to,644,$$file,$(PREFIX)/include/handover/$${file##*/}); done
	for file in $(wildcard handover-abi/*.yaml handover-abi/*.txt handover-abi/golden/*); do \
		$(call install-to,644,$$file,$(PREFIX)/share/baton/$${file#*/}); done
	$(INSTALL) -d $(DESTDIR)$(PREFIX)/share/pkgconfig
	sed 's,@PREFIX@,$(PREFIX),; s/@VERSION@/$(VERSION)/' handover-abi/baton-handover.pc \
		>$(DESTDIR)$(PREFIX)/share/pkgconfig/baton-handover.pc

# What a Xen is built of that gives guests the frames they have: baton-xen(7)
xen-recipe := $(wildcard xen/4.*/*.patch) $(xen-own-src) xen/keep.h xen/map.h xen/baton.h \
	xen/inherit.h $(wildcard xen/livepatch/*.[ch]) scripts/build-xen \
	scripts/build-xen-livepatch scripts/fetch-kernel
install-xen: all
	$(call install-to,755,contrib/xen/baton-build-xen,$(PREFIX)/bin/baton-build-xen)
	sed -i 's,^SHARE=.*,SHARE=$(PREFIX)/lib/baton-xen,' \
		$(DESTDIR)$(PREFIX)/bin/baton-build-xen
	for file in $(xen-recipe); do \
		$(INSTALL) -D -m $$([ -x $$file ] && echo 755 || echo 644) $$file \
			$(DESTDIR)$(PREFIX)/lib/baton-xen/$$file; done
	$(call install-to,644,$(O)/xen/inherit.o,$(PREFIX)/lib/baton-xen/build/xen/inherit.o)

# What baton restore gives Debian's own Xen 4.17, built first if it is not there. It has
# parts of Xen, so it is in no package
install-livepatch:
	folder=$$(scripts/build-xen-livepatch) && $(INSTALL) -D -m 644 $$folder/xen.livepatch \
		$(DESTDIR)$(PREFIX)/lib/baton/livepatch/$$(cat $$folder/build-id).livepatch

# The door for Secure Boot, by sbsigntool: KEY and CERT are in db or MOK; TRUST,
# a public key, then holds targets to a signed manifest. docs/baton.8
.PHONY: sign
sign: $(O)/stub/baton.kexec $(O)/loader/baton
	$(O)/loader/baton sign $< --key $(KEY) --cert $(CERT) \
		$(if $(TRUST),--trust $(TRUST)) -o $<.signed

# A kernel package that is installed tells that an update is ready
install-hook:
	$(call install-to,755,contrib/kernel/zz-baton,/etc/kernel/postinst.d/zz-baton)

# Debian's packages, in $(O)/deb
deb:
	scripts/setup --deb --packages
	scripts/mkdeb -o $(O)/deb

# Two builds, and clean systems in which they come and go: ten minutes, root
check-deb:
	scripts/setup --deb
	tests/deb/run

# debian/tests in a clean system, by autopkgtest: a quarter of an hour, root
check-autopkgtest:
	scripts/setup --deb
	tests/deb/autopkgtest

# contrib/ansible over made-up hosts: three minutes
check-ansible:
	scripts/setup --deb
	tests/ansible/run

clean:
	rm -rf $(O)

-include $(shell find $(O) -type f -name '*.d' 2>/dev/null)
