package order

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
)

// What a reader may find wrong with a temporary file.
var (
	errFormat   = errors.New("not as it was written")
	errChecksum = errors.New("the checksum of a block does not match")
)

// reader reads a run.
type reader struct {
	run  *run
	hold func(bytes int64)

	at     int64  // where the next block begins
	block  []byte // the buffer of the blocks
	events decoder
	left   int // records
	ready  bool
	now    head // what peek shows, if ready
}

func (s *spill) reader(r *run, hold func(int64)) *reader {
	return &reader{run: r, hold: hold, at: r.from, left: r.records, events: decoder{}}
}

func (r *reader) peek(h *head) (bool, error) {
	if !r.ready {
		if r.left == 0 {
			return false, r.finish()
		}
		if len(r.events.rest) == 0 {
			if err := r.load(); err != nil {
				return false, r.run.spill.readError(r.at, err)
			}
		}
		if !r.events.event(&r.now) {
			return false, r.run.spill.readError(r.at, errFormat)
		}
		if r.now.kept != nil {
			r.hold(r.now.kept.bytes)
		}
		r.ready = true
	}
	h.record, h.kept = r.now.record, r.now.kept
	return true, nil
}

func (r *reader) pass() {
	r.left--
	r.ready, r.now.kept = false, nil
}

// finish asks whether the run ends where it should.
func (r *reader) finish() error {
	if len(r.events.rest) > 0 || r.at != r.run.to {
		return r.run.spill.readError(r.at, errFormat)
	}
	r.block = nil
	return nil
}

// load reads the next block.
func (r *reader) load() error {
	var head [blockHead]byte
	if r.run.to-r.at < blockHead {
		return errFormat
	}
	if err := r.read(head[:], r.at); err != nil {
		return err
	}
	length := int64(binary.LittleEndian.Uint32(head[:]))
	if length > r.run.to-r.at-blockHead {
		return errFormat
	}
	if int64(cap(r.block)) < length {
		r.block = make([]byte, max(length, int64(min(r.run.spill.block, int(r.run.to-r.at)))))
	}
	r.block = r.block[:length]
	if err := r.read(r.block, r.at+blockHead); err != nil {
		return err
	}
	if crc32.Checksum(r.block, castagnoli) != binary.LittleEndian.Uint32(head[4:]) {
		return errChecksum
	}
	r.events.rest = r.block
	r.at += blockHead + length
	return nil
}

func (r *reader) read(b []byte, at int64) error {
	n, err := r.run.spill.file.ReadAt(b, at)
	if n == len(b) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
