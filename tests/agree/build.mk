# SPDX-License-Identifier: MIT
# What core/ makes of blobs, for the other reader to compare with.

agree-bin := $(O)/tests/agree/core
$(agree-bin): $(call objs,host,tests/agree/core.c $(core-src))
	@mkdir -p $(@D)
	@$(call say,LD $@)
	$(Q)$(CC_host) $(LDFLAGS_host) $^ $(core-libs) -o $@
