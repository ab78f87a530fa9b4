package stream

import (
	"bytes"
	"testing"
)

// all returns the documents of a stream.
func all(t *testing.T, opts Options) (*Stream, [][]byte) {
	t.Helper()
	s, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	var docs [][]byte
	for doc, ok := s.Next(nil); ok; doc, ok = s.Next(nil) {
		docs = append(docs, doc)
	}
	return s, docs
}

func TestSameOptionsGiveTheSameBytes(t *testing.T) {
	opts := Options{Seed: 7, Events: 3000, Ties: 0.1}
	_, a := all(t, opts)
	_, b := all(t, opts)
	opts.Seed = 8
	_, c := all(t, opts)
	if !bytes.Equal(bytes.Join(a, nil), bytes.Join(b, nil)) {
		t.Error("the same seed gave other bytes")
	}
	if bytes.Equal(bytes.Join(a, nil), bytes.Join(c, nil)) {
		t.Error("another seed gave the same bytes")
	}
}

func BenchmarkNext(b *testing.B) {
	s, err := New(Options{Seed: 1, Events: 1 << 30})
	if err != nil {
		b.Fatal(err)
	}
	var n int64
	var doc []byte
	b.ReportAllocs()
	for b.Loop() {
		doc, _ = s.Next(doc[:0])
		n += int64(len(doc))
	}
	b.SetBytes(n / int64(b.N))
}
