package ruletest

import "github.com/tripline-sec/tripline/eql"

// fields hands over each field that an expression names.
func fields(e eql.Expr, take func(*eql.Field)) {
	eql.Walk(e, func(x eql.Expr) {
		if f, ok := x.(*eql.Field); ok {
			take(f)
		}
	})
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
