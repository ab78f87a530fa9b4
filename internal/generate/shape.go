package generate

import (
	"strings"

	"github.com/tripline-sec/tripline/internal/value"
)

// shape is what a field's value should look like: a text of some pattern, or a
// value of another type, or none at all.
type shape struct {
	text   []element // of a text
	value  value.Value
	isText bool
	absent bool
}

// element is one element of a pattern: a character, any one character, or any
// run of them. Beside a character, fold says that its case does not matter.
type element struct {
	r    rune
	fold bool
}

const (
	anyRun rune = -1 - iota
	anyOne
)

// exact is the shape of one value.
func exact(v value.Value) shape {
	if v.Kind() == value.String {
		return shape{text: literalText(v.Str(), false), isText: true}
	}
	return shape{value: v}
}

// wild is the shape of a wildcard pattern's matches.
func wild(pattern string, fold bool) shape {
	text := literalText(pattern, fold)
	for i, e := range text {
		switch e.r {
		case '*':
			text[i] = element{r: anyRun}
		case '?':
			text[i] = element{r: anyOne}
		}
	}
	return shape{text: text, isText: true}
}

func literalText(s string, fold bool) []element {
	var text []element
	for _, r := range s {
		text = append(text, element{r, fold})
	}
	return text
}

// anyText is n characters of any kind.
func anyText(n int) []element {
	text := make([]element, n)
	for i := range text {
		text[i] = element{r: anyOne}
	}
	return text
}

// plain returns the one text that a shape without wildcards stands for.
func (s shape) plain() (string, bool) {
	if !s.isText {
		return "", false
	}
	var b strings.Builder
	for _, e := range s.text {
		if e.r < 0 {
			return "", false
		}
		b.WriteRune(e.r)
	}
	return b.String(), true
}

// fillings are what wildcards are replaced with, the likeliest first: what a run
// becomes at the start, within and at the end, and what one character becomes.
var fillings = []struct {
	head, inner, tail string
	one               rune
}{
	{"", "x", "x", 'x'},
	{"", "", "x", '1'},
	{"x", " ", "x", 'x'},
	{"", "", "", 'a'},
	{"x", "/x", "x", '/'},
	{"/x", "", "x.y", 'Z'},
	{"zq", "7", "w9", '7'},
	{"C:\\x", "w/", ".q", '_'},
	{"./", ".", " x", 'x'},
	{"x ", " ", " x ", ' '},
}

// texts returns texts that fit the shape.
func (s shape) texts() []string {
	var out []string
	for _, f := range fillings {
		var b strings.Builder
		for i, e := range s.text {
			switch {
			case e.r == anyOne:
				b.WriteRune(f.one)
			case e.r != anyRun:
				b.WriteRune(e.r)
			case i == len(s.text)-1:
				b.WriteString(f.tail)
			case i == 0:
				b.WriteString(f.head)
			default:
				b.WriteString(f.inner)
			}
		}
		out = append(out, b.String())
	}
	return unique(out)
}

// meet returns a shape whose texts fit both a and b: the shortest such text, with
// runs kept where both have one.
func meet(a, b []element) ([]element, bool) {
	type state struct{ i, j int }
	type step struct {
		from state
		e    element
		used bool // e is a character of the text
	}
	came := map[state]step{{}: {}}
	queue := []state{{}}
	end := state{len(a), len(b)}
	for len(queue) > 0 && len(came) < 200_000 {
		at := queue[0]
		if at == end {
			break
		}
		queue = queue[1:]
		visit := func(to state, e element, used bool) {
			if _, ok := came[to]; !ok {
				came[to] = step{at, e, used}
				queue = append(queue, to)
			}
		}
		aRun, bRun := at.i < len(a) && a[at.i].r == anyRun, at.j < len(b) && b[at.j].r == anyRun
		if aRun { // the run ends here
			visit(state{at.i + 1, at.j}, element{}, false)
		}
		if bRun {
			visit(state{at.i, at.j + 1}, element{}, false)
		}
		switch {
		case at.i >= len(a) || at.j >= len(b) || aRun && bRun:
		case aRun:
			visit(state{at.i, at.j + 1}, b[at.j], true)
		case bRun:
			visit(state{at.i + 1, at.j}, a[at.i], true)
		default:
			if e, ok := common(a[at.i], b[at.j]); ok {
				visit(state{at.i + 1, at.j + 1}, e, true)
			}
		}
	}
	if _, ok := came[end]; !ok {
		return nil, false
	}
	var backwards []element
	run := func(at state) {
		if at.i < len(a) && at.j < len(b) && a[at.i].r == anyRun && b[at.j].r == anyRun {
			backwards = append(backwards, element{r: anyRun})
		}
	}
	for at := end; at != (state{}); at = came[at].from {
		run(at)
		if s := came[at]; s.used {
			backwards = append(backwards, s.e)
		}
	}
	run(state{})
	text := make([]element, len(backwards))
	for i, e := range backwards {
		text[len(text)-1-i] = e
	}
	return text, true
}

// common returns the element that is both a and b, neither a run.
func common(a, b element) (element, bool) {
	switch {
	case a.r == anyOne:
		return b, true
	case b.r == anyOne, a.r == b.r:
		return element{a.r, a.fold && (b.fold || b.r == anyOne)}, true
	case a.fold && value.EqualFold(string(a.r), string(b.r)):
		return b, true
	case b.fold && value.EqualFold(string(a.r), string(b.r)):
		return a, true
	}
	return element{}, false
}

// unique drops later equals.
func unique[T comparable](list []T) []T {
	seen := map[T]bool{}
	var out []T
	for _, v := range list {
		if !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}
