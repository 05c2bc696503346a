# SPDX-License-Identifier: MIT
# Tests, fast to slow, a target each. tests/check runs what is built here.

include tests/malform/build.mk tests/stub/build.mk tests/synth/build.mk tests/fire/build.mk \
	tests/fuzz/build.mk tests/agree/build.mk tests/fake/build.mk tests/coverage/build.mk

# ABI: the headers alone, as C and as assembly; the layout as committed
$(O)/tests/abi/layout: $(O)/host/tests/abi/layout.o
	@mkdir -p $(@D)
	$(Q)$(CC_host) $(LDFLAGS_host) $^ -o $@
$(O)/tests/abi/failure: $(O)/host/tests/abi/failure.o
	@mkdir -p $(@D)
	$(Q)$(CC_host) $(LDFLAGS_host) $^ -o $@
$(O)/tests/abi/headers.o: $(O)/free/tests/abi/headers.o
	@mkdir -p $(@D)
	$(Q)cp $< $@
$(O)/tests/abi/golden: $(call objs,host,tests/abi/golden.c $(core-src))
	@mkdir -p $(@D)
	@$(call say,LD $@)
	$(Q)$(CC_host) $(LDFLAGS_host) $^ $(core-libs) -o $@
abi-bin := $(addprefix $(O)/tests/abi/,layout failure golden headers.o) \
	$(agree-bin)

# Unit: a program a module, over the host flavour of core
unit-bin := $(patsubst %.c,$(O)/%,$(wildcard tests/unit/test_*.c))
$(unit-bin): $(O)/tests/unit/%: $(O)/host/tests/unit/%.o \
		$(call objs,host,tests/unit/testmachine.c $(core-src))
	@mkdir -p $(@D)
	@$(call say,LD $@)
	$(Q)$(CC_host) $(LDFLAGS_host) $^ -lcmocka $(core-libs) -o $@

# $(call shared,SOURCES,TESTS): what only some tests are linked with, as they are
# checked and as their lines are counted (tests/coverage)
define shared
$(addprefix $(O)/,$(2)): $(call objs,host,$(1))
$(addprefix $(O)/tests/coverage/,$(subst /,-,$(patsubst unit/%,%,$(2:tests/%=%)))): \
	$(call objs,cov,$(1))
endef
$(eval $(call shared,tests/unit/testdoor.c,$(addprefix tests/unit/test_, \
	bootparams_read facts mb2_read pvh)))
$(eval $(call shared,tests/unit/testelf.c,tests/unit/test_mb2 tests/unit/test_mb2_elf))
$(eval $(call shared,tests/unit/testwalk.c,tests/unit/test_pass \
	tests/unit/test_pass_stream))
$(eval $(call shared,tests/unit/testtree.c,tests/unit/test_result \
	tests/unit/test_result_read))

# Xen: what is linked into one, over what an update leaves in memory
xen-test-bin := $(patsubst %.c,$(O)/%,$(wildcard tests/xen/test_*.c))
$(xen-test-bin): $(O)/tests/xen/%: $(O)/host/tests/xen/%.o $(call objs,host, \
		tests/xen/leftover.c tests/unit/testmachine.c $(xen-src) \
		$(core-src))
	@mkdir -p $(@D)
	@$(call say,LD $@)
	$(Q)$(CC_host) $(LDFLAGS_host) $^ -lcmocka $(core-libs) -o $@

# The same as files, for Xens that boot (scripts/boot): the region stands right above
# what is RAM to them, 480 MiB
leave-obj := $(call objs,tool,tests/xen/leave.c tests/xen/leftover.c)
$(leave-obj): CPPFLAGS += '-DREGION_BASE=(480 * MIB)'
$(O)/tests/xen/leave: $(leave-obj) $(call objs,tool,tests/unit/testmachine.c \
		$(core-src))
	@mkdir -p $(@D)
	@$(call say,LD $@)
	$(Q)$(CC_tool) $(LDFLAGS_tool) $^ -lcmocka $(core-libs) -o $@

