# SPDX-License-Identifier: MIT
# nm -n of the first link -> the table of symbols.h. `end` closes it, so that
# what lies behind the text has no name.
BEGIN { n = 0; print "#include \"symbols.h\"\n" }
$3 == "stub_rodata" { end = $1 }
$2 ~ /^[tT]$/ && $3 !~ /^stub_text$|^trap_entries$/ && $1 != last {
	at[n] = $1
	sub(/\..*/, "", $3)	# .constprop.0 and the like
	name[n++] = $3
	last = $1
}
END {
	print "const uint32_t stub_symbol_count = " n + (end != "") ";"
	print "const uint32_t stub_symbol_at[] = {"
	for (i = 0; i < n; i++)
		print "\t0x" at[i] ","
	print "\t0x" (end == "" ? "0" : end) "\n};"
	print "const char stub_symbol_names[] ="
	for (i = 0; i < n; i++)
		print "\t\"" name[i] "\\0\""
	print "\t\"?\";"
}
