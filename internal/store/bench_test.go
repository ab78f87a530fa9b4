package store_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/valyala/fastjson"

	"github.com/tripline-sec/tripline/internal/disk"
	"github.com/tripline-sec/tripline/internal/store"
)

// benchmarks are run by `make bench-store`, on the real disk.

// bigEvents are documents of about 3 KB, as an endpoint sends them, some of whose
// fields repeat and some not.
func bigEvents(seed uint64, n int) []store.Event {
	r := rand.New(rand.NewPCG(seed, 0))
	hex := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = "0123456789abcdef"[r.IntN(16)]
		}
		return string(b)
	}
	programs := []string{"bash", "sh", "curl", "cron", "sshd", "python3", "nginx", "ls", "cat", "git"}
	process := func() string {
		p := programs[r.IntN(len(programs))]
		return fmt.Sprintf(`"args":["/usr/bin/%[1]s","-c","run --job %[2]d --out /var/lib/job/%[3]s"],"args_count":3,"command_line":"/usr/bin/%[1]s -c run --job %[2]d --out /var/lib/job/%[3]s","entity_id":"%[4]s","executable":"/usr/bin/%[1]s","group":{"id":"0","name":"root"},"interactive":false,"name":"%[1]s","pid":%[2]d,"start":"2026-11-28T10:00:00.%09[2]dZ","user":{"id":"0","name":"root"},"working_directory":"/var/lib/job"`,
			p, r.IntN(60000), hex(8), hex(64))
	}
	events := make([]store.Event, n)
	for i := range events {
		host := r.IntN(20)
		var b strings.Builder
		fmt.Fprintf(&b, `{"@timestamp":"2026-11-28T10:%02d:%02d.%09dZ","agent":{"id":"3b1f6c52-7d0e-4a8b-9c15-%012d","type":"endpoint","version":"9.1.0"},"data_stream":{"dataset":"endpoint.events.process","namespace":"default","type":"logs"},"ecs":{"version":"8.11.0"},`,
			i/600%60, i/10%60, r.IntN(1e9), host)
		fmt.Fprintf(&b, `"event":{"action":"exec","category":["process"],"dataset":"endpoint.events.process","id":"%s","ingested":"2026-11-28T10:00:01Z","kind":"event","module":"endpoint","outcome":"unknown","sequence":%d,"type":["start"]},`, hex(24), i)
		fmt.Fprintf(&b, `"host":{"architecture":"x86_64","hostname":"web-%[1]d","id":"5d1e2f7a90c84b6e8f3a1b7c%08[1]d","ip":["10.66.0.%[1]d","fd66::%[1]d","127.0.0.1","::1"],"mac":["02-00-5E-10-00-02"],"name":"web-%[1]d","os":{"family":"debian","full":"Debian 12","kernel":"6.18.0","name":"Linux","platform":"debian","type":"linux","version":"12"}},"message":"Endpoint process event",`, host)
		fmt.Fprintf(&b, `"process":{%s,"hash":{"md5":"%s","sha1":"%s","sha256":"%s"},"entry_leader":{%s},"group_leader":{%s},"parent":{%s},"session_leader":{%s}},"user":{"id":"0","name":"root"}}`,
			process(), hex(32), hex(40), hex(64), process(), process(), process(), process())
		events[i] = store.Event{Raw: []byte(b.String())}
	}
	return events
}

func totalBytes(events []store.Event) (n int64) {
	for _, e := range events {
		n += int64(len(e.Raw))
	}
	return n
}

func openForBench(b *testing.B, opts store.Options) *store.Store {
	b.Helper()
	s, err := store.Open(disk.OS{}, b.TempDir(), opts)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	return s
}

const perCall = 1000 // documents of a bulk body

// BenchmarkAppend is senders of bulk bodies, with sealing in the background.
func BenchmarkAppend(b *testing.B) {
	for _, senders := range []int{1, 4} {
		b.Run(fmt.Sprintf("senders=%d", senders), func(b *testing.B) {
			bodies := make([][]store.Event, 8*b.N)
			for i := range bodies {
				bodies[i] = bigEvents(uint64(i), perCall)
			}
			s := openForBench(b, store.Options{SealBytes: 16 << 20})
			b.SetBytes(totalBytes(bodies[0]) * 8)
			b.ReportAllocs()
			b.ResetTimer()
			var next atomic.Int64
			done := make(chan error, senders)
			for range senders {
				go func() {
					for {
						i := int(next.Add(1)) - 1
						if i >= len(bodies) {
							done <- nil
							return
						}
						if _, err := s.Append(context.Background(), bodies[i]); err != nil {
							done <- err
							return
						}
					}
				}()
			}
			for range senders {
				if err := <-done; err != nil {
					b.Fatal(err)
				}
			}
			b.StopTimer()
			b.ReportMetric(float64(s.Counters().Created)/b.Elapsed().Seconds(), "docs/s")
		})
	}
}

