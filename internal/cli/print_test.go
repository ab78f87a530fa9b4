package cli

import (
	"runtime/debug"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/internal/value"
)

func TestWorst(t *testing.T) {
	for _, c := range [][3]int{{0, 0, 0}, {1, 0, 1}, {1, 3, 3}, {3, 2, 2}, {2, 1, 2}, {0, 3, 3}} {
		if got := worst(c[0], c[1]); got != c[2] || worst(c[1], c[0]) != got {
			t.Errorf("worst(%d, %d) = %d, want %d", c[0], c[1], got, c[2])
		}
	}
}

func TestJSONValue(t *testing.T) {
	for _, c := range []struct {
		v    value.Value
		want string
	}{
		{value.Value{}, "null"},
		{value.OfBool(true), "true"},
		{value.OfInt(-5), "-5"},
		{value.OfUint(18446744073709551615), "18446744073709551615"},
		{value.OfFloat(1.5), "1.5"},
		{value.OfString(`a"<b>`), `"a\"<b>"`},
		{value.OfJSONNumber("1e999"), "1e999"},
	} {
		if got := jsonValue(c.v); got != c.want {
			t.Errorf("jsonValue(%v) = %s, want %s", c.v, got, c.want)
		}
	}
}

func TestVersionText(t *testing.T) {
	info := &debug.BuildInfo{Settings: []debug.BuildSetting{
		{Key: "vcs.revision", Value: "0123456789abcdef0123"}, {Key: "vcs.modified", Value: "true"},
	}}
	info.Main.Version = "v1.2.3"
	for _, c := range []struct {
		given string
		info  *debug.BuildInfo
		want  string
	}{
		{"v9", info, "v9 (commit 0123456789ab with changes, go"},
		{"", info, "v1.2.3 (commit 0123456789ab with changes, go"},
		{"", nil, "devel (go"},
		{"", &debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}, "devel (go"},
	} {
		if got := versionText(c.given, c.info); !strings.HasPrefix(got, c.want) {
			t.Errorf("versionText(%q) = %q, want %q...", c.given, got, c.want)
		}
	}
}
