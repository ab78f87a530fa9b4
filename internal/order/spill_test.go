package order

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/sequence"
)

// faulty is a temporary file in memory that fails when it is told to.
type faulty struct {
	data   []byte
	room   int // bytes that can be written
	closed int
	read   func(b []byte, at int64) // changes what was read
	cut    int64                    // not 0: what lies behind is gone
}

func (f *faulty) Write(b []byte) (int, error) {
	if len(f.data)+len(b) > f.room {
		n := f.room - len(f.data)
		f.data = append(f.data, b[:n]...)
		return n, syscall.ENOSPC
	}
	f.data = append(f.data, b...)
	return len(b), nil
}

func (f *faulty) ReadAt(b []byte, at int64) (int, error) {
	data := f.data
	if f.cut > 0 {
		data = data[:f.cut]
	}
	if at > int64(len(data)) {
		return 0, io.EOF
	}
	n := copy(b, data[at:])
	if f.read != nil {
		f.read(b[:n], at)
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (f *faulty) Close() error {
	f.closed++
	return nil
}

func disordered(t *testing.T) []input {
	t.Helper()
	return stream(t, rand.New(rand.NewPCG(1, 2)), shape{events: 400, times: 1000, hits: 0.5, agents: 3, disorder: -1})
}

// spilled puts a stream in order with a temporary file.
func spilled(all []input, f *faulty) (given int, err error) {
	o := New(Options{
		Budget: 20_000, Spill: true,
		Out:    func(*sequence.Event) { given++ },
		Create: func(string) (TempFile, error) { return f, nil },
	})
	for i := range all {
		add(o, &all[i].event)
	}
	return given, o.Close()
}

func TestDiskFull(t *testing.T) {
	all, whole := disordered(t), &faulty{room: 1 << 30}
	if _, err := spilled(all, whole); err != nil || whole.closed != 1 {
		t.Fatalf("%v, closed %d times", err, whole.closed)
	}
	size := len(whole.data)
	for _, room := range []int{0, 3, 4, 5, size / 2, size - 1} {
		f := &faulty{room: room}
		given, err := spilled(all, f)
		if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "temporary file in "+os.TempDir()) {
			t.Errorf("room for %d bytes: %v", room, err)
		}
		if given > 0 || f.closed != 1 {
			t.Errorf("room for %d bytes: %d events given, closed %d times", room, given, f.closed)
		}
	}
}

// A file that is not as it was written is an error, wherever that shows.
func TestTornFile(t *testing.T) {
	all, whole := disordered(t), &faulty{room: 1 << 30}
	if _, err := spilled(all, whole); err != nil {
		t.Fatal(err)
	}
	size := int64(len(whole.data))
	for at := int64(0); at < size; at += 1 + size/199 {
		for name, f := range map[string]*faulty{
			"cut": {cut: max(at, 1)},
			"flipped": {read: func(b []byte, from int64) {
				if at >= from && at < from+int64(len(b)) {
					b[at-from] ^= 0x10
				}
			}},
		} {
			f.room = 1 << 30
			if _, err := spilled(all, f); err == nil || f.closed != 1 {
				t.Errorf("%s at byte %d of %d: %v, closed %d times", name, at, size, err, f.closed)
			}
		}
	}
}

// What passes its checksum and is no event all the same is an error, not a panic.
func TestDecoderOnAnything(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	all := stream(t, r, shape{events: 50, times: 10, hits: 0.7, agents: 3, named: true})
	broken := 0
	for range 20_000 {
		b := appendEvent(nil, &all[r.IntN(len(all))].event)
		for range 1 + r.IntN(3) {
			b[r.IntN(len(b))] = byte(r.Uint32())
		}
		d := decoder{rest: b[:r.IntN(len(b)+1)]}
		if _, ok := d.event(); !ok {
			broken++
		}
	}
	if broken == 0 {
		t.Error("nothing was found to be broken")
	}
}

// Every field of a document comes back from the file, but for who needs it.
func TestDocumentInFile(t *testing.T) {
	for _, raw := range [][]byte{nil, {}, []byte(`{"a":1}`)} {
		doc := &event.Held{}
		fields := reflect.ValueOf(doc).Elem()
		for i := range fields.NumField() {
			switch f := fields.Field(i); f.Kind() {
			case reflect.Slice:
				f.SetBytes(raw)
			case reflect.String:
				f.SetString(fmt.Sprint("text ", i))
			case reflect.Uint32, reflect.Uint64:
				f.SetUint(uint64(1000 + i))
			case reflect.Int32:
				f.SetInt(int64(1000 + i))
			default:
				t.Fatalf("a field of kind %v", f.Kind())
			}
		}
		d := decoder{rest: appendEvent(nil, &sequence.Event{Doc: doc})}
		e, ok := d.event()
		if doc.Refs = 0; !ok || !reflect.DeepEqual(e.Doc, doc) {
			t.Errorf("got %+v, want %+v", e.Doc, doc)
		}
	}
}

func TestNoFolderForTheFile(t *testing.T) {
	o := New(Options{Budget: 1, Spill: true, TempDir: t.TempDir() + "/absent", Out: func(*sequence.Event) {}})
	for _, in := range stream(t, rand.New(rand.NewPCG(1, 2)), shape{events: 50, times: 10, hits: 1}) {
		add(o, &in.event)
	}
	if err := o.Close(); !errors.Is(err, os.ErrNotExist) || !strings.HasPrefix(err.Error(), "create temporary file") {
		t.Error(err)
	}
}