// BenchmarkBaseline is what an ingest is measured against: parse with fastjson,
// compress the body with zstd-fastest, sync it.
func BenchmarkBaseline(b *testing.B) {
	events := bigEvents(1, perCall)
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err != nil {
		b.Fatal(err)
	}
	var body []byte
	for _, e := range events {
		body = append(append(body, e.Raw...), '\n')
	}
	file, err := os.Create(b.TempDir() + "/bodies")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	b.SetBytes(totalBytes(events))
	var parser fastjson.Parser
	var packed []byte
	for b.Loop() {
		for _, e := range events {
			if _, err := parser.ParseBytes(e.Raw); err != nil {
				b.Fatal(err)
			}
		}
		packed = encoder.EncodeAll(body, packed[:0])
		if _, err := file.Write(packed); err != nil {
			b.Fatal(err)
		}
		if err := file.Sync(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*perCall)/b.Elapsed().Seconds(), "docs/s")
}

// BenchmarkSeal is sealing alone.
func BenchmarkSeal(b *testing.B) {
	s := openForBench(b, store.Options{Manual: true, DedupeCount: 1000})
	size := int64(0)
	for i := range b.N {
		b.StopTimer()
		for k := range 20 {
			events := bigEvents(uint64(i*20+k), perCall)
			size = totalBytes(events) * 20
			if _, err := s.Append(context.Background(), events); err != nil {
				b.Fatal(err)
			}
		}
		b.StartTimer()
		if err := s.Seal(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(size)
}

// BenchmarkRead reads segments and the log, beside the decompression alone.
func BenchmarkRead(b *testing.B) {
	s := openForBench(b, store.Options{Manual: true, Recent: -1})
	const calls = 40
	fill := func(indices int) {
		for i := range calls {
			events := bigEvents(uint64(i), perCall)
			for k := range events {
				events[k].Index = fmt.Sprint("logs-", k%indices)
			}
			if _, err := s.Append(context.Background(), events); err != nil {
				b.Fatal(err)
			}
		}
	}
	read := func(b *testing.B) {
		b.Helper()
		b.ReportAllocs()
		docs := int64(0)
		for b.Loop() {
			scan := s.Scan(store.Query{})
			for {
				batch, err := scan.Next(context.Background())
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					b.Fatal(err)
				}
				batch.Release()
			}
			b.SetBytes(scan.Counts().Bytes)
			docs = scan.Counts().Documents
			scan.Close()
		}
		b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(b.N)/float64(docs), "ns/doc")
	}
	fill(1)
	b.Run("log", read)
	if err := s.Seal(context.Background()); err != nil {
		b.Fatal(err)
	}
	b.Run("segments", read)
	s = openForBench(b, store.Options{Manual: true, Recent: -1})
	fill(5) // whose documents alternate
	if err := s.Seal(context.Background()); err != nil {
		b.Fatal(err)
	}
	b.Run("segments of 5 indices", read)
	b.Run("unzstd", func(b *testing.B) {
		var page []byte
		for _, e := range bigEvents(1, 350) {
			page = append(page, e.Raw...)
		}
		encoder, _ := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest))
		decoder, _ := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
		packed := encoder.EncodeAll(page, nil)
		out := make([]byte, 0, len(page))
		b.SetBytes(int64(len(page)))
		for b.Loop() {
			if _, err := decoder.DecodeAll(packed, out); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("unzstd+fastjson", func(b *testing.B) {
		events := bigEvents(1, 350)
		var page []byte
		for _, e := range events {
			page = append(page, e.Raw...)
		}
		encoder, _ := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest))
		decoder, _ := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
		packed := encoder.EncodeAll(page, nil)
		out := make([]byte, 0, len(page))
		var parser fastjson.Parser
		b.SetBytes(int64(len(page)))
		for b.Loop() {
			if _, err := decoder.DecodeAll(packed, out); err != nil {
				b.Fatal(err)
			}
			for _, e := range events {
				if _, err := parser.ParseBytes(e.Raw); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}
