package cli

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// BenchmarkWatch measures how long it takes from the save of a file to the end
// of the round, with all of Elastic's public rules and all recordings, and with
// a test beside each rule. Its figures are p50-ms, p95-ms and max-ms, the quiet
// time included. `make bench-watch` runs it.
func BenchmarkWatch(b *testing.B) {
	const shared = "../../../shared/data"
	if _, err := os.Stat(filepath.Join(shared, "elastic-rules")); err != nil {
		b.Skip("no folder of rules beside the clone: shared/data/elastic-rules")
	}
	dir := b.TempDir()
	for _, name := range []string{"elastic-rules", "reverse-shell-traces", "file-traces"} {
		if err := os.CopyFS(filepath.Join(dir, name), os.DirFS(filepath.Join(shared, name))); err != nil {
			b.Fatal(err)
		}
	}
	rules := filepath.Join(dir, "elastic-rules")
	traces := []string{filepath.Join(dir, "reverse-shell-traces"), filepath.Join(dir, "file-traces")}
	for _, rule := range filesBelow(b, rules, ".toml") {
		replace(b, strings.TrimSuffix(rule, ".toml")+".test", "test nothing\n  e1: +0s process exec process.name=nothing\n  expect silence\n")
	}
	scan := append([]string{"scan", "--watch", "--format", "ndjson", "-r", rules}, traces...)
	test := []string{"test", "--watch", rules}
	const event = "\n" + `{"@timestamp":"2026-02-03T09:00:00Z","event":{"category":"process","id":"n%d"}}` + "\n"
	for _, kind := range []struct {
		name, folder, suffix string
		more                 string // what is added to a file to make it another
		command              []string
	}{
		{"scan/rule", rules, ".toml", "\n# saved %d times\n", scan},
		{"scan/events", dir, ".ndjson", event, scan},
		{"test/rule", rules, ".toml", "\n# saved %d times\n", test},
		{"test/test", rules, ".test", "\n# saved %d times\n", test},
	} {
		b.Run(kind.name, func(b *testing.B) {
			files := filesBelow(b, kind.folder, kind.suffix)
			w := startWatch(b, kind.command...)
			w.round()
			var took []time.Duration
			for b.Loop() {
				path := files[len(took)*7%len(files)]
				text, err := os.ReadFile(path)
				if err != nil {
					b.Fatal(err)
				}
				start := time.Now()
				replace(b, path, string(text)+fmt.Sprintf(kind.more, len(took)))
				w.round()
				took = append(took, time.Since(start))
				replace(b, path, string(text))
				w.round()
			}
			slices.Sort(took)
			at := func(share float64) float64 {
				return took[min(int(share*float64(len(took))), len(took)-1)].Seconds() * 1000
			}
			b.ReportMetric(at(0.50), "p50-ms")
			b.ReportMetric(at(0.95), "p95-ms")
			b.ReportMetric(at(1), "max-ms")
		})
	}
}

func filesBelow(b *testing.B, folder, suffix string) []string {
	b.Helper()
	var files []string
	err := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, suffix) {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) == 0 {
		b.Fatalf("files to save: %d, %v", len(files), err)
	}
	return files
}