$(O)/tests/xen/left/stamp: $(O)/tests/xen/leave
	@mkdir -p $(@D)
	$(Q)$< $(@D)
	@touch $@

# Xen's own part in a Xen that is made up: each header of Xen's is fakexen.h
fakexen-headers := $(addprefix $(O)/tests/xen/include/, \
	$(addprefix xen/, compile.h err.h event.h init.h lib.h livepatch.h \
		livepatch_payload.h mm.h param.h \
		sched.h smp.h softirq.h sort.h spinlock.h types.h vmap.h xmalloc.h) \
	$(addprefix asm/, baton.h e820.h msr.h p2m.h setup.h))
$(fakexen-headers):
	@mkdir -p $(@D)
	$(Q)echo '#include "$(abspath $(if $(filter %/asm/baton.h,$@),xen/baton.h, \
		tests/xen/fakexen.h))"' >$@
fakexen-obj := $(call objs,host,$(xen-own-src) xen/livepatch/payload.c \
	tests/xen/test_baton.c tests/xen/test_livepatch.c)
# Xen compiles without -Wextra
$(fakexen-obj): CPPFLAGS += -Wno-unused-parameter -D__XEN__ -I$(O)/tests/xen/include
$(fakexen-obj): $(fakexen-headers)
$(O)/tests/xen/test_baton: $(call objs,host,$(xen-own-src) tests/xen/fakexen.c)
# They lie side by side when they are built
$(O)/host/xen/livepatch/payload.o: CPPFLAGS += -iquote xen
$(O)/tests/xen/test_livepatch: $(call objs,host,xen/keep.c xen/lists.c xen/place.c \
	xen/livepatch/payload.c tests/xen/fakexen.c)

# Exact: the stub's own object files under a hosted test
exact-bin := $(patsubst %.c,$(O)/%,$(wildcard tests/exact/test_*.c))
$(exact-bin): $(O)/tests/exact/%: $(O)/tool/tests/exact/%.o \
		$(call objs,free,$(stub-hosted-src))
	@mkdir -p $(@D)
	@$(call say,LD $@)
	$(Q)$(CC_tool) $(LDFLAGS_tool) $^ -lcmocka -o $@

# Boot: what QEMU is given
$(O)/tests/boot/wdat.aml: tests/boot/wdat
	@mkdir -p $(@D)
	$(Q)$< $@

$(O)/tests/boot/cedt.bin: tests/boot/cedt
	@mkdir -p $(@D)
	$(Q)$< $@

boot-files := $(O)/tests/boot/wdat.aml $(O)/tests/boot/cedt.bin \
	$(O)/tests/xen/left/stamp

# Loader: its readers and writers, host flavour
loader-test-bin := $(patsubst %.c,$(O)/%,$(wildcard tests/loader/test_*.c))
$(loader-test-bin): $(O)/tests/loader/%: $(O)/host/tests/loader/%.o \
		$(call objs,host,tests/unit/testmachine.c $(fake-plain-src) \
		$(loader-lib-src) $(core-src))
	@mkdir -p $(@D)
	@$(call say,LD $@)
	$(Q)$(CC_host) $(LDFLAGS_host) $^ -lcmocka $(loader-libs) -o $@

$(eval $(call shared,tests/loader/tighthost.c,tests/loader/test_verdict))
$(eval $(call shared,tests/unit/testkernel.c,tests/loader/test_unpacked \
	tests/command/test_unpack))
$(eval $(call shared,tests/loader/testsave.c,$(addprefix tests/loader/test_xen_, \
	stays stream translated)))

# The options are those of the commands
$(eval $(call shared,$(filter-out loader/cli/main.c,$(loader-src)), \
	tests/loader/test_options tests/loader/test_option_check tests/loader/test_help))
$(eval $(call shared,tests/loader/testcall.c,tests/loader/test_options \
	tests/loader/test_option_check))

$(eval $(call shared,tests/command/testkept.c,$(addprefix tests/command/test_, \
	arm fallback kept)))
$(eval $(call shared,tests/command/testhvm.c,$(addprefix tests/command/test_, \
	xenhvm xenpatch)))

