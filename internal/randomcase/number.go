package randomcase

import "fmt"

// numberTest writes a test of a number field.
func (a *author) numberTest(name string, f *field) string {
	s := pick(a, f.values...).text
	switch n := a.IntN(20); {
	case n < 8:
		return a.order(name, s)
	case n < 11:
		return a.equal(name, s, pick(a, f.values...).text, "77")
	case n < 13:
		return a.equal(name, s)
	case n < 19:
		return a.arithmetic(name)
	}
	return pick(a, fmt.Sprintf(`string(%s) : "%s*"`, name, s[:1]), fmt.Sprintf(`concat(%s, "x") == "%sx"`, name, s), fmt.Sprintf(`endsWith(string(%s), "1")`, name))
}

// arithmetic writes a test of a result of arithmetic. Some of it overflows, some
// divides by zero.
func (a *author) arithmetic(name string) string {
	small := pick(a, "0", "1", "2", "3", "-1", "1.5", "10", "100")
	x := fmt.Sprintf(pick(a, "%s + 1", "%s - 2", "%s * 2.0", "%s / 2", "%s %% 3", "-%s", "+%s", "add(%s, 1)", "subtract(%s, 1)", "multiply(%s, 1.0)", "divide(%s, 2)",
		"modulo(%s, 2)", "1 - %s", "(%s + 1) * 2.0", "7 %% (%s + 0.5)"), name)
	if a.chance(0.15) {
		other := a.name(a.otherOf(integer).path, 0)
		x = fmt.Sprintf(pick(a, "%s + %s", "%s * %s", "%s / %s", "%s %% %s", "%s - %s", "divide(%s, %s)"), name, other)
	}
	return a.order(x, small)
}

// numericCall writes a test of a number that a call makes of text.
func (a *author) numericCall(f *field) string {
	name := a.name(f.path, 0.1)
	s := pick(a, f.values...).text
	count := fmt.Sprint(len([]rune(s)))
	part := a.eqlText(str(pick(a, head(s), tail(s), "b", "")))
	switch n := a.IntN(11); {
	case n < 4:
		return a.order("length("+name+")", count)
	case n < 5:
		return a.order("length(concat("+name+", "+part+"))", pick(a, count, "2", "3"))
	case n < 8:
		return a.order(fmt.Sprintf("indexOf%s(%s, %s%s)", a.fold(), name, part, pick(a, "", ", 0", ", 1", ", -1", ", null")), pick(a, "0", "1", "2"))
	case n < 9:
		return a.order(fmt.Sprintf("number(string(length(%s))%s)", name, pick(a, "", ", 16", ", 10")), count)
	}
	return a.order(fmt.Sprintf("number(%s%s)", name, pick(a, "", ", 16", ", 10")), pick(a, "1", "10", "1.5", "31")) // fails on most texts
}
