package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/valyala/fastjson"

	"github.com/tripline-sec/tripline/internal/daemontest"
)

// plain answers _bulk with the least that keeps documents safe: each is parsed, each body
// is compressed, written and synced.
type plain struct {
	file    *os.File
	encoder *zstd.Encoder
	parsers fastjson.ParserPool
	bodies  sync.Pool
	writing sync.Mutex
}

func (h *plain) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		return
	}
	body := h.bodies.Get().(*bytes.Buffer) //nolint:errcheck // nothing else is in it
	defer h.bodies.Put(body)
	body.Reset()
	if _, err := body.ReadFrom(r.Body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	answer, err := h.take(body.Bytes())
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(answer) // the client may be gone
}

// plainItem is what is answered for each document, as long as Elasticsearch's answer,
// so that the client has as much to read from either side.
const plainItem = `{"create":{"_index":"logs-endpoint.events.process-default","_id":"0123456789abcdefghij","_version":1,"result":"created",` +
	`"_shards":{"total":1,"successful":1,"failed":0},"_seq_no":1234567,"_primary_term":1,"status":201}},`

func (h *plain) take(body []byte) ([]byte, error) {
	answer := []byte(`{"took":0,"errors":false,"items":[`)
	parser := h.parsers.Get()
	defer h.parsers.Put(parser)
	action := true
	for line := range bytes.Lines(body) {
		if action = !action; !action {
			continue
		}
		if _, err := parser.ParseBytes(line); err != nil {
			return nil, err
		}
		answer = append(answer, plainItem...)
	}
	packed := h.encoder.EncodeAll(body, nil)
	h.writing.Lock()
	_, err := h.file.Write(packed)
	h.writing.Unlock()
	if err == nil {
		err = h.file.Sync()
	}
	return append(bytes.TrimSuffix(answer, []byte(",")), "]}"...), err
}

func socketOf(dir string) string { return filepath.Join(dir, "tripline.sock") }

// serveBaseline serves until standard input ends.
func serveBaseline(dir string) error {
	file, err := os.Create(filepath.Join(dir, "bodies"))
	if err != nil {
		return err
	}
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		return err
	}
	h := &plain{file: file, encoder: encoder, bodies: sync.Pool{New: func() any { return new(bytes.Buffer) }}}
	listener, err := new(net.ListenConfig).Listen(context.Background(), "unix", socketOf(dir))
	if err != nil {
		return err
	}
	s := http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // whatever ends it
		_ = s.Close()
	}()
	if err := s.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return file.Close()
}

// baseline starts the plain handler as a process of its own, as the daemon is.
func (b *bench) baseline(ctx context.Context) (client *daemontest.Client, pid int, stop func() error, err error) {
	dir := filepath.Join(b.dir, "plain")
	self, err := os.Executable()
	if err == nil {
		err = os.Mkdir(dir, 0o700)
	}
	if err != nil {
		return nil, 0, nil, err
	}
	cmd := exec.Command(self)
	cmd.Env, cmd.Stderr = append(os.Environ(), baselineVar+"="+dir), os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, 0, nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, 0, nil, fmt.Errorf("start handler: %w", err)
	}
	stop = func() error {
		return errors.Join(in.Close(), cmd.Wait())
	}
	client = daemontest.NewClient(socketOf(dir))
	for !client.Alive(ctx) {
		if ctx.Err() != nil {
			return nil, 0, nil, errors.Join(ctx.Err(), stop())
		}
		time.Sleep(10 * time.Millisecond)
	}
	return client, cmd.Process.Pid, stop, nil
}
