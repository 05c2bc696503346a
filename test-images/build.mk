# SPDX-License-Identifier: MIT
# What the boot tests run in the guest.

$(O)/test-images/holder: $(call objs,tool,test-images/holder.c)
	@mkdir -p $(@D)
	@$(call say,LD $@)
	$(Q)$(CC_tool) $(LDFLAGS_tool) $^ -o $@

all: $(O)/test-images/holder
