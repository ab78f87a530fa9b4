package tripline_test

import (
	"errors"
	"fmt"

	"github.com/tripline-sec/tripline"
	"github.com/tripline-sec/tripline/eql"
)

// A shell started by Python that connects out within a second.
func Example() {
	q, err := tripline.Compile(`
		sequence by host.id, process.entity_id with maxspan=1s
		  [process where event.type == "start" and process.name : "python*" and process.args : "*socket*"]
		  [network where event.action == "connection_attempted" and not cidrmatch(destination.ip, "127.0.0.0/8")]`,
		tripline.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	s := q.NewSession()
	for _, document := range []string{
		`{"@timestamp": "2026-02-03T09:00:00.100Z", "event": {"id": "e1", "category": ["process"], "type": ["start"]},
		  "host": {"id": "h"}, "process": {"entity_id": "p", "name": "python3.11", "args": ["python3", "-c", "import socket"]}}`,
		`{"@timestamp": "2026-02-03T09:00:00.450Z", "event": {"id": "e2", "category": ["network"], "action": "connection_attempted"},
		  "host": {"id": "h"}, "process": {"entity_id": "p", "name": "python3.11"}, "destination": {"ip": "203.0.113.9"}}`,
	} {
		if err := s.Feed([]byte(document)); err != nil {
			fmt.Println(err)
		}
	}
	for m, err := range s.Matches() {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(m.Keys, m.Events[0].ID, "then", m.Events[1].ID)
	}
	// Output: [h p] e1 then e2
}

// A query that is wrong says where and what.
func ExampleCompile() {
	query := `process where process.name = "nc"`
	_, err := tripline.Compile(query, tripline.Options{})
	var e *eql.Error
	if errors.As(err, &e) {
		p := e.Problems[0]
		fmt.Println(err)
		fmt.Println(eql.Snippet(query, p.Pos.Line, p.Pos.Col))
		fmt.Println("hint:", p.Hint)
	}
	// Output:
	// line 1:28: unexpected '=', expected 'and', 'or', '|' or the end of the query
	//     1 | process where process.name = "nc"
	//       |                            ^
	// hint: equality is written ==
}
