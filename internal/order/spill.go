package order

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"github.com/tripline-sec/tripline/internal/sequence"
)

// The temporary file:
//
//	"TLO" and the version
//	runs, each a sequence of blocks:
//	    length of the events' bytes, 4 bytes; their CRC-32C, 4 bytes
//	    events, as codec.go writes them, in order
//
// Numbers of fixed size are little-endian. Where runs begin and end is only in
// memory: nobody else reads the file.
const (
	spillHead   = "TLO\x02"
	blockHead   = 8
	mostBlock   = 64 << 10 // bytes of events in a block, unless a single one is larger
	leastBlock  = 4 << 10
	budgetBlock = 256 // the share of the budget that a block may take
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// spill is the temporary file and what is known of it.
type spill struct {
	file   TempFile
	folder string
	size   int64
	block  int // bytes
	runs   []*run
	buffer []byte
}

// run is a part of the file in which events stand in order.
type run struct {
	spill    *spill
	from, to int64
	records  int
}

func newSpill(create func(string) (TempFile, error), folder string, budget int64) (*spill, error) {
	f, err := create(folder)
	if err != nil {
		return nil, err
	}
	s := &spill{file: f, folder: folder, block: int(min(max(budget/budgetBlock, leastBlock), mostBlock))}
	if err := s.write([]byte(spillHead)); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *spill) close() { _ = s.file.Close() } // what was in it has been read, or is given up

func (s *spill) write(b []byte) error {
	n, err := s.file.Write(b)
	s.size += int64(n)
	if err != nil {
		return fmt.Errorf("write events to a temporary file in %s: %w", s.folder, err)
	}
	return nil
}

// readers is how much memory it takes to read all runs at a time.
func (s *spill) readers() int64 { return int64(len(s.runs)) * int64(s.block) }

// check reads the head of the file.
func (s *spill) check() error {
	var head [len(spillHead)]byte
	if _, err := s.file.ReadAt(head[:], 0); err != nil {
		return s.readError(0, err)
	}
	if string(head[:]) != spillHead {
		return s.readError(0, errFormat)
	}
	return nil
}

func (s *spill) readError(at int64, err error) error {
	return fmt.Errorf("read events from a temporary file in %s, at byte %d: %w", s.folder, at, err)
}

// begin begins a run.
func (s *spill) begin() *run {
	s.buffer = append(s.buffer[:0], make([]byte, blockHead)...)
	return &run{spill: s, from: s.size}
}

func (r *run) add(e *sequence.Event) error {
	s := r.spill
	s.buffer = appendEvent(s.buffer, e)
	r.records++
	if len(s.buffer) >= s.block {
		return r.flush()
	}
	return nil
}

// flush writes a block.
func (r *run) flush() error {
	s := r.spill
	events := s.buffer[blockHead:]
	binary.LittleEndian.PutUint32(s.buffer, uint32(len(events))) //nolint:gosec // a block, or one event of at most 16 MiB
	binary.LittleEndian.PutUint32(s.buffer[4:], crc32.Checksum(events, castagnoli))
	if err := s.write(s.buffer); err != nil {
		return err
	}
	s.buffer = s.buffer[:blockHead]
	if cap(s.buffer) > 4*mostBlock {
		s.buffer = make([]byte, blockHead, s.block) // one large event is no reason to keep that much
	}
	return nil
}

func (r *run) end() error {
	if len(r.spill.buffer) > blockHead {
		if err := r.flush(); err != nil {
			return err
		}
	}
	r.to = r.spill.size
	r.spill.runs = append(r.spill.runs, r)
	return nil
}
