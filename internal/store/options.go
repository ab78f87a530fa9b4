package store

import (
	"time"
)

// Options say how a store behaves; the zero value is good.
type Options struct {
	// SealBytes and SealAge say when the log is sealed: at so many bytes of
	// documents, or when the oldest is so old. 0: 256 MiB, 10 minutes.
	SealBytes int64
	SealAge   time.Duration
	// KeepAge and KeepBytes say what retention lets go of: what arrived longer ago,
	// and the oldest beyond so many bytes on the disk. 0: nothing.
	KeepAge   time.Duration
	KeepBytes int64
	// DedupeCount and DedupeAge are the window in which an id is known again: for
	// half of the age at least and all of it at most, unless more than so many ids
	// came after it. Never more than twice as many are kept, at some 60 bytes each.
	// 0: 500,000 ids, 24 hours.
	DedupeCount int
	DedupeAge   time.Duration
	// Recent is how many bytes of pages last appended stay in memory, for those who
	// read right behind. 0: 32 MiB; less than 0: none.
	Recent int64
	// Now is the clock. nil: time.Now.
	Now func() time.Time
	// Told is called with what people should know: see Notice. It must not call
	// the store.
	Told func(Notice)
	// Manual leaves sealing and retention to calls of Seal and Retain, for tests.
	Manual bool
}

func (o Options) withDefaults() Options {
	or(&o.SealBytes, 256<<20)
	or(&o.SealAge, 10*time.Minute)
	or(&o.DedupeCount, 500_000)
	or(&o.DedupeAge, 24*time.Hour)
	or(&o.Recent, 32<<20)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Told == nil {
		o.Told = func(Notice) {}
	}
	return o
}

func or[T ~int | ~int64](v *T, byDefault T) {
	if *v == 0 {
		*v = byDefault
	}
}

// Notice is something that the store did and that somebody should know of.
type Notice struct {
	Kind NoticeKind
	Text string // a sentence without a period
	Lost []Loss // of Dropped
	Err  error  // of Failed
}

// NoticeKind is what a Notice is about.
type NoticeKind uint8

// The kinds of notice.
const (
	Recovered NoticeKind = iota // at start something was left over from a crash
	Dropped                     // retention let documents go
	Damaged                     // something on the disk is not as it was written
	Failed                      // sealing or retention failed and will be tried again
)
