package daemon

import (
	"context"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/sink"
)

// stuck is a sink that takes no alert and does not give up.
type stuck struct{ reached chan struct{} }

func (s stuck) Deliver(context.Context, []sink.Item) ([]sink.Outcome, error) {
	close(s.reached)
	select {}
}

func (stuck) Close() error { return nil }

// The end does not wait for a sink that hangs; what it has not taken, the next one is
// given.
func TestRunEndsThoughASinkHangs(t *testing.T) {
	s := stuck{make(chan struct{})}
	d := newDesk(t, Options{Stream: true, Drain: time.Millisecond, Sinks: []Sink{{Name: "s", Sink: s, Options: sink.Options{FromStart: true}}}},
		pairRule(1, `file where true`, nil))
	d.in(d.event("a", "file", "12:00", "h"))
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	<-s.reached
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if at, err := d.state.Sinks(context.Background()); err != nil || at["s"] > 0 {
		t.Errorf("%v, %v", at, err)
	}
}