# QEMU guests: what adopt would start, for a stand-in
$(O)/tests/qemu/args: $(call objs,tool,tests/qemu/args.c) $(O)/loader/libbaton.a
	@mkdir -p $(@D)
	@$(call say,LD $@)
	$(Q)$(CC_tool) $(LDFLAGS_tool) $^ $(loader-libs) -o $@

# Domains of a real libvirt: what adopt does with them, but for the kernel module
$(O)/tests/libvirt/adopt: $(call objs,tool,tests/libvirt/adopt.c) $(O)/loader/libbaton.a
	@mkdir -p $(@D)
	@$(call say,LD $@)
	$(Q)$(CC_tool) $(LDFLAGS_tool) -Wl,--wrap=guestmem_create $^ $(loader-libs) \
		-o $@

# Fuzz: libFuzzer, seeds are the golden blobs
fuzz-bin := $(patsubst %.c,$(O)/%,$(wildcard tests/fuzz/fuzz_*.c))
$(fuzz-bin): $(O)/tests/fuzz/%: $(O)/fuzz/tests/fuzz/%.o \
		$(call objs,fuzz,tests/unit/testmachine.c $(loader-lib-src) \
		$(core-src))
	@mkdir -p $(@D)
	@$(call say,LD $@)
	$(Q)$(CC_fuzz) $(LDFLAGS_fuzz) $^ $(loader-libs) -o $@

# $(call fuzz-more,NAME,SOURCES): what only that fuzzer is linked with, in each flavour
define fuzz-more
$(O)/tests/fuzz/fuzz_$(1): $(call objs,fuzz,$(2))
$(O)/tests/fuzz/afl/fuzz_$(1): $(call objs,afl,$(2))
$(O)/tests/coverage/fuzz_$(1): $(call objs,cov,$(2))
endef
$(eval $(call fuzz-more,config,$(filter-out loader/cli/main.c,$(loader-src))))
$(eval $(call fuzz-more,inherit,tests/xen/leftover.c $(xen-src)))

.PHONY: check check-abi check-agree check-unit check-exact check-loader check-malform \
	check-fuzz check-module check-qemu check-chaos check-boot tests setup-check

tests: all kvm-images $(abi-bin) $(unit-bin) $(xen-test-bin) $(exact-bin) $(loader-test-bin) \
	$(command-test-bin) \
	$(malform-bin) $(fuzz-bin) $(O)/tests/fuzz/seeds \
	$(attack-bin) $(boot-files) \
	$(O)/tests/qemu/args $(O)/tests/libvirt/adopt

# The first run on a machine installs what is missing
setup-check:
	@scripts/setup --check >/dev/null || scripts/setup

check: setup-check
	@$(MAKE) --no-print-directory -j$$(nproc) O=$(O) tests
	@O=$(O) tests/check abi agree unit exact proofs loader malform module fuzz chaos qemu boot

# Boot cases for which check has no time
.PHONY: check-long
check-long: setup-check
	@$(MAKE) --no-print-directory -j$$(nproc) O=$(O) tests
	@O=$(O) GROUP=long tests/check boot

check-abi: $(abi-bin) $(malform-bin) $(O)/stub/stub.bin
	@O=$(O) tests/check abi
check-agree: $(agree-bin) $(O)/stub/stub.bin
	@O=$(O) tests/check agree
check-unit: $(unit-bin) $(xen-test-bin)
	@O=$(O) tests/check unit
check-exact: $(exact-bin)
	@O=$(O) tests/check exact
check-loader: all $(O)/tests/synth/synth $(loader-test-bin) $(command-test-bin)
	@O=$(O) tests/check loader
check-malform: $(malform-bin) $(O)/tests/abi/golden $(O)/tests/fuzz/seeds
	@O=$(O) tests/check malform
check-module: all
	@O=$(O) tests/check module
check-qemu: all $(O)/tests/qemu/args
	@O=$(O) tests/check qemu
check-chaos: all $(O)/tests/synth/synth
	@O=$(O) tests/check chaos
