// Command stub is the HTTP of package server over a file, for tests of clients. It
// acknowledges what it has written and synced, and has hooks: its queue can be full
// for a while, and it can leave out the product header.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/tripline-sec/tripline/internal/key"
	"github.com/tripline-sec/tripline/internal/server"
	"github.com/tripline-sec/tripline/internal/server/servertest"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "stub:", err)
		os.Exit(1)
	}
}

func run() error {
	dir := flag.String("data", "", "the folder for the socket and the file")
	listen := flag.String("listen", "", "the TCP address")
	keyFile := flag.String("key", "", "a file with the key, as JSON")
	hold := flag.Duration("hold", 0, "how long a request is held")
	refuse429 := flag.Bool("refuse-429", false, "refuse as 429, whoever asks")
	flag.Parse()

	file, err := os.OpenFile(filepath.Join(*dir, "journal.ndjson"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	store := servertest.New(func(docs []servertest.Stored) error { return write(file, docs) })
	if err := read(file, store); err != nil {
		return err
	}
	text, err := os.ReadFile(*keyFile)
	if err != nil {
		return err
	}
	var k key.Key
	if err := json.Unmarshal(text, &k); err != nil {
		return err
	}
	keys := &servertest.Keys{}
	keys.Add(k)

	cfg := server.Config{Appender: store, Finder: store, Keys: keys, Hold: *hold, Log: slog.New(slog.NewTextHandler(os.Stderr, nil))}
	if *refuse429 {
		cfg.Refusal = server.RefuseAs429
	}
	s, err := server.New(cfg)
	if err != nil {
		return err
	}
	var full gate
	store.Fail(full.fault)
	s.Mount(http.MethodPost, "/_test/full", key.Admin, http.HandlerFunc(full.set))
	s.Mount(http.MethodGet, "/_test/stored", key.Admin, stored(store))

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	inherited, err := server.Inherited(os.Getenv)
	if err != nil {
		return err
	}
	l := server.Listen{Socket: filepath.Join(*dir, "tripline.sock"), Inherited: inherited}
	if len(inherited) == 0 {
		l.TCP = []string{*listen}
	}
	if err := s.Open(ctx, l); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	return errors.Join(s.Shutdown(drain), <-done)
}

// write appends documents to the file and syncs it.
func write(file *os.File, docs []servertest.Stored) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	for _, d := range docs {
		if err := e.Encode(d); err != nil {
			return err
		}
	}
	if b.Len() == 0 {
		return nil
	}
	if _, err := file.Write(b.Bytes()); err != nil {
		return err
	}
	return file.Sync()
}

// read fills the store with what the file has, and cuts off a last line that a kill
// left half written.
func read(file *os.File, store *servertest.Store) error {
	d := json.NewDecoder(file)
	for {
		var one servertest.Stored
		if err := d.Decode(&one); err != nil {
			break
		}
		store.Put(one)
	}
	end := d.InputOffset()
	if end > 0 {
		end++ // the newline
	}
	if err := file.Truncate(end); err != nil {
		return err
	}
	_, err := file.Seek(end, 0)
	return err
}

// gate is a queue that is full until some time.
type gate struct {
	mu    sync.Mutex
	until time.Time
}

func (g *gate) fault() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if time.Now().Before(g.until) {
		return server.ErrQueueFull
	}
	return nil
}

func (g *gate) set(w http.ResponseWriter, r *http.Request) {
	d, err := time.ParseDuration(r.URL.Query().Get("for"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	g.mu.Lock()
	g.until = time.Now().Add(d)
	g.mu.Unlock()
	w.WriteHeader(http.StatusOK)
}

// stored lists all documents as NDJSON.
func stored(store *servertest.Store) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusOK)
		e := json.NewEncoder(w)
		for _, d := range store.Docs() {
			if e.Encode(d) != nil {
				return
			}
		}
	})
}
