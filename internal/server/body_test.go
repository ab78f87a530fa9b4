package server_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tripline-sec/tripline/internal/server"
)

const oneDoc = `{"index":{"_index":"x"}}` + "\n{\"n\":1}\n"

// largeDoc is 20 KB.
var largeDoc = `{"index":{"_index":"x"}}` + "\n" + `{"a":"` + strings.Repeat("0123456789", 2000) + `"}` + "\n"

func packed(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, text)
	_ = z.Close()
	return b.String()
}

func TestBodies(t *testing.T) {
	large := strings.Repeat(largeDoc, 300) // 6 MB, which grows through several buffers
	half := packed(oneDoc)[:20]
	for name, test := range map[string]struct {
		body    string
		coding  string
		chunks  bool
		status  int
		kind    string
		nothing bool
	}{
		"plain":             {body: oneDoc, status: 200},
		"identity":          {body: oneDoc, coding: "identity", status: 200},
		"chunked":           {body: oneDoc, chunks: true, status: 200},
		"gzip":              {body: packed(oneDoc), coding: "gzip", status: 200},
		"gzip, chunked":     {body: packed(oneDoc), coding: "GZIP", chunks: true, status: 200},
		"gzip in two parts": {body: packed(oneDoc) + packed(oneDoc), coding: "gzip", status: 200},
		"large":             {body: large, status: 200},
		"large gzip":        {body: packed(large), coding: "gzip", status: 200},
		"no gzip":           {body: oneDoc, coding: "gzip", status: 400, kind: "parse_exception"},
		"half of gzip":      {body: half, coding: "gzip", status: 400, kind: "parse_exception"},
		"empty gzip":        {body: "", coding: "gzip", status: 400, kind: "parse_exception"},
		"broken gzip":       {body: packed(oneDoc)[:15] + "\xff\xff\xff\xff" + packed(oneDoc)[19:], coding: "gzip", status: 400, kind: "parse_exception"},
		"zstd":              {body: oneDoc, coding: "zstd", status: 415, kind: "illegal_argument_exception"},
		"snappy":            {body: oneDoc, coding: "snappy", status: 415, kind: "illegal_argument_exception"},
		"two codings":       {body: oneDoc, coding: "gzip, gzip", status: 415, kind: "illegal_argument_exception"},
	} {
		h := open(t, nil)
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(test.body))
		if test.chunks {
			r = httptest.NewRequest(http.MethodPost, "/", chunked(test.body))
			r.ContentLength = -1
		}
		if test.coding != "" {
			r.Header.Set("Content-Encoding", test.coding)
		}
		got := h.send(r, "/_bulk")
		if got.code != test.status {
			t.Errorf("%s: %d %.200s", name, got.code, got.body)
			continue
		}
		if test.kind != "" {
			if kind, _ := errorOf(t, got); kind != test.kind || h.store.Calls() > 0 {
				t.Errorf("%s: %s", name, got.body)
			}
		}
	}
}

func TestBodyLimits(t *testing.T) {
	const limit = 200_000
	padded := func(size int) string {
		const head = `{"index":{"_index":"x"}}` + "\n"
		return head + `{"a":"` + strings.Repeat("a", size-len(head)-len(`{"a":""}`+"\n")) + `"}` + "\n"
	}
	for name, test := range map[string]struct {
		body   string
		coding string
		chunks bool
		want   int
	}{
		"at the limit":            {padded(limit), "", false, 200},
		"at the limit, chunked":   {padded(limit), "", true, 200},
		"at the limit, inflated":  {packed(padded(limit)), "gzip", false, 200},
		"over the limit":          {padded(limit + 1), "", false, 413},
		"over the limit, chunked": {padded(limit + 1), "", true, 413},
		"over, inflated":          {packed(padded(limit + 1)), "gzip", false, 413},
		"a bomb":                  {packed(strings.Repeat(oneDoc, 1_000_000)), "gzip", false, 413},
	} {
		h := open(t, func(c *server.Config) { c.MaxBody, c.MemoryLimit = limit, 1 })
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(test.body))
		if test.chunks {
			r = httptest.NewRequest(http.MethodPost, "/", chunked(test.body))
			r.ContentLength = -1
		}
		r.Header.Set("Content-Encoding", test.coding)
		if got := h.send(r, "/_bulk"); got.code != test.want {
			t.Errorf("%s: %d %.200s", name, got.code, got.body)
		} else if kind := ""; test.want == 413 {
			if kind, _ = errorOf(t, got); kind != "content_too_long_exception" || h.store.Calls() > 0 {
				t.Errorf("%s: %s", name, got.body)
			}
		}
		// What was held is given back.
		if got := h.bulk(`{"index":{"_index":"x"}}`, `{}`); got.code != 200 {
			t.Errorf("%s, then a small one: %d %s", name, got.code, got.body)
		}
	}
}

