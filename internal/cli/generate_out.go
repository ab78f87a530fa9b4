package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/tripline-sec/tripline/internal/show"
	"github.com/tripline-sec/tripline/internal/stream"
)

// writeStream writes a stream and what was planted in it.
func (a *app) writeStream(s *stream.Stream, f *generateFlags) error {
	out, keep := a.out, func() error { return nil }
	if f.output != "" && f.output != "-" {
		file, err := createOutput(f.output, "events")
		if err != nil {
			return err
		}
		defer file.discard()
		out, keep = file.Writer, file.keep
	}
	var manifest *alertFile
	if f.manifest != "" {
		var err error
		if manifest, err = createOutput(f.manifest, "manifest"); err != nil {
			return err
		}
		defer manifest.discard()
	}
	if err := a.pour(s, out); err != nil {
		return err
	}
	if err := keep(); err != nil {
		return err
	}
	if manifest == nil {
		return nil
	}
	writeManifest(manifest, s.Planted())
	return manifest.keep()
}

// pour writes the documents, until they can not be written any more: why, is said
// when the rest is.
func (a *app) pour(s *stream.Stream, out *bufio.Writer) error {
	var doc []byte
	for n := 0; ; n++ {
		var ok bool
		if doc, ok = s.Next(doc[:0]); !ok {
			return nil
		}
		doc = append(doc, '\n')
		if _, err := out.Write(doc); err != nil {
			return nil // the writer keeps the error
		}
		if n%1024 == 0 && a.ctx.Err() != nil {
			return a.ctx.Err()
		}
	}
}

// writeManifest writes a line for each match. An error shows when the file is kept.
func writeManifest(file *alertFile, planted []stream.Planted) {
	enc := json.NewEncoder(file)
	enc.SetEscapeHTML(false)
	for _, p := range planted {
		_ = enc.Encode(p)
	}
}

// generateFault says what is wrong with the options of a stream.
func generateFault(err error) error {
	var few *stream.TooFewError
	if errors.As(err, &few) {
		return usage(fmt.Sprintf("--events %d, or fewer --matches or rules", few.Planted),
			"the matches to plant have %s, and there shall be %s in all", counted(few.Planted, "event", "events"), show.Number(few.Events))
	}
	return usage("see `tripline generate --help`", "%s", strings.TrimPrefix(err.Error(), "make stream: "))
}

// startTime is the time of --start, or what it is if none is given.
func (f *generateFlags) startTime() time.Time {
	if f.start.text == "" {
		return stream.DefaultStart
	}
	return f.start.at.Time()
}

// period is a flag that takes a length of time.
type period struct {
	value time.Duration
	text  string
}

func (p *period) String() string { return p.text }
func (p *period) Type() string   { return "TIME" }

func (p *period) Set(s string) error {
	d, err := duration(s)
	if err != nil || d < 0 {
		return &badValue{reason: "is no length of time", hint: "write 500ms, 90s, 2h or 3d"}
	}
	p.value, p.text = d, s
	return nil
}

// decimal is a flag that takes a number of 0 or more.
type decimal struct {
	value float64
	text  string
}

func (d *decimal) String() string { return d.text }
func (d *decimal) Type() string   { return "NUMBER" }

func (d *decimal) Set(s string) error {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || v < 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return &badValue{reason: "must be a number of 0 or more"}
	}
	d.value, d.text = v, s
	return nil
}
