# Reads `go test -v ./...` and prints what a person needs: a line a package,
# the reasons of skipped tests, and everything a failing package said.
#
# go test prints whole packages one after the other, so one buffer is enough.

function flush_skips(    reason) {
	for (reason in skips)
		printf "      skipped %d: %s\n", skips[reason], reason
}

function forget(    key) {
	for (key in skips) delete skips[key]
	for (key in said) delete said[key]
	lines = 0
	last = ""
}

function fail_line(line) {
	print line
	failed = 1
}

# Progress marks of -v; nobody reads them.
/^=== (RUN|PAUSE|CONT|NAME)/ { next }

# A package ended well, or has no tests.
/^ok  \t/ { print; flush_skips(); passed++; forget(); next }
/^\?   \t/ || /^\t.*coverage: 0.0% of statements$/ { print; forget(); next }

# A package ended badly: say all of it. A package that does not build has no
# lines of its own in the buffer but the compiler's.
/^FAIL\t/ {
	for (i = 1; i <= lines; i++) print said[i]
	fail_line($0)
	broken++
	forget()
	next
}

# go test's own last line.
/^FAIL$/ { failed = 1; next }

/^ *--- SKIP: / { skips[last]++; skipped++; next }
/^ *--- PASS: / || /^PASS$/ { next }

{
	said[++lines] = $0
	# The reason of a skip stands before its mark: `    x_test.go:12: reason`.
	last = $0
	sub(/^ *[A-Za-z0-9_]+\.go:[0-9]+: /, "", last)
}

END {
	# Something no package owns, such as an error of go itself.
	if (lines > 0 && (passed + broken == 0 || failed)) for (i = 1; i <= lines; i++) print said[i]
	printf "\n%d packages passed, %d failed; %d tests skipped\n", passed, broken, skipped
	exit failed || passed == 0
}
