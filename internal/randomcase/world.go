package randomcase

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
)

// domain is the kind of value that a field is meant to hold.
type domain uint8

const (
	text domain = iota
	integer
	boolean
	date
	address
	version
)

// field is a field of a case, with the values that its documents have.
type field struct {
	path   string
	domain domain
	values []scalar
}

// pool is what the fields of a case are taken from. The names without a known
// type are, but for a few, those of ECS's objects: that costs a check nothing,
// while a name that nobody knows costs it a search for a similar one.
var pool = []field{
	{path: "process.name"},
	{path: "process.command_line"},
	{path: "process.args"},
	{path: "file.path"},
	{path: "event.action"},
	{path: "host.os.type"},
	{path: "message"},
	{path: "labels"},      // of unknown type
	{path: "dns.answers"}, // of unknown type
	{path: "process.exit_code", domain: integer},
	{path: "network.bytes", domain: integer},
	{path: "event.risk_score", domain: integer},
	{path: "process.io", domain: integer}, // of unknown type
	{path: "Endpoint.policy.applied.artifacts.global.update_age", domain: integer},
	{path: "process.interactive", domain: boolean},
	{path: "process.tty", domain: boolean}, // of unknown type
	{path: "process.start", domain: date},
	{path: "event.created", domain: date},
	{path: "host.ip", domain: address},
	{path: "process.thread.Ext", domain: address}, // of unknown type
}

// foreign are fields that ECS does not know at all.
var foreign = []field{
	{path: "x"}, {path: "a.b"}, {path: "a b.c d"}, {path: "n", domain: integer}, {path: "x.y", domain: integer}, {path: "flag", domain: boolean},
}

// What join keys are taken from, by what they hold.
var keyPools = [][]field{
	{{path: "process.entity_id"}, {path: "process.parent.entity_id"}, {path: "user.name"}, {path: "host.id"}},
	{{path: "process.pid", domain: integer}, {path: "process.parent.pid", domain: integer}, {path: "source.port", domain: integer}},
	{{path: "source.ip", domain: address}, {path: "destination.ip", domain: address}},
	{{path: "Events"}, {path: "Target.process.Ext"}, {path: "process.entity_id"}}, // the first two of unknown type
}

// world is what the query and the documents of a case have in common.
type world struct {
	tag    *field // what terms ask for, as a rule
	fields []*field
	keys   []*field
	mapped bool   // there is a mapping: types that do not fit are errors
	lacks  string // a field that the mapping does not name

	timestamp, tiebreaker, category string // never "", but for the tiebreaker

	base  time.Time
	unit  time.Duration // the usual distance of two events
	nanos bool          // times are not of whole milliseconds
	late  time.Duration
	hosts int
	index bool // there are several indices
	crowd bool // there are many documents, of many values
}

// author writes one case.
type author struct {
	*rand.Rand
	world
}

func (a *author) chance(p float64) bool { return a.Float64() < p }

func pick[T any](a *author, list ...T) T { return list[a.IntN(len(list))] }

// some returns a few different members of a list.
func some[T any](a *author, n int, list []T) []T {
	out := slices.Clone(list)
	a.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out[:min(n, len(out))]
}

// draw fills the world.
func (a *author) draw() {
	a.mapped = a.chance(0.15)
	for _, f := range some(a, 4+a.IntN(3), pool) {
		a.addField(f)
	}
	if !a.mapped && a.chance(0.06) {
		a.addField(pick(a, foreign...))
	}
	if a.mapped && a.chance(0.3) {
		a.fields = append(a.fields, &field{path: "package.build_version", domain: version, values: some(a, 4, strs(versions...))})
	}
	a.drawTag()
	a.drawKeys()
	a.timestamp, a.category = "@timestamp", "event.category"
	if a.chance(0.08) {
		a.timestamp = pick(a, "event.ingested", "ts.own")
	}
	if a.chance(0.05) {
		a.category = "event.kind"
	}
	if a.chance(0.35) {
		a.tiebreaker = pick(a, "event.sequence", "event.sequence", "event.severity", "rule.id")
	}
	if a.mapped && a.chance(0.3) {
		a.lacks = pick(a, pick(a, a.fields...).path, pick(a, a.keys...).path)
	}
	a.drawTime()
	a.hosts = 1 + a.IntN(3)
	a.index = a.chance(0.2)
	a.crowd = a.chance(0.004)
}

func (a *author) addField(f field) {
	f.values = a.vocabulary(f.domain)
	a.fields = append(a.fields, &f)
}

func (a *author) vocabulary(d domain) []scalar {
	switch d {
	case integer:
		return nums(some(a, 5, numbers)...)
	case boolean:
		return scalars(value.Bool, []string{"true", "false"})
	case date:
		return append(strs(some(a, 4, dates)...), num("1704067200000"), num("1704067201500"))
	case address:
		return strs(some(a, 4, addresses)...)
	case version:
		return strs(some(a, 4, versions)...)
	}
	return strs(some(a, 5, words)...)
}

