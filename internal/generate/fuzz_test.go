package generate

import (
	"math/rand/v2"
	"testing"

	"github.com/tripline-sec/tripline/eql"
)

// Whatever the query: what Solve makes for it is found, once, and what Break makes
// of that is not.
func FuzzSolve(f *testing.F) {
	for seed := range 20 {
		f.Add(author{rand.New(rand.NewPCG(uint64(seed), 11)), f}.query())
	}
	f.Add(`any where add(a, b) > concat(c, "x") and length(substring(d, -2)) == 2`)
	f.Add(`any where a == -9223372036854775808 or -a / 0 > 1.5e300 or a % b == 0`)
	f.Add(`any where cidrMatch(destination.ip, "::/0") and destination.ip != "255.255.255.255/32"`)
	f.Add(`any where @timestamp > "2027" and string(a and b) == "true"`)
	f.Add("sequence by ?`a b`, c with maxspan=1ms ![any where true] [any where x : \"\\u{1F600}*\"] with runs=3 until [any where y == null]")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 2000 {
			t.Skip("too long for this test")
		}
		q, err := eql.Parse(text)
		if err != nil {
			return
		}
		c, _, err := eql.Check(q, eql.CheckOptions{})
		if err != nil {
			return
		}
		events, err := Solve(c)
		if err != nil {
			return
		}
		if n := found(t, c, docsOf(events)); n != 1 {
			t.Errorf("%d results", n)
		}
		variants := 0
		for b := range Break(c, events) {
			if n := found(t, c, docsOf(b.Events)); n != 0 {
				t.Errorf("%d results with %s broken", n, clauseText(b))
			}
			if variants++; variants == 5 {
				break
			}
		}
	})
}
