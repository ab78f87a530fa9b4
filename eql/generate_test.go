package eql

import (
	"math/rand/v2"
	"reflect"
	"strings"

	"github.com/tripline-sec/tripline/internal/value"
)

// generator makes random trees of every node type, as Parse could return them.
type generator struct{ *rand.Rand }

func newGenerator(seed uint64) generator { return generator{rand.New(rand.NewPCG(seed, 1))} }

func pick[T any](g generator, list ...T) T { return list[g.IntN(len(list))] }

func (g generator) query() *Query {
	q := &Query{}
	switch g.IntN(4) {
	case 0:
		q.Body = g.sequence()
	case 1:
		q.Body = g.sample()
		return q
	default:
		q.Body = g.filter()
	}
	for range g.IntN(3) {
		n := int64(g.IntN(100))
		q.Pipes = append(q.Pipes, Pipe{Name: pick(g, "head", "tail"), Count: n, Arg: &Literal{Value: value.OfInt(n)}})
	}
	return q
}

func (g generator) filter() *Filter {
	f := &Filter{Condition: g.expr(4)}
	if f.Any = g.IntN(5) == 0; !f.Any {
		f.Category = pick(g, "process", "network", "any", "sequence", "6 cats", "_x", "é\n\"", "")
	}
	return f
}

func (g generator) sequence() *Sequence {
	s := &Sequence{Keys: g.keys(g.IntN(3))}
	if g.IntN(2) == 0 {
		s.MaxSpan = &Span{Count: 1 + g.Int64N(1000), Unit: pick(g, "ms", "s", "m", "h", "d")}
	}
	own := g.IntN(3)
	for i := range 2 + g.IntN(3) {
		t := &Term{Filter: g.filter(), Keys: g.keys(own), Runs: 1 + g.IntN(4)}
		t.Missing = i > 0 && s.MaxSpan != nil && g.IntN(4) == 0
		s.Terms = append(s.Terms, t)
	}
	if g.IntN(3) == 0 {
		s.Until = &Term{Filter: g.filter(), Keys: g.keys(own), Runs: 1}
	}
	return s
}

func (g generator) sample() *Sample {
	s := &Sample{}
	own := g.IntN(2)
	s.Keys = g.uniqueKeys("s", 1+g.IntN(2))
	for range 2 + g.IntN(4) {
		s.Terms = append(s.Terms, &Term{Filter: g.filter(), Keys: g.uniqueKeys("t", own), Runs: 1})
	}
	return s
}

func (g generator) keys(n int) []*Field {
	var keys []*Field
	for range n {
		keys = append(keys, g.field())
	}
	return keys
}

func (g generator) uniqueKeys(prefix string, n int) []*Field {
	var keys []*Field
	for i := range n {
		keys = append(keys, &Field{Segments: []string{prefix, string(rune('a' + i))}, Optional: g.IntN(2) == 0})
	}
	return keys
}

func (g generator) field() *Field {
	f := &Field{Optional: g.IntN(5) == 0}
	for range 1 + g.IntN(3) {
		f.Segments = append(f.Segments, pick(g, "process", "name", "@timestamp", "sequence", "a.b", "a b", "`", "0x", "é", "_"))
	}
	return f
}

func (g generator) literal() *Literal {
	return &Literal{Value: pick(g, Value{}, value.OfBool(true), value.OfBool(false),
		value.OfInt(g.Int64N(1000)), value.OfInt(1<<62), value.OfUint(1<<63+5),
		value.OfFloat(0.5), value.OfFloat(1e300), value.OfFloat(3), value.OfFloat(1e-7),
		g.text().Value)}
}

func (g generator) text() *Literal {
	return &Literal{Value: value.OfString(pick(g, "", "a", "*b?", `C:\x`, "\"'`", "tab\tnl\ncr\r\b\f", "\x00\x7f\u200b", "é漢😀", "/* */ // x"))}
}

func (g generator) exprs(n, depth int) []Expr {
	list := make([]Expr, n)
	for i := range list {
		list[i] = g.expr(depth)
	}
	return list
}

