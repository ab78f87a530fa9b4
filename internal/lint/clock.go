package lint

import (
	"strconv"
	"strings"
	"time"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/rule"
)

// clock is how fine the time of a source's events is.
type clock struct {
	pattern string // the index pattern begins so
	step    time.Duration
	what    string
}

// clocks are the sources whose clock is coarser than Elastic Defend's. The kernel
// stamps audit records with the time of its last tick.
var clocks = []clock{
	{"auditbeat-", 4 * time.Millisecond, "audit records of Linux bear the time of the kernel's tick, 4 ms"},
	{"logs-auditd_manager.", 4 * time.Millisecond, "audit records of Linux bear the time of the kernel's tick, 4 ms"},
	{"logs-auditd.", 4 * time.Millisecond, "audit records of Linux bear the time of the kernel's tick, 4 ms"},
	{"winlogbeat-", time.Millisecond, "Sysmon and Windows event logs write milliseconds"},
	{"logs-windows.", time.Millisecond, "Sysmon and Windows event logs write milliseconds"},
	{"logs-system.security", time.Millisecond, "Windows event logs write milliseconds"},
	{"logs-system.auth", time.Second, "syslog writes whole seconds"},
	{"logs-system.syslog", time.Second, "syslog writes whole seconds"},
	{"logs-crowdstrike.", time.Millisecond, "CrowdStrike writes milliseconds"},
	{"logs-sentinel_one_cloud_funnel.", time.Millisecond, "SentinelOne writes milliseconds"},
	{"logs-aws.cloudtrail", time.Second, "CloudTrail writes whole seconds"},
	{"logs-okta.", time.Millisecond, "Okta writes milliseconds"},
}

// span looks at the maxspan of a sequence.
func (s *subject) span() {
	q, ok := s.parsed.Body.(*eql.Sequence)
	if !ok || q.MaxSpan == nil {
		return
	}
	span := q.MaxSpan.Duration()
	for _, pattern := range s.rule.Patterns() {
		for _, c := range clocks {
			if strings.HasPrefix(pattern, c.pattern) && span <= c.step {
				s.inQuery(fineSpan, q.MaxSpan.At, c.what, "maxspan %s is not above the step of the clock of %s", spanText(q.MaxSpan), pattern)
				break
			}
		}
	}
	window, every, ok := timing(s.rule)
	if ok && span > window-every {
		s.inQuery(spanPastWindow, q.MaxSpan.At, "let `from` reach back by maxspan and the interval, or run it on the stream",
			"maxspan %s is longer than the %s that a window of %s reaches back beyond the interval of %s",
			spanText(q.MaxSpan), short(window-every), short(window), short(every))
	}
}

func spanText(s *eql.Span) string { return strconv.FormatInt(s.Count, 10) + s.Unit }

// timing returns how long a rule's window is, and how often it runs.
func timing(r *rule.Rule) (window, every time.Duration, ok bool) {
	every, err := rule.ParseInterval(r.Interval)
	from, fromErr := rule.ParseDateMath(r.From)
	to, toErr := rule.ParseDateMath(r.To)
	if err != nil || fromErr != nil || toErr != nil || !from.IsNow() || !to.IsNow() {
		return 0, 0, false
	}
	// Any day without a change of clocks will do: windows are short.
	now := time.Date(2024, 6, 12, 12, 0, 0, 0, time.UTC)
	return to.At(now).Sub(from.At(now)), every, true
}

// short is a duration without units that are zero.
func short(d time.Duration) string {
	text := d.String()
	if d >= time.Minute {
		text = strings.TrimSuffix(text, "0s")
	}
	if d >= time.Hour {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
