package store

import (
	"hash/maphash"
	"sync"
	"time"
)

// window knows the ids of the documents that came last. It has two generations;
// when the newer one is full or old, the older one goes.
//
// An id is pending from when its document sets out for the log until that is
// synced or has failed; who comes with the same id meanwhile waits for that.
type window struct {
	count int           // how many ids one generation holds
	age   time.Duration // how long an id is known at most
	seeds [2]maphash.Seed

	mu      sync.Mutex
	young   map[key]known
	old     map[key]known
	pending map[key]claim
	begun   time.Time // when the first of young came
	last    time.Time // when the last of old came
}

// key is an index and an id, hashed.
type key [2]uint64

// known is the document that an id is of.
type known struct {
	sum     sum
	arrival uint64
}

// claim is a document on its way.
type claim struct {
	sum sum
	by  *call
}

func newWindow(o Options) *window {
	return &window{
		count: o.DedupeCount, age: o.DedupeAge,
		seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()},
		young: map[key]known{}, old: map[key]known{}, pending: map[key]claim{},
	}
}

func (w *window) key(index, id string) key {
	var k key
	for i, seed := range w.seeds {
		var h maphash.Hash
		h.SetSeed(seed)
		_, _ = h.WriteString(index)
		_ = h.WriteByte(0)
		_, _ = h.WriteString(id)
		k[i] = h.Sum64()
	}
	return k
}

// claim asks for an id on behalf of a call. It is free and from now on pending; or
// another's document has it (found), which may itself be on its way (by).
func (w *window) claim(k key, s sum, by *call, now time.Time) (found known, other *call, free bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.turn(now)
	if c, ok := w.pending[k]; ok {
		return known{sum: c.sum}, c.by, false
	}
	if found, ok := w.young[k]; ok {
		return found, nil, false
	}
	if found, ok := w.old[k]; ok {
		return found, nil, false
	}
	w.pending[k] = claim{s, by}
	return known{}, nil, true
}

// settle ends claims: as known if the documents are on the disk.
func (w *window) settle(claims []claimed, ok bool, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range claims {
		delete(w.pending, c.key)
		if ok {
			w.add(c.key, c.known, now)
		}
	}
}

// claimed is a claim that was granted.
type claimed struct {
	key key
	known
}

// has looks for an id that is known.
func (w *window) has(k key, now time.Time) (known, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.turn(now)
	found, ok := w.young[k]
	if !ok {
		found, ok = w.old[k]
	}
	return found, ok
}

// add makes an id known, under the lock.
func (w *window) add(k key, found known, now time.Time) {
	if len(w.young) >= w.count {
		w.rotate(now)
	}
	if len(w.young) == 0 {
		w.begun = now
	}
	w.young[k] = found
}

// turn lets go of what is too old. Each generation holds what came within half of
// the age, so that nothing is forgotten before half of it has passed.
func (w *window) turn(now time.Time) {
	switch age := now.Sub(w.begun); {
	case len(w.young) > 0 && age >= w.age:
		w.old, w.young = map[key]known{}, map[key]known{}
	case len(w.young) > 0 && age >= w.age/2:
		w.rotate(now)
	}
	if len(w.old) > 0 && now.Sub(w.last) >= w.age/2 {
		w.old = map[key]known{}
	}
}

func (w *window) rotate(now time.Time) {
	w.old, w.young, w.last = w.young, make(map[key]known, min(len(w.young), w.count)), now
}

// restore makes an id known that came at a time before now. Ids are restored in
// the order in which they came.
func (w *window) restore(k key, found known, came time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.turn(came)
	w.add(k, found, came)
}

// forget lets go of what is too old.
func (w *window) forget(now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.turn(now)
}

// size says how many ids are known.
func (w *window) size() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.young) + len(w.old)
}
