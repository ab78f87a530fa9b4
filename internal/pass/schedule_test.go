package pass_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/pass"
	"github.com/tripline-sec/tripline/internal/randomcase"
	"github.com/tripline-sec/tripline/internal/schedule"
)

// story is a stream that arrives, with disorder, pauses and crashes, while a rule
// runs on its schedule.
type story struct {
	testing.TB
	*trial
	rand   *rand.Rand
	rule   *schedule.Rule
	limits schedule.Limits
	store  *memory
	docs   []int // by arrival: the place of the document

	arrivals []int // the places of all documents in order of arrival

	now       time.Time
	scheduler *schedule.Scheduler
	matters   *pass.Matters
	temp      string
	saved     schedule.Saved
	told      uint64
	found     map[string]uint64 // the alerts, with how much had arrived when they were found
	passes    int
	crashes   int
	judged    int64
	log       []string
}

// newStory draws a case that a schedule by @timestamp can be held to, and how often
// its rule runs; nil: this one is none.
func newStory(tb testing.TB, r *rand.Rand, temp string) *story {
	tb.Helper()
	c := randomcase.New(r)
	if c.Timestamp != "" || c.Mapping != "" || len(c.Docs) > 60 {
		return nil
	}
	l := newTrial(tb, c, 0)
	if _, isSample := l.Checked.Body.(*eql.Sample); isSample || !l.singleKeys() {
		return nil
	}
	first, last := l.main()
	s := &story{TB: tb, rand: r, store: &memory{rand: r}, found: map[string]uint64{}, now: first, temp: temp}
	spread := last.Sub(first) + time.Millisecond
	interval := max(spread/time.Duration(1+r.IntN(8)), time.Millisecond).Truncate(time.Millisecond)
	back := max(interval*time.Duration(1+r.IntN(6))/2, time.Millisecond).Truncate(time.Millisecond)
	s.limits = schedule.Limits{Step: interval * time.Duration(1+r.IntN(3)), Windows: 1 + r.IntN(4)}
	s.rule = &schedule.Rule{
		ID: "rule", Name: "rule", Interval: interval, From: dateMath(tb, back), To: dateMath(tb, time.Duration(r.IntN(2))*interval/4),
		MaxSignals: 100, Primary: schedule.Timestamp, Indices: event.Patterns{"*"},
	}
	if q, ok := l.Checked.Body.(*eql.Sequence); ok {
		s.rule.Span = schedule.SpanOf(q, s.rule.From, s.rule.To)
		s.rule.Trailing = q.Terms[len(q.Terms)-1].Missing
		if q.MaxSpan == nil { // so that the reference knows it, too
			q.MaxSpan = &eql.Span{Count: s.rule.Span.Milliseconds(), Unit: "ms"}
		}
		l.compile(tb, s.rule.Span)
	} else if r.IntN(3) == 0 {
		s.rule.Axis = schedule.IngestTime
	}
	s.trial = l
	s.boot()
	return s
}

// main is when the documents happened, but for those that lie far from the others.
func (t *trial) main() (first, last time.Time) {
	var all []time.Time
	for i, at := range t.times {
		if t.hasTime[i] {
			all = append(all, at)
		}
	}
	if len(all) == 0 {
		all = append(all, time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC))
	}
	slices.SortFunc(all, time.Time.Compare)
	middle := all[len(all)/2]
	far := func(at time.Time) bool { return at.Sub(middle).Abs() > time.Hour }
	all = slices.DeleteFunc(all, far)
	return all[0], all[len(all)-1]
}

func (s *story) say(format string, args ...any) {
	s.log = append(s.log, s.now.Format("15:04:05.000000 ")+fmt.Sprintf(format, args...))
}

// boot starts the scheduler with what was stored.
func (s *story) boot() {
	s.scheduler = schedule.New(schedule.Tripline(s.limits), func() string { return "run" })
	s.scheduler.Load(s.saved)
	s.scheduler.Use([]*schedule.Rule{s.rule}, s.now)
	s.matters = nil
	if s.rand.IntN(2) == 0 {
		s.matters = pass.NewMatters(s.program)
	}
	s.told = s.scheduler.Position()
	s.save() // a rule's duty begins when that is stored
}

