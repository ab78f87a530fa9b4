package source

import (
	"bytes"
	"io"
	"sync"
)

// keptStream is the beginning of standard input.
type keptStream struct {
	limit int64

	mu    sync.Mutex
	parts [][]byte
	size  int64
}

// keep returns a reader whose bytes are kept, up to the limit.
func (k *keptStream) keep(below io.Reader) io.Reader { return &keeper{below: below, kept: k} }

type keeper struct {
	below io.Reader
	kept  *keptStream
}

func (k *keeper) Read(p []byte) (int, error) {
	n, err := k.below.Read(p)
	k.kept.add(p[:n])
	return n, err
}

const keptPart = 1 << 20

func (k *keptStream) add(b []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	b = b[:max(min(int64(len(b)), k.limit-k.size), 0)]
	k.size += int64(len(b))
	for len(b) > 0 {
		last := len(k.parts) - 1
		if last < 0 || len(k.parts[last]) == keptPart {
			k.parts = append(k.parts, make([]byte, 0, keptPart))
			last++
		}
		part := k.parts[last]
		n := min(len(b), keptPart-len(part))
		k.parts[last] = append(part, b[:n]...)
		b = b[n:]
	}
}

// reader reads what has been kept so far.
func (k *keptStream) reader() io.Reader {
	k.mu.Lock()
	defer k.mu.Unlock()
	readers := make([]io.Reader, len(k.parts))
	for i, part := range k.parts {
		readers[i] = bytes.NewReader(part)
	}
	return io.MultiReader(readers...)
}
