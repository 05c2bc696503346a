# SPDX-License-Identifier: MIT
# The maker of malformed blobs, and a sanitised baton to check them with.

malform-src := $(addprefix tests/malform/, malform.c newer.c tree_cases.c \
	stream_cases.c) tests/unit/testmachine.c
malform-bin := $(addprefix $(O)/tests/malform/, malform baton flips)

$(O)/tests/malform/malform: $(call objs,tool,$(malform-src) $(core-src))
	@mkdir -p $(@D)
	@$(call say,LD $@)
	$(Q)$(CC_tool) $(LDFLAGS_tool) $^ $(core-libs) -o $@

$(O)/tests/malform/baton: $(call objs,host,$(loader-src) $(loader-lib-src) \
		$(core-src))
	@mkdir -p $(@D)
	@$(call say,LD $@)
	$(Q)$(CC_host) $(LDFLAGS_host) $^ $(loader-libs) -o $@

$(O)/tests/malform/flips: $(call objs,host,tests/malform/flips.c \
		tests/fuzz/fuzz_blob.c tests/unit/testmachine.c $(core-src))
	@mkdir -p $(@D)
	@$(call say,LD $@)
	$(Q)$(CC_host) $(LDFLAGS_host) $^ $(core-libs) -o $@

all: $(O)/tests/malform/malform
