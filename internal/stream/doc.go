// Package stream makes streams of events as Elastic Defend sends them from Linux
// hosts, seeded, with matches of rules planted in them. They are what rules are
// tried on, and what engines are measured with.
//
//	s, err := stream.New(stream.Options{Seed: 7, Events: 100_000, Rules: rules})
//	for doc, ok := s.Next(nil); ok; doc, ok = s.Next(doc[:0]) { .. }
//
// Each host has daemons and, at any time, some jobs: chains of processes that fork,
// exec, open connections, create, rename and delete files, and end. What runs where
// stands in catalog.txt. The documents have the fields, the order of keys, the sizes
// and the repetition of values that real ones have: few executables and many
// identifiers. Times rise in nanoseconds; event.sequence rises for each agent.
//
// A planted match is made of events that package generate found for the rule's
// query, each laid over a document like all others of its host as far as the query
// still matches, with join keys of its own. The reference evaluator has confirmed,
// on the documents of each plant alone, that there is exactly one match. Among other
// events a match may turn out otherwise, where a rule joins by nothing but the host;
// and the other events may, seldom, match a rule by themselves.
//
// # Cost and lifetime
//
// The same Options give the same bytes. Next writes a document in one to three
// microseconds (several hundred megabytes a second) and keeps nothing of it; a
// planted event costs some hundred. Memory does not grow with the number of events,
// but for the list of what was planted; it is some 40 to 150 KB a host, and with
// disorder the documents of that time. A Stream is for one goroutine.
package stream
