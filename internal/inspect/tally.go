package inspect

import (
	"cmp"
	"slices"
	"strings"
)

// tally counts how often names occur.
type tally struct {
	counts map[string]int
	more   int // occurrences of names beyond mostNames, or too long
}

func (t *tally) add(name string) {
	if t.counts == nil {
		t.counts = map[string]int{}
	}
	n, ok := t.counts[name]
	if len(name) > mostLength || !ok && len(t.counts) == mostNames {
		t.more++
		return
	}
	t.counts[name] = n + 1
}

// Count is a name and how often it occurs. The name "" stands for documents that
// do not say.
type Count struct {
	Name  string `json:"name"`
	Count int    `json:"count"`
}

// list returns the counts, the highest first, and the nameless last.
func (t *tally) list() []Count {
	all := []Count{}
	for name, n := range t.counts {
		all = append(all, Count{name, n})
	}
	slices.SortFunc(all, func(a, b Count) int {
		if (a.Name == "") != (b.Name == "") {
			return cmp.Compare(len(b.Name), len(a.Name))
		}
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Name, b.Name))
	})
	return all
}
