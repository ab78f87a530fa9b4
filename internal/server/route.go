package server

import (
	"net/http"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"

	"github.com/tripline-sec/tripline/internal/key"
)

// Routes are chi's: those of net/http refuse patterns of which neither is the more
// special, such as /_ilm/{x} and /{index}/_bulk, and it sends clients that ask for
// `..` or `//` elsewhere. The path that is matched is cleanPath's, still escaped.

// What begins with an underscore is no index and no type, where nothing else in the
// path says so.
const (
	indexName = "{index:[^_].*}"
	typeName  = "{type:[^_].*}"
)

// newRoutes makes all routes but those that are mounted later.
func (s *Server) newRoutes() *chi.Mux {
	m := chi.NewRouter()
	s.routeWrites(m)
	s.routeStartup(m)
	s.routeAdmin(m)
	other := s.need(key.None, s.other)
	m.NotFound(other)
	m.MethodNotAllowed(other)
	return m
}

// on adds a handler for several methods, with spaces between, and paths.
func (s *Server) on(m *chi.Mux, methods string, scope key.Scope, handler http.HandlerFunc, paths ...string) {
	for method := range strings.FieldsSeq(methods) {
		for _, path := range paths {
			m.Method(method, path, s.need(scope, handler))
		}
	}
}

// routeWrites is what stores documents and reads them again.
func (s *Server) routeWrites(m *chi.Mux) {
	s.on(m, "POST PUT", key.Ingest, s.jsonOnly(s.bulk), "/_bulk", "/{index}/_bulk", "/{index}/_doc/_bulk", "/{index}/"+typeName+"/_bulk", "/"+indexName+"/"+typeName+"/_bulk")
	s.on(m, "POST", key.Ingest, s.jsonOnly(s.index), "/{index}/_doc")
	s.on(m, "POST PUT", key.Ingest, s.jsonOnly(s.index), "/{index}/_doc/{id}", "/"+indexName+"/"+typeName, "/"+indexName+"/"+typeName+"/{id}")
	s.on(m, "POST PUT", key.Ingest, s.jsonOnly(s.create), "/{index}/_create/{id}")
	s.on(m, "GET HEAD", key.Read, s.get, "/{index}/_doc/{id}")
	s.on(m, "DELETE", key.Ingest, s.appendOnly, "/{index}/_doc/{id}")
	s.on(m, "POST", key.Ingest, s.appendOnly, "/{index}/_update/{id}")
}

// routeStartup is what shippers and clients ask beside. Any key may.
func (s *Server) routeStartup(m *chi.Mux) {
	empty := s.constant("{}")
	s.on(m, "GET HEAD", key.None, s.root, "/")
	s.on(m, "GET", key.None, s.constant(license), "/_license")
	s.on(m, "GET", key.None, s.constant(xpack), "/_xpack")
	s.on(m, "GET HEAD", key.None, empty, "/_ilm/policy", "/_ilm/policy/{name}", "/_template", "/_template/{name}", "/_component_template",
		"/_component_template/{name}", "/_alias", "/_alias/{name}", "/{index}/_alias", "/{index}/_alias/{name}",
		"/{index}/_mapping", "/{index}/_settings", "/_data_stream/{name}/_lifecycle")
	s.on(m, "GET HEAD", key.None, s.constant(`{"index_templates":[]}`), "/_index_template", "/_index_template/{name}")
	s.on(m, "PUT POST", key.None, s.acknowledge, "/_ilm/policy/{name}", "/_template/{name}", "/_component_template/{name}", "/_index_template/{name}",
		"/{index}/_mapping", "/{index}/_settings", "/_data_stream/{name}", "/_data_stream/{name}/_lifecycle")
	s.on(m, "GET HEAD", key.None, s.dataStreams, "/_data_stream", "/_data_stream/{name}")
	s.on(m, "HEAD", key.None, s.indexExists, "/"+indexName)
	s.on(m, "GET", key.None, s.getIndex, "/"+indexName)
	s.on(m, "PUT", key.None, s.makeIndex, "/"+indexName)
	s.on(m, "GET HEAD", key.None, s.clusterHealth, "/_cluster/health", "/_cluster/health/{index}")
	s.on(m, "GET HEAD", key.None, s.catHealth, "/_cat/health")
	s.on(m, "GET HEAD", key.None, func(w http.ResponseWriter, _ *http.Request) { s.answerText(w, http.StatusOK, "") }, "/_cat", "/_cat/*")
	s.on(m, "GET HEAD", key.None, s.nodes, "/_nodes", "/_nodes/*")
	s.on(m, "GET POST", key.None, s.constant(shards), "/_refresh", "/{index}/_refresh", "/_flush", "/{index}/_flush")
	s.on(m, "GET", key.None, s.noPipeline, "/_ingest/pipeline/{name}")
	s.on(m, "PUT", key.None, s.makePipeline, "/_ingest/pipeline/{name}")
	s.on(m, "POST PUT", key.None, s.monitoring, "/_monitoring/bulk", "/_xpack/monitoring/_bulk")
	s.on(m, "GET HEAD POST PUT DELETE", key.None, s.notFound, "/_security", "/_security/*")
	for _, search := range []string{"_search", "_count", "_msearch", "_field_caps", "_pit", "_async_search", "_sql", "_query"} {
		s.on(m, "GET HEAD POST PUT DELETE", key.None, s.notServed, "/"+search, "/"+search+"/*", "/{index}/"+search, "/{index}/"+search+"/*")
	}
}

// other answers what has no route. Shippers take a refusal of a call that they make
// at start for the end, and anything else for fine.
func (s *Server) other(w http.ResponseWriter, r *http.Request) {
	path := chi.RouteContext(r.Context()).RoutePath
	if s.ignore("call", r.Method+" "+path, 1) {
		s.cfg.Log.Info("a call that is not served", "method", r.Method, "path", r.URL.Path, "user_agent", r.UserAgent())
	}
	if allowed := s.allowed(path); len(allowed) > 0 {
		w.Header().Set("Allow", strings.Join(allowed, ","))
		s.refuseEarly(w, r, fault(http.StatusMethodNotAllowed, typeArgument,
			"Incorrect HTTP method for uri ["+r.URL.Path+"] and method ["+r.Method+"], allowed: ["+strings.Join(allowed, ", ")+"]"))
		return
	}
	if (r.Method == http.MethodGet || r.Method == http.MethodHead) && strings.HasPrefix(path, "/_") {
		s.answer(w, r, http.StatusOK, []byte("{}"))
		return
	}
	s.refuseEarly(w, r, badRequest(typeArgument, "no handler found for uri ["+r.URL.Path+"] and method ["+r.Method+"]"))
}

// allowed returns the methods that a path has a route for.
func (s *Server) allowed(path string) []string {
	var all []string
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete} {
		if s.routes.Match(chi.NewRouteContext(), method, path) {
			all = append(all, method)
		}
	}
	slices.Sort(all)
	return all
}
