package cli

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"os"

	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/event"
)

// mostMatchBytes is how many bytes the documents of matches may take in memory
// until the alerts are made. The others wait in a temporary file.
const mostMatchBytes = 64 << 20

// matchStore keeps matches until the end of the input, when there is all to tell
// of them. Its memory is bounded but for some hundred bytes a match.
type matchStore struct {
	limit int64
	bytes int64
	list  []storedMatch
	file  *os.File
	w     *bufio.Writer
	end   int64
	err   error
}

type storedMatch struct {
	engine.Match       // without events where they are in the file
	at           int64 // there
}

func newMatchStore() *matchStore { return &matchStore{limit: mostMatchBytes} }

// add takes a match.
func (s *matchStore) add(m engine.Match) {
	one := storedMatch{Match: m}
	for _, doc := range m.Events {
		if doc != nil {
			s.bytes += int64(len(doc.Raw))
		}
	}
	s.list = append(s.list, one)
	if s.bytes <= s.limit && s.file == nil || s.err != nil {
		return
	}
	for i := len(s.list) - 1; i >= 0 && s.list[i].Events != nil; i-- {
		s.err = s.write(&s.list[i])
	}
}

// write moves a match into the file.
func (s *matchStore) write(m *storedMatch) error {
	if s.file == nil {
		file, err := os.CreateTemp("", "tripline-matches-*")
		if err != nil {
			return fmt.Errorf("keep matches: %w", err)
		}
		s.file, s.w = file, bufio.NewWriterSize(file, 256<<10)
	}
	buf := binary.AppendUvarint(nil, uint64(len(m.Events)))
	for _, doc := range m.Events {
		if doc == nil {
			buf = append(buf, 0)
			continue
		}
		buf = append(buf, 1)
		buf = binary.AppendUvarint(buf, doc.Arrival)
		buf = binary.AppendUvarint(buf, uint64(doc.Source))
		buf = binary.AppendUvarint(buf, uint64(doc.Length)) //nolint:gosec // not negative
		for _, text := range []string{doc.Index, doc.ID} {
			buf = binary.AppendUvarint(buf, uint64(len(text)))
			buf = append(buf, text...)
		}
		buf = binary.AppendUvarint(buf, uint64(len(doc.Raw)))
		buf = append(buf, doc.Raw...)
	}
	m.at = s.end
	head := binary.AppendUvarint(nil, uint64(len(buf)))
	s.end += int64(len(head) + len(buf))
	_, err := s.w.Write(append(head, buf...))
	if err != nil {
		return fmt.Errorf("keep matches: %w", err)
	}
	m.Events = nil
	return nil
}

// events returns the documents of a match; nil stands for a missing one.
func (s *matchStore) events(m *storedMatch) ([]*event.Held, error) {
	if m.Events != nil {
		return m.Events, nil
	}
	if s.err == nil {
		s.err = s.w.Flush()
	}
	if s.err != nil {
		return nil, s.err
	}
	r := bufio.NewReader(io.NewSectionReader(s.file, m.at, s.end-m.at))
	size, err := binary.ReadUvarint(r)
	if err != nil {
		return nil, fmt.Errorf("read kept match: %w", err)
	}
	buf := make([]byte, size)
	if _, err := io.ReadFull(r, buf); err != nil {
		return nil, fmt.Errorf("read kept match: %w", err)
	}
	number := func() uint64 {
		n, used := binary.Uvarint(buf)
		buf = buf[max(used, 0):]
		return n
	}
	take := func() []byte {
		n := number()
		text := buf[:n:n]
		buf = buf[n:]
		return text
	}
	docs := make([]*event.Held, number())
	for i := range docs {
		if there := buf[0]; there == 0 {
			buf = buf[1:]
			continue
		}
		buf = buf[1:]
		doc := &event.Held{Arrival: number(), Source: uint32(number())} //nolint:gosec // as it was written
		doc.Length = int32(number())                                    //nolint:gosec // as it was written
		doc.Index, doc.ID = string(take()), string(take())
		if doc.Raw = take(); len(doc.Raw) == 0 {
			doc.Raw = nil
		}
		docs[i] = doc
	}
	return docs, nil
}

// reset forgets all matches.
func (s *matchStore) reset() {
	s.close()
	*s = matchStore{limit: s.limit}
}

// close removes the file.
func (s *matchStore) close() {
	if s.file != nil {
		_ = s.file.Close() // it goes
		_ = os.Remove(s.file.Name())
		s.file = nil
	}
}