func TestABodyThatBreaksOff(t *testing.T) {
	h := open(t, nil)
	r := httptest.NewRequest(http.MethodPost, "/", io.MultiReader(strings.NewReader(oneDoc), broken{}))
	r.ContentLength = -1
	if got := h.send(r, "/_bulk"); got.code != 400 || got.header.Get("Connection") != "close" || h.store.Calls() > 0 {
		t.Errorf("got %d %s", got.code, got.body)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("connection reset") }

// pausing is a body that does not go on.
type pausing struct {
	first string
	goOn  chan struct{}
}

func (p *pausing) Read(b []byte) (int, error) {
	if p.first != "" {
		n := copy(b, p.first)
		p.first = p.first[n:]
		return n, nil
	}
	<-p.goOn
	return 0, io.EOF
}

// TestMemoryIsShared holds a body back while another one has the room.
func TestMemoryIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t, func(c *server.Config) { c.MaxBody, c.MemoryLimit, c.Hold = 1<<20, 1, 10*time.Second })
		slow := &pausing{first: strings.Repeat(oneDoc, 25_000), goOn: make(chan struct{})} // 850 KB
		first := make(chan reply)
		go func() {
			r := httptest.NewRequest(http.MethodPost, "/", slow)
			r.ContentLength = -1
			first <- h.send(r, "/_bulk")
		}()
		synctest.Wait()
		begun := time.Now()
		if got := h.ask("POST", "/_bulk", strings.Repeat(oneDoc, 10_000)); got.code != 429 || got.header.Get("Retry-After") == "" {
			t.Errorf("the second one: %d %s", got.code, got.body)
		}
		if waited := time.Since(begun); waited != 10*time.Second {
			t.Errorf("it waited %v", waited)
		}
		close(slow.goOn)
		if got := <-first; got.code != 429 && got.code != 200 {
			t.Errorf("the first one: %d %s", got.code, got.body)
		}
		if got := h.ask("POST", "/_bulk", oneDoc); got.code != 200 {
			t.Errorf("afterwards: %d %s", got.code, got.body)
		}
	})
}

func TestMediaTypes(t *testing.T) {
	for given, want := range map[string]int{
		"":                                200,
		"application/json":                200,
		"application/json; charset=utf-8": 200, // rsyslog
		"application/x-ndjson":            200,
		"Application/JSON":                200,
		"application/vnd.elasticsearch+json;compatible-with=8":      200,
		"application/vnd.elasticsearch+x-ndjson; compatible-with=9": 200, // JavaScript
		"application/vnd.elasticsearch+x-ndjson;compatible-with=7":  200,
		"application/vnd.elasticsearch+json;compatible-with=10":     406,
		"application/x-www-form-urlencoded":                         406, // curl -d
		"text/plain":                                                406,
		"application/json/x":                                        406,
		"json":                                                      406,
	} {
		h := open(t, nil)
		got := h.ask("POST", "/_bulk", oneDoc, "Content-Type: "+given)
		if got.code != want {
			t.Errorf("%q: %d %s", given, got.code, got.body)
		}
		if want == 406 {
			if kind, _ := errorOf(t, got); kind != "media_type_header_exception" || h.store.Calls() > 0 {
				t.Errorf("%q: %s", given, got.body)
			}
		}
	}
	for accept, want := range map[string]string{
		"":                 "application/json",
		"*/*":              "application/json",
		"application/json": "application/json",
		"application/vnd.elasticsearch+json; compatible-with=8":                           "application/vnd.elasticsearch+json;compatible-with=8",
		"application/vnd.elasticsearch+json;compatible-with=9":                            "application/vnd.elasticsearch+json;compatible-with=9",
		"application/vnd.elasticsearch+json;compatible-with=7":                            "application/json",
		"application/vnd.elasticsearch+json; compatible-with=9,text/plain":                "application/vnd.elasticsearch+json;compatible-with=9",
		"application/vnd.elasticsearch+x-ndjson; compatible-with=8, application/x-ndjson": "application/vnd.elasticsearch+json;compatible-with=8",
	} {
		h := open(t, nil)
		for _, target := range []string{"/", "/_bulk"} { // an error too
			got := h.ask("GET", target, "", "Accept: "+accept)
			if kind := got.header.Get("Content-Type"); kind != want {
				t.Errorf("Accept %q: %s", accept, kind)
			}
		}
	}
}

func TestAnswersAreCompressedForOtherMachines(t *testing.T) {
	body := strings.Repeat(oneDoc, 200)
	for from, want := range map[string]string{"192.0.2.1:4000": "gzip", "127.0.0.1:4000": "", "[::1]:4000": "", "@": ""} {
		for _, takes := range []bool{true, false} {
			h := open(t, nil)
			r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
			r.RemoteAddr = from
			wanted := ""
			if takes {
				r.Header.Set("Accept-Encoding", "deflate, gzip")
				wanted = want
			}
			got := h.send(r, "/_bulk")
			if got.header.Get("Content-Encoding") != wanted {
				t.Errorf("from %s, takes it %v: %q", from, takes, got.header.Get("Content-Encoding"))
			}
			if wanted == "gzip" {
				z, err := gzip.NewReader(strings.NewReader(got.body))
				if err != nil {
					t.Fatal(err)
				}
				plain, err := io.ReadAll(z)
				if got.body = string(plain); err != nil {
					t.Fatal(err)
				}
			}
			if errors, all := itemsOf(t, got); errors || len(all) != 200 {
				t.Errorf("%.100s", got.body)
			}
		}
	}
}
