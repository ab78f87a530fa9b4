package live

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/source"
)

func TestJournaldEntry(t *testing.T) {
	e, err := parseEntry([]byte(`{"__CURSOR":"s=1;i=2","__REALTIME_TIMESTAMP":"1770109200000001","_BOOT_ID":"b","_MACHINE_ID":"m","_HOSTNAME":"web-01","PRIORITY":"6","SYSLOG_FACILITY":"10",` +
		`"_UID":"0","_GID":"0","_COMM":"sshd","_EXE":"/usr/sbin/sshd","_CMDLINE":"sshd: root","_PID":"77","SYSLOG_IDENTIFIER":["sshd","other"],"SYSLOG_PID":"no number","_SYSTEMD_UNIT":"ssh.service",` +
		`"_TRANSPORT":"syslog","MESSAGE":[72,105,255],"UNKNOWN":"x","CONTAINER_NAME":null}`))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := event.Decode(e.event(), event.Identity{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"@timestamp": "2026-02-03T09:00:00.000001Z", "message": "Hi\uFFFD", "host.name": "web-01", "host.id": "m", "host.boot.id": "b", "process.pid": "77", "process.name": "sshd",
		"process.executable": "/usr/sbin/sshd", "process.command_line": "sshd: root", "user.id": "0", "group.id": "0", "log.syslog.severity.code": "6", "log.syslog.facility.code": "10",
		"log.syslog.appname": "sshd", "log.syslog.procid": "no number", "systemd.unit": "ssh.service", "systemd.transport": "syslog", "event.kind": "event", "event.category": "", "container.name": "", "UNKNOWN": "",
	} {
		if got := doc.Text(path); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	if doc.ID != "s=1;i=2" || doc.Index != "logs-journald-default" {
		t.Errorf("%s in %s", doc.ID, doc.Index)
	}
	for _, bad := range []string{"", "{", "[]", `{"MESSAGE":"x"}`} {
		if _, err := parseEntry([]byte(bad)); err == nil {
			t.Errorf("%q is an entry", bad)
		}
	}
}

// journal is a bench for a Journald over the test's own journalctl.
type journal struct {
	*testing.T
	*taker
	file string
	opts JournaldOptions
	n    int
}

func newJournal(t *testing.T) *journal {
	t.Helper()
	j := &journal{T: t, taker: newTaker(), file: filepath.Join(t.TempDir(), "journal")}
	t.Setenv("TRIPLINE_TEST_JOURNAL", j.file)
	j.opts = JournaldOptions{Command: []string{os.Args[0]}, OwnMessageID: "own"}
	j.opts.Ingest, j.opts.Problem, j.opts.Positions = j.ingest, j.problem, &Memory{}
	j.opts.First, j.opts.Longest = time.Millisecond, 2*time.Millisecond
	j.opts.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	return j
}

func (j *journal) add(extra string) {
	j.Helper()
	j.n++
	j.put(fmt.Sprintf(`{"__CURSOR":"c%d","__REALTIME_TIMESTAMP":"17701092000000%02d","MESSAGE":"m%d"%s}`+"\n", j.n, j.n, j.n, extra))
}

func (j *journal) put(text string) {
	j.Helper()
	file, err := os.OpenFile(j.file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		j.Fatal(err)
	}
	defer file.Close()
	if _, err := file.WriteString(text); err != nil {
		j.Fatal(err)
	}
}

// run runs a Journald until it has got some messages, and returns those.
func (j *journal) run(until string) (string, *Journald) {
	j.Helper()
	ctx, cancel := context.WithCancel(j.Context())
	one := NewJournald(j.opts)
	ended := make(chan error)
	go func() { ended <- one.Run(ctx) }()
	for done := false; !done; {
		select {
		case <-j.changed:
		case <-j.Context().Done():
			j.Fatal("nothing came in time")
		}
		j.mu.Lock()
		done = len(j.got) > 0 && strings.Contains(j.got[len(j.got)-1], `"`+until+`"`)
		j.mu.Unlock()
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		j.Error(err)
	}
	var messages []string
	for _, d := range j.docs {
		doc, err := event.Decode(d.Raw, event.Identity{}, 0)
		if err != nil {
			j.Fatal(err)
		}
		messages = append(messages, doc.Text("message"))
	}
	j.docs, j.got = nil, nil
	return strings.Join(messages, " "), one
}

// It begins behind what is there, and goes on where it was: over ends of journalctl
// and of itself.
func TestJournald(t *testing.T) {
	j := newJournal(t)
	j.add("")
	j.add("")
	first := NewJournald(j.opts)
	if err := first.now(t.Context()); err != nil {
		t.Fatal(err)
	}
	j.add("")
	j.add(`,"MESSAGE_ID":"own","_EXE":"/somebody/else"`)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	j.add(fmt.Sprintf(`,"MESSAGE_ID":"own","_EXE":%q`, self))
	j.put("exit\n")
	j.put("no entry\n")
	j.add("")
	got, one := j.run("m6")
	if got != "m3 m4 m6" {
		t.Errorf("got %s", got)
	}
	if s := one.Stats(); s.Skipped != 1 || s.Problems[source.BadJSON] == 0 {
		t.Errorf("%+v", s)
	}
	j.add("")
	if got, _ = j.run("m7"); got != "m7" {
		t.Errorf("got %s", got)
	}
	// The journal was thrown away, and the place with it.
	if err := os.Remove(j.file); err != nil {
		t.Fatal(err)
	}
	j.add("")
	if got, _ = j.run("m8"); got != "m8" {
		t.Errorf("got %s", got)
	}
}

func TestJournaldFromStart(t *testing.T) {
	j := newJournal(t)
	j.opts.FromStart = true
	j.add("")
	j.add("")
	if got, _ := j.run("m2"); got != "m1 m2" {
		t.Errorf("got %s", got)
	}
}

// The real journalctl takes the arguments. It is asked for a journal that is not
// there, which it says in its own words.
func TestJournaldArguments(t *testing.T) {
	path, err := exec.LookPath("journalctl")
	if err != nil {
		t.Skip("there is no journalctl on this machine: its arguments are not tried")
	}
	j := NewJournald(JournaldOptions{Command: []string{path, "--directory=" + t.TempDir()}})
	for _, args := range [][]string{{"--follow", "--no-tail"}, {"--lines=1"}, {"--no-tail", "--since=@1770109200"}} {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		cmd, stderr := j.command(ctx, args...)
		out, err := cmd.Output()
		cancel()
		if said := stderr.String(); strings.Contains(said, "unrecognized") || strings.Contains(said, "invalid option") || strings.Contains(said, "Failed to parse") || len(out) > 0 {
			t.Errorf("%v: %v: %s%s", args, err, out, said)
		}
	}
}

func TestStdin(t *testing.T) {
	k := newTaker()
	opts := Options{Ingest: k.ingest, Problem: k.problem, MaxDocument: 100_000, BatchDocs: 2}
	text := "\uFEFF{\"n\":1}\n\n{bad\n{\"n\":2}\r\n{\"n\":\"" + strings.Repeat("x", 200_000) + "\"}\n" + `{"_id":"7","_source":{"n":3}}` + "\n{\"n\":4}\n{\"n\":5}\n{\"n\""
	s := NewStdin(strings.NewReader(text), opts)
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := k.all(); got != `{"n":1} {"n":2} {"n":3} {"n":4} {"n":5}` || k.docs[2].Given.ID != "7" || k.docs[0].Source != "stdin" {
		t.Errorf("got %s", got)
	}
	want := []string{"-:3: ", "-:5: longer than 100000 bytes", "-:9: the input ends within a document"}
	for i, p := range k.problems {
		if i >= len(want) || !strings.HasPrefix(p, want[i]) {
			t.Errorf("problem %d: %s", i, p)
		}
	}
	if len(k.problems) != len(want) {
		t.Errorf("%q", k.problems)
	}

	// A line is taken when it is there, not when the input ends.
	in, out := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- NewStdin(in, Options{Ingest: k.ingest}).Run(ctx) }()
	<-k.changed // of the first part
	if _, err := io.WriteString(out, "{\"n\":6}\n"); err != nil {
		t.Fatal(err)
	}
	<-k.changed
	if got := k.all(); got != `{"n":6}` {
		t.Errorf("got %s", got)
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	_ = in.Close()
}
