package cli_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/tripline-sec/tripline/internal/cli"
)

// The scripts run this test binary as tripline.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"tripline": func() { os.Exit(cli.Main("v0.0.0-test")) },
	})
}

// TestScripts runs testdata/script: the manual of the command line.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "bulky": bulky, "alerted": alerted, "ids": ids, "revokes": revokes},
		Setup: func(env *testscript.Env) error {
			env.Setenv("NO_COLOR", "")
			env.Setenv("USER", "ann")
			env.Setenv("SUDO_USER", "")
			return nil
		},
	})
}

// exits CODE COMMAND... runs tripline and requires an exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND [ARG]...")
	}
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if strconv.Itoa(got) != args[0] {
		ts.Fatalf("exit code %d, want %s", got, args[0])
	}
}

// revokes DIR revokes the key that the last command made.
func revokes(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: revokes DIR")
	}
	var made struct{ ID string }
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &made))
	ts.Check(ts.Exec("tripline", "keys", "revoke", "--data", args[0], made.ID))
}

// bulky COUNT KIB ORDER FILE writes a gzipped file of so many processes, a second
// from each other, of so many KiB each: backwards, or in order with the first one
// last.
func bulky(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 || args[2] != "backwards" && args[2] != "first-last" {
		ts.Fatalf("usage: bulky COUNT KIB backwards|first-last FILE")
	}
	count, err := strconv.Atoi(args[0])
	ts.Check(err)
	kib, err := strconv.Atoi(args[1])
	ts.Check(err)
	file, err := os.Create(ts.MkAbs(args[3]))
	ts.Check(err)
	defer file.Close()
	w := gzip.NewWriter(file)
	defer w.Close()
	padding := strings.Repeat("x", kib<<10)
	start := time.Date(2026, 2, 3, 9, 0, 0, 0, time.UTC)
	for i := range count {
		n := count - i
		if args[2] == "first-last" {
			n = (i+1)%count + 1
		}
		_, err := fmt.Fprintf(w, `{"@timestamp":%q,"event":{"id":"e%d","category":"process"},"host":{"id":"h"},"process":{"pid":%d},"padding":%q}`+"\n",
			start.Add(time.Duration(n)*time.Second).Format(time.RFC3339), n, n, padding)
		ts.Check(err)
	}
}

// alerted DATA EVENTS RULES... judges events by rules and stores the alerts in a data
// folder, as a daemon does.
func alerted(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: alerted DATA EVENTS RULES...")
	}
	var rules []string
	for _, path := range args[2:] {
		if path != "builtin" {
			path = ts.MkAbs(path)
		}
		rules = append(rules, path)
	}
	made := time.Date(2026, 2, 3, 10, 0, 0, 0, time.UTC)
	ts.Check(cli.StoreAlerts(context.Background(), ts.MkAbs(args[0]), ts.MkAbs(args[1]), rules, made))
}

// ids NAME... sets variables to the ids that tripline printed on the lines of stdout.
func ids(ts *testscript.TestScript, neg bool, args []string) {
	lines := strings.Fields(ts.ReadFile("stdout"))
	if neg || len(args) == 0 || len(lines) < len(args) {
		ts.Fatalf("usage: ids NAME..., with as many ids on stdout, not %q", lines)
	}
	for i, name := range args {
		ts.Setenv(name, lines[i])
	}
}
