package cli

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/tripline-sec/tripline/internal/show"
)

// An alert that was written and read back is shown as scan shows it, lineage and
// what came after included.
func TestReadAlertIsShownAlike(t *testing.T) {
	blocks := 0
	folders := []string{"demo"}
	if shared := filepath.Join("..", "..", "..", "shared", "data"); exists(shared) {
		folders = append(folders, shared)
	} else {
		t.Log("the recorded events beside the clone are absent: only those of the demo are tried")
	}
	for _, folder := range folders {
		file := filepath.Join(t.TempDir(), "alerts.ndjson")
		o := newOn("scan", "-r", "builtin", "--format", "pretty", "--all", "-o", file, folder)
		if code := o.Run(t.Context()); code != 0 && code != exitIncomplete {
			t.Fatalf("exit code %d: %s", code, &o.stderr)
		}
		alerts, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer alerts.Close()
		var told bytes.Buffer
		teller := show.Teller{Out: &told}
		lines := bufio.NewScanner(alerts)
		lines.Buffer(nil, 64<<20)
		for lines.Scan() {
			if bytes.Contains(lines.Bytes(), []byte(`"kibana.alert.group.index"`)) {
				continue // a building block
			}
			block, err := show.Read(lines.Bytes())
			if err != nil {
				t.Fatal(err)
			}
			teller.Alert(block)
			blocks++
		}
		if err := lines.Err(); err != nil {
			t.Fatal(err)
		}
		if got, want := told.String(), o.stdout.String(); got != want {
			t.Errorf("%s: %s", folder, unifiedDiff("alerts", want, got, false))
		}
	}
	if blocks < 8 {
		t.Errorf("%d alerts: too few to tell", blocks)
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
