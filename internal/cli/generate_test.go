package cli

import (
	"bytes"
	"strings"
	"testing"
)

// Many events are not poured over a terminal, unless that is asked for; few are.
func TestGenerateOnATerminal(t *testing.T) {
	o := newOn("generate", "--matches", "0")
	o.StdoutTerminal = true
	o.run(t, exitUsage)
	if o.stdout.Len() > 0 || !strings.Contains(o.stderr.String(), "standard output is a terminal") {
		t.Errorf("stdout %d bytes, stderr %s", o.stdout.Len(), &o.stderr)
	}
	for _, more := range [][]string{{"--events", "20"}, {"--events", "1100", "-o", "-"}} {
		o = newOn(append([]string{"generate", "--matches", "0"}, more...)...)
		o.StdoutTerminal = true
		o.run(t, exitOK)
		if bytes.Count(o.stdout.Bytes(), []byte("\n")) < 20 {
			t.Errorf("%q: stdout %d bytes", more, o.stdout.Len())
		}
	}
}

// The default stream has the default time, which scan and query can be asked for.
func TestGenerateHelpNamesTheDefaults(t *testing.T) {
	o := newOn("generate", "--help")
	o.run(t, exitOK)
	for _, want := range []string{"(default 100,000)", "(default 20)", "(default 200)", "(default 2026-03-02T08:00:00Z)", "Examples:\n"} {
		if !strings.Contains(o.stdout.String(), want) {
			t.Errorf("no %s in\n%s", want, &o.stdout)
		}
	}
}
