package sink

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"
)

// JournalSocket is where systemd's journal listens.
const JournalSocket = "/run/systemd/journal/socket"

// JournalMessageID tells an alert from all else in the journal (MESSAGE_ID).
const JournalMessageID = "6c1d4b0e8e0f4f4a9d3a5a1b7c2e9f60"

// JournalOptions are those of a Journal.
type JournalOptions struct {
	Socket string // "" = JournalSocket
	JSON   bool   // the alert's document too, in TRIPLINE_ALERT
}

// Journal writes alerts to systemd's journal in its native protocol: a datagram an
// entry, its fields named TRIPLINE_*; one too long for a datagram goes as a sealed
// file in memory. The journal answers nothing: what it was handed counts as taken.
// (github.com/coreos/go-systemd does the same, but to one fixed socket.)
type Journal struct {
	opts JournalOptions
	conn journalConn
}

// NewJournal returns one; nothing is opened before there is something to send.
func NewJournal(opts JournalOptions) *Journal {
	if opts.Socket == "" {
		opts.Socket = JournalSocket
	}
	return &Journal{opts: opts}
}

// entry is an alert as the journal takes it.
func (j *Journal) entry(item *Item) ([]byte, error) {
	f, err := FieldsOf(item)
	if err != nil {
		return nil, err
	}
	fields := []struct{ name, value string }{
		{"MESSAGE", sentence(f)},
		{"MESSAGE_ID", JournalMessageID},
		{"PRIORITY", strconv.Itoa(level(f.Severity))},
		{"SYSLOG_IDENTIFIER", "tripline"},
		{"TRIPLINE_ALERT_ID", f.ID},
		{"TRIPLINE_SEVERITY", string(f.Severity)},
		{"TRIPLINE_RISK_SCORE", f.Score},
		{"TRIPLINE_RULE", f.Rule},
		{"TRIPLINE_RULE_ID", f.RuleID},
		{"TRIPLINE_HOST", f.Host},
		{"TRIPLINE_USER", f.User},
		{"TRIPLINE_TIME", f.Time},
	}
	if j.opts.JSON {
		fields = append(fields, struct{ name, value string }{"TRIPLINE_ALERT", string(item.Doc)})
	}
	var b bytes.Buffer
	for _, f := range fields {
		switch {
		case f.value == "":
		case strings.Contains(f.value, "\n"): // the length, and then any bytes
			b.WriteString(f.name + "\n")
			b.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(f.value))))
			b.WriteString(f.value + "\n")
		default:
			b.WriteString(f.name + "=" + f.value + "\n")
		}
	}
	return b.Bytes(), nil
}
