package server

import (
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/klauspost/compress/gzip"
)

// gzipFrom is the size of an answer from which it is compressed.
const gzipFrom = 8 << 10

// answer sends JSON with a status. It is compact, with no space anywhere: there are
// clients that look for the bytes `"errors":true`.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	h := w.Header()
	if r.Method == http.MethodGet && wanted(r, "pretty") {
		var pretty bytes.Buffer
		if json.Indent(&pretty, body, "", "  ") == nil {
			pretty.WriteByte('\n')
			body = pretty.Bytes()
		}
	}
	h.Set("Content-Type", mediaTypeOut(r))
	if len(body) >= gzipFrom && worthGzip(r) {
		packed := s.buffers.get(gzipFrom)
		defer s.buffers.put(packed)
		packed.b = gzipped(packed.b[:0], body)
		body = packed.b
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	s.allowWriting(w, len(body))
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client is gone if it fails: there is nobody to tell
}

// allowWriting gives a client time to take an answer, and no more.
func (s *Server) allowWriting(w http.ResponseWriter, size int) {
	patience := writePatience + time.Duration(size/slowestRate)*time.Second
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(patience)) // a recorder in a test has none
}

// worthGzip reports whether a client takes gzip and is on another machine: within
// one it only costs time.
func worthGzip(r *http.Request) bool {
	if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		return false
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return false // a Unix socket
	}
	ip := net.ParseIP(host)
	return ip != nil && !ip.IsLoopback()
}

func gzipped(to, body []byte) []byte {
	out := bytes.NewBuffer(to)
	z, _ := gzip.NewWriterLevel(out, gzip.BestSpeed) // the level is a good one
	_, _ = z.Write(body)                             // a buffer takes all
	_ = z.Close()
	return out.Bytes()
}

// answerValue sends a value as JSON.
func (s *Server) answerValue(w http.ResponseWriter, r *http.Request, status int, v any) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		s.cfg.Log.Error("encode answer", "path", r.URL.Path, "error", err)
		s.fail(w, r, fault(http.StatusInternalServerError, typeInternal, "encode answer: "+err.Error()))
		return
	}
	s.answer(w, r, status, bytes.TrimRight(b.Bytes(), "\n"))
}

// constant answers 200 with always the same body.
func (s *Server) constant(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { s.answer(w, r, http.StatusOK, []byte(body)) }
}

// wanted reports whether a parameter is there and not false.
func wanted(r *http.Request, name string) bool {
	values, ok := r.URL.Query()[name]
	return ok && (values[0] == "" || values[0] == "true")
}

// appendString writes a JSON string. What is not valid UTF-8 turns to U+FFFD.
func appendString(b []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			var out bytes.Buffer
			e := json.NewEncoder(&out)
			e.SetEscapeHTML(false)
			_ = e.Encode(text) // strings can be encoded
			return append(b, bytes.TrimRight(out.Bytes(), "\n")...)
		}
	}
	b = append(b, '"')
	b = append(b, text...)
	return append(b, '"')
}
