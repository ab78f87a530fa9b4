package alert

import (
	"reflect"
	"testing"
)

func TestIntersect(t *testing.T) {
	for _, c := range []struct{ name, a, b, want string }{
		{"a key absent in either is absent", `{"x":1,"y":1}`, `{"y":1,"z":1}`, `{"y":1}`},
		{"equal scalars stay", `{"s":"a","n":1,"t":true,"z":null}`, `{"s":"a","n":1,"t":true,"z":null}`, `{"s":"a","n":1,"t":true,"z":null}`},
		{"different scalars go", `{"s":"a","t":true,"z":null,"k":1}`, `{"s":"b","t":false,"z":0,"k":1}`, `{"k":1}`},
		{"1 is 1.0", `{"n":1}`, `{"n":1.0}`, `{"n":1}`},
		{"large integers are exact", `{"n":9007199254740993,"k":1}`, `{"n":9007199254740992,"k":1}`, `{"k":1}`},
		{"a number is no text", `{"n":1,"k":1}`, `{"n":"1","k":1}`, `{"k":1}`},
		{"a boolean is no text", `{"n":true,"k":1}`, `{"n":"true","k":1}`, `{"k":1}`},
		{"objects are gone through", `{"o":{"x":1,"y":2}}`, `{"o":{"x":1,"y":3}}`, `{"o":{"x":1}}`},
		{"an object with nothing common goes", `{"o":{"x":1},"k":1}`, `{"o":{"x":2},"k":1}`, `{"k":1}`},
		{"an object beside a scalar goes", `{"o":{"x":1},"p":1,"k":1}`, `{"o":1,"p":{"x":1},"k":1}`, `{"k":1}`},
		{"arrays keep what is in both, in order, once", `{"l":[3,1,2,1,"a"]}`, `{"l":["a",1,3]}`, `{"l":[3,1,"a"]}`},
		{"an empty array stays", `{"l":["process"]}`, `{"l":["network"]}`, `{"l":[]}`},
		{"array and scalar", `{"l":["a","b"],"m":"b"}`, `{"l":"b","m":["a","b"]}`, `{"l":["b"],"m":["b"]}`},
		{"array and another scalar", `{"l":["a","b"]}`, `{"l":"c"}`, `{"l":[]}`},
		{"objects in arrays are never equal", `{"l":[{"x":1},2]}`, `{"l":[{"x":1},2]}`, `{"l":[2]}`},
		{"arrays in arrays neither", `{"l":[[1]]}`, `{"l":[[1]]}`, `{"l":[]}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := intersect(object(t, c.a), object(t, c.b)); !reflect.DeepEqual(got, object(t, c.want)) {
				t.Errorf("got %v, want %s", got, c.want)
			}
		})
	}
}

func TestIntersectOfNothing(t *testing.T) {
	if got := intersect(object(t, `{"x":1}`), object(t, `{"x":2}`)); got != nil {
		t.Errorf("got %v, want nil", got)
	}
}

// The shell of three is what all three have, whichever differs.
func TestIntersectFoldsFromTheLeft(t *testing.T) {
	raws := []string{`{"a":1,"b":1,"l":[1,2,3]}`, `{"a":1,"b":2,"l":[3,2]}`, `{"a":1,"b":1,"l":2}`}
	doc := asJSON(t, New(testRule(), group(docs(t, raws...)...), now).Documents()[0])
	want(t, doc, map[string]string{"a": `1`, "b": "", "l": `[2]`})
}
