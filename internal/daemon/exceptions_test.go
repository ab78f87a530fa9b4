package daemon

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/tripline-sec/tripline/internal/rule"
)

// An exception ends at its time, in a daemon that runs as in one that is started then.
func TestExceptionExpires(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.toml")
	if err := os.WriteFile(file, []byte(`[[exceptions]]
[exceptions.container]
name = "X"
list_id = "x"
type = "rule_default"
namespace_type = "single"
tags = ["`+rule.RuleTag+`1"]
[[exceptions.items]]
item_id = "x"
list_id = "x"
namespace_type = "single"
name = "X"
description = "X"
expire_time = 2026-02-03T12:01:00Z
[[exceptions.items.entries]]
field = "host.id"
operator = "included"
type = "match"
value = "h"
`), 0o600); err != nil {
		t.Fatal(err)
	}
	set := rule.LoadAll(filepath.Dir(file))
	if len(set.Problems) > 0 || len(set.Items) != 1 {
		t.Fatal(set.Problems)
	}
	d := newDesk(t, Options{Stream: true}, pairRule(1, `file where true`, func(r *rule.Rule) { r.Exceptions = set.Items }))
	d.in(d.event("a", "file", "12:00", "h"))
	d.until("12:00:59")
	d.want()
	d.until("12:01:02")
	d.in(d.event("b", "file", "12:01:02", "h"))
	d.judge()
	d.want("1:b")
}
