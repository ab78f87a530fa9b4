package source

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// maxLayers is how many compressed forms may lie within each other. It stops
// archives that hold themselves.
const maxLayers = 4

// maxWindow is the memory that a zstd stream may ask for: what the zstd command
// grants without being told otherwise.
const maxWindow = 128 << 20

// input is one stream on its way through the layers of compression.
type input struct {
	name   string
	r      io.Reader
	at     io.ReaderAt // the same bytes, if they can be read in any order
	size   int64       // with at: how many
	base   int64       // with at: Stats.Bytes when it was opened
	layers int         // compressed forms taken off so far
	found  bool        // not named by the user: left out if it holds no JSON
	live   bool        // a pipe, terminal or the like, where reading may wait for what comes
}

var unsupported = []struct{ magic, reason string }{
	{"BZh", "bzip2 is not supported: unpack it first (bzip2 -dc)"},
	{"\xFD7zXZ\x00", "xz is not supported: unpack it first (xz -dc)"},
	{"7z\xBC\xAF\x27\x1C", "7z is not supported: unpack it first"},
	{"\xFF\xFE", "UTF-16 is not supported: convert it to UTF-8 first (iconv)"},
	{"\xFE\xFF", "UTF-16 is not supported: convert it to UTF-8 first (iconv)"},
}

// unpack takes off one layer, known by its first bytes, or reads plain text.
func (r *Reader) unpack(in input) {
	start := bufio.NewReaderSize(in.r, 4096)
	in.r = start
	// Peek waits for input, so it asks for no more than the first bytes need:
	// a document typed at a terminal is judged when its line is complete.
	head, _ := start.Peek(2)
	if len(head) == 2 && head[0] != '{' && head[0] != '[' {
		head, _ = start.Peek(6)
	}
	packed := bytes.HasPrefix(head, []byte{0x1F, 0x8B}) || bytes.HasPrefix(head, []byte{0x28, 0xB5, 0x2F, 0xFD}) ||
		bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06"))
	if packed && in.layers == maxLayers {
		r.problem(Place{Name: in.name}, Unreadable, fmt.Sprintf("compressed more than %d times over", maxLayers))
		return
	}
	switch {
	case packed && head[0] == 0x1F:
		r.unpackGzip(in)
	case packed && head[0] == 0x28:
		r.unpackZstd(in)
	case packed:
		r.unpackZip(in)
	default:
		for _, u := range unsupported {
			if strings.HasPrefix(string(head), u.magic) {
				r.reject(in, u.reason)
				return
			}
		}
		if in.found && !holdsJSON(in.name, start) {
			r.stats.SkippedFiles++
			return
		}
		r.stats.Files++
		r.readText(in)
	}
}

func (r *Reader) reject(in input, reason string) {
	if in.found && !jsonName(in.name) {
		r.stats.SkippedFiles++
		return
	}
	r.problem(Place{Name: in.name}, Unreadable, reason)
}

func (r *Reader) unpackGzip(in input) {
	unzipped, err := gzip.NewReader(in.r)
	if err != nil {
		r.problem(Place{Name: in.name}, unpackClass(err), "unpack gzip: "+unpackReason(err))
		return
	}
	defer unzipped.Close()
	r.unpack(in.inner(&layer{r: unzipped, form: "gzip"}))
}

func (r *Reader) unpackZstd(in input) {
	decoder, err := zstd.NewReader(in.r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		r.problem(Place{Name: in.name}, unpackClass(err), "unpack zstd: "+unpackReason(err))
		return
	}
	defer decoder.Close()
	r.unpack(in.inner(&layer{r: decoder, form: "zstd"}))
}

// inner is the input within a layer.
func (in input) inner(r io.Reader) input {
	return input{name: in.name, r: r, layers: in.layers + 1, found: in.found}
}

// layer names the form in the errors of a decompressor.
type layer struct {
	r    io.Reader
	form string
}

func (l *layer) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if err != nil && err != io.EOF {
		var inner *layerError
		if !errors.As(err, &inner) { // the innermost form that fails is the one to name
			err = &layerError{form: l.form, err: err}
		}
	}
	return n, err
}

type layerError struct {
	form string
	err  error
}

func (e *layerError) Error() string { return "unpack " + e.form + ": " + unpackReason(e.err) }
func (e *layerError) Unwrap() error { return e.err }

func unpackReason(err error) string {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return "ends early"
	}
	return err.Error()
}

func unpackClass(err error) Class {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return Truncated
	}
	return Unreadable
}

// holdsJSON reports whether a file that was found, not named, is to be read: by
// its name, or because it begins like JSON.
func holdsJSON(name string, start *bufio.Reader) bool {
	if jsonName(name) {
		return true
	}
	head, _ := start.Peek(512)
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte(bom)), blanks)
	if len(head) == 0 {
		return false
	}
	next := bytes.TrimLeft(head[1:], blanks)
	switch {
	case len(next) == 0:
		return head[0] == '{' || head[0] == '['
	case head[0] == '{':
		return next[0] == '"' || next[0] == '}'
	case head[0] == '[':
		return next[0] == '{' || next[0] == ']'
	}
	return false
}

// jsonName reports whether a file's name says that it holds JSON.
func jsonName(name string) bool {
	name = strings.ToLower(name)
	for _, packed := range []string{".gz", ".zst", ".zstd", ".bz2", ".xz"} {
		name = strings.TrimSuffix(name, packed)
	}
	for _, ending := range []string{".ndjson", ".jsonl", ".json"} {
		if strings.HasSuffix(name, ending) {
			return true
		}
	}
	return false
}
