package randomcase

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// tagTest writes a test that holds for one value of the tag.
func (a *author) tagTest() string {
	name := a.name(a.tag.path, 0.03)
	s := pick(a, a.tag.values...)
	if a.tag.domain == integer {
		return pick(a, name+" == "+s.text, name+" == "+s.text, name+" in ("+s.text+", 77)", name+" + 1 == "+s.text+" + 1", name+" >= "+s.text+" and "+name+" <= "+s.text,
			fmt.Sprintf(`string(%s) == "%s"`, name, s.text))
	}
	if a.chance(0.5) {
		return name + " == " + a.eqlText(s)
	}
	return a.textMatch(name, s.text)
}

// textTest writes a test of a text field. It holds for one of its values, as a rule.
func (a *author) textTest(name string, f *field) string {
	s := pick(a, f.values...)
	switch n := a.IntN(20); {
	case n < 3:
		return a.order(name, a.eqlText(s))
	case n < 5:
		return a.equal(name, a.eqlText(s), a.eqlText(pick(a, f.values...)), `"zz"`)
	case n < 7:
		return a.numericCall(f)
	}
	return a.textMatch(name, s.text)
}

// textMatch writes a test that holds where a field's text is s or alike.
func (a *author) textMatch(name, s string) string {
	quoted := func(s string) string { return a.eqlText(str(s)) }
	switch a.IntN(24) {
	case 0, 1, 2:
		return a.patterns(name, pick(a, ":", ":", "like~"), a.wildcard(a.otherCase(s)))
	case 3:
		return a.patterns(name, ":", a.otherCase(s))
	case 4, 5:
		return a.patterns(name, "like", a.wildcard(s))
	case 6:
		return a.patterns(name, "regex", a.regex(s))
	case 7:
		return a.patterns(name, "regex~", a.regex(a.otherCase(s)))
	case 8:
		return fmt.Sprintf("%s in~ (%s, %s)", name, quoted(a.otherCase(s)), quoted(pick(a, words...)))
	case 9:
		return fmt.Sprintf("%s not in~ (%s, %s)", name, quoted(a.otherCase(s)), quoted(pick(a, words...)))
	case 10:
		return a.equal(name, quoted(s), `"zz"`)
	case 11:
		return fmt.Sprintf("wildcard%s(%s, %s)", a.fold(), name, quoted(a.wildcard(s)))
	case 12, 13:
		return a.boolean(fmt.Sprintf("startsWith%s(%s, %s)", a.fold(), name, quoted(head(s))))
	case 14, 15:
		return a.boolean(fmt.Sprintf("endsWith%s(%s, %s)", a.fold(), name, quoted(a.pasted(tail(s)))))
	case 16, 17:
		return a.boolean(fmt.Sprintf("stringContains%s(%s, %s)", a.fold(), name, quoted(a.pasted(pick(a, head(s), tail(s), s, "")))))
	case 18:
		return a.boolean(fmt.Sprintf("startsWith%s(%s, %s)", a.fold(), quoted(s+"xyz"), name))
	case 19:
		return a.fieldsCall(name)
	case 20:
		return a.textCall(name, s)
	case 21:
		return fmt.Sprintf("%s != %s", name, quoted(s))
	}
	return fmt.Sprintf("%s == %s", name, quoted(s))
}

// boolean writes a test of a call that is true or false.
func (a *author) boolean(call string) string {
	if a.chance(0.8) {
		return call
	}
	return pick(a, call+" == true", call+" == false", "true != "+call, call+" == null", "string("+call+`) == "true"`)
}

// textCall writes a test of a text that a call makes of a field.
func (a *author) textCall(name, s string) string {
	quoted := func(s string) string { return a.eqlText(str(s)) }
	switch a.IntN(7) {
	case 0:
		return a.order(fmt.Sprintf(`concat(%s, "-", %s)`, name, name), quoted(s+"-"+s))
	case 1:
		return a.patterns(fmt.Sprintf(`concat("<", %s, ">")`, name), pick(a, ":", "like", "like~"), "<"+a.wildcard(s)+">")
	case 2:
		return a.order(fmt.Sprintf("substring(%s, %d)", name, a.IntN(3)-1), quoted(tail(s)))
	case 3:
		return a.equal(fmt.Sprintf("substring(%s, %d, %d)", name, a.IntN(3)-1, a.IntN(4)-1), quoted(head(s)), `""`)
	case 4:
		return a.order(fmt.Sprintf("between%s(%s, %s, %s%s)", a.fold(), name, quoted(head(s)), quoted(tail(s)), pick(a, "", ", true", ", false")), pick(a, `""`, quoted(s), `"b"`))
	case 5:
		return a.patterns("string("+name+")", pick(a, "regex", "regex~"), a.regex(s))
	}
	return a.order("string("+name+")", quoted(s))
}

