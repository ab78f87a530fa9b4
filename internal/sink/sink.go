// Package sink takes alerts, and on request events, to where they are wanted: the
// terminal, a file, syslog, the journal, a webhook, another Tripline or an
// Elasticsearch.
//
// What is to be delivered is numbered and stored before a sink hears of it (a Feed),
// and how far each sink has come is stored too (a Ledger). A Delivery carries one
// sink along its feed, in a goroutine of its own. From that follows what is promised:
//
//   - A sink that is down delays no other and loses nothing; it is tried again, less
//     and less often, until it takes what waits.
//   - Each item is delivered at least once. After a crash, what was delivered and not
//     yet noted is delivered again: its ID is the key by which receivers know it.
//   - What a receiver refuses for good becomes a dead letter: kept with the reason,
//     counted, and told in the log. Nothing is given up otherwise.
//   - One item that does not get through does not stop those behind it, up to
//     Options.Window of them.
//
// A Delivery holds at most Options.Window items in memory. A Sink is used by one
// goroutine at a time, its Delivery's; Close ends it when the Delivery has ended.
package sink

import (
	"context"
	"fmt"
	"time"
)

// Item is one thing to deliver: an alert, or an event that is forwarded.
type Item struct {
	Seq int64  // its place in the feed, rising; not all numbers need be there
	ID  string // kibana.alert.uuid, or an event's _id: the idempotency key
	// Index is the data stream of an event; "" for an alert, which goes where the sink
	// sends alerts.
	Index string
	// Doc is the document, as JSON on one line: of a group's alert, the shell.
	Doc []byte
	// Blocks are the documents of a group's building blocks. Sinks leave them out
	// unless they were asked for.
	Blocks [][]byte
}

// Verdict is what became of an item that was handed to a sink.
type Verdict uint8

// The verdicts. Again is the zero value: what nothing is known of is tried again.
const (
	Again   Verdict = iota // not taken, or nobody knows
	Taken                  // the receiver has it
	Refused                // the receiver has it refused for good
)

// Outcome is a verdict and, unless that is Taken, its reason.
type Outcome struct {
	Verdict Verdict
	Reason  string
}

// Sink is where items go.
type Sink interface {
	// Deliver hands over items and returns what became of each, in their order;
	// fewer outcomes than items leave the rest Again. An error says that the
	// receiver as a whole takes nothing now, whatever it is handed; the outcomes
	// hold beside it. It may be, or wrap, a *Pause.
	Deliver(ctx context.Context, items []Item) ([]Outcome, error)
	// Close gives up what the sink holds open.
	Close() error
}

// Pause is an error of a receiver that says when it wants to be tried again.
type Pause struct {
	Err   error
	After time.Duration
}

func (p *Pause) Error() string { return fmt.Sprintf("%v (asks for a pause of %v)", p.Err, p.After) }
func (p *Pause) Unwrap() error { return p.Err }

// all gives every item the same outcome.
func all(items []Item, o Outcome) []Outcome {
	out := make([]Outcome, len(items))
	for i := range out {
		out[i] = o
	}
	return out
}
