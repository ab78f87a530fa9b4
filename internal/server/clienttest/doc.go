// Package clienttest runs real clients of Elasticsearch and OpenSearch, as their
// makers published them, against a server in a process of its own: it is throttled,
// stopped, started again and killed while they send, and then each document is
// accounted for.
//
// It is a module of its own, so that these clients are nobody's dependency.
// `make test-clients` runs it. The server is the small one in stub, with the HTTP
// of package server over a file; with TRIPLINE_BIN=PATH it is that binary's
// `tripline run`, and what needs a hook in the server is skipped.
package clienttest