// drawTag makes the field that terms ask for: text or a small number.
func (a *author) drawTag() {
	a.tag = &field{path: pick(a, "event.type", "tags", "event.code", "file.elf.sections")}
	switch {
	case a.chance(0.15):
		a.tag = &field{path: pick(a, "event.severity", "process.args_count", "file.elf.sections"), domain: integer, values: nums("0", "1", "2", "3")}
	case a.chance(0.3):
		a.tag.values = strs(some(a, 4, words)...)
	default:
		a.tag.values = strs("A", "B", "C", "D")
	}
	a.tag.values = a.tag.values[:pick(a, 2, 3, 3, 3, 4)]
	a.fields = append(a.fields, a.tag)
}

// drawKeys makes the join keys: few values, that the fields share.
func (a *author) drawKeys() {
	from := keyPools[pick(a, 0, 0, 0, 1, 1, 2, 3)]
	n := pick(a, 1, 1, 2, 2, 3)
	var values []scalar
	switch {
	case from[0].path == "Events" && a.chance(0.2):
		values = some(a, n, nums("9223372036854775807", "9223372036854775808", "9.223372036854775807E18", "9223372036854775808.0", "-9223372036854775808",
			"-9.223372036854775808E18", "18446744073709551615", "18446744073709551616.0", "-0.0", "0", "1e-7", "0.0000001", "1e300"))
	case from[0].path == "Events":
		values = some(a, n, []scalar{str("A"), num("1"), num("1.0"), str("1"), {value.Bool, "true"}, str("true"), num("1e0")})
	case from[0].domain == integer:
		values = some(a, n, nums("1", "1.0", "2", "10"))
	case from[0].domain == address:
		values = some(a, n, strs("10.0.0.1", "::ffff:10.0.0.1", "10.0.0.2", "::1"))
	default:
		values = some(a, n, strs("A", "a", "B", "", "1"))
	}
	for _, f := range some(a, 3, from) {
		f.values = values
		a.keys = append(a.keys, &f)
	}
}

// drawTime chooses where in time the events lie and how dense. Some lie where
// nanoseconds do not fit into 64 bits, some before 1970.
func (a *author) drawTime() {
	a.base = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	switch a.IntN(40) {
	case 0:
		a.base = time.UnixMilli(0).UTC()
	case 1:
		a.base = time.UnixMilli(-5).UTC()
	case 2:
		a.base = time.Date(2400, 1, 1, 0, 0, 0, 0, time.UTC)
	case 3:
		a.base = time.Date(1600, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	a.unit = pick(a, time.Millisecond, time.Millisecond, time.Millisecond, 100*time.Millisecond, time.Second, time.Minute)
	a.nanos = a.chance(0.3)
	if a.chance(0.7) {
		a.late = time.Duration(1+a.IntN(8)) * a.unit
	}
}

// mapping writes a mapping that has all the fields of the world, of types that
// fit what they hold. Of several indices each has types of its own, but of the
// same family.
func (a *author) mapping() string {
	if !a.index {
		return jsonOf(a.properties())
	}
	all := map[string]any{}
	for _, name := range append(indices[:], event.UnknownIndex) {
		all[name] = map[string]any{"mappings": a.properties()}
	}
	return jsonOf(all)
}

func jsonOf(v any) string {
	out, err := json.Marshal(v)
	if err != nil {
		panic(err) // maps of text
	}
	return string(out)
}

func (a *author) properties() map[string]any {
	properties := map[string]any{
		"agent.id": ofType("keyword"), "event.sequence": ofType("long"),
		a.timestamp: ofType(pick(a, "date", "date_nanos")), a.category: ofType("keyword"),
		"alias.tag": map[string]any{"type": "alias", "path": a.tag.path},
	}
	switch a.tiebreaker {
	case "":
	case "rule.id":
		properties[a.tiebreaker] = ofType("keyword")
	default:
		properties[a.tiebreaker] = ofType(pick(a, "long", "double"))
	}
	for _, f := range a.fields {
		properties[f.path] = a.property(f.domain)
	}
	for _, f := range a.keys {
		properties[f.path] = a.keyProperty(f)
	}
	if a.lacks != a.tag.path {
		delete(properties, a.lacks)
	}
	return map[string]any{"properties": properties}
}

func ofType(name string) map[string]any { return map[string]any{"type": name} }

func (a *author) property(d domain) map[string]any {
	switch d {
	case integer:
		return ofType(pick(a, "long", "long", "integer", "double", "float", "unsigned_long", "short"))
	case boolean:
		return ofType("boolean")
	case date:
		if a.chance(0.2) {
			return map[string]any{"type": "date", "format": pick(a, "epoch_millis", "strict_date_optional_time||epoch_second", "yyyy-MM-dd")}
		}
		return ofType(pick(a, "date", "date_nanos"))
	case address:
		return ofType("ip")
	case version:
		return ofType("version")
	}
	if a.chance(0.1) {
		return map[string]any{"type": "text", "fields": map[string]any{"raw": ofType("keyword")}}
	}
	return ofType(pick(a, "keyword", "wildcard", "constant_keyword"))
}

// keyProperty gives the keys of a case one type, so that they can be equal.
func (a *author) keyProperty(f *field) map[string]any {
	switch f.domain {
	case integer:
		return ofType(pick(a, "long", "integer", "double"))
	case address:
		return ofType("ip")
	}
	return ofType(pick(a, "keyword", "wildcard"))
}
