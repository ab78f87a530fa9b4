package engine

import (
	"errors"
	"hash/maphash"
	"slices"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/sequence"
	"github.com/tripline-sec/tripline/internal/value"
)

// errTiebreakerArray is a sequence's hit with several tiebreakers
// (Elasticsearch: `Expected tiebreaker field to be Comparable`).
var errTiebreakerArray = errors.New("the tiebreaker has more than one value")

// order is one way in which queries order events: by the same field for the time
// and the same tiebreaker.
type order struct {
	time    *field
	tie     *field // nil: none is named
	queries []int32
}

// hashOf hashes the first value of a slot; 0 for none.
func (j *Judge) hashOf(slot int) uint64 {
	at := j.row.Head(slot)
	if at < 0 {
		return 0
	}
	return maphash.String(seeds[0], j.row.At(at).Text) | 1
}

// place fills in where the event at hand stands in each order.
func (j *Judge) place() {
	for i := range j.p.orders {
		o := &j.p.orders[i]
		e := &j.verdict.Events[i]
		*e = sequence.Event{Arrival: j.arrival, Hits: e.Hits[:0]}
		e.Time, e.HasTime = j.instant(o.time)
		e.Host = j.hashOf(j.p.hostSlot)
		if o.tie != nil {
			for at := j.row.Head(o.tie.slot); at >= 0 && !e.Tied; at = j.row.At(at).Next {
				switch v := o.tie.read(j.row.At(at), j.index); {
				case v.IsNull():
				case e.Tiebreaker.IsNull():
					e.Tiebreaker = v.Clone()
				default:
					e.Tied = true
				}
			}
			continue
		}
		if at := j.row.Head(j.p.sequenceSlot); at >= 0 {
			if n := number(j.row.At(at)); n.IsNumber() {
				if e.Agent = j.hashOf(j.p.agentSlot); e.Agent != 0 {
					e.Sequence = n
				}
			}
		}
	}
}

// Time returns the @timestamp of the event at hand.
func (j *Judge) Time() (value.Instant, bool) {
	if j.clockGen != j.gen {
		j.clockGen = j.gen
		j.clock, j.hasClock = j.readInstant(j.p.clock)
	}
	return j.clock, j.hasClock
}

// PlaceFor returns the place in time of the event at hand by the fields of a query.
func (j *Judge) PlaceFor(query int, arrival uint64) event.Ordinal {
	q, o := &j.p.queries[query], event.Ordinal{Arrival: arrival}
	if q.tie != nil {
		if i := j.row.Head(q.tie.slot); i >= 0 {
			o.Tiebreaker = q.tie.read(j.row.At(i), j.index).Clone()
		}
	}
	o.Time, o.HasTime = j.instant(q.time)
	return o
}

// number is Scalar.Value, quick for the numbers that senders count with.
func number(s *event.Scalar) value.Value {
	if s.Kind == event.NumberScalar && len(s.Text) <= 18 {
		if n, ok := digits(s.Text); ok && s.Text != "" {
			return value.OfInt(n)
		}
	}
	return s.Value()
}

// instant returns the first value of a timestamp field.
func (j *Judge) instant(f *field) (value.Instant, bool) {
	if f == j.p.clock {
		return j.Time()
	}
	return j.readInstant(f)
}

func (j *Judge) readInstant(f *field) (value.Instant, bool) {
	for at := j.row.Head(f.slot); at >= 0; at = j.row.At(at).Next {
		s := j.row.At(at)
		if f.schema == nil && s.Kind == event.StringScalar {
			if t, ok := parseUTC(s.Text); ok {
				return t, true
			}
		}
		if v := f.read(s, j.index); v.Kind() == value.Date {
			return v.Instant(), true
		}
	}
	return value.Instant{}, false
}

// timed reports whether the event at hand has a time for a filter's query.
func (j *Judge) timed(f *filter) bool {
	return j.verdict.Events[j.p.queries[f.query].order].HasTime
}

// settle hands the acceptances of the event at hand to the queries they are for.
func (j *Judge) settle() {
	sortHits(j.hits)
	for from := 0; from < len(j.hits); {
		to := from + 1
		for to < len(j.hits) && j.hits[to].filter.query == j.hits[from].filter.query {
			to++
		}
		j.settleQuery(j.hits[from:to])
		from = to
	}
}

// sortHits puts acceptances in the order of queries and their conditions, which is
// that of the filters' numbers. As a rule there are few.
func sortHits(hits []acceptance) {
	if len(hits) > 32 {
		slices.SortFunc(hits, func(a, b acceptance) int { return int(a.filter.number - b.filter.number) })
		return
	}
	for i := 1; i < len(hits); i++ {
		for k := i; k > 0 && hits[k-1].filter.number > hits[k].filter.number; k-- {
			hits[k-1], hits[k] = hits[k], hits[k-1]
		}
	}
}

