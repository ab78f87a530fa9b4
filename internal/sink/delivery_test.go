package sink

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// fake is a sink that a test tells what to do.
type fake struct {
	mu      sync.Mutex
	got     []string // the ids taken, in order, repeats too
	tries   int
	deliver func(item Item) Outcome
	down    error
	closed  bool
}

func (f *fake) Deliver(ctx context.Context, items []Item) ([]Outcome, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tries++
	if f.down != nil {
		return nil, f.down
	}
	var out []Outcome
	for _, item := range items {
		o := Outcome{Verdict: Taken}
		if f.deliver != nil {
			o = f.deliver(item)
		}
		if o.Verdict == Taken {
			f.got = append(f.got, item.ID)
		}
		out = append(out, o)
	}
	return out, ctx.Err()
}

func (f *fake) Close() error { f.closed = true; return nil }

func (f *fake) set(down error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.down = down
}

func (f *fake) taken() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.got)
}

func (f *fake) tried() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.tries
}

func items(n int) []Item {
	list := make([]Item, n)
	for i := range list {
		list[i] = Item{ID: fmt.Sprintf("a%d", i+1), Doc: []byte(`{}`)}
	}
	return list
}

func start(t *testing.T, s Sink, box Outbox, opts Options) (*Delivery, func()) {
	t.Helper()
	d, err := New(t.Context(), "s", s, box, box, opts)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	return d, func() {
		cancel()
		<-ended
	}
}

// A sink that is down gets all it has missed, in order, while another has long had
// it.
func TestDownDelaysNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box := NewMemory()
		good, bad := &fake{}, &fake{down: errors.New("connection refused")}
		_, stop := start(t, good, box, Options{})
		defer stop()
		d, err := New(t.Context(), "bad", bad, box, box, Options{})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go func() { _ = d.Run(ctx) }()

		begun := time.Now()
		box.Add(items(250)...)
		synctest.Wait()
		if n := len(good.taken()); n != 250 || time.Since(begun) != 0 {
			t.Fatalf("%d taken after %v", n, time.Since(begun))
		}
		time.Sleep(time.Hour)
		if s := d.Status(ctx); !s.Down || s.Waiting != 250 || s.Delivered != 0 || s.LastError != "connection refused" {
			t.Errorf("status %+v", s)
		}
		if n := bad.tried(); n < 40 || n > 150 {
			t.Errorf("%d tries in an hour", n)
		}
		bad.set(nil)
		time.Sleep(2 * DefaultLongest)
		synctest.Wait()
		if !slices.Equal(bad.taken(), good.taken()) {
			t.Errorf("took %v", bad.taken())
		}
		if s := d.Status(ctx); s.Down || s.Waiting != 0 || s.Delivered != 250 {
			t.Errorf("status %+v", s)
		}
		cancel()
		synctest.Wait()
	})
}

// A receiver that names a pause gets it.
func TestPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box := NewMemory()
		f := &fake{down: &Pause{Err: errors.New("429"), After: 10 * time.Minute}}
		_, stop := start(t, f, box, Options{})
		defer stop()
		box.Add(items(1)...)
		time.Sleep(9 * time.Minute)
		if n := f.tried(); n != 1 {
			t.Errorf("%d tries", n)
		}
		time.Sleep(2 * time.Minute)
		if n := f.tried(); n != 2 {
			t.Errorf("%d tries", n)
		}
	})
}

// What is refused for good is kept with its reason; what fails alone lets the others
// by, and is given up only when many have passed it.
func TestPoison(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box := NewMemory()
		f := &fake{deliver: func(item Item) Outcome {
			switch item.ID {
			case "a1":
				return Outcome{Verdict: Refused, Reason: "400 Bad Request"}
			case "a2":
				return Outcome{Reason: "500 Internal Server Error"}
			}
			return Outcome{Verdict: Taken}
		}}
		d, stop := start(t, f, box, Options{Batch: 2})
		defer stop()
		box.Add(items(4)...)
		synctest.Wait()
		if got := f.taken(); !slices.Equal(got, []string{"a3", "a4"}) {
			t.Fatalf("took %v", got)
		}
		if dead := box.DeadLetters(); len(dead) != 1 || dead[0].Item.ID != "a1" || dead[0].Reason != "400 Bad Request" || string(dead[0].Item.Doc) != "{}" {
			t.Errorf("dead letters %+v", dead)
		}
		if seq, _, _ := box.Position(t.Context(), "s"); seq != 1 {
			t.Errorf("position %d: what waits must stay before it", seq)
		}
		time.Sleep(24 * time.Hour) // nothing passes it: the sink may be at fault
		if n := len(box.DeadLetters()); n != 1 {
			t.Fatalf("%d dead letters", n)
		}
		for i := range DefaultPassedOver + 1 {
			box.Add(Item{ID: fmt.Sprintf("b%d", i), Doc: []byte(`{}`)})
			time.Sleep(2 * DefaultLongest)
		}
		dead := box.DeadLetters()
		if len(dead) != 2 || dead[1].Item.ID != "a2" || !strings.Contains(dead[1].Reason, "while others were: 500") {
			t.Fatalf("dead letters %+v", dead)
		}
		if s := d.Status(t.Context()); s.Dead != 2 || s.Waiting != 0 || s.Down {
			t.Errorf("status %+v", s)
		}
	})
}

