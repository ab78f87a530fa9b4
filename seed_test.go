package tripline_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/reference"
)

// fields are an event's fields by dotted name.
type fields map[string]any

func (f fields) with(changes fields) fields {
	out := fields{}
	for _, m := range []fields{f, changes} {
		for k, v := range m {
			if v == nil {
				delete(out, k)
			} else {
				out[k] = v
			}
		}
	}
	return out
}

// An exec of a tool from bash, and the same process connecting out.
var (
	seedExec = fields{
		"event.category": []string{"process"}, "event.type": []string{"start"}, "event.action": "exec",
		"host.id": "h1", "host.os.type": "linux", "process.entity_id": "p1", "process.parent.name": "bash",
	}
	seedConnect = fields{
		"event.category": []string{"network"}, "event.type": []string{"start"}, "event.action": "connection_attempted",
		"host.id": "h1", "host.os.type": "linux", "process.entity_id": "p1", "destination.ip": "203.0.113.9",
	}
)

// python is the exec that the tests below vary.
var python = seedExec.with(fields{"process.name": "python3.11", "process.args": []string{"python3", "-c", "import pty; pty.spawn('/bin/sh')"}})

func fires(t *testing.T, p *reference.Program, gap time.Duration, events ...fields) bool {
	t.Helper()
	start := time.Date(2026, 2, 3, 9, 0, 0, 0, time.UTC)
	var docs []*event.Document
	for i, f := range events {
		at := start.Add(time.Duration(i) * gap).Format(time.RFC3339Nano)
		raw, err := json.Marshal(f.with(fields{"@timestamp": at}))
		if err != nil {
			t.Fatal(err)
		}
		d, err := event.Decode(raw, event.Identity{}, uint64(i))
		if err != nil {
			t.Fatal(err)
		}
		docs = append(docs, d)
	}
	return matches(t, p, docs) > 0
}

// Each tool of the first step: what it needs, and what is one argument short.
func TestSeedTools(t *testing.T) {
	p := program(t, builtinRule(t))
	for _, tt := range []struct {
		tool, connecting string
		args, short      []string
		count            int // process.args_count; 0 = as many as args
	}{
		{tool: "python3", args: []string{"python3", "-c", "import pty;pty.spawn()"}, short: []string{"python3", "import pty;pty.spawn()"}},
		{tool: "python3.12", args: []string{"python3", "-c", "IMPORT os, SUBPROCESS\nsubprocess.CALL()"}, short: []string{"python3", "-c", "subprocess.call()"}},
		{tool: "perl", args: []string{"perl", "-e", "use Socket; exec()"}, short: []string{"perl", "-e", "use Socket;"}},
		{tool: "perl", args: []string{"perl", "-e", "use IO::Socket; system()"}, short: []string{"perl", "use IO::Socket; system()"}},
		{tool: "ruby3.1", connecting: "ruby", args: []string{"ruby", "-rsocket", "TCPSocket.new()"}, short: []string{"ruby", "TCPSocket.new()"}},
		{tool: "ruby", args: []string{"ruby", "-e", "TCPSocket.open()"}, short: []string{"ruby", "-e", "Socket.open()"}},
		{tool: "lua5.3", args: []string{"lua", "-e", "socket.tcp() io.popen()"}, short: []string{"lua", "-e", "socket.tcp()"}},
		{tool: "lua", args: []string{"lua", "-e", "socket.tcp() os.execute()"}, short: []string{"lua", "-e", "os.execute()"}},
		{tool: "php8.2", args: []string{"php", "-r", "fsockopen(); exec('/bin/bash')"}, short: []string{"php", "-r", "fsockopen(); exec('bash')"}},
		{tool: "gawk", connecting: "awk", args: []string{"awk", "BEGIN{s=\"/inet/tcp/0/h/1\"}"}, short: []string{"awk", "BEGIN{s=\"/inet/udp/0/h/1\"}"}},
		{tool: "openssl", args: []string{"openssl", "s_client", "-connect", "h:1"}, short: []string{"openssl", "s_client", "h:1"}},
		{tool: "nc", args: []string{"nc", "-e", "/bin/sh", "h", "1"}, short: []string{"nc", "-E", "/bin/sh", "h", "1"}},
		{tool: "ncat", args: []string{"ncat", "-e", "/bin/sh"}, short: []string{"ncat", "-e", "/bin/sh", "-z"}},
		{tool: "netcat", args: []string{"netcat", "-e", "sh"}, short: []string{"netcat", "-e", "sh"}, count: 2},
		{tool: "telnet", args: []string{"telnet", "h", "1"}, short: []string{"telnet", "h", "1"}, count: 2},
	} {
		name := tt.connecting
		if name == "" {
			name = tt.tool
		}
		connect := seedConnect.with(fields{"process.name": name})
		start := func(args []string, count int) fields {
			if count == 0 {
				count = len(args)
			}
			return seedExec.with(fields{"process.name": tt.tool, "process.args": args, "process.args_count": count})
		}
		if !fires(t, p, 20*time.Millisecond, start(tt.args, 0), connect) {
			t.Errorf("%s %q is missed", tt.tool, tt.args)
		}
		if fires(t, p, 20*time.Millisecond, start(tt.short, tt.count), connect) {
			t.Errorf("%s %q fires", tt.tool, tt.short)
		}
	}
}

