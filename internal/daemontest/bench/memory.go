package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"
)

// memory is the resident memory of a process, once a second.
type memory struct {
	mu      sync.Mutex
	samples []int64
	end     chan struct{}
}

// watchMemory begins to look. Where the system does not tell, there are no samples.
func watchMemory(pid int) *memory {
	m := &memory{end: make(chan struct{})}
	go func() {
		for {
			if n := resident(pid); n > 0 {
				m.mu.Lock()
				m.samples = append(m.samples, n)
				m.mu.Unlock()
			}
			select {
			case <-m.end:
				return
			case <-time.After(time.Second):
			}
		}
	}()
	return m
}

func (m *memory) stop() { close(m.end) }

func (m *memory) most() (most int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, n := range m.samples {
		most = max(most, n)
	}
	return most
}

// curve is so many of the samples, evenly.
func (m *memory) curve(points int) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []string
	for i := range min(points, len(m.samples)) {
		all = append(all, fmt.Sprint(m.samples[i*len(m.samples)/min(points, len(m.samples))]>>20))
	}
	return strings.Join(all, ", ") + " MiB"
}

// resident reads the kernel's table; 0: it does not say.
func resident(pid int) int64 {
	file, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	defer func() { _ = file.Close() }()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var kib int64
		if n, _ := fmt.Sscanf(lines.Text(), "VmRSS: %d kB", &kib); n == 1 {
			return kib << 10
		}
	}
	return 0
}

// processorTime is how long a process has computed; 0: the system does not say.
func processorTime(pid int) time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), ") ") // behind the name, in which anything may be
	var state string
	var skip, user, system int64
	if _, err := fmt.Sscan(rest, &state, &skip, &skip, &skip, &skip, &skip, &skip, &skip, &skip, &skip, &skip, &user, &system); err != nil {
		return 0
	}
	return time.Duration(user+system) * 10 * time.Millisecond
}

func mebibytes(n int64) string { return fmt.Sprintf("%d MiB", n>>20) }