// fieldsCall writes a test of a call that asks two fields, or null.
func (a *author) fieldsCall(name string) string {
	other := a.name(a.otherOf(text).path, 0.1)
	if a.chance(0.15) {
		other = "null"
	}
	switch a.IntN(8) {
	case 0:
		return a.boolean(fmt.Sprintf("startsWith%s(%s, %s)", a.fold(), name, other))
	case 1:
		return a.boolean(fmt.Sprintf("endsWith%s(%s, %s)", a.fold(), name, other))
	case 2:
		return a.boolean(fmt.Sprintf("stringContains%s(%s, %s)", a.fold(), name, other))
	case 3:
		return a.order(fmt.Sprintf("indexOf%s(%s, %s)", a.fold(), name, other), pick(a, "0", "1", "null"))
	case 4:
		return a.order(fmt.Sprintf("length(concat(%s, %s))", name, other), pick(a, "2", "3", "4"))
	case 5:
		return a.order(fmt.Sprintf(`between(%s, %s, "")`, name, other), a.eqlText(pick(a, a.tag.values...)))
	case 6:
		return a.order(fmt.Sprintf("substring(%s, length(%s))", name, other), pick(a, `""`, `"b"`))
	}
	return a.patterns(fmt.Sprintf("concat(%s, %s)", name, other), pick(a, ":", "regex"), pick(a, "a.*", "*b*", ".+"))
}

// otherOf is any field that holds such values, the tag if there is none.
func (a *author) otherOf(d domain) *field {
	for _, f := range some(a, len(a.fields), a.fields) {
		if f.domain == d {
			return f
		}
	}
	return a.tag
}

// valueOf writes a call whose result may be null.
func (a *author) valueOf(f *field) string {
	name := a.name(f.path, 0.1)
	if f.domain == integer {
		return pick(a, name+" + 1", "-"+name, "("+name+" > 1)", "string("+name+")")
	}
	if f.domain != text {
		return "string(" + name + ")"
	}
	return pick(a, `indexOf(`+name+`, "b")`, "length("+name+")", `concat(`+name+`, "x")`, "substring("+name+", 1)", `startsWith(`+name+`, "a")`)
}

// patterns writes a match with one or more patterns.
func (a *author) patterns(x, op string, first string) string {
	if a.chance(0.7) {
		return x + " " + op + " " + a.eqlText(str(first))
	}
	list := []string{a.eqlText(str(first)), a.eqlText(str(pick(a, "zz", "q*", "?z?", "1")))}
	if op == "regex" || op == "regex~" {
		list[1] = `"z{2,3}|[x-z]1"`
	}
	return fmt.Sprintf("%s %s (%s)", x, op, strings.Join(list, ", "))
}

func (a *author) fold() string { return pick(a, "", "~") }

// otherCase changes the case of some letters.
func (a *author) otherCase(s string) string {
	if a.chance(0.3) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if a.chance(0.3) {
			return r
		}
		return unicode.SimpleFold(r)
	}, s)
}

// wildcard makes a pattern that matches s, mostly.
func (a *author) wildcard(s string) string {
	switch a.IntN(7) {
	case 0:
		return head(s) + "*"
	case 1:
		return "*" + tail(s)
	case 2:
		return "*" + s + "*"
	case 3:
		return strings.Repeat("?", utf8.RuneCountInString(s))
	case 4:
		return "?" + tail(s)
	case 5:
		return head(s) + "*" + tail(s)
	}
	return s
}

// pasted is s, now and then with what has a meaning in the constants of endsWith
// and stringContains on a plain field.
func (a *author) pasted(s string) string {
	if a.chance(0.6) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch a.IntN(8) {
		case 0:
			b.WriteString(`\` + string(r))
		case 1:
			b.WriteString("?")
		case 2:
			b.WriteString("*")
		default:
			b.WriteRune(r)
		}
	}
	return b.String() + pick(a, "", "", "", "*", `\`, "?")
}

// regex makes a regular expression that matches s, mostly.
func (a *author) regex(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case strings.ContainsRune(`.?+*|{}[]()"\#@&<>~`, r):
			b.WriteString(`\` + string(r))
		case a.chance(0.15):
			b.WriteString(".")
		case a.chance(0.1) && r > ' ' && r < 127:
			b.WriteString("[" + string(r) + "x]")
		case a.chance(0.05):
			b.WriteString("(" + string(r) + "|zz)+")
		default:
			b.WriteRune(r)
		}
	}
	return b.String() + pick(a, "", "", "", ".*", "x?", "(y|z)*")
}

// head and tail are about the first and the second half of a text.
func head(s string) string { r := []rune(s); return string(r[:(len(r)+1)/2]) }
func tail(s string) string { r := []rune(s); return string(r[len(r)/2:]) }