// tell tells the scheduler of what has arrived, all or a part.
func (s *story) tell(all bool) {
	for s.told < s.store.last() && (all || s.rand.IntN(3) > 0) {
		e := &s.store.events[s.told]
		s.told++
		a := schedule.Arrival{Number: e.Arrival, Time: e.Time.Time(), HasTime: e.HasTime, Ingested: e.Ingested}
		var matters func(int) bool
		if s.matters != nil {
			matters = s.matters.Of(e.Raw, event.Identity{Index: e.Index, ID: e.ID})
		}
		s.scheduler.Arrive(a, matters)
	}
}

// save stores what has changed, as a commit of the stream does.
func (s *story) save() {
	u := s.scheduler.Unsaved()
	s.put(u)
	s.scheduler.Stored(u)
}

func (s *story) put(u schedule.Saved) {
	for _, l := range u.Ledgers {
		at := slices.IndexFunc(s.saved.Ledgers, func(o schedule.Ledger) bool { return o.Rule == l.Rule })
		if at < 0 {
			s.saved.Ledgers = append(s.saved.Ledgers, l)
		} else {
			s.saved.Ledgers[at] = l
		}
	}
	s.saved.Position = u.Position
}

// run runs what is due; now and then there is a crash in the middle, or the commit
// fails.
func (s *story) run(calm bool) bool {
	w := s.scheduler.Begin(schedule.Moment{Now: s.now, Arrival: s.store.last()})
	if w == nil {
		return false
	}
	s.passes++
	s.store.fail = nil
	if !calm && s.rand.IntN(20) == 0 {
		s.store.fail = context.DeadlineExceeded
	}
	opts := pass.Options{Workers: 1 + s.rand.IntN(2)}
	if s.rand.IntN(3) == 0 {
		opts.Matches = 1 + s.rand.IntN(3)
	}
	if s.rand.IntN(3) == 0 {
		opts.OrderBudget = 500 + s.rand.Int64N(4000) // so that events are given out early, or sorted on disk
		opts.TempDir = s.temp
	}
	report, err := pass.NewRunner(s.program, opts).Run(context.Background(), w, s.store)
	if !calm && s.rand.IntN(10) == 0 {
		s.crash()
		return true
	}
	if !calm {
		s.arriveMaybe()
	}
	var found []string
	result := schedule.Result{Err: err}
	if err == nil {
		s.judged += report.Judged
		for _, m := range report.Jobs[0].Matches {
			found = append(found, number(m, s.docs))
		}
	}
	s.say("%s %v: %v: %q %v", w.Jobs[0].Kind, w.Arrival, windowsOf(w.Jobs[0]), found, err)
	c := s.scheduler.Finish(w, []schedule.Result{result}, s.now)
	if !calm && s.rand.IntN(10) == 0 {
		s.scheduler.Drop(w) // the disk was full
		return true
	}
	if !calm {
		s.tell(false) // between the commit and what follows, more is told
	}
	s.put(c.Saved)
	for _, text := range found {
		if _, known := s.found[text]; !known {
			s.found[text] = w.Arrival
		}
	}
	if !calm && s.rand.IntN(10) == 0 {
		s.crash()
		return true
	}
	s.scheduler.Apply(c)
	return true
}

func windowsOf(j *schedule.Job) []string {
	var out []string
	for _, w := range j.Windows {
		out = append(out, fmt.Sprintf("%s %s to %s", w.Why, w.From.Format("05.000000"), w.To.Format("05.000000")))
	}
	return out
}

func (s *story) crash() {
	s.crashes++
	s.say("crash")
	s.boot()
}

// arriveMaybe stores the next documents, now and then.
func (s *story) arriveMaybe() {
	for len(s.docs) < len(s.order()) && s.rand.IntN(3) == 0 {
		s.arrive()
	}
}

func (s *story) arrive() {
	i := s.order()[len(s.docs)]
	if at := s.times[i]; s.hasTime[i] && at.After(s.now) {
		s.now = at
	}
	s.docs = append(s.docs, i)
	s.store.add(s.event(i, s.now))
}

// order is the order of arrival: that of the case, with some documents much later.
func (s *story) order() []int {
	if s.arrivals == nil {
		_, last := s.main()
		for i, at := range s.times {
			if !s.hasTime[i] || !at.After(last) { // what is yet to happen is nothing for a schedule
				s.arrivals = append(s.arrivals, i)
			}
		}
		for range s.rand.IntN(4) {
			from := s.rand.IntN(len(s.arrivals))
			to := from + s.rand.IntN(len(s.arrivals)-from)
			moved := s.arrivals[from]
			s.arrivals = slices.Insert(slices.Delete(s.arrivals, from, from+1), to, moved)
		}
	}
	return s.arrivals
}

