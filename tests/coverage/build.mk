# SPDX-License-Identifier: MIT
# make coverage: lines of core/ and loader/ that hosted tests reach.

cov-unit := $(patsubst tests/unit/%.c,$(O)/tests/coverage/%, \
	$(wildcard tests/unit/test_*.c))
cov-loader := $(patsubst tests/loader/%.c,$(O)/tests/coverage/loader-%, \
	$(wildcard tests/loader/test_*.c))
cov-command := $(patsubst tests/command/%.c,$(O)/tests/coverage/command-%, \
	$(wildcard tests/command/test_*.c))
cov-fuzz := $(patsubst tests/fuzz/%.c,$(O)/tests/coverage/%, \
	$(wildcard tests/fuzz/fuzz_*.c))
cov-common = $(call objs,cov,tests/unit/testmachine.c $(core-src))

$(cov-unit): $(O)/tests/coverage/%: $(O)/cov/tests/unit/%.o $(cov-common)
	@mkdir -p $(@D)
	$(Q)$(CC_cov) $(LDFLAGS_cov) $^ -lcmocka $(core-libs) -o $@
$(cov-loader): $(O)/tests/coverage/loader-%: $(O)/cov/tests/loader/%.o \
		$(cov-common) $(call objs,cov,$(fake-plain-src) \
		$(loader-lib-src))
	@mkdir -p $(@D)
	$(Q)$(CC_cov) $(LDFLAGS_cov) $^ -lcmocka $(loader-libs) -o $@
$(cov-command): $(O)/tests/coverage/command-%: $(O)/cov/tests/command/%.o \
		$(call fake-objs,cov)
	@mkdir -p $(@D)
	$(Q)$(CC_cov) $(LDFLAGS_cov) $(fake-link) $^ -lcmocka \
		$(loader-libs) -o $@
$(cov-fuzz): $(O)/tests/coverage/%: $(O)/cov/tests/fuzz/%.o \
		$(O)/cov/tests/fuzz/replay.o $(cov-common) \
		$(call objs,cov,$(loader-lib-src))
	@mkdir -p $(@D)
	$(Q)$(CC_cov) $(LDFLAGS_cov) $^ $(loader-libs) -o $@
$(O)/tests/coverage/flips: $(O)/cov/tests/malform/flips.o \
		$(O)/cov/tests/fuzz/fuzz_blob.o $(cov-common)
	@mkdir -p $(@D)
	$(Q)$(CC_cov) $(LDFLAGS_cov) $^ $(core-libs) -o $@

.PHONY: coverage
coverage: setup-check
	@$(MAKE) --no-print-directory -j$$(nproc) O=$(O) $(cov-unit) \
		$(cov-loader) $(cov-command) $(cov-fuzz) $(fuzz-bin) \
		$(O)/tests/coverage/flips $(O)/tests/fuzz/seeds $(O)/stub/stub.bin $(O)/stub/baton.bzImage
	@O=$(O) tests/check fuzz >/dev/null
	@O=$(O) tests/coverage/report
