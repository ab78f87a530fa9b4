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
	left   int   // events
	now    chunk // has the one that next shows
}

func (s *spill) reader(r *run, hold func(int64)) *reader {
	return &reader{run: r, hold: hold, at: r.from, left: r.records}
}

func (r *reader) next() (*chunk, int, error) {
	if len(r.now.records) > 0 {
		return &r.now, 0, nil
	}
	if r.left == 0 {
		return nil, 0, r.finish()
	}
	if len(r.events.rest) == 0 {
		if err := r.load(); err != nil {
			return nil, 0, r.run.spill.readError(r.at, err)
		}
	}
	e, ok := r.events.event()
	if !ok {
		return nil, 0, r.run.spill.readError(r.at, errFormat)
	}
	l := loadOf(e)
	if !r.now.fits(&l.room) {
		to := r.now.grown(&l.room, &room{}, 1)
		r.now.grow(&to)
	}
	r.now.add(e, &l)
	r.hold(l.bytes)
	return &r.now, 0, nil
}

func (r *reader) pass(int) {
	r.left--
	r.now.reset()
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
