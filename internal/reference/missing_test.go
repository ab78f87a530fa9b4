package reference

import "testing"

func TestMissingEvents(t *testing.T) {
	for _, c := range []struct{ head, stages, stream, want string }{
		// Between: no offender at all, bounds exclusive in milliseconds.
		{"with maxspan=1s", "A !M B", "A1 B3", "A1 -1 B3"},
		{"with maxspan=1s", "A !M B", "A1 M2 B3", ""},
		{"with maxspan=1s", "A !M B", "A1 M2@1 B3", "A1 -1 B3"},
		{"with maxspan=1s", "A !M B", "A1 M2@3 B3", "A1 -1 B3"},
		{"with maxspan=1s", "A !M B", "M1 A2 B3 M4", "A2 -1 B3"},
		{"with maxspan=1s", "A B !M C", "A1 M2 B3 C4", "A1 B3 -1 C4"},
		{"with maxspan=1s", "A !M B !N C", "A1 B3 N4 C5", ""},
		{"with maxspan=1s", "A !M B !N C", "A1 N2 B3 M4 C5", "A1 -1 B3 -1 C5"},
		// A discarded sequence has used its events up.
		{"with maxspan=1s", "A !M B", "A1 M2 B3 B4", ""},
		// Trailing: a window of maxspan from the first event without offender.
		{"with maxspan=5s", "A !B", "A0 B1@5000", ""},
		{"with maxspan=5s", "A !B", "A0 B1@5001", "A0 -1"},
		{"with maxspan=5s", "A !B", "A0", "A0 -1"},
		{"with maxspan=5s", "A !B", "B0 A1", "A1 -1"},
		{"with maxspan=5s", "A !B", "A0@7 B1@7", "A0 -1"},
		{"with maxspan=5s", "A C !B", "A0 C1@4000 B2@5001", "A0 C1 -1"},
		{"with maxspan=5s", "A C !B", "A0 C1@4000 B2@5000", ""},
		{"with maxspan=5s", "A !B !C", "A0 B1@9000 C2@5000", ""},
		{"with maxspan=5s", "A !B !C", "A0 B1@5000 C2@9000", ""},
		{"with maxspan=5s", "A !B !C", "A0 B1@6000 C2@9000", "A0 -1 -1"},
		// Leading: a window of maxspan up to the last event.
		{"with maxspan=5s", "!B A", "B0 A1@5000", ""},
		{"with maxspan=5s", "!B A", "B0 A1@5001", "-1 A1"},
		{"with maxspan=5s", "!B A", "A1", "-1 A1"},
		{"with maxspan=5s", "!B A", "A1 B2", "-1 A1"},
		{"with maxspan=5s", "!B A C", "B0 A1@4000 C2@5001", "-1 A1 C2"},
		{"with maxspan=5s", "!B A C", "B0 A1@4000 C2@5000", ""},
		{"with maxspan=5s", "!B !C A", "B0 C1@4000 A2@8000", ""},
		{"with maxspan=5s", "!C !B A", "B0 C1@4000 A2@8000", ""},
		// Both: the gap between the offenders is more than maxspan.
		{"with maxspan=5s", "!B A !B", "B0 A1@1000 B2@5000", ""},
		{"with maxspan=5s", "!B A !B", "B0 A1@1000 B2@5001", "-1 A1 -1"},
		{"with maxspan=5s", "!B A !B", "B0 A1@1000", "-1 A1 -1"},
		{"with maxspan=5s", "!B A !B", "A1@1000 B2@1001", "-1 A1 -1"},
		{"with maxspan=5s", "!B A !B", "A1", "-1 A1 -1"},
		// The maxspan holds between positive events, whatever is missing.
		{"with maxspan=5ms", "A !M B", "A1 B6", "A1 -1 B6"},
		{"with maxspan=5ms", "A !M B", "A1 B7", ""},
		// Runs write a placeholder each.
		{"with maxspan=1s", "A !M*3 B", "A1 B2", "A1 -1 -1 -1 B2"},
		{"with maxspan=1s", "A !M*3 B", "A1 M2 B3", ""},
		{"with maxspan=1s", "A*3 !M", "A1 A2 A3", "A1 A2 A3 -1"},
		// Keys are the offender's own.
		{"by k with maxspan=1s", "A !M B", "u|A1 v|M2 u|B3", "A1 -1 B3"},
		{"by k with maxspan=1s", "A !M B", "u|A1 u|M2 u|B3", ""},
		{"by k with maxspan=1s", "A !M B", "u|A1 M2 u|B3", "A1 -1 B3"},
		{"by ?k with maxspan=1s", "A !M B", "A1 M2 B3", ""},
		{"by ?k with maxspan=1s", "A !M B", "A1 u|M2 B3", "A1 -1 B3"},
		// Until is not concerned.
		{"with maxspan=1s", "A !M B until U", "A1 U2 B3", ""},
	} {
		r := search(t, stagesQuery(c.head, c.stages), all, stream(t, c.stream))
		if got := ids(r, "id"); got != c.want {
			t.Errorf("%s %s over %s: got %q, want %q", c.head, c.stages, c.stream, got, c.want)
		}
	}
}

func TestMissingEventsOdds(t *testing.T) {
	// A missing term that can not hold is satisfied.
	r := search(t, `sequence with maxspan=1s [any where tag == "A"] ![any where false]`, all, stream(t, "A1"))
	if got := ids(r, "id"); got != "A1 -1" {
		t.Errorf("false missing term: got %q", got)
	}
	// An offender without timestamp stands nowhere.
	docs := append(stream(t, "A1 B3"), decode(t, `{"tag":"M"}`, 2))
	if got := ids(search(t, stagesQuery("with maxspan=1s", "!M A !M B"), all, docs), "id"); got != "-1 A1 -1 B3" {
		t.Errorf("offender without timestamp: got %q", got)
	}
	// A key that an event has twice is one key.
	docs = decodeLines(t, `{"@timestamp":1,"id":"a","tag":"A","k":[1,1,1.0]}`)
	if got := ids(search(t, stagesQuery("by k with maxspan=1s", "!M A"), all, docs), "id"); got != "-1 a" {
		t.Errorf("the same key twice: got %q", got)
	}
	// Times in the check are cut to the millisecond.
	docs = decodeLines(t, `
		{"@timestamp":"2024-01-01T00:00:00.0010Z","id":"a","tag":"A"}
		{"@timestamp":"2024-01-01T00:00:00.0015Z","id":"m","tag":"M"}
		{"@timestamp":"2024-01-01T00:00:00.0019Z","id":"b","tag":"B"}`)
	if got := ids(search(t, stagesQuery("with maxspan=1s", "A !M B"), all, docs), "id"); got != "a -1 b" {
		t.Errorf("offender in the same millisecond: got %q", got)
	}
	// Offenders are looked for among accepted documents only.
	opts := Options{Size: -1, Accept: rejectTag("M")}
	if got := ids(search(t, stagesQuery("with maxspan=1s", "A !M B"), opts, stream(t, "A1 M2 B3")), "id"); got != "A1 -1 B3" {
		t.Errorf("rejected offender: got %q", got)
	}
}
