package generate

import (
	"strconv"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/value"
)

// fitCall returns bindings under which a call may have a result of the shape. It
// turns each function round.
func fitCall(call *eql.Call, sh shape) []binding {
	if op, ok := arithmetic[call.Name]; ok && len(call.Args) == 2 {
		return fitArithmetic(op, call.Args[0], call.Args[1], sh)
	}
	if len(call.Args) == 0 {
		return nil
	}
	x := call.Args[0]
	switch call.Name {
	case "string":
		return fitString(x, sh)
	case "concat":
		return fitConcat(call.Args, sh)
	case "number":
		if sh.value.IsNumber() {
			return fit(x, exact(value.OfString(sh.value.Text())))
		}
	case "length":
		if n := sh.value; n.Kind() == value.Int && n.Int() >= 0 && n.Int() < 1<<16 {
			return fit(x, shape{text: anyText(int(n.Int())), isText: true})
		}
	case "substring":
		return fitSubstring(call, sh)
	case "indexOf":
		if n := sh.value; n.Kind() == value.Int && n.Int() >= 0 && n.Int() < 1<<16 {
			return fitAround(call, anyText(int(n.Int())), run)
		}
	case "between":
		if len(call.Args) >= 3 && sh.isText {
			left, right := call.Args[1], call.Args[2]
			l, r := constantText(left), constantText(right)
			return fit(x, shape{text: join(literalText(l, call.Fold), sh.text, literalText(r, call.Fold)), isText: true})
		}
	case "startsWith", "endsWith", "stringContains", "cidrMatch":
		return fitTest(call, sh.value.Bool())
	}
	return nil
}

var (
	arithmetic = map[string]eql.Op{"add": eql.Add, "subtract": eql.Sub, "multiply": eql.Mul, "divide": eql.Div, "modulo": eql.Mod}
	run        = []element{{r: anyRun}}
)

func join(parts ...[]element) []element {
	var out []element
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// fitTest turns a call that is true or false round.
func fitTest(call *eql.Call, want bool) []binding {
	switch {
	case call.Name == "cidrMatch":
		var out []binding
		for _, block := range call.Args[1:] {
			out = append(out, fit(call.Args[0], nearBlock(constantText(block), want)...)...)
		}
		return out
	case !want:
		return fit(call.Args[0], anything...)
	case call.Name == "startsWith":
		return fitAround(call, nil, run)
	case call.Name == "endsWith":
		return fitAround(call, run, nil)
	}
	return fitAround(call, run, run)
}

// fitAround makes the first argument the second with something before and after
// it. When the second is no constant, it is made some short text.
func fitAround(call *eql.Call, before, after []element) []binding {
	x, part := call.Args[0], call.Args[1]
	if lit, ok := part.(*eql.Literal); ok {
		var out []binding
		for _, text := range pasted(call, lit.Value.Str()) {
			out = append(out, fit(x, shape{text: join(before, text, after), isText: true})...)
		}
		return out
	}
	text := literalText("10", false)
	if lit, ok := x.(*eql.Literal); ok {
		text = literalText(lit.Value.Str(), false)
	}
	shapes := []shape{{text: join(before, text, after), isText: true}, {text: text, isText: true}}
	out := fitAll(call.Args[:2], shapes)
	if len(out) == 0 { // such as a part of a constant: the empty one
		out = fit(part, exact(value.OfString("")))
	}
	return out
}

// pasted returns the texts a constant of a test stands for: endsWith and
// stringContains may take `*` and `?` in it for wildcards.
func pasted(call *eql.Call, constant string) [][]element {
	plain := literalText(constant, call.Fold)
	if call.Name != "endsWith" && call.Name != "stringContains" {
		return [][]element{plain}
	}
	var text []element
	escaped := false
	for _, r := range constant {
		switch {
		case escaped:
			text = append(text, element{r, call.Fold})
			escaped = false
		case r == '\\':
			escaped = true
		case r == '*':
			text = append(text, run...)
		case r == '?':
			text = append(text, element{r: anyOne})
		default:
			text = append(text, element{r, call.Fold})
		}
	}
	return [][]element{text, plain}
}

// fitString turns string() round: a text of the value's spelling.
func fitString(x eql.Expr, sh shape) []binding {
	if !sh.isText {
		return nil
	}
	if f, ok := x.(*eql.Field); ok && f.Type.IsString() {
		return fit(x, sh)
	}
	var out []binding
	for _, text := range sh.texts() {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			out = append(out, fit(x, exact(value.OfInt(n)))...)
		}
	}
	switch text, _ := sh.plain(); text {
	case "true", "false":
		out = append(out, fit(x, exact(value.OfBool(text == "true")))...)
	}
	return append(out, fit(x, sh)...)
}

// fitSubstring places the shape where substring() will look.
func fitSubstring(call *eql.Call, sh shape) []binding {
	if !sh.isText || len(call.Args) < 2 {
		return nil
	}
	start, ok := constantInt(call.Args[1])
	if !ok || start < -1<<16 || start > 1<<16 {
		return nil
	}
	text := sh.text
	if start >= 0 {
		text = join(anyText(start), text)
		if len(call.Args) > 2 {
			text = join(text, run)
		}
		if end, ok := constantInt(call.Args[len(call.Args)-1]); ok && end < 0 && len(call.Args) > 2 {
			text = join(anyText(start), sh.text, anyText(-end))
		}
	} else {
		text = join(run, text)
		if end, ok := constantInt(call.Args[len(call.Args)-1]); ok && end < 0 && len(call.Args) > 2 {
			text = join(text, anyText(-end))
		}
	}
	return fit(call.Args[0], shape{text: text, isText: true})
}

func constantText(e eql.Expr) string {
	if lit, ok := e.(*eql.Literal); ok {
		return lit.Value.Str()
	}
	return ""
}

func constantInt(e eql.Expr) (int, bool) {
	lit, ok := e.(*eql.Literal)
	return int(litInt(lit)), ok && lit.Value.Kind() == value.Int
}

func litInt(lit *eql.Literal) int64 {
	if lit == nil {
		return 0
	}
	return lit.Value.Int()
}
