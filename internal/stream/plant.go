package stream

import (
	"iter"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// plant is one match in the making.
type plant struct {
	recipe *recipe
	host   *host
	number int
	times  []int64
	bases  []tree // documents that the events are laid over
	ids    []string
}

// newPlant readies a match on a host that begins at a time. Its gaps are some of
// those that the recipe allows.
func newPlant(c *recipe, s *scene, h *host, at int64, number int) *plant {
	p := &plant{recipe: c, host: h, number: number}
	whole := int64(c.events[len(c.events)-1].Offset)
	who := newCast(s, h)
	before := int64(0)
	for i, w := range c.events {
		if i > 0 {
			gap := int64(w.Offset) - before
			if whole > c.span {
				gap = int64(float64(gap) * float64(c.span) / float64(whole))
			}
			at += max(int64(float64(gap)*(0.4+0.6*s.unit())), 1000)
		}
		before = int64(w.Offset)
		s.now = at
		base, id := s.base(who, w)
		p.times, p.bases, p.ids = append(p.times, at), append(p.bases, base), append(p.ids, id)
	}
	return p
}

// build makes the documents, event.sequence not yet in place.
func (p *plant) build() []tree {
	docs := make([]tree, len(p.recipe.events))
	for i := range docs {
		docs[i] = p.lay(i)
	}
	fixed := make([]map[string]bool, len(docs))
	for i, w := range p.recipe.events {
		fixed[i] = map[string]bool{}
		for field := range w.Fields {
			if !p.chosen(choice{kind: choiceBase, term: w.Term, name: field}) {
				fixed[i][field] = true
			}
		}
	}
	for k := range p.recipe.events[0].keys {
		if p.chosen(choice{kind: choiceKey, key: k}) {
			v := p.key(k)
			for i, w := range p.recipe.events {
				docs[i].set(w.keys[k], v)
				fixed[i][w.keys[k]] = true
			}
		}
	}
	for i, w := range p.recipe.events {
		for _, d := range derivations {
			if p.chosen(choice{kind: choiceDerive, term: w.Term, name: d.name}) {
				d.does(docs[i], fixed[i])
			}
		}
	}
	return docs
}

func (p *plant) chosen(c choice) bool { return p.recipe.chosen[c] }

// lay lays an event over its document.
func (p *plant) lay(i int) tree {
	w, c := p.recipe.events[i], p.recipe
	t := tree{}
	if c.bare {
		t.set("event.id", p.ids[i])
		t.set("event.sequence", i)
		t.set("@timestamp", string(appendTime(nil, p.times[i])))
	} else {
		t = p.bases[i].clone()
		for _, field := range w.mentioned {
			if !p.chosen(choice{kind: choiceKeep, term: w.Term, name: field}) {
				t.drop(field)
			}
		}
		t.set("event.sequence", i)
	}
	for field, v := range sorted(w.Fields) {
		if !p.chosen(choice{kind: choiceBase, term: w.Term, name: field}) {
			if _, is := v.([]any); !is && !c.bare {
				if _, was := p.bases[i].get(field).([]any); was {
					v = []any{v} // a list of one, as agents send it
				}
			}
			t.set(field, v)
		}
	}
	opts := &c.rule.Options
	if f := opts.TimestampField; f != "" && f != "@timestamp" {
		t.set(f, string(appendTime(nil, p.times[i])))
	}
	if f := opts.CategoryField; f != "" && f != "event.category" {
		t.set(f, w.category)
	}
	return t
}

// sorted gives the entries of a map in the order of their keys.
func sorted[V any](m map[string]V) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			if !yield(k, m[k]) {
				return
			}
		}
	}
}

// key returns a value for the k-th join key that no other plant has, if that is
// for it to choose.
func (p *plant) key(k int) any {
	first := p.recipe.events[0].keys[k]
	leaf := first[strings.LastIndexByte(first, '.')+1:]
	tag := strconv.FormatInt(int64(p.number)+1296, 36)
	switch {
	case first == "data_stream.namespace":
		return "default"
	case strings.HasPrefix(first, "host.") && leaf != "ip", first == "agent.id", leaf == "entity_id", leaf == "pid":
		for i, w := range p.recipe.events {
			if v := p.bases[i].get(w.keys[k]); v != nil {
				return v
			}
		}
		if leaf == "pid" {
			return 100_000 + p.number
		}
	case leaf == "ip":
		return netip.AddrFrom4([4]byte{198, 18 + byte(p.number>>16&1), byte(p.number >> 8), byte(p.number)}).String()
	case leaf == "port":
		return 20_000 + p.number%40_000
	case first == "user.id":
		return strconv.Itoa(200_000 + p.number)
	case leaf == "path":
		return "/srv/data/" + tag
	case leaf == "executable":
		return "/opt/tools/" + tag
	case leaf == "working_directory":
		return "/srv/app/" + tag
	case leaf == "name" && strings.HasPrefix(first, "process"):
		return "tool-" + tag
	}
	return leaf + "-" + tag
}
