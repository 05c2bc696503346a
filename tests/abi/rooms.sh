#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The rooms of rooms.mk are held by the build, and docs/architecture.md shows
# them: in a copy of the tree each room gets two files, one that may include
# what is above or beside it (it must not compile) and one that looks for every
# header there is. What is linked is looked at, too: no object needs a function
# of a room that its own does not see.
#
#   tests/abi/rooms.sh BUILD
set -euo pipefail

build=$(realpath "$1")
cd "$(dirname "$0")/../.."
unset MAKEFLAGS MFLAGS MAKELEVEL
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0

complain() {
	echo "$@"
	bad=1
}

make -s rooms >"$work/rooms"
mapfile -t rooms < <(cut -d'|' -f1 "$work/rooms" | tr -d ' ')
[ "${#rooms[@]}" -gt 20 ] || complain "no rooms"
# sees ROOM: it and all it stands on
sees() {
	awk -F' [|] ' -v room="$1" '$1 == room { print $3 }' "$work/rooms"
}

# The list in docs/ is that of rooms.mk: - `ROOM` on `ROOM` ...: what it holds
sed -n '/^<!-- rooms -->/,/^<!-- end of rooms -->/ {
		s/^- `\([^`]*\)`\( on\)\{0,1\}\([^:]*\):.*/\1 |\3/
		t found
		d
		:found
		s/`//g
		p
	}' <(sed -z 's/\n  */ /g' docs/architecture.md) >"$work/docs"
sed 's/ *| [^|]*$//; s/ *$//' "$work/rooms" |
	diff - "$work/docs" || complain "docs/architecture.md: another list"

# Each folder with sources is a room, and headers are included by plain name
folders=$(find core stub loader module xen test-images tests bench \
	-name '*.[chS]' -printf '%h\n' | sort -u)
diff <(printf '%s\n' "${rooms[@]}" | sort) <(echo "$folders") ||
	complain "folders and rooms differ"
grep -rn --include='*.[chS]' '^#[ \t]*include[ \t]*"[^"]*/' $folders |
	grep -v 'include "handover/[a-z]*\.h"' &&
	complain "an include by another path than a room's"

# Kinds of guest are behind one table: what a kind's folder has is included there,
# by a kind that stands on it, and by the list of kinds. How long a guest of Xen
# stood still is shown by files of its own.
kinds='^loader/guest/|^loader/update/kinds\.c:'
for header in loader/guest/*/*.h; do
	if grep -rn --include='*.[ch]' "^#include \"${header##*/}\"" loader |
		grep -Ev "$kinds|^loader/cli/status_(pause|metrics)\.c:"; then
		complain "it knows a kind of guest"
	fi
done
if grep -rnE --include='*.[ch]' '\<(process|qemu|xen)_kind\>' loader |
	grep -Ev "$kinds"; then
	complain "it names a kind of guest"
fi

# Plant: LOOK says which headers it finds, each room has what it must not see
cp -r Makefile rooms.mk handover-abi core stub loader module xen test-images \
	tests bench "$work"
good=() ups=()
for room in "${rooms[@]}"; do
	seen=" $(sees "$room") "
	twice=$(ls $(printf '%s/ ' $seen) | sed -n '/\.h$/p' | sort |
		uniq -d)
	[ -z "$twice" ] || complain "$room sees more than one" $twice
	for other in "${rooms[@]}"; do
		for header in "$other"/*.h; do
			name=${header##*/}
			[ -e "$header" ] || continue
			if [[ $seen == *" $other "* ]]; then
				echo "#if !__has_include(\"$name\")"
				echo "#error $room does not see $header"
				echo "#endif"
				continue
			fi
			# one of the same name may be had from elsewhere
			[ ! -e "/usr/include/$name" ] || continue
			for own in $seen; do
				[ ! -e "$own/$name" ] || continue 2
			done
			echo "#if __has_include(\"$name\")"
			echo "#error $room sees $header"
			echo "#endif"
			echo "$name" >"$work/forbidden"
		done
	done >"$work/$room/planted_look.c"
	echo "#include \"$(cat "$work/forbidden")\"" \
		>"$work/$room/planted_up.c"
	good+=("$work/o/tool/$room/planted_look.o")
	ups+=("$work/o/tool/$room/planted_up.o")
done
make -C "$work" -s -k -j"$(nproc)" O="$work/o" "${good[@]}" \
	>"$work/log" ||
	complain "rooms see what they should not, or not what they should"
make -C "$work" -s -k -j"$(nproc)" O="$work/o" "${ups[@]}" \
	>"$work/log" 2>&1 && complain "includes upwards compile"
for room in "${rooms[@]}"; do
	[ ! -e "$work/o/tool/$room/planted_up.o" ] &&
		grep -q "^$room/planted_up.c:1:.*No such file" "$work/log" ||
		complain "$room: an include upwards compiles"
done

# Calls: who defines a symbol, and may those who need it see that room? What
# stands for a library in the stub is a library.
for flavour in host free; do
	for source in $(find core loader stub -name '*.[cS]' \
			! -path stub/libc.c ! -path stub/crypto.c); do
		object=$build/$flavour/${source%.*}.o
		[ ! -e "$object" ] || echo "$object"
	done | xargs -r nm -A -g | sed "s,^$build/$flavour/,," >"$work/symbols"
	[ $flavour = free ] || [ -s "$work/symbols" ] ||
		complain "no objects in $build/$flavour"
	awk -F' [|] ' 'FNR == NR { sees[$1] = " " $3 " "; next }
		{
			split($0, part, ":")
			room = part[1]
			sub("/[^/]*$", "", room)
			count = split(part[2], word, " ")
			if (word[count - 1] == "U")
				needs[room " " word[count]] = part[1]
			else if (word[count - 1] ~ /[TDBR]/)
				has[word[count]] = room
		}
		END {
			for (need in needs) {
				split(need, word, " ")
				if (word[2] in has && word[2] !~ /^__stack/ &&
				    !index(sees[word[1]],
						" " has[word[2]] " "))
					print needs[need] " calls " word[2] \
						" of " has[word[2]]
			}
		}' "$work/rooms" "$work/symbols" >"$work/calls"
	[ ! -s "$work/calls" ] || complain "$(cat "$work/calls")"
done
exit $bad
