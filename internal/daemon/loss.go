package daemon

import (
	"fmt"
	"slices"
	"time"

	"github.com/tripline-sec/tripline/internal/schedule"
	"github.com/tripline-sec/tripline/internal/sequence"
	"github.com/tripline-sec/tripline/internal/state"
	"github.com/tripline-sec/tripline/internal/store"
)

// loss is what was lost and is not told yet, or told so far.
type loss struct {
	unreadable int
	late       map[string]uint64 // by rule: told so far
	evicted    map[string]uint64
	since      time.Time   // of what is told next
	minute     state.Blind // what could not be read in the last minute in which something was not
}

// notice takes what the store has to tell.
func (d *Daemon) notice(n store.Notice) {
	now := d.opts.Now()
	switch n.Kind {
	case store.Recovered:
		d.opts.Log.Info(n.Text)
		return
	case store.Failed:
		d.opts.Log.Error(n.Text, "error", n.Err)
		return
	case store.Damaged:
		d.opts.Log.Error(n.Text)
	case store.Dropped:
		d.opts.Log.Info(n.Text)
	}
	go func() { // the store must not wait for what may wait for the store
		d.mu.Lock()
		defer d.mu.Unlock()
		if n.Kind == store.Damaged {
			d.blind = append(d.blind, state.Blind{Cause: "unreadable", Since: now, Until: now, Text: n.Text})
		}
		for _, lost := range n.Lost {
			d.blind = append(d.blind, state.Blind{
				Cause: "dropped", Source: lost.Index, Since: lost.From, Until: lost.To, Count: int(lost.Documents),
				Text: fmt.Sprintf("%s documents of %s were let go of by retention", count(lost.Documents), named(lost.Index)),
			})
		}
	}()
}

// Unreadable tells of an event that a source could not read or the store not keep.
func (d *Daemon) Unreadable(text string) {
	now := d.opts.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	// A minute's are told together; told again, they take the place of what was told.
	if minute := now.Truncate(time.Minute); !d.loss.minute.Since.Equal(minute) {
		d.loss.minute = state.Blind{Cause: "unreadable", Since: minute, Text: text}
	}
	b := &d.loss.minute
	b.Until = now
	b.Count++
	for i := d.telling; i < len(d.blind); i++ {
		if d.blind[i].Cause == b.Cause && d.blind[i].Since.Equal(b.Since) {
			d.blind[i] = *b
			return
		}
	}
	d.blind = append(d.blind, *b)
}

func named(index string) string {
	if index == "" {
		return "several indices"
	}
	return index
}

func count(n int64) string { return fmt.Sprintf("%d", n) }

// losses returns what there is to tell now: the stretches in which something was not
// seen. It is called with mu held, and with what it returns committed.
func (d *Daemon) losses(now time.Time) []state.Blind {
	if d.stream == nil {
		return slices.Clone(d.blind)
	}
	if d.loss.late == nil {
		d.loss.late, d.loss.evicted, d.loss.since = map[string]uint64{}, map[string]uint64{}, d.started
	}
	told := false
	d.eachQuery(func(rule int, q *sequence.QueryStats) {
		id, name := d.use.rules[rule].UUID(), d.use.rules[rule].Name
		for _, l := range []struct {
			cause string
			is    uint64
			told  map[string]uint64
			text  string
		}{
			{"late", q.Late, d.loss.late, "%d events came too late for the stream to judge %q; the schedule judges them"},
			{"evicted", q.Evicted, d.loss.evicted, "%d unfinished sequences of %q were dropped for want of memory"},
		} {
			if n := l.is - min(l.told[id], l.is); n > 0 {
				told = true
				text := fmt.Sprintf(l.text, n, name)
				if l.cause == "late" && !d.opts.Schedule {
					text = fmt.Sprintf("%d events came too late to be judged by %q", n, name)
				}
				d.blind = append(d.blind, state.Blind{
					Cause: l.cause, Rule: id, Since: d.loss.since, Until: now, Count: int(n), Text: text, //nolint:gosec // a count of events
				})
			}
			l.told[id] = l.is
		}
	})
	if told {
		d.loss.since = now
	}
	return slices.Clone(d.blind)
}

// eachQuery hands over the figures of the stream's sequences.
func (d *Daemon) eachQuery(each func(rule int, q *sequence.QueryStats)) {
	orders := d.use.stream.Orders()
	for n, st := range d.stream.States() {
		stats := st.Stats()
		for i := range stats.Queries {
			each(d.use.live[orders[n].Queries[i]], &stats.Queries[i])
		}
	}
}

// blindOf is what a run could not see.
func blindOf(run *schedule.Run, rule string) []state.Blind {
	var out []state.Blind
	for _, gap := range run.Gaps {
		out = append(out, state.Blind{
			Cause: "gap", Rule: rule, Since: gap.From, Until: gap.To, Text: "not judged: " + string(gap.Reason),
		})
	}
	return out
}

// host is when a host was last heard of.
type host struct {
	heard  time.Time // when something of it arrived
	silent time.Time // since when it is silent; zero: it is not
}

// mostHosts bounds the hosts whose silence is told.
const mostHosts = 10_000

// seen notes whose event has arrived.
func (d *Daemon) seen(doc *store.Stored) {
	name := d.hostName()
	if name == "" {
		return
	}
	h := d.hosts[name]
	if h == nil {
		if len(d.hosts) >= mostHosts {
			return
		}
		h = &host{}
		d.hosts[intern(d.indices, name)] = h
	}
	if !doc.Ingested.After(h.heard) {
		return // it is read once more
	}
	if !h.silent.IsZero() {
		d.blind = append(d.blind, silentHost(name, h.silent, doc.Ingested))
		h.silent = time.Time{}
	}
	h.heard = doc.Ingested
}

// hostName is the host of the event that the stream has judged last.
func (d *Daemon) hostName() string {
	row := d.stream.Judge().Row()
	slot := row.Schema().Slot("host.id")
	if slot < 0 || row.Head(slot) < 0 {
		return ""
	}
	return row.At(row.Head(slot)).Text
}

// silence finds hosts that say nothing any more.
func (d *Daemon) silence() {
	now := d.opts.Now()
	var silent []string
	for name, h := range d.hosts {
		if h.silent.IsZero() && now.Sub(h.heard) > d.opts.Silent {
			h.silent = h.heard
			silent = append(silent, name)
		}
	}
	slices.Sort(silent)
	for _, name := range silent {
		d.blind = append(d.blind, silentHost(name, d.hosts[name].silent, time.Time{}))
	}
}

func silentHost(name string, since, until time.Time) state.Blind {
	return state.Blind{Cause: "silent", Host: name, Since: since, Until: until, Text: "nothing came of host " + name}
}
