package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
)

// machine is where figures were taken. It names no host.
type machine struct {
	CPU     string
	Cores   int
	Memory  string
	System  string
	Go      string
	Date    string
	Load    string // before the measuring; "" = not known
	Commit  string
	Parser  string // the version of fastjson
	Machine string // whether it is a virtual one, as far as known
}

func thisMachine() machine {
	m := machine{
		CPU: cpuModel(), Cores: runtime.NumCPU(), Memory: physicalMemory(), System: runtime.GOOS + "/" + runtime.GOARCH,
		Go: runtime.Version(), Date: time.Now().UTC().Format("2006-01-02"), Load: loadAverage(),
		Commit: output("git", "describe", "--tags", "--always", "--dirty"),
	}
	if strings.Contains(" "+procField("/proc/cpuinfo", "flags", ":")+" ", " hypervisor ") {
		m.Machine = "virtual"
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, d := range info.Deps {
			if d.Path == "github.com/valyala/fastjson" {
				m.Parser = d.Version
			}
		}
	}
	return m
}

func cpuModel() string {
	if model := procField("/proc/cpuinfo", "model name", ":"); model != "" {
		return model
	}
	if model := output("sysctl", "-n", "machdep.cpu.brand_string"); model != "" {
		return model
	}
	return "unknown processor"
}

func physicalMemory() string {
	if text := strings.TrimSuffix(procField("/proc/meminfo", "MemTotal", ":"), " kB"); text != "" {
		if n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64); err == nil {
			return fmt.Sprintf("%.0f GiB", float64(n)/(1<<20))
		}
	}
	if n, err := strconv.ParseInt(output("sysctl", "-n", "hw.memsize"), 10, 64); err == nil {
		return fmt.Sprintf("%.0f GiB", float64(n)/(1<<30))
	}
	return "unknown"
}

// loadAverage is that of the last minute.
func loadAverage() string {
	data, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	first, _, _ := strings.Cut(string(data), " ")
	return first
}

// procField returns a field of one of the kernel's tables; "" if there is none.
func procField(path, name, sep string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(data)) {
		if key, value, ok := strings.Cut(line, sep); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// output runs a command that may not be there.
func output(name string, args ...string) string {
	out, err := exec.Command(name, args...).Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}
