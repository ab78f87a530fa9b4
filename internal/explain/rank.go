package explain

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tripline-sec/tripline/internal/event"
)

// mostTold bounds how many misses are told, alike ones counted each.
const mostTold = 10_000

// rank puts the misses in order, best first, finds the causes of them, and makes
// one of those that say the same.
func (x *explaining) rank(fill func(*Miss)) {
	misses := x.report.Misses
	slices.SortStableFunc(misses, func(a, b *Miss) int {
		return cmp.Or(cmp.Compare(a.cost, b.cost), cmp.Compare(b.reached, a.reached), cmp.Compare(b.held, a.held),
			cmp.Compare(a.first, b.first), cmp.Compare(a.id, b.id))
	})
	if len(misses) > mostTold {
		x.report.Untold = len(misses) - mostTold
		misses = misses[:mostTold]
	}
	for _, m := range misses {
		fill(m)
	}
	slices.SortStableFunc(misses, func(a, b *Miss) int { // what nearly is a constant is nearer than what is another thing
		return cmp.Or(cmp.Compare(a.cost, b.cost), cmp.Compare(b.reached, a.reached), cmp.Compare(b.held, a.held),
			cmp.Compare(b.alikeness(), a.alikeness()))
	})
	var kept []*Miss
	same := map[string]*Miss{}
	for _, m := range misses {
		if first := same[m.signature()]; first != nil {
			first.Alike++
			continue
		}
		same[m.signature()] = m
		kept = append(kept, m)
	}
	x.report.Misses = kept
}

// signature is all that is told of a miss but which events it is about.
func (m *Miss) signature() string {
	var b strings.Builder
	b.WriteString(m.Text)
	for _, s := range m.Stages {
		b.WriteString("\x00" + s.NoEvent)
		for _, f := range s.Faults {
			b.WriteString("\x01" + f.String())
		}
	}
	return b.String()
}

// alikeness counts the faults whose value nearly is what the clause wants.
func (m *Miss) alikeness() int {
	n := 0
	for _, s := range m.Stages {
		for _, f := range s.Faults {
			if f.nearly {
				n++
			}
		}
	}
	return n
}

// faultText is the first fault, and how many more there are.
func faultText(faults []Fault) string {
	if len(faults) == 0 {
		return "holds"
	}
	switch more := len(faults) - 1; more {
	case 0:
		return faults[0].String()
	case 1:
		return faults[0].String() + "; and 1 more fault"
	default:
		return faults[0].String() + "; and " + itoa(more) + " more faults"
	}
}

// told names an event in a few words.
func told(d *event.Document) string {
	var words []string
	for _, path := range []string{"event.action", "process.name", "file.path", "destination.ip"} {
		if text := d.Text(path); text != "" {
			words = append(words, text)
		}
	}
	if len(words) == 0 {
		return d.ID
	}
	return strings.Join(words, " ")
}
