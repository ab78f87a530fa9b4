package daemontest

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/valyala/fastjson"

	"github.com/tripline-sec/tripline/internal/rule"
)

// Alert is what a line of the terminal sink tells.
type Alert struct {
	ID     string
	Rule   string   // its name
	Events []string // the ids of the documents it is made of
}

// ReadAlert reads a line of standard output; false: it is a building block.
func ReadAlert(line []byte) (Alert, bool, error) {
	doc, err := fastjson.ParseBytes(line)
	if err != nil {
		return Alert{}, false, fmt.Errorf("read alert: %w", err)
	}
	a := Alert{ID: string(doc.GetStringBytes("kibana.alert.uuid")), Rule: string(doc.GetStringBytes("kibana.alert.rule.name"))}
	for _, e := range doc.GetArray("tripline.events") {
		a.Events = append(a.Events, string(e.GetStringBytes("_id")))
	}
	return a, len(a.Events) > 0, nil
}

// WriteRules writes rules as a file that the command reads, and returns its path.
func WriteRules(dir string, rules []*rule.Rule) (string, error) {
	var out []byte
	for _, r := range rules {
		line, err := r.MarshalJSON()
		if err != nil {
			return "", fmt.Errorf("write rule %s: %w", r.Name, err)
		}
		out = append(append(out, line...), '\n')
	}
	path := filepath.Join(dir, "rules.ndjson")
	return path, os.WriteFile(path, out, 0o600)
}

// SeedEvery is the seed rule, run at another interval and without a limit of alerts
// that a test could reach.
func SeedEvery(interval string) (*rule.Rule, error) {
	seed, err := rule.Seed()
	if err != nil {
		return nil, err
	}
	r := *seed
	r.Interval, r.MaxSignals = interval, 100_000
	return &r, nil
}
