package randomcase

import (
	"fmt"
	"strings"
	"time"
)

// query writes a query over the fields of the world.
func (a *author) query() string {
	switch n := a.IntN(100); {
	case n < 75:
		return a.sequence() + a.pipes()
	case n < 82:
		return a.sample()
	}
	return a.filter(false) + a.pipes()
}

func (a *author) pipes() string {
	var b strings.Builder
	for a.chance(0.15) {
		fmt.Fprintf(&b, " | %s %s", pick(a, "head", "tail"), pick(a, "0", "1", "2", "3", "2+3", "50"))
	}
	return b.String()
}

// sequence writes a sequence. Until and missing terms stand in many, as they
// rarely make a difference.
func (a *author) sequence() string {
	b := []string{"sequence"}
	shared, own := pick(a, 0, 1, 1, 1, 1, 2), pick(a, 0, 0, 0, 1)
	if shared > 0 {
		b = append(b, a.by(shared))
	}
	spanned := a.chance(0.65)
	if spanned {
		b = append(b, "with maxspan="+a.span())
	}
	count := pick(a, 2, 2, 2, 2, 3, 3, 4)
	lacks := make([]bool, count)
	if spanned && a.chance(0.6) {
		lacks[a.IntN(count)] = true
		if count > 2 && a.chance(0.3) {
			lacks[a.IntN(count)] = true
		}
	}
	for i := range count {
		b = append(b, a.term(lacks[i], own))
	}
	if a.chance(0.78) {
		b = append(b, "until "+a.term(false, own))
	}
	return strings.Join(b, " ")
}

// term writes a term of a sequence.
func (a *author) term(missing bool, own int) string {
	s := "[" + a.filter(true) + "]"
	if missing {
		s = "!" + s
	}
	if own > 0 {
		s += " " + a.by(own)
	}
	if a.chance(0.08) {
		s += fmt.Sprintf(" with runs=%d", pick(a, 1, 2, 2, 2, 3))
	}
	return s
}

// span is a maxspan of a few usual distances of events.
func (a *author) span() string {
	d := time.Duration(pick(a, 1, 3, 5, 8, 8, 12, 12, 20, 30)) * a.unit
	if a.chance(0.1) {
		return pick(a, "1h", "2d", "1ms", "100d")
	}
	switch {
	case d%time.Minute == 0 && a.chance(0.7):
		return fmt.Sprintf("%dm", d/time.Minute)
	case d%time.Second == 0 && a.chance(0.7):
		return fmt.Sprintf("%ds", d/time.Second)
	}
	return fmt.Sprintf("%dms", d/time.Millisecond)
}

// by names n join keys.
func (a *author) by(n int) string {
	names := make([]string, n)
	for i := range names {
		f := pick(a, a.keys...)
		if a.chance(0.04) {
			f = a.tag
		}
		names[i] = a.name(f.path, 0.25)
	}
	return "by " + strings.Join(names, ", ")
}

// sample writes a sample. A key may stand in it once.
func (a *author) sample() string {
	keys := some(a, 2, a.keys)
	shared := "by " + a.name(keys[0].path, 0.3)
	count := pick(a, 2, 2, 2, 3, 3, 4, 5)
	b := []string{"sample", shared}
	own := len(keys) > 1 && a.chance(0.3)
	for range count {
		s := "[" + a.filter(true) + "]"
		if own {
			s += " by " + a.name(pick(a, keys[1:]...).path, 0.3)
		}
		b = append(b, s)
	}
	return strings.Join(b, " ")
}

// filter writes an event condition. As a term it asks for one value of the tag,
// as a rule.
func (a *author) filter(term bool) string {
	category := "any"
	switch n := a.IntN(20); {
	case n < 7:
		category = "process"
	case n == 7:
		category = pick(a, `"process"`, "network", "file", `"Process"`, `"""process"""`)
	}
	return category + " where " + a.condition(term)
}

// name writes a field's name, optional with the given probability.
func (a *author) name(path string, optional float64) string {
	if path == a.tag.path && a.mapped && a.chance(0.1) {
		path = "alias.tag"
	}
	parts := strings.Split(path, ".")
	for i, p := range parts {
		if p == "sequence" || strings.Contains(p, " ") || a.chance(0.01) {
			parts[i] = "`" + p + "`"
		}
	}
	name := strings.Join(parts, ".")
	if path == a.lacks || a.chance(optional) {
		return "?" + name
	}
	return name
}
