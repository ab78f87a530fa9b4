package value

import (
	"cmp"
	"testing"
)

func TestCompareVersions(t *testing.T) {
	// In ascending order.
	order := []string{
		"0", "0.0.1", "1", "1.0", "1.0.0-0", "1.0.0-1", "1.0.0-2", "1.0.0-11",
		"1.0.0-99999999999999999999", "1.0.0-100000000000000000000",
		"1.0.0--", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-alpha.beta.2",
		"1.0.0-beta", "1.0.0-beta+build", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1",
		"1.0.0", "1.0.0+build.1", "1.0.0+build.2",
		"1.0.0.0", "1.2.4-SNAPSHOT", "1.2.4", "1.5.0", "1.11.3", "2.0.0-a", "2.0.0", "10.0",
		"99999999999999999999.0", "100000000000000000000.0",
		// No versions, by their bytes.
		"", "-1", "1.", "1.0.0+", "1.0.0+a..b", "1.0.0-", "1.0.0-01", "1.0.0-a..b", "1.0.0-a_b", "1..0", "1.02", "1.x", "bad", "v1.0", "é",
	}
	for i, a := range order {
		for j, b := range order {
			want := cmp.Compare(i, j)
			if got := CompareVersions(a, b); got != want && (valid(a) || valid(b)) {
				t.Errorf("CompareVersions(%q, %q) = %d, want %d", a, b, got, want)
			}
			if got, want := CompareVersions(a, b), cmp.Compare(a, b); !valid(a) && !valid(b) && got != want {
				t.Errorf("CompareVersions(%q, %q) = %d, want the order of bytes, %d", a, b, got, want)
			}
		}
	}
}

func valid(s string) bool {
	_, ok := parseVersion(s)
	return ok
}

func TestParseVersionRefuses(t *testing.T) {
	for _, s := range []string{"", "-1", "1.", ".1", "1..0", "01", "1.02", "1.x", "v1", "1.0.0-", "1.0.0-01", "1.0.0-a..b", "1.0.0-a_b", "1.0.0+", "1.0.0+a..b", "1.0.0+a b", "bad", "1 ", "é"} {
		if valid(s) {
			t.Errorf("%q counts as a version", s)
		}
	}
	for _, s := range []string{"1", "1.2", "1.2.3.4.5", "1.0.0-x-y.7", "1.0.0+001", "0.0-0"} {
		if !valid(s) {
			t.Errorf("%q does not count as a version", s)
		}
	}
}
