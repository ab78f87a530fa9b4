package randomcase

import (
	"fmt"
	"strings"
)

// condition writes a condition.
func (a *author) condition(term bool) string {
	if !term {
		return a.logic(a.IntN(3))
	}
	tag := a.tagTest()
	switch n := a.IntN(20); {
	case n < 13:
		return tag
	case n < 14:
		return tag + " and " + a.leaf()
	case n < 16:
		return tag + " or " + a.leaf()
	case n < 17:
		return "(" + tag + ") and not (" + a.leaf() + ")"
	case n < 19:
		return tag + " or " + a.tagTest()
	}
	return a.logic(2)
}

// logic writes and, or, not over leaves.
func (a *author) logic(depth int) string {
	if depth == 0 {
		return a.leaf()
	}
	switch a.IntN(8) {
	case 0, 1, 2:
		return a.chain("and", depth-1)
	case 3, 4, 5:
		return a.chain("or", depth-1)
	case 6:
		return "not (" + a.logic(depth-1) + ")"
	}
	return a.leaf()
}

func (a *author) chain(op string, depth int) string {
	parts := make([]string, 2+a.IntN(2))
	for i := range parts {
		if depth == 0 {
			parts[i] = a.leaf()
			continue
		}
		parts[i] = "(" + a.logic(depth) + ")"
	}
	return strings.Join(parts, " "+op+" ")
}

// leaf writes a leaf, sometimes negated.
func (a *author) leaf() string {
	s := a.plainLeaf()
	if a.chance(0.12) {
		return "not " + s
	}
	return s
}

func (a *author) plainLeaf() string {
	f := pick(a, a.fields...)
	if a.chance(0.1) {
		f = pick(a, a.keys...)
	}
	switch n := a.IntN(40); {
	case n < 3:
		return a.nullTest(f)
	case n == 3:
		return a.constantLeaf()
	case n == 4:
		return a.strange(f)
	case n == 5:
		return a.logicInCall()
	case n == 6 && a.mapped:
		return pick(a, "?nope == null", "?nope != null", "?nope == 5", "?nope != 5", `?nope : "a*"`, "not ?nope > 5", "?nope == ?nope2")
	case n == 7:
		return a.timeTest()
	}
	return a.fieldLeaf(f)
}

func (a *author) fieldLeaf(f *field) string {
	name := a.name(f.path, 0.1)
	switch f.domain {
	case integer:
		return a.numberTest(name, f)
	case boolean:
		return pick(a, name, name+" == true", name+" != true", "false == "+name, name+" == false", name+` == "true"`, name+" in (true, false)")
	case date:
		return a.dateTest(name, f)
	case address:
		return a.addressTest(name, f)
	case version:
		return a.order(name, a.eqlText(pick(a, f.values...)))
	}
	return a.textTest(name, f)
}

// nullTest asks whether a field or the result of a call is there.
func (a *author) nullTest(f *field) string {
	x := a.name(f.path, 0.3)
	if a.chance(0.3) {
		x = a.valueOf(f)
	}
	return pick(a, x+" == null", x+" != null", "null == "+x, "null != "+x, "not ("+x+" == null)")
}

// constantLeaf folds away.
func (a *author) constantLeaf() string {
	return pick(a, "true", "false", "null", "1 == 1", "2 > 3", `"a" : "A"`, `length("abc") == 3`, "null == null", "not null", `"B" in~ ("b")`, "1 + 1 == 2.0", `concat("a", null) == "a"`)
}

// strange compares a field with a constant of another kind. With a mapping most
// of that is an error.
func (a *author) strange(f *field) string {
	if a.mapped {
		return a.fieldLeaf(f)
	}
	if a.chance(0.4) {
		return a.misfit(a.name(f.path, 0.1))
	}
	constant := pick(a, `"1"`, "1", "1.0", "true", `"true"`, `"2024-01-01"`, `"10.0.0.1"`, "1704067200000", `"A"`, "1.5", `"1.5"`, `"10.0.0.0/8"`, "-1")
	if a.chance(0.25) {
		return fmt.Sprintf("%s in (%s, %s)", a.name(f.path, 0.1), constant, pick(a, "1", `"1"`, "null"))
	}
	return a.order(a.name(f.path, 0.1), constant)
}

