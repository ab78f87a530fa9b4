// Package servertest has what a server needs in its tests, in memory: a store whose
// faults are at the test's command, and keys.
package servertest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"sync"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/server"
)

// Stored is a document as the store keeps it.
type Stored struct {
	Index, ID string
	Raw       string
	Arrival   uint64
}

// Store is an Appender and a Finder.
type Store struct {
	mu    sync.Mutex
	docs  []Stored
	byID  map[[2]string]int // into docs
	fault func() error
	kept  func([]Stored) error
	calls int
}

// New returns a store. kept, if not nil, is given the documents of a call before
// they are acknowledged; when it fails they are not.
func New(kept func([]Stored) error) *Store {
	return &Store{byID: make(map[[2]string]int), kept: kept}
}

// Fail lets fault decide what each call of Append fails with; nil: with nothing.
func (s *Store) Fail(fault func() error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = fault
}

// FailWith lets all calls fail until it is called with nil.
func (s *Store) FailWith(err error) {
	if err == nil {
		s.Fail(nil)
		return
	}
	s.Fail(func() error { return err })
}

// Docs returns what is stored.
func (s *Store) Docs() []Stored {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.docs)
}

// Calls returns how often Append was called.
func (s *Store) Calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// Append is server.Appender's.
func (s *Store) Append(_ context.Context, docs []server.Doc) ([]server.Result, error) {
	s.mu.Lock()
	fault := s.fault
	s.calls++
	s.mu.Unlock()
	if fault != nil {
		if err := fault(); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	results := make([]server.Result, len(docs))
	before := len(s.docs)
	for i := range docs {
		results[i] = s.add(&docs[i])
	}
	if s.kept != nil {
		if err := s.kept(s.docs[before:]); err != nil {
			for _, d := range s.docs[before:] {
				delete(s.byID, [2]string{d.Index, d.ID})
			}
			s.docs = s.docs[:before]
			return nil, err
		}
	}
	return results, nil
}

// Put adds a document as it was stored before.
func (s *Store) Put(d Stored) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d.Arrival = uint64(len(s.docs))
	s.byID[[2]string{d.Index, d.ID}] = len(s.docs)
	s.docs = append(s.docs, d)
}

func (s *Store) add(d *server.Doc) server.Result {
	id := d.ID
	if id == "" {
		id = s.make(d)
	}
	at := [2]string{d.Index, id}
	if i, ok := s.byID[at]; ok {
		outcome := server.Conflict
		// A repeat of what the sender gave no id is none of its faults.
		if s.docs[i].Raw == string(d.Raw) && (!d.Create || d.ID == "") {
			outcome = server.Noop
		}
		return server.Result{Outcome: outcome, ID: id, Arrival: s.docs[i].Arrival}
	}
	arrival := uint64(len(s.docs))
	s.byID[at] = len(s.docs)
	s.docs = append(s.docs, Stored{Index: d.Index, ID: id, Raw: string(d.Raw), Arrival: arrival})
	return server.Result{Outcome: server.Created, ID: id, Arrival: arrival}
}

// make is the id of a document that has none; its own unless another one has that.
func (s *Store) make(d *server.Doc) string {
	sum := sha256.Sum256(d.Raw)
	hash := hex.EncodeToString(sum[:])
	doc, err := event.Decode(slices.Clone(d.Raw), event.Identity{Index: d.Index}, 0)
	if err != nil {
		return hash
	}
	if i, ok := s.byID[[2]string{d.Index, doc.ID}]; ok && s.docs[i].Raw != string(d.Raw) {
		return hash
	}
	return doc.ID
}

// Find is server.Finder's.
func (s *Store) Find(_ context.Context, index, id string) (server.Found, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, ok := s.byID[[2]string{index, id}]
	if !ok {
		return server.Found{}, false, nil
	}
	return server.Found{Raw: []byte(s.docs[i].Raw), Arrival: s.docs[i].Arrival}, true, nil
}
