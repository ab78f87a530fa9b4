package sink

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/show"
)

// syslogLevels are RFC 5424's severities. An alert is no failure of the machine: none
// is an emergency.
var syslogLevels = map[rule.Severity]int{rule.Low: 5, rule.Medium: 4, rule.High: 3, rule.Critical: 2}

// level is the severity as syslog and the journal know it; that of "notice" for what
// has none.
func level(s rule.Severity) int {
	if n, ok := syslogLevels[s]; ok {
		return n
	}
	return 5
}

// syslogFacilities are the names that may be configured.
var syslogFacilities = map[string]int{
	"kern": 0, "user": 1, "mail": 2, "daemon": 3, "auth": 4, "syslog": 5, "lpr": 6, "news": 7, "uucp": 8, "cron": 9,
	"authpriv": 10, "ftp": 11, "local0": 16, "local1": 17, "local2": 18, "local3": 19, "local4": 20, "local5": 21,
	"local6": 22, "local7": 23,
}

// syslogHeader is what all messages of a sender have.
type syslogHeader struct {
	facility int
	host     string
	pid      int
}

// message is an RFC 5424 message of at most so many bytes: the structured data have
// the alert's fields, the text is its reason, or the document where that is asked
// for. What is too long is cut at the end of the text, never in the data. The number
// in the data's name is the one kept for examples (RFC 5612); the project has none.
func (h syslogHeader) message(f Fields, text string, now time.Time, most int) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "<%d>1 %s %s tripline %d alert [tripline@32473", h.facility*8+level(f.Severity),
		now.UTC().Format("2006-01-02T15:04:05.000000Z07:00"), syslogName(h.host, 255), h.pid)
	for _, p := range []struct{ name, value string }{
		{"id", f.ID},
		{"severity", string(f.Severity)},
		{"risk_score", f.Score},
		{"rule", f.Rule},
		{"rule_id", f.RuleID},
		{"host", f.Host},
		{"user", f.User},
		{"time", f.Time},
	} {
		if p.value != "" {
			fmt.Fprintf(&b, ` %s="%s"`, p.name, syslogValue(p.value))
		}
	}
	b.WriteString("] ")
	return []byte(cutBytes(b.String()+text, most))
}

// sentence is an alert in a line.
func sentence(f Fields) string {
	return show.Escape(strings.ToUpper(string(f.Severity)) + " " + f.Rule + ": " + f.Reason)
}

// longestParam bounds a value of the structured data: names come from events.
const longestParam = 512

// syslogValue escapes what must be in a value, and control characters too, which a
// reader of the log must not meet.
func syslogValue(s string) string {
	s = cutBytes(show.Escape(strings.ToValidUTF8(s, "\uFFFD")), longestParam)
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, `]`, `\]`).Replace(s)
}

// syslogName is a name in printable ASCII without spaces; "-" for none.
func syslogName(s string, most int) string {
	name := strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' {
			return -1
		}
		return r
	}, s)
	if name == "" {
		return "-"
	}
	return name[:min(len(name), most)]
}

// cutBytes shortens text to so many bytes, at the beginning of a character.
func cutBytes(s string, most int) string {
	if most <= 0 || len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}
