package schedule

import (
	"slices"
	"strings"
	"time"
)

// Kind says why a run takes place.
type Kind string

// The kinds of run. Alerts say scheduled or manual (Kibana:
// kibana.alert.rule.execution.type).
const (
	Scheduled Kind = "scheduled"
	CatchUp   Kind = "catch-up" // between due times, for more of the past
	Manual    Kind = "manual"
	Preview   Kind = "preview"
)

// Type is the kind as alerts carry it.
func (k Kind) Type() string {
	if k == Manual {
		return "manual"
	}
	return "scheduled"
}

// Window is a stretch of time that a run judges. Both ends of each pair belong to
// it.
type Window struct {
	// From and To are what the run claims: matches are told whose last event lies
	// there. By Elastic's policy it is where all events of a match lie.
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// Low and High are what is read for it.
	Low  time.Time `json:"low"`
	High time.Time `json:"high"`
	Why  Why       `json:"why"`
}

// Why says why a window is judged.
type Why string

// The reasons.
const (
	Regular Why = "window"   // it is what the rule says
	Missed  Why = "missed"   // it was not judged in its time
	Dirty   Why = "late"     // something arrived that it had not seen
	Asked   Why = "asked"    // a manual run
	Tuple   Why = "catch-up" // one of Elastic's catch-up tuples
)

// claims is the span that is covered once the window has been judged.
func (w Window) claims(arrival uint64) Span { return Span{w.From, after(w.To), arrival} }

// Job is what one rule has to do in a pass.
type Job struct {
	ID    string // of the run: kibana.alert.rule.execution.uuid
	Index int    // the rule's place among those given to Scheduler.Use
	Rule  *Rule
	Kind  Kind

	Due      time.Time // when it should have started
	Started  time.Time // the run's clock: what `now` means
	Previous time.Time // when the run before started; zero: there was none
	Arrival  uint64    // it judges what had arrived by this number

	Windows []Window // oldest first
	Idle    bool     // there is nothing to search: no index fits
	// Strict is Elastic's way: only events whose primary time, or else secondary
	// time, lies in the window can be part of a match, and the end of the window is
	// the end of input.
	Strict bool
	// Size is how many matches of a window are kept, the newest; 0: all.
	Size int

	Gaps     []Gap // found when it was planned
	Messages []Message
	left     bool // more of the past is left for another pass
}

// Cut ends what a window claims before a time: more was found than a pass takes,
// and what lies from there on is left for the next one.
func (j *Job) Cut(window int, before time.Time) {
	if w := &j.Windows[window]; !before.After(w.To) {
		w.To, j.left = before.Add(-1), true
	}
}

// Intended is when the run should have taken place, as alerts carry it (Kibana:
// kibana.alert.intended_timestamp): of a manual run the time that it is for, of
// others the time at which the alert is made.
func (j *Job) Intended(made time.Time) time.Time {
	if j.Kind == Manual {
		return j.Due
	}
	return made
}

func (j *Job) say(level Level, text string) {
	j.Messages = append(j.Messages, Message{level, text})
}

// Work is the jobs of all rules that are due together: one pass over the store.
type Work struct {
	Started time.Time
	Arrival uint64
	Jobs    []*Job
}

// Level says how bad a message is.
type Level string

// The levels.
const (
	Info    Level = "info"
	Warning Level = "warning"
	Failure Level = "error"
)

// Message is what there is to say of a run.
type Message struct {
	Level Level  `json:"level"`
	Text  string `json:"text"`
}

// Status is how a run ended, in Kibana's words.
type Status string

// The states.
const (
	Succeeded      Status = "succeeded"
	PartialFailure Status = "partial failure"
	Failed         Status = "failed"
)

// statusOf joins what there is to say: an error makes a run failed, else a warning
// makes it a partial failure.
func statusOf(messages []Message) Status {
	s := Succeeded
	for _, m := range messages {
		switch m.Level {
		case Failure:
			return Failed
		case Warning:
			s = PartialFailure
		case Info:
		}
	}
	return s
}

// Run is the record of a run.
type Run struct {
	ID       string        `json:"id"` // kibana.alert.rule.execution.uuid
	Rule     string        `json:"rule"`
	Kind     Kind          `json:"kind"`
	Policy   string        `json:"policy"`
	Due      time.Time     `json:"due"`
	Started  time.Time     `json:"started"`
	Took     time.Duration `json:"took"`
	Windows  []Window      `json:"windows,omitempty"`
	Arrival  uint64        `json:"arrival"`
	Status   Status        `json:"status"`
	Messages []Message     `json:"messages,omitempty"`
	Gaps     []Gap         `json:"gaps,omitempty"`
	Counts   Counts        `json:"counts"`
}

// Counts are the figures of a run.
type Counts struct {
	Found   int `json:"found"`             // matches in its windows
	New     int `json:"new"`               // alerts that there had not been; a sequence is one
	Told    int `json:"told"`              // of these and of older ones, those that were told
	Carried int `json:"carried"`           // those that wait for a later interval
	Dropped int `json:"dropped,omitempty"` // matches over the cap that Elastic's policy does not keep
	Bad     int `json:"bad,omitempty"`     // values that a condition could not be judged on
	NoTime  int `json:"no_time,omitempty"` // events of a sequence without a timestamp
	Evicted int `json:"evicted,omitempty"` // unfinished sequences dropped for want of memory
}

// Text is the status with its messages, as Kibana puts them together: errors if
// there are any, else warnings, else that all is well.
func (r Run) Text() string {
	for _, level := range []Level{Failure, Warning} {
		if texts := textsOf(r.Messages, level); len(texts) > 0 {
			sep := ", "
			if level == Warning {
				sep = "\n\n"
			}
			return strings.Join(texts, sep)
		}
	}
	return "Rule execution completed successfully"
}

const (
	mostMessages     = 20
	mostMessageBytes = 10_240
)

func textsOf(messages []Message, level Level) []string {
	var out []string
	for _, m := range messages {
		if m.Level == level && !slices.Contains(out, m.Text) {
			out = append(out, m.Text)
		}
	}
	return out
}

// trimmed are the messages without those that are there twice, and not too many.
func trimmed(messages []Message) []Message {
	var out []Message
	size := 0
	for _, m := range messages {
		if slices.Contains(out, m) || len(out) == mostMessages {
			continue
		}
		if size+len(m.Text) > mostMessageBytes {
			m.Text = strings.ToValidUTF8(m.Text[:mostMessageBytes-size], "")
		}
		size += len(m.Text)
		out = append(out, m)
	}
	return out
}