func (g generator) expr(depth int) Expr {
	if depth == 0 {
		if g.IntN(3) == 0 {
			return g.literal()
		}
		return g.field()
	}
	depth--
	switch g.IntN(9) {
	case 0, 1:
		n := &Logic{Op: pick(g, And, Or)}
		for _, e := range g.exprs(2+g.IntN(3), depth) {
			n.add(e)
		}
		return n
	case 2:
		return &Unary{Op: pick(g, Not, Neg, Plus), X: g.expr(depth)}
	case 3:
		return &Binary{Op: pick(g, Eq, Ne, Lt, Le, Gt, Ge), L: g.expr(depth), R: g.expr(depth)}
	case 4:
		return &Binary{Op: pick(g, Add, Sub, Mul, Div, Mod), L: g.expr(depth), R: g.expr(depth)}
	case 5:
		return &In{X: g.expr(depth), Not: g.IntN(2) == 0, Fold: g.IntN(2) == 0, List: g.exprs(1+g.IntN(3), depth)}
	case 6:
		n := &Match{Op: pick(g, Colon, Like, LikeFold, Regex, RegexFold), X: g.expr(depth)}
		for range 1 + g.IntN(3) {
			n.Patterns = append(n.Patterns, g.literal())
		}
		return n
	case 7:
		return g.call(depth)
	}
	return g.field()
}

func (g generator) call(depth int) Expr {
	if g.IntN(4) == 0 {
		return &Call{Name: "noSuch", Fold: g.IntN(2) == 0, Args: g.exprs(g.IntN(3), depth)[:]}
	}
	fn, _ := value.LookupFunction(pick(g, value.FunctionNames()...))
	n := fn.MinArgs + g.IntN(2)
	if fn.MaxArgs >= 0 {
		n = min(n, fn.MaxArgs)
	}
	return &Call{Name: fn.Name, Fold: fn.FoldVariant && g.IntN(2) == 0, Args: g.exprs(n, depth)}
}

// plain returns a copy of a tree with no positions, so that two spellings of
// one query are deeply equal.
func plain(q *Query) *Query { return copyPlain(reflect.ValueOf(q)).Interface().(*Query) }

var posType = reflect.TypeFor[Pos]()

func copyPlain(v reflect.Value) reflect.Value {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return v
		}
		inner := copyPlain(v.Elem())
		if v.Kind() == reflect.Interface {
			return inner
		}
		p := reflect.New(v.Type().Elem())
		p.Elem().Set(inner)
		return p
	case reflect.Slice:
		if v.Len() == 0 {
			return reflect.Zero(v.Type())
		}
		s := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			s.Index(i).Set(copyPlain(v.Index(i)))
		}
		return s
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[Value]() || v.Type() == posType {
			if v.Type() == posType {
				return reflect.Zero(posType)
			}
			return v
		}
		s := reflect.New(v.Type()).Elem()
		for i := range v.NumField() {
			s.Field(i).Set(copyPlain(v.Field(i)))
		}
		return s
	}
	return v
}

// respell writes a printed query in another spelling of the same tokens: other
// white space, comments, the case of function names, redundant parentheses.
func (g generator) respell(src string) string {
	var b strings.Builder
	l := newLexer(src)
	var tokens []token
	for {
		t, err := l.next()
		if err != nil {
			panic(err)
		}
		if t.kind == tokEOF {
			break
		}
		tokens = append(tokens, t)
	}
	space := func() string {
		return pick(g, " ", "\n", "\t ", " // c ]\n", " /* [ /* ( */ */", "\r\n ")
	}
	for i, t := range tokens {
		text := src[t.at.Offset:t.at.End]
		isCall := i+1 < len(tokens) && tokens[i+1].kind == tokLParen
		if (t.kind == tokIdent || t.kind == tokTildeIdent) && isCall && !strings.HasPrefix(text, "noSuch") {
			text = pick(g, text, strings.ToUpper(text), strings.ToLower(text))
		}
		if t.kind == kwWhere {
			text += " ((" // closed before the `]`, `|` or end that ends the condition
		}
		if t.kind == tokRBracket || t.kind == tokPipe && (i == 0 || !closedAlready(tokens, i)) {
			b.WriteString("))")
		}
		b.WriteString(text + space())
	}
	if !closedAlready(tokens, len(tokens)) {
		b.WriteString("))")
	}
	return b.String()
}

// closedAlready reports whether no condition is open before token i.
func closedAlready(tokens []token, i int) bool {
	for i--; i >= 0; i-- {
		switch tokens[i].kind {
		case kwWhere:
			return false
		case tokRBracket, tokPipe:
			return true
		}
	}
	return true
}
