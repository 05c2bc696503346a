#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Calls of baton in code blocks of README.md, docs/, contrib/ and man pages: each
# command is there, and takes each of its options. Called by tests/check.
set -euo pipefail

cd "$(dirname "$0")/../.."
BATON=${O:-build}/loader/baton
calls=0
bad=0
declare -A helps=()

# blocks FILE: its code blocks, with lines joined that end in a backslash
blocks() {
	awk '/^```|^\.Bd -literal|^\.Ed/ { code = !code; next }
	     sub(/^\.Dl /, "") || code' "$1" | sed -e 's/\\e$/\\/' |
		sed -e ':a' -e '/\\$/N; s/\\\n */ /; ta'
}

# call PAGE COMMAND WORD...
call() {
	local page=$1 command=$2 word
	shift 2
	calls=$((calls + 1))
	if [ -z "${helps[$command]:-}" ]; then
		helps[$command]=$("$BATON" "$command" --help-all 2>/dev/null) || {
			echo "$page: no command $command"
			bad=1
			return
		}
	fi
	for word; do
		case $word in
		'#'* | '|'* | '&&' | ';'*) return ;;
		--*) ;;
		*) continue ;;
		esac
		word=${word%%=*} word=${word%%│*}
		word=${word%%[],;\`)]*}
		[ "$word" = --help ] || grep -q -- "^  \(-. *, \)\?$word\( \|\$\)" \
			<<<"${helps[$command]}" || {
			echo "$page: baton $command has no $word"
			bad=1
		}
	done
}

for page in README.md docs/*.md docs/*.[1578] contrib/*/*.md; do
	while read -r line; do
		[[ $line =~ (^|[[:space:]])baton\ +([a-z]+)(\ .*)?$ ]] || continue
		# shellcheck disable=SC2086
		set -f
		call "$page" "${BASH_REMATCH[2]}" ${BASH_REMATCH[3]}
		set +f
	done < <(blocks "$page" | grep -v '^ *#')
done
[ $calls -gt 40 ] || { echo "only $calls calls"; bad=1; }
[ $bad = 0 ] && echo "$calls calls"
exit $bad
