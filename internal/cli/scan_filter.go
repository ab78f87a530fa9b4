package cli

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tripline-sec/tripline/internal/alert"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/value"
)

// alertFilter says which alerts are wanted. The zero filter wants all.
type alertFilter struct {
	since, until moment
	hosts        []string
	severity     choice
}

// settle makes times that count from the newest event definite.
func (f *alertFilter) settle(newest value.Instant) {
	f.since.settle(newest)
	f.until.settle(newest)
}

// lets reports whether an alert is wanted. One of no time is of no stretch of
// time.
func (f *alertFilter) lets(a *alert.Alert) bool {
	if f.severity.value != "" && a.Severity.Rank() < rule.Severity(f.severity.value).Rank() {
		return false
	}
	if f.since.text != "" && (!a.HasEventTime || a.EventTime.Compare(f.since.at) < 0) {
		return false
	}
	if f.until.text != "" && (!a.HasEventTime || a.EventTime.Compare(f.until.at) >= 0) {
		return false
	}
	return len(f.hosts) == 0 || slices.ContainsFunc(f.hosts, func(host string) bool { return ofHost(a, host) })
}

// ofHost reports whether an event of an alert is of the host of that name,
// pattern, id or address.
func ofHost(a *alert.Alert, host string) bool {
	for _, doc := range a.Events {
		for _, field := range []string{"host.name", "host.hostname", "host.id", "host.ip"} {
			for _, v := range doc.Values(field) {
				if event.MatchPattern(strings.ToLower(host), strings.ToLower(v.Text())) {
					return true
				}
			}
		}
	}
	return false
}

// String names the flags that were given.
func (f *alertFilter) String() string {
	var names []string
	for _, flag := range []struct {
		name  string
		given bool
	}{
		{"--since", f.since.text != ""},
		{"--until", f.until.text != ""},
		{"--host", len(f.hosts) > 0},
		{"--severity", f.severity.value != ""},
	} {
		if flag.given {
			names = append(names, flag.name)
		}
	}
	return strings.Join(names, ", ")
}

// moment is a flag that takes a time: a definite one, or one that counts back
// from the newest event.
type moment struct {
	text   string
	at     value.Instant
	before time.Duration // the newest event; 0 = at is definite
}

func (m *moment) String() string { return m.text }
func (m *moment) Type() string   { return "TIME" }

func (m *moment) Set(s string) error {
	bad := &badValue{reason: "is no time", hint: "write 2026-02-03, 2026-02-03T09:00:00Z, or -2h for two hours before the newest event"}
	m.text = s
	if back, ok := strings.CutPrefix(s, "-"); ok {
		d, err := duration(back)
		if err != nil || d <= 0 {
			return bad
		}
		m.before = d
		return nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			m.at, m.before = value.InstantOfTime(t), 0
			return nil
		}
	}
	return bad
}

// duration reads Go's durations, and days.
func duration(s string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16)
		return time.Duration(n) * 24 * time.Hour, err //nolint:gosec // 65,535 days fit
	}
	return time.ParseDuration(s)
}

func (m *moment) settle(newest value.Instant) {
	if m.before > 0 {
		m.at = value.InstantOfTime(newest.Time().Add(-m.before))
	}
}
