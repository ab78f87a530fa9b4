package eql

// Walk calls visit for an expression and then for each that it is made of, from
// left to right. The constants of a Match are among them.
func Walk(e Expr, visit func(Expr)) {
	visit(e)
	var parts []Expr
	switch e := e.(type) {
	case *Logic:
		parts = e.Args
	case *Unary:
		parts = []Expr{e.X}
	case *Binary:
		parts = []Expr{e.L, e.R}
	case *In:
		parts = append([]Expr{e.X}, e.List...)
	case *Match:
		parts = []Expr{e.X}
		for _, lit := range e.Patterns {
			parts = append(parts, lit)
		}
	case *Call:
		parts = e.Args
	case *Nested:
		parts = []Expr{e.X}
	}
	for _, p := range parts {
		Walk(p, visit)
	}
}
