# SPDX-License-Identifier: MIT
# The loader under fire: system calls that fail, signals at any of them.

$(O)/tests/fire/fire: $(call objs,tool,tests/fire/fire.c)
	@mkdir -p $(@D)
	@$(call say,LD $@)
	$(Q)$(CC_tool) $(LDFLAGS_tool) $^ -o $@

all: $(O)/tests/fire/fire
