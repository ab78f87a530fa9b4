# Reads `go test -cover PACKAGES` and fails when a package lies below -v floor=N percent.

{ print }

/coverage: [0-9.]+% of statements/ {
	percent = $0
	sub(/.*coverage: /, "", percent)
	sub(/%.*/, "", percent)
	measured++
	if (percent + 0 < floor) low++
}

/^(FAIL|---|panic:)/ || /build failed/ { failed = 1 }

END {
	printf "%d packages measured, %d below %s %%\n", measured, low, floor
	exit failed || low > 0 || measured == 0
}