// noKeys are the keys of an event query's hit: the empty tuple.
var noKeys = make([]sequence.Key, 1)

// settleQuery takes what one query accepts. A sequence can not use an event that
// has no place in time: that is told once, and nothing else of it.
func (j *Judge) settleQuery(hits []acceptance) {
	number := hits[0].filter.query
	q := &j.p.queries[number]
	if hits[0].filter.single {
		j.verdict.kept = true
	}
	if hits[0].filter.single && !q.Ordered {
		j.verdict.Singles = append(j.verdict.Singles, number)
		return
	}
	e := &j.verdict.Events[q.order]
	if hits[0].filter.single {
		e.Hits = append(e.Hits, sequence.Hit{Query: q.local, Keys: noKeys})
		return
	}
	placed := e.HasTime && !e.Tied
	if placed && q.gated && j.gates != nil && hits[0].filter.local == 0 {
		j.verdict.Begun = append(j.verdict.Begun, number)
	}
	if !placed && !q.sample {
		if at := lastOf(hits); at >= 0 {
			j.misplaced(number, hits[at].filter, e.HasTime)
		}
	}
	for _, h := range hits {
		if placed || q.sample || h.filter.absent {
			j.verdict.kept = j.verdict.kept || !h.filter.absent && !h.filter.until
			e.Hits = append(e.Hits, sequence.Hit{Query: q.local, Filter: h.filter.local, Keys: j.keys[h.from:h.to:h.to]})
		}
	}
}

// lastOf returns the acceptance that a sequence comes upon first: that of its
// last stage, and until's only after all stages; -1 if none is of either.
func lastOf(hits []acceptance) int {
	until := -1
	for i, h := range slices.Backward(hits) {
		switch {
		case h.filter.absent:
		case h.filter.until:
			until = i
		default:
			return i
		}
	}
	return until
}

// misplaced tells of an event without a place in time. What the sequence would
// have asked afterwards it has not asked.
func (j *Judge) misplaced(query int32, f *filter, timed bool) {
	j.faults = slices.DeleteFunc(j.faults, func(x Fault) bool {
		return x.Query == query && !j.p.Absent(int(x.Query), x.Filter) && !f.until && (x.Filter < f.local || j.p.queries[query].until == x.Filter)
	})
	if timed {
		j.faults = append(j.faults, Fault{query, f.local, eql.Pos{Line: 1, Col: 1}, errTiebreakerArray})
		return
	}
	j.verdict.NoTime = append(j.verdict.NoTime, query)
}

// parseUTC reads the one form of a time that nearly all senders write,
// 2026-02-03T09:00:15.124814335Z with up to nine decimals or none.
func parseUTC(s string) (value.Instant, bool) {
	if len(s) < 20 || len(s) > 30 || s[len(s)-1] != 'Z' ||
		s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':' {
		return value.Instant{}, false
	}
	year, ok1 := digits(s[0:4])
	month, ok2 := digits(s[5:7])
	day, ok3 := digits(s[8:10])
	hour, ok4 := digits(s[11:13])
	minute, ok5 := digits(s[14:16])
	second, ok6 := digits(s[17:19])
	if !(ok1 && ok2 && ok3 && ok4 && ok5 && ok6) ||
		year < 1 || month < 1 || month > 12 || day < 1 || day > 28 && day > daysIn(year, month) || hour > 23 || minute > 59 || second > 59 {
		return value.Instant{}, false
	}
	var nsec int64
	if frac := s[19 : len(s)-1]; frac != "" {
		if frac[0] != '.' || len(frac) == 1 {
			return value.Instant{}, false
		}
		n, ok := digits(frac[1:])
		if !ok {
			return value.Instant{}, false
		}
		nsec = n * scales[len(frac)-1]
	}
	return value.Instant{Sec: days(year, month, day)*86400 + hour*3600 + minute*60 + second, Nsec: int32(nsec)}, true //nolint:gosec // below 1e9
}

// scales turn a number of so many decimals into nanoseconds.
var scales = [10]int64{0, 1e8, 1e7, 1e6, 1e5, 1e4, 1e3, 100, 10, 1}

func digits(s string) (int64, bool) {
	n := int64(0)
	for i := range len(s) {
		c := s[i] - '0'
		if c > 9 {
			return 0, false
		}
		n = 10*n + int64(c)
	}
	return n, true
}

func daysIn(year, month int64) int64 {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// days counts the days since 1970-01-01 in the Gregorian calendar. The year is
// taken to begin in March, so that a leap day is the last of it.
func days(year, month, day int64) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	era := year / 400
	ofEra := year - era*400
	ofYear := (153*(month-3)+2)/5 + day - 1
	return era*146097 + ofEra*365 + ofEra/4 - ofEra/100 + ofYear - 719468
}
