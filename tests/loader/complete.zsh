#!/usr/bin/env zsh
# SPDX-License-Identifier: MIT
#
# What zsh offers behind a command line, as if TAB was pressed: a zsh in a
# terminal of its own, with its completion system and one more folder of
# functions. For each LINE the words it offers, sorted, in a line.
#
#   tests/loader/complete.zsh FOLDER LINE...      status 1: it does not answer
set -eu
zmodload zsh/zpty
DIR=$(mktemp -d)
trap 'rm -rf "$DIR"' EXIT

# compadd is what every offer goes through; with -O, -A or -D it only filters
cat >"$DIR/init" <<-END
	unsetopt beep
	fpath=("${1:A}" \$fpath)
	autoload -U compinit
	compinit -u -D
	compadd() {
		local -a found
		if [[ " \${@[1,(i)(-|--)]}" == *' '-[a-zA-Z]#[OAD]\ * ]]; then
			builtin compadd "\$@"
			return
		fi
		builtin compadd -O found "\$@"
		print -rl -- \$found >>"$DIR/offered"
		builtin compadd "\$@"
	}
	answer() {
		: >"$DIR/answered"
	}
	zle -N answer
	bindkey '^I' complete-word
	bindkey '^T' answer
	: >"$DIR/answered"
END

# Until the shell is done with what it was sent: 20 s
await() {
	local i text
	for ((i = 0; i < 2000; i++)); do
		zpty -rt shell text 2>/dev/null || true
		[[ ! -e $DIR/answered ]] || return 0
		sleep 0.01
	done
	print -u2 "no answer: $1"
	return 1
}

zpty -b shell "TERM=dumb zsh -f -i"
zpty -w shell "setopt extendedglob; . $DIR/init"
await init
for line in "${@[2,-1]}"; do
	rm -f "$DIR/answered" "$DIR/offered"
	# ^U: an empty line
	zpty -n -w shell $'\x15'"$line"$'\t\x14'
	await "$line"
	: >>"$DIR/offered"
	print -r -- ${(ou)${(f)"$(<"$DIR/offered")"}}
done
zpty -d shell
