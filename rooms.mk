# SPDX-License-Identifier: MIT
# The rooms: which folder may include and call which. A folder is compiled with the
# include paths of itself and of all it stands on, and no others: an include
# upwards or sideways does not compile. Headers are included by their plain name.
# docs/architecture.md has the same table; tests/abi/rooms.sh compares and tries it.

# $(call room,FOLDER,THOSE IT STANDS ON): from the ground up, so no circles
room = $(foreach r,$(2),$(if $(filter $(r),$(rooms)),,$(error \
	$(1) stands on $(r), which is not above it in rooms.mk))) \
	$(eval rooms += $(1)) $(eval stands-$(1) := $(2)) \
	$(eval sees-$(1) := $(sort $(1) $(foreach r,$(2),$(sees-$(r)))))

$(call room,core/base)
$(call room,core/firmware,core/base)
$(call room,core/blob,core/firmware)
$(call room,core/own,core/blob)
$(call room,core/target,core/own)
$(call room,core/door,core/target)
$(call room,core/result,core/target)

$(call room,stub,core/result)
$(call room,stub/door,stub core/door)
$(call room,module)
$(call room,xen,core/result)
$(call room,xen/livepatch)

$(call room,loader/base,core/base)
$(call room,loader/linux,loader/base core/door)
$(call room,loader/xen,loader/base)
$(call room,loader/handover,loader/linux loader/xen core/result module)
$(call room,loader/kexec,loader/linux loader/xen)
$(call room,loader/region,loader/handover)
$(call room,loader/guest,loader/handover)
$(call room,loader/guest/process,loader/guest)
$(call room,loader/guest/qemu,loader/guest/process module)
$(call room,loader/guest/libvirt,loader/guest/qemu)
$(call room,loader/guest/emulator,loader/guest/qemu)
$(call room,loader/guest/xen,loader/guest xen/livepatch)
$(call room,loader/kernel,loader/base core/target)
$(call room,loader/pack,loader/region loader/kernel)
$(call room,loader/update,loader/pack loader/kexec loader/guest/process \
	loader/guest/qemu loader/guest/libvirt loader/guest/xen)
$(call room,loader/install,loader/pack)
$(call room,loader/map,loader/handover)
$(call room,loader/cli,loader/update loader/install loader/map)

$(call room,test-images)
$(call room,test-images/host,test-images module)
$(call room,test-images/payload,test-images stub)
$(call room,test-images/relay,test-images/payload)
$(call room,tests/abi,core/door core/result)
$(call room,tests/agree,core/door core/result)
$(call room,tests/unit,core/door core/result)
$(call room,tests/exact,tests/unit stub)
$(call room,tests/fake,tests/unit loader/cli)
$(call room,tests/loader,tests/fake loader/guest/emulator)
$(call room,tests/command,tests/fake)
$(call room,tests/xen,tests/unit xen xen/livepatch)
$(call room,tests/fuzz,tests/xen loader/cli loader/guest/emulator)
$(call room,tests/malform,tests/unit)
$(call room,tests/stub,stub/door)
$(call room,tests/synth,test-images loader/handover)
$(call room,tests/fire)
$(call room,tests/qemu,loader/guest/qemu)
$(call room,tests/libvirt,loader/guest/libvirt)
$(call room,bench,tests/unit loader/linux)

# $(call cpp,FOLDER): the preprocessor's flags there
cpp = $(if $(filter $(1),$(rooms)),,$(error $(1) is not in rooms.mk)) \
	$(CPPFLAGS) $(addprefix -iquote ,$(sees-$(1)))

# ROOM | STANDS ON | SEES, for tests/abi/rooms.sh
.PHONY: rooms
rooms:
	@:$(foreach r,$(rooms),$(info $(r) | $(stands-$(r)) | $(sees-$(r))))
