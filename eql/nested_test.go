package eql

import (
	"testing"

	"github.com/tripline-sec/tripline/internal/value"
)

// A nested condition is checked and walked as any other, and printed for people.
func TestNested(t *testing.T) {
	pid := &Field{Segments: []string{"process", "pid"}}
	test := func(x Expr) Expr {
		q := &Query{Body: &Filter{Any: true, Condition: &Unary{Op: Not, X: &Nested{Path: "process", X: x}}}}
		checked, _, err := Check(q, CheckOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return checked.Body.(*Filter).Condition
	}
	got := test(&Binary{Op: Ne, L: pid, R: &Literal{Value: value.OfString("7")}})
	if text := ExprString(got); text != "not nested(process: not process.pid == 7)" {
		t.Errorf("checked: %s", text)
	}
	fields := 0
	Walk(got, func(e Expr) {
		if f, ok := e.(*Field); ok && f.Path == "process.pid" {
			fields++
		}
	})
	if fields != 1 {
		t.Errorf("%d fields found", fields)
	}
	if got := test(&Literal{Value: value.OfBool(false)}); ExprString(got) != "true" {
		t.Errorf("what can not hold: %s", ExprString(got))
	}
}
