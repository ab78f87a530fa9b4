package alert

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tripline-sec/tripline/internal/event"
)

// reason returns the sentence that says what happened, in Kibana's words, over
// the alert's own document or a group's common one:
//
//	process event with process bash, parent process sshd, by root on web-1 created high alert Name.
func (a *Alert) reason(doc map[string]any) string {
	var b strings.Builder
	if category := known(doc, "event.category"); category != "" {
		b.WriteString(category + " ")
	}
	b.WriteString("event")

	var with strings.Builder
	for _, part := range []struct{ label, text string }{
		{"process", known(doc, "process.name")},
		{"parent process", known(doc, "process.parent.name")},
		{"file", known(doc, "file.name")},
		{"source", address(doc, "source")},
		{"destination", address(doc, "destination")},
	} {
		if part.text != "" {
			fmt.Fprintf(&with, " %s %s,", part.label, part.text)
		}
	}
	if with.Len() > 0 {
		b.WriteString(" with" + with.String())
	}

	if user := known(doc, "user.name"); user != "" {
		b.WriteString(" by " + user)
	}
	if host := known(doc, "host.name"); host != "" {
		b.WriteString(" on " + host)
	}
	fmt.Fprintf(&b, " created %s alert %s.", a.Severity, a.Name)
	return b.String()
}

// outlined are the objects in which reason looks.
var outlined = []string{"event", "process", "file", "source", "destination", "user", "host"}

// outline returns what events have in common as far as reason looks at it.
func outline(docs []*event.Document) map[string]any {
	var common map[string]any
	for i, doc := range docs {
		found := partOf(doc, func(key string) bool {
			name, _, _ := strings.Cut(key, ".")
			return slices.Contains(outlined, name)
		})
		if i == 0 {
			common = found
		} else {
			common = intersect(common, found)
		}
	}
	return common
}

// known returns a field's text; "" and "-" are how senders say that they do not know.
func known(doc map[string]any, path string) string {
	if t := text(find(doc, path)); t != "-" {
		return t
	}
	return ""
}

// address returns one end of a connection, ip or ip:port.
func address(doc map[string]any, end string) string {
	ip, port := known(doc, end+".ip"), known(doc, end+".port")
	if ip == "" || port == "" {
		return ip
	}
	return ip + ":" + port
}
