# SPDX-License-Identifier: MIT
# make bench-kvm: a guest's pause in an update; make bench-hosts: a target's start by
# the size of the host; make bench-stub: the stub's instructions; make bench-unpacked:
# a kernel unpacked beforehand; make bench-kho:
# Linux's own handover; make bench-peers: what is done without an update: sections of
# docs/performance.md
# make bench: the table, build/bench/results.json, docs/performance.md

$(O)/bench/run: $(call objs,bench,bench/bench.c tests/unit/testmachine.c \
		$(core-src))
	@mkdir -p $(@D)
	@$(call say,LD $@)
	$(Q)$(CC_bench) $^ $(core-libs) -ljson-c -o $@

$(O)/bench/frames: $(call objs,bench,bench/frames.c $(loader-lib-src) \
		$(core-src))
	@mkdir -p $(@D)
	@$(call say,LD $@)
	$(Q)$(CC_bench) -Wl,--gc-sections $^ $(loader-libs) -o $@

.PHONY: bench
bench: setup-check
	@$(MAKE) --no-print-directory -j$$(nproc) O=$(O) all $(O)/bench/run \
		$(O)/bench/frames $(O)/tests/synth/synth
	@$(O)/bench/run -o $(O)/bench/results.json
	@O=$(O) bench/paused $(O)/bench/results.json
	@O=$(O) bench/instructions $(O)/bench/results.json
	@bench/report $(O)/bench/results.json docs

# a plugin of QEMU's: the instructions of a whole host
$(O)/bench/count.so: bench/count.c
	@mkdir -p $(@D)
	@$(call say,LD $@)
	$(Q)$(CC_tool) $(COMMON) -O2 -fPIC -fvisibility=hidden -shared $< -o $@

.PHONY: bench-kvm
bench-kvm: setup-check
	@$(MAKE) --no-print-directory -j$$(nproc) O=$(O) all kvm-images \
		$(O)/bench/count.so
	@O=$(O) bench/pause $(RUNS)

.PHONY: bench-hosts
bench-hosts: setup-check
	@$(MAKE) --no-print-directory -j$$(nproc) O=$(O) all $(O)/tests/synth/synth
	@O=$(O) bench/hosts $(RUNS)

.PHONY: bench-stub
bench-stub: setup-check
	@$(MAKE) --no-print-directory -j$$(nproc) O=$(O) all $(O)/tests/malform/malform
	@O=$(O) bench/stub

.PHONY: bench-unpacked
bench-unpacked: setup-check
	@$(MAKE) --no-print-directory -j$$(nproc) O=$(O) all $(O)/tests/malform/malform
	@O=$(O) bench/unpacked $(RUNS)

# /init of bench/kho's machines; scripts/build-linux has the kernel
$(O)/bench/khoinit: bench/khoinit.c
	@mkdir -p $(@D)
	@$(call say,LD $@)
	$(Q)$(CC_tool) $(COMMON) -static $< -o $@

# some minutes, once its kernel has been built
.PHONY: bench-kho
bench-kho: setup-check
	@$(MAKE) --no-print-directory -j$$(nproc) O=$(O) all $(O)/bench/khoinit \
		$(O)/tests/synth/synth
	@O=$(O) bench/kho $(RUNS)

# half an hour: guests of up to 4 GiB, saved and restored
.PHONY: bench-peers
bench-peers: setup-check
	@$(MAKE) --no-print-directory -j$$(nproc) O=$(O) all kvm-images
	@O=$(O) bench/peers $(RUNS)