// misfit asks a field of any type what is asked of text, numbers or addresses.
func (a *author) misfit(name string) string {
	return pick(a, name+` : "1*"`, name+` like~ ("a*", "t?ue")`, name+` regex "[0-9A.:]+"`, name+` regex~ "[a-f1]*"`, name+` in~ ("a", "1")`,
		"length("+name+") > 0", `startsWith(`+name+`, "1")`, `endsWith~(`+name+`, "b")`, `stringContains(`+name+`, "0")`, `indexOf(`+name+`, "0") >= 0`,
		name+" + 1 > 0", name+" % 2 == 1", "-"+name+" < 0", "multiply("+name+", 2.0) >= 2", `cidrMatch(`+name+`, "10.0.0.0/8", "::/0")`,
		`string(`+name+`) regex "[0-9T.:Z-]+"`, `concat(`+name+`, "") == "1"`, `number(string(`+name+`)) > 0`, `substring(`+name+`, 1) == ""`, name+" == true")
}

// order writes a comparison, the constant on either side.
func (a *author) order(x, constant string) string {
	op := pick(a, "==", "==", "==", "!=", "<", "<=", ">", ">=")
	if a.chance(0.15) {
		return constant + " " + op + " " + x
	}
	return x + " " + op + " " + constant
}

// equal writes that an expression is one of some constants.
func (a *author) equal(x string, constants ...string) string {
	if len(constants) == 1 && a.chance(0.7) {
		return pick(a, x+" == "+constants[0], constants[0]+" == "+x, "not "+x+" != "+constants[0])
	}
	if a.chance(0.05) {
		constants = append(constants, "null")
	}
	return x + pick(a, " in ", " in ", " not in ") + "(" + strings.Join(constants, ", ") + ")"
}

// logicInCall puts logic where it is three-valued.
func (a *author) logicInCall() string {
	inner := a.fieldLeaf(pick(a, a.fields...)) + pick(a, " and ", " or ") + a.fieldLeaf(pick(a, a.fields...))
	if a.chance(0.3) {
		inner = "not (" + inner + ")"
	}
	return pick(a, fmt.Sprintf(`string(%s) == "true"`, inner), fmt.Sprintf(`string(%s) : "F*"`, inner), fmt.Sprintf(`(%s) == true`, inner),
		fmt.Sprintf(`false == (%s)`, inner), fmt.Sprintf(`string(%s) == null`, inner))
}

// timeTest asks about the timestamp.
func (a *author) timeTest() string {
	at := a.base.Add(4 * a.unit)
	name := a.name(a.timestamp, 0.05)
	if a.chance(0.4) {
		return a.order(name, fmt.Sprint(at.UnixMilli()))
	}
	return a.order(name, `"`+at.Format(pick(a, "2006-01-02T15:04:05.000Z", "2006-01-02T15:04:05Z", "2006-01-02", "2006-01-02T15:04:05.000000001Z"))+`"`)
}

func (a *author) dateTest(name string, f *field) string {
	if a.chance(0.2) {
		return a.equal(name, a.eqlText(pick(a, f.values...)), a.eqlText(pick(a, f.values...)))
	}
	return a.order(name, a.eqlText(pick(a, f.values...)))
}

func (a *author) addressTest(name string, f *field) string {
	switch a.IntN(4) {
	case 0:
		return a.equal(name, a.eqlText(pick(a, f.values...)), `"`+pick(a, blocks...)+`"`)
	case 1:
		return a.order(name, a.eqlText(pick(a, f.values...)))
	}
	call := fmt.Sprintf(`cidrMatch(%s, "%s")`, name, strings.Join(some(a, 1+a.IntN(2), blocks), `", "`))
	if a.chance(0.15) {
		return pick(a, "string("+call+`) == "true"`, call+" == true", call+" != true", call+" == null")
	}
	return call
}
