package store_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/disk/fault"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/store"
)

// keepOne keeps a document at a fixed time and returns it.
func keepOne(t *testing.T, raw string) store.Stored {
	t.Helper()
	at := time.Date(2026, 11, 28, 12, 0, 0, 123456789, time.UTC)
	s := open(t, fault.New(), store.Options{Now: func() time.Time { return at }})
	results := appendAll(t, s, store.Event{Raw: []byte(raw)})
	if results[0].Outcome != store.Created {
		t.Fatalf("%s: %+v", raw, results[0])
	}
	docs := mustAll(t, s, store.Query{})
	check(t, s.Close())
	return docs[0]
}

func TestStamp(t *testing.T) {
	const now, time1 = `"2026-11-28T12:00:00.123456Z"`, `"@timestamp":"2026-01-01T00:00:00Z"`
	for _, tt := range []struct{ sent, kept string }{
		{`{}`, `{"@timestamp":` + now + `,"event.ingested":` + now + `}`},
		{`{ }`, `{"@timestamp":` + now + `,"event.ingested":` + now + `}`},
		{` {` + time1 + `} `, `{` + time1 + `,"event.ingested":` + now + `}`},
		{`{` + time1 + ` }`, `{` + time1 + `,"event.ingested":` + now + `}`},
		{`{"a":{}}`, `{"a":{},"@timestamp":` + now + `,"event.ingested":` + now + `}`},
		{`{"@timestamp":null}`, `{"@timestamp":null,"@timestamp":` + now + `,"event.ingested":` + now + `}`},
		// What the sender says is replaced where it stands,
		{`{` + time1 + `,"event":{"ingested":"x","id":"1"}}`, `{` + time1 + `,"event":{"ingested":` + now + `,"id":"1"}}`},
		{`{` + time1 + `,"event.ingested":"x"}`, `{` + time1 + `,"event.ingested":` + now + `}`},
		{`{"event":{"ingested":["x"]}}`, `{"event":{"ingested":[` + now + `]},"@timestamp":` + now + `}`},
		// or goes, if it is anything but one plain text.
		{`{` + time1 + `,"event":{"ingested":1}}`, `{` + time1 + `,"event":{},"event.ingested":` + now + `}`},
		{`{` + time1 + `,"event":{"ingested":""}}`, `{` + time1 + `,"event":{},"event.ingested":` + now + `}`},
		{`{` + time1 + `,"event":[{"ingested":"x"},{"ingested":"y","id":"1"}]}`, `{` + time1 + `,"event":[{},{"id":"1"}],"event.ingested":` + now + `}`},
		{`{"event":{"ingested":"a\u0062"},` + time1 + `}`, `{"event":{},` + time1 + `,"event.ingested":` + now + `}`},
		{`{"event":{"ingested":"x"},"event.ingested":"y",` + time1 + `}`, `{"event":{},` + time1 + `,"event.ingested":` + now + `}`},
		{`{"\u0065vent":{"ingested":1},` + time1 + `}`, `{"event":{},` + time1 + `,"event.ingested":` + now + `}`},
		{`{"event.ingested":null,` + time1 + `}`, `{"event.ingested":null,` + time1 + `,"event.ingested":` + now + `}`},
		{`{"event":{"ingested":null},` + time1 + `}`, `{"event":{"ingested":null},` + time1 + `,"event.ingested":` + now + `}`},
		// Bytes that are no UTF-8 read as U+FFFD, each.
		{"{\"a\":\"\xff\xfe\"," + time1 + "}", "{\"a\":\"\uFFFD\uFFFD\"," + time1 + `,"event.ingested":` + now + `}`},
	} {
		if got := string(keepOne(t, tt.sent).Raw); got != tt.kept {
			t.Errorf("sent %s\nkept %s\nwant %s", tt.sent, got, tt.kept)
		}
	}
}