// tellIt lets the story happen.
func (s *story) tellIt() {
	for len(s.docs) < len(s.order()) {
		switch n := s.rand.IntN(10); {
		case n < 5:
			s.arrive()
		case n < 6:
			s.now = s.now.Add(time.Duration(s.rand.Int64N(int64(s.rule.Interval))))
		case n < 7 && s.rand.IntN(4) == 0:
			s.now = s.now.Add(s.rule.Interval * time.Duration(s.rand.IntN(6))) // a pause
		case n < 8:
			s.tell(false)
		case n < 9 && s.rand.IntN(3) == 0:
			s.save()
		case n < 9 && s.rand.IntN(6) == 0:
			s.crash()
		default:
			s.run(false)
		}
	}
	// Afterwards all is quiet, and the schedule goes on until nothing can change.
	for range 4 {
		s.tell(true)
		for s.run(true) {
		}
		s.now = s.now.Add(s.rule.Interval + 2*s.rule.Span + schedule.LookBack(s.rule.From, s.rule.To))
	}
}

// Random streams with late arrivals, pauses, failures and crashes: what the runs
// find together is what one run over all events in order finds, each once; what they
// found besides was right when it was found; and the ledger covers every instant.
func TestScheduleLosesNothing(t *testing.T) {
	matches, passes, crashes, extras, tried := 0, 0, 0, 0, 0
	temp := t.TempDir()
	for seed := range cases(t, 1200) {
		r := rand.New(rand.NewPCG(seed, 20))
		s := newStory(t, r, temp)
		if s == nil || len(s.order()) == 0 {
			continue
		}
		tried++
		s.tellIt()
		fail := func(format string, args ...any) {
			t.Helper()
			t.Fatalf("seed %d: "+format+"\n%s\ninterval %s, span %s, look-back %s, %+v\narrivals %v\n%s\n%s", append(append([]any{seed}, args...),
				s.Checked.String(), s.rule.Interval, s.rule.Span, schedule.LookBack(s.rule.From, s.rule.To), s.limits, s.docs,
				strings.Join(lines(s.trial), "\n"), strings.Join(s.log, "\n"))...)
		}
		want := s.everything(len(s.docs))
		for _, m := range want {
			if _, ok := s.found[m]; !ok {
				fail("%q is lost", m)
			}
		}
		for _, m := range slices.Sorted(maps.Keys(s.found)) {
			if slices.Contains(want, m) {
				continue
			}
			extras++
			if arrived := s.found[m]; !slices.Contains(s.everything(int(arrived)), m) { //nolint:gosec // a small number
				fail("%q was found when %d events had arrived, and is in no order", m, arrived)
			}
		}
		l := s.scheduler.Ledgers()[0]
		if owed := l.Owed(l.Frontier()); len(owed) > 0 || len(l.Dirty) > 0 || l.Backlog || len(l.Gaps) > 0 {
			fail("owed %v, dirty %v, gaps %v", owed, l.Dirty, l.Gaps)
		}
		if len(l.Coverage()) != 1 && l.Coverage()[0].From.After(l.Since) {
			fail("covered %v", l.Coverage())
		}
		matches, passes, crashes = matches+len(want), passes+s.passes, crashes+s.crashes
	}
	t.Logf("%d stories, %d matches and %d that late events took back, %d passes, %d crashes", tried, matches, extras, passes, crashes)
	if matches < 500 || crashes < 150 {
		t.Errorf("that says little")
	}
}

// everything is what the reference finds in the first events that arrived.
func (s *story) everything(arrived int) []string {
	var docs []*event.Document
	for n, i := range s.docs[:arrived] {
		d := *s.Docs[i]
		d.Arrival = uint64(n)
		docs = append(docs, &d)
	}
	found, err := s.Over(docs)
	if err != nil {
		s.Fatal(err)
	}
	for i := range found.Matches {
		for k, d := range found.Matches[i].Docs {
			if d >= 0 {
				found.Matches[i].Docs[k] = s.docs[d]
			}
		}
	}
	return places(found)
}
