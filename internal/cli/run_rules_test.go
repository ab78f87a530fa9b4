package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What scan does not apply, the daemon does: it is not warned of there.
func TestDaemonDoesNotWarnOfWhatOnlyScanLeavesOut(t *testing.T) {
	var told bytes.Buffer
	o := newOn()
	o.Stderr = &told
	folder := t.TempDir()
	text := `{"type":"eql","language":"eql","rule_id":"1","name":"R","description":"d","severity":"low","risk_score":1,"query":"process where true",` +
		`"alert_suppression":{"group_by":["host.id"]}}`
	if err := os.WriteFile(filepath.Join(folder, "r.json"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := settings(t, "data: "+t.TempDir())
	cfg.Rules = []string{folder}
	r := &running{app: o.app(), cfg: cfg}
	rules, err := r.rules()
	if err != nil || len(rules.Ready) != 1 || strings.Contains(told.String(), notByScan) {
		t.Errorf("%v: %s", err, told.String())
	}
}
