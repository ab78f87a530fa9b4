package live

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// The tests run this binary as journalctl.
func TestMain(m *testing.M) {
	if file := os.Getenv("TRIPLINE_TEST_JOURNAL"); file != "" {
		os.Exit(fakeJournal(file, os.Args[1:]))
	}
	os.Exit(m.Run())
}

// fakeJournal does with a file of entries what journalctl does with a journal. A line
// "exit" ends it once, as a crash would.
func fakeJournal(file string, args []string) int {
	after, follow, lines := "", false, false
	for _, arg := range args {
		switch {
		case strings.HasPrefix(arg, "--after-cursor="):
			after = strings.TrimPrefix(arg, "--after-cursor=")
		case arg == "--follow":
			follow = true
		case arg == "--lines=1":
			lines = true
		}
	}
	read := func() []string {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil
		}
		return strings.SplitAfter(string(data), "\n")
	}
	all := read()
	if lines {
		for i := len(all) - 1; i >= 0; i-- {
			if strings.HasPrefix(all[i], "{") {
				fmt.Print(all[i])
				return 0
			}
		}
		return 0
	}
	from := 0
	if after != "" {
		from = -1
		for i, line := range all {
			if strings.Contains(line, `"__CURSOR":"`+after+`"`) {
				from = i + 1
			}
		}
		if from < 0 {
			fmt.Fprintln(os.Stderr, "Failed to seek to cursor: Invalid argument")
			return 1
		}
	}
	for {
		for ; from < len(all) && strings.HasSuffix(all[from], "\n"); from++ {
			if all[from] == "exit\n" {
				if _, err := os.Stat(file + ".exited"); err == nil {
					continue
				}
				_ = os.WriteFile(file+".exited", nil, 0o600)
				return 1
			}
			if _, err := os.Stdout.Write(bytes.TrimLeft([]byte(all[from]), " ")); err != nil {
				return 1
			}
		}
		if !follow {
			return 0
		}
		time.Sleep(2 * time.Millisecond) // in a process of its own: no test waits for it
		all = read()
	}
}
