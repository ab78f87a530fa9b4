// Package rule holds Elastic's detection rule object and reads it from its two
// written forms: the TOML of a rules repository and the JSON or NDJSON that
// Kibana exports. Both give the same Rule, with defaults filled in and every
// field kept, and MarshalJSON writes it back as Kibana does.
//
// Exceptions, which rules name and which stand in the same files, and filters
// become conditions of EQL: Rule.Narrow adds them to the rule's query, and
// Rule.Dropped is about whole matches. Value lists are read as files.
//
// Reading checks what running the rule depends on and names each fault with
// file, line, column, field, reason and a hint; it does not compile the query.
// Rule.Locate translates a place in the query to the place in the rule's file,
// so that the query's own errors can be shown there.
//
// A Rule is plain data: it is not changed after it was read, keeps no file
// open, and may be shared between goroutines. Reading costs a few times the
// file's size, once.
package rule