// TestStampChangesNothingElse draws documents that spell event.ingested in all ways
// and compares all fields.
func TestStampChangesNothingElse(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	fields := []string{"event.ingested", "@timestamp", "event.id", "event.ingested.x", "ingested", "event", "a.event.ingested", "n"}
	at := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	s := open(t, fault.New(), store.Options{Now: func() time.Time { return at }})
	for range 2000 {
		raw := randomObject(r, 0)
		results := appendAll(t, s, store.Event{Raw: []byte(raw)})
		if results[0].Outcome != store.Created {
			continue // drawn before
		}
		kept := mustAll(t, s, store.Query{From: results[0].Arrival})[0]
		if !json.Valid(kept.Raw) {
			t.Fatalf("sent %s\nkept %s", raw, kept.Raw)
		}
		before, err := event.Decode([]byte(raw), event.Identity{}, 0)
		check(t, err)
		after, err := event.Decode(kept.Raw, event.Identity{}, 0)
		check(t, err)
		for _, field := range fields {
			was, is := before.Values(field), after.Values(field)
			switch {
			case field == "event.ingested":
				if len(is) != 1 || is[0].Text() != "2026-11-28T12:00:00.000000Z" {
					t.Fatalf("sent %s\nkept %s", raw, kept.Raw)
				}
			case field == "@timestamp" && len(was) == 0:
				if len(is) != 1 || !kept.HasTime || !kept.Time.Time().Equal(at) {
					t.Fatalf("sent %s\nkept %s", raw, kept.Raw)
				}
			case !reflect.DeepEqual(was, is):
				t.Fatalf("field %s\nsent %s\nkept %s", field, raw, kept.Raw)
			}
		}
	}
}

// randomObject draws an object in which few keys are used much.
func randomObject(r *rand.Rand, depth int) string {
	keys := []string{"event", "ingested", "event.ingested", `\u0065vent`, "id", "n", "event.id", "a"}
	if depth == 0 {
		keys = append(keys, "@timestamp")
	}
	r.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	var members []string
	for _, key := range keys[:r.IntN(5)] {
		members = append(members, fmt.Sprintf(`"%s":%s`, key, randomJSON(r, depth+1)))
	}
	return "{" + strings.Join(members, ",") + "}"
}

func randomJSON(r *rand.Rand, depth int) string {
	switch n := r.IntN(9); {
	case n < 2 && depth < 3:
		return randomObject(r, depth)
	case n == 2 && depth < 3:
		return "[" + randomJSON(r, depth+1) + "," + randomJSON(r, depth+1) + "]"
	case n == 3:
		return "null"
	case n == 4:
		return fmt.Sprint(r.IntN(100))
	case n == 5:
		return `"\u0041"`
	case n == 6:
		return `""`
	}
	return `"2020-01-01T00:00:00Z"`
}

func TestIdentity(t *testing.T) {
	s := open(t, fault.New(), store.Options{})
	raw := `{"data_stream":{"type":"logs","dataset":"a.b","namespace":"default"},"event":{"id":"own"}}`
	for _, tt := range []struct {
		e         store.Event
		index, id string
	}{
		{store.Event{Raw: []byte(raw)}, "logs-a.b-default", "own"},
		{store.Event{Raw: []byte(raw), Index: "x", ID: "y"}, "x", "y"},
		{store.Event{Raw: []byte(" {} ")}, "file", "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"},
	} {
		r := appendAll(t, s, tt.e)[0]
		d, err := event.Decode(tt.e.Raw, event.Identity{Index: tt.e.Index, ID: tt.e.ID}, 0)
		check(t, err)
		if r.Index != tt.index || r.ID != tt.id || d.Index != tt.index || d.ID != tt.id {
			t.Errorf("%s: index %s, id %s; event.Decode says %s, %s", tt.e.Raw, r.Index, r.ID, d.Index, d.ID)
		}
	}
}

func TestInvalid(t *testing.T) {
	s := open(t, fault.New(), store.Options{})
	huge := `{"a":"` + strings.Repeat("x", store.MaxDocument) + `"}`
	results := appendAll(t, s, store.Event{Raw: []byte(`{"a":`)}, store.Event{Raw: []byte(`{"a":1}`)}, store.Event{Raw: []byte(huge)},
		store.Event{Raw: []byte(`[]`)}, store.Event{})
	for i, want := range []store.Outcome{store.Invalid, store.Created, store.Invalid, store.Invalid, store.Invalid} {
		if results[i].Outcome != want || (want == store.Invalid) != (results[i].Err != nil) {
			t.Errorf("event %d: %+v", i, results[i])
		}
	}
	if docs := mustAll(t, s, store.Query{}); len(docs) != 1 || string(docs[0].Raw[:6]) != `{"a":1` {
		t.Errorf("kept: %d", len(docs))
	}
	if c := s.Counters(); c.Invalid != 4 || c.Created != 1 || c.Untimed != 1 {
		t.Errorf("%+v", c)
	}
}
