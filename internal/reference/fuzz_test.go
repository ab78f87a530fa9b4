package reference

import (
	"testing"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
)

// FuzzEvaluate asserts that no query and no document bring the evaluator down:
// a checked query compiles, a run ends, a tolerant one without an error, and
// two runs of a program are one.
func FuzzEvaluate(f *testing.F) {
	for query, doc := range map[string]string{
		`process where process.name : ("a*", "b?") and not x in~ (1, "2", null)`:                            `{"event":{"category":"process"},"process":{"name":["ab","b"]},"x":1}`,
		`any where concat(f, f, 5) regex~ "[a-c]+<1-5>?" or 1 / x > 0 | tail 2`:                             `{"f":["a","b"],"x":0,"@timestamp":"2024-01-01"}`,
		`sequence by ?k with maxspan=1s ![any where a == 1] [any where b] with runs=2 until [any where c]`:  `{"@timestamp":5,"b":true,"k":[1,1.0,"1",null]}`,
		`sample by k [any where true] [any where number(s) > 1e3]`:                                          `{"k":[true,1e999],"s":["0x10","x"]}`,
		`any where cidrMatch(source.ip, "10.0.0.0/8", "::/0") and stringContains~(s, "a*\\b") == (t > "x")`: `{"source":{"ip":"10.1.2.3"},"s":"a\\b"}`,
		`any where @timestamp > "2017-08-30" and -x % 3 == 1 and string(null == (x in (1))) == "false"`:     `{"@timestamp":"2018","x":[5,"a",{"y":[[1]]}],"x.y":2}`,
	} {
		f.Add(query, []byte(doc))
	}
	f.Fuzz(func(t *testing.T, query string, doc []byte) {
		q, err := eql.Parse(query)
		if err != nil {
			return
		}
		if q, _, err = eql.Check(q, eql.CheckOptions{}); err != nil {
			return
		}
		var docs []*event.Document
		for i := range 3 {
			d, err := event.Decode(doc, event.Identity{}, uint64(i))
			if err != nil {
				return
			}
			docs = append(docs, d)
		}
		for _, tolerant := range []bool{false, true} {
			p, err := Compile(q, Options{Size: -1, Tolerant: tolerant})
			if err != nil {
				t.Fatalf("compile the checked query %s: %v", query, err)
			}
			first, err := p.Run(docs)
			if tolerant && err != nil {
				t.Fatalf("run %s tolerantly: %v", query, err)
			}
			second, again := p.Run(docs)
			if (err == nil) != (again == nil) {
				t.Fatalf("run %s: %v, then %v", query, err, again)
			}
			if err == nil && ids(first, "id") != ids(second, "id") {
				t.Fatalf("run %s: %s, then %s", query, ids(first, "id"), ids(second, "id"))
			}
		}
	})
}
