package eql

// Operands returns the expressions that an expression is directly made of, from
// left to right. The constants of a Match are among them.
func Operands(e Expr) []Expr {
	switch e := e.(type) {
	case *Logic:
		return e.Args
	case *Unary:
		return []Expr{e.X}
	case *Binary:
		return []Expr{e.L, e.R}
	case *In:
		return append([]Expr{e.X}, e.List...)
	case *Match:
		parts := []Expr{e.X}
		for _, lit := range e.Patterns {
			parts = append(parts, lit)
		}
		return parts
	case *Call:
		return e.Args
	case *Nested:
		return []Expr{e.X}
	}
	return nil
}

// Walk calls visit for an expression and then for each that it is made of, from
// left to right.
func Walk(e Expr, visit func(Expr)) {
	visit(e)
	for _, p := range Operands(e) {
		Walk(p, visit)
	}
}
