package sink

import (
	"encoding/binary"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// journalOf reads entries as systemd's journal does: fields, or a file that holds
// them.
func journalOf(t *testing.T, conn *net.UnixConn) map[string]string {
	t.Helper()
	buf, oob := make([]byte, 1<<20), make([]byte, 64)
	n, oobn, _, _, err := conn.ReadMsgUnix(buf, oob)
	if err != nil {
		t.Fatal(err)
	}
	data := buf[:n]
	if oobn > 0 {
		messages, err := syscall.ParseSocketControlMessage(oob[:oobn])
		if err != nil {
			t.Fatal(err)
		}
		fds, err := syscall.ParseUnixRights(&messages[0])
		if err != nil {
			t.Fatal(err)
		}
		seals, err := unix.FcntlInt(uintptr(fds[0]), unix.F_GET_SEALS, 0)
		if want := unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_WRITE; err != nil || seals&want != want {
			t.Fatalf("seals %x, %v", seals, err)
		}
		file := os.NewFile(uintptr(fds[0]), "entry")
		defer file.Close()
		info, err := file.Stat()
		if err != nil {
			t.Fatal(err)
		}
		data = make([]byte, info.Size())
		if _, err := file.ReadAt(data, 0); err != nil {
			t.Fatal(err)
		}
	}
	fields := map[string]string{}
	for text := string(data); text != ""; {
		line, rest, _ := strings.Cut(text, "\n")
		if name, value, ok := strings.Cut(line, "="); ok {
			fields[name], text = value, rest
			continue
		}
		size := binary.LittleEndian.Uint64([]byte(rest))
		fields[line], text = rest[8:8+size], rest[8+size+1:]
	}
	return fields
}

func TestJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "socket")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	j := NewJournal(JournalOptions{Socket: path, JSON: true})
	defer func() { _ = j.Close() }()
	long := sample(2)
	long.Doc = []byte(strings.Replace(string(long.Doc), `"host":{"name"`, `"pad":"`+strings.Repeat("x", 600_000)+"\",\n\"host\":{\"name\"", 1))
	outcomes, err := j.Deliver(t.Context(), []Item{sample(1), {ID: "x", Doc: []byte("no")}, long})
	if err != nil || verdicts(outcomes) != "taken refused taken" {
		t.Fatalf("%v, %v", outcomes, err)
	}
	for i, item := range []Item{sample(1), long} {
		got := journalOf(t, conn)
		for name, want := range map[string]string{
			"MESSAGE": `HIGH Two "things": process event by root on web-01 created high alert Two "things".`, "MESSAGE_ID": JournalMessageID, "PRIORITY": "3",
			"SYSLOG_IDENTIFIER": "tripline", "TRIPLINE_ALERT_ID": item.ID, "TRIPLINE_SEVERITY": "high", "TRIPLINE_RISK_SCORE": "73",
			"TRIPLINE_RULE": `Two "things"`, "TRIPLINE_RULE_ID": "two-things", "TRIPLINE_HOST": "web-01", "TRIPLINE_USER": "root",
			"TRIPLINE_TIME": "2026-02-03T09:00:00.000Z", "TRIPLINE_ALERT": string(item.Doc),
		} {
			if got[name] != want {
				t.Errorf("entry %d: %s is %.100q, want %.100q", i, name, got[name], want)
			}
		}
	}
	// The journal goes away and comes back.
	_ = conn.Close()
	if _, err := j.Deliver(t.Context(), samples(1)); err == nil {
		t.Error("there is no journal, and nothing is said")
	}
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	if conn, err = net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"}); err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if outcomes, err := j.Deliver(t.Context(), samples(1)); err != nil || verdicts(outcomes) != "taken" {
		t.Errorf("%v, %v", outcomes, err)
	}
}