check-fuzz: $(fuzz-bin) $(O)/tests/fuzz/seeds
	@O=$(O) tests/check fuzz
check-boot: all kvm-images $(malform-bin) $(attack-bin) $(boot-files)
	@O=$(O) tests/check boot

# A libvirtd of its own, root: half an hour. All in one: a few minutes
.PHONY: check-libvirt check-libvirt-short
check-libvirt: all kvm-images $(O)/tests/libvirt/adopt
	scripts/setup --libvirt
	@O=$(O) tests/libvirt/run
check-libvirt-short: all kvm-images $(O)/tests/libvirt/adopt
	scripts/setup --libvirt
	@O=$(O) tests/libvirt/run --tries 2 undone beside adopted

# Hours: the fuzzers for ten minutes each, flips without end, all proofs, bugs that
# are planted, all boot cases three times over, 2,000 tight regions, then updates by
# the thousand (scripts/campaign, which goes on where it was when it is broken off)
.PHONY: campaign
campaign: setup-check
	@$(MAKE) --no-print-directory -j$$(nproc) O=$(O) tests
	@O=$(O) FUZZ_SECONDS=600 FLIPS=1000000 AGREE=100000 AGREE_STUB=500 \
		TIMEOUT=7200 KILLS=500 MANY=2000 \
		tests/check agree loader malform fuzz boot boot boot
	@$(O)/tests/loader/test_verdict 1 2000 \
		$$(scripts/fetch-kernel 6.1)/vmlinuz >$(O)/check/tight.log
	@O=$(O) proofs/run --reach
	@O=$(O) proofs/run --timeout 3600
	@O=$(O) tests/planted/run --all
	@O=$(O) GROUP=long tests/check boot
	@O=$(O) GROUP=campaign tests/check boot
	@$(MAKE) --no-print-directory O=$(O) campaign-live
	@$(MAKE) --no-print-directory O=$(O) check-libvirt
	@O=$(O) scripts/campaign

# Running QEMUs changed at random: they go on as they are, or are refused
.PHONY: campaign-live
campaign-live: all $(O)/tests/qemu/args
	@O=$(O) tests/qemu/run --seeds 1-200

# What of docs/ is made from the headers, from the table of options, and drawn
.PHONY: docs
docs: $(O)/tests/abi/failure $(O)/loader/baton $(O)/tests/synth/synth $(O)/stub/stub.bin
	tests/abi/failure.sh --write $<
	tests/loader/options.sh --write
	scripts/pictures

# The main job, for people: two updates in a row under QEMU
.PHONY: demo
demo: setup-check
	@$(MAKE) --no-print-directory -j$$(nproc) O=$(O) all
	@O=$(O) scripts/demo

# The same from Xen to Xen, with two PV guests
.PHONY: demo-xen
demo-xen: setup-check
	@$(MAKE) --no-print-directory -j$$(nproc) O=$(O) all
	@O=$(O) scripts/demo --xen

# Debian on a disk, by GRUB and the stub
.PHONY: demo-grub
demo-grub: setup-check
	@$(MAKE) --no-print-directory -j$$(nproc) O=$(O) all
	@scripts/mkdisk >/dev/null
	@O=$(O) scripts/demo --grub

# The same with Debian's Xen, and a PV guest that runs on
.PHONY: demo-grub-xen
demo-grub-xen: setup-check
	@$(MAKE) --no-print-directory -j$$(nproc) O=$(O) all
	@scripts/mkdisk xen >/dev/null
	@O=$(O) scripts/demo --grub --xen

# A real guest: KVM and QEMU in the host that is updated
.PHONY: demo-kvm
demo-kvm: setup-check
	@$(MAKE) --no-print-directory -j$$(nproc) O=$(O) all kvm-images
	@O=$(O) scripts/demo-kvm

# Domains of libvirt, on a Debian disk
.PHONY: demo-libvirt
demo-libvirt: setup-check
	@$(MAKE) --no-print-directory -j$$(nproc) O=$(O) all kvm-images
	@scripts/mkdisk libvirt >/dev/null
	@O=$(O) scripts/demo-libvirt
