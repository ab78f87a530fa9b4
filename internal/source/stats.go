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
