package show

import (
	"strings"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/proctree"
)

func document(t *testing.T, text string) *event.Document {
	t.Helper()
	doc, err := event.Decode([]byte(text), event.Identity{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestEscape(t *testing.T) {
	for in, want := range map[string]string{
		"plain é 漢 ~":       "plain é 漢 ~",
		"a\nb\tc\r":         `a\nb\tc\r`,
		"\x1b[31m\x00\x7f":  `\x1b[31m\x00\x7f`,
		"\u009b31m":         `\u{9b}31m`,
		"\u202eevil\u2066":  `\u{202e}evil\u{2066}`,
		"\U000e0041 hidden": `\u{e0041} hidden`,
		"\u2028":            `\u{2028}`,
	} {
		if got := Escape(in); got != want {
			t.Errorf("Escape(%q) = %q, want %q", in, got, want)
		}
	}
	if got := EscapeLines("a\n\tb\x1b"); got != "a\n\tb\\x1b" {
		t.Errorf("escapeLines: %q", got)
	}
}

func TestShellWords(t *testing.T) {
	for want, args := range map[string][]string{
		"ls -l /tmp/a.b":       {"ls", "-l", "/tmp/a.b"},
		"echo '' 'a b'":        {"echo", "", "a b"},
		`sh -c 'it'\''s $x'`:   {"sh", "-c", "it's $x"},
		`printf 'a\nb'`:        {"printf", "a\nb"},
		"a=1 b@c 'd;e' '*' ":   {"a=1", "b@c", "d;e", "*"},
		`'\x1b[2J' 'über' x:y`: {"\x1b[2J", "über", "x:y"},
	} {
		if got := ShellWords(args); got != strings.TrimSpace(want) {
			t.Errorf("ShellWords(%q) = %s, want %s", args, got, want)
		}
	}
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		in   string
		room int
		want string
	}{
		{"abcdef", 6, "abcdef"},
		{"abcdefg", 6, "abc..."},
		{"漢字漢字", 8, "漢字漢字"},
		{"漢字漢字", 7, "漢字..."},
		{"abcdefg", 0, "..."},
		{"e\u0301e\u0301e\u0301e\u0301", 4, "e\u0301e\u0301e\u0301e\u0301"},
	} {
		if got := Cut(c.in, c.room); got != c.want {
			t.Errorf("Cut(%q, %d) = %q, want %q", c.in, c.room, got, c.want)
		}
	}
}

func TestSince(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                                   "0 ms",
		300 * time.Microsecond:              "+0.3 ms",
		22 * time.Millisecond:               "+22 ms",
		-22 * time.Millisecond:              "-22 ms",
		1500 * time.Millisecond:             "+1.50 s",
		59999 * time.Millisecond:            "+59.99 s",
		61 * time.Second:                    "+1m01s",
		25*time.Hour + 5*time.Minute:        "+25h05m",
		-(25*time.Hour + 5*time.Minute + 1): "-25h05m",
	} {
		if got := since(d); got != want {
			t.Errorf("since(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestNumber(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1000: "-1,000", -999: "-999"} {
		if got := Number(n); got != want {
			t.Errorf("Number(%d) = %q, want %q", n, got, want)
		}
	}
}

// Events are told in one line, whoever has sent them.
func TestStepLine(t *testing.T) {
	for want, text := range map[string]string{
		"exec sh [7] sh -i  <- bash":                  `{"event":{"category":"process","action":"exec"},"process":{"name":"sh","pid":7,"args":["sh","-i"],"parent":{"name":"bash"}}}`,
		"fork+exec+end sh":                            `{"event":{"category":"process","action":["fork","exec","end"]},"process":{"name":"sh"}}`,
		"exec [7] sh -c x":                            `{"event":{"category":"process","action":"exec"},"process":{"pid":7,"command_line":"sh -c x"}}`,
		"connect 10.0.0.1:80  by nc [7]":              `{"event":{"category":["network"],"action":"connection_attempted"},"process":{"name":"nc","pid":7},"destination":{"ip":"10.0.0.1","port":80}}`,
		"connect [fd66::1]:80":                        `{"event":{"category":"network","action":"connection_attempted"},"destination":{"ip":"fd66::1","port":80}}`,
		"accept 10.0.0.1:80 from 10.0.0.2":            `{"event":{"category":"network","action":"connection_accepted"},"destination":{"ip":"10.0.0.1","port":80},"source":{"ip":"10.0.0.2"}}`,
		"disconnect 10.0.0.1:80":                      `{"event":{"category":"network","action":"disconnect_received"},"destination":{"address":"10.0.0.1","port":80}}`,
		"lookup example.org  by curl":                 `{"event":{"category":"network","action":"lookup_requested"},"dns":{"question":{"name":"example.org"}},"process":{"name":"curl"}}`,
		"rename /tmp/a to /tmp/b":                     `{"event":{"category":"file","action":"rename"},"file":{"path":"/tmp/b","Ext":{"original":{"path":"/tmp/a"}}}}`,
		"network_flow 10.0.0.1:80":                    `{"event":{"category":"network","action":"network_flow"},"destination":{"ip":"10.0.0.1","port":80}}`,
		"authentication+start user logged in":         `{"event":{"category":"authentication","type":"start"},"message":"user logged in"}`,
		"event an-id":                                 `{"event":{"id":"an-id"}}`,
		`x\ny a\rb`:                                   `{"event":{"action":"x\ny","id":"1"},"message":"a\rb"}`,
		"process+start /usr/bin/ls [7]":               `{"event":{"category":"process","type":"start"},"process":{"executable":"/usr/bin/ls","pid":7}}`,
		"exec sh '\\x1b' '\\u{202e}x'  <- a\\x1b[2Jb": `{"event":{"category":"process","action":"exec"},"process":{"name":"sh","args":["sh","\u001b","\u202ex"],"parent":{"name":"a\u001b[2Jb"}}}`,
		"creation C:\\x  by \\u{feff}a":               `{"event":{"category":"file","action":"creation"},"file":{"path":"C:\\x"},"process":{"name":"\ufeffa"}}`,
	} {
		s := NewStep(document(t, text), proctree.New(), TimestampField)
		want = strings.Replace(want, "exec sh '", "exec sh sh '", 1)
		if got := s.Line(200, true, false); got != want {
			t.Errorf("%s\n got %q\nwant %q", text, got, want)
		}
	}
}

// Ancestors come from the event, and beyond its parent from what other events
// say of them; a circle ends.
func TestLineage(t *testing.T) {
	tree := proctree.New()
	for _, text := range []string{
		`{"process":{"entity_id":"c","name":"bash","parent":{"entity_id":"b","name":"sshd"}}}`,
		`{"process":{"entity_id":"b","name":"sshd","Ext":{"ancestry":["a","root"]}}}`,
		`{"process":{"entity_id":"a","name":"systemd"}}`,
		`{"process":{"entity_id":"x","name":"one","parent":{"entity_id":"y","name":"two"}}}`,
		`{"process":{"entity_id":"y","name":"two","parent":{"entity_id":"x","name":"one"}}}`,
		`{"process":{"name":"no id"}}`,
	} {
		tree.See(document(t, text))
	}
	for want, text := range map[string]string{
		"bash sshd systemd":       `{"process":{"entity_id":"d","parent":{"entity_id":"c","name":"bash"}}}`,
		"sshd systemd":            `{"process":{"entity_id":"c"}}`,
		"only":                    `{"process":{"parent":{"name":"only"}}}`,
		"":                        `{}`,
		"two one two one two one": `{"process":{"entity_id":"x"}}`,
	} {
		if got := strings.Join(Ancestors(tree, document(t, text)), " "); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
