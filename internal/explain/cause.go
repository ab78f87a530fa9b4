package explain

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/tripline-sec/tripline/internal/reference"
	"github.com/tripline-sec/tripline/internal/value"
)

// mostTried bounds how many events of other keys are looked at for one miss.
const mostTried = 1000

// otherKey finds an event that would have gone on with the chain had it the same
// key. With several keys, one of them at least is the same.
func (s *sequence) otherKey(m *Miss, failed *term, chain []*reference.Placed) *hit {
	if len(chain) == 0 || len(m.key) == 0 || !s.ordered {
		return nil
	}
	first, last := chain[0], chain[len(chain)-1]
	from := sort.Search(len(failed.hits), func(i int) bool { return failed.hits[i].Rank > last.Rank })
	var best *hit
	most := -1
	for i := from; i < len(failed.hits) && i < from+mostTried; i++ {
		h := &failed.hits[i]
		if !h.HasTime || !s.within(h.At.Sub(first.At)) {
			break
		}
		if same := len(m.key) - len(differing(m.key, h.key)); same > most && (same > 0 || len(m.key) == 1) {
			best, most = h, same
		}
	}
	return best
}

// differing lists the parts in which two keys differ.
func differing(a, b []value.Value) []int {
	var parts []int
	for i := range a {
		if i < len(b) && value.CompareKey(a[i], b[i]) != 0 {
			parts = append(parts, i)
		}
	}
	return parts
}

func (s *sequence) keyText(m *Miss, failed *term, chain []*reference.Placed, other *hit) string {
	var parts []string
	for _, i := range differing(m.key, other.key) {
		parts = append(parts, fmt.Sprintf("%s is %s, %s has %s",
			failed.keys[i].Name(), one(other.key[i]), s.stages[len(chain)-1].label(), one(m.key[i])))
	}
	return fmt.Sprintf("%s came %s after %s under another key: %s", failed.label(),
		Span(other.At.Sub(chain[len(chain)-1].At)), s.stages[len(chain)-1].label(), strings.Join(parts, "; "))
}

// orderText tells of a stage that has events, none of them after the one before.
func (s *sequence) orderText(failed *term, chain []*reference.Placed, at *atKey) string {
	if len(chain) == 0 {
		return failed.label() + ": the event has no timestamp, so that it has no place in a sequence"
	}
	before := s.stages[len(chain)-1]
	if failed.run > 1 {
		return fmt.Sprintf("stage %d wants %d events, %d came", failed.number, failed.source.Runs, failed.run-1)
	}
	last, late := chain[len(chain)-1], at.hits[len(at.hits)-1]
	switch gap := last.At.Sub(late.At); {
	case !late.HasTime:
		return failed.label() + ": the event has no timestamp, so that it has no place in a sequence"
	case late.Document == last.Document:
		return fmt.Sprintf("%s: only the event of %s meets it, and one event can not be both", failed.label(), before.label())
	case gap == 0:
		return fmt.Sprintf("%s has the time of %s and stands before it", failed.label(), before.label())
	default:
		return fmt.Sprintf("%s came %s before %s", failed.label(), Span(gap), before.label())
	}
}

// noEvent says that a stage has no event to be judged.
func (t *term) noEvent(keys []Key) string {
	if len(t.docs) == 0 {
		return "no " + t.category() + " at all"
	}
	var names []string
	for _, k := range keys {
		names = append(names, k.Field)
	}
	if len(names) == 0 {
		return "no " + t.category()
	}
	return "no " + t.category() + " with the same " + strings.Join(names, ", ")
}

// limit finds what kept the events of a complete chain from being a match: each
// limit of the query is lifted in turn.
func (s *sequence) limit(m *Miss, chain []*reference.Placed) {
	for _, v := range []variant{withoutSpan, withoutUntil, withoutMissing, withoutUntil | withoutMissing, withoutAll} {
		found := s.without(v)[s.answered(m.key)]
		if len(found) == 0 {
			continue
		}
		chain = s.closest(found)
		m.Stages = s.show(m, chain, nil)
		switch {
		case v == withoutUntil && s.until != nil:
			m.Cause, m.Text = CauseUntil, s.untilText(m, chain)
		case v == withoutMissing:
			m.Cause, m.Text = CauseMissingEvent, s.missingText(m, chain)
		default:
			late := 0
			m.Cause = CauseSpan
			m.Text, late = s.spanText(chain)
			m.Stages[late].Late = late > 0
			if m.Text == "" { // within the span, so what was lifted with it was the cause
				m.Cause, m.Text = CauseMissingEvent, s.missingText(m, chain)
			}
		}
		return
	}
	s.tighten(m.id, chain, len(s.placed))
	m.Stages = s.show(m, chain, nil)
	m.Cause = CauseReplaced
	m.Text = "each stage has its event, but a newer event of a stage took the place of an older one before the next stage came"
}

// closest takes of several sequences the one in the least time.
func (s *sequence) closest(found []reference.Sequence) []*reference.Placed {
	var best []*reference.Placed
	for _, f := range found {
		var chain []*reference.Placed
		for _, d := range f.Events {
			if d != nil {
				chain = append(chain, s.place(d))
			}
		}
		if best == nil || width(chain) < width(best) {
			best = chain
		}
	}
	return best
}

func width(chain []*reference.Placed) int64 {
	return int64(chain[len(chain)-1].At.Sub(chain[0].At))
}

// spanText names the first stage that came too late; "" when none did.
func (s *sequence) spanText(chain []*reference.Placed) (text string, stage int) {
	for i, p := range chain {
		if gap := p.At.Sub(chain[0].At); !s.within(gap) {
			return fmt.Sprintf("%s came %s after stage %d, maxspan is %d%s",
				s.stages[i].label(), Span(gap), s.stages[0].number, s.span.Count, s.span.Unit), i
		}
	}
	return "", 0
}

func (s *sequence) untilText(m *Miss, chain []*reference.Placed) string {
	text := "an until event came before the last stage"
	at := s.until.byKey[m.id]
	if at == nil {
		return text
	}
	first, last := chain[0], chain[len(chain)-1]
	for _, p := range at.hits {
		if p.Rank >= first.Rank && p.Rank < last.Rank {
			i := slices.IndexFunc(chain, func(c *reference.Placed) bool { return c.Rank > p.Rank })
			return fmt.Sprintf("an until event came %s after %s and before %s: %s", Span(p.At.Sub(chain[i-1].At)),
				s.stages[i-1].label(), s.stages[i].label(), told(p.Document))
		}
	}
	return text
}

// missingText names the event that should not be there.
func (s *sequence) missingText(m *Miss, chain []*reference.Placed) string {
	positives := 0
	for _, t := range s.terms {
		if !t.source.Missing {
			positives++
			continue
		}
		at := t.byKey[m.id]
		if at == nil {
			continue
		}
		for _, p := range at.hits {
			stage := &chain[max(positives-1, 0)]
			switch gap := p.At.Sub((*stage).At); {
			case positives == 0 && gap < 0:
				return fmt.Sprintf("term %d wants no event, and one came %s before %s: %s", t.number, Span(-gap), s.stages[0].label(), told(p.Document))
			case positives > 0 && gap > 0 && (positives == len(chain) || p.Rank < chain[positives].Rank):
				return fmt.Sprintf("term %d wants no event, and one came %s after %s: %s", t.number, Span(gap), s.stages[positives-1].label(), told(p.Document))
			}
		}
	}
	return "an event is there that the query wants missing"
}
