package ruletest

import "github.com/tripline-sec/tripline/eql"

// fields hands over each field that an expression names.
func fields(e eql.Expr, take func(*eql.Field)) {
	if f, ok := e.(*eql.Field); ok {
		take(f)
	}
	for _, x := range operands(e) {
		fields(x, take)
	}
}

// operands returns the expressions right below one.
func operands(e eql.Expr) []eql.Expr {
	switch e := e.(type) {
	case *eql.Logic:
		return e.Args
	case *eql.Unary:
		return []eql.Expr{e.X}
	case *eql.Binary:
		return []eql.Expr{e.L, e.R}
	case *eql.In:
		return append([]eql.Expr{e.X}, e.List...)
	case *eql.Match:
		return []eql.Expr{e.X}
	case *eql.Call:
		return e.Args
	}
	return nil
}

// queryFields hands over each field that a query names, its keys too.
func queryFields(q *eql.Query, take func(*eql.Field)) {
	stages, until, _ := stagesOf(q)
	if until != nil {
		stages = append(stages, stage{Term: until, keys: until.Keys})
	}
	for _, s := range stages {
		fields(s.Filter.Condition, take)
		for _, k := range s.keys {
			take(k)
		}
	}
}
