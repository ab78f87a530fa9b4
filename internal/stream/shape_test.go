package stream

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/event"
)

// survey is what there is in a stream.
type survey struct {
	docs, bytes, execs, ties, lists, longLists int
	times                                      []time.Time
	distinct                                   map[string]map[string]int // values by field
	without                                    map[string]int            // documents that lack a field
}

var surveyed = []string{
	"process.executable", "process.command_line", "process.entity_id", "event.id", "host.id", "agent.id", "event.action", "file.path",
	"destination.ip", "source.port", "user.name", "process.pid",
}

var optional = []string{"process.hash.md5", "process.hash.sha256", "event.outcome", "host.ip", "container.id", "process.previous.executable", "process.tty.char_device.major"}

func surveyOf(t *testing.T, docs [][]byte) *survey {
	t.Helper()
	s := &survey{distinct: map[string]map[string]int{}, without: map[string]int{}}
	for _, f := range surveyed {
		s.distinct[f] = map[string]int{}
	}
	sequences := map[string]float64{}
	for i, d := range decoded(t, docs) {
		if !json.Valid(docs[i]) {
			t.Fatalf("not JSON: %s", docs[i])
		}
		s.docs++
		s.bytes += len(docs[i])
		for _, f := range surveyed {
			if v := d.First(f); !v.IsNull() {
				s.distinct[f][v.Text()]++
			}
		}
		for _, f := range optional {
			if d.First(f).IsNull() {
				s.without[f]++
			}
		}
		actions := d.Values("event.action")
		for _, a := range actions {
			if a.Text() == "exec" {
				s.execs++
			}
		}
		if n := len(actions); n > 1 {
			s.lists++
		}
		if len(d.Values("process.Ext.ancestry")) > 1 {
			s.longLists++
		}
		at, err := time.Parse(time.RFC3339Nano, d.Text("@timestamp"))
		if err != nil {
			t.Fatal(err)
		}
		if n := len(s.times); n > 0 && at.Equal(s.times[n-1]) {
			s.ties++
		}
		s.times = append(s.times, at)
		s.checkSequence(t, d, sequences)
	}
	return s
}

// checkSequence asks that event.sequence rises by one for each event of an agent.
func (s *survey) checkSequence(t *testing.T, d *event.Document, last map[string]float64) {
	t.Helper()
	agent := d.Text("agent.id")
	var n float64
	if err := json.Unmarshal([]byte(d.Text("event.sequence")), &n); err != nil {
		t.Fatal(err)
	}
	if before, ok := last[agent]; ok && n != before+1 && !t.Failed() {
		t.Errorf("agent %s: event.sequence %v after %v", agent, n, before)
	}
	last[agent] = n
}

func (s *survey) share(n int) float64 { return float64(n) / float64(s.docs) }

func TestDocumentsHaveTheShapeAndRepetitionOfRealOnes(t *testing.T) {
	opts := Options{Seed: 1, Events: 9000, Hosts: 25}
	_, docs := all(t, opts)
	s := surveyOf(t, docs)
	mean := s.bytes / s.docs
	t.Logf("mean %d bytes, %.0f %% exec, %d executables, %d command lines, %d processes", mean, 100*s.share(s.execs),
		len(s.distinct["process.executable"]), len(s.distinct["process.command_line"]), len(s.distinct["process.entity_id"]))
	if s.docs != opts.Events {
		t.Errorf("%d documents", s.docs)
	}
	if mean < 2000 || mean > 4000 {
		t.Errorf("mean size %d bytes", mean)
	}
	if x := s.share(s.execs); x < 0.2 || x > 0.4 {
		t.Errorf("share of exec events %.3f", x)
	}
	for field, want := range map[string][2]int{
		"process.executable":   {150, 500},
		"process.command_line": {900, 6000},
		"process.entity_id":    {1500, 4500},
		"event.id":             {9000, 9000},
		"host.id":              {25, 25},
		"agent.id":             {25, 25},
		"event.action":         {8, 12},
		"file.path":            {300, 9000},
		"destination.ip":       {100, 3000},
		"source.port":          {400, 9000},
		"user.name":            {12, 60},
	} {
		if n := len(s.distinct[field]); n < want[0] || n > want[1] {
			t.Errorf("%d values of %s, want %v", n, field, want)
		}
	}
	if x := commonest(s.distinct["process.executable"]); x < 0.04 || x > 0.3 {
		t.Errorf("the commonest executable has a share of %.3f", x)
	}
	if s.lists == 0 || s.longLists < s.docs/2 {
		t.Errorf("%d lists of actions, %d of ancestors", s.lists, s.longLists)
	}
	for field, n := range s.without {
		if n == 0 || n == s.docs {
			t.Errorf("%d of %d documents lack %s", n, s.docs, field)
		}
	}
}

// commonest is the share that the commonest value has of all.
func commonest(counts map[string]int) float64 {
	total, most := 0, 0
	for _, n := range counts {
		total += n
		most = max(most, n)
	}
	return float64(most) / float64(total)
}