// Every shell and interpreter that the first step names as a parent.
func TestSeedParents(t *testing.T) {
	p := program(t, builtinRule(t))
	connect := seedConnect.with(fields{"process.name": "python3.11"})
	for parent, want := range map[string]bool{
		"bash": true, "dash": true, "sh": true, "tcsh": true, "csh": true, "zsh": true, "ksh": true, "fish": true,
		"python3": true, "php-fpm": true, "perl": true, "ruby": true, "lua5.4": true, "openssl": true, "nc": true,
		"netcat": true, "ncat": true, "telnet": true, "awk": true, "BASH": true,
		"systemd": false, "gawk": false, "perl5": false, "sshd": false,
	} {
		if got := fires(t, p, time.Millisecond, python.with(fields{"process.parent.name": parent}), connect); got != want {
			t.Errorf("parent %s: fired %v", parent, got)
		}
	}
	if fires(t, p, time.Millisecond, python.with(fields{"process.parent.name": nil}), connect) {
		t.Error("fires with no parent")
	}
}

// The second step: who connects, how, and where to.
func TestSeedConnection(t *testing.T) {
	p := program(t, builtinRule(t))
	for name, want := range map[string]bool{
		"python3.11": true, "php8.2": true, "perl": true, "ruby": true, "lua5.3": true, "openssl": true, "nc": true,
		"netcat": true, "ncat": true, "telnet": true, "awk": true,
		"gawk": false, "ruby3.1": false, "nc.traditional": false, "curl": false,
	} {
		if got := fires(t, p, time.Millisecond, python, seedConnect.with(fields{"process.name": name})); got != want {
			t.Errorf("connecting %s: fired %v", name, got)
		}
	}
	for ip, want := range map[string]bool{
		"203.0.113.9": true, "10.0.0.1": true, "::2": true, "fe80::1": true, "126.255.255.255": true, "128.0.0.0": true,
		"127.0.0.1": false, "127.255.255.255": false, "169.254.169.254": false, "224.0.0.1": false, "239.255.255.255": false,
		"240.0.0.1": true, "::1": false, "::ffff:127.0.0.1": false,
	} {
		connect := seedConnect.with(fields{"process.name": "python3.11", "destination.ip": ip})
		if got := fires(t, p, time.Millisecond, python, connect); got != want {
			t.Errorf("to %s: fired %v", ip, got)
		}
	}
	for _, tt := range []struct {
		change fields
		want   bool
	}{
		{fields{"event.action": "connection_accepted"}, true},
		{fields{"event.action": "disconnect_received"}, false},
		{fields{"event.type": []string{"end"}}, false},
		{fields{"event.type": []string{"start", "end"}}, true},
		{fields{"destination.ip": nil}, false},
		{fields{"host.os.type": "windows"}, false},
		{fields{"event.category": []string{"dns"}}, false},
	} {
		connect := seedConnect.with(fields{"process.name": "python3.11"}).with(tt.change)
		if got := fires(t, p, time.Millisecond, python, connect); got != tt.want {
			t.Errorf("%v: fired %v", tt.change, got)
		}
	}
}

// Who starts the process, and how.
func TestSeedStart(t *testing.T) {
	p := program(t, builtinRule(t))
	connect := seedConnect.with(fields{"process.name": "python3.11"})
	for _, tt := range []struct {
		change fields
		want   bool
	}{
		{fields{}, true},
		{fields{"event.action": "fork"}, true},
		{fields{"event.action": []string{"fork", "exec", "end"}, "event.type": []string{"start", "end"}}, true},
		{fields{"event.action": "end"}, false},
		{fields{"event.type": []string{"info"}}, false},
		{fields{"host.os.type": "macos"}, false},
		{fields{"event.category": []string{"file"}}, false},
	} {
		if got := fires(t, p, time.Millisecond, python.with(tt.change), connect); got != tt.want {
			t.Errorf("%v: fired %v", tt.change, got)
		}
	}
}

// `sequence by host.id, process.entity_id with maxspan=1s`.
func TestSeedSequence(t *testing.T) {
	p := program(t, builtinRule(t))
	connect := seedConnect.with(fields{"process.name": "python3.11"})
	for gap, want := range map[time.Duration]bool{0: true, time.Nanosecond: true, time.Second: true, time.Second + 1: false} {
		if got := fires(t, p, gap, python, connect); got != want {
			t.Errorf("%v apart: fired %v", gap, got)
		}
	}
	for _, change := range []fields{
		{"host.id": "h2"}, {"process.entity_id": "p2"}, {"process.entity_id": "P1"}, {"host.id": nil}, {"process.entity_id": nil},
	} {
		if fires(t, p, time.Millisecond, python, connect.with(change)) {
			t.Errorf("fires though the connection has %v", change)
		}
	}
	if fires(t, p, time.Millisecond, connect, python) {
		t.Error("fires on the connection before the start")
	}
	if !fires(t, p, time.Millisecond, python, seedExec.with(fields{"process.name": "true"}), connect) {
		t.Error("another event in between hides the match")
	}
	if got := fmt.Sprint(builtinRule(t).MaxSignals); got != "100" {
		t.Errorf("max_signals %s", got)
	}
}
