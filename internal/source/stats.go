package source

import "maps"

// Stats is what a closing line tells of the reading.
type Stats struct {
	Documents     int           // documents yielded
	Files         int           // files, archive members and streams read
	Bytes         int64         // bytes read as they are stored
	Unpacked      int64         // bytes of JSON text, after decompression
	Problems      map[Class]int // problems yielded
	SkippedWrites int           // bulk actions that carry no event: delete, update
	SkippedFiles  int           // files in folders and archives that hold no JSON by name or content
	Placeholders  int           // missing events in an answer's sequences
	Repeats       int           // hits that an answer had shown before: sequences share events
}

// BadTotal returns the number of problems of all classes.
func (s Stats) BadTotal() int {
	total := 0
	for _, n := range s.Problems {
		total += n
	}
	return total
}

func (s Stats) clone() Stats {
	if len(s.Problems) == 0 {
		s.Problems = nil
	} else {
		s.Problems = maps.Clone(s.Problems)
	}
	return s
}

// since returns what was counted after an earlier count.
func (s Stats) since(before Stats) Stats {
	d := s.clone()
	d.sum(before, -1)
	return d
}

// Add adds what was counted elsewhere.
func (s *Stats) Add(more Stats) { s.sum(more, 1) }

func (s *Stats) sum(t Stats, sign int) {
	s.Documents += sign * t.Documents
	s.Files += sign * t.Files
	s.Bytes += int64(sign) * t.Bytes
	s.Unpacked += int64(sign) * t.Unpacked
	s.SkippedWrites += sign * t.SkippedWrites
	s.SkippedFiles += sign * t.SkippedFiles
	s.Placeholders += sign * t.Placeholders
	s.Repeats += sign * t.Repeats
	if s.Problems == nil && len(t.Problems) > 0 {
		s.Problems = map[Class]int{}
	}
	for class, n := range t.Problems {
		if s.Problems[class] += sign * n; s.Problems[class] == 0 {
			delete(s.Problems, class)
		}
	}
}
