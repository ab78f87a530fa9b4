// Package tripline runs Elastic's Event Query Language and Elastic's detection
// rules over events, without an Elastic Stack.
//
// As events come, by many queries and rules at once:
//
//	rules, err := tripline.LoadRules("rules/")
//	set, err := tripline.SetOf(rules)
//	stream := set.NewStream(tripline.StreamOptions{OnMatch: func(m tripline.Match) { ... }})
//	err = stream.Feed([]byte(`{"@timestamp": "...", "event": {"category": "process"}, ...}`))
//
// Over a pile of events, as a search:
//
//	q, err := tripline.Compile(`process where process.name : "nc*"`, tripline.Options{})
//	s := q.NewSession()
//	err = s.Feed(document)
//	for m, err := range s.Matches() { ... }
//
// The language and what each operator means are those of Elasticsearch; the
// package eql is its syntax tree. Documents are Elastic Common Schema events, or
// any JSON objects whose fields the queries name.
//
// # Cost, lifetime, concurrency
//
// Queries, Rules and Sets are immutable and may be shared. A Stream and a Session
// belong to one goroutine each; several streams over one Set may run at once, each
// with what it remembers.
//
// A Stream reads an event once, whatever the number of rules, keeps of it only what
// unfinished sequences need, and allocates nothing for an event that nothing
// accepts, once it has seen its like. Besides that it keeps some megabytes of
// answers. A Session keeps every document it is fed.
//
// While the heap is small, a good part of the time goes to the garbage collector:
// who has a hundred megabytes to spare sets GOGC, or debug.SetGCPercent, to 400 or
// so, as the command does on its own.
//
// A match's documents are the stream's copies, or with Borrow the bytes that were
// fed; they stay as long as somebody refers to them.
package tripline
