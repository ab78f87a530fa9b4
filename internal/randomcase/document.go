package randomcase

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// member is a field of a document before it is written down.
type member struct {
	path  string
	value string   // JSON
	each  []string // of an array of scalars, its elements
}

// members collects the fields of a document, each once.
type members struct{ list []member }

func (m *members) add(path, value string, each ...string) {
	if value != "" && !slices.ContainsFunc(m.list, func(x member) bool { return x.path == path }) {
		m.list = append(m.list, member{path, value, each})
	}
}

// document writes a document with the given timestamp.
func (a *author) document(stamp string) []byte {
	m := &members{}
	m.add(a.timestamp, stamp)
	if a.timestamp != "@timestamp" && a.chance(0.5) {
		m.add("@timestamp", `"2023-06-01T00:00:00Z"`)
	}
	category := `"process"`
	if a.chance(0.2) {
		category = pick(a, `"network"`, `["process","network"]`, `["file","process"]`, `"Process"`, `["file"]`, "null", "")
	}
	m.add(a.category, category)
	a.addOrder(m)
	for _, f := range a.keys {
		a.addKey(m, f)
	}
	if a.chance(0.96) {
		a.addValues(m, a.tag, 0.8)
	}
	for _, f := range a.fields {
		if a.chance(0.7) {
			a.addValues(m, f, 0.8)
		}
	}
	if a.index && a.chance(0.8) {
		parts := strings.SplitN(pick(a, indices[0], indices[0], indices[1]), "-", 3)
		m.add("data_stream.type", `"`+parts[0]+`"`)
		m.add("data_stream.dataset", `"`+parts[1]+`"`)
		m.add("data_stream.namespace", `"`+parts[2]+`"`)
	}
	if a.chance(0.3) {
		m.add("event.id", fmt.Sprintf(`"id%d"`, a.IntN(40)))
	}
	return a.write(m.list)
}

// addOrder adds what decides among equal timestamps, and the host.
func (a *author) addOrder(m *members) {
	switch {
	case a.tiebreaker == "":
	case a.chance(0.01):
		m.add(a.tiebreaker, "[1,2]") // an error for a hit of a sequence
	case a.chance(0.8):
		m.add(a.tiebreaker, pick(a, "1", "2", "3", "1.5", `"2"`, `"b"`, "1"))
	}
	if a.chance(0.6) {
		m.add("agent.id", pick(a, `"a1"`, `"a1"`, `"a2"`, `"a2"`, `["a2","a1"]`, "7", `"7"`, `""`))
	}
	if a.chance(0.6) {
		m.add("event.sequence", pick(a, "1", "2", "3", "4", "5", "2.5", "1e1", `"1"`, "[9,1]", "18446744073709551615"))
	}
	switch n := a.IntN(20); {
	case n == 0:
		m.add("host.id", pick(a, `""`, `["h0","h1"]`, "1", "{}"))
	case n > 1:
		m.add("host.id", fmt.Sprintf(`"h%d"`, a.IntN(a.hosts)))
	}
}

// addKey adds a join key: as a rule one value, the first more often.
func (a *author) addKey(m *members, f *field) {
	one := func() string {
		if a.chance(0.6) {
			return a.jsonText(f.values[0])
		}
		return a.jsonText(pick(a, f.values...))
	}
	switch n := a.IntN(40); {
	case n < 3:
		list := []string{one(), one()}
		if a.chance(0.3) {
			list = append(list, a.jsonText(pick(a, f.values...)))
		}
		m.add(f.path, "["+strings.Join(list, ",")+"]", list...)
	case n == 3:
		m.add(f.path, pick(a, "null", "[]", "[null]", `{"z":1}`, "", ""))
	case n == 4:
		m.add(f.path, pick(a, "1", `"1"`, "true", "1.0", `"zz"`, "1e999", `["A",null]`))
	default:
		m.add(f.path, one())
	}
}

// addValues adds a field with values of its vocabulary, one value with the given
// probability.
func (a *author) addValues(m *members, f *field, single float64) {
	one := func() string {
		s := pick(a, f.values...)
		if f.domain == text && a.chance(0.08) {
			s.text = a.otherCase(s.text)
		}
		if a.crowd && f != a.tag && a.chance(0.7) {
			switch f.domain {
			case text:
				s.text += strconv.Itoa(a.IntN(500))
			case integer:
				s.text = strconv.Itoa(a.IntN(500))
			}
		}
		return a.jsonText(s)
	}
	switch n := a.Float64(); {
	case n < single:
		m.add(f.path, one())
	case n < single+(1-single)*0.55:
		list := []string{one(), one(), one()}[:1+a.IntN(3)]
		m.add(f.path, "["+strings.Join(list, ",")+"]", list...)
	case n < single+(1-single)*0.65:
		m.add(f.path, pick(a, "null", "[]", "[null]", "{}", `[[],{}]`))
	default:
		m.add(f.path, a.odd(one))
	}
}

// odd is a value that a field is not meant to hold.
func (a *author) odd(one func() string) string {
	if a.chance(0.03) {
		return `"` + strings.Repeat("ab", 1030) + `"` // longer than what is worth remembering
	}
	switch a.IntN(4) {
	case 0:
		return `[` + one() + `,` + pick(a, `{"z":1}`, "null", "[2,[3]]", `[{"z":[1]},"A"]`) + `,` + one() + `]`
	case 1:
		return pick(a, `{"z":1}`, `[{"z":1},{"z":"A"}]`, `"\ud800"`, "\"a\xff\"", `"a\ud83d"`, `"\u0000"`, `""`, `" 1"`)
	}
	return pick(a, "1e999", "-1e999", "123456789012345678901", "-0.0", "1e-400", "true", "false", `"true"`, `"1"`, "1", "1.5", `"1.5"`,
		`"2024-01-01T00:00:00Z"`, "1704067200000", `"10.0.0.1"`, "0", `"A"`, "-9223372036854775808")
}