// A sink that is new begins with what comes from then on, or where it is told to; one
// that is known, where it was.
func TestWhereItBegins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box := NewMemory()
		box.Add(items(3)...)
		f := &fake{}
		_, stop := start(t, f, box, Options{})
		synctest.Wait()
		stop()
		box.Add(Item{ID: "later"})
		_, stop = start(t, f, box, Options{FromStart: true})
		synctest.Wait()
		stop()
		if got := f.taken(); !slices.Equal(got, []string{"later"}) {
			t.Errorf("took %v", got)
		}
		all := &fake{}
		d, err := New(t.Context(), "all", all, box, box, Options{FromStart: true, Wants: func(i *Item) bool { return i.ID != "a2" }})
		if err != nil {
			t.Fatal(err)
		}
		d.Finish()
		if err := (Set{d}).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := all.taken(); !slices.Equal(got, []string{"a1", "a3", "later"}) || !all.closed {
			t.Errorf("took %v, closed %v", got, all.closed)
		}
	})
}

// Finish delivers what is there, and does not wait for a sink that is down.
func TestFinish(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box := NewMemory()
		box.Add(Item{ID: "before"})
		f, down := &fake{}, &fake{down: errors.New("down")}
		var set Set
		for name, s := range map[string]Sink{"up": f, "down": down} {
			d, err := New(t.Context(), name, s, box, box, Options{})
			if err != nil {
				t.Fatal(err)
			}
			set = append(set, d)
		}
		box.Add(items(500)...)
		set.Finish()
		begun := time.Now()
		if err := set.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := len(f.taken()); n != 500 || time.Since(begun) != 0 {
			t.Errorf("%d taken in %v", n, time.Since(begun))
		}
	})
}

// weakOutbox fails now and then, and holds the deliveries to what they promise.
type weakOutbox struct {
	*Memory
	t     *testing.T
	dice  *rand.Rand
	mu    sync.Mutex
	final map[string]bool // taken or dead
}

func (w *weakOutbox) fails() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.dice.IntN(8) == 0
}

func (w *weakOutbox) Next(ctx context.Context, after int64, limit int) ([]Item, error) {
	if w.fails() {
		return nil, errors.New("disk is slow")
	}
	return w.Memory.Next(ctx, after, limit)
}

func (w *weakOutbox) Done(ctx context.Context, sink string, seq int64) error {
	if w.fails() {
		return errors.New("disk is full")
	}
	list, _ := w.Memory.Next(ctx, 0, 1<<30)
	w.mu.Lock()
	for _, item := range list {
		if item.Seq <= seq && !w.final[item.ID] {
			w.t.Errorf("position %d is behind %s, which is neither taken nor dead", seq, item.ID)
		}
	}
	w.mu.Unlock()
	return w.Memory.Done(ctx, sink, seq)
}

func (w *weakOutbox) Dead(ctx context.Context, sink string, item Item, reason string) error {
	if w.fails() {
		return errors.New("disk is full")
	}
	w.mu.Lock()
	w.final[item.ID] = true
	w.mu.Unlock()
	return w.Memory.Dead(ctx, sink, item, reason)
}

// However a sink, the outbox and the process fail, each item is taken or a dead
// letter in the end, and the position never runs ahead of one that is neither.
func TestRandomFailures(t *testing.T) {
	for seed := range uint64(60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { randomFailures(t, seed) })
		})
	}
}

func randomFailures(t *testing.T, seed uint64) {
	t.Helper()
	dice := rand.New(rand.NewPCG(seed, 1))                                                                        //nolint:gosec // a test
	box := &weakOutbox{Memory: NewMemory(), t: t, dice: rand.New(rand.NewPCG(seed, 2)), final: map[string]bool{}} //nolint:gosec // a test
	_ = box.Memory.Done(t.Context(), "s", 0)
	poison := map[string]bool{}
	all := items(200)
	for _, item := range all {
		if dice.IntN(20) == 0 {
			poison[item.ID] = true
		}
	}
	f := &fake{}
	fate := rand.New(rand.NewPCG(seed, 3)) //nolint:gosec // a test
	healthy := false
	f.deliver = func(item Item) Outcome {
		switch n := fate.IntN(10); {
		case poison[item.ID]:
			return Outcome{Verdict: Refused, Reason: "bad"}
		case n < 2 && !healthy:
			return Outcome{Reason: "busy"}
		case n == 2 && !healthy:
			return Outcome{}
		}
		box.mu.Lock()
		box.final[item.ID] = true
		box.mu.Unlock()
		return Outcome{Verdict: Taken}
	}
	opts := Options{Batch: 1 + dice.IntN(20), Window: 20 + dice.IntN(50), PassedOver: 1000}
	for round := 0; ; round++ {
		if len(all) > 0 {
			n := min(len(all), 1+dice.IntN(40))
			box.Add(all[:n]...)
			all = all[n:]
		}
		if dice.IntN(3) == 0 {
			f.set(errors.New("down"))
		} else {
			f.set(nil)
		}
		last := len(all) == 0 && round > 20
		if last {
			f.set(nil)
			healthy = true
		}
		_, stop := start(t, f, box, opts)
		if last {
			time.Sleep(24 * time.Hour)
		} else {
			time.Sleep(time.Duration(dice.IntN(3000)) * time.Millisecond)
		}
		stop() // a crash: what was not noted is forgotten
		if last {
			break
		}
	}
	taken := map[string]bool{}
	for _, id := range f.taken() {
		taken[id] = true
	}
	dead := map[string]bool{}
	for _, letter := range box.DeadLetters() {
		dead[letter.Item.ID] = true
	}
	for _, item := range items(200) {
		if taken[item.ID] == poison[item.ID] || dead[item.ID] != poison[item.ID] {
			t.Errorf("%s: poison %v, taken %v, dead %v", item.ID, poison[item.ID], taken[item.ID], dead[item.ID])
		}
	}
	if seq, _, _ := box.Position(t.Context(), "s"); seq != 200 {
		t.Errorf("position %d at the end", seq)
	}
}
