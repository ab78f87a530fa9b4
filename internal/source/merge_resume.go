package source

import (
	"bytes"
	"io"
	"os"

	"github.com/tripline-sec/tripline/internal/event"
)

// resumption is where the reading of a plain file goes on that was closed between
// two lines.
type resumption struct {
	offset int64
	line   int
	// What was counted of it so far, which is more: it had been read ahead.
	bytes, unpacked int64
}

// note remembers where an open lane could go on instead of with the batch at
// hand; nil if nowhere.
func (l *lane) note(r *resumption) {
	if r == nil || l.stays {
		l.resume = nil
		return
	}
	l.resume = r
}

// resumeAt returns where reading can go on behind the lines of the batch that is
// about to go out; nil if that is not in a plain file, or in the middle of
// something.
func (r *batcher) resumeAt() *resumption {
	t := r.current
	if t == nil || !t.plain || !t.between || r.opts.Batching.Peek == nil {
		return nil
	}
	to := &resumption{offset: t.base + int64(t.pos), line: t.line, bytes: r.stats.Bytes, unpacked: r.stats.Unpacked}
	if r.from != nil {
		to.bytes += r.from.bytes
		to.unpacked += r.from.unpacked
	}
	return to
}

// resume goes on reading a file.
func (r *batcher) resume(o origin, from resumption) {
	r.origin, r.slots = o, o.slots
	place := Place{Name: o.path}
	file, err := os.Open(o.path)
	if err != nil {
		r.problem(place, Unreadable, plain(err))
		return
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || !os.SameFile(info, o.info) {
		r.problem(place, Unreadable, "another file has taken its place while it was read")
		return
	}
	r.stats.Bytes, r.stats.Unpacked = from.offset-from.bytes, from.offset-from.unpacked
	r.from = &from
	content := io.NewSectionReader(file, from.offset, 1<<62)
	r.batchText(input{name: o.path, r: &counter{r: content, n: &r.stats.Bytes}, at: file})
}

// firstOf hands over the first document, or the first few lines', of a part.
func (b *Batch) firstOf(p *part, few int, look func(raw []byte)) {
	if p.problem != nil {
		return
	}
	one := *p
	if p.raw == nil {
		text, n := b.block.buf[p.from:p.to], 0
		for range few {
			i := bytes.IndexByte(text[n:], '\n')
			if i < 0 {
				n = len(text)
				break
			}
			n += i + 1
		}
		if one.to = p.from + n; one.to < p.to {
			one.bound, one.end = anything, nil
		}
	}
	few1 := Batch{Source: b.Source, name: b.name, block: b.block, base: b.base, limit: b.limit, parts: []part{one}}
	few1.Each(func(raw []byte, _ event.Identity, _ Ref) error {
		look(raw)
		return nil
	}, func(*Problem) {})
}
