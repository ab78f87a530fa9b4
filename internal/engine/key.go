package engine

import (
	"hash/maphash"
	"math"
	"math/bits"
	"strings"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/sequence"
	"github.com/tripline-sec/tripline/internal/value"
)

// maxKeys bounds the join keys of one event: the values of one field, or what
// those of several multiply to.
const maxKeys = 10_000

// keyField is one field of a join key.
type keyField struct {
	field    *field
	optional bool
	at       eql.Pos
}

// seeds are those of the hashes of keys: drawn anew for each process, so that
// nobody can prepare values that meet.
var seeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}

// link returns the key that has one more value.
func link(k sequence.Key, v value.Value) sequence.Key {
	n := normal(v)
	head := n.num ^ uint64(n.tag)<<56
	for i := range k {
		k[i] = mix(k[i]^maphash.String(seeds[i], n.text), head^salts[i])
	}
	return k
}

// salts keep the two halves of a key apart.
var salts = [2]uint64{0x9e3779b97f4a7c15, 0xd6e8feb86659fd93}

// mix is a hash of two words: the halves of their product, and of its own.
func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^0xa0761d6478bd642f, b^0xe7037ed1a0b428db)
	hi, lo = bits.Mul64(hi^lo^a, 0x8ebc6af09c88c6e3^b)
	return hi ^ lo
}

// plain is a value as its key sees it: equal keys have equal ones.
type plain struct {
	tag  byte
	num  uint64
	text string
}

// normal follows value.KeyOf.
func normal(v value.Value) plain {
	switch v.Kind() {
	case value.Bool:
		if v.Bool() {
			return plain{tag: 1, num: 1}
		}
		return plain{tag: 1}
	case value.Int:
		return plain{tag: 2, num: uint64(v.Int())} //nolint:gosec // the bits
	case value.Uint:
		return plain{tag: 3, num: v.Uint()}
	case value.Float:
		return normalFloat(v.Float())
	case value.OutOfRange:
		return plain{tag: 5, text: v.Str()}
	case value.String, value.IP, value.Version:
		return plain{tag: 6, text: v.Str()}
	case value.Date:
		t := v.Instant()
		return plain{tag: 7 + byte(t.Nsec&1), num: uint64(t.Sec)<<29 ^ uint64(t.Nsec>>1), text: high(t.Sec)} //nolint:gosec // all bits are in
	}
	return plain{}
}

// high is what of a second's number does not fit beside the nanoseconds; "" in
// the thousand years around now.
func high(sec int64) string {
	if top := sec >> 34; top != 0 {
		return string([]byte{byte(top), byte(top >> 8), byte(top >> 16), byte(top >> 24)})
	}
	return ""
}

// normalFloat gives a double that is a whole number the key of that.
func normalFloat(f float64) plain {
	switch {
	case math.IsNaN(f):
		return plain{tag: 4, num: math.Float64bits(math.NaN())}
	case f != math.Trunc(f):
	case f >= -1<<63 && f < 1<<63:
		return plain{tag: 2, num: uint64(int64(f))} //nolint:gosec // the bits
	case f >= 1<<63 && f < 1<<64:
		return plain{tag: 3, num: uint64(f)}
	}
	return plain{tag: 4, num: math.Float64bits(f)}
}

// keyList is the fields of a join key. Filters with equal ones share it, and what
// it comes to for an event is worked out once.
type keyList struct {
	number   int
	fields   []keyField
	nullable bool // a missing field is null, optional or not
}

// keyMemo is what a keyList comes to for an event.
type keyMemo struct {
	gen      uint32
	from, to int32     // in the judge's keys
	tooMany  *keyField // the field at which there were too many
}

// keys returns where in the judge's keys those of the event at hand are.
func (j *Judge) keysFor(l *keyList) *keyMemo {
	m := &j.keyMemo[l.number]
	if m.gen == j.gen {
		return m
	}
	*m = keyMemo{gen: j.gen, from: int32(len(j.keys))} //nolint:gosec // bounded by maxKeys for each list
	j.keys, m.tooMany = j.keysOf(j.keys, l.fields, l.nullable)
	m.to = int32(len(j.keys)) //nolint:gosec // as above
	return m
}

// keysOf appends the keys of the event at hand: the product of its values of each
// key field. A missing field is null where the key is optional or nullable says
// so for all; else there is no key. The failure is that of too many.
func (j *Judge) keysOf(to []sequence.Key, fs []keyField, nullable bool) ([]sequence.Key, *keyField) {
	from := len(to)
	to = append(to, sequence.Key{})
	for i := range fs {
		f := &fs[i]
		j.values = j.joined(j.values[:0], f.field)
		if len(j.values) == 0 {
			if !f.optional && !nullable {
				return to[:from], nil
			}
			j.values = append(j.values, value.Value{})
		}
		had := len(to) - from
		if had*len(j.values) > maxKeys {
			return to[:from], f
		}
		if len(j.values) == 1 {
			for k := from; k < len(to); k++ {
				to[k] = link(to[k], j.values[0])
			}
			continue
		}
		j.longer = append(j.longer[:0], to[from:]...)
		to = to[:from]
		for _, k := range j.longer {
			for _, v := range j.values {
				to = append(to, link(k, v))
			}
		}
	}
	return to, nil
}

// joined is distinct for those who want to know what joins and not what it is: an
// IPv4 address, which is written in one way only, stays text.
func (j *Judge) joined(to []value.Value, f *field) []value.Value {
	if i := j.row.Head(f.slot); f.isIP && i >= 0 {
		if s := j.row.At(i); s.Next < 0 && s.Kind == event.StringScalar && strings.IndexByte(s.Text, ':') < 0 {
			if _, ok := value.ParseIP(s.Text); ok {
				return append(to, value.OfString(s.Text))
			}
		}
	}
	return j.distinct(to, f)
}

// distinct appends the values of a field, those left out that are the same key as
// an earlier one.
func (j *Judge) distinct(to []value.Value, f *field) []value.Value {
	for i := j.row.Head(f.slot); i >= 0; i = j.row.At(i).Next {
		v := f.read(j.row.At(i), j.index)
		if v.IsNull() || len(to) < 64 && hasKey(to, v) {
			continue
		}
		to = append(to, v)
	}
	if len(to) < 64 {
		return to
	}
	seen := make(map[value.Key]bool, len(to))
	n := 0
	for _, v := range to {
		if k := value.KeyOf(v); !seen[k] {
			seen[k] = true
			to[n] = v
			n++
		}
	}
	return to[:n]
}

func hasKey(list []value.Value, v value.Value) bool {
	for _, have := range list {
		if value.KeyOf(have) == value.KeyOf(v) {
			return true
		}
	}
	return false
}