func TestTimesRiseAndFillTheDuration(t *testing.T) {
	start := time.Date(2027, 2, 28, 23, 59, 58, 999_999_999, time.UTC)
	opts := Options{Seed: 3, Events: 4000, Duration: 100 * time.Second, Start: start, Ties: 0.2}
	_, docs := all(t, opts)
	s := surveyOf(t, docs)
	for i, at := range s.times {
		if i > 0 && at.Before(s.times[i-1]) {
			t.Fatalf("%v after %v", at, s.times[i-1])
		}
	}
	first, last := s.times[0], s.times[len(s.times)-1]
	if first.Before(start) || last.After(start.Add(opts.Duration)) || last.Sub(first) < 98*time.Second {
		t.Errorf("from %v to %v", first, last)
	}
	if x := s.share(s.ties); math.Abs(x-0.2) > 0.02 {
		t.Errorf("share of ties %.3f", x)
	}
	fine := 0
	for _, at := range s.times {
		if at.Nanosecond()%1000 != 0 {
			fine++
		}
	}
	if fine < len(s.times)*95/100 {
		t.Errorf("%d of %d times have nanoseconds", fine, len(s.times))
	}
}

func TestDisorderIsBoundedAndLosesNothing(t *testing.T) {
	opts := Options{Seed: 4, Events: 4000, Rate: 100, Ties: 0.2}
	_, inOrder := all(t, opts)
	opts.Disorder = 2 * time.Second
	_, docs := all(t, opts)
	place := map[string]int{}
	for i, doc := range inOrder {
		place[string(doc)] = i
	}
	var newest time.Time
	lastPlace := map[time.Time]int{}
	displaced := 0
	for _, doc := range docs {
		i, ok := place[string(doc)]
		if !ok {
			t.Fatalf("not of the stream in order: %s", doc)
		}
		delete(place, string(doc))
		at, err := time.Parse(time.RFC3339Nano, string(doc[len(`{"@timestamp":"`):][:len("2006-01-02T15:04:05.000000000Z")]))
		if err != nil {
			t.Fatal(err)
		}
		if late := newest.Sub(at); late > opts.Disorder {
			t.Fatalf("%v late", late)
		} else if late > 0 {
			displaced++
		}
		if at.After(newest) {
			newest = at
		}
		if before, ok := lastPlace[at]; ok && before > i {
			t.Error("events of one timestamp changed their order")
		}
		lastPlace[at] = i
	}
	if len(place) > 0 || displaced < len(docs)/2 {
		t.Errorf("%d documents lost, %d out of order", len(place), displaced)
	}
}

func TestManyKeysHasTheKeysThatItSays(t *testing.T) {
	_, docs := all(t, ManyKeys(1))
	ids, hosts := map[string]bool{}, map[string]bool{}
	for _, doc := range docs {
		ids[between(string(doc), `"process":{`, `"entity_id":"`)] = true
		hosts[between(string(doc), `"host":{`, `"id":"`)] = true
	}
	if len(docs) != 40_000 || len(hosts) != 500 {
		t.Errorf("%d documents of %d hosts", len(docs), len(hosts))
	}
	if len(ids) != 15_500 {
		t.Errorf("%d processes", len(ids))
	}
}

// between returns the text in quotes that follows a mark behind another.
func between(doc, first, mark string) string {
	_, after, _ := strings.Cut(doc, first)
	_, after, _ = strings.Cut(after, mark)
	text, _, _ := strings.Cut(after, `"`)
	return text
}

func TestOptionsThatCanNotBeAreRefused(t *testing.T) {
	for _, opts := range []Options{
		{Events: -1},
		{Ties: 1.5},
		{Ties: math.NaN()},
		{Hosts: 200_000},
		{Events: 10, Rate: 1, Duration: time.Second},
		{Events: 10, Processes: 11},
		{Start: time.Date(1960, 1, 1, 0, 0, 0, 0, time.UTC)},
		{Disorder: -1},
		{Rate: math.Inf(1)},
		{Rate: math.NaN()},
		{Rate: 1e-9},
		{Rate: 1e12, Duration: time.Hour},
		{Duration: 200 * 366 * 24 * time.Hour, Events: 5},
	} {
		if _, err := New(opts); err == nil {
			t.Errorf("%+v was taken", opts)
		}
	}
}

func TestOfEventsDurationAndRateEachFollowsFromTheOthers(t *testing.T) {
	for _, c := range []struct {
		opts     Options
		events   int
		duration time.Duration
	}{
		{Options{}, 100_000, 500 * time.Second},
		{Options{Events: 50, Rate: 10}, 50, 5 * time.Second},
		{Options{Duration: 3 * time.Second}, 600, 3 * time.Second},
		{Options{Duration: 3 * time.Second, Rate: 100}, 300, 3 * time.Second},
		{Options{Events: 7, Duration: time.Hour}, 7, time.Hour},
	} {
		got := c.opts
		if err := got.settle(); err != nil {
			t.Fatal(err)
		}
		if got.Events != c.events || got.Duration != c.duration {
			t.Errorf("%+v: %d events in %v", c.opts, got.Events, got.Duration)
		}
	}
}
