# SPDX-License-Identifier: MIT
# make coverage: lines of core/ that unit tests and fuzz corpora reach.

cov-unit := $(patsubst tests/unit/%.c,$(O)/tests/coverage/%, \
	$(wildcard tests/unit/test_*.c))
cov-fuzz := $(patsubst tests/fuzz/%.c,$(O)/tests/coverage/%, \
	$(wildcard tests/fuzz/fuzz_*.c))
cov-common = $(call objs,cov,tests/unit/testmachine.c $(core-src))

$(cov-unit): $(O)/tests/coverage/%: $(O)/cov/tests/unit/%.o $(cov-common)
	@mkdir -p $(@D)
	$(Q)$(CC_cov) $(LDFLAGS_cov) $^ -lcmocka $(core-libs) -o $@
$(cov-fuzz): $(O)/tests/coverage/%: $(O)/cov/tests/fuzz/%.o \
		$(O)/cov/tests/fuzz/replay.o $(cov-common) \
		$(call objs,cov,$(loader-lib-src))
	@mkdir -p $(@D)
	$(Q)$(CC_cov) $(LDFLAGS_cov) $^ $(loader-libs) -o $@

.PHONY: coverage
coverage: setup-check
	@$(MAKE) --no-print-directory -j$$(nproc) O=$(O) $(cov-unit) \
		$(cov-fuzz) $(fuzz-bin) $(O)/tests/fuzz/seeds
	@O=$(O) tests/check fuzz >/dev/null
	@O=$(O) tests/coverage/report
