package main

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"unicode"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/value"
)

// few are the fields of few values, which are fixed by who sends the events: a rule
// over other values of them would be a rule that nothing can match.
var few = []string{
	"event.", "data_stream.", "host.os.", "agent.type", "network.direction", "network.transport", "network.type", "network.protocol",
	"process.entry_leader.entry_meta.type", "process.parent.interactive", "process.interactive",
}

func fewValued(field string) bool {
	return slices.ContainsFunc(few, func(p string) bool { return strings.HasPrefix(strings.TrimPrefix(field, "?"), p) })
}

// renew gives a literal a value that is nowhere else, of the same form.
func (d *deriver) renew(l *literal) {
	if l.fixed || fewValued(l.field) || d.dice.Float64() < d.keep {
		return
	}
	switch old := l.node.Value; {
	case old.Kind() == value.String && l.regex:
		l.node.Value = d.unused(func() string { return old.Text() + d.letters(5) })
	case old.Kind() == value.String:
		l.node.Value = d.word(old.Text())
	default:
		l.node.Value = d.integer()
	}
}

// word makes a new text of the form of another: the last run of letters and digits
// in it is replaced, so that wildcards and folders stay.
func (d *deriver) word(old string) eql.Value {
	if p, err := netip.ParsePrefix(old); err == nil {
		return d.unused(func() string { return netip.PrefixFrom(d.address(p.Addr()), max(p.Bits(), 24)).Masked().String() })
	}
	if a, err := netip.ParseAddr(old); err == nil {
		return d.unused(func() string { return d.address(a).String() })
	}
	runes := []rune(old)
	wordly := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	end := len(runes)
	for end > 0 && !wordly(runes[end-1]) {
		end--
	}
	start := end
	for start > 0 && wordly(runes[start-1]) {
		start--
	}
	if start == end { // no letters in it
		return d.unused(func() string { return old + d.letters(4) })
	}
	return d.unused(func() string {
		return string(runes[:start]) + d.letters(max(end-start, 4)) + string(runes[end:])
	})
}

func (d *deriver) address(like netip.Addr) netip.Addr {
	if like.Is4() {
		return netip.AddrFrom4([4]byte{byte(11 + d.dice.IntN(160)), byte(d.dice.IntN(256)), byte(d.dice.IntN(256)), byte(1 + d.dice.IntN(254))})
	}
	b := [16]byte{0x20 + byte(d.dice.IntN(16)), byte(d.dice.IntN(256)), byte(d.dice.IntN(256))}
	b[15] = byte(1 + d.dice.IntN(254))
	return netip.AddrFrom16(b)
}

// letters makes letters that begin no word.
func (d *deriver) letters(n int) string {
	const some = "bcdfghjklmnpqrstvwxz"
	out := make([]byte, n)
	for i := range out {
		out[i] = some[d.dice.IntN(len(some))]
	}
	return string(out)
}

// unused makes texts until one is new.
func (d *deriver) unused(next func() string) eql.Value {
	for {
		if text := next(); !d.taken[text] {
			d.taken[text] = true
			return value.OfString(text)
		}
	}
}

func (d *deriver) integer() eql.Value {
	for {
		n := 1024 + d.dice.Int64N(1<<31)
		if text := fmt.Sprint(n); !d.taken[text] {
			d.taken[text] = true
			return value.OfInt(n)
		}
	}
}
